//! Rules that name services, where `EndpointSlice`s or Endpoints say which addresses stand behind them, and where nothing does.

use crate::cli::{Project, json};

const NAMESPACES: &str = "{apiVersion: v1, kind: Namespace, metadata: {name: web}}\n---\n{apiVersion: v1, kind: Namespace, metadata: {name: data}}\n---\n{apiVersion: v1, kind: Namespace, metadata: {name: other}}\n---\n";
const POLICIES: &str = "{apiVersion: projectcalico.org/v3, kind: NetworkPolicy, metadata: {name: out, namespace: web}, spec: {order: 1, types: [Egress], egress: [{action: Allow, destination: {services: {name: ledger, namespace: data}}}]}}\n---\n{apiVersion: projectcalico.org/v3, kind: NetworkPolicy, metadata: {name: in, namespace: other}, spec: {order: 1, types: [Ingress], ingress: [{action: Allow, source: {services: {name: ledger, namespace: data}}}]}}\n";

/// A slice of `data/ledger` with this name, these ports and these endpoints.
fn slice(name: &str, ports: &str, endpoints: &str) -> String {
    format!(
        "---\n{{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {{name: {name}, namespace: data, labels: {{kubernetes.io/service-name: ledger}}}}, addressType: IPv4, ports: {ports}, endpoints: {endpoints}}}\n"
    )
}

/// An endpoint at `address` that is a pod of `data`.
fn pod(address: &str) -> String {
    format!(
        "[{{addresses: [{address}], conditions: {{ready: false}}, targetRef: {{kind: Pod, name: p, namespace: data}}}}]"
    )
}

fn verdict(objects: &str, question: &str) -> String {
    let project = Project::new(&[("p.yaml", &format!("{NAMESPACES}{POLICIES}{objects}"))]);
    let ran = project.run(&format!("can --policies p.yaml --format json {question}"));
    json(&ran.out)["verdict"]
        .as_str()
        .unwrap_or_else(|| panic!("{}{}", ran.out, ran.err))
        .to_owned()
}

#[test]
fn a_slice_decides_by_addresses_and_towards_a_service_by_ports() {
    let one = slice("a", "[{port: 5432}]", &pod("10.244.1.7"));
    for (question, with, without) in [
        // Nobody says which pods of `data` have the address.
        ("namespace/web namespace/data tcp/5432", "undecided", "undecided"),
        ("namespace/web namespace/data tcp/80", "deny", "undecided"),
        ("namespace/web namespace/data udp/5432", "deny", "undecided"),
        ("namespace/web namespace/other tcp/5432", "deny", "undecided"),
        ("namespace/web 10.244.1.7 tcp/5432", "allow", "undecided"),
        ("namespace/web 10.244.1.7 tcp/5433", "deny", "undecided"),
        ("namespace/web 10.244.1.8 tcp/5432", "deny", "undecided"),
        // From a service, any port of the receiver will do.
        ("10.244.1.7 namespace/other tcp/1", "allow", "undecided"),
        ("10.244.1.8 namespace/other tcp/1", "deny", "undecided"),
        ("namespace/data namespace/other tcp/1", "undecided", "undecided"),
    ] {
        assert_eq!(verdict(&one, question), with, "{question}");
        assert_eq!(verdict("", question), without, "{question}");
    }
}

#[test]
fn all_slices_of_a_service_count_and_no_slice_of_another() {
    let both = slice("a", "[{port: 5432}]", &pod("10.244.1.7"))
        + &slice("b", "[{port: 53, protocol: UDP}, {name: all}]", &pod("10.244.1.9"));
    assert_eq!(verdict(&both, "namespace/web 10.244.1.7 tcp/5432"), "allow");
    assert_eq!(verdict(&both, "namespace/web 10.244.1.9 udp/53"), "allow");
    assert_eq!(verdict(&both, "namespace/web 10.244.1.9 tcp/5432"), "deny");
    let other = both.replace("service-name: ledger", "service-name: books");
    assert_eq!(verdict(&other, "namespace/web 10.244.1.7 tcp/5432"), "undecided");
    // Of a slice that is written twice the last one is there; an empty one has nobody.
    let again = both + &slice("a", "[]", "null") + &slice("b", "null", "[]");
    assert_eq!(verdict(&again, "namespace/web namespace/data tcp/5432"), "deny");
}

