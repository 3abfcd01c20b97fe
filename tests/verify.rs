//! A verifier that cannot fail is worthless: every way in which the written policies could be wrong is tried, and
//! each that changes the meaning must be caught, with a connection that shows it.
#![expect(clippy::wildcard_enum_match_arm, reason = "what is not changed is left alone")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use eastwest::calico::{Action, Direction, Entity, Policy, Port, Release, Resource, Rule, encode};
use eastwest::program::{Deny, Program};
use eastwest::reach::Scenario;
use eastwest::reach::of_policies::Ties;
use eastwest::selector::{Predicate, Selector, Test};
use eastwest::traffic::Protocol;
use eastwest::verify::{VerifyFailure, imagined, verify};
use ipnet::IpNet;

use super::calico_naive::{self, Cluster};
use super::naive;
use super::small_worlds::{compiled, has_service};
use super::support::sample;
use super::world::{self, Dice};

/// What kind of mistake was made, where, and the resources.
type Mutant = (&'static str, String, Vec<Resource>);

/// The kinds of mistakes that a compiler could make, each with whether it always changes what the programs below mean.
const KINDS: &[(&str, Matters)] = &[
    ("guardrail removed", Matters::Always),
    ("default deny removed", Matters::Always),
    ("flows removed", Matters::Often),
    ("platform line removed", Matters::Always),
    ("tier removed", Matters::Always),
    ("set removed", Matters::Always),
    ("appears twice", Matters::Always),
    ("rule dropped", Matters::Often),
    ("guardrail's deny dropped", Matters::Always),
    ("log dropped", Matters::Always),
    ("action flipped", Matters::Always),
    ("action passed", Matters::Often),
    ("protocol changed", Matters::Often),
    ("ICMP type dropped", Matters::Often),
    ("port widened", Matters::Often),
    ("port dropped", Matters::Often),
    ("port renamed", Matters::Often),
    ("ports dropped", Matters::Often),
    ("types shortened", Matters::Often),
    ("types swapped", Matters::Often),
    ("order swapped with the deny", Matters::Often),
    ("order moved", Matters::Often),
    ("order left out", Matters::Often),
    ("tier's end", Matters::Often),
    ("net widened", Matters::Often),
    ("net dropped", Matters::Often),
    ("set's label", Matters::Often),
    ("service changed", Matters::Often),
    ("namespaceSelector removed", Matters::Often),
    ("selector removed", Matters::Often),
    ("selector negated", Matters::Often),
    ("orchestrator term removed", Matters::Often),
    ("term removed", Matters::Often),
    ("label key changed", Matters::Often),
    ("label value changed", Matters::Often),
    ("exempt list grown", Matters::Always),
    ("exempt list cut", Matters::Often),
];

/// Whether a kind of mistake always changes the meaning of the programs below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Matters {
    Always,
    /// Not where another policy, rule or term says the same.
    Often,
}

/// How often a kind was caught, and how often it made no difference; the scenarios that showed it.
#[derive(Debug, Default)]
struct Count {
    caught: usize,
    same: usize,
    scenarios: BTreeSet<Scenario>,
}

type Counts = BTreeMap<&'static str, Count>;

#[test]
fn every_mutant_that_changes_the_meaning_is_caught() {
    let programs = programs();
    let all: Vec<Counts> = std::thread::scope(|scope| {
        let threads: Vec<_> = programs
            .iter()
            .map(|(name, program)| scope.spawn(move || mutated(name, program)))
            .collect();
        threads.into_iter().map(|it| it.join().unwrap()).collect()
    });
    let mut never = Vec::new();
    println!("{:<30}{:>8}{:>8}", "mistake", "caught", "equal");
    for (kind, _) in KINDS {
        let of_kind = || all.iter().filter_map(|counts| counts.get(kind));
        let caught: usize = of_kind().map(|it| it.caught).sum();
        let same: usize = of_kind().map(|it| it.same).sum();
        println!("{kind:<30}{caught:>8}{same:>8}");
        if caught == 0 {
            never.push(kind);
        }
        if *kind == "guardrail's deny dropped" {
            // Where no flow opens it, only what others may apply shows that the guardrail is gone.
            assert!(of_kind().any(|it| it.scenarios.contains(&Scenario::OpenAfterGuardrails)));
        }
    }
    assert!(never.is_empty(), "never caught: {never:?}");
}

