//! The parser's input, its rules, and its errors. An error holds what was found, what could have stood there, and
//! in which rules; one that a rule raises itself carries its diagnostic. [`super::mistakes`] words the others.

use chumsky::DefaultExpected;
use chumsky::error::{Error, LabelError};
use chumsky::input::MappedInput;
use chumsky::prelude::{Boxed, Parser, extra, just};
use chumsky::util::MaybeRef;

use super::token::{KindSet, Token, TokenKind};
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};

/// The tokens of a file.
pub(super) type Tokens<'t> =
    MappedInput<'t, TokenKind, Span, &'t [Token], fn(&'t Token) -> (&'t TokenKind, &'t Span)>;

/// A parser of one rule of the grammar.
pub(super) type GrammarRule<'t, T> = Boxed<'t, 't, Tokens<'t>, T, Errors>;

/// What every parser function has to name.
pub(super) type Errors = extra::Err<SyntaxFailure>;

/// The place of a token of `kind`.
pub(super) fn place_of<'t>(kind: TokenKind) -> GrammarRule<'t, Span> {
    just(kind).map_with(|_, extra| extra.span()).boxed()
}

/// `rule`, which is read to its end but refused where `check` of its value and place gives a diagnostic.
pub(super) fn checked<'t, T>(
    rule: impl Parser<'t, Tokens<'t>, T, Errors> + Clone,
    check: impl Fn(&T, Span) -> Option<Diagnostic> + Clone,
) -> impl Parser<'t, Tokens<'t>, T, Errors> + Clone {
    rule.validate(move |value, extra, emitter| {
        let span = extra.span();
        if let Some(refused) = check(&value, span) {
            let known = Some(Box::new(refused));
            emitter.emit(SyntaxFailure {
                known,
                ..SyntaxFailure::new(KindSet::default(), None, span)
            });
        }
        value
    })
}

/// What stopped the parser, or what a rule refuses.
#[derive(Clone, Debug)]
pub(super) struct SyntaxFailure {
    /// Where: the token to blame, or the end of the statement.
    pub(super) span: Span,
    /// What stands there; nothing where a statement ends.
    pub(super) found: Option<TokenKind>,
    /// What could have stood there.
    pub(super) expected: KindSet,
    /// The rules that had begun: the word of the statement, [`TokenKind::Clause`], [`TokenKind::Open`], [`TokenKind::Protocol`].
    pub(super) within: KindSet,
    /// What is wrong, where a rule knows it.
    pub(super) known: Option<Box<Diagnostic>>,
}

impl SyntaxFailure {
    /// `expected` is missing at `span`.
    pub(super) fn new(expected: KindSet, found: Option<TokenKind>, span: Span) -> Self {
        let found = found.filter(|kind| *kind != TokenKind::Newline);
        Self { span, found, expected, within: KindSet::default(), known: None }
    }
}

impl chumsky::span::Span for Span {
    type Context = FileId;
    type Offset = u32;

    fn new(file: FileId, range: std::ops::Range<u32>) -> Self {
        Span::new(file, range.start, range.end)
    }

    fn context(&self) -> FileId {
        self.file
    }

    fn start(&self) -> u32 {
        self.start
    }

    fn end(&self) -> u32 {
        self.end
    }
}

impl<'t> Error<'t, Tokens<'t>> for SyntaxFailure {
    fn merge(self, other: Self) -> Self {
        Self {
            found: self.found.or(other.found),
            expected: self.expected.union(other.expected),
            within: self.within.union(other.within),
            known: self.known.or(other.known),
            ..self
        }
    }
}

impl<'t> LabelError<'t, Tokens<'t>, DefaultExpected<'t, TokenKind>> for SyntaxFailure {
    fn expected_found<E: IntoIterator<Item = DefaultExpected<'t, TokenKind>>>(
        expected: E,
        found: Option<MaybeRef<'t, TokenKind>>,
        span: Span,
    ) -> Self {
        let kinds = expected.into_iter().filter_map(|one| match one {
            DefaultExpected::Token(kind) => Some(*kind),
            DefaultExpected::EndOfInput => Some(TokenKind::Newline),
            DefaultExpected::Any | DefaultExpected::SomethingElse | _ => None,
        });
        <Self as LabelError<'t, Tokens<'t>, TokenKind>>::expected_found(kinds, found, span)
    }
}

/// A label is the kind that stands for all that the labelled rule takes.
impl<'t> LabelError<'t, Tokens<'t>, TokenKind> for SyntaxFailure {
    fn expected_found<E: IntoIterator<Item = TokenKind>>(
        expected: E,
        found: Option<MaybeRef<'t, TokenKind>>,
        span: Span,
    ) -> Self {
        let of = |set: KindSet, kind| set.union(KindSet::of(kind));
        let expected = expected.into_iter().fold(KindSet::default(), of);
        Self::new(expected, found.as_deref().copied(), span)
    }

    fn label_with(&mut self, label: TokenKind) {
        self.expected = KindSet::of(label);
    }

    fn in_context(&mut self, label: TokenKind, _: Span) {
        self.within = self.within.union(KindSet::of(label));
    }
}
