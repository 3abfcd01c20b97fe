//! Single values as Calico's validator wants them: names, labels, selectors, addresses, ports.

use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;

use super::fields::{Error, Field};
use crate::calico::{Labels, Port, RuleProtocol};
use crate::selector::Selector;

/// The most characters of a selector.
const SELECTOR: usize = 1024;
/// The most characters of a DNS label, and of a label's value.
const LABEL: usize = 63;
/// The most characters of a name.
const NAME: usize = 253;

/// A list of different values.
pub(super) fn unique<'a, T: PartialEq + Ord + Clone>(
    field: &Field<'a>,
    read: impl Fn(&Field<'a>) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let mut seen = std::collections::BTreeSet::new();
    let mut values = Vec::new();
    for item in field.items()? {
        let value = read(&item)?;
        if !seen.insert(value.clone()) {
            return Err(item.error("written twice"));
        }
        values.push(value);
    }
    Ok(values)
}

fn is_dns_label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.bytes().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

/// A name without dots.
pub(super) fn dns_label(field: &Field<'_>) -> Result<Arc<str>, Error> {
    let text = field.string()?;
    let holds = is_dns_label(text) && text.len() <= LABEL;
    if holds { Ok(text.into()) } else { Err(field.error(format!("`{text}` is no DNS label"))) }
}

/// A name with or without dots.
pub(super) fn dns_subdomain(field: &Field<'_>) -> Result<Arc<str>, Error> {
    let text = field.string()?;
    let holds = text.split('.').all(is_dns_label) && text.len() <= NAME;
    if holds { Ok(text.into()) } else { Err(field.error(format!("`{text}` is no DNS name"))) }
}

/// The name of a policy: at most one dot.
pub(super) fn policy_name(field: &Field<'_>) -> Result<Arc<str>, Error> {
    let name = dns_subdomain(field)?;
    if name.matches('.').count() > 1 {
        return Err(field.error(format!("`{name}` has more than one dot")));
    }
    Ok(name)
}

/// Labels of an object.
pub(super) fn labels(field: &Field<'_>) -> Result<Labels, Error> {
    let read = |(key, value): (&str, Field<'_>)| {
        if !is_label_key(key) {
            return Err(value.error(format!("`{key}` is no label's key")));
        }
        let text = value.string()?;
        if !text.is_empty() && (text.len() > LABEL || !is_label_text(text)) {
            return Err(value.error(format!("`{text}` is no label's value")));
        }
        Ok((key.into(), text.into()))
    };
    field.strings()?.into_iter().map(read).collect()
}

/// Annotations: any text under the keys that labels may have.
pub(super) fn annotations(field: &Field<'_>) -> Result<Labels, Error> {
    let read = |(key, value): (&str, Field<'_>)| {
        if !is_label_key(key) {
            return Err(value.error(format!("`{key}` is no annotation's key")));
        }
        Ok((key.into(), value.string()?.into()))
    };
    field.strings()?.into_iter().map(read).collect()
}

fn is_label_key(key: &str) -> bool {
    let (prefix, name) = key.rsplit_once('/').map_or((None, key), |(a, b)| (Some(a), b));
    let prefix = prefix.is_none_or(|it| it.len() <= NAME && it.split('.').all(is_dns_label));
    prefix && name.len() <= LABEL && is_label_text(name)
}

/// Letters, digits, `-`, `_`, `.`; a letter or digit at either end.
fn is_label_text(text: &str) -> bool {
    let ends = |text: &str, it: Option<u8>| {
        !text.is_empty() && it.is_some_and(|it| it.is_ascii_alphanumeric())
    };
    ends(text, text.bytes().next())
        && ends(text, text.bytes().next_back())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

/// A selector, where `global()` has no meaning.
pub(super) fn selector(field: &Field<'_>) -> Result<Selector, Error> {
    let text = field.string()?;
    // Calico looks for the text, wherever it stands.
    if text.contains("global(") {
        return Err(field.error("`global()` stands alone in a rule's `namespaceSelector` only"));
    }
    parse(field, text)
}

/// The `namespaceSelector` of a rule: `global()` may be all of it.
pub(super) fn rule_namespaces(field: &Field<'_>) -> Result<Selector, Error> {
    let text = field.string()?;
    if text.contains("global(") && Selector::parse(text) == Ok(Selector::Global) {
        return Ok(Selector::Global);
    }
    selector(field)
}

fn parse(field: &Field<'_>, text: &str) -> Result<Selector, Error> {
    let length = text.chars().count();
    if length > SELECTOR {
        return Err(field.error(format!("{length} characters are more than {SELECTOR}")));
    }
    Selector::parse(text).map_err(|error| field.error(error.to_string()))
}

/// A block in a set: host bits and bare addresses are allowed.
pub(super) fn address(field: &Field<'_>) -> Result<IpNet, Error> {
    let text = field.string()?;
    let net = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    net.map_err(|_| field.error(format!("`{text}` is no address block")))
}

/// A block in a rule: with its prefix, and without host bits.
pub(super) fn block(field: &Field<'_>) -> Result<IpNet, Error> {
    let text = field.string()?;
    let net = text.parse::<IpNet>().ok().filter(|net| net.trunc() == *net);
    net.ok_or_else(|| field.error(format!("`{text}` is no address block without host bits")))
}

/// A protocol by name or number. A number that means the same as a name is that name; ICMP by its number is
/// not, because only the name implies the IP family.
pub(super) fn protocol(field: &Field<'_>) -> Result<RuleProtocol, Error> {
    let text = field.plain().map_or_else(|| field.string(), Ok)?;
    Ok(match text {
        "TCP" | "6" => RuleProtocol::Tcp,
        "UDP" | "17" => RuleProtocol::Udp,
        "SCTP" | "132" => RuleProtocol::Sctp,
        "UDPLite" | "136" => RuleProtocol::UdpLite,
        "ICMP" => RuleProtocol::Icmp,
        "ICMPv6" => RuleProtocol::IcmpV6,
        _ => match text.parse() {
            Ok(number) if number > 0 && digits(text) => RuleProtocol::Number(number),
            _ => return Err(field.error(format!("`{text}` is no protocol"))),
        },
    })
}

/// A port: a number, a range in text, or a name.
pub(super) fn port(field: &Field<'_>) -> Result<Port, Error> {
    let text = field.plain().map_or_else(|| field.string(), Ok)?;
    let number = |text: &str| text.parse::<u16>().ok().filter(|it| *it > 0 && digits(text));
    let range = match text.split_once(':') {
        Some((first, last)) => number(first).zip(number(last)).filter(|(a, b)| a <= b),
        None => number(text).map(|port| (port, port)),
    };
    if let Some((first, last)) = range {
        return Ok(Port::Range(first, last));
    }
    let named = is_dns_label(text)
        && text.len() <= 15
        && !text.contains("--")
        && text.bytes().any(|byte| byte.is_ascii_lowercase());
    if !named {
        return Err(field.error(format!("`{text}` is no port")));
    }
    Ok(Port::Named(field.string()?.into()))
}

fn digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}
