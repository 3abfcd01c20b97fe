//! `eastwest check`: parses, checks, lints, and writes nothing. What `build` could not write is told here too.

use serde::Serialize;

use super::Status;
use super::args;
use super::args::Format;
use super::console::Console;
use super::failure::Failure;
use super::report::{Counts, Judged};
use crate::compile::compile;
use crate::diagnostic::json::DiagnosticJson;

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    diagnostics: Vec<DiagnosticJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checked: Option<Counts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bundle: Option<&'a str>,
}

/// Runs the command.
pub(crate) fn run(arguments: &args::Check, console: &mut Console) -> Result<Status, Failure> {
    let mut judged = Judged::read(&arguments.common, false)?;
    if let (Status::Yes, 0, Some(program)) = (judged.status(), judged.elsewhere, &judged.program) {
        let (_, limits) = compile(program, false);
        judged.add(limits);
    }
    if arguments.common.format == Format::Json {
        let document = Document {
            format: "eastwest/check/1",
            diagnostics: judged.json(),
            checked: judged.counts(),
            bundle: judged.project.bundle.as_deref(),
        };
        console.json(&document);
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
