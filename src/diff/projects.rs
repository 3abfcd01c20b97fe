//! The comparison of two projects: what each namespace lets pass in the old one and in the new one, told by the lines.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::atoms::Atoms;
use super::change::Diff;
use super::rows::{BothProjects, Delta, ProjectSide};
use super::{flows, guardrails, isolation, moved, reworded};
use crate::reach::{Direction, Sets, Terms, TooMany};
use crate::world::World;

/// Compares the worlds of two projects.
pub(super) fn compare(old: &World, new: &World) -> Result<Diff, TooMany> {
    let atoms = [Atoms::new(&old.program), Atoms::new(&new.program)];
    let [old_atoms, new_atoms] = &atoms;
    let (mut old, mut new) = (ProjectSide::new(old, old_atoms), ProjectSide::new(new, new_atoms));
    old.add_guests(new.program());
    new.add_guests(old.program());
    let mut terms = Terms::default();
    old.meaning.terms(&mut terms);
    new.meaning.terms(&mut terms);
    Sets::over(terms, |sets| {
        let worlds = [old.world, new.world];
        let moved = moved::names(old.program(), new.program());
        let mut both = BothProjects { sets, old, new, moved, examples: Vec::new() };
        let deltas = both.deltas();
        let mut sections = guardrails::sections(&mut both, &deltas);
        sections.extend(isolation::sections(&mut both, &deltas));
        sections.extend(flows::sections(&mut both, &deltas));
        let namespaces = moved::namespaces(worlds, &both.moved);
        let reworded = reworded::lines(&both);
        Diff { examples: both.examples, ..Diff::new(sections, namespaces, reworded) }
    })
}

impl BothProjects<'_> {
    /// Everything of which something differs.
    fn deltas(&mut self) -> Vec<Delta> {
        let mut subjects: BTreeSet<Option<Arc<str>>> = BTreeSet::from([None]);
        for side in [&self.old, &self.new] {
            let namespaces = side.program().namespaces.iter();
            subjects.extend(namespaces.map(|(_, it)| Some(Arc::clone(&it.name))));
        }
        let mut deltas = Vec::new();
        for subject in subjects {
            for direction in Direction::BOTH {
                deltas.extend(self.delta(subject.as_ref(), direction));
            }
        }
        deltas
    }

    fn delta(&mut self, subject: Option<&Arc<str>>, direction: Direction) -> Option<Delta> {
        let Self { sets, old, new, moved, .. } = self;
        let rows = [&mut *old, &mut *new].map(|side| side.row(sets, subject, direction));
        let [was, is] = rows;
        if was == is {
            return None;
        }
        let line_sets = [&mut *old, &mut *new].map(|side| side.line_sets(sets, subject, direction));
        let moved = subject.is_some_and(|name| moved.contains(name));
        Some(Delta { subject: subject.cloned(), direction, rows, line_sets, moved })
    }
}
