//! Namespaces by the names that flows have for them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::change::Topic;
use super::moved::labels_of;
use super::worlds::Worlds;
use crate::program::Program;
use crate::syntax::PrintedName;
use crate::world::listed;

/// An end of a change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum DiffPlace {
    /// A namespace, by its index.
    Namespace(usize),
    /// Addresses, in words.
    Addresses(String),
    /// Namespaces that are not there yet.
    Later,
}

/// What namespaces are called.
pub(super) struct DiffPlaces {
    /// The name of each namespace, its application and its zone.
    namespaces: Vec<(String, Option<String>, Option<String>)>,
    /// How many namespaces each zone has.
    counts: BTreeMap<(String, String), usize>,
}

/// Where connections go, by where they come from.
type PlaceEnds<'p> = BTreeMap<&'p DiffPlace, BTreeSet<&'p DiffPlace>>;

/// A section with the names of both ends.
type PlacedChange = ((Topic, Option<String>), String, String);

impl DiffPlaces {
    pub(super) fn new(worlds: &Worlds<'_>) -> Self {
        let programs = worlds.sides.each_ref().map(|side| &side.world.program);
        let mut places = Self { namespaces: Vec::new(), counts: BTreeMap::new() };
        for home in &worlds.homes {
            // The new world's names for things, if it has any.
            let zone = programs.iter().rev().find_map(|program| zone_of(program, home.name()));
            let (application, zone) = zone.unwrap_or_default();
            if let (Some(application), Some(zone)) = (&application, &zone) {
                *places.counts.entry((application.clone(), zone.clone())).or_default() += 1;
            }
            places.namespaces.push((home.name().to_string(), application, zone));
        }
        places
    }

    /// `pairs` as few lines: those that go to the same ends together, and whole zones by name.
    pub(super) fn grouped(&self, pairs: &BTreeSet<(DiffPlace, DiffPlace)>) -> Vec<PlacedChange> {
        let mut by_topic: BTreeMap<(Topic, Option<String>), PlaceEnds<'_>> = BTreeMap::new();
        for (from, to) in pairs {
            let ends = by_topic.entry(self.topic(from, to)).or_default();
            ends.entry(from).or_default().insert(to);
        }
        let mut found = Vec::new();
        for (topic, ends) in by_topic {
            let mut alike: BTreeMap<BTreeSet<&DiffPlace>, BTreeSet<&DiffPlace>> = BTreeMap::new();
            for (from, to) in ends {
                alike.entry(to).or_default().insert(from);
            }
            for (to, from) in alike {
                found.push((topic.clone(), self.called(&from), self.called(&to)));
            }
        }
        found
    }

    fn topic(&self, from: &DiffPlace, to: &DiffPlace) -> (Topic, Option<String>) {
        let application = |place: &DiffPlace| match place {
            DiffPlace::Namespace(at) => self.namespaces.get(*at).and_then(|(_, it, _)| it.clone()),
            DiffPlace::Addresses(_) | DiffPlace::Later => None,
        };
        match (application(from), application(to)) {
            (Some(one), Some(other)) if one == other => (Topic::Inside, Some(one)),
            (None, None) => (Topic::Others, None),
            (Some(_), _) | (_, Some(_)) => (Topic::Crossings, None),
        }
    }

    /// Places by name: zones that are there in whole, namespaces, addresses.
    fn called(&self, places: &BTreeSet<&DiffPlace>) -> String {
        let mut zones: BTreeMap<(String, String), Vec<&str>> = BTreeMap::new();
        let mut names = BTreeSet::new();
        for place in places {
            match place {
                DiffPlace::Namespace(at) => match self.namespaces.get(*at) {
                    Some((name, Some(application), Some(zone))) => {
                        let zone = (application.clone(), zone.clone());
                        zones.entry(zone).or_default().push(name);
                    }
                    Some((name, _, _)) => {
                        names.insert(format!("namespace/{name}"));
                    }
                    None => {}
                },
                DiffPlace::Addresses(blocks) => {
                    names.insert(blocks.clone());
                }
                DiffPlace::Later => {
                    names.insert("namespaces that are not there yet".to_owned());
                }
            }
        }
        for (zone, namespaces) in zones {
            if self.counts.get(&zone) == Some(&namespaces.len()) {
                names.insert(format!("{}.{}", zone.0, zone.1));
            } else {
                names.extend(namespaces.iter().map(|it| format!("namespace/{it}")));
            }
        }
        listed(&names)
    }
}

/// The application and the zone of a namespace, if there are any.
fn zone_of(program: &Program, name: &str) -> Option<(Option<String>, Option<String>)> {
    let (application, zone) = labels_of(program, name)?;
    let text = |name: Arc<str>| PrintedName(&name).to_string();
    Some((Some(text(application?)), zone.map(text)))
}
