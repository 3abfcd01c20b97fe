//! The clauses at the end of a flow or a guardrail (language reference, section 4 "Grammar").

use chumsky::prelude::*;

use super::failure::{GrammarRule, SyntaxFailure, checked, place_of};
use super::mistakes::{clauses, values};
use super::place::name;
use super::token::{KindSet, Text, TokenKind};
use super::tree::Clauses;
use super::value;
use crate::source::{Span, Spanned};

/// A clause, with its first word and the place of that.
type Clause = (TokenKind, Span, Clauses);

/// `because`, `until` and `ticket`, in any order.
pub(super) fn of_flow(text: Text<'_>) -> GrammarRule<'_, Clauses> {
    collected(text, choice((because(text), until(text), ticket(text))).boxed())
}

/// `because` and `ticket`, in any order.
pub(super) fn of_forbid(text: Text<'_>) -> GrammarRule<'_, Clauses> {
    collected(text, because(text).or(ticket(text)).boxed())
}

/// Each clause at most once.
fn collected<'t>(text: Text<'t>, clause: GrammarRule<'t, Clause>) -> GrammarRule<'t, Clauses> {
    let clauses = clause.labelled(TokenKind::Clause).repeated().collect::<Vec<_>>();
    checked(clauses, move |all, _| {
        all.iter().enumerate().find_map(|(at, (kind, again, _))| {
            let (_, first, _) = all.iter().take(at).find(|(it, ..)| it == kind)?;
            Some(clauses::repeated(text, *again, *first))
        })
    })
    .map(|all| {
        all.into_iter().fold(Clauses::default(), |found, (_, _, clause)| Clauses {
            because: found.because.or(clause.because),
            until: found.until.or(clause.until),
            ticket: found.ticket.or(clause.ticket),
        })
    })
    .labelled(TokenKind::Clause)
    .as_context()
    .boxed()
}

/// The place of everything up to the next clause, at least one token.
fn until_next<'t>() -> GrammarRule<'t, Span> {
    any()
        .filter(|kind: &TokenKind| {
            !kind.is_clause() && !kind.is_bad() && *kind != TokenKind::Newline
        })
        .repeated()
        .at_least(1)
        .map_with(|(), extra| extra.span())
        .boxed()
}

fn because(text: Text<'_>) -> GrammarRule<'_, Clause> {
    let quoted = just(TokenKind::Quoted).map_with(move |_, extra| text.name(extra.span()));
    let quoted = checked(quoted, |reason, span| {
        reason.value.trim().is_empty().then(|| clauses::blank_reason(span))
    });
    let bare = checked(until_next(), move |_, span| Some(clauses::bare_reason(text, span)));
    let reason = quoted.or(bare.map(|span| Spanned::new("".into(), span))).map(Some);
    place_of(TokenKind::Because)
        .then(reason)
        .map(|(word, because)| {
            (TokenKind::Because, word, Clauses { because, ..Clauses::default() })
        })
        .boxed()
}

fn until(text: Text<'_>) -> GrammarRule<'_, Clause> {
    let date = just(TokenKind::Word).try_map(move |kind, span: Span| {
        let date = value::date(text.at(span)).map(|date| Spanned::new(date, span));
        date.map(Some)
            .ok_or_else(|| SyntaxFailure::new(KindSet::of(TokenKind::Date), Some(kind), span))
    });
    let other = checked(until_next(), move |_, span| Some(values::date(text, span))).to(None);
    place_of(TokenKind::Until)
        .then(date.or(other).labelled(TokenKind::Date))
        .map(|(word, until)| (TokenKind::Until, word, Clauses { until, ..Clauses::default() }))
        .boxed()
}

fn ticket(text: Text<'_>) -> GrammarRule<'_, Clause> {
    place_of(TokenKind::Ticket)
        .then(name(text).labelled(TokenKind::TicketName).map(Some))
        .map(|(word, ticket)| (TokenKind::Ticket, word, Clauses { ticket, ..Clauses::default() }))
        .boxed()
}
