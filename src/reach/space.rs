//! The space that reaches are sets in: what endpoints and connections can be told apart by. Each question is a
//! dimension, in the order in which diagrams ask: the traffic first (so that diagrams need no more than two
//! leaves), the kind of the peer, the labels of the peer's and the subject's namespaces, and then, side by
//! side, those of the pods themselves.

mod blocks;
mod look;
mod points;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use indexmap::IndexMap;
use ipnet::IpNet;

use self::blocks::Cuts;
use self::points::{Points, holding};
use super::condition::Condition;
use super::terms::{Asked, Terms};
use crate::selector::{self, Selector};
use crate::traffic::Family;

/// The label that Calico gives every pod and every address of a `NetworkSet`: the name of its namespace.
pub(super) const NAMESPACE: &str = "projectcalico.org/namespace";
/// What Calico puts before the labels of an endpoint's namespace.
pub(super) const OF_NAMESPACE: &str = "pcns.";
/// What Calico puts before the labels of a pod's service account.
pub(super) const OF_ACCOUNT: &str = "pcsa.";
/// The label that Calico gives every pod: the name of its service account.
pub(super) const ACCOUNT: &str = "projectcalico.org/serviceaccount";
/// The label that Calico gives pods alone.
const ORCHESTRATOR: &str = "projectcalico.org/orchestrator";
/// What this tool's own sets are found by. No other object outside the namespaces bears such labels.
const OURS: &str = "eastwest/";

/// The values of one label cannot be told apart, as too much is asked of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooMany {
    /// The label, as Calico shows it.
    pub key: Arc<str>,
    /// Why.
    pub reason: selector::TooMany,
}

impl fmt::Display for TooMany {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "nothing can be proved about the label `{}`: {}", self.key, self.reason)
    }
}

impl std::error::Error for TooMany {}

/// What the peer of a connection is. Its order is that of the points of its dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
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

impl Kind {
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
    Named(usize),
    Kind,
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

/// The dimensions of one label at one end: of its value, and the first of those of the tests that are questions of
/// their own.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Asking {
    pub(super) value: u32,
    pub(super) tests: u32,
}

/// A label that may be asked for.
#[derive(Debug)]
pub(super) struct Label {
    pub(super) key: Arc<str>,
    pub(super) points: Points,
    peer: Asking,
    subject: Asking,
}

/// All dimensions and their points.
#[derive(Debug)]
pub struct Space {
    labels: Vec<Label>,
    by_key: BTreeMap<Arc<str>, usize>,
    order: Vec<Dimension>,
    pub(super) codes: Vec<u32>,
    pub(super) names: Vec<Arc<str>>,
    pub(super) v4: Cuts,
    pub(super) v6: Cuts,
    pub(super) conditions: Vec<Condition>,
    /// Whether pods and hosts may lie in blocks.
    pub(super) addressed: bool,
    kind: u32,
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
    /// The dimension of the first port name.
    pub(super) const NAMES: u32 = 2;

