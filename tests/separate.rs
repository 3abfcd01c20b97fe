//! A project that holds the flow files of some owners alone: what depends on the others' is undecided, and told where it is
//! to be found; and nothing is cited that is not there.

use serde_json::{Value, json};

use crate::cli::{Project, holds_to_schema};

const ZONES: &str = "
{apiVersion: v1, kind: Namespace, metadata: {name: shop-1, labels: {applicationcode: shop, zone: web}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: pay-1, labels: {applicationcode: pay, zone: api}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: pay-2, labels: {applicationcode: pay, zone: data}}}
";
const PLATFORM: &str = "exempt kube-system
external dns = namespace kube-system
*.* ==> dns : udp/53 because \"names\"
forbid *.web to *.data because \"tiers\"
";
const OFFER: &str = "pay.api <== *.* : tcp/443 because \"serves everyone\"\n";
const SHOP: &str =
    "shop.web -> shop.web : tcp/80\nshop.web ==> pay.api : tcp/443 because \"pays\"\n";

/// The platform's repository, with `more` lines.
fn platform(more: &str) -> Project {
    Project::new(&[
        (
            "eastwest.toml",
            "zones = [\"zones.yaml\"]\nplatform = [\"flows/*.flow\"]\nflows = []\nwrite = [\"platform\"]\noutput = \"policies.yaml\"\n",
        ),
        ("zones.yaml", ZONES),
        ("flows/platform.flow", &format!("{PLATFORM}{more}")),
    ])
}

/// The repository of the application `shop`, with a bundle of the platform's and `config` for what its configuration says of
/// owners.
fn shop_with(config: &str, more: &str, deny: &str) -> Project {
    let platform = platform(more);
    let text = platform.read("eastwest.toml");
    platform.write("eastwest.toml", &format!("{text}[calico]\ndeny = \"{deny}\"\n"));
    let ran = platform.run("export -o bundle");
    assert_eq!(ran.status, 0, "{}", ran.err);
    let shop = Project::new(&[
        ("eastwest.toml", &format!("bundle = \"vendor\"\n{config}")),
        ("own/app.flow", SHOP),
    ]);
    for name in ["zones.yaml", "platform.flow", "settings.toml", "hash"] {
        shop.write(&format!("vendor/{name}"), &platform.read(&format!("bundle/{name}")));
    }
    shop
}

fn shop(more: &str) -> Project {
    shop_with(
        "flows = { shop = [\"own/*.flow\"] }\nwrite = [\"shop\"]\noutput = \"policies.yaml\"\n",
        more,
        "all",
    )
}

fn answer(project: &Project, words: &str) -> Value {
    let ran = project.run(&format!("can {words} --format json"));
    let value: Value = serde_json::from_str(&ran.out).expect(&ran.err);
    holds_to_schema("can", &value);
    value
}

fn batch(project: &Project, from: &str, to: &str, port: u16) -> Value {
    let question = json!({"from": {"namespace": from}, "to": {"namespace": to}, "protocol": "TCP", "port": port});
    project.write("batch.jsonl", &format!("{question}\n"));
    let ran = project.run("can --batch batch.jsonl");
    let value: Value = serde_json::from_str(&ran.out).expect(&ran.err);
    holds_to_schema("can-batch", &value);
    value
}

