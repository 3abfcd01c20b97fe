//! That more was asked of labels than can be decided.

use std::fmt;
use std::sync::Arc;

/// What lines or policies ask of labels combines in so many ways that nothing is decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooMany {
    labels: Vec<Arc<str>>,
    more: usize,
}

/// So many labels are named.
const NAMED: usize = 4;

impl TooMany {
    /// What to do about it.
    pub const REMEDY: &'static str = "where many lines or rules each ask for labels or texts of their own, give the pods one label that says it, or ask for whole values instead of parts";

    /// That these labels take part, as Calico shows them, the worst one first. There may be none: the names of ports and what
    /// no packet shows combine as well.
    pub fn new(labels: impl IntoIterator<Item = Arc<str>>) -> Self {
        let mut labels: Vec<_> = labels.into_iter().collect();
        let more = labels.len().saturating_sub(NAMED);
        labels.truncate(NAMED);
        Self { labels, more }
    }

    /// The labels that are named.
    pub fn labels(&self) -> &[Arc<str>] {
        &self.labels
    }
}

impl fmt::Display for TooMany {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let labels = self.labels.iter().map(|label| format!("`{label}`"));
        let more = match self.more {
            0 => None,
            1 => Some("1 more".to_owned()),
            more => Some(format!("{more} more")),
        };
        let all: Vec<_> = labels.chain(more).collect();
        let what = match all.split_last() {
            None => "named ports, services and source ports".to_owned(),
            Some((only, [])) => format!("the label {only}"),
            Some((last, others)) => format!("the labels {} and {last}", others.join(", ")),
        };
        write!(f, "the tests of {what} combine in too many ways to be decided")
    }
}

impl std::error::Error for TooMany {}
