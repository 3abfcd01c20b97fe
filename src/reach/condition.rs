//! What a policy may ask of a connection and no packet at an endpoint shows: each such thing is a question of its own,
//! so that a verdict which depends on one is seen to.

use std::fmt;
use std::sync::Arc;

/// Something that holds for a connection or does not, as nothing here can tell.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Condition {
    /// The receiver is an endpoint of a service, on a port of it.
    ToService {
        /// The namespace of the service.
        namespace: Arc<str>,
        /// Its name.
        name: Arc<str>,
    },
    /// The sender is an endpoint of a service.
    FromService {
        /// The namespace of the service.
        namespace: Arc<str>,
        /// Its name.
        name: Arc<str>,
    },
    /// The sender's port is one of a list.
    SourcePort(Arc<str>),
    /// It carries an HTTP request of these methods and paths.
    Request(Arc<str>),
    /// One of the profiles of these names allows it.
    Profile(Arc<str>),
    /// It is forwarded through one of these host endpoints.
    Forwarded(Arc<str>),
    /// What became of an object in the cluster: `NetworkPolicy a/b came into the cluster as a native resource`.
    Object(Arc<str>),
    /// A line of this application, whose flow files are elsewhere, opens it.
    LineElsewhere(Arc<str>),
}

impl Condition {
    /// The namespace and the name of the service whose endpoints it asks about.
    pub fn service(&self) -> Option<String> {
        match self {
            Self::ToService { namespace, name } | Self::FromService { namespace, name } => {
                Some(format!("{namespace}/{name}"))
            }
            Self::SourcePort(_)
            | Self::Request(_)
            | Self::Profile(_)
            | Self::Forwarded(_)
            | Self::Object(_)
            | Self::LineElsewhere(_) => None,
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ToService { namespace, name } => {
                write!(f, "the receiver is an endpoint of the service `{namespace}/{name}`")
            }
            Self::FromService { namespace, name } => {
                write!(f, "the sender is an endpoint of the service `{namespace}/{name}`")
            }
            Self::SourcePort(ports) => write!(f, "the sender's port is one of `{ports}`"),
            Self::LineElsewhere(application) => {
                write!(
                    f,
                    "a line of {application} opens it: its flow files are in another repository"
                )
            }
            Self::Object(clause) => f.write_str(clause),
            Self::Request(what) => write!(f, "it is the HTTP request `{what}`"),
            Self::Profile(names) => write!(f, "the profile `{names}` allows it"),
            Self::Forwarded(hosts) => {
                write!(f, "it is forwarded through the host endpoint {hosts}")
            }
        }
    }
}
