//! What policies open at the sides of one application, and the fewest lines that say it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::cover::{Cells, CoveredPods};
use super::known::KnownNames;
use super::line::{ImportLine, passing, united};
use super::side::{LinePlace, LineSide, both, within};
use super::traffic::{TrafficUnit, meet, set};
use crate::reach::Decisions;
use crate::reach::Direction;
use crate::selector::Selector;
use crate::syntax::tree::Arrow;
use crate::traffic::{Match, Protocol};

/// What a rule opens at some zones of an application.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ImportOpening {
    pub(super) direction: Direction,
    /// The zones, by their index; the one after the last is the rest.
    pub(super) here: BTreeSet<usize>,
    /// Which pods there.
    pub(super) pods: Option<Selector>,
    pub(super) peer: LineSide,
    pub(super) unit: TrafficUnit,
    /// The name of the policy.
    pub(super) policy: Arc<str>,
}

/// An application, by the classes of its namespaces: its zones, and the rest.
#[derive(Debug)]
pub(super) struct OpenZones {
    pub(super) application: Arc<str>,
    /// Sorted.
    pub(super) names: Vec<Arc<str>>,
    /// The namespaces of each class that are declared and can be closed.
    pub(super) members: Vec<Vec<Arc<str>>>,
    /// Of each class, whether something closes one of its namespaces for egress, and for ingress.
    closed: Vec<[bool; 2]>,
}

/// What is open at one cell: for which pods of the row and of the column, what, and by which policy.
type OpenSelectors = Vec<(Option<Selector>, Option<Selector>, TrafficUnit, Arc<str>)>;

/// Pods of the row, pods of the column, and traffic.
type WantedOpening = (Option<Selector>, Option<Selector>, TrafficUnit);

/// What is open, cell by cell.
type OpeningTable = BTreeMap<(usize, usize), OpenSelectors>;

/// So many ways in which two sides overlap are looked at.
const MOST: usize = 400;

impl OpenZones {
    pub(super) fn new(known: &KnownNames<'_>, application: &Arc<str>) -> Self {
        let names = known.zones(application);
        let classes = names.iter().map(|it| Some(&**it)).chain([None]);
        let members: Vec<_> = classes.map(|zone| known.members(application, zone)).collect();
        let closed = |members: &Vec<Arc<str>>| {
            [Direction::Egress, Direction::Ingress].map(|direction| {
                let open =
                    |name: &Arc<str>| known.unclosed.contains(&(Arc::clone(name), direction));
                !members.iter().all(open)
            })
        };
        let closed = members.iter().map(closed).collect();
        Self { application: Arc::clone(application), names, members, closed }
    }

    /// The classes that zones of a place are.
    pub(super) fn classes(&self, zones: Option<&BTreeSet<Arc<str>>>) -> BTreeSet<usize> {
        match zones {
            None => (0..self.members.len()).collect(),
            Some(zones) => {
                let index = |zone| self.names.binary_search(zone).ok();
                zones.iter().filter_map(index).collect()
            }
        }
    }

    /// What has to be done for a class to be open in `direction`.
    fn need(&self, class: usize, direction: Direction) -> Need {
        let declared = self.members.get(class).is_some_and(|it| !it.is_empty());
        let closed = self.closed.get(class).is_some_and(|[egress, ingress]| match direction {
            Direction::Egress => *egress,
            Direction::Ingress => *ingress,
        });
        match (declared, closed) {
            (false, _) => Need::Nobody,
            (true, true) => Need::Opened,
            (true, false) => Need::Open,
        }
    }

    fn side(&self, which: &CoveredPods, pods: Option<&Selector>) -> LineSide {
        let zones = match which {
            CoveredPods::All => None,
            CoveredPods::These(set) => {
                Some(set.iter().filter_map(|it| self.names.get(*it).cloned()).collect())
            }
        };
        let place = LinePlace::Zones { application: Some(Arc::clone(&self.application)), zones };
        LineSide { place, pods: pods.cloned() }
    }

    /// The lines for what is open inside, on both sides, and the lines for what crosses.
    pub(super) fn lines(
        &self,
        known: &KnownNames<'_>,
        openings: &[ImportOpening],
    ) -> Vec<ImportLine> {
        let inside = |it: &&ImportOpening| it.peer.application() == Some(&self.application);
        let mut lines = self.inside(known, openings.iter().filter(inside));
        let mut crossing: BTreeMap<_, Vec<&ImportOpening>> = BTreeMap::new();
        for opening in openings.iter().filter(|it| !inside(it)) {
            // The zones of one application lie side by side, any other place by itself.
            let place = match &opening.peer.place {
                LinePlace::Zones { application: Some(application), .. } => {
                    LinePlace::Zones { application: Some(Arc::clone(application)), zones: None }
                }
                place @ (LinePlace::Zones { .. } | LinePlace::External(_)) => place.clone(),
            };
            crossing.entry((opening.direction, place)).or_default().push(opening);
        }
        for ((direction, place), openings) in crossing {
            lines.extend(self.crossing(known, direction, &place, &openings));
        }
        let mut lines = united(lines);
        lines.sort_by(|a, b| a.order().cmp(&b.order()));
        lines
    }

