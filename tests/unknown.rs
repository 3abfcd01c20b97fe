//! What `[cluster]` and manifests settle, and what is told where they are not there.

use crate::cli::{Project, holds_to_schema, json};

const CLUSTER: &str = "[cluster]\npods = [\"10.244.0.0/16\"]\nservices = [\"10.96.0.0/12\"]\n";

/// Two namespaces; `rules` are the egress rules of the first.
fn world(rules: &str) -> Project {
    let text = format!(
        "{{apiVersion: v1, kind: Namespace, metadata: {{name: a}}}}\n---\n{{apiVersion: v1, kind: Namespace, metadata: {{name: b}}}}\n---\n\
         {{apiVersion: projectcalico.org/v3, kind: NetworkPolicy, metadata: {{name: out, namespace: a}}, spec: {{order: 1, types: [Egress], egress: [{rules}]}}}}\n"
    );
    Project::new(&[("p.yaml", &text), ("cluster.toml", CLUSTER)])
}

fn verdict(project: &Project, question: &str) -> String {
    let ran = project.run(&format!("can --policies p.yaml --format json {question}"));
    let answer = json(&ran.out);
    holds_to_schema("can", &answer);
    answer["verdict"].as_str().unwrap().to_owned()
}

#[test]
fn pods_lie_in_no_block_but_those_of_pods() {
    for (rule, alone, with_blocks) in [
        ("destination: {nets: [203.0.113.0/24]}", "undecided", "deny"),
        ("destination: {nets: [10.96.0.1/32]}", "undecided", "deny"),
        ("destination: {nets: [10.244.7.0/24]}", "undecided", "undecided"),
        ("destination: {nets: [10.244.0.0/16]}", "undecided", "allow"),
        ("destination: {nets: [10.0.0.0/8]}", "undecided", "allow"),
        ("destination: {notNets: [203.0.113.0/24]}", "undecided", "allow"),
        ("source: {nets: [192.0.2.0/24]}", "undecided", "deny"),
        ("destination: {nets: [2001:db8::/32]}", "undecided", "differs"),
    ] {
        let project = world(&format!("{{action: Allow, {rule}}}"));
        let ask = "namespace/a namespace/b tcp/443";
        assert_eq!(verdict(&project, ask), alone, "{rule}");
        if !rule.contains("2001") {
            let told = verdict(&project, &format!("--config cluster.toml {ask}"));
            assert_eq!(told, with_blocks, "{rule}");
        }
    }
    // Of a family of which no block is given, nothing is known.
    let project = world("{action: Allow, ipVersion: 6, destination: {nets: [2001:db8::/32]}}");
    let told = verdict(&project, "--config cluster.toml namespace/a namespace/b tcp/443");
    assert!(["undecided", "differs"].contains(&&*told), "{told}");
}

#[test]
fn an_address_of_services_stands_for_others() {
    let project = world("{action: Allow, protocol: TCP, destination: {nets: [10.96.0.1/32]}}");
    let ask = |question: &str| verdict(&project, &format!("--config cluster.toml {question}"));
    assert_eq!(ask("namespace/a 10.96.0.1 tcp/443"), "undecided");
    assert_eq!(ask("namespace/b 10.96.0.1 tcp/443"), "undecided");
    // To whom it may be, this passes to nobody.
    assert_eq!(ask("namespace/a 10.96.0.1 udp/53"), "deny");
    assert_eq!(verdict(&project, "namespace/a 10.96.0.1 tcp/443"), "allow");
    let said =
        project.run("can --policies p.yaml --config cluster.toml namespace/a 10.96.0.1 tcp/1");
    assert!(said.out.contains("10.96.0.1 is an address of services"), "{}", said.out);
    let said =
        project.run("can --policies p.yaml --config cluster.toml namespace/a 10.244.0.9 tcp/1");
    assert!(said.out.contains("10.244.0.9 lies where pods do"), "{}", said.out);
    project.write(
        "q",
        "{\"from\": {\"namespace\": \"a\"}, \"to\": {\"ip\": \"10.96.0.1\"}, \"protocol\": \"TCP\", \"port\": 1}\n",
    );
    let said = project.run("can --policies p.yaml --config cluster.toml --batch q");
    let answer = json(said.out.trim());
    holds_to_schema("can-batch", &answer);
    assert_eq!(answer["verdict"], "allow");
    assert!(answer["note"].as_str().unwrap().contains("services"), "{answer}");
    // The cluster's own addresses are no part of all others.
    let said = project.run("can --policies p.yaml --config cluster.toml namespace/a");
    assert!(said.out.starts_with("no: namespace/a can open nothing"), "{}", said.out);
}