#[test]
fn what_cannot_be_read_leaves_the_service_unknown() {
    for (ports, endpoints) in [
        ("[{port: many}]", pod("10.244.1.7")),
        ("80", pod("10.244.1.7")),
        ("[{port: 5432}]", "{}".to_owned()),
        ("[{port: 70000}]", pod("10.244.1.7")),
    ] {
        let broken = slice("a", ports, &endpoints);
        assert_eq!(verdict(&broken, "namespace/web 10.244.1.8 tcp/80"), "undecided", "{broken}");
        let more = broken + &slice("b", "[{port: 5432}]", &pod("10.244.1.7"));
        assert_eq!(verdict(&more, "namespace/web 10.244.1.8 tcp/80"), "undecided");
    }
    // Names are endpoints that hold no address.
    let named = slice("a", "[{port: 5432}]", "[{addresses: [db.example.org]}]");
    assert_eq!(verdict(&named, "namespace/web 10.244.1.7 tcp/5432"), "deny");
}

#[test]
fn endpoints_count_where_there_is_no_slice() {
    let endpoints = "---\n{apiVersion: v1, kind: Endpoints, metadata: {name: ledger, namespace: data}, subsets: [{addresses: [{ip: 10.244.1.7}], notReadyAddresses: [{ip: 10.244.1.8}], ports: [{port: 5432}]}]}\n";
    for (address, told) in
        [("10.244.1.7", "allow"), ("10.244.1.8", "allow"), ("10.244.1.9", "deny")]
    {
        assert_eq!(verdict(endpoints, &format!("namespace/web {address} tcp/5432")), told);
    }
    let cut = endpoints.replace(
        "namespace: data}",
        "namespace: data, annotations: {endpoints.kubernetes.io/over-capacity: truncated}}",
    );
    assert_eq!(verdict(&cut, "namespace/web 10.244.1.9 tcp/5432"), "undecided");
    let slice = slice("a", "[{port: 5432}]", &pod("10.244.1.9"));
    assert_eq!(
        verdict(&format!("{endpoints}{slice}"), "namespace/web 10.244.1.7 tcp/5432"),
        "deny"
    );
}

#[test]
fn a_pod_without_an_address_may_be_an_endpoint_where_its_namespace_has_some() {
    let one = slice("a", "[{port: 5432}]", &pod("10.244.1.7"));
    let ask = |namespace: &str, port: u16| {
        format!(
            "{{\"from\": {{\"namespace\": \"web\"}}, \"to\": {{\"namespace\": \"{namespace}\"}}, \"protocol\": \"TCP\", \"port\": {port}}}\n"
        )
    };
    let lines = [ask("data", 5432), ask("data", 80), ask("other", 5432)].concat();
    let policies = format!("{NAMESPACES}{POLICIES}");
    let project = Project::new(&[("p.yaml", &policies), ("s.yaml", &one), ("q", &lines)]);
    let ran = project.run("can --policies p.yaml --zones s.yaml --batch q");
    let told: Vec<_> =
        ran.out.lines().map(|it| json(it)["egress"]["verdict"].to_string()).collect();
    assert_eq!(told, ["\"undecided\"", "\"deny\"", "\"deny\""], "{}", ran.out);
    let list = project.run("can --policies p.yaml --zones s.yaml namespace/web");
    assert!(list.out.contains("open      to service data/ledger  tcp/5432\n"), "{}", list.out);
    assert!(!list.out.contains("namespace/other"), "{}", list.out);
    // Without the slice it is said what would settle it.
    let unknown = project.run("can --policies p.yaml namespace/web namespace/data tcp/5432");
    let remedy = "which endpoints the service data/ledger has is not known here";
    assert!(unknown.out.contains(remedy) && !list.out.contains(remedy), "{}", unknown.out);
}
