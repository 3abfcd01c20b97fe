//! What `audit` finds in foreign worlds, held against the brute-force model: each finding's example meets the fate that the
//! finding says, and what it calls dead changes nothing when it is taken out.

use std::collections::{BTreeMap, BTreeSet};

use eastwest::audit::{About, Finding, audit};
use eastwest::calico::{self, Action, Policy, Release, Resource, encode};
use eastwest::program::Settings;
use eastwest::reach::of_policies::Ties;
use eastwest::reach::{Direction, End, Example, LabelMap, Scenario};
use eastwest::selector::Selector;
use eastwest::traffic::Detail;

use super::super::calico_naive::{self, By, Cluster, Judged};
use super::super::judges::IMAGINED;
use super::batch::asked;
use super::landing_zones;
use super::seeds;
use super::world::{self, Pod, World};

/// No world has tunnels, or Services as they are written.
const IN_NO_WORLD: [&str; 3] = ["EW1134", "EW1136", "EW1137"];

#[test]
fn findings_are_what_the_model_sees() {
    let mut met: BTreeMap<&str, usize> = BTreeMap::new();
    let mut settings = Settings::default();
    settings.labels.application = "zone".into();
    settings.labels.zone = "team".into();
    settings.cluster = vec!["10.1.0.0/24".parse().unwrap()];
    for seed in seeds() {
        confirm(&format!("foreign {seed}"), &world::world(seed), &settings, &mut met);
        let cluster = vec!["10.1.0.0/24".parse().unwrap()];
        let settings = Settings { cluster, ..Settings::default() };
        let world = landing_zones::world(seed);
        confirm(&format!("landing zones {seed}"), &world, &settings, &mut met);
    }
    println!("{met:#?}");
    let all = eastwest::diagnostic::codes::audit::RULES.iter().map(|it| it.code);
    let missing = all.filter(|it| !met.contains_key(it) && !IN_NO_WORLD.contains(it));
    let missing: Vec<_> = missing.collect();
    assert!(missing.is_empty(), "codes that no world gave: {missing:?}");
}

/// Every finding about `world` holds, by each release.
fn confirm(called: &str, world: &World, settings: &Settings, met: &mut BTreeMap<&str, usize>) {
    for (release, ties) in [(Release::OLDEST, Ties::ByNamespace), (Release::NEWEST, Ties::ByName)] {
        let read = asked(world, release, true, settings);
        let found = audit(&read, settings).unwrap();
        let say = |why: &str| {
            let text = encode::file("foreign", &world.resources);
            panic!("{called}, {ties:?}: {why}\n{found:#?}\n{text}")
        };
        for finding in &found {
            *met.entry(finding.diagnostic.code.code).or_default() += 1;
            let held = Held { world, ties, finding };
            if let Err(why) = held.confirm() {
                let text = encode::file("foreign", &world.resources);
                panic!("{called}, {ties:?}: {why}\n{finding:#?}\n{text}");
            }
        }
        if called.starts_with("landing") {
            converse(world, ties, &found).unwrap_or_else(|why| say(&why));
        }
    }
}

