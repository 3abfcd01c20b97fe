//! Statements that nobody has written yet, as trees: their canonical text is what is written.

use std::sync::Arc;

use super::tree;
use crate::source::{Sources, Span, Spanned};
use crate::traffic::{Match, Protocol};

/// The place of what stands nowhere yet.
pub(crate) fn nowhere() -> Span {
    Span::new(Sources::new().add("", ""), 0, 0)
}

/// `value`, which stands nowhere yet.
pub(crate) fn at<T>(value: T) -> Spanned<T> {
    Spanned::new(value, nowhere())
}

/// A name.
pub(crate) fn name(text: &str) -> tree::Name {
    at(text.into())
}

/// A place by the labels of its namespaces; `None` is `*`.
pub(crate) fn zones<'a>(
    application: Option<&str>,
    zones: Option<impl Iterator<Item = &'a Arc<str>>>,
) -> tree::Place {
    tree::Place::Zones {
        application: at(match application {
            Some(name) => tree::Application::Named(name.into()),
            None => tree::Application::Any,
        }),
        zones: at(match zones {
            Some(names) => tree::ZoneList::Named(names.map(|it| name(it)).collect()),
            None => tree::ZoneList::Any,
        }),
    }
}

/// Traffic as a line has it; `None` for any.
pub(crate) fn traffic(matches: Option<&[Match]>) -> tree::Traffic {
    match matches {
        None => tree::Traffic::Any,
        Some(list) => tree::Traffic::Matches(list.iter().map(|it| at(entry(it))).collect()),
    }
}

fn entry(item: &Match) -> tree::Match {
    let (Match::Protocol(protocol)
    | Match::Ports(protocol, ..)
    | Match::Named(protocol, _)
    | Match::IcmpType(protocol, ..)) = item;
    let detail = match item {
        Match::Protocol(_) => None,
        Match::Ports(_, first, last) if first == last => {
            Some(tree::TrafficDetail::Number(u64::from(*first)))
        }
        Match::Ports(_, first, last) => {
            Some(tree::TrafficDetail::Range(u64::from(*first), u64::from(*last)))
        }
        Match::Named(_, name) => Some(tree::TrafficDetail::Name((&**name).into())),
        Match::IcmpType(_, kind, None) => Some(tree::TrafficDetail::Number(u64::from(*kind))),
        Match::IcmpType(_, kind, Some(code)) => {
            Some(tree::TrafficDetail::TypeAndCode(u64::from(*kind), u64::from(*code)))
        }
    };
    if let Protocol::Number(number) = protocol {
        return tree::Match::Number(at(u64::from(*number)));
    }
    tree::Match::Protocol { protocol: name(&protocol.to_string()), detail: detail.map(at) }
}
