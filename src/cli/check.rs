//! `eastwest check`: parses, checks, lints, and writes nothing. What `build` could not write is told here too.

use super::Status;
use super::args;
use super::args::Format;
use super::console::Console;
use super::failure::Failure;
use super::lock;
use super::report::Judged;
use crate::compile::compile;

/// Runs the command.
pub(crate) fn run(arguments: &args::Check, console: &mut Console) -> Result<Status, Failure> {
    let mut judged = Judged::read(&arguments.common, false)?;
    if let (Status::Yes, 0, Some(program)) = (judged.status(), judged.elsewhere, &judged.program) {
        let (_, limits) = compile(program, false);
        judged.add(limits);
        let lock = lock::said(&mut judged, false)?;
        judged.add(lock);
    }
    if arguments.common.format == Format::Json {
        let bundle = judged.project.bundle.as_deref();
        console.json(&judged.summary("eastwest/check/1", bundle));
    } else {
        judged.tell(console);
        if let Some(counts) = judged.counts() {
            console.out(&format!("checked   {counts}\n"));
        }
        if let Some(hash) = &judged.project.bundle {
            console.out(&format!("bundle    {hash}\n"));
        }
    }
    Ok(judged.status())
}
