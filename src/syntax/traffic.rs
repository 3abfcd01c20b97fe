//! What follows the `:` of a flow, and what a port name stands for (language reference, section 4
//! "Grammar").

use chumsky::prelude::*;

use super::failure::{GrammarRule, SyntaxFailure, checked, place_of};
use super::mistakes::{clauses, traffic as mistakes, values};
use super::place::{name, word};
use super::token::{KindSet, Text, TokenKind};
use super::tree::{Match, Traffic, TrafficDetail};
use super::value::{self, Number};
use crate::diagnostic::Diagnostic;
use crate::source::{Span, Spanned};

/// The traffic of a flow or a guardrail, behind its `:`.
pub(super) fn after_colon(text: Text<'_>) -> GrammarRule<'_, Spanned<Traffic>> {
    let first = any().filter(|kind: &TokenKind| {
        kind.is_protocol() || matches!(kind, TokenKind::Any | TokenKind::Protocol)
    });
    let bare = first.rewind().ignore_then(traffic(text));
    let bare = checked(bare, move |_, span| Some(mistakes::colon(text, span)));
    just(TokenKind::Colon).ignore_then(traffic(text)).or(bare).boxed()
}

/// `any`, or a list of protocols and port names.
pub(super) fn traffic(text: Text<'_>) -> GrammarRule<'_, Spanned<Traffic>> {
    let list = listed(protocol(text).or(alias(text)).boxed());
    let list = checked(list, move |list, _| {
        let bare = list.iter().position(|entry| {
            let alias = matches!(entry.value, Match::Alias(_));
            alias && value::number(text.at(entry.span)) != Number::None
        })?;
        let (before, from) = list.split_at_checked(bare)?;
        let protocol = before.iter().rev().find_map(|entry| match &entry.value {
            Match::Protocol { protocol, .. } => Some(&*protocol.value),
            Match::Alias(_) | Match::Number(_) => None,
        });
        Some(mistakes::bare_port(text, from.first()?.span, protocol))
    });
    let comma = place_of(TokenKind::Comma).labelled(TokenKind::Clause);
    let others = comma.then_ignore(list.clone()).or_not();
    let any = checked(just(TokenKind::Any).ignore_then(others), |comma, _| {
        comma.map(mistakes::beside_any)
    });
    any.to(Traffic::Any)
        .or(list.map(Traffic::Matches))
        .map_with(|traffic, extra| Spanned::new(traffic, extra.span()))
        .boxed()
}

/// A list of protocols, without port names.
pub(super) fn protocols(text: Text<'_>) -> GrammarRule<'_, Vec<Spanned<Match>>> {
    listed(protocol(text))
}

fn listed(one: GrammarRule<'_, Match>) -> GrammarRule<'_, Vec<Spanned<Match>>> {
    one.labelled(TokenKind::Traffic)
        .map_with(|found, extra| Spanned::new(found, extra.span()))
        .separated_by(just(TokenKind::Comma))
        .at_least(1)
        .collect()
        .boxed()
}

/// Words for what stands behind the word of a protocol: of both, of the protocol, of that.
type Words = fn(Span, &str, &str) -> Diagnostic;
/// What stands behind the word of a protocol: a detail, or something wrong and its place.
type Tail = Result<Spanned<TrafficDetail>, (Words, Span)>;

fn wrong(tail: GrammarRule<'_, Span>, words: Words) -> GrammarRule<'_, Tail> {
    tail.map(move |span| Tail::Err((words, span))).boxed()
}

/// A protocol by its word or number.
fn protocol(text: Text<'_>) -> GrammarRule<'_, Match> {
    let nothing = empty().map_with(|(), extra| extra.span()).boxed();
    let detail = choice((
        detail(text).map(Tail::Ok),
        wrong(place_of(TokenKind::Star), mistakes::every_port),
        wrong(nothing, mistakes::no_port),
    ));
    let port = place_of(TokenKind::Word)
        .filter(move |word| clauses::clause_near(text.at(*word)).is_none());
    let signed =
        one_of([TokenKind::Colon, TokenKind::Equals]).ignore_then(name(text)).map(|name| name.span);
    let joined = wrong(signed.or(port).labelled(TokenKind::Slash).boxed(), mistakes::joined_port);
    let word = word(text, TokenKind::is_protocol)
        .then(just(TokenKind::Slash).ignore_then(detail).or(joined).or_not());
    let word = checked(word, move |(protocol, tail), span| {
        let (words, tail) = tail.as_ref()?.as_ref().err()?;
        Some(words(span, &protocol.value, text.at(*tail)))
    })
    .map(|(protocol, tail)| Match::Protocol { protocol, detail: tail.and_then(Result::ok) });
    let other = checked(name(text), |_, span| Some(mistakes::protocol_number(span)))
        .map(|name| Spanned::new(0, name.span));
    let number = just(TokenKind::Protocol)
        .ignore_then(just(TokenKind::Slash))
        .ignore_then(number(text).or(other).labelled(TokenKind::Number))
        .map(Match::Number)
        .labelled(TokenKind::Protocol)
        .as_context();
    word.or(number).boxed()
}

/// The name of a declared alias.
fn alias(text: Text<'_>) -> GrammarRule<'_, Match> {
    let slash = just(TokenKind::Slash).ignore_then(any().filter(|kind: &TokenKind| kind.is_name()));
    let alias = |kind: TokenKind| kind.is_name() && !kind.is_protocol() && kind != TokenKind::Any;
    let name = word(text, alias).then(slash.or_not());
    checked(name, move |(name, slash), span| mistakes::alias(text, name.span, *slash, span))
        .map(|(name, _)| Match::Alias(name.value))
        .boxed()
}

/// What follows the `/` of a protocol.
fn detail(text: Text<'_>) -> GrammarRule<'_, Spanned<TrafficDetail>> {
    let sign = just(TokenKind::Slash).or(just(TokenKind::Colon).labelled(TokenKind::Slash));
    let plain = number(text).then(sign.then(number(text)).or_not());
    let plain = checked(plain, |(first, second), span| match second {
        Some((TokenKind::Colon, last)) => {
            Some(mistakes::colon_range(span, first.value, last.value))
        }
        Some(_) | None => None,
    });
    let plain = plain.map(|(first, second)| match second {
        None => TrafficDetail::Number(first.value),
        Some((_, second)) => TrafficDetail::TypeAndCode(first.value, second.value),
    });
    let other = name(text).map(move |name| match value::number(text.at(name.span)) {
        Number::Range(first, last) => value::decimal(first)
            .zip(value::decimal(last))
            .map(|(first, last)| TrafficDetail::Range(first, last)),
        Number::One(_) | Number::None => Some(TrafficDetail::Name(name.value)),
    });
    let other =
        checked(other, move |detail, span| detail.is_none().then(|| values::number(text, span)));
    let other = other.map(|detail| detail.unwrap_or(TrafficDetail::Number(0)));
    plain.or(other).map_with(|detail, extra| Spanned::new(detail, extra.span())).boxed()
}

/// A number without a sign or leading zeros.
fn number(text: Text<'_>) -> GrammarRule<'_, Spanned<u64>> {
    let digits =
        just(TokenKind::Word).try_map(move |kind, span: Span| match value::number(text.at(span)) {
            Number::One(digits) => Ok(Spanned::new(value::decimal(digits), span)),
            Number::Range(..) | Number::None => {
                Err(SyntaxFailure::new(KindSet::of(TokenKind::Number), Some(kind), span))
            }
        });
    checked(digits, move |digits, span| digits.value.is_none().then(|| values::number(text, span)))
        .map(|digits| Spanned::new(digits.value.unwrap_or(0), digits.span))
        .boxed()
}
