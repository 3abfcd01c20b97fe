//! Sets of connections, made of the words that both roads use: a label has a value, a selector holds, an
//! address lies in a block, traffic is one of a list. What those words mean for a flow or a policy is the
//! business of [`of_program`](super::of_program) and [`of_policies`](super::of_policies).

use std::rc::Rc;
use std::sync::Arc;

use ipnet::IpNet;
use rustc_hash::FxHashMap;

use super::budget::Budget;
use super::code;
use super::diagram::{Diagram, Diagrams};
use super::space::{Bearer, Borne, Dimension, PeerKind, Side, Space};
use super::{Condition, Direction, Example, LabelMap, Terms};
use crate::calico::NamedPort;
use crate::selector::keys::NAMESPACE;
use crate::selector::{Overflow, Predicate, Selector, Test, TooMany};
use crate::traffic::{Family, Match, Protocol};

/// The engine: the sets of one space, which it owns, all in one place so that equal ones are one.
#[derive(Debug)]
pub struct Sets {
    /// What is told apart.
    pub space: Rc<Space>,
    /// The sets made so far.
    pub diagrams: Diagrams,
    possible: [Diagram; 2],
}

impl Sets {
    /// Does `work` with sets over the space in which `terms` can be told apart. There is no other way to have sets: what was
    /// found with some that cost too much is never given.
    ///
    /// # Errors
    /// Where that takes more steps than are done.
    pub fn over<T>(terms: Terms, work: impl FnOnce(Self) -> T) -> Result<T, TooMany> {
        let space = Rc::new(Space::new(terms));
        let budget = Budget::default();
        let diagrams = Diagrams::within(budget.clone());
        let mut sets = Self { space: Rc::clone(&space), diagrams, possible: [Diagram::FULL; 2] };
        sets.possible = [sets.possible(Direction::Ingress), sets.possible(Direction::Egress)];
        let done = work(sets);
        match budget.crowded() {
            Some(crowded) => Err(space.too_many(crowded)),
            None => Ok(done),
        }
    }

    /// Whether some pod satisfies one of the selectors of each pair, or does not where the pair says so.
    ///
    /// # Errors
    /// Where their tests combine in too many ways to tell.
    pub(super) fn some_pod(
        selectors: [(&Selector, bool); 2],
        most: usize,
        budget: &Budget,
    ) -> Result<bool, Overflow> {
        let mut terms = Terms::default();
        for (selector, _) in selectors {
            terms.selector(selector);
        }
        let space = Rc::new(Space::listing(terms, most, budget.steps()));
        let diagrams = Diagrams::within(budget.clone());
        let mut sets = Self { space, diagrams, possible: [Diagram::FULL; 2] };
        let mut found = Diagram::FULL;
        for (selector, holds) in selectors {
            let pods = sets.selector(Bearer::Undeclared, selector);
            found = if holds {
                sets.diagrams.intersection(found, pods)
            } else {
                sets.diagrams.difference(found, pods)
            };
        }
        if budget.is_spent() {
            return Err(Overflow);
        }
        // Where texts are questions of their own, more is told apart than can be: a pod shows that it can.
        match sets.example(found, Bearer::Undeclared, Direction::Ingress) {
            None => Ok(false),
            Some(example) if sets.contains(found, &example) => Ok(true),
            Some(_) => Err(Overflow),
        }
    }

    /// Whether too much was asked: then no set means anything. For those who tell of what they find while they work.
    pub fn are_spent(&self) -> bool {
        !self.diagrams.spend(0)
    }

    /// Gives what one more subject, or one more question, may cost.
    pub fn allow_subject(&self) {
        self.diagrams.allow_subject();
    }

    /// What of `set` can be: an address of one family sends nothing over the other; where the receiver is
    /// neither a pod nor a host, its ports have no names; and unless the [`Terms`] give them addresses, pods and
    /// hosts lie in no block.
    pub fn that_can_be(&mut self, set: Diagram, direction: Direction) -> Diagram {
        let [ingress, egress] = self.possible;
        let possible = match direction {
            Direction::Ingress => ingress,
            Direction::Egress => egress,
        };
        self.diagrams.intersection(set, possible)
    }

