//! Rules that can go without any change: others decide the same before them, or would if they were not there. What is found by
//! looking at each rule is proved once more for all of them together: the policies without them are judged, and let pass the same.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::evidence::{AuditSubject, Evidence};
use super::finding::{About, Cause, Finding, SHOWN, and_more, names};
use crate::calico::{Action, Resource, Stage};
use crate::diagnostic::codes::audit::NEEDLESS;
use crate::reach::of_policies::By;
use crate::reach::{Diagram, Direction};
use crate::selector::keys::MANAGED_BY;

/// So far is looked for a rule that takes over.
const LOOKED: usize = 500;
/// More steps than that are not judged twice.
const PROVABLE: usize = 200_000;

/// What is decided from some step of a judgement on, of what gets there: looked at from the end.
struct Suffix {
    /// How many of the steps are not looked at yet.
    left: usize,
    /// What rules allow, and what is denied.
    verdicts: [Diagram; 2],
    /// The same at the beginning of the next tier, for what is passed on.
    next: [Diagram; 2],
    tier: Option<String>,
    /// Whether it is known of every step what it does.
    plain: bool,
}

/// The findings. `same` are rules that never have a say as the same is decided before them, each with one that decides; `dead` all
/// that never have a say; what `told` has is told already.
pub(super) fn find(
    evidence: &mut Evidence<'_>,
    same: Vec<(About, About)>,
    dead: &BTreeSet<About>,
    told: &BTreeSet<About>,
) -> Vec<Finding> {
    let live = live(evidence, dead, told);
    let mut rules = whole_rules(evidence, same.into_iter().chain(live).collect());
    rules.retain(|(rule, _)| !told.contains(rule));
    if rules.is_empty() || !proved(evidence, &rules) {
        return Vec::new();
    }
    // All that a policy has too much by itself is one cause.
    let cause = |(rule, by): &(About, About)| Cause::new(evidence.world, *rule, Some(*by));
    let mut own: BTreeMap<usize, Vec<Cause>> = BTreeMap::new();
    for pair in rules.iter().filter(|(rule, by)| rule.policy == by.policy) {
        own.entry(pair.0.policy).or_default().push(cause(pair));
    }
    let mut by_cause: BTreeMap<Vec<Cause>, Vec<(About, About)>> = BTreeMap::new();
    for pair @ (rule, by) in rules {
        let of_own = own.get(&rule.policy).filter(|_| rule.policy == by.policy);
        by_cause
            .entry(of_own.cloned().unwrap_or_else(|| vec![cause(&pair)]))
            .or_default()
            .push(pair);
    }
    by_cause.values().filter_map(|it| finding(evidence, it)).collect()
}

fn finding(evidence: &Evidence<'_>, rules: &[(About, About)]) -> Option<Finding> {
    let world = evidence.world;
    let (first, by) = rules.first()?;
    let mut policies: Vec<usize> = rules.iter().map(|(rule, _)| rule.policy).collect();
    policies.sort_unstable();
    policies.dedup();
    let called = names(world, &policies);
    let message = match rules.len() {
        1 => format!("a rule of {called} can go without any change"),
        count => format!("{count} rules of {called} can go without any change"),
    };
    let text = "the same is decided without it";
    let mut finding =
        Finding::new(&NEEDLESS, message).at(world, *first, text).at(world, *by, "by this, for one");
    for (rule, _) in rules.iter().skip(1).take(SHOWN - 1) {
        finding = finding.at(world, *rule, text);
    }
    finding.about.extend(rules.iter().skip(SHOWN).map(|(rule, _)| *rule));
    let help = if rules.len() == 1 {
        "without it exactly the same connections pass: take it out, unless it is there for its reader"
    } else {
        "without them exactly the same connections pass: take them out, unless they are there for their reader"
    };
    Some(and_more(finding.help(help), policies.len()))
}

/// Rules that allow, have a say, and whose connections later rules would allow.
fn live(
    evidence: &mut Evidence<'_>,
    dead: &BTreeSet<About>,
    told: &BTreeSet<About>,
) -> Vec<(About, About)> {
    let mut suffixes: Vec<Suffix> = (evidence.judged.iter())
        .map(|judged| Suffix {
            left: judged.steps.len(),
            verdicts: [Diagram::EMPTY; 2],
            next: [Diagram::EMPTY; 2],
            tier: None,
            plain: judged.steps.iter().all(|it| !matches!(it.by, By::Forwarded { .. })),
        })
        .collect();
    let places = places(evidence);
    let mut gone: BTreeSet<About> = dead.clone();
    gone.extend(told);
    let mut found = Vec::new();
    for rule in from_the_last(evidence, &places) {
        let Some(places) = places.get(&rule) else { continue };
        // What is after the rule in each judgement is looked at first.
        for (judged, step) in places {
            catch_up(evidence, &mut suffixes, *judged, step + 1, &gone);
        }
        if !gone.contains(&rule) && can_go(evidence, &suffixes, rule, places) {
            let by = places.iter().find_map(|it| taken_over(evidence, *it, &gone));
            if let Some(by) = by {
                gone.insert(rule);
                found.push((rule, by));
            }
        }
    }
    found
}

