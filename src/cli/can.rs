//! `eastwest can`: may these open connections to those, and why.

mod batch;
mod pairs;
pub(super) mod text;
pub(super) mod world;

use serde::Serialize;

use self::world::QueryWorld;
use super::Status;
use super::args;
use super::args::ListFormat;
use super::console::Console;
use super::foreign;
use crate::can::{Question, Verdict, answer, exposure, pairs, reached};
use crate::diagnostic::json::{self, DiagnosticJson};
use crate::project::failure::Failure;
use crate::reach::Direction;

#[derive(Serialize)]
struct CanDocument<'a, T> {
    format: &'static str,
    /// What a cluster would not take as it is written.
    diagnostics: Vec<DiagnosticJson<'a>>,
    #[serde(flatten)]
    found: &'a T,
}

fn print_json<T: Serialize>(asked: &QueryWorld, found: &T, console: &mut Console) {
    let diagnostics =
        asked.diagnostics().iter().map(|it| json::view(it, &asked.world().sources)).collect();
    console.json(&CanDocument { format: "eastwest/can/1", diagnostics, found });
}

/// Runs the command.
pub(crate) fn run(arguments: &args::Can, console: &mut Console) -> Result<Status, Failure> {
    let [policies, zones] = [&arguments.asked.policies, &arguments.asked.foreign.zones];
    foreign::once(policies.iter().chain(zones).chain(&arguments.batch))?;
    let Some(mut asked) = QueryWorld::read(&arguments.asked, "can", console)? else {
        return Ok(Status::Failed);
    };
    if let Some(path) = &arguments.batch {
        return batch::run(path, asked.world(), console);
    }
    if let (None, _, Some(place)) | (Some(place), None, None) =
        (&arguments.from, &arguments.to, &arguments.reached)
    {
        return list(arguments, &mut asked, place, console);
    }
    if arguments.from.is_none() {
        let found = if arguments.exposure { exposure } else { pairs };
        let found = found(asked.world())?;
        match arguments.format {
            ListFormat::Json => print_json(&asked, &pairs::document(&found), console),
            ListFormat::Csv => console.out(&pairs::csv(&found)),
            ListFormat::Text => console.out(&pairs::text(&found)),
        }
        return Ok(Status::Yes);
    }
    let from = asked.place("FROM", arguments.from.as_deref().unwrap_or_default(), console)?;
    let to = asked.place("TO", arguments.to.as_deref().unwrap_or_default(), console)?;
    let traffic = arguments.traffic.as_deref().map(|text| asked.traffic(text, console));
    let (Some(from), Some(to), Some(traffic)) = (from, to, traffic.unwrap_or(Some(None))) else {
        return Ok(Status::Failed);
    };
    let question = Question { from, to, traffic };
    let answer = answer(asked.world(), &question)?;
    match arguments.format {
        ListFormat::Json => print_json(&asked, &answer, console),
        ListFormat::Csv => return Err(no_table()),
        ListFormat::Text => console.out(&text::answer(&answer)),
    }
    Ok(if answer.verdict == Verdict::Allow { Status::Yes } else { Status::No })
}

/// Lists everything that the place reaches, or that reaches it.
fn list(
    arguments: &args::Can,
    asked: &mut QueryWorld,
    place: &str,
    console: &mut Console,
) -> Result<Status, Failure> {
    let (argument, direction) = if arguments.reached.is_some() {
        ("TO", Direction::Ingress)
    } else {
        ("FROM", Direction::Egress)
    };
    let Some(place) = asked.place(argument, place, console)? else { return Ok(Status::Failed) };
    let found = reached(asked.world(), &place, direction)?;
    match arguments.format {
        ListFormat::Json => print_json(asked, &found, console),
        ListFormat::Csv => console.out(&pairs::csv(std::slice::from_ref(&found))),
        ListFormat::Text => console.out(&text::reaches(&found)),
    }
    Ok(if found.open.is_empty() { Status::No } else { Status::Yes })
}

/// That the answer to one question is no table.
fn no_table() -> Failure {
    Failure::new("`--format csv` is for lists of places, and this is one question")
        .help("leave TO out, or FROM as well")
}
