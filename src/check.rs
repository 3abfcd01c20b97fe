//! From what was written to what is meant: names resolved, the rules of the language held, ownership,
//! lints. Gives the typed program and everything there is to say about the input.

use jiff::civil::Date;

use crate::diagnostic::Diagnostic;
use crate::program::{Program, Settings};
use crate::syntax::tree::Tree;
use crate::zones::Zones;

/// Whose file a flow file is, by the globs of the project.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileOwner {
    /// A file of the platform.
    Platform,
    /// A file of the application of this name.
    Application(Box<str>),
}

/// Everything that the checker needs to know.
#[derive(Debug)]
pub struct Input<'a> {
    /// The flow files, each with its owner.
    pub files: &'a [(FileOwner, Tree)],
    /// Whether platform files belong to this project (a bundle's counts), even if all of them are empty.
    pub platform: bool,
    /// The declared namespaces.
    pub zones: &'a Zones,
    /// The settings.
    pub settings: &'a Settings,
    /// Owners whose files are written here; `None` for all. An expired flow of another owner is a warning.
    pub write: Option<&'a [Box<str>]>,
    /// Today in UTC.
    pub today: Date,
    /// Whether expired flows are left out (and reported) instead of being errors.
    pub drop_expired: bool,
}

/// Checks `input`. The program holds every statement that could be understood; where any diagnostic is an
/// error it is not to be compiled. Diagnostics come in source order, lints at their configured level.
pub fn check(input: &Input<'_>) -> (Program, Vec<Diagnostic>) {
    let _ = input;
    (Program::default(), Vec::new())
}