    fn possible(&mut self, direction: Direction) -> Diagram {
        let mut impossible = Vec::new();
        let [v4, v6] = [Family::V4, Family::V6].map(|family| self.somewhere(Side::Peer, family));
        let nowhere = |sets: &mut Self, set| sets.diagrams.difference(Diagram::FULL, set);
        for (kind, own, family, other) in
            [(PeerKind::V4, v4, Family::V6, v6), (PeerKind::V6, v6, Family::V4, v4)]
        {
            let (kind, family, lost) = (self.kind(kind), self.family(family), nowhere(self, own));
            for wrong in [family, other, lost] {
                impossible.push(self.diagrams.intersection(kind, wrong));
            }
        }
        if !self.space.addressed {
            for kind in [PeerKind::Pod, PeerKind::Held, PeerKind::Host] {
                let kind = self.kind(kind);
                for somewhere in [v4, v6] {
                    impossible.push(self.diagrams.intersection(kind, somewhere));
                }
            }
        }
        if direction == Direction::Egress {
            let nameless = [PeerKind::Held, PeerKind::V4, PeerKind::V6].map(|kind| self.kind(kind));
            let nameless = self.diagrams.union_of(nameless.to_vec());
            for (_, dimension) in self.space.all_names() {
                let with_name = self.diagrams.ranges(dimension, &[(1, 1)], 2);
                impossible.push(self.diagrams.intersection(nameless, with_name));
            }
        }
        let impossible = self.diagrams.union_of(impossible);
        self.diagrams.difference(Diagram::FULL, impossible)
    }

    /// Connections whose peer is a `kind`.
    pub fn kind(&mut self, kind: PeerKind) -> Diagram {
        let point = kind.point();
        self.diagrams.ranges(self.space.kind(), &[(point, point)], PeerKind::COUNT)
    }

    /// Connections of the traffic that `set` has, whatever their ends.
    pub fn traffic_of(&mut self, set: Diagram) -> Diagram {
        let space = Rc::clone(&self.space);
        self.diagrams.forget(set, |it| it >= space.kind() && !space.is_name(it), false)
    }

    /// `set` without asking for the labels of the subject: for some of them.
    pub fn of_any_subject(&mut self, set: Diagram) -> Diagram {
        let space = Rc::clone(&self.space);
        self.diagrams.forget(set, |it| space.is_of_subject(it), false)
    }

    /// The subjects of `set`, whatever else it asks: those with such labels have some connection of it.
    pub fn of_subject_alone(&mut self, set: Diagram) -> Diagram {
        let space = Rc::clone(&self.space);
        self.diagrams.forget(set, |it| !space.is_of_subject(it), false)
    }

    /// What of `set` is in it whatever labels the namespace of the subject has beside its name.
    pub fn whatever_its_namespace(&mut self, set: Diagram) -> Diagram {
        let space = Rc::clone(&self.space);
        let of_its_own = |it| space.is_of_subject(it) && space.is_of_namespace(it);
        self.diagrams.forget(set, of_its_own, true)
    }

    /// What of `set` has a `kind` for its peer, without asking for that.
    pub fn of_kind(&mut self, set: Diagram, kind: PeerKind) -> Diagram {
        let dimension = self.space.kind();
        self.diagrams.fix(set, |it| (it == dimension).then(|| kind.point()))
    }

    /// Connections for which `condition` holds.
    pub fn condition(&mut self, condition: &Condition) -> Diagram {
        let dimension = self.space.condition(condition);
        dimension.map_or(Diagram::EMPTY, |it| self.diagrams.ranges(it, &[(1, 1)], 2))
    }

    /// The conditions that `set` asks for.
    pub fn conditions_of(&self, set: Diagram) -> Vec<Condition> {
        let asked = self.diagrams.support(set);
        let all = self.space.all_conditions();
        all.filter(|(_, it)| asked.contains(it)).map(|(it, _)| it.clone()).collect()
    }

