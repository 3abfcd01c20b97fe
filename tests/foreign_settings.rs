//! The settings by which policies are judged that are no project's: from the nearest configuration, or from the bundle it names.

use super::cli::Project;

/// A namespace whose labels have other keys, with a policy that opens it to everything.
const POLICIES: &str = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {team: shop, tier: web}}\n---\n\
apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\nmetadata: {name: out, namespace: shop}\nspec:\n  order: 10\n  types: [Egress]\n  egress:\n  - action: Allow\n";
const LABELS: &str = "[labels]\napplication = \"team\"\nzone = \"tier\"\n";

/// How many landing zones the audit sees.
fn landing_zones(project: &Project, options: &str) -> u64 {
    let ran = project.run(&format!("audit policies.yaml --format json {options}"));
    assert!(ran.status < 2, "{}", ran.err);
    super::cli::json(&ran.out)["audited"]["landingZones"].as_u64().unwrap()
}

/// A project of the platform with those keys, exported to `vendor`, and a configuration that names it.
fn vendored() -> Project {
    let project = Project::new(&[
        ("policies.yaml", POLICIES),
        ("platform/zones.yaml", POLICIES.split("---").next().unwrap()),
        (
            "platform/eastwest.toml",
            &format!("zones = [\"zones.yaml\"]\nplatform = []\nflows = []\n{LABELS}"),
        ),
        ("eastwest.toml", "bundle = \"vendor\"\nflows = []\n"),
    ]);
    let exported = project.run("export platform -o vendor");
    assert_eq!(exported.status, 0, "{}", exported.err);
    project
}

#[test]
fn the_nearest_file_or_the_named_one_has_the_keys() {
    let project = Project::new(&[("policies.yaml", POLICIES), ("other.toml", LABELS)]);
    assert_eq!(landing_zones(&project, ""), 0);
    assert_eq!(landing_zones(&project, "--config other.toml"), 1);
    project.write("eastwest.toml", LABELS);
    assert_eq!(landing_zones(&project, ""), 1);
}

#[test]
fn a_bundle_has_the_keys() {
    let project = vendored();
    assert_eq!(landing_zones(&project, ""), 1);
    assert_eq!(landing_zones(&project, "--config eastwest.toml"), 1);
}

#[test]
fn what_is_broken_is_told_and_nothing_is_judged() {
    let project = vendored();
    let refused = |wanted: &str| {
        let ran = project.run("audit policies.yaml");
        assert_eq!((ran.status, &*ran.out), (2, ""), "{}", ran.err);
        assert!(ran.err.contains(wanted), "{}", ran.err);
    };
    project.write("vendor/settings.toml", "[labels]\napplication = \"other\"\n");
    refused("the bundle is not as it was exported");
    project.write("eastwest.toml", "bundle = \"nowhere\"\nflows = []\n");
    refused("the bundle has no `zones.yaml`");
    project.write("eastwest.toml", "[labels]\napplication = 1\n");
    refused("eastwest.toml:2");
}
