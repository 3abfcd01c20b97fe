//! Who may talk to whom, as a graph to be drawn: landing zones with their zones, what lies outside them, and arrows
//! with their traffic. An arrow passes where both sides are open; what only one side opens waits for the other.

mod arrows;
mod fold;
mod halves;
pub mod matrix;
mod narrow;
mod nodes;
mod place;
mod since;

use std::fmt;

pub use arrows::ArrowSide;
pub use matrix::Matrix;
pub use place::{GraphPlace, NodePlace};
pub use since::Mark;

pub use crate::program::Closed;

use crate::diagnostic::visible::one_line;
use crate::program::{Held, Program};
use crate::reach::Decisions;
use crate::selector::TooMany;
use crate::traffic::Traffic;
use since::marked;

/// What passes to a service, in words: Calico allows the ports that it has, and no others.
pub const SERVICE: &str = "the service's ports";

/// Between what passes and what passed before.
pub const BEFORE: &str = ", before: ";

/// The graph of a program.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// Landing zones by name, and last, where lines speak of it, every landing zone.
    pub groups: Vec<GraphGroup>,
    /// All that arrows join: those of a group lie together, externals come last.
    pub nodes: Vec<GraphNode>,
    /// The arrows, in the order of their ends.
    pub arrows: Vec<GraphArrow>,
    /// Every flow line, in the order of the program.
    pub lines: Vec<GraphLine>,
    /// The guardrails.
    pub guardrails: Vec<GraphLine>,
    /// How many landing zones are closed and where guardrails hold, in words; `None` where all are closed and all hold.
    pub openness: Option<String>,
}

/// A landing zone, or every landing zone.
#[derive(Clone, Debug)]
pub struct GraphGroup {
    /// Its name, to be shown.
    pub name: String,
    /// The node that stands for all of it.
    pub whole: usize,
    /// Its other nodes: zones by name, each followed by those of some of its pods.
    pub nodes: Vec<usize>,
}

/// What an arrow begins or ends at.
#[derive(Clone, Debug)]
pub struct GraphNode {
    /// As a flow line writes it: `application2.backend`, `onprem`.
    pub name: String,
    /// Within its group: `backend`; the selector where it is some pods only.
    pub short: String,
    /// What it stands for.
    pub place: GraphPlace,
    /// What more there is to say: the addresses of an external, or that nothing closes it.
    pub note: Option<String>,
    /// Whether it is closed, so that its side needs a line.
    pub closed: Closed,
    /// Whether it is a service: then `any` stands for the ports that it has.
    pub service: bool,
    /// What became of it, where graphs of two times are compared.
    pub mark: Option<Mark>,
    /// Its group; `None` for an external.
    pub group: Option<usize>,
}

/// Connections between two nodes.
#[derive(Clone, Debug)]
pub struct GraphArrow {
    /// Who opens them.
    pub from: usize,
    /// Who accepts them.
    pub to: usize,
    /// Whether they leave the landing zone.
    pub crossing: bool,
    /// For whom they wait: one side is open, and its line is still missing. `None` where they pass.
    pub waits: Option<Waits>,
    /// What passes, or would.
    pub traffic: Traffic,
    /// What passed before, where that has changed.
    pub before: Traffic,
    /// What became of it, where graphs of two times are compared.
    pub mark: Option<Mark>,
    /// How many arrows between zones it stands for: more than one where landing zones are folded.
    pub count: usize,
    /// The lines that say so, as indices into [`Graph::lines`]; ascending.
    pub lines: Vec<usize>,
}

/// For whom an arrow waits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Waits {
    /// The side whose line is missing.
    pub side: ArrowSide,
    /// Who would write it.
    pub name: String,
}

impl fmt::Display for Waits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// A line of a flow file.
#[derive(Clone, Debug)]
pub struct GraphLine {
    /// In canonical form, without clauses.
    pub text: String,
    /// The reason.
    pub because: Option<String>,
    /// Of a guardrail that does not hold everywhere, where it does.
    pub holds: Option<String>,
    /// What became of it, where graphs of two times are compared.
    pub mark: Option<Mark>,
}

