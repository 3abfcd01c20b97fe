//! A verifier that cannot fail is worthless: every way in which the written policies could be wrong is tried, and
//! each that changes the meaning must be caught, with a connection that shows it.
#![expect(clippy::wildcard_enum_match_arm, reason = "what is not changed is left alone")]

use std::sync::Arc;

use eastwest::calico::{Action, Direction, Entity, Policy, Port, Resource, Rule, encode};
use eastwest::program::{Program, Release};
use eastwest::reach::Scenario;
use eastwest::reach::of_policies::Ties;
use eastwest::selector::Selector;
use eastwest::traffic::Protocol;
use eastwest::verify::{Failure, imagined, verify};
use ipnet::IpNet;

use super::naive;
use super::small_worlds::{compiled, has_service};
use super::support::sample;
use super::world::{self, Dice};

/// What is wrong with a mutant, and its resources.
type Mutant = (String, Vec<Resource>);

#[test]
fn every_mutant_that_changes_the_meaning_is_caught() {
    let (mut caught, mut same) = (0, 0);
    for (index, program) in programs().iter().enumerate() {
        let resources = compiled(program).unwrap();
        let text = encode::file("everyone", &resources);
        if let Err(failure) = verify(program, [("everyone", &*text)]) {
            panic!("program {index}: {failure}\n{text}");
        }
        for (what, mutant) in mutants(&resources) {
            let text = encode::file("everyone", &mutant);
            let say = |why: &str| format!("program {index}, {what}: {why}\n{text}");
            match verify(program, [("everyone", &*text)]) {
                Ok(_) => {
                    same += 1;
                    assert!(!always_matters(&what), "{}", say("not caught"));
                    confirm_same(program, &mutant, &say);
                }
                Err(Failure::Differs(found)) => {
                    caught += 1;
                    let at = imagined(program);
                    let (example, scenario) = (&found.example, found.scenario);
                    let meant = naive::program(program, example, scenario);
                    let written = naive::policies(
                        &mutant,
                        example,
                        scenario,
                        found.ties,
                        (at.after_guardrails, at.as_tier),
                    );
                    assert_eq!(meant, found.meant, "{}", say(&found.to_string()));
                    assert_eq!(written, !found.meant, "{}", say(&found.to_string()));
                }
                Err(Failure::Twice(_) | Failure::Logging(_) | Failure::Unreadable { .. }) => {
                    caught += 1;
                }
                Err(failure @ (Failure::Unclear(_) | Failure::TooMany(_))) => {
                    panic!("{}", say(&failure.to_string()))
                }
            }
        }
    }
    println!("{caught} mutants caught, {same} mean the same");
    assert!(caught > 500, "only {caught} caught");
    assert!(same < caught / 3, "{same} of {caught} are said to be the same");
}

/// What can never go unnoticed in the programs below.
fn always_matters(what: &str) -> bool {
    let words = [
        "removed global policy",
        "global types shortened",
        "action flipped",
        "net widened",
        "exempt list grown",
        "written twice",
    ];
    words.iter().any(|word| what.starts_with(word))
}

fn confirm_same(program: &Program, mutant: &[Resource], say: &dyn Fn(&str) -> String) {
    let at = imagined(program);
    let mut dice = Dice::new(7);
    for _ in 0..15 {
        let example = world::example(&mut dice, has_service(program));
        for scenario in Scenario::ALL {
            let meant = naive::program(program, &example, scenario);
            for ties in Ties::BOTH {
                let after = (at.after_guardrails, at.as_tier);
                let written = naive::policies(mutant, &example, scenario, ties, after);
                assert_eq!(meant, written, "{}", say(&format!("{scenario:?}: {example}")));
            }
        }
    }
}

fn programs() -> Vec<Program> {
    let platform = "exempt kube-system, default\n\
        external onprem = 10.0.0.0/8 except 10.1.0.0/16\n\
        external dns = namespace kube-system [k8s-app == 'kube-dns']\n\
        external api = service default/kubernetes\n\
        *.* ==> dns : udp/53, tcp/53 because \"names\"\n\
        application1.api <== *.frontend : tcp/https because \"shared\"\n\
        forbid *.frontend to *.data\n\
        forbid *.data ==> onprem : tcp/22 except application2.data[app == 'z']\n";
    let file = "application2.frontend -> application2.backend : tcp/8443\n\
        application2.backend[app == 'x'] -> application2.data[app == 'y'] : tcp/5432-5433\n\
        application2.backend ==> onprem : tcp/1000-2000, icmp/8 because \"mainframe\"\n\
        application2.backend ==> api because \"operator\"\n\
        application2.backend <== onprem : tcp/443 because \"partners\"\n";
    let project = || sample().file("application1", "application1.* -> application1.*\n");
    vec![
        project().platform(platform).file("application2", file).program(),
        project()
            .platform(&format!("{platform}log denied\n"))
            .file("application2", file)
            .settings(|settings| {
                settings.tiers = true;
                settings.release = Release::parse("3.30").unwrap();
            })
            .program(),
        project()
            .file("application2", "application2.frontend -> application2.{backend, data} : udp\n")
            .program(),
    ]
}

// ---- mutants ----

