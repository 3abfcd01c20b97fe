//! What the checker claims of lines, held against small worlds that are gone through pod by pod: a line that is
//! called contained opens nothing that the other one does not, a half that is called open lets nothing
//! through, and one that is called partly taken has something left.

use eastwest::diagnostic::Diagnostic;
use eastwest::program::{Arrow, Endpoint, Flow, Id, Owner, Place, Program};
use eastwest::traffic::{Match, Protocol, Traffic};
use proptest::prelude::*;
use proptest::sample::select;

use crate::support::project;

/// A pod: its application and its zone, as indices into the program's tables, and its label `p`.
#[derive(Clone, Copy, Debug)]
struct Pod {
    application: usize,
    zone: Option<usize>,
    label: Option<&'static str>,
    declared: bool,
}

/// Not in any table.
const UNKNOWN: usize = 99;

/// Pods of `a` (zones `x`, `y` and none), of `b` (zone `x`), and of places that nobody has declared.
fn pods() -> Vec<Pod> {
    let places = [
        (0, Some(0), true),
        (0, Some(1), true),
        (0, None, true),
        (1, Some(0), true),
        (1, Some(1), false),
        (0, Some(UNKNOWN), false),
        (UNKNOWN, Some(0), false),
        (UNKNOWN, None, false),
    ];
    let of = |(application, zone, declared): (usize, Option<usize>, bool)| {
        [None, Some("q"), Some("r")].map(|label| Pod { application, zone, label, declared })
    };
    places.into_iter().flat_map(of).collect()
}

