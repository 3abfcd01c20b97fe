//! `eastwest init`: the first day of a project. What it writes closes nothing, and what is there it leaves alone.

mod labels;
mod texts;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Component, Path, PathBuf};

use super::Status;
use super::args;
use super::args::Pipeline;
use super::console::Console;
use super::foreign;
use super::report::today;
use crate::check::FileOwner;
use crate::diagnostic::plural::plural;
use crate::diagnostic::visible::visible;
use crate::diagnostic::{Diagnostic, Level, text};
use crate::lock;
use crate::program::{Deny, Program, Settings};
use crate::project::config;
use crate::project::failure::Failure;
use crate::project::plan;
use crate::source::{FileId, Sources};
use crate::zones::{self, LabelKeys};

/// Where manifests from elsewhere are saved.
const SAVED: &str = "platform/landingzones/namespaces.yaml";
/// Where the platform's lines stand.
const PLATFORM: &str = "platform/network-policies/platform.flow";
/// So many names are listed.
const LISTED: usize = 8;

/// The manifests of a new project.
struct Manifests {
    /// The patterns that find them.
    globs: Vec<String>,
    /// Whether they come from elsewhere, and are saved.
    saved: bool,
    sources: Sources,
    files: Vec<FileId>,
}

/// Runs the command in the current folder.
pub(crate) fn run(arguments: &args::Init, console: &mut Console) -> Result<Status, Failure> {
    let root = std::env::current_dir()
        .map_err(|error| Failure::new(format!("cannot tell the current folder: {error}")))?;
    let mut manifests = Manifests::read(&root, &arguments.paths)?;
    let (keys, guessed) = manifests.keys();
    let (found, diagnostics) = zones::load(&manifests.sources, &manifests.files, &keys);
    let holding: BTreeSet<FileId> = found.namespaces.iter().map(|it| it.name.span.file).collect();
    // Without a word about where to look, what holds no namespace is nobody's concern here.
    let concerns = |it: &Diagnostic| {
        !arguments.paths.is_empty() || it.primary().is_some_and(|it| holding.contains(&it.file))
    };
    let errors = diagnostics.iter().filter(|it| it.level == Level::Error);
    let wrong: Vec<&Diagnostic> = errors.filter(|it| concerns(it)).collect();
    if !wrong.is_empty() {
        for diagnostic in wrong {
            console.err(&text::render(diagnostic, &manifests.sources, true));
            console.err("\n");
        }
        return Ok(Status::No);
    }
    if found.namespaces.is_empty() && !arguments.paths.is_empty() {
        return Err(Failure::new(
            "there are no namespaces in what was given, so nothing was written",
        )
        .help("give Namespace manifests, or pipe in  kubectl get ns -o yaml"));
    }
    let named = found.namespaces.iter().filter_map(|it| it.application.as_ref());
    if named.into_iter().any(|it| *it.value == *"platform") {
        return Err(Failure::called_platform());
    }
    if arguments.paths.is_empty() {
        let sources = &manifests.sources;
        let path = |file: &FileId| sources.path(*file).trim_start_matches("./").to_owned();
        manifests.globs = holding.iter().map(path).collect();
        manifests.files.retain(|file| holding.contains(file));
    }
    let settings =
        Settings { labels: keys, deny: Deny::Applications(Vec::new()), ..Settings::default() };
    let exempt = texts::exempt(&found, &settings.labels);
    let platform = texts::platform(&exempt);
    let program = manifests.program(&platform, &settings);
    let mut files = vec![
        (config::FILE, texts::config(&manifests.globs, &settings.labels)),
        (PLATFORM, platform),
        (lock::FILE, lock::text(&program, None)),
    ];
    if manifests.saved {
        files.push((SAVED, texts::manifests(&found)));
    }
    let pipeline = arguments.pipeline.or_else(|| pipeline_here(&root));
    files.extend(pipeline.and_then(texts::pipeline));
    for (path, _) in &files {
        if std::fs::symlink_metadata(root.join(path)).is_ok() {
            return Err(Failure::new(format!("`{path}` is there already, so nothing was written"))
                .help("a project begins once: go on with  eastwest check"));
        }
    }
    plan::write_texts(&root, &files)?;
    console.out(&summary(&files, &program, guessed.as_ref(), &exempt, pipeline));
    Ok(Status::Yes)
}

impl Manifests {
    fn read(root: &Path, paths: &[PathBuf]) -> Result<Self, Failure> {
        let mut sources = Sources::new();
        let here = [PathBuf::from(".")];
        let paths = if paths.is_empty() { &here[..] } else { paths };
        let files = match foreign::read(paths, &mut sources) {
            Err(_) if paths == here => Vec::new(),
            files => files?,
        };
        let inside: Option<Vec<String>> = paths.iter().map(|path| glob(root, path)).collect();
        let (globs, saved) = match inside {
            Some(globs) => (globs, false),
            None => (vec![SAVED.to_owned()], true),
        };
        Ok(Self { globs, saved, sources, files })
    }

