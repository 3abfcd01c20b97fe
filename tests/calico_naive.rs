//! Calico, the plain way: one connection at one end, through tier after tier, policy after policy, rule after rule, by
//! the words of "how Calico decides". Slow, and nothing of it is shared with the evaluator that it holds to the truth.

mod entity;
mod traffic;

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use eastwest::calico::{
    Action, AdminKind, HostEndpoint, NetworkSet, Policy, PolicyKind, Resource, Rule, Services,
    Stage, Tier,
};
use eastwest::reach::of_policies::{Namespaces, Ties};
use eastwest::reach::{Condition, Direction, End, Example, Scenario};
use eastwest::traffic::{Connection, Detail, Protocol};

pub(crate) use entity::{Party, shown};

/// What is in force.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cluster<'a> {
    pub(crate) resources: &'a [Resource],
    pub(crate) hosts: &'a [HostEndpoint],
    /// The labels of the declared namespaces.
    pub(crate) namespaces: &'a Namespaces,
    /// The endpoints of the services of which they are known.
    pub(crate) services: &'a Services,
}

/// No service whose endpoints are known.
pub(crate) const NO_SERVICES: &Services = &Services::new();

impl<'a> Cluster<'a> {
    /// `resources` alone.
    pub(crate) fn of(resources: &'a [Resource]) -> Self {
        const NONE: &Namespaces = &Namespaces::new();
        Self { resources, hosts: &[], namespaces: NONE, services: NO_SERVICES }
    }
}

/// A connection, as the end sees it whose policies are asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen<'a> {
    pub(crate) example: &'a Example,
    pub(crate) subject: &'a Party,
    pub(crate) peer: &'a Party,
    /// The host endpoint whose profiles the subject has, if it is one that somebody lists.
    pub(crate) host: Option<&'a HostEndpoint>,
}

/// The host endpoint of `cluster` that `end` is.
pub(crate) fn host_of<'a>(cluster: Cluster<'a>, end: &End) -> Option<&'a HostEndpoint> {
    cluster.hosts.iter().find(|host| End::of_host(host) == *end)
}

/// What decided.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum By {
    /// The rule of this index in its direction, of the policy of this index among all resources.
    Rule { policy: usize, rule: usize },
    /// That no rule of this tier decided.
    EndOfTier(Arc<str>),
    /// A host endpoint that forwards the connection denies it.
    Forwarded,
    /// A port that host endpoints keep open.
    Failsafe,
    /// The profiles, after policies.
    Profile,
    /// The profiles, as no policy applies.
    NotIsolated,
    /// Nothing: the end is none that policies are asked for.
    Outside,
}

/// A rule of a policy that applies, in the order of evaluation.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) policy: usize,
    pub(crate) rule: usize,
    pub(crate) action: Action,
    pub(crate) matches: bool,
    /// Whether it matches and nothing before it decided.
    pub(crate) reached: bool,
}

/// What becomes of a connection at one end.
#[derive(Clone, Debug)]
pub(crate) struct Judged {
    pub(crate) allowed: bool,
    pub(crate) by: By,
    pub(crate) asked: Vec<Asked>,
}

/// How `cluster` judges `seen` (sections 3.1 and 3.7), without the objects that are not there as they are read (section 1).
pub(crate) fn judge(cluster: Cluster<'_>, ties: Ties, seen: Seen<'_>) -> Judged {
    let absent = |it: &&Resource| !is_there(it, seen.example);
    if cluster.resources.iter().find(absent).is_none() {
        return judge_all(cluster, ties, seen);
    }
    // Something in its place that holds nothing, for the indices of the others.
    let nothing = Resource::Set(NetworkSet {
        namespace: None,
        name: "nothing".into(),
        labels: Vec::new(),
        nets: Vec::new(),
        proviso: None,
    });
    let there = |it: &Resource| if absent(&it) { nothing.clone() } else { it.clone() };
    let resources: Vec<_> = cluster.resources.iter().map(there).collect();
    let cluster = Cluster { resources: &resources, ..cluster };
    let [subject, peer] =
        [&seen.example.subject, &seen.example.peer].map(|end| Party::new(cluster, end));
    judge_all(cluster, ties, Seen { subject: &subject, peer: &peer, ..seen })
}

/// Whether what `resource` hangs on is so.
fn is_there(resource: &Resource, example: &Example) -> bool {
    resource.proviso().is_none_or(|it| {
        example.conditions.contains(&Condition::Object(Arc::clone(&it.unknown))) == it.holds
    })
}

