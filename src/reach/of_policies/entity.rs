//! Whom the selectors of a policy and of its rules really hold ("how Calico decides", sections 4.1 and 4.2).

use std::sync::Arc;

use ipnet::IpNet;
use rustc_hash::FxHashMap;

use super::Namespaces;
use super::effective::effective;
use super::endpoints::KnownEndpoints;
use crate::calico::{Entity, NetworkSet, Services};
use crate::reach::space::PeerKind;
use crate::reach::{Bearer, Condition, Diagram, Sets, Terms};
use crate::selector::{Predicate, Selector, Test};

/// One end of a rule. All that is given must hold.
#[derive(Debug)]
pub(super) struct RuleEnd {
    /// The effective selector, by its index among [`Entities`].
    holds: Option<usize>,
    /// What is left out, where there is no effective selector: then any other address is in.
    without: Option<usize>,
    nets: Vec<IpNet>,
    not_nets: Vec<IpNet>,
    service: Service,
}

/// What an end says of services.
#[derive(Debug)]
enum Service {
    /// Nothing.
    Unasked,
    /// That it is an endpoint of one.
    Of(Condition),
    /// That it is one of these.
    At(KnownEndpoints),
    /// That it is an endpoint of one without a namespace: there is none (section 7).
    Nowhere,
}

/// The effective selectors of all rules, each once, and the global sets that they may find.
#[derive(Debug, Default)]
pub(super) struct Entities {
    selectors: Vec<Selector>,
    known: FxHashMap<Selector, usize>,
    peers: FxHashMap<usize, Diagram>,
    sets: Vec<AddressSet>,
    /// The endpoints of services, where they are known.
    services: Services,
    /// The sets that bear a label.
    bearing: FxHashMap<Arc<str>, Vec<usize>>,
    /// The sets that bear a label with a value.
    bearing_value: FxHashMap<(Arc<str>, Arc<str>), Vec<usize>>,
}

/// A set of addresses with all labels that Calico shows on it.
#[derive(Debug)]
struct AddressSet {
    labels: Vec<(Arc<str>, Arc<str>)>,
    nets: Vec<IpNet>,
    /// What must be so, or must not, for it to be there.
    proviso: Option<(Condition, bool)>,
}

impl Entities {
    /// Nothing yet, where the endpoints of `services` are known.
    pub(super) fn knowing(services: &Services) -> Self {
        Self { services: services.clone(), ..Self::default() }
    }

    /// Adds a set: one in a namespace has the labels of that as well.
    pub(super) fn add_set(&mut self, set: &NetworkSet, namespaces: &Namespaces) {
        let mut labels = set.labels.clone();
        if let Some(name) = &set.namespace {
            let of_namespace = namespaces.get(name).map_or(&[][..], |labels| labels.as_slice());
            // What an endpoint bears itself goes before what its namespace bears.
            let shown = super::shown(name, of_namespace);
            labels.extend(shown);
        }
        let index = self.sets.len();
        for (key, value) in &labels {
            self.bearing.entry(Arc::clone(key)).or_default().push(index);
            let label = (Arc::clone(key), Arc::clone(value));
            self.bearing_value.entry(label).or_default().push(index);
        }
        let proviso = super::condition(set.proviso.as_ref());
        self.sets.push(AddressSet { labels, nets: set.nets.clone(), proviso });
    }

    /// Prepares one end of a rule of a policy in `namespace` (none for a global policy); `service` is what naming one
    /// means there.
    pub(super) fn end(
        &mut self,
        entity: &Entity,
        namespace: Option<&Arc<str>>,
        service: impl Fn(Arc<str>, Arc<str>) -> Condition,
    ) -> RuleEnd {
        let (holds, without) = match (effective(entity, namespace), &entity.not_selector) {
            (Some(holds), Some(not)) => {
                let not = !not.clone();
                (Some(Selector::And(vec![holds, not])), None)
            }
            (holds, not) => (holds, not.clone()),
        };
        RuleEnd {
            holds: holds.map(|selector| self.index(selector)),
            without: without.map(|selector| self.index(selector)),
            nets: entity.nets.clone(),
            not_nets: entity.not_nets.clone(),
            service: match entity.service.clone() {
                None => Service::Unasked,
                Some((namespace, _)) if namespace.is_empty() => Service::Nowhere,
                Some(called) => match self.services.get(&called) {
                    Some(endpoints) => {
                        let (namespace, name) = called;
                        Service::At(KnownEndpoints::new(endpoints, service(namespace, name)))
                    }
                    None => Service::Of(service(called.0, called.1)),
                },
            },
        }
    }