    /// The keys of labels that make landing zones, and whether they had to be guessed.
    fn keys(&self) -> (LabelKeys, Option<LabelKeys>) {
        let usual = LabelKeys::default();
        let (found, _) = zones::load(&self.sources, &self.files, &usual);
        match labels::guess(&found, &usual) {
            Some(guess) => (guess.clone(), Some(guess)),
            None => (usual, None),
        }
    }

    /// What the project says on its first day.
    fn program(&mut self, platform: &str, settings: &Settings) -> Program {
        let file = self.sources.add(PLATFORM, platform);
        let (program, _) = crate::check(&crate::Input {
            sources: &self.sources,
            manifests: &self.files,
            flows: &[(FileOwner::Platform, file)],
            settings,
            write: None,
            partial: false,
            today: today(),
            drop_expired: false,
        });
        program
    }
}

/// The pattern for `path`, if it lies below `root`.
fn glob(root: &Path, path: &Path) -> Option<String> {
    if path == Path::new("-") {
        return None;
    }
    let whole = root.join(path).canonicalize().ok()?;
    let root = root.canonicalize().ok()?;
    let below = whole.strip_prefix(&root).ok()?;
    let mut parts = Vec::new();
    for part in below.components() {
        match part {
            Component::Normal(part) => parts.push(part.to_str()?),
            Component::CurDir => {}
            Component::Prefix(_) | Component::RootDir | Component::ParentDir => return None,
        }
    }
    if whole.is_dir() {
        parts.extend(["**", "*.{yaml,yml,json}"]);
    }
    let text = parts.join("/");
    // What a pattern cannot say is saved as if it came from elsewhere.
    let plain = !below.to_str()?.contains(['*', '?', '{', '}', '[', ']', '\\', '"', '\'']);
    plain.then_some(text)
}

/// The platform whose files are here.
fn pipeline_here(root: &Path) -> Option<Pipeline> {
    let there = |path: &str| root.join(path).exists();
    [
        (".github", Pipeline::Github),
        (".gitlab-ci.yml", Pipeline::Gitlab),
        (".gitlab", Pipeline::Gitlab),
        ("azure-pipelines.yml", Pipeline::Azure),
    ]
    .into_iter()
    .find(|(path, _)| there(path))
    .map(|(_, pipeline)| pipeline)
}

/// What was written, what it means, and what comes next.
fn summary(
    files: &[(&str, String)],
    program: &Program,
    guessed: Option<&LabelKeys>,
    exempt: &[String],
    pipeline: Option<Pipeline>,
) -> String {
    let mut out = String::new();
    for (index, (path, _)) in files.iter().enumerate() {
        let word = if index == 0 { "written" } else { "" };
        let _ = writeln!(out, "{word:<12}{path}");
    }
    let zones = plural(program.applications.len(), "landing zone");
    let namespaces = plural(program.namespaces.len(), "namespace");
    let _ = writeln!(
        out,
        "{:<12}{zones}, {namespaces}; nothing is closed yet: deny = \"none\"",
        "found"
    );
    if let Some(keys) = guessed {
        let (application, zone) = (&keys.application, &keys.zone);
        let _ = writeln!(
            out,
            "{:<12}landing zones by the labels `{}` and `{}`, which are what the namespaces have: see [labels]",
            "guessed",
            visible(application),
            visible(zone)
        );
    }
    let unlabelled: Vec<&str> = program
        .namespaces
        .iter()
        .filter(|(_, it)| it.application.is_none() && !exempt.iter().any(|name| **name == *it.name))
        .map(|(_, it)| &*it.name)
        .collect();
    if !unlabelled.is_empty() {
        let shown = unlabelled.get(..LISTED).unwrap_or(&unlabelled).join(", ");
        let more = unlabelled.len().saturating_sub(LISTED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let key = &program.settings.labels.application;
        let _ = writeln!(
            out,
            "{:<12}{shown}{more}: in no landing zone until they bear the label `{}`",
            "unlabelled",
            visible(key)
        );
    }
    let mut next = vec![
        "eastwest audit PATH…                  what is wrong with the policies that are there",
        "eastwest import PATH… -o DIR          the same policies as flow lines, to start from",
        "eastwest lock                         after each line that crosses a boundary, and each file that closes an application",
        "eastwest check && eastwest build      after each line; the first file of an application closes that application",
        "eastwest diff dump.yaml .             what the cluster would lose and gain",
        "deny = \"landing-zones\", then \"all\"    in eastwest.toml, when every application has its file",
    ];
    if pipeline.is_none() {
        next.push("--pipeline github|gitlab|azure        writes a pipeline as well, in a folder without these files");
    }
    for (index, line) in next.into_iter().enumerate() {
        let word = if index == 0 { "next" } else { "" };
        let _ = writeln!(out, "{word:<12}{line}");
    }
    out
}
