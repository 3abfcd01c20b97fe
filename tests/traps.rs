//! The traps of "how Calico decides", section 7, each with what becomes of a connection there; by its number. Both who
//! judge are asked. What is about objects and not about connections (18, 21, 23, 24) is tested where objects are read.

use std::collections::BTreeSet;

use eastwest::calico::Resource;
use eastwest::reach::{Condition, Direction, End, Example};
use eastwest::traffic::{Connection, Family};

use super::calico_naive::Cluster;
use super::hand::{
    address, at, global, held, host, kubernetes, namespaced, object, pod, port, tier,
};
use super::judges::{self, told};

const OPEN: &str = "allowed: nothing applies";
const PROFILE: &str = "allowed by the profile";
const END: &str = "denied at the end of default";

/// What becomes of a connection of a pod of `web`, by old and new releases.
fn judged(
    resources: &[Resource],
    direction: Direction,
    peer: End,
    traffic: Connection,
) -> [String; 2] {
    let (subject, conditions) = (pod("web", &[("app", "x")]), BTreeSet::new());
    let example = Example { direction, subject, peer, traffic, conditions };
    told(resources, &example)
}

/// `tcp/443` from a pod of `web`.
fn out(resources: &[Resource], peer: End) -> [String; 2] {
    judged(resources, Direction::Egress, peer, port(6, 443, &[]))
}

/// `tcp/443` to a pod of `web`.
fn into(resources: &[Resource], peer: End) -> [String; 2] {
    judged(resources, Direction::Ingress, peer, port(6, 443, &[]))
}

fn db() -> End {
    pod("db", &[("role", "db")])
}

fn outside() -> End {
    address("192.0.2.1")
}

/// The policy's `types` and egress rules.
fn egress(rules: &str) -> String {
    format!("types: [Egress], egress: [{rules}]")
}

const DENY: &str = "{action: Deny}";
const ALLOW: &str = "{action: Allow}";

#[test]
fn trap_1_without_an_order_the_alphabet_decides() {
    let with = |name: &str| {
        [global("deny-all", &egress(DENY)), global(name, &egress("{action: Allow, protocol: TCP}"))]
    };
    assert_eq!(out(&with("allow-tcp"), db()), ["allowed by allow-tcp 0"; 2]);
    assert_eq!(out(&with("zz-allow"), db()), ["denied by deny-all 0"; 2]);
    // With an order it is before all that have none, whatever its name.
    let ordered = global("zz", &format!("order: 9000000, {}", egress(ALLOW)));
    assert_eq!(out(&[global("a", &egress(DENY)), ordered], db()), ["allowed by zz 0"; 2]);
}

#[test]
fn trap_2_the_tie_goes_on_into_the_slash() {
    let both =
        |first: &str, second: &str| [global(first, &egress(DENY)), global(second, &egress(ALLOW))];
    // New: `allow-dns/` before `allow/` before `allowx/`. Old: `default.allow` before both.
    assert_eq!(
        out(&both("allow", "allow-dns"), db()),
        ["denied by allow 0", "allowed by allow-dns 0"]
    );
    assert_eq!(out(&both("allow", "allowx"), db()), ["denied by allow 0"; 2]);
    assert_eq!(out(&both("allow-dns", "allowx"), db()), ["denied by allow-dns 0"; 2]);
}

#[test]
fn trap_3_a_log_after_the_end_never_runs_and_one_alone_isolates() {
    let late = [global("a", &egress("{action: Deny}, {action: Log}"))];
    assert_eq!(out(&late, db()), ["denied by a 0"; 2]);
    let alone = [global("a", &egress("{action: Log}"))];
    assert_eq!(out(&alone, db()), [END; 2]);
    assert_eq!(into(&alone, db()), [OPEN; 2]);
}

#[test]
fn trap_4_types_close_and_leave_open() {
    let both = [namespaced("a", "types: [Ingress, Egress], ingress: [{action: Allow}]")];
    assert_eq!(out(&both, db()), [END; 2]);
    assert_eq!(into(&both, db()), ["allowed by a 0"; 2]);
    let ingress = [namespaced("a", "types: [Ingress], egress: [{action: Deny}]")];
    assert_eq!(out(&ingress, db()), [OPEN; 2]);
    assert_eq!(into(&ingress, db()), [END; 2]);
}

