//! From what was written to what is meant: names resolved, the rules of the language held, ownership,
//! lints. Gives the typed program and everything there is to say about the input.

pub(crate) mod crossing;
mod declared;
mod exempt;
mod external;
mod flow;
mod guardrail;
mod icmp;
mod mirror;
mod names;
pub(crate) mod owner;
mod place;
mod port;
mod query;
mod selector;
pub(crate) mod time;
mod traffic;
mod undecided;
pub(crate) mod words;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;

use self::declared::NameFound;
use self::names::{DeclaredNames, Names};
pub use self::query::Nameable;
pub use self::undecided::undecided;
use crate::diagnostic::codes::names::{UNKNOWN_APPLICATION, UNKNOWN_OWNER, UNKNOWN_ZONE};
use crate::diagnostic::codes::platform::SAID_TWICE;
use crate::diagnostic::nearest::nearest;
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::lint::lint;
use crate::program::{Alias, External, Flow, Guardrail, Program, Settings};
use crate::source::{FileId, Span};
use crate::syntax::tree::{Statement, Tree};
use crate::zones::Zones;

/// Whose file a flow file is, by the globs of the project.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileOwner {
    /// A file of the platform.
    Platform,
    /// A file of the application of this name.
    Application(Box<str>),
}

/// Everything that the checker needs to know.
#[derive(Debug)]
pub struct CheckInput<'a> {
    /// The flow files, each with its owner.
    pub files: &'a [(FileOwner, Tree)],
    /// Whether platform files belong to this project (a bundle's counts), even if all of them are empty.
    pub platform: bool,
    /// The declared namespaces.
    pub zones: &'a Zones,
    /// The settings.
    pub settings: &'a Settings,
    /// Owners whose files are written here; `None` for all. An expired flow of another owner is a warning.
    pub write: Option<&'a [Box<str>]>,
    /// Whether applications without a flow file here may have one in another project.
    pub partial: bool,
    /// Today in UTC.
    pub today: Date,
    /// Whether expired flows are left out (and reported) instead of being errors.
    pub drop_expired: bool,
}

/// Checks `input`. The program holds every statement that could be understood; where any diagnostic is an
/// error it is not to be compiled. Diagnostics come in source order, lints at their configured level.
pub fn check(input: &CheckInput<'_>) -> (Program, Vec<Diagnostic>) {
    let mut out = Vec::new();
    let names = names(input, &mut out);
    let log_denied = log_denied(input, &mut out);
    let (flows, guardrails) = lines(input, &names, &mut out);
    let mut program = Program {
        settings: input.settings.clone(),
        applications: names.applications,
        zones: names.zones,
        namespaces: names.namespaces,
        externals: names.externals.table,
        ports: names.ports.table,
        exempt: names.exempt,
        flows,
        guardrails,
        log_denied,
        platform: input.platform,
        write: input.write.map(<[_]>::to_vec),
    };
    let decisions = names.decisions;
    decisions.allow(program.flows.len() + program.guardrails.len());
    if input.zones.mistaken {
        // One mistake is one error: the manifest's own has been told.
        out.retain(|it| !of_undeclared(it.code));
    }
    let whole = !input.zones.mistaken
        && input.files.iter().all(|(_, tree)| tree.unread.is_empty())
        && out.iter().all(|it| it.level != Level::Error);
    out.extend(time::apply(&mut program, input));
    let related = decisions.all_made().and_then(|()| lint(&program, whole));
    match related {
        Ok(related) => out.extend(related),
        // What lines say about each other is a guess then.
        Err(too_many) => out.push(undecided(&program, &too_many)),
    }
    out.retain_mut(|diagnostic| input.settings.lints.apply(diagnostic));
    sort(input, &mut out);
    (program, out)
}

/// Whether `code` is said where no manifest declares a name.
fn of_undeclared(code: Code) -> bool {
    [&UNKNOWN_APPLICATION, &UNKNOWN_ZONE, &UNKNOWN_OWNER].iter().any(|it| it.code == code.code)
}

