//! A project read and checked, as the options ask: whose diagnostics are told and how much they matter, the
//! exit status, and the counts that a summary shows.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::Status;
use super::args::{Common, Platform};
use super::config::Config;
use super::console::Console;
use super::failure::Failure;
use super::folder::Folder;
use super::platform::Findings;
use super::project::{self, Place, Project};
use crate::check::FileOwner;
use crate::diagnostic::codes::output::TOO_MANY;
use crate::diagnostic::codes::project::{ONE_OUTPUT, UNKNOWN_OWNER};
use crate::diagnostic::codes::relations::EXPIRED;
use crate::diagnostic::json::DiagnosticJson;
use crate::diagnostic::nearest::nearest;
use crate::diagnostic::{Diagnostic, Level, json, text};
use crate::program::{Program, Settings};
use crate::source::{FileId, Spanned};
use crate::syntax::tree::Arrow;

/// What every JSON document about a project begins with.
#[derive(Serialize)]
pub(crate) struct Summary<'a> {
    format: &'static str,
    diagnostics: Vec<DiagnosticJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checked: Option<Counts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bundle: Option<&'a str>,
}

/// A project and everything there is to say about it.
pub(crate) struct Judged {
    /// The project.
    pub(crate) project: Project,
    /// What it says; `None` where the configuration is broken.
    pub(crate) program: Option<Program>,
    /// What is told, in order.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// How many errors other owners have, which `--owner` keeps from being told.
    pub(crate) elsewhere: usize,
}

impl Judged {
    /// Reads and checks the project that `options` name.
    pub(crate) fn read(options: &Common, drop_expired: bool) -> Result<Self, Failure> {
        Self::of(project::load(&place(options)?)?, options, drop_expired)
    }

    /// Reads and checks `revision` of the project that `options` name.
    pub(crate) fn at(revision: &str, options: &Common) -> Result<Self, Failure> {
        let place = place(options)?;
        let folder = Folder::at(&place.root, revision)?;
        Self::of(project::load_from(&place, folder)?, options, false)
    }

    /// Forgets dates that have passed: what was open keeps being open until someone builds, and a date that has passed
    /// meanwhile is no mistake of then.
    pub(crate) fn forgive_dates(&mut self) {
        self.diagnostics.retain(|it| it.code.code != EXPIRED.code);
    }

