//! `eastwest explain`: the page of a diagnostic, or the list of all of them.

use std::fmt::Write as _;

use serde::Serialize;

use super::Status;
use super::args;
use super::args::Format;
use super::console::Console;
use crate::diagnostic::nearest::nearest;
use crate::diagnostic::{Code, codes};
use crate::project::failure::Failure;

/// The groups of codes: their first four characters, and what they are about.
const GROUPS: &[(&str, &str)] = &[
    ("EW01", "The text of a flow file"),
    ("EW02", "Names that nothing declares"),
    ("EW03", "Arrows, boundaries, owners"),
    ("EW04", "Protocols and ports"),
    ("EW05", "The platform's statements"),
    ("EW06", "What lines say about each other"),
    ("EW07", "Namespace manifests"),
    ("EW08", "The project and its configuration"),
    ("EW09", "What cannot be written"),
    ("EW10", "Objects of a cluster"),
    ("EW11", "What an audit finds"),
    ("EW13", "What a review shows"),
];

#[derive(Serialize)]
struct ExplainDocument {
    format: &'static str,
    codes: Vec<CodeJson>,
}

#[derive(Serialize)]
struct CodeJson {
    code: &'static str,
    level: &'static str,
    lint: bool,
    summary: &'static str,
    page: &'static str,
}

/// Runs the command.
pub(crate) fn run(arguments: &args::Explain, console: &mut Console) -> Result<Status, Failure> {
    let chosen = match &arguments.code {
        Some(code) => vec![find(code)?],
        None => codes::all().collect(),
    };
    match (arguments.format, &arguments.code, chosen.as_slice()) {
        (Format::Json, _, _) => console.json(&ExplainDocument {
            format: "eastwest/explain/1",
            codes: chosen.iter().map(|code| json(code)).collect(),
        }),
        (Format::Text, Some(_), [code]) => console.out(&page(code)),
        (Format::Text, _, _) => console.out(&list(&chosen)),
    }
    Ok(Status::Yes)
}

fn find(code: &str) -> Result<Code, Failure> {
    codes::find(code).ok_or_else(|| {
        let failure = Failure::new(format!("there is no code `{code}`"));
        match nearest(code, codes::all().map(|code| code.code)) {
            Some(near) => {
                failure.help(format!("did you mean {near}? All codes:  eastwest explain"))
            }
            None => failure.help("all codes:  eastwest explain"),
        }
    })
}

fn json(code: Code) -> CodeJson {
    CodeJson {
        code: code.code,
        level: code.level.name(),
        lint: code.lint,
        summary: code.summary,
        page: code.page,
    }
}

/// The page, as Markdown reads without its marks.
fn page(code: Code) -> String {
    let mut text = String::new();
    let mut block = false;
    for line in code.page.lines() {
        if line.starts_with("```") {
            block = !block;
            continue;
        }
        let _ = if block {
            writeln!(text, "    {line}")
        } else if let Some(title) = line.strip_prefix("# ") {
            writeln!(text, "\u{1b}[1m{title}\u{1b}[0m")
        } else if let Some(title) = line.strip_prefix("## ") {
            writeln!(text, "\u{1b}[1;36m{title}\u{1b}[0m")
        } else {
            write!(text, "{}", wrapped(line))
        };
    }
    let level = code.level.name();
    let _ = if code.lint {
        writeln!(
            text,
            "\nA lint, by default a{} {level}. To set its level, write in eastwest.toml\n\n    [lints]\n    {} = \"off\"        # or \"error\", \"warning\", \"note\"",
            if level.starts_with('e') { "n" } else { "" },
            code.code
        )
    } else {
        writeln!(text, "\nAn error of the language: it cannot be switched off.")
    };
    text
}

/// `line` on lines of at most 100 characters, each with its break.
fn wrapped(line: &str) -> String {
    let mut text = String::new();
    let mut width = 0;
    for word in line.split(' ') {
        let length = word.chars().count();
        if width > 0 && width + 1 + length > 100 {
            text.push('\n');
            width = 0;
        } else if width > 0 {
            text.push(' ');
            width += 1;
        }
        text.push_str(word);
        width += length;
    }
    text.push('\n');
    text
}

/// The codes by group.
fn list(codes: &[Code]) -> String {
    let mut text = String::new();
    for (group, title) in GROUPS {
        let _ = writeln!(text, "\u{1b}[1m{title}\u{1b}[0m");
        for code in codes.iter().filter(|code| code.code.starts_with(group)) {
            let class = if code.lint { code.level.name() } else { "error" };
            let kind = if code.lint { "lint" } else { "" };
            let _ = writeln!(text, "  {}  {class:<8}{kind:<5} {}", code.code, code.summary);
        }
        text.push('\n');
    }
    text.push_str(
        "An error stays one. The level of a lint is set under [lints] in eastwest.toml.\n",
    );
    text.push_str("The page of a code:  eastwest explain EW0201\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_in_a_group_that_the_list_shows() {
        let all: Vec<_> = codes::all().collect();
        let list = list(&all);
        for code in all {
            assert!(list.contains(code.code), "{}", code.code);
            assert!(page(code).contains("What it means"));
        }
    }
}
