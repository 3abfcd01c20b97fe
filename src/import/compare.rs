//! Whether lines mean what the policies do that they were made of, and where not.

mod describe;

use std::collections::BTreeSet;
use std::sync::Arc;

use self::describe::{Compared, ComparedSubject, Differences};
use super::difference::{Difference, Equal, ImportVerdict};
use super::files::{self, PLATFORM};
use super::{FoundLines, ImportFailure, RefusedLines};
use crate::calico::{Action, Resource};
use crate::check::{self, FileOwner};
use crate::diagnostic::Level;
use crate::program::{Flow, Namespace, Program, Settings};
use crate::reach::of_policies::{By, Policies, Profile, Step, Subject as Judged, selected};
use crate::reach::of_program::Meaning;
use crate::reach::{Bearer, Diagram, Direction, Sets, Terms};
use crate::selector::Predicate;
use crate::selector::keys::NAMESPACE;
use crate::source::Sources;
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
        .iter()
        .map(|(application, lines)| {
            let texts: BTreeSet<String> =
                lines.iter().map(|it| it.tree().without_clauses().to_string()).collect();
            let own = |flow: &&Flow| texts.contains(&*flow.line);
            let _ = application;
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
    let (mut verdicts, notes) = with_addresses(false)?;
    // A rule for pods at some addresses differs only where pods have addresses.
    let (exact, _) = with_addresses(true)?;
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
    let all = world.cluster.resources();
    let namespaces = world.labels_of_namespaces();
    let mut policies = world.evaluator();
    let mut meaning = Meaning::new(program);
    Ok(Sets::over(terms, |mut sets| {
        let all_counted = counted(&mut sets, &[world]);
        let inside = sets.outside(&settings.cluster);
        let counted = sets.diagrams.difference(all_counted, inside);
        let mut of_sets = OfSets::default();
        let mut differences = Differences::new(world, program);
        let mut verdicts = Vec::new();
        // What is said of landing zones is not said of the platform again.
        let mut found_before: Vec<(Arc<str>, Direction, Diagram)> = Vec::new();
        for ((application, _), part) in found.own.iter().zip(parts) {
            let mut meaning = Meaning::new(part);
            for (_, namespace) in program.namespaces.iter() {
                let of = namespace.application.and_then(|id| program.applications.get(id));
                if namespace.exempt || of.is_none_or(|it| it.name != *application) {
                    continue;
                }
                let name = &namespace.name;
                let own = |it: &&Resource| match it {
                    Resource::Policy(policy) => policy.namespace.as_ref() == Some(name),
                    Resource::Tier(_) | Resource::Set(_) => true,
                };
                let resources: Vec<_> = all.clone().filter(own).collect();
                let mut own = Policies::new(resources.iter().copied(), &namespaces, &[]);
                for direction in Direction::BOTH {
                    let subject = Judged::Declared(name, &namespace.labels);
                    let bearer = subject.bearer();
                    let steps = own.judge(&mut sets, subject, direction, world.ties());
                    let before = opened(&mut sets, &steps);
                    let [after, ..] = meaning.declared(&mut sets, namespace, direction);
                    let subject = ComparedSubject::Namespace(name);
                    let compared = Compared { subject, bearer, direction, before, after, counted };
                    let by =
                        |sets: &mut Sets<'_>, set| deciders(sets, &steps, &resources, bearer, set);
                    let differing = differences.add(&mut sets, &compared, by);
                    found_before.push((Arc::clone(name), direction, differing));
                }
            }
            verdicts.push(verdict(application, differences.take()));
        }
        let resources: Vec<_> = all.collect();
        let undeclared = differences.undeclared();
        for direction in Direction::BOTH {
            for (_, namespace) in program.namespaces.iter() {
                let name = &namespace.name;
                let subject = Judged::Declared(name, &namespace.labels);
                let bearer = subject.bearer();
                let steps = policies.judge(&mut sets, subject, direction, world.ties());
                let before = passing(&mut sets, &steps);
                let [after, ..] = meaning.declared(&mut sets, namespace, direction);
                let already = found_before.iter().filter(|it| (&it.0, it.1) == (name, direction));
                let already = sets.diagrams.union_of(already.map(|it| it.2).collect());
                let counted = sets.diagrams.difference(counted, already);
                let subject = ComparedSubject::Namespace(name);
                let compared = Compared { subject, bearer, direction, before, after, counted };
                let by = |sets: &mut Sets<'_>, set| deciders(sets, &steps, &resources, bearer, set);
                differences.add(&mut sets, &compared, by);
                of_sets.add(&mut sets, name, [before, after], all_counted);
            }
            let declared = program.namespaces.iter().map(|(_, it)| Arc::clone(&it.name));
            let declared: BTreeSet<_> = declared.collect();
            let mut others = policies.namespaces();
            others.retain(|name| !declared.contains(name));
            let subject = Judged::Undeclared(&others);
            let bearer = subject.bearer();
            let steps = policies.judge(&mut sets, subject, direction, world.ties());
            let before = passing(&mut sets, &steps);
            let [after, ..] = meaning.undeclared(&mut sets, direction);
            let by = |sets: &mut Sets<'_>, set| deciders(sets, &steps, &resources, bearer, set);
            for name in &undeclared {
                let its_name = Predicate::Equals(Arc::clone(name));
                let here = sets.test(bearer, NAMESPACE, &its_name);
                let counted = sets.diagrams.intersection(counted, here);
                let subject = ComparedSubject::Namespace(name);
                let compared = Compared { subject, bearer, direction, before, after, counted };
                if found.spares_nobody && **name == *files::SPARED {
                    // That is the files' own doing, and like every namespace known by name it is taken to bear no label.
                    let namespace = unlabelled(name);
                    let subject = Judged::Declared(&namespace.name, &namespace.labels);
                    let bearer = subject.bearer();
                    let steps = policies.judge(&mut sets, subject, direction, world.ties());
                    let before = passing(&mut sets, &steps);
                    let [after, ..] = meaning.declared(&mut sets, &namespace, direction);
                    let by =
                        |sets: &mut Sets<'_>, set| deciders(sets, &steps, &resources, bearer, set);
                    let compared = Compared { bearer, before, after, ..compared };
                    differences.add(&mut sets, &compared, by);
                } else {
                    differences.add(&mut sets, &compared, by);
                }
            }
            let names = declared.into_iter().chain(undeclared.iter().cloned()).collect();
            let known = sets.test(bearer, NAMESPACE, &Predicate::In(names));
            let counted_later = sets.diagrams.difference(counted, known);
            let subject = ComparedSubject::Later;
            let compared =
                Compared { subject, bearer, direction, before, after, counted: counted_later };
            differences.add(&mut sets, &compared, by);
            let who = "namespaces that are not there yet";
            let later = policies.judge(&mut sets, Judged::Undeclared(&[]), direction, world.ties());
            let before = passing(&mut sets, &later);
            of_sets.add(&mut sets, who, [before, after], all_counted);
            let bearer = Bearer::Host;
            for profile in &[Profile::Allows, Profile::Denies] {
                let subject = ComparedSubject::Hosts { open: *profile == Profile::Allows };
                let host = Judged::Host(profile);
                let steps = policies.judge(&mut sets, host, direction, world.ties());
                let before = passing(&mut sets, &steps);
                let after = policies.host_without_policies(&mut sets, profile, direction);
                let compared = Compared { subject, bearer, direction, before, after, counted };
                let by = |sets: &mut Sets<'_>, set| deciders(sets, &steps, &resources, bearer, set);
                differences.add(&mut sets, &compared, by);
            }
        }
        verdicts.push(verdict(PLATFORM, differences.take()));
        (verdicts, of_sets.notes(&[world]))
    })?)
}

/// The program that the files are; or the lines that are no part of one, as far as lines are to blame.
pub(super) fn program(
    world: &World,
    settings: &Settings,
    files: &[(String, String)],
) -> Result<Result<Program, RefusedLines>, ImportFailure> {
    let mut sources = Sources::new();
    let mut trees = Vec::new();
    let mut diagnostics = Vec::new();
    for (owner, text) in files {
        let file = sources.add(format!("{owner}.flow"), text.clone());
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
        let source = place.and_then(|it| sources.get(it.file));
        let (Some(place), Some(source)) = (place, source) else {
            return Err(ImportFailure::Bug(error.message.clone()));
        };
        let owner = source.path.trim_end_matches(".flow").to_owned();
        let line = source.line(sources.position(place).line).trim_end().to_owned();
        refused.insert((owner, line), error.message.clone());
    }
    Ok(if refused.is_empty() { Ok(program) } else { Err(refused) })
}

/// What the rules of policies open: not what is open because no policy selects.
pub(super) fn opened(sets: &mut Sets<'_>, steps: &[Step]) -> Diagram {
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
fn passing(sets: &mut Sets<'_>, steps: &[Step]) -> Diagram {
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
    sets: &mut Sets<'_>,
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

fn verdict(owner: &str, (differences, later): (Vec<Difference>, bool)) -> ImportVerdict {
    let verdict = match (differences.is_empty(), later) {
        (true, _) => Equal::Equivalent,
        (false, true) => Equal::EquivalentToday,
        (false, false) => Equal::Differs,
    };
    ImportVerdict { owner: owner.to_owned(), verdict, differences }
}