#[test]
fn a_listing_says_what_the_unknown_depends_on() {
    let project = world("{action: Allow, destination: {nets: [10.244.7.0/24]}}");
    let block = "asks whether the receiver's address lies in `10.244.7.0/24`";
    let hint = "in which blocks pods lie is not known here";
    for (question, hinted) in [
        ("namespace/a", true),
        ("--to namespace/b", true),
        ("--config cluster.toml namespace/a", false),
        ("--config cluster.toml --to namespace/b", false),
    ] {
        let said = project.run(&format!("can --policies p.yaml {question}"));
        assert!(said.out.contains(block), "{question}: {}", said.out);
        assert!(!said.out.contains("sender's address"), "{question}: {}", said.out);
        assert_eq!(said.out.contains(hint), hinted, "{question}: {}", said.out);
        let told =
            json(&project.run(&format!("can --policies p.yaml --format json {question}")).out);
        holds_to_schema("can", &told);
        assert!(told["undecided"][0]["why"].as_str().unwrap().contains(block), "{told}");
        assert!(told["open"].as_array().unwrap().iter().all(|it| it["why"].is_null()), "{told}");
    }
}

#[test]
fn the_nearest_rule_names_the_blocks_that_it_is_about() {
    let project = world("{action: Allow, destination: {nets: [203.0.113.0/24]}}");
    let said =
        project.run("can --policies p.yaml --config cluster.toml namespace/a namespace/b tcp/443");
    assert!(said.out.contains("out, rule 1, allows it to 203.0.113.0/24"), "{}", said.out);
}

#[test]
fn a_rule_for_pods_where_none_lies_never_matches() {
    let rule = "{action: Allow, destination: {selector: projectcalico.org/orchestrator == 'k8s', nets: [10.9.0.0/16]}}";
    let project = world(rule);
    let found = |options: &str| project.run(&format!("audit p.yaml {options}")).out;
    assert!(found("--config cluster.toml").contains("EW1106") && !found("").contains("EW1106"));
}

#[test]
fn nothing_follows_from_the_labels_of_a_namespace_without_a_manifest() {
    let policies = |namespace: &str| {
        format!(
            "{{apiVersion: v1, kind: Namespace, metadata: {{name: shop, labels: {{team: red}}}}}}\n---\n\
             {{apiVersion: projectcalico.org/v3, kind: NetworkPolicy, metadata: {{name: out, namespace: {namespace}}}, spec: {{order: 1, types: [Egress], egress: [{{action: Allow, source: {{namespaceSelector: team == 'blue'}}, destination: {{namespaceSelector: tier == 'x'}}}}]}}}}\n"
        )
    };
    for (namespace, told) in [("shop", true), ("proxy", false)] {
        let project = Project::new(&[("p.yaml", &policies(namespace))]);
        let found = project.run("audit p.yaml").out;
        for code in ["EW1106", "EW1112"] {
            assert_eq!(found.contains(code), told, "{namespace}, {code}: {found}");
        }
    }
    // What looks like a slip of the pen is told all the same, without a claim.
    let slip = policies("proxy").replace("team == 'blue'", "team == 'rde'").replace(
        "destination: {namespaceSelector: tier == 'x'}",
        "destination: {namespaceSelector: team == 'rde'}",
    );
    let found = Project::new(&[("p.yaml", &slip)]).run("audit p.yaml").out;
    assert!(found.contains("did you mean `team == 'red'`?"), "{found}");
    assert!(!found.contains("it does nothing"), "{found}");
    let project = Project::new(&[("p.yaml", &policies("proxy"))]);
    let said = project.run("can --policies p.yaml namespace/proxy namespace/shop tcp/443");
    assert!(said.out.contains("--zones"), "{}", said.out);
}