    /// The space in which `terms` can be told apart. Fails where one label is compared with so many texts that
    /// what can hold together cannot be listed.
    pub fn new(terms: Terms) -> Result<Self, TooMany> {
        let mut asked: [IndexMap<Arc<str>, Asked>; 2] = Default::default();
        for (key, more) in terms.labels {
            let key = one_key(&key).map_or(key, Arc::from);
            let [of_namespaces, of_pods] = &mut asked;
            let of_namespace = key.starts_with(OF_NAMESPACE) || &*key == NAMESPACE;
            let known = if of_namespace { of_namespaces } else { of_pods };
            let known = known.entry(key).or_default();
            known.values.extend(more.values);
            known.patterns.extend(more.patterns);
        }
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
            kind: 0,
            peer_address: [0; 2],
            subject_address: [0; 2],
        };
        space.ask(Dimension::Traffic);
        space.ask(Dimension::Family);
        for index in 0..space.names.len() {
            space.ask(Dimension::Named(index));
        }
        space.kind = space.ask(Dimension::Kind);
        for index in 0..space.conditions.len() {
            space.ask(Dimension::Condition(index));
        }
        let [of_namespaces, of_pods] = asked;
        let count = of_namespaces.len();
        for (key, asked) in of_namespaces {
            space.label(key, asked)?;
            space.ask_peer(space.labels.len() - 1);
        }
        space.peer_address = space.ask_address(Side::Peer);
        if space.addressed {
            space.subject_address = space.ask_address(Side::Subject);
        }
        for index in 0..count {
            space.ask_subject(index);
        }
        for (key, asked) in of_pods {
            space.label(key, asked)?;
            space.ask_peer(space.labels.len() - 1);
            space.ask_subject(space.labels.len() - 1);
        }
        Ok(space)
    }

    fn label(&mut self, key: Arc<str>, asked: Asked) -> Result<(), TooMany> {
        let points = Points::new(&key, asked, &*key == NAMESPACE)
            .map_err(|reason| TooMany { key: Arc::clone(&key), reason })?;
        self.by_key.insert(Arc::clone(&key), self.labels.len());
        let (peer, subject) = (Asking::default(), Asking::default());
        self.labels.push(Label { key, points, peer, subject });
        Ok(())
    }

    fn ask(&mut self, dimension: Dimension) -> u32 {
        self.order.push(dimension);
        u32::try_from(self.order.len() - 1).unwrap_or(u32::MAX)
    }

    fn ask_address(&mut self, end: Side) -> [u32; 2] {
        [Dimension::V4(end), Dimension::V6(end)].map(|dimension| self.ask(dimension))
    }

    fn ask_peer(&mut self, index: usize) {
        let asking = self.ask_label(index, Dimension::Peer(index), Dimension::PeerTest);
        if let Some(label) = self.labels.get_mut(index) {
            label.peer = asking;
        }
    }

    fn ask_subject(&mut self, index: usize) {
        let asking = self.ask_label(index, Dimension::Subject(index), Dimension::SubjectTest);
        if let Some(label) = self.labels.get_mut(index) {
            label.subject = asking;
        }
    }

    fn ask_label(
        &mut self,
        index: usize,
        value: Dimension,
        test: fn(usize, usize) -> Dimension,
    ) -> Asking {
        let value = self.ask(value);
        let apart = self.labels.get(index).map_or(0, |label| label.points.apart().len());
        for each in 0..apart {
            self.ask(test(index, each));
        }
        Asking { value, tests: value.saturating_add(1) }
    }

    /// What `bearer` has for the label `key`, as Calico shows labels to selectors.
    pub(super) fn borne<'a>(&'a self, bearer: Bearer<'a>, key: &str) -> Borne<'a> {
        let (in_namespace, pod) = match bearer {
            Bearer::Declared(..) | Bearer::Undeclared | Bearer::PeerPod => (true, true),
            Bearer::PeerHeld => (true, false),
            Bearer::Host | Bearer::PeerHost => (false, false),
        };
        let of_namespace = is_namespace(key) || key.starts_with(OF_NAMESPACE);
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
        if let (Bearer::Declared(name, labels), true) = (bearer, of_namespace) {
            if is_namespace(key) {
                return Borne::Fixed(Some(name));
            }
            let own = key.strip_prefix(OF_NAMESPACE).unwrap_or(key);
            let found = labels.binary_search_by(|(key, _)| (**key).cmp(own));
            return Borne::Fixed(found.ok().and_then(|at| labels.get(at)).map(|(_, it)| &**it));
        }
        let Some(label) = self.find(key) else { return Borne::Fixed(None) };
        let asking = match bearer {
            Bearer::Declared(..) | Bearer::Undeclared | Bearer::Host => &label.subject,
            Bearer::PeerPod | Bearer::PeerHeld | Bearer::PeerHost => &label.peer,
        };
        Borne::Free(asking, &label.points)
    }

    fn find(&self, key: &str) -> Option<&Label> {
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

    /// The dimension of the kind of the peer.
    pub(super) fn kind(&self) -> u32 {
        self.kind
    }

    /// The dimension of a condition in play.
    pub(super) fn condition(&self, condition: &Condition) -> Option<u32> {
        let index = self.conditions.binary_search(condition).ok()?;
        Some(self.kind + 1 + u32::try_from(index).ok()?)
    }

    /// The dimensions of all conditions, the first one and the one after the last.
    pub(super) fn all_conditions(&self) -> std::ops::Range<u32> {
        let first = self.kind + 1;
        first..first + u32::try_from(self.conditions.len()).unwrap_or(0)
    }

    /// The dimension of a port's name in play.
    pub(super) fn name(&self, name: &str) -> Option<u32> {
        let found = self.names.binary_search_by(|known| (**known).cmp(name)).ok()?;
        Some(Self::NAMES + u32::try_from(found).ok()?)
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

/// The one key for keys that always have the same value.
fn one_key(key: &str) -> Option<&'static str> {
    if is_namespace(key) {
        return Some(NAMESPACE);
    }
    (key == "pcsa.projectcalico.org/name").then_some(ACCOUNT)
}

/// The keys under which the name of an endpoint's namespace is found.
fn is_namespace(key: &str) -> bool {
    matches!(key, NAMESPACE | "pcns.projectcalico.org/name" | "pcns.kubernetes.io/metadata.name")
}
