//! The grammar (language reference, section 4 "Grammar"; `grammar/flow.ebnf` is its published form), one
//! function for each of its rules, over the tokens of one statement. A statement is read whole or not at
//! all: of a bad line no good beginning is kept.

use chumsky::prelude::*;

use super::clauses;
use super::failure::{Breach, Failure, Tokens};
use super::lexer::unquote;
use super::token::{Kind, Token};
use super::tree::{
    Application, Arrow, Asked, Endpoint, Exempt, External, ExternalValue, Flow, Forbid, Name,
    Place, Port, Statement, Zones,
};
use super::{traffic, value};
use crate::source::{Span, Spanned};

/// What every parser function has to name.
pub(super) type Extra = extra::Err<Failure>;

/// A parser of one rule.
pub(super) type Rule<'t, T> = Boxed<'t, 't, Tokens<'t>, T, Extra>;

/// The text of the file, from which tokens are read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Text<'t>(pub(super) &'t str);

impl<'t> Text<'t> {
    /// What stands at `span`.
    pub(super) fn at(self, span: Span) -> &'t str {
        self.0.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    /// What the word or string at `span` says.
    pub(super) fn name(self, span: Span) -> Name {
        let text = self.at(span);
        let value = if text.starts_with('"') { unquote(text) } else { text.into() };
        Spanned::new(value, span)
    }
}

