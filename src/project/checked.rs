//! A project checked: its texts parsed, each once, what they mean together, and everything that is wrong.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::config::Config;
use super::load::Project;
use crate::Parsed;
use crate::check::FileOwner;
use crate::diagnostic::codes::project::{ONE_OUTPUT, UNKNOWN_OWNER};
use crate::diagnostic::nearest::nearest;
use crate::diagnostic::{Diagnostic, Level};
use crate::program::{Program, Settings};
use crate::source::{FileId, Spanned};

/// A project checked.
#[derive(Debug)]
pub struct Checked {
    /// The project. It has no configuration any more where that is broken.
    pub project: Project,
    /// Its texts, parsed; `None` where the configuration cannot be read.
    pub parsed: Option<Parsed>,
    /// What its lines mean; `None` where the configuration cannot be read. It is not to be compiled where a diagnostic is an
    /// error.
    pub program: Option<Program>,
    /// Everything that is wrong, at the levels that the configuration gives lints.
    pub diagnostics: Vec<Diagnostic>,
    /// Whether every manifest could be read, so that an application which is not in the program is not declared.
    pub applications_known: bool,
}

impl Project {
    /// Checks it on the day `today` in UTC; with `drop_expired` flows whose last day has passed are left out and reported.
    pub fn check(mut self, today: Date, drop_expired: bool) -> Checked {
        let mut diagnostics = std::mem::take(&mut self.diagnostics);
        let broken = diagnostics.iter().any(is_error);
        let config = self.config.take().filter(|_| !broken);
        let Some(config) = config else {
            let (parsed, program) = (None, None);
            let applications_known = false;
            return Checked { project: self, parsed, program, diagnostics, applications_known };
        };
        let write: Option<Vec<Box<str>>> =
            config.write.as_ref().map(|names| names.iter().map(|it| it.value.clone()).collect());
        let input = crate::Input {
            sources: &self.sources,
            manifests: &self.manifests,
            flows: &self.flows,
            settings: &config.settings,
            write: write.as_deref(),
            partial: config.is_partial(),
            today,
            drop_expired,
        };
        let (parsed, program, found) = crate::checked(&input);
        // Where a manifest cannot be read, an application that seems unknown may be in it.
        let applications_known =
            !found.iter().any(|it| is_error(it) && in_files(it, &self.manifests));
        if applications_known {
            let applications = || program.applications.iter().map(|(_, it)| &*it.name);
            let written = config.write.as_deref().unwrap_or_default();
            let owners = || std::iter::once("platform").chain(applications());
            diagnostics.extend(unknown(written, owners));
            diagnostics.extend(unknown(&config.deny, applications));
        }
        diagnostics.extend(one_output(&config, &program, write.as_deref()));
        let broken = diagnostics.iter().any(is_error);
        diagnostics.extend(found);
        diagnostics.retain_mut(|it| keep(it, &self, &config.settings, write.as_deref()));
        self.config = (!broken).then_some(config);
        let (parsed, program) = (Some(parsed), Some(program));
        Checked { project: self, parsed, program, diagnostics, applications_known }
    }

    /// Whether `diagnostic` is the business of `owner`: it is about a file of theirs, or about the configuration.
    pub fn concerns(&self, diagnostic: &Diagnostic, owner: &str) -> bool {
        owner_of(diagnostic, self).is_none_or(|it| it == owner)
    }
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
    write.is_none_or(|names| names.iter().any(|name| project.concerns(diagnostic, name)))
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