/// How `cluster` judges `seen` where all of it is there.
fn judge_all(cluster: Cluster<'_>, ties: Ties, seen: Seen<'_>) -> Judged {
    let mut judged = Judged { allowed: true, by: By::NotIsolated, asked: Vec::new() };
    let direction = seen.example.direction;
    let pod = match &seen.example.subject {
        End::Pod { .. } => true,
        End::Host { .. } => false,
        End::Held { .. } | End::Address(_) => {
            judged.by = By::Outside;
            return judged;
        }
    };
    let applied = |stage: Stage| -> Vec<(usize, &Policy)> {
        policies(cluster.resources)
            .filter(|(_, policy)| policy.stage == stage)
            .filter(|(_, policy)| types(policy).contains(&direction))
            .filter(|(_, policy)| entity::selects(policy, seen.subject))
            .collect()
    };
    if pod {
        let denied = cluster.hosts.iter().find_map(|host| forwarded(cluster, ties, seen, host));
        let decided = denied.is_some();
        if let Some(by) = denied {
            (judged.allowed, judged.by) = (false, by);
        }
        let ordinary = applied(Stage::Ordinary);
        through(cluster, ties, seen, ordinary, Stage::Ordinary, &mut judged, decided);
        return judged;
    }
    let mut decided = is_failsafe(&seen.example.traffic, direction);
    if decided {
        judged.by = By::Failsafe;
    }
    for stage in Stage::ALL {
        decided = through(cluster, ties, seen, applied(stage), stage, &mut judged, decided);
    }
    if !decided {
        // One that nobody lists is an automatic one.
        judged.allowed = seen.host.is_none_or(|host| {
            host.profiles.iter().any(|name| {
                let held =
                    seen.example.conditions.iter().any(
                        |it| matches!(it, Condition::Profile(names) if names.contains(&**name)),
                    );
                **name == *"projectcalico-default-allow" || held
            })
        });
    }
    judged
}

/// The ports of a host endpoint that stay open.
fn is_failsafe(traffic: &Connection, direction: Direction) -> bool {
    let Detail::Port(port, _) = traffic.detail else { return false };
    match (traffic.protocol, direction) {
        (6, Direction::Ingress) if port == 22 => true,
        (6, _) => [179, 2379, 2380, 5473, 6443, 6666, 6667].contains(&port),
        (17, Direction::Ingress) => port == 68,
        (17, Direction::Egress) => port == 53 || port == 67,
        _ => false,
    }
}

/// What denies a connection of a pod that goes through `host`.
fn forwarded(cluster: Cluster<'_>, ties: Ties, seen: Seen<'_>, host: &HostEndpoint) -> Option<By> {
    let name = format!("`{}`", host.name);
    let through_it =
        |it: &Condition| matches!(it, Condition::Forwarded(names) if names.contains(&name));
    if !seen.example.conditions.iter().any(through_it) {
        return None;
    }
    let direction = seen.example.direction;
    let labels = host.labels.iter().cloned().collect();
    let party = Party::new(cluster, &End::Host { labels, address: None });
    let mut judged = Judged { allowed: true, by: By::NotIsolated, asked: Vec::new() };
    let mut decided = false;
    for stage in Stage::ALL {
        let asked = |policy: &Policy| match stage {
            Stage::Untracked | Stage::PreDnat => direction == Direction::Ingress,
            Stage::Ordinary => policy.apply_on_forward,
        };
        let applied = policies(cluster.resources)
            .filter(|(_, it)| it.stage == stage && asked(it))
            .filter(|(_, it)| types(it).contains(&direction) && entity::selects(it, &party))
            .collect();
        decided = through(cluster, ties, seen, applied, stage, &mut judged, decided);
    }
    (!judged.allowed).then_some(By::Forwarded)
}

