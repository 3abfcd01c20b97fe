//! Policies imported: what `build` wrote gives a program with the same reach, whatever the program.

mod foreign;
mod texts;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use eastwest::calico::Labels;
use eastwest::check::{CheckInput, FileOwner, check};
use eastwest::diagnostic::Level;
use eastwest::import::{Equal, Imported, import};
use eastwest::program::{Program, Settings};
use eastwest::reach::of_program::Meaning;
use eastwest::reach::{Bearer, Direction, Sets, Terms};
use eastwest::source::Sources;
use eastwest::world::World;
use eastwest::{Parsed, cluster, syntax, zones};

use super::world;

const WORLDS: u64 = 150;

fn seeds() -> std::ops::RangeInclusive<u64> {
    world::seeds(WORLDS)
}

/// Namespaces as manifests.
pub(crate) fn manifests<'a>(namespaces: impl Iterator<Item = (&'a str, &'a Labels)>) -> String {
    let mut text = String::new();
    for (name, labels) in namespaces {
        let _ = writeln!(
            text,
            "---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: {name}\n  labels:"
        );
        for (key, value) in labels {
            let _ = writeln!(text, "    {key}: \"{value}\"");
        }
    }
    text
}

/// The world of these texts.
pub(crate) fn read(texts: &[(&str, String)], settings: &Settings) -> World {
    let mut sources = Sources::new();
    let files: Vec<_> = texts.iter().map(|(path, text)| sources.add(*path, &**text)).collect();
    let (cluster, said) = cluster::load(&sources, &files, &settings.labels, None);
    let errors: Vec<_> = said.iter().filter(|it| it.level == Level::Error).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let parsed = Parsed { zones: cluster.zones.clone(), files: Vec::new() };
    let (program, _) = check(&CheckInput {
        files: &parsed.files,
        platform: false,
        zones: &parsed.zones,
        settings,
        write: None,
        partial: false,
        today: jiff::civil::date(2026, 11, 22),
        drop_expired: false,
    });
    World::new(sources, cluster, program, settings.release)
}

/// The program that an import is.
pub(crate) fn program(imported: &Imported, zones: &str) -> Program {
    let mut sources = Sources::new();
    let manifest = sources.add("zones.yaml", zones);
    let (zones, _) = zones::load(&sources, &[manifest], &imported.settings.labels);
    let mut files = Vec::new();
    let mut diagnostics = Vec::new();
    for (owner, text) in &imported.files {
        let file = sources.add(format!("{owner}.flow"), &**text);
        let (tree, said) = syntax::parse(&sources, file);
        diagnostics.extend(said);
        let owner = if owner == "platform" {
            FileOwner::Platform
        } else {
            FileOwner::Application(owner.as_str().into())
        };
        files.push((owner, tree));
    }
    let (program, said) = check(&CheckInput {
        files: &files,
        platform: files.iter().any(|(owner, _)| *owner == FileOwner::Platform),
        zones: &zones,
        settings: &imported.settings,
        write: None,
        partial: false,
        today: jiff::civil::date(2026, 11, 22),
        drop_expired: false,
    });
    diagnostics.extend(said);
    let errors = diagnostics.iter().filter(|it| it.level == Level::Error);
    let errors: Vec<_> =
        errors.map(|it| eastwest::diagnostic::text::render(it, &sources, false)).collect();
    assert!(errors.is_empty(), "{}\n{}", errors.join("\n"), shown(imported));
    program
}

fn shown(imported: &Imported) -> String {
    let files = imported.files.iter().map(|(owner, text)| format!("## {owner}\n{text}\n"));
    format!("{}{:?}\n{:#?}", files.collect::<String>(), imported.settings, imported.verdicts)
}

/// Where the two programs mean something else, if they do.
fn difference(one: &Program, other: &Program) -> Option<String> {
    let (mut first, mut second) = (Meaning::new(one), Meaning::new(other));
    let mut terms = Terms::default();
    first.terms(&mut terms);
    second.terms(&mut terms);
    Sets::over(terms, |mut sets| {
        for direction in Direction::BOTH {
            for ((_, a), (_, b)) in one.namespaces.iter().zip(other.namespaces.iter()) {
                assert_eq!(a.name, b.name);
                let rows = [
                    first.declared(&mut sets, a, direction),
                    second.declared(&mut sets, b, direction),
                ];
                let bearer = Bearer::Declared(&a.name, &a.labels);
                if let Some(found) = apart(&mut sets, rows, bearer, direction) {
                    return Some(found);
                }
            }
            let rows =
                [first.undeclared(&mut sets, direction), second.undeclared(&mut sets, direction)];
            if let Some(found) = apart(&mut sets, rows, Bearer::Undeclared, direction) {
                return Some(found);
            }
        }
        None
    })
    .unwrap()
}

fn apart(
    sets: &mut Sets,
    [one, other]: [eastwest::reach::Row; 2],
    bearer: Bearer<'_>,
    direction: Direction,
) -> Option<String> {
    for ((a, b), scenario) in one.into_iter().zip(other).zip(eastwest::reach::Scenario::ALL) {
        for (set, what) in
            [(sets.diagrams.difference(a, b), "lost"), (sets.diagrams.difference(b, a), "gained")]
        {
            if let Some(example) = sets.example(set, bearer, direction) {
                return Some(format!("{scenario:?}, {what}: {example}"));
            }
        }
    }
    None
}

#[test]
fn what_was_built_is_imported_as_the_same_reach() {
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    let mut failures = Vec::new();
    for seed in seeds() {
        let (program, text) = world::world(seed).program();
        text.count(&mut counts);
        let built =
            eastwest::build(&program, false).unwrap_or_else(|why| panic!("{seed}: {why:?}"));
        let names = program.namespaces.iter().map(|(_, it)| (&*it.name, &it.labels));
        let manifest = manifests(names);
        let mut texts = vec![("zones.yaml", manifest.clone())];
        texts.extend(
            built.files.iter().map(|(owner, text)| (program.owner_name(*owner), text.clone())),
        );
        let cluster = read(&texts, &program.settings);
        let settings = Settings {
            labels: program.settings.labels.clone(),
            cluster: program.settings.cluster.clone(),
            dataplane: program.settings.dataplane,
            ..Settings::default()
        };
        if cluster.cluster.objects.is_empty() {
            continue;
        }
        let imported = import(&cluster, &settings).unwrap_or_else(|failure| {
            panic!("world {seed}: {failure}\n{}", text.text());
        });
        let again = self::program(&imported, &manifest);
        if let Some(found) = difference(&program, &again) {
            failures.push(format!("world {seed}: {found}\n{}\n{}", text.text(), shown(&imported)));
        } else if imported.verdicts.iter().any(|it| it.verdict != Equal::Equivalent) {
            failures.push(format!("world {seed}: verdict\n{}\n{}", text.text(), shown(&imported)));
        }
    }
    println!("{counts:#?}");
    for failure in &failures {
        println!("{}", failure.lines().next().unwrap());
    }
    println!("{} of {} worlds fail", failures.len(), seeds().count());
    assert!(failures.is_empty(), "{}", failures.iter().take(8).cloned().collect::<String>());
    let missing: Vec<_> =
        world::constructs().filter(|name| counts.get(name).is_none_or(|it| *it == 0)).collect();
    assert!(missing.is_empty(), "never met: {missing:?}");
}
