//! Crossings: what each must have, its traffic and its reason, and the lines that one takes, printed for help texts: this
//! owner's half, and the other owner's (language reference, section 1 "It takes two to cross").

use super::mirror::{swapped, with_arrow};
use super::names::Names;
use super::owner::{self, LineOwner};
use super::place::opens_nothing;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::boundary::{NO_REASON, NO_TRAFFIC};
use crate::program::{Endpoint, ExternalValue, Place};
use crate::source::{Span, Spanned};
use crate::syntax::tree::{self, Arrow, Flow};

/// What a crossing must have and `written` has not: one error, since one new line mends it.
pub(super) fn missing(
    names: &Names<'_>,
    written: &tree::Flow,
    right: &Endpoint,
) -> Option<Diagnostic> {
    let to_service = written.arrow.value == Arrow::Leaving && is_service(names, right);
    let traffic = written.traffic.is_some() || to_service;
    let reason = written.clauses.because.is_some();
    let (code, message) = match (traffic, reason) {
        (true, true) => return None,
        (true, false) => (&NO_REASON, "this crossing does not say why"),
        (false, true) => (&NO_TRAFFIC, "this crossing does not say what may pass"),
        (false, false) => (&NO_TRAFFIC, "this crossing says neither what may pass nor why"),
    };
    let full = completed(written, to_service, &example(written.span));
    let diagnostic = Diagnostic::new(code, message)
        .label(written.span, "")
        .help(format!("write, for example\n{full}"));
    Some(if traffic {
        diagnostic
    } else {
        diagnostic.help("if everything may pass, say so: `: any`")
    })
}

/// `flow` with what a crossing must have: `traffic` if there is none (none at all towards a service), and a
/// reason to fill in.
pub(super) fn completed(flow: &Flow, to_service: bool, traffic: &tree::Traffic) -> Flow {
    let mut flow = flow.clone();
    let span = flow.span;
    if to_service {
        flow.traffic = None;
    } else {
        flow.traffic.get_or_insert_with(|| Spanned::new(traffic.clone(), span));
    }
    flow.clauses.because.get_or_insert_with(|| Spanned::new("…".into(), span));
    flow
}

/// Adds to `diagnostic` the lines that let the connections of `flow`, which is written with `->` or `<->`,
/// cross the boundary: those of the owner of its left side, and those of the other owner.
pub(super) fn help(
    diagnostic: Diagnostic,
    names: &Names<'_>,
    flow: &Flow,
    left: &Endpoint,
    right: &Endpoint,
) -> Diagnostic {
    let both = flow.arrow.value == Arrow::Both;
    let half = |flow: &Flow, arrow, receiver| {
        let written = with_arrow(flow, arrow);
        completed(&written, is_service(names, receiver), &tree::Traffic::Any).to_string()
    };
    let (mut own, mut other) = (Vec::new(), Vec::new());
    let reverse = swapped(flow, flow.arrow.value);
    if opens_nothing(names, left).is_none() {
        own.push(half(flow, Arrow::Leaving, right));
        if both {
            own.push(half(flow, Arrow::Entering, left));
        }
    }
    if opens_nothing(names, right).is_none() {
        other.push(half(&reverse, Arrow::Entering, right));
        if both {
            other.push(half(&reverse, Arrow::Leaving, left));
        }
    }
    let same_owner = owner::of(&flow.left, &flow.right) == owner::of(&flow.right, &flow.left);
    if same_owner {
        own.append(&mut other);
    }
    let diagnostic = if own.is_empty() {
        diagnostic
    } else {
        diagnostic.help(format!("if it is meant, write\n{}", own.join("\n")))
    };
    match (other.is_empty(), owner::of(&flow.right, &flow.left)) {
        (true, _) | (_, None) => diagnostic,
        (false, Some(owner)) => {
            let whom = match owner {
                LineOwner::Platform => "the platform".to_owned(),
                LineOwner::Application(name) => format!("the owners of {name}"),
            };
            let ask = if own.is_empty() { "if it is meant, ask" } else { "and ask" };
            diagnostic.help(format!("{ask} {whom} for\n{}", other.join("\n")))
        }
    }
}

/// Whether `endpoint` is a Kubernetes Service.
pub(super) fn is_service(names: &Names<'_>, endpoint: &Endpoint) -> bool {
    match endpoint.place {
        Place::Zones { .. } => false,
        Place::External(id) => names
            .externals
            .table
            .get(id)
            .is_some_and(|it| matches!(it.value, ExternalValue::Service { .. })),
    }
}

/// The traffic of an example.
pub(super) fn example(span: Span) -> tree::Traffic {
    tree::Traffic::Matches(vec![Spanned::new(
        tree::Match::Protocol {
            protocol: Spanned::new("tcp".into(), span),
            detail: Some(Spanned::new(tree::TrafficDetail::Number(443), span)),
        },
        span,
    )])
}
