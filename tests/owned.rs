//! What `build --format json` says of owners and their objects, by which a pipeline knows what it may delete.

use std::collections::BTreeSet;

use serde::Deserialize as _;
use serde_json::{Value, json};

use crate::cli::{CONFIG, Project, holds_to_schema};

fn built(project: &Project, words: &str) -> Value {
    let ran = project.run(&format!("build --check --format json {words}"));
    let value: Value = serde_json::from_str(&ran.out).expect(&ran.err);
    holds_to_schema("build", &value);
    value
}

fn owner(name: &str) -> Value {
    json!({"name": name, "label": name})
}

#[test]
fn owners_are_whom_write_names_or_else_who_has_a_file() {
    let project = Project::sample();
    let all = [owner("application1"), owner("application2"), owner("platform")];
    let found = built(&project, "");
    assert_eq!((&found["owners"], &found["allOwners"]), (&json!(all), &json!(true)));
    let found = built(&project, "--owner application2");
    assert_eq!((&found["owners"], &found["allOwners"]), (&json!([all[1]]), &json!(false)));
    std::fs::remove_file(project.path().join("application1/network-policies/app.flow")).unwrap();
    assert_eq!(built(&project, "")["owners"], json!([all[1], all[2]]));
    // Mistakes in flows make no difference.
    project.write("application2/network-policies/app.flow", "application2.x -> application2.y\n");
    let found = built(&project, "");
    assert_eq!((&found["owners"], &found["files"]), (&json!([all[1], all[2]]), &json!([])));
    // Whom `write` names needs no file, and whom it does not name is not an owner here.
    project.write("eastwest.toml", &format!("write = [\"application1\"]\n{CONFIG}"));
    let found = built(&project, "");
    assert_eq!((&found["owners"], &found["allOwners"]), (&json!([all[0]]), &json!(false)));
    project.write("eastwest.toml", &format!("write = [\"application9\"]\n{CONFIG}"));
    assert_eq!(built(&project, "").get("owners"), None);
}

#[test]
fn objects_are_those_of_the_file() {
    let project = Project::sample();
    project.write(
        "eastwest.toml",
        &CONFIG.replace(
            "[lints]",
            "kustomization = true\n[calico]\nrelease = \"3.30\"\ntiers = true\n[lints]",
        ),
    );
    project.write("platform/flows/platform.flow", "exempt kube-system\nexternal dns = 10.1.0.1/32\n*.* ==> dns : udp/53 because \"names\"\nforbid *.frontend to *.api : tcp/22\n");
    assert_eq!(project.run("build").status, 0);
    let found = built(&project, "");
    let mut kinds = BTreeSet::new();
    for file in found["files"].as_array().unwrap() {
        let text = project.read(file["path"].as_str().unwrap());
        let documents =
            serde_yaml::Deserializer::from_str(&text).map(|it| Value::deserialize(it).unwrap());
        let objects = documents.filter(|it| it["kind"] != "Kustomization").map(|it| {
            let metadata = &it["metadata"];
            assert_eq!(metadata["labels"]["eastwest/owner"], file["owner"]);
            kinds.insert(it["kind"].as_str().unwrap().to_owned());
            match metadata.get("namespace") {
                Some(namespace) => {
                    json!({"kind": it["kind"], "namespace": namespace, "name": metadata["name"]})
                }
                None => json!({"kind": it["kind"], "name": metadata["name"]}),
            }
        });
        assert_eq!(file["objects"], json!(objects.collect::<Vec<_>>()), "{}", file["path"]);
    }
    assert_eq!(kinds.len(), 4, "{kinds:?}");
    // A file that is to go holds nothing.
    std::fs::remove_file(project.path().join("application1/network-policies/app.flow")).unwrap();
    let stale = built(&project, "")["files"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["state"] == "stale")
        .cloned()
        .collect::<Vec<_>>();
    assert!(!stale.is_empty() && stale.iter().all(|it| it["objects"] == json!([])), "{stale:?}");
}
