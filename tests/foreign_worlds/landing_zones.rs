//! Clusters by chance in which teams wrote policies of their landing zones by hand, with the slips that teams make.

use std::collections::BTreeSet;

use eastwest::calico::{
    Action, Direction, Entity, Policy, PolicyKind, Port, Resource, Rule, Services, Tier,
};
use eastwest::reach::End;
use eastwest::reach::of_policies::Ties;
use eastwest::selector::Selector;
use eastwest::traffic::{Connection, Detail, Family, Protocol};

use super::super::calico_naive;
use super::super::world::Dice;
use super::world::{Pod, World, labels};

/// The namespaces, their landing zones and zones.
pub(super) const NAMESPACES: [(&str, &str, &str); 5] = [
    ("a-web", "a1", "web"),
    ("a-db", "a1", "db"),
    ("b-web", "b1", "web"),
    ("b-db", "b1", "db"),
    ("c-web", "c1", "web"),
];

/// What teams write of the other end's namespace: their own landing zone is `OWN`.
const WRITTEN: &[&str] = &[
    "applicationcode == 'OWN'",
    "applicationcode == 'OWN' && zone == 'web'",
    "applicationcode == 'OWN' && zone == 'db'",
    // Slips: the code omitted, negated, another's, any, unknown, and a zone mistyped.
    "zone == 'web'",
    "has(zone)",
    "applicationcode != 'OWN'",
    "applicationcode not in {'OWN', 'c1'} && zone == 'db'",
    "applicationcode == 'b1' && zone == 'web'",
    "applicationcode == 'a1'",
    "applicationcode in {'a1', 'b1'}",
    "has(applicationcode)",
    "applicationcode == 'aa1'",
    "applicationcode == 'OWN' && zone == 'wbe'",
];

fn rule(action: Action, port: u16, udp: bool) -> Rule {
    let mut rule = Rule::new(action);
    if port > 0 {
        let protocol = if udp { Protocol::Udp } else { Protocol::Tcp };
        rule.protocol = Some(protocol);
        rule.destination.ports = vec![Port::Range(port, port)];
    }
    rule
}

/// The world of this number.
pub(super) fn world(seed: u64) -> World {
    let dice = &mut Dice::new(seed + 77_000);
    let mut resources = Vec::new();
    if dice.one_in(3) {
        let (name, labels) = ("first".into(), Vec::new());
        resources.push(Resource::Tier(Tier { name, labels, order: Some(10.0), pass: true }));
    }
    platform(dice, &mut resources);
    for (namespace, own, _) in NAMESPACES {
        for name in ["allow", "zz-more"] {
            if !dice.one_in(3) {
                let policy = of_team(dice, namespace, own, name);
                if dice.one_in(8) {
                    let again = Policy { name: "again".into(), ..policy.clone() };
                    resources.push(Resource::Policy(again));
                }
                resources.push(Resource::Policy(policy));
            }
        }
    }
    if seed % 10 == 3 {
        let of_zone = |name: &str, order, ingress| Policy {
            order: Some(order),
            types: Some(vec![Direction::Ingress]),
            ingress,
            ..Policy::new(Some("c-web".into()), name.into())
        };
        // A trial that was never taken out, and what it makes void.
        resources.push(Resource::Policy(of_zone("trial", 1.0, vec![Rule::new(Action::Allow)])));
        resources.push(Resource::Policy(of_zone("closed", 5000.0, Vec::new())));
    }
    let pod = |namespace: &str, code: &str, zone: &str| Pod {
        end: End::Pod {
            namespace: namespace.into(),
            of_namespace: labels(&[("applicationcode", code), ("zone", zone)]),
            labels: labels(&[("projectcalico.org/serviceaccount", "default")]),
            address: None,
        },
        ports: Vec::new(),
    };
    let subjects = NAMESPACES.iter().map(|(name, code, zone)| pod(name, code, zone)).collect();
    let outside = ["10.1.0.9", "203.0.113.9"].map(|it| End::Address(it.parse().unwrap()));
    let connection = |protocol, port| Connection {
        family: Family::V4,
        protocol,
        detail: Detail::Port(port, Vec::new()),
    };
    let namespaces = NAMESPACES.iter().map(|(name, code, zone)| {
        let of = labels(&[("applicationcode", code), ("zone", zone)]);
        ((*name).into(), of.into_iter().collect())
    });
    World {
        services: Services::new(),
        namespaces: namespaces.collect(),
        conditions: BTreeSet::new(),
        resources,
        hosts: Vec::new(),
        subjects,
        others: outside.to_vec(),
        traffic: vec![connection(6, 443), connection(6, 22), connection(17, 53)],
    }
}

