//! `crossings.lock`: every opening across a boundary, and the settings that decide its meaning, as one text that changes if
//! and only if what has to be approved changes. It is made of the program, so that neither the files nor the form of a line
//! show in it.

mod closed;
mod opening;
mod settings;
mod statements;
mod united;

use std::collections::BTreeSet;

use self::opening::LockOpenings;
use crate::program::Program;

/// The name of the file.
pub const FILE: &str = "crossings.lock";

/// Its first line, by which it is known.
pub const FIRST_LINE: &str = "# Every opening across a boundary, and the settings that decide its meaning. Written by `eastwest lock`. Reviewed by the security team.";

/// The text of the lock of `program`, with the lines of `owners` alone; of all for `None`. The settings, and what those
/// lines rest on of the platform's statements, stand in each.
pub fn text(program: &Program, owners: Option<&[&str]>) -> String {
    let meant = |owner: &str| owners.is_none_or(|names| names.contains(&owner));
    let mut lines = vec![FIRST_LINE.to_owned()];
    lines.extend(settings::lines(program));
    lines.extend(closed::lines(program, meant));
    lines.extend(statements::lines(program, meant));
    for (heading, openings) in LockOpenings::of(program, meant).by_pair() {
        lines.push(String::new());
        lines.push(format!("# {heading}"));
        lines.extend(openings);
    }
    lines.push(String::new());
    lines.join("\n")
}

/// What is wrong with a lock file besides being out of date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// Two versions of it were put into one, with this line (from 1) as the first mark of that.
    Conflict(usize),
    /// It is none of ours.
    NotOurs,
}

/// What is wrong with `found`, the text of a lock file, as such.
pub fn broken(found: &str) -> Option<Broken> {
    const MARKS: [&str; 4] = ["<<<<<<<", "|||||||", "=======", ">>>>>>>"];
    let mark = |line: &str| MARKS.iter().any(|mark| line.starts_with(mark));
    if let Some(at) = found.lines().position(mark) {
        return Some(Broken::Conflict(at + 1));
    }
    let first = found.lines().next().unwrap_or_default();
    (first.trim_end() != FIRST_LINE).then_some(Broken::NotOurs)
}

/// The lines that differ between `found` and `wanted`: those that go, with `-` before them, and those that come, with `+`.
/// Headings and blank lines are left out.
pub fn differences(found: &str, wanted: &str) -> Vec<String> {
    let entries = |text: &str| -> BTreeSet<String> {
        let lines = text.lines().map(str::trim_end);
        let lines =
            lines.filter(|it| !it.is_empty() && (!it.starts_with('#') || it.starts_with("#!")));
        lines.map(str::to_owned).collect()
    };
    let (old, new) = (entries(found), entries(wanted));
    let gone = old.difference(&new).map(|line| (line, format!("- {line}")));
    let come = new.difference(&old).map(|line| (line, format!("+ {line}")));
    let mut all: Vec<_> = gone.chain(come).collect();
    all.sort();
    all.into_iter().map(|(_, text)| text).collect()
}
