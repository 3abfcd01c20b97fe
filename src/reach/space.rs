//! The space that reaches are sets in: what endpoints and connections can be told apart by. Each question is a
//! dimension, in the order in which diagrams ask: the traffic first (so that diagrams need no more than two
//! leaves), the kind of the peer, the labels of the peer's and the subject's namespaces that lines commonly ask for, and
//! then everything else as [`order`] arranges it, the peer's label beside the subject's.

mod blocks;
mod look;
mod order;
mod points;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use indexmap::{IndexMap, IndexSet};
use ipnet::IpNet;

use self::blocks::Cuts;
use self::points::{Points, holding};
use super::condition::Condition;
use super::terms::{LabelTerms, TermQuestion, Terms};
use crate::selector::keys::{
    ACCOUNT, NAMESPACE, OF_ACCOUNT, OF_NAMESPACE, ORCHESTRATOR, names_account, names_namespace,
};
use crate::selector::{Selector, Steps, TooMany};
use crate::traffic::Family;

/// What this tool's own sets are found by. No other object outside the namespaces bears such labels.
const OURS: &str = "eastwest/";

/// What the peer of a connection is. Its order is that of the points of its dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PeerKind {
    /// A pod.
    Pod,
    /// An address that a `NetworkSet` of some namespace holds.
    Held,
    /// A host endpoint, or an address that a foreign `GlobalNetworkSet` holds.
    Host,
    /// Any other IPv4 address.
    V4,
    /// Any other IPv6 address.
    V6,
}

impl PeerKind {
    /// All, in the order of their points.
    pub(super) const ALL: [Self; 5] = [Self::Pod, Self::Held, Self::Host, Self::V4, Self::V6];
    /// How many there are.
    pub(super) const COUNT: u32 = 5;

    pub(super) fn point(self) -> u32 {
        match self {
            Self::Pod => 0,
            Self::Held => 1,
            Self::Host => 2,
            Self::V4 => 3,
            Self::V6 => 4,
        }
    }

    fn at(point: u32) -> Self {
        Self::ALL.into_iter().find(|kind| kind.point() == point).unwrap_or(Self::Pod)
    }
}

/// An end of a connection, as far as its labels are known.
#[derive(Clone, Copy, Debug)]
pub enum Bearer<'a> {
    /// A pod of the declared namespace of this name and these labels (sorted by key), as the subject.
    Declared(&'a Arc<str>, &'a [(Arc<str>, Arc<str>)]),
    /// A pod of a namespace of which only the name is known, as the subject.
    Named(&'a Arc<str>),
    /// A pod of a namespace that no manifest declares, as the subject.
    Undeclared,
    /// A host endpoint as the subject.
    Host,
    /// A pod as the peer.
    PeerPod,
    /// An address held by a `NetworkSet` of some namespace, as the peer.
    PeerHeld,
    /// A host endpoint as the peer.
    PeerHost,
}

/// What `Bearer`s have for a label.
#[derive(Debug)]
pub(super) enum Borne<'a> {
    /// This value, or none.
    Fixed(Option<&'a str>),
    /// Any point of these dimensions.
    Free(&'a Asking, &'a Points),
}

/// A question. Labels by their index in [`Space::labels`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dimension {
    Traffic,
    Family,
    /// The name of a port where sets are told by traffic: there names are asked for with the rest of it.
    EarlyName(usize),
    Kind,
    Named(usize),
    Condition(usize),
    V4(Side),
    V6(Side),
    Peer(usize),
    Subject(usize),
    /// A test of a label that is a question of its own, by its index there.
    PeerTest(usize, usize),
    SubjectTest(usize, usize),
}

/// Which end of a connection an address is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Peer,
    Subject,
}

/// The dimensions of one label at one end: of its value, and of the tests that are questions of their own.
#[derive(Debug, Default)]
pub(super) struct Asking {
    pub(super) value: u32,
    pub(super) tests: Vec<u32>,
}

/// A label that may be asked for.
#[derive(Debug)]
pub(super) struct SpaceLabel {
    pub(super) key: Arc<str>,
    pub(super) points: Points,
    peer: Asking,
    subject: Asking,
}

impl SpaceLabel {
    /// Whether it is of an endpoint's namespace.
    fn is_of_namespace(&self) -> bool {
        self.key.starts_with(OF_NAMESPACE) || &*self.key == NAMESPACE
    }
}

/// What has a place of its own in the order. Labels, their tests, port names and conditions by their index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Unit {
    Label(usize),
    Test(usize, usize),
    Name(usize),
    Condition(usize),
}

