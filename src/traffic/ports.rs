//! Sets of ports, where a port is its number together with the names that the receiving pod gives it. A set
//! is a reduced, ordered decision diagram: it asks for one name after the other, in alphabetical order, and ends
//! in a set of numbers. It is kept flat and numbered in one fixed way, so equal sets are equal values and
//! nothing here recurses, however many names there are.

use std::cmp::Reverse;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::intervals::Intervals;

/// The greatest port number.
const LAST: u32 = 65_535;

/// What stands where nothing does.
static NOTHING: Intervals = Intervals::EMPTY;

/// A set of (port number, set of names of that port). Equal sets are equal values.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ports(PortsShape);

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum PortsShape {
    /// Names make no difference.
    Numbers(Intervals),
    /// Names do.
    Diagram(Arc<PortsDiagram>),
}

/// INVARIANT: node 0 is the root; both branches of a node differ and ask only for greater names; no two nodes and
/// no two leaves are equal; both are numbered as `Draft::finish` meets them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct PortsDiagram {
    nodes: Vec<PortsNode>,
    leaves: Vec<Intervals>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct PortsNode {
    name: Arc<str>,
    with: PortsPlace,
    without: PortsPlace,
}

/// A place in a diagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum PortsPlace {
    Leaf(usize),
    Node(usize),
}

