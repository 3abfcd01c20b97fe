//! The command as people run it: exit statuses, what is printed where, and which files it touches.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// A project's folder that lives as long as the value.
pub(crate) struct Project(TempDir);

/// Runs `git` in a folder, as somebody.
pub(crate) fn git(folder: &Path, arguments: &[&str]) {
    let who = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"];
    let output =
        Command::new("git").current_dir(folder).args(who).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// What a run of the command gave.
pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Project {
    /// The project with these files.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        for (path, text) in files {
            project.write(path, text);
        }
        project
    }

    /// A small project without mistakes.
    pub(crate) fn sample() -> Self {
        Self::new(&[
            ("eastwest.toml", CONFIG),
            ("platform/zones/a.yaml", ZONES),
            ("platform/flows/platform.flow", "exempt kube-system\n"),
            (
                "application1/network-policies/app.flow",
                "application1.api -> application1.api : tcp/80\n",
            ),
            (
                "application2/network-policies/app.flow",
                "application2.frontend -> application2.backend : tcp/8443\n",
            ),
        ])
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Commits everything, on `main`, in a repository that begins here if there is none.
    pub(crate) fn commit(&self) {
        git(self.path(), &["init", "--quiet", "--initial-branch", "main"]);
        git(self.path(), &["add", "--all"]);
        git(self.path(), &["commit", "--quiet", "--message", "x"]);
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).unwrap()
    }

    /// Runs the command here. Words are split at spaces.
    pub(crate) fn run(&self, arguments: &str) -> Ran {
        let output = command(self.path(), arguments).output().unwrap();
        Ran::from(output)
    }

    /// Every file with its text.
    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let files = walkdir::WalkDir::new(self.path()).into_iter().map(Result::unwrap);
        files
            .filter(|entry| entry.file_type().is_file())
            .map(|entry| {
                let path = entry.path().strip_prefix(self.path()).unwrap();
                (path.to_str().unwrap().to_owned(), fs::read(entry.path()).unwrap())
            })
            .collect()
    }
}

/// Runs the command in `folder`. Words are split at spaces.
pub(crate) fn run_in(folder: &Path, arguments: &str) -> Ran {
    Ran::from(command(folder, arguments).output().unwrap())
}

