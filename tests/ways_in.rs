//! The ways by which an object may have come into a cluster, and what is said where they come to different things.

use crate::cli::Project;

const NAMESPACES: &str = "{apiVersion: v1, kind: Namespace, metadata: {name: web}}\n---\n{apiVersion: v1, kind: Namespace, metadata: {name: data}}\n";

/// A cluster in which nobody may reach `data` but as `rule` says.
fn cluster(api: &str, metadata: &str, rule: &str) -> String {
    format!(
        "{{apiVersion: {api}, kind: NetworkPolicy, metadata: {{name: in, namespace: data{metadata}}}, spec: {{order: 1, types: [Ingress], ingress: [{{action: Allow, {rule}}}]}}}}\n"
    )
}

/// The verdict on `web` that opens tcp/80 to `data`.
fn verdict(text: &str, options: &str) -> String {
    let project = Project::new(&[("policies.yaml", text), ("zones.yaml", NAMESPACES)]);
    let question = "namespace/web namespace/data tcp/80";
    let said = project
        .run(&format!("can --policies policies.yaml --zones zones.yaml {options} {question}"));
    said.out.lines().next().unwrap_or_default().split(':').next().unwrap().to_owned()
}

#[test]
fn where_the_way_in_decides_and_is_not_known_the_answer_is_undecided() {
    const V3: &str = "projectcalico.org/v3";
    const STORED: &str = "crd.projectcalico.org/v1";
    let ports: Vec<_> = (1..=51).map(|port| port.to_string()).collect();
    let ports = format!("protocol: TCP, destination: {{ports: [{}]}}", ports.join(", "));
    // Refused, so that everything is open; or taken, so that this rule alone is.
    for (rule, refused, taken) in [
        ("protocol: tcp, destination: {ports: [443]}", "yes", "no"),
        ("protocol: tcp, destination: {ports: [80]}", "yes", "yes"),
        ("source: {nets: [192.0.2.7/24]}", "yes", "undecided"),
        ("source: {nets: [192.0.2.0/33]}", "yes", "yes"),
        ("source: {nets: ['2001:db8::/32', 192.0.2.0/24]}, protocol: UDP", "yes", "no"),
    ] {
        let unknown = if refused == taken { refused } else { "undecided" };
        for (api, metadata, options, expected) in [
            (V3, "", "", unknown),
            (V3, "", "--release 3.32", unknown),
            (V3, "", "--release 3.31", refused),
            (V3, ", uid: u", "", taken),
            (V3, ", resourceVersion: '7'", "--release 3.28", taken),
            (STORED, "", "", taken),
        ] {
            let said = verdict(&cluster(api, metadata, rule), options);
            assert_eq!(said, expected, "{rule}: {api} {metadata} {options}");
        }
    }
    // A limit of the newest release, which the others do not have.
    for (api, metadata, options, expected) in [
        (V3, "", "", "undecided"),
        (V3, "", "--release 3.32", "yes"),
        (V3, "", "--release 3.31", "no"),
        (V3, ", uid: u", "", "no"),
        (STORED, "", "", "no"),
    ] {
        let said = verdict(&cluster(api, metadata, &ports), options);
        assert_eq!(said, expected, "{api} {metadata} {options}");
    }
}

#[test]
fn one_finding_names_both_outcomes() {
    let rule = "protocol: tcp, destination: {ports: [443]}";
    let text = cluster("projectcalico.org/v3", "", rule);
    let project = Project::new(&[("policies.yaml", &text), ("zones.yaml", NAMESPACES)]);
    let audited = project.run("audit policies.yaml zones.yaml").out;
    assert_eq!(audited.matches("[EW1005]").count(), 1, "{audited}");
    assert!(audited.contains("is refused, or admitted and converted: `tcp`"), "{audited}");
    // Nothing else rests on its being refused: `web` alone is open for both.
    assert_eq!(audited.matches("open for ingress and egress").count(), 1, "{audited}");
    let corrected = text.replace("protocol: tcp", "protocol: TCP");
    project.write("corrected.yaml", &corrected);
    let changed = project.run("diff policies.yaml corrected.yaml --zones zones.yaml").out;
    let whether = "undecided: it depends on whether NetworkPolicy data/in came into the cluster as a native resource";
    assert!(changed.contains(whether), "{changed}");
    let same = project.run("diff policies.yaml policies.yaml --zones zones.yaml").out;
    assert!(same.contains("No change"), "{same}");
    project.write("kept.yaml", &text.replace("namespace: data", "namespace: data, uid: u"));
    let same = project.run("diff kept.yaml corrected.yaml --zones zones.yaml").out;
    assert!(same.contains("No change"), "{same}");
}

/// Calico keeps the labels of what it stores in an annotation, and selectors see them.
#[test]
fn the_labels_of_what_is_stored_are_those_in_its_annotation() {
    let stored = |kind: &str, labels: &str, annotation: &str, spec: &str| {
        format!(
            "{{apiVersion: crd.projectcalico.org/v1, kind: {kind}, metadata: {{name: s, labels: {{{labels}}}, annotations: {{projectcalico.org/metadata: '{annotation}'}}}}, spec: {{{spec}}}}}\n---\n"
        )
    };
    let policy = "{apiVersion: projectcalico.org/v3, kind: GlobalNetworkPolicy, metadata: {name: p}, spec: {order: 1, selector: projectcalico.org/orchestrator == 'k8s', types: [Egress], egress: [{action: Allow, destination: {selector: role == 'partner'}}]}}\n";
    let open = |set: &str| {
        let project = Project::new(&[
            ("policies.yaml", &format!("{set}{policy}")),
            ("zones.yaml", NAMESPACES),
        ]);
        let ran = project
            .run("can --policies policies.yaml --zones zones.yaml namespace/web 192.0.2.9 tcp/443");
        (ran.out.split(':').next().unwrap().to_owned(), ran.err)
    };
    let set =
        |labels, annotation| stored("GlobalNetworkSet", labels, annotation, "nets: [192.0.2.0/24]");
    for (labels, annotation, expected) in [
        ("", "{\"labels\": {\"role\": \"partner\"}, \"creationTimestamp\": null}", "yes"),
        ("role: other", "{\"labels\": {\"role\": \"partner\"}}", "yes"),
        ("role: partner", "{\"labels\": {\"team\": \"x\"}}", "yes"),
        ("role: partner", "{\"labels\": {\"role\": \"other\"}}", "no"),
        ("role: partner", "{\"annotations\": {\"a\": \"b\"}}", "yes"),
        ("role: partner", "{\"labels\": null}", "yes"),
    ] {
        let (verdict, told) = open(&set(labels, annotation));
        assert_eq!(verdict, expected, "{labels} {annotation}\n{told}");
    }
    let (verdict, told) = open(&set("role: partner", "{broken"));
    assert_eq!(verdict, "no", "{told}");
    assert!(told.contains("not the metadata that Calico keeps"), "{told}");
    // Of an object in the other form it is an annotation like any other.
    let v3 = set("role: other", "{\"labels\": {\"role\": \"partner\"}}")
        .replace("crd.projectcalico.org/v1", "projectcalico.org/v3");
    assert_eq!(open(&v3).0, "no");
}
