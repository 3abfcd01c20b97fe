//! `eastwest graph`: pictures of who may talk to whom.

use super::Status;
use super::args;
use super::args::{Common, Picture};
use super::console::Console;
use super::report::ProjectReport;
use crate::diagnostic::Level;
use crate::diagnostic::nearest::nearest;
use crate::diagnostic::plural::plural;
use crate::graph::{Graph, Matrix};
use crate::program::Program;
use crate::project::failure::Failure;
use crate::view::{graph_csv, graph_dot, graph_mermaid, graph_svg};

/// Runs the command.
pub(crate) fn run(
    arguments: &args::GraphArguments,
    console: &mut Console,
) -> Result<Status, Failure> {
    let mut judged = ProjectReport::read(&arguments.common(), false)?;
    // What waits for its other half is in the picture.
    judged.diagnostics.retain(|it| it.level == Level::Error);
    judged.tell(console);
    if judged.elsewhere > 0 {
        let errors = plural(judged.elsewhere, "error");
        console.failure(
            &Failure::new(format!("the files of other owners have {errors}"))
                .help("a picture is of all lines together, so none can be drawn:  eastwest check"),
        );
        return Ok(judged.status().max(Status::No));
    }
    if let (Status::Yes, Some(program)) = (judged.status(), &judged.program) {
        let new = Graph::new(program)?;
        let old = match &arguments.changed_since {
            Some(revision) => match before(revision, arguments, console)? {
                Some(old) => Some((Graph::new(&old)?, old)),
                None => return Ok(Status::Failed),
            },
            None => None,
        };
        let whole = match &old {
            Some((graph, old)) => new.since(program, graph, old),
            None => new.clone(),
        };
        let part = match &arguments.of {
            Some(name) => Some(whole.of(name).ok_or_else(|| unknown(name, program))?),
            None => None,
        };
        let graph = part.as_ref().unwrap_or(&whole);
        match arguments.format {
            Picture::Mermaid => console.out(&graph_mermaid::mermaid(graph)),
            Picture::Dot => console.markup(&graph_dot::dot(graph)),
            Picture::Svg => console.markup(&graph_svg::svg(graph)),
            Picture::Csv => {
                let matrix = Matrix::new(program, &new)?.of(graph);
                console.out(&match &old {
                    Some((old, of)) => {
                        graph_csv::since(graph, &matrix, &Matrix::new(of, old)?.of(graph))
                    }
                    None => graph_csv::csv(&matrix),
                });
            }
        }
    }
    Ok(judged.status())
}

/// The project as it was in `revision`. `None` where it has errors, which are told.
fn before(
    revision: &str,
    arguments: &args::GraphArguments,
    console: &mut Console,
) -> Result<Option<Program>, Failure> {
    let revision = revision.strip_prefix("git:").unwrap_or(revision);
    let options = Common { strict: false, owner: None, ..arguments.common() };
    let mut judged = ProjectReport::at(revision, &options)?;
    judged.forgive_dates();
    judged.diagnostics.retain(|it| it.level == Level::Error);
    let program = judged.program.take().filter(|_| judged.diagnostics.is_empty());
    if program.is_none() {
        judged.tell(console);
        console.failure(
            &Failure::new(format!(
                "the project in `{revision}` has errors, so nothing can be compared with it"
            ))
            .help("name a revision that `eastwest check` finds no errors in"),
        );
    }
    Ok(program)
}

fn unknown(name: &str, program: &Program) -> Failure {
    let failure = Failure::new(format!("there is no landing zone `{name}` in this project"));
    match nearest(name, program.applications.iter().map(|(_, it)| &*it.name)) {
        Some(near) => failure.help(format!("did you mean  --of {near} ?")),
        None => failure.help("name an application that the manifests declare"),
    }
}
