//! The namespaces that join a zone, leave it, or go to another, with the lines that are about them now and were not.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{Line, Moved};
use super::rows::{Both, Side, Zone};
use crate::program::{Endpoint, Flow, Namespace, Place};
use crate::syntax::Named;

/// The namespaces that are not in the zone in which they were; those that go the same way together.
pub(super) fn namespaces(both: &Both<'_, '_>) -> Vec<Moved> {
    let mut known: BTreeMap<Way, Vec<String>> = BTreeMap::new();
    for name in &both.moved {
        let way = (both.old.zone_of(name), both.new.zone_of(name));
        known.entry(way).or_default().push(name.to_string());
    }
    let each = |((from, to), namespaces): (Way, Vec<String>)| {
        let first = namespaces.first().map_or("", String::as_str);
        let of = |side: &Side<'_>| side.declared(first).map(|it| (it.span, side.place_of(it.span)));
        let place = of(&both.new).or_else(|| of(&both.old));
        let about =
            |side: &Side<'_>| side.declared(first).map_or_else(Vec::new, |it| side.about(it));
        let (was, is) = (about(&both.old), about(&both.new));
        let only = |some: &[(String, Line)], others: &[(String, Line)]| -> Vec<Line> {
            let others: BTreeSet<_> = others.iter().map(|(key, _)| key).collect();
            let left = some.iter().filter(|(key, _)| !others.contains(key));
            left.map(|(_, line)| line.clone()).collect()
        };
        Moved {
            namespaces,
            from: from.as_ref().map(called),
            to: to.as_ref().map(called),
            gains: only(&is, &was),
            loses: only(&was, &is),
            source: place.as_ref().map_or_else(String::new, |(_, source)| source.clone()),
            span: place.map(|(span, _)| span),
        }
    };
    known.into_iter().map(each).collect()
}

/// From which zone to which.
type Way = (Option<Zone>, Option<Zone>);

/// A zone by name.
fn called(zone: &Zone) -> String {
    let name = |it: &std::sync::Arc<str>| Named(it).to_string();
    match zone {
        (None, _) => "no landing zone".to_owned(),
        (Some(application), None) => format!("{} (no zone)", name(application)),
        (Some(application), Some(zone)) => format!("{}.{}", name(application), name(zone)),
    }
}

impl Side<'_> {
    /// The lines that name a place in which the namespace is, each with what it says.
    fn about(&self, namespace: &Namespace) -> Vec<(String, Line)> {
        let named = |flow: &&Flow| [&flow.left, &flow.right].iter().any(|it| holds(it, namespace));
        let flows = self.world.program.flows.iter().filter(named);
        let mut found: Vec<_> =
            flows.map(|flow| (flow.line.to_string(), self.line(flow))).collect();
        found.sort();
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
