//! The files of a project: those in its folder on disk, those in a git revision of it, or texts in memory, alone or over one of
//! the others.
//!
//! All are looked through by one walk, with one notion of files, folders and links, so that they cannot differ. A link is
//! followed inside the project's folder and refused where it leads out of it; what one of them cannot show is refused
//! in all, or where it is met.

mod disk;
mod entry;
mod memory;
mod revision;
mod store;
#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use self::disk::Disk;
use self::entry::{Entry, EntryKind, join};
use self::memory::Memory;
use self::revision::Revision;
use self::store::Store;
use super::failure::Failure;
use super::files;
use super::glob::Glob;

/// The files of a project.
#[derive(Debug)]
pub struct Folder {
    store: Store,
    /// How many bytes may still be read.
    left: Cell<u64>,
}

/// Where a path leads once links are followed.
struct PathEnd {
    /// A path without links, from the project's folder.
    real: String,
    kind: EntryKind,
}

/// A folder that is still to be looked through.
struct Open {
    /// As patterns see it.
    shown: String,
    /// Where it really is.
    real: String,
    /// The folders that it was come to through.
    above: Option<Rc<Chain>>,
}

struct Chain {
    real: String,
    above: Option<Rc<Chain>>,
}

/// So many links are followed from one path.
const LINKS: usize = 16;

/// So many links are met.
const FOLLOWED: usize = 10_000;

/// So many files and folders are looked at.
const ENTRIES: usize = 500_000;

/// No path is longer: links can make paths of a few names grow without end.
const PATH: usize = 1024;

/// The texts of a project are no longer.
const BYTES: u64 = 256 << 20;

impl Folder {
    /// The project in the folder `root`, as it is in the git revision `name`.
    pub fn at(root: &Path, name: &str) -> Result<Self, Failure> {
        Ok(Self::of(Store::Revision(Box::new(Revision::open(root, name)?))))
    }

    /// The project whose files are `texts`, by their paths from its folder with `/` between names.
    pub fn in_memory(texts: impl IntoIterator<Item = (String, String)>) -> Self {
        Self::of(Store::Memory(Memory::new(texts)))
    }

    /// The same with `texts` instead of the files at their paths, and beside them: what an editor has not saved yet.
    #[must_use]
    pub fn with(self, texts: impl IntoIterator<Item = (String, String)>) -> Self {
        Self::of(Store::Over(Memory::new(texts), Box::new(self.store)))
    }

    fn of(store: Store) -> Self {
        Self { store, left: Cell::new(BYTES) }
    }

    /// Every file that some of `globs` matches: its path from the project's folder, sorted.
    pub fn find(&self, globs: &[&Glob]) -> Result<Vec<String>, Failure> {
        let mut found = Vec::new();
        let (mut seen, mut followed) = (0, 0);
        let mut open = vec![Open { shown: String::new(), real: String::new(), above: None }];
        while let Some(folder) = open.pop() {
            let entries = self.entries(&folder.real, ENTRIES - seen)?;
            let above = Rc::new(Chain { real: folder.real.clone(), above: folder.above.clone() });
            seen += entries.len();
            for entry in entries.into_iter().filter(|it| !is_git(&it.name)) {
                let path = join(&folder.shown, &entry.name);
                let as_file = globs.iter().any(|glob| glob.find(&path).is_some());
                let as_folder = globs.iter().any(|glob| glob.may_be_below(&path));
                let wanted = match entry.kind {
                    EntryKind::File | EntryKind::Other => as_file,
                    EntryKind::Folder | EntryKind::Submodule => as_folder,
                    EntryKind::Link => as_file || as_folder,
                };
                if !wanted {
                    continue;
                }
                if !entry.utf8 {
                    return Err(Failure::new(format!("the name of `{path}` is not UTF-8"))
                        .help("rename it"));
                }
                if path.len() > PATH {
                    let start: String = path.chars().take(60).collect();
                    return Err(Failure::new(format!(
                        "a path is longer than {PATH} bytes: `{start}…`"
                    ))
                    .help("links to folders that hold links make such paths: take them out"));
                }
                let mut end = PathEnd { real: join(&folder.real, &entry.name), kind: entry.kind };
                if entry.kind == EntryKind::Link {
                    followed += 1;
                    if followed > FOLLOWED {
                        return Err(Failure::new(format!(
                            "the patterns meet more than {FOLLOWED} links{}",
                            self.place()
                        ))
                        .help("links to folders that hold links multiply: take them out"));
                    }
                    let by_name = as_file || globs.iter().any(|glob| glob.spells_out(&path));
                    if !by_name && self.is_mark(&folder.real, &entry.name, &path)? {
                        continue;
                    }
                    end = self.follow(&folder.real, &entry.name, &path)?;
                    if let (EntryKind::Folder, Some(chain)) = (end.kind, above.find(&end.real)) {
                        let shown = if chain.real.is_empty() { "." } else { &chain.real };
                        return Err(Failure::new(format!(
                            "`{path}` is a link to `{shown}`, the folder it lies in"
                        ))
                        .help("take the link out"));
                    }
                }
                match end.kind {
                    EntryKind::File if as_file => found.push(path),
                    EntryKind::Folder if as_folder => {
                        let above = Some(Rc::clone(&above));
                        open.push(Open { shown: path, real: end.real, above });
                    }
                    EntryKind::Submodule if as_folder => return Err(self.submodule(&path)),
                    EntryKind::Other if as_file => return Err(no_file(&path)),
                    EntryKind::File
                    | EntryKind::Folder
                    | EntryKind::Link
                    | EntryKind::Submodule
                    | EntryKind::Other => {}
                }
            }
        }
        found.sort();
        distinct_on_any_disk(&found)?;
        Ok(found)
    }

