//! `eastwest graph`: pictures of who may talk to whom.

use super::Status;
use super::args;
use super::args::Picture;
use super::console::Console;
use super::failure::Failure;
use super::report::{Judged, plural};
use crate::diagnostic::Level;
use crate::diagnostic::nearest::nearest;
use crate::graph::{Graph, Matrix};
use crate::program::Program;
use crate::view::{graph_csv, graph_dot, graph_mermaid, graph_svg};

/// Runs the command.
pub(crate) fn run(arguments: &args::Graph, console: &mut Console) -> Result<Status, Failure> {
    let mut judged = Judged::read(&arguments.common(), false)?;
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
        let whole = Graph::new(program);
        let part = match &arguments.of {
            Some(name) => Some(whole.of(name).ok_or_else(|| unknown(name, program))?),
            None => None,
        };
        let graph = part.as_ref().unwrap_or(&whole);
        console.out(&match arguments.format {
            Picture::Mermaid => graph_mermaid::mermaid(graph),
            Picture::Dot => graph_dot::dot(graph),
            Picture::Svg => graph_svg::svg(graph),
            Picture::Csv => graph_csv::csv(&Matrix::new(program, &whole).of(graph)),
        });
    }
    Ok(judged.status())
}

fn unknown(name: &str, program: &Program) -> Failure {
    let failure = Failure::new(format!("there is no landing zone `{name}` in this project"));
    match nearest(name, program.applications.iter().map(|(_, it)| &*it.name)) {
        Some(near) => failure.help(format!("did you mean  --of {near} ?")),
        None => failure.help("name an application that the manifests declare"),
    }
}
