//! Words for mistakes in places and arrows, and in the lists of the platform's statements.

use super::here::Here;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::syntax as codes;
use crate::source::{Span, Spanned};
use crate::syntax::token::{Text, TokenKind};
use crate::syntax::tree::{Endpoint, Place, ZoneList};

/// Several places on one side: `first` and each of `others`, behind its comma. They are written as one place where they
/// are plain zones of one application.
pub(crate) fn one_place(first: &Endpoint, others: &[(Span, Endpoint)]) -> Option<Diagnostic> {
    let ((comma, _), (_, last)) = (others.first()?, others.last()?);
    let found = Diagnostic::at(&codes::PLACE, *comma, "one line has one place on each side");
    Some(match joined(first, others) {
        Some(place) => found.replace(first.span.to(last.span), place.to_string()),
        None => found.help(
            "write several zones of one application as  application.{zone, zone}, and a line for each application",
        ),
    })
}

/// All places as one; `None` if they are not named zones of one application, or have selectors.
fn joined(first: &Endpoint, others: &[(Span, Endpoint)]) -> Option<Place> {
    let mut zones = Vec::new();
    for endpoint in std::iter::once(first).chain(others.iter().map(|(_, other)| other)) {
        if !same_application(first, endpoint) || endpoint.selector.is_some() {
            return None;
        }
        let Place::Zones { zones: Spanned { value: ZoneList::Named(names), .. }, .. } =
            &endpoint.place
        else {
            return None;
        };
        for name in names {
            if !zones.contains(name) {
                zones.push(name.clone());
            }
        }
    }
    let Place::Zones { application, .. } = &first.place else { return None };
    let zones = Spanned::new(ZoneList::Named(zones), first.span);
    Some(Place::Zones { application: application.clone(), zones })
}

/// Whether both are zones of one application.
fn same_application(one: &Endpoint, other: &Endpoint) -> bool {
    match (&one.place, &other.place) {
        (Place::Zones { application: one, .. }, Place::Zones { application: other, .. }) => {
            one == other
        }
        _ => false,
    }
}

/// Something like an arrow, at `span`. Which one is meant follows from its direction and from whether both sides are
/// zones of one application.
pub(crate) fn arrow(text: Text<'_>, left: &Endpoint, span: Span, right: &Endpoint) -> Diagnostic {
    let written = text.at(span);
    let found = Diagnostic::at(&codes::ARROW, span, format!("`{written}` is not an arrow"));
    let points_left = written.starts_with(['<', '←', '⇐', '⟵', '⟸', '↔', '⇔', '⟷', '⟺']);
    let points_right =
        written.ends_with(['>', '→', '⇒', '⟶', '⟹', '➔', '➜', '➡', '↔', '⇔', '⟷', '⟺']);
    match (points_left, points_right, same_application(left, right)) {
        (false, true, true) => found.replace(span, "->"),
        (false, true, false) => found.replace(span, "==>"),
        (true, true, true) => found.replace(span, "<->"),
        (true, true, false) => found.help(
            "a crossing goes one way: write one line with `==>` and one with `<==`, each with its ports",
        ),
        (true, false, false) => found.replace(span, "<=="),
        (true, false, true) => {
            let swapped = format!("{} -> {}", text.at(right.span), text.at(left.span));
            found.help(format!("inside a landing zone the sender comes first: write  {swapped}")).fix(
                format!("write `{swapped}`"),
                left.span.to(right.span),
                swapped,
            )
        }
        (false, false, _) => found.help(
            "write `->` inside a landing zone, `==>` to leave it, `<==` to let others in",
        ),
    }
}

/// `{}`
pub(crate) fn empty_list(list: Span) -> Diagnostic {
    Diagnostic::at(&codes::ZONE_LIST, list, "this list of zones is empty")
        .help("name the zones, or write `*` for every zone:  application.*")
}

/// A comma before a `}`.
pub(crate) fn last_comma(comma: Span) -> Diagnostic {
    Diagnostic::new(&codes::ZONE_LIST, "a list of zones does not end in a comma")
        .label(comma, "delete this")
        .fix("delete the comma", comma, "")
}

/// `*` in a list of zones.
pub(crate) fn star_in_list(star: Span) -> Diagnostic {
    Diagnostic::at(&codes::ZONE_LIST, star, "`*` is not one of a list of zones")
        .help("for every zone write  application.*")
}

