//! What each flow opens, one side at a time, and an index to find the lines that open a given place: a
//! line is looked up by the zones it names, never compared with every other line.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::places::{End, Key, Spot};
use super::ports::Lines;
use crate::program::{ExternalValue, Flow, Program};
use crate::syntax::tree::Arrow;
use crate::traffic::Traffic;

/// The side of a connection that is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Half {
    /// It may leave the sender.
    Sender,
    /// It may reach the receiver.
    Receiver,
}

impl Half {
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
pub(super) enum Part {
    /// Something of it.
    Some,
    /// All of it.
    All,
}

/// One side of some connections, opened by one flow.
#[derive(Clone, Debug)]
pub(super) struct Opening<'p> {
    /// The flow, as an index into `Program::flows`.
    pub(super) flow: usize,
    /// Which side.
    pub(super) half: Half,
    /// Who opens the connection.
    pub(super) sender: End<'p>,
    /// Who accepts it.
    pub(super) receiver: End<'p>,
    /// What may pass.
    pub(super) traffic: &'p Traffic,
}

impl Opening<'_> {
    /// Whether all that `inner` opens is surely opened by this.
    pub(super) fn covers(&self, inner: &Opening<'_>) -> bool {
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
pub(super) struct Openings<'p> {
    all: Vec<Opening<'p>>,
    of_flow: Vec<Range<usize>>,
    program: &'p Program,
    pairs: FxHashMap<(Half, Key<'p>, Key<'p>), Lines>,
    broad: FxHashMap<(Half, Key<'p>, Key<'p>), Vec<usize>>,
    /// For the addresses of each external, those that cover them.
    wider: FxHashMap<Key<'p>, Vec<Key<'p>>>,
}

impl<'p> Openings<'p> {
    /// What the flows of `program` open.
    pub(super) fn new(program: &'p Program) -> Self {
        let mut openings = Self {
            all: Vec::new(),
            of_flow: Vec::new(),
            program,
            pairs: FxHashMap::default(),
            broad: FxHashMap::default(),
            wider: wider_addresses(program),
        };
        for (flow, line) in program.flows.iter().enumerate() {
            let first = openings.all.len();
            let mut open = |half, sender: &End<'p>, receiver: &End<'p>| {
                let (sender, receiver) = (sender.clone(), receiver.clone());
                openings.add(Opening { flow, half, sender, receiver, traffic: &line.traffic });
            };
            let (left, right) = (End::new(program, &line.left), End::new(program, &line.right));
            match line.arrow {
                Arrow::Leaving => open(Half::Sender, &left, &right),
                Arrow::Entering => open(Half::Receiver, &right, &left),
                Arrow::Inside | Arrow::Both => {
                    open(Half::Sender, &left, &right);
                    open(Half::Receiver, &left, &right);
                    if line.arrow == Arrow::Both {
                        open(Half::Sender, &right, &left);
                        open(Half::Receiver, &right, &left);
                    }
                }
            }
            openings.of_flow.push(first..openings.all.len());
        }
        openings.pairs.values_mut().for_each(Lines::arrange);
        openings
    }

    fn add(&mut self, opening: Opening<'p>) {
        let index = self.all.len();
        let (senders, receivers) = (opening.sender.spot.keys(), opening.receiver.spot.keys());
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
            let key = (opening.half, party(*sender), party(*receiver));
            self.broad.entry(key).or_default().push(index);
        }
        self.all.push(opening);
    }

    /// All of them, in the order of flows.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Opening<'p>> {
        self.all.iter()
    }

    /// Those of the flow with this index.
    pub(super) fn of_flow(&self, flow: usize) -> &[Opening<'p>] {
        self.of_flow.get(flow).and_then(|range| self.all.get(range.clone())).unwrap_or_default()
    }

    /// Those of `half` whose places take in all connections from `sender` to `receiver`, whatever their
    /// selectors, and whose traffic may have `part` of that of `flow`, in the order of flows.
    pub(super) fn around(
        &self,
        half: Half,
        (sender, receiver): (Key<'p>, Key<'p>),
        flow: &Flow,
        part: Part,
    ) -> Vec<&Opening<'p>> {
        let mut found: Vec<usize> = Vec::new();
        for sender in self.wider(sender) {
            for receiver in self.wider(receiver) {
                let Some(lines) = self.pairs.get(&(half, sender, receiver)) else { continue };
                match part {
                    Part::Some => lines.meeting(flow, &mut found),
                    Part::All => lines.around(flow, &mut found),
                }
            }
        }
        if !self.broad.is_empty() {
            for wide_sender in self.wider(party(sender)) {
                for wide_receiver in self.wider(party(receiver)) {
                    let broad = self.broad.get(&(half, wide_sender, wide_receiver));
                    found.extend(broad.into_iter().flatten().copied().filter(|index| {
                        self.all.get(*index).is_some_and(|it| {
                            has(it.sender.spot, sender) && has(it.receiver.spot, receiver)
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
    fn wider(&self, key: Key<'p>) -> Vec<Key<'p>> {
        match key {
            Key::Zone(application, zone) => {
                let mut keys = vec![Key::Zone(None, None)];
                if application.is_some() {
                    keys.push(Key::Zone(application, None));
                }
                if zone.is_some() {
                    keys.push(Key::Zone(None, zone));
                }
                if application.is_some() && zone.is_some() {
                    keys.push(key);
                }
                keys
            }
            Key::Addresses(_) => self.wider.get(&key).cloned().unwrap_or_else(|| vec![key]),
            Key::Namespace(_) | Key::Service(..) => vec![key],
        }
    }
}

/// `key` without its zone.
fn party(key: Key<'_>) -> Key<'_> {
    match key {
        Key::Zone(application, _) => Key::Zone(application, None),
        Key::Namespace(_) | Key::Service(..) | Key::Addresses(_) => key,
    }
}

fn has(spot: Spot<'_>, key: Key<'_>) -> bool {
    match key {
        Key::Zone(application, None) => spot.covers(Spot::Zones(application, None)),
        Key::Zone(application, Some(zone)) => spot.covers(Spot::Zones(application, Some(&[zone]))),
        Key::Namespace(name) => spot.covers(Spot::Namespace(name)),
        Key::Service(namespace, name) => spot.covers(Spot::Service(namespace, name)),
        Key::Addresses(nets) => spot.covers(Spot::Addresses(nets)),
    }
}

fn wider_addresses(program: &Program) -> FxHashMap<Key<'_>, Vec<Key<'_>>> {
    let mut lists = Vec::new();
    for (_, external) in program.externals.iter() {
        if let ExternalValue::Addresses(nets) = &external.value
            && !lists.contains(&nets.as_slice())
        {
            lists.push(nets.as_slice());
        }
    }
    let around = |inner: &[ipnet::IpNet]| {
        let inner = Spot::Addresses(inner);
        let covers = |outer: &&&[ipnet::IpNet]| Spot::Addresses(outer).covers(inner);
        lists.iter().filter(covers).map(|outer| Key::Addresses(outer)).collect()
    };
    lists.iter().map(|inner| (Key::Addresses(inner), around(inner))).collect()
}
