//! Differences of clusters whose policies nobody here wrote, held to the brute-force model of Calico.

use eastwest::calico::{Action, HostEndpoint, Policy, PolicyKind, Release, Resource, encode};
use eastwest::check::{self, CheckInput};
use eastwest::cluster;
use eastwest::diff::diff;
use eastwest::program::Settings;
use eastwest::reach::of_policies::Ties;
use eastwest::reach::{Direction, End, Example, Scenario};
use eastwest::source::Sources;
use eastwest::world::World as Read;

use super::super::calico_naive::{self, Cluster, NO_SERVICES};
use super::super::judges::IMAGINED;
use super::super::world::{Dice, varying_seeds};
use super::Namespaces;
use super::world::{self, World};

const WORLDS: u64 = 80;

/// The cluster of `resources`, read from what is written of them.
fn read(namespaces: &Namespaces, resources: &[Resource]) -> Read {
    read_with_hosts(namespaces, resources, &[])
}

/// The same with host endpoints.
fn read_with_hosts(
    namespaces: &Namespaces,
    resources: &[Resource],
    hosts: &[HostEndpoint],
) -> Read {
    let mut sources = Sources::new();
    let mut manifests = String::new();
    for (name, labels) in namespaces {
        let labels: Vec<_> = labels.iter().map(|(key, value)| format!("{key}: {value}")).collect();
        let metadata = format!("{{name: {name}, labels: {{{}}}}}", labels.join(", "));
        let namespace = format!("{{apiVersion: v1, kind: Namespace, metadata: {metadata}}}");
        manifests.extend(["---\n", &namespace, "\n"]);
    }
    for host in hosts {
        let labels: Vec<_> =
            host.labels.iter().map(|(key, value)| format!("{key}: '{value}'")).collect();
        let profiles = host.profiles.join(", ");
        let addresses: Vec<_> = host.addresses.iter().map(ToString::to_string).collect();
        let host = format!(
            "{{apiVersion: projectcalico.org/v3, kind: HostEndpoint, metadata: {{name: {}, labels: {{{}}}}}, spec: {{node: n, interfaceName: eth0, expectedIPs: ['{}'], profiles: [{profiles}]}}}}",
            host.name,
            labels.join(", "),
            addresses.join("', '")
        );
        manifests.extend(["---\n", &host, "\n"]);
    }
    let files = [
        sources.add("namespaces.yaml", manifests),
        sources.add("policies.yaml", encode::file("foreign", resources)),
    ];
    let settings = Settings::default();
    let (cluster, _) = cluster::load(&sources, &files, &settings.labels, None);
    let (program, _) = check::check(&CheckInput {
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
        !matches!(
            resource,
            Resource::Policy(Policy { kind: PolicyKind::Kubernetes | PolicyKind::Admin(_), .. })
        )
    };
    let mut left: Vec<Resource> = Vec::new();
    for resource in world.resources.iter().filter(written) {
        // Of two objects of one name the last one is there.
        left.retain(|it| object(it) != object(resource));
        left.push(resource.clone());
    }
    left
}

/// What no two objects of a cluster have in common.
fn object(resource: &Resource) -> (u8, Option<&str>, &str) {
    match resource {
        Resource::Policy(it) => (0, it.namespace.as_deref(), &it.name),
        Resource::Tier(it) => (1, None, &it.name),
        Resource::Set(it) => (2, it.namespace.as_deref(), &it.name),
    }
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
                let cluster = Cluster { resources, hosts, namespaces, services: NO_SERVICES };
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
                            let cluster =
                                Cluster { resources, hosts, namespaces, services: NO_SERVICES };
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

/// Host endpoints of which one has other profiles or labels, or is gone.
fn with_other_hosts(hosts: &[HostEndpoint], dice: &mut Dice) -> Vec<HostEndpoint> {
    let mut hosts = hosts.to_vec();
    let at = dice.below(hosts.len());
    match dice.below(4) {
        0 => drop(hosts.remove(at)),
        1 => hosts[at].profiles = vec!["projectcalico-default-allow".into()],
        2 => hosts[at].profiles.clear(),
        _ => hosts[at].labels = vec![("app".into(), "x".into())],
    }
    hosts
}

#[test]
fn what_differs_at_host_endpoints_is_told_and_nothing_else() {
    let (mut same, mut other, mut seen) = (0, 0, 0);
    for seed in varying_seeds(WORLDS) {
        let mut world = world::world(seed);
        if world.hosts.is_empty() {
            continue;
        }
        // What nobody here knows of a profile differs with its name.
        for host in &mut world.hosts {
            host.profiles.retain(|it| **it != *"custom");
        }
        let mut dice = Dice::new(seed + 500);
        let resources = written(&world);
        let hosts = [world.hosts.clone(), with_other_hosts(&world.hosts, &mut dice)];
        let worlds = hosts.each_ref().map(|it| read_with_hosts(&world.namespaces, &resources, it));
        let found = diff(&worlds[0], &worlds[1]).unwrap();
        *(if found.same { &mut same } else { &mut other }) += 1;
        let say = || {
            format!("world {seed}: {found:#?}\n{hosts:#?}\n{}", encode::file("foreign", &resources))
        };
        let judge =
            |hosts: &[HostEndpoint], name: &str, example: &dyn Fn(&HostEndpoint) -> Example| {
                let Some(host) = hosts.iter().find(|it| *it.name == *name) else { return true };
                let cluster = Cluster {
                    resources: &resources,
                    hosts,
                    namespaces: &world.namespaces,
                    services: NO_SERVICES,
                };
                let example = example(host);
                calico_naive::at_subject(cluster, Ties::ByName, &example).allowed
            };
        let mut differs = 0;
        for name in world.hosts.iter().map(|it| &*it.name) {
            for direction in Direction::BOTH {
                for peer in world.peers().iter().filter(|it| !matches!(it.end, End::Host { .. })) {
                    for traffic in &world.traffic {
                        let example = |host: &HostEndpoint| Example {
                            direction,
                            subject: End::of_host(host),
                            peer: peer.end.clone(),
                            traffic: traffic.clone(),
                            conditions: std::collections::BTreeSet::new(),
                        };
                        let fits = peer.end.address().is_none_or(|it| {
                            it.is_ipv4() == (traffic.family == eastwest::traffic::Family::V4)
                        });
                        if !fits || matches!(peer.end, End::Held { .. }) {
                            continue;
                        }
                        let [was, is] = hosts.each_ref().map(|it| judge(it, name, &example));
                        assert!(was == is || !found.same, "{}\n{}", example(&hosts[0][0]), say());
                        differs += usize::from(was != is);
                    }
                }
            }
        }
        assert!(hosts[0] != hosts[1] || found.same, "{}", say());
        seen += usize::from(differs > 0);
    }
    println!("{same} {other} {seen}");
    // What differs at all differs for most connections.
    assert!(same > 2 && seen * 2 > other, "{same} {other} {seen}");
}
