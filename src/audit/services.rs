//! A Service's address or port where the pod's is meant: what clients ask for is translated before a policy is asked.

use std::collections::BTreeMap;
use std::sync::Arc;

use ipnet::IpNet;

use super::dns::for_dns;
use super::evidence::{AuditSubject, Evidence, node_local};
use super::finding::{About, Finding, name, other};
use super::moved::{MovedPort, moved};
use crate::calico::{Port, Rule, Stage};
use crate::cluster::WrittenService;
use crate::diagnostic::codes::audit::{SERVICE_ADDRESS, SERVICE_PORT};
use crate::reach::{Bearer, Diagram, Direction, PeerKind};
use crate::selector::keys::{NAME, NAMESPACE, OF_NAMESPACE, ORCHESTRATOR};
use crate::selector::{Predicate, Selector};
use crate::traffic::{Match, Protocol};

/// Rules for addresses of services alone: one finding for each policy.
pub(super) fn addresses(evidence: &Evidence<'_>) -> Vec<Finding> {
    let world = evidence.world;
    let local = node_local(world).is_some();
    let mut found: Vec<Finding> = Vec::new();
    for (policy, it) in world.policies() {
        // Before addresses are translated, those of services are still there.
        if it.stage != Stage::Ordinary {
            continue;
        }
        let mut of_policy: Option<Finding> = None;
        for (index, rule) in it.rules(Direction::Egress).iter().enumerate() {
            // The resolver of a node takes the address of the cluster's, and nothing is translated.
            let Some(text) = of_services(evidence, rule).filter(|_| !(local && for_dns(rule)))
            else {
                continue;
            };
            let about = About { policy, rule: Some((Direction::Egress, index)) };
            let called = name(world, policy);
            let message = format!("{called} names the address of a service, which no policy sees");
            let finding = Finding::new(&SERVICE_ADDRESS, message).at_field(
                world,
                about,
                &format!("{}.nets", other(Direction::Egress)),
                text,
            );
            match &mut of_policy {
                Some(known) => known.join(finding),
                None => of_policy = Some(finding),
            }
        }
        let help = "it is translated to the address of a pod before policies are asked, so this matches nothing: name the pods by their labels, or the service under `services`";
        found.extend(of_policy.map(|it| it.help(help)));
    }
    found
}

/// What is said of `rule` if all its blocks are of services.
fn of_services(evidence: &Evidence<'_>, rule: &Rule) -> Option<String> {
    let nets = &rule.destination.nets;
    let first = nets.first()?;
    let written = |net: &IpNet| {
        let is = |it: &&WrittenService| it.addresses.iter().any(|it| IpNet::from(*it) == *net);
        evidence.world.cluster.written_services.iter().find(is)
    };
    let inside = |net: &IpNet| evidence.settings.services().any(|it| it.contains(net));
    if !nets.iter().all(|net| inside(net) || written(net).is_some()) {
        return None;
    }
    Some(match written(first) {
        Some(it) => format!("the address of the service `{}/{}`", it.namespace, it.name),
        None => "in the block of services".to_owned(),
    })
}

/// Rules for the port of a service whose pods listen on another, which is closed: one finding for each policy.
pub(super) fn ports(evidence: &mut Evidence<'_>) -> Vec<Finding> {
    let world = evidence.world;
    let mut by_port: BTreeMap<(Protocol, u16), Vec<MovedPort<'_>>> = BTreeMap::new();
    for (service, port) in moved(&world.cluster.written_services) {
        by_port.entry((port.protocol, port.port)).or_default().push((service, port));
    }
    let mut by_policy: BTreeMap<usize, Finding> = BTreeMap::new();
    if by_port.is_empty() {
        return Vec::new();
    }
    for (about, reached) in evidence.allows() {
        let Some((direction, index)) = about.rule else { continue };
        let Some(rule) = world.rule(about.policy, direction, index) else { continue };
        let Some(protocol) = rule.protocol else { continue };
        for port in &rule.destination.ports {
            let Port::Range(number, last) = port else { continue };
            let services = by_port.get(&(protocol, *number)).filter(|_| number == last);
            for it in services.into_iter().flatten() {
                let Some(closed) = closed(evidence, (about, rule), &reached, it) else { continue };
                let (service, port) = it;
                let text = format!(
                    "the port of the service `{}/{}`; its pods listen on {}",
                    service.namespace, service.name, port.target
                );
                let finding = Finding::new(
                    &SERVICE_PORT,
                    format!(
                        "{} opens the port of a service in the place of its pods'",
                        name(world, about.policy)
                    ),
                )
                .at_field(world, about, "destination.ports", text);
                if let Some(known) = by_policy.get_mut(&about.policy) {
                    if !known.about.contains(&about) {
                        known.join(finding);
                    }
                    continue;
                }
                let (who, set) = closed;
                let example = evidence.example(set, who, direction);
                let finding = finding
                    .label(service.span, "translated here, before policies are asked")
                    .help(format!("write the port of the pods:  ports: [{}]", port.target))
                    .example(world, example, "denied");
                by_policy.insert(about.policy, finding);
            }
        }
    }
    by_policy.into_values().collect()
}

