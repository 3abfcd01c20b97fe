//! Pods whose connections are confined, and that cannot ask for names: not at all, over UDP alone, or not the resolver of their
//! node.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ipnet::IpNet;

use super::evidence::{AuditSubject, DNS, Evidence, NODE_LOCAL, node_local};
use super::finding::{About, Finding, SHOWN, and_more, names};
use crate::calico::{Action, Port, Rule};
use crate::diagnostic::Code;
use crate::diagnostic::codes::audit::{DNS_LOCAL, DNS_UDP, NO_DNS};
use crate::reach::of_policies::{By, Step};
use crate::reach::{Bearer, Diagram, Direction, PeerKind, Sets};
use crate::selector::Predicate;
use crate::selector::keys::{DNS_KEY, DNS_VALUE, KUBE_SYSTEM, NAMESPACE};
use crate::traffic::{Match, Protocol};

/// What pods can ask for names, each set by the pods alone.
struct Resolvers {
    /// The cluster's own, over UDP and over TCP.
    cluster: [Diagram; 2],
    /// The one of their node.
    node: Diagram,
    /// Some other one, that a rule for DNS leads to.
    other: Diagram,
}

/// What is wrong for some pods, with what is shown of it.
struct Lack {
    code: Code,
    pods: Diagram,
    /// The connections that they lack.
    wanted: Diagram,
    /// Those of what they may open whose rules are to blame.
    opened: Diagram,
}

/// What is found so far by code and cause: the policies that open something for such pods, and what is shown.
type Lacks = BTreeMap<(&'static str, MendedBy), (Code, BTreeSet<usize>, Shown)>;

/// Who can mend it: what has one cause is one finding.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum MendedBy {
    /// Who writes the global policies.
    Global,
    /// A landing zone, or those who have none.
    Of(Option<Arc<str>>),
}

/// Whose connections show it, and which.
type Shown = (AuditSubject, Diagram);

/// The findings: one for each way and cause.
pub(super) fn find(evidence: &mut Evidence<'_>) -> Vec<Finding> {
    let local = node_local(evidence.world);
    let to_cluster = to_cluster(evidence);
    let mut lacks: Lacks = BTreeMap::new();
    for at in 0..evidence.judged.len() {
        let Some(judged) = evidence.judged.get(at) else { continue };
        let who = judged.who;
        let system =
            |home: usize| evidence.homes.get(home).is_some_and(|it| *it.name == *KUBE_SYSTEM);
        let of = match who {
            AuditSubject::Home(home) if !system(home) => evidence.application(home),
            AuditSubject::Undeclared => None,
            AuditSubject::Home(_) | AuditSubject::Host => continue,
        };
        if judged.direction == Direction::Ingress || !confines(&judged.steps) {
            continue;
        }
        for lack in lacking(evidence, at, to_cluster, local) {
            let policies = opening(evidence, at, &lack);
            let world = evidence.world;
            let global = |it: &usize| world.policy(*it).is_some_and(|it| it.namespace.is_none());
            let cause = if policies.iter().any(global) {
                MendedBy::Global
            } else {
                MendedBy::Of(of.clone())
            };
            let key = (lack.code.code, cause);
            let shown = evidence.sets.diagrams.intersection(lack.pods, lack.wanted);
            let known = lacks.entry(key).or_insert((lack.code, BTreeSet::new(), (who, shown)));
            known.1.extend(policies);
        }
    }
    let found = lacks.into_values().map(|(code, policies, shown)| {
        let policies: Vec<_> = policies.into_iter().collect();
        finding(evidence, code, &policies, shown)
    });
    found.collect()
}

/// Whether any policy denies something.
fn confines(steps: &[Step]) -> bool {
    steps.iter().any(|it| it.action == Action::Deny && it.reached != Diagram::EMPTY)
}

/// Connections to the pods of the cluster's resolver.
fn to_cluster(evidence: &mut Evidence<'_>) -> Diagram {
    let sets = &mut evidence.sets;
    let tests = [(NAMESPACE, KUBE_SYSTEM), (DNS_KEY, DNS_VALUE)];
    let mut found = sets.kind(PeerKind::Pod);
    for (key, value) in tests {
        let has = sets.test(Bearer::PeerPod, key, &Predicate::Equals(value.into()));
        found = sets.diagrams.intersection(found, has);
    }
    let home = evidence.homes.iter().find(|it| it.declared && *it.name == *KUBE_SYSTEM);
    let Some(home) = home else { return found };
    let wrong = sets.not_as_declared(&home.name, &home.labels);
    sets.diagrams.difference(found, wrong)
}

