//! Policies of the Kubernetes network-policy API, by the words of that API and by the releases of Calico that enforce them.

use crate::cli::Project;

/// Three namespaces of tenants, one that watches them, and the cluster's own.
const NAMESPACES: &str = "\
{apiVersion: v1, kind: Namespace, metadata: {name: blue, labels: {tenant: blue}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: red, labels: {tenant: red}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: secret, labels: {tenant: blue, sensitive: 'yes'}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: watch, labels: {purpose: monitoring}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: kube-system}}
---
";

/// A policy of the administrator of `kind`, with `spec`.
fn admin(kind: &str, name: &str, spec: &str) -> String {
    let version = if kind == "ClusterNetworkPolicy" { "v1alpha2" } else { "v1alpha1" };
    format!(
        "{{apiVersion: policy.networking.k8s.io/{version}, kind: {kind}, metadata: {{name: {name}}}, spec: {{{spec}}}}}\n---\n"
    )
}

/// A policy of the team that owns `namespace`.
fn network(namespace: &str, spec: &str) -> String {
    format!(
        "{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {{name: own, namespace: {namespace}}}, spec: {{{spec}}}}}\n---\n"
    )
}

/// `yes`, `no`, `partly` or `undecided`, and what is told beside it.
fn asked(policies: &str, question: &str, release: &str) -> (String, String) {
    let project = Project::new(&[("policies.yaml", &format!("{NAMESPACES}{policies}"))]);
    let ran = project.run(&format!("can --policies policies.yaml {release} {question}"));
    let verdict = ran.out.split(':').next().unwrap().to_owned();
    let known = ["yes", "no", "partly", "undecided"];
    assert!(known.contains(&&*verdict), "{}{}", ran.out, ran.err);
    (verdict, ran.err)
}

const ALL: &str = "subject: {namespaces: {}}";
const CLOSED: &str = "podSelector: {}, policyTypes: [Ingress]";
const OPEN: &str = "podSelector: {}, policyTypes: [Ingress], ingress: [{}]";

/// The same for the older kinds in the release that has both, and for the newer one in the newest.
fn each_api([tier, spec]: [&str; 2], others: &str, questions: &[(&str, &str)]) {
    let (old, older) = match tier {
        "Admin" => ("AdminNetworkPolicy", spec.to_owned()),
        _ => ("BaselineAdminNetworkPolicy", spec.replace("priority: 10, ", "")),
    };
    let newer = spec.replace("action: Allow", "action: Accept").replace(
        "ports: [{portNumber: {protocol: UDP, port: 53}}]",
        "protocols: [{udp: {destinationPort: {number: 53}}}]",
    );
    let project = Project::new(&[(
        "policies.yaml",
        &format!("{NAMESPACES}{}", admin(old, "default", &older)),
    )]);
    let audited = project.run("audit policies.yaml --release 3.30").out;
    // Its tier is Calico's own.
    assert!(!audited.contains("EW1122"), "{audited}");
    for (policies, release) in [
        (admin(old, "default", &older), "--release 3.30"),
        (
            admin("ClusterNetworkPolicy", "default", &format!("tier: {tier}, {newer}")),
            "--release 3.32",
        ),
    ] {
        for (question, expected) in questions {
            let (verdict, told) = asked(&format!("{policies}{others}"), question, release);
            assert_eq!(verdict, *expected, "{question} {release}\n{policies}{others}{told}");
        }
    }
}

