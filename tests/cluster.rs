//! What YAML says of a cluster: every form in which clusters and repositories have it, and what is told of objects
//! that no cluster would take as they are.

use eastwest::calico::{Direction, PolicyKind, Resource, encode};
use eastwest::cluster::{Cluster, load};
use eastwest::source::Sources;
use eastwest::zones::LabelKeys;

/// The cluster in these files, and the codes of what is told, with the text of the primary place.
fn loaded(files: &[&str]) -> (Cluster, Vec<(&'static str, String)>) {
    let mut sources = Sources::new();
    let ids: Vec<_> = files.iter().map(|text| sources.add("dump.yaml", *text)).collect();
    let (cluster, diagnostics) = load(&sources, &ids, &LabelKeys::default(), None);
    let place = |it: &eastwest::diagnostic::Diagnostic| {
        it.primary().map(|span| sources.text(span).to_owned()).unwrap_or_default()
    };
    let told = diagnostics.iter().map(|it| (it.code.code, place(it))).collect();
    (cluster, told)
}

fn names(cluster: &Cluster) -> Vec<String> {
    cluster.resources().map(Resource::identity).collect()
}

const NAMESPACE: &str = "apiVersion: v1\nkind: Namespace\nmetadata: {name: web, labels: {applicationcode: shop, zone: web}}\n";
const POLICY: &str = "apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\nmetadata: {name: p, namespace: web}\nspec: {types: [Ingress], ingress: [{action: Allow, source: {selector: a == 'b'}}]}\n";

#[test]
fn documents_lists_typed_lists_and_json_are_one() {
    let indent = |text: &str| text.replace('\n', "\n  ").trim_end().to_owned();
    let list = format!(
        "apiVersion: v1\nitems:\n- {}\n- {}\n- apiVersion: v1\n  kind: Pod\n  metadata: {{name: x}}\nkind: List\nmetadata: {{resourceVersion: \"\"}}\n",
        indent(NAMESPACE),
        indent(POLICY),
    );
    let without = |text: &str| text.lines().skip(2).collect::<Vec<_>>().join("\n");
    let typed = format!(
        "apiVersion: projectcalico.org/v3\nitems:\n- {}\nkind: NetworkPolicyList\n---\nkind: NamespaceList\napiVersion: v1\nitems:\n- {}\n",
        indent(&without(POLICY)),
        indent(&without(NAMESPACE)),
    );
    let nested = format!(
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: List\n  items:\n  - {}\n  - {}\n",
        indent(&indent(NAMESPACE)),
        indent(&indent(POLICY)),
    );
    let json = r#"{"apiVersion": "v1", "items": [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "web", "labels": {"applicationcode": "shop", "zone": "web"}}},
        {"apiVersion": "projectcalico.org/v3", "kind": "NetworkPolicy", "metadata": {"name": "p", "namespace": "web", "managedFields": [{"manager": "kubectl"}]},
         "spec": {"types": ["Ingress"], "ingress": [{"action": "Allow", "source": {"selector": "a == 'b'"}}]}, "status": {}}], "kind": "List"}"#;
    let documents =
        format!("{NAMESPACE}---\n{POLICY}---\n# nothing\n---\n- a list\n---\nkind: Deployment\n");
    for text in [&documents, &list, &typed, &nested, &json.to_owned()] {
        let (cluster, told) = loaded(&[text]);
        assert_eq!(told, [], "{text}");
        assert_eq!(names(&cluster), ["NetworkPolicy web/p"], "{text}");
        assert_eq!(&*cluster.zones.namespaces[0].name.value, "web", "{text}");
        let object = &cluster.objects[0];
        assert_eq!(object.rules.each_ref().map(Vec::len), [1, 0]);
    }
}

#[test]
fn a_place_leads_to_the_field_or_to_what_it_would_stand_in() {
    let mut sources = Sources::new();
    let file = sources.add("p.yaml", POLICY);
    let (cluster, _) = load(&sources, &[file], &LabelKeys::default(), None);
    let object = &cluster.objects[0];
    let at = |path: &str| sources.text(object.place(path)).to_owned();
    assert_eq!(at(""), "p");
    assert_eq!(at("spec.ingress[0].source.selector"), "a == 'b'");
    assert_eq!(
        at("spec.ingress[0].destination.ports"),
        "{action: Allow, source: {selector: a == 'b'}}"
    );
    assert_eq!(at("spec.types[0]"), "Ingress");
    assert_eq!(at("status"), "p");
    assert_eq!(sources.text(object.rules[0][0].span), at("spec.ingress[0]"));
}

