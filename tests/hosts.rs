//! Host endpoints and namespaces of which little is known, as people ask about them: `can`, `can --batch` and `diff` must say
//! the same.

use super::cli::{Project, json};

const NAMESPACE: &str =
    "{apiVersion: v1, kind: Namespace, metadata: {name: web, labels: {zone: front}}}\n---\n";

fn host(profiles: &str) -> String {
    format!(
        "{{apiVersion: projectcalico.org/v3, kind: HostEndpoint, metadata: {{name: node-a, labels: {{role: node}}}}, \
         spec: {{node: node-a, interfaceName: eth0, expectedIPs: [192.0.2.30]{profiles}}}}}\n---\n"
    )
}

const AUTOMATIC: &str = ", profiles: [projectcalico-default-allow]";

fn policy(name: &str, spec: &str) -> String {
    format!(
        "{{apiVersion: projectcalico.org/v3, kind: GlobalNetworkPolicy, metadata: {{name: {name}}}, spec: {{{spec}}}}}\n---\n"
    )
}

/// What `can` and a batch say of a connection from outside to the host endpoint, which must be the same.
fn to_host(cluster: &str, from: &str, protocol: &str, port: u16) -> String {
    let traffic = format!("{}/{port}", protocol.to_lowercase());
    let said = asked(cluster, &format!("{from} 192.0.2.30 {traffic}"));
    let line = format!(
        r#"{{"from":{{"ip":"{from}"}},"to":{{"ip":"192.0.2.30"}},"protocol":"{protocol}","port":{port}}}"#
    );
    let by_line = batch(cluster, &line);
    let same = [("yes", "allow"), ("no", "deny"), ("undecided", "undecided")];
    assert!(same.contains(&(said.as_str(), by_line.as_str())), "{said} {by_line}");
    said
}

fn project(cluster: &str) -> Project {
    let project = Project::new(&[]);
    project.write("cluster.yaml", &[NAMESPACE, cluster].concat());
    project
}

/// The first word of what `can` says.
fn asked(cluster: &str, question: &str) -> String {
    let ran = project(cluster).run(&format!("can --policies cluster.yaml {question}"));
    let (word, _) = ran.out.split_once(':').unwrap_or_else(|| panic!("{} {}", ran.out, ran.err));
    word.to_owned()
}

fn batch(cluster: &str, line: &str) -> String {
    let project = project(cluster);
    project.write("q.jsonl", line);
    let ran = project.run("can --policies cluster.yaml --batch q.jsonl");
    json(&ran.out)["verdict"].as_str().unwrap().to_owned()
}

#[test]
fn profiles_decide_where_no_policy_does() {
    let pass =
        policy("pass", "selector: role == 'node', types: [Ingress], ingress: [{action: Pass}]");
    for (cluster, right) in [
        (host(""), "no"),
        (host(AUTOMATIC), "yes"),
        (host("") + &pass, "no"),
        (host(AUTOMATIC) + &pass, "yes"),
        (host(", profiles: [kns.web]"), "yes"),
        (host(", profiles: [ksa.web.default]"), "no"),
        (host(", profiles: [own]"), "undecided"),
    ] {
        assert_eq!(to_host(&cluster, "198.51.100.7", "TCP", 8080), right, "{cluster}");
        // Failsafe ports are open whatever the profiles and policies say.
        assert_eq!(to_host(&cluster, "198.51.100.7", "TCP", 22), "yes", "{cluster}");
    }
}