/// What the pods of a judgement lack.
fn lacking(
    evidence: &mut Evidence<'_>,
    at: usize,
    to_cluster: Diagram,
    local: Option<IpNet>,
) -> Vec<Lack> {
    let Some((who, opened, by_name)) = opened(evidence, at, to_cluster) else { return Vec::new() };
    let [udp, tcp] = DNS.map(|it| evidence.sets.traffic(Some(&[it])));
    let resolvers = resolvers(evidence, who, by_name, (to_cluster, [udp, tcp]), local);
    let sets = &mut evidence.sets;
    let Resolvers { cluster: [over_udp, over_tcp], node, other } = resolvers;
    let wanted = sets.diagrams.intersection(to_cluster, udp);
    let known = sets.diagrams.union_of(vec![over_udp, node, other]);
    let none = sets.diagrams.difference(opened, known);
    let asked = wanted;
    let mut found = vec![Lack { code: &NO_DNS, pods: none, wanted, opened: Diagram::FULL }];
    let alone = sets.diagrams.difference(over_udp, over_tcp);
    let wanted = sets.diagrams.intersection(to_cluster, tcp);
    found.push(Lack { code: &DNS_UDP, pods: alone, wanted, opened: asked });
    if let Some(local) = local {
        let pods = sets.diagrams.difference(over_udp, node);
        let wanted = at_node(sets, local, udp);
        found.push(Lack { code: &DNS_LOCAL, pods, wanted, opened: asked });
    }
    let home = evidence.homes.iter();
    let named: Vec<_> = home.map(|it| Arc::clone(&it.name)).chain([KUBE_SYSTEM.into()]).collect();
    for lack in &mut found {
        let mut sure = evidence.sets.whatever_its_namespace(lack.pods);
        if who == AuditSubject::Undeclared {
            // Those that are known by name are judged by themselves.
            let bearer = evidence.bearer(who);
            let known = evidence.sets.test(bearer, NAMESPACE, &Predicate::In(named.clone()));
            sure = evidence.sets.diagrams.difference(sure, known);
        }
        lack.pods = evidence.sets.diagrams.intersection(lack.pods, sure);
    }
    found.retain(|it| it.pods != Diagram::EMPTY);
    found
}

/// Connections to the resolver of the node.
fn at_node(sets: &mut Sets, address: IpNet, traffic: Diagram) -> Diagram {
    let kinds = [PeerKind::V4, PeerKind::Host].map(|kind| sets.kind(kind));
    let nodes = sets.diagrams.union_of(kinds.to_vec());
    let address = sets.blocks(&[address]);
    let here = sets.diagrams.intersection(nodes, address);
    sets.diagrams.intersection(here, traffic)
}

/// Whom `who` can ask for names.
fn resolvers(
    evidence: &mut Evidence<'_>,
    who: AuditSubject,
    by_name: Diagram,
    (to_cluster, [udp, tcp]): (Diagram, [Diagram; 2]),
    local: Option<IpNet>,
) -> Resolvers {
    let allowed = evidence.allowed(who, Direction::Egress);
    let sets = &mut evidence.sets;
    let cluster = [udp, tcp].map(|traffic| {
        let asked = sets.diagrams.intersection(to_cluster, traffic);
        let asked = sets.diagrams.intersection(allowed, asked);
        sets.of_subject_alone(asked)
    });
    let node = if let Some(local) = local {
        let asked = at_node(sets, local, udp);
        let asked = sets.diagrams.intersection(allowed, asked);
        sets.of_subject_alone(asked)
    } else {
        Diagram::EMPTY
    };
    Resolvers { cluster, node, other: by_name }
}

