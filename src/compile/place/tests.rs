//! Places less other places, held against a world so small that every pod in it can be asked.

use std::sync::Arc;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::program::Table;

const APPLICATIONS: [&str; 3] = ["a", "b", "c"];
const ZONES: [&str; 3] = ["x", "y", "z"];

fn program() -> Program {
    let application = |name: &&str| Application {
        name: (*name).into(),
        loaded: true,
        elsewhere: false,
        zones: Vec::new(),
    };
    Program {
        applications: Table::new(APPLICATIONS.iter().map(application).collect()),
        zones: Table::new(ZONES.iter().map(|name| Zone { name: (*name).into() }).collect()),
        ..Program::default()
    }
}

fn namespaces() -> impl Strategy<Value = NamespaceScope> {
    let zones = select(vec![vec![0], vec![1], vec![0, 1], vec![1, 2]])
        .prop_map(|zones| zones.into_iter().map(Id::new).collect());
    let labels = (option::of((0..3_usize).prop_map(Id::new)), option::of(zones))
        .prop_map(|(application, zones)| ZoneLabels { application, zones });
    let name = select(vec!["n1", "n2"]).prop_map(Arc::from);
    prop_oneof![
        6 => labels.clone().prop_map(|labels| NamespaceScope { labels: Some(labels), name: None }),
        1 => name.clone().prop_map(|name| NamespaceScope { labels: None, name: Some(name) }),
        1 => (labels, name)
            .prop_map(|(labels, name)| NamespaceScope { labels: Some(labels), name: Some(name) }),
    ]
}

fn pods() -> impl Strategy<Value = Pods> {
    let selectors = ["p == '1'", "q == '1'", "has(p)"];
    let selector =
        select(selectors.to_vec()).prop_map(|text| Arc::new(Selector::parse(text).unwrap()));
    (namespaces(), option::of(selector)).prop_map(|(namespaces, selector)| Pods {
        namespaces,
        selector,
        ..Pods::default()
    })
}

/// Every namespace (application, zone, name) and pod (labels p and q) of the world.
fn world() -> Vec<[Option<&'static str>; 5]> {
    let mut all = Vec::new();
    for application in [Some("a"), Some("b"), Some("c"), Some("other"), None] {
        for zone in [Some("x"), Some("y"), Some("z"), Some("other"), None] {
            for name in ["n1", "n2", "n3"] {
                for p in [Some("1"), Some("2"), None] {
                    all.extend([Some("1"), None].map(|q| [application, zone, Some(name), p, q]));
                }
            }
        }
    }
    all
}

fn value(endpoint: &[Option<&'static str>; 5], label: &str) -> Option<&'static str> {
    let labels = ["applicationcode", "zone", crate::selector::keys::NAME, "p", "q"];
    endpoint[labels.iter().position(|it| *it == label).unwrap()]
}

fn selected(program: &Program, pods: &Pods, endpoint: &[Option<&'static str>; 5]) -> bool {
    let terms = pods.namespace_terms(program).into_iter().chain(pods.pod_terms());
    terms.into_iter().all(|term| term.matches(|label| value(endpoint, label)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_left_of_a_place_is_exact(place in pods(), out in vec(pods(), 0..4)) {
        let program = program();
        let left = out.iter().fold(vec![place.clone()], |parts, out| {
            parts.into_iter().flat_map(|part| part.minus(out)).collect()
        });
        let zones: Vec<_> = left.iter().flat_map(Pods::by_zone).collect();
        for endpoint in world() {
            let expected = selected(&program, &place, &endpoint)
                && !out.iter().any(|out| selected(&program, out, &endpoint));
            for parts in [&left, &zones] {
                let found = parts.iter().any(|part| selected(&program, part, &endpoint));
                prop_assert_eq!(found, expected, "{:?} in {:?}", endpoint, parts);
            }
        }
    }
}
