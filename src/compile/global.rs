//! The policies of the platform's lines and of guardrails: global ones, each for a place and a direction,
//! within what is isolated.

use std::collections::BTreeMap;

use crate::calico::{Action, Direction, Entity};
use crate::program::{Owner, Program};

use super::deny::{self, IsolatedSubject};
use super::limits;
use super::merge::{Form, Grant, rules};
use super::place::{Pods, all_of};
use super::policy::{Body, PolicyHead, policies};
use super::{CompiledOutput, name};

/// What is said about connections of a place in one direction.
pub(super) type GlobalLines<'a> = BTreeMap<(Pods, Direction), Vec<Grant<'a>>>;

/// What the policies of one kind have in common.
#[derive(Clone, Copy, Debug)]
pub(super) struct GlobalKind {
    /// `platform` or `guardrail`
    pub(super) word: &'static str,
    pub(super) tier: &'static str,
    pub(super) order: u32,
    pub(super) action: Action,
    pub(super) log: bool,
}

/// Writes a policy of `kind` for each place and direction of `said`.
pub(super) fn write(
    program: &Program,
    kind: GlobalKind,
    all_lines: &GlobalLines<'_>,
    output: &mut CompiledOutput,
) {
    for ((place, direction), grants) in all_lines {
        let span = grants.iter().map(|grant| grant.line.span).min();
        let subjects = match deny::subjects(program, place) {
            Ok(subjects) => subjects,
            Err(deny::TooLong::Exempt) => {
                output.report(limits::exempt_too_long(program, span));
                continue;
            }
            Err(deny::TooLong::Place(length)) => {
                output.report(limits::selector_too_long(length, span));
                continue;
            }
        };
        let mut bodies = Vec::new();
        for subject in subjects {
            let local = local(program, place, &subject);
            let form =
                Form { direction: *direction, action: kind.action, log: kind.log, local: &local };
            let rules = match rules(program, form, grants) {
                Ok(rules) => rules,
                Err(error) => {
                    output.report(limits::selector_too_long(error.length, error.span));
                    break;
                }
            };
            let (ingress, egress) = match direction {
                Direction::Ingress => (rules, Vec::new()),
                Direction::Egress => (Vec::new(), rules),
            };
            let IsolatedSubject { namespaces, pods } = subject;
            bodies.push(Body { namespaces: Some(namespaces), pods, ingress, egress });
        }
        let head = PolicyHead {
            owner: Owner::Platform,
            namespace: None,
            name: name::global(kind.word, &place.text(program), *direction),
            tier: kind.tier,
            order: kind.order,
            closes: false,
        };
        for policy in policies(program, &head, bodies) {
            output.policy(Owner::Platform, policy);
        }
    }
}

/// The selected endpoints as the destination of a rule: by the place alone where that is short enough.
fn local(program: &Program, place: &Pods, subject: &IsolatedSubject) -> Entity {
    let namespaces = all_of(place.namespace_terms(program)).filter(limits::fits);
    let pods = all_of(place.pod_terms());
    Entity {
        namespace_selector: Some(namespaces.unwrap_or_else(|| subject.namespaces.clone())),
        selector: pods.filter(limits::fits).or_else(|| subject.pods.clone()),
        ..Entity::default()
    }
}
