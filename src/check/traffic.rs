//! What follows the `:` of a line: protocols, ports and types in their ranges, aliases resolved, and whether
//! the other end can have such traffic at all (language reference, sections 4 and 5).

use std::sync::Arc;

use super::names::Names;
use super::words::list;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::names::UNKNOWN_PORT;
use crate::diagnostic::codes::traffic::{
    DETAIL, ICMP_FAMILY, ICMP_RANGE, NAMED_PORT, NAMED_PORT_TARGET, PORT_RANGE, PROTOCOL_NUMBER,
    PROTOCOL_WORD, RANGE_REVERSED, SERVICE_TRAFFIC,
};
use crate::diagnostic::nearest::nearest;
use crate::program::{Endpoint, ExternalValue, Place};
use crate::source::{Span, Spanned};
use crate::syntax::tree::{self, TrafficDetail};
use crate::traffic::{Match, Protocol, Traffic};

/// The words of the protocols.
pub(super) const WORDS: [(&str, Protocol, u8); 6] = [
    ("tcp", Protocol::Tcp, 6),
    ("udp", Protocol::Udp, 17),
    ("sctp", Protocol::Sctp, 132),
    ("udplite", Protocol::UdpLite, 136),
    ("icmp", Protocol::Icmp, 1),
    ("icmpv6", Protocol::IcmpV6, 58),
];

/// The traffic of a line.
#[derive(Clone, Debug, Default)]
pub(super) struct WrittenTraffic {
    /// As the program has it; `None` for anything.
    pub(super) matches: Option<Vec<Match>>,
    /// The same as a set.
    pub(super) traffic: Traffic,
    /// Where each of `matches` comes from.
    origins: Vec<Origin>,
}

/// Where a match stands on the line, and where its alias is declared if it comes by one.
#[derive(Clone, Copy, Debug)]
struct Origin {
    span: Span,
    alias: Option<Span>,
}

impl WrittenTraffic {
    /// Each entry with its place on the line, and where its alias is declared if it comes by one.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&Match, Span, Option<Span>)> {
        let entries = self.matches.iter().flatten().zip(&self.origins);
        entries.map(|(found, origin)| (found, origin.span, origin.alias))
    }
}

/// The traffic `written`; `None` if it has an error, which is then in `out` or was told before.
pub(super) fn read(
    names: &Names<'_>,
    written: Option<&Spanned<tree::Traffic>>,
    out: &mut Vec<Diagnostic>,
) -> Option<WrittenTraffic> {
    let everything = || WrittenTraffic { traffic: Traffic::full(), ..WrittenTraffic::default() };
    let list = match written.map(|it| &it.value) {
        None | Some(tree::Traffic::Any) => return Some(everything()),
        Some(tree::Traffic::Matches(list)) => list,
    };
    let (mut matches, mut origins, mut whole) = (Vec::new(), Vec::new(), true);
    for entry in list {
        let tree::Match::Alias(name) = &entry.value else {
            let found = single(entry, out);
            whole &= found.is_some();
            matches.extend(found);
            origins.push(Origin { span: entry.span, alias: None });
            continue;
        };
        match names.ports.find(name) {
            None => {
                unknown(names, name, entry.span, out);
                whole = false;
            }
            Some((declared, id)) => {
                let alias = id.and_then(|id| names.ports.table.get(id));
                whole &= alias.is_some();
                for found in alias.into_iter().flat_map(|alias| &alias.matches) {
                    matches.push(found.clone());
                    origins.push(Origin { span: entry.span, alias: Some(declared) });
                }
            }
        }
    }
    let traffic = Traffic::of(&matches);
    whole.then_some(WrittenTraffic { matches: Some(matches), traffic, origins })
}

fn unknown(names: &Names<'_>, name: &str, span: Span, out: &mut Vec<Diagnostic>) {
    let diagnostic = Diagnostic::new(
        &UNKNOWN_PORT,
        format!("`{name}` is neither a protocol nor a port name that the platform declares"),
    );
    let words = WORDS.iter().map(|(word, ..)| *word);
    let near = nearest(name, words.chain(["any"]).chain(names.ports.all()));
    if let Some(near) = near {
        let diagnostic = diagnostic
            .label(span, format!("did you mean `{near}`?"))
            .help(format!("write `{near}`"));
        out.push(match names.ports.find(near) {
            Some((declared, _)) => diagnostic.label(declared, "declared here"),
            None => diagnostic,
        });
        return;
    }
    let mut diagnostic = diagnostic
        .label(span, "no platform file declares it")
        .help("name the protocol and the port: `tcp/443`");
    if names.ports.all().next().is_some() {
        let all = list(names.ports.all());
        diagnostic = diagnostic.help(format!("the port names are {all}"));
    }
    out.push(diagnostic);
}

