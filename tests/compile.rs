//! What the compiler writes: each kind of object, names, merging, and what every rule must say.

use eastwest::calico::{
    Action, Dataplane, Direction, Entity, Policy, Port, Release, Resource, Rule, encode,
};
use eastwest::compile::{Document, compile};
use eastwest::program::{Deny, Program};
use eastwest::yaml::node::Node;
use eastwest::yaml::read_back::read_back;

use crate::support::{Project, project, sample};

const EXEMPT: &str = "exempt kube-system, default\n";

fn documents(program: &Program) -> Vec<Document> {
    let (documents, diagnostics) = compile(program, false);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    documents
}

fn policies(project: Project) -> Vec<Policy> {
    let documents = documents(&project.program()).into_iter();
    documents
        .filter_map(|it| if let Resource::Policy(it) = it.resource { Some(it) } else { None })
        .collect()
}

fn named<'a>(policies: &'a [Policy], namespace: &str, name: &str) -> &'a Policy {
    let of = |it: &&Policy| it.namespace.as_deref().unwrap_or("") == namespace && *it.name == *name;
    policies.iter().find(of).unwrap_or_else(|| {
        let names: Vec<_> = policies.iter().map(|it| (&it.namespace, &it.name)).collect();
        panic!("no {namespace}/{name} among {names:?}")
    })
}

fn text(selector: Option<&eastwest::selector::Selector>) -> String {
    selector.map(encode::selector).unwrap_or_default()
}

/// A rule in one line: action, protocol, peer, ports.
fn line(rule: &Rule, direction: Direction) -> String {
    let peer = match direction {
        Direction::Egress => &rule.destination,
        Direction::Ingress => &rule.source,
    };
    let protocol = rule.protocol.map_or(String::new(), |it| format!(" {it:?}"));
    let ports = rule.destination.ports.iter().map(|port| match port {
        Port::Range(a, b) if a == b => a.to_string(),
        Port::Range(a, b) => format!("{a}:{b}"),
        Port::Named(name) => name.to_string(),
    });
    let ports: Vec<_> = ports.collect();
    let namespaces = text(peer.namespace_selector.as_ref());
    let pods = text(peer.selector.as_ref());
    let pods = pods.replace("projectcalico.org/orchestrator == 'k8s'", "pod");
    format!("{:?}{protocol} {namespaces} | {pods} {}", rule.action, ports.join(" "))
        .trim_end()
        .to_owned()
}

fn egress(policy: &Policy) -> Vec<String> {
    policy.egress.iter().map(|rule| line(rule, Direction::Egress)).collect()
}

fn ingress(policy: &Policy) -> Vec<String> {
    policy.ingress.iter().map(|rule| line(rule, Direction::Ingress)).collect()
}

fn whole(project: Project, input: &str, staged: bool) -> String {
    let program = project.program();
    let (documents, diagnostics) = compile(&program, staged);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let mut text = input.to_owned();
    let mut owners: Vec<_> = documents.iter().map(|it| it.owner).collect();
    owners.sort();
    owners.dedup();
    for owner in owners {
        let resources = documents.iter().filter(|it| it.owner == owner).map(|it| &it.resource);
        text += "\n";
        text += &encode::file(program.owner_name(owner), resources);
    }
    text
}

/// Every kind of statement: its platform's and its flows' lines, and the project.
fn everything() -> (String, Project) {
    let platform = "\
exempt kube-system, default
log denied
external onprem = 10.0.0.0/8 except 10.244.0.0/16
external metrics = namespace monitoring[app == 'prometheus']
external api = service default/kubernetes
*.* <== metrics : tcp/metrics because \"every pod is watched\"
metrics ==> *.* : tcp/metrics because \"every pod is watched\"
*.data ==> api because \"operators\" ticket OPS-7
forbid *.frontend to *.data except application2.frontend[app == 'admin'] because \"three tiers\"
forbid *.* ==> application2.data : tcp/5432
";
    let flows = "\
application2.frontend -> application2.backend : tcp/8443, tcp/8444
application2.backend[app == 'api'] -> application2.data : tcp/5432
application2.backend ==> application1.api : tcp/443 because \"orders look up prices\" ticket CHG-1042
application2.data <== onprem : tcp/22, icmp/8/0 because \"backups\"
";
    let project = sample()
        .platform(platform)
        .file(
            "application1",
            "application1.api <== application2.backend : tcp/443 because \"serves prices\"\n",
        )
        .file("application2", flows)
        .settings(|it| {
            it.tiers = true;
            it.release = Release::parse("3.30").unwrap();
            it.dataplane = Dataplane::Iptables;
        });
    (format!("{platform}\n{flows}"), project)
}

