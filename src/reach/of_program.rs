//! What a program means (language reference, section 5 "What each line means"): for every subject, the
//! connections that its lines open, that its guardrails forbid, and that need no line because nothing isolates
//! it. Knows nothing of policies.

mod places;
mod ways;

pub use ways::{WayEnd, Ways};

use rustc_hash::FxHashMap;

use self::places::ProgramPlaces;
use super::{Bearer, Diagram, Direction, Row, Sets, Terms};
use crate::program::{
    Arrow, Deny, Endpoint, Flow, Guardrail, Id, Namespace, Owner, Place, Program,
};
use crate::selector::Predicate;
use crate::selector::keys::NAMESPACE;

/// One side that a line opens, or that a guardrail closes: the connections of `here` with `there`.
struct ProgramHalf<'a> {
    direction: Direction,
    here: &'a Endpoint,
    there: &'a Endpoint,
    line: ProgramLine<'a>,
}

/// A line, with its index among the flows, or the guardrails, of the program.
#[derive(Clone, Copy)]
enum ProgramLine<'a> {
    Flow(usize, &'a Flow),
    Guardrail(usize, &'a Guardrail),
}

/// What the lines say to one subject in one direction, each by itself.
#[derive(Clone, Debug)]
pub struct LineSets {
    /// Where the subject is isolated: elsewhere lines have no say, and all is open.
    pub isolated: Diagram,
    /// What each flow opens, by its index; a guardrail may forbid it nevertheless.
    pub open: Vec<(usize, Diagram)>,
    /// What each guardrail forbids, by its index.
    pub forbidden: Vec<(usize, Diagram)>,
}

/// A program, arranged by the subjects that its lines are about.
#[expect(missing_debug_implementations, reason = "a view of the program, which has one")]
pub struct Meaning<'a> {
    program: &'a Program,
    places: ProgramPlaces<'a>,
    /// Lines that only namespaces with this application can be the subject of, and the others.
    halves: FxHashMap<Option<usize>, Vec<ProgramHalf<'a>>>,
}

impl<'a> Meaning<'a> {
    /// The meaning of `program`, which has no errors.
    pub fn new(program: &'a Program) -> Self {
        let mut meaning =
            Self { program, places: ProgramPlaces::new(program), halves: FxHashMap::default() };
        for (index, flow) in program.flows.iter().enumerate() {
            for (direction, here, there) in opened(flow) {
                meaning.add(ProgramHalf {
                    direction,
                    here,
                    there,
                    line: ProgramLine::Flow(index, flow),
                });
            }
        }
        let guardrails = program.guardrails.iter().enumerate();
        for (index, guardrail) in guardrails.filter(|(_, it)| it.has_rules()) {
            let (left, right) = (&guardrail.left, &guardrail.right);
            for (direction, here, there) in
                [(Direction::Egress, left, right), (Direction::Ingress, right, left)]
            {
                let line = ProgramLine::Guardrail(index, guardrail);
                meaning.add(ProgramHalf { direction, here, there, line });
            }
        }
        meaning
    }

    fn add(&mut self, half: ProgramHalf<'a>) {
        let application = match &half.here.place {
            Place::Zones { application, .. } => application.map(Id::index),
            Place::External(_) => None,
        };
        self.halves.entry(application).or_default().push(half);
    }

    /// Adds everything that the program looks at to `terms`.
    pub fn terms(&self, terms: &mut Terms) {
        self.places.terms(terms);
    }

    /// What a pod of the declared `namespace` lets pass in `direction`.
    pub fn declared(
        &mut self,
        sets: &mut Sets,
        namespace: &Namespace,
        direction: Direction,
    ) -> Row {
        let line_sets = self.line_sets(sets, Some(namespace), direction);
        self.row(sets, line_sets, direction)
    }

    /// What a pod of a namespace that no manifest declares lets pass in `direction`.
    pub fn undeclared(&mut self, sets: &mut Sets, direction: Direction) -> Row {
        let line_sets = self.line_sets(sets, None, direction);
        self.row(sets, line_sets, direction)
    }

    /// What the lines say to pods of `namespace`, or of the namespaces that no manifest declares.
    pub fn line_sets(
        &mut self,
        sets: &mut Sets,
        namespace: Option<&Namespace>,
        direction: Direction,
    ) -> LineSets {
        let Some(namespace) = namespace else {
            let isolated = self.denied(sets, Bearer::Undeclared);
            let mut applications: Vec<_> = self.halves.keys().copied().collect();
            applications.sort_unstable();
            return self.say(sets, Bearer::Undeclared, isolated, direction, &applications);
        };
        let bearer = Bearer::Declared(&namespace.name, &namespace.labels);
        let by_name = !self.program.platform
            && namespace
                .application
                .and_then(|id| self.program.applications.get(id))
                .is_some_and(|application| application.loaded);
        let isolated = if by_name { Diagram::FULL } else { self.denied(sets, bearer) };
        let mut applications = vec![None];
        applications.extend(namespace.application.map(|id| Some(id.index())));
        self.say(sets, bearer, isolated, direction, &applications)
    }

