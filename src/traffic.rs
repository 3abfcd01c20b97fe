//! Traffic as sets: which protocols, ports, ICMP types and IP families a connection may have. The algebra
//! is exact (union, intersection, difference, emptiness), and equal sets are equal values.

pub(crate) mod addresses;
pub mod connection;
mod describe;
pub mod intervals;
pub mod ports;
mod protocols;
#[cfg(test)]
mod tests;

pub use connection::{Connection, Detail};
pub use intervals::Intervals;
pub use ports::Ports;

use std::sync::Arc;

use protocols::{ICMP, ICMP_V6, Protocols, SCTP, TCP, UDP, UDP_LITE};

/// A protocol that policies tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Protocol {
    /// 6
    Tcp,
    /// 17
    Udp,
    /// 132
    Sctp,
    /// 136; its ports are not told apart
    UdpLite,
    /// 1, over IPv4
    Icmp,
    /// 58, over IPv6
    IcmpV6,
    /// Any protocol by its number, over both families, without ports
    Number(u8),
}

/// Which way a connection goes, seen from one of its ends: the one whose policies decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Direction {
    /// To it.
    Ingress,
    /// From it.
    Egress,
}

impl Direction {
    /// Both, ingress first.
    pub const BOTH: [Self; 2] = [Self::Ingress, Self::Egress];
}

/// One IP family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Family {
    /// IPv4
    V4,
    /// IPv6
    V6,
}

/// One entry of a list of traffic, as a flow or a rule has it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Match {
    /// A protocol with all its ports or types.
    Protocol(Protocol),
    /// Ports `first` to `last`, both included, of tcp, udp or sctp.
    Ports(Protocol, u16, u16),
    /// The port that the receiving pod gives this name, for tcp, udp or sctp.
    Named(Protocol, Arc<str>),
    /// An ICMP type, of `Icmp` or `IcmpV6`, with one code or all.
    IcmpType(Protocol, u8, Option<u8>),
}

/// A set of connections by IP family, protocol, and port or ICMP type and code. Equal sets are equal values; a
/// copy costs nothing, and the empty set takes no memory of its own.
///
/// TCP, UDP and SCTP have [`Ports`]; ICMP (1) and `ICMPv6` (58) have types and codes; every other protocol,
/// `UDPLite` among them, is told apart by its number only. Everything is known for each IP family: `Icmp` and `IcmpV6`
/// by name imply theirs, numbers do not (how Calico decides, section 4.3).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Traffic(Option<Arc<Families>>);

/// INVARIANT: not both are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Families {
    v4: Protocols,
    v6: Protocols,
}

impl Traffic {
    /// Nothing.
    pub fn empty() -> Self {
        Self(None)
    }

    /// Everything: each protocol with each port, 0 included, and each type, over both families.
    pub fn full() -> Self {
        Self::new(Protocols::full(), Protocols::full())
    }

    /// What any of `matches` lets pass. Ports are those of TCP, UDP and SCTP (also as their numbers), types those of
    /// the two ICMPs: any other protocol has none, so ports or types of it let nothing pass. Port 0 is not a port
    /// that a list can name.
    pub fn of(matches: &[Match]) -> Self {
        let (mut v4, mut v6) = (Gathered::default(), Gathered::default());
        for entry in matches {
            let (Match::Protocol(protocol)
            | Match::Ports(protocol, ..)
            | Match::Named(protocol, _)
            | Match::IcmpType(protocol, ..)) = entry;
            if *protocol != Protocol::IcmpV6 {
                v4.add(protocol.number(), entry);
            }
            if *protocol != Protocol::Icmp {
                v6.add(protocol.number(), entry);
            }
        }
        Self::new(v4.finish(), v6.finish())
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Whether nothing is in it that a line could name: nothing at all, or port 0 alone, which is not a port that
    /// anything listens on.
    pub fn is_nameless(&self) -> bool {
        self.nameable().is_empty()
    }

    /// What of it a line could name: all but port 0.
    #[must_use]
    pub fn nameable(&self) -> Self {
        let protocols = [Protocol::Tcp, Protocol::Udp, Protocol::Sctp];
        let ports = protocols.map(|protocol| Match::Ports(protocol, 1, u16::MAX));
        let zero = Self::of(&protocols.map(Match::Protocol)).difference(&Self::of(&ports));
        self.difference(&zero)
    }

    /// What is in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        match (&self.0, &other.0) {
            (None, _) => other.clone(),
            (_, None) => self.clone(),
            (Some(a), Some(b)) if Arc::ptr_eq(a, b) => self.clone(),
            (Some(a), Some(b)) => Self::new(a.v4.union(&b.v4), a.v6.union(&b.v6)),
        }
    }

    /// What is in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        match (&self.0, &other.0) {
            (None, _) | (_, None) => Self::empty(),
            (Some(a), Some(b)) if Arc::ptr_eq(a, b) => self.clone(),
            (Some(a), Some(b)) => Self::new(a.v4.intersection(&b.v4), a.v6.intersection(&b.v6)),
        }
    }

    /// What is in `self` and not in `other`.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        match (&self.0, &other.0) {
            (None, _) => Self::empty(),
            (_, None) => self.clone(),
            (Some(a), Some(b)) if Arc::ptr_eq(a, b) => Self::empty(),
            (Some(a), Some(b)) => Self::new(a.v4.difference(&b.v4), a.v6.difference(&b.v6)),
        }
    }

    /// Whether all of `other` is in `self`.
    pub fn contains(&self, other: &Self) -> bool {
        other.difference(self).is_empty()
    }

    /// What of it a connection over `family` can be.
    #[must_use]
    pub fn over(&self, family: Family) -> Self {
        match (&self.0, family) {
            (None, _) => Self::empty(),
            (Some(it), Family::V4) => Self::new(it.v4.clone(), Protocols::default()),
            (Some(it), Family::V6) => Self::new(Protocols::default(), it.v6.clone()),
        }
    }

    /// What of it a connection over `family` can be, over both families.
    #[must_use]
    pub fn on_both(&self, family: Family) -> Self {
        self.side(family).map_or_else(Self::empty, |side| Self::new(side.clone(), side.clone()))
    }

    /// What of it goes to a receiver whose ports have no names: any end that is not a pod. Of a set of ports this
    /// leaves the numbers that are in it without any name, and the result no longer looks at names: two sets that
    /// differ only for named ports are equal after it.
    #[must_use]
    pub fn without_names(&self) -> Self {
        self.0
            .as_ref()
            .map_or_else(Self::empty, |it| Self::new(it.v4.without_names(), it.v6.without_names()))
    }

    fn new(v4: Protocols, v6: Protocols) -> Self {
        let nothing = v4.is_empty() && v6.is_empty();
        Self((!nothing).then(|| Arc::new(Families { v4, v6 })))
    }

    fn side(&self, family: Family) -> Option<&Protocols> {
        self.0.as_ref().map(|it| match family {
            Family::V4 => &it.v4,
            Family::V6 => &it.v6,
        })
    }
}

