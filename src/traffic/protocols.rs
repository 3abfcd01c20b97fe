//! The traffic of one IP family: ports for TCP, UDP and SCTP, types and codes for the two ICMPs, and every
//! other protocol whole.

use super::intervals::Intervals;
use super::ports::Ports;

pub(super) const ICMP: u8 = 1;
pub(super) const TCP: u8 = 6;
pub(super) const UDP: u8 = 17;
pub(super) const ICMP_V6: u8 = 58;
pub(super) const SCTP: u8 = 132;
pub(super) const UDP_LITE: u8 = 136;

/// What a connection can be over one IP family, by protocol.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Protocols {
    pub(super) tcp: Ports,
    pub(super) udp: Ports,
    pub(super) sctp: Ports,
    /// Protocol 1: type times 256 plus code.
    pub(super) icmp: Intervals,
    /// Protocol 58: type times 256 plus code.
    pub(super) icmp_v6: Intervals,
    /// The numbers of the other protocols.
    pub(super) others: Intervals,
}

impl Protocols {
    pub(super) fn full() -> Self {
        Self {
            tcp: Ports::full(),
            udp: Ports::full(),
            sctp: Ports::full(),
            icmp: all_types(),
            icmp_v6: all_types(),
            others: all_others(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.tcp.is_empty()
            && self.udp.is_empty()
            && self.sctp.is_empty()
            && self.icmp.is_empty()
            && self.icmp_v6.is_empty()
            && self.others.is_empty()
    }

    pub(super) fn union(&self, other: &Self) -> Self {
        self.combine(other, Ports::union, Intervals::union)
    }

    pub(super) fn intersection(&self, other: &Self) -> Self {
        self.combine(other, Ports::intersection, Intervals::intersection)
    }

    pub(super) fn difference(&self, other: &Self) -> Self {
        self.combine(other, Ports::difference, Intervals::difference)
    }

    pub(super) fn without_names(&self) -> Self {
        Self {
            tcp: self.tcp.without_names(),
            udp: self.udp.without_names(),
            sctp: self.sctp.without_names(),
            ..self.clone()
        }
    }

    fn combine(
        &self,
        other: &Self,
        ports: impl Fn(&Ports, &Ports) -> Ports,
        numbers: impl Fn(&Intervals, &Intervals) -> Intervals,
    ) -> Self {
        Self {
            tcp: ports(&self.tcp, &other.tcp),
            udp: ports(&self.udp, &other.udp),
            sctp: ports(&self.sctp, &other.sctp),
            icmp: numbers(&self.icmp, &other.icmp),
            icmp_v6: numbers(&self.icmp_v6, &other.icmp_v6),
            others: numbers(&self.others, &other.others),
        }
    }
}

/// Every ICMP type with every code.
pub(super) fn all_types() -> Intervals {
    Intervals::range(0, 0xffff)
}

/// Every protocol that has neither ports nor types.
pub(super) fn all_others() -> Intervals {
    let detailed =
        [ICMP, TCP, UDP, ICMP_V6, SCTP].map(|number| (u32::from(number), u32::from(number)));
    Intervals::range(0, 0xff).difference(&detailed.into_iter().collect())
}
