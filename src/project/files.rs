//! Text as files hold it, and what keeps folders from being read.

use std::path::Path;

use super::failure::Failure;

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
