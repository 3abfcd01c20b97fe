//! `eastwest import`: flow files for their owners out of Calico policies, and whether they mean the same.

mod project;
mod text;

use serde::Serialize;

use super::Status;
use super::args;
use super::args::Format;
use super::console::Console;
use super::world::Read;
use crate::diagnostic::json::{self, DiagnosticJson};
use crate::import::{self, Equal, ImportVerdict, Imported, Remark};
use crate::project::failure::Failure;

#[derive(Serialize)]
struct ImportDocument<'a> {
    format: &'static str,
    /// What a cluster would not take as it is written.
    diagnostics: Vec<DiagnosticJson<'a>>,
    /// The files of the project.
    files: Vec<ImportedFileJson<'a>>,
    /// What no line says.
    remarks: &'a [Remark],
    verdicts: &'a [ImportVerdict],
    /// What else there is to know of what the files mean.
    notes: &'a [String],
}

#[derive(Serialize)]
struct ImportedFileJson<'a> {
    path: &'a str,
    text: &'a str,
}

/// Runs the command.
pub(crate) fn run(arguments: &args::Import, console: &mut Console) -> Result<Status, Failure> {
    if let Some(folder) = &arguments.output {
        project::room(folder)?;
    }
    let read = Read::policies(&arguments.paths, &arguments.foreign, "import", console)?;
    let Some(read) = read else { return Ok(Status::Failed) };
    if read.world.program.applications.is_empty() {
        // A namespace that no cluster takes may be the one that is missed.
        read.tell(console);
        let key = &read.settings.labels.application;
        return Err(Failure::new(format!("no namespace here bears the label `{key}`"))
            .help("name the Namespace manifests with  --zones PATH")
            .help("if the label has another name, say so under [labels] in a file, and name that with  --config FILE"));
    }
    if read.world.program.applications.iter().any(|(_, it)| &*it.name == "platform") {
        return Err(Failure::called_platform());
    }
    if let Some((one, other)) = project::alike(&read.world.program) {
        return Err(Failure::new(format!(
            "the applications `{one}` and `{other}` differ in capital letters alone, and their files would be one on some disks"
        ))
        .help("give the namespaces of one of them another label first"));
    }
    if read.world.policies().next().is_none() {
        return Err(Failure::new("there are no policies here to import"));
    }
    let imported = match import::import(&read.world, &read.settings) {
        Ok(imported) => imported,
        Err(import::ImportFailure::TooMany(too_many)) => return Err(too_many.into()),
        Err(failure @ import::ImportFailure::Unwritable(_)) => {
            return Err(Failure::new(failure.to_string()));
        }
        Err(import::ImportFailure::Bug(what)) => {
            console.failure(
                &Failure::new("what was made of these policies is no sound project: this is a bug")
                    .help(what),
            );
            return Ok(Status::Unverified);
        }
    };
    let files = project::files(&read, &imported);
    if let Some(folder) = &arguments.output {
        project::write(folder, &files)?;
    }
    if arguments.format == Format::Json {
        let sources = &read.world.sources;
        console.json(&ImportDocument {
            format: "eastwest/import/1",
            diagnostics: read.diagnostics.iter().map(|it| json::view(it, sources)).collect(),
            files: files.iter().map(|(path, text)| ImportedFileJson { path, text }).collect(),
            remarks: &imported.remarks,
            verdicts: &imported.verdicts,
            notes: &imported.notes,
        });
    } else {
        read.tell(console);
        text::tell(arguments.output.as_deref(), &files, &imported, console);
    }
    Ok(status(&imported))
}

fn status(imported: &Imported) -> Status {
    let same = imported.verdicts.iter().all(|it| it.verdict == Equal::Equivalent);
    if same { Status::Yes } else { Status::No }
}
