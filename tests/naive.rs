//! The plainest way to judge one connection: from a program by reading its lines, from policies by going through
//! them one after another. Slow, and nothing of it is shared with the reaches that it holds to the truth.
#![expect(clippy::wildcard_enum_match_arm, reason = "what is not said to match does not")]

use std::collections::BTreeMap;
use std::sync::Arc;

use eastwest::calico::{Action, Direction as Types, Entity, Policy, Port, Resource, Rule};
use eastwest::program::{
    Arrow, Deny, Endpoint, ExternalValue, Flow, Guardrail, Owner, Place, Program,
};
use eastwest::reach::of_policies::Ties;
use eastwest::reach::{Condition, Direction, End, Example, Labels, Scenario};
use eastwest::selector::Selector;
use eastwest::traffic::{Connection, Detail, Family, Match, Protocol};

// ---- the program ----

/// Whether `program` lets `example` pass at its subject.
pub(crate) fn program(program: &Program, example: &Example, scenario: Scenario) -> bool {
    let End::Pod { namespace, of_namespace, .. } = &example.subject else { return true };
    let declared = program.namespaces.iter().find(|(_, it)| it.name == *namespace);
    let exempt = program.exempt.iter().any(|it| it.name == *namespace);
    let application = of_namespace.get(&*program.settings.labels.application);
    let loaded =
        |name: &Arc<str>| program.applications.iter().any(|(_, it)| it.name == *name && it.loaded);
    let in_scope = match &program.settings.deny {
        _ if !program.platform => declared.is_some() && application.is_some_and(loaded),
        Deny::All => true,
        Deny::LandingZones => application.is_some(),
        Deny::Applications(names) => {
            application.is_some_and(|name| names.contains(name) || loaded(name))
        }
    };
    if exempt || !in_scope {
        return true;
    }
    if program.guardrails.iter().any(|guardrail| forbids(program, guardrail, example)) {
        return false;
    }
    match scenario {
        Scenario::OpenAfterGuardrails => return true,
        Scenario::OpenAfterAll if !program.platform => return true,
        Scenario::OpenAfterAll | Scenario::Plain => {}
    }
    program.flows.iter().any(|flow| {
        (flow.owner == Owner::Platform || declared.is_some()) && opens(program, flow, example)
    })
}

fn opens(of: &Program, flow: &Flow, example: &Example) -> bool {
    let subject = |side| is(of, side, &example.subject, example);
    let peer = |side| is(of, side, &example.peer, example);
    let (left, right) = (&flow.left, &flow.right);
    let out = example.direction == Direction::Egress;
    let ends = match flow.arrow {
        Arrow::Inside if out => subject(left) && peer(right),
        Arrow::Inside => subject(right) && peer(left),
        Arrow::Both => subject(left) && peer(right) || subject(right) && peer(left),
        Arrow::Leaving => out && subject(left) && peer(right),
        Arrow::Entering => !out && subject(left) && peer(right),
    };
    ends && passes(flow.matches.as_deref(), example)
}

fn forbids(of: &Program, guardrail: &Guardrail, example: &Example) -> bool {
    if !guardrail.has_rules() {
        return false;
    }
    let (from, to) = match example.direction {
        Direction::Egress => (&example.subject, &example.peer),
        Direction::Ingress => (&example.peer, &example.subject),
    };
    let external = |side: &Endpoint| matches!(side.place, Place::External(_));
    let application = |end: &End| match end {
        End::Pod { of_namespace, .. } => {
            of_namespace.get(&*of.settings.labels.application).cloned()
        }
        _ => None,
    };
    let crosses = external(&guardrail.left)
        || external(&guardrail.right)
        || application(from) != application(to);
    is(of, &guardrail.left, from, example)
        && is(of, &guardrail.right, to, example)
        && !guardrail.except.iter().any(|except| is(of, except, from, example))
        && (!guardrail.crossing || crosses)
        && passes(guardrail.matches.as_deref(), example)
}

