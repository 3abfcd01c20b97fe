//! Random worlds, asked in three ways: all pairs at once, question by question, and by statements of what must be open. The same
//! must come out; single connections are answered by `can --batch`, which the brute-force model holds.

use std::collections::BTreeSet;

use eastwest::calico::Release;
use eastwest::can::{
    Expectation, Extent, Met, QueryPlace, Question, Reached, Verdict, answer, batch, expect, pairs,
};
use eastwest::program::Settings;
use eastwest::reach::Condition;
use eastwest::traffic::{Detail, Family, Match, Protocol};
use eastwest::world::World as Asked;
use serde_json::Value;

use super::batch::{asked, questions};
use super::world;

const NAMESPACES: [&str; 3] = ["a", "b", "c"];

/// The place that is a namespace, or where nothing names it every namespace.
fn place(asked: &Asked, name: &str) -> QueryPlace {
    let found = QueryPlace::of_namespace(asked, name, None, name.to_owned());
    found.unwrap_or_else(|_| QueryPlace::namespaces(asked, None, name.to_owned()))
}

/// Whether `name`, as pairs name places, has the namespace `home`.
fn has(name: &str, home: &str) -> bool {
    name == "namespace/*" || name.strip_prefix("namespace/") == Some(home)
}

#[test]
fn all_pairs_are_what_single_questions_are_answered() {
    let (mut compared, mut open) = (0, 0);
    for seed in 1..=40 {
        let world = world::world(seed);
        let asked = asked(&world, Release::NEWEST, true, &Settings::default());
        // Services are places of their own where all pairs are asked for.
        let of_service = |it: &Condition| {
            matches!(it, Condition::ToService { .. } | Condition::FromService { .. })
        };
        if world.conditions.iter().any(of_service) {
            continue;
        }
        let found = pairs(&asked).unwrap();
        for from in NAMESPACES {
            let Some(reaches) = found.iter().find(|it| has(&it.place, from)) else {
                panic!("{seed}: {from} is not among the places")
            };
            for to in NAMESPACES {
                let rows = |list: &[Reached]| -> BTreeSet<Extent> {
                    let of = list.iter().filter(|it| it.places.iter().any(|it| has(it, to)));
                    of.map(|it| it.extent.clone()).collect()
                };
                let question =
                    Question { from: place(&asked, from), to: place(&asked, to), traffic: None };
                let single = answer(&asked, &question).unwrap();
                let singles = |list: &[eastwest::can::OpenTraffic]| -> BTreeSet<Extent> {
                    list.iter().map(|it| it.extent.clone()).collect()
                };
                let context = || format!("world {seed}, {from} to {to}: {reaches:#?}\n{single:#?}");
                let verdict = match (rows(&reaches.open), rows(&reaches.undecided)) {
                    (open, _) if !open.is_empty() => Verdict::Allow,
                    (_, undecided) if !undecided.is_empty() => Verdict::Undecided,
                    _ => Verdict::Deny,
                };
                assert_eq!(verdict, single.verdict, "{}", context());
                assert_eq!(rows(&reaches.open), singles(&single.open), "{}", context());
                assert_eq!(rows(&reaches.undecided), singles(&single.undecided), "{}", context());
                compared += 1;
                open += usize::from(verdict == Verdict::Allow);
            }
        }
    }
    assert!(compared > 50 && open > 10 && open < compared, "{compared} {open}");
}

#[test]
fn a_statement_that_is_met_is_met_by_every_single_connection() {
    let mut results = BTreeSet::new();
    let mut held = 0;
    for seed in 1..=24 {
        let world = world::world(seed);
        if world.conditions.len() > 5 {
            continue;
        }
        // Where no service accounts are read, nothing names the namespace `new`: it may come.
        let asked = asked(&world, Release::NEWEST, seed % 2 == 0, &Settings::default());
        let questions = questions(&world, seed);
        let of_pods = questions.iter().filter(|(line, (_, _, traffic))| {
            let pods = ["from", "to"].iter().all(|end| line[end]["namespace"].is_string());
            pods && traffic.family == Family::V4 && traffic.protocol == 6
        });
        let of_pods: Vec<_> = of_pods.take(120).collect();
        let answers = batch(&asked, |asker| {
            let mut verdicts = Vec::new();
            for (number, (line, _)) in (1..).zip(&of_pods) {
                let mut out = Vec::new();
                asker.answer(line.to_string().as_bytes(), number, &mut out);
                let answer: Value = serde_json::from_slice(&out).unwrap();
                verdicts.push(answer["verdict"].as_str().unwrap().to_owned());
            }
            verdicts
        });
        let mut known = std::collections::BTreeMap::new();
        for ((line, (_, _, traffic)), verdict) in of_pods.into_iter().zip(answers.unwrap()) {
            let Detail::Port(port, _) = &traffic.detail else { continue };
            let name = |end: &str| line[end]["namespace"].as_str().unwrap().to_owned();
            let key = (name("from"), name("to"), *port);
            let [open, closed] = *known.entry(key.clone()).or_insert_with(|| {
                let (from, to) = (place(&asked, &key.0), place(&asked, &key.1));
                [true, false].map(|open| {
                    let traffic = Some(vec![Match::Ports(Protocol::Tcp, *port, *port)]);
                    let question = Question { from: from.clone(), to: to.clone(), traffic };
                    expect(&asked, &Expectation { open, question }).unwrap().result
                })
            });
            let context =
                format!("world {seed}: {line}: {verdict}, {open:?} {closed:?}\n{world:#?}");
            assert!(open != Met::Met || verdict == "allow", "{context}");
            assert!(closed != Met::Met || verdict == "deny", "{context}");
            held += usize::from(open == Met::Met) + usize::from(closed == Met::Met);
            results.insert(format!("{open:?} {closed:?}"));
        }
    }
    assert!(held > 50 && results.len() > 3, "{held} {results:?}");
}
