//! Where questions are judged: the policies over one space, and what is known of each subject, judged once.

use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::icmp::NeverBegins;
use super::place::{QueryPart, QueryPartKind, QueryPlace};
use crate::reach::of_policies::{KnownEndpoints, Policies, Profile, Step, Subject as Judged, Ties};
use crate::reach::{Bearer, Condition, Diagram, Direction, End, PeerKind, Sets, Terms, TooMany};
use crate::traffic::{Family, Match, Protocol};
use crate::world::World;

/// Policies, ready to judge the pods of one namespace or host after another.
pub(super) struct Judge<'w> {
    pub(super) world: &'w World,
    pub(super) sets: Sets,
    /// Which IP families are meant.
    pub(super) families: Vec<Family>,
    /// What never begins a connection.
    pub(super) never: Vec<NeverBegins>,
    /// Whether the endpoints of services are asked about apart, as places of their own.
    pub(super) services_apart: bool,
    policies: Policies,
    judged: FxHashMap<(QuerySubject, Direction, Ties), Rc<[Step]>>,
}

/// Whose policies are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum QuerySubject {
    /// Pods of a namespace, by its index among those that are known.
    Home(usize),
    /// Pods of namespaces that may come.
    Later,
    /// A host endpoint, by its index in the cluster.
    Host(usize),
}

impl QuerySubject {
    /// Who is asked at `part`; nobody where addresses are outside.
    pub(super) fn of(part: &QueryPart) -> Option<Self> {
        match part.what {
            QueryPartKind::Pods { home, .. } => Some(Self::Home(home)),
            QueryPartKind::Later { .. } => Some(Self::Later),
            QueryPartKind::Host(index) => Some(Self::Host(index)),
            QueryPartKind::Addresses(_) => None,
        }
    }
}