/// One entry that is no alias; `None` if it has an error, or is one.
pub(super) fn single(entry: &Spanned<tree::Match>, out: &mut Vec<Diagnostic>) -> Option<Match> {
    match &entry.value {
        tree::Match::Alias(_) => None,
        tree::Match::Number(number) => by_number(entry.span, number, out).map(Match::Protocol),
        tree::Match::Protocol { protocol, detail } => {
            let (word, protocol, _) =
                WORDS.iter().find(|(word, ..)| *word == &*protocol.value).copied()?;
            let Some(detail) = detail else { return Some(Match::Protocol(protocol)) };
            match protocol {
                Protocol::Tcp | Protocol::Udp | Protocol::Sctp => port(word, protocol, detail, out),
                Protocol::Icmp | Protocol::IcmpV6 => icmp(word, protocol, detail, out),
                Protocol::UdpLite | Protocol::Number(_) => {
                    let message = format!("`{word}` is written without ports");
                    out.push(
                        Diagnostic::new(&DETAIL, message)
                            .label(detail.span, "Calico cannot tell its ports apart")
                            .help(format!("write `{word}` alone for all of it")),
                    );
                    None
                }
            }
        }
    }
}

fn by_number(span: Span, number: &Spanned<u64>, out: &mut Vec<Diagnostic>) -> Option<Protocol> {
    let known = u8::try_from(number.value).ok().filter(|number| *number > 0);
    let Some(known) = known else {
        let message = format!("there is no protocol number {}", number.value);
        out.push(Diagnostic::new(&PROTOCOL_NUMBER, message).label(number.span, "from 1 to 255"));
        return None;
    };
    let Some((word, ..)) = WORDS.iter().find(|(_, _, its)| *its == known) else {
        return Some(Protocol::Number(known));
    };
    out.push(
        Diagnostic::new(&PROTOCOL_WORD, format!("protocol {known} has a word: `{word}`"))
            .label(span, format!("write `{word}`"))
            .fix(format!("write `{word}`"), span, *word),
    );
    None
}

fn port(
    word: &str,
    protocol: Protocol,
    detail: &Spanned<TrafficDetail>,
    out: &mut Vec<Diagnostic>,
) -> Option<Match> {
    let mut number = |value: u64| {
        let found = u16::try_from(value).ok().filter(|port| *port > 0);
        if found.is_none() {
            let message = format!("there is no port {value}");
            out.push(Diagnostic::new(&PORT_RANGE, message).label(detail.span, "from 1 to 65535"));
        }
        found
    };
    match &detail.value {
        TrafficDetail::Number(value) => {
            number(*value).map(|port| Match::Ports(protocol, port, port))
        }
        TrafficDetail::Range(first, last) => {
            // One error for the range, not one for each of its ends.
            let first_port = number(*first)?;
            let last_port = number(*last)?;
            if first_port > last_port {
                let message =
                    format!("the range {first}-{last} is empty: it ends before it starts");
                out.push(
                    Diagnostic::new(&RANGE_REVERSED, message)
                        .label(detail.span, "the lower port comes first")
                        .help(format!("write `{word}/{last}-{first}`")),
                );
                return None;
            }
            Some(Match::Ports(protocol, first_port, last_port))
        }
        TrafficDetail::TypeAndCode(first, second) => {
            let message = format!("`{word}` has ports, and a port has no code");
            out.push(
                Diagnostic::new(&DETAIL, message)
                    .label(detail.span, "one port, a range, or a port's name")
                    .help(format!("write `{word}/{first}, {word}/{second}` for two ports")),
            );
            None
        }
        TrafficDetail::Name(name) => {
            if let Err(why) = port_name(name) {
                let message = format!("`{name}` cannot be the name of a container's port");
                out.push(Diagnostic::new(&NAMED_PORT, message).label(detail.span, why));
                return None;
            }
            Some(Match::Named(protocol, Arc::from(&**name)))
        }
    }
}

/// Kubernetes' rule for the name of a container's port.
fn port_name(name: &str) -> Result<(), &'static str> {
    let lower = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !name.chars().all(lower) {
        Err("only lower-case letters, digits and `-`")
    } else if name.is_empty() || name.len() > 15 {
        Err("at most 15 characters")
    } else if !name.contains(|c: char| c.is_ascii_lowercase()) {
        Err("at least one letter")
    } else if name.starts_with('-') || name.ends_with('-') || name.contains("--") {
        Err("`-` only between letters and digits, one at a time")
    } else {
        Ok(())
    }
}

