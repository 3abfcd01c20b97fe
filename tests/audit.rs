//! `eastwest audit` as people run it: for each code a policy that it is found in, and one that is in order.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use eastwest::diagnostic::codes;

use crate::cli::{Project, holds_to_schema, json};

/// Two landing zones, closed as they should be.
const CLOSED: &str = "
{apiVersion: v1, kind: Namespace, metadata: {name: a-web, labels: {applicationcode: a1, zone: web}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: b-web, labels: {applicationcode: b1, zone: web}}}
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: deny}
spec:
  order: 900
  selector: has(projectcalico.org/namespace) && projectcalico.org/namespace != 'kube-system'
  types: [Ingress, Egress]
  ingress: [{action: Deny}]
  egress: [{action: Deny}]
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: dns}
spec:
  order: 800
  selector: has(projectcalico.org/namespace) && projectcalico.org/namespace != 'kube-system'
  types: [Egress]
  egress:
  - {action: Allow, protocol: UDP, destination: {namespaceSelector: kubernetes.io/metadata.name == 'kube-system', selector: k8s-app == 'kube-dns', ports: [53]}}
  - {action: Allow, protocol: TCP, destination: {namespaceSelector: kubernetes.io/metadata.name == 'kube-system', selector: k8s-app == 'kube-dns', ports: [53]}}
";

/// A policy of `a-web` with this spec.
fn ours(spec: &str) -> String {
    format!(
        "{CLOSED}---\n{{apiVersion: projectcalico.org/v3, kind: NetworkPolicy, metadata: {{name: own, namespace: a-web}}, spec: {{{spec}}}}}\n"
    )
}

/// A policy of everybody with this spec.
fn global(spec: &str) -> String {
    format!(
        "{CLOSED}---\n{{apiVersion: projectcalico.org/v3, kind: GlobalNetworkPolicy, metadata: {{name: all}}, spec: {{{spec}}}}}\n"
    )
}

/// A policy of `a-web` whose egress rules are these.
fn egress(rules: &str) -> String {
    ours(&format!("order: 500, types: [Egress], egress: [{rules}]"))
}

fn allow(end: &str) -> String {
    egress(&format!("{{action: Allow, protocol: TCP, destination: {{{end}}}}}"))
}

const OTHER_HALF: &str = "---\n{apiVersion: projectcalico.org/v3, kind: NetworkPolicy, metadata: {name: theirs, namespace: b-web}, spec: {order: 500, types: [Ingress], ingress: [{action: Allow, source: {namespaceSelector: applicationcode == 'a1'}}]}}\n";

/// What Kubernetes sets up for a resolver on each node.
const NODE_LOCAL: &str = "---\n{apiVersion: v1, kind: ServiceAccount, metadata: {name: node-local-dns, namespace: kube-system}}\n";

/// A service whose pods listen on another port.
const SERVICE: &str = "---\n{apiVersion: v1, kind: Service, metadata: {name: orders, namespace: a-web}, spec: {clusterIP: 10.96.14.7, selector: {app: orders}, ports: [{port: 80, targetPort: 8080}]}}\n";

/// That service, and a policy of its pods that takes connections on these ports.
fn orders(ports: &str) -> String {
    let rule = "{action: Allow, protocol: TCP, source: {namespaceSelector: applicationcode == 'a1'}, destination: {ports: [";
    ours(&format!(
        "order: 500, selector: app == 'orders', types: [Ingress], ingress: [{rule}{ports}]}}}}]"
    )) + SERVICE
}

/// `text` without what it allows to the cluster's resolver over these protocols.
fn without_dns(text: &str, protocols: &[&str]) -> String {
    let is_one = |line: &&str| {
        protocols
            .iter()
            .any(|it| line.starts_with(&format!("  - {{action: Allow, protocol: {it}, ")))
    };
    text.lines().filter(|line| !is_one(line)).fold(String::new(), |all, line| all + line + "\n")
}