#[test]
fn trap_5_a_tier_of_allows_denies_the_rest() {
    let tcp = |end: &str, last: &str| {
        [
            tier("first", &format!("order: 1, defaultAction: {end}")),
            global(
                "first.a",
                &format!(
                    "tier: first, {}",
                    egress(&format!("{{action: Allow, protocol: UDP}}{last}"))
                ),
            ),
            global("b", &egress(ALLOW)),
        ]
    };
    assert_eq!(out(&tcp("Deny", ""), db()), ["denied at the end of first"; 2]);
    assert_eq!(out(&tcp("Pass", ""), db()), ["allowed by b 0"; 2]);
    assert_eq!(out(&tcp("Deny", ", {action: Pass}"), db()), ["allowed by b 0"; 2]);
}

#[test]
fn trap_6_an_early_allow_overrides_later_denies() {
    let early = |action: &str| {
        [
            tier("first", "order: 1"),
            global(
                "first.a",
                &format!("tier: first, {}", egress(&format!("{{action: {action}}}"))),
            ),
            global("b", &format!("order: 1, {}", egress(DENY))),
        ]
    };
    assert_eq!(out(&early("Allow"), db()), ["allowed by first.a 0"; 2]);
    assert_eq!(out(&early("Pass"), db()), ["denied by b 0"; 2]);
}

#[test]
fn trap_7_passing_out_of_the_last_tier_opens_a_pod() {
    let pass = [global("a", &egress("{action: Pass}")), global("b", &egress(DENY))];
    assert_eq!(out(&pass, db()), [PROFILE; 2]);
    let end = [
        tier("first", "order: 1, defaultAction: Pass"),
        global("first.a", &format!("tier: first, {}", egress("{action: Deny, protocol: UDP}"))),
    ];
    assert_eq!(out(&end, db()), [PROFILE; 2]);
    // The tiers of ClusterNetworkPolicies pass on and need no object.
    for built_in in ["kube-admin", "kube-baseline"] {
        let policy = global("a", &format!("tier: {built_in}, {}", egress("{action: Log}")));
        assert_eq!(out(&[policy], db()), [PROFILE; 2]);
    }
}

#[test]
fn trap_8_wide_selectors_of_global_policies_hold_hosts() {
    let (peer, traffic, conditions) = (outside(), port(6, 443, &[]), BTreeSet::new());
    let subject = host(&[("role", "node")]);
    let example = Example { direction: Direction::Egress, subject, peer, traffic, conditions };
    for (selects, expected) in [
        ("selector: 'all()'", END),
        ("selector: ''", END),
        ("selector: \"app != 'x'\"", END),
        ("selector: \"projectcalico.org/namespace not in {'kube-system'}\"", END),
        ("selector: '!has(app)'", END),
        ("namespaceSelector: \"projectcalico.org/name not in {'kube-system'}\"", END),
        ("namespaceSelector: 'all()'", OPEN),
        ("selector: 'all()', namespaceSelector: \"!has(exempt)\"", OPEN),
        ("namespaceSelector: '!has(exempt)'", END),
        ("serviceAccountSelector: 'all()'", OPEN),
        ("serviceAccountSelector: \"role != 'x'\"", END),
        ("selector: 'all()', serviceAccountSelector: \"role != 'x'\"", OPEN),
        ("selector: \"projectcalico.org/orchestrator == 'k8s'\"", OPEN),
        ("selector: has(app)", OPEN),
    ] {
        let resources = [global("a", &format!("{selects}, types: [Egress]"))];
        assert_eq!(told(&resources, &example), [expected; 2], "{selects}");
    }
    // A namespaced policy never selects one.
    assert_eq!(told(&[namespaced("a", "types: [Egress]")], &example), [OPEN; 2]);
}

fn set(labels: &str) -> Resource {
    object("GlobalNetworkSet", &format!("name: s, labels: {{{labels}}}"), "nets: [10.0.0.0/8]")
}

/// Of `{to}` in an egress rule of the policy: whom it matches of a pod of the own namespace, one of another, an address
/// of a `NetworkSet` in another, a host, an address of the global set, and one that nobody knows.
fn matched(policy: fn(&str, &str) -> Resource, to: &str, set: &Resource) -> [u8; 6] {
    let role = [("role", "db")];
    let ends = [
        pod("web", &role),
        pod("db", &role),
        held("db", &role),
        host(&role),
        address("10.1.1.1"),
        outside(),
    ];
    let resources =
        [policy("a", &egress(&format!("{{action: Allow, destination: {{{to}}}}}"))), set.clone()];
    ends.map(|end| u8::from(out(&resources, end)[0] == "allowed by a 0"))
}

