//! Expectations: `allow PLACE -> PLACE : TRAFFIC` and `deny PLACE -> PLACE`, each on its line, in the words of flow files. They
//! stand in files of their own and are no part of the flow language: nothing is opened by one.

use chumsky::prelude::*;

use super::failure::{GrammarRule, SyntaxFailure, checked};
use super::parser::{query_place, read};
use super::place::{endpoint, side};
use super::token::{KindSet, Text, Token, TokenKind};
use super::traffic;
use super::tree::{Arrow, Expectation, QuerySide, Traffic};
use super::{layout, lexer, mistakes};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::syntax::{ARROW, STATEMENT};
use crate::source::{FileId, Sources, Span, Spanned};

/// Reads the expectations of the file `file` of `sources`. Gives every one that can be read, and a diagnostic for every line that
/// is none, in source order: never fails.
pub fn expectations(sources: &Sources, file: FileId) -> (Vec<Expectation>, Vec<Diagnostic>) {
    let text = Text(sources.get(file).map_or("", |file| &file.text));
    let lexed = lexer::lex(file, text.0);
    let tokens = layout::arrange(text, &lexed.tokens);
    let comments = lexed.comments.iter().map(|flaw| mistakes::flaw(text, &[], *flaw));
    let (mut found, mut diagnostics) = (Vec::new(), comments.collect::<Vec<_>>());
    let rule = rule(text);
    for line in tokens.split(|token| token.kind == TokenKind::Newline) {
        let Some((first, rest)) = line.split_first() else { continue };
        let word = match text.at(first.span) {
            "allow" => Some(true),
            "deny" => Some(false),
            _ => None,
        };
        let Some(open) = word else {
            diagnostics.push(no_expectation(text, first));
            continue;
        };
        let stop = rest.last().unwrap_or(first).span;
        let stop = Span { start: stop.end, ..stop };
        let (read, failures) = read(&rule, rest, stop);
        let span = first.span.to(line.last().map_or(first.span, |last| last.span));
        match (read, failures.into_iter().next()) {
            (Some(read), None) => match read.into_expectation(open, span) {
                Ok(expectation) => found.push(expectation),
                Err(refused) => diagnostics.push(*refused),
            },
            (_, failure) => {
                let empty = || SyntaxFailure::new(KindSet::default(), None, stop);
                let failure = failure.unwrap_or_else(empty);
                diagnostics.push(mistakes::failure(text, rest, &lexed.flaws, failure));
            }
        }
    }
    diagnostics.sort_by_key(Diagnostic::primary);
    (found, diagnostics)
}

/// What follows the first word.
struct Rest {
    from: QuerySide,
    to: QuerySide,
    traffic: Option<Spanned<Traffic>>,
    except: Vec<QuerySide>,
}

impl Rest {
    fn into_expectation(self, open: bool, span: Span) -> Result<Expectation, Box<Diagnostic>> {
        let Self { from, to, traffic, except } = self;
        let refuse = |message: &str, help: &str| {
            Err(Box::new(Diagnostic::at(&STATEMENT, span, message).help(help)))
        };
        if open && traffic.is_none() {
            return refuse(
                "`allow` says which traffic must be open",
                "write it behind the places, as in  : tcp/443  or  : any",
            );
        }
        if open && !except.is_empty() {
            return refuse(
                "`except` belongs to `deny`",
                "write an `allow` for each of the places that must be open",
            );
        }
        Ok(Expectation { open, from, to, traffic, except, span })
    }
}

fn rule(text: Text<'_>) -> GrammarRule<'_, Rest> {
    let arrow = any()
        .filter(|kind: &TokenKind| kind.arrow().is_some() || *kind == TokenKind::BadArrow)
        .labelled(TokenKind::Arrow);
    let arrow = checked(arrow, |kind: &TokenKind, span| {
        (kind.arrow() != Some(Arrow::Inside)).then(|| {
            Diagnostic::at(
                &ARROW,
                span,
                "an expectation has the arrow `->`, also across a boundary",
            )
            .replace(span, "->")
        })
    });
    let one = query_place(text, endpoint(text));
    let except = just(TokenKind::Except)
        .ignore_then(one.separated_by(just(TokenKind::Comma)).at_least(1).collect())
        .or_not()
        .map(Option::unwrap_or_default);
    query_place(text, side(text))
        .then_ignore(arrow)
        .then(query_place(text, side(text)))
        .then(traffic::after_colon(text).or_not())
        .then(except)
        .then_ignore(chumsky::prelude::end())
        .map(|(((from, to), traffic), except)| Rest { from, to, traffic, except })
        .boxed()
}

/// The words for a line that begins with another word.
fn no_expectation(text: Text<'_>, first: &Token) -> Diagnostic {
    let written = text.at(first.span);
    Diagnostic::at(
        &STATEMENT,
        first.span,
        format!("an expectation begins with `allow` or `deny`, not with `{written}`"),
    )
    .help("write  allow application.zone -> application.zone : tcp/443  or  deny * -> application.zone")
}