/// For each code where it is found, and where it is not.
fn cases() -> Vec<(&'static str, String, String)> {
    let inside = allow("namespaceSelector: applicationcode == 'a1'");
    let crossing = allow("namespaceSelector: applicationcode == 'b1'");
    let both = format!("{crossing}{OTHER_HALF}");
    let log = |order: u32| {
        global(&format!(
            "order: {order}, selector: has(projectcalico.org/namespace), types: [Ingress], ingress: [{{action: Log}}]"
        ))
    };
    let of_namespaces = "selector: has(projectcalico.org/namespace) && projectcalico.org/namespace != 'kube-system', types: [Ingress]";
    let untidy = CLOSED.replace("  order: 900\n", "");
    let named = |name: &str| {
        format!(
            "{untidy}---\n{{apiVersion: projectcalico.org/v3, kind: NetworkPolicy, metadata: {{name: {name}, namespace: a-web}}, spec: {{types: [Egress], egress: [{{action: Allow, destination: {{namespaceSelector: applicationcode == 'a1'}}}}]}}}}\n"
        )
    };
    let tier = "{apiVersion: projectcalico.org/v3, kind: Tier, metadata: {name: first}, spec: {order: 10, defaultAction: Pass}}\n---\n";
    let early = |action: &str| {
        let policy = global(&format!(
            "tier: first, order: 1, {of_namespaces}, ingress: [{{action: {action}, protocol: TCP}}]"
        ));
        let deny = "---\n{apiVersion: projectcalico.org/v3, kind: NetworkPolicy, metadata: {name: no-ssh, namespace: a-web}, spec: {order: 1, types: [Ingress], ingress: [{action: Deny, protocol: TCP, destination: {ports: [22]}}]}}\n";
        format!("{tier}{}{deny}", policy.trim_start())
    };
    let lone = |spec: &str| {
        format!(
            "{{apiVersion: v1, kind: Namespace, metadata: {{name: lone}}}}\n---\n{{apiVersion: projectcalico.org/v3, kind: GlobalNetworkPolicy, metadata: {{name: only}}, spec: {{selector: has(projectcalico.org/namespace), {spec}}}}}\n"
        )
    };
    let dns = |end: &str| {
        egress(&format!("{{action: Allow, protocol: UDP, destination: {{{end}ports: [53]}}}}"))
    };
    let set = |label: &str| {
        format!(
            "{CLOSED}---\n{{apiVersion: projectcalico.org/v3, kind: GlobalNetworkSet, metadata: {{name: out, labels: {{{label}: web}}}}, spec: {{nets: [203.0.113.0/24]}}}}\n"
        )
    };
    let taken = |namespaces: &str, pods: &str| {
        let rule = format!(
            "order: 500, types: [Ingress], ingress: [{{action: Allow, protocol: TCP, source: {{{pods}namespaceSelector: \"{namespaces}\"}}}}]"
        );
        ours(&rule)
            + "---\n{apiVersion: projectcalico.org/v3, kind: NetworkSet, metadata: {name: partners, namespace: b-web}, spec: {nets: [203.0.113.0/24]}}\n"
    };
    let (narrow, wide) = (
        "{action: Allow, protocol: TCP, destination: {namespaceSelector: applicationcode == 'a1', ports: [443]}}",
        "{action: Allow, protocol: TCP, destination: {namespaceSelector: applicationcode == 'a1'}}",
    );
    let void = |spec: &str| {
        let closes = "---\n{apiVersion: projectcalico.org/v3, kind: NetworkPolicy, metadata: {name: closed, namespace: a-web}, spec: {order: 1000, types: [Ingress]}}\n";
        ours(spec) + closes
    };
    let stage = |selector: &str| {
        global(&format!(
            "order: 10, preDNAT: true, applyOnForward: true, selector: \"{selector}\", types: [Ingress], ingress: [{{action: Deny, protocol: TCP}}]"
        ))
    };
    let twice = "{action: Allow, destination: {namespaceSelector: applicationcode == 'a1'}}";
    vec![
        ("EW1101", allow("namespaceSelector: zone == 'web'"), allow("namespaceSelector: zone == 'web' && applicationcode == 'a1'")),
        ("EW1101", allow("namespaceSelector: applicationcode != 'a1'"), inside.clone()),
        ("EW1101", allow("selector: app == 'db', namespaceSelector: has(zone)"), allow("selector: app == 'db'")),
        ("EW1102", both.clone(), inside.clone()),
        ("EW1103", allow("namespaceSelector: applicationcode == 'bb1'"), both.clone()),
        ("EW1104", egress("{action: Allow, protocol: TCP}"), inside.clone()),
        ("EW1105", crossing, both.clone()),
        ("EW1106", egress("{action: Deny}, {action: Allow, protocol: TCP, destination: {namespaceSelector: applicationcode == 'a1'}}"), inside.clone()),
        ("EW1107", log(800).replace("---\n{apiVersion: projectcalico.org/v3, kind: GlobalNetworkPolicy, metadata: {name: all}", "---\n{apiVersion: projectcalico.org/v3, kind: NetworkPolicy, metadata: {name: own, namespace: a-web}, spec: {order: 5, types: [Ingress], ingress: [{action: Deny, protocol: TCP}]}}\n---\n{apiVersion: projectcalico.org/v3, kind: GlobalNetworkPolicy, metadata: {name: all}"), log(1)),
        ("EW1108", named("allow"), inside.clone()),
        ("EW1109", named("zz-allow").replace("a-web", "z-web").replace("zz-allow", "allow"), inside.clone()),
        ("EW1110", global("order: 950, selector: all(), types: [Ingress], ingress: [{action: Deny}]"), inside.clone()),
        ("EW1111", dns(""), dns("namespaceSelector: kubernetes.io/metadata.name == 'kube-system', ")),
        ("EW1112", allow("namespaceSelector: applicationcode == 'a1' && zone == 'wbe'"), allow("namespaceSelector: applicationcode == 'a1' && zone == 'web'")),
        ("EW1113", egress("").replace("egress: []", "ingress: [{action: Allow, source: {namespaceSelector: applicationcode == 'a1'}}]"), inside.clone()),
        ("EW1113", lone("types: [Ingress, Egress], ingress: [{action: Allow, protocol: TCP}]"), lone("types: [Ingress], ingress: [{action: Allow, protocol: TCP}]")),
        ("EW1114", lone("types: [Ingress], ingress: [{action: Allow, protocol: TCP}]"), lone("types: [Ingress], ingress: [{action: Allow, protocol: TCP}, {action: Deny}]")),
        ("EW1114", lone("types: [Ingress], ingress: [{action: Allow, protocol: TCP}]"), lone("types: [Ingress], ingress: [{action: Allow, protocol: TCP}, {action: Pass, protocol: UDP}]")),
        ("EW1114", lone("types: [Ingress], ingress: [{action: Allow, protocol: TCP}]"), lone("types: [Ingress], ingress: [{action: Allow, protocol: TCP}]").replace("has(projectcalico.org/namespace)", "app == 'db'")),
        ("EW1115", lone("types: [Ingress], ingress: [{action: Log}]"), lone("types: [Ingress], ingress: [{action: Log}, {action: Deny}]")),
        ("EW1116", allow("nets: [0.0.0.0/0]"), allow("nets: [192.0.2.0/24]")),
        ("EW1117", untidy.clone(), CLOSED.to_owned()),
        ("EW1118", early("Allow"), early("Pass")),
        ("EW1119", CLOSED.replace("  selector: has(projectcalico.org/namespace) && projectcalico.org/namespace != 'kube-system'", "  selector: projectcalico.org/namespace == 'a-web'"), CLOSED.to_owned()),
        ("EW1120", egress(&format!("{twice}, {twice}")), inside.clone()),
        ("EW1121", ours("order: 500, types: [Ingress], ingress: [{action: Allow, protocol: TCP, http: {methods: [GET]}, source: {namespaceSelector: applicationcode == 'a1'}}]"), inside.clone()),
        ("EW1123", allow("services: {name: db}"), allow("services: {name: db, namespace: a-web}")),
        ("EW1124", early("Pass").replacen("order: 10, defaultAction", "defaultAction", 1), early("Pass")),
        ("EW1125", set("pcns.zone"), set("who")),
        ("EW1126", early("Pass").replace("has(projectcalico.org/namespace) && projectcalico.org/namespace != 'kube-system'\n  types", "projectcalico.org/namespace == 'none'\n  types").replace("{name: no-ssh, namespace: a-web}", "{name: no-ssh, namespace: none}"), early("Pass")),
        ("EW1127", without_dns(&inside, &["UDP", "TCP"]), inside.clone()),
        ("EW1127", without_dns(&inside, &["UDP"]), CLOSED.to_owned()),
        ("EW1128", without_dns(&inside, &["TCP"]), inside.clone()),
        ("EW1129", format!("{inside}{NODE_LOCAL}"), inside.clone()),
        ("EW1130", CLOSED.replace(" && projectcalico.org/namespace != 'kube-system'", ""), CLOSED.to_owned()),
        ("EW1131", void("order: 10, types: [Ingress], ingress: [{action: Allow}]"), void("order: 2000, types: [Ingress], ingress: [{action: Allow}]")),
        ("EW1131", void("order: 10, types: [Ingress], ingress: [{action: Allow}]"), void("order: 10, types: [Ingress], ingress: [{action: Allow, protocol: TCP}]")),
        ("EW1132", taken("all()", ""), taken("all()", "selector: projectcalico.org/orchestrator == 'k8s', ")),
        ("EW1132", taken("has(zone)", ""), taken("zone == 'db'", "")),
        ("EW1133", stage("projectcalico.org/namespace == 'a-web'"), stage("role == 'node'")),
        ("EW1133", stage("app == 'shop'"), stage("all()")),
        ("EW1134", allow("nets: [10.96.14.7/32], ports: [443]") + SERVICE, allow("nets: [10.96.14.8/32], ports: [443]") + SERVICE),
        ("EW1134", allow("nets: [10.96.14.7/32]") + SERVICE, allow("nets: [10.96.14.7/32, 192.0.2.0/24]") + SERVICE),
        ("EW1137", orders("80"), orders("8080")),
        ("EW1137", orders("80"), orders("80, 8080")),
        ("EW1137", orders("80"), orders("'80:8080'")),
        ("EW1137", orders("80"), orders("80").replace("targetPort: 8080", "targetPort: web")),
        ("EW1137", orders("80"), orders("80").replace("app == 'orders'", "all()")),
        ("EW1137", allow("selector: app == 'orders', ports: [80]") + SERVICE, allow("selector: app == 'orders', ports: [80]") + &SERVICE.replace("a-web", "b-web")),
        ("EW1135", egress(&format!("{narrow}, {wide}")), egress(&format!("{narrow}, {{action: Deny, protocol: TCP, destination: {{ports: [22]}}}}, {wide}")).replace("443", "22")),
        ("EW1135", egress(&format!("{wide}, {narrow}")), egress(&narrow.replace("TCP", "UDP").replace("443", "53"))),
        ("EW1136", egress("{action: Allow, protocol: UDP, destination: {namespaceSelector: applicationcode == 'a1', ports: [4789]}}, {action: Allow, protocol: 4, destination: {namespaceSelector: applicationcode == 'a1'}}"), egress("{action: Allow, protocol: UDP, destination: {namespaceSelector: applicationcode == 'a1', ports: ['4000:5000']}}")),
        ("EW1140", egress("{action: Allow, protocol: ICMP, icmp: {type: 8, code: 0}}, {action: Deny, protocol: ICMP, notICMP: {type: 3, code: 4}}"), egress("{action: Allow, protocol: ICMP, icmp: {type: 8}}")),
        ("EW1122", early("Pass").replacen("kind: Tier, metadata: {name: first}", "kind: Tier, metadata: {name: frist}", 1), early("Pass")),
    ]
}

