//! `crossings.lock`: it changes if and only if what has to be approved changes, it can be read back, and `check` and `build`
//! hold the flows to it.

use std::collections::BTreeSet;

use eastwest::lock;
use eastwest::program::{Arrow, Flow, Program};
use eastwest::reach::Example;

use super::cli::{Project, holds_to_schema, json};
use super::naive;
use super::world::{self, Dice};

const WORLDS: u64 = 120;
const CONNECTIONS: usize = 1000;
const FLOWS: &str = "application2/network-policies/app.flow";

fn crossings(program: &Program) -> impl Iterator<Item = &Flow> {
    program.flows.iter().filter(|it| matches!(it.arrow, Arrow::Leaving | Arrow::Entering))
}

/// Everything that is said of boundaries, in whatever words.
fn said(program: &Program) -> BTreeSet<String> {
    let clauses =
        |because: &Option<Box<str>>, ticket: &Option<Box<str>>| format!("{because:?} {ticket:?}");
    let flows = crossings(program).map(|it| {
        format!("{} {:?} {} {:?}", it.line, it.matches, clauses(&it.because, &it.ticket), it.until)
    });
    let guardrails = program.guardrails.iter().map(|it| {
        format!("{} {:?} {:?} {}", it.line, it.matches, it.except, clauses(&it.because, &it.ticket))
    });
    let externals = program.externals.iter().map(|(_, it)| format!("{} {:?}", it.name, it.value));
    let exempt = program.exempt.iter().map(|it| it.name.to_string());
    let settings = format!("{:?} {:?}", program.settings, program.log_denied.is_some());
    flows.chain(guardrails).chain(externals).chain(exempt).chain([settings]).collect()
}

fn crosses(program: &Program, example: &Example) -> bool {
    crossings(program).any(|flow| naive::opens(program, flow, example))
}

#[test]
fn other_words_for_the_same_openings_are_the_same_lock() {
    let mut other = 0;
    for seed in 1..=WORLDS {
        let (old, text) = world::world(seed).program();
        let (new, again) = text.clone().rearranged(&mut Dice::new(seed + 9000)).program();
        let say = || format!("world {seed}\n{}\n{}", text.text(), again.text());
        assert_eq!(lock::text(&old, None), lock::text(&new, None), "{}", say());
        other += usize::from(said(&old) != said(&new));
    }
    assert!(other > 20, "too few worlds say their crossings in other words: {other}");
}

#[test]
fn what_opens_another_connection_across_a_boundary_is_another_lock() {
    let (mut differ, mut same, mut opened) = (0, 0, 0);
    for seed in 1..=WORLDS {
        let mut dice = Dice::new(seed + 7000);
        let (old, text) = world::world(seed).program();
        let (new, again) = text.clone().changed(&mut dice).program();
        let say = || format!("world {seed}\n{}\n{}", text.text(), again.text());
        let (before, after) = (lock::text(&old, None), lock::text(&new, None));
        if said(&old) == said(&new) {
            assert_eq!(before, after, "{}", say());
            same += 1;
        }
        differ += usize::from(before != after);
        let service = crate::small_worlds::has_service(&old);
        for _ in 0..CONNECTIONS {
            let example = world::example(&mut dice, service);
            if crosses(&old, &example) != crosses(&new, &example) {
                assert_ne!(before, after, "{example}\n{}", say());
                opened += 1;
            }
        }
    }
    assert!(differ > 30 && same > 10 && opened > 20, "{differ} {same} {opened}");
}

/// `line` without what stands in brackets.
fn bare(line: &str) -> String {
    let parts = line.split('[').map(|part| part.rsplit(']').next().unwrap());
    parts.collect()
}

/// Whose file a line of the lock belongs in.
fn owner(line: &str) -> &'static str {
    let bare = bare(line);
    let mut words = bare.split(' ');
    let (left, right) = (words.next().unwrap(), words.nth(1).unwrap_or(""));
    let platform = !left.contains('.') || left.starts_with('*') || right.starts_with('*');
    match left {
        _ if platform => "platform",
        _ if left.starts_with("a.") => "a",
        _ => "b",
    }
}

#[test]
fn the_lines_of_a_lock_are_flows_that_say_the_same() {
    let (mut lines_read, mut entering) = (0, 0);
    for seed in 1..=WORLDS {
        let (program, world) = world::world(seed).program();
        let text = lock::text(&program, None);
        entering += under_their_headings(&text);
        let lines = text.lines().filter(|it| !it.is_empty() && !it.starts_with('#'));
        let lines: Vec<_> = lines.map(|line| (owner(line), line.to_owned())).collect();
        lines_read += lines.len();
        let (again, _) = world.saying(&lines).program();
        assert_eq!(lock::text(&again, None), text, "world {seed}");
        let mut dice = Dice::new(seed + 5000);
        for _ in 0..CONNECTIONS {
            let example = world::example(&mut dice, crate::small_worlds::has_service(&program));
            assert_eq!(crosses(&program, &example), crosses(&again, &example), "{seed} {example}");
        }
    }
    assert!(lines_read > 500 && entering > 100, "{lines_read} {entering}");
}

