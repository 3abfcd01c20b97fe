//! The path of an output file for each owner.

use super::glob::Glob;

/// The path of an output file, with room for the owner's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    before: String,
    /// What follows the owner's name, if that has a place.
    after: Option<String>,
    /// The same as a pattern.
    pub glob: Glob,
}

impl Template {
    /// Reads a template; in a few words what is wrong if it cannot be one.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let text = text.strip_prefix("./").unwrap_or(text);
        if text.contains(['*', '?', ',']) {
            return Err("it names one file for each owner, so it has no `*`, `?` or `,`".to_owned());
        }
        let globs = Glob::parse(text, Some("owner"))?;
        let [glob] = globs.as_slice() else {
            return Err("it names one file for each owner".to_owned());
        };
        let (before, after) = match text.split_once("{owner}") {
            Some((before, after)) => (before, Some(after.to_owned())),
            None => (text, None),
        };
        Ok(Self { before: before.to_owned(), after, glob: glob.clone() })
    }

    /// The same folder with the file `name`; `None` where that is the path itself.
    pub fn sibling(&self, name: &str) -> Option<Self> {
        let text = match &self.after {
            Some(after) => format!("{}{{owner}}{after}", self.before),
            None => self.before.clone(),
        };
        let sibling = match text.rsplit_once('/') {
            Some((folder, _)) => format!("{folder}/{name}"),
            None => name.to_owned(),
        };
        (sibling != text).then(|| Self::parse(&sibling).ok()).flatten()
    }

    /// The path for `owner`, relative to the project.
    pub fn path(&self, owner: &str) -> String {
        match &self.after {
            Some(after) => format!("{}{owner}{after}", self.before),
            None => self.before.clone(),
        }
    }
}
