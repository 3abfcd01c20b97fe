//! Words for mistakes in places and arrows, and in the lists of the platform's statements.

use super::Here;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::syntax as codes;
use crate::source::Span;
use crate::syntax::token::Kind;

/// The words, if a place, an arrow or a declaration is the matter.
pub(super) fn explain(here: &Here<'_>) -> Option<Diagnostic> {
    braces(here).or_else(|| declaration(here)).or_else(|| place(here)).or_else(|| arrow(here))
}

/// Inside `{…}`.
fn braces(here: &Here<'_>) -> Option<Diagnostic> {
    let before = here.line.tokens.get(..here.index)?;
    let open = before.iter().rposition(|token| token.kind == Kind::Open)?;
    if before.iter().skip(open).any(|token| token.kind == Kind::Close) {
        return None;
    }
    let opened = here.line.span(open)?;
    let kind = here.kind();
    if kind == Some(Kind::Close) && here.back(1) == Some(Kind::Open) {
        return Some(
            here.say(&codes::ZONE_LIST, "this list of zones is empty", "")
                .help("name the zones, or write `*` for every zone:  application.*"),
        );
    }
    if kind == Some(Kind::Close) {
        return Some(here.say(
            &codes::ZONE_LIST,
            "a list of zones does not end in a comma",
            "delete the comma before this",
        ));
    }
    if kind == Some(Kind::Star) {
        return Some(
            here.say(&codes::ZONE_LIST, "`*` is not one of a list of zones", "")
                .help("for every zone write  application.*"),
        );
    }
    let before = here.span_back(1)?;
    let gap = Span { start: before.end, end: here.span.start, ..before };
    let closes = here.line.tokens.iter().skip(here.index).any(|token| token.kind == Kind::Close);
    if closes && kind.is_some_and(Kind::is_name) {
        return Some(
            here.say(&codes::ZONE_LIST, "a comma is missing between two zones", "before this")
                .fix("write a comma", gap, ", ")
                .help("separate the zones with commas:  application.{zone, zone}"),
        );
    }
    if closes {
        return None;
    }
    Some(
        Diagnostic::new(&codes::UNCLOSED, "this `{` is never closed")
            .label(opened, "the list of zones begins here")
            .help("write `}` where the list of zones ends"),
    )
}

/// `exempt`, `external` and `port`.
fn declaration(here: &Here<'_>) -> Option<Diagnostic> {
    let statement = here.statement()?;
    if matches!(statement, Kind::External | Kind::Port)
        && here.index == 2
        && here.expected.has(Kind::Equals)
    {
        let example = if statement == Kind::Port { "tcp/443" } else { "10.0.0.0/8" };
        let (word, name) = (here.line.written(0), here.line.written(1));
        let message = format!("`=` is missing after `{name}`");
        let line = |right: &str| format!("write  {word} {name} = {}", right.replace('\n', " "));
        return Some(match here.line.stretch(2, here.line.tokens.len()) {
            None => here.say(&codes::STATEMENT, message, "").help(line(example)),
            Some((_, right)) => {
                let before = Span { end: here.span.start, ..here.span };
                here.say(&codes::STATEMENT, message, "before this").help(line(right)).fix(
                    "write `=`",
                    before,
                    "= ",
                )
            }
        });
    }
    if statement == Kind::Exempt {
        return exempt(here);
    }
    if statement == Kind::External {
        return external(here);
    }
    let alias = statement == Kind::Port
        && here.expected.has(Kind::Tcp)
        && here.kind().is_some_and(Kind::is_name);
    alias.then(|| {
        here.say(&codes::TRAFFIC, "a port name stands for protocols and their ports alone", "")
            .help("write  port web = tcp/80, tcp/443")
    })
}

fn exempt(here: &Here<'_>) -> Option<Diagnostic> {
    let kind = here.kind();
    let say = |message: &str| {
        Some(here.say(&codes::STATEMENT, message, "").help("write  exempt kube-system, default"))
    };
    if kind == Some(Kind::Star) || kind == Some(Kind::Dot) {
        return say("`exempt` takes the names of namespaces, not places");
    }
    if kind.is_some_and(Kind::is_clause) {
        return None;
    }
    if kind.is_some_and(Kind::is_name) {
        return missing_comma(here);
    }
    None
}

fn external(here: &Here<'_>) -> Option<Diagnostic> {
    if here.index == 3 {
        return Some(
            here.say(&codes::STATEMENT, "an external is addresses, a namespace or a service", "")
                .help(
                    "write one of\n\
                     external name = 10.0.0.0/8, fd00::/8 except 10.1.0.0/16\n\
                     external name = namespace istio-system\n\
                     external name = service default/kubernetes",
                ),
        );
    }
    if here.kind() == Some(Kind::Address) {
        return missing_comma(here);
    }
    here.expected.has(Kind::Slash).then(|| {
        here.say(&codes::STATEMENT, "a service is named with its namespace", "")
            .help("write  external name = service namespace/service")
    })
}

fn missing_comma(here: &Here<'_>) -> Option<Diagnostic> {
    let before = here.span_back(1)?;
    let gap = Span { start: before.end, end: here.span.start, ..before };
    Some(
        here.say(&codes::STATEMENT, "a comma is missing", "before this")
            .help(format!("write  {}, {}", here.line.text.at(before), here.written()))
            .fix("write a comma", gap, ", "),
    )
}

