//! Differences of clusters whose policies nobody here wrote, held to the brute-force model of Calico.

use eastwest::calico::{Action, Policy, PolicyKind, Resource, encode};
use eastwest::check::{self, Input};
use eastwest::cluster;
use eastwest::diff::diff;
use eastwest::program::{Release, Settings};
use eastwest::reach::of_policies::Ties;
use eastwest::reach::{Direction, End, Example, Scenario};
use eastwest::source::Sources;
use eastwest::world::World as Read;

use super::super::calico_naive::{self, Cluster};
use super::super::judges::IMAGINED;
use super::super::world::Dice;
use super::Namespaces;
use super::world::{self, World};

const WORLDS: u64 = 80;

/// The cluster of `resources`, read from what is written of them.
fn read(namespaces: &Namespaces, resources: &[Resource]) -> Read {
    let mut sources = Sources::new();
    let mut manifests = String::new();
    for (name, labels) in namespaces {
        let labels: Vec<_> = labels.iter().map(|(key, value)| format!("{key}: {value}")).collect();
        let metadata = format!("{{name: {name}, labels: {{{}}}}}", labels.join(", "));
        let namespace = format!("{{apiVersion: v1, kind: Namespace, metadata: {metadata}}}");
        manifests.extend(["---\n", &namespace, "\n"]);
    }
    let files = [
        sources.add("namespaces.yaml", manifests),
        sources.add("policies.yaml", encode::file("foreign", resources)),
    ];
    let settings = Settings::default();
    let (cluster, _) = cluster::load(&sources, &files, &settings.labels);
    let (program, _) = check::check(&Input {
        files: &[],
        platform: false,
        zones: &cluster.zones,
        settings: &settings,
        write: None,
        partial: false,
        today: jiff::civil::date(2026, 11, 22),
        drop_expired: false,
    });
    Read::new(sources, cluster, program, Release::NEWEST)
}

/// The resources of a world that can be written.
fn written(world: &World) -> Vec<Resource> {
    let written = |resource: &&Resource| {
        !matches!(resource, Resource::Policy(Policy { kind: PolicyKind::Kubernetes, .. }))
    };
    world.resources.iter().filter(written).cloned().collect()
}

/// Another cluster: a policy less, or a rule that does the opposite, or nothing else.
fn changed(resources: &[Resource], dice: &mut Dice) -> Vec<Resource> {
    let mut resources = resources.to_vec();
    if dice.one_in(6) || resources.is_empty() {
        resources.reverse();
        return resources;
    }
    let at = dice.below(resources.len());
    if let Resource::Policy(policy) = &mut resources[at]
        && let Some(rule) = policy.egress.first_mut().or(policy.ingress.first_mut())
        && dice.one_in(2)
    {
        rule.action = if rule.action == Action::Allow { Action::Deny } else { Action::Allow };
    } else {
        resources.remove(at);
    }
    resources
}

