//! The policies of the Kubernetes network-policy API, which an administrator writes for the whole cluster: in which tiers of
//! Calico they stand, and which releases enforce them ("how Calico decides", section 3.8).

use std::sync::Arc;

use super::{Action, Policy, PolicyKind, Proviso, Release, Rule};
use crate::selector::Selector;
use crate::selector::keys::ORCHESTRATOR;

/// A kind of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AdminKind {
    /// `AdminNetworkPolicy`.
    Admin,
    /// `BaselineAdminNetworkPolicy`.
    Baseline,
    /// `ClusterNetworkPolicy`, which took the place of both.
    Cluster,
}

impl AdminKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Admin, Self::Baseline, Self::Cluster];

    /// The kind as objects have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Admin => "AdminNetworkPolicy",
            Self::Baseline => "BaselineAdminNetworkPolicy",
            Self::Cluster => "ClusterNetworkPolicy",
        }
    }

    /// The version of the API in which Calico reads it.
    pub fn api(self) -> &'static str {
        match self {
            Self::Admin | Self::Baseline => "policy.networking.k8s.io/v1alpha1",
            Self::Cluster => "policy.networking.k8s.io/v1alpha2",
        }
    }

    /// What Calico puts before the names of those that it takes over.
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Self::Admin => "kanp.adminnetworkpolicy.",
            Self::Baseline => "kbanp.baselineadminnetworkpolicy.",
            Self::Cluster => "",
        }
    }

    /// Whether `release` enforces it.
    pub fn enforced_by(self, release: Release) -> bool {
        match self {
            Self::Admin => (29..=31).contains(&release.minor()),
            Self::Baseline => (30..=31).contains(&release.minor()),
            Self::Cluster => release.minor() >= 32,
        }
    }

    /// The releases that do, in words.
    pub fn releases(self) -> &'static str {
        match self {
            Self::Admin => "v3.29 to v3.31",
            Self::Baseline => "v3.30 and v3.31",
            Self::Cluster => "v3.32 and later ones",
        }
    }
}

/// The tier of `AdminNetworkPolicy`, before `default`, at the order 1,000.
pub const ADMIN_TIER: &str = "adminnetworkpolicy";
/// The tier of `BaselineAdminNetworkPolicy`, after `default`, at the order 10,000,000.
pub const BASELINE_TIER: &str = "baselineadminnetworkpolicy";

impl Policy {
    /// What stands for the policy of `kind` called `name` that cannot be read: first of all it may deny any connection of pods, and
    /// then it may allow any.
    pub(crate) fn unread(kind: AdminKind, name: &str) -> [Self; 2] {
        use super::Direction::{Egress, Ingress};
        let what = format!("{} {name}", kind.name());
        [(Action::Deny, "denies it"), (Action::Allow, "allows it")].map(|(action, does)| Self {
            kind: PolicyKind::Admin(kind),
            tier: ADMIN_TIER.into(),
            order: Some(0.0),
            selector: Some(Selector::equals(ORCHESTRATOR, "k8s")),
            types: Some(vec![Ingress, Egress]),
            ingress: vec![Rule::new(action)],
            egress: vec![Rule::new(action)],
            proviso: Some(Proviso { unknown: format!("{what} {does}").into(), holds: true }),
            ..Self::new(None, Arc::from(name))
        })
    }
}
