//! A scratch repository with a bare `origin`, a cluster that is a list of objects, and stand-ins for `gh`, `curl` and `kubectl`
//! that write down what they are given.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use super::steps::Vendor;

/// The branch that holds what the cluster has.
pub(crate) const APPLIED: &str = "network-policies-applied";

/// Everything around a pipeline.
pub(crate) struct Scratch {
    folder: TempDir,
    pub(crate) vendor: Vendor,
    /// The project's folder in the repository; empty for the whole of it.
    pub(crate) project: &'static str,
    jobs: usize,
}

/// What the steps of a job gave.
pub(crate) struct Ran {
    /// Of the first step that failed; 0 if none did.
    pub(crate) status: i32,
    /// Everything printed.
    pub(crate) said: String,
    /// Where it ran.
    pub(crate) folder: PathBuf,
    /// Where what it keeps for later steps lies.
    kept: PathBuf,
}

/// A call of a stand-in: its method, its address, its body.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: String,
    pub(crate) address: String,
    pub(crate) body: Value,
}

impl Scratch {
    /// The shared cluster of the examples, committed to `main`, with everything built.
    pub(crate) fn new(vendor: Vendor) -> Self {
        let scratch = Self { folder: tempfile::tempdir().unwrap(), vendor, project: "", jobs: 0 };
        for folder in ["bin", "answers", "home", "jobs"] {
            fs::create_dir(scratch.path(folder)).unwrap();
        }
        fs::write(scratch.path("calls"), "").unwrap();
        fs::write(scratch.path("cluster"), "").unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        for name in ["gh", "curl", "kubectl"] {
            symlink(root.join("tests/pipelines/stubs").join(name), scratch.path("bin").join(name))
                .unwrap();
        }
        symlink(env!("CARGO_BIN_EXE_eastwest"), scratch.path("bin/eastwest")).unwrap();
        scratch.run("git init --quiet --bare --initial-branch main origin.git");
        scratch
            .run("git clone --quiet origin.git author && git -C author checkout --quiet -B main");
        let example = root.join("examples/shared-cluster");
        scratch.run(&format!("cp -r '{}'/. author", example.display()));
        scratch.commit("The flows of today", None);
        scratch
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs a line of shell in the folder, which has to succeed; gives what it prints.
    pub(crate) fn run(&self, line: &str) -> String {
        let output = self.command(&["bash", "-euo", "pipefail", "-c", line], self.folder.path());
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{line}\n{said}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn command(&self, words: &[&str], folder: &Path) -> Output {
        self.with(words, folder, &BTreeMap::new())
    }

    fn with(&self, words: &[&str], folder: &Path, more: &BTreeMap<String, String>) -> Output {
        let path = format!("{}:{}", self.path("bin").display(), std::env::var("PATH").unwrap());
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).current_dir(folder).env_clear().env("PATH", path);
        command.env("HOME", self.path("home")).env("GIT_CONFIG_NOSYSTEM", "1");
        for who in ["AUTHOR", "COMMITTER"] {
            // Who commits in a pipeline has to say who it is.
            if folder == self.folder.path() {
                command.env(format!("GIT_{who}_NAME"), "author");
                command.env(format!("GIT_{who}_EMAIL"), "author@example.com");
            }
        }
        let (calls, answers, cluster) =
            (self.path("calls"), self.path("answers"), self.path("cluster"));
        command.env("CALLS", calls).env("ANSWERS", answers).env("CLUSTER", cluster);
        command.envs(more).output().unwrap()
    }

    /// Replaces `old` by `new` in a file of the author's.
    pub(crate) fn edit(&self, file: &str, old: &str, new: &str) {
        let path = self.path("author").join(self.project).join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(old), "{file} does not hold {old}");
        fs::write(path, text.replace(old, new)).unwrap();
    }

    /// Builds, commits and pushes what the author has; with a date, as somebody did on that day.
    pub(crate) fn commit(&self, message: &str, day: Option<&str>) -> String {
        let day = day.map(|it| format!("--as-of {it}")).unwrap_or_default();
        self.run(&format!(
            "cd author/{} && eastwest lock {day} >&2 && eastwest build {day} >&2 && cd '{}' && {}",
            self.project,
            self.path("author").display(),
            Self::record(message)
        ))
    }

    /// Commits and pushes what the author has, whatever it is.
    pub(crate) fn commit_as_is(&self, message: &str) -> String {
        self.run(&format!("cd author && {}", Self::record(message)))
    }

    fn record(message: &str) -> String {
        format!(
            "git add --all >&2 && git commit --quiet --message '{message}' >&2 && git push --quiet --force origin HEAD >&2 && git rev-parse HEAD"
        )
    }

    /// What is at the tip of a branch of `origin`; empty if there is none.
    pub(crate) fn tip(&self, branch: &str) -> String {
        self.run(&format!(
            "git -C origin.git rev-parse --verify --quiet refs/heads/{branch} || true"
        ))
    }

