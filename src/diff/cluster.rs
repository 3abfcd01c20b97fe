//! The comparison where policies of which nobody has the lines take part: each namespace by what its policies let pass.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::change::{Change, ChangeKind, ChangeSubject, Diff, Section, Topic, Version};
use super::worlds::{BothHomes, ClusterSide, Worlds};
use super::{moved, pairs};
use crate::reach::of_policies::{Profile, Subject as Judged};
use crate::reach::{Bearer, Diagram, Direction, End, Example, Sets, Terms, TooMany};
use crate::selector::Predicate;
use crate::selector::keys::NAMESPACE;
use crate::traffic::Family;
use crate::world::{Home, OfSets, World, counted, listed};

/// Compares any two worlds.
pub(super) fn compare(old: &World, new: &World) -> Result<Diff, TooMany> {
    let sides = [old, new].map(|world| ClusterSide {
        world,
        policies: world.evaluator(),
        ties: world.ties(),
    });
    let mut terms = Terms::default();
    for side in &sides {
        side.policies.terms(&mut terms);
    }
    terms.give_pods_addresses();
    let asked = terms.labels_of_namespaces();
    let mut families = vec![Family::V4];
    if old.speaks_of_v6() || new.speaks_of_v6() {
        families.push(Family::V6);
    }
    Sets::over(terms, |mut sets| {
        let counted = counted(&mut sets, &[old, new]);
        let mut worlds = Worlds {
            sets,
            sides,
            homes: Vec::new(),
            families,
            counted,
            of_sets: OfSets::default(),
            deeper: Default::default(),
            examples: Vec::new(),
        };
        for homes in both(old, new) {
            let here = worlds.judged(homes, &asked);
            worlds.homes.push(here);
        }
        let others = worlds.others();
        let mut changes = deny(&worlds.deeper);
        let exempt = worlds.exempt();
        let mut folded = BTreeSet::new();
        let mut sections = Vec::new();
        for name in &exempt {
            let differs = worlds.homes.iter().filter(|it| it.name() == name);
            if differs.flat_map(|it| it.rows).any(|[was, is]| was != is) {
                folded.insert(name.to_string());
            }
        }
        if !folded.is_empty() {
            changes.push(folded_change(&folded));
        }
        changes.extend(others);
        if !changes.is_empty() {
            sections.push(Section { topic: Topic::Guardrails, application: None, changes });
        }
        sections.extend(pairs::sections(&mut worlds, &exempt));
        let moved = moved::names(&old.program, &new.program);
        let namespaces = moved::namespaces([old, new], &moved);
        let mut diff = Diff::new(sections, namespaces, Vec::new());
        diff.notes = worlds.relabelled(&moved);
        diff.notes.extend(worlds.of_sets.notes(&[old, new]));
        diff.examples = worlds.examples;
        diff
    })
}

/// Every namespace that one of the worlds knows, as each has it: where one does not declare it, with the labels that it has in
/// the other.
fn both(old: &World, new: &World) -> Vec<[Home; 2]> {
    let names = old.homes().iter().chain(new.homes()).map(|it| Arc::clone(&it.name));
    let names: BTreeSet<_> = names.collect();
    let one =
        |world: &World, name: &str| world.home(name).and_then(|it| world.homes().get(it)).cloned();
    names
        .into_iter()
        .map(|name| {
            let known = [one(old, &name), one(new, &name)];
            let declared = |home: &Option<Home>| home.clone().filter(|it| it.declared);
            let [was, is] = known.each_ref().map(declared);
            let unknown = old.undeclared(&name);
            [was.clone().or_else(|| is.clone()), is.or(was)]
                .map(|it| it.unwrap_or_else(|| unknown.clone()))
        })
        .collect()
}

/// What is said where policies that come later could open more, or less, than they could.
fn deny(deeper: &[BTreeSet<String>; 2]) -> Vec<Change> {
    let words = ["can open more", "can open less"];
    let mut changes = Vec::new();
    for ((names, word), kind) in
        deeper.iter().zip(words).zip([ChangeKind::Narrowed, ChangeKind::Widened])
    {
        if names.is_empty() {
            continue;
        }
        let ends = format!("policies that come later {word} in {}", listed(names));
        let version = Some(Version { ends, traffic: None, lines: Vec::new() });
        let (old, new) = (version.clone(), version);
        changes.push(Change {
            change: kind,
            subject: ChangeSubject::Deny,
            old,
            new,
            ..Change::default()
        });
    }
    changes
}

