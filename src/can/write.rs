//! The lines that a project would have to write for what is closed.

use std::sync::Arc;

use super::Question;
use super::answer::{Answer, AnswerHalf, FlowLine, Verdict};
use super::place::{FlowSide, QueryPlace};
use crate::check::owner::{self, LineOwner, Side};
use crate::world::World;

/// Adds to `answer` the lines that would open what `question` asks for, or why there are none.
pub(super) fn lines(world: &World, question: &Question, answer: &mut Answer) {
    let (Some(traffic), true) = (question.traffic_text(), world.project) else { return };
    let denied = |halves: &[AnswerHalf]| {
        let parts = halves.iter().flat_map(|half| &half.parts);
        parts.filter(|part| part.verdict != Verdict::Allow).cloned().collect::<Vec<_>>()
    };
    let (leaving, arriving) = (denied(&answer.leaving), denied(&answer.arriving));
    let mut forbids = leaving.iter().chain(&arriving).flat_map(|part| &part.flows);
    if forbids.any(|flow| flow.guardrail) {
        answer.notes.push("no line opens what a guardrail forbids".to_owned());
        return;
    }
    let (Some(from), Some(to)) = (&question.from.written, &question.to.written) else { return };
    if leaving.is_empty() && arriving.is_empty() {
        return;
    }
    let mut write = Vec::new();
    if from.application.is_some() && from.application == to.application {
        write.push(FlowLine {
            line: format!("{} -> {} : {traffic}", from.text, to.text),
            because: None,
            source: owner(from, to),
            guardrail: false,
        });
    } else {
        let because = Some("…".to_owned());
        if !leaving.is_empty() {
            // Towards a service no traffic is written.
            let traffic = if to.service { String::new() } else { format!(" : {traffic}") };
            let line = format!("{} ==> {}{traffic}", from.text, to.text);
            let (because, source) = (because.clone(), owner(from, to));
            write.push(FlowLine { line, because, source, guardrail: false });
        }
        if !arriving.is_empty() {
            let line = format!("{} <== {} : {traffic}", to.text, from.text);
            write.push(FlowLine { line, because, source: owner(to, from), guardrail: false });
        }
    }
    answer.write = write;
}

/// Whose line it is that opens `side` to `other`.
fn owner(side: &FlowSide, other: &FlowSide) -> String {
    match owner::of(side, other) {
        Some(LineOwner::Application(name)) => name.to_owned(),
        Some(LineOwner::Platform) | None => "platform".to_owned(),
    }
}

impl<'a> From<&'a FlowSide> for Side<'a> {
    fn from(side: &'a FlowSide) -> Self {
        match &side.application {
            Some(name) => Self::Application(name),
            None if side.external => Self::External,
            None => Self::AnyApplication,
        }
    }
}

impl QueryPlace {
    /// How a flow would name a namespace or addresses, if it can.
    pub(super) fn nameable(world: &World, place: Self) -> Self {
        use super::place::QueryPartKind;
        let [part] = place.parts.as_slice() else { return place };
        let written = match &part.what {
            QueryPartKind::Pods { home, selector, .. } => {
                let home = world.homes().get(*home);
                let namespace = home.and_then(|home| {
                    let mut all = world.program.namespaces.iter();
                    all.find(|(_, it)| it.name == home.name)
                });
                namespace.and_then(|(_, namespace)| {
                    let application = world.program.applications.get(namespace.application?)?;
                    let zone = world.program.zones.get(namespace.zone?)?;
                    let pods = selector.as_ref().map_or_else(String::new, |it| {
                        format!("[{}]", crate::calico::encode::selector(it))
                    });
                    Some(FlowSide {
                        text: format!("{}.{}{pods}", application.name, zone.name),
                        application: Some(Arc::clone(&application.name)),
                        external: false,
                        service: false,
                    })
                })
            }
            QueryPartKind::Addresses(nets) => world.external_of(nets),
            QueryPartKind::Later { .. } | QueryPartKind::Host(_) => None,
        };
        Self { written, ..place }
    }
}
