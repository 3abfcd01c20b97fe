//! From what lines say about peers to rules: merged where the result means exactly the same, and never
//! into a product of peers and ports that nobody wrote. Per peer, the ports of a protocol come together;
//! then the zones of one application that have the same ports.

use std::collections::{BTreeMap, BTreeSet};

use crate::calico::{Action, Direction, Entity, Port, Rule, RuleProtocol};
use crate::program::{Id, Program, Zone};
use crate::traffic::{Match, Protocol};

use super::limits::PORTS;
use super::peer::{CompiledPeer, PeerTooLong};
use super::provenance::{self, SourceLine, SourceLines};

/// What one line says about one peer.
#[derive(Clone, Debug)]
pub(super) struct Grant<'a> {
    pub(super) peer: CompiledPeer,
    /// `None` for any traffic.
    pub(super) matches: Option<&'a [Match]>,
    pub(super) line: SourceLine<'a>,
}

/// How rules are written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form<'a> {
    pub(super) direction: Direction,
    pub(super) action: Action,
    /// Whether a `Log` rule goes before each.
    pub(super) log: bool,
    /// The endpoints that the policy selects. A named port of theirs is looked for among these alone,
    /// instead of every pod of the cluster.
    pub(super) local: &'a Entity,
}

/// An ICMP type, with one code or all.
type IcmpType = (u8, Option<u8>);

/// What of one protocol is meant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum MergeDetail {
    All,
    Icmp(u8, Option<u8>),
    Ports(Vec<Port>),
}

/// What all lines together say about one peer.
#[derive(Debug, Default)]
struct MergedLines<'a> {
    any: bool,
    lines: SourceLines<'a>,
    protocols: BTreeMap<Protocol, OfProtocol<'a>>,
}

#[derive(Debug, Default)]
struct OfProtocol<'a> {
    all: bool,
    lines: SourceLines<'a>,
    ports: BTreeSet<Port>,
    icmp: BTreeMap<IcmpType, SourceLines<'a>>,
}

/// A rule to be: protocol and detail, and the lines it comes from.
type Wanted<'a> = (Option<Protocol>, MergeDetail, SourceLines<'a>);

