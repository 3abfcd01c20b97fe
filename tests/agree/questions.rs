//! What `can` and `can --batch` say of projects, and what their lines mean by the plainest reading.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use eastwest::can::{QueryPlace, Question, Verdict, answer, batch};
use eastwest::program::Program;
use eastwest::reach::{Condition, Direction, End, Example, LabelMap, Scenario};
use eastwest::selector::Selector;
use eastwest::traffic::{Connection, Detail, Family, Match, Protocol};
use eastwest::world::World;
use ipnet::IpNet;
use serde_json::{Value, json};

use super::super::world::{self, Dice, varying_seeds};
use super::super::{diff_worlds, naive};

const WORLDS: u64 = 60;
const QUESTIONS: usize = 20;
/// The labels that selectors ask for.
const KEYS: [&str; 4] = ["app", "tier", "k8s-app", "projectcalico.org/serviceaccount"];

#[test]
fn projects_are_judged_alike_by_can_by_a_batch_and_by_their_lines() {
    let mut met: BTreeMap<String, usize> = BTreeMap::new();
    for seed in varying_seeds(WORLDS) {
        let dice = &mut Dice::new(seed + 1234);
        let (program, text) = world::world(seed).program();
        let asked = diff_worlds::of(program.clone());
        for _ in 0..QUESTIONS {
            let (from, to) = (end(&asked, dice), end(&asked, dice));
            let outside = [&from, &to].map(|it| matches!(it, End::Address(_)));
            if outside == [true, true] {
                continue;
            }
            let protocol = [Protocol::Tcp, Protocol::Udp][dice.below(2)];
            let port = [53, 443, 1500, 8443][dice.below(4)];
            let question = Question {
                from: place(&asked, &from),
                to: place(&asked, &to),
                traffic: Some(vec![Match::Ports(protocol, port, port)]),
            };
            let by_can = answer(&asked, &question).unwrap();
            let (mut by_line, mut by_lines) = (BTreeSet::new(), BTreeSet::new());
            for names in [&[][..], &["https"], &["https", "metrics"]] {
                if !names.is_empty() && outside[1] {
                    continue;
                }
                by_line.insert(line(&asked, &from, &to, (protocol, port), names));
                by_lines.insert(plain(&program, &from, &to, (protocol, port), names));
            }
            let say = || {
                format!(
                    "world {seed}: {} to {} : {protocol:?}/{port}\n{by_can:#?}\n{}",
                    question.from.text,
                    question.to.text,
                    text.text()
                )
            };
            assert_eq!(by_line, by_lines, "{}", say());
            let one = |protocol_word: &str| by_line.len() == 1 && by_line.contains(protocol_word);
            let right = match by_can.verdict {
                Verdict::Allow => one("allow"),
                Verdict::Deny => one("deny"),
                Verdict::Undecided | Verdict::Differs => !one("allow") && !one("deny"),
            };
            assert!(right, "{by_line:?}\n{}", say());
            *met.entry(format!("{:?}", by_can.verdict)).or_default() += 1;
        }
    }
    println!("{met:?}");
    assert!(met["Allow"] > 50 && met["Deny"] > 50, "{met:?}");
}

/// An end by chance: a pod of a namespace that is known, declared or not, or an address.
fn end(world: &World, dice: &mut Dice) -> End {
    if dice.one_in(5) {
        let address = dice.of(&["10.0.0.1", "10.1.2.3", "192.0.2.9", "8.8.8.8"]);
        return End::Address(address.parse::<IpAddr>().unwrap());
    }
    let home = &world.homes()[dice.below(world.homes().len())];
    let mut labels = LabelMap::new();
    for (key, values) in KEYS.into_iter().zip([
        &["", "x", "y", "xyz"][..],
        &["", "1", "2"],
        &["", "kube-dns"],
        &["default", "robot"],
    ]) {
        let value = values[dice.below(values.len())];
        if !value.is_empty() {
            labels.insert(key.into(), value.into());
        }
    }
    End::Pod {
        namespace: Arc::clone(&home.name),
        of_namespace: home.labels.iter().cloned().collect(),
        labels,
        address: None,
    }
}

fn place(world: &World, end: &End) -> QueryPlace {
    let End::Pod { namespace, labels, .. } = end else {
        let address = end.address().unwrap();
        return QueryPlace::of_addresses(world, IpNet::from(address), address.to_string());
    };
    let tests = KEYS.map(|key| match labels.get(key) {
        Some(value) => format!("{key} == '{value}'"),
        None => format!("!has({key})"),
    });
    let selector = Selector::parse(&tests.join(" && ")).unwrap();
    let text = format!("namespace/{namespace}[{selector}]");
    QueryPlace::of_namespace(world, namespace, Some(Arc::new(selector)), text).unwrap()
}

/// What a batch says.
fn line(
    world: &World,
    from: &End,
    to: &End,
    (protocol, port): (Protocol, u16),
    names: &[&str],
) -> String {
    let protocol_word = if protocol == Protocol::Tcp { "TCP" } else { "UDP" };
    let at_port = format!("{protocol_word}/{port}");
    let of = |end: &End| -> Value {
        let End::Pod { namespace, labels, .. } = end else {
            return json!({"ip": end.address().unwrap().to_string()});
        };
        let mut labels = labels.clone();
        let account = labels.remove("projectcalico.org/serviceaccount").unwrap();
        let labels: BTreeMap<_, _> =
            labels.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
        json!({"namespace": **namespace, "labels": labels, "serviceAccount": *account})
    };
    let mut receiver = of(to);
    if let End::Pod { .. } = to {
        receiver["ports"] = names.iter().map(|it| (*it, at_port.as_str())).collect();
    }
    let line = json!({"from": of(from), "to": receiver, "protocol": protocol_word, "port": port});
    batch(world, |asker| {
        let mut out = Vec::new();
        asker.answer(line.to_string().as_bytes(), 1, &mut out);
        let answer: Value = serde_json::from_slice(&out).unwrap();
        answer["verdict"].as_str().unwrap().to_owned()
    })
    .unwrap()
}

/// What the lines mean at each end, whatever holds of services.
fn plain(
    program: &Program,
    from: &End,
    to: &End,
    (protocol, port): (Protocol, u16),
    names: &[&str],
) -> String {
    let names = names.iter().map(|it| (*it).into()).collect();
    let detail = Detail::Port(port, names);
    let traffic = Connection { family: Family::V4, protocol: protocol.number(), detail };
    let (namespace, name) = ("default".into(), "kubernetes".into());
    let service = |direction| match direction {
        Direction::Egress => {
            Condition::ToService { namespace: Arc::clone(&namespace), name: Arc::clone(&name) }
        }
        Direction::Ingress => {
            Condition::FromService { namespace: Arc::clone(&namespace), name: Arc::clone(&name) }
        }
    };
    let mut halves = Vec::new();
    for (direction, subject, peer) in
        [(Direction::Egress, from, to), (Direction::Ingress, to, from)]
    {
        let passes = |conditions: BTreeSet<Condition>| {
            let (subject, peer, traffic) = (subject.clone(), peer.clone(), traffic.clone());
            let example = Example { direction, subject, peer, traffic, conditions };
            naive::program(program, &example, Scenario::Plain)
        };
        let both = [passes(BTreeSet::new()), passes(BTreeSet::from([service(direction)]))];
        halves.push(match both {
            [true, true] => "allow",
            [false, false] => "deny",
            _ => "undecided",
        });
    }
    let protocol_word = ["deny", "undecided"].into_iter().find(|it| halves.contains(it));
    protocol_word.unwrap_or("allow").to_owned()
}
