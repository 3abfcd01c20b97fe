//! Each rule of how Calico decides, on policies and connections made by hand.

use std::collections::BTreeSet;

use eastwest::calico::{Action, Resource};
use eastwest::reach::of_policies::{Namespaces, Policies, Subject, Ties};
use eastwest::reach::{Condition, Direction, End, Example, Scenario, Sets, Terms};
use eastwest::traffic::{Connection, Detail, Family};

use super::calico_naive::Cluster;
use super::hand::{address, global, held, host, icmp, namespaced, object, pod, port};
use super::judges;

/// Whether a pod of `web` may open `tcp/443` to `peer`.
fn to(resources: &[Resource], peer: End) -> bool {
    let subject = pod("web", &[]);
    let traffic = port(6, 443, &[]);
    passes(
        resources,
        &Example {
            direction: Direction::Egress,
            subject,
            peer,
            traffic,
            conditions: BTreeSet::new(),
        },
    )
}

/// Whether `peer` may open `tcp/443` to a pod of `web`.
fn from(resources: &[Resource], peer: End) -> bool {
    let subject = pod("web", &[]);
    let traffic = port(6, 443, &[]);
    passes(
        resources,
        &Example {
            direction: Direction::Ingress,
            subject,
            peer,
            traffic,
            conditions: BTreeSet::new(),
        },
    )
}

/// The verdict, where both tie rules agree.
fn passes(resources: &[Resource], example: &Example) -> bool {
    let [old, new] = judged(resources, example);
    assert_eq!(old, new, "the tie rules differ: {example}");
    old
}

/// The verdicts by old and new releases.
fn judged(resources: &[Resource], example: &Example) -> [bool; 2] {
    judges::verdicts(Cluster::of(resources), example).map(|judged| judged.allowed)
}

#[test]
fn without_a_policy_everything_passes_and_types_decide_who_takes_part() {
    let db = || pod("db", &[]);
    assert!(to(&[], db()) && from(&[], db()));
    let closed = [namespaced("a", "types: [Ingress]")];
    assert!(to(&closed, db()) && !from(&closed, db()));
    // Left out: by the rules that there are.
    let none = [namespaced("a", "selector: all()")];
    assert!(to(&none, db()) && !from(&none, db()));
    let out = [namespaced("a", "egress: [{action: Allow, protocol: UDP}]")];
    assert!(!to(&out, db()) && from(&out, db()));
    // A rule under a direction that is not among the types does nothing.
    let inert = [namespaced("a", "types: [Ingress], egress: [{action: Deny}]")];
    assert!(to(&inert, db()));
    // Another namespace's policy is nothing to these pods.
    let other = [object("NetworkPolicy", "name: a, namespace: db", "types: [Ingress]")];
    assert!(from(&other, db()));
    // Staged ones count as if they were enforced.
    let staged = [object("StagedNetworkPolicy", "name: a, namespace: web", "types: [Ingress]")];
    assert!(!from(&staged, db()));
}

#[test]
fn the_first_rule_that_matches_decides_and_a_log_decides_nothing() {
    let rules = |rules: &str| [namespaced("a", &format!("types: [Egress], egress: [{rules}]"))];
    assert!(to(&rules("{action: Allow}, {action: Deny}"), pod("db", &[])));
    assert!(!to(&rules("{action: Deny}, {action: Allow}"), pod("db", &[])));
    assert!(to(&rules("{action: Log}, {action: Allow}"), pod("db", &[])));
    assert!(!to(&rules("{action: Log}"), pod("db", &[])), "the end of the tier");
    assert!(to(&rules("{action: Pass}, {action: Deny}"), pod("db", &[])), "the profile allows");
    assert!(!to(&rules("{action: Deny, protocol: TCP}, {action: Allow}"), pod("db", &[])));
    assert!(to(&rules("{action: Deny, protocol: UDP}, {action: Allow}"), pod("db", &[])));
}

