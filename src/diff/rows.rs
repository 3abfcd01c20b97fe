//! What each namespace lets pass in the worlds of two projects, and which lines have a part in it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::atoms::Atoms;
use super::moved;
use crate::program::{External, ExternalValue, Namespace, Owner, Program};
use crate::reach::of_program::{LineSets, Meaning};
use crate::reach::{Direction, Example, Row, Sets};
use crate::world::World;

/// One of the two worlds.
pub(super) struct ProjectSide<'w> {
    pub(super) world: &'w World,
    pub(super) atoms: &'w Atoms,
    pub(super) meaning: Meaning<'w>,
    /// The namespaces that are known: declared here or in the other world, or named by an external.
    pub(super) homes: BTreeMap<Arc<str>, Namespace>,
    /// What is let pass, by namespace; kept for those that were asked for.
    rows: BTreeMap<(Option<Arc<str>>, Direction), Row>,
}

/// Both worlds over one space.
pub(super) struct BothProjects<'w> {
    pub(super) sets: Sets,
    pub(super) old: ProjectSide<'w>,
    pub(super) new: ProjectSide<'w>,
    /// The namespaces that are not in the zone in which they were.
    pub(super) moved: BTreeSet<Arc<str>>,
    /// Connections that pass in one of the worlds alone, and whether that is the new one.
    pub(super) examples: Vec<(Example, bool)>,
}

/// Of which connections something differs: those of a namespace in one direction; of all that no manifest declares for none.
#[derive(Clone, Debug)]
pub(super) struct Delta {
    pub(super) subject: Option<Arc<str>>,
    pub(super) direction: Direction,
    /// What was let pass, and what is.
    pub(super) rows: [Row; 2],
    /// What the lines said, and say.
    pub(super) line_sets: [LineSets; 2],
    /// Whether the namespace is another one than it was.
    pub(super) moved: bool,
}

impl<'w> ProjectSide<'w> {
    pub(super) fn new(world: &'w World, atoms: &'w Atoms) -> Self {
        let program = &atoms.program;
        let declared = program.namespaces.iter().map(|(_, it)| (Arc::clone(&it.name), it.clone()));
        let mut homes: BTreeMap<_, _> = declared.collect();
        let external = |(_, it): (_, &'w External)| match &it.value {
            ExternalValue::Namespace { name, .. } => Some((Arc::clone(name), it.span)),
            ExternalValue::Addresses(_) | ExternalValue::Service { .. } => None,
        };
        for (name, span) in program.externals.iter().filter_map(external) {
            let exempt = program.exempt.iter().any(|it| it.name == name);
            let labels = world.undeclared(&name).labels;
            let (application, zone) = (None, None);
            let named = Namespace { name: name.clone(), labels, application, zone, exempt, span };
            homes.entry(name).or_insert(named);
        }
        let meaning = Meaning::new(program);
        Self { world, atoms, meaning, homes, rows: BTreeMap::new() }
    }

    pub(super) fn program(&self) -> &'w Program {
        &self.atoms.program
    }

    /// Adds the namespaces that the other world alone declares: the lines of applications open nothing to them.
    pub(super) fn add_guests(&mut self, other: &Program) {
        let program = self.program();
        for (_, guest) in other.namespaces.iter() {
            let label = |key: &str| {
                let found = guest.labels.iter().find(|(it, _)| **it == *key);
                found.map(|(_, value)| Arc::clone(value))
            };
            let keys = &program.settings.labels;
            let application = label(&keys.application).filter(|_| program.platform);
            let application =
                application.and_then(|it| program.applications.find(&it, |known| &known.name));
            let zone = label(&keys.zone).and_then(|it| program.zones.find(&it, |zone| &zone.name));
            let exempt = program.exempt.iter().any(|it| it.name == guest.name);
            let here = Namespace { application, zone, exempt, ..guest.clone() };
            self.homes.entry(Arc::clone(&guest.name)).or_insert(here);
        }
    }

    /// What the lines say to the namespace.
    pub(super) fn line_sets(
        &mut self,
        sets: &mut Sets,
        subject: Option<&Arc<str>>,
        direction: Direction,
    ) -> LineSets {
        let home = subject.and_then(|name| self.homes.get(name));
        let mut line_sets = self.meaning.line_sets(sets, home, direction);
        if home.is_some_and(|it| moved::declared(self.program(), &it.name).is_none()) {
            line_sets.open.retain(|(atom, _)| self.atoms.owner(*atom) == Some(Owner::Platform));
        }
        line_sets
    }

    /// What the namespace lets pass.
    pub(super) fn row(
        &mut self,
        sets: &mut Sets,
        subject: Option<&Arc<str>>,
        direction: Direction,
    ) -> Row {
        let key = (subject.cloned(), direction);
        if let Some(known) = self.rows.get(&key) {
            return *known;
        }
        let line_sets = self.line_sets(sets, subject, direction);
        let row = self.meaning.row(sets, line_sets, direction);
        self.rows.insert(key, row);
        row
    }
}
