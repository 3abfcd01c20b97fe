//! A small picture of a difference, in Mermaid: who opens what to whom, what crosses a boundary first.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::mermaid::quoted;
use crate::diff::{Change, ChangeKind, ChangeSubject, Diff};

/// So many arrows are drawn: with more, nobody would see anything.
const MOST: usize = 12;
/// So many characters of a name or of traffic are written.
const LONGEST: usize = 40;

/// A block of Mermaid; nothing where no flow changes.
pub(super) fn render(diff: &Diff) -> String {
    let changes = diff.sections.iter().flat_map(|section| &section.changes);
    let flows: Vec<_> = changes.filter(|change| change.subject == ChangeSubject::Flow).collect();
    if flows.is_empty() {
        return String::new();
    }
    let mut text = String::from("\n```mermaid\nflowchart LR\n");
    let mut nodes: BTreeMap<&str, usize> = BTreeMap::new();
    let mut edges = String::new();
    for change in flows.iter().take(MOST) {
        let ends = [&change.from, &change.to].map(|end| {
            let count = nodes.len();
            *nodes.entry(end).or_insert(count)
        });
        let [from, to] = ends;
        let (arrow, label) = (arrow(change), label(change));
        let _ = writeln!(edges, "  n{from} {arrow}|{label}| n{to}");
    }
    let mut named: Vec<_> = nodes.into_iter().collect();
    named.sort_by_key(|(_, number)| *number);
    for (name, number) in named {
        let _ = writeln!(text, "  n{number}[{}]", short(name));
    }
    text.push_str(&edges);
    text.push_str("```\n");
    if let Some(more) = flows.len().checked_sub(MOST).filter(|more| *more > 0) {
        let _ = writeln!(text, "\nThe picture leaves out {more} of {} changes.", flows.len());
    }
    text
}

/// Thick for what opens, dotted for what closes.
fn arrow(change: &Change) -> &'static str {
    match change.change {
        ChangeKind::Added | ChangeKind::Widened => "==>",
        ChangeKind::Changed => "-->",
        ChangeKind::Narrowed | ChangeKind::Removed => "-.->",
    }
}

fn label(change: &Change) -> String {
    let version = change.new.as_ref().or(change.old.as_ref());
    let traffic = version.and_then(|it| it.traffic.as_deref()).unwrap_or("its own ports");
    short(&format!("{} {traffic}", change.change.word()))
}

/// The beginning of `text`, in quotes.
fn short(text: &str) -> String {
    let mut chars = text.chars();
    let begin: String = chars.by_ref().take(LONGEST).collect();
    let rest = if chars.next().is_some() { "…" } else { "" };
    quoted(&format!("{begin}{rest}"))
}