/// That each line opens what its heading says, from where to where. How many open the receiver's side.
fn under_their_headings(text: &str) -> usize {
    let mut entering = 0;
    for pair in text.split("\n\n# ").skip(1) {
        let (heading, lines) = pair.split_once('\n').unwrap();
        let (from, to) = heading.split_once(" ==> ").unwrap();
        for line in lines.lines() {
            let (leaving, sender, receiver) = match line.split_once(" ==> ") {
                Some((left, right)) => (true, left, right),
                None => line.split_once(" <== ").map(|(l, r)| (false, r, l)).unwrap(),
            };
            assert!(sender.starts_with(from) && receiver.starts_with(to), "{heading}: {line}");
            entering += usize::from(!leaving);
        }
    }
    entering
}

#[test]
fn check_and_build_hold_the_flows_to_the_lock() {
    let project = Project::sample();
    assert_eq!(project.run("check").status, 0, "without the file it is not in use");
    assert_eq!(project.run("lock --check").status, 1, "asked for, it has to be there");
    let ran = project.run("lock");
    assert_eq!((ran.status, ran.out.as_str()), (0, "written   crossings.lock\n"), "{}", ran.err);
    let locked = project.read("crossings.lock");
    assert_eq!(project.run("lock").out, "unchanged crossings.lock\n");

    // Inside a landing zone nobody has to approve anything.
    let flows = project.read(FLOWS);
    project.write(
        FLOWS,
        &format!("{flows}application2.frontend -> application2.backend : tcp/9999\n"),
    );
    assert_eq!(project.run("check").status, 0);

    let line = "application2.backend ==> application1.api : tcp/9999 because \"new\"";
    project.write(FLOWS, &format!("{flows}{line}\n"));
    for command in ["check", "build", "lock --check"] {
        let ran = project.run(command);
        assert_eq!(ran.status, 1, "{command}: {}", ran.err);
        assert!(
            ran.err.contains("EW0817") && ran.err.contains(&format!("+ {line}")),
            "{}",
            ran.err
        );
    }
    let files = project.files();
    assert!(!files.keys().any(|path| path.ends_with("policies.yaml")), "nothing was built");
    let ran = project.run("lock");
    assert!(ran.out.contains(&format!("+ {line}")), "{}", ran.out);
    assert_eq!(project.run("build").status, 0);
    assert_ne!(project.read("crossings.lock"), locked);
}

#[test]
fn a_lock_that_is_broken_is_told_as_such() {
    let project = Project::sample();
    project.run("lock");
    let locked = project.read("crossings.lock");
    project.write(
        "crossings.lock",
        &format!("<<<<<<< HEAD\n{locked}=======\n{locked}>>>>>>> other\n"),
    );
    let ran = project.run("check");
    assert!(
        ran.status == 1 && ran.err.contains("EW0819") && ran.err.contains("eastwest lock"),
        "{}",
        ran.err
    );
    assert_eq!(project.run("lock").status, 0, "the remedy that was named works");
    assert_eq!(project.read("crossings.lock"), locked);

    project.write("crossings.lock", "our own list\n");
    let ran = project.run("lock");
    assert!(ran.status == 1 && ran.err.contains("EW0820"), "{}", ran.err);
    assert_eq!(project.read("crossings.lock"), "our own list\n", "it is not overwritten");
}

#[test]
fn where_the_lock_has_to_be_there_its_absence_is_an_error() {
    let project = Project::sample();
    let config = project.read("eastwest.toml");
    project.write("eastwest.toml", &format!("lock = true\n{config}"));
    let ran = project.run("check");
    assert!(ran.status == 1 && ran.err.contains("EW0818"), "{}", ran.err);
    project.run("lock");
    assert_eq!(project.run("check").status, 0);
}

#[test]
fn settings_that_decide_meaning_are_locked_and_a_lowered_lint_is() {
    let project = Project::sample();
    project.run("lock");
    let config = project.read("eastwest.toml");
    for changed in [
        format!("{config}EW0605 = \"off\"\n"),
        config.replace("[lints]", "[calico]\ndeny = \"landing-zones\"\n[lints]"),
        config.replace("[lints]", "[cluster]\npods = [\"10.9.0.0/16\"]\n[lints]"),
    ] {
        project.write("eastwest.toml", &changed);
        let ran = project.run("lock --check");
        assert!(ran.status == 1 && ran.err.contains("EW0817"), "{changed}: {}", ran.err);
    }
    project.write("eastwest.toml", &format!("{config}EW0605 = \"error\"\n"));
    let ran = project.run("lock --check");
    assert!(!ran.err.contains("EW0817"), "a lint that says more needs no review: {}", ran.err);
}

#[test]
fn lock_as_json_holds_to_its_schema() {
    let project = Project::sample();
    for arguments in
        ["lock --check --format json", "lock --format json", "lock --check --format json"]
    {
        let ran = project.run(arguments);
        holds_to_schema("lock", &json(&ran.out));
    }
    project.write(FLOWS, "application2.nowhere -> application2.data\n");
    holds_to_schema("lock", &json(&project.run("lock --format json").out));
}
