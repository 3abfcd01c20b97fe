//! Differences of random worlds, held to the plainest reading of both: what is told differs, what differs is told, and other
//! words for the same are no change.

use std::collections::{BTreeMap, BTreeSet};

use eastwest::diff::{Change, ChangeKind, ChangeSubject, Diff, Version, diff};
use eastwest::lock;
use eastwest::program::Program;
use eastwest::reach::{End, Example, Scenario};
use eastwest::source::Sources;
use eastwest::world::World;

use super::naive;
use super::world::{self, Dice};

const WORLDS: u64 = 120;
const CONNECTIONS: usize = 250;

/// The world of a program.
pub(crate) fn of(program: Program) -> World {
    let built = eastwest::compiled(&program, false);
    World::of_project(program, &built, |_| "policies.yaml".to_owned(), Sources::new())
}

/// The flows of `program` that the lines of a change are.
fn flows<'p>(
    program: &'p Program,
    lines: &'p [eastwest::diff::ChangedLine],
) -> impl Iterator<Item = &'p eastwest::program::Flow> {
    lines
        .iter()
        .filter_map(|line| program.flows.iter().find(|flow| Some(flow.spans.whole) == line.span))
}

/// Whether some change tells of a connection that passes in one world alone.
fn told(found: &Diff, old: &Program, new: &Program, example: &Example, gained: bool) -> bool {
    let changes = || found.sections.iter().flat_map(|it| &it.changes);
    let by_flow = |change: &Change| {
        let (version, program) =
            if gained { (change.new.as_ref(), new) } else { (change.old.as_ref(), old) };
        let kind = match change.change {
            ChangeKind::Added | ChangeKind::Widened => gained,
            ChangeKind::Removed | ChangeKind::Narrowed => !gained,
            ChangeKind::Changed => true,
        };
        change.subject == ChangeSubject::Flow
            && kind
            && version.is_some_and(|version| {
                flows(program, &version.lines).any(|flow| naive::opens(program, flow, example))
            })
    };
    // What a guardrail or the default deny does to all lines at once is told of it.
    let by_others = |change: &Change| change.subject != ChangeSubject::Flow;
    changes().any(by_flow) || changes().any(by_others)
}

#[test]
fn what_is_told_differs_and_what_differs_is_told() {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut seen = 0;
    for seed in 1..=WORLDS {
        let mut dice = Dice::new(seed + 7000);
        let (mut old_program, mut old_text) = world::world(seed).program();
        let (mut new_program, mut new_text) = old_text.clone().changed(&mut dice).program();
        if seed % 2 == 0 {
            std::mem::swap(&mut old_program, &mut new_program);
            std::mem::swap(&mut old_text, &mut new_text);
        }
        let (old, new) = (of(old_program.clone()), of(new_program.clone()));
        let found = diff(&old, &new).unwrap();
        let say = || format!("world {seed}: {found:#?}\n{}\n{}", old_text.text(), new_text.text());
        for change in found.sections.iter().flat_map(|it| &it.changes) {
            let name = format!("{:?} {:?}", change.subject, change.change);
            *counts.entry(name).or_default() += 1;
        }
        *counts.entry(if found.same { "same" } else { "other" }.to_owned()).or_default() += 1;
        let judge = |example: &Example, scenario| {
            [&old_program, &new_program].map(|it| naive::program(it, example, scenario))
        };
        for (example, in_new) in &found.examples {
            let example = &named(example.clone());
            let [was, is] = judge(example, Scenario::Plain);
            assert_eq!([was, is], [!in_new, *in_new], "{example}\n{}", say());
            seen += 1;
        }
        let service = crate::small_worlds::has_service(&old_program);
        for _ in 0..CONNECTIONS {
            let example = world::example(&mut dice, service);
            if !is_of(&old_program, &example) {
                continue;
            }
            for scenario in Scenario::ALL {
                let [was, is] = judge(&example, scenario);
                if was == is {
                    continue;
                }
                assert!(!found.same, "{scenario:?} {example}\n{}", say());
                if scenario == Scenario::Plain {
                    let told = told(&found, &old_program, &new_program, &example, is);
                    assert!(told, "{example}\n{}", say());
                    *counts.entry("connections".to_owned()).or_default() += 1;
                }
            }
        }
    }
    println!("{counts:#?} {seen}");
    for wanted in
        ["Flow Added", "Flow Removed", "Flow Changed", "Flow Narrowed", "Flow Widened", "same"]
    {
        assert!(counts.get(wanted).is_some_and(|it| *it > 2), "{wanted}: {counts:#?}");
    }
    assert!(counts["connections"] > 50 && seen > 50, "{counts:#?} {seen}");
}

