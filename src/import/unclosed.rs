//! What nobody closes: where no policy of a direction selects any pod, everything is open, so a line that opens a part of it
//! opens nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::partial::never;
use super::pods::in_namespace;
use crate::calico::{Policy, Stage};
use crate::program::Program;
use crate::reach::Direction;
use crate::reach::of_policies::selected;

/// The declared namespaces of `program` that none of `policies` closes in a direction.
pub(super) fn unclosed<'p>(
    program: &Program,
    policies: impl Iterator<Item = &'p Policy>,
) -> BTreeSet<(Arc<str>, Direction)> {
    let policies: Vec<_> = policies.filter(|it| it.stage == Stage::Ordinary).collect();
    let mut found = BTreeSet::new();
    for (_, namespace) in program.namespaces.iter() {
        for direction in Direction::BOTH {
            let closes = |policy: &&Policy| {
                let here = || in_namespace(&selected(policy), &namespace.name, Some(namespace));
                policy.applies(direction) && here() != never()
            };
            if !policies.iter().any(closes) {
                found.insert((Arc::clone(&namespace.name), direction));
            }
        }
    }
    found
}
