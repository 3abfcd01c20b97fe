//! Nothing that a pull request can write is run, or taken for the repository.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use tempfile::TempDir;

use super::{FLOW, OPENED, changed, fails, lose, opened, record, say, trap, with};
use crate::cli::{Project, git};

const PROMISES: &str = "[core]\n\trepositoryformatversion = 1\n\tbare = true\n\tsshCommand = TRAP\n\tfsmonitor = TRAP\n\
    [extensions]\n\tpartialClone = origin\n[remote \"origin\"]\n\turl = ssh://nowhere/x\n\tpromisor = true\n\
    \tuploadpack = TRAP\n";

#[test]
fn a_project_that_looks_like_a_repository_is_none() {
    let outer = TempDir::new().unwrap();
    let folder = outer.path().join("sub");
    for (path, text) in Project::sample().files() {
        fs::create_dir_all(folder.join(&path).parent().unwrap()).unwrap();
        fs::write(folder.join(path), text).unwrap();
    }
    git(outer.path(), &["init", "--quiet", "--initial-branch", "main"]);
    record(outer.path());
    let base = say(outer.path(), &["rev-parse", "HEAD"]);
    fs::write(folder.join(FLOW), OPENED).unwrap();
    // The pull request: the same in a repository of its own, whose objects, refs and configuration become files of the project.
    let evil = TempDir::new().unwrap();
    git(evil.path(), &["init", "--quiet", "--initial-branch", "main"]);
    assert!(
        Command::new("cp")
            .arg("-r")
            .arg(folder.join("."))
            .arg(evil.path())
            .status()
            .unwrap()
            .success()
    );
    record(evil.path());
    for name in ["HEAD", "config", "objects", "refs"] {
        let to = folder.join(name);
        assert!(
            Command::new("cp")
                .arg("-r")
                .arg(evil.path().join(".git").join(name))
                .arg(to)
                .status()
                .unwrap()
                .success()
        );
    }
    let mark = outer.path().join("run");
    let program = outer.path().join("program");
    trap(&program, &mark);
    fs::write(folder.join("config"), PROMISES.replace("TRAP", program.to_str().unwrap())).unwrap();
    record(outer.path());
    // Git itself falls for it.
    assert_ne!(say(&folder, &["rev-parse", "main"]), say(outer.path(), &["rev-parse", "main"]));
    opened(&folder, &format!("git:{base}"));
    opened(&folder, "git:main^");
    lose(&folder, "main:eastwest.toml");
    opened(&folder, "git:main^");
    // And it is nothing where there is no other repository.
    fs::rename(outer.path().join(".git"), outer.path().join("git")).unwrap();
    fails(&folder, &["git:main"], "is in no git repository");
    assert!(!mark.exists(), "a program of theirs was run");
}

#[test]
fn no_program_is_run_that_a_repository_names() {
    let project = changed();
    let repository = project.path().join(".git");
    let (mark, program) = (project.path().join("run"), project.path().join("program"));
    trap(&program, &mark);
    for hook in
        ["post-checkout", "reference-transaction", "post-index-change", "fsmonitor-watchman"]
    {
        fs::create_dir_all(repository.join("hooks")).unwrap();
        trap(&repository.join("hooks").join(hook), &mark);
    }
    let more = "[alias]\n\tcat-file = !TRAP\n\tfor-each-ref = !TRAP\n[core]\n\tpager = TRAP\n\talternateRefsCommand = TRAP\n\
                \taskpass = TRAP\n[credential]\n\thelper = !TRAP\n[protocol]\n\tallow = always\n[filter \"x\"]\n\tsmudge = TRAP\n";
    let config = format!("{PROMISES}{more}").replace("bare = true", "bare = false");
    fs::write(repository.join("config"), config.replace("TRAP", program.to_str().unwrap()))
        .unwrap();
    opened(project.path(), "git:main");
    lose(&repository, &format!("main:{FLOW}"));
    fails(project.path(), &["git:main"], "the repository here does not hold all of `main`");
    assert!(!mark.exists(), "a program was run");
    // The trap is one: git asks the remote for what is missing.
    let _ = Command::new("git")
        .current_dir(project.path())
        .args(["cat-file", "-p", &format!("main:{FLOW}")])
        .output();
    assert!(mark.exists(), "nothing would have been run anyway");
}

