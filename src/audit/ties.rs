//! Verdicts that rest on the names of policies, as these have one tier and one order: and which release turns them over.

use std::collections::{BTreeMap, BTreeSet};

use super::evidence::{AuditSubject, Evidence};
use super::finding::{About, Finding, name};
use crate::calico::Action;
use crate::diagnostic::codes::audit::{TIE, TIE_FLIPS};
use crate::reach::of_policies::{By, Ties};
use crate::reach::{Diagram, Direction, Example};

/// How many of the policies that tie with one are shown.
const SHOWN: usize = 3;

/// What one policy does by itself, in the place of a judgement.
struct Alone {
    policy: usize,
    /// What it allows and denies, whatever others do.
    does: [Diagram; 2],
    /// What of that it decides.
    decides: [Diagram; 2],
}

/// Two policies that decide a connection differently: the one that wins, and the one that loses.
type TiedPair = (usize, usize);

/// A connection that shows it, and whether another release turns it over.
struct ShownTie {
    example: Option<Example>,
    flips: bool,
}

/// The findings: one for each policy that ties with many.
pub(super) fn find(evidence: &mut Evidence<'_>) -> Vec<Finding> {
    let mut pairs: BTreeMap<TiedPair, ShownTie> = BTreeMap::new();
    for at in 0..evidence.judged.len() {
        let alone = alone(evidence, at);
        let Some((who, direction)) = evidence.judged.get(at).map(|it| (it.who, it.direction))
        else {
            continue;
        };
        for (index, winner) in alone.iter().enumerate() {
            for loser in alone.iter().skip(index + 1) {
                compare(evidence, (who, direction), winner, loser, &mut pairs);
            }
        }
    }
    grouped(evidence, pairs)
}

/// Each policy of a judgement that allows or denies something, in order.
fn alone(evidence: &mut Evidence<'_>, at: usize) -> Vec<Alone> {
    let Some(judged) = evidence.judged.get(at) else { return Vec::new() };
    let mut found: Vec<Alone> = Vec::new();
    let mut seen = Diagram::EMPTY;
    let diagrams = &mut evidence.sets.diagrams;
    for step in &judged.steps {
        let By::Rule { policy, .. } = step.by else { continue };
        if found.last().is_none_or(|it| it.policy != policy) {
            found.push(Alone { policy, does: [Diagram::EMPTY; 2], decides: [Diagram::EMPTY; 2] });
            seen = Diagram::EMPTY;
        }
        let Some(last) = found.last_mut() else { continue };
        let own = diagrams.difference(step.matched, seen);
        let side = match step.action {
            Action::Log => continue,
            Action::Pass => None,
            Action::Allow => Some(0),
            Action::Deny => Some(1),
        };
        seen = diagrams.union(seen, step.matched);
        let [does_allow, does_deny] = &mut last.does;
        let [allowed, refused] = &mut last.decides;
        let (does, decides) = match side {
            Some(0) => (does_allow, allowed),
            Some(_) => (does_deny, refused),
            None => continue,
        };
        *does = diagrams.union(*does, own);
        *decides = diagrams.union(*decides, step.reached);
    }
    found
}

fn compare(
    evidence: &mut Evidence<'_>,
    (who, direction): (AuditSubject, Direction),
    winner: &Alone,
    loser: &Alone,
    pairs: &mut BTreeMap<TiedPair, ShownTie>,
) {
    let pair = (winner.policy, loser.policy);
    let ties = evidence.world.ties();
    let other = match ties {
        Ties::ByNamespace => Ties::ByName,
        Ties::ByName => Ties::ByNamespace,
    };
    let order =
        |evidence: &Evidence<'_>, ties| evidence.policies.order(winner.policy, loser.policy, ties);
    let Some((here, true)) = order(evidence, ties) else { return };
    let turned = order(evidence, other).is_some_and(|(there, _)| there != here);
    if pairs.get(&pair).is_some_and(|known| known.flips || !turned) {
        return;
    }
    for (mine, theirs) in [(0, 1), (1, 0)] {
        let (Some(decides), Some(does)) = (winner.decides.get(mine), loser.does.get(theirs)) else {
            continue;
        };
        let both = evidence.sets.diagrams.intersection(*decides, *does);
        if both == Diagram::EMPTY {
            continue;
        }
        let mut shown = both;
        let mut flips = false;
        if turned {
            let now = evidence.allowed(who, direction);
            let then = evidence.allowed_under(who, direction, other);
            let diagrams = &mut evidence.sets.diagrams;
            let (more, less) = (diagrams.difference(now, then), diagrams.difference(then, now));
            let turned_over = diagrams.union(more, less);
            let turned_over = diagrams.intersection(both, turned_over);
            if turned_over != Diagram::EMPTY {
                (shown, flips) = (turned_over, true);
            }
        }
        if pairs.get(&pair).is_none() || flips {
            let example = evidence.example(shown, who, direction);
            pairs.insert(pair, ShownTie { example, flips });
        }
        return;
    }
}

