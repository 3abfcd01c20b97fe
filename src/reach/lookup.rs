//! Many connections, looked up one by one in the same sets: where an end lies is found once for all of its connections.

use super::space::{Dimension, Side, Space};
use super::{Diagram, Direction, End, Example, Sets};
use crate::selector::keys::{OF_ACCOUNT, OF_NAMESPACE};
use crate::traffic::{Connection, Detail, Family};

/// What a dimension asks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DimensionSubject {
    Traffic,
    Family,
    /// A port's name, by its index.
    Name(usize),
    Subject,
    Peer,
    /// Something that no packet shows.
    Unshown,
}

/// How to look connections up in one space.
#[derive(Debug)]
pub struct Lookup {
    asks: Vec<DimensionSubject>,
    /// Whose label each dimension asks for, if it asks for one that may be unknown.
    bearers: Vec<Option<Other>>,
}

/// Whose labels an end shows beside its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Other {
    Namespace,
    Account,
}

/// Which labels that an end shows beside its own are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownLabels {
    /// Those of its namespace.
    pub namespace: bool,
    /// Those of its service account.
    pub account: bool,
}

impl KnownLabels {
    /// Everything.
    pub const ALL: Self = Self { namespace: true, account: true };

    fn of(self, other: Other) -> bool {
        match other {
            Other::Namespace => self.namespace,
            Other::Account => self.account,
        }
    }
}

/// Where an end lies, whichever end of a connection it is.
#[derive(Clone, Debug)]
pub struct Lies {
    /// Its point in each dimension, of the dimensions of either end.
    points: Box<[u32]>,
    /// Which labels are known, as far as anything asks for them.
    pub known: KnownLabels,
}

/// A connection: where its traffic and its ends lie.
#[derive(Clone, Copy, Debug)]
pub struct At<'a> {
    /// Its piece of the line of traffic (see [`Lookup::traffic`]).
    pub traffic: u32,
    /// Its IP family.
    pub family: Family,
    /// The names of its port, by their index (see [`Lookup::names`]).
    pub names: &'a [usize],
    /// The end whose policies are asked.
    pub subject: &'a Lies,
    /// The other end.
    pub peer: &'a Lies,
}

impl Lookup {
    /// For sets over `space`.
    pub fn new(space: &Space) -> Self {
        let dimensions = (0..).map_while(|dimension| space.dimension(dimension));
        let of = |dimension: Dimension| match dimension {
            Dimension::Traffic => (DimensionSubject::Traffic, None),
            Dimension::Family => (DimensionSubject::Family, None),
            Dimension::EarlyName(index) | Dimension::Named(index) => {
                (DimensionSubject::Name(index), None)
            }
            Dimension::Condition(_) => (DimensionSubject::Unshown, None),
            Dimension::Kind | Dimension::V4(Side::Peer) | Dimension::V6(Side::Peer) => {
                (DimensionSubject::Peer, None)
            }
            Dimension::V4(Side::Subject) | Dimension::V6(Side::Subject) => {
                (DimensionSubject::Subject, None)
            }
            Dimension::Peer(label) | Dimension::PeerTest(label, _) => {
                (DimensionSubject::Peer, Some(label))
            }
            Dimension::Subject(label) | Dimension::SubjectTest(label, _) => {
                (DimensionSubject::Subject, Some(label))
            }
        };
        let (asks, labels): (Vec<_>, Vec<_>) = dimensions.map(of).unzip();
        let bearer = |label: Option<usize>| {
            let key = label.and_then(|label| space.key(label))?;
            let of = |prefix: &str| key.starts_with(prefix);
            let other = of(OF_ACCOUNT).then_some(Other::Account);
            other.or(of(OF_NAMESPACE).then_some(Other::Namespace))
        };
        Self { asks, bearers: labels.into_iter().map(bearer).collect() }
    }

    /// Where `end` lies; `known` says which labels it has them all of.
    pub fn end(&self, space: &Space, end: &End, known: KnownLabels) -> Lies {
        let traffic = Connection { family: Family::V4, protocol: 6, detail: Detail::None };
        let (direction, conditions) = (Direction::Egress, std::collections::BTreeSet::new());
        let (subject, peer) = (end.clone(), end.clone());
        let example = Example { direction, subject, peer, traffic, conditions };
        let points: Box<[u32]> = space.points(&example).into();
        let unasked = |other| !self.bearers.contains(&Some(other));
        let known = KnownLabels {
            namespace: known.namespace || unasked(Other::Namespace),
            account: known.account || unasked(Other::Account),
        };
        Lies { points, known }
    }

    /// The piece of the line of traffic that `connection` lies in.
    pub fn traffic(&self, space: &Space, connection: &Connection) -> u32 {
        space.piece_of(connection)
    }

    /// The index of each of `names` that anything asks for.
    pub fn names<'a>(&self, space: &Space, names: impl Iterator<Item = &'a str>) -> Vec<usize> {
        names.filter_map(|name| space.names.iter().position(|known| **known == *name)).collect()
    }

    /// Whether the connection is in `set`, which asks for nothing that no packet shows.
    pub fn holds(&self, sets: &Sets, set: Diagram, at: At<'_>) -> bool {
        sets.diagrams.contains(set, |dimension| self.point(dimension, at).unwrap_or(0))
    }

    /// Whether the connection is in `set`, where that does not depend on labels that are not known.
    pub fn may_hold(&self, sets: &mut Sets, set: Diagram, at: At<'_>) -> Option<bool> {
        let unknown = |dimension: u32| {
            let index = dimension as usize;
            let Some(other) = self.bearers.get(index).copied().flatten() else { return false };
            match self.asks.get(index) {
                Some(DimensionSubject::Subject) => !at.subject.known.of(other),
                Some(DimensionSubject::Peer) => !at.peer.known.of(other),
                Some(
                    DimensionSubject::Traffic
                    | DimensionSubject::Family
                    | DimensionSubject::Name(_)
                    | DimensionSubject::Unshown,
                )
                | None => false,
            }
        };
        let left = sets.diagrams.fix(set, |dimension| {
            (!unknown(dimension)).then(|| self.point(dimension, at).unwrap_or(0))
        });
        match left {
            Diagram::FULL => Some(true),
            Diagram::EMPTY => Some(false),
            _ => None,
        }
    }

    fn point(&self, dimension: u32, at: At<'_>) -> Option<u32> {
        let index = dimension as usize;
        match self.asks.get(index)? {
            DimensionSubject::Traffic => Some(at.traffic),
            DimensionSubject::Family => Some(u32::from(at.family == Family::V6)),
            DimensionSubject::Name(name) => Some(u32::from(at.names.contains(name))),
            DimensionSubject::Subject => at.subject.points.get(index).copied(),
            DimensionSubject::Peer => at.peer.points.get(index).copied(),
            DimensionSubject::Unshown => None,
        }
    }
}