fn icmp(
    word: &str,
    protocol: Protocol,
    detail: &Spanned<TrafficDetail>,
    out: &mut Vec<Diagnostic>,
) -> Option<Match> {
    let (kind, code) = match &detail.value {
        TrafficDetail::Number(kind) => (*kind, None),
        TrafficDetail::TypeAndCode(kind, code) => (*kind, Some(*code)),
        TrafficDetail::Range(..) | TrafficDetail::Name(_) => {
            let message = format!("`{word}` has no ports: it has types and codes");
            out.push(
                Diagnostic::new(&DETAIL, message)
                    .label(detail.span, "one type, or type/code")
                    .help(format!(
                        "write `{word}` alone for all of it, or one type such as `{word}/{}`",
                        if protocol == Protocol::Icmp { 8 } else { 128 }
                    )),
            );
            return None;
        }
    };
    let mut small = |value: u64, last: u8, what: &str| {
        let found = u8::try_from(value).ok().filter(|value| *value <= last);
        if found.is_none() {
            let message = format!("`{word}` has no {what} {value}");
            let range = format!("from 0 to {last}");
            out.push(Diagnostic::new(&ICMP_RANGE, message).label(detail.span, range));
        }
        found
    };
    let kind = small(kind, 254, "type")?;
    let code = match code {
        Some(code) => Some(small(code, 255, "code")?),
        None => None,
    };
    Some(Match::IcmpType(protocol, kind, code))
}

/// Holds the traffic of a line against its ends: no traffic towards a service, no named port towards
/// addresses, no `icmp` where there is only IPv6 and the reverse. `fixed` is the line without its traffic.
/// Whether all is well.
pub(super) fn check_ends(
    names: &Names<'_>,
    written: Option<&Spanned<tree::Traffic>>,
    read: &WrittenTraffic,
    (sender, receiver): (&Endpoint, &Endpoint),
    bare: impl FnOnce() -> String,
    out: &mut Vec<Diagnostic>,
) -> bool {
    let before = out.len();
    let external = |end: &Endpoint| match end.place {
        Place::Zones { .. } => None,
        Place::External(id) => names.externals.table.get(id),
    };
    if let Some(external) = external(receiver)
        && let ExternalValue::Service { .. } = external.value
    {
        if let Some(written) = written {
            out.push(
                Diagnostic::new(
                    &SERVICE_TRAFFIC,
                    format!("towards the service `{}` no traffic is written", external.name),
                )
                .label(written.span, "the ports are the service's own")
                .label(external.span, "declared here")
                .help(format!("write\n{}", bare())),
            );
        }
        return out.len() == before;
    }
    for (found, span, alias) in read.entries() {
        let tell = |diagnostic: Diagnostic, declared: Span| {
            let diagnostic = diagnostic.label(declared, "declared here");
            match alias {
                Some(alias) => diagnostic.label(alias, "the port name stands for it"),
                None => diagnostic,
            }
        };
        if let Match::Named(_, port) = found
            && let Some(external) = external(receiver)
            && let ExternalValue::Addresses(_) = external.value
        {
            let diagnostic = Diagnostic::new(
                &NAMED_PORT_TARGET,
                format!("only pods name their ports, and `{}` stands for addresses", external.name),
            )
            .label(span, format!("write the number of `{port}`"));
            out.push(tell(diagnostic, external.span));
        }
        let (Match::Protocol(protocol)
        | Match::Ports(protocol, ..)
        | Match::Named(protocol, _)
        | Match::IcmpType(protocol, ..)) = found;
        let (v4, word, family, other) = match protocol {
            Protocol::Icmp => (true, "icmp", "IPv4", "icmpv6"),
            Protocol::IcmpV6 => (false, "icmpv6", "IPv6", "icmp"),
            Protocol::Tcp
            | Protocol::Udp
            | Protocol::Sctp
            | Protocol::UdpLite
            | Protocol::Number(_) => continue,
        };
        for external in [external(receiver), external(sender)].into_iter().flatten() {
            if let ExternalValue::Addresses(nets) = &external.value
                && nets.iter().all(|net| net.addr().is_ipv4() != v4)
            {
                let diagnostic = Diagnostic::new(
                    &ICMP_FAMILY,
                    format!(
                        "`{word}` is {family} only, and `{}` has no {family} address",
                        external.name
                    ),
                )
                .label(span, format!("did you mean `{other}`?"));
                out.push(tell(diagnostic, external.span));
                break;
            }
        }
    }
    out.len() == before
}
