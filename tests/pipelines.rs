//! The ready pipelines: every shell step of each runs in a scratch repository, as its vendor runs it.
#![cfg(unix)]

mod owners;
mod scratch;
mod steps;
mod strangers;
mod vendor;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use self::scratch::{APPLIED, Ran, Scratch};
use self::steps::Vendor;

const FLOWS: &str = "application2/network-policies/app.flow";
const INSIDE: &str = "application2.backend  -> application2.data    : tcp/80";
const CROSSING: &str = r#"application2.backend ==> application1.application1 : tcp/80 because "orders look up prices""#;
const GITLAB: &str = "https://gitlab.example/api/v4";
const AZURE: &str = "https://dev.azure.example/org/";

/// Whether the tools that the steps use are here. `.ci/run` sees to it that they are, and says so.
fn can_run() -> bool {
    let there = |tool: &&str| {
        let line = format!("command -v {tool}");
        Command::new("sh").args(["-c", &line]).output().is_ok_and(|it| it.status.success())
    };
    let missing: Vec<_> = ["bash", "git", "jq"].into_iter().filter(|it| !there(it)).collect();
    if missing.is_empty() {
        return true;
    }
    assert!(std::env::var_os("CI").is_none(), "there is no {}", missing.join(", no "));
    println!("skipped: there is no {}", missing.join(", no "));
    false
}

impl Scratch {
    /// Opens a pull request with one change, and gives the commit that its pipeline checks out.
    fn pull_request(&self, change: impl FnOnce(&Self)) -> String {
        self.run("git -C author checkout --quiet -B change main");
        change(self);
        self.commit("A change", None);
        self.merged()
    }

    /// The pull request of the branch `change`, as its pipeline checks it out.
    fn merged(&self) -> String {
        let merge = match self.vendor {
            // What it is compared with is said by a variable.
            Vendor::GitLab => "git rev-parse HEAD",
            Vendor::GitHub | Vendor::Azure => {
                "git checkout --quiet --detach main && git merge --quiet --no-ff --message Merged change >&2 \
                 && git push --quiet --force origin HEAD:refs/heads/merged && git rev-parse HEAD"
            }
        };
        let commit = self.run(&format!("cd author && {merge}"));
        self.run("git -C author checkout --quiet main");
        commit
    }

    /// Runs the review of `commit`.
    fn review(&mut self, commit: &str) -> Ran {
        let base = self.tip("main");
        self.job(
            "review",
            commit,
            &[("CI_MERGE_REQUEST_DIFF_BASE_SHA", &base), ("EASTWEST_TOKEN", "secret")],
        )
    }

    /// What the job `boundary` says of the newest commit of `main`.
    fn boundary(&mut self, scheduled: bool) -> String {
        let main = self.tip("main");
        let ran = self.job("boundary", &main, &self.vendor.reason(scheduled)).passed();
        match self.vendor {
            Vendor::GitHub => {
                let output = fs::read_to_string(self.path("temporary/output")).unwrap();
                output.trim().strip_prefix("approval=").unwrap().to_owned()
            }
            Vendor::GitLab => {
                let file: serde_yaml::Value =
                    serde_yaml::from_str(&ran.file("network-policies-deliver.yml")).unwrap();
                assert_eq!(
                    file["include"][0]["local"].as_str(),
                    Some(".gitlab/network-policies.yml")
                );
                let reason = if scheduled { "schedule" } else { "push" };
                assert_eq!(file["variables"]["NETWORK_POLICIES_REASON"].as_str(), Some(reason));
                file["variables"]["NETWORK_POLICIES_APPROVAL"].as_str().unwrap().to_owned()
            }
            Vendor::Azure => {
                let set = "##vso[task.setvariable variable=approval;isOutput=true]";
                let said: Vec<_> = ran.said.lines().filter_map(|it| it.strip_prefix(set)).collect();
                assert_eq!(said.len(), 1);
                said[0].to_owned()
            }
        }
    }