/// What the audit of `text` prints, and its exit status.
fn audit(text: &str, options: &str) -> (i32, String, String) {
    let project = Project::new(&[]);
    project.write("policies.yaml", text);
    project.write("eastwest.toml", "");
    let ran = project.run(&format!("audit policies.yaml {options}"));
    (ran.status, ran.out, ran.err)
}

#[test]
fn a_block_that_leaves_out_the_clusters_own_is_none_of_it() {
    let policy = |end: &str| {
        format!(
            "{{apiVersion: v1, kind: Namespace, metadata: {{name: a-web, labels: {{applicationcode: a1, zone: web}}}}}}\n---\n{{apiVersion: projectcalico.org/v3, kind: NetworkPolicy, metadata: {{name: out, namespace: a-web}}, spec: {{order: 1, types: [Egress], egress: [{{action: Allow, destination: {{{end}}}}}]}}}}\n"
        )
    };
    for (end, own) in [
        ("nets: [10.0.0.0/8]", true),
        ("nets: [10.244.3.0/24]", true),
        ("nets: [10.0.0.0/8], notNets: [10.244.0.0/16]", false),
        ("nets: [10.0.0.0/8], notNets: [10.240.0.0/12]", false),
        ("nets: [10.0.0.0/8], notNets: [10.244.0.0/24]", true),
        ("nets: [192.0.2.0/24]", false),
    ] {
        let project = Project::new(&[
            ("policies.yaml", &policy(end)),
            ("eastwest.toml", "[cluster]\npods = [\"10.244.0.0/16\"]\n"),
        ]);
        let ran = project.run("audit policies.yaml");
        assert_eq!(
            ran.out.contains("`10.244.0.0/16` is the cluster's own"),
            own,
            "{end}\n{}{}",
            ran.out,
            ran.err
        );
    }
}

