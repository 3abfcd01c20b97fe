//! A folder in a git revision, one step at a time: no link is followed here.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::rc::Rc;

use super::entry::{Entry, EntryKind, join};
use crate::project::failure::Failure;
use crate::project::git::{self, Attributes, Git, HeldObject, Objects, Repository};

/// A folder in a revision.
#[derive(Debug)]
pub(super) struct Revision {
    /// The revision, as it was named.
    name: String,
    /// The folder, from the repository's root. All paths below are from there, too.
    inner: String,
    objects: RefCell<Objects>,
    attributes: RefCell<Attributes>,
    /// The folders that were read, by their paths.
    folders: RefCell<BTreeMap<String, Rc<RevisionTree>>>,
}

/// What a folder holds, by name.
type RevisionTree = BTreeMap<Vec<u8>, (EntryKind, String)>;

/// A folder is no longer, as git writes it.
const FOLDER: u64 = 64 << 20;

/// Where a link leads is no longer.
const TARGET: u64 = 4096;

impl Revision {
    /// The folder `root` as it is in the revision `name`.
    pub(super) fn open(root: &Path, name: &str) -> Result<Self, Failure> {
        if name.is_empty() {
            return Err(Failure::new("`git:` names no revision")
                .help("name one, as in  eastwest diff git:refs/remotes/origin/main"));
        }
        let repository = Repository::around(root)?;
        let git = Git::find(&repository.checkout)?;
        let mut objects = Objects::open(git, &repository)?;
        let commit = git::commit(&repository, &mut objects, name)?;
        let attributes = Attributes::of(&repository, &objects)?;
        let revision = Self {
            name: name.to_owned(),
            inner: repository.inner,
            objects: RefCell::new(objects),
            attributes: RefCell::new(attributes),
            folders: RefCell::default(),
        };
        let top = revision.read_folder("", &commit.tree)?;
        revision.folders.borrow_mut().insert(String::new(), top);
        revision.is_a_folder()?;
        Ok(revision)
    }

    /// The revision, as it was named.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// That the project's folder is one, and not reached by links.
    fn is_a_folder(&self) -> Result<(), Failure> {
        let mut above = String::new();
        for part in self.inner.split('/').filter(|it| !it.is_empty()) {
            let found = self.look(&above, part)?.map(|(kind, _)| kind);
            above = join(&above, part);
            let what = match found {
                Some(EntryKind::Folder) => continue,
                None => {
                    return Err(Failure::new(format!("there is no `{above}` in `{}`", self.name))
                        .help("name a revision in which the project is where it is now"));
                }
                Some(EntryKind::Link) => "a link",
                Some(EntryKind::Submodule) => "a submodule",
                Some(EntryKind::File | EntryKind::Other) => "a file",
            };
            return Err(Failure::new(format!(
                "`{above}`, where the project is, is {what} in `{}`",
                self.name
            ))
            .help("check that revision out, and name the project's folder in it instead of the revision"));
        }
        Ok(())
    }

    /// What the folder `real` holds; `None` if that is more than `limit`.
    pub(super) fn entries(&self, real: &str, limit: usize) -> Result<Option<Vec<Entry>>, Failure> {
        let folder = self.folder(&self.full_path(real))?;
        if folder.len() > limit {
            return Ok(None);
        }
        let entry = |(name, (kind, _)): (&Vec<u8>, &(EntryKind, String))| Entry {
            utf8: std::str::from_utf8(name).is_ok(),
            name: String::from_utf8_lossy(name).into_owned(),
            kind: *kind,
        };
        Ok(Some(folder.iter().map(entry).collect()))
    }

    /// What `name` in the folder `real` is.
    pub(super) fn kind(&self, real: &str, name: &str) -> Result<Option<EntryKind>, Failure> {
        Ok(self.look(&self.full_path(real), name)?.map(|(kind, _)| kind))
    }

    /// Where the link `real` leads; `None` where that is not UTF-8.
    pub(super) fn target(&self, real: &str) -> Result<Option<String>, Failure> {
        let bytes = self.read(&self.full_path(real), TARGET)?.ok_or_else(|| self.broken(real))?;
        Ok(String::from_utf8(bytes).ok())
    }

    /// The bytes of the file `real`, which people know as `path`; `None` if they are more than `limit`.
    pub(super) fn bytes(
        &self,
        real: &str,
        path: &str,
        limit: u64,
    ) -> Result<Option<Vec<u8>>, Failure> {
        let whole = self.full_path(real);
        let (folder, _) = parted(&whole);
        let mut above = String::new();
        self.learn(&above)?;
        for part in folder.split('/').filter(|it| !it.is_empty()) {
            above = join(&above, part);
            self.learn(&above)?;
        }
        let changing = self.attributes.borrow_mut().changing(&self.objects.borrow(), &whole)?;
        if let Some(attribute) = changing {
            return Err(Failure::new(format!(
                "`{path}` is another text on disk than in `{}`: .gitattributes gives it `{attribute}`",
                self.name
            ))
            .help("take such attributes off the files of a project, as in\n*.flow -filter -ident -working-tree-encoding"));
        }
        self.read(&whole, limit)
    }

    /// Lets the attributes of what lies in `folder` be known.
    fn learn(&self, folder: &str) -> Result<(), Failure> {
        if self.attributes.borrow().knows(folder) {
            return Ok(());
        }
        let path = join(folder, git::ATTRIBUTES);
        let text = match self.look(folder, git::ATTRIBUTES)? {
            Some((EntryKind::File, _)) => {
                let text = self.read(&path, self.attributes.borrow().room())?;
                Some(text.ok_or_else(|| {
                    Failure::new(format!(
                        "with `{path}`, the attributes in `{}` are longer than can be read",
                        self.name
                    ))
                    .help("compare with the folder of another checkout of the project")
                })?)
            }
            // Git itself does not follow it where it is a link.
            Some(_) | None => None,
        };
        self.attributes.borrow_mut().learn(&self.objects.borrow(), folder, text.as_deref())
    }