    /// Runs `job` on the newest commit of `main`.
    fn on_main(&mut self, job: &str, scheduled: bool, more: &[(&'static str, &str)]) -> Ran {
        let main = self.tip("main");
        let mut variables: Vec<(&str, &str)> = self.vendor.reason(scheduled);
        variables.extend(more);
        self.job(job, &main, &variables)
    }

    /// What the pull request has as comments: who wrote them, and what.
    fn comments(&self, comments: &[(&str, &str)]) {
        let numbered = comments.iter().zip(11..);
        match self.vendor {
            Vendor::GitHub => {
                let all: Vec<_> = numbered
                    .map(
                        |((who, text), id)| json!({"id": id, "user": {"login": who}, "body": text}),
                    )
                    .collect();
                self.answer("repos/org/repo/issues/7/comments", &Value::Array(all));
            }
            Vendor::GitLab => {
                self.answer(&format!("{GITLAB}/user"), &json!({"id": 3}));
                let author =
                    |who: &str| json!({"id": if who == "github-actions[bot]" { 3 } else { 4 }});
                let all: Vec<_> = numbered
                    .map(|((who, text), id)| json!({"id": id, "author": author(who), "body": text}))
                    .collect();
                self.answer(
                    &format!("{GITLAB}/projects/5/merge_requests/7/notes"),
                    &Value::Array(all),
                );
            }
            Vendor::Azure => {
                self.answer(
                    &format!("{AZURE}_apis/connectionData"),
                    &json!({"authenticatedUser": {"id": "me"}}),
                );
                let author = |who: &str| json!({"id": if who == "github-actions[bot]" { "me" } else { "you" }});
                let all: Vec<_> = numbered.map(|((who, text), id)| json!({"id": id, "comments": [{"id": 1, "author": author(who), "content": text}]})).collect();
                let threads = "project/_apis/git/repositories/repo/pullRequests/7/threads";
                self.answer(&format!("{AZURE}{threads}"), &json!({"value": all}));
            }
        }
    }

    /// The one comment written: its method, the end of its address, and its text.
    fn comment(&self) -> (String, String, String) {
        let mut calls = self.calls();
        assert_eq!(calls.len(), 1, "{calls:?}");
        let call = calls.remove(0);
        let body = &call.body;
        let text =
            body.get("body").or(body.get("content")).unwrap_or(&body["comments"][0]["content"]);
        let end = call.address.split('?').next().unwrap().rsplit("/7/").next().unwrap();
        let end = end.rsplit("/issues/").next().unwrap().to_owned();
        (call.method, end, text.as_str().unwrap().to_owned())
    }
}

/// A change to a repository.
type Change = fn(&Scratch);

fn widen(scratch: &Scratch) {
    scratch.edit(FLOWS, INSIDE, &INSIDE.replace("tcp/80", "tcp/80, tcp/5432"));
}

fn cross(scratch: &Scratch) {
    scratch.edit(FLOWS, CROSSING, &CROSSING.replace("tcp/80", "tcp/80, tcp/8443"));
}

/// Runs `test` for each vendor.
fn each(test: impl Fn(Scratch)) {
    if can_run() {
        for vendor in Vendor::ALL {
            test(Scratch::new(vendor));
        }
    }
}

#[test]
fn every_shell_step_is_one_that_the_tests_run() {
    let jobs: BTreeSet<&str> =
        ["review", "boundary", "approve", "apply", "record", "report"].into();
    for vendor in Vendor::ALL {
        let steps = vendor.steps();
        let mut found: BTreeSet<&str> = steps.iter().map(|it| it.job.as_str()).collect();
        found.remove("nothing");
        assert_eq!(found, jobs, "{vendor:?}");
        let text = vendor.text();
        let scripts = text.lines().filter(|line| {
            let line = line.trim().trim_start_matches("- ");
            line.starts_with("run: ") || line.starts_with("bash: ") || line == "script:"
        });
        assert_eq!(steps.len(), scripts.count(), "{vendor:?}");
    }
}

#[test]
fn no_script_holds_an_expression_of_the_vendor() {
    for vendor in Vendor::ALL {
        for step in vendor.steps() {
            assert!(!step.script.contains("${{"), "{vendor:?}: {}", step.name);
            let macros = step.script.match_indices("$(").map(|(at, _)| &step.script[at + 2..]);
            for text in macros {
                let word = text.split(')').next().unwrap();
                let shell = word.contains(' ') || word.contains('\n') || word.starts_with('(');
                assert!(shell, "{vendor:?}: {}: $({word})", step.name);
            }
        }
    }
}

/// What decides what reaches the cluster reads the same wherever it runs.
#[test]
fn the_three_pipelines_do_the_same() {
    let script = |vendor: Vendor, job: &str, name: &str| {
        let mut steps = vendor.steps().into_iter();
        let found = steps.find(|it| it.job == job && (it.name == name || vendor == Vendor::GitLab));
        let script = found.unwrap_or_else(|| panic!("{vendor:?}: {name}")).script;
        // GitHub alone can be told that nothing printed is a command, and GitLab alone does not fetch the branches itself.
        let lines = script.replace("set -euo pipefail\n", "");
        let stop = |line: &&str| {
            let of_stop = ["# What git and kubectl say", "stop=", "echo \"::stop", "trap 'echo"];
            match vendor {
                Vendor::GitHub => of_stop.iter().any(|it| line.starts_with(it)),
                Vendor::GitLab => line.starts_with("git fetch --quiet"),
                Vendor::Azure => false,
            }
        };
        let lines = lines.split_inclusive('\n').filter(|line| !stop(line)).collect::<String>();
        lines.replace(vendor.root(), "ROOT")
    };
    let shared = [
        ("apply", "The policies"),
        ("apply", "Apply, the default deny last"),
        ("record", "The policies"),
        ("record", "Record what is applied"),
    ];
    for (job, name) in shared {
        let [github, gitlab, azure] = Vendor::ALL.map(|vendor| script(vendor, job, name));
        assert_eq!(github, azure);
        assert!(gitlab.contains(&github), "{job}: {name}");
    }
}

#[test]
fn shells_take_every_script() {
    if !can_run() {
        return;
    }
    let lint = Command::new("shellcheck").arg("--version").output().is_ok();
    for vendor in Vendor::ALL {
        for step in vendor.steps() {
            let checked = Command::new("bash").args(["-n", "-c", &step.script]).output().unwrap();
            assert!(checked.status.success(), "{vendor:?}: {}", step.name);
            if lint {
                let file = tempfile::NamedTempFile::new().unwrap();
                fs::write(file.path(), &step.script).unwrap();
                let mut command = Command::new("shellcheck");
                let found = command.args(["--shell", "bash"]).arg(file.path()).output().unwrap();
                let said = String::from_utf8_lossy(&found.stdout);
                assert!(found.status.success(), "{vendor:?}: {}: {said}", step.name);
            }
        }
    }
}

/// The action installs its own source under a key that only this source has.
#[test]
fn the_action_installs_this_source() {
    if !can_run() {
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let action: serde_yaml::Value =
        serde_yaml::from_str(&fs::read_to_string(root.join("action.yml")).unwrap()).unwrap();
    let steps = action["runs"]["steps"].as_sequence().unwrap();
    let scripts: Vec<&str> = steps.iter().filter_map(|step| step.get("run")?.as_str()).collect();
    assert_eq!(scripts.len(), 3);
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for name in ["bin", "source/src", "source/docs", "source/examples/pipelines"] {
        fs::create_dir_all(at(name)).unwrap();
    }
    for name in ["source/Cargo.toml", "source/Cargo.lock", "source/src/a b.rs"] {
        fs::write(at(name), name).unwrap();
    }
    fs::write(at("bin/cargo"), "#!/bin/sh\nprintf '%s\\n' \"$*\" > \"$HOME/called\"\n").unwrap();
    let path = format!("{}:{}", at("bin").display(), std::env::var("PATH").unwrap());
    let run = |script: &str| {
        let mut command = Command::new("bash");
        command.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script]).env("PATH", &path);
        command.env("HOME", folder.path()).env("GITHUB_ACTION_PATH", at("source"));
        command.env("GITHUB_OUTPUT", at("output")).env("GITHUB_PATH", at("path"));
        assert!(command.status().unwrap().success());
    };
    run("chmod +x \"$HOME/bin/cargo\"");
    run(scripts[0]);
    let first = fs::read_to_string(at("output")).unwrap();
    fs::write(at("source/src/a b.rs"), "another text").unwrap();
    fs::remove_file(at("output")).unwrap();
    run(scripts[0]);
    let second = fs::read_to_string(at("output")).unwrap();
    assert_eq!(first.lines().count(), 2);
    assert!(first.lines().next() != second.lines().next() && first.starts_with("hash="));
    let installed = at(".eastwest").display().to_string();
    assert!(second.lines().any(|line| line == format!("folder={installed}")));
    run(scripts[1]);
    let called = fs::read_to_string(at("called")).unwrap();
    let source = at("source").display().to_string();
    assert_eq!(
        called.trim(),
        format!("install --locked --profile dist --path {source} --root {installed}")
    );
    run(scripts[2]);
    assert_eq!(fs::read_to_string(at("path")).unwrap().trim(), format!("{installed}/bin"));
}

/// What is packed and what the pipelines fetch is this version.
#[test]
fn every_version_that_is_named_is_this_one() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let version = env!("CARGO_PKG_VERSION");
    let named = [
        ("examples/pipelines/github/network-policies.yml", "uses: eastwest/eastwest@v"),
        ("examples/pipelines/azure/network-policies.yml", "/eastwest-pipeline:"),
        ("Dockerfile", "org.opencontainers.image.version=\""),
        ("docs/pipeline.md", "rev: v"),
    ];
    for (file, before) in named {
        let text = fs::read_to_string(root.join(file)).unwrap();
        let mut found = text.split(before).skip(1).peekable();
        assert!(found.peek().is_some(), "{file}");
        assert!(found.all(|after| after.starts_with(version)), "{file}");
    }
    let text = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let rust = text.split("rust-version = \"").nth(1).unwrap().split('"').next().unwrap();
    let docker = fs::read_to_string(root.join("Dockerfile")).unwrap();
    assert!(docker.contains(&format!("ARG RUST={rust}\n")));
}

