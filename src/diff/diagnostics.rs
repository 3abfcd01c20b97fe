//! A difference as diagnostics, for what lists those: each change with its code, at the line that makes it.

use std::collections::BTreeMap;

use super::change::{
    Change, ChangeArrow, ChangeKind, ChangeSubject, ChangedLine, Diff, Effect, Moved, Reworded,
    Topic,
};
use crate::diagnostic::codes::review::{
    CLOSED, CROSSING_OPENED, EXTERNAL_OPENED, GUARD_WEAKENED, MOVED, OPENED, REWORDED,
};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{FileId, Sources, Span};
use crate::world::World;

/// What a difference of `old` and `new` comes to, in its own order, and the texts that the places lie in: those of the new
/// world, and of the old one where a line is gone.
pub fn diagnostics(diff: &Diff, old: &World, new: &World) -> (Vec<Diagnostic>, Sources) {
    let mut places = ChangePlaces { old, sources: new.sources.clone(), taken: BTreeMap::new() };
    let mut found = Vec::new();
    for section in &diff.sections {
        let changes = section.changes.iter();
        found.extend(changes.map(|it| places.place(it, diagnostic(it, section.topic))));
    }
    found.extend(diff.namespaces.iter().map(|it| places.moved(it)));
    found.extend(diff.longer.iter().chain(&diff.reworded).map(reworded));
    (found, places.sources)
}

/// Where diagnostics point to.
struct ChangePlaces<'w> {
    old: &'w World,
    sources: Sources,
    /// The files of the old world that were taken over, by what they are there.
    taken: BTreeMap<FileId, FileId>,
}

impl ChangePlaces<'_> {
    /// The place in the old world as one among all texts.
    fn of_old(&mut self, span: Span) -> Option<Span> {
        if let Some(file) = self.taken.get(&span.file) {
            return Some(Span { file: *file, ..span });
        }
        let file = self.old.sources.get(span.file)?;
        let here = self.sources.add(&*file.path, &*file.text);
        self.taken.insert(span.file, here);
        Some(Span { file: here, ..span })
    }

    /// Points to the lines of the change: first to those that are there, and to the old ones where none is.
    fn place(&mut self, change: &Change, mut diagnostic: Diagnostic) -> Diagnostic {
        let text = |line: &ChangedLine| match &line.because {
            Some(because) => format!("because \"{because}\""),
            None => String::new(),
        };
        let new = change.new.iter().flat_map(|it| &it.lines);
        for line in new {
            if let Some(span) = line.span {
                diagnostic = diagnostic.label(span, text(line));
            }
        }
        if diagnostic.labels.is_empty() {
            for line in change.old.iter().flat_map(|it| &it.lines) {
                if let Some(span) = line.span.and_then(|span| self.of_old(span)) {
                    diagnostic = diagnostic.label(span, "as it was");
                }
            }
        }
        change.notes.iter().fold(diagnostic, |diagnostic, note| diagnostic.help(note.as_str()))
    }

    fn moved(&mut self, moved: &Moved) -> Diagnostic {
        let diagnostic = Diagnostic::new(&MOVED, moved.text());
        let span = match (moved.to.is_some(), moved.span) {
            (true, span) => span,
            (false, span) => span.and_then(|span| self.of_old(span)),
        };
        let gains = moved.gains.iter().map(|it| it.text(true));
        let parts = gains.chain(moved.loses.iter().map(|it| it.text(false)));
        let diagnostic = match span {
            Some(span) => diagnostic.label(span, ""),
            None => diagnostic,
        };
        parts.fold(diagnostic, Diagnostic::help)
    }
}

/// What is said of a line that says something else of the same traffic.
fn reworded(it: &Reworded) -> Diagnostic {
    let (was, is) = it.clauses();
    let (code, what) = match (it.stays_longer(), it.crosses) {
        (true, true) => (&CROSSING_OPENED, "stays open longer"),
        (true, false) => (&OPENED, "stays open longer"),
        (false, _) => (&REWORDED, "same traffic, said otherwise"),
    };
    let found = Diagnostic::new(code, format!("{what}: `{}`", it.new.line));
    let found = match it.new.span {
        Some(span) => found.label(span, ""),
        None => found,
    };
    found.help(format!("was {was}")).help(format!("now {is}"))
}

/// What is said of a change.
fn diagnostic(change: &Change, topic: Topic) -> Diagnostic {
    let headline = change.headline();
    let message = match change.effect() {
        Some(effect) => format!("{}: `{headline}`, {effect}", change.change.word()),
        None => format!("{}: `{headline}`", change.change.word()),
    };
    Diagnostic::new(code(change, topic), message)
}

