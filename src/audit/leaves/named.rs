//! Which landing zones rules speak of, and which of a rule's connections leave its own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::evidence::Evidence;
use super::super::finding::Finding;
use super::Crossing;
use crate::reach::{Bearer, Diagram, Direction, PeerKind};
use crate::selector::keys::{NAMESPACE, OF_NAMESPACE};
use crate::selector::{Predicate, Selector};

/// The label of the application, and which values of it are spoken of.
pub(super) struct NamedOthers {
    pub(super) key: String,
    pub(super) declared: Vec<Arc<str>>,
    /// Those that namespaces declare or a selector names.
    spoken_of: Vec<Arc<str>>,
    /// The names of namespaces that manifests or selectors name.
    names: Vec<Arc<str>>,
    /// Connections with pods of those names, of what is spoken of, and of what is declared.
    sets: [Diagram; 3],
    /// Connections with pods of the namespaces that a landing zone has, of those that were asked for.
    inside: BTreeMap<Arc<str>, Diagram>,
}

impl NamedOthers {
    pub(super) fn new(evidence: &Evidence<'_>) -> Self {
        let plain = &evidence.settings.labels.application;
        let key = format!("{OF_NAMESPACE}{plain}");
        let mut spoken_of = evidence.applications.clone();
        let mut names: BTreeSet<_> = evidence.homes.iter().map(|it| Arc::clone(&it.name)).collect();
        for (_, policy) in evidence.world.policies() {
            for rule in policy.ingress.iter().chain(&policy.egress) {
                for end in [&rule.source, &rule.destination] {
                    let selectors = [&end.namespace_selector, &end.selector, &end.not_selector];
                    for test in selectors.into_iter().flatten().flat_map(Selector::tests) {
                        let (at, values) = (&test.key, test.predicate.values());
                        let values = values.unwrap_or_default().iter().cloned();
                        if **at == **plain || **at == *key {
                            spoken_of.extend(values);
                        } else if at.ends_with("/name") || at.ends_with("/namespace") {
                            names.extend(values);
                        }
                    }
                }
            }
        }
        Self {
            key,
            declared: evidence.applications.iter().cloned().collect(),
            spoken_of: spoken_of.into_iter().collect(),
            names: names.into_iter().collect(),
            sets: [Diagram::EMPTY; 3],
            inside: BTreeMap::new(),
        }
    }

    /// Makes the sets that every rule is held against, once.
    pub(super) fn prepare(&mut self, evidence: &mut Evidence<'_>) {
        let asked =
            [(NAMESPACE, &self.names), (&*self.key, &self.spoken_of), (&*self.key, &self.declared)];
        self.sets = asked.map(|(key, values)| {
            evidence.sets.test(Bearer::PeerPod, key, &Predicate::In(values.clone()))
        });
    }

    /// The connections of `set` whose other end is a pod of another landing zone than `own`, or of none.
    pub(super) fn others(
        &mut self,
        evidence: &mut Evidence<'_>,
        set: Diagram,
        own: &Arc<str>,
    ) -> Diagram {
        let inside = self.inside(evidence, own);
        let sets = &mut evidence.sets;
        let pods = sets.kind(PeerKind::Pod);
        let pods = sets.diagrams.difference(pods, inside);
        let own = sets.test(Bearer::PeerPod, &self.key, &Predicate::Equals(Arc::clone(own)));
        let pods = sets.diagrams.intersection(set, pods);
        // What a block of addresses may hold by chance is not what a rule is for.
        let pods = sets.unlocated(pods);
        sets.diagrams.difference(pods, own)
    }

    /// Connections with pods of the namespaces of `own`: what is declared of a namespace holds of its pods, whatever else a rule
    /// asks.
    fn inside(&mut self, evidence: &mut Evidence<'_>, own: &Arc<str>) -> Diagram {
        if let Some(known) = self.inside.get(own) {
            return *known;
        }
        let homes =
            (0..evidence.homes.len()).filter(|it| evidence.application(*it).as_ref() == Some(own));
        let homes = homes.filter_map(|it| evidence.homes.get(it)).map(|it| Arc::clone(&it.name));
        let inside = Predicate::In(homes.collect());
        let inside = evidence.sets.test(Bearer::PeerPod, NAMESPACE, &inside);
        self.inside.insert(Arc::clone(own), inside);
        inside
    }

    /// What is wrong with a crossing; nothing where it names the other side.
    pub(super) fn judge(
        &self,
        evidence: &mut Evidence<'_>,
        crossing: &Crossing,
        direction: Direction,
    ) -> Option<Finding> {
        let world = evidence.world;
        let (_, index) = crossing.about.rule?;
        let rule = world.rule(crossing.about.policy, direction, index)?;
        for (who, set) in &crossing.at {
            let sets = &mut evidence.sets;
            let [named, spoken_of, declared] = self.sets;
            let free = sets.diagrams.difference(*set, named);
            let anything = sets.diagrams.difference(free, spoken_of);
            if anything != Diagram::EMPTY {
                let example = evidence.example(anything, *who, direction);
                let finding = Self::unbounded(evidence, crossing, (direction, rule));
                return Some(finding.example(world, example, "allowed at this end"));
            }
            let unknown = sets.diagrams.difference(free, declared);
            if unknown != Diagram::EMPTY {
                let example = evidence.example(unknown, *who, direction);
                let finding = self.unknown(evidence, crossing, (direction, rule));
                return Some(finding.example(world, example, "allowed at this end"));
            }
        }
        None
    }
}
