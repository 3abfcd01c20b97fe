//! What a set of connections is, for people: which traffic, between which pods and addresses.

use std::rc::Rc;
use std::sync::Arc;

use indexmap::IndexMap;
use ipnet::IpNet;

use super::space::{Dimension, Side, Space};
use super::{Condition, Diagram, Sets};
use crate::selector::Selector;
use crate::traffic::{Family, Match, Protocol, Traffic};

/// One way to be in a set: what holds for both ends at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Way {
    /// What holds for the subject.
    pub subject: Which,
    /// What holds for the peer.
    pub peer: Which,
    /// What holds, and what does not, that no packet shows.
    pub conditions: Vec<(Condition, bool)>,
}

/// What is said of one end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Which {
    /// Its labels, as Calico shows them.
    pub selector: Option<Selector>,
    /// Blocks that its address lies in.
    pub blocks: Vec<IpNet>,
    /// Blocks that its address does not lie in, where these are fewer.
    pub not_blocks: Vec<IpNet>,
}

/// What a path through traffic costs: it becomes traffic, which is joined with that of the others.
const PATH: usize = 64;

/// Stretches of points of one dimension.
type LabelPoints = Vec<(u32, u32)>;

/// A step of a path: a dimension, and the points of it that it goes through.
type SplitStep = (u32, LabelPoints);

/// Traffic as a path through the first questions tells it.
#[derive(Clone, Debug, Default)]
struct Path {
    pieces: Option<(u32, u32)>,
    family: Option<Family>,
    /// Names of the port that it has, or has not.
    names: Vec<(Arc<str>, bool)>,
}

impl Sets {
    /// `set` by traffic over `families`: each with what must hold besides. In the order of traffic.
    pub fn by_traffic(&mut self, set: Diagram, families: &[Family]) -> Vec<(Traffic, Diagram)> {
        let set = self.names_first(set);
        let mut found: IndexMap<Diagram, Vec<Path>> = IndexMap::new();
        let mut open = vec![(set, Path::default())];
        while let Some((at, path)) = open.pop() {
            if at == Diagram::EMPTY {
                continue;
            }
            if !self.diagrams.spend(PATH) {
                return Vec::new();
            }
            let asked = self.diagrams.first(at);
            let Some((dimension, edges)) = asked.filter(|(it, _)| *it < self.space.kind()) else {
                found.entry(at).or_default().push(path);
                continue;
            };
            for ((first, last), child) in edges.into_iter().rev() {
                let mut path = path.clone();
                match self.space.dimension(dimension) {
                    Some(Dimension::Traffic) => path.pieces = Some((first, last)),
                    Some(Dimension::Family) => {
                        path.family = Some(if first == 0 { Family::V4 } else { Family::V6 });
                    }
                    Some(Dimension::EarlyName(index)) => {
                        let name = self.space.names.get(index).cloned();
                        path.names.extend(name.map(|name| (name, first > 0)));
                    }
                    Some(
                        Dimension::Kind
                        | Dimension::Named(_)
                        | Dimension::Condition(_)
                        | Dimension::V4(_)
                        | Dimension::V6(_)
                        | Dimension::Peer(_)
                        | Dimension::Subject(_)
                        | Dimension::PeerTest(..)
                        | Dimension::SubjectTest(..),
                    )
                    | None => {}
                }
                open.push((child, path));
            }
        }
        let traffic = |paths: Vec<Path>| {
            let of_paths = paths.iter().map(|path| self.space.traffic_of(path));
            over_families(&of_paths.fold(Traffic::empty(), |all, one| all.union(&one)), families)
        };
        let found = found.into_iter().map(|(rest, paths)| (traffic(paths), rest));
        found.filter(|(traffic, _)| !traffic.is_empty()).collect()
    }

    /// What of `set` has traffic for which `rest` must hold besides, as [`by_traffic`](Self::by_traffic) gives it.
    pub fn with_rest(&mut self, set: Diagram, rest: Diagram) -> Diagram {
        let space = Rc::clone(&self.space);
        let set = self.names_first(set);
        let found = self.diagrams.leading_to(set, space.kind(), rest);
        if space.names.is_empty() {
            return found;
        }
        self.diagrams.rename(found, |dimension| space.name_at_dimension(dimension))
    }

