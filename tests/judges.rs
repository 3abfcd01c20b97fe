//! The two who judge a connection by policies, held against each other: the evaluator and the brute-force model. They
//! must agree on the verdict, on what decides, and of each rule on whether it matches and whether it has a say.

use std::collections::BTreeMap;
use std::sync::Arc;

use eastwest::calico::{Action, HostEndpoint, Resource};
use eastwest::reach::of_policies::{
    By, Imagined, Namespaces, Policies, Profile, Step, Subject, Ties,
};
use eastwest::reach::{Bearer, Diagram, Direction, End, Example, Row, Scenario, Sets, Terms};

use super::calico_naive::{self, Cluster, Judged};

/// Where the policy after the guardrails is imagined.
const AFTER_GUARDRAILS: f64 = 20.0;
pub(crate) const IMAGINED: (f64, bool) = (AFTER_GUARDRAILS, false);

/// What one end lets pass in one direction, by the evaluator.
#[derive(Debug)]
pub(crate) struct Reach {
    steps: Vec<Step>,
    row: Row,
    /// What passes whatever holds that no packet shows, and what passes if the right of it holds.
    surely: Diagram,
    perhaps: Diagram,
}

/// What `subject` lets pass in `direction`, by both tie rules.
pub(crate) fn reaches(
    policies: &mut Policies,
    sets: &mut Sets,
    cluster: Cluster<'_>,
    subject: &End,
    direction: Direction,
) -> [Reach; 2] {
    let here = own_namespace(subject);
    let profile = profile(cluster, subject);
    let subject = asked_of(cluster.namespaces, subject, &here, &profile);
    let imagined = Imagined { after_guardrails: AFTER_GUARDRAILS, as_tier: false };
    let mut rows = policies.rows(sets, subject, direction, imagined).into_iter();
    Ties::BOTH.map(|ties| {
        let steps = policies.judge(sets, subject, direction, ties);
        let allowed = steps.iter().filter(|step| step.action == Action::Allow);
        let allowed = sets.diagrams.union_of(allowed.map(|step| step.reached).collect());
        let (surely, perhaps) = (sets.surely(allowed), sets.perhaps(allowed));
        Reach { steps, row: rows.next().unwrap(), surely, perhaps }
    })
}

fn own_namespace(subject: &End) -> Vec<Arc<str>> {
    match subject {
        End::Pod { namespace, .. } => vec![namespace.clone()],
        End::Held { .. } | End::Host { .. } | End::Address(_) => Vec::new(),
    }
}

/// The profiles of the host endpoint that `subject` is.
fn profile(cluster: Cluster<'_>, subject: &End) -> Profile {
    let is = |host: &&HostEndpoint| End::of_host(host) == *subject;
    cluster.hosts.iter().find(is).map_or(Profile::Allows, Profile::of)
}

/// `subject` as one whose policies are asked.
fn asked_of<'a>(
    namespaces: &'a Namespaces,
    subject: &End,
    here: &'a [Arc<str>],
    profile: &'a Profile,
) -> Subject<'a> {
    match subject {
        End::Pod { namespace, .. } => match namespaces.get_key_value(namespace) {
            Some((name, labels)) => Subject::Declared(name, labels),
            None => Subject::Undeclared(here),
        },
        End::Held { .. } | End::Host { .. } | End::Address(_) => Subject::Host(profile),
    }
}

impl Reach {
    /// A connection for each step that it matches, and one for each where it has a say.
    pub(crate) fn witnesses(
        &self,
        sets: &mut Sets,
        namespaces: &Namespaces,
        subject: &End,
        direction: Direction,
    ) -> Vec<Example> {
        let bearer = asked_of(namespaces, subject, &[], &Profile::Denies).bearer();
        let told: Vec<Diagram> =
            self.steps.iter().flat_map(|step| [step.matched, step.reached]).collect();
        let mut found = Vec::new();
        for set in told {
            let possible = sets.that_can_be(set, direction);
            if possible != Diagram::EMPTY {
                let example = sets.example(possible, bearer, direction).expect("a member");
                assert!(sets.contains(possible, &example), "no member: {example}");
                found.push(example);
            }
        }
        // A namespace that is declared after all would have other labels and policies.
        let undeclared = |end: &End| match end {
            End::Pod { namespace, .. } => !namespaces.contains_key(namespace),
            End::Held { .. } | End::Host { .. } | End::Address(_) => true,
        };
        let free = matches!(bearer, Bearer::Undeclared);
        found.retain(|example| !free || undeclared(&example.subject));
        found
    }