    /// Whether `set` asks for labels of the namespace, beside its name, of the subject and of the peer.
    pub fn asks_of_namespaces(&self, set: Diagram) -> [bool; 2] {
        let asked = self.diagrams.support(set).into_iter();
        let asked: Vec<u32> = asked.filter(|it| self.space.is_of_namespace(*it)).collect();
        let of_subject = |it: &&u32| self.space.is_of_subject(**it);
        let subject = asked.iter().filter(of_subject).count();
        [subject > 0, subject < asked.len()]
    }

    /// What of `set` is in it at some address of the ends that are `pods`, without asking for that.
    pub fn of_any_address(&mut self, set: Diagram, [subject, peer]: [bool; 2]) -> Diagram {
        let space = Rc::clone(&self.space);
        let of_pods = |dimension| match space.dimension(dimension) {
            Some(Dimension::V4(Side::Peer) | Dimension::V6(Side::Peer)) => peer,
            Some(Dimension::V4(Side::Subject) | Dimension::V6(Side::Subject)) => subject,
            Some(_) | None => false,
        };
        self.diagrams.forget(set, of_pods, false)
    }

    /// What is in `set` whatever holds of the conditions.
    pub fn surely(&mut self, set: Diagram) -> Diagram {
        let space = Rc::clone(&self.space);
        self.diagrams.forget(set, |it| space.is_condition(it), true)
    }

    /// What is in `set` for some answer to the conditions.
    pub fn perhaps(&mut self, set: Diagram) -> Diagram {
        let space = Rc::clone(&self.space);
        self.diagrams.forget(set, |it| space.is_condition(it), false)
    }

    /// Connections whose peer has an address in any of `blocks`.
    pub fn blocks(&mut self, blocks: &[IpNet]) -> Diagram {
        self.blocks_of(Side::Peer, blocks)
    }

    /// Connections whose subject has an address in any of `blocks`.
    pub fn own_blocks(&mut self, blocks: &[IpNet]) -> Diagram {
        if self.space.addressed {
            return self.blocks_of(Side::Subject, blocks);
        }
        let all = |family: Family| {
            let of = move |it: &IpNet| it.addr().is_ipv4() == (family == Family::V4);
            blocks.iter().any(|it| it.prefix_len() == 0 && of(it))
        };
        let families = [Family::V4, Family::V6].into_iter().filter(|it| all(*it));
        let families = families.map(|it| self.family(it)).collect();
        self.diagrams.union_of(families)
    }

    fn blocks_of(&mut self, end: Side, blocks: &[IpNet]) -> Diagram {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for block in blocks {
            let (family, found) = match block {
                IpNet::V4(_) => (Family::V4, &mut v4),
                IpNet::V6(_) => (Family::V6, &mut v6),
            };
            let (cuts, dimension) = self.space.cuts(end, family);
            let points = cuts.nowhere() + 1;
            let (first, last) = cuts.pieces(block);
            // Whatever is in no block has some address all the same.
            let last = if block.prefix_len() == 0 { cuts.nowhere() } else { last };
            found.push(self.diagrams.ranges(dimension, &[(first, last)], points));
        }
        let mut found = Vec::new();
        for (family, sets) in [(Family::V4, v4), (Family::V6, v6)] {
            let family = self.family(family);
            let addresses = self.diagrams.union_of(sets);
            found.push(self.diagrams.intersection(family, addresses));
        }
        self.diagrams.union_of(found)
    }

    /// Connections whose `end` has an address of `family` at all.
    fn somewhere(&mut self, end: Side, family: Family) -> Diagram {
        let (cuts, dimension) = self.space.cuts(end, family);
        let nowhere = cuts.nowhere();
        self.diagrams.ranges(dimension, &[(0, nowhere - 1)], nowhere + 1)
    }

