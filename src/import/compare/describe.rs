//! Differences by the places of both ends, in the names that lines have for them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::declared;
use crate::import::difference::{Difference, Part};
use crate::import::known::NAMESPACE;
use crate::program::Program;
use crate::reach::{Bearer, Diagram, Direction, Example, Kind, Sets};
use crate::selector::Predicate;
use crate::traffic::Family;
use crate::world::World;

const FAMILIES: [Family; 2] = [Family::V4, Family::V6];

/// Whose connections differ.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Subject {
    Namespace(Arc<str>),
    /// Namespaces that nobody has declared.
    Later,
    Hosts,
}

/// One of the other ends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Peer {
    Namespace(Arc<str>),
    Later,
    Hosts,
    Addresses(String),
}

/// Differences as they are found.
pub(super) struct Told<'a> {
    world: &'a World,
    program: &'a Program,
    found: BTreeMap<Key, (Vec<Subject>, Option<Example>)>,
    /// Whether all of them are about namespaces of later.
    later: bool,
}

/// By what differences are one: `more` before less.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    less: bool,
    later: bool,
    ingress: bool,
    what: Vec<(String, bool, BTreeSet<Peer>)>,
}

impl<'a> Told<'a> {
    pub(super) fn new(world: &'a World, program: &'a Program) -> Self {
        Self { world, program, found: BTreeMap::new(), later: true }
    }

    /// Adds what of `counted` differs between what was open `before` and `after`, and gives it.
    pub(super) fn add(
        &mut self,
        sets: &mut Sets<'_>,
        subject: &Subject,
        direction: Direction,
        [before, after]: [Diagram; 2],
        counted: Diagram,
    ) -> Diagram {
        let counted = sets.that_can_be(counted, direction);
        let more = sets.diagrams.difference(after, before);
        let less = sets.diagrams.difference(before, after);
        let mut all = Vec::new();
        for (set, more) in [(more, true), (less, false)] {
            let set = sets.diagrams.intersection(set, counted);
            all.push(set);
            if set == Diagram::EMPTY {
                continue;
            }
            let what = self.parts(sets, set);
            let of_later = *subject == Subject::Later
                || what.iter().all(|(_, _, peers)| peers.iter().all(|it| *it == Peer::Later));
            self.later &= of_later;
            let declared = match subject {
                Subject::Namespace(name) => declared(self.program, name),
                Subject::Later | Subject::Hosts => None,
            };
            let bearer = match (subject, declared) {
                (_, Some(namespace)) => Bearer::Declared(&namespace.name, &namespace.labels),
                (Subject::Hosts, None) => Bearer::Host,
                (Subject::Later | Subject::Namespace(_), None) => Bearer::Undeclared,
            };
            let example = sets.example(set, bearer, direction);
            let ingress = direction == Direction::Ingress;
            let key = Key { less: !more, later: of_later, ingress, what };
            let (subjects, _) = self.found.entry(key).or_insert((Vec::new(), example));
            subjects.push(subject.clone());
        }
        sets.diagrams.union_of(all)
    }

    /// The differences so far, and whether all are about namespaces of later; none is left.
    pub(super) fn take(&mut self) -> (Vec<Difference>, bool) {
        let later = std::mem::replace(&mut self.later, true);
        let found = std::mem::take(&mut self.found);
        let difference = |(key, (subjects, example)): (Key, (Vec<Subject>, Option<Example>))| {
            let subjects = subjects.into_iter().map(|it| match it {
                Subject::Namespace(name) => Peer::Namespace(name),
                Subject::Later => Peer::Later,
                Subject::Hosts => Peer::Hosts,
            });
            let part = |(traffic, some, peers): (String, bool, BTreeSet<Peer>)| Part {
                places: self.called(&peers),
                traffic,
                some,
            };
            Difference {
                more: !key.less,
                sends: !key.ingress,
                at: self.called(&subjects.collect()),
                parts: key.what.into_iter().map(part).collect(),
                example: example.as_ref().map_or_else(String::new, ToString::to_string),
                connection: example,
            }
        };
        (found.into_iter().map(difference).collect(), later)
    }