/// Everything that is declared, by manifests and by the platform's statements. Statements that stand in a
/// file of the wrong owner, or could not be read whole, declare their name all the same: the lines that use it are right.
fn names<'a>(input: &CheckInput<'a>, out: &mut Vec<Diagnostic>) -> Names<'a> {
    let mut names = Names::of_manifests(input, out);
    let exempt = exempt::collect(input, &names, out);
    names.set_exempt(exempt);
    let mut externals: NameFound<External> = BTreeMap::new();
    let mut ports: NameFound<Alias> = BTreeMap::new();
    for (_, tree) in input.files {
        for statement in &tree.statements {
            match statement {
                Statement::External(written) => {
                    external::declare(input, &names, written, &mut externals, out);
                }
                Statement::Port(written) => port::declare(written, &mut ports, out),
                Statement::Flow(_)
                | Statement::Forbid(_)
                | Statement::Exempt(_)
                | Statement::Log(_) => {}
            }
        }
    }
    let unread = input.files.iter().flat_map(|(_, tree)| &tree.unread);
    for name in unread.filter_map(|it| it.declares.as_ref()) {
        let key: Arc<str> = Arc::from(&*name.value);
        externals.entry(Arc::clone(&key)).or_insert((name.span, None));
        ports.entry(key).or_insert((name.span, None));
    }
    names.externals = DeclaredNames::new(externals);
    names.ports = DeclaredNames::new(ports);
    names
}

/// The first `log denied`; a further one is told.
fn log_denied(input: &CheckInput<'_>, out: &mut Vec<Diagnostic>) -> Option<Span> {
    let mut logs =
        input.files.iter().flat_map(|(_, tree)| &tree.statements).filter_map(|statement| {
            match statement {
                Statement::Log(span) => Some(*span),
                Statement::Flow(_)
                | Statement::Forbid(_)
                | Statement::Exempt(_)
                | Statement::External(_)
                | Statement::Port(_) => None,
            }
        });
    let first = logs.next()?;
    for again in logs {
        out.push(
            Diagnostic::new(&SAID_TWICE, "`log denied` is said twice")
                .label(again, "again")
                .label(first, "said here first")
                .help("delete one of the two"),
        );
    }
    Some(first)
}

/// Flows and guardrails of every file, and whether each statement is its owner's to write.
fn lines(
    input: &CheckInput<'_>,
    names: &Names<'_>,
    out: &mut Vec<Diagnostic>,
) -> (Vec<Flow>, Vec<Guardrail>) {
    let (mut flows, mut guardrails) = (Vec::new(), Vec::new());
    let mut reported: Vec<&str> = Vec::new();
    for (file, tree) in input.files {
        let unknown = match file {
            FileOwner::Application(name) if names.application(name).is_none() => Some(&**name),
            FileOwner::Application(_) | FileOwner::Platform => None,
        };
        if let Some(name) = unknown
            && !reported.contains(&name)
        {
            reported.push(name);
            out.push(unknown_owner(names, name, tree.file));
        }
        for statement in &tree.statements {
            owner::check_statement(file, statement, out);
            match statement {
                Statement::Flow(written) => {
                    flows.extend(flow::check(names, file, unknown, written, out));
                }
                Statement::Forbid(written) => {
                    guardrails.extend(guardrail::check(names, written, out));
                }
                Statement::Exempt(_)
                | Statement::External(_)
                | Statement::Port(_)
                | Statement::Log(_) => {}
            }
        }
    }
    (flows, guardrails)
}

fn unknown_owner(names: &Names<'_>, name: &str, file: FileId) -> Diagnostic {
    let message = format!("this is a file of `{name}`, and no manifest declares that application");
    let diagnostic = Diagnostic::new(&UNKNOWN_OWNER, message);
    let known = names.applications.iter().map(|(_, it)| &*it.name);
    let diagnostic = match nearest(name, known) {
        Some(near) => {
            let label = format!("did you mean `{near}`?");
            let diagnostic = diagnostic.label(Span::new(file, 0, 0), label);
            match names.application_span(near) {
                Some(declared) => diagnostic.label(declared, "declared here"),
                None => diagnostic,
            }
        }
        None => diagnostic.label(Span::new(file, 0, 0), ""),
    };
    diagnostic.help(format!(
        "`flows` in eastwest.toml says whose a file is, by its path; label the namespaces of {name} with `{}`, or move the file",
        names.application_key,
    ))
}

/// Sorts into source order: flow files in their order, then other files, then what has no place.
fn sort(input: &CheckInput<'_>, out: &mut [Diagnostic]) {
    let order: BTreeMap<FileId, usize> =
        input.files.iter().enumerate().map(|(index, (_, tree))| (tree.file, index)).collect();
    out.sort_by_cached_key(|diagnostic| {
        let place = diagnostic.primary();
        let file = place.and_then(|span| order.get(&span.file).copied());
        (place.is_none(), file.unwrap_or(usize::MAX), place, diagnostic.code.code)
    });
}