/// So many steps are taken to list how the texts within values of labels combine.
const LISTING: u64 = 20_000_000;
/// So many labels of namespaces may be asked for before everything else.
const FEW: usize = 8;
/// Where there are more, those that every so manieth line asks for.
const COMMON: usize = 16;

/// All dimensions and their points.
#[derive(Debug)]
pub struct Space {
    labels: Vec<SpaceLabel>,
    by_key: BTreeMap<Arc<str>, usize>,
    order: Vec<Dimension>,
    pub(super) codes: Vec<u32>,
    pub(super) names: Vec<Arc<str>>,
    pub(super) v4: Cuts,
    pub(super) v6: Cuts,
    pub(super) conditions: Vec<Condition>,
    /// Whether pods and hosts may lie in blocks.
    pub(super) addressed: bool,
    /// Whether what policies do to host endpoints matters.
    pub(super) hosts: bool,
    kind: u32,
    /// The dimension of each condition, and of the name of each port.
    condition_at: Vec<u32>,
    name_at: Vec<u32>,
    /// The dimensions of the peer's address, IPv4 and IPv6.
    peer_address: [u32; 2],
    /// The dimensions of the subject's address; not asked for unless endpoints may lie in blocks.
    subject_address: [u32; 2],
}

impl Space {
    /// The dimension of traffic, as numbers of [`super::code`].
    pub(super) const TRAFFIC: u32 = 0;
    /// The dimension of the IP family: IPv4, IPv6.
    pub(super) const FAMILY: u32 = 1;
    /// The first dimension of [`Dimension::EarlyName`].
    const EARLY_NAMES: u32 = 2;

    /// The space in which `terms` can be told apart.
    pub(super) fn new(terms: Terms) -> Self {
        Self::listing(terms, usize::MAX, &Steps::new(LISTING))
    }

    /// The same, where it takes `steps` to list how the texts within values of a label combine, and each is a question of its
    /// own where there are more than `most`.
    pub(super) fn listing(mut terms: Terms, most: usize, steps: &Steps) -> Self {
        terms.line();
        let mut space = Self {
            labels: Vec::new(),
            by_key: BTreeMap::new(),
            order: Vec::new(),
            codes: std::iter::once(0).chain(terms.codes.into_iter().filter(|c| *c != 0)).collect(),
            names: terms.names.into_iter().collect(),
            v4: Cuts::new(&terms.blocks, |net| matches!(net, IpNet::V4(_))),
            v6: Cuts::new(&terms.blocks, |net| matches!(net, IpNet::V6(_))),
            conditions: terms.conditions.into_iter().collect(),
            addressed: terms.addressed,
            hosts: terms.hosts,
            kind: 0,
            condition_at: Vec::new(),
            name_at: Vec::new(),
            peer_address: [0; 2],
            subject_address: [0; 2],
        };
        space.name_at = vec![0; space.names.len()];
        space.condition_at = vec![0; space.conditions.len()];
        space.add_labels(terms.labels, most, steps);
        space.ask(Dimension::Traffic);
        space.ask(Dimension::Family);
        for index in 0..space.names.len() {
            space.ask(Dimension::EarlyName(index));
        }
        space.kind = space.ask(Dimension::Kind);
        let (units, together) = space.units(&terms.questions, &terms.together);
        let (common, rest) = space.arranged(&units, together);
        for unit in &common {
            space.ask_unit(*unit, &[Side::Peer]);
        }
        space.peer_address = space.ask_address(Side::Peer);
        if space.addressed {
            space.subject_address = space.ask_address(Side::Subject);
        }
        for unit in &common {
            space.ask_unit(*unit, &[Side::Subject]);
        }
        for unit in rest {
            space.ask_unit(unit, &[Side::Peer, Side::Subject]);
        }
        space
    }

    fn add_labels(&mut self, labels: IndexMap<Arc<str>, LabelTerms>, most: usize, steps: &Steps) {
        let mut asked: IndexMap<Arc<str>, LabelTerms> = IndexMap::new();
        for (key, more) in labels {
            let key = one_key(&key).map_or(key, Arc::from);
            let known = asked.entry(key).or_default();
            known.values.extend(more.values);
            known.patterns.extend(more.patterns);
        }
        for (key, asked) in asked {
            let points = Points::new(&key, asked, &*key == NAMESPACE, most, steps);
            let asking = || Asking { value: 0, tests: vec![0; points.apart().len()] };
            let (peer, subject) = (asking(), asking());
            self.by_key.insert(Arc::clone(&key), self.labels.len());
            self.labels.push(SpaceLabel { key, points, peer, subject });
        }
    }

