//! Calico's v3 resources as types: what `compile` makes, what `encode` turns into YAML, and what is read from
//! YAML that anybody wrote. What changes no verdict is not in them.

pub mod admin;
mod dataplane;
pub mod decode;
pub mod encode;
mod release;
mod service;

pub use admin::AdminKind;
pub use dataplane::Dataplane;
pub use release::{Release, Ties};
pub use service::{ServiceEndpoint, Services};

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;

use crate::selector::Selector;
use crate::source::Span;
use crate::traffic::Family;

pub use crate::traffic::Direction;

/// One object.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "nearly all objects are policies")]
pub enum Resource {
    /// A tier.
    Tier(Tier),
    /// A `GlobalNetworkSet` or `NetworkSet`.
    Set(NetworkSet),
    /// A policy.
    Policy(Policy),
}

impl Resource {
    /// Its kind, namespace and name: what a cluster tells objects apart by ("how Calico decides", section 1.5).
    pub fn key(&self) -> (&'static str, Option<&Arc<str>>, &Arc<str>) {
        match self {
            Self::Tier(tier) => ("Tier", None, &tier.name),
            Self::Set(set) => {
                let kind = if set.namespace.is_some() { "NetworkSet" } else { "GlobalNetworkSet" };
                (kind, set.namespace.as_ref(), &set.name)
            }
            Self::Policy(policy) => (policy.kind_name(), policy.namespace.as_ref(), &policy.name),
        }
    }

    /// What must be so, or must not, for it to be there.
    pub fn proviso(&self) -> Option<&Proviso> {
        match self {
            Self::Policy(policy) => policy.proviso.as_ref(),
            Self::Set(set) => set.proviso.as_ref(),
            Self::Tier(_) => None,
        }
    }

    /// It, in force under this proviso. Nothing is made of a tier in two ways.
    pub(crate) fn under(mut self, proviso: Option<Proviso>) -> Self {
        match &mut self {
            Self::Policy(policy) => policy.proviso = proviso,
            Self::Set(set) => set.proviso = proviso,
            Self::Tier(_) => {}
        }
        self
    }

    /// Its key as a text.
    pub fn identity(&self) -> String {
        let (kind, namespace, name) = self.key();
        match namespace {
            Some(namespace) => format!("{kind} {namespace}/{name}"),
            None => format!("{kind} {name}"),
        }
    }
}

/// The label `app.kubernetes.io/managed-by` and its like: key and value, in the order written.
pub type Labels = Vec<(Arc<str>, Arc<str>)>;

/// The labels of each declared namespace by its name, sorted by key.
pub type Namespaces = BTreeMap<Arc<str>, Labels>;

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

/// A set of addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkSet {
    /// The namespace of a `NetworkSet`; `None` for a `GlobalNetworkSet`.
    pub namespace: Option<Arc<str>>,
    /// A DNS subdomain.
    pub name: Arc<str>,
    /// Labels; selectors find the set by them.
    pub labels: Labels,
    /// Its blocks.
    pub nets: Vec<IpNet>,
    /// What is not known and must be so for it to be there; `None` where it is.
    pub proviso: Option<Proviso>,
}

/// What must hold, or must not, for an object to be in force as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proviso {
    /// What is not known, as a clause: `NetworkPolicy data/in came into the cluster as a native resource`.
    pub unknown: Arc<str>,
    /// Whether it must hold.
    pub holds: bool,
}

/// An interface of a node that policies can select.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostEndpoint {
    /// Its name.
    pub name: Arc<str>,
    /// Labels; it has no others.
    pub labels: Labels,
    /// `expectedIPs`.
    pub addresses: Vec<IpAddr>,
    /// The names of its profiles, which decide where no policy does.
    pub profiles: Vec<Arc<str>>,
    /// Its ports that have names.
    pub ports: Vec<NamedPort>,
}

