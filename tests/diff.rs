//! `eastwest diff` as people run it: two folders, revisions, and what reviewers read.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::cli::{Project, git, holds_to_schema, json};

const CONFIG: &str = r#"
zones    = ["zones/*.yaml"]
platform = ["platform/*.flow"]
flows    = ["{application}/*.flow"]
output   = "{owner}/policies.yaml"
"#;

const PLATFORM: &str = "\
exempt kube-system
external onprem = 192.168.0.0/16 except 192.168.7.0/24
forbid *.frontend to *.data because \"three tiers\"
";

const APPLICATION1: &str =
    "application1.api <== application2.backend : tcp/443 because \"serves prices\"\n";

const APPLICATION2: &str = "\
application2.frontend -> application2.backend : tcp/8443
application2.backend[app == 'api'] -> application2.data : tcp/5432
application2.backend ==> onprem : tcp/443 because \"the partner\" until 2035-01-31
";

fn zones(extra: &str) -> String {
    let zone = |name: &str, application: &str, zone: &str| {
        format!(
            "---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: {name}\n  labels: {{applicationcode: {application}, zone: {zone}}}\n"
        )
    };
    [
        zone("application1-ns1", "application1", "api"),
        zone("application2-ns1", "application2", "frontend"),
        zone("application2-ns2", "application2", "backend"),
        zone("application2-ns3", "application2", "data"),
        extra.to_owned(),
    ]
    .concat()
}

fn project(platform: &str, application1: &str, application2: &str, extra: &str) -> Project {
    Project::new(&[
        ("eastwest.toml", CONFIG),
        ("zones/zones.yaml", &zones(extra)),
        ("platform/platform.flow", platform),
        ("application1/app.flow", application1),
        ("application2/app.flow", application2),
    ])
}

fn sample() -> Project {
    project(PLATFORM, APPLICATION1, APPLICATION2, "")
}

/// The sample after a day's work of everyone.
fn changed() -> Project {
    project(
        &PLATFORM.replace(" except 192.168.7.0/24", "").replace("forbid", "exempt monitoring\nforbid"),
        &format!("{APPLICATION1}application1.api <== application2.frontend : tcp/443 because \"too\"\n"),
        "application2.backend ==> application1.api : tcp/443 because \"orders look up prices\" ticket CHG-1042
application2.frontend -> application2.backend : tcp/8443, tcp/8444
application2.backend -> application2.data : tcp/5432
application2.backend ==> onprem : tcp/443 because \"the partner\" until 2036-01-31
",
        "---\n{apiVersion: v1, kind: Namespace, metadata: {name: application2-ns4, labels: {applicationcode: application2, zone: frontend}}}\n",
    )
}

/// Runs `eastwest diff` in `folder`: the exit status, and what goes to the two streams.
fn diff(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_eastwest"));
    command.current_dir(folder).args(["--color", "never", "diff", "--as-of", "2026-11-22"]);
    let output = command.args(arguments).stdin(Stdio::null()).output().unwrap();
    let [out, err] = [output.stdout, output.stderr].map(|it| String::from_utf8(it).unwrap());
    (output.status.code().unwrap(), out, err)
}

/// Two projects compared.
fn between(old: &Project, new: &Project, options: &[&str]) -> (i32, String, String) {
    let arguments = [&[old.path().to_str().unwrap(), new.path().to_str().unwrap()], options];
    diff(Path::new("."), &arguments.concat())
}

#[test]
fn a_review_as_people_read_it() {
    let (status, out, err) = between(&sample(), &changed(), &[]);
    assert_eq!((status, err.as_str()), (1, ""));
    snapshot!("diff-text", out);
    let (status, back, _) = between(&changed(), &sample(), &[]);
    assert_eq!(status, 1);
    snapshot!("diff-text-back", back);
}

