//! One part and another: what is asked of the two, and what of it each end lets pass.

use std::rc::Rc;
use std::sync::Arc;

use super::judge::{Judge, QuerySubject, known_endpoints, of_service};
use super::place::{QueryPart, QueryPartKind};
use crate::calico::Action;
use crate::reach::of_policies::{By, Step, Ties};
use crate::reach::{Bearer, Diagram, Direction};
use crate::selector::keys::NAMESPACE;
use crate::selector::{Predicate, Selector};
use crate::traffic::Match;

/// What becomes of the connections from one part to another. All sets are seen from the end that is asked first, and
/// ask for neither what nobody knows nor what the parts say.
#[derive(Clone, Debug)]
pub(super) struct QueryPair {
    /// The parts, by their index in their place.
    pub(super) from: usize,
    pub(super) to: usize,
    /// Which end the sets are seen from.
    pub(super) seen: Direction,
    /// Whether the end that they are seen from is pods, and whether the other is.
    pub(super) pods: [bool; 2],
    /// Which of these are of namespaces that may come.
    pub(super) later: [bool; 2],
    /// The namespaces of these ends, where their labels are not known.
    pub(super) unknown: [Option<Arc<str>>; 2],
    /// What is asked.
    pub(super) asked: Diagram,
    /// What of it passes both ends.
    pub(super) open: Diagram,
    /// What of it nobody can tell.
    pub(super) unsure: Diagram,
    /// Whether the receiver is an address that stands for others, so that what both ends say of it settles nothing.
    pub(super) translated: bool,
    /// The sender's half and the receiver's; none where an end is outside.
    pub(super) halves: [Option<PairHalf>; 2],
}

/// What one end does.
#[derive(Clone, Debug)]
pub(super) struct PairHalf {
    pub(super) direction: Direction,
    pub(super) steps: Rc<[Step]>,
    /// What each step decides, for sure, by its index.
    pub(super) parts: Vec<(usize, Diagram)>,
    /// What depends on something that nobody knows.
    pub(super) unsure: Diagram,
    /// The steps that it depends on, by their index, with what each would match.
    pub(super) hangs: Vec<(usize, Diagram)>,
}

