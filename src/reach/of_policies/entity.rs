//! Whom the selectors of a policy and of its rules really hold ("how Calico decides", sections 4.1 and 4.2).

use std::sync::Arc;

use ipnet::IpNet;
use rustc_hash::FxHashMap;

use crate::calico::{Entity, NetworkSet, Policy};
use crate::reach::space::{Kind, NAMESPACE, OF_NAMESPACE};
use crate::reach::{Bearer, Diagram, Sets, Terms};
use crate::selector::Selector;

/// One end of a rule. All that is given must hold.
#[derive(Debug)]
pub(super) struct End {
    /// The effective selector, by its index among [`Entities`].
    holds: Option<usize>,
    /// What is left out, where there is no effective selector: then any other address is in.
    without: Option<usize>,
    nets: Vec<IpNet>,
    service: Option<(Arc<str>, Arc<str>)>,
}

impl End {
    /// Adds the blocks and the service that it names.
    pub(super) fn terms(&self, terms: &mut Terms) {
        terms.blocks(&self.nets);
        if let Some((namespace, name)) = &self.service {
            terms.service(namespace, name);
        }
    }
}

/// The effective selectors of all rules, each once, and the global sets that they may find.
#[derive(Debug, Default)]
pub(super) struct Entities {
    selectors: Vec<Selector>,
    known: FxHashMap<Selector, usize>,
    peers: FxHashMap<usize, Diagram>,
    sets: Vec<NetworkSet>,
    /// The sets that bear a label.
    bearing: FxHashMap<Arc<str>, Vec<usize>>,
    /// The sets that bear a label with a value.
    bearing_value: FxHashMap<(Arc<str>, Arc<str>), Vec<usize>>,
}

impl Entities {
    /// Adds a `GlobalNetworkSet`.
    pub(super) fn add_set(&mut self, set: &NetworkSet) {
        let index = self.sets.len();
        for (key, value) in &set.labels {
            self.bearing.entry(Arc::clone(key)).or_default().push(index);
            let label = (Arc::clone(key), Arc::clone(value));
            self.bearing_value.entry(label).or_default().push(index);
        }
        self.sets.push(set.clone());
    }

    /// Prepares one end of a rule of a policy in `namespace` (none for a global policy).
    pub(super) fn end(&mut self, entity: &Entity, namespace: Option<&Arc<str>>) -> End {
        let (holds, without) = match (effective(entity, namespace), &entity.not_selector) {
            (Some(holds), Some(not)) => {
                let not = Selector::Not(Box::new(not.clone()));
                (Some(Selector::And(vec![holds, not])), None)
            }
            (holds, not) => (holds, not.clone()),
        };
        End {
            holds: holds.map(|selector| self.index(selector)),
            without: without.map(|selector| self.index(selector)),
            nets: entity.nets.clone(),
            service: entity.service.clone(),
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

    /// Adds what all ends look at to `terms`.
    pub(super) fn terms(&self, terms: &mut Terms) {
        for selector in &self.selectors {
            terms.selector(selector);
        }
        for set in &self.sets {
            terms.blocks(&set.nets);
        }
    }

    /// Where `subject` is what `end` holds.
    pub(super) fn subject(&self, sets: &mut Sets<'_>, end: &End, subject: Bearer<'_>) -> Diagram {
        let mut found = Diagram::FULL;
        if let Some(selector) = end.holds.and_then(|index| self.selectors.get(index)) {
            found = sets.selector(subject, selector);
        }
        if let Some(selector) = end.without.and_then(|index| self.selectors.get(index)) {
            let left_out = sets.selector(subject, selector);
            found = sets.diagrams.difference(found, left_out);
        }
        found
    }

    /// Where the peer is what `end` holds.
    pub(super) fn peer(&mut self, sets: &mut Sets<'_>, end: &End) -> Diagram {
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
            found = sets.diagrams.intersection(found, nets);
        }
        if let Some((namespace, name)) = &end.service {
            let service = sets.service(namespace, name);
            found = sets.diagrams.intersection(found, service);
        }
        found
    }

    /// Every address that the selector of this index holds: of pods, of hosts, in sets.
    fn held(&mut self, sets: &mut Sets<'_>, index: usize) -> Diagram {
        if let Some(known) = self.peers.get(&index) {
            return *known;
        }
        let Some(selector) = self.selectors.get(index) else { return Diagram::EMPTY };
        let mut found = Vec::new();
        for (kind, bearer) in [
            (Kind::Pod, Bearer::PeerPod),
            (Kind::Held, Bearer::PeerHeld),
            (Kind::Host, Bearer::PeerHost),
        ] {
            let of_kind = sets.kind(&kind);
            let selected = sets.selector(bearer, selector);
            found.push(sets.diagrams.intersection(of_kind, selected));
        }
        let blocks: Vec<IpNet> = self
            .candidates(selector)
            .into_iter()
            .filter_map(|index| self.sets.get(index))
            .filter(|set| selector.matches(|key| value(&set.labels, key)))
            .flat_map(|set| set.nets.iter().copied())
            .collect();
        found.push(sets.blocks(&blocks));
        let found = sets.diagrams.union_of(found);
        self.peers.insert(index, found);
        found
    }

    /// The sets that `selector` may hold, by a label that it cannot hold without.
    fn candidates(&self, selector: &Selector) -> Vec<usize> {
        self.bearers(selector).cloned().unwrap_or_else(|| (0..self.sets.len()).collect())
    }

    /// The sets that bear a label that `selector` cannot hold without; `None` if there is no such label.
    fn bearers(&self, selector: &Selector) -> Option<&Vec<usize>> {
        const NONE: &Vec<usize> = &Vec::new();
        match selector {
            Selector::Equals(key, value) => {
                let label = (Arc::clone(key), Arc::clone(value));
                Some(self.bearing_value.get(&label).unwrap_or(NONE))
            }
            Selector::Has(key)
            | Selector::In(key, _)
            | Selector::Contains(key, _)
            | Selector::StartsWith(key, _)
            | Selector::EndsWith(key, _) => Some(self.bearing.get(key).unwrap_or(NONE)),
            Selector::And(parts) => parts.iter().find_map(|part| self.bearers(part)),
            Selector::All
            | Selector::Global
            | Selector::NotEquals(..)
            | Selector::NotIn(..)
            | Selector::Not(_)
            | Selector::Or(_) => None,
        }
    }
}

fn value<'a>(labels: &'a [(Arc<str>, Arc<str>)], key: &str) -> Option<&'a str> {
    labels.iter().find(|(known, _)| &**known == key).map(|(_, value)| &**value)
}

