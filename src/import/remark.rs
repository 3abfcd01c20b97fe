//! What the language does not have: which policy, where, and what it does.

use std::fmt::Write as _;
use std::sync::Arc;

use serde::Serialize;

use super::traffic;
use crate::calico::{Action, Rule};
use crate::diagnostic::visible::visible;
use crate::reach::Direction;
use crate::world::World;

/// Something that no line says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// Whose file tells it: an application's name, or `platform`.
    pub owner: String,
    /// The kind, namespace and name of the policy.
    pub policy: String,
    /// `file:line`
    pub source: String,
    /// What the rule does: `allows tcp/53 in`. Nothing where the whole policy is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub does: Option<String>,
    /// What of it no line says.
    pub why: String,
}

impl Remark {
    /// What rule `rule` of the policy `object` does and no line says, because of `why`.
    pub(super) fn new(
        world: &World,
        object: usize,
        rule: Option<(Direction, usize)>,
        owner: Option<Arc<str>>,
        why: &str,
    ) -> Option<Self> {
        let policy = world.policy(object)?;
        let written = world.cluster.objects.get(object)?;
        let name = match &policy.namespace {
            Some(namespace) => format!("{} {namespace}/{}", policy.kind_name(), policy.name),
            None => format!("{} {}", policy.kind_name(), policy.name),
        };
        let mut span = written.span;
        let mut does = None;
        if let Some((direction, index)) = rule {
            let [ingress, egress] = &written.rules;
            let places = match direction {
                Direction::Ingress => ingress,
                Direction::Egress => egress,
            };
            span = places.get(index).map_or(span, |it| it.span);
            does = world.rule(object, direction, index).map(|it| deed(it, direction));
        }
        let line = world.sources.position(span).line;
        Some(Self {
            owner: owner.map_or_else(|| "platform".to_owned(), |it| it.to_string()),
            policy: name,
            source: format!("{}:{line}", world.sources.path(span.file)),
            does,
            why: why.to_owned(),
        })
    }

    /// The remark as a comment: one line.
    pub(super) fn comment(&self) -> String {
        let mut text = format!("# not imported: {} ({})", self.policy, self.source);
        if let Some(does) = &self.does {
            // Writing to a text cannot fail.
            let _ = write!(text, " {does}");
        }
        let _ = write!(text, ": {}", self.why);
        visible(&text).into_owned()
    }
}

/// What a rule does with what traffic, which way.
fn deed(rule: &Rule, direction: Direction) -> String {
    let word = match rule.action {
        Action::Allow => "allows",
        Action::Deny => "denies",
        Action::Log => "logs",
        Action::Pass => "passes on",
    };
    let way = match direction {
        Direction::Ingress => "in",
        Direction::Egress => "out",
    };
    let what = match traffic::of_rule(rule) {
        Ok(None) => "any traffic".to_owned(),
        Ok(Some(list)) => list.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        Err(_) => rule.protocol.map_or_else(|| "traffic".to_owned(), |it| it.to_string()),
    };
    format!("{word} {what} {way}")
}
