//! A difference for people at a terminal.

use std::fmt::Write;

use crate::diagnostic::visible::visible;
use crate::diff::{
    Change, ChangeKind, ChangePart, ChangedLine, Diff, Moved, Reworded, Section, Topic, Version,
};

/// What stands in a line on the left, and where it is written, on the right.
struct DiffRow {
    text: String,
    source: String,
}

impl DiffRow {
    fn new(text: impl Into<String>, source: impl Into<String>) -> Self {
        Self { text: text.into(), source: source.into() }
    }
}

/// `diff` as text.
pub fn render(diff: &Diff) -> String {
    format!("{}{}\n", body(diff), summary(diff))
}

/// The heading of lines whose last day is a later one, or is gone.
pub(super) const LONGER: &str = "Stays open longer";

/// The text without its last line.
pub(super) fn body(diff: &Diff) -> String {
    let mut text = String::new();
    if !diff.longer.is_empty() {
        text.push_str(LONGER);
        text.push('\n');
        text.push_str(&table(&diff.longer.iter().flat_map(reworded).collect::<Vec<_>>()));
        text.push('\n');
    }
    for section in &diff.sections {
        text.push_str(&title(section));
        let rows: Vec<_> = section.changes.iter().flat_map(change).collect();
        text.push_str(&table(&rows));
        text.push('\n');
    }
    if !diff.namespaces.is_empty() {
        text.push_str("Namespaces\n");
        text.push_str(&table(&diff.namespaces.iter().flat_map(moved).collect::<Vec<_>>()));
        text.push('\n');
    }
    if !diff.reworded.is_empty() {
        text.push_str("Reasons, tickets and dates\n");
        text.push_str(&table(&diff.reworded.iter().flat_map(reworded).collect::<Vec<_>>()));
        text.push('\n');
    }
    for note in &diff.notes {
        let _ = writeln!(text, "note: {}", visible(note));
    }
    text
}

/// What a section is about.
pub fn title(section: &Section) -> String {
    let title = heading(section);
    format!("{}\n", visible(&title))
}

/// The heading of a section.
pub(crate) fn heading(section: &Section) -> String {
    match (section.topic, &section.application) {
        (Topic::Crossings, _) => "Crosses a boundary".to_owned(),
        (Topic::Guardrails, _) => "Guardrails and exemptions".to_owned(),
        (Topic::Inside, Some(application)) => format!("Inside {application}"),
        (Topic::Inside, None) => "Inside a landing zone".to_owned(),
        (Topic::Others, _) => "Outside every landing zone".to_owned(),
    }
}

/// The last line: how many of what.
pub fn summary(diff: &Diff) -> String {
    let it = &diff.summary;
    let reworded = match diff.reworded.len() {
        0 => None,
        1 => Some("1 line has another reason, ticket or date".to_owned()),
        more => Some(format!("{more} lines have another reason, ticket or date")),
    };
    if diff.same {
        let what = if diff.crossings_alone { "what crosses a boundary" } else { "traffic" };
        let same = format!("No change in {what}");
        return std::iter::once(same).chain(reworded).collect::<Vec<_>>().join(" · ");
    }
    let kinds = [
        (it.added, ChangeKind::Added),
        (it.widened, ChangeKind::Widened),
        (it.changed, ChangeKind::Changed),
        (it.narrowed, ChangeKind::Narrowed),
        (it.removed, ChangeKind::Removed),
    ];
    let kinds: Vec<_> = kinds
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, kind)| format!("{count} {}", kind.word()))
        .collect();
    let flows = if kinds.is_empty() { "no change".to_owned() } else { kinds.join(", ") };
    let mut parts = vec![format!("Flows: {flows}")];
    match it.crossings {
        0 => {}
        1 => parts.push("1 crosses a boundary".to_owned()),
        more => parts.push(format!("{more} cross a boundary")),
    }
    let counted = [
        (it.externals, "new external", "new externals"),
        (
            it.guardrails,
            "change of guardrails and exemptions",
            "changes of guardrails and exemptions",
        ),
        (it.namespaces, "namespace in another zone", "namespaces in another zone"),
    ];
    match diff.longer.len() {
        0 => {}
        1 => parts.push("1 line stays open longer".to_owned()),
        more => parts.push(format!("{more} lines stay open longer")),
    }
    for (count, one, many) in counted.into_iter().filter(|(count, ..)| *count > 0) {
        parts.push(format!("{count} {}", if count == 1 { one } else { many }));
    }
    parts.extend(reworded);
    parts.join(" · ")
}

