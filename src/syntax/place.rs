//! Names and places (language reference, section 4 "Grammar").

use std::collections::BTreeMap;

use chumsky::prelude::*;

use super::failure::{Errors, Rule, Tokens, checked, place_of};
use super::mistakes::{places, values};
use super::token::{Kind, Text};
use super::tree::{Application, Endpoint, Name, Place, Zones};
use super::value;
use crate::diagnostic::Diagnostic;
use crate::source::{Span, Spanned};

/// A word or string whose kind is `wanted`.
pub(super) fn word<'t>(
    text: Text<'t>,
    wanted: impl Fn(Kind) -> bool + Clone + 't,
) -> impl Parser<'t, Tokens<'t>, Name, Errors> + Clone {
    any().filter(move |kind: &Kind| wanted(*kind)).map_with(move |_, extra| text.name(extra.span()))
}

/// Any word or string.
pub(super) fn name(text: Text<'_>) -> Rule<'_, Name> {
    word(text, Kind::is_name).labelled(Kind::Word).boxed()
}

/// The name of a namespace or of a service.
pub(super) fn object(text: Text<'_>) -> Rule<'_, Name> {
    checked_name(text, value::is_object_name, values::object_name)
}

/// The name of an external or an alias, where it is declared.
pub(super) fn declared(text: Text<'_>) -> Rule<'_, Name> {
    checked_name(text, value::is_declarable, values::declared_name)
}

fn checked_name(
    text: Text<'_>,
    good: fn(&str) -> bool,
    refuse: fn(Text<'_>, Span) -> Diagnostic,
) -> Rule<'_, Name> {
    checked(name(text), move |name, span| (!good(&name.value)).then(|| refuse(text, span))).boxed()
}

/// One side of a flow or a guardrail. A list of places is refused as one mistake.
pub(super) fn side(text: Text<'_>) -> Rule<'_, Endpoint> {
    let comma = place_of(Kind::Comma).labelled(Kind::Selector);
    let others = comma.then(endpoint(text)).repeated().at_least(1);
    let sides = endpoint(text).then(others.collect::<Vec<_>>().or_not());
    checked(sides, |(first, others), _| places::one_place(first, others.as_deref()?))
        .map(|(first, _)| first)
        .boxed()
}

/// A place with its selector.
pub(super) fn endpoint(text: Text<'_>) -> Rule<'_, Endpoint> {
    place(text)
        .then(selector(text).or_not())
        .map_with(|(place, selector), extra| Endpoint { place, selector, span: extra.span() })
        .boxed()
}

fn place(text: Text<'_>) -> Rule<'_, Place> {
    let every = just(Kind::Star)
        .map_with(|_, extra| Spanned::new(Application::Any, extra.span()))
        .then_ignore(just(Kind::Dot))
        .then(zones(text))
        .map(|(application, zones)| Place::Zones { application, zones });
    let named = name(text).then(just(Kind::Dot).ignore_then(zones(text)).or_not());
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
    choice((every, named, addresses)).labelled(Kind::Place).boxed()
}

fn zones(text: Text<'_>) -> Rule<'_, Spanned<Zones>> {
    let zone = checked_name(text, value::is_label_value, values::label_value);
    let star = checked(just(Kind::Star), |_, star| Some(places::star_in_list(star))).to(None);
    let no_comma = checked(name(text), move |_, zone| Some(places::comma_between(text, zone)));
    let separator = just(Kind::Comma).ignored().or(no_comma.rewind().ignored());
    let list = zone.clone().map(Some).or(star).separated_by(separator).collect::<Vec<_>>();
    let list =
        list.then(place_of(Kind::Comma).or_not()).delimited_by(just(Kind::Open), just(Kind::Close));
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
    .map(|(zones, _)| Zones::Named(zones.into_iter().flatten().collect()))
    .labelled(Kind::Open)
    .as_context();
    choice((just(Kind::Star).to(Zones::Any), zone.map(|zone| Zones::Named(vec![zone])), list))
        .labelled(Kind::Zone)
        .map_with(|zones, extra| Spanned::new(zones, extra.span()))
        .boxed()
}

/// The text between brackets. Line breaks become spaces byte by byte, so that places in it stay true.
pub(super) fn selector(text: Text<'_>) -> Rule<'_, Spanned<Box<str>>> {
    just(Kind::Selector)
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
pub(super) fn blocks(text: Text<'_>) -> Rule<'_, Vec<Spanned<Box<str>>>> {
    let block = checked_address(text, value::is_block);
    block.separated_by(just(Kind::Comma)).at_least(1).collect().boxed()
}

fn checked_address(text: Text<'_>, good: fn(&str) -> bool) -> Rule<'_, Spanned<Box<str>>> {
    checked(just(Kind::Address), move |_, span| {
        (!good(text.at(span))).then(|| values::address(text, span))
    })
    .map_with(move |_, extra| {
        let span = extra.span();
        Spanned::new(text.at(span).into(), span)
    })
    .boxed()
}
