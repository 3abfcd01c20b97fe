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
        let more = next.is_some() && (ends_open(last.kind) || clause || zones);
        if !more {
            let span = Span { start: last.span.end, ..last.span };
            kept.push(Token { kind: Kind::Newline, span });
            open = false;
        }
    }
    kept
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