/// Whether `example` is with `side`, whose end it has at `end`.
fn is(of: &Program, side: &Endpoint, end: &End, example: &Example) -> bool {
    let external = match &side.place {
        Place::External(id) => Some(&of.externals.get(*id).unwrap().value),
        Place::Zones { .. } => None,
    };
    match (external, end) {
        (Some(ExternalValue::Service { namespace, name }), _) => {
            std::ptr::eq(end, &raw const example.peer)
                && of_service(example, example.direction, namespace, name)
        }
        (Some(ExternalValue::Addresses(blocks)), End::Address(address)) => {
            blocks.iter().any(|block| block.contains(address))
        }
        (Some(ExternalValue::Namespace { name, selector }), End::Pod { namespace, .. }) => {
            name == namespace
                && selector.as_ref().is_none_or(|it| on_pod(it, end))
                && side.selector.as_ref().is_none_or(|it| on_pod(it, end))
        }
        (None, End::Pod { of_namespace, .. }) => {
            let Place::Zones { application, zones } = &side.place else { return false };
            let keys = &of.settings.labels;
            let has = of_namespace.get(&*keys.application);
            let zone = of_namespace.get(&*keys.zone);
            has.is_some_and(|name| {
                application.is_none_or(|id| of.applications.get(id).unwrap().name == *name)
            }) && zones.as_ref().is_none_or(|zones| {
                zones.iter().any(|id| Some(&of.zones.get(*id).unwrap().name) == zone)
            }) && side.selector.as_ref().is_none_or(|it| on_pod(it, end))
        }
        _ => false,
    }
}

fn on_pod(selector: &Selector, end: &End) -> bool {
    let labels = shown(end).unwrap();
    selector.matches(|key| labels.get(key).map(|value| &**value))
}

fn passes(matches: Option<&[Match]>, example: &Example) -> bool {
    let receiver = match example.direction {
        Direction::Ingress => &example.subject,
        Direction::Egress => &example.peer,
    };
    let named = matches!(receiver, End::Pod { .. } | End::Host { .. });
    matches.is_none_or(|list| list.iter().any(|item| matching(item, &example.traffic, named)))
}

fn matching(item: &Match, connection: &Connection, names: bool) -> bool {
    let over = |protocol: Protocol| {
        protocol.number() == connection.protocol
            && match protocol {
                Protocol::Icmp => connection.family == Family::V4,
                Protocol::IcmpV6 => connection.family == Family::V6,
                _ => true,
            }
    };
    match (item, &connection.detail) {
        (Match::Protocol(protocol), _) => over(*protocol),
        (Match::Ports(protocol, first, last), Detail::Port(number, _)) => {
            over(*protocol) && first <= number && number <= last
        }
        (Match::Named(protocol, name), Detail::Port(_, of_pod)) => {
            over(*protocol) && names && of_pod.contains(name)
        }
        (Match::IcmpType(protocol, kind, code), Detail::Icmp(a, b)) => {
            over(*protocol) && kind == a && code.is_none_or(|code| code == *b)
        }
        _ => false,
    }
}

// ---- policies ----

type Shown = BTreeMap<String, String>;

/// The labels of an end as Calico shows them; `None` where it has none.
fn shown(end: &End) -> Option<Shown> {
    let own = |labels: &Labels| -> Shown {
        labels.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect()
    };
    match end {
        End::Pod { namespace, of_namespace, labels, .. }
        | End::Held { namespace, of_namespace, labels } => {
            let mut all = own(labels);
            for (key, value) in of_namespace {
                all.insert(format!("pcns.{key}"), value.to_string());
            }
            for key in [
                "projectcalico.org/namespace",
                "pcns.projectcalico.org/name",
                "pcns.kubernetes.io/metadata.name",
            ] {
                all.insert(key.to_owned(), namespace.to_string());
            }
            if matches!(end, End::Pod { .. }) {
                all.insert("projectcalico.org/orchestrator".to_owned(), "k8s".to_owned());
            }
            Some(all)
        }
        End::Host { labels, .. } => Some(own(labels)),
        End::Address(_) => None,
    }
}

const NAMESPACE: &str = "projectcalico.org/namespace";

/// A selector of namespaces, asked about an endpoint.
fn on_namespace(selector: &Selector, labels: &Shown) -> bool {
    match selector {
        Selector::All => labels.contains_key(NAMESPACE),
        Selector::Global => !labels.contains_key(NAMESPACE),
        Selector::Not(inner) => !on_namespace(inner, labels),
        Selector::And(parts) => parts.iter().all(|part| on_namespace(part, labels)),
        Selector::Or(parts) => parts.iter().any(|part| on_namespace(part, labels)),
        test => test.matches(|key| labels.get(&format!("pcns.{key}")).map(|value| &**value)),
    }
}

