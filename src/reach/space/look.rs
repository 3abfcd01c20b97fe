//! Between the points of a space and connections told in full: where a connection lies, and a connection that
//! lies at some points.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;

use super::blocks::Cuts;
use super::{Bearer, Dimension, PeerKind, Side, Space, SpaceLabel};
use crate::reach::code;
use crate::reach::example::{End, Example, LabelMap};
use crate::reach::{Diagram, Direction, Sets};
use crate::selector::keys::{NAMESPACE, OF_NAMESPACE};
use crate::traffic::{Connection, Detail, Family};

impl Space {
    /// The piece of the line of traffic that `connection` lies in.
    pub(in crate::reach) fn piece_of(&self, connection: &Connection) -> u32 {
        self.piece(code::of(connection))
    }

    /// The point of each dimension that `example` lies at, in their order.
    pub fn points(&self, example: &Example) -> Vec<u32> {
        let count = u32::try_from(self.order.len()).unwrap_or(u32::MAX);
        (0..count).map(|dimension| self.point(dimension, example)).collect()
    }

    /// The point of `dimension` where it is that of what `peer` is or of a label of its namespace.
    pub(in crate::reach) fn of_namespace_of(&self, peer: &End, dimension: u32) -> Option<u32> {
        let is_namespace =
            |index: usize| self.labels.get(index)?.is_of_namespace().then_some(index);
        match *self.order.get(dimension as usize)? {
            Dimension::Kind => Some(kind_of(peer).point()),
            Dimension::Peer(index) => Some(self.label_of(peer, is_namespace(index)?)),
            Dimension::PeerTest(index, test) => {
                Some(self.test_of(peer, is_namespace(index)?, test))
            }
            Dimension::Traffic
            | Dimension::Family
            | Dimension::EarlyName(_)
            | Dimension::Named(_)
            | Dimension::Condition(_)
            | Dimension::V4(_)
            | Dimension::V6(_)
            | Dimension::Subject(_)
            | Dimension::SubjectTest(..) => None,
        }
    }

    /// Whether `dimension` asks for a label of the subject.
    pub(in crate::reach) fn is_of_subject(&self, dimension: u32) -> bool {
        let asked = self.order.get(dimension as usize);
        matches!(asked, Some(Dimension::Subject(_) | Dimension::SubjectTest(..)))
    }

    /// The dimensions of the labels of namespaces, the point of each that `peer` lies at, and how many points it has.
    pub(in crate::reach) fn borne_by(&self, peer: &End) -> Vec<(u32, u32, u32)> {
        let points = |dimension: u32| match *self.order.get(dimension as usize)? {
            Dimension::Peer(index) => Some(self.labels.get(index)?.points.len()),
            Dimension::PeerTest(..) => Some(2),
            Dimension::Traffic
            | Dimension::Family
            | Dimension::EarlyName(_)
            | Dimension::Named(_)
            | Dimension::Kind
            | Dimension::Condition(_)
            | Dimension::V4(_)
            | Dimension::V6(_)
            | Dimension::Subject(_)
            | Dimension::SubjectTest(..) => None,
        };
        let all = 0..u32::try_from(self.order.len()).unwrap_or(u32::MAX);
        let found = all.filter_map(|dimension| {
            let point = self.of_namespace_of(peer, dimension)?;
            Some((dimension, point, points(dimension)?))
        });
        found.collect()
    }

