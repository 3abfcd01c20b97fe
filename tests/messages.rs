//! Every message as its reader sees it: for each code a small project that breaks the rule
//! (`tests/messages/EW….txt`), and a snapshot of the project with what `eastwest` says about it.
//!
//! A case is a list of files, each under a line `--- path`. Before them may stand `$ ` and the arguments to
//! run (`check` if there is no such line). Files that a case does not give are those of a small project without
//! mistakes.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use eastwest::diagnostic::codes;

use crate::cli::Project;

const DEFAULTS: &[(&str, &str)] = &[
    (
        "eastwest.toml",
        "zones = [\"zones.yaml\"]\nplatform = [\"platform.flow\"]\nflows = [\"{application}/*.flow\"]\n",
    ),
    (
        "zones.yaml",
        "apiVersion: v1
kind: Namespace
metadata:
  name: application1-ns1
  labels: {applicationcode: application1, zone: api}
---
apiVersion: v1
kind: Namespace
metadata:
  name: application2-ns1
  labels: {applicationcode: application2, zone: frontend}
---
apiVersion: v1
kind: Namespace
metadata:
  name: application2-ns2
  labels: {applicationcode: application2, zone: backend}
---
apiVersion: v1
kind: Namespace
metadata:
  name: application2-ns3
  labels: {applicationcode: application2, zone: data}
",
    ),
    ("platform.flow", "exempt kube-system\n"),
    ("application1/app.flow", "application1.api -> application1.api : tcp/8443\n"),
    ("application2/app.flow", "application2.frontend -> application2.{backend, data} : tcp/8443\n"),
];

/// Codes that have no case: no small project gives two objects one name, and clusters and reviews have snapshots of their own.
const WITHOUT_A_CASE: &[&str] = &[
    "EW0904", "EW1001", "EW1002", "EW1003", "EW1004", "EW1005", "EW1006", "EW1007", "EW1008",
    "EW1009", // What is wrong with a lock has its cases in `tests/lock.rs`.
    "EW0817", "EW0818", "EW0819",
    "EW0820", // What an audit finds has its cases in `tests/audit.rs`.
    "EW1101", "EW1102", "EW1103", "EW1104", "EW1105", "EW1106", "EW1107", "EW1108", "EW1109",
    "EW1110", "EW1111", "EW1112", "EW1113", "EW1114", "EW1115", "EW1116", "EW1117", "EW1118",
    "EW1119", "EW1120", "EW1121", "EW1122", "EW1123", "EW1124", "EW1125", "EW1126", "EW1127",
    "EW1128", "EW1129", "EW1130", "EW1131", "EW1132", "EW1133", "EW1134", "EW1135", "EW1136",
    "EW1137", "EW1140", "EW1301", "EW1302", "EW1303", "EW1304", "EW1305", "EW1306", "EW1307",
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/messages")
}

/// The arguments and the files of a case.
fn read(text: &str) -> (String, Vec<(String, String)>) {
    let mut arguments = "check".to_owned();
    let mut files: Vec<(String, String)> = Vec::new();
    for line in text.split_inclusive('\n') {
        if let Some(path) = line.strip_prefix("--- ") {
            files.push((path.trim().to_owned(), String::new()));
        } else if let Some((_, file)) = files.last_mut() {
            file.push_str(line);
        } else if let Some(given) = line.strip_prefix("$ ") {
            given.trim().clone_into(&mut arguments);
        }
    }
    (arguments, files)
}

#[test]
fn every_code_has_a_case_and_every_case_gives_its_code() {
    let mut missing = Vec::new();
    for rule in codes::all() {
        let Ok(text) = fs::read_to_string(folder().join(format!("{}.txt", rule.code))) else {
            missing.push(rule.code);
            continue;
        };
        let (arguments, files) = read(&text);
        let project = Project::new(&[]);
        let given = |path: &str| files.iter().any(|(it, _)| it == path);
        for (path, text) in DEFAULTS.iter().filter(|(path, _)| !given(path)) {
            project.write(path, text);
        }
        for (path, text) in &files {
            project.write(path, text);
        }
        let ran = project.run(&format!("{arguments} --as-of 2026-11-22"));
        assert!(ran.err.contains(&format!("[{}]", rule.code)), "{}: {}", rule.code, ran.err);
        let mut shown = text.trim_end().to_owned();
        // What other rules say about the same project is shown by their own cases.
        let mark = format!("[{}]", rule.code);
        let own: Vec<_> = ran.err.split("\n\n").filter(|it| it.contains(&mark)).collect();
        let _ = write!(shown, "\n\n=== {arguments}\n{}", own.join("\n\n").trim_end());
        snapshot!(format!("message__{}", rule.code), shown);
    }
    missing.retain(|code| !WITHOUT_A_CASE.contains(code));
    assert!(missing.is_empty(), "write tests/messages/CODE.txt for {missing:?}");
}
