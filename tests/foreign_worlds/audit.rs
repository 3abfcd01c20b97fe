//! What `audit` finds in foreign worlds, held against the brute-force model: each finding's example meets the fate that the
//! finding says, and what it calls dead changes nothing when it is taken out.

use std::collections::{BTreeMap, BTreeSet};

use eastwest::audit::{About, Finding, audit};
use eastwest::calico::{self, Policy, Resource, encode};
use eastwest::program::{Release, Settings};
use eastwest::reach::of_policies::Ties;
use eastwest::reach::{Direction, End, Example, Scenario};

use super::super::calico_naive::{self, By, Cluster, Judged};
use super::super::judges::IMAGINED;
use super::batch::asked;
use super::seeds;
use super::world::{self, World};

/// Codes that these worlds do not give: they declare every zone that they name, no rule of theirs is for DNS alone, none only
/// logs everything, and chance writes nothing twice. Cases by hand (`tests/audit.rs`) show these.
const NOT_MET: [&str; 6] = ["EW1103", "EW1105", "EW1107", "EW1111", "EW1112", "EW1120"];

#[test]
fn findings_are_what_the_model_sees() {
    let mut met: BTreeMap<&str, usize> = BTreeMap::new();
    let mut settings = Settings::default();
    settings.labels.application = "zone".into();
    settings.labels.zone = "team".into();
    settings.cluster = vec!["10.1.0.0/24".parse().unwrap()];
    for seed in seeds() {
        let world = world::world(seed);
        for (release, ties) in
            [(Release::OLDEST, Ties::ByNamespace), (Release::NEWEST, Ties::ByName)]
        {
            let read = asked(&world, release, true, &settings);
            for finding in audit(&read, &settings).unwrap() {
                *met.entry(finding.diagnostic.code.code).or_default() += 1;
                let held = Held { world: &world, ties, finding: &finding };
                if let Err(why) = held.confirm() {
                    let text = encode::file("foreign", &world.resources);
                    let (says, example) = (&finding.diagnostic, &finding.example);
                    let about = &finding.about;
                    panic!(
                        "world {seed}, {ties:?}: {why}\n{says:#?}\n{about:?}\n{example:#?}\n{text}"
                    );
                }
            }
        }
    }
    println!("{met:#?}");
    let all = eastwest::diagnostic::codes::audit::RULES.iter().map(|it| it.code);
    let missing: Vec<_> = all.filter(|it| !met.contains_key(it)).collect();
    assert_eq!(missing, NOT_MET, "codes that no world gave");
}

struct Held<'a> {
    world: &'a World,
    ties: Ties,
    finding: &'a Finding,
}

fn must(holds: bool, what: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what.to_owned()) }
}