    /// What each guardrail that has no rules forbids, by its index, as connections from the namespaces that no manifest
    /// declares: those stand for all.
    pub fn compile_time(&mut self, sets: &mut Sets) -> Vec<(usize, Diagram)> {
        let program = self.program;
        let guardrails = program.guardrails.iter().enumerate().filter(|(_, it)| !it.has_rules());
        let mut found = Vec::new();
        for (index, guardrail) in guardrails {
            let ends = self.places.covered(sets, Bearer::Undeclared, guardrail, Direction::Egress);
            let traffic = sets.traffic(guardrail.matches.as_deref());
            found.push((index, sets.diagrams.intersection(ends, traffic)));
        }
        found
    }

    /// What a host endpoint lets pass in `direction`: nothing isolates it.
    pub fn host(sets: &mut Sets, direction: Direction) -> Row {
        [sets.that_can_be(Diagram::FULL, direction); 3]
    }

    /// Where the default deny holds for `bearer`: in its scope, and not exempt ("Isolated").
    fn denied(&self, sets: &mut Sets, bearer: Bearer<'_>) -> Diagram {
        if !self.program.platform {
            return Diagram::EMPTY;
        }
        let key = self.places.application_key();
        let scope = match &self.program.settings.deny {
            Deny::All => Diagram::FULL,
            Deny::LandingZones => sets.test(bearer, key, &Predicate::Has),
            Deny::Applications(names) => {
                let loaded = self.program.applications.iter().map(|(_, it)| it);
                let loaded = loaded.filter(|it| it.loaded).map(|it| &it.name);
                let names = names.iter().chain(loaded).cloned().collect();
                sets.test(bearer, key, &Predicate::In(names))
            }
        };
        let exempt = self.program.exempt.iter().map(|it| it.name.clone()).collect();
        let exempt = sets.test(bearer, NAMESPACE, &Predicate::In(exempt));
        sets.diagrams.difference(scope, exempt)
    }

    fn say(
        &mut self,
        sets: &mut Sets,
        bearer: Bearer<'_>,
        isolated: Diagram,
        direction: Direction,
        applications: &[Option<usize>],
    ) -> LineSets {
        let mut line_sets = LineSets { isolated, open: Vec::new(), forbidden: Vec::new() };
        if isolated == Diagram::EMPTY {
            return line_sets;
        }
        for halves in applications.iter().filter_map(|application| self.halves.get(application)) {
            for half in halves.iter().filter(|half| half.direction == direction) {
                match half.line {
                    ProgramLine::Flow(index, flow) => {
                        // An application's line opens the namespaces declared today, the platform's by label.
                        let declared = matches!(bearer, Bearer::Declared(..));
                        if declared || flow.owner == Owner::Platform {
                            let ends =
                                self.places.between(sets, bearer, direction, half.here, half.there);
                            let traffic = sets.traffic(flow.matches.as_deref());
                            line_sets.open.push((index, sets.diagrams.intersection(ends, traffic)));
                        }
                    }
                    ProgramLine::Guardrail(index, guardrail) => {
                        let ends = self.places.covered(sets, bearer, guardrail, direction);
                        let traffic = sets.traffic(guardrail.matches.as_deref());
                        line_sets
                            .forbidden
                            .push((index, sets.diagrams.intersection(ends, traffic)));
                    }
                }
            }
        }
        line_sets
    }

    /// What is let pass where lines say this much.
    pub fn row(&self, sets: &mut Sets, line_sets: LineSets, direction: Direction) -> Row {
        let isolated = line_sets.isolated;
        if isolated == Diagram::EMPTY {
            return [sets.that_can_be(Diagram::FULL, direction); 3];
        }
        let open = sets.diagrams.union_of(line_sets.open.into_iter().map(|(_, set)| set).collect());
        let forbidden = line_sets.forbidden.into_iter().map(|(_, set)| set).collect();
        let forbidden = sets.diagrams.union_of(forbidden);
        let open = sets.diagrams.difference(open, forbidden);
        let unforbidden = sets.diagrams.difference(Diagram::FULL, forbidden);
        // Without a default deny nothing holds back what a later policy allows.
        let after_all = if self.program.platform { open } else { Diagram::FULL };
        [open, after_all, unforbidden].map(|inside| {
            let set = sets.diagrams.choose(isolated, inside, Diagram::FULL);
            sets.that_can_be(set, direction)
        })
    }
}

/// The sides that a flow opens, each with its other end.
fn opened(flow: &Flow) -> Vec<(Direction, &Endpoint, &Endpoint)> {
    let (left, right) = (&flow.left, &flow.right);
    let from_left = (Direction::Egress, left, right);
    let to_left = (Direction::Ingress, left, right);
    let from_right = (Direction::Egress, right, left);
    let to_right = (Direction::Ingress, right, left);
    match flow.arrow {
        Arrow::Inside => vec![from_left, to_right],
        Arrow::Both => vec![from_left, to_right, from_right, to_left],
        Arrow::Leaving => vec![from_left],
        Arrow::Entering => vec![to_left],
    }
}
