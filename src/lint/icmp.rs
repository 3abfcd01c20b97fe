//! Lines for ICMP messages that never begin a connection: they open and forbid nothing (how Calico decides, section 4.5).

use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::traffic::NEVER_BEGINS;
use crate::program::{Owner, Program};
use crate::source::Span;
use crate::traffic::{Match, Protocol};

/// A note for each line of those that are written here.
pub(super) fn never_begin(program: &Program) -> Vec<Diagnostic> {
    let flows = program.flows.iter().filter(|it| program.writes(it.owner));
    let flows = flows.filter_map(|flow| {
        let place = flow.spans.traffic.unwrap_or(flow.spans.whole);
        note(program, flow.matches.as_deref()?, place, "opens")
    });
    let guardrails = program.guardrails.iter().filter(|_| program.writes(Owner::Platform));
    let guardrails = guardrails.filter_map(|guardrail| {
        note(program, guardrail.matches.as_deref()?, guardrail.span, "forbids")
    });
    flows.chain(guardrails).collect()
}

/// What is to be said of a line with `matches`, which `does` something with connections.
fn note(program: &Program, matches: &[Match], place: Span, does: &str) -> Option<Diagnostic> {
    let dataplane = program.settings.dataplane;
    // A code that cannot be written at all is told by itself.
    let coded = |it: &Match| matches!(it, Match::IcmpType(_, _, Some(_)));
    let never = matches.iter().filter(|it| dataplane.never_begins(it));
    let never: Vec<_> = never.filter(|it| !(dataplane.ends_on_codes() && coded(it))).collect();
    let names: Vec<_> = never.iter().map(|it| format!("`{it}`")).collect();
    let (names, begin) = match names.as_slice() {
        [] => return None,
        [name] => (name.clone(), "begins"),
        [names @ .., last] => (format!("{} and {last}", names.join(", ")), "begin"),
    };
    let message = if never.len() == matches.len() {
        format!("this line {does} nothing: {names} never {begin} a connection")
    } else {
        format!("for {names} this line {does} nothing: no connection begins so")
    };
    let note = Diagnostic::new(&NEVER_BEGINS, message)
        .label(place, "replies and errors pass with the connection that they belong to");
    let requests = never.iter().filter_map(|it| request_of(it));
    let requests: Vec<_> = requests.filter(|it| !matches.contains(it)).collect();
    Some(match requests.first() {
        Some(request) => note.help(format!("if the request is meant, write `{request}`")),
        None => note.help("without it nothing changes"),
    })
}

/// The request that `item` is the reply to.
fn request_of(item: &Match) -> Option<Match> {
    let Match::IcmpType(protocol, kind, _) = item else { return None };
    let request = match (protocol, kind) {
        (Protocol::Icmp, 0) => 8,
        (Protocol::Icmp, 14 | 16 | 18) | (Protocol::IcmpV6, 129 | 140) => kind - 1,
        (
            Protocol::Icmp
            | Protocol::IcmpV6
            | Protocol::Tcp
            | Protocol::Udp
            | Protocol::Sctp
            | Protocol::UdpLite
            | Protocol::Number(_),
            _,
        ) => return None,
    };
    Some(Match::IcmpType(*protocol, request, None))
}