#[test]
fn lower_orders_come_first_and_none_comes_last() {
    let policies = |allow: &str, deny: &str| {
        [
            global("a", &format!("{deny}types: [Egress], egress: [{{action: Deny}}]")),
            namespaced("b", &format!("{allow}types: [Egress], egress: [{{action: Allow}}]")),
        ]
    };
    assert!(to(&policies("order: 10, ", "order: 20, "), pod("db", &[])));
    assert!(!to(&policies("order: 20, ", "order: 10, "), pod("db", &[])));
    assert!(to(&policies("order: 2000000, ", ""), pod("db", &[])));
    assert!(to(&policies("order: -1, ", "order: 0, "), pod("db", &[])));
}

#[test]
fn a_tie_is_broken_by_namespace_in_old_releases_and_by_name_in_new_ones() {
    let subject = pod("web", &[]);
    let (peer, traffic) = (pod("db", &[]), port(6, 443, &[]));
    let example = Example {
        direction: Direction::Egress,
        subject,
        peer,
        traffic,
        conditions: BTreeSet::new(),
    };
    let both = |deny: &str, allow: &str| {
        let resources = [
            global(deny, "types: [Egress], egress: [{action: Deny}]"),
            namespaced(allow, "types: [Egress], egress: [{action: Allow}]"),
        ];
        judged(&resources, &example)
    };
    // Old: `default.deny-all` before `web/default.allow`; new: `allow/web/…` before `deny-all//…`.
    assert_eq!(both("deny-all", "allow"), [false, true]);
    assert_eq!(both("a-deny", "zz-allow"), [false, false]);
    // New: `allow-dns/` before `allow/`, as `-` comes before `/`.
    assert_eq!(both("allow", "allow-dns"), [false, true]);
    assert_eq!(both("allow-dns", "allow"), [false, false]);
    // The same name: the global one first.
    assert_eq!(both("same", "same"), [false, false]);
}

#[test]
fn tiers_pass_on_deny_at_their_end_or_settle_it_for_all_after_them() {
    let tier = |order: u32, end: &str| {
        object("Tier", "name: first", &format!("order: {order}, defaultAction: {end}"))
    };
    let early = |rules: &str| {
        global("first.a", &format!("tier: first, types: [Egress], egress: [{rules}]"))
    };
    let late = || namespaced("b", "types: [Egress], egress: [{action: Allow, protocol: TCP}]");
    let deny = || namespaced("b", "types: [Egress], egress: [{action: Deny}]");
    let db = || pod("db", &[]);
    assert!(!to(&[tier(1, "Deny"), early("{action: Deny, protocol: UDP}"), late()], db()));
    assert!(to(&[tier(1, "Pass"), early("{action: Deny, protocol: UDP}"), late()], db()));
    assert!(to(&[tier(1, "Pass"), early("{action: Deny, protocol: UDP}")], db()), "the profile");
    assert!(to(&[tier(1, "Deny"), early("{action: Allow}"), deny()], db()));
    assert!(!to(&[tier(1, "Deny"), early("{action: Pass}"), deny()], db()));
    assert!(to(&[tier(1, "Deny"), deny_nothing(), late()], db()), "no policy, no tier");
    // A tier after `default` is asked last; one that nobody made denies at its end, after all others.
    assert!(to(&[tier(2_000_000, "Deny"), early("{action: Deny}"), late()], db()));
    assert!(to(&[early("{action: Deny}"), late()], db()));
    assert!(!to(&[early("{action: Log}")], db()));
    // Without an order it is level with `default`, and the name decides: `first` comes after it.
    let level = object("Tier", "name: first", "defaultAction: Deny");
    assert!(to(&[level, early("{action: Deny}"), late()], db()));
}

fn deny_nothing() -> Resource {
    object("NetworkPolicy", "name: first.x, namespace: db", "tier: first, types: [Egress]")
}

