//! The way into a living cluster: `deny = "none"`, one application after another brought under it, and nothing
//! closed that was not meant to be.

use std::sync::Arc;

use eastwest::calico::{Policy, Resource};
use eastwest::compile::compile;
use eastwest::program::{Deny, Program};
use eastwest::verify;

use crate::support::{Project, project};

const PLATFORM: &str = "exempt kube-system\nexternal dns = namespace kube-system\n*.* ==> dns : udp/53 because \"names\"\n";

/// Namespaces as they are on the first day: two applications, one that nobody has labelled, one of the machinery.
/// `shop-new` is not declared: it is labelled after the build.
const CLUSTER: &[(&str, Option<&str>)] = &[
    ("kube-system", None),
    ("legacy", None),
    ("pay", Some("payments")),
    ("shop", Some("shop")),
    ("shop-new", Some("shop")),
];

fn cluster() -> Project {
    project()
        .namespace("pay", "payments", "core")
        .namespace("shop", "shop", "web")
        .platform(PLATFORM)
}

/// The namespaces of [`CLUSTER`] that some policy closes. Proves on the way that the policies are what the program means.
fn closed(program: &Program) -> Vec<&'static str> {
    let (documents, diagnostics) = compile(program, false);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let resources: Vec<Resource> =
        documents.into_iter().map(|document| document.resource).collect();
    verify::compare(program, &resources).unwrap();
    let selects = |policy: &Policy, name: &str, application: Option<&str>| {
        if let Some(namespace) = &policy.namespace {
            return **namespace == *name;
        }
        policy.namespace_selector.as_ref().unwrap().matches(|key| match key {
            "projectcalico.org/name" => Some(name),
            "applicationcode" => application,
            _ => None,
        })
    };
    let closed = CLUSTER.iter().filter(|(name, application)| {
        resources.iter().any(|resource| match resource {
            Resource::Policy(policy) => selects(policy, name, *application),
            Resource::Tier(_) | Resource::Set(_) => false,
        })
    });
    closed.map(|(name, _)| *name).collect()
}

fn none(project: Project) -> Project {
    project.settings(|settings| settings.deny = Deny::Applications(Vec::new()))
}

#[test]
fn the_first_build_closes_nothing() {
    assert!(closed(&none(cluster()).program()).is_empty());
}

#[test]
fn one_application_after_another_comes_under_the_deny() {
    let shop = none(cluster()).file("shop", "shop.web -> shop.web : tcp/80\n");
    assert_eq!(closed(&shop.program()), ["shop", "shop-new"]);
    // An empty file counts: it closes its application.
    let both = none(cluster()).file("shop", "shop.web -> shop.web : tcp/80\n").file("payments", "");
    assert_eq!(closed(&both.program()), ["pay", "shop", "shop-new"]);
}

#[test]
fn an_application_may_be_listed_before_its_file_is_there() {
    let listed = cluster()
        .settings(|settings| settings.deny = Deny::Applications(vec![Arc::from("payments")]));
    assert_eq!(closed(&listed.program()), ["pay"]);
}

#[test]
fn then_every_landing_zone_and_at_last_everything() {
    let zones = cluster().settings(|settings| settings.deny = Deny::LandingZones);
    assert_eq!(closed(&zones.program()), ["pay", "shop", "shop-new"]);
    assert_eq!(closed(&cluster().program()), ["legacy", "pay", "shop", "shop-new"]);
}

#[test]
fn without_a_platform_only_declared_namespaces_of_written_applications_are_closed() {
    let program = project()
        .namespace("pay", "payments", "core")
        .namespace("shop", "shop", "web")
        .file("shop", "shop.web -> shop.web : tcp/80\n")
        .program();
    assert_eq!(closed(&program), ["shop"]);
}

/// What `init` leads to: a namespace that nobody has labelled, as an external of the platform, with lines both ways and a
/// guardrail from it and to it.
const LEGACY: &str = "exempt kube-system
external legacy = namespace legacy
legacy ==> *.* : tcp/9090 because \"collects metrics\"
legacy <== *.* : tcp/514 because \"syslog\"
forbid legacy to *.core : tcp/22 because \"no shells\"
forbid *.core to legacy : tcp/23 because \"no shells\"
";

/// The policies of the namespace `legacy` in `deny`, told by whether they select it as it is, and labelled as one of `shop`.
fn of_legacy(deny: Deny, exempt: bool) -> Vec<[bool; 2]> {
    let text = if exempt {
        LEGACY.replace("kube-system", "kube-system, legacy")
    } else {
        LEGACY.to_owned()
    };
    // What is exempt has nothing to open.
    let lines = text.lines().filter(|line| !exempt || !line.starts_with("legacy"));
    let text: String = lines.flat_map(|line| [line, "\n"]).collect();
    let program = project()
        .namespace("pay", "payments", "core")
        .namespace("shop", "shop", "web")
        .namespace("legacy", "", "")
        .file("shop", "")
        .platform(&text)
        .settings(|settings| settings.deny = deny)
        .program();
    let built = eastwest::build(&program, false).unwrap();
    let policies = built.documents.iter().filter_map(|document| match &document.resource {
        Resource::Policy(policy) if policy.name.contains("-legacy-") => Some(policy),
        Resource::Policy(_) | Resource::Tier(_) | Resource::Set(_) => None,
    });
    let selects = |policy: &Policy, application: Option<&str>| {
        policy.namespace_selector.as_ref().unwrap().matches(|key| match key {
            "projectcalico.org/name" => Some("legacy"),
            "applicationcode" => application,
            _ => None,
        })
    };
    policies.map(|it| [selects(it, None), selects(it, Some("shop"))]).collect()
}

#[test]
fn the_policies_of_a_namespace_without_the_label_hold_from_the_day_on_which_it_has_it() {
    let none = Deny::Applications(Vec::new());
    let listed = Deny::Applications(vec![Arc::from("payments")]);
    for deny in [none, listed, Deny::LandingZones] {
        let found = of_legacy(deny.clone(), false);
        // Lines and guardrails, each towards it and away from it.
        assert_eq!(found, [[false, true]; 4], "{deny:?}");
        assert!(of_legacy(deny, true).is_empty());
    }
    assert_eq!(of_legacy(Deny::All, false), [[true, true]; 4]);
    assert!(of_legacy(Deny::All, true).is_empty());
}
