//! What keeps an answer about a project from being all there is to say: landing zones that nothing closes, guardrails that
//! hold at neither end, lines that are in another project.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Question;
use super::answer::{AnswerHalf, Because, FlowLine, Gaps};
use super::judge::Judge;
use super::place::QueryPart;
use crate::calico::Action;
use crate::program::{Application, Namespace};
use crate::reach::of_policies::{By, Step};
use crate::reach::{Condition, Diagram};
use crate::traffic::Traffic;
use crate::world::World;

impl World {
    /// The declared namespace `name` of a project.
    pub(super) fn declared(&self, name: &str) -> Option<&Namespace> {
        let namespaces = &self.program.namespaces;
        let found = namespaces.find(name, |it| &it.name).and_then(|id| namespaces.get(id));
        found.filter(|_| self.project)
    }

    /// The landing zone of the namespace `name`.
    fn landing_zone(&self, name: &str) -> Option<&Application> {
        self.program.applications.get(self.declared(name)?.application?)
    }

    /// The landing zone of the namespace `name`, if nothing closes it.
    pub(super) fn not_closed(&self, name: &str) -> Option<&Arc<str>> {
        let found = self.landing_zone(name)?;
        (!found.elsewhere && !self.program.isolates(found)).then_some(&found.name)
    }

    /// The landing zone of the namespace `name`, if its flow files are elsewhere.
    fn elsewhere(&self, name: &str) -> Option<&Arc<str>> {
        self.landing_zone(name).filter(|it| it.elsewhere).map(|it| &it.name)
    }

    /// The gaps at `parts`.
    pub(super) fn gaps_at<'a>(&self, parts: impl Iterator<Item = &'a QueryPart>) -> Gaps {
        let names = parts.filter(|it| it.is_pods()).filter_map(|it| self.not_closed(&it.name));
        let names: BTreeSet<_> = names.map(ToString::to_string).collect();
        Gaps { not_closed: names.into_iter().collect(), ..Gaps::default() }
    }

    /// The gaps of the answer to `question` with these halves.
    pub(super) fn gaps(&self, question: &Question, halves: [&[AnswerHalf]; 2]) -> Gaps {
        let ends = [&question.from, &question.to];
        let mut gaps = self.gaps_at(ends.into_iter().flat_map(|it| &it.parts));
        let unsure = |halves: &[AnswerHalf]| {
            let mut parts = halves.iter().flat_map(|it| &it.parts);
            parts.any(|part| part.because == Because::Undecided)
        };
        let undecided = ends.into_iter().zip(halves).filter(|(_, halves)| unsure(halves));
        gaps.look_elsewhere(self, undecided.flat_map(|(place, _)| &place.parts));
        let traffic = question.traffic.as_deref().map_or_else(Traffic::full, Traffic::of);
        let parts = |place: usize| {
            let parts = ends.get(place).into_iter().flat_map(|it| &it.parts);
            let namespaces = parts.filter(|it| it.is_pods());
            namespaces.filter_map(|it| self.declared(&it.name)).collect::<Vec<_>>()
        };
        for from in parts(0) {
            for to in parts(1) {
                let meets = |it: &Traffic| !it.intersection(&traffic).is_empty();
                for guardrail in self.program.not_held(from, to, meets) {
                    let flow = FlowLine {
                        line: guardrail.line.to_string(),
                        because: guardrail.because.as_deref().map(str::to_owned),
                        source: self.place_of(guardrail.span),
                        guardrail: true,
                    };
                    if !gaps.not_held.contains(&flow) {
                        gaps.not_held.push(flow);
                    }
                }
            }
        }
        gaps
    }
}

impl Gaps {
    /// Adds those of `parts` that are undecided whose lines are elsewhere.
    pub(super) fn look_elsewhere<'a>(
        &mut self,
        world: &World,
        parts: impl Iterator<Item = &'a QueryPart>,
    ) {
        let names = parts.filter(|it| it.is_pods()).filter_map(|it| world.elsewhere(&it.name));
        let names: BTreeSet<_> = names.map(ToString::to_string).collect();
        self.elsewhere = names.into_iter().collect();
    }

    /// The same in words.
    pub(super) fn notes(&self) -> Vec<String> {
        let all = |names: &[String]| match names {
            [name] => name.clone(),
            [names @ .., last] => format!("{} and {last}", names.join(", ")),
            [] => String::new(),
        };
        let mut notes = Vec::new();
        if !self.not_closed.is_empty() {
            let are = if self.not_closed.len() == 1 { "is" } else { "are" };
            let names = all(&self.not_closed);
            notes.push(format!(
                "{names} {are} not closed: what no other policy denies is open there"
            ));
        }
        notes.extend(self.not_held.iter().map(|it| {
            format!(
                "the guardrail `{}` does not hold here ({}): neither end is closed",
                it.line, it.source
            )
        }));
        if !self.elsewhere.is_empty() {
            let names = all(&self.elsewhere);
            let own =
                if self.elsewhere.len() == 1 { "its repository" } else { "their repositories" };
            notes.push(format!(
                "the flow files of {names} are not in this project: look into {own}"
            ));
        }
        notes
    }
}

impl Judge<'_> {
    /// `steps` of pods of the namespace `name`: where its flow files are elsewhere, what no line that is known decides passes
    /// if one of those opens it, and else does not.
    pub(super) fn decided_elsewhere(&mut self, name: &str, steps: Vec<Step>) -> Vec<Step> {
        let Some(application) = self.world.elsewhere(name) else { return steps };
        let opened = self.sets.condition(&Condition::LineElsewhere(Arc::clone(application)));
        let order = f64::from(self.world.program.settings.orders.flows);
        let is_known = |step: &Step| match step.by {
            By::Rule { policy, .. } => {
                let policy = self.world.policy(policy);
                policy.is_some_and(|it| it.order.is_some_and(|it| it < order))
            }
            By::Forwarded { .. } | By::Failsafe => true,
            By::EndOfTier { .. } | By::Profile | By::NotIsolated => false,
        };
        let (mut steps, rest): (Vec<_>, Vec<_>) = steps.into_iter().partition(is_known);
        let decides = |step: &&Step| matches!(step.action, Action::Allow | Action::Deny);
        let rest = rest.iter().filter(decides).map(|step| step.reached).collect();
        let rest = self.sets.diagrams.union_of(rest);
        let closed = self.sets.diagrams.difference(Diagram::FULL, opened);
        for (action, matched) in [(Action::Allow, opened), (Action::Deny, closed)] {
            let reached = self.sets.diagrams.intersection(rest, matched);
            steps.push(Step { by: By::NotIsolated, action, matched, reached });
        }
        steps
    }
}
