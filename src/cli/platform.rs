//! Diagnostics printed for the platforms on which people review code, with paths as those know them: from the root of the
//! repository.

use std::path::{Component, Path, PathBuf};

use super::args::FindingsPlatform;
use super::baseline::Baseline;
use super::console::Console;
use crate::diagnostic::{Diagnostic, github, gitlab, sarif, short};
use crate::project::git;
use crate::source::Sources;

/// What is told of.
pub(crate) struct Findings<'a> {
    /// Everything found, in order.
    pub(crate) diagnostics: &'a [Diagnostic],
    /// What they are about.
    pub(crate) sources: &'a Sources,
    /// The folder in which the paths of the sources begin.
    pub(crate) folder: &'a Path,
    /// What was known before. A log has all findings and says which are known; the others have the new ones alone.
    pub(crate) baseline: Option<&'a Baseline>,
}

impl Findings<'_> {
    /// Prints them to standard output, as `platform` reads them.
    pub(crate) fn print(&self, platform: FindingsPlatform, console: &mut Console) {
        if platform == FindingsPlatform::Short {
            // From where one stands, to be opened there.
            let sources = &self.sources.renamed(|path| self.as_seen_here(path));
            return console.out(&short::render(&self.new_ones(), sources));
        }
        let root = ReportRepository::around(self.folder);
        let sources = &self.sources.renamed(|path| root.path(path));
        match platform {
            FindingsPlatform::Sarif => {
                let known = self.baseline.map(|it| move |print: &str| it.knows(print));
                let known = known.as_ref().map(|it| it as &dyn Fn(&str) -> bool);
                let log = sarif::view(self.diagnostics, sources, known);
                console.json(&log);
                if log.left_out() > 0 {
                    let left_out = log.left_out();
                    console.err(&format!(
                        "left out  {left_out}, the least severe: GitHub takes no more in one log\n"
                    ));
                }
            }
            FindingsPlatform::Github => {
                console.commands(&github::render(&self.new_ones(), sources));
            }
            FindingsPlatform::Short => {}
            FindingsPlatform::Gitlab => console.json(&gitlab::view(&self.new_ones(), sources)),
        }
    }

    fn as_seen_here(&self, path: &str) -> String {
        let whole = self.folder.join(path);
        let here = std::env::current_dir().unwrap_or_default();
        let shown = whole.strip_prefix(&here).unwrap_or(&whole);
        let plain = shown.components().filter(|it| *it != Component::CurDir);
        plain.collect::<PathBuf>().to_string_lossy().replace('\\', "/")
    }

    fn new_ones(&self) -> Vec<Diagnostic> {
        let all = self.diagnostics.to_vec();
        match self.baseline {
            Some(baseline) => baseline.split(all, self.sources).new,
            None => all,
        }
    }
}

/// The repository in which the files lie.
struct ReportRepository {
    /// The folder in which paths begin that are not whole.
    folder: PathBuf,
    root: PathBuf,
}

impl ReportRepository {
    /// The one around `folder`. Where there is none, paths are told from the current folder, or else as they are.
    fn around(folder: &Path) -> Self {
        let here = std::env::current_dir().and_then(|it| it.canonicalize()).unwrap_or_default();
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
        let root = match git::checkout(&folder) {
            Some(root) => root.to_path_buf(),
            None if folder.starts_with(&here) => here,
            None => folder.clone(),
        };
        Self { folder, root }
    }

    /// `path` from the root of the repository; whole where it lies outside.
    fn path(&self, path: &str) -> String {
        let mut whole = PathBuf::new();
        for part in self.folder.join(path).components() {
            match part {
                Component::CurDir => {}
                Component::ParentDir => {
                    whole.pop();
                }
                Component::Prefix(_) | Component::RootDir | Component::Normal(_) => {
                    whole.push(part);
                }
            }
        }
        let shown = whole.strip_prefix(&self.root).unwrap_or(&whole);
        shown.to_string_lossy().replace('\\', "/")
    }
}