#[test]
fn trap_9_a_negated_namespace_selector_matches_sets_and_hosts() {
    let negated = "namespaceSelector: \"projectcalico.org/name != 'web'\"";
    let set = set("role: db");
    assert_eq!(matched(namespaced, negated, &set), [0, 1, 1, 1, 1, 0]);
    assert_eq!(matched(global, negated, &set), [0, 1, 1, 1, 1, 0]);
    let guarded =
        "namespaceSelector: \"has(projectcalico.org/name) && projectcalico.org/name != 'web'\"";
    assert_eq!(matched(global, guarded, &set), [0, 1, 1, 0, 0, 0]);
}

#[test]
fn trap_10_a_not_selector_alone_means_two_things() {
    let set = set("role: db");
    let without = |value: &str| format!("notSelector: \"role == '{value}'\"");
    assert_eq!(matched(namespaced, &without("db"), &set), [0; 6]);
    assert_eq!(matched(namespaced, &without("x"), &set), [1, 0, 0, 0, 0, 0]);
    assert_eq!(matched(global, &without("db"), &set), [0, 0, 0, 0, 0, 1]);
    assert_eq!(matched(global, &without("x"), &set), [1; 6]);
}

#[test]
fn trap_11_all_is_not_anyone() {
    let rules = |source: &str| {
        let rules = format!("{{action: Deny, source: {{{source}}}}}, {{action: Allow}}");
        [global("a", &format!("types: [Ingress], ingress: [{rules}]"))]
    };
    assert_eq!(into(&rules("selector: 'all()'"), outside()), ["allowed by a 1"; 2]);
    assert_eq!(into(&rules("selector: 'all()'"), db()), ["denied by a 0"; 2]);
    assert_eq!(into(&rules(""), outside()), ["denied by a 0"; 2]);
}

#[test]
fn trap_12_a_namespaced_policy_reaches_a_global_set_by_global_alone() {
    let set = set("role: db");
    let plain = "selector: \"role == 'db'\"";
    assert_eq!(matched(namespaced, plain, &set), [1, 0, 0, 0, 0, 0]);
    let beside = format!("{plain}, namespaceSelector: global()");
    assert_eq!(matched(namespaced, &beside, &set), [0, 0, 0, 1, 1, 0]);
    assert_eq!(matched(global, plain, &set), [1, 1, 1, 1, 1, 0]);
}

#[test]
fn trap_13_a_service_without_its_namespace_is_nobodys() {
    let rule = |service: &str| {
        let rule = format!("{{action: Allow, destination: {{services: {{{service}}}}}}}");
        [namespaced("a", &egress(&rule))]
    };
    let with = |resources: &[Resource], namespace: &str| {
        let (namespace, name) = (namespace.into(), "s".into());
        let conditions = BTreeSet::from([Condition::ToService { namespace, name }]);
        let (subject, peer, traffic) = (pod("web", &[]), db(), port(6, 443, &[]));
        let direction = Direction::Egress;
        told(resources, &Example { direction, subject, peer, traffic, conditions })
    };
    assert_eq!(with(&rule("name: s, namespace: web"), "web"), ["allowed by a 0"; 2]);
    assert_eq!(with(&rule("name: s, namespace: web"), "db"), [END; 2]);
    for namespace in ["web", ""] {
        assert_eq!(with(&rule("name: s"), namespace), [END; 2]);
    }
}

#[test]
fn trap_14_blocks_left_out_of_one_family_leave_out_the_other() {
    let rule = |block: &str| {
        [global("a", &egress(&format!("{{action: Allow, destination: {{notNets: ['{block}']}}}}")))]
    };
    let six = |resources: &[Resource]| {
        let traffic = Connection { family: Family::V6, ..port(6, 443, &[]) };
        judged(resources, Direction::Egress, address("2001:db8::1"), traffic)
    };
    assert_eq!(out(&rule("10.0.0.0/8"), outside()), ["allowed by a 0"; 2]);
    assert_eq!(out(&rule("10.0.0.0/8"), address("10.1.1.1")), [END; 2]);
    assert_eq!(out(&rule("10.0.0.0/8"), at(db(), "10.1.1.1")), [END; 2]);
    assert_eq!(six(&rule("10.0.0.0/8")), [END; 2]);
    assert_eq!(six(&rule("fd00::/8")), ["allowed by a 0"; 2]);
    assert_eq!(out(&rule("fd00::/8"), outside()), [END; 2]);
}

