//! Policies and their rules by chance, as Calico admits them.

use std::sync::Arc;

use eastwest::calico::{
    Action, AdminKind, Direction, Entity, Http, HttpPath, Policy, PolicyKind, Port, Rule,
    ServiceAccounts, Stage,
};
use eastwest::selector::Selector;
use eastwest::traffic::{Family, Protocol};

use super::super::world::Dice;

/// Selectors over the labels of endpoints and sets.
const SELECTORS: &[&str] = &[
    "app == 'x'",
    "app != 'x'",
    "has(tier)",
    "!has(tier)",
    "app in {'x', 'xy'}",
    "app not in {'x', 'z'}",
    "app starts with 'x'",
    "app ends with 'y'",
    "app contains 'y'",
    "tier == '1' && app != 'z'",
    "tier == '1' || !has(app)",
    "!(app == 'x' || has(tier))",
    "all()",
    "!all() || app == 'x'",
    "all() && app == 'x'",
    "projectcalico.org/namespace == 'a'",
    "projectcalico.org/namespace not in {'a', 'b'}",
    "has(projectcalico.org/namespace)",
    "projectcalico.org/orchestrator == 'k8s'",
    "projectcalico.org/serviceaccount == 'robot'",
    "pcns.zone == 'x'",
    "pcns.projectcalico.org/name == 'a'",
    "pcsa.role == 'admin'",
    "projectcalico.org/name == 'a'",
];

/// Selectors over the labels of namespaces.
const OF_NAMESPACES: &[&str] = &[
    "zone == 'x'",
    "zone != 'x'",
    "has(zone)",
    "!has(team)",
    "zone in {'x', 'y'} && !has(team)",
    "projectcalico.org/name == 'a'",
    "projectcalico.org/name not in {'a', 'new'}",
    "kubernetes.io/metadata.name == 'b'",
    "all()",
    "!all() || zone == 'x'",
    "all() && zone != 'y'",
    "zone starts with 'x' || team == 't'",
];

/// Selectors over the labels of service accounts.
const OF_ACCOUNTS: &[&str] = &[
    "role == 'admin'",
    "role != 'admin'",
    "has(role)",
    "projectcalico.org/name == 'other'",
    "all()",
    "!all()",
];

fn selector(dice: &mut Dice, of: &[&str]) -> Selector {
    Selector::parse(dice.of(of)).unwrap()
}

fn sometimes<T>(dice: &mut Dice, count: usize, make: impl FnOnce(&mut Dice) -> T) -> Option<T> {
    dice.one_in(count).then(|| make(dice))
}

/// A policy; `conditional` ones may ask what no packet shows.
pub(super) fn policy(dice: &mut Dice, conditional: bool) -> Policy {
    let kind = if dice.one_in(6) { PolicyKind::Kubernetes } else { PolicyKind::Calico };
    let name = dice.of(&["a", "allow", "allow-dns", "allowx", "deny-all", "zz"]);
    let global = kind == PolicyKind::Calico && dice.one_in(2);
    let namespace = (!global).then(|| dice.of(&["a", "a", "b", "c", "new"]).into());
    if kind == PolicyKind::Kubernetes {
        return kubernetes(dice, Policy { kind, ..Policy::new(namespace, name.into()) });
    }
    let tier = dice.of(&[
        "default",
        "default",
        "default",
        "early",
        "app",
        "ops",
        "late",
        "ghost",
        "none",
        "kube-admin",
        "kube-baseline",
    ]);
    let name = if dice.one_in(3) { format!("{tier}.{name}") } else { name.to_owned() };
    let order = [None, None, Some(10.0), Some(20.0), Some(20.5), Some(1000.0), Some(-1.0)];
    let mut policy = Policy {
        tier: tier.into(),
        order: order[dice.below(order.len())],
        selector: sometimes(dice, 3, |dice| selector(dice, SELECTORS)),
        service_account_selector: sometimes(dice, 5, |dice| selector(dice, OF_ACCOUNTS)),
        types: types(dice),
        ..Policy::new(namespace, name.into())
    };
    if policy.namespace.is_none() {
        policy.namespace_selector = sometimes(dice, 3, |dice| selector(dice, OF_NAMESPACES));
        policy.stage = match dice.below(16) {
            0 => Stage::Untracked,
            1 => Stage::PreDnat,
            _ => Stage::Ordinary,
        };
        policy.apply_on_forward = policy.stage != Stage::Ordinary || dice.one_in(6);
    }
    let counts = [dice.below(5), dice.below(5)];
    let [ingress, egress] = counts.map(|count| if dice.one_in(4) { 0 } else { count });
    let mut rules =
        |count, direction| (0..count).map(|_| rule(dice, direction, conditional, global)).collect();
    policy.ingress = rules(ingress, Direction::Ingress);
    policy.egress = rules(egress, Direction::Egress);
    if policy.stage == Stage::PreDnat {
        policy.types = Some(vec![Direction::Ingress]);
        policy.egress = Vec::new();
    }
    if global && dice.one_in(8) { admin(dice, policy) } else { policy }
}

