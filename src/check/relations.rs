//! What lines say about each other, and what time and the declared zones say about lines: guardrails that
//! are met, duplicates, crossings without their other half, expired flows, and lints (language reference,
//! section 5). Reads the finished program; only [`time`] changes it, and runs before everything else.

mod declared;
mod duplicates;
mod guardrails;
pub(super) mod halves;
mod lints;
mod openings;
pub(crate) mod places;
mod ports;
pub(crate) mod time;
pub(crate) mod words;

use crate::diagnostic::Diagnostic;
use crate::program::Program;
use crate::reach::Decisions;
use openings::LineOpenings;

/// Everything that the lines of `program` have to say about each other. Errors speak of everyone, lints of
/// the owners that are written here. Where `whole` is false some lines could not be understood, and nothing is
/// said that such a line might refute.
pub(super) fn check(program: &Program, decisions: &Decisions, whole: bool) -> Vec<Diagnostic> {
    let openings = LineOpenings::new(program, decisions);
    let mut found = guardrails::check(program, decisions);
    found.extend(duplicates::check(program, &openings));
    found.extend(lints::of_lines(program));
    if whole {
        found.extend(halves::check(program, &openings));
        found.extend(lints::of_zones(program));
    }
    found
}