fn holds(selector: &Selector, labels: &Shown) -> bool {
    selector.matches(|key| labels.get(key).map(|value| &**value))
}

/// Whether `resources` let `example` pass at its subject.
pub(crate) fn policies(
    resources: &[Resource],
    example: &Example,
    scenario: Scenario,
    release: Ties,
    after_guardrails: (f64, bool),
) -> bool {
    let pod = matches!(example.subject, End::Pod { .. });
    let labels = shown(&example.subject).unwrap();
    let types = match example.direction {
        Direction::Ingress => Types::Ingress,
        Direction::Egress => Types::Egress,
    };
    let open = Policy {
        order: Some(1000.0),
        types: Some(vec![types]),
        ingress: vec![Rule::new(Action::Allow)],
        egress: vec![Rule::new(Action::Allow)],
        ..Policy::new(None, "".into())
    };
    let mut all: Vec<Policy> = Vec::new();
    let mut tiers: BTreeMap<Arc<str>, (f64, bool)> = BTreeMap::new();
    tiers.insert("default".into(), (1_000_000.0, false));
    match scenario {
        Scenario::OpenAfterAll if pod => all.push(open),
        Scenario::OpenAfterGuardrails if pod => {
            let (order, as_tier) = after_guardrails;
            let tier = if as_tier { "imagined" } else { "default" };
            if as_tier {
                tiers.insert(tier.into(), (order, true));
            }
            all.push(Policy { order: Some(order), tier: tier.into(), ..open });
        }
        Scenario::Plain | Scenario::OpenAfterAll | Scenario::OpenAfterGuardrails => {}
    }
    for resource in resources {
        match resource {
            Resource::Policy(policy) => all.push(policy.clone()),
            Resource::Tier(tier) => {
                let order = tier.order.unwrap_or(1_000_000.0);
                tiers.insert(tier.name.clone(), (order, tier.pass));
            }
            Resource::Set(_) => {}
        }
    }
    all.retain(|policy| {
        let directions = policy.types.clone().unwrap_or_else(|| {
            match (policy.ingress.is_empty(), policy.egress.is_empty()) {
                (_, true) => vec![Types::Ingress],
                (true, false) => vec![Types::Egress],
                (false, false) => vec![Types::Ingress, Types::Egress],
            }
        });
        let here = match (&policy.namespace, &policy.namespace_selector) {
            (Some(namespace), _) => labels.get(NAMESPACE).map(|it| &**it) == Some(&**namespace),
            (None, Some(selector)) => on_namespace(selector, &labels),
            (None, None) => true,
        };
        let selected = policy.selector.as_ref().is_none_or(|it| holds(it, &labels));
        directions.contains(&types) && here && selected
    });
    all.sort_by(|a, b| {
        let order = |it: &Policy| it.order.unwrap_or(f64::INFINITY);
        order(a).total_cmp(&order(b)).then_with(|| tie(a, release).cmp(&tie(b, release)))
    });
    let mut names: Vec<_> = tiers.iter().collect();
    names.sort_by(|a, b| a.1.0.total_cmp(&b.1.0).then(a.0.cmp(b.0)));
    let mut sorted: Vec<(Arc<str>, bool)> =
        names.into_iter().map(|(name, (_, pass))| (name.clone(), *pass)).collect();
    for policy in &all {
        if !sorted.iter().any(|(name, _)| *name == policy.tier) {
            sorted.push((policy.tier.clone(), false));
        }
    }
    'tiers: for (tier, pass) in sorted {
        let mut any = false;
        for policy in all.iter().filter(|policy| policy.tier == tier) {
            any = true;
            let rules = match types {
                Types::Ingress => &policy.ingress,
                Types::Egress => &policy.egress,
            };
            for rule in rules {
                if rule_matches(resources, policy, rule, example) {
                    match rule.action {
                        Action::Allow => return true,
                        Action::Deny => return false,
                        Action::Pass => continue 'tiers,
                        Action::Log => {}
                    }
                }
            }
        }
        if any && !pass {
            return false;
        }
    }
    true
}

