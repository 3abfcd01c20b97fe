//! The places of a program as sets: which pods, addresses and services a side of a line means, and what a
//! guardrail covers.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::program::{
    Application, Deny, Endpoint, ExternalValue, Guardrail, Id, Place, Program, Zone,
};
use crate::reach::space::PeerKind;
use crate::reach::{Bearer, Condition, Diagram, Direction, Sets, Terms};
use crate::selector::Predicate;
use crate::selector::keys::{NAMESPACE, OF_NAMESPACE};

/// The places of one program, and what was found out about them.
pub(super) struct ProgramPlaces<'a> {
    program: &'a Program,
    application: Arc<str>,
    zone: Arc<str>,
    peers: FxHashMap<&'a Endpoint, Diagram>,
}

impl<'a> ProgramPlaces<'a> {
    pub(super) fn new(program: &'a Program) -> Self {
        let keys = &program.settings.labels;
        Self {
            program,
            application: format!("{OF_NAMESPACE}{}", keys.application).into(),
            zone: format!("{OF_NAMESPACE}{}", keys.zone).into(),
            peers: FxHashMap::default(),
        }
    }

    /// The application label, as it shows on a pod.
    pub(super) fn application_key(&self) -> &str {
        &self.application
    }

    /// Adds everything that the program looks at: the names of applications, zones, namespaces and externals, and what
    /// lines ask.
    pub(super) fn terms(&self, terms: &mut Terms) {
        let program = self.program;
        let names: Vec<_> = program.applications.iter().map(|(_, it)| it.name.clone()).collect();
        terms.label(&self.application, &names);
        if let Deny::Applications(names) = &program.settings.deny {
            terms.label(&self.application, names);
        }
        let names: Vec<_> = program.zones.iter().map(|(_, it)| it.name.clone()).collect();
        terms.label(&self.zone, &names);
        let names: Vec<_> = program.exempt.iter().map(|it| it.name.clone()).collect();
        terms.label(&NAMESPACE.into(), &names);
        for (_, external) in program.externals.iter() {
            terms.line();
            terms_of(terms, &external.value);
        }
        for flow in &program.flows {
            terms.line();
            terms.matches(flow.matches.as_deref());
            for side in [&flow.left, &flow.right] {
                self.terms_of(terms, side);
            }
        }
        for guardrail in &program.guardrails {
            terms.line();
            terms.matches(guardrail.matches.as_deref());
            for side in [&guardrail.left, &guardrail.right].into_iter().chain(&guardrail.except) {
                self.terms_of(terms, side);
            }
        }
        terms.line();
    }

    /// Adds what `end` asks for.
    fn terms_of(&self, terms: &mut Terms, end: &Endpoint) {
        match &end.place {
            Place::Zones { .. } => {
                for key in [&self.application, &self.zone] {
                    terms.label(key, &[]);
                }
            }
            place @ Place::External(_) => {
                if let Some(value) = place.external(self.program) {
                    terms_of(terms, value);
                }
            }
        }
        if let Some(selector) = &end.selector {
            terms.selector(selector);
        }
    }

    /// The connections of `bearer` in `direction`, where it is `here`, with `there`.
    pub(super) fn between(
        &mut self,
        sets: &mut Sets,
        bearer: Bearer<'_>,
        direction: Direction,
        here: &Endpoint,
        there: &'a Endpoint,
    ) -> Diagram {
        let subject = self.pods(sets, bearer, here);
        if subject == Diagram::EMPTY {
            return subject;
        }
        let peer = self.peer(sets, there, direction);
        sets.diagrams.intersection(subject, peer)
    }

    /// The connections of `bearer` in `direction` that `guardrail` covers, whatever their traffic.
    pub(super) fn covered(
        &mut self,
        sets: &mut Sets,
        bearer: Bearer<'_>,
        guardrail: &'a Guardrail,
        direction: Direction,
    ) -> Diagram {
        let (left, right) = (&guardrail.left, &guardrail.right);
        let (mut from, to) = match direction {
            Direction::Egress => (self.pods(sets, bearer, left), self.peer(sets, right, direction)),
            Direction::Ingress => {
                (self.peer(sets, left, direction), self.pods(sets, bearer, right))
            }
        };
        for excused in &guardrail.except {
            let excused = match direction {
                Direction::Egress => self.pods(sets, bearer, excused),
                Direction::Ingress => self.peer(sets, excused, direction),
            };
            from = sets.diagrams.difference(from, excused);
        }
        let covered = sets.diagrams.intersection(from, to);
        let (Place::Zones { application: sender, .. }, Place::Zones { application: receiver, .. }) =
            (&left.place, &right.place)
        else {
            // From or to an external every connection crosses.
            return covered;
        };
        if !guardrail.crossing {
            return covered;
        }
        // Only between different landing zones: a side that is `*` leaves out the other's application.
        let bearers = match direction {
            Direction::Egress => (bearer, Bearer::PeerPod),
            Direction::Ingress => (Bearer::PeerPod, bearer),
        };
        let inside = match (sender, receiver) {
            (Some(sender), Some(receiver)) if sender == receiver => Diagram::FULL,
            // Two names differ; two `*` have no rules.
            (Some(_), Some(_)) | (None, None) => Diagram::EMPTY,
            (Some(id), None) => self.in_application(sets, bearers.1, *id),
            (None, Some(id)) => self.in_application(sets, bearers.0, *id),
        };
        sets.diagrams.difference(covered, inside)
    }

