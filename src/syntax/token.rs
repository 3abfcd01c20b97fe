//! The words and signs that a flow file is made of.

use super::tree::{Arrow, Name};
use crate::source::{Span, Spanned};

/// One token with its place. Its text is read from the file by its span.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    /// What it is.
    pub(super) kind: TokenKind,
    /// Where it stands, quotes and brackets included.
    pub(super) span: Span,
}

/// The text of a flow file, from which tokens are read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Text<'t>(pub(super) &'t str);

impl<'t> Text<'t> {
    /// What stands at `span`.
    pub(super) fn at(self, span: Span) -> &'t str {
        self.0.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    /// The word or string at `span` without quotes and escapes.
    pub(super) fn name(self, span: Span) -> Name {
        let text = self.at(span);
        let value = if text.starts_with('"') { unquote(text) } else { text.into() };
        Spanned::new(value, span)
    }

    /// The blanks before `span`.
    pub(super) fn blanks_before(self, span: Span) -> Span {
        let before = self.0.get(..span.start as usize).unwrap_or("");
        let blanks = before.len() - before.trim_end().len();
        Span { start: span.start - u32::try_from(blanks).unwrap_or(0), end: span.start, ..span }
    }
}

/// The text between the quotes of a `Quoted` token, escapes replaced.
fn unquote(text: &str) -> Box<str> {
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    let mut out = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let mut chars = after.chars();
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('u') => {
                let (digits, after) = chars
                    .as_str()
                    .strip_prefix('{')
                    .and_then(|t| t.split_once('}'))
                    .unwrap_or_default();
                out.extend(u32::from_str_radix(digits, 16).ok().and_then(char::from_u32));
                chars = after.chars();
            }
            Some(c) => out.push(c),
            None => {}
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
    out.into()
}

