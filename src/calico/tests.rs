//! What is written is read back the same, and what Calico would refuse is refused.

use std::sync::Arc;

use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::traffic::Protocol;
use crate::yaml::read_back::read_back;

fn name() -> impl Strategy<Value = Arc<str>> {
    select(vec!["a", "on", "y", "b-1", "1-2", "null", "e3", "x2026"]).prop_map(Arc::from)
}

fn value() -> impl Strategy<Value = Arc<str>> {
    select(vec!["", "on", "1_000", "12:30", "~", "a b", "it's", "\"x\"", "\\", "ü", "all()", "#"])
        .prop_map(Arc::from)
}

fn label_key() -> impl Strategy<Value = Arc<str>> {
    select(vec!["zone", "in", "not", "all", "has", "projectcalico.org/name", "a.b/c_d-e"])
        .prop_map(Arc::from)
}

fn selector() -> impl Strategy<Value = Selector> {
    let values = || btree_set(value(), 0..3).prop_map(|values| values.into_iter().collect());
    let leaf = prop_oneof![
        Just(Selector::All),
        label_key().prop_map(Selector::Has),
        (label_key(), value()).prop_map(|(key, value)| Selector::Equals(key, value)),
        (label_key(), value()).prop_map(|(key, value)| Selector::NotEquals(key, value)),
        (label_key(), values()).prop_map(|(key, values)| Selector::In(key, values)),
        (label_key(), values()).prop_map(|(key, values)| Selector::NotIn(key, values)),
        (label_key(), value()).prop_map(|(key, value)| Selector::Contains(key, value)),
        (label_key(), value()).prop_map(|(key, value)| Selector::StartsWith(key, value)),
        (label_key(), value()).prop_map(|(key, value)| Selector::EndsWith(key, value)),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            // Runs of `!` are one or none when read.
            inner.clone().prop_map(|it| {
                if matches!(it, Selector::Not(_)) { it } else { Selector::Not(Box::new(it)) }
            }),
            vec(inner.clone(), 2..4).prop_map(Selector::And),
            vec(inner, 2..4).prop_map(Selector::Or),
        ]
    })
}

fn labels() -> impl Strategy<Value = Labels> {
    let text = select(vec!["eastwest", "on", "1", "2026-11-22", ""]).prop_map(Arc::from);
    vec(text, 0..3).prop_map(|values| {
        let keys = ["app.kubernetes.io/managed-by", "eastwest/owner", "y"];
        keys.into_iter().map(Arc::from).zip(values).collect()
    })
}

fn ports() -> impl Strategy<Value = Vec<Port>> {
    let range = (1..=u16::MAX, 0..3_u16)
        .prop_map(|(first, more)| Port::Range(first, first.saturating_add(more)));
    vec(
        prop_oneof![range, select(vec!["http", "y", "on"]).prop_map(|it| Port::Named(it.into()))],
        0..4,
    )
}

fn entity(service: bool, ports_allowed: bool) -> impl Strategy<Value = Entity> {
    let nets = select(vec![vec![], vec!["10.0.0.0/8", "1.2.3.4/32"]])
        .prop_map(|nets| nets.into_iter().map(|net| net.parse().unwrap()).collect());
    let namespaces = prop_oneof![selector(), Just(Selector::Global)];
    let end =
        (nets, option::of(selector()), option::of(selector()), option::of(namespaces), ports())
            .prop_map(move |(nets, selector, not_selector, namespace_selector, ports)| Entity {
                nets,
                selector,
                not_selector,
                namespace_selector,
                service: None,
                ports: if ports_allowed { ports } else { Vec::new() },
                ..Entity::default()
            });
    let of_service =
        (name(), name()).prop_map(|service| Entity { service: Some(service), ..Entity::default() });
    if service { prop_oneof![3 => end, 1 => of_service].boxed() } else { end.boxed() }
}

