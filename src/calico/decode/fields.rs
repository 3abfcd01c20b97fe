//! Fields of an object, each with its path and the log of what is wrong with the object, so that reading goes on
//! after a problem and everything is told at once; and mappings in which every field must be asked for.

use std::cell::RefCell;
use std::fmt;

use crate::source::Span;
use crate::yaml::node::{Node, Value};
use crate::yaml::plain;

/// What a cluster makes of something that is wrong with an object ("how Calico decides", section 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ProblemEffect {
    /// Every way into the cluster refuses the object.
    Refused,
    /// Calico's own API refuses the object. As a native resource it is admitted, and treated as absent.
    Ignored,
    /// Every way into the cluster admits the object, and the nodes act as if it were not there.
    Lost,
    /// Calico's own API refuses the object. As a native resource it is admitted without the selector, or with one that
    /// means something else: it may select more than it says.
    Wider,
    /// The field is unknown, and dropped: the object is admitted without it.
    Dropped,
    /// Only a release before v3.32 takes the object: what there is too much of was no fault there.
    Limited,
    /// Calico's own API refuses the object. As a native resource it is admitted, and holds as Calico converts it.
    Converted,
    /// The object is admitted, and nobody has seen what the nodes make of this.
    Untried,
    /// The object is admitted, and the nodes leave this value out.
    Skipped,
    /// The object is admitted, and the nodes deny everything in the place of this rule.
    Replaced,
    /// The ways into the cluster disagree about what it means.
    Unclear,
}

impl ProblemEffect {
    /// It, of an object that can have come in by the one of `ways` alone.
    pub(super) fn by(self, ways: &[WayIn]) -> Self {
        match (self, ways) {
            (Self::Ignored | Self::Wider, [WayIn::Checked(_)]) => Self::Refused,
            (Self::Ignored, [WayIn::Native | WayIn::Kept { .. }]) => Self::Lost,
            (
                Self::Refused
                | Self::Ignored
                | Self::Lost
                | Self::Wider
                | Self::Dropped
                | Self::Limited
                | Self::Converted
                | Self::Untried
                | Self::Skipped
                | Self::Replaced
                | Self::Unclear,
                _,
            ) => self,
        }
    }
}

/// Something that is wrong with an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Kind, namespace and name of the object.
    pub object: String,
    /// The field: `spec.ingress[0].protocol`; empty for the object itself.
    pub field: String,
    /// Where that stands; `None` from a reader that does not tell.
    pub span: Option<Span>,
    /// What is wrong with it.
    pub message: String,
    /// What a cluster makes of it.
    pub effect: ProblemEffect,
    /// Whether something else becomes of the object where it came in by another way.
    pub unsettled: bool,
    /// For an unknown field, the fields that there are.
    pub known: Vec<&'static str>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.object)?;
        if !self.field.is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

/// A way by which an object comes into a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WayIn {
    /// Through `calicoctl` or Calico's API server, which check all of it; lists may be as long as it says.
    Checked(Limits),
    /// As a native resource, of which the schema alone is checked. Calico converts what that lets in.
    Native,
    /// Whichever way: a cluster has it, so nobody refused it. Calico converts it.
    Kept {
        /// Whether it is in the form in which Calico stores it.
        stored: bool,
    },
}

/// What becomes of a list that is longer than the schema of v3.32 allows, or says something twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limits {
    /// The object is refused.
    Held,
    /// Older releases take it, newer ones do not.
    ByRelease,
    /// It is taken.
    Unknown,
}

/// What is wrong with one object, as far as it was read.
#[derive(Debug)]
pub(super) struct ProblemLog {
    object: String,
    way: WayIn,
    problems: RefCell<Vec<Problem>>,
}

impl ProblemLog {
    /// Nothing yet of the object called `object`, which comes in by `way`.
    pub(super) fn new(object: String, way: WayIn) -> Self {
        Self { object, way, problems: RefCell::default() }
    }

    /// Everything.
    pub(super) fn into_problems(self) -> Vec<Problem> {
        self.problems.into_inner()
    }
}

/// A value and its path.
#[derive(Clone, Debug)]
pub(super) struct Field<'a> {
    node: &'a Node,
    /// What is to blame for a problem: the value, or the key of an unknown field.
    blamed: Option<Span>,
    path: String,
    log: &'a ProblemLog,
}

