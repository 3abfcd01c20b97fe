//! What an import says to people: the files, and whether they mean what the policies do.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use crate::cli::console::Console;
use crate::diagnostic::plural::plural;
use crate::diagnostic::visible::visible;
use crate::import::{Difference, Equal, ImportVerdict, Imported, comments};

/// So many differences of one owner are told.
const TOLD: usize = 10;

/// Prints the flow files, or that all files were written to `folder`, and the verdicts.
pub(crate) fn tell(
    folder: Option<&Path>,
    files: &[(String, String)],
    imported: &Imported,
    console: &mut Console,
) {
    let mut text = String::new();
    if let Some(folder) = folder {
        for (path, _) in files {
            let path = folder.join(path).display().to_string();
            console.out(&format!("written   {}\n", visible(&path)));
        }
    } else {
        let flows =
            files.iter().filter(|(path, _)| Path::new(path).extension() == Some("flow".as_ref()));
        for (index, (path, text)) in flows.enumerate() {
            let gap = if index > 0 { "\n" } else { "" };
            console.out(&format!("{gap}# {}\n{text}", visible(path)));
        }
        text.push('\n');
    }
    if !imported.remarks.is_empty() {
        let rules: BTreeSet<_> = imported.remarks.iter().map(|it| it.at).collect();
        let count = plural(rules.len(), "rule");
        let _ = writeln!(text, "not imported  {count}, named in comments");
        // Where the platform has no file, its comments have no other place.
        if !imported.files.iter().any(|(owner, _)| owner == "platform") {
            let remarks = imported.remarks.iter().filter(|it| it.owner == "platform");
            for comment in comments(remarks) {
                let _ = writeln!(text, "{comment}");
            }
        }
    }
    let width = imported.verdicts.iter().map(|it| it.owner.len()).max().unwrap_or(0);
    for verdict in &imported.verdicts {
        let _ = writeln!(text, "{:width$}  {}", visible(&verdict.owner), word(verdict));
        for difference in verdict.differences.iter().take(TOLD) {
            write_difference(&mut text, difference);
        }
        if let Some(more) = verdict.differences.len().checked_sub(TOLD).filter(|it| *it > 0) {
            let _ = writeln!(text, "  … and {}", plural(more, "more difference"));
        }
        for later in &verdict.later_policies {
            let (word, at) = (if later.more { "more" } else { "less" }, later.at.join(", "));
            let _ =
                writeln!(text, "  policies that come later can open {word} in {}", visible(&at));
        }
    }
    for note in &imported.notes {
        let _ = writeln!(text, "note: {note}");
    }
    if folder.is_some() { console.out(&text) } else { console.err(&text) }
}

fn word(verdict: &ImportVerdict) -> String {
    match verdict.verdict {
        Equal::Equivalent => "equivalent".to_owned(),
        Equal::EquivalentToday => "equivalent for the namespaces declared today".to_owned(),
        Equal::Differs => "differs".to_owned(),
    }
}

fn write_difference(text: &mut String, difference: &Difference) {
    let (way, ends) = match (difference.sends, difference.receives) {
        (true, true) => ("from and to", "to and from"),
        (true, false) => ("from", "to"),
        (false, true | false) => ("to", "from"),
    };
    let (word, by, but) = if difference.more {
        ("more", "closed", "but for what was open before")
    } else {
        ("less", "open", "but for what lines open")
    };
    let _ = writeln!(text, "  {word} is open {way} {}", visible(&difference.at.join(", ")));
    for part in &difference.parts {
        let some = if part.some { " (some pods)" } else { "" };
        let places = match part.places.join(", ") {
            all if all == "everywhere" => all,
            places => format!("{ends} {places}"),
        };
        let _ = writeln!(text, "    {} {}{some}", visible(&part.traffic), visible(&places));
    }
    if difference.rough {
        let _ = writeln!(text, "    {but}");
    }
    if difference.by.is_empty() && !difference.more {
        let _ = writeln!(text, "    open before, as no policy closed it");
    }
    if !difference.by.is_empty() {
        let _ = writeln!(text, "    {by} before by {}", visible(&difference.by.join(", ")));
    }
    let _ = writeln!(text, "    for example {}", visible(&difference.example));
}
