//! The shell steps of a pipeline file: every one, by its job, with the environment that the file gives it.

use std::fs;
use std::path::Path;

use serde_yaml::Value;

/// Whose pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Vendor {
    GitHub,
    GitLab,
    Azure,
}

/// A script that the vendor hands to a shell.
#[derive(Debug)]
pub(crate) struct Step {
    /// The job, without the prefix that keeps it apart from the jobs of others.
    pub(crate) job: String,
    pub(crate) name: String,
    pub(crate) script: String,
    /// Whether it runs after another one has failed.
    pub(crate) always: bool,
    /// As written: expressions of the vendor stand in it.
    pub(crate) environment: Vec<(String, String)>,
}

impl Vendor {
    pub(crate) const ALL: [Self; 3] = [Self::GitHub, Self::GitLab, Self::Azure];

    pub(crate) fn folder(self) -> &'static str {
        match self {
            Self::GitHub => "github",
            Self::GitLab => "gitlab",
            Self::Azure => "azure",
        }
    }

    /// The text of its file.
    pub(crate) fn text(self) -> String {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/pipelines");
        fs::read_to_string(root.join(self.folder()).join("network-policies.yml")).unwrap()
    }

    /// How it starts the shell for a script in a file.
    pub(crate) fn shell(self) -> Vec<String> {
        let words = match self {
            // As the file itself says.
            Self::GitHub => {
                let file: Value = serde_yaml::from_str(&self.text()).unwrap();
                let shell = file["defaults"]["run"]["shell"].as_str().unwrap();
                shell.strip_suffix(" {0}").unwrap().to_owned()
            }
            Self::GitLab => "bash -eo pipefail".to_owned(),
            Self::Azure => "bash --noprofile --norc".to_owned(),
        };
        words.split(' ').map(str::to_owned).collect()
    }

    /// Every shell step of its file, in order.
    pub(crate) fn steps(self) -> Vec<Step> {
        let file: Value = serde_yaml::from_str(&self.text()).unwrap();
        match self {
            Self::GitHub => {
                let jobs = file["jobs"].as_mapping().unwrap();
                jobs.iter().flat_map(|(job, it)| listed(&text(job), &it["steps"], "run")).collect()
            }
            Self::GitLab => {
                let jobs = file.as_mapping().unwrap().iter();
                jobs.filter(|(_, it)| it.get("script").is_some())
                    .map(|(job, it)| whole(job, it))
                    .collect()
            }
            Self::Azure => {
                let stages = file["stages"].as_sequence().unwrap().iter();
                let jobs = stages.flat_map(|stage| stage["jobs"].as_sequence().unwrap());
                let of = |job: &Value| match job.get("deployment") {
                    Some(name) => {
                        listed(&text(name), &job["strategy"]["runOnce"]["deploy"]["steps"], "bash")
                    }
                    None => listed(&text(&job["job"]), &job["steps"], "bash"),
                };
                jobs.flat_map(of).collect()
            }
        }
    }
}

fn text(value: &Value) -> String {
    match value.as_str() {
        Some(text) => text.to_owned(),
        None => serde_yaml::to_string(value).unwrap().trim().to_owned(),
    }
}

/// The steps of a list that hold a script under `key`.
fn listed(job: &str, steps: &Value, key: &str) -> Vec<Step> {
    let steps = steps.as_sequence().unwrap().iter().filter(|step| step.get(key).is_some());
    let of = |step: &Value| {
        let name = step.get("name").filter(|_| key == "run").or(step.get("displayName"));
        let condition = step.get("if").or(step.get("condition")).map(text).unwrap_or_default();
        let environment = step.get("env").and_then(Value::as_mapping).into_iter().flatten();
        Step {
            job: job.to_owned(),
            name: name.map_or_else(|| panic!("{job}: a step without a name"), text),
            script: text(&step[key]),
            always: condition.contains("!cancelled()") || condition.contains("succeededOrFailed()"),
            environment: environment.map(|(key, value)| (text(key), text(value))).collect(),
        }
    };
    steps.map(of).collect()
}

/// The script of a job, all of whose parts run in one shell.
fn whole(job: &Value, of: &Value) -> Step {
    let parts: Vec<_> = of["script"].as_sequence().unwrap().iter().map(text).collect();
    let name = text(job);
    let job = name.strip_prefix("network-policies-").unwrap().to_owned();
    Step { job, name, script: parts.join("\n"), always: false, environment: Vec::new() }
}