fn command(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_eastwest"));
    command.current_dir(folder).args(arguments.split_whitespace());
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    command
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            status: output.status.code().expect("it ends by itself"),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

pub(crate) const CONFIG: &str = r#"
zones    = ["platform/zones/*.yaml"]
platform = ["platform/flows/*.flow"]
flows    = ["{application}/network-policies/*.flow"]
output   = "{owner}/network-policies/policies.yaml"

[lints]
"#;

pub(crate) const ZONES: &str = "\
apiVersion: v1
kind: Namespace
metadata:
  name: application1-ns1
  labels: {applicationcode: application1, zone: api}
---
apiVersion: v1
kind: Namespace
metadata:
  name: application2-ns1
  labels: {applicationcode: application2, zone: frontend}
---
apiVersion: v1
kind: Namespace
metadata:
  name: application2-ns2
  labels: {applicationcode: application2, zone: backend}
";

pub(crate) fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Holds `document` to the schema of `command`.
pub(crate) fn holds_to_schema(command: &str, document: &serde_json::Value) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let schema = fs::read_to_string(root.join(format!("docs/schemas/{command}.json"))).unwrap();
    let schema = jsonschema::validator_for(&json(&schema)).unwrap();
    let errors: Vec<_> = schema.iter_errors(document).map(|it| it.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}\n{document:#}");
}

#[test]
fn usage_is_status_2_and_help_is_0() {
    let project = Project::new(&[]);
    for (arguments, status) in [
        ("--help", 0),
        ("--version", 0),
        ("check --help", 0),
        ("", 2),
        ("frobnicate", 2),
        ("check --as-of 2026-02-30", 2),
        ("check --format yaml", 2),
        ("explain EW9999", 2),
        ("explain", 0),
        ("explain ew0801", 0),
        ("check", 2),
        ("check nowhere", 2),
    ] {
        let ran = project.run(arguments);
        assert_eq!(ran.status, status, "{arguments}: {}{}", ran.out, ran.err);
        assert_eq!(
            ran.out.is_empty(),
            status != 0,
            "{arguments}: results alone go to standard output"
        );
    }
    assert!(project.run("explain EW081").err.contains("did you mean EW08"));
}

#[test]
fn check_writes_nothing_and_counts() {
    let project = Project::sample();
    let before = project.files();
    let ran = project.run("check");
    assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{}", ran.out);
    assert_eq!(ran.out, "checked   2 landing zones, 3 namespaces, 2 flows\n");
    assert_eq!(project.files(), before);
    // From a folder below, and by name from elsewhere.
    let below =
        Ran::from(command(&project.path().join("platform/zones"), "check").output().unwrap());
    assert_eq!(below.out, ran.out);
    let other = Project::new(&[]);
    assert_eq!(other.run(&format!("check {}", project.path().display())).out, ran.out);
}

#[test]
fn check_as_json_holds_to_its_schema() {
    let project = Project::sample();
    let clean = json(&project.run("check --format json").out);
    holds_to_schema("check", &clean);
    project.write(
        "application2/network-policies/app.flow",
        "application2.frontnd -> application2.backend\n",
    );
    let ran = project.run("check --format json");
    assert_eq!((ran.status, ran.err.as_str()), (1, ""));
    let document = json(&ran.out);
    holds_to_schema("check", &document);
    let first = &document["diagnostics"][0];
    assert_eq!(first["code"], "EW0202", "{document:#}");
    assert_eq!(first["labels"][0]["file"], "application2/network-policies/app.flow");
    assert_eq!(first["labels"][0]["line"], 1);
    project.write("eastwest.toml", "zone = []\n");
    let ran = project.run("check --format json");
    assert_eq!(ran.status, 2);
    holds_to_schema("check", &json(&ran.out));
}

#[test]
fn explain_as_json_holds_to_its_schema() {
    let project = Project::new(&[]);
    let all = json(&project.run("explain --format json").out);
    holds_to_schema("explain", &all);
    assert!(all["codes"].as_array().unwrap().len() > 80);
    let one = json(&project.run("explain EW0301 --format json").out);
    holds_to_schema("explain", &one);
    assert_eq!(one["codes"][0]["code"], "EW0301");
    assert_eq!(one["codes"].as_array().unwrap().len(), 1);
}

#[test]
fn colours_only_where_wanted() {
    let project = Project::sample();
    project.write("eastwest.toml", "zone = []\n");
    let escapes = |arguments: &str, variable: Option<&str>| {
        let mut command = command(project.path(), arguments);
        if let Some(name) = variable {
            command.env(name, "1");
        }
        Ran::from(command.output().unwrap()).err.contains('\u{1b}')
    };
    assert!(!escapes("check", None), "no terminal, no colours");
    assert!(escapes("check --color always", None));
    assert!(escapes("check", Some("CLICOLOR_FORCE")));
    assert!(!escapes("check --color never", Some("CLICOLOR_FORCE")));
    assert!(!escapes("check", Some("NO_COLOR")));
}

#[test]
fn what_cannot_be_read_is_status_2() {
    let project = Project::sample();
    fs::write(project.path().join("application1/network-policies/bad.flow"), b"# ok\n\xff\xfe\n")
        .unwrap();
    let ran = project.run("check");
    assert_eq!(ran.status, 2);
    assert!(
        ran.err.contains("`application1/network-policies/bad.flow` is not UTF-8: line 2"),
        "{}",
        ran.err
    );
}

#[cfg(unix)]
#[test]
fn links_stay_inside_the_project() {
    let project = Project::sample();
    let outside = Project::new(&[("x.flow", "")]);
    let link = project.path().join("application1/network-policies/link.flow");
    std::os::unix::fs::symlink(outside.path().join("x.flow"), &link).unwrap();
    let ran = project.run("check");
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("leads out of the project"), "{}", ran.err);
    fs::remove_file(&link).unwrap();
    // A folder that no pattern looks into may lead anywhere.
    std::os::unix::fs::symlink(outside.path(), project.path().join("platform/elsewhere")).unwrap();
    assert_eq!(project.run("check").status, 0);
}

#[test]
fn a_name_that_is_no_owner() {
    let project = Project::sample();
    let ran = project.run("check --owner application3");
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("did you mean  --owner application"), "{}", ran.err);
}

#[test]
fn one_owner_hears_of_their_own_mistakes() {
    let project = Project::sample();
    project.write("application2/network-policies/app.flow", "application2.x -> application2.y\n");
    assert_eq!(project.run("check").status, 1);
    assert_eq!(project.run("check --owner application2").status, 1);
    let ran = project.run("check --owner application1");
    assert_eq!(ran.status, 0, "{}", ran.err);
    let ran = project.run("build --owner application1");
    assert_eq!(ran.status, 1, "{}", ran.err);
    assert!(ran.err.contains("files of other owners"), "{}", ran.err);
}

#[test]
fn check_tells_what_build_could_not_write() {
    let project = Project::sample();
    project
        .write("eastwest.toml", &format!("{CONFIG}\n[calico]\nrelease = \"3.28\"\ntiers = true\n"));
    let [check, build] = ["check", "build"].map(|command| project.run(command));
    assert_eq!((check.status, build.status), (1, 1), "{}", check.err);
    assert!(check.err.contains("EW0903"), "{}", check.err);
    assert_eq!(check.err, build.err);
}
