//! Random policies that nobody here wrote, over small clusters: the brute-force model of Calico and the evaluator must
//! say the same of every connection, and of each rule whether it matches and whether it had a say.

mod constructs;
mod policy;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use eastwest::calico::Action;
use eastwest::reach::of_policies::{By, Imagined, Policies, Step, Ties};
use eastwest::reach::{Bearer, Direction, End, Example, Scenario, Sets, Space, Terms};

use super::calico_naive::{self, Cluster, Judged, Party, Seen};
use super::world::Dice;
use constructs::Counts;
use world::{Pod, World};

/// How many worlds, unless the environment says otherwise.
const WORLDS: u64 = 80;

fn seeds() -> std::ops::RangeInclusive<u64> {
    let number = |name| std::env::var(name).ok().and_then(|it| it.parse::<u64>().ok());
    let first = number("EASTWEST_FIRST_WORLD").unwrap_or(1);
    first..=first + number("EASTWEST_WORLDS").unwrap_or(WORLDS) - 1
}

#[test]
fn foreign_policies_are_judged_as_calico_judges_them() {
    let mut counts = Counts::default();
    for seed in seeds() {
        let world = world::world(seed);
        counts.written(&world);
        Judging::new(seed, &world).all(&mut counts);
    }
    println!("{counts:#?}");
    let missing = counts.missing();
    assert!(missing.is_empty(), "never met: {missing:?}");
}

/// One world, being judged by both.
struct Judging<'a> {
    seed: u64,
    world: &'a World,
    dice: Dice,
}

/// One end's connections in one direction, judged by the evaluator.
struct Reach {
    steps: Vec<Step>,
    row: [eastwest::reach::Diagram; 3],
    surely: eastwest::reach::Diagram,
    perhaps: eastwest::reach::Diagram,
}

const AFTER_GUARDRAILS: f64 = 20.0;

impl<'a> Judging<'a> {
    fn new(seed: u64, world: &'a World) -> Self {
        Self { seed, world, dice: Dice::new(seed + 1000) }
    }

    fn all(&mut self, counts: &mut Counts) {
        let world = self.world;
        let mut policies = Policies::new(world.resources.iter(), &world.namespaces);
        let mut terms = Terms::default();
        policies.terms(&mut terms);
        terms.give_pods_addresses();
        let space = Space::new(terms).unwrap();
        let mut sets = Sets::new(&space);
        let cluster = self.cluster();
        let party = |pod: &Pod| Party::new(cluster, &pod.end);
        let peers: Vec<(Pod, Party)> =
            world.peers().into_iter().map(|pod| (pod.clone(), party(&pod))).collect();
        for subject in &world.subjects {
            let of_subject = party(subject);
            for direction in Direction::BOTH {
                let reaches = self.reaches(&mut policies, &mut sets, subject, direction);
                for (peer, of_peer) in &peers {
                    for traffic in &world.traffic {
                        let Some(example) = World::example(direction, subject, peer, traffic)
                        else {
                            continue;
                        };
                        for (ties, reach) in Ties::BOTH.into_iter().zip(&reaches) {
                            let ends = (&of_subject, of_peer);
                            self.connection(&mut sets, example.clone(), ends, ties, reach, counts);
                        }
                    }
                }
            }
        }
    }