    fn index(&mut self, selector: Selector) -> usize {
        if let Some(known) = self.known.get(&selector) {
            return *known;
        }
        let index = self.selectors.len();
        self.selectors.push(selector.clone());
        self.known.insert(selector, index);
        index
    }

    /// Says which labels ends look at to `terms`.
    pub(super) fn labels(&self, terms: &mut Terms) {
        self.selectors.iter().for_each(|selector| terms.labels_of(selector));
    }

    /// Adds the blocks of the sets that ends may hold to `terms`.
    pub(super) fn terms(&self, terms: &mut Terms) {
        for set in &self.sets {
            terms.blocks(&set.nets);
        }
    }

    /// Adds what `end` looks at to `terms`.
    pub(super) fn terms_of(&self, terms: &mut Terms, end: &RuleEnd) {
        for index in [end.holds, end.without].into_iter().flatten() {
            if let Some(selector) = self.selectors.get(index) {
                terms.selector(selector);
            }
        }
        terms.blocks(&end.nets);
        terms.blocks(&end.not_nets);
        match &end.service {
            Service::Of(condition) => terms.condition(condition.clone()),
            Service::At(endpoints) => endpoints.terms(terms),
            Service::Unasked | Service::Nowhere => {}
        }
    }

    /// Where `subject` is what `end` holds.
    pub(super) fn subject(&self, sets: &mut Sets, end: &RuleEnd, subject: Bearer<'_>) -> Diagram {
        let mut found = Diagram::FULL;
        for (selector, inside) in [(end.holds, true), (end.without, false)] {
            let Some(selector) = selector.and_then(|index| self.selectors.get(index)) else {
                continue;
            };
            let by_labels = sets.selector(subject, selector);
            let in_sets = self.in_sets(sets, selector, Sets::own_blocks);
            let held = sets.diagrams.union(by_labels, in_sets);
            found = within(sets, found, held, inside);
        }
        if !end.nets.is_empty() {
            let nets = sets.own_blocks(&end.nets);
            found = within(sets, found, nets, true);
        }
        let not_nets = sets.own_blocks(&end.not_nets);
        within(sets, found, not_nets, false)
    }

    /// Where the peer is what `end` holds.
    pub(super) fn peer(&mut self, sets: &mut Sets, end: &RuleEnd) -> Diagram {
        let mut found = Diagram::FULL;
        if let Some(index) = end.holds {
            found = self.held(sets, index);
        }
        if let Some(index) = end.without {
            let left_out = self.held(sets, index);
            found = sets.diagrams.difference(found, left_out);
        }
        if !end.nets.is_empty() {
            let nets = sets.blocks(&end.nets);
            found = within(sets, found, nets, true);
        }
        let not_nets = sets.blocks(&end.not_nets);
        found = within(sets, found, not_nets, false);
        match &end.service {
            Service::Unasked => found,
            Service::Of(condition) => {
                let service = sets.condition(condition);
                within(sets, found, service, true)
            }
            Service::At(endpoints) => {
                let endpoints = endpoints.peer(sets);
                within(sets, found, endpoints, true)
            }
            Service::Nowhere => Diagram::EMPTY,
        }
    }

    /// Where the names of the receiver's ports count for `end` ("how Calico decides", section 4.3): it is an endpoint that
    /// the effective selector holds itself, not only one whose address lies in a set that it holds. The receiver is
    /// `subject`, or the peer where that is `None`.
    pub(super) fn named(
        &self,
        sets: &mut Sets,
        end: &RuleEnd,
        subject: Option<Bearer<'_>>,
    ) -> Diagram {
        let selector = end.holds.and_then(|index| self.selectors.get(index));
        // Without addresses, endpoints lie in no set.
        let Some(selector) = selector.filter(|_| sets.space.addressed) else {
            return Diagram::FULL;
        };
        match subject {
            Some(subject) => sets.selector(subject, selector),
            None => of_kinds(sets, selector, &[PODS, HOSTS]),
        }
    }