/// A port with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedPort {
    /// Its name.
    pub name: Arc<str>,
    /// Its protocol.
    pub protocol: RuleProtocol,
    /// Its number.
    pub port: u16,
}

/// When the policies of a host endpoint are asked: those of a stage by themselves, and those of a later one only about what the
/// earlier ones leave ("how Calico decides", section 3.7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stage {
    /// `doNotTrack`: before connections are tracked.
    Untracked,
    /// `preDNAT`: before the addresses of services are translated.
    PreDnat,
    /// Any other.
    #[default]
    Ordinary,
}

impl Stage {
    /// All, the first one first.
    pub const ALL: [Self; 3] = [Self::Untracked, Self::PreDnat, Self::Ordinary];
}

/// What kind of object a policy is, beside whether it has a namespace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PolicyKind {
    /// `NetworkPolicy` or `GlobalNetworkPolicy`.
    #[default]
    Calico,
    /// `StagedNetworkPolicy` or `StagedGlobalNetworkPolicy`, which decides nothing yet.
    Staged,
    /// A `NetworkPolicy` of Kubernetes, as Calico takes it over ("how Calico decides", section 3.6).
    Kubernetes,
    /// A policy of the Kubernetes network-policy API, as Calico takes it over (section 3.8).
    Admin(AdminKind),
}

/// A policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// The namespace; `None` for the global kinds.
    pub namespace: Option<Arc<str>>,
    /// Its kind.
    pub kind: PolicyKind,
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
    /// Which service accounts' pods it applies to; `None` for no restriction.
    pub service_account_selector: Option<Selector>,
    /// When it is asked; pods know only ordinary policies.
    pub stage: Stage,
    /// `applyOnForward`: whether host endpoints ask it about what they forward, too.
    pub apply_on_forward: bool,
    /// The directions it applies to; `None` where the object leaves them to Calico's defaults.
    pub types: Option<Vec<Direction>>,
    /// Rules for connections to the selected endpoints.
    pub ingress: Vec<Rule>,
    /// Rules for connections from them.
    pub egress: Vec<Rule>,
    /// What is not known and must be so for it to be there; `None` where it is.
    pub proviso: Option<Proviso>,
}

impl Policy {
    /// A policy of the tier `default` that applies to every endpoint it can, has no order, and says nothing else.
    pub fn new(namespace: Option<Arc<str>>, name: Arc<str>) -> Self {
        Self {
            namespace,
            kind: PolicyKind::Calico,
            name,
            labels: Vec::new(),
            tier: "default".into(),
            order: None,
            selector: None,
            namespace_selector: None,
            service_account_selector: None,
            stage: Stage::Ordinary,
            apply_on_forward: false,
            types: None,
            ingress: Vec::new(),
            egress: Vec::new(),
            proviso: None,
        }
    }

    /// Whether it applies to connections of the endpoints it selects in `direction` ("how Calico decides", section 1.4): as it
    /// says, or by its rules.
    pub fn applies(&self, direction: Direction) -> bool {
        match (self.types.as_deref(), direction) {
            (Some(types @ [_, ..]), _) => types.contains(&direction),
            (_, Direction::Ingress) => self.egress.is_empty() || !self.ingress.is_empty(),
            (_, Direction::Egress) => !self.egress.is_empty(),
        }
    }

    /// Its rules for `direction`.
    pub fn rules(&self, direction: Direction) -> &[Rule] {
        match direction {
            Direction::Ingress => &self.ingress,
            Direction::Egress => &self.egress,
        }
    }

