//! Whatever stands in a project, no line that a command prints is a command to a platform that shows it in a log. What is
//! looked for is written here from the platforms' own rules, and not taken from the source.
#![cfg(unix)]

use std::fs;
use std::process::Command;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::Config;

use crate::cli::{CONFIG, Project};

/// What might be taken for a command, or make something else one.
const PIECES: &[&str] = &[
    "::error::x",
    "::add-mask::x",
    "  ::group::",
    "::",
    ":",
    "##[group]",
    "##[",
    "##",
    "#",
    "[",
    "##vso[task.x]",
    "##teamcity[x]",
    "section_start:1:a",
    "section_end:",
    "travis_fold:",
    "--- x",
    "+++ x",
    "~~~ ",
    "^^^ +++",
    "%0A",
    "%0D",
    "%250A",
    "\n",
    "\r",
    "\r\n",
    "\u{1b}[0K",
    "\u{1b}[8mha:",
    "\u{2028}",
    "\u{200b}",
    "\u{a0}",
    "\t",
    " ",
    "word",
    "several words that are wrapped somewhere",
    "]",
    "\"",
    "\\",
    "é",
];

fn hostile() -> impl Strategy<Value = String> {
    proptest::collection::vec(select(PIECES), 1..6).prop_map(|pieces| pieces.concat())
}

/// Why `text` holds a command; `github` says whether lines may be commands of ours.
fn command(text: &str, github: bool) -> Option<String> {
    // A line ends where any reader of a log ends one.
    for line in text
        .replace("\r\n", "\n")
        .split(['\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'])
    {
        let ours = ["::error ", "::warning ", "::notice "]
            .into_iter()
            .find_map(|it| line.strip_prefix(it));
        let parts: Vec<&str> = match ours.filter(|_| github) {
            // The data is not a command, nor is any line of it once GitHub has undone its line breaks.
            Some(data) => {
                data.split_once("::").map(|(_, data)| data.split("%0A").collect()).unwrap()
            }
            None => vec![line],
        };
        for part in parts {
            let hash = part.match_indices("##").any(|(at, _)| {
                part[at + 2..]
                    .trim_start_matches(|c: char| c.is_ascii_alphanumeric())
                    .starts_with('[')
            });
            let begin = part.trim_start_matches(|c: char| {
                c.is_whitespace() || c.is_control() || c == '\u{200b}'
            });
            let group = ["--- ", "+++ ", "~~~ ", "^^^ "].iter().any(|it| begin.starts_with(it));
            let fold = ["section_start:", "section_end:", "travis_fold:"]
                .iter()
                .any(|it| part.contains(it));
            if hash
                || group
                || fold
                || begin.starts_with("::")
                || part.contains("\u{1b}[8m")
                || part.contains("\u{1b}[0K")
            {
                return Some(line.to_owned());
            }
        }
    }
    None
}

/// Runs the command with these words, and gives what it printed on both streams.
fn run(project: &Project, words: &[&str]) -> [String; 2] {
    let output = Command::new(env!("CARGO_BIN_EXE_eastwest"))
        .current_dir(project.path())
        .args(words)
        .output()
        .unwrap();
    [output.stdout, output.stderr].map(|it| String::from_utf8(it).unwrap())
}

/// A string of the flow language.
fn quoted(text: &str) -> String {
    let text =
        text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\t', "\\t");
    let escape = |c: char| {
        if c.is_control() || matches!(c, '\u{2028}' | '\u{200b}') {
            format!("\\u{{{:x}}}", u32::from(c))
        } else {
            c.to_string()
        }
    };
    format!("\"{}\"", text.chars().map(escape).collect::<String>())
}

const BUILT: &str = "application2/network-policies/app.flow";

const COMMANDS: &[&str] = &[
    "check",
    "check --format json",
    "check --format sarif",
    "check --format github",
    "check --format gitlab",
    "check --color always",
    "build --check",
    "build --check --format json",
    "build --check --format github",
    "build --output -",
    "lock --check",
    "list crossings",
    "list crossings --format csv",
    "list crossings --format json",
    "list flows",
    "list guardrails",
    "list externals",
    "graph --format mermaid",
    "graph --format dot",
    "graph --format svg",
    "graph --format csv",
    "diff git:HEAD",
    "diff git:HEAD --format markdown",
    "diff git:HEAD --format json",
    "diff git:HEAD --format github",
    "import foreign.yaml",
    "import foreign.yaml --format json",
    "audit foreign.yaml",
    "audit foreign.yaml --format github",
    "audit foreign.yaml --format json",
    "can application2.backend application1.api tcp/80",
    "can application2.backend application1.api tcp/80 --format json",
];

