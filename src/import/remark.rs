//! What the language does not have: which policy, where, and what it does.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use serde::Serialize;

use super::traffic;
use crate::calico::{Action, Rule};
use crate::diagnostic::visible::visible;
use crate::reach::Direction;
use crate::source::Span;
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
    /// What the rule does; nothing where the whole policy is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub does: Option<Deed>,
    /// What of it no line says.
    pub why: String,
    /// What of that lines say nevertheless.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<&'static str>,
    /// Where it stands.
    #[serde(skip)]
    pub at: Span,
}

/// What a rule does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Deed {
    /// `allows`, `denies`, `logs` or `passes on`.
    pub action: &'static str,
    /// The traffic, in the words of flow lines.
    pub traffic: String,
    /// `in` or `out`.
    pub way: &'static str,
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
            lines: None,
            at: span,
        })
    }
}

/// Takes back that lines have a part of a rule where something else says that no line was written for it.
pub(super) fn in_part_or_not(remarks: &mut [Remark]) {
    let left_out: BTreeSet<Span> =
        remarks.iter().filter(|it| it.lines.is_none()).map(|it| it.at).collect();
    for remark in remarks.iter_mut().filter(|it| left_out.contains(&it.at)) {
        remark.lines = None;
    }
}

/// What is the same for several rules of one policy.
type AlikeRemarks<'a> = (&'a str, Option<(&'a str, &'a str)>, &'a str, Option<&'a str>);

/// Remarks as comments: one line for what several rules of a policy do alike.
pub fn comments<'a>(remarks: impl Iterator<Item = &'a Remark>) -> Vec<String> {
    let mut groups: Vec<(AlikeRemarks<'a>, Vec<&Remark>)> = Vec::new();
    for remark in remarks {
        let does = remark.does.as_ref().map(|it| (it.action, it.way));
        let alike = (remark.policy.as_str(), does, remark.why.as_str(), remark.lines);
        match groups.iter_mut().find(|(known, _)| *known == alike) {
            Some((_, all)) => all.push(remark),
            None => groups.push((alike, vec![remark])),
        }
    }
    let comment = |((policy, does, why, lines), all): (AlikeRemarks<'_>, Vec<&Remark>)| {
        let mut places = String::new();
        for (index, remark) in all.iter().enumerate() {
            let (_, line) = remark.source.rsplit_once(':').unwrap_or_default();
            // Writing to a text cannot fail.
            let _ = match index {
                0 => write!(places, "{}", remark.source),
                _ => write!(places, ", {line}"),
            };
        }
        let head = if lines.is_some() { "imported in part" } else { "not imported" };
        let mut text = format!("# {head}: {policy} ({places})");
        if let Some((action, way)) = does {
            let traffic =
                all.iter().filter_map(|it| it.does.as_ref()).map(|it| it.traffic.as_str());
            let mut traffic: Vec<_> = traffic.collect();
            traffic.dedup();
            let _ = write!(text, " {action} {} {way}", traffic.join(", "));
        }
        let _ = write!(text, ": {why}");
        if let Some(lines) = lines {
            let _ = write!(text, "; lines have {lines}");
        }
        visible(&text).into_owned()
    };
    groups.into_iter().map(comment).collect()
}

/// What a rule does with what traffic, which way.
fn deed(rule: &Rule, direction: Direction) -> Deed {
    let action = match rule.action {
        Action::Allow => "allows",
        Action::Deny => "denies",
        Action::Log => "logs",
        Action::Pass => "passes on",
    };
    let way = match direction {
        Direction::Ingress => "in",
        Direction::Egress => "out",
    };
    let traffic = match traffic::of_rule(rule) {
        Ok(None) => "any traffic".to_owned(),
        Ok(Some(list)) => list.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        Err(_) => rule.protocol.map_or_else(|| "traffic".to_owned(), |it| it.to_string()),
    };
    Deed { action, traffic, way }
}
