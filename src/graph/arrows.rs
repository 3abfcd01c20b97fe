//! Arrows from halves: connections pass where both sides are open; what is open on one side only, waits.

use std::collections::{BTreeMap, BTreeSet};

use super::halves::{GraphHalf, Halves};
use super::place::{GraphPlace, NodePlace};
use crate::program::Program;
use crate::reach::Decisions;
use crate::traffic::Traffic;

/// Connections between two places.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ArrowEnds {
    pub(super) from: GraphPlace,
    pub(super) to: GraphPlace,
    /// Whose line is still missing, if one is.
    pub(super) waits: Option<ArrowSide>,
}

/// A side of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ArrowSide {
    /// Who opens connections.
    Sender,
    /// Who accepts them.
    Receiver,
}

/// What passes (or would) between ends, and the lines that say so.
#[derive(Clone, Debug, Default)]
pub(super) struct Carried {
    pub(super) traffic: Traffic,
    pub(super) lines: BTreeSet<usize>,
}

/// The arrows of a program, by their ends.
pub(super) type Arrows = BTreeMap<ArrowEnds, Carried>;

/// All arrows.
pub(super) fn arrows(program: &Program, decisions: &Decisions, halves: &Halves) -> Arrows {
    let mut arrows = Arrows::new();
    for half in &halves.inside {
        if let (Some(from), Some(to)) = (&half.from, &half.to) {
            add(&mut arrows, (from, to, None), &half.traffic, [half.line]);
        }
    }
    let receivers = Index::new(&halves.receivers);
    for sender in &halves.senders {
        for receiver in receivers.near(sender) {
            let traffic = sender.traffic.intersection(&receiver.traffic);
            if traffic.is_nameless() || sender.line.or(receiver.line).is_none() {
                continue;
            }
            let lines = [sender.line, receiver.line];
            if let (Some(from), Some(to)) = (
                common(sender.from.as_ref(), receiver.from.as_ref(), program, decisions),
                common(sender.to.as_ref(), receiver.to.as_ref(), program, decisions),
            ) {
                add(&mut arrows, (&from, &to, None), &traffic, lines);
            }
        }
    }
    let mut arrows = widest(arrows, decisions);
    let senders = Index::new(&halves.senders);
    for sender in &halves.senders {
        wait(&mut arrows, (program, decisions), halves, sender, ArrowSide::Receiver, &receivers);
    }
    for receiver in &halves.receivers {
        wait(&mut arrows, (program, decisions), halves, receiver, ArrowSide::Sender, &senders);
    }
    arrows
}

fn add(
    arrows: &mut Arrows,
    (from, to, waits): (&GraphPlace, &GraphPlace, Option<ArrowSide>),
    traffic: &Traffic,
    lines: impl IntoIterator<Item = Option<usize>>,
) {
    let ends = ArrowEnds { from: from.clone(), to: to.clone(), waits };
    let carried = arrows.entry(ends).or_default();
    carried.traffic = carried.traffic.union(traffic);
    carried.lines.extend(lines.into_iter().flatten());
}

fn common(
    a: Option<&GraphPlace>,
    b: Option<&GraphPlace>,
    program: &Program,
    decisions: &Decisions,
) -> Option<GraphPlace> {
    match (a, b) {
        (Some(a), Some(b)) => a.meet(b, program, decisions),
        (a, b) => a.or(b).cloned(),
    }
}

/// Without the arrows that a wider one says already.
fn widest(arrows: Arrows, decisions: &Decisions) -> Arrows {
    let mut by_spots: BTreeMap<(NodePlace, NodePlace), Vec<(&ArrowEnds, &Carried)>> =
        BTreeMap::new();
    for (ends, carried) in &arrows {
        by_spots.entry((ends.from.node, ends.to.node)).or_default().push((ends, carried));
    }
    let is_said = |ends: &ArrowEnds, carried: &Carried| {
        let (froms, tos) = (ends.from.node.wider(), ends.to.node.wider());
        let mut wider = froms.iter().flat_map(|from| tos.iter().map(|to| (*from, *to)));
        wider.any(|nodes| {
            !decisions.are_over()
                && by_spots.get(&nodes).into_iter().flatten().any(|(outer, by)| {
                    *outer != ends
                    && by.traffic.contains(&carried.traffic)
                    && outer.from.covers(&ends.from, decisions)
                    && outer.to.covers(&ends.to, decisions)
                    // Of two that say the same in other words, the first stays.
                    && (*outer < ends
                        || !ends.from.covers(&outer.from, decisions)
                        || !ends.to.covers(&outer.to, decisions))
                })
        })
    };
    let covered: BTreeSet<ArrowEnds> = arrows
        .iter()
        .filter(|(ends, carried)| is_said(ends, carried))
        .map(|(ends, _)| ends.clone())
        .collect();
    arrows.into_iter().filter(|(ends, _)| !covered.contains(ends)).collect()
}

