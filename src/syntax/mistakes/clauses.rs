//! Words for mistakes in `because`, `until` and `ticket`.

use super::here::Here;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::syntax as codes;
use crate::source::Span;
use crate::syntax::token::{Text, TokenKind};

/// A clause for the second time, by its first word.
pub(crate) fn repeated(text: Text<'_>, word: Span, first: Span) -> Diagnostic {
    Diagnostic::new(&codes::CLAUSE, format!("`{}` appears twice", text.at(word)))
        .label(word, "the second")
        .label(first, "the first")
        .help("keep one of them")
}

/// A reason without text.
pub(crate) fn blank_reason(reason: Span) -> Diagnostic {
    Diagnostic::at(&codes::REASON, reason, "the reason is empty")
        .help("say what the flow is for, as the people who review it need to know:  because \"orders look up prices\"")
}

/// A reason without quotes.
pub(crate) fn bare_reason(text: Text<'_>, reason: Span) -> Diagnostic {
    let found = Diagnostic::at(&codes::REASON, reason, "`because` needs a reason in quotes");
    let words = text.at(reason);
    if words.contains(['"', '\\', '\n']) {
        return found.help("write  because \"…\"");
    }
    found.help(format!("write  because \"{words}\"")).fix(
        format!("write `\"{words}\"`"),
        reason,
        format!("\"{words}\""),
    )
}

/// The clause that `written` is, is near to, or is another word for.
pub(crate) fn clause_near(written: &str) -> Option<&'static str> {
    let small = written.to_ascii_lowercase();
    let mut clauses = TokenKind::CLAUSES.iter().map(|kind| kind.text());
    let near = clauses.find(|clause| strsim::osa_distance(clause, &small) <= 2);
    near.or(match small.as_str() {
        "reason" | "why" | "for" | "comment" | "description" | "cause" => Some("because"),
        "expires" | "expire" | "till" | "to" => Some("until"),
        _ => None,
    })
}

/// After a flow or a guardrail, what may be meant as a clause.
pub(super) fn explain(here: &Here<'_>) -> Option<Diagnostic> {
    let written = here.written();
    if !here.wants(&[TokenKind::Clause]) {
        return None;
    }
    if here.at(&[TokenKind::Quoted]) {
        let reason = format!("because {written}");
        return Some(
            here.say(&codes::CLAUSE, "a reason begins with `because`", "")
                .help(format!("write  {reason}"))
                .fix(format!("write `{reason}`"), here.span(), reason),
        );
    }
    let near = clause_near(written).filter(|_| here.at(&[TokenKind::Word]))?;
    let message = format!("there is no clause `{written}`");
    Some(
        here.say(&codes::CLAUSE, message, format!("did you mean `{near}`?")).help(
            "a flow ends in  because \"…\"  until 2026-11-22  ticket CHG-1042, or some of these",
        ),
    )
}
