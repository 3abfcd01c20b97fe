//! `eastwest audit`: problems in Calico YAML that anybody wrote.

use std::fmt::Write as _;
use std::path::Path;

use serde::Serialize;

use super::Status;
use super::args;
use super::args::FindingsFormat;
use super::baseline::Baseline;
use super::console::Console;
use super::platform::Findings;
use super::world::Read;
use crate::diagnostic::json::{self, DiagnosticJson};
use crate::diagnostic::plural::plural;
use crate::diagnostic::{Diagnostic, Level, text};
use crate::project::failure::Failure;

#[derive(Serialize)]
struct AuditDocument<'a> {
    format: &'static str,
    release: String,
    diagnostics: Vec<DiagnosticJson<'a>>,
    audited: Audited,
    /// How many findings the baseline knows, and how many of it are there no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<KnownFindings>,
}

/// What became of a baseline.
#[derive(Clone, Copy, Serialize)]
struct KnownFindings {
    known: usize,
    gone: usize,
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
    let read = Read::what_can_be(&arguments.paths, &arguments.foreign, "audit", console)?;
    let Some((mut read, unread)) = read else { return Ok(Status::Failed) };
    let failed = !unread.is_empty();
    read.world = read.world.with_all_admitted();
    if !failed {
        read.holds_something("audit")?;
    }
    let found = crate::audit::audit(&read.world, &read.settings)?;
    let mut found: Vec<Diagnostic> =
        read.diagnostics.iter().cloned().chain(found.into_iter().map(|it| it.diagnostic)).collect();
    found.retain_mut(|it| read.settings.lints.apply(it));
    found.extend(unread);
    found.sort_by_key(|it| (it.primary().is_none(), it.primary(), it.code.code));
    let audited = Audited {
        policies: read.world.policies().count(),
        namespaces: read.world.program.namespaces.iter().count(),
        landing_zones: read.world.program.applications.iter().count(),
    };
    let sources = &read.world.sources;
    let baseline = Baseline::named(&arguments.kept, &found, sources)?;
    if let Some(platform) = arguments.format.platform() {
        let baseline = baseline.as_ref();
        Findings { diagnostics: &found, sources, folder: Path::new("."), baseline }
            .print(platform, console);
    }
    let split = baseline.map(|it| it.split(std::mem::take(&mut found), sources));
    let (shown, known) = match split {
        Some(split) => {
            let known = KnownFindings { known: split.known.len(), gone: split.gone };
            let words = split.summary();
            (split.new, Some((known, words)))
        }
        None => (found, None),
    };
    let matters = shown.iter().any(|it| it.level != Level::Note);
    let words = known.as_ref().map_or("", |(_, words)| words);
    match arguments.format {
        FindingsFormat::Text => console.out(&text_of(&shown, &read, &audited, words)),
        FindingsFormat::Json => console.json(&AuditDocument {
            format: "eastwest/audit/1",
            release: read.world.release.to_string(),
            diagnostics: shown.iter().map(|it| json::view(it, sources)).collect(),
            audited,
            baseline: known.map(|(known, _)| known),
        }),
        FindingsFormat::Short
        | FindingsFormat::Sarif
        | FindingsFormat::Github
        | FindingsFormat::Gitlab => {
            console.err(&summary(&shown, &audited, words));
        }
    }
    Ok(match (failed, matters) {
        (true, _) => Status::Failed,
        (false, true) => Status::No,
        (false, false) => Status::Yes,
    })
}

/// The findings as people read them, and how many there are.
fn text_of(found: &[Diagnostic], read: &Read, audited: &Audited, known: &str) -> String {
    let mut out = String::new();
    for diagnostic in found {
        let _ = writeln!(out, "{}", text::render(diagnostic, &read.world.sources, true));
    }
    out + &summary(found, audited, known)
}

/// How many findings there are, and in what.
fn summary(found: &[Diagnostic], audited: &Audited, known: &str) -> String {
    let policies = plural(audited.policies, "policy");
    let namespaces = plural(audited.namespaces, "namespace");
    let counts: Vec<_> = [Level::Error, Level::Warning, Level::Note]
        .into_iter()
        .map(|level| (level, found.iter().filter(|it| it.level == level).count()))
        .filter(|(_, count)| *count > 0)
        .map(|(level, count)| plural(count, level.name()))
        .collect();
    if counts.is_empty() {
        format!("clean  {policies}, {namespaces}\n{known}")
    } else {
        format!("found  {} in {policies}, {namespaces}\n{known}", counts.join(", "))
    }
}
