//! The bundle that the platform's repository exports and an application's repository reads: zones, the
//! platform's statements, and the settings, held together by a hash.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::failure::Failure;
use super::folder::Folder;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::project::BUNDLE_CHANGED;
use crate::source::Spanned;

/// The Namespace manifests.
pub(crate) const ZONES: &str = "zones.yaml";
/// The platform's statements; left out where there are no platform files.
pub(crate) const FLOWS: &str = "platform.flow";
/// The settings.
pub(crate) const SETTINGS: &str = "settings.toml";
/// The hash of the others.
pub(crate) const HASH: &str = "hash";

/// The hash of a bundle's files: each name, then the length and bytes of its text.
pub(crate) fn hash(files: &[(&str, &str)]) -> String {
    let mut hasher = Sha256::new();
    for (name, text) in files {
        hasher.update(format!("{name} {}\n", text.len()));
        hasher.update(text);
    }
    hasher.finalize().iter().fold("sha256:".to_owned(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The files of a bundle that is whole.
pub(super) struct Bundle {
    /// Of each file its name, its path and its text.
    pub(super) texts: Vec<(&'static str, String, String)>,
    pub(super) hash: String,
}

/// Reads the bundle in `place`, or says what is wrong with it.
pub(super) fn open(
    folder: &Folder,
    place: &Spanned<Box<str>>,
) -> Result<Result<Bundle, Diagnostic>, Failure> {
    let mut texts = Vec::new();
    for name in [ZONES, FLOWS, SETTINGS] {
        let path = format!("{}/{name}", place.value);
        match folder.text_if_there(&path)? {
            Some(text) => texts.push((name, path, text)),
            None if name == FLOWS => {}
            None => {
                return Ok(Err(changed(
                    place,
                    format!("the bundle has no `{name}`"),
                    "is not whole",
                )));
            }
        }
    }
    let parts: Vec<_> = texts.iter().map(|(name, _, text)| (*name, text.as_str())).collect();
    let found = hash(&parts);
    let recorded = folder.text_if_there(&format!("{}/{HASH}", place.value))?;
    let Some(recorded) = recorded else {
        return Ok(Err(changed(place, format!("the bundle has no `{HASH}`"), "is not whole")));
    };
    if recorded.trim() != found {
        let message = "the bundle is not as it was exported".to_owned();
        return Ok(Err(changed(place, message, "does not fit its hash")));
    }
    Ok(Ok(Bundle { texts, hash: found }))
}

fn changed(folder: &Spanned<Box<str>>, message: String, what: &str) -> Diagnostic {
    let help = "in the platform's project run  eastwest export -o DIR  and copy the folder whole";
    Diagnostic::new(&BUNDLE_CHANGED, message)
        .label(folder.span, format!("`{}` {what}", folder.value))
        .help(help)
}
