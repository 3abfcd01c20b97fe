//! The other end of a rule, as lines name it.

use std::collections::BTreeMap;
use std::sync::Arc;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::known::KnownNames;
use super::pods::{RulePods, UnsaidPods};
use crate::calico::{Entity, NetworkSet, Policy};
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

/// What of the other end of a rule no line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct UnsaidPeer {
    /// The whole of it, in words.
    pub(super) why: String,
    /// What of it lines have; none where nothing.
    pub(super) lines: Option<&'static str>,
}

impl UnsaidPeer {
    fn all(why: &str) -> Vec<Self> {
        vec![Self { why: why.to_owned(), lines: None }]
    }
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

/// Whom `entity` of `policy` holds, and what of that no line can say.
pub(super) fn peers(
    known: &KnownNames<'_>,
    blocks: &Blocks,
    entity: &Entity,
    policy: &Policy,
) -> (Vec<RulePeer>, Vec<UnsaidPeer>) {
    let unsaid = |what: &str| (Vec::new(), UnsaidPeer::all(what));
    let holds = effective(entity, policy.namespace.as_ref());
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
            return anywhere(known, blocks, &entity.not_nets);
        }
        let nets = addresses::difference(&entity.nets, &entity.not_nets);
        let whole = entity.nets.iter().any(|net| net.prefix_len() == 0);
        let hint = match (whole, entity.not_nets.is_empty()) {
            (true, true) => "anywhere",
            (true, false) => "internet",
            // Blocks have no name of their own: that of the policy says what they are for.
            (false, _) => &policy.name,
        };
        return (blocks.peer(&nets, hint).into_iter().collect(), Vec::new());
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
        Err(UnsaidPods::Everywhere) => {
            let narrower = known.narrower(&holds);
            let lines = narrower.as_ref().map(|(_, words)| *words);
            found.extend(narrower.into_iter().flat_map(|it| it.0).map(RulePeer::Pods));
            (found, vec![UnsaidPeer { why: UnsaidPods::Everywhere.to_string(), lines }])
        }
        Err(what) => (found, UnsaidPeer::all(&what.to_string())),
    }
}

/// Any address but those in `without`, as far as lines can say that: the pods of landing zones, and addresses outside.
fn anywhere(
    known: &KnownNames<'_>,
    blocks: &Blocks,
    without: &[IpNet],
) -> (Vec<RulePeer>, Vec<UnsaidPeer>) {
    let all = [IpNet::from(Ipv4Net::default()), IpNet::from(Ipv6Net::default())];
    let nets = addresses::difference(&all, without);
    let (hint, but) = if without.is_empty() {
        ("anywhere", "")
    } else {
        ("internet", " but those of some blocks")
    };
    let outside = blocks.peer(&nets, hint);
    let pods = known.narrower(&Selector::All).map(|it| it.0).unwrap_or_default();
    // Pods may lie in the blocks that are left out.
    let pods = pods.into_iter().filter(|_| without.is_empty());
    let said =
        if without.is_empty() { "pods of landing zones, and addresses" } else { "addresses" };
    let found = pods.map(RulePeer::Pods).chain(outside).collect();
    (found, vec![UnsaidPeer { why: format!("any address at all{but}"), lines: Some(said) }])
}

fn asks_for_no_namespace(entity: &Entity) -> bool {
    entity.namespace_selector == Some(Selector::Global)
}
