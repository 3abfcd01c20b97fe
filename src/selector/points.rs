//! For one label key, the values that a set of tests can tell apart. Each constant that is compared with is a
//! point; the other values are grouped by which `contains`, `starts with` and `ends with` hold for them, one point
//! for each combination that some value of the key can really have; and the missing label is a point too.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Predicate;
use super::steps::{Overflow, Steps};
use super::values::{Patterns, ValueRule, other_values, plain_value};
use crate::traffic::Intervals;

/// The points of one label key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValuePoints {
    /// Sorted; point 1 and on.
    constants: Vec<Arc<str>>,
    /// One value for each further combination, in an order that depends on the tests alone; the points after those
    /// of the constants.
    others: Vec<String>,
}

impl ValuePoints {
    /// The points that `predicates` tell apart among the values that `rule` allows. A constant that no label can
    /// have has no point.
    ///
    /// # Errors
    /// If `contains`, `starts with` and `ends with` combine in too many ways, or `steps` do not suffice to tell.
    pub fn new<'a>(
        predicates: impl IntoIterator<Item = &'a Predicate>,
        rule: ValueRule,
        steps: &Steps,
    ) -> Result<Self, Overflow> {
        let mut constants = BTreeSet::new();
        let mut patterns = Patterns::default();
        for predicate in predicates {
            match predicate {
                Predicate::Has => {}
                Predicate::Equals(text) => {
                    constants.insert(Arc::clone(text));
                }
                Predicate::In(texts) => constants.extend(texts.iter().cloned()),
                Predicate::Contains(text) => {
                    patterns.contains.insert(text);
                }
                Predicate::StartsWith(text) => {
                    patterns.starts.insert(text);
                }
                Predicate::EndsWith(text) => {
                    patterns.ends.insert(text);
                }
            }
        }
        constants.retain(|text| rule.allows(text));
        let others = other_values(&constants, &patterns, rule, steps)?;
        Ok(Self { constants: constants.into_iter().collect(), others })
    }

    /// The points of constants alone, and of any other value.
    pub fn of_constants(mut constants: BTreeSet<Arc<str>>, rule: ValueRule) -> Self {
        constants.retain(|text| rule.allows(text));
        let others = plain_value(&constants).into_iter().collect();
        Self { constants: constants.into_iter().collect(), others }
    }

    /// How many points there are for values that the predicates do not name.
    pub fn others(&self) -> usize {
        self.others.len()
    }

    /// The points of values that the predicates do not name.
    pub fn unnamed(&self) -> Intervals {
        let first = index(1 + self.constants.len());
        (0..self.others.len()).map(|it| first + index(it)).map(|it| (it, it)).collect()
    }

    /// How many points there are. Point 0, the missing label, is always there.
    #[expect(clippy::len_without_is_empty, reason = "there is always point 0")]
    pub fn len(&self) -> usize {
        1 + self.constants.len() + self.others.len()
    }

    /// The point of a value that the predicates name.
    pub fn constant(&self, value: &str) -> Option<usize> {
        let found = self.constants.binary_search_by(|known| (**known).cmp(value));
        found.ok().map(|index| index + 1)
    }

    /// A value at a point: the constant itself, or one of the values that the tests do not tell apart there. `None`
    /// for point 0.
    pub fn witness(&self, point: usize) -> Option<String> {
        let index = point.checked_sub(1)?;
        match self.constants.get(index) {
            Some(constant) => Some(constant.to_string()),
            None => self.others.get(index - self.constants.len()).cloned(),
        }
    }

    /// The points where a predicate holds. It must be one of those that the points were made of: of any other, the
    /// points may not know enough.
    pub fn holds(&self, predicate: &Predicate) -> Intervals {
        match predicate {
            Predicate::Has => Intervals::range(1, index(self.len() - 1)),
            Predicate::Equals(text) => self.constants_at([text]),
            Predicate::In(texts) => self.constants_at(texts),
            Predicate::Contains(_) | Predicate::StartsWith(_) | Predicate::EndsWith(_) => {
                let constants = self.constants.iter().map(|text| &**text);
                let values = constants.chain(self.others.iter().map(String::as_str));
                let points = values.zip(1..).filter(|(value, _)| predicate.holds(value));
                points.map(|(_, point)| (point, point)).collect()
            }
        }
    }

    fn constants_at<'a>(&self, texts: impl IntoIterator<Item = &'a Arc<str>>) -> Intervals {
        let found = texts.into_iter().filter_map(|text| self.constants.binary_search(text).ok());
        found.map(|at| (index(at + 1), index(at + 1))).collect()
    }
}

/// Points are fewer than `u32` can count: each has a value in memory.
fn index(point: usize) -> u32 {
    u32::try_from(point).unwrap_or(u32::MAX)
}
