//! What arrows of the graph say of places, and what lines mean for the pods that are there.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use eastwest::graph::{Graph, GraphArrow, GraphPlace, NodePlace};
use eastwest::program::{ExternalValue, Program};
use eastwest::reach::{Direction, End, Example, LabelMap, Scenario};
use eastwest::traffic::{Connection, Detail, Family};
use eastwest::world::World;

use super::super::world::{self, Dice, varying_seeds};
use super::super::{diff_worlds, naive};

const WORLDS: u64 = 60;
/// Connections that are tried in each world.
const CONNECTIONS: usize = 3000;
/// Connections that are tried for each arrow, until one passes.
const TRIES: usize = 40_000;
/// Connections that are tried for each arrow that waits.
const WAITING: usize = 300;

#[test]
fn an_arrow_passes_if_and_only_if_some_pair_of_pods_is_joined() {
    let mut met: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in varying_seeds(WORLDS) {
        let dice = &mut Dice::new(seed + 5678);
        let mut world = world::world(seed);
        if seed % 2 == 0 {
            world = world.saying(&super::halves::crossings(dice));
        }
        let (program, text) = world.program();
        let graph = Graph::new(&program).unwrap();
        let ends = Ends::new(&diff_worlds::of(program.clone()));
        let say = |arrow: &GraphArrow, what: &str| {
            let (from, to) = (graph.name(arrow.from), graph.name(arrow.to));
            let arrow = format!("{from} to {to}: {} ({:?})", arrow.traffic, arrow.waits);
            format!("world {seed}: {arrow}: {what}\n{}", text.text())
        };
        for arrow in &graph.arrows {
            let [from, to] =
                [arrow.from, arrow.to].map(|it| ends.of(&program, &graph.nodes[it].place));
            if from.is_empty() || to.is_empty() {
                continue;
            }
            // Of what is offered to all, some landing zones take their part, and others wait.
            let offered = [arrow.from, arrow.to].map(|it| graph.nodes[it].place.node.is_everyone());
            if arrow.waits.is_some() && offered != [false, false] {
                *met.entry("offers").or_default() += 1;
                continue;
            }
            let tries = if arrow.waits.is_none() { TRIES } else { WAITING };
            let mut passing = (0..tries).filter_map(|_| {
                let (from, to) = (from[dice.below(from.len())], to[dice.below(to.len())]);
                let traffic = traffic(dice, to);
                (arrow.traffic.has(&traffic) && passes(&program, from, to, &traffic))
                    .then(|| format!("{traffic} from {from} to {to} passes"))
            });
            match (passing.next(), &arrow.waits) {
                (Some(_), None) => *met.entry("passes").or_default() += 1,
                (None, Some(_)) => *met.entry("waits").or_default() += 1,
                (None, None) => panic!("{}", say(arrow, "no connection passes")),
                (Some(example), Some(_)) => panic!("{}", say(arrow, &example)),
            }
        }
        for _ in 0..CONNECTIONS {
            let (from, to) = (ends.any(dice), ends.any(dice));
            let traffic = traffic(dice, to);
            if !opened(&program, from, to, &traffic) || !passes(&program, from, to, &traffic) {
                continue;
            }
            let is_here = |node: usize, end: &End| is_at(&program, &graph.nodes[node].place, end);
            let drawn = graph.arrows.iter().any(|it| {
                it.waits.is_none()
                    && it.traffic.has(&traffic)
                    && is_here(it.from, from)
                    && is_here(it.to, to)
            });
            assert!(
                drawn,
                "world {seed}: no arrow for {traffic} from {from} to {to}\n{}",
                text.text()
            );
            *met.entry("drawn").or_default() += 1;
        }
    }
    println!("{met:?}");
    assert!(["passes", "waits", "drawn"].iter().all(|it| met.get(it) > Some(&50)), "{met:?}");
}

/// All pods and addresses that are tried.
pub(super) struct Ends(pub(super) Vec<End>);

impl Ends {
    pub(super) fn new(world: &World) -> Self {
        let mut all = Vec::new();
        for address in ["10.0.0.1", "10.2.0.1", "10.1.2.3", "192.0.2.9", "2001:db8::1", "8.8.8.8"] {
            all.push(End::Address(address.parse::<IpAddr>().unwrap()));
        }
        for home in world.homes() {
            for app in ["", "x", "y", "xyz", "q"] {
                for tier in ["", "1", "2"] {
                    for dns in ["", "kube-dns"] {
                        for account in ["default", "robot"] {
                            let labels = [
                                ("app", app),
                                ("tier", tier),
                                ("k8s-app", dns),
                                ("projectcalico.org/serviceaccount", account),
                            ];
                            let labels = labels.into_iter().filter(|(_, value)| !value.is_empty());
                            let labels: LabelMap =
                                labels.map(|(key, value)| (key.into(), value.into())).collect();
                            all.push(End::Pod {
                                namespace: Arc::clone(&home.name),
                                of_namespace: home.labels.iter().cloned().collect(),
                                labels,
                                address: None,
                            });
                        }
                    }
                }
            }
        }
        Self(all)
    }

