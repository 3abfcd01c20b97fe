//! The answer to a question, put together from what becomes of each pair of its parts.

use super::Question;
use super::answer::Gaps;
use super::answer::{Answer, AnswerHalf as Said, Extent, OpenTraffic, Verdict};
use super::judge::{Judge, hold};
use super::pair::QueryPair;
use super::place::{QueryPart, QueryPartKind, QueryPlace};
use super::tell::one_of;
use crate::reach::of_policies::Ties;
use crate::reach::{Diagram, Direction, TooMany};
use crate::world::World;

/// Answers `question`.
pub(super) fn answer(world: &World, question: &Question) -> Result<Answer, TooMany> {
    let (from, to) = (&question.from, &question.to);
    hold(world, &[from, to], question.traffic.as_deref(), |judge| judge.answer(question))
}

impl Judge<'_> {
    fn answer(&mut self, question: &Question) -> Answer {
        let ties = self.world.ties();
        let pairs = self.pairs(question, ties);
        let verdict = self.verdict(question, &pairs);
        let mut answer = Answer {
            verdict,
            from: question.from.text.clone(),
            to: question.to.text.clone(),
            traffic: question.traffic_text(),
            open: Vec::new(),
            closed: Vec::new(),
            undecided: Vec::new(),
            leaving: Vec::new(),
            arriving: Vec::new(),
            nearest: Vec::new(),
            write: Vec::new(),
            gaps: Gaps::default(),
            notes: Vec::new(),
        };
        if verdict == Verdict::Differs || question.traffic.is_none() && verdict != Verdict::Deny {
            answer.open = self.openings(question, &pairs, |_, pair| pair.open);
            answer.undecided = self.openings(question, &pairs, |_, pair| pair.unsure);
            if question.traffic.is_some() {
                answer.closed = self.openings(question, &pairs, |judge, pair| pair.closed(judge));
            }
        }
        let asked: Vec<QueryPair> = if question.traffic.is_none() && verdict != Verdict::Deny {
            // Of a list of what is open, only that is explained.
            pairs.iter().filter_map(|pair| self.opened(pair)).collect()
        } else {
            pairs.clone()
        };
        let [leaving, arriving] = [0, 1].map(|side| self.halves(question, &asked, side));
        answer.gaps = self.world.gaps(question, [&leaving, &arriving]);
        (answer.leaving, answer.arriving) = (leaving, arriving);
        let differs = verdict == Verdict::Differs;
        let never = self.world.that_never_begin(question.traffic.as_deref());
        // What no policy is asked about, no rule and no line would open.
        let asked = question.traffic.clone().map(|mut list| {
            list.retain(|it| !never.contains(it));
            list
        });
        let rest = Question { traffic: asked, ..question.clone() };
        let some = rest.traffic.as_ref().is_none_or(|it| !it.is_empty());
        if verdict != Verdict::Allow && !differs && some {
            answer.nearest = self.nearest(&rest, &pairs);
        }
        // Where the answer differs from pair to pair, no single line would make it another.
        if verdict != Verdict::Allow && (!differs || pairs.len() == 1) && some {
            super::write::lines(self.world, &rest, &mut answer);
        }
        if !never.is_empty() {
            answer.notes.push(super::icmp::note(&never));
        }
        answer.notes.extend(answer.gaps.notes());
        self.remarks(question, &pairs, &mut answer);
        answer
    }

    /// Every part of the one place with every part of the other.
    pub(super) fn pairs(&mut self, question: &Question, ties: Ties) -> Vec<QueryPair> {
        let mut pairs = Vec::new();
        for from in question.from.parts.iter().enumerate() {
            for to in question.to.parts.iter().enumerate() {
                if !from.1.can_meet(to.1, self.world) {
                    continue;
                }
                let pair = QueryPair::new(self, from, to, question.traffic.as_deref(), ties);
                if pair.asked != Diagram::EMPTY {
                    pairs.push(pair);
                }
            }
        }
        pairs
    }

    pub(super) fn verdict(&mut self, question: &Question, pairs: &[QueryPair]) -> Verdict {
        let listed = question.traffic.is_none();
        if listed {
            // Asked for all that is open, there is something or nothing.
            let open = pairs.iter().any(|pair| pair.open != Diagram::EMPTY);
            let unsure = pairs.iter().any(|pair| pair.unsure != Diagram::EMPTY);
            return match (open, unsure) {
                (true, _) => Verdict::Allow,
                (false, true) => Verdict::Undecided,
                (false, false) => Verdict::Deny,
            };
        }
        let mut verdicts = Vec::new();
        for pair in pairs {
            let closed = pair.closed(self);
            for (set, verdict) in [
                (pair.open, Verdict::Allow),
                (closed, Verdict::Deny),
                (pair.unsure, Verdict::Undecided),
            ] {
                if set != Diagram::EMPTY {
                    verdicts.push(verdict);
                }
            }
        }
        one_of(verdicts.into_iter())
    }

    /// `pair` as far as it is open; `None` where it is not.
    fn opened(&mut self, pair: &QueryPair) -> Option<QueryPair> {
        let some = self.sets.diagrams.union(pair.open, pair.unsure);
        let mut pair = QueryPair { asked: some, ..pair.clone() };
        for half in pair.halves.iter_mut().flatten() {
            let diagrams = &mut self.sets.diagrams;
            half.unsure = diagrams.intersection(half.unsure, some);
            for (_, set) in &mut half.parts {
                *set = diagrams.intersection(*set, some);
            }
            half.parts.retain(|(_, set)| *set != Diagram::EMPTY);
        }
        (some != Diagram::EMPTY).then_some(pair)
    }

    /// The parts of the pairs that `of` gives, those together that read the same.
    fn openings(
        &mut self,
        question: &Question,
        pairs: &[QueryPair],
        of: impl Fn(&mut Self, &QueryPair) -> Diagram,
    ) -> Vec<OpenTraffic> {
        let mut found: Vec<OpenTraffic> = Vec::new();
        for pair in pairs {
            let set = of(self, pair);
            if set == Diagram::EMPTY {
                continue;
            }
            let ends = Self::ends(question, pair);
            let Some((from, to)) = ends else { continue };
            let mut extents = self.apart(set, pair);
            if extents.is_empty() {
                extents.push((Extent::default(), set));
            }
            for (mut extent, part) in extents {
                if question.traffic.is_none() {
                    extent.traffic.get_or_insert_with(|| "any".to_owned());
                }
                let same = found.iter_mut().find(|it| {
                    it.extent == extent
                        && (it.from == [from.clone()] || it.to == [to.clone()])
                        && (it.from.len() == 1 || it.from.contains(&from) || it.to.len() == 1)
                });
                match same {
                    Some(known) if known.from == [from.clone()] && known.to != [to.clone()] => {
                        if !known.to.contains(&to) {
                            known.to.push(to.clone());
                        }
                    }
                    Some(known) if known.to == [to.clone()] => {
                        if !known.from.contains(&from) {
                            known.from.push(from.clone());
                        }
                    }
                    Some(_) | None => found.push(OpenTraffic {
                        from: vec![from.clone()],
                        to: vec![to.clone()],
                        extent,
                        example: self.example(part, question, pair),
                    }),
                }
            }
        }
        found
    }

    /// The names of the two parts of `pair`.
    fn ends(question: &Question, pair: &QueryPair) -> Option<(String, String)> {
        let name =
            |place: &QueryPlace, index: usize| place.parts.get(index).map(|it| it.name.clone());
        Some((name(&question.from, pair.from)?, name(&question.to, pair.to)?))
    }

    /// One connection of `set`, in words.
    pub(super) fn example(&self, set: Diagram, question: &Question, pair: &QueryPair) -> String {
        let parts = question.from.parts.get(pair.from).zip(question.to.parts.get(pair.to));
        let Some((from, to)) = parts else { return String::new() };
        let (subject, peer) = match pair.seen {
            Direction::Egress => (from, to),
            Direction::Ingress => (to, from),
        };
        let Some(example) = self.sets.example(set, self.bearer(subject), pair.seen) else {
            return String::new();
        };
        let (subject, peer) = (end(&example.subject, subject), end(&example.peer, peer));
        let (from, to) = match pair.seen {
            Direction::Egress => (subject, peer),
            Direction::Ingress => (peer, subject),
        };
        format!("{} from {from} to {to}", example.traffic)
    }

    /// What the senders (0) or the receivers (1) say: for each, those of the other ends together that it treats alike.
    fn halves(&mut self, question: &Question, pairs: &[QueryPair], side: usize) -> Vec<Said> {
        let mut found: Vec<Said> = Vec::new();
        let (here, there) =
            if side == 0 { (&question.from, &question.to) } else { (&question.to, &question.from) };
        for pair in pairs {
            let (at, towards) = if side == 0 { (pair.from, pair.to) } else { (pair.to, pair.from) };
            let ends = here.parts.get(at).zip(there.parts.get(towards));
            let Some((at, towards)) = ends else { continue };
            let end = match pair.halves.get(side).and_then(Option::as_ref) {
                Some(half) => self.answer_half(&at.name, pair, half),
                None => outside(&at.name),
            };
            let same = found.iter_mut().find(|it| it.at == end.at && it.parts == end.parts);
            match same {
                Some(known) => known.towards.push(towards.name.clone()),
                None => found.push(Said { towards: vec![towards.name.clone()], ..end }),
            }
        }
        let mut together: Vec<Said> = Vec::new();
        for mut end in found {
            if end.towards.len() == there.parts.len() {
                end.towards.clear();
            }
            let same =
                together.iter_mut().find(|it| it.towards == end.towards && it.parts == end.parts);
            match same {
                Some(known) => known.at.append(&mut end.at),
                None => together.push(end),
            }
        }
        together
    }
}

