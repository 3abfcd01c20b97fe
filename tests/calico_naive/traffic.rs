//! What a rule says of the traffic, asked about one connection ("how Calico decides", section 4.3).

use std::sync::Arc;

use eastwest::calico::{Http, HttpPath, Port, Rule};
use eastwest::traffic::{Connection, Detail, Family, Protocol};

const ICMP: [u8; 2] = [1, 58];

/// Whether `rule` has nothing against `it`; `named` says whether the receiver's port has a name, for this rule.
pub(super) fn matches(rule: &Rule, it: &Connection, named: impl Fn(&Arc<str>) -> bool) -> bool {
    let family = match (rule.family, rule.protocol) {
        (Some(family), _) => Some(family),
        // By name they imply their family, by number they do not.
        (None, Some(Protocol::Icmp)) => Some(Family::V4),
        (None, Some(Protocol::IcmpV6)) => Some(Family::V6),
        (None, _) => None,
    };
    let of_type = |(kind, code): (u8, Option<u8>)| match it.detail {
        Detail::Icmp(its, its_code) => its == kind && code.is_none_or(|code| code == its_code),
        Detail::None | Detail::Port(..) => false,
    };
    let of_ports = |ports: &[Port]| {
        ports.iter().any(|port| match (port, &it.detail) {
            (Port::Range(first, last), Detail::Port(number, _)) => {
                first <= number && number <= last
            }
            (Port::Named(name), Detail::Port(..)) => named(name),
            (_, Detail::None | Detail::Icmp(..)) => false,
        })
    };
    let (ports, not_ports) = (&rule.destination.ports, &rule.destination.not_ports);
    family.is_none_or(|family| family == it.family)
        && rule.protocol.is_none_or(|protocol| protocol.number() == it.protocol)
        && rule.not_protocol.is_none_or(|protocol| protocol.number() != it.protocol)
        && rule.icmp.is_none_or(|icmp| ICMP.contains(&it.protocol) && of_type(icmp))
        && rule.not_icmp.is_none_or(|icmp| !of_type(icmp))
        && (ports.is_empty() || of_ports(ports))
        && !of_ports(not_ports)
}

/// The names of the port that a connection goes to.
pub(super) fn names(it: &Connection) -> &[Arc<str>] {
    match &it.detail {
        Detail::Port(_, names) => names,
        Detail::None | Detail::Icmp(..) => &[],
    }
}

/// Ports as a condition tells them: each once and in order, numbers before names.
pub(super) fn listed(ports: &[Port]) -> Arc<str> {
    let mut ports = ports.to_vec();
    ports.sort();
    ports.dedup();
    let text = |port| match port {
        Port::Range(first, last) if first == last => first.to_string(),
        Port::Range(first, last) => format!("{first}:{last}"),
        Port::Named(name) => name.to_string(),
    };
    ports.into_iter().map(text).collect::<Vec<_>>().join(", ").into()
}

/// A request as a condition tells it: `GET, POST /exact, /prefix*`.
pub(super) fn request(http: &Http) -> Arc<str> {
    let methods = if http.methods.is_empty() { "*".to_owned() } else { http.methods.join(", ") };
    let paths: Vec<String> = http
        .paths
        .iter()
        .map(|path| match path {
            HttpPath::Exact(path) => path.to_string(),
            HttpPath::Prefix(path) => format!("{path}*"),
        })
        .collect();
    [methods, paths.join(", ")].join(" ").trim_end().into()
}
