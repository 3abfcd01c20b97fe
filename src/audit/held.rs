//! Rules for the pods of namespaces that take in addresses from anywhere, as a `NetworkSet` in one of them holds these.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::evidence::{AuditSubject, Evidence};
use super::finding::{About, Finding, name, other};
use crate::calico::{NetworkSet, Resource};
use crate::diagnostic::codes::audit::HELD;
use crate::reach::{Bearer, Diagram, PeerKind};
use crate::selector::keys::{NAME, NAMESPACE};
use crate::selector::{Predicate, Selector};

/// The findings: one for each set and end of the rules that take it in, whichever policies have these.
pub(super) fn find(evidence: &mut Evidence<'_>) -> Vec<Finding> {
    let world = evidence.world;
    let sets: Vec<(usize, &NetworkSet)> = (world.cluster.objects.iter().enumerate())
        .filter_map(|(index, object)| match &object.resource {
            Resource::Set(set) if set.namespace.is_some() => Some((index, set)),
            Resource::Set(_) | Resource::Tier(_) | Resource::Policy(_) => None,
        })
        .collect();
    if sets.is_empty() {
        return Vec::new();
    }
    let mut by_policy: Vec<(usize, Finding)> = Vec::new();
    for (about, reached) in evidence.allows() {
        let Some((direction, index)) = about.rule else { continue };
        let Some(rule) = world.rule(about.policy, direction, index) else { continue };
        let end = rule.peer(direction);
        // Who selects by labels of endpoints as well has said which; who gives blocks, where they lie.
        let (Some(selector), None, true) =
            (&end.namespace_selector, &end.selector, end.nets.is_empty())
        else {
            continue;
        };
        let own = world.policy(about.policy).and_then(|it| it.namespace.as_ref());
        let taken = sets.iter().filter(|(_, set)| {
            set.namespace.as_ref() != own && holds(evidence, selector, set.namespace.as_ref())
        });
        let taken: Vec<_> = taken.copied().collect();
        let names: BTreeSet<Arc<str>> =
            taken.iter().filter_map(|(_, set)| set.namespace.clone()).collect();
        let names = Predicate::In(names.into_iter().collect());
        let here = evidence.sets.test(Bearer::PeerHeld, NAMESPACE, &names);
        let kind = evidence.sets.kind(PeerKind::Held);
        let held = evidence.sets.diagrams.intersection(here, kind);
        let shown = reached.iter().find_map(|at| {
            let (who, set) = evidence.step(*at).map(|(it, step)| (it.who, step.reached))?;
            let set = evidence.sets.diagrams.intersection(set, held);
            (who != AuditSubject::Host && set != Diagram::EMPTY).then_some((who, set))
        });
        let (Some((who, set)), Some((first, written))) = (shown, taken.first()) else { continue };
        let field = format!("{}.namespaceSelector", other(direction));
        if let Some((_, known)) = by_policy.iter_mut().find(|(it, _)| *it == about.policy) {
            let more =
                Finding::new(&HELD, String::new()).at_field(world, about, &field, "and here");
            known.join(more);
            continue;
        }
        let example = evidence.example(set, who, direction);
        let message = format!(
            "{} is for pods of other namespaces, and takes in the addresses of a set there",
            name(world, about.policy)
        );
        let written = format!(
            "`{}/{}` is a NetworkSet in such a namespace",
            written.namespace.as_deref().unwrap_or_default(),
            written.name
        );
        let finding = Finding::new(&HELD, message)
            .at_field(world, about, &field, "holds for pods and for NetworkSets")
            .at(world, About { policy: *first, rule: None }, written)
            .help("whoever may write a NetworkSet in such a namespace opens this to any address")
            .help("if only pods are meant, add beside it:  selector: projectcalico.org/orchestrator == 'k8s'")
            .example(world, example, "allowed at this end");
        by_policy.push((about.policy, finding));
    }
    by_policy.into_iter().map(|(_, finding)| finding).collect()
}

/// Whether `selector` of namespaces holds for the one of this name, as far as its labels are known.
fn holds(evidence: &Evidence<'_>, selector: &Selector, name: Option<&Arc<str>>) -> bool {
    let Some(name) = name else { return false };
    let home = evidence.homes.binary_search_by(|it| it.name.cmp(name)).ok();
    let labels = home.and_then(|at| evidence.homes.get(at)).map_or(&[][..], |it| &it.labels);
    selector.matches(|key| match key {
        NAME => Some(&**name),
        _ => labels.iter().find(|(it, _)| **it == *key).map(|(_, value)| &**value),
    })
}