fn points() -> Vec<Traffic> {
    let mut all: Vec<Match> = (1..=4).map(|port| Match::Ports(Protocol::Tcp, port, port)).collect();
    all.extend([2, 9].map(|port| Match::Ports(Protocol::Udp, port, port)));
    all.push(Match::Protocol(Protocol::Icmp));
    all.push(Match::Named(Protocol::Tcp, "h".into()));
    all.iter().map(|it| Traffic::of(std::slice::from_ref(it))).collect()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Half {
    Sender,
    Receiver,
}

fn is_at(pod: &Pod, end: &Endpoint) -> bool {
    let Place::Zones { application, zones } = &end.place else { return false };
    let zone = |zones: &Vec<Id<_>>| pod.zone.is_some_and(|it| zones.contains(&Id::new(it)));
    application.is_none_or(|it| it == Id::new(pod.application))
        && zones.as_ref().is_none_or(zone)
        && end.selector.as_ref().is_none_or(|it| it.matches(|key| pod.label.filter(|_| key == "p")))
}

/// Whether `flow` opens `half` of connections from `sender` to `receiver`, whatever the traffic.
fn opens(flow: &Flow, half: Half, sender: &Pod, receiver: &Pod) -> bool {
    let subject = if half == Half::Sender { sender } else { receiver };
    let along = is_at(sender, &flow.left) && is_at(receiver, &flow.right);
    let against = is_at(sender, &flow.right) && is_at(receiver, &flow.left);
    (subject.declared || flow.owner == Owner::Platform)
        && match flow.arrow {
            Arrow::Inside => along,
            Arrow::Both => along || against,
            Arrow::Leaving => along && half == Half::Sender,
            Arrow::Entering => against && half == Half::Receiver,
        }
}

/// What all flows together let pass there.
fn opened(program: &Program, half: Half, sender: &Pod, receiver: &Pod) -> Traffic {
    let open = program.flows.iter().filter(|flow| opens(flow, half, sender, receiver));
    open.fold(Traffic::empty(), |all, flow| all.union(&flow.traffic))
}

fn flow_at(program: &Program, said: &Diagnostic, label: usize) -> usize {
    let at = said.labels[label].span;
    let has = |flow: &Flow| {
        let whole = flow.spans.whole;
        whole.file == at.file && whole.start <= at.start && at.end <= whole.end
    };
    program.flows.iter().position(has).unwrap()
}

fn contained(program: &Program, said: &Diagnostic) -> bool {
    let [inner, outer] = [0, 1].map(|label| &program.flows[flow_at(program, said, label)]);
    let pods = pods();
    [Half::Sender, Half::Receiver].into_iter().all(|half| {
        pods.iter().all(|sender| {
            pods.iter().all(|receiver| {
                !opens(inner, half, sender, receiver)
                    || opens(outer, half, sender, receiver)
                        && points().iter().all(|point| {
                            !inner.traffic.contains(point) || outer.traffic.contains(point)
                        })
            })
        })
    })
}

/// Whether the other half takes something of the flow that `said` speaks of, and whether it leaves something, among
/// declared places.
fn taken(program: &Program, said: &Diagnostic) -> (bool, bool) {
    let flow = &program.flows[flow_at(program, said, 0)];
    let (own, other) = match flow.arrow {
        Arrow::Entering => (Half::Receiver, Half::Sender),
        Arrow::Leaving | Arrow::Inside | Arrow::Both => (Half::Sender, Half::Receiver),
    };
    let declared: Vec<Pod> = pods().into_iter().filter(|pod| pod.declared).collect();
    let (mut some, mut left) = (false, false);
    for sender in &declared {
        for receiver in declared.iter().filter(|receiver| opens(flow, own, sender, receiver)) {
            let takes = opened(program, other, sender, receiver);
            some |= !takes.intersection(&flow.traffic).is_empty();
            left |= points().iter().any(|it| flow.traffic.contains(it) && !takes.contains(it));
        }
    }
    (some, left)
}

fn line(a: &'static [&'static str], b: &'static [&'static str]) -> impl Strategy<Value = String> {
    let selector = || select(vec!["", "", "[p == 'q']", "[has(p)]", "[p != 'q']"]);
    let traffic = select(vec!["any", "tcp", "tcp/1-3", "tcp/2", "tcp/3-4, udp/2", "udp", "tcp/h"]);
    let crossing = select(vec!["==>", "<=="]);
    (select(a), selector(), crossing, select(b), selector(), traffic).prop_map(
        move |(left, one, arrow, right, other, traffic)| {
            let inside = right.starts_with('a') && left.starts_with('a');
            let (arrow, why) = if inside { ("->", "") } else { (arrow, " because \"x\"") };
            format!("{left}{one} {arrow} {right}{other} : {traffic}{why}\n")
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn what_is_claimed_of_lines_is_true(
        a in prop::collection::vec(
            line(&["a.x", "a.y", "a.*", "a.{x, y}"], &["a.x", "a.*", "a.{x, y}", "b.x", "b.x", "b.*"]), 0..5,
        ),
        b in prop::collection::vec(line(&["b.x", "b.*"], &["a.x", "a.y", "a.{x, y}", "a.*"]), 0..4),
        platform in prop::collection::vec(line(&["*.x", "*.*", "*.y"], &["b.x", "*.x", "b.*"]), 0..2),
    ) {
        let checked = project()
            .namespace("ax", "a", "x")
            .namespace("ay", "a", "y")
            .namespace("a0", "a", "")
            .namespace("bx", "b", "x")
            .platform(&format!("exempt kube-system\n{}", platform.concat()))
            .file("a", &a.concat())
            .file("b", &b.concat())
            .check();
        let all = || format!("{}{}{}", platform.concat(), a.concat(), b.concat());
        for said in &checked.diagnostics {
            let what = || format!("{} {}\n{}", said.code.code, said.message, all());
            match said.code.code {
                "EW0603" | "EW0604" | "EW0608" => {
                    prop_assert!(contained(&checked.program, said), "{}", what());
                }
                "EW0605" => prop_assert!(!taken(&checked.program, said).0, "{}", what()),
                "EW0606" => {
                    // Of an offer to everyone nothing need be left where somebody is declared.
                    let flow = &checked.program.flows[flow_at(&checked.program, said, 0)];
                    let any = |end: &Endpoint| {
                        matches!(end.place, Place::Zones { application: None, .. })
                    };
                    let offer = any(&flow.left) || any(&flow.right);
                    prop_assert!(offer || taken(&checked.program, said).1, "{}", what());
                }
                "EW0611" | "EW0613" => {}
                other => prop_assert!(false, "{other}: {}", what()),
            }
        }
    }
}
