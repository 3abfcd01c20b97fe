//! Lines and rules as a difference tells them.

use super::change::ChangedLine;
use super::rows::ProjectSide;
use crate::program::{Flow, Guardrail};
use crate::reach::Direction;
use crate::source::Span;
use crate::world::World;

impl World {
    /// A flow as a line.
    pub(super) fn flow_line(&self, flow: &Flow) -> ChangedLine {
        let text = |it: &Option<Box<str>>| it.as_deref().map(str::to_owned);
        ChangedLine {
            line: flow.line.to_string(),
            because: text(&flow.because),
            ticket: text(&flow.ticket),
            until: flow.until,
            source: self.source_of(flow.spans.whole),
            span: Some(flow.spans.whole),
        }
    }

    /// A guardrail as a line.
    pub(super) fn guardrail_line(&self, guardrail: &Guardrail) -> ChangedLine {
        let text = |it: &Option<Box<str>>| it.as_deref().map(str::to_owned);
        ChangedLine {
            line: guardrail.line.to_string(),
            because: text(&guardrail.because),
            ticket: text(&guardrail.ticket),
            until: None,
            source: self.source_of(guardrail.span),
            span: Some(guardrail.span),
        }
    }

    /// `file:line` of `span`.
    pub(super) fn source_of(&self, span: Span) -> String {
        format!("{}:{}", self.sources.path(span.file), self.sources.position(span).line)
    }

    /// The lines behind a rule; of policies that nobody compiled, the rule itself.
    pub(super) fn rule_lines(
        &self,
        object: usize,
        direction: Direction,
        rule: usize,
    ) -> Vec<ChangedLine> {
        let spans = self.lines_of(object, direction, rule);
        let flows = self.program.flows.iter().filter(|it| spans.contains(&it.spans.whole));
        let lines: Vec<_> = flows.map(|it| self.flow_line(it)).collect();
        if !lines.is_empty() {
            return lines;
        }
        let (Some(policy), Some(object)) = (self.policy(object), self.cluster.objects.get(object))
        else {
            return Vec::new();
        };
        let [ingress, egress] = &object.rules;
        let (written, word) = match direction {
            Direction::Ingress => (ingress.get(rule), "ingress"),
            Direction::Egress => (egress.get(rule), "egress"),
        };
        let name = match &policy.namespace {
            Some(namespace) => format!("{namespace}/{}", policy.name),
            None => policy.name.to_string(),
        };
        let (number, span) = written.map_or((rule, object.span), |it| (it.index, it.span));
        vec![ChangedLine {
            line: format!("{word} rule {} of {name}", number + 1),
            because: None,
            ticket: None,
            until: None,
            source: self.source_of(span),
            span: Some(span),
        }]
    }
}

impl ProjectSide<'_> {
    /// A flow as a line.
    pub(super) fn line(&self, flow: &Flow) -> ChangedLine {
        self.world.flow_line(flow)
    }

    /// A guardrail as a line.
    pub(super) fn guardrail(&self, guardrail: &Guardrail) -> ChangedLine {
        self.world.guardrail_line(guardrail)
    }

    /// `file:line` of `span`.
    pub(super) fn place_of(&self, span: Span) -> String {
        self.world.source_of(span)
    }
}
