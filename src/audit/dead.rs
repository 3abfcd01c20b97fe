//! Policies and rules that never have a say: nothing matches them, or others decide before.

use std::collections::{BTreeMap, BTreeSet};

use super::early::everything;
use super::evidence::{Evidence, OfRule};
use super::finding::{About, Cause, Finding, SHOWN as MANY, and_more, name, names};
use crate::calico::{Action, Stage};
use crate::diagnostic::codes::audit::{LOGS_PART, NEVER_RUNS};
use crate::reach::of_policies::By;
use crate::reach::{Diagram, Direction, Example};
use crate::world::World;

/// How many of those that decide before are shown.
const SHOWN: usize = 2;

/// What becomes of a connection that a dead rule would match.
const BEFORE: &str = "decided before it is asked";

/// What is found: the findings, and the rules that do nothing as the same is decided before them.
pub(super) struct Dead {
    pub(super) findings: Vec<Finding>,
    /// Each with one that decides before it.
    pub(super) same: Vec<(About, About)>,
    /// All that have no say.
    pub(super) rules: BTreeSet<About>,
}

/// Rules that never have a say, all of one policy or one of many.
struct DeadRules {
    policy: usize,
    rules: Vec<About>,
    whole: bool,
    /// Those that decide before; `None` where nothing matches.
    before: Option<Vec<About>>,
    example: Option<Example>,
}

/// What is dead; rules of `known` are told already.
pub(super) fn find(evidence: &mut Evidence<'_>, known: &BTreeSet<About>) -> Dead {
    let mut found = Dead { findings: Vec::new(), same: Vec::new(), rules: BTreeSet::new() };
    let mut by_cause: BTreeMap<(bool, Cause), Vec<DeadRules>> = BTreeMap::new();
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
        let about = |rule| About { policy, rule: Some(rule) };
        let dead: Vec<_> =
            of_policy.iter().copied().filter(|rule| of(*rule).reached.is_empty()).collect();
        found.rules.extend(dead.iter().map(|it| about(*it)));
        let whole = dead.len() == of_policy.len() && dead.len() > 1;
        let harmless: Vec<_> = dead
            .iter()
            .copied()
            .filter(|(direction, rule)| {
                let action = world.rule(policy, *direction, *rule).map(|it| it.action);
                evidence.decided_alike(action, of((*direction, *rule)))
            })
            .collect();
        // What others decide as it would changes nothing: that is told by itself.
        let alike = |rule: &(Direction, usize)| harmless.contains(rule);
        if whole && harmless.len() < dead.len() {
            let matches = dead.iter().find(|rule| !of(**rule).matched.is_empty() && !alike(rule));
            let before = matches.map(|rule| evidence.before(policy, of(*rule)));
            let example = matches.and_then(|rule| decided(evidence, of(*rule)));
            let rules = dead.iter().map(|it| about(*it)).collect();
            let dead = DeadRules { policy, rules, whole, before, example };
            by_cause.entry(dead.cause(world)).or_default().push(dead);
            continue;
        }
        for rule in dead.into_iter().filter(|it| !known.contains(&about(*it))) {
            if alike(&rule) {
                let before = evidence.before(policy, of(rule));
                found.same.extend(before.first().map(|first| (about(rule), *first)));
                continue;
            }
            let matched = !of(rule).matched.is_empty();
            let before = matched.then(|| evidence.before(policy, of(rule)));
            let example = decided(evidence, of(rule));
            let rules = vec![about(rule)];
            let dead = DeadRules { policy, rules, whole: false, before, example };
            by_cause.entry(dead.cause(world)).or_default().push(dead);
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
        found.findings.extend(late(evidence, policy, &logs, of));
    }
    evidence.rules = rules;
    found.findings.extend(by_cause.into_values().filter_map(|it| finding(evidence, it)));
    found
}