#[test]
fn a_review_in_a_pull_request() {
    let (status, out, err) = between(&sample(), &changed(), &["--format", "markdown"]);
    assert_eq!((status, err.as_str()), (1, ""));
    snapshot!("diff-markdown", out);
    let (_, back, _) = between(&changed(), &sample(), &["--format", "markdown"]);
    assert!(
        back.contains("-.->|\"removed tcp/443\"|") && !back.contains("==>|\"removed"),
        "{back}"
    );
}

#[test]
fn json_says_what_the_text_says_and_holds_to_its_schema() {
    let (status, out, err) = between(&sample(), &changed(), &["--format", "json"]);
    assert_eq!((status, err.as_str()), (1, ""));
    let document = json(&out);
    holds_to_schema("diff", &document);
    let (_, text, _) = between(&sample(), &changed(), &[]);
    let mut lines = 0;
    for section in document["sections"].as_array().unwrap() {
        for change in section["changes"].as_array().unwrap() {
            for line in
                ["old", "new"].iter().filter_map(|it| change[it]["lines"].as_array()).flatten()
            {
                assert!(text.contains(line["source"].as_str().unwrap()), "{line}\n{text}");
                lines += 1;
            }
        }
    }
    assert!(lines > 8, "{lines}");
    assert!(!document["namespaces"].as_array().unwrap().is_empty());
    assert_eq!(document["summary"]["added"], 2, "{document:#}");
    let (status, out, _) = between(&sample(), &sample(), &["--format", "json"]);
    holds_to_schema("diff", &json(&out));
    assert_eq!((status, &json(&out)["same"]), (0, &true.into()));
}

#[test]
fn moving_splitting_and_reformatting_lines_is_no_change() {
    let other = project(PLATFORM, APPLICATION1, "", "");
    other.write("application2/b.flow", "# moved\n\napplication2.backend ==> onprem : tcp/443\n  until 2035-01-31 because \"the partner\"\n");
    other.write(
        "application2/a.flow",
        "application2.backend[ app  == \"api\" ] -> application2.data:tcp/5432\napplication2.frontend   ->   application2.{backend}:tcp/8443\n",
    );
    let (status, out, err) = between(&sample(), &other, &[]);
    assert_eq!((status, out.as_str(), err.as_str()), (0, "No change in traffic\n", ""));
}

#[test]
fn a_new_reason_alone_is_told_and_is_no_change_of_traffic() {
    let other = project(PLATFORM, &APPLICATION1.replace("serves", "sells"), APPLICATION2, "");
    let (status, out, _) = between(&sample(), &other, &[]);
    assert_eq!(status, 0);
    snapshot!("diff-reasons", out);
}

#[test]
fn crossings_alone_on_request() {
    let (status, out, _) = between(&sample(), &changed(), &["--only", "crossings"]);
    assert!(status == 1 && out.contains("application1.api") && !out.contains("Inside"), "{out}");
    let inside = project(PLATFORM, APPLICATION1, &APPLICATION2.replace("8443", "8444"), "");
    let (status, out, _) = between(&sample(), &inside, &["--only", "crossings"]);
    assert_eq!((status, out.as_str()), (0, "No change in what crosses a boundary\n"));
}