    /// Its kind, as an object names it; one of Kubernetes says whose it is.
    pub fn kind_name(&self) -> &'static str {
        match (self.kind, self.namespace.is_some()) {
            (PolicyKind::Calico, false) => "GlobalNetworkPolicy",
            (PolicyKind::Staged, true) => "StagedNetworkPolicy",
            (PolicyKind::Staged, false) => "StagedGlobalNetworkPolicy",
            (PolicyKind::Calico, true) => "NetworkPolicy",
            (PolicyKind::Kubernetes, _) => "Kubernetes NetworkPolicy",
            (PolicyKind::Admin(kind), _) => kind.name(),
        }
    }
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
    /// The lines of flow files that it comes from; none for a rule that was read.
    pub lines: Vec<Span>,
    /// The IP family.
    pub family: Option<Family>,
    /// The protocol.
    pub protocol: Option<RuleProtocol>,
    /// What the protocol is not.
    pub not_protocol: Option<RuleProtocol>,
    /// The ICMP type, and with it a code.
    pub icmp: Option<(u8, Option<u8>)>,
    /// What ICMP type, and with it which code, it is not.
    pub not_icmp: Option<(u8, Option<u8>)>,
    /// What it asks of a request, which no packet shows.
    pub http: Option<Http>,
    /// The sender.
    pub source: Entity,
    /// The receiver.
    pub destination: Entity,
}

/// `http` of a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Http {
    /// The methods; empty for all.
    pub methods: Vec<Arc<str>>,
    /// The paths; empty for all.
    pub paths: Vec<HttpPath>,
}

/// One entry of `http.paths`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HttpPath {
    /// This path.
    Exact(Arc<str>),
    /// This path and those below it.
    Prefix(Arc<str>),
}

impl Rule {
    /// The end at the endpoint whose policy it is, in `direction`.
    pub fn subject(&self, direction: Direction) -> &Entity {
        match direction {
            Direction::Ingress => &self.destination,
            Direction::Egress => &self.source,
        }
    }

    /// The other end.
    pub fn peer(&self, direction: Direction) -> &Entity {
        match direction {
            Direction::Ingress => &self.source,
            Direction::Egress => &self.destination,
        }
    }

    /// What it does, without what is said about it: rules that do the same have one text.
    pub(crate) fn text(&self) -> String {
        let (comments, annotations, lines) = (Vec::new(), Vec::new(), Vec::new());
        format!("{:?}", Self { comments, annotations, lines, ..self.clone() })
    }

    /// A rule that does `action` with everything.
    pub fn new(action: Action) -> Self {
        Self {
            action,
            comments: Vec::new(),
            annotations: Vec::new(),
            lines: Vec::new(),
            family: None,
            protocol: None,
            not_protocol: None,
            icmp: None,
            not_icmp: None,
            http: None,
            source: Entity::default(),
            destination: Entity::default(),
        }
    }
}

/// A protocol as a rule names it: `TCP`, `UDP`, `SCTP`, `UDPLite`, `ICMP`, `ICMPv6`, or a number. Named `ICMP`
/// and `ICMPv6` imply their IP family, numbers do not.
pub type RuleProtocol = crate::traffic::Protocol;

/// One end of a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entity {
    /// Address blocks; empty for all.
    pub nets: Vec<IpNet>,
    /// Address blocks that are left out.
    pub not_nets: Vec<IpNet>,
    /// Selector over endpoints and sets.
    pub selector: Option<Selector>,
    /// What is left out.
    pub not_selector: Option<Selector>,
    /// Selector over their namespaces.
    pub namespace_selector: Option<Selector>,
    /// Which service accounts' pods.
    pub service_accounts: Option<ServiceAccounts>,
    /// The endpoints of a service: namespace and name. Without a namespace (empty) it holds nothing ("how Calico
    /// decides", section 7).
    pub service: Option<(Arc<str>, Arc<str>)>,
    /// Ports; empty for all.
    pub ports: Vec<Port>,
    /// Ports that are left out.
    pub not_ports: Vec<Port>,
}

/// Service accounts, by name and by their labels: both must hold where both are given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceAccounts {
    /// Their names; empty for all.
    pub names: Vec<Arc<str>>,
    /// A selector over their labels.
    pub selector: Option<Selector>,
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