impl GraphNode {
    /// Its short name, with its mark.
    pub fn title(&self) -> String {
        marked(self.mark, &self.short)
    }

    /// The node as it is shown: by its short name within its group, by its full one where it is some pods or `whole`.
    pub fn shown(&self, whole: bool) -> String {
        let name = if whole || self.place.pods.is_some() { &self.name } else { &self.short };
        marked(self.mark, name)
    }
}

impl GraphLine {
    /// The line with its reason, on one line.
    pub fn full(&self) -> String {
        let holds = self.holds.as_ref().map(|it| format!(" (holds {it})")).unwrap_or_default();
        let reason = self.because.as_ref().map(|it| format!(" because \"{it}\""));
        let reason = reason.unwrap_or_default();
        one_line(marked(self.mark, &format!("{}{holds}{reason}", self.text)))
    }
}

impl Graph {
    /// The graph of `program`, which has no errors.
    ///
    /// # Errors
    /// Where selectors combine in too many ways to tell.
    pub fn new(program: &Program) -> Result<Self, TooMany> {
        let halves = halves::Halves::new(program);
        let decisions = Decisions::about(program);
        let found = arrows::arrows(program, &decisions, &halves);
        let line = |text: &str, because: Option<&str>| GraphLine {
            text: text.to_owned(),
            because: because.map(str::to_owned),
            holds: None,
            mark: None,
        };
        let mut graph = nodes::graph(program, &halves, found);
        graph.lines =
            program.flows.iter().map(|it| line(&it.line, it.because.as_deref())).collect();
        let openness = program.openness();
        let guardrails =
            program.guardrails.iter().zip(&openness.guardrails).map(|(it, holding)| {
                let partly = matches!(holding.held, Held::InPart | Held::Nowhere);
                let holds = partly.then(|| holding.to_string());
                GraphLine { holds, ..line(&it.line, it.because.as_deref()) }
            });
        graph.guardrails = guardrails.collect();
        graph.openness = (!openness.is_whole()).then(|| openness.to_string());
        decisions.all_made()?;
        Ok(graph)
    }

    /// The arrow's lines, with their reasons.
    pub fn lines_of(&self, arrow: &GraphArrow) -> impl Iterator<Item = &GraphLine> {
        arrow.lines.iter().filter_map(|index| self.lines.get(*index))
    }

    /// The traffic of an arrow, in words; with its mark, and what it was before.
    pub fn traffic(&self, arrow: &GraphArrow) -> String {
        let service = self.nodes.get(arrow.to).is_some_and(|it| it.service);
        let words = |traffic: &Traffic| {
            if service && *traffic == Traffic::full() {
                SERVICE.to_owned()
            } else {
                traffic.to_string()
            }
        };
        let now = marked(arrow.mark, &words(&arrow.traffic));
        match arrow.mark {
            Some(Mark::Changed) => format!("{now}{BEFORE}{}", words(&arrow.before)),
            None | Some(Mark::Added | Mark::Removed) => now,
        }
    }

    /// The name of a group, and what more there is to say of all of it.
    pub fn title(&self, group: &GraphGroup) -> String {
        let name = marked(self.nodes.get(group.whole).and_then(|it| it.mark), &group.name);
        match self.nodes.get(group.whole).and_then(|it| it.note.as_ref()) {
            Some(note) => format!("{name}, {note}"),
            None => name,
        }
    }

    /// What there is to say of all guardrails.
    pub fn guardrails_title(&self) -> &'static str {
        let everywhere = self.guardrails.iter().all(|it| it.holds.is_none());
        if everywhere { "guardrails: hold against every line" } else { "guardrails" }
    }

    /// The name of a node, as a flow line writes it.
    pub fn name(&self, node: usize) -> &str {
        self.nodes.get(node).map_or("", |it| &it.name)
    }
}