/// What the platform wrote for everybody.
fn platform(dice: &mut Dice, resources: &mut Vec<Resource>) {
    let selectors = [
        "all()",
        "has(projectcalico.org/namespace)",
        "projectcalico.org/namespace not in {'c-web'}",
    ];
    let orders = [None, None, Some(900.0), Some(9000.0)];
    let mut global = |dice: &mut Dice, name: &str, rules: Vec<Rule>| {
        let policy = Policy {
            order: orders[dice.below(orders.len())],
            selector: Some(Selector::parse(dice.of(&selectors)).unwrap()),
            types: Some(vec![Direction::Ingress, Direction::Egress]),
            ingress: rules.clone(),
            egress: rules,
            ..Policy::new(None, name.into())
        };
        resources.push(Resource::Policy(policy));
    };
    if !dice.one_in(4) {
        global(dice, "deny-all", vec![Rule::new(Action::Deny)]);
    }
    if dice.one_in(2) {
        global(dice, "log-all", vec![Rule::new(Action::Log)]);
    }
    if dice.one_in(2) {
        let mut dns = rule(Action::Allow, 53, true);
        if dice.one_in(3) {
            dns.destination.nets = vec!["10.1.0.0/24".parse().unwrap()];
        }
        global(dice, "dns", vec![dns]);
    }
    if let Some(Resource::Tier(_)) = resources.first()
        && dice.one_in(2)
    {
        let early = Policy {
            tier: dice.of(&["first", "frist"]).into(),
            order: Some(1.0),
            selector: Some(Selector::parse("has(projectcalico.org/namespace)").unwrap()),
            types: Some(vec![Direction::Ingress]),
            ingress: vec![rule(Action::Allow, 22, false)],
            ..Policy::new(None, "early".into())
        };
        resources.push(Resource::Policy(early));
    }
}

/// What a team wrote in one of its namespaces.
fn of_team(dice: &mut Dice, namespace: &str, own: &str, name: &str) -> Policy {
    let kind = if dice.one_in(6) { PolicyKind::Kubernetes } else { PolicyKind::Calico };
    let orders = [None, Some(500.0), Some(500.0), Some(800.0)];
    let mut policy = Policy { kind, ..Policy::new(Some(namespace.into()), name.into()) };
    policy.order = orders[dice.below(orders.len())];
    if kind == PolicyKind::Kubernetes {
        policy.order = Some(1000.0);
    }
    let types = [
        vec![Direction::Ingress],
        vec![Direction::Egress],
        vec![Direction::Ingress, Direction::Egress],
    ];
    policy.types = Some(types[dice.below(3)].clone());
    for direction in policy.types.clone().unwrap_or_default() {
        let mut rules = Vec::new();
        for _ in 0..=dice.below(2) {
            let port = [443, 443, 22, 0][dice.below(4)];
            let denies = kind == PolicyKind::Calico && dice.one_in(8);
            let mut one = rule(if denies { Action::Deny } else { Action::Allow }, port, false);
            let end = match direction {
                Direction::Ingress => &mut one.source,
                Direction::Egress => &mut one.destination,
            };
            other_end(dice, own, end);
            if dice.one_in(10) {
                rules.push(one.clone());
            }
            rules.push(one);
        }
        match direction {
            Direction::Ingress => policy.ingress = rules,
            Direction::Egress => policy.egress = rules,
        }
    }
    policy
}

fn other_end(dice: &mut Dice, own: &str, end: &mut Entity) {
    match dice.below(10) {
        0 => {}
        1 => end.nets = vec!["10.1.0.0/16".parse().unwrap()],
        _ => {
            let text = dice.of(WRITTEN).replace("OWN", own);
            end.namespace_selector = Some(Selector::parse(&text).unwrap());
        }
    }
}

/// The place of a policy in each order is one policy's alone.
#[test]
fn no_two_policies_of_a_world_have_one_place() {
    for seed in 1..=40 {
        let world = world(seed);
        let mut places = BTreeSet::new();
        for (_, policy) in calico_naive::policies(&world.resources) {
            for ties in Ties::BOTH {
                let place = (
                    ties == Ties::ByName,
                    &policy.tier,
                    policy.order.map(f64::to_bits),
                    calico_naive::tie(policy, ties),
                );
                assert!(places.insert(format!("{place:?}")), "{place:?}");
            }
        }
    }
}