/// The connections to the pods of a service on the port that they listen on, if the rule is for these pods and all of them are
/// denied; and whose they are.
fn closed(
    evidence: &mut Evidence<'_>,
    (about, rule): (About, &Rule),
    reached: &[(usize, usize)],
    (service, port): &MovedPort<'_>,
) -> Option<(AuditSubject, Diagram)> {
    let (direction, _) = about.rule?;
    let policy = evidence.world.policy(about.policy)?;
    let home = evidence.homes.binary_search_by(|it| it.name.cmp(&service.namespace)).ok();
    let labels = home.and_then(|at| evidence.homes.get(at)).map_or(&[][..], |it| &it.labels);
    let own = policy.namespace.as_ref() == Some(&service.namespace);
    let shown = |key: &str| pod_label(service, labels, key);
    let holds = |it: &Selector| it.matches(shown);
    let named = |it: &Selector| {
        it.matches(|key| match key {
            NAME => Some(&*service.namespace),
            _ => labels.iter().find(|(it, _)| **it == *key).map(|(_, value)| &**value),
        })
    };
    let (who, bearer) = match direction {
        // One that is for whoever is there is for others, whose port it may be.
        Direction::Ingress => {
            if !own || !policy.selector.as_ref().is_some_and(|it| confined(it) && holds(it)) {
                return None;
            }
            let who = AuditSubject::Home(home?);
            (who, evidence.bearer(who))
        }
        Direction::Egress => {
            let end = &rule.destination;
            let selects = end.selector.as_ref().is_some_and(|it| confined(it) && holds(it));
            let there = end.namespace_selector.as_ref().map_or(own, named);
            if !selects || !there {
                return None;
            }
            let first = reached.iter().filter_map(|at| evidence.step(*at));
            let mut pods = first.map(|(it, _)| it.who).filter(|it| *it != AuditSubject::Host);
            (pods.next()?, Bearer::PeerPod)
        }
    };
    let sets = &mut evidence.sets;
    let target = Match::Ports(port.protocol, port.target, port.target);
    let mut wanted = sets.traffic(Some(&[target]));
    for (key, value) in &service.selector {
        let has = sets.test(bearer, key, &Predicate::Equals(Arc::clone(value)));
        wanted = sets.diagrams.intersection(wanted, has);
    }
    if direction == Direction::Egress {
        let here = Predicate::Equals(Arc::clone(&service.namespace));
        let here = sets.test(bearer, NAMESPACE, &here);
        let pods = sets.kind(PeerKind::Pod);
        let here = sets.diagrams.intersection(here, pods);
        wanted = sets.diagrams.intersection(wanted, here);
    }
    let selected = evidence.selected(about.policy, who);
    let wanted = match direction {
        Direction::Ingress => wanted,
        Direction::Egress => evidence.sets.diagrams.intersection(wanted, selected),
    };
    let wanted = evidence.sets.that_can_be(wanted, direction);
    let allowed = evidence.allowed(who, direction);
    let open = evidence.sets.diagrams.intersection(wanted, allowed);
    (open == Diagram::EMPTY && wanted != Diagram::EMPTY).then_some((who, wanted))
}

/// Whether `selector` asks for some label that pods get from whoever runs them.
fn confined(selector: &Selector) -> bool {
    let given = [NAMESPACE, ORCHESTRATOR];
    selector
        .label_keys()
        .iter()
        .any(|key| !given.contains(&&**key) && !key.starts_with(OF_NAMESPACE))
}

/// What a pod that has just the labels of `service` shows, in a namespace with `labels`.
fn pod_label<'a>(
    service: &'a WrittenService,
    labels: &'a [(Arc<str>, Arc<str>)],
    key: &str,
) -> Option<&'a str> {
    match key {
        NAMESPACE => Some(&service.namespace),
        ORCHESTRATOR => Some("k8s"),
        _ => {
            let (list, key) = match key.strip_prefix(OF_NAMESPACE) {
                Some(NAME) => return Some(&service.namespace),
                Some(key) => (labels, key),
                None => (&*service.selector, key),
            };
            list.iter().find(|(it, _)| **it == *key).map(|(_, value)| &**value)
        }
    }
}
