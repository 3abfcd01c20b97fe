//! `eastwest can` as people ask it, on the examples.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cli::{Project, holds_to_schema, json};

/// Runs `eastwest can` on an example: its exit status and everything that it prints.
fn can(example: &str, arguments: &[&str]) -> (i32, String) {
    let today = [&["--as-of", "2026-11-22"], arguments].concat();
    can_in(&example_folder(example), &today)
}

fn example_folder(example: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(example)
}

/// The same in a folder.
fn can_in(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_eastwest"))
        .current_dir(folder)
        .args(["--color", "never", "can"])
        .args(arguments)
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].map(|it| String::from_utf8(it).unwrap());
    (output.status.code().expect("it ends by itself"), text.concat())
}

/// Questions with their answers, as one reads them at a terminal.
fn told(example: &str, questions: &[&[&str]]) -> String {
    told_in(&example_folder(example), questions)
}

fn told_in(folder: &Path, questions: &[&[&str]]) -> String {
    let mut text = String::new();
    for question in questions {
        let (status, answer) = can_in(folder, question);
        let quoted = |word: &&str| {
            let quote = if word.contains('\'') { '"' } else { '\'' };
            let plain = !word.is_empty() && !word.contains(['*', ' ', '[']);
            if plain { (*word).to_owned() } else { format!("{quote}{word}{quote}") }
        };
        let words: Vec<_> = question.iter().map(quoted).collect();
        let words = words.join(" ");
        writeln!(text, "$ eastwest can {words}\n{answer}[exit {status}]\n").unwrap();
    }
    text
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

/// Policies that people wrote, in a folder of their own.
fn by_hand() -> Project {
    Project::new(&[("by-hand.yaml", include_str!("can/by-hand.yaml"))])
}

#[test]
fn answers_about_policies_by_hand() {
    let project = by_hand();
    let questions: &[&[&str]] = &[
        &["shop.web", "shop.data", "tcp/5432"],
        &["shop.web[app == 'web']", "shop.data[role == 'db']", "tcp/5432"],
        &["shop.web[app == 'web' && quarantine != 'yes']", "shop.data[role == 'db']", "tcp/5432"],
        &["shop.web[app == 'web']", "shop.data"],
        &["namespace/tools", "shop.data[role == 'db']", "tcp/8080"],
        &["namespace/tools", "shop.data[role == 'db']", "tcp/9187"],
        &["namespace/tools", "shop.data", "tcp/9090"],
        &["shop.web[app == 'web']", "namespace/tools", "tcp/22"],
        &["shop.web[app == 'web']", "namespace/tools", "tcp/443"],
        &["namespace/tools", "shop.data[role == 'web']", "tcp/443"],
        &["--release", "3.31", "namespace/tools", "shop.data[role == 'web']", "tcp/443"],
        &["--release", "3.31", "namespace/tools", "shop.data"],
        &["--release", "3.20", "namespace/tools", "shop.data"],
        &["--policies", "nowhere.yaml", "namespace/tools", "shop.data"],
        &["--zones", "-", "--zones", "-", "namespace/tools", "shop.data"],
        &["namespace/nowhere", "shop.data"],
        &["shop.frontend", "shop.data"],
        &["shop.web[app == 'web']", "10.0.0.0/8", "tcp/443"],
        &["namespace/tools", "10.0.0.1", "tcp/22, tcp/80"],
        &["2001:db8::1", "shop.data[role == 'db']", "tcp/5432"],
        &["shop.data"],
        &["--to", "shop.data"],
        &["--to", "namespace/tools"],
    ];
    let policies = ["--policies", "by-hand.yaml"];
    let asked = questions.iter().map(|question| [&policies, *question].concat());
    let questions: Vec<_> = asked.collect();
    let questions: Vec<&[&str]> = questions.iter().map(Vec::as_slice).collect();
    snapshot!("can__by_hand", told_in(project.path(), &questions));
}

#[test]
fn batches_answer_line_by_line() {
    let pod = |namespace: &str| {
        format!(
            "{{\"namespace\": \"{namespace}\", \"labels\": {{\"app\": \"web\", \"role\": \"db\"}}}}"
        )
    };
    let ask =
        |from: &str, to: &str, rest: &str| format!("{{\"from\": {from}, \"to\": {to}, {rest}}}");
    let (web, db) = (pod("web"), pod("db"));
    let lines = [
        ask(&web, &db, "\"protocol\": \"TCP\", \"port\": 5432"),
        ask(&web, &db, "\"protocol\": 6, \"port\": 8080"),
        ask(&pod("nowhere"), &pod("tools"), "\"protocol\": \"UDP\", \"port\": 53"),
        ask(&web, "{\"ip\": \"10.1.2.3\"}", "\"protocol\": \"tcp\", \"port\": 443"),
        ask(
            "{\"ip\": \"10.1.2.3\"}",
            "{\"ip\": \"10.0.0.1\"}",
            "\"protocol\": \"TCP\", \"port\": 22",
        ),
        ask("{\"ip\": \"10.1.2.3\"}", &db, "\"protocol\": \"ICMP\", \"type\": 8, \"code\": 0"),
        String::new(),
        "not a question".to_owned(),
        ask(&web, &db, "\"protocol\": \"TCP\""),
        ask(&web, &db, "\"protocol\": \"TCPP\", \"port\": 1"),
        ask(
            "{\"ip\": \"fd00::1\"}",
            "{\"ip\": \"10.0.0.1\"}",
            "\"protocol\": \"TCP\", \"port\": 22",
        ),
        ask("{}", &db, "\"protocol\": \"TCP\", \"port\": 1"),
        "[]".to_owned(),
        ask("[]", &db, "\"protocol\": \"TCP\", \"port\": 1"),
        ask(&web, &db, "\"protocol\": 999, \"port\": 1"),
        ask(&web, &db, "\"protocol\": 6, \"port\": 99999"),
        ask(
            &web,
            "{\"namespace\": \"db\", \"ports\": {\"http\": -1}}",
            "\"protocol\": 6, \"port\": 80",
        ),
    ];
    let project = by_hand();
    // The last line has no end.
    project.write("questions.jsonl", &lines.join("\n"));
    let arguments = ["--policies", "by-hand.yaml", "--batch", "questions.jsonl"];
    let (status, answers) = can_in(project.path(), &arguments);
    assert_eq!((status, answers.lines().count()), (0, lines.len()), "{answers}");
    for line in answers.lines() {
        holds_to_schema("can-batch", &json(line));
    }
    for line in lines.iter().take(6) {
        holds_to_schema("can-batch", &json(line));
    }
    let both: Vec<_> = lines
        .iter()
        .zip(answers.lines())
        .map(|(line, answer)| format!("{line}\n  {answer}\n"))
        .collect();
    snapshot!("can__batch", both.concat());
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

#[test]
fn one_question_and_a_batch_are_answered_alike_for_namespaces_that_no_manifest_declares_too() {
    let cluster = "\
apiVersion: v1
kind: Namespace
metadata: {name: shop-1, labels: {applicationcode: shop, zone: web}}
---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: some, namespace: elsewhere}
spec:
  selector: all()
  types: [Ingress]
  ingress:
  - {action: Allow, protocol: TCP, destination: {ports: [80]}}
---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: none, namespace: closed}
spec: {selector: all(), types: [Ingress, Egress]}
---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: known, namespace: passed}
spec: {selector: all(), types: [Egress]}
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: pass}
spec:
  order: 1
  selector: projectcalico.org/namespace == 'passed'
  types: [Ingress]
  ingress: [{action: Pass}]