#[test]
fn a_project_with_everything() {
    let (input, project) = everything();
    snapshot!("compile_everything", &whole(project, &input, false));
}

#[test]
fn rules_are_merged_where_they_mean_the_same_and_never_wider() {
    let of_zones = |flows: &str| {
        let policies = policies(
            sample()
                .platform(EXEMPT)
                .file("application2", flows)
                .settings(|it| it.dataplane = Dataplane::Iptables),
        );
        egress(named(&policies, "application2-ns1", "eastwest-flows"))
    };
    let app = "applicationcode == 'application2'";
    // One peer: all ports of a protocol; a protocol takes in its ports, anything every protocol.
    assert_eq!(
        of_zones(
            "application2.frontend -> application2.backend : tcp/443, tcp/444\n\
             application2.frontend -> application2.backend : udp/53, tcp/8000-8010, tcp/8005\n"
        ),
        [
            format!("Allow Tcp {app} && zone == 'backend' | pod 443 444 8000:8010"),
            format!("Allow Udp {app} && zone == 'backend' | pod 53"),
        ]
    );
    assert_eq!(
        of_zones(
            "application2.frontend -> application2.backend : tcp\n\
             application2.frontend -> application2.backend : tcp/443, icmp/8/0, icmp/8\n"
        ),
        [
            format!("Allow Tcp {app} && zone == 'backend' | pod"),
            format!("Allow Icmp {app} && zone == 'backend' | pod"),
        ]
    );
    assert_eq!(
        of_zones(
            "application2.frontend -> application2.backend\n\
             application2.frontend -> application2.backend : tcp/443\n"
        ),
        [format!("Allow {app} && zone == 'backend' | pod")]
    );
    // Zones of one application with the same ports; what one of them has besides stays its own.
    assert_eq!(
        of_zones(
            "application2.frontend -> application2.{backend, data} : tcp/443\n\
             application2.frontend -> application2.data : udp/53\n"
        ),
        [
            format!("Allow Tcp {app} && zone in {{'backend', 'data'}} | pod 443"),
            format!("Allow Udp {app} && zone == 'data' | pod 53"),
        ]
    );
    // Never ports that only another zone, or other pods, were given.
    assert_eq!(
        of_zones(
            "application2.frontend -> application2.backend : tcp/443\n\
             application2.frontend -> application2.data : tcp/444\n\
             application2.frontend -> application2.data[app == 'db'] : tcp/443\n"
        ),
        [
            format!("Allow Tcp {app} && zone == 'backend' | pod 443"),
            format!("Allow Tcp {app} && zone == 'data' | pod 444"),
            format!("Allow Tcp {app} && zone == 'data' | pod && app == 'db' 443"),
        ]
    );
}