#[test]
fn what_differs_between_clusters_is_told() {
    let (mut same, mut other, mut connections, mut examples) = (0, 0, 0, 0);
    for seed in 1..=WORLDS {
        let world = world::world(seed);
        let mut dice = Dice::new(seed + 400);
        let resources = written(&world);
        let worlds =
            [&resources, &changed(&resources, &mut dice)].map(|it| read(&world.namespaces, it));
        let [old, new] = &worlds;
        let found = diff(old, new).unwrap();
        *(if found.same { &mut same } else { &mut other }) += 1;
        let both = worlds.each_ref().map(|it| it.cluster.resources().cloned().collect::<Vec<_>>());
        let judge = |example: &_, scenario| {
            both.each_ref().map(|resources| {
                let (hosts, namespaces) = (&world.hosts, &world.namespaces);
                let cluster = Cluster { resources, hosts, namespaces };
                calico_naive::passes(cluster, example, scenario, Ties::ByName, IMAGINED)
            })
        };
        let say = || format!("world {seed}: {found:#?}\n{}", encode::file("foreign", &resources));
        for (example, in_new) in &found.examples {
            let [was, is] = judge(example, Scenario::Plain);
            assert_eq!([was, is], [!in_new, *in_new], "{example}\n{}", say());
            examples += 1;
        }
        for subject in &world.subjects {
            for direction in Direction::BOTH {
                for peer in world.peers() {
                    for traffic in &world.traffic {
                        let example = World::example(direction, subject, &peer, traffic);
                        let Some(example) = example.filter(|_| dice.one_in(3)) else { continue };
                        for scenario in [Scenario::Plain, Scenario::OpenAfterAll] {
                            let [was, is] = judge(&example, scenario);
                            assert!(was == is || !found.same, "{scenario:?} {example}\n{}", say());
                            connections += usize::from(was != is);
                        }
                    }
                }
            }
        }
    }
    println!("{same} {other} {connections} {examples}");
    assert!(same > 5 && other > 20 && connections > 200 && examples > 50);
}

/// `example` where each namespace that is declared bears the labels that it is declared with; nothing where none of its ends
/// is in one.
fn declared(example: &Example, namespaces: &Namespaces) -> Option<Example> {
    let mut example = example.clone();
    let mut any = false;
    for end in [&mut example.subject, &mut example.peer] {
        if let End::Pod { namespace, of_namespace, .. } = end
            && let Some((_, labels)) = namespaces.iter().find(|(name, _)| **name == *namespace)
        {
            *of_namespace = labels.iter().cloned().collect();
            of_namespace.insert("kubernetes.io/metadata.name".into(), namespace.clone());
            any = true;
        }
    }
    any.then_some(example)
}

#[test]
fn namespaces_that_take_each_others_labels_are_told() {
    let (mut same, mut other, mut connections) = (0, 0, 0);
    for seed in 1..=WORLDS {
        let world = world::world(seed);
        let mut dice = Dice::new(seed + 800);
        let resources = written(&world);
        let mut swapped = world.namespaces.clone();
        let labels: Vec<_> = swapped.values().cloned().collect();
        let by = 1 + dice.below(labels.len() - 1);
        for (at, its) in swapped.values_mut().enumerate() {
            its.clone_from(&labels[(at + by) % labels.len()]);
            its.retain(|(key, _)| **key != *"kubernetes.io/metadata.name");
        }
        let namespaces = [&world.namespaces, &swapped];
        let worlds = namespaces.map(|it| read(it, &resources));
        let [old, new] = &worlds;
        let found = diff(old, new).unwrap();
        *(if found.same { &mut same } else { &mut other }) += 1;
        let say = || format!("world {seed}: {found:#?}\n{}", encode::file("foreign", &resources));
        for subject in &world.subjects {
            for direction in Direction::BOTH {
                for peer in world.peers() {
                    for traffic in &world.traffic {
                        let Some(example) = World::example(direction, subject, &peer, traffic)
                        else {
                            continue;
                        };
                        let judged = namespaces.iter().zip(&worlds).map(|(namespaces, read)| {
                            let example = declared(&example, namespaces)?;
                            let resources = read.cluster.resources().cloned().collect::<Vec<_>>();
                            let (hosts, resources) = (&world.hosts, &resources);
                            let cluster = Cluster { resources, hosts, namespaces };
                            let (plain, ties) = (Scenario::Plain, Ties::ByName);
                            Some(calico_naive::passes(cluster, &example, plain, ties, IMAGINED))
                        });
                        let judged: Vec<_> = judged.collect();
                        let differs = judged[0] != judged[1];
                        assert!(!differs || !found.same, "{example} {judged:?}\n{}", say());
                        connections += usize::from(differs);
                    }
                }
            }
        }
    }
    println!("{same} {other} {connections}");
    assert!(same > 5 && other > 20 && connections > 200, "{same} {other} {connections}");
}
