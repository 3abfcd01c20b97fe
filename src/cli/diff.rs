//! `eastwest diff`: what traffic one world allows that another does not.

mod worlds;

use serde::Serialize;

use self::worlds::WorldNotes;
use super::Status;
use super::args;
use super::args::{DiffFormat, FindingsPlatform, Only};
use super::console::Console;
use super::platform::Findings;
use super::world::Read;
use crate::diagnostic::json::{self, DiagnosticJson};
use crate::diagnostic::plural::plural;
use crate::diff::{self, Diff};
use crate::project::failure::Failure;
use crate::view::{diff_markdown, diff_text};

#[derive(Serialize)]
struct DiffDocument<'a> {
    format: &'static str,
    /// What a cluster would not take as it is written.
    diagnostics: Vec<DiagnosticJson<'a>>,
    #[serde(flatten)]
    found: &'a Diff,
}

/// Runs the command.
pub(crate) fn run(
    arguments: &args::DiffArguments,
    console: &mut Console,
) -> Result<Status, Failure> {
    let (old, new) = match worlds::read(arguments, console)? {
        WorldNotes::Both(worlds) => *worlds,
        WorldNotes::Broken(status) => return Ok(status),
    };
    let mut found = diff::diff(&old.world, &new.world)?;
    // An owner whose lines are here still, and whose policies are not written any more.
    let gone = old.written.difference(&new.written);
    let gone = gone.filter(|owner| new.world.program.owners().any(|it| it == **owner));
    if new.world.project {
        found = found.unwritten(gone);
    }
    if arguments.only == Some(Only::Crossings) {
        found = found.crossings();
    }
    match arguments.format {
        DiffFormat::Json => {
            let both = [&old, &new].into_iter();
            let both =
                both.flat_map(|read| read.diagnostics.iter().map(|it| (it, &read.world.sources)));
            let diagnostics = both.map(|(it, sources)| json::view(it, sources)).collect();
            console.json(&DiffDocument { format: "eastwest/diff/1", diagnostics, found: &found });
        }
        DiffFormat::Text => {
            for read in [&old, &new] {
                read.tell(console);
            }
            console.out(&diff_text::render(&found));
        }
        DiffFormat::Markdown => {
            let told = [&old, &new].map(Read::told_in_short).concat();
            console.out(&diff_markdown::render(&found, &told));
        }
        DiffFormat::Sarif => print(&found, (&old, &new), FindingsPlatform::Sarif, console),
        DiffFormat::Github => print(&found, (&old, &new), FindingsPlatform::Github, console),
        DiffFormat::Gitlab => print(&found, (&old, &new), FindingsPlatform::Gitlab, console),
    }
    Ok(if found.same { Status::Yes } else { Status::No })
}

/// Prints each change as a diagnostic at the line that makes it, as the settings of the new world rate them.
fn print(
    found: &Diff,
    (old, new): (&Read, &Read),
    platform: FindingsPlatform,
    console: &mut Console,
) {
    for read in [old, new] {
        read.tell(console);
    }
    let (mut diagnostics, sources) = diff::diagnostics(found, &old.world, &new.world);
    diagnostics.retain_mut(|it| new.settings.lints.apply(it));
    let (diagnostics, sources, folder) = (&*diagnostics, &sources, &*new.folder);
    Findings { diagnostics, sources, folder, baseline: None }.print(platform, console);
    console.err(&format!("found     {}\n", plural(diagnostics.len(), "change")));
}