    fn cluster(&self) -> Cluster<'a> {
        let World { resources, hosts, namespaces, .. } = self.world;
        Cluster { resources, hosts, namespaces }
    }

    /// By both tie rules.
    fn reaches(
        &self,
        policies: &mut Policies,
        sets: &mut Sets<'_>,
        subject: &Pod,
        direction: Direction,
    ) -> [Reach; 2] {
        let (bearer, here): (_, Vec<Arc<str>>) = match &subject.end {
            End::Pod { namespace, .. } => match self.world.namespaces.get_key_value(namespace) {
                Some((name, labels)) => (Bearer::Declared(name, labels), vec![name.clone()]),
                None => (Bearer::Undeclared, vec![namespace.clone()]),
            },
            End::Held { .. } | End::Host { .. } | End::Address(_) => (Bearer::Host, Vec::new()),
        };
        let imagined = Imagined { after_guardrails: AFTER_GUARDRAILS, as_tier: false };
        let mut rows = policies.rows(sets, bearer, &here, direction, imagined).into_iter();
        Ties::BOTH.map(|ties| {
            let steps = policies.judge(sets, bearer, &here, direction, ties);
            let allowed = steps.iter().filter(|step| step.action == Action::Allow);
            let allowed = sets.diagrams.union_of(allowed.map(|step| step.reached).collect());
            let (surely, perhaps) = (sets.surely(allowed), sets.perhaps(allowed));
            Reach { steps, row: rows.next().unwrap(), surely, perhaps }
        })
    }

    fn connection(
        &mut self,
        sets: &mut Sets<'_>,
        mut example: Example,
        (subject, peer): (&Party, &Party),
        ties: Ties,
        reach: &Reach,
        counts: &mut Counts,
    ) {
        let conditions: Vec<_> = self.world.conditions.iter().cloned().collect();
        let answers = |chosen: usize| {
            let held = conditions.iter().enumerate().filter(|(bit, _)| chosen >> bit & 1 == 1);
            held.map(|(_, condition)| condition.clone()).collect()
        };
        let all = 1 << conditions.len();
        example.conditions = answers(self.dice.below(all));
        let seen = Seen { example: &example, subject, peer };
        let judged = calico_naive::judge(self.cluster(), ties, seen);
        counts.judged(self.world, example.direction, &judged);
        let say = |what: &str| {
            format!(
                "world {}, {ties:?}, {what}: {example}\n{judged}\n{judged:#?}\n{:#?}",
                self.seed, self.world
            )
        };
        same_steps(sets, &reach.steps, &judged, &example, &say);
        assert_eq!(sets.contains(reach.row[0], &example), judged.allowed, "{}", say("the row"));
        if all > 1 && all <= 64 && self.dice.one_in(4) {
            let mut verdicts = BTreeSet::new();
            for chosen in 0..all {
                let example = Example { conditions: answers(chosen), ..example.clone() };
                let seen = Seen { example: &example, subject, peer };
                verdicts.insert(calico_naive::judge(self.cluster(), ties, seen).allowed);
            }
            counts.answered(verdicts.len());
            let surely = !verdicts.contains(&false);
            let perhaps = verdicts.contains(&true);
            assert_eq!(sets.contains(reach.surely, &example), surely, "{}", say("surely"));
            assert_eq!(sets.contains(reach.perhaps, &example), perhaps, "{}", say("perhaps"));
        }
        if self.dice.one_in(8) {
            self.imagined(sets, &example, ties, reach, counts);
        }
    }

    /// Beside an imagined policy.
    fn imagined(
        &self,
        sets: &Sets<'_>,
        example: &Example,
        ties: Ties,
        reach: &Reach,
        counts: &mut Counts,
    ) {
        for (index, scenario) in Scenario::ALL.into_iter().enumerate() {
            let mut resources = self.world.resources.clone();
            if matches!(example.subject, End::Pod { .. }) {
                calico_naive::imagine(&mut resources, scenario, (AFTER_GUARDRAILS, false));
            }
            let cluster = Cluster { resources: &resources, ..self.cluster() };
            let [subject, peer] =
                [&example.subject, &example.peer].map(|end| Party::new(cluster, end));
            let seen = Seen { example, subject: &subject, peer: &peer };
            let judged = calico_naive::judge(cluster, ties, seen);
            assert_eq!(
                sets.contains(reach.row[index], example),
                judged.allowed,
                "world {}, {ties:?}, {scenario:?}: {example}\n{judged:#?}\n{:#?}",
                self.seed,
                self.world
            );
            counts.imagined += 1;
        }
    }
}

/// Both must agree on each rule, and on what decides.
fn same_steps(
    sets: &Sets<'_>,
    steps: &[Step],
    judged: &Judged,
    example: &Example,
    say: &dyn Fn(&str) -> String,
) {
    let mut asked: BTreeMap<(usize, usize), _> =
        judged.asked.iter().map(|it| ((it.policy, it.rule), it)).collect();
    let mut order = Vec::new();
    let mut deciding = Vec::new();
    for step in steps {
        let matches = sets.contains(step.matched, example);
        let reached = sets.contains(step.reached, example);
        let by = match &step.by {
            By::Rule { policy, rule } => {
                let known = asked.remove(&(*policy, *rule));
                if known.is_some() {
                    order.push((*policy, *rule));
                }
                let told = known
                    .map_or((false, false, step.action), |it| (it.matches, it.reached, it.action));
                let which = format!("rule {rule} of resource {policy}");
                assert_eq!((matches, reached, step.action), told, "{}", say(&which));
                calico_naive::By::Rule { policy: *policy, rule: *rule }
            }
            By::EndOfTier { tier, .. } => calico_naive::By::EndOfTier(Arc::clone(tier)),
            By::Profile => calico_naive::By::Profile,
            By::NotIsolated => calico_naive::By::NotIsolated,
        };
        if reached && matches!(step.action, Action::Allow | Action::Deny) {
            deciding.push((by, step.action == Action::Allow));
        }
    }
    let unasked = asked.into_values().find(|it| it.matches);
    assert!(unasked.is_none(), "{}", say(&format!("no step for {unasked:?}")));
    assert!(
        judged
            .asked
            .iter()
            .map(|it| (it.policy, it.rule))
            .filter(|it| order.contains(it))
            .eq(order.iter().copied()),
        "{}",
        say("the order of the steps")
    );
    assert_eq!(deciding, [(judged.by.clone(), judged.allowed)], "{}", say("what decides"));
}