/// What the model sees of a rule that leaves its landing zone, and of ties, some finding tells.
fn converse(world: &World, ties: Ties, found: &[Finding]) -> Result<(), String> {
    let cluster = Cluster {
        resources: &world.resources,
        hosts: &world.hosts,
        namespaces: &world.namespaces,
        services: &world.services,
    };
    let of = |namespace: &str| landing_zones::NAMESPACES.iter().find(|it| it.0 == namespace);
    let told = |codes: &[&str], policy: usize| {
        let is = |it: &&Finding| codes.contains(&it.diagnostic.code.code);
        found.iter().filter(is).any(|it| it.about.iter().any(|about| about.policy == policy))
    };
    let told_of_tie = |a: usize, b: usize| {
        found.iter().filter(|it| ["EW1108", "EW1109"].contains(&it.diagnostic.code.code)).any(
            |it| {
                [a, b].iter().all(|policy| it.about.iter().any(|at| at.policy == *policy))
                    || it.diagnostic.help.iter().any(|it| it.contains("more polic"))
            },
        )
    };
    for subject in &world.subjects {
        for direction in Direction::BOTH {
            for peer in world.peers() {
                for traffic in &world.traffic {
                    let Some(example) = World::example(direction, subject, &peer, traffic) else {
                        continue;
                    };
                    let now = calico_naive::at_subject(cluster, ties, &example);
                    let other = calico_naive::at_subject(
                        cluster,
                        if ties == Ties::ByName { Ties::ByNamespace } else { Ties::ByName },
                        &example,
                    );
                    let By::Rule { policy, .. } = now.by else { continue };
                    if let By::Rule { policy: then, .. } = other.by
                        && now.allowed != other.allowed
                    {
                        must(told_of_tie(policy, then), &format!("no tie is told: {example}"))?;
                    }
                    let Resource::Policy(deciding) = &world.resources[policy] else { continue };
                    let (End::Pod { namespace: here, .. }, End::Pod { namespace: there, .. }) =
                        (&example.subject, &example.peer)
                    else {
                        continue;
                    };
                    let leaves = of(here).map(|it| it.1) != of(there).map(|it| it.1);
                    if now.allowed && leaves && deciding.namespace.is_some() {
                        let codes = ["EW1101", "EW1102", "EW1103", "EW1104", "EW1105"];
                        must(
                            told(&codes, policy),
                            &format!("nothing tells that it leaves: {example}"),
                        )?;
                    }
                }
            }
        }
    }
    Ok(())
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
            "EW1106" | "EW1120" | "EW1133" => return self.dead(),
            "EW1112" => return self.unmatched(),
            "EW1122" => return self.no_tier(),
            "EW1123" | "EW1124" | "EW1125" => return self.plain(),
            "EW1135" => return self.needless(),
            "EW1140" => return self.codes(),
            "EW1113" if self.finding.example.is_none() => return self.never_asked(),
            _ => {}
        }
        let example = self.finding.example.as_ref().ok_or("no example")?;
        let judged = self.judge(&self.world.resources, example);
        match code {
            "EW1101" | "EW1102" | "EW1103" | "EW1104" | "EW1116" | "EW1121" => {
                must(judged.allowed, "it is denied")?;
                must(self.decides(&judged, 0), "another rule decides")?;
                if matches!(code, "EW1101" | "EW1102" | "EW1103") {
                    self.leaves(example)
                } else {
                    Ok(())
                }
            }
            "EW1111" => {
                must(judged.allowed && self.decides(&judged, 0), "it is not allowed there")?;
                let dns = Detail::Port(53, Vec::new());
                must(matches!(example.peer, End::Address(_)), "not outside")?;
                must(example.traffic.detail == dns, "not DNS")
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
                    By::EndOfTier(tier) => *self.policy(0).tier == **tier,
                    By::Forwarded | By::Failsafe | By::Profile | By::NotIsolated | By::Outside => {
                        false
                    }
                };
                must(by, "another policy decides")
            }
            "EW1113" | "EW1114" | "EW1115" => {
                let By::EndOfTier(tier) = &judged.by else { return Err("no end of tier".into()) };
                if code != "EW1113" {
                    let rules = |it: &Policy| match example.direction {
                        Direction::Ingress => it.ingress.clone(),
                        Direction::Egress => it.egress.clone(),
                    };
                    let closing = (0..self.finding.about.len()).map(|at| self.policy(at));
                    let only_log = closing
                        .clone()
                        .all(|it| rules(it).iter().all(|it| it.action == Action::Log));
                    must(
                        closing.flat_map(rules).all(|it| it.action != Action::Deny),
                        "one says Deny",
                    )?;
                    must(only_log == (code == "EW1115"), "not what it does")?;
                }
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
                must(denies, "nothing later denies it")
            }
            "EW1126" => {
                must(judged.allowed && judged.by == By::Profile, "a policy decides")?;
                let pass = judged.asked.iter().find(|it| self.is(0, it.policy, it.rule));
                must(pass.is_some_and(|it| it.reached && it.action == Action::Pass), "no pass")
            }
            "EW1127" | "EW1128" | "EW1129" => {
                must(!judged.allowed, "it is allowed")?;
                let dns = Detail::Port(53, Vec::new());
                must(example.traffic.detail == dns, "not DNS")?;
                let protocol = if code == "EW1128" { 6 } else { 17 };
                must(example.traffic.protocol == protocol, "over another protocol")
            }
            "EW1130" => {
                must(!judged.allowed, "it is allowed")?;
                must(!self.some_passes(example), "these pods have some connection")?;
                let End::Pod { namespace, .. } = &example.subject else {
                    return Err("no pod".into());
                };
                must(&**namespace == "kube-system", "of another namespace")
            }
            "EW1131" => {
                must(judged.allowed, "it is denied")?;
                let opening = self.finding.about.iter().position(|it| it.rule.is_some());
                must(self.decides(&judged, opening.ok_or("no rule")?), "another rule decides")?;
                self.unchanged(&self.without(|about| about.rule.is_none()))
            }
            "EW1132" => {
                must(judged.allowed && self.decides(&judged, 0), "it is not allowed there")?;
                must(matches!(example.peer, End::Held { .. }), "not an address of a set")
            }
            "EW1119" => must(judged.by == By::NotIsolated, "a policy applies"),
            other => Err(format!("{other} has no witness")),
        }
    }

    fn cluster<'a>(&'a self, resources: &'a [Resource]) -> Cluster<'a> {
        let World { hosts, namespaces, services, .. } = self.world;
        Cluster { resources, hosts, namespaces, services }
    }

    fn judge(&self, resources: &[Resource], example: &Example) -> Judged {
        calico_naive::at_subject(self.cluster(resources), self.ties, example)
    }

    /// Whether any connection of the subject of `example` passes at its end, in that direction.
    fn some_passes(&self, example: &Example) -> bool {
        let subject = Pod { end: example.subject.clone(), ports: Vec::new() };
        let mut peers = self.world.peers().into_iter();
        peers.any(|peer| {
            self.world.traffic.iter().any(|traffic| {
                let one = World::example(example.direction, &subject, &peer, traffic);
                one.is_some_and(|it| self.judge(&self.world.resources, &it).allowed)
            })
        })
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

    fn policy(&self, at: usize) -> &Policy {
        let policy = self.finding.about[at].policy;
        let Resource::Policy(policy) = &self.world.resources[policy] else { panic!("no policy") };
        policy
    }

    /// The other end of the example is of another landing zone, as the message says.
    fn leaves(&self, example: &Example) -> Result<(), String> {
        let code = self.finding.diagnostic.code.code;
        let message = &self.finding.diagnostic.message;
        let End::Pod { of_namespace: here, .. } = &example.subject else {
            return Err("no pod".into());
        };
        let End::Pod { of_namespace: there, namespace, .. } = &example.peer else {
            return Err("no pod".into());
        };
        let key =
            if self.world.namespaces.values().flatten().any(|(key, _)| **key == *"applicationcode")
            {
                "applicationcode"
            } else {
                "zone"
            };
        let declared = self.world.namespaces.values().flatten().filter(|(it, _)| **it == *key);
        let declared: BTreeSet<_> = declared.map(|(_, value)| value.clone()).collect();
        // The example does not repeat the labels of a namespace that is declared.
        let of = |namespace: &str, shown: &LabelMap| match self.world.namespaces.get(namespace) {
            Some(labels) => labels.iter().find(|(it, _)| **it == *key).map(|(_, it)| it.clone()),
            None => shown.get(key).cloned(),
        };
        let End::Pod { namespace: at, .. } = &example.subject else { return Err("no pod".into()) };
        let (own, other) = (of(at, here), of(namespace, there));
        must(own != other, "it stays in its landing zone")?;
        match (code, &other) {
            ("EW1103", Some(other)) => {
                must(!declared.contains(other) && message.contains(&**other), "it is declared")
            }
            ("EW1103", None) => Err("no application".into()),
            ("EW1102", Some(other)) if declared.contains(other) => {
                must(message.contains(&format!("`{other}`")), "another is named")
            }
            _ => Ok(()),
        }
    }

    /// Some selector of the rule or policy holds for no declared namespace.
    fn unmatched(&self) -> Result<(), String> {
        let policy = self.policy(0);
        let ends: Vec<&Option<Selector>> = match self.finding.about[0].rule {
            Some((Direction::Ingress, at)) => {
                let end = &policy.ingress[at].source;
                vec![&end.namespace_selector, &end.selector]
            }
            Some((Direction::Egress, at)) => {
                let end = &policy.egress[at].destination;
                vec![&end.namespace_selector, &end.selector]
            }
            None => vec![&policy.namespace_selector, &policy.selector],
        };
        let holds = |selector: &Selector| {
            self.world.namespaces.iter().any(|(name, labels)| {
                selector.matches(|key| {
                    let key = key.strip_prefix("pcns.").unwrap_or(key);
                    if [
                        "projectcalico.org/name",
                        "projectcalico.org/namespace",
                        "kubernetes.io/metadata.name",
                    ]
                    .contains(&key)
                    {
                        return Some(&**name);
                    }
                    labels.iter().find(|(it, _)| **it == *key).map(|(_, it)| &**it)
                })
            })
        };
        must(ends.into_iter().flatten().any(|it| !holds(it)), "every selector holds for one")
    }

    /// What is said of an object stands there.
    fn plain(&self) -> Result<(), String> {
        let about = self.finding.about[0];
        let given = ["pcns.", "pcsa.", "projectcalico.org/"];
        let holds = match &self.world.resources[about.policy] {
            Resource::Tier(tier) => tier.order.is_none(),
            Resource::Set(set) => {
                set.labels.iter().any(|(key, _)| given.iter().any(|it| key.starts_with(it)))
            }
            Resource::Policy(policy) => {
                let end = match about.rule {
                    Some((Direction::Ingress, at)) => &policy.ingress[at].source,
                    Some((Direction::Egress, at)) => &policy.egress[at].destination,
                    None => return Err("no rule".into()),
                };
                end.service.as_ref().is_some_and(|it| it.0.is_empty())
            }
        };
        must(holds, "it is not so")
    }

    /// Each rule that it is about has a code, and so has no other of that policy.
    fn codes(&self) -> Result<(), String> {
        let policy = self.policy(0);
        let with_code = |it: &eastwest::calico::Rule| {
            [it.icmp, it.not_icmp].into_iter().flatten().filter(|(_, code)| code.is_some()).count()
        };
        let all: usize = policy.ingress.iter().chain(&policy.egress).map(with_code).sum();
        must(all == self.finding.about.len(), "not every code of the policy is told")
    }

    /// Nobody made the tier.
    fn no_tier(&self) -> Result<(), String> {
        for at in 0..self.finding.about.len() {
            let tier = &self.policy(at).tier;
            let made = self
                .world
                .resources
                .iter()
                .any(|it| matches!(it, Resource::Tier(made) if made.name == *tier));
            must(
                !made && !["default", "kube-admin", "kube-baseline"].contains(&&**tier),
                "it is there",
            )?;
        }
        Ok(())
    }

    /// The policy has rules of a direction that its types leave out.
    fn never_asked(&self) -> Result<(), String> {
        let policy = self.policy(0);
        let types = types(policy);
        let left = |of, rules: &[calico::Rule]| !types.contains(&of) && !rules.is_empty();
        let message = &self.finding.diagnostic.message;
        let holds = left(calico::Direction::Ingress, &policy.ingress)
            && message.contains("ingress rules")
            || left(calico::Direction::Egress, &policy.egress) && message.contains("egress rules");
        must(holds, "they are asked")
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
        if let Some(example) = &self.finding.example {
            let judged = self.judge(&self.world.resources, example);
            let mut own = judged.asked.iter().filter(|it| it.policy == about.policy);
            must(own.any(|it| it.matches && !it.reached), "it is not matched, or has a say")?;
        }
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
        self.unchanged(&resources)
    }

    /// Nothing changes without these rules, be it the first of them or all.
    fn needless(&self) -> Result<(), String> {
        let told = &self.finding.about;
        let rules: Vec<About> = told.iter().take(1).chain(told.iter().skip(2)).copied().collect();
        for gone in [&rules[..1], &rules[..]] {
            let mut resources = self.world.resources.clone();
            for (index, resource) in resources.iter_mut().enumerate() {
                let Resource::Policy(policy) = resource else { continue };
                policy.types = Some(types(policy));
                let gone = |direction, rule| {
                    gone.contains(&About { policy: index, rule: Some((direction, rule)) })
                };
                let keep = |direction, rules: &[calico::Rule]| {
                    let kept = rules.iter().enumerate().filter(|(at, _)| !gone(direction, *at));
                    kept.map(|(_, rule)| rule.clone()).collect::<Vec<_>>()
                };
                policy.ingress = keep(Direction::Ingress, &policy.ingress);
                policy.egress = keep(Direction::Egress, &policy.egress);
            }
            self.unchanged(&resources)?;
        }
        Ok(())
    }

    /// Every connection has the verdict that it has now, with `resources` in the place of those that are there.
    fn unchanged(&self, resources: &[Resource]) -> Result<(), String> {
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
                            let then = self.judge(resources, &example).allowed;
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
