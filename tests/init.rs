//! `eastwest init` as the first day goes: what it writes is taken at once, closes nothing, and leaves what is there alone.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::cli::{Project, Ran};

const NAMESPACES: &str = "\
apiVersion: v1
kind: Namespace
metadata: {name: kube-system}
---
apiVersion: v1
kind: Namespace
metadata: {name: legacy}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop-1, labels: {applicationcode: shop, zone: web, team: red}}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop-2, labels: {applicationcode: shop, zone: data, team: red}}
";

/// Runs `init` with `input` on its standard input.
fn piped(project: &Project, arguments: &[&str], input: &str) -> Ran {
    let mut child = Command::new(env!("CARGO_BIN_EXE_eastwest"))
        .current_dir(project.path())
        .args(["--color", "never", "init"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    Ran::from(child.wait_with_output().unwrap())
}

#[test]
fn what_it_writes_is_taken_at_once_and_closes_nothing() {
    for (project, arguments, input) in [
        (Project::new(&[("clusters/a/ns.yaml", NAMESPACES)]), &[][..], ""),
        (Project::new(&[("clusters/a/ns.yaml", NAMESPACES)]), &["clusters"][..], ""),
        (Project::new(&[]), &["-"][..], NAMESPACES),
    ] {
        let ran = piped(&project, arguments, input);
        assert_eq!(ran.status, 0, "{}", ran.err);
        for said in ["1 landing zone, 4 namespaces", "nothing is closed yet", "unlabelled  legacy:"]
        {
            assert!(ran.out.contains(said), "{said}\n{}", ran.out);
        }
        let check = project.run("check --strict");
        assert_eq!(check.status, 0, "{}", check.err);
        assert_eq!(project.run("lock --check").status, 0);
        assert_eq!(project.run("build").status, 0);
        // No policy is written at all, so nothing can be closed.
        assert!(!project.files().keys().any(|path| path.ends_with("policies.yaml")));
        for (from, to) in [("shop.web", "shop.data"), ("namespace/legacy", "shop.web")] {
            let ran = Command::new(env!("CARGO_BIN_EXE_eastwest"))
                .current_dir(project.path())
                .args(["can", from, to, "tcp/443"])
                .output()
                .unwrap();
            assert_eq!(ran.status.code(), Some(0), "{from} {to}");
        }
    }
}

#[test]
fn the_machinery_of_the_cluster_begins_exempt_and_nothing_else_does() {
    let namespace = |name: &str, labels: &str| {
        format!(
            "---\n{{apiVersion: v1, kind: Namespace, metadata: {{name: {name}, labels: {{{labels}}}}}}}\n"
        )
    };
    let ours = "applicationcode: shop, zone: web";
    let all = [
        namespace("default", ""),
        namespace("calico-system", ""),
        namespace("legacy", ""),
        namespace("shop-web", ours),
        namespace("argocd", ours),
    ];
    let project = Project::new(&[]);
    let ran = piped(&project, &["-"], &all.concat());
    assert_eq!(ran.status, 0, "{}", ran.err);
    let platform = project.read("platform/network-policies/platform.flow");
    let exempt = platform.lines().find(|it| it.starts_with("exempt"));
    assert_eq!(exempt, Some("exempt calico-system, default, kube-system"), "{platform}");
}

#[test]
fn what_comes_from_elsewhere_is_saved_with_all_its_labels() {
    let project = Project::new(&[]);
    assert_eq!(piped(&project, &["-"], NAMESPACES).status, 0);
    let saved = project.read("platform/landingzones/namespaces.yaml");
    assert!(saved.contains("name: shop-1") && saved.contains("team: red"), "{saved}");
    assert!(project.read("eastwest.toml").contains("\"platform/landingzones/namespaces.yaml\""));
}

#[test]
fn nothing_is_overwritten_and_nothing_else_is_written_then() {
    let project =
        Project::new(&[("ns.yaml", NAMESPACES), ("platform/network-policies/platform.flow", "")]);
    let before = project.files();
    let ran = project.run("init");
    assert_eq!(ran.status, 2);
    assert!(
        ran.err.contains("`platform/network-policies/platform.flow` is there already"),
        "{}",
        ran.err
    );
    assert_eq!(project.files(), before);
}

#[test]
fn other_labels_are_found_and_said() {
    let other = NAMESPACES.replace("applicationcode", "app-code").replace("zone:", "layer:");
    let project = Project::new(&[("ns.yaml", &other)]);
    let ran = project.run("init");
    assert!(ran.out.contains("guessed     landing zones by the labels"), "{}", ran.out);
    assert!(project.read("eastwest.toml").contains("[labels]"));
    assert_eq!(project.run("check").status, 0);
}

#[test]
fn a_folder_without_manifests_and_manifests_with_mistakes() {
    let empty = Project::new(&[]);
    let ran = empty.run("init");
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert_eq!(empty.run("check").status, 0, "{}", empty.run("check").err);
    // A template of something else is nobody's concern, a broken manifest that was named is.
    let broken = Project::new(&[("chart/x.yaml", "{{ if }}\na: [\n"), ("ns.yaml", NAMESPACES)]);
    assert_eq!(broken.run("init").status, 0);
    assert_eq!(broken.run("check").status, 0);
    let named = Project::new(&[("bad.yaml", "a: [\n")]);
    let ran = named.run("init bad.yaml");
    assert_eq!(ran.status, 1);
    assert!(ran.err.contains("EW0701"), "{}", ran.err);
    assert_eq!(named.files().len(), 1);
}

#[test]
fn a_pipeline_is_written_on_request_or_where_its_platform_is() {
    let project = Project::new(&[("ns.yaml", NAMESPACES)]);
    assert_eq!(project.run("init --pipeline gitlab").status, 0);
    assert!(project.read(".gitlab/network-policies.yml").contains("eastwest check"));
    let project = Project::new(&[("ns.yaml", NAMESPACES), (".github/CODEOWNERS", "")]);
    assert_eq!(project.run("init").status, 0);
    assert!(project.read(".github/workflows/network-policies.yml").contains("eastwest diff"));
}

#[test]
fn what_cannot_become_a_project_leaves_nothing_behind() {
    let platform = NAMESPACES.replace("applicationcode: shop", "applicationcode: platform");
    for (input, words) in [
        ("", "there are no namespaces in what was given"),
        ("{apiVersion: v1, kind: List, items: []}", "there are no namespaces in what was given"),
        (&*platform, "an application cannot be called `platform`"),
    ] {
        let project = Project::new(&[]);
        let ran = piped(&project, &["-"], input);
        assert_eq!(ran.status, 2, "{}", ran.out);
        assert!(ran.err.contains(words), "{}", ran.err);
        assert!(project.files().is_empty());
    }
}
