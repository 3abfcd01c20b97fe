//! Clusters by chance whose policies nobody here wrote: namespaces, pods, sets, host endpoints, tiers, and policies with
//! everything that Calico's resources can say, out of words so few that they meet. The same number gives the same world.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use eastwest::calico::{
    HostEndpoint, NamedPort, NetworkSet, PolicyKind, Proviso, Resource, ServiceEndpoint, Services,
    Tier,
};
use eastwest::reach::of_policies::{Namespaces, Ties};
use eastwest::reach::{Condition, Direction, End, Example, LabelMap};
use eastwest::traffic::{Connection, Detail, Family, Protocol};

use super::super::calico_naive;
use super::super::world::Dice;
use super::policy;

/// A cluster.
#[derive(Debug)]
pub(super) struct World {
    pub(super) namespaces: Namespaces,
    pub(super) resources: Vec<Resource>,
    pub(super) hosts: Vec<HostEndpoint>,
    /// The endpoints of the services of which they are known.
    pub(super) services: Services,
    /// Whose policies are asked.
    pub(super) subjects: Vec<Pod>,
    /// Who is at the other end; the subjects are, too.
    pub(super) others: Vec<End>,
    pub(super) traffic: Vec<Connection>,
    pub(super) conditions: BTreeSet<Condition>,
}