#[test]
fn an_administrator_decides_before_the_teams_and_a_baseline_after_them() {
    // Names are resolved, whatever a team closes.
    let dns = "priority: 10, subject: {namespaces: {}}, egress: [{action: Allow, to: [{pods: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}, podSelector: {matchLabels: {k8s-app: kube-dns}}}}], ports: [{portNumber: {protocol: UDP, port: 53}}]}]";
    let closed = network("blue", "podSelector: {}, policyTypes: [Egress]");
    let server = "namespace/kube-system[k8s-app=='kube-dns']";
    each_api(
        ["Admin", dns],
        &closed,
        &[
            (&format!("namespace/blue {server} udp/53"), "yes"),
            (&format!("namespace/blue {server} udp/54"), "no"),
            ("namespace/blue namespace/red tcp/80", "no"),
            ("namespace/red namespace/blue tcp/80", "yes"),
        ],
    );
    // Nobody reaches what is sensitive, whatever its team opens.
    let sensitive = "priority: 10, subject: {namespaces: {matchLabels: {sensitive: 'yes'}}}, ingress: [{action: Deny, from: [{namespaces: {}}]}]";
    each_api(
        ["Admin", sensitive],
        &network("secret", OPEN),
        &[
            ("namespace/blue namespace/secret tcp/80", "no"),
            ("namespace/blue namespace/red tcp/80", "yes"),
            // A network is no namespace.
            ("203.0.113.7 namespace/secret tcp/80", "yes"),
        ],
    );
    // The team decides on what the administrator passes on, and the rest is denied.
    let delegated = "priority: 10, subject: {namespaces: {}}, ingress: [{action: Pass, from: [{namespaces: {matchLabels: {purpose: monitoring}}}]}, {action: Deny, from: [{namespaces: {}}]}]";
    each_api(
        ["Admin", delegated],
        &network("red", CLOSED),
        &[
            ("namespace/watch namespace/blue tcp/80", "yes"),
            ("namespace/watch namespace/red tcp/80", "no"),
            ("namespace/blue namespace/red tcp/80", "no"),
        ],
    );
    // A baseline holds where no team has a policy.
    let baseline = "priority: 10, subject: {namespaces: {}}, ingress: [{action: Deny, from: [{namespaces: {}}]}]";
    each_api(
        ["Baseline", baseline],
        &network("red", OPEN),
        &[
            ("namespace/blue namespace/red tcp/80", "yes"),
            ("namespace/red namespace/blue tcp/80", "no"),
        ],
    );
    // Networks stand on the way out alone, with host bits or without.
    let networks = "priority: 10, subject: {pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: web}}}}, egress: [{action: Deny, to: [{networks: [198.51.100.7/24]}]}]";
    each_api(
        ["Admin", networks],
        "",
        &[
            ("namespace/blue[app=='web'] 198.51.100.200 tcp/443", "no"),
            ("namespace/blue[app=='api'] 198.51.100.200 tcp/443", "yes"),
            ("namespace/blue[app=='web'] 203.0.113.7 tcp/443", "yes"),
        ],
    );
}

#[test]
fn the_lower_priority_number_and_the_earlier_rule_come_first() {
    let rule =
        |action: &str| format!("ingress: [{{action: {action}, from: [{{namespaces: {{}}}}]}}]");
    for (first, second, expected) in [("Deny", "Accept", "no"), ("Accept", "Deny", "yes")] {
        let policies = admin(
            "ClusterNetworkPolicy",
            "z",
            &format!("tier: Admin, priority: 5, {ALL}, {}", rule(first)),
        ) + &admin(
            "ClusterNetworkPolicy",
            "a",
            &format!("tier: Admin, priority: 6, {ALL}, {}", rule(second)),
        );
        let question = "namespace/blue namespace/red tcp/80";
        assert_eq!(asked(&policies, question, "--release 3.32").0, expected);
    }
}

