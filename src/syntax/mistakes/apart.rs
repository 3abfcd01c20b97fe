//! Words for statements whose lines hide what they say.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::syntax as codes;
use crate::source::Span;
use crate::syntax::apart::{Apart, Laid};
use crate::syntax::tree::Statement;

/// The words for what stands apart in `statement`.
pub(crate) fn explain(laid: Laid<'_>, statement: &Statement, apart: Apart) -> Diagnostic {
    let span = |at: usize| laid.tokens.get(at).map_or(statement.span(), |token| token.span);
    let above = |text: String| format!("{}{text}", laid.comments());
    match apart {
        Apart::Sides(at) => {
            let (what, word) = if let Statement::Forbid(forbid) = statement {
                ("guardrail", if forbid.crossing.value { "its arrow" } else { "`to`" })
            } else {
                ("crossing", "its arrow")
            };
            let message =
                format!("both sides of a {what} stand on one line, with {word} between them");
            let found = Diagnostic::new(&codes::SIDES, message);
            let found = if laid.text.at(span(at)).contains('\n') {
                found.label(span(at), "this takes several lines")
            } else {
                found.label(span(at), "the line ends here").label(span(at + 1), "and goes on here")
            };
            let joined = laid.joined();
            found.help(format!("write\n{joined}")).fix(
                "write it on one line",
                statement.span(),
                above(joined),
            )
        }
        Apart::Comment(at, comment) => {
            Diagnostic::new(&codes::BETWEEN, "a comment stands between the lines of one statement")
                .label(comment, "a reader may stop here")
                .label(span(at + 1), "the statement goes on here")
                .help("write comments above the statement, or behind its last line")
                .fix(
                    "write the comments above the statement",
                    statement.span(),
                    above(laid.closed()),
                )
        }
        Apart::Wide(run) => {
            let place = statement.span();
            Diagnostic::new(&codes::WIDE, "a long run of blanks stands in a statement")
                .label(run, "what follows may be out of sight")
                .help(format!("write\n{}", laid.narrow()))
                .fix(
                    "write one blank",
                    Span { start: place.start.min(run.start), ..place },
                    laid.narrow(),
                )
        }
        Apart::Blank(at) => {
            let found = Diagnostic::new(
                &codes::BETWEEN,
                "a blank line stands between the lines of one statement",
            );
            let inside = laid.text.at(span(at)).contains('\n');
            let found = if inside {
                found.label(span(at), "a blank line is in it")
            } else {
                found
                    .label(span(at), "a reader may stop here")
                    .label(span(at + 1), "the statement goes on here")
            };
            found.help("delete the blank line").fix(
                "delete what stands between the lines",
                statement.span(),
                above(laid.closed()),
            )
        }
    }
}
