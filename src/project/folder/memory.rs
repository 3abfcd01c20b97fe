//! Texts in memory by their paths, as an editor has them before they are saved.

use std::collections::BTreeMap;

use super::entry::{Entry, EntryKind};

/// Texts by their paths from the project's folder, with `/` between names.
#[derive(Debug)]
pub(super) struct Memory(BTreeMap<String, String>);

impl Memory {
    pub(super) fn new(texts: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(texts.into_iter().collect())
    }

    /// What the folder `real` holds.
    pub(super) fn entries(&self, real: &str) -> Vec<Entry> {
        let mut found: BTreeMap<&str, EntryKind> = BTreeMap::new();
        for path in self.0.keys() {
            let below = if real.is_empty() {
                Some(&**path)
            } else {
                path.strip_prefix(real).and_then(|it| it.strip_prefix('/'))
            };
            match below.and_then(|it| it.split_once('/').map(|(name, _)| name).or(Some(it))) {
                Some(name) if below == Some(name) => found.insert(name, EntryKind::File),
                Some(name) => found.insert(name, EntryKind::Folder),
                None => None,
            };
        }
        let entry =
            |(name, kind): (&str, EntryKind)| Entry { name: name.to_owned(), utf8: true, kind };
        found.into_iter().map(entry).collect()
    }

    /// What stands at `path`.
    pub(super) fn kind(&self, path: &str) -> Option<EntryKind> {
        if self.0.contains_key(path) {
            return Some(EntryKind::File);
        }
        let folder = format!("{path}/");
        let mut after = self.0.range(folder.clone()..);
        after.next().filter(|(it, _)| it.starts_with(&folder)).map(|_| EntryKind::Folder)
    }

    /// The text of the file `path`, if it is here.
    pub(super) fn text(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }
}