/// The same as an administrator's: of pods alone, in a tier of its own, by its priority, with the directions of its rules
/// (section 3.8).
fn admin(dice: &mut Dice, policy: Policy) -> Policy {
    let (kind, tier) = [
        (AdminKind::Admin, "adminnetworkpolicy"),
        (AdminKind::Baseline, "baselineadminnetworkpolicy"),
        (AdminKind::Cluster, "kube-admin"),
        (AdminKind::Cluster, "kube-baseline"),
    ][dice.below(4)];
    let pods = Selector::parse("projectcalico.org/orchestrator == 'k8s'").unwrap();
    let directions = [Direction::Ingress, Direction::Egress];
    let none = policy.ingress.is_empty() && policy.egress.is_empty();
    let with_rules = directions.into_iter().filter(|it| match it {
        Direction::Ingress => none || !policy.ingress.is_empty(),
        Direction::Egress => none || !policy.egress.is_empty(),
    });
    Policy {
        kind: PolicyKind::Admin(kind),
        tier: tier.into(),
        order: Some([0.0, 10.0, 1000.0][dice.below(3)]),
        selector: Some(Selector::and([pods, policy.selector.unwrap_or(Selector::All)])),
        types: Some(with_rules.collect()),
        stage: Stage::Ordinary,
        apply_on_forward: false,
        ..policy
    }
}

fn types(dice: &mut Dice) -> Option<Vec<Direction>> {
    use Direction::{Egress, Ingress};
    match dice.below(6) {
        0 => None,
        1 => Some(vec![Ingress]),
        2 => Some(vec![Egress]),
        3 | 4 => Some(vec![Ingress, Egress]),
        _ => Some(vec![Egress, Ingress]),
    }
}

/// Pods alone, at the order 1000 of the tier `default`, with rules that allow (section 3.6).
fn kubernetes(dice: &mut Dice, policy: Policy) -> Policy {
    let pods = |dice: &mut Dice| {
        let pods = Selector::parse("projectcalico.org/orchestrator == 'k8s'").unwrap();
        let of = ["app == 'x'", "has(tier)", "app not in {'z'}", "all()"];
        Selector::and([pods, selector(dice, &of)])
    };
    let rule = |dice: &mut Dice, direction| {
        let peer = match dice.below(4) {
            0 => Entity::default(),
            1 => Entity { nets: nets(dice, Family::V4, 2), ..Entity::default() },
            2 => Entity { selector: Some(pods(dice)), ..Entity::default() },
            _ => Entity {
                selector: Some(pods(dice)),
                namespace_selector: Some(selector(dice, &["zone == 'x'", "all()", "!has(team)"])),
                ..Entity::default()
            },
        };
        let protocol = [None, Some(Protocol::Tcp), Some(Protocol::Udp)][dice.below(3)];
        let ports = protocol.map(|_| ports(dice, true)).unwrap_or_default();
        let mut rule = Rule { protocol, ..Rule::new(Action::Allow) };
        match direction {
            Direction::Ingress => rule.source = peer,
            Direction::Egress => rule.destination = peer,
        }
        rule.destination.ports = ports;
        rule
    };
    let (ingress, egress) = (dice.below(3), dice.below(3));
    Policy {
        order: Some(1000.0),
        selector: Some(pods(dice)),
        types: types(dice),
        ingress: (0..ingress).map(|_| rule(dice, Direction::Ingress)).collect(),
        egress: (0..egress).map(|_| rule(dice, Direction::Egress)).collect(),
        ..policy
    }
}