/// One finding for each policy that many others tie with.
fn grouped(evidence: &Evidence<'_>, mut pairs: BTreeMap<TiedPair, ShownTie>) -> Vec<Finding> {
    let mut found = Vec::new();
    for flips in [true, false] {
        let mut left: BTreeSet<TiedPair> =
            pairs.iter().filter(|(_, it)| it.flips == flips).map(|(pair, _)| *pair).collect();
        while !left.is_empty() {
            let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
            for (a, b) in &left {
                *counts.entry(*a).or_default() += 1;
                *counts.entry(*b).or_default() += 1;
            }
            let most =
                counts.iter().max_by_key(|(policy, count)| (**count, std::cmp::Reverse(**policy)));
            let Some((hub, _)) = most else { break };
            let (mine, rest): (BTreeSet<TiedPair>, BTreeSet<TiedPair>) =
                left.into_iter().partition(|(a, b)| a == hub || b == hub);
            left = rest;
            let shown = mine.first().and_then(|pair| pairs.remove(pair));
            found.extend(shown.map(|shown| tie_finding(evidence, *hub, &mine, shown)));
        }
    }
    found
}

fn tie_finding(
    evidence: &Evidence<'_>,
    hub: usize,
    pairs: &BTreeSet<TiedPair>,
    shown: ShownTie,
) -> Finding {
    let world = evidence.world;
    let called = name(world, hub);
    let others: Vec<_> = pairs.iter().map(|(a, b)| if *a == hub { *b } else { *a }).collect();
    let whom = match others.as_slice() {
        [one] => name(world, *one),
        several => format!("{} other policies", several.len()),
    };
    let (code, message) = if shown.flips {
        let message = format!(
            "{called} and {whom} decide the same connections differently, and which is asked first depends on the release of Calico"
        );
        (&TIE_FLIPS, message)
    } else {
        let message = format!(
            "{called} and {whom} decide the same connections differently, and which is asked first depends on the alphabet"
        );
        (&TIE, message)
    };
    let mut finding = Finding::new(code, message).at(
        world,
        About { policy: hub, rule: None },
        match world.policy(hub).and_then(|it| it.order) {
            Some(order) => format!("of order {order}, as the others are"),
            None => "without an `order`".to_owned(),
        },
    );
    for (winner, loser) in pairs.iter().take(SHOWN) {
        let (other, text) = if *winner == hub { (*loser, "loses") } else { (*winner, "wins") };
        let text = format!("{text} by the rules of Calico {}", world.release);
        finding = finding.at(world, About { policy: other, rule: None }, text);
    }
    if pairs.len() > SHOWN {
        let more = pairs.len() - SHOWN;
        finding = finding.help(format!("the same goes for {more} more policies"));
    }
    let fate = example_fate(world, pairs, shown.flips);
    finding
        .help(if shown.flips {
            "up to 3.31 policies of one order are asked by namespace and then by name, global ones by `default.` and their name; from 3.32 on by name\nwrite an `order` in each: lower ones are asked first"
        } else {
            "write an `order` in each: lower ones are asked first"
        })
        .example(world, shown.example, &fate)
}

/// What becomes of the example.
fn example_fate(world: &crate::world::World, pairs: &BTreeSet<TiedPair>, flips: bool) -> String {
    let Some((winner, loser)) = pairs.first() else { return String::new() };
    let (winner, loser) = (name(world, *winner), name(world, *loser));
    let now = format!("{winner} decides, and {loser} would decide otherwise");
    if flips {
        let other = match world.ties() {
            Ties::ByNamespace => "3.32",
            Ties::ByName => "3.31",
        };
        format!("{now}, as it does in {other}")
    } else {
        now
    }
}

impl Evidence<'_> {
    /// What `who` lets pass in `direction` by a release that breaks ties as `ties` says.
    fn allowed_under(&mut self, who: AuditSubject, direction: Direction, ties: Ties) -> Diagram {
        let subject = self.subject(who);
        let steps = self.policies.judge(&mut self.sets, subject, direction, ties);
        let allows = steps.iter().filter(|step| step.action == Action::Allow);
        self.sets.diagrams.union_of(allows.map(|step| step.reached).collect())
    }
}
