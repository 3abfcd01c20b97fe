//! Lines that open nothing of their own: the same as another line, or part of one (language reference,
//! section 5 "Same meaning and date twice"). Claims are certain; a line that only several others together
//! make needless is left alone.

use super::openings::{LineOpening, LineOpenings, TrafficPart};
use super::words::{endpoint, team};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::relations::{CONTAINED, CONTAINED_ELSEWHERE, DUPLICATE};
use crate::program::{Flow, Program};
use crate::traffic::Match;

/// How a line relates to another that opens all of it; the least comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Relation {
    Same,
    Within,
    WithinAnothers,
}

/// Duplicate and contained lines, each reported once.
pub(super) fn check(program: &Program, openings: &LineOpenings<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (index, flow) in program.flows.iter().enumerate() {
        let Some((relation, other)) = container(program, openings, index, flow) else { continue };
        if relation == Relation::Same || program.writes(flow.owner) {
            found.push(report(program, relation, flow, other));
        }
    }
    found
}

/// The line that makes `flow` needless, if there is one.
fn container<'p>(
    program: &'p Program,
    openings: &LineOpenings<'p>,
    index: usize,
    flow: &Flow,
) -> Option<(Relation, &'p Flow)> {
    let own = openings.of_flow(index);
    let first = own.first()?;
    let sender = first.sender.place.keys().first().copied()?;
    let receiver = first.receiver.place.keys().first().copied()?;
    let mut best: Option<(Relation, usize, &Flow)> = None;
    for around in openings.around(first.half, (sender, receiver), flow, TrafficPart::All) {
        let Some(other) = program.flows.get(around.flow) else { continue };
        if around.flow == index || !lives_as_long(other, flow) || !may_pass(other, flow) {
            continue;
        }
        let others = openings.of_flow(around.flow);
        if !covers(others, own) {
            continue;
        }
        let relation = if other.owner != flow.owner {
            Relation::WithinAnothers
        } else if other.until == flow.until && covers(own, others) {
            // Of two that are the same, the later one is the one too many.
            if around.flow > index {
                continue;
            }
            Relation::Same
        } else {
            Relation::Within
        };
        if best.is_none_or(|(it, at, _)| (relation, around.flow) < (it, at)) {
            best = Some((relation, around.flow, other));
        }
    }
    best.map(|(relation, _, other)| (relation, other))
}

fn covers(outer: &[LineOpening<'_>], inner: &[LineOpening<'_>]) -> bool {
    inner.iter().all(|inner| outer.iter().any(|outer| outer.covers(inner)))
}

fn lives_as_long(other: &Flow, flow: &Flow) -> bool {
    match (other.until, flow.until) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(other), Some(own)) => other >= own,
    }
}

/// Whether the traffic of `other` may contain that of `flow`: a quick look at its first entry, which
/// spares most lines between the same two zones the comparison of sets.
fn may_pass(other: &Flow, flow: &Flow) -> bool {
    let Some(others) = &other.matches else { return true };
    let Some(first) = flow.matches.as_ref().and_then(|it| it.first()) else { return true };
    others.iter().any(|other| match (other, first) {
        (Match::Ports(a, low, high), Match::Ports(b, port, _)) => {
            a == b && (low..=high).contains(&port)
        }
        (Match::Named(..), Match::Ports(..) | Match::Named(..)) => other == first,
        (
            Match::Protocol(_) | Match::Ports(..) | Match::Named(..) | Match::IcmpType(..),
            Match::Protocol(_) | Match::Ports(..) | Match::Named(..) | Match::IcmpType(..),
        ) => true,
    })
}

fn report(program: &Program, relation: Relation, flow: &Flow, other: &Flow) -> Diagnostic {
    let lasts = match (other.until, flow.until) {
        (None, Some(_)) => ", and has no end",
        (Some(a), Some(b)) if a > b => ", and for longer",
        (Some(_), _) | (None, None) => "",
    };
    match relation {
        Relation::Same => Diagnostic::new(&DUPLICATE, "this flow is already there")
            .label(flow.spans.whole, "the same again")
            .label(other.spans.whole, "here first")
            .help("delete one of the two"),
        Relation::Within => Diagnostic::new(&CONTAINED, "another line opens all of this already")
            .label(flow.spans.whole, "opens nothing of its own")
            .label(other.spans.whole, format!("opens all of it{lasts}"))
            .help("delete the narrower line, or narrow the wider one"),
        Relation::WithinAnothers => {
            let owner = team(program.owner_name(other.owner));
            let side = endpoint(program, &flow.left);
            Diagnostic::new(
                &CONTAINED_ELSEWHERE,
                format!("a line of {owner} opens all of this already"),
            )
            .label(flow.spans.whole, format!("opens nothing more for `{side}`"))
            .label(other.spans.whole, format!("opens all of it{lasts}"))
            .help(format!("delete the line, unless it is to hold when {owner} takes theirs away"))
        }
    }
}
