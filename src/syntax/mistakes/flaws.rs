//! Words for what the lexer could not read.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::syntax as codes;
use crate::source::Span;
use crate::syntax::invisible;
use crate::syntax::lexer::{Flaw, LexicalProblem};
use crate::syntax::token::{Text, Token};

/// The words for `flaw`, on the line `tokens` (none in a comment).
pub(crate) fn explain(file: Text<'_>, tokens: &[Token], flaw: Flaw) -> Diagnostic {
    let span = flaw.span;
    let text = file.at(span);
    match flaw.problem {
        LexicalProblem::Invisible(c) => {
            let found = Diagnostic::at(&codes::INVISIBLE, span, format!("{} cannot be seen, so it is refused", invisible::name(c)));
            if c.is_control() {
                found.help("delete it")
            } else {
                found.help("delete it").fix("delete it", span, "")
            }
        }
        LexicalProblem::InvisibleEscape(c) => Diagnostic::at(&codes::INVISIBLE, span, format!("this escape makes {}, which cannot be seen", invisible::name(c)))
        .help("leave it out: of the control characters, only \\n and \\t may be written"),
        LexicalProblem::Space(c) => Diagnostic::at(&codes::STRAY, span, format!("{} stands where a plain space belongs", invisible::name(c)))
        .help("write a plain space")
        .fix("write a space", span, " "),
        LexicalProblem::Stray(c) => stray(text, c).label(span, ""),
        LexicalProblem::Dash => dash(file, span),
        LexicalProblem::OpenString => Diagnostic::new(&codes::UNCLOSED, "this text is never closed")
            .label(span, "a text ends on the line on which it begins")
            .help("write `\"` where it ends; `\\n` stands for a line break"),
        LexicalProblem::OpenSelector => Diagnostic::new(&codes::UNCLOSED, "this `[` is never closed")
            .label(span, "the selector begins here")
            .help("write `]` where the selector ends"),
        LexicalProblem::OpenQuote => {
            Diagnostic::new(&codes::UNCLOSED, "this quote in the selector is never closed")
                .label(span, "opened here")
                .help(format!("write `{text}` where the value ends"))
        }
        LexicalProblem::Escape => {
            Diagnostic::at(&codes::ESCAPE, span, format!("`{text}` is not an escape of the language"))
                .help("the escapes are \\\" \\\\ \\n \\t and \\u{…}; a backslash is written \\\\")
        }
        LexicalProblem::Quotes => quotes(text, span),
        LexicalProblem::Comment => {
            let found = Diagnostic::at(&codes::STRAY, span, "a comment begins with `#`");
            let mark = Span { end: span.start + 2, ..span };
            if text.starts_with("//") {
                found.help("write `#` for `//`").fix("write `#`", mark, "#")
            } else {
                found.help("write `#` at the start of the comment, on each of its lines")
            }
        }
        LexicalProblem::Semicolon => {
            let found = Diagnostic::new(&codes::STRAY, "a statement ends with its line, without `;`");
            if tokens.last().is_some_and(|last| last.span == span) {
                found.label(span, "").help("delete the `;`").fix("delete the `;`", span, "")
            } else {
                found.label(span, "").help("write each statement on a line of its own")
            }
        }
        LexicalProblem::Backslash => Diagnostic::at(&codes::STRAY, span, "a line goes on without `\\`")
            .help(
                "delete it: a line goes on after `,` `:` `{` `[` `=` or `->`, and before `because`, `until`, `ticket` \
                 and `except`",
            )
            .fix("delete the `\\`", span, ""),
    }
}

fn stray(text: &str, c: char) -> Diagnostic {
    if c.is_alphanumeric() {
        return Diagnostic::new(&codes::STRAY, format!("no name can have `{text}` in it")).help(
            "names are ASCII letters, digits, `_` and inner `-`, as the values of Kubernetes labels are",
        );
    }
    let found = Diagnostic::new(&codes::STRAY, format!("`{c}` has no meaning here"));
    match c {
        ']' => found.help("it closes no `[`"),
        '(' | ')' | '!' | '&' | '|' => found.help(
            "a pod selector stands in brackets after a place:  application.zone[app == 'api']",
        ),
        _ => found.help("a name with other characters is quoted:  \"my.app\".frontend"),
    }
}

fn dash(text: Text<'_>, span: Span) -> Diagnostic {
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '"');
    let before = text.0.get(..span.start as usize).is_some_and(|it| it.ends_with(part));
    let after = text.0.get(span.end as usize..).is_some_and(|it| it.starts_with(part));
    if before || after {
        let side = if before { "end in" } else { "begin with" };
        Diagnostic::at(&codes::STRAY, span, format!("a word cannot {side} `-`"))
            .help("inside a word it may stand; a range has two ends:  tcp/8000-8080")
    } else {
        Diagnostic::at(&codes::ARROW, span, "`-` is not an arrow")
            .help("write `->` inside a landing zone, `==>` or `<==` across its boundary")
    }
}

fn quotes(text: &str, span: Span) -> Diagnostic {
    let found = Diagnostic::at(&codes::QUOTES, span, "the language's quotes are `\"`");
    let mut inner = text.chars();
    let ends = (inner.next(), inner.next_back());
    let inner = inner.as_str();
    let hidden = |c: char| matches!(c, '"' | '\\') || invisible::is_refused(c);
    if ends.1.is_none() || inner.is_empty() || inner.contains(hidden) {
        found.help("write \"…\"")
    } else {
        found.help(format!("write \"{inner}\"")).fix(
            format!("write \"{inner}\""),
            span,
            format!("\"{inner}\""),
        )
    }
}