/// Adds what of a line's half no half of the other `side` takes.
fn wait(
    arrows: &mut Arrows,
    (program, decisions): (&Program, &Decisions),
    halves: &Halves,
    half: &GraphHalf,
    side: ArrowSide,
    others: &Index<'_>,
) {
    let (Some(_), Some(from), Some(to)) = (half.line, &half.from, &half.to) else { return };
    let near = others.near(half);
    let takes = |other: &GraphHalf, from: &GraphPlace, to: &GraphPlace| {
        let covers = |outer: &Option<GraphPlace>, inner: &GraphPlace| {
            outer.as_ref().is_none_or(|outer| inner.node.wider().contains(&outer.node))
        };
        let meets = |outer: &Option<GraphPlace>, inner: &GraphPlace| {
            outer.as_ref().is_none_or(|outer| outer.meet(inner, program, decisions).is_some())
        };
        let whole = covers(&other.from, from) && covers(&other.to, to) && other.whole;
        (meets(&other.from, from) && meets(&other.to, to)).then_some(whole)
    };
    let left = |from: &GraphPlace, to: &GraphPlace| {
        let (mut left, mut partly) = (half.traffic.clone(), false);
        for other in &near {
            if other.traffic.intersection(&half.traffic).is_empty() {
                continue;
            }
            match takes(other, from, to) {
                Some(true) => left = left.difference(&other.traffic),
                Some(false) => partly = true,
                None => {}
            }
        }
        (left, partly)
    };
    let mut add = |from: &GraphPlace, to: &GraphPlace, left: &Traffic| {
        let rest = if *left == half.traffic { left.clone() } else { left.nameable() };
        if !rest.is_empty() {
            self::add(arrows, (from, to, Some(side)), &rest, [half.line]);
        }
    };
    let (rest, partly) = left(from, to);
    if !partly {
        add(from, to, &rest);
        return;
    }
    for from in parts(halves, from) {
        for to in parts(halves, to) {
            add(&from, &to, &left(&from, &to).0);
        }
    }
}

/// The declared zones of a landing zone; any other place as it is: everyone leaves most of an offer to all alone.
fn parts(halves: &Halves, place: &GraphPlace) -> Vec<GraphPlace> {
    let NodePlace::Whole(application) = place.node else { return vec![place.clone()] };
    let zones = halves.declared.keys().filter(|it| it.application() == Some(application));
    zones.map(|node| GraphPlace { node: *node, pods: place.pods.clone() }).collect()
}

/// Halves by the landing zones or externals at their two ends.
struct Index<'a> {
    by: BTreeMap<(ArrowOwner, ArrowOwner), Vec<&'a GraphHalf>>,
}

/// The landing zone of a node, or the external.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum ArrowOwner {
    /// Any, or every landing zone.
    Any,
    /// A landing zone, by its index.
    Of(usize),
    /// An external: few enough to be one.
    Outside,
}

fn arrow_owner(place: Option<&GraphPlace>) -> ArrowOwner {
    match place.map(|it| it.node) {
        None | Some(NodePlace::Everyone | NodePlace::EveryZone(_)) => ArrowOwner::Any,
        Some(NodePlace::External(_)) => ArrowOwner::Outside,
        Some(NodePlace::Whole(id) | NodePlace::Zone(id, _)) => ArrowOwner::Of(id.index()),
    }
}

impl<'a> Index<'a> {
    fn new(halves: &'a [GraphHalf]) -> Self {
        let mut by: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for half in halves {
            by.entry((arrow_owner(half.from.as_ref()), arrow_owner(half.to.as_ref())))
                .or_default()
                .push(half);
        }
        Self { by }
    }

    /// Those that may have something in common with `half`, in no order that matters.
    fn near(&self, half: &GraphHalf) -> Vec<&'a GraphHalf> {
        let (from, to) = (arrow_owner(half.from.as_ref()), arrow_owner(half.to.as_ref()));
        let meets =
            |a: ArrowOwner, b: ArrowOwner| a == b || a == ArrowOwner::Any || b == ArrowOwner::Any;
        if from == ArrowOwner::Any || to == ArrowOwner::Any {
            let near = self.by.iter().filter(|((a, b), _)| meets(*a, from) && meets(*b, to));
            return near.flat_map(|(_, halves)| halves.iter().copied()).collect();
        }
        let keys = [
            (from, to),
            (from, ArrowOwner::Any),
            (ArrowOwner::Any, to),
            (ArrowOwner::Any, ArrowOwner::Any),
        ];
        keys.iter().filter_map(|key| self.by.get(key)).flatten().copied().collect()
    }
}
