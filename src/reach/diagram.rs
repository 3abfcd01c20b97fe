//! Decision diagrams: sets of assignments of points to dimensions, as a directed graph in which equal sets
//! are one node. So sets compare by a number, and what a set does not look at costs nothing. Every operation
//! is a loop with its own stack: no input can exhaust that of the machine.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use std::ops::Range;

use hashbrown::HashTable;
use rustc_hash::{FxHashMap, FxHasher};

use super::budget::Budget;

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

/// One question: which point has `dimension`? The edges, by their place among those of all nodes, are sorted, the first is 0,
/// neighbours differ, and there are two or more. Children ask for later dimensions only. The leaves have no edges.
#[derive(Clone, Copy, Debug)]
struct DiagramNode {
    dimension: u32,
    first: u32,
    after: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Operation {
    Union,
    Intersection,
    Difference,
}

/// The key of one application of an operation.
type Task = (Operation, Diagram, Diagram);

/// An application under way: where its children still to be combined begin in [`Stacks`], and those that are.
struct DiagramFrame {
    task: Task,
    dimension: u32,
    waiting: usize,
    done: usize,
    /// The first point of the child that is being combined.
    first: u32,
}

/// What applications under way have left to do and have done, that of the latest one on top.
#[derive(Default)]
struct Stacks {
    waiting: Vec<(u32, Diagram, Diagram)>,
    done: Vec<Edge>,
}

/// All diagrams of one comparison. Once the budget is spent every operation gives the empty set, which means nothing:
/// whoever holds the budget has to say so.
#[derive(Debug)]
pub struct Diagrams {
    nodes: Vec<DiagramNode>,
    /// The edges of all nodes.
    edges: Vec<Edge>,
    /// Every node, found by what it is.
    known: HashTable<Diagram>,
    memo: FxHashMap<Task, Diagram>,
    budget: Budget,
}

/// How many results are remembered before memory matters more than the time to find them again.
const MEMORY: usize = 1 << 21;

/// What a new node costs, besides its edges: so much more than to look at one as it takes memory for good.
const NODE: usize = 16;

impl Default for Diagrams {
    fn default() -> Self {
        Self::within(Budget::default())
    }
}

impl Diagrams {
    /// None yet, and none that cost more than `budget`.
    pub(super) fn within(budget: Budget) -> Self {
        let leaf = DiagramNode { dimension: u32::MAX, first: 0, after: 0 };
        Self {
            nodes: vec![leaf, leaf],
            edges: Vec::new(),
            known: HashTable::new(),
            memo: FxHashMap::default(),
            budget,
        }
    }

    /// Whether so much more work may be done.
    pub(super) fn spend(&self, steps: usize) -> bool {
        self.budget.spend(steps, || {
            let mut nodes: BTreeMap<u32, usize> = BTreeMap::new();
            for node in self.nodes.iter().skip(2) {
                *nodes.entry(node.dimension).or_default() += 1;
            }
            nodes
        })
    }

    /// Lets as much more work be done as one more subject may cost.
    pub(super) fn allow_subject(&self) {
        self.budget.allow_subject();
    }

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
        self.unique(dimension, edges)
    }