/// What stands at a place.
#[derive(Clone, Copy)]
enum PortsAt<'a> {
    Leaf(&'a Intervals),
    Node(&'a PortsNode),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PortsOperation {
    Union,
    Intersection,
    Difference,
}

impl Default for Ports {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl Ports {
    /// No port.
    pub const EMPTY: Self = Self(PortsShape::Numbers(Intervals::EMPTY));

    /// Every port, 0 included, whatever its names.
    pub fn full() -> Self {
        Self(PortsShape::Numbers(all()))
    }

    /// The ports whose number is in `numbers`, and the ports that have one of `names`.
    pub fn of(numbers: &Intervals, names: impl IntoIterator<Item = Arc<str>>) -> Self {
        let numbers = numbers.intersection(&all());
        let mut names: Vec<_> = names.into_iter().collect();
        names.sort_unstable();
        names.dedup();
        let mut draft = Draft::default();
        let whole = draft.leaf(all());
        let mut root = draft.leaf(numbers);
        for name in names.into_iter().rev() {
            root = draft.node(name, whole, root);
        }
        draft.finish(root)
    }

    /// Whether no port is in it.
    pub fn is_empty(&self) -> bool {
        match &self.0 {
            PortsShape::Numbers(numbers) => numbers.is_empty(),
            PortsShape::Diagram(_) => false,
        }
    }

    /// Whether every port is in it.
    pub fn is_full(&self) -> bool {
        match &self.0 {
            PortsShape::Numbers(numbers) => is_all(numbers),
            PortsShape::Diagram(_) => false,
        }
    }

    /// Whether the port `number`, to which the pod gives `names`, is in it.
    pub fn contains(&self, number: u16, names: &[&str]) -> bool {
        self.leaf_under(self.root(), |name| names.contains(&name)).contains(u32::from(number))
    }

    /// The numbers of the ports without names that are in it.
    pub fn numbers(&self) -> &Intervals {
        self.leaf_under(self.root(), |_| false)
    }

    /// The names that suffice, alphabetically: each port that has the name, and no other name, is in the set
    /// whatever its number. A set made of numbers and names is `Ports::of` its numbers and these.
    pub fn names(&self) -> Vec<Arc<str>> {
        let mut found = Vec::new();
        let mut place = self.root();
        while let PortsAt::Node(node) = self.at(place) {
            if is_all(self.leaf_under(node.with, |_| false)) {
                found.push(Arc::clone(&node.name));
            }
            place = node.without;
        }
        found
    }

    /// What is in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.combine(other, PortsOperation::Union)
    }

    /// What is in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        self.combine(other, PortsOperation::Intersection)
    }

    /// What is in `self` and not in `other`.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        self.combine(other, PortsOperation::Difference)
    }

    /// What of it goes to a receiver whose ports have no names: its numbers, as a set that names make no
    /// difference to.
    #[must_use]
    pub fn without_names(&self) -> Self {
        Self(PortsShape::Numbers(self.numbers().clone()))
    }

    /// A member: with as few names as can be, then the lowest number, 0 only where there is no other.
    pub fn example(&self) -> Option<(u16, Vec<Arc<str>>)> {
        let mut names = Vec::new();
        let costs = self.costs();
        let mut place = self.root();
        let leaf = loop {
            match self.at(place) {
                PortsAt::Leaf(leaf) => break leaf,
                PortsAt::Node(node) => {
                    let with = self.cost(node.with, &costs).map_or(usize::MAX, |cost| cost + 1);
                    if with < self.cost(node.without, &costs).unwrap_or(usize::MAX) {
                        names.push(Arc::clone(&node.name));
                        place = node.with;
                    } else {
                        place = node.without;
                    }
                }
            }
        };
        let number = leaf.first_from(1).or_else(|| leaf.first_from(0))?;
        Some((u16::try_from(number).ok()?, names))
    }

    /// The ways through the diagram that end in some number: names that the port has, names that it has not,
    /// and the numbers. At most `limit` of them, and whether there are more.
    pub(super) fn ways(&self, limit: usize) -> (Vec<PortsWay>, bool) {
        let mut ways = Vec::new();
        let mut open = vec![(self.root(), Vec::new(), Vec::new())];
        while let Some((place, with, without)) = open.pop() {
            match self.at(place) {
                PortsAt::Leaf(numbers) if numbers.is_empty() => {}
                PortsAt::Leaf(numbers) => {
                    if ways.len() == limit {
                        return (ways, true);
                    }
                    ways.push(PortsWay { with, without, numbers: numbers.clone() });
                }
                PortsAt::Node(node) => {
                    let (mut more_with, mut more_without) = (with.clone(), without.clone());
                    more_with.push(Arc::clone(&node.name));
                    more_without.push(Arc::clone(&node.name));
                    open.push((node.with, more_with, without));
                    open.push((node.without, with, more_without));
                }
            }
        }
        (ways, false)
    }

    /// For each node the fewest names that lead from it to some number.
    fn costs(&self) -> Vec<Option<usize>> {
        let PortsShape::Diagram(diagram) = &self.0 else { return Vec::new() };
        let mut order: Vec<_> = diagram.nodes.iter().enumerate().collect();
        order.sort_unstable_by_key(|(_, node)| Reverse(&node.name));
        let mut costs = vec![None; diagram.nodes.len()];
        for (index, node) in order {
            let with = self.cost(node.with, &costs).map(|cost| cost + 1);
            let least = [with, self.cost(node.without, &costs)].into_iter().flatten().min();
            set(&mut costs, index, least);
        }
        costs
    }

    /// The fewest names that lead from a place to some number, given those of the nodes.
    fn cost(&self, place: PortsPlace, nodes: &[Option<usize>]) -> Option<usize> {
        match (place, self.at(place)) {
            (PortsPlace::Node(index), PortsAt::Node(_)) => nodes.get(index).copied().flatten(),
            (_, PortsAt::Leaf(leaf)) => (!leaf.is_empty()).then_some(0),
            (PortsPlace::Leaf(_), PortsAt::Node(_)) => None,
        }
    }

    fn root(&self) -> PortsPlace {
        match &self.0 {
            PortsShape::Numbers(_) => PortsPlace::Leaf(0),
            PortsShape::Diagram(_) => PortsPlace::Node(0),
        }
    }

    fn at(&self, place: PortsPlace) -> PortsAt<'_> {
        let found = match (&self.0, place) {
            (PortsShape::Numbers(numbers), _) => Some(PortsAt::Leaf(numbers)),
            (PortsShape::Diagram(diagram), PortsPlace::Leaf(index)) => {
                diagram.leaves.get(index).map(PortsAt::Leaf)
            }
            (PortsShape::Diagram(diagram), PortsPlace::Node(index)) => {
                diagram.nodes.get(index).map(PortsAt::Node)
            }
        };
        found.unwrap_or(PortsAt::Leaf(&NOTHING))
    }

    fn leaf_under(&self, mut place: PortsPlace, has: impl Fn(&str) -> bool) -> &Intervals {
        loop {
            match self.at(place) {
                PortsAt::Leaf(leaf) => return leaf,
                PortsAt::Node(node) => {
                    place = if has(&node.name) { node.with } else { node.without }
                }
            }
        }
    }

    fn combine(&self, other: &Self, operation: PortsOperation) -> Self {
        if let (PortsShape::Numbers(a), PortsShape::Numbers(b)) = (&self.0, &other.0) {
            return Self(PortsShape::Numbers(operation.apply(a, b)));
        }
        // Every pair of places that some set of names leads to, and the pairs that follow it.
        let start = (self.root(), other.root());
        let mut pairs = vec![start];
        let mut steps = Vec::new();
        let mut seen = FxHashMap::from_iter([(start, 0)]);
        let mut next = 0;
        while let Some(&(left, right)) = pairs.get(next) {
            let (a, b) = (self.at(left), other.at(right));
            if let Some(numbers) = operation.decided(a, b) {
                steps.push(PortsStep::Leaf(numbers));
            } else if let Some(name) = first_name(a, b) {
                let mut follow = |has: bool| {
                    let pair = (descend(left, a, name, has), descend(right, b, name, has));
                    *seen.entry(pair).or_insert_with(|| {
                        pairs.push(pair);
                        pairs.len() - 1
                    })
                };
                let (with, without) = (follow(true), follow(false));
                steps.push(PortsStep::Node(Arc::clone(name), with, without));
            } else {
                steps.push(PortsStep::Leaf(Intervals::EMPTY));
            }
            next += 1;
        }
        build(steps)
    }
}

