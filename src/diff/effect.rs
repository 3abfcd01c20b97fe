//! What comes of a change of one side today: whether the other side lets it pass, whose line that is, and why something
//! changes of which no line does.

use std::collections::BTreeSet;
use std::sync::Arc;

use ipnet::IpNet;

use super::atoms::{AtomEnd, AtomEnds};
use super::change::{ChangedLine, Effect};
use super::pieces::{FlowPiece, KnownEnds, traffic_of};
use super::rows::{BothProjects, ProjectSide};
use crate::program::{External, ExternalValue, Namespace};
use crate::reach::{Diagram, Direction, Sets};
use crate::syntax::PrintedName;
use crate::world::listed;

/// What there is to tell of a change.
#[derive(Default)]
pub(super) struct ChangeEffect {
    pub(super) effect: Option<Effect>,
    /// Who owns the other side, where that matters.
    pub(super) other: Option<String>,
    /// The lines of the other side.
    pub(super) meets: Vec<ChangedLine>,
}

/// What the other side does with what changes at one.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own")]
struct Meeting {
    /// Whether there is anything that it is about.
    touches: bool,
    opens: bool,
    waits: bool,
    /// Whether the other side was open before.
    before: bool,
    /// The atoms that open the other side.
    atoms: BTreeSet<usize>,
}

impl BothProjects<'_> {
    /// What comes of the change of what has these ends.
    pub(super) fn effect(
        &mut self,
        ends: &AtomEnds,
        old: &KnownEnds,
        new: &KnownEnds,
    ) -> ChangeEffect {
        let gained = !new.pieces[1].is_empty();
        let (pieces, atoms) =
            if gained { (&new.pieces[1], &new.atoms[1]) } else { (&old.pieces[0], &old.atoms[0]) };
        let subjects = pieces.iter().any(|it| it.subject.is_some());
        let side = if gained { &self.new } else { &self.old };
        if atoms.first().is_some_and(|it| side.atoms.is_alone(*it)) {
            let effect = match (subjects, gained) {
                (false, _) => Effect::Latent,
                (true, true) => Effect::Opens,
                (true, false) => Effect::Closes,
            };
            return ChangeEffect { effect: Some(effect), ..ChangeEffect::default() };
        }
        let met = self.meeting(ends, pieces, gained);
        let effect = match (met.touches, met.opens, met.waits, gained) {
            (false, ..) => Effect::Latent,
            (true, true, _, false) => Effect::Closes,
            (true, false, _, false) => Effect::WasWaiting,
            (true, true, true, true) => Effect::OpensPartly,
            (true, true, false, true) if met.before && ends.arrow != super::ChangeArrow::Inside => {
                Effect::Completes
            }
            (true, true, false, true) => Effect::Opens,
            (true, false, _, true) => Effect::Waits,
        };
        let (_, there) = ends.sides();
        let inside = ends.arrow == super::ChangeArrow::Inside;
        let other = there.application.clone().filter(|it| it != "*" && !inside);
        let meets = if inside {
            Vec::new()
        } else {
            let side = if gained { &self.new } else { &self.old };
            side.lines(&met.atoms.into_iter().collect::<Vec<_>>())
        };
        ChangeEffect { effect: Some(effect), other, meets }
    }

    fn meeting(&mut self, ends: &AtomEnds, pieces: &[FlowPiece], gained: bool) -> Meeting {
        let mut met = Meeting::default();
        // Inside a landing zone both sides are of one line: one of them will do.
        let leaving = pieces.iter().any(|it| it.direction == Direction::Egress);
        let direction = if leaving { Direction::Egress } else { Direction::Ingress };
        let (there, back) = match direction {
            Direction::Egress => (&ends.to, Direction::Ingress),
            Direction::Ingress => (&ends.from, Direction::Egress),
        };
        let Self { sets, old, new, .. } = self;
        let (side, mut before) = if gained { (new, Some(old)) } else { (old, None) };
        let others = side.at(there);
        let mut seen = BTreeSet::new();
        for piece in pieces.iter().filter(|it| it.direction == direction) {
            let Some(here) = piece.subject.as_ref().and_then(|it| side.homes.get(it)).cloned()
            else {
                continue;
            };
            if !seen.insert((piece.set, here.application, here.zone)) {
                continue;
            }
            for other in &others {
                let set = sets.facing(piece.set, &other.name, &other.labels);
                if set == Diagram::EMPTY {
                    continue;
                }
                met.touches = true;
                let [row, ..] = side.row(sets, Some(&other.name), back);
                let row = seen_from(sets, row, &here);
                let open = sets.diagrams.intersection(set, row);
                met.waits |= open != set;
                if open == Diagram::EMPTY {
                    continue;
                }
                met.opens = true;
                let line_sets = side.line_sets(sets, Some(&other.name), back);
                for (atom, its) in line_sets.open {
                    let its = seen_from(sets, its, &here);
                    if sets.diagrams.intersection(its, open) != Diagram::EMPTY {
                        met.atoms.insert(atom);
                    }
                }
                if let Some(before) = &mut before
                    && before.homes.contains_key(&other.name)
                {
                    let [row, ..] = before.row(sets, Some(&other.name), back);
                    let row = seen_from(sets, row, &here);
                    met.before |= sets.diagrams.intersection(open, row) != Diagram::EMPTY;
                }
            }
        }
        met
    }

    /// Why what has these ends changes although its lines do not, and whether guardrails alone are why.
    pub(super) fn notes(
        &mut self,
        ends: &AtomEnds,
        old: &KnownEnds,
        new: &KnownEnds,
    ) -> (Vec<String>, bool) {
        let mut notes = Vec::new();
        if let Some(name) = ends.external() {
            let values = [&self.old, &self.new].map(|side| side.external(name));
            if let [Some(was), Some(is)] = values
                && was.value != is.value
            {
                notes.push(change_text(was, is));
            }
        }
        let [was, is] = [(&self.old, &old.atoms[0]), (&self.new, &new.atoms[1])]
            .map(|(side, atoms)| traffic_of(side, atoms));
        if was != is || !notes.is_empty() {
            return (notes, false);
        }
        // A guardrail that was there and is not, or the reverse.
        for (index, pieces, word) in
            [(0, &new.pieces[1], "no longer holds it back"), (1, &old.pieces[0], "holds it back")]
        {
            let mut found = BTreeSet::new();
            for piece in pieces {
                let Self { sets, old, new, .. } = self;
                let side = if index == 0 { old } else { new };
                for (guardrail, set) in
                    side.line_sets(sets, piece.subject.as_ref(), piece.direction).forbidden
                {
                    if sets.diagrams.intersection(set, piece.set) != Diagram::EMPTY {
                        found.insert(guardrail);
                    }
                }
            }
            let side = if index == 0 { &self.old } else { &self.new };
            let guardrails = found.into_iter().filter_map(|it| side.program().guardrails.get(it));
            notes.extend(guardrails.map(|it| format!("`{}` {word}", it.line)));
        }
        let guarded = !notes.is_empty();
        (notes, guarded)
    }
}

