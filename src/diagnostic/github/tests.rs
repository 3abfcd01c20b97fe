//! Whatever a diagnostic says, it is one command, and says just that.

use proptest::prelude::*;
use proptest::sample::select;

use super::super::codes::names::UNKNOWN_ZONE;
use super::super::lines::lines;
use super::super::visible::visible;
use super::*;
use crate::source::Span;

/// A command as the runner of GitHub Actions reads it.
#[derive(Debug, PartialEq)]
struct Command {
    name: String,
    properties: Vec<(String, String)>,
    data: String,
}

/// Reads a line as the runner does: the name to the first blank, the properties to the next `::`, apart at commas.
fn parse(line: &str) -> Command {
    let rest = line.trim_start().strip_prefix("::").expect("a command");
    let (head, data) = rest.split_once("::").expect("data");
    let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
    let undone = |text: &str, codes: &[(&str, &str)]| {
        codes.iter().fold(text.to_owned(), |text, (code, it)| text.replace(code, it))
    };
    let property = |text: &str| {
        let (key, value) = text.split_once('=').expect("a value");
        let codes = [("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")];
        (key.to_owned(), undone(value, &codes))
    };
    Command {
        name: name.to_owned(),
        properties: properties.split(',').map(property).collect(),
        data: undone(data, &[("%0D", "\r"), ("%0A", "\n"), ("%25", "%")]),
    }
}

/// What might be taken for something else.
const PIECES: &[&str] = &[
    "\n",
    "\r",
    "\r\n",
    "::",
    "::set-output name=x::y",
    "%0A",
    "%",
    "%25",
    "%250A",
    ",",
    ":",
    "=",
    "\u{1b}[31m",
    "\u{7}",
    "\u{202e}",
    "\u{2028}",
    "\u{85}",
    "\"",
    "'",
    "🦀",
    "é",
    " ",
    "\t",
    "a",
    "##[error]",
    "](",
    "line=1",
    "",
];

fn hostile() -> impl Strategy<Value = String> {
    proptest::collection::vec(select(PIECES), 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn one_line_that_says_all(
        [path, message, label, help, title] in [hostile(), hostile(), hostile(), hostile(), hostile()],
        text in "[a-c\n]{0,12}",
        (from, length) in (0u32..12, 0u32..12),
        placed: bool,
    ) {
        let mut sources = Sources::new();
        let file = sources.add(path.clone(), text);
        let mut diagnostic = Diagnostic::new(&UNKNOWN_ZONE, message).help(help);
        let span = Span::new(file, from, from + length);
        if placed {
            diagnostic = diagnostic.label(span, label).fix(title, span, "");
        }
        let said = render(std::slice::from_ref(&diagnostic), &sources);
        prop_assert_eq!(said.matches(['\n', '\r']).count(), 1, "{:?}", said);
        prop_assert!(said.ends_with('\n'));
        let command = parse(said.trim_end_matches('\n'));
        prop_assert_eq!(&command.name, "error");
        prop_assert_eq!(&command.data, &lines(&diagnostic, &sources));
        let of = |key: &str| command.properties.iter().find(|(it, _)| it == key).map(|(_, it)| &**it);
        prop_assert_eq!(of("title"), Some("EW0202"));
        let shown = visible(&path);
        prop_assert_eq!(of("file"), placed.then_some(&*shown));
        let keys: Vec<_> = command.properties.iter().map(|(key, _)| key.as_str()).collect();
        match (placed, of("line") == of("endLine")) {
            (false, _) => prop_assert_eq!(keys, ["title"]),
            (true, true) => prop_assert_eq!(keys, ["file", "line", "endLine", "col", "endColumn", "title"]),
            (true, false) => prop_assert_eq!(keys, ["file", "line", "endLine", "title"]),
        }
    }
}

/// Diagnostics of these levels, each with its number in the message.
fn of_levels(levels: &[Level]) -> String {
    let numbered = levels.iter().enumerate().map(|(index, level)| {
        let mut it = Diagnostic::new(&UNKNOWN_ZONE, format!("number {index}"));
        it.level = *level;
        it
    });
    render(&numbered.collect::<Vec<_>>(), &Sources::new())
}

#[test]
fn what_matters_most_comes_first() {
    use Level::{Error, Note, Warning};
    let said = of_levels(&[Note, Warning, Error, Note, Error]);
    let first: Vec<_> = said.lines().map(|line| line.split("%0A").next().unwrap()).collect();
    assert_eq!(
        first,
        [
            "::error title=EW0202::number 2",
            "::error title=EW0202::number 4",
            "::warning title=EW0202::number 1",
            "::notice title=EW0202::number 0",
            "::notice title=EW0202::number 3",
        ]
    );
}

#[test]
fn what_github_does_not_show_is_told() {
    assert_eq!(of_levels(&[Level::Warning; SHOWN]).lines().count(), SHOWN);
    let said = of_levels(&[[Level::Warning; SHOWN + 1], [Level::Note; SHOWN + 1]].concat());
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(lines.len(), 2 * (SHOWN + 1) + 1);
    assert_eq!(
        lines[SHOWN + 1],
        "::notice title=eastwest::GitHub shows 10 errors, 10 warnings and 10 notices of a step: all 22 are in its log"
    );
}
