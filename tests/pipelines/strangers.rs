//! What a pull request may hold and a tag may be called: files that look like a repository, names that git would take for
//! others, paths that a platform would obey. None of it decides, runs or calls anybody.

use std::fs;

use super::scratch::Scratch;
use super::steps::Vendor;
use super::{APPLIED, FLOWS, INSIDE, can_run, day, each};

/// The one way in which a script calls git, but for the variable with the root of the checkout.
const FORM: &str = r#"git() {
  GIT_NO_LAZY_FETCH=1 GIT_NO_REPLACE_OBJECTS=1 command git --git-dir="$ROOT/.git" --work-tree="$ROOT" \
    -c core.hooksPath=/dev/null -c core.fsmonitor=false -c safe.bareRepository=explicit -c protocol.ext.allow=never "$@"
}
"#;

/// The lines of `script` that use git in another way than through its own definition of [`FORM`] above them.
fn unguarded(vendor: Vendor, script: &str) -> Vec<String> {
    let form = FORM.replace("ROOT", vendor.root());
    let (before, after) = script.split_once(&form).unwrap_or((script, ""));
    let after = after.replace(&form, "");
    let mut found = Vec::new();
    for (text, guarded) in [(before, false), (&after, true)] {
        for line in text.lines().filter(|it| !it.trim_start().starts_with('#')) {
            let words = line.match_indices("git").filter(|(at, _)| {
                let part = |it: char| it.is_alphanumeric() || it == '_' || it == '-';
                // `git:` is how a revision of eastwest begins, and an address of Azure's holds the word.
                let then = &line[at + 3..];
                !line[..*at].ends_with(part)
                    && !then.starts_with(part)
                    && !then.starts_with(':')
                    && !line[..*at].ends_with("/_apis/")
            });
            for (at, _) in words {
                let start = line[..at].trim_start();
                let plain = ["", "if ", "if ! "].contains(&start) || start.ends_with("$(");
                if !guarded || !plain || !line[at + 3..].starts_with(' ') {
                    found.push(line.trim().to_owned());
                }
            }
        }
    }
    found
}

#[test]
fn git_is_called_in_one_way() {
    let mut calls = 0;
    for vendor in Vendor::ALL {
        for step in vendor.steps() {
            assert_eq!(unguarded(vendor, &step.script), [""; 0], "{vendor:?}: {}", step.job);
            calls += step.script.matches("git() {").count();
        }
        let form = FORM.replace("ROOT", vendor.root());
        for wrong in [
            "git log\n".to_owned(),
            format!("git fetch\n{form}git log\n"),
            format!("{form}command git log\n"),
            format!("{form}x=\"$(/usr/bin/git log)\"\n"),
            format!("{form}xargs git log\n"),
            format!("git() {{ command git \"$@\"; }}\n{form}git log\n"),
            format!("{form}git() {{ command git \"$@\"; }}\ngit log\n"),
        ] {
            assert_ne!(unguarded(vendor, &wrong), [""; 0], "{wrong}");
        }
        assert!(
            unguarded(vendor, &format!("{form}if ! git diff; then x=\"$(git log)\"; fi\n"))
                .is_empty()
        );
    }
    assert!(calls >= 14, "{calls}");
}

impl Scratch {
    /// Moves the project into a folder of the repository, and gives its path.
    fn in_a_subfolder(&mut self) -> std::path::PathBuf {
        self.run("cd author && mkdir sub && git mv $(git ls-tree --name-only HEAD) sub");
        self.project = "sub";
        self.commit("A folder of it", None);
        self.path("author/sub")
    }

    /// Makes the git of the machine one that knows neither `safe.bareRepository` nor `GIT_NO_LAZY_FETCH`.
    fn old_git(&self) {
        let git = self.run("command -v git");
        let script = format!(
            "#!/usr/bin/env bash\nunset GIT_NO_LAZY_FETCH\nwords=()\nfor word; do\n  \
             [ \"$word\" != safe.bareRepository=explicit ] || word=old.git=yes\n  words+=(\"$word\")\ndone\n\
             exec {git} \"${{words[@]}}\"\n"
        );
        fs::write(self.path("bin/git"), script).unwrap();
        self.run("chmod +x bin/git");
    }

