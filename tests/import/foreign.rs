//! Worlds that nobody here wrote, imported: the result is always a project, and what is said of it is true of every
//! connection that is tried, by the two brute-force models.

use std::collections::BTreeMap;

use eastwest::calico::{Action, Release, encode};
use eastwest::import::{Equal, Imported, import};
use eastwest::program::{Program, Settings};
use eastwest::reach::of_policies::Ties;
use eastwest::reach::{Direction, End, Example, Scenario};
use eastwest::zones::LabelKeys;

use super::super::calico_naive::{self, By, Cluster, NO_SERVICES};
use super::super::{foreign_worlds, naive};
use super::{manifests, program, read, seeds, shown};

/// The name that differences have for the end of `example` that is asked.
fn names(example: &Example) -> Vec<String> {
    let End::Pod { namespace, .. } = &example.subject else { return Vec::new() };
    let names: &[&str] = match &**namespace {
        "a" => &["x.*", "x.t"],
        "b" => &["y.*"],
        "c" => &["namespace/c"],
        _ => &["namespaces declared later", "namespace/new"],
    };
    names.iter().map(|it| (*it).to_owned()).collect()
}

/// Whether some difference is about the end of `example` that is asked.
fn told(imported: &Imported, example: &Example, more: bool) -> bool {
    let names = names(example);
    imported.verdicts.iter().flat_map(|it| &it.differences).any(|it| {
        it.more == more
            && if example.direction == Direction::Egress { it.sends } else { it.receives }
            && it.at.iter().any(|at| names.contains(at))
    })
}

fn is_held(end: &End) -> bool {
    matches!(end, End::Held { .. } | End::Host { .. })
}

#[test]
fn what_is_said_of_foreign_policies_is_true() {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in seeds() {
        let (namespaces, resources, examples) = foreign_worlds::cluster(seed);
        let manifest = manifests(namespaces.iter().map(|(name, labels)| (&**name, labels)));
        let text = encode::file("foreign", &resources);
        let settings = Settings {
            labels: LabelKeys { application: "zone".into(), zone: "team".into() },
            release: if seed % 2 == 0 { Release::NEWEST } else { Release::OLDEST },
            ..Settings::default()
        };
        let texts = [("zones.yaml", manifest.clone()), ("policies.yaml", text.clone())];
        let world = read(&texts, &settings);
        // Of two objects of one name the last one is there.
        let resources: Vec<_> = world.cluster.resources().cloned().collect();
        let imported =
            import(&world, &settings).unwrap_or_else(|it| panic!("world {seed}: {it}\n{text}"));
        let after = program(&imported, &manifest);
        let cluster = Cluster {
            resources: &resources,
            hosts: &[],
            namespaces: &namespaces,
            services: NO_SERVICES,
        };
        let ties = if seed % 2 == 0 { Ties::ByName } else { Ties::ByNamespace };
        let judge = |example: &Example| {
            let before = calico_naive::at_subject(cluster, ties, example).allowed;
            (before, naive::program(&after, example, Scenario::Plain))
        };
        let say = |what: &str, example: &Example| {
            format!("world {seed}, {what}: {example}\n{text}\n{}", shown(&imported))
        };
        for example in &examples {
            let (before, now) = judge(example);
            if before == now {
                *counts.entry(if before { "open" } else { "closed" }).or_default() += 1;
            } else {
                *counts.entry("differs").or_default() += 1;
                assert!(told(&imported, example, now), "{}", say("not told", example));
            }
        }
        for verdict in &imported.verdicts {
            *counts
                .entry(match verdict.verdict {
                    Equal::Equivalent => "equivalent",
                    Equal::EquivalentToday => "equivalent today",
                    Equal::Differs => "not equivalent",
                })
                .or_default() += 1;
            for difference in &verdict.differences {
                let example = difference.connection.as_ref().unwrap();
                assert!(!is_held(&example.peer), "{}", say("a peer that does not count", example));
                if is_held(&example.subject) {
                    continue;
                }
                if verdict.owner == "platform" {
                    let (before, now) = judge(example);
                    let right = (before, now) == (!difference.more, difference.more);
                    assert!(right, "{}", say("no difference", example));
                    *counts.entry("examples of the platform").or_default() += 1;
                } else {
                    let own = own(&resources, example);
                    let own = Cluster { resources: &own, ..cluster };
                    let judged = calico_naive::at_subject(own, ties, example);
                    let opens = judged.allowed && matches!(judged.by, By::Rule { .. });
                    // What a Pass leads to is open as well.
                    let passed = |it: &calico_naive::Asked| it.reached && it.action == Action::Pass;
                    let passed = judged.asked.iter().any(passed);
                    let opens = opens || judged.by == By::Profile && passed;
                    assert_eq!(opens, !difference.more, "{}", say("not by its own", example));
                    *counts.entry("examples of landing zones").or_default() += 1;
                }
            }
        }
        lines(&after, &mut counts);
    }
    println!("{counts:#?}");
    for name in ["differs", "open", "closed", "equivalent", "not equivalent", "crossings"] {
        assert!(counts.get(name).is_some_and(|it| *it > 10), "too few: {name}");
    }
}

/// The policies of the namespace of the end of `example` that is asked, and all that is not a policy.
fn own(
    resources: &[eastwest::calico::Resource],
    example: &Example,
) -> Vec<eastwest::calico::Resource> {
    let End::Pod { namespace, .. } = &example.subject else { return Vec::new() };
    let own = |it: &&eastwest::calico::Resource| match it {
        eastwest::calico::Resource::Policy(policy) => policy.namespace.as_ref() == Some(namespace),
        eastwest::calico::Resource::Tier(_) | eastwest::calico::Resource::Set(_) => true,
    };
    resources.iter().filter(own).cloned().collect()
}

fn lines(program: &Program, counts: &mut BTreeMap<&str, usize>) {
    use eastwest::program::Arrow;
    for flow in &program.flows {
        let name = match flow.arrow {
            Arrow::Inside | Arrow::Both => "lines inside",
            Arrow::Leaving | Arrow::Entering => "crossings",
        };
        *counts.entry(name).or_default() += 1;
    }
    *counts.entry("guardrails").or_default() += program.guardrails.len();
}
