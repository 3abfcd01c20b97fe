//! The same rule twice in one policy, and the same policy twice under two names.

use std::collections::{BTreeSet, HashMap};

use super::evidence::Evidence;
use super::finding::{About, Finding, name};
use crate::calico::{Policy, Rule};
use crate::diagnostic::codes::audit::DUPLICATE;
use crate::reach::Direction;

/// The findings, and the rules that they are about.
pub(super) fn find(evidence: &Evidence<'_>) -> (Vec<Finding>, BTreeSet<About>) {
    let world = evidence.world;
    let (mut found, mut known) = (Vec::new(), BTreeSet::new());
    let mut policies: HashMap<String, usize> = HashMap::new();
    for (index, policy) in world.policies() {
        for direction in Direction::BOTH {
            let mut rules: HashMap<String, usize> = HashMap::new();
            for (at, rule) in policy.rules(direction).iter().enumerate() {
                let about = |rule| About { policy: index, rule: Some((direction, rule)) };
                let Some(first) = rules.get(&rule.text()) else {
                    rules.insert(rule.text(), at);
                    continue;
                };
                known.insert(about(at));
                found.push(
                    Finding::new(&DUPLICATE, format!("{} has a rule twice", name(world, index)))
                        .at(world, about(at), "the same again")
                        .at(world, about(*first), "first written here")
                        .help("take one of the two out"),
                );
            }
        }
        if policy.ingress.is_empty() && policy.egress.is_empty() {
            continue;
        }
        let text = policy_text(policy);
        let Some(first) = policies.get(&text).copied() else {
            policies.insert(text, index);
            continue;
        };
        let about = |policy| About { policy, rule: None };
        for direction in Direction::BOTH {
            for rule in 0..policy.rules(direction).len() {
                known.insert(About { policy: index, rule: Some((direction, rule)) });
                known.insert(About { policy: first, rule: Some((direction, rule)) });
            }
        }
        found.push(
            Finding::new(
                &DUPLICATE,
                format!("{} and {} do the same", name(world, first), name(world, index)),
            )
            .at(world, about(index), "the same again")
            .at(world, about(first), "first written here")
            .help("take one of the two out"),
        );
    }
    (found, known)
}

/// What a policy does, without its name.
fn policy_text(policy: &Policy) -> String {
    let rules = |rules: &[Rule]| rules.iter().map(Rule::text).collect::<Vec<_>>();
    format!(
        "{:?}",
        (
            (&policy.namespace, policy.kind, &policy.tier, policy.order, &policy.types),
            (&policy.selector, &policy.namespace_selector, &policy.service_account_selector),
            (policy.stage, policy.apply_on_forward),
            (rules(&policy.ingress), rules(&policy.egress)),
        )
    )
}
