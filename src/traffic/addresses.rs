//! Blocks of addresses: reading them, and taking some out of others exactly.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use ipnet::{IpNet, Ipv4Subnets, Ipv6Subnets};

/// Why a text is not a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AddressFlaw {
    /// An address without a prefix; the block of that address alone.
    NoPrefix(IpNet),
    /// Bits beyond the prefix are set; the block that the address lies in.
    HostBits(IpNet),
    /// A decimal number has a zero before it: other readers see an octal one. The block that is meant, if it
    /// is not octal.
    Zeros(IpNet),
    /// Neither an address nor a block.
    Unreadable,
}

/// Reads `10.0.0.0/8` or `fd00::/8`.
pub(crate) fn parse(text: &str) -> Result<IpNet, AddressFlaw> {
    if let Ok(address) = IpAddr::from_str(text) {
        return Err(AddressFlaw::NoPrefix(address.into()));
    }
    // `IpNet` takes leading zeros, `IpAddr` does not.
    let net = IpNet::from_str(text).map_err(|_| AddressFlaw::Unreadable)?;
    let plain = text.split_once('/').is_some_and(|(address, prefix)| {
        IpAddr::from_str(address).is_ok() && (prefix == "0" || !prefix.starts_with('0'))
    });
    match (plain, net.trunc()) {
        (false, block) => Err(AddressFlaw::Zeros(block)),
        (true, block) if block == net => Ok(net),
        (true, block) => Err(AddressFlaw::HostBits(block)),
    }
}

/// Addresses of one family as sorted ranges that neither overlap nor touch, both ends included.
type Ranges = Vec<(u128, u128)>;

/// Exactly the addresses of `blocks` that are in none of `except`, as the shortest list of blocks: IPv4 first,
/// each family sorted. A whole family that was written in parts stays two halves, because Calico cannot hold
/// the block of all addresses in a set everywhere.
pub(crate) fn difference(blocks: &[IpNet], except: &[IpNet]) -> Vec<IpNet> {
    let whole = blocks.iter().filter(|net| net.prefix_len() == 0).copied().collect::<Vec<_>>();
    let mut nets = Vec::new();
    for v4 in [true, false] {
        let left = subtract(&ranges(blocks, v4), &ranges(except, v4));
        for (first, last) in left {
            let block = to_nets(v4, first, last);
            for net in block {
                if net.prefix_len() == 0 && !whole.contains(&net) {
                    nets.extend(net.subnets(1).into_iter().flatten());
                } else {
                    nets.push(net);
                }
            }
        }
    }
    nets
}

/// Whether every address of `net` is in one of `blocks`.
pub(crate) fn covers(blocks: &[IpNet], net: IpNet) -> bool {
    let v4 = net.addr().is_ipv4();
    subtract(&ranges(&[net], v4), &ranges(blocks, v4)).is_empty()
}

/// Whether some address is in both.
pub(crate) fn overlap(one: &[IpNet], other: &[IpNet]) -> bool {
    one.iter().any(|a| other.iter().any(|b| a.contains(b) || b.contains(a)))
}

fn ranges(nets: &[IpNet], v4: bool) -> Ranges {
    let mut all: Ranges = nets
        .iter()
        .filter(|net| net.addr().is_ipv4() == v4)
        .map(|net| (number(net.network()), number(net.broadcast())))
        .collect();
    all.sort_unstable();
    let mut merged: Ranges = Vec::with_capacity(all.len());
    for (first, last) in all {
        match merged.last_mut() {
            Some((_, end)) if first <= end.saturating_add(1) => *end = (*end).max(last),
            Some(_) | None => merged.push((first, last)),
        }
    }
    merged
}

fn subtract(from: &Ranges, out: &Ranges) -> Ranges {
    let mut left = Vec::with_capacity(from.len());
    let mut out = out.iter().peekable();
    for &(first, last) in from {
        let mut next = Some(first);
        while let (Some(start), Some(&&(hole_first, hole_last))) = (next, out.peek()) {
            if hole_first > last {
                break;
            }
            if hole_first > start {
                left.push((start, hole_first - 1));
            }
            next = hole_last.checked_add(1).filter(|it| *it <= last).map(|it| it.max(start));
            if hole_last > last {
                break;
            }
            out.next();
        }
        if let Some(start) = next {
            left.push((start, last));
        }
    }
    left
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    }
}

