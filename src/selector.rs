//! Calico's selector language: parsing, canonical text, evaluation, and what selectors have in common.

use std::sync::Arc;

/// A selector as a tree. `!` runs, `&&` and `||` groups stay as written.
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