    /// The point of `dimension` where it asks what is known of the host endpoint `host`, as the peer or as the subject.
    pub(in crate::reach) fn of_host(&self, host: &End, peer: bool, dimension: u32) -> Option<u32> {
        let address = |end: Side, cuts: &Cuts, family: fn(&IpAddr) -> bool| {
            let address = host.address().filter(family);
            let point = address.map_or_else(|| cuts.nowhere(), |it| cuts.piece_of(it));
            ((end == Side::Peer) == peer).then_some(point)
        };
        match *self.order.get(dimension as usize)? {
            Dimension::Kind => peer.then(|| PeerKind::Host.point()),
            Dimension::V4(end) => address(end, &self.v4, IpAddr::is_ipv4),
            Dimension::V6(end) => address(end, &self.v6, IpAddr::is_ipv6),
            Dimension::Peer(index) => peer.then(|| self.label_of(host, index)),
            Dimension::PeerTest(index, test) => peer.then(|| self.test_of(host, index, test)),
            Dimension::Subject(index) => (!peer).then(|| self.label_of(host, index)),
            Dimension::SubjectTest(index, test) => (!peer).then(|| self.test_of(host, index, test)),
            Dimension::Traffic
            | Dimension::Family
            | Dimension::EarlyName(_)
            | Dimension::Named(_)
            | Dimension::Condition(_) => None,
        }
    }

    /// The dimension that asks of the other end what `dimension` asks of one; itself where it asks of neither.
    pub(in crate::reach) fn other_end(&self, dimension: u32) -> u32 {
        let Some(asked) = self.order.get(dimension as usize) else { return dimension };
        let of = |index: usize| self.labels.get(index);
        let address = |end: Side, family| match end {
            Side::Peer if !self.addressed => None,
            Side::Peer => Some(self.cuts(Side::Subject, family).1),
            Side::Subject => Some(self.cuts(Side::Peer, family).1),
        };
        let other = match *asked {
            Dimension::V4(end) => address(end, Family::V4),
            Dimension::V6(end) => address(end, Family::V6),
            Dimension::Peer(index) => of(index).map(|label| label.subject.value),
            Dimension::Subject(index) => of(index).map(|label| label.peer.value),
            Dimension::PeerTest(index, test) => {
                of(index).and_then(|label| label.subject.tests.get(test).copied())
            }
            Dimension::SubjectTest(index, test) => {
                of(index).and_then(|label| label.peer.tests.get(test).copied())
            }
            Dimension::Traffic
            | Dimension::Family
            | Dimension::EarlyName(_)
            | Dimension::Named(_)
            | Dimension::Kind
            | Dimension::Condition(_) => None,
        };
        other.unwrap_or(dimension)
    }

    /// The point of `dimension` that `example` lies at.
    pub(in crate::reach) fn point(&self, dimension: u32, example: &Example) -> u32 {
        let Some(dimension) = self.order.get(dimension as usize) else { return 0 };
        match *dimension {
            Dimension::Traffic => self.piece(code::of(&example.traffic)),
            Dimension::Family => u32::from(example.traffic.family == Family::V6),
            Dimension::EarlyName(index) | Dimension::Named(index) => {
                match (&example.traffic.detail, self.names.get(index)) {
                    (Detail::Port(_, names), Some(name)) => u32::from(names.contains(name)),
                    _ => 0,
                }
            }
            Dimension::Kind => kind_of(&example.peer).point(),
            Dimension::Condition(index) => {
                let holds = self.conditions.get(index).map(|it| example.conditions.contains(it));
                u32::from(holds.unwrap_or(false))
            }
            Dimension::V4(end) => place(&self.v4, example, end, IpAddr::is_ipv4),
            Dimension::V6(end) => place(&self.v6, example, end, IpAddr::is_ipv6),
            Dimension::Peer(index) => self.label_of(&example.peer, index),
            Dimension::Subject(index) => self.label_of(&example.subject, index),
            Dimension::PeerTest(index, test) => self.test_of(&example.peer, index, test),
            Dimension::SubjectTest(index, test) => self.test_of(&example.subject, index, test),
        }
    }

    fn label_of(&self, end: &End, index: usize) -> u32 {
        let Some(label) = self.labels.get(index) else { return 0 };
        label.points.point(Self::value_of(end, label)).unwrap_or(u32::MAX)
    }

    fn test_of(&self, end: &End, index: usize, test: usize) -> u32 {
        let Some(label) = self.labels.get(index) else { return 0 };
        let test = label.points.apart().get(test);
        let holds = test.zip(Self::value_of(end, label)).map(|(test, value)| test.holds(value));
        u32::from(holds.unwrap_or(false))
    }

