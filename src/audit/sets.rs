//! Sets of addresses that a rule for every namespace takes in.

use super::evidence::Evidence;
use super::finding::{About, Finding, few, name, other};
use crate::calico::{Action, Resource};
use crate::diagnostic::codes::audit::SETS_TAKEN_IN;
use crate::reach::Direction;
use crate::selector::Selector;

/// Rules that allow every namespace by `namespaceSelector: all()`, where some namespace holds a set: its addresses are allowed, too.
pub(super) fn taken_in(evidence: &Evidence<'_>) -> Vec<Finding> {
    let world = evidence.world;
    let sets: Vec<String> = world
        .cluster
        .objects
        .iter()
        .filter_map(|object| match &object.resource {
            Resource::Set(set) => {
                set.namespace.as_ref().map(|namespace| format!("{namespace}/{}", set.name))
            }
            Resource::Policy(_) | Resource::Tier(_) => None,
        })
        .collect();
    let mut found: Vec<Finding> = Vec::new();
    if sets.is_empty() {
        return found;
    }
    for (policy, of) in world.policies() {
        for direction in Direction::BOTH {
            for (index, rule) in of.rules(direction).iter().enumerate() {
                let end = rule.peer(direction);
                let every = end.namespace_selector == Some(Selector::All)
                    && end.selector.as_ref().is_none_or(|it| *it == Selector::All)
                    && end.nets.is_empty();
                if rule.action != Action::Allow || !every {
                    continue;
                }
                let about = About { policy, rule: Some((direction, index)) };
                let sets = few(sets.iter().map(String::as_str));
                let called = name(world, policy);
                found.push(
                    Finding::new(
                        &SETS_TAKEN_IN,
                        format!("{called} allows every namespace, and with it the addresses of {sets}"),
                    )
                    .at_field(
                        world,
                        about,
                        &format!("{}.namespaceSelector", other(direction)),
                        "pods, and sets of addresses in a namespace",
                    )
                    .help("if pods alone are meant, add beside it:\n  selector: projectcalico.org/orchestrator == 'k8s'"),
                );
            }
        }
    }
    found
}
