//! `eastwest check`: parses, checks, lints, and writes nothing. What `build` could not write is told here too.

use super::Status;
use super::args;
use super::args::FindingsFormat;
use super::console::Console;
use super::lock;
use super::report::ProjectReport;
use crate::compile::compile;
use crate::project::failure::Failure;

/// Runs the command.
pub(crate) fn run(arguments: &args::Check, console: &mut Console) -> Result<Status, Failure> {
    let mut judged = ProjectReport::read(&arguments.common, false)?;
    if let (Status::Yes, 0, Some(program)) = (judged.status(), judged.elsewhere, &judged.program) {
        let (_, limits) = compile(program, false);
        judged.add(limits);
        let lock = lock::lock_diagnostics(&mut judged, false)?;
        judged.add(lock);
    }
    let counts = judged.counts().map(|counts| format!("checked   {counts}\n"));
    let bundle = judged.project.bundle.as_ref().map(|hash| format!("bundle    {hash}\n"));
    let summary: String = counts.into_iter().chain(bundle).collect();
    match (arguments.format, arguments.format.platform()) {
        (_, Some(platform)) => {
            judged.print(platform, console);
            console.err(&summary);
        }
        (FindingsFormat::Json, None) => {
            let bundle = judged.project.bundle.as_deref();
            console.json(&judged.summary("eastwest/check/1", bundle));
        }
        (_, None) => {
            judged.tell(console);
            console.out(&summary);
        }
    }
    Ok(judged.status())
}
