//! Words for what the lexer could not read.

use super::Line;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::syntax as codes;
use crate::source::Span;
use crate::syntax::invisible;
use crate::syntax::lexer::{Flaw, Problem};
use crate::syntax::token::Kind;

/// The words for `flaw`.
pub(super) fn explain(line: &Line<'_>, flaw: Flaw) -> Diagnostic {
    let span = flaw.span;
    let text = line.text.at(span);
    match flaw.problem {
        Problem::Invisible(c) => {
            let found = Diagnostic::new(
                &codes::INVISIBLE,
                format!("{} cannot be seen, so it is refused", invisible::name(c)),
            )
            .label(span, "");
            if c.is_control() {
                found.help("delete it")
            } else {
                found.help("delete it").fix("delete it", span, "")
            }
        }
        Problem::InvisibleEscape(c) => Diagnostic::new(
            &codes::INVISIBLE,
            format!("this escape makes {}, which cannot be seen", invisible::name(c)),
        )
        .label(span, "")
        .help("leave it out: of the control characters, only \\n and \\t may be written"),
        Problem::Space(c) => Diagnostic::new(
            &codes::STRAY,
            format!("{} stands where a plain space belongs", invisible::name(c)),
        )
        .label(span, "")
        .help("write a plain space")
        .fix("write a space", span, " "),
        Problem::Stray(c) => stray(text, c).label(span, ""),
        Problem::Dash => dash(line, span),
        Problem::Arrow => arrow(line, span),
        Problem::OpenString => Diagnostic::new(&codes::UNCLOSED, "this text is never closed")
            .label(span, "a text ends on the line on which it begins")
            .help("write `\"` where it ends; `\\n` stands for a line break"),
        Problem::OpenSelector => Diagnostic::new(&codes::UNCLOSED, "this `[` is never closed")
            .label(span, "the selector begins here")
            .help("write `]` where the selector ends"),
        Problem::OpenQuote => {
            Diagnostic::new(&codes::UNCLOSED, "this quote in the selector is never closed")
                .label(span, "opened here")
                .help(format!("write `{text}` where the value ends"))
        }
        Problem::Escape => {
            Diagnostic::new(&codes::ESCAPE, format!("`{text}` is not an escape of the language"))
                .label(span, "")
                .help("the escapes are \\\" \\\\ \\n \\t and \\u{…}; a backslash is written \\\\")
        }
        Problem::Quotes => quotes(text, span),
        Problem::Comment => {
            let found = Diagnostic::new(&codes::STRAY, "a comment begins with `#`").label(span, "");
            let mark = Span { end: span.start + 2, ..span };
            if text.starts_with("//") {
                found.help("write `#` for `//`").fix("write `#`", mark, "#")
            } else {
                found.help("write `#` at the start of the comment, on each of its lines")
            }
        }
        Problem::Semicolon => {
            let found = Diagnostic::new(&codes::STRAY, "a statement ends with its line, without `;`");
            if line.tokens.last().is_some_and(|last| last.span == span) {
                found.label(span, "").help("delete the `;`").fix("delete the `;`", span, "")
            } else {
                found.label(span, "").help("write each statement on a line of its own")
            }
        }
        Problem::Backslash => Diagnostic::new(&codes::STRAY, "a line goes on without `\\`")
            .label(span, "")
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

fn dash(line: &Line<'_>, span: Span) -> Diagnostic {
    let touches = |kind: Kind| kind.is_name();
    let before =
        line.tokens.iter().any(|token| token.span.end == span.start && touches(token.kind));
    let after = line.tokens.iter().any(|token| token.span.start == span.end && touches(token.kind));
    if before || after {
        let side = if before { "end in" } else { "begin with" };
        Diagnostic::new(&codes::STRAY, format!("a word cannot {side} `-`"))
            .label(span, "")
            .help("inside a word it may stand; a range has two ends:  tcp/8000-8080")
    } else {
        Diagnostic::new(&codes::ARROW, "`-` is not an arrow")
            .label(span, "")
            .help("write `->` inside a landing zone, `==>` or `<==` across its boundary")
    }
}

fn quotes(text: &str, span: Span) -> Diagnostic {
    let found = Diagnostic::new(&codes::QUOTES, "the language's quotes are `\"`").label(span, "");
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

/// Something like an arrow. Which one is meant follows from its direction and from whether both sides are
/// zones of one application.
fn arrow(line: &Line<'_>, span: Span) -> Diagnostic {
    let text = line.text.at(span);
    if ["<<<<<<<", "=======", ">>>>>>>"].contains(&text) {
        return Diagnostic::new(&codes::ARROW, format!("`{text}` is the mark of a merge conflict"))
            .label(span, "")
            .help("settle which of the two versions holds, and take the marks out");
    }
    let found = Diagnostic::new(&codes::ARROW, format!("`{text}` is not an arrow")).label(span, "");
    let left = text.starts_with(['<', '←', '⇐', '⟵', '⟸', '↔', '⇔', '⟷', '⟺']);
    let right = text.ends_with(['>', '→', '⇒', '⟶', '⟹', '➔', '➜', '➡', '↔', '⇔', '⟷', '⟺']);
    let replace = |found: Diagnostic, arrow: &str| {
        found.help(format!("write `{arrow}`")).fix(format!("write `{arrow}`"), span, arrow)
    };
    let all = "write `->` inside a landing zone, `==>` to leave it, `<==` to let others in";
    let index = line.tokens.iter().position(|token| token.span == span);
    let sides = index.and_then(|index| {
        let begins = |at| line.kind(at).is_some_and(|kind| kind.is_name() || kind == Kind::Star);
        let last = line
            .tokens
            .iter()
            .skip(index + 1)
            .position(|token| token.kind == Kind::Colon || token.kind.is_clause());
        let end = last.map_or(line.tokens.len(), |last| last + index + 1);
        (begins(0) && begins(index + 1)).then_some((index, end))
    });
    let Some((index, end)) = sides else { return found.help(all) };
    let inside = line.same_application(0, index + 1);
    match (left, right, inside) {
        (false, true, true) => replace(found, "->"),
        (false, true, false) => replace(found, "==>"),
        (true, true, true) => replace(found, "<->"),
        (true, true, false) => found.help(
            "a crossing goes one way: write one line with `==>` and one with `<==`, each with its ports",
        ),
        (true, false, false) => replace(found, "<=="),
        (true, false, true) => {
            let (Some((_, first)), Some((_, second)), Some((whole, _))) =
                (line.stretch(0, index), line.stretch(index + 1, end), line.stretch(0, end))
            else {
                return found.help(all);
            };
            let swapped = format!("{second} -> {first}");
            found.help(format!("inside a landing zone the sender comes first: write  {swapped}")).fix(
                format!("write `{swapped}`"),
                whole,
                swapped,
            )
        }
        (false, false, _) => found.help(all),
    }
}
