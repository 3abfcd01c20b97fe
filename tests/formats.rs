//! Diagnostics as code platforms read them, of the commands as people run them: what is told is the same in every format.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::cli::{Project, Ran, holds_to_schema, json};

const FLOWS: &str = "application2/network-policies/app.flow";
/// Two mistakes and a warning.
const WRONG: &str = "application2.frontnd -> application2.backend\napplication2.frontend => application2.data\n\
                     application2.backend ==> application1.api : any because \"everything\"\n";

fn wrong() -> Project {
    let project = Project::sample();
    project.write(FLOWS, WRONG);
    project
}

/// The published schema of SARIF, from the source of the package that carries it.
fn sarif_schema() -> Value {
    let host = Command::new("rustc").arg("-vV").output().unwrap();
    let host = String::from_utf8(host.stdout).unwrap();
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let cargo = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline", "--locked"])
        .args(["--filter-platform", host])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let metadata = json(&String::from_utf8(cargo.stdout).unwrap());
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|it| it["name"] == "serde-sarif").unwrap();
    let manifest = PathBuf::from(package["manifest_path"].as_str().unwrap());
    let schema = manifest.parent().unwrap().join("src/schema.json");
    let text = std::fs::read_to_string(schema).unwrap();
    // One pattern of the published schema has a bracket too many, which not every reader of patterns takes.
    let mended = text.replace("|^[a-zA-Z]{2}-[a-zA-Z]{2}]?$", "|^[a-zA-Z]{2}-[a-zA-Z]{2}$");
    assert_ne!(mended, text, "the schema is another by now");
    json(&mended)
}

/// Holds a log to the schema, and to the types that another reader of such logs has.
fn is_sarif(log: &str) -> Value {
    let document = json(log);
    let schema = jsonschema::validator_for(&sarif_schema()).unwrap();
    let wrong: Vec<_> = schema.iter_errors(&document).map(|it| it.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}\n{log}");
    let read: serde_sarif::sarif::Sarif = serde_json::from_str(log).unwrap();
    assert_eq!(read.runs.len(), 1);
    document
}

/// The codes and levels that text has, in its order.
fn told(ran: &Ran) -> Vec<(String, String)> {
    let lines = ran.err.lines().filter_map(|line| {
        let (level, rest) = line.split_once("[EW")?;
        Some((format!("EW{}", rest.split_once(']')?.0), level.to_owned()))
    });
    let mut all: Vec<_> = lines.collect();
    all.sort();
    all
}

#[test]
fn every_format_tells_the_same() {
    let project = wrong();
    for command in ["check", "build", "build --check"] {
        let text = project.run(command);
        let wanted = told(&text);
        assert!(wanted.len() >= 3, "{}", text.err);

        let sarif = project.run(&format!("{command} --format sarif"));
        let log = is_sarif(&sarif.out);
        let results = log["runs"][0]["results"].as_array().unwrap();
        let mut found: Vec<_> = results
            .iter()
            .map(|it| {
                (
                    it["ruleId"].as_str().unwrap().to_owned(),
                    it["level"].as_str().unwrap().to_owned(),
                )
            })
            .collect();
        found.sort();
        assert_eq!(found, wanted, "{command}");

        let gitlab = project.run(&format!("{command} --format gitlab"));
        let report = json(&gitlab.out);
        holds_to_schema("gitlab-code-quality", &report);
        let mut codes: Vec<_> = report
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["check_name"].as_str().unwrap())
            .collect();
        codes.sort_unstable();
        assert_eq!(codes, wanted.iter().map(|it| it.0.as_str()).collect::<Vec<_>>());

        let github = project.run(&format!("{command} --format github"));
        let mut found: Vec<_> = github
            .out
            .lines()
            .map(|line| {
                let (level, rest) = line.strip_prefix("::").unwrap().split_once(' ').unwrap();
                let code = rest.split_once("title=").unwrap().1.split([',', ':']).next().unwrap();
                (code.to_owned(), level.replace("notice", "note"))
            })
            .collect();
        found.sort();
        assert_eq!(found, wanted, "{}", github.out);
        for ran in [sarif, gitlab, github] {
            assert_eq!(ran.status, text.status, "{command}");
            assert!(!ran.err.contains('\u{1b}') && !ran.err.contains("EW02"), "{}", ran.err);
        }
    }
}

#[test]
fn paths_begin_at_the_root_of_the_repository() {
    let project = wrong();
    std::fs::create_dir(project.path().join(".git")).unwrap();
    let within = project.path().join("application2");
    let output = Command::new(env!("CARGO_BIN_EXE_eastwest"))
        .current_dir(within)
        .args(["check", "--format", "gitlab"])
        .output()
        .unwrap();
    let report = json(&String::from_utf8(output.stdout).unwrap());
    let paths: Vec<_> = report
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["location"]["path"].as_str().unwrap())
        .collect();
    assert!(paths.contains(&FLOWS), "{paths:?}");
}

/// Runs `audit` on policies by hand.
fn audit(folder: &Path, arguments: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_eastwest"))
        .current_dir(folder)
        .args(["--color", "never", "audit", "policies.yaml"])
        .args(arguments)
        .output()
        .unwrap();
    Ran::from(output)
}

