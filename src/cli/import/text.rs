//! What an import says to people: the files, and whether they mean what the policies do.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use crate::cli::console::Console;
use crate::diagnostic::plural::plural;
use crate::diagnostic::visible::visible;
use crate::import::{Difference, Equal, ImportVerdict, Imported, Remark, comments};

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
        write_omissions(&mut text, &imported.remarks);
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
        let (unclosed, others): (Vec<_>, Vec<_>) =
            verdict.differences.iter().partition(|it| it.was_unclosed());
        for difference in others.iter().take(TOLD) {
            write_difference(&mut text, difference);
        }
        write_unclosed(&mut text, &unclosed);
        if let Some(more) = others.len().checked_sub(TOLD).filter(|it| *it > 0) {
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

/// How many rules no line says, or says in part, and why.
fn write_omissions(text: &mut String, remarks: &[Remark]) {
    let rules = |remarks: &[&Remark]| {
        let places: BTreeSet<_> = remarks.iter().map(|it| it.at).collect();
        plural(places.len(), "rule")
    };
    let mut by_reason: BTreeMap<(bool, &str), Vec<&Remark>> = BTreeMap::new();
    for remark in remarks {
        let reason = (remark.lines.is_some(), remark.why.as_str());
        by_reason.entry(reason).or_default().push(remark);
    }
    let all: Vec<_> = remarks.iter().collect();
    let _ = writeln!(text, "not imported, or in part  {}, named in comments", rules(&all));
    let mut reasons: Vec<_> = by_reason.into_iter().collect();
    reasons.sort_by_key(|((part, why), all)| (std::cmp::Reverse(all.len()), *part, *why));
    for ((part, why), all) in reasons.iter().take(TOLD) {
        let part = if *part { " (in part)" } else { "" };
        let _ = writeln!(text, "  {}{part}: {}", rules(all), visible(why));
    }
    if let Some(more) = reasons.len().checked_sub(TOLD).filter(|it| *it > 0) {
        let _ = writeln!(text, "  … and {}", plural(more, "more reason"));
    }
}

/// What was open because nobody closed it, as one.
fn write_unclosed(text: &mut String, unclosed: &[&Difference]) {
    let ways = unclosed.iter().map(|it| {
        let way = match (it.sends, it.receives) {
            (true, true) => "from and to",
            (true, false) => "from",
            (false, true | false) => "to",
        };
        format!("{way} {}", it.at.join(", "))
    });
    let ways: Vec<_> = ways.collect();
    if let Some(first) = unclosed.first() {
        let places: BTreeSet<_> = unclosed.iter().flat_map(|it| &it.at).collect();
        let count = plural(places.len(), "place");
        let _ = writeln!(
            text,
            "  less is open at {count} that no policy closed: {}",
            visible(&ways.join("; "))
        );
        let _ = writeln!(text, "    for example {}", visible(&first.example));
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
    if !difference.by.is_empty() {
        let _ = writeln!(text, "    {by} before by {}", visible(&difference.by.join(", ")));
    }
    let _ = writeln!(text, "    for example {}", visible(&difference.example));
}