#[test]
fn a_pull_request_is_told_what_it_changes_and_told_again_in_the_same_place() {
    each(|mut scratch| {
        let mine = "github-actions[bot]";
        scratch.comments(&[("somebody", "<!-- eastwest -->\nnot yours"), (mine, "something else")]);
        let commit = scratch.pull_request(cross);
        let ran = scratch.review(&commit).passed();
        let change = ran.artifact("change.md");
        assert!(change.contains("tcp/8443"), "{change}");
        let (method, address, text) = scratch.comment();
        let all = if scratch.vendor == Vendor::GitLab {
            "notes"
        } else if scratch.vendor == Vendor::Azure {
            "threads"
        } else {
            "7/comments"
        };
        assert_eq!((method.as_str(), address.as_str()), ("POST", address.as_str()));
        assert!(address.ends_with(all.rsplit('/').next().unwrap()), "{address}");
        assert_eq!(text, format!("<!-- eastwest -->\n{change}"));

        let known = ("github-actions[bot]", "<!-- eastwest -->\nas it was");
        scratch.comments(&[("somebody", "<!-- eastwest -->\nnot yours"), known]);
        scratch.review(&commit).passed();
        let (method, address, text) = scratch.comment();
        let (verb, place) = match scratch.vendor {
            Vendor::GitHub => ("PATCH", "comments/12"),
            Vendor::GitLab => ("PUT", "notes/12"),
            Vendor::Azure => ("PATCH", "threads/12/comments/1"),
        };
        assert_eq!((method.as_str(), address.as_str()), (verb, place));
        assert_eq!(text, format!("<!-- eastwest -->\n{change}"));
    });
}

