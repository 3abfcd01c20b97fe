//! Every kind of checkout is read, or told with what to do.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use tempfile::TempDir;

use super::{FLOW, OPENED, changed, fails, opened, record, same, say};
use crate::cli::{Project, git};

#[test]
fn every_kind_of_checkout_is_read() {
    let project = changed();
    let folder = project.path();
    let scratch = TempDir::new().unwrap();
    let place = |name: &str| scratch.path().join(name);
    let text = |name: &str| place(name).to_str().unwrap().to_owned();
    let prepare = |name: &str| {
        same(&place(name), "git:HEAD");
        fs::write(place(name).join(FLOW), OPENED).unwrap();
        opened(&place(name), "git:HEAD");
    };
    git(folder, &["worktree", "add", "--quiet", &text("tree"), "--detach"]);
    prepare("tree");
    opened(&place("tree"), "git:main");
    git(
        folder,
        &["clone", "--quiet", "--separate-git-dir", &text("apart.git"), ".", &text("apart")],
    );
    prepare("apart");
    git(folder, &["clone", "--quiet", "--shared", ".", &text("shared")]);
    git(&place("shared"), &["pack-refs", "--all"]);
    prepare("shared");
    opened(&place("shared"), "git:refs/remotes/origin/main");
    // A bare repository with a work tree beside it, below a folder that names it.
    fs::create_dir(place("nest")).unwrap();
    git(folder, &["clone", "--quiet", "--bare", ".", &text("nest/.bare")]);
    fs::write(place("nest/.git"), "gitdir: ./.bare\n").unwrap();
    git(&place("nest"), &["worktree", "add", "--quiet", "main", "main"]);
    prepare("nest/main");
    // A submodule that is checked out.
    git(scratch.path(), &["init", "--quiet", "above"]);
    git(
        &place("above"),
        &[
            "-c",
            "protocol.file.allow=always",
            "submodule",
            "add",
            "--quiet",
            folder.to_str().unwrap(),
            "sub",
        ],
    );
    assert!(place("above/sub/.git").is_file());
    // Its branches are those of whatever repository a pull request around it names.
    let (sub, base) = (place("above/sub"), say(folder, &["rev-parse", "HEAD"]));
    for name in ["HEAD", "refs/remotes/origin/main", "origin/main", &base[..12]] {
        fails(&sub, &[&format!("git:{name}")], "is looked for in a submodule");
    }
    same(&sub, &format!("git:{base}"));
    fs::write(sub.join(FLOW), OPENED).unwrap();
    opened(&sub, &format!("git:{base}"));
    // A work tree within another is none.
    let inside = folder.join("inside");
    git(folder, &["worktree", "add", "--quiet", inside.to_str().unwrap(), "--detach"]);
    same(&inside, "git:HEAD");
    // Names of another length.
    let other = Project::sample();
    git(
        other.path(),
        &["init", "--quiet", "--object-format", "sha256", "--initial-branch", "main"],
    );
    record(other.path());
    other.write(FLOW, OPENED);
    opened(other.path(), "git:main");
    opened(other.path(), &format!("git:{}", &say(other.path(), &["rev-parse", "HEAD"])[..12]));
}

#[test]
fn of_a_shallow_or_partial_clone_nothing_is_fetched() {
    let project = changed();
    let folder = project.path();
    record(folder);
    git(folder, &["config", "uploadpack.allowFilter", "true"]);
    let scratch = TempDir::new().unwrap();
    let address = format!("file://{}", folder.display());
    let clone = |name: &str, option: &str| {
        let place = scratch.path().join(name);
        git(folder, &["clone", "--quiet", option, &address, place.to_str().unwrap()]);
        place
    };
    let shallow = clone("shallow", "--depth=1");
    same(&shallow, "git:HEAD");
    fails(&shallow, &["git:HEAD^"], "git fetch --unshallow origin");
    let partial = clone("partial", "--filter=blob:none");
    same(&partial, "git:HEAD");
    fails(&partial, &["git:HEAD^"], "git fetch --refetch --no-filter origin");
    assert_eq!(
        say(&partial, &["rev-list", "--missing=print", "--objects", "--all"]).matches('?').count(),
        1
    );
    opened(&clone("whole", "--no-local"), "git:HEAD^");
}

#[test]
fn a_repository_of_another_user_is_read() {
    let project = changed();
    let given = Command::new("chown").args(["-R", "12345"]).arg(project.path()).output().unwrap();
    if !given.status.success() {
        // Only root may give files away.
        return;
    }
    opened(project.path(), "git:main");
}

#[test]
fn the_way_to_the_project_has_no_links() {
    let outer = Project::new(&[]);
    for (path, text) in Project::sample().files() {
        outer.write(&format!("real/{path}"), &String::from_utf8(text).unwrap());
    }
    symlink("real", outer.path().join("linked")).unwrap();
    outer.commit();
    let (real, linked) = (outer.path().join("real"), outer.path().join("linked"));
    same(&real, "git:main");
    fails(&linked, &["git:main"], "reached through the link `linked`");
    fails(&linked.join("platform"), &["git:main"], "reached through the link `linked`");
    let ran = outer.run("graph linked --changed-since main");
    assert!(ran.status == 2 && ran.err.contains("the link `linked`"), "{}", ran.err);
    assert_eq!(outer.run("graph real --changed-since main").status, 0);
    // A link to the repository itself, from outside, is nobody's but the user's.
    let elsewhere = TempDir::new().unwrap();
    symlink(outer.path(), elsewhere.path().join("way")).unwrap();
    same(&elsewhere.path().join("way/real"), "git:main");
    // What is a folder here was a link.
    fs::remove_file(&linked).unwrap();
    fs::rename(&real, &linked).unwrap();
    fails(&linked, &["git:main"], "`linked`, where the project is, is a link in `main`");
}
