//! `eastwest test`: statements of what must be open and what must not, each held against a world.

mod text;

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::Status;
use super::args::{self, TestFormat};
use super::can::world::{PlaceFlaw, QueryWorld};
use super::console::Console;
use super::foreign;
use crate::can::{Expectation, Found, Met, QueryPlace, Question, expect};
use crate::diagnostic::codes::names::UNKNOWN_NAMESPACE;
use crate::diagnostic::codes::syntax::ADDRESSES;
use crate::diagnostic::json::{self, DiagnosticJson};
use crate::diagnostic::{Diagnostic, text as diagnostic_text};
use crate::project::failure::Failure;
use crate::source::{FileId, Span};
use crate::syntax::{self, tree};
use crate::view::junit;

#[derive(Serialize)]
struct TestDocument<'a> {
    format: &'static str,
    /// What a cluster would not take as it is written.
    diagnostics: Vec<DiagnosticJson<'a>>,
    statements: &'a [Judged],
}

/// A statement and what became of it.
#[derive(Serialize)]
pub(crate) struct Judged {
    /// The statement, on one line.
    pub(crate) statement: String,
    /// The file that it stands in.
    pub(crate) file: String,
    /// The line, from 1.
    pub(crate) line: usize,
    /// The column, from 1.
    pub(crate) column: usize,
    /// Whether it says that something must be open.
    #[serde(skip)]
    pub(crate) open: bool,
    #[serde(flatten)]
    pub(crate) found: Found,
}

/// Runs the command.
pub(crate) fn run(arguments: &args::Test, console: &mut Console) -> Result<Status, Failure> {
    let [policies, zones] = [&arguments.asked.policies, &arguments.asked.foreign.zones];
    foreign::once(policies.iter().chain(zones).chain(&arguments.files))?;
    let Some(mut asked) = QueryWorld::read(&arguments.asked, "test", console)? else {
        return Ok(Status::Failed);
    };
    let mut files = Vec::new();
    for path in &arguments.files {
        files.push(read(path, &mut asked)?);
    }
    let (statements, wrong) = statements(&files, &asked);
    for diagnostic in &wrong {
        console.err(&diagnostic_text::render(diagnostic, &asked.world().sources, true));
        console.err("\n");
    }
    if !wrong.is_empty() {
        return Ok(Status::Failed);
    }
    if statements.is_empty() {
        // A pipeline that tests nothing by mistake must not be green.
        return Err(Failure::new("there is no statement in what was read")
            .help("write  deny * -> application.zone  or  allow application.zone -> application.zone : tcp/443"));
    }
    let mut judged = Vec::new();
    for (span, expectation) in &statements {
        let found = expect(asked.world(), expectation)?;
        let sources = &asked.world().sources;
        let at = sources.position(*span);
        judged.push(Judged {
            statement: sources.text(*span).split_whitespace().collect::<Vec<_>>().join(" "),
            file: sources.path(span.file).to_owned(),
            line: at.line,
            column: at.column,
            open: expectation.open,
            found,
        });
    }
    print(arguments.format, &asked, &files, &judged, console);
    let has = |result| judged.iter().any(|it| it.found.result == result);
    Ok(match (has(Met::NotMet), has(Met::Undecided)) {
        (true, _) => Status::No,
        (false, true) => Status::Undecided,
        (false, false) => Status::Yes,
    })
}

/// Reads the file at `path`, or standard input for `-`.
fn read(path: &Path, asked: &mut QueryWorld) -> Result<FileId, Failure> {
    let paths: [PathBuf; 1] = [path.to_owned()];
    if path.is_dir() {
        return Err(Failure::new(format!("`{}` is a folder", path.display()))
            .help("name the files that hold the statements"));
    }
    let files = foreign::read(&paths, asked.sources())?;
    files.into_iter().next().ok_or_else(|| Failure::new("nothing was read"))
}

/// The statements of `files`, and what is wrong with those that mean nothing.
fn statements(files: &[FileId], asked: &QueryWorld) -> (Vec<(Span, Expectation)>, Vec<Diagnostic>) {
    let (mut found, mut wrong) = (Vec::new(), Vec::new());
    for file in files {
        let (written, mut diagnostics) = syntax::expectations(&asked.world().sources, *file);
        wrong.append(&mut diagnostics);
        for statement in &written {
            match meaning(statement, asked) {
                Ok(expectation) => found.push((statement.span, expectation)),
                Err(mut diagnostics) => wrong.append(&mut diagnostics),
            }
        }
    }
    wrong.sort_by_key(Diagnostic::primary);
    (found, wrong)
}