#[test]
fn negative_selectors_hold_hosts_and_a_positive_guard_does_not() {
    let subject = host(&[("role", "node")]);
    let (peer, traffic) = (address("192.0.2.1"), port(6, 443, &[]));
    let example = Example {
        direction: Direction::Egress,
        subject,
        peer,
        traffic,
        conditions: BTreeSet::new(),
    };
    let closed =
        |selects: &str| !passes(&[global("a", &format!("{selects}types: [Egress]"))], &example);
    assert!(closed(""));
    assert!(closed("selector: 'all()', "));
    assert!(closed("selector: \"projectcalico.org/namespace not in {'kube-system'}\", "));
    assert!(closed("namespaceSelector: \"projectcalico.org/name != 'kube-system'\", "));
    assert!(closed("selector: \"role == 'node'\", "));
    assert!(!closed("namespaceSelector: 'all()', "));
    assert!(!closed("selector: \"projectcalico.org/orchestrator == 'k8s'\", "));
    assert!(!closed(
        "namespaceSelector: \"has(projectcalico.org/name) && projectcalico.org/name not in {'kube-system'}\", "
    ));
    // With a namespaceSelector, `all()` beside it means what has a namespace.
    assert!(!closed("selector: 'all()', namespaceSelector: \"!has(exempt)\", "));
    assert!(!passes(
        &[global("a", "types: [Egress]")],
        &Example { subject: pod("web", &[]), ..example }
    ));
}

#[test]
fn the_selectors_of_a_rule_hold_whom_calico_knows_there() {
    let set = object("GlobalNetworkSet", "name: s, labels: {role: db}", "nets: [10.0.0.0/8]");
    let ends = || {
        [
            pod("web", &[("role", "db")]),
            pod("db", &[("role", "db")]),
            pod("db", &[]),
            held("db", &[("role", "db")]),
            host(&[("role", "db")]),
            address("10.1.1.1"),
            address("192.0.2.1"),
        ]
    };
    let rule = |policy: fn(&str, &str) -> Resource, entity: &str| {
        let spec =
            format!("types: [Egress], egress: [{{action: Allow, destination: {{{entity}}}}}]");
        let resources = [policy("a", &spec), set.clone()];
        ends().map(|end| u8::from(to(&resources, end)))
    };
    let (local, everywhere) = (namespaced as fn(&str, &str) -> Resource, global as _);
    for (policy, entity, expected) in [
        (local, "", [1, 1, 1, 1, 1, 1, 1]),
        (everywhere, "", [1, 1, 1, 1, 1, 1, 1]),
        (local, "selector: \"role == 'db'\"", [1, 0, 0, 0, 0, 0, 0]),
        (everywhere, "selector: \"role == 'db'\"", [1, 1, 0, 1, 1, 1, 0]),
        (everywhere, "selector: 'all()'", [1, 1, 1, 1, 1, 1, 0]),
        (local, "namespaceSelector: \"zone == 'db'\"", [0, 1, 1, 1, 0, 0, 0]),
        (local, "namespaceSelector: \"zone != 'web'\"", [0, 1, 1, 1, 1, 1, 0]),
        (local, "namespaceSelector: 'all()', selector: \"role == 'db'\"", [1, 1, 0, 1, 0, 0, 0]),
        (local, "namespaceSelector: 'global()', selector: \"role == 'db'\"", [0, 0, 0, 0, 1, 1, 0]),
        (local, "namespaceSelector: 'global()'", [0, 0, 0, 0, 1, 1, 0]),
        (local, "notSelector: \"role == 'db'\"", [0, 0, 0, 0, 0, 0, 0]),
        (local, "notSelector: \"role == 'x'\"", [1, 0, 0, 0, 0, 0, 0]),
        (everywhere, "notSelector: \"role == 'db'\"", [0, 0, 1, 0, 0, 0, 1]),
        (everywhere, "selector: 'all()', notSelector: \"role == 'db'\"", [0, 0, 1, 0, 0, 0, 0]),
        (
            everywhere,
            "selector: \"projectcalico.org/orchestrator == 'k8s'\"",
            [1, 1, 1, 0, 0, 0, 0],
        ),
        (local, "nets: [10.1.0.0/16]", [0, 0, 0, 0, 0, 1, 0]),
        (local, "nets: ['2001:db8::/32']", [0, 0, 0, 0, 0, 0, 0]),
        (local, "services: {name: s, namespace: n}", [0, 0, 0, 0, 0, 0, 0]),
    ] {
        assert_eq!(rule(policy, entity), expected, "{entity}");
    }
    let service = Condition::ToService { namespace: "n".into(), name: "s".into() };
    let rule = "types: [Egress], egress: [{action: Allow, destination: {services: {name: s, namespace: n}}}]";
    let (subject, peer, traffic) = (pod("web", &[]), pod("db", &[]), port(6, 443, &[]));
    let conditions = BTreeSet::from([service]);
    let example = Example { direction: Direction::Egress, subject, peer, traffic, conditions };
    assert!(passes(&[namespaced("a", rule)], &example));
}