#[test]
fn a_pull_request_that_changes_no_traffic_passes_and_says_so() {
    each(|mut scratch| {
        scratch.comments(&[]);
        let commit = scratch.pull_request(|it| it.edit(FLOWS, "three tiers", "three layers"));
        scratch.review(&commit).passed();
        assert_eq!(scratch.comment().0, "POST");
    });
}

#[test]
fn a_change_is_told_whole_and_what_is_longer_than_a_comment_is_cut() {
    each(|mut scratch| {
        scratch.comments(&[]);
        let commit = scratch.pull_request(widen);
        scratch.run("rm bin/eastwest");
        // `diff` tells no change in more bytes; why one cannot be told has no such bound.
        for (count, kept) in [(32_500, 32_500), (70_000, 65_000)] {
            let long = format!("#!/bin/sh\n[ \"$1\" != diff ] || printf 'é%.0s' $(seq {count})\n");
            fs::write(scratch.path("bin/eastwest"), long).unwrap();
            scratch.run("chmod +x bin/eastwest && rm -f calls");
            scratch.review(&commit).passed();
            let text = scratch.comment().2;
            let text = text.strip_prefix("<!-- eastwest -->\n").unwrap();
            assert!(text == "é".repeat(kept), "{}", text.chars().filter(|it| *it == 'é').count());
        }
    });
}

