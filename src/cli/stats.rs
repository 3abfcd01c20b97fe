//! What a build comes to, in numbers: every rule and every distinct selector costs each node of the cluster.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use crate::calico::{Action, Entity, Policy, Resource, Rule};
use crate::diagnostic::plural::plural;
use crate::selector::Selector;

/// The numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Stats {
    tiers: usize,
    network_sets: usize,
    policies: usize,
    allow_rules: usize,
    deny_rules: usize,
    log_rules: usize,
    selectors: usize,
    distinct_selectors: usize,
}

impl Stats {
    /// Counts `resources`.
    pub(crate) fn of<'a>(resources: impl IntoIterator<Item = &'a Resource>) -> Self {
        let mut stats = Self::default();
        let mut distinct = BTreeSet::new();
        for resource in resources {
            match resource {
                Resource::Tier(_) => stats.tiers += 1,
                Resource::Set(_) => stats.network_sets += 1,
                Resource::Policy(policy) => stats.policy(policy, &mut distinct),
            }
        }
        stats.distinct_selectors = distinct.len();
        stats
    }

    fn policy<'a>(&mut self, policy: &'a Policy, distinct: &mut BTreeSet<&'a Selector>) {
        self.policies += 1;
        let mut selectors = vec![&policy.selector, &policy.namespace_selector];
        for rule in policy.ingress.iter().chain(&policy.egress) {
            self.rule(rule);
            for Entity { selector, not_selector, namespace_selector, .. } in
                [&rule.source, &rule.destination]
            {
                selectors.extend([selector, not_selector, namespace_selector]);
            }
        }
        let selectors: Vec<_> = selectors.into_iter().flatten().collect();
        self.selectors += selectors.len();
        distinct.extend(selectors);
    }

    fn rule(&mut self, rule: &Rule) {
        match rule.action {
            Action::Allow => self.allow_rules += 1,
            Action::Deny => self.deny_rules += 1,
            Action::Log => self.log_rules += 1,
            // Nothing that is written passes.
            Action::Pass => {}
        }
    }
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rules = self.allow_rules + self.deny_rules + self.log_rules;
        let actions =
            [(self.allow_rules, "allow"), (self.deny_rules, "deny"), (self.log_rules, "log")]
                .into_iter()
                .filter(|(count, _)| *count > 0)
                .map(|(count, action)| format!("{count} {action}"))
                .collect::<Vec<_>>();
        write!(f, "{}, {}", plural(self.policies, "policy"), plural(rules, "rule"))?;
        if !actions.is_empty() {
            write!(f, " ({})", actions.join(", "))?;
        }
        write!(
            f,
            ", {} of {} different",
            plural(self.selectors, "selector"),
            self.distinct_selectors
        )?;
        for (count, name) in [(self.network_sets, "network set"), (self.tiers, "tier")] {
            if count > 0 {
                write!(f, ", {}", plural(count, name))?;
            }
        }
        Ok(())
    }
}
