//! Words for mistakes in `because`, `until`, `ticket` and `except`.

use super::{Here, breaches};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::syntax as codes;
use crate::syntax::token::Kind;

/// The words, if a clause is the matter.
pub(super) fn explain(here: &Here<'_>) -> Option<Diagnostic> {
    match here.back(1) {
        Some(Kind::Because) if here.expected.has(Kind::Quoted) => return Some(reason(here)),
        Some(Kind::Until) if here.expected.has(Kind::Word) && !here.expected.has(Kind::Dot) => {
            return Some(until(here));
        }
        Some(Kind::Ticket) if here.expected.has(Kind::Word) => {
            let message = format!("`ticket` needs a name, and {} here", here.found());
            let found = here.say(&codes::CLAUSE, message, "");
            return Some(
                found.help(
                    "write  ticket CHG-1042  or, with other characters,  ticket \"CHG 1042\"",
                ),
            );
        }
        Some(_) | None => {}
    }
    let kind = here.kind()?;
    if kind == Kind::Until && here.statement() == Some(Kind::Forbid) {
        return Some(
            here.say(&codes::CLAUSE, "a guardrail has no `until`", "")
                .help("a guardrail holds until its line is deleted"),
        );
    }
    if kind == Kind::Except && here.statement() == Some(Kind::Forbid) {
        return Some(
            here.say(&codes::CLAUSE, "`except` stands before `because` and `ticket`", "")
                .help("move it to right after the places and their traffic"),
        );
    }
    if kind == Kind::Except
        && here.statement().is_none()
        && here.after(|kind| kind.arrow().is_some())
    {
        return Some(
            here.say(&codes::CLAUSE, "a flow has no `except`", "")
                .help("it opens exactly what it names: name the places and ports that are meant"),
        );
    }
    let other = here.statement().filter(|kind| *kind != Kind::Forbid);
    if let Some(statement) =
        other.filter(|_| kind.is_clause() && kind != Kind::Except && here.index > 1)
    {
        let message = format!("`{}` cannot follow {}", here.written(), statement.describe());
        return Some(
            here.say(&codes::CLAUSE, message, "")
                .help("only flows and guardrails have it; elsewhere write a comment:  # …"),
        );
    }
    // After a whole flow or guardrail: what follows may be meant as a clause.
    let whole = here.expected.has(Kind::Because) && here.back(1) != Some(Kind::Because);
    if whole && kind == Kind::Quoted {
        let text = here.written();
        return Some(
            here.say(&codes::CLAUSE, "a reason begins with `because`", "")
                .help(format!("write  because {text}"))
                .fix(format!("write `because {text}`"), here.span, format!("because {text}")),
        );
    }
    if whole && kind == Kind::Word {
        let word = here.written().to_ascii_lowercase();
        let near = ["because", "until", "ticket", "except"]
            .into_iter()
            .find(|clause| strsim::osa_distance(clause, &word) <= 2)
            .or(match word.as_str() {
                "reason" | "why" | "for" | "comment" | "description" | "cause" => Some("because"),
                "expires" | "expire" | "till" | "to" => Some("until"),
                _ => None,
            })?;
        return Some(here.say(
            &codes::CLAUSE,
            format!("there is no clause `{}`", here.written()),
            format!("did you mean `{near}`?"),
        )
        .help("a flow ends in  because \"…\"  until 2026-11-22  ticket CHG-1042, or some of these"));
    }
    if whole && kind == Kind::Colon && here.after(Kind::is_clause) {
        return Some(
            here.say(&codes::CLAUSE, "the traffic stands before the clauses", "")
                .help("write  application.zone ==> application.zone : tcp/443 because \"…\""),
        );
    }
    None
}

/// `because` without a text in quotes.
fn reason(here: &Here<'_>) -> Diagnostic {
    let end = clause_end(here);
    let found = here.say(&codes::REASON, "`because` needs a reason in quotes", "");
    match here.line.stretch(here.index, end) {
        Some((span, words)) if !words.contains(['"', '\\', '\n']) => {
            let mut found = found.help(format!("write  because \"{words}\""));
            found = found.fix(format!("write `\"{words}\"`"), span, format!("\"{words}\""));
            if let Some(label) = found.labels.first_mut() {
                label.span = span;
            }
            found
        }
        Some(_) | None => found.help("write  because \"…\""),
    }
}

fn until(here: &Here<'_>) -> Diagnostic {
    match here.line.stretch(here.index, clause_end(here)) {
        Some((span, text)) => breaches::date(text, span),
        None => here.say(&codes::DATE, "`until` needs a date", "").help(
            "write the last day on which the flow is open, year-month-day:  until 2026-11-22",
        ),
    }
}

/// The end of the clause that began before this token: the next clause, or the end of the line.
fn clause_end(here: &Here<'_>) -> usize {
    let next = here.line.tokens.iter().skip(here.index).position(|token| token.kind.is_clause());
    next.map_or(here.line.tokens.len(), |next| next + here.index)
}