    /// Holds the evaluator to what the model says of `example`.
    pub(crate) fn confirm(
        &self,
        sets: &Sets,
        judged: &Judged,
        example: &Example,
        say: &dyn Fn(&str) -> String,
    ) {
        assert_eq!(sets.contains(self.row[0], example), judged.allowed, "{}", say("the row"));
        let asked: BTreeMap<_, _> =
            judged.asked.iter().map(|it| ((it.policy, it.rule), it)).collect();
        let mut told = Vec::new();
        let mut deciding = Vec::new();
        for step in &self.steps {
            let matches = sets.contains(step.matched, example);
            let reached = sets.contains(step.reached, example);
            let by = match &step.by {
                By::Rule { policy, rule } => {
                    let known = asked.get(&(*policy, *rule));
                    told.extend(known.map(|_| (*policy, *rule)));
                    let expected = known.map_or((false, false, step.action), |it| {
                        (it.matches, it.reached, it.action)
                    });
                    let which = format!("rule {rule} of resource {policy}");
                    assert_eq!((matches, reached, step.action), expected, "{}", say(&which));
                    calico_naive::By::Rule { policy: *policy, rule: *rule }
                }
                By::EndOfTier { tier, .. } => calico_naive::By::EndOfTier(Arc::clone(tier)),
                By::Forwarded { .. } => calico_naive::By::Forwarded,
                By::Failsafe => calico_naive::By::Failsafe,
                By::Profile => calico_naive::By::Profile,
                By::NotIsolated => calico_naive::By::NotIsolated,
            };
            if reached && matches!(step.action, Action::Allow | Action::Deny) {
                deciding.push((by, step.action == Action::Allow));
            }
        }
        let order: Vec<_> = judged.asked.iter().map(|it| (it.policy, it.rule)).collect();
        assert_eq!(told, order, "{}", say("the order of the rules"));
        assert_eq!(deciding, [(judged.by.clone(), judged.allowed)], "{}", say("what decides"));
    }

    /// Whether `example` passes whatever holds that no packet shows, and whether it passes if the right of it holds.
    pub(crate) fn answers(&self, sets: &Sets, example: &Example) -> [bool; 2] {
        [self.surely, self.perhaps].map(|set| sets.contains(set, example))
    }

    /// Whether `example` passes beside what is imagined in `scenario`.
    pub(crate) fn beside(&self, sets: &Sets, scenario: Scenario, example: &Example) -> bool {
        let index = Scenario::ALL.iter().position(|it| *it == scenario).unwrap();
        sets.contains(self.row[index], example)
    }
}

/// What the evaluator says of the subject of `example`, to be looked at.
pub(crate) fn asked<T>(
    cluster: Cluster<'_>,
    example: &Example,
    look: impl FnOnce(&Sets, &[Reach; 2]) -> T,
) -> T {
    let (namespaces, hosts) = (cluster.namespaces, cluster.hosts);
    let resources = cluster.resources.iter();
    let mut policies = Policies::at_endpoints(resources, namespaces, hosts, cluster.services);
    let mut terms = Terms::default();
    policies.terms(&mut terms);
    terms.give_pods_addresses();
    Sets::over(terms, |mut sets| {
        let (subject, direction) = (&example.subject, example.direction);
        let reaches = reaches(&mut policies, &mut sets, cluster, subject, direction);
        look(&sets, &reaches)
    })
    .unwrap()
}

/// What becomes of `example` at its subject by each of [`Ties::BOTH`], as both say, alone and beside what is imagined in
/// each scenario.
pub(crate) fn verdicts(cluster: Cluster<'_>, example: &Example) -> [Judged; 2] {
    asked(cluster, example, |sets, reaches| {
        let mut reaches = reaches.iter();
        Ties::BOTH.map(|ties| {
            let reach = reaches.next().unwrap();
            let say = |what: &str| format!("{ties:?}, {what}: {example}\n{:#?}", cluster.resources);
            for scenario in Scenario::ALL {
                let alone = calico_naive::passes(cluster, example, scenario, ties, IMAGINED);
                let by_reach = reach.beside(sets, scenario, example);
                assert_eq!(alone, by_reach, "{}", say(&format!("{scenario:?}")));
            }
            let judged = calico_naive::at_subject(cluster, ties, example);
            reach.confirm(sets, &judged, example, &say);
            judged
        })
    })
}

/// What becomes of `example` at its subject by old and new releases, in words: the policy and the index of the rule, or
/// what else decides.
pub(crate) fn told(resources: &[Resource], example: &Example) -> [String; 2] {
    verdicts(Cluster::of(resources), example).map(|Judged { allowed, by, .. }| {
        let word = if allowed { "allowed" } else { "denied" };
        match by {
            calico_naive::By::Rule { policy, rule } => {
                let Resource::Policy(policy) = &resources[policy] else { panic!("a policy") };
                format!("{word} by {} {rule}", policy.name)
            }
            calico_naive::By::EndOfTier(tier) => format!("{word} at the end of {tier}"),
            calico_naive::By::Forwarded => format!("{word} on the way"),
            calico_naive::By::Failsafe => format!("{word}: a failsafe port"),
            calico_naive::By::Profile => format!("{word} by the profile"),
            calico_naive::By::NotIsolated => format!("{word}: nothing applies"),
            calico_naive::By::Outside => format!("{word}: outside"),
        }
    })
}
