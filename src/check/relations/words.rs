//! Places and lines as they are written in a flow file, made from the program: for help texts that print a
//! line which nobody has written yet.

use super::declared::Class;
use super::places::PlaceKey;
use crate::program::{Endpoint, Flow, Place, Program};
use crate::syntax::tree::Arrow;

/// A place: `application2.backend`, `application2.{backend, data}`, `*.*`, `onprem`.
pub(crate) fn place(program: &Program, place: &Place) -> String {
    match place {
        Place::External(id) => program.externals.get(*id).map_or("", |it| &it.name).to_owned(),
        Place::Zones { application, zones } => {
            let application = application.and_then(|id| program.applications.get(id));
            let application = application.map_or("*".to_owned(), |it| name(&it.name));
            let zones: Option<Vec<String>> = zones.as_ref().map(|zones| {
                zones
                    .iter()
                    .filter_map(|id| program.zones.get(*id))
                    .map(|it| name(&it.name))
                    .collect()
            });
            match zones.as_deref() {
                None => format!("{application}.*"),
                Some([zone]) => format!("{application}.{zone}"),
                Some(zones) => format!("{application}.{{{}}}", zones.join(", ")),
            }
        }
    }
}

/// A place with its selector: `application2.backend[app == "api"]`.
pub(crate) fn endpoint(program: &Program, endpoint: &Endpoint) -> String {
    let place = place(program, &endpoint.place);
    endpoint.selector.as_ref().map_or(place.clone(), |selector| format!("{place}[{selector}]"))
}

/// The other half of the crossing `flow`, as its owner would write it.
pub(super) fn other_half(program: &Program, flow: &Flow) -> String {
    let arrow = match flow.arrow {
        Arrow::Leaving => Arrow::Entering,
        Arrow::Entering => Arrow::Leaving,
        Arrow::Inside | Arrow::Both => flow.arrow,
    };
    let (left, right) = (endpoint(program, &flow.right), endpoint(program, &flow.left));
    format!("{left} {} {right} : {} because \"…\"", arrow.text(), traffic(flow))
}

/// The traffic of a flow, as it is written after the `:`, aliases resolved.
pub(crate) fn traffic(flow: &Flow) -> String {
    let words = |matches: &Vec<_>| matches.iter().map(ToString::to_string).collect::<Vec<_>>();
    flow.matches.as_ref().map_or_else(|| "any".to_owned(), |matches| words(matches).join(", "))
}

/// A name, in quotes where it is not a plain word.
fn name(name: &str) -> String {
    let inner = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let word = !name.is_empty()
        && name.chars().all(inner)
        && !name.starts_with('-')
        && !name.ends_with('-');
    if word { name.to_owned() } else { format!("\"{name}\"") }
}

/// `count` of a thing: `1 day`, `2 days`.
pub(super) fn counted(count: i64, thing: &str) -> String {
    if count == 1 { format!("1 {thing}") } else { format!("{count} {thing}s") }
}

/// A declared place: `application2.backend`, or `application2.*` for its namespaces without a zone; `None`
/// for an external.
pub(super) fn class(program: &Program, class: &Class) -> Option<String> {
    let application = class.application()?;
    let zones = class.zone().map(|zone| vec![zone]);
    Some(place(program, &Place::Zones { application: Some(application), zones }))
}

/// Two places of one zone each, as connections go: `application1.api to application2.backend`.
pub(super) fn pair(program: &Program, sender: PlaceKey<'_>, receiver: PlaceKey<'_>) -> String {
    format!("{} to {}", key(program, sender), key(program, receiver))
}

fn key(program: &Program, key: PlaceKey<'_>) -> String {
    match key {
        PlaceKey::Zone(application, zone) => {
            place(program, &Place::Zones { application, zones: zone.map(|zone| vec![zone]) })
        }
        PlaceKey::Namespace(name) => format!("namespace {name}"),
        PlaceKey::Service(namespace, name) => format!("service {namespace}/{name}"),
        PlaceKey::Addresses(nets) => {
            nets.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        }
    }
}

/// The people behind an owner's name.
pub(super) fn team(owner: &str) -> String {
    match owner {
        "platform" => "the platform team".to_owned(),
        application => format!("the owners of {application}"),
    }
}