    /// Connections whose traffic is one of `matches`; all for `None`.
    pub fn traffic(&mut self, matches: Option<&[Match]>) -> Diagram {
        let Some(matches) = matches else { return Diagram::FULL };
        let sets = matches.iter().map(|item| self.matching(item)).collect();
        self.diagrams.union_of(sets)
    }

    fn matching(&mut self, item: &Match) -> Diagram {
        let (first, last) = code::stretch(item);
        let range = self.space.traffic(first, last);
        let points = u32::try_from(self.space.codes.len()).unwrap_or(u32::MAX);
        let mut set = self.diagrams.ranges(Space::TRAFFIC, &[range], points);
        if let Some(family) = code::family(item) {
            let family = self.family(family);
            set = self.diagrams.intersection(set, family);
        }
        if let Match::Named(_, name) = item {
            let named = match self.space.name(name) {
                Some(dimension) => self.diagrams.ranges(dimension, &[(1, 1)], 2),
                None => Diagram::EMPTY,
            };
            set = self.diagrams.intersection(set, named);
        }
        set
    }

    /// Connections to port 0, which is no port that anything listens on, where it is told apart from others.
    pub fn port_zero(&mut self) -> Diagram {
        let mut all = Vec::new();
        for protocol in [Protocol::Tcp, Protocol::Udp, Protocol::Sctp] {
            let any = self.traffic(Some(&[Match::Protocol(protocol)]));
            let ports = self.traffic(Some(&[Match::Ports(protocol, 1, u16::MAX)]));
            all.push(self.diagrams.difference(any, ports));
        }
        self.diagrams.union_of(all)
    }

    /// Connections over `family`.
    pub fn family(&mut self, family: Family) -> Diagram {
        let point = match family {
            Family::V4 => 0,
            Family::V6 => 1,
        };
        self.diagrams.ranges(Space::FAMILY, &[(point, point)], 2)
    }

    /// Connections where `bearer` has the label `key`, and `test` holds for its value.
    pub fn test(&mut self, bearer: Bearer<'_>, key: &str, test: &Predicate) -> Diagram {
        match self.space.borne(bearer, key) {
            Borne::Fixed(Some(value)) if test.holds(value) => Diagram::FULL,
            Borne::Fixed(_) => Diagram::EMPTY,
            Borne::Free(asking, points) => {
                let held = self.diagrams.ranges(asking.value, &points.holds(test), points.len());
                let apart = points.apart().iter().zip(&asking.tests).find(|(it, _)| *it == test);
                let Some((_, dimension)) = apart else { return held };
                let unnamed = points.unnamed();
                let unnamed = self.diagrams.ranges(asking.value, &unnamed, points.len());
                let passed = self.diagrams.ranges(*dimension, &[(1, 1)], 2);
                self.diagrams.choose(unnamed, passed, held)
            }
        }
    }

    /// Connections where `selector` holds for `bearer`, by its labels as Calico shows them.
    pub fn selector(&mut self, bearer: Bearer<'_>, selector: &Selector) -> Diagram {
        match selector {
            Selector::All | Selector::Global => Diagram::FULL,
            Selector::Not(inner) => {
                let inner = self.selector(bearer, inner);
                self.diagrams.difference(Diagram::FULL, inner)
            }
            Selector::And(parts) => {
                let mut all = Diagram::FULL;
                for part in parts {
                    let part = self.selector(bearer, part);
                    all = self.diagrams.intersection(all, part);
                }
                all
            }
            Selector::Or(parts) => {
                let parts = parts.iter().map(|part| self.selector(bearer, part)).collect();
                self.diagrams.union_of(parts)
            }
            Selector::Test(Test { key, predicate, positive }) => {
                let held = self.test(bearer, key, predicate);
                if *positive { held } else { self.diagrams.difference(Diagram::FULL, held) }
            }
        }
    }

    /// What of `set` has a pod of a declared namespace of this name and these labels as its peer, without asking for
    /// what that says.
    pub fn facing(
        &mut self,
        set: Diagram,
        name: &Arc<str>,
        labels: &[(Arc<str>, Arc<str>)],
    ) -> Diagram {
        let peer = pod_in(name, labels);
        let space = Rc::clone(&self.space);
        self.diagrams.fix(set, |dimension| space.of_namespace_of(&peer, dimension))
    }