#[test]
fn the_default_deny_selects_what_is_isolated_and_so_do_other_global_policies() {
    let scope = |deny: Deny, platform: &str| {
        let project = sample().platform(platform).file("application2", "");
        let policies = policies(project.settings(|it| it.deny = deny));
        policies
            .iter()
            .filter(|it| it.namespace.is_none())
            .map(|it| (it.name.to_string(), text(it.namespace_selector.as_ref())))
            .collect::<Vec<_>>()
    };
    let guard = "has(projectcalico.org/name)";
    let exempt = "projectcalico.org/name not in {'default', 'kube-system'}";
    let deny = |selector: String| ("eastwest-default-deny".to_owned(), selector);
    assert_eq!(scope(Deny::All, EXEMPT), [deny(format!("{guard} && {exempt}"))]);
    assert_eq!(
        scope(Deny::LandingZones, EXEMPT),
        [deny(format!("{guard} && has(applicationcode) && {exempt}"))]
    );
    let one = format!("{guard} && applicationcode == 'application2' && {exempt}");
    assert_eq!(scope(Deny::Applications(Vec::new()), EXEMPT), [deny(one.clone())]);
    let two = format!("{guard} && applicationcode in {{'application1', 'application2'}}");
    let listed = Deny::Applications(vec!["application1".into()]);
    let lines = format!(
        "{EXEMPT}external web = 203.0.113.0/24\n\
         *.frontend ==> web : tcp/443 because \"updates\"\n\
         forbid application1.* to web : udp\n"
    );
    assert_eq!(
        scope(listed, &lines)
            .into_iter()
            .map(|(name, selector)| (name.rsplit_once('-').unwrap().1.to_owned(), selector))
            .collect::<Vec<_>>(),
        [
            ("egress".into(), format!("{guard} && applicationcode == 'application1' && {exempt}")),
            ("egress".into(), format!("{two} && zone == 'frontend' && {exempt}")),
            ("deny".into(), format!("{two} && {exempt}")),
        ]
    );
    // Wholly outside the scope: nothing.
    let names: Vec<_> =
        scope(Deny::Applications(Vec::new()), &lines).into_iter().map(|it| it.1).collect();
    assert_eq!(
        names,
        [
            format!(
                "{guard} && applicationcode == 'application2' && zone == 'frontend' && {exempt}"
            ),
            one
        ]
    );
}

#[test]
fn without_platform_files_an_application_closes_its_own_namespaces_alone() {
    let policies = policies(sample().file("application2", ""));
    let names: Vec<_> = policies.iter().map(|it| it.namespace.as_deref().unwrap_or("")).collect();
    assert_eq!(names, ["application2-ns1", "application2-ns2", "application2-ns3"]);
    for policy in policies {
        assert_eq!(policy.types, Some(vec![Direction::Ingress, Direction::Egress]));
        assert!(policy.ingress.is_empty() && policy.egress.is_empty());
    }
}

#[test]
fn an_exempt_namespace_of_a_landing_zone_gets_no_policy_and_is_a_peer_still() {
    let policies = policies(
        sample()
            .platform("exempt kube-system, application2-ns2\n")
            .file("application2", "application2.frontend <-> application2.backend : tcp/1\n"),
    );
    assert!(policies.iter().all(|it| it.namespace.as_deref() != Some("application2-ns2")));
    let flows = named(&policies, "application2-ns1", "eastwest-flows");
    assert_eq!((flows.ingress.len(), flows.egress.len()), (1, 1));
}

#[test]
fn a_guardrail_that_crosses_leaves_the_inside_alone() {
    let sides = |forbid: &str| {
        let policies = policies(sample().platform(&format!("{EXEMPT}{forbid}\n")));
        let rules = policies.iter().filter(|it| it.name.contains("guardrail"));
        rules.flat_map(|it| egress(it).into_iter().chain(ingress(it))).collect::<Vec<_>>()
    };
    assert_eq!(
        sides("forbid application2.* ==> *.data"),
        [
            "Deny has(applicationcode) && zone == 'data' && applicationcode != 'application2' | pod",
            "Deny applicationcode == 'application2' | pod",
        ]
    );
    assert_eq!(sides("forbid application2.frontend to application2.data").len(), 2);
    assert_eq!(sides("forbid application2.frontend ==> application1.api").len(), 2);
}

#[test]
fn a_named_port_is_looked_for_among_the_selected_pods_alone() {
    let policies = policies(
        sample()
            .platform(&format!("{EXEMPT}*.data <== *.* : tcp/metrics because \"watched\"\n"))
            .file(
                "application2",
                "application2.frontend -> application2.backend : tcp/http\n\
                 application2.frontend -> application2.backend[app == 'b'] : tcp/http\n",
            ),
    );
    let destination =
        |policy: &Policy| Entity { ports: Vec::new(), ..policy.ingress[0].destination.clone() };
    let of = |it: &Entity| [text(it.namespace_selector.as_ref()), text(it.selector.as_ref())];
    let flows = named(&policies, "application2-ns2", "eastwest-flows");
    assert_eq!(of(&destination(flows)), ["", "all()"]);
    let of_pods = policies.iter().find(|it| it.name.starts_with("eastwest-flows-app-b-")).unwrap();
    assert_eq!(of(&destination(of_pods)), ["", "app == 'b'"]);
    let platform = policies.iter().find(|it| it.name.starts_with("eastwest-platform-")).unwrap();
    assert_eq!(of(&destination(platform)), ["has(applicationcode) && zone == 'data'", ""]);
}

