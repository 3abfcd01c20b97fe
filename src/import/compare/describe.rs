//! Differences by the places of both ends, in the names that lines have for them.

mod places;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use self::places::{DifferencePeer, PlaceNames};
use crate::import::difference::{Difference, DifferencePart, Equal, ImportVerdict, LaterPolicies};
use crate::program::Program;
use crate::reach::{Bearer, Diagram, Direction, End, Example, LabelMap, PeerKind, Sets};
use crate::selector::Predicate;
use crate::selector::keys::NAMESPACE;
use crate::traffic::{Family, Match, Protocol};
use crate::world::World;

const FAMILIES: [Family; 2] = [Family::V4, Family::V6];

/// So many differences of one owner may stand by themselves; where there are more, what lines still open is passed over.
const FEW: usize = 4;

/// Whose connections are compared.
#[derive(Clone, Copy)]
pub(super) enum ComparedSubject<'a> {
    /// A declared namespace, or one that is known by its name alone.
    Namespace(&'a Arc<str>),
    /// Namespaces that nobody has declared.
    Later,
    /// Host endpoints, whose profiles allow everything or do not.
    Hosts { open: bool },
}

impl ComparedSubject<'_> {
    fn named(self) -> DifferencePeer {
        match self {
            Self::Namespace(name) => DifferencePeer::Namespace(Arc::clone(name)),
            Self::Later => DifferencePeer::Later,
            Self::Hosts { open: true } => DifferencePeer::Hosts,
            Self::Hosts { open: false } => DifferencePeer::ClosedHosts,
        }
    }
}

/// What is compared.
#[derive(Clone, Copy)]
pub(super) struct Compared<'a> {
    pub(super) subject: ComparedSubject<'a>,
    pub(super) bearer: Bearer<'a>,
    pub(super) direction: Direction,
    pub(super) before: Diagram,
    pub(super) after: Diagram,
    /// The connections that count.
    pub(super) counted: Diagram,
}

/// Traffic, whether only some pods are meant, and the other ends.
type DifferenceContent = Vec<(String, bool, BTreeSet<DifferencePeer>)>;

/// What tells one difference from another, in the order in which they are told.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct DifferenceKey {
    of_hosts: bool,
    less: bool,
    what: DifferenceContent,
    ingress: bool,
}

/// What is the same for all connections of one key.
#[derive(Clone, Default)]
struct FoundDifference {
    subjects: BTreeSet<DifferencePeer>,
    by: BTreeSet<String>,
    example: Option<Example>,
    /// Whether what is open both before and after is passed over.
    rough: bool,
}

/// Differences as they are found: exactly, and with what lines still open passed over.
pub(super) struct Differences<'a> {
    places: PlaceNames<'a>,
    exact: BTreeMap<DifferenceKey, FoundDifference>,
    rough: BTreeMap<DifferenceKey, FoundDifference>,
    /// Where the same is open and policies of later can open less, or more, than they could.
    later_policies: [BTreeSet<DifferencePeer>; 2],
    /// Whether all of them are about namespaces of later.
    later: bool,
    /// What was found about sets already.
    known: FxHashMap<(Diagram, Direction), DifferenceContent>,
}

impl<'a> Differences<'a> {
    pub(super) fn new(world: &'a World, program: &'a Program) -> Self {
        let places = PlaceNames::new(world, program);
        Self {
            places,
            exact: BTreeMap::new(),
            rough: BTreeMap::new(),
            later_policies: Default::default(),
            later: true,
            known: FxHashMap::default(),
        }
    }

    /// The namespaces that are known by name alone.
    pub(super) fn undeclared(&self) -> Vec<Arc<str>> {
        let all = self.places.homes.iter().filter(|it| !it.declared);
        all.map(|it| Arc::clone(&it.name)).collect()
    }

