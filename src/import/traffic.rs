//! What traffic a rule is about, as a flow would list it.

use ipnet::IpNet;

use crate::calico::{Entity, Port, Rule};
use crate::traffic::{Family, Intervals, Match, Protocol, Traffic};

/// The traffic of `rule`: `None` for any.
///
/// # Errors
/// With what flows have no words for.
pub(super) fn of_rule(rule: &Rule) -> Result<Option<Vec<Match>>, String> {
    if rule.http.is_some() {
        return Err("only certain HTTP requests".to_owned());
    }
    if !rule.source.ports.is_empty() || !rule.source.not_ports.is_empty() {
        return Err("only certain ports of the sender".to_owned());
    }
    if rule.not_protocol.is_some() {
        return Err("every protocol but one".to_owned());
    }
    if rule.not_icmp.is_some() {
        return Err("every ICMP message but one".to_owned());
    }
    let protocol = rule.protocol.map(named_protocol);
    if rule.family.is_some_and(|family| nothing(family, rule)) {
        return Ok(Some(Vec::new()));
    }
    if let Some(family) = rule.family
        && !implied(family, rule, protocol)
    {
        let name = match family {
            Family::V4 => "IPv4",
            Family::V6 => "IPv6",
        };
        return Err(format!("over {name} alone"));
    }
    if let Some((kind, code)) = rule.icmp {
        let icmp = protocol.filter(|it| matches!(it, Protocol::Icmp | Protocol::IcmpV6));
        let none = !rule.destination.ports.is_empty();
        let icmp = icmp.filter(|_| !none).map(|it| Match::IcmpType(it, kind, code));
        return Ok(Some(icmp.into_iter().collect()));
    }
    ports(protocol, &rule.destination)
}

fn ports(protocol: Option<Protocol>, end: &Entity) -> Result<Option<Vec<Match>>, String> {
    const WITH_PORTS: [Protocol; 3] = [Protocol::Tcp, Protocol::Udp, Protocol::Sctp];
    if end.ports.is_empty() && end.not_ports.is_empty() {
        return Ok(protocol.map(|it| vec![Match::Protocol(it)]));
    }
    let all = WITH_PORTS.into_iter().filter(|it| protocol.is_none_or(|only| only == *it));
    let protocols: Vec<_> = all.collect();
    if end.not_ports.is_empty() {
        let of = |port: &Port| {
            let entry = |it: &Protocol| match port {
                Port::Range(first, last) => Match::Ports(*it, (*first).max(1), *last),
                Port::Named(name) => Match::Named(*it, name.clone()),
            };
            protocols.iter().map(entry).collect::<Vec<_>>()
        };
        let mut found: Vec<_> = end.ports.iter().flat_map(of).collect();
        found.retain(|it| !matches!(it, Match::Ports(_, first, last) if first > last));
        return Ok(Some(found));
    }
    if protocol.is_none() || protocols.is_empty() {
        return Err("every port but some, of any protocol".to_owned());
    }
    let ranges = |list: &[Port]| -> Option<Intervals> {
        let range = |port: &Port| match port {
            Port::Range(first, last) => Some((u32::from(*first), u32::from(*last))),
            Port::Named(_) => None,
        };
        list.iter().map(range).collect()
    };
    let whole = Intervals::range(1, 0xffff);
    let wanted = if end.ports.is_empty() { Some(whole) } else { ranges(&end.ports) };
    let (Some(wanted), Some(unwanted)) = (wanted, ranges(&end.not_ports)) else {
        return Err("every port but one that has a name".to_owned());
    };
    Ok(Some(of_numbers(&protocols, &wanted.difference(&unwanted))))
}

/// The ports `numbers` of `protocols`, 0 apart.
fn of_numbers(protocols: &[Protocol], numbers: &Intervals) -> Vec<Match> {
    let port = |it: u32| u16::try_from(it).unwrap_or(u16::MAX);
    let mut found = Vec::new();
    for protocol in protocols {
        let ranges = numbers.ranges().filter(|(_, last)| *last > 0);
        found.extend(ranges.map(|(a, b)| Match::Ports(*protocol, port(a.max(1)), port(b))));
    }
    found
}

/// A protocol by the word that flows have for it.
fn named_protocol(protocol: Protocol) -> Protocol {
    let words = [
        Protocol::Tcp,
        Protocol::Udp,
        Protocol::Sctp,
        Protocol::UdpLite,
        Protocol::Icmp,
        Protocol::IcmpV6,
    ];
    words.into_iter().find(|it| it.number() == protocol.number()).unwrap_or(protocol)
}

/// Whether what `rule` is about has no other family than `family` anyway.
fn implied(family: Family, rule: &Rule, protocol: Option<Protocol>) -> bool {
    let of_protocol = match protocol {
        Some(Protocol::Icmp) => Some(Family::V4),
        Some(Protocol::IcmpV6) => Some(Family::V6),
        Some(
            Protocol::Tcp
            | Protocol::Udp
            | Protocol::Sctp
            | Protocol::UdpLite
            | Protocol::Number(_),
        )
        | None => None,
    };
    let nets = [&rule.source.nets, &rule.destination.nets];
    let of_nets = |nets: &[ipnet::IpNet]| {
        !nets.is_empty() && nets.iter().all(|it| it.addr().is_ipv4() == (family == Family::V4))
    };
    of_protocol == Some(family) || nets.into_iter().any(|it| of_nets(it))
}

/// One entry of a list of traffic, or any.
pub(super) type TrafficUnit = Option<Match>;

/// What a unit lets pass.
pub(super) fn set(unit: &TrafficUnit) -> Traffic {
    match unit {
        Some(one) => Traffic::of(std::slice::from_ref(one)),
        None => Traffic::full(),
    }
}

/// What two units have in common, where a list can say it.
pub(super) fn meet(a: &TrafficUnit, b: &TrafficUnit) -> Option<TrafficUnit> {
    let (Some(one), Some(other)) = (a, b) else { return Some(a.clone().or_else(|| b.clone())) };
    if let (Match::Ports(p, a1, b1), Match::Ports(q, a2, b2)) = (one, other) {
        let (first, last) = ((*a1).max(*a2), (*b1).min(*b2));
        return (p == q && first <= last).then_some(Some(Match::Ports(*p, first, last)));
    }
    let (small, large) = (set(a), set(b));
    if large.contains(&small) {
        return Some(a.clone());
    }
    small.contains(&large).then(|| b.clone())
}

/// Whether the blocks of `rule` leave no connection over `family`.
fn nothing(family: Family, rule: &Rule) -> bool {
    let of = |net: &IpNet| match net {
        IpNet::V4(_) => Family::V4,
        IpNet::V6(_) => Family::V6,
    };
    let lists = [&rule.source.nets, &rule.destination.nets];
    lists.into_iter().any(|nets| !nets.is_empty() && nets.iter().all(|net| of(net) != family))
}