impl QueryPair {
    /// Judges the connections of `traffic` from one part to another.
    pub(super) fn new(
        judge: &mut Judge<'_>,
        (from, sender): (usize, &QueryPart),
        (to, receiver): (usize, &QueryPart),
        traffic: Option<&[Match]>,
        ties: Ties,
    ) -> Self {
        let outside = matches!(sender.what, QueryPartKind::Addresses(_));
        let (seen, subject, peer) = if outside {
            (Direction::Ingress, receiver, sender)
        } else {
            (Direction::Egress, sender, receiver)
        };
        let pods = [subject.is_pods(), peer.is_pods()];
        let later = [subject.is_later(), peer.is_later()];
        let asked = judge.query_set(seen, subject, peer, traffic);
        // The names of a host endpoint's ports are known, and so no question any more.
        let named =
            if matches!(receiver.what, QueryPartKind::Host(_)) { asked } else { Diagram::FULL };
        let asked = judge.with_names(asked, named);
        let mut pair = Self {
            from,
            to,
            seen,
            pods,
            later,
            unknown: [subject, peer].map(|part| judge.unknown_namespace(part)),
            asked: judge.for_some(asked, pods, later),
            open: Diagram::EMPTY,
            unsure: Diagram::EMPTY,
            translated: judge.world.is_of_services(receiver),
            halves: [None, None],
        };
        // What both ends let pass for sure, and what they may, at each address.
        let all = judge.for_some(asked, [false; 2], later);
        let (mut surely, mut perhaps) = (all, all);
        let ends = [(sender, receiver, Direction::Egress), (receiver, sender, Direction::Ingress)];
        for ((subject, peer, direction), half) in ends.into_iter().zip(&mut pair.halves) {
            // Nobody says which pods are behind a service.
            let who = QuerySubject::of(subject).filter(|_| subject.service().is_none());
            let Some(who) = who else { continue };
            let steps = judge.steps(who, direction, ties);
            let mut parts = Vec::new();
            let mut allowed = Vec::new();
            for (index, step) in steps.iter().enumerate() {
                let decides = matches!(step.action, Action::Allow | Action::Deny);
                if !decides || step.reached == Diagram::EMPTY {
                    continue;
                }
                let mut reached = judge.between(step.reached, subject, peer, direction);
                if direction != seen {
                    reached = judge.sets.turned(reached);
                }
                let reached = judge.with_names(reached, named);
                let reached = judge.sets.diagrams.intersection(reached, asked);
                if step.action == Action::Allow {
                    allowed.push(reached);
                }
                parts.push((index, judge.for_some(reached, pods, later)));
            }
            let allowed = judge.sets.diagrams.union_of(allowed);
            let denied = judge.sets.diagrams.difference(asked, allowed);
            let (yes, no) =
                (judge.for_some(allowed, pods, later), judge.for_some(denied, pods, later));
            let may = judge.for_some(allowed, [false; 2], later);
            let may_not = judge.for_some(denied, [false; 2], later);
            let diagrams = &mut judge.sets.diagrams;
            surely = diagrams.difference(surely, may_not);
            perhaps = diagrams.intersection(perhaps, may);
            let unsure = diagrams.intersection(yes, no);
            for (_, set) in &mut parts {
                *set = diagrams.difference(*set, unsure);
            }
            parts.retain(|(_, set)| *set != Diagram::EMPTY);
            let hangs = if unsure == Diagram::EMPTY {
                Vec::new()
            } else {
                judge.hangs(
                    &steps,
                    (subject, peer, direction),
                    seen,
                    (asked, named),
                    unsure,
                    (pods, later),
                )
            };
            *half = Some(PairHalf { direction, steps, parts, unsure, hangs });
        }
        let elsewhere = judge.sets.diagrams.difference(all, surely);
        let elsewhere = judge.for_some(elsewhere, pods, later);
        let somewhere = judge.for_some(perhaps, pods, later);
        let diagrams = &mut judge.sets.diagrams;
        pair.open = diagrams.difference(pair.asked, elsewhere);
        pair.unsure = diagrams.intersection(somewhere, elsewhere);
        if pair.translated {
            judge.translate(&mut pair);
        }
        judge.leave_out(&mut pair, traffic);
        pair
    }

    /// What is closed for sure.
    pub(super) fn closed(&self, judge: &mut Judge<'_>) -> Diagram {
        let diagrams = &mut judge.sets.diagrams;
        let passes = diagrams.union(self.open, self.unsure);
        diagrams.difference(self.asked, passes)
    }
}