    /// The same of a namespace of which only the name is known, without asking for that.
    pub fn facing_named(&mut self, set: Diagram, name: &Arc<str>) -> Diagram {
        let peer = pod_in(name, &[]);
        let space = Rc::clone(&self.space);
        self.diagrams.fix(set, |dimension| {
            let named = !space.is_of_namespace(dimension);
            space.of_namespace_of(&peer, dimension).filter(|_| named)
        })
    }

    /// Where the pods of a namespace of this name and these labels lie, for [`Sight`].
    pub fn labelled(&self, name: &Arc<str>, labels: &[(Arc<str>, Arc<str>)]) -> NamespacePoints {
        let borne = self.space.borne_by(&pod_in(name, labels));
        NamespacePoints(borne.into_iter().map(|(dimension, point, _)| (dimension, point)).collect())
    }

    /// How `set` tells namespaces apart.
    pub fn sight(&self, set: Diagram) -> Sight {
        let cuts = self.diagrams.cuts(set).into_iter();
        Sight(cuts.map(|(dimension, cuts)| (dimension, cuts.into_iter().collect())).collect())
    }

    /// Connections whose peer is a pod of the declared namespace of this name with other labels of its namespace than these,
    /// which no pod of it can show.
    pub fn not_as_declared(&mut self, name: &Arc<str>, labels: &[(Arc<str>, Arc<str>)]) -> Diagram {
        let peer = pod_in(name, labels);
        let named = Predicate::Equals(Arc::clone(name));
        let here = self.test(Bearer::PeerPod, NAMESPACE, &named);
        let pods = self.kind(PeerKind::Pod);
        let here = self.diagrams.intersection(here, pods);
        let mut borne = Diagram::FULL;
        for (dimension, point, points) in self.space.borne_by(&peer) {
            let at = self.diagrams.ranges(dimension, &[(point, point)], points);
            borne = self.diagrams.intersection(borne, at);
        }
        self.diagrams.difference(here, borne)
    }

    /// What of `set` has the host endpoint `host` at one end (as the peer or as the subject), without asking for what that
    /// says.
    pub fn at_host(&mut self, set: Diagram, host: &super::End, peer: bool) -> Diagram {
        let space = Rc::clone(&self.space);
        self.diagrams.fix(set, |dimension| space.of_host(host, peer, dimension))
    }

    /// Connections whose subject has an address, where subjects can have one at all, and likewise the peer.
    pub fn located(&mut self, subject: bool, peer: bool) -> Diagram {
        let mut all = Diagram::FULL;
        let addressed = self.space.addressed;
        let ends = [(Side::Subject, subject), (Side::Peer, peer)];
        for (end, _) in ends.into_iter().filter(|(_, asked)| *asked && addressed) {
            for family in [Family::V4, Family::V6] {
                let over = self.family(family);
                let nowhere = self.somewhere(end, family);
                let nowhere = self.diagrams.difference(over, nowhere);
                all = self.diagrams.difference(all, nowhere);
            }
        }
        all
    }

    /// Connections whose subject and whose peer, where these are pods as said, lie in one of `blocks`, as far as some are of the
    /// family.
    pub fn housed(&mut self, blocks: &[IpNet], [subject, peer]: [bool; 2]) -> Diagram {
        let mut all = Diagram::FULL;
        let addressed = self.space.addressed;
        let ends = [(Side::Subject, subject), (Side::Peer, peer)];
        for (end, _) in ends.into_iter().filter(|(_, pods)| *pods && addressed) {
            for family in [Family::V4, Family::V6] {
                let is_own = |it: &&IpNet| it.addr().is_ipv4() == (family == Family::V4);
                let own: Vec<IpNet> = blocks.iter().filter(is_own).copied().collect();
                if own.is_empty() {
                    continue;
                }
                let over = self.family(family);
                let somewhere = self.somewhere(end, family);
                let inside = self.blocks_of(end, &own);
                let astray = self.diagrams.intersection(over, somewhere);
                let astray = self.diagrams.difference(astray, inside);
                all = self.diagrams.difference(all, astray);
            }
        }
        all
    }

