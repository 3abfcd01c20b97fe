//! ICMP as data planes have it: what a node could not be given is not written, and what begins no connection opens nothing.

use eastwest::calico::Dataplane;
use eastwest::traffic::{Match, Protocol};

use crate::cli::{Project, json};

/// A project whose lines name `traffic`, with `calico` under `[calico]`.
fn project(traffic: &str, calico: &str) -> Project {
    let project = Project::sample();
    let line = format!("application2.frontend -> application2.backend : {traffic}\n");
    project.write("application2/network-policies/app.flow", &line);
    let config = std::fs::read_to_string(project.path().join("eastwest.toml")).unwrap();
    project.write("eastwest.toml", &format!("{config}[calico]\n{calico}"));
    project
}

/// Policies of one namespace whose rules are these.
fn policies(rules: &str) -> String {
    format!(
        "{{apiVersion: v1, kind: Namespace, metadata: {{name: a}}}}\n---\n\
         {{apiVersion: projectcalico.org/v3, kind: NetworkPolicy, metadata: {{name: in, namespace: a}}, spec: {{order: 1, types: [Ingress], ingress: [{rules}]}}}}\n"
    )
}

#[test]
fn a_code_is_written_for_the_data_planes_that_take_it_and_for_no_other() {
    for (calico, status) in [
        ("", 1),
        ("dataplane = \"nftables\"\n", 1),
        ("dataplane = \"iptables\"\n", 0),
        ("dataplane = \"ebpf\"\n", 0),
        ("dataplane = \"nftable\"\n", 2),
    ] {
        let project = project("icmp/8/0", calico);
        for command in ["check", "build"] {
            let ran = project.run(command);
            assert_eq!(ran.status, status, "{calico}: {}{}", ran.out, ran.err);
        }
        let written = project.path().join("application2/network-policies/policies.yaml");
        let text = std::fs::read_to_string(written).unwrap_or_default();
        assert_eq!(text.contains("code: 0"), status == 0, "{calico}: {text}");
        assert_eq!(text.is_empty(), status > 0, "never the type alone");
    }
    let ran = project("icmp/8/0", "dataplane = \"nftable\"\n").run("check");
    assert!(ran.err.contains("did you mean `nftables`?"), "{}", ran.err);
}

#[test]
fn the_lock_and_a_bundle_name_another_data_plane() {
    for (calico, named) in [("", false), ("dataplane = \"iptables\"\n", true)] {
        let project = project("tcp/80", calico);
        assert_eq!(project.run("lock").status, 0);
        let lock = std::fs::read_to_string(project.path().join("crossings.lock")).unwrap();
        assert_eq!(lock.contains("#! dataplane iptables\n"), named, "{lock}");
        assert_eq!(project.run("export -o bundle").status, 0);
        let text = std::fs::read_to_string(project.path().join("bundle/settings.toml")).unwrap();
        assert_eq!(text.contains("dataplane = \"iptables\"\n"), named, "{text}");
    }
}

#[test]
fn an_audit_is_silent_where_the_nodes_take_codes() {
    let project = Project::new(&[
        ("p.yaml", &policies("{action: Deny, protocol: ICMPv6, notICMP: {type: 1, code: 3}}")),
        ("iptables.toml", "[calico]\ndataplane = \"iptables\"\n"),
    ]);
    let found = |options: &str| project.run(&format!("audit p.yaml {options}")).out;
    assert!(
        found("").contains("[EW1140]") && !found("--config iptables.toml").contains("[EW1140]")
    );
}

#[test]
fn what_a_project_could_not_be_built_with_is_no_line_of_an_import() {
    let rule = |end: &str| {
        format!(
            "[{{action: Allow, protocol: ICMP, icmp: {{type: 8, code: 0}}, {end}: {{namespaceSelector: applicationcode == 'a'}}}}]"
        )
    };
    let both = format!("{}, egress: {}", rule("source"), rule("destination"));
    let text = policies("").replace("name: a}", "name: a, labels: {applicationcode: a, zone: z}}");
    let text = text.replace("types: [Ingress], ingress: []", &format!("ingress: {both}"));
    let project =
        Project::new(&[("p.yaml", &text), ("ebpf.toml", "[calico]\ndataplane = \"ebpf\"\n")]);
    let lines = |options: &str| project.run(&format!("import p.yaml {options}")).out;
    let refused = "# not taken (`icmp/8/0` would end Calico on every node that runs nftables): a.* -> a.* : icmp/8/0";
    assert!(lines("").contains(refused), "{}", lines(""));
    assert!(lines("--config ebpf.toml").contains("\na.* -> a.* : icmp/8/0\n"));
    let made = project.run("import p.yaml --config ebpf.toml -o made");
    assert!(made.status < 2, "{}", made.err);
    assert_eq!(project.run("check made").status, 0);
}

