//! One question, one answer: what `can` says of all pods of a place is what `can --batch` says of each of them, whatever
//! their addresses and the names of their ports are.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use eastwest::calico::{Release, Resource};
use eastwest::can::{QueryPlace, Question, Verdict, answer, batch};
use eastwest::program::Settings;
use eastwest::selector::Selector;
use eastwest::traffic::{Match, Protocol};
use eastwest::world::World as Asked;
use ipnet::IpNet;
use serde_json::{Value, json};

use super::super::world::{Dice, varying_seeds};
use super::batch::asked;
use super::world::{self, World};

const WORLDS: u64 = 40;
/// So many questions about each.
const QUESTIONS: usize = 12;
/// The blocks of pods, where the settings say some: partly in blocks that rules name.
const POD_BLOCKS: [&str; 2] = ["10.0.0.0/16", "10.1.0.0/28"];

/// A place as `can` has it, and all that a line of a batch may say of one of its endpoints.
struct Both {
    place: QueryPlace,
    lines: Vec<Value>,
}

#[test]
fn can_says_of_a_place_what_a_batch_says_of_all_that_is_there() {
    let mut met = BTreeSet::new();
    for seed in varying_seeds(WORLDS) {
        let dice = &mut Dice::new(seed + 3000);
        let world = world::world(seed);
        let release = if seed % 2 == 0 { Release::NEWEST } else { Release::OLDEST };
        let pods: Vec<IpNet> = if seed % 3 == 0 {
            POD_BLOCKS.iter().map(|it| it.parse().unwrap()).collect()
        } else {
            Vec::new()
        };
        let settings = Settings { cluster: pods.clone(), pods, ..Settings::default() };
        let asked = asked(&world, release, true, &settings);
        for _ in 0..QUESTIONS {
            let (from, to) = (some_place(&world, &asked, dice), some_place(&world, &asked, dice));
            let protocol = [Protocol::Tcp, Protocol::Udp][dice.below(2)];
            let port = [22, 53, 80, 443, 6443, 8080][dice.below(6)];
            let question = Question {
                from: from.place,
                to: to.place,
                traffic: Some(vec![Match::Ports(protocol, port, port)]),
            };
            let answer = answer(&asked, &question).unwrap();
            let said = answer.verdict;
            let over = |v6: bool| verdicts(&asked, &from.lines, &to.lines, protocol, port, v6);
            let v4 = over(false);
            let both: BTreeSet<_> = v4.iter().cloned().chain(over(true)).collect();
            // Where nothing speaks of IPv6, only IPv4 is meant.
            let right = [&v4, &both].into_iter().any(|it| agree(said, it));
            met.insert((format!("{said:?}"), v4.len() > 1));
            assert!(
                right,
                "world {seed}: {} to {} : {protocol:?}/{port}: {said:?}, but by line {both:?}\n{answer:#?}\n{world:#?}",
                question.from.text, question.to.text
            );
        }
    }
    assert!(met.len() > 3, "{met:?}");
}

/// Whether `said` of a place is what is said of its endpoints: the same of all, or else that it depends.
fn agree(said: Verdict, all: &BTreeSet<String>) -> bool {
    let one = |word: &str| all.len() == 1 && all.contains(word);
    match said {
        Verdict::Allow => one("allow"),
        // Addresses of two families have no connection, and a line about them is an error.
        Verdict::Deny => one("deny") || all.is_empty(),
        Verdict::Undecided | Verdict::Differs => !one("allow") && !one("deny"),
    }
}

/// What a batch says of every pair of endpoints, over one family.
fn verdicts(
    asked: &Asked,
    from: &[Value],
    to: &[Value],
    protocol: Protocol,
    port: u16,
    v6: bool,
) -> BTreeSet<String> {
    let of = |end: &Value| end["ip"].as_str().map(|it| it.parse::<IpAddr>().unwrap().is_ipv6());
    let protocol = if protocol == Protocol::Tcp { "TCP" } else { "UDP" };
    batch(asked, |asker| {
        let mut found = BTreeSet::new();
        for from in from.iter().filter(|it| of(it) == Some(v6)) {
            for to in to.iter().filter(|it| of(it) == Some(v6)) {
                for names in [&[][..], &["https"], &["http"], &["http", "https"]] {
                    let mut to = to.clone();
                    if to.get("namespace").is_some() {
                        let port = format!("{protocol}/{port}");
                        to["ports"] = names.iter().map(|it| (*it, port.as_str())).collect();
                    }
                    let line = json!({"from": from, "to": to, "protocol": protocol, "port": port});
                    let mut out = Vec::new();
                    asker.answer(line.to_string().as_bytes(), 1, &mut out);
                    let answer: Value = serde_json::from_slice(&out).unwrap();
                    found.insert(answer["verdict"].as_str().unwrap().to_owned());
                }
            }
        }
        found
    })
    .unwrap()
}

