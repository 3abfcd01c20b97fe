//! Decision diagrams: sets of assignments of points to dimensions, as a directed graph in which equal sets
//! are one node. So sets compare by a number, and what a set does not look at costs nothing. Every operation
//! is a loop with its own stack: no input can exhaust that of the machine.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use rustc_hash::FxHashMap;

/// A set, as a reference into the [`Diagrams`] that made it. Equal sets are equal references.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Diagram(u32);

impl Diagram {
    /// No assignment.
    pub const EMPTY: Self = Self(0);
    /// Every assignment.
    pub const FULL: Self = Self(1);
}

/// The points of a dimension from this one up to the next edge's, and what holds there.
type Edge = (u32, Diagram);

/// Points of a dimension, first and last, both included, and what holds there.
type Stretch = ((u32, u32), Diagram);

/// One question: which point has `dimension`? The edges are sorted, the first is 0, neighbours differ, and
/// there are two or more. Children ask for later dimensions only.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Node {
    dimension: u32,
    edges: Vec<Edge>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Operation {
    Union,
    Intersection,
    Difference,
}

/// The key of one application of an operation.
type Task = (Operation, Diagram, Diagram);

/// An application under way: the children still to be combined, and those that are.
struct Frame {
    task: Task,
    dimension: u32,
    waiting: Vec<(u32, Diagram, Diagram)>,
    first: u32,
    done: Vec<Edge>,
}

/// All diagrams of one comparison.
#[derive(Debug)]
pub struct Diagrams {
    nodes: Vec<Arc<Node>>,
    known: FxHashMap<Arc<Node>, Diagram>,
    memo: FxHashMap<Task, Diagram>,
}

/// How many results are remembered before memory matters more than the time to find them again.
const MEMORY: usize = 1 << 21;

impl Default for Diagrams {
    fn default() -> Self {
        let leaf = Arc::new(Node { dimension: u32::MAX, edges: Vec::new() });
        Self {
            nodes: vec![Arc::clone(&leaf), leaf],
            known: FxHashMap::default(),
            memo: FxHashMap::default(),
        }
    }
}

impl Diagrams {
    /// The assignments whose point of `dimension` lies in one of `ranges` (first and last, both included;
    /// sorted and apart) among `points` points.
    pub fn ranges(&mut self, dimension: u32, ranges: &[(u32, u32)], points: u32) -> Diagram {
        let mut edges: Vec<Edge> = vec![(0, Diagram::EMPTY)];
        for (first, last) in ranges {
            edges.push((*first, Diagram::FULL));
            if last.saturating_add(1) < points {
                edges.push((last + 1, Diagram::EMPTY));
            }
        }
        self.branch(dimension, edges)
    }