#[test]
fn mistakes_stop_a_pull_request() {
    each(|mut scratch| {
        scratch.comments(&[]);
        let broken: [(&str, Change); 3] = [
            ("flows", |it| it.edit(FLOWS, "application2.frontend", "application2.frontnd")),
            ("policies", |it| {
                it.edit("application2/network-policies/policies.yaml", "- 80", "- 81");
            }),
            ("lock", |it| {
                cross(it);
                it.run("cd author && rm crossings.lock && eastwest build && git checkout crossings.lock");
            }),
        ];
        for (what, change) in broken {
            scratch.run("git -C author checkout --quiet -B change main");
            change(&scratch);
            scratch.commit_as_is(what);
            let commit = scratch.merged();
            let ran = scratch.review(&commit);
            assert_eq!(ran.status, 1, "{what}: {}", ran.said);
            assert!(scratch.calls().is_empty(), "{what}");
            // What is wrong with the flows is uploaded nevertheless.
            let (file, holds) = match scratch.vendor {
                Vendor::GitLab => ("gl-code-quality-report.json", "EW0202"),
                Vendor::GitHub | Vendor::Azure => ("eastwest.sarif", "EW0202"),
            };
            assert_eq!(ran.artifact(file).contains(holds), what == "flows");
        }
    });
}

#[test]
fn a_base_that_cannot_be_read_is_said_and_stops_nothing() {
    each(|mut scratch| {
        scratch.comments(&[]);
        scratch.edit(FLOWS, "application2.frontend", "application2.frontnd");
        scratch.commit_as_is("Broken");
        let commit = scratch
            .pull_request(|it| it.edit(FLOWS, "application2.frontnd", "application2.frontend"));
        let change = scratch.review(&commit).passed().artifact("change.md");
        assert!(change.starts_with("**What changes could not be told**"), "{change}");
        assert!(change.contains("frontnd"), "{change}");
        assert!(scratch.comment().2.contains("could not be told"));
    });
}

#[test]
fn a_merge_request_from_a_fork_needs_no_token() {
    if !can_run() {
        return;
    }
    let mut scratch = Scratch::new(Vendor::GitLab);
    let commit = scratch.pull_request(cross);
    let base = scratch.tip("main");
    let ran = scratch.job("review", &commit, &[("CI_MERGE_REQUEST_DIFF_BASE_SHA", &base)]).passed();
    assert!(ran.said.contains("no comment") && ran.said.contains("tcp/8443"), "{}", ran.said);
    assert!(scratch.lines().is_empty());
}

