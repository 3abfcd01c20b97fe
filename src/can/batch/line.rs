//! A line of questions: a JSON object.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::can::answer::Verdict;
use crate::traffic::{Detail, Protocol};

/// A question as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with `from`, `to` and `protocol`")]
pub(super) struct BatchLine<'a> {
    #[serde(borrow)]
    pub(super) from: &'a RawValue,
    #[serde(borrow)]
    pub(super) to: &'a RawValue,
    #[serde(borrow)]
    protocol: Word<'a>,
    port: Option<u16>,
    #[serde(rename = "type")]
    kind: Option<u8>,
    code: Option<u8>,
    /// What the answer has to be.
    pub(super) expect: Option<Expected>,
}

/// The verdict that a question expects.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(
    rename_all = "lowercase",
    expecting = "`expect` must be \"allow\", \"deny\" or \"undecided\""
)]
pub(super) enum Expected {
    Allow,
    Deny,
    Undecided,
}

impl Expected {
    /// The verdict that is expected.
    pub(super) fn verdict(self) -> Verdict {
        match self {
            Self::Allow => Verdict::Allow,
            Self::Deny => Verdict::Deny,
            Self::Undecided => Verdict::Undecided,
        }
    }
}

/// A protocol: its name or its number.
#[derive(Deserialize)]
#[serde(untagged, expecting = "`protocol` must be a name or a number from 0 to 255")]
enum Word<'a> {
    Number(u8),
    Name(#[serde(borrow)] std::borrow::Cow<'a, str>),
}

/// The names of protocols.
const NAMES: [(&str, Protocol); 6] = [
    ("TCP", Protocol::Tcp),
    ("UDP", Protocol::Udp),
    ("SCTP", Protocol::Sctp),
    ("UDPLite", Protocol::UdpLite),
    ("ICMP", Protocol::Icmp),
    ("ICMPv6", Protocol::IcmpV6),
];

impl<'a> BatchLine<'a> {
    /// Reads a line; why not, if it cannot be read.
    pub(super) fn read(text: &'a [u8]) -> Result<Self, String> {
        if text.trim_ascii().is_empty() {
            return Err("the line is empty".to_owned());
        }
        let text = std::str::from_utf8(text).map_err(|_| "the line is not UTF-8".to_owned())?;
        serde_json::from_str(text).map_err(|error| reason(&error))
    }

    /// The number of the protocol, and its port or type.
    pub(super) fn traffic(&self) -> Result<(u8, Detail), String> {
        let number = match &self.protocol {
            Word::Number(number) => *number,
            Word::Name(name) => protocol(name)?.number(),
        };
        let is = |of: &[Protocol]| of.iter().any(|it| it.number() == number);
        let (ports, types) = (
            is(&[Protocol::Tcp, Protocol::Udp, Protocol::Sctp]),
            is(&[Protocol::Icmp, Protocol::IcmpV6]),
        );
        match (ports, types, self.port, self.kind) {
            (true, _, Some(port), None) if port > 0 && self.code.is_none() => {
                Ok((number, Detail::Port(port, Vec::new())))
            }
            (true, _, _, None) if self.code.is_none() => {
                Err("`port` must be a number from 1 to 65535 here".to_owned())
            }
            (_, true, None, Some(kind)) => Ok((number, Detail::Icmp(kind, self.code.unwrap_or(0)))),
            (_, true, None, None) => Err("`type` is missing".to_owned()),
            (false, false, None, None) if self.code.is_none() => Ok((number, Detail::None)),
            (true, ..) => Err("`type` and `code` are for ICMP and ICMPv6".to_owned()),
            (false, ..) => {
                Err("this protocol has no ports and types that are told apart".to_owned())
            }
        }
    }

    /// Whether the protocol is `ICMPv6` by name.
    pub(super) fn is_icmp_v6(&self) -> bool {
        match &self.protocol {
            Word::Number(_) => false,
            Word::Name(name) => protocol(name) == Ok(Protocol::IcmpV6),
        }
    }
}

/// The protocol of this name, in whatever case.
pub(super) fn protocol(name: &str) -> Result<Protocol, String> {
    let found = NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, protocol)| *protocol).ok_or_else(|| {
        format!("there is no protocol `{name}`: TCP, UDP, SCTP, UDPLite, ICMP, ICMPv6 or a number")
    })
}

/// What is wrong with JSON, without the place that counts lines of its own.
pub(super) fn reason(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let message = message.replace("expected u16", "expected a number from 0 to 65535");
    let message = message.replace("expected u8", "expected a number from 0 to 255");
    let text = if error.is_data() { message } else { format!("this is not JSON: {message}") };
    match text.split_once(" at line ") {
        Some((what, _)) if error.column() > 0 => format!("{what} at column {}", error.column()),
        Some((what, _)) => what.to_owned(),
        None => text,
    }
}
