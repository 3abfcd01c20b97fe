//! Addresses that `[cluster]` says are the cluster's own: of services, which no policy ever sees, and of pods.

use ipnet::IpNet;

use super::place::{QueryPart, QueryPartKind};
use crate::world::World;

impl World {
    /// Whether `part` is addresses of services alone. Policies are asked about what such an address is translated to ("how Calico
    /// decides", section 4.3).
    pub(super) fn is_of_services(&self, part: &QueryPart) -> bool {
        let services: Vec<&IpNet> = self.program.settings.services().collect();
        lies_in(part, &services)
    }

    /// The cluster's own blocks, which no address outside lies in, but where `part` is of them alone.
    pub(super) fn not_outside(&self, part: &QueryPart) -> &[IpNet] {
        let own = &self.program.settings.cluster;
        let all: Vec<&IpNet> = own.iter().collect();
        if lies_in(part, &all) { &[] } else { own }
    }

    /// What is to be known about `part`, addresses of the cluster's own, as the receiver or the sender.
    pub(super) fn note_on_own(&self, part: &QueryPart, receiver: bool) -> Option<String> {
        if receiver && self.is_of_services(part) {
            return Some(of_services(&part.name));
        }
        let pods: Vec<&IpNet> = self.program.settings.pods.iter().collect();
        lies_in(part, &pods).then(|| {
            format!(
                "{} lies where pods do, and is judged as an address of none: name the pod's namespace instead",
                part.name
            )
        })
    }
}

/// That `address` is one of services.
pub(super) fn of_services(address: &str) -> String {
    format!("{address} is an address of services: policies are asked about what stands behind it")
}

/// Whether `part` is addresses, all of them in `blocks`.
fn lies_in(part: &QueryPart, blocks: &[&IpNet]) -> bool {
    match &part.what {
        QueryPartKind::Addresses(nets) => {
            let inside = |net: &IpNet| blocks.iter().any(|block| block.contains(net));
            !nets.is_empty() && nets.iter().all(inside)
        }
        QueryPartKind::Pods { .. } | QueryPartKind::Later { .. } | QueryPartKind::Host(_) => false,
    }
}
