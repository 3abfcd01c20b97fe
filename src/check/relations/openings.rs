//! What each flow opens, one side at a time, and an index to find the lines that open a given place: a
//! line is looked up by the zones it names, never compared with every other line.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::places::{EndPlace, LineEnd, PlaceKey};
use super::ports::PortLines;
use crate::program::{ExternalValue, Flow, Program};
use crate::reach::Decisions;
use crate::syntax::tree::Arrow;
use crate::traffic::Traffic;

/// The side of a connection that is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum OpenHalf {
    /// It may leave the sender.
    Sender,
    /// It may reach the receiver.
    Receiver,
}

impl OpenHalf {
    /// That of the other end.
    pub(super) fn other(self) -> Self {
        match self {
            Self::Sender => Self::Receiver,
            Self::Receiver => Self::Sender,
        }
    }
}

/// How much of a line's traffic another line is asked to let pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TrafficPart {
    /// Something of it.
    Some,
    /// All of it.
    All,
}

/// One side of some connections, opened by one flow.
#[derive(Clone, Debug)]
pub(super) struct LineOpening<'p> {
    /// The flow, as an index into `Program::flows`.
    pub(super) flow: usize,
    /// Which side.
    pub(super) half: OpenHalf,
    /// Who opens the connection.
    pub(super) sender: LineEnd<'p>,
    /// Who accepts it.
    pub(super) receiver: LineEnd<'p>,
    /// What may pass.
    pub(super) traffic: &'p Traffic,
}

impl LineOpening<'_> {
    /// Whether all that `inner` opens is surely opened by this.
    pub(super) fn covers(&self, inner: &LineOpening<'_>) -> bool {
        self.half == inner.half
            && self.traffic.contains(inner.traffic)
            && self.sender.covers(&inner.sender)
            && self.receiver.covers(&inner.receiver)
    }
}

/// A line of more pairs of zones than this is found by its applications alone: lists of hundreds of zones
/// on both sides must not cost their product.
const PAIRS: usize = 64;

/// Every opening of a program.
#[derive(Debug)]
pub(super) struct LineOpenings<'p> {
    all: Vec<LineOpening<'p>>,
    of_flow: Vec<Range<usize>>,
    program: &'p Program,
    pairs: FxHashMap<(OpenHalf, PlaceKey<'p>, PlaceKey<'p>), PortLines>,
    broad: FxHashMap<(OpenHalf, PlaceKey<'p>, PlaceKey<'p>), Vec<usize>>,
    /// For the addresses of each external, those that cover them.
    wider: FxHashMap<PlaceKey<'p>, Vec<PlaceKey<'p>>>,
}

impl<'p> LineOpenings<'p> {
    /// What the flows of `program` open.
    pub(super) fn new(program: &'p Program, decisions: &'p Decisions) -> Self {
        let mut openings = Self {
            all: Vec::new(),
            of_flow: Vec::new(),
            program,
            pairs: FxHashMap::default(),
            broad: FxHashMap::default(),
            wider: wider_addresses(program),
        };
        let end = |it| LineEnd::new(program, decisions, it);
        for (flow, line) in program.flows.iter().enumerate() {
            let first = openings.all.len();
            let mut open = |half, sender: &LineEnd<'p>, receiver: &LineEnd<'p>| {
                let (sender, receiver) = (sender.clone(), receiver.clone());
                openings.add(LineOpening { flow, half, sender, receiver, traffic: &line.traffic });
            };
            let (left, right) = (end(&line.left), end(&line.right));
            match line.arrow {
                Arrow::Leaving => open(OpenHalf::Sender, &left, &right),
                Arrow::Entering => open(OpenHalf::Receiver, &right, &left),
                Arrow::Inside | Arrow::Both => {
                    open(OpenHalf::Sender, &left, &right);
                    open(OpenHalf::Receiver, &left, &right);
                    if line.arrow == Arrow::Both {
                        open(OpenHalf::Sender, &right, &left);
                        open(OpenHalf::Receiver, &right, &left);
                    }
                }
            }
            openings.of_flow.push(first..openings.all.len());
        }
        openings.pairs.values_mut().for_each(PortLines::arrange);
        openings
    }

    fn add(&mut self, opening: LineOpening<'p>) {
        let index = self.all.len();
        let (senders, receivers) = (opening.sender.place.keys(), opening.receiver.place.keys());
        if senders.len() * receivers.len() <= PAIRS {
            for sender in &senders {
                for receiver in &receivers {
                    let lines = self.pairs.entry((opening.half, *sender, *receiver)).or_default();
                    if let Some(flow) = self.program.flows.get(opening.flow) {
                        lines.add(flow, index);
                    }
                }
            }
        } else if let (Some(sender), Some(receiver)) = (senders.first(), receivers.first()) {
            let key = (opening.half, without_zone(*sender), without_zone(*receiver));
            self.broad.entry(key).or_default().push(index);
        }
        self.all.push(opening);
    }