    /// `set` with the names of ports asked for beside the rest of the traffic.
    fn names_first(&mut self, set: Diagram) -> Diagram {
        let space = Rc::clone(&self.space);
        if space.names.is_empty() {
            return set;
        }
        self.diagrams.rename(set, |dimension| space.early_name_at(dimension))
    }

    /// The ways to be in `set`, which is asked neither for traffic nor for what kind the peer is: `most` at most, and whether
    /// there are more.
    pub fn ways(&self, set: Diagram, most: usize) -> (Vec<Way>, bool) {
        let mut found = Vec::new();
        // The path so far, and what is still open: how much of the path leads there, and the last step.
        let mut path: Vec<SplitStep> = Vec::new();
        let mut open: Vec<(Diagram, usize, Option<SplitStep>)> = vec![(set, 0, None)];
        while let Some((at, before, step)) = open.pop() {
            if at == Diagram::EMPTY {
                continue;
            }
            path.truncate(before);
            path.extend(step);
            let Some((dimension, edges)) = self.diagrams.first(at) else {
                if found.len() == most {
                    return (found, true);
                }
                found.push(self.space.way(&path));
                continue;
            };
            if !self.diagrams.spend(edges.len()) {
                return (Vec::new(), true);
            }
            let mut answers: IndexMap<Diagram, LabelPoints> = IndexMap::new();
            for (stretch, child) in edges {
                answers.entry(child).or_default().push(stretch);
            }
            for (child, points) in answers.into_iter().rev() {
                open.push((child, path.len(), Some((dimension, points))));
            }
        }
        (found, false)
    }
}

impl Space {
    fn traffic_of(&self, path: &Path) -> Traffic {
        let (first, last) = path.pieces.unwrap_or((0, u32::MAX));
        let start = self.codes.get(first as usize).copied().unwrap_or(u32::MAX);
        let after = last.checked_add(1).and_then(|it| self.codes.get(it as usize));
        let end = after.map_or(0x00FF_FFFF, |after| after - 1).min(0x00FF_FFFF);
        let mut traffic = stretch(start, end);
        if let Some(family) = path.family {
            traffic = traffic.over(family);
        }
        for (name, wanted) in &path.names {
            let ports = [Protocol::Tcp, Protocol::Udp, Protocol::Sctp];
            let named = Traffic::of(&ports.map(|it| Match::Named(it, Arc::clone(name))));
            traffic =
                if *wanted { traffic.intersection(&named) } else { traffic.difference(&named) };
        }
        traffic
    }

    fn way(&self, path: &[SplitStep]) -> Way {
        let mut way = Way::default();
        let (mut peer, mut subject) = (Vec::new(), Vec::new());
        // People read labels in the order in which lines name them, whatever the order in which they are asked for.
        let mut path: Vec<_> = path.iter().collect();
        path.sort_by_key(|(dimension, _)| (self.label_index(*dimension), *dimension));
        for (dimension, points) in path {
            let yes = points.iter().any(|(first, _)| *first > 0);
            match self.dimension(*dimension) {
                Some(Dimension::Condition(index)) => {
                    let condition = self.conditions.get(index).cloned();
                    way.conditions.extend(condition.map(|it| (it, yes)));
                }
                Some(Dimension::V4(end)) => {
                    way.side(end).lies_in(self.blocks_of(Family::V4, points));
                }
                Some(Dimension::V6(end)) => {
                    way.side(end).lies_in(self.blocks_of(Family::V6, points));
                }
                Some(Dimension::Peer(index)) => {
                    peer.extend(self.selector(index, points));
                }
                Some(Dimension::Subject(index)) => {
                    subject.extend(self.selector(index, points));
                }
                Some(Dimension::PeerTest(index, test)) => {
                    peer.extend(self.passes(index, test, yes));
                }
                Some(Dimension::SubjectTest(index, test)) => {
                    subject.extend(self.passes(index, test, yes));
                }
                Some(
                    Dimension::Traffic
                    | Dimension::Family
                    | Dimension::EarlyName(_)
                    | Dimension::Named(_)
                    | Dimension::Kind,
                )
                | None => {}
            }
        }
        for (side, selectors) in [(&mut way.peer, peer), (&mut way.subject, subject)] {
            side.selector = Some(Selector::and(selectors)).filter(|it| *it != Selector::All);
        }
        way
    }

