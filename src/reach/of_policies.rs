//! What policies mean, by Calico's own rules ("how Calico decides"): tiers and orders, the first rule that
//! matches, what happens where none does, and whom a rule's ends really hold. Knows nothing of programs, nor of
//! how policies are made.

mod effective;
mod entity;
mod order;
mod rule;
mod verdict;

use std::cmp::Ordering;
use std::sync::Arc;

use rustc_hash::FxHashMap;

pub use self::effective::{effective, selected};
use self::entity::Entities;
pub use self::order::Ties;
use self::order::{Place, Tiers};
use self::rule::Rule;
use self::verdict::{Applied, Matched, Position};
pub use self::verdict::{By, Step};
use super::space::{NAMESPACE, OF_NAMESPACE};
use super::{Bearer, Diagram, Direction, Row, Scenario, Sets, Terms};
pub use crate::calico::Namespaces;
use crate::calico::{self, Action, Policy, Resource};
use crate::selector::Selector;

/// A policy, ready to be judged.
struct Prepared {
    /// Which of the resources it is.
    resource: usize,
    namespace: Option<Arc<str>>,
    /// Whether it never applies to pods.
    hosts_only: bool,
    /// What endpoints it applies to, by their labels as Calico shows them.
    selector: Selector,
    /// Its rules in each direction that it applies to, in the order of [`Direction::BOTH`].
    rules: [Option<Vec<Rule>>; 2],
    place: Place,
}

/// Policies and network sets, arranged to be asked about one subject after another.
#[expect(missing_debug_implementations, reason = "a view of the resources, which have one")]
pub struct Policies {
    prepared: Vec<Prepared>,
    entities: Entities,
    tiers: Tiers,
    /// The policies of each namespace.
    namespaced: FxHashMap<Arc<str>, Vec<usize>>,
    /// Global policies that a label's value is needed for, and the other global ones.
    by_label: FxHashMap<(Arc<str>, Arc<str>), Vec<usize>>,
    global: Vec<usize>,
}

/// Where the imagined policies of the scenarios stand.
#[derive(Clone, Copy, Debug)]
pub struct Imagined {
    /// The order just after the guardrails.
    pub after_guardrails: f64,
    /// Whether that is the order of a tier, not of a policy in the default tier.
    pub as_tier: bool,
}

impl Imagined {
    fn policy(self, scenario: Scenario) -> Option<Position> {
        match scenario {
            Scenario::Plain => None,
            // Where Kubernetes policies stand (section 3.6).
            Scenario::OpenAfterAll => Some(Position { order: 1000.0, as_tier: false }),
            Scenario::OpenAfterGuardrails => {
                Some(Position { order: self.after_guardrails, as_tier: self.as_tier })
            }
        }
    }
}

