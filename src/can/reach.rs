//! Everything that a place reaches, and everything that reaches it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ipnet::IpNet;
use serde::Serialize;

use super::answer::Extent;
use super::answer::Gaps;
use super::judge::{Judge, hold};
use super::pair::QueryPair;
use super::place::{EVERY_NAMESPACE, QueryPart, QueryPartKind, QueryPlace};
use crate::program::{Application, ExternalValue, Id, Zone};
use crate::reach::{Diagram, Direction, TooMany};
use crate::traffic::Family;
use crate::world::World;

/// What a place reaches, or what reaches it.
#[derive(Clone, Debug, Serialize)]
pub struct Reaches {
    /// The place.
    pub place: String,
    /// Whether it is the one that is reached.
    pub reached: bool,
    /// What is open.
    pub open: Vec<Reached>,
    /// What cannot be told.
    pub undecided: Vec<Reached>,
    /// What it touches that is not closed, or not decided here.
    #[serde(flatten)]
    pub gaps: Gaps,
    /// What else there is to know.
    pub notes: Vec<String>,
}

/// Other places to which the same is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reached {
    /// The namespaces, addresses or hosts of the place that are meant; empty for all of them.
    pub at: Vec<String>,
    /// The other places: zones, externals, `namespace/NAME`, addresses, hosts.
    pub places: Vec<String>,
    /// What is open.
    #[serde(flatten)]
    pub extent: Extent,
    /// Of what cannot be told, what it depends on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// What `place` reaches (`Egress`), or what reaches it (`Ingress`).
///
/// # Errors
/// Where a label has too much asked of its values.
pub fn reached(
    world: &World,
    place: &QueryPlace,
    direction: Direction,
) -> Result<Reaches, TooMany> {
    let everywhere = everywhere(world);
    let parts: Vec<&QueryPlace> = everywhere.iter().chain([place]).collect();
    hold(world, &parts, None, |judge| {
        judge.services_apart = true;
        judge.families = judge.families_without(&[place]);
        judge.reaches(place, &everywhere, direction)
    })
}

/// All that there is: each namespace, each host endpoint, all addresses, each external that is addresses.
pub(super) fn everywhere(world: &World) -> Vec<QueryPlace> {
    let alone = |part: QueryPart| QueryPlace {
        text: part.name.clone(),
        parts: vec![part],
        written: None,
        later: None,
    };
    let homes = world.homes().iter().filter_map(|home| world.pods(&home.name, None, None));
    let hosts = world.cluster.hosts.iter().enumerate().map(|(index, host)| QueryPart {
        name: host.name.to_string(),
        what: QueryPartKind::Host(index),
    });
    let mut places: Vec<_> = homes.chain(hosts).map(alone).collect();
    let mut services = BTreeSet::new();
    for (_, policy) in world.policies() {
        for rule in policy.ingress.iter().chain(&policy.egress) {
            let ends = [&rule.source, &rule.destination].map(|end| end.service.clone());
            services.extend(ends.into_iter().flatten());
        }
    }
    let services = services.into_iter().filter_map(|service| {
        let namespace = Arc::clone(&service.0);
        world.pods(&namespace, None, Some(service))
    });
    places.extend(services.map(alone));
    places.push(alone(every_address()));
    for (_, external) in world.program.externals.iter() {
        if let ExternalValue::Addresses(nets) = &external.value {
            let what = QueryPartKind::Addresses(nets.clone());
            places.push(alone(QueryPart { name: external.name.to_string(), what }));
        }
    }
    places
}

/// All addresses outside the cluster.
pub(super) fn every_address() -> QueryPart {
    let nets = ["0.0.0.0/0", "::/0"].iter().filter_map(|it| it.parse::<IpNet>().ok()).collect();
    QueryPart { name: EVERY.to_owned(), what: QueryPartKind::Addresses(nets) }
}

/// What of a pair is told, and what it depends on where it cannot be told.
type ToldExtent = (Extent, Option<String>);

/// The application and the zone of namespaces.
type PlaceLabel = (Id<Application>, Option<Id<Zone>>);

