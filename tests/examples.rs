//! The examples are what they say: their committed output is today's, the vendored bundles are what the
//! platform exports, and repositories built apart write what they would write together.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Dates in the examples lie after this day.
const TODAY: &str = "2026-11-22";

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")
}

fn eastwest(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_eastwest")).args(arguments).output().unwrap()
}

/// Every example project: a folder with an `eastwest.toml`.
fn projects() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![examples()];
    while let Some(folder) = folders.pop() {
        if folder.join("eastwest.toml").is_file() {
            found.push(folder);
            continue;
        }
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        folders.extend(entries.filter(|path| path.is_dir()));
    }
    found.sort();
    found
}

#[test]
fn committed_output_is_what_build_writes_today() {
    let projects = projects();
    assert_eq!(projects.len(), 6, "{projects:?}");
    for project in projects {
        let output = eastwest(&["build", "--check", "--as-of", TODAY, project.to_str().unwrap()]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {said}", project.display());
    }
}

#[test]
fn examples_have_no_errors_or_warnings() {
    for project in projects() {
        let output = eastwest(&["check", "--strict", "--as-of", TODAY, project.to_str().unwrap()]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {said}", project.display());
    }
}

#[test]
fn vendored_bundles_are_what_the_platform_exports() {
    let separate = examples().join("separate-repositories");
    let fresh = tempfile::tempdir().unwrap();
    let bundle = fresh.path().join("bundle");
    let platform = separate.join("platform");
    let output = eastwest(&["export", platform.to_str().unwrap(), "-o", bundle.to_str().unwrap()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for application in ["application1", "application2"] {
        let vendored = separate.join(application).join("vendor/platform");
        for file in ["zones.yaml", "platform.flow", "settings.toml", "hash"] {
            let [fresh, vendored] =
                [&bundle, &vendored].map(|folder| fs::read_to_string(folder.join(file)).unwrap());
            assert_eq!(fresh, vendored, "{application}: {file}");
        }
    }
}

#[test]
fn built_apart_is_what_is_built_together() {
    // The same lines stand in one project in `shared-cluster`, under the default deny for all.
    for file in [
        "platform/network-policies/platform.flow",
        "platform/network-policies/policies.yaml",
        "application1/network-policies/policies.yaml",
        "application2/network-policies/policies.yaml",
    ] {
        let [apart, together] = ["separate-repositories", "shared-cluster"]
            .map(|example| fs::read_to_string(examples().join(example).join(file)).unwrap());
        assert_eq!(apart, together, "{file}");
    }
}
