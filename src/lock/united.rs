//! Lists of traffic in one form: what is said in several entries or lines as the fewest entries, in one order.

use std::collections::BTreeMap;

use crate::traffic::{Intervals, Match, Protocol};

/// `matches` as the shortest list that says the same; `None` for any.
pub(super) fn united(matches: &[Match]) -> Vec<Match> {
    let whole: Vec<Protocol> = matches
        .iter()
        .filter_map(|it| match it {
            Match::Protocol(protocol) => Some(*protocol),
            Match::Ports(..) | Match::Named(..) | Match::IcmpType(..) => None,
        })
        .collect();
    let mut ports: BTreeMap<Protocol, Intervals> = BTreeMap::new();
    let mut rest: Vec<Match> = Vec::new();
    for item in matches {
        let (Match::Protocol(protocol)
        | Match::Ports(protocol, ..)
        | Match::Named(protocol, _)
        | Match::IcmpType(protocol, ..)) = item;
        if whole.contains(protocol) {
            continue;
        }
        match item {
            Match::Ports(protocol, first, last) => {
                let range = Intervals::range(u32::from(*first), u32::from(*last));
                let known = ports.entry(*protocol).or_default();
                *known = known.union(&range);
            }
            Match::IcmpType(protocol, kind, Some(_))
                if matches.contains(&Match::IcmpType(*protocol, *kind, None)) => {}
            Match::Protocol(_) | Match::Named(..) | Match::IcmpType(..) => rest.push(item.clone()),
        }
    }
    let port = |it: u32| u16::try_from(it).unwrap_or(u16::MAX);
    let mut all: Vec<Match> = whole.into_iter().map(Match::Protocol).chain(rest).collect();
    for (protocol, numbers) in ports {
        if numbers.ranges().next() == Some((1, 65535)) {
            all.push(Match::Protocol(protocol));
            continue;
        }
        let ranges = numbers.ranges();
        all.extend(ranges.map(|(first, last)| Match::Ports(protocol, port(first), port(last))));
    }
    let protocol = |it: &Match| match it {
        Match::Protocol(protocol)
        | Match::Ports(protocol, ..)
        | Match::Named(protocol, _)
        | Match::IcmpType(protocol, ..) => *protocol,
    };
    all.sort_by(|a, b| (protocol(a), a).cmp(&(protocol(b), b)));
    all.dedup();
    // A protocol that is there as a whole leaves nothing to its ports.
    let whole: Vec<_> =
        all.iter().filter(|it| matches!(it, Match::Protocol(_))).map(protocol).collect();
    all.retain(|it| matches!(it, Match::Protocol(_)) || !whole.contains(&protocol(it)));
    all
}
