//! What the name of a revision means: a commit, or a refusal where it could mean more than one.
//!
//! Whoever may push a tag may call it `origin/main`, and git then takes the tag. So a name is `HEAD`, a ref in full
//! (`refs/remotes/origin/main`), a hash, or the end of exactly one ref; behind it, `^`, `^2` and `~3` go to parents. Nothing
//! else that git takes for a revision is one here.

use std::fmt::Write as _;

use super::objects::{HeldObject, ObjectKind, Objects};
use super::repository::Repository;
use crate::project::failure::Failure;

/// A commit.
pub(crate) struct Commit {
    /// The folder of its files.
    pub(crate) tree: String,
    parents: Vec<String>,
}

/// A commit or a tag is no longer.
const LONGEST: u64 = 16 << 20;

/// The least digits of a short hash.
const DIGITS: usize = 7;

/// Tags of tags are followed so far.
const TAGS: usize = 16;

/// The commit that `name` names in `repository`.
pub(crate) fn commit(
    repository: &Repository,
    objects: &mut Objects,
    name: &str,
) -> Result<Commit, Failure> {
    let (base, steps) = parts(name).ok_or_else(|| cannot_be(name))?;
    if repository.submodule && !is_hash(base) {
        return Err(Failure::new(format!(
            "`{name}` is looked for in a submodule, and whoever changes the repository around it chooses what is called so"
        ))
        .help("name the commit by its whole hash, or clone the repository of the submodule by itself"));
    }
    let id = if base == "HEAD" {
        head(repository, objects)?
    } else if is_hash(base) {
        Some(base.to_ascii_lowercase())
    } else if base.starts_with("refs/") {
        refs(repository, objects, &[base.to_owned()])?.pop().map(|(_, id)| id)
    } else {
        short(repository, objects, base)?
    };
    let id = id.ok_or_else(|| unknown(name))?;
    let mut commit = read(objects, &id, name)?;
    for step in steps {
        let (number, times) = match step {
            NameStep::Parent(number) => (number, usize::from(number > 0)),
            NameStep::Back(times) => (1, times),
        };
        for _ in 0..times {
            let Some(parent) = commit.parents.get(number - 1) else {
                return Err(Failure::new(format!(
                    "`{name}` names a parent that the commit does not have"
                ))
                .help("name a commit of its history"));
            };
            commit = read(objects, &parent.clone(), name)?;
        }
    }
    Ok(commit)
}

/// A way to a parent.
enum NameStep {
    /// `^2`
    Parent(usize),
    /// `~3`
    Back(usize),
}

/// The name at the beginning of `name`, and the ways behind it; `None` for what is not a name here.
fn parts(name: &str) -> Option<(&str, Vec<NameStep>)> {
    let end = name.find(['^', '~']).unwrap_or(name.len());
    let (base, mut rest) = name.split_at_checked(end)?;
    let unfit = |c: char| c.is_control() || " :?*[\\".contains(c);
    let segment = |it: &str| it.is_empty() || it.starts_with('.');
    if base.contains(unfit)
        || base.starts_with('-')
        || base.ends_with('.')
        || base == "@"
        || ["..", "@{"].iter().any(|it| base.contains(it))
        || base.split('/').any(segment)
    {
        return None;
    }
    let mut steps = Vec::new();
    while let Some(sign) = rest.chars().next() {
        let after = rest.get(1..)?;
        let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
        let (number, next) = after.split_at_checked(digits)?;
        let number = if number.is_empty() { 1 } else { number.parse::<u32>().ok()? as usize };
        steps.push(match sign {
            '^' => NameStep::Parent(number),
            '~' => NameStep::Back(number),
            _ => return None,
        });
        rest = next;
    }
    Some((base, steps))
}

fn is_hex(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_hexdigit())
}

fn is_hash(text: &str) -> bool {
    [40, 64].contains(&text.len()) && is_hex(text)
}

/// What is checked out.
fn head(repository: &Repository, objects: &Objects) -> Result<Option<String>, Failure> {
    let answer = objects.ask(repository, &["show-ref", "--verify", "HEAD"])?;
    let id = answer.text.split(' ').next().filter(|it| answer.good && is_hash(it));
    Ok(id.map(str::to_owned))
}

/// Which of the refs `names`, each in full, there are, with what they point to.
fn refs(
    repository: &Repository,
    objects: &Objects,
    names: &[String],
) -> Result<Vec<(String, String)>, Failure> {
    let mut words = vec!["for-each-ref", "--format=%(refname) %(objectname)"];
    words.extend(names.iter().map(String::as_str));
    let answer = objects.ask(repository, &words)?;
    if !answer.good {
        return Err(Failure::new("git cannot list the refs of the repository")
            .help(format!("git says: {}", answer.complaint)));
    }
    // A pattern of git's matches what lies below a name as well.
    let lines = answer.text.lines().filter_map(|line| line.split_once(' '));
    let exact = lines.filter(|(name, _)| names.iter().any(|it| it == name));
    Ok(exact.map(|(name, id)| (name.to_owned(), id.to_owned())).collect())
}