impl Policies {
    /// Arranges `resources`; staged policies count as if they were enforced. `namespaces` gives the sets in a namespace
    /// its labels.
    pub fn new<'a>(
        resources: impl Iterator<Item = &'a Resource> + Clone,
        namespaces: &Namespaces,
    ) -> Self {
        let mut policies = Self {
            prepared: Vec::new(),
            entities: Entities::default(),
            tiers: Tiers::new(resources.clone()),
            namespaced: FxHashMap::default(),
            by_label: FxHashMap::default(),
            global: Vec::new(),
        };
        for (index, resource) in resources.enumerate() {
            match resource {
                Resource::Tier(_) => {}
                Resource::Set(set) => policies.entities.add_set(set, namespaces),
                Resource::Policy(policy) => policies.add(policy, index),
            }
        }
        policies
    }

    fn add(&mut self, policy: &Policy, resource: usize) {
        let [ingress, egress] = applies(policy);
        let mut prepare = |on: bool, rules: &[calico::Rule], direction| {
            let (entities, namespace) = (&mut self.entities, policy.namespace.as_ref());
            let each = |rule| Rule::new(rule, namespace, direction, entities);
            on.then(|| rules.iter().map(each).collect())
        };
        let prepared = Prepared {
            resource,
            namespace: policy.namespace.clone(),
            hosts_only: policy.before_connections,
            selector: selected(policy),
            rules: [
                prepare(ingress, &policy.ingress, Direction::Ingress),
                prepare(egress, &policy.egress, Direction::Egress),
            ],
            place: Place::new(policy, &self.tiers),
        };
        let index = self.prepared.len();
        match (&prepared.namespace, needed(&prepared.selector)) {
            (Some(namespace), _) => {
                self.namespaced.entry(Arc::clone(namespace)).or_default().push(index);
            }
            (None, Some((key, values))) => {
                for value in values {
                    let label = (Arc::clone(key), Arc::clone(value));
                    self.by_label.entry(label).or_default().push(index);
                }
            }
            (None, None) => self.global.push(index),
        }
        self.prepared.push(prepared);
    }

    /// Adds everything that the policies look at to `terms`.
    pub fn terms(&self, terms: &mut Terms) {
        self.prepared.iter().for_each(|policy| terms.labels_of(&policy.selector));
        self.entities.labels(terms);
        let mut prepared: Vec<_> = self.prepared.iter().collect();
        prepared.sort_by(|a, b| a.place.compare(&b.place, Ties::ByNamespace));
        for policy in prepared {
            let rules = policy.rules.iter().flatten().flatten();
            // A policy without rules asks for its pods all the same.
            for rule in rules.map(Some).chain([None]) {
                terms.line();
                terms.selector(&policy.selector);
                if let Some(rule) = rule {
                    rule.terms(terms, &self.entities);
                }
            }
        }
        terms.line();
        self.entities.terms(terms);
    }

    /// The namespaces that some policy is in, sorted.
    pub fn namespaces(&self) -> Vec<Arc<str>> {
        let found: std::collections::BTreeSet<_> =
            self.prepared.iter().filter_map(|policy| policy.namespace.clone()).collect();
        found.into_iter().collect()
    }

    /// Which of two policies, by their index among all resources, is asked first; and whether that is for the tie between them
    /// alone, as they are of one tier and one order. `None` where one is no policy.
    pub fn order(&self, a: usize, b: usize, ties: Ties) -> Option<(Ordering, bool)> {
        let find = |resource: usize| {
            let at = self.prepared.binary_search_by_key(&resource, |it| it.resource).ok()?;
            self.at(at).map(|it| &it.place)
        };
        let (a, b) = (find(a)?, find(b)?);
        Some((a.compare(b, ties), a.ties_with(b)))
    }

    /// What `subject` lets pass in `direction`, under each of [`Ties::BOTH`]. Of the namespaced policies only those of
    /// `namespaces` are looked at: a namespace that is a subject of its own is left to that. What reaches the profiles
    /// passes: a pod has that of its namespace, and a host is taken to have one that allows everything.
    pub fn rows(
        &mut self,
        sets: &mut Sets<'_>,
        subject: Bearer<'_>,
        namespaces: &[Arc<str>],
        direction: Direction,
        imagined: Imagined,
    ) -> [Row; 2] {
        sets.allow_subject();
        let pod = !matches!(subject, Bearer::Host);
        let candidates = self.candidates(subject, namespaces, direction);
        let asked = candidates.into_iter().filter_map(|index| self.prepared.get(index));
        let applied = applied(asked, &mut self.entities, sets, subject, direction, united);
        let mut known: Option<(Vec<&Applied<'_>>, Row)> = None;
        Ties::BOTH.map(|ties| {
            let sorted = sorted(&applied, ties);
            if let Some((before, row)) = &known
                && before.iter().zip(&sorted).all(|(a, b)| std::ptr::eq(*a, *b))
            {
                return *row;
            }
            let row = Scenario::ALL.map(|scenario| {
                // Only pods are imagined to have another policy.
                let imagined = imagined.policy(scenario).filter(|_| pod);
                let groups = verdict::groups(&self.tiers, &sorted, imagined);
                let mut allowed = Diagram::EMPTY;
                verdict::walk(&mut sets.diagrams, &groups, Diagram::FULL, |diagrams, step| {
                    if step.action == Action::Allow {
                        allowed = diagrams.union(allowed, step.reached);
                    }
                });
                sets.that_can_be(allowed, direction)
            });
            known = Some((sorted, row));
            row
        })
    }

    /// How the connections of `subject` in `direction` are decided, step by step in the order of evaluation, by a release
    /// that breaks ties as `ties` says; `namespaces` as for [`rows`](Self::rows). What the steps that allow or deny have
    /// `reached` has nothing in common, and is together every connection that can be. The last two steps are those of the
    /// profile, which is taken to allow everything.
    pub fn judge(
        &mut self,
        sets: &mut Sets<'_>,
        subject: Bearer<'_>,
        namespaces: &[Arc<str>],
        direction: Direction,
        ties: Ties,
    ) -> Vec<Step> {
        sets.allow_subject();
        let candidates = self.candidates(subject, namespaces, direction);
        let asked = candidates.into_iter().filter_map(|index| self.prepared.get(index));
        let applied = applied(asked, &mut self.entities, sets, subject, direction, each);
        let groups = verdict::groups(&self.tiers, &sorted(&applied, ties), None);
        let all = sets.that_can_be(Diagram::FULL, direction);
        let mut steps = Vec::new();
        verdict::walk(&mut sets.diagrams, &groups, all, |_, step| steps.push(step));
        steps
    }

    /// The policies with rules for `direction` that may select `subject`.
    fn candidates(
        &self,
        subject: Bearer<'_>,
        namespaces: &[Arc<str>],
        direction: Direction,
    ) -> Vec<usize> {
        let mut found = self.global.clone();
        for namespace in namespaces {
            found.extend(self.namespaced.get(namespace).into_iter().flatten());
        }
        match subject {
            Bearer::Declared(name, labels) => {
                for label in shown(name, labels) {
                    found.extend(self.by_label.get(&label).into_iter().flatten());
                }
            }
            Bearer::Undeclared
            | Bearer::Host
            | Bearer::PeerPod
            | Bearer::PeerHeld
            | Bearer::PeerHost => {
                let global =
                    |index: &usize| self.at(*index).is_some_and(|it| it.namespace.is_none());
                found.extend((0..self.prepared.len()).filter(global));
            }
        }
        let pod = !matches!(subject, Bearer::Host);
        found.retain(|index| {
            self.at(*index).is_some_and(|it| it.of(direction).is_some() && !(pod && it.hosts_only))
        });
        found.sort_unstable();
        found.dedup();
        found
    }

    fn at(&self, index: usize) -> Option<&Prepared> {
        self.prepared.get(index)
    }
}