/// Tries every mutant of what `program` compiles to.
fn mutated(name: &str, program: &Program) -> Counts {
    let mut counts = Counts::new();
    let resources = compiled(program).unwrap();
    let text = encode::file("everyone", &resources);
    if let Err(failure) = verify(program, [("everyone", &*text)]) {
        panic!("{name}: {failure}\n{text}");
    }
    for (kind, place, mutant) in mutants(&resources) {
        let matters = KINDS.iter().find(|(it, _)| *it == kind);
        let matters = matters.unwrap_or_else(|| panic!("`{kind}` is not in the list")).1;
        let text = encode::file("everyone", &mutant);
        let say = |why: &str| format!("{name}: {kind} in {place}: {why}\n{text}");
        let count = counts.entry(kind).or_default();
        match verify(program, [("everyone", &*text)]) {
            Ok(_) => {
                count.same += 1;
                assert_ne!(matters, Matters::Always, "{}", say("not caught"));
                confirm_same(program, &mutant, &say);
            }
            Err(VerifyFailure::Differs(found)) => {
                count.caught += 1;
                count.scenarios.insert(found.scenario);
                let at = imagined(program);
                let (example, scenario) = (&found.example, found.scenario);
                let meant = naive::program(program, example, scenario);
                let written = calico_naive::passes(
                    Cluster::of(&mutant),
                    example,
                    scenario,
                    found.ties,
                    (at.after_guardrails, at.as_tier),
                );
                assert_eq!(meant, found.meant, "{}", say(&found.to_string()));
                assert_eq!(written, !found.meant, "{}", say(&found.to_string()));
            }
            Err(
                VerifyFailure::Twice(_)
                | VerifyFailure::Logging(_)
                | VerifyFailure::Unreadable { .. },
            ) => {
                count.caught += 1;
            }
            Err(failure @ VerifyFailure::TooMany(_)) => {
                panic!("{}", say(&failure.to_string()))
            }
        }
    }
    counts
}

fn confirm_same(program: &Program, mutant: &[Resource], say: &dyn Fn(&str) -> String) {
    let at = imagined(program);
    let mut dice = Dice::new(7);
    for _ in 0..10 {
        let example = world::example(&mut dice, has_service(program));
        for scenario in Scenario::ALL {
            let meant = naive::program(program, &example, scenario);
            for ties in Ties::BOTH {
                let after = (at.after_guardrails, at.as_tier);
                let written =
                    calico_naive::passes(Cluster::of(mutant), &example, scenario, ties, after);
                assert_eq!(meant, written, "{}", say(&format!("{scenario:?}: {example}")));
            }
        }
    }
}

