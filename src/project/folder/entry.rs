//! What stands in a folder.

/// What stands at a path, with no link followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EntryKind {
    File,
    Folder,
    Link,
    /// A folder that a revision only names a commit of another repository for.
    Submodule,
    /// A pipe, a device.
    Other,
}

/// What a folder holds.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: String,
    /// Whether that is its name, and not what is like it in UTF-8.
    pub(super) utf8: bool,
    pub(super) kind: EntryKind,
}

/// The path of `name` in `folder`.
pub(super) fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}