fn some_place(world: &World, asked: &Asked, dice: &mut Dice) -> Both {
    if dice.one_in(4) {
        return address(world, asked, dice);
    }
    let namespace = dice.of(&["a", "b", "c", "new"]);
    let mut selector = vec!["!has(projectcalico.org/name)".to_owned()];
    let mut labels = serde_json::Map::new();
    for (key, values) in [("app", ["", "x", "xy", "z"]), ("tier", ["", "", "1", "2"])] {
        let value = dice.of(&values);
        if value.is_empty() {
            selector.push(format!("!has({key})"));
        } else {
            selector.push(format!("{key} == '{value}'"));
            labels.insert(key.to_owned(), json!(value));
        }
    }
    let account = dice.of(&["robot", "other", "default"]);
    selector.push(format!("projectcalico.org/serviceaccount == '{account}'"));
    selector.push(
        if account == "robot" { "pcsa.role == 'admin'" } else { "!has(pcsa.role)" }.to_owned(),
    );
    let selector = Selector::parse(&selector.join(" && ")).unwrap();
    let text = format!("namespace/{namespace}[{selector}]");
    let place = QueryPlace::of_namespace(asked, namespace, Some(Arc::new(selector)), text).unwrap();
    let mut lines = Vec::new();
    for address in addresses(world, &asked.program.settings.pods) {
        let ip = address.to_string();
        let account = account.to_owned();
        lines.push(
            json!({"namespace": namespace, "labels": labels, "serviceAccount": account, "ip": ip}),
        );
    }
    Both { place, lines }
}

fn address(world: &World, asked: &Asked, dice: &mut Dice) -> Both {
    let hosts = world.hosts.iter().flat_map(|it| &it.addresses).copied();
    let outside = ["10.1.0.9", "203.0.113.9", "198.51.100.1", "2001:db8::9"];
    let outside = outside.iter().map(|it| it.parse::<IpAddr>().unwrap());
    let all: Vec<IpAddr> = hosts.chain(outside).collect();
    let address = all[dice.below(all.len())];
    let place = QueryPlace::of_addresses(asked, IpNet::from(address), address.to_string());
    Both { place, lines: vec![json!({"ip": address.to_string()})] }
}

/// An address in each piece that the blocks of `world` cut its addresses into, none of them a host's; of a family of `pods` only
/// those in there.
fn addresses(world: &World, pods: &[IpNet]) -> Vec<IpAddr> {
    let mut found = BTreeSet::from(["198.51.100.1".parse().unwrap(), "2600::1".parse().unwrap()]);
    let mut add = |net: &IpNet| {
        found.insert(net.network());
        found.extend(match net.broadcast() {
            IpAddr::V4(last) => u32::from(last).checked_add(1).map(|it| IpAddr::V4(it.into())),
            IpAddr::V6(last) => u128::from(last).checked_add(1).map(|it| IpAddr::V6(it.into())),
        });
    };
    for resource in &world.resources {
        match resource {
            Resource::Set(set) => set.nets.iter().for_each(&mut add),
            Resource::Policy(policy) => {
                for rule in policy.ingress.iter().chain(&policy.egress) {
                    for end in [&rule.source, &rule.destination] {
                        end.nets.iter().chain(&end.not_nets).for_each(&mut add);
                    }
                }
            }
            Resource::Tier(_) => {}
        }
    }
    pods.iter().for_each(&mut add);
    world.services.values().flatten().for_each(|it| add(&IpNet::from(it.address)));
    let own = |it: &IpAddr| {
        let mut family = pods.iter().filter(|net| net.addr().is_ipv4() == it.is_ipv4()).peekable();
        family.peek().is_none() || family.any(|net| net.contains(it))
    };
    found.retain(own);
    let hosts: BTreeSet<_> = world.hosts.iter().flat_map(|it| &it.addresses).copied().collect();
    found.retain(|it| !hosts.contains(it));
    found.into_iter().collect()
}
