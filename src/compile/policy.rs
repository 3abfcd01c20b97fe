//! Policies with all their rules: divided into several objects where one would be too large.

use std::sync::Arc;

use crate::calico::{Direction, Policy, Rule};
use crate::program::{Owner, Program};
use crate::selector::Selector;

use super::limits::{BYTES, parts};
use super::{labels, name, tiers};

/// What a policy is, its rules aside.
#[derive(Debug)]
pub(super) struct PolicyHead {
    pub(super) owner: Owner,
    pub(super) namespace: Option<Arc<str>>,
    /// Without the tier.
    pub(super) name: String,
    pub(super) tier: &'static str,
    pub(super) order: u32,
    /// Whether it closes both directions even where it has no rules for one.
    pub(super) closes: bool,
}

/// Whom one policy selects, and its rules, each group of rules to stay together.
#[derive(Clone, Debug, Default)]
pub(super) struct Body {
    pub(super) namespaces: Option<Selector>,
    pub(super) pods: Option<Selector>,
    pub(super) ingress: Vec<Vec<Rule>>,
    pub(super) egress: Vec<Vec<Rule>>,
}

/// The policies of `head` with all of `bodies`: one, or as many as it takes.
pub(super) fn policies(program: &Program, head: &PolicyHead, bodies: Vec<Body>) -> Vec<Policy> {
    let mut policies = Vec::new();
    for body in bodies {
        // Either direction gets half of the room, unless it has it all.
        let alone = body.ingress.is_empty() || body.egress.is_empty();
        let bytes = if alone { BYTES } else { BYTES / 2 };
        let mut ingress = parts(body.ingress, bytes).into_iter();
        let mut egress = parts(body.egress, bytes).into_iter();
        loop {
            let (ingress, egress) = (ingress.next(), egress.next());
            let first = policies.is_empty();
            if ingress.is_none() && egress.is_none() && !(first && head.closes) {
                break;
            }
            let has = |rules: &Option<_>| rules.is_some() || head.closes;
            let types = [
                has(&ingress).then_some(Direction::Ingress),
                has(&egress).then_some(Direction::Egress),
            ];
            let name = tiers::policy_name(head.tier, &name::part(&head.name, policies.len()));
            policies.push(Policy {
                labels: labels(program, head.owner),
                tier: head.tier.into(),
                order: Some(f64::from(head.order)),
                // Said of all, too: what stands there, nobody adds without a conflict.
                selector: Some(body.pods.clone().unwrap_or(Selector::All)),
                namespace_selector: body.namespaces.clone(),
                types: Some(types.into_iter().flatten().collect()),
                ingress: ingress.unwrap_or_default(),
                egress: egress.unwrap_or_default(),
                ..Policy::new(head.namespace.clone(), name.into())
            });
        }
    }
    policies
}
