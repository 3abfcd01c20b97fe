//! What imports of small clusters print.

use std::path::Path;
use std::process::Command;

use super::super::cli::{Project, holds_to_schema, json};

/// Runs `eastwest import` beside the clusters: its exit status and what it prints.
fn import(arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_eastwest"))
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/import"))
        .args(["--color", "never", "import"])
        .args(arguments)
        .output()
        .unwrap();
    let [out, err] = [output.stdout, output.stderr].map(|it| String::from_utf8(it).unwrap());
    (output.status.code().expect("it ends by itself"), out, err)
}

fn told(file: &str) -> String {
    let (status, out, err) = import(&[file]);
    format!("{out}--- {err}[exit {status}]\n")
}

#[test]
fn two_applications_read_as_a_person_would_have_written_them() {
    let told = told("two-applications.yaml");
    assert!(told.contains("shop.web -> shop.api\n") && told.contains("portal.* -> portal.*\n"));
    snapshot!("import__two_applications", told);
}

#[test]
fn every_kind_of_rule_has_its_line() {
    snapshot!("import__every_kind", told("every-kind.yaml"));
}

#[test]
fn what_lines_have_no_words_for_is_a_comment() {
    snapshot!("import__no_words", told("no-words.yaml"));
}

#[test]
fn the_project_that_is_written_checks_and_builds() {
    for file in ["two-applications.yaml", "every-kind.yaml", "no-words.yaml"] {
        let project = Project::new(&[]);
        let folder = project.path().join("new");
        let (status, out, err) = import(&[file, "-o", folder.to_str().unwrap()]);
        assert_eq!((status, &*err), (1, ""), "{out}");
        let written = project.read("new/eastwest.toml");
        assert!(written.contains("application = \"applicationcode\""), "{written}");
        for command in ["check new", "build new", "build new --check"] {
            let ran = project.run(command);
            assert_eq!(ran.status, 0, "{file}, {command}: {}{}", ran.out, ran.err);
        }
        // What was built is imported as the same.
        let ran = project.run("import new -o again --config new/eastwest.toml");
        assert_eq!(ran.status, 0, "{file}: {}{}", ran.out, ran.err);
    }
}

/// Imports a cluster with the landing zone `shop`, and this one policy beside it.
fn beside_shop(policy: &str) -> String {
    let namespace = |zone: &str| {
        format!(
            "{{apiVersion: v1, kind: Namespace, metadata: {{name: shop-{zone}, labels: {{applicationcode: shop, zone: {zone}}}}}}}\n---\n"
        )
    };
    let text = format!("{}{}{policy}\n", namespace("web"), namespace("db"));
    let project = Project::new(&[("cluster.yaml", &text)]);
    project.run("import cluster.yaml").out
}

#[test]
fn an_ip_version_that_the_addresses_say_already_has_its_line() {
    for (version, to, line, alone) in [
        (4, "nets: [192.0.2.0/24]", true, false),
        (6, "nets: ['2001:db8::/32']", true, false),
        // Of these there are no connections, whichever way the policy came in.
        (6, "nets: [192.0.2.0/24]", false, false),
        (4, "nets: ['2001:db8::/32']", false, false),
        (4, "namespaceSelector: kubernetes.io/metadata.name == 'kube-system'", false, true),
    ] {
        let out = beside_shop(&format!(
            "{{apiVersion: projectcalico.org/v3, kind: NetworkPolicy, metadata: {{name: out, namespace: shop-web}}, spec: {{order: 1, types: [Egress], egress: [{{action: Allow, protocol: TCP, ipVersion: {version}, destination: {{{to}, ports: [443]}}}}]}}}}"
        ));
        let found = out.lines().any(|it| it.starts_with("shop.web ==>") && it.contains("tcp/443"));
        assert_eq!(found, line, "{version} {to}\n{out}");
        assert_eq!(out.contains("over IPv4 alone"), alone, "{version} {to}\n{out}");
    }
}

#[test]
fn a_guardrail_in_the_policy_of_the_default_deny_is_one_nevertheless() {
    let out = beside_shop(
        "{apiVersion: projectcalico.org/v3, kind: GlobalNetworkPolicy, metadata: {name: all}, spec: {order: 900, selector: has(projectcalico.org/namespace), types: [Ingress, Egress], ingress: [{action: Deny, protocol: TCP, source: {namespaceSelector: zone == 'web'}, destination: {ports: [22]}}, {action: Deny}], egress: [{action: Deny}]}}",
    );
    assert!(out.contains("forbid shop.web to *.* : tcp/22"), "{out}");
}

#[test]
fn nothing_is_overwritten() {
    let project = Project::new(&[("there/eastwest.toml", "mine")]);
    let folder = project.path().join("there");
    let (status, out, err) = import(&["two-applications.yaml", "-o", folder.to_str().unwrap()]);
    assert_eq!((status, &*out), (2, ""));
    assert!(err.contains("is not empty") && err.contains("new or empty"), "{err}");
    assert_eq!(project.read("there/eastwest.toml"), "mine");
}