/// Declares [`TokenKind`]: the words of the language in groups, then the other tokens, and last the names of rules, which
/// are no tokens but stand in what the parser expected.
macro_rules! kinds {
    (
        groups { $($(#[$doc:meta])* $group:ident { $($grouped:ident $grouped_text:literal,)* })* }
        words { $($word:ident $text:literal,)* }
        others { $($other:ident $name:literal,)* }
    ) => {
        /// What a token is. A word of the language is one wherever it stands; the parser decides by
        /// position whether it is meant as a name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum TokenKind {
            $($(#[doc = $grouped_text] $grouped,)*)*
            $(#[doc = $text] $word,)*
            $(#[doc = $name] $other,)*
        }

        impl TokenKind {
            $($(#[$doc])* pub(super) const $group: &[Self] = &[$(Self::$grouped),*];)*
            /// Every kind.
            const ALL: &[Self] =
                &[$($(Self::$grouped,)*)* $(Self::$word,)* $(Self::$other),*];

            /// The kind of the unquoted word `text`.
            pub(super) fn of_word(text: &str) -> Self {
                match text {
                    $($($grouped_text => Self::$grouped,)*)*
                    $($text => Self::$word,)*
                    _ => Self::Word,
                }
            }

            /// How messages name it, in backticks where it is text to write.
            pub(super) fn describe(self) -> &'static str {
                match self {
                    $($(Self::$grouped => concat!("`", $grouped_text, "`"),)*)*
                    $(Self::$word => concat!("`", $text, "`"),)*
                    $(Self::$other => $name,)*
                }
            }
        }
    };
}

kinds! {
    groups {
        /// The words that begin a statement other than a flow.
        STATEMENTS {
            Exempt "exempt",
            External "external",
            Port "port",
            Forbid "forbid",
            Log "log",
        }
        /// The words that begin a clause.
        CLAUSES {
            Because "because",
            Until "until",
            Ticket "ticket",
            Except "except",
        }
        /// The words for protocols.
        PROTOCOLS {
            Tcp "tcp",
            Udp "udp",
            Sctp "sctp",
            UdpLite "udplite",
            Icmp "icmp",
            IcmpV6 "icmpv6",
        }
    }
    words {
        Denied "denied",
        To "to",
        Namespace "namespace",
        Service "service",
        Any "any",
        Protocol "protocol",
    }
    others {
        Word "a name",
        Quoted "a quoted text",
        Address "an address block",
        Selector "a pod selector",
        Inside "`->`",
        Both "`<->`",
        Leaving "`==>`",
        Entering "`<==`",
        Dot "`.`",
        Comma "`,`",
        Colon "`:`",
        Slash "`/`",
        Equals "`=`",
        Star "`*`",
        Open "`{`",
        Close "`}`",
        BadArrow "something like an arrow",
        Bad "something unreadable",
        BadOpen "something unreadable, after which the line goes on",
        Newline "the end of the line",
        Statement "a statement",
        Place "a place",
        Zone "a zone",
        Arrow "an arrow",
        Traffic "a protocol or a port name",
        Number "a number",
        Clause "a clause",
        Date "a date",
        TicketName "a ticket's name",
        Value "addresses, a namespace or a service",
    }
}

/// An example of each statement, by its first word.
const EXAMPLES: [(TokenKind, &str); 5] = [
    (TokenKind::Exempt, "exempt kube-system, default"),
    (TokenKind::External, "external name = 10.0.0.0/8, fd00::/8 except 10.1.0.0/16"),
    (TokenKind::Port, "port web = tcp/80, tcp/443"),
    (TokenKind::Forbid, "forbid application.zone to application.zone"),
    (TokenKind::Log, "log denied"),
];

impl TokenKind {
    /// A word of the language as written; for the others, their description.
    pub(super) fn text(self) -> &'static str {
        self.describe().trim_matches('`')
    }

    /// An example of the statement that it begins; of a flow for all other kinds.
    pub(super) fn example(self) -> &'static str {
        let example = EXAMPLES.iter().find(|(kind, _)| *kind == self);
        example.map_or("application.zone -> application.zone : tcp/443", |(_, example)| example)
    }

    /// Whether a name may be written so.
    pub(super) fn is_name(self) -> bool {
        (self as u8) < Self::Address as u8
    }

    /// Whether it is one of the words for a protocol.
    pub(super) fn is_protocol(self) -> bool {
        Self::PROTOCOLS.contains(&self)
    }

    /// Whether it stands for text that the lexer could not read, but for arrows.
    pub(super) fn is_bad(self) -> bool {
        matches!(self, Self::Bad | Self::BadOpen)
    }

    /// Whether it begins a statement other than a flow.
    pub(super) fn is_statement(self) -> bool {
        Self::STATEMENTS.contains(&self)
    }

    /// Whether it begins a clause.
    pub(super) fn is_clause(self) -> bool {
        Self::CLAUSES.contains(&self)
    }

    /// The arrow that it is.
    pub(super) fn arrow(self) -> Option<Arrow> {
        let arrows = [Arrow::Inside, Arrow::Both, Arrow::Leaving, Arrow::Entering];
        arrows.get((self as usize).checked_sub(Self::Inside as usize)?).copied()
    }

    /// Whether a line that ends so goes on with the next.
    pub(super) fn goes_on(self) -> bool {
        self.arrow().is_some()
            || matches!(self, Self::Comma | Self::Colon | Self::Open | Self::Equals)
            || matches!(self, Self::BadArrow | Self::BadOpen)
    }
}

/// A set of kinds, as one word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct KindSet(u64);

impl KindSet {
    /// Just `kind`.
    pub(super) fn of(kind: TokenKind) -> Self {
        Self(1 << (kind as u64))
    }

    /// What is in either.
    pub(super) fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether `kind` is in it.
    pub(super) fn has(self, kind: TokenKind) -> bool {
        self.0 & Self::of(kind).0 != 0
    }

    /// Its kinds, in the order of their declaration.
    pub(super) fn iter(self) -> impl Iterator<Item = TokenKind> {
        TokenKind::ALL.iter().copied().filter(move |kind| self.has(*kind))
    }
}

// Every kind needs a bit of a [`KindSet`].
const _: () = assert!(TokenKind::ALL.len() <= 64);
