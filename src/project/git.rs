//! Revisions, read through `git` without touching the work tree, and without running or believing anything that a pull
//! request can write:
//!
//! - the repository is found by walking up for `.git`, never by asking git about a folder whose files may look like one;
//! - objects are read by their full names through a repository of our own that has no configuration, so nobody's filters,
//!   replacements, grafts or promises of a remote have a say in them;
//! - every run of git is made in one place, with an emptied environment;
//! - a name that more than one revision could have is refused.

mod attributes;
mod name;
mod objects;
mod program;
mod repository;

pub(crate) use self::attributes::{Attributes, FILE as ATTRIBUTES};
pub(crate) use self::name::{commit, not_here};
pub(crate) use self::objects::{HeldObject, ObjectKind, Objects};
pub(crate) use self::program::Git;
pub(crate) use self::repository::{Repository, checkout};