/// Runs every command, and then some with `text` among their words.
fn all(project: &Project, text: &str) {
    for words in COMMANDS {
        let said = run(project, &words.split(' ').collect::<Vec<_>>());
        for said in &said {
            assert_eq!(command(said, words.ends_with("github")), None, "{words}\n{said}");
        }
    }
    let more: &[&[&str]] = &[
        &["check", "--owner", text],
        &["check", "--format", text],
        &["check", text],
        &["explain", text],
        &["diff", text],
        &["can", text, "application1.api", "tcp/80"],
        &["list", text],
        &[text],
    ];
    for words in more.iter().filter(|words| words.iter().all(|it| !it.contains('\0'))) {
        for said in &run(project, words) {
            assert_eq!(command(said, false), None, "{words:?}\n{said}");
        }
    }
}

proptest! {
    #![proptest_config(Config { cases: 6, failure_persistence: None, ..Config::default() })]

    #[test]
    fn nothing_printed_is_a_command_to_a_platform(
        [reason, ticket, file, label, comment] in [hostile(), hostile(), hostile(), hostile(), hostile()],
        broken: bool,
    ) {
        let project = Project::sample();
        let lines = format!(
            "application2.frontend -> application2.backend : tcp/8443\n\
             application2.backend ==> application1.api : tcp/80 because {}\n\
             application2.backend[app != '{}'] ==> application1.api : tcp/81 because {}\n",
            quoted(&reason), label.replace(['\'', '\n', '\r', '\t', '\u{1b}', '\u{2028}', '\u{200b}', '\\', '"'], ""), quoted(&format!("{ticket} {reason}")),
        );
        project.write("eastwest.toml", &CONFIG.replace("[lints]", "lock = true\n[lints]"));
        project.write(BUILT, &lines);
        project.commit();
        project.write(BUILT, &lines.replace("tcp/80", "tcp/82").replace("tcp/81", "tcp/83"));
        let name = file.replace(['/', '\0'], "");
        project.write(&format!("application1/network-policies/{name}.flow"), "");
        if broken {
            project.write(&format!("application1/network-policies/{name}x.flow"), &format!("{ticket} -> {comment}\n# {comment}\nport {label} = x\n"));
            project.write("platform/zones/c.yaml", &format!("kind: Namespace\nmetadata:\n  name: {}\n  labels: {{applicationcode: {}}}\n", json(&label), json(&comment)));
        }
        project.write("foreign.yaml", &format!(
            "apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\nmetadata:\n  name: {}\n  namespace: application2-ns1\nspec:\n  selector: {}\n  ingress:\n  - action: Allow\n    metadata:\n      annotations: {{x: {}}}\n    source:\n      selector: {}\n",
            json(&reason), json(&format!("app == '{label}'")), json(&comment), json(&ticket),
        ));
        all(&project, &reason);
    }
}

fn json(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// The policies that are printed are those that are written. Only their comments can hold such text: no label can.
#[test]
fn policies_mean_the_same_printed_and_written() {
    let project = Project::sample();
    for selector in [
        "app != '##[group]x'",
        "app contains '##['",
        "app != 'section_start:1'",
        "app starts with '##vso['",
    ] {
        project.write(
            BUILT,
            &format!("application2.backend[{selector}] -> application2.frontend : tcp/80\n"),
        );
        let said = project.run("build");
        assert!(said.status == 1 && said.err.contains("EW02"), "{selector}: {}", said.err);
    }
    project.write(
        BUILT,
        "application2.backend ==> application1.api : tcp/80 because \"##[group] in words\"\n",
    );
    let printed = project.run("build --output -").out;
    assert!(printed.contains("# ##\\u{5b}group] in words"), "{printed}");
    project.run("build");
    let written = project.read("application2/network-policies/policies.yaml");
    // In a file a reason stands as it was written.
    assert!(written.contains("# ##[group] in words"), "{written}");
    let read = |text: &str| -> Vec<serde_json::Value> {
        use serde::Deserialize as _;
        serde_yaml::Deserializer::from_str(text)
            .map(|it| serde_json::Value::deserialize(it).unwrap())
            .collect()
    };
    let all = read(&printed);
    let ours = read(&written);
    assert!(!ours.is_empty() && ours.iter().all(|it| all.contains(it)));
}

/// A reason that is printed can be written into a line as it stands, and is the same reason.
#[test]
fn what_is_spelt_out_means_the_same_in_a_line() {
    let project = Project::sample();
    let line = |reason: &str| {
        format!("application2.backend ==> application1.api : tcp/80 because \"{reason}\"\n")
    };
    let reasons = ["##[add-mask]x", r"##\u{5b}add-mask]x"].map(|reason| {
        project.write(BUILT, &line(reason));
        fs::remove_file(project.path().join("crossings.lock")).unwrap_or_default();
        let said: serde_json::Value =
            serde_json::from_str(&run(&project, &["list", "crossings", "--format", "json"])[0])
                .unwrap();
        said.to_string()
    });
    assert!(reasons[0].contains("##[add-mask]x"), "{}", reasons[0]);
    assert_eq!(reasons[0], reasons[1]);
}