    /// Where `bearer` is in a namespace of `application` in `zone`, or in none.
    pub(super) fn in_zone(
        &self,
        sets: &mut Sets,
        bearer: Bearer<'_>,
        application: Id<Application>,
        zone: Option<Id<Zone>>,
    ) -> Diagram {
        let application = self.in_application(sets, bearer, application);
        let named = zone.and_then(|id| self.program.zones.get(id));
        let test = named.map_or(Predicate::Has, |it| Predicate::Equals(Arc::clone(&it.name)));
        let zone = sets.test(bearer, &self.zone, &test);
        if named.is_none() {
            return sets.diagrams.difference(application, zone);
        }
        sets.diagrams.intersection(application, zone)
    }

    pub(super) fn in_application(
        &self,
        sets: &mut Sets,
        bearer: Bearer<'_>,
        id: Id<Application>,
    ) -> Diagram {
        let Some(application) = self.program.applications.get(id) else { return Diagram::EMPTY };
        let is = Predicate::Equals(Arc::clone(&application.name));
        sets.test(bearer, &self.application, &is)
    }

    /// Where `bearer`, a pod, is one of `end`'s. Addresses and services have no pods.
    fn pods(&self, sets: &mut Sets, bearer: Bearer<'_>, end: &Endpoint) -> Diagram {
        let mut found = match &end.place {
            Place::Zones { application, zones } => {
                let landing_zone = match application {
                    Some(id) => self.in_application(sets, bearer, *id),
                    None => sets.test(bearer, &self.application, &Predicate::Has),
                };
                let zone = match zones {
                    Some(zones) => {
                        let zones = zones.iter().filter_map(|id| self.program.zones.get(*id));
                        let names = zones.map(|zone| Arc::clone(&zone.name)).collect();
                        sets.test(bearer, &self.zone, &Predicate::In(names))
                    }
                    None => Diagram::FULL,
                };
                sets.diagrams.intersection(landing_zone, zone)
            }
            place @ Place::External(_) => match place.external(self.program) {
                Some(ExternalValue::Namespace { name, selector }) => {
                    let namespace = sets.test(bearer, NAMESPACE, &Predicate::Equals(name.clone()));
                    let selected = match selector {
                        Some(selector) => sets.selector(bearer, selector),
                        None => Diagram::FULL,
                    };
                    sets.diagrams.intersection(namespace, selected)
                }
                Some(ExternalValue::Addresses(_) | ExternalValue::Service { .. }) | None => {
                    Diagram::EMPTY
                }
            },
        };
        if let Some(selector) = &end.selector {
            let selected = sets.selector(bearer, selector);
            found = sets.diagrams.intersection(found, selected);
        }
        found
    }

    /// Where the peer of a connection in `direction` is one of `end`'s.
    fn peer(&mut self, sets: &mut Sets, end: &'a Endpoint, direction: Direction) -> Diagram {
        if let Some(known) = self.peers.get(end) {
            return *known;
        }
        let found = match end.place.external(self.program) {
            Some(ExternalValue::Addresses(blocks)) => sets.blocks(blocks),
            Some(ExternalValue::Service { namespace, name }) => {
                return sets.condition(&of_service(direction, namespace, name));
            }
            Some(ExternalValue::Namespace { .. }) | None => {
                let pods = self.pods(sets, Bearer::PeerPod, end);
                let kind = sets.kind(PeerKind::Pod);
                sets.diagrams.intersection(kind, pods)
            }
        };
        self.peers.insert(end, found);
        found
    }
}

/// Adds what an external asks for.
fn terms_of(terms: &mut Terms, value: &ExternalValue) {
    match value {
        ExternalValue::Addresses(blocks) => terms.blocks(blocks),
        ExternalValue::Namespace { name, selector } => {
            terms.label(&NAMESPACE.into(), std::slice::from_ref(name));
            if let Some(selector) = selector {
                terms.selector(selector);
            }
        }
        ExternalValue::Service { namespace, name } => {
            for direction in Direction::BOTH {
                terms.condition(of_service(direction, namespace, name));
            }
        }
    }
}

/// That the other end of a connection is an endpoint of a service.
pub(super) fn of_service(direction: Direction, namespace: &Arc<str>, name: &Arc<str>) -> Condition {
    let (namespace, name) = (Arc::clone(namespace), Arc::clone(name));
    match direction {
        Direction::Egress => Condition::ToService { namespace, name },
        Direction::Ingress => Condition::FromService { namespace, name },
    }
}
