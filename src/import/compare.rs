//! Whether lines mean what the policies do that they were made of, and where not.

mod describe;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use self::describe::{Compared, ComparedSubject, Differences};
use super::difference::{Equal, ImportVerdict};
use super::files::PLATFORM;
use super::{FoundLines, ImportFailure, RefusedLines};
use crate::calico::{Action, Resource};
use crate::check::{self, FileOwner};
use crate::diagnostic::Level;
use crate::program::{Flow, Namespace, Program, Settings};
use crate::reach::of_policies::{By, Policies, Profile, Step, Subject as Judged, selected};
use crate::reach::of_program::Meaning;
use crate::reach::{Bearer, Diagram, Direction, Row, Sets, Terms};
use crate::selector::Predicate;
use crate::selector::keys::NAMESPACE;
use crate::source::{Sources, Span};
use crate::syntax;
use crate::world::{OfSets, World, counted};

/// Compares the `program` that was made of `world` with it.
pub(super) fn compare(
    world: &World,
    settings: &Settings,
    program: &Program,
    found: &FoundLines,
) -> Result<(Vec<ImportVerdict>, Vec<String>), ImportFailure> {
    crate::build(program, false)?;
    let parts: Vec<Program> = found
        .own
        .values()
        .map(|lines| {
            let texts: BTreeSet<String> =
                lines.iter().map(|it| it.tree().without_clauses().to_string()).collect();
            let own = |flow: &&Flow| texts.contains(&*flow.line);
            Program {
                flows: program.flows.iter().filter(own).cloned().collect(),
                guardrails: Vec::new(),
                platform: false,
                ..program.clone()
            }
        })
        .collect();
    let with_addresses = |pods_have_addresses| {
        let mut terms = Terms::default();
        world.evaluator().terms(&mut terms);
        Meaning::new(program).terms(&mut terms);
        terms.blocks(&settings.cluster);
        terms.matches(Some(&[describe::HTTPS]));
        if pods_have_addresses {
            terms.give_pods_addresses();
        }
        compare_over(terms, world, settings, program, found, &parts)
    };
    let (mut verdicts, _) = with_addresses(false)?;
    // A rule for pods at some addresses differs only where pods have addresses.
    let (exact, notes) = with_addresses(true)?;
    for (verdict, exact) in verdicts.iter_mut().zip(exact) {
        if verdict.verdict == Equal::Equivalent {
            *verdict = exact;
        }
    }
    Ok((verdicts, notes))
}

/// The same over the space of `terms`; `parts` are the applications of `found`, each a program of its own lines.
fn compare_over(
    terms: Terms,
    world: &World,
    settings: &Settings,
    program: &Program,
    found: &FoundLines,
    parts: &[Program],
) -> Result<(Vec<ImportVerdict>, Vec<String>), ImportFailure> {
    Ok(Sets::over(terms, |mut sets| {
        let all_counted = counted(&mut sets, &[world]);
        let inside = sets.outside(&settings.cluster);
        let mut comparison = Comparison {
            world,
            program,
            resources: world.cluster.resources().collect(),
            policies: world.evaluator(),
            meaning: Meaning::new(program),
            counted: sets.diagrams.difference(all_counted, inside),
            all_counted,
            differences: Differences::new(world, program),
            of_applications: Vec::new(),
            of_sets: OfSets::default(),
        };
        let mut verdicts = Vec::new();
        for ((application, _), part) in found.own.iter().zip(parts) {
            verdicts.push(comparison.application(&mut sets, application, part));
        }
        for direction in Direction::BOTH {
            comparison.declared(&mut sets, direction);
            comparison.undeclared(&mut sets, direction);
            comparison.hosts(&mut sets, direction);
        }
        verdicts.push(comparison.differences.verdict(PLATFORM));
        (verdicts, comparison.of_sets.notes(&[world]))
    })?)
}

/// The policies of `world` and the `program` that was made of them, over one space.
struct Comparison<'a> {
    world: &'a World,
    program: &'a Program,
    resources: Vec<&'a Resource>,
    policies: Policies,
    meaning: Meaning<'a>,
    /// The connections that count, and those with the cluster's own addresses besides.
    counted: Diagram,
    all_counted: Diagram,
    differences: Differences<'a>,
    /// What differs in an application's namespaces by its own policies: it is not told of the platform again.
    of_applications: Vec<(Arc<str>, Direction, Diagram)>,
    of_sets: OfSets,
}