/// The effective selector of one end, but for what it leaves out; `None` for any address at all.
fn effective(entity: &Entity, namespace: Option<&Arc<str>>) -> Option<Selector> {
    let given = entity.namespace_selector.as_ref();
    let own = || namespace.map(|name| Selector::Equals(NAMESPACE.into(), Arc::clone(name)));
    let namespaces = given.map(of_namespaces).or_else(own);
    match (namespaces, entity.selector.clone()) {
        (Some(namespaces), Some(selector)) => Some(Selector::And(vec![namespaces, selector])),
        (Some(namespaces), None) => {
            (given.is_some() || entity.not_selector.is_some()).then_some(namespaces)
        }
        (None, selector) => selector,
    }
}

/// A selector of namespaces as one of their endpoints: `all()` is whatever has a namespace, `global()` what has
/// none.
fn of_namespaces(selector: &Selector) -> Selector {
    let inside = || Selector::Has(NAMESPACE.into());
    let outside = || Selector::Not(Box::new(inside()));
    replaced(&selector.with_prefix(OF_NAMESPACE), &inside, &outside)
}

/// Whom a policy applies to. For a global policy with a `namespaceSelector` Calico writes `all()` anew in the
/// whole of the two.
pub(super) fn selected(policy: &Policy) -> Selector {
    let selector = policy.selector.clone().unwrap_or(Selector::All);
    match (&policy.namespace, &policy.namespace_selector) {
        (Some(namespace), _) => {
            let here = Selector::Equals(NAMESPACE.into(), Arc::clone(namespace));
            Selector::And(vec![here, selector])
        }
        (None, Some(namespaces)) => {
            let namespaces = namespaces.with_prefix(OF_NAMESPACE);
            let both = match policy.selector {
                Some(_) => Selector::And(vec![selector, namespaces]),
                None => namespaces,
            };
            replaced(&both, &|| Selector::Has(NAMESPACE.into()), &|| Selector::Global)
        }
        (None, None) => selector,
    }
}

/// `selector` with other selectors for `all()` and `global()`.
fn replaced(
    selector: &Selector,
    all: &impl Fn() -> Selector,
    global: &impl Fn() -> Selector,
) -> Selector {
    let each = |parts: &[Selector]| parts.iter().map(|part| replaced(part, all, global)).collect();
    match selector {
        Selector::All => all(),
        Selector::Global => global(),
        Selector::Not(inner) => Selector::Not(Box::new(replaced(inner, all, global))),
        Selector::And(parts) => Selector::And(each(parts)),
        Selector::Or(parts) => Selector::Or(each(parts)),
        Selector::Has(_)
        | Selector::Equals(..)
        | Selector::NotEquals(..)
        | Selector::In(..)
        | Selector::NotIn(..)
        | Selector::Contains(..)
        | Selector::StartsWith(..)
        | Selector::EndsWith(..) => selector.clone(),
    }
}