fn mutants(resources: &[Resource]) -> Vec<Mutant> {
    let mut all = Vec::new();
    for (index, resource) in resources.iter().enumerate() {
        let mut without = resources.to_vec();
        without.remove(index);
        let kind = match resource {
            Resource::Policy(policy) if policy.namespace.is_none() => "global policy",
            _ => "object",
        };
        all.push((format!("removed {kind} {index}"), without));
        let mut twice = resources.to_vec();
        twice.push(resource.clone());
        all.push((format!("written twice {index}"), twice));
        let changed = match resource {
            Resource::Tier(tier) => {
                let mut tier = tier.clone();
                tier.pass = !tier.pass;
                vec![("tier's end".to_owned(), Resource::Tier(tier))]
            }
            Resource::Set(set) => {
                let mut wide = set.clone();
                wide.nets[0] = wider(wide.nets[0]);
                let mut fewer = set.clone();
                fewer.nets.pop();
                let mut named = set.clone();
                named.labels.iter_mut().for_each(|label| label.1 = "other".into());
                vec![
                    ("net widened".to_owned(), Resource::Set(wide)),
                    ("net dropped".to_owned(), Resource::Set(fewer)),
                    ("set's label".to_owned(), Resource::Set(named)),
                ]
            }
            Resource::Policy(policy) => of_policy(policy)
                .into_iter()
                .map(|(what, policy)| (what, Resource::Policy(policy)))
                .collect(),
        };
        for (what, resource) in changed {
            let mut mutant = resources.to_vec();
            mutant[index] = resource;
            all.push((format!("{what} in object {index}"), mutant));
        }
    }
    all
}

fn wider(net: IpNet) -> IpNet {
    IpNet::new(net.network(), net.prefix_len() - 1).unwrap().trunc()
}

fn of_policy(policy: &Policy) -> Vec<(String, Policy)> {
    let mut all = Vec::new();
    let mut add = |what: &str, change: &dyn Fn(&mut Policy)| {
        let mut mutant = policy.clone();
        change(&mut mutant);
        if mutant != *policy {
            all.push((what.to_owned(), mutant));
        }
    };
    for order in [50.0, 140.0, 160.0, 300.0, 600.0, 950.0, 1100.0] {
        add(&format!("order {order}"), &|it| it.order = Some(order));
    }
    add("order left out", &|it| it.order = None);
    for only in [Direction::Ingress, Direction::Egress] {
        if policy.types.as_ref().is_some_and(|types| types.len() == 2) {
            let global = if policy.namespace.is_none() { "global " } else { "" };
            add(&format!("{global}types shortened"), &|it| it.types = Some(vec![only]));
        } else {
            add("types swapped", &|it| it.types = Some(vec![only]));
        }
    }
    add("namespaceSelector removed", &|it| it.namespace_selector = None);
    add("selector removed", &|it| it.selector = None);
    if let Some(selector) = &policy.selector {
        for (what, other) in of_selector(selector) {
            add(&format!("{what} of the policy"), &|it| it.selector = Some(other.clone()));
        }
    }
    if let Some(selector) = &policy.namespace_selector {
        for (what, other) in of_selector(selector) {
            add(&format!("{what} of its namespaces"), &|it| {
                it.namespace_selector = Some(other.clone());
            });
        }
    }
    for index in 0..policy.ingress.len() {
        for (what, rules) in of_rule(&policy.ingress, index) {
            add(&what, &|it| it.ingress.clone_from(&rules));
        }
    }
    for index in 0..policy.egress.len() {
        for (what, rules) in of_rule(&policy.egress, index) {
            add(&what, &|it| it.egress.clone_from(&rules));
        }
    }
    all
}

fn of_rule(rules: &[Rule], index: usize) -> Vec<(String, Vec<Rule>)> {
    let mut all = Vec::new();
    let mut without = rules.to_vec();
    without.remove(index);
    all.push(("rule dropped".to_owned(), without));
    let mut add = |what: &str, change: &dyn Fn(&mut Rule)| {
        let mut mutant = rules.to_vec();
        change(&mut mutant[index]);
        if mutant != rules {
            all.push((what.to_owned(), mutant));
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
    add("type dropped", &|it| it.icmp = None);
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
    for (end, pick) in
        [("source", source as fn(&mut Rule) -> &mut Entity), ("destination", destination)]
    {
        let entity = pick(&mut rules[index].clone()).clone();
        add(&format!("{end} namespaceSelector removed"), &|it| pick(it).namespace_selector = None);
        add(&format!("{end} selector removed"), &|it| pick(it).selector = None);
        add(&format!("{end} service changed"), &|it| {
            if let Some(service) = &mut pick(it).service {
                service.1 = "other".into();
            }
        });
        if let Some(selector) = &entity.selector {
            for (what, other) in of_selector(selector) {
                add(&format!("{end} {what}"), &|it| pick(it).selector = Some(other.clone()));
            }
        }
        if let Some(selector) = &entity.namespace_selector {
            for (what, other) in of_selector(selector) {
                add(&format!("{end} namespaces {what}"), &|it| {
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
fn of_selector(selector: &Selector) -> Vec<(String, Selector)> {
    let mut all = Vec::new();
    if *selector != Selector::Global {
        all.push(("selector negated".to_owned(), Selector::Not(Box::new(selector.clone()))));
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
                all.push((format!("term {index} removed"), rebuilt(fewer)));
                for (what, other) in of_selector(part) {
                    let mut changed = parts.clone();
                    changed[index] = other;
                    all.push((what, rebuilt(changed)));
                }
            }
        }
        Selector::NotIn(key, values) => {
            let grown: Vec<Arc<str>> = values.iter().cloned().chain(["zzz".into()]).collect();
            all.push(("exempt list grown".to_owned(), Selector::NotIn(key.clone(), grown)));
            let fewer = values[1..].to_vec();
            all.push(("exempt list cut".to_owned(), Selector::NotIn(key.clone(), fewer)));
        }
        Selector::Equals(key, value) => {
            all.push(("label key".to_owned(), Selector::Equals("other".into(), value.clone())));
            all.push(("label value".to_owned(), Selector::Equals(key.clone(), "other".into())));
        }
        Selector::Has(_) => all.push(("label key".to_owned(), Selector::Has("other".into()))),
        _ => {}
    }
    all
}
