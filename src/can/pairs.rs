//! All pairs: what every place reaches; and exposure: what is open to, or from, every namespace, namespaces that may come, and
//! addresses outside.

use std::collections::BTreeMap;

use super::judge::hold;
use super::place::{EVERY_NAMESPACE, LATER, QueryPart, QueryPartKind, QueryPlace};
use super::reach::{EVERY, Reaches, every_address, everywhere};
use crate::reach::{Direction, TooMany};
use crate::world::World;

/// What stands for many places.
const WIDE: [&str; 3] = [EVERY_NAMESPACE, LATER, EVERY];

/// What every place reaches: each zone, each namespace outside of zones, each host endpoint, services that rules name, namespaces that may come, and every
/// address outside. A place that reaches nothing is there as well.
///
/// # Errors
/// Where a label has too much asked of its values.
pub fn pairs(world: &World) -> Result<Vec<Reaches>, TooMany> {
    let mut senders = places(world);
    // What rules say of the endpoints of a service is said of nobody else.
    let services = everywhere(world).into_iter();
    senders.extend(services.filter(|it| it.parts.iter().any(|it| it.service().is_some())));
    senders.push(alone(QueryPart::later(None)));
    senders.push(alone(every_address()));
    reaches(world, &senders, &[Direction::Egress])
}

/// What can reach each place (first) and what it reaches (second), of that what is open to many: to every namespace, to namespaces
/// that may come, to addresses outside.
///
/// # Errors
/// Where a label has too much asked of its values.
pub fn exposure(world: &World) -> Result<Vec<Reaches>, TooMany> {
    let mut found = reaches(world, &places(world), &[Direction::Ingress, Direction::Egress])?;
    let externals: Vec<String> = everywhere(world)
        .into_iter()
        .filter(|it| it.parts.iter().any(|part| matches!(part.what, QueryPartKind::Addresses(_))))
        .map(|it| it.text)
        .collect();
    let is_wide = |name: &String| WIDE.contains(&&**name) || externals.contains(name);
    for one in &mut found {
        for rows in [&mut one.open, &mut one.undecided] {
            for row in rows.iter_mut() {
                row.places.retain(is_wide);
            }
            rows.retain(|row| !row.places.is_empty());
        }
    }
    Ok(found)
}

fn reaches(
    world: &World,
    places: &[QueryPlace],
    directions: &[Direction],
) -> Result<Vec<Reaches>, TooMany> {
    let mut everywhere = everywhere(world);
    everywhere.push(alone(QueryPart::later(None)));
    let parts: Vec<&QueryPlace> = everywhere.iter().chain(places).collect();
    hold(world, &parts, None, |judge| {
        judge.services_apart = true;
        let mut found = Vec::new();
        for place in places {
            judge.families = super::judge::families(world, &[place], None);
            for direction in directions {
                judge.sets.allow_subject();
                let mut of_place = judge.reaches(place, &everywhere, *direction);
                for row in of_place.open.iter_mut().chain(&mut of_place.undecided) {
                    // What is open to many is told first.
                    row.places.sort_by_key(|it| !WIDE.contains(&&**it));
                }
                found.push(of_place);
                if judge.sets.are_spent() {
                    return found;
                }
            }
        }
        found
    })
}

/// The zones, the namespaces that are in none, and the host endpoints.
fn places(world: &World) -> Vec<QueryPlace> {
    let program = &world.program;
    let mut zones: BTreeMap<String, Vec<QueryPart>> = BTreeMap::new();
    let mut others = Vec::new();
    for home in world.homes() {
        let Some(part) = world.pods(&home.name, None, None) else { continue };
        let zone = program.namespaces.iter().find(|(_, it)| it.name == home.name);
        let zone = zone.and_then(|(_, it)| {
            let application = program.applications.get(it.application?)?;
            Some(format!("{}.{}", application.name, program.zones.get(it.zone?)?.name))
        });
        match zone {
            Some(zone) => zones.entry(zone).or_default().push(part),
            None => others.push((format!("namespace/{}", home.name), vec![part])),
        }
    }
    let hosts = world.cluster.hosts.iter().enumerate().map(|(index, host)| {
        let part = QueryPart { name: host.name.to_string(), what: QueryPartKind::Host(index) };
        (host.name.to_string(), vec![part])
    });
    let all = zones.into_iter().chain(others).chain(hosts);
    all.map(|(text, parts)| QueryPlace { text, parts, written: None, later: None }).collect()
}

fn alone(part: QueryPart) -> QueryPlace {
    QueryPlace { text: part.name.clone(), parts: vec![part], written: None, later: None }
}
