//! Traffic on one line of numbers: the protocol's number, then the port, or the ICMP type and code. So every
//! entry of a list of traffic is one stretch of that line, perhaps with an IP family or the name of a port.

use std::sync::Arc;

use crate::traffic::{Connection, Detail, Family, Match, Protocol};

/// The first and last number of `item`, both included. A named port is any port of its protocol. Port 0, which
/// nobody can write, is one with port 1: so the ports 1 to 65535 are the whole protocol.
pub(super) fn stretch(item: &Match) -> (u32, u32) {
    let (protocol, low, high) = match item {
        Match::Protocol(protocol) | Match::Named(protocol, _) => (*protocol, 0, 0xFFFF),
        Match::Ports(protocol, first, last) => {
            (*protocol, if *first <= 1 { 0 } else { u32::from(*first) }, u32::from(*last))
        }
        Match::IcmpType(protocol, kind, code) => {
            let start = u32::from(*kind) << 8;
            match code {
                Some(code) => (*protocol, start | u32::from(*code), start | u32::from(*code)),
                None => (*protocol, start, start | 0xFF),
            }
        }
    };
    let start = u32::from(protocol.number()) << 16;
    (start | low, start | high)
}

/// The family that `item` implies: ICMP by name does, by number does not.
pub(super) fn family(item: &Match) -> Option<Family> {
    match item {
        Match::Protocol(protocol)
        | Match::Ports(protocol, ..)
        | Match::Named(protocol, _)
        | Match::IcmpType(protocol, ..) => match protocol {
            Protocol::Icmp => Some(Family::V4),
            Protocol::IcmpV6 => Some(Family::V6),
            Protocol::Tcp
            | Protocol::Udp
            | Protocol::Sctp
            | Protocol::UdpLite
            | Protocol::Number(_) => None,
        },
    }
}

/// Stretches of traffic that people know, those that they know best first: HTTPS, then TCP, UDP, SCTP, and a ping.
pub(super) const USUAL: [(u32, u32); 5] = [
    (at(6, 443), at(6, 443)),
    (at(6, 0), at(6, u16::MAX)),
    (at(17, 0), at(17, u16::MAX)),
    (at(132, 0), at(132, u16::MAX)),
    (at(1, 8 << 8), at(1, 8 << 8)),
];

const fn at(protocol: u8, detail: u16) -> u32 {
    (protocol as u32) << 16 | detail as u32
}

/// Where `connection` stands.
pub(super) fn of(connection: &Connection) -> u32 {
    let detail = match &connection.detail {
        Detail::None | Detail::Port(1, _) => 0,
        Detail::Port(number, _) => *number,
        Detail::Icmp(kind, code) => u16::from_be_bytes([*kind, *code]),
    };
    at(connection.protocol, detail)
}

/// The connection that stands at `code`, over `family`, to a port of these names.
pub(super) fn connection(code: u32, family: Family, names: Vec<Arc<str>>) -> Connection {
    let [_, protocol, high, low] = code.to_be_bytes();
    let has = |protocols: &[Protocol]| protocols.iter().any(|it| it.number() == protocol);
    let detail = if has(&[Protocol::Tcp, Protocol::Udp, Protocol::Sctp]) {
        Detail::Port(u16::from_be_bytes([high, low]).max(1), names)
    } else if has(&[Protocol::Icmp, Protocol::IcmpV6]) {
        Detail::Icmp(high, low)
    } else {
        Detail::None
    };
    Connection { family, protocol, detail }
}
