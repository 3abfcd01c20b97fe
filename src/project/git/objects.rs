//! The objects of a repository, read by their full names: commits, folders, files.
//!
//! They are read through a repository of our own, which has no configuration, no refs and no objects, and is told where those
//! of the other lie. So nothing that stands in the other one's configuration is read, least of all a remote to ask for what is
//! missing.

use std::fs;
use std::io::{self, BufRead as _, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::program::{Git, GitAnswer, Talk, ask};
use super::repository::Repository;
use crate::project::failure::Failure;

/// The objects of a repository.
#[derive(Debug)]
pub(crate) struct Objects {
    git: Git,
    /// Where they lie.
    place: PathBuf,
    talk: Talk,
    /// The repository of our own, in `git`, and an empty work tree, in `tree`.
    scratch: TempDir,
}

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ObjectKind {
    Commit,
    Tag,
    Folder,
    File,
}

/// What an object holds.
pub(crate) enum HeldObject {
    /// All of it.
    Bytes(ObjectKind, Vec<u8>),
    /// Nothing: it is not here.
    Missing,
    /// More than was asked for.
    TooLarge,
}

impl Objects {
    /// Those of `repository`, read by `git`.
    pub(crate) fn open(git: Git, repository: &Repository) -> Result<Self, Failure> {
        let mut command = git.command(&repository.own, &repository.own);
        command.args(["rev-parse", "--show-object-format"]);
        let answer = ask(command)?;
        if !answer.good {
            let shown = repository.own.display();
            return Err(Failure::new(format!("git cannot read the repository `{shown}`"))
                .help(format!("git says: {}", answer.complaint)));
        }
        let place = repository.shared.join("objects");
        let scratch = scratch(answer.text.trim() == "sha256")
            .map_err(|error| Failure::writing(&std::env::temp_dir(), &error))?;
        let mut command = reader(&git, &place, scratch.path());
        command.args(["cat-file", "--batch"]);
        let talk = Talk::begin(command)?;
        Ok(Self { git, place, talk, scratch })
    }

    /// What git answers in the repository of our own, whose work tree is in [`Self::tree`].
    pub(super) fn command(&self) -> Command {
        reader(&self.git, &self.place, self.scratch.path())
    }

    /// The folder of the work tree of our own.
    pub(super) fn tree(&self) -> PathBuf {
        self.scratch.path().join("tree")
    }

    /// The repository of our own.
    pub(super) fn own(&self) -> PathBuf {
        self.scratch.path().join("git")
    }

    /// What git says in `repository` itself, which is asked for its refs alone.
    pub(super) fn ask(
        &self,
        repository: &Repository,
        words: &[&str],
    ) -> Result<GitAnswer, Failure> {
        let mut command = self.git.command(&repository.own, &repository.own);
        command.args(words);
        ask(command)
    }

    /// What the object `id` holds, up to `limit` bytes.
    pub(crate) fn read(&mut self, id: &str, limit: u64) -> Result<HeldObject, Failure> {
        let broken = || {
            Failure::new(format!("git cannot read the object {id}"))
                .help("the repository is broken: see  git fsck")
        };
        self.answer(id, limit).map_err(|_| broken())?.ok_or_else(broken)
    }

    /// `None` for an answer that is none of git's.
    fn answer(&mut self, id: &str, limit: u64) -> io::Result<Option<HeldObject>> {
        let Talk { input, output, .. } = &mut self.talk;
        writeln!(input, "{id}")?;
        input.flush()?;
        let mut header = String::new();
        output.by_ref().take(256).read_line(&mut header)?;
        let mut words = header.trim_end().split(' ');
        if words.next() != Some(id) {
            return Ok(None);
        }
        let kind = match words.next() {
            Some("commit") => ObjectKind::Commit,
            Some("tag") => ObjectKind::Tag,
            Some("tree") => ObjectKind::Folder,
            Some("blob") => ObjectKind::File,
            Some("missing") => return Ok(Some(HeldObject::Missing)),
            Some(_) | None => return Ok(None),
        };
        let Some(size) = words.next().and_then(|it| it.parse::<u64>().ok()) else {
            return Ok(None);
        };
        if size > limit {
            // What follows is never read, so nothing more can be asked.
            self.talk.end();
            return Ok(Some(HeldObject::TooLarge));
        }
        let mut bytes = Vec::new();
        output.by_ref().take(size).read_to_end(&mut bytes)?;
        output.read_exact(&mut [0])?;
        Ok((bytes.len() as u64 == size).then_some(HeldObject::Bytes(kind, bytes)))
    }
}

fn reader(git: &Git, place: &Path, scratch: &Path) -> Command {
    let tree = scratch.join("tree");
    let mut command = git.command(&scratch.join("git"), &tree);
    command.arg("--work-tree").arg(&tree).env("GIT_OBJECT_DIRECTORY", place);
    command
}

/// An empty repository, with names of objects as the other one has them, and an empty work tree.
fn scratch(sha256: bool) -> io::Result<TempDir> {
    let scratch = tempfile::Builder::new().prefix("eastwest-").tempdir()?;
    let git = scratch.path().join("git");
    for folder in ["objects", "refs", "info"] {
        fs::create_dir_all(git.join(folder))?;
    }
    fs::create_dir(scratch.path().join("tree"))?;
    fs::write(git.join("HEAD"), "ref: refs/heads/none\n")?;
    let names = "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectFormat = sha256\n";
    let config = if sha256 { names } else { "[core]\n\trepositoryformatversion = 0\n" };
    fs::write(git.join("config"), config)?;
    Ok(scratch)
}