    /// Lets the branch of what is applied be at `commit`.
    pub(crate) fn applied(&self, commit: &str) {
        self.run(&format!("git -C origin.git update-ref refs/heads/{APPLIED} {commit}"));
    }

    /// Runs a job's shell steps on a fresh checkout of `commit`, with the vendor's variables.
    ///
    /// An expression of the vendor in a step's environment takes its value from there as well, by its text.
    pub(crate) fn job(&mut self, job: &str, commit: &str, variables: &[(&str, &str)]) -> Ran {
        self.jobs += 1;
        let folder = self.path("jobs").join(self.jobs.to_string());
        self.run(&format!("git clone --quiet origin.git '{}'", folder.display()));
        self.run(&format!("git -C '{}' checkout --quiet --detach {commit}", folder.display()));
        let root = folder.to_str().unwrap().to_owned();
        // The vendor's working directory.
        let folder = folder.join(self.project);
        let temporary = self.path("temporary");
        let _ = fs::remove_dir_all(&temporary);
        fs::create_dir(&temporary).unwrap();
        // What GitLab keeps has to lie in the checkout.
        let kept = if self.vendor == Vendor::GitLab { &folder } else { &temporary }.clone();
        let mut ran = Ran { status: 0, said: String::new(), folder: folder.clone(), kept };
        let script = temporary.join("script");
        let mut environment: BTreeMap<String, String> = self.vendor.surroundings(&temporary, &root);
        environment
            .extend(variables.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        let steps: Vec<_> =
            self.vendor.steps().into_iter().filter(|step| step.job == job).collect();
        assert!(!steps.is_empty(), "there is no job {job}");
        for step in steps {
            if ran.status != 0 && !step.always {
                continue;
            }
            let mut of_step = environment.clone();
            for (key, value) in &step.environment {
                let value = if value.contains("${{") || value.contains("$(") {
                    let known = environment.get(value);
                    known.unwrap_or_else(|| panic!("{}: no value for {value}", step.name))
                } else {
                    value
                };
                of_step.insert(key.clone(), value.clone());
            }
            // Expressions have no meaning in the script itself.
            of_step.retain(|key, _| !key.starts_with('$'));
            fs::write(&script, &step.script).unwrap();
            let shell = self.vendor.shell();
            let mut words: Vec<&str> = shell.iter().map(String::as_str).collect();
            words.push(script.to_str().unwrap());
            let output = self.with(&words, &folder, &of_step);
            ran.said.push_str(&String::from_utf8_lossy(&output.stdout));
            ran.said.push_str(&String::from_utf8_lossy(&output.stderr));
            if ran.status == 0 {
                ran.status = output.status.code().unwrap();
            }
        }
        ran
    }

    /// What the stand-ins for `gh` and `curl` were given since the last time, except questions.
    pub(crate) fn calls(&self) -> Vec<Call> {
        let calls = self.lines().into_iter().filter(|line| !line.starts_with("GET "));
        let of = |line: String| {
            let mut parts = line.splitn(3, ' ').map(str::to_owned);
            let (method, address) = (parts.next().unwrap(), parts.next().unwrap());
            let body = parts.next().unwrap();
            let body = serde_json::from_str(&body).unwrap_or(Value::String(body));
            Call { method, address, body }
        };
        calls.map(of).collect()
    }

    /// What the stand-ins were given since the last time, line by line.
    pub(crate) fn lines(&self) -> Vec<String> {
        let path = self.path("calls");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, "").unwrap();
        text.lines().map(str::to_owned).collect()
    }

    /// What is answered to a question at this address.
    pub(crate) fn answer(&self, address: &str, answer: &Value) {
        let name: String =
            address.chars().map(|it| if it.is_ascii_alphanumeric() { it } else { '_' }).collect();
        fs::write(self.path("answers").join(format!("{name}.json")), answer.to_string()).unwrap();
    }

    /// The objects of the cluster: kind, namespace, name and owner, parted by blanks.
    pub(crate) fn cluster(&self) -> Vec<String> {
        let text = fs::read_to_string(self.path("cluster")).unwrap();
        text.lines().map(|line| line.replace('\t', " ")).collect()
    }

    /// Puts an object into the cluster.
    pub(crate) fn place(&self, object: &str) {
        let mut text = fs::read_to_string(self.path("cluster")).unwrap();
        text.push_str(&object.replace(' ', "\t"));
        text.push('\n');
        fs::write(self.path("cluster"), text).unwrap();
    }
}

impl Ran {
    /// The text of a file that is kept.
    pub(crate) fn artifact(&self, name: &str) -> String {
        fs::read_to_string(self.kept.join(name)).unwrap()
    }

    /// The text of a file where the job ran.
    pub(crate) fn file(&self, name: &str) -> String {
        fs::read_to_string(self.folder.join(name)).unwrap()
    }

    /// Fails unless the job passed.
    pub(crate) fn passed(self) -> Self {
        assert_eq!(self.status, 0, "{}", self.said);
        self
    }
}
