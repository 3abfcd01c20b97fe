//! What `check` says of lines and guardrails, and what they mean for the pods that are there.

use std::collections::BTreeMap;

use eastwest::diagnostic::Diagnostic;
use eastwest::diagnostic::codes::relations::{
    CONTAINED, CONTAINED_ELSEWHERE, DUPLICATE, GUARDRAIL_MET,
};
use eastwest::program::{Arrow, Flow, Program};
use eastwest::reach::{End, Example};
use eastwest::traffic::{Connection, Family, Traffic};

use super::super::world::{self, Dice, varying_seeds};
use super::super::{diff_worlds, naive};
use super::arrows::{Ends, examples, traffic};
use super::halves::is_service;

const WORLDS: u64 = 60;
/// Connections that are tried for each line and guardrail where nothing is said of them.
const QUIET: usize = 500;
/// Connections that are tried where something is said, until one shows it.
const TRIES: usize = 40_000;

#[test]
fn a_line_is_forbidden_if_and_only_if_a_guardrail_forbids_some_of_its_pairs_of_pods() {
    let mut met: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in varying_seeds(WORLDS) {
        let dice = &mut Dice::new(seed + 8765);
        let mut world = world::world(seed);
        if seed % 2 == 0 {
            let mut lines = super::halves::crossings(dice);
            lines.extend((0..3).map(|_| ("platform", guardrail(dice))));
            world = world.saying(&lines);
        }
        let checked = world.checked();
        let program = &checked.program;
        // Its places are those of the same project without the lines that are errors.
        let ends = Ends::new(&diff_worlds::of(world.clone().program().0));
        for flow in &program.flows {
            let pairs = Pairs::new(program, flow, &ends);
            for guardrail in program.guardrails.iter().filter(|it| it.has_rules()) {
                let about = |it: &&Diagnostic| {
                    let spans: Vec<_> = it.labels.iter().map(|it| it.span).collect();
                    it.code.code == GUARDRAIL_MET.code
                        && spans == [flow.spans.whole, guardrail.span]
                };
                let sides = [&flow.left, &flow.right, &guardrail.left, &guardrail.right];
                if sides.into_iter().any(|it| is_service(program, it)) {
                    continue;
                }
                let said = checked.diagnostics.iter().find(about);
                let said = said.is_some_and(|it| it.message == "a guardrail forbids this flow");
                let common = flow.traffic.intersection(&guardrail.traffic);
                let tries = if said { TRIES } else { QUIET };
                let forbidden = (0..tries).find_map(|_| {
                    let example = pairs.example(dice, flow, &common)?;
                    let opens = naive::opens(program, flow, &example);
                    (opens && naive::forbids(program, guardrail, &example)).then_some(example)
                });
                let say = || {
                    let found = forbidden.as_ref().map(ToString::to_string);
                    format!(
                        "world {seed}: {} and {}: {said}, {found:?}\n{}",
                        flow.line,
                        guardrail.line,
                        world.text()
                    )
                };
                assert_eq!(said, forbidden.is_some(), "{}", say());
                *met.entry(if said { "forbidden" } else { "apart" }).or_default() += 1;
            }
        }
    }
    println!("{met:?}");
    assert!(["forbidden", "apart"].iter().all(|it| met.get(it) > Some(&10)), "{met:?}");
}

