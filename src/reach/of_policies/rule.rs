//! What one rule matches ("how Calico decides", sections 4 and 4.3).

use super::Unclear;
use super::entity::{End, Entities};
use crate::calico::{self, Action, Policy, Port};
use crate::reach::{Bearer, Diagram, Direction, Sets, Terms};
use crate::traffic::{Match, Protocol};

/// A rule, ready to be asked.
pub(super) struct Rule {
    pub(super) action: Action,
    subject: End,
    peer: End,
    matches: Option<Vec<Match>>,
}

impl Rule {
    /// Prepares `rule` of `policy`. Fails where its effect depends on what policies do not say.
    pub(super) fn new(
        rule: &calico::Rule,
        policy: &Policy,
        direction: Direction,
        entities: &mut Entities,
    ) -> Result<Self, Unclear> {
        let unclear = |what| Unclear { policy: policy.name.clone(), what };
        let (subject, peer) = match direction {
            Direction::Ingress => (&rule.destination, &rule.source),
            Direction::Egress => (&rule.source, &rule.destination),
        };
        if !rule.source.ports.is_empty() {
            return Err(unclear("a rule with source ports"));
        }
        if !subject.nets.is_empty() || subject.service.is_some() {
            return Err(unclear("a rule that asks for its own endpoint's address"));
        }
        if rule.destination.service.is_some() && !rule.destination.ports.is_empty() {
            return Err(unclear("a rule with both a service and ports"));
        }
        let namespace = policy.namespace.as_ref();
        Ok(Self {
            action: rule.action,
            subject: entities.end(subject, namespace),
            peer: entities.end(peer, namespace),
            matches: matches(rule).map_err(unclear)?,
        })
    }

    /// Adds what it looks at, its ends apart, to `terms`.
    pub(super) fn terms(&self, terms: &mut Terms) {
        terms.matches(self.matches.as_deref());
        self.peer.terms(terms);
    }

    /// The connections of `subject` that it matches.
    pub(super) fn matches(
        &self,
        entities: &mut Entities,
        sets: &mut Sets<'_>,
        subject: Bearer<'_>,
    ) -> Diagram {
        let here = entities.subject(sets, &self.subject, subject);
        let peer = entities.peer(sets, &self.peer);
        let traffic = sets.traffic(self.matches.as_deref());
        let ends = sets.diagrams.intersection(here, peer);
        sets.diagrams.intersection(ends, traffic)
    }
}

/// What a rule says of protocol, ports and types; `None` for nothing.
fn matches(rule: &calico::Rule) -> Result<Option<Vec<Match>>, &'static str> {
    const WITH_PORTS: [Protocol; 3] = [Protocol::Tcp, Protocol::Udp, Protocol::Sctp];
    let is =
        |protocol: Protocol, of: &[Protocol]| of.iter().any(|it| it.number() == protocol.number());
    let ports = &rule.destination.ports;
    match (rule.protocol, rule.icmp) {
        (Some(protocol), Some((kind, code))) => {
            let has_types = is(protocol, &[Protocol::Icmp, Protocol::IcmpV6]);
            let matches = vec![Match::IcmpType(protocol, kind, code)];
            (has_types && ports.is_empty())
                .then_some(Some(matches))
                .ok_or("a rule with an ICMP type and another protocol")
        }
        (None, Some(_)) => Err("a rule with an ICMP type and no protocol"),
        (protocol, None) if ports.is_empty() => {
            Ok(protocol.map(|protocol| vec![Match::Protocol(protocol)]))
        }
        (Some(protocol), None) => is(protocol, &WITH_PORTS)
            .then(|| Some(ports.iter().map(|port| of_port(protocol, port)).collect()))
            .ok_or("a rule with ports of a protocol that has none"),
        (None, None) => {
            // A name alone is the port of that name over any protocol; a number needs one.
            if ports.iter().any(|port| matches!(port, Port::Range(..))) {
                return Err("a rule with ports and no protocol");
            }
            let each = |protocol| ports.iter().map(move |port| of_port(protocol, port));
            Ok(Some(WITH_PORTS.into_iter().flat_map(each).collect()))
        }
    }
}

fn of_port(protocol: Protocol, port: &Port) -> Match {
    match port {
        Port::Range(first, last) => Match::Ports(protocol, *first, *last),
        Port::Named(name) => Match::Named(protocol, name.clone()),
    }
}