impl Judge<'_> {
    /// What is in `set` for some answer to what nobody knows of its ends ([`Sets::for_some_but`](crate::reach::Sets::for_some_but)).
    pub(super) fn for_some(&mut self, set: Diagram, pods: [bool; 2], later: [bool; 2]) -> Diagram {
        self.sets.for_some_but(set, pods, later)
    }

    /// Leaves open what becomes of `pair`, whose receiver stands for others, unless the sender lets such traffic pass to nobody.
    fn translate(&mut self, pair: &mut QueryPair) {
        let [leaving, _] = &pair.halves;
        let mut may = pair.asked;
        if let Some(half) = leaving {
            let allows = half.steps.iter().filter(|step| step.action == Action::Allow);
            let allowed = allows.map(|step| step.reached).collect();
            let allowed = self.sets.diagrams.union_of(allowed);
            let allowed = self.sets.traffic_of(allowed);
            let allowed = self.sets.of_any_name(allowed);
            may = self.sets.diagrams.intersection(may, allowed);
        }
        (pair.open, pair.unsure) = (Diagram::EMPTY, may);
    }

    /// Takes out of `pair` what never begins a connection: what is asked of that, and the single types of which some rule
    /// lets pass a few. A rule for a whole protocol means what can begin.
    fn leave_out(&mut self, pair: &mut QueryPair, traffic: Option<&[Match]>) {
        let asked = self.world.that_never_begin(traffic);
        let asked = self.sets.traffic(Some(&asked));
        let never = std::mem::take(&mut self.never);
        for set in [&mut pair.open, &mut pair.unsure] {
            *set = self.sets.diagrams.difference(*set, asked);
            if never.is_empty() {
                continue;
            }
            let mut out = Vec::new();
            for (traffic, rest) in self.sets.by_traffic(*set, &self.families) {
                let part = self.sets.with_rest(*set, rest);
                for of_protocol in never.iter().filter(|it| !traffic.contains(&it.all)) {
                    let single = self.sets.traffic(Some(&of_protocol.single));
                    out.push(self.sets.diagrams.intersection(part, single));
                }
            }
            let out = self.sets.diagrams.union_of(out);
            *set = self.sets.diagrams.difference(*set, out);
        }
        self.never = never;
    }

    /// All connections that are asked about, seen from `subject`.
    pub(super) fn query_set(
        &mut self,
        seen: Direction,
        subject: &QueryPart,
        peer: &QueryPart,
        traffic: Option<&[Match]>,
    ) -> Diagram {
        let possible = self.sets.that_can_be(Diagram::FULL, seen);
        let mut parts = vec![self.between(possible, subject, peer, seen)];
        parts.push(self.sets.traffic(traffic));
        let families = self.families.clone();
        let families = families.into_iter().map(|it| self.sets.family(it)).collect();
        parts.push(self.sets.diagrams.union_of(families));
        parts.push(self.placed([subject.is_pods(), peer.is_pods()]));
        parts.extend(self.chosen(subject, false, seen));
        parts.extend(self.chosen(peer, true, seen));
        if self.services_apart {
            let service =
                subject.service().map(|it| (it, true)).or(peer.service().map(|it| (it, false)));
            let condition = service.and_then(|(service, of_subject)| {
                let sends = of_subject == (seen == Direction::Egress);
                let asking = if sends { Direction::Ingress } else { Direction::Egress };
                of_service(Some(service), asking)
            });
            let mut but: Vec<_> = condition.into_iter().collect();
            let known = &self.world.cluster.services;
            for service in known.keys() {
                but.extend(Direction::BOTH.iter().filter_map(|it| of_service(Some(service), *it)));
            }
            parts.push(self.sets.of_no_service(&but));
        }
        let mut all = Diagram::FULL;
        for part in parts {
            all = self.sets.diagrams.intersection(all, part);
        }
        all
    }

    /// Connections whose ends that are pods have an address, in a block of the pods' own where these are known.
    fn placed(&mut self, pods: [bool; 2]) -> Diagram {
        let [subject, peer] = pods;
        let located = self.sets.located(subject, peer);
        let housed = self.sets.housed(&self.world.program.settings.pods, pods);
        self.sets.diagrams.intersection(located, housed)
    }

    /// What of `set`, connections with ends that are `pods`, can have an address, without asking for those; `None` where it
    /// depends on them which it has.
    pub(super) fn at_any_address(&mut self, set: Diagram, pods: [bool; 2]) -> Option<Diagram> {
        let anywhere = self.sets.of_any_address(set, pods);
        let placed = self.placed(pods);
        let all = self.sets.diagrams.intersection(anywhere, placed);
        let here = self.sets.diagrams.intersection(set, placed);
        (here == all).then_some(anywhere)
    }

    /// The steps of which nobody knows whether they match what is `unsure` of `asked`.
    fn hangs(
        &mut self,
        steps: &[Step],
        (subject, peer, direction): (&QueryPart, &QueryPart, Direction),
        seen: Direction,
        (asked, named): (Diagram, Diagram),
        unsure: Diagram,
        (pods, later): ([bool; 2], [bool; 2]),
    ) -> Vec<(usize, Diagram)> {
        let mut found = Vec::new();
        for (index, step) in steps.iter().enumerate() {
            let passive = matches!(step.by, By::EndOfTier { .. } | By::Failsafe);
            if passive || step.action == Action::Log {
                continue;
            }
            let mut matched = self.between(step.matched, subject, peer, direction);
            if direction != seen {
                matched = self.sets.turned(matched);
            }
            let matched = self.with_names(matched, named);
            let matched = self.sets.diagrams.intersection(matched, asked);
            let rest = self.sets.diagrams.difference(asked, matched);
            let (yes, no) = (self.for_some(matched, pods, later), self.for_some(rest, pods, later));
            let either = self.sets.diagrams.intersection(yes, no);
            if self.sets.diagrams.intersection(either, unsure) != Diagram::EMPTY {
                found.push((index, matched));
            }
        }
        found
    }

    /// What of `set` is in `named`, which gives every port its names, without asking for those; `set` where nothing does.
    fn with_names(&mut self, set: Diagram, named: Diagram) -> Diagram {
        if named == Diagram::FULL {
            return set;
        }
        let set = self.sets.diagrams.intersection(set, named);
        self.sets.of_any_name(set)
    }

    /// What a part says of its end.
    fn chosen(&mut self, part: &QueryPart, peer: bool, seen: Direction) -> Vec<Diagram> {
        match &part.what {
            QueryPartKind::Pods { selector, service, .. } => {
                let mut found = Vec::new();
                if let Some(selector) = selector {
                    found.push(self.selected(part, peer, selector));
                }
                // The other end's rules may name the service: those of the sender the receiver's, and the reverse.
                let receiver = peer == (seen == Direction::Egress);
                let asking = if receiver { Direction::Egress } else { Direction::Ingress };
                // By their addresses: which of their ports are open is what is asked.
                let known = known_endpoints(self.world, service.as_ref(), Direction::Ingress);
                if let Some(known) = known {
                    found.push(if peer {
                        let there = known.peer(&mut self.sets);
                        self.at_home(there, part)
                    } else {
                        known.subject(&mut self.sets)
                    });
                } else if let Some(condition) = of_service(service.as_ref(), asking) {
                    found.push(self.sets.condition(&condition));
                }
                found
            }
            QueryPartKind::Later { selector } => {
                let mut found = vec![self.of_later(peer)];
                if let Some(selector) = selector {
                    found.push(self.selected(part, peer, selector));
                }
                found
            }
            QueryPartKind::Addresses(nets) if peer => {
                let own = self.sets.outside(self.world.not_outside(part));
                let nets = self.sets.outside(nets);
                vec![self.sets.diagrams.difference(nets, own)]
            }
            // Where both ends are outside, no policy is asked.
            QueryPartKind::Addresses(_) => Vec::new(),
            QueryPartKind::Host(index) => {
                let receiver = peer == (seen == Direction::Egress);
                let host = self.world.cluster.hosts.get(*index).filter(|_| receiver);
                host.into_iter().map(|host| self.sets.named_by(&host.ports)).collect()
            }
        }
    }

    /// Connections of pods of none of the namespaces that are known by name.
    fn of_later(&mut self, peer: bool) -> Diagram {
        let names = self.world.homes().iter().map(|it| Arc::clone(&it.name)).collect();
        let bearer = if peer { Bearer::PeerPod } else { Bearer::Undeclared };
        let known = self.sets.test(bearer, NAMESPACE, &Predicate::In(names));
        self.sets.diagrams.difference(Diagram::FULL, known)
    }

    fn selected(&mut self, part: &QueryPart, peer: bool, selector: &Arc<Selector>) -> Diagram {
        if peer {
            return self.sets.selector(Bearer::PeerPod, selector);
        }
        let world = self.world;
        let home = match part.what {
            QueryPartKind::Pods { home, .. } => world.homes.get(home),
            QueryPartKind::Later { .. } | QueryPartKind::Addresses(_) | QueryPartKind::Host(_) => {
                None
            }
        };
        let bearer = home.map_or(Bearer::Undeclared, |it| it.subject().bearer());
        self.sets.selector(bearer, selector)
    }
}
