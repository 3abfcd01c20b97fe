//! Policies and rules that never have a say: nothing matches them, or others decide before.

use std::collections::{BTreeMap, BTreeSet};

use super::early::everything;
use super::evidence::{Evidence, OfRule};
use super::finding::{About, Finding, name};
use crate::calico::{Action, Stage};
use crate::diagnostic::codes::audit::{LOGS_PART, NEVER_RUNS};
use crate::reach::of_policies::By;
use crate::reach::{Diagram, Direction, Example};

/// How many of those that decide before are shown.
const SHOWN: usize = 2;

/// What becomes of a connection that a dead rule would match.
const BEFORE: &str = "decided before it is asked";

/// The findings; rules of `known` are told already.
pub(super) fn find(evidence: &mut Evidence<'_>, known: &BTreeSet<About>) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut by_policy: BTreeMap<usize, Vec<(Direction, usize)>> = BTreeMap::new();
    let world = evidence.world;
    for (index, policy) in world.policies() {
        if policy.stage != Stage::Ordinary {
            continue;
        }
        for direction in Direction::BOTH.into_iter().filter(|it| policy.applies(*it)) {
            for rule in 0..policy.rules(direction).len() {
                by_policy.entry(index).or_default().push((direction, rule));
            }
        }
    }
    let rules = std::mem::take(&mut evidence.rules);
    let nothing = OfRule::default();
    for (policy, of_policy) in by_policy {
        let of = |(direction, rule): (Direction, usize)| {
            rules.get(&(policy, direction, rule)).unwrap_or(&nothing)
        };
        let dead: Vec<_> =
            of_policy.iter().copied().filter(|rule| of(*rule).reached.is_empty()).collect();
        let about = |rule| About { policy, rule: Some(rule) };
        if dead.len() == of_policy.len() && dead.len() > 1 {
            let matches = dead.iter().find(|rule| !of(**rule).matched.is_empty());
            let before = matches.map(|rule| evidence.before(policy, of(*rule)));
            let example = matches.and_then(|rule| decided(evidence, of(*rule)));
            let finding = policy_finding(evidence, policy, before);
            found.push(finding.example(world, example, BEFORE));
            continue;
        }
        for rule in dead {
            if !known.contains(&about(rule)) {
                let matched = !of(rule).matched.is_empty();
                let before = matched.then(|| evidence.before(policy, of(rule)));
                let example = decided(evidence, of(rule));
                let finding = one(evidence, about(rule), before);
                found.push(finding.example(world, example, BEFORE));
            }
        }
        let logs = |(direction, rule): &(Direction, usize)| {
            let action = world.rule(policy, *direction, *rule).map(|it| it.action);
            let rules = world.policy(policy).map_or(&[][..], |it| it.rules(*direction));
            // A Log before a Deny of its own policy is meant to see only that.
            let alone = rules.iter().all(|it| it.action == Action::Log);
            let all = rules.get(*rule).is_some_and(everything);
            let asked = !of((*direction, *rule)).reached.is_empty();
            alone && all && asked && action == Some(Action::Log)
        };
        let logs: Vec<_> = of_policy.iter().copied().filter(logs).collect();
        found.extend(late(evidence, policy, &logs, of));
    }
    evidence.rules = rules;
    found
}

/// A connection that a rule matches, where it matches any.
fn decided(evidence: &mut Evidence<'_>, of: &OfRule) -> Option<Example> {
    let (judged, step) = evidence.step(*of.matched.first()?)?;
    let (who, direction, set) = (judged.who, judged.direction, step.matched);
    let set = evidence.sets.that_can_be(set, direction);
    evidence.example(set, who, direction)
}

fn policy_finding(evidence: &Evidence<'_>, policy: usize, before: Option<Vec<About>>) -> Finding {
    let about = About { policy, rule: None };
    let called = name(evidence.world, policy);
    match before {
        None => Finding::new(&NEVER_RUNS, format!("no rule of {called} can match anything"))
            .at(evidence.world, about, "no connection has all that its rules ask for")
            .help("take the policy out, or mend what it selects"),
        Some(before) => {
            let finding = Finding::new(&NEVER_RUNS, format!("no rule of {called} is reachable"))
                .at(evidence.world, about, "others decide every connection before");
            shown(evidence, finding, &before)
                .help("take the policy out, or give it an `order` before theirs")
        }
    }
}

fn one(evidence: &Evidence<'_>, about: About, before: Option<Vec<About>>) -> Finding {
    let called = name(evidence.world, about.policy);
    match before {
        None => Finding::new(&NEVER_RUNS, format!("a rule of {called} can never match"))
            .at(evidence.world, about, "no connection has all that it asks for")
            .help("take the rule out, or mend what it asks for"),
        Some(before) => {
            let finding = Finding::new(&NEVER_RUNS, format!("a rule of {called} is unreachable"))
                .at(evidence.world, about, "all that it matches is decided before");
            shown(evidence, finding, &before).help("take the rule out, or move it up")
        }
    }
}

fn shown(evidence: &Evidence<'_>, finding: Finding, before: &[About]) -> Finding {
    let decides =
        |finding: Finding, about: &About| finding.at(evidence.world, *about, "decides before");
    before.iter().take(SHOWN).fold(finding, decides)
}

/// That rules which log do not see everything.
fn late<'a>(
    evidence: &mut Evidence<'_>,
    policy: usize,
    logs: &[(Direction, usize)],
    of: impl Fn((Direction, usize)) -> &'a OfRule,
) -> Option<Finding> {
    for rule in logs {
        for at in &of(*rule).matched {
            let Some((judged, step)) = evidence.step(*at) else { continue };
            let (who, set, reached) = (judged.who, step.matched, step.reached);
            let missed = evidence.sets.diagrams.difference(set, reached);
            let missed = evidence.sets.that_can_be(missed, rule.0);
            if missed == Diagram::EMPTY {
                continue;
            }
            let example = evidence.example(missed, who, rule.0);
            let about = About { policy, rule: Some(*rule) };
            let before = evidence.before_at(policy, *at, missed);
            let called = name(evidence.world, policy);
            let finding = Finding::new(
                &LOGS_PART,
                format!("{called} logs nothing of what is decided before it"),
            )
            .at(evidence.world, about, "asked only for what is left");
            return Some(
                shown(evidence, finding, &before)
                    .help("to log everything, give the policy an `order` before all others")
                    .example(evidence.world, example, "never logged"),
            );
        }
    }
    None
}

impl Evidence<'_> {
    /// The rules that decide what a rule of `policy` matches.
    fn before(&mut self, policy: usize, rule: &OfRule) -> Vec<About> {
        let Some(at) = rule.matched.first().copied() else { return Vec::new() };
        let Some((_, step)) = self.step(at) else { return Vec::new() };
        let matched = step.matched;
        self.before_at(policy, at, matched)
    }

    fn before_at(&mut self, policy: usize, at: (usize, usize), set: Diagram) -> Vec<About> {
        let Some(judged) = self.judged.get(at.0) else { return Vec::new() };
        let mut found: Vec<About> = Vec::new();
        for step in judged.steps.iter().take(at.1) {
            let By::Rule { policy: by, rule } = step.by else { continue };
            let same = found.iter().any(|it| it.policy == by) && by != policy;
            if step.action == Action::Log || same {
                continue;
            }
            if self.sets.diagrams.intersection(step.reached, set) != Diagram::EMPTY {
                found.push(About { policy: by, rule: Some((judged.direction, rule)) });
            }
        }
        found
    }
}
