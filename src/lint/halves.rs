//! Crossings and their other half (language reference, section 5 "Halves"). All lines of a side count
//! together. A side with `*` for its application is an offer to whoever takes it, and judged by its traffic
//! alone: everyone leaves most of such an offer alone, and that is no flaw.

use std::collections::BTreeMap;

use super::classes::Class;
use super::lines::{LineWay, Lines};
use super::words;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::relations::{HALF_ELSEWHERE, HALF_OPEN, PARTLY_TAKEN};
use crate::program::{Arrow, ExternalValue, Flow, Owner, Place, Program};
use crate::reach::of_program::WayEnd;
use crate::reach::{Diagram, TooMany};

/// So many places are listed; the rest is counted.
const LISTED: usize = 4;

/// How much of a crossing its other side takes.
#[derive(Debug, Default)]
struct TakenTraffic {
    /// Whether anything is taken.
    some: bool,
    /// Traffic that no line takes, with the two places where they are only some of several.
    unused: Vec<(Option<String>, Diagram)>,
    /// Whether certainly not everything is taken.
    partly: bool,
}

/// What is known of the other half of a crossing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OtherHalf {
    /// Lines of the other side take all of it.
    There,
    /// Lines of the other side take a part of it.
    Partly,
    /// No line of the other side takes any of it.
    Missing,
    /// Nothing closes the other side to it.
    NotNeeded,
    /// It is for an owner to write whose files are not here.
    Elsewhere,
}

/// The other half of each crossing of `program`, by the index of its line. That of a program with errors may be told
/// otherwise once its lines can be read.
///
/// # Errors
/// Where selectors combine in too many ways to tell.
pub fn other_halves(program: &Program) -> Result<BTreeMap<usize, OtherHalf>, TooMany> {
    Lines::over(program, |mut lines| {
        let crossings = crossings(program);
        crossings.map(|(index, flow)| (index, judge(&mut lines, index, flow).other)).collect()
    })
}

fn crossings(program: &Program) -> impl Iterator<Item = (usize, &Flow)> {
    let flows = program.flows.iter().enumerate();
    flows.filter(|(_, flow)| matches!(flow.arrow, Arrow::Leaving | Arrow::Entering))
}

/// A crossing and its other half.
struct JudgedHalf {
    /// Who must write the other half, if anybody.
    owner: Option<Owner>,
    other: OtherHalf,
    taken: TakenTraffic,
}

/// Crossings whose other half is missing, or is known to be smaller.
pub(super) fn check(lines: &mut Lines<'_>) -> Vec<Diagnostic> {
    let program = lines.program;
    crossings(program)
        .filter(|(_, flow)| program.writes(flow.owner))
        .filter_map(|(index, flow)| {
            let judged = judge(lines, index, flow);
            report(lines, flow, &judged)
        })
        .collect()
}

fn judge(lines: &mut Lines<'_>, index: usize, flow: &Flow) -> JudgedHalf {
    let program = lines.program;
    let not_needed =
        JudgedHalf { owner: None, other: OtherHalf::NotNeeded, taken: TakenTraffic::default() };
    let Some(owner) = needed_from(lines, flow) else { return not_needed };
    let Some(own) = lines.of_flow(index).first().cloned() else { return not_needed };
    let taken = taken(lines, &own);
    // Not only the platform takes what is offered to everyone.
    let elsewhere =
        lines.classes(&flow.right, false).into_iter().any(|it| is_elsewhere(program, it));
    let elsewhere = elsewhere || owner == Owner::Platform && !program.platform;
    let other = match taken {
        TakenTraffic { partly: false, some: true, .. } => OtherHalf::There,
        // Its own side is all exempt, so that no place is left to be compared.
        TakenTraffic { partly: false, .. } if offered(lines, &own).some => OtherHalf::There,
        _ if elsewhere => OtherHalf::Elsewhere,
        TakenTraffic { some: true, .. } => OtherHalf::Partly,
        TakenTraffic { some: false, .. } => OtherHalf::Missing,
    };
    JudgedHalf { owner: Some(owner), other, taken }
}

/// Who must write the other half of `flow`; `None` where there is none to write.
fn needed_from(lines: &Lines<'_>, flow: &Flow) -> Option<Owner> {
    let (program, declared) = (lines.program, &lines.declared);
    let owner = match (&flow.right.place, &flow.left.place) {
        (
            Place::Zones { application: Some(application), .. },
            Place::Zones { application: Some(_), .. } | Place::External(_),
        ) => Owner::Application(*application),
        (Place::Zones { .. } | Place::External(_), Place::Zones { .. } | Place::External(_)) => {
            Owner::Platform
        }
    };
    match &flow.right.place {
        place @ Place::External(_) => match place.external(program) {
            Some(ExternalValue::Namespace { name, .. }) if program.isolates_outside(name) => {}
            Some(
                ExternalValue::Namespace { .. }
                | ExternalValue::Addresses(_)
                | ExternalValue::Service { .. },
            )
            | None => return None,
        },
        Place::Zones { .. } => {
            let classes = lines.classes(&flow.right, false);
            if !classes.is_empty() && !classes.iter().any(|it| declared.is_open(*it)) {
                return None;
            }
            // What nothing closes takes its part without a line, unless another project may close it.
            let open = |class| match owner {
                Owner::Platform => declared.is_unclosed(class),
                Owner::Application(id) => {
                    program.applications.get(id).is_some_and(|it| !program.isolates(it))
                }
            };
            if classes.into_iter().any(|it| open(it) && !is_elsewhere(program, it)) {
                return None;
            }
        }
    }
    Some(owner)
}

