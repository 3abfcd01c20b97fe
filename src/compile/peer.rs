//! The other end of a rule: pods, addresses, or the endpoints of a service, and how Calico is told of them
//! (Calico's rules, section 4.1).

use std::sync::Arc;

use ipnet::IpNet;

use crate::calico::Entity;
use crate::program::{Endpoint, ExternalValue, Id, Place, Program, Zone};
use crate::selector::Selector;
use crate::selector::keys::ORCHESTRATOR;
use crate::source::Span;

use super::limits::{NETS, pieces};
use super::place::{Pods, all_of};
use super::sets;

/// The other end of a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum CompiledPeer {
    /// Pods, by labels.
    Pods(Pods),
    /// The set of addresses of the external of this name.
    Addresses(Arc<str>),
    /// Addresses that no external's set holds as they are: IPv4 first.
    Nets(Vec<IpNet>),
    /// The endpoints of a service: namespace and name.
    Service(Arc<str>, Arc<str>),
}

/// A peer that no selector can describe: it would be longer than Calico allows, and cannot be divided.
#[derive(Clone, Copy, Debug)]
pub(super) struct PeerTooLong {
    /// Its length in characters.
    pub(super) length: usize,
    /// The line that it comes from.
    pub(super) span: Option<Span>,
}

impl CompiledPeer {
    /// `endpoint` as a peer; `None` only for an external that is not in `program`.
    pub(super) fn of(program: &Program, endpoint: &Endpoint) -> Option<Self> {
        if let Some(pods) = Pods::of(program, endpoint) {
            return Some(Self::Pods(pods));
        }
        let Place::External(id) = endpoint.place else { return None };
        let external = program.externals.get(id)?;
        match &external.value {
            ExternalValue::Addresses(_) => Some(Self::Addresses(external.name.clone())),
            ExternalValue::Service { namespace, name } => {
                Some(Self::Service(namespace.clone(), name.clone()))
            }
            ExternalValue::Namespace { .. } => None,
        }
    }

    /// The peer with its zones taken off, and these one by one; `None` for one that names no zones.
    pub(super) fn by_zone(&self) -> (Self, Vec<Option<Id<Zone>>>) {
        if let Self::Pods(pods) = self
            && let Some(zones) = pods.namespaces.labels.as_ref().and_then(|it| it.zones.as_ref())
        {
            let base = Self::Pods(pods.with_zones(None));
            return (base, zones.iter().copied().map(Some).collect());
        }
        (self.clone(), vec![None])
    }

    /// The peer in `zones`.
    pub(super) fn with_zones(self, zones: Vec<Id<Zone>>) -> Self {
        match self {
            Self::Pods(pods) => Self::Pods(pods.with_zones(Some(zones))),
            Self::Addresses(_) | Self::Nets(_) | Self::Service(..) => self,
        }
    }

    /// How rules name the peer: as one end, or as several that together are the same.
    pub(super) fn entities(&self, program: &Program) -> Result<Vec<Entity>, PeerTooLong> {
        match self {
            Self::Pods(pods) => pod_entities(program, pods),
            Self::Addresses(name) => Ok(vec![Entity {
                namespace_selector: Some(Selector::Global),
                selector: Some(Selector::equals(sets::LABEL, sets::label(name))),
                ..Entity::default()
            }]),
            Self::Nets(nets) => {
                let families = nets.chunk_by(|a, b| a.addr().is_ipv4() == b.addr().is_ipv4());
                let lists = families.flat_map(|nets| nets.chunks(NETS));
                Ok(lists.map(|nets| Entity { nets: nets.to_vec(), ..Entity::default() }).collect())
            }
            Self::Service(namespace, name) => {
                let service = Some((namespace.clone(), name.clone()));
                Ok(vec![Entity { service, ..Entity::default() }])
            }
        }
    }
}

fn pod_entities(program: &Program, pods: &Pods) -> Result<Vec<Entity>, PeerTooLong> {
    // Without it a NetworkSet in such a namespace would let any address in under the zone's name.
    let pod = Selector::equals(ORCHESTRATOR, "k8s");
    let selector = all_of(std::iter::once(pod).chain(pods.pod_terms()));
    let divided = |selector: Option<Selector>| match selector {
        None => Ok(vec![None]),
        Some(selector) => match pieces(&selector) {
            Some(pieces) => Ok(pieces.into_iter().map(Some).collect::<Vec<_>>()),
            None => Err(PeerTooLong { length: super::limits::length(&selector), span: None }),
        },
    };
    let selectors = divided(selector)?;
    let mut entities = Vec::new();
    for namespace_selector in divided(all_of(pods.namespace_terms(program)))? {
        for selector in &selectors {
            entities.push(Entity {
                namespace_selector: namespace_selector.clone(),
                selector: selector.clone(),
                ..Entity::default()
            });
        }
    }
    Ok(entities)
}
