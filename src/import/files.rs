//! The text of each owner's flow file.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use super::line::{ImportLine, united};
use super::{FoundLines, Importing, RefusedLines};
use crate::diagnostic::visible::visible;

/// The owner of the platform's files.
pub(super) const PLATFORM: &str = "platform";

/// The namespace that is exempt where the policies spare none: the language asks for one.
const SPARED: &str = "kube-system";

/// The texts, the platform's first, then the applications' by name.
pub(super) fn write(
    importing: &Importing<'_>,
    found: &FoundLines,
    refused: &RefusedLines,
) -> Vec<(String, String)> {
    let mut lines: BTreeMap<Option<Arc<str>>, Vec<ImportLine>> = BTreeMap::new();
    for (application, own) in &found.own {
        lines.entry(Some(Arc::clone(application))).or_default();
        for line in own {
            lines.entry(line.owner().cloned()).or_default().push(line.clone());
        }
    }
    for line in &found.others {
        lines.entry(line.owner().cloned()).or_default().push(line.clone());
    }
    let declares = !importing.externals.is_empty() || found.closed || !found.guardrails.is_empty();
    if declares {
        lines.entry(None).or_default();
    }
    let mut files = Vec::new();
    for (owner, lines) in lines {
        let mut text = String::new();
        if owner.is_none() {
            text.push_str(&declarations(importing));
            section(&mut text, found.guardrails.iter().map(ToString::to_string));
            section(&mut text, found.logs.then(|| "log denied".to_owned()).into_iter());
        }
        let mut lines = united(lines);
        lines.sort_by(|a, b| a.order().cmp(&b.order()));
        let (inside, crossing): (Vec<_>, Vec<_>) =
            lines.iter().map(ImportLine::tree).partition(|it| it.clauses.because.is_none());
        for group in [inside, crossing] {
            section(&mut text, group.iter().map(ToString::to_string));
        }
        let name = owner.as_ref().map_or(PLATFORM, |it| it);
        let remarks = importing.remarks.iter().filter(|it| it.owner == name);
        section(&mut text, super::remark::comments(remarks).into_iter());
        files.push((name.to_owned(), without(&text, name, refused)));
    }
    files
}

/// What only the platform's files say.
fn declarations(importing: &Importing<'_>) -> String {
    let mut text = String::new();
    let exempt = importing.known.exempt.iter();
    let mut names: Vec<_> = exempt.map(|it| crate::syntax::build::name(it)).collect();
    if names.is_empty() {
        names.push(crate::syntax::build::name(SPARED));
    }
    let span = crate::syntax::build::nowhere();
    let exempt = crate::syntax::tree::Exempt { namespaces: names, span };
    section(&mut text, [exempt.to_string()].into_iter());
    section(&mut text, importing.externals.statements().iter().map(ToString::to_string));
    text
}

/// Adds lines to `text`, after a blank one where there are others.
fn section(text: &mut String, lines: impl Iterator<Item = String>) {
    let mut lines = lines.peekable();
    if lines.peek().is_some() && !text.is_empty() {
        text.push('\n');
    }
    for line in lines {
        // Writing to a text cannot fail.
        let _ = writeln!(text, "{line}");
    }
}

/// `text` with comments for the statements that are refused.
fn without(text: &str, owner: &str, refused: &RefusedLines) -> String {
    let mut kept = String::new();
    for line in text.lines() {
        let why = refused.get(&(owner.to_owned(), line.to_owned()));
        let _ = match why {
            Some(why) => writeln!(kept, "# not taken ({}): {line}", visible(why)),
            None => writeln!(kept, "{line}"),
        };
    }
    kept
}
