//! One connection, told in full: what a reach is asked about, and what shows that two reaches differ.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use super::Direction;
use crate::traffic::Connection;

/// Labels by key.
pub type Labels = BTreeMap<Arc<str>, Arc<str>>;

/// One end of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// A pod.
    Pod {
        /// The name of its namespace.
        namespace: Arc<str>,
        /// The labels of its namespace, as the namespace bears them.
        of_namespace: Labels,
        /// Its own labels.
        labels: Labels,
    },
    /// An address that a `NetworkSet` of some namespace holds.
    Held {
        /// The name of the namespace.
        namespace: Arc<str>,
        /// The labels of the namespace, as it bears them.
        of_namespace: Labels,
        /// The set's own labels.
        labels: Labels,
    },
    /// A host endpoint.
    Host {
        /// Its labels.
        labels: Labels,
    },
    /// An address that is none of these.
    Address(IpAddr),
    /// The endpoints of a service.
    Service {
        /// Its namespace.
        namespace: Arc<str>,
        /// Its name.
        name: Arc<str>,
    },
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
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pod { namespace, of_namespace, labels } => {
                write!(f, "a pod{} in {}", Labelled(labels), Namespace(namespace, of_namespace))
            }
            Self::Held { namespace, of_namespace, labels } => write!(
                f,
                "an address held by a NetworkSet{} in {}",
                Labelled(labels),
                Namespace(namespace, of_namespace)
            ),
            Self::Host { labels } => write!(f, "a host endpoint{}", Labelled(labels)),
            Self::Address(address) => write!(f, "the address `{address}`"),
            Self::Service { namespace, name } => {
                write!(f, "the endpoints of the service `{namespace}/{name}`")
            }
        }
    }
}

impl fmt::Display for Example {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, to) = match self.direction {
            Direction::Egress => (&self.subject, &self.peer),
            Direction::Ingress => (&self.peer, &self.subject),
        };
        write!(f, "{} from {from} to {to}", self.traffic)
    }
}

struct Labelled<'a>(&'a Labels);

impl fmt::Display for Labelled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (key, value)) in self.0.iter().enumerate() {
            let before = if index == 0 { " labelled " } else { ", " };
            write!(f, "{before}`{key}={value}`")?;
        }
        Ok(())
    }
}

struct Namespace<'a>(&'a str, &'a Labels);

impl fmt::Display for Namespace<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the namespace `{}`{}", self.0, Labelled(self.1))
    }
}
