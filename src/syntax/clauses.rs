//! The clauses at the end of a flow or a guardrail (language reference, section 4 "Grammar").

use chumsky::prelude::*;

use super::failure::{Breach, Failure};
use super::parser::{Rule, Text, name};
use super::token::Kind;
use super::tree::{Clauses, Name};
use super::value;
use crate::source::{Span, Spanned};

/// One clause, with the place of its first word.
#[derive(Clone, Debug)]
enum Clause {
    Because(Span, Spanned<Box<str>>),
    Until(Span, Spanned<jiff::civil::Date>),
    Ticket(Span, Name),
}

/// `because`, `until` and `ticket`, in any order.
pub(super) fn of_flow(text: Text<'_>) -> Rule<'_, Clauses> {
    collected(choice((because(text), until(text), ticket(text))).boxed())
}

/// `because` and `ticket`, in any order.
pub(super) fn of_forbid(text: Text<'_>) -> Rule<'_, Clauses> {
    collected(choice((because(text), ticket(text))).boxed())
}

/// Each clause at most once.
fn collected(clause: Rule<'_, Clause>) -> Rule<'_, Clauses> {
    clause
        .repeated()
        .collect::<Vec<_>>()
        .validate(|all, _, emitter| {
            let mut clauses = Clauses::default();
            let (mut because, mut until, mut ticket) = (None, None, None);
            for clause in all {
                let (place, first) = match clause {
                    Clause::Because(place, text) => {
                        clauses.because.get_or_insert(text);
                        (place, because.replace(place))
                    }
                    Clause::Until(place, date) => {
                        clauses.until.get_or_insert(date);
                        (place, until.replace(place))
                    }
                    Clause::Ticket(place, name) => {
                        clauses.ticket.get_or_insert(name);
                        (place, ticket.replace(place))
                    }
                };
                if let Some(first) = first {
                    emitter.emit(Failure::of(Breach::Repeated(first), place));
                }
            }
            clauses
        })
        .boxed()
}

fn first_word<'t>(kind: Kind) -> Rule<'t, Span> {
    just(kind).map_with(|_, extra| extra.span()).boxed()
}

fn because(text: Text<'_>) -> Rule<'_, Clause> {
    let reason = just(Kind::Quoted).validate(move |_, extra, emitter| {
        let reason = text.name(extra.span());
        if reason.value.trim().is_empty() {
            emitter.emit(Failure::of(Breach::Blank, reason.span));
        }
        reason
    });
    first_word(Kind::Because)
        .then(reason)
        .map(|(place, reason)| Clause::Because(place, reason))
        .boxed()
}

fn until(text: Text<'_>) -> Rule<'_, Clause> {
    let date = just(Kind::Word).validate(move |_, extra, emitter| {
        let span: Span = extra.span();
        let date = value::date(text.at(span)).unwrap_or_else(|| {
            emitter.emit(Failure::of(Breach::Date, span));
            jiff::civil::Date::MAX
        });
        Spanned::new(date, span)
    });
    first_word(Kind::Until).then(date).map(|(place, date)| Clause::Until(place, date)).boxed()
}

fn ticket(text: Text<'_>) -> Rule<'_, Clause> {
    first_word(Kind::Ticket)
        .then(name(text))
        .map(|(place, name)| Clause::Ticket(place, name))
        .boxed()
}