#[test]
fn git_is_not_what_lies_in_the_checkout_or_on_a_relative_path() {
    let project = changed();
    let mark = project.path().join("run");
    for folder in ["", "bin", "application1"] {
        fs::create_dir_all(project.path().join(folder)).unwrap();
        trap(&project.path().join(folder).join("git"), &mark);
    }
    let outside = TempDir::new().unwrap();
    symlink(project.path().join("bin"), outside.path().join("linked")).unwrap();
    symlink(project.path().join("bin/git"), outside.path().join("git")).unwrap();
    let theirs = format!(
        ":.:bin:application1:{}:{}:{}",
        project.path().join("bin").display(),
        outside.path().join("linked").display(),
        outside.path().display()
    );
    let path = format!("{theirs}:{}", std::env::var("PATH").unwrap());
    let ran = with(project.path(), &["git:main"], &[("PATH", OsStr::new(&path))]);
    assert_eq!(ran.status, 1, "{}", ran.err);
    let ran = with(project.path(), &["git:main"], &[("PATH", OsStr::new(&theirs))]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("there is no `git` on this machine"), "{}", ran.err);
    // Nor what lies where it is called, outside the checkout.
    let elsewhere = TempDir::new().unwrap();
    trap(&elsewhere.path().join("git"), &mark);
    let mut command = Command::new(env!("CARGO_BIN_EXE_eastwest"));
    command.current_dir(elsewhere.path()).arg("graph").arg(project.path());
    let ran = command.args(["--changed-since", "main"]).env("PATH", ":.:../").output().unwrap();
    let said = String::from_utf8(ran.stderr).unwrap();
    assert!(said.contains("there is no `git` on this machine"), "{said}");
    assert!(!mark.exists(), "a program of theirs was run");
}

#[test]
fn the_environment_has_no_say() {
    let project = changed();
    let other = Project::sample();
    other.write(FLOW, OPENED);
    other.commit();
    let (there, tree) = (other.path().join(".git"), other.path());
    let objects = there.join("objects");
    for (name, value) in [
        ("GIT_DIR", there.as_os_str()),
        ("GIT_WORK_TREE", tree.as_os_str()),
        ("GIT_COMMON_DIR", there.as_os_str()),
        ("GIT_OBJECT_DIRECTORY", objects.as_os_str()),
        ("GIT_NAMESPACE", OsStr::new("x")),
        ("GIT_CONFIG_PARAMETERS", OsStr::new("'core.bare'='nonsense'")),
        ("GIT_CEILING_DIRECTORIES", project.path().as_os_str()),
        ("GIT_EXEC_PATH", tree.as_os_str()),
        ("GIT_TRACE", OsStr::new("1")),
    ] {
        let ran = with(project.path(), &["git:main"], &[(name, value)]);
        assert_eq!((ran.status, &*ran.err), (1, ""), "{name}");
    }
}

#[test]
fn a_repository_that_a_pull_request_could_write_is_refused() {
    let project = Project::sample();
    project.write(FLOW, OPENED);
    project.commit();
    let (dot, evil) = (project.path().join(".git"), project.path().join("evil"));
    fs::rename(&dot, &evil).unwrap();
    let words = "among the files of a checkout";
    for text in ["gitdir: evil\n".to_owned(), format!("gitdir: {}\n", evil.display())] {
        fs::write(&dot, text).unwrap();
        fails(project.path(), &["git:main"], words);
    }
    fs::remove_file(&dot).unwrap();
    symlink("evil", &dot).unwrap();
    fails(project.path(), &["git:main"], words);
    // Nor one among another checkout's files.
    fs::remove_file(&dot).unwrap();
    let other = Project::new(&[]);
    git(other.path(), &["init", "--quiet"]);
    fs::rename(&evil, other.path().join("evil")).unwrap();
    symlink(other.path().join("evil"), &dot).unwrap();
    fails(project.path(), &["git:main"], words);
    fs::remove_file(&dot).unwrap();
    fs::write(&dot, "nonsense").unwrap();
    fails(project.path(), &["git:main"], "leads to no repository");
    fs::remove_file(&dot).unwrap();
    fs::create_dir(&dot).unwrap();
    fails(project.path(), &["git:main"], "git cannot read the repository");
}
