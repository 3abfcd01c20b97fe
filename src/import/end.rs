//! The other end of a rule, as lines name it.

use std::collections::BTreeMap;
use std::sync::Arc;

use ipnet::IpNet;

use super::known::KnownNames;
use super::pods::RulePods;
use crate::calico::{Entity, NetworkSet};
use crate::reach::of_policies::{Namespaces, effective};
use crate::selector::Selector;
use crate::selector::keys::{METADATA_NAME, NAME, NAMESPACE, OF_NAMESPACE};
use crate::traffic::addresses;

/// The other end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum RulePeer {
    Pods(RulePods),
    /// Addresses, and what to call them.
    Addresses(Vec<IpNet>, Arc<str>),
    /// The endpoints of a service: namespace and name.
    Service(Arc<str>, Arc<str>),
}

/// The label that our own sets of addresses are found by.
const EXTERNAL: &str = "eastwest/external";

/// The labels of a set as Calico shows them, what to call it, and its blocks.
type BlockSet = (BTreeMap<Arc<str>, Arc<str>>, Arc<str>, Vec<IpNet>);

/// Sets of addresses, with what Calico shows on them.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    sets: Vec<BlockSet>,
    /// The blocks of the cluster's own.
    cluster: Vec<IpNet>,
}

impl Blocks {
    pub(super) fn new<'a>(
        sets: impl Iterator<Item = &'a NetworkSet>,
        namespaces: &Namespaces,
        cluster: &[IpNet],
    ) -> Self {
        let shown = |set: &NetworkSet| {
            let mut labels = BTreeMap::new();
            if let Some(name) = &set.namespace {
                for (key, value) in namespaces.get(name).into_iter().flatten() {
                    labels.insert(format!("{OF_NAMESPACE}{key}").into(), Arc::clone(value));
                }
                for key in [NAME, METADATA_NAME] {
                    labels.insert(format!("{OF_NAMESPACE}{key}").into(), Arc::clone(name));
                }
                labels.insert(NAMESPACE.into(), Arc::clone(name));
            }
            labels.extend(set.labels.iter().cloned());
            let own = set.labels.iter().find(|(key, _)| **key == *EXTERNAL);
            let hint = own.map_or(&set.name, |(_, value)| value);
            (labels, Arc::clone(hint), set.nets.clone())
        };
        Self { sets: sets.map(shown).collect(), cluster: cluster.to_vec() }
    }

    /// The addresses of the sets that `selector` holds, each with what to call them.
    fn held(&self, selector: &Selector) -> BTreeMap<Arc<str>, Vec<IpNet>> {
        let mut found: BTreeMap<Arc<str>, Vec<IpNet>> = BTreeMap::new();
        for (labels, hint, nets) in &self.sets {
            if selector.matches(|key| labels.get(key).map(|it| &**it)) {
                found.entry(Arc::clone(hint)).or_default().extend(nets);
            }
        }
        found
    }

    /// Addresses as a peer, without the cluster's own; none where nothing is left.
    fn peer(&self, nets: &[IpNet], hint: &str) -> Option<RulePeer> {
        let nets = addresses::difference(nets, &self.cluster);
        let halves = nets.iter().flat_map(|net| match (net.prefix_len(), net.subnets(1)) {
            // No external may be all of a family, but its two halves may.
            (0, Ok(halves)) => halves.collect(),
            (_, _) => vec![*net],
        });
        let nets: Vec<_> = halves.collect();
        (!nets.is_empty()).then(|| RulePeer::Addresses(nets, hint.into()))
    }
}

/// Whom `entity` of a policy in `namespace` (none for a global one) holds, and what of that no line can say.
pub(super) fn peers(
    known: &KnownNames<'_>,
    blocks: &Blocks,
    entity: &Entity,
    namespace: Option<&Arc<str>>,
) -> (Vec<RulePeer>, Vec<String>) {
    let unsaid = |what: &str| (Vec::new(), vec![what.to_owned()]);
    let holds = effective(entity, namespace);
    let has_nets = !entity.nets.is_empty() || !entity.not_nets.is_empty();
    if let Some((namespace, name)) = &entity.service {
        if holds.is_some() || entity.not_selector.is_some() || has_nets {
            return unsaid("the endpoints of a service that are something else besides");
        }
        if namespace.is_empty() {
            return (Vec::new(), Vec::new());
        }
        return (vec![RulePeer::Service(Arc::clone(namespace), Arc::clone(name))], Vec::new());
    }
    let Some(holds) = holds else {
        if entity.not_selector.is_some() {
            return unsaid("any address at all but those of some labels");
        }
        if entity.nets.is_empty() {
            let but = if has_nets { " but those of some blocks" } else { "" };
            return unsaid(&format!("any address at all{but}"));
        }
        let nets = addresses::difference(&entity.nets, &entity.not_nets);
        let hint = called(&entity.nets, !entity.not_nets.is_empty());
        return (blocks.peer(&nets, &hint).into_iter().collect(), Vec::new());
    };
    if has_nets {
        return unsaid("endpoints by their labels and their addresses in one");
    }
    let not = entity.not_selector.iter().map(|it| !it.clone());
    let holds = Selector::and(std::iter::once(holds).chain(not));
    let held = blocks.held(&holds);
    let mut found: Vec<_> =
        held.iter().filter_map(|(hint, nets)| blocks.peer(nets, hint)).collect();
    match known.pods(&holds) {
        Ok(pods) => {
            if pods.is_empty() && held.is_empty() && asks_for_no_namespace(entity) {
                return unsaid("addresses of a GlobalNetworkSet that is not here");
            }
            found.extend(pods.into_iter().map(RulePeer::Pods));
            (found, Vec::new())
        }
        Err(what) => (found, vec![what]),
    }
}

fn asks_for_no_namespace(entity: &Entity) -> bool {
    entity.namespace_selector == Some(Selector::Global)
}

/// What to call blocks: after the first of them.
fn called(nets: &[IpNet], less: bool) -> String {
    let Some(first) = nets.first() else { return "addresses".to_owned() };
    if nets.iter().any(|net| net.prefix_len() == 0) {
        return if less { "internet" } else { "anywhere" }.to_owned();
    }
    if first.prefix_len() == first.max_prefix_len() {
        format!("address {}", first.addr())
    } else {
        format!("net {first}")
    }
}