#[test]
fn approval_is_asked_for_when_a_boundary_moves() {
    each(|mut scratch| {
        let first = scratch.tip("main");
        // Nothing was ever applied.
        assert_eq!(scratch.boundary(false), "needed");
        assert_eq!(scratch.boundary(true), "nothing");
        scratch.applied(&first);
        assert_eq!(scratch.boundary(false), "none");
        widen(&scratch);
        scratch.commit("More inside", None);
        assert_eq!(scratch.boundary(false), "none");
        cross(&scratch);
        scratch.commit("A crossing", None);
        assert_eq!(scratch.boundary(false), "needed");
        // Nobody approved it, and somebody pushes something harmless.
        scratch.edit(FLOWS, "three tiers", "three layers");
        scratch.commit("Words", None);
        assert_eq!(scratch.boundary(false), "needed");
        assert_eq!(scratch.boundary(true), "none");
        let approved = scratch.tip("main");
        scratch.applied(&approved);
        assert_eq!(scratch.boundary(false), "none");
        // What is applied does not compile.
        scratch.edit(FLOWS, "application2.frontend", "application2.frontnd");
        let broken = scratch.commit_as_is("Broken");
        scratch.edit(FLOWS, "application2.frontnd", "application2.frontend");
        scratch.commit("Right again", None);
        scratch.applied(&broken);
        assert_eq!(scratch.boundary(false), "needed");
        scratch.on_main("approve", false, &[]).passed();
    });
}

const OTHERS: [&str; 3] = [
    "NetworkPolicy application3-ns1 eastwest-flows application3",
    "GlobalNetworkPolicy - by-hand -",
    "NetworkPolicy application2-ns1 by-hand -",
];

#[test]
fn files_are_applied_in_order_and_what_is_no_longer_written_goes() {
    each(|mut scratch| {
        for other in OTHERS {
            scratch.place(other);
        }
        scratch.on_main("apply", false, &[]).passed();
        let calls = scratch.lines();
        let applied: Vec<_> = calls.iter().filter(|it| it.starts_with("apply ")).collect();
        let files = applied.iter().map(|it| it.rsplit(' ').next().unwrap());
        assert_eq!(
            files.collect::<Vec<_>>(),
            [
                "application1/network-policies/policies.yaml",
                "application2/network-policies/policies.yaml",
                "platform/network-policies/policies.yaml",
            ]
        );
        assert!(applied.iter().all(|it| it.contains(" --server-side --field-manager=eastwest ")));
        assert!(!calls.iter().any(|it| it.starts_with("delete")), "{calls:?}");
        let all = scratch.cluster();
        assert!(OTHERS.iter().all(|it| all.iter().any(|object| object == it)));
        assert_eq!(all.len(), OTHERS.len() + 9, "{all:?}");

        // Running it again changes nothing, and what nobody writes any more is removed.
        scratch.place("NetworkPolicy application2-ns3 eastwest-flows-old application2");
        scratch.place("GlobalNetworkSet - eastwest-old platform");
        scratch.on_main("apply", false, &[]).passed();
        let deleted = scratch.lines().into_iter().filter(|it| it.starts_with("delete"));
        assert_eq!(
            deleted.collect::<Vec<_>>(),
            [
                "delete networkpolicy.projectcalico.org eastwest-flows-old --ignore-not-found --namespace application2-ns3",
                "delete globalnetworkset.projectcalico.org eastwest-old --ignore-not-found",
            ]
        );
        assert_eq!(scratch.cluster(), all);
    });
}

#[test]
fn an_application_that_is_gone_is_removed_and_a_run_that_fails_can_be_repeated() {
    each(|mut scratch| {
        let first = scratch.tip("main");
        scratch.on_main("apply", false, &[]).passed();
        scratch.applied(&first);
        scratch.run("rm author/application1/network-policies/app.flow");
        scratch.edit(FLOWS, CROSSING, "");
        scratch.run("rm -r author/platform/landingzones/application1");
        scratch.commit("application1 moves out", None);
        scratch.lines();
        let failing = [("FAILS", "platform/network-policies/policies.yaml")];
        let ran = scratch.on_main("apply", false, &failing);
        assert_eq!(ran.status, 1, "{}", ran.said);
        assert!(!scratch.lines().iter().any(|it| it.starts_with("delete")));
        scratch.on_main("apply", false, &[]).passed();
        let left = scratch.cluster();
        assert!(!left.iter().any(|it| it.ends_with(" application1")), "{left:?}");
        assert!(left.iter().any(|it| it.ends_with(" platform")), "{left:?}");
    });
}

