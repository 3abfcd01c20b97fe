//! Traffic as text: sets and entries of lists in the words of flow lines, and where a set is not a plain list,
//! what is true of it.

use std::fmt;

use super::connection::word;
use super::intervals::Intervals;
use super::ports::{Ports, PortsWay};
use super::protocols::{ICMP, ICMP_V6, Protocols, SCTP, TCP, UDP, all_types};
use super::{Family, Match, Protocol, Traffic};

/// So many ways to combine the names of ports are listed; more would help nobody.
const WAYS: usize = 8;

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp => f.write_str("tcp"),
            Self::Udp => f.write_str("udp"),
            Self::Sctp => f.write_str("sctp"),
            Self::UdpLite => f.write_str("udplite"),
            Self::Icmp => f.write_str("icmp"),
            Self::IcmpV6 => f.write_str("icmpv6"),
            Self::Number(number) => write!(f, "protocol/{number}"),
        }
    }
}

impl fmt::Display for Match {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Protocol(protocol) => write!(f, "{protocol}"),
            Self::Ports(protocol, first, last) => {
                write!(f, "{protocol}/{}", span(u32::from(*first), u32::from(*last)))
            }
            Self::Named(protocol, name) => write!(f, "{protocol}/{name}"),
            Self::IcmpType(protocol, kind, None) => write!(f, "{protocol}/{kind}"),
            Self::IcmpType(protocol, kind, Some(code)) => write!(f, "{protocol}/{kind}/{code}"),
        }
    }
}

/// The set in the words of flow lines, `any` and `nothing` included: `tcp/443, tcp/8000-8999, udp/dns`. What flow
/// lines have no words for is said in brackets or by `over IPv6`, and what is nearly everything by what is missing:
/// `any except tcp/22`.
impl fmt::Display for Traffic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("nothing");
        }
        let full = Self::full();
        let mut best = (String::new(), terms(self));
        for (name, whole) in [
            ("any", full.clone()),
            ("any over IPv4", full.over(Family::V4)),
            ("any over IPv6", full.over(Family::V6)),
        ] {
            if whole.contains(self) {
                let missing = terms(&whole.difference(self));
                if missing.len() + 1 < best.1.len() || missing.is_empty() {
                    let start =
                        if missing.is_empty() { name.into() } else { format!("{name} except ") };
                    best = (start, missing);
                }
            }
        }
        write!(f, "{}{}", best.0, best.1.join(", "))
    }
}

fn terms(traffic: &Traffic) -> Vec<String> {
    let empty = Protocols::default();
    let v4 = traffic.side(Family::V4).unwrap_or(&empty);
    let v6 = traffic.side(Family::V6).unwrap_or(&empty);
    let both = v4.intersection(v6);
    let mut out = Vec::new();
    for (side, over) in
        [(&both, ""), (&v4.difference(&both), " over IPv4"), (&v6.difference(&both), " over IPv6")]
    {
        for (protocol, ports) in [(TCP, &side.tcp), (UDP, &side.udp), (SCTP, &side.sctp)] {
            port_terms(&mut out, word(protocol).unwrap_or_default(), ports, over);
        }
    }
    for (word, types, over) in [
        (word(ICMP), &v4.icmp, ""),
        (word(ICMP), &v6.icmp, " over IPv6"),
        (word(ICMP_V6), &v6.icmp_v6, ""),
        (word(ICMP_V6), &v4.icmp_v6, " over IPv4"),
    ] {
        type_terms(&mut out, word.unwrap_or_default(), types, over);
    }
    for (side, over) in
        [(&both, ""), (&v4.difference(&both), " over IPv4"), (&v6.difference(&both), " over IPv6")]
    {
        for (first, last) in side.others.ranges() {
            match u8::try_from(first).ok().filter(|_| first == last).and_then(word) {
                Some(word) => out.push(format!("{word}{over}")),
                None => out.push(format!("protocol/{}{over}", span(first, last))),
            }
        }
    }
    out
}

fn port_terms(out: &mut Vec<String>, word: &str, ports: &Ports, over: &str) {
    let names = ports.names();
    if ports.is_full() {
        out.push(format!("{word}{over}"));
    } else if Ports::of(ports.numbers(), names.iter().cloned()) == *ports {
        let numbers = ports.numbers().ranges().map(|(first, last)| port_span(first, last));
        let all = numbers.chain(names.iter().map(ToString::to_string));
        out.extend(all.map(|port| format!("{word}/{port}{over}")));
    } else {
        let (ways, more) = ports.ways(WAYS);
        for way in ways {
            let when = when(&way);
            if way.numbers == Intervals::range(0, 0xffff) {
                out.push(format!("{word} ({when}){over}"));
                continue;
            }
            for (first, last) in way.numbers.ranges() {
                out.push(format!("{word}/{} ({when}){over}", port_span(first, last)));
            }
        }
        if more {
            out.push(format!("more of {word}, by the names of ports{over}"));
        }
    }
}

/// Which names a port has and has not: `named a and b, not named c or d`.
fn when(way: &PortsWay) -> String {
    let mut parts = Vec::new();
    if !way.with.is_empty() {
        parts.push(format!("named {}", way.with.join(" and ")));
    }
    if !way.without.is_empty() {
        parts.push(format!("not named {}", way.without.join(" or ")));
    }
    parts.join(", ")
}

fn type_terms(out: &mut Vec<String>, word: &str, types: &Intervals, over: &str) {
    if *types == all_types() {
        out.push(format!("{word}{over}"));
        return;
    }
    for (first, last) in types.ranges() {
        // The whole types in the middle, and what is left of the types at the two ends.
        let (low, high) = (first.div_ceil(256), (last + 1) / 256);
        if low < high {
            if first < low * 256 {
                out.push(format!("{word}/{}/{}{over}", first / 256, span(first % 256, 255)));
            }
            out.push(format!("{word}/{}{over}", span(low, high - 1)));
            if last >= high * 256 {
                out.push(format!("{word}/{high}/{}{over}", span(0, last % 256)));
            }
        } else if first / 256 == last / 256 {
            out.push(format!("{word}/{}/{}{over}", first / 256, span(first % 256, last % 256)));
        } else {
            out.push(format!("{word}/{}/{}{over}", first / 256, span(first % 256, 255)));
            out.push(format!("{word}/{}/{}{over}", last / 256, span(0, last % 256)));
        }
    }
}

/// Ports count from 1: nobody can write port 0, so a range that begins with it is spoken of without it.
fn port_span(first: u32, last: u32) -> String {
    span(if last > 0 { first.max(1) } else { first }, last)
}

fn span(first: u32, last: u32) -> String {
    if first == last { first.to_string() } else { format!("{first}-{last}") }
}
