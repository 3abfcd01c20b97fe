//! Calico YAML that is no project's: the files, folders and `-` that options name, read.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::calico::Release;
use crate::project::failure::Failure;
use crate::project::files;
use crate::source::{FileId, Sources};

/// What the names of files in a folder end in that are read.
const ENDINGS: [&str; 3] = ["yaml", "yml", "json"];

/// Reads everything that `paths` name into `sources`: a file, all YAML and JSON in a folder, or `-`, the standard input.
pub(crate) fn read(paths: &[PathBuf], sources: &mut Sources) -> Result<Vec<FileId>, Failure> {
    let mut found = Vec::new();
    for path in paths {
        if path == Path::new("-") {
            let mut bytes = Vec::new();
            let read = io::stdin().lock().read_to_end(&mut bytes);
            read.map_err(|error| Failure::reading(Path::new("standard input"), &error))?;
            found.push(sources.add("-", files::utf8(bytes, "standard input")?));
            continue;
        }
        let about = fs::metadata(path).map_err(|error| Failure::reading(path, &error))?;
        if about.is_dir() {
            found.extend(folder(path, sources)?);
        } else {
            found.push(file(path, sources)?);
        }
    }
    Ok(found)
}

/// Refuses to take the standard input for two things.
pub(crate) fn once<'a>(paths: impl Iterator<Item = &'a PathBuf>) -> Result<(), Failure> {
    if paths.filter(|path| path.as_path() == Path::new("-")).count() > 1 {
        return Err(Failure::new(
            "the standard input can be read only once, and `-` stands for it twice",
        )
        .help("write one of the two to a file"));
    }
    Ok(())
}

fn folder(root: &Path, sources: &mut Sources) -> Result<Vec<FileId>, Failure> {
    let mut found = Vec::new();
    for entry in WalkDir::new(root).follow_links(true).sort_by_file_name() {
        let entry = entry.map_err(|error| files::unreadable(&error, root))?;
        let ending = entry.path().extension().and_then(|it| it.to_str());
        if entry.file_type().is_file() && ending.is_some_and(|it| ENDINGS.contains(&it)) {
            found.push(file(entry.path(), sources)?);
        }
    }
    if found.is_empty() {
        let shown = root.display();
        return Err(Failure::new(format!("there is no YAML or JSON in `{shown}`"))
            .help("in a folder, files that end in .yaml, .yml or .json are read"));
    }
    Ok(found)
}

fn file(path: &Path, sources: &mut Sources) -> Result<FileId, Failure> {
    let bytes = fs::read(path).map_err(|error| Failure::reading(path, &error))?;
    let shown = path.to_string_lossy().replace('\\', "/");
    let text = files::utf8(bytes, &shown)?;
    Ok(sources.add(shown, text))
}

/// The release that people write as `3.31` or `v3.31`.
pub(crate) fn release(text: &str) -> Result<Release, String> {
    Release::parse(text).ok_or_else(|| {
        let (oldest, newest) = (Release::OLDEST, Release::NEWEST);
        format!("write a release from {oldest} to {newest}")
    })
}
