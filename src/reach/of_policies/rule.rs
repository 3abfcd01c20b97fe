//! What one rule matches ("how Calico decides", sections 4 and 4.3).

use std::fmt::Write;
use std::sync::Arc;

use ipnet::IpNet;

use super::entity::{Entities, RuleEnd};
use crate::calico::{self, Action, Http, HttpPath, Port};
use crate::reach::{Bearer, Condition, Diagram, Direction, Sets, Terms};
use crate::traffic::{Family, Match, Protocol};

/// The protocols whose ports are told apart.
const WITH_PORTS: [Protocol; 3] = [Protocol::Tcp, Protocol::Udp, Protocol::Sctp];
/// The protocols that have types, by number: the number alone implies no IP family.
const WITH_TYPES: [Protocol; 2] = [Protocol::Number(1), Protocol::Number(58)];

/// A rule, ready to be asked.
pub(super) struct PreparedRule {
    pub(super) action: Action,
    direction: Direction,
    subject: RuleEnd,
    peer: RuleEnd,
    /// What traffic it wants; `None` for any.
    matches: Option<Vec<Match>>,
    /// What traffic it does not want.
    without: Vec<Match>,
    families: Vec<Family>,
    /// What it wants to hold, or not to hold, that no packet shows.
    conditions: Vec<(Condition, bool)>,
}

impl PreparedRule {
    /// Prepares `rule` of a policy in `namespace` (none for a global one).
    pub(super) fn new(
        rule: &calico::Rule,
        namespace: Option<&Arc<str>>,
        direction: Direction,
        entities: &mut Entities,
    ) -> Self {
        let source = entities.end(&rule.source, namespace, |namespace, name| {
            Condition::FromService { namespace, name }
        });
        let destination = entities.end(&rule.destination, namespace, |namespace, name| {
            Condition::ToService { namespace, name }
        });
        let families = families(rule);
        let (subject, peer) = match direction {
            Direction::Ingress => (destination, source),
            Direction::Egress => (source, destination),
        };
        Self {
            action: rule.action,
            direction,
            subject,
            peer,
            matches: matches(rule),
            without: without(rule),
            families,
            conditions: conditions(rule),
        }
    }

    /// Adds what it looks at to `terms`.
    pub(super) fn terms(&self, terms: &mut Terms, entities: &Entities) {
        terms.matches(self.matches.as_deref());
        terms.matches(Some(&self.without));
        entities.terms_of(terms, &self.subject);
        entities.terms_of(terms, &self.peer);
        for (condition, _) in &self.conditions {
            terms.condition(condition.clone());
        }
    }

    /// The connections of `subject` that it matches.
    pub(super) fn matches(
        &self,
        entities: &mut Entities,
        sets: &mut Sets,
        subject: Bearer<'_>,
    ) -> Diagram {
        let here = entities.subject(sets, &self.subject, subject);
        let peer = entities.peer(sets, &self.peer);
        let mut found = sets.diagrams.intersection(here, peer);
        if let Some(matches) = &self.matches {
            let wanted = self.traffic(entities, sets, subject, matches);
            found = sets.diagrams.intersection(found, wanted);
        }
        if !self.without.is_empty() {
            let unwanted = self.traffic(entities, sets, subject, &self.without);
            found = sets.diagrams.difference(found, unwanted);
        }
        for family in [Family::V4, Family::V6] {
            if !self.families.contains(&family) {
                let other = sets.family(family);
                found = sets.diagrams.difference(found, other);
            }
        }
        for (condition, wanted) in &self.conditions {
            let holds = sets.condition(condition);
            found = if *wanted {
                sets.diagrams.intersection(found, holds)
            } else {
                sets.diagrams.difference(found, holds)
            };
        }
        found
    }

    /// Where the traffic is one of `matches`, by the names that count for the receiver.
    fn traffic(
        &self,
        entities: &Entities,
        sets: &mut Sets,
        subject: Bearer<'_>,
        matches: &[Match],
    ) -> Diagram {
        let by_name = |item: &Match| matches!(item, Match::Named(..));
        if !matches.iter().any(by_name) {
            return sets.traffic(Some(matches));
        }
        let (named, others): (Vec<_>, Vec<_>) = matches.iter().cloned().partition(by_name);
        let others = sets.traffic(Some(&others));
        let counts = match self.direction {
            Direction::Ingress => entities.named(sets, &self.subject, Some(subject)),
            Direction::Egress => entities.named(sets, &self.peer, None),
        };
        let named = sets.traffic(Some(&named));
        let named = sets.diagrams.intersection(named, counts);
        sets.diagrams.union(others, named)
    }
}

