//! What else there is to know about an answer: another release's, what nobody declares.

use std::collections::BTreeSet;

use super::Question;
use super::answer::{Answer, Verdict};
use super::judge::Judge;
use super::pair::QueryPair;
use super::place::{QueryPart, QueryPartKind};
use crate::reach::Diagram;
use crate::reach::of_policies::Ties;

impl Judge<'_> {
    /// Adds what is to be known besides to `answer`.
    pub(super) fn remarks(
        &mut self,
        question: &Question,
        pairs: &[QueryPair],
        answer: &mut Answer,
    ) {
        let here = self.world.ties();
        let other = match here {
            Ties::ByName => Ties::ByNamespace,
            Ties::ByNamespace => Ties::ByName,
        };
        let others = self.pairs(question, other);
        let alike = |(a, b): (&QueryPair, &QueryPair)| a.open == b.open && a.unsure == b.unsure;
        if !pairs.iter().zip(&others).all(alike) {
            let there = match self.verdict(question, &others) {
                _ if question.traffic.is_none() => "another one",
                same if same == answer.verdict => "another one",
                Verdict::Allow => "yes",
                Verdict::Deny => "no",
                Verdict::Undecided => "undecided",
                Verdict::Differs => "yes for some and no for others",
            };
            let (releases, rule) = match other {
                Ties::ByName => ("from Calico 3.32", "by their names, then by their namespaces"),
                Ties::ByNamespace => {
                    ("up to Calico 3.31", "by their namespaces, then by their names")
                }
            };
            answer.notes.push(format!(
                "{releases} the answer is {there}: there, policies of the same order, or of none, go {rule}"
            ));
        }
        let mut ends = question
            .from
            .parts
            .iter()
            .flat_map(|from| question.to.parts.iter().map(move |to| (from, to)));
        if pairs.is_empty() && ends.any(|(from, to)| !from.can_meet(to, self.world)) {
            let note = "the addresses of the two ends are not of one IP family";
            answer.notes.push(note.to_owned());
        }
        let halves = || answer.leaving.iter().chain(&answer.arriving);
        let begins = self.world.that_never_begin(question.traffic.as_deref()).is_empty();
        if begins
            && answer.verdict == Verdict::Deny
            && halves().all(|it| it.verdict != Verdict::Deny)
        {
            let note =
                "whatever the addresses of the two ends are, one of them does not let it pass";
            answer.notes.extend(halves().next().map(|_| note.to_owned()));
        }
        answer.notes.extend(self.remedies(pairs));
        for (place, receiver) in [(&question.from, false), (&question.to, true)] {
            let notes = place.parts.iter().filter_map(|it| self.world.note_on_own(it, receiver));
            answer.notes.extend(notes);
        }
        for part in question.from.parts.iter().chain(&question.to.parts) {
            let note = self.undeclared(part);
            answer.notes.extend(note.filter(|note| !answer.notes.contains(note)));
        }
    }

    /// What would settle more of what `pairs` leave open.
    pub(super) fn remedies(&mut self, pairs: &[QueryPair]) -> Vec<String> {
        if self.world.project {
            return Vec::new();
        }
        let unsure = pairs.iter().filter(|pair| pair.unsure != Diagram::EMPTY);
        let hangs = unsure.flat_map(|pair| {
            let hangs = pair.halves.iter().flatten().flat_map(|it| &it.hangs);
            hangs.map(|(_, matched)| (*matched, pair.pods))
        });
        let hangs: Vec<_> = hangs.collect();
        let mut notes = Vec::new();
        let blocks = self.world.program.settings.pods.is_empty()
            && hangs.iter().any(|(matched, pods)| self.at_any_address(*matched, *pods).is_none());
        if blocks {
            let note = "in which blocks pods lie is not known here: `pods` under [cluster] of an eastwest.toml says it (--config)";
            notes.push(note.to_owned());
        }
        let asked = hangs.iter().flat_map(|(matched, _)| self.sets.conditions_of(*matched));
        let services: BTreeSet<String> = asked.filter_map(|it| it.service()).collect();
        notes.extend(services.into_iter().map(|name| {
            format!("which endpoints the service {name} has is not known here: its EndpointSlices say it (--zones)")
        }));
        notes
    }

    /// That a namespace is judged by its name alone.
    pub(super) fn undeclared(&self, part: &QueryPart) -> Option<String> {
        let QueryPartKind::Pods { home, .. } = &part.what else { return None };
        if let Some((namespace, name)) = part.service() {
            return Some(format!(
                "which pods are behind the service {namespace}/{name} is not known here: their own policies are not asked"
            ));
        }
        let home = self.world.homes().get(*home).filter(|it| !it.declared)?;
        let what = if home.known {
            "it is taken to have no labels but its name"
        } else {
            "its labels are not known here (--zones takes it)"
        };
        Some(format!("no manifest declares the namespace {}: {what}", home.name))
    }
}
