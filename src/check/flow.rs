//! Flow lines: what each arrow asks of its two sides (language reference, section 5 "What each line means").

use super::mirror;
use super::names::Names;
use super::place::{PlaceLine, Sides, opens_nothing};
use super::{FileOwner, crossing, owner, traffic};
use crate::diagnostic::codes::boundary::{LEAVES, NOTHING_TO_OPEN, SAME_SIDES, STAYS};
use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::program::{Application, Endpoint, Flow, FlowSpans, Id, Place};
use crate::source::Spanned;
use crate::syntax::tree::{self, Arrow};

/// The flow `written`, in a file of `file`; `None` if it cannot be understood, or breaks a rule of its arrow.
/// `unknown_owner` is the owner of the file if no manifest declares it.
pub(super) fn check(
    names: &Names<'_>,
    file: &FileOwner,
    unknown_owner: Option<&str>,
    written: &tree::Flow,
    out: &mut Vec<Diagnostic>,
) -> Option<Flow> {
    let mut sides = Sides::new(names, PlaceLine::Flow(written), unknown_owner);
    let left = sides.endpoint(&written.left, out);
    let right = sides.endpoint(&written.right, out);
    let read = traffic::read(names, written.traffic.as_ref(), out);
    let (left, right) = (left?, right?);
    // A side that nothing opens has no owner who could be asked: that there is nothing to open says it all.
    if opens_nothing(names, &left).is_none() {
        owner::check_flow(file, written, out);
    }
    let before = out.len();
    check_arrow(names, written, &left, &right, out);
    if out.len() > before {
        return None;
    }
    let read = read?;
    let ends = match written.arrow.value {
        Arrow::Inside | Arrow::Both | Arrow::Leaving => (&left, &right),
        Arrow::Entering => (&right, &left),
    };
    let bare = || tree::Flow { traffic: None, ..written.clone() }.to_string();
    if !traffic::check_ends(names, written.traffic.as_ref(), &read, ends, bare, out) {
        return None;
    }
    let clauses = &written.clauses;
    let text = |it: &Option<Spanned<Box<str>>>| it.as_ref().map(|it| it.value.clone());
    Some(Flow {
        owner: owner::resolved(names, written),
        left,
        arrow: written.arrow.value,
        right,
        matches: read.matches,
        traffic: read.traffic,
        line: written.without_clauses().to_string().into(),
        because: text(&clauses.because),
        until: clauses.until.map(|it| it.value),
        ticket: text(&clauses.ticket),
        spans: FlowSpans {
            whole: written.span,
            left: written.left.span,
            arrow: written.arrow.span,
            right: written.right.span,
            traffic: written.traffic.as_ref().map(|it| it.span),
            until: clauses.until.map(|it| it.span),
        },
    })
}

/// The single application of a place.
fn application(endpoint: &Endpoint) -> Option<Id<Application>> {
    match endpoint.place {
        Place::Zones { application, .. } => application,
        Place::External(_) => None,
    }
}

fn check_arrow(
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
                out.extend(crossing::missing(names, written, right));
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
    crossing::help(diagnostic, names, written, left, right)
}

fn same_sides(written: &tree::Flow) -> Diagnostic {
    let once = mirror::with_arrow(written, Arrow::Inside);
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
        Arrow::Inside | Arrow::Both | Arrow::Leaving => mirror::with_arrow(written, Arrow::Inside),
        Arrow::Entering => mirror::swapped(written, Arrow::Inside),
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
    let other = mirror::swapped(written, written.arrow.value);
    let leaving = written.arrow.value == Arrow::Entering;
    let to_service = leaving && crossing::is_service(names, left);
    let other = crossing::completed(&other, to_service, &crossing::example(written.span));
    Some(diagnostic.help(format!("write the half of the other side\n{other}")))
}