impl Comparison<'_> {
    /// Compares the own policies of `application` with `part`, the program of its own lines.
    fn application(&mut self, sets: &mut Sets, application: &str, part: &Program) -> ImportVerdict {
        let Self { world, program, counted, .. } = *self;
        let labels = world.labels_of_namespaces();
        let mut meaning = Meaning::new(part);
        for (_, namespace) in program.namespaces.iter() {
            let of = namespace.application.and_then(|id| program.applications.get(id));
            if namespace.exempt || of.is_none_or(|it| *it.name != *application) {
                continue;
            }
            let name = &namespace.name;
            let own = |it: &&Resource| match it {
                Resource::Policy(policy) => policy.namespace.as_ref() == Some(name),
                Resource::Tier(_) | Resource::Set(_) => true,
            };
            let resources: Vec<_> = self.resources.iter().copied().filter(own).collect();
            let mut own = Policies::new(resources.iter().copied(), &labels, &[]);
            for direction in Direction::BOTH {
                let subject = Judged::Declared(name, &namespace.labels);
                let bearer = subject.bearer();
                let steps = own.judge(sets, subject, direction, world.ties());
                let [after, ..] = meaning.declared(sets, namespace, direction);
                // A line that opens what nobody closes opens nothing.
                let passing = passing(sets, &steps);
                let unclosed = sets.diagrams.intersection(passing, after);
                let opened = opened(sets, &steps);
                let before = sets.diagrams.union(opened, unclosed);
                let subject = ComparedSubject::Namespace(name);
                let compared = Compared { subject, bearer, direction, before, after, counted };
                let by = |sets: &mut Sets, set| deciders(sets, &steps, &resources, bearer, set);
                let differing = self.differences.add(sets, &compared, by);
                self.of_applications.push((Arc::clone(name), direction, differing));
            }
        }
        self.differences.verdict(application)
    }

    /// Compares what the declared namespaces let pass.
    fn declared(&mut self, sets: &mut Sets, direction: Direction) {
        for (_, namespace) in self.program.namespaces.iter() {
            let name = &namespace.name;
            let (of, subject) =
                (ComparedSubject::Namespace(name), Judged::Declared(name, &namespace.labels));
            let after = self.meaning.declared(sets, namespace, direction);
            let of_applications = self.of_applications.iter();
            let already = of_applications.filter(|it| (&it.0, it.1) == (name, direction));
            let already = sets.diagrams.union_of(already.map(|it| it.2).collect());
            let counted = sets.diagrams.difference(self.counted, already);
            let before = self.subject(sets, of, subject, direction, after, counted);
            let [after, ..] = after;
            self.of_sets.add(sets, name, [before, after], self.all_counted);
        }
    }

    /// Compares what the namespaces let pass that are known by name alone, and those that nobody knows yet.
    fn undeclared(&mut self, sets: &mut Sets, direction: Direction) {
        let declared = self.program.namespaces.iter().map(|(_, it)| Arc::clone(&it.name));
        let declared: BTreeSet<_> = declared.collect();
        let mut others = self.policies.namespaces();
        others.retain(|name| !declared.contains(name));
        let undeclared = self.differences.undeclared();
        let after = self.meaning.undeclared(sets, direction);
        for name in &undeclared {
            let here = Predicate::Equals(Arc::clone(name));
            let here = sets.test(Bearer::Undeclared, NAMESPACE, &here);
            let counted = sets.diagrams.intersection(self.counted, here);
            let exempt = self.program.exempt.iter().any(|it| it.name == *name);
            if exempt && self.is_same_unlabelled(sets, name, direction) {
                continue;
            }
            let (of, subject) = (ComparedSubject::Namespace(name), Judged::Undeclared(&others));
            self.subject(sets, of, subject, direction, after, counted);
        }
        let known = declared.into_iter().chain(undeclared).collect();
        let known = sets.test(Bearer::Undeclared, NAMESPACE, &Predicate::In(known));
        let counted = sets.diagrams.difference(self.counted, known);
        let (of, subject) = (ComparedSubject::Later, Judged::Undeclared(&[]));
        let before = self.subject(sets, of, subject, direction, after, counted);
        let who = "namespaces that are not there yet";
        let [after, ..] = after;
        self.of_sets.add(sets, who, [before, after], self.all_counted);
    }

    /// Whether the namespace `name` lets the same pass without labels. That is how a project knows those that are exempt.
    fn is_same_unlabelled(
        &mut self,
        sets: &mut Sets,
        name: &Arc<str>,
        direction: Direction,
    ) -> bool {
        let namespace = unlabelled(name);
        let subject = Judged::Declared(&namespace.name, &namespace.labels);
        let [before, before_later, _] =
            self.policies.row(sets, subject, direction, self.world.ties());
        let [after, after_later, _] = self.meaning.declared(sets, &namespace, direction);
        let mut counted = |it| sets.diagrams.intersection(it, self.counted);
        [before, before_later].map(&mut counted) == [after, after_later].map(&mut counted)
    }

    /// Compares what host endpoints let pass.
    fn hosts(&mut self, sets: &mut Sets, direction: Direction) {
        for profile in &[Profile::Allows, Profile::Denies] {
            let of = ComparedSubject::Hosts { open: *profile == Profile::Allows };
            let after = self.policies.host_without_policies(sets, profile, direction);
            self.subject(sets, of, Judged::Host(profile), direction, [after; 3], self.counted);
        }
    }

    /// Compares what `subject` lets pass with the row `after`, as differences of `of`. Gives what it lets pass before.
    fn subject(
        &mut self,
        sets: &mut Sets,
        of: ComparedSubject<'_>,
        subject: Judged<'_>,
        direction: Direction,
        after: Row,
        counted: Diagram,
    ) -> Diagram {
        let ties = self.world.ties();
        let bearer = subject.bearer();
        let [after, after_later, _] = after;
        let steps = self.policies.judge(sets, subject, direction, ties);
        let before = passing(sets, &steps);
        let compared = Compared { subject: of, bearer, direction, before, after, counted };
        let resources = &self.resources;
        let by = |sets: &mut Sets, set| deciders(sets, &steps, resources, bearer, set);
        let differing = self.differences.add(sets, &compared, by);
        if differing == Diagram::EMPTY && !matches!(of, ComparedSubject::Hosts { .. }) {
            let [_, before_later, _] = self.policies.row(sets, subject, direction, ties);
            let (before, after) = (before_later, after_later);
            self.differences.add_later_policies(sets, &Compared { before, after, ..compared });
        }
        before
    }
}