    /// What of `set` has a peer that lies in no block.
    pub fn unlocated(&mut self, set: Diagram) -> Diagram {
        if !self.space.addressed {
            return set;
        }
        let located = self.located(false, true);
        self.diagrams.difference(set, located)
    }

    /// What of `set` has a subject that lies in no block.
    pub fn of_unlocated(&mut self, set: Diagram) -> Diagram {
        if !self.space.addressed {
            return set;
        }
        let located = self.located(true, false);
        self.diagrams.difference(set, located)
    }

    /// Connections whose peer is an address of these blocks that is neither a pod nor a host.
    pub fn outside(&mut self, blocks: &[IpNet]) -> Diagram {
        let kinds = [PeerKind::V4, PeerKind::V6].map(|kind| self.kind(kind));
        let outside = self.diagrams.union_of(kinds.to_vec());
        let blocks = self.blocks(blocks);
        self.diagrams.intersection(outside, blocks)
    }

    /// Connections whose port has just the names that a receiver with these ports gives it.
    pub fn named_by(&mut self, ports: &[NamedPort]) -> Diagram {
        let mut all = Diagram::FULL;
        let all_names = self.space.all_names().map(|(name, at)| (Arc::clone(name), at));
        let all_names: Vec<_> = all_names.collect();
        for (name, dimension) in all_names {
            let of_name = ports.iter().filter(|it| it.name == name);
            let of_name = of_name.map(|it| Match::Ports(it.protocol, it.port, it.port));
            let here = self.traffic(Some(&of_name.collect::<Vec<_>>()));
            let named = self.diagrams.ranges(dimension, &[(1, 1)], 2);
            let (more, less) =
                (self.diagrams.difference(named, here), self.diagrams.difference(here, named));
            let wrong = self.diagrams.union(more, less);
            all = self.diagrams.difference(all, wrong);
        }
        all
    }

    /// Connections of which no end is one of a service, but for what the conditions `but` say.
    pub fn of_no_service(&mut self, but: &[Condition]) -> Diagram {
        let service = |it: &&Condition| {
            matches!(it, Condition::ToService { .. } | Condition::FromService { .. })
        };
        let space = Rc::clone(&self.space);
        let others = space.conditions.iter().filter(service).filter(|it| !but.contains(it));
        let others: Vec<_> = others.map(|it| self.condition(it)).collect();
        let others = self.diagrams.union_of(others);
        self.diagrams.difference(Diagram::FULL, others)
    }

    /// What of `set` has both ends in no block at all, without asking for that.
    pub fn unplaced(&mut self, set: Diagram) -> Diagram {
        let space = Rc::clone(&self.space);
        let both = [(Side::Peer, true), (Side::Subject, space.addressed)];
        let mut nowhere = Vec::new();
        for (end, _) in both.into_iter().filter(|(_, asked)| *asked) {
            for family in [Family::V4, Family::V6] {
                let (cuts, dimension) = space.cuts(end, family);
                nowhere.push((dimension, cuts.nowhere()));
            }
        }
        self.diagrams.fix(set, |dimension| {
            nowhere.iter().find(|(it, _)| *it == dimension).map(|(_, point)| *point)
        })
    }

    /// What of `set` goes to a port without names, without asking for them.
    pub fn nameless(&mut self, set: Diagram) -> Diagram {
        let space = Rc::clone(&self.space);
        self.diagrams.fix(set, |dimension| space.is_name(dimension).then_some(0))
    }

    /// `set` without asking for the names of ports: for some of them.
    pub fn of_any_name(&mut self, set: Diagram) -> Diagram {
        let space = Rc::clone(&self.space);
        self.diagrams.forget(set, |it| space.is_name(it), false)
    }

