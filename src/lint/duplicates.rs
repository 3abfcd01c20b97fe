//! Lines that open nothing of their own: the same as another line, or part of one (language reference,
//! section 5 "Same meaning and date twice"). Claims are certain; a line that only several others together
//! make needless is left alone.

use super::lines::{LineWay, Lines};
use super::words::team;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::relations::{CONTAINED, CONTAINED_ELSEWHERE, DUPLICATE};
use crate::program::{Flow, Program};
use crate::reach::Diagram;
use crate::traffic::Match;

/// How a line relates to another that opens all of it; the least comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Relation {
    Same,
    Within,
    WithinAnothers,
}

/// Duplicate and contained lines, each reported once.
pub(super) fn check(lines: &mut Lines<'_>) -> Vec<Diagnostic> {
    let program = lines.program;
    let mut found = Vec::new();
    for (index, flow) in program.flows.iter().enumerate() {
        let Some((relation, other)) = container(lines, index, flow) else { continue };
        if relation == Relation::Same || program.writes(flow.owner) {
            found.push(report(program, relation, flow, other));
        }
    }
    found
}

/// The line that makes `flow` needless, if there is one.
fn container<'p>(lines: &mut Lines<'p>, index: usize, flow: &Flow) -> Option<(Relation, &'p Flow)> {
    let program = lines.program;
    let first = lines.of_flow(index).first()?.clone();
    if first.set == Diagram::EMPTY {
        return None;
    }
    let end = *first.opened.first()?;
    let sample = lines.sets.sample(first.set);
    let mut best: Option<(Relation, usize, &Flow)> = None;
    for at in lines.around(end, &first, flow) {
        let Some(other) = program.flows.get(at) else { continue };
        if at == index || !lives_as_long(other, flow) || !may_pass(other, flow) {
            continue;
        }
        // One connection of the line spares most others the comparison of sets.
        let has_sample = |it: &LineWay<'_>| lines.sets.has(it.set, &sample);
        if !lines.of_flow(at).iter().any(has_sample) || !covers(lines, at, index) {
            continue;
        }
        let relation = if other.owner != flow.owner {
            Relation::WithinAnothers
        } else if other.until == flow.until && covers(lines, index, at) {
            // Of two that are the same, the later one is the one too many.
            if at > index {
                continue;
            }
            Relation::Same
        } else {
            Relation::Within
        };
        if best.is_none_or(|(it, first, _)| (relation, at) < (it, first)) {
            best = Some((relation, at, other));
        }
    }
    best.map(|(relation, _, other)| (relation, other))
}

/// Whether the flow `outer` opens all that the flow `inner` does: each way of it at each end.
fn covers(lines: &mut Lines<'_>, outer: usize, inner: usize) -> bool {
    let [outer, inner] = [outer, inner].map(|it| lines.of_flow(it).to_vec());
    inner.iter().all(|inner| {
        inner.opened.iter().all(|end| {
            outer.iter().any(|outer| {
                let same = outer.opened.contains(end) && outer.view == inner.view;
                same && lines.is_within(inner.set, outer.set)
            })
        })
    })
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
            let side = flow.left.text(program);
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