#[test]
fn each_code_is_found_where_it_should_be_and_nowhere_else() {
    let mut shown = BTreeSet::new();
    let mut told = String::new();
    for (code, wrong, right) in cases() {
        let mark = format!("[{code}]");
        let (_, found, err) = audit(&wrong, "");
        assert!(found.contains(&mark), "{code} is not found:\n{found}{err}\n{wrong}");
        let (_, not, err) = audit(&right, "");
        assert!(!not.contains(&mark) && !not.is_empty(), "{code} is found:\n{not}{err}\n{right}");
        shown.insert(code);
        for one in found.split("\n\n").filter(|it| it.contains(&mark)) {
            writeln!(told, "{one}\n").unwrap();
        }
    }
    let all: BTreeSet<_> = codes::audit::RULES.iter().map(|it| it.code).collect();
    assert_eq!(shown, all);
    snapshot!("audit__every_code", told);
}

#[test]
fn what_can_be_read_is_audited_and_the_rest_is_named_once() {
    let project = Project::new(&[
        (
            "chart/templates/a.yaml",
            "apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\nmetadata: {name: {{ .Name }}}\n",
        ),
        ("chart/templates/b.yaml", "{{- if .Values.on }}\nkind: NetworkPolicy\n{{- end }}\n"),
        (
            "chart/templates/c.yaml",
            "apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\nmetadata: {name: \"{{ .Name }}\", namespace: a-web}\nspec: {types: [Ingress]}\n",
        ),
        ("stack.yaml", "Resources: {A: !Ref B}\n"),
        ("broken.yaml", "a: [\n"),
        ("policies.yaml", &allow("namespaceSelector: zone == 'web'")),
        ("eastwest.toml", ""),
    ]);
    let ran = project.run("audit .");
    assert_eq!(ran.status, 2, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("warning[EW1101]"), "{}", ran.out);
    assert_eq!(ran.out.matches("error[").count(), 2, "{}", ran.out);
    assert!(ran.out.contains("3 files cannot be read: they are templates"), "{}", ran.out);
    assert!(ran.out.contains("helm template . | eastwest audit -"), "{}", ran.out);
    assert!(ran.out.contains("2 files cannot be read\n"), "{}", ran.out);
    // No answer rests on half of what was given.
    let ran = project.run("can --policies . namespace/a-web namespace/a-web tcp/80");
    assert!(ran.status == 2 && ran.out.is_empty(), "{}", ran.out);
    assert!(ran.err.contains("helm template . | eastwest can --policies -"), "{}", ran.err);
    // The rest is as without them.
    let json = json(&project.run("audit . --format json").out);
    let codes =
        json["diagnostics"].as_array().unwrap().iter().map(|it| it["code"].as_str().unwrap());
    let without = project.run("audit policies.yaml --format json").out;
    let without = crate::cli::json(&without)["diagnostics"].as_array().unwrap().len();
    assert_eq!(codes.filter(|it| *it != "EW0701").count(), without);
}