/// Takes a connection through the policies of one stage; whether they decide.
fn through(
    cluster: Cluster<'_>,
    ties: Ties,
    seen: Seen<'_>,
    mut applied: Vec<(usize, &Policy)>,
    stage: Stage,
    judged: &mut Judged,
    mut decided: bool,
) -> bool {
    let direction = seen.example.direction;
    if applied.is_empty() {
        return decided;
    }
    let of_name = tiers(cluster.resources);
    applied.sort_by(|(_, a), (_, b)| before(a, b, &of_name, ties));
    if !decided && stage == Stage::Ordinary {
        judged.by = By::Profile;
    }
    for of_tier in applied.chunk_by(|(_, a), (_, b)| a.tier == b.tier) {
        let name = &of_tier[0].1.tier;
        let mut left = decided;
        for (index, policy) in of_tier {
            for (rule, it) in rules(policy, direction).iter().enumerate() {
                let matches = rule_matches(cluster, policy, it, seen);
                let (policy, reached) = (*index, matches && !left);
                let action = it.action;
                judged.asked.push(Asked { policy, rule, action, matches, reached });
                if reached {
                    match action {
                        Action::Allow | Action::Deny => {
                            judged.allowed = action == Action::Allow;
                            judged.by = By::Rule { policy, rule };
                            (left, decided) = (true, true);
                        }
                        Action::Pass => left = true,
                        Action::Log => {}
                    }
                }
            }
        }
        // A tier that nobody made has no default action, which is not `Pass` (section 2.1).
        let passes = of_name.get(name).is_some_and(|tier| tier.pass);
        if !left && !passes && stage == Stage::Ordinary {
            judged.allowed = false;
            judged.by = By::EndOfTier(Arc::clone(name));
            decided = true;
        }
    }
    decided
}

/// The conditions of what `hosts` forward: those together that ask the same policies.
fn forwarding(resources: &[Resource], hosts: &[HostEndpoint]) -> BTreeSet<Condition> {
    let cluster = Cluster { hosts: &[], ..Cluster::of(resources) };
    let mut found = BTreeSet::new();
    for direction in Direction::BOTH {
        let mut alike: BTreeMap<Vec<usize>, Vec<String>> = BTreeMap::new();
        for host in hosts {
            let labels = host.labels.iter().cloned().collect();
            let party = Party::new(cluster, &End::Host { labels, address: None });
            let asked = policies(resources).filter(|(_, it)| match it.stage {
                Stage::Untracked | Stage::PreDnat => direction == Direction::Ingress,
                Stage::Ordinary => it.apply_on_forward,
            });
            let asked = asked
                .filter(|(_, it)| types(it).contains(&direction) && entity::selects(it, &party));
            let asked: Vec<_> = asked.map(|(index, _)| index).collect();
            if !asked.is_empty() {
                alike.entry(asked).or_default().push(format!("`{}`", host.name));
            }
        }
        found.extend(
            alike.into_values().map(|names| Condition::Forwarded(names.join(" or ").into())),
        );
    }
    found
}

/// How `cluster` judges `example`, by who its ends are.
pub(crate) fn at_subject(cluster: Cluster<'_>, ties: Ties, example: &Example) -> Judged {
    as_host(cluster, ties, example, host_of(cluster, &example.subject))
}

/// The same where the subject, if it is a host endpoint, has the profiles of `host`.
fn as_host(
    cluster: Cluster<'_>,
    ties: Ties,
    example: &Example,
    host: Option<&HostEndpoint>,
) -> Judged {
    let [subject, peer] = [&example.subject, &example.peer].map(|end| Party::new(cluster, end));
    judge(cluster, ties, Seen { example, subject: &subject, peer: &peer, host })
}

/// The policies among `resources`, with their index.
pub(crate) fn policies(resources: &[Resource]) -> impl Iterator<Item = (usize, &Policy)> {
    resources.iter().enumerate().filter_map(|(index, resource)| match resource {
        Resource::Policy(policy) => Some((index, policy)),
        Resource::Tier(_) | Resource::Set(_) => None,
    })
}

fn rules(policy: &Policy, direction: Direction) -> &[Rule] {
    match direction {
        Direction::Ingress => &policy.ingress,
        Direction::Egress => &policy.egress,
    }
}

fn rule_matches(cluster: Cluster<'_>, policy: &Policy, rule: &Rule, seen: Seen<'_>) -> bool {
    let traffic = &seen.example.traffic;
    let (source, destination) = match seen.example.direction {
        Direction::Egress => (seen.subject, seen.peer),
        Direction::Ingress => (seen.peer, seen.subject),
    };
    let family = traffic.family;
    let named = |name: &Arc<str>| {
        entity::named(policy, &rule.destination, destination)
            && traffic::names(traffic).contains(name)
    };
    let answered = |(condition, wanted): (Option<Condition>, bool)| {
        let (of_service, end) = match &condition {
            Some(Condition::ToService { .. }) => (&rule.destination.service, destination),
            Some(Condition::FromService { .. }) => (&rule.source.service, source),
            _ => (&None, source),
        };
        let known = of_service.as_ref().and_then(|it| cluster.services.get(it));
        if let (Some(known), Some(asked)) = (known, &condition) {
            let with_ports = matches!(asked, Condition::ToService { .. });
            let holds = seen.example.conditions.contains(asked);
            return known.iter().any(|it| {
                let port = |(protocol, port): &(_, u16)| endpoint_port(traffic, *protocol, *port);
                (!with_ports || it.ports.iter().any(port))
                    && entity::is_endpoint(it, end, family, holds)
            });
        }
        // A service without its namespace is nobody's (section 7, 13).
        condition.is_some_and(|it| seen.example.conditions.contains(&it) == wanted)
    };
    entity::of_its_family(rule, family)
        && entity::matches(policy, &rule.source, source, family)
        && entity::matches(policy, &rule.destination, destination, family)
        && traffic::matches(rule, traffic, named)
        && conditions(rule).into_iter().all(answered)
}

