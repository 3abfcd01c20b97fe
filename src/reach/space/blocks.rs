//! Addresses of one family, cut where some block begins or ends.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Subnets, Ipv6Subnets};

use crate::traffic::Family;

/// The first address of each piece, sorted, as numbers; the first piece starts at 0.
#[derive(Debug)]
pub(in crate::reach) struct Cuts(Vec<u128>);

impl Cuts {
    /// The pieces that those of `blocks` which are of `family` cut its addresses into.
    pub(super) fn new(blocks: &BTreeSet<IpNet>, family: impl Fn(&IpNet) -> bool) -> Self {
        let mut starts = BTreeSet::from([0]);
        for block in blocks.iter().filter(|block| family(block)) {
            let (first, last) = ends(block);
            starts.insert(first);
            // The block that ends the family has nothing after it.
            if last < greatest(block) {
                starts.insert(last + 1);
            }
        }
        Self(starts.into_iter().collect())
    }

    /// The point of an endpoint that lies in no block; also how many pieces there are.
    pub(in crate::reach) fn nowhere(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }

    /// The pieces of `block`, first and last, both included.
    pub(in crate::reach) fn pieces(&self, block: &IpNet) -> (u32, u32) {
        let (first, last) = ends(block);
        (self.piece(first), self.piece(last))
    }

    /// The piece that `address` lies in.
    pub(in crate::reach) fn piece_of(&self, address: IpAddr) -> u32 {
        self.piece(number(address))
    }

    fn piece(&self, address: u128) -> u32 {
        let after = self.0.partition_point(|start| *start <= address);
        u32::try_from(after.saturating_sub(1)).unwrap_or(u32::MAX)
    }

    /// The addresses of the pieces `first` to `last` of `family`, as the shortest list of blocks.
    pub(in crate::reach) fn nets(&self, family: Family, first: u32, last: u32) -> Vec<IpNet> {
        let start = self.0.get(first as usize).copied().unwrap_or(u128::MAX);
        let after = self.0.get(last as usize + 1).map(|after| after - 1);
        match family {
            Family::V4 => {
                let address = |it: u128| Ipv4Addr::from(u32::try_from(it).unwrap_or(u32::MAX));
                let end = address(after.unwrap_or(u128::MAX));
                Ipv4Subnets::new(address(start), end, 0).map(IpNet::V4).collect()
            }
            Family::V6 => {
                let end = Ipv6Addr::from(after.unwrap_or(u128::MAX));
                Ipv6Subnets::new(Ipv6Addr::from(start), end, 0).map(IpNet::V6).collect()
            }
        }
    }

    /// The first address of piece `index` of `family`; `None` for the point after the last piece.
    pub(in crate::reach) fn first_of(&self, family: Family, index: u32) -> Option<IpAddr> {
        let first = self.0.get(index as usize).copied()?;
        Some(match family {
            Family::V4 => Ipv4Addr::from(u32::try_from(first).unwrap_or(0)).into(),
            Family::V6 => Ipv6Addr::from(first).into(),
        })
    }
}

fn ends(block: &IpNet) -> (u128, u128) {
    (number(block.network()), number(block.broadcast()))
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    }
}

fn greatest(block: &IpNet) -> u128 {
    match block {
        IpNet::V4(_) => u128::from(u32::MAX),
        IpNet::V6(_) => u128::MAX,
    }
}
