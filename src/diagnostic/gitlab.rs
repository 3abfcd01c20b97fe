//! Diagnostics as the Code Quality report of GitLab, which shows them in merge requests. The form is fixed by
//! `docs/schemas/gitlab-code-quality.json`.

use serde::Serialize;

use super::fingerprint::fingerprints;
use super::lines::lines;
use super::{Diagnostic, Level};
use crate::source::Sources;

/// One entry of the report.
#[derive(Debug, Serialize)]
pub struct Issue<'a> {
    description: String,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: GitlabLocation<'a>,
}

#[derive(Debug, Serialize)]
struct GitlabLocation<'a> {
    path: &'a str,
    lines: LineRange,
}

#[derive(Debug, Serialize)]
struct LineRange {
    begin: usize,
}

/// All of `diagnostics`. GitLab wants a place for each: one that blames no file stands at the start of the first.
pub fn view<'a>(diagnostics: &[Diagnostic], sources: &'a Sources) -> Vec<Issue<'a>> {
    let first = sources.iter().next().map_or("", |(_, file)| &file.path);
    let known = fingerprints(diagnostics, sources);
    let issues = diagnostics.iter().zip(known).map(|(diagnostic, fingerprint)| {
        let (path, begin) = match diagnostic.primary() {
            Some(span) => (sources.path(span.file), sources.position(span).line),
            None => (first, 1),
        };
        Issue {
            description: lines(diagnostic, sources),
            check_name: diagnostic.code.code,
            fingerprint,
            severity: severity(diagnostic.level),
            location: GitlabLocation { path, lines: LineRange { begin } },
        }
    });
    issues.collect()
}

fn severity(level: Level) -> &'static str {
    match level {
        Level::Error => "major",
        Level::Warning => "minor",
        Level::Note => "info",
    }
}
