//! Sorted, disjoint ranges of `u32`: the set under ports, ICMP types and address blocks.

/// A set of numbers. Equal sets are equal values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Intervals(Vec<(u32, u32)>);
