//! Random policies that nobody here wrote, over small clusters: the brute-force model of Calico and the evaluator must
//! say the same of every connection, and of each rule whether it matches and whether it had a say.

mod agree;
mod audit;
mod batch;
mod constructs;
mod diff;
mod landing_zones;
mod pairs;
mod policy;
mod world;

use std::collections::BTreeSet;

use eastwest::calico::{Policy, PolicyKind, Resource, decode, encode};
use eastwest::reach::of_policies::{Namespaces, Policies, Ties};
use eastwest::reach::{Condition, Direction, End, Example, Scenario, Sets, Terms};
use eastwest::yaml::read_back::read_back;

use super::calico_naive::{self, Cluster, Party, Seen};
use super::judges::{self, IMAGINED, Reach};
use super::world::Dice;
use constructs::Counts;
use world::{Pod, World};

/// How many worlds, unless the environment says otherwise.
const WORLDS: u64 = 100;

fn seeds() -> std::ops::RangeInclusive<u64> {
    let number = |name| std::env::var(name).ok().and_then(|it| it.parse::<u64>().ok());
    let first = number("EASTWEST_FIRST_WORLD").unwrap_or(1);
    first..=first + number("EASTWEST_WORLDS").unwrap_or(WORLDS) - 1
}

#[test]
fn foreign_policies_are_judged_as_calico_judges_them() {
    let mut counts = Counts::default();
    for seed in seeds() {
        let mut world = world::world(seed);
        // The evaluator knows half of them as text alone, which cannot say that an object may be there.
        let read = if seed % 2 == 0 {
            world.resources.iter().map(through_text).collect()
        } else {
            world.give_provisos(seed);
            world.resources.clone()
        };
        counts.written(&world);
        Judging::new(seed, &world).all(&read, &mut counts);
    }
    println!("{counts:#?}");
    let missing = counts.missing();
    assert!(missing.is_empty(), "never met: {missing:?}");
}

/// `resource` as it is read from what is written of it. Kubernetes' own policies have another form there.
fn through_text(resource: &Resource) -> Resource {
    let others = |it: &Policy| matches!(it.kind, PolicyKind::Kubernetes | PolicyKind::Admin(_));
    if let Resource::Policy(policy) = resource
        && others(policy)
    {
        return resource.clone();
    }
    let text = encode::file("foreign", [resource]);
    let nodes = read_back(&text).unwrap();
    decode::resource(&nodes[0]).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// One world, being judged by both.
struct Judging<'a> {
    seed: u64,
    world: &'a World,
    dice: Dice,
}

impl<'a> Judging<'a> {
    fn new(seed: u64, world: &'a World) -> Self {
        Self { seed, world, dice: Dice::new(seed + 1000) }
    }

    fn all(&mut self, read: &[Resource], counts: &mut Counts) {
        let world = self.world;
        let (namespaces, services) = (&world.namespaces, &world.services);
        let mut policies = Policies::at_endpoints(read.iter(), namespaces, &world.hosts, services);
        let mut terms = Terms::default();
        policies.terms(&mut terms);
        terms.give_pods_addresses();
        Sets::over(terms, |mut sets| {
            let cluster = self.cluster();
            let party = |pod: &Pod| Party::new(cluster, &pod.end);
            let peers: Vec<(Pod, Party)> =
                world.peers().into_iter().map(|pod| (pod.clone(), party(&pod))).collect();
            for subject in &world.subjects {
                let of_subject = party(subject);
                let host = calico_naive::host_of(cluster, &subject.end);
                for direction in Direction::BOTH {
                    let (namespaces, end) = (&world.namespaces, &subject.end);
                    let reaches =
                        judges::reaches(&mut policies, &mut sets, cluster, end, direction);
                    for (peer, of_peer) in &peers {
                        for traffic in &world.traffic {
                            // Other worlds tell more than other connections of one.
                            if self.dice.one_in(2) {
                                continue;
                            }
                            let Some(mut example) =
                                World::example(direction, subject, peer, traffic)
                            else {
                                continue;
                            };
                            example.conditions = self.some_answers();
                            let (subject, peer) = (&of_subject, of_peer);
                            let seen = Seen { example: &example, subject, peer, host };
                            for (ties, reach) in Ties::BOTH.into_iter().zip(&reaches) {
                                self.connection(&sets, seen, ties, reach, counts);
                            }
                        }
                    }
                    for (ties, reach) in Ties::BOTH.into_iter().zip(&reaches) {
                        for example in reach.witnesses(&mut sets, namespaces, end, direction) {
                            let [subject, peer] = [&example.subject, &example.peer]
                                .map(|end| Party::new(cluster, end));
                            let seen =
                                Seen { example: &example, subject: &subject, peer: &peer, host };
                            self.connection(&sets, seen, ties, reach, counts);
                            counts.witnesses += 1;
                        }
                    }
                }
            }
        })
        .unwrap();
    }