#[test]
fn what_the_lines_of_another_repository_decide_is_undecided_and_says_where_to_look() {
    let project = shop("");
    let ran = project.run("can shop.web pay.api tcp/443");
    assert_eq!(ran.status, 1, "{}", ran.out);
    assert!(ran.out.starts_with("undecided: "), "{}", ran.out);
    for part in [
        "cannot be told: nothing here tells whether a line of pay opens it",
        "look for  pay",
        "pay.api <== shop.web : tcp/443",
        "the flow files of pay are not in this project: look into its repository",
    ] {
        assert!(ran.out.contains(part), "{}", ran.out);
    }
    let found = answer(&project, "shop.web pay.api tcp/443");
    assert_eq!(found["verdict"], "undecided");
    assert_eq!(found["arriving"][0]["verdict"], "undecided");
    assert_eq!(found["elsewhere"], json!(["pay"]));
    let found = batch(&project, "shop-1", "pay-1", 443);
    assert_eq!(
        (&found["verdict"], &found["egress"]["verdict"]),
        (&json!("undecided"), &json!("allow"))
    );
    let why = found["ingress"]["why"].as_str().unwrap();
    assert!(
        why.ends_with("whether a line of pay opens it: its flow files are in another repository"),
        "{why}"
    );
    assert!(project.run("graph").out.contains("waits for pay (elsewhere)"));
    // Both ends may be elsewhere, and what leaves is as much a question as what arrives.
    let found = answer(&project, "pay.api pay.data tcp/5432");
    assert_eq!((&found["verdict"], &found["elsewhere"]), (&json!("undecided"), &json!(["pay"])));
    assert_eq!(batch(&project, "pay-1", "pay-2", 5432)["verdict"], "undecided");
}

#[test]
fn what_is_known_decides_whoevers_files_are_elsewhere() {
    let project = shop("");
    // This side is closed to it.
    for (from, to, port) in [("pay.api", "shop.web", "tcp/80"), ("shop.web", "pay.api", "tcp/80")] {
        assert_eq!(
            answer(&project, &format!("{from} {to} {port}"))["verdict"],
            "deny",
            "{from} {to}"
        );
    }
    assert_eq!(batch(&project, "pay-1", "shop-1", 80)["verdict"], "deny");
    // A guardrail holds there as well.
    let found = answer(&project, "shop.web pay.data tcp/443");
    assert_eq!(found["arriving"][0]["parts"][0]["because"], "rule", "{found:#}");
    // And what the platform opens is open.
    assert_eq!(answer(&project, "pay.api dns udp/53")["verdict"], "allow");
    let offered = shop(OFFER);
    assert_eq!(answer(&offered, "shop.web pay.api tcp/443")["verdict"], "allow");
    assert_eq!(batch(&offered, "shop-1", "pay-1", 443)["verdict"], "allow");
    // In the platform's own repository all but that is open to question.
    let platform = platform(OFFER);
    assert_eq!(answer(&platform, "shop.web pay.api tcp/443")["verdict"], "undecided");
    assert_eq!(answer(&platform, "shop.web pay.data tcp/443")["verdict"], "deny");
    let list = answer(&platform, "pay.api");
    assert_eq!(list["elsewhere"], json!(["pay", "shop"]));
    assert!(list["undecided"].as_array().is_some_and(|it| !it.is_empty()), "{list:#}");
}

#[test]
fn whoever_is_not_closed_from_here_may_close_itself() {
    let config =
        "flows = { shop = [\"own/*.flow\"] }\nwrite = [\"shop\"]\noutput = \"policies.yaml\"\n";
    let project = shop_with(config, "", "none");
    let found = answer(&project, "shop.web pay.api tcp/443");
    assert_eq!(found["verdict"], "undecided", "pay may have a flow file that does not open this");
    let ran = project.run("build");
    assert!(
        ran.out.contains("1 of 2 landing zones is closed here; 1 guardrail holds nowhere yet"),
        "{}",
        ran.out
    );
}

