//! The policies of the Kubernetes network-policy API as the global policies that Calico makes of them ("how Calico decides",
//! section 3.8).

use std::collections::BTreeMap;

use ipnet::IpNet;

use super::fields::{Field, Fields, ProblemEffect};
use super::kubernetes::{labels, of_pods};
use super::names::{dns_subdomain, is_port_name};
use super::{Decoded, Metadata, TakenOver, read};
use crate::calico::admin::{ADMIN_TIER, AdminKind, BASELINE_TIER};
use crate::calico::{Action, Direction, Entity, Policy, PolicyKind, Port, Rule, RuleProtocol};
use crate::yaml::node::Node;

/// More than any list of theirs.
const UNLIMITED: usize = usize::MAX;
/// The highest priority.
const PRIORITY: f64 = 1000.0;

/// Reads a policy of `kind`, as a cluster would.
pub fn admin(node: &Node, kind: AdminKind) -> Decoded<TakenOver> {
    read(node, &[kind.api()], |_, metadata, spec| {
        let about = Metadata::new(metadata, false)?;
        let mut fields = Fields::of(spec)?;
        let order = match kind {
            AdminKind::Baseline => Some(0.0),
            AdminKind::Admin | AdminKind::Cluster => {
                fields.required("priority").and_then(|it| priority(&it))
            }
        };
        let tier = match kind {
            AdminKind::Admin => Some(ADMIN_TIER),
            AdminKind::Baseline => Some(BASELINE_TIER),
            AdminKind::Cluster => fields.required("tier").and_then(|it| match it.string()? {
                "Admin" => Some("kube-admin"),
                "Baseline" => Some("kube-baseline"),
                other => it.refused(format!("`{other}` is neither `Admin` nor `Baseline`")),
            }),
        };
        let subject = fields.required("subject").and_then(|it| pods(&it));
        let mut rules = |key, direction| {
            let found = fields.optional(key).and_then(|it| rules(&it, kind, direction));
            found.unwrap_or_default().into_iter().unzip()
        };
        let (ingress, of_ingress): (Vec<_>, _) = rules("ingress", Direction::Ingress);
        let (egress, of_egress): (Vec<_>, _) = rules("egress", Direction::Egress);
        fields.done();
        let subject = subject?;
        let types = [(Direction::Ingress, &ingress), (Direction::Egress, &egress)];
        // One without rules is for both, and does nothing there.
        let empty = ingress.is_empty() && egress.is_empty();
        let types = types.into_iter().filter(|(_, rules)| empty || !rules.is_empty());
        let policy = Policy {
            kind: PolicyKind::Admin(kind),
            labels: about.labels,
            tier: tier?.into(),
            order: Some(order?),
            // So what is no pod is left out where namespaces alone are named.
            selector: Some(subject.selector.unwrap_or_else(|| of_pods(None))),
            namespace_selector: subject.namespace_selector,
            types: Some(types.map(|(direction, _)| direction).collect()),
            ingress,
            egress,
            ..Policy::new(None, dns_subdomain(&about.name)?)
        };
        Some(TakenOver { policy, written: [of_ingress, of_egress] })
    })
}

fn priority(field: &Field<'_>) -> Option<f64> {
    let number = field.number()?;
    if number.fract() != 0.0 || !(0.0..=PRIORITY).contains(&number) {
        return field.refused(format!("not a whole number from 0 to {PRIORITY}"));
    }
    Some(number)
}

/// The Calico rules, each with the index of the rule that it comes from.
fn rules(field: &Field<'_>, kind: AdminKind, direction: Direction) -> Option<Vec<(Rule, usize)>> {
    let mut found = Vec::new();
    for (index, item) in field.items(UNLIMITED)?.iter().enumerate() {
        let Some(mut fields) = Fields::of(item) else { continue };
        let action = fields.required("action").and_then(|it| action(&it, kind));
        let key = match direction {
            Direction::Ingress => "from",
            Direction::Egress => "to",
        };
        let peers = fields.required(key).and_then(|it| it.items(UNLIMITED)).unwrap_or_default();
        let ports = match kind {
            AdminKind::Admin | AdminKind::Baseline => fields.optional("ports"),
            AdminKind::Cluster => fields.optional("protocols"),
        };
        let ports = ports.and_then(|it| it.items(UNLIMITED)).unwrap_or_default();
        fields.pass_over(&["name"]);
        fields.done();
        let Some(action) = action else { continue };
        let ends: Vec<AdminPeer> = peers.iter().map(|it| peer(it, direction)).collect();
        if ends.contains(&AdminPeer::Refused) {
            continue;
        }
        let known: Option<Vec<Entity>> = ends.into_iter().map(AdminPeer::entity).collect();
        let Some(ends) = known else {
            // What cannot be converted closes where it could have closed, and else does nothing.
            if matches!(action, Action::Deny | Action::Pass) {
                item.tell(
                    ProblemEffect::Replaced,
                    "Calico knows none of what one of its peers names",
                );
                found.push((Rule::new(Action::Deny), index));
            } else {
                item.tell(
                    ProblemEffect::Skipped,
                    "Calico knows none of what one of its peers names",
                );
            }
            continue;
        };
        for (protocol, ports) in traffic(&ports, kind) {
            for end in &ends {
                let (source, destination) = match direction {
                    Direction::Ingress => {
                        (end.clone(), Entity { ports: ports.clone(), ..Entity::default() })
                    }
                    Direction::Egress => {
                        (Entity::default(), Entity { ports: ports.clone(), ..end.clone() })
                    }
                };
                found.push((Rule { protocol, source, destination, ..Rule::new(action) }, index));
            }
        }
    }
    Some(found)
}

