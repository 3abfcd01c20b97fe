//! `eastwest can` as people ask it, on the examples.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use crate::cli::{holds_to_schema, json};

/// Runs `eastwest can` on an example: its exit status and everything that it prints.
fn can(example: &str, arguments: &[&str]) -> (i32, String) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(example);
    let output = Command::new(env!("CARGO_BIN_EXE_eastwest"))
        .current_dir(root)
        .args(["--color", "never", "can", "--as-of", "2026-11-22"])
        .args(arguments)
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].map(|it| String::from_utf8(it).unwrap());
    (output.status.code().expect("it ends by itself"), text.concat())
}

/// Questions with their answers, as one reads them at a terminal.
fn told(example: &str, questions: &[&[&str]]) -> String {
    let mut text = String::new();
    for question in questions {
        let (status, answer) = can(example, question);
        let quoted = |word: &&str| {
            if word.contains(['*', ' ', '[']) { format!("'{word}'") } else { (*word).to_owned() }
        };
        let words: Vec<_> = question.iter().map(quoted).collect();
        let words = words.join(" ");
        writeln!(text, "$ eastwest can {words}\n{answer}[exit {status}]\n").unwrap();
    }
    text
}

macro_rules! snapshot {
    ($name:literal, $text:expr) => {
        insta::with_settings!({
            snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true
        }, { insta::assert_snapshot!($name, $text) })
    };
}

#[test]
fn answers_about_the_shared_cluster() {
    let questions: &[&[&str]] = &[
        &["application2.frontend", "application2.backend", "tcp/80"],
        &["application2.frontend", "application2.data", "tcp/5432"],
        &["application2.frontend", "application2.backend", "tcp/80, tcp/81"],
        &["application2.backend", "application1.application1"],
        &["application2.data", "application1.application1", "tcp/80"],
        &["application2.frontend", "dns", "udp/53"],
        &["application2.frontend", "namespace/kube-system", "udp/53"],
        &["application2.frontend", "10.1.2.3", "tcp/443"],
        &["10.1.2.3", "application2.frontend", "tcp/443"],
        &["application2.frontend[app == 'web']", "application2.backend[tier == 'x']", "tcp/80"],
        &["application2.*", "application2.*", "tcp/80"],
        &["application2.*"],
        &["--to", "application2.backend"],
        &["--to", "application2.frontend"],
    ];
    snapshot!("can__shared_cluster", told("shared-cluster", questions));
}

#[test]
fn answers_about_a_platform() {
    let questions: &[&[&str]] = &[
        &["orders.core", "internet", "tcp/443"],
        &["orders.web", "internet", "tcp/443"],
        &["orders.core", "10.100.1.1", "tcp/443"],
        &["orders.core", "kubernetes-api"],
        &["metrics", "*.*"],
        &["metrics", "orders.web", "tcp/9090"],
        &["orders.*"],
        &["--to", "payments.ledger"],
    ];
    snapshot!("can__platform", told("platform", questions));
}

#[test]
fn questions_that_cannot_be_read_say_why() {
    let questions: &[&[&str]] = &[
        &["application2.frontnd", "dns", "udp/53"],
        &["application2.frontend", "namespace/kube-sytem", "udp/53"],
        &["application2.frontend", "application2.data", "tcpp/80"],
        &["application2.frontend", "10.1.2.3/8", "tcp/80"],
        &["application2.frontend", "dns[app=]", "tcp/80"],
        &["application2.frontend -> dns", "dns", "tcp/80"],
        &["", "dns", "tcp/80"],
        &["application2.frontend", "dns", ""],
    ];
    snapshot!("can__mistakes", told("shared-cluster", questions));
}

#[test]
fn answers_as_json_hold_to_their_schema() {
    for question in [
        &["application2.frontend", "application2.backend", "tcp/80"][..],
        &["application2.frontend", "application2.data", "tcp/5432"],
        &["application2.*", "application2.*", "tcp/80"],
        &["application2.frontend", "namespace/kube-system"],
        &["application2.frontend"],
        &["--to", "application2.*"],
    ] {
        let arguments = [question, &["--format", "json"]].concat();
        let (_, text) = can("shared-cluster", &arguments);
        holds_to_schema("can", &json(&text));
    }
}