#[test]
fn ports_are_those_of_their_protocol_and_a_name_is_one_of_any() {
    let of = |kind: &str, ports: &str| {
        let (key, allow, tier) = match kind {
            "ClusterNetworkPolicy" => ("protocols", "Accept", "tier: Admin, "),
            _ => ("ports", "Allow", ""),
        };
        admin(
            kind,
            "p",
            &format!(
                "{tier}priority: 1, {ALL}, ingress: [{{action: {allow}, from: [{{namespaces: {{}}}}], {key}: [{ports}]}}, {{action: Deny, from: [{{namespaces: {{}}}}]}}]"
            ),
        )
    };
    let (old, new) = ("AdminNetworkPolicy", "ClusterNetworkPolicy");
    for (kind, release, ports, open, closed) in [
        (old, "3.31", "{portNumber: {protocol: TCP, port: 80}}", "tcp/80", "udp/80"),
        (old, "3.29", "{portRange: {protocol: UDP, start: 10, end: 20}}", "udp/20", "udp/21"),
        (new, "3.32", "{tcp: {destinationPort: {number: 80}}}", "tcp/80", "tcp/81"),
        (
            new,
            "3.32",
            "{udp: {destinationPort: {range: {start: 10, end: 20}}}}",
            "udp/10",
            "tcp/10",
        ),
        (new, "3.32", "{tcp: {}}, {tcp: {destinationPort: {number: 80}}}", "tcp/99", "udp/99"),
        (new, "3.32", "{sctp: {destinationPort: {number: 7}}}, {tcp: {}}", "sctp/7", "sctp/8"),
        (old, "3.30", "{namedPort: http}", "tcp/http", "tcp/https"),
        (new, "3.32", "{destinationNamedPort: http}", "udp/http", "udp/https"),
    ] {
        let policies = of(kind, ports);
        let release = format!("--release {release}");
        // A port may have another name besides.
        let other = if closed.ends_with("https") { "partly" } else { "no" };
        for (traffic, expected) in [(open, "yes"), (closed, other)] {
            let question = format!("namespace/blue namespace/red {traffic}");
            assert_eq!(asked(&policies, &question, &release).0, expected, "{ports} {traffic}");
        }
    }
}

#[test]
fn what_calico_cannot_convert_closes_where_it_could_have_closed() {
    for (peer, action, expected) in [
        ("nodes: {matchLabels: {a: b}}", "Deny", "no"),
        ("nodes: {}", "Pass", "no"),
        ("domainNames: [example.com]", "Accept", "yes"),
        ("networks: [198.51.100.0/33]", "Deny", "no"),
    ] {
        let policies = admin(
            "ClusterNetworkPolicy",
            "p",
            &format!(
                "tier: Admin, priority: 1, {ALL}, egress: [{{action: {action}, to: [{{{peer}}}]}}]"
            ),
        );
        let (verdict, told) = asked(&policies, "namespace/blue namespace/red tcp/80", "");
        assert_eq!(verdict, expected, "{peer} {action}");
        assert!(told.contains("EW1004"), "{told}");
    }
}

/// What the schema refuses is told once, and the object is not there.
#[test]
fn what_no_cluster_takes_is_not_there() {
    for (spec, field) in [
        (
            "tier: Admin, priority: 1, subject: {namespaces: {}}, ingress: [{action: Deny, from: [{pods: {namespaceSelector: {}}}]}]",
            "podSelector",
        ),
        ("tier: Admin, priority: 1, subject: {namespaces: {}}, ingress: [{action: Deny}]", "from"),
        (
            "tier: Admin, priority: 1001, subject: {namespaces: {}}, ingress: [{action: Deny, from: [{namespaces: {}}]}]",
            "0 to 1000",
        ),
        (
            "tier: admin, priority: 1, subject: {namespaces: {}}, ingress: [{action: Deny, from: [{namespaces: {}}]}]",
            "`Admin`",
        ),
        (
            "tier: Admin, priority: 1, ingress: [{action: Deny, from: [{namespaces: {}}]}]",
            "subject",
        ),
        (
            "tier: Admin, priority: 1, subject: {namespaces: {}}, ingress: [{action: Allow, from: [{namespaces: {}}]}]",
            "`Accept`",
        ),
    ] {
        let policies = admin("ClusterNetworkPolicy", "p", spec);
        let (verdict, told) = asked(&policies, "namespace/blue namespace/red tcp/80", "");
        assert_eq!(verdict, "yes", "{spec}");
        assert_eq!(told.matches("warning[").count(), 1, "{spec}\n{told}");
        assert!(told.contains("EW1001") && told.contains(field), "{spec}\n{told}");
    }
}

