//! A folder on disk, one step at a time: no link is followed here.

use std::fs::{self, FileType};
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use super::entry::{Entry, EntryKind};
use crate::project::failure::Failure;

/// A folder on disk.
#[derive(Debug)]
pub(super) struct Disk(PathBuf);

impl Disk {
    pub(super) fn new(root: &Path) -> Self {
        Self(root.to_path_buf())
    }

    /// What the folder `real` holds; `None` if that is more than `limit`.
    pub(super) fn entries(&self, real: &str, limit: usize) -> Result<Option<Vec<Entry>>, Failure> {
        let folder = self.0.join(real);
        let failed = |error| Failure::reading(&folder, &error);
        let mut found = Vec::new();
        for entry in fs::read_dir(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            let kind = kind(entry.file_type().map_err(failed)?);
            let utf8 = name.to_str().is_some();
            found.push(Entry { name: name.to_string_lossy().into_owned(), utf8, kind });
            if found.len() > limit {
                return Ok(None);
            }
        }
        Ok(Some(found))
    }

    /// What stands at `path`, whose folder has no links in its path.
    pub(super) fn kind(&self, path: &str) -> Result<Option<EntryKind>, Failure> {
        match self.0.join(path).symlink_metadata() {
            Ok(about) => Ok(Some(kind(about.file_type()))),
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                Ok(None)
            }
            Err(error) => Err(Failure::reading(Path::new(path), &error)),
        }
    }

    /// Where the link `real` leads; `None` where that is not UTF-8.
    pub(super) fn target(&self, real: &str) -> Result<Option<String>, Failure> {
        let target = fs::read_link(self.0.join(real));
        let target = target.map_err(|error| Failure::reading(Path::new(real), &error))?;
        Ok(target
            .to_str()
            .map(|it| if cfg!(windows) { it.replace('\\', "/") } else { it.to_owned() }))
    }

    /// The bytes of the file `real`, which people know as `path`; `None` if they are more than `limit`.
    pub(super) fn bytes(
        &self,
        real: &str,
        path: &str,
        limit: u64,
    ) -> Result<Option<Vec<u8>>, Failure> {
        let failed = |error| Failure::reading(Path::new(path), &error);
        let file = fs::File::open(self.0.join(real)).map_err(failed)?;
        let mut bytes = Vec::new();
        file.take(limit + 1).read_to_end(&mut bytes).map_err(failed)?;
        Ok((bytes.len() as u64 <= limit).then_some(bytes))
    }
}

fn kind(of: FileType) -> EntryKind {
    if of.is_symlink() {
        EntryKind::Link
    } else if of.is_dir() {
        EntryKind::Folder
    } else if of.is_file() {
        EntryKind::File
    } else {
        EntryKind::Other
    }
}
