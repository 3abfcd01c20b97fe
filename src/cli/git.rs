//! The files of a revision, read through `git`, without touching the work tree.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::failure::Failure;
use super::files;

/// The files of a folder in a revision.
#[derive(Debug)]
pub(crate) struct Tree {
    /// A folder of the repository.
    root: PathBuf,
    /// The revision, as it was named.
    revision: String,
    /// The entries below the folder, by their path from there.
    entries: BTreeMap<String, Entry>,
    /// What was read so far, by the names that git has for it.
    read: RefCell<BTreeMap<String, Vec<u8>>>,
}

#[derive(Debug)]
struct Entry {
    object: String,
    link: bool,
}

/// So many links are followed from one file.
const LINKS: usize = 16;

impl Tree {
    /// The files below `root` in `revision`.
    pub(crate) fn open(root: &Path, revision: &str) -> Result<Self, Failure> {
        if revision.is_empty() {
            return Err(Failure::new("`git:` names no revision")
                .help("name one, as in  eastwest diff git:origin/main"));
        }
        let inside = git(root, &["rev-parse", "--is-inside-work-tree"])?;
        if !inside.status {
            return Err(Failure::new(format!("`{}` is in no git repository", root.display()))
                .help(format!("git says: {}", inside.said())));
        }
        let name = format!("{revision}^{{commit}}");
        // What begins with `-` is a revision nevertheless.
        let found = git(root, &["rev-parse", "--verify", "--quiet", "--end-of-options", &name])?;
        if !found.status {
            return Err(Failure::new(format!("git knows no revision `{revision}` here"))
                .help("fetch it first, as in  git fetch origin main  (a shallow clone holds few revisions)"));
        }
        let commit = String::from_utf8_lossy(&found.out).trim().to_owned();
        let listed = git(root, &["ls-tree", "-r", "-z", &commit])?;
        if !listed.status {
            return Err(Failure::new(format!("git cannot list the files of `{revision}`"))
                .help(format!("git says: {}", listed.said())));
        }
        let mut entries = BTreeMap::new();
        for line in listed.out.split(|byte| *byte == 0).filter(|it| !it.is_empty()) {
            let Ok(line) = std::str::from_utf8(line) else {
                // A name that is not UTF-8 is nothing that a pattern could match.
                continue;
            };
            let Some((about, path)) = line.split_once('\t') else { continue };
            let mut about = about.split(' ');
            let (Some(mode), Some("blob"), Some(object)) =
                (about.next(), about.next(), about.next())
            else {
                continue;
            };
            let entry = Entry { object: object.to_owned(), link: mode == "120000" };
            entries.insert(path.to_owned(), entry);
        }
        let (root, revision) = (root.to_path_buf(), revision.to_owned());
        Ok(Self { root, revision, entries, read: RefCell::default() })
    }

    /// Every path that `matches`; the files are read, all at once.
    pub(crate) fn find(&self, matches: impl Fn(&str) -> bool) -> Result<Vec<String>, Failure> {
        let found: Vec<_> = self.entries.iter().filter(|(path, _)| matches(path)).collect();
        self.fetch(found.iter().map(|(_, entry)| &*entry.object))?;
        Ok(found.into_iter().map(|(path, _)| path.clone()).collect())
    }

    /// The text of the file at `path`, if there is one. Links are followed inside the folder.
    pub(crate) fn text(&self, path: &str) -> Result<Option<String>, Failure> {
        let Some(mut entry) = self.entries.get(path) else { return Ok(None) };
        let mut at = path.to_owned();
        for _ in 0..LINKS {
            let bytes = self.bytes(&entry.object)?;
            if !entry.link {
                return files::utf8(bytes, path).map(Some);
            }
            let target = String::from_utf8_lossy(&bytes).into_owned();
            let next = beside(&at, &target).filter(|it| self.entries.contains_key(it));
            let Some((next, found)) =
                next.and_then(|it| Some((it.clone(), self.entries.get(&it)?)))
            else {
                return Err(Failure::new(format!(
                    "`{path}` is a link to `{target}`, which is no file of the project in `{}`",
                    self.revision
                ))
                .help(
                    "put the file itself there: what a project reads is to be seen in its folder",
                ));
            };
            (at, entry) = (next, found);
        }
        Err(Failure::new(format!("`{path}` is a link that leads in a circle")))
    }