#[test]
fn in_short_each_finding_is_a_line_that_an_editor_can_open() {
    let project = Project::new(&[
        ("policies/p.yaml", &allow("namespaceSelector: zone == 'web'")),
        ("eastwest.toml", ""),
    ]);
    let ran = project.run("audit policies --format short");
    assert_eq!(ran.status, 1);
    for line in ran.out.lines() {
        let (place, says) = line.split_once(": ").unwrap();
        assert!(place.starts_with("policies/p.yaml:"), "{line}");
        assert!(place.split(':').skip(1).all(|it| it.parse::<u32>().is_ok()), "{line}");
        assert!(says.starts_with("warning[EW") || says.starts_with("note[EW"), "{line}");
    }
    assert_eq!(
        ran.out.lines().count(),
        project.run("audit policies").out.matches("more: ").count()
    );
    let broken = Project::sample();
    broken.write(
        "application2/network-policies/app.flow",
        "application2.x -> application2.backend\n",
    );
    let parent = broken.path().parent().unwrap();
    let folder = broken.path().file_name().unwrap().to_str().unwrap();
    let ran = crate::cli::run_in(parent, &format!("check {folder} --format short"));
    let place = format!("{folder}/application2/network-policies/app.flow:1:14: error[EW0202]: ");
    assert!(ran.out.starts_with(&place), "{}{}", ran.out, ran.err);
}

#[test]
fn tiers_sets_and_host_endpoints_alone_are_something_to_audit() {
    for (kind, spec) in [
        ("Tier", "order: 10"),
        ("GlobalNetworkSet", "nets: [192.0.2.0/24]"),
        ("HostEndpoint", "node: n, interfaceName: eth0"),
    ] {
        let text = format!(
            "{{apiVersion: projectcalico.org/v3, kind: {kind}, metadata: {{name: x}}, spec: {{{spec}}}}}\n"
        );
        let (status, out, err) = audit(&text, "");
        assert!(status < 2, "{kind}: {out}{err}");
    }
}

