//! The settings for policies that are no project's: those of the configuration that is nearest, or of the bundle it names.

use std::path::Path;

use super::failure::Failure;
use super::folder::Folder;
use super::{bundle, config, files};
use crate::diagnostic::Diagnostic;
use crate::program::Settings;
use crate::source::Sources;

/// The settings that the configuration file at `path` has, or else the nearest one upward from `here`; the defaults where
/// there is none. Where it names a bundle, all but the lints are the bundle's. With a diagnostic, they are not to be used.
///
/// # Errors
/// Where a file cannot be read.
pub fn nearest(
    sources: &mut Sources,
    path: Option<&Path>,
    here: &Path,
) -> Result<(Settings, Vec<Diagnostic>), Failure> {
    let path = match path {
        Some(path) => Some(path.to_path_buf()),
        None => {
            here.ancestors().map(|folder| folder.join(config::FILE)).find(|path| path.is_file())
        }
    };
    let Some(path) = path else { return Ok((Settings::default(), Vec::new())) };
    let bytes = std::fs::read(&path).map_err(|error| Failure::reading(&path, &error))?;
    let shown = path.to_string_lossy().replace('\\', "/");
    let file = sources.add(&*shown, files::utf8(bytes, &shown)?);
    let (mut settings, place, mut diagnostics) = config::read_settings(sources, file);
    let Some(place) = place else { return Ok((settings, diagnostics)) };
    let root = path.parent().unwrap_or(Path::new(""));
    match bundle::open(&Folder::from(root), &place)? {
        Ok(bundle) => {
            let mut texts = bundle.texts.into_iter();
            let own = texts.find(|(name, ..)| *name == bundle::SETTINGS);
            if let Some((_, path, text)) = own {
                let path = root.join(path).to_string_lossy().replace('\\', "/");
                let file = sources.add(path, text);
                let (sections, found) = config::read_bundle(sources, file);
                settings = Settings { lints: settings.lints, ..sections.settings };
                diagnostics.extend(found);
            }
        }
        Err(wrong) => {
            settings = Settings { lints: settings.lints, ..Settings::default() };
            diagnostics.push(wrong);
        }
    }
    Ok((settings, diagnostics))
}
