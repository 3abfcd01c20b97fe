//! What an import says to people: the files, and whether they mean what the policies do.

use std::fmt::Write as _;
use std::path::Path;

use crate::cli::console::Console;
use crate::cli::report::plural;
use crate::diagnostic::visible::visible;
use crate::import::{Difference, Equal, Imported, Verdict};

/// So many differences of one owner are told.
const TOLD: usize = 10;

/// Prints the flow files, or that all files were written to `folder`, and the verdicts.
pub(crate) fn tell(
    folder: Option<&Path>,
    files: &[(String, String)],
    imported: &Imported,
    console: &mut Console,
) {
    let mut said = String::new();
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
        said.push('\n');
    }
    if !imported.remarks.is_empty() {
        let count = plural(imported.remarks.len(), "rule");
        let _ = writeln!(said, "not imported  {count}, named in comments");
    }
    let width = imported.verdicts.iter().map(|it| it.owner.len()).max().unwrap_or(0);
    for verdict in &imported.verdicts {
        let _ = writeln!(said, "{:width$}  {}", visible(&verdict.owner), word(verdict));
        for difference in verdict.differences.iter().take(TOLD) {
            told(&mut said, difference);
        }
        if let Some(more) = verdict.differences.len().checked_sub(TOLD).filter(|it| *it > 0) {
            let _ = writeln!(said, "  … and {}", plural(more, "more difference"));
        }
    }
    if folder.is_some() { console.out(&said) } else { console.err(&said) }
}

fn word(verdict: &Verdict) -> String {
    match verdict.verdict {
        Equal::Equivalent => "equivalent".to_owned(),
        Equal::EquivalentToday => "equivalent for the namespaces declared today".to_owned(),
        Equal::Differs => "differs".to_owned(),
    }
}

fn told(text: &mut String, difference: &Difference) {
    let (word, way, ends) = match (difference.more, difference.sends) {
        (true, true) => ("more", "from", "to"),
        (true, false) => ("more", "to", "from"),
        (false, true) => ("less", "from", "to"),
        (false, false) => ("less", "to", "from"),
    };
    let _ = writeln!(text, "  {word} is open {way} {}", visible(&difference.at.join(", ")));
    for part in &difference.parts {
        let some = if part.some { " (for some pods)" } else { "" };
        let places = part.places.join(", ");
        let _ = writeln!(text, "    {} {ends} {}{some}", visible(&part.traffic), visible(&places));
    }
    let _ = writeln!(text, "    for example {}", visible(&difference.example));
}