    fn value_of<'e>(end: &'e End, label: &SpaceLabel) -> Option<&'e str> {
        match end {
            End::Pod { namespace, of_namespace, labels, .. }
            | End::Held { namespace, of_namespace, labels, .. } => {
                match label.key.strip_prefix(OF_NAMESPACE) {
                    Some(key) => of_namespace.get(key),
                    None if &*label.key == NAMESPACE => Some(namespace),
                    None => labels.get(&label.key),
                }
            }
            End::Host { labels, .. } => labels.get(&label.key),
            End::Address(_) => None,
        }
        .map(|value| &**value)
    }
}

/// The point of the address of one end of `example` among those of a family.
fn place(cuts: &Cuts, example: &Example, end: Side, family: impl Fn(&IpAddr) -> bool) -> u32 {
    let end = match end {
        Side::Peer => &example.peer,
        Side::Subject => &example.subject,
    };
    end.address().filter(family).map_or_else(|| cuts.nowhere(), |address| cuts.piece_of(address))
}

fn kind_of(end: &End) -> PeerKind {
    match end {
        End::Pod { .. } => PeerKind::Pod,
        End::Held { .. } => PeerKind::Held,
        End::Host { .. } => PeerKind::Host,
        End::Address(address) if address.is_ipv4() => PeerKind::V4,
        End::Address(_) => PeerKind::V6,
    }
}

impl Sets {
    /// A connection in `set`, which are the connections of `subject` in `direction`; `None` for the empty set.
    pub fn example(
        &self,
        set: Diagram,
        subject: Bearer<'_>,
        direction: Direction,
    ) -> Option<Example> {
        let space = Rc::clone(&self.space);
        let path = self.diagrams.pick(set, |dimension| space.usual(dimension))?;
        let path: BTreeMap<u32, u32> = path.into_iter().collect();
        let at = |dimension| path.get(&dimension).copied();
        let kind = PeerKind::at(at(space.kind).unwrap_or(0));
        let traffic = space.connection(&path, kind);
        let address = |end| space.address(&path, end, traffic.family);
        let outside = |family| {
            let unspecified = space.cuts(Side::Peer, family).0.first_of(family, 0);
            address(Side::Peer).or(unspecified).map(End::Address)
        };
        let peer = match kind {
            PeerKind::Pod => End::Pod {
                namespace: space.namespace(&path, false),
                of_namespace: space.of_namespace(&path, false),
                labels: space.own(&path, false),
                address: address(Side::Peer),
            },
            PeerKind::Held => End::Held {
                namespace: space.namespace(&path, false),
                of_namespace: space.of_namespace(&path, false),
                labels: space.own(&path, false),
                address: address(Side::Peer),
            },
            PeerKind::Host => {
                End::Host { labels: space.own(&path, false), address: address(Side::Peer) }
            }
            PeerKind::V4 => outside(Family::V4)?,
            PeerKind::V6 => outside(Family::V6)?,
        };
        let own = space.own(&path, true);
        let subject = match subject {
            Bearer::Declared(name, labels) => End::Pod {
                namespace: Arc::clone(name),
                of_namespace: labels.iter().cloned().collect(),
                labels: own,
                address: address(Side::Subject),
            },
            Bearer::Named(name) => End::Pod {
                namespace: Arc::clone(name),
                of_namespace: space.of_namespace(&path, true),
                labels: own,
                address: address(Side::Subject),
            },
            Bearer::Undeclared | Bearer::PeerPod | Bearer::PeerHeld => End::Pod {
                namespace: space.namespace(&path, true),
                of_namespace: space.of_namespace(&path, true),
                labels: own,
                address: address(Side::Subject),
            },
            Bearer::Host | Bearer::PeerHost => {
                End::Host { labels: own, address: address(Side::Subject) }
            }
        };
        let conditions = space.all_conditions().filter(|(_, dimension)| at(*dimension) == Some(1));
        let conditions = conditions.map(|(condition, _)| condition.clone()).collect();
        Some(Example { direction, subject, peer, traffic, conditions })
    }
}

