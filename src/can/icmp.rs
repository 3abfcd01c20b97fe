//! ICMP messages that never begin a connection: whatever policies say of them, they open nothing (how Calico decides,
//! section 4.5).

use crate::calico::Stage;
use crate::traffic::{Connection, Detail, Family, Match, Protocol, Traffic};
use crate::world::World;

/// What never begins a connection, of one protocol.
pub(super) struct NeverBegins {
    /// All of it.
    pub(super) all: Traffic,
    /// What of it single rules ask for.
    pub(super) single: Vec<Match>,
}

impl World {
    /// Whether `item` never begins a connection here. Of what an untracked policy is asked about, that cannot be said.
    fn never_begins(&self, item: &Match) -> bool {
        self.program.settings.dataplane.never_begins(item) && !self.leaves_untracked()
    }

    fn leaves_untracked(&self) -> bool {
        self.policies().any(|(_, policy)| policy.stage == Stage::Untracked)
    }

    /// Those of `traffic` that never begin a connection.
    pub(super) fn that_never_begin(&self, traffic: Option<&[Match]>) -> Vec<Match> {
        let asked = traffic.unwrap_or_default().iter();
        asked.filter(|item| self.never_begins(item)).cloned().collect()
    }

    /// What never begins a connection of each protocol that has types, where some rule asks for single ones.
    pub(super) fn never_beginning(&self) -> Vec<NeverBegins> {
        let rules =
            self.policies().flat_map(|(_, policy)| policy.ingress.iter().chain(&policy.egress));
        let mut single: Vec<(u8, Option<u8>)> =
            rules.flat_map(|rule| [rule.icmp, rule.not_icmp]).flatten().collect();
        single.sort_unstable();
        single.dedup();
        let of = |protocol: Protocol| {
            let item = |(kind, code)| Match::IcmpType(protocol, kind, code);
            let all = (0..=u8::MAX).map(|kind| item((kind, None)));
            let all: Vec<_> = all.filter(|it| self.never_begins(it)).collect();
            let single = single.iter().copied().map(item);
            let single: Vec<_> = single.filter(|it| self.never_begins(it)).collect();
            NeverBegins { all: Traffic::of(&all), single }
        };
        let both = [Protocol::Icmp, Protocol::IcmpV6].map(of);
        both.into_iter().filter(|it| !it.single.is_empty()).collect()
    }

    /// What is to be known about `connection`, if it never begins.
    pub(super) fn note_on(&self, connection: &Connection) -> Option<String> {
        let Detail::Icmp(kind, code) = connection.detail else { return None };
        let protocol = match connection.family {
            Family::V4 => Protocol::Icmp,
            Family::V6 => Protocol::IcmpV6,
        };
        let item = Match::IcmpType(protocol, kind, Some(code));
        let alike = protocol.number() == connection.protocol;
        (alike && self.never_begins(&item)).then(|| note(&[item]))
    }
}

/// That `items` never begin a connection.
pub(super) fn note(items: &[Match]) -> String {
    let names: Vec<_> = items.iter().map(ToString::to_string).collect();
    match names.as_slice() {
        [names @ .., last] if !names.is_empty() => format!(
            "{} and {last} never begin a connection: they pass with the one that they belong to, and are dropped where there is none",
            names.join(", ")
        ),
        names => format!(
            "{} never begins a connection: it passes with the one that it belongs to, and is dropped where there is none",
            names.concat()
        ),
    }
}