impl DeadRules {
    /// What has one cause is one finding: whether whole policies are dead, and what decides before.
    fn cause(&self, world: &World) -> (bool, Cause) {
        let rule = self.rules.first().copied();
        let rule = rule.unwrap_or(About { policy: self.policy, rule: None });
        let by = self.before.as_ref().and_then(|it| it.first()).copied();
        (self.whole, Cause::new(world, rule, by))
    }
}

/// What is said of dead rules with one cause.
fn finding(evidence: &Evidence<'_>, dead: Vec<DeadRules>) -> Option<Finding> {
    let world = evidence.world;
    let mut policies: Vec<usize> = dead.iter().map(|it| it.policy).collect();
    policies.dedup();
    let rules: usize = dead.iter().map(|it| it.rules.len()).sum();
    let called = names(world, &policies);
    let mut dead = dead.into_iter();
    let first = dead.next()?;
    let rules_of =
        if rules == 1 { format!("a rule of {called}") } else { format!("rules of {called}") };
    let (message, text, help) = match (first.whole, &first.before) {
        (true, None) => (
            format!("no rule of {called} can match anything"),
            "no connection has all that its rules ask for",
            if policies.len() == 1 {
                "take the policy out, or mend what it selects"
            } else {
                "take the policies out, or mend what they select"
            },
        ),
        (true, Some(_)) => (
            format!("no rule of {called} is reachable"),
            "others decide every connection before",
            if policies.len() == 1 {
                "take the policy out, or give it an `order` before theirs"
            } else {
                "take the policies out, or give them an `order` before theirs"
            },
        ),
        (false, None) => (
            format!("{rules_of} can never match"),
            "no connection has all that it asks for",
            if rules == 1 {
                "take the rule out, or mend what it asks for"
            } else {
                "take the rules out, or mend what they ask for"
            },
        ),
        (false, Some(_)) => (
            format!("{rules_of} {} unreachable", if rules == 1 { "is" } else { "are" }),
            "all that it matches is decided before",
            if rules == 1 {
                "take the rule out, or move it up"
            } else {
                "take the rules out, or move them up"
            },
        ),
    };
    let place = |dead: &DeadRules| {
        let whole = About { policy: dead.policy, rule: None };
        if dead.whole { whole } else { dead.rules.first().copied().unwrap_or(whole) }
    };
    let mut finding = Finding::new(&NEVER_RUNS, message).at(world, place(&first), text);
    if let Some(before) = &first.before {
        finding = shown(evidence, finding, before);
    }
    for dead in dead.by_ref().take(MANY - 1) {
        finding = finding.at(world, place(&dead), text);
    }
    finding.about.extend(dead.map(|it| place(&it)));
    let finding = and_more(finding.help(help), policies.len());
    Some(finding.example(world, first.example, BEFORE))
}

/// A connection that a rule matches, where it matches any.
fn decided(evidence: &mut Evidence<'_>, of: &OfRule) -> Option<Example> {
    let (judged, step) = evidence.step(*of.matched.first()?)?;
    let (who, direction, set) = (judged.who, judged.direction, step.matched);
    let set = evidence.sets.that_can_be(set, direction);
    evidence.example(set, who, direction)
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
    /// Whether all that a dead rule matches is decided as it would decide it.
    fn decided_alike(&mut self, action: Option<Action>, rule: &OfRule) -> bool {
        !rule.matched.is_empty()
            && rule.matched.iter().all(|(judged, step)| {
                let Some((who, direction, set)) = self
                    .step((*judged, *step))
                    .map(|(it, step)| (it.who, it.direction, step.matched))
                else {
                    return false;
                };
                let set = self.sets.that_can_be(set, direction);
                let set = self.in_place(who, set);
                let [allowed, denied] = self.verdicts(*judged);
                let other = match action {
                    Some(Action::Allow) => self.sets.diagrams.difference(set, allowed),
                    Some(Action::Deny) => self.sets.diagrams.difference(set, denied),
                    Some(Action::Log | Action::Pass) | None => set,
                };
                other == Diagram::EMPTY
            })
    }

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
