//! What follows the `:` of a flow, and what a port name stands for (language reference, section 4
//! "Grammar").

use chumsky::prelude::*;

use super::failure::{Breach, Failure};
use super::parser::{Rule, Text, name};
use super::token::Kind;
use super::tree::{Detail, Match, Traffic};
use super::value::{self, Number};
use crate::source::{Span, Spanned};

/// `any`, or a list of protocols and port names.
pub(super) fn traffic(text: Text<'_>) -> Rule<'_, Spanned<Traffic>> {
    let any = just(Kind::Any).to(Traffic::Any);
    let list = listed(choice((protocol(text), alias(text))).boxed()).map(Traffic::Matches);
    any.or(list).map_with(|traffic, extra| Spanned::new(traffic, extra.span())).boxed()
}

/// A list of protocols, without port names.
pub(super) fn protocols(text: Text<'_>) -> Rule<'_, Vec<Spanned<Match>>> {
    listed(protocol(text))
}

fn listed(one: Rule<'_, Match>) -> Rule<'_, Vec<Spanned<Match>>> {
    one.map_with(|found, extra| Spanned::new(found, extra.span()))
        .separated_by(just(Kind::Comma))
        .at_least(1)
        .collect()
        .boxed()
}

/// A protocol by its word or number.
fn protocol(text: Text<'_>) -> Rule<'_, Match> {
    let word = any()
        .filter(|kind: &Kind| kind.is_protocol())
        .labelled(Kind::Tcp)
        .map_with(move |_, extra| text.name(extra.span()));
    let word = word
        .then(just(Kind::Slash).ignore_then(detail(text)).or_not())
        .map(|(protocol, detail)| Match::Protocol { protocol, detail });
    let number = just(Kind::Protocol)
        .ignore_then(just(Kind::Slash))
        .ignore_then(number(text))
        .map(Match::Number);
    word.or(number).boxed()
}

/// The name of a declared alias.
fn alias(text: Text<'_>) -> Rule<'_, Match> {
    any()
        .filter(|kind: &Kind| kind.is_name() && !kind.is_protocol() && *kind != Kind::Any)
        .labelled(Kind::Word)
        .validate(move |_, extra, emitter| {
            let name = text.name(extra.span());
            let written = text.at(name.span);
            let small = Kind::of_word(&written.to_ascii_lowercase());
            if value::number(written) != Number::None {
                emitter.emit(Failure::of(Breach::BarePort, name.span));
            } else if small.is_protocol() || small == Kind::Any {
                emitter.emit(Failure::of(Breach::Capitals, name.span));
            }
            Match::Alias(name.value)
        })
        .boxed()
}

/// What follows the `/` of a protocol.
fn detail(text: Text<'_>) -> Rule<'_, Spanned<Detail>> {
    let plain = number(text).then(just(Kind::Slash).ignore_then(number(text)).or_not()).map(
        |(first, second)| match second {
            None => Detail::Number(first.value),
            Some(second) => Detail::TypeAndCode(first.value, second.value),
        },
    );
    let other = name(text).validate(move |name, _, emitter| {
        let written = text.at(name.span);
        match value::number(written) {
            Number::Range(first, last) => {
                let mut end = |text| {
                    value::decimal(text).unwrap_or_else(|breach| {
                        emitter.emit(Failure::of(breach, name.span));
                        0
                    })
                };
                Detail::Range(end(first), end(last))
            }
            Number::One(_) | Number::None => Detail::Name(name.value),
        }
    });
    plain.or(other).map_with(|detail, extra| Spanned::new(detail, extra.span())).boxed()
}

/// A number without a sign or leading zeros.
fn number(text: Text<'_>) -> Rule<'_, Spanned<u64>> {
    just(Kind::Word)
        .try_map(move |_, span: Span| match value::number(text.at(span)) {
            Number::One(digits) => Ok(Spanned::new(digits, span)),
            Number::Range(..) | Number::None => Err(Failure::expecting(Kind::Number, span)),
        })
        .validate(|digits, _, emitter| {
            let number = value::decimal(digits.value).unwrap_or_else(|breach| {
                emitter.emit(Failure::of(breach, digits.span));
                0
            });
            Spanned::new(number, digits.span)
        })
        .boxed()
}
