//! What a diagnostic says in plain lines, for formats that have one field of text for all of it.

use super::Diagnostic;
use super::visible::{visible, visible_lines};
use crate::source::{Sources, Span};

/// The message, the places with what they have to do with it, the help, the fix and the page of `diagnostic`: visible text
/// in lines, without a line break at the end.
pub(super) fn lines(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let mut lines = vec![visible(&diagnostic.message).into_owned()];
    for label in &diagnostic.labels {
        let at = at(label.span, sources);
        match visible(&label.text) {
            text if text.is_empty() => lines.push(at),
            text => lines.push(format!("{at}: {text}")),
        }
    }
    for help in &diagnostic.help {
        let help = visible_lines(help);
        lines.push(format!("help: {}", help.trim_end().replace('\n', "\n      ")));
    }
    if let Some(fix) = &diagnostic.fix {
        let places: Vec<_> = fix.edits.iter().map(|edit| at(edit.span, sources)).collect();
        lines.push(format!("fix: {} at {}", visible(&fix.title), places.join(" and ")));
    }
    lines.push(format!("more: eastwest explain {}", diagnostic.code.code));
    lines.join("\n")
}

/// `file:line:column`
fn at(span: Span, sources: &Sources) -> String {
    let position = sources.position(span);
    format!("{}:{}:{}", visible(sources.path(span.file)), position.line, position.column)
}
