//! Guardrails: both sides, and the places that `except` excuses (language reference, section 5
//! "Guardrails").

use super::names::Names;
use super::place::{PlaceLine, Sides};
use super::{icmp, traffic};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::boundary::STAYS;
use crate::diagnostic::codes::platform::EXCEPT_OUTSIDE_LEFT;
use crate::program::{Endpoint, ExternalValue, Guardrail, Place};
use crate::source::Spanned;
use crate::syntax::tree;

/// The guardrail `written`; `None` if it cannot be understood, or breaks a rule.
pub(super) fn check(
    names: &Names<'_>,
    written: &tree::Forbid,
    out: &mut Vec<Diagnostic>,
) -> Option<Guardrail> {
    let mut sides = Sides::new(names, PlaceLine::Forbid(written), None);
    let left = sides.endpoint(&written.left, out);
    let right = sides.endpoint(&written.right, out);
    let read = traffic::read(names, written.traffic.as_ref(), out);
    let except: Vec<Option<Endpoint>> =
        written.except.iter().map(|it| sides.endpoint(it, out)).collect();
    let (left, right, read) = (left?, right?, read?);
    let before = out.len();
    let bare = || tree::Forbid { traffic: None, ..written.clone() }.to_string();
    let ends = (&left, &right);
    traffic::check_ends(names, written.traffic.as_ref(), &read, ends, bare, out);
    if written.crossing.value {
        check_crossing(names, written, ends, out);
    }
    let mut excused = Vec::with_capacity(except.len());
    for (endpoint, written_except) in except.into_iter().zip(&written.except) {
        let endpoint = endpoint?;
        if !within(names, &endpoint, &left) {
            out.push(
                Diagnostic::new(
                    &EXCEPT_OUTSIDE_LEFT,
                    "`except` excuses places of the left side, and this one is not within it",
                )
                .label(written_except.span, "not within the left side")
                .label(written.left.span, "the left side")
                .help("delete it, or name a part of the left side: whatever lies outside is not forbidden by this line"),
            );
        }
        excused.push(endpoint);
    }
    if out.len() > before {
        return None;
    }
    icmp::check_codes(names, &read, out);
    let text = |it: &Option<Spanned<Box<str>>>| it.as_ref().map(|it| it.value.clone());
    Some(Guardrail {
        left,
        right,
        crossing: written.crossing.value,
        matches: read.matches,
        traffic: read.traffic,
        except: excused,
        line: tree::Forbid { clauses: tree::Clauses::default(), ..written.clone() }
            .to_string()
            .into(),
        because: text(&written.clauses.because),
        ticket: text(&written.clauses.ticket),
        span: written.span,
    })
}

/// `==>` between zones of one application covers no connection at all.
fn check_crossing(
    names: &Names<'_>,
    written: &tree::Forbid,
    (left, right): (&Endpoint, &Endpoint),
    out: &mut Vec<Diagnostic>,
) {
    let (
        Place::Zones { application: Some(application), .. },
        Place::Zones { application: Some(other), .. },
    ) = (&left.place, &right.place)
    else {
        return;
    };
    if application != other {
        return;
    }
    let name = names.applications.get(*application).map_or("", |it| &it.name);
    let crossing = Spanned::new(false, written.crossing.span);
    let inside = tree::Forbid { crossing, ..written.clone() }.to_string();
    out.push(
        Diagnostic::new(
            &STAYS,
            format!("this guardrail stays inside {name}, and `==>` covers crossings only"),
        )
        .label(written.crossing.span, "crosses no boundary")
        .help(format!("write\n{inside}"))
        .fix("write `to`", written.crossing.span, "to"),
    );
}

/// Whether the place of `inner` is part of the place of `outer`, and some pod could satisfy both selectors.
fn within(names: &Names<'_>, inner: &Endpoint, outer: &Endpoint) -> bool {
    let pods = match (&inner.selector, &outer.selector) {
        (Some(inner), Some(outer)) => names.decisions.overlap(inner, outer),
        (_, None) | (None, _) => true,
    };
    pods && place_within(names, inner, outer)
}

fn place_within(names: &Names<'_>, inner: &Endpoint, outer: &Endpoint) -> bool {
    match (&inner.place, &outer.place) {
        (Place::Zones { application: a, zones: x }, Place::Zones { application: b, zones: y }) => {
            let application = b.is_none() || a == b;
            let zones = match (x, y) {
                (_, None) => true,
                (None, Some(_)) => false,
                (Some(x), Some(y)) => x.iter().all(|zone| y.binary_search(zone).is_ok()),
            };
            application && zones
        }
        (Place::External(a), Place::External(b)) => {
            let value = |id| names.externals.table.get(id).map(|it| &it.value);
            match (value(*a), value(*b)) {
                (Some(ExternalValue::Addresses(inner)), Some(ExternalValue::Addresses(outer))) => {
                    // Both lists are minimal, so a block within several others is within one of them, or they
                    // are the two halves of a whole family.
                    inner.iter().all(|net| crate::traffic::addresses::covers(outer, *net))
                }
                (
                    Some(ExternalValue::Namespace { name: inner, .. }),
                    Some(ExternalValue::Namespace { name: outer, .. }),
                ) => inner == outer,
                (one, other) => one == other,
            }
        }
        (Place::Zones { .. }, Place::External(_)) | (Place::External(_), Place::Zones { .. }) => {
            false
        }
    }
}
