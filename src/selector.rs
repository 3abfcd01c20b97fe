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
mod test;
#[cfg(test)]
mod tests;
mod too_many;
mod values;

pub use parse::Error;
pub use points::ValuePoints;
pub use spell::spelled;
pub use steps::{Overflow, Steps};
pub use test::{Predicate, Test};
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
    /// A comparison of one label, or `has(label)`.
    Test(Test),
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
            Err(parts) if parts.is_empty() => !Self::All,
            Err(parts) => Self::Or(parts),
        }
    }

    /// Whether an endpoint is selected, given the value of each of its labels. A missing label fails every test but
    /// `!=` and `not in`; `global()` holds for all, as its meaning comes from where it stands.
    pub fn matches<'a>(&self, value: impl Fn(&str) -> Option<&'a str>) -> bool {
        self.holds(&value)
    }

    fn holds<'a>(&self, value: &impl Fn(&str) -> Option<&'a str>) -> bool {
        match self {
            Self::All | Self::Global => true,
            Self::Test(test) => test.passes(value(&test.key)),
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
            Self::All | Self::Global | Self::Test(_) => &[],
        }
    }

    /// The labels that it looks at, sorted, each once.
    pub fn label_keys(&self) -> Vec<Arc<str>> {
        let keys: BTreeSet<_> = self.tests().into_iter().map(|it| Arc::clone(&it.key)).collect();
        keys.into_iter().collect()
    }

    /// The same with `prefix` before each label: `pcns.` for what a namespace selector says of the labels that its
    /// endpoints have. `all()` and `global()` stay; what they become is said in "how Calico decides", section 4.1.
    #[must_use]
    pub fn with_prefix(&self, prefix: &str) -> Self {
        self.map(&|leaf| match leaf {
            Self::Test(test) => {
                let key = format!("{prefix}{}", test.key).into();
                Self::Test(Test { key, ..test.clone() })
            }
            Self::All | Self::Global | Self::Not(_) | Self::And(_) | Self::Or(_) => leaf.clone(),
        })
    }

    /// The same with other selectors for its tests, `all()` and `global()`: `leaf` gives the one that stands for each.
    #[must_use]
    pub fn map(&self, leaf: &impl Fn(&Self) -> Self) -> Self {
        let each = |parts: &[Self]| parts.iter().map(|part| part.map(leaf)).collect();
        match self {
            Self::All | Self::Global | Self::Test(_) => leaf(self),
            Self::Not(inner) => !inner.map(leaf),
            Self::And(parts) => Self::And(each(parts)),
            Self::Or(parts) => Self::Or(each(parts)),
        }
    }
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