    /// The blocks of addresses at `points`, and those of the others.
    fn blocks_of(&self, family: Family, points: &LabelPoints) -> [Vec<IpNet>; 2] {
        let (cuts, _) = self.cuts(Side::Peer, family);
        let past = cuts.nowhere();
        let (mut inside, mut outside, mut next) = (Vec::new(), Vec::new(), 0);
        for (first, last) in points.iter().map(|(first, last)| (*first, (*last).min(past - 1))) {
            if first > last {
                continue;
            }
            if next < first {
                outside.extend(cuts.nets(family, next, first - 1));
            }
            inside.extend(cuts.nets(family, first, last));
            next = last + 1;
        }
        if next < past {
            outside.extend(cuts.nets(family, next, past - 1));
        }
        [inside, outside]
    }
}

impl Way {
    fn side(&mut self, end: Side) -> &mut Which {
        match end {
            Side::Peer => &mut self.peer,
            Side::Subject => &mut self.subject,
        }
    }
}

impl Which {
    /// Leaves out what `said` says as well.
    pub fn unsay(&mut self, other: &Self) {
        if self.selector == other.selector {
            self.selector = None;
        }
        if (&self.blocks, &self.not_blocks) == (&other.blocks, &other.not_blocks) {
            self.blocks.clear();
            self.not_blocks.clear();
        }
    }

    fn lies_in(&mut self, [inside, outside]: [Vec<IpNet>; 2]) {
        if outside.len() < inside.len() {
            self.not_blocks.extend(outside);
        } else {
            self.blocks.extend(inside);
        }
    }
}

/// The traffic from the number `start` to `end`, over both families.
fn stretch(start: u32, end: u32) -> Traffic {
    let (mut found, mut without) = (Vec::new(), Vec::new());
    for number in (start >> 16)..=(end >> 16) {
        let Some(protocol) = u8::try_from(number).ok().map(Protocol::Number) else { break };
        let low = if number == start >> 16 { start & 0xFFFF } else { 0 };
        let high = if number == end >> 16 { end & 0xFFFF } else { 0xFFFF };
        let is = |of: &[Protocol]| of.iter().any(|it| it.number() == protocol.number());
        let port = |it: u32| u16::try_from(it).unwrap_or(u16::MAX);
        if is(&[Protocol::Icmp, Protocol::IcmpV6]) && (low, high) != (0, 0xFFFF) {
            found.extend(types(protocol, low, high));
        } else if low == 0 {
            // Port 0 has no entry of its own: it is what all the others leave.
            found.push(Match::Protocol(protocol));
            if high < 0xFFFF {
                without.push(Match::Ports(protocol, port(high + 1), u16::MAX));
            }
        } else {
            found.push(Match::Ports(protocol, port(low), port(high)));
        }
    }
    Traffic::of(&found).difference(&Traffic::of(&without))
}

/// ICMP types and codes, as type times 256 plus code.
fn types(protocol: Protocol, low: u32, high: u32) -> Vec<Match> {
    let mut found = Vec::new();
    for kind in (low >> 8)..=(high >> 8) {
        let first = if kind == low >> 8 { low & 0xFF } else { 0 };
        let last = if kind == high >> 8 { high & 0xFF } else { 0xFF };
        let Ok(kind) = u8::try_from(kind) else { break };
        if (first, last) == (0, 0xFF) {
            found.push(Match::IcmpType(protocol, kind, None));
        } else {
            let codes = (first..=last).filter_map(|code| u8::try_from(code).ok());
            found.extend(codes.map(|code| Match::IcmpType(protocol, kind, Some(code))));
        }
    }
    found
}

/// `traffic` as one speaks of it where only `families` are meant: of one alone, nothing is said of the other.
fn over_families(traffic: &Traffic, families: &[Family]) -> Traffic {
    let &[only] = families else { return traffic.clone() };
    let both = traffic.on_both(only);
    let numbers = [Protocol::Icmp, Protocol::IcmpV6].map(|it| Protocol::Number(it.number()));
    let icmps = Traffic::of(&numbers.map(Match::Protocol));
    if both.contains(&icmps) {
        return both;
    }
    // The ICMP of the other family, sent over this one, is nothing that anybody asks about.
    let own = Traffic::of(&[Match::Protocol(Protocol::Icmp), Match::Protocol(Protocol::IcmpV6)]);
    both.difference(&icmps).union(&traffic.over(only).intersection(&own))
}
