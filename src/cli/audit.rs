//! `eastwest audit`: what a careful analyst finds in Calico YAML that anybody wrote.

use std::fmt::Write as _;

use serde::Serialize;

use super::Status;
use super::args;
use super::args::Format;
use super::console::Console;
use super::failure::Failure;
use super::report::plural;
use super::world::Read;
use crate::diagnostic::json::{self, DiagnosticJson};
use crate::diagnostic::{Diagnostic, Level, text};

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    release: String,
    diagnostics: Vec<DiagnosticJson<'a>>,
    audited: Audited,
}

/// What was looked at.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Audited {
    policies: usize,
    namespaces: usize,
    landing_zones: usize,
}

/// Runs the command.
pub(crate) fn run(arguments: &args::Audit, console: &mut Console) -> Result<Status, Failure> {
    let Some(read) = Read::policies(&arguments.paths, &arguments.foreign, console)? else {
        return Ok(Status::Failed);
    };
    let found = crate::audit::audit(&read.world, &read.settings)
        .map_err(|it| Failure::new(it.to_string()))?;
    let mut found: Vec<Diagnostic> =
        read.said.iter().cloned().chain(found.into_iter().map(|it| it.diagnostic)).collect();
    found.retain_mut(|it| read.settings.lints.apply(it));
    found.sort_by_key(|it| (it.primary().is_none(), it.primary(), it.code.code));
    let audited = Audited {
        policies: read.world.policies().count(),
        namespaces: read.world.program.namespaces.iter().count(),
        landing_zones: read.world.program.applications.iter().count(),
    };
    match arguments.format {
        Format::Text => console.out(&told(&found, &read, &audited)),
        Format::Json => console.json(&Document {
            format: "eastwest/audit/1",
            release: read.world.release.to_string(),
            diagnostics: found.iter().map(|it| json::view(it, &read.world.sources)).collect(),
            audited,
        }),
    }
    let matters = found.iter().any(|it| it.level != Level::Note);
    Ok(if matters { Status::No } else { Status::Yes })
}

/// The findings as people read them, and how many there are.
fn told(found: &[Diagnostic], read: &Read, audited: &Audited) -> String {
    let mut out = String::new();
    for diagnostic in found {
        let _ = writeln!(out, "{}", text::render(diagnostic, &read.world.sources, true));
    }
    let policies = plural(audited.policies, "policy");
    let namespaces = plural(audited.namespaces, "namespace");
    let counts: Vec<_> = [Level::Error, Level::Warning, Level::Note]
        .into_iter()
        .map(|level| (level, found.iter().filter(|it| it.level == level).count()))
        .filter(|(_, count)| *count > 0)
        .map(|(level, count)| plural(count, level.name()))
        .collect();
    let _ = if counts.is_empty() {
        writeln!(out, "clean  {policies}, {namespaces}")
    } else {
        writeln!(out, "found  {} in {policies}, {namespaces}", counts.join(", "))
    };
    out
}
