//! What strangers write into a project or a cluster reaches no terminal, no page and no log as it is: in every format,
//! control characters and what hides from a reader are written out.

use std::io::Write;
use std::process::{Command, Stdio};

use eastwest::diagnostic::escaped;
use eastwest::diagnostic::visible::is_hidden;

use super::cli::{CONFIG, Project, ZONES};

/// Escape, bell, delete, a control character of C1, an override, a zero-width space, a line separator, a tag.
const HOSTILE: &str = "\u{1b}[31m\u{7}\u{7f}\u{9b}\u{202e}\u{200b}\u{2028}\u{e0041}";

/// That `text` shows all that is in it: a line feed is the only control character of ours, and in CSV a carriage return.
fn plain(command: &str, text: &str) {
    let hides = |c: char| is_hidden(c) && c != '\n' && c != '\r';
    let found: String = text.chars().filter(|c| hides(*c)).collect();
    assert!(found.is_empty(), "{command}: {found:?} in {text:?}");
    assert!(!text.replace("\r\n", "\n").contains('\r'), "{command}: {text:?}");
}

fn shown(project: &Project, command: &str) -> String {
    let ran = project.run(command);
    plain(command, &ran.out);
    plain(command, &ran.err);
    assert!(!ran.out.is_empty() || !ran.err.is_empty(), "{command} says nothing");
    if command.contains("json") || command.contains("sarif") || command.contains("gitlab") {
        serde_json::from_str::<serde_json::Value>(&ran.out).unwrap_or_else(|error| {
            panic!("{command}: {error}: {}{}", ran.out, ran.err);
        });
    }
    ran.out + &ran.err
}

#[test]
fn a_hostile_cluster_is_shown_as_text_in_every_format() {
    let quoted = escaped::compact(&HOSTILE).unwrap();
    let inner = quoted.trim_matches('"');
    let policies = format!(
        "{{\"apiVersion\": \"projectcalico.org/v3\", \"kind\": \"NetworkPolicy\",
          \"metadata\": {{\"name\": \"p{inner}\", \"namespace\": \"application1-ns1\", \"annotations\": {{\"a\": {quoted}}}}},
          \"spec\": {{\"selector\": \"app == 'x{inner}'\", \"types\": [\"Ingress\"], {quoted}: 1,
            \"ingress\": [{{\"action\": \"Allow\", \"protocol\": \"TCP\", \"source\": {{\"selector\": \"tier == 'y{inner}'\"}},
              \"destination\": {{\"ports\": [\"{inner}\", 80]}}}}]}}}}\n---\n
         {{\"apiVersion\": \"projectcalico.org/v3\", \"kind\": \"NetworkPolicy\",
          \"metadata\": {{\"name\": \"q\", \"namespace\": \"application1-ns1\"}},
          \"spec\": {{\"selector\": \"app == 'x{inner}'\", \"types\": [\"Ingress\"],
            \"ingress\": [{{\"action\": \"Allow\", \"source\": {{\"selector\": \"tier == 'y{inner}'\"}}}}]}}}}\n---\n
         {{\"apiVersion\": \"v1\", \"kind\": \"Namespace\", \"metadata\": {{\"name\": \"n{inner}\",
          \"labels\": {{\"applicationcode\": \"a{inner}\", \"zone\": \"z{inner}\", \"k{inner}\": \"v{inner}\"}}}}}}\n"
    );
    let project = Project::new(&[
        ("zones.yaml", ZONES),
        ("c/policies.json", &policies),
        ("old/n.yaml", ZONES),
    ]);
    let mut said = 0;
    for command in [
        "audit c zones.yaml",
        "audit c zones.yaml --format json",
        "audit c zones.yaml --format sarif",
        "audit c zones.yaml --format github",
        "audit c zones.yaml --format gitlab",
        "diff old c",
        "diff old c --format json",
        "diff old c --format markdown",
        "diff old c --format sarif",
        "diff old c --format github",
        "diff old c --format gitlab",
        "can --policies c --zones zones.yaml namespace/application2-ns1 namespace/application1-ns1",
        "can --policies c --zones zones.yaml namespace/application2-ns1 namespace/application1-ns1 --format json",
        "import c --zones zones.yaml",
        "import c --zones zones.yaml --format json",
    ] {
        let text = shown(&project, command);
        said += usize::from(text.contains("u{202e}") || text.contains("u202e"));
    }
    assert!(said > 8, "the cluster's words are in what is said: {said}");
}

#[test]
fn a_hostile_project_is_shown_as_text_in_every_format() {
    let quoted = escaped::compact(&HOSTILE).unwrap();
    let config = CONFIG
        .replace("[lints]", "ticket_url = \"https://example.org/\u{202e}{ticket}\"\n[lints]\n");
    let project = Project::sample();
    project.write("eastwest.toml", &config);
    project.write(
        "platform/zones/b.yaml",
        &format!("{{apiVersion: v1, kind: Namespace, metadata: {{name: x, labels: {{applicationcode: application1, zone: api, k: {quoted}}}, annotations: {{a: {quoted}}}}}}}\n"),
    );
    let path = format!("application2/network-policies/a{}.flow", "\u{1b}[31m\u{202e}");
    project.write(&path, "application2.frontend -> application2.backend : tcp/8444\napplication2.x -> y\napplication2.frontend ==> application1.api : tcp/1 because \"x\"\n");
    let mut said = 0;
    let commands = |said: &mut usize| {
        for command in [
            "check",
            "check --format json",
            "check --format sarif",
            "check --format github",
            "check --format gitlab",
            "build --check",
            "build --check --format json",
            "lock",
            "lock --format json",
            "list crossings",
            "list crossings --format csv",
            "list crossings --format json",
            "list zones --format csv",
            "graph --format mermaid",
            "graph --format dot",
            "graph --format svg",
            "graph --format csv",
            "export -o out --format json",
        ] {
            let text = shown(&project, command);
            *said += usize::from(text.contains("u{202e}") || text.contains("u202e"));
        }
    };
    commands(&mut said);
    let hostile = format!(
        "application2.frontend -> application2.backend : tcp/8444\napplication2.frontend ==> application1.api : tcp/1 because \"x\"\n# {HOSTILE}\n"
    );
    project.write(&path, &hostile);
    commands(&mut said);
    project.write(&path, hostile.lines().take(2).collect::<Vec<_>>().join("\n").as_str());
    project.write("eastwest.toml", CONFIG);
    commands(&mut said);
    shown(&project, "build");
    for (path, bytes) in project.files() {
        if path.ends_with("policies.yaml") || path == "crossings.lock" {
            plain(&path, &String::from_utf8(bytes).unwrap());
        }
    }
    assert!(said > 20, "its words are in what is said: {said}");
}

#[test]
fn answers_of_a_batch_are_shown_as_text() {
    let project = Project::new(&[("zones.yaml", ZONES), ("c/n.yaml", ZONES)]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_eastwest"))
        .current_dir(project.path())
        .args(["can", "--policies", "c", "--batch", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let question = "{\"from\": {\"namespace\": \"a\"}, \"to\": {\"namespace\": \"b\"}, \"protocol\": \"\u{202e}\u{7f}x\"}\n";
    child.stdin.take().unwrap().write_all(question.as_bytes()).unwrap();
    let output = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    plain("can --batch", &output);
    assert!(output.contains(r"\u202e\u007fx"), "{output}");
    serde_json::from_str::<serde_json::Value>(&output).unwrap();
}
