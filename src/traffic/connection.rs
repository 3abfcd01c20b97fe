//! One concrete connection out of a set of traffic: the example that makes a difference visible.

use std::fmt;
use std::sync::Arc;

use super::protocols::{ICMP, ICMP_V6, Protocols, SCTP, TCP, UDP, UDP_LITE};
use super::{Family, Traffic};

/// One connection, as far as traffic tells connections apart. Its text is that of flow lines: `tcp/8443`,
/// `icmp type 8 code 0`, `protocol/47`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Connection {
    /// The IP family.
    pub family: Family,
    /// The number of the protocol.
    pub protocol: u8,
    /// The port or type.
    pub detail: Detail,
}

/// What of a connection its protocol tells apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Detail {
    /// Nothing.
    None,
    /// The receiving port: its number, and the names that the pod gives it, alphabetically.
    Port(u16, Vec<Arc<str>>),
    /// ICMP type and code.
    Icmp(u8, u8),
}

impl Traffic {
    /// A member of the set, always the same one for equal sets: TCP before UDP, SCTP, the ICMPs and the others;
    /// IPv4 before IPv6 (except for `ICMPv6`); a port without names, the lowest above 0; an echo request. `None` if
    /// the set is empty.
    pub fn example(&self) -> Option<Connection> {
        use Family::{V4, V6};
        let order = [
            (TCP, V4),
            (TCP, V6),
            (UDP, V4),
            (UDP, V6),
            (SCTP, V4),
            (SCTP, V6),
            (ICMP, V4),
            (ICMP_V6, V6),
            (ICMP, V6),
            (ICMP_V6, V4),
        ];
        let detailed = order.into_iter().find_map(|(protocol, family)| {
            let detail = detail(self.side(family)?, protocol)?;
            Some(Connection { family, protocol, detail })
        });
        detailed.or_else(|| {
            [V4, V6].into_iter().find_map(|family| {
                let number = self.side(family)?.others.first_from(0)?;
                let protocol = u8::try_from(number).ok()?;
                Some(Connection { family, protocol, detail: Detail::None })
            })
        })
    }

    /// Whether `connection` is a member.
    pub fn has(&self, connection: &Connection) -> bool {
        let Some(side) = self.side(connection.family) else { return false };
        let ports = match connection.protocol {
            TCP => Some(&side.tcp),
            UDP => Some(&side.udp),
            SCTP => Some(&side.sctp),
            _ => None,
        };
        match (&connection.detail, connection.protocol, ports) {
            (Detail::Port(number, names), _, Some(ports)) => {
                let names: Vec<&str> = names.iter().map(|name| &**name).collect();
                ports.contains(*number, &names)
            }
            (Detail::Icmp(kind, code), ICMP, _) => side.icmp.contains(number_of(*kind, *code)),
            (Detail::Icmp(kind, code), ICMP_V6, _) => {
                side.icmp_v6.contains(number_of(*kind, *code))
            }
            (Detail::None, protocol, None) => side.others.contains(u32::from(protocol)),
            (Detail::None | Detail::Port(..) | Detail::Icmp(..), _, _) => false,
        }
    }
}

fn detail(side: &Protocols, protocol: u8) -> Option<Detail> {
    let ports = |(number, names)| Detail::Port(number, names);
    match protocol {
        TCP => side.tcp.example().map(ports),
        UDP => side.udp.example().map(ports),
        SCTP => side.sctp.example().map(ports),
        ICMP | ICMP_V6 => {
            let (types, echo) =
                if protocol == ICMP { (&side.icmp, 8) } else { (&side.icmp_v6, 128) };
            let number = Some(number_of(echo, 0)).filter(|&it| types.contains(it));
            let [.., kind, code] = number.or_else(|| types.first_from(0))?.to_be_bytes();
            Some(Detail::Icmp(kind, code))
        }
        _ => None,
    }
}

fn number_of(kind: u8, code: u8) -> u32 {
    u32::from(kind) << 8 | u32::from(code)
}

/// The word of a protocol in flow lines, if it has one.
pub(super) fn word(protocol: u8) -> Option<&'static str> {
    match protocol {
        TCP => Some("tcp"),
        UDP => Some("udp"),
        SCTP => Some("sctp"),
        UDP_LITE => Some("udplite"),
        ICMP => Some("icmp"),
        ICMP_V6 => Some("icmpv6"),
        _ => None,
    }
}

impl fmt::Display for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match word(self.protocol) {
            Some(word) => f.write_str(word)?,
            None => write!(f, "protocol/{}", self.protocol)?,
        }
        match &self.detail {
            Detail::None => {}
            Detail::Port(number, names) => {
                write!(f, "/{number}")?;
                if !names.is_empty() {
                    write!(f, " (named {})", names.join(" and "))?;
                }
            }
            Detail::Icmp(kind, code) => write!(f, " type {kind} code {code}")?,
        }
        match (self.family, self.protocol) {
            (Family::V4, ICMP_V6) => f.write_str(" over IPv4"),
            (Family::V6, ICMP_V6) | (Family::V4, _) => Ok(()),
            (Family::V6, _) => f.write_str(" over IPv6"),
        }
    }
}