fn change(change: &Change) -> Vec<DiffRow> {
    let sign = change.change.sign();
    let mut rows = Vec::new();
    let mut head = format!("  {sign} {}", change.headline());
    if let Some(effect) = change.effect() {
        let _ = write!(head, "    {effect}");
    }
    rows.push(DiffRow::new(head, ""));
    for (mark, line) in lines(change) {
        let text = if line.line == change.headline() { clauses_of(line) } else { line_text(line) };
        match rows.first_mut() {
            // What the first row says already has its place there.
            Some(head) if text.is_empty() && head.source.is_empty() => {
                head.source.clone_from(&line.source);
            }
            Some(_) | None => rows.push(DiffRow::new(format!("      {mark}{text}"), &line.source)),
        }
    }
    for line in &change.meets {
        rows.push(DiffRow::new(format!("      meets {}", line_text(line)), &line.source));
    }
    rows.extend(change.notes.iter().map(|note| DiffRow::new(format!("      {note}"), "")));
    rows
}

/// The lines of a change, the old and the new side by side: those that are in both but once.
pub(crate) fn lines(change: &Change) -> Vec<(&'static str, &ChangedLine)> {
    fn of(version: Option<&Version>) -> &[ChangedLine] {
        version.map_or(&[], |it| &it.lines)
    }
    let (old, new) = (of(change.old.as_ref()), of(change.new.as_ref()));
    let both = change.old.is_some() && change.new.is_some();
    let kept = |line: &ChangedLine, others: &[ChangedLine]| {
        others.iter().any(|it| line_text(it) == line_text(line))
    };
    let mark = if both { "was  " } else { "" };
    let was = old.iter().filter(|line| !kept(line, new)).map(move |line| (mark, line));
    let is = new.iter().map(|line| (if both && !kept(line, old) { "now  " } else { "" }, line));
    was.chain(is).collect()
}

/// A line with its clauses.
pub fn line_text(line: &ChangedLine) -> String {
    let clauses = clauses_of(line);
    if clauses.is_empty() { line.line.clone() } else { format!("{} {clauses}", line.line) }
}

/// The clauses of a line.
pub fn clauses_of(line: &ChangedLine) -> String {
    let mut text = String::new();
    if let Some(because) = &line.because {
        let _ = write!(text, " because \"{}\"", because.replace('"', "\\\""));
    }
    if let Some(ticket) = &line.ticket {
        let _ = write!(text, " ticket {ticket}");
    }
    if let Some(until) = &line.until {
        let _ = write!(text, " until {until}");
    }
    text.trim_start().to_owned()
}

fn moved(moved: &Moved) -> Vec<DiffRow> {
    let (sign, text) = (moved.sign(), moved.text());
    let mut rows = vec![DiffRow::new(format!("  {sign} {text}"), &moved.source)];
    for (gained, parts) in [(true, &moved.gains), (false, &moved.loses)] {
        let row =
            |it: &ChangePart| DiffRow::new(format!("      {}", it.text(gained)), &it.line.source);
        rows.extend(parts.iter().map(row));
    }
    rows
}

fn reworded(it: &Reworded) -> Vec<DiffRow> {
    let (was, is) = it.clauses();
    vec![
        DiffRow::new(format!("    {}", it.new.line), &it.new.source),
        DiffRow::new(format!("      was {was}"), ""),
        DiffRow::new(format!("      now {is}"), ""),
    ]
}

/// Rows with their sources in one column, where they fit.
fn table(rows: &[DiffRow]) -> String {
    const WIDEST: usize = 76;
    let width = |row: &DiffRow| visible(&row.text).chars().count();
    let sourced = rows.iter().filter(|row| !row.source.is_empty());
    let column = sourced.map(width).filter(|it| *it <= WIDEST).max().unwrap_or(0);
    let mut text = String::new();
    for row in rows {
        let shown = visible(&row.text);
        if row.source.is_empty() {
            let _ = writeln!(text, "{shown}");
        } else {
            let gap = column.saturating_sub(width(row)) + 2;
            let _ = writeln!(text, "{shown}{:gap$}{}", "", visible(&row.source));
        }
    }
    text
}