    /// Checks `project` as the options ask.
    pub(crate) fn of(
        mut project: Project,
        options: &Common,
        drop_expired: bool,
    ) -> Result<Self, Failure> {
        let mut diagnostics = std::mem::take(&mut project.diagnostics);
        let broken = diagnostics.iter().any(is_error);
        let config = project.config.take().filter(|_| !broken);
        let Some(config) = config else {
            return Ok(Self { project, program: None, diagnostics, elsewhere: 0 });
        };
        let write: Option<Vec<Box<str>>> =
            config.write.as_ref().map(|names| names.iter().map(|it| it.value.clone()).collect());
        let (program, found) = crate::check(&crate::Input {
            sources: &project.sources,
            manifests: &project.manifests,
            flows: &project.flows,
            settings: &config.settings,
            write: write.as_deref(),
            partial: config.is_partial(),
            today: options.as_of.unwrap_or_else(today),
            drop_expired,
        });
        // Where a manifest cannot be read, an application that seems unknown may stand in it.
        let whole = !found.iter().any(|it| is_error(it) && in_files(it, &project.manifests));
        if whole {
            let applications = || program.applications.iter().map(|(_, it)| &*it.name);
            let written = config.write.as_deref().unwrap_or_default();
            let owners = || std::iter::once("platform").chain(applications());
            diagnostics.extend(unknown(written, owners));
            diagnostics.extend(unknown(&config.deny, applications));
        }
        diagnostics.extend(one_output(&config, &program, write.as_deref()));
        let broken = diagnostics.iter().any(is_error);
        diagnostics.extend(found);
        diagnostics.retain_mut(|it| keep(it, &project, &config.settings, write.as_deref()));
        if let Some(owner) = options.owner.as_deref().filter(|_| whole) {
            known_owner(owner, &program)?;
        }
        let mut elsewhere = 0;
        if let Some(owner) = &options.owner {
            diagnostics.retain(|it| {
                // What cannot be decided for one is not decided for anybody.
                let told = concerns(it, &project, owner) || it.code.code == TOO_MANY.code;
                elsewhere += usize::from(!told && is_error(it));
                told
            });
        }
        if options.strict {
            let warnings = diagnostics.iter_mut().filter(|it| it.level == Level::Warning);
            warnings.for_each(|it| it.level = Level::Error);
        }
        project.config = (!broken).then_some(config);
        Ok(Self { project, program: (!broken).then_some(program), diagnostics, elsewhere })
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
    pub(crate) fn print(&self, platform: Platform, console: &mut Console) {
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
    ) -> Summary<'a> {
        let diagnostics = self.diagnostics.iter();
        Summary {
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

/// `1 flow`, `2 flows`.
pub(crate) fn plural(count: usize, one: &str) -> String {
    match (count, one.strip_suffix('y')) {
        (1, _) => format!("1 {one}"),
        (_, Some(stem)) => format!("{count} {stem}ies"),
        (_, None) => format!("{count} {one}s"),
    }
}

/// Where the project is that `options` name.
fn place(options: &Common) -> Result<Place, Failure> {
    let here = std::env::current_dir()
        .map_err(|error| Failure::new(format!("cannot tell the current folder: {error}")))?;
    project::locate(&here, options.project.as_deref(), options.config.as_deref())
}

fn is_error(diagnostic: &Diagnostic) -> bool {
    diagnostic.level == Level::Error
}

fn in_files(diagnostic: &Diagnostic, files: &[FileId]) -> bool {
    // Files are read in this order, so their ids rise.
    diagnostic.primary().is_some_and(|span| files.binary_search(&span.file).is_ok())
}

/// Whose matter a diagnostic is: that of the owner of its file; manifests, and what has no place, are the
/// platform's. `None` for the configuration, which is everybody's.
fn owner_of<'a>(diagnostic: &Diagnostic, project: &'a Project) -> Option<&'a str> {
    let Some(place) = diagnostic.primary() else { return Some("platform") };
    if place.file == project.file {
        return None;
    }
    // Files are read in this order, so their ids rise.
    let index = project.flows.binary_search_by_key(&place.file, |(_, file)| *file).ok();
    Some(match index.and_then(|index| project.flows.get(index)) {
        Some((FileOwner::Application(name), _)) => name,
        Some((FileOwner::Platform, _)) | None => "platform",
    })
}

fn concerns(diagnostic: &Diagnostic, project: &Project, owner: &str) -> bool {
    owner_of(diagnostic, project).is_none_or(|it| it == owner)
}

/// Gives a lint its configured level; `false` where it is switched off, or where it is about an owner who is
/// not written here.
fn keep(
    diagnostic: &mut Diagnostic,
    project: &Project,
    settings: &Settings,
    write: Option<&[Box<str>]>,
) -> bool {
    if !diagnostic.code.lint {
        return true;
    }
    if !settings.lints.apply(diagnostic) {
        return false;
    }
    write.is_none_or(|names| names.iter().any(|name| concerns(diagnostic, project, name)))
}

/// A diagnostic for owners whose files would be one.
fn one_output(
    config: &Config,
    program: &Program,
    write: Option<&[Box<str>]>,
) -> Option<Diagnostic> {
    let mut paths: BTreeMap<String, &str> = BTreeMap::new();
    for owner in program.owners() {
        if write.is_some_and(|names| names.iter().all(|name| **name != *owner)) {
            continue;
        }
        let path = config.output.path(owner);
        if let Some(other) = paths.insert(path.to_lowercase(), owner) {
            let message = format!("the policies of {other} and {owner} would be one file");
            let diagnostic = Diagnostic::new(&ONE_OUTPUT, message);
            let diagnostic = match config.output_span {
                Some(span) => diagnostic.label(span, format!("`{path}` for {owner}")),
                None => diagnostic,
            };
            return Some(
                diagnostic.help("write  output = \"{owner}/network-policies/policies.yaml\"\nor name in `write` the one owner whose policies are built here"),
            );
        }
    }
    None
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

/// A diagnostic for each of `names` that is not in `known`.
fn unknown<'a, I: Iterator<Item = &'a str>>(
    names: &[Spanned<Box<str>>],
    known: impl Fn() -> I,
) -> Vec<Diagnostic> {
    let unknown = names.iter().filter(|name| !known().any(|it| it == &*name.value));
    unknown
        .map(|name| {
            let message = format!("there is no application `{}`", name.value);
            let label = match nearest(&name.value, known()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "no Namespace manifest declares it".to_owned(),
            };
            Diagnostic::new(&UNKNOWN_OWNER, message).label(name.span, label)
        })
        .collect()
}

/// Today in UTC.
pub(crate) fn today() -> Date {
    TimeZone::UTC.to_datetime(Timestamp::now()).date()
}
