//! `types` that do not go with the rules: unreachable rules, and a direction that is closed by its name alone.

use super::closes::by_types_alone;
use super::evidence::{AuditSubject, Evidence};
use super::finding::{About, Finding, name};
use crate::calico::{Action, PolicyKind};
use crate::diagnostic::codes::audit::TYPES;
use crate::reach::{Diagram, Direction};
use crate::selector::keys::MANAGED_BY;

/// The findings.
pub(super) fn find(evidence: &mut Evidence<'_>) -> Vec<Finding> {
    let world = evidence.world;
    let mut found = Vec::new();
    for (index, policy) in world.policies() {
        let about = About { policy: index, rule: None };
        for (direction, other) in
            [(Direction::Ingress, Direction::Egress), (Direction::Egress, Direction::Ingress)]
        {
            let way = word(direction);
            if !policy.applies(direction) && !policy.rules(direction).is_empty() {
                found.push(
                    Finding::new(
                        &TYPES,
                        format!("the {way} rules of {} are unreachable", name(world, index)),
                    )
                    .at_field(world, about, "spec.types", format!("without {}", kind(direction)))
                    .help(format!("add `{}` to `types`, or take the rules out", kind(direction))),
                );
            }
            let allows = policy.rules(other).iter().any(|rule| rule.action == Action::Allow);
            // Policies that were compiled close by their types where nothing is written of a direction, and mean it.
            let compiled = policy
                .labels
                .iter()
                .any(|(key, value)| **key == *MANAGED_BY && **value == *"eastwest");
            let written = policy.kind != PolicyKind::Kubernetes && !compiled;
            if written && allows && by_types_alone(policy, direction) {
                let Some((who, set)) = alone(evidence, index, direction) else { continue };
                let example = evidence.example(set, who, direction);
                found.push(
                    Finding::new(
                        &TYPES,
                        format!(
                            "{} closes {way} without a rule for it",
                            name(world, index)
                        ),
                    )
                    .at_field(world, about, "spec.types", format!("`{}` is named, and no {way} rule is written", kind(direction)))
                    .help(format!("if only {} is meant, take `{}` out of `types`; to close {way}, write a Deny that says so", word(other), kind(direction)))
                    .example(world, example, "denied, as nothing else selects these pods"),
                );
            }
        }
    }
    found
}

/// Where a policy alone closes a direction.
fn alone(
    evidence: &mut Evidence<'_>,
    policy: usize,
    direction: Direction,
) -> Option<(AuditSubject, Diagram)> {
    for at in 0..evidence.judged.len() {
        let Some(judged) = evidence.judged.get(at).filter(|it| it.direction == direction) else {
            continue;
        };
        let who = judged.who;
        let end = judged.steps.iter().find_map(|step| {
            let policies = step.by.end_of_tier().filter(|it| it.contains(&policy))?;
            Some((step.reached, policies.to_vec()))
        });
        let Some((mut set, policies)) = end else { continue };
        for other in policies.into_iter().filter(|it| *it != policy) {
            let here = evidence.selected(other, who);
            set = evidence.sets.diagrams.difference(set, here);
        }
        if who != AuditSubject::Host && set != Diagram::EMPTY {
            return Some((who, set));
        }
    }
    None
}

pub(super) fn word(direction: Direction) -> &'static str {
    match direction {
        Direction::Ingress => "ingress",
        Direction::Egress => "egress",
    }
}

fn kind(direction: Direction) -> &'static str {
    match direction {
        Direction::Ingress => "Ingress",
        Direction::Egress => "Egress",
    }
}
