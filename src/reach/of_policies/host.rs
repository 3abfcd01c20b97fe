//! What is true of host endpoints alone ("how Calico decides", section 3.7): the ports that stay open, profiles, and what
//! they ask about the connections of others that they forward.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Prepared;
use super::entity::value;
use crate::calico::{HostEndpoint, Stage};
use crate::reach::Condition;
use crate::traffic::{Direction, Match, Protocol};

/// The profile of automatic host endpoints, which allows everything.
const ALLOWS_ALL: &str = "projectcalico-default-allow";
/// How the names of the profiles of namespaces begin, which allow everything.
const OF_NAMESPACE: &str = "kns.";
/// How the names of the profiles of service accounts begin, which have no rules.
const OF_ACCOUNT: &str = "ksa.";
/// So many host endpoints are named where several forward alike.
const NAMED: usize = 2;

/// What becomes of the connections of a host endpoint that no policy decides.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Profile {
    /// One of its profiles allows everything.
    Allows,
    /// It has none, or none with rules: they are denied.
    Denies,
    /// They pass where this holds: only the names of its profiles are known.
    Unknown(Condition),
}

impl Profile {
    /// What the profiles of `host` do.
    pub fn of(host: &HostEndpoint) -> Self {
        let allows = |name: &Arc<str>| **name == *ALLOWS_ALL || name.starts_with(OF_NAMESPACE);
        if host.profiles.iter().any(allows) {
            return Self::Allows;
        }
        let others: Vec<_> =
            host.profiles.iter().filter(|it| !it.starts_with(OF_ACCOUNT)).cloned().collect();
        match others.as_slice() {
            [] => Self::Denies,
            [_, ..] => Self::Unknown(Condition::Profile(others.join("`, `").into())),
        }
    }

    /// What they depend on.
    pub(super) fn condition(self) -> Option<Condition> {
        match self {
            Self::Unknown(condition) => Some(condition),
            Self::Allows | Self::Denies => None,
        }
    }
}

/// The traffic to a host endpoint, or from one, that passes before any policy is asked, as Calico is configured where
/// nobody says otherwise.
pub(super) fn failsafe(direction: Direction) -> Vec<Match> {
    const CONTROL_PLANE: [u16; 7] = [179, 2379, 2380, 5473, 6443, 6666, 6667];
    let port = |protocol, port| Match::Ports(protocol, port, port);
    let own = match direction {
        Direction::Ingress => [port(Protocol::Tcp, 22), port(Protocol::Udp, 68)],
        Direction::Egress => [port(Protocol::Udp, 53), port(Protocol::Udp, 67)],
    };
    own.into_iter().chain(CONTROL_PLANE.map(|it| port(Protocol::Tcp, it))).collect()
}

/// Host endpoints that ask the same policies about the connections of pods that they forward.
pub(super) struct Forwarding {
    /// That a connection goes through one of them.
    pub(super) through: Condition,
    /// The policies, by their index among those that are prepared.
    pub(super) policies: Vec<usize>,
}

/// Those of `hosts` that ask some of the policies `prepared` about what they forward in `direction`.
pub(super) fn forwarding(
    hosts: &[HostEndpoint],
    prepared: &[Prepared],
    direction: Direction,
) -> Vec<Forwarding> {
    let forwards = |it: &Prepared| match it.stage {
        // Before connections are tracked or translated, only what comes in is looked at.
        Stage::Untracked | Stage::PreDnat => direction == Direction::Ingress,
        Stage::Ordinary => it.apply_on_forward,
    };
    let asked: Vec<_> = prepared
        .iter()
        .enumerate()
        .filter(|(_, it)| it.namespace.is_none() && it.of(direction).is_some() && forwards(it))
        .collect();
    let mut alike: BTreeMap<Vec<usize>, Vec<&str>> = BTreeMap::new();
    for host in hosts {
        let selects = |it: &Prepared| it.selector.matches(|key| value(&host.labels, key));
        let policies: Vec<_> =
            asked.iter().filter(|(_, it)| selects(it)).map(|(index, _)| *index).collect();
        if !policies.is_empty() {
            alike.entry(policies).or_default().push(&host.name);
        }
    }
    let forwarding = |(policies, mut names): (Vec<usize>, Vec<&str>)| {
        names.sort_unstable();
        let first = names.iter().take(NAMED).map(|it| format!("`{it}`")).collect::<Vec<_>>();
        let more = names.len() - first.len();
        let names = match more {
            0 => first.join(" or "),
            _ => format!("{} or {more} more", first.join(", ")),
        };
        Forwarding { through: Condition::Forwarded(names.into()), policies }
    };
    alike.into_iter().map(forwarding).collect()
}
