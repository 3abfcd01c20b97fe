//! A `NetworkPolicy` of Kubernetes as the Calico policy that it amounts to ("how Calico decides", section 3.6).

use std::sync::Arc;

use ipnet::IpNet;

use super::fields::{Field, Fields};
use super::names::{dns_subdomain, is_port_name};
use super::{Decoded, Metadata, read};
use crate::calico::{Action, Direction, Entity, Policy, PolicyKind, Port, Rule, RuleProtocol};
use crate::selector::keys::ORCHESTRATOR;
use crate::selector::{Predicate, Selector};
use crate::yaml::node::Node;

/// The API of Kubernetes' own policies.
pub const KUBERNETES_API: &str = "networking.k8s.io/v1";
/// More than any list that the schema does not limit.
const UNLIMITED: usize = usize::MAX;
/// Where these policies stand in the tier `default`.
const ORDER: f64 = 1000.0;

/// A policy of Kubernetes as Calico takes it over.
#[derive(Clone, Debug, PartialEq)]
pub struct TakenOver {
    /// The Calico policy.
    pub policy: Policy,
    /// For each of its rules, ingress and then egress, the index of the rule as written.
    pub written: [Vec<usize>; 2],
}

/// Reads a `NetworkPolicy` of Kubernetes, as a cluster would.
pub fn kubernetes(node: &Node) -> Decoded<TakenOver> {
    read(node, &[KUBERNETES_API], |_, metadata, spec| {
        let about = Metadata::new(metadata, true)?;
        let mut fields = Fields::of(spec)?;
        let pods = fields.optional("podSelector").and_then(|it| labels(&it));
        let types = fields.optional("policyTypes").and_then(|it| directions(&it));
        let ingress = fields.optional("ingress").and_then(|it| rules(&it, Direction::Ingress));
        let egress = fields.optional("egress").and_then(|it| rules(&it, Direction::Egress));
        fields.done();
        let name = dns_subdomain(&about.name)?;
        let (ingress, of_ingress) = ingress.unwrap_or_default().into_iter().unzip();
        let (egress, of_egress): (Vec<_>, _) = egress.unwrap_or_default().into_iter().unzip();
        let types = types.filter(|types| !types.is_empty()).unwrap_or_else(|| {
            let outward = (!egress.is_empty()).then_some(Direction::Egress);
            std::iter::once(Direction::Ingress).chain(outward).collect()
        });
        let policy = Policy {
            kind: PolicyKind::Kubernetes,
            labels: about.labels,
            order: Some(ORDER),
            selector: Some(of_pods(pods)),
            types: Some(types),
            ingress,
            egress,
            ..Policy::new(about.namespace, name)
        };
        Some(TakenOver { policy, written: [of_ingress, of_egress] })
    })
}

fn directions(field: &Field<'_>) -> Option<Vec<Direction>> {
    let items = field.items(UNLIMITED)?;
    let read = |item: &Field<'_>| match item.string()? {
        "Ingress" => Some(Direction::Ingress),
        "Egress" => Some(Direction::Egress),
        other => item.refused(format!("`{other}` is neither `Ingress` nor `Egress`")),
    };
    Some(items.iter().filter_map(read).collect())
}

/// The Calico rules, each with the index of the rule that it comes from.
fn rules(field: &Field<'_>, direction: Direction) -> Option<Vec<(Rule, usize)>> {
    let mut found = Vec::new();
    for (index, item) in field.items(UNLIMITED)?.iter().enumerate() {
        let Some(mut fields) = Fields::of(item) else { continue };
        let key = match direction {
            Direction::Ingress => "from",
            Direction::Egress => "to",
        };
        let peers = fields.optional(key).and_then(|it| it.items(UNLIMITED)).unwrap_or_default();
        let ports = fields.optional("ports").and_then(|it| it.items(UNLIMITED)).unwrap_or_default();
        fields.done();
        // Nothing listed is everything.
        let mut ends: Vec<_> = peers.iter().filter_map(peer).collect();
        if peers.is_empty() {
            ends.push(Entity::default());
        }
        for end in ends {
            for (protocol, ports) in traffic(&ports) {
                let (source, destination) = match direction {
                    Direction::Ingress => (end.clone(), Entity { ports, ..Entity::default() }),
                    Direction::Egress => (Entity::default(), Entity { ports, ..end.clone() }),
                };
                let rule = Rule { protocol, source, destination, ..Rule::new(Action::Allow) };
                found.push((rule, index));
            }
        }
    }
    Some(found)
}

