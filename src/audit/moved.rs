//! Ports of Services that lead to another port of their pods.

use crate::cluster::{ServicePort, WrittenService};
use crate::reach::Terms;
use crate::selector::keys::NAMESPACE;
use crate::traffic::Match;

/// A port of a service that leads to another one of its pods.
pub(super) type MovedPort<'w> = (&'w WrittenService, ServicePort);

/// What is told apart of ports that lead to others, and of the pods behind them: their traffic and their labels.
pub(super) fn terms(services: &[WrittenService], terms: &mut Terms) {
    for (service, port) in moved(services) {
        for number in [port.port, port.target] {
            terms.matches(Some(&[Match::Ports(port.protocol, number, number)]));
        }
        for (key, value) in &service.selector {
            terms.label(key, std::slice::from_ref(value));
        }
        terms.label(&NAMESPACE.into(), std::slice::from_ref(&service.namespace));
    }
}

/// The ports of these services behind which there are pods that listen on another one alone.
pub(super) fn moved(services: &[WrittenService]) -> impl Iterator<Item = MovedPort<'_>> {
    let with_pods = services.iter().filter(|it| !it.selector.is_empty());
    with_pods.flat_map(|service| {
        let moved = service.ports.iter().filter(|it| it.port != it.target);
        // Where another port leads there, the number is a pod's, too.
        let moved = moved.filter(|it| service.ports.iter().all(|port| port.target != it.port));
        moved.map(move |port| (service, *port))
    })
}