impl Space {
    /// The address that the path tells of `end`, if it tells of one in some block.
    fn address(&self, path: &BTreeMap<u32, u32>, end: Side, family: Family) -> Option<IpAddr> {
        if end == Side::Subject && !self.addressed {
            return None;
        }
        let (cuts, dimension) = self.cuts(end, family);
        cuts.first_of(family, *path.get(&dimension)?)
    }

    fn namespace(&self, path: &BTreeMap<u32, u32>, subject: bool) -> Arc<str> {
        let label = self.find(NAMESPACE);
        let witness = label.and_then(|label| {
            let dimension = if subject { label.subject.value } else { label.peer.value };
            let point = path.get(&dimension).copied().unwrap_or_else(|| label.points.plain());
            label.points.witness(point)
        });
        // Where nothing asks for the name, any will do.
        witness.unwrap_or_else(|| "other".to_owned()).into()
    }

    fn of_namespace(&self, path: &BTreeMap<u32, u32>, subject: bool) -> LabelMap {
        let labels = self.labels_at(path, subject);
        let inner = |(key, value): (&str, String)| {
            Some((key.strip_prefix(OF_NAMESPACE)?.into(), value.into()))
        };
        labels.filter_map(inner).collect()
    }

    fn own(&self, path: &BTreeMap<u32, u32>, subject: bool) -> LabelMap {
        let labels = self.labels_at(path, subject);
        let own = labels.filter(|(key, _)| !key.starts_with(OF_NAMESPACE) && *key != NAMESPACE);
        own.map(|(key, value)| (key.into(), value.into())).collect()
    }

    /// The labels that the path tells, as Calico shows them.
    fn labels_at<'a>(
        &'a self,
        path: &'a BTreeMap<u32, u32>,
        subject: bool,
    ) -> impl Iterator<Item = (&'a str, String)> {
        self.labels.iter().filter_map(move |label| {
            let asking = if subject { &label.subject } else { &label.peer };
            let point = path.get(&asking.value).copied();
            let tests = label.points.apart().iter().zip(&asking.tests);
            let tests =
                tests.filter_map(|(test, dimension)| Some((test, *path.get(dimension)? == 1)));
            Some((&*label.key, label.points.described(point, tests)?))
        })
    }

    /// The ranges of points of `dimension` that people know, those that they know best first.
    fn usual(&self, dimension: u32) -> Vec<(u32, u32)> {
        match dimension {
            Self::TRAFFIC => code::USUAL.map(|(first, last)| self.traffic(first, last)).to_vec(),
            _ => Vec::new(),
        }
    }

    /// What people know of the piece `piece` of the line of traffic.
    fn usual_of(&self, piece: usize) -> u32 {
        let start = self.codes.get(piece).copied().unwrap_or(0);
        let end = self.codes.get(piece + 1).map_or(u32::MAX, |after| after - 1);
        let meets =
            |(first, last): (u32, u32)| (first <= end && start <= last).then(|| first.max(start));
        code::USUAL.into_iter().find_map(meets).unwrap_or(start)
    }

    fn connection(&self, path: &BTreeMap<u32, u32>, peer: PeerKind) -> Connection {
        let piece = path.get(&Self::TRAFFIC);
        let start = piece.map_or(code::USUAL[0].0, |piece| self.usual_of(*piece as usize));
        let family = match (path.get(&Self::FAMILY), peer) {
            (Some(1..), _) | (None, PeerKind::V6) => Family::V6,
            (_, PeerKind::Pod | PeerKind::Held | PeerKind::Host | PeerKind::V4 | PeerKind::V6) => {
                Family::V4
            }
        };
        let names = self.all_names().filter(|(_, dimension)| path.get(dimension) == Some(&1));
        let names = names.map(|(name, _)| Arc::clone(name)).collect();
        code::connection(start, family, names)
    }
}
