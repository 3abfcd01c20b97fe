//! Temporary files: each is locked while its writer runs, so that what a killed writer left behind can be told from what
//! one that runs is about to put in its place.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _};
use std::path::Path;

use tempfile::NamedTempFile;

use super::MARKS;

/// How the name of a temporary file begins and how long the rest is.
const NAME: (&str, usize) = (".eastwest-", 6);
/// So many times a file is made anew that another build has taken for a leftover before it was locked.
const TRIES: usize = 8;

/// A temporary file in `folder`, locked until it is closed where the file system has locks.
pub(super) fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(NAME.0).rand_bytes(NAME.1);
    // What the file is readable by is the matter of the umask, as for any file that a program writes.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    for _ in 0..TRIES {
        let file = builder.tempfile_in(folder)?;
        if file.as_file().lock().is_err() || is_there(&file) {
            return Ok(file);
        }
    }
    Err(io::Error::other("another program takes away what is written"))
}

/// Whether `file` has its name still.
fn is_there(file: &NamedTempFile) -> bool {
    fs::symlink_metadata(file.path()).is_ok_and(|it| it.is_file())
}

/// Removes what killed builds left directly in `folder`: regular files with a name of ours that begin as files of ours do
/// (as far as they got), and that nobody holds. What cannot be removed stays, and nothing comes of it.
pub(super) fn remove(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let ours = entry.file_name().to_str().is_some_and(is_ours);
        // Of a link, the type is that of the link itself.
        if ours && entry.file_type().is_ok_and(|it| it.is_file()) {
            remove_one(&entry.path());
        }
    }
}

fn is_ours(name: &str) -> bool {
    let rest = name.strip_prefix(NAME.0);
    rest.is_some_and(|it| it.len() == NAME.1 && it.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

fn remove_one(path: &Path) {
    // To be locked on every system, a file is opened to be written; nothing is.
    let Ok(mut file) = OpenOptions::new().read(true).write(true).open(path) else { return };
    if file.try_lock().is_ok() && begins_as_ours(&mut file) {
        let _ = fs::remove_file(path);
    }
}

/// Whether the text begins with the line of ours, or is the beginning of it: a build may be killed early.
fn begins_as_ours(file: &mut File) -> bool {
    let mut start = Vec::new();
    let most = MARKS.iter().map(|mark| mark.len()).max().unwrap_or_default();
    let most = u64::try_from(most).unwrap_or(u64::MAX);
    let read = file.take(most).read_to_end(&mut start).is_ok();
    let begins =
        |mark: &str| mark.as_bytes().starts_with(&start) || start.starts_with(mark.as_bytes());
    read && MARKS.into_iter().any(begins)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> =
            entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn what_a_killed_build_left_goes_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let ours = format!("{}application1. Do not edit.\n", MARKS[0]);
        for (name, text) in [
            (".eastwest-aaaaaa", ours.as_str()),
            (".eastwest-aaaaab", ""),
            (".eastwest-aaaaac", "# Gener"),
            // Others' names, and others' texts.
            (".eastwest-aaaaaaa", &ours),
            (".eastwest-aaaaa", &ours),
            (".eastwest-aaaa.a", &ours),
            ("eastwest-aaaaaa", &ours),
            (".eastwest-aaaaad", "notes\n"),
            ("policies.yaml", &ours),
        ] {
            fs::write(at(name), text).unwrap();
        }
        fs::create_dir(at(".eastwest-bbbbbb")).unwrap();
        fs::write(at(".eastwest-bbbbbb").join(".eastwest-aaaaaa"), &ours).unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(at("policies.yaml"), at(".eastwest-cccccc")).unwrap();
        // One of a build that runs.
        let mut running = temporary(folder.path()).unwrap();
        running.write_all(ours.as_bytes()).unwrap();
        let before = names(folder.path());
        remove(folder.path());
        let mut left = before;
        left.retain(|it| {
            ![".eastwest-aaaaaa", ".eastwest-aaaaab", ".eastwest-aaaaac"].contains(&it.as_str())
        });
        assert_eq!(names(folder.path()), left);
        assert!(at(".eastwest-bbbbbb/.eastwest-aaaaaa").exists() && at("policies.yaml").exists());
        // It was put in its place: nobody holds it, and it has another name.
        running.persist(at("policies.yaml")).unwrap();
        remove(folder.path());
        assert!(at("policies.yaml").exists());
    }

    #[test]
    fn builds_at_the_same_time_take_nothing_from_each_other() {
        let folder = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for number in 0..4 {
                let at = folder.path();
                scope.spawn(move || {
                    for _ in 0..100 {
                        remove(at);
                        let mut file = temporary(at).unwrap();
                        file.write_all(MARKS[0].as_bytes()).unwrap();
                        file.persist(at.join(number.to_string())).unwrap();
                    }
                });
            }
        });
        assert_eq!(names(folder.path()), ["0", "1", "2", "3"]);
    }
}