/// What the entries of `ports` allow, by protocol; everything where there are none. No ports are all of them.
fn traffic(ports: &[Field<'_>]) -> Vec<(Option<RuleProtocol>, Vec<Port>)> {
    if ports.is_empty() {
        return vec![(None, Vec::new())];
    }
    let entries: Vec<_> = ports.iter().filter_map(port).collect();
    let of = |protocol: RuleProtocol| {
        let mine: Vec<_> = entries
            .iter()
            .filter(|(it, _)| *it == protocol)
            .map(|(_, port)| port.clone())
            .collect();
        let ports: Option<Vec<Port>> = mine.iter().cloned().collect();
        (!mine.is_empty()).then(|| (Some(protocol), ports.unwrap_or_default()))
    };
    [RuleProtocol::Tcp, RuleProtocol::Udp, RuleProtocol::Sctp].into_iter().filter_map(of).collect()
}

/// A protocol, and a port of it or all.
fn port(field: &Field<'_>) -> Option<(RuleProtocol, Option<Port>)> {
    let mut fields = Fields::of(field)?;
    let protocol = fields.optional("protocol");
    let (first, last) = (fields.optional("port"), fields.optional("endPort"));
    fields.done();
    let protocol = match protocol {
        None => RuleProtocol::Tcp,
        Some(it) => match it.string()? {
            "TCP" => RuleProtocol::Tcp,
            "UDP" => RuleProtocol::Udp,
            "SCTP" => RuleProtocol::Sctp,
            other => return it.refused(format!("`{other}` is none of `TCP`, `UDP` and `SCTP`")),
        },
    };
    let number = |field: &Field<'_>| {
        field.string_or_number()?.parse::<u16>().ok().filter(|number| *number > 0)
    };
    let port = match (first, last) {
        (None, None) => None,
        (None, Some(last)) => return last.refused("`endPort` without `port`"),
        (Some(first), None) => Some(match number(&first) {
            Some(number) => Port::Range(number, number),
            None => named(&first)?,
        }),
        (Some(first), Some(last)) => {
            let range = number(&first).zip(number(&last)).filter(|(first, last)| first <= last);
            let Some((first, last)) = range else {
                return last.refused("`endPort` is not a port from `port` on");
            };
            Some(Port::Range(first, last))
        }
    };
    Some((protocol, port))
}

fn named(field: &Field<'_>) -> Option<Port> {
    let name = field.string_or_number()?;
    if is_port_name(name) {
        return Some(Port::Named(name.into()));
    }
    field.refused(format!("`{name}` is not a port"))
}

fn peer(field: &Field<'_>) -> Option<Entity> {
    let mut fields = Fields::of(field)?;
    let block = fields.optional("ipBlock");
    let namespaces = fields.optional("namespaceSelector");
    let pods = fields.optional("podSelector");
    fields.done();
    if let Some(block) = block {
        if namespaces.is_some() || pods.is_some() {
            return block.refused("`ipBlock` stands alone");
        }
        return addresses(&block);
    }
    if namespaces.is_none() && pods.is_none() {
        return field.refused("none of `podSelector`, `namespaceSelector` and `ipBlock`");
    }
    let namespace_selector = match namespaces {
        Some(namespaces) => Some(labels(&namespaces)?),
        None => None,
    };
    let pods = match pods {
        Some(pods) => Some(labels(&pods)?),
        None => None,
    };
    Some(Entity { selector: Some(of_pods(pods)), namespace_selector, ..Entity::default() })
}

fn addresses(field: &Field<'_>) -> Option<Entity> {
    let mut fields = Fields::of(field)?;
    let block = fields.required("cidr");
    let except = fields.optional("except").and_then(|it| it.items(UNLIMITED)).unwrap_or_default();
    fields.done();
    let net = |field: &Field<'_>| {
        let text = field.string()?;
        let net: Option<IpNet> = text.parse().ok();
        let net = net.map(|net| net.trunc());
        net.or_else(|| field.refused(format!("`{text}` is not an address block")))
    };
    let block = net(&block?)?;
    let inside = |field: &Field<'_>| {
        let part = net(field)?;
        if block.contains(&part) && part != block {
            return Some(part);
        }
        field.refused(format!("`{part}` is no part of `{block}`"))
    };
    let except = except.iter().filter_map(inside).collect();
    Some(Entity { nets: vec![block], not_nets: except, ..Entity::default() })
}

/// Pods alone, and of them those that `selector` holds.
pub(super) fn of_pods(selector: Option<Selector>) -> Selector {
    let pod = Selector::equals(ORCHESTRATOR, "k8s");
    Selector::and([pod, selector.unwrap_or(Selector::All)])
}

/// A label selector as Calico writes it.
pub(super) fn labels(field: &Field<'_>) -> Option<Selector> {
    let mut fields = Fields::of(field)?;
    let equal = fields.optional("matchLabels");
    let expressions = fields.optional("matchExpressions");
    fields.done();
    let mut parts = Vec::new();
    for (key, value) in equal.and_then(|it| it.entries()).unwrap_or_default() {
        parts.push(Selector::equals(key, value.string()?));
    }
    for item in expressions.and_then(|it| it.items(UNLIMITED)).unwrap_or_default() {
        parts.push(expression(&item)?);
    }
    Some(Selector::and(parts))
}

fn expression(field: &Field<'_>) -> Option<Selector> {
    let mut fields = Fields::of(field)?;
    let (key, operator) = (fields.required("key"), fields.required("operator"));
    let values = fields.optional("values").and_then(|it| it.items(UNLIMITED)).unwrap_or_default();
    fields.done();
    let key: Arc<str> = key?.string()?.into();
    let operator = operator?;
    let mut texts: Vec<Arc<str>> =
        values.iter().filter_map(|it| it.string().map(Arc::from)).collect();
    texts.sort_unstable();
    texts.dedup();
    let name = operator.string()?;
    match (name, texts.is_empty()) {
        ("In", false) => Some(Selector::of(key, Predicate::In(texts), true)),
        ("NotIn", false) => Some(Selector::of(key, Predicate::In(texts), false)),
        ("Exists", true) => Some(Selector::has(key)),
        ("DoesNotExist", true) => Some(!Selector::has(key)),
        ("In" | "NotIn", true) => operator.refused(format!("`{name}` needs `values`")),
        ("Exists" | "DoesNotExist", false) => {
            operator.refused(format!("`{name}` stands without `values`"))
        }
        _ => operator.refused(format!("`{name}` is no operator of a label selector")),
    }
}
