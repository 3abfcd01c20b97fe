//! What programs the policies on each node, and what it makes of ICMP ("how Calico decides", section 4.5).

use std::fmt;

use crate::traffic::{Match, Protocol};

/// What programs the policies on each node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dataplane {
    /// nftables: the careful one, since it takes less than the others.
    #[default]
    Nftables,
    /// iptables.
    Iptables,
    /// eBPF.
    Ebpf,
}

impl Dataplane {
    /// All.
    pub const ALL: [Self; 3] = [Self::Nftables, Self::Iptables, Self::Ebpf];

    /// The one of this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == text)
    }

    /// Its name in `eastwest.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nftables => "nftables",
            Self::Iptables => "iptables",
            Self::Ebpf => "ebpf",
        }
    }

    /// Whether a rule for an ICMP type with a code ends Calico's agent: it writes what nft does not take, and stops.
    pub fn ends_on_codes(self) -> bool {
        match self {
            Self::Nftables => true,
            Self::Iptables | Self::Ebpf => false,
        }
    }

    /// What the tunnel is called that `item` is, and no more than it, where a node drops what its pods send of it before any policy
    /// is asked, as Calico is configured where nobody says otherwise. Of eBPF that is not known.
    pub fn tunnel_dropped(self, item: &Match) -> Option<&'static str> {
        match (self, item) {
            (Self::Ebpf, _) => None,
            (_, Match::Ports(Protocol::Udp, 4789, 4789)) => Some("VXLAN"),
            (_, Match::Protocol(protocol)) if protocol.number() == 4 => Some("IPIP"),
            (_, Match::Protocol(_) | Match::Ports(..) | Match::Named(..) | Match::IcmpType(..)) => {
                None
            }
        }
    }

    /// Whether `item` is an ICMP message that never begins a connection, so that no policy is ever asked about it by itself: a
    /// reply or an error passes with the connection that it belongs to, and is dropped where there is none.
    pub fn never_begins(self, item: &Match) -> bool {
        let Match::IcmpType(protocol, kind, _) = item else { return false };
        match (self, protocol.number()) {
            // Requests: echo, timestamp, information, address mask.
            (Self::Nftables | Self::Iptables, 1) => ![8, 13, 15, 17].contains(kind),
            // Requests: echo, node information. Neighbours and multicast listeners are not tracked at all.
            (Self::Nftables | Self::Iptables, _) => {
                ![128, 139].contains(kind) && !matches!(kind, 130..=136 | 143)
            }
            // Here errors alone are told apart: any other message can begin a connection.
            (Self::Ebpf, 1) => [3, 4, 5, 11, 12].contains(kind),
            (Self::Ebpf, _) => *kind < 128,
        }
    }
}

impl fmt::Display for Dataplane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