fn action(field: &Field<'_>, kind: AdminKind) -> Option<Action> {
    match (field.string()?, kind) {
        ("Allow", AdminKind::Admin | AdminKind::Baseline) | ("Accept", AdminKind::Cluster) => {
            Some(Action::Allow)
        }
        ("Deny", _) => Some(Action::Deny),
        ("Pass", AdminKind::Admin | AdminKind::Cluster) => Some(Action::Pass),
        (other, AdminKind::Admin) => {
            field.refused(format!("`{other}` is none of `Allow`, `Deny` and `Pass`"))
        }
        (other, AdminKind::Baseline) => {
            field.refused(format!("`{other}` is neither `Allow` nor `Deny`"))
        }
        (other, AdminKind::Cluster) => {
            field.refused(format!("`{other}` is none of `Accept`, `Deny` and `Pass`"))
        }
    }
}

/// The other end of a rule.
#[derive(Clone, Debug, PartialEq)]
enum AdminPeer {
    Known(Box<Entity>),
    /// One of which Calico knows nothing, such as nodes and names of domains.
    Unknown,
    /// No cluster takes it, which is told.
    Refused,
}

impl AdminPeer {
    fn entity(self) -> Option<Entity> {
        if let Self::Known(entity) = self { Some(*entity) } else { None }
    }
}

fn peer(field: &Field<'_>, direction: Direction) -> AdminPeer {
    if let Some(networks) = field.entry("networks").filter(|_| direction == Direction::Egress) {
        let Some(items) = networks.items(UNLIMITED) else { return AdminPeer::Refused };
        let block = |it: &Field<'_>| it.string()?.parse().ok().map(|net: IpNet| net.trunc());
        let nets: Option<Vec<IpNet>> = items.iter().map(block).collect();
        return match nets.filter(|it| !it.is_empty()) {
            Some(nets) => AdminPeer::Known(Box::new(Entity { nets, ..Entity::default() })),
            None => AdminPeer::Unknown,
        };
    }
    if !["namespaces", "pods"].into_iter().any(|key| field.entry(key).is_some()) {
        return AdminPeer::Unknown;
    }
    pods(field).map_or(AdminPeer::Refused, |it| AdminPeer::Known(Box::new(it)))
}

/// Pods: all of some namespaces, or some of them.
fn pods(field: &Field<'_>) -> Option<Entity> {
    let mut fields = Fields::of(field)?;
    let (namespaces, pods) = (fields.optional("namespaces"), fields.optional("pods"));
    fields.done();
    let (selector, namespaces) = match (namespaces, pods) {
        (Some(namespaces), None) => (None, labels(&namespaces)?),
        (None, Some(pods)) => {
            let mut fields = Fields::of(&pods)?;
            let namespaces = fields.required("namespaceSelector");
            let own = fields.required("podSelector");
            fields.done();
            (Some(of_pods(Some(labels(&own?)?))), labels(&namespaces?)?)
        }
        (Some(_), Some(_)) | (None, None) => {
            return field.refused("either `namespaces` or `pods`");
        }
    };
    Some(Entity { selector, namespace_selector: Some(namespaces), ..Entity::default() })
}

/// A protocol, and its ports; none for all of them.
type AdminPorts = (Option<RuleProtocol>, Option<Vec<Port>>);