#[test]
fn what_a_cluster_would_not_take_is_told_with_its_place() {
    let policy =
        |spec: &str| POLICY.split("spec:").next().unwrap().to_owned() + "spec: " + spec + "\n";
    let global = |spec: &str| {
        policy(spec).replace("NetworkPolicy", "GlobalNetworkPolicy").replace(", namespace: web", "")
    };
    for (text, code, place) in [
        (policy("{ingress: [{action: allow}]}"), "EW1001", "allow"),
        (policy("{selector: a = b}"), "EW1002", "a = b"),
        (global("{namespaceSelector: a = b}"), "EW1003", "a = b"),
        (policy("{ingress: [{action: Allow, source: {selectr: has(a)}}]}"), "EW1004", "has(a)"),
        (policy("{egress: []}"), "EW1005", "{egress: []}"),
        (POLICY.replace(", namespace: web", ""), "EW1005", "p"),
        ("apiVersion: policy.networking.k8s.io/v1beta1\nkind: AdminNetworkPolicy\nmetadata: {name: a}\n".into(), "EW1006", "a"),
        ("apiVersion: extensions/v1beta1\nkind: NetworkPolicy\nmetadata: {name: a}\n".into(), "EW1006", "a"),
        (POLICY.replace("NetworkPolicy", "StagedNetworkPolicy"), "EW1007", "p"),
        (POLICY.replace("projectcalico.org/v3", "crd.projectcalico.org/v1"), "EW1008", "p"),
        (format!("{POLICY}---\n{POLICY}"), "EW1009", "p"),
    ] {
        assert_eq!(loaded(&[&text]).1, [(code, place.to_owned())], "{text}");
    }
    // One of the same name of Kubernetes is another object.
    let kubernetes = POLICY
        .replace("projectcalico.org/v3", "networking.k8s.io/v1")
        .replace(", ingress: [{action: Allow, source: {selector: a == 'b'}}]", "")
        .replace("types", "policyTypes");
    let (cluster, told) = loaded(&[POLICY, &kubernetes]);
    assert_eq!((names(&cluster).len(), told), (2, vec![]));
}

/// The policy of Kubernetes with this spec, as text of the Calico policy, and the rules that its rules come from.
fn taken_over(spec: &str) -> (String, [Vec<usize>; 2]) {
    let text = format!(
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: p, namespace: web}}\nspec: {spec}\n"
    );
    let (cluster, told) = loaded(&[&text]);
    assert_eq!(told, [], "{spec}");
    let object = &cluster.objects[0];
    let Resource::Policy(policy) = &object.resource else { panic!("{spec}") };
    assert_eq!((policy.kind, policy.order), (PolicyKind::Kubernetes, Some(1000.0)));
    let text = encode::file("x", [&object.resource]);
    let spec = text.split("\nspec:\n").nth(1).unwrap().to_owned();
    (spec, object.rules.each_ref().map(|rules| rules.iter().map(|it| it.index).collect()))
}

