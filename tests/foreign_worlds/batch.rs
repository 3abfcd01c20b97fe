//! The answers of `can --batch` in foreign worlds, held against the brute-force model: verdict, why, policy and rule.

use std::collections::BTreeSet;

use eastwest::calico::Release;
use eastwest::can::batch;
use eastwest::check::{CheckInput, check};
use eastwest::cluster::{Cluster as Read, Object, ServiceAccount, WrittenRule};
use eastwest::program::Settings;
use eastwest::reach::of_policies::Ties;
use eastwest::reach::{Direction, End, Example};
use eastwest::source::{Sources, Span};
use eastwest::traffic::{Connection, Detail, Family};
use eastwest::world::World as Asked;
use eastwest::yaml::node::Node;
use eastwest::zones;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::super::calico_naive::{self, By, Cluster, Judged, Party, Seen};
use super::super::world::Dice;
use super::world::{self, Pod, World};

/// The service accounts of pods in these worlds, with their labels.
const ACCOUNTS: [(&str, &[(&str, &str)]); 3] =
    [("robot", &[("role", "admin")]), ("other", &[]), ("default", &[])];
const NAMESPACES: [&str; 4] = ["a", "b", "c", "new"];

#[test]
fn batches_are_answered_as_calico_decides() {
    let mut verdicts = BTreeSet::new();
    for seed in 1..=16 {
        let world = world::world(seed);
        // Every answer to what no packet shows is tried.
        if world.conditions.len() > 5 {
            continue;
        }
        for (release, ties) in
            [(Release::OLDEST, Ties::ByNamespace), (Release::NEWEST, Ties::ByName)]
        {
            let asked = asked(&world, release, seed % 3 > 0, &Settings::default());
            let questions = questions(&world, seed);
            let answers = batch(&asked, |asker| {
                let answer = |(number, (line, _)): (u64, &(Value, _))| {
                    let mut out = Vec::new();
                    asker.answer(line.to_string().as_bytes(), number, &mut out);
                    serde_json::from_slice::<Value>(&out).unwrap()
                };
                (1..).zip(&questions).map(answer).collect::<Vec<_>>()
            });
            for ((line, ends), answer) in questions.iter().zip(answers.unwrap()) {
                for (half, direction) in
                    [("egress", Direction::Egress), ("ingress", Direction::Ingress)]
                {
                    let known = seed % 3 > 0;
                    let expected = expected(&world, ties, direction, ends, known);
                    let context = || {
                        format!(
                            "world {seed}, {ties:?}, {half}: {line}\n{answer}\n{expected:?}\n{world:#?}"
                        )
                    };
                    verdicts.insert(answer[half]["verdict"].to_string());
                    confirm(&world, &answer[half], &expected)
                        .unwrap_or_else(|why| panic!("{why}\n{}", context()));
                }
            }
        }
    }
    assert_eq!(verdicts.len(), 3, "{verdicts:?}");
}

/// The two ends as the model has them, and the connection.
pub(super) type Ends = (Pod, Pod, Connection);

/// The world as questions are asked about it; with or without its service accounts.
pub(super) fn asked(world: &World, release: Release, accounts: bool, settings: &Settings) -> Asked {
    let mut sources = Sources::new();
    let manifests = world.namespaces.iter().map(|(name, labels)| {
        let labels: serde_json::Map<_, _> =
            labels.iter().map(|(key, value)| (key.to_string(), json!(**value))).collect();
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": **name, "labels": labels}})
    });
    let items: Vec<_> = manifests.collect();
    let text = json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string();
    let file = sources.add("zones.json", text);
    let (zones, said) = zones::load(&sources, &[file], &settings.labels);
    assert!(said.is_empty(), "{said:?}");
    let (program, _) = check(&CheckInput {
        files: &[],
        platform: false,
        zones: &zones,
        settings,
        write: None,
        partial: false,
        today: Date::constant(2026, 11, 22),
        drop_expired: false,
    });
    let span = Span::new(file, 0, 0);
    let written = || (0..100).map(|index| WrittenRule { index, span }).collect::<Vec<_>>();
    let object = |resource: &eastwest::calico::Resource| Object {
        resource: resource.clone(),
        node: Node::scalar("", true, None).into(),
        span,
        rules: [written(), written()],
    };
    let all = NAMESPACES.iter().flat_map(|namespace| {
        ACCOUNTS.iter().map(|(name, labels)| ServiceAccount {
            namespace: (*namespace).into(),
            name: (*name).into(),
            labels: labels.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect(),
        })
    });
    let cluster = Read {
        zones,
        objects: world.resources.iter().map(object).collect(),
        hosts: world.hosts.clone(),
        accounts: if accounts { all.collect() } else { Vec::new() },
        services: world.services.clone(),
        node_local_dns: accounts,
        written_services: Vec::new(),
    };
    Asked::new(sources, cluster, program, release)
}

