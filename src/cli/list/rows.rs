//! The rows of each list.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::cell::{Cell, Column, ListTable, column, wide};
use super::links::link;
use crate::lint::{OtherHalf, other_halves};
use crate::program::{Application, Arrow, Endpoint, ExternalValue, Flow, Held, Id, Place, Program};
use crate::selector::TooMany;
use crate::source::{Sources, Span};

/// What a list is made of.
pub(super) struct ListRequest<'a> {
    pub(super) program: &'a Program,
    pub(super) sources: &'a Sources,
    /// The landing zone that the list is confined to.
    pub(super) of: Option<Id<Application>>,
    /// The day from which days are counted.
    pub(super) today: Date,
    /// Whether every line was understood, so that a missing half is missing indeed.
    pub(super) whole: bool,
    /// The address of a ticket.
    pub(super) ticket_url: Option<&'a str>,
}

impl ListRequest<'_> {
    /// Declared namespaces, by landing zone.
    pub(super) fn zones(&self) -> ListTable {
        const COLUMNS: &[Column] = &[
            column("application", "landing zone"),
            column("zone", "zone"),
            column("namespace", "namespace"),
            column("exempt", "exempt"),
            column("place", "place"),
        ];
        let program = self.program;
        let namespaces = program.namespaces.iter().map(|(_, it)| it);
        let mut rows: Vec<_> = namespaces
            .filter(|it| self.of.is_none() || it.application == self.of)
            .map(|it| {
                let application = it.application.and_then(|id| program.applications.get(id));
                let zone = it.zone.and_then(|id| program.zones.get(id));
                let key = (application.map(|it| &it.name), zone.map(|it| &it.name), &it.name);
                let cells = vec![
                    Cell::written(application.map(|it| &*it.name)),
                    Cell::written(zone.map(|it| &*it.name)),
                    Cell::text(&it.name),
                    Cell::Flag(it.exempt),
                    self.place(it.span),
                ];
                (key, cells)
            })
            .collect();
        rows.sort_by_key(|(key, _)| *key);
        ListTable { columns: COLUMNS, rows: rows.into_iter().map(|(_, cells)| cells).collect() }
    }

    /// Declared externals.
    pub(super) fn externals(&self) -> ListTable {
        const COLUMNS: &[Column] =
            &[column("name", "name"), wide("value", "value"), column("place", "place")];
        let value = |value: &ExternalValue| match value {
            ExternalValue::Addresses(nets) => texts(nets),
            ExternalValue::Namespace { name, selector: None } => vec![format!("namespace {name}")],
            ExternalValue::Namespace { name, selector: Some(selector) } => {
                vec![format!("namespace {name}[{selector}]")]
            }
            ExternalValue::Service { namespace, name } => {
                vec![format!("service {namespace}/{name}")]
            }
        };
        let rows = self.program.externals.iter().map(|(_, it)| {
            vec![Cell::text(&it.name), Cell::List(value(&it.value)), self.place(it.span)]
        });
        ListTable { columns: COLUMNS, rows: rows.collect() }
    }

    /// Declared names of ports.
    pub(super) fn ports(&self) -> ListTable {
        const COLUMNS: &[Column] =
            &[column("name", "name"), wide("value", "value"), column("place", "place")];
        let rows = self.program.ports.iter().map(|(_, it)| {
            vec![Cell::text(&it.name), Cell::List(texts(&it.matches)), self.place(it.span)]
        });
        ListTable { columns: COLUMNS, rows: rows.collect() }
    }

    /// Guardrails.
    pub(super) fn guardrails(&self) -> ListTable {
        const COLUMNS: &[Column] = &[
            wide("line", "line"),
            wide("holds", "holds"),
            column("holdsIn", "holds in").hidden(),
            wide("reason", "reason"),
            column("ticket", "ticket"),
            column("ticketUrl", "ticket address").hidden(),
            column("place", "place"),
        ];
        let openness = self.program.openness();
        let guardrails = self.program.guardrails.iter().zip(&openness.guardrails);
        let rows = guardrails
            .filter(|(it, _)| self.touches(&it.left) || self.touches(&it.right))
            .map(|(it, holding)| {
                let names = texts(self.program.names_of(&holding.holds_in));
                let shown = match holding.held {
                    Held::InPart => format!("{holding}: {}", names.join(", ")),
                    Held::Everywhere | Held::Nowhere | Held::OnLines => holding.to_string(),
                };
                vec![
                    Cell::text(&it.line),
                    Cell::Text(shown),
                    Cell::List(names),
                    Cell::written(it.because.as_deref()),
                    Cell::written(it.ticket.as_deref()),
                    self.link(it.ticket.as_deref()),
                    self.place(it.span),
                ]
            });
        ListTable { columns: COLUMNS, rows: rows.collect() }
    }

    /// Lines that cross a boundary.
    pub(super) fn crossings(&self) -> Result<ListTable, TooMany> {
        const COLUMNS: &[Column] = &[
            column("owner", "owner").hidden(),
            wide("line", "line"),
            column("sender", "sender").hidden(),
            column("receiver", "receiver").hidden(),
            column("traffic", "traffic").hidden(),
            column("otherHalf", "other half"),
            wide("reason", "reason"),
            column("ticket", "ticket"),
            column("ticketUrl", "ticket address").hidden(),
            column("lastDay", "last day"),
            column("daysLeft", "days left").hidden(),
            column("place", "place"),
        ];
        let halves = if self.whole { other_halves(self.program)? } else { BTreeMap::new() };
        let flows = self.program.flows.iter().enumerate();
        let flows = flows
            .filter(|(_, it)| matches!(it.arrow, Arrow::Leaving | Arrow::Entering))
            .filter(|(_, it)| self.touches(&it.left) || self.touches(&it.right));
        let rows = flows.map(|(index, it)| self.crossing(it, halves.get(&index).copied()));
        Ok(ListTable { columns: COLUMNS, rows: rows.collect() })
    }

    fn crossing(&self, it: &Flow, half: Option<OtherHalf>) -> Vec<Cell> {
        let (left, right) = (it.left.text(self.program), it.right.text(self.program));
        let (sender, receiver) = match it.arrow {
            Arrow::Entering => (right, left),
            Arrow::Leaving | Arrow::Inside | Arrow::Both => (left, right),
        };
        let left = it.until.and_then(|until| self.today.until(until).ok());
        vec![
            Cell::text(self.program.owner_name(it.owner)),
            Cell::text(&it.line),
            Cell::Text(sender),
            Cell::Text(receiver),
            Cell::Text(it.traffic_text()),
            half.map_or(Cell::Nothing, |half| Cell::text(named(half))),
            Cell::written(it.because.as_deref()),
            Cell::written(it.ticket.as_deref()),
            self.link(it.ticket.as_deref()),
            it.until.map_or(Cell::Nothing, |it| Cell::LastDay(it, it < self.today)),
            left.map_or(Cell::Nothing, |it| Cell::Number(it.get_days().into())),
            self.place(it.spans.whole),
        ]
    }

    /// Whether `endpoint` may be in the landing zone that is asked about.
    fn touches(&self, endpoint: &Endpoint) -> bool {
        self.of.is_none()
            || match endpoint.place {
                Place::Zones { application, .. } => application.is_none() || application == self.of,
                Place::External(_) => false,
            }
    }

    fn link(&self, ticket: Option<&str>) -> Cell {
        let address = self.ticket_url.zip(ticket).map(|(url, ticket)| link(url, ticket));
        address.map_or(Cell::Nothing, Cell::Text)
    }

    fn place(&self, span: Span) -> Cell {
        let line = self.sources.position(span).line;
        Cell::Text(format!("{}:{line}", self.sources.path(span.file)))
    }
}

/// The words for the other half.
fn named(half: OtherHalf) -> &'static str {
    match half {
        OtherHalf::There => "there",
        OtherHalf::Partly => "partly",
        OtherHalf::Missing => "missing",
        OtherHalf::NotNeeded => "not needed",
        OtherHalf::Elsewhere => "elsewhere",
    }
}

fn texts<T: ToString>(items: impl IntoIterator<Item = T>) -> Vec<String> {
    items.into_iter().map(|it| it.to_string()).collect()
}