/// One way through a diagram.
#[derive(Debug)]
pub(super) struct PortsWay {
    /// Names that the port has.
    pub(super) with: Vec<Arc<str>>,
    /// Names that it has not.
    pub(super) without: Vec<Arc<str>>,
    /// Its numbers.
    pub(super) numbers: Intervals,
}

impl PortsOperation {
    fn apply(self, a: &Intervals, b: &Intervals) -> Intervals {
        match self {
            Self::Union => a.union(b),
            Self::Intersection => a.intersection(b),
            Self::Difference => a.difference(b),
        }
    }

    /// The result, where it does not depend on further names.
    fn decided(self, a: PortsAt<'_>, b: PortsAt<'_>) -> Option<Intervals> {
        match (self, a, b) {
            (_, PortsAt::Leaf(a), PortsAt::Leaf(b)) => Some(self.apply(a, b)),
            (Self::Union, PortsAt::Leaf(leaf), PortsAt::Node(_))
            | (Self::Union, PortsAt::Node(_), PortsAt::Leaf(leaf)) => is_all(leaf).then(all),
            (Self::Intersection | Self::Difference, PortsAt::Leaf(leaf), PortsAt::Node(_))
            | (Self::Intersection, PortsAt::Node(_), PortsAt::Leaf(leaf)) => {
                leaf.is_empty().then_some(Intervals::EMPTY)
            }
            (Self::Difference, PortsAt::Node(_), PortsAt::Leaf(leaf)) => {
                is_all(leaf).then_some(Intervals::EMPTY)
            }
            (_, PortsAt::Node(_), PortsAt::Node(_)) => None,
        }
    }
}

/// One pair of places of two diagrams: its result, or the name asked for and the pairs that follow.
enum PortsStep {
    Leaf(Intervals),
    Node(Arc<str>, usize, usize),
}

/// The diagram of the steps, of which the first is the root. Steps later in the alphabet come first, leaves before all.
fn build(steps: Vec<PortsStep>) -> Ports {
    let mut draft = Draft::default();
    let mut places = vec![PortsPlace::Leaf(0); steps.len()];
    let mut nodes = Vec::new();
    for (index, step) in steps.into_iter().enumerate() {
        match step {
            PortsStep::Leaf(numbers) => {
                let place = draft.leaf(numbers);
                set(&mut places, index, place);
            }
            PortsStep::Node(name, with, without) => nodes.push((name, index, with, without)),
        }
    }
    nodes.sort_unstable_by(|a, b| b.0.cmp(&a.0));
    for (name, index, with, without) in nodes {
        if let (Some(&with), Some(&without)) = (places.get(with), places.get(without)) {
            let place = draft.node(name, with, without);
            set(&mut places, index, place);
        }
    }
    let root = places.first().copied().unwrap_or(PortsPlace::Leaf(0));
    draft.finish(root)
}

