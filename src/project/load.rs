//! A project read from disk: its configuration, and the texts that the configuration's patterns find, each
//! with its owner.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::bundle;
use super::config::{self, Config, FlowGlob, Pattern, Platform};
use super::failure::Failure;
use super::folder::Folder;
use crate::check::FileOwner;
use crate::diagnostic::codes::project::{
    NAMED_PLATFORM, NO_FLOW_FILES, NOTHING_MATCHES, TWO_APPLICATIONS,
};
use crate::diagnostic::{Diagnostic, Level};
use crate::program::Settings;
use crate::source::{FileId, Sources, Span, Spanned};

/// Where a project is.
#[derive(Debug)]
pub struct ProjectPlace {
    /// The project's folder.
    pub root: PathBuf,
    /// The name of its configuration file.
    pub config: String,
}

/// A project as read.
#[derive(Debug)]
pub struct Project {
    /// The project's folder.
    pub root: PathBuf,
    /// Where its files are read.
    pub folder: Folder,
    /// The configuration file.
    pub file: FileId,
    /// Every text.
    pub sources: Sources,
    /// The configuration; `None` where it has errors.
    pub config: Option<Config>,
    /// Namespace manifests.
    pub manifests: Vec<FileId>,
    /// Flow files.
    pub flows: Vec<(FileOwner, FileId)>,
    /// The hash of the bundle, if there is one.
    pub bundle: Option<String>,
    /// What is wrong with the configuration. An error here is a broken configuration.
    pub diagnostics: Vec<Diagnostic>,
}

impl Project {
    /// Whether the configuration cannot be used.
    pub fn is_broken(&self) -> bool {
        self.diagnostics.iter().any(|it| it.level == Level::Error) || self.config.is_none()
    }
}

/// Finds the project: in `folder` if given, or the nearest one upward from `here`.
pub fn locate(
    here: &Path,
    folder: Option<&Path>,
    config: Option<&Path>,
) -> Result<ProjectPlace, Failure> {
    let name = config.unwrap_or(Path::new(config::FILE));
    let candidates: Vec<PathBuf> = match folder {
        Some(folder) => vec![here.join(folder)],
        None => here.ancestors().map(Path::to_path_buf).collect(),
    };
    let found = candidates.iter().map(|folder| folder.join(name)).find(|path| path.is_file());
    let Some(path) = found else {
        let shown = name.display();
        if let Some(folder) = folder.filter(|folder| here.join(folder).join(name).exists()) {
            let path = folder.join(name);
            return Err(Failure::new(format!("`{}` is not a file", path.display())));
        }
        return Err(match folder {
            Some(folder) => {
                Failure::new(format!("there is no `{shown}` in `{}`", folder.display()))
            }
            None => Failure::new(format!("there is no `{shown}` here or in a folder above")),
        }
        .help("name the project's folder, as in  eastwest check path/to/project"));
    };
    let parts = path.parent().zip(path.file_name().and_then(|name| name.to_str()));
    let Some((root, file)) = parts else {
        return Err(Failure::new(format!(
            "`{}` is not a file name that can be used",
            path.display()
        )));
    };
    if let Some(folder) = folder.filter(|folder| here.join(folder) != *root) {
        return Err(Failure::new(format!(
            "`{}` does not lie in the project's folder `{}`",
            name.display(),
            folder.display()
        )));
    }
    Ok(ProjectPlace { root: root.to_path_buf(), config: file.to_owned() })
}

/// Reads the project at `place` from disk.
pub fn load(place: &ProjectPlace) -> Result<Project, Failure> {
    load_from(place, Folder::from(&*place.root))
}

/// Reads the project at `place` from `folder`.
pub fn load_from(place: &ProjectPlace, folder: Folder) -> Result<Project, Failure> {
    let mut sources = Sources::new();
    let text = folder.text(&place.config)?;
    let file = sources.add(&place.config, text);
    let (config, diagnostics) = config::read(&sources, file);
    let mut project = Project {
        root: place.root.clone(),
        folder,
        file,
        sources,
        config,
        manifests: Vec::new(),
        flows: Vec::new(),
        bundle: None,
        diagnostics,
    };
    if !project.is_broken()
        && let Some(mut config) = project.config.take()
    {
        project.read_platform(&mut config)?;
        project.read_flows(&config)?;
        project.config = Some(config);
    }
    project.diagnostics.sort_by_key(Diagnostic::primary);
    Ok(project)
}

impl Project {
    fn read_platform(&mut self, config: &mut Config) -> Result<(), Failure> {
        match &config.platform {
            Platform::Bundle(folder) => {
                let folder = folder.clone();
                self.read_bundle(config, &folder)
            }
            Platform::Files { zones, flows } => {
                for (patterns, key) in [(zones, "zones"), (flows, "platform")] {
                    for path in self.matches(patterns, key)? {
                        let id = self.add(&path)?;
                        match key {
                            "zones" => self.manifests.push(id),
                            _ => self.flows.push((FileOwner::Platform, id)),
                        }
                    }
                }
                Ok(())
            }
        }
    }