/// A zone that follows another without a comma.
pub(crate) fn comma_between(text: Text<'_>, zone: Span) -> Diagnostic {
    Diagnostic::new(&codes::ZONE_LIST, "a comma is missing between two zones")
        .label(zone, "before this")
        .help("separate the zones with commas:  application.{zone, zone}")
        .fix("write a comma", text.blanks_before(zone), ", ")
}

/// A zone for the second time in one list.
pub(crate) fn zone_twice(text: Text<'_>, zone: Span, first: Span) -> Diagnostic {
    let message = format!("`{}` appears twice in one list of zones", text.at(zone));
    Diagnostic::new(&codes::ZONE_LIST, message)
        .label(zone, "the second")
        .label(first, "the first")
        .help("keep one of them")
}

/// A `{` whose list does not end.
pub(super) fn unclosed_list(here: &Here<'_>) -> Option<Diagnostic> {
    if !here.within(&[TokenKind::Open]) || !here.wants(&[TokenKind::Close]) {
        return None;
    }
    let before = here.tokens.iter().take(here.index);
    let open = before.rev().find(|token| token.kind == TokenKind::Open)?;
    Some(
        Diagnostic::new(&codes::UNCLOSED, "this `{` is never closed")
            .label(open.span, "the list of zones begins here")
            .help("write `}` where the list of zones ends"),
    )
}

/// A declaration without its `=`, or without the word before it.
pub(super) fn declaration(here: &Here<'_>) -> Option<Diagnostic> {
    let statement = here.statement();
    if statement.is_none() && here.wants(&[TokenKind::Arrow]) && here.at(&[TokenKind::Equals]) {
        let name = here.stretch(0, 1)?;
        return Some(
            here.say(&codes::STATEMENT, "a declaration begins with `external` or `port`", "")
                .help(format!("write  external {name} = …  or  port {name} = …")),
        );
    }
    if statement.is_none() || !here.wants(&[TokenKind::Equals]) {
        return None;
    }
    let (declared, name) = (here.stretch(0, 2)?, here.stretch(1, 2)?);
    let message = format!("`=` is missing after `{name}`");
    let Some(value) = here.stretch(2, here.tokens.len()) else {
        let example = if statement == Some(TokenKind::Port) { "tcp/443" } else { "10.0.0.0/8" };
        let help = format!("write  {declared} = {example}");
        return Some(here.say(&codes::STATEMENT, message, "").help(help));
    };
    Some(
        here.say(&codes::STATEMENT, message, "before this")
            .help(format!("write  {declared} = {value}"))
            .fix("write `=`", Span { end: here.span().start, ..here.span() }, "= "),
    )
}

/// A name of three parts.
pub(super) fn third_part(here: &Here<'_>) -> Option<Diagnostic> {
    let third = here.at(&[TokenKind::Dot])
        && here.wants(&[TokenKind::Selector])
        && !here.wants(&[TokenKind::Dot]);
    third.then(|| {
        here.say(&codes::PLACE, "a place has two parts, an application and its zones", "")
            .help("a place is written  application.zone  or  application.{zone, zone}  or  application.*")
            .help("a name with a dot in it is quoted:  \"my.app\".frontend")
    })
}

/// A missing comma, in lists of names, addresses and traffic.
pub(super) fn comma(here: &Here<'_>) -> Option<Diagnostic> {
    let entry = here.at(&[TokenKind::Address]) || here.is_name();
    let clause = here.found().is_some_and(TokenKind::is_clause);
    if !entry || clause || !here.wants(&[TokenKind::Comma]) {
        return None;
    }
    let (code, help) = if here.within(&[TokenKind::Exempt, TokenKind::External]) {
        let before = here.text.at(here.back(1)?.span);
        (&codes::STATEMENT, format!("write  {before}, {}", here.written()))
    } else if here.wants(&[TokenKind::Selector]) {
        (&codes::PLACE, "separate the places with commas".to_owned())
    } else {
        (&codes::TRAFFIC, "separate the entries with commas, as in  tcp/80, tcp/443".to_owned())
    };
    let found = here.say(code, "a comma is missing", "before this").help(help);
    Some(found.fix("write a comma", here.text.blanks_before(here.span()), ", "))
}

/// An arrow between the places of a guardrail.
pub(super) fn joint(here: &Here<'_>) -> Option<Diagnostic> {
    (here.wants(&[TokenKind::To]) && here.at(&[TokenKind::Inside])).then(|| {
        here.say(&codes::ARROW, "a guardrail has `to` or `==>` between its places", "")
            .help("write `to`: it covers every connection from the left to the right")
            .fix("write `to`", here.span(), "to")
    })
}
