//! The namespaces that join a zone, leave it, or go to another, with what holds for them now and did not.

use std::collections::BTreeMap;

use super::change::{Moved, Part, Subject, Way};
use super::rows::{Both, Side, Zone};
use crate::program::{Endpoint, Namespace, Place};
use crate::syntax::Named;
use crate::syntax::tree::Arrow;

/// The namespaces that are not in the zone in which they were; those that go the same way together.
pub(super) fn namespaces(both: &Both<'_, '_>) -> Vec<Moved> {
    let mut known: BTreeMap<Move, Vec<String>> = BTreeMap::new();
    for name in &both.moved {
        let way = (both.old.zone_of(name), both.new.zone_of(name));
        known.entry(way).or_default().push(name.to_string());
    }
    let each = |((from, to), namespaces): (Move, Vec<String>)| {
        let first = namespaces.first().map_or("", String::as_str);
        let of = |side: &Side<'_>| side.declared(first).map(|it| (it.span, side.place_of(it.span)));
        let place = of(&both.new).or_else(|| of(&both.old));
        let about =
            |side: &Side<'_>| side.declared(first).map_or_else(About::new, |it| side.about(it));
        let (was, is) = (about(&both.old), about(&both.new));
        let application =
            |zone: &Option<Zone>| zone.clone().and_then(|(application, _)| application);
        Moved {
            namespaces,
            from: from.as_ref().map(called),
            to: to.as_ref().map(called),
            stays: application(&from) == application(&to),
            gains: parts(&is, &was),
            loses: parts(&was, &is),
            source: place.as_ref().map_or_else(String::new, |(_, source)| source.clone()),
            span: place.map(|(span, _)| span),
        }
    };
    known.into_iter().map(each).collect()
}

/// From which zone to which.
type Move = (Option<Zone>, Option<Zone>);

/// A zone by name.
fn called(zone: &Zone) -> String {
    let name = |it: &std::sync::Arc<str>| Named(it).to_string();
    match zone {
        (None, _) => "no landing zone".to_owned(),
        (Some(application), None) => format!("{} (no zone)", name(application)),
        (Some(application), Some(zone)) => format!("{}.{}", name(application), name(zone)),
    }
}

/// What lines say of a namespace: by their text, the connections that they are about.
type About = BTreeMap<String, (Part, [bool; 2])>;

/// What is in `some` and not in `others`.
fn parts(some: &About, others: &About) -> Vec<Part> {
    let left = some.iter().filter_map(|(text, (part, ways))| {
        let [leaving, arriving] = others.get(text).map_or([false; 2], |(_, ways)| *ways);
        let way = Way::of([ways[0] && !leaving, ways[1] && !arriving])?;
        Some(Part { way, ..part.clone() })
    });
    let mut left: Vec<_> = left.collect();
    left.sort_by(|a, b| (a.subject, !a.crosses, a).cmp(&(b.subject, !b.crosses, b)));
    left
}

impl Side<'_> {
    /// What the flows and the guardrails that name a place in which the namespace is say of it.
    fn about(&self, namespace: &Namespace) -> About {
        let mut found = About::new();
        let mut add = |ways: [bool; 2], subject, crosses, line| {
            let Some(way) = Way::of(ways) else { return };
            let part = Part { subject, way, crosses, line };
            let known = found.entry(part.line.line.clone()).or_insert((part, ways));
            known.1 = [known.1[0] || ways[0], known.1[1] || ways[1]];
        };
        let program = &self.world.program;
        for flow in &program.flows {
            let [left, right] = [&flow.left, &flow.right].map(|it| holds(it, namespace));
            let (ways, crosses) = match flow.arrow {
                Arrow::Inside => ([left, right], false),
                Arrow::Both => ([left || right; 2], false),
                Arrow::Leaving => ([left, right], true),
                Arrow::Entering => ([right, left], true),
            };
            add(ways, Subject::Flow, crosses, self.line(flow));
        }
        for guardrail in &program.guardrails {
            let excused = guardrail.except.iter().any(|it| holds(it, namespace));
            let ways =
                [!excused && holds(&guardrail.left, namespace), holds(&guardrail.right, namespace)];
            add(ways, Subject::Guardrail, guardrail.crossing, self.guardrail(guardrail));
        }
        found
    }
}

fn holds(end: &Endpoint, namespace: &Namespace) -> bool {
    match &end.place {
        Place::External(_) => false,
        Place::Zones { application, zones } => {
            namespace.application.is_some_and(|it| application.is_none_or(|id| id == it))
                && zones
                    .as_ref()
                    .is_none_or(|zones| namespace.zone.is_some_and(|zone| zones.contains(&zone)))
        }
    }
}