    fn inside<'a>(
        &self,
        known: &KnownNames<'_>,
        openings: impl Iterator<Item = &'a ImportOpening>,
    ) -> Vec<ImportLine> {
        let (mut sending, mut receiving) = (OpeningTable::new(), OpeningTable::new());
        for opening in openings {
            let LinePlace::Zones { zones, .. } = &opening.peer.place else { continue };
            let there = self.classes(zones.as_ref());
            let (here, peer) = (opening.pods.clone(), opening.peer.pods.clone());
            for own in &opening.here {
                for other in &there {
                    let (table, cell, pods) = match opening.direction {
                        Direction::Egress => {
                            (&mut sending, (*own, *other), (here.clone(), peer.clone()))
                        }
                        Direction::Ingress => {
                            (&mut receiving, (*other, *own), (peer.clone(), here.clone()))
                        }
                    };
                    let open = (pods.0, pods.1, opening.unit.clone(), opening.policy.clone());
                    table.entry(cell).or_default().push(open);
                }
            }
        }
        let count = self.members.len();
        let found = rectangles(
            &known.decisions,
            (count, &|row| self.need(row, Direction::Egress), &sending),
            (count, Some((&|column| self.need(column, Direction::Ingress), &receiving))),
        );
        let line = |it: Rectangle| ImportLine {
            left: self.side(&it.rows, it.wanted.0.as_ref()),
            arrow: Arrow::Inside,
            right: self.side(&it.columns, it.wanted.1.as_ref()),
            units: BTreeSet::from([it.wanted.2]),
            because: it.policies,
        };
        found.into_iter().map(line).collect()
    }

    fn crossing(
        &self,
        known: &KnownNames<'_>,
        direction: Direction,
        place: &LinePlace,
        openings: &[&ImportOpening],
    ) -> Vec<ImportLine> {
        let other = match place {
            LinePlace::Zones { application: Some(application), .. } => {
                Some(Self::new(known, application))
            }
            LinePlace::Zones { application: None, .. } | LinePlace::External(_) => None,
        };
        let mut table = OpeningTable::new();
        for opening in openings {
            let there = match (&opening.peer.place, &other) {
                (LinePlace::Zones { zones, .. }, Some(other)) => other.classes(zones.as_ref()),
                (LinePlace::Zones { .. } | LinePlace::External(_), _) => BTreeSet::from([0]),
            };
            for here in &opening.here {
                for there in &there {
                    table.entry((*here, *there)).or_default().push((
                        opening.pods.clone(),
                        opening.peer.pods.clone(),
                        opening.unit.clone(),
                        opening.policy.clone(),
                    ));
                }
            }
        }
        let columns = other.as_ref().map_or(1, |it| it.members.len());
        let rows = (self.members.len(), &|row: usize| self.need(row, direction), &table);
        let found = rectangles(&known.decisions, (rows.0, rows.1, rows.2), (columns, None));
        let arrow = match direction {
            Direction::Egress => Arrow::Leaving,
            Direction::Ingress => Arrow::Entering,
        };
        let line = |it: Rectangle| ImportLine {
            left: self.side(&it.rows, it.wanted.0.as_ref()),
            arrow,
            right: match &other {
                Some(other) => other.side(&it.columns, it.wanted.1.as_ref()),
                None => LineSide { place: place.clone(), pods: it.wanted.1.clone() },
            },
            units: BTreeSet::from([it.wanted.2]),
            because: it.policies,
        };
        found.into_iter().map(line).collect()
    }
}

/// A line to be.
struct Rectangle {
    rows: CoveredPods,
    columns: CoveredPods,
    wanted: WantedOpening,
    policies: BTreeSet<Arc<str>>,
}

/// What has to be done for a class to be open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    /// Nothing: it has no namespaces.
    Nobody,
    /// Its namespaces are closed, and rules must open them.
    Opened,
    /// Nothing closes its namespaces: a line takes nothing away there, but none is there for them alone.
    Open,
}

/// What has to be done for each class.
type NeedOf<'a> = &'a dyn Fn(usize) -> Need;

