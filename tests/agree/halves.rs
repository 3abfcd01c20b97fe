//! What `list` says of the other half of a crossing, and what `can` says of the pods that the line joins.

use std::collections::BTreeMap;
use std::sync::Arc;

use eastwest::can::{QueryPlace, Question, Verdict, answer};
use eastwest::lint::{OtherHalf, other_halves};
use eastwest::program::{Arrow, Endpoint, ExternalValue, Place, Program};
use eastwest::selector::Selector;
use eastwest::world::World;

use super::super::diff_worlds;
use super::super::world::{self, Dice, varying_seeds};

const WORLDS: u64 = 60;

#[test]
fn the_other_half_is_there_if_and_only_if_every_pair_of_pods_is_joined() {
    let mut met: BTreeMap<String, usize> = BTreeMap::new();
    for seed in varying_seeds(WORLDS) {
        let mut world = world::world(seed);
        if seed % 4 != 0 {
            world = world.saying(&crossings(&mut Dice::new(seed + 4321)));
        }
        let (program, text) = world.program();
        let halves = other_halves(&program).unwrap();
        let asked = diff_worlds::of(program.clone());
        let guarded = program.guardrails.iter().flat_map(|it| [&it.left, &it.right]);
        let guards_service = guarded.into_iter().any(|it| is_service(&program, it));
        for (index, other) in halves {
            let flow = &program.flows[index];
            if flow.matches.is_none() || [&flow.left, &flow.right].into_iter().any(is_offer) {
                continue;
            }
            let [lefts, rights] = [&flow.left, &flow.right].map(|it| places(&asked, it));
            let mut verdicts = Vec::new();
            let mut said = Vec::new();
            for left in &lefts {
                for right in &rights {
                    let (from, to) = match flow.arrow {
                        Arrow::Entering => (right, left),
                        Arrow::Inside | Arrow::Both | Arrow::Leaving => (left, right),
                    };
                    let (from, to) = (from.clone(), to.clone());
                    let traffic = flow.matches.clone();
                    let names = format!("{} to {}", from.text, to.text);
                    let found = answer(&asked, &Question { from, to, traffic }).unwrap();
                    said.push(format!("{names}: {:?}", found.verdict));
                    verdicts.push(found.verdict);
                }
            }
            if guards_service && verdicts.contains(&Verdict::Undecided) {
                // Whether its pods are endpoints of the Service, no line knows.
                *met.entry("Undecided".to_owned()).or_default() += 1;
                continue;
            }
            let all_yes = verdicts.iter().all(|it| *it == Verdict::Allow);
            // What a Service decides is a yes for nobody yet.
            let no_yes = |it: &Verdict| matches!(it, Verdict::Deny | Verdict::Undecided);
            let none_yes = verdicts.iter().all(no_yes);
            let right = match other {
                _ if verdicts.is_empty() => continue,
                OtherHalf::There => all_yes,
                OtherHalf::Missing => none_yes,
                // A Service may open the rest: then all of it is undecided, with what is open for sure.
                OtherHalf::Partly => {
                    !all_yes && (!none_yes || verdicts.contains(&Verdict::Undecided))
                }
                OtherHalf::NotNeeded | OtherHalf::Elsewhere => continue,
            };
            assert!(
                right,
                "world {seed}: {}: {other:?}, but {said:#?}\n{}",
                flow.line,
                text.text()
            );
            *met.entry(format!("{other:?}")).or_default() += 1;
        }
    }
    println!("{met:?}");
    assert!(["There", "Missing", "Partly"].iter().all(|it| met.get(*it) > Some(&5)), "{met:?}");
}

/// Lines of two owners that are often the halves of one crossing.
pub(super) fn crossings(dice: &mut Dice) -> Vec<(&'static str, String)> {
    const PODS: [&str; 7] = [
        "",
        "",
        "[app == 'x']",
        "[app != 'x']",
        "[has(tier)]",
        "[app in {'x', 'y'}]",
        "[!has(tier) && app == 'y']",
    ];
    const TRAFFIC: [&str; 7] = [
        "tcp/443",
        "tcp/443",
        "tcp/1000-2000",
        "tcp/1500-3000, tcp/443",
        "tcp",
        "tcp/https",
        "any",
    ];
    let mut lines = vec![("platform", "exempt plain".to_owned())];
    lines.push(("platform", "external mon = namespace monitoring".to_owned()));
    for _ in 0..3 + dice.below(5) {
        let zones = |dice: &mut Dice| dice.of(&["web", "db", "*", "{web, db}"]);
        let a = format!("a.{}{}", zones(dice), dice.of(&PODS));
        let b = if dice.one_in(4) {
            format!("mon{}", dice.of(&PODS))
        } else {
            format!("b.{}{}", zones(dice), dice.of(&PODS))
        };
        let other = if b.starts_with("mon") { "platform" } else { "b" };
        let arrows = if dice.one_in(2) { ["==>", "<=="] } else { ["<==", "==>"] };
        for (owner, left, right, arrow) in [("a", &a, &b, arrows[0]), (other, &b, &a, arrows[1])] {
            for _ in 0..=dice.below(2) {
                // Some halves are for other pods than those of their other half.
                let changed = |dice: &mut Dice, side: &str| {
                    let place = side.split('[').next().unwrap();
                    if dice.one_in(4) {
                        format!("{place}{}", dice.of(&PODS))
                    } else {
                        side.to_owned()
                    }
                };
                let (left, right) = (changed(dice, left), changed(dice, right));
                let traffic = dice.of(&TRAFFIC);
                lines.push((owner, format!("{left} {arrow} {right} : {traffic} because \"r\"")));
            }
        }
    }
    lines
}

pub(super) fn is_service(program: &Program, side: &Endpoint) -> bool {
    let Place::External(id) = &side.place else { return false };
    matches!(program.externals.get(*id).unwrap().value, ExternalValue::Service { .. })
}

/// Whether it is for every landing zone, most of which leave it alone.
fn is_offer(side: &Endpoint) -> bool {
    matches!(side.place, Place::Zones { application: None, .. })
}

/// The namespaces of a side that its lines are about, each with the pods that it selects.
fn places(world: &World, side: &Endpoint) -> Vec<QueryPlace> {
    let program: &Program = &world.program;
    let place = |name: &Arc<str>, selector: Option<Arc<Selector>>| {
        let text = format!(
            "namespace/{name}{}",
            side.selector.as_ref().map_or(String::new(), |it| format!("[{it}]"))
        );
        QueryPlace::of_namespace(world, name, selector, text).unwrap()
    };
    match &side.place {
        Place::External(id) => match &program.externals.get(*id).unwrap().value {
            ExternalValue::Namespace { name, selector } => {
                let both = [selector, &side.selector].into_iter().flatten();
                let both: Vec<Selector> = both.map(|it| (**it).clone()).collect();
                let selector = (!both.is_empty()).then(|| Arc::new(Selector::and(both)));
                vec![place(name, selector)]
            }
            ExternalValue::Addresses(_) | ExternalValue::Service { .. } => Vec::new(),
        },
        Place::Zones { application, zones } => {
            let all = program.namespaces.iter().map(|(_, it)| it);
            let here = all.filter(|it| {
                !it.exempt
                    && it.application.is_some()
                    && application.is_none_or(|id| it.application == Some(id))
                    && zones
                        .as_ref()
                        .is_none_or(|zones| it.zone.is_some_and(|id| zones.contains(&id)))
            });
            here.map(|it| place(&it.name, side.selector.clone())).collect()
        }
    }
}
