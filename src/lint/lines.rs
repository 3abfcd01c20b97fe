//! What each flow opens, as sets of connections over one space, and an index of them: a line is compared with what the lines
//! between the same landing zones open together, never with every other line.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::classes::{Class, DeclaredClasses};
use super::ports::PortLines;
use crate::program::{Application, Arrow, Endpoint, Flow, Id, Place, Program};
use crate::reach::of_program::{WayEnd, Ways};
use crate::reach::{Diagram, Direction, Sets, Terms, TooMany};
use crate::traffic::{Family, Match, Protocol, Traffic};

/// One way that connections of a flow go.
#[derive(Clone, Debug)]
pub(super) struct LineWay<'p> {
    /// The flow, as an index into `Program::flows`.
    pub(super) flow: usize,
    /// Who opens them.
    pub(super) sender: &'p Endpoint,
    /// Who accepts them.
    pub(super) receiver: &'p Endpoint,
    /// The ends that let them pass by it.
    pub(super) opened: &'static [WayEnd],
    /// From which end they are seen.
    pub(super) view: Direction,
    /// The connections, whoever declares the namespaces of their ends.
    pub(super) set: Diagram,
}

/// Where an end of a line is, as far as lines are looked up by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum LineHome {
    /// In any landing zone.
    Any,
    /// In this one.
    Application(Id<Application>),
    /// In none.
    Outside,
}

/// Lines that open the same end and are seen from the same end, by where their two ends are.
type LineGroup = (WayEnd, Direction, LineHome, LineHome);

/// The lines of a program.
pub(super) struct Lines<'p> {
    pub(super) program: &'p Program,
    pub(super) declared: DeclaredClasses,
    pub(super) sets: Sets,
    pub(super) meaning: Ways<'p>,
    ways: Vec<LineWay<'p>>,
    of_flow: Vec<Range<usize>>,
    groups: FxHashMap<LineGroup, Vec<usize>>,
    /// What the lines of a group open together, where anybody has asked.
    open: FxHashMap<LineGroup, Diagram>,
    /// Lines of a group by their ports, where anybody has asked.
    ports: FxHashMap<LineGroup, PortLines>,
    /// Where the ends of places that are declared are, where anybody has asked.
    at_declared: FxHashMap<(Direction, WayEnd, &'p Place, bool), Diagram>,
    /// Connections to a port that a line could name: all but port 0, which nothing listens on.
    pub(super) nameable: Diagram,
}

const BOTH_ENDS: &[WayEnd] = &[WayEnd::Sender, WayEnd::Receiver];

/// The ways of `flow`: the ends of each, and which of them it opens.
fn ways(flow: &Flow) -> Vec<(&Endpoint, &Endpoint, &'static [WayEnd])> {
    let (left, right) = (&flow.left, &flow.right);
    match flow.arrow {
        Arrow::Leaving => vec![(left, right, &[WayEnd::Sender])],
        Arrow::Entering => vec![(right, left, &[WayEnd::Receiver])],
        Arrow::Inside => vec![(left, right, BOTH_ENDS)],
        Arrow::Both => vec![(left, right, BOTH_ENDS), (right, left, BOTH_ENDS)],
    }
}

fn home(end: &Endpoint) -> LineHome {
    match end.place {
        Place::External(_) => LineHome::Outside,
        Place::Zones { application: None, .. } => LineHome::Any,
        Place::Zones { application: Some(id), .. } => LineHome::Application(id),
    }
}

fn meets(a: LineHome, b: LineHome) -> bool {
    let any = |a, b| a == LineHome::Any && b != LineHome::Outside;
    a == b || any(a, b) || any(b, a)
}

