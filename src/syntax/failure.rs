//! Why a statement could not be read, as the parser says it: small and `Copy`, because the parser makes one
//! for every alternative that it tries. [`super::mistakes`] puts it into words.

use chumsky::DefaultExpected;
use chumsky::error::{Error, LabelError};
use chumsky::input::MappedInput;
use chumsky::util::MaybeRef;

use super::token::{Kind, KindSet, Token};
use crate::source::{FileId, Span};

/// The parser's input: the tokens of one statement.
pub(super) type Tokens<'t> =
    MappedInput<'t, Kind, Span, &'t [Token], fn(&'t Token) -> (&'t Kind, &'t Span)>;

/// What stopped the parser.
#[derive(Clone, Copy, Debug)]
pub(super) struct Failure {
    /// Where: the token to blame, or the end of the statement.
    pub(super) span: Span,
    /// What could have stood there.
    pub(super) expected: KindSet,
    /// The rule that a well-formed piece breaks, if that is the matter.
    pub(super) breach: Option<Breach>,
}

/// A rule that the order of tokens does not show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Breach {
    /// A number with a `0` before it.
    LeadingZero,
    /// A number that no field can hold.
    TooLarge,
    /// A date that is not written as one, or that no calendar has.
    Date,
    /// A reason without text.
    Blank,
    /// A clause for the second time; the place of the first.
    Repeated(Span),
    /// A zone for the second time in one list; the place of the first.
    ZoneTwice(Span),
    /// Not an address block.
    Address,
    /// Not a value that a label can have.
    LabelValue,
    /// Not a name that a namespace or a service can have.
    ObjectName,
    /// Not a name for an external or an alias.
    DeclaredName,
    /// A port where a protocol or an alias belongs.
    BarePort,
    /// A protocol or `any` in capital letters.
    Capitals,
}

impl Failure {
    /// `breach` at `span`.
    pub(super) fn of(breach: Breach, span: Span) -> Self {
        Self { span, expected: KindSet::default(), breach: Some(breach) }
    }

    /// `kind` is missing at `span`.
    pub(super) fn expecting(kind: Kind, span: Span) -> Self {
        Self { span, expected: KindSet::of(kind), breach: None }
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

impl<'t> Error<'t, Tokens<'t>> for Failure {
    fn merge(self, other: Self) -> Self {
        Self { expected: self.expected.union(other.expected), ..self }
    }
}

impl<'t> LabelError<'t, Tokens<'t>, DefaultExpected<'t, Kind>> for Failure {
    fn expected_found<E: IntoIterator<Item = DefaultExpected<'t, Kind>>>(
        expected: E,
        _found: Option<MaybeRef<'t, Kind>>,
        span: Span,
    ) -> Self {
        let expected = expected.into_iter().fold(KindSet::default(), |set, one| match one {
            DefaultExpected::Token(kind) => set.union(KindSet::of(*kind)),
            DefaultExpected::EndOfInput => set.union(KindSet::of(Kind::Newline)),
            DefaultExpected::Any | DefaultExpected::SomethingElse | _ => set,
        });
        Self { span, expected, breach: None }
    }
}

/// A label is the kind that stands for all that the labelled parser takes.
impl<'t> LabelError<'t, Tokens<'t>, Kind> for Failure {
    fn expected_found<E: IntoIterator<Item = Kind>>(
        expected: E,
        _found: Option<MaybeRef<'t, Kind>>,
        span: Span,
    ) -> Self {
        let expected =
            expected.into_iter().fold(KindSet::default(), |set, kind| set.union(KindSet::of(kind)));
        Self { span, expected, breach: None }
    }

    fn label_with(&mut self, label: Kind) {
        self.expected = KindSet::of(label);
    }
}
