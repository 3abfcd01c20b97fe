//! Files that cannot be read as YAML: templates, and what is broken. They are told of once, with the way to read them.

use crate::diagnostic::codes::zones::{INVALID_YAML, YAML_LIMIT};
use crate::diagnostic::plural::plural;
use crate::diagnostic::{Diagnostic, Level};
use crate::source::{FileId, Sources, Span};

/// So many files are pointed at.
const SHOWN: usize = 5;
/// What only a template has.
const TEMPLATE: &str = "{{";

/// Takes from `diagnostics` what says that a file cannot be read, and what is wrong with templates that look like YAML; gives it as
/// one for the templates and one for the others. `command` is what reads them.
pub(super) fn taken(
    diagnostics: &mut Vec<Diagnostic>,
    sources: &Sources,
    command: &str,
) -> Vec<Diagnostic> {
    let unreadable = |it: &Diagnostic| {
        [INVALID_YAML.code, YAML_LIMIT.code].contains(&it.code.code) && it.level == Level::Error
    };
    let text = |file: FileId| sources.get(file).map_or("", |it| &it.text);
    let holds_template = |span: Span| sources.text(span).contains(TEMPLATE);
    let in_template = |it: &Diagnostic| it.primary().is_some_and(holds_template);
    let (unread, others): (Vec<_>, Vec<_>) =
        std::mem::take(diagnostics).into_iter().partition(|it| unreadable(it) || in_template(it));
    *diagnostics = others;
    let (templates, broken): (Vec<_>, Vec<_>) = unread
        .into_iter()
        .partition(|it| it.primary().is_some_and(|span| text(span.file).contains(TEMPLATE)));
    let templates =
        one(&templates, "cannot be read: it is a template", "cannot be read: they are templates");
    let templates = templates.map(|it| {
        it.help(format!(
            "render it first, and read what comes out:  helm template . | eastwest {command} -"
        ))
    });
    templates.into_iter().chain(one(&broken, "cannot be read", "cannot be read")).collect()
}

/// What `all` say, as one that points at the first place in each file.
fn one(all: &[Diagnostic], alone: &str, together: &str) -> Option<Diagnostic> {
    let mut places: Vec<(Span, &Diagnostic)> = Vec::new();
    for diagnostic in all {
        let Some(span) = diagnostic.primary() else { continue };
        if !places.iter().any(|(known, _)| known.file == span.file) {
            places.push((span, diagnostic));
        }
    }
    let (_, first) = *places.first()?;
    if let [_] = places.as_slice()
        && alone == together
    {
        return Some(first.clone());
    }
    let says = if places.len() == 1 { alone } else { together };
    let message = format!("{} {says}", plural(places.len(), "file"));
    let mut diagnostic = Diagnostic::new(&INVALID_YAML, message);
    for (span, why) in places.iter().take(SHOWN) {
        diagnostic = diagnostic.label(*span, why.message.clone());
    }
    match places.len().saturating_sub(SHOWN) {
        0 => Some(diagnostic),
        more => Some(diagnostic.help(format!("and {} more", plural(more, "file")))),
    }
}