/// Where a place, or part of one, should stand.
fn place(here: &Here<'_>) -> Option<Diagnostic> {
    let place = |message: &str| here.say(&codes::PLACE, message, "");
    let shape =
        "a place is written  application.zone  or  application.{zone, zone}  or  application.*";
    match (here.back(1), here.kind()) {
        (Some(Kind::Dot), kind) if here.expected.has(Kind::Star) => Some(if kind.is_none() {
            place("a zone is missing after `.`").help(shape)
        } else {
            place(&format!("a zone belongs after `.`, and `{}` is none", here.written()))
                .help(shape)
        }),
        (Some(Kind::Star), _) if here.expected.has(Kind::Dot) => Some(
            place("`*` alone is no place")
                .help("write `*.*` for every landing zone, or `*.zone` for one zone of each"),
        ),
        (_, Some(Kind::Dot)) if here.back(2) == Some(Kind::Dot) => Some(
            place("a place has two parts, an application and its zones")
                .help(shape)
                .help("a name with a dot in it is quoted:  \"my.app\".frontend"),
        ),
        (Some(before), Some(Kind::Open))
            if here.expected.has(Kind::Star) && before != Kind::Dot =>
        {
            Some(
                place("braces hold zones of one application")
                    .help("write one line for each application:  application.{zone, zone}"),
            )
        }
        (Some(_), Some(Kind::Comma))
            if !here.after(|kind| kind == Kind::Colon) && !here.after(Kind::is_clause) =>
        {
            Some(one_place(here))
        }
        (Some(_), Some(Kind::Selector)) => Some(
            place("a pod selector stands right after a place, and once")
                .help("join selectors with &&:  application.zone[app == 'api' && tier == 'web']"),
        ),
        (Some(_), Some(Kind::Slash)) if here.expected.has(Kind::Dot) => {
            Some(place("an application and its zones are joined by `.`").help(shape))
        }
        (Some(before), None) if before.arrow().is_some() || before == Kind::To => {
            Some(place("the other side is missing").help(shape))
        }
        (Some(Kind::Forbid), _) => Some(
            place("a guardrail begins with a place")
                .help("write  forbid application.zone to application.zone"),
        ),
        _ => None,
    }
}

/// A list of places: as one place where they are zones of one application.
fn one_place(here: &Here<'_>) -> Diagnostic {
    let found = here.say(&codes::PLACE, "one line has one place on each side", "");
    let Some((span, list)) = listed(here) else {
        return found.help(
            "write several zones of one application as  application.{zone, zone}, and a line for each application",
        );
    };
    let text = here.line.text;
    let stretch = |first: usize, end: usize| here.line.stretch(first, end).map_or(span, |it| it.0);
    let whole = stretch(0, here.line.tokens.len());
    let before = text.at(Span { end: span.start, ..whole });
    let after = text.at(Span { start: span.end, ..whole });
    found.help(format!("write\n{}", format!("{before}{list}{after}").replace('\n', " "))).fix(
        format!("write `{list}`"),
        span,
        list,
    )
}

/// The list of places in which the parser stopped, and how it is written as one place; `None` if they are
/// not plain zones of one application.
fn listed(here: &Here<'_>) -> Option<(Span, String)> {
    let line = &here.line;
    let starts = |kind: Kind| kind.arrow().is_some() || matches!(kind, Kind::To | Kind::Forbid);
    let before = line.tokens.get(..here.index)?;
    let first = before.iter().rposition(|token| starts(token.kind)).map_or(0, |at| at + 1);
    let (mut at, mut zones) = (first, Vec::new());
    loop {
        let name = |index| line.kind(index).is_some_and(Kind::is_name);
        let place = name(at) && line.kind(at + 1) == Some(Kind::Dot) && name(at + 2);
        if !place || line.written(at) != line.written(first) {
            return None;
        }
        let zone = line.written(at + 2);
        if !zones.contains(&zone) {
            zones.push(zone);
        }
        at += 3;
        if line.kind(at) != Some(Kind::Comma) {
            break;
        }
        at += 1;
    }
    let ends = line.kind(at).is_none_or(|kind| {
        kind.arrow().is_some() || kind.is_clause() || matches!(kind, Kind::Colon | Kind::To)
    });
    let (span, _) = line.stretch(first, at)?;
    let application = line.written(first);
    (ends && zones.len() > 1).then(|| (span, format!("{application}.{{{}}}", zones.join(", "))))
}

/// Where an arrow, or the `to` of a guardrail, should stand.
fn arrow(here: &Here<'_>) -> Option<Diagnostic> {
    let kind = here.kind();
    if here.expected.has(Kind::To) {
        let found = here.say(&codes::ARROW, "a guardrail has `to` or `==>` between its places", "");
        return Some(if kind == Some(Kind::Inside) {
            found.help("write `to`: it covers every connection from the left to the right").fix(
                "write `to`",
                here.span,
                "to",
            )
        } else {
            found.help("write  forbid application.zone to application.zone")
        });
    }
    let all = "write `->` inside a landing zone, `==>` to leave it, `<==` to let others in";
    if here.expected.has(Kind::Inside) {
        let owner = here.line.written(0);
        return Some(match kind {
            Some(Kind::To) => here
                .say(&codes::ARROW, "`to` belongs to guardrails: a flow has an arrow", "")
                .help(all),
            Some(Kind::Equals) => here
                .say(&codes::STATEMENT, "a declaration begins with `external` or `port`", "")
                .help(format!("write  external {owner} = …  or  port {owner} = …")),
            Some(_) => here
                .say(&codes::ARROW, "an arrow is missing", format!("{} here", here.found()))
                .help(all),
            None => here
                .say(
                    &codes::STATEMENT,
                    "a flow has an arrow and a second side",
                    "the line ends here",
                )
                .help("a flow is written  application.zone -> application.zone : tcp/443"),
        });
    }
    if kind.and_then(Kind::arrow).is_some() && here.after(|kind| kind.arrow().is_some()) {
        return Some(
            here.say(&codes::ARROW, "one line has one arrow", "the second")
                .help("write a line for each flow"),
        );
    }
    None
}