#[test]
fn stages_are_asked_one_after_another_whatever_their_orders() {
    let early = |flag: &str, order: u16, rule: &str| {
        policy(
            "early",
            &format!(
                "order: {order}, selector: role == 'node', types: [Ingress], {flag}: true, applyOnForward: true, ingress: [{rule}]"
            ),
        )
    };
    let late = |rule: &str| {
        policy(
            "late",
            &format!("order: 1, selector: role == 'node', types: [Ingress], ingress: [{rule}]"),
        )
    };
    for flag in ["preDNAT", "doNotTrack"] {
        let some = "{action: Allow, source: {nets: [203.0.113.0/24]}}";
        let cluster = host("") + &late("{action: Deny}") + &early(flag, 500, some);
        assert_eq!(to_host(&cluster, "203.0.113.9", "TCP", 8080), "yes", "accepted earlier");
        assert_eq!(to_host(&cluster, "198.51.100.7", "TCP", 8080), "no", "left to the later stage");
        let deny = "{action: Deny, source: {nets: [203.0.113.0/24]}}";
        let cluster = host(AUTOMATIC) + &early(flag, 500, deny);
        assert_eq!(to_host(&cluster, "203.0.113.9", "TCP", 8080), "no");
        assert_eq!(to_host(&cluster, "198.51.100.7", "TCP", 8080), "yes", "no end of tier there");
    }
}

#[test]
fn what_is_forwarded_to_pods_is_undecided_where_a_host_endpoint_may_deny_it() {
    let spec = "selector: role == 'node', types: [Ingress], preDNAT: true, applyOnForward: true, \
                ingress: [{action: Deny, protocol: TCP, destination: {ports: [30000]}}]";
    let cluster = host(AUTOMATIC) + &policy("early", spec);
    let ran =
        project(&cluster).run("can --policies cluster.yaml 198.51.100.7 namespace/web tcp/30000");
    assert!(ran.out.starts_with("undecided:"), "{}", ran.out);
    assert!(
        ran.out.contains(
            "rule 1 of early denies it if it is forwarded through the host endpoint `node-a`"
        ),
        "{}",
        ran.out
    );
    assert_eq!(asked(&cluster, "198.51.100.7 namespace/web tcp/30001"), "yes");
    assert_eq!(asked(&policy("early", spec), "198.51.100.7 namespace/web tcp/30000"), "yes");
}

#[test]
fn a_node_that_opens_or_closes_is_a_difference() {
    let pass =
        policy("pass", "selector: role == 'node', types: [Ingress], ingress: [{action: Pass}]");
    let closed = host("");
    let worlds = [closed.clone(), closed + &pass, host(AUTOMATIC) + &pass, String::new()];
    for (old, was) in worlds.iter().enumerate() {
        for (new, is) in worlds.iter().enumerate() {
            let project = Project::new(&[]);
            project.write("old.yaml", &[NAMESPACE, was].concat());
            project.write("new.yaml", &[NAMESPACE, is].concat());
            let ran = project.run("diff old.yaml new.yaml");
            let of_host = ran.out.contains("what is open to and from the host endpoint node-a");
            // The first two are closed, the others are open.
            assert_eq!(of_host, (old < 2) != (new < 2), "{old} {new}: {}", ran.out);
        }
    }
}

#[test]
fn a_namespace_without_a_manifest_has_a_profile_and_unknown_labels() {
    let named = "{apiVersion: projectcalico.org/v3, kind: NetworkPolicy, metadata: {name: own, namespace: ghost}, \
                 spec: {selector: app == 'x', types: [Ingress], ingress: [{action: Allow}]}}\n---\n";
    let zoned = policy(
        "zoned",
        "namespaceSelector: zone == 'front', types: [Ingress], ingress: [{action: Allow, source: {namespaceSelector: zone == 'back'}}]",
    );
    let line = |from: &str, to: &str| {
        format!(
            r#"{{"from":{{"namespace":"{from}"}},"to":{{"namespace":"{to}"}},"protocol":"TCP","port":80}}"#
        )
    };
    let said = asked(named, "namespace/ghost namespace/web tcp/80");
    assert_eq!((said.as_str(), &*batch(named, &line("ghost", "web"))), ("yes", "allow"));
    let both = [named, &zoned].concat();
    for (from, to) in [("ghost", "web"), ("web", "ghost")] {
        let said = asked(&both, &format!("namespace/{from} namespace/{to} tcp/80"));
        let by_line = batch(&both, &line(from, to));
        assert_eq!((said.as_str(), by_line.as_str()), ("undecided", "undecided"), "{from} {to}");
    }
}
