//! What is seen without judging: services without a namespace, tiers without an order, labels that only Calico gives; and
//! passes that open what no tier decides.

use std::collections::BTreeMap;

use super::evidence::{AuditSubject, Evidence};
use super::finding::{About, Finding, name, other};
use crate::calico::{Action, Resource};
use crate::diagnostic::codes::audit::{FORGED, NO_NAMESPACE, NO_ORDER, PASSES};
use crate::diagnostic::visible::visible;
use crate::reach::of_policies::By;
use crate::reach::{Diagram, Direction};
use crate::selector::keys::{ACCOUNT, NAMESPACE, OF_ACCOUNT, OF_NAMESPACE, ORCHESTRATOR};

/// What Calico itself gives to pods.
const GIVEN: [&str; 5] = [OF_NAMESPACE, OF_ACCOUNT, NAMESPACE, ORCHESTRATOR, ACCOUNT];

/// Rules for a service whose namespace is not said.
pub(super) fn services(evidence: &Evidence<'_>) -> Vec<Finding> {
    let world = evidence.world;
    let mut found = Vec::new();
    for (policy, it) in world.policies() {
        for direction in Direction::BOTH {
            for (index, rule) in it.rules(direction).iter().enumerate() {
                let Some((namespace, service)) = &rule.peer(direction).service else { continue };
                if !namespace.is_empty() {
                    continue;
                }
                let message = format!(
                    "a rule of {} names the service `{service}` without its namespace",
                    name(world, policy)
                );
                let about = About { policy, rule: Some((direction, index)) };
                let field = format!("{}.services", other(direction));
                found.push(
                    Finding::new(&NO_NAMESPACE, message)
                        .at_field(world, about, &field, "matches nothing")
                        .help("write `namespace` beside `name`, in the policy's own namespace as well"),
                );
            }
        }
    }
    found
}

/// Tiers and sets that are not what they seem.
pub(super) fn objects(evidence: &Evidence<'_>) -> Vec<Finding> {
    let world = evidence.world;
    let mut found = Vec::new();
    for (index, object) in world.cluster.objects.iter().enumerate() {
        let about = About { policy: index, rule: None };
        match &object.resource {
            Resource::Tier(tier) if tier.order.is_none() => found.push(
                Finding::new(&NO_ORDER, format!("the tier `{}` has no order", tier.name))
                    .at(world, about, "goes by its name beside `default`")
                    .help("write an `order` below 1000000 to be asked before the tier `default`, or above to be asked after it"),
            ),
            Resource::Set(set) => {
                let forged = |key: &str| {
                    GIVEN.iter().any(|it| key == *it || it.ends_with('.') && key.starts_with(it))
                };
                let Some((key, _)) = set.labels.iter().find(|(key, _)| forged(key)) else { continue };
                let message = format!(
                    "the set `{}` bears the label `{}`, which Calico gives to pods",
                    set.name,
                    visible(key)
                );
                found.push(
                    Finding::new(&FORGED, message)
                        .at(world, about, "its addresses pass for pods where a selector asks for that label")
                        .help("give the set labels of its own"),
                );
            }
            Resource::Tier(_) | Resource::Policy(_) => {}
        }
    }
    found
}

/// Passes after which no policy decides, so that the profile of the namespace opens: one finding for each policy.
pub(super) fn passes(evidence: &mut Evidence<'_>) -> Vec<Finding> {
    let mut by_policy: BTreeMap<usize, (usize, AuditSubject, Direction, Diagram)> = BTreeMap::new();
    for judged in &evidence.judged {
        let open = judged.steps.iter().find(|step| step.by == By::Profile);
        let Some(open) = open.map(|step| step.reached).filter(|_| judged.who != AuditSubject::Host)
        else {
            continue;
        };
        for step in &judged.steps {
            let By::Rule { policy, rule } = step.by else { continue };
            let set = evidence.sets.diagrams.intersection(step.reached, open);
            if step.action == Action::Pass && set != Diagram::EMPTY {
                by_policy.entry(policy).or_insert((rule, judged.who, judged.direction, set));
            }
        }
    }
    let world = evidence.world;
    let finding_of = |(policy, (rule, who, direction, set)): (
        usize,
        (usize, AuditSubject, Direction, Diagram),
    )| {
        let about = About { policy, rule: Some((direction, rule)) };
        let example = evidence.example(set, who, direction);
        let message =
            format!("{} passes on what no later tier decides, and it is open", name(world, policy));
        Finding::new(&PASSES, message)
            .at(world, about, "nothing after this denies")
            .help("a connection that every tier passes on is allowed: deny in a later tier what is not meant")
            .example(world, example, "allowed")
    };
    by_policy.into_iter().map(finding_of).collect()
}