fn to_nets(v4: bool, first: u128, last: u128) -> Vec<IpNet> {
    if v4 {
        // Ranges of IPv4 never exceed 32 bits.
        let address = |it: u128| Ipv4Addr::from(u32::try_from(it).unwrap_or(u32::MAX));
        Ipv4Subnets::new(address(first), address(last), 0).map(IpNet::V4).collect()
    } else {
        Ipv6Subnets::new(Ipv6Addr::from(first), Ipv6Addr::from(last), 0).map(IpNet::V6).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn nets(texts: &[&str]) -> Vec<IpNet> {
        texts.iter().map(|text| parse(text).unwrap()).collect()
    }

    fn left(blocks: &[&str], except: &[&str]) -> String {
        let all = difference(&nets(blocks), &nets(except));
        all.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn blocks_are_read_strictly() {
        assert_eq!(parse("10.1.2.3"), Err(AddressFlaw::NoPrefix("10.1.2.3/32".parse().unwrap())));
        assert_eq!(parse("fd00::1"), Err(AddressFlaw::NoPrefix("fd00::1/128".parse().unwrap())));
        assert_eq!(parse("10.1.2.3/8"), Err(AddressFlaw::HostBits("10.0.0.0/8".parse().unwrap())));
        for text in ["010.0.0.0/8", "10.0.0.0/08", "10.01.0.0/8", "10.0.0.00/08"] {
            assert_eq!(
                parse(text),
                Err(AddressFlaw::Zeros("10.0.0.0/8".parse().unwrap())),
                "{text}"
            );
        }
        for text in ["10.0.0.0/33", "10.0.0/8", "10.0.0.0/+8", "x", "", "::/129", "0x10.0.0.0/8"] {
            assert_eq!(parse(text), Err(AddressFlaw::Unreadable), "{text}");
        }
    }

    #[test]
    fn the_list_is_exact_short_and_sorted() {
        assert_eq!(left(&["fd00::/8", "10.0.0.0/9", "10.128.0.0/9"], &[]), "10.0.0.0/8 fd00::/8");
        assert_eq!(left(&["10.0.0.0/8"], &["10.0.0.0/9"]), "10.128.0.0/9");
        assert_eq!(left(&["10.0.0.0/30"], &["10.0.0.1/32"]), "10.0.0.0/32 10.0.0.2/31");
        assert_eq!(left(&["10.0.0.0/8"], &["0.0.0.0/0"]), "");
        assert_eq!(left(&["::/0"], &["8000::/1"]), "::/1");
        assert_eq!(
            left(&["10.0.0.0/8", "11.0.0.0/8", "12.0.0.0/8"], &["10.0.0.0/7"]),
            "12.0.0.0/8"
        );
    }

    #[test]
    fn a_whole_family_stays_as_it_was_written() {
        assert_eq!(left(&["0.0.0.0/0"], &[]), "0.0.0.0/0");
        assert_eq!(left(&["0.0.0.0/1", "128.0.0.0/1"], &[]), "0.0.0.0/1 128.0.0.0/1");
        assert_eq!(left(&["::/1", "8000::/1", "::/2"], &[]), "::/1 8000::/1");
    }

    fn block() -> impl Strategy<Value = IpNet> {
        (0u8..16, 28u8..=32).prop_map(|(last, prefix)| {
            let net = ipnet::Ipv4Net::new(Ipv4Addr::new(10, 0, 0, last), prefix).unwrap();
            IpNet::V4(net.trunc())
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn difference_is_that_of_sets(
            blocks in prop::collection::vec(block(), 0..5),
            except in prop::collection::vec(block(), 0..5),
        ) {
            let found = difference(&blocks, &except);
            for last in 0..=16u8 {
                let address = IpAddr::from(Ipv4Addr::new(10, 0, 0, last));
                let has = |nets: &[IpNet]| nets.iter().filter(|net| net.contains(&address)).count();
                let wanted = has(&blocks) > 0 && has(&except) == 0;
                prop_assert_eq!(has(&found), usize::from(wanted));
            }
            prop_assert_eq!(&IpNet::aggregate(&found).len(), &found.len(), "shortest");
        }
    }
}