/// What `statement` means here.
fn meaning(
    statement: &tree::Expectation,
    asked: &QueryWorld,
) -> Result<Expectation, Vec<Diagnostic>> {
    let mut wrong = Vec::new();
    let mut place = |side: &tree::QuerySide| match asked.meaning(side, text_of(side, asked)) {
        Ok(place) => Some(if every_application(side) && !statement.open {
            place.with_later()
        } else {
            place
        }),
        Err(flaw) => {
            wrong.extend(told(flaw, side, statement.span, asked));
            None
        }
    };
    let from = place(&statement.from);
    let to = place(&statement.to);
    let except: Vec<Option<QueryPlace>> = statement.except.iter().map(&mut place).collect();
    let traffic = statement.traffic.as_ref().map(|it| asked.matches(it)).transpose();
    let traffic = traffic.map_err(|mut found| wrong.append(&mut found));
    match (from, to, except.into_iter().collect::<Option<Vec<_>>>(), traffic) {
        (Some(from), Some(to), Some(except), Ok(traffic)) if wrong.is_empty() => {
            let question = Question { from: from.without(&except), to, traffic: traffic.flatten() };
            Ok(Expectation { open: statement.open, question })
        }
        _ => Err(wrong),
    }
}

/// Whether `side` is of every landing zone, so that it is of those that may come as well.
fn every_application(side: &tree::QuerySide) -> bool {
    let tree::QuerySide::Side(side) = side else { return false };
    match &side.place {
        tree::Place::Zones { application, .. } => {
            matches!(application.value, tree::Application::Any)
        }
        tree::Place::External(_) | tree::Place::Addresses(_) => false,
    }
}

/// What is wrong with `side`.
fn told(
    flaw: PlaceFlaw,
    side: &tree::QuerySide,
    whole: Span,
    asked: &QueryWorld,
) -> Vec<Diagnostic> {
    let span = span_of(side).unwrap_or(whole);
    match flaw {
        PlaceFlaw::Words(found) => found,
        PlaceFlaw::Namespace(unknown) => {
            let message = format!("there is no namespace `{}`", unknown.name);
            let found = Diagnostic::at(&UNKNOWN_NAMESPACE, span, message);
            vec![match asked.namespace_help(&unknown) {
                Some(help) => found.help(help),
                None => found,
            }]
        }
        PlaceFlaw::Bits(net) => {
            let message = format!("`{net}` has bits set beyond its prefix");
            vec![Diagnostic::at(&ADDRESSES, span, message).replace(span, net.trunc().to_string())]
        }
    }
}

/// Where `side` stands; nothing for `*`.
fn span_of(side: &tree::QuerySide) -> Option<Span> {
    match side {
        tree::QuerySide::Side(side) => Some(side.span),
        tree::QuerySide::Namespace { name, .. } => Some(name.span),
        tree::QuerySide::Namespaces { .. } | tree::QuerySide::Everything => None,
    }
}

/// `side` as people read it.
fn text_of(side: &tree::QuerySide, asked: &QueryWorld) -> String {
    let sources = &asked.world().sources;
    match side {
        tree::QuerySide::Side(side) => sources.text(side.span).to_owned(),
        tree::QuerySide::Namespace { name, .. } => format!("namespace/{}", name.value),
        tree::QuerySide::Namespaces { .. } => "namespace/*".to_owned(),
        tree::QuerySide::Everything => "*".to_owned(),
    }
}

fn print(
    format: TestFormat,
    asked: &QueryWorld,
    files: &[FileId],
    judged: &[Judged],
    console: &mut Console,
) {
    let sources = &asked.world().sources;
    match format {
        TestFormat::Text => console.out(&text::statements(judged)),
        TestFormat::Json => {
            let diagnostics = asked.diagnostics().iter().map(|it| json::view(it, sources));
            console.json(&TestDocument {
                format: "eastwest/test/1",
                diagnostics: diagnostics.collect(),
                statements: judged,
            });
        }
        TestFormat::Junit => {
            let suites = files.iter().map(|file| {
                let name = sources.path(*file).to_owned();
                let cases = judged.iter().filter(|it| it.file == name).map(text::case).collect();
                junit::Suite { name, cases }
            });
            console.markup(&junit::junit(&suites.collect::<Vec<_>>()));
        }
    }
}