/// Whether a connection goes to this port.
fn endpoint_port(traffic: &Connection, protocol: Protocol, port: u16) -> bool {
    traffic.protocol == protocol.number()
        && matches!(traffic.detail, Detail::Port(number, _) if number == port)
}

/// What a rule asks that no packet shows, and the answer that it wants; `None` where no connection has it.
pub(crate) fn conditions(rule: &Rule) -> Vec<(Option<Condition>, bool)> {
    let mut all = Vec::new();
    if let Some((namespace, name)) = &rule.source.service {
        let (namespace, name) = (namespace.clone(), name.clone());
        let given = !namespace.is_empty();
        all.push((given.then_some(Condition::FromService { namespace, name }), true));
    }
    if let Some((namespace, name)) = &rule.destination.service {
        let (namespace, name) = (namespace.clone(), name.clone());
        let given = !namespace.is_empty();
        all.push((given.then_some(Condition::ToService { namespace, name }), true));
    }
    for (ports, wanted) in [(&rule.source.ports, true), (&rule.source.not_ports, false)] {
        if !ports.is_empty() {
            all.push((Some(Condition::SourcePort(traffic::listed(ports))), wanted));
        }
    }
    if let Some(http) = &rule.http {
        all.push((Some(Condition::Request(traffic::request(http))), true));
    }
    all
}

/// Every condition that some rule, or some of `hosts`, asks for, or some of `resources` hangs on.
pub(crate) fn all_conditions(
    resources: &[Resource],
    hosts: &[HostEndpoint],
) -> BTreeSet<Condition> {
    let of_rules = policies(resources)
        .flat_map(|(_, policy)| policy.ingress.iter().chain(&policy.egress))
        .flat_map(conditions)
        .filter_map(|(condition, _)| condition);
    let profiles = hosts.iter().flat_map(|it| it.profiles.iter()).filter(|it| ***it == *"custom");
    let profiles = profiles.map(|name| Condition::Profile(Arc::clone(name)));
    let provisos = resources.iter().filter_map(Resource::proviso);
    let provisos = provisos.map(|it| Condition::Object(Arc::clone(&it.unknown)));
    of_rules.chain(profiles).chain(forwarding(resources, hosts)).chain(provisos).collect()
}

/// The directions that a policy takes part in (section 1.4).
fn types(policy: &Policy) -> Vec<Direction> {
    match &policy.types {
        Some(given) => given.clone(),
        None if policy.egress.is_empty() => vec![Direction::Ingress],
        None if policy.ingress.is_empty() => vec![Direction::Egress],
        None => vec![Direction::Ingress, Direction::Egress],
    }
}

// ---- order ----

/// The tiers that there are: those that are built in always.
fn tiers(resources: &[Resource]) -> BTreeMap<Arc<str>, Tier> {
    let built_in = [
        ("kube-admin", 1e3, true),
        ("adminnetworkpolicy", 1e3, true),
        ("default", 1e6, false),
        ("kube-baseline", 1e7, true),
        ("baselineadminnetworkpolicy", 1e7, true),
    ];
    let mut all: BTreeMap<Arc<str>, Tier> = BTreeMap::new();
    for (name, order, pass) in built_in {
        let tier = Tier { name: name.into(), labels: Vec::new(), order: Some(order), pass };
        all.insert(name.into(), tier);
    }
    for resource in resources {
        if let Resource::Tier(tier) = resource {
            all.insert(tier.name.clone(), tier.clone());
        }
    }
    all
}

