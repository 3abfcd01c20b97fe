//! What flow lines open that they did not, and the reverse: each change told by the lines that make it.

use std::collections::{BTreeMap, BTreeSet};

use super::atoms::AtomEnds;
use super::change::{
    Change, ChangeArrow, ChangeKind, ChangeSubject, ChangedLine, Effect, Section, Topic, Version,
};
use super::effect::ChangeEffect;
use super::pieces::{FlowPiece, KnownEnds, traffic_of};
use super::rows::{BothProjects, Delta, ProjectSide};
use crate::reach::Diagram;

/// The changes of flows, by section.
pub(super) fn sections(both: &mut BothProjects<'_>, deltas: &[Delta]) -> Vec<Section> {
    let known = attributed(both, deltas);
    let mut changes = Vec::new();
    for (was, is) in paired(&known) {
        changes.extend(both.tell(&known, was, is));
    }
    by_topic(merged(changes))
}

/// Every atom with its part in what differs.
fn attributed(both: &mut BothProjects<'_>, deltas: &[Delta]) -> BTreeMap<AtomEnds, KnownEnds> {
    let mut known: BTreeMap<AtomEnds, KnownEnds> = BTreeMap::new();
    for (index, side) in [&both.old, &both.new].into_iter().enumerate() {
        for (atom, ends) in side.atoms.ends.iter().enumerate() {
            if let Some(atoms) = known.entry(ends.clone()).or_default().atoms.get_mut(index) {
                atoms.push(atom);
            }
        }
    }
    // What is about namespaces that moved is told of them, but for lines that are new.
    let fresh =
        if deltas.iter().any(|it| it.moved) { fresh(both, &known) } else { BTreeMap::new() };
    for delta in deltas {
        let [was, is] = delta.rows.map(|[plain, _, _]| plain);
        let diagrams = &mut both.sets.diagrams;
        let parts = [diagrams.difference(was, is), diagrams.difference(is, was)];
        for (index, (part, line_sets)) in parts.into_iter().zip(&delta.line_sets).enumerate() {
            let part = both.sets.diagrams.intersection(part, line_sets.isolated);
            if part == Diagram::EMPTY {
                continue;
            }
            for (atom, set) in &line_sets.open {
                let set = both.sets.diagrams.intersection(*set, part);
                let side = if index == 0 { &both.old } else { &both.new };
                let Some(ends) = side.atoms.ends.get(*atom) else { continue };
                let is_fresh = || fresh.get(ends).and_then(|it| it.get(index)) == Some(&true);
                if set == Diagram::EMPTY || delta.moved && !is_fresh() {
                    continue;
                }
                let pieces = known.get_mut(ends).and_then(|it| it.pieces.get_mut(index));
                let piece =
                    FlowPiece { subject: delta.subject.clone(), direction: delta.direction, set };
                if let Some(pieces) = pieces {
                    pieces.push(piece);
                }
            }
        }
    }
    known
}

/// Whether the old atoms with the same ends let pass what the new ones do not, and the reverse.
fn fresh(
    both: &BothProjects<'_>,
    known: &BTreeMap<AtomEnds, KnownEnds>,
) -> BTreeMap<AtomEnds, [bool; 2]> {
    let each = |(ends, it): (&AtomEnds, &KnownEnds)| {
        let [was, is] = &it.atoms;
        let (was, is) = (traffic_of(&both.old, was), traffic_of(&both.new, is));
        (ends.clone(), [!is.contains(&was), !was.contains(&is)])
    };
    known.iter().map(each).collect()
}

/// Old ends with the new ones that take their place: the same, or between the same places other pods.
type EndsPair<'k> = (Option<&'k AtomEnds>, Option<&'k AtomEnds>);

