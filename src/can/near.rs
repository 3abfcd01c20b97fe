//! The rule that comes nearest to what is closed.

use super::Question;
use super::answer::Near;
use super::judge::Judge;
use super::pair::{PairHalf, QueryPair};
use super::place::QueryPart;
use super::reach::{EVERY, everywhere};
use super::tell::when;
use crate::calico::Action;
use crate::program::{Application, Id};
use crate::reach::{Diagram, Direction};
use crate::selector::Selector;
use crate::traffic::Match;

impl Judge<'_> {
    /// The rule that comes nearest at each end that denies, where there is one.
    pub(super) fn nearest(&mut self, question: &Question, pairs: &[QueryPair]) -> Vec<Near> {
        let mut found = Vec::new();
        for side in [0, 1] {
            let denying = pairs.iter().find_map(|pair| {
                let half = pair.halves.get(side)?.as_ref()?;
                let denied = half.parts.iter().filter(|(index, _)| {
                    half.steps.get(*index).is_some_and(|step| step.action == Action::Deny)
                });
                let denied: Vec<_> = denied.map(|(_, set)| *set).collect();
                (!denied.is_empty()).then_some((pair, half, denied))
            });
            let Some((pair, half, denied)) = denying else { continue };
            let denied = self.sets.diagrams.union_of(denied);
            let ends = question.from.parts.get(pair.from).zip(question.to.parts.get(pair.to));
            let Some((from, to)) = ends else { continue };
            let (subject, peer) = if side == 0 { (from, to) } else { (to, from) };
            let view = View { seen: half.direction, subject, peer };
            let traffic = question.traffic.as_deref();
            found.extend(self.nearest_at(half, view, traffic, (pair, denied)));
        }
        found
    }

    fn nearest_at(
        &mut self,
        half: &PairHalf,
        view: View<'_>,
        traffic: Option<&[Match]>,
        (pair, denied): (&QueryPair, Diagram),
    ) -> Option<Near> {
        let allows: Vec<Allow> = half
            .steps
            .iter()
            .filter(|step| step.action == Action::Allow)
            .filter_map(|step| step.by.rule().map(|(policy, rule)| (policy, rule, step.matched)))
            .collect();
        let near = |judge: &Self, (policy, rule, _): Allow, but: String| {
            let (number, source) = judge.world.written(policy, half.direction, rule)?;
            Some(Near {
                at: view.subject.name.clone(),
                policy: judge.world.named(policy)?,
                rule: number,
                source: source?,
                flows: judge.world.flows(policy, half.direction, rule),
                but,
            })
        };
        let pods = [view.subject.is_pods(), view.peer.is_pods()];
        let later = [view.subject.is_later(), view.peer.is_later()];
        // It matches, and something before it denies.
        for allow in &allows {
            let met = self.met(allow.2, view, traffic);
            let mut met = self.for_some(met, pods, later);
            if view.seen != pair.seen {
                met = self.sets.turned(met);
            }
            if self.sets.diagrams.intersection(met, denied) != Diagram::EMPTY {
                let but = "allows it, and is asked after what denies it".to_owned();
                return near(self, *allow, but);
            }
        }
        // It is about other traffic. One that is open to everyone is not about these two: it comes last.
        let (for_all, of_these): (Vec<_>, Vec<_>) = allows
            .iter()
            .partition(|(policy, rule, _)| self.is_for_all(*policy, half.direction, *rule));
        if let Some((allow, but)) = self.other_traffic(&of_these, view, traffic) {
            return near(self, allow, but);
        }
        // It is about other pods of the two ends.
        let (subject, peer) = (view.subject.of_all_pods(), view.peer.of_all_pods());
        let wider = View { subject: &subject, peer: &peer, ..view };
        for allow in &allows {
            let met = self.met(allow.2, wider, traffic);
            let met = self.for_some(met, pods, later);
            if met != Diagram::EMPTY {
                let rest = self.sets.by_traffic(met, &self.families);
                let ways = rest.first().map(|(_, rest)| self.sets.ways(*rest, 1).0);
                let when = ways.into_iter().flatten().next().map(|way| when(way, view.seen));
                let pods = when.map_or_else(String::new, |when| {
                    let ends = [("from", when.from), ("to", when.to)];
                    let ends = ends.into_iter().filter_map(|(word, it)| Some((word, it?)));
                    let ends = ends.map(|(word, it)| format!(" {word} pods [{it}]"));
                    ends.collect::<String>()
                });
                return near(self, *allow, format!("allows it{pods}"));
            }
        }
        let found = self.other_peers(&allows, view, traffic);
        let found = found.or_else(|| self.other_traffic(&for_all, view, traffic));
        found.and_then(|(allow, but)| near(self, allow, but))
    }

    /// Whether a rule asks nothing of the other end, but perhaps for exceptions.
    fn is_for_all(&self, policy: usize, direction: Direction, rule: usize) -> bool {
        let Some(rule) = self.world.rule(policy, direction, rule) else { return false };
        let peer = rule.peer(direction);
        let every = |selector: &Option<Selector>| {
            selector.as_ref().is_none_or(|selector| *selector == Selector::All)
        };
        peer.nets.iter().all(|net| net.prefix_len() == 0)
            && every(&peer.selector)
            && every(&peer.namespace_selector)
            && peer.service_accounts.is_none()
            && peer.service.is_none()
    }

    /// The first of `allows` that lets something else through between the same ends.
    fn other_traffic(
        &mut self,
        allows: &[Allow],
        view: View<'_>,
        traffic: Option<&[Match]>,
    ) -> Option<(Allow, String)> {
        traffic?;
        let pods = [view.subject.is_pods(), view.peer.is_pods()];
        let later = [view.subject.is_later(), view.peer.is_later()];
        for allow in allows {
            let met = self.met(allow.2, view, None);
            let met = self.for_some(met, pods, later);
            let other = self.sets.by_traffic(met, &self.families);
            if !other.is_empty() {
                let other: Vec<_> = other.iter().map(|(it, _)| it.to_string()).collect();
                return Some((*allow, format!("allows {}", other.join(", "))));
            }
        }
        None
    }

    /// Of those of `allows` that let the same through for other ends, the first that does so for the application of the
    /// end that is asked about, or else the first.
    fn other_peers(
        &mut self,
        allows: &[Allow],
        view: View<'_>,
        traffic: Option<&[Match]>,
    ) -> Option<(Allow, String)> {
        let everywhere = everywhere(self.world);
        let akin = self.application(view.peer);
        let mut first = None;
        for allow in allows {
            let mut others = Vec::new();
            for (index, place) in everywhere.iter().enumerate() {
                let Some(peer) = place.parts.first() else { continue };
                let met = self.met(allow.2, View { peer, ..view }, traffic);
                // Where some addresses will do, the external that has them says it better.
                if met != Diagram::EMPTY {
                    others.push(index);
                }
            }
            if !others.is_empty() {
                let of_akin = others.iter().any(|index| {
                    let part = everywhere.get(*index).and_then(|place| place.parts.first());
                    akin.is_some() && part.and_then(|part| self.application(part)) == akin
                });
                if !of_akin && first.is_some() {
                    continue;
                }
                let mut names = self.called(&others, &everywhere);
                if names.len() > 1 {
                    names.retain(|name| name != EVERY);
                }
                let blocks = self.blocks_of(allow, view.seen);
                for name in names.iter_mut().filter(|name| **name == EVERY) {
                    name.clone_from(&blocks);
                }
                let word = if view.seen == Direction::Egress { "to" } else { "from" };
                let shown = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
                let more = match names.len().saturating_sub(SHOWN) {
                    0 => String::new(),
                    more => format!(" and {more} more"),
                };
                let found = (*allow, format!("allows it {word} {shown}{more}"));
                if of_akin || akin.is_none() {
                    return Some(found);
                }
                first = Some(found);
            }
        }
        first
    }

    /// What is called every address of those that a rule lets through: the blocks that it names, if it names some.
    fn blocks_of(&self, (policy, rule, _): &Allow, direction: Direction) -> String {
        let rule = self.world.rule(*policy, direction, *rule);
        let nets = rule.map_or(&[][..], |rule| &rule.peer(direction).nets);
        if nets.is_empty() || nets.iter().any(|net| net.prefix_len() == 0) {
            return EVERY.to_owned();
        }
        nets.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    }

    /// The application that the namespace of `part` belongs to.
    fn application(&self, part: &QueryPart) -> Option<Id<Application>> {
        let part = part.is_pods().then_some(part)?;
        let mut namespaces = self.world.program.namespaces.iter();
        namespaces.find(|(_, it)| *it.name == *part.name)?.1.application
    }

    /// What a rule that matches `matched` matches of the connections between two parts.
    fn met(&mut self, matched: Diagram, view: View<'_>, traffic: Option<&[Match]>) -> Diagram {
        let here = self.between(matched, view.subject, view.peer, view.seen);
        let asked = self.query_set(view.seen, view.subject, view.peer, traffic);
        self.sets.diagrams.intersection(here, asked)
    }
}

/// A rule that allows: the policy, the rule, and the connections that it matches.
type Allow = (usize, usize, Diagram);

/// So many other places are named.
const SHOWN: usize = 3;

/// Two parts, seen from the one whose policies are asked.
#[derive(Clone, Copy)]
struct View<'a> {
    seen: Direction,
    subject: &'a QueryPart,
    peer: &'a QueryPart,
}