/// An endpoint and the names of its ports: protocol, number and name.
#[derive(Clone, Debug)]
pub(super) struct Pod {
    pub(super) end: End,
    pub(super) ports: Vec<(u8, u16, &'static str)>,
}

/// The names of ports: protocol, number and name.
type Ports = Vec<(u8, u16, &'static str)>;

type Of = &'static [(&'static str, &'static str)];

/// The namespaces: name, labels, and whether a manifest declares it.
const NAMESPACES: [(&str, Of, bool); 4] = [
    ("a", &[("zone", "x"), ("team", "t")], true),
    ("b", &[("kubernetes.io/metadata.name", "b"), ("zone", "y")], true),
    ("c", &[], true),
    ("new", &[("zone", "x")], false),
];

const POD_ADDRESSES: [&str; 5] = ["", "10.1.0.5", "10.2.0.5", "192.0.2.5", "fd00::5"];

/// The world of this number.
pub(super) fn world(seed: u64) -> World {
    let dice = &mut Dice::new(seed);
    let declared = NAMESPACES.iter().filter(|(_, _, declared)| *declared);
    let mut resources = tiers(dice);
    let sets = dice.below(4);
    resources.extend((0..sets).map(|index| Resource::Set(set(dice, index))));
    let conditional = dice.one_in(2);
    let mut places = BTreeSet::new();
    for _ in 0..=dice.below(8) {
        let mut policy = policy::policy(dice, conditional);
        // In some worlds almost all tie and select the same pods: the release decides which is asked first.
        if seed.is_multiple_of(4) && policy.kind == PolicyKind::Calico && !policy.name.contains('.')
        {
            (policy.tier, policy.order) = ("default".into(), None);
            (policy.selector, policy.service_account_selector) = (None, None);
            policy.namespace_selector = None;
        }
        // One object of a name, and one of a place in each order.
        let tiers = Ties::BOTH.map(|ties| (policy.tier.clone(), calico_naive::tie(&policy, ties)));
        if tiers.iter().all(|tie| !places.contains(tie)) {
            places.extend(tiers);
            resources.push(Resource::Policy(policy));
        }
    }
    let mut subjects: Vec<Pod> = (0..4).map(|_| pod(dice)).collect();
    let hosts = hosts(dice);
    subjects.extend(
        hosts.first().map(|(it, ports)| Pod { end: End::of_host(it), ports: ports.clone() }),
    );
    let hosts: Vec<HostEndpoint> = hosts.into_iter().map(|it| it.0).collect();
    let mut others = vec![held(dice), host(dice)];
    let outside = ["10.1.0.9", "10.2.0.9", "192.0.2.9", "203.0.113.9", "fd00::9", "2001:db8::9"];
    others.extend((0..3).map(|_| End::Address(address(dice.of(&outside)))));
    World {
        namespaces: declared.map(|(name, of, _)| ((*name).into(), sorted(of))).collect(),
        conditions: calico_naive::all_conditions(&resources, &hosts),
        resources,
        hosts,
        subjects,
        others,
        traffic: traffic(dice),
        services: services(&mut Dice::new(seed + 4000)),
    }
}

/// The endpoints of some of the services that rules name.
fn services(dice: &mut Dice) -> Services {
    let mut services = Services::new();
    for name in ["s", "t"] {
        if dice.one_in(2) {
            continue;
        }
        let endpoint = |dice: &mut Dice| {
            let addresses =
                ["10.1.0.5", "10.2.0.5", "192.0.2.5", "fd00::5", "10.1.0.9", "2001:db8::9"];
            let ports = [
                (Protocol::Tcp, 80),
                (Protocol::Tcp, 443),
                (Protocol::Udp, 53),
                (Protocol::Tcp, 22),
            ];
            let (first, count) = (dice.below(ports.len()), dice.below(3));
            ServiceEndpoint {
                address: address(dice.of(&addresses)),
                ports: ports.into_iter().cycle().skip(first).take(count).collect(),
                namespace: [None, Some("a"), Some("b")][dice.below(3)].map(Arc::from),
            }
        };
        let endpoints = (0..dice.below(5)).map(|_| endpoint(dice)).collect();
        services.insert(("a".into(), name.into()), endpoints);
    }
    services
}

fn sorted(labels: &[(&str, &str)]) -> Vec<(Arc<str>, Arc<str>)> {
    self::labels(labels).into_iter().collect()
}

pub(super) fn labels(labels: &[(&str, &str)]) -> LabelMap {
    labels.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect()
}

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn tiers(dice: &mut Dice) -> Vec<Resource> {
    let mut tiers = Vec::new();
    for (name, order) in [("early", Some(1.0)), ("app", None), ("ops", None), ("late", Some(2e6))] {
        if dice.one_in(2) {
            let order = order.or_else(|| dice.one_in(2).then_some(1.0));
            let (name, labels, pass) = (name.into(), Vec::new(), dice.one_in(2));
            tiers.push(Resource::Tier(Tier { name, labels, order, pass }));
        }
    }
    tiers
}

fn own_labels(dice: &mut Dice) -> LabelMap {
    let mut labels = LabelMap::new();
    for (key, values) in [("app", ["", "x", "xy", "z"]), ("tier", ["", "", "1", "2"])] {
        let value = dice.of(&values);
        if !value.is_empty() {
            labels.insert(key.into(), value.into());
        }
    }
    labels
}

fn set(dice: &mut Dice, index: usize) -> NetworkSet {
    let namespace = dice.of(&["", "", "a", "b", "new"]);
    let mut labels = own_labels(dice);
    // Nobody keeps a set from bearing what Calico gives to pods (section 7, 22).
    let (key, value) = [
        ("pcns.zone", "x"),
        ("pcns.projectcalico.org/name", "a"),
        ("projectcalico.org/orchestrator", "k8s"),
        ("projectcalico.org/serviceaccount", "robot"),
        ("pcsa.role", "admin"),
    ][dice.below(5)];
    if dice.one_in(3) {
        labels.insert(key.into(), value.into());
    }
    let blocks = ["10.0.0.0/8", "10.1.0.0/24", "192.0.2.0/24", "203.0.113.9/32", "fd00::/8"];
    let count = 1 + dice.below(2);
    let nets: BTreeSet<_> = (0..count).map(|_| dice.of(&blocks).parse().unwrap()).collect();
    NetworkSet {
        namespace: (!namespace.is_empty()).then(|| namespace.into()),
        name: format!("set-{index}").into(),
        labels: labels.into_iter().collect(),
        nets: nets.into_iter().collect(),
        proviso: None,
    }
}

fn ports(dice: &mut Dice) -> Vec<(u8, u16, &'static str)> {
    let mut ports = Vec::new();
    for port in [(6, 443, "https"), (6, 80, "http"), (17, 53, "https"), (132, 443, "http")] {
        if dice.one_in(2) {
            ports.push(port);
        }
    }
    ports
}

fn pod(dice: &mut Dice) -> Pod {
    let (namespace, of, _) = NAMESPACES[[0, 0, 1, 2, 3][dice.below(5)]];
    let mut own = own_labels(dice);
    let account = dice.of(&["robot", "other", ""]);
    if !account.is_empty() {
        own.insert("projectcalico.org/serviceaccount".into(), account.into());
    }
    if account == "robot" {
        own.insert("pcsa.role".into(), "admin".into());
    }
    let at = dice.of(&POD_ADDRESSES);
    let end = End::Pod {
        namespace: namespace.into(),
        of_namespace: labels(of),
        labels: own,
        address: (!at.is_empty()).then(|| address(at)),
    };
    Pod { end, ports: ports(dice) }
}

fn host(dice: &mut Dice) -> End {
    let at = dice.of(&["", "192.0.2.7", "fd00::7"]);
    End::Host { labels: own_labels(dice), address: (!at.is_empty()).then(|| address(at)) }
}

/// Host endpoints, in half of the worlds.
fn hosts(dice: &mut Dice) -> Vec<(HostEndpoint, Ports)> {
    let count = [0, 0, 1, 2][dice.below(4)];
    let host = |index: usize| {
        let at = [["192.0.2.8", "fd00::8"], ["192.0.2.18", "fd00::18"]][index % 2];
        let profile = dice.of(&["", "projectcalico-default-allow", "custom", "ksa.x"]);
        let ports = ports(dice);
        let named = |(protocol, port, name): &(u8, u16, &'static str)| NamedPort {
            name: (*name).into(),
            protocol: Protocol::Number(*protocol),
            port: *port,
        };
        let host = HostEndpoint {
            name: format!("node-{index}").into(),
            ports: ports.iter().map(named).collect(),
            labels: own_labels(dice).into_iter().collect(),
            addresses: vec![address(dice.of(&at))],
            profiles: [profile].iter().filter(|it| !it.is_empty()).map(|it| (*it).into()).collect(),
        };
        (host, ports)
    };
    (0..count).map(host).collect()
}

fn held(dice: &mut Dice) -> End {
    let (namespace, of, _) = NAMESPACES[dice.below(4)];
    let at = dice.of(&["", "10.1.0.7", "fd00::7"]);
    End::Held {
        namespace: namespace.into(),
        of_namespace: labels(of),
        labels: own_labels(dice),
        address: (!at.is_empty()).then(|| address(at)),
    }
}

/// Some traffic; the names of its port come from the receiver.
fn traffic(dice: &mut Dice) -> Vec<Connection> {
    let port = |number| Detail::Port(number, Vec::new());
    let mut all = vec![
        (6, port(443)),
        (6, port(80)),
        (6, port(8080)),
        (17, port(53)),
        (132, port(443)),
        (136, Detail::None),
        (47, Detail::None),
        (6, port(22)),
        (6, port(6443)),
    ];
    let mut some = Vec::new();
    for _ in 0..3 {
        let (protocol, detail) = all.swap_remove(dice.below(all.len()));
        let family = if dice.one_in(3) { Family::V6 } else { Family::V4 };
        some.push(Connection { family, protocol, detail });
    }
    for (family, protocol) in [(Family::V4, 1), (Family::V6, 58), (Family::V6, 1)] {
        let detail = Detail::Icmp([8, 3][dice.below(2)], [0, 1][dice.below(2)]);
        some.push(Connection { family, protocol, detail });
    }
    some
}

impl World {
    /// Lets it hang on something unknown whether some of its objects are there.
    pub(super) fn give_provisos(&mut self, seed: u64) {
        let dice = &mut Dice::new(seed + 5000);
        for (index, resource) in self.resources.iter_mut().enumerate() {
            if !dice.one_in(6) {
                continue;
            }
            // Two objects may hang on one thing.
            let unknown = format!("what is unknown of {}", index % 3).into();
            let proviso = Some(Proviso { unknown, holds: dice.one_in(2) });
            match resource {
                Resource::Policy(policy) => policy.proviso = proviso,
                Resource::Set(set) => set.proviso = proviso,
                Resource::Tier(_) => {}
            }
        }
        self.conditions = calico_naive::all_conditions(&self.resources, &self.hosts);
    }

    /// Everyone who may be at the other end, with the names of its ports.
    pub(super) fn peers(&self) -> Vec<Pod> {
        let nameless = |end: &End| Pod { end: end.clone(), ports: Vec::new() };
        self.subjects.iter().cloned().chain(self.others.iter().map(nameless)).collect()
    }

    /// The connection of `subject` with `peer`, as the subject sees it; nothing where an address is of another family.
    pub(super) fn example(
        direction: Direction,
        subject: &Pod,
        peer: &Pod,
        traffic: &Connection,
    ) -> Option<Example> {
        if let End::Address(address) = peer.end
            && address.is_ipv4() != (traffic.family == Family::V4)
        {
            return None;
        }
        let receiver = if direction == Direction::Egress { peer } else { subject };
        let mut traffic = traffic.clone();
        if let Detail::Port(number, names) = &mut traffic.detail {
            let here = |(protocol, port, _): &&(u8, u16, &str)| {
                *protocol == traffic.protocol && port == number
            };
            *names =
                receiver.ports.iter().filter(here).map(|(_, _, name)| (*name).into()).collect();
        }
        let (subject, peer) = (subject.end.clone(), peer.end.clone());
        Some(Example { direction, subject, peer, traffic, conditions: BTreeSet::new() })
    }
}
