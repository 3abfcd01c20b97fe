//! Reads `EndpointSlice`s, and Endpoints where a service has no slice, into the endpoints of services ("how Calico decides",
//! section 4.3). What cannot be read leaves its service unknown.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use crate::calico::{RuleProtocol as Protocol, ServiceEndpoint, Services};
use crate::yaml::node::Node;

/// The group of `EndpointSlice`s.
const DISCOVERY: &str = "discovery.k8s.io/";
/// The label that says whose endpoints a slice has.
const SERVICE: &str = "kubernetes.io/service-name";
/// The annotation of Endpoints that do not hold all.
const CAPACITY: &str = "endpoints.kubernetes.io/over-capacity";

/// A namespace and a name.
type Name = (Arc<str>, Arc<str>);

/// What was read so far; `None` for what cannot be read.
#[derive(Debug, Default)]
pub(super) struct FoundEndpoints {
    /// By the name of the slice: whose it is, and what it holds.
    slices: BTreeMap<Name, (Name, Option<Vec<ServiceEndpoint>>)>,
    /// By service.
    endpoints: BTreeMap<Name, Option<Vec<ServiceEndpoint>>>,
}

impl FoundEndpoints {
    /// Reads an object of this kind and API; whether it is one that tells of endpoints.
    pub(super) fn object(&mut self, node: &Node, kind: &str, api: &str) -> bool {
        let slice = kind == "EndpointSlice" && api.starts_with(DISCOVERY);
        let endpoints = kind == "Endpoints" && api == "v1";
        if !slice && !endpoints {
            return false;
        }
        let Some(name) = name(node) else { return true };
        let of_metadata =
            |key: &str, field: &str| node.get("metadata")?.get(key)?.get(field)?.text();
        if !slice {
            let whole = of_metadata("annotations", CAPACITY).is_none();
            let found = whole.then(|| subsets(node)).flatten();
            // The last one of a name is the one that the cluster has.
            self.endpoints.insert(name, found);
        } else if let Some(service) = of_metadata("labels", SERVICE) {
            let service = (Arc::clone(&name.0), service.into());
            self.slices.insert(name, (service, endpoints_of(node)));
        } else {
            self.slices.remove(&name);
        }
        true
    }

    /// The endpoints of each service that is known as a whole.
    pub(super) fn finish(self) -> Services {
        let mut services = Services::new();
        let mut unclear: BTreeSet<Name> = BTreeSet::new();
        for (service, found) in self.slices.into_values() {
            match found {
                Some(found) => services.entry(service).or_default().extend(found),
                None => {
                    unclear.insert(service);
                }
            }
        }
        for (service, found) in self.endpoints {
            if let (Some(found), false) = (found, services.contains_key(&service)) {
                services.insert(service, found);
            }
        }
        services.retain(|service, _| !unclear.contains(service));
        for endpoints in services.values_mut() {
            endpoints.sort();
            endpoints.dedup();
        }
        services
    }
}

/// The namespace and the name of an object.
fn name(node: &Node) -> Option<Name> {
    let metadata = node.get("metadata")?;
    let namespace = metadata.get("namespace").and_then(Node::text).unwrap_or("default");
    Some((namespace.into(), metadata.get("name").and_then(Node::text)?.into()))
}

/// The items under `key`: none where it is not there, and `None` for what is no list.
fn list<'n>(node: &'n Node, key: &str) -> Option<&'n [Node]> {
    match node.get(key) {
        None => Some(&[]),
        Some(node) if node.is_null() => Some(&[]),
        Some(node) => node.items(),
    }
}

/// What a slice holds. Whether an endpoint is ready makes no difference.
fn endpoints_of(slice: &Node) -> Option<Vec<ServiceEndpoint>> {
    let ports = ports(slice)?;
    let mut found = Vec::new();
    for endpoint in list(slice, "endpoints")? {
        let namespace = pod_namespace(endpoint);
        for address in list(endpoint, "addresses")? {
            // An endpoint may be a name, which holds nothing.
            let Ok(address) = address.text()?.parse::<IpAddr>() else { continue };
            let (ports, namespace) = (ports.clone(), namespace.clone());
            found.push(ServiceEndpoint { address, ports, namespace });
        }
    }
    Some(found)
}

/// What Endpoints hold: their slices have the addresses that are not ready as well.
fn subsets(endpoints: &Node) -> Option<Vec<ServiceEndpoint>> {
    let mut found = Vec::new();
    for subset in list(endpoints, "subsets")? {
        let ports = ports(subset)?;
        for key in ["addresses", "notReadyAddresses"] {
            for endpoint in list(subset, key)? {
                let address = endpoint.get("ip")?.text()?.parse::<IpAddr>().ok()?;
                let (ports, namespace) = (ports.clone(), pod_namespace(endpoint));
                found.push(ServiceEndpoint { address, ports, namespace });
            }
        }
    }
    Some(found)
}

/// The ports of a slice or subset: one without a number is none.
fn ports(node: &Node) -> Option<Vec<(Protocol, u16)>> {
    let mut found = Vec::new();
    for port in list(node, "ports")? {
        let Some(number) = port.get("port").filter(|it| !it.is_null()) else { continue };
        let protocol = match port.get("protocol").and_then(Node::text) {
            Some("UDP") => Protocol::Udp,
            Some("SCTP") => Protocol::Sctp,
            Some(_) | None => Protocol::Tcp,
        };
        found.push((protocol, number.text()?.parse().ok()?));
    }
    Some(found)
}

/// The namespace of the pod that an endpoint is said to be.
fn pod_namespace(endpoint: &Node) -> Option<Arc<str>> {
    let target = endpoint.get("targetRef")?;
    let pod = target.get("kind").and_then(Node::text) == Some("Pod");
    target.get("namespace").and_then(Node::text).filter(|_| pod).map(Arc::from)
}