#[test]
fn without_namespaces_or_policies_there_is_nothing_to_import() {
    let policy = "{apiVersion: projectcalico.org/v3, kind: GlobalNetworkPolicy, metadata: {name: a}, spec: {selector: all()}}\n";
    let zones =
        "{apiVersion: v1, kind: Namespace, metadata: {name: a, labels: {applicationcode: a}}}\n";
    let project = Project::new(&[("policy.yaml", policy), ("zones.yaml", zones)]);
    for (arguments, said) in [
        ("import policy.yaml", "no namespace here bears the label `applicationcode`"),
        ("import zones.yaml", "no policies here to import"),
        ("import gone.yaml", "gone.yaml"),
    ] {
        let ran = project.run(arguments);
        assert_eq!((ran.status, &*ran.out), (2, ""), "{arguments}");
        assert!(ran.err.contains(said), "{}", ran.err);
    }
    assert_eq!(project.run("import policy.yaml --zones zones.yaml").status, 1);
}

#[test]
fn imports_as_json_hold_to_their_schema() {
    for file in ["two-applications.yaml", "every-kind.yaml", "no-words.yaml"] {
        let (status, out, err) = import(&[file, "--format", "json"]);
        assert_eq!((status, &*err), (1, ""));
        let document = json(&out);
        holds_to_schema("import", &document);
        assert!(document["files"].as_array().unwrap().len() > 2);
        assert!(!document["remarks"].as_array().unwrap().is_empty() || file == "every-kind.yaml");
    }
}

#[test]
fn what_no_cluster_can_have_is_said_and_left_out() {
    let told = told("impossible.yaml");
    assert!(told.contains("exempt kube-system\n"), "{told}");
    snapshot!("import__impossible", told);
    let project = Project::new(&[]);
    let folder = project.path().join("new");
    let (status, ..) = import(&["impossible.yaml", "-o", folder.to_str().unwrap()]);
    assert_eq!(status, 1);
    let folders: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "eastwest.toml")
        .collect();
    assert_eq!(folders.len(), 2, "{folders:?}");
    for command in ["check new", "build new"] {
        let ran = project.run(command);
        assert_eq!(ran.status, 0, "{command}: {}{}", ran.out, ran.err);
    }
}

#[test]
fn nothing_but_a_label_that_no_cluster_takes_is_told_before_there_is_nothing_to_import() {
    let text = "{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {applicationcode: ../shop}}}\n";
    let project = Project::new(&[("cluster.yaml", text)]);
    let ran = project.run("import cluster.yaml");
    assert_eq!(ran.status, 2);
    assert!(
        ran.err.contains("EW0709") && ran.err.contains("as if it were not there"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("no namespace here bears the label"), "{}", ran.err);
}

#[test]
fn applications_that_would_be_one_folder_are_not_imported() {
    let text = "{apiVersion: v1, kind: Namespace, metadata: {name: a, labels: {applicationcode: shop}}}\n---\n\
                {apiVersion: v1, kind: Namespace, metadata: {name: b, labels: {applicationcode: Shop}}}\n";
    let project = Project::new(&[("cluster.yaml", text)]);
    let ran = project.run("import cluster.yaml -o new");
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("`Shop` and `shop` differ in capital letters alone"), "{}", ran.err);
    assert!(!project.path().join("new").exists());
}

/// What a cluster of three namespaces becomes, of which `policies` are in force: the lines, and what is said of them.
fn of_shop_and_bill(policies: &str) -> (Vec<String>, String) {
    let namespace = |name: &str, application: &str, zone: &str| {
        format!(
            "{{apiVersion: v1, kind: Namespace, metadata: {{name: {name}, labels: {{applicationcode: {application}, zone: {zone}}}}}}}\n---\n"
        )
    };
    let text = namespace("shop-web", "shop", "web")
        + &namespace("shop-api", "shop", "api")
        + &namespace("bill", "bill", "jobs")
        + policies;
    let project = Project::new(&[("cluster.yaml", &text)]);
    let ran = project.run("import cluster.yaml");
    assert!(ran.status < 2, "{}", ran.err);
    // What is imported builds, and is proved.
    let ran_out = project.run("import cluster.yaml -o imported");
    assert!(ran_out.status < 2, "{}", ran_out.err);
    let built = project.run("build imported");
    assert_eq!(built.status, 0, "{}{}", built.err, ran.out);
    let lines = ran.out.lines().filter(|it| !it.starts_with('#') && !it.is_empty());
    (lines.map(str::to_owned).collect(), ran.out.clone() + &ran.err)
}

