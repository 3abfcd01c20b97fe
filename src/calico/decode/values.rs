//! Single values as Calico's validator wants them: selectors, addresses, protocols, ports.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;

use super::fields::{Field, ProblemEffect, WayIn};
use super::names::is_port_name;
use crate::calico::{Port, RuleProtocol};
use crate::selector::Selector;

/// The most characters of a selector.
const SELECTOR: usize = 1024;

/// A list of at most `most` different values. What cannot be read is left out, and told.
pub(super) fn unique<'a, T: Ord + Clone>(
    field: &Field<'a>,
    most: usize,
    read: impl Fn(&Field<'a>) -> Option<T>,
) -> Option<Vec<T>> {
    let mut seen = BTreeSet::new();
    let mut values = Vec::new();
    for item in field.items(most)? {
        let Some(value) = read(&item) else { continue };
        if seen.insert(value.clone()) {
            values.push(value);
        } else {
            item.exceeds("appears twice");
        }
    }
    Some(values)
}

/// What becomes of a policy with a selector that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SelectorLoss {
    /// The policy is absent.
    Rule,
    /// Whom a global policy applies to, by namespaces or service accounts: it is left out.
    LeftOut,
}

/// A selector; none where the text is empty.
pub(super) fn selector(field: &Field<'_>, place: SelectorLoss) -> Option<Selector> {
    let text = field.string()?;
    if text.is_empty() {
        return None;
    }
    let selector = parse(field, text, place)?;
    // The schema looks for the text, wherever it stands.
    if text.contains("global(") {
        let kept = matches!(field.way(), WayIn::Kept { .. });
        field.tell(
            if kept { ProblemEffect::Wider } else { ProblemEffect::Refused },
            "`global()` stands alone in a rule's `namespaceSelector` only; elsewhere it holds for everything",
        );
    }
    Some(selector)
}

/// Says so of a selector that Calico combines with another one as it is written, where it is blank: what comes of that is no
/// expression, and the nodes lose the policy.
pub(super) fn lost_if_blank(field: Option<&Field<'_>>) {
    let Some(field) = field else { return };
    let text = field.string().unwrap_or_default();
    if !text.is_empty() && text.trim_matches([' ', '\t']).is_empty() {
        field.tell(
            ProblemEffect::Lost,
            "a selector of blanks alone cannot be combined with another",
        );
    }
}

/// The `namespaceSelector` of a rule: `global()` may be all of it.
pub(super) fn rule_namespaces(field: &Field<'_>) -> Option<Selector> {
    let text = field.string()?;
    if text.trim_matches([' ', '\t']).starts_with("global(")
        && Selector::parse(text) == Ok(Selector::Global)
    {
        return Some(Selector::Global);
    }
    if text.contains("global(") {
        field.tell(ProblemEffect::Wider, "`global()` may only be all of a `namespaceSelector`");
    }
    any_selector(field)
}

/// A selector in which Calico does not look for `global()`; none where the text is empty.
pub(super) fn any_selector(field: &Field<'_>) -> Option<Selector> {
    let text = field.string()?;
    if text.is_empty() { None } else { parse(field, text, SelectorLoss::Rule) }
}

fn parse(field: &Field<'_>, text: &str, place: SelectorLoss) -> Option<Selector> {
    let length = text.chars().count();
    if length > SELECTOR && field.exceeds(format!("{length} characters are more than {SELECTOR}")) {
        return None;
    }
    match Selector::parse(text) {
        Ok(selector) => Some(selector),
        Err(error) => {
            let effect = match place {
                SelectorLoss::Rule => ProblemEffect::Ignored,
                SelectorLoss::LeftOut => ProblemEffect::Wider,
            };
            field.tell(effect, error.to_string());
            None
        }
    }
}

/// A block in a set: host bits and bare addresses are allowed.
pub(super) fn address(field: &Field<'_>) -> Option<IpNet> {
    let text = field.string()?;
    let net = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    net.ok().or_else(|| unreadable(field, format!("`{text}` is not an address block")))
}

/// A block in a rule: with its prefix, and without host bits. Calico takes those out where it converts the object.
pub(super) fn block(field: &Field<'_>) -> Option<IpNet> {
    if field.is_converted() {
        return address(field).map(|it| it.trunc());
    }
    let text = field.string()?;
    let net = text.parse::<IpNet>().ok().filter(|net| net.trunc() == *net);
    net.or_else(|| field.invalid(format!("`{text}` is not an address block without host bits")))
}

/// No block: the nodes leave it out where Calico converts the object.
fn unreadable(field: &Field<'_>, message: String) -> Option<IpNet> {
    if !field.is_converted() {
        return field.invalid(message);
    }
    field.tell(ProblemEffect::Skipped, message);
    None
}

/// A block that a rule leaves out: not a whole family.
pub(super) fn left_out(field: &Field<'_>) -> Option<IpNet> {
    let net = block(field)?;
    if net.prefix_len() == 0 && !field.is_converted() {
        return field.invalid(format!("`{net}` leaves out every address"));
    }
    Some(net)
}

/// A protocol by name or number. A number that means the same as a name is that name; ICMP by its number is
/// not, because only the name implies the IP family.
pub(super) fn protocol(field: &Field<'_>) -> Option<RuleProtocol> {
    let text = field.string_or_number()?;
    // Where Calico converts the object, the letters may be small.
    let names = ["TCP", "UDP", "SCTP", "UDPLite", "ICMP", "ICMPv6"];
    let same = |name: &&str| field.is_converted() && name.eq_ignore_ascii_case(text);
    let text = names.into_iter().find(same).unwrap_or(text);
    Some(match text {
        "TCP" | "6" => RuleProtocol::Tcp,
        "UDP" | "17" => RuleProtocol::Udp,
        "SCTP" | "132" => RuleProtocol::Sctp,
        "UDPLite" | "136" => RuleProtocol::UdpLite,
        "ICMP" => RuleProtocol::Icmp,
        "ICMPv6" => RuleProtocol::IcmpV6,
        _ => match text.parse() {
            Ok(number) if number > 0 && digits(text) => RuleProtocol::Number(number),
            _ => return field.invalid(format!("`{text}` is not a protocol")),
        },
    })
}

/// A port: a number, a range in text, or a name.
pub(super) fn port(field: &Field<'_>) -> Option<Port> {
    let text = field.string_or_number()?;
    let number = |text: &str| text.parse::<u16>().ok().filter(|it| *it > 0 && digits(text));
    let range = match text.split_once(':') {
        Some((first, last)) => number(first).zip(number(last)).filter(|(a, b)| a <= b),
        None => number(text).map(|port| (port, port)),
    };
    if let Some((first, last)) = range {
        return Some(Port::Range(first, last));
    }
    if !is_port_name(text) {
        return field.invalid(format!("`{text}` is not a port"));
    }
    Some(Port::Named(Arc::from(text)))
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