    /// What is in `set` for some answer to what nobody knows: the conditions, the addresses of the ends that are `pods`
    /// (the subject, the peer), and the labels of namespaces that are still asked for. It is not asked any more what kind the
    /// peer is.
    pub fn for_some(&mut self, set: Diagram, pods: [bool; 2]) -> Diagram {
        self.for_some_but(set, pods, [false; 2])
    }

    /// The same, but it is still asked for the labels of the namespaces of the ends that are `later`: which namespaces have them is
    /// not unknown there, but a part of which connection it is.
    pub fn for_some_but(
        &mut self,
        set: Diagram,
        [subject, peer]: [bool; 2],
        [later_subject, later_peer]: [bool; 2],
    ) -> Diagram {
        let space = Rc::clone(&self.space);
        let is_later = |it| if space.is_of_subject(it) { later_subject } else { later_peer };
        let unknown = |dimension| match space.dimension(dimension) {
            Some(Dimension::Kind | Dimension::Condition(_)) => true,
            Some(Dimension::V4(end) | Dimension::V6(end)) => match end {
                Side::Peer => peer,
                Side::Subject => subject,
            },
            Some(_) => space.is_of_namespace(dimension) && !is_later(dimension),
            None => false,
        };
        self.diagrams.forget(set, unknown, false)
    }

    /// `set`, whose subjects and peers are pods of namespaces that are known (see [`facing`](Self::facing)), with the
    /// subject for the peer and the peer for the subject.
    pub fn turned(&mut self, set: Diagram) -> Diagram {
        let space = Rc::clone(&self.space);
        self.diagrams.rename(set, |dimension| space.other_end(dimension))
    }

    /// One point of `set`: a set without it does not contain `set`.
    pub fn sample(&self, set: Diagram) -> Sample {
        Sample(self.diagrams.pick(set, |_| Vec::new()).unwrap_or_default())
    }

    /// Whether `sample` is in `set`.
    pub fn has(&self, set: Diagram, sample: &Sample) -> bool {
        let point = |dimension| {
            let found = sample.0.binary_search_by_key(&dimension, |(it, _)| *it);
            found.ok().and_then(|at| sample.0.get(at)).map_or(0, |(_, point)| *point)
        };
        self.diagrams.contains(set, point)
    }

    /// Whether `example` is in `set`.
    pub fn contains(&self, set: Diagram, example: &Example) -> bool {
        self.diagrams.contains(set, |dimension| self.space.point(dimension, example))
    }

    /// Whether the connection that lies at `points`, as [`Space::points`] gives them, is in `set`: for one connection and
    /// many sets.
    pub fn contains_at(&self, set: Diagram, points: &[u32]) -> bool {
        self.diagrams
            .contains(set, |dimension| points.get(dimension as usize).copied().unwrap_or(0))
    }
}

/// A point of a set: the dimensions that it asks for there, and the point of each.
#[derive(Clone, Debug)]
pub struct Sample(Vec<(u32, u32)>);

/// The points of the labels of a namespace.
#[derive(Clone, Debug)]
pub struct NamespacePoints(Vec<(u32, u32)>);

/// How a set tells namespaces apart as peers.
#[derive(Clone, Debug)]
pub struct Sight(FxHashMap<u32, Vec<u32>>);

impl Sight {
    /// What is equal for namespaces that [`facing`](Sets::facing) the set are the same.
    pub fn of(&self, labels: &NamespacePoints) -> Vec<usize> {
        let seen = labels.0.iter().filter_map(|(dimension, point)| {
            Some(self.0.get(dimension)?.partition_point(|cut| cut <= point))
        });
        seen.collect()
    }
}

/// Some pod of a namespace.
fn pod_in(name: &Arc<str>, labels: &[(Arc<str>, Arc<str>)]) -> super::End {
    super::End::Pod {
        namespace: Arc::clone(name),
        of_namespace: labels.iter().cloned().collect(),
        labels: LabelMap::new(),
        address: None,
    }
}