/// Who names what a policy is for has closed what was meant. Who does not takes in what nobody thought of.
#[test]
fn a_policy_that_names_what_it_is_for_closes_nothing_by_surprise() {
    for (selects, pods, hosts) in [
        ("selector: app == 'db'", false, false),
        ("selector: \"app in {'db', 'cache'}\"", false, false),
        ("selector: has(app)", false, false),
        ("namespaceSelector: zone == 'infra'", false, false),
        ("serviceAccountSelector: role == 'infra'", false, false),
        ("namespaceSelector: kubernetes.io/metadata.name == 'lone'", false, false),
        ("selector: all()", true, true),
        ("order: 10", true, true),
        ("selector: app != 'db'", true, true),
        ("selector: \"app not in {'db'}\"", true, true),
        ("selector: '!has(app)'", true, true),
        ("namespaceSelector: zone != 'infra'", true, true),
        ("selector: has(projectcalico.org/namespace)", true, false),
        ("selector: projectcalico.org/orchestrator == 'k8s'", true, false),
        ("selector: \"projectcalico.org/namespace not in {'lone'}\"", true, true),
        ("selector: projectcalico.org/namespace == 'lone'", false, false),
    ] {
        let text = format!(
            "{{apiVersion: v1, kind: Namespace, metadata: {{name: lone, labels: {{zone: infra}}}}}}\n---\n{{apiVersion: projectcalico.org/v3, kind: GlobalNetworkPolicy, metadata: {{name: only}}, spec: {{{selects}, types: [Ingress], ingress: [{{action: Allow, protocol: TCP}}]}}}}\n"
        );
        let (_, out, err) = audit(&text, "");
        assert!(!out.is_empty(), "{selects}\n{err}");
        assert_eq!(out.contains("EW1114"), pods, "{selects}\n{out}");
        assert_eq!(out.contains("EW1110"), hosts, "{selects}\n{out}");
        // Neither finding points at what selects nothing.
        assert!(!out.contains("order: 10\n"), "{out}");
    }
    // A host endpoint bears the label, and the policy is meant for hosts, or for pods of the same label.
    for (label, more, found) in [
        ("role", "", false),
        ("app", "", true),
        ("app.kubernetes.io/name", "", true),
        ("app", ", applyOnForward: true", false),
        ("other", "", false),
    ] {
        let selector = if label == "other" { "app" } else { label };
        let text = format!(
            "{{apiVersion: projectcalico.org/v3, kind: HostEndpoint, metadata: {{name: h, labels: {{{label}: x}}}}, spec: {{node: n, interfaceName: eth0}}}}\n---\n{{apiVersion: projectcalico.org/v3, kind: GlobalNetworkPolicy, metadata: {{name: only}}, spec: {{selector: {selector} == 'x', types: [Ingress], ingress: [{{action: Allow, protocol: TCP}}]{more}}}}}\n"
        );
        let (_, out, err) = audit(&text, "");
        assert_eq!(out.contains("EW1110"), found, "{label} {more}\n{out}{err}");
    }
}

/// Whoever opens nothing, addresses alone, or another resolver needs none of the cluster's; and what others give to the pods counts.
#[test]
fn only_pods_that_need_names_and_get_none_are_without_dns() {
    let bare = without_dns(CLOSED, &["UDP", "TCP"]);
    let app = "{action: Allow, protocol: TCP, destination: {selector: app == 'db'}}";
    let own = |rules: &str| {
        format!(
            "{bare}---\n{{apiVersion: projectcalico.org/v3, kind: NetworkPolicy, metadata: {{name: own, namespace: a-web}}, spec: {{order: 500, selector: app == 'web', types: [Egress], egress: [{rules}]}}}}\n"
        )
    };
    let udp =
        |end: &str| format!("{app}, {{action: Allow, protocol: UDP, destination: {{{end}}}}}");
    let other = |selects: &str| {
        format!(
            "{app}]}}}}\n---\n{{apiVersion: projectcalico.org/v3, kind: NetworkPolicy, metadata: {{name: names, namespace: a-web}}, spec: {{order: 600, selector: {selects}, types: [Egress], egress: [{{action: Allow, protocol: UDP, destination: {{ports: [53]}}}}"
        )
    };
    for (rules, found) in [
        (String::new(), false),
        ("{action: Deny, protocol: TCP}".to_owned(), false),
        (app.to_owned(), true),
        ("{action: Allow, protocol: ICMP}".to_owned(), false),
        (app.replace("selector: app == 'db'", "nets: [192.0.2.0/24]"), false),
        (app.replace("selector: app == 'db'", "services: {name: db, namespace: a-web}"), true),
        (udp("nets: [192.0.2.53/32], ports: [53]"), false),
        (
            udp("namespaceSelector: kubernetes.io/metadata.name == 'openshift-dns', ports: [5353]"),
            false,
        ),
        (udp("namespaceSelector: kubernetes.io/metadata.name == 'kube-system'"), false),
        (udp("services: {name: kube-dns, namespace: kube-system}"), false),
        (
            udp(
                "namespaceSelector: kubernetes.io/metadata.name == 'kube-sytem', selector: k8s-app == 'kube-dns'",
            ),
            true,
        ),
        // Denied before.
        (format!("{{action: Deny, protocol: UDP}}, {}", udp("ports: [53]")), true),
        // Another policy lets these pods ask, or others of the namespace.
        (other("app == 'web'"), false),
        (other("app != 'web'"), true),
    ] {
        let (status, out, err) = audit(&own(&rules), "");
        assert!(status < 2, "{err}");
        assert_eq!(out.contains("EW1127"), found, "{rules}\n{out}");
    }
    // What labels the namespace has is known by its manifest alone.
    let manifest = "---\n{apiVersion: v1, kind: Namespace, metadata: {name: kube-system, labels: {tier: system}}}\n";
    for (label, found) in [("tier == 'system'", false), ("name == 'kube-system'", true)] {
        let dns = udp(&format!("namespaceSelector: {label}, selector: k8s-app == 'kube-dns'"));
        assert_eq!(audit(&(own(&dns) + manifest), "").1.contains("EW1127"), found, "{label}");
        assert!(!audit(&own(&dns), "").1.contains("EW1127"), "{label}");
    }
}