    /// What is to be asked, in the order in which it was met, and the indices of what is asked together.
    fn units(
        &self,
        questions: &IndexSet<TermQuestion>,
        together: &IndexSet<Vec<usize>>,
    ) -> (IndexSet<Unit>, Vec<Vec<usize>>) {
        let mut units = IndexSet::new();
        let of: Vec<Vec<usize>> = questions
            .iter()
            .map(|question| {
                let found = self.units_of(question).into_iter();
                found.map(|unit| units.insert_full(unit).0).collect()
            })
            .collect();
        let line = |line: &Vec<usize>| {
            let all = line.iter().filter_map(|question| of.get(*question)).flatten().copied();
            all.collect::<BTreeSet<_>>().into_iter().collect()
        };
        let lines: BTreeSet<Vec<usize>> = together.iter().map(line).collect();
        (units, lines.into_iter().collect())
    }

    fn units_of(&self, question: &TermQuestion) -> Vec<Unit> {
        let label = |key: &str| self.by_key.get(one_key(key).unwrap_or(key)).copied();
        match question {
            TermQuestion::Label(key) => label(key).map(Unit::Label).into_iter().collect(),
            TermQuestion::Test(key, test) => {
                let Some(index) = label(key) else { return Vec::new() };
                let apart = self.labels.get(index).map_or(&[][..], |it| it.points.apart());
                let test = apart.iter().position(|it| it == test);
                let test = test.map(|test| Unit::Test(index, test));
                std::iter::once(Unit::Label(index)).chain(test).collect()
            }
            TermQuestion::Name(name) => {
                self.names.binary_search(name).ok().map(Unit::Name).into_iter().collect()
            }
            TermQuestion::Condition(condition) => {
                let found = self.conditions.binary_search(condition).ok();
                found.map(Unit::Condition).into_iter().collect()
            }
        }
    }

    /// The labels of namespaces that lines commonly ask for, as people are told of them, and everything else, as [`order`]
    /// arranges it.
    fn arranged(
        &self,
        units: &IndexSet<Unit>,
        mut together: Vec<Vec<usize>>,
    ) -> (Vec<Unit>, Vec<Unit>) {
        let of_namespace = |unit: &Unit| match unit {
            Unit::Label(label) => {
                self.labels.get(*label).filter(|it| it.is_of_namespace()).map(|_| *label)
            }
            Unit::Test(..) | Unit::Name(_) | Unit::Condition(_) => None,
        };
        let mut asked: BTreeMap<usize, usize> = BTreeMap::new();
        for unit in together.iter().flatten() {
            *asked.entry(*unit).or_default() += 1;
        }
        let asked = |index: usize| asked.get(&index).copied().unwrap_or(0);
        let all = (0..).zip(units).filter_map(|(at, unit)| Some((of_namespace(unit)?, at)));
        let mut common: Vec<(usize, usize)> = all.collect();
        if common.len() > FEW {
            common.retain(|(_, at)| asked(*at) * COMMON >= together.len());
        }
        common.sort_by_key(|(label, at)| (Reverse(asked(*at)), *label));
        common.truncate(FEW);
        common.sort_unstable();
        let common: Vec<usize> = common.into_iter().map(|(_, at)| at).collect();
        let others: Vec<usize> = (0..units.len()).filter(|at| !common.contains(at)).collect();
        for line in &mut together {
            let known = line.iter().filter_map(|at| others.binary_search(at).ok());
            *line = known.collect();
        }
        together.retain(|line| line.len() > 1);
        let unit = |at: usize| units.get_index(at).copied();
        let order = order::arrange(others.len(), together);
        let rest = order.into_iter().filter_map(|at| others.get(at).copied());
        (common.into_iter().filter_map(unit).collect(), rest.filter_map(unit).collect())
    }

    fn ask(&mut self, dimension: Dimension) -> u32 {
        self.order.push(dimension);
        u32::try_from(self.order.len() - 1).unwrap_or(u32::MAX)
    }

    fn ask_address(&mut self, end: Side) -> [u32; 2] {
        [Dimension::V4(end), Dimension::V6(end)].map(|dimension| self.ask(dimension))
    }

