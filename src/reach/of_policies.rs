//! What policies mean, by Calico's own rules ("how Calico decides"): tiers and orders, the first rule that
//! matches, what happens where none does, and whom a rule's ends really hold. Knows nothing of programs, nor of
//! how policies are made.

mod effective;
mod endpoints;
mod entity;
mod host;
mod order;
mod rule;
mod verdict;

use std::cmp::Ordering;
use std::sync::Arc;

use rustc_hash::FxHashMap;

pub use self::effective::{effective, selected};
pub(crate) use self::endpoints::KnownEndpoints;
use self::entity::Entities;
pub use self::host::Profile;
use self::host::{Forwarding, failsafe, forwarding};
use self::order::{PolicyRank, Tiers};
use self::rule::PreparedRule;
use self::verdict::{Applied, ImaginedPosition, Matched};
pub use self::verdict::{By, Step};
use super::{Bearer, Condition, Diagram, Diagrams, Direction, Row, Scenario, Sets, Terms};
use crate::calico::{Action, HostEndpoint, Policy, Proviso, Resource, Services, Stage};
pub use crate::calico::{Namespaces, Ties};
use crate::selector::keys::{METADATA_NAME, NAME, NAMESPACE, OF_NAMESPACE, ORCHESTRATOR};
use crate::selector::{Selector, Test};

/// A policy, ready to be judged.
struct Prepared {
    /// Which of the resources it is.
    resource: usize,
    namespace: Option<Arc<str>>,
    /// When it is asked; pods know only ordinary policies.
    stage: Stage,
    /// Whether host endpoints ask it about what they forward, too.
    apply_on_forward: bool,
    /// What must be so, or must not, for it to be there.
    proviso: Option<(Condition, bool)>,
    /// What endpoints it applies to, by their labels as Calico shows them.
    selector: Selector,
    /// Its rules in each direction that it applies to, in the order of [`Direction::BOTH`].
    rules: [Option<Vec<PreparedRule>>; 2],
    place: PolicyRank,
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
    /// What host endpoints ask about the connections of pods, ingress first.
    forwarding: [Vec<Forwarding>; 2],
    /// What the profiles of host endpoints may allow.
    profiles: Vec<Condition>,
    /// Whether host endpoints are among those that may be asked about.
    hosts: bool,
}

/// Whose policies are asked.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'a> {
    /// The pods of a namespace with this name and these labels, sorted by key.
    Declared(&'a Arc<str>, &'a [(Arc<str>, Arc<str>)]),
    /// The pods of a namespace of which only the name is known.
    Named(&'a Arc<str>),
    /// The pods of all namespaces that no manifest declares, where those of these names have policies.
    Undeclared(&'a [Arc<str>]),
    /// A host endpoint, whatever its labels, with such a profile.
    Host(&'a Profile),
}

impl<'a> Subject<'a> {
    /// How it bears labels.
    pub fn bearer(self) -> Bearer<'a> {
        match self {
            Self::Declared(name, labels) => Bearer::Declared(name, labels),
            Self::Named(name) => Bearer::Named(name),
            Self::Undeclared(_) => Bearer::Undeclared,
            Self::Host(_) => Bearer::Host,
        }
    }

    /// The namespaces whose policies are asked.
    fn namespaces(self) -> &'a [Arc<str>] {
        match self {
            Self::Declared(name, _) | Self::Named(name) => std::slice::from_ref(name),
            Self::Undeclared(names) => names,
            Self::Host(_) => &[],
        }
    }

    fn is_pods(self) -> bool {
        !matches!(self, Self::Host(_))
    }
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
    /// Among policies that anybody wrote, of which nobody knows which are guardrails.
    pub const AMONG_ANY: Self = Self { after_guardrails: 1000.0, as_tier: false };

    fn policy(self, scenario: Scenario) -> Option<ImaginedPosition> {
        match scenario {
            Scenario::Plain => None,
            // Where Kubernetes policies stand (section 3.6).
            Scenario::OpenAfterAll => Some(ImaginedPosition { order: 1000.0, as_tier: false }),
            Scenario::OpenAfterGuardrails => {
                Some(ImaginedPosition { order: self.after_guardrails, as_tier: self.as_tier })
            }
        }
    }
}