#[test]
fn trap_15_what_http_asks_is_seen_by_no_packet() {
    let rule = "{action: Allow, protocol: TCP, http: {methods: [GET], paths: [{prefix: /p}]}}";
    let resources = [global("a", &format!("types: [Ingress], ingress: [{rule}]"))];
    let (subject, peer, traffic) = (pod("web", &[]), db(), port(6, 443, &[]));
    let direction = Direction::Ingress;
    let example = Example { direction, subject, peer, traffic, conditions: BTreeSet::new() };
    let answers = judges::asked(Cluster::of(&resources), &example, |sets, [_, reach]| {
        reach.answers(sets, &example)
    });
    assert_eq!(answers, [false, true]);
    assert_eq!(told(&resources, &example), [END; 2]);
    let conditions = BTreeSet::from([Condition::Request("GET /p*".into())]);
    assert_eq!(told(&resources, &Example { conditions, ..example }), ["allowed by a 0"; 2]);
}

#[test]
fn trap_16_a_tier_without_an_order_is_level_with_default() {
    let named = |name: &str| {
        [
            tier(name, "defaultAction: Deny"),
            global(&format!("{name}.a"), &format!("tier: {name}, {}", egress(DENY))),
            global("b", &egress(ALLOW)),
        ]
    };
    assert_eq!(out(&named("app"), db()), ["denied by app.a 0"; 2]);
    assert_eq!(out(&named("ops"), db()), ["allowed by b 0"; 2]);
}

#[test]
fn trap_17_a_tier_that_is_gone_still_denies_last() {
    let gone = |last: &str| {
        [
            tier("late", "order: 90000000, defaultAction: Pass"),
            global("late.a", &format!("tier: late, {}", egress(last))),
            global("gone.a", &format!("tier: gone, {}", egress("{action: Allow, protocol: UDP}"))),
            global("b", &egress("{action: Pass}")),
        ]
    };
    assert_eq!(out(&gone(ALLOW), db()), ["allowed by late.a 0"; 2]);
    assert_eq!(out(&gone("{action: Log}"), db()), ["denied at the end of gone"; 2]);
    // Two of them go by their names.
    let two = [
        global("gone.a", &format!("tier: gone, {}", egress(ALLOW))),
        global("away.a", &format!("tier: away, {}", egress("{action: Allow, protocol: UDP}"))),
    ];
    assert_eq!(out(&two, db()), ["denied at the end of away"; 2]);
}

#[test]
fn trap_19_kubernetes_policies_stand_at_order_1000() {
    let deny = |order: &str| {
        [
            kubernetes("k", &egress("{action: Allow, protocol: TCP}")),
            namespaced("deny", &format!("{order}{}", egress(DENY))),
        ]
    };
    assert_eq!(out(&deny(""), db()), ["allowed by k 0"; 2]);
    assert_eq!(out(&deny("order: 1, "), db()), ["denied by deny 0"; 2]);
    // Level with it: old, `web/default.deny` before `web/knp.default.k`; new, `deny/…` before `k/…`.
    assert_eq!(out(&deny("order: 1000, "), db()), ["denied by deny 0"; 2]);
    let level = |name: &str| {
        [
            kubernetes("k", &egress("{action: Allow, protocol: TCP}")),
            namespaced(name, &format!("order: 1000, {}", egress(DENY))),
        ]
    };
    assert_eq!(out(&level("zz"), db()), ["denied by zz 0", "allowed by k 0"]);
    // The same name and namespace: new, `KubernetesNetworkPolicy` before `NetworkPolicy`.
    assert_eq!(out(&level("k"), db()), ["denied by k 0", "allowed by k 0"]);
}

#[test]
fn trap_20_untracked_policies_never_touch_pods() {
    let resources =
        [global("a", &format!("doNotTrack: true, applyOnForward: true, {}", egress(DENY)))];
    assert_eq!(out(&resources, db()), [OPEN; 2]);
    let resources = [global(
        "a",
        "preDNAT: true, applyOnForward: true, types: [Ingress], ingress: [{action: Deny}]",
    )];
    assert_eq!(into(&resources, db()), [OPEN; 2]);
}

#[test]
fn trap_22_a_set_with_forged_labels_satisfies_a_namespace_selector() {
    let forged = set("pcns.zone: db, projectcalico.org/orchestrator: k8s");
    let zone = "namespaceSelector: \"zone == 'db'\"";
    assert_eq!(matched(global, zone, &forged), [0, 1, 1, 0, 1, 0]);
    assert_eq!(matched(namespaced, zone, &forged), [0, 1, 1, 0, 1, 0]);
    let pods = "selector: \"projectcalico.org/orchestrator == 'k8s'\"";
    assert_eq!(matched(global, pods, &forged), [1, 1, 0, 0, 1, 0]);
    // A pod cannot: what it bears of `pcns.` is removed.
    let pretender = pod("web", &[("pcns.zone", "db")]);
    let rule = egress(&format!("{{action: Allow, destination: {{{zone}}}}}"));
    assert_eq!(out(&[global("a", &rule)], pretender), [END; 2]);
}