/// What the entries of `ports` are for, by protocol (none for named ports); everything where there are none. No ports are all of
/// them.
fn traffic(ports: &[Field<'_>], kind: AdminKind) -> Vec<(Option<RuleProtocol>, Vec<Port>)> {
    let everything = vec![(None, Vec::new())];
    if ports.is_empty() {
        return everything;
    }
    let mut found: BTreeMap<Option<u8>, AdminPorts> = BTreeMap::new();
    for field in ports {
        let entry = match kind {
            AdminKind::Admin | AdminKind::Baseline => port(field),
            AdminKind::Cluster => protocol(field),
        };
        let Some((protocol, port)) = entry else { continue };
        if protocol.is_none() && port.is_none() {
            return everything;
        }
        let (_, ports) = found
            .entry(protocol.map(RuleProtocol::number))
            .or_insert_with(|| (protocol, Some(Vec::new())));
        match (ports, port) {
            (Some(ports), Some(port)) => ports.push(port),
            (all, None) => *all = None,
            (None, Some(_)) => {}
        }
    }
    found.into_values().map(|(protocol, ports)| (protocol, ports.unwrap_or_default())).collect()
}

/// An entry of `ports`: a protocol and a port of it, or a port by its name.
fn port(field: &Field<'_>) -> Option<(Option<RuleProtocol>, Option<Port>)> {
    let mut fields = Fields::of(field)?;
    let number = fields.optional("portNumber");
    let range = fields.optional("portRange");
    let name = fields.optional("namedPort");
    fields.done();
    let protocol = |it: Option<Field<'_>>| match it {
        None => Some(RuleProtocol::Tcp),
        Some(it) => transport(&it),
    };
    if let Some(number) = number {
        let mut fields = Fields::of(&number)?;
        let (of, port) = (fields.optional("protocol"), fields.required("port"));
        fields.done();
        let port = single(&port?)?;
        return Some((Some(protocol(of)?), Some(Port::Range(port, port))));
    }
    if let Some(range) = range {
        let mut fields = Fields::of(&range)?;
        let of = fields.optional("protocol");
        let (first, last) = (fields.required("start"), fields.required("end"));
        fields.done();
        return Some((Some(protocol(of)?), Some(from_to(&range, &first?, &last?)?)));
    }
    match name {
        Some(name) => Some((None, Some(named(&name)?))),
        None => Some((None, None)),
    }
}

/// An entry of `protocols`: a protocol with perhaps its ports, or a port by its name.
fn protocol(field: &Field<'_>) -> Option<(Option<RuleProtocol>, Option<Port>)> {
    let mut fields = Fields::of(field)?;
    let name = fields.optional("destinationNamedPort");
    let mut found = None;
    for (key, protocol) in
        [("tcp", RuleProtocol::Tcp), ("udp", RuleProtocol::Udp), ("sctp", RuleProtocol::Sctp)]
    {
        if let Some(it) = fields.optional(key) {
            found.get_or_insert((protocol, it));
        }
    }
    fields.done();
    let Some((protocol, ports)) = found else {
        return match name {
            Some(name) => Some((None, Some(named(&name)?))),
            None => Some((None, None)),
        };
    };
    let mut fields = Fields::of(&ports)?;
    let port = fields.optional("destinationPort");
    fields.done();
    let Some(port) = port else { return Some((Some(protocol), None)) };
    let mut fields = Fields::of(&port)?;
    let (number, range) = (fields.optional("number"), fields.optional("range"));
    fields.done();
    let port = match (number, range) {
        (Some(number), _) => {
            let number = single(&number)?;
            Some(Port::Range(number, number))
        }
        (None, Some(range)) => {
            let mut fields = Fields::of(&range)?;
            let (first, last) = (fields.required("start"), fields.required("end"));
            fields.done();
            Some(from_to(&range, &first?, &last?)?)
        }
        (None, None) => None,
    };
    Some((Some(protocol), port))
}

fn transport(field: &Field<'_>) -> Option<RuleProtocol> {
    match field.string()? {
        "TCP" => Some(RuleProtocol::Tcp),
        "UDP" => Some(RuleProtocol::Udp),
        "SCTP" => Some(RuleProtocol::Sctp),
        other => field.refused(format!("`{other}` is none of `TCP`, `UDP` and `SCTP`")),
    }
}

fn single(field: &Field<'_>) -> Option<u16> {
    let number = field.string_or_number()?.parse().ok().filter(|it: &u16| *it > 0);
    number.or_else(|| field.refused("not the number of a port"))
}

fn from_to(range: &Field<'_>, first: &Field<'_>, last: &Field<'_>) -> Option<Port> {
    let (first, last) = (single(first)?, single(last)?);
    if first > last {
        return range.refused("`end` is before `start`");
    }
    Some(Port::Range(first, last))
}

fn named(field: &Field<'_>) -> Option<Port> {
    let name = field.string_or_number()?;
    if is_port_name(name) {
        Some(Port::Named(name.into()))
    } else {
        field.refused(format!("`{name}` is not a port"))
    }
}