impl Held<'_> {
    fn confirm(&self) -> Result<(), String> {
        let code = self.finding.diagnostic.code.code;
        match code {
            "EW1106" | "EW1120" => return self.dead(),
            "EW1112" | "EW1122" | "EW1113" if self.finding.example.is_none() => return Ok(()),
            _ => {}
        }
        let example = self.finding.example.as_ref().ok_or("no example")?;
        let judged = self.judge(&self.world.resources, example);
        match code {
            "EW1101" | "EW1102" | "EW1103" | "EW1104" | "EW1116" | "EW1121" => {
                must(judged.allowed, "it is denied")?;
                must(self.decides(&judged, 0), "another rule decides")
            }
            "EW1105" => {
                must(judged.allowed, "it is denied at this end")?;
                let turned = Example {
                    direction: match example.direction {
                        Direction::Ingress => Direction::Egress,
                        Direction::Egress => Direction::Ingress,
                    },
                    subject: example.peer.clone(),
                    peer: example.subject.clone(),
                    ..example.clone()
                };
                let other = self.judge(&self.world.resources, &turned);
                must(!other.allowed, "the other end allows it")
            }
            "EW1107" => {
                let log = judged.asked.iter().find(|it| self.is(0, it.policy, it.rule));
                must(log.is_some_and(|it| it.matches && !it.reached), "it is logged")
            }
            "EW1108" => self.tie(example, &judged),
            "EW1109" => {
                let cluster = self.cluster(&self.world.resources);
                let [a, b] =
                    Ties::BOTH.map(|ties| calico_naive::at_subject(cluster, ties, example).allowed);
                must(a != b, "both releases say the same")
            }
            "EW1110" => {
                must(matches!(example.subject, End::Host { .. }), "no host")?;
                must(!judged.allowed, "it is allowed")?;
                let by = match &judged.by {
                    By::Rule { policy, .. } => self.finding.about[0].policy == *policy,
                    By::EndOfTier(_) => true,
                    By::Profile | By::NotIsolated | By::Outside => false,
                };
                must(by, "another policy decides")
            }
            "EW1113" | "EW1114" | "EW1115" => {
                let By::EndOfTier(tier) = &judged.by else { return Err("no end of tier".into()) };
                let without = self.without(|about| about.rule.is_none());
                let then = self.judge(&without, example);
                must(then.by != By::EndOfTier(tier.clone()), "others close it as well")
            }
            "EW1117" => {
                must(!judged.allowed, "it is allowed")?;
                let cluster = self.cluster(&self.world.resources);
                let scenario = Scenario::OpenAfterAll;
                let then = calico_naive::passes(cluster, example, scenario, self.ties, IMAGINED);
                must(then, "a Kubernetes policy does not overrule it")
            }
            "EW1118" => {
                must(judged.allowed && self.decides(&judged, 0), "it is not allowed there")?;
                let denies = judged.asked.iter().any(|it| {
                    it.matches
                        && (1..self.finding.about.len()).any(|at| self.is(at, it.policy, it.rule))
                });
                must(denies || self.finding.about.len() > 2, "nothing later denies it")
            }
            "EW1119" => must(judged.by == By::NotIsolated, "a policy applies"),
            other => Err(format!("{other} has no witness")),
        }
    }

    fn cluster<'a>(&'a self, resources: &'a [Resource]) -> Cluster<'a> {
        let World { hosts, namespaces, .. } = self.world;
        Cluster { resources, hosts, namespaces }
    }

    fn judge(&self, resources: &[Resource], example: &Example) -> Judged {
        calico_naive::at_subject(self.cluster(resources), self.ties, example)
    }

    /// Whether the finding is about this rule, in this place.
    fn is(&self, at: usize, policy: usize, rule: usize) -> bool {
        let about = &self.finding.about[at];
        about.policy == policy && about.rule.is_some_and(|(_, it)| it == rule)
    }

    fn decides(&self, judged: &Judged, at: usize) -> bool {
        let By::Rule { policy, rule } = judged.by else { return false };
        self.is(at, policy, rule)
    }

    /// The policy that wins loses once the other one stands a little before it.
    fn tie(&self, example: &Example, judged: &Judged) -> Result<(), String> {
        let By::Rule { policy: winner, .. } = judged.by else { return Err("no rule".into()) };
        let both = [self.finding.about[0].policy, self.finding.about[1].policy];
        must(both.contains(&winner), "another policy decides")?;
        let loser = if both[0] == winner { both[1] } else { both[0] };
        let mut resources = self.world.resources.clone();
        let Resource::Policy(policy) = &mut resources[loser] else {
            return Err("no policy".into());
        };
        policy.order = Some(policy.order.map_or(f64::MAX, f64::next_down));
        let then = self.judge(&resources, example);
        must(then.allowed != judged.allowed, "the order changes nothing")
    }

    /// All resources but these policies.
    fn without(&self, which: impl Fn(&About) -> bool) -> Vec<Resource> {
        let gone: BTreeSet<usize> =
            self.finding.about.iter().filter(|it| which(it)).map(|it| it.policy).collect();
        let all = self.world.resources.iter().enumerate();
        all.filter(|(index, _)| !gone.contains(index)).map(|(_, it)| it.clone()).collect()
    }

    /// What is called dead changes no verdict when it is taken out.
    fn dead(&self) -> Result<(), String> {
        let about = self.finding.about[0];
        let mut resources = self.world.resources.clone();
        let Resource::Policy(policy) = &mut resources[about.policy] else {
            return Err("no policy".into());
        };
        policy.types = Some(types(policy));
        let again = self.finding.diagnostic.code.code == "EW1120";
        match about.rule {
            Some((Direction::Ingress, rule)) => drop(policy.ingress.remove(rule)),
            Some((Direction::Egress, rule)) => drop(policy.egress.remove(rule)),
            None if again => resources.truncate(self.world.resources.len()),
            None => {
                policy.ingress.clear();
                policy.egress.clear();
            }
        }
        if again && about.rule.is_none() {
            resources.remove(about.policy);
        }
        let peers = self.world.peers();
        for subject in &self.world.subjects {
            for direction in Direction::BOTH {
                for peer in &peers {
                    for traffic in &self.world.traffic {
                        let Some(mut example) = World::example(direction, subject, peer, traffic)
                        else {
                            continue;
                        };
                        for conditions in [BTreeSet::new(), self.world.conditions.clone()] {
                            example.conditions = conditions;
                            let now = self.judge(&self.world.resources, &example).allowed;
                            let then = self.judge(&resources, &example).allowed;
                            must(now == then, &format!("without it another verdict: {example}"))?;
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

/// The directions that a policy looks at, written out.
fn types(policy: &Policy) -> Vec<calico::Direction> {
    match &policy.types {
        Some(types) => types.clone(),
        None if policy.egress.is_empty() => vec![calico::Direction::Ingress],
        None if policy.ingress.is_empty() => vec![calico::Direction::Egress],
        None => vec![calico::Direction::Ingress, calico::Direction::Egress],
    }
}
