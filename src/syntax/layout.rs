//! Where statements end (language reference, section 3 "Lexical rules"): of the line ends that the lexer
//! saw, those that end a statement stay, and the others go.

use super::token::{Kind, Token};
use crate::source::Span;

/// `tokens` with one `Newline` after each statement, right behind it, and no other.
pub(super) fn arrange(tokens: &[Token]) -> Vec<Token> {
    let mut kept: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut rest = tokens;
    let mut open = false;
    while let Some((token, tail)) = rest.split_first() {
        rest = tail;
        if token.kind != Kind::Newline {
            open = token.kind == Kind::Open || open && token.kind != Kind::Close;
            kept.push(*token);
            continue;
        }
        while let Some((Token { kind: Kind::Newline, .. }, tail)) = rest.split_first() {
            rest = tail;
        }
        let Some(last) = kept.last() else { continue };
        let next = rest.first().map(|token| token.kind);
        let second = rest.get(1).map(|token| token.kind);
        let clause = next.is_some_and(Kind::is_clause) && second != Some(Kind::Dot);
        let zones = open && list_goes_on(next, second);
        let ends = ends_open(last.kind) || last.kind == Kind::To && ends_in_to(statement(&kept));
        let more = next.is_some() && (ends || clause || zones);
        if !more {
            let span = Span { start: last.span.end, ..last.span };
            kept.push(Token { kind: Kind::Newline, span });
            open = false;
        }
    }
    kept
}

/// The tokens after the last line end.
fn statement(kept: &[Token]) -> &[Token] {
    kept.rsplit(|token| token.kind == Kind::Newline).next().unwrap_or_default()
}

/// Whether a guardrail ends in the `to` between its places: its other side is looked for on the next line, to say that it
/// belongs on this one.
fn ends_in_to(statement: &[Token]) -> bool {
    let [first, _, middle @ .., last] = statement else { return false };
    first.kind == Kind::Forbid
        && last.kind == Kind::To
        && !middle.iter().any(|token| matches!(token.kind, Kind::To | Kind::Leaving))
}

/// Whether a line that ends so goes on with the next.
fn ends_open(last: Kind) -> bool {
    last.arrow().is_some()
        || matches!(last, Kind::Comma | Kind::Colon | Kind::Open | Kind::Equals | Kind::BadOpen)
}

/// Whether a line that begins so can belong to the list of zones before it. An unclosed `{` must not take
/// in the statements that follow.
fn list_goes_on(next: Option<Kind>, second: Option<Kind>) -> bool {
    let separator = |kind: Option<Kind>| matches!(kind, Some(Kind::Comma | Kind::Close));
    separator(next) || next.is_some_and(Kind::is_name) && separator(second)
}
