//! Crossings and their other half (language reference, section 5 "Halves"). All lines of a side count
//! together. A side with `*` for its application is an offer to whoever takes it, and judged by its traffic
//! alone: everyone leaves most of such an offer alone, and that is no flaw.

use std::collections::BTreeMap;

use super::declared::{Class, DeclaredClasses};
use super::openings::{LineOpening, LineOpenings, TrafficPart};
use super::places::{EndPlace, LineEnd, PlaceKey};
use super::words;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::relations::{HALF_ELSEWHERE, HALF_OPEN, PARTLY_TAKEN};
use crate::program::{Flow, Owner, Place, Program};
use crate::reach::Decisions;
use crate::selector::{Selector, TooMany};
use crate::syntax::tree::Arrow;
use crate::traffic::Traffic;

/// So many places are listed; the rest is counted.
const LISTED: usize = 4;

/// How much of a crossing its other side takes.
#[derive(Debug, Default)]
struct TakenTraffic {
    /// Whether anything is taken.
    some: bool,
    /// What no line takes, with the other side's place where that is only one of several.
    unused: Vec<(Option<String>, Traffic)>,
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
    let decisions = Decisions::about(program);
    let openings = LineOpenings::new(program, &decisions);
    let declared = DeclaredClasses::new(program);
    let judged = crossings(program).filter_map(|(index, flow)| {
        Some((index, judge(program, &declared, &openings, (index, flow))?.other))
    });
    let judged = judged.collect();
    decisions.all_made()?;
    Ok(judged)
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
pub(super) fn check(program: &Program, openings: &LineOpenings<'_>) -> Vec<Diagnostic> {
    let declared = DeclaredClasses::new(program);
    crossings(program)
        .filter(|(_, flow)| program.writes(flow.owner))
        .filter_map(|(index, flow)| {
            let judged = judge(program, &declared, openings, (index, flow))?;
            report(program, flow, &judged)
        })
        .collect()
}

fn judge(
    program: &Program,
    declared: &DeclaredClasses,
    openings: &LineOpenings<'_>,
    (index, flow): (usize, &Flow),
) -> Option<JudgedHalf> {
    let Some(owner) = needed_from(program, declared, flow) else {
        return Some(JudgedHalf {
            owner: None,
            other: OtherHalf::NotNeeded,
            taken: TakenTraffic::default(),
        });
    };
    let own = openings.of_flow(index).first()?;
    let taken = taken(program, declared, openings, flow, own);
    let elsewhere = match EndPlace::new(program, &flow.right) {
        // Not only the platform takes what is offered to everyone.
        EndPlace::Zones(application, zones) => {
            declared.classes(application, zones).any(|it| is_elsewhere(program, it))
        }
        EndPlace::Namespace(_) | EndPlace::Service(..) | EndPlace::Addresses(_) => false,
    };
    let elsewhere = elsewhere || owner == Owner::Platform && !program.platform;
    let other = match taken {
        TakenTraffic { partly: false, some: true, .. } => OtherHalf::There,
        // Its own side is all exempt, so that no place is left to be compared.
        TakenTraffic { partly: false, .. } if offered(openings, own).some => OtherHalf::There,
        _ if elsewhere => OtherHalf::Elsewhere,
        TakenTraffic { some: true, .. } => OtherHalf::Partly,
        TakenTraffic { some: false, .. } => OtherHalf::Missing,
    };
    Some(JudgedHalf { owner: Some(owner), other, taken })
}

/// Who must write the other half of `flow`; `None` where there is none to write.
fn needed_from(program: &Program, declared: &DeclaredClasses, flow: &Flow) -> Option<Owner> {
    let owner = match (&flow.right.place, &flow.left.place) {
        (
            Place::Zones { application: Some(application), .. },
            Place::Zones { application: Some(_), .. } | Place::External(_),
        ) => Owner::Application(*application),
        (Place::Zones { .. } | Place::External(_), Place::Zones { .. } | Place::External(_)) => {
            Owner::Platform
        }
    };
    match EndPlace::new(program, &flow.right) {
        EndPlace::Addresses(_) | EndPlace::Service(..) => return None,
        EndPlace::Namespace(name) => {
            if !program.isolates_outside(name) {
                return None;
            }
        }
        EndPlace::Zones(application, zones) => {
            let mut classes = declared.classes(application, zones).peekable();
            if classes.peek().is_some() && !classes.any(|it| declared.is_open(it)) {
                return None;
            }
            // What nothing closes takes its part without a line, unless another project may close it.
            let open = |class| match owner {
                Owner::Platform => declared.is_unclosed(class),
                Owner::Application(id) => {
                    program.applications.get(id).is_some_and(|it| !program.isolates(it))
                }
            };
            let mut classes = declared.classes(application, zones);
            if classes.any(|it| open(it) && !is_elsewhere(program, it)) {
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

fn taken(
    program: &Program,
    declared: &DeclaredClasses,
    openings: &LineOpenings<'_>,
    flow: &Flow,
    own: &LineOpening<'_>,
) -> TakenTraffic {
    if own.sender.place.is_any_application() || own.receiver.place.is_any_application() {
        return offered(openings, own);
    }
    let (senders, receivers) =
        (atoms(declared, own.sender.place), atoms(declared, own.receiver.place));
    let several = senders.len() * receivers.len() > 1;
    let mut taken = TakenTraffic::default();
    for sender in &senders {
        for receiver in &receivers {
            let around: Vec<_> = openings
                .around(own.half.other(), (*sender, *receiver), flow, TrafficPart::Some)
                .into_iter()
                .filter(|it| {
                    it.sender.selectors_meet(&own.sender)
                        && it.receiver.selectors_meet(&own.receiver)
                })
                .collect();
            let place = several.then(|| words::pair(program, *sender, *receiver));
            taken.add(own, &around, place);
        }
    }
    taken
}

impl TakenTraffic {
    /// Adds what the openings `around` take of `own` between one pair of places.
    fn add(&mut self, own: &LineOpening<'_>, around: &[&LineOpening<'_>], place: Option<String>) {
        let (mut all, mut some) = (Traffic::empty(), Traffic::empty());
        for it in around {
            let traffic = it.traffic.intersection(own.traffic);
            if it.sender.selector_covers(&own.sender) && it.receiver.selector_covers(&own.receiver)
            {
                all = all.union(&traffic);
            }
            some = some.union(&traffic);
        }
        self.some |= !some.is_empty();
        let unused = own.traffic.difference(&some);
        if !unused.is_nameless() {
            self.partly = true;
            self.unused.push((place, unused));
        }
        // What lines take for some pods only, they may take together for all.
        let open = some.difference(&all);
        if !open.is_nameless() && !together(own, around, &open) {
            self.partly = true;
        }
    }
}

/// Whether the openings `around` together take `traffic` for every pair of pods of `own`: each piece of it that they tell
/// apart, by those that let it pass.
fn together(own: &LineOpening<'_>, around: &[&LineOpening<'_>], traffic: &Traffic) -> bool {
    let pairs = |it: &LineOpening<'_>| pairs(&it.sender, &it.receiver);
    let whole = pairs(own);
    let mut left = traffic.clone();
    while !left.is_nameless() {
        // One piece after another: most of what is not taken shows at the first.
        let (mut piece, mut all) = (left.clone(), Vec::new());
        for it in around {
            let common = piece.intersection(it.traffic);
            if !common.is_empty() {
                piece = common;
                all.push(pairs(it));
            }
        }
        if !own.sender.decisions.covers(&Selector::or(all), &whole) {
            return false;
        }
        left = left.difference(&piece);
    }
    true
}

/// The pairs of pods that two ends select, as one selector: the labels of each end have its own prefix.
fn pairs(sender: &LineEnd<'_>, receiver: &LineEnd<'_>) -> Selector {
    let with = |end: &LineEnd<'_>, prefix| end.selector.as_deref().map(|it| it.with_prefix(prefix));
    Selector::and([with(sender, "sender."), with(receiver, "receiver.")].into_iter().flatten())
}

/// What anyone takes of an offer to everyone.
fn offered(openings: &LineOpenings<'_>, own: &LineOpening<'_>) -> TakenTraffic {
    let mut left = own.traffic.clone();
    let mut taken = TakenTraffic::default();
    for it in openings.iter().filter(|it| it.half == own.half.other()) {
        let meets = it.sender.place.meets(own.sender.place)
            && it.receiver.place.meets(own.receiver.place)
            && it.sender.selectors_meet(&own.sender)
            && it.receiver.selectors_meet(&own.receiver);
        if meets && !it.traffic.intersection(own.traffic).is_empty() {
            taken.some = true;
            left = left.difference(it.traffic);
            if left.is_nameless() {
                return taken;
            }
        }
    }
    taken.partly = true;
    taken.unused.push((None, left));
    taken
}

/// The declared places that a place is made of, without those where every namespace is exempt.
fn atoms<'p>(declared: &DeclaredClasses, place: EndPlace<'p>) -> Vec<PlaceKey<'p>> {
    match place {
        EndPlace::Zones(application, zones) => declared
            .classes(application, zones)
            .filter(|it| declared.is_open(*it))
            .map(|it| PlaceKey::Zone(it.application(), it.zone()))
            .collect(),
        EndPlace::Namespace(_) | EndPlace::Service(..) | EndPlace::Addresses(_) => place.keys(),
    }
}

fn report(program: &Program, flow: &Flow, judged: &JudgedHalf) -> Option<Diagnostic> {
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
        .map(|(place, traffic)| match place {
            Some(place) => format!("{place} : {traffic}"),
            None => traffic.to_string(),
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