/// Which of two policies is asked first: by their tiers (section 2.1), and within one by section 2.2 or 2.4.
fn before(a: &Policy, b: &Policy, of_name: &BTreeMap<Arc<str>, Tier>, ties: Ties) -> Ordering {
    let of_tier = |policy: &Policy| {
        let order = of_name.get(&policy.tier).map(|tier| tier.order.unwrap_or(1e6));
        (order.is_none(), order.unwrap_or(0.0))
    };
    let ((a_missing, a_order), (b_missing, b_order)) = (of_tier(a), of_tier(b));
    let order = |policy: &Policy| policy.order.unwrap_or(f64::INFINITY);
    a_missing
        .cmp(&b_missing)
        .then(a_order.partial_cmp(&b_order).unwrap())
        .then_with(|| a.tier.cmp(&b.tier))
        .then_with(|| order(a).partial_cmp(&order(b)).unwrap())
        .then_with(|| tie(a, ties).cmp(&tie(b, ties)))
}

/// The text by which the tie between policies of one order is broken.
pub(crate) fn tie(policy: &Policy, ties: Ties) -> String {
    let namespace = policy.namespace.as_deref().unwrap_or("");
    let kind = match policy.kind {
        PolicyKind::Kubernetes => "KubernetesNetworkPolicy",
        PolicyKind::Admin(_) => "KubernetesClusterNetworkPolicy",
        PolicyKind::Calico | PolicyKind::Staged => policy.kind_name(),
    };
    let prefix = format!("{}.", policy.tier);
    let stored = match policy.kind {
        PolicyKind::Kubernetes => format!("knp.default.{}", policy.name),
        PolicyKind::Admin(AdminKind::Admin) => format!("kanp.adminnetworkpolicy.{}", policy.name),
        PolicyKind::Admin(AdminKind::Baseline) => {
            format!("kbanp.baselineadminnetworkpolicy.{}", policy.name)
        }
        PolicyKind::Admin(AdminKind::Cluster) => policy.name.to_string(),
        PolicyKind::Calico | PolicyKind::Staged if policy.name.starts_with(&prefix) => {
            policy.name.to_string()
        }
        PolicyKind::Calico | PolicyKind::Staged => format!("{prefix}{}", policy.name),
    };
    match ties {
        Ties::ByName => format!("{}/{namespace}/{kind}", policy.name),
        Ties::ByNamespace if policy.namespace.is_some() => format!("{namespace}/{stored}"),
        Ties::ByNamespace => stored,
    }
}

// ---- beside an imagined policy ----

/// Whether `cluster` lets `example` pass at its subject, in a scenario; `after_guardrails` is the order of the policy
/// imagined there, and whether that is the order of a tier.
pub(crate) fn passes(
    cluster: Cluster<'_>,
    example: &Example,
    scenario: Scenario,
    ties: Ties,
    after_guardrails: (f64, bool),
) -> bool {
    let host = host_of(cluster, &example.subject);
    passes_as(cluster, example, host, scenario, ties, after_guardrails)
}

/// The same where the subject, if it is a host endpoint, has the profiles of `host`.
pub(crate) fn passes_as(
    cluster: Cluster<'_>,
    example: &Example,
    host: Option<&HostEndpoint>,
    scenario: Scenario,
    ties: Ties,
    after_guardrails: (f64, bool),
) -> bool {
    let mut resources = cluster.resources.to_vec();
    if let End::Pod { .. } = example.subject {
        imagine(&mut resources, scenario, after_guardrails);
    }
    as_host(Cluster { resources: &resources, ..cluster }, ties, example, host).allowed
}

/// Adds the policy that is imagined in `scenario`.
fn imagine(resources: &mut Vec<Resource>, scenario: Scenario, (order, as_tier): (f64, bool)) {
    use eastwest::calico::Direction::{Egress, Ingress};
    let mut open = Policy {
        types: Some(vec![Ingress, Egress]),
        ingress: vec![Rule::new(Action::Allow)],
        egress: vec![Rule::new(Action::Allow)],
        ..Policy::new(None, "imagined".into())
    };
    match scenario {
        Scenario::Plain => return,
        // Just before others of that order.
        Scenario::OpenAfterAll => open.order = Some(1000_f64.next_down()),
        Scenario::OpenAfterGuardrails if as_tier => {
            let name: Arc<str> = "imagined".into();
            open.tier = Arc::clone(&name);
            let labels = Vec::new();
            resources.push(Resource::Tier(Tier { name, labels, order: Some(order), pass: true }));
        }
        Scenario::OpenAfterGuardrails => open.order = Some(order.next_down()),
    }
    resources.push(Resource::Policy(open));
}
