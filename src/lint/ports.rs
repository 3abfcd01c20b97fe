//! Which lines between the same two places let a port pass. Thousands of lines may differ in their ports alone,
//! so they are found by port, and not each compared with each other one.

use std::collections::BTreeMap;

use crate::program::Flow;
use crate::traffic::{Match, Protocol};

/// Lines, by what they let pass.
#[derive(Debug, Default)]
pub(super) struct PortLines {
    ranges: BTreeMap<Protocol, Vec<Range>>,
    /// Those that let more pass than ranges of ports.
    others: Vec<usize>,
}

/// A range of ports in one of the lines.
#[derive(Clone, Copy, Debug)]
struct Range {
    first: u16,
    last: u16,
    /// The highest port of the ranges in the part of the list whose middle this is (see [`visit`]).
    highest: u16,
    line: usize,
}

impl PortLines {
    /// Adds `flow` under the number `line`. To be followed by [`Self::arrange`] before anything is asked.
    pub(super) fn add(&mut self, flow: &Flow, line: usize) {
        match ranges(flow) {
            None => self.others.push(line),
            Some(all) => {
                for (protocol, first, last) in all {
                    let range = Range { first, last, highest: last, line };
                    self.ranges.entry(protocol).or_default().push(range);
                }
            }
        }
    }

    /// Puts the lines in order.
    pub(super) fn arrange(&mut self) {
        for ranges in self.ranges.values_mut() {
            ranges.sort_unstable_by_key(|it| (it.first, it.last, it.line));
            arrange(ranges);
        }
    }

    /// Adds to `found` the lines that may let all of `flow` pass.
    pub(super) fn around(&self, flow: &Flow, found: &mut Vec<usize>) {
        if let Some(all) = ranges(flow)
            && let Some((protocol, first, _)) = all.first()
            && let Some(ranges) = self.ranges.get(protocol)
        {
            visit(ranges, *first, *first, found);
        }
        found.extend(&self.others);
    }
}

/// What `flow` lets pass, if that is ranges of ports and nothing else.
fn ranges(flow: &Flow) -> Option<Vec<(Protocol, u16, u16)>> {
    let range = |it: &Match| match it {
        Match::Ports(protocol, first, last) => Some((*protocol, *first, *last)),
        Match::Protocol(_) | Match::Named(..) | Match::IcmpType(..) => None,
    };
    flow.matches.as_ref()?.iter().map(range).collect()
}

/// Notes the highest port of each part of the sorted `ranges`, and gives that of all.
fn arrange(ranges: &mut [Range]) -> u16 {
    let (before, rest) = ranges.split_at_mut(ranges.len() / 2);
    let Some((middle, after)) = rest.split_first_mut() else { return 0 };
    middle.highest = middle.last.max(arrange(before)).max(arrange(after));
    middle.highest
}

/// Adds to `found` the lines of those of `ranges` that have a port from `first` to `last`: halves the list, and
/// leaves out the parts that end too early or begin too late.
fn visit(ranges: &[Range], first: u16, last: u16, found: &mut Vec<usize>) {
    let (before, rest) = ranges.split_at(ranges.len() / 2);
    let Some((middle, after)) = rest.split_first() else { return };
    if middle.highest < first {
        return;
    }
    visit(before, first, last, found);
    if middle.first <= last {
        if middle.last >= first {
            found.push(middle.line);
        }
        visit(after, first, last, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn ranges_are_found_by_their_ports(
            all in prop::collection::vec((1u16..20, 0u16..8), 0..12), first in 1u16..24, more in 0u16..4,
        ) {
            let mut ranges: Vec<Range> = all
                .iter()
                .enumerate()
                .map(|(line, (first, more))| Range { first: *first, last: first + more, highest: 0, line })
                .collect();
            ranges.sort_unstable_by_key(|it| it.first);
            arrange(&mut ranges);
            let last = first + more;
            let mut found = Vec::new();
            visit(&ranges, first, last, &mut found);
            found.sort_unstable();
            let wanted: Vec<usize> = (0..all.len())
                .filter(|line| all[*line].0 <= last && all[*line].0 + all[*line].1 >= first)
                .collect();
            prop_assert_eq!(found, wanted);
        }
    }
}
