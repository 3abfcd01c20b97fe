//! Policies that are there to close, and close nothing: an earlier one allows everything to whom they select.

use std::collections::{BTreeMap, BTreeSet};

use super::early::everything;
use super::evidence::{AuditSubject, Evidence};
use super::finding::{About, Finding, SHOWN, and_more, names};
use crate::calico::{Action, Policy, Stage};
use crate::diagnostic::codes::audit::VOID;
use crate::reach::of_policies::By;
use crate::reach::{Diagram, Direction};

/// A rule that allows everything, with whom and what shows it.
type Opening = (About, (AuditSubject, Direction, Diagram));

/// The findings: one for each rule that opens.
pub(super) fn find(evidence: &mut Evidence<'_>) -> Vec<Finding> {
    let world = evidence.world;
    let closes = |policy: &Policy, direction| {
        policy.stage == Stage::Ordinary
            && policy.applies(direction)
            && policy.ingress.is_empty()
            && policy.egress.is_empty()
    };
    // Of each policy and direction: what makes it void; `None` where it closes something.
    let mut void: BTreeMap<(usize, Direction), Option<Opening>> = BTreeMap::new();
    for at in 0..evidence.judged.len() {
        let Some(judged) = evidence.judged.get(at) else { continue };
        let (who, direction) = (judged.who, judged.direction);
        let applied: BTreeSet<usize> = (judged.steps.iter())
            .filter_map(|step| step.by.end_of_tier())
            .flatten()
            .copied()
            .filter(|it| world.policy(*it).is_some_and(|policy| closes(policy, direction)))
            .collect();
        if applied.is_empty() {
            continue;
        }
        let openers: Vec<_> = judged
            .steps
            .iter()
            .filter_map(|step| Some((step.by.rule()?, step)))
            .filter(|((policy, rule), step)| {
                step.action == Action::Allow
                    && step.reached != Diagram::EMPTY
                    && world.rule(*policy, direction, *rule).is_some_and(everything)
            })
            .map(|((policy, rule), step)| {
                (About { policy, rule: Some((direction, rule)) }, step.reached)
            })
            .collect();
        let open = judged.steps.iter().filter(|it| matches!(it.by, By::Profile));
        let open: Vec<_> = open.map(|it| it.reached).collect();
        let [_, denied] = evidence.verdicts(at);
        let passed = evidence.sets.diagrams.union_of(open);
        let otherwise = evidence.sets.diagrams.union(denied, passed);
        for policy in applied {
            let selected = evidence.selected(policy, who);
            let left = evidence.sets.diagrams.intersection(selected, otherwise);
            let opening = openers.iter().find_map(|(about, reached)| {
                let set = evidence.sets.diagrams.intersection(selected, *reached);
                (set != Diagram::EMPTY).then_some((*about, (who, direction, set)))
            });
            let opening = opening.filter(|_| left == Diagram::EMPTY);
            let known = void.entry((policy, direction)).or_insert_with(|| opening);
            if opening.is_none() {
                *known = None;
            }
        }
    }
    let mut by_opening: BTreeMap<About, (Vec<usize>, Opening)> = BTreeMap::new();
    for ((policy, _), opening) in void {
        let Some(opening) = opening else { continue };
        let known = by_opening.entry(opening.0).or_insert((Vec::new(), opening));
        known.0.push(policy);
    }
    let finding_of =
        |(opens, (policies, (_, (who, direction, set)))): (About, (Vec<usize>, Opening))| {
            let called = names(world, &policies);
            let way = super::types::word(direction);
            let verb = if policies.len() == 1 { "closes" } else { "close" };
            let message = format!("{called} {verb} no {way}: everything is allowed before");
            let mut finding = Finding::new(&VOID, message);
            for policy in policies.iter().take(SHOWN) {
                let about = About { policy: *policy, rule: None };
                finding = finding.at_field(world, about, "spec.types", "denies nothing");
            }
            finding = finding.at(world, opens, "allows everything before it is asked");
            let example = evidence.example(set, who, direction);
            and_more(finding, policies.len())
                .help("confine the rule that allows, or take out what closes nothing")
                .example(world, example, "allowed")
        };
    by_opening.into_iter().map(finding_of).collect()
}