    fn any(&self, dice: &mut Dice) -> &End {
        &self.0[dice.below(self.0.len())]
    }

    fn of(&self, program: &Program, place: &GraphPlace) -> Vec<&End> {
        self.0.iter().filter(|it| is_at(program, place, it)).collect()
    }
}

/// Whether the end is one of the place; none is an endpoint of a Service.
fn is_at(program: &Program, place: &GraphPlace, end: &End) -> bool {
    let keys = &program.settings.labels;
    let of_pod = |label: &str| match end {
        End::Pod { of_namespace, .. } => of_namespace.get(label),
        End::Host { .. } | End::Held { .. } | End::Address(_) => None,
    };
    let (application, zone) = (of_pod(&keys.application), of_pod(&keys.zone));
    let of = |id| application == Some(&program.applications.get(id).unwrap().name);
    let here = match place.node {
        NodePlace::Whole(id) => of(id),
        NodePlace::Zone(id, in_zone) => {
            of(id) && zone == in_zone.map(|it| &program.zones.get(it).unwrap().name)
        }
        NodePlace::Everyone => application.is_some(),
        NodePlace::EveryZone(id) => {
            application.is_some() && zone == Some(&program.zones.get(id).unwrap().name)
        }
        NodePlace::External(id) => match (&program.externals.get(id).unwrap().value, end) {
            (ExternalValue::Addresses(blocks), End::Address(address)) => {
                blocks.iter().any(|it| it.contains(address))
            }
            (ExternalValue::Namespace { name, selector }, End::Pod { namespace, .. }) => {
                name == namespace && selector.as_ref().is_none_or(|it| naive::on_pod(it, end))
            }
            _ => false,
        },
    };
    here && place.pods.as_ref().is_none_or(|it| naive::on_pod(it, end))
}

pub(super) fn examples(from: &End, to: &End, traffic: &Connection) -> [Example; 2] {
    [(Direction::Egress, from, to), (Direction::Ingress, to, from)].map(
        |(direction, subject, peer)| {
            let (subject, peer, traffic) = (subject.clone(), peer.clone(), traffic.clone());
            Example { direction, subject, peer, traffic, conditions: [].into() }
        },
    )
}

/// Whether both ends let it pass.
fn passes(program: &Program, from: &End, to: &End, traffic: &Connection) -> bool {
    let fits = |end: &End| match end {
        End::Address(address) => address.is_ipv4() == (traffic.family == Family::V4),
        End::Pod { .. } | End::Host { .. } | End::Held { .. } => true,
    };
    let mut both = examples(from, to, traffic).into_iter();
    fits(from) && fits(to) && both.all(|it| naive::program(program, &it, Scenario::Plain))
}

/// Whether a line opens one of its ends, and one of them is a pod.
fn opened(program: &Program, from: &End, to: &End, traffic: &Connection) -> bool {
    let both = examples(from, to, traffic);
    let is_pod = |it: &Example| matches!(it.subject, End::Pod { .. });
    let opens = |it: &Example| program.flows.iter().any(|flow| naive::opens(program, flow, it));
    both.iter().any(|it| is_pod(it) && opens(it))
}

/// A connection by chance to a pod or an address.
pub(super) fn traffic(dice: &mut Dice, to: &End) -> Connection {
    let names = match (to, dice.below(3)) {
        (End::Pod { .. }, 0) => vec!["https".into()],
        (End::Pod { .. }, 1) => vec!["https".into(), "metrics".into()],
        _ => Vec::new(),
    };
    let family = [Family::V4, Family::V4, Family::V6][dice.below(3)];
    let port = [1, 5, 53, 443, 443, 999, 1000, 1700, 2000, 2001, 8443][dice.below(11)];
    let (protocol, detail) = match dice.below(10) {
        0..=4 => (6, Detail::Port(port, names)),
        5 | 6 => (17, Detail::Port(port, names)),
        7 => (132, Detail::Port(port, names)),
        8 if family == Family::V4 => {
            (1, Detail::Icmp([8, 3][dice.below(2)], [0, 1][dice.below(2)]))
        }
        8 => (58, Detail::Icmp([128, 3][dice.below(2)], [0, 1][dice.below(2)])),
        _ => ([136, 47, 50][dice.below(3)], Detail::None),
    };
    Connection { family, protocol, detail }
}
