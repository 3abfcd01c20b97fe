//! A name means one commit, or it is refused.

use std::fs;

use super::{changed, diff, fails, opened, record, same, say};
use crate::cli::git;

#[test]
fn a_name_that_more_than_one_revision_has_is_refused() {
    let project = changed();
    let folder = project.path();
    git(folder, &["update-ref", "refs/remotes/origin/main", "HEAD"]);
    record(folder);
    opened(folder, "git:origin/main");
    // A folder of refs is none.
    fails(folder, &["git:refs/remotes/origin"], "git knows no revision `refs/remotes/origin` here");
    fails(folder, &["git:origin"], "git knows no revision `origin` here");
    // Who may push tags calls one like the branch.
    git(folder, &["tag", "origin/main"]);
    let ran = diff(folder, &["git:origin/main"]);
    assert_eq!(
        (ran.status, &*ran.err),
        (
            2,
            "error: `origin/main` could mean more than one revision\n   help: name the one that you mean in full:\n         \
             git:refs/remotes/origin/main\n         git:refs/tags/origin/main\n"
        )
    );
    fails(folder, &["git:origin/main~0"], "could mean more than one");
    opened(folder, "git:refs/remotes/origin/main");
    same(folder, "git:refs/tags/origin/main");
    let ran = project.run("graph --changed-since origin/main");
    assert_eq!(ran.status, 2, "{}", ran.err);
    git(folder, &["tag", "--delete", "origin/main"]);
    for (other, short) in [
        ("refs/heads/origin/main", "origin/main"),
        ("refs/origin/main", "origin/main"),
        ("refs/tags/main", "main"),
        ("refs/remotes/main/HEAD", "main"),
        ("refs/remotes/main", "main"),
    ] {
        git(folder, &["update-ref", other, "HEAD"]);
        fails(folder, &[&format!("git:{short}")], other);
        git(folder, &["update-ref", "-d", other]);
    }
    // A full name is that name alone, and HEAD is what is checked out.
    git(folder, &["update-ref", "refs/tags/refs/remotes/origin/main", "HEAD"]);
    git(folder, &["update-ref", "refs/heads/refs/remotes/origin/gone", "HEAD"]);
    git(folder, &["update-ref", "refs/tags/HEAD", "HEAD~1"]);
    git(folder, &["update-ref", "refs/heads/HEAD", "HEAD~1"]);
    opened(folder, "git:refs/remotes/origin/main");
    fails(folder, &["git:refs/remotes/origin/gone"], "git knows no revision");
    same(folder, "git:HEAD");
    opened(folder, "git:HEAD^");
}

#[test]
fn a_tag_is_not_taken_for_a_branch_of_a_remote_that_is_not_there() {
    let project = changed();
    let folder = project.path();
    git(folder, &["update-ref", "refs/remotes/origin/other", "HEAD"]);
    record(folder);
    git(folder, &["tag", "origin/applied"]);
    fails(folder, &["git:origin/applied"], "`origin/applied` is not a branch of `origin` here");
    same(folder, "git:refs/tags/origin/applied");
    git(folder, &["tag", "release/1"]);
    same(folder, "git:release/1");
}

#[test]
fn short_hashes_mean_one_commit_or_none() {
    let project = changed();
    let folder = project.path();
    let base = say(folder, &["rev-parse", "HEAD"]);
    let short = &base[..9];
    record(folder);
    opened(folder, &format!("git:{base}"));
    opened(folder, &format!("git:{short}"));
    opened(folder, &format!("git:{}", short.to_uppercase()));
    fails(folder, &[&format!("git:{}", &base[..5])], "git knows no revision");
    git(folder, &["branch", short]);
    fails(
        folder,
        &[&format!("git:{short}")],
        &format!("git:refs/heads/{short}\n         git:{base}"),
    );
    // A ref that is called like a whole hash is not it.
    git(folder, &["update-ref", &format!("refs/heads/{base}"), "HEAD"]);
    opened(folder, &format!("git:{base}"));
    fails(
        folder,
        &[&format!("git:{}", base.replace(|c: char| c.is_ascii_digit(), "f"))],
        "does not hold",
    );
    let file = say(folder, &["rev-parse", "HEAD:eastwest.toml"]);
    fails(folder, &[&format!("git:{file}")], "is not a commit");
}

#[test]
fn parents_are_those_that_commits_name() {
    let project = changed();
    let folder = project.path();
    let base = say(folder, &["rev-parse", "HEAD"]);
    git(folder, &["checkout", "--quiet", "-b", "side"]);
    record(folder);
    git(folder, &["checkout", "--quiet", "-b", "merged", "main"]);
    git(folder, &["merge", "--quiet", "--no-ff", "--message", "x", "side"]);
    for (name, is_same) in [
        ("HEAD", true),
        ("HEAD^0", true),
        ("HEAD^", false),
        ("HEAD^1", false),
        ("HEAD~", false),
        ("HEAD^2", true),
        ("HEAD^2~1", false),
        ("side^^0", false),
    ] {
        let world = format!("git:{name}");
        if is_same { same(folder, &world) } else { opened(folder, &world) }
    }
    fails(folder, &["git:HEAD^3"], "names a parent that the commit does not have");
    fails(folder, &["git:HEAD~9"], "names a parent that the commit does not have");
    // A tag is the commit that it is of.
    git(folder, &["tag", "--annotate", "v1", "--message", "x", &base]);
    git(folder, &["tag", "--annotate", "v2", "--message", "x", "v1"]);
    opened(folder, "git:v2");
    // What looks like a parent further below is none.
    let tree = say(folder, &["rev-parse", "HEAD^{tree}"]);
    let who = "a <a@example.org> 1 +0000";
    let text = format!(
        "tree {tree}\nparent {base}\nauthor {who}\ncommitter {who}\nparent {base}\n\nparent {base}\n"
    );
    fs::write(folder.join(".git/text"), text).unwrap();
    let words = ["hash-object", "-t", "commit", "-w", "--literally", ".git/text"];
    let strange = say(folder, &words);
    opened(folder, &format!("git:{strange}^"));
    fails(folder, &[&format!("git:{strange}^2")], "names a parent that the commit does not have");
    // Replacements and grafts tell another history.
    git(folder, &["replace", "main", "side"]);
    opened(folder, "git:main");
    opened(folder, "git:HEAD^");
    fs::write(
        folder.join(".git/info/grafts"),
        format!("{} {0}\n", say(folder, &["rev-parse", "HEAD"])),
    )
    .unwrap();
    opened(folder, "git:HEAD^");
}

#[test]
fn what_is_a_revision_for_git_alone_is_none_here() {
    let project = changed();
    let folder = project.path();
    for name in [
        "@",
        "main@{0}",
        "@{1}",
        ":/x",
        "HEAD:",
        ":eastwest.toml",
        "HEAD^{tree}",
        "HEAD^{/x}",
        "-x",
        "main..",
        "^main",
        "m*",
    ] {
        fails(
            folder,
            &[&format!("git:{name}")],
            &format!("`{name}` is not the name of a revision"),
        );
    }
}
