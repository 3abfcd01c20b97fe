//! Traffic against the plainest model: lists of all the connections of a small universe.

use proptest::prelude::*;

use super::*;

const FAMILIES: [Family; 2] = [Family::V4, Family::V6];
/// Where ranges begin and end.
const PORTS: [u16; 8] = [0, 1, 2, 80, 81, 443, 65_534, 65_535];
/// Between them.
const GAPS: [u16; 3] = [50, 200, 1_000];
const NAMES: [&str; 3] = ["dns", "http", "web"];
const TYPES: [(u8, u8); 6] = [(0, 0), (8, 0), (8, 255), (9, 0), (128, 0), (255, 255)];
/// What a type leaves beside the codes above, and what all types leave.
const OTHER_TYPES: [(u8, u8); 6] = [(0, 7), (8, 7), (9, 7), (50, 7), (128, 7), (255, 7)];

/// Every connection of the small universe.
fn universe() -> Vec<Connection> {
    let mut all = Vec::new();
    for family in FAMILIES {
        for protocol in [TCP, UDP, SCTP] {
            for number in PORTS.into_iter().chain(GAPS) {
                for names in 0..8 {
                    let has = |&(bit, _): &(usize, _)| names >> bit & 1 == 1;
                    let names = NAMES.into_iter().enumerate().filter(has);
                    let names = names.map(|(_, name)| Arc::from(name)).collect();
                    all.push(Connection { family, protocol, detail: Detail::Port(number, names) });
                }
            }
        }
        for protocol in [ICMP, ICMP_V6] {
            let types = TYPES.into_iter().chain(OTHER_TYPES);
            let types = types.map(|(kind, code)| Detail::Icmp(kind, code));
            all.extend(types.map(|detail| Connection { family, protocol, detail }));
        }
        for protocol in [0, 47, UDP_LITE, 255] {
            all.push(Connection { family, protocol, detail: Detail::None });
        }
    }
    all
}

/// Whether one entry of a list lets a connection pass, by the words of its documentation.
fn passes(entry: &Match, connection: &Connection) -> bool {
    let (Match::Protocol(protocol)
    | Match::Ports(protocol, ..)
    | Match::Named(protocol, _)
    | Match::IcmpType(protocol, ..)) = entry;
    let family = match protocol {
        Protocol::Icmp => connection.family == Family::V4,
        Protocol::IcmpV6 => connection.family == Family::V6,
        Protocol::Tcp
        | Protocol::Udp
        | Protocol::Sctp
        | Protocol::UdpLite
        | Protocol::Number(_) => true,
    };
    family
        && protocol.number() == connection.protocol
        && match (entry, &connection.detail) {
            (Match::Protocol(_), _) => true,
            (Match::Ports(_, first, last), Detail::Port(number, _)) => {
                (first..=last).contains(&number) && *number > 0
            }
            (Match::Named(_, name), Detail::Port(_, names)) => names.contains(name),
            (Match::IcmpType(_, kind, code), Detail::Icmp(k, c)) => {
                kind == k && code.is_none_or(|code| code == *c)
            }
            _ => false,
        }
}

fn protocol() -> impl Strategy<Value = Protocol> {
    use Protocol::{Icmp, IcmpV6, Number, Sctp, Tcp, Udp, UdpLite};
    let numbers = [1, 6, 17, 47, 58, 132, 136, 255, 0].map(Number);
    prop::sample::select(
        [&[Tcp, Tcp, Tcp, Udp, Sctp, UdpLite, Icmp, IcmpV6][..], &numbers].concat(),
    )
}

fn entry() -> impl Strategy<Value = Match> {
    let port = || prop::sample::select(PORTS.to_vec());
    prop_oneof![
        1 => protocol().prop_map(Match::Protocol),
        4 => (protocol(), port(), port()).prop_map(|(protocol, a, b)| Match::Ports(protocol, a, b)),
        4 => (protocol(), prop::sample::select(NAMES.to_vec()))
            .prop_map(|(protocol, name)| Match::Named(protocol, name.into())),
        2 => (protocol(), prop::sample::select(TYPES.to_vec()), any::<bool>())
            .prop_map(|(protocol, (kind, code), all)| Match::IcmpType(protocol, kind, (!all).then_some(code))),
    ]
}

