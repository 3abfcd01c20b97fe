//! A difference for the description of a pull request: the summary first and complete, the details folded, never more than a
//! forge takes. What flows say stands in blocks of code alone, where nothing of it can be markup.

use std::fmt::Write;

use crate::diagnostic::visible::visible;
use jiff::civil::Date;

use crate::diff::{Diff, Section};

use super::{diff_picture, diff_text};

/// So many bytes are written at most: what forges take of a comment, and a bit less.
pub const MOST: usize = 65_000;
/// So many bytes of it tell of objects that a cluster would not take as they are written.
const TOLD: usize = 4_000;
/// What the blocks around lists take, and what says that something was left out.
const AROUND: usize = 1_000;

/// `diff` as Markdown; `told` is what a cluster would not take as it is written, a line each: what is said of traffic holds with that.
pub fn render(diff: &Diff, told: &[String]) -> String {
    let sections = diff.sections.iter().flat_map(heads);
    let heads: Vec<String> = longer(diff).into_iter().chain(sections).chain(moved(diff)).collect();
    let picture = diff_picture::render(diff);
    let mut text = format!("### {}\n", diff_text::summary(diff));
    let fixed = text.len() + LEGEND.len() + picture.len() + AROUND;
    // The heads are the summary: the details give way to them.
    let room = MOST.saturating_sub(fixed);
    let list = cut(&heads, room, "changes");
    if !list.is_empty() {
        let _ = write!(text, "\n{}", block("diff", &list));
    }
    let told: Vec<_> = told.iter().map(|it| visible(it).into_owned()).collect();
    let told = cut(&told, room.saturating_sub(list.len()).min(TOLD), "warnings");
    if !told.is_empty() {
        let _ = write!(text, "\nTold of the objects on both sides:\n\n{}", block("text", &told));
    }
    text.push_str(&picture);
    let details = details(diff);
    let room = room.saturating_sub(list.len() + told.len());
    let list = cut(&details, room, "lines of details");
    // A detail or two that fit are worth no fold.
    if !details.is_empty() && (list.len() > AROUND / 2 || details.len() < 20) {
        let _ = write!(text, "\n<details><summary>Lines, reasons and places</summary>\n\n");
        let _ = write!(text, "{}\n</details>\n", block("text", &list));
    } else if !details.is_empty() {
        text.push_str("\nThere is no room for the details here: `eastwest diff` prints them.\n");
    }
    text.push_str(LEGEND);
    text
}

/// For those who have never seen the language.
const LEGEND: &str = "
<details><summary>How to read this</summary>

- Everything is closed unless a line opens it, and each line says the same to every reader: from where, to where, which traffic.
- `->` stays inside an application. `==>` leaves it and `<==` accepts what comes in: packets pass when both owners have written their half.
- The port is always the receiver's, on whichever side of the line it stands, and it is the pod's own, not a Service's.
- `forbid` wins over every line, `exempt` leaves a namespace out of all this, and `until` names the last day of a line.
- The first name of a line owns it, and its file is that owner's: a line with `*` is the platform's.

</details>
";

/// One line for each change.
fn heads(section: &Section) -> Vec<String> {
    let mut heads = vec![visible(&format!("@@ {} @@", diff_text::heading(section))).into_owned()];
    for change in &section.changes {
        let sign = match change.change.sign() {
            // What is both more and less is neither green nor red.
            '~' => '!',
            sign => sign,
        };
        let mut head = format!("{sign} {}", change.headline());
        if let Some(effect) = change.effect() {
            let _ = write!(head, "    {effect}");
        }
        heads.push(visible(&head).into_owned());
    }
    heads
}

fn longer(diff: &Diff) -> Vec<String> {
    let title = (!diff.longer.is_empty()).then(|| format!("@@ {} @@", diff_text::LONGER));
    let lines = diff.longer.iter().map(|it| {
        let day = |until: Option<Date>| {
            until.map_or_else(|| "no last day".to_owned(), |it| it.to_string())
        };
        let (was, is) = (day(it.old.until), day(it.new.until));
        visible(&format!("! {}    until {was} → {is}", it.new.line)).into_owned()
    });
    title.into_iter().chain(lines).collect()
}

fn moved(diff: &Diff) -> Vec<String> {
    let mut heads = Vec::new();
    if !diff.namespaces.is_empty() {
        heads.push("@@ Namespaces @@".to_owned());
    }
    for moved in &diff.namespaces {
        let (sign, text) = (moved.sign(), moved.text());
        let sign = if sign == '~' { '!' } else { sign };
        heads.push(visible(&format!("{sign} {text}")).into_owned());
    }
    heads
}

/// Everything that the text says but for its last line.
fn details(diff: &Diff) -> Vec<String> {
    let text = diff_text::body(diff);
    text.trim_end().lines().map(str::to_owned).collect()
}

/// `lines` in `room` bytes: the first ones and the last ones, and how many are left out between them.
fn cut(lines: &[String], room: usize, what: &str) -> String {
    let whole: usize = lines.iter().map(|line| line.len() + 1).sum();
    if whole <= room {
        return lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
    }
    let (mut first, mut last) = (Vec::new(), Vec::new());
    let (mut used, mut from, mut to) = (0, 0, lines.len());
    // Three lines of the beginning for each one of the end.
    while from < to {
        let at_end = (first.len() + last.len()) % 4 == 3;
        let next = if at_end { to - 1 } else { from };
        let Some(line) = lines.get(next) else { break };
        used += line.len() + 1;
        if used + 100 > room {
            break;
        }
        if at_end {
            last.push(line.as_str());
            to -= 1;
        } else {
            first.push(line.as_str());
            from += 1;
        }
    }
    let mut text: String = first.into_iter().flat_map(|line| [line, "\n"]).collect();
    let left = to - from;
    if room > 100 {
        let _ = writeln!(text, "… {left} more {what} are left out here: eastwest diff prints them");
    }
    text.extend(last.into_iter().rev().flat_map(|line| [line, "\n"]));
    text
}

/// A block of code, with a fence that `text` does not hold.
pub(super) fn block(language: &str, text: &str) -> String {
    let mut longest = 2;
    let mut run = 0;
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest + 1);
    let end = if text.ends_with('\n') { "" } else { "\n" };
    format!("{fence}{language}\n{text}{end}{fence}\n")
}