fn programs() -> Vec<(&'static str, Program)> {
    let platform = "exempt kube-system, default\n\
        external onprem = 10.0.0.0/8 except 10.1.0.0/16\n\
        external branch = 10.2.0.0/16\n\
        external dns = namespace kube-system [k8s-app == 'kube-dns']\n\
        external api = service default/kubernetes\n\
        *.* ==> dns : udp/53, tcp/53 because \"names\"\n\
        application1.api <== *.frontend : tcp/https because \"shared\"\n\
        forbid *.frontend to *.data\n\
        forbid onprem to *.data : tcp/22 except branch\n\
        forbid *.data ==> onprem : tcp/22 except application2.data[app == 'z']\n";
    let file = "application2.frontend -> application2.backend : tcp/8443, tcp/9090\n\
        application2.backend[app == 'x'] -> application2.data[app == 'y'] : tcp/5432-5433\n\
        application2.backend ==> onprem : tcp/1000-2000, icmp/8 because \"mainframe\"\n\
        application2.backend ==> api because \"operator\"\n\
        application2.data <== branch : tcp/22 because \"backups\"\n\
        application2.backend <== onprem : tcp/443 because \"partners\"\n";
    let small = "exempt kube-system\nforbid *.frontend to *.data\nlog denied\n\
        *.* <== *.backend : tcp/9 because \"r\"\n";
    let project = || sample().file("application1", "application1.* -> application1.*\n");
    let with_deny = |deny| {
        let flow = "application2.frontend -> application2.backend : tcp/8443\n";
        let project = sample().platform(small).file("application2", flow);
        project.settings(|settings| settings.deny = deny).program()
    };
    vec![
        ("everything", project().platform(platform).file("application2", file).program()),
        (
            "tiers",
            sample()
                .platform(small)
                .file("application2", "application2.frontend -> application2.backend : tcp/8443\n")
                .settings(|settings| {
                    settings.tiers = true;
                    settings.release = Release::parse("3.30").unwrap();
                })
                .program(),
        ),
        ("landing zones", with_deny(Deny::LandingZones)),
        ("one application", with_deny(Deny::Applications(vec!["application1".into()]))),
        ("none but those with a file", with_deny(Deny::Applications(Vec::new()))),
        (
            "no platform",
            project()
                .file(
                    "application2",
                    "application2.frontend -> application2.{backend, data} : udp\n",
                )
                .program(),
        ),
        // What isolates these is that there is a policy at all.
        ("no platform and no flow", sample().file("application2", "").program()),
    ]
}

// ---- mutants ----

fn mutants(resources: &[Resource]) -> Vec<Mutant> {
    let mut all = Vec::new();
    for (index, resource) in resources.iter().enumerate() {
        let name = match resource {
            Resource::Tier(it) => &it.name,
            Resource::Set(it) => &it.name,
            Resource::Policy(it) => &it.name,
        };
        let mut without = resources.to_vec();
        without.remove(index);
        all.push((removed(resource), name.to_string(), without));
        let mut twice = resources.to_vec();
        twice.push(resource.clone());
        all.push(("appears twice", name.to_string(), twice));
        let changed = match resource {
            Resource::Tier(tier) => {
                let mut tier = tier.clone();
                tier.pass = !tier.pass;
                vec![("tier's end", Resource::Tier(tier))]
            }
            Resource::Set(set) => {
                let mut wide = set.clone();
                wide.nets[0] = wider(wide.nets[0]);
                let mut fewer = set.clone();
                fewer.nets.pop();
                let mut named = set.clone();
                named.labels.iter_mut().for_each(|label| label.1 = "other".into());
                vec![
                    ("net widened", Resource::Set(wide)),
                    ("net dropped", Resource::Set(fewer)),
                    ("set's label", Resource::Set(named)),
                ]
            }
            Resource::Policy(policy) => {
                all.extend(swapped(resources, index, policy));
                let changed = of_policy(policy).into_iter();
                changed.map(|(what, policy)| (what, Resource::Policy(policy))).collect()
            }
        };
        for (what, resource) in changed {
            let mut mutant = resources.to_vec();
            mutant[index] = resource;
            all.push((what, name.to_string(), mutant));
        }
    }
    all
}

/// What it is called that `resource` is not there.
fn removed(resource: &Resource) -> &'static str {
    match resource {
        Resource::Tier(_) => "tier removed",
        Resource::Set(_) => "set removed",
        Resource::Policy(policy) => {
            let kinds = [
                ("eastwest-guardrail", "guardrail removed"),
                ("eastwest-default-deny", "default deny removed"),
                ("eastwest-platform", "platform line removed"),
                ("eastwest-flows", "flows removed"),
            ];
            let name = kind_of(policy);
            kinds.iter().find(|(prefix, _)| name.contains(prefix)).expect(&policy.name).1
        }
    }
}