pub(super) fn questions(world: &World, seed: u64) -> Vec<(Value, Ends)> {
    let mut dice = Dice::new(seed + 2000);
    let mut found = Vec::new();
    let ends: Vec<Pod> = world
        .peers()
        .into_iter()
        .filter(|pod| matches!(pod.end, End::Pod { .. } | End::Address(_)))
        .map(complete)
        .collect();
    for from in &ends {
        for to in &ends {
            for traffic in &world.traffic {
                let families: BTreeSet<_> = [from, to]
                    .iter()
                    .filter_map(|it| it.end.address())
                    .map(|address| if address.is_ipv4() { Family::V4 } else { Family::V6 })
                    .collect();
                // Without addresses, only ICMPv6 implies IPv6.
                let implied = if traffic.protocol == 58 { Family::V6 } else { Family::V4 };
                let family = families.first().copied().unwrap_or(implied);
                if families.len() > 1 || dice.one_in(2) {
                    continue;
                }
                let traffic = Connection { family, ..traffic.clone() };
                found.push((line(from, to, &traffic), (from.clone(), to.clone(), traffic)));
            }
        }
    }
    found
}

/// `pod` with what a question leaves to be known.
fn complete(mut pod: Pod) -> Pod {
    if let End::Pod { namespace, of_namespace, labels, .. } = &mut pod.end {
        let account = "projectcalico.org/serviceaccount";
        labels.entry(account.into()).or_insert_with(|| "default".into());
        if **namespace == *"new" {
            of_namespace.clear();
        }
    }
    pod
}

fn line(from: &Pod, to: &Pod, traffic: &Connection) -> Value {
    let mut line = json!({"from": place(from), "to": place(to)});
    line["protocol"] = match traffic.protocol {
        6 => json!("TCP"),
        58 => json!("ICMPv6"),
        other => json!(other),
    };
    match &traffic.detail {
        Detail::None => {}
        Detail::Port(port, _) => line["port"] = json!(port),
        Detail::Icmp(kind, code) => {
            line["type"] = json!(kind);
            line["code"] = json!(code);
        }
    }
    line
}

fn place(pod: &Pod) -> Value {
    let End::Pod { namespace, labels, address, .. } = &pod.end else {
        return json!({"ip": pod.end.address().unwrap().to_string()});
    };
    let mut place =
        json!({"namespace": **namespace, "labels": {"pcns.zone": "forged"}, "ports": {}});
    for (key, value) in labels {
        match &**key {
            "projectcalico.org/serviceaccount" => place["serviceAccount"] = json!(**value),
            key if key.starts_with("pcsa.") => {}
            key => place["labels"][key] = json!(**value),
        }
    }
    for (index, (protocol, port, name)) in pod.ports.iter().enumerate() {
        let text = match protocol {
            6 if index % 2 == 0 => json!(port),
            6 => json!(format!("TCP/{port}")),
            17 => json!(format!("UDP/{port}")),
            _ => json!(format!("SCTP/{port}")),
        };
        // One object cannot have a name twice: the others are left out here and in the model.
        if place["ports"].get(name).is_none() {
            place["ports"][*name] = text;
        }
    }
    if let Some(address) = address {
        place["ip"] = json!(address.to_string());
    }
    place
}