#[test]
fn protocols_ports_and_types() {
    let rule = |policy: &str, direction, traffic: Connection| {
        let both = format!("types: [Ingress, Egress], ingress: [{policy}], egress: [{policy}]");
        let (subject, peer) = (pod("web", &[("app", "x")]), pod("db", &[]));
        passes(
            &[namespaced("a", &both)],
            &Example { direction, subject, peer, traffic, conditions: BTreeSet::new() },
        )
    };
    let out = |policy: &str, traffic| rule(policy, Direction::Egress, traffic);
    let ports = "{action: Allow, protocol: TCP, destination: {ports: [80, '443:445', https]}}";
    assert!(out(ports, port(6, 80, &[])) && out(ports, port(6, 444, &[])));
    assert!(!out(ports, port(6, 446, &[])) && !out(ports, port(17, 80, &[])));
    assert!(out(ports, port(6, 8443, &["https"])) && !out(ports, port(6, 8443, &["http"])));
    let name = "{action: Allow, destination: {ports: [https]}}";
    assert!(out(name, port(17, 1, &["https"])) && !out(name, port(17, 1, &[])));
    // The receiver is the subject: what is said of it must hold for it.
    let with = |selector: &str| {
        format!(
            "{{action: Allow, protocol: TCP, destination: {{selector: \"{selector}\", ports: [https]}}}}"
        )
    };
    let inward = |selector: &str| rule(&with(selector), Direction::Ingress, port(6, 1, &["https"]));
    assert!(inward("app == 'x'") && !inward("app == 'y'"));
    // By name a protocol implies its family, by number it does not.
    let (v4, v6) = (Family::V4, Family::V6);
    let named = "{action: Allow, protocol: ICMP, icmp: {type: 8}}";
    assert!(out(named, icmp(v4, 1, 8, 5)) && !out(named, icmp(v6, 1, 8, 5)));
    assert!(!out(named, icmp(v4, 1, 9, 0)));
    let number = "{action: Allow, protocol: 1, icmp: {type: 8, code: 0}}";
    assert!(out(number, icmp(v6, 1, 8, 0)) && !out(number, icmp(v4, 1, 8, 1)));
    let six = "{action: Allow, protocol: ICMPv6}";
    assert!(out(six, icmp(v6, 58, 1, 1)) && !out(six, icmp(v4, 58, 1, 1)));
    let gre = "{action: Allow, protocol: 47}";
    let gre_packet = Connection { family: v6, protocol: 47, detail: Detail::None };
    assert!(out(gre, gre_packet) && !out(gre, port(6, 47, &[])));
}