    /// All of them, in the order of flows.
    pub(super) fn iter(&self) -> impl Iterator<Item = &LineOpening<'p>> {
        self.all.iter()
    }

    /// Those of the flow with this index.
    pub(super) fn of_flow(&self, flow: usize) -> &[LineOpening<'p>] {
        self.of_flow.get(flow).and_then(|range| self.all.get(range.clone())).unwrap_or_default()
    }

    /// Those of `half` whose places take in all connections from `sender` to `receiver`, whatever their
    /// selectors, and whose traffic may have `part` of that of `flow`, in the order of flows.
    pub(super) fn around(
        &self,
        half: OpenHalf,
        (sender, receiver): (PlaceKey<'p>, PlaceKey<'p>),
        flow: &Flow,
        part: TrafficPart,
    ) -> Vec<&LineOpening<'p>> {
        let mut found: Vec<usize> = Vec::new();
        for sender in self.wider(sender) {
            for receiver in self.wider(receiver) {
                let Some(lines) = self.pairs.get(&(half, sender, receiver)) else { continue };
                match part {
                    TrafficPart::Some => lines.meeting(flow, &mut found),
                    TrafficPart::All => lines.around(flow, &mut found),
                }
            }
        }
        if !self.broad.is_empty() {
            for wide_sender in self.wider(without_zone(sender)) {
                for wide_receiver in self.wider(without_zone(receiver)) {
                    let broad = self.broad.get(&(half, wide_sender, wide_receiver));
                    found.extend(broad.into_iter().flatten().copied().filter(|index| {
                        self.all.get(*index).is_some_and(|it| {
                            has(it.sender.place, sender) && has(it.receiver.place, receiver)
                        })
                    }));
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found.into_iter().filter_map(|index| self.all.get(index)).collect()
    }

    /// `key` and every wider place that a line can name.
    fn wider(&self, key: PlaceKey<'p>) -> Vec<PlaceKey<'p>> {
        match key {
            PlaceKey::Zone(application, zone) => {
                let mut keys = vec![PlaceKey::Zone(None, None)];
                if application.is_some() {
                    keys.push(PlaceKey::Zone(application, None));
                }
                if zone.is_some() {
                    keys.push(PlaceKey::Zone(None, zone));
                }
                if application.is_some() && zone.is_some() {
                    keys.push(key);
                }
                keys
            }
            PlaceKey::Addresses(_) => self.wider.get(&key).cloned().unwrap_or_else(|| vec![key]),
            PlaceKey::Namespace(_) | PlaceKey::Service(..) => vec![key],
        }
    }
}

/// `key` without its zone.
fn without_zone(key: PlaceKey<'_>) -> PlaceKey<'_> {
    match key {
        PlaceKey::Zone(application, _) => PlaceKey::Zone(application, None),
        PlaceKey::Namespace(_) | PlaceKey::Service(..) | PlaceKey::Addresses(_) => key,
    }
}

fn has(place: EndPlace<'_>, key: PlaceKey<'_>) -> bool {
    match key {
        PlaceKey::Zone(application, None) => place.covers(EndPlace::Zones(application, None)),
        PlaceKey::Zone(application, Some(zone)) => {
            place.covers(EndPlace::Zones(application, Some(&[zone])))
        }
        PlaceKey::Namespace(name) => place.covers(EndPlace::Namespace(name)),
        PlaceKey::Service(namespace, name) => place.covers(EndPlace::Service(namespace, name)),
        PlaceKey::Addresses(nets) => place.covers(EndPlace::Addresses(nets)),
    }
}

fn wider_addresses(program: &Program) -> FxHashMap<PlaceKey<'_>, Vec<PlaceKey<'_>>> {
    let mut lists = Vec::new();
    for (_, external) in program.externals.iter() {
        if let ExternalValue::Addresses(nets) = &external.value
            && !lists.contains(&nets.as_slice())
        {
            lists.push(nets.as_slice());
        }
    }
    let around = |inner: &[ipnet::IpNet]| {
        let inner = EndPlace::Addresses(inner);
        let covers = |outer: &&&[ipnet::IpNet]| EndPlace::Addresses(outer).covers(inner);
        lists.iter().filter(covers).map(|outer| PlaceKey::Addresses(outer)).collect()
    };
    lists.iter().map(|inner| (PlaceKey::Addresses(inner), around(inner))).collect()
}
