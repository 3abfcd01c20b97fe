//! Diagnostics as SARIF 2.1.0, the form in which GitHub's code scanning and many others take them.

mod result;
mod rule;
#[cfg(test)]
mod tests;
mod text;

use std::collections::BTreeMap;

use serde::Serialize;

use self::result::ResultSarif;
use self::rule::RuleSarif;
use self::text::SarifText;
use super::fingerprint::fingerprints;
use super::{Diagnostic, Level};
use crate::source::Sources;

/// So many results of a run GitHub takes, before it refuses the file.
const RESULTS: usize = 25_000;

/// A log with one run.
#[derive(Debug, Serialize)]
pub struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [SarifRun<'a>; 1],
}

impl Log<'_> {
    /// How many diagnostics are left out, since GitHub would refuse the file with them.
    pub fn left_out(&self) -> usize {
        let [run] = &self.runs;
        run.left_out
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifRun<'a> {
    tool: Tool,
    #[serde(skip_serializing_if = "Option::is_none")]
    invocations: Option<[Invocation; 1]>,
    column_kind: &'static str,
    results: Vec<ResultSarif<'a>>,
    #[serde(skip)]
    left_out: usize,
}

#[derive(Debug, Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    version: &'static str,
    semantic_version: &'static str,
    rules: Vec<RuleSarif>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    tool_execution_notifications: [Notification; 1],
}

#[derive(Debug, Serialize)]
struct Notification {
    level: &'static str,
    message: SarifText,
}

/// `diagnostics` as a log. With a baseline, `known` says of a fingerprint whether the baseline has it.
pub fn view<'a>(
    diagnostics: &'a [Diagnostic],
    sources: &'a Sources,
    known: Option<&dyn Fn(&str) -> bool>,
) -> Log<'a> {
    let fingerprints = fingerprints(diagnostics, sources);
    let mut shown: Vec<(&Diagnostic, String)> = diagnostics.iter().zip(fingerprints).collect();
    let left_out = shown.len().saturating_sub(RESULTS);
    if left_out > 0 {
        // What matters most stays.
        shown.sort_by_key(|(diagnostic, _)| diagnostic.level);
        shown.truncate(RESULTS);
    }
    let codes: BTreeMap<_, _> = shown.iter().map(|(it, _)| (it.code.code, it.code)).collect();
    let index: BTreeMap<_, _> = codes.keys().zip(0..).collect();
    let results = shown.into_iter().map(|(diagnostic, fingerprint)| {
        let rule = index.get(&diagnostic.code.code).copied().unwrap_or(0);
        result::view(diagnostic, rule, fingerprint, known, sources)
    });
    let results = results.collect();
    let version = env!("CARGO_PKG_VERSION");
    let rules = codes.values().map(|code| rule::view(code)).collect();
    let run = SarifRun {
        tool: Tool {
            driver: Driver { name: "eastwest", version, semantic_version: version, rules },
        },
        invocations: (left_out > 0).then(|| [cut(left_out)]),
        column_kind: "unicodeCodePoints",
        results,
        left_out,
    };
    Log {
        schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        version: "2.1.0",
        runs: [run],
    }
}

/// A notice that results are left out.
fn cut(left_out: usize) -> Invocation {
    let message = format!(
        "{left_out} more results are left out, the least severe: GitHub takes no more than {RESULTS} of a run"
    );
    Invocation {
        execution_successful: true,
        tool_execution_notifications: [Notification {
            level: level(Level::Warning),
            message: SarifText::new(&message),
        }],
    }
}

fn level(level: Level) -> &'static str {
    // SARIF has the same three words.
    level.name()
}
