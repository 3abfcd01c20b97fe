//! Words for statements whose lines hide what they say.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::syntax as codes;
use crate::source::Span;
use crate::syntax::lines::{LineFault, Lines};
use crate::syntax::tree::Statement;

/// The words for `fault` in the lines of `statement`.
pub(crate) fn explain(lines: Lines<'_>, statement: &Statement, fault: LineFault) -> Diagnostic {
    let span = |at: usize| lines.tokens.get(at).map_or(statement.span(), |token| token.span);
    let above = |text: String| format!("{}{text}", lines.comments());
    match fault {
        LineFault::Sides(at) => {
            let (what, word) = if let Statement::Forbid(forbid) = statement {
                ("guardrail", if forbid.crossing.value { "its arrow" } else { "`to`" })
            } else {
                ("crossing", "its arrow")
            };
            let message =
                format!("both sides of a {what} stand on one line, with {word} between them");
            let found = Diagnostic::new(&codes::SIDES, message);
            let found = if lines.text.at(span(at)).contains('\n') {
                found.label(span(at), "this takes several lines")
            } else {
                found.label(span(at), "the line ends here").label(span(at + 1), "and goes on here")
            };
            let joined = lines.joined();
            found.help(format!("write\n{joined}")).fix(
                "write it on one line",
                statement.span(),
                above(joined),
            )
        }
        LineFault::Comment(at, comment) => {
            Diagnostic::new(&codes::BETWEEN, "a comment stands between the lines of one statement")
                .label(comment, "a reader may stop here")
                .label(span(at + 1), "the statement goes on here")
                .help("write comments above the statement, or behind its last line")
                .fix(
                    "write the comments above the statement",
                    statement.span(),
                    above(lines.closed()),
                )
        }
        LineFault::Wide(run) => {
            let place = statement.span();
            Diagnostic::new(&codes::WIDE, "a long run of blanks stands in a statement")
                .label(run, "what follows may be out of sight")
                .help(format!("write\n{}", lines.narrow()))
                .fix(
                    "write one blank",
                    Span { start: place.start.min(run.start), ..place },
                    lines.narrow(),
                )
        }
        LineFault::Blank(at) => {
            let found = Diagnostic::new(
                &codes::BETWEEN,
                "a blank line stands between the lines of one statement",
            );
            let inside = lines.text.at(span(at)).contains('\n');
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
                above(lines.closed()),
            )
        }
    }
}