/// What the model says for every answer to what nobody knows.
fn expected(
    world: &World,
    ties: Ties,
    direction: Direction,
    (from, to, traffic): &Ends,
    accounts: bool,
) -> Vec<Judged> {
    let (subject, peer) = if direction == Direction::Egress { (from, to) } else { (to, from) };
    let cluster = Cluster {
        resources: &world.resources,
        hosts: &world.hosts,
        namespaces: &world.namespaces,
        services: &world.services,
    };
    let conditions: Vec<_> = world.conditions.iter().collect();
    let roles: &[Option<&str>] =
        if accounts { &[None] } else { &[Some(""), Some("admin"), Some("other")] };
    let mut found = Vec::new();
    let (subjects, peers) = (of_unknown_labels(world, subject), of_unknown_labels(world, peer));
    let ends = subjects.iter().flat_map(|a| peers.iter().map(move |b| (a, b)));
    for (subject, peer) in ends {
        for [subject_role, peer_role] in
            roles.iter().flat_map(|a| roles.iter().map(move |b| [a, b]))
        {
            let (subject, peer) = (with_role(subject, *subject_role), with_role(peer, *peer_role));
            let parties = [&subject, &peer].map(|pod| Party::new(cluster, &pod.end));
            let Some(example) = World::example(direction, &subject, &peer, traffic) else {
                continue;
            };
            for chosen in 0..1usize << conditions.len() {
                let held = conditions.iter().enumerate().filter(|(bit, _)| chosen >> bit & 1 == 1);
                let conditions = held.map(|(_, it)| (*it).clone()).collect();
                let example = Example { conditions, ..example.clone() };
                let host = calico_naive::host_of(cluster, &subject.end);
                let (subject, peer) = (&parties[0], &parties[1]);
                let seen = Seen { example: &example, subject, peer, host };
                found.push(calico_naive::judge(cluster, ties, seen));
            }
        }
    }
    found
}

/// `pod` with all that its namespace may bear, where no manifest declares it.
fn of_unknown_labels(world: &World, pod: &Pod) -> Vec<Pod> {
    let End::Pod { namespace, .. } = &pod.end else { return vec![pod.clone()] };
    if world.namespaces.contains_key(namespace) {
        return vec![pod.clone()];
    }
    let mut found = Vec::new();
    for zone in ["", "x", "y", "xz", "other"] {
        for team in ["", "t", "other"] {
            let mut pod = pod.clone();
            if let End::Pod { of_namespace, .. } = &mut pod.end {
                *of_namespace = world::labels(&[("zone", zone), ("team", team)]);
                of_namespace.retain(|_, value| !value.is_empty());
            }
            found.push(pod);
        }
    }
    found
}

/// `pod` with this role of its account: `None` for what it has, the empty text for none.
fn with_role(pod: &Pod, role: Option<&str>) -> Pod {
    let mut pod = pod.clone();
    let mut ports: Vec<(u8, u16, &str)> = Vec::new();
    for port in &pod.ports {
        if ports.iter().all(|(.., name)| name != &port.2) {
            ports.push(*port);
        }
    }
    pod.ports = ports;
    if let (End::Pod { labels, .. }, Some(role)) = (&mut pod.end, role) {
        labels.remove("pcsa.role");
        if !role.is_empty() {
            labels.insert("pcsa.role".into(), role.into());
        }
    }
    pod
}

fn confirm(world: &World, half: &Value, expected: &[Judged]) -> Result<(), String> {
    let allowed: BTreeSet<bool> = expected.iter().map(|it| it.allowed).collect();
    let verdict = match (allowed.contains(&true), allowed.contains(&false)) {
        (true, true) => "undecided",
        (true, false) => "allow",
        (false, _) => "deny",
    };
    if half["verdict"] != verdict {
        return Err(format!("the verdict is {verdict}"));
    }
    let reasons: BTreeSet<&By> = expected.iter().map(|it| &it.by).collect();
    let (Some(by), 1, false) = (reasons.first(), reasons.len(), verdict == "undecided") else {
        return Ok(());
    };
    let (because, policy, rule, tier) = match by {
        By::Rule { policy, rule } => {
            let eastwest::calico::Resource::Policy(policy) = &world.resources[*policy] else {
                return Err("no policy".to_owned());
            };
            let name = json!({"kind": policy.kind_name(), "namespace": policy.namespace.as_deref(), "name": *policy.name});
            ("rule", name, json!(rule), json!(*policy.tier))
        }
        By::EndOfTier(tier) => ("end-of-tier", Value::Null, Value::Null, json!(**tier)),
        By::Forwarded => return Err("sure of what nobody knows".to_owned()),
        By::Failsafe => ("failsafe", Value::Null, Value::Null, Value::Null),
        By::Profile => ("profile", Value::Null, Value::Null, Value::Null),
        By::NotIsolated => ("not-isolated", Value::Null, Value::Null, Value::Null),
        By::Outside => ("outside", Value::Null, Value::Null, Value::Null),
    };
    let same = half["because"] == because
        && half["policy"] == policy
        && half["rule"] == rule
        && half["tier"] == tier;
    if same { Ok(()) } else { Err(format!("it is {by:?}: {because} {policy} {rule} {tier}")) }
}