impl Protocol {
    /// Its number in the IP header.
    pub fn number(self) -> u8 {
        match self {
            Self::Tcp => TCP,
            Self::Udp => UDP,
            Self::Sctp => SCTP,
            Self::UdpLite => UDP_LITE,
            Self::Icmp => ICMP,
            Self::IcmpV6 => ICMP_V6,
            Self::Number(number) => number,
        }
    }
}

/// What a list says of one IP family, before it is put in order.
#[derive(Default)]
struct Gathered {
    tcp: GatheredPorts,
    udp: GatheredPorts,
    sctp: GatheredPorts,
    icmp: Vec<(u32, u32)>,
    icmp_v6: Vec<(u32, u32)>,
    others: Vec<(u32, u32)>,
}

#[derive(Default)]
struct GatheredPorts {
    numbers: Vec<(u32, u32)>,
    names: Vec<Arc<str>>,
}

impl Gathered {
    fn add(&mut self, number: u8, entry: &Match) {
        match number {
            TCP => self.tcp.add(entry),
            UDP => self.udp.add(entry),
            SCTP => self.sctp.add(entry),
            ICMP => self.icmp.extend(types(entry)),
            ICMP_V6 => self.icmp_v6.extend(types(entry)),
            other => match entry {
                Match::Protocol(_) => self.others.push((u32::from(other), u32::from(other))),
                Match::Ports(..) | Match::Named(..) | Match::IcmpType(..) => {}
            },
        }
    }

    fn finish(self) -> Protocols {
        Protocols {
            tcp: self.tcp.finish(),
            udp: self.udp.finish(),
            sctp: self.sctp.finish(),
            icmp: self.icmp.into_iter().collect(),
            icmp_v6: self.icmp_v6.into_iter().collect(),
            others: self.others.into_iter().collect(),
        }
    }
}

impl GatheredPorts {
    fn add(&mut self, entry: &Match) {
        match entry {
            Match::Protocol(_) => self.numbers.push((0, 0xffff)),
            Match::Ports(_, first, last) => {
                self.numbers.push((u32::from(*first).max(1), u32::from(*last)));
            }
            Match::Named(_, name) => self.names.push(Arc::clone(name)),
            Match::IcmpType(..) => {}
        }
    }

    fn finish(self) -> Ports {
        Ports::of(&self.numbers.into_iter().collect(), self.names)
    }
}

/// The types and codes of an entry, as ranges of type times 256 plus code.
fn types(entry: &Match) -> Option<(u32, u32)> {
    match entry {
        Match::Protocol(_) => Some((0, 0xffff)),
        Match::IcmpType(_, kind, None) => {
            let first = u32::from(*kind) << 8;
            Some((first, first | 0xff))
        }
        Match::IcmpType(_, kind, Some(code)) => {
            let only = u32::from(*kind) << 8 | u32::from(*code);
            Some((only, only))
        }
        Match::Ports(..) | Match::Named(..) => None,
    }
}
