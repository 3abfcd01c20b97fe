//! Sets of whole numbers: the sets under ports, ICMP types and points of labels. A set is a sorted list of
//! ranges, both ends included, that neither overlap nor touch, so equal sets are equal values.

/// A set of numbers. Equal sets are equal values; the empty set takes no memory of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Intervals(Vec<(u32, u32)>);

impl Intervals {
    /// The set without members.
    pub const EMPTY: Self = Self(Vec::new());

    /// The numbers `first` to `last`, both included; none if they are reversed.
    pub fn range(first: u32, last: u32) -> Self {
        if first > last { Self::EMPTY } else { Self(vec![(first, last)]) }
    }

    /// Whether it has no members.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `number` is a member.
    pub fn contains(&self, number: u32) -> bool {
        let after = self.0.partition_point(|&(_, last)| last < number);
        self.0.get(after).is_some_and(|&(first, _)| first <= number)
    }

    /// The ranges, in order, both ends included; no two of them touch.
    pub fn ranges(&self) -> impl ExactSizeIterator<Item = (u32, u32)> + '_ {
        self.0.iter().copied()
    }

    /// The least member that is `from` or greater.
    pub fn first_from(&self, from: u32) -> Option<u32> {
        let after = self.0.partition_point(|&(_, last)| last < from);
        self.0.get(after).map(|&(first, _)| first.max(from))
    }

    /// What is in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let mut out = Vec::with_capacity(self.0.len() + other.0.len());
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        loop {
            let next = match (left.peek(), right.peek()) {
                (Some(a), Some(b)) if a <= b => left.next(),
                (_, Some(_)) => right.next(),
                (Some(_), None) => left.next(),
                (None, None) => break,
            };
            if let Some(&range) = next {
                push(&mut out, range);
            }
        }
        Self(out)
    }

    /// What is in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let mut out = Vec::new();
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        while let (Some(&&(a, b)), Some(&&(c, d))) = (left.peek(), right.peek()) {
            if a.max(c) <= b.min(d) {
                out.push((a.max(c), b.min(d)));
            }
            if b < d {
                left.next();
            } else {
                right.next();
            }
        }
        Self(out)
    }

    /// What is in `self` and not in `other`.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        let mut out = Vec::new();
        let mut cuts = other.0.iter().peekable();
        for &(first, last) in &self.0 {
            // What of this range is still undecided starts here; `None` once nothing is left.
            let mut from = Some(first);
            while let (Some(start), Some(&&(cut_first, cut_last))) = (from, cuts.peek()) {
                if cut_first > last {
                    break;
                }
                if cut_first > start {
                    out.push((start, cut_first - 1));
                }
                if cut_last >= last {
                    from = None;
                } else {
                    from = Some(start.max(cut_last + 1));
                    cuts.next();
                }
            }
            if let Some(start) = from {
                out.push((start, last));
            }
        }
        Self(out)
    }
}

impl FromIterator<(u32, u32)> for Intervals {
    /// The union of ranges in any order, both ends included; a reversed range has no members.
    fn from_iter<T: IntoIterator<Item = (u32, u32)>>(ranges: T) -> Self {
        let mut sorted: Vec<_> = ranges.into_iter().filter(|(first, last)| first <= last).collect();
        sorted.sort_unstable();
        let mut out = Vec::with_capacity(sorted.len());
        for range in sorted {
            push(&mut out, range);
        }
        Self(out)
    }
}

/// Adds a range that starts no earlier than the last one of `out`, joining the two where they meet or touch.
fn push(out: &mut Vec<(u32, u32)>, (first, last): (u32, u32)) {
    match out.last_mut() {
        Some(end) if end.1.saturating_add(1) >= first => end.1 = end.1.max(last),
        Some(_) | None => out.push((first, last)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ranges_that_touch_are_one_up_to_the_greatest_number() {
        let all = Intervals::range(0, u32::MAX);
        let halves: Intervals = [(1 << 31, u32::MAX), (0, (1 << 31) - 1)].into_iter().collect();
        assert_eq!(halves, all);
        assert_eq!(all.difference(&halves), Intervals::EMPTY);
        assert_eq!(
            all.difference(&Intervals::range(u32::MAX, u32::MAX)),
            Intervals::range(0, u32::MAX - 1)
        );
        assert_eq!(all.union(&Intervals::range(u32::MAX, u32::MAX)), all);
        assert_eq!(Intervals::range(2, 1), Intervals::EMPTY);
    }

    fn naive(set: &Intervals) -> Vec<u32> {
        (0..32).filter(|&n| set.contains(n)).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn the_algebra_is_that_of_sets(a in prop::collection::vec((0u32..32, 0u32..32), 0..6),
                                       b in prop::collection::vec((0u32..32, 0u32..32), 0..6)) {
            let (x, y): (Intervals, Intervals) = (a.into_iter().collect(), b.into_iter().collect());
            let has = |set: &Intervals, n: u32| set.contains(n);
            let expect = |keep: &dyn Fn(u32) -> bool| (0..32).filter(|&n| keep(n)).collect::<Vec<_>>();
            for (set, members) in [
                (x.union(&y), expect(&|n| has(&x, n) || has(&y, n))),
                (x.intersection(&y), expect(&|n| has(&x, n) && has(&y, n))),
                (x.difference(&y), expect(&|n| has(&x, n) && !has(&y, n))),
            ] {
                prop_assert_eq!(naive(&set), members.clone());
                prop_assert_eq!(&set, &members.iter().map(|&n| (n, n)).collect::<Intervals>());
                prop_assert_eq!(set.is_empty(), members.is_empty());
                prop_assert_eq!(set.first_from(7), members.iter().copied().find(|&n| n >= 7));
            }
        }
    }
}