#[test]
fn replies_and_errors_open_nothing() {
    let rules = "{action: Allow, protocol: ICMP, icmp: {type: 0}}, {action: Allow, protocol: ICMP, icmp: {type: 3}}, {action: Allow, protocol: ICMP, icmp: {type: 8}}";
    let project = Project::new(&[
        ("p.yaml", &policies(rules)),
        ("all.yaml", &policies("{action: Allow, protocol: ICMP}")),
        ("ebpf.toml", "[calico]\ndataplane = \"ebpf\"\n"),
        (
            "q",
            "{\"from\": {\"namespace\": \"a\"}, \"to\": {\"namespace\": \"a\"}, \"protocol\": \"ICMP\", \"type\": 3}\n{\"from\": {\"namespace\": \"a\"}, \"to\": {\"namespace\": \"a\"}, \"protocol\": \"ICMP\", \"type\": 8}\n",
        ),
    ]);
    let can = |policies: &str, rest: &str| {
        let ran = project.run(&format!(
            "can --policies {policies} --format json namespace/a namespace/a {rest}"
        ));
        json(&ran.out)
    };
    for (traffic, verdict) in
        [("icmp/0", "deny"), ("icmp/3", "deny"), ("icmp/8", "allow"), ("icmp/8,icmp/0", "differs")]
    {
        assert_eq!(can("p.yaml", traffic)["verdict"], verdict, "{traffic}");
    }
    let notes = can("p.yaml", "icmp/0")["notes"].to_string();
    assert!(notes.contains("icmp/0 never begins a connection"), "{notes}");
    // Errors are told apart by eBPF as well; a reply may begin something there.
    assert_eq!(can("p.yaml", "icmp/0 --config ebpf.toml")["verdict"], "allow");
    assert_eq!(can("p.yaml", "icmp/3 --config ebpf.toml")["verdict"], "deny");
    // A rule for all of a protocol means what can begin.
    assert_eq!(can("all.yaml", "icmp")["verdict"], "allow");
    assert_eq!(can("all.yaml", "")["open"][0]["traffic"], "icmp");
    assert_eq!(can("p.yaml", "")["open"][0]["traffic"], "icmp/8");
    assert_eq!(can("p.yaml", "icmp")["open"][0]["traffic"], "icmp/8");
    let ran = project.run("can --policies p.yaml --batch q");
    let answers: Vec<_> = ran.out.lines().map(json).collect();
    assert!(answers.iter().all(|it| it["verdict"] == "allow"), "{}", ran.out);
    assert!(answers[0]["note"].is_string() && answers[1]["note"].is_null(), "{}", ran.out);
}

#[test]
fn an_untracked_policy_may_be_asked_about_any_message() {
    let untracked = "---\n{apiVersion: projectcalico.org/v3, kind: GlobalNetworkPolicy, metadata: {name: raw}, spec: {order: 1, doNotTrack: true, applyOnForward: true, selector: has(host), types: [Ingress], ingress: [{action: Allow}]}}\n";
    let rule = policies("{action: Allow, protocol: ICMP, icmp: {type: 0}}");
    let project = Project::new(&[("p.yaml", &format!("{rule}{untracked}"))]);
    let ran = project.run("can --policies p.yaml namespace/a namespace/a icmp/0");
    assert_eq!(ran.status, 0, "{}{}", ran.out, ran.err);
}

#[test]
fn which_messages_begin_a_connection() {
    let begin = |dataplane: Dataplane, protocol| -> Vec<u8> {
        let item = |kind| Match::IcmpType(protocol, kind, None);
        (0..=255).filter(|kind| !dataplane.never_begins(&item(*kind))).collect()
    };
    for dataplane in [Dataplane::Nftables, Dataplane::Iptables] {
        assert_eq!(begin(dataplane, Protocol::Icmp), [8, 13, 15, 17]);
        let six = [128, 130, 131, 132, 133, 134, 135, 136, 139, 143];
        assert_eq!(begin(dataplane, Protocol::IcmpV6), six);
    }
    assert_eq!(begin(Dataplane::Ebpf, Protocol::Icmp).len(), 256 - 5);
    assert_eq!(begin(Dataplane::Ebpf, Protocol::IcmpV6).len(), 128);
    assert!(!Dataplane::Nftables.never_begins(&Match::Protocol(Protocol::Icmp)));
}