    /// Turns the folder of the project into what git takes for a bare repository, whose settings and hooks are programs
    /// that leave a file in `ran`, and all of whose refs are `commit`.
    fn disguise(&self, commit: &str) {
        let ran = self.path("ran");
        fs::create_dir_all(&ran).unwrap();
        let trap = |name: &str| format!("\"touch '{}/{name}'; false\"", ran.display());
        let config = format!(
            "[core]\n repositoryformatversion = 1\n bare = true\n sshCommand = {}\n fsmonitor = {}\n pager = {}\n editor = {}\n \
             askPass = {}\n[extensions]\n partialClone = origin\n[remote \"origin\"]\n url = ssh://host.invalid/x\n \
             promisor = true\n partialclonefilter = blob:none\n fetch = +refs/heads/*:refs/remotes/origin/*\n \
             uploadpack = {}\n receivepack = {}\n[diff]\n external = {}\n[commit]\n gpgSign = true\n[gpg]\n program = {}\n\
             [credential]\n helper = {}\n",
            trap("ssh"),
            trap("fsmonitor"),
            trap("pager"),
            trap("editor"),
            trap("askpass"),
            trap("uploadpack"),
            trap("receivepack"),
            trap("external"),
            trap("gpg"),
            trap("!helper"),
        );
        let hook = format!("#!/bin/sh\ntouch '{}/hook'\n", ran.display());
        let commit = format!("{commit}\n");
        let mut files = vec![
            ("HEAD", "ref: refs/heads/main\n"),
            ("config", &config),
            ("refs/heads/main", &commit),
            ("refs/remotes/origin/network-policies-applied", &commit),
            ("objects/pack/keep", ""),
            ("objects/info/alternates", "../../.git/objects\n"),
        ];
        let hooks = ["post-checkout", "post-commit", "pre-push", "reference-transaction"];
        let hooks = hooks.map(|it| format!("hooks/{it}"));
        files.extend(hooks.iter().map(|it| (it.as_str(), hook.as_str())));
        for (name, text) in files {
            let path = self.path("author/sub").join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        self.run("chmod +x author/sub/hooks/*");
    }

    /// The programs of [`Self::disguise`] that ran.
    fn ran(&self) -> Vec<String> {
        let all = fs::read_dir(self.path("ran")).unwrap();
        all.map(|it| it.unwrap().file_name().into_string().unwrap()).collect()
    }
}

#[test]
fn a_project_that_looks_like_a_repository_is_none() {
    for missing in [true, false] {
        each(|mut scratch| {
            let case = format!("{:?}, missing: {missing}", scratch.vendor);
            scratch.in_a_subfolder();
            scratch.comments(&[]);
            scratch.reported(false);
            scratch.edit(FLOWS, INSIDE, &format!("{INSIDE}, tcp/81\n{INSIDE} until 2020-01-01"));
            let first = scratch.commit("For a while", Some("2019-12-01"));
            scratch.applied(&first);
            scratch.edit(FLOWS, &format!("\n{INSIDE} until 2020-01-01"), "");
            scratch.commit("No longer", None);
            scratch.old_git();
            let commit = scratch.pull_request(|it| {
                super::cross(it);
                it.commit("A crossing", None);
                it.edit(FLOWS, "three tiers", "three layers");
                // Its parent has the crossing already.
                let words = it.commit("Words", None);
                let nowhere = "1".repeat(40);
                it.disguise(if missing { &nowhere } else { &words });
            });
            let trapped =
                scratch.run(&format!("git -C origin.git ls-tree --name-only {commit}:sub"));
            assert!(trapped.contains("HEAD\n") && trapped.contains("objects\n"), "{trapped}");
            let change = scratch.review(&commit).passed().artifact("change.md");
            assert!(change.contains("tcp/8443"), "{case}: {change}");
            assert!(scratch.comment().2.contains("tcp/8443"), "{case}");
            assert_eq!(scratch.ran(), [""; 0], "{case}: review");

            scratch.run(
                "git -C author merge --quiet change && git -C author push --quiet origin main",
            );
            assert_eq!(scratch.boundary(false), "needed", "{case}");
            assert_eq!(scratch.boundary(true), "none", "{case}");
            scratch.on_main("approve", false, &[]).passed();
            // In the morning, before anybody has approved it.
            for job in ["apply", "record"] {
                scratch.on_main(job, true, &[]).passed();
                assert_eq!(scratch.ran(), [""; 0], "{case}: {job}, scheduled");
            }
            let parent = scratch.run(&format!("git -C origin.git rev-parse refs/heads/{APPLIED}^"));
            assert_eq!(parent, first, "{case}");
            // Then it is approved, and the next morning comes.
            for scheduled in [false, true] {
                for job in ["apply", "record", "report"] {
                    if job == "report" && !scheduled {
                        continue;
                    }
                    scratch.on_main(job, scheduled, &[("EASTWEST_TOKEN", "secret")]).passed();
                    assert_eq!(scratch.ran(), [""; 0], "{case}: {job}, {scheduled}");
                }
            }
            assert_eq!(scratch.tip(APPLIED), scratch.tip("main"), "{case}");
        });
    }
}

/// While the branch of what the cluster has is missing, a tag that is called like it in full is not it.
#[test]
fn a_tag_is_not_the_branch_that_is_missing() {
    const OTHER: &str = "NetworkPolicy application9-ns1 eastwest-flows application9";
    each(|mut scratch| {
        scratch.place(OTHER);
        scratch.run("git -C author checkout --quiet -b evil main");
        scratch.run(
            "cd author && mkdir -p platform/landingzones/application9 application9/network-policies \
             && touch application9/network-policies/app.flow \
             && printf 'apiVersion: v1\\nkind: Namespace\\nmetadata:\\n  name: application9-ns1\\n  labels: {applicationcode: application9, zone: x}\\n' \
             > platform/landingzones/application9/namespaces.yaml",
        );
        let evil = scratch.commit("Another application", None);
        scratch.run("git -C author checkout --quiet main");
        for name in ["tags/refs/remotes/origin", "tags/origin", "tags", "heads/refs/remotes/origin"]
        {
            scratch.run(&format!("git -C origin.git update-ref refs/{name}/{APPLIED} {evil}"));
        }
        assert_eq!(scratch.boundary(false), "needed");
        assert_eq!(scratch.boundary(true), "nothing");
        for job in ["apply", "record"] {
            let ran = scratch.on_main(job, true, &[]);
            assert_ne!(ran.status, 0, "{job}: {}", ran.said);
            assert_eq!(scratch.cluster(), [OTHER], "{job}: {}", ran.said);
            assert_eq!(scratch.tip(APPLIED), "");
        }
        scratch.on_main("apply", false, &[]).passed();
        assert!(scratch.cluster().iter().any(|it| it == OTHER), "{:?}", scratch.cluster());
        // The branch itself is asked.
        scratch.applied(&evil);
        scratch.on_main("apply", false, &[]).passed();
        assert!(!scratch.cluster().iter().any(|it| it == OTHER), "{:?}", scratch.cluster());
    });
}

/// Neither a tag that is called like a commit nor files that are called like what git is asked for.
#[test]
fn a_hash_means_its_commit() {
    each(|mut scratch| {
        let first = scratch.tip("main");
        scratch.applied(&first);
        for name in ["HEAD", "HEAD^{commit}", "origin", &first, &format!("{first}^{{commit}}")] {
            fs::write(scratch.path("author").join(name), "").unwrap();
        }
        scratch.run(&format!(
            "cd author && mkdir -p refs/remotes/origin && touch refs/remotes/origin/{APPLIED}"
        ));
        super::cross(&scratch);
        let second = scratch.commit("A crossing", None);
        for (name, at) in [(&first, &second), (&second, &first)] {
            scratch.run(&format!("git -C origin.git update-ref refs/tags/{name} {at}"));
        }
        assert_eq!(scratch.boundary(false), "needed");
        for job in ["apply", "record"] {
            scratch.on_main(job, true, &[]).passed();
            assert_eq!(scratch.tip(APPLIED), first);
        }
        for job in ["apply", "record"] {
            scratch.on_main(job, false, &[]).passed();
        }
        assert_eq!(scratch.tip(APPLIED), second);
    });
}

/// On one line, in one code span.
fn is_shown(line: &str) -> bool {
    let inner = line.strip_prefix("- `").and_then(|it| it.strip_suffix('`'));
    inner.is_some_and(|it| !it.contains('`') && !it.contains(char::is_control))
}

#[test]
fn paths_neither_command_nor_call_anybody() {
    if !can_run() {
        return;
    }
    let names = [
        "x\n/close\n.flow",
        "x\r/close\r.flow",
        "x\u{2028}/close\u{85}\u{202e}.flow",
        "`@org/security <img src=x>.flow",
        "``` @org/security [x](http://host.invalid) ##vso[task.x]#1.flow",
    ];
    each(|mut scratch| {
        scratch.reported(false);
        let flows = "{application}/network-policies/*.flow";
        scratch.edit("eastwest.toml", flows, "{application}/**/*.flow");
        for (port, name) in (1..).zip(names) {
            let path = scratch.path("author/application2").join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let line = format!(
                "application2.frontend -> application2.backend : tcp/{port} until {}\n",
                day(10)
            );
            fs::write(path, line).unwrap();
        }
        scratch.commit("Names", None);
        let said = scratch.report();
        assert_eq!(said.len(), 1);
        let text = &said[0].1;
        if scratch.vendor == Vendor::Azure {
            let text = text.strip_prefix("<pre>").unwrap().strip_suffix("</pre>").unwrap();
            assert!(!text.contains(['<', '>']), "{text}");
        }
        let text = text.replace("<pre>", "").replace("</pre>", "");
        let (head, lines) = text.split_once("Soon:\n\n").unwrap();
        assert!(["<!-- eastwest: last days -->\n", ""].contains(&head), "{head}");
        assert_eq!(lines.split('\n').count(), names.len(), "{lines}");
        assert!(lines.split('\n').all(is_shown), "{lines}");
    });
}