fn paired(known: &BTreeMap<AtomEnds, KnownEnds>) -> Vec<EndsPair<'_>> {
    let mut pairs = Vec::new();
    let mut by_place: BTreeMap<_, [Vec<&AtomEnds>; 2]> = BTreeMap::new();
    for (ends, it) in known {
        let [was, is] = &it.atoms;
        match (was.is_empty(), is.is_empty()) {
            (false, false) => pairs.push((Some(ends), Some(ends))),
            (true, _) => by_place.entry(ends.places()).or_default()[1].push(ends),
            (false, true) => by_place.entry(ends.places()).or_default()[0].push(ends),
        }
    }
    for [old, new] in by_place.into_values() {
        let count = old.len().max(new.len());
        pairs.extend((0..count).map(|at| (old.get(at).copied(), new.get(at).copied())));
    }
    let differs = |pair: &EndsPair<'_>| {
        let lost = pair.0.and_then(|it| known.get(it)).is_some_and(|it| !it.pieces[0].is_empty());
        let won = pair.1.and_then(|it| known.get(it)).is_some_and(|it| !it.pieces[1].is_empty());
        lost || won
    };
    pairs.retain(differs);
    pairs
}

/// A change, with what it can be merged by.
struct Atomic {
    change: Change,
    ends: AtomEnds,
    /// For the old lines and the new ones: how many atoms the one line has in all, and how it writes its ends.
    wholes: [Option<(usize, String)>; 2],
    topic: (Topic, Option<String>),
}

impl BothProjects<'_> {
    fn tell(
        &mut self,
        known: &BTreeMap<AtomEnds, KnownEnds>,
        was: Option<&AtomEnds>,
        is: Option<&AtomEnds>,
    ) -> Option<Atomic> {
        let ends = is.or(was)?.clone();
        let none = KnownEnds::default();
        let old = was.and_then(|it| known.get(it)).unwrap_or(&none);
        let new = is.and_then(|it| known.get(it)).unwrap_or(&none);
        let (lost, won) = (&old.pieces[0], &new.pieces[1]);
        let kind =
            ChangeKind::of([was.is_some(), is.is_some()], [!lost.is_empty(), !won.is_empty()]);
        let version = |side: &ProjectSide<'_>, ends: Option<&AtomEnds>, atoms: &[usize]| {
            let ends = ends?;
            let alone = atoms.iter().all(|it| {
                side.program().flows.get(*it).is_some_and(|it| it.matches.is_none())
                    && side.atoms.is_service(*it)
            });
            let traffic = (!alone).then(|| traffic_of(side, atoms).to_string());
            Some(Version { ends: ends.text(), traffic, lines: side.lines(atoms) })
        };
        let versions =
            [version(&self.old, was, &old.atoms[0]), version(&self.new, is, &new.atoms[1])];
        let ChangeEffect { effect, other, meets } = self.effect(&ends, old, new);
        let (notes, guarded) = self.notes(&ends, old, new);
        if guarded && effect == Some(Effect::Latent) {
            // It is told of the guardrail, and opens nothing that there is.
            return None;
        }
        let example = self.example_of(won, true).or_else(|| self.example_of(lost, false));
        let [old_version, new_version] = versions;
        let wholes = [self.old.full_line(&old.atoms[0]), self.new.full_line(&new.atoms[1])];
        let crosses = ends.arrow != ChangeArrow::Inside;
        let change = Change {
            change: kind,
            subject: ChangeSubject::Flow,
            from: ends.from.text(),
            to: ends.to.text(),
            arrow: Some(ends.arrow),
            external: ends.external().map(str::to_owned),
            new_external: ends.external().is_some_and(|name| self.old.external(name).is_none()),
            old: old_version,
            new: new_version,
            effect,
            other,
            meets,
            notes,
            example,
        };
        let application = ends.from.application.clone();
        let topic = if crosses { (Topic::Crossings, None) } else { (Topic::Inside, application) };
        Some(Atomic { change, ends, wholes, topic })
    }

    /// One of the connections.
    fn example_of(&mut self, pieces: &[FlowPiece], new: bool) -> Option<String> {
        let piece = pieces.first()?;
        let side = if new { &self.new } else { &self.old };
        let home = piece.subject.as_ref().and_then(|name| side.homes.get(name));
        let bearer = home.map_or(crate::reach::Bearer::Undeclared, |it| {
            crate::reach::Bearer::Declared(&it.name, &it.labels)
        });
        let set = self.sets.that_can_be(piece.set, piece.direction);
        let example = self.sets.example(set, bearer, piece.direction)?;
        let text = example.to_string();
        self.examples.push((example, new));
        Some(text)
    }
}