/// Where each rule stands in the judgements.
fn places(evidence: &Evidence<'_>) -> BTreeMap<About, Vec<(usize, usize)>> {
    let mut places: BTreeMap<About, Vec<(usize, usize)>> = BTreeMap::new();
    for (at, judged) in evidence.judged.iter().enumerate() {
        for (step, it) in judged.steps.iter().enumerate() {
            let By::Rule { policy, rule } = it.by else { continue };
            let about = About { policy, rule: Some((judged.direction, rule)) };
            places.entry(about).or_default().push((at, step));
        }
    }
    places
}

/// All rules, those that are asked last first.
fn from_the_last(
    evidence: &Evidence<'_>,
    places: &BTreeMap<About, Vec<(usize, usize)>>,
) -> Vec<About> {
    let mut policies: Vec<usize> = places.keys().map(|it| it.policy).collect();
    policies.dedup();
    let ties = evidence.world.ties();
    policies.sort_by(|a, b| {
        let order = evidence.policies.order(*b, *a, ties);
        order.map_or(Ordering::Equal, |(order, _)| order)
    });
    let rank: BTreeMap<usize, usize> =
        policies.iter().enumerate().map(|(rank, policy)| (*policy, rank)).collect();
    let mut rules: Vec<About> = places.keys().copied().collect();
    rules.sort_by_key(|it| {
        let rule = it.rule.map_or(0, |(_, rule)| rule);
        (rank.get(&it.policy).copied(), std::cmp::Reverse(rule))
    });
    rules
}

/// Takes the steps from `until` on into what is decided from there on.
fn catch_up(
    evidence: &mut Evidence<'_>,
    suffixes: &mut [Suffix],
    judged: usize,
    until: usize,
    gone: &BTreeSet<About>,
) {
    let Evidence { world, judged: all, sets, .. } = evidence;
    let (Some(of), Some(suffix)) = (all.get(judged), suffixes.get_mut(judged)) else { return };
    while suffix.left > until {
        suffix.left -= 1;
        let Some(step) = of.steps.get(suffix.left) else { return };
        let tier = match &step.by {
            By::EndOfTier { tier, .. } => Some(tier.to_string()),
            By::Rule { policy, .. } => world.policy(*policy).map(|it| it.tier.to_string()),
            By::Forwarded { .. } | By::Failsafe | By::Profile | By::NotIsolated => continue,
        };
        if tier != suffix.tier {
            (suffix.tier, suffix.next) = (tier, suffix.verdicts);
        }
        if let By::Rule { policy, rule } = step.by {
            let about = About { policy, rule: Some((of.direction, rule)) };
            if gone.contains(&about) && step.action == Action::Allow {
                continue;
            }
        }
        let [mut allowed, mut denied] = suffix.verdicts;
        let [passed_allowed, passed_denied] = suffix.next;
        let (set, diagrams) = (step.matched, &mut sets.diagrams);
        match step.action {
            Action::Log => {}
            Action::Allow => {
                allowed = diagrams.union(allowed, set);
                denied = diagrams.difference(denied, set);
            }
            Action::Deny => {
                denied = diagrams.union(denied, set);
                allowed = diagrams.difference(allowed, set);
            }
            Action::Pass => {
                allowed = diagrams.choose(set, passed_allowed, allowed);
                denied = diagrams.choose(set, passed_denied, denied);
            }
        }
        suffix.verdicts = [allowed, denied];
    }
}

/// Whether everything that a rule lets pass, wherever it is asked, later rules let pass.
fn can_go(
    evidence: &mut Evidence<'_>,
    suffixes: &[Suffix],
    about: About,
    places: &[(usize, usize)],
) -> bool {
    let Some((direction, rule)) = about.rule else { return false };
    let Some(policy) = evidence.world.policy(about.policy) else { return false };
    let allows = policy.rules(direction).get(rule).is_some_and(|it| it.action == Action::Allow);
    let compiled =
        policy.labels.iter().any(|(key, value)| **key == *MANAGED_BY && **value == *"eastwest");
    if !allows || compiled || policy.stage != Stage::Ordinary {
        return false;
    }
    let mut says = false;
    for at in places {
        let Some((who, reached)) = evidence.step(*at).map(|(it, step)| (it.who, step.reached))
        else {
            return false;
        };
        let reached = evidence.in_place(who, reached);
        if reached == Diagram::EMPTY {
            continue;
        }
        says = true;
        let Some(suffix) = suffixes.get(at.0) else { return false };
        let [allowed, _] = suffix.verdicts;
        // Host endpoints have stages, which policies of pods do not.
        if !suffix.plain || evidence.sets.diagrams.difference(reached, allowed) != Diagram::EMPTY {
            return false;
        }
    }
    says
}