#[test]
fn a_bundle_or_patterns_without_a_name_say_as_much_as_write() {
    let named = "flows = { shop = [\"own/*.flow\"] }\n";
    let project = shop_with(named, "", "all");
    assert_eq!(answer(&project, "shop.web pay.api tcp/443")["verdict"], "undecided");
    let whole = Project::new(&[
        (
            "eastwest.toml",
            "zones = [\"zones.yaml\"]\nplatform = [\"platform.flow\"]\nflows = { shop = [\"own/*.flow\"] }\n",
        ),
        ("zones.yaml", ZONES),
        ("platform.flow", PLATFORM),
        ("own/app.flow", SHOP),
    ]);
    assert_eq!(answer(&whole, "shop.web pay.api tcp/443")["verdict"], "undecided");
    // Where any application's file would be found, one that has none is closed.
    whole.write("eastwest.toml", "zones = [\"zones.yaml\"]\nplatform = [\"platform.flow\"]\nflows = [\"{application}/*.flow\"]\n");
    std::fs::rename(whole.path().join("own"), whole.path().join("shop")).unwrap();
    assert_eq!(answer(&whole, "shop.web pay.api tcp/443")["verdict"], "deny");
    let rows = |project: &Project| project.run("list crossings --of pay").out;
    assert!(rows(&whole).contains("missing"), "{}", rows(&whole));
    assert!(rows(&project).contains("elsewhere"), "{}", rows(&project));
}

#[test]
fn an_offer_whose_takers_are_elsewhere_is_not_half_open() {
    for line in [OFFER, "*.* ==> pay.api : tcp/443 because \"x\"\n"] {
        let project = platform(line);
        let ran = project.run("check");
        assert_eq!((ran.status, &*ran.err), (0, ""), "{line}");
        let list = project.run("list crossings --of pay").out;
        assert!(list.contains("elsewhere") && !list.contains("missing"), "{list}");
    }
    // With everybody's files here nobody takes it.
    let whole = platform(OFFER);
    whole.write("eastwest.toml", "zones = [\"zones.yaml\"]\nplatform = [\"flows/*.flow\"]\nflows = [\"{application}/*.flow\"]\n");
    assert!(whole.run("check").err.contains("EW0605"));
}

/// Every `file:line` in what is printed.
fn cited(text: &str) -> Vec<(String, usize)> {
    let words = text.split(|c: char| c.is_whitespace() || "\"(),".contains(c));
    let place = |word: &str| {
        let (path, line) = word.rsplit_once(':')?;
        let known = [".yaml", ".flow", ".toml"].iter().any(|it| path.ends_with(it));
        Some((path.to_owned(), line.parse().ok()?)).filter(|_| known)
    };
    words.filter_map(place).collect()
}

#[test]
fn every_place_that_is_cited_is_there_and_is_of_the_file_that_is_on_disk() {
    let questions = [
        "shop.web pay.api tcp/443",
        "shop.web pay.data tcp/443",
        "shop.web pay.api tcp/80",
        "shop.web shop.web tcp/80",
        "shop.web shop.web tcp/81",
        "shop.web dns udp/53",
        "pay.api shop.web tcp/80",
    ];
    let project = shop(OFFER);
    // Before the first build, after it, and where the file is another one.
    for stage in ["absent", "built", "stale"] {
        match stage {
            "absent" => {}
            "built" => assert_eq!(project.run("build").status, 0),
            _ => project.write("policies.yaml", "# Generated by eastwest for shop.\n"),
        }
        let mut of_policies = 0;
        for question in questions {
            for format in ["text", "json"] {
                let out = project.run(&format!("can {question} --format {format}")).out;
                for (path, line) in cited(&out) {
                    let text = project.read(&path);
                    assert!(line <= text.lines().count(), "{stage} {path}:{line}\n{out}");
                    of_policies += usize::from(path == "policies.yaml");
                    assert!(
                        path != "policies.yaml"
                            || text.lines().nth(line - 1).unwrap().contains("action"),
                        "{out}"
                    );
                }
            }
        }
        assert_eq!(of_policies > 0, stage == "built", "{stage}");
        // What the platform's policies do is told by the line that they are made of.
        let found = answer(&project, "shop.web pay.data tcp/443");
        assert_eq!(
            found["leaving"][0]["parts"][0]["source"], "vendor/platform.flow:4",
            "{found:#}"
        );
        let found = batch(&project, "shop-1", "pay-2", 443);
        assert_eq!(found["egress"]["source"], "vendor/platform.flow:4", "{found:#}");
        // The default deny is made of none.
        assert!(batch(&project, "shop-1", "pay-1", 80)["egress"]["source"].is_null());
    }
}
