//! The canonical text of a tree, for help texts and annotations: one line for each statement, names quoted
//! only where they have to be. Reading it back gives the same tree. A comment is not part of a tree.

use std::fmt::{self, Display, Formatter, Write};

use super::invisible;
use super::token::TokenKind;
use super::tree::{
    Application, Clauses, Endpoint, Exempt, External, ExternalValue, Flow, Forbid, Match, Place,
    Port, Statement, Traffic, TrafficDetail, ZoneList,
};
use super::value::{self, Number};
use crate::source::Spanned;

impl Display for Statement {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flow(flow) => flow.fmt(f),
            Self::Forbid(forbid) => forbid.fmt(f),
            Self::Exempt(exempt) => exempt.fmt(f),
            Self::External(external) => external.fmt(f),
            Self::Port(port) => port.fmt(f),
            Self::Log(_) => f.write_str("log denied"),
        }
    }
}

impl Display for Flow {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.without_clauses(), self.clauses)
    }
}

impl Flow {
    /// The line up to its clauses: the two sides, the arrow and the traffic.
    pub fn without_clauses(&self) -> impl Display + '_ {
        Head(self)
    }
}

struct Head<'a>(&'a Flow);

impl Display for Head<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(flow) = self;
        write!(f, "{} {} {}", flow.left, flow.arrow.value.text(), flow.right)?;
        after_colon(f, flow.traffic.as_ref())
    }
}

impl Display for Forbid {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let word = if self.crossing.value { "==>" } else { "to" };
        write!(f, "forbid {} {word} {}", self.left, self.right)?;
        after_colon(f, self.traffic.as_ref())?;
        if !self.except.is_empty() {
            f.write_str(" except ")?;
            list(f, &self.except, |f, place| place.fmt(f))?;
        }
        self.clauses.fmt(f)
    }
}

impl Display for Exempt {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("exempt ")?;
        list(f, &self.namespaces, |f, namespace| name(f, &namespace.value))
    }
}

impl Display for External {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("external ")?;
        name(f, &self.name.value)?;
        f.write_str(" = ")?;
        match &self.value {
            ExternalValue::Addresses { blocks, except } => {
                list(f, blocks, |f, block| f.write_str(&block.value))?;
                if !except.is_empty() {
                    f.write_str(" except ")?;
                    list(f, except, |f, block| f.write_str(&block.value))?;
                }
                Ok(())
            }
            ExternalValue::Namespace { name: namespace, selector } => {
                f.write_str("namespace ")?;
                name(f, &namespace.value)?;
                brackets(f, selector.as_ref())
            }
            ExternalValue::Service { namespace, name: service } => {
                f.write_str("service ")?;
                name(f, &namespace.value)?;
                f.write_char('/')?;
                name(f, &service.value)
            }
        }
    }
}

impl Display for Port {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("port ")?;
        name(f, &self.name.value)?;
        f.write_str(" = ")?;
        list(f, &self.matches, |f, one| one.value.fmt(f))
    }
}

/// With a space before each clause; nothing where there are none.
impl Display for Clauses {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(because) = &self.because {
            f.write_str(" because ")?;
            string(f, &because.value)?;
        }
        if let Some(until) = &self.until {
            write!(f, " until {}", until.value)?;
        }
        if let Some(ticket) = &self.ticket {
            f.write_str(" ticket ")?;
            name(f, &ticket.value)?;
        }
        Ok(())
    }
}

impl Display for Endpoint {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.place.fmt(f)?;
        brackets(f, self.selector.as_ref())
    }
}

impl Display for Place {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Zones { application, zones } => {
                write!(f, "{}.{}", application.value, zones.value)
            }
            Self::External(external) => name(f, &external.value),
            Self::Addresses(addresses) => f.write_str(&addresses.value),
        }
    }
}

impl Display for Application {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_char('*'),
            Self::Named(application) => part(f, application),
        }
    }
}

impl Display for ZoneList {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_char('*'),
            Self::Named(zones) => {
                if let [zone] = zones.as_slice() {
                    return part(f, &zone.value);
                }
                f.write_char('{')?;
                list(f, zones, |f, zone| part(f, &zone.value))?;
                f.write_char('}')
            }
        }
    }
}

impl Display for Traffic {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any"),
            Self::Matches(matches) => list(f, matches, |f, one| one.value.fmt(f)),
        }
    }
}

impl Display for Match {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Protocol { protocol, detail } => {
                f.write_str(&protocol.value)?;
                detail.as_ref().map_or(Ok(()), |detail| write!(f, "/{}", detail.value))
            }
            Self::Number(number) => write!(f, "protocol/{}", number.value),
            Self::Alias(alias) => port_name(f, alias),
        }
    }
}

impl Display for TrafficDetail {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Range(first, last) => write!(f, "{first}-{last}"),
            Self::TypeAndCode(kind, code) => write!(f, "{kind}/{code}"),
            Self::Name(port) => port_name(f, port),
        }
    }
}

fn after_colon(f: &mut Formatter<'_>, traffic: Option<&Spanned<Traffic>>) -> fmt::Result {
    traffic.map_or(Ok(()), |traffic| write!(f, " : {}", traffic.value))
}

fn brackets(f: &mut Formatter<'_>, selector: Option<&Spanned<Box<str>>>) -> fmt::Result {
    selector.map_or(Ok(()), |selector| write!(f, "[{}]", selector.value))
}

fn list<T>(
    f: &mut Formatter<'_>,
    items: &[T],
    write: impl Fn(&mut Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            f.write_str(", ")?;
        }
        write(f, item)?;
    }
    Ok(())
}

/// A name next to a `.`, where no word of the language is meant.
fn part(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    if value::is_word(text) { f.write_str(text) } else { string(f, text) }
}

/// The name of an application or a zone as a line writes it.
pub(crate) struct PrintedName<'a>(pub(crate) &'a str);

impl Display for PrintedName<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        part(f, self.0)
    }
}

/// A name elsewhere: the words that begin statements and clauses are quoted.
fn name(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    let kind = TokenKind::of_word(text);
    if kind.is_clause() || kind.is_statement() { string(f, text) } else { part(f, text) }
}

/// A name where a protocol or a number can stand as well.
fn port_name(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    let kind = TokenKind::of_word(text);
    let taken = kind.is_protocol() || matches!(kind, TokenKind::Any | TokenKind::Protocol);
    if taken || value::number(text) != Number::None { string(f, text) } else { name(f, text) }
}

/// A string with its quotes and escapes. What a reader could not see is written by its number.
fn string(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\t' => f.write_str("\\t")?,
            c if invisible::is_refused(c) => write!(f, "\\u{{{:x}}}", u32::from(c))?,
            c => f.write_char(c)?,
        }
    }
    f.write_char('"')
}
