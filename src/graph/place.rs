//! Places as arrows join them: at most one zone each, so that what two lines have in common is one place again.

use std::sync::Arc;

use crate::program::{self, Application, Endpoint, External, ExternalValue, Id, Program, Zone};
use crate::reach::Decisions;
use crate::selector::Selector;
use crate::traffic::addresses;

/// Where something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NodePlace {
    /// A landing zone, as `a.*` means it.
    Whole(Id<Application>),
    /// The namespaces of a landing zone in one zone; `None`: those without the label.
    Zone(Id<Application>, Option<Id<Zone>>),
    /// Every landing zone: `*.*`.
    Everyone,
    /// One zone of every landing zone: `*.z`.
    EveryZone(Id<Zone>),
    /// An external.
    External(Id<External>),
}

/// A node, and which pods there; `None` for all.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GraphPlace {
    /// Where.
    pub node: NodePlace,
    /// Which pods.
    pub pods: Option<Arc<Selector>>,
}

impl NodePlace {
    /// The landing zone that all of it is in.
    pub fn application(self) -> Option<Id<Application>> {
        match self {
            Self::Whole(application) | Self::Zone(application, _) => Some(application),
            Self::Everyone | Self::EveryZone(_) | Self::External(_) => None,
        }
    }

    /// Whether it is in whatever landing zone there is, declared or not.
    pub fn is_everyone(self) -> bool {
        matches!(self, Self::Everyone | Self::EveryZone(_))
    }

    /// It, and every node that it is a part of by its name, the narrowest first.
    pub fn wider(self) -> Vec<Self> {
        match self {
            Self::Everyone | Self::External(_) => vec![self],
            Self::EveryZone(_) | Self::Whole(_) => vec![self, Self::Everyone],
            Self::Zone(application, None) => {
                vec![self, Self::Whole(application), Self::Everyone]
            }
            Self::Zone(application, Some(zone)) => {
                vec![self, Self::Whole(application), Self::EveryZone(zone), Self::Everyone]
            }
        }
    }

    /// What two nodes have in common among what is declared.
    fn meet(self, other: Self, program: &Program) -> Option<Self> {
        if self.wider().contains(&other) {
            return Some(self);
        }
        if other.wider().contains(&self) {
            return Some(other);
        }
        match (self, other) {
            (Self::Whole(application), Self::EveryZone(zone))
            | (Self::EveryZone(zone), Self::Whole(application)) => {
                let has = program.applications.get(application)?.zones.contains(&zone);
                has.then_some(Self::Zone(application, Some(zone)))
            }
            (Self::External(_), Self::External(_))
                if namespace(self, program)
                    .is_some_and(|it| namespace(other, program) == Some(it)) =>
            {
                Some(self)
            }
            (
                Self::Whole(_)
                | Self::Zone(..)
                | Self::Everyone
                | Self::EveryZone(_)
                | Self::External(_),
                _,
            ) => None,
        }
    }
}

impl GraphPlace {
    /// The places that one side of a line is made of.
    pub(super) fn of(endpoint: &Endpoint) -> Vec<Self> {
        let place = |node| Self { node, pods: endpoint.selector.clone() };
        match &endpoint.place {
            program::Place::External(id) => vec![place(NodePlace::External(*id))],
            program::Place::Zones { application, zones: None } => {
                vec![place(application.map_or(NodePlace::Everyone, NodePlace::Whole))]
            }
            program::Place::Zones { application, zones: Some(zones) } => zones
                .iter()
                .map(|zone| match application {
                    Some(application) => place(NodePlace::Zone(*application, Some(*zone))),
                    None => place(NodePlace::EveryZone(*zone)),
                })
                .collect(),
        }
    }

    /// Whether all of `inner` is surely in it.
    pub(super) fn covers(&self, inner: &Self, decisions: &Decisions) -> bool {
        inner.node.wider().contains(&self.node)
            && match (&self.pods, &inner.pods) {
                (None, _) => true,
                (Some(_), None) => false,
                (Some(outer), Some(inner)) => decisions.covers(outer, inner),
            }
    }

    /// What two places have in common among what is declared, if a pod could be in both.
    pub(super) fn meet(
        &self,
        other: &Self,
        program: &Program,
        decisions: &Decisions,
    ) -> Option<Self> {
        let node = self.node.meet(other.node, program)?;
        // Two externals may be one namespace: then the pods that each of them takes count too.
        let external = |it: &Self| {
            let NodePlace::External(id) = it.node else { return None };
            let external = program.externals.get(id).filter(|_| self.node != other.node)?;
            match &external.value {
                ExternalValue::Namespace { selector, .. } => selector.clone(),
                ExternalValue::Addresses(_) | ExternalValue::Service { .. } => None,
            }
        };
        let pods = both(decisions, self.pods.clone(), other.pods.clone())?;
        let pods = both(decisions, pods, external(other))?;
        let own = external(self);
        if let (Some(own), Some(pods)) = (&own, &pods)
            && !decisions.overlap(own, pods)
        {
            return None;
        }
        Some(Self { node, pods })
    }
}

/// The pods of both; `None` if no pod could be.
#[expect(clippy::option_option, reason = "no pods, or all pods, or some")]
fn both(
    decisions: &Decisions,
    a: Option<Arc<Selector>>,
    b: Option<Arc<Selector>>,
) -> Option<Option<Arc<Selector>>> {
    let (a, b) = match (a, b) {
        (Some(a), Some(b)) if a != b => (a, b),
        (a, b) => return Some(a.or(b)),
    };
    if !decisions.overlap(&a, &b) {
        None
    } else if decisions.covers(&a, &b) {
        Some(Some(b))
    } else if decisions.covers(&b, &a) {
        Some(Some(a))
    } else {
        Some(Some(Arc::new(Selector::and([Selector::clone(&a), Selector::clone(&b)]))))
    }
}

/// The namespace that an external is.
fn namespace(node: NodePlace, program: &Program) -> Option<&str> {
    let NodePlace::External(id) = node else { return None };
    match &program.externals.get(id)?.value {
        ExternalValue::Namespace { name, .. } => Some(name),
        ExternalValue::Addresses(_) | ExternalValue::Service { .. } => None,
    }
}

/// How much of the external `inner` is in `outer`: surely all, some, or none.
pub(super) fn overlap(
    program: &Program,
    decisions: &Decisions,
    outer: Id<External>,
    inner: Id<External>,
) -> Option<bool> {
    let [outer, inner] = [outer, inner].map(|id| program.externals.get(id).map(|it| &it.value));
    match (outer?, inner?) {
        (ExternalValue::Addresses(outer), ExternalValue::Addresses(inner)) => {
            let whole = || inner.iter().all(|net| addresses::covers(outer, *net));
            addresses::overlap(outer, inner).then(whole)
        }
        (
            ExternalValue::Namespace { name: outer, selector: all },
            ExternalValue::Namespace { name: inner, selector: some },
        ) => {
            let [all, some] = [all, some].map(|it| it.as_deref().unwrap_or(&Selector::All));
            let meet = outer == inner && decisions.overlap(all, some);
            meet.then(|| decisions.covers(all, some))
        }
        (outer, inner) => (outer == inner).then_some(true),
    }
}
