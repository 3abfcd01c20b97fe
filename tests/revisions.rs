//! Revisions, as somebody attacks them who may open pull requests and push tags: nothing of theirs is run, and the old world is
//! the one that its name says, or it is not compared.
#![cfg(unix)]

mod checkouts;
mod files;
mod names;
mod programs;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use crate::cli::{Project, Ran, git};

const FLOW: &str = "application1/network-policies/app.flow";
const OPENED: &str = "application1.api -> application1.api : tcp/80, tcp/81\n";
const SAME: &str = "No change in traffic\n";

/// Runs `eastwest diff` in `folder`, where the shell says it is.
fn diff(folder: &Path, worlds: &[&str]) -> Ran {
    with(folder, worlds, &[])
}

fn with(folder: &Path, worlds: &[&str], environment: &[(&str, &OsStr)]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_eastwest"));
    command.current_dir(folder).arg("diff").args(worlds).env("PWD", folder);
    let environment = environment.iter().map(|(name, value)| (name, value));
    Ran::from(command.envs(environment).output().unwrap())
}

/// That `eastwest diff WORLDS` in `folder` could not do it, and says `told`.
fn fails(folder: &Path, worlds: &[&str], told: &str) {
    let ran = diff(folder, worlds);
    assert_eq!((ran.status, &*ran.out), (2, ""), "{worlds:?}: {}", ran.err);
    assert!(ran.err.contains(told), "{worlds:?}: {}", ran.err);
}

fn same(folder: &Path, world: &str) {
    let ran = diff(folder, &[world]);
    assert_eq!((ran.status, &*ran.out), (0, SAME), "{world}: {}", ran.err);
}

/// That the port that was opened since `world` is told.
fn opened(folder: &Path, world: &str) {
    let ran = diff(folder, &[world]);
    assert!(ran.status == 1 && ran.out.contains("tcp/80-81"), "{world}: {}{}", ran.out, ran.err);
}

/// What git says.
fn say(folder: &Path, words: &[&str]) -> String {
    let output = Command::new("git").current_dir(folder).args(words).output().unwrap();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// The sample, committed, and then with one more port, which is not.
fn changed() -> Project {
    let project = Project::sample();
    project.commit();
    project.write(FLOW, OPENED);
    project
}

fn record(folder: &Path) {
    git(folder, &["add", "--all", "--force"]);
    git(folder, &["commit", "--quiet", "--allow-empty", "--message", "x"]);
}

/// A program at `path` that leaves a file at `mark`.
fn trap(path: &Path, mark: &Path) {
    fs::write(path, format!("#!/bin/sh\n/usr/bin/env touch '{}'\nexit 1\n", mark.display()))
        .unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Takes the object out of the repository `.git` that `name` names there.
fn lose(repository: &Path, name: &str) {
    let id = say(repository, &["rev-parse", name]);
    let (folder, rest) = id.split_at(2);
    fs::remove_file(repository.join("objects").join(folder).join(rest)).unwrap();
}
