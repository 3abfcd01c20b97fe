//! Every run of `git`: which program it is, with which settings, in which environment, and how it ends.

use std::env;
use std::ffi::OsString;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;

use crate::project::failure::Failure;

/// The program, and the folders in which it may find others.
#[derive(Debug)]
pub(crate) struct Git {
    program: PathBuf,
    path: OsString,
}

/// What a short run of git gave.
pub(crate) struct GitAnswer {
    /// Whether it ended well.
    pub(crate) good: bool,
    /// What it printed.
    pub(crate) text: String,
    /// The first line of its complaint.
    pub(crate) complaint: String,
}

/// A git that answers questions one by one. It is ended with the value.
#[derive(Debug)]
pub(crate) struct Talk {
    child: Child,
    /// Where it is asked.
    pub(crate) input: ChildStdin,
    /// Where it answers.
    pub(crate) output: BufReader<ChildStdout>,
}

/// The file that is always empty.
const NOTHING: &str = if cfg!(windows) { "NUL" } else { "/dev/null" };

/// An answer that is longer is not read.
const LONGEST: u64 = 16 << 20;

impl Git {
    /// The git of this machine. What lies in `checkout` is not it, nor is what a relative folder of PATH holds: anybody who
    /// may open a pull request could have written that.
    pub(crate) fn find(checkout: &Path) -> Result<Self, Failure> {
        let foreign = |path: &Path| {
            path.is_absolute() && !path.canonicalize().is_ok_and(|it| it.starts_with(checkout))
        };
        let all = env::var_os("PATH").unwrap_or_default();
        let folders: Vec<_> = env::split_paths(&all).filter(|it| foreign(it)).collect();
        let name = format!("git{}", env::consts::EXE_SUFFIX);
        let mut programs = folders.iter().map(|it| it.join(&name));
        let found = programs.find(|it| can_run(it) && foreign(it));
        let path = env::join_paths(&folders).unwrap_or_default();
        match found {
            Some(program) => Ok(Self { program, path }),
            None => Err(Failure::new(
                "there is no `git` on this machine, and a revision is read through it",
            )
            .help("install git, or name the folder of another checkout of the project")),
        }
    }

    /// A run of git in the repository `repository`, started in `folder`: the one place where a command of it begins.
    ///
    /// `safe.directory` has nothing to allow: git asks who owns a repository only where it looks for one itself.
    pub(super) fn command(&self, repository: &Path, folder: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(folder).stdin(Stdio::null()).env_clear().env("PATH", &self.path);
        command
            // The words of git are told to people who read English here.
            .env("LC_ALL", "C")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_SYSTEM", NOTHING)
            .env("GIT_CONFIG_GLOBAL", NOTHING)
            .env("GIT_ATTR_NOSYSTEM", "1")
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            .env("GIT_GRAFT_FILE", NOTHING)
            .env("GIT_ALLOW_PROTOCOL", "")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_OPTIONAL_LOCKS", "0");
        command.arg("--git-dir").arg(repository).arg("--no-pager").arg("--literal-pathspecs");
        for setting in ["safe.bareRepository=explicit", "protocol.allow=never"] {
            command.args(["-c", setting]);
        }
        for (setting, value) in [
            ("core.hooksPath", NOTHING),
            ("core.attributesFile", NOTHING),
            ("core.fsmonitor", "false"),
        ] {
            command.args(["-c", &format!("{setting}={value}")]);
        }
        command
    }
}

/// Runs `command` to its end, if its answer is not too long.
pub(super) fn ask(mut command: Command) -> Result<GitAnswer, Failure> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| cannot_run(&error))?;
    let (output, errors) = (child.stdout.take(), child.stderr.take());
    // Who does not listen to the complaints meanwhile waits for ever.
    let complaint = thread::spawn(move || {
        let mut text = Vec::new();
        if let Some(mut errors) = errors {
            let _ = errors.by_ref().take(4096).read_to_end(&mut text);
            let _ = io::copy(&mut errors, &mut io::sink());
        }
        text
    });
    let mut text = Vec::new();
    let read = output.map_or(Ok(0), |it| it.take(LONGEST + 1).read_to_end(&mut text));
    let whole = read.is_ok() && text.len() as u64 <= LONGEST;
    if !whole {
        let _ = child.kill();
    }
    let ended = child.wait();
    let complaint = complaint.join().unwrap_or_default();
    let complaint = String::from_utf8_lossy(&complaint);
    if !whole {
        return Err(Failure::new("git says more than can be read")
            .help("name another checkout of the project instead of a revision"));
    }
    Ok(GitAnswer {
        good: ended.is_ok_and(|it| it.success()),
        text: String::from_utf8_lossy(&text).into_owned(),
        complaint: complaint.lines().next().unwrap_or("nothing").trim().to_owned(),
    })
}

impl Talk {
    /// Begins `command`, which answers what it is asked.
    pub(super) fn begin(mut command: Command) -> Result<Self, Failure> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| cannot_run(&error))?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(input), Some(output)) => {
                Ok(Self { child, input, output: BufReader::new(output) })
            }
            (None, _) | (_, None) => Err(Failure::new("`git` cannot be talked to")),
        }
    }

    /// Ends it.
    pub(super) fn end(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        self.end();
    }
}

fn cannot_run(error: &io::Error) -> Failure {
    Failure::new(format!("cannot run `git`: {error}"))
}

#[cfg(unix)]
fn can_run(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn can_run(path: &Path) -> bool {
    path.is_file()
}