#[test]
fn an_approval_that_comes_late_brings_nothing_back() {
    each(|mut scratch| {
        let old = scratch.tip("main");
        widen(&scratch);
        scratch.commit("More inside", None);
        let reason = scratch.vendor.reason(false);
        for job in ["apply", "record"] {
            let ran = scratch.job(job, &old, &reason);
            assert_eq!(ran.status, 1, "{}", ran.said);
            assert!(ran.said.contains("main has moved on"), "{}", ran.said);
        }
        assert!(scratch.cluster().is_empty());
        assert_eq!(scratch.tip(APPLIED), "");
    });
}

#[test]
fn policies_that_are_not_those_of_the_flows_are_not_applied() {
    each(|mut scratch| {
        scratch.edit("application2/network-policies/policies.yaml", "- 80", "- 81");
        scratch.commit_as_is("By hand");
        let ran = scratch.on_main("apply", false, &[]);
        assert_eq!(ran.status, 1, "{}", ran.said);
        assert!(scratch.cluster().is_empty());
    });
}

#[test]
fn what_is_applied_is_recorded_and_the_register_is_kept() {
    each(|mut scratch| {
        let ran = scratch.on_main("apply", false, &[]).passed();
        let register = ran.artifact("crossings.csv");
        assert!(register.contains("orders look up prices"), "{register}");
        scratch.on_main("record", false, &[]).passed();
        assert_eq!(scratch.tip(APPLIED), scratch.tip("main"));
    });
}

#[test]
fn a_schedule_closes_what_has_had_its_last_day_and_nothing_else() {
    each(|mut scratch| {
        scratch.edit(FLOWS, CROSSING, &format!("{CROSSING} until 2020-01-01"));
        let then = scratch.commit("For a while", Some("2019-12-01"));
        scratch.applied(&then);
        // This waits for approval, and keeps waiting.
        cross(&scratch);
        scratch.commit("More of it", Some("2019-12-02"));
        assert_eq!(scratch.boundary(true), "none");
        let ran = scratch.on_main("apply", true, &[]).passed();
        assert!(ran.said.contains("dropped"), "{}", ran.said);
        let written = ran.file("application2/network-policies/policies.yaml");
        assert!(
            !written.contains("orders look up prices") && !written.contains("8443"),
            "{written}"
        );
        assert_eq!(scratch.cluster().len(), 9);
        scratch.on_main("record", true, &[]).passed();
        let recorded = scratch.tip(APPLIED);
        assert_eq!(scratch.run(&format!("git -C origin.git rev-parse {recorded}^")), then);
        let changed = scratch.run(&format!("git -C origin.git diff --name-only {then} {recorded}"));
        assert_eq!(changed, "application2/network-policies/policies.yaml");
        // The next morning there is nothing left to do.
        scratch.on_main("apply", true, &[]).passed();
        scratch.on_main("record", true, &[]).passed();
        assert_eq!(scratch.tip(APPLIED), recorded);
        // And the main branch is red until somebody decides.
        let ran = scratch.on_main("apply", false, &[]);
        assert_eq!(ran.status, 1, "{}", ran.said);
    });
}

/// So many days from today.
fn day(days: i32) -> String {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let today = i32::try_from(since.as_secs() / 86_400).unwrap();
    let start = jiff::civil::Date::constant(1970, 1, 1);
    start.checked_add(jiff::Span::new().days(today + days)).unwrap().to_string()
}

impl Scratch {
    /// The report that is open, if any.
    fn reported(&self, open: bool) {
        let mine = json!({"number": 21, "iid": 21, "id": 21, "user": {"login": "github-actions[bot]"}, "body": "<!-- eastwest: last days -->\nold"});
        let found = if open { vec![mine] } else { Vec::new() };
        match self.vendor {
            Vendor::GitHub => {
                let mut all = vec![
                    json!({"number": 20, "user": {"login": "somebody"}, "body": "<!-- eastwest: last days -->"}),
                    json!({"number": 19, "user": {"login": "github-actions[bot]"}, "body": null}),
                ];
                all.extend(found);
                self.answer("repos/org/repo/issues", &Value::Array(all));
            }
            Vendor::GitLab => {
                self.answer(&format!("{GITLAB}/projects/5/issues"), &Value::Array(found));
            }
            Vendor::Azure => {
                self.answer(
                    &format!("{AZURE}project/_apis/wit/wiql"),
                    &json!({"workItems": found}),
                );
            }
        }
    }

