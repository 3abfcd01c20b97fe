//! What YAML says of a cluster: its namespaces, and every object that decides about connections, each with the
//! place where it stands. Read as clusters give it, and judged as a cluster would judge it when it is applied.

use std::sync::Arc;

use crate::calico::{HostEndpoint, Labels, Resource};
use crate::source::Span;
use crate::yaml::node::Node;
use crate::zones::Zones;

/// What is known of a cluster.
#[derive(Debug, Default)]
pub struct Cluster {
    /// The namespaces.
    pub zones: Zones,
    /// Tiers, sets of addresses and policies that have a say, in the order read. Staged policies are not among them.
    pub objects: Vec<Object>,
    /// The host endpoints.
    pub hosts: Vec<HostEndpoint>,
    /// The service accounts.
    pub accounts: Vec<ServiceAccount>,
}

/// One object and where it stands.
#[derive(Debug)]
pub struct Object {
    /// What it is. A policy of Kubernetes is the Calico policy that it amounts to.
    pub resource: Resource,
    /// The object as written: its nodes know their places.
    pub node: Node,
    /// Its first line: the name in its metadata.
    pub span: Span,
    /// For each rule of a policy, ingress and then egress, the one that it was written as.
    pub rules: [Vec<Written>; 2],
}

/// Where a rule stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Its index in the list that it stands in, from 0.
    pub index: usize,
    /// The rule as written.
    pub span: Span,
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