#[test]
fn policies_of_kubernetes_are_taken_over() {
    let (text, written) = taken_over(
        "{podSelector: {matchLabels: {app: db}}, ingress: [{}, {from: [{podSelector: {}}, {namespaceSelector: {matchExpressions: [{key: zone, operator: In, values: [b, a]}]}, podSelector: {matchExpressions: [{key: x, operator: DoesNotExist}]}}], ports: [{port: 53, protocol: UDP}, {port: 80}, {port: 8000, endPort: 8010}, {port: http}]}]}",
    );
    assert_eq!(written, [vec![0, 1, 1, 1, 1], vec![]]);
    insta::assert_snapshot!(text, @r#"
    tier: default
    order: 1000
    selector: "projectcalico.org/orchestrator == 'k8s' && app == 'db'"
    types:
    - Ingress
    ingress:
    - action: Allow
      source: {}
      destination: {}
    - action: Allow
      protocol: TCP
      source:
        selector: "projectcalico.org/orchestrator == 'k8s'"
      destination:
        ports:
        - 80
        - "8000:8010"
        - http
    - action: Allow
      protocol: UDP
      source:
        selector: "projectcalico.org/orchestrator == 'k8s'"
      destination:
        ports:
        - 53
    - action: Allow
      protocol: TCP
      source:
        namespaceSelector: "zone in {'a', 'b'}"
        selector: "projectcalico.org/orchestrator == 'k8s' && !has(x)"
      destination:
        ports:
        - 80
        - "8000:8010"
        - http
    - action: Allow
      protocol: UDP
      source:
        namespaceSelector: "zone in {'a', 'b'}"
        selector: "projectcalico.org/orchestrator == 'k8s' && !has(x)"
      destination:
        ports:
        - 53
    "#);
    let (text, written) = taken_over(
        "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}]}, {ports: [{protocol: SCTP}]}]}",
    );
    assert_eq!(written, [vec![], vec![0, 1]]);
    insta::assert_snapshot!(text, @r#"
    tier: default
    order: 1000
    selector: "projectcalico.org/orchestrator == 'k8s'"
    types:
    - Egress
    egress:
    - action: Allow
      source: {}
      destination:
        nets:
        - 10.0.0.0/8
        notNets:
        - 10.1.0.0/16
    - action: Allow
      protocol: SCTP
      source: {}
      destination: {}
    "#);
    let types = |spec: &str| {
        let (text, _) = taken_over(spec);
        [Direction::Ingress, Direction::Egress].map(|it| text.contains(&format!("- {it:?}\n")))
    };
    assert_eq!(types("{podSelector: {}}"), [true, false]);
    assert_eq!(types("{podSelector: {}, egress: [{}]}"), [true, true]);
    assert_eq!(types("{podSelector: {}, egress: []}"), [true, false]);
}

#[test]
fn hostile_texts_are_told_of_and_no_more() {
    let deep = "apiVersion: projectcalico.org/v3\nkind: Tier\nmetadata: {name: t}\nspec: "
        .to_owned()
        + &"[".repeat(200);
    let types = ["[]", "{}", "1", "null", "text", "[[]]", "{a: {b: [c]}}", "[null]"];
    let mut texts = vec![deep];
    for kind in [
        "Tier",
        "NetworkPolicy",
        "GlobalNetworkPolicy",
        "NetworkSet",
        "HostEndpoint",
        "StagedNetworkPolicy",
    ] {
        for any in types {
            for field in ["metadata", "spec", "kind"] {
                texts.push(format!(
                    "apiVersion: projectcalico.org/v3\nkind: {kind}\n{field}: {any}\n"
                ));
            }
            for field in ["ingress", "types", "nets", "selector", "order", "tier", "expectedIPs"] {
                let head = format!(
                    "apiVersion: projectcalico.org/v3\nkind: {kind}\nmetadata: {{name: a, namespace: b}}\n"
                );
                texts.push(format!("{head}spec: {{{field}: {any}}}\n"));
                texts.push(format!(
                    "{head}spec: {{ingress: [{{action: Allow, source: {{{field}: {any}}}}}]}}\n"
                ));
            }
        }
    }
    for any in types {
        for field in ["podSelector", "ingress", "egress", "policyTypes"] {
            texts.push(format!("apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: a, namespace: b}}\nspec: {{{field}: {any}}}\n"));
        }
        texts.push(format!("apiVersion: v1\nkind: List\nitems: {any}\n"));
        texts.push(format!("apiVersion: v1\nkind: ServiceAccount\nmetadata: {any}\n"));
    }
    let mut told = 0;
    for text in &texts {
        told += loaded(&[text]).1.len();
    }
    assert!(told > texts.len() / 2, "{told} of {}", texts.len());
}

#[test]
fn the_last_of_two_equal_keys_holds_as_in_a_cluster() {
    let policy = "apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\nmetadata: {name: p, namespace: web}\nspec:\n  types: [Ingress]\n  ingress: [{action: Deny}]\n  ingress: [{action: Allow}]\n";
    let deployment = "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 1, replicas: 2}\n";
    let (cluster, told) = loaded(&[&format!("{policy}{deployment}")]);
    assert_eq!(told, [("EW0702", "ingress".to_owned())]);
    let Some(Resource::Policy(policy)) = cluster.resources().next() else { panic!() };
    assert_eq!(policy.ingress, [eastwest::calico::Rule::new(eastwest::calico::Action::Allow)]);
}
