//! Names: pods that are closed and cannot look any up, or over UDP alone, and a default deny that closes the resolver itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::evidence::{AuditSubject, DNS, Evidence, RESOLVER};
use super::finding::{About, Finding, few, name};
use crate::calico::Action;
use crate::diagnostic::codes::audit::{NO_NAMES, RESOLVER_CLOSED, UDP_ALONE};
use crate::reach::of_policies::{By, Subject, selected};
use crate::reach::{Bearer, Diagram, Direction, Example};

/// Namespaces whose pods are all closed and may send something, but no question for a name: one finding for all whose first
/// allowing policy is the same; those that may ask over UDP alone likewise.
pub(super) fn questions(evidence: &mut Evidence<'_>) -> Vec<Finding> {
    let world = evidence.world;
    let [udp, tcp] = DNS.map(|it| evidence.sets.traffic(Some(&[it])));
    let mut without: BTreeMap<(bool, About), (Vec<Arc<str>>, Option<Example>)> = BTreeMap::new();
    for judged in &evidence.judged {
        let (AuditSubject::Home(home), Direction::Egress) = (judged.who, judged.direction) else {
            continue;
        };
        let passes = judged.steps.iter().filter(|it| it.action == Action::Allow);
        let passes: Vec<_> = passes.filter(|it| it.reached != Diagram::EMPTY).collect();
        // Where some are open, or nothing is to leave at all, that was meant.
        let rules: Option<Vec<About>> = passes
            .iter()
            .map(|it| match it.by {
                By::Rule { policy, rule } => {
                    Some(About { policy, rule: Some((Direction::Egress, rule)) })
                }
                By::EndOfTier { .. }
                | By::Failsafe
                | By::Forwarded { .. }
                | By::Profile
                | By::NotIsolated => None,
            })
            .collect();
        let Some(rules) = rules else { continue };
        let sets = &mut evidence.sets.diagrams;
        let allowed = sets.union_of(passes.iter().map(|it| it.reached).collect());
        let may_ask = |sets: &mut crate::reach::Diagrams, over| {
            sets.intersection(allowed, over) != Diagram::EMPTY
        };
        let (over_udp, over_tcp) = (may_ask(sets, udp), may_ask(sets, tcp));
        let first = if over_udp {
            let asks = passes
                .iter()
                .zip(&rules)
                .find(|(it, _)| sets.intersection(it.reached, udp) != Diagram::EMPTY);
            asks.map(|(_, rule)| *rule)
        } else {
            rules.first().map(|it| About { policy: it.policy, rule: None })
        };
        if let (false, Some(first), Some(home)) = (over_tcp, first, evidence.homes.get(home)) {
            let stopped = judged.steps.iter().filter(|it| it.action == Action::Deny);
            let stopped = sets.union_of(stopped.map(|it| it.reached).collect());
            let stopped = sets.intersection(stopped, if over_udp { tcp } else { udp });
            let (names, example) = without.entry((over_udp, first)).or_default();
            names.push(Arc::clone(&home.name));
            if example.is_none() {
                let bearer = home.subject().bearer();
                *example = evidence.sets.example(stopped, bearer, Direction::Egress);
            }
        }
    }
    let told = |((over_udp, about), (homes, example)): ((bool, About), (Vec<Arc<str>>, _))| {
        let names = few(homes.iter().map(|it| &**it));
        let resolver = "\n  destination:\n    namespaceSelector: kubernetes.io/metadata.name == 'kube-system'\n    selector: k8s-app == 'kube-dns'\n    ports: [53]";
        if over_udp {
            let message = format!("pods in {names} look up names over UDP alone");
            Finding::new(&UDP_ALONE, message)
                .at(world, about, "allows udp/53, and nothing allows tcp/53")
                .help("an answer that is too long for UDP is asked for again over TCP: allow `protocol: TCP` with port 53 to the same end")
                .example(world, example, "denied")
        } else {
            let message = format!("pods in {names} cannot look up names");
            Finding::new(&NO_NAMES, message)
                .at(world, about, "they are closed, and may send this, but nothing to port 53")
                .help(format!("allow `protocol: UDP` and `protocol: TCP`:{resolver}"))
                .example(world, example, "denied")
        }
    };
    without.into_iter().map(told).collect()
}

/// A global policy by which no question reaches the pods of `kube-system`, where the resolver of most clusters is.
pub(super) fn closed(evidence: &mut Evidence<'_>) -> Vec<Finding> {
    let world = evidence.world;
    let resolver: Arc<str> = RESOLVER.into();
    let declared = evidence.homes.iter().find(|it| it.name == resolver);
    let subject = declared.map_or(Subject::Named(&resolver), |it| it.subject());
    let bearer: Bearer<'_> = subject.bearer();
    let selects: Vec<usize> = world
        .policies()
        .filter(|(_, it)| it.namespace.is_none() && it.applies(Direction::Ingress))
        .map(|(index, _)| index)
        .collect();
    let mut closes = Vec::new();
    for index in selects {
        let Some(policy) = world.policy(index) else { continue };
        if evidence.sets.selector(bearer, &selected(policy)) != Diagram::EMPTY {
            closes.push(index);
        }
    }
    if closes.is_empty() {
        return Vec::new();
    }
    let ties = world.ties();
    let steps = evidence.policies.judge(&mut evidence.sets, subject, Direction::Ingress, ties);
    let asked = evidence.sets.traffic(Some(&DNS));
    let passes = steps.iter().filter(|it| it.action == Action::Allow).map(|it| it.reached);
    let passes = evidence.sets.diagrams.union_of(passes.collect());
    if evidence.sets.diagrams.intersection(passes, asked) != Diagram::EMPTY {
        return Vec::new();
    }
    let stopped = steps.iter().filter(|it| it.action == Action::Deny).map(|it| it.reached);
    let stopped = evidence.sets.diagrams.union_of(stopped.collect());
    let stopped = evidence.sets.diagrams.intersection(stopped, asked);
    let example = evidence.sets.example(stopped, bearer, Direction::Ingress);
    // The last one is the default deny, as those before it may be of no effect there.
    let Some(last) = closes.last() else { return Vec::new() };
    let about = About { policy: *last, rule: None };
    let called = name(world, *last);
    vec![
        Finding::new(&RESOLVER_CLOSED, format!("{called} takes in `{RESOLVER}`, and nothing lets names be looked up there"))
            .at(world, about, "no question reaches the resolver of the cluster")
            .help(format!("leave it out:\n  namespaceSelector: kubernetes.io/metadata.name not in {{'{RESOLVER}'}}"))
            .example(world, example, "denied"),
    ]
}