/// The IP families that `rule` is there for: each list of blocks leaves those that it has a block of.
fn families(rule: &calico::Rule) -> Vec<Family> {
    let (source, destination) = (&rule.source, &rule.destination);
    let lists = [&source.nets, &source.not_nets, &destination.nets, &destination.not_nets];
    let of = |net: &IpNet| match net {
        IpNet::V4(_) => Family::V4,
        IpNet::V6(_) => Family::V6,
    };
    let there = |family: &Family| {
        rule.family.is_none_or(|only| only == *family)
            && lists.iter().all(|list| list.is_empty() || list.iter().any(|net| of(net) == *family))
    };
    [Family::V4, Family::V6].into_iter().filter(there).collect()
}

/// What a rule wants of protocol, ports and types; `None` for nothing. Ports or types that its protocol does not have
/// let nothing match.
fn matches(rule: &calico::Rule) -> Option<Vec<Match>> {
    let ports = &rule.destination.ports;
    let protocol = rule.protocol;
    if let Some((kind, code)) = rule.icmp {
        let types = protocol.filter(|it| ports.is_empty() && is(*it, &WITH_TYPES));
        return Some(types.into_iter().map(|it| Match::IcmpType(it, kind, code)).collect());
    }
    if ports.is_empty() {
        return protocol.map(|protocol| vec![Match::Protocol(protocol)]);
    }
    Some(ports.iter().flat_map(|port| of_port(protocol, port)).collect())
}

/// What a rule does not want of protocol, ports and types.
fn without(rule: &calico::Rule) -> Vec<Match> {
    let protocol = rule.not_protocol.map(|it| Match::Protocol(Protocol::Number(it.number())));
    let types = rule.not_icmp.into_iter();
    let types = types
        .flat_map(|(kind, code)| WITH_TYPES.map(|protocol| Match::IcmpType(protocol, kind, code)));
    let ports = rule.destination.not_ports.iter();
    let ports = ports.flat_map(|port| of_port(rule.protocol, port));
    protocol.into_iter().chain(types).chain(ports).collect()
}

fn is(protocol: Protocol, of: &[Protocol]) -> bool {
    of.iter().any(|it| it.number() == protocol.number())
}

/// A port of `protocol`. A name alone is the port of that name over any protocol; a number needs one.
fn of_port(protocol: Option<Protocol>, port: &Port) -> Vec<Match> {
    let protocols: Vec<_> = match protocol {
        Some(protocol) => WITH_PORTS.into_iter().filter(|it| is(protocol, &[*it])).collect(),
        None => WITH_PORTS.to_vec(),
    };
    let of = |protocol| match port {
        Port::Range(first, last) => Match::Ports(protocol, *first, *last),
        Port::Named(name) => Match::Named(protocol, name.clone()),
    };
    protocols.into_iter().map(of).collect()
}

/// What a rule wants that no packet shows at an endpoint.
fn conditions(rule: &calico::Rule) -> Vec<(Condition, bool)> {
    let source = &rule.source;
    let ports = [(&source.ports, true), (&source.not_ports, false)];
    let ports = ports.into_iter().filter(|(list, _)| !list.is_empty());
    let ports = ports.map(|(list, wanted)| (Condition::SourcePort(listed(list)), wanted));
    let request = rule.http.as_ref().map(|http| (Condition::Request(request(http)), true));
    ports.chain(request).collect()
}

fn listed(ports: &[Port]) -> Arc<str> {
    let mut ports = ports.to_vec();
    ports.sort_unstable();
    ports.dedup();
    let text = |port: &Port| match port {
        Port::Range(first, last) if first == last => first.to_string(),
        Port::Range(first, last) => format!("{first}:{last}"),
        Port::Named(name) => name.to_string(),
    };
    ports.iter().map(text).collect::<Vec<_>>().join(", ").into()
}

/// `GET, POST /orders, /prices/*`; a prefix ends in a star.
fn request(http: &Http) -> Arc<str> {
    let mut text = if http.methods.is_empty() { "*".into() } else { http.methods.join(", ") };
    for (index, path) in http.paths.iter().enumerate() {
        let before = if index == 0 { " " } else { ", " };
        let (path, after) = match path {
            HttpPath::Exact(path) => (path, ""),
            HttpPath::Prefix(path) => (path, "*"),
        };
        // Writing to a string cannot fail.
        let _ = write!(text, "{before}{path}{after}");
    }
    text.into()
}