#[test]
fn output_does_not_depend_on_the_order_of_lines() {
    let lines = [
        "application2.frontend -> application2.backend : tcp/2",
        "application2.frontend -> application2.data : tcp/1 because \"b\"",
        "application2.* -> application2.data[app == 'x'] : udp/1 because \"a\"",
        "application2.backend ==> application1.api : tcp/443 because \"c\"",
    ];
    let written = |lines: Vec<&str>| {
        whole(sample().platform(EXEMPT).file("application2", &lines.join("\n")), "", false)
    };
    assert_eq!(written(lines.to_vec()), written(lines.iter().rev().copied().collect()));
}

/// What a server would fill in stands there, and what somebody could add to select less is said of all: then nobody else who
/// applies the file is in conflict with it, and nothing can be added without one.
#[test]
fn every_field_that_a_server_would_fill_in_is_written() {
    for tiers in [false, true] {
        let project = everything().1.settings(|it| {
            it.tiers = tiers;
            it.release = Release::NEWEST;
        });
        let text = encode::file("x", documents(&project.program()).iter().map(|it| &it.resource));
        // `calicoctl` takes a comment before the first separator for an object; and files can be put one after the other.
        assert!(text.starts_with("---\n# Generated by eastwest for x."), "{text}");
        assert!(text.lines().nth(2).is_some_and(|it| it.starts_with("apiVersion:")), "{text}");
        let nodes = read_back(&text).unwrap();
        let mut rules = 0;
        for node in &nodes {
            let kind = node.get("kind").and_then(Node::text).unwrap();
            if !kind.ends_with("Policy") {
                continue;
            }
            let spec = node.get("spec").unwrap();
            for key in ["tier", "order", "types", "selector"] {
                assert!(spec.get(key).is_some(), "{key}: {node:#?}");
            }
            for rule in ["ingress", "egress"].into_iter().filter_map(|it| spec.get(it)?.items()) {
                for rule in rule {
                    let written = |key| rule.get(key).is_some_and(|it| it.entries().is_some());
                    assert!(written("source") && written("destination"), "{rule:#?}");
                    rules += 1;
                }
            }
        }
        assert!(rules > 20, "{rules}");
    }
}

#[test]
fn every_policy_is_staged_and_nothing_else() {
    let project = sample()
        .platform("exempt kube-system\nexternal web = 203.0.113.0/24\n")
        .file("application2", "")
        .settings(|it| it.release = Release::NEWEST);
    let text = whole(project, "", true);
    let mut kinds: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("kind: ")).collect();
    kinds.dedup();
    assert_eq!(kinds, ["GlobalNetworkSet", "StagedGlobalNetworkPolicy", "StagedNetworkPolicy"]);
}

#[test]
fn every_object_is_labelled_and_every_rule_of_a_line_says_which() {
    let project = project()
        .namespace("ns", "My.App", "x")
        .platform(&format!("{EXEMPT}*.x ==> *.* : tcp/1 because \"r\"\nforbid *.x to *.* : udp\n"))
        .file("My.App", "\"My.App\".x -> \"My.App\".x : tcp/1\n");
    let program = project.program();
    for document in documents(&program) {
        let Resource::Policy(policy) = document.resource else { panic!("no set and no tier") };
        assert_eq!(*policy.labels[0].0, *"app.kubernetes.io/managed-by");
        assert_eq!(*policy.labels[1].0, *"eastwest/owner");
        let owner = &*policy.labels[1].1;
        assert!(owner == "platform" || owner.starts_with("my-app-"), "{owner}");
        for rule in policy.ingress.iter().chain(&policy.egress) {
            let from_line = *policy.name != *"eastwest-default-deny";
            assert_eq!(rule.annotations.len(), usize::from(from_line));
            assert!(rule.action != Action::Pass);
        }
    }
}