impl<'a> Field<'a> {
    /// The whole object.
    pub(super) fn root(node: &'a Node, log: &'a ProblemLog) -> Self {
        Self { node, blamed: node.span, path: String::new(), log }
    }

    /// Tells a problem of this field.
    pub(super) fn tell(&self, effect: ProblemEffect, message: impl Into<String>) {
        self.tell_known(effect, message, Vec::new());
    }

    fn tell_known(
        &self,
        effect: ProblemEffect,
        message: impl Into<String>,
        known: Vec<&'static str>,
    ) {
        self.log.problems.borrow_mut().push(Problem {
            object: self.log.object.clone(),
            field: self.path.clone(),
            span: self.blamed,
            message: message.into(),
            effect,
            unsettled: false,
            known,
        });
    }

    /// Tells that every way into the cluster refuses this field. There is no value.
    pub(super) fn refused<T>(&self, message: impl Into<String>) -> Option<T> {
        self.tell(ProblemEffect::Refused, message);
        None
    }

    /// Tells that Calico's own API refuses this field. There is no value.
    pub(super) fn invalid<T>(&self, message: impl Into<String>) -> Option<T> {
        self.tell(ProblemEffect::Ignored, message);
        None
    }

    /// Tells that a list is too long or says something twice; gives whether the object is refused for it.
    pub(super) fn exceeds(&self, message: impl Into<String>) -> bool {
        match self.log.way {
            WayIn::Checked(Limits::Held) | WayIn::Native => {
                self.tell(ProblemEffect::Refused, message);
                true
            }
            WayIn::Checked(Limits::ByRelease) => {
                self.tell(ProblemEffect::Limited, message);
                false
            }
            WayIn::Checked(Limits::Unknown) | WayIn::Kept { .. } => false,
        }
    }

    /// Tells of what the schema refuses as well as Calico's own API; gives whether the object is refused for it. In an object
    /// that a cluster has, nobody has seen what the nodes make of it.
    pub(super) fn breaks_schema(&self, message: impl Into<String>) -> bool {
        let kept = matches!(self.log.way, WayIn::Kept { .. });
        self.tell(if kept { ProblemEffect::Untried } else { ProblemEffect::Refused }, message);
        !kept
    }

    /// Tells of what Calico's own API alone refuses; gives whether it does. Elsewhere nobody has seen what the nodes make of it.
    pub(super) fn untried(&self, message: impl Into<String>) -> bool {
        let effect =
            if self.is_converted() { ProblemEffect::Untried } else { ProblemEffect::Ignored };
        self.tell(effect, message);
        !self.is_converted()
    }

