//! The endpoints of services, as `EndpointSlice`s tell them ("how Calico decides", section 4.3).

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use crate::traffic::Protocol;

/// The endpoints of each service that is known, by its namespace and name.
pub type Services = BTreeMap<(Arc<str>, Arc<str>), Vec<ServiceEndpoint>>;

/// An endpoint of a service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServiceEndpoint {
    /// Its address.
    pub address: IpAddr,
    /// Its ports.
    pub ports: Vec<(Protocol, u16)>,
    /// The namespace of the pod that has the address, where it is said whose it is.
    pub namespace: Option<Arc<str>>,
}