    /// Some of what no packet shows.
    fn some_answers(&mut self) -> BTreeSet<Condition> {
        let dice = &mut self.dice;
        self.world.conditions.iter().filter(|_| dice.one_in(2)).cloned().collect()
    }

    fn cluster(&self) -> Cluster<'a> {
        let World { resources, hosts, namespaces, services, .. } = self.world;
        Cluster { resources, hosts, namespaces, services }
    }

    fn connection(
        &mut self,
        sets: &Sets,
        seen: Seen<'_>,
        ties: Ties,
        reach: &Reach,
        counts: &mut Counts,
    ) {
        let example = seen.example;
        let judged = calico_naive::judge(self.cluster(), ties, seen);
        counts.judged(self.world, example.direction, &judged);
        if ties == Ties::ByName {
            let older = calico_naive::judge(self.cluster(), Ties::ByNamespace, seen);
            if older.by != judged.by {
                counts.differed_by_release();
            }
        }
        let say = |what: &str| {
            let text = encode::file("foreign", &self.world.resources);
            format!("world {}, {ties:?}, {what}: {example}\n{judged:#?}\n{text}", self.seed)
        };
        reach.confirm(sets, &judged, example, &say);
        let conditions: Vec<_> = self.world.conditions.iter().cloned().collect();
        if (1..=8).contains(&conditions.len()) && self.dice.one_in(4) {
            let mut verdicts = BTreeSet::new();
            for chosen in 0..1 << conditions.len() {
                let held = conditions.iter().enumerate().filter(|(bit, _)| chosen >> bit & 1 == 1);
                let conditions = held.map(|(_, condition)| condition.clone()).collect();
                let example = Example { conditions, ..example.clone() };
                let seen = Seen { example: &example, ..seen };
                verdicts.insert(calico_naive::judge(self.cluster(), ties, seen).allowed);
            }
            counts.answered(verdicts.len());
            let told = [!verdicts.contains(&false), verdicts.contains(&true)];
            assert_eq!(reach.answers(sets, example), told, "{}", say("surely and perhaps"));
        }
        if self.dice.one_in(8) {
            for scenario in Scenario::ALL {
                let truth = calico_naive::passes_as(
                    self.cluster(),
                    example,
                    seen.host,
                    scenario,
                    ties,
                    IMAGINED,
                );
                let by_reach = reach.beside(sets, scenario, example);
                assert_eq!(by_reach, truth, "{}", say(&format!("{scenario:?}")));
                counts.imagined += 1;
            }
        }
    }
}

/// The cluster of this number as its namespaces and resources (policies of Kubernetes apart, which have no text here), and
/// connections of pods without addresses.
pub(crate) fn cluster(seed: u64) -> (Namespaces, Vec<Resource>, Vec<Example>) {
    let world = world::world(seed);
    let is_ours = |it: &Resource| {
        !matches!(
            it,
            Resource::Policy(Policy { kind: PolicyKind::Kubernetes | PolicyKind::Admin(_), .. })
        )
    };
    let nowhere = |mut pod: Pod| {
        if let End::Pod { address, .. } = &mut pod.end {
            *address = None;
        }
        pod
    };
    let mut examples = Vec::new();
    for subject in world.subjects.iter().cloned().map(nowhere) {
        for peer in world.peers().into_iter().map(nowhere) {
            for traffic in &world.traffic {
                for direction in Direction::BOTH {
                    examples.extend(World::example(direction, &subject, &peer, traffic));
                }
            }
        }
    }
    let pods = |it: &Example| {
        matches!(it.subject, End::Pod { .. })
            && matches!(it.peer, End::Pod { .. } | End::Address(_))
    };
    examples.retain(pods);
    let resources = world.resources.into_iter().filter(is_ours).collect();
    (world.namespaces, resources, examples)
}
