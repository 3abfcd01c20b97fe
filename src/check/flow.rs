//! Flow lines: their sides, traffic, clauses and owner put together (language reference, section 5).

use super::names::Names;
use super::place::{PlaceLine, Sides, opens_nothing};
use super::{FileOwner, crossing, icmp, owner, traffic};
use crate::diagnostic::Diagnostic;
use crate::program::{Flow, FlowSpans};
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
    crossing::check_arrow(names, written, &left, &right, out);
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
    icmp::check_codes(names, &read, out);
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