    /// Asks for `unit`, of each of `ends` where it is a label.
    fn ask_unit(&mut self, unit: Unit, ends: &[Side]) {
        match unit {
            Unit::Name(index) => {
                let at = self.ask(Dimension::Named(index));
                set(self.name_at.get_mut(index), at);
            }
            Unit::Condition(index) => {
                let at = self.ask(Dimension::Condition(index));
                set(self.condition_at.get_mut(index), at);
            }
            Unit::Label(index) => {
                for end in ends {
                    let at = self.ask(match end {
                        Side::Peer => Dimension::Peer(index),
                        Side::Subject => Dimension::Subject(index),
                    });
                    set(self.asking(index, *end).map(|it| &mut it.value), at);
                }
            }
            Unit::Test(index, test) => {
                for end in ends {
                    let at = self.ask(match end {
                        Side::Peer => Dimension::PeerTest(index, test),
                        Side::Subject => Dimension::SubjectTest(index, test),
                    });
                    let asking = self.asking(index, *end);
                    set(asking.and_then(|it| it.tests.get_mut(test)), at);
                }
            }
        }
    }

    fn asking(&mut self, label: usize, end: Side) -> Option<&mut Asking> {
        let label = self.labels.get_mut(label)?;
        Some(match end {
            Side::Peer => &mut label.peer,
            Side::Subject => &mut label.subject,
        })
    }

    /// What `bearer` has for the label `key`, as Calico shows labels to selectors.
    pub(super) fn borne<'a>(&'a self, bearer: Bearer<'a>, key: &str) -> Borne<'a> {
        let (in_namespace, pod) = match bearer {
            Bearer::Declared(..) | Bearer::Named(_) | Bearer::Undeclared | Bearer::PeerPod => {
                (true, true)
            }
            Bearer::PeerHeld => (true, false),
            Bearer::Host | Bearer::PeerHost => (false, false),
        };
        let of_namespace = names_namespace(key) || key.starts_with(OF_NAMESPACE);
        if of_namespace && !in_namespace {
            return Borne::Fixed(None);
        }
        if key == ORCHESTRATOR {
            return Borne::Fixed(pod.then_some("k8s"));
        }
        if (key.starts_with(OF_ACCOUNT) || key == ACCOUNT) && !pod {
            return Borne::Fixed(None);
        }
        if key.starts_with(OURS) && !in_namespace {
            return Borne::Fixed(None);
        }
        if let (Bearer::Declared(name, _) | Bearer::Named(name), true) =
            (bearer, names_namespace(key))
        {
            return Borne::Fixed(Some(name));
        }
        if let (Bearer::Declared(_, labels), true) = (bearer, of_namespace) {
            let own = key.strip_prefix(OF_NAMESPACE).unwrap_or(key);
            let found = labels.binary_search_by(|(key, _)| (**key).cmp(own));
            return Borne::Fixed(found.ok().and_then(|at| labels.get(at)).map(|(_, it)| &**it));
        }
        let Some(label) = self.find(key) else { return Borne::Fixed(None) };
        let asking = match bearer {
            Bearer::Declared(..) | Bearer::Named(_) | Bearer::Undeclared | Bearer::Host => {
                &label.subject
            }
            Bearer::PeerPod | Bearer::PeerHeld | Bearer::PeerHost => &label.peer,
        };
        Borne::Free(asking, &label.points)
    }

    fn find(&self, key: &str) -> Option<&SpaceLabel> {
        let key = one_key(key).unwrap_or(key);
        self.by_key.get(key).and_then(|index| self.labels.get(*index))
    }

    /// What `dimension` asks.
    pub(super) fn dimension(&self, dimension: u32) -> Option<Dimension> {
        self.order.get(dimension as usize).copied()
    }

    /// The key of a label.
    pub(super) fn key(&self, label: usize) -> Option<&Arc<str>> {
        self.labels.get(label).map(|label| &label.key)
    }

    /// A selector of the values at `points` of a label.
    pub(super) fn selector(&self, label: usize, points: &[(u32, u32)]) -> Option<Selector> {
        let label = self.labels.get(label)?;
        Some(label.points.selector(&label.key, points))
    }

    /// A selector of the values that pass, or do not pass, a test of a label that is a question of its own.
    pub(super) fn passes(&self, label: usize, test: usize, passes: bool) -> Option<Selector> {
        let label = self.labels.get(label)?;
        Some(holding(&label.key, label.points.apart().get(test)?, passes))
    }

    /// That sets over it cost too much, by how many nodes ask for each dimension.
    pub(super) fn too_many(&self, crowded: BTreeMap<u32, usize>) -> TooMany {
        let mut nodes: BTreeMap<usize, usize> = BTreeMap::new();
        for (dimension, count) in crowded {
            if let Some(label) = self.label_index(dimension) {
                *nodes.entry(label).or_default() += count;
            }
        }
        // Labels that few nodes ask for are not to blame.
        let most = nodes.values().copied().max().unwrap_or(0);
        let mut found: Vec<_> = nodes.into_iter().filter(|(_, it)| *it >= most / 16).collect();
        found.sort_by_key(|(label, count)| (Reverse(*count), *label));
        TooMany::new(found.iter().filter_map(|(label, _)| self.key(*label).cloned()))
    }

