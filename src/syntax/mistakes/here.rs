//! Where the parser stopped, for those who find words for it.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::failure::SyntaxFailure;
use crate::syntax::token::{Text, Token, TokenKind};

/// Where the parser stopped on a line.
pub(super) struct Here<'t> {
    pub(super) text: Text<'t>,
    /// The tokens of the line.
    pub(super) tokens: &'t [Token],
    /// The token that cannot stand there; the number of tokens if it is the end of the line.
    pub(super) index: usize,
    pub(super) failure: SyntaxFailure,
}

impl<'t> Here<'t> {
    /// The kind of the token that cannot stand here; nothing at the end of the line.
    pub(super) fn found(&self) -> Option<TokenKind> {
        self.failure.found
    }

    pub(super) fn span(&self) -> Span {
        self.failure.span
    }

    /// Whether one of `kinds` could have stood here.
    pub(super) fn wants(&self, kinds: &[TokenKind]) -> bool {
        kinds.iter().any(|kind| self.failure.expected.has(*kind))
    }

    /// Whether one of the rules `kinds` has begun.
    pub(super) fn within(&self, kinds: &[TokenKind]) -> bool {
        kinds.iter().any(|kind| self.failure.within.has(*kind))
    }

    /// Whether the parser stopped at one of `kinds`; the end of the line is [`TokenKind::Newline`].
    pub(super) fn at(&self, kinds: &[TokenKind]) -> bool {
        kinds.contains(&self.found().unwrap_or(TokenKind::Newline))
    }

    /// Whether it stopped at none of `kinds`.
    pub(super) fn not_at(&self, kinds: &[TokenKind]) -> bool {
        !self.at(kinds)
    }

    /// Whether one of `kinds` stands before this token.
    pub(super) fn follows(&self, kinds: &[TokenKind]) -> bool {
        self.back(1).is_some_and(|token| kinds.contains(&token.kind))
    }

    /// Whether a name stands here.
    pub(super) fn is_name(&self) -> bool {
        self.found().is_some_and(TokenKind::is_name)
    }

    /// The token `count` before this one.
    pub(super) fn back(&self, count: usize) -> Option<Token> {
        self.tokens.get(self.index.checked_sub(count)?).copied()
    }

    /// The text of the token here.
    pub(super) fn written(&self) -> &'t str {
        self.tokens.get(self.index).map_or("", |token| self.text.at(token.span))
    }

    /// The text from the token `first` to before the token `end`, on one line.
    pub(super) fn stretch(&self, first: usize, end: usize) -> Option<String> {
        let tokens = self.tokens.get(first..end)?;
        let span = tokens.first()?.span.to(tokens.last()?.span);
        Some(self.text.at(span).replace('\n', " "))
    }

    /// The word of the statement that cannot be read.
    pub(super) fn statement(&self) -> Option<TokenKind> {
        TokenKind::STATEMENTS.iter().copied().find(|kind| self.failure.within.has(*kind))
    }

    /// What stands here, for a message.
    pub(super) fn stands(&self) -> String {
        match self.written() {
            "" => "the line ends".to_owned(),
            written => format!("`{written}` stands"),
        }
    }

    /// `message`, and `label` at this token.
    pub(super) fn say(
        &self,
        code: Code,
        message: impl Into<String>,
        label: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic::new(code, message).label(self.span(), label)
    }

    /// `found`, with a label that says why this line belongs to the one before, where that is the surprise.
    pub(super) fn carried_over(&self, found: Diagnostic) -> Diagnostic {
        let breaks = |pair: &[Token]| {
            let [before, after] = pair else { return None };
            let between = Span { start: before.span.end, end: after.span.start, ..before.span };
            self.text.at(between).contains('\n').then_some(before.span)
        };
        let end = self.tokens.len().min(self.index + 1);
        let near = self.tokens.get(self.index.saturating_sub(3)..end);
        match near.unwrap_or_default().windows(2).rev().find_map(breaks) {
            Some(span) if found.labels.len() == 1 && found.primary() != Some(span) => {
                found.label(span, "the statement goes on after this")
            }
            Some(_) | None => found,
        }
    }
}