/// `--release` decides which kinds hold; what does not is told, and where nothing says which release it is, the older kinds
/// are undecided.
#[test]
fn a_release_enforces_the_kinds_that_it_knows() {
    let rule = "subject: {namespaces: {}}, ingress: [{action: Deny, from: [{namespaces: {}}]}]";
    let anp = admin("AdminNetworkPolicy", "a", &format!("priority: 1, {rule}"));
    let banp = admin("BaselineAdminNetworkPolicy", "default", rule);
    let cnp = admin("ClusterNetworkPolicy", "c", &format!("tier: Admin, priority: 1, {rule}"));
    for (policies, enforcing) in
        [(&anp, &["3.29", "3.30", "3.31"][..]), (&banp, &["3.30", "3.31"]), (&cnp, &["3.32"])]
    {
        for release in ["3.27", "3.28", "3.29", "3.30", "3.31", "3.32"] {
            let question = "namespace/blue namespace/red tcp/80";
            let (verdict, told) = asked(policies, question, &format!("--release {release}"));
            let enforced = enforcing.contains(&release);
            assert_eq!(verdict, if enforced { "no" } else { "yes" }, "{release} {policies}");
            assert_eq!(told.contains("EW1006"), !enforced, "{release} {policies}{told}");
        }
    }
    for (policies, expected) in [(&anp, "undecided"), (&banp, "undecided"), (&cnp, "no")] {
        let verdict = asked(policies, "namespace/blue namespace/red tcp/80", "").0;
        assert_eq!(verdict, expected, "{policies}");
        // It has no say here, whatever the release.
        let verdict = asked(policies, "namespace/blue 203.0.113.7 tcp/80", "").0;
        assert_eq!(verdict, "yes", "{policies}");
    }
}

/// What cannot be read could decide anything; in data, too.
#[test]
fn what_is_not_read_leaves_what_it_could_decide_undecided() {
    let policies =
        admin("ClusterNetworkPolicy", "c", "anything: true").replace("v1alpha2", "v1beta1");
    let (verdict, told) = asked(&policies, "namespace/blue namespace/red tcp/80", "");
    assert_eq!(verdict, "undecided");
    assert!(told.contains("is not read: it could decide anything"), "{told}");
    let project = Project::new(&[
        ("policies.yaml", &format!("{NAMESPACES}{policies}")),
        (
            "asked.jsonl",
            "{\"from\": {\"namespace\": \"blue\"}, \"to\": {\"namespace\": \"red\"}, \"protocol\": \"TCP\", \"port\": 80}\n",
        ),
    ]);
    let ran = project.run("can --batch asked.jsonl --policies policies.yaml");
    let answer = crate::cli::json(&ran.out);
    assert_eq!(answer["verdict"], "undecided", "{}", ran.out);
    // Another group's kind of that name is nobody's policy.
    let others = policies.replace("policy.networking.k8s.io", "example.com");
    assert_eq!(asked(&others, "namespace/blue namespace/red tcp/80", "").0, "yes");
}

/// A comment on a pull request says what is left out as well as a terminal does.
#[test]
fn a_comment_tells_of_what_is_not_judged() {
    let rule = "priority: 1, subject: {namespaces: {}}, ingress: [{action: Deny, from: [{namespaces: {}}]}]";
    let policies = admin("AdminNetworkPolicy", "guard", rule);
    let project =
        Project::new(&[("old.yaml", &format!("{NAMESPACES}{policies}")), ("new.yaml", NAMESPACES)]);
    let comment = project.run("diff old.yaml new.yaml --format markdown --release 3.32").out;
    assert!(comment.contains("old.yaml:11:"), "{comment}");
    assert!(comment.contains("Calico 3.32 does not enforce `AdminNetworkPolicy`"), "{comment}");
    let comment = project.run("diff old.yaml new.yaml --format markdown").out;
    assert!(comment.contains("undecided: it depends on whether Calico enforces"), "{comment}");
}
