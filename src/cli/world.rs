//! Worlds as options name them: a project, or Calico YAML that anybody wrote, read and ready to be asked about.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::args::{Common, Foreign};
use super::console::Console;
use super::foreign;
use super::report::{ProjectReport, today};
use super::unread;
use crate::calico::Release;
use crate::diagnostic::{Diagnostic, Level, short, text};
use crate::program::{Program, Settings};
use crate::project::config::Config;
use crate::project::failure::Failure;
use crate::project::settings;
use crate::source::Sources;
use crate::world::World;
use crate::zones::Zones;
use crate::{Parsed, check, cluster};

/// A world, and what it was read from.
pub(crate) struct Read {
    /// The world.
    pub(crate) world: World,
    /// What a cluster would not take as it is written; nothing of a project, which says such things itself.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The declared namespaces, and of a project its lines.
    pub(crate) parsed: Parsed,
    /// Where the paths of its files begin.
    pub(crate) folder: PathBuf,
    /// The settings: of a project its own.
    pub(crate) settings: Settings,
    /// The owners whose policies a project writes.
    pub(crate) written: BTreeSet<String>,
}

impl Read {
    /// Reads the policies at `paths`, with the manifests and by the rules that `options` name, for `command`. `None` where something
    /// of that cannot be read at all, which is told: an answer must not rest on half of what was given.
    pub(crate) fn policies(
        paths: &[PathBuf],
        options: &Foreign,
        command: &str,
        console: &mut Console,
    ) -> Result<Option<Self>, Failure> {
        let read = Self::what_can_be(paths, options, command, console)?;
        let Some((read, unread)) = read else { return Ok(None) };
        for diagnostic in &unread {
            read.tell_one(diagnostic, console);
        }
        Ok(unread.is_empty().then_some(read))
    }

    /// The same with what can be read, and what is to be told of the rest.
    pub(crate) fn what_can_be(
        paths: &[PathBuf],
        options: &Foreign,
        command: &str,
        console: &mut Console,
    ) -> Result<Option<(Self, Vec<Diagnostic>)>, Failure> {
        let mut sources = Sources::new();
        // Without a current folder there is no configuration above it.
        let here = std::env::current_dir().unwrap_or_default();
        let (settings, broken) = settings::nearest(&mut sources, options.config.as_deref(), &here)?;
        if !broken.is_empty() {
            for diagnostic in &broken {
                tell(diagnostic, &sources, console);
            }
            return Ok(None);
        }
        let mut files = foreign::read(paths, &mut sources)?;
        files.extend(foreign::read(&options.zones, &mut sources)?);
        let (cluster, mut diagnostics) =
            cluster::load(&sources, &files, &settings.labels, options.release);
        let unread = unread::taken(&mut diagnostics, &sources, command);
        diagnostics.retain_mut(|it| settings.lints.apply(it));
        let parsed = Parsed { zones: cluster.zones.clone(), files: Vec::new() };
        let (program, _) = check::check(&to_check(&parsed, &settings, false));
        let release = options.release.unwrap_or(Release::NEWEST);
        let world = World::new(sources, cluster, program, release);
        let (folder, written) = (PathBuf::from("."), BTreeSet::new());
        Ok(Some((Self { world, diagnostics, parsed, folder, settings, written }, unread)))
    }

    /// Reads the project that `options` name, and compiles it without proving anything. `None` where it has errors, which
    /// are told.
    pub(crate) fn project(
        options: &Common,
        console: &mut Console,
    ) -> Result<Option<Self>, Failure> {
        Ok(Self::compiled(ProjectReport::read(options, false)?, options, console))
    }