    /// `real`, from the repository's root.
    fn full_path(&self, real: &str) -> String {
        if real.is_empty() { self.inner.clone() } else { join(&self.inner, real) }
    }

    fn look(&self, folder: &str, name: &str) -> Result<Option<(EntryKind, String)>, Failure> {
        Ok(self.folder(folder)?.get(name.as_bytes()).cloned())
    }

    fn folder(&self, path: &str) -> Result<Rc<RevisionTree>, Failure> {
        if let Some(known) = self.folders.borrow().get(path) {
            return Ok(Rc::clone(known));
        }
        let (above, name) = parted(path);
        let Some((EntryKind::Folder, id)) = self.look(above, name)? else {
            return Err(self.broken(path));
        };
        let folder = self.read_folder(path, &id)?;
        self.folders.borrow_mut().insert(path.to_owned(), Rc::clone(&folder));
        Ok(folder)
    }

    /// What the folder with the object `id` holds, which is at `path`.
    fn read_folder(&self, path: &str, id: &str) -> Result<Rc<RevisionTree>, Failure> {
        let bytes = self.object(id, git::ObjectKind::Folder, FOLDER)?;
        let bytes = bytes.ok_or_else(|| {
            Failure::new(format!("the folder `{path}` in `{}` has too many files", self.name))
                .help("compare with the folder of another checkout of the project")
        })?;
        let tree = parsed(&bytes, id.len() / 2).ok_or_else(|| self.broken(path))?;
        Ok(Rc::new(tree))
    }

    /// What the file or link at `path`, from the repository's root, holds; `None` if that is more than `limit`.
    fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, Failure> {
        let (folder, name) = parted(path);
        let Some((EntryKind::File | EntryKind::Link, id)) = self.look(folder, name)? else {
            return Err(self.broken(path));
        };
        self.object(&id, git::ObjectKind::File, limit)
    }

    fn object(
        &self,
        id: &str,
        kind: git::ObjectKind,
        limit: u64,
    ) -> Result<Option<Vec<u8>>, Failure> {
        match self.objects.borrow_mut().read(id, limit)? {
            HeldObject::Bytes(found, bytes) if found == kind => Ok(Some(bytes)),
            HeldObject::Bytes(..) => Err(self.broken(id)),
            HeldObject::Missing => Err(git::not_here(&self.name)),
            HeldObject::TooLarge => Ok(None),
        }
    }

    fn broken(&self, path: &str) -> Failure {
        let path = if path.is_empty() { "the repository's folder" } else { &format!("`{path}`") };
        Failure::new(format!("{path} in `{}` is not as git writes it", self.name))
            .help("the repository is broken: see  git fsck")
    }
}

/// The folder and the name of `path`.
fn parted(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// The folder that `bytes` are, with names of objects of `length` bytes; `None` where a checkout would refuse it.
fn parsed(bytes: &[u8], length: usize) -> Option<RevisionTree> {
    let mut tree = RevisionTree::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let blank = rest.iter().position(|it| *it == b' ')?;
        let (mode, after) = rest.split_at_checked(blank)?;
        let after = after.get(1..)?;
        let end = after.iter().position(|it| *it == 0)?;
        let (name, after) = after.split_at_checked(end)?;
        let (id, after) = after.get(1..)?.split_at_checked(length)?;
        let kind = match mode {
            b"40000" | b"040000" => EntryKind::Folder,
            b"100644" | b"100755" | b"100664" => EntryKind::File,
            b"120000" => EntryKind::Link,
            b"160000" => EntryKind::Submodule,
            _ => return None,
        };
        if matches!(name, b"" | b"." | b"..") || name.contains(&b'/') {
            return None;
        }
        let mut hex = String::with_capacity(length * 2);
        for byte in id {
            // Writing to a text cannot fail.
            let _ = write!(hex, "{byte:02x}");
        }
        if tree.insert(name.to_owned(), (kind, hex)).is_some() {
            return None;
        }
        rest = after;
    }
    Some(tree)
}

#[cfg(test)]
mod tests {
    use super::{EntryKind, parsed};

    fn entry(mode: &str, name: &str) -> Vec<u8> {
        [mode.as_bytes(), b" ", name.as_bytes(), b"\0", &[0xab; 20]].concat()
    }

    #[test]
    fn a_folder_is_read_as_git_writes_it() {
        let bytes = [entry("40000", "a"), entry("100644", "b c"), entry("160000", "m")].concat();
        let tree = parsed(&bytes, 20).unwrap();
        let kinds: Vec<_> = tree.values().map(|(kind, _)| *kind).collect();
        assert_eq!(kinds, [EntryKind::Folder, EntryKind::File, EntryKind::Submodule]);
        assert_eq!(tree.get(&b"b c"[..]).unwrap().1, "ab".repeat(20));
        assert!(parsed(b"", 20).unwrap().is_empty());
    }

    #[test]
    fn a_folder_that_no_checkout_would_write_is_refused() {
        for name in ["", ".", "..", "a/b", "../x"] {
            assert!(parsed(&entry("100644", name), 20).is_none(), "{name}");
        }
        let twice = [entry("100644", "a"), entry("40000", "a")].concat();
        assert!(parsed(&twice, 20).is_none());
        let mut cut = entry("100644", "a");
        cut.pop();
        assert!(parsed(&cut, 20).is_none());
        assert!(parsed(&entry("10", "a"), 20).is_none());
    }
}
