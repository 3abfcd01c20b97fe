//! What became of statements, for people: those that hold in a line, the others with a connection that shows it and what decides.

use std::fmt::Write;

use super::Judged;
use crate::can::Met;
use crate::cli::can::text::{decided, quoted};
use crate::diagnostic::plural::plural;
use crate::diagnostic::visible::visible;
use crate::view::junit::{Case, CaseOutcome};

/// So many pairs of places are named.
const SHOWN: usize = 4;

/// All of `judged`, and how many hold.
pub(crate) fn statements(judged: &[Judged]) -> String {
    let mut out = String::new();
    for one in judged {
        let word = match one.found.result {
            Met::Met => "met",
            Met::NotMet => "not met",
            Met::Undecided => "undecided",
        };
        let place = place(one);
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{word:<9}  {}  {}", visible(&one.statement), visible(&place));
        for line in details(one) {
            let _ = writeln!(out, "  {}", visible(&line));
        }
    }
    let count = |result| judged.iter().filter(|it| it.found.result == result).count();
    let _ = write!(out, "tested     {}", plural(judged.len(), "statement"));
    for (result, word) in [(Met::NotMet, "not met"), (Met::Undecided, "undecided")] {
        let count = count(result);
        if count > 0 {
            let _ = write!(out, ", {count} {word}");
        }
    }
    out.push('\n');
    out
}

/// The statement as a case of a test report.
pub(crate) fn case(one: &Judged) -> Case {
    let full = || std::iter::once(place(one)).chain(details(one)).collect::<Vec<_>>().join("\n");
    let outcome = match one.found.result {
        Met::Met => CaseOutcome::Passed,
        Met::NotMet => CaseOutcome::Failed(short(one), full()),
        Met::Undecided => CaseOutcome::Undecided(short(one), full()),
    };
    Case { name: one.statement.clone(), line: one.line, place: place(one), outcome }
}

/// Where it stands.
fn place(one: &Judged) -> String {
    format!("{}:{}:{}", one.file, one.line, one.column)
}

/// What shows that `one` does not hold, or may not.
fn short(one: &Judged) -> String {
    let Some(example) = &one.found.example else {
        return one.found.notes.first().cloned().unwrap_or_default();
    };
    match (one.found.result, one.open) {
        (Met::Met, _) => String::new(),
        (Met::NotMet, true) => format!("closed: {example}"),
        (Met::NotMet, false) => format!("open: {example}"),
        (Met::Undecided, _) => format!("cannot be told: {example}"),
    }
}

fn details(one: &Judged) -> Vec<String> {
    let found = &one.found;
    let mut lines = Vec::new();
    if found.example.is_some() {
        lines.push(short(one));
    }
    let ends = [("leaving", &found.leaving, false), ("arriving", &found.arriving, true)];
    for (word, end, arriving) in ends {
        let Some(end) = end else { continue };
        let at = &end.at;
        let mut line = format!("{word:<8}  {at}  {}", decided(&end.part, at, arriving));
        let of_flow = |source: &String| end.part.flows.iter().any(|it| it.source == *source);
        if let Some(source) = end.part.source.as_ref().filter(|it| !of_flow(it)) {
            line.push_str("  ");
            line.push_str(source);
        }
        lines.push(line);
        for flow in &end.part.flows {
            lines.push(format!("{:<8}  {}  {}", "", quoted(flow), flow.source));
        }
    }
    if let Some(why) = &found.why {
        lines.push(format!("{:<8}  {why}", "why"));
    }
    if found.pairs.len() > 1 {
        let names = found.pairs.iter().skip(1).take(SHOWN);
        let names: Vec<_> = names.map(|[from, to]| format!("{from} to {to}")).collect();
        let more = match found.pairs.len().saturating_sub(SHOWN + 1) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        lines.push(format!("{:<8}  {}{more}", "also", names.join(", ")));
    }
    lines.extend(found.notes.iter().map(|note| format!("{:<8}  {note}", "note")));
    lines
}