#[test]
fn what_moves_a_boundary_is_told_with_the_crossings() {
    let alone = ["--only", "crossings"];
    let nothing = (0, "No change in what crosses a boundary\n".to_owned());
    let of = |old: &Project, new: &Project| {
        let (status, out, err) = between(old, new, &alone);
        assert_eq!(err, "");
        (status, out)
    };
    // An exemption, and a guardrail that is gone.
    let exempt = project(&format!("{PLATFORM}exempt monitoring\n"), APPLICATION1, APPLICATION2, "");
    let (status, out) = of(&sample(), &exempt);
    assert!(status == 1 && out.contains("+ exempt monitoring"), "{out}");
    let unguarded = PLATFORM.lines().filter(|it| !it.starts_with("forbid")).collect::<Vec<_>>();
    let unguarded = project(&unguarded.join("\n"), APPLICATION1, APPLICATION2, "");
    let (status, out) = of(&sample(), &unguarded);
    assert!(status == 1 && out.contains("- forbid *.frontend to *.data"), "{out}");
    // A namespace that joins a landing zone moves its boundary, whatever its lines.
    let namespace = |zone: &str| {
        format!(
            "---\n{{apiVersion: v1, kind: Namespace, metadata: {{name: new, labels: {{applicationcode: application2, zone: {zone}}}}}}}\n"
        )
    };
    let with = |zone: &str| project(PLATFORM, APPLICATION1, APPLICATION2, &namespace(zone));
    let (status, out) = of(&sample(), &with("frontend"));
    assert!(status == 1 && out.contains("new joins application2.frontend"), "{out}");
    assert!(!out.contains("tcp/8443"), "{out}");
    // Inside its landing zone it does so where it gains or loses what crosses.
    let (status, out) = of(&with("frontend"), &with("backend"));
    assert!(status == 1 && out.contains("gains leaving: application2.backend ==> onprem"), "{out}");
    let inside = "application2.frontend -> application2.backend : tcp/8443\napplication2.frontend -> application2.cache : tcp/1\n";
    let cache = "---\n{apiVersion: v1, kind: Namespace, metadata: {name: cache, labels: {applicationcode: application2, zone: cache}}}\n";
    let with = |zone: &str| {
        project("exempt kube-system\n", "", inside, &format!("{cache}{}", namespace(zone)))
    };
    assert_eq!(of(&with("backend"), &with("cache")), nothing);
}

#[test]
fn a_namespace_that_changes_sides_of_a_line_gains_one_and_loses_the_other() {
    let namespace = |zone: &str| {
        format!(
            "---\n{{apiVersion: v1, kind: Namespace, metadata: {{name: new, labels: {{applicationcode: application2, zone: {zone}}}}}}}\n"
        )
    };
    let with = |zone: &str| project(PLATFORM, APPLICATION1, APPLICATION2, &namespace(zone));
    let (status, out, _) = between(&with("backend"), &with("frontend"), &[]);
    assert_eq!(status, 1);
    snapshot!("diff-moved", out);
}

#[test]
fn a_revision_is_read_without_touching_the_work_tree() {
    let project = sample();
    project.commit();
    let (status, out, err) = diff(project.path(), &["git:HEAD"]);
    assert_eq!((status, out.as_str(), err.as_str()), (0, "No change in traffic\n", ""));
    project.write("application2/app.flow", &APPLICATION2.replace("tcp/8443", "tcp/8443-8444"));
    let before = project.files();
    let (status, out, err) = diff(project.path(), &["git:main"]);
    assert_eq!((status, err.as_str()), (1, ""), "{out}");
    assert!(out.contains("tcp/8443 → tcp/8443-8444"), "{out}");
    // From a folder below, and with the ends turned round.
    let below = project.path().join("application2");
    assert_eq!(diff(&below, &["git:main"]).1, out);
    let (status, back, _) = diff(project.path(), &[".", "git:HEAD"]);
    assert!(status == 1 && back.contains("1 narrowed"), "{back}");
    git(project.path(), &["diff", "--quiet", "HEAD", "--", "platform"]);
    let mut after = project.files();
    after.retain(|path, _| before.contains_key(path));
    assert_eq!(before, after);
}

#[test]
fn a_project_in_a_folder_of_the_repository_and_links_in_it() {
    let project = sample();
    let inner = Project::new(&[]);
    for (path, text) in project.files() {
        inner.write(&format!("deep/project/{path}"), &String::from_utf8(text).unwrap());
    }
    let folder = inner.path().join("deep/project");
    std::fs::rename(folder.join("application2/app.flow"), folder.join("real.flow")).unwrap();
    std::os::unix::fs::symlink("../real.flow", folder.join("application2/app.flow")).unwrap();
    inner.commit();
    let (status, out, err) = diff(&folder, &["git:HEAD"]);
    assert_eq!((status, out.as_str(), err.as_str()), (0, "No change in traffic\n", ""));
}