/// What all addresses outside the cluster are called.
pub(super) const EVERY: &str = "every address";

impl Judge<'_> {
    pub(super) fn reaches(
        &mut self,
        place: &QueryPlace,
        everywhere: &[QueryPlace],
        direction: Direction,
    ) -> Reaches {
        let (mut open, mut undecided, mut remedies) = (Vec::new(), Vec::new(), Vec::new());
        let externals = self
            .world
            .program
            .externals
            .iter()
            .any(|(_, it)| matches!(it.value, ExternalValue::Addresses(_)));
        for (at, here) in place.parts.iter().enumerate() {
            // Where all addresses are open, or no external names some, no single external is told.
            let mut listed = false;
            for (index, other) in everywhere.iter().enumerate() {
                let Some(there) = other.parts.first() else { continue };
                let outside = matches!(there.what, QueryPartKind::Addresses(_));
                if outside && (listed || matches!(here.what, QueryPartKind::Addresses(_))) {
                    continue;
                }
                let pair = self.toward((at, here), (index, there), direction);
                if outside && there.name == EVERY {
                    listed = pair.open == pair.asked
                        || pair.unsure != Diagram::EMPTY
                        || !self.world.project
                        || !externals;
                    if !listed {
                        continue;
                    }
                }
                for extent in self.open_extents(pair.open, &pair) {
                    open.push(((extent, None), at, index));
                }
                if pair.unsure == Diagram::EMPTY {
                    continue;
                }
                for remedy in self.remedies(std::slice::from_ref(&pair)) {
                    if !remedies.contains(&remedy) {
                        remedies.push(remedy);
                    }
                }
                let why = self.whys(&pair);
                for extent in self.open_extents(pair.unsure, &pair) {
                    undecided.push(((extent, why.clone()), at, index));
                }
            }
        }
        let mut gaps = self.world.gaps_at(place.parts.iter());
        let unsure = undecided.iter().flat_map(|(_, at, other)| {
            let other = everywhere.get(*other).and_then(|it| it.parts.first());
            place.parts.get(*at).into_iter().chain(other)
        });
        gaps.look_elsewhere(self.world, unsure);
        let mut notes = gaps.notes();
        notes.extend(place.parts.iter().filter_map(|part| self.undeclared(part)));
        notes.append(&mut remedies);
        let grouped = |found| self.grouped(found, place, everywhere);
        Reaches {
            place: place.text.clone(),
            reached: direction == Direction::Ingress,
            open: grouped(open),
            undecided: grouped(undecided),
            gaps,
            notes,
        }
    }

    fn toward(
        &mut self,
        here: (usize, &QueryPart),
        there: (usize, &QueryPart),
        direction: Direction,
    ) -> QueryPair {
        let ties = self.world.ties();
        match direction {
            Direction::Egress => QueryPair::new(self, here, there, None, ties),
            Direction::Ingress => QueryPair::new(self, there, here, None, ties),
        }
    }

    /// What of the pair `set` is, told in full.
    pub(super) fn open_extents(&mut self, set: Diagram, pair: &QueryPair) -> Vec<Extent> {
        if set == Diagram::EMPTY {
            return Vec::new();
        }
        let mut extents = self.extents(set, pair);
        if extents.is_empty() {
            extents.push(Extent::default());
        }
        for extent in &mut extents {
            extent.traffic.get_or_insert_with(|| "any".to_owned());
        }
        extents
    }

    /// The families that are meant where `places` alone have a say.
    fn families_without(&self, places: &[&QueryPlace]) -> Vec<Family> {
        super::judge::families(self.world, places, None)
    }

    /// Those together to which the same is open.
    fn grouped(
        &self,
        found: Vec<(ToldExtent, usize, usize)>,
        place: &QueryPlace,
        everywhere: &[QueryPlace],
    ) -> Vec<Reached> {
        let mut by_end: BTreeMap<(ToldExtent, usize), Vec<usize>> = BTreeMap::new();
        for (extent, at, other) in found {
            by_end.entry((extent, at)).or_default().push(other);
        }
        let mut alike: BTreeMap<(Vec<usize>, ToldExtent), Vec<usize>> = BTreeMap::new();
        for ((extent, at), others) in by_end {
            alike.entry((others, extent)).or_default().push(at);
        }
        let mut open: Vec<Reached> = Vec::new();
        for ((others, (extent, why)), at) in alike {
            let whole = at.len() == place.parts.len();
            let name = |at: usize| place.parts.get(at).map(|part| part.name.clone());
            let at = if whole { Vec::new() } else { at.into_iter().filter_map(name).collect() };
            open.push(Reached { at, places: self.called(&others, everywhere), extent, why });
        }
        let key =
            |it: &Reached| (it.at.clone(), it.places.clone(), it.extent.clone(), it.why.clone());
        open.sort_by_cached_key(key);
        open
    }

    /// Places by the names that flows have for them, where they are all of what that name means.
    pub(super) fn called(&self, others: &[usize], everywhere: &[QueryPlace]) -> Vec<String> {
        let program = &self.world.program;
        let (mut names, mut rest) = (Vec::new(), Vec::new());
        let pods = |index: &usize| {
            let part = everywhere.get(*index).and_then(|it| it.parts.first());
            part.is_some_and(|it| it.is_pods() && it.service().is_none())
        };
        let later = |index: &usize| {
            let part = everywhere.get(*index).and_then(|it| it.parts.first());
            part.is_some_and(QueryPart::is_later)
        };
        // Those that may come and all that are there are every namespace.
        let all_pods = (0..everywhere.len()).filter(|it| pods(it)).count();
        let every =
            others.iter().any(later) && others.iter().filter(|it| pods(it)).count() == all_pods;
        if every {
            names.push(EVERY_NAMESPACE.to_owned());
        }
        let others: Vec<usize> = others.iter().copied().filter(|it| !every || !pods(it)).collect();
        let mut here: BTreeMap<PlaceLabel, Vec<&str>> = BTreeMap::new();
        for other in &others {
            let Some(part) = everywhere.get(*other).and_then(|it| it.parts.first()) else {
                continue;
            };
            let namespace = program.namespaces.iter().find(|(_, it)| *it.name == *part.name);
            match (part.is_pods(), namespace) {
                (true, _) if part.is_later() => rest.push(part.name.clone()),
                (true, Some((_, namespace))) => match namespace.application {
                    Some(application) => {
                        here.entry((application, namespace.zone))
                            .or_default()
                            .push(&namespace.name);
                    }
                    None => rest.push(format!("namespace/{}", part.name)),
                },
                (true, None) if part.service().is_none() => {
                    rest.push(format!("namespace/{}", part.name));
                }
                (true, None) | (false, _) => rest.push(part.name.clone()),
            }
        }
        let all = |application, zone: Option<Option<Id<Zone>>>| {
            let of = program.namespaces.iter().filter(|(_, it)| {
                it.application == Some(application) && zone.is_none_or(|zone| it.zone == zone)
            });
            of.count()
        };
        let mut applications: BTreeMap<Id<Application>, usize> = BTreeMap::new();
        for ((application, _), namespaces) in &here {
            *applications.entry(*application).or_default() += namespaces.len();
        }
        for (application, count) in applications {
            let Some(name) = program.applications.get(application).map(|it| &it.name) else {
                continue;
            };
            let zones = program.applications.get(application).map_or(0, |it| it.zones.len());
            if count == all(application, None) && (zones != 1) {
                names.push(format!("{name}.*"));
                continue;
            }
            for ((_, zone), namespaces) in here.iter().filter(|((it, _), _)| *it == application) {
                let zone_name = zone.and_then(|zone| program.zones.get(zone)).map(|it| &it.name);
                match zone_name.filter(|_| namespaces.len() == all(application, Some(*zone))) {
                    Some(zone) => names.push(format!("{name}.{zone}")),
                    None => names.extend(namespaces.iter().map(|it| format!("namespace/{it}"))),
                }
            }
        }
        names.append(&mut rest);
        names
    }
}
