//! `eastwest list`: what there is to write against, and the register of crossings, as a table, CSV or JSON.

mod cell;
mod links;
mod rows;

use serde::Serialize;
use serde_json::{Map, Value};

use self::rows::ListRequest;
use super::Status;
use super::args;
use super::args::{ListFormat, ListKind};
use super::console::Console;
use super::report::{ProjectReport, today};
use crate::diagnostic::Level;
use crate::diagnostic::nearest::nearest;
use crate::diagnostic::plural::plural;
use crate::diagnostic::visible::visible;
use crate::program::{Application, Id, Program};
use crate::project::failure::Failure;

#[derive(Serialize)]
struct ListDocument {
    format: &'static str,
    list: &'static str,
    errors: usize,
    rows: Vec<Map<String, Value>>,
}

/// Runs the command. Errors in the project do not keep the list from being printed; they are counted, and the
/// status says that something may be missing.
pub(crate) fn run(
    arguments: &args::ListArguments,
    console: &mut Console,
) -> Result<Status, Failure> {
    let judged = ProjectReport::read(&arguments.common(), false)?;
    let Some(program) = &judged.program else {
        judged.tell(console);
        return Ok(Status::Failed);
    };
    if judged.status() == Status::Failed {
        judged.tell(console);
        return Ok(Status::Failed);
    }
    let errors = judged.diagnostics.iter().filter(|it| it.level == Level::Error).count();
    let config = judged.project.config.as_ref();
    let asked = ListRequest {
        program,
        sources: &judged.project.sources,
        of: arguments.of.as_deref().map(|name| of(name, arguments.what, program)).transpose()?,
        today: arguments.as_of.unwrap_or_else(today),
        whole: errors == judged.expired(),
        ticket_url: config.and_then(|it| it.ticket_url.as_deref()),
    };
    let (name, table) = match arguments.what {
        ListKind::Zones => ("zones", asked.zones()),
        ListKind::Externals => ("externals", asked.externals()),
        ListKind::Ports => ("ports", asked.ports()),
        ListKind::Guardrails => ("guardrails", asked.guardrails()),
        ListKind::Crossings => ("crossings", asked.crossings()?),
    };
    match arguments.format {
        ListFormat::Text if table.rows.is_empty() => console.out(&format!("no {name}\n")),
        ListFormat::Text => console.out(&table.text()),
        ListFormat::Csv => console.out(&table.csv()),
        ListFormat::Json => console.json(&ListDocument {
            format: "eastwest/list/1",
            list: name,
            errors,
            rows: table.json(),
        }),
    }
    if errors == 0 {
        return Ok(Status::Yes);
    }
    let lack = if asked.whole { "" } else { ", so this list may lack something" };
    let errors = plural(errors, "error");
    console
        .err(&format!("the project has {errors}{lack}; to see why, run\n  {}\n", check(arguments)));
    Ok(Status::No)
}

/// The landing zone of this name.
fn of(name: &str, what: ListKind, program: &Program) -> Result<Id<Application>, Failure> {
    match what {
        ListKind::Zones | ListKind::Guardrails | ListKind::Crossings => {}
        ListKind::Externals | ListKind::Ports => {
            return Err(Failure::new("externals and ports are for every landing zone to use")
                .help("leave `--of` out; zones, guardrails and crossings can be listed of one landing zone"));
        }
    }
    let mut applications = program.applications.iter();
    if let Some((id, _)) = applications.find(|(_, it)| *it.name == *name) {
        return Ok(id);
    }
    let failure =
        Failure::new(format!("there is no landing zone `{}` in this project", visible(name)));
    let known = program.applications.iter().map(|(_, it)| &*it.name);
    Err(match nearest(name, known) {
        Some(near) => failure.help(format!("did you mean  --of {near} ?")),
        None => failure.help("eastwest list zones  shows which there are"),
    })
}

/// The command that tells of the errors of the same project on the same day.
fn check(arguments: &args::ListArguments) -> String {
    let mut words = vec!["eastwest check".to_owned()];
    words.extend(arguments.project.as_ref().map(|it| word(&it.to_string_lossy())));
    words.extend(
        arguments.config.as_ref().map(|it| format!("--config {}", word(&it.to_string_lossy()))),
    );
    words.extend(arguments.as_of.map(|it| format!("--as-of {it}")));
    words.join(" ")
}

/// A word as a shell takes it.
fn word(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./".contains(c);
    let text = visible(text);
    if text.chars().all(plain) {
        text.into_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}
