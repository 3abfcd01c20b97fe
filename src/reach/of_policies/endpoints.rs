//! The endpoints of a service that are known by their addresses ("how Calico decides", section 4.3). Who has no address that is
//! known is one of them or not, as nothing here can tell.

use std::collections::BTreeMap;
use std::sync::Arc;

use ipnet::IpNet;

use crate::calico::ServiceEndpoint;
use crate::reach::space::PeerKind;
use crate::reach::{Bearer, Condition, Diagram, Sets, Terms};
use crate::selector::Predicate;
use crate::selector::keys::NAMESPACE;
use crate::traffic::Match;

/// The endpoints of one service, as a rule that names it looks at them.
#[derive(Clone, Debug)]
pub(crate) struct KnownEndpoints {
    groups: Vec<EndpointGroup>,
    /// What holds where somebody without an address is one of them.
    condition: Condition,
}

/// Endpoints that differ by their addresses alone.
#[derive(Clone, Debug)]
struct EndpointGroup {
    /// The namespace of the pods that they are, where that is known.
    namespace: Option<Arc<str>>,
    /// Their ports; `None` where these do not matter.
    ports: Option<Vec<Match>>,
    addresses: Vec<IpNet>,
}

impl KnownEndpoints {
    /// Those of `endpoints`, where `condition` is what a rule asks: a receiver on a port of the service, or a sender.
    pub(crate) fn new(endpoints: &[ServiceEndpoint], condition: Condition) -> Self {
        let with_ports = matches!(condition, Condition::ToService { .. });
        let mut groups: BTreeMap<_, Vec<IpNet>> = BTreeMap::new();
        for endpoint in endpoints {
            let ports = endpoint.ports.iter();
            let ports = ports.map(|(protocol, port)| Match::Ports(*protocol, *port, *port));
            let ports = with_ports.then(|| ports.collect::<Vec<_>>());
            let group = groups.entry((endpoint.namespace.clone(), ports)).or_default();
            group.push(IpNet::from(endpoint.address));
        }
        let group = |((namespace, ports), addresses)| EndpointGroup { namespace, ports, addresses };
        Self { groups: groups.into_iter().map(group).collect(), condition }
    }

    /// Adds what they look at to `terms`.
    pub(crate) fn terms(&self, terms: &mut Terms) {
        terms.condition(self.condition.clone());
        for group in &self.groups {
            terms.blocks(&group.addresses);
            terms.matches(group.ports.as_deref());
            if let Some(namespace) = &group.namespace {
                terms.label(&NAMESPACE.into(), std::slice::from_ref(namespace));
            }
        }
    }

    /// Where the peer is one of them, on its ports where these matter.
    pub(crate) fn peer(&self, sets: &mut Sets) -> Diagram {
        let pods = sets.kind(PeerKind::Pod);
        let mut found = Vec::new();
        for group in &self.groups {
            let mut who = Diagram::FULL;
            if let Some(namespace) = &group.namespace {
                let is = Predicate::Equals(Arc::clone(namespace));
                let here = sets.test(Bearer::PeerPod, NAMESPACE, &is);
                let elsewhere = sets.diagrams.difference(pods, here);
                who = sets.diagrams.difference(who, elsewhere);
            }
            let traffic = sets.traffic(group.ports.as_deref());
            let who = sets.diagrams.intersection(who, traffic);
            let there = sets.blocks(&group.addresses);
            let unknown = sets.condition(&self.condition);
            let nowhere = sets.unlocated(unknown);
            let either = sets.diagrams.union(there, nowhere);
            found.push(sets.diagrams.intersection(who, either));
        }
        sets.diagrams.union_of(found)
    }

    /// Where the subject has the address of one of them.
    pub(crate) fn subject(&self, sets: &mut Sets) -> Diagram {
        let all: Vec<IpNet> =
            self.groups.iter().flat_map(|it| it.addresses.iter().copied()).collect();
        sets.own_blocks(&all)
    }
}