fn rule(dice: &mut Dice, direction: Direction, conditional: bool, global: bool) -> Rule {
    use Protocol::{Icmp, IcmpV6, Number, Sctp, Tcp, Udp, UdpLite};
    let actions = [Action::Allow, Action::Allow, Action::Deny, Action::Pass, Action::Log];
    let mut rule = Rule::new(actions[dice.below(actions.len())]);
    // All blocks of a rule are of one family, and nothing else in it says otherwise.
    let mut family = if dice.one_in(3) { Family::V6 } else { Family::V4 };
    let protocols = [
        Some(Tcp),
        Some(Tcp),
        Some(Udp),
        Some(Sctp),
        Some(UdpLite),
        Some(Number(6)),
        Some(Number(47)),
        Some(Icmp),
        Some(IcmpV6),
        Some(Number(1)),
        Some(Number(58)),
    ];
    rule.protocol = if dice.one_in(2) { None } else { protocols[dice.below(protocols.len())] };
    match rule.protocol {
        Some(Icmp) => family = Family::V4,
        Some(IcmpV6) => family = Family::V6,
        _ => {}
    }
    if dice.one_in(6) {
        rule.family = Some(family);
    }
    if dice.one_in(8) {
        let of_family = if family == Family::V4 { Icmp } else { IcmpV6 };
        rule.not_protocol = Some([Tcp, Udp, Number(47), of_family][dice.below(4)]);
    }
    let icmp = |dice: &mut Dice| {
        let code = sometimes(dice, 2, |dice| [0, 1][dice.below(2)]);
        ([8, 3][dice.below(2)], code)
    };
    if matches!(rule.protocol, Some(Icmp | IcmpV6 | Number(1 | 58))) {
        rule.icmp = sometimes(dice, 2, icmp);
    }
    rule.not_icmp = sometimes(dice, 10, icmp);
    rule.source = entity(dice, family);
    rule.destination = entity(dice, family);
    // Mostly the other end alone is told.
    if !dice.one_in(6) {
        match direction {
            Direction::Ingress => rule.destination = Entity::default(),
            Direction::Egress => rule.source = Entity::default(),
        }
    }
    if conditional && dice.one_in(5) {
        // A global policy must name the namespace.
        let namespace = dice.of(if global { &["a"] } else { &["a", "a", ""] }).into();
        let name = dice.of(&["s", "t"]).into();
        let entity = Entity { service: Some((namespace, name)), ..Entity::default() };
        match direction {
            Direction::Ingress => rule.source = entity,
            Direction::Egress => rule.destination = entity,
        }
    }
    give_ports(dice, &mut rule, conditional);
    let over_tcp = matches!(rule.protocol, None | Some(Tcp));
    let may_ask = rule.action == Action::Allow && direction == Direction::Ingress && over_tcp;
    if conditional && may_ask && dice.one_in(3) {
        let methods = if dice.one_in(2) { vec!["GET".into()] } else { Vec::new() };
        let path = HttpPath::Prefix("/p".into());
        let paths = if methods.is_empty() || dice.one_in(2) { vec![path] } else { Vec::new() };
        rule.http = Some(Http { methods, paths });
    }
    rule
}

fn give_ports(dice: &mut Dice, rule: &mut Rule, conditional: bool) {
    use Protocol::{Number, Sctp, Tcp, Udp};
    let numbered = matches!(rule.protocol, Some(Tcp | Udp | Sctp | Number(6 | 17 | 132)));
    if !numbered && rule.protocol.is_some() {
        return;
    }
    if rule.destination.service.is_none() {
        if dice.one_in(3) {
            rule.destination.ports = ports(dice, numbered);
        }
        if dice.one_in(8) {
            rule.destination.not_ports = ports(dice, numbered);
        }
    }
    if conditional && dice.one_in(5) {
        let of_source = [Port::Range(80, 80), Port::Named("http".into())];
        let port = of_source[if numbered { dice.below(2) } else { 1 }].clone();
        let source = &mut rule.source;
        let list = if dice.one_in(3) { &mut source.not_ports } else { &mut source.ports };
        list.push(port);
    }
}

fn ports(dice: &mut Dice, numbered: bool) -> Vec<Port> {
    let numbers = [Port::Range(443, 443), Port::Range(80, 8080), Port::Range(1, 100)];
    let names: [Port; 2] = ["https", "http"].map(|name| Port::Named(name.into()));
    let mut ports = Vec::new();
    for _ in 0..=dice.below(2) {
        let by_name = !numbered || dice.one_in(2);
        let port = if by_name { &names[dice.below(2)] } else { &numbers[dice.below(3)] };
        if !ports.contains(port) {
            ports.push(port.clone());
        }
    }
    ports
}

fn nets<T: std::str::FromStr<Err: std::fmt::Debug>>(
    dice: &mut Dice,
    family: Family,
    count: usize,
) -> Vec<T> {
    let blocks: &[&str] = match family {
        Family::V4 => &["10.0.0.0/8", "10.1.0.0/16", "192.0.2.0/24", "203.0.113.9/32"],
        Family::V6 => &["fd00::/8", "fd00::5/128", "2001:db8::/32", "8000::/1"],
    };
    let first = dice.below(blocks.len());
    let some = blocks.iter().cycle().skip(first).take(1 + dice.below(count));
    some.map(|block| block.parse().unwrap()).collect()
}

/// One end: a word or two about it, seldom more.
fn entity(dice: &mut Dice, family: Family) -> Entity {
    let mut entity = Entity::default();
    for _ in 0..[0, 1, 1, 1, 2, 2, 3][dice.below(7)] {
        match dice.below(12) {
            0 => entity.nets = nets(dice, family, 2),
            1 if family == Family::V4 => entity.nets = vec!["0.0.0.0/0".parse().unwrap()],
            1 => entity.nets = vec!["::/0".parse().unwrap()],
            2 => entity.not_nets = nets(dice, family, 2),
            3..=5 => entity.selector = Some(selector(dice, SELECTORS)),
            6 => entity.not_selector = Some(selector(dice, SELECTORS)),
            7 | 8 => entity.namespace_selector = Some(selector(dice, OF_NAMESPACES)),
            9 => entity.namespace_selector = Some(Selector::Global),
            _ => {
                let names: &[&[&str]] = &[&["robot"], &["robot", "other"], &[]];
                let names = names[dice.below(3)].iter().map(|name| Arc::from(*name)).collect();
                let selector = sometimes(dice, 2, |dice| selector(dice, OF_ACCOUNTS));
                entity.service_accounts = Some(ServiceAccounts { names, selector });
            }
        }
    }
    entity
}
