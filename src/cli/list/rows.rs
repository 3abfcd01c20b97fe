//! The rows of each list. Every cell is text; an empty one says that nothing was written.

use jiff::civil::Date;

use crate::program::{Arrow, ExternalValue, Program};
use crate::source::{Sources, Span};

/// A list.
pub(super) struct Table {
    pub(super) columns: &'static [&'static str],
    pub(super) rows: Vec<Vec<String>>,
}

/// Declared namespaces.
pub(super) fn zones(program: &Program, sources: &Sources) -> Table {
    let row = |it: &crate::program::Namespace| {
        let application = it.application.and_then(|id| program.applications.get(id));
        let zone = it.zone.and_then(|id| program.zones.get(id));
        vec![
            application.map_or_else(String::new, |it| it.name.to_string()),
            zone.map_or_else(String::new, |it| it.name.to_string()),
            it.name.to_string(),
            if it.exempt { "yes" } else { "no" }.to_owned(),
            place(sources, it.span),
        ]
    };
    let mut rows: Vec<_> = program.namespaces.iter().map(|(_, it)| row(it)).collect();
    rows.sort();
    Table { columns: &["application", "zone", "namespace", "exempt", "place"], rows }
}

/// Declared externals.
pub(super) fn externals(program: &Program, sources: &Sources) -> Table {
    let value = |value: &ExternalValue| match value {
        ExternalValue::Addresses(nets) => joined(nets),
        ExternalValue::Namespace { name, selector: None } => format!("namespace {name}"),
        ExternalValue::Namespace { name, selector: Some(selector) } => {
            format!("namespace {name}[{selector}]")
        }
        ExternalValue::Service { namespace, name } => format!("service {namespace}/{name}"),
    };
    let rows = program.externals.iter();
    let rows =
        rows.map(|(_, it)| vec![it.name.to_string(), value(&it.value), place(sources, it.span)]);
    Table { columns: &["name", "value", "place"], rows: rows.collect() }
}

/// Declared names of ports.
pub(super) fn ports(program: &Program, sources: &Sources) -> Table {
    let rows = program.ports.iter();
    let rows =
        rows.map(|(_, it)| vec![it.name.to_string(), joined(&it.matches), place(sources, it.span)]);
    Table { columns: &["name", "value", "place"], rows: rows.collect() }
}

/// Guardrails.
pub(super) fn guardrails(program: &Program, sources: &Sources) -> Table {
    let rows = program.guardrails.iter().map(|it| {
        vec![
            it.line.to_string(),
            or_empty(it.because.as_deref()),
            or_empty(it.ticket.as_deref()),
            place(sources, it.span),
        ]
    });
    Table { columns: &["line", "reason", "ticket", "place"], rows: rows.collect() }
}

/// Lines that cross a boundary; days are counted from `today`.
pub(super) fn crossings(program: &Program, sources: &Sources, today: Date) -> Table {
    let crosses = |arrow| matches!(arrow, Arrow::Leaving | Arrow::Entering);
    let rows = program.flows.iter().filter(|it| crosses(it.arrow)).map(|it| {
        let left = it.until.and_then(|until| today.until(until).ok()).map(|it| it.get_days());
        vec![
            program.owner_name(it.owner).to_owned(),
            it.line.to_string(),
            or_empty(it.because.as_deref()),
            or_empty(it.ticket.as_deref()),
            it.until.map_or_else(String::new, |it| it.to_string()),
            left.map_or_else(String::new, |it| it.to_string()),
            place(sources, it.spans.whole),
        ]
    });
    Table {
        columns: &["owner", "line", "reason", "ticket", "last day", "days left", "place"],
        rows: rows.collect(),
    }
}

fn place(sources: &Sources, span: Span) -> String {
    format!("{}:{}", sources.path(span.file), sources.position(span).line)
}

fn or_empty(text: Option<&str>) -> String {
    text.unwrap_or_default().to_owned()
}

fn joined<T: ToString>(items: &[T]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
