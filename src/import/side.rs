//! One side of a line to be written: a place by its names, and which pods there.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::calico::encode;
use crate::reach::Decisions;
use crate::selector::Selector;
use crate::syntax::build;
use crate::syntax::tree;

/// A place by its names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum LinePlace {
    /// Namespaces by their labels; `None` is `*`.
    Zones { application: Option<Arc<str>>, zones: Option<BTreeSet<Arc<str>>> },
    /// An external.
    External(Arc<str>),
}

/// One side of a line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LineSide {
    pub(super) place: LinePlace,
    /// Which pods there; `None` for all.
    pub(super) pods: Option<Selector>,
}

impl LineSide {
    /// The application that the place is of.
    pub(super) fn application(&self) -> Option<&Arc<str>> {
        match &self.place {
            LinePlace::Zones { application, .. } => application.as_ref(),
            LinePlace::External(_) => None,
        }
    }

    /// Whether the place is one of every application.
    pub(super) fn is_anyone(&self) -> bool {
        matches!(self.place, LinePlace::Zones { application: None, .. })
    }

    /// What of `other` is within this side; none where nothing is.
    pub(super) fn excused(&self, other: &Self) -> Option<Self> {
        let place = match (&self.place, &other.place) {
            (
                LinePlace::Zones { application: own, zones },
                LinePlace::Zones { application: its, zones: other },
            ) => {
                if own.is_some() && its.is_some() && own != its {
                    return None;
                }
                let zones = match (zones, other) {
                    (Some(a), Some(b)) => Some(a.intersection(b).cloned().collect()),
                    (a, b) => a.clone().or_else(|| b.clone()),
                };
                if zones.as_ref().is_some_and(BTreeSet::is_empty) {
                    return None;
                }
                LinePlace::Zones { application: own.clone().or_else(|| its.clone()), zones }
            }
            (LinePlace::Zones { .. } | LinePlace::External(_), place) => place.clone(),
        };
        Some(Self { place, pods: self.pods.clone() })
    }

    /// The side as a statement has it.
    pub(super) fn tree(&self) -> tree::Endpoint {
        let place = match &self.place {
            LinePlace::Zones { application, zones } => tree::Place::Zones {
                application: build::at(match application {
                    Some(name) => tree::Application::Named((&**name).into()),
                    None => tree::Application::Any,
                }),
                zones: build::at(match zones {
                    Some(names) => {
                        tree::ZoneList::Named(names.iter().map(|it| build::name(it)).collect())
                    }
                    None => tree::ZoneList::Any,
                }),
            },
            LinePlace::External(name) => tree::Place::External(build::name(name)),
        };
        let selector = self.pods.as_ref().map(|it| build::at(encode::selector(it).into()));
        tree::Endpoint { place, selector, span: build::nowhere() }
    }
}

/// Whether every pod of `inner` is one of `outer`.
pub(super) fn within(
    decisions: &Decisions,
    inner: Option<&Selector>,
    outer: Option<&Selector>,
) -> bool {
    match (inner, outer) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(inner), Some(outer)) => decisions.covers(outer, inner),
    }
}

/// The pods of both.
pub(super) fn both(
    decisions: &Decisions,
    a: Option<&Selector>,
    b: Option<&Selector>,
) -> Option<Selector> {
    if within(decisions, a, b) {
        return a.cloned();
    }
    if within(decisions, b, a) {
        return b.cloned();
    }
    let all = Selector::and(a.into_iter().chain(b).cloned());
    (all != Selector::All).then_some(all)
}
