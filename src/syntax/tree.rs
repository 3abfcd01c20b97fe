//! What was written, statement by statement: the names are text yet, and nothing is checked against the
//! declared zones. Trees compare by what they say, not by where it stands.

use crate::source::{FileId, Span, Spanned};

/// A name as it reads without quotes and escapes, with the place of the whole word or string.
pub type Name = Spanned<Box<str>>;

/// One flow file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    /// The file.
    pub file: FileId,
    /// Its statements, in order. Statements that could not be read are not among them; each has a
    /// diagnostic.
    pub statements: Vec<Statement>,
    /// Those that could not be read.
    pub unread: Vec<Unread>,
}

/// A statement that could not be read, as far as others need to know: what it may have said must not be
/// reported as missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Its first word is `exempt`.
    pub exempt: bool,
    /// The name that it would have declared, of an external or of an alias for traffic.
    pub declares: Option<Name>,
    /// The whole statement.
    pub span: Span,
}

/// One statement.
#[derive(Clone, Debug)]
pub enum Statement {
    /// `a.x -> a.y : tcp/443`
    Flow(Flow),
    /// `forbid *.frontend to *.data`
    Forbid(Forbid),
    /// `exempt kube-system, default`
    Exempt(Exempt),
    /// `external onprem = 10.0.0.0/8`
    External(External),
    /// `port web = tcp/443`
    Port(Port),
    /// `log denied`
    Log(Span),
}

impl Statement {
    /// The place of the whole statement, without the comment after it.
    pub fn span(&self) -> Span {
        match self {
            Self::Flow(flow) => flow.span,
            Self::Forbid(forbid) => forbid.span,
            Self::Exempt(exempt) => exempt.span,
            Self::External(external) => external.span,
            Self::Port(port) => port.span,
            Self::Log(span) => *span,
        }
    }
}

/// Which way connections go, and whether they cross a boundary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Arrow {
    /// `->`
    Inside,
    /// `<->`
    Both,
    /// `==>`
    Leaving,
    /// `<==`
    Entering,
}

impl Arrow {
    /// The arrow as written.
    pub fn text(self) -> &'static str {
        match self {
            Self::Inside => "->",
            Self::Both => "<->",
            Self::Leaving => "==>",
            Self::Entering => "<==",
        }
    }
}

/// A flow line.
#[derive(Clone, Debug)]
pub struct Flow {
    /// The owner's side.
    pub left: Endpoint,
    /// The arrow.
    pub arrow: Spanned<Arrow>,
    /// The other side.
    pub right: Endpoint,
    /// What follows the `:`.
    pub traffic: Option<Spanned<Traffic>>,
    /// `because`, `until`, `ticket`.
    pub clauses: Clauses,
    /// The whole statement.
    pub span: Span,
}

/// The clauses of a flow or a guardrail, each at most once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clauses {
    /// `because "…"`, not blank.
    pub because: Option<Spanned<Box<str>>>,
    /// `until 2026-11-22`: the last day on which the flow is open.
    pub until: Option<Spanned<jiff::civil::Date>>,
    /// `ticket CHG-1042`.
    pub ticket: Option<Name>,
}

/// One side of a flow.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Where.
    pub place: Place,
    /// Calico's selector text between the brackets, line breaks as spaces; not parsed yet. The span is that
    /// of the text without the brackets.
    pub selector: Option<Spanned<Box<str>>>,
    /// The whole side.
    pub span: Span,
}

/// The place that a question names.
#[derive(Clone, Debug)]
pub enum QuerySide {
    /// One side of a flow.
    Side(Endpoint),
    /// `namespace/NAME`, perhaps with a selector.
    Namespace {
        /// Its name.
        name: Name,
        /// As for [`Endpoint`].
        selector: Option<Spanned<Box<str>>>,
    },
    /// `namespace/*`: every namespace, also those that nothing declares, perhaps with a selector.
    Namespaces {
        /// As for [`Endpoint`].
        selector: Option<Spanned<Box<str>>>,
    },
    /// `*`: everything that can be an end of a connection.
    Everything,
}

/// What is expected of connections, in a file of its own: `allow a.x -> b.y : tcp/80`, `deny * -> c.data except c.backend`.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// Whether they must be open; else none of them may be.
    pub open: bool,
    /// Who opens them.
    pub from: QuerySide,
    /// To whom.
    pub to: QuerySide,
    /// Which; of one that denies, `None` for any.
    pub traffic: Option<Spanned<Traffic>>,
    /// The senders that it does not speak of.
    pub except: Vec<QuerySide>,
    /// The whole statement.
    pub span: Span,
}

