//! The rule that comes nearest to what is closed.

use serde::Serialize;

use super::answer::{Flow, PolicyRef};

/// A rule that would have allowed it, but for one thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Near {
    /// Whose end the rule is asked at.
    pub at: String,
    /// The policy.
    pub policy: PolicyRef,
    /// The rule, by its index in the list that it stands in, from 0.
    pub rule: usize,
    /// Where it stands, `file:line`.
    pub source: String,
    /// The lines of flow files behind it.
    pub flows: Vec<Flow>,
    /// What it is about in place of what is asked.
    pub but: String,
}