    /// The dimension of the kind of the peer.
    pub(super) fn kind(&self) -> u32 {
        self.kind
    }

    /// The dimension of a condition in play.
    pub(super) fn condition(&self, condition: &Condition) -> Option<u32> {
        let index = self.conditions.binary_search(condition).ok()?;
        self.condition_at.get(index).copied()
    }

    /// All conditions, each with its dimension.
    pub(super) fn all_conditions(&self) -> impl Iterator<Item = (&Condition, u32)> {
        self.conditions.iter().zip(self.condition_at.iter().copied())
    }

    /// Whether `dimension` is that of a condition.
    pub(super) fn is_condition(&self, dimension: u32) -> bool {
        matches!(self.dimension(dimension), Some(Dimension::Condition(_)))
    }

    /// The dimension of a port's name in play.
    pub(super) fn name(&self, name: &str) -> Option<u32> {
        let found = self.names.binary_search_by(|known| (**known).cmp(name)).ok()?;
        self.name_at.get(found).copied()
    }

    /// All names of ports, each with its dimension.
    pub(super) fn all_names(&self) -> impl Iterator<Item = (&Arc<str>, u32)> {
        self.names.iter().zip(self.name_at.iter().copied())
    }

    /// Whether `dimension` is that of the name of a port.
    pub(super) fn is_name(&self, dimension: u32) -> bool {
        matches!(self.dimension(dimension), Some(Dimension::Named(_)))
    }

    /// The dimension at which the name that `dimension` asks for is told; itself where it asks for no name.
    pub(super) fn early_name_at(&self, dimension: u32) -> u32 {
        match self.dimension(dimension) {
            Some(Dimension::Named(name)) => {
                u32::try_from(name).map_or(dimension, |name| Self::EARLY_NAMES.saturating_add(name))
            }
            _ => dimension,
        }
    }

    /// The dimension at which the name that is told at `dimension` is asked for; itself where none is.
    pub(super) fn name_at_dimension(&self, dimension: u32) -> u32 {
        match self.dimension(dimension) {
            Some(Dimension::EarlyName(name)) => {
                self.name_at.get(name).copied().unwrap_or(dimension)
            }
            _ => dimension,
        }
    }

    /// The label that `dimension` asks for, by its index.
    pub(super) fn label_index(&self, dimension: u32) -> Option<usize> {
        match self.dimension(dimension)? {
            Dimension::Peer(label)
            | Dimension::Subject(label)
            | Dimension::PeerTest(label, _)
            | Dimension::SubjectTest(label, _) => Some(label),
            Dimension::Traffic
            | Dimension::Family
            | Dimension::EarlyName(_)
            | Dimension::Kind
            | Dimension::Named(_)
            | Dimension::Condition(_)
            | Dimension::V4(_)
            | Dimension::V6(_) => None,
        }
    }

    /// Whether `dimension` asks for a label of the namespace of an end, beside its name.
    pub(super) fn is_of_namespace(&self, dimension: u32) -> bool {
        let label = self.label_index(dimension).and_then(|label| self.labels.get(label));
        label.is_some_and(|label| label.key.starts_with(OF_NAMESPACE))
    }

    /// The pieces of the line of traffic from `first` to `last`.
    pub(super) fn traffic(&self, first: u32, last: u32) -> (u32, u32) {
        (self.piece(first), self.piece(last))
    }

    fn piece(&self, code: u32) -> u32 {
        let after = self.codes.partition_point(|start| *start <= code);
        u32::try_from(after.saturating_sub(1)).unwrap_or(u32::MAX)
    }

    /// The pieces of the addresses of `family`, and the dimension of the address of `end`. One point more than there
    /// are pieces is that of an endpoint that lies in no block.
    pub(super) fn cuts(&self, end: Side, family: Family) -> (&Cuts, u32) {
        let [v4, v6] = match end {
            Side::Peer => self.peer_address,
            Side::Subject => self.subject_address,
        };
        match family {
            Family::V4 => (&self.v4, v4),
            Family::V6 => (&self.v6, v6),
        }
    }
}

/// Makes `at` the dimension of something that there is.
fn set(dimension: Option<&mut u32>, at: u32) {
    if let Some(dimension) = dimension {
        *dimension = at;
    }
}

/// The one key for keys that always have the same value.
fn one_key(key: &str) -> Option<&'static str> {
    if names_namespace(key) {
        return Some(NAMESPACE);
    }
    names_account(key).then_some(ACCOUNT)
}