/// What is said of exempt namespaces that differ, as one.
fn folded_change(names: &BTreeSet<String>) -> Change {
    let version = Version {
        ends: format!("exempt namespaces with policies of their own: {}", listed(names)),
        traffic: None,
        lines: Vec::new(),
    };
    Change {
        change: ChangeKind::Changed,
        subject: ChangeSubject::Exemption,
        old: Some(version.clone()),
        new: Some(version),
        notes: vec!["what they let pass on their side differs".to_owned()],
        ..Change::default()
    }
}

impl Worlds<'_> {
    /// What the namespace lets pass.
    fn judged(&mut self, homes: [Home; 2], asked: &BTreeSet<Arc<str>>) -> BothHomes {
        let mut rows = [[Diagram::EMPTY; 2]; 2];
        for (direction, row) in Direction::BOTH.into_iter().zip(&mut rows) {
            let mut later = [Diagram::EMPTY; 2];
            for (((side, home), plain), after) in
                self.sides.iter_mut().zip(&homes).zip(row.iter_mut()).zip(&mut later)
            {
                let subject = Judged::Declared(&home.name, &home.labels);
                let [open, open_after, _] = side.row(&mut self.sets, subject, direction);
                (*plain, *after) = (open, open_after);
            }
            if homes.iter().any(|it| it.declared) {
                let counted = self.counted;
                self.of_sets.add(&mut self.sets, &homes[0].name, *row, counted);
            }
            *row = row.map(|it| self.sets.diagrams.intersection(it, self.counted));
            if row[0] == row[1] {
                self.look_deeper(&homes[0].name, later, self.counted);
            }
        }
        let [was, is] = homes.each_ref().map(|home| -> BTreeSet<_> {
            home.labels.iter().filter(|(key, _)| asked.contains(key)).collect()
        });
        let relabelled = was != is;
        BothHomes { homes, rows, relabelled }
    }

    /// Notes where a policy that comes later could open more, or less, at `who`.
    fn look_deeper(&mut self, who: &str, [was, is]: [Diagram; 2], counted: Diagram) {
        for ((more, less), names) in [(was, is), (is, was)].into_iter().zip(&mut self.deeper) {
            let left = self.sets.diagrams.difference(less, more);
            if self.sets.diagrams.intersection(left, counted) != Diagram::EMPTY {
                names.insert(who.to_owned());
            }
        }
    }

    /// What is said of namespaces that have other labels which policies ask for, and are in the zone in which they were.
    fn relabelled(&self, moved: &BTreeSet<Arc<str>>) -> Vec<String> {
        let others = self.homes.iter().filter(|it| it.relabelled && !moved.contains(it.name()));
        let names: BTreeSet<_> = others.map(|it| it.name().to_string()).collect();
        if names.is_empty() {
            return Vec::new();
        }
        vec![format!("namespaces with other labels than they had: {}", listed(&names))]
    }

    /// The namespaces that a project leaves out of its default deny.
    fn exempt(&self) -> BTreeSet<Arc<str>> {
        let exempt = self.sides.iter().flat_map(|side| &side.world.program.exempt);
        exempt.map(|it| Arc::clone(&it.name)).collect()
    }

    /// What changes for namespaces that nobody has declared, and for host endpoints.
    fn others(&mut self) -> Vec<Change> {
        // Of one that is known by name alone nobody knows the labels: what depends on them is said of all such.
        let unlabelled: Vec<_> =
            self.homes.iter().filter(|it| it.homes.iter().all(|it| !it.declared)).collect();
        let by_name = unlabelled.iter().flat_map(|it| it.rows).any(|[was, is]| was != is);
        let exempt = self.exempt();
        let names = unlabelled.iter().map(|it| it.name()).filter(|it| !exempt.contains(*it));
        let names: Vec<_> = names.cloned().collect();
        let known = self.homes.iter().map(|it| Arc::clone(it.name())).collect();
        let known = self.sets.test(Bearer::Undeclared, NAMESPACE, &Predicate::In(known));
        let counted = self.sets.diagrams.difference(self.counted, known);
        let who = "namespaces that are not there yet";
        let mut changes: Vec<_> =
            self.unknown(Judged::Undeclared(&[]), who, counted).into_iter().collect();
        if changes.is_empty() && !by_name && !names.is_empty() {
            let here = Predicate::In(names.clone());
            let here = self.sets.test(Bearer::Undeclared, NAMESPACE, &here);
            let counted = self.sets.diagrams.intersection(self.counted, here);
            let who = "namespaces that no manifest declares";
            changes.extend(self.unknown(Judged::Undeclared(&names), who, counted));
        }
        let known = self.hosts();
        if known.is_empty() {
            for (profile, who) in [
                (Profile::Allows, "host endpoints"),
                (Profile::Denies, "host endpoints without a profile"),
            ] {
                changes.extend(self.unknown(Judged::Host(&profile), who, self.counted));
            }
        }
        changes.extend(known);
        changes
    }

    fn unknown(&mut self, subject: Judged<'_>, who: &str, counted: Diagram) -> Option<Change> {
        let mut differs = Differs::default();
        for direction in Direction::BOTH {
            let rows = self.sides.each_mut().map(|it| it.row(&mut self.sets, subject, direction));
            let [[was, was_after, _], [is, is_after, _]] = rows;
            if let Judged::Undeclared([]) = subject {
                self.of_sets.add(&mut self.sets, who, [was, is], self.counted);
            }
            let rows = [was, is].map(|it| self.sets.diagrams.intersection(it, counted));
            differs.add(&mut self.sets, rows, subject.bearer(), direction);
            if rows[0] == rows[1] {
                self.look_deeper(who, [was_after, is_after], counted);
            }
        }
        differs.change(who)
    }

    /// What changes for the host endpoints that one of the worlds has, those together that change alike.
    fn hosts(&mut self) -> Vec<Change> {
        let names = self.sides.iter().flat_map(|side| &side.world.cluster.hosts);
        let names: BTreeSet<_> = names.map(|it| Arc::clone(&it.name)).collect();
        let mut alike: BTreeMap<(bool, bool), (BTreeSet<String>, Differs)> = BTreeMap::new();
        for name in names {
            let differs = self.host(&name);
            if differs.more || differs.less {
                let known = alike.entry((differs.more, differs.less));
                let (names, _) = known.or_insert_with(|| (BTreeSet::new(), differs));
                names.insert(name.to_string());
            }
        }
        let change = |(names, differs): (BTreeSet<String>, Differs)| {
            let word = if names.len() == 1 { "the host endpoint" } else { "the host endpoints" };
            differs.change(&format!("{word} {}", listed(&names)))
        };
        alike.into_values().filter_map(change).collect()
    }

    /// What changes for one host endpoint. A node without one is asked nothing: everything passes.
    fn host(&mut self, name: &Arc<str>) -> Differs {
        let hosts = self.sides.each_ref().map(|side| {
            let mut hosts = side.world.cluster.hosts.iter();
            hosts.find(|it| it.name == *name).map(|it| (Profile::of(it), End::of_host(it)))
        });
        let mut differs = Differs::default();
        for direction in Direction::BOTH {
            let mut rows = [self.sets.that_can_be(Diagram::FULL, direction); 2];
            for ((side, host), row) in self.sides.iter_mut().zip(&hosts).zip(&mut rows) {
                if let Some((profile, end)) = host {
                    let [plain, ..] = side.row(&mut self.sets, Judged::Host(profile), direction);
                    *row = self.sets.at_host(plain, end, false);
                }
            }
            differs.add(&mut self.sets, rows, Bearer::Host, direction);
            // What others let pass to and from it may change with its labels.
            let [Some((_, was)), Some((_, is))] = &hosts else { continue };
            for home in self.homes.iter().filter(|_| was != is) {
                let [before, after] = home.row(direction);
                let rows =
                    [self.sets.at_host(before, was, true), self.sets.at_host(after, is, true)];
                let bearer = Bearer::Declared(home.name(), &home.homes[1].labels);
                differs.add(&mut self.sets, rows, bearer, direction);
            }
        }
        differs
    }
}

