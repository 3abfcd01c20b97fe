//! What is closed and what is not: a landing zone that nothing closes is open whatever lines and guardrails say, and every
//! command that speaks of closing says so.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Value, json};

use eastwest::calico::{Action, Resource};
use eastwest::program::{Closed, Deny, Held, Program};

use crate::cli::{Project, holds_to_schema};
use crate::support;
use crate::world::Dice;

const ZONES: &str = "
{apiVersion: v1, kind: Namespace, metadata: {name: a-1, labels: {applicationcode: a, zone: frontend}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: b-1, labels: {applicationcode: b, zone: data}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: c-1, labels: {applicationcode: c, zone: frontend}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: d-1, labels: {applicationcode: d, zone: data}}}
";
const PLATFORM: &str = "exempt kube-system
forbid *.frontend to *.data because \"tiers\"
forbid c.* to d.* : tcp/22 because \"no shells\"
";

/// Four landing zones, two guardrails, no flow file but those of `loaded`.
fn project(deny: &str, loaded: &[&str]) -> Project {
    let config = format!(
        "zones = [\"zones.yaml\"]\nplatform = [\"platform.flow\"]\nflows = [\"{{application}}/*.flow\"]\n[calico]\ndeny = {deny}\n"
    );
    let project = Project::new(&[
        ("eastwest.toml", &config),
        ("zones.yaml", ZONES),
        ("platform.flow", PLATFORM),
    ]);
    for name in loaded {
        project.write(&format!("{name}/app.flow"), "");
    }
    project
}

fn document(project: &Project, words: &str, schema: &str) -> Value {
    let ran = project.run(words);
    let value: Value = serde_json::from_str(&ran.out).expect(&ran.err);
    holds_to_schema(schema, &value);
    value
}

#[test]
fn where_nothing_is_closed_build_says_so_and_claims_nothing_else() {
    let project = project("\"none\"", &[]);
    for words in ["build", "build --check"] {
        let ran = project.run(words);
        assert_eq!(ran.status, 0, "{}", ran.err);
        assert!(
            ran.out.contains(
                "closed    0 of 4 landing zones are closed; 2 guardrails hold nowhere yet\n"
            ),
            "{}",
            ran.out
        );
        assert!(!ran.out.contains("nothing else"), "{}", ran.out);
    }
    let found = &document(&project, "build --check --format json", "build")["closed"];
    assert_eq!(found["landingZones"], json!([]));
    assert_eq!(found["notClosed"], json!(["a", "b", "c", "d"]));
    let holds = |index: usize| &found["guardrails"][index];
    assert_eq!(holds(0)["line"], "forbid *.frontend to *.data");
    assert_eq!((&holds(0)["holds"], &holds(0)["in"]), (&json!("nowhere"), &json!([])));
    // The policies go to standard output, and the summary beside them says the same.
    let printed = project.run("build --output -");
    assert!(printed.err.contains("2 guardrails hold nowhere yet"), "{}", printed.err);
    assert!(!printed.err.contains("nothing else"), "{}", printed.err);
}

#[test]
fn where_some_are_closed_build_counts_them_and_speaks_of_those() {
    let project = project("[\"a\"]", &["b"]);
    let ran = project.run("build");
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(
        ran.out.contains(
            "closed    2 of 4 landing zones are closed; 1 guardrail holds in 2 of 4 landing zones, 1 holds nowhere yet\n"
        ),
        "{}",
        ran.out
    );
    assert!(
        ran.out.ends_with(
            "verified  in closed landing zones the policies allow these flows and nothing else\n"
        ),
        "{}",
        ran.out
    );
    let found = &document(&project, "build --check --format json", "build")["closed"];
    assert_eq!(found["landingZones"], json!(["a", "b"]));
    let first = &found["guardrails"][0];
    assert_eq!((&first["holds"], &first["in"]), (&json!("in part"), &json!(["a", "b"])));
    // One side that is closed as a whole holds all of a guardrail.
    let ran = self::project("[\"d\"]", &[]).run("build");
    assert!(
        ran.out.contains(
            "1 of 4 landing zones is closed; 1 guardrail holds in 1 of 4 landing zones\n"
        ),
        "{}",
        ran.out
    );
}