/// A set made by a few operations on lists, and whether each connection of the universe is in it.
fn traffic() -> impl Strategy<Value = (Traffic, Vec<bool>)> {
    let list = prop::collection::vec(entry(), 0..5);
    prop::collection::vec((0..3, list), 1..5).prop_map(|steps| {
        let universe = universe();
        let mut set = (Traffic::empty(), vec![false; universe.len()]);
        for (index, (operation, list)) in steps.into_iter().enumerate() {
            let operation = if index == 0 { 0 } else { operation };
            let more = Traffic::of(&list);
            set.0 = match operation {
                0 => set.0.union(&more),
                1 => set.0.difference(&more),
                _ => Traffic::full().difference(&set.0).intersection(&more),
            };
            for (member, connection) in set.1.iter_mut().zip(&universe) {
                let more = list.iter().any(|entry| passes(entry, connection));
                *member = match operation {
                    0 => *member || more,
                    1 => *member && !more,
                    _ => !*member && more,
                };
            }
        }
        set
    })
}

fn members(traffic: &Traffic) -> Vec<bool> {
    universe().iter().map(|connection| traffic.has(connection)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_algebra_is_that_of_sets((a, in_a) in traffic(), (b, in_b) in traffic()) {
        let expect = |keep: &dyn Fn(bool, bool) -> bool| -> Vec<bool> {
            in_a.iter().zip(&in_b).map(|(&a, &b)| keep(a, b)).collect()
        };
        prop_assert_eq!(&members(&a), &in_a);
        prop_assert_eq!(members(&a.union(&b)), expect(&|a, b| a || b));
        prop_assert_eq!(members(&a.intersection(&b)), expect(&|a, b| a && b));
        prop_assert_eq!(members(&a.difference(&b)), expect(&|a, b| a && !b));
        // The universe has a member in every cell that the lists can cut out, so equality is equality there.
        prop_assert_eq!(a == b, in_a == in_b);
        prop_assert_eq!(a.is_empty(), !in_a.contains(&true));
        prop_assert_eq!(a.contains(&b), !expect(&|a, b| b && !a).contains(&true));
    }

    #[test]
    fn equal_sets_are_equal_values((a, _) in traffic(), (b, _) in traffic()) {
        let full = Traffic::full();
        prop_assert_eq!(a.union(&b), b.union(&a));
        prop_assert_eq!(a.intersection(&b), a.difference(&full.difference(&b)));
        prop_assert_eq!(a.difference(&b).union(&a.intersection(&b)), a.clone());
        prop_assert_eq!(full.difference(&full.difference(&a)), a.clone());
        prop_assert_eq!(a.over(Family::V4).union(&a.over(Family::V6)), a);
    }

    #[test]
    fn parts_keep_what_they_say((a, in_a) in traffic()) {
        let universe = universe();
        for family in FAMILIES {
            let over = a.over(family);
            for (connection, &member) in universe.iter().zip(&in_a) {
                prop_assert_eq!(over.has(connection), member && connection.family == family);
            }
        }
        let unnamed = a.without_names();
        for connection in &universe {
            let mut bare = connection.clone();
            if let Detail::Port(_, names) = &mut bare.detail {
                names.clear();
            }
            prop_assert_eq!(unnamed.has(connection), a.has(&bare));
        }
        match a.example() {
            Some(connection) => prop_assert!(a.has(&connection)),
            None => prop_assert!(a.is_empty()),
        }
    }

    #[test]
    fn plain_ports_are_their_numbers_and_names(list in prop::collection::vec(entry(), 0..6)) {
        let traffic = Traffic::of(&list);
        for side in FAMILIES.into_iter().filter_map(|family| traffic.side(family)) {
            for ports in [&side.tcp, &side.udp, &side.sctp] {
                prop_assert_eq!(ports, &Ports::of(ports.numbers(), ports.names()));
            }
        }
    }
}

fn tcp(first: u16, last: u16) -> Traffic {
    Traffic::of(&[Match::Ports(Protocol::Tcp, first, last)])
}

fn named(name: &str) -> Traffic {
    Traffic::of(&[Match::Named(Protocol::Tcp, name.into())])
}

#[test]
fn text_is_that_of_flow_lines() {
    let list = [
        Match::Named(Protocol::Udp, "dns".into()),
        Match::Ports(Protocol::Tcp, 8000, 8999),
        Match::Ports(Protocol::Tcp, 443, 443),
        Match::IcmpType(Protocol::Icmp, 3, Some(4)),
        Match::IcmpType(Protocol::IcmpV6, 128, None),
        Match::Protocol(Protocol::UdpLite),
        Match::Protocol(Protocol::Number(47)),
        Match::Protocol(Protocol::Sctp),
    ];
    let text = "tcp/443, tcp/8000-8999, udp/dns, sctp, icmp/3/4, icmpv6/128, protocol/47, udplite";
    assert_eq!(Traffic::of(&list).to_string(), text);
    let full = Traffic::full();
    let icmp = Traffic::of(&[Match::Protocol(Protocol::Number(1))]);
    for (traffic, text) in [
        (Traffic::empty(), "nothing"),
        (full.clone(), "any"),
        (full.over(Family::V6), "any over IPv6"),
        (full.difference(&tcp(22, 22)), "any except tcp/22"),
        (full.over(Family::V4).difference(&tcp(22, 22)), "any over IPv4 except tcp/22 over IPv4"),
        (tcp(1, 10).over(Family::V6), "tcp/1-10 over IPv6"),
        (tcp(0, 65_535), "tcp/1-65535"),
        (icmp, "icmp, icmp over IPv6"),
        (tcp(443, 443).difference(&named("web")), "tcp/443 (not named web)"),
        (named("web").difference(&named("dns")), "tcp (named web, not named dns)"),
        (
            named("web").intersection(&named("dns")).intersection(&tcp(1, 1)),
            "tcp/1 (named dns and web)",
        ),
    ] {
        assert_eq!(traffic.to_string(), text);
    }
}

#[test]
fn examples_are_telling() {
    let echo = |protocol| Traffic::of(&[Match::Protocol(protocol)]);
    for (traffic, text) in [
        (Traffic::full(), "tcp/1"),
        (tcp(8443, 9000), "tcp/8443"),
        (Traffic::full().difference(&tcp(1, 65_535)), "tcp/0"),
        (tcp(5, 5).over(Family::V6), "tcp/5 over IPv6"),
        (named("web"), "tcp/1 (named web)"),
        (named("web").intersection(&named("dns")), "tcp/1 (named dns and web)"),
        (named("web").union(&named("dns")).difference(&tcp(1, 1)), "tcp/2 (named web)"),
        (echo(Protocol::Icmp), "icmp type 8 code 0"),
        (echo(Protocol::IcmpV6), "icmpv6 type 128 code 0"),
        (echo(Protocol::IcmpV6).over(Family::V4), ""),
        (echo(Protocol::Number(47)), "protocol/47"),
        (echo(Protocol::UdpLite), "udplite"),
    ] {
        assert_eq!(traffic.example().map(|it| it.to_string()).unwrap_or_default(), text);
    }
}

#[test]
fn alternating_names_stay_small() {
    // Allow one name, deny the next, and so on, two hundred times: exponential as a tree.
    let mut set = Traffic::empty();
    for index in 0..200 {
        let name = named(&format!("n{index:04}"));
        set = if index % 2 == 0 { set.union(&name) } else { set.difference(&name) };
    }
    assert_eq!(set.difference(&set), Traffic::empty());
    let many: Vec<_> =
        (0..50_000).map(|index| Match::Named(Protocol::Tcp, format!("n{index}").into())).collect();
    let many = Traffic::of(&many);
    assert_eq!(many.union(&set).difference(&many).difference(&set), Traffic::empty());
    assert!(many.contains(&named("n49999")));
}
