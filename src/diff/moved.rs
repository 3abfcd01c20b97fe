//! The namespaces that join a zone, leave it, or go to another, with what holds for them now and did not.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::change::{ChangePart, ChangeSubject, ChangeWay, Moved};
use crate::program::{Application, Endpoint, Id, Namespace, Place, Program, Zone};
use crate::syntax::PrintedName;
use crate::syntax::tree::Arrow;
use crate::world::World;

/// The names of the application and the zone of a namespace, as far as it has them.
pub(super) type MovedLabels = (Option<Arc<str>>, Option<Arc<str>>);

/// From where to where; none where no manifest declares the namespace.
type Move = [Option<MovedLabels>; 2];

/// The namespaces that are not in the zone in which they were, of which at least one of the two is one.
pub(super) fn names(old: &Program, new: &Program) -> BTreeSet<Arc<str>> {
    let all = [old, new].into_iter().flat_map(|it| it.namespaces.iter());
    let all: BTreeSet<_> = all.map(|(_, it)| Arc::clone(&it.name)).collect();
    let moved = |name: &Arc<str>| {
        let zones = [old, new].map(|program| labels_of(program, name));
        let nowhere = |it: &Option<MovedLabels>| matches!(it, None | Some((None, None)));
        zones[0] != zones[1] && !zones.iter().all(nowhere)
    };
    all.into_iter().filter(moved).collect()
}

/// The namespaces of these names; those that go the same way together.
pub(super) fn namespaces(worlds: [&World; 2], names: &BTreeSet<Arc<str>>) -> Vec<Moved> {
    let mut known: BTreeMap<Move, Vec<String>> = BTreeMap::new();
    for name in names {
        let way = worlds.map(|world| labels_of(&world.program, name));
        known.entry(way).or_default().push(name.to_string());
    }
    // A cluster has no lines of its own: what a project's lines say there is told.
    let [old, new] = worlds;
    let speaks = |world: &World| !world.program.flows.is_empty() || world.project;
    let lines = [if speaks(old) { old } else { new }, if speaks(new) { new } else { old }];
    let each = |(way, namespaces): (Move, Vec<String>)| {
        let first = namespaces.first().map_or("", String::as_str);
        let of = |world: &World| {
            declared(&world.program, first).map(|it| (it.span, world.source_of(it.span)))
        };
        let place = of(new).or_else(|| of(old));
        let about = |world: &World, labels: &Option<MovedLabels>| {
            labels.as_ref().map_or_else(MovedAbout::new, |it| world.about(it))
        };
        let [was, is] = [about(lines[0], &way[0]), about(lines[1], &way[1])];
        let application =
            |at: &Option<MovedLabels>| at.clone().and_then(|(application, _)| application);
        let [from, to] = &way;
        Moved {
            namespaces,
            from: from.as_ref().map(called),
            to: to.as_ref().map(called),
            stays: application(from) == application(to),
            gains: parts(&is, &was),
            loses: parts(&was, &is),
            source: place.as_ref().map_or_else(String::new, |(_, source)| source.clone()),
            span: place.map(|(span, _)| span),
        }
    };
    known.into_iter().map(each).collect()
}

/// The namespace, where a manifest declares it.
pub(super) fn declared<'p>(program: &'p Program, name: &str) -> Option<&'p Namespace> {
    program.namespaces.get(program.namespaces.find(name, |it| &it.name)?)
}

/// The application and the zone of a namespace, by name; none where no manifest declares it. Without an application, a zone
/// is none.
pub(super) fn labels_of(program: &Program, name: &str) -> Option<MovedLabels> {
    let namespace = declared(program, name)?;
    let application = namespace.application.and_then(|id| program.applications.get(id));
    if application.is_none() {
        return Some((None, None));
    }
    let zone = namespace.zone.and_then(|id| program.zones.get(id));
    Some((application.map(|it| Arc::clone(&it.name)), zone.map(|it| Arc::clone(&it.name))))
}

/// A zone by name.
fn called(labels: &MovedLabels) -> String {
    let name = |it: &Arc<str>| PrintedName(it).to_string();
    match labels {
        (None, _) => "no landing zone".to_owned(),
        (Some(application), None) => format!("{} (no zone)", name(application)),
        (Some(application), Some(zone)) => format!("{}.{}", name(application), name(zone)),
    }
}

/// What lines say of a namespace: by their text, the connections that they are about.
type MovedAbout = BTreeMap<String, (ChangePart, [bool; 2])>;

/// What is in `some` and not in `others`.
fn parts(some: &MovedAbout, others: &MovedAbout) -> Vec<ChangePart> {
    let left = some.iter().filter_map(|(text, (part, ways))| {
        let [leaving, arriving] = others.get(text).map_or([false; 2], |(_, ways)| *ways);
        let way = ChangeWay::of([ways[0] && !leaving, ways[1] && !arriving])?;
        Some(ChangePart { way, ..part.clone() })
    });
    let mut left: Vec<_> = left.collect();
    left.sort_by(|a, b| (a.subject, !a.crosses, a).cmp(&(b.subject, !b.crosses, b)));
    left
}

impl World {
    /// What the flows and the guardrails that name a place with these labels say of it.
    fn about(&self, (application, zone): &MovedLabels) -> MovedAbout {
        let program = &self.program;
        // An application or a zone that is none here may be meant by `*` alone.
        let at = MovedAt {
            bears: application.is_some(),
            application: application
                .as_ref()
                .and_then(|it| program.applications.find(it, |known| &known.name)),
            zone: zone.as_ref().and_then(|it| program.zones.find(it, |known| &known.name)),
        };
        let mut found = MovedAbout::new();
        let mut add = |ways: [bool; 2], subject, crosses, line| {
            let Some(way) = ChangeWay::of(ways) else { return };
            let part = ChangePart { subject, way, crosses, line };
            let known = found.entry(part.line.line.clone()).or_insert((part, ways));
            known.1 = [known.1[0] || ways[0], known.1[1] || ways[1]];
        };
        for flow in &program.flows {
            let [left, right] = [&flow.left, &flow.right].map(|it| at.is_in(it));
            let (ways, crosses) = match flow.arrow {
                Arrow::Inside => ([left, right], false),
                Arrow::Both => ([left || right; 2], false),
                Arrow::Leaving => ([left, right], true),
                Arrow::Entering => ([right, left], true),
            };
            add(ways, ChangeSubject::Flow, crosses, self.flow_line(flow));
        }
        for guardrail in &program.guardrails {
            let excused = guardrail.except.iter().any(|it| at.is_in(it));
            let ways = [!excused && at.is_in(&guardrail.left), at.is_in(&guardrail.right)];
            add(ways, ChangeSubject::Guardrail, guardrail.crossing, self.guardrail_line(guardrail));
        }
        found
    }
}

/// Where a namespace is, as a program knows it.
struct MovedAt {
    /// Whether it bears the label of an application.
    bears: bool,
    application: Option<Id<Application>>,
    zone: Option<Id<Zone>>,
}

impl MovedAt {
    fn is_in(&self, end: &Endpoint) -> bool {
        match &end.place {
            Place::External(_) => false,
            Place::Zones { application, zones } => {
                self.bears
                    && application.is_none_or(|it| self.application == Some(it))
                    && zones
                        .as_ref()
                        .is_none_or(|zones| self.zone.is_some_and(|zone| zones.contains(&zone)))
            }
        }
    }
}
