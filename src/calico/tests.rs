//! What is written is read back the same, and what Calico would refuse is refused.

use std::sync::Arc;

use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::decode::ProblemEffect;
use super::*;
use crate::selector::Predicate;
use crate::traffic::{Family, Protocol};
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
        label_key().prop_map(Selector::has),
        (label_key(), value()).prop_map(|(key, value)| Selector::equals(key, value)),
        (label_key(), value()).prop_map(|(key, value)| Selector::of(
            key,
            Predicate::Equals(value),
            false
        )),
        (label_key(), values()).prop_map(|(key, values)| Selector::of(
            key,
            Predicate::In(values),
            true
        )),
        (label_key(), values()).prop_map(|(key, values)| Selector::of(
            key,
            Predicate::In(values),
            false
        )),
        (label_key(), value()).prop_map(|(key, value)| Selector::of(
            key,
            Predicate::Contains(value),
            true
        )),
        (label_key(), value()).prop_map(|(key, value)| Selector::of(
            key,
            Predicate::StartsWith(value),
            true
        )),
        (label_key(), value()).prop_map(|(key, value)| Selector::of(
            key,
            Predicate::EndsWith(value),
            true
        )),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            // Runs of `!` are one or none when read.
            inner.clone().prop_map(|it| { if matches!(it, Selector::Not(_)) { it } else { !it } }),
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
    let left_out = select(vec![vec![], vec!["10.1.0.0/16"]])
        .prop_map(|nets| nets.into_iter().map(|net| net.parse().unwrap()).collect());
    let accounts =
        (btree_set(name(), 0..3), option::of(selector())).prop_map(|(names, selector)| {
            ServiceAccounts { names: names.into_iter().collect(), selector }
        });
    let selectors = (option::of(selector()), option::of(selector()), option::of(namespaces));
    let end = (nets, left_out, selectors, option::of(accounts), ports(), ports()).prop_map(
        move |(nets, not_nets, selectors, accounts, ports, not_ports)| {
            let (selector, not_selector, namespace_selector) = selectors;
            Entity {
                nets,
                not_nets,
                selector,
                not_selector,
                namespace_selector,
                service_accounts: accounts.filter(|it| *it != ServiceAccounts::default()),
                service: None,
                ports: if ports_allowed { ports } else { Vec::new() },
                not_ports: if ports_allowed { not_ports } else { Vec::new() },
            }
        },
    );
    let of_service =
        (name(), name()).prop_map(|service| Entity { service: Some(service), ..Entity::default() });
    if service { prop_oneof![3 => end, 1 => of_service].boxed() } else { end.boxed() }
}