#[test]
fn a_line_is_contained_only_if_the_other_opens_all_of_its_pairs_of_pods() {
    let mut met: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in varying_seeds(WORLDS) {
        let dice = &mut Dice::new(seed + 6543);
        let mut world = world::world(seed);
        if seed % 2 == 0 {
            let mut lines = super::halves::crossings(dice);
            lines.extend(lines.last().cloned());
            world = world.saying(&lines);
        }
        let checked = world.checked();
        let program = &checked.program;
        let ends = Ends::new(&diff_worlds::of(world.clone().program().0));
        for said in &checked.diagnostics {
            let codes = [&CONTAINED, &CONTAINED_ELSEWHERE, &DUPLICATE];
            let [own, other] = &*said.labels else { continue };
            if !codes.iter().any(|it| it.code == said.code.code) {
                continue;
            }
            let at = |label: &eastwest::diagnostic::Label| {
                program.flows.iter().find(|it| it.spans.whole == label.span).unwrap()
            };
            let (flow, other) = (at(own), at(other));
            if is_service(program, &flow.left) || is_service(program, &flow.right) {
                continue;
            }
            let pairs = Pairs::new(program, flow, &ends);
            for _ in 0..QUIET {
                let Some(example) = pairs.example(dice, flow, &flow.traffic) else { continue };
                if naive::opens(program, flow, &example) {
                    let by_other = naive::opens(program, other, &example);
                    assert!(
                        by_other,
                        "world {seed}: {} in {}: {example}\n{}",
                        flow.line,
                        other.line,
                        world.text()
                    );
                    *met.entry("opened by both").or_default() += 1;
                }
            }
            *met.entry(said.code.name).or_default() += 1;
        }
    }
    println!("{met:?}");
    assert!(
        ["opened by both", CONTAINED.name, DUPLICATE.name].iter().all(|it| met.get(it) > Some(&5)),
        "{met:?}"
    );
}

/// A guardrail between the two landing zones of [`crossings`](super::halves::crossings).
fn guardrail(dice: &mut Dice) -> String {
    const PODS: [&str; 4] = ["", "[app == 'x']", "[has(tier)]", "[app in {'x', 'y'}]"];
    let mut side = |owner: &str| {
        let zones = dice.of(&["web", "db", "*", "{web, db}"]);
        format!("{owner}.{zones}{}", dice.of(&PODS))
    };
    let mut sides = [side("a"), side("b")];
    let except = side("*");
    if dice.one_in(2) {
        sides.reverse();
    }
    let [left, right] = sides;
    let except = match dice.below(3) {
        0 => format!(" except {}", except.replacen('*', &left[..1], 1)),
        1 => format!(" except {left}"),
        _ => String::new(),
    };
    let traffic = dice.of(&["", " : tcp/443", " : tcp/1500-3000, udp", " : tcp/https"]);
    format!("forbid {left} {} {right}{traffic}{except}", dice.of(&["to", "==>"]))
}

/// The ends that a line is about.
struct Pairs<'a> {
    lefts: Vec<&'a End>,
    rights: Vec<&'a End>,
}

impl<'a> Pairs<'a> {
    fn new(program: &Program, flow: &Flow, ends: &'a Ends) -> Self {
        let [lefts, rights] = [&flow.left, &flow.right].map(|side| {
            let here = |end: &&End| {
                // No end is one of a service here, so the traffic is of no importance.
                let [example, _] = examples(end, end, &Traffic::full().example().unwrap());
                naive::is(program, side, &example.subject, &example)
            };
            ends.0.iter().filter(here).collect()
        });
        Self { lefts, rights }
    }

    /// A connection of the line by chance, often of the traffic `common`.
    fn example(&self, dice: &mut Dice, flow: &Flow, common: &Traffic) -> Option<Example> {
        if self.lefts.is_empty() || self.rights.is_empty() {
            return None;
        }
        let mut pair =
            [self.lefts[dice.below(self.lefts.len())], self.rights[dice.below(self.rights.len())]];
        let turned = match flow.arrow {
            Arrow::Entering => true,
            Arrow::Both => dice.one_in(2),
            Arrow::Inside | Arrow::Leaving => false,
        };
        if turned {
            pair.reverse();
        }
        let family = pair
            .iter()
            .find_map(|it| it.address())
            .map(|it| if it.is_ipv4() { Family::V4 } else { Family::V6 });
        let common = family.map_or_else(|| common.clone(), |it| common.over(it));
        let traffic: Connection = match common.example() {
            Some(connection) if dice.one_in(2) => connection,
            _ => traffic(dice, pair[1]),
        };
        let fits = family.is_none_or(|it| it == traffic.family);
        let mut both = examples(pair[0], pair[1], &traffic).into_iter();
        let at = usize::from(
            flow.arrow == Arrow::Entering || flow.arrow != Arrow::Leaving && dice.one_in(2),
        );
        fits.then(|| both.nth(at)).flatten()
    }
}