/// Who excepts the namespace, allows its pods what they need, or names whom the deny is for has not cut it off.
#[test]
fn a_deny_that_leaves_the_clusters_own_pods_alone_is_none_of_them() {
    let deny = |selects: &str, more: &str| {
        format!(
            "{{apiVersion: v1, kind: Namespace, metadata: {{name: a-web}}}}\n---\n{{apiVersion: projectcalico.org/v3, kind: GlobalNetworkPolicy, metadata: {{name: deny}}, spec: {{order: 900, {selects}, types: [Ingress, Egress]}}}}\n{more}"
        )
    };
    let system = |spec: &str| {
        format!(
            "---\n{{apiVersion: projectcalico.org/v3, kind: NetworkPolicy, metadata: {{name: own, namespace: kube-system}}, spec: {{order: 10, {spec}}}}}\n"
        )
    };
    let open = "ingress: [{action: Allow}], egress: [{action: Allow}]";
    let manifest = "---\n{apiVersion: v1, kind: Namespace, metadata: {name: kube-system, labels: {tier: system}}}\n";
    for (selects, more, found) in [
        ("selector: all()", String::new(), true),
        ("selector: app != 'db'", String::new(), true),
        ("selector: app == 'db'", String::new(), false),
        (
            "selector: \"projectcalico.org/namespace not in {'kube-system', 'a'}\"",
            String::new(),
            false,
        ),
        (
            "namespaceSelector: \"kubernetes.io/metadata.name not in {'kube-system'}\"",
            String::new(),
            false,
        ),
        ("selector: all()", system(open), false),
        ("selector: all()", system("ingress: [{action: Allow}]"), true),
        ("selector: all()", system(&format!("selector: k8s-app == 'kube-dns', {open}")), true),
        // Its labels may except it, as long as nobody says them.
        ("namespaceSelector: tier != 'system'", String::new(), false),
        ("namespaceSelector: tier != 'system'", manifest.to_owned(), false),
        ("namespaceSelector: tier != 'sytem'", manifest.to_owned(), true),
    ] {
        let (status, out, err) = audit(&deny(selects, &more), "");
        assert!(status < 2, "{err}");
        assert_eq!(out.contains("EW1130"), found, "{selects}\n{more}\n{out}");
    }
}

