//! `eastwest list`: what there is to write against, and the register of crossings, as a table, CSV or JSON.

mod rows;

use std::collections::BTreeMap;

use serde::Serialize;

use self::rows::Table;
use super::Status;
use super::args;
use super::args::{ListFormat, What};
use super::console::Console;
use super::failure::Failure;
use super::report::{Judged, plural, today};
use crate::diagnostic::Level;
use crate::diagnostic::visible::one_line;

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    list: &'static str,
    errors: usize,
    rows: Vec<BTreeMap<&'static str, &'a str>>,
}

/// Runs the command. Errors in the project do not keep the list from being printed; they are counted, and the
/// status says that a line may be missing.
pub(crate) fn run(arguments: &args::List, console: &mut Console) -> Result<Status, Failure> {
    let judged = Judged::read(&arguments.common(), false)?;
    let Some(program) = &judged.program else {
        judged.tell(console);
        return Ok(Status::Failed);
    };
    let today = arguments.as_of.unwrap_or_else(today);
    let sources = &judged.project.sources;
    let (name, table) = match arguments.what {
        What::Zones => ("zones", rows::zones(program, sources)),
        What::Externals => ("externals", rows::externals(program, sources)),
        What::Ports => ("ports", rows::ports(program, sources)),
        What::Guardrails => ("guardrails", rows::guardrails(program, sources)),
        What::Crossings => ("crossings", rows::crossings(program, sources, today)),
    };
    let errors = judged.diagnostics.iter().filter(|it| it.level == Level::Error).count();
    match arguments.format {
        ListFormat::Text if table.rows.is_empty() => console.out(&format!("no {name}\n")),
        ListFormat::Text => console.out(&text(&table)),
        ListFormat::Csv => console.out(&csv(&table)),
        ListFormat::Json => console.json(&Document {
            format: "eastwest/list/1",
            list: name,
            errors,
            rows: table.rows.iter().map(|row| record(&table, row)).collect(),
        }),
    }
    if errors == 0 {
        return Ok(Status::Yes);
    }
    let errors = plural(errors, "error");
    console.err(&format!(
        "the project has {errors}, so lines may be missing here; to see why:  eastwest check\n"
    ));
    Ok(Status::No)
}

fn record<'a>(table: &Table, row: &'a [String]) -> BTreeMap<&'static str, &'a str> {
    table.columns.iter().copied().zip(row.iter().map(String::as_str)).collect()
}

/// A column as wide as its widest cell.
fn text(table: &Table) -> String {
    let shown: Vec<Vec<String>> =
        std::iter::once(table.columns.iter().map(|it| it.to_uppercase()).collect())
            .chain(table.rows.iter().map(|row| row.iter().cloned().map(one_line).collect()))
            .collect();
    let width = |column: usize| {
        shown.iter().filter_map(|row| row.get(column)).map(|it| it.chars().count()).max()
    };
    let widths: Vec<usize> = (0..table.columns.len()).map(|it| width(it).unwrap_or(0)).collect();
    let mut text = String::new();
    for row in &shown {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

fn csv(table: &Table) -> String {
    let header = table.columns.iter().map(|it| (*it).to_owned()).collect();
    let records = std::iter::once(&header).chain(&table.rows);
    let line = |row: &Vec<String>| row.iter().map(|it| cell(it)).collect::<Vec<_>>().join(",");
    records.map(|row| line(row) + "\r\n").collect()
}

/// A cell of RFC 4180. What a spreadsheet would take for a formula begins with an apostrophe.
fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text
}
