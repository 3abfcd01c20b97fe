//! Words of lints: declared places, the line that somebody else is to write, and who that is.

use super::classes::Class;
use crate::program::{Arrow, Endpoint, ExternalValue, Flow, Place, Program};

/// The other half of the crossing `flow`, as its owner would write it.
pub(super) fn other_half(program: &Program, flow: &Flow) -> String {
    let arrow = match flow.arrow {
        Arrow::Leaving => Arrow::Entering,
        Arrow::Entering => Arrow::Leaving,
        Arrow::Inside | Arrow::Both => flow.arrow,
    };
    let (left, right) = (flow.right.text(program), flow.left.text(program));
    format!("{left} {} {right} : {} because \"…\"", arrow.text(), flow.traffic_text())
}

/// A declared place: `application2.backend`, or `application2.*` for its namespaces without a zone; `None`
/// for an external.
pub(super) fn class(program: &Program, class: Class) -> Option<String> {
    let Class::Zone(application, zone) = class else { return None };
    let zones = zone.map(|zone| vec![zone]);
    Some(Place::Zones { application: Some(application), zones }.text(program))
}

/// A declared place that `end` of a line is made of.
pub(super) fn part(program: &Program, end: &Endpoint, of: Class) -> String {
    class(program, of).unwrap_or_else(|| match end.place.external(program) {
        Some(ExternalValue::Namespace { name, .. }) => format!("namespace {name}"),
        Some(ExternalValue::Addresses(_) | ExternalValue::Service { .. }) | None => {
            end.place.text(program)
        }
    })
}

/// The people behind an owner's name.
pub(super) fn team(owner: &str) -> String {
    match owner {
        "platform" => "the platform team".to_owned(),
        application => format!("the owners of {application}"),
    }
}