/// For which pods a judgement has rules that open what is asked for by name, and for which one for DNS that leads elsewhere than
/// to the cluster's resolver. `None` where there are none of the former.
fn opened(
    evidence: &mut Evidence<'_>,
    at: usize,
    to_cluster: Diagram,
) -> Option<(AuditSubject, Diagram, Diagram)> {
    let judged = evidence.judged.get(at)?;
    let (mut opened, mut resolving) = (Vec::new(), Vec::new());
    for step in &judged.steps {
        let By::Rule { policy, rule } = step.by else { continue };
        if step.action != Action::Allow || step.reached == Diagram::EMPTY {
            continue;
        }
        let Some(rule) = evidence.world.rule(policy, judged.direction, rule) else { continue };
        if for_dns(rule) {
            resolving.push(step.reached);
        } else if wants_names(rule) {
            opened.push(step.reached);
        }
    }
    if opened.is_empty() && resolving.is_empty() {
        return None;
    }
    let who = judged.who;
    let sets = &mut evidence.sets;
    let [opened, resolving] = [opened, resolving].map(|it| sets.diagrams.union_of(it));
    let asked = sets.traffic(Some(&[Match::Protocol(Protocol::Udp)]));
    let elsewhere = sets.diagrams.difference(asked, to_cluster);
    let other = sets.diagrams.intersection(resolving, elsewhere);
    let opened = sets.diagrams.union(opened, resolving);
    let [opened, other] = [opened, other].map(|it| sets.of_subject_alone(it));
    Some((who, opened, other))
}

/// Whether `rule` is one for DNS: it names the port, of the resolver or of the pods behind it.
pub(super) fn for_dns(rule: &Rule) -> bool {
    const PORTS: [u16; 2] = [53, 5353];
    let resolves = |port: &Port| match port {
        Port::Range(first, last) => PORTS.iter().any(|it| (first..=last).contains(&it)),
        Port::Named(name) => name.starts_with("dns"),
    };
    let transport = |it: Protocol| matches!(it, Protocol::Udp | Protocol::Tcp);
    rule.protocol.is_none_or(transport) && rule.destination.ports.iter().any(resolves)
}

/// Whether what `rule` opens is asked for by name: not blocks of addresses, and not a ping.
fn wants_names(rule: &Rule) -> bool {
    let transport = |it: Protocol| matches!(it, Protocol::Udp | Protocol::Tcp | Protocol::Sctp);
    rule.destination.nets.is_empty() && rule.protocol.is_none_or(transport)
}

/// The policies that open something for some of the pods that lack something in a judgement.
fn opening(evidence: &mut Evidence<'_>, at: usize, lack: &Lack) -> Vec<usize> {
    let set = evidence.sets.diagrams.intersection(lack.pods, lack.opened);
    let Some(judged) = evidence.judged.get(at) else { return Vec::new() };
    let mut found: Vec<usize> = Vec::new();
    for step in &judged.steps {
        let By::Rule { policy, .. } = step.by else { continue };
        let new = found.last() != Some(&policy) && step.action == Action::Allow;
        if new && evidence.sets.diagrams.intersection(step.reached, set) != Diagram::EMPTY {
            found.push(policy);
        }
    }
    found
}

fn finding(
    evidence: &mut Evidence<'_>,
    code: Code,
    policies: &[usize],
    (who, shown): Shown,
) -> Finding {
    let world = evidence.world;
    let leaves = if policies.len() == 1 { "leaves" } else { "leave" };
    let whom = names(world, policies);
    let resolver = |protocol: &str| {
        format!(
            "- action: Allow\n  protocol: {protocol}\n  destination:\n    namespaceSelector: kubernetes.io/metadata.name == '{KUBE_SYSTEM}'\n    selector: {DNS_KEY} == '{DNS_VALUE}'\n    ports: [53]"
        )
    };
    let (without, text, help) = if code.code == NO_DNS.code {
        let both = format!("{}\n{}", resolver("UDP"), resolver("TCP"));
        (
            "pods without DNS",
            "none of these leads to a resolver",
            format!("names cannot be resolved there: allow the cluster's resolver\n{both}"),
        )
    } else if code.code == DNS_UDP.code {
        let help = "an answer that does not fit into one packet is asked for again over TCP, and never comes\n";
        (
            "pods with DNS over UDP alone",
            "none of these leads there over TCP",
            format!("{help}{}", resolver("TCP")),
        )
    } else {
        let help = format!(
            "pods ask the resolver of their node, which asks that of the cluster for them\n- action: Allow\n  protocol: UDP\n  destination:\n    nets: [{NODE_LOCAL}/32]\n    ports: [53]"
        );
        ("pods without the resolver of their node", "none of these leads there", help)
    };
    let mut finding = Finding::new(code, format!("{whom} {leaves} {without}"));
    for policy in policies.iter().take(SHOWN) {
        let about = About { policy: *policy, rule: None };
        finding = finding.at_field(world, about, "spec.egress", text);
    }
    let finding = and_more(finding, policies.len());
    let example = evidence.example(shown, who, Direction::Egress);
    finding.help(help).example(world, example, "denied")
}
