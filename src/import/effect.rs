//! What is left of an Allow of a namespace's own policies after what they deny or pass on before it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::compare::opened;
use super::known::KnownNames;
use super::traffic::{self, TrafficUnit};
use crate::calico::{Action, Policy, Port, Resource, Rule};
use crate::reach::of_policies::{By, Policies, Subject};
use crate::reach::{Diagram, Direction, Sets, Terms, TooMany};
use crate::traffic::Match;
use crate::world::World;

/// A rule: the policy by its index in the cluster, and the rule by its index in its direction.
pub(super) type RuleAt = (usize, Direction, usize);

/// What traffic an Allow still lets pass, an entry each, and whether more of it is open that no list says.
#[derive(Debug, Default)]
pub(super) struct LeftTraffic {
    pub(super) units: Vec<TrafficUnit>,
    pub(super) unclear: bool,
}

/// What is left of the Allows that something before them cuts; nothing of those that are whole.
pub(super) fn cut(
    world: &World,
    known: &KnownNames<'_>,
) -> Result<BTreeMap<RuleAt, LeftTraffic>, TooMany> {
    let mut found = BTreeMap::new();
    let cuts = |rule: &Rule| matches!(rule.action, Action::Deny | Action::Pass);
    let cutting = world.policies().filter(|(_, it)| it.ingress.iter().chain(&it.egress).any(cuts));
    let namespaces: BTreeSet<Arc<str>> =
        cutting.filter_map(|(_, policy)| policy.namespace.clone()).collect();
    let declared = namespaces.iter().filter_map(|name| known.namespace(name));
    let declared: Vec<_> = declared.collect();
    if declared.is_empty() {
        return Ok(found);
    }
    let labels = world.labels_of_namespaces();
    let mut terms = Terms::default();
    world.evaluator().terms(&mut terms);
    Sets::over(terms, |mut sets| {
        for namespace in declared {
            let own = |resource: &Resource| match resource {
                Resource::Policy(policy) => policy.namespace.as_ref() == Some(&namespace.name),
                Resource::Tier(_) | Resource::Set(_) => true,
            };
            let resources = world.cluster.resources().enumerate().filter(|(_, it)| own(it));
            let (indices, resources): (Vec<_>, Vec<_>) = resources.unzip();
            let mut policies = Policies::new(resources.into_iter(), &labels, &[]);
            for direction in Direction::BOTH {
                let subject = Subject::Declared(&namespace.name, &namespace.labels);
                let steps = policies.judge(&mut sets, subject, direction, world.ties());
                let open = opened(&mut sets, &steps);
                let bounds = bounds(world, &namespace.name);
                for step in steps.iter().filter(|step| step.action == Action::Allow) {
                    let By::Rule { policy, rule: index } = step.by else { continue };
                    let Some(object) = indices.get(policy).copied() else { continue };
                    let Some(rule) = world.rule(object, direction, index) else { continue };
                    let matched = sets.that_can_be(step.matched, direction);
                    if sets.diagrams.difference(matched, open) == Diagram::EMPTY {
                        continue;
                    }
                    let left = left(&mut sets, rule, matched, open, &bounds);
                    found.insert((object, direction, index), left);
                }
            }
        }
        found
    })
}

fn left(
    sets: &mut Sets,
    rule: &Rule,
    matched: Diagram,
    open: Diagram,
    bounds: &BTreeSet<u16>,
) -> LeftTraffic {
    let mut left = LeftTraffic::default();
    let units: Vec<TrafficUnit> = match traffic::of_rule(rule) {
        Ok(None) => vec![None],
        Ok(Some(list)) => list.into_iter().map(Some).collect(),
        Err(_) => return LeftTraffic { units: Vec::new(), unclear: true },
    };
    for unit in units.into_iter().flat_map(|unit| divided(unit, bounds)) {
        let list = unit.as_ref().map(std::slice::from_ref);
        let traffic = sets.traffic(list);
        let wanted = sets.diagrams.intersection(matched, traffic);
        if sets.diagrams.difference(wanted, open) == Diagram::EMPTY {
            left.units.push(unit);
        } else if sets.diagrams.intersection(wanted, open) != Diagram::EMPTY {
            left.unclear = true;
        }
    }
    left.units = joined(left.units);
    left
}

/// The ports at which some rule of the namespace's policies begins or ends.
fn bounds(world: &World, namespace: &Arc<str>) -> BTreeSet<u16> {
    let of = |policy: &&Policy| policy.namespace.as_ref() == Some(namespace);
    let policies = world.policies().map(|(_, policy)| policy).filter(of);
    let rules = policies.flat_map(|policy| policy.ingress.iter().chain(&policy.egress));
    let ports =
        rules.flat_map(|rule| rule.destination.ports.iter().chain(&rule.destination.not_ports));
    let bounds = ports.flat_map(|port| match port {
        Port::Range(first, last) => [Some(*first), last.checked_add(1)],
        Port::Named(_) => [None, None],
    });
    bounds.flatten().collect()
}

/// A range of ports as several that begin and end at `bounds`.
fn divided(unit: TrafficUnit, bounds: &BTreeSet<u16>) -> Vec<TrafficUnit> {
    let Some(Match::Ports(protocol, first, last)) = unit else { return vec![unit] };
    let mut found = Vec::new();
    let mut from = first;
    for bound in bounds.iter().filter(|it| **it > first && **it <= last) {
        found.push(Some(Match::Ports(protocol, from, bound - 1)));
        from = *bound;
    }
    found.push(Some(Match::Ports(protocol, from, last)));
    found
}

/// Ranges that touch as one.
fn joined(units: Vec<TrafficUnit>) -> Vec<TrafficUnit> {
    let mut found: Vec<TrafficUnit> = Vec::new();
    for unit in units {
        match (found.last_mut(), &unit) {
            (Some(Some(Match::Ports(p, _, last))), Some(Match::Ports(q, first, to)))
                if p == q && last.checked_add(1) == Some(*first) =>
            {
                *last = *to;
            }
            _ => found.push(unit),
        }
    }
    found
}