    /// Runs the report, and gives what it wrote, as `METHOD end-of-address` and text.
    fn report(&mut self) -> Vec<(String, String)> {
        self.lines();
        self.on_main("report", true, &[("EASTWEST_TOKEN", "secret")]).passed();
        let calls = self.calls().into_iter().filter(|it| !it.address.contains("/wiql"));
        let of = |call: scratch::Call| {
            let address = call.address.split('?').next().unwrap();
            let text = match self.vendor {
                Vendor::Azure => call.body[2]["value"].clone(),
                Vendor::GitHub => {
                    call.body.get("body").or(call.body.get("state")).cloned().unwrap()
                }
                Vendor::GitLab => call.body.get("description").cloned().unwrap_or(call.body),
            };
            let end = address.rsplit('/').next().unwrap();
            (format!("{} {end}", call.method), text.as_str().unwrap().to_owned())
        };
        calls.map(of).collect()
    }
}

#[test]
fn flows_near_and_past_their_last_day_are_reported_in_one_place() {
    each(|mut scratch| {
        let (post, update) = match scratch.vendor {
            Vendor::GitHub => ("POST issues", "PATCH 21"),
            Vendor::GitLab => ("POST issues", "PUT 21"),
            Vendor::Azure => ("POST $Task", "PATCH 21"),
        };
        scratch.reported(false);
        assert_eq!(scratch.report(), []);

        scratch.edit(FLOWS, CROSSING, &format!("{CROSSING} until 2020-01-01"));
        let soon =
            format!("application2.frontend -> application2.backend : tcp/81 until {}", day(10));
        scratch.edit(FLOWS, INSIDE, &format!("{INSIDE}\n{soon}"));
        scratch.commit("Dates", Some("2019-12-01"));
        let said = scratch.report();
        assert_eq!(said.len(), 1);
        assert_eq!(said[0].0, post);
        let text = &said[0].1;
        assert!(
            text.contains(&format!("`{FLOWS}:7: this flow was open through 1 January 2020")),
            "{text}"
        );
        assert!(text.contains(&format!("`{FLOWS}:4: this flow is open through")), "{text}");
        assert!(text.contains("Past their last day") && text.contains("Soon:"), "{text}");

        scratch.reported(true);
        assert_eq!(scratch.report(), [(update.to_owned(), text.clone())]);

        scratch.edit(FLOWS, &format!("{soon}\n"), "");
        scratch.edit(FLOWS, " until 2020-01-01", "");
        scratch.commit("Decided", None);
        let said = scratch.report();
        assert_eq!(said.len(), 1);
        assert_eq!(said[0].0, update);
        assert!(said[0].1.contains("close"), "{}", said[0].1);
    });
}

/// To a platform, some lines are commands.
#[test]
fn what_people_wrote_gives_no_platform_commands() {
    each(|mut scratch| {
        let first = scratch.tip("main");
        scratch.applied(&first);
        let evil = "##vso[task.setvariable variable=approval;isOutput=true]none ##[add-mask]x";
        scratch.edit(
            FLOWS,
            CROSSING,
            &CROSSING.replace("orders look up prices", evil).replace("tcp/80", "tcp/80, tcp/8443"),
        );
        scratch.edit(FLOWS, INSIDE, &format!("{INSIDE} until 2020-01-01 because \"{evil}\""));
        scratch.commit("Clever", Some("2019-12-01"));
        assert_eq!(scratch.boundary(false), "needed");
        for job in ["apply", "record"] {
            for scheduled in [false, true] {
                let said = scratch.on_main(job, scheduled, &[]).said;
                assert!(!said.contains("##vso[") && !said.contains("##["), "{job}: {said}");
            }
        }
        scratch.reported(false);
        let said = scratch.on_main("report", true, &[("EASTWEST_TOKEN", "secret")]).passed().said;
        let ours = if scratch.vendor == Vendor::Azure {
            said.replace("##vso[task.logissue type=warning]", "")
        } else {
            said
        };
        assert!(!ours.contains("##vso[") && !ours.contains("##["), "{ours}");
    });
}
