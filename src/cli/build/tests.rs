//! What a build does when its own check fails: a connection in plain words, status 3, and nothing on disk. A mistake
//! of the compiler is imitated by changing the text that it gives.

use std::fs;

use clap::Parser as _;

use super::super::args::{Arguments, Command};
use super::*;

const FILES: &[(&str, &str)] = &[
    (
        "eastwest.toml",
        "zones = [\"zones.yaml\"]\nplatform = [\"platform.flow\"]\nflows = [\"{application}/*.flow\"]\n",
    ),
    (
        "zones.yaml",
        "apiVersion: v1
kind: Namespace
metadata:
  name: application2-ns1
  labels: {applicationcode: application2, zone: frontend}
---
apiVersion: v1
kind: Namespace
metadata:
  name: application2-ns2
  labels: {applicationcode: application2, zone: data}
",
    ),
    ("platform.flow", "exempt kube-system\nforbid *.frontend to *.data : tcp/22\n"),
    (
        "application2/app.flow",
        "application2.frontend[app == 'web'] -> application2.data[app == 'db'] : tcp/5432\n",
    ),
];

/// What is told, and the status, where `change` has been made to what the compiler wrote.
fn told(change: fn(&str) -> String) -> (String, Status) {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in FILES {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let words = ["eastwest", "build", folder.path().to_str().unwrap(), "--as-of", "2026-11-22"];
    let Command::Build(arguments) = Arguments::try_parse_from(words).unwrap().command else {
        panic!("not a build");
    };
    let judged = ProjectReport::read(&arguments.common, false).unwrap();
    let mut work = Work { judged, proved: None, unproved: None, traffic: None };
    let wrong = |program: &Program, staged| {
        assert!(crate::build(program, staged).is_ok());
        let mut compiled = crate::compiled(program, staged);
        let before = compiled.files.clone();
        compiled.files.iter_mut().for_each(|(_, text)| *text = change(text));
        assert_ne!(compiled.files, before, "nothing was changed");
        compiled
    };
    work.compile(&arguments, wrong).unwrap();
    assert!(work.proved.is_none(), "there is nothing to print either");
    let status = work.finish(&arguments).unwrap();
    let written = walkdir::WalkDir::new(folder.path()).into_iter().map(Result::unwrap);
    let written = written.filter(|entry| entry.file_type().is_file()).count();
    assert_eq!(written, FILES.len(), "nothing is written");
    let text = unproved(work.unproved.as_ref().unwrap()).render();
    (anstream::adapter::strip_str(&text).to_string(), status)
}

#[test]
fn a_failed_proof_is_told_in_plain_words_for_each_scenario() {
    let (plain, status) = told(|text| text.replace("- 5432", "- '5432:5433'"));
    assert_eq!(status, Status::Unverified);
    let (after_all, status) = told(|text| text.replace("order: 900", "order: 1100"));
    assert_eq!(status, Status::Unverified);
    let (after_guardrails, status) = told(|text| text.replace("order: 100\n", "order: 160\n"));
    assert_eq!(status, Status::Unverified);
    let (missing, _) = told(|text| text.replace("app == 'db'", "app == 'bd'"));
    let (unreadable, _) = told(|text| text.replace("action: Allow", "action: Alow"));
    let shown = format!(
        "=== a port too many\n{plain}\n=== the default deny after Kubernetes policies\n{after_all}\n\
         === a guardrail too late\n{after_guardrails}\n=== another label\n{missing}\n\
         === an action that is none\n{unreadable}"
    );
    insta::with_settings!({
        snapshot_path => "../../../snapshots",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!("build__failed_proof", shown);
    });
}
