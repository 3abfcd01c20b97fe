//! Policies and the ends of connections in few words, for cases made by hand.

use eastwest::calico::{Policy, PolicyKind, Resource, decode};
use eastwest::reach::{End, LabelMap};
use eastwest::traffic::{Connection, Detail, Family};
use eastwest::yaml::read_back::read_back;

/// A resource from its kind, metadata and spec in YAML's flow style.
pub(crate) fn object(kind: &str, metadata: &str, spec: &str) -> Resource {
    let text = format!(
        "apiVersion: projectcalico.org/v3\nkind: {kind}\nmetadata: {{{metadata}}}\nspec: {{{spec}}}\n"
    );
    let nodes = read_back(&text).unwrap();
    decode::resource(&nodes[0]).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

pub(crate) fn global(name: &str, spec: &str) -> Resource {
    object("GlobalNetworkPolicy", &format!("name: {name}"), spec)
}

/// A policy in the namespace `web`.
pub(crate) fn namespaced(name: &str, spec: &str) -> Resource {
    object("NetworkPolicy", &format!("name: {name}, namespace: web"), spec)
}

/// A policy of Kubernetes in the namespace `web`, as Calico takes it over.
pub(crate) fn kubernetes(name: &str, spec: &str) -> Resource {
    let Resource::Policy(policy) = namespaced(name, &format!("order: 1000, {spec}")) else {
        panic!("a policy");
    };
    Resource::Policy(Policy { kind: PolicyKind::Kubernetes, ..policy })
}

pub(crate) fn tier(name: &str, spec: &str) -> Resource {
    object("Tier", &format!("name: {name}"), spec)
}

pub(crate) fn labels(labels: &[(&str, &str)]) -> LabelMap {
    labels.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect()
}

/// A pod of a namespace whose `zone` is its name.
pub(crate) fn pod(namespace: &str, own: &[(&str, &str)]) -> End {
    let of_namespace = labels(&[("zone", namespace), ("kubernetes.io/metadata.name", namespace)]);
    End::Pod { namespace: namespace.into(), of_namespace, labels: labels(own), address: None }
}

/// An address held by a `NetworkSet` of a namespace whose `zone` is its name.
pub(crate) fn held(namespace: &str, own: &[(&str, &str)]) -> End {
    let of_namespace = labels(&[("zone", namespace), ("kubernetes.io/metadata.name", namespace)]);
    End::Held { namespace: namespace.into(), of_namespace, labels: labels(own), address: None }
}

pub(crate) fn host(own: &[(&str, &str)]) -> End {
    End::Host { labels: labels(own), address: None }
}

pub(crate) fn address(text: &str) -> End {
    End::Address(text.parse().unwrap())
}

/// `end` at an address.
pub(crate) fn at(end: End, text: &str) -> End {
    let its = Some(text.parse().unwrap());
    match end {
        End::Pod { namespace, of_namespace, labels, .. } => {
            End::Pod { namespace, of_namespace, labels, address: its }
        }
        End::Held { namespace, of_namespace, labels, .. } => {
            End::Held { namespace, of_namespace, labels, address: its }
        }
        End::Host { labels, .. } => End::Host { labels, address: its },
        end @ End::Address(_) => end,
    }
}

/// IPv4 to a port, with the names that the receiver gives it.
pub(crate) fn port(protocol: u8, number: u16, names: &[&str]) -> Connection {
    let names = names.iter().map(|name| (*name).into()).collect();
    Connection { family: Family::V4, protocol, detail: Detail::Port(number, names) }
}

pub(crate) fn icmp(family: Family, protocol: u8, kind: u8, code: u8) -> Connection {
    Connection { family, protocol, detail: Detail::Icmp(kind, code) }
}
