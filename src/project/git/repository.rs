//! The repository around a folder, found by walking up for `.git`. Git never puts anything of that name on disk out of a
//! commit, so a pull request cannot write it; where it leads elsewhere, it must not lead back into the files of a checkout.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::project::failure::Failure;

/// A repository, and where a folder lies in it.
#[derive(Debug)]
pub(crate) struct Repository {
    /// The folder of the work tree.
    pub(crate) checkout: PathBuf,
    /// The repository itself, of a linked work tree its own part.
    pub(crate) own: PathBuf,
    /// What all work trees share.
    pub(crate) shared: PathBuf,
    /// The folder, from that of the work tree, with `/` between segments.
    pub(crate) inner: String,
    /// Whether another repository chooses which one this is, and its branches with it.
    pub(crate) submodule: bool,
}

/// What stands for a repository in its work tree.
const DOT_GIT: &str = ".git";

/// The work tree that `folder` lies in, which is not a link.
pub(crate) fn checkout(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|it| it.join(DOT_GIT).symlink_metadata().is_ok())
}

impl Repository {
    /// The repository around `root`.
    pub(crate) fn around(root: &Path) -> Result<Self, Failure> {
        let real = root.canonicalize().map_err(|error| Failure::reading(root, &error))?;
        let Some(checkout) = checkout(&real) else {
            return Err(Failure::new(format!("`{}` is in no git repository", root.display()))
                .help(
                    "no folder above it has a `.git`: compare with the folder of another checkout",
                ));
        };
        not_by_links(root, &real, checkout)?;
        let own = own(checkout)?;
        let shared = match named(&own.join("commondir"), "") {
            Ok(Some(path)) => real_path(&own.join(path))?,
            Ok(None) => own.clone(),
            Err(failure) => return Err(failure),
        };
        let inner = real.strip_prefix(checkout).unwrap_or(Path::new(""));
        let parts: Option<Vec<&str>> = inner.iter().map(|part| part.to_str()).collect();
        let Some(parts) = parts else {
            return Err(Failure::new(format!("the name of `{}` is not UTF-8", inner.display()))
                .help("rename it"));
        };
        let inner = parts.join("/");
        let submodule = own == shared && is_submodule(checkout, &own);
        Ok(Self { checkout: checkout.to_path_buf(), own, shared, inner, submodule })
    }
}

/// Whether `own`, the repository of `checkout`, is kept in the repository of the checkout around that.
fn is_submodule(checkout: &Path, own: &Path) -> bool {
    let around = checkout.parent().and_then(self::checkout);
    around.and_then(leads_to).is_some_and(|it| own.starts_with(it))
}

/// The repository that `.git` in `checkout` is or leads to.
fn own(checkout: &Path) -> Result<PathBuf, Failure> {
    let dot = checkout.join(DOT_GIT);
    let about = dot.symlink_metadata().map_err(|error| Failure::reading(&dot, &error))?;
    if about.is_dir() {
        return Ok(dot);
    }
    let own = if dot.is_dir() {
        real_path(&dot)?
    } else {
        let Some(path) = named(&dot, "gitdir: ")? else {
            return Err(Failure::new(format!("`{}` leads to no repository", dot.display()))
                .help("compare with the folder of another checkout"));
        };
        real_path(&checkout.join(path))?
    };
    // Another work tree's files may be what a pull request writes; what lies in its repository is not.
    let holder = own.ancestors().skip(1).find(|it| it.join(DOT_GIT).symlink_metadata().is_ok());
    let in_files = own.starts_with(checkout)
        || holder.is_some_and(|holder| !leads_to(holder).is_some_and(|it| own.starts_with(it)));
    if in_files {
        return Err(Failure::new(format!(
            "`{}` leads to `{}`, among the files of a checkout",
            dot.display(),
            own.display()
        ))
        .help("a pull request could write those: compare with the folder of another checkout"));
    }
    Ok(own)
}

/// Where `.git` in `holder` leads, whatever that is.
fn leads_to(holder: &Path) -> Option<PathBuf> {
    let dot = holder.join(DOT_GIT);
    let path = if dot.is_dir() { dot } else { holder.join(named(&dot, "gitdir: ").ok()??) };
    path.canonicalize().ok()
}

/// The path that the file `path` names behind `word`; `None` where there is no such file.
fn named(path: &Path, word: &str) -> Result<Option<String>, Failure> {
    let fits = |it: &fs::Metadata| it.is_file() && it.len() <= 1 << 16;
    if !path.metadata().is_ok_and(|it| fits(&it)) {
        return Ok(None);
    }
    let text = fs::read_to_string(path).map_err(|error| Failure::reading(path, &error))?;
    let named = text.strip_prefix(word).map(|it| it.trim_end_matches(['\n', '\r']).to_owned());
    Ok(named.filter(|it| !it.is_empty()))
}

fn real_path(path: &Path) -> Result<PathBuf, Failure> {
    path.canonicalize().map_err(|error| Failure::reading(path, &error))
}

/// That nobody came to `real` through a link of the repository: what the link was in a revision is not what it is here.
fn not_by_links(root: &Path, real: &Path, checkout: &Path) -> Result<(), Failure> {
    let here = env::current_dir().ok();
    let shell = env::var_os("PWD").map(PathBuf::from);
    let shell = shell.filter(|it| it.canonicalize().ok() == here);
    for path in shell.iter().map(PathBuf::as_path).chain([root]).flat_map(Path::ancestors) {
        let is_link = path.symlink_metadata().is_ok_and(|it| it.is_symlink());
        let Some(folder) = path.parent().and_then(|it| it.canonicalize().ok()) else { continue };
        if is_link && folder.starts_with(checkout) && !folder.starts_with(real) {
            let shown = path.file_name().unwrap_or(path.as_os_str()).display();
            return Err(Failure::new(format!(
                "the project is reached through the link `{shown}`, which may lead elsewhere in a revision"
            ))
            .help(format!("run it in the folder itself:  cd {}", real.display())));
        }
    }
    Ok(())
}
