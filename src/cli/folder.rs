//! Where the files of a project come from: its folder on disk, or the tree of a git revision.

use std::path::{Path, PathBuf};

use super::failure::Failure;
use super::files;
use super::git::Tree;
use super::glob::Glob;

/// The files of a project.
#[derive(Debug)]
pub(crate) enum Folder {
    /// On disk.
    Disk(PathBuf),
    /// In a revision.
    Revision(Tree),
}

impl Folder {
    /// Every file that some of `globs` matches: its path from the project's folder, sorted.
    pub(crate) fn find(&self, globs: &[&Glob]) -> Result<Vec<String>, Failure> {
        match self {
            Self::Disk(root) => files::find(root, globs),
            Self::Revision(tree) => {
                let matches = |path: &str| globs.iter().any(|glob| glob.find(path).is_some());
                tree.find(matches)
            }
        }
    }

    /// The text of the file at `path`.
    pub(crate) fn text(&self, path: &str) -> Result<String, Failure> {
        match self {
            Self::Disk(root) => files::text(root, path),
            Self::Revision(tree) => match tree.text(path)? {
                Some(text) => Ok(text),
                None => Err(tree.no_file(path)),
            },
        }
    }

    /// The text of the file at `path`, if there is one.
    pub(crate) fn text_if_there(&self, path: &str) -> Result<Option<String>, Failure> {
        match self {
            Self::Disk(root) => files::text_if_there(root, path),
            Self::Revision(tree) => tree.text(path),
        }
    }
}

impl From<&Path> for Folder {
    fn from(root: &Path) -> Self {
        Self::Disk(root.to_path_buf())
    }
}