/// What the short name `base` means, if it means one thing.
fn short(
    repository: &Repository,
    objects: &mut Objects,
    base: &str,
) -> Result<Option<String>, Failure> {
    let names: Vec<String> = [
        format!("refs/{base}"),
        format!("refs/tags/{base}"),
        format!("refs/heads/{base}"),
        format!("refs/remotes/{base}"),
        format!("refs/remotes/{base}/HEAD"),
    ]
    .into();
    let mut found = refs(repository, objects, &names)?;
    for id in abbreviated(objects, base)? {
        found.push((id.clone(), id));
    }
    match &*found {
        [] => Ok(None),
        [(name, id)] => {
            if let Some(remote) = shadows(repository, objects, base, name)? {
                return Err(Failure::new(format!(
                    "`{base}` is not a branch of `{remote}` here, but another ref is called so"
                ))
                .help(format!("fetch the branch, or name the ref in full:  git:{name}")));
            }
            Ok(Some(id.clone()))
        }
        several => {
            let mut help = "name the one that you mean in full:".to_owned();
            for (name, _) in several {
                // Writing to a text cannot fail.
                let _ = write!(help, "\ngit:{name}");
            }
            Err(Failure::new(format!("`{base}` could mean more than one revision")).help(help))
        }
    }
}

/// The commits and tags whose hashes begin with `base`.
fn abbreviated(objects: &mut Objects, base: &str) -> Result<Vec<String>, Failure> {
    if base.len() < DIGITS || !is_hex(base) {
        return Ok(Vec::new());
    }
    let mut command = objects.command();
    command.args(["rev-parse", &format!("--disambiguate={}", base.to_ascii_lowercase())]);
    let answer = super::program::ask(command)?;
    let mut found = Vec::new();
    for id in answer.text.lines().filter(|it| is_hash(it)) {
        if let HeldObject::Bytes(ObjectKind::Commit | ObjectKind::Tag, _) =
            objects.read(id, LONGEST)?
        {
            found.push(id.to_owned());
        }
    }
    Ok(found)
}

/// The remote with whose name `base` begins, where `found`, the only ref of that name, is not a branch of it.
fn shadows(
    repository: &Repository,
    objects: &Objects,
    base: &str,
    found: &str,
) -> Result<Option<String>, Failure> {
    let Some((remote, _)) = base.split_once('/') else { return Ok(None) };
    if found.starts_with("refs/remotes/") {
        return Ok(None);
    }
    let below = format!("refs/remotes/{remote}/");
    let answer = objects.ask(repository, &["for-each-ref", "--count=1", &below])?;
    Ok((!answer.text.is_empty()).then(|| remote.to_owned()))
}

/// The commit that `id` is, or that it is a tag of.
fn read(objects: &mut Objects, id: &str, name: &str) -> Result<Commit, Failure> {
    let mut id = id.to_owned();
    for _ in 0..TAGS {
        let (kind, bytes) = match objects.read(&id, LONGEST)? {
            HeldObject::Bytes(kind, bytes) => (kind, bytes),
            HeldObject::Missing => return Err(not_here(name)),
            HeldObject::TooLarge => break,
        };
        let text = String::from_utf8_lossy(&bytes);
        // As git does it: what counts is the first line, and of a commit the lines of parents just below it.
        let value = |line: &str, key| line.strip_prefix(key).map(str::to_owned);
        let value = |line: &str, key| value(line, key).filter(|it| is_hash(it));
        let mut lines = text.lines();
        let first = lines.next().unwrap_or_default();
        let next = match kind {
            ObjectKind::Commit => {
                let Some(tree) = value(first, "tree ") else { break };
                let parents = lines.map_while(|line| value(line, "parent ")).collect();
                return Ok(Commit { tree, parents });
            }
            ObjectKind::Tag => value(first, "object "),
            ObjectKind::Folder | ObjectKind::File => None,
        };
        let Some(next) = next else { break };
        id = next;
    }
    Err(Failure::new(format!("`{name}` is not a commit"))
        .help("name a branch, a tag of a commit, or a commit"))
}

/// That an object of the revision `name` is missing.
pub(crate) fn not_here(name: &str) -> Failure {
    Failure::new(format!("the repository here does not hold all of `{name}`")).help(
        "a shallow or partial clone lacks objects, and nothing is fetched while a revision is read: fetch the rest first, as in\n\
         git fetch --unshallow origin\n\
         git fetch --refetch --no-filter origin",
    )
}

fn unknown(name: &str) -> Failure {
    Failure::new(format!("git knows no revision `{name}` here"))
        .help("fetch it first, as in  git fetch origin main  (a shallow clone holds few revisions)")
}

fn cannot_be(name: &str) -> Failure {
    Failure::new(format!("`{name}` is not the name of a revision")).help(
        "name a branch, a tag or a commit, as in  git:refs/remotes/origin/main  or  git:HEAD^1\n\
         `@{…}`, `:/text`, ranges and options of git are not taken",
    )
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn what_is_a_name_and_what_is_not() {
        for name in ["HEAD", "HEAD^", "HEAD^1~2^0", "refs/tags/v1", "a-b_c.d", "v1.0", "ünï"] {
            assert!(parts(name).is_some(), "{name}");
        }
        for name in [
            "",
            "@",
            "-x",
            "--output=x",
            ":/text",
            "HEAD:path",
            "main@{1}",
            "@{u}",
            "main@{u}",
            "a..b",
            "a...b",
            "HEAD^{tree}",
            "HEAD^{/x}",
            "HEAD^-",
            "^HEAD",
            "a b",
            "a*",
            "a?",
            "a[b]",
            "a\\b",
            "a\nb",
            "/a",
            "a/",
            "a//b",
            "a/.b",
            "a.",
            "../a",
            "HEAD~99999999999",
        ] {
            assert!(parts(name).is_none(), "{name}");
        }
    }
}
