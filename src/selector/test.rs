//! Tests of one label: what selectors are made of.

use std::cmp::Ordering;
use std::ops::Not;
use std::slice;
use std::sync::Arc;

use super::Selector;

/// What is asked of the value of a label. Each fails where the label is missing.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Predicate {
    /// The label is there.
    Has,
    /// Its value is this.
    Equals(Arc<str>),
    /// Its value is one of these; in a selector sorted and without repeats.
    In(Vec<Arc<str>>),
    /// Its value contains this.
    Contains(Arc<str>),
    /// Its value starts with this.
    StartsWith(Arc<str>),
    /// Its value ends with this.
    EndsWith(Arc<str>),
}

impl Predicate {
    /// The values of which it asks for one; `None` where it asks for something else.
    pub fn values(&self) -> Option<&[Arc<str>]> {
        match self {
            Self::Equals(value) => Some(slice::from_ref(value)),
            Self::In(values) => Some(values),
            Self::Has | Self::Contains(_) | Self::StartsWith(_) | Self::EndsWith(_) => None,
        }
    }

    /// Whether it looks at a part of the value.
    pub fn is_of_parts(&self) -> bool {
        match self {
            Self::Contains(_) | Self::StartsWith(_) | Self::EndsWith(_) => true,
            Self::Has | Self::Equals(_) | Self::In(_) => false,
        }
    }

    /// Whether it holds for `value`.
    pub fn holds(&self, value: &str) -> bool {
        match self {
            Self::Has => true,
            Self::Equals(text) => value == &**text,
            Self::In(texts) => texts.iter().any(|text| value == &**text),
            Self::Contains(text) => value.contains(&**text),
            Self::StartsWith(text) => value.starts_with(&**text),
            Self::EndsWith(text) => value.ends_with(&**text),
        }
    }
}

/// A test of one label.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Test {
    /// The label.
    pub key: Arc<str>,
    /// What is asked of its value.
    pub predicate: Predicate,
    /// Whether it passes where that holds; or else (`!=`, `not in`) where it does not, a missing label included.
    pub positive: bool,
}

impl Test {
    /// Whether an endpoint passes that has this value of the label, or lacks it.
    pub fn passes(&self, value: Option<&str>) -> bool {
        value.is_some_and(|it| self.predicate.holds(it)) == self.positive
    }

    /// Its place among tests: by operator, as Calico lists them, then by label.
    fn rank(&self) -> u8 {
        match (&self.predicate, self.positive) {
            (Predicate::Has, _) => 0,
            (Predicate::Equals(_), true) => 1,
            (Predicate::Equals(_), false) => 2,
            (Predicate::In(_), true) => 3,
            (Predicate::In(_), false) => 4,
            (Predicate::Contains(_), _) => 5,
            (Predicate::StartsWith(_), _) => 6,
            (Predicate::EndsWith(_), _) => 7,
        }
    }
}

impl Ord for Test {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |it: &Self| (it.rank(), Arc::clone(&it.key), it.positive);
        key(self).cmp(&key(other)).then_with(|| self.predicate.cmp(&other.predicate))
    }
}

impl PartialOrd for Test {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// `!selector`
impl Not for Selector {
    type Output = Self;

    fn not(self) -> Self {
        Self::Not(Box::new(self))
    }
}

impl Selector {
    /// That what `predicate` asks holds for the label `key`; or, unless `positive`, that it does not.
    pub fn of(key: impl Into<Arc<str>>, predicate: Predicate, positive: bool) -> Self {
        let key = key.into();
        if positive || predicate.values().is_some() {
            return Self::Test(Test { key, predicate, positive });
        }
        !Self::Test(Test { key, predicate, positive: true })
    }

    /// `has(key)`
    pub fn has(key: impl Into<Arc<str>>) -> Self {
        Self::of(key, Predicate::Has, true)
    }

    /// `key == "value"`
    pub fn equals(key: impl Into<Arc<str>>, value: impl Into<Arc<str>>) -> Self {
        Self::of(key, Predicate::Equals(value.into()), true)
    }

    /// `key == "value"` for one value, else `key in {…}`.
    pub fn one_of(key: impl Into<Arc<str>>, values: impl IntoIterator<Item = Arc<str>>) -> Self {
        let mut values: Vec<_> = values.into_iter().collect();
        values.sort_unstable();
        values.dedup();
        let predicate = match <[Arc<str>; 1]>::try_from(values) {
            Ok([value]) => Predicate::Equals(value),
            Err(values) => Predicate::In(values),
        };
        Self::of(key, predicate, true)
    }

    /// The selector as a test; `None` for what is not one.
    pub fn test(&self) -> Option<&Test> {
        if let Self::Test(test) = self { Some(test) } else { None }
    }

    /// Every test in it, in the order of the text.
    pub fn tests(&self) -> Vec<&Test> {
        let mut tests = Vec::new();
        let mut open = vec![self];
        while let Some(selector) = open.pop() {
            match selector.test() {
                Some(test) => tests.push(test),
                None => open.extend(selector.parts().iter().rev()),
            }
        }
        tests
    }
}
