//! What an endpoint stands for, and what two of them have in common: an external is what it names and not
//! its name, its own selector counts with that of the line.

use std::sync::Arc;

use ipnet::IpNet;

use crate::check::addresses;
use crate::program::{Application, Endpoint, ExternalValue, Id, Place, Program, Zone};
use crate::reach::Decisions;
use crate::selector::Selector;

/// A set of endpoints.
#[derive(Clone, Debug)]
pub(crate) struct LineEnd<'p> {
    /// Where.
    pub(crate) place: EndPlace<'p>,
    /// Which pods there; `None` for all.
    pub(crate) selector: Option<Arc<Selector>>,
    pub(super) decisions: &'p Decisions,
}

/// Where endpoints are. Different kinds have nothing in common.
#[derive(Clone, Copy, Debug)]
pub(crate) enum EndPlace<'p> {
    /// Namespaces by their labels; `None` for any.
    Zones(Option<Id<Application>>, Option<&'p [Id<Zone>]>),
    /// A namespace outside every landing zone.
    Namespace(&'p str),
    /// The endpoints of a service: namespace and name.
    Service(&'p str, &'p str),
    /// Addresses.
    Addresses(&'p [IpNet]),
}

/// A place of at most one zone, to find lines by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum PlaceKey<'p> {
    /// An application and a zone; `None` for any.
    Zone(Option<Id<Application>>, Option<Id<Zone>>),
    /// As in [`EndPlace`].
    Namespace(&'p str),
    /// As in [`EndPlace`].
    Service(&'p str, &'p str),
    /// As in [`EndPlace`].
    Addresses(&'p [IpNet]),
}

impl<'p> LineEnd<'p> {
    /// What `endpoint` of `program` stands for.
    pub(crate) fn new(
        program: &'p Program,
        decisions: &'p Decisions,
        endpoint: &'p Endpoint,
    ) -> Self {
        let own = match &endpoint.place {
            Place::Zones { .. } => None,
            Place::External(id) => match program.externals.get(*id).map(|it| &it.value) {
                Some(ExternalValue::Namespace { selector, .. }) => selector.as_ref(),
                Some(ExternalValue::Addresses(_) | ExternalValue::Service { .. }) | None => None,
            },
        };
        let place = EndPlace::new(program, endpoint);
        let selector = match (own, &endpoint.selector) {
            (Some(a), Some(b)) => {
                Some(Arc::new(Selector::And(vec![Selector::clone(a), Selector::clone(b)])))
            }
            (a, b) => a.or(b.as_ref()).cloned(),
        };
        Self { place, selector, decisions }
    }

    /// Whether every endpoint of `inner` is surely one of these.
    pub(crate) fn covers(&self, inner: &LineEnd<'_>) -> bool {
        self.place.covers(inner.place) && self.selector_covers(inner)
    }

    /// Whether every pod that the selector of `inner` takes is surely taken by this one.
    pub(crate) fn selector_covers(&self, inner: &LineEnd<'_>) -> bool {
        match (&self.selector, &inner.selector) {
            (None, _) => true,
            (Some(outer), inner) => {
                let inner = inner.as_deref().unwrap_or(&Selector::All);
                self.decisions.covers(outer, inner)
            }
        }
    }

    /// Whether some pod could satisfy both selectors.
    pub(crate) fn selectors_meet(&self, other: &LineEnd<'_>) -> bool {
        match (&self.selector, &other.selector) {
            (Some(a), Some(b)) => a == b || self.decisions.overlap(a, b),
            (None, _) | (_, None) => true,
        }
    }
}

impl<'p> EndPlace<'p> {
    /// Where `endpoint` of `program` is.
    pub(crate) fn new(program: &'p Program, endpoint: &'p Endpoint) -> Self {
        match &endpoint.place {
            Place::Zones { application, zones } => Self::Zones(*application, zones.as_deref()),
            Place::External(id) => match program.externals.get(*id).map(|it| &it.value) {
                Some(ExternalValue::Addresses(nets)) => Self::Addresses(nets),
                Some(ExternalValue::Namespace { name, .. }) => Self::Namespace(name),
                Some(ExternalValue::Service { namespace, name }) => Self::Service(namespace, name),
                None => Self::Addresses(&[]),
            },
        }
    }

    /// The places of one zone at most that this is made of.
    pub(crate) fn keys(self) -> Vec<PlaceKey<'p>> {
        match self {
            Self::Zones(application, None) => vec![PlaceKey::Zone(application, None)],
            Self::Zones(application, Some(zones)) => {
                zones.iter().map(|zone| PlaceKey::Zone(application, Some(*zone))).collect()
            }
            Self::Namespace(name) => vec![PlaceKey::Namespace(name)],
            Self::Service(namespace, name) => vec![PlaceKey::Service(namespace, name)],
            Self::Addresses(nets) => vec![PlaceKey::Addresses(nets)],
        }
    }

    /// Whether `inner` is part of this, now and later.
    pub(crate) fn covers(self, inner: EndPlace<'_>) -> bool {
        match (self, inner) {
            (Self::Zones(a, x), EndPlace::Zones(b, y)) => {
                let zones = match (x, y) {
                    (None, _) => true,
                    (Some(_), None) => false,
                    (Some(x), Some(y)) => y.iter().all(|zone| x.binary_search(zone).is_ok()),
                };
                (a.is_none() || a == b) && zones
            }
            (Self::Addresses(a), EndPlace::Addresses(b)) => {
                a == b || b.iter().all(|net| addresses::covers(a, *net))
            }
            (Self::Namespace(a), EndPlace::Namespace(b)) => a == b,
            (Self::Service(a, x), EndPlace::Service(b, y)) => (a, x) == (b, y),
            (
                Self::Zones(..) | Self::Namespace(_) | Self::Service(..) | Self::Addresses(_),
                EndPlace::Zones(..)
                | EndPlace::Namespace(_)
                | EndPlace::Service(..)
                | EndPlace::Addresses(_),
            ) => false,
        }
    }

    /// Whether some place, declared or not, is part of both.
    pub(crate) fn meets(self, other: EndPlace<'_>) -> bool {
        match (self, other) {
            (Self::Zones(a, x), EndPlace::Zones(b, y)) => {
                let zones = match (x, y) {
                    (None, _) | (_, None) => true,
                    (Some(x), Some(y)) => y.iter().any(|zone| x.binary_search(zone).is_ok()),
                };
                (a.is_none() || b.is_none() || a == b) && zones
            }
            (Self::Addresses(a), EndPlace::Addresses(b)) => addresses::overlap(a, b),
            (
                Self::Zones(..) | Self::Namespace(_) | Self::Service(..) | Self::Addresses(_),
                EndPlace::Zones(..)
                | EndPlace::Namespace(_)
                | EndPlace::Service(..)
                | EndPlace::Addresses(_),
            ) => self.covers(other),
        }
    }

    /// Whether this is any application's.
    pub(crate) fn is_any_application(self) -> bool {
        matches!(self, Self::Zones(None, _))
    }
}