    fn unique(&mut self, dimension: u32, edges: impl IntoIterator<Item = Edge>) -> Diagram {
        let start = self.edges.len();
        for edge in edges {
            let has_own = self.edges.len() > start;
            if has_own && self.edges.last().is_some_and(|last| last.0 == edge.0) {
                self.edges.pop();
            }
            let has_own = self.edges.len() > start;
            if !has_own || self.edges.last().is_none_or(|last| last.1 != edge.1) {
                self.edges.push(edge);
            }
        }
        let own = self.edges.get(start..).unwrap_or_default();
        if let [(_, only)] = own {
            let only = *only;
            self.edges.truncate(start);
            return only;
        }
        let hash = hash(dimension, own);
        let known = self.known.find(hash, |it| {
            self.node(*it)
                .is_some_and(|node| node.dimension == dimension && self.edges_of(node) == own)
        });
        let (known, cost) = (known.copied(), NODE + own.len());
        if let Some(result) = known.or_else(|| (!self.spend(cost)).then_some(Diagram::EMPTY)) {
            self.edges.truncate(start);
            return result;
        }
        let number = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
        let made = Diagram(number(self.nodes.len()));
        self.nodes.push(DiagramNode {
            dimension,
            first: number(start),
            after: number(self.edges.len()),
        });
        let Self { nodes, edges, known, .. } = self;
        known.insert_unique(hash, made, |it| {
            let node = nodes.get(it.0 as usize);
            node.map_or(0, |node| hash_of(node, edges))
        });
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

    /// `set` without the question of the dimensions that are `forgotten`: what is in it for every answer to them (`every`)
    /// or for some.
    pub fn forget(
        &mut self,
        set: Diagram,
        forgotten: impl Fn(u32) -> bool,
        every: bool,
    ) -> Diagram {
        self.rebuild(set, |diagrams, dimension, edges| {
            if !forgotten(dimension) {
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
            let firsts = self.edges_of(node).iter().map(|(first, _)| *first);
            cuts.entry(node.dimension).or_default().extend(firsts);
        }
        cuts
    }

    /// The nodes that `set` is made of.
    fn reachable(&self, set: Diagram) -> BTreeSet<Diagram> {
        self.reachable_where(set, |_| true)
    }

    /// The nodes that `set` is made of, down to those whose question `open` says no to; none of them where it costs too much.
    fn reachable_where(&self, set: Diagram, open: impl Fn(u32) -> bool) -> BTreeSet<Diagram> {
        let mut reachable = BTreeSet::new();
        let mut waiting = vec![set];
        while let Some(diagram) = waiting.pop() {
            let Some(node) = self.inner(diagram) else { continue };
            if open(node.dimension) && reachable.insert(diagram) {
                let edges = self.edges_of(node);
                if !self.spend(edges.len()) {
                    return BTreeSet::new();
                }
                waiting.extend(edges.iter().map(|(_, child)| *child));
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
            let Some(node) = self.node(diagram) else { continue };
            let child = |it: &Diagram| anew.get(it).copied().unwrap_or(*it);
            let edges = self.edges_of(node).iter().map(|(first, it)| (*first, child(it)));
            let (dimension, edges) = (node.dimension, edges.collect());
            let result = make(self, dimension, edges);
            anew.insert(diagram, result);
        }
        if self.budget.is_spent() {
            return Diagram::EMPTY;
        }
        anew.get(&set).copied().unwrap_or(set)
    }

    /// Some assignment of `set`: the dimensions that matter and a point for each, if it can be one of the ranges of points that
    /// are `preferred` for the dimension, the first ones most; `None` for the empty set.
    pub fn pick(
        &self,
        set: Diagram,
        preferred: impl Fn(u32) -> Vec<(u32, u32)>,
    ) -> Option<Vec<(u32, u32)>> {
        let mut path = Vec::new();
        let mut at = set;
        while at > Diagram::FULL {
            let node = self.node(at)?;
            let edges = self.edges_of(node);
            let after = edges.iter().skip(1).map(|edge| edge.0).chain([u32::MAX]);
            // Every node leads to the full leaf: it would be the empty one otherwise.
            let open = edges.iter().zip(after).filter(|(edge, _)| edge.1 != Diagram::EMPTY);
            let open: Vec<_> = open.map(|(edge, after)| (edge.0, after, edge.1)).collect();
            let meets = |(low, high): (u32, u32)| {
                let mut open = open.iter();
                let found = open.find(|(first, after, _)| *first <= high && low < *after)?;
                Some((found.0.max(low), found.2))
            };
            let found = preferred(node.dimension).into_iter().find_map(meets);
            let (point, next) = found.or(open.first().map(|it| (it.0, it.2)))?;
            path.push((node.dimension, point));
            at = next;
        }
        (at == Diagram::FULL).then_some(path)
    }

    /// Whether the assignment that gives each dimension the point `point(dimension)` is in `set`.
    pub fn contains(&self, set: Diagram, point: impl Fn(u32) -> u32) -> bool {
        let mut here = set;
        while here > Diagram::FULL {
            let Some(node) = self.node(here) else { return false };
            here = at(self.edges_of(node), point(node.dimension));
        }
        here == Diagram::FULL
    }

    /// What of `set` leads to `rest` once every dimension before `first` is asked.
    pub(super) fn leading_to(&mut self, set: Diagram, first: u32, rest: Diagram) -> Diagram {
        let reachable = self.reachable_where(set, |dimension| dimension < first);
        let other = |it: Diagram| if it == rest { it } else { Diagram::EMPTY };
        let mut anew: FxHashMap<Diagram, Diagram> = FxHashMap::default();
        for diagram in reachable {
            let Some(node) = self.node(diagram) else { continue };
            let child = |it: Diagram| anew.get(&it).copied().unwrap_or_else(|| other(it));
            let edges = self.edges_of(node).iter().map(|(first, it)| (*first, child(*it)));
            let (dimension, edges) = (node.dimension, edges.collect());
            let result = self.branch(dimension, edges);
            anew.insert(diagram, result);
        }
        anew.get(&set).copied().unwrap_or_else(|| other(set))
    }

    /// The dimensions that `set` asks for.
    pub(super) fn support(&self, set: Diagram) -> BTreeSet<u32> {
        let nodes = self.reachable(set).into_iter().filter_map(|it| self.node(it));
        nodes.map(|node| node.dimension).collect()
    }

    /// The question that `set` asks first: its dimension, and the stretches of points that lead to one set each.
    /// `None` for the empty and the full set.
    pub(super) fn first(&self, set: Diagram) -> Option<(u32, Vec<Stretch>)> {
        let node = self.inner(set)?;
        let edges = self.edges_of(node);
        let lasts = edges.iter().skip(1).map(|(first, _)| first - 1).chain([u32::MAX]);
        let stretch = |((first, child), last): (&Edge, u32)| ((*first, last), *child);
        Some((node.dimension, edges.iter().zip(lasts).map(stretch).collect()))
    }

    /// How many nodes were made.
    pub fn size(&self) -> usize {
        self.nodes.len()
    }

    fn node(&self, diagram: Diagram) -> Option<&DiagramNode> {
        self.nodes.get(diagram.0 as usize)
    }

    /// The node of a set that is neither empty nor full.
    fn inner(&self, diagram: Diagram) -> Option<&DiagramNode> {
        self.node(diagram).filter(|_| diagram > Diagram::FULL)
    }

    fn edges_of(&self, node: &DiagramNode) -> &[Edge] {
        self.edges.get(node.edges()).unwrap_or_default()
    }

    fn apply(&mut self, operation: Operation, a: Diagram, b: Diagram) -> Diagram {
        if self.memo.len() > MEMORY {
            self.memo.clear();
        }
        let mut frames: Vec<DiagramFrame> = Vec::new();
        let mut stacks = Stacks::default();
        let mut task = ordered(operation, a, b);
        loop {
            let decided = known(task).or_else(|| self.memo.get(&task).copied());
            // A fresh frame has nothing done; any other gets the result.
            let mut fresh = decided.is_none();
            let mut steps = 1;
            if fresh {
                let frame = self.frame(task, &mut stacks);
                steps += stacks.waiting.len() - frame.waiting;
                frames.push(frame);
            }
            if !self.spend(steps) {
                return Diagram::EMPTY;
            }
            let mut result = decided.unwrap_or(Diagram::EMPTY);
            loop {
                let Some(mut frame) = frames.pop() else { return result };
                if !fresh {
                    stacks.done.push((frame.first, result));
                }
                fresh = false;
                if stacks.waiting.len() > frame.waiting
                    && let Some((first, a, b)) = stacks.waiting.pop()
                {
                    frame.first = first;
                    task = ordered(operation, a, b);
                    frames.push(frame);
                    break;
                }
                result = self.unique(frame.dimension, stacks.done.drain(frame.done..));
                self.memo.insert(frame.task, result);
            }
        }
    }

    /// Begins with a task: the children of both sides under the earlier of their two questions wait, the first one on top.
    fn frame(&self, task: Task, stacks: &mut Stacks) -> DiagramFrame {
        let (_, a, b) = task;
        let (left, right) = (self.node(a), self.node(b));
        let dimension = |node: Option<&DiagramNode>| node.map_or(u32::MAX, |node| node.dimension);
        let asked = dimension(left).min(dimension(right));
        let (whole_left, whole_right) = ([(0, a)], [(0, b)]);
        let mut left = match left {
            Some(node) if node.dimension == asked => self.edges_of(node),
            Some(_) | None => &whole_left,
        };
        let mut right = match right {
            Some(node) if node.dimension == asked => self.edges_of(node),
            Some(_) | None => &whole_right,
        };
        let (waiting, done) = (stacks.waiting.len(), stacks.done.len());
        // From the last point to the first: of two sides that end in edges from different points, the later one is next.
        while let (Some((last_left, a)), Some((last_right, b))) = (left.last(), right.last()) {
            let first = *last_left.max(last_right);
            stacks.waiting.push((first, *a, *b));
            let drop = |edges: &mut &[Edge], at: u32| {
                if at == first {
                    *edges = edges.split_last().map_or(&[], |(_, rest)| rest);
                }
            };
            let (at_left, at_right) = (*last_left, *last_right);
            drop(&mut left, at_left);
            drop(&mut right, at_right);
        }
        DiagramFrame { task, dimension: asked, waiting, done, first: 0 }
    }
}

impl DiagramNode {
    fn edges(&self) -> Range<usize> {
        self.first as usize..self.after as usize
    }
}

fn hash(dimension: u32, edges: &[Edge]) -> u64 {
    let mut hasher = FxHasher::default();
    (dimension, edges).hash(&mut hasher);
    hasher.finish()
}

fn hash_of(node: &DiagramNode, edges: &[Edge]) -> u64 {
    hash(node.dimension, edges.get(node.edges()).unwrap_or_default())
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
            match diagrams.pick(a, |_| Vec::new()) {
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