#[test]
fn imagined_policies_stand_where_they_are_said_to() {
    let subject = pod("web", &[]);
    let (peer, traffic) = (pod("db", &[]), port(6, 443, &[]));
    let example = Example {
        direction: Direction::Egress,
        subject,
        peer,
        traffic,
        conditions: BTreeSet::new(),
    };
    let open = |order: u32| {
        let deny = format!("order: {order}, types: [Egress], egress: [{{action: Deny}}]");
        let resources = [global("a", &deny)];
        judges::asked(Cluster::of(&resources), &example, |sets, [_, reach]| {
            Scenario::ALL.map(|scenario| reach.beside(sets, scenario, &example))
        })
    };
    assert_eq!(open(10), [false, false, false]);
    assert_eq!(open(900), [false, false, true]);
    assert_eq!(open(1000), [false, true, true], "a tie with it is lost");
    assert_eq!(open(1100), [false, true, true]);
}

/// Whether a pod of `web` may open `tcp/443` to a pod of `db`: whatever holds that no packet shows, and for some answer to it.
fn told(rules: &str) -> [bool; 2] {
    let resources = [namespaced("a", &format!("types: [Egress], egress: [{rules}]"))];
    let (subject, peer, traffic) = (pod("web", &[]), pod("db", &[]), port(6, 443, &[]));
    let conditions = BTreeSet::new();
    let example = Example { direction: Direction::Egress, subject, peer, traffic, conditions };
    judges::asked(Cluster::of(&resources), &example, |sets, [_, reach]| {
        reach.answers(sets, &example)
    })
}

#[test]
fn what_no_packet_shows_is_not_guessed() {
    let of_port = "{action: Allow, protocol: TCP, source: {ports: [80]}}";
    assert_eq!(told(of_port), [false, true]);
    assert_eq!(told(&format!("{of_port}, {{action: Allow}}")), [true, true], "it does not matter");
    assert_eq!(told(&format!("{{action: Deny}}, {of_port}")), [false, false]);
}

#[test]
fn namespaces_that_a_row_sees_alike_face_the_same() {
    let values = ["", "a", "b", "c", "d", "e", "f", "g"];
    let selectors = [
        "zone == 'c'",
        "zone in {'b', 'e'} && team == 'd'",
        "zone == 'd' && team != 'd'",
        "has(team) && !has(zone)",
        "zone starts with 'e' || team in {'a', 'f'}",
        "team == 'c' && zone != 'a'",
    ];
    let rule = |of: &str| {
        format!(
            "{{action: Allow, protocol: TCP, destination: {{namespaceSelector: \"{of}\", ports: [{}]}}}}",
            of.len()
        )
    };
    let rows = selectors.iter().map(|it| vec![*it]).chain([selectors.to_vec()]);
    let (mut alike, mut apart) = (0, 0);
    for row in rows {
        // All of them are asked, so that each row tells apart only a part of what there is.
        let spec = |of: &[&str]| {
            let rules: Vec<_> = of.iter().map(|it| rule(it)).collect();
            format!("types: [Egress], egress: [{}]", rules.join(", "))
        };
        let elsewhere = format!("namespaceSelector: zone == 'nobody', {}", spec(&selectors));
        let resources = [namespaced("row", &spec(&row)), global("elsewhere", &elsewhere)];
        let mut policies = Policies::new(resources.iter(), &Namespaces::new(), &[]);
        let mut terms = Terms::default();
        policies.terms(&mut terms);
        Sets::over(terms, |mut sets| {
            let name = "web".into();
            let subject = Subject::Declared(&name, &[]);
            let steps = policies.judge(&mut sets, subject, Direction::Egress, Ties::ByName);
            let allowed = steps.iter().filter(|step| step.action == Action::Allow);
            let row = sets.diagrams.union_of(allowed.map(|step| step.reached).collect());
            let sight = sets.sight(row);
            let mut faced = std::collections::BTreeMap::new();
            for zone in values {
                for team in values {
                    let labels = [("team", team), ("zone", zone)].into_iter();
                    let labels = labels.filter(|(_, value)| !value.is_empty());
                    let labels: Vec<_> =
                        labels.map(|(key, value)| (key.into(), value.into())).collect();
                    let facing = sets.facing(row, &"peer".into(), &labels);
                    let seen = sight.of(&sets.labelled(&"peer".into(), &labels));
                    let known = *faced.entry(seen).or_insert(facing);
                    assert_eq!(known, facing, "zone {zone:?}, team {team:?}");
                }
            }
            alike += values.len() * values.len() - faced.len();
            apart += faced.len();
        })
        .unwrap();
    }
    assert!(alike > 200 && apart > 30, "{alike} {apart}");
}