/// `row` of a namespace, as its peer `here` sees it.
fn seen_from(sets: &mut Sets, row: Diagram, here: &Namespace) -> Diagram {
    let row = sets.facing(row, &here.name, &here.labels);
    sets.turned(row)
}

/// What an external was and is.
fn change_text(was: &External, is: &External) -> String {
    let name = &is.name;
    let (ExternalValue::Addresses(before), ExternalValue::Addresses(after)) =
        (&was.value, &is.value)
    else {
        return format!("`{name}` is something else than it was");
    };
    let (more, less) = (without(after, before), without(before, after));
    let list = |nets: &[IpNet]| listed(&nets.iter().map(ToString::to_string).collect());
    match (more.is_empty(), less.is_empty()) {
        (false, true) => format!("`{name}` holds more than it did: {}", list(&more)),
        (true, false) => format!("`{name}` holds less than it did: not {}", list(&less)),
        (false, false) => {
            format!(
                "`{name}` holds other addresses: now {}, no longer {}",
                list(&more),
                list(&less)
            )
        }
        (true, true) => format!("`{name}` holds other addresses than it did"),
    }
}

/// The addresses of `blocks` that are in none of `but`.
fn without(blocks: &[IpNet], but: &[IpNet]) -> Vec<IpNet> {
    let mut left = Vec::new();
    let mut open: Vec<IpNet> = blocks.iter().rev().copied().collect();
    while let Some(net) = open.pop() {
        if but.iter().any(|it| it.contains(&net)) {
            continue;
        }
        if !but.iter().any(|it| net.contains(it)) {
            left.push(net);
            continue;
        }
        let halves: Vec<_> =
            net.subnets(net.prefix_len() + 1).map_or_else(|_| Vec::new(), Iterator::collect);
        open.extend(halves.into_iter().rev());
    }
    left
}

impl ProjectSide<'_> {
    /// The external of this name.
    pub(super) fn external(&self, name: &str) -> Option<&External> {
        let externals = &self.program().externals;
        externals.get(externals.find(name, |it| &it.name)?)
    }

    /// The namespaces at a place.
    fn at(&self, end: &AtomEnd) -> Vec<Namespace> {
        let program = self.program();
        let named = |name: &Arc<str>| PrintedName(name).to_string();
        let Some(application) = &end.application else {
            let value = self.external(&end.zone).map(|it| &it.value);
            return match value {
                Some(ExternalValue::Namespace { name, .. }) => {
                    self.homes.get(name).cloned().into_iter().collect()
                }
                Some(ExternalValue::Addresses(_) | ExternalValue::Service { .. }) | None => {
                    Vec::new()
                }
            };
        };
        let inside = |namespace: &&Namespace| {
            let of = namespace.application.and_then(|id| program.applications.get(id));
            let zone = namespace.zone.and_then(|id| program.zones.get(id));
            of.is_some_and(|it| application == "*" || *application == named(&it.name))
                && (end.zone == "*" || zone.is_some_and(|it| end.zone == named(&it.name)))
        };
        program.namespaces.iter().map(|(_, it)| it).filter(inside).cloned().collect()
    }
}