fn code(change: &Change, topic: Topic) -> Code {
    let less = matches!(change.change, ChangeKind::Narrowed | ChangeKind::Removed);
    match change.subject {
        ChangeSubject::Exemption | ChangeSubject::Flow if less => &CLOSED,
        ChangeSubject::Exemption => &GUARD_WEAKENED,
        // What holds more lets pass less.
        ChangeSubject::Guardrail | ChangeSubject::Deny => match change.change {
            ChangeKind::Added | ChangeKind::Widened => &CLOSED,
            ChangeKind::Changed | ChangeKind::Narrowed | ChangeKind::Removed => &GUARD_WEAKENED,
        },
        ChangeSubject::Flow if topic != Topic::Crossings => &OPENED,
        ChangeSubject::Flow if change.external.is_some() => &EXTERNAL_OPENED,
        ChangeSubject::Flow => &CROSSING_OPENED,
    }
}

impl Change {
    /// A change on one line: `a.web -> a.db : tcp/1 → tcp/1-2`.
    pub fn headline(&self) -> String {
        match (&self.old, &self.new) {
            (Some(old), Some(new)) if old.ends == new.ends => match (&old.traffic, &new.traffic) {
                (Some(was), Some(is)) if was != is => format!("{} : {was} → {is}", new.ends),
                (_, _) => new.text(),
            },
            (Some(old), Some(new)) => format!("{} → {}", old.text(), new.text()),
            (None, Some(version)) | (Some(version), None) => version.text(),
            (None, None) => String::new(),
        }
    }

    /// What comes of it today; nothing where that goes without saying.
    pub fn effect(&self) -> Option<String> {
        let quiet = matches!(self.effect, Some(Effect::Opens | Effect::Closes));
        if self.arrow == Some(ChangeArrow::Inside) && quiet {
            return None;
        }
        let other = || self.other.clone().unwrap_or_else(|| "the other side".to_owned());
        Some(match self.effect? {
            Effect::Opens if self.change == ChangeKind::Widened => "opens more".to_owned(),
            Effect::Closes if self.change == ChangeKind::Narrowed => "closes a part".to_owned(),
            Effect::Opens if self.other.is_none() => "opens".to_owned(),
            Effect::Opens => "opens (both halves are there)".to_owned(),
            Effect::Completes => format!("opens: completes what {} had", other()),
            Effect::OpensPartly => {
                format!("opens in part, and waits for {} with the rest", other())
            }
            Effect::Waits => format!("waits for {}", other()),
            Effect::Closes => "closes".to_owned(),
            Effect::WasWaiting => format!("nothing was open: {} had not taken it", other()),
            Effect::Latent => "nothing today: no namespace is there yet".to_owned(),
        })
    }
}

impl Moved {
    /// Where the namespaces go.
    pub fn text(&self) -> String {
        let names = self.namespaces.join(", ");
        let many = self.namespaces.len() > 1;
        let word = |one: &str, all: &str| if many { all.to_owned() } else { one.to_owned() };
        match (&self.from, &self.to) {
            (None, Some(to)) => format!("{names} {} {to}", word("joins", "join")),
            (Some(from), None) => format!("{names} {} {from}", word("leaves", "leave")),
            (Some(from), Some(to)) => {
                format!("{names} {} from {from} to {to}", word("goes", "go"))
            }
            (None, None) => names,
        }
    }

    /// As a sign in the margin.
    pub fn sign(&self) -> char {
        match (&self.from, &self.to) {
            (None, Some(_)) => '+',
            (Some(_), None) => '-',
            (Some(_), Some(_)) | (None, None) => '~',
        }
    }
}

impl Reworded {
    /// The clauses that differ, as they were and as they are.
    pub fn clauses(&self) -> (String, String) {
        let only =
            |line: &ChangedLine, other: &ChangedLine| {
                let mut words = Vec::new();
                if line.because != other.because {
                    words.push(line.because.as_ref().map_or_else(
                        || "without a reason".to_owned(),
                        |it| format!("because \"{it}\""),
                    ));
                }
                if line.ticket != other.ticket {
                    let ticket = line.ticket.as_ref();
                    words.push(ticket.map_or_else(
                        || "without a ticket".to_owned(),
                        |it| format!("ticket {it}"),
                    ));
                }
                if line.until != other.until {
                    let until = line.until.as_ref();
                    words.push(until.map_or_else(
                        || "without a last day".to_owned(),
                        |it| format!("until {it}"),
                    ));
                }
                words.join(" ")
            };
        (only(&self.old, &self.new), only(&self.new, &self.old))
    }
}