/// The name of `policy` without the tier that may stand before it.
fn kind_of(policy: &Policy) -> &str {
    policy.name.split_once('.').map_or(&policy.name, |(_, name)| name)
}

/// The order of `policy` swapped with that of the default deny.
fn swapped(resources: &[Resource], index: usize, policy: &Policy) -> Option<Mutant> {
    let deny = resources.iter().position(|it| match it {
        Resource::Policy(it) => it.name.contains("eastwest-default-deny") && it.tier == policy.tier,
        _ => false,
    })?;
    let mut mutant = resources.to_vec();
    let Resource::Policy(of_deny) = &mut mutant[deny] else { return None };
    let order = std::mem::replace(&mut of_deny.order, policy.order);
    let Resource::Policy(swapped) = &mut mutant[index] else { return None };
    swapped.order = order;
    let place = policy.name.to_string();
    (deny != index).then_some(("order swapped with the deny", place, mutant))
}

fn wider(net: IpNet) -> IpNet {
    IpNet::new(net.network(), net.prefix_len() - 1).unwrap().trunc()
}

fn of_policy(policy: &Policy) -> Vec<(&'static str, Policy)> {
    let mut all = Vec::new();
    let mut add = |what: &'static str, change: &dyn Fn(&mut Policy)| {
        let mut mutant = policy.clone();
        change(&mut mutant);
        if mutant != *policy {
            all.push((what, mutant));
        }
    };
    for order in [50.0, 160.0, 300.0, 950.0, 1100.0] {
        add("order moved", &|it| it.order = Some(order));
    }
    add("order left out", &|it| it.order = None);
    for only in [Direction::Ingress, Direction::Egress] {
        if policy.types.as_ref().is_some_and(|types| types.len() == 2) {
            add("types shortened", &|it| it.types = Some(vec![only]));
        } else {
            add("types swapped", &|it| it.types = Some(vec![only]));
        }
    }
    add("namespaceSelector removed", &|it| it.namespace_selector = None);
    add("selector removed", &|it| it.selector = None);
    if let Some(selector) = &policy.selector {
        for (what, other) in of_selector(selector) {
            add(what, &|it| it.selector = Some(other.clone()));
        }
    }
    if let Some(selector) = &policy.namespace_selector {
        for (what, other) in of_selector(selector) {
            add(what, &|it| {
                it.namespace_selector = Some(other.clone());
            });
        }
    }
    for index in 0..policy.ingress.len() {
        for (what, rules) in of_rule(&policy.ingress, index) {
            add(of_guardrail(what, policy), &|it| it.ingress.clone_from(&rules));
        }
    }
    for index in 0..policy.egress.len() {
        for (what, rules) in of_rule(&policy.egress, index) {
            add(of_guardrail(what, policy), &|it| it.egress.clone_from(&rules));
        }
    }
    all
}

