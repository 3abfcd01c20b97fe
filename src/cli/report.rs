//! A project read and checked, as the options ask: whose diagnostics are told and how much they matter, the
//! exit status, and the counts that a summary shows.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::Status;
use super::args::{Common, FindingsPlatform};
use super::console::Console;
use super::platform::Findings;
use crate::Parsed;
use crate::diagnostic::codes::output::TOO_MANY;
use crate::diagnostic::codes::relations::EXPIRED;
use crate::diagnostic::json::DiagnosticJson;
use crate::diagnostic::nearest::nearest;
use crate::diagnostic::plural::plural;
use crate::diagnostic::{Diagnostic, Level, json, text};
use crate::program::Program;
use crate::project::checked::Checked;
use crate::project::failure::Failure;
use crate::project::folder::Folder;
use crate::project::load::{self, Project, ProjectPlace};
use crate::syntax::tree::Arrow;

/// What every JSON document about a project begins with.
#[derive(Serialize)]
pub(crate) struct ProjectSummary<'a> {
    format: &'static str,
    diagnostics: Vec<DiagnosticJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checked: Option<Counts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bundle: Option<&'a str>,
}

/// A project and everything there is to say about it.
pub(crate) struct ProjectReport {
    /// The project.
    pub(crate) project: Project,
    /// Its texts, parsed; `None` where the configuration is broken.
    pub(crate) parsed: Option<Parsed>,
    /// What it says; `None` where the configuration is broken.
    pub(crate) program: Option<Program>,
    /// What is told, in order.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// How many errors other owners have, which `--owner` keeps from being told.
    pub(crate) elsewhere: usize,
}

impl ProjectReport {
    /// Reads and checks the project that `options` name.
    pub(crate) fn read(options: &Common, drop_expired: bool) -> Result<Self, Failure> {
        Self::of(load::load(&place(options)?)?, options, drop_expired)
    }

    /// Reads and checks `revision` of the project that `options` name.
    pub(crate) fn at(revision: &str, options: &Common) -> Result<Self, Failure> {
        let place = place(options)?;
        let folder = Folder::at(&place.root, revision)?;
        Self::of(load::load_from(&place, folder)?, options, false)
    }

    /// Forgets dates that have passed: what was open keeps being open until someone builds, and a date that has passed
    /// meanwhile is no mistake of then.
    pub(crate) fn forgive_dates(&mut self) {
        self.diagnostics.retain(|it| it.code.code != EXPIRED.code);
    }

    /// Checks `project` as the options ask.
    pub(crate) fn of(
        project: Project,
        options: &Common,
        drop_expired: bool,
    ) -> Result<Self, Failure> {
        let today = options.as_of.unwrap_or_else(today);
        let Checked { project, parsed, program, mut diagnostics, applications_known } =
            project.check(today, drop_expired);
        if let Some(program) = &program
            && let Some(owner) = options.owner.as_deref().filter(|_| applications_known)
        {
            known_owner(owner, program)?;
        }
        let broken = project.is_broken();
        let mut elsewhere = 0;
        if let Some(owner) = &options.owner {
            diagnostics.retain(|it| {
                // What cannot be decided for one is not decided for anybody.
                let shown = project.concerns(it, owner) || it.code.code == TOO_MANY.code;
                elsewhere += usize::from(!shown && is_error(it));
                shown
            });
        }
        if options.strict {
            let warnings = diagnostics.iter_mut().filter(|it| it.level == Level::Warning);
            warnings.for_each(|it| it.level = Level::Error);
        }
        let program = program.filter(|_| !broken);
        Ok(Self { project, parsed, program, diagnostics, elsewhere })
    }

    /// Adds what a later stage says.
    pub(crate) fn add(&mut self, diagnostics: Vec<Diagnostic>) {
        self.diagnostics.extend(diagnostics);
        self.diagnostics.sort_by_key(Diagnostic::primary);
    }

    /// The exit status that the diagnostics alone give.
    pub(crate) fn status(&self) -> Status {
        let undecided = |it: &Diagnostic| it.code.code == TOO_MANY.code;
        match self.diagnostics.iter().any(is_error) {
            _ if self.project.config.is_none() => Status::Failed,
            true if self.diagnostics.iter().any(undecided) => Status::Failed,
            true => Status::No,
            false => Status::Yes,
        }
    }