impl ProjectSide<'_> {
    /// The lines that the atoms are of.
    pub(super) fn lines(&self, atoms: &[usize]) -> Vec<ChangedLine> {
        let of: BTreeSet<_> = atoms.iter().filter_map(|it| self.atoms.of.get(*it)).collect();
        let flows = of.into_iter().filter_map(|it| self.world.program.flows.get(*it));
        flows.map(|flow| self.line(flow)).collect()
    }

    /// How many atoms the one line has that the atoms are of, and how it writes its ends.
    fn full_line(&self, atoms: &[usize]) -> Option<(usize, String)> {
        let of: BTreeSet<_> = atoms.iter().filter_map(|it| self.atoms.of.get(*it)).collect();
        let [of] = of.into_iter().collect::<Vec<_>>()[..] else { return None };
        let flow = self.world.program.flows.get(*of)?;
        // The traffic follows the last ` : `; selectors in which one may stand come before it.
        let line = &*flow.line;
        let at = flow.spans.traffic.and_then(|_| line.rfind(" : "));
        let ends = at.and_then(|at| line.get(..at)).unwrap_or(line);
        Some((*self.atoms.counts.get(*of)?, ends.to_owned()))
    }
}

/// Changes that are alike, and together all of one line, as one.
fn merged(changes: Vec<Atomic>) -> Vec<(Change, (Topic, Option<String>))> {
    let mut alike: BTreeMap<_, Vec<Atomic>> = BTreeMap::new();
    for one in changes {
        alike.entry((bare(&one.change), one.topic.clone())).or_default().push(one);
    }
    let mut changes = Vec::new();
    for atomics in alike.into_values() {
        if let Some(change) = as_written(&atomics) {
            changes.push(change);
        } else {
            changes.extend(atomics.into_iter().map(|it| (it.change, it.topic)));
        }
    }
    changes
}

/// A change without what tells its ends.
fn bare(change: &Change) -> Change {
    let version = |it: &Option<Version>| it.clone().map(|it| Version { ends: String::new(), ..it });
    Change {
        from: String::new(),
        to: String::new(),
        old: version(&change.old),
        new: version(&change.new),
        example: None,
        ..change.clone()
    }
}

/// Changes that are together all that one line opens, as that line.
fn as_written(atomics: &[Atomic]) -> Option<(Change, (Topic, Option<String>))> {
    let first = atomics.first().filter(|_| atomics.len() > 1)?;
    let mut change = first.change.clone();
    for (version, full_line) in [&mut change.old, &mut change.new].into_iter().zip(&first.wholes) {
        let Some(version) = version else { continue };
        let (count, ends) = full_line.as_ref()?;
        if *count != atomics.len() {
            return None;
        }
        version.ends.clone_from(ends);
    }
    let sides = |side: fn(&AtomEnds) -> String| {
        let all: BTreeSet<_> = atomics.iter().map(|it| side(&it.ends)).collect();
        all.into_iter().collect::<Vec<_>>().join(", ")
    };
    (change.from, change.to) = (sides(|it| it.from.text()), sides(|it| it.to.text()));
    Some((change, first.topic.clone()))
}

fn by_topic(changes: Vec<(Change, (Topic, Option<String>))>) -> Vec<Section> {
    let mut sections: BTreeMap<(Topic, Option<String>), Vec<Change>> = BTreeMap::new();
    for (change, topic) in changes {
        sections.entry(topic).or_default().push(change);
    }
    let section = |((topic, application), mut changes): (_, Vec<Change>)| {
        changes.sort_by_key(order);
        Section { topic, application, changes }
    };
    sections.into_iter().map(section).collect()
}

/// What a reviewer must see first.
fn order(change: &Change) -> (bool, ChangeKind, String, String, Option<ChangeArrow>) {
    let inside = change.external.is_none();
    (inside, change.change, change.from.clone(), change.to.clone(), change.arrow)
}
