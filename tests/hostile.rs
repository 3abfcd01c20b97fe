//! Projects that a careless or hostile hand has been at: each ends with status 1 or 2 and a message that says what to
//! do, and nothing in it steers the terminal.
#![cfg(unix)]

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;

use crate::cli::{CONFIG, Project, Ran};

const FLOW: &str = "application1/network-policies/app.flow";

/// Runs each of `commands`, which must fail with `status` and say `words`.
fn fails(project: &Project, commands: &[&str], status: i32, words: &str) {
    for command in commands {
        let ran = project.run(command);
        assert_eq!(ran.status, status, "{command}: {}{}", ran.out, ran.err);
        assert!(ran.err.contains(words), "{command}: {}", ran.err);
        plain(&ran);
    }
}

fn plain(ran: &Ran) {
    for text in [&ran.out, &ran.err] {
        let steers = |c: char| c.is_control() && c != '\n';
        assert!(!text.contains(steers), "{text:?}");
    }
}

fn pipe(path: &Path) {
    let _ = fs::remove_file(path);
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// Whether permissions hold for who runs the tests: they do not for root.
fn permissions_hold(file: &Path) -> bool {
    fs::set_permissions(file, fs::Permissions::from_mode(0o000)).unwrap();
    let held = fs::File::open(file).is_err();
    fs::set_permissions(file, fs::Permissions::from_mode(0o644)).unwrap();
    held
}

#[test]
fn a_pipe_is_no_file_and_nobody_waits_for_it() {
    let project = Project::sample();
    pipe(&project.path().join(FLOW));
    fails(&project, &["check", "build"], 2, &format!("`{FLOW}` is not a file"));
    let project = Project::sample();
    pipe(&project.path().join("platform/zones/b.yaml"));
    fails(&project, &["check"], 2, "`platform/zones/b.yaml` is not a file");
    let project = Project::sample();
    pipe(&project.path().join("eastwest.toml"));
    fails(&project, &["check ."], 2, "`./eastwest.toml` is not a file");
    let project = Project::new(&[
        ("eastwest.toml", "bundle = \"vendor\"\nflows = []\n"),
        ("vendor/zones.yaml", ""),
        ("vendor/settings.toml", ""),
    ]);
    for name in ["zones.yaml", "hash"] {
        pipe(&project.path().join("vendor").join(name));
        fails(&project, &["check"], 2, &format!("`vendor/{name}` is not a file"));
        fs::remove_file(project.path().join("vendor").join(name)).unwrap();
        project.write(&format!("vendor/{name}"), "");
    }
}

#[test]
fn folders_where_files_should_be() {
    let project = Project::sample();
    fs::remove_file(project.path().join("eastwest.toml")).unwrap();
    fs::create_dir(project.path().join("eastwest.toml")).unwrap();
    fails(&project, &["check ."], 2, "`./eastwest.toml` is not a file");
    fails(&project, &["check"], 2, "there is no `eastwest.toml` here or in a folder above");
    fails(&project, &["check nowhere"], 2, "there is no `eastwest.toml` in `nowhere`");
    let project = Project::sample();
    let output = "application1/network-policies/policies.yaml";
    fs::create_dir_all(project.path().join(output)).unwrap();
    fails(&project, &["build", "build --check"], 1, &format!("`{output}` is in the way"));
    assert!(!project.path().join("platform/network-policies").exists(), "nothing was written");
    let project = Project::sample();
    project.write("platform/network-policies", "a file where a folder must be\n");
    fails(&project, &["build"], 2, "cannot write `platform/network-policies/policies.yaml`");
    assert!(!project.path().join(output).exists(), "nothing was written");
}

#[test]
fn what_cannot_be_opened() {
    let project = Project::sample();
    let flow = project.path().join(FLOW);
    if !permissions_hold(&flow) {
        return;
    }
    fs::set_permissions(&flow, fs::Permissions::from_mode(0o000)).unwrap();
    fails(&project, &["check"], 2, &format!("cannot read `{FLOW}`: permission denied"));
    fs::set_permissions(&flow, fs::Permissions::from_mode(0o644)).unwrap();
    let folder = project.path().join("application1/network-policies");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o555)).unwrap();
    fails(&project, &["build"], 2, "cannot write `application1/network-policies/policies.yaml`");
    assert!(!project.path().join("platform/network-policies").join("policies.yaml").exists());
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn empty_files() {
    let project = Project::sample();
    project.write(FLOW, "");
    assert_eq!(project.run("check").status, 0);
    project.write("platform/zones/b.yaml", "");
    assert_eq!(project.run("check").status, 0);
    project.write("platform/flows/platform.flow", "");
    fails(&project, &["check"], 1, "exempt");
    project.write("platform/zones/a.yaml", "");
    fails(&project, &["check"], 1, "application");
    project.write("eastwest.toml", "");
    fails(&project, &["check", "build", "export -o out"], 2, "the configuration has no `zones`");
}

#[test]
fn bytes_that_are_no_text() {
    for path in ["eastwest.toml", "platform/zones/a.yaml", "platform/flows/platform.flow"] {
        let project = Project::sample();
        fs::write(project.path().join(path), b"\xff\xfe\x00").unwrap();
        fails(&project, &["check"], 2, &format!("`{path}` is not UTF-8"));
    }
}

#[test]
fn links_in_a_circle() {
    let project = Project::sample();
    project.write("eastwest.toml", &CONFIG.replace("zones/*.yaml", "zones/**/*.yaml"));
    symlink("..", project.path().join("platform/zones/up")).unwrap();
    fails(&project, &["check"], 2, "the folder it lies in");
    let project = Project::sample();
    symlink("self.flow", project.path().join("application1/network-policies/self.flow")).unwrap();
    fails(&project, &["check"], 2, "application1/network-policies/self.flow");
}

#[test]
fn names_that_would_steer_a_terminal() {
    let name = "application1/network-policies/\u{1b}[31mred\u{7}\n\u{202e}.flow";
    let project = Project::sample();
    project.write(name, "application1.nowhere -> application1.api\n");
    for command in ["check", "check --format json", "build", "export -o out"] {
        let ran = project.run(command);
        assert_eq!(ran.status, 1, "{}", ran.err);
        assert!(ran.err.contains("\\u{1b}[31mred") || command.contains("json"), "{}", ran.err);
        plain(&ran);
    }
    let project = Project::sample();
    project.write("app\u{1b}[2J\nx/network-policies/app.flow", "x.y -> x.z\n");
    let ran = project.run("check");
    assert_eq!(ran.status, 1, "{}", ran.err);
    plain(&ran);
    fails(
        &project,
        &["check \u{1b}[2J", "check --owner \u{1b}[2J", "explain \u{1b}[2J"],
        2,
        "\\u{1b}[2J",
    );
    let project = Project::sample();
    let bytes = project.path().join(OsStr::from_bytes(b"application1/network-policies/\xff.flow"));
    fs::write(bytes, "").unwrap();
    fails(&project, &["check"], 2, "is not UTF-8");
}
