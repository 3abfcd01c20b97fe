//! Calico's selector language: parsing, canonical text, evaluation, and the values that its tests tell apart. The
//! rules are those of "how Calico decides", section 5.

pub mod keys;
mod parse;
pub mod points;
#[cfg(test)]
pub(crate) mod points_tests;
mod print;
mod spell;
mod steps;
#[cfg(test)]
mod tests;
mod too_many;
mod values;

pub use parse::Error;
pub use points::{Predicate, ValuePoints};
pub use spell::spelled;
pub use steps::{Overflow, Steps};
pub use too_many::TooMany;
pub use values::ValueRule;

use std::collections::BTreeSet;
use std::sync::Arc;

/// A selector as a tree. Runs of `!` collapse; `&&` and `||` groups stay as written. Its text is Calico's
/// canonical one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Selector {
    /// `all()`, also the empty text
    All,
    /// `global()`
    Global,
    /// `has(label)`
    Has(Arc<str>),
    /// `label == "value"`
    Equals(Arc<str>, Arc<str>),
    /// `label != "value"`: true where the label is missing
    NotEquals(Arc<str>, Arc<str>),
    /// `label in {"a", "b"}`, the values sorted and without repeats
    In(Arc<str>, Vec<Arc<str>>),
    /// `label not in {"a", "b"}`: true where the label is missing
    NotIn(Arc<str>, Vec<Arc<str>>),
    /// `label contains "text"`
    Contains(Arc<str>, Arc<str>),
    /// `label starts with "text"`
    StartsWith(Arc<str>, Arc<str>),
    /// `label ends with "text"`
    EndsWith(Arc<str>, Arc<str>),
    /// `!selector`
    Not(Box<Selector>),
    /// `a && b && …`, two or more
    And(Vec<Selector>),
    /// `a || b || …`, two or more
    Or(Vec<Selector>),
}

impl Selector {
    /// Reads a selector; the empty or blank text is `all()`.
    ///
    /// # Errors
    /// Where the text breaks the grammar, and where its parentheses are deeper than 512, which no selector of at
    /// most 1,024 characters can be.
    pub fn parse(text: &str) -> Result<Self, Error> {
        parse::parse(text)
    }

    /// All of `parts`: without `all()`, repeats and nested groups, in the order given. `all()` if none is left.
    pub fn and(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut kept = Vec::new();
        for part in parts {
            if let Self::And(inner) = part {
                kept.extend(inner);
            } else if part != Self::All {
                kept.push(part);
            }
        }
        match unrepeated(kept) {
            Ok(only) => only,
            Err(parts) if parts.is_empty() => Self::All,
            Err(parts) => Self::And(parts),
        }
    }

    /// Any of `parts`: without repeats and nested groups, in the order given. `!all()` if there are none.
    pub fn or(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut kept = Vec::new();
        for part in parts {
            if let Self::Or(inner) = part {
                kept.extend(inner);
            } else if part == Self::All {
                return Self::All;
            } else {
                kept.push(part);
            }
        }
        match unrepeated(kept) {
            Ok(only) => only,
            Err(parts) if parts.is_empty() => Self::Not(Box::new(Self::All)),
            Err(parts) => Self::Or(parts),
        }
    }

    /// `label == "value"` for one value, else `label in {…}`.
    pub fn in_(label: Arc<str>, values: impl IntoIterator<Item = Arc<str>>) -> Self {
        let mut values: Vec<_> = values.into_iter().collect();
        values.sort_unstable();
        values.dedup();
        match <[Arc<str>; 1]>::try_from(values) {
            Ok([value]) => Self::Equals(label, value),
            Err(values) => Self::In(label, values),
        }
    }

