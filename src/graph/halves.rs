//! What opens each side of connections: crossing lines one side each, and places that nothing closes their own.

use std::collections::{BTreeMap, BTreeSet};

use super::place::{GraphPlace, NodePlace};
use crate::program::{Arrow, Closed, ExternalValue, Flow, Program};
use crate::traffic::Traffic;

/// One side of some connections, open.
#[derive(Debug)]
pub(super) struct GraphHalf {
    /// Who opens the connection; `None` for anyone.
    pub(super) from: Option<GraphPlace>,
    /// Who accepts it; `None` for anyone.
    pub(super) to: Option<GraphPlace>,
    /// What may pass.
    pub(super) traffic: Traffic,
    /// The line, as an index into `Program::flows`; `None` where nothing closes the place.
    pub(super) line: Option<usize>,
    /// Whether it holds for all of the place, and not only for some of its namespaces.
    pub(super) whole: bool,
}

/// All that is open on one side.
#[derive(Debug, Default)]
pub(super) struct Halves {
    /// Lines inside a landing zone open both sides, each to the other.
    pub(super) inside: Vec<GraphHalf>,
    /// What may leave.
    pub(super) senders: Vec<GraphHalf>,
    /// What may arrive.
    pub(super) receivers: Vec<GraphHalf>,
    /// The declared zones and externals, and how much of each is closed.
    pub(super) declared: BTreeMap<NodePlace, Closed>,
    /// The landing zones that nothing closes.
    unclosed: BTreeSet<NodePlace>,
}

impl Halves {
    /// What is open in `program`.
    pub(super) fn new(program: &Program) -> Self {
        let mut halves = Self::default();
        for (index, flow) in program.flows.iter().enumerate() {
            halves.add(flow, index);
        }
        let mut zones: BTreeMap<NodePlace, (usize, usize)> = BTreeMap::new();
        for (_, namespace) in program.namespaces.iter() {
            let Some(application) = namespace.application else { continue };
            let counts = zones.entry(NodePlace::Zone(application, namespace.zone)).or_default();
            counts.0 += usize::from(!program.is_isolated(namespace));
            counts.1 += 1;
        }
        let mut unclosed: BTreeMap<NodePlace, bool> = BTreeMap::new();
        for (node, (open, all)) in &zones {
            if let Some(application) = node.application() {
                *unclosed.entry(NodePlace::Whole(application)).or_insert(true) &= open == all;
            }
        }
        for (node, _) in unclosed.into_iter().filter(|(_, unclosed)| *unclosed) {
            halves.unclosed.insert(node);
            halves.leave_open(node, true);
        }
        for (node, (open, all)) in zones {
            let closed = match open {
                0 => Closed::All,
                _ if open < all => Closed::Some,
                _ => Closed::None,
            };
            halves.declare(node, closed);
        }
        for (id, external) in program.externals.iter() {
            let closed = match &external.value {
                ExternalValue::Addresses(_) | ExternalValue::Service { .. } => false,
                ExternalValue::Namespace { name, .. } => program.isolates_outside(name),
            };
            let closed = if closed { Closed::All } else { Closed::None };
            halves.declare(NodePlace::External(id), closed);
        }
        halves
    }

    fn add(&mut self, flow: &Flow, index: usize) {
        let sides = match flow.arrow {
            Arrow::Entering => (&flow.right, &flow.left),
            Arrow::Inside | Arrow::Both | Arrow::Leaving => (&flow.left, &flow.right),
        };
        for from in GraphPlace::of(sides.0) {
            for to in GraphPlace::of(sides.1) {
                let half = |from: &GraphPlace, to: &GraphPlace| GraphHalf {
                    from: Some(from.clone()),
                    to: Some(to.clone()),
                    traffic: flow.traffic.clone(),
                    line: Some(index),
                    whole: true,
                };
                match flow.arrow {
                    Arrow::Leaving => self.senders.push(half(&from, &to)),
                    Arrow::Entering => self.receivers.push(half(&from, &to)),
                    Arrow::Inside => self.inside.push(half(&from, &to)),
                    Arrow::Both => self.inside.extend([half(&from, &to), half(&to, &from)]),
                }
            }
        }
    }

    /// How much of a place is closed; `*.*` and `*.z` have no answer of their own.
    pub(super) fn closed(&self, node: NodePlace) -> Closed {
        let whole = if self.unclosed.contains(&node) { Closed::None } else { Closed::All };
        self.declared.get(&node).copied().unwrap_or(whole)
    }

    /// Whether the landing zone that a place is in is closed by nothing, in all of its zones.
    pub(super) fn in_unclosed(&self, node: NodePlace) -> bool {
        node.application().is_some_and(|it| self.unclosed.contains(&NodePlace::Whole(it)))
    }

    fn declare(&mut self, node: NodePlace, closed: Closed) {
        self.declared.insert(node, closed);
        // Of a landing zone that nothing closes, all is said at once.
        if closed != Closed::All && !self.in_unclosed(node) {
            self.leave_open(node, closed == Closed::None);
        }
    }

    fn leave_open(&mut self, node: NodePlace, whole: bool) {
        let place = Some(GraphPlace { node, pods: None });
        let half = |from, to| GraphHalf { from, to, traffic: Traffic::full(), line: None, whole };
        self.senders.push(half(place.clone(), None));
        self.receivers.push(half(None, place));
    }
}
