//! One connection, told in full: what a reach is asked about, and what shows that two reaches differ.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use super::{Condition, Direction};
use crate::calico::HostEndpoint;
use crate::traffic::Connection;

/// Labels by key.
pub type LabelMap = BTreeMap<Arc<str>, Arc<str>>;

/// One end of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// A pod.
    Pod {
        /// The name of its namespace.
        namespace: Arc<str>,
        /// The labels of its namespace, as the namespace bears them.
        of_namespace: LabelMap,
        /// Its own labels, and what Calico shows with them of its service account.
        labels: LabelMap,
        /// Its address; without one it lies in no block.
        address: Option<IpAddr>,
    },
    /// An address that a `NetworkSet` of some namespace holds.
    Held {
        /// The name of the namespace.
        namespace: Arc<str>,
        /// The labels of the namespace, as it bears them.
        of_namespace: LabelMap,
        /// The set's own labels.
        labels: LabelMap,
        /// The address; without one it lies in no block.
        address: Option<IpAddr>,
    },
    /// A host endpoint.
    Host {
        /// Its labels.
        labels: LabelMap,
        /// Its address; without one it lies in no block.
        address: Option<IpAddr>,
    },
    /// An address that is none of these.
    Address(IpAddr),
}

impl End {
    /// The host endpoint `host`, at the first of its addresses.
    pub fn of_host(host: &HostEndpoint) -> Self {
        let labels = host.labels.iter().cloned().collect();
        Self::Host { labels, address: host.addresses.first().copied() }
    }

    /// Its address, if it is known.
    pub fn address(&self) -> Option<IpAddr> {
        match self {
            Self::Pod { address, .. } | Self::Held { address, .. } | Self::Host { address, .. } => {
                *address
            }
            Self::Address(address) => Some(*address),
        }
    }
}

/// A connection, seen from one end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// Which way it goes from the subject.
    pub direction: Direction,
    /// The end whose policies are asked: a pod or a host.
    pub subject: End,
    /// The other end.
    pub peer: End,
    /// Its traffic.
    pub traffic: Connection,
    /// Of what no packet shows, what holds for it.
    pub conditions: BTreeSet<Condition>,
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pod { namespace, of_namespace, labels, address } => write!(
                f,
                "a pod{} in {}{}",
                Labelled(labels),
                ExampleNamespace(namespace, of_namespace),
                ExampleAt(*address)
            ),
            Self::Held { namespace, of_namespace, labels, address } => write!(
                f,
                "an address held by a NetworkSet{} in {}{}",
                Labelled(labels),
                ExampleNamespace(namespace, of_namespace),
                ExampleAt(*address)
            ),
            Self::Host { labels, address } => {
                write!(f, "a host endpoint{}{}", Labelled(labels), ExampleAt(*address))
            }
            Self::Address(address) => write!(f, "the address `{address}`"),
        }
    }
}

impl fmt::Display for Example {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, to) = match self.direction {
            Direction::Egress => (&self.subject, &self.peer),
            Direction::Ingress => (&self.peer, &self.subject),
        };
        write!(f, "{} from {from} to {to}", self.traffic)?;
        for (index, condition) in self.conditions.iter().enumerate() {
            write!(f, "{} {condition}", if index == 0 { ", where" } else { " and" })?;
        }
        Ok(())
    }
}

struct ExampleAt(Option<IpAddr>);

impl fmt::Display for ExampleAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |address| write!(f, " at `{address}`"))
    }
}

struct Labelled<'a>(&'a LabelMap);

impl fmt::Display for Labelled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (key, value)) in self.0.iter().enumerate() {
            let before = if index == 0 { " labelled " } else { ", " };
            write!(f, "{before}`{key}={value}`")?;
        }
        Ok(())
    }
}

struct ExampleNamespace<'a>(&'a str, &'a LabelMap);

impl fmt::Display for ExampleNamespace<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the namespace `{}`{}", self.0, Labelled(self.1))
    }
}
