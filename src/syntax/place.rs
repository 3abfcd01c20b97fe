//! Names and places (language reference, section 4 "Grammar").

use std::collections::BTreeMap;

use chumsky::prelude::*;

use super::failure::{Errors, GrammarRule, Tokens, checked, place_of};
use super::mistakes::{places, values};
use super::token::{Text, TokenKind};
use super::tree::{Application, Endpoint, Name, Place, ZoneList};
use super::value;
use crate::diagnostic::Diagnostic;
use crate::source::{Span, Spanned};

/// A word or string whose kind is `wanted`.
pub(super) fn word<'t>(
    text: Text<'t>,
    wanted: impl Fn(TokenKind) -> bool + Clone + 't,
) -> impl Parser<'t, Tokens<'t>, Name, Errors> + Clone {
    any()
        .filter(move |kind: &TokenKind| wanted(*kind))
        .map_with(move |_, extra| text.name(extra.span()))
}

/// Any word or string.
pub(super) fn name(text: Text<'_>) -> GrammarRule<'_, Name> {
    word(text, TokenKind::is_name).labelled(TokenKind::Word).boxed()
}

/// The name of a namespace or of a service.
pub(super) fn object(text: Text<'_>) -> GrammarRule<'_, Name> {
    checked_name(text, value::is_object_name, values::object_name)
}

/// The name of an external or an alias, where it is declared.
pub(super) fn declared(text: Text<'_>) -> GrammarRule<'_, Name> {
    checked_name(text, value::is_declarable, values::declared_name)
}

fn checked_name(
    text: Text<'_>,
    good: fn(&str) -> bool,
    refuse: fn(Text<'_>, Span) -> Diagnostic,
) -> GrammarRule<'_, Name> {
    checked(name(text), move |name, span| (!good(&name.value)).then(|| refuse(text, span))).boxed()
}

/// One side of a flow or a guardrail. A list of places is refused as one mistake.
pub(super) fn side(text: Text<'_>) -> GrammarRule<'_, Endpoint> {
    let comma = place_of(TokenKind::Comma).labelled(TokenKind::Selector);
    let others = comma.then(endpoint(text)).repeated().at_least(1);
    let sides = endpoint(text).then(others.collect::<Vec<_>>().or_not());
    checked(sides, |(first, others), _| places::one_place(first, others.as_deref()?))
        .map(|(first, _)| first)
        .boxed()
}

/// A place with its selector.
pub(super) fn endpoint(text: Text<'_>) -> GrammarRule<'_, Endpoint> {
    place(text)
        .then(selector(text).or_not())
        .map_with(|(place, selector), extra| Endpoint { place, selector, span: extra.span() })
        .boxed()
}

fn place(text: Text<'_>) -> GrammarRule<'_, Place> {
    let every = just(TokenKind::Star)
        .map_with(|_, extra| Spanned::new(Application::Any, extra.span()))
        .then_ignore(just(TokenKind::Dot))
        .then(zones(text))
        .map(|(application, zones)| Place::Zones { application, zones });
    let named = name(text).then(just(TokenKind::Dot).ignore_then(zones(text)).or_not());
    let named = checked(named, move |(name, zones), _| {
        let bad = zones.is_some() && !value::is_label_value(&name.value);
        bad.then(|| values::label_value(text, name.span))
    })
    .map(|(name, zones)| match zones {
        None => Place::External(name),
        Some(zones) => {
            let application = Spanned::new(Application::Named(name.value), name.span);
            Place::Zones { application, zones }
        }
    });
    let address = |text: &str| value::is_block(text) || text.parse::<std::net::IpAddr>().is_ok();
    let addresses = checked_address(text, address).map(Place::Addresses);
    choice((every, named, addresses)).labelled(TokenKind::Place).boxed()
}

fn zones(text: Text<'_>) -> GrammarRule<'_, Spanned<ZoneList>> {
    let zone = checked_name(text, value::is_label_value, values::label_value);
    let star = checked(just(TokenKind::Star), |_, star| Some(places::star_in_list(star))).to(None);
    let no_comma = checked(name(text), move |_, zone| Some(places::comma_between(text, zone)));
    let separator = just(TokenKind::Comma).ignored().or(no_comma.rewind().ignored());
    let list = zone.clone().map(Some).or(star).separated_by(separator).collect::<Vec<_>>();
    let list = list
        .then(place_of(TokenKind::Comma).or_not())
        .delimited_by(just(TokenKind::Open), just(TokenKind::Close));
    let list = checked(list, move |(zones, comma), span| {
        if zones.is_empty() {
            return Some(places::empty_list(span));
        }
        let mut seen = BTreeMap::new();
        let mut named = zones.iter().flatten();
        let twice = named.find_map(|zone| Some((seen.insert(&zone.value, zone.span)?, zone.span)));
        let twice = twice.map(|(first, zone)| places::zone_twice(text, zone, first));
        twice.or(comma.map(places::last_comma))
    })
    .map(|(zones, _)| ZoneList::Named(zones.into_iter().flatten().collect()))
    .labelled(TokenKind::Open)
    .as_context();
    choice((
        just(TokenKind::Star).to(ZoneList::Any),
        zone.map(|zone| ZoneList::Named(vec![zone])),
        list,
    ))
    .labelled(TokenKind::Zone)
    .map_with(|zones, extra| Spanned::new(zones, extra.span()))
    .boxed()
}

/// The text between brackets. Line breaks become spaces byte by byte, so that places in it stay true.
pub(super) fn selector(text: Text<'_>) -> GrammarRule<'_, Spanned<Box<str>>> {
    just(TokenKind::Selector)
        .map_with(move |_, extra| {
            let span: Span = extra.span();
            let inner = text.at(span);
            let inner = inner.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(inner);
            let span = Span { start: span.start + 1, end: span.end - 1, ..span };
            Spanned::new(inner.replace(['\n', '\r'], " ").into(), span)
        })
        .boxed()
}

/// Address blocks, one or more.
pub(super) fn blocks(text: Text<'_>) -> GrammarRule<'_, Vec<Spanned<Box<str>>>> {
    let block = checked_address(text, value::is_block);
    block.separated_by(just(TokenKind::Comma)).at_least(1).collect().boxed()
}

fn checked_address(text: Text<'_>, good: fn(&str) -> bool) -> GrammarRule<'_, Spanned<Box<str>>> {
    checked(just(TokenKind::Address), move |_, span| {
        (!good(text.at(span))).then(|| values::address(text, span))
    })
    .map_with(move |_, extra| {
        let span = extra.span();
        Spanned::new(text.at(span).into(), span)
    })
    .boxed()
}