    /// The text of the file at `path`.
    pub fn text(&self, path: &str) -> Result<String, Failure> {
        self.text_if_there(path)?.ok_or_else(|| {
            let failure = Failure::new(format!("there is no `{path}`{}", self.place()));
            match self.store.revision() {
                None => failure,
                Some(_) => failure.help("name a revision in which the project is where it is now"),
            }
        })
    }

    /// The text of the file at `path`, if there is one.
    pub fn text_if_there(&self, path: &str) -> Result<Option<String>, Failure> {
        let Some(end) = self.end("", path, path)? else { return Ok(None) };
        match end.kind {
            EntryKind::File => {}
            EntryKind::Submodule => return Err(self.submodule(path)),
            EntryKind::Folder | EntryKind::Link | EntryKind::Other => return Err(no_file(path)),
        }
        let left = self.left.get();
        let Some(bytes) = self.store.bytes(&end.real, path, left)? else {
            let limit = BYTES >> 20;
            return Err(Failure::new(format!(
                "with `{path}`, the files of the project have more than {limit} MiB"
            ))
            .help("let the patterns in eastwest.toml match only what belongs to the project"));
        };
        self.left.set(left.saturating_sub(bytes.len() as u64));
        let text = files::utf8(bytes, path)?;
        if is_pointer(&text) {
            return Err(Failure::new(format!(
                "`{path}` is a pointer of Git LFS{}, not the file itself",
                self.place()
            ))
            .help("keep the files of a project out of Git LFS: a revision has nothing but pointers to them"));
        }
        Ok(Some(text))
    }

    /// Whether the link `name` in the folder `real` is a mark, such as editors leave beside a file: it names nothing there.
    fn is_mark(&self, real: &str, name: &str, shown: &str) -> Result<bool, Failure> {
        let target = self.target(&join(real, name), shown)?;
        let plain = !target.contains(['/', '\\']) && !["", ".", ".."].contains(&&*target);
        Ok(plain && self.kind(real, &target)?.is_none())
    }

    /// Where `name` in the folder `real` leads, which is a link that patterns see at `shown`.
    fn follow(&self, real: &str, name: &str, shown: &str) -> Result<PathEnd, Failure> {
        self.end(real, name, shown)?
            .ok_or_else(|| Failure::new(format!("`{shown}` is not there any more")))
    }

    /// Where `path` leads from the folder `from`, which has no links in its own path; `None` where nothing is.
    fn end(&self, from: &str, path: &str, shown: &str) -> Result<Option<PathEnd>, Failure> {
        let mut at: Vec<String> = from.split('/').map(str::to_owned).collect();
        at.retain(|part| !part.is_empty());
        let mut ahead: Vec<String> = path.split('/').rev().map(str::to_owned).collect();
        let mut kind = EntryKind::Folder;
        // The latest link, with its target.
        let mut link: Option<String> = None;
        let mut links = 0;
        while let Some(part) = ahead.pop() {
            match kind {
                EntryKind::Folder => {}
                EntryKind::Submodule => return Err(self.submodule(shown)),
                EntryKind::File | EntryKind::Link | EntryKind::Other => {
                    return self.nothing(shown, link.as_deref());
                }
            }
            match &*part {
                "" | "." => continue,
                ".." => {
                    if at.pop().is_none() {
                        return Err(self.leads_out(shown));
                    }
                    continue;
                }
                _ if is_git(&part) => {
                    return Err(Failure::new(format!(
                        "`{shown}` leads into `{part}`, which belongs to git and not to the project"
                    )));
                }
                _ => {}
            }
            let folder = at.join("/");
            let Some(found) = self.kind(&folder, &part)? else {
                return self.nothing(shown, link.as_deref());
            };
            if found != EntryKind::Link {
                at.push(part);
                kind = found;
                continue;
            }
            links += 1;
            if links > LINKS {
                return Err(Failure::new(format!(
                    "`{shown}` is a link that leads in a circle, or through more than {LINKS} others"
                ))
                .help("put the file itself there"));
            }
            let target = self.target(&join(&folder, &part), shown)?;
            if Path::new(&target).has_root() {
                return Err(self.leads_out(shown));
            }
            ahead.extend(target.split('/').rev().map(str::to_owned));
            link = Some(target);
        }
        Ok(Some(PathEnd { real: at.join("/"), kind }))
    }

