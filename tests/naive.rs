//! The plainest way to judge one connection from a program: by reading its lines. Slow, and nothing of it is shared with
//! the reaches that it holds to the truth. What policies make of a connection is `calico_naive`'s.
#![expect(clippy::wildcard_enum_match_arm, reason = "what is not said to match does not")]

use std::sync::Arc;

use eastwest::program::{
    Arrow, Deny, Endpoint, ExternalValue, Flow, Guardrail, Namespace, Owner, Place, Program,
};
use eastwest::reach::{Condition, Direction, End, Example, LabelMap, Scenario};
use eastwest::selector::Selector;
use eastwest::traffic::{Connection, Detail, Family, Match, Protocol};

use super::calico_naive;

/// Whether `program` lets `example` pass at its subject.
pub(crate) fn program(program: &Program, example: &Example, scenario: Scenario) -> bool {
    let End::Pod { namespace, of_namespace, .. } = &example.subject else { return true };
    let declared = declared(program, namespace, of_namespace);
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

/// The declared namespace of this name, if it bears the labels that its manifest says: with others it is as good as one
/// that nobody has declared.
pub(crate) fn declared<'a>(
    program: &'a Program,
    namespace: &Arc<str>,
    labels: &LabelMap,
) -> Option<&'a Namespace> {
    let mut all = program.namespaces.iter().map(|(_, it)| it);
    // The API server sets that one, so not everybody writes it.
    let written = |key: &str| key != eastwest::selector::keys::METADATA_NAME;
    let its = |it: &Namespace| {
        let its = it.labels.iter().filter(|(key, _)| written(key));
        its.map(|(key, value)| (key, value)).eq(labels.iter().filter(|(key, _)| written(key)))
    };
    all.find(|it| it.name == *namespace && its(it))
}

pub(crate) fn opens(of: &Program, flow: &Flow, example: &Example) -> bool {
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

pub(crate) fn forbids(of: &Program, guardrail: &Guardrail, example: &Example) -> bool {
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
pub(crate) fn is(of: &Program, side: &Endpoint, end: &End, example: &Example) -> bool {
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

pub(crate) fn on_pod(selector: &Selector, end: &End) -> bool {
    let labels = calico_naive::shown(end).unwrap();
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