    /// Whether an endpoint is selected, given the value of each of its labels. A missing label fails every test but
    /// `!=` and `not in`; `global()` holds for all, as its meaning comes from where it stands.
    pub fn matches<'a>(&self, value: impl Fn(&str) -> Option<&'a str>) -> bool {
        self.holds(&value)
    }

    fn holds<'a>(&self, value: &impl Fn(&str) -> Option<&'a str>) -> bool {
        let is = |key: &Arc<str>, test: &dyn Fn(&str) -> bool| value(key).is_some_and(test);
        match self {
            Self::All | Self::Global => true,
            Self::Has(key) => is(key, &|_| true),
            Self::Equals(key, text) => is(key, &|it| it == &**text),
            Self::NotEquals(key, text) => !is(key, &|it| it == &**text),
            Self::In(key, texts) => is(key, &|it| one_of(texts, it)),
            Self::NotIn(key, texts) => !is(key, &|it| one_of(texts, it)),
            Self::Contains(key, text) => is(key, &|it| it.contains(&**text)),
            Self::StartsWith(key, text) => is(key, &|it| it.starts_with(&**text)),
            Self::EndsWith(key, text) => is(key, &|it| it.ends_with(&**text)),
            Self::Not(inner) => !inner.holds(value),
            Self::And(parts) => parts.iter().all(|part| part.holds(value)),
            Self::Or(parts) => parts.iter().any(|part| part.holds(value)),
        }
    }

    /// The selectors that it is made of; none of a comparison, of `all()` and of `global()`.
    pub fn parts(&self) -> &[Self] {
        match self {
            Self::Not(inner) => std::slice::from_ref(inner),
            Self::And(parts) | Self::Or(parts) => parts,
            Self::All
            | Self::Global
            | Self::Has(_)
            | Self::Equals(..)
            | Self::NotEquals(..)
            | Self::In(..)
            | Self::NotIn(..)
            | Self::Contains(..)
            | Self::StartsWith(..)
            | Self::EndsWith(..) => &[],
        }
    }

    /// The labels that it looks at, sorted, each once.
    pub fn label_keys(&self) -> Vec<Arc<str>> {
        let keys: BTreeSet<_> = self.tests().into_iter().map(|(key, _)| Arc::clone(key)).collect();
        keys.into_iter().collect()
    }

    /// The same with `prefix` before each label: `pcns.` for what a namespace selector says of the labels that its
    /// endpoints have. `all()` and `global()` stay; what they become is said in "how Calico decides", section 4.1.
    #[must_use]
    pub fn with_prefix(&self, prefix: &str) -> Self {
        let label = |key: &Arc<str>| Arc::from(format!("{prefix}{key}"));
        let all = |parts: &[Self]| parts.iter().map(|part| part.with_prefix(prefix)).collect();
        match self {
            Self::All => Self::All,
            Self::Global => Self::Global,
            Self::Has(key) => Self::Has(label(key)),
            Self::Equals(key, text) => Self::Equals(label(key), Arc::clone(text)),
            Self::NotEquals(key, text) => Self::NotEquals(label(key), Arc::clone(text)),
            Self::In(key, texts) => Self::In(label(key), texts.clone()),
            Self::NotIn(key, texts) => Self::NotIn(label(key), texts.clone()),
            Self::Contains(key, text) => Self::Contains(label(key), Arc::clone(text)),
            Self::StartsWith(key, text) => Self::StartsWith(label(key), Arc::clone(text)),
            Self::EndsWith(key, text) => Self::EndsWith(label(key), Arc::clone(text)),
            Self::Not(inner) => Self::Not(Box::new(inner.with_prefix(prefix))),
            Self::And(parts) => Self::And(all(parts)),
            Self::Or(parts) => Self::Or(all(parts)),
        }
    }
}

fn one_of(sorted: &[Arc<str>], value: &str) -> bool {
    sorted.binary_search_by(|it| (**it).cmp(value)).is_ok()
}

/// The parts without repeats, in their order; the part itself if it is the only one.
fn unrepeated(parts: Vec<Selector>) -> Result<Selector, Vec<Selector>> {
    let mut seen = BTreeSet::new();
    let fresh: Vec<bool> = parts.iter().map(|part| seen.insert(part)).collect();
    let parts: Vec<_> =
        parts.into_iter().zip(fresh).filter_map(|(part, fresh)| fresh.then_some(part)).collect();
    match <[Selector; 1]>::try_from(parts) {
        Ok([only]) => Ok(only),
        Err(parts) => Err(parts),
    }
}
