//! A finding, and the words and places that findings share.

use crate::diagnostic::{Code, Diagnostic};
use crate::reach::{Direction, End, Example};
use crate::source::Span;
use crate::world::World;

/// Something that an analyst should know.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What is told.
    pub diagnostic: Diagnostic,
    /// A connection that shows it.
    pub example: Option<Example>,
    /// The policies and rules that it is about, the one to blame first.
    pub about: Vec<About>,
}

/// A policy or one of its rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct About {
    /// The policy, by its index among the objects of the cluster.
    pub policy: usize,
    /// The rule, by its direction and its index there.
    pub rule: Option<(Direction, usize)>,
}

impl Finding {
    /// A finding without a place yet.
    pub(super) fn new(code: Code, message: String) -> Self {
        Self { diagnostic: Diagnostic::new(code, message), example: None, about: Vec::new() }
    }

    /// Points at a policy or a rule.
    #[must_use]
    pub(super) fn at(self, world: &World, about: About, text: impl Into<String>) -> Self {
        self.at_field(world, about, "", text)
    }

    /// Points at a field of a policy or a rule.
    #[must_use]
    pub(super) fn at_field(
        mut self,
        world: &World,
        about: About,
        field: &str,
        text: impl Into<String>,
    ) -> Self {
        if let Some(place) = place(world, about, field) {
            self.diagnostic = self.diagnostic.label(place, text);
        }
        self.about.push(about);
        self
    }

    /// Points at something else.
    #[must_use]
    pub(super) fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.diagnostic = self.diagnostic.label(span, text);
        self
    }

    /// Takes in the places of another finding of the same kind.
    pub(super) fn join(&mut self, other: Self) {
        self.diagnostic.labels.extend(other.diagnostic.labels);
        self.about.extend(other.about);
    }

    /// Says what to do.
    #[must_use]
    pub(super) fn help(mut self, text: impl Into<String>) -> Self {
        self.diagnostic = self.diagnostic.help(text);
        self
    }

    /// Shows a connection; `fate` says what becomes of it.
    #[must_use]
    pub(super) fn example(mut self, world: &World, example: Option<Example>, fate: &str) -> Self {
        if let Some(mut short) = example.clone() {
            for end in [&mut short.subject, &mut short.peer] {
                // The labels of a namespace that a manifest declares stand there.
                if let End::Pod { namespace, of_namespace, .. } = end
                    && world.home(namespace).is_some()
                {
                    of_namespace.clear();
                }
            }
            self.diagnostic = self.diagnostic.help(format!("for example, {fate}:  {short}"));
        }
        self.example = example;
        self
    }
}

/// Where the field `field` of a policy or rule stands; the whole of it for an empty one.
pub(super) fn place(world: &World, about: About, field: &str) -> Option<Span> {
    let object = world.cluster.objects.get(about.policy)?;
    let Some((direction, rule)) = about.rule else {
        return Some(if field.is_empty() { object.span } else { object.place(field) });
    };
    let [ingress, egress] = &object.rules;
    let (rules, name) = match direction {
        Direction::Ingress => (ingress, "ingress"),
        Direction::Egress => (egress, "egress"),
    };
    let Some(written) = rules.get(rule) else { return Some(object.span) };
    if field.is_empty() {
        return Some(written.span);
    }
    let place = object.place(&format!("spec.{name}[{}].{field}", written.index));
    Some(if place == object.span { written.span } else { place })
}

/// A policy as messages call it: its namespace and name.
pub(super) fn name(world: &World, policy: usize) -> String {
    let Some(policy) = world.policy(policy) else { return String::new() };
    match &policy.namespace {
        Some(namespace) => format!("`{namespace}/{}`", policy.name),
        None => format!("`{}`", policy.name),
    }
}

/// What many findings have in common, so that they are one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cause {
    /// A rule of some other policy.
    Other(About),
    /// Two rules of one policy, by what they do: of policies that somebody writes for many namespaces they are the same.
    Own(String),
    /// Nothing beside the policy itself.
    Policy(usize),
}

impl Cause {
    /// The cause of what becomes of `rule`, which `by` brings about.
    pub(super) fn new(world: &World, rule: About, by: Option<About>) -> Self {
        let Some(by) = by else { return Self::Policy(rule.policy) };
        if by.policy != rule.policy {
            return Self::Other(About { policy: by.policy, rule: None });
        }
        let text = |about: About| {
            let (direction, index) = about.rule?;
            let written = world.rule(about.policy, direction, index)?;
            Some(format!("{direction:?} {}", written.text()))
        };
        match [text(rule), text(by)] {
            [Some(rule), Some(by)] => Self::Own(format!("{rule}, {by}")),
            _ => Self::Policy(rule.policy),
        }
    }
}

/// How many policies of a finding about many are shown.
pub(super) const SHOWN: usize = 3;

/// Policies as messages call them: the first of them, and how many more there are.
pub(super) fn names(world: &World, policies: &[usize]) -> String {
    let Some((first, rest)) = policies.split_first() else { return String::new() };
    let first = name(world, *first);
    match rest {
        [] => first,
        [one] => format!("{first} and {}", name(world, *one)),
        [..] => format!("{first} and {} other policies", rest.len()),
    }
}

/// That a finding about `count` policies shows the first ones.
pub(super) fn and_more(finding: Finding, count: usize) -> Finding {
    match count.saturating_sub(SHOWN) {
        0 => finding,
        1 => finding.help("the same goes for 1 more policy"),
        more => finding.help(format!("the same goes for {more} more policies")),
    }
}

/// The end of a rule that is the other one, by the name of its field.
pub(super) fn other(direction: Direction) -> &'static str {
    match direction {
        Direction::Ingress => "source",
        Direction::Egress => "destination",
    }
}

/// Names as a list: the first few, and how many more.
pub(super) fn few<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    const MOST: usize = 5;
    let more = names.len().saturating_sub(MOST);
    let mut text = names.take(MOST).map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ");
    if more > 0 {
        text.extend([" and ", &more.to_string(), " more"]);
    }
    text
}