#[test]
fn what_cannot_be_compared_is_told_plainly() {
    let project = sample();
    let mut told = String::new();
    let mut tell = |arguments: &[&str]| {
        let (status, out, err) = diff(project.path(), arguments);
        assert_eq!((status, out.as_str()), (2, ""), "{arguments:?} {err}");
        let text = err.replace(project.path().to_str().unwrap(), "FOLDER");
        let text = text.lines().filter(|line| !line.contains("git says")).collect::<Vec<_>>();
        let words = arguments.join(" ");
        writeln!(told, "$ eastwest diff {words}\n{}\n", text.join("\n")).unwrap();
    };
    tell(&["git:HEAD"]);
    project.commit();
    tell(&["git:nowhere"]);
    tell(&["git:--output=x"]);
    tell(&["git:"]);
    tell(&["nowhere"]);
    tell(&["main"]);
    tell(&["-", "-"]);
    git(project.path(), &["rm", "--quiet", "--cached", "eastwest.toml"]);
    git(project.path(), &["commit", "--quiet", "--message", "y"]);
    tell(&["git:HEAD"]);
    assert!(!project.path().join("x").exists());
    snapshot!("diff-failures", told);
}

#[test]
fn errors_in_the_old_world_are_2_and_in_the_new_one_1() {
    let broken = project(PLATFORM, APPLICATION1, "application2.frontnd -> application2.data\n", "");
    let (status, out, err) = between(&broken, &sample(), &[]);
    assert!(status == 2 && out.is_empty() && err.contains("EW0202"), "{status} {out} {err}");
    let (status, out, err) = between(&sample(), &broken, &[]);
    assert!(status == 1 && out.is_empty() && err.contains("EW0202"), "{status} {out} {err}");
}

#[test]
fn a_date_that_has_passed_in_the_old_world_is_no_error() {
    let expired = APPLICATION2.replace("2035-01-31", "2026-01-31");
    let (status, out, err) =
        between(&project(PLATFORM, APPLICATION1, &expired, ""), &sample(), &[]);
    assert_eq!((status, err.as_str()), (1, ""), "{out}");
    assert!(out.contains("now until 2035-01-31"), "{out}");
}

/// What would be markup, if it were not kept where it is.
const HOSTILE: &str =
    "``` </details><script>x</script> | a | @team [x](http://e.org) ~~~ **b** ````";

#[test]
fn nothing_that_a_flow_says_escapes_its_place() {
    let reason = HOSTILE.replace('"', "");
    let line = format!(
        "application2.backend ==> application1.api : tcp/443 because \"{reason}\\n```\\n# x\"\n"
    );
    let selector = "application2.backend[app == '`]` | <b>@team'] -> application2.data : tcp/1\n";
    let new = project(PLATFORM, APPLICATION1, &[APPLICATION2, &line].concat(), "");
    let (status, out, err) = between(&sample(), &new, &["--format", "markdown"]);
    assert_eq!((status, err.as_str()), (1, ""), "{selector}");
    // Outside blocks of code stands nothing but our own words.
    let mut fence: Option<String> = None;
    let mut blocks = 0;
    for line in out.lines() {
        match &fence {
            Some(open) if line == open => fence = None,
            Some(_) => {}
            None if line.starts_with("```") => {
                let ticks: String = line.chars().take_while(|c| *c == '`').collect();
                fence = Some(ticks);
                blocks += 1;
            }
            None => {
                for word in ["script", "@team", "e.org", "~~~", "**b**"] {
                    assert!(!line.contains(word), "{line}");
                }
            }
        }
    }
    assert!(fence.is_none() && blocks == 3, "{out}");
    assert_eq!(out.matches("\n</details>\n").count(), 2, "{out}");
    assert!(out.contains("@team"), "{out}");
}