/// The first later rule that takes over some of what a rule lets pass.
fn taken_over(
    evidence: &mut Evidence<'_>,
    (judged, step): (usize, usize),
    gone: &BTreeSet<About>,
) -> Option<About> {
    let Evidence { judged: all, sets, .. } = evidence;
    let of = all.get(judged)?;
    let reached = of.steps.get(step)?.reached;
    for later in of.steps.iter().skip(step + 1).take(LOOKED) {
        let By::Rule { policy, rule } = later.by else { continue };
        let about = About { policy, rule: Some((of.direction, rule)) };
        let takes = later.action == Action::Allow && !gone.contains(&about);
        if takes && sets.diagrams.intersection(later.matched, reached) != Diagram::EMPTY {
            return Some(about);
        }
    }
    None
}

/// Those of `rules` that are whole as they are written: what Kubernetes has as one rule may be several.
fn whole_rules(evidence: &Evidence<'_>, rules: Vec<(About, About)>) -> Vec<(About, About)> {
    let known: BTreeSet<About> = rules.iter().map(|(rule, _)| *rule).collect();
    let mut whole: Vec<_> = (rules.into_iter())
        .filter(|(about, _)| {
            let Some((direction, rule)) = about.rule else { return false };
            let Some(object) = evidence.world.cluster.objects.get(about.policy) else {
                return false;
            };
            let [ingress, egress] = &object.rules;
            let written = match direction {
                Direction::Ingress => ingress,
                Direction::Egress => egress,
            };
            let index = written.get(rule).map(|it| it.index);
            let of_one = written.iter().enumerate().filter(|(_, it)| Some(it.index) == index);
            of_one.into_iter().all(|(rule, _)| {
                known.contains(&About { policy: about.policy, rule: Some((direction, rule)) })
            })
        })
        .collect();
    whole.sort_unstable();
    // Without any rule of a direction a policy that says no types is for another one.
    let known: BTreeSet<About> = whole.iter().map(|(rule, _)| *rule).collect();
    whole.retain(|(about, _)| {
        let (Some(policy), Some((direction, _))) =
            (evidence.world.policy(about.policy), about.rule)
        else {
            return false;
        };
        let of = |rule| About { policy: about.policy, rule: Some((direction, rule)) };
        policy.types.is_some()
            || (0..policy.rules(direction).len()).any(|rule| !known.contains(&of(rule)))
    });
    whole
}

/// Whether the policies without these rules let pass what they let pass with them, of everybody in both directions.
fn proved(evidence: &mut Evidence<'_>, rules: &[(About, About)]) -> bool {
    let steps: usize = evidence.judged.iter().map(|it| it.steps.len()).sum();
    if steps > PROVABLE {
        return false;
    }
    let gone: BTreeSet<About> = rules.iter().map(|(rule, _)| *rule).collect();
    let without = |(index, resource): (usize, &Resource)| {
        let mut resource = resource.clone();
        if let Resource::Policy(policy) = &mut resource {
            let types = Direction::BOTH.into_iter().filter(|it| policy.applies(*it)).collect();
            policy.types = Some(types);
            for (direction, rules) in
                [(Direction::Ingress, &mut policy.ingress), (Direction::Egress, &mut policy.egress)]
            {
                let mut at = 0;
                rules.retain(|_| {
                    let about = About { policy: index, rule: Some((direction, at)) };
                    at += 1;
                    !gone.contains(&about)
                });
            }
        }
        resource
    };
    let resources: Vec<Resource> =
        evidence.world.cluster.resources().enumerate().map(without).collect();
    let mut policies = evidence.world.evaluator_of(&resources);
    (0..evidence.judged.len()).all(|at| {
        let Some(judged) = evidence.judged.get(at) else { return false };
        let (who, direction) = (judged.who, judged.direction);
        let (subject, ties) = (evidence.subject(who), evidence.world.ties());
        let steps = policies.judge(&mut evidence.sets, subject, direction, ties);
        [Action::Allow, Action::Deny].into_iter().all(|action| {
            let reached = |steps: &[crate::reach::of_policies::Step]| {
                let decided = |it: &&crate::reach::of_policies::Step| {
                    let undecided = who == AuditSubject::Host
                        && !matches!(it.by, By::Rule { .. } | By::EndOfTier { .. });
                    it.action == action && !undecided
                };
                steps.iter().filter(decided).map(|it| it.reached).collect::<Vec<_>>()
            };
            let before = evidence.judged.get(at).map(|it| reached(&it.steps));
            let before = evidence.sets.diagrams.union_of(before.unwrap_or_default());
            let mut after = evidence.sets.diagrams.union_of(reached(&steps));
            after = evidence.asked_here(who, after);
            let (diagrams, mut differ) = (&mut evidence.sets.diagrams, Vec::new());
            differ.push(diagrams.difference(before, after));
            differ.push(diagrams.difference(after, before));
            let differ = diagrams.union_of(differ);
            evidence.in_place(who, differ) == Diagram::EMPTY
        })
    })
}
