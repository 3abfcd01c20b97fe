//! What the platforms that run jobs take for commands in what a job prints, and how it is printed instead: the last
//! character of such a marker is spelt out, so that what is left is plain text to them and can still be read and copied.
//!
//! | marker | where | of |
//! |---|---|---|
//! | `::` | where a line begins, after blanks | GitHub Actions, Gitea, Forgejo |
//! | `##[`, `##vso[`, `##teamcity[` and any other word | anywhere | GitHub Actions, Azure Pipelines, `TeamCity` |
//! | `section_start:`, `section_end:` | anywhere | GitLab |
//! | `travis_fold:`, `travis_time:` | anywhere | Travis CI |
//! | `--- `, `+++ `, `~~~ `, `^^^ ` | where a line begins | Buildkite |
//!
//! A carriage return and an escape character, which some markers need and Jenkins' hidden notes are made of, are written
//! out as everything hidden is.

use std::borrow::Cow;

use super::visible::is_hidden;

/// How a character is spelt out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// `\u{5b}`, as everything hidden is shown. In a string of the flow language it means the character.
    Text,
    /// `\u005b`, which means the character to every reader of JSON.
    Json,
    /// `&#91;`, which means the character in SVG and in Graphviz.
    Markup,
}

/// Markers that a `:` completes.
const WORDS: [&str; 4] = ["section_start", "section_end", "travis_fold", "travis_time"];
/// Markers that a blank completes where a line begins.
const GROUPS: [&str; 4] = ["---", "+++", "~~~", "^^^"];

/// The part of a line that was looked at so far.
#[derive(Debug, Default)]
struct Scan {
    seen: String,
    /// Where its first character stands that is not blank.
    begin: Option<usize>,
}

impl Scan {
    /// Somewhere in a line that does not begin with what follows.
    fn inside() -> Self {
        Self { seen: " ".to_owned(), begin: Some(0) }
    }

    /// Goes on to `c`, and says whether it completes a marker.
    fn completes(&mut self, c: char) -> bool {
        let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let line = self.begin.and_then(|begin| self.seen.get(begin..)).unwrap_or_default();
        let found = match c {
            '[' => self.seen.trim_end_matches(word).ends_with("##"),
            ':' => line == ":" || WORDS.iter().any(|it| self.seen.ends_with(it)),
            ' ' | '\t' => GROUPS.contains(&line),
            _ => false,
        };
        if self.begin.is_none() && !c.is_whitespace() && !is_hidden(c) {
            self.begin = Some(self.seen.len());
        }
        self.seen.push(c);
        found
    }
}

/// The lines of `text` without a marker in any. In text and markup, everything hidden is written out as well; what stays is
/// the colours of ours.
pub fn harmless(text: &str, spelling: Spelling) -> Cow<'_, str> {
    if !suspicious(text) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for line in text.split_inclusive('\n') {
        if suspicious(line) {
            push(&mut shown, line, spelling, Scan::default());
        } else {
            shown.push_str(line);
        }
    }
    Cow::Owned(shown)
}

/// As [`harmless`], of lines that are commands of ours to GitHub: each is that command, and its data is none.
pub fn commands(text: &str) -> String {
    /// How GitHub's commands spell a line break.
    const BREAK: &str = "%0A";
    let mut shown = String::with_capacity(text.len() + 16);
    for line in text.split_inclusive('\n') {
        let (command, data) = match line.strip_prefix("::") {
            Some(data) => ("::", data),
            None => ("", line),
        };
        shown.push_str(command);
        let mut scan = if command.is_empty() { Scan::default() } else { Scan::inside() };
        for (index, part) in data.split(BREAK).enumerate() {
            shown.push_str(if index == 0 { "" } else { BREAK });
            push(&mut shown, part, Spelling::Text, std::mem::take(&mut scan));
        }
    }
    shown
}

/// Whether `text` may hold something that is not shown as it is. Most text does not.
fn suspicious(text: &str) -> bool {
    let (mut last, mut joined, mut wide) = (0, false, false);
    for byte in text.bytes() {
        let twice = byte == last && matches!(byte, b'#' | b':' | b'-' | b'+' | b'~' | b'^');
        if twice || byte.is_ascii_control() && byte != b'\n' {
            return true;
        }
        joined |= byte == b'_';
        wide |= !byte.is_ascii();
        last = byte;
    }
    joined && WORDS.iter().any(|it| text.contains(it)) || wide && text.chars().any(is_line_hidden)
}

fn is_line_hidden(c: char) -> bool {
    is_hidden(c) && c != '\n'
}

