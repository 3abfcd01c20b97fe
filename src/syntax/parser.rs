//! The statements of the grammar (language reference, section 4 "Grammar"; `grammar/flow.ebnf` is its published
//! form). A statement that cannot be read is skipped to the end of its line: of a bad line nothing is kept, and all
//! other lines are.

use chumsky::prelude::*;

use super::clauses;
use super::failure::{GrammarRule, SyntaxFailure, checked};
use super::mistakes::places;
use super::place::{blocks, declared, endpoint, object, selector, side};
use super::token::{Text, Token, TokenKind};
use super::traffic;
use super::tree::{
    Arrow, Endpoint, Exempt, External, ExternalValue, Flow, Forbid, Port, QuerySide, Statement,
    Traffic,
};
use crate::source::{Span, Spanned};

/// Each statement of the file `text`, or `None` where it cannot be read.
pub(super) fn file(text: Text<'_>) -> GrammarRule<'_, Vec<Option<Statement>>> {
    let skip = skip_until(any().ignored(), just(TokenKind::Newline).ignored(), || None);
    let line = statement(text).map(Some).then_ignore(just(TokenKind::Newline)).recover_with(skip);
    line.repeated().collect().boxed()
}

fn statement(text: Text<'_>) -> GrammarRule<'_, Statement> {
    let statement_word = any()
        .filter(|kind: &TokenKind| kind.is_statement())
        .then_ignore(just(TokenKind::Dot).not());
    choice((
        forbid(text).labelled(TokenKind::Forbid).as_context(),
        exempt(text).labelled(TokenKind::Exempt).as_context(),
        external(text).labelled(TokenKind::External).as_context(),
        port(text).labelled(TokenKind::Port).as_context(),
        log().labelled(TokenKind::Log).as_context(),
        statement_word.not().ignore_then(flow(text)),
    ))
    .labelled(TokenKind::Statement)
    .boxed()
}

/// What `rule` reads from `tokens` of `text`, if anything, and everything that it refuses, in source order.
pub(super) fn read<'t, T>(
    rule: &GrammarRule<'t, T>,
    tokens: &'t [Token],
    end: Span,
) -> (Option<T>, Vec<SyntaxFailure>) {
    let map: fn(&'t Token) -> (&'t TokenKind, &'t Span) = |token| (&token.kind, &token.span);
    let (read, mut failures) = rule.parse(tokens.map(end, map)).into_output_errors();
    failures.sort_by_key(|failure| failure.span);
    (read, failures)
}

/// The first word of a statement: before a `.` it is the name of an application.
fn word<'t>(kind: TokenKind) -> GrammarRule<'t, ()> {
    just(kind).then_ignore(just(TokenKind::Dot).not()).ignored().boxed()
}

fn flow(text: Text<'_>) -> GrammarRule<'_, Statement> {
    let arrow = any()
        .filter(|kind: &TokenKind| kind.arrow().is_some() || *kind == TokenKind::BadArrow)
        .labelled(TokenKind::Arrow)
        .map_with(|kind: TokenKind, extra| Spanned::new(kind.arrow(), extra.span()));
    let flow = side(text)
        .then(arrow)
        .then(side(text))
        .then(traffic::after_colon(text).or_not())
        .then(clauses::of_flow(text));
    checked(flow, move |((((left, arrow), right), _), _), _| {
        arrow.value.is_none().then(|| places::arrow(text, left, arrow.span, right))
    })
    .map_with(|((((left, arrow), right), traffic), clauses), extra| {
        let arrow = Spanned::new(arrow.value.unwrap_or(Arrow::Inside), arrow.span);
        Statement::Flow(Flow { left, arrow, right, traffic, clauses, span: extra.span() })
    })
    .boxed()
}

fn forbid(text: Text<'_>) -> GrammarRule<'_, Statement> {
    let crossing = just(TokenKind::To)
        .to(false)
        .or(just(TokenKind::Leaving).to(true))
        .map_with(|crossing, extra| Spanned::new(crossing, extra.span()));
    let except = just(TokenKind::Except)
        .ignore_then(endpoint(text).separated_by(just(TokenKind::Comma)).at_least(1).collect())
        .or_not()
        .map(Option::unwrap_or_default);
    word(TokenKind::Forbid)
        .ignore_then(side(text))
        .then(crossing)
        .then(side(text))
        .then(traffic::after_colon(text).or_not())
        .then(except)
        .then(clauses::of_forbid(text))
        .map_with(|(((((left, crossing), right), traffic), except), clauses), extra| {
            let span = extra.span();
            Statement::Forbid(Forbid { left, crossing, right, traffic, except, clauses, span })
        })
        .boxed()
}

fn exempt(text: Text<'_>) -> GrammarRule<'_, Statement> {
    word(TokenKind::Exempt)
        .ignore_then(object(text).separated_by(just(TokenKind::Comma)).at_least(1).collect())
        .map_with(|namespaces, extra| Statement::Exempt(Exempt { namespaces, span: extra.span() }))
        .boxed()
}

fn external(text: Text<'_>) -> GrammarRule<'_, Statement> {
    let except = just(TokenKind::Except).ignore_then(blocks(text)).or_not();
    let addresses = blocks(text).then(except).map(|(blocks, except)| ExternalValue::Addresses {
        blocks,
        except: except.unwrap_or_default(),
    });
    let namespace = just(TokenKind::Namespace)
        .ignore_then(object(text))
        .then(selector(text).or_not())
        .map(|(name, selector)| ExternalValue::Namespace { name, selector });
    let service = just(TokenKind::Service)
        .ignore_then(object(text))
        .then_ignore(just(TokenKind::Slash))
        .then(object(text))
        .map(|(namespace, name)| ExternalValue::Service { namespace, name });
    word(TokenKind::External)
        .ignore_then(declared(text))
        .then_ignore(just(TokenKind::Equals))
        .then(choice((addresses, namespace, service)).labelled(TokenKind::Value))
        .map_with(|(name, value), extra| {
            Statement::External(External { name, value, span: extra.span() })
        })
        .boxed()
}

fn port(text: Text<'_>) -> GrammarRule<'_, Statement> {
    word(TokenKind::Port)
        .ignore_then(declared(text))
        .then_ignore(just(TokenKind::Equals))
        .then(traffic::protocols(text))
        .map_with(|(name, matches), extra| {
            Statement::Port(Port { name, matches, span: extra.span() })
        })
        .boxed()
}

fn log<'t>() -> GrammarRule<'t, Statement> {
    word(TokenKind::Log)
        .then_ignore(just(TokenKind::Denied))
        .map_with(|(), extra| Statement::Log(extra.span()))
        .boxed()
}

/// The traffic of a question, and nothing after it.
pub(super) fn matches(text: Text<'_>) -> GrammarRule<'_, Spanned<Traffic>> {
    traffic::traffic(text).then_ignore(end()).boxed()
}

/// The place of a question, and nothing after it.
pub(super) fn query_side(text: Text<'_>) -> GrammarRule<'_, QuerySide> {
    query_place(text, side(text)).then_ignore(end()).boxed()
}

/// The place of a question: `namespace/NAME`, `namespace/*`, `*`, or `side`, one of a flow.
pub(super) fn query_place<'t>(
    text: Text<'t>,
    side: GrammarRule<'t, Endpoint>,
) -> GrammarRule<'t, QuerySide> {
    let every = just(TokenKind::Star).to(None);
    let namespace = just(TokenKind::Namespace)
        .ignore_then(just(TokenKind::Slash))
        .ignore_then(every.or(object(text).map(Some)))
        .then(selector(text).or_not())
        .map(|(name, selector)| match name {
            Some(name) => QuerySide::Namespace { name, selector },
            None => QuerySide::Namespaces { selector },
        });
    let everything = just(TokenKind::Star)
        .then_ignore(just(TokenKind::Dot).not())
        .map(|_| QuerySide::Everything);
    choice((namespace, everything, side.map(QuerySide::Side))).boxed()
}