    /// Adds what of `it` differs, and gives it; `by` names the policies that decided about some set before.
    pub(super) fn add(
        &mut self,
        sets: &mut Sets,
        it: &Compared<'_>,
        by: impl Fn(&mut Sets, Diagram) -> BTreeSet<String>,
    ) -> Diagram {
        let Compared { before, after, direction, .. } = *it;
        let counted = sets.that_can_be(it.counted, direction);
        let mut all = Vec::new();
        for (more, open, closed) in [(true, after, before), (false, before, after)] {
            // What does not differ at all is not looked at further: what counts is as large as the cluster.
            let set = sets.diagrams.difference(open, closed);
            let set = sets.diagrams.intersection(set, counted);
            all.push(set);
            if set == Diagram::EMPTY {
                continue;
            }
            let open = sets.diagrams.intersection(open, counted);
            let traffic = sets.traffic_of(set);
            let whole = sets.diagrams.intersection(open, traffic);
            let found = FoundDifference {
                subjects: BTreeSet::from([it.subject.named()]),
                by: by(sets, set),
                example: self.example(sets, set, it.bearer, direction),
                rough: false,
            };
            // Of namespaces that nobody has declared no pods are told apart.
            let [set_of_all, whole] = match it.bearer {
                Bearer::Declared(..) | Bearer::Named(_) => [set, whole],
                Bearer::Undeclared
                | Bearer::Host
                | Bearer::PeerPod
                | Bearer::PeerHeld
                | Bearer::PeerHost => [set, whole].map(|it| sets.of_any_subject(it)),
            };
            let exactly = self.difference_parts(sets, set_of_all, direction);
            let later = matches!(it.subject, ComparedSubject::Later)
                || exactly
                    .iter()
                    .all(|(_, _, peers)| peers.iter().all(|it| *it == DifferencePeer::Later));
            self.later &= later;
            let key = |what| DifferenceKey {
                of_hosts: matches!(it.subject, ComparedSubject::Hosts { .. }),
                less: !more,
                what,
                ingress: direction == Direction::Ingress,
            };
            let passed_over = whole != set_of_all;
            let roughly = if passed_over {
                self.difference_parts(sets, whole, direction)
            } else {
                exactly.clone()
            };
            let maps = [(&mut self.exact, exactly, false), (&mut self.rough, roughly, passed_over)];
            for (map, what, rough) in maps {
                let known = map.entry(key(what)).or_default();
                known.rough |= rough;
                known.subjects.extend(found.subjects.iter().cloned());
                known.by.extend(found.by.iter().cloned());
                if known.example.is_none() {
                    known.example.clone_from(&found.example);
                }
            }
        }
        sets.diagrams.union_of(all)
    }

    /// Adds what policies of later could let pass before and can after; what passes without them is the same.
    pub(super) fn add_later_policies(&mut self, sets: &mut Sets, it: &Compared<'_>) {
        let counted = sets.that_can_be(it.counted, it.direction);
        let both = [(it.before, it.after), (it.after, it.before)];
        for ((open, closed), places) in both.into_iter().zip(&mut self.later_policies) {
            let set = sets.diagrams.difference(open, closed);
            if sets.diagrams.intersection(set, counted) != Diagram::EMPTY {
                places.insert(it.subject.named());
                self.later &= matches!(it.subject, ComparedSubject::Later);
            }
        }
    }

    /// What is to be said of `owner`, of whom the differences so far are; none is left.
    pub(super) fn verdict(&mut self, owner: &str) -> ImportVerdict {
        let found = std::mem::take(&mut self.later_policies);
        let found = [false, true].into_iter().zip(found).filter(|(_, places)| !places.is_empty());
        let later = |(more, places)| LaterPolicies { more, at: self.places.called(&places) };
        let later_policies: Vec<_> = found.map(later).collect();
        let (differences, later) = self.take();
        let verdict = match (differences.is_empty() && later_policies.is_empty(), later) {
            (true, _) => Equal::Equivalent,
            (false, true) => Equal::EquivalentToday,
            (false, false) => Equal::Differs,
        };
        ImportVerdict { owner: owner.to_owned(), verdict, differences, later_policies }
    }

    /// The differences so far, and whether all are about namespaces of later; none is left.
    fn take(&mut self) -> (Vec<Difference>, bool) {
        let (exact, rough) = (std::mem::take(&mut self.exact), std::mem::take(&mut self.rough));
        let later = std::mem::replace(&mut self.later, true);
        let roughly = exact.len() > FEW && rough.len() < exact.len();
        let found = if roughly { rough } else { exact };
        let mut joined: Vec<Difference> = Vec::new();
        for (key, found) in found {
            let part = |(traffic, some, peers): (String, bool, BTreeSet<DifferencePeer>)| {
                DifferencePart { places: self.places.called(&peers), traffic, some }
            };
            let shown = found.example.clone().map(|it| self.shown(it));
            let difference = Difference {
                more: !key.less,
                sends: !key.ingress,
                receives: key.ingress,
                at: self.places.called(&found.subjects),
                parts: key.what.into_iter().map(part).collect(),
                rough: found.rough,
                by: found.by.into_iter().collect(),
                example: shown.map_or_else(String::new, |it| it.to_string()),
                connection: found.example,
            };
            let same = |it: &&mut Difference| {
                it.sends != difference.sends
                    && (it.more, &it.at, &it.parts, &it.by)
                        == (difference.more, &difference.at, &difference.parts, &difference.by)
            };
            match joined.iter_mut().find(same) {
                Some(known) => (known.sends, known.receives) = (true, true),
                None => joined.push(difference),
            }
        }
        (joined, later)
    }

    /// `example` without the labels of namespaces that manifests tell.
    fn shown(&self, mut example: Example) -> Example {
        for end in [&mut example.subject, &mut example.peer] {
            if let End::Pod { namespace, of_namespace, .. } = end
                && self.places.homes.iter().any(|it| it.declared && it.name == *namespace)
            {
                *of_namespace = LabelMap::new();
            }
        }
        example
    }