#[test]
fn where_all_is_closed_nothing_changes() {
    for deny in ["\"all\"", "\"landing-zones\"", "[\"a\", \"b\", \"c\", \"d\"]"] {
        let ran = project(deny, &[]).run("build");
        assert_eq!(ran.status, 0, "{}", ran.err);
        assert!(!ran.out.contains("\nclosed "), "{}", ran.out);
        assert!(
            ran.out.ends_with("verified  the policies allow these flows and nothing else\n"),
            "{}",
            ran.out
        );
    }
}

#[test]
fn where_there_is_no_landing_zone_it_is_the_settings_that_say_whether_all_is_closed() {
    for (deny, closed) in [("\"none\"", false), ("\"all\"", true)] {
        let project = project(deny, &[]);
        project.write("zones.yaml", "{apiVersion: v1, kind: Namespace, metadata: {name: x}}\n");
        project.write("platform.flow", "exempt kube-system\n");
        let out = project.run("build").out;
        assert_eq!(out.contains("nothing else"), closed, "{out}");
        assert_eq!(out.contains("0 of 0 landing zones are closed\n"), !closed, "{out}");
    }
}

#[test]
fn an_exempt_namespace_keeps_its_landing_zone_from_being_closed_as_a_whole() {
    let project = project("\"all\"", &[]);
    project.write(
        "zones.yaml",
        &format!("{ZONES}---\n{{apiVersion: v1, kind: Namespace, metadata: {{name: a-2, labels: {{applicationcode: a, zone: web}}}}}}\n"),
    );
    project.write("platform.flow", &PLATFORM.replace("kube-system", "kube-system, a-2, b-1"));
    let ran = project.run("build");
    assert!(
        ran.out.contains("closed    2 of 4 landing zones are closed, 1 in part\n"),
        "{}",
        ran.out
    );
}

#[test]
fn every_list_of_guardrails_says_where_each_holds() {
    let project = project("[\"a\"]", &["b"]);
    let text = project.run("list guardrails").out;
    assert!(text.contains("HOLDS"), "{text}");
    assert!(text.contains("in 2 of 4 landing zones: a, b"), "{text}");
    assert!(text.contains("nowhere yet"), "{text}");
    let csv = project.run("list guardrails --format csv").out;
    assert!(csv.contains("\"in 2 of 4 landing zones: a, b\",\"a, b\""), "{csv}");
    let rows = document(&project, "list guardrails --format json", "list");
    let of = |index: usize| (&rows["rows"][index]["holds"], &rows["rows"][index]["holdsIn"]);
    assert_eq!(of(0), (&json!("in 2 of 4 landing zones: a, b"), &json!(["a", "b"])));
    assert_eq!(of(1), (&json!("nowhere yet"), &json!([])));
    let all = self::project("\"all\"", &[]).run("list guardrails").out;
    assert_eq!(all.matches("everywhere").count(), 2, "{all}");
}

#[test]
fn every_picture_says_what_is_closed_and_where_guardrails_hold() {
    let project = project("\"none\"", &[]);
    for format in ["mermaid", "dot", "svg"] {
        let picture = project.run(&format!("graph --format {format}")).out.replace("#59;", ";");
        let says = "0 of 4 landing zones are closed; 2 guardrails hold nowhere yet";
        assert!(picture.contains(says), "{format}: {picture}");
        assert_eq!(picture.matches("holds nowhere yet").count(), 2, "{format}: {picture}");
        assert!(!picture.contains("hold against every line"), "{format}: {picture}");
    }
    let project = self::project("\"all\"", &[]);
    for format in ["mermaid", "dot", "svg"] {
        let picture = project.run(&format!("graph --format {format}")).out;
        assert!(picture.contains("hold against every line"), "{format}: {picture}");
        assert!(!picture.contains("closed"), "{format}: {picture}");
    }
}