fn rule(direction: Direction) -> impl Strategy<Value = Rule> {
    let protocols = vec![
        None,
        Some(Protocol::Tcp),
        Some(Protocol::Udp),
        Some(Protocol::Sctp),
        Some(Protocol::UdpLite),
        Some(Protocol::Icmp),
        Some(Protocol::IcmpV6),
        Some(Protocol::Number(1)),
        Some(Protocol::Number(47)),
    ];
    let actions = select(vec![Action::Allow, Action::Deny, Action::Log, Action::Pass]);
    let icmp = option::of((0..=254_u8, option::of(any::<u8>())));
    (actions, select(protocols), icmp, labels()).prop_flat_map(
        move |(action, protocol, icmp, annotations)| {
            let ports = matches!(protocol, Some(Protocol::Tcp | Protocol::Udp | Protocol::Sctp));
            let of_icmp =
                matches!(protocol, Some(Protocol::Icmp | Protocol::IcmpV6 | Protocol::Number(1)));
            let ends = (
                entity(direction == Direction::Ingress, ports),
                entity(direction == Direction::Egress, ports),
            );
            ends.prop_map(move |(source, destination)| Rule {
                comments: vec!["because\nof: \u{1b}[31m this".into()],
                annotations: annotations.clone(),
                protocol,
                icmp: icmp.filter(|_| of_icmp),
                source,
                destination,
                ..Rule::new(action)
            })
        },
    )
}

fn resource() -> impl Strategy<Value = Resource> {
    let order = option::of(prop_oneof![
        (0..2_000_u32).prop_map(f64::from),
        (0..2_000_u32).prop_map(|tenths| f64::from(tenths) / 10.0),
        proptest::num::f64::NORMAL | proptest::num::f64::SUBNORMAL | proptest::num::f64::ZERO,
    ]);
    let tier = (name(), labels(), order.clone(), any::<bool>())
        .prop_map(|(name, labels, order, pass)| Resource::Tier(Tier { name, labels, order, pass }));
    let nets = select(vec!["10.0.0.0/8", "fd00::/8", "1.2.3.4/32", "::/1"])
        .prop_map(|net| net.parse::<IpNet>().unwrap());
    let set = (name(), labels(), btree_set(nets, 0..4)).prop_map(|(name, labels, nets)| {
        Resource::Set(NetworkSet {
            namespace: None,
            name,
            labels,
            nets: nets.into_iter().collect(),
        })
    });
    let types = vec![
        vec![Direction::Ingress],
        vec![Direction::Egress],
        vec![Direction::Ingress, Direction::Egress],
    ];
    let head = (option::of(name()), any::<bool>(), name(), labels(), name(), order);
    let body = (
        option::of(selector()),
        option::of(selector()),
        option::of(select(types)),
        vec(rule(Direction::Ingress), 0..3),
        vec(rule(Direction::Egress), 0..3),
    );
    let policy = (head, body).prop_map(|(head, (selector, namespaces, types, ingress, egress))| {
        let (namespace, staged, name, labels, tier, order) = head;
        let namespace_selector = if namespace.is_some() { None } else { namespaces };
        Resource::Policy(Policy {
            kind: if staged { PolicyKind::Staged } else { PolicyKind::Calico },
            labels,
            tier,
            order,
            selector,
            namespace_selector,
            types,
            ingress,
            egress,
            ..Policy::new(namespace, name)
        })
    });
    prop_oneof![1 => tier, 1 => set, 4 => policy]
}

fn without_comments(resource: &Resource) -> Resource {
    let mut resource = resource.clone();
    if let Resource::Policy(policy) = &mut resource {
        for rule in policy.ingress.iter_mut().chain(&mut policy.egress) {
            rule.comments.clear();
        }
    }
    resource
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_back_the_same(resources in vec(resource(), 0..4)) {
        let text = encode::file("application2", &resources);
        let nodes = if resources.is_empty() { Vec::new() } else { read_back(&text).unwrap() };
        let read: Vec<_> = nodes
            .iter()
            .map(|node| decode::resource(node).map_err(|error| format!("{error}\n{text}")).unwrap())
            .collect();
        let expected: Vec<_> = resources.iter().map(without_comments).collect();
        prop_assert_eq!(read, expected, "{}", text);
    }
}