fn outside(at: &str) -> Said {
    use super::answer::{AnswerPart, Because};
    let part = AnswerPart {
        verdict: Verdict::Allow,
        because: Because::Outside,
        tier: None,
        policy: None,
        rule: None,
        source: None,
        policies: Vec::new(),
        flows: Vec::new(),
        why: None,
        extent: Vec::new(),
    };
    Said {
        at: vec![at.to_owned()],
        towards: Vec::new(),
        verdict: Verdict::Allow,
        parts: vec![part],
    }
}

/// A pod with these labels in a namespace that may come with those.
fn later_end(labels: &[String], of_namespace: &crate::reach::LabelMap) -> String {
    let own = match labels {
        [] => String::new(),
        labels => format!(" labelled {}", labels.join(", ")),
    };
    let borne: Vec<_> = of_namespace.iter().map(|(key, it)| format!("{key}={it}")).collect();
    match borne.as_slice() {
        [] => format!("a pod{own} in a namespace that nothing here declares"),
        borne => format!("a pod{own} in a namespace that may come, labelled {}", borne.join(", ")),
    }
}

/// An end of an example that lies at `part`.
fn end(end: &crate::reach::End, part: &QueryPart) -> String {
    use crate::reach::End;
    if let QueryPartKind::Addresses(nets) = &part.what {
        let first = nets.first().map(ipnet::IpNet::addr);
        return end.address().or(first).map_or_else(String::new, |it| it.to_string());
    }
    let labels = match end {
        End::Pod { labels, .. } | End::Host { labels, .. } | End::Held { labels, .. } => labels,
        End::Address(address) => return address.to_string(),
    };
    let labels: Vec<_> = labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
    if part.is_later()
        && let End::Pod { of_namespace, .. } = end
    {
        return later_end(&labels, of_namespace);
    }
    match (part.is_pods(), labels.is_empty()) {
        (true, true) => format!("a pod in {}", part.name),
        (true, false) => format!("a pod labelled {} in {}", labels.join(", "), part.name),
        (false, _) => part.name.clone(),
    }
}