#[test]
fn answers_that_touch_what_is_not_closed_say_so() {
    let project = project("\"none\"", &[]);
    let ran = project.run("can a.frontend b.data tcp/80");
    assert_eq!(ran.status, 0, "{}", ran.err);
    for note in [
        "a and b are not closed: what no other policy denies is open there",
        "the guardrail `forbid *.frontend to *.data` does not hold here (platform.flow:2): neither end is closed",
    ] {
        assert!(ran.out.contains(note), "{}", ran.out);
    }
    let answer = document(&project, "can a.frontend b.data tcp/80 --format json", "can");
    assert_eq!(answer["notClosed"], json!(["a", "b"]));
    assert_eq!(answer["notHeld"][0]["line"], "forbid *.frontend to *.data");
    assert_eq!(answer["notHeld"][0]["source"], "platform.flow:2");
    assert_eq!(answer["notHeld"].as_array().unwrap().len(), 1, "{answer:#}");
    // Lists say it of their place, and single lines of answers of both ends.
    let list = document(&project, "can c.frontend --format json", "can");
    assert_eq!(list["notClosed"], json!(["c"]));
    assert!(project.run("can --to d.data").out.contains("d is not closed"));
    project.write("batch.jsonl", "{\"from\":{\"namespace\":\"c-1\"},\"to\":{\"namespace\":\"d-1\"},\"protocol\":\"TCP\",\"port\":22}\n");
    let answer = document(&project, "can --batch batch.jsonl", "can-batch");
    assert_eq!(answer["notClosed"], json!(["c", "d"]));
    assert_eq!(
        answer["notHeld"],
        json!(["forbid *.frontend to *.data", "forbid c.* to d.* : tcp/22"])
    );
}

#[test]
fn an_answer_is_silent_of_guardrails_that_hold_at_an_end_or_are_not_about_it() {
    let project = project("[\"b\"]", &[]);
    let answer = document(&project, "can a.frontend b.data tcp/80 --format json", "can");
    assert_eq!((&answer["verdict"], &answer["notClosed"]), (&json!("deny"), &json!(["a"])));
    assert_eq!(answer["notHeld"], json!([]));
    let answer = document(&project, "can c.frontend d.data tcp/80 --format json", "can");
    assert_eq!(answer["notHeld"].as_array().unwrap().len(), 1, "not that about tcp/22");
    let answer = document(&project, "can b.data a.frontend tcp/80 --format json", "can");
    assert_eq!(answer["notHeld"], json!([]));
    let closed = self::project("\"all\"", &[]);
    let answer = document(&closed, "can a.frontend b.data tcp/80 --format json", "can");
    assert_eq!((&answer["notClosed"], &answer["notHeld"]), (&json!([]), &json!([])));
}

#[test]
fn nothing_is_asked_of_an_owner_whom_nothing_closes() {
    let project = project("\"none\"", &["a"]);
    project.write("a/app.flow", "a.frontend ==> c.frontend : tcp/80 because \"x\"\n");
    let ran = project.run("check");
    assert!(!ran.err.contains("EW0607") && !ran.err.contains("EW0605"), "{}", ran.err);
    assert!(project.run("list crossings").out.contains("not needed"));
    let closed = self::project("\"all\"", &["a"]);
    closed.write("a/app.flow", "a.frontend ==> c.frontend : tcp/80 because \"x\"\n");
    assert!(closed.run("check").err.contains("c.frontend <== a.frontend : tcp/80"));
}

const APPLICATIONS: [&str; 3] = ["a", "b", "c"];
const TIERS: [&str; 2] = ["frontend", "data"];