    /// How many of the errors say that a flow has expired, and nothing else.
    pub(crate) fn expired(&self) -> usize {
        let errors = self.diagnostics.iter().filter(|it| is_error(it));
        errors.filter(|it| it.code.code == EXPIRED.code).count()
    }

    /// Prints the diagnostics, and how many there are if any is an error.
    pub(crate) fn tell(&self, console: &mut Console) {
        for diagnostic in &self.diagnostics {
            console.err(&text::render(diagnostic, &self.project.sources, true));
            console.err("\n");
        }
        if self.diagnostics.iter().any(is_error) {
            console.err(&format!("{}\n", self.found()));
        }
    }

    /// Prints the diagnostics for `platform`, and beside the document how many there are.
    pub(crate) fn print(&self, platform: FindingsPlatform, console: &mut Console) {
        let Project { sources, root: folder, .. } = &self.project;
        Findings { diagnostics: &self.diagnostics, sources, folder, baseline: None }
            .print(platform, console);
        if !self.diagnostics.is_empty() {
            console.err(&format!("{}\n", self.found()));
        }
    }

    /// `found     2 errors, 1 warning`
    fn found(&self) -> String {
        let levels = [Level::Error, Level::Warning, Level::Note].map(|level| {
            let count = self.diagnostics.iter().filter(|it| it.level == level).count();
            (count > 0).then(|| plural(count, level.name()))
        });
        let levels: Vec<_> = levels.into_iter().flatten().collect();
        format!("found     {}", levels.join(", "))
    }

    /// What the JSON document of every command on a project holds; `bundle` is the hash of the one read or written.
    pub(crate) fn summary<'a>(
        &'a self,
        format: &'static str,
        bundle: Option<&'a str>,
    ) -> ProjectSummary<'a> {
        let diagnostics = self.diagnostics.iter();
        ProjectSummary {
            format,
            diagnostics: diagnostics.map(|it| json::view(it, &self.project.sources)).collect(),
            checked: self.counts(),
            bundle,
        }
    }

    /// What was checked, if nothing is wrong with it.
    pub(crate) fn counts(&self) -> Option<Counts> {
        let program = self.program.as_ref().filter(|_| self.status() == Status::Yes)?;
        let crosses = |arrow| matches!(arrow, Arrow::Leaving | Arrow::Entering);
        Some(Counts {
            landing_zones: program.applications.len(),
            namespaces: program.namespaces.len(),
            flows: program.flows.len(),
            crossings: program.flows.iter().filter(|flow| crosses(flow.arrow)).count(),
        })
    }
}

/// The numbers of a summary.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Counts {
    landing_zones: usize,
    namespaces: usize,
    flows: usize,
    crossings: usize,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let zones = plural(self.landing_zones, "landing zone");
        let namespaces = plural(self.namespaces, "namespace");
        let flows = plural(self.flows, "flow");
        write!(f, "{zones}, {namespaces}, {flows}")?;
        match self.crossings {
            0 => Ok(()),
            1 => f.write_str(" (1 crosses a boundary)"),
            more => write!(f, " ({more} cross a boundary)"),
        }
    }
}

/// Where the project is that `options` name.
fn place(options: &Common) -> Result<ProjectPlace, Failure> {
    let here = std::env::current_dir()
        .map_err(|error| Failure::new(format!("cannot tell the current folder: {error}")))?;
    load::locate(&here, options.project.as_deref(), options.config.as_deref())
}

fn is_error(diagnostic: &Diagnostic) -> bool {
    diagnostic.level == Level::Error
}

/// That `owner` is one.
fn known_owner(owner: &str, program: &Program) -> Result<(), Failure> {
    let owners =
        || std::iter::once("platform").chain(program.applications.iter().map(|(_, it)| &*it.name));
    if owners().any(|it| it == owner) {
        return Ok(());
    }
    let failure = Failure::new(format!("there is no owner `{owner}` in this project"));
    Err(match nearest(owner, owners()) {
        Some(near) => failure.help(format!("did you mean  --owner {near} ?")),
        None => failure.help("name an application that the manifests declare, or platform"),
    })
}

/// Today in UTC.
pub(crate) fn today() -> Date {
    TimeZone::UTC.to_datetime(Timestamp::now()).date()
}