/// A rule that is dropped from a guardrail is a kind of its own.
fn of_guardrail(what: &'static str, policy: &Policy) -> &'static str {
    let guardrail = kind_of(policy).contains("eastwest-guardrail");
    if guardrail && what == "rule dropped" { "guardrail's deny dropped" } else { what }
}

fn of_rule(rules: &[Rule], index: usize) -> Vec<(&'static str, Vec<Rule>)> {
    let mut all = Vec::new();
    let mut without = rules.to_vec();
    without.remove(index);
    let logs = |index: usize| rules.get(index).is_some_and(|it| it.action == Action::Log);
    all.push((if logs(index) { "log dropped" } else { "rule dropped" }, without));
    if rules[index].action == Action::Deny && index > 0 && logs(index - 1) {
        let mut neither = rules.to_vec();
        neither.drain(index - 1..=index);
        all.push(("rule dropped", neither));
    }
    let mut add = |what: &'static str, change: &dyn Fn(&mut Rule)| {
        let mut mutant = rules.to_vec();
        change(&mut mutant[index]);
        if mutant != rules {
            all.push((what, mutant));
        }
    };
    add("action flipped", &|it| {
        it.action = match it.action {
            Action::Allow => Action::Deny,
            Action::Deny | Action::Log | Action::Pass => Action::Allow,
        };
    });
    add("action passed", &|it| it.action = Action::Pass);
    add("protocol changed", &|it| {
        it.protocol = it.protocol.map(|protocol| match protocol {
            Protocol::Tcp => Protocol::Udp,
            Protocol::Icmp => Protocol::Number(1),
            _ => Protocol::Tcp,
        });
    });
    add("ICMP type dropped", &|it| it.icmp = None);
    for port in 0..rules[index].destination.ports.len() {
        add("port widened", &|it| {
            if let Port::Range(_, last) = &mut it.destination.ports[port] {
                *last += 1;
            }
        });
        add("port dropped", &|it| {
            if it.destination.ports.len() > 1 {
                it.destination.ports.remove(port);
            }
        });
        add("port renamed", &|it| {
            if let Port::Named(name) = &mut it.destination.ports[port] {
                *name = Arc::from("metrics");
            }
        });
    }
    add("ports dropped", &|it| it.destination.ports.clear());
    for pick in [source as fn(&mut Rule) -> &mut Entity, destination] {
        let entity = pick(&mut rules[index].clone()).clone();
        add("namespaceSelector removed", &|it| pick(it).namespace_selector = None);
        add("selector removed", &|it| pick(it).selector = None);
        add("service changed", &|it| {
            if let Some(service) = &mut pick(it).service {
                service.1 = "other".into();
            }
        });
        if let Some(selector) = &entity.selector {
            for (what, other) in of_selector(selector) {
                add(what, &|it| pick(it).selector = Some(other.clone()));
            }
        }
        if let Some(selector) = &entity.namespace_selector {
            for (what, other) in of_selector(selector) {
                add(what, &|it| {
                    pick(it).namespace_selector = Some(other.clone());
                });
            }
        }
    }
    all
}

fn source(rule: &mut Rule) -> &mut Entity {
    &mut rule.source
}

fn destination(rule: &mut Rule) -> &mut Entity {
    &mut rule.destination
}

/// The selector negated, and with each of its tests dropped or changed.
fn of_selector(selector: &Selector) -> Vec<(&'static str, Selector)> {
    let mut all = Vec::new();
    if *selector != Selector::Global {
        all.push(("selector negated", !selector.clone()));
    }
    match selector {
        Selector::And(parts) | Selector::Or(parts) => {
            for (index, part) in parts.iter().enumerate() {
                let rebuilt = |parts| match selector {
                    Selector::And(_) => Selector::and(parts),
                    _ => Selector::or(parts),
                };
                let mut fewer = parts.clone();
                fewer.remove(index);
                let orchestrator = format!("{part:?}").contains("projectcalico.org/orchestrator");
                let what = if orchestrator { "orchestrator term removed" } else { "term removed" };
                all.push((what, rebuilt(fewer)));
                for (what, other) in of_selector(part) {
                    let mut changed = parts.clone();
                    changed[index] = other;
                    all.push((what, rebuilt(changed)));
                }
            }
        }
        Selector::Test(Test { key, predicate, positive }) => match predicate {
            Predicate::In(values) if !positive => {
                let grown: Vec<Arc<str>> = values.iter().cloned().chain(["zzz".into()]).collect();
                let none_of = |values| Selector::of(key.clone(), Predicate::In(values), false);
                all.push(("exempt list grown", none_of(grown)));
                all.push(("exempt list cut", none_of(values[1..].to_vec())));
            }
            Predicate::Equals(value) if *positive => {
                all.push(("label key changed", Selector::equals("other", value.clone())));
                all.push(("label value changed", Selector::equals(key.clone(), "other")));
            }
            Predicate::Has => all.push(("label key changed", Selector::has("other"))),
            _ => {}
        },
        _ => {}
    }
    all
}