fn http_path() -> impl Strategy<Value = HttpPath> {
    select(vec!["/", "/a/b"]).prop_flat_map(|path| {
        select(vec![HttpPath::Exact(path.into()), HttpPath::Prefix(path.into())])
    })
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
    let icmp = || option::of((0..=254_u8, option::of(any::<u8>())));
    let http = (btree_set(select(vec!["GET", "PUT"]), 0..3), vec(http_path(), 0..3)).prop_map(
        |(methods, paths)| Http { methods: methods.into_iter().map(Arc::from).collect(), paths },
    );
    let negated = (option::of(Just(Protocol::Udp)), icmp(), option::of(http), any::<bool>());
    (actions, select(protocols), icmp(), labels(), negated).prop_flat_map(
        move |(action, protocol, icmp, annotations, negated)| {
            let (not_protocol, not_icmp, http, fourth) = negated;
            let carries = direction == Direction::Ingress
                && action == Action::Allow
                && matches!(protocol, None | Some(Protocol::Tcp));
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
                // The blocks are of IPv4.
                family: (fourth && protocol != Some(Protocol::IcmpV6)).then_some(Family::V4),
                not_protocol,
                icmp: icmp.filter(|_| of_icmp),
                not_icmp,
                http: http.clone().filter(|it| carries && *it != Http::default()),
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
    let set = (option::of(name()), name(), labels(), btree_set(nets, 0..4));
    let set = set.prop_map(|(namespace, name, labels, nets)| {
        Resource::Set(NetworkSet {
            namespace,
            name,
            labels,
            nets: nets.into_iter().collect(),
            proviso: None,
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
        (option::of(selector()), option::of(selector()), any::<bool>()),
        option::of(select(types)),
        vec(rule(Direction::Ingress), 0..3),
        vec(rule(Direction::Egress), 0..3),
    );
    let policy = (head, body).prop_map(|(head, (selector, narrowing, types, ingress, egress))| {
        let (namespaces, service_account_selector, untracked) = narrowing;
        let (namespace, staged, name, labels, tier, order) = head;
        let namespace_selector = if namespace.is_some() { None } else { namespaces };
        Resource::Policy(Policy {
            kind: if staged { PolicyKind::Staged } else { PolicyKind::Calico },
            labels,
            tier,
            order,
            selector,
            namespace_selector,
            service_account_selector,
            stage: if untracked && namespace.is_none() {
                Stage::Untracked
            } else {
                Stage::Ordinary
            },
            apply_on_forward: untracked && namespace.is_none(),
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
            rule.lines.clear();
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
        ("{types: [Ingress, Ingress]}".to_owned(), "spec.types[1]: appears twice"),
        ("{types: []}".to_owned(), "spec.types: "),
        ("{order: '100'}".to_owned(), "spec.order: not a number"),
        ("{tier: 7}".to_owned(), "spec.tier: `7` is a number, not text"),
        ("{egress: []}".to_owned(), "spec: an empty list of rules without `types`"),
        (rule("protocol: tcp"), "spec.ingress[0].protocol: `tcp`"),
        (rule("protocol: 0"), "spec.ingress[0].protocol: `0`"),
        (rule("protocol: 256"), "spec.ingress[0].protocol: `256`"),
        (rule("ipVersion: 5"), "spec.ingress[0].ipVersion: neither 4 nor 6"),
        (rule("http: {methods: [GET]}, protocol: UDP"), "spec.ingress[0].http: goes over TCP"),
        (rule("proto: TCP"), "spec.ingress[0].proto: `proto` is unknown here"),
        (rule("icmp: {type: 8}, protocol: TCP"), "spec.ingress[0].icmp: "),
        (rule("icmp: {code: 8}, protocol: ICMP"), "spec.ingress[0].icmp: `type` is missing"),
        (rule("icmp: {type: 255}, protocol: ICMP"), "spec.ingress[0].icmp.type: "),
        (rule("destination: {ports: [80]}"), "spec.ingress[0].destination: ports need"),
        (rule("protocol: UDPLite, destination: {ports: [80]}"), "ports need"),
        (rule("protocol: TCP, destination: {ports: [0]}"), "ports[0]: `0` is not a port"),
        (rule("protocol: TCP, destination: {ports: ['9:8']}"), "`9:8` is not a port"),
        (rule("protocol: TCP, destination: {ports: [Http]}"), "`Http` is not a port"),
        (
            rule(&format!("protocol: TCP, destination: {{ports: [{}]}}", ports.join(", "))),
            "ports: 51 entries are more than 50",
        ),
        (rule("source: {nets: [10.0.0.1/8]}"), "source.nets[0]: `10.0.0.1/8`"),
        (rule("source: {nets: [10.0.0.1]}"), "source.nets[0]: `10.0.0.1`"),
        (rule("source: {nets: [10.0.0.0/8, 10.0.0.0/8]}"), "source.nets[1]: appears twice"),
        (rule("source: {nets: [10.0.0.0/8, 'fd00::/8']}"), "IPv4 and IPv6"),
        (rule("source: {notNets: [0.0.0.0/0]}"), "source.notNets[0]: `0.0.0.0/0` leaves out every"),
        (rule("source: {services: {namespace: n}}"), "source.services: `name` is missing"),
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

/// What a cluster makes of the object, and of what field; and of the readings that are there, what each hangs on.
fn effects(
    kind: &str,
    spec: &str,
    release: Option<Release>,
) -> (Vec<(ProblemEffect, String)>, Vec<Option<bool>>) {
    let metadata = if kind.contains("Global") || kind == "Tier" {
        "{name: p}"
    } else {
        "{name: p, namespace: n}"
    };
    let text = format!(
        "apiVersion: projectcalico.org/v3\nkind: {kind}\nmetadata: {metadata}\nspec: {spec}\n"
    );
    let decoded = decode::object(&read_back(&text).unwrap()[0], release);
    let told = decoded.problems.into_iter().map(|it| (it.effect, it.field)).collect();
    let there = decoded.values.iter().map(|it| it.proviso().map(|it| it.holds));
    (told, there.collect())
}

#[test]
fn each_mistake_has_the_effect_that_a_cluster_gives_it() {
    use ProblemEffect::{
        Converted, Dropped, Ignored, Limited, Lost, Refused, Unclear, Untried, Wider,
    };
    const NP: &str = "NetworkPolicy";
    const GNP: &str = "GlobalNetworkPolicy";
    // What is there where nobody knows the way in, and where the release is too old for native resources.
    const NOTHING: [&[Option<bool>]; 2] = [&[], &[]];
    const SURE: [&[Option<bool>]; 2] = [&[None], &[None]];
    const IF_NATIVE: [&[Option<bool>]; 2] = [&[Some(true)], &[]];
    const IF_CHECKED: [&[Option<bool>]; 2] = [&[Some(false)], &[None]];
    const EITHER: [&[Option<bool>]; 2] = [&[Some(false), Some(true)], &[None]];
    let rule = |rule: &str| format!("{{types: [Ingress], ingress: [{rule}]}}");
    let source = |what: &str| rule(&format!("{{action: Allow, source: {{{what}}}}}"));
    let long = format!("{{selector: \"{}\"}}", ["has(a)"; 200].join(" && "));
    let ports = (1..=51).map(|it| it.to_string()).collect::<Vec<_>>().join(", ");
    let ports =
        rule(&format!("{{action: Allow, protocol: TCP, destination: {{ports: [{ports}]}}}}"));
    for (kind, spec, effect, field, there) in [
        (NP, rule("{action: allow}"), Refused, "spec.ingress[0].action", NOTHING),
        (NP, long, Limited, "spec.selector", IF_CHECKED),
        (NP, ports, Limited, "spec.ingress[0].destination.ports", IF_CHECKED),
        (
            NP,
            source("nets: [10.0.0.0/8, 10.0.0.0/8]"),
            Limited,
            "spec.ingress[0].source.nets[1]",
            IF_CHECKED,
        ),
        (NP, "{types: []}".into(), Limited, "spec.types", IF_CHECKED),
        (NP, "{selector: 'a = b'}".into(), Ignored, "spec.selector", NOTHING),
        (NP, source("nets: [10.0.0.1/8]"), Converted, "spec.ingress[0].source.nets[0]", IF_NATIVE),
        (NP, source("nets: [10.0.0.0/33]"), Converted, "spec.ingress[0].source.nets[0]", IF_NATIVE),
        (
            NP,
            source("notNets: [0.0.0.0/0]"),
            Converted,
            "spec.ingress[0].source.notNets[0]",
            IF_NATIVE,
        ),
        (NP, source("nets: [10.0.0.0/8, 'fd00::/8']"), Converted, "spec.ingress[0]", IF_NATIVE),
        (
            NP,
            rule("{action: Allow, protocol: tcp}"),
            Converted,
            "spec.ingress[0].protocol",
            IF_NATIVE,
        ),
        (NP, rule("{action: Allow, protocol: tpc}"), Ignored, "spec.ingress[0].protocol", NOTHING),
        (NP, rule("{action: Allow, icmp: {type: 8}}"), Refused, "spec.ingress[0].icmp", NOTHING),
        (
            NP,
            rule("{action: Allow, protocol: ICMP, icmp: {code: 0}}"),
            Refused,
            "spec.ingress[0].icmp",
            NOTHING,
        ),
        (
            NP,
            rule("{action: Allow, protocol: ICMP, ipVersion: 6}"),
            Refused,
            "spec.ingress[0]",
            NOTHING,
        ),
        (
            NP,
            rule("{action: Deny, http: {methods: [GET]}}"),
            Refused,
            "spec.ingress[0].http",
            NOTHING,
        ),
        (NP, "{tier: No_Such}".into(), Converted, "spec.tier", IF_NATIVE),
        (
            NP,
            "{serviceAccountSelector: 'a ='}".into(),
            Wider,
            "spec.serviceAccountSelector",
            IF_NATIVE,
        ),
        (NP, "{selector: ' '}".into(), Lost, "spec.selector", NOTHING),
        (NP, source("selector: ' '"), Lost, "spec.ingress[0].source.selector", NOTHING),
        (GNP, "{selector: ' ', namespaceSelector: has(a)}".into(), Lost, "spec.selector", NOTHING),
        (
            GNP,
            "{serviceAccountSelector: 'a ='}".into(),
            Wider,
            "spec.serviceAccountSelector",
            IF_NATIVE,
        ),
        (GNP, "{namespaceSelector: 'a ='}".into(), Wider, "spec.namespaceSelector", IF_NATIVE),
        (GNP, "{selector: 'global()'}".into(), Refused, "spec.selector", NOTHING),
        (
            GNP,
            source("namespaceSelector: global() && has(a)"),
            Wider,
            "spec.ingress[0].source.namespaceSelector",
            IF_NATIVE,
        ),
        (NP, source("selectr: a"), Dropped, "spec.ingress[0].source.selectr", SURE),
        (NP, "{namespaceSelector: all()}".into(), Dropped, "spec.namespaceSelector", SURE),
        (NP, "{egress: []}".into(), Unclear, "spec", EITHER),
        (
            GNP,
            "{preDNAT: true, doNotTrack: true, applyOnForward: true}".into(),
            Refused,
            "spec",
            NOTHING,
        ),
        (
            GNP,
            "{preDNAT: true, applyOnForward: true, types: [Egress]}".into(),
            Refused,
            "spec",
            NOTHING,
        ),
        (GNP, "{doNotTrack: true}".into(), Refused, "spec", NOTHING),
        ("Tier", "{defaultAction: Allow}".into(), Refused, "spec.defaultAction", NOTHING),
        ("NetworkSet", "{nets: [10.0.0.0/33]}".into(), Converted, "spec.nets[0]", IF_NATIVE),
        (
            "NetworkSet",
            "{nets: [10.0.0.1, 10.0.0.1/32]}".into(),
            Limited,
            "spec.nets[1]",
            IF_CHECKED,
        ),
        // Nothing of Calico's own refuses it, and nobody has seen what the nodes make of it.
        (
            NP,
            "{types: [Egress], egress: [{action: Allow, http: {methods: [GET]}}]}".into(),
            Converted,
            "spec.egress[0].http",
            IF_NATIVE,
        ),
    ] {
        for (release, there) in [None, Release::parse("3.31")].into_iter().zip(there) {
            let (told, found) = effects(kind, &spec, release);
            assert_eq!(found, there, "{release:?} {kind} {spec}");
            if release.is_none() {
                assert_eq!(told, [(effect, field.to_owned())], "{kind} {spec}");
            } else {
                let refused = there.is_empty();
                let silent = matches!(effect, Limited | Unclear);
                assert_eq!(told.is_empty(), silent, "{kind} {spec}: {told:?}");
                let of_refusal = |it: &ProblemEffect| matches!(it, Refused | Lost);
                assert_eq!(told.iter().any(|(it, _)| of_refusal(it)), refused, "{kind} {spec}");
            }
        }
    }
    assert!(effects(NP, "{types: []}", Release::parse("3.32")).1.is_empty());
    let untried = "apiVersion: crd.projectcalico.org/v1\nkind: NetworkPolicy\nmetadata: {name: default.p, namespace: n}\nspec: {ingress: [{action: Allow, icmp: {type: 8}}]}";
    let untried = decode::object(&read_back(untried).unwrap()[0], None);
    assert_eq!(untried.problems[0].effect, Untried);
    let [Resource::Policy(policy)] = untried.values.as_slice() else { panic!("{untried:?}") };
    let proviso = policy.proviso.as_ref().map(|it| (&*it.unknown, it.holds));
    assert_eq!(proviso, Some(("the nodes enforce NetworkPolicy n/default.p", true)));
    // Everything that is wrong is told, and what decides nothing is passed over.
    let (several, _) = effects(NP, "{order: a, selector: 'a =', types: [Up]}", None);
    assert_eq!(several.len(), 3, "{several:?}");
    let text = "apiVersion: crd.projectcalico.org/v1\nkind: NetworkPolicy\nmetadata: {name: default.p, namespace: n, uid: u, managedFields: [{a: b}], labels: null}\nspec: {}\nstatus: {a: 1}";
    let stored = decode::object(&read_back(text).unwrap()[0], None);
    let [Resource::Policy(policy)] = stored.values.as_slice() else { panic!("{stored:?}") };
    assert_eq!((&*policy.name, &stored.problems), ("p", &Vec::new()));
    // Nobody fills in directions there, and none are both.
    let both = [Direction::Ingress, Direction::Egress];
    assert_eq!(policy.types.as_deref(), Some(&both[..]));
}

#[test]
fn what_a_cluster_has_is_what_calico_makes_of_it() {
    let ports: Vec<_> = (1..=60).map(|port| port.to_string()).collect();
    let ports = format!("protocol: TCP, destination: {{ports: [{}]}}", ports.join(", "));
    for (rule, nets, skipped) in [
        ("source: {nets: [192.0.2.77/24]}", vec!["192.0.2.0/24"], false),
        ("source: {nets: [192.0.2.77]}", vec!["192.0.2.77/32"], false),
        ("source: {nets: ['2001:db8::1']}", vec!["2001:db8::1/128"], false),
        ("source: {nets: [192.0.2.0/33, 10.0.0.0/8]}", vec!["10.0.0.0/8"], true),
        ("source: {nets: [192.0.2.0/33]}", vec![], true),
        ("source: {nets: [10.0.0.1/8, 10.0.0.0/8]}", vec!["10.0.0.0/8"], false),
        ("source: {nets: [10.0.0.0/8, 'fd00::/8']}", vec!["10.0.0.0/8", "fd00::/8"], false),
        ("source: {notNets: [0.0.0.0/0]}", vec![], false),
        ("protocol: tcp, destination: {ports: [80]}", vec![], false),
        ("ipVersion: 6, source: {nets: [10.0.0.0/8]}", vec!["10.0.0.0/8"], false),
        (&ports, vec![], false),
    ] {
        for (api, metadata, taken) in [
            ("crd.projectcalico.org/v1", "", true),
            ("projectcalico.org/v3", ", uid: u", true),
            ("projectcalico.org/v3", ", resourceVersion: '7'", true),
            ("projectcalico.org/v3", "", false),
        ] {
            let text = format!(
                "apiVersion: {api}\nkind: NetworkPolicy\nmetadata: {{name: p, namespace: n{metadata}}}\nspec: {{types: [Ingress], ingress: [{{action: Allow, {rule}}}]}}\n"
            );
            let release = Release::parse("3.31");
            let found = decode::object(&read_back(&text).unwrap()[0], release);
            if !taken {
                // Lists were not limited then.
                assert_eq!(
                    found.values.is_empty(),
                    !nets.is_empty() || !rule.contains("60"),
                    "{text}"
                );
                continue;
            }
            let effects: Vec<_> = found.problems.iter().map(|it| it.effect).collect();
            let wanted = if skipped { vec![ProblemEffect::Skipped] } else { Vec::new() };
            assert_eq!(effects, wanted, "{text}");
            let Some(Resource::Policy(policy)) = found.values.first() else { panic!("{text}") };
            let held = &policy.ingress[0].source.nets;
            assert_eq!(held.iter().map(ToString::to_string).collect::<Vec<_>>(), nets, "{text}");
        }
    }
}
