//! Projects in memory for tests: namespaces, flow files for each owner and settings go in, the program and
//! everything said about it come out.
#![allow(dead_code, reason = "each subject uses what it needs of the builder")]

use eastwest::check::{CheckInput, FileOwner, check};
use eastwest::diagnostic::{Diagnostic, Level};
use eastwest::program::{Program, Settings};
use eastwest::source::{FileId, Sources};
use eastwest::syntax;
use eastwest::zones;
use jiff::civil::Date;

/// A project under construction: no namespaces, no files, default settings, on 22 November 2026.
#[derive(Debug)]
pub(crate) struct Project {
    manifest: String,
    files: Vec<(FileOwner, String)>,
    platform: bool,
    settings: Settings,
    write: Option<Vec<Box<str>>>,
    today: Date,
    drop_expired: bool,
}

/// A project checked.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) sources: Sources,
    pub(crate) program: Program,
    /// Of the parser and of the checker, in this order.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// A project with nothing in it.
pub(crate) fn project() -> Project {
    Project {
        manifest: String::new(),
        files: Vec::new(),
        platform: false,
        settings: Settings::default(),
        write: None,
        today: Date::constant(2026, 11, 22),
        drop_expired: false,
    }
}

/// The two applications of the sample cluster: `application1` with the zone `api` in one of its two namespaces,
/// `application2` with `frontend`, `backend` and `data`.
pub(crate) fn sample() -> Project {
    project()
        .namespace("application1-ns1", "application1", "api")
        .namespace("application1-ns2", "application1", "")
        .namespace("application2-ns1", "application2", "frontend")
        .namespace("application2-ns2", "application2", "backend")
        .namespace("application2-ns3", "application2", "data")
}

impl Project {
    /// Declares the namespace `name` of `application`, in `zone`; empty for a label that it does not have.
    pub(crate) fn namespace(mut self, name: &str, application: &str, zone: &str) -> Self {
        let document = format!("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {name}\n");
        self.manifest.push_str("---\n");
        self.manifest.push_str(&document);
        let labels = [("applicationcode", application), ("zone", zone)];
        let labels: Vec<_> = labels.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        if !labels.is_empty() {
            self.manifest.push_str("  labels:\n");
        }
        for (key, value) in labels {
            self.manifest.extend(["    ", key, ": \"", value, "\"\n"]);
        }
        self
    }

    /// Adds manifests as they are.
    pub(crate) fn manifest(mut self, text: &str) -> Self {
        self.manifest.push_str("---\n");
        self.manifest.push_str(text);
        self
    }

    /// Adds a file of the platform.
    pub(crate) fn platform(mut self, text: &str) -> Self {
        self.platform = true;
        self.files.push((FileOwner::Platform, text.to_owned()));
        self
    }

    /// Adds a file of `application`.
    pub(crate) fn file(mut self, application: &str, text: &str) -> Self {
        self.files.push((FileOwner::Application(application.into()), text.to_owned()));
        self
    }

    /// Changes the settings.
    pub(crate) fn settings(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        self
    }

    /// Only these owners' files are written.
    pub(crate) fn write(mut self, owners: &[&str]) -> Self {
        self.write = Some(owners.iter().map(|owner| (*owner).into()).collect());
        self
    }

    /// Another day than 22 November 2026.
    pub(crate) fn today(mut self, date: &str) -> Self {
        self.today = date.parse().unwrap();
        self
    }

    /// Leaves expired flows out.
    pub(crate) fn drop_expired(mut self) -> Self {
        self.drop_expired = true;
        self
    }

    /// Reads and checks all of it.
    pub(crate) fn check(self) -> Checked {
        let mut sources = Sources::new();
        let mut diagnostics = Vec::new();
        let texts = self.files.into_iter().enumerate();
        let files: Vec<(FileOwner, FileId)> = texts
            .map(|(index, (owner, text))| {
                let name = match &owner {
                    FileOwner::Platform => "platform",
                    FileOwner::Application(name) => name,
                };
                let path = format!("{name}/{}.flow", index + 1);
                (owner, sources.add(path, text))
            })
            .collect();
        let manifest = sources.add("zones.yaml", self.manifest);
        let (zones, said) = zones::load(&sources, &[manifest], &self.settings.labels);
        diagnostics.extend(said);
        let read = files.into_iter().map(|(owner, file)| {
            let (tree, said) = syntax::parse(&sources, file);
            diagnostics.extend(said);
            (owner, tree)
        });
        let files: Vec<_> = read.collect();
        let (program, said) = check(&CheckInput {
            files: &files,
            platform: self.platform,
            zones: &zones,
            settings: &self.settings,
            write: self.write.as_deref(),
            partial: false,
            today: self.today,
            drop_expired: self.drop_expired,
        });
        diagnostics.extend(said);
        Checked { sources, program, diagnostics }
    }

    /// The program, of a project without errors.
    pub(crate) fn program(self) -> Program {
        let checked = self.check();
        let errors = checked.said(Level::Error);
        assert!(errors.is_empty(), "{}", errors.join("\n"));
        checked.program
    }
}

impl Checked {
    /// The codes of everything said, in order.
    pub(crate) fn codes(&self) -> Vec<&'static str> {
        self.diagnostics.iter().map(|it| it.code.code).collect()
    }

    /// What was said at `level`, as people see it.
    pub(crate) fn said(&self, level: Level) -> Vec<String> {
        let of_level = self.diagnostics.iter().filter(|it| it.level == level);
        of_level.map(|it| eastwest::diagnostic::text::render(it, &self.sources, false)).collect()
    }
}
