//! The files of a project's folder: which there are, and their text. Links are followed inside the folder and
//! refused where they lead out of it.

use std::fs;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::failure::Failure;
use super::glob::Glob;

/// Every file below `root` that some of `globs` matches: its path from `root`, sorted.
pub(crate) fn find(root: &Path, globs: &[&Glob]) -> Result<Vec<String>, Failure> {
    let inside = fs::canonicalize(root).map_err(|error| Failure::reading(root, &error))?;
    let mut found = Vec::new();
    let mut walk = WalkDir::new(root).follow_links(true).sort_by_file_name().into_iter();
    while let Some(entry) = walk.next() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) if passed_over(&error, root, globs) => continue,
            Err(error) => return Err(unreadable(&error, root)),
        };
        let Some(path) = relative(root, entry.path()) else { continue };
        let folder = entry.file_type().is_dir();
        let wanted = if folder {
            globs.iter().any(|glob| glob.may_be_below(&path))
        } else {
            globs.iter().any(|glob| glob.find(&path).is_some())
        };
        if !wanted {
            if folder {
                walk.skip_current_dir();
            }
            continue;
        }
        if entry.path_is_symlink() {
            let target = fs::canonicalize(entry.path());
            let target = target.map_err(|error| Failure::reading(entry.path(), &error))?;
            if !target.starts_with(&inside) {
                return Err(Failure::new(format!(
                    "`{path}` is a link that leads out of the project"
                ))
                .help(
                    "put the file itself there: what a project reads is to be seen in its folder",
                ));
            }
        }
        if entry.path().to_str().is_none() {
            return Err(
                Failure::new(format!("the name of `{path}` is not UTF-8")).help("rename it")
            );
        }
        if entry.file_type().is_file() {
            found.push(path);
        } else if !folder && globs.iter().any(|glob| glob.find(&path).is_some()) {
            return Err(no_file(&path));
        }
    }
    found.sort();
    Ok(found)
}

/// The path of `path` from `root`, with `/` between segments; `None` for `root` itself.
fn relative(root: &Path, path: &Path) -> Option<String> {
    let path = path.strip_prefix(root).ok()?;
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    (!parts.is_empty()).then(|| parts.join("/"))
}

/// Whether a walk may go on after `error`: a link to nothing or in a circle that no pattern asks for.
fn passed_over(error: &walkdir::Error, root: &Path, globs: &[&Glob]) -> bool {
    let Some(path) = error.path().and_then(|path| relative(root, path)) else { return false };
    !globs.iter().any(|glob| glob.find(&path).is_some() || glob.may_be_below(&path))
}

/// What kept a walk through `root` from going on.
pub(crate) fn unreadable(error: &walkdir::Error, root: &Path) -> Failure {
    let path = error.path().unwrap_or(root);
    match (error.io_error(), error.loop_ancestor()) {
        (Some(io), _) => Failure::reading(path, io),
        (None, Some(above)) => Failure::new(format!(
            "`{}` is a link to `{}`, the folder it lies in",
            path.display(),
            above.display()
        )),
        (None, None) => Failure::new(format!("cannot read `{}`", path.display())),
    }
}

/// The text of `path`, which lies below `root`.
pub(crate) fn text(root: &Path, path: &str) -> Result<String, Failure> {
    let full: PathBuf = root.join(path);
    let shown = Path::new(path);
    let about = fs::metadata(&full).map_err(|error| Failure::reading(shown, &error))?;
    // A pipe would have us wait for a writer who may never come.
    if !about.is_file() {
        return Err(no_file(path));
    }
    let file = fs::File::open(&full).map_err(|error| Failure::reading(shown, &error))?;
    let mut bytes = Vec::new();
    // One byte more than a place can say, to notice the file that is too long.
    let limit = u64::from(u32::MAX);
    file.take(limit).read_to_end(&mut bytes).map_err(|error| Failure::reading(shown, &error))?;
    utf8(bytes, path)
}

/// The text that `bytes`, read from `path`, are.
pub(crate) fn utf8(bytes: Vec<u8>, path: &str) -> Result<String, Failure> {
    if bytes.len() as u64 >= u64::from(u32::MAX) {
        return Err(Failure::new(format!("`{path}` is larger than 4 GiB")).help("split it"));
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let line = error.as_bytes().iter().take(good).filter(|byte| **byte == b'\n').count() + 1;
        Failure::new(format!("`{path}` is not UTF-8: line {line} has bytes that are no character"))
            .help("save it as UTF-8")
    })
}

/// That a folder, a pipe or a device stands at `path`, where a file should.
fn no_file(path: &str) -> Failure {
    Failure::new(format!("`{path}` is not a file"))
        .help("a folder, a pipe or a device stands there: move it, or change the pattern in eastwest.toml")
}

/// The text of `path` below `root` if there is such a file.
pub(crate) fn text_if_there(root: &Path, path: &str) -> Result<Option<String>, Failure> {
    match fs::symlink_metadata(root.join(path)) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(Failure::reading(Path::new(path), &error)),
        Ok(_) => text(root, path).map(Some),
    }
}