    /// A string: a plain scalar that some reader takes for something else is none.
    pub(super) fn string(&self) -> Option<&'a str> {
        match &self.node.value {
            Value::Scalar { text, plain: false } => Some(text),
            Value::Scalar { text, plain: true } => match plain::kubernetes_takes_for(text) {
                None => Some(text),
                Some(taken) => self.refused(format!("`{text}` is {}, not text", taken.name())),
            },
            Value::List(_) | Value::Map(_) => self.refused("not text"),
        }
    }

    /// A string or a number, as its text.
    pub(super) fn string_or_number(&self) -> Option<&'a str> {
        match &self.node.value {
            Value::Scalar { text, plain: true } if text.parse::<i64>().is_ok() => Some(text),
            Value::Scalar { .. } | Value::List(_) | Value::Map(_) => self.string(),
        }
    }

    /// The text of a plain scalar, which may be a number.
    fn plain(&self) -> Option<&'a str> {
        match &self.node.value {
            Value::Scalar { text, plain: true } => Some(text),
            Value::Scalar { plain: false, .. } | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// A number.
    pub(super) fn number(&self) -> Option<f64> {
        let number = self.plain().and_then(|text| text.parse().ok());
        let number = number.filter(|it: &f64| it.is_finite());
        number.or_else(|| self.refused("not a number"))
    }

    /// A whole number from `first` to `last`.
    pub(super) fn integer(&self, first: u8, last: u8) -> Option<u8> {
        let Some(number) = self.plain().and_then(|text| text.parse::<i64>().ok()) else {
            return self.refused("not a whole number");
        };
        let inside = u8::try_from(number).ok().filter(|it| (first..=last).contains(it));
        inside.or_else(|| self.invalid(format!("not a number from {first} to {last}")))
    }

    /// This field, if it were `node`.
    pub(super) fn with(&self, node: &'a Node) -> Self {
        Self { node, ..self.clone() }
    }

    /// By which way the object comes in.
    pub(super) fn way(&self) -> WayIn {
        self.log.way
    }

    /// Whether Calico's own API has not seen the object: what that would refuse is in force as Calico converts it.
    pub(super) fn is_converted(&self) -> bool {
        !matches!(self.log.way, WayIn::Checked(_))
    }

    /// `true` or `false`.
    pub(super) fn boolean(&self) -> Option<bool> {
        match self.plain() {
            Some("true") => Some(true),
            Some("false") => Some(false),
            Some(_) | None => self.refused("neither `true` nor `false`"),
        }
    }

    /// The entry `key` of a mapping, with a value.
    pub(super) fn entry(&self, key: &str) -> Option<Self> {
        let found = self.entries()?.into_iter().find(|(name, _)| *name == key)?.1;
        (!found.node.is_null()).then_some(found)
    }

    /// The items of a list, which the schema wants to be `most` at most.
    pub(super) fn items(&self, most: usize) -> Option<Vec<Self>> {
        let Some(items) = self.node.items() else { return self.refused("not a list") };
        if items.len() > most
            && self.exceeds(format!("{} entries are more than {most}", items.len()))
        {
            return None;
        }
        let item = |(index, node): (usize, &'a Node)| Self {
            node,
            blamed: node.span.or(self.blamed),
            path: format!("{}[{index}]", self.path),
            log: self.log,
        };
        Some(items.iter().enumerate().map(item).collect())
    }

    /// The entries of a mapping, whose keys are strings.
    pub(super) fn entries(&self) -> Option<Vec<(&'a str, Self)>> {
        let Some(entries) = self.node.entries() else { return self.refused("not a mapping") };
        let mut found = Vec::with_capacity(entries.len());
        for (key, node) in entries {
            let key = Self { node: key, blamed: key.span, path: self.path.clone(), log: self.log };
            let name = key.string()?;
            let before = if self.path.is_empty() { "" } else { "." };
            let path = format!("{}{before}{name}", self.path);
            let blamed = node.span.filter(|_| !node.is_null()).or(key.blamed);
            found.push((name, Self { node, blamed, path, log: self.log }));
        }
        Some(found)
    }
}

/// A mapping of fields. What is not asked for before [`done`](Fields::done) is unknown.
pub(super) struct Fields<'a> {
    whole: Field<'a>,
    left: Vec<(&'a str, Field<'a>)>,
    asked: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// The fields of the mapping `field`; one without a value is as if it were not written.
    pub(super) fn of(field: &Field<'a>) -> Option<Self> {
        let mut left = field.entries()?;
        left.retain(|(_, field)| !field.node.is_null());
        Some(Self { whole: field.clone(), left, asked: Vec::new() })
    }

    /// The field `key`.
    pub(super) fn optional(&mut self, key: &'static str) -> Option<Field<'a>> {
        self.asked.push(key);
        let index = self.left.iter().position(|(name, _)| *name == key)?;
        Some(self.left.swap_remove(index).1)
    }

    /// The field `key`, which must be there.
    pub(super) fn required(&mut self, key: &'static str) -> Option<Field<'a>> {
        let field = self.optional(key);
        field.or_else(|| self.whole.refused(format!("`{key}` is missing")))
    }

    /// Whether there are fields that were not asked for, apart from these.
    pub(super) fn others(&self, but: &[&str]) -> bool {
        self.left.iter().any(|(name, _)| !but.contains(name))
    }

    /// Passes over fields that decide nothing.
    pub(super) fn pass_over(&mut self, keys: &[&str]) {
        self.left.retain(|(name, _)| !keys.contains(name));
    }

    /// Tells of every field that was not asked for.
    pub(super) fn done(self) {
        for (key, field) in &self.left {
            let known = self.asked.clone();
            field.tell_known(ProblemEffect::Dropped, format!("`{key}` is unknown here"), known);
        }
    }
}
