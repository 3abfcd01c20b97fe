//! `eastwest lock`: writes `crossings.lock`, and says what is wrong with the one that is there.

use serde::Serialize;

use super::Status;
use super::args::{self, Format};
use super::console::Console;
use super::report::{ProjectReport, ProjectSummary};
use crate::diagnostic::codes::project::{LOCK_CONFLICT, LOCK_MISSING, LOCK_NOT_OURS, LOCK_STALE};
use crate::diagnostic::{Diagnostic, Level};
use crate::lock::{self, Broken, FILE};
use crate::project::failure::Failure;
use crate::project::folder::Folder;
use crate::project::plan;
use crate::source::Span;

/// So many lines that differ are listed.
const LISTED: usize = 40;

#[derive(Serialize)]
struct LockDocument<'a> {
    #[serde(flatten)]
    summary: ProjectSummary<'a>,
    /// What became of the file, or would.
    #[serde(skip_serializing_if = "Option::is_none")]
    lock: Option<&'static str>,
    /// The lines that differ, with `+` or `-` before them.
    differences: Vec<String>,
}

/// Runs the command.
pub(crate) fn run(arguments: &args::Lock, console: &mut Console) -> Result<Status, Failure> {
    let mut judged = ProjectReport::read(&arguments.common, false)?;
    // Warnings and notes are for `check` to tell.
    judged.diagnostics.retain(|it| it.level == Level::Error);
    let mut state = None;
    let mut changed = false;
    let mut differences = Vec::new();
    if judged.status() == Status::Yes
        && judged.elsewhere == 0
        && let Some(wanted) = wanted(&judged)
    {
        let found = Folder::from(&*judged.project.root).text_if_there(FILE)?;
        differences = lock::differences(found.as_deref().unwrap_or_default(), &wanted);
        if arguments.check {
            let diagnostics = lock_diagnostics(&mut judged, true)?;
            state = Some(if diagnostics.is_empty() { "unchanged" } else { "differs" });
            judged.add(diagnostics);
        } else if found.as_deref() == Some(&wanted) {
            state = Some("unchanged");
        } else if found.as_deref().map(lock::broken) == Some(Some(Broken::NotOurs)) {
            let diagnostics = lock_diagnostics(&mut judged, true)?;
            judged.add(diagnostics);
        } else {
            plan::write_texts(&judged.project.root, &[(FILE, wanted)])?;
            state = Some("written");
            changed = found.is_some();
        }
    }
    if arguments.format == Format::Json {
        let summary = judged.summary("eastwest/lock/1", judged.project.bundle.as_deref());
        console.json(&LockDocument { summary, lock: state, differences });
        return Ok(judged.status());
    }
    judged.tell(console);
    if let Some(state) = state.filter(|_| judged.status() == Status::Yes) {
        let mut text = format!("{state:<10}{FILE}\n");
        if changed {
            let lines = shown(&differences).into_iter();
            text.extend(lines.flat_map(|line| ["  ".to_owned(), line, "\n".to_owned()]));
        }
        console.out(&text);
    }
    Ok(judged.status())
}

/// What the lock of the project has to be.
fn wanted(judged: &ProjectReport) -> Option<String> {
    let config = judged.project.config.as_ref()?;
    let owners: Option<Vec<&str>> =
        config.write.as_ref().map(|names| names.iter().map(|it| &*it.value).collect());
    Some(lock::text(judged.program.as_ref()?, owners.as_deref()))
}

/// What is wrong with the lock of a project that has no other errors; nothing where it is not in use, unless it is `asked` for.
pub(crate) fn lock_diagnostics(
    judged: &mut ProjectReport,
    asked: bool,
) -> Result<Vec<Diagnostic>, Failure> {
    let Some(wanted) = wanted(judged) else { return Ok(Vec::new()) };
    let needed = judged.project.config.as_ref().is_some_and(|it| it.lock);
    let Some(found) = Folder::from(&*judged.project.root).text_if_there(FILE)? else {
        if !needed && !asked {
            return Ok(Vec::new());
        }
        let place = Span::new(judged.project.file, 0, 0);
        let message = format!("there is no {FILE} beside this configuration");
        let missing = Diagnostic::new(&LOCK_MISSING, message)
            .label(place, if needed { "`lock = true` asks for it" } else { "none is here" })
            .help("run  eastwest lock");
        return Ok(vec![missing]);
    };
    if found == wanted {
        return Ok(Vec::new());
    }
    let broken = lock::broken(&found);
    let line = match broken {
        Some(Broken::Conflict(line)) => line,
        Some(Broken::NotOurs) => 1,
        None => first_difference(&found, &wanted),
    };
    let file = judged.project.sources.add(FILE, found.as_str());
    let place = line_of(&found, line, file);
    let diagnostic = match broken {
        Some(Broken::Conflict(_)) => {
            Diagnostic::new(&LOCK_CONFLICT, format!("{FILE} has the marks of a conflict"))
                .label(place, "two versions in one file")
                .help("take either side of it: once the flow files are settled it is written anew by  eastwest lock")
        }
        Some(Broken::NotOurs) => {
            Diagnostic::new(&LOCK_NOT_OURS, format!("{FILE} is in the way: eastwest did not write it"))
                .label(place, "not the first line that it writes")
                .help("move the file, then run  eastwest lock")
        }
        None => {
            let differences = lock::differences(&found, &wanted);
            let diagnostic = Diagnostic::new(&LOCK_STALE, format!("{FILE} is out of date"))
                .label(place, "differs from here on");
            let diagnostic = if differences.is_empty() {
                diagnostic.help("only its layout differs")
            } else {
                diagnostic.help(format!("it would change by\n{}", shown(&differences).join("\n")))
            };
            diagnostic.help("run  eastwest lock")
        }
    };
    Ok(vec![diagnostic])
}

/// A few of the lines, and how many more there are.
fn shown(lines: &[String]) -> Vec<String> {
    let mut shown: Vec<_> = lines.iter().take(LISTED).cloned().collect();
    if let Some(more) = lines.len().checked_sub(LISTED).filter(|more| *more > 0) {
        shown.push(format!("… and {more} more"));
    }
    shown
}

/// The first line, from 1, in which the two texts differ.
fn first_difference(found: &str, wanted: &str) -> usize {
    let same = found.lines().zip(wanted.lines()).take_while(|(a, b)| a == b).count();
    (same + 1).min(found.lines().count().max(1))
}

fn line_of(text: &str, line: usize, file: crate::source::FileId) -> Span {
    let mut start = 0;
    for (index, whole) in text.split_inclusive('\n').enumerate() {
        if index + 1 == line {
            let length = whole.trim_end().len();
            let at = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
            return Span::new(file, at(start), at(start + length));
        }
        start += whole.len();
    }
    Span::new(file, 0, 0)
}