impl<'p> Lines<'p> {
    /// Does `work` with the lines of `program`.
    ///
    /// # Errors
    /// Where selectors combine in too many ways to tell.
    pub(super) fn over<T>(
        program: &'p Program,
        work: impl FnOnce(Lines<'p>) -> T,
    ) -> Result<T, TooMany> {
        let mut terms = Terms::default();
        let meaning = Ways::new(program);
        meaning.terms(&mut terms);
        let named = [Protocol::Tcp, Protocol::Udp, Protocol::Sctp]
            .map(|protocol| Match::Ports(protocol, 1, u16::MAX));
        terms.matches(Some(&named));
        Sets::over(terms, |mut sets| {
            let zero = sets.port_zero();
            let nameable = sets.diagrams.difference(Diagram::FULL, zero);
            let mut lines = Lines {
                program,
                declared: DeclaredClasses::new(program),
                sets,
                meaning,
                ways: Vec::new(),
                of_flow: Vec::new(),
                groups: FxHashMap::default(),
                open: FxHashMap::default(),
                ports: FxHashMap::default(),
                at_declared: FxHashMap::default(),
                nameable,
            };
            for (index, flow) in program.flows.iter().enumerate() {
                lines.add(index, flow);
            }
            work(lines)
        })
    }

    fn add(&mut self, index: usize, flow: &'p Flow) {
        self.sets.allow_subject();
        let first = self.ways.len();
        for (sender, receiver, opened) in ways(flow) {
            let ends = (sender, receiver);
            let set = self.meaning.way(&mut self.sets, ends, flow.matches.as_deref());
            let view = self.meaning.view(sender);
            for end in opened {
                let group = (*end, view, home(sender), home(receiver));
                self.groups.entry(group).or_default().push(self.ways.len());
            }
            self.ways.push(LineWay { flow: index, sender, receiver, opened, view, set });
        }
        self.of_flow.push(first..self.ways.len());
    }

    /// The ways of the flow with this index.
    pub(super) fn of_flow(&self, flow: usize) -> &[LineWay<'p>] {
        self.of_flow.get(flow).and_then(|range| self.ways.get(range.clone())).unwrap_or_default()
    }

    /// The groups of lines that open `end` and may have something in common with `way`.
    fn near(&self, end: WayEnd, way: &LineWay<'_>) -> Vec<LineGroup> {
        let (sender, receiver) = (home(way.sender), home(way.receiver));
        if sender == LineHome::Any || receiver == LineHome::Any {
            let all = self.groups.keys().copied();
            let near = all.filter(|(opened, view, a, b)| {
                (*opened, *view) == (end, way.view) && meets(*a, sender) && meets(*b, receiver)
            });
            return near.collect();
        }
        let homes = |own| match own {
            LineHome::Application(_) => vec![own, LineHome::Any],
            LineHome::Any | LineHome::Outside => vec![own],
        };
        let mut near = Vec::new();
        for sender in homes(sender) {
            let to = homes(receiver).into_iter();
            near.extend(to.map(|receiver| (end, way.view, sender, receiver)));
        }
        near
    }

    /// What of `set`, connections of `way`, lines let pass at `end`.
    pub(super) fn open_at(&mut self, end: WayEnd, way: &LineWay<'_>, set: Diagram) -> Diagram {
        let mut all = Vec::new();
        for group in self.near(end, way) {
            let open = self.open(group);
            all.push(self.sets.diagrams.intersection(set, open));
        }
        self.sets.diagrams.union_of(all)
    }

    /// What the lines of `group` open together.
    fn open(&mut self, group: LineGroup) -> Diagram {
        if let Some(known) = self.open.get(&group) {
            return *known;
        }
        let members = self.groups.get(&group).into_iter().flatten();
        let sets = members.filter_map(|index| self.ways.get(*index)).map(|it| it.set).collect();
        let found = self.sets.diagrams.union_of(sets);
        self.open.insert(group, found);
        found
    }

    /// The flows that open `end`, and may let all of `flow` pass there, of which `way` is one way; in the order of lines.
    pub(super) fn around(&mut self, end: WayEnd, way: &LineWay<'_>, flow: &Flow) -> Vec<usize> {
        let mut found = Vec::new();
        for group in self.near(end, way) {
            let Self { groups, ports, ways, program, .. } = self;
            let Some(members) = groups.get(&group) else { continue };
            let arranged = ports.entry(group).or_insert_with(|| {
                let mut arranged = PortLines::default();
                for way in members.iter().filter_map(|index| ways.get(*index)) {
                    if let Some(flow) = program.flows.get(way.flow) {
                        arranged.add(flow, way.flow);
                    }
                }
                arranged.arrange();
                arranged
            });
            arranged.around(flow, &mut found);
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Whether all of `inner` is in `outer`.
    pub(super) fn is_within(&mut self, inner: Diagram, outer: Diagram) -> bool {
        self.sets.diagrams.difference(inner, outer) == Diagram::EMPTY
    }

    /// The declared places that `end` of a line is made of; of an external, itself.
    pub(super) fn classes(&self, end: &Endpoint, open: bool) -> Vec<Class> {
        match &end.place {
            Place::External(_) => vec![Class::Outside],
            Place::Zones { application, zones } => {
                let all = self.declared.classes(*application, zones.as_deref());
                all.filter(|it| !open || self.declared.is_open(*it)).collect()
            }
        }
    }

    /// The connections of `view` whose `end` is in `class`, one of those that a line is made of there.
    pub(super) fn at_class(&mut self, view: Direction, end: WayEnd, class: Class) -> Diagram {
        match class {
            Class::Outside => Diagram::FULL,
            Class::Zone(application, zone) => {
                self.meaning.at_zone(&mut self.sets, (view, end), (application, zone))
            }
        }
    }

    /// The connections of `way` whose ends are in declared places; only those that are not all exempt where it says `open`.
    pub(super) fn declared(&mut self, way: &LineWay<'p>, open: bool) -> Diagram {
        let mut set = way.set;
        for (end, of) in [(WayEnd::Sender, way.sender), (WayEnd::Receiver, way.receiver)] {
            let key = (way.view, end, &of.place, open);
            let known = self.at_declared.get(&key).copied();
            let here = known.unwrap_or_else(|| {
                let classes = self.classes(of, open).into_iter();
                let all = classes.map(|it| self.at_class(way.view, end, it)).collect();
                self.sets.diagrams.union_of(all)
            });
            self.at_declared.insert(key, here);
            set = self.sets.diagrams.intersection(set, here);
        }
        set
    }

    /// The traffic of `set`.
    pub(super) fn traffic(&mut self, set: Diagram) -> Traffic {
        let set = self.sets.traffic_of(set);
        let all = self.sets.by_traffic(set, &[Family::V4, Family::V6]);
        all.into_iter().fold(Traffic::empty(), |all, (traffic, _)| all.union(&traffic))
    }
}
