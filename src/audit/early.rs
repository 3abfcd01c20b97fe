//! Order and tiers: denies that Kubernetes policies overrule, and allows that skip the denies of later tiers.

use std::collections::{BTreeMap, BTreeSet};

use super::evidence::{AuditSubject, Evidence};
use super::finding::{About, Finding, name};
use crate::calico::admin::{ADMIN_TIER, BASELINE_TIER};
use crate::calico::{Action, Entity, PolicyKind, Rule};
use crate::diagnostic::codes::audit::{EARLY, NO_TIER, OVERRULED};
use crate::reach::of_policies::By;
use crate::reach::{Diagram, Direction};

/// The order of Kubernetes policies.
const KUBERNETES: f64 = 1000.0;

/// Global policies whose denies any Kubernetes policy overrules.
pub(super) fn overruled(evidence: &mut Evidence<'_>) -> Vec<Finding> {
    let world = evidence.world;
    let mut found = Vec::new();
    for (index, policy) in world.policies() {
        let late = policy.order.is_none_or(|order| order >= KUBERNETES);
        let ours = policy.kind == PolicyKind::Calico && policy.namespace.is_none();
        if !(late && ours && &*policy.tier == "default") {
            continue;
        }
        let denies = evidence.rules.iter().filter(|((it, direction, rule), _)| {
            let rule = world.rule(*it, *direction, *rule);
            *it == index && rule.is_some_and(|it| it.action == Action::Deny)
        });
        let of_pods = denies.flat_map(|((_, direction, rule), it)| {
            it.reached.iter().map(move |at| ((*direction, *rule), *at))
        });
        let shown = of_pods
            .filter_map(|(rule, at)| Some((rule, evidence.step(at)?)))
            .find(|(_, (judged, _))| judged.who != AuditSubject::Host)
            .map(|(rule, (judged, step))| (rule, judged.who, judged.direction, step.reached));
        let Some((rule, who, direction, set)) = shown else { continue };
        let text = match policy.order {
            Some(order) => format!("order {order}: Kubernetes policies stand at 1000"),
            None => "without an order it is asked last".to_owned(),
        };
        let example = evidence.example(set, who, direction);
        found.push(
            Finding::new(
                &OVERRULED,
                format!("any Kubernetes NetworkPolicy overrules what {} denies", name(world, index)),
            )
            .at_field(
                world,
                About { policy: index, rule: None },
                if policy.order.is_some() { "spec.order" } else { "" },
                text,
            )
            .at(world, About { policy: index, rule: Some(rule) }, "this comes too late")
            .help("whoever may write a NetworkPolicy in a namespace opens it: give the policy an `order` below 1000, after those that allow")
            .example(world, example, "denied, until somebody in that namespace writes a Kubernetes policy"),
        );
    }
    found
}

/// A rule that allows, those that would deny, and where what is between them.
type Skipped = (About, Vec<About>, (AuditSubject, Direction, Diagram));

/// Rules that allow in a tier what a later one denies by name.
pub(super) fn early(evidence: &mut Evidence<'_>) -> Vec<Finding> {
    let world = evidence.world;
    let mut skipped: BTreeMap<usize, Skipped> = BTreeMap::new();
    for at in 0..evidence.judged.len() {
        let Some(judged) = evidence.judged.get(at) else { continue };
        let (who, direction) = (judged.who, judged.direction);
        let mut allowed: Vec<(usize, usize, Diagram)> = Vec::new();
        for step in &judged.steps {
            let By::Rule { policy, rule } = step.by else { continue };
            match step.action {
                Action::Allow if step.reached != Diagram::EMPTY => {
                    allowed.push((policy, rule, step.reached));
                }
                Action::Deny => {
                    let tier = world.policy(policy).map(|it| &it.tier);
                    let narrow =
                        world.rule(policy, direction, rule).is_some_and(|it| !everything(it));
                    for (by, of, set) in allowed.iter().filter(|_| narrow) {
                        if world.policy(*by).map(|it| &it.tier) == tier {
                            continue;
                        }
                        let set = evidence.sets.diagrams.intersection(*set, step.matched);
                        if set != Diagram::EMPTY {
                            let about = About { policy: *by, rule: Some((direction, *of)) };
                            let known = skipped.entry(*by).or_insert((
                                about,
                                Vec::new(),
                                (who, direction, set),
                            ));
                            // The first one is that of the connection which is shown.
                            let deny = About { policy, rule: Some((direction, rule)) };
                            if !known.1.contains(&deny) {
                                known.1.push(deny);
                            }
                        }
                    }
                }
                Action::Allow | Action::Log | Action::Pass => {}
            }
        }
    }
    let finding_of = |(about, denies, (who, direction, set)): Skipped| {
        let called = name(world, about.policy);
        let mut finding =
            Finding::new(&EARLY, format!("{called} allows in its tier what a later tier denies"))
                .at(world, about, "allowed for good: no later tier is asked");
        for deny in denies.iter().take(2) {
            finding = finding.at(world, *deny, "unreachable for that");
        }
        let example = evidence.example(set, who, direction);
        finding
            .help("write Pass instead of Allow to leave it to later tiers, or deny in an earlier tier")
            .example(world, example, "allowed")
    };
    skipped.into_values().map(finding_of).collect()
}

/// Whether a rule asks for nothing.
pub(super) fn everything(rule: &Rule) -> bool {
    let plain = Rule::new(rule.action);
    let (none, ends) = (Entity::default(), [&rule.source, &rule.destination]);
    ends.iter().all(|end| **end == none)
        && (rule.protocol, rule.not_protocol, rule.family)
            == (plain.protocol, plain.not_protocol, plain.family)
        && rule.icmp.is_none()
        && rule.not_icmp.is_none()
        && rule.http.is_none()
}

/// Tiers that policies name and nobody made.
pub(super) fn no_tier(evidence: &Evidence<'_>) -> Vec<Finding> {
    let world = evidence.world;
    let made: BTreeSet<&str> = world
        .cluster
        .resources()
        .filter_map(|it| match it {
            crate::calico::Resource::Tier(tier) => Some(&*tier.name),
            crate::calico::Resource::Set(_) | crate::calico::Resource::Policy(_) => None,
        })
        .chain(["default", "kube-admin", "kube-baseline", ADMIN_TIER, BASELINE_TIER])
        .collect();
    let mut missing: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, policy) in world.policies().filter(|(_, it)| !made.contains(&*it.tier)) {
        missing.entry(&policy.tier).or_default().push(index);
    }
    let finding_of = |(tier, policies): (&str, Vec<usize>)| {
        let finding = Finding::new(&NO_TIER, format!("no tier `{tier}` is among these objects"));
        let at = |finding: Finding, policy: &usize| {
            let about = About { policy: *policy, rule: None };
            finding.at_field(world, about, "spec.tier", "in that tier")
        };
        let near = crate::diagnostic::nearest::nearest(tier, made.iter().copied());
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "audit the Tier together with its policies".to_owned(),
        };
        policies.iter().take(3).fold(finding, at).help(help).help(
            "it is judged as Calico does where the tier is missing: after all others, and closed at its end",
        )
    };
    missing.into_iter().map(finding_of).collect()
}