    /// Every address that the selector of this index holds: of pods, of hosts, in sets.
    fn held(&mut self, sets: &mut Sets, index: usize) -> Diagram {
        if let Some(known) = self.peers.get(&index) {
            return *known;
        }
        let Some(selector) = self.selectors.get(index) else { return Diagram::EMPTY };
        let by_labels = of_kinds(sets, selector, &[PODS, HELD, HOSTS]);
        let in_sets = self.in_sets(sets, selector, Sets::blocks);
        let found = sets.diagrams.union(by_labels, in_sets);
        self.peers.insert(index, found);
        found
    }

    /// Where `within` says that an address lies in blocks: in those of the sets that `selector` holds.
    fn in_sets(
        &self,
        sets: &mut Sets,
        selector: &Selector,
        within: fn(&mut Sets, &[IpNet]) -> Diagram,
    ) -> Diagram {
        let found = self.candidates(selector).into_iter().filter_map(|index| self.sets.get(index));
        let held = found.filter(|set| selector.matches(|key| value(&set.labels, key)));
        let (doubtful, sure): (Vec<_>, Vec<_>) = held.partition(|set| set.proviso.is_some());
        let nets: Vec<_> = sure.into_iter().flat_map(|set| set.nets.iter().copied()).collect();
        let mut found = within(sets, &nets);
        for set in doubtful {
            let here = within(sets, &set.nets);
            let here = super::provided(sets, here, set.proviso.as_ref());
            found = sets.diagrams.union(found, here);
        }
        found
    }

    /// What must be so, or must not, for sets to be there.
    pub(super) fn provisos(&self) -> impl Iterator<Item = &Condition> {
        self.sets.iter().filter_map(|set| Some(&set.proviso.as_ref()?.0))
    }

    /// The sets that `selector` may hold, by a label that it cannot hold without.
    fn candidates(&self, selector: &Selector) -> Vec<usize> {
        self.bearers(selector).cloned().unwrap_or_else(|| (0..self.sets.len()).collect())
    }

    /// The sets that bear a label that `selector` cannot hold without; `None` if there is no such label.
    fn bearers(&self, selector: &Selector) -> Option<&Vec<usize>> {
        const NONE: &Vec<usize> = &Vec::new();
        match selector {
            Selector::Test(Test { key, predicate, positive: true }) => Some(match predicate {
                Predicate::Equals(value) => {
                    let label = (Arc::clone(key), Arc::clone(value));
                    self.bearing_value.get(&label).unwrap_or(NONE)
                }
                Predicate::Has
                | Predicate::In(_)
                | Predicate::Contains(_)
                | Predicate::StartsWith(_)
                | Predicate::EndsWith(_) => self.bearing.get(key).unwrap_or(NONE),
            }),
            Selector::And(parts) => parts.iter().find_map(|part| self.bearers(part)),
            Selector::All
            | Selector::Global
            | Selector::Test(_)
            | Selector::Not(_)
            | Selector::Or(_) => None,
        }
    }
}

/// The peers of a kind, and how they bear labels.
type OfKind = (PeerKind, Bearer<'static>);
const PODS: OfKind = (PeerKind::Pod, Bearer::PeerPod);
const HELD: OfKind = (PeerKind::Held, Bearer::PeerHeld);
const HOSTS: OfKind = (PeerKind::Host, Bearer::PeerHost);

/// The peers of any of `kinds` that `selector` holds.
fn of_kinds(sets: &mut Sets, selector: &Selector, kinds: &[OfKind]) -> Diagram {
    let mut found = Vec::new();
    for (kind, bearer) in kinds {
        let of_kind = sets.kind(*kind);
        let selected = sets.selector(*bearer, selector);
        found.push(sets.diagrams.intersection(of_kind, selected));
    }
    sets.diagrams.union_of(found)
}

/// What of `found` is in `set`, or is not.
fn within(sets: &mut Sets, found: Diagram, set: Diagram, inside: bool) -> Diagram {
    if inside {
        sets.diagrams.intersection(found, set)
    } else {
        sets.diagrams.difference(found, set)
    }
}

/// The value of the label `key` among `labels`.
pub(super) fn value<'a>(labels: &'a [(Arc<str>, Arc<str>)], key: &str) -> Option<&'a str> {
    labels.iter().find(|(known, _)| &**known == key).map(|(_, value)| &**value)
}