    /// That there is no file at `path`.
    pub(crate) fn no_file(&self, path: &str) -> Failure {
        Failure::new(format!("there is no `{path}` in `{}`", self.revision))
            .help("name a revision in which the project is where it is now")
    }

    fn bytes(&self, object: &str) -> Result<Vec<u8>, Failure> {
        self.fetch(std::iter::once(object))?;
        let read = self.read.borrow();
        read.get(object).cloned().ok_or_else(|| self.unreadable("an object is not there"))
    }

    fn unreadable(&self, why: &str) -> Failure {
        let said = why.trim();
        Failure::new(format!("git cannot read the files of `{}`", self.revision))
            .help(format!("git says: {said}"))
    }

    /// Reads what of `objects` is not read yet.
    fn fetch<'a>(&self, objects: impl Iterator<Item = &'a str>) -> Result<(), Failure> {
        let known = |object: &&str| self.read.borrow().contains_key(*object);
        let wanted: Vec<&str> = objects.filter(|it| !known(it)).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let mut command = command(&self.root, &["cat-file", "--batch"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| cannot_run(&error))?;
        let names: String = wanted.iter().flat_map(|it| [*it, "\n"]).collect();
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let (Some(mut input), Some(output)) = (input, output) else {
            return Err(self.unreadable("it cannot be talked to"));
        };
        // git answers while it is asked: who does not listen meanwhile waits for ever.
        let asking = std::thread::spawn(move || input.write_all(names.as_bytes()));
        let found = answers(BufReader::new(output), &wanted);
        let asked = asking.join();
        let _ = child.wait();
        match (found, asked) {
            (Some(found), Ok(Ok(()))) => {
                self.read.borrow_mut().extend(found);
                Ok(())
            }
            (None, _) | (_, Ok(Err(_)) | Err(_)) => {
                Err(self.unreadable("an object of the revision is missing or broken"))
            }
        }
    }
}

/// What `git cat-file --batch` says of the objects `wanted`; `None` where it does not know one.
fn answers(mut output: impl BufRead, wanted: &[&str]) -> Option<Vec<(String, Vec<u8>)>> {
    let mut found = Vec::new();
    for object in wanted {
        let mut header = String::new();
        output.read_line(&mut header).ok()?;
        let size: u64 = header.trim_end().strip_prefix(object)?.split(' ').nth(2)?.parse().ok()?;
        let mut bytes = Vec::new();
        output.by_ref().take(size).read_to_end(&mut bytes).ok()?;
        if bytes.len() as u64 != size {
            return None;
        }
        output.read_exact(&mut [0]).ok()?;
        found.push(((*object).to_owned(), bytes));
    }
    Some(found)
}

/// The path that a link at `path` to `target` leads to; `None` out of the folder.
fn beside(path: &str, target: &str) -> Option<String> {
    if target.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// What a run of git gave.
struct Ran {
    status: bool,
    out: Vec<u8>,
    err: Vec<u8>,
}

impl Ran {
    /// The first line of its complaint.
    fn said(&self) -> String {
        let text = String::from_utf8_lossy(&self.err);
        text.lines().next().unwrap_or("nothing").trim().to_owned()
    }
}

fn git(root: &Path, arguments: &[&str]) -> Result<Ran, Failure> {
    let output = command(root, arguments).output().map_err(|error| cannot_run(&error))?;
    Ok(Ran { status: output.status.success(), out: output.stdout, err: output.stderr })
}

fn command(root: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    // The words of git are told to people who read English here.
    command.arg("-C").arg(root).args(arguments).env("LC_ALL", "C");
    command
}

fn cannot_run(error: &std::io::Error) -> Failure {
    if error.kind() == ErrorKind::NotFound {
        return Failure::new(
            "there is no `git` on this machine, and a revision is read through it",
        )
        .help("install git, or name the folder of another checkout of the project");
    }
    Failure::new(format!("cannot run `git`: {error}"))
}

#[cfg(test)]
mod tests {
    use super::beside;

    #[test]
    fn links_lead_to_files_beside_them_and_never_out_of_the_folder() {
        assert_eq!(beside("a/b/c.flow", "../d.flow").as_deref(), Some("a/d.flow"));
        assert_eq!(beside("c.flow", "./x/./y").as_deref(), Some("x/y"));
        assert_eq!(beside("a/c.flow", "../../d"), None);
        assert_eq!(beside("a/c.flow", "/etc/passwd"), None);
    }
}