#[test]
fn a_row_can_be_seen_from_the_other_end() {
    let rules = "{action: Allow, protocol: TCP, destination: {namespaceSelector: \"zone == 'db'\", selector: \"app == 'x'\", ports: [443, https]}}, \
                 {action: Allow, protocol: UDP, source: {selector: \"app contains 'y'\"}, destination: {namespaceSelector: \"zone in {'db', 'api'}\"}}, \
                 {action: Allow, source: {nets: [10.0.0.0/8]}, destination: {nets: [10.1.0.0/16]}}";
    let resources = [namespaced("a", &format!("types: [Egress], egress: [{rules}]"))];
    let mut policies = Policies::new(resources.iter(), &Namespaces::new(), &[]);
    let mut terms = Terms::default();
    terms.give_pods_addresses();
    policies.terms(&mut terms);
    Sets::over(terms, |mut sets| {
        let of = |name: &str| -> Vec<(_, _)> {
            let End::Pod { of_namespace, .. } = pod(name, &[]) else { panic!() };
            of_namespace.into_iter().collect()
        };
        let (web, db) = (of("web"), of("db"));
        let subject_name = "web".into();
        let subject = Subject::Declared(&subject_name, &web);
        let steps = policies.judge(&mut sets, subject, Direction::Egress, Ties::ByName);
        let allowed = steps.iter().filter(|step| step.action == Action::Allow);
        let row = sets.diagrams.union_of(allowed.map(|step| step.reached).collect());
        let facing = sets.facing(row, &"db".into(), &db);
        let turned = sets.turned(facing);
        assert_eq!(sets.turned(turned), facing);
        let mut passed = 0;
        for from in ["x", "yy", ""] {
            for to in ["x", "yy"] {
                for (a, b) in
                    [(None, None), (Some("10.2.0.1"), Some("10.1.0.1")), (None, Some("10.1.0.1"))]
                {
                    for traffic in [port(6, 443, &[]), port(6, 80, &["https"]), port(17, 53, &[])] {
                        let at = |end, at: Option<&str>| {
                            let End::Pod { namespace, of_namespace, labels, .. } = end else {
                                panic!()
                            };
                            let address = at.map(|it| it.parse().unwrap());
                            End::Pod { namespace, of_namespace, labels, address }
                        };
                        let subject = at(pod("web", &[("app", from)]), a);
                        let peer = at(pod("db", &[("app", to)]), b);
                        let out = Example {
                            direction: Direction::Egress,
                            subject: subject.clone(),
                            peer: peer.clone(),
                            traffic: traffic.clone(),
                            conditions: BTreeSet::new(),
                        };
                        let back = Example {
                            direction: Direction::Ingress,
                            subject: peer,
                            peer: subject,
                            ..out.clone()
                        };
                        let truth = sets.contains(row, &out);
                        assert_eq!(sets.contains(turned, &back), truth, "{back}");
                        assert_eq!(sets.contains_at(row, &sets.space.points(&out)), truth);
                        passed += usize::from(truth);
                    }
                }
            }
        }
        assert!((10..54).contains(&passed), "{passed}");
    })
    .unwrap();
}
