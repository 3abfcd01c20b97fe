//! What lines say about each other and leave unsaid: guardrails that are met, duplicates, crossings without their other half,
//! zones without a flow (language reference, section 5). Asked of the sets of connections that the lines mean.

mod classes;
mod duplicates;
mod guardrails;
mod halves;
mod icmp;
mod lines;
mod ports;
mod single;
mod tunnels;
mod words;

pub use halves::{OtherHalf, other_halves};

use crate::diagnostic::Diagnostic;
use crate::program::Program;
use crate::reach::TooMany;
use lines::Lines;

/// Everything that the lines of `program` have to say about each other. Errors speak of everyone, lints of
/// the owners that are written here. Where `whole` is false some lines could not be understood, and nothing is
/// said that such a line might refute.
///
/// # Errors
/// Where selectors combine in too many ways to tell.
pub fn lint(program: &Program, whole: bool) -> Result<Vec<Diagnostic>, TooMany> {
    let mut found = Lines::over(program, |mut lines| {
        let mut found = guardrails::check(&mut lines);
        found.extend(duplicates::check(&mut lines));
        if whole {
            found.extend(halves::check(&mut lines));
        }
        found
    })?;
    found.extend(single::of_lines(program));
    found.extend(icmp::never_begin(program));
    found.extend(tunnels::dropped(program));
    if whole {
        found.extend(single::of_zones(program));
    }
    Ok(found)
}
