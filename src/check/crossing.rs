//! Which arrows cross a boundary and which stay inside (language reference, section 5 "What each line means"); what a crossing
//! must have, its traffic and its reason; and the lines that one takes, printed for help texts: this owner's half, and the
//! other owner's (section 1 "It takes two to cross").

use super::mirror::{swapped, with_arrow};
use super::names::Names;
use super::owner::{self, LineOwner};
use super::place::opens_nothing;
use crate::diagnostic::codes::boundary::{
    LEAVES, NO_REASON, NO_TRAFFIC, NOTHING_TO_OPEN, SAME_SIDES, STAYS,
};
use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::program::{Application, Endpoint, ExternalValue, Id, Place};
use crate::source::{Span, Spanned};
use crate::syntax::tree::{self, Arrow, Flow};

/// Says so where the arrow of `written` is not that of its sides, or misses what a crossing must have.
pub(super) fn check_arrow(
    names: &Names<'_>,
    written: &tree::Flow,
    left: &Endpoint,
    right: &Endpoint,
    out: &mut Vec<Diagnostic>,
) {
    let one = application(left).is_some() && application(left) == application(right);
    match written.arrow.value {
        Arrow::Inside | Arrow::Both if !one => out.push(leaves(names, written, left, right)),
        Arrow::Both if left == right => out.push(same_sides(written)),
        Arrow::Inside | Arrow::Both => {}
        Arrow::Leaving | Arrow::Entering if one => out.push(stays(names, written, left)),
        Arrow::Leaving | Arrow::Entering => {
            if let Some(diagnostic) = nothing_to_open(names, written, left, right) {
                out.push(diagnostic);
            } else {
                out.extend(missing(names, written, right));
            }
        }
    }
}

fn leaves(
    names: &Names<'_>,
    written: &tree::Flow,
    left: &Endpoint,
    right: &Endpoint,
) -> Diagnostic {
    let arrow = written.arrow.value.text();
    let name = |id| names.applications.get(id).map_or("", |it| &it.name);
    let what = |end: &Endpoint| match (&end.place, application(end)) {
        (Place::External(_), _) => "an external",
        (Place::Zones { .. }, None) => "every landing zone",
        (Place::Zones { .. }, Some(id)) => name(id),
    };
    let message = match application(left) {
        Some(id) => {
            format!("this flow leaves {}, and `{arrow}` stays inside a landing zone", name(id))
        }
        None => format!("`{arrow}` stays inside one landing zone"),
    };
    let diagnostic = Diagnostic::new(&LEAVES, message)
        .label(written.arrow.span, "crosses a boundary")
        .label(written.left.span, what(left))
        .label(written.right.span, what(right));
    help(diagnostic, names, written, left, right)
}

fn same_sides(written: &tree::Flow) -> Diagnostic {
    let once = with_arrow(written, Arrow::Inside);
    Diagnostic::new(&SAME_SIDES, "both sides are the same, so `<->` says it twice")
        .label(written.arrow.span, "write `->`")
        .help(format!("write\n{once}"))
        .fix("write `->`", written.arrow.span, "->")
}

fn stays(names: &Names<'_>, written: &tree::Flow, left: &Endpoint) -> Diagnostic {
    let arrow = written.arrow.value;
    let name =
        application(left).and_then(|id| names.applications.get(id)).map_or("", |it| &it.name);
    let inside = match arrow {
        Arrow::Inside | Arrow::Both | Arrow::Leaving => with_arrow(written, Arrow::Inside),
        Arrow::Entering => swapped(written, Arrow::Inside),
    };
    let inside = tree::Flow { arrow: Spanned::new(Arrow::Inside, written.arrow.span), ..inside };
    let mut edits = vec![Edit { span: written.arrow.span, text: "->".to_owned() }];
    if arrow == Arrow::Entering {
        edits.insert(0, Edit { span: written.left.span, text: written.right.to_string() });
        edits.push(Edit { span: written.right.span, text: written.left.to_string() });
    }
    let mut diagnostic = Diagnostic::new(
        &STAYS,
        format!("this flow stays inside {name}, and `{}` is for crossings", arrow.text()),
    )
    .label(written.arrow.span, "crosses no boundary")
    .help(format!("write\n{inside}"));
    diagnostic.fix = Some(Fix { title: "write `->`".to_owned(), edits });
    diagnostic
}

fn nothing_to_open(
    names: &Names<'_>,
    written: &tree::Flow,
    left: &Endpoint,
    right: &Endpoint,
) -> Option<Diagnostic> {
    let (what, name, declared) = opens_nothing(names, left)?;
    let diagnostic = Diagnostic::new(
        &NOTHING_TO_OPEN,
        format!("a line opens its left side, and `{name}` is {what}: there is nothing to open"),
    )
    .label(written.left.span, "never closed")
    .label(declared, if what == "an exempt namespace" { "exempt here" } else { "declared here" });
    if opens_nothing(names, right).is_some() {
        return Some(diagnostic.help("nothing to open on the right either: delete the line"));
    }
    let other = swapped(written, written.arrow.value);
    let leaving = written.arrow.value == Arrow::Entering;
    let to_service = leaving && is_service(names, left);
    let other = completed(&other, to_service, &example(written.span));
    Some(diagnostic.help(format!("write the half of the other side\n{other}")))
}

/// The single application of a place.
fn application(endpoint: &Endpoint) -> Option<Id<Application>> {
    match endpoint.place {
        Place::Zones { application, .. } => application,
        Place::External(_) => None,
    }
}

/// What a crossing must have and `written` has not: one error, since one new line mends it.
fn missing(names: &Names<'_>, written: &tree::Flow, right: &Endpoint) -> Option<Diagnostic> {
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
fn completed(flow: &Flow, to_service: bool, traffic: &tree::Traffic) -> Flow {
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
fn help(
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
fn is_service(names: &Names<'_>, endpoint: &Endpoint) -> bool {
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
fn example(span: Span) -> tree::Traffic {
    tree::Traffic::Matches(vec![Spanned::new(
        tree::Match::Protocol {
            protocol: Spanned::new("tcp".into(), span),
            detail: Some(Spanned::new(tree::TrafficDetail::Number(443), span)),
        },
        span,
    )])
}
