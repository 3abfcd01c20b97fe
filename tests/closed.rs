//! Who is closed: whatever changes it changes `crossings.lock`, and `diff --only crossings` tells it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use eastwest::diff::diff;
use eastwest::lock;
use eastwest::program::{Deny, Program};

use super::cli::{CONFIG, Project, ZONES};
use super::diff_worlds::of;
use super::support;
use super::world::Dice;

const WORLDS: u64 = 600;
const APPLICATIONS: [&str; 3] = ["a", "b", "c"];
const TWO: &str = "application2/network-policies/app.flow";

/// A project, as far as it decides who is closed.
#[derive(Clone, Debug)]
struct Scene {
    /// The application of each declared namespace; none for no label.
    namespaces: BTreeMap<&'static str, &'static str>,
    loaded: BTreeSet<&'static str>,
    platform: bool,
    deny: Deny,
    exempt: BTreeSet<&'static str>,
    line: bool,
}

impl Scene {
    fn new(dice: &mut Dice) -> Self {
        // Each application is there, whatever becomes of the other namespaces.
        let mut namespaces = BTreeMap::from([("a-1", "a"), ("b-1", "b"), ("c-1", "c")]);
        for name in ["n1", "n2"] {
            namespaces.insert(name, dice.of(&["", "a", "b", "c"]));
        }
        let loaded = APPLICATIONS.into_iter().filter(|_| !dice.one_in(3)).collect();
        let (platform, deny) = (!dice.one_in(3), deny(dice));
        Self { namespaces, loaded, platform, deny, exempt: BTreeSet::new(), line: false }
    }

    fn changed(mut self, dice: &mut Dice) -> Self {
        let toggle = |set: &mut BTreeSet<&'static str>, name| {
            if !set.remove(name) {
                set.insert(name);
            }
        };
        match dice.below(8) {
            0..=2 => toggle(&mut self.loaded, dice.of(&APPLICATIONS)),
            3 => self.deny = deny(dice),
            4 => self.platform = !self.platform,
            5 => toggle(&mut self.exempt, dice.of(&["n1", "a-1", "b-1", "later"])),
            6 => self.line = !self.line,
            _ => match (dice.of(&["n1", "n2", "n3"]), dice.of(&["-", "", "a", "b", "c"])) {
                (name, "-") => drop(self.namespaces.remove(name)),
                (name, application) => drop(self.namespaces.insert(name, application)),
            },
        }
        self
    }

    fn program(&self) -> Program {
        let mut project = support::project().settings(|it| it.deny = self.deny.clone());
        for (name, application) in &self.namespaces {
            project = project.namespace(name, application, "");
        }
        for application in &self.loaded {
            let line = format!("{application}.* -> {application}.* : tcp/80\n");
            project = project.file(application, if self.line { &line } else { "" });
        }
        if self.platform {
            let exempt: Vec<_> = ["kube-system"].iter().chain(&self.exempt).copied().collect();
            project = project.platform(&format!("exempt {}\n", exempt.join(", ")));
        }
        project.program()
    }

    /// Whether a namespace with this label is closed, by the words of the language reference alone.
    fn closes(&self, name: &str, application: &str) -> bool {
        let loaded = self.loaded.contains(application);
        let declared = self.namespaces.contains_key(name);
        let covered = match &self.deny {
            _ if !self.platform => declared && loaded,
            Deny::All => true,
            Deny::LandingZones => !application.is_empty(),
            Deny::Applications(names) => loaded || names.iter().any(|it| **it == *application),
        };
        covered && !(self.platform && self.exempt.contains(name))
    }

    fn label(&self, name: &str) -> Option<&'static str> {
        self.namespaces.get(name).copied()
    }
}

fn deny(dice: &mut Dice) -> Deny {
    match dice.below(6) {
        0 => Deny::All,
        1 => Deny::LandingZones,
        2 => Deny::Applications(vec!["b".into()]),
        3 => Deny::Applications(vec!["b".into(), "c".into()]),
        _ => Deny::Applications(Vec::new()),
    }
}