/// The program that the files are; or the lines that are no part of one, as far as lines are to blame.
pub(super) fn program(
    world: &World,
    settings: &Settings,
    files: &[(String, String)],
) -> Result<Result<Program, RefusedLines>, ImportFailure> {
    let mut sources = Sources::new();
    let (mut trees, mut owners) = (Vec::new(), BTreeMap::new());
    let mut diagnostics = Vec::new();
    for (owner, text) in files {
        let file = sources.add(format!("{owner}.flow"), text.clone());
        owners.insert(file, owner);
        let (tree, found) = syntax::parse(&sources, file);
        diagnostics.extend(found);
        let owner = match owner.as_str() {
            PLATFORM => FileOwner::Platform,
            name => FileOwner::Application(name.into()),
        };
        trees.push((owner, tree));
    }
    let platform = files.iter().any(|(owner, _)| owner == PLATFORM);
    let (program, found) = check::check(&check::CheckInput {
        files: &trees,
        platform,
        zones: &world.cluster.zones,
        settings,
        write: None,
        partial: false,
        today: jiff::civil::Date::constant(2000, 1, 1),
        drop_expired: false,
    });
    diagnostics.extend(found);
    let mut refused = RefusedLines::new();
    for error in diagnostics.iter().filter(|it| it.level == Level::Error) {
        let place = error.primary();
        let of = |it: Span| Some((*owners.get(&it.file)?, sources.get(it.file)?, it));
        let Some((owner, source, place)) = place.and_then(of) else {
            return Err(ImportFailure::Bug(error.message.clone()));
        };
        let line = source.line(sources.position(place).line).trim_end().to_owned();
        refused.insert((owner.clone(), line), error.message.clone());
    }
    Ok(if refused.is_empty() { Ok(program) } else { Err(refused) })
}

/// What the rules of policies open: not what is open because no policy selects.
pub(super) fn opened(sets: &mut Sets, steps: &[Step]) -> Diagram {
    let passed = steps.iter().filter(|it| it.action == Action::Pass).map(|it| it.reached);
    let passed = sets.diagrams.union_of(passed.collect());
    let mut open = Vec::new();
    for step in steps.iter().filter(|it| it.action == Action::Allow) {
        match step.by {
            By::Rule { .. } => open.push(step.reached),
            By::Profile => open.push(sets.diagrams.intersection(step.reached, passed)),
            By::EndOfTier { .. } | By::Forwarded { .. } | By::Failsafe | By::NotIsolated => {}
        }
    }
    sets.diagrams.union_of(open)
}

/// Everything that passes.
fn passing(sets: &mut Sets, steps: &[Step]) -> Diagram {
    let open = steps.iter().filter(|it| it.action == Action::Allow).map(|it| it.reached);
    sets.diagrams.union_of(open.collect())
}

/// The namespace of this name that bears no label, and that the files spare.
fn unlabelled(name: &Arc<str>) -> Namespace {
    let labels = vec![(crate::selector::keys::METADATA_NAME.into(), Arc::clone(name))];
    let span = crate::syntax::build::nowhere();
    let name = Arc::clone(name);
    Namespace { name, labels, application: None, zone: None, exempt: true, span }
}

/// The policies that decided about some of `set`.
fn deciders(
    sets: &mut Sets,
    steps: &[Step],
    resources: &[&Resource],
    bearer: Bearer<'_>,
    set: Diagram,
) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for step in steps {
        let decides = matches!(step.action, Action::Allow | Action::Deny);
        if !decides || sets.diagrams.intersection(step.reached, set) == Diagram::EMPTY {
            continue;
        }
        let indices = match &step.by {
            By::Rule { policy, .. } | By::Forwarded { policy, .. } => std::slice::from_ref(policy),
            By::EndOfTier { policies, .. } => policies,
            By::Failsafe | By::Profile | By::NotIsolated => &[],
        };
        for index in indices {
            let Some(Resource::Policy(policy)) = resources.get(*index) else { continue };
            let here = sets.selector(bearer, &selected(policy));
            if sets.diagrams.intersection(here, set) == Diagram::EMPTY {
                continue;
            }
            found.insert(match &policy.namespace {
                Some(namespace) => format!("{namespace}/{}", policy.name),
                None => policy.name.to_string(),
            });
        }
    }
    found
}
