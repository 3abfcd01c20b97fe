//! Reads Services: the addresses and ports that clients ask for, and the pods and ports behind them. No policy is judged by them:
//! they show where one names what clients ask for in the place of what policies see.

use std::net::IpAddr;
use std::sync::Arc;

use crate::calico::{Labels, RuleProtocol as Protocol};
use crate::source::Span;
use crate::yaml::node::Node;

/// A Service with its own address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenService {
    /// Its namespace.
    pub namespace: Arc<str>,
    /// Its name.
    pub name: Arc<str>,
    /// Where its name stands.
    pub span: Span,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
    /// The labels by which it selects pods; none where somebody else says who its endpoints are.
    pub selector: Labels,
    /// Its ports that lead to a port by number.
    pub ports: Vec<ServicePort>,
}

/// A port of a Service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServicePort {
    /// Its protocol.
    pub protocol: Protocol,
    /// The port that clients ask for.
    pub port: u16,
    /// The port of the pods.
    pub target: u16,
}

/// The Service that an object is; `None` for one that no cluster would take, or without an address of its own.
pub(super) fn service(node: &Node, span: Span) -> Option<WrittenService> {
    let (metadata, spec) = (node.get("metadata")?, node.get("spec")?);
    let text = |node: &Node, key: &str| node.get(key).and_then(Node::text).map(str::to_owned);
    if text(spec, "type").as_deref() == Some("ExternalName") {
        return None;
    }
    let listed = spec.get("clusterIPs").and_then(Node::items).unwrap_or_default();
    let written = listed.iter().chain(spec.get("clusterIP"));
    let mut addresses: Vec<IpAddr> = written.filter_map(|it| it.text()?.parse().ok()).collect();
    addresses.sort_unstable();
    addresses.dedup();
    // Clients of one without an address ask the pods themselves.
    if text(spec, "clusterIP").as_deref() == Some("None") {
        return None;
    }
    let selector = spec.get("selector").and_then(Node::entries).unwrap_or_default();
    let selector = selector
        .iter()
        .filter_map(|(key, value)| Some((key.text()?.into(), value.text()?.into())))
        .collect();
    let ports = spec.get("ports").and_then(Node::items).unwrap_or_default();
    Some(WrittenService {
        namespace: text(metadata, "namespace").as_deref().unwrap_or("default").into(),
        name: text(metadata, "name")?.into(),
        span,
        addresses,
        selector,
        ports: ports.iter().filter_map(port).collect(),
    })
}

/// A port of a Service; `None` for one that leads to a port by its name.
fn port(node: &Node) -> Option<ServicePort> {
    let protocol = match node.get("protocol").and_then(Node::text) {
        Some("UDP") => Protocol::Udp,
        Some("SCTP") => Protocol::Sctp,
        Some("TCP") | None => Protocol::Tcp,
        Some(_) => return None,
    };
    let number = |key: &str| node.get(key).filter(|it| !it.is_null());
    let port = number("port")?.text()?.parse().ok()?;
    let target = match number("targetPort") {
        Some(target) => target.text()?.parse().ok()?,
        None => port,
    };
    Some(ServicePort { protocol, port, target })
}
