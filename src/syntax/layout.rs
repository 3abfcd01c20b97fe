//! Where statements end (language reference, section 3 "Lexical rules"): of the line ends that the lexer
//! saw, those that end a statement stay, and the others go.

use super::token::{Text, Token, TokenKind};
use crate::source::Span;

/// `tokens` with one `Newline` after each statement, right behind it, and no other.
pub(super) fn arrange(text: Text<'_>, tokens: &[Token]) -> Vec<Token> {
    let mut kept: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut open = false;
    let mut rest = tokens;
    while let Some((token, tail)) = rest.split_first() {
        rest = tail;
        if token.kind != TokenKind::Newline {
            open = token.kind == TokenKind::Open || open && token.kind != TokenKind::Close;
            kept.push(*token);
            continue;
        }
        while let Some((Token { kind: TokenKind::Newline, .. }, tail)) = rest.split_first() {
            rest = tail;
        }
        let Some(last) = kept.last().copied() else { continue };
        let line = rest.split(|token| token.kind == TokenKind::Newline).next().unwrap_or_default();
        let goes_on = line.first().is_some_and(|next| {
            let zones = open && list_goes_on(line);
            let ends_open = last.kind.goes_on() || last.kind == TokenKind::To && ends_in_to(&kept);
            let between = Span { start: last.span.end, end: next.span.start, ..last.span };
            begins_clause(line) || zones || ends_open && !stands_alone(text.at(between), line)
        });
        if !goes_on {
            let span = Span { start: last.span.end, ..last.span };
            kept.push(Token { kind: TokenKind::Newline, span });
            open = false;
        }
    }
    kept
}

/// Whether the last statement is a guardrail that ends in the `to` between its places: its other side is looked for on
/// the next line, to say that it belongs on this one.
fn ends_in_to(kept: &[Token]) -> bool {
    let statement =
        kept.rsplit(|token| token.kind == TokenKind::Newline).next().unwrap_or_default();
    let [first, _, middle @ .., last] = statement else { return false };
    first.kind == TokenKind::Forbid
        && last.kind == TokenKind::To
        && !middle.iter().any(|token| matches!(token.kind, TokenKind::To | TokenKind::Leaving))
}

fn begins_clause(line: &[Token]) -> bool {
    matches!(line, [first, rest @ ..] if first.kind.is_clause() && !begins_with(rest, TokenKind::Dot))
}

fn begins_with(line: &[Token], kind: TokenKind) -> bool {
    line.first().is_some_and(|first| first.kind == kind)
}

/// Whether a line can belong to the list of zones before it. An unclosed `{` must not take in the statements
/// that follow.
fn list_goes_on(line: &[Token]) -> bool {
    let separator =
        |line| begins_with(line, TokenKind::Comma) || begins_with(line, TokenKind::Close);
    let name = line.split_first().filter(|(first, _)| first.kind.is_name());
    separator(line) || name.is_some_and(|(_, rest)| separator(rest))
}

/// Whether a line is a statement of its own although the one before it ends as if it went on: a comment or a blank line
/// is `between` them, and it begins or reads as a statement. What is missing must not take it along.
fn stands_alone(between: &str, line: &[Token]) -> bool {
    let gap = between.contains('#') || between.split('\n').nth(2).is_some();
    let word =
        matches!(line, [first, second, ..] if first.kind.is_statement() && second.kind.is_name());
    gap && (word || line.iter().any(|token| token.kind.arrow().is_some()))
}