const OPEN: &str = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {applicationcode: shop}}\n---\n\
apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\nmetadata: {name: out, namespace: shop}\nspec:\n  order: 10\n  selector: all()\n  types: [Ingress, Egress]\n  egress:\n  - action: Allow\n";
const ANOTHER: &str = "---\napiVersion: projectcalico.org/v3\nkind: NetworkPolicy\nmetadata: {name: in, namespace: shop}\nspec:\n  order: 20\n  selector: all()\n  types: [Ingress]\n  ingress:\n  - action: Allow\n";

#[test]
fn a_baseline_lets_new_findings_fail_alone() {
    let project = Project::new(&[("policies.yaml", OPEN)]);
    let folder = project.path();
    assert_eq!(audit(folder, &[]).status, 1);
    let missing = audit(folder, &["--baseline", "known.json"]);
    assert_eq!(missing.status, 2);
    assert!(missing.err.contains("--write-baseline"), "{}", missing.err);

    let written = audit(folder, &["--baseline", "known.json", "--write-baseline"]);
    assert_eq!(written.status, 0, "{}{}", written.out, written.err);
    holds_to_schema("baseline", &json(&project.read("known.json")));
    let known = audit(folder, &["--baseline", "known.json"]);
    assert_eq!(known.status, 0);
    assert!(known.out.contains("known  ") && !known.out.contains("warning"), "{}", known.out);

    // Lines that move change nothing; another policy is told alone.
    project.write("policies.yaml", &format!("# a comment\n\n{OPEN}{ANOTHER}"));
    let new = audit(folder, &["--baseline", "known.json"]);
    assert_eq!(new.status, 1, "{}", new.out);
    assert!(new.out.contains("shop/in") && !new.out.contains("`shop/out` "), "{}", new.out);
    let log = is_sarif(&audit(folder, &["--baseline", "known.json", "--format", "sarif"]).out);
    let states: std::collections::BTreeSet<_> = log["runs"][0]["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["baselineState"].as_str().unwrap())
        .collect();
    assert_eq!(states.into_iter().collect::<Vec<_>>(), ["new", "unchanged"]);
    let report = json(&audit(folder, &["--baseline", "known.json", "--format", "gitlab"]).out);
    assert!(
        report
            .as_array()
            .unwrap()
            .iter()
            .all(|it| it["description"].to_string().contains("shop/in"))
    );
    let document = json(&audit(folder, &["--baseline", "known.json", "--format", "json"]).out);
    holds_to_schema("audit", &document);
    assert!(document["baseline"]["known"].as_u64() > Some(0));

    project.write("policies.yaml", OPEN.split("---").next().unwrap());
    let gone = audit(folder, &["--baseline", "known.json"]);
    assert!(gone.status == 0 && gone.out.contains("gone  "), "{}", gone.out);
    project.write("known.json", "{}");
    let broken = audit(folder, &["--baseline", "known.json"]);
    assert!(broken.status == 2 && broken.err.contains("is not a baseline"), "{}", broken.err);
}

#[test]
fn audit_in_each_format_is_well_formed() {
    let project = Project::new(&[("policies.yaml", OPEN)]);
    is_sarif(&audit(project.path(), &["--format", "sarif"]).out);
    let report = json(&audit(project.path(), &["--format", "gitlab"]).out);
    holds_to_schema("gitlab-code-quality", &report);
    let github = audit(project.path(), &["--format", "github"]);
    assert!(github.out.lines().all(|line| line.starts_with("::")), "{}", github.out);
    assert!(github.err.contains("found  "), "{}", github.err);
}

#[test]
fn a_difference_is_told_at_the_lines_that_make_it() {
    let (old, new) = (Project::sample(), Project::sample());
    let path = "application1/network-policies/app.flow";
    let text = std::fs::read_to_string(old.path().join(path)).unwrap();
    new.write(
        path,
        &format!("{text}application1.api ==> application2.backend : tcp/7 because \"a%b\"\n"),
    );
    let lines = text.lines().count() + 1;
    let run = |format: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_eastwest"))
            .current_dir(new.path())
            .args(["diff", old.path().to_str().unwrap(), "--format", format])
            .output()
            .unwrap();
        let [out, err] = [output.stdout, output.stderr].map(|it| String::from_utf8(it).unwrap());
        assert_eq!(output.status.code(), Some(1), "{err}");
        (out, err)
    };
    let (sarif, err) = run("sarif");
    assert_eq!(err, "found     1 change\n");
    let log = is_sarif(&sarif);
    let result = &log["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "EW1301");
    assert_eq!(result["level"], "warning");
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], path);
    assert_eq!(place["region"]["startLine"], lines);
    let (gitlab, _) = run("gitlab");
    let report = json(&gitlab);
    holds_to_schema("gitlab-code-quality", &report);
    assert_eq!(
        (&report[0]["check_name"], &report[0]["location"]["path"]),
        (&"EW1301".into(), &path.into())
    );
    let (github, _) = run("github");
    assert!(github.starts_with("::warning file=application1/"), "{github}");
    assert!(github.contains(&format!(",line={lines},")), "{github}");
    // The project says how much a change matters, and what of it is not told.
    let config = std::fs::read_to_string(new.path().join("eastwest.toml")).unwrap();
    new.write("eastwest.toml", &config.replace("[lints]\n", "[lints]\nEW1301 = \"error\"\n"));
    assert!(run("github").0.starts_with("::error file="), "{:?}", run("github"));
    new.write("eastwest.toml", &config.replace("[lints]\n", "[lints]\nEW1301 = \"off\"\n"));
    assert_eq!(run("github"), (String::new(), "found     0 changes\n".to_owned()));
}