fn policy(kind: &str, metadata: &str, spec: &str) -> String {
    let api = if kind == "Kubernetes" { "networking.k8s.io/v1" } else { "projectcalico.org/v3" };
    let kind = kind.replace("Kubernetes", "NetworkPolicy");
    format!(
        "{{apiVersion: {api}, kind: {kind}, metadata: {{{metadata}}}, spec: {{{spec}}}}}\n---\n"
    )
}

/// An allow at one end is a line where nobody closes the other: there it opens nothing that was closed.
#[test]
fn what_one_end_allows_and_nobody_closes_at_the_other_is_a_line() {
    const FROM_WEB: &str = "types: [Ingress], ingress: [{action: Allow, protocol: TCP, source: {namespaceSelector: zone == 'web' && applicationcode == 'shop'}, destination: {ports: [80]}}]";
    const TO_API: &str = "types: [Egress], egress: [{action: Allow, protocol: TCP, destination: {namespaceSelector: zone == 'api' && applicationcode == 'shop', ports: [80]}}]";
    let ingress = policy("NetworkPolicy", "name: in, namespace: shop-api", FROM_WEB);
    let egress = policy("NetworkPolicy", "name: out, namespace: shop-web", TO_API);
    let closed = policy("NetworkPolicy", "name: none, namespace: shop-web", "types: [Egress]");
    let line = ["shop.web -> shop.api : tcp/80"];
    for (policies, lines) in [
        (ingress.clone(), &line[..]),
        (egress.clone(), &line),
        (ingress.clone() + &egress, &line),
        // The other end is closed, and allows nothing.
        (ingress.clone() + &closed, &[]),
    ] {
        let (found, said) = of_shop_and_bill(&policies);
        assert_eq!(found, lines, "{policies}{said}");
        assert!(!said.contains("more is open"), "{said}");
    }
    let (_, said) = of_shop_and_bill(&ingress);
    // What nobody closed is one line, and no difference of a rule.
    assert!(said.contains("shop      equivalent"), "{said}");
    assert_eq!(said.matches("less is open").count(), 1, "{said}");
    assert!(said.contains("places that no policy closed: "), "{said}");
}

/// What no line can say has the narrower line that one can, and a comment on what it lacks; and is counted first, by reason.
#[test]
fn what_is_wider_than_any_line_has_the_narrower_one() {
    let rules = "types: [Ingress, Egress], ingress: [{action: Allow, protocol: TCP, source: {namespaceSelector: all()}, destination: {ports: [80]}}], egress: [{action: Allow, protocol: UDP, destination: {selector: k8s-app == 'kube-dns', namespaceSelector: all(), ports: [53]}}, {action: Allow, protocol: TCP, destination: {ports: [443]}}]";
    let (lines, said) =
        of_shop_and_bill(&policy("NetworkPolicy", "name: p, namespace: shop-api", rules));
    for line in [
        "external dns = namespace kube-system[k8s-app == 'kube-dns']",
        "shop.api ==> dns : udp/53 because \"imported: policy p\"",
        "shop.api <== *.* : tcp/80 because \"imported: policy p\"",
        "shop.api ==> *.* : tcp/443 because \"imported: policy p\"",
        "shop.api ==> anywhere : tcp/443 because \"imported: policy p\"",
    ] {
        assert!(lines.iter().any(|it| it == line), "{line}\n{said}");
    }
    for lacks in
        ["those of landing zones", "those of kube-system", "pods of landing zones, and addresses"]
    {
        assert!(said.contains(&format!("; lines have {lacks}")), "{lacks}\n{said}");
    }
    assert!(said.contains("not imported, or in part  3 rules, named in comments\n"), "{said}");
    assert!(said.contains("  1 rule (in part): to any address at all\n"), "{said}");
}

/// The blocks of one policy are one external, and it is called after the policy.
#[test]
fn blocks_that_a_policy_lists_one_by_one_are_one_external() {
    let block = |net: &str| format!("{{ipBlock: {{cidr: {net}}}}}");
    let calico = |net: &str| {
        format!("{{action: Allow, protocol: TCP, destination: {{nets: [{net}], ports: [443]}}}}")
    };
    let nets = ["192.0.2.0/28", "198.51.100.0/28", "203.0.113.7/32"];
    let written = format!(
        "podSelector: {{}}, policyTypes: [Egress], egress: [{{to: [{}], ports: [{{port: 443}}]}}]",
        nets.map(block).join(", ")
    );
    let listed = format!("types: [Egress], egress: [{}]", nets.map(calico).join(", "));
    for (kind, spec) in [("Kubernetes", &written), ("NetworkPolicy", &listed)] {
        let (lines, said) =
            of_shop_and_bill(&policy(kind, "name: partners, namespace: bill", spec));
        let external = format!("external partners = {}", nets.join(", "));
        let line = "bill.jobs ==> partners : tcp/443 because \"imported: policy partners\"";
        assert_eq!(lines, ["exempt kube-system", &*external, line], "{kind}\n{said}");
    }
}
