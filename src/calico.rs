//! Calico's v3 resources as types: what `compile` makes, what `write` turns into YAML, and what is read
//! back from it. Only what this tool writes or judges is in them.

pub mod decode;
pub mod encode;

use std::sync::Arc;

use ipnet::IpNet;

use crate::selector::Selector;

/// One object.
#[derive(Clone, Debug, PartialEq)]
pub enum Resource {
    /// A tier.
    Tier(Tier),
    /// A `GlobalNetworkSet`.
    Set(NetworkSet),
    /// A `NetworkPolicy` or `GlobalNetworkPolicy`, or its staged kind.
    Policy(Policy),
}

/// The label `app.kubernetes.io/managed-by` and its like: key and value, in the order written.
pub type Labels = Vec<(Arc<str>, Arc<str>)>;

/// A tier of policies.
#[derive(Clone, Debug, PartialEq)]
pub struct Tier {
    /// One DNS label.
    pub name: Arc<str>,
    /// Labels.
    pub labels: Labels,
    /// Lower comes first; absent is 1,000,000.
    pub order: Option<f64>,
    /// Whether what no rule decided goes on to the next tier (`Pass`) or is dropped (`Deny`).
    pub pass: bool,
}

/// A set of addresses outside every namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkSet {
    /// A DNS subdomain.
    pub name: Arc<str>,
    /// Labels; selectors find the set by them.
    pub labels: Labels,
    /// Its blocks.
    pub nets: Vec<IpNet>,
}

/// Which way a rule looks, from the selected endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Direction {
    /// Connections to it.
    Ingress,
    /// Connections from it.
    Egress,
}

/// A policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// The namespace of a `NetworkPolicy`; `None` for a `GlobalNetworkPolicy`.
    pub namespace: Option<Arc<str>>,
    /// Whether it is the staged kind.
    pub staged: bool,
    /// Its name.
    pub name: Arc<str>,
    /// Labels.
    pub labels: Labels,
    /// Its tier.
    pub tier: Arc<str>,
    /// Lower comes first; absent is last.
    pub order: Option<f64>,
    /// Which endpoints it applies to; `None` for all.
    pub selector: Option<Selector>,
    /// Which namespaces' endpoints a global policy applies to; `None` for no restriction.
    pub namespace_selector: Option<Selector>,
    /// The directions it applies to; `None` where the object leaves them to Calico's defaults.
    pub types: Option<Vec<Direction>>,
    /// Rules for connections to the selected endpoints.
    pub ingress: Vec<Rule>,
    /// Rules for connections from them.
    pub egress: Vec<Rule>,
}

/// What a rule does with what it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Accept, and look no further.
    Allow,
    /// Drop.
    Deny,
    /// Log, and go on with the next rule.
    Log,
    /// Go on with the next tier.
    Pass,
}

/// One rule. All that is given must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What it does.
    pub action: Action,
    /// Reason and ticket of the lines it comes from, written as YAML comments above it.
    pub comments: Vec<Box<str>>,
    /// `metadata.annotations`.
    pub annotations: Labels,
    /// The protocol.
    pub protocol: Option<RuleProtocol>,
    /// The ICMP type, and with it a code.
    pub icmp: Option<(u8, Option<u8>)>,
    /// The sender.
    pub source: Entity,
    /// The receiver.
    pub destination: Entity,
}

/// A protocol as a rule names it: `TCP`, `UDP`, `SCTP`, `UDPLite`, `ICMP`, `ICMPv6`, or a number. Named `ICMP`
/// and `ICMPv6` imply their IP family, numbers do not.
pub type RuleProtocol = crate::traffic::Protocol;

/// One end of a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entity {
    /// Address blocks.
    pub nets: Vec<IpNet>,
    /// Selector over endpoints and sets.
    pub selector: Option<Selector>,
    /// What is left out.
    pub not_selector: Option<Selector>,
    /// Selector over their namespaces.
    pub namespace_selector: Option<Selector>,
    /// The endpoints of a service: namespace and name.
    pub service: Option<(Arc<str>, Arc<str>)>,
    /// Ports; empty for all.
    pub ports: Vec<Port>,
}

/// One entry of `ports`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Port {
    /// `first:last`, both included; a single number when they are the same.
    Range(u16, u16),
    /// A named port.
    Named(Arc<str>),
}

#[cfg(test)]
mod tests;
