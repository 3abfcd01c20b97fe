//! The bundle that the platform's repository exports and an application's repository reads: zones, the
//! platform's statements, and the settings, held together by a hash.

use std::fmt::Write as _;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::config::{self, Config};
use super::failure::Failure;
use super::folder::Folder;
use super::load::Project;
use crate::check::FileOwner;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::project::BUNDLE_CHANGED;
use crate::program::Settings;
use crate::source::{Sources, Spanned};

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
struct Bundle {
    /// Of each file its name, its path and its text.
    texts: Vec<(&'static str, String, String)>,
    hash: String,
}

/// Reads the bundle in `place`, or says what is wrong with it.
fn open(folder: &Folder, place: &Spanned<Box<str>>) -> Result<Result<Bundle, Diagnostic>, Failure> {
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
    let told = folder.text_if_there(&format!("{}/{HASH}", place.value))?;
    let Some(told) = told else {
        return Ok(Err(changed(place, format!("the bundle has no `{HASH}`"), "is not whole")));
    };
    if told.trim() != found {
        let message = "the bundle is not as it was exported".to_owned();
        return Ok(Err(changed(place, message, "does not fit its hash")));
    }
    Ok(Ok(Bundle { texts, hash: found }))
}

/// Reads the bundle in `folder` into `project`, and its settings into `config`.
pub(crate) fn read(
    project: &mut Project,
    config: &mut Config,
    folder: &Spanned<Box<str>>,
) -> Result<(), Failure> {
    let bundle = match open(&project.folder, folder)? {
        Ok(bundle) => bundle,
        Err(wrong) => {
            project.diagnostics.push(wrong);
            return Ok(());
        }
    };
    project.bundle = Some(bundle.hash);
    for (name, path, text) in bundle.texts {
        let id = project.sources.add(path, text);
        match name {
            ZONES => project.manifests.push(id),
            FLOWS => project.flows.push((FileOwner::Platform, id)),
            _ => {
                let (sections, diagnostics) = config::read_bundle(&project.sources, id);
                let lints = std::mem::take(&mut config.settings.lints);
                config.settings = Settings { lints, ..sections.settings };
                config.cluster = sections.cluster;
                config.deny = sections.deny;
                project.diagnostics.extend(diagnostics);
            }
        }
    }
    Ok(())
}

/// The settings alone of the bundle in `place` below `root`, whose texts get paths from there.
pub(crate) fn settings(
    sources: &mut Sources,
    root: &Path,
    place: &Spanned<Box<str>>,
) -> Result<(Settings, Vec<Diagnostic>), Failure> {
    let bundle = match open(&Folder::from(root), place)? {
        Ok(bundle) => bundle,
        Err(wrong) => return Ok((Settings::default(), vec![wrong])),
    };
    let Some((_, path, text)) = bundle.texts.into_iter().find(|(name, ..)| *name == SETTINGS)
    else {
        return Ok((Settings::default(), Vec::new()));
    };
    let id = sources.add(root.join(path).to_string_lossy().replace('\\', "/"), text);
    let (sections, diagnostics) = config::read_bundle(sources, id);
    Ok((sections.settings, diagnostics))
}

fn changed(folder: &Spanned<Box<str>>, message: String, what: &str) -> Diagnostic {
    let help = "in the platform's project run  eastwest export -o DIR  and copy the folder whole";
    Diagnostic::new(&BUNDLE_CHANGED, message)
        .label(folder.span, format!("`{}` {what}", folder.value))
        .help(help)
}