/// Does `work` in a judge where `places` and `traffic` can be asked about.
pub(super) fn hold<T>(
    world: &World,
    places: &[&QueryPlace],
    traffic: Option<&[Match]>,
    work: impl FnOnce(&mut Judge<'_>) -> T,
) -> Result<T, TooMany> {
    let policies = world.evaluator_at();
    let mut terms = Terms::default();
    policies.terms(&mut terms);
    terms.matches(traffic);
    for (_, application) in world.program.applications.iter().filter(|(_, it)| it.elsewhere) {
        terms.line();
        terms.condition(Condition::LineElsewhere(std::sync::Arc::clone(&application.name)));
    }
    for part in places.iter().flat_map(|place| &place.parts) {
        match &part.what {
            QueryPartKind::Pods { selector, service, .. } => {
                terms.line();
                if let Some(selector) = selector {
                    terms.selector(selector);
                }
                for direction in Direction::BOTH {
                    if let Some(condition) = of_service(service.as_ref(), direction) {
                        terms.condition(condition);
                    }
                    if let Some(known) = known_endpoints(world, service.as_ref(), direction) {
                        known.terms(&mut terms);
                    }
                }
            }
            QueryPartKind::Later { selector } => {
                terms.line();
                if let Some(selector) = selector {
                    terms.selector(selector);
                }
            }
            QueryPartKind::Addresses(nets) => terms.blocks(nets),
            QueryPartKind::Host(index) => {
                for port in world.cluster.hosts.get(*index).into_iter().flat_map(|it| &it.ports) {
                    terms.matches(Some(&[Match::Ports(port.protocol, port.port, port.port)]));
                }
            }
        }
    }
    terms.blocks(&world.program.settings.cluster);
    if !world.project {
        terms.give_pods_addresses();
    }
    Sets::over(terms, |sets| {
        work(&mut Judge {
            world,
            sets,
            families: families(world, places, traffic),
            never: world.never_beginning(),
            services_apart: false,
            policies,
            judged: FxHashMap::default(),
        })
    })
}

/// That an end is one of a service, as the rules of a policy of the other end in `direction` ask.
pub(super) fn of_service(
    service: Option<&(std::sync::Arc<str>, std::sync::Arc<str>)>,
    direction: Direction,
) -> Option<Condition> {
    let (namespace, name) = service.cloned()?;
    Some(match direction {
        Direction::Egress => Condition::ToService { namespace, name },
        Direction::Ingress => Condition::FromService { namespace, name },
    })
}

/// The endpoints of a service, where they are known, as rules of the other end in `direction` ask for them.
pub(super) fn known_endpoints(
    world: &World,
    service: Option<&(Arc<str>, Arc<str>)>,
    direction: Direction,
) -> Option<KnownEndpoints> {
    let known = world.cluster.services.get(service?)?;
    Some(KnownEndpoints::new(known, of_service(service, direction)?))
}

/// The families that are meant: those of the addresses and of the traffic; or else IPv4, and IPv6 where the policies
/// speak of it.
pub(super) fn families(
    world: &World,
    places: &[&QueryPlace],
    traffic: Option<&[Match]>,
) -> Vec<Family> {
    const BOTH: [Family; 2] = [Family::V4, Family::V6];
    let parts = places.iter().flat_map(|place| &place.parts);
    let addresses: Vec<_> = parts.filter_map(|part| part.families(world)).flatten().collect();
    if !addresses.is_empty() {
        return BOTH.into_iter().filter(|it| addresses.contains(it)).collect();
    }
    let of = |found: &Match| match found {
        Match::Protocol(Protocol::Icmp) | Match::IcmpType(Protocol::Icmp, ..) => Some(Family::V4),
        Match::Protocol(Protocol::IcmpV6) | Match::IcmpType(Protocol::IcmpV6, ..) => {
            Some(Family::V6)
        }
        Match::Protocol(_) | Match::Ports(..) | Match::Named(..) | Match::IcmpType(..) => None,
    };
    let asked: Vec<_> = traffic.unwrap_or_default().iter().map(of).collect();
    match asked.first() {
        Some(Some(first)) if asked.iter().all(|it| *it == Some(*first)) => vec![*first],
        _ if asked.contains(&Some(Family::V6)) || world.speaks_of_v6() => BOTH.to_vec(),
        Some(_) | None => vec![Family::V4],
    }
}

impl Judge<'_> {
    /// How the connections of `subject` in `direction` are decided.
    pub(super) fn steps(
        &mut self,
        subject: QuerySubject,
        direction: Direction,
        ties: Ties,
    ) -> Rc<[Step]> {
        if let Some(known) = self.judged.get(&(subject, direction, ties)) {
            return Rc::clone(known);
        }
        let world = self.world;
        let steps: Rc<[Step]> = match subject {
            QuerySubject::Home(index) => {
                world.homes.get(index).map(|home| self.judge(home.subject(), direction, ties))
            }
            QuerySubject::Later => Some(self.judge(Judged::Undeclared(&[]), direction, ties)),
            QuerySubject::Host(index) => world
                .cluster
                .hosts
                .get(index)
                .map(|host| self.judge(Judged::Host(&Profile::of(host)), direction, ties)),
        }
        .unwrap_or_default()
        .into();
        self.judged.insert((subject, direction, ties), Rc::clone(&steps));
        steps
    }

    /// How the connections of `subject` in `direction` are decided.
    pub(super) fn judge(
        &mut self,
        subject: Judged<'_>,
        direction: Direction,
        ties: Ties,
    ) -> Vec<Step> {
        let steps = self.policies.judge(&mut self.sets, subject, direction, ties);
        match subject {
            Judged::Declared(name, _) | Judged::Named(name) => self.decided_elsewhere(name, steps),
            Judged::Undeclared(_) | Judged::Host(_) => steps,
        }
    }

    /// What of `set`, the connections of a subject in `direction`, has `subject` at its end and `peer` at the other, without
    /// asking for what is known of them.
    pub(super) fn between(
        &mut self,
        set: Diagram,
        subject: &QueryPart,
        peer: &QueryPart,
        direction: Direction,
    ) -> Diagram {
        let mut set = set;
        if let QueryPartKind::Host(index) = subject.what
            && let Some(host) = self.host(index)
        {
            set = self.sets.at_host(set, &host, false);
        }
        match peer.what {
            QueryPartKind::Pods { .. } => self.at_home(set, peer),
            QueryPartKind::Later { .. } => self.sets.of_kind(set, PeerKind::Pod),
            QueryPartKind::Host(index) => match self.host(index) {
                Some(host) => self.sets.at_host(set, &host, true),
                None => Diagram::EMPTY,
            },
            QueryPartKind::Addresses(_) => match direction {
                Direction::Egress => self.sets.nameless(set),
                Direction::Ingress => set,
            },
        }
    }

    /// What of `set` has pods of the namespace of `peer` for its peer, without asking for what is known of that.
    pub(super) fn at_home(&mut self, set: Diagram, peer: &QueryPart) -> Diagram {
        let QueryPartKind::Pods { home, .. } = peer.what else { return set };
        let world = self.world;
        let Some(home) = world.homes.get(home) else { return Diagram::EMPTY };
        if home.known {
            self.sets.facing(set, &home.name, &home.labels)
        } else {
            self.sets.facing_named(set, &home.name)
        }
    }

    /// The namespace of `part`, where its labels are not known.
    pub(super) fn unknown_namespace(&self, part: &QueryPart) -> Option<Arc<str>> {
        let QueryPartKind::Pods { home, .. } = part.what else { return None };
        let home = self.world.homes.get(home).filter(|it| !it.known)?;
        Some(Arc::clone(&home.name))
    }

    pub(super) fn host(&self, index: usize) -> Option<End> {
        self.world.cluster.hosts.get(index).map(End::of_host)
    }

    /// Who bears the labels of pods and hosts at `part` as the subject.
    pub(super) fn bearer(&self, part: &QueryPart) -> Bearer<'_> {
        match part.what {
            QueryPartKind::Pods { home, .. } => {
                let home = self.world.homes.get(home);
                home.map_or(Bearer::Undeclared, |it| it.subject().bearer())
            }
            QueryPartKind::Later { .. } => Bearer::Undeclared,
            QueryPartKind::Host(_) | QueryPartKind::Addresses(_) => Bearer::Host,
        }
    }
}