/// Appends a line, or the part of one that `scan` goes on with.
fn push(shown: &mut String, line: &str, spelling: Spelling, mut scan: Scan) {
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        if let Some(length) = colour(rest) {
            let (code, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
            shown.push_str(code);
            rest = after;
            continue;
        }
        let ends = matches!(rest, "\n" | "\r\n") || c == '\t';
        let hidden = spelling != Spelling::Json && is_hidden(c) && !ends && c != '\n';
        match (scan.completes(c) || hidden, spelling) {
            (false, _) => shown.push(c),
            (true, Spelling::Json) => shown.extend(["\\u", &format!("{:04x}", u32::from(c))]),
            (true, Spelling::Markup) if !hidden => {
                shown.extend(["&#", &u32::from(c).to_string(), ";"]);
            }
            (true, Spelling::Text | Spelling::Markup) => shown.extend(c.escape_unicode()),
        }
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
}

/// The length of the code at the start of `text` that sets colours, as ours do; `None` where there is none, or where it
/// would hide what follows.
fn colour(text: &str) -> Option<usize> {
    let (codes, _) = text.strip_prefix("\u{1b}[")?.split_once('m')?;
    let mut numbers = codes.split(';').map(str::parse::<u8>);
    while let Some(number) = numbers.next() {
        match number.ok()? {
            8 => return None,
            // One of 256 colours: 5 and its number follow.
            38 | 48 => numbers.next().zip(numbers.next()).map(drop)?,
            _ => {}
        }
    }
    Some(codes.len() + 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(of: &str) -> String {
        harmless(of, Spelling::Text).into_owned()
    }

    #[test]
    fn markers_are_broken_at_their_last_character() {
        assert_eq!(text("::error::x ::y"), r":\u{3a}error::x ::y");
        assert_eq!(text(" \t\u{a0}::error::x"), " \t\u{a0}:\\u{3a}error::x");
        assert_eq!(text("a\n::b"), "a\n:\\u{3a}b");
        assert_eq!(text(":::"), r":\u{3a}:");
        assert_eq!(text("x ##[group]y ###[z"), r"x ##\u{5b}group]y ###\u{5b}z");
        assert_eq!(text("##vso[a] ##teamcity[b"), r"##vso\u{5b}a] ##teamcity\u{5b}b");
        assert_eq!(text("## [a](b) #[c] ##a [b"), "## [a](b) #[c] ##a [b");
        assert_eq!(
            text("xsection_start:1:a\r\u{1b}[0Ky"),
            r"xsection_start\u{3a}1:a\u{d}\u{1b}[0Ky"
        );
        assert_eq!(text("travis_fold:start"), r"travis_fold\u{3a}start");
        assert_eq!(
            text("--- a\n  +++ b\n---\n--- \n----- c"),
            "---\\u{20}a\n  +++\\u{20}b\n---\n---\\u{20}\n----- c"
        );
        assert_eq!(text("a,b\r\nc\rd\r\n"), "a,b\r\nc\\u{d}d\r\n");
        assert_eq!(text("\u{200b}::x"), r"\u{200b}:\u{3a}x");
    }

    #[test]
    fn colours_of_ours_stay_and_hide_no_marker() {
        assert_eq!(text("\u{1b}[1;31mred\u{1b}[0m"), "\u{1b}[1;31mred\u{1b}[0m");
        assert_eq!(text("\u{1b}[38;5;8mgrey"), "\u{1b}[38;5;8mgrey");
        assert_eq!(text("\u{1b}[8mha:"), r"\u{1b}[8mha:");
        assert_eq!(text("\u{1b}[1m:\u{1b}[0m:x"), "\u{1b}[1m:\u{1b}[0m\\u{3a}x");
        assert_eq!(text("##\u{1b}[31m[x"), "##\u{1b}[31m\\u{5b}x");
        assert_eq!(text("\u{1b}[2Jx"), r"\u{1b}[2Jx");
    }

    #[test]
    fn json_and_markup_keep_their_meaning() {
        let json = harmless("{\"a\": \"##[x]\"}", Spelling::Json).into_owned();
        assert_eq!(json, r###"{"a": "##\u005bx]"}"###);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&json).unwrap()["a"], "##[x]");
        assert_eq!(harmless("<t>##[x]</t>", Spelling::Markup), "<t>##&#91;x]</t>");
    }

    #[test]
    fn commands_of_ours_stay_commands() {
        let given = "::error file=a##[b::x%0A::add-mask::y%0A  ::z ##[w]\n::warning ::b\nc\n::";
        let shown = "::error file=a##\\u{5b}b::x%0A:\\u{3a}add-mask::y%0A  :\\u{3a}z ##\\u{5b}w]\n::warning ::b\nc\n::";
        assert_eq!(commands(given), shown);
    }
}