#[test]
fn markdown_fits_a_comment_whatever_changes() {
    let many: String = (1..3000).fold(String::new(), |all, port| {
        format!("{all}application2.backend[app == 'a{port}'] ==> application1.api : tcp/{port} because \"number {port}\"\n")
    });
    let new = project(PLATFORM, APPLICATION1, &[APPLICATION2, &many].concat(), "");
    let (status, out, _) = between(&sample(), &new, &["--format", "markdown"]);
    assert_eq!(status, 1);
    assert!(out.len() <= 65_000 && out.len() > 50_000, "{}", out.len());
    assert!(out.starts_with("### Flows: 2999 added"), "{}", &out[..100]);
    assert!(out.contains("changes are left out here: eastwest diff prints them"));
    assert!(out.trim_end().ends_with("</details>"));
    assert_eq!(out.matches("```").count() % 2, 0);
}

/// What a cluster would hold of the project, as text.
fn dump(project: &Project) -> String {
    assert_eq!(project.run("build").status, 0);
    let owners = ["platform", "application1", "application2"];
    let files = owners.map(|owner| project.read(&format!("{owner}/policies.yaml")));
    format!("{}---\n{}", zones(""), files.join("---\n"))
}

const BY_HAND: &str = "---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: by-hand, namespace: application2-ns2}
spec:
  selector: app == 'report'
  order: 700
  types: [Egress]
  egress:
  - action: Allow
    protocol: TCP
    destination: {nets: [203.0.113.0/24], ports: [443]}
  - action: Allow
    protocol: TCP
    destination: {namespaceSelector: \"kubernetes.io/metadata.name == 'application1-ns1'\", ports: [8080]}
";

#[test]
fn drift_of_a_cluster_and_policies_that_are_kept() {
    let project = sample();
    let clean = dump(&project);
    project.write("dump.yaml", &clean);
    let (status, out, err) = diff(project.path(), &["dump.yaml", "."]);
    assert_eq!((status, out.as_str(), err.as_str()), (0, "No change in traffic\n", ""));
    let hand = BY_HAND.replace("\\\"", "\"");
    let exempt = "---\n{apiVersion: projectcalico.org/v3, kind: NetworkPolicy, metadata: {name: own, namespace: kube-system}, spec: {types: [Ingress]}}\n";
    let drifted = clean.replacen("- 5432", "- 5433", 1);
    assert_ne!(drifted, clean);
    project.write("drift.yaml", &[&drifted, &hand, exempt].concat());
    project.write("kept.yaml", &hand);
    let (status, out, err) = diff(project.path(), &["drift.yaml", "."]);
    assert_eq!((status, err.as_str()), (1, ""));
    snapshot!("diff-drift", out);
    let json_of = diff(project.path(), &["drift.yaml", ".", "--format", "json"]).1;
    holds_to_schema("diff", &json(&json_of));
    // What is kept beside the project is no difference.
    project.write("kept-cluster.yaml", &[clean.as_str(), &hand].concat());
    let (status, out, err) =
        diff(project.path(), &["kept-cluster.yaml", ".", "--with", "kept.yaml"]);
    assert_eq!((status, out.as_str(), err.as_str()), (0, "No change in traffic\n", ""));
    let (status, out, _) = diff(project.path(), &["kept-cluster.yaml", "."]);
    assert!(status == 1 && out.contains("203.0.113.0/24"), "{out}");
}

#[test]
fn a_dump_comes_through_standard_input() {
    let project = sample();
    let text = dump(&project);
    let mut command = Command::new(env!("CARGO_BIN_EXE_eastwest"));
    command.current_dir(project.path()).args(["diff", "-", ".", "--as-of", "2026-11-22"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "No change in traffic\n");
    // An empty answer is no empty cluster.
    for arguments in [["-", "."], [".", "-"]] {
        let (status, out, err) = diff(project.path(), &arguments);
        assert_eq!((status, out.as_str()), (2, ""));
        assert!(err.starts_with("error: there is nothing to compare"), "{err}");
    }
}

#[test]
fn a_review_as_diagnostics() {
    let world = |platform: &str, application1: &str, application2: &str, zone: &str| {
        let project =
            crate::support::sample().platform(platform).file("application1", application1);
        let project = project.file("application2", application2);
        let project = project.namespace("application2-ns4", "application2", zone);
        let checked = project.check();
        let built = eastwest::compiled(&checked.program, false);
        eastwest::world::World::of_project(
            checked.program,
            &built,
            |_| "policies.yaml".to_owned(),
            checked.sources,
        )
    };
    let old = world(PLATFORM, APPLICATION1, APPLICATION2, "data");
    let new = world(
        "exempt kube-system, default\nexternal onprem = 192.168.0.0/16\n",
        &format!(
            "{}application1.api <== application2.frontend : tcp/80 because \"x\"\n",
            APPLICATION1.replace("serves", "sells")
        ),
        &APPLICATION2
            .replace("8443", "8444")
            .replace("[app == 'api'] -> application2.data", " -> application2.data")
            .replace("tcp/5432", "tcp/5431"),
        "frontend",
    );
    let found = eastwest::diff::diff(&old, &new).unwrap();
    let (diagnostics, sources) = eastwest::diff::diagnostics(&found, &old, &new);
    let removed = eastwest::diff::diff(&new, &old).unwrap();
    let (closed, closed_sources) = eastwest::diff::diagnostics(&removed, &new, &old);
    let render = |all: &[eastwest::diagnostic::Diagnostic], sources: &_| -> String {
        let texts = all.iter().map(|it| eastwest::diagnostic::text::render(it, sources, false));
        texts.collect::<Vec<_>>().join("\n")
    };
    let text =
        format!("{}\n----\n{}", render(&diagnostics, &sources), render(&closed, &closed_sources));
    for code in 1301..=1307 {
        assert!(text.contains(&format!("EW{code}")), "EW{code}\n{text}");
    }
    snapshot!("diff-diagnostics", text);
}

#[test]
fn namespaces_of_no_landing_zone_are_told_where_they_come_to_one() {
    let namespace = |labels: &str| {
        format!(
            "---\n{{apiVersion: v1, kind: Namespace, metadata: {{name: new, labels: {{{labels}}}}}}}\n"
        )
    };
    let frontend = "applicationcode: application2, zone: frontend";
    let with = |platform: &str, extra: &str| {
        let project = project(platform, APPLICATION1, APPLICATION2, extra);
        project.write("eastwest.toml", &format!("{CONFIG}[calico]\ndeny = \"landing-zones\"\n"));
        project
    };
    let (status, out, _) = between(&with(PLATFORM, ""), &with(PLATFORM, &namespace("")), &[]);
    assert_eq!((status, out.as_str()), (0, "No change in traffic\n"));
    let (_, out, _) =
        between(&with(PLATFORM, &namespace("")), &with(PLATFORM, &namespace(frontend)), &[]);
    assert!(out.contains("new goes from no landing zone to application2.frontend"), "{out}");
    assert!(out.contains("is held by forbid *.frontend to *.data"), "{out}");
    assert!(out.contains("closed now, but for what lines open: new"), "{out}");
    // Whom a guardrail excuses, it does not hold.
    let excused = PLATFORM.replace("*.data because", "*.data except application2.frontend because");
    let (_, out, _) =
        between(&with(&excused, &namespace("")), &with(&excused, &namespace(frontend)), &[]);
    assert!(!out.contains("is held by"), "{out}");
}

#[test]
fn what_comes_of_a_change_today_is_told() {
    let sender = "application2.backend ==> application1.api : tcp/443 because \"x\"\n";
    let taken = "application1.api <== application2.backend : tcp/443 because \"x\"\n";
    let wide = "application2.backend ==> application1.api : tcp/443, tcp/444 because \"x\"\n";
    let inside = "application2.frontend -> application2.backend : tcp/1\n";
    let of = |application1: &str, application2: &str| {
        project("exempt kube-system\n", application1, &format!("{inside}{application2}"), "")
    };
    for (old, new, wanted) in [
        (of("", ""), of(taken, sender), "opens (both halves are there)"),
        (of(taken, ""), of(taken, sender), "opens: completes what application1 had"),
        (of(taken, ""), of(taken, wide), "opens in part, and waits for application1 with the rest"),
        (of("", ""), of("", sender), "waits for application1"),
        (of(taken, sender), of(taken, ""), "closes"),
        (of("", sender), of("", ""), "nothing was open: application1 had not taken it"),
        (of(taken, wide), of(taken, sender), "nothing was open: application1 had not taken it"),
    ] {
        let (status, out, _) = between(&old, &new, &[]);
        let heads = out.lines().filter(|it| {
            it.starts_with("  + ") || it.starts_with("  - ") || it.starts_with("  ~ ")
        });
        let told = heads.filter(|it| it.contains("application2.backend ==> application1.api"));
        let told: Vec<_> = told.filter_map(|it| it.split("    ").nth(1)).collect();
        assert_eq!((status, &*told), (1, &[wanted][..]), "{out}");
    }
}

#[test]
fn what_forbids_nothing_today_is_a_change_nevertheless() {
    for line in
        ["forbid *.backend to *.frontend because \"x\"", "forbid *.* ==> *.data because \"x\""]
    {
        let new = project(&format!("{PLATFORM}{line}\n"), APPLICATION1, APPLICATION2, "");
        for (old, new, sign) in [(&sample(), &new, '+'), (&new, &sample(), '-')] {
            let (status, out, err) = between(old, new, &[]);
            assert_eq!((status, err.as_str()), (1, ""), "{out}");
            let ends = line.split(" because").next().unwrap();
            assert!(
                out.starts_with(&format!("Guardrails and exemptions\n  {sign} {ends}\n")),
                "{out}"
            );
            assert!(
                out.ends_with("Flows: no change · 1 change of guardrails and exemptions\n"),
                "{out}"
            );
        }
    }
}

#[test]
fn what_is_about_nobody_yet_is_a_change_of_a_cluster_nevertheless() {
    let project = sample();
    let clean = dump(&project);
    project.write("dump.yaml", &clean);
    let deny = |selector: &str| {
        format!(
            "---\n{{apiVersion: projectcalico.org/v3, kind: GlobalNetworkPolicy, metadata: {{name: new}}, spec: {{order: 1, types: [Ingress], {selector}, ingress: [{{action: Deny}}]}}}}\n"
        )
    };
    for (selector, who) in [
        ("namespaceSelector: team == 'new'", "namespaces that are not there yet"),
        ("selector: '!has(projectcalico.org/orchestrator)'", "host endpoints"),
    ] {
        project.write("other.yaml", &[clean.as_str(), &deny(selector)].concat());
        let (status, out, err) = diff(project.path(), &["dump.yaml", "other.yaml"]);
        assert_eq!((status, err.as_str()), (1, ""), "{selector} {out}");
        assert!(out.contains(&format!("~ what is open to and from {who}\n")), "{out}");
    }
}

#[test]
fn a_later_last_day_is_a_change_and_an_earlier_one_is_not() {
    let with = |until: &str, inside: &str| {
        let project = Project::sample();
        project.write(
            "application2/network-policies/app.flow",
            &format!(
                "application2.frontend -> application2.backend : tcp/8443{inside}\n\
                 application2.backend ==> application1.api : tcp/80 because \"prices\"{until}\n"
            ),
        );
        project
    };
    let between = |old: (&str, &str), new: (&str, &str), more: &str| {
        let (old, new) = (with(old.0, old.1), with(new.0, new.1));
        let ran = new.run(&format!("diff {} . {more}", old.path().display()));
        (ran.status, ran.out)
    };
    for new in ["", " until 2036-01-31"] {
        for more in ["", "--only crossings"] {
            let (status, out) = between((" until 2035-01-31", ""), (new, ""), more);
            assert_eq!(status, 1, "{out}");
            assert!(out.starts_with("Stays open longer\n"), "{out}");
            assert!(out.contains("1 line stays open longer"), "{out}");
        }
        let (_, out) = between((" until 2035-01-31", ""), (new, ""), "--format markdown");
        let day = if new.is_empty() { "no last day" } else { "2036-01-31" };
        let line = "! application2.backend ==> application1.api : tcp/80";
        assert!(out.contains(&format!("{line}    until 2035-01-31 → {day}")), "{out}");
        let (_, out) = between((" until 2035-01-31", ""), (new, ""), "--format json");
        let found = json(&out);
        holds_to_schema("diff", &found);
        assert_eq!(found["longer"].as_array().unwrap().len(), 1);
    }
    let (_, out) = between((" until 2035-01-31", ""), ("", ""), "--format github");
    assert!(
        out.contains("::warning ") && out.contains("EW1301") && out.contains("stays open longer"),
        "{out}"
    );
    // Inside a landing zone it is told, and moves no boundary.
    let (old, new) = (("", " until 2035-01-31"), ("", " until 2036-01-31"));
    assert_eq!(between(old, new, "").0, 1);
    assert_eq!(between(old, new, "--only crossings").0, 0);
    for (old, new) in [(" until 2035-01-31", " until 2034-01-31"), ("", " until 2035-01-31")] {
        let (status, out) = between((old, ""), (new, ""), "");
        assert_eq!(status, 0, "{out}");
        assert!(out.contains("another reason, ticket or date"), "{out}");
    }
}

#[test]
fn errors_in_a_revision_are_said_to_be_there() {
    let project = Project::sample();
    let file = "application2/network-policies/app.flow";
    let sound = project.read(file);
    project.write(file, "application2.frontend => application2.backend\n");
    project.commit();
    project.write(file, &sound);
    let ran = project.run("diff git:HEAD");
    assert_eq!((ran.status, &*ran.out), (2, ""));
    let words = "`git:HEAD` has these errors, so nothing can be compared with it";
    assert!(ran.err.contains("EW0106") && ran.err.contains(words), "{}", ran.err);
}

/// A configuration of no project is read for worlds that are none, however it is named.
#[test]
fn a_configuration_named_in_full_makes_no_project_of_a_file() {
    let policies = "{apiVersion: v1, kind: Namespace, metadata: {name: a}}\n";
    let project = Project::new(&[
        ("conf/labels.toml", "[labels]\napplication = \"app\"\n"),
        ("old/policies.yaml", policies),
        ("new/policies.yaml", policies),
    ]);
    let whole = project.path().canonicalize().unwrap();
    let whole = |path: &str| whole.join(path).display().to_string();
    for config in ["conf/labels.toml".to_owned(), whole("conf/labels.toml")] {
        for [old, new] in [
            ["old/policies.yaml".to_owned(), "new".to_owned()],
            [whole("old/policies.yaml"), whole("new")],
        ] {
            let ran = project.run(&format!("diff --config {config} {old} {new}"));
            assert_eq!(ran.status, 0, "{config} {old}: {}{}", ran.out, ran.err);
        }
    }
    // That of a project is its own.
    let sample = Project::sample();
    let folder = sample.path().canonicalize().unwrap().display().to_string();
    let ran = sample.run(&format!("diff --config {folder}/eastwest.toml {folder} {folder}"));
    assert_eq!(ran.status, 0, "{}{}", ran.out, ran.err);
}
