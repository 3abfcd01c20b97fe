//! What single lines are about, whoever declares the namespaces of their ends: connections by both ends' labels, seen from the
//! sender where it has pods, otherwise from the receiver.

use rustc_hash::FxHashMap;

use super::places::{ProgramPlaces, of_service};
use crate::program::{
    Application, Endpoint, External, ExternalValue, Guardrail, Id, Place, Program, Zone,
};
use crate::reach::{Bearer, Diagram, Direction, Sets, Terms};
use crate::selector::Predicate;
use crate::traffic::Match;

/// The ends of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WayEnd {
    /// Who opens it.
    Sender,
    /// Who accepts it.
    Receiver,
}

impl WayEnd {
    /// The other end.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Sender => Self::Receiver,
            Self::Receiver => Self::Sender,
        }
    }
}

/// The lines of a program as connections, each by itself.
#[expect(missing_debug_implementations, reason = "a view of the program, which has one")]
pub struct Ways<'a> {
    program: &'a Program,
    places: ProgramPlaces<'a>,
    /// Connections with no service but this one.
    of_services: FxHashMap<Option<Id<External>>, Diagram>,
    /// Connections within one landing zone.
    inside: Option<Diagram>,
}

impl<'a> Ways<'a> {
    /// Those of `program`.
    pub fn new(program: &'a Program) -> Self {
        let (places, of_services) = (ProgramPlaces::new(program), FxHashMap::default());
        Self { program, places, of_services, inside: None }
    }

    /// Adds everything that the lines look at to `terms`.
    pub fn terms(&self, terms: &mut Terms) {
        self.places.terms(terms);
    }

    /// From which end the connections of `sender` are seen: in the direction that they have there.
    pub fn view(&self, sender: &Endpoint) -> Direction {
        match sender.place.external(self.program) {
            Some(ExternalValue::Addresses(_) | ExternalValue::Service { .. }) => Direction::Ingress,
            Some(ExternalValue::Namespace { .. }) | None => Direction::Egress,
        }
    }

    /// The connections from `sender` to `receiver` of which the traffic is one of `matches`, or any.
    pub fn way(
        &mut self,
        sets: &mut Sets,
        (sender, receiver): (&'a Endpoint, &'a Endpoint),
        matches: Option<&[Match]>,
    ) -> Diagram {
        let view = self.view(sender);
        let (here, there) = match view {
            Direction::Egress => (sender, receiver),
            Direction::Ingress => (receiver, sender),
        };
        let ends = self.places.between(sets, Bearer::Undeclared, view, here, there);
        let traffic = sets.traffic(matches);
        let set = sets.diagrams.intersection(ends, traffic);
        self.that_can_be(sets, set, (sender, receiver))
    }

    /// The connections that `guardrail` forbids.
    pub fn forbidden(&mut self, sets: &mut Sets, guardrail: &'a Guardrail) -> Diagram {
        let view = self.view(&guardrail.left);
        let covered = self.places.covered(sets, Bearer::Undeclared, guardrail, view);
        let traffic = sets.traffic(guardrail.matches.as_deref());
        let mut set = sets.diagrams.intersection(covered, traffic);
        if !guardrail.has_rules() {
            let inside = self.inside(sets);
            set = sets.diagrams.difference(set, inside);
        }
        self.that_can_be(sets, set, (&guardrail.left, &guardrail.right))
    }

    /// The connections whose `end` is a pod of `application` in `zone`, or in none, as they are seen from `view`.
    pub fn at_zone(
        &mut self,
        sets: &mut Sets,
        (view, end): (Direction, WayEnd),
        (application, zone): (Id<Application>, Option<Id<Zone>>),
    ) -> Diagram {
        self.places.in_zone(sets, bearer(view, end), application, zone)
    }

    /// What of `set` can be: an external is in no landing zone, and the end of another kind than all others.
    fn that_can_be(
        &mut self,
        sets: &mut Sets,
        set: Diagram,
        (sender, receiver): (&Endpoint, &Endpoint),
    ) -> Diagram {
        let view = self.view(sender);
        let mut set = sets.that_can_be(set, view);
        for (end, of) in [(WayEnd::Sender, sender), (WayEnd::Receiver, receiver)] {
            if let Some(ExternalValue::Namespace { .. }) = of.place.external(self.program) {
                let key = self.places.application_key();
                let in_zone = sets.test(bearer(view, end), key, &Predicate::Has);
                set = sets.diagrams.difference(set, in_zone);
            }
        }
        let service = [sender, receiver].into_iter().find_map(|it| self.service(it));
        let others = self.of_service(sets, view, service);
        sets.diagrams.intersection(set, others)
    }

    /// Connections with no service but this one.
    fn of_service(
        &mut self,
        sets: &mut Sets,
        view: Direction,
        service: Option<Id<External>>,
    ) -> Diagram {
        if let Some(known) = self.of_services.get(&service) {
            return *known;
        }
        let value = service.and_then(|id| self.program.externals.get(id)).map(|it| &it.value);
        let condition = match value {
            Some(ExternalValue::Service { namespace, name }) => {
                Some(of_service(view, namespace, name))
            }
            Some(ExternalValue::Addresses(_) | ExternalValue::Namespace { .. }) | None => None,
        };
        let found = sets.of_no_service(condition.as_slice());
        self.of_services.insert(service, found);
        found
    }

    /// Connections within one landing zone, seen from the sender.
    fn inside(&mut self, sets: &mut Sets) -> Diagram {
        if let Some(known) = self.inside {
            return known;
        }
        let mut all = Vec::new();
        for (id, _) in self.program.applications.iter() {
            let both = [Bearer::Undeclared, Bearer::PeerPod]
                .map(|bearer| self.places.in_application(sets, bearer, id));
            let [sender, receiver] = both;
            all.push(sets.diagrams.intersection(sender, receiver));
        }
        let found = sets.diagrams.union_of(all);
        self.inside = Some(found);
        found
    }

    fn service(&self, end: &Endpoint) -> Option<Id<External>> {
        let Place::External(id) = end.place else { return None };
        end.place.external(self.program)?.is_service().then_some(id)
    }
}

fn bearer(view: Direction, end: WayEnd) -> Bearer<'static> {
    match (view, end) {
        (Direction::Egress, WayEnd::Sender) | (Direction::Ingress, WayEnd::Receiver) => {
            Bearer::Undeclared
        }
        (Direction::Egress, WayEnd::Receiver) | (Direction::Ingress, WayEnd::Sender) => {
            Bearer::PeerPod
        }
    }
}
