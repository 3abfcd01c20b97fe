//! Where files are: on disk, in a git revision, in memory, or in memory over one of the others. No link is followed here.

use super::disk::Disk;
use super::entry::{Entry, EntryKind, join};
use super::memory::Memory;
use super::revision::Revision;
use crate::project::failure::Failure;

/// Where files are.
#[derive(Debug)]
pub(super) enum Store {
    Disk(Disk),
    Revision(Box<Revision>),
    Memory(Memory),
    /// Texts that take the place of what is below them.
    Over(Memory, Box<Self>),
}

impl Store {
    /// What the folder `real` holds; `None` if that is more than `limit`.
    pub(super) fn entries(&self, real: &str, limit: usize) -> Result<Option<Vec<Entry>>, Failure> {
        let within = |found: Vec<Entry>| (found.len() <= limit).then_some(found);
        match self {
            Self::Disk(disk) => disk.entries(real, limit),
            Self::Revision(revision) => revision.entries(real, limit),
            Self::Memory(memory) => Ok(within(memory.entries(real))),
            Self::Over(memory, below) => {
                let mut found = memory.entries(real);
                if below.is_folder(real)? {
                    let Some(more) = below.entries(real, limit)? else { return Ok(None) };
                    let hidden: Vec<String> = found.iter().map(|it| it.name.clone()).collect();
                    found.extend(more.into_iter().filter(|it| !hidden.contains(&it.name)));
                }
                Ok(within(found))
            }
        }
    }

    /// What stands at `name` in `folder`, which has no links in its path.
    pub(super) fn kind(&self, folder: &str, name: &str) -> Result<Option<EntryKind>, Failure> {
        match self {
            Self::Disk(disk) => disk.kind(&join(folder, name)),
            Self::Revision(revision) => revision.kind(folder, name),
            Self::Memory(memory) => Ok(memory.kind(&join(folder, name))),
            Self::Over(memory, below) => match memory.kind(&join(folder, name)) {
                Some(kind) => Ok(Some(kind)),
                None if below.is_folder(folder)? => below.kind(folder, name),
                None => Ok(None),
            },
        }
    }

    /// Where the link `real` leads; `None` where that is not UTF-8.
    pub(super) fn target(&self, real: &str) -> Result<Option<String>, Failure> {
        match self {
            Self::Disk(disk) => disk.target(real),
            Self::Revision(revision) => revision.target(real),
            Self::Memory(_) => Ok(None),
            Self::Over(_, below) => below.target(real),
        }
    }

    /// The bytes of the file `real`, which people know as `path`; `None` if they are more than `limit`.
    pub(super) fn bytes(
        &self,
        real: &str,
        path: &str,
        limit: u64,
    ) -> Result<Option<Vec<u8>>, Failure> {
        let within = |text: &str| (text.len() as u64 <= limit).then(|| text.as_bytes().to_vec());
        match self {
            Self::Disk(disk) => disk.bytes(real, path, limit),
            Self::Revision(revision) => revision.bytes(real, path, limit),
            Self::Memory(memory) => Ok(within(memory.text(real).unwrap_or_default())),
            Self::Over(memory, below) => match memory.text(real) {
                Some(text) => Ok(within(text)),
                None => below.bytes(real, path, limit),
            },
        }
    }

    /// The name of the revision that files come from, if they do.
    pub(super) fn revision(&self) -> Option<&str> {
        match self {
            Self::Disk(_) | Self::Memory(_) => None,
            Self::Revision(revision) => Some(revision.name()),
            Self::Over(_, below) => below.revision(),
        }
    }

    /// Whether `real` is a folder here.
    fn is_folder(&self, real: &str) -> Result<bool, Failure> {
        let Some((folder, name)) =
            real.rsplit_once('/').or((!real.is_empty()).then_some(("", real)))
        else {
            return Ok(true);
        };
        Ok(self.is_folder(folder)? && self.kind(folder, name)? == Some(EntryKind::Folder))
    }
}
