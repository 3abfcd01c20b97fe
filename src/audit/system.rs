//! A default deny that takes in the namespace in which the cluster's own pods run.

use std::collections::BTreeMap;

use super::closes::{selecting, selects_unlabelled};
use super::evidence::{AuditSubject, Evidence};
use super::finding::{About, Finding, name};
use crate::calico::{Action, Policy, PolicyKind};
use crate::diagnostic::codes::audit::KUBE_SYSTEM;
use crate::reach::{Diagram, Direction};
use crate::selector::Predicate;
use crate::selector::keys::{KUBE_SYSTEM as NAME, NAMESPACE};

/// Where a policy leaves pods without any connection.
type Cut = (AuditSubject, Direction, Diagram);

/// The findings: one for each global policy that selects whoever is there, and by which some pods of that namespace lose every
/// connection of a direction.
pub(super) fn find(evidence: &mut Evidence<'_>) -> Vec<Finding> {
    let world = evidence.world;
    let ours = |policy: &Policy| {
        policy.namespace.is_none()
            && policy.kind == PolicyKind::Calico
            && selects_unlabelled(policy, true)
    };
    let home = evidence.homes.iter().position(|it| *it.name == *NAME);
    let who = home.map_or(AuditSubject::Undeclared, AuditSubject::Home);
    let bearer = evidence.bearer(who);
    let here = evidence.sets.test(bearer, NAMESPACE, &Predicate::Equals(NAME.into()));
    let mut by_policy: BTreeMap<usize, Vec<Cut>> = BTreeMap::new();
    for direction in Direction::BOTH {
        let open = evidence.allowed(who, direction);
        let open = evidence.sets.of_subject_alone(open);
        let Some(judged) =
            evidence.judged.iter().find(|it| it.who == who && it.direction == direction)
        else {
            continue;
        };
        let denies = judged.steps.iter().filter(|it| it.action == Action::Deny);
        let denies = denies.filter(|it| it.reached != Diagram::EMPTY).flat_map(|step| {
            let by_rule = step.by.rule().map(|(policy, _)| vec![policy]);
            let policies = by_rule.or(step.by.end_of_tier().map(<[usize]>::to_vec));
            policies.unwrap_or_default().into_iter().map(|it| (it, step.reached))
        });
        let denies: Vec<_> = denies.filter(|(it, _)| world.policy(*it).is_some_and(ours)).collect();
        for (policy, denied) in denies {
            let selected = evidence.selected(policy, who);
            let cut = evidence.sets.diagrams.difference(selected, open);
            let cut = evidence.sets.diagrams.intersection(cut, here);
            // Nobody knows which labels the namespace has where no manifest says it.
            let sure = evidence.sets.whatever_its_namespace(cut);
            let cut = evidence.sets.diagrams.intersection(cut, sure);
            let cut = evidence.sets.diagrams.intersection(cut, denied);
            let cuts = by_policy.entry(policy).or_default();
            if cut != Diagram::EMPTY && cuts.iter().all(|(_, it, _)| *it != direction) {
                cuts.push((who, direction, cut));
            }
        }
    }
    let finding_of = |(policy, cuts): (usize, Vec<Cut>)| {
        let (who, direction, set) = *cuts.first()?;
        let about = About { policy, rule: None };
        let ways: Vec<_> = cuts.iter().map(|(_, it, _)| super::types::word(*it)).collect();
        let message = format!(
            "{} closes pods of `{NAME}` for all {}",
            name(world, policy),
            ways.join(" and ")
        );
        let example = evidence.example(set, who, direction);
        let finding = Finding::new(&KUBE_SYSTEM, message)
            .at_field(world, about, selecting(world.policy(policy)), format!("holds for pods of `{NAME}`, too"))
            .help("DNS, storage and whatever else the cluster runs by stands still there")
            .help(format!("leave it out:  projectcalico.org/namespace != '{NAME}'\nor allow first what its pods need"))
            .example(world, example, "denied");
        Some(finding)
    };
    by_policy.into_iter().filter_map(finding_of).collect()
}
