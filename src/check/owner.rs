//! Whose line is it, and does it stand in a file of that owner (language reference, section 6)?

use super::FileOwner;
use super::names::Names;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::boundary::{PLATFORM_STATEMENT, WRONG_OWNER};
use crate::program::Owner;
use crate::source::Span;
use crate::syntax::tree::{Application, Arrow, Endpoint, Flow, Place, Statement};

/// The owner of a line, by the names on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineOwner<'a> {
    /// The platform.
    Platform,
    /// The application of this name, which need not exist.
    Application(&'a str),
}

impl LineOwner<'_> {
    /// `the platform`, or the name of the application.
    pub(super) fn words(self) -> String {
        match self {
            Self::Platform => "the platform".to_owned(),
            Self::Application(name) => name.to_owned(),
        }
    }
}

/// What a side of a line is, as far as that decides whose the line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side<'a> {
    /// Pods of the application of this name.
    Application(&'a str),
    /// Pods of any application: `*`.
    AnyApplication,
    /// An external.
    External,
    /// An address that has no name.
    Address,
}

impl<'a> From<&'a Endpoint> for Side<'a> {
    fn from(endpoint: &'a Endpoint) -> Self {
        match &endpoint.place {
            Place::Zones { application, .. } => match &application.value {
                Application::Any => Self::AnyApplication,
                Application::Named(name) => Self::Application(name),
            },
            Place::External(_) => Self::External,
            Place::Addresses(_) => Self::Address,
        }
    }
}

/// The owner of a line with `left` and `right` as its sides. `None` where `left` is a bare address, which is
/// nobody's.
pub(crate) fn of<'a, 'b>(
    left: impl Into<Side<'a>>,
    right: impl Into<Side<'b>>,
) -> Option<LineOwner<'a>> {
    match (left.into(), right.into()) {
        (Side::Address, _) => None,
        (Side::External | Side::AnyApplication, _)
        | (Side::Application(_), Side::AnyApplication) => Some(LineOwner::Platform),
        (Side::Application(name), Side::Application(_) | Side::External | Side::Address) => {
            Some(LineOwner::Application(name))
        }
    }
}

/// The owner of `flow`, whose sides are known.
pub(super) fn resolved(names: &Names<'_>, flow: &Flow) -> Owner {
    match of(&flow.left, &flow.right) {
        Some(LineOwner::Application(name)) => {
            let id = names.applications.find(name, |it| &it.name);
            id.map_or(Owner::Platform, Owner::Application)
        }
        Some(LineOwner::Platform) | None => Owner::Platform,
    }
}

/// Says so if `flow` stands in a file of another owner.
pub(super) fn check_flow(file: &FileOwner, flow: &Flow, out: &mut Vec<Diagnostic>) {
    let Some(owner) = of(&flow.left, &flow.right) else { return };
    if owner == file.line_owner() {
        return;
    }
    let crosses = matches!(flow.arrow.value, Arrow::Leaving | Arrow::Entering);
    let message = format!(
        "this line is {}, and stands in a file of {}",
        whose(owner),
        file.line_owner().words()
    );
    let why = match (owner, &flow.left.place) {
        (LineOwner::Application(name), _) => format!("opens namespaces of {name}"),
        (LineOwner::Platform, Place::External(_)) => {
            "a line that starts with an external is the platform's".to_owned()
        }
        (LineOwner::Platform, Place::Zones { .. } | Place::Addresses(_)) => {
            "a line with `*` for an application is the platform's".to_owned()
        }
    };
    let mut diagnostic = Diagnostic::new(&WRONG_OWNER, message)
        .label(flow.left.span, why)
        .help(format!("move it to a file of {}", owner.words()));
    if crosses && of(&flow.right, &flow.left) == Some(file.line_owner()) {
        diagnostic = diagnostic.help(format!(
            "if the half of {} is meant, write\n{}",
            file.line_owner().words(),
            super::mirror::mirrored(flow),
        ));
    }
    out.push(diagnostic);
}

/// Says so if `statement`, which is the platform's by its kind, stands in an application's file.
pub(super) fn check_statement(file: &FileOwner, statement: &Statement, out: &mut Vec<Diagnostic>) {
    let FileOwner::Application(name) = file else { return };
    let word = match statement {
        Statement::Flow(_) => return,
        Statement::Forbid(_) => "forbid",
        Statement::Exempt(_) => "exempt",
        Statement::External(_) => "external",
        Statement::Port(_) => "port",
        Statement::Log(_) => "log",
    };
    // The first word; a statement may go on for several lines.
    let span = statement.span();
    let length = u32::try_from(word.len()).unwrap_or(0);
    let first = Span::new(span.file, span.start, span.end.min(span.start + length));
    out.push(
        Diagnostic::new(
            &PLATFORM_STATEMENT,
            format!("`{word}` is the platform's to write, and this is a file of {name}"),
        )
        .label(first, "")
        .help("move it to a file of the platform, or ask the platform team for it"),
    );
}

fn whose(owner: LineOwner<'_>) -> String {
    match owner {
        LineOwner::Platform => "the platform's".to_owned(),
        LineOwner::Application(name) => format!("one of {name}"),
    }
}

impl FileOwner {
    /// The owner whose lines belong in the file.
    pub(super) fn line_owner(&self) -> LineOwner<'_> {
        match self {
            Self::Platform => LineOwner::Platform,
            Self::Application(name) => LineOwner::Application(name),
        }
    }
}