fn decoded(spec: &str) -> Result<Resource, String> {
    let text = format!(
        "apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\nmetadata: {{name: p, namespace: n}}\nspec: {spec}\n"
    );
    let nodes = read_back(&text).unwrap();
    decode::resource(&nodes[0]).map_err(|error| error.to_string())
}

#[test]
fn what_calico_refuses_is_refused_with_object_and_field() {
    let rule = |rule: &str| format!("{{types: [Ingress], ingress: [{{action: Allow, {rule}}}]}}");
    let long = format!("selector: \"{}\"", ["has(a)"; 200].join(" && "));
    let ports: Vec<_> = (1..=51).map(|port| port.to_string()).collect();
    let refused = [
        ("{selector: 'a = b'}".to_owned(), "spec.selector: "),
        ("{selector: 'global()'}".to_owned(), "spec.selector: "),
        (format!("{{{long}}}"), "spec.selector: 1996 characters"),
        ("{namespaceSelector: all()}".to_owned(), "spec.namespaceSelector: "),
        ("{types: [Ingress, Ingress]}".to_owned(), "spec.types[1]: written twice"),
        ("{types: []}".to_owned(), "spec.types: "),
        ("{order: '100'}".to_owned(), "spec.order: not a number"),
        ("{tier: 7}".to_owned(), "spec.tier: `7` is a number, not text"),
        ("{ingress: []}".to_owned(), "spec.ingress: an empty list without `types`"),
        (rule("protocol: tcp"), "spec.ingress[0].protocol: `tcp`"),
        (rule("protocol: 0"), "spec.ingress[0].protocol: `0`"),
        (rule("protocol: 256"), "spec.ingress[0].protocol: `256`"),
        (rule("ipVersion: 4"), "spec.ingress[0].ipVersion: `ipVersion` is unknown"),
        (rule("http: {methods: [GET]}"), "spec.ingress[0].http: "),
        (rule("icmp: {type: 8}, protocol: TCP"), "spec.ingress[0].icmp: "),
        (rule("icmp: {code: 8}, protocol: ICMP"), "spec.ingress[0].icmp: `type` is missing"),
        (rule("icmp: {type: 255}, protocol: ICMP"), "spec.ingress[0].icmp.type: "),
        (rule("destination: {ports: [80]}"), "spec.ingress[0].destination: ports need"),
        (rule("protocol: UDPLite, destination: {ports: [80]}"), "ports need"),
        (rule("protocol: TCP, destination: {ports: [0]}"), "ports[0]: `0` is no port"),
        (rule("protocol: TCP, destination: {ports: ['9:8']}"), "`9:8` is no port"),
        (rule("protocol: TCP, destination: {ports: [Http]}"), "`Http` is no port"),
        (
            rule(&format!("protocol: TCP, destination: {{ports: [{}]}}", ports.join(", "))),
            "ports: not 1 to 50 entries",
        ),
        (rule("source: {nets: [10.0.0.1/8]}"), "source.nets[0]: `10.0.0.1/8`"),
        (rule("source: {nets: [10.0.0.1]}"), "source.nets[0]: `10.0.0.1`"),
        (rule("source: {nets: [10.0.0.0/8, 10.0.0.0/8]}"), "source.nets[1]: written twice"),
        (rule("source: {nets: [10.0.0.0/8, 'fd00::/8']}"), "IPv4 and IPv6"),
        (rule("source: {notNets: [10.0.0.0/8]}"), "source.notNets: `notNets` is unknown"),
        (rule("source: {services: {name: s}}"), "source.services: `namespace` is missing"),
        (rule("destination: {services: {name: s, namespace: n}}"), "destination.services: "),
        (rule("source: {namespaceSelector: 'global() && has(a)'}"), "source.namespaceSelector: "),
    ];
    for (spec, expected) in refused {
        let error = decoded(&spec).expect_err(&spec);
        assert!(
            error.starts_with("NetworkPolicy n/p: ") && error.contains(expected),
            "{spec}: {error}"
        );
    }
    for accepted in ["{}", "{types: [Egress], egress: [{action: Deny}]}"] {
        decoded(accepted).expect(accepted);
    }
}
