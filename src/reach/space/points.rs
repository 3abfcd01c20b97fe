//! The points of one label, as a dimension needs them: a label that is always there has no point for its
//! absence. Where so many texts are asked for that their combinations cannot be listed, each text is a question
//! of its own: then more is told apart than can be, and sets that are equal are equal all the same.

use crate::reach::terms::LabelTerms;
use crate::selector::{Predicate, Selector, Steps, ValuePoints as Values, ValueRule, spelled};
use crate::traffic::Intervals;
use std::sync::Arc;

/// So many combinations of texts are points of one dimension. A diagram has as many edges, so it is not many.
const LISTED: usize = 256;

/// The points, counted from 0: the missing label if it can be missing, then what values can be told apart.
#[derive(Debug)]
pub(in crate::reach) struct Points {
    values: Values,
    /// The first point of `values` that counts: 1 where the label is always there.
    first: u32,
    patterns: Vec<Predicate>,
    /// Tests that are questions of their own.
    apart: Vec<Predicate>,
    rule: ValueRule,
}

impl Points {
    /// The points of the label `key`, of which this is asked, and which is `always` there or not. How more than `most` texts
    /// combine is not listed.
    pub(super) fn new(
        key: &str,
        asked: LabelTerms,
        always: bool,
        most: usize,
        steps: &Steps,
    ) -> Self {
        let constants = Predicate::In(asked.values.iter().cloned().collect());
        let patterns: Vec<_> = asked.patterns.into_iter().collect();
        let tests = std::iter::once(&constants).chain(&patterns);
        // What is always there is the name of a namespace, which is spelled as that of a service account.
        let rule = if always { ValueRule::ServiceAccount } else { ValueRule::of(key) };
        let first = u32::from(always);
        let few = patterns.len() <= most;
        let listed = few.then(|| Values::new(tests, rule, steps).ok()).flatten();
        let (values, patterns, apart) = match listed.filter(|it| it.others() <= LISTED) {
            Some(values) => (values, patterns, Vec::new()),
            None => (Values::of_constants(asked.values, rule), Vec::new(), patterns),
        };
        Self { values, first, patterns, apart, rule }
    }

    /// Tests that are questions of their own, where the label is there at all.
    pub(in crate::reach) fn apart(&self) -> &[Predicate] {
        &self.apart
    }

    /// How many there are.
    pub(in crate::reach) fn len(&self) -> u32 {
        u32::try_from(self.values.len()).unwrap_or(u32::MAX) - self.first
    }

    /// A value of `point`; `None` for the missing label.
    pub(in crate::reach) fn witness(&self, point: u32) -> Option<String> {
        self.values.witness((point + self.first) as usize)
    }

    /// A value that lies at `point`, if that is told, and passes or fails the `tests` that are questions of their own;
    /// `None` for the missing label, and where nothing is told.
    pub(in crate::reach) fn described<'a>(
        &self,
        point: Option<u32>,
        tests: impl Iterator<Item = (&'a Predicate, bool)>,
    ) -> Option<String> {
        let tests: Vec<_> = tests.collect();
        let plain = point.map(|point| self.witness(point));
        if tests.is_empty() || plain == Some(None) {
            return plain.flatten();
        }
        let fits = |value: &String| tests.iter().all(|(test, held)| test.holds(value) == *held);
        let plain = plain.flatten();
        if plain.as_ref().is_some_and(fits) {
            return plain;
        }
        spelled(&tests, self.rule).or(plain)
    }

    /// The point of `value`; `None` if it is told apart from nothing there is.
    pub(in crate::reach) fn point(&self, value: Option<&str>) -> Option<u32> {
        let Some(value) = value else { return (self.first == 0).then_some(0) };
        let constant = self.values.constant(value).and_then(|point| u32::try_from(point).ok());
        if let Some(point) = constant {
            return Some(point - self.first);
        }
        let like = |point: &u32| {
            // The others come last, so the last one that is like it is not a constant, if any is not.
            self.witness(*point).is_some_and(|known| {
                self.patterns.iter().all(|test| test.holds(&known) == test.holds(value))
            })
        };
        (0..self.len()).rev().find(like)
    }

    /// A selector of exactly the values at `wanted` of the label `key`, as far as points tell values apart.
    pub(in crate::reach) fn selector(&self, key: &Arc<str>, wanted: &[(u32, u32)]) -> Selector {
        let within = |point: u32| wanted.iter().any(|(a, b)| (*a..=*b).contains(&point));
        let (mut named, mut unnamed) = (Vec::new(), Vec::new());
        let (mut others, mut whole) = (Vec::new(), true);
        for point in (0..self.len()).filter(|point| self.first > 0 || *point > 0) {
            let value: Arc<str> = self.witness(point).unwrap_or_default().into();
            if self.values.constant(&value).is_none() {
                whole &= within(point);
                others.extend(within(point).then_some(value));
            } else if within(point) {
                named.push(value);
            } else {
                unnamed.push(value);
            }
        }
        let missing = self.first == 0 && within(0);
        let has = || Selector::has(Arc::clone(key));
        let without = || !has();
        if whole {
            let all = match <[Arc<str>; 1]>::try_from(unnamed) {
                Ok([only]) => Selector::of(Arc::clone(key), Predicate::Equals(only), false),
                Err(unnamed) if unnamed.is_empty() => Selector::All,
                Err(unnamed) => Selector::of(Arc::clone(key), Predicate::In(unnamed), false),
            };
            // What is always there need not be asked for.
            let there = (!missing && self.first == 0).then(has);
            return Selector::and(there.into_iter().chain([all]));
        }
        let test = |value: &Arc<str>| {
            Selector::and(self.patterns.iter().map(|test| holding(key, test, test.holds(value))))
        };
        let parts = missing.then(without).into_iter();
        let named = (!named.is_empty()).then(|| Selector::one_of(Arc::clone(key), named));
        Selector::or(parts.chain(named).chain(others.iter().map(test)))
    }

    /// The point where nothing is told of the label: it is missing, or else has some value of its own.
    pub(in crate::reach) fn plain(&self) -> u32 {
        if self.first == 0 { 0 } else { self.len().saturating_sub(1) }
    }

    /// Where `test` holds, which must be among those asked; of one that is a question of its own, this says so only of values
    /// that some test names.
    pub(in crate::reach) fn holds(&self, test: &Predicate) -> Vec<(u32, u32)> {
        self.ranges(&self.values.holds(test))
    }

    /// The values that no test names.
    pub(in crate::reach) fn unnamed(&self) -> Vec<(u32, u32)> {
        self.ranges(&self.values.unnamed())
    }

    fn ranges(&self, points: &Intervals) -> Vec<(u32, u32)> {
        points.ranges().map(|(a, b)| (a - self.first, b - self.first)).collect()
    }
}

/// That what is `asked` holds for the label `key`, or does not.
pub(in crate::reach) fn holding(key: &Arc<str>, asked: &Predicate, holds: bool) -> Selector {
    let held = Selector::of(Arc::clone(key), asked.clone(), true);
    if holds { held } else { !held }
}