impl Policies {
    /// Arranges `resources`; staged policies count as if they were enforced. `namespaces` gives the sets in a namespace
    /// its labels; `hosts` are the host endpoints that there are.
    pub fn new<'a>(
        resources: impl Iterator<Item = &'a Resource> + Clone,
        namespaces: &Namespaces,
        hosts: &[HostEndpoint],
    ) -> Self {
        Self::at_endpoints(resources, namespaces, hosts, &Services::new())
    }

    /// The same where the endpoints of `services` are known.
    pub fn at_endpoints<'a>(
        resources: impl Iterator<Item = &'a Resource> + Clone,
        namespaces: &Namespaces,
        hosts: &[HostEndpoint],
        services: &Services,
    ) -> Self {
        let mut policies = Self {
            prepared: Vec::new(),
            entities: Entities::knowing(services),
            tiers: Tiers::new(resources.clone()),
            namespaced: FxHashMap::default(),
            by_label: FxHashMap::default(),
            global: Vec::new(),
            forwarding: [Vec::new(), Vec::new()],
            profiles: hosts.iter().filter_map(|it| Profile::of(it).condition()).collect(),
            hosts: false,
        };
        for (index, resource) in resources.enumerate() {
            match resource {
                Resource::Tier(_) => {}
                Resource::Set(set) => policies.entities.add_set(set, namespaces),
                Resource::Policy(policy) => policies.add(policy, index),
            }
        }
        let prepared = &policies.prepared;
        policies.forwarding = Direction::BOTH.map(|it| forwarding(hosts, prepared, it));
        let may_select_hosts = |it: &Prepared| it.namespace.is_none() && !is_of_pods(&it.selector);
        policies.hosts = !hosts.is_empty() || prepared.iter().any(may_select_hosts);
        policies
    }

    fn add(&mut self, policy: &Policy, resource: usize) {
        let (entities, namespace) = (&mut self.entities, policy.namespace.as_ref());
        let rules = Direction::BOTH.map(|direction| {
            let each = |rule| PreparedRule::new(rule, namespace, direction, entities);
            policy.applies(direction).then(|| policy.rules(direction).iter().map(each).collect())
        });
        let prepared = Prepared {
            resource,
            namespace: policy.namespace.clone(),
            stage: policy.stage,
            apply_on_forward: policy.apply_on_forward,
            proviso: condition(policy.proviso.as_ref()),
            selector: selected(policy),
            rules,
            place: PolicyRank::new(policy, &self.tiers),
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
        if self.hosts {
            terms.hosts();
            for direction in Direction::BOTH {
                terms.matches(Some(&failsafe(direction)));
            }
        }
        let forwarding = self.forwarding.iter().flatten().map(|it| &it.through);
        let provisos = self.prepared.iter().filter_map(|it| it.proviso.as_ref());
        let provisos = provisos.map(|(condition, _)| condition).chain(self.entities.provisos());
        for condition in forwarding.chain(&self.profiles).chain(provisos) {
            terms.condition(condition.clone());
        }
        terms.line();
    }

    /// The namespaces that some policy is in, sorted.
    pub fn namespaces(&self) -> Vec<Arc<str>> {
        let found: std::collections::BTreeSet<_> =
            self.prepared.iter().filter_map(|policy| policy.namespace.clone()).collect();
        found.into_iter().collect()
    }

    /// Which of two policies, by their index among all resources, is asked first; and whether that is for the tie between them
    /// alone, as they are of one stage, one tier and one order. `None` where one is not a policy.
    pub fn order(&self, a: usize, b: usize, ties: Ties) -> Option<(Ordering, bool)> {
        let find = |resource: usize| {
            let at = self.prepared.binary_search_by_key(&resource, |it| it.resource).ok()?;
            self.at(at)
        };
        let (a, b) = (find(a)?, find(b)?);
        let stage = |it: &Prepared| Stage::ALL.iter().position(|stage| *stage == it.stage);
        let by_stage = stage(a).cmp(&stage(b));
        let order = by_stage.then_with(|| a.place.compare(&b.place, ties));
        Some((order, by_stage == Ordering::Equal && a.place.ties_with(&b.place)))
    }

    /// What `subject` lets pass in `direction`, under each of [`Ties::BOTH`]. Of the namespaced policies only those of its own
    /// namespaces are asked: a namespace that is a subject of its own is left to that.
    pub fn rows(
        &mut self,
        sets: &mut Sets,
        subject: Subject<'_>,
        direction: Direction,
        imagined: Imagined,
    ) -> [Row; 2] {
        let mut rows = [[Diagram::EMPTY; 3]; 2];
        let asked = self.subject_policies(sets, subject, direction, united);
        let mut known: Option<(Vec<&Applied<'_>>, Row)> = None;
        for (ties, row) in Ties::BOTH.into_iter().zip(&mut rows) {
            let sorted = sorted(&asked.applied, ties);
            if let Some((before, same)) = &known
                && before.iter().zip(&sorted).all(|(a, b)| std::ptr::eq(*a, *b))
            {
                *row = *same;
                continue;
            }
            *row = Scenario::ALL.map(|scenario| {
                // Only pods are imagined to have another policy.
                let imagined = imagined.policy(scenario).filter(|_| subject.is_pods());
                let mut allowed = Diagram::EMPTY;
                asked.walk(sets, &sorted, ties, imagined, Diagram::FULL, |diagrams, step| {
                    if step.action == Action::Allow {
                        allowed = diagrams.union(allowed, step.reached);
                    }
                });
                sets.that_can_be(allowed, direction)
            });
            known = Some((sorted, *row));
        }
        rows
    }

    /// The same by a release that breaks ties as `ties` says, where nobody knows which policies are guardrails.
    pub(crate) fn row(
        &mut self,
        sets: &mut Sets,
        subject: Subject<'_>,
        direction: Direction,
        ties: Ties,
    ) -> Row {
        let [by_namespace, by_name] = self.rows(sets, subject, direction, Imagined::AMONG_ANY);
        if ties == Ties::ByNamespace { by_namespace } else { by_name }
    }

    /// How the connections of `subject` in `direction` are decided, step by step in the order of evaluation, by a release
    /// that breaks ties as `ties` says. What the steps that allow or deny have `reached` has nothing in common, and is together
    /// every connection that can be.
    pub fn judge(
        &mut self,
        sets: &mut Sets,
        subject: Subject<'_>,
        direction: Direction,
        ties: Ties,
    ) -> Vec<Step> {
        let asked = self.subject_policies(sets, subject, direction, each);
        let all = sets.that_can_be(Diagram::FULL, direction);
        let mut steps = Vec::new();
        let sorted = sorted(&asked.applied, ties);
        asked.walk(sets, &sorted, ties, None, all, |_, step| steps.push(step));
        steps
    }

    /// What of the connections of host endpoints in `direction`, whatever their labels, no policy decides.
    pub fn left_to_hosts(&mut self, sets: &mut Sets, direction: Direction) -> Diagram {
        let steps = self.judge(sets, Subject::Host(&Profile::Denies), direction, Ties::ByName);
        let decided = steps.iter().filter(|step| match step.by {
            By::Rule { .. } => matches!(step.action, Action::Allow | Action::Deny),
            By::EndOfTier { .. } => true,
            By::Failsafe | By::Forwarded { .. } | By::Profile | By::NotIsolated => false,
        });
        let decided = decided.map(|step| step.reached).collect();
        let decided = sets.diagrams.union_of(decided);
        let left = sets.diagrams.difference(Diagram::FULL, decided);
        sets.that_can_be(left, direction)
    }

    /// What passes at a host endpoint with such a profile that no policy selects.
    pub fn host_without_policies(
        &self,
        sets: &mut Sets,
        profile: &Profile,
        direction: Direction,
    ) -> Diagram {
        let subject = Subject::Host(profile);
        let failsafe = Self::failsafe(sets, subject, direction);
        let (applied, forwarded) = (Vec::new(), Vec::new());
        let asked = SubjectPolicies { tiers: &self.tiers, subject, applied, forwarded, failsafe };
        let mut open = Diagram::EMPTY;
        asked.walk(sets, &[], Ties::ByName, None, Diagram::FULL, |diagrams, step| {
            if step.action == Action::Allow {
                open = diagrams.union(open, step.reached);
            }
        });
        sets.that_can_be(open, direction)
    }

    /// What passes before any policy, at host endpoints that somebody's policies may select.
    fn failsafe(sets: &mut Sets, subject: Subject<'_>, direction: Direction) -> Option<Diagram> {
        let failsafe = (sets.space.hosts && !subject.is_pods()).then(|| failsafe(direction))?;
        Some(sets.traffic(Some(&failsafe)))
    }

    /// What there is to ask about the connections of `subject` in `direction`.
    fn subject_policies<'p>(
        &'p mut self,
        sets: &mut Sets,
        subject: Subject<'p>,
        direction: Direction,
        arranged: impl Fn(Vec<Matched>, &mut Sets) -> Vec<Matched> + Copy,
    ) -> SubjectPolicies<'p> {
        sets.allow_subject();
        let candidates = self.candidates(subject, direction);
        let failsafe = Self::failsafe(sets, subject, direction);
        let Self { prepared, entities, forwarding, tiers, .. } = self;
        let of = |index: usize| prepared.get(index);
        let bearer = subject.bearer();
        let selecting = candidates.into_iter().filter_map(of);
        let selecting = selecting.map(|it| {
            let here = sets.selector(bearer, &it.selector);
            (it, provided(sets, here, it.proviso.as_ref()))
        });
        let selecting: Vec<_> = selecting.filter(|(_, here)| *here != Diagram::EMPTY).collect();
        let mut apply = |(policy, here): (&'p Prepared, Diagram), sets: &mut Sets| {
            let rules = policy.of(direction)?.iter().enumerate();
            let matched = rules.map(|(rule, it)| Matched {
                rule,
                action: it.action,
                set: it.matches(entities, sets, bearer),
            });
            let rules = matched.collect();
            let rules = arranged(rules, sets);
            let (place, resource, stage) = (&policy.place, policy.resource, policy.stage);
            Some(Applied { place, resource, stage, here, rules })
        };
        let applied = selecting.into_iter().filter_map(|it| apply(it, sets)).collect();
        let [ingress, egress] = forwarding;
        let forwarding = match direction {
            Direction::Ingress => &*ingress,
            Direction::Egress => &*egress,
        };
        let mut forwarded = Vec::new();
        for forwarding in forwarding.iter().filter(|_| subject.is_pods()) {
            let policies = forwarding.policies.iter().filter_map(|index| of(*index));
            // The policies select the host endpoint, so they are asked about every pod behind it.
            let policies: Vec<_> = policies.collect();
            let policies = policies.into_iter().filter_map(|policy| {
                let here = provided(sets, Diagram::FULL, policy.proviso.as_ref());
                apply((policy, here), sets)
            });
            forwarded.push((&forwarding.through, policies.collect()));
        }
        SubjectPolicies { tiers, subject, applied, forwarded, failsafe }
    }

    /// The policies with rules for `direction` that may select `subject`.
    fn candidates(&self, subject: Subject<'_>, direction: Direction) -> Vec<usize> {
        let mut found = self.global.clone();
        for namespace in subject.namespaces() {
            found.extend(self.namespaced.get(namespace).into_iter().flatten());
        }
        if let Subject::Declared(name, labels) = subject {
            for label in shown(name, labels) {
                found.extend(self.by_label.get(&label).into_iter().flatten());
            }
        } else {
            let global = |index: &usize| self.at(*index).is_some_and(|it| it.namespace.is_none());
            found.extend((0..self.prepared.len()).filter(global));
        }
        found.retain(|index| {
            self.at(*index).is_some_and(|it| {
                it.of(direction).is_some() && !(subject.is_pods() && it.stage != Stage::Ordinary)
            })
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
    fn of(&self, direction: Direction) -> Option<&[PreparedRule]> {
        let [ingress, egress] = &self.rules;
        match direction {
            Direction::Ingress => ingress.as_deref(),
            Direction::Egress => egress.as_deref(),
        }
    }
}

/// Everything that is asked about the connections of one subject in one direction.
struct SubjectPolicies<'p> {
    tiers: &'p Tiers,
    subject: Subject<'p>,
    /// The policies that apply to it.
    applied: Vec<Applied<'p>>,
    /// The policies that host endpoints ask about what they forward, and that it goes through them.
    forwarded: Vec<(&'p Condition, Vec<Applied<'p>>)>,
    /// What passes before any policy, at host endpoints.
    failsafe: Option<Diagram>,
}

impl SubjectPolicies<'_> {
    /// Takes the connections `all` through everything that decides about them, in the order `sorted` of the policies that
    /// apply, and hands each step to `take`.
    fn walk(
        &self,
        sets: &mut Sets,
        sorted: &[&Applied<'_>],
        ties: Ties,
        imagined: Option<ImaginedPosition>,
        all: Diagram,
        mut take: impl FnMut(&mut Diagrams, Step),
    ) {
        let mut open = all;
        if let Some(matched) = self.failsafe {
            let matched = sets.diagrams.intersection(matched, all);
            open = sets.diagrams.difference(open, matched);
            let (by, action) = (By::Failsafe, Action::Allow);
            take(&mut sets.diagrams, Step { by, action, matched, reached: matched });
        }
        for (through, policies) in &self.forwarded {
            let through = sets.condition(through);
            let denied = self.denied_on_the_way(sets, &self::sorted(policies, ties));
            for (by, set) in denied {
                let matched = sets.diagrams.intersection(set, through);
                let reached = sets.diagrams.intersection(matched, open);
                open = sets.diagrams.difference(open, reached);
                take(&mut sets.diagrams, Step { by, action: Action::Deny, matched, reached });
            }
        }
        let mut isolated = Diagram::EMPTY;
        for stage in Stage::ALL {
            let imagined = imagined.filter(|_| stage == Stage::Ordinary);
            let groups = verdict::groups(self.tiers, sorted, stage, imagined);
            let left = verdict::walk(&mut sets.diagrams, &groups, all, open, &mut take);
            (open, isolated) = (left.open, left.isolated);
        }
        let diagrams = &mut sets.diagrams;
        let profile = diagrams.intersection(open, isolated);
        let not_isolated = diagrams.difference(open, isolated);
        for (by, reached) in [(By::Profile, profile), (By::NotIsolated, not_isolated)] {
            let allowed = match self.subject {
                Subject::Host(Profile::Denies) => Diagram::EMPTY,
                Subject::Host(Profile::Unknown(condition)) => sets.condition(condition),
                Subject::Host(Profile::Allows)
                | Subject::Declared(..)
                | Subject::Named(_)
                | Subject::Undeclared(_) => Diagram::FULL,
            };
            let passes = sets.diagrams.intersection(reached, allowed);
            let stays = sets.diagrams.difference(reached, allowed);
            for (action, set) in [(Action::Allow, passes), (Action::Deny, stays)] {
                if action == Action::Allow || set != Diagram::EMPTY {
                    let step = Step { by: by.clone(), action, matched: set, reached: set };
                    take(&mut sets.diagrams, step);
                }
            }
        }
    }

    /// What is denied where it is forwarded, with what denies it.
    fn denied_on_the_way(&self, sets: &mut Sets, sorted: &[&Applied<'_>]) -> Vec<(By, Diagram)> {
        let mut denied = Vec::new();
        let mut open = Diagram::FULL;
        for stage in Stage::ALL {
            let groups = verdict::groups(self.tiers, sorted, stage, None);
            let left =
                verdict::walk(&mut sets.diagrams, &groups, Diagram::FULL, open, |_, step| {
                    let by = match step.by {
                        By::Rule { policy, rule } => By::Forwarded { policy, rule: Some(rule) },
                        By::EndOfTier { policies, .. } => {
                            let Some(first) = policies.first() else { return };
                            By::Forwarded { policy: *first, rule: None }
                        }
                        By::Forwarded { .. } | By::Failsafe | By::Profile | By::NotIsolated => {
                            return;
                        }
                    };
                    if step.action == Action::Deny {
                        denied.push((by, step.reached));
                    }
                });
            open = left.open;
        }
        denied
    }
}

/// What must be so, or must not, by `proviso`.
fn condition(proviso: Option<&Proviso>) -> Option<(Condition, bool)> {
    proviso.map(|it| (Condition::Object(Arc::clone(&it.unknown)), it.holds))
}

/// What of `set` there is under `proviso`.
fn provided(sets: &mut Sets, set: Diagram, proviso: Option<&(Condition, bool)>) -> Diagram {
    let Some((condition, holds)) = proviso else { return set };
    let holding = sets.condition(condition);
    if *holds {
        sets.diagrams.intersection(set, holding)
    } else {
        sets.diagrams.difference(set, holding)
    }
}

/// `applied` in the order in which they are asked.
fn sorted<'a>(applied: &'a [Applied<'a>], ties: Ties) -> Vec<&'a Applied<'a>> {
    let mut sorted: Vec<_> = applied.iter().collect();
    sorted.sort_by(|a, b| a.place.compare(b.place, ties));
    sorted
}

/// Every rule by itself.
fn each(rules: Vec<Matched>, _: &mut Sets) -> Vec<Matched> {
    rules
}

/// Neighbours that do the same as one, without those that only log: they do nothing to a verdict.
fn united(rules: Vec<Matched>, sets: &mut Sets) -> Vec<Matched> {
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

/// Whether `selector` holds for nothing but pods and what lies in namespaces.
fn is_of_pods(selector: &Selector) -> bool {
    let shows =
        |key: &str| key.starts_with(OF_NAMESPACE) || [NAMESPACE, ORCHESTRATOR].contains(&key);
    if let Selector::And(parts) = selector {
        return parts.iter().any(is_of_pods);
    }
    if let Selector::Or(parts) = selector {
        return parts.iter().all(is_of_pods);
    }
    selector.test().is_some_and(|it| it.positive && shows(&it.key))
}

/// A label of a namespace that `selector` cannot hold without, and the values that will do.
fn needed(selector: &Selector) -> Option<(&Arc<str>, &[Arc<str>])> {
    let of_namespace = |key: &str| key == NAMESPACE || key.starts_with(OF_NAMESPACE);
    match selector {
        Selector::Test(Test { key, predicate, positive: true }) if of_namespace(key) => {
            Some((key, predicate.values()?))
        }
        Selector::And(parts) => parts.iter().find_map(needed),
        Selector::All
        | Selector::Global
        | Selector::Test(_)
        | Selector::Not(_)
        | Selector::Or(_) => None,
    }
}

/// The labels of a namespace as they show on its pods.
fn shown(name: &Arc<str>, labels: &[(Arc<str>, Arc<str>)]) -> Vec<(Arc<str>, Arc<str>)> {
    let of_namespace = |key: &str| format!("{OF_NAMESPACE}{key}").into();
    let names = [NAMESPACE.into(), of_namespace(NAME), of_namespace(METADATA_NAME)];
    let names: Vec<_> = names.into_iter().map(|key| (key, Arc::clone(name))).collect();
    let others = labels.iter().map(|(key, value)| (of_namespace(key), Arc::clone(value)));
    let mut all: Vec<_> = others.chain(names).collect();
    all.sort_unstable();
    all.dedup();
    all
}