";
    let places = ["shop-1", "elsewhere", "closed", "passed"];
    let project = Project::new(&[("cluster.yaml", cluster)]);
    let mut seen = Vec::new();
    for from in places {
        for to in places {
            for port in [80, 81] {
                let said = project.run(&format!(
                    "can --policies cluster.yaml namespace/{from} namespace/{to} tcp/{port}"
                ));
                let question = format!(
                    "{{\"from\": {{\"namespace\": \"{from}\"}}, \"to\": {{\"namespace\": \"{to}\"}}, \"protocol\": \"TCP\", \"port\": {port}}}\n"
                );
                project.write("questions.jsonl", &question);
                let batch = project.run("can --policies cluster.yaml --batch questions.jsonl");
                let verdict = match said.status {
                    0 => "allow",
                    1 => "deny",
                    _ => "undecided",
                };
                let wanted = format!("{{\"verdict\":\"{verdict}\"");
                assert!(batch.out.starts_with(&wanted), "{question}{}{}", said.out, batch.out);
                seen.push(verdict);
            }
        }
    }
    assert!(seen.contains(&"allow") && seen.contains(&"deny"), "{seen:?}");
}

/// The lines that `can` says to write are taken in the files of the owners that it names.
#[test]
fn a_line_that_is_offered_is_its_owners() {
    for (from, to) in [
        ("application2.backend", "application1.api"),
        ("application2.backend", "*.api"),
        ("*.api", "application2.backend"),
        ("application2.*", "*.*"),
        ("application2.backend", "directory"),
    ] {
        let project = Project::sample();
        let platform = "platform/flows/platform.flow";
        project.write(platform, "exempt kube-system\nexternal directory = 192.0.2.0/28\n");
        let said = project.run(&format!("can --format json {from} {to} tcp/99"));
        let answer: serde_json::Value = serde_json::from_str(&said.out).expect(&said.err);
        let lines = answer["write"].as_array().unwrap();
        assert!(!lines.is_empty(), "{from} {to}: {}", said.out);
        for line in lines {
            let owner = line["source"].as_str().unwrap();
            let path = match owner {
                "platform" => platform.to_owned(),
                application => format!("{application}/network-policies/app.flow"),
            };
            let text = line["line"].as_str().unwrap().to_owned() + " because \"x\"\n";
            let before = project.read(&path);
            project.write(&path, &(before.clone() + &text));
            let checked = project.run("check");
            assert!(!checked.err.contains("error["), "{from} {to}: {owner}: {text}{}", checked.err);
            project.write(&path, &before);
        }
    }
}