#[test]
fn whatever_changes_who_is_closed_changes_the_lock_and_is_told() {
    let (mut told, mut locked, mut owned, mut same) = (0, 0, 0, 0);
    for seed in 1..=WORLDS {
        let mut dice = Dice::new(seed + 31);
        let old = Scene::new(&mut dice);
        let mut new = old.clone();
        for _ in 0..=dice.below(3) {
            new = new.changed(&mut dice);
        }
        let programs = [old.program(), new.program()];
        let text = |owners: Option<&[&str]>| {
            let [was, is] = programs.each_ref().map(|it| lock::text(it, owners));
            was != is
        };
        let [was, is] = programs.clone().map(of);
        let found = diff(&was, &is).unwrap().crossings();
        let say = || format!("world {seed}: {old:?}\n{new:?}\n{found:#?}");
        let mut differs = false;
        for name in ["a-1", "b-1", "c-1", "n1", "n2", "n3", "later", "other"] {
            let labels = [old.label(name), new.label(name)];
            let declared = labels.iter().any(Option::is_some);
            for guess in ["", "a", "b", "c"] {
                let [was, is] = labels.map(|it| it.unwrap_or(guess));
                if declared && guess != labels[0].or(labels[1]).unwrap() {
                    continue;
                }
                if old.closes(name, was) == new.closes(name, is) {
                    continue;
                }
                differs = true;
                assert!(!found.same, "{name} {was} {is}: {}", say());
                let named = format!("{found:?}").contains(name);
                assert!(!declared || named, "{name}: {}", say());
                told += 1;
                // A namespace that goes elsewhere is told; by its label alone, nothing is written of it.
                if labels[0] == labels[1] || !old.platform || !new.platform {
                    assert!(text(None), "{name}: {}", say());
                    locked += 1;
                    if declared && labels[0] == labels[1] && APPLICATIONS.contains(&was) {
                        assert!(text(Some(&[was])), "{name} of {was}: {}", say());
                        owned += 1;
                    }
                }
            }
        }
        if !differs && found.same && old.platform == new.platform && old.deny == new.deny {
            assert!(!text(None) || old.exempt != new.exempt, "{}", say());
            same += 1;
        }
    }
    println!("{told} told, {locked} locked, {owned} of an owner, {same} the same");
    assert!(told > 1000 && locked > 1000 && owned > 200 && same > 40);
}

/// A sample with `deny` and a lock that has to be there.
fn locked(deny: &str) -> Project {
    let project = Project::sample();
    let calico = format!("[calico]\ndeny = {deny}\n[lints]");
    project.write("eastwest.toml", &format!("lock = true\n{}", CONFIG.replace("[lints]", &calico)));
    assert_eq!(project.run("lock").status, 0);
    project.commit();
    project
}

/// That every check is red, and that the difference is told with `words`.
fn opened(project: &Project, line: &str, words: &str) {
    for command in ["check", "build --check", "lock --check"] {
        let ran = project.run(command);
        assert_eq!(ran.status, 1, "{command}: {}", ran.err);
        assert!(ran.err.contains("EW0817") && ran.err.contains(line), "{command}: {}", ran.err);
    }
    let ran = project.run("diff git:main --only crossings");
    assert_eq!(ran.status, 1, "{}", ran.err);
    assert!(ran.out.contains(words), "{}", ran.out);
}

#[test]
fn a_flow_file_that_goes_opens_its_application_and_the_lock_says_so() {
    let gone = |project: &Project| {
        let path = project.path().join(TWO);
        fs::rename(&path, path.with_extension("flow.off")).unwrap();
    };
    let open = "everything is open now: application2-ns1, application2-ns2";
    for deny in ["\"none\"", "[\"application1\"]"] {
        let project = locked(deny);
        gone(&project);
        opened(&project, "- #! closed application2", open);
        // Whatever else changes at the same time.
        let platform = "exempt kube-system, other\nlog denied\n";
        project.write("platform/flows/platform.flow", platform);
        opened(&project, "- #! closed application2", open);
    }
    // What `deny` names is closed with or without a file.
    let project = locked("[\"application2\"]");
    gone(&project);
    let ran = project.run("diff git:main --only crossings");
    assert_eq!(ran.status, 0, "{}", ran.out);
    assert_eq!(project.run("lock --check").status, 0);
}