    /// Compiles `judged` without proving anything. `None` where it has errors, which are told.
    pub(crate) fn compiled(
        mut judged: ProjectReport,
        options: &Common,
        console: &mut Console,
    ) -> Option<Self> {
        judged.diagnostics.retain(|it| it.level == Level::Error);
        let (Some(program), Some(config), true) =
            (judged.program.take(), judged.project.config.take(), judged.diagnostics.is_empty())
        else {
            judged.tell(console);
            return None;
        };
        let built = crate::compiled(&program, false);
        if !built.diagnostics.is_empty() {
            judged.add(built.diagnostics);
            judged.tell(console);
            return None;
        }
        let project = judged.project;
        let (parsed, _) = Parsed::new(&crate::Input {
            sources: &project.sources,
            manifests: &project.manifests,
            flows: &project.flows,
            settings: &config.settings,
            write: None,
            partial: false,
            today: options.as_of.unwrap_or_else(today),
            drop_expired: false,
        });
        let names: Vec<_> = built
            .files
            .iter()
            .map(|(owner, _)| (*owner, config.output.path(program.owner_name(*owner))))
            .collect();
        let path = |owner| {
            let found = names.iter().find(|(it, _)| *it == owner);
            found.map_or_else(String::new, |(_, path)| path.clone())
        };
        let written = written(&program, &config);
        let world = World::of_project(program, &built, path, project.sources);
        let (diagnostics, folder, settings) = (Vec::new(), project.root, config.settings);
        Some(Self { world, diagnostics, parsed, folder, settings, written })
    }

    /// The world of the lines of `judged` alone, without the policies that they come to. `None` where it has errors, or what
    /// could not be compiled, which is told.
    pub(crate) fn lines(mut judged: ProjectReport, console: &mut Console) -> Option<Self> {
        judged.diagnostics.retain(|it| it.level == Level::Error);
        if let (Some(program), true) = (&judged.program, judged.diagnostics.is_empty()) {
            let (_, mut limits) = crate::compile::compile(program, false);
            limits.retain(|it| it.level == Level::Error);
            judged.add(limits);
        }
        let (Some(program), Some(config), true) =
            (judged.program.take(), judged.project.config.take(), judged.diagnostics.is_empty())
        else {
            judged.tell(console);
            return None;
        };
        let project = judged.project;
        let written = written(&program, &config);
        let world = World::of_lines(program, project.sources);
        let parsed = Parsed { zones: Zones::default(), files: Vec::new() };
        let (diagnostics, folder, settings) = (Vec::new(), project.root, config.settings);
        Some(Self { world, diagnostics, parsed, folder, settings, written })
    }

    /// That there is something to `work` on: an empty answer of kubectl is no empty cluster.
    pub(crate) fn holds_something(&self, work: &str) -> Result<(), Failure> {
        let world = &self.world;
        let cluster = &world.cluster;
        let nothing = cluster.objects.is_empty()
            && cluster.hosts.is_empty()
            && world.program.namespaces.iter().next().is_none();
        if !nothing || !self.diagnostics.is_empty() {
            return Ok(());
        }
        Err(Failure::new(format!("there is nothing to {work}: no policy and no namespace was read"))
            .help("name the files or folders that hold the Calico policies, or `-` for what kubectl prints"))
    }

    /// Tells what a cluster would not take as it is written, notes apart.
    pub(crate) fn tell(&self, console: &mut Console) {
        for diagnostic in self.diagnostics.iter().filter(|it| it.level != Level::Note) {
            tell(diagnostic, &self.world.sources, console);
        }
    }

    /// The same in a line each.
    pub(crate) fn told_in_short(&self) -> Vec<String> {
        let told: Vec<_> =
            self.diagnostics.iter().filter(|it| it.level != Level::Note).cloned().collect();
        short::render(&told, &self.world.sources).lines().map(str::to_owned).collect()
    }

    /// Tells of `diagnostic`.
    fn tell_one(&self, diagnostic: &Diagnostic, console: &mut Console) {
        tell(diagnostic, &self.world.sources, console);
    }

    /// What the checker needs to know to find names.
    pub(crate) fn to_check(&self) -> check::CheckInput<'_> {
        to_check(&self.parsed, &self.settings, self.world.program.platform)
    }
}

/// The owners that have flow files, of those that `write` names.
fn written(program: &Program, config: &Config) -> BTreeSet<String> {
    let named = |owner: &&str| {
        config.write.as_ref().is_none_or(|names| names.iter().any(|it| *it.value == **owner))
    };
    program.owners().filter(named).map(str::to_owned).collect()
}

fn to_check<'a>(
    parsed: &'a Parsed,
    settings: &'a Settings,
    platform: bool,
) -> check::CheckInput<'a> {
    check::CheckInput {
        files: &parsed.files,
        platform,
        zones: &parsed.zones,
        settings,
        write: None,
        partial: false,
        today: today(),
        drop_expired: false,
    }
}

fn tell(diagnostic: &Diagnostic, sources: &Sources, console: &mut Console) {
    console.err(&text::render(diagnostic, sources, true));
    console.err("\n");
}
