//! The way of a change into a cluster: in which order its files are applied, and what is cut or opened on the way although it is
//! not so before and after. Every object that changes is one step, walked through Calico's own rules.

mod walk;

use std::sync::Arc;

use crate::calico::{Namespaces, Resource};
use crate::compile::is_default_deny;
use crate::reach::{Example, TooMany};

/// An object, and whose file it is in.
#[derive(Clone, Copy, Debug)]
pub struct Owned<'a> {
    /// The name of its owner.
    pub owner: &'a str,
    /// Whether that is the platform.
    pub platform: bool,
    /// The object.
    pub resource: &'a Resource,
}

/// What is there, and what is to be there.
#[derive(Clone, Debug)]
pub struct Change<'a> {
    /// The objects that the cluster has of this project.
    pub before: Vec<Owned<'a>>,
    /// Those that it is to have, each file's in the order of its documents.
    pub after: Vec<Owned<'a>>,
    /// The namespaces that either side declares, with their labels.
    pub namespaces: &'a Namespaces,
}

/// The order in which files are applied. What is no longer written is deleted after them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileOrder {
    /// The applications' files, then the platform's.
    ApplicationsFirst,
    /// The platform's file without the default deny, then the applications' files, then the platform's as a whole.
    PlatformFirst,
}

impl FileOrder {
    /// What is done where nothing is known of the cluster: with tiers, which pass on what they do not decide, the platform goes
    /// first; without them its policies would close all that the applications' do not open yet.
    pub fn usual(tiers: bool) -> Self {
        if tiers { Self::PlatformFirst } else { Self::ApplicationsFirst }
    }

    /// The other one.
    fn other(self) -> Self {
        match self {
            Self::ApplicationsFirst => Self::PlatformFirst,
            Self::PlatformFirst => Self::ApplicationsFirst,
        }
    }

    /// When `object` is applied.
    fn turn(self, object: Owned<'_>) -> u8 {
        match self {
            Self::ApplicationsFirst => u8::from(object.platform),
            Self::PlatformFirst if !object.platform => 1,
            Self::PlatformFirst if is_default_deny(object.resource) => 2,
            Self::PlatformFirst => 0,
        }
    }
}

/// What becomes of connections in a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GapKind {
    /// They are open before and after, and not on the way.
    Cut,
    /// They are open on the way, and neither before nor after.
    Open,
}

/// A step on the way: an object that is applied or deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Whose file the object is in, or was.
    pub owner: String,
    /// Its kind, namespace and name.
    pub object: String,
    /// Whether it is deleted.
    pub deleted: bool,
}

/// Connections that are cut or open for a moment.
#[derive(Clone, Debug)]
pub struct Gap {
    /// Which of the two.
    pub kind: GapKind,
    /// The namespace whose pods are at that end.
    pub namespace: Arc<str>,
    /// Whether everything was open at that end before.
    pub was_open: bool,
    /// One of them.
    pub example: Example,
    /// The step that begins it.
    pub from: Step,
    /// The step that ends it.
    pub until: Step,
}

/// How a change comes into a cluster.
#[derive(Clone, Debug)]
pub struct Rollout {
    /// In which order.
    pub order: FileOrder,
    /// What is wrong on the way, one of a kind for each pair of owners between whose steps it is; `None` where more changes than is walked.
    pub gaps: Option<Vec<Gap>>,
}

/// The order for `change`: `usual` where it is free of gaps or no other is, else the other one.
///
/// # Errors
/// Where labels are asked more than can be decided.
pub fn plan(change: &Change<'_>, usual: FileOrder) -> Result<Rollout, TooMany> {
    let Some(found) = walk::gaps(change, usual)? else {
        return Ok(Rollout { order: usual, gaps: None });
    };
    if found.is_empty() {
        return Ok(Rollout { order: usual, gaps: Some(found) });
    }
    let other = usual.other();
    match walk::gaps(change, other)? {
        Some(gaps) if gaps.is_empty() => Ok(Rollout { order: other, gaps: Some(gaps) }),
        _ => Ok(Rollout { order: usual, gaps: Some(found) }),
    }
}