    /// What it means that nothing is where `shown` leads, last by the link to `target`.
    fn nothing(&self, shown: &str, target: Option<&str>) -> Result<Option<PathEnd>, Failure> {
        let Some(target) = target else { return Ok(None) };
        let place = self.place();
        Err(Failure::new(format!("`{shown}` is a link to `{target}`, and nothing is there{place}"))
            .help("put the file itself there, or take the link out"))
    }

    fn leads_out(&self, shown: &str) -> Failure {
        let place = self.place();
        Failure::new(format!("`{shown}` is a link that leads out of the project{place}")).help(
            "put the file itself there: what a project reads is to be seen in its folder, by relative links",
        )
    }

    fn submodule(&self, shown: &str) -> Failure {
        let place = self.place();
        Failure::new(format!("`{shown}` is a submodule{place}, whose files lie in another repository"))
            .help(
                "check that revision out with its submodules, and name its folder instead of the revision;\n\
                 or let no pattern in eastwest.toml look into it",
            )
    }

    /// Where the files are, behind a message.
    fn place(&self) -> String {
        self.store.revision().map(|it| format!(" in `{it}`")).unwrap_or_default()
    }

    fn entries(&self, real: &str, limit: usize) -> Result<Vec<Entry>, Failure> {
        self.store.entries(real, limit)?.ok_or_else(|| {
            Failure::new(format!(
                "the patterns look at more than {ENTRIES} files and folders{}",
                self.place()
            ))
            .help("write them so that they look into fewer folders")
        })
    }

    fn kind(&self, folder: &str, name: &str) -> Result<Option<EntryKind>, Failure> {
        self.store.kind(folder, name)
    }

    fn target(&self, real: &str, shown: &str) -> Result<String, Failure> {
        self.store.target(real)?.ok_or_else(|| {
            Failure::new(format!("`{shown}` is a link to a name that is not UTF-8"))
                .help("rename what it leads to")
        })
    }
}

impl From<&Path> for Folder {
    fn from(root: &Path) -> Self {
        Self::of(Store::Disk(Disk::new(root)))
    }
}

impl Chain {
    /// The folder `real`, here or above.
    fn find(&self, real: &str) -> Option<&Self> {
        let mut next = Some(self);
        while let Some(it) = next {
            if it.real == real {
                return next;
            }
            next = it.above.as_deref();
        }
        None
    }
}

/// Whether `name` is that of a repository, however a disk writes it.
fn is_git(name: &str) -> bool {
    name.eq_ignore_ascii_case(".git")
}

/// Whether `text` stands for a file that Git LFS keeps elsewhere.
fn is_pointer(text: &str) -> bool {
    ["git-lfs", "hawser"]
        .iter()
        .any(|name| text.starts_with(&format!("version https://{name}.github.com/spec/v")))
}

/// That a folder, a pipe or a device stands at `path`, where a file should.
fn no_file(path: &str) -> Failure {
    Failure::new(format!("`{path}` is not a file")).help(
        "a folder, a pipe or a device stands there: move it, or change the pattern in eastwest.toml",
    )
}

/// That no two of `paths` are one file where a disk takes capital letters for small ones.
fn distinct_on_any_disk(paths: &[String]) -> Result<(), Failure> {
    let mut small: BTreeMap<String, &String> = BTreeMap::new();
    for path in paths {
        if let Some(other) = small.insert(path.to_lowercase(), path) {
            return Err(Failure::new(format!(
                "`{other}` and `{path}` differ in capital letters alone, and are one file on some disks"
            ))
            .help("rename one of them"));
        }
    }
    Ok(())
}