/// Whether the flow files of the landing zone that the place is in are in another project.
fn is_elsewhere(program: &Program, class: Class) -> bool {
    let application = class.application().and_then(|id| program.applications.get(id));
    application.is_some_and(|it| it.elsewhere)
}

/// What the other side takes of the crossing `own`.
fn taken<'p>(lines: &mut Lines<'p>, own: &LineWay<'p>) -> TakenTraffic {
    if [own.sender, own.receiver].into_iter().any(|it| it.place.is_any_application()) {
        return offered(lines, own);
    }
    let end = other_end(own);
    let all = lines.declared(own, true);
    let open = lines.open_at(end, own, all);
    let mut taken = TakenTraffic { some: open != Diagram::EMPTY, ..TakenTraffic::default() };
    if is_nameless(lines, all, open) {
        return taken;
    }
    let [senders, receivers] = [own.sender, own.receiver].map(|it| lines.classes(it, true));
    let several = senders.len() * receivers.len() > 1;
    for sender in &senders {
        let from = lines.at_class(own.view, WayEnd::Sender, *sender);
        for receiver in &receivers {
            let to = lines.at_class(own.view, WayEnd::Receiver, *receiver);
            let between = lines.sets.diagrams.intersection(from, to);
            let [all, open] = [all, open].map(|it| lines.sets.diagrams.intersection(it, between));
            if is_nameless(lines, all, open) {
                continue;
            }
            taken.partly = true;
            let [passing, some] = [all, open].map(|it| lines.sets.traffic_of(it));
            if !is_nameless(lines, passing, some) {
                let unused = lines.sets.diagrams.difference(passing, some);
                let place = several.then(|| {
                    let program = lines.program;
                    let sender = words::part(program, own.sender, *sender);
                    format!("{sender} to {}", words::part(program, own.receiver, *receiver))
                });
                taken.unused.push((place, unused));
            }
        }
    }
    taken
}

/// What anyone takes of an offer to everyone.
fn offered(lines: &mut Lines<'_>, own: &LineWay<'_>) -> TakenTraffic {
    let open = lines.open_at(other_end(own), own, own.set);
    let [passing, some] = [own.set, open].map(|it| lines.sets.traffic_of(it));
    let mut taken = TakenTraffic { some: open != Diagram::EMPTY, ..TakenTraffic::default() };
    if !is_nameless(lines, passing, some) {
        taken.partly = true;
        taken.unused.push((None, lines.sets.diagrams.difference(passing, some)));
    }
    taken
}

/// The end that a crossing does not open.
fn other_end(own: &LineWay<'_>) -> WayEnd {
    own.opened.first().map_or(WayEnd::Receiver, |it| it.other())
}

/// Whether a line could name nothing of what is in `all` and not in `open`.
fn is_nameless(lines: &mut Lines<'_>, all: Diagram, open: Diagram) -> bool {
    let left = lines.sets.diagrams.difference(all, open);
    lines.sets.diagrams.intersection(left, lines.nameable) == Diagram::EMPTY
}

fn report(lines: &mut Lines<'_>, flow: &Flow, judged: &JudgedHalf) -> Option<Diagnostic> {
    let program = lines.program;
    let owner = judged.owner?;
    let name = program.owner_name(owner);
    let line = words::other_half(program, flow);
    let does = match flow.arrow {
        Arrow::Entering => "opens",
        Arrow::Leaving | Arrow::Inside | Arrow::Both => "accepts",
    };
    if !judged.taken.partly {
        return None;
    }
    match judged.other {
        OtherHalf::There | OtherHalf::NotNeeded => return None,
        // A project without the platform knows nothing of what the platform writes.
        OtherHalf::Elsewhere if owner == Owner::Platform => return None,
        OtherHalf::Elsewhere => {
            return Some(
                Diagnostic::new(
                    &HALF_ELSEWHERE,
                    format!("the other half of this crossing is for {name} to write"),
                )
                .label(flow.spans.whole, "opens this side")
                .label(flow.spans.right, format!("no flow file of {name} is here"))
                .help(format!("their files must have the line\n{line}")),
            );
        }
        OtherHalf::Missing => {
            return Some(
                Diagnostic::new(
                    &HALF_OPEN,
                    format!("this crossing is half open: no line of the other side {does} it"),
                )
                .label(flow.spans.whole, "opens this side only, so no packet passes")
                .help(format!("ask {} for the line\n{line}", words::team(name))),
            );
        }
        OtherHalf::Partly => {}
    }
    let unused: Vec<_> = judged
        .taken
        .unused
        .iter()
        .map(|(place, traffic)| match (place, lines.traffic(*traffic)) {
            (Some(place), traffic) => format!("{place} : {traffic}"),
            (None, traffic) => traffic.to_string(),
        })
        .collect();
    let place = flow.spans.traffic.unwrap_or(flow.spans.whole);
    let diagnostic = Diagnostic::new(
        &PARTLY_TAKEN,
        format!("the other side {does} a part of this crossing only"),
    );
    Some(if unused.is_empty() {
        diagnostic
            .label(flow.spans.right, "some of these pods have no line on the other side")
            .help(format!("narrow this line, or ask {} for the line\n{line}", words::team(name)))
    } else {
        let hidden = unused.len().saturating_sub(LISTED);
        let more = (hidden > 0).then(|| format!("and {hidden} more"));
        let listed: Vec<_> = unused.into_iter().take(LISTED).chain(more).collect();
        let listed = listed.join("\n");
        diagnostic
            .label(place, "wider than its other half")
            .help(format!("not used:\n{listed}"))
            .help(format!("narrow this line, or ask {} for the line\n{line}", words::team(name)))
    })
}