/// What passes in one of the worlds alone.
#[derive(Default)]
struct Differs {
    more: bool,
    less: bool,
    example: Option<Example>,
}

impl Differs {
    /// Adds what passed and what passes.
    fn add(
        &mut self,
        sets: &mut Sets,
        [was, is]: [Diagram; 2],
        bearer: Bearer<'_>,
        direction: Direction,
    ) {
        let (won, lost) = (sets.diagrams.difference(is, was), sets.diagrams.difference(was, is));
        self.more |= won != Diagram::EMPTY;
        self.less |= lost != Diagram::EMPTY;
        let set = if won == Diagram::EMPTY { lost } else { won };
        if self.example.is_none() {
            self.example = sets.example(set, bearer, direction);
        }
    }

    fn change(self, who: &str) -> Option<Change> {
        let Self { more, less, example } = self;
        if !more && !less {
            return None;
        }
        let ends = format!("what is open to and from {who}");
        let version = Some(Version { ends, traffic: None, lines: Vec::new() });
        Some(Change {
            change: ChangeKind::of([true, true], [more, less]),
            subject: ChangeSubject::Deny,
            old: version.clone(),
            new: version,
            notes: example.iter().map(|it| format!("such as {it}")).collect(),
            example: example.map(|it| it.to_string()),
            ..Change::default()
        })
    }
}
