//! The default deny: closes, last of all, what is isolated (language reference, section 5, "Isolated").

use crate::calico::{Action, Rule};
use crate::program::{Owner, Program};

use super::place::Pods;
use super::policy::{Body, PolicyHead, policies};
use super::{CompiledOutput, isolated, limits, tiers};

/// Writes the default deny of a project with platform files.
pub(super) fn write(program: &Program, output: &mut CompiledOutput) {
    if !program.platform {
        return;
    }
    let Ok(subjects) = isolated::subjects(program, &Pods::default()) else {
        output.report(limits::exempt_too_long(program, None));
        return;
    };
    let log = program.log_denied.map(|_| Rule::new(Action::Log));
    let rules = vec![log.into_iter().chain([Rule::new(Action::Deny)]).collect::<Vec<_>>()];
    let bodies = subjects.into_iter().map(|subject| Body {
        namespaces: Some(subject.namespaces),
        pods: subject.pods,
        ingress: rules.clone(),
        egress: rules.clone(),
    });
    let head = PolicyHead {
        owner: Owner::Platform,
        namespace: None,
        name: "eastwest-default-deny".into(),
        tier: tiers::DEFAULT,
        order: program.settings.orders.deny,
        closes: true,
    };
    for policy in policies(program, &head, bodies.collect()) {
        output.policy(Owner::Platform, policy);
    }
}