/// The same where each namespace bears its name as a label, as all do.
fn named(mut example: Example) -> Example {
    for end in [&mut example.subject, &mut example.peer] {
        if let End::Pod { namespace, of_namespace, .. } = end {
            of_namespace.insert("kubernetes.io/metadata.name".into(), namespace.clone());
        }
    }
    example
}

/// Whether a namespace that is declared has the labels that it is declared with.
fn is_of(program: &Program, example: &Example) -> bool {
    [&example.subject, &example.peer].into_iter().all(|end| match end {
        End::Pod { namespace, of_namespace, .. } => {
            let declared = program.namespaces.iter().find(|(_, it)| it.name == *namespace);
            declared.is_none_or(|(_, declared)| {
                declared.labels.iter().all(|(key, value)| of_namespace.get(key) == Some(value))
                    && declared.labels.len() == of_namespace.len()
            })
        }
        End::Held { .. } | End::Host { .. } | End::Address(_) => true,
    })
}

#[test]
fn whatever_moves_a_boundary_changes_the_lock() {
    let (mut moved, mut still) = (0, 0);
    for seed in 1..=WORLDS {
        let mut dice = Dice::new(seed + 7000);
        let (old, text) = world::world(seed).program();
        let (new, said) = text.clone().changed(&mut dice).program();
        let same_lock = lock::text(&old, None) == lock::text(&new, None);
        let found = diff(&of(old), &of(new)).unwrap().crossings();
        if !found.namespaces.is_empty() {
            continue;
        }
        let count = if found.same { &mut still } else { &mut moved };
        *count += 1;
        assert!(
            found.same || !same_lock,
            "world {seed}: {found:#?}\n{}\n{}",
            text.text(),
            said.text()
        );
    }
    println!("{moved} moved a boundary, {still} did not");
    assert!(moved > 20 && still > 5, "{moved} {still}");
}

#[test]
fn other_words_for_the_same_are_no_change() {
    let mut other = 0;
    for seed in 1..=WORLDS {
        let mut dice = Dice::new(seed + 9000);
        let (old, text) = world::world(seed).program();
        let (new, said) = text.clone().rearranged(&mut dice).program();
        let found = diff(&of(old.clone()), &of(new)).unwrap();
        assert!(found.same, "world {seed}: {found:#?}\n{}\n{}", text.text(), said.text());
        other += usize::from(old.flows.len() > 1 && text.text() != said.text());
        let same = diff(&of(old.clone()), &of(old)).unwrap();
        assert!(same.same && same.reworded.is_empty(), "world {seed}: {same:#?}");
    }
    assert!(other > 50, "{other}");
}

/// What is told of lines: how they change, and which they were and are. How changes are grouped by their effects is not
/// asked: that depends on what is there in the one world or the other.
fn told_of_lines(found: &Diff, turned: bool) -> BTreeSet<(ChangeKind, Vec<String>, Vec<String>)> {
    let changes = found.sections.iter().flat_map(|it| &it.changes);
    let changes = changes.filter(|it| it.subject != ChangeSubject::Deny);
    let lines = |version: Option<&Version>| -> Vec<String> {
        version.into_iter().flat_map(|it| &it.lines).map(|it| it.line.clone()).collect()
    };
    let told = changes.map(|it| {
        let kind = match (it.change, turned) {
            (ChangeKind::Added, true) => ChangeKind::Removed,
            (ChangeKind::Removed, true) => ChangeKind::Added,
            (ChangeKind::Widened, true) => ChangeKind::Narrowed,
            (ChangeKind::Narrowed, true) => ChangeKind::Widened,
            (kind, _) => kind,
        };
        let (old, new) = (lines(it.old.as_ref()), lines(it.new.as_ref()));
        if turned { (kind, new, old) } else { (kind, old, new) }
    });
    told.collect()
}

#[test]
fn a_difference_turned_round_tells_the_reverse() {
    let mut lines = 0;
    for seed in 1..=WORLDS {
        let mut dice = Dice::new(seed + 7000);
        let (old, text) = world::world(seed).program();
        let (new, _) = text.clone().changed(&mut dice).program();
        let there = diff(&of(old.clone()), &of(new.clone())).unwrap();
        let back = diff(&of(new), &of(old)).unwrap();
        let (there, back) = (told_of_lines(&there, false), told_of_lines(&back, true));
        assert_eq!(there, back, "world {seed}: {}", text.text());
        lines += there.len();
    }
    assert!(lines > 100, "{lines}");
}