/// The rectangles that together are what `rows` opens, and what `columns` opens where that has a say.
fn rectangles(
    decisions: &Decisions,
    (rows, of_row, sending): (usize, NeedOf<'_>, &OpeningTable),
    (columns, receiving): (usize, Option<(NeedOf<'_>, &OpeningTable)>),
) -> Vec<Rectangle> {
    let mut found: Vec<Rectangle> = Vec::new();
    for wanted in all_wanted(decisions, sending, receiving.map(|(_, it)| it)) {
        let mut cells = Cells { rows, columns, good: BTreeSet::new(), needed: BTreeSet::new() };
        for row in 0..rows {
            for column in 0..columns {
                let cell = (row, column);
                let needs = [of_row(row), receiving.map_or(Need::Nobody, |(it, _)| it(column))];
                let [sends, receives] = needs.map(|it| it == Need::Opened);
                let opened = (!sends || opens(decisions, sending.get(&cell), &wanted))
                    && (!receives
                        || receiving
                            .is_some_and(|(_, table)| opens(decisions, table.get(&cell), &wanted)));
                let wants = sends || receives;
                if !opened || !wants && needs.contains(&Need::Open) {
                    continue;
                }
                cells.good.insert(cell);
                if wants && !is_covered(decisions, &found, cell, &wanted) {
                    cells.needed.insert(cell);
                }
            }
        }
        for (rows, columns) in cells.cover() {
            let tables = [Some(sending), receiving.map(|(_, it)| it)];
            let open = tables.into_iter().flatten().flatten();
            let open = open.filter(|((row, column), _)| has(&rows, *row) && has(&columns, *column));
            let of = |it: &&(Option<Selector>, Option<Selector>, TrafficUnit, Arc<str>)| {
                takes_in(decisions, (&it.0, &it.1), &wanted)
                    && !set(&it.2).intersection(&set(&wanted.2)).is_empty()
            };
            let policies = open.flat_map(|(_, open)| open).filter(of).map(|it| it.3.clone());
            let policies = policies.collect();
            found.push(Rectangle { rows, columns, wanted: wanted.clone(), policies });
        }
    }
    found
}

fn has(which: &CoveredPods, class: usize) -> bool {
    match which {
        CoveredPods::All => true,
        CoveredPods::These(set) => set.contains(&class),
    }
}

fn takes_in(
    decisions: &Decisions,
    outer: (&Option<Selector>, &Option<Selector>),
    wanted: &WantedOpening,
) -> bool {
    within(decisions, wanted.0.as_ref(), outer.0.as_ref())
        && within(decisions, wanted.1.as_ref(), outer.1.as_ref())
}

fn opens(decisions: &Decisions, open: Option<&OpenSelectors>, wanted: &WantedOpening) -> bool {
    let of = open.into_iter().flatten().filter(|it| takes_in(decisions, (&it.0, &it.1), wanted));
    let units = of.map(|it| it.2.clone()).collect();
    passing(&units).contains(&set(&wanted.2))
}

/// Whether the lines found so far open `wanted` at `cell`.
fn is_covered(
    decisions: &Decisions,
    found: &[Rectangle],
    (row, column): (usize, usize),
    wanted: &WantedOpening,
) -> bool {
    let there = found.iter().filter(|it| {
        has(&it.rows, row)
            && has(&it.columns, column)
            && takes_in(decisions, (&it.wanted.0, &it.wanted.1), wanted)
    });
    let units = there.map(|it| it.wanted.2.clone()).collect();
    passing(&units).contains(&set(&wanted.2))
}

/// Everything that some line may have to say, the broadest first.
fn all_wanted(
    decisions: &Decisions,
    sending: &OpeningTable,
    receiving: Option<&OpeningTable>,
) -> Vec<WantedOpening> {
    let of = |table: &OpeningTable| -> BTreeSet<WantedOpening> {
        let all = table.values().flatten();
        all.map(|(row, column, unit, _)| (row.clone(), column.clone(), unit.clone())).collect()
    };
    let (ours, theirs) = (of(sending), receiving.map(of).unwrap_or_default());
    let mut all: BTreeSet<WantedOpening> = ours.union(&theirs).cloned().collect();
    if ours.len() * theirs.len() <= MOST {
        for one in &ours {
            for other in &theirs {
                if let Some(unit) = meet(&one.2, &other.2) {
                    let pods = |a: &Option<Selector>, b: &Option<Selector>| {
                        both(decisions, a.as_ref(), b.as_ref())
                    };
                    all.insert((pods(&one.0, &other.0), pods(&one.1, &other.1), unit));
                }
            }
        }
    }
    let mut all: Vec<_> = all.into_iter().collect();
    all.sort_by_key(|(row, column, unit)| {
        (usize::from(row.is_some()) + usize::from(column.is_some()), narrowness(unit))
    });
    all
}

/// How little a unit lets pass, more or less.
fn narrowness(unit: &TrafficUnit) -> u32 {
    match unit {
        None => 0,
        Some(Match::Protocol(Protocol::Number(_))) => 2,
        Some(Match::Protocol(_)) => 1,
        Some(Match::Ports(_, first, last)) => 100_000 - u32::from(last.saturating_sub(*first)),
        Some(Match::IcmpType(_, _, None)) => 3,
        Some(Match::IcmpType(_, _, Some(_))) => 4,
        Some(Match::Named(..)) => 200_000,
    }
}