#[test]
fn settings_that_leave_an_application_open_change_the_lock() {
    let project = locked("\"none\"");
    let config = project.read("eastwest.toml");
    let pattern = config.replace(
        "[\"{application}/network-policies/*.flow\"]",
        "{ application1 = [\"application*/network-policies/app.flow\"] }",
    );
    project.write("eastwest.toml", &pattern.replace("application*/", "application1/"));
    opened(&project, "- #! closed application2", "application2-ns1");

    let without = config.replace("[\"platform/flows/*.flow\"]", "[]");
    project.write("eastwest.toml", &without);
    opened(
        &project,
        "+ #! closed application2 in application2-ns1 application2-ns2",
        "no default deny",
    );
}

#[test]
fn without_platform_files_the_namespaces_that_are_closed_are_named() {
    let project = Project::sample();
    let config = CONFIG.replace("[\"platform/flows/*.flow\"]", "[]");
    project.write("eastwest.toml", &config);
    project.run("lock");
    let text = project.read("crossings.lock");
    assert!(text.contains(" · deny off · "), "{text}");
    assert!(text.contains("\n#! closed application1 in application1-ns1\n"), "{text}");
    project.commit();
    let zones = ZONES.replace(
        "name: application2-ns2\n  labels: {applicationcode: application2,",
        "name: application2-ns2\n  labels: {other: application2,",
    );
    assert_ne!(zones, ZONES);
    project.write("platform/zones/a.yaml", &zones);
    project.write(TWO, "application2.frontend -> application2.frontend : tcp/1\n");
    opened(
        &project,
        "- #! closed application2 in application2-ns1 application2-ns2",
        "application2-ns2",
    );

    // An owner whose policies are not written any more.
    let project = Project::sample();
    project.write("eastwest.toml", &config);
    project.run("lock");
    project.commit();
    project.write("eastwest.toml", &format!("write = [\"application1\"]\n{config}"));
    opened(
        &project,
        "- #! closed application2 in",
        "the policies of application2 are written here",
    );
}

#[test]
fn the_lock_of_a_repository_of_its_own_says_whether_it_is_closed_and_what_its_lines_rest_on() {
    let platform = Project::new(&[
        (
            "eastwest.toml",
            &CONFIG
                .replace("[lints]", "[calico]\ndeny = \"none\"\n")
                .replace("[\"{application}/network-policies/*.flow\"]", "[]"),
        ),
        ("platform/zones/a.yaml", ZONES),
        (
            "platform/flows/platform.flow",
            "exempt kube-system, application2-ns2\nexternal lan = 10.0.0.0/8\nexternal wan = 11.0.0.0/8\n",
        ),
    ]);
    let own = Project::new(&[
        (
            "eastwest.toml",
            "bundle = \"vendor\"\nflows = { application2 = [\"*.flow\"] }\nwrite = [\"application2\"]\nlock = true\n",
        ),
        ("app.flow", "application2.frontend ==> lan : tcp/1 because \"x\"\n"),
    ]);
    let export = || {
        let ran = platform.run(&format!("export -o {}", own.path().join("vendor").display()));
        assert_eq!(ran.status, 0, "{}", ran.err);
    };
    export();
    assert_eq!(own.run("lock").status, 0);
    own.commit();
    let text = own.read("crossings.lock");
    let lines: Vec<_> = text.lines().skip(2).take(3).collect();
    let wanted = ["#! closed application2", "exempt application2-ns2", "external lan = 10.0.0.0/8"];
    assert_eq!(lines, wanted, "{text}");
    assert!(!text.contains("wan") && !text.contains("kube-system"), "{text}");

    fs::rename(own.path().join("app.flow"), own.path().join("app.off")).unwrap();
    opened(&own, "- #! closed application2", "application2-ns1");
    fs::rename(own.path().join("app.off"), own.path().join("app.flow")).unwrap();

    let flows = platform.read("platform/flows/platform.flow");
    platform.write("platform/flows/platform.flow", &flows.replace("= 10.0.0.0/8", "= 10.0.0.0/7"));
    export();
    let ran = own.run("lock --check");
    assert!(ran.status == 1 && ran.err.contains("+ external lan = 10.0.0.0/7"), "{}", ran.err);
}