/// A program of some applications with a namespace for each of some zones.
fn random(dice: &mut Dice) -> (Program, Vec<(String, &'static str)>) {
    let deny = match dice.below(5) {
        0 => Deny::All,
        1 => Deny::LandingZones,
        2 => Deny::Applications(vec!["a".into(), "b".into()]),
        3 => Deny::Applications(vec!["c".into()]),
        _ => Deny::Applications(Vec::new()),
    };
    let mut project = support::project().settings(|it| it.deny = deny);
    let (mut namespaces, mut exempt) = (Vec::new(), vec!["kube-system".to_owned()]);
    for application in APPLICATIONS {
        for zone in TIERS {
            let name = format!("{application}-{zone}");
            // The first is always there, so that each name is known.
            if zone == "frontend" || !dice.one_in(3) {
                project = project.namespace(&name, application, zone);
                if dice.one_in(5) {
                    exempt.push(name.clone());
                }
                namespaces.push((name, application));
            }
        }
        if dice.one_in(3) {
            project = project.file(application, "");
        }
    }
    let mut text = format!("exempt {}\nexternal net = 192.0.2.0/24\n", exempt.join(", "));
    for number in 1..=3 {
        let sides = ["*.frontend", "*.*", "a.*", "b.frontend", "c.frontend", "net"];
        let (left, right) = (dice.of(&sides), dice.of(&sides));
        let same = left.split('.').next() == right.split('.').next();
        let arrow = if same || dice.one_in(2) { "to" } else { "==>" };
        if left != "net" || right != "net" {
            writeln!(text, "forbid {left} {arrow} {right} : tcp/{number}").unwrap();
        }
    }
    (project.platform(&text).program(), namespaces)
}

/// The declared namespaces that some Deny rule of `guardrail` selects, and how many policies have one.
fn ruled(program: &Program, guardrail: usize) -> BTreeSet<String> {
    let span = program.guardrails[guardrail].span;
    let (documents, _) = eastwest::compile::compile(program, false);
    let mut found = BTreeSet::new();
    for document in &documents {
        let Resource::Policy(policy) = &document.resource else { continue };
        let mut rules = policy.ingress.iter().chain(&policy.egress);
        if !rules.any(|rule| rule.action == Action::Deny && rule.lines.contains(&span)) {
            continue;
        }
        for (_, namespace) in program.namespaces.iter() {
            let label = |key: &str| {
                if key == "projectcalico.org/name" {
                    return Some(&*namespace.name);
                }
                let label = namespace.labels.iter().find(|(it, _)| **it == *key);
                label.map(|(_, value)| &**value)
            };
            let selector = policy.namespace_selector.as_ref();
            if selector.is_none_or(|it| it.matches(label)) {
                found.insert(namespace.name.to_string());
            }
        }
    }
    found
}

#[test]
fn guardrails_hold_where_the_compiler_writes_their_rules() {
    let (mut nowhere, mut partly, mut everywhere) = (0, 0, 0);
    for seed in 1..400 {
        let (program, namespaces) = random(&mut Dice::new(seed + 7));
        let openness = program.openness();
        for (index, guardrail) in openness.guardrails.iter().enumerate() {
            let ruled = ruled(&program, index);
            let of = namespaces.iter().filter(|(name, _)| ruled.contains(name));
            let wanted: BTreeSet<&str> = of.map(|(_, application)| *application).collect();
            let held: BTreeSet<&str> = guardrail
                .holds_in
                .iter()
                .map(|id| &*program.applications.get(*id).unwrap().name)
                .collect();
            let line = &program.guardrails[index].line;
            assert_eq!(held, wanted, "world {seed}: {line} {openness:?}");
            match guardrail.held {
                Held::Nowhere => nowhere += 1,
                Held::InPart => partly += 1,
                Held::Everywhere => everywhere += 1,
                Held::OnLines => assert!(wanted.is_empty(), "world {seed}: {line}"),
            }
        }
        for (id, application) in program.applications.iter() {
            let own = program.namespaces.iter().filter(|(_, it)| it.application == Some(id));
            let isolated: Vec<bool> =
                own.map(|(_, it)| program.isolates(application) && !it.exempt).collect();
            let wanted = match (isolated.contains(&true), isolated.contains(&false)) {
                (true, false) => Closed::All,
                (true, true) => Closed::Some,
                (false, _) => Closed::None,
            };
            assert_eq!(openness.landing_zones[id.index()], wanted, "world {seed}");
        }
    }
    assert!(nowhere > 100 && partly > 50 && everywhere > 100, "{nowhere} {partly} {everywhere}");
}
