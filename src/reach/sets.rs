//! Sets of connections, made of the words that both roads use: a label has a value, a selector holds, an
//! address lies in a block, traffic is one of a list. What those words mean for a flow or a policy is the
//! business of [`of_program`](super::of_program) and [`of_policies`](super::of_policies).

use ipnet::IpNet;

use super::code;
use super::diagram::{Diagram, Diagrams};
use super::space::{Bearer, Borne, Kind, Space};
use super::{Direction, Example};
use crate::selector::{Predicate, Selector};
use crate::traffic::{Family, Match};

/// The sets of one space, all in one place so that equal ones are one.
#[derive(Debug)]
pub struct Sets<'a> {
    /// What is told apart.
    pub space: &'a Space,
    /// The sets made so far.
    pub diagrams: Diagrams,
    possible: [Diagram; 2],
}

impl<'a> Sets<'a> {
    /// No sets yet.
    pub fn new(space: &'a Space) -> Self {
        let mut sets = Self { space, diagrams: Diagrams::default(), possible: [Diagram::FULL; 2] };
        sets.possible = [sets.possible(Direction::Ingress), sets.possible(Direction::Egress)];
        sets
    }

    /// What of `set` can be: an address of one family sends nothing over the other, and where the receiver is
    /// neither a pod nor a host, its ports have no names.
    pub fn that_can_be(&mut self, set: Diagram, direction: Direction) -> Diagram {
        let [ingress, egress] = self.possible;
        let possible = match direction {
            Direction::Ingress => ingress,
            Direction::Egress => egress,
        };
        self.diagrams.intersection(set, possible)
    }

    fn possible(&mut self, direction: Direction) -> Diagram {
        let mut impossible = Vec::new();
        for (kind, other) in [(Kind::V4, Family::V6), (Kind::V6, Family::V4)] {
            let (kind, other) = (self.kind(&kind), self.family(other));
            impossible.push(self.diagrams.intersection(kind, other));
        }
        if direction == Direction::Egress {
            let nameless = [Kind::Held, Kind::V4, Kind::V6].map(|kind| self.kind(&kind));
            let nameless = self.diagrams.union_of(nameless.to_vec());
            for (_, dimension) in self.space.names.iter().zip(Space::NAMES..) {
                let with_name = self.diagrams.ranges(dimension, &[(1, 1)], 2);
                impossible.push(self.diagrams.intersection(nameless, with_name));
            }
        }
        let impossible = self.diagrams.union_of(impossible);
        self.diagrams.difference(Diagram::FULL, impossible)
    }

    /// Connections whose peer is a `kind`.
    pub fn kind(&mut self, kind: &Kind) -> Diagram {
        let (dimension, points) = self.space.kind();
        let point = kind.point();
        self.diagrams.ranges(dimension, &[(point, point)], points)
    }

    /// Connections with the endpoints of this service.
    pub fn service(&mut self, namespace: &str, name: &str) -> Diagram {
        let index = self.space.service(namespace, name);
        index.map_or(Diagram::EMPTY, |index| self.kind(&Kind::Service(index)))
    }

    /// Connections with addresses in any of `blocks`.
    pub fn blocks(&mut self, blocks: &[IpNet]) -> Diagram {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for block in blocks {
            let (cuts, dimension) = self.space.cuts(block);
            let set = self.diagrams.ranges(dimension, &[cuts.pieces(block)], cuts.len());
            match block {
                IpNet::V4(_) => v4.push(set),
                IpNet::V6(_) => v6.push(set),
            }
        }
        let mut found = Vec::new();
        for (kind, sets) in [(Kind::V4, v4), (Kind::V6, v6)] {
            let kind = self.kind(&kind);
            let addresses = self.diagrams.union_of(sets);
            found.push(self.diagrams.intersection(kind, addresses));
        }
        self.diagrams.union_of(found)
    }

    /// Connections whose traffic is one of `matches`; all for `None`.
    pub fn traffic(&mut self, matches: Option<&[Match]>) -> Diagram {
        let Some(matches) = matches else { return Diagram::FULL };
        let sets = matches.iter().map(|item| self.matching(item)).collect();
        self.diagrams.union_of(sets)
    }

    fn matching(&mut self, item: &Match) -> Diagram {
        let (first, last) = code::stretch(item);
        let range = self.space.traffic(first, last);
        let points = u32::try_from(self.space.codes.len()).unwrap_or(u32::MAX);
        let mut set = self.diagrams.ranges(Space::TRAFFIC, &[range], points);
        if let Some(family) = code::family(item) {
            let family = self.family(family);
            set = self.diagrams.intersection(set, family);
        }
        if let Match::Named(_, name) = item {
            let named = match self.space.name(name) {
                Some(dimension) => self.diagrams.ranges(dimension, &[(1, 1)], 2),
                None => Diagram::EMPTY,
            };
            set = self.diagrams.intersection(set, named);
        }
        set
    }

    fn family(&mut self, family: Family) -> Diagram {
        let point = match family {
            Family::V4 => 0,
            Family::V6 => 1,
        };
        self.diagrams.ranges(Space::FAMILY, &[(point, point)], 2)
    }

    /// Connections where `bearer` has the label `key`, and `test` holds for its value.
    pub fn test(&mut self, bearer: Bearer<'_>, key: &str, test: &Predicate) -> Diagram {
        match self.space.borne(bearer, key) {
            Borne::Fixed(Some(value)) if test.holds(value) => Diagram::FULL,
            Borne::Fixed(_) => Diagram::EMPTY,
            Borne::Free(asking, points) => {
                let apart = points.apart().iter().zip(asking.tests..).find(|(it, _)| *it == test);
                let asked = if apart.is_some() { &Predicate::Has } else { test };
                let held = points.holds(asked);
                let held = self.diagrams.ranges(asking.value, &held, points.len());
                let Some((_, dimension)) = apart else { return held };
                let passed = self.diagrams.ranges(dimension, &[(1, 1)], 2);
                self.diagrams.intersection(held, passed)
            }
        }
    }

    /// Connections where `selector` holds for `bearer`, by its labels as Calico shows them.
    pub fn selector(&mut self, bearer: Bearer<'_>, selector: &Selector) -> Diagram {
        match selector {
            Selector::All | Selector::Global => Diagram::FULL,
            Selector::Not(inner) => {
                let inner = self.selector(bearer, inner);
                self.diagrams.difference(Diagram::FULL, inner)
            }
            Selector::And(parts) => {
                let mut all = Diagram::FULL;
                for part in parts {
                    let part = self.selector(bearer, part);
                    all = self.diagrams.intersection(all, part);
                }
                all
            }
            Selector::Or(parts) => {
                let parts = parts.iter().map(|part| self.selector(bearer, part)).collect();
                self.diagrams.union_of(parts)
            }
            Selector::Has(_)
            | Selector::Equals(..)
            | Selector::NotEquals(..)
            | Selector::In(..)
            | Selector::NotIn(..)
            | Selector::Contains(..)
            | Selector::StartsWith(..)
            | Selector::EndsWith(..) => {
                let Some((key, test, positive)) = selector.test() else { return Diagram::EMPTY };
                let held = self.test(bearer, key, &test);
                if positive { held } else { self.diagrams.difference(Diagram::FULL, held) }
            }
        }
    }

    /// Whether `example` is in `set`.
    pub fn contains(&self, set: Diagram, example: &Example) -> bool {
        self.diagrams.contains(set, |dimension| self.space.point(dimension, example))
    }
}