    /// Reads the bundle in `place`, and its settings into `config`.
    fn read_bundle(
        &mut self,
        config: &mut Config,
        place: &Spanned<Box<str>>,
    ) -> Result<(), Failure> {
        let bundle = match bundle::open(&self.folder, place)? {
            Ok(bundle) => bundle,
            Err(wrong) => {
                self.diagnostics.push(wrong);
                return Ok(());
            }
        };
        self.bundle = Some(bundle.hash);
        for (name, path, text) in bundle.texts {
            let id = self.sources.add(path, text);
            match name {
                bundle::ZONES => self.manifests.push(id),
                bundle::FLOWS => self.flows.push((FileOwner::Platform, id)),
                _ => {
                    let (sections, diagnostics) = config::read_bundle(&self.sources, id);
                    let lints = std::mem::take(&mut config.settings.lints);
                    config.settings = Settings { lints, ..sections.settings };
                    config.cluster = sections.cluster;
                    config.deny = sections.deny;
                    self.diagnostics.extend(diagnostics);
                }
            }
        }
        Ok(())
    }

    /// The files that `patterns` match. A pattern that matches none is an error.
    fn matches(&mut self, patterns: &[Pattern], key: &str) -> Result<Vec<String>, Failure> {
        let mut all = BTreeSet::new();
        for pattern in patterns {
            let found = self.folder.find(&pattern.globs.iter().collect::<Vec<_>>())?;
            if found.is_empty() {
                let message = format!("`{}` matches no file", self.written(pattern));
                self.diagnostics.push(
                    Diagnostic::new(&NOTHING_MATCHES, message)
                        .label(pattern.span, "no such file in the project's folder")
                        .help(format!("where there are none, write  {key} = []")),
                );
            }
            all.extend(found);
        }
        Ok(all.into_iter().collect())
    }

    /// A pattern as it is written, without its quotes.
    fn written(&self, pattern: &Pattern) -> String {
        self.sources.text(pattern.span).trim_matches(['"', '\'']).to_owned()
    }

    /// Reads the file at `path` from the project's folder.
    pub fn add(&mut self, path: &str) -> Result<FileId, Failure> {
        let text = self.folder.text(path)?;
        Ok(self.sources.add(path, text))
    }

    fn read_flows(&mut self, config: &Config) -> Result<(), Failure> {
        let platform: BTreeSet<String> =
            self.flows.iter().map(|(_, id)| self.sources.path(*id).to_owned()).collect();
        // Each file with its owner and the pattern that gives it to them.
        let mut owners: BTreeMap<String, (String, Span)> = BTreeMap::new();
        for glob in &config.flows {
            let found = self.folder.find(&glob.pattern.globs.iter().collect::<Vec<_>>())?;
            if found.is_empty() {
                self.no_flow_files(glob);
            }
            for path in found.into_iter().filter(|path| !platform.contains(path)) {
                let Some(owner) = owner(glob, &path) else { continue };
                if owner.eq_ignore_ascii_case("platform") {
                    self.named_platform(glob, &path);
                }
                match owners.get(&path) {
                    Some((other, span)) if *other != owner => {
                        let (other, span) = (other.clone(), *span);
                        self.two_applications(&path, [(&other, span), (&owner, glob.pattern.span)]);
                    }
                    Some(_) => {}
                    None => {
                        owners.insert(path, (owner, glob.pattern.span));
                    }
                }
            }
        }
        for (path, (owner, _)) in owners {
            let id = self.add(&path)?;
            self.flows.push((FileOwner::Application(owner.into()), id));
        }
        Ok(())
    }

    fn no_flow_files(&mut self, glob: &FlowGlob) {
        let message = format!("`{}` matches no file", self.written(&glob.pattern));
        self.diagnostics.push(
            Diagnostic::new(&NO_FLOW_FILES, message)
                .label(glob.pattern.span, "no flow file in the project's folder"),
        );
    }

    fn named_platform(&mut self, glob: &FlowGlob, path: &str) {
        let message = format!("`{path}` would belong to an application named `platform`");
        self.diagnostics.push(
            Diagnostic::new(&NAMED_PLATFORM, message)
                .label(glob.pattern.span, "this pattern matches it")
                .help(format!("if the file is the platform's, write  platform = [\"{path}\"]")),
        );
    }

    fn two_applications(&mut self, path: &str, owners: [(&str, Span); 2]) {
        let [(first, first_span), (second, second_span)] = owners;
        let message = format!("`{path}` would belong to {first} and to {second}");
        self.diagnostics.push(
            Diagnostic::new(&TWO_APPLICATIONS, message)
                .label(second_span, format!("gives it to {second}"))
                .label(first_span, format!("gives it to {first}"))
                .help("let each file match for one application only"),
        );
    }
}

/// The application that `glob` gives `path` to.
fn owner(glob: &FlowGlob, path: &str) -> Option<String> {
    match &glob.owner {
        Some(owner) => Some(owner.to_string()),
        None => glob.pattern.globs.iter().find_map(|glob| glob.find(path))?.name,
    }
}
