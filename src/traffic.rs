//! Traffic as sets: which protocols, ports, ICMP types and IP families a connection may have. The algebra
//! is exact (union, intersection, difference, emptiness), and equal sets are equal values.

pub mod intervals;
pub mod ports;

pub use intervals::Intervals;
pub use ports::Ports;

use std::sync::Arc;

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

/// A set of connections by protocol, port, ICMP type and code, and IP family. Equal sets are equal values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Traffic;

impl Traffic {
    /// Nothing.
    pub fn empty() -> Self {
        Self
    }
    /// Everything.
    pub fn full() -> Self {
        Self
    }
    /// What any of `matches` lets pass.
    pub fn of(matches: &[Match]) -> Self {
        let _ = matches;
        Self
    }
    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        true
    }
    /// What is in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let _ = other;
        Self
    }
    /// What is in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let _ = other;
        Self
    }
    /// What is in `self` and not in `other`.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        let _ = other;
        Self
    }
    /// Whether all of `other` is in `self`.
    pub fn contains(&self, other: &Self) -> bool {
        other.difference(self).is_empty()
    }
    /// What of it a connection over `family` can be.
    #[must_use]
    pub fn over(&self, family: Family) -> Self {
        let _ = family;
        Self
    }
    /// What of it goes to a receiver whose ports have no names: any end that is no pod.
    #[must_use]
    pub fn without_names(&self) -> Self {
        Self
    }
}