/// A diagram being built from its leaves up, each leaf and node once.
#[derive(Default)]
struct Draft {
    nodes: Vec<PortsNode>,
    leaves: Vec<Intervals>,
    node_at: FxHashMap<PortsNode, usize>,
    leaf_at: FxHashMap<Intervals, usize>,
}

impl Draft {
    fn leaf(&mut self, numbers: Intervals) -> PortsPlace {
        let index = *self.leaf_at.entry(numbers).or_insert_with_key(|numbers| {
            self.leaves.push(numbers.clone());
            self.leaves.len() - 1
        });
        PortsPlace::Leaf(index)
    }

    fn node(&mut self, name: Arc<str>, with: PortsPlace, without: PortsPlace) -> PortsPlace {
        if with == without {
            return with;
        }
        let node = PortsNode { name, with, without };
        let index = *self.node_at.entry(node).or_insert_with_key(|node| {
            self.nodes.push(node.clone());
            self.nodes.len() - 1
        });
        PortsPlace::Node(index)
    }

    /// Numbers what `root` reaches in the one order that its shape gives: parents first, `with` before `without`.
    fn finish(self, root: PortsPlace) -> Ports {
        if let PortsPlace::Leaf(index) = root {
            return Ports(PortsShape::Numbers(
                self.leaves.into_iter().nth(index).unwrap_or_default(),
            ));
        }
        let mut numbers: FxHashMap<PortsPlace, PortsPlace> = FxHashMap::default();
        let (mut order, mut leaves) = (Vec::new(), Vec::new());
        let mut open = vec![root];
        while let Some(place) = open.pop() {
            if numbers.contains_key(&place) {
                continue;
            }
            match place {
                PortsPlace::Leaf(index) => {
                    numbers.insert(place, PortsPlace::Leaf(leaves.len()));
                    leaves.extend(self.leaves.get(index).cloned());
                }
                PortsPlace::Node(index) => {
                    if let Some(node) = self.nodes.get(index) {
                        numbers.insert(place, PortsPlace::Node(order.len()));
                        order.push(node);
                        open.extend([node.without, node.with]);
                    }
                }
            }
        }
        let renamed = |place: PortsPlace| numbers.get(&place).copied().unwrap_or(place);
        let nodes = order
            .into_iter()
            .map(|node| PortsNode {
                name: Arc::clone(&node.name),
                with: renamed(node.with),
                without: renamed(node.without),
            })
            .collect();
        Ports(PortsShape::Diagram(Arc::new(PortsDiagram { nodes, leaves })))
    }
}

fn set<T>(list: &mut [T], index: usize, value: T) {
    if let Some(slot) = list.get_mut(index) {
        *slot = value;
    }
}

fn all() -> Intervals {
    Intervals::range(0, LAST)
}

fn is_all(numbers: &Intervals) -> bool {
    numbers.ranges().eq([(0, LAST)])
}

/// The name that the earlier of two places asks for.
fn first_name<'a>(a: PortsAt<'a>, b: PortsAt<'a>) -> Option<&'a Arc<str>> {
    let name = |at: PortsAt<'a>| match at {
        PortsAt::Leaf(_) => None,
        PortsAt::Node(node) => Some(&node.name),
    };
    [name(a), name(b)].into_iter().flatten().min()
}

/// Where a place leads for ports that have, or have not, `name`.
fn descend(place: PortsPlace, at: PortsAt<'_>, name: &str, has: bool) -> PortsPlace {
    match at {
        PortsAt::Node(node) if &*node.name == name => {
            if has {
                node.with
            } else {
                node.without
            }
        }
        PortsAt::Node(_) | PortsAt::Leaf(_) => place,
    }
}