fn tie(policy: &Policy, ties: Ties) -> String {
    let namespace = policy.namespace.as_deref().unwrap_or("");
    let kind = if policy.namespace.is_some() { "NetworkPolicy" } else { "GlobalNetworkPolicy" };
    let prefix = format!("{}.", policy.tier);
    let stored = if policy.name.starts_with(&prefix) {
        policy.name.to_string()
    } else {
        format!("{prefix}{}", policy.name)
    };
    match ties {
        // The imagined one comes first among equals.
        _ if policy.name.is_empty() => String::new(),
        Ties::ByName => format!("{}/{namespace}/{kind}", policy.name),
        Ties::ByNamespace if policy.namespace.is_some() => format!("{namespace}/{stored}"),
        Ties::ByNamespace => stored,
    }
}

fn rule_matches(resources: &[Resource], policy: &Policy, rule: &Rule, example: &Example) -> bool {
    let (source, destination) = match example.direction {
        Direction::Egress => (&example.subject, &example.peer),
        Direction::Ingress => (&example.peer, &example.subject),
    };
    let service = |end: &Entity, direction| {
        end.service
            .as_ref()
            .is_none_or(|(namespace, name)| of_service(example, direction, namespace, name))
    };
    service(&rule.source, Direction::Ingress)
        && service(&rule.destination, Direction::Egress)
        && entity(resources, policy, &rule.source, source)
        && entity(resources, policy, &rule.destination, destination)
        && on_wire(
            rule,
            &example.traffic,
            matches!(destination, End::Pod { .. } | End::Host { .. }),
        )
}

fn on_wire(rule: &Rule, connection: &Connection, has_names: bool) -> bool {
    let protocol =
        rule.protocol.is_none_or(|it| matching(&Match::Protocol(it), connection, has_names));
    let icmp = rule.icmp.is_none_or(|(kind, code)| {
        matching(&Match::IcmpType(rule.protocol.unwrap(), kind, code), connection, has_names)
    });
    let ports = &rule.destination.ports;
    let port = |port: &Port| match (port, &connection.detail) {
        (Port::Range(first, last), Detail::Port(number, _)) => first <= number && number <= last,
        (Port::Named(name), Detail::Port(_, names)) => has_names && names.contains(name),
        _ => false,
    };
    protocol && icmp && (ports.is_empty() || ports.iter().any(port))
}

/// Whether the sender (ingress) or the receiver of `example` is an endpoint of a service.
fn of_service(
    example: &Example,
    direction: Direction,
    namespace: &Arc<str>,
    name: &Arc<str>,
) -> bool {
    let (namespace, name) = (namespace.clone(), name.clone());
    example.conditions.contains(&match direction {
        Direction::Egress => Condition::ToService { namespace, name },
        Direction::Ingress => Condition::FromService { namespace, name },
    })
}

fn entity(resources: &[Resource], policy: &Policy, entity: &Entity, end: &End) -> bool {
    // Whatever Calico knows the address by.
    let known: Vec<Shown> = match end {
        End::Address(address) => resources
            .iter()
            .filter_map(|resource| match resource {
                Resource::Set(set) if set.nets.iter().any(|net| net.contains(address)) => {
                    Some(set.labels.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect())
                }
                _ => None,
            })
            .collect(),
        _ => shown(end).into_iter().collect(),
    };
    let namespaces = |labels: &Shown| match (&entity.namespace_selector, &policy.namespace) {
        (Some(selector), _) => on_namespace(selector, labels),
        (None, Some(own)) => labels.get(NAMESPACE).map(|it| &**it) == Some(&**own),
        (None, None) => true,
    };
    let global = policy.namespace.is_none();
    let selected = match (&entity.selector, &entity.not_selector, &entity.namespace_selector) {
        (None, None, None) => true,
        (None, Some(not), None) if global => !known.iter().any(|labels| holds(not, labels)),
        (selector, not, _) => known.iter().any(|labels| {
            namespaces(labels)
                && selector.as_ref().is_none_or(|it| holds(it, labels))
                && not.as_ref().is_none_or(|it| !holds(it, labels))
        }),
    };
    let nets = match end {
        End::Address(address) => {
            entity.nets.is_empty() || entity.nets.iter().any(|net| net.contains(address))
        }
        _ => entity.nets.is_empty(),
    };
    selected && nets
}
