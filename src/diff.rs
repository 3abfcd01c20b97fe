//! What traffic one world allows that another does not, and the reverse: of meaning, not of text. Sets of connections are
//! compared, exactly and for whatever may be declared later; what differs is told by the lines, or the rules, that make it.

mod atoms;
mod change;
mod cluster;
mod diagnostics;
mod effect;
mod flows;
mod guardrails;
mod isolation;
mod lines;
mod moved;
mod pairs;
mod pieces;
mod places;
mod projects;
mod reworded;
mod rows;
mod worlds;

pub use change::{
    Change, ChangeArrow, ChangeKind, ChangePart, ChangeSubject, ChangeWay, ChangedLine, Diff,
    Effect, Moved, Reworded, Section, Summary, Topic, Version,
};

pub use diagnostics::diagnostics;

use crate::reach::TooMany;
use crate::world::World;

/// What `new` allows that `old` does not, and the reverse.
///
/// # Errors
/// Where a label has too much asked of its values.
pub fn diff(old: &World, new: &World) -> Result<Diff, TooMany> {
    if old.project && new.project {
        projects::compare(old, new)
    } else {
        cluster::compare(old, new)
    }
}
