//! Which tier and which policy comes first ("how Calico decides", sections 1.1, 2.1, 2.2 and 2.4).

use std::cmp::Ordering;
use std::sync::Arc;

use crate::calico::admin::{ADMIN_TIER, BASELINE_TIER};
use crate::calico::{Policy, PolicyKind, Resource, Ties};

/// One tier.
#[derive(Clone, Debug)]
pub(super) struct OrderedTier {
    pub(super) name: Arc<str>,
    /// Its order; `None` for a tier that policies name and nobody made: after all others.
    pub(super) order: Option<f64>,
    /// Whether what no rule decides goes on to the next tier.
    pub(super) pass: bool,
}

/// All tiers, first ones first.
#[derive(Debug)]
pub(super) struct Tiers(Vec<OrderedTier>);

impl Tiers {
    /// The tiers among `resources`, the built-in ones, and those that policies name.
    pub(super) fn new<'a>(resources: impl Iterator<Item = &'a Resource> + Clone) -> Self {
        let built_in =
            |name: &str, order, pass| OrderedTier { name: name.into(), order: Some(order), pass };
        let mut tiers = vec![
            built_in("kube-admin", 1000.0, true),
            built_in(ADMIN_TIER, 1000.0, true),
            built_in("default", DEFAULT, false),
            built_in("kube-baseline", 10_000_000.0, true),
            built_in(BASELINE_TIER, 10_000_000.0, true),
        ];
        for resource in resources.clone() {
            if let Resource::Tier(tier) = resource {
                // The built-in ones cannot be changed.
                if !tiers.iter().any(|known| known.name == tier.name) {
                    let order = Some(tier.order.unwrap_or(DEFAULT));
                    tiers.push(OrderedTier {
                        name: Arc::clone(&tier.name),
                        order,
                        pass: tier.pass,
                    });
                }
            }
        }
        for resource in resources {
            if let Resource::Policy(policy) = resource
                && !tiers.iter().any(|known| known.name == policy.tier)
            {
                tiers.push(OrderedTier {
                    name: Arc::clone(&policy.tier),
                    order: None,
                    pass: false,
                });
            }
        }
        tiers.sort_by(|a, b| {
            let order = |tier: &OrderedTier| tier.order.unwrap_or(f64::INFINITY);
            (a.order.is_none().cmp(&b.order.is_none()))
                .then(order(a).total_cmp(&order(b)))
                .then_with(|| a.name.cmp(&b.name))
        });
        Self(tiers)
    }

    /// Them all.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &OrderedTier)> {
        self.0.iter().enumerate()
    }
}

/// The order of the tier `default`, and of a tier that says none.
const DEFAULT: f64 = 1_000_000.0;

/// Where a policy stands among the others.
#[derive(Debug)]
pub(super) struct PolicyRank {
    /// The index of its tier.
    pub(super) tier: usize,
    /// Its order; one that says none comes last.
    pub(super) order: f64,
    by_namespace: Box<str>,
    by_name: Box<str>,
}

impl PolicyRank {
    pub(super) fn new(policy: &Policy, tiers: &Tiers) -> Self {
        let tier = tiers.iter().find(|(_, tier)| tier.name == policy.tier);
        let (name, prefix) = (&policy.name, format!("{}.", policy.tier));
        let stored = match policy.kind {
            PolicyKind::Kubernetes => format!("knp.default.{name}"),
            PolicyKind::Admin(kind) => format!("{}{name}", kind.prefix()),
            PolicyKind::Calico | PolicyKind::Staged if name.starts_with(&prefix) => {
                name.to_string()
            }
            PolicyKind::Calico | PolicyKind::Staged => prefix + name,
        };
        let kind = match (policy.kind, &policy.namespace) {
            (PolicyKind::Kubernetes, _) => "KubernetesNetworkPolicy",
            (PolicyKind::Admin(_), _) => "KubernetesClusterNetworkPolicy",
            (PolicyKind::Calico | PolicyKind::Staged, Some(_)) => "NetworkPolicy",
            (PolicyKind::Calico | PolicyKind::Staged, None) => "GlobalNetworkPolicy",
        };
        let (by_namespace, by_name) = match &policy.namespace {
            Some(namespace) => {
                (format!("{namespace}/{stored}"), format!("{name}/{namespace}/{kind}"))
            }
            None => (stored, format!("{name}//{kind}")),
        };
        Self {
            tier: tier.map_or(usize::MAX, |(index, _)| index),
            order: policy.order.unwrap_or(f64::INFINITY),
            by_namespace: by_namespace.into(),
            by_name: by_name.into(),
        }
    }

    /// Whether only a tie decides between it and `other`.
    pub(super) fn ties_with(&self, other: &Self) -> bool {
        let order = self.order.partial_cmp(&other.order).unwrap_or(Ordering::Equal);
        self.tier == other.tier && order == Ordering::Equal
    }

    /// Whether it comes before or after `other`.
    pub(super) fn compare(&self, other: &Self, ties: Ties) -> Ordering {
        let tie = || match ties {
            Ties::ByNamespace => self.by_namespace.cmp(&other.by_namespace),
            Ties::ByName => self.by_name.cmp(&other.by_name),
        };
        // As Calico compares numbers: minus zero is zero.
        let order = self.order.partial_cmp(&other.order).unwrap_or(Ordering::Equal);
        self.tier.cmp(&other.tier).then(order).then_with(tie)
    }
}