    /// A connection in `set`: of traffic that people know if there is some, and rather with a namespace of some other name
    /// than one that is known by its name alone.
    fn example(
        &self,
        sets: &mut Sets,
        set: Diagram,
        bearer: Bearer<'_>,
        direction: Direction,
    ) -> Option<Example> {
        let by_name = Predicate::In(self.undeclared());
        let by_name = sets.test(Bearer::PeerPod, NAMESPACE, &by_name);
        let mut all = vec![sets.diagrams.difference(Diagram::FULL, by_name)];
        for one in [HTTPS, Match::Protocol(Protocol::Tcp), Match::Protocol(Protocol::Udp)] {
            all.push(sets.traffic(Some(&[one])));
        }
        let mut set = set;
        for wish in all {
            let some = sets.diagrams.intersection(set, wish);
            if some != Diagram::EMPTY {
                set = some;
            }
        }
        sets.example(set, bearer, direction)
    }

    /// The same as [`parts`](Self::parts), which is asked of many namespaces that are alike.
    fn difference_parts(
        &mut self,
        sets: &mut Sets,
        set: Diagram,
        direction: Direction,
    ) -> DifferenceContent {
        if let Some(known) = self.known.get(&(set, direction)) {
            return known.clone();
        }
        let found = self.parts(sets, set, direction);
        self.known.insert((set, direction), found.clone());
        found
    }

    /// `set` by the other ends, those together to which the same is open.
    fn parts(&self, sets: &mut Sets, set: Diagram, direction: Direction) -> DifferenceContent {
        let mut alike: BTreeMap<(String, bool), BTreeSet<DifferencePeer>> = BTreeMap::new();
        let pods = sets.kind(PeerKind::Pod);
        let pods = sets.diagrams.intersection(set, pods);
        let mut names = Vec::new();
        for home in &self.places.homes {
            names.push(Arc::clone(&home.name));
            let there = if home.declared {
                sets.facing(pods, &home.name, &home.labels)
            } else {
                let its_name = Predicate::Equals(Arc::clone(&home.name));
                let there = sets.test(Bearer::PeerPod, NAMESPACE, &its_name);
                sets.diagrams.intersection(pods, there)
            };
            let peer = DifferencePeer::Namespace(Arc::clone(&home.name));
            extents(sets, there, &peer, home.declared, &mut alike);
        }
        let known = sets.test(Bearer::PeerPod, NAMESPACE, &Predicate::In(names));
        let later = sets.diagrams.difference(pods, known);
        extents(sets, later, &DifferencePeer::Later, false, &mut alike);
        let hosts = sets.kind(PeerKind::Host);
        let hosts = sets.diagrams.intersection(set, hosts);
        extents(sets, hosts, &DifferencePeer::Hosts, false, &mut alike);
        // The ports of an address have no names.
        let set = match direction {
            Direction::Egress => sets.nameless(set),
            Direction::Ingress => set,
        };
        for family in FAMILIES {
            addresses(sets, set, family, &mut alike);
        }
        alike.into_iter().map(|((traffic, some), peers)| (traffic, some, peers)).collect()
    }
}

/// Traffic that everybody knows.
pub(super) const HTTPS: Match = Match::Ports(Protocol::Tcp, 443, 443);

/// Adds `set`, whose other end is `peer`, by its traffic.
fn extents(
    sets: &mut Sets,
    set: Diagram,
    peer: &DifferencePeer,
    whole: bool,
    alike: &mut BTreeMap<(String, bool), BTreeSet<DifferencePeer>>,
) {
    for (traffic, rest) in sets.by_traffic(set, &FAMILIES) {
        let sure = sets.conditions_of(rest).is_empty();
        let some = whole && (!sure || sets.for_some(rest, [true, true]) != Diagram::FULL);
        alike.entry((traffic.to_string(), some)).or_default().insert(peer.clone());
    }
}

/// Adds the addresses of `set`, by traffic.
fn addresses(
    sets: &mut Sets,
    set: Diagram,
    family: Family,
    alike: &mut BTreeMap<(String, bool), BTreeSet<DifferencePeer>>,
) {
    let kind = match family {
        Family::V4 => PeerKind::V4,
        Family::V6 => PeerKind::V6,
    };
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
                places::EVERY.to_owned()
            });
        }
        if more {
            names.insert("other addresses".to_owned());
        }
        let some = ways.iter().any(|it| it.subject.selector.is_some() || !it.conditions.is_empty());
        // The family goes without saying.
        let traffic = traffic.on_both(family);
        let names = names.into_iter().map(DifferencePeer::Addresses);
        alike.entry((traffic.to_string(), some)).or_default().extend(names);
    }
}