/// The rules for `grants`, in a fixed order, each with those that must stay beside it.
pub(super) fn rules(
    program: &Program,
    form: Form<'_>,
    grants: &[Grant<'_>],
) -> Result<Vec<Vec<Rule>>, PeerTooLong> {
    let mut by_peer: BTreeMap<(CompiledPeer, Option<Id<Zone>>), MergedLines<'_>> = BTreeMap::new();
    for grant in grants {
        let (base, zones) = grant.peer.by_zone();
        for zone in zones {
            by_peer.entry((base.clone(), zone)).or_default().add(grant);
        }
    }
    let mut merged: BTreeMap<_, (BTreeSet<Id<Zone>>, SourceLines<'_>)> = BTreeMap::new();
    for ((base, zone), lines_of_peer) in by_peer {
        for (protocol, detail, mut lines) in lines_of_peer.wanted() {
            let key = (base.clone(), zone.is_some(), protocol, detail);
            let (zones, of) = merged.entry(key).or_default();
            zones.extend(zone);
            of.append(&mut lines);
        }
    }
    let mut wanted: Vec<_> = merged
        .into_iter()
        .map(|((base, named, protocol, detail), (zones, lines))| {
            let peer = if named { base.with_zones(zones.into_iter().collect()) } else { base };
            (peer, protocol, detail, lines)
        })
        .collect();
    wanted.sort();
    let mut rules = Vec::new();
    for (peer, protocol, detail, lines) in &wanted {
        let span = lines.first().map(|line| line.span);
        for entity in peer.entities(program).map_err(|error| PeerTooLong { span, ..error })? {
            if contradicts(*protocol, &entity) {
                continue;
            }
            for (icmp, ports) in detail.divided() {
                let rule = form.rule(*protocol, icmp, ports, entity.clone());
                rules.push(form.logged(Rule {
                    comments: provenance::comments(lines),
                    annotations: provenance::annotations(lines),
                    lines: lines.iter().map(|line| line.span).collect(),
                    ..rule
                }));
            }
        }
    }
    Ok(rules)
}

/// Whether a rule would hold blocks of one IP family alone with a protocol of the other: it could match
/// nothing, and Calico refuses it.
fn contradicts(protocol: Option<RuleProtocol>, entity: &Entity) -> bool {
    let Some(net) = entity.nets.first() else { return false };
    match protocol {
        Some(Protocol::Icmp) => net.addr().is_ipv6(),
        Some(Protocol::IcmpV6) => net.addr().is_ipv4(),
        Some(
            Protocol::Tcp
            | Protocol::Udp
            | Protocol::Sctp
            | Protocol::UdpLite
            | Protocol::Number(_),
        )
        | None => false,
    }
}

impl<'a> MergedLines<'a> {
    fn add(&mut self, grant: &Grant<'a>) {
        self.lines.insert(grant.line);
        let Some(matches) = grant.matches else {
            self.any = true;
            return;
        };
        for one in matches {
            match one {
                Match::Protocol(protocol) => {
                    self.protocol(*protocol, grant.line).all = true;
                }
                Match::Ports(protocol, first, last) => {
                    self.protocol(*protocol, grant.line).ports.insert(Port::Range(*first, *last));
                }
                Match::Named(protocol, name) => {
                    self.protocol(*protocol, grant.line).ports.insert(Port::Named(name.clone()));
                }
                Match::IcmpType(protocol, kind, code) => {
                    let types = &mut self.protocol(*protocol, grant.line).icmp;
                    types.entry((*kind, *code)).or_default().insert(grant.line);
                }
            }
        }
    }

    fn protocol(&mut self, protocol: Protocol, line: SourceLine<'a>) -> &mut OfProtocol<'a> {
        let of = self.protocols.entry(protocol).or_default();
        of.lines.insert(line);
        of
    }

    /// What it comes to: anything takes in every protocol, a protocol its ports and types, a type its codes.
    fn wanted(self) -> Vec<Wanted<'a>> {
        if self.any {
            return vec![(None, MergeDetail::All, self.lines)];
        }
        let mut wanted = Vec::new();
        for (protocol, mut of) in self.protocols {
            let protocol = Some(protocol);
            if of.all {
                wanted.push((protocol, MergeDetail::All, of.lines));
                continue;
            }
            if !of.ports.is_empty() {
                wanted.push((protocol, MergeDetail::Ports(without_contained(of.ports)), of.lines));
            }
            while let Some(((kind, code), mut lines)) = of.icmp.pop_first() {
                // A type without a code sorts first.
                if code.is_none() {
                    while let Some(next) = of.icmp.first_entry().filter(|it| it.key().0 == kind) {
                        lines.append(&mut next.remove());
                    }
                }
                wanted.push((protocol, MergeDetail::Icmp(kind, code), lines));
            }
        }
        wanted
    }
}

/// `ports` without those that lie in a range among them.
fn without_contained(ports: BTreeSet<Port>) -> Vec<Port> {
    let mut ports: Vec<_> = ports.into_iter().collect();
    // The widest of those that begin together comes first, and takes in the others.
    ports.sort_by(|a, b| match (a, b) {
        (Port::Range(a, to_a), Port::Range(b, to_b)) => a.cmp(b).then(to_b.cmp(to_a)),
        (a, b) => a.cmp(b),
    });
    let mut reached = 0;
    ports.retain(|port| match port {
        Port::Range(_, last) => {
            let beyond = *last > reached;
            reached = reached.max(*last);
            beyond
        }
        Port::Named(_) => true,
    });
    ports
}

impl MergeDetail {
    /// What one rule each can hold of it: the ICMP type, the ports.
    fn divided(&self) -> Vec<(Option<IcmpType>, Vec<Port>)> {
        match self {
            Self::All => vec![(None, Vec::new())],
            Self::Icmp(kind, code) => vec![(Some((*kind, *code)), Vec::new())],
            Self::Ports(ports) => ports.chunks(PORTS).map(|ports| (None, ports.to_vec())).collect(),
        }
    }
}

impl Form<'_> {
    fn rule(
        &self,
        protocol: Option<RuleProtocol>,
        icmp: Option<IcmpType>,
        ports: Vec<Port>,
        peer: Entity,
    ) -> Rule {
        let (source, destination) = match self.direction {
            Direction::Egress => (Entity::default(), Entity { ports, ..peer }),
            Direction::Ingress => {
                let named = ports.iter().any(|port| matches!(port, Port::Named(_)));
                let local = if named { self.local.clone() } else { Entity::default() };
                (peer, Entity { ports, ..local })
            }
        };
        Rule { protocol, icmp, source, destination, ..Rule::new(self.action) }
    }

    /// `rule`, with a `Log` before it where that is asked; the comments stand above both.
    fn logged(&self, mut rule: Rule) -> Vec<Rule> {
        if !self.log {
            return vec![rule];
        }
        let log = Rule { action: Action::Log, ..rule.clone() };
        rule.comments.clear();
        vec![log, rule]
    }
}
