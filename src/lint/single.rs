//! Lints about single lines and about what no line speaks of: wide crossings, aliases that look like named
//! ports, zones without a flow, applications without a file (language reference, section 7).

use rustc_hash::{FxHashMap, FxHashSet};

use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::relations::{
    ALIAS_OR_NAMED_PORT, APPLICATION_WITHOUT_FILE, OVER_WIDE, ZONE_UNMENTIONED,
};
use crate::program::{
    Alias, Application, Arrow, ExternalValue, Flow, Id, Owner, Place, Program, Zone,
};
use crate::source::Span;
use crate::traffic::{Match, Protocol};

/// A range of more ports than this is wide.
const MANY_PORTS: u16 = 1000;

/// Lints about single lines.
pub(super) fn of_lines(program: &Program) -> Vec<Diagnostic> {
    let aliases: FxHashMap<&str, &Alias> =
        program.ports.iter().map(|(_, it)| (&*it.name, it)).collect();
    let mut found = Vec::new();
    for flow in program.flows.iter().filter(|it| program.writes(it.owner)) {
        found.extend(over_wide(program, flow));
        found.extend(alias_or_named_port(&aliases, flow));
    }
    found
}

/// Lints about zones and applications that lines leave out.
pub(super) fn of_zones(program: &Program) -> Vec<Diagnostic> {
    let mut found = zones_unmentioned(program);
    found.extend(applications_without_file(program));
    found
}

fn over_wide(program: &Program, flow: &Flow) -> Option<Diagnostic> {
    if !matches!(flow.arrow, Arrow::Leaving | Arrow::Entering) {
        return None;
    }
    let mut wide: Vec<(Span, String)> = Vec::new();
    for (endpoint, span) in [(&flow.left, flow.spans.left), (&flow.right, flow.spans.right)] {
        if let Place::Zones { application: Some(application), zones: None } = endpoint.place
            && let Some(application) = program.applications.get(application)
            && !application.zones.is_empty()
        {
            let label = format!("every zone of {}, also those to come", application.name);
            wide.push((span, label));
        }
    }
    let place = flow.spans.traffic.unwrap_or(flow.spans.whole);
    match &flow.matches {
        None if !flow.right.place.external(program).is_some_and(ExternalValue::is_service) => {
            wide.push((place, "any protocol and any port".to_owned()));
        }
        None => {}
        Some(matches) => wide.extend(matches.iter().filter_map(wide_match).map(|it| (place, it))),
    }
    let mut labels = wide.into_iter();
    let (span, text) = labels.next()?;
    let first = Diagnostic::new(&OVER_WIDE, "this crossing is wide").label(span, text);
    let diagnostic = labels.fold(first, |diagnostic, (span, text)| diagnostic.label(span, text));
    Some(diagnostic.help("name the zones that take part and the ports that are used"))
}

fn wide_match(it: &Match) -> Option<String> {
    match it {
        Match::Protocol(protocol @ (Protocol::Tcp | Protocol::Udp | Protocol::Sctp)) => {
            Some(format!("every port of {protocol}"))
        }
        Match::Ports(_, first, last) if last.saturating_sub(*first) >= MANY_PORTS => {
            Some(format!("`{it}` is {} ports", u32::from(last - first) + 1))
        }
        Match::Protocol(_) | Match::Ports(..) | Match::Named(..) | Match::IcmpType(..) => None,
    }
}

fn alias_or_named_port(aliases: &FxHashMap<&str, &Alias>, flow: &Flow) -> Option<Diagnostic> {
    let (span, matches) = (flow.spans.traffic?, flow.matches.as_ref()?);
    matches.iter().find_map(|it| {
        let Match::Named(_, name) = it else { return None };
        let alias = aliases.get(&**name)?;
        // An alias that stands for that very port, or the port by way of another alias: not written here.
        if alias.matches.contains(it) || !flow.line.contains(&it.to_string()) {
            return None;
        }
        Some(
            Diagnostic::new(
                &ALIAS_OR_NAMED_PORT,
                format!("`{it}` is the container's port named `{name}`, not the alias"),
            )
            .label(span, format!("whatever number the pod gives the name `{name}`"))
            .label(alias.span, "the alias of that name")
            .help(format!("if the alias is meant, write `{name}`; if not, rename the alias")),
        )
    })
}

/// Zones that no flow names. `app.*` and `*.zone` name a zone; `*.*` names nothing in particular.
fn zones_unmentioned(program: &Program) -> Vec<Diagnostic> {
    let mut exact: FxHashSet<(Id<Application>, Id<Zone>)> = FxHashSet::default();
    let mut whole: FxHashSet<Id<Application>> = FxHashSet::default();
    let mut any: FxHashSet<Id<Zone>> = FxHashSet::default();
    for endpoint in program.flows.iter().flat_map(|flow| [&flow.left, &flow.right]) {
        let Place::Zones { application, zones } = &endpoint.place else { continue };
        match (application, zones) {
            (Some(application), Some(zones)) => {
                exact.extend(zones.iter().map(|zone| (*application, *zone)));
            }
            (Some(application), None) => {
                whole.insert(*application);
            }
            (None, Some(zones)) => any.extend(zones),
            (None, None) => {}
        }
    }
    let mut found = Vec::new();
    for (_, namespace) in program.namespaces.iter() {
        let (Some(application), Some(zone)) = (namespace.application, namespace.zone) else {
            continue;
        };
        let Some(owner) = program.applications.get(application) else { continue };
        let Some(name) = program.zones.get(zone).map(|it| &it.name) else { continue };
        let judged =
            owner.loaded && !namespace.exempt && program.writes(Owner::Application(application));
        let mentioned = whole.contains(&application) || any.contains(&zone);
        // One note for each zone, at its first namespace.
        if !judged || mentioned || !exact.insert((application, zone)) {
            continue;
        }
        found.push(
            Diagnostic::new(
                &ZONE_UNMENTIONED,
                format!("no flow mentions the zone `{name}` of {}", owner.name),
            )
            .label(namespace.span, format!("in zone `{name}`: nothing of its own is open to it"))
            .help("write the flows it needs, or leave it closed on purpose"),
        );
    }
    found
}

/// Applications that the default deny closes although none of their files is here. Only those that are
/// written here: the files of others live in other repositories.
fn applications_without_file(program: &Program) -> Vec<Diagnostic> {
    if !program.platform {
        return Vec::new();
    }
    let mut first: FxHashMap<Id<Application>, Span> = FxHashMap::default();
    for (_, namespace) in program.namespaces.iter().filter(|(_, it)| !it.exempt) {
        if let Some(application) = namespace.application {
            first.entry(application).or_insert(namespace.span);
        }
    }
    program
        .applications
        .iter()
        .filter(|(id, it)| {
            !it.loaded
                && program.isolates(it)
                && program.writes(Owner::Application(*id))
        })
        .filter_map(|(id, it)| {
            let message = format!("{} has no flow file, and the default deny closes it", it.name);
            Some(
                Diagnostic::new(&APPLICATION_WITHOUT_FILE, message)
                    .label(*first.get(&id)?, "nothing but the platform's lines will be open here")
                    .help("add a flow file for it, or name under `deny` the applications to close")
                    .help("if its flows live in another repository, name this one's owners under `write`"),
            )
        })
        .collect()
}
