//! What YAML says of a cluster: its namespaces, and every object that decides about connections, each with the
//! place where it stands. Read as clusters give it, and judged as a cluster would judge it when it is applied.

mod endpoints;
mod load;
mod object;
mod problem;
mod services;

pub use load::load;
pub use object::{Object, WrittenRule};
pub use services::{ServicePort, WrittenService};

use std::sync::Arc;

use crate::calico::{HostEndpoint, Labels, Namespaces, Resource, Services};
use crate::zones::Zones;

/// What is known of a cluster.
#[derive(Debug, Default)]
pub struct Cluster {
    /// The namespaces.
    pub zones: Zones,
    /// Tiers, sets of addresses and policies that have a say, in the order read, each once: of an object that is written
    /// twice the last one. Staged policies are not among them.
    pub objects: Vec<Object>,
    /// The host endpoints.
    pub hosts: Vec<HostEndpoint>,
    /// The service accounts.
    pub accounts: Vec<ServiceAccount>,
    /// The endpoints of the services of which they are known.
    pub services: Services,
    /// The Services, by what is written of them.
    pub written_services: Vec<WrittenService>,
    /// Whether there is a resolver on each node, as Kubernetes sets it up.
    pub node_local_dns: bool,
}

/// A service account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceAccount {
    /// Its namespace.
    pub namespace: Arc<str>,
    /// Its name.
    pub name: Arc<str>,
    /// Its labels.
    pub labels: Labels,
}

impl Cluster {
    /// The tiers, sets and policies.
    pub fn resources(&self) -> impl Iterator<Item = &Resource> + Clone {
        self.objects.iter().map(|object| &object.resource)
    }

    /// The labels of each namespace by its name, sorted by key.
    pub fn namespaces(&self) -> Namespaces {
        let shared = |text: &str| Arc::from(text);
        let namespaces = self.zones.namespaces.iter().map(|namespace| {
            let labels = namespace.labels.iter();
            let labels = labels.map(|(key, value)| (shared(&key.value), shared(&value.value)));
            (shared(&namespace.name.value), labels.collect())
        });
        namespaces.collect()
    }
}
