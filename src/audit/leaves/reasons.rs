//! What is said of a rule that leaves its landing zone without naming the other side.

use std::sync::Arc;

use super::super::evidence::Evidence;
use super::super::finding::{Finding, name, other};
use super::{Crossing, NamedOthers, anywhere};
use crate::calico::{Entity, Rule};
use crate::diagnostic::codes::audit::{ANY_ADDRESS, LEAVES, UNKNOWN_APPLICATION};
use crate::diagnostic::nearest::nearest;
use crate::reach::Direction;
use crate::selector::Selector;
use crate::selector::keys::OF_NAMESPACE;

impl NamedOthers {
    pub(super) fn unbounded(
        evidence: &Evidence<'_>,
        crossing: &Crossing,
        (direction, rule): (Direction, &Rule),
    ) -> Finding {
        let (world, own) = (evidence.world, &crossing.own);
        let policy = name(world, crossing.about.policy);
        let key = &evidence.settings.labels.application;
        let ways = match direction {
            Direction::Ingress => "takes connections from",
            Direction::Egress => "opens connections to",
        };
        let end = rule.peer(direction);
        if anywhere(end) {
            let side = match direction {
                Direction::Ingress => "whoever reaches the pods",
                Direction::Egress => "every address, inside the cluster and outside",
            };
            return Finding::new(&ANY_ADDRESS, format!("{policy} of `{own}` {ways} every address"))
                .at(world, crossing.about, side)
                .help(format!(
                    "name whom it is for:  {}:\n  namespaceSelector: {key} == '{own}'",
                    other(direction)
                ));
        }
        let (why, text) = match how(end, key) {
            How::Omitted => {
                ("the application code is omitted", format!("nothing here asks for `{key}`"))
            }
            How::Negated => (
                "the application code is negated",
                format!("this holds for every other `{key}`, those to come as well"),
            ),
            How::Wide => (
                "any application code will do",
                format!("this holds for more than one `{key}`, and for those to come"),
            ),
        };
        let field = if end.namespace_selector.is_some() { "namespaceSelector" } else { "selector" };
        Finding::new(
            &LEAVES,
            format!("{policy} {ways} landing zones other than its own, `{own}`: {why}"),
        )
        .at_field(world, crossing.about, &format!("{}.{field}", other(direction)), text)
        .help(format!("if only its own landing zone is meant, ask for it:  {key} == '{own}'"))
    }

    pub(super) fn unknown(
        &self,
        evidence: &Evidence<'_>,
        crossing: &Crossing,
        (direction, rule): (Direction, &Rule),
    ) -> Finding {
        let world = evidence.world;
        let key = &evidence.settings.labels.application;
        let policy = name(world, crossing.about.policy);
        let end = rule.peer(direction);
        let mut asked: Vec<Arc<str>> = Vec::new();
        for selector in [&end.namespace_selector, &end.selector].into_iter().flatten() {
            for test in selector.tests() {
                if *test.key == **key || *test.key == *self.key {
                    asked.extend(test.predicate.values().unwrap_or_default().iter().cloned());
                }
            }
        }
        let wrong = asked.into_iter().find(|it| !evidence.applications.contains(it));
        let wrong = wrong.unwrap_or_default();
        let field = if end.namespace_selector.is_some() { "namespaceSelector" } else { "selector" };
        let near = nearest(&wrong, self.declared.iter().map(|it| &**it));
        let text = near.map_or_else(
            || format!("no namespace has `{key}={wrong}`"),
            |near| format!("did you mean `{near}`?"),
        );
        Finding::new(
            &UNKNOWN_APPLICATION,
            format!("{policy} names the application `{wrong}`, which no namespace declares"),
        )
        .at_field(world, crossing.about, &format!("{}.{field}", other(direction)), text)
        .help("whoever gets a namespace with that label is let in, and nobody is until then")
    }
}

/// How a rule's end speaks of the application.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// Not at all.
    Omitted,
    /// By whom it is not for.
    Negated,
    /// By asking that there is one, or one of many.
    Wide,
}

/// How `end` speaks of the application, whose label is `key`.
pub(super) fn how(end: &Entity, key: &str) -> How {
    let shown = format!("{OF_NAMESPACE}{key}");
    let mut spoken = false;
    for selector in [&end.namespace_selector, &end.selector].into_iter().flatten() {
        let mut open = vec![selector];
        while let Some(at) = open.pop() {
            if let Some(test) = at.test()
                && (*test.key == *key || *test.key == *shown)
            {
                if !test.positive {
                    return How::Negated;
                }
                spoken = true;
            }
            if let Selector::Not(inner) = at
                && inner.label_keys().iter().any(|it| **it == *key || **it == *shown)
            {
                return How::Negated;
            }
            open.extend(at.parts());
        }
    }
    if spoken { How::Wide } else { How::Omitted }
}