/// A parser of statements of the file `text`.
pub(super) fn statement(text: Text<'_>) -> Rule<'_, Statement> {
    let statement_word =
        any().filter(|kind: &Kind| kind.is_statement()).then_ignore(just(Kind::Dot).not());
    choice((
        forbid(text).map(Statement::Forbid),
        exempt(text).map(Statement::Exempt),
        external(text).map(Statement::External),
        port(text).map(Statement::Port),
        word(Kind::Log)
            .then_ignore(just(Kind::Denied))
            .map_with(|(), extra| Statement::Log(extra.span())),
        statement_word.not().ignore_then(flow(text)).map(Statement::Flow),
    ))
    .then_ignore(end())
    .boxed()
}

/// Reads what `parser` reads from all of `tokens`, none of them a line end. Gives the first thing that is wrong.
pub(super) fn read<'t, T>(
    parser: &Rule<'t, T>,
    tokens: &'t [Token],
    end: Span,
) -> Result<T, Failure> {
    let map: fn(&'t Token) -> (&'t Kind, &'t Span) = |token| (&token.kind, &token.span);
    let (read, failures) = parser.parse(tokens.map(end, map)).into_output_errors();
    let first = failures.into_iter().min_by_key(|failure| failure.span);
    match (read, first) {
        (Some(read), None) => Ok(read),
        (_, Some(failure)) => Err(failure),
        (None, None) => Err(Failure::expecting(Kind::Newline, end)),
    }
}

/// The first word of a statement: before a `.` it is the name of an application.
fn word<'t>(kind: Kind) -> Rule<'t, ()> {
    just(kind).then_ignore(just(Kind::Dot).not()).ignored().boxed()
}

fn flow(text: Text<'_>) -> Rule<'_, Flow> {
    let arrow = any().filter(|kind: &Kind| kind.arrow().is_some()).labelled(Kind::Inside).map_with(
        |kind: Kind, extra| Spanned::new(kind.arrow().unwrap_or(Arrow::Inside), extra.span()),
    );
    endpoint(text)
        .then(arrow)
        .then(endpoint(text))
        .then(after_colon(text))
        .then(clauses::of_flow(text))
        .map_with(|((((left, arrow), right), traffic), clauses), extra| Flow {
            left,
            arrow,
            right,
            traffic,
            clauses,
            span: extra.span(),
        })
        .boxed()
}

fn forbid(text: Text<'_>) -> Rule<'_, Forbid> {
    let crossing = just(Kind::To)
        .to(false)
        .or(just(Kind::Leaving).to(true))
        .map_with(|crossing, extra| Spanned::new(crossing, extra.span()));
    let except = just(Kind::Except)
        .ignore_then(endpoint(text).separated_by(just(Kind::Comma)).at_least(1).collect())
        .or_not()
        .map(Option::unwrap_or_default);
    word(Kind::Forbid)
        .ignore_then(endpoint(text))
        .then(crossing)
        .then(endpoint(text))
        .then(after_colon(text))
        .then(except)
        .then(clauses::of_forbid(text))
        .map_with(|(((((left, crossing), right), traffic), except), clauses), extra| Forbid {
            left,
            crossing,
            right,
            traffic,
            except,
            clauses,
            span: extra.span(),
        })
        .boxed()
}

fn exempt(text: Text<'_>) -> Rule<'_, Exempt> {
    word(Kind::Exempt)
        .ignore_then(object(text).separated_by(just(Kind::Comma)).at_least(1).collect::<Vec<_>>())
        .map_with(|namespaces, extra| Exempt { namespaces, span: extra.span() })
        .boxed()
}

fn external(text: Text<'_>) -> Rule<'_, External> {
    let blocks =
        block(text).separated_by(just(Kind::Comma)).at_least(1).collect::<Vec<_>>().boxed();
    let addresses = blocks.clone().then(just(Kind::Except).ignore_then(blocks).or_not()).map(
        |(blocks, except)| ExternalValue::Addresses { blocks, except: except.unwrap_or_default() },
    );
    let namespace = just(Kind::Namespace)
        .ignore_then(object(text))
        .then(selector(text).or_not())
        .map(|(name, selector)| ExternalValue::Namespace { name, selector });
    let service = just(Kind::Service)
        .ignore_then(object(text))
        .then_ignore(just(Kind::Slash))
        .then(object(text))
        .map(|(namespace, name)| ExternalValue::Service { namespace, name });
    word(Kind::External)
        .ignore_then(declared(text))
        .then_ignore(just(Kind::Equals))
        .then(choice((addresses, namespace, service)))
        .map_with(|(name, value), extra| External { name, value, span: extra.span() })
        .boxed()
}

fn port(text: Text<'_>) -> Rule<'_, Port> {
    word(Kind::Port)
        .ignore_then(declared(text))
        .then_ignore(just(Kind::Equals))
        .then(traffic::protocols(text))
        .map_with(|(name, matches), extra| Port { name, matches, span: extra.span() })
        .boxed()
}

fn after_colon(text: Text<'_>) -> Rule<'_, Option<Spanned<super::tree::Traffic>>> {
    just(Kind::Colon).ignore_then(traffic::traffic(text)).or_not().boxed()
}

fn endpoint(text: Text<'_>) -> Rule<'_, Endpoint> {
    place(text)
        .then(selector(text).or_not())
        .map_with(|(place, selector), extra| Endpoint { place, selector, span: extra.span() })
        .boxed()
}

/// The traffic of a question, and nothing after it.
pub(super) fn matches(text: Text<'_>) -> Rule<'_, Spanned<super::tree::Traffic>> {
    traffic::traffic(text).then_ignore(end()).boxed()
}

/// The place of a question: `namespace/NAME` or one side of a flow, and nothing after it.
pub(super) fn asked(text: Text<'_>) -> Rule<'_, Asked> {
    let namespace = just(Kind::Namespace)
        .ignore_then(just(Kind::Slash))
        .ignore_then(object(text))
        .then(selector(text).or_not())
        .map(|(name, selector)| Asked::Namespace { name, selector });
    choice((namespace, endpoint(text).map(Asked::Side))).then_ignore(end()).boxed()
}

fn place(text: Text<'_>) -> Rule<'_, Place> {
    let every = just(Kind::Star)
        .map_with(|_, extra| Spanned::new(Application::Any, extra.span()))
        .then_ignore(just(Kind::Dot))
        .then(zones(text))
        .map(|(application, zones)| Place::Zones { application, zones });
    let named = name(text).then(just(Kind::Dot).ignore_then(zones(text)).or_not()).validate(
        |(name, zones), _, emitter| match zones {
            None => Place::External(name),
            Some(zones) => {
                if !value::is_label_value(&name.value) {
                    emitter.emit(Failure::of(Breach::LabelValue, name.span));
                }
                let application = Spanned::new(Application::Named(name.value), name.span);
                Place::Zones { application, zones }
            }
        },
    );
    let addresses = just(Kind::Address).validate(move |_, extra, emitter| {
        let span: Span = extra.span();
        let written = text.at(span);
        if !value::is_block(written) && written.parse::<std::net::IpAddr>().is_err() {
            emitter.emit(Failure::of(Breach::Address, span));
        }
        Place::Addresses(Spanned::new(written.into(), span))
    });
    choice((every, named, addresses)).boxed()
}

fn zones(text: Text<'_>) -> Rule<'_, Spanned<Zones>> {
    let list = zone(text)
        .separated_by(just(Kind::Comma))
        .at_least(1)
        .collect::<Vec<_>>()
        .delimited_by(just(Kind::Open), just(Kind::Close))
        .validate(|zones, _, emitter| {
            let mut seen = std::collections::BTreeMap::new();
            for zone in &zones {
                if let Some(first) = seen.insert(&zone.value, zone.span) {
                    emitter.emit(Failure::of(Breach::ZoneTwice(first), zone.span));
                }
            }
            Zones::Named(zones)
        });
    choice((just(Kind::Star).to(Zones::Any), zone(text).map(|zone| Zones::Named(vec![zone])), list))
        .map_with(|zones, extra| Spanned::new(zones, extra.span()))
        .boxed()
}

fn zone(text: Text<'_>) -> Rule<'_, Name> {
    checked_name(text, Breach::LabelValue, value::is_label_value)
}

/// The name of a namespace or of a service.
fn object(text: Text<'_>) -> Rule<'_, Name> {
    checked_name(text, Breach::ObjectName, value::is_object_name)
}

/// The name of an external or an alias, where it is declared.
fn declared(text: Text<'_>) -> Rule<'_, Name> {
    checked_name(text, Breach::DeclaredName, value::is_declarable)
}

fn checked_name(text: Text<'_>, breach: Breach, good: fn(&str) -> bool) -> Rule<'_, Name> {
    name(text)
        .validate(move |name, _, emitter| {
            if !good(&name.value) {
                emitter.emit(Failure::of(breach, name.span));
            }
            name
        })
        .boxed()
}

/// Any word or string.
pub(super) fn name(text: Text<'_>) -> Rule<'_, Name> {
    any()
        .filter(|kind: &Kind| kind.is_name())
        .labelled(Kind::Word)
        .map_with(move |_, extra| text.name(extra.span()))
        .boxed()
}

/// The text between brackets. Line breaks become spaces byte by byte, so that places in it stay true.
fn selector(text: Text<'_>) -> Rule<'_, Spanned<Box<str>>> {
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

fn block(text: Text<'_>) -> Rule<'_, Spanned<Box<str>>> {
    just(Kind::Address)
        .validate(move |_, extra, emitter| {
            let span: Span = extra.span();
            if !value::is_block(text.at(span)) {
                emitter.emit(Failure::of(Breach::Address, span));
            }
            Spanned::new(text.at(span).into(), span)
        })
        .boxed()
}
