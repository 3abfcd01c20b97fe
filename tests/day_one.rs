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