/// However many policies: one rule that decides before all of them, or the same rules in each, is one finding.
#[test]
fn what_has_one_cause_is_one_finding() {
    let count = |out: &str, code: &str| out.matches(&format!("[{code}]")).count();
    let all = |spec: &str, more: &str| {
        let each = (0..40).map(|it| {
            format!("{{apiVersion: v1, kind: Namespace, metadata: {{name: n{it}}}}}\n---\n{{apiVersion: projectcalico.org/v3, kind: NetworkPolicy, metadata: {{name: own, namespace: n{it}}}, spec: {{order: 500, types: [Ingress]{spec}}}}}\n---\n")
        });
        let (_, out, err) = audit(&(each.collect::<String>() + more), "");
        assert!(!out.is_empty(), "{err}");
        out
    };
    let trial = |action: &str| {
        format!(
            "{{apiVersion: projectcalico.org/v3, kind: GlobalNetworkPolicy, metadata: {{name: trial}}, spec: {{order: 10, types: [Ingress], selector: has(projectcalico.org/namespace), ingress: [{{action: {action}}}]}}}}\n"
        )
    };
    let deny = ", ingress: [{action: Deny, protocol: TCP}, {action: Deny, protocol: UDP}]";
    let out = all(deny, &trial("Allow"));
    assert_eq!((count(&out, "EW1106"), count(&out, "EW1135")), (1, 0), "{out}");
    assert!(out.contains("no rule of `n0/own` and 39 other policies is reachable"), "{out}");
    assert!(out.contains("the same goes for 37 more policies"), "{out}");
    // Denied before, as it would be: nothing is amiss.
    let out = all(deny, &trial("Deny"));
    assert_eq!((count(&out, "EW1106"), count(&out, "EW1135")), (0, 1), "{out}");
    assert!(out.contains("80 rules of `n0/own` and 39 other policies"), "{out}");
    let out = all("", &trial("Allow"));
    assert_eq!(count(&out, "EW1131"), 1, "{out}");
    let out = all(
        ", ingress: [{action: Allow, protocol: TCP, destination: {ports: [80]}}, {action: Allow, protocol: TCP}]",
        "",
    );
    assert_eq!(count(&out, "EW1135"), 1, "{out}");
    assert!(out.contains("40 rules of `n0/own` and 39 other policies can go"), "{out}");
    // Without these a policy that says no types would be for ingress instead.
    let rules = "{action: Allow, protocol: TCP, destination: {ports: [80]}}, {action: Allow, protocol: TCP, destination: {ports: [81]}}";
    let whole = trial("Allow")
        .replace("order: 10", "order: 600")
        .replace("Ingress", "Egress")
        .replace("ingress", "egress");
    let untyped = |types: &str, more: &str| {
        format!(
            "{{apiVersion: v1, kind: Namespace, metadata: {{name: lone}}}}\n---\n{{apiVersion: projectcalico.org/v3, kind: NetworkPolicy, metadata: {{name: own, namespace: lone}}, spec: {{order: 500, {types}egress: [{rules}{more}]}}}}\n---\n{whole}"
        )
    };
    for (types, more, found) in
        [("types: [Egress], ", "", 1), ("", "", 0), ("", ", {action: Deny, protocol: UDP}", 1)]
    {
        let (_, out, _) = audit(&untyped(types, more), "");
        assert_eq!(count(&out, "EW1135"), found, "{types}{more}\n{out}");
    }
    // A Deny that says what the end of the tier does anyway is there for its reader.
    let out = all(", ingress: [{action: Allow, protocol: TCP}, {action: Deny}]", "");
    assert_eq!(count(&out, "EW1135"), 0, "{out}");
}

#[test]
fn what_is_in_order_is_clean_and_the_status_tells() {
    let (status, out, _) = audit(CLOSED, "");
    assert_eq!((status, &*out), (0, "clean  2 policies, 2 namespaces\n"));
    let (status, out, _) = audit(&allow("namespaceSelector: zone == 'web'"), "");
    assert_eq!(status, 1, "{out}");
    assert!(out.ends_with("found  1 warning in 3 policies, 2 namespaces\n"), "{out}");
    let both = format!("{}{OTHER_HALF}", allow("namespaceSelector: applicationcode == 'b1'"));
    let (status, out, _) = audit(&both, "");
    assert_eq!(status, 0, "notes alone are no findings that matter: {out}");
    assert!(out.contains("2 notes"), "{out}");
    assert_eq!(audit("a: [", "").0, 2);
}

#[test]
fn nothing_to_audit_is_not_clean() {
    for text in ["", "{apiVersion: v1, kind: ConfigMap, metadata: {name: x}}\n"] {
        for format in ["text", "json", "sarif", "github", "gitlab"] {
            let (status, out, err) = audit(text, &format!("--format {format}"));
            assert_eq!((status, &*out), (2, ""), "{format}");
            assert!(err.starts_with("error: there is nothing to audit"), "{err}");
        }
    }
}

#[test]
fn json_says_what_the_text_says() {
    for (code, wrong, _) in cases() {
        let (status, out, _) = audit(&wrong, "--format json");
        let document = json(&out);
        holds_to_schema("audit", &document);
        let found = document["diagnostics"].as_array().unwrap();
        assert!(found.iter().any(|it| it["code"] == code), "{out}");
        let matters = found.iter().any(|it| it["level"] != "note");
        assert_eq!(status, i32::from(matters));
    }
}