impl Prepared {
    fn of(&self, direction: Direction) -> Option<&[Rule]> {
        let [ingress, egress] = &self.rules;
        match direction {
            Direction::Ingress => ingress.as_deref(),
            Direction::Egress => egress.as_deref(),
        }
    }
}

/// The directions that a policy applies to, ingress first (section 1.4): as it says, or by its rules.
fn applies(policy: &Policy) -> [bool; 2] {
    if let Some(types @ [_, ..]) = policy.types.as_deref() {
        return [calico::Direction::Ingress, calico::Direction::Egress]
            .map(|it| types.contains(&it));
    }
    let egress = !policy.egress.is_empty();
    [!egress || !policy.ingress.is_empty(), egress]
}

/// Those of the policies `asked` that apply to `subject` in `direction`, with their rules as `arranged` gives them.
fn applied<'a>(
    asked: impl Iterator<Item = &'a Prepared>,
    entities: &mut Entities,
    sets: &mut Sets<'_>,
    subject: Bearer<'_>,
    direction: Direction,
    arranged: impl Fn(Vec<Matched>, &mut Sets<'_>) -> Vec<Matched>,
) -> Vec<Applied<'a>> {
    let mut applied = Vec::new();
    for policy in asked {
        let here = sets.selector(subject, &policy.selector);
        let Some(rules) = policy.of(direction).filter(|_| here != Diagram::EMPTY) else { continue };
        let mut matched = Vec::with_capacity(rules.len());
        for (index, rule) in rules.iter().enumerate() {
            let set = rule.matches(entities, sets, subject);
            matched.push(Matched { rule: index, action: rule.action, set });
        }
        let (place, resource) = (&policy.place, policy.resource);
        applied.push(Applied { place, resource, here, rules: arranged(matched, sets) });
    }
    applied
}

/// `applied` in the order in which they are asked.
fn sorted<'a>(applied: &'a [Applied<'a>], ties: Ties) -> Vec<&'a Applied<'a>> {
    let mut sorted: Vec<_> = applied.iter().collect();
    sorted.sort_by(|a, b| a.place.compare(b.place, ties));
    sorted
}

/// Every rule by itself.
fn each(rules: Vec<Matched>, _: &mut Sets<'_>) -> Vec<Matched> {
    rules
}

/// Neighbours that do the same as one, without those that only log: they do nothing to a verdict.
fn united(rules: Vec<Matched>, sets: &mut Sets<'_>) -> Vec<Matched> {
    let mut steps: Vec<(usize, Action, Vec<Diagram>)> = Vec::new();
    for Matched { rule, action, set } in rules {
        match steps.last_mut() {
            _ if action == Action::Log => {}
            Some((_, known, all)) if *known == action => all.push(set),
            Some(_) | None => steps.push((rule, action, vec![set])),
        }
    }
    let one = |(rule, action, all)| Matched { rule, action, set: sets.diagrams.union_of(all) };
    steps.into_iter().map(one).collect()
}

/// A label of a namespace that `selector` cannot hold without, and the values that will do.
fn needed(selector: &Selector) -> Option<(&Arc<str>, &[Arc<str>])> {
    let of_namespace = |key: &str| key == NAMESPACE || key.starts_with(OF_NAMESPACE);
    match selector {
        Selector::Equals(key, value) if of_namespace(key) => {
            Some((key, std::slice::from_ref(value)))
        }
        Selector::In(key, values) if of_namespace(key) => Some((key, values)),
        Selector::And(parts) => parts.iter().find_map(needed),
        Selector::All
        | Selector::Global
        | Selector::Has(_)
        | Selector::Equals(..)
        | Selector::NotEquals(..)
        | Selector::In(..)
        | Selector::NotIn(..)
        | Selector::Contains(..)
        | Selector::StartsWith(..)
        | Selector::EndsWith(..)
        | Selector::Not(_)
        | Selector::Or(_) => None,
    }
}

/// The labels of a namespace as they show on its pods.
fn shown(name: &Arc<str>, labels: &[(Arc<str>, Arc<str>)]) -> Vec<(Arc<str>, Arc<str>)> {
    let of_namespace = |key: &str| format!("{OF_NAMESPACE}{key}").into();
    let names = [
        NAMESPACE.into(),
        of_namespace("projectcalico.org/name"),
        of_namespace("kubernetes.io/metadata.name"),
    ];
    let names: Vec<_> = names.into_iter().map(|key| (key, Arc::clone(name))).collect();
    let others = labels.iter().map(|(key, value)| (of_namespace(key), Arc::clone(value)));
    let mut all: Vec<_> = others.chain(names).collect();
    all.sort_unstable();
    all.dedup();
    all
}
