//! Namespaces by the names that flows have for them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::change::Topic;
use super::cluster::Worlds;
use super::moved::labels_of;
use crate::program::Program;
use crate::syntax::Named;
use crate::world::listed;

/// An end of a change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// A namespace, by its index.
    Namespace(usize),
    /// Addresses, in words.
    Addresses(String),
    /// Namespaces that are not there yet.
    Later,
}

/// What namespaces are called.
pub(super) struct Places {
    /// The name of each namespace, its application and its zone.
    namespaces: Vec<(String, Option<String>, Option<String>)>,
    /// How many namespaces each zone has.
    counts: BTreeMap<(String, String), usize>,
}

/// Where connections go, by where they come from.
type Ends<'p> = BTreeMap<&'p Place, BTreeSet<&'p Place>>;

/// A section with the names of both ends.
type Told = ((Topic, Option<String>), String, String);

impl Places {
    pub(super) fn new(worlds: &Worlds<'_, '_>) -> Self {
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
    pub(super) fn grouped(&self, pairs: &BTreeSet<(Place, Place)>) -> Vec<Told> {
        let mut told: BTreeMap<(Topic, Option<String>), Ends<'_>> = BTreeMap::new();
        for (from, to) in pairs {
            let ends = told.entry(self.topic(from, to)).or_default();
            ends.entry(from).or_default().insert(to);
        }
        let mut found = Vec::new();
        for (topic, ends) in told {
            let mut alike: BTreeMap<BTreeSet<&Place>, BTreeSet<&Place>> = BTreeMap::new();
            for (from, to) in ends {
                alike.entry(to).or_default().insert(from);
            }
            for (to, from) in alike {
                found.push((topic.clone(), self.called(&from), self.called(&to)));
            }
        }
        found
    }

    fn topic(&self, from: &Place, to: &Place) -> (Topic, Option<String>) {
        let application = |place: &Place| match place {
            Place::Namespace(at) => self.namespaces.get(*at).and_then(|(_, it, _)| it.clone()),
            Place::Addresses(_) | Place::Later => None,
        };
        match (application(from), application(to)) {
            (Some(one), Some(other)) if one == other => (Topic::Inside, Some(one)),
            (None, None) => (Topic::Others, None),
            (Some(_), _) | (_, Some(_)) => (Topic::Crossings, None),
        }
    }

    /// Places by name: zones that are there in whole, namespaces, addresses.
    fn called(&self, places: &BTreeSet<&Place>) -> String {
        let mut zones: BTreeMap<(String, String), Vec<&str>> = BTreeMap::new();
        let mut names = BTreeSet::new();
        for place in places {
            match place {
                Place::Namespace(at) => match self.namespaces.get(*at) {
                    Some((name, Some(application), Some(zone))) => {
                        let zone = (application.clone(), zone.clone());
                        zones.entry(zone).or_default().push(name);
                    }
                    Some((name, _, _)) => {
                        names.insert(format!("namespace/{name}"));
                    }
                    None => {}
                },
                Place::Addresses(blocks) => {
                    names.insert(blocks.clone());
                }
                Place::Later => {
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
    let text = |name: Arc<str>| Named(&name).to_string();
    Some((Some(text(application?)), zone.map(text)))
}
