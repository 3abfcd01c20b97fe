//! The words and signs that a flow file is made of.

use super::tree::Arrow;
use crate::source::Span;

/// One token with its place. Its text is read from the file by its span.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    /// What it is.
    pub(super) kind: Kind,
    /// Where it stands, quotes and brackets included.
    pub(super) span: Span,
}

/// Declares [`Kind`] and how each kind is spoken of; the words of the language come first.
macro_rules! kinds {
    (words { $($word:ident $text:literal,)* } others { $($other:ident $name:literal,)* }) => {
        /// What a token is. A word of the language is one wherever it stands; the parser decides by
        /// position whether it is meant as a name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Kind {
            $(#[doc = $text] $word,)*
            $(#[doc = $name] $other,)*
        }

        impl Kind {
            /// Every kind.
            pub(super) const ALL: &[Self] = &[$(Self::$word,)* $(Self::$other,)*];

            /// The kind of the unquoted word `text`.
            pub(super) fn of_word(text: &str) -> Self {
                match text {
                    $($text => Self::$word,)*
                    _ => Self::Word,
                }
            }

            /// Whether it is a word of the language (which a name may be as well).
            pub(super) fn is_keyword(self) -> bool {
                match self {
                    $(Self::$word)|* => true,
                    $(Self::$other)|* => false,
                }
            }

            /// A word of the language as written; empty for the others.
            pub(super) fn text(self) -> &'static str {
                match self {
                    $(Self::$word => $text,)*
                    $(Self::$other)|* => "",
                }
            }

            /// How messages speak of it, in backticks where it is text to write.
            pub(super) fn describe(self) -> &'static str {
                match self {
                    $(Self::$word => concat!("`", $text, "`"),)*
                    $(Self::$other => $name,)*
                }
            }
        }
    };
}

kinds! {
    words {
        Exempt "exempt",
        External "external",
        Port "port",
        Forbid "forbid",
        Log "log",
        Denied "denied",
        To "to",
        Because "because",
        Until "until",
        Ticket "ticket",
        Except "except",
        Namespace "namespace",
        Service "service",
        Any "any",
        Protocol "protocol",
        Tcp "tcp",
        Udp "udp",
        Sctp "sctp",
        UdpLite "udplite",
        Icmp "icmp",
        IcmpV6 "icmpv6",
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
        Number "a number",
        Bad "something unreadable",
        BadOpen "something unreadable, after which the line goes on",
        Newline "the end of the line",
    }
}

impl Kind {
    /// Whether a name may be written so.
    pub(super) fn is_name(self) -> bool {
        self.is_keyword() || matches!(self, Self::Word | Self::Quoted)
    }

    /// Whether it is one of the six words for a protocol.
    pub(super) fn is_protocol(self) -> bool {
        matches!(
            self,
            Self::Tcp | Self::Udp | Self::Sctp | Self::UdpLite | Self::Icmp | Self::IcmpV6
        )
    }

    /// Whether it stands for text that the lexer could not read.
    pub(super) fn is_bad(self) -> bool {
        matches!(self, Self::Bad | Self::BadOpen)
    }

    /// Whether it begins a statement other than a flow.
    pub(super) fn is_statement(self) -> bool {
        matches!(self, Self::Exempt | Self::External | Self::Port | Self::Forbid | Self::Log)
    }

    /// Whether it begins a clause.
    pub(super) fn is_clause(self) -> bool {
        matches!(self, Self::Because | Self::Until | Self::Ticket | Self::Except)
    }

    /// The arrow that it is.
    pub(super) fn arrow(self) -> Option<Arrow> {
        [
            (Self::Inside, Arrow::Inside),
            (Self::Both, Arrow::Both),
            (Self::Leaving, Arrow::Leaving),
            (Self::Entering, Arrow::Entering),
        ]
        .into_iter()
        .find_map(|(kind, arrow)| (kind == self).then_some(arrow))
    }
}

/// A set of kinds, as one word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct KindSet(u64);

impl KindSet {
    /// Just `kind`.
    pub(super) fn of(kind: Kind) -> Self {
        Self(1 << (kind as u64))
    }

    /// What is in either.
    pub(super) fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether `kind` is in it.
    pub(super) fn has(self, kind: Kind) -> bool {
        self.0 & Self::of(kind).0 != 0
    }

    /// Its kinds, in the order of their declaration.
    pub(super) fn iter(self) -> impl Iterator<Item = Kind> {
        Kind::ALL.iter().copied().filter(move |kind| self.has(*kind))
    }
}

// Every kind needs a bit of a [`KindSet`].
const _: () = assert!(Kind::ALL.len() <= 64);