/// What stands where a place may stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// `application.zones`
    Zones {
        /// The part before the `.`.
        application: Spanned<Application>,
        /// The part after it.
        zones: Spanned<ZoneList>,
    },
    /// A name without a `.`: an external.
    External(Name),
    /// A CIDR or an address where a place belongs: an error of its own, which the checker words.
    Addresses(Spanned<Box<str>>),
}

/// The part of a place before the `.`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Application {
    /// `*`
    Any,
    /// A name.
    Named(Box<str>),
}

/// The part of a place after the `.`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ZoneList {
    /// `*`
    Any,
    /// `frontend`, or `{frontend, backend}`, as written: one or more, none twice.
    Named(Vec<Name>),
}

/// What follows the `:` of a flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Traffic {
    /// `any`
    Any,
    /// A list, one or more.
    Matches(Vec<Spanned<Match>>),
}

/// One entry of a list of traffic. Ranges of numbers are not checked yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    /// `tcp`, `tcp/443`, `icmp/8/0`, …
    Protocol {
        /// The protocol's word, as written (one of the six).
        protocol: Spanned<Box<str>>,
        /// What follows its `/`.
        detail: Option<Spanned<TrafficDetail>>,
    },
    /// `protocol/47`
    Number(Spanned<u64>),
    /// An alias that `port` declares.
    Alias(Box<str>),
}

/// What follows the `/` of a protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrafficDetail {
    /// A port, or an ICMP type.
    Number(u64),
    /// `first-last`
    Range(u64, u64),
    /// `type/code`
    TypeAndCode(u64, u64),
    /// A container's named port.
    Name(Box<str>),
}

/// A guardrail.
#[derive(Clone, Debug)]
pub struct Forbid {
    /// From where.
    pub left: Endpoint,
    /// `to` (false) or `==>` (true): only what crosses a boundary.
    pub crossing: Spanned<bool>,
    /// To where.
    pub right: Endpoint,
    /// What follows the `:`.
    pub traffic: Option<Spanned<Traffic>>,
    /// The places that it excuses.
    pub except: Vec<Endpoint>,
    /// `because`, `ticket`; never `until`.
    pub clauses: Clauses,
    /// The whole statement.
    pub span: Span,
}

/// A list of exempt namespaces.
#[derive(Clone, Debug)]
pub struct Exempt {
    /// The namespaces' names, one or more.
    pub namespaces: Vec<Name>,
    /// The whole statement.
    pub span: Span,
}

/// A declared external place.
#[derive(Clone, Debug)]
pub struct External {
    /// Its name.
    pub name: Name,
    /// What it is.
    pub value: ExternalValue,
    /// The whole statement.
    pub span: Span,
}

/// What an external is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExternalValue {
    /// Address blocks less other blocks, as written.
    Addresses {
        /// One or more.
        blocks: Vec<Spanned<Box<str>>>,
        /// None or more.
        except: Vec<Spanned<Box<str>>>,
    },
    /// A namespace outside every landing zone.
    Namespace {
        /// Its name.
        name: Name,
        /// As for [`Endpoint`].
        selector: Option<Spanned<Box<str>>>,
    },
    /// A Kubernetes Service.
    Service {
        /// Its namespace.
        namespace: Name,
        /// Its name.
        name: Name,
    },
}

/// A declared alias for a list of traffic.
#[derive(Clone, Debug)]
pub struct Port {
    /// Its name.
    pub name: Name,
    /// What it stands for: protocols only, one or more.
    pub matches: Vec<Spanned<Match>>,
    /// The whole statement.
    pub span: Span,
}

/// Equality by every field but the span.
macro_rules! equal_by {
    ($($tree:ident: $($field:ident)*;)*) => {
        $(
            impl PartialEq for $tree {
                fn eq(&self, other: &Self) -> bool {
                    $(self.$field == other.$field)&&*
                }
            }

            impl Eq for $tree {}
        )*
    };
}

equal_by! {
    Flow: left arrow right traffic clauses;
    Endpoint: place selector;
    Forbid: left crossing right traffic except clauses;
    Exempt: namespaces;
    External: name value;
    Port: name matches;
}

impl PartialEq for Statement {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Flow(one), Self::Flow(other)) => one == other,
            (Self::Forbid(one), Self::Forbid(other)) => one == other,
            (Self::Exempt(one), Self::Exempt(other)) => one == other,
            (Self::External(one), Self::External(other)) => one == other,
            (Self::Port(one), Self::Port(other)) => one == other,
            (Self::Log(_), Self::Log(_)) => true,
            _ => false,
        }
    }
}

impl Eq for Statement {}