    /// `set` by the other ends, those together to which the same is open.
    fn parts(&self, sets: &mut Sets<'_>, set: Diagram) -> Vec<(String, bool, BTreeSet<Peer>)> {
        let mut alike: BTreeMap<(String, bool), BTreeSet<Peer>> = BTreeMap::new();
        let pods = sets.kind(Kind::Pod);
        let pods = sets.diagrams.intersection(set, pods);
        let mut names = Vec::new();
        for home in self.world.homes() {
            names.push(Arc::clone(&home.name));
            let there = if home.declared {
                sets.facing(pods, &home.name, &home.labels)
            } else {
                let its_name = Predicate::Equals(Arc::clone(&home.name));
                let there = sets.test(Bearer::PeerPod, NAMESPACE, &its_name);
                sets.diagrams.intersection(pods, there)
            };
            let peer = Peer::Namespace(Arc::clone(&home.name));
            extents(sets, there, &peer, home.declared, &mut alike);
        }
        let known = sets.test(Bearer::PeerPod, NAMESPACE, &Predicate::In(names));
        let later = sets.diagrams.difference(pods, known);
        extents(sets, later, &Peer::Later, false, &mut alike);
        let hosts = sets.kind(Kind::Host);
        let hosts = sets.diagrams.intersection(set, hosts);
        extents(sets, hosts, &Peer::Hosts, false, &mut alike);
        for kind in [Kind::V4, Kind::V6] {
            let outside = sets.kind(kind);
            let outside = sets.diagrams.intersection(set, outside);
            for (traffic, rest) in sets.by_traffic(outside, &FAMILIES) {
                let rest = sets.of_kind(rest, kind);
                let (ways, more) = sets.ways(rest, 4);
                let mut names = BTreeSet::new();
                for way in &ways {
                    let list = |nets: &[ipnet::IpNet]| {
                        nets.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
                    };
                    names.insert(if !way.peer.blocks.is_empty() {
                        list(&way.peer.blocks)
                    } else if !way.peer.not_blocks.is_empty() {
                        format!("every address but {}", list(&way.peer.not_blocks))
                    } else {
                        "every address".to_owned()
                    });
                }
                if more {
                    names.insert("other addresses".to_owned());
                }
                let some = ways
                    .iter()
                    .any(|it| it.subject.selector.is_some() || !it.conditions.is_empty());
                let traffic = over_both(&traffic.to_string());
                let names = names.into_iter().map(Peer::Addresses);
                alike.entry((traffic, some)).or_default().extend(names);
            }
        }
        alike.into_iter().map(|((traffic, some), peers)| (traffic, some, peers)).collect()
    }

    /// Places by the names that lines have for them, where they are all of what that name means.
    fn called(&self, peers: &BTreeSet<Peer>) -> Vec<String> {
        let program = self.program;
        let namespaces: BTreeSet<&Arc<str>> = peers
            .iter()
            .filter_map(|it| match it {
                Peer::Namespace(name) => Some(name),
                Peer::Later | Peer::Hosts | Peer::Addresses(_) => None,
            })
            .collect();
        let mut names = Vec::new();
        let mut left = namespaces.clone();
        let all: Vec<_> = program.namespaces.iter().map(|(_, it)| it).collect();
        for (id, application) in program.applications.iter() {
            let zones = std::iter::once(None).chain(application.zones.iter().copied().map(Some));
            for zone in zones {
                let of: Vec<_> = all
                    .iter()
                    .filter(|it| it.application == Some(id) && (zone.is_none() || it.zone == zone))
                    .map(|it| &it.name)
                    .collect();
                if !of.is_empty() && of.iter().all(|it| left.contains(it)) {
                    left.retain(|it| !of.contains(it));
                    let zone = zone.and_then(|it| program.zones.get(it)).map_or("*", |it| &it.name);
                    names.push(format!("{}.{zone}", application.name));
                }
            }
        }
        names.extend(left.iter().map(|it| format!("namespace/{it}")));
        let others = peers.iter().filter_map(|it| match it {
            Peer::Namespace(_) => None,
            Peer::Later => Some("namespaces declared later".to_owned()),
            Peer::Hosts => Some("host endpoints".to_owned()),
            Peer::Addresses(text) => Some(text.clone()),
        });
        names.extend(others);
        names
    }
}

/// Adds `set`, whose other end is `peer`, by its traffic.
fn extents(
    sets: &mut Sets<'_>,
    set: Diagram,
    peer: &Peer,
    whole: bool,
    alike: &mut BTreeMap<(String, bool), BTreeSet<Peer>>,
) {
    for (traffic, rest) in sets.by_traffic(set, &FAMILIES) {
        let sure = sets.conditions_of(rest).is_empty();
        let some = whole && (!sure || sets.somehow(rest, [true, true]) != Diagram::FULL);
        alike.entry((traffic.to_string(), some)).or_default().insert(peer.clone());
    }
}

/// Traffic without the family that goes without saying.
fn over_both(text: &str) -> String {
    text.replace(" over IPv4", "").replace(" over IPv6", "")
}
