//! Diagnostics as workflow commands of GitHub Actions, which shows them beside the lines of a change: one line each, so
//! that no text of the input can end its own command or begin another.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::lines::lines;
use super::place::place;
use super::visible::visible;
use super::{Diagnostic, Level};
use crate::source::Sources;

/// So many annotations of each level GitHub shows for a step.
const SHOWN: usize = 10;

/// All of `diagnostics`, a line each, what matters most first: where GitHub does not show all, it shows the first.
pub fn render(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let mut text = String::new();
    for level in [Level::Error, Level::Warning, Level::Note] {
        if level == Level::Note {
            // Before the notes, so that it is itself among those that are shown.
            text.push_str(&more(diagnostics));
        }
        for diagnostic in diagnostics.iter().filter(|it| it.level == level) {
            text.push_str(&line(diagnostic, sources));
        }
    }
    text
}

/// One command.
fn line(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let mut line = format!("::{} ", command(diagnostic.level));
    if let Some(span) = diagnostic.primary() {
        let place = place(span, sources);
        let _ = write!(
            line,
            "file={},line={},endLine={},",
            property(&visible(place.file)),
            place.line,
            place.end_line
        );
        // GitHub takes columns only within one line.
        if place.line == place.end_line {
            let _ = write!(line, "col={},endColumn={},", place.column, place.end_column);
        }
    }
    let text = lines(diagnostic, sources);
    let _ = writeln!(line, "title={}::{}", property(diagnostic.code.code), data(&text));
    line
}

/// A line that says so where GitHub does not show all; empty where it does.
fn more(diagnostics: &[Diagnostic]) -> String {
    let many = |level| diagnostics.iter().filter(|it| it.level == level).count() > SHOWN;
    if ![Level::Error, Level::Warning, Level::Note].into_iter().any(many) {
        return String::new();
    }
    let text = format!(
        "GitHub shows {SHOWN} errors, {SHOWN} warnings and {SHOWN} notices of a step: all {} are in its log",
        diagnostics.len()
    );
    format!("::{} title=eastwest::{}\n", command(Level::Note), data(&text))
}

fn command(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "notice",
    }
}

/// `text` as the data of a command.
fn data(text: &str) -> Cow<'_, str> {
    escaped(text, &[('%', "%25"), ('\r', "%0D"), ('\n', "%0A")])
}

/// `text` as the value of a property of a command.
fn property(text: &str) -> Cow<'_, str> {
    escaped(text, &[('%', "%25"), ('\r', "%0D"), ('\n', "%0A"), (':', "%3A"), (',', "%2C")])
}

fn escaped<'a>(text: &'a str, codes: &[(char, &str)]) -> Cow<'a, str> {
    if !text.contains(|c| codes.iter().any(|(it, _)| *it == c)) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match codes.iter().find(|(it, _)| *it == c) {
            Some((_, code)) => escaped.push_str(code),
            None => escaped.push(c),
        }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests;