    /// The node with these edges (sorted; where two have the same first point, the last counts), whose
    /// children ask for later dimensions.
    pub fn branch(&mut self, dimension: u32, edges: Vec<Edge>) -> Diagram {
        let mut distinct: Vec<Edge> = Vec::with_capacity(edges.len());
        for edge in edges {
            if distinct.last().is_some_and(|last| last.0 == edge.0) {
                distinct.pop();
            }
            if distinct.last().is_none_or(|last| last.1 != edge.1) {
                distinct.push(edge);
            }
        }
        if let [(_, only)] = distinct.as_slice() {
            return *only;
        }
        let node = Arc::new(Node { dimension, edges: distinct });
        if let Some(known) = self.known.get(&node) {
            return *known;
        }
        let made = Diagram(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(Arc::clone(&node));
        self.known.insert(node, made);
        made
    }

    /// What is in either.
    pub fn union(&mut self, a: Diagram, b: Diagram) -> Diagram {
        self.apply(Operation::Union, a, b)
    }

    /// What is in both.
    pub fn intersection(&mut self, a: Diagram, b: Diagram) -> Diagram {
        self.apply(Operation::Intersection, a, b)
    }

    /// What is in `a` and not in `b`.
    pub fn difference(&mut self, a: Diagram, b: Diagram) -> Diagram {
        self.apply(Operation::Difference, a, b)
    }

    /// What is in any of `sets`. Neighbours are combined first, so that long lists stay cheap.
    pub fn union_of(&mut self, mut sets: Vec<Diagram>) -> Diagram {
        while sets.len() > 1 {
            let mut next = Vec::with_capacity(sets.len().div_ceil(2));
            let mut rest = sets.into_iter();
            while let Some(a) = rest.next() {
                next.push(match rest.next() {
                    Some(b) => self.union(a, b),
                    None => a,
                });
            }
            sets = next;
        }
        sets.first().copied().unwrap_or(Diagram::EMPTY)
    }

    /// `then` where `condition` holds, `otherwise` elsewhere.
    pub fn choose(&mut self, condition: Diagram, then: Diagram, otherwise: Diagram) -> Diagram {
        let then = self.intersection(then, condition);
        let otherwise = self.difference(otherwise, condition);
        self.union(then, otherwise)
    }

    /// `set` without the question of `dimensions`: what is in it for every answer to them (`every`) or for some.
    pub fn forget(&mut self, set: Diagram, dimensions: Range<u32>, every: bool) -> Diagram {
        if dimensions.is_empty() {
            return set;
        }
        self.rebuild(set, |diagrams, dimension, edges| {
            if !dimensions.contains(&dimension) {
                return diagrams.branch(dimension, edges);
            }
            let mut answers = edges.into_iter().map(|(_, answer)| answer);
            let first = answers.next().unwrap_or(Diagram::EMPTY);
            answers.fold(first, |a, b| {
                if every { diagrams.intersection(a, b) } else { diagrams.union(a, b) }
            })
        })
    }

    /// What of `set` has, in each dimension that `point` gives a point for, that one, without asking for it.
    pub fn fix(&mut self, set: Diagram, point: impl Fn(u32) -> Option<u32>) -> Diagram {
        self.rebuild(set, |diagrams, dimension, edges| match point(dimension) {
            Some(point) => at(&edges, point),
            None => diagrams.branch(dimension, edges),
        })
    }

    /// `set` with another dimension for each of its own, in any order: `other` gives it.
    pub fn rename(&mut self, set: Diagram, other: impl Fn(u32) -> u32) -> Diagram {
        self.rebuild(set, |diagrams, dimension, edges| {
            let ends = edges.iter().skip(1).map(|(first, _)| first - 1).chain([u32::MAX]);
            let mut parts = Vec::with_capacity(edges.len());
            for ((first, answer), last) in edges.iter().zip(ends) {
                let here = diagrams.ranges(other(dimension), &[(*first, last)], u32::MAX);
                parts.push(diagrams.intersection(here, *answer));
            }
            diagrams.union_of(parts)
        })
    }

    /// Where edges of `set` begin, by their dimension, in order: points with none of these between them are alike to it.
    pub fn cuts(&self, set: Diagram) -> BTreeMap<u32, BTreeSet<u32>> {
        let mut cuts: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
        for node in self.reachable(set).into_iter().filter_map(|it| self.node(it)) {
            cuts.entry(node.dimension)
                .or_default()
                .extend(node.edges.iter().map(|(first, _)| *first));
        }
        cuts
    }

    /// The nodes that `set` is made of.
    fn reachable(&self, set: Diagram) -> BTreeSet<Diagram> {
        let mut reachable = BTreeSet::new();
        let mut waiting = vec![set];
        while let Some(diagram) = waiting.pop() {
            if diagram > Diagram::FULL && reachable.insert(diagram) {
                let edges = self.node(diagram).map(|node| node.edges.iter());
                waiting.extend(edges.into_iter().flatten().map(|(_, child)| *child));
            }
        }
        reachable
    }

    /// `set` with every node made anew by `make`, children first.
    fn rebuild(
        &mut self,
        set: Diagram,
        make: impl Fn(&mut Self, u32, Vec<Edge>) -> Diagram,
    ) -> Diagram {
        let reachable = self.reachable(set);
        let mut anew: FxHashMap<Diagram, Diagram> = FxHashMap::default();
        // A node is made after its children, so its reference is the greater one.
        for diagram in reachable {
            let Some(node) = self.node(diagram).cloned() else { continue };
            let child = |it: &Diagram| anew.get(it).copied().unwrap_or(*it);
            let edges = node.edges.iter().map(|(first, it)| (*first, child(it))).collect();
            let result = make(self, node.dimension, edges);
            anew.insert(diagram, result);
        }
        anew.get(&set).copied().unwrap_or(set)
    }

    /// Some assignment of `set`: the dimensions that matter and a point for each; `None` for the empty set.
    pub fn pick(&self, set: Diagram) -> Option<Vec<(u32, u32)>> {
        let mut path = Vec::new();
        let mut at = set;
        while at > Diagram::FULL {
            let node = self.node(at)?;
            // Every node leads to the full leaf: it would be the empty one otherwise.
            let (first, next) = node.edges.iter().find(|edge| edge.1 != Diagram::EMPTY)?;
            path.push((node.dimension, *first));
            at = *next;
        }
        (at == Diagram::FULL).then_some(path)
    }

    /// Whether the assignment that gives each dimension the point `point(dimension)` is in `set`.
    pub fn contains(&self, set: Diagram, point: impl Fn(u32) -> u32) -> bool {
        let mut here = set;
        while here > Diagram::FULL {
            let Some(node) = self.node(here) else { return false };
            here = at(&node.edges, point(node.dimension));
        }
        here == Diagram::FULL
    }

    /// What of `set` leads to `rest` once every dimension before `first` is asked.
    pub(super) fn leading_to(&mut self, set: Diagram, first: u32, rest: Diagram) -> Diagram {
        let early = |it: &Self, set| it.node(set).is_some_and(|node| node.dimension < first);
        let (mut reachable, mut waiting) = (BTreeSet::new(), vec![set]);
        while let Some(diagram) = waiting.pop() {
            if early(self, diagram) && reachable.insert(diagram) {
                let edges = self.node(diagram).map(|node| node.edges.iter());
                waiting.extend(edges.into_iter().flatten().map(|(_, child)| *child));
            }
        }
        let other = |it: Diagram| if it == rest { it } else { Diagram::EMPTY };
        let mut anew: FxHashMap<Diagram, Diagram> = FxHashMap::default();
        for diagram in reachable {
            let Some(node) = self.node(diagram).cloned() else { continue };
            let child = |it: Diagram| anew.get(&it).copied().unwrap_or_else(|| other(it));
            let edges = node.edges.iter().map(|(first, it)| (*first, child(*it))).collect();
            let result = self.branch(node.dimension, edges);
            anew.insert(diagram, result);
        }
        anew.get(&set).copied().unwrap_or_else(|| other(set))
    }

    /// The dimensions that `set` asks for.
    pub(super) fn asked(&self, set: Diagram) -> BTreeSet<u32> {
        let (mut asked, mut seen, mut waiting) = (BTreeSet::new(), BTreeSet::new(), vec![set]);
        while let Some(diagram) = waiting.pop() {
            let Some(node) = self.node(diagram).filter(|node| !node.edges.is_empty()) else {
                continue;
            };
            if seen.insert(diagram) {
                asked.insert(node.dimension);
                waiting.extend(node.edges.iter().map(|(_, child)| *child));
            }
        }
        asked
    }

    /// The question that `set` asks first: its dimension, and the stretches of points that lead to one set each.
    /// `None` for the empty and the full set.
    pub(super) fn first(&self, set: Diagram) -> Option<(u32, Vec<Stretch>)> {
        let node = self.node(set).filter(|node| !node.edges.is_empty())?;
        let lasts = node.edges.iter().skip(1).map(|(first, _)| first - 1).chain([u32::MAX]);
        let stretch = |((first, child), last): (&Edge, u32)| ((*first, last), *child);
        Some((node.dimension, node.edges.iter().zip(lasts).map(stretch).collect()))
    }

    /// How many nodes were made.
    pub fn size(&self) -> usize {
        self.nodes.len()
    }

    fn node(&self, diagram: Diagram) -> Option<&Arc<Node>> {
        self.nodes.get(diagram.0 as usize)
    }

    fn apply(&mut self, operation: Operation, a: Diagram, b: Diagram) -> Diagram {
        if self.memo.len() > MEMORY {
            self.memo.clear();
        }
        let mut frames: Vec<Frame> = Vec::new();
        let mut task = ordered(operation, a, b);
        loop {
            let mut result =
                known(task).or_else(|| self.memo.get(&task).copied()).unwrap_or_else(|| {
                    frames.push(self.frame(task));
                    Diagram::EMPTY
                });
            // A fresh frame has nothing done; any other gets the result.
            let mut fresh = frames.last().is_some_and(|frame| frame.task == task);
            loop {
                let Some(mut frame) = frames.pop() else { return result };
                if !fresh {
                    frame.done.push((frame.first, result));
                }
                fresh = false;
                if let Some((first, a, b)) = frame.waiting.pop() {
                    frame.first = first;
                    task = ordered(operation, a, b);
                    frames.push(frame);
                    break;
                }
                result = self.branch(frame.dimension, frame.done);
                self.memo.insert(frame.task, result);
            }
        }
    }

    /// The children of both sides under the earlier of their two questions, last ones first.
    fn frame(&self, task: Task) -> Frame {
        let (_, a, b) = task;
        let whole = |diagram| vec![(0, diagram)];
        let (left, right) = (self.node(a), self.node(b));
        let dimension = |node: Option<&Arc<Node>>| node.map_or(u32::MAX, |node| node.dimension);
        let asked = dimension(left).min(dimension(right));
        let edges = |node: Option<&Arc<Node>>, diagram| match node {
            Some(node) if node.dimension == asked => node.edges.clone(),
            Some(_) | None => whole(diagram),
        };
        let (left, right) = (edges(left, a), edges(right, b));
        let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
        let (mut now_left, mut now_right) = (Diagram::EMPTY, Diagram::EMPTY);
        let mut waiting = Vec::new();
        while let Some(first) = match (left.peek(), right.peek()) {
            (Some(l), Some(r)) => Some(l.0.min(r.0)),
            (Some(edge), None) | (None, Some(edge)) => Some(edge.0),
            (None, None) => None,
        } {
            if let Some(edge) = left.next_if(|edge| edge.0 == first) {
                now_left = edge.1;
            }
            if let Some(edge) = right.next_if(|edge| edge.0 == first) {
                now_right = edge.1;
            }
            waiting.push((first, now_left, now_right));
        }
        waiting.reverse();
        let done = Vec::with_capacity(waiting.len());
        Frame { task, dimension: asked, waiting, first: 0, done }
    }
}

/// What the edges lead to from `point`.
fn at(edges: &[Edge], point: u32) -> Diagram {
    let after = edges.partition_point(|edge| edge.0 <= point);
    let edge = after.checked_sub(1).and_then(|index| edges.get(index));
    edge.map_or(Diagram::EMPTY, |edge| edge.1)
}

/// The task with its sides in one order where the order does not matter.
fn ordered(operation: Operation, a: Diagram, b: Diagram) -> Task {
    match operation {
        Operation::Union | Operation::Intersection if b < a => (operation, b, a),
        Operation::Union | Operation::Intersection | Operation::Difference => (operation, a, b),
    }
}

/// The result where one side decides it.
fn known((operation, a, b): Task) -> Option<Diagram> {
    const EMPTY: Diagram = Diagram::EMPTY;
    const FULL: Diagram = Diagram::FULL;
    match operation {
        Operation::Union if a == EMPTY || a == b => Some(b),
        Operation::Union if b == EMPTY => Some(a),
        Operation::Union if a == FULL || b == FULL => Some(FULL),
        Operation::Intersection if a == EMPTY || b == EMPTY => Some(EMPTY),
        Operation::Intersection if a == FULL || a == b => Some(b),
        Operation::Intersection if b == FULL => Some(a),
        Operation::Difference if a == EMPTY || b == FULL || a == b => Some(EMPTY),
        Operation::Difference if b == EMPTY => Some(a),
        Operation::Union | Operation::Intersection | Operation::Difference => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const POINTS: [u32; 4] = [2, 3, 4, 2];

    /// How a set is made, to be made twice: as a diagram and as a list of assignments.
    #[derive(Clone, Debug)]
    enum Made {
        Ranges(u32, Vec<(u32, u32)>),
        Union(Box<Made>, Box<Made>),
        Intersection(Box<Made>, Box<Made>),
        Difference(Box<Made>, Box<Made>),
    }

    fn made() -> impl Strategy<Value = Made> {
        let leaf = (0..4u32, 0..4u32, 0..4u32).prop_map(|(dimension, first, more)| {
            let points = POINTS[dimension as usize];
            let first = first % points;
            Made::Ranges(dimension, vec![(first, (first + more).min(points - 1))])
        });
        leaf.prop_recursive(5, 24, 2, |inner| {
            (0..3, inner.clone(), inner).prop_map(|(kind, a, b)| match kind {
                0 => Made::Union(a.into(), b.into()),
                1 => Made::Intersection(a.into(), b.into()),
                _ => Made::Difference(a.into(), b.into()),
            })
        })
    }

    fn diagram(made: &Made, in_: &mut Diagrams) -> Diagram {
        match made {
            Made::Ranges(dimension, ranges) => {
                in_.ranges(*dimension, ranges, POINTS[*dimension as usize])
            }
            Made::Union(a, b) => {
                let (a, b) = (diagram(a, in_), diagram(b, in_));
                in_.union(a, b)
            }
            Made::Intersection(a, b) => {
                let (a, b) = (diagram(a, in_), diagram(b, in_));
                in_.intersection(a, b)
            }
            Made::Difference(a, b) => {
                let (a, b) = (diagram(a, in_), diagram(b, in_));
                in_.difference(a, b)
            }
        }
    }

    fn holds(made: &Made, at: &[u32]) -> bool {
        match made {
            Made::Ranges(dimension, ranges) => {
                let point = at[*dimension as usize];
                ranges.iter().any(|(first, last)| (*first..=*last).contains(&point))
            }
            Made::Union(a, b) => holds(a, at) || holds(b, at),
            Made::Intersection(a, b) => holds(a, at) && holds(b, at),
            Made::Difference(a, b) => holds(a, at) && !holds(b, at),
        }
    }

    fn assignments() -> Vec<[u32; 4]> {
        let mut all = Vec::new();
        for a in 0..POINTS[0] {
            for b in 0..POINTS[1] {
                for c in 0..POINTS[2] {
                    all.extend((0..POINTS[3]).map(|d| [a, b, c, d]));
                }
            }
        }
        all
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn diagrams_are_the_sets_that_a_list_would_be(one in made(), other in made()) {
            let mut diagrams = Diagrams::default();
            let (a, b) = (diagram(&one, &mut diagrams), diagram(&other, &mut diagrams));
            let list = |made| assignments().iter().map(|at| holds(made, at)).collect::<Vec<_>>();
            let looked_up = |set| {
                let at = |point: &[u32; 4]| diagrams.contains(set, |d| point[d as usize]);
                assignments().iter().map(at).collect::<Vec<_>>()
            };
            prop_assert_eq!(looked_up(a), list(&one));
            prop_assert_eq!(looked_up(b), list(&other));
            prop_assert_eq!(a == b, list(&one) == list(&other), "equal sets are one node");
            match diagrams.pick(a) {
                None => prop_assert!(!list(&one).contains(&true)),
                Some(path) => {
                    let mut at = [0; 4];
                    for (dimension, point) in path {
                        at[dimension as usize] = point;
                    }
                    prop_assert!(holds(&one, &at));
                }
            }
        }
    }

    #[test]
    fn a_hundred_thousand_questions_in_a_row_are_no_recursion() {
        let mut diagrams = Diagrams::default();
        let mut all = Diagram::FULL;
        for dimension in (0..100_000).rev() {
            all = diagrams.branch(dimension, vec![(0, Diagram::EMPTY), (1, all)]);
        }
        let some = diagrams.ranges(99_999, &[(0, 0)], 2);
        assert_eq!(diagrams.intersection(all, some), Diagram::EMPTY);
        let everything = diagrams.union(all, some);
        assert_eq!(diagrams.difference(everything, some), all);
    }
}
