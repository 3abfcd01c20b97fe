//! Rules that allow more than they say: DNS to every address, blocks that take in the cluster's own, and HTTP that is not looked at.

use std::collections::BTreeMap;

use super::evidence::{DNS as PORTS, Evidence};
use super::finding::{Finding, name, other};
use super::leaves::anywhere;
use crate::diagnostic::codes::audit::{CLUSTER_NETS, DNS, HTTP};
use crate::reach::{Diagram, Direction, PeerKind};

/// DNS that is allowed to every address: one finding for each policy.
pub(super) fn dns(evidence: &mut Evidence<'_>) -> Vec<Finding> {
    let world = evidence.world;
    let mut by_policy: BTreeMap<usize, Finding> = BTreeMap::new();
    for (about, reached) in evidence.allows() {
        let Some((Direction::Egress, index)) = about.rule else { continue };
        let wide = world
            .rule(about.policy, Direction::Egress, index)
            .is_some_and(|rule| anywhere(&rule.destination));
        if !wide {
            continue;
        }
        let ports = evidence.sets.traffic(Some(&PORTS));
        let outside = [PeerKind::V4, PeerKind::V6].map(|kind| evidence.sets.kind(kind));
        let outside = evidence.sets.diagrams.union_of(outside.to_vec());
        for at in reached {
            let Some((judged, step)) = evidence.step(at) else { continue };
            let (who, set) = (judged.who, step.reached);
            let beyond = evidence.sets.diagrams.difference(set, ports);
            let out = evidence.sets.diagrams.intersection(set, outside);
            if beyond != Diagram::EMPTY || out == Diagram::EMPTY {
                continue;
            }
            if let Some(finding) = by_policy.remove(&about.policy) {
                by_policy.insert(about.policy, finding.at(world, about, "and here"));
                break;
            }
            let example = evidence.example(out, who, Direction::Egress);
            let finding = Finding::new(
                &DNS,
                format!("{} allows DNS to every address", name(world, about.policy)),
            )
            .at(world, about, "to the resolver of the cluster, and to anybody's")
            .help("names can carry data out of the cluster")
            .help("allow DNS to the resolver alone:\n  destination:\n    namespaceSelector: kubernetes.io/metadata.name == 'kube-system'\n    selector: k8s-app == 'kube-dns'")
            .example(world, example, "allowed");
            by_policy.insert(about.policy, finding);
            break;
        }
    }
    by_policy.into_values().collect()
}

/// Blocks that take in addresses of pods and services; those of the cluster as `[cluster]` says them.
pub(super) fn cluster_nets(evidence: &mut Evidence<'_>) -> Vec<Finding> {
    let world = evidence.world;
    let mut found = Vec::new();
    for (about, reached) in evidence.allows() {
        let Some((direction, index)) = about.rule else { continue };
        let Some(rule) = world.rule(about.policy, direction, index) else { continue };
        let end = rule.peer(direction);
        if end.selector.is_some() || end.namespace_selector.is_some() || end.service.is_some() {
            continue;
        }
        let own: Vec<_> = evidence
            .settings
            .cluster
            .iter()
            .filter(|own| {
                let overlaps = |net: &&ipnet::IpNet| net.contains(*own) || own.contains(*net);
                end.nets.iter().any(|net| overlaps(&net))
                    && !end.not_nets.iter().any(|net| net.contains(*own))
            })
            .copied()
            .collect();
        // A block of all addresses takes in the cluster's own, whichever these are.
        let all = end.nets.iter().find(|net| net.prefix_len() == 0 && end.not_nets.is_empty());
        let Some(what) = own.first().or(all) else { continue };
        let text = if own.is_empty() {
            "every address, those of pods and services among them".to_owned()
        } else {
            format!("`{what}` is the cluster's own")
        };
        let pods = evidence.sets.kind(PeerKind::Pod);
        let blocks = evidence.sets.blocks(if own.is_empty() { &end.nets } else { &own });
        let pods = evidence.sets.diagrams.intersection(pods, blocks);
        let housed = evidence.sets.housed(&evidence.settings.pods, [false, true]);
        let pods = evidence.sets.diagrams.intersection(pods, housed);
        let mut shown = None;
        for at in reached {
            let Some((judged, step)) = evidence.step(at) else { continue };
            let (who, set) = (judged.who, step.reached);
            let set = evidence.sets.diagrams.intersection(set, pods);
            if set != Diagram::EMPTY {
                shown = evidence.example(set, who, direction);
                break;
            }
        }
        if shown.is_none() {
            continue;
        }
        found.push(
            Finding::new(
                &CLUSTER_NETS,
                format!(
                    "{} allows blocks of addresses that take in the cluster's own",
                    name(world, about.policy)
                ),
            )
            .at_field(world, about, &format!("{}.nets", other(direction)), text)
            .help("leave the cluster's own out with `notNets`, and allow pods by selectors")
            .example(world, shown, "allowed at this end"),
        );
    }
    found
}

/// Allows that look at HTTP requests.
pub(super) fn http(evidence: &mut Evidence<'_>) -> Vec<Finding> {
    let world = evidence.world;
    let mut found = Vec::new();
    for (about, reached) in evidence.allows() {
        let Some((direction, index)) = about.rule else { continue };
        let Some(rule) = world.rule(about.policy, direction, index) else { continue };
        if rule.http.is_none() {
            continue;
        }
        let first = reached.first().and_then(|at| evidence.step(*at));
        let shown = first.map(|(judged, step)| (judged.who, step.reached));
        let example = shown.and_then(|(who, set)| evidence.example(set, who, direction));
        found.push(
            Finding::new(
                &HTTP,
                format!("{} allows by HTTP request, which no node looks at by itself", name(world, about.policy)),
            )
            .at_field(world, about, "http", "without Calico's application layer policy this is as if it were not there")
            .help("where the pods have no sidecar that looks at requests, every request passes: narrow the ports and the other end")
            .example(world, example, "allowed"),
        );
    }
    found
}
