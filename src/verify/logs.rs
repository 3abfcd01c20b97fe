//! What is logged changes no verdict, so no reach shows it. It is compared by its form: with `log denied`, right
//! before every rule that denies stands one that logs the same.

use std::fmt;
use std::sync::Arc;

use crate::calico::{Action, Resource, Rule};
use crate::program::Program;

/// A rule that is not logged as the program says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mislogged {
    /// The policy.
    pub policy: Arc<str>,
    /// Which rule of its direction, from 1.
    pub rule: usize,
    /// Whether it should be logged.
    pub wanted: bool,
}

impl fmt::Display for Mislogged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { policy, rule, wanted } = self;
        let should = if *wanted { "is not logged, against" } else { "is logged without" };
        write!(f, "rule {rule} of the policy `{policy}` {should} `log denied`")
    }
}

/// Holds the rules of all policies to `log denied`.
pub(super) fn check(program: &Program, resources: &[Resource]) -> Result<(), Mislogged> {
    let wanted = program.log_denied.is_some();
    for resource in resources {
        let Resource::Policy(policy) = resource else { continue };
        for rules in [&policy.ingress, &policy.egress] {
            if let Some(index) = wrong(rules, wanted) {
                return Err(Mislogged { policy: policy.name.clone(), rule: index + 1, wanted });
            }
        }
    }
    Ok(())
}

/// The first rule that is logged and should not be, or the other way round.
fn wrong(rules: &[Rule], wanted: bool) -> Option<usize> {
    let mut before: Option<&Rule> = None;
    for (index, rule) in rules.iter().enumerate() {
        let logged = before.filter(|it| it.action == Action::Log);
        let good = match (rule.action, logged) {
            (Action::Log, None) => wanted,
            (Action::Deny, Some(log)) => wanted && like(log, rule),
            (Action::Deny, None) => !wanted,
            (Action::Allow | Action::Pass, None) => true,
            // What is logged is not what is denied.
            (Action::Log | Action::Allow | Action::Pass, Some(_)) => false,
        };
        if !good {
            return Some(index);
        }
        before = Some(rule);
    }
    // A log without anything after it.
    before.filter(|it| it.action == Action::Log).map(|_| rules.len() - 1)
}

fn like(log: &Rule, deny: &Rule) -> bool {
    (log.protocol, log.icmp) == (deny.protocol, deny.icmp)
        && log.source == deny.source
        && log.destination == deny.destination
}
