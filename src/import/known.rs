//! The names that lines can use: the landing zones and namespaces of a world, and which of them are exempt.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::side::LinePlace;
use crate::program::Id;
use crate::program::{Application, Namespace, Program, Settings, Zone};
use crate::reach::{Decisions, Direction};
use crate::selector::keys::OF_NAMESPACE;

/// The names of a world.
#[derive(Debug)]
pub(super) struct KnownNames<'w> {
    pub(super) program: &'w Program,
    /// The label of applications, as Calico shows it on an endpoint.
    pub(super) application: String,
    /// The label of zones, likewise.
    pub(super) zone: String,
    /// The namespaces that the default deny leaves out.
    pub(super) exempt: BTreeSet<Arc<str>>,
    /// The declared namespaces that nothing closes in a direction.
    pub(super) unclosed: BTreeSet<(Arc<str>, Direction)>,
    /// What was decided about selectors.
    pub(super) decisions: Decisions,
}

impl<'w> KnownNames<'w> {
    pub(super) fn new(program: &'w Program, settings: &Settings) -> Self {
        Self {
            program,
            application: format!("{OF_NAMESPACE}{}", settings.labels.application),
            zone: format!("{OF_NAMESPACE}{}", settings.labels.zone),
            exempt: BTreeSet::new(),
            unclosed: BTreeSet::new(),
            decisions: Decisions::default(),
        }
    }

    /// The declared namespace `name`.
    pub(super) fn namespace(&self, name: &str) -> Option<&'w Namespace> {
        let id = self.program.namespaces.find(name, |it| &it.name)?;
        self.program.namespaces.get(id)
    }

    /// The application `name`.
    pub(super) fn application(&self, name: &str) -> Option<&'w Application> {
        let id = self.program.applications.find(name, |it| &it.name)?;
        self.program.applications.get(id)
    }

    /// The names of the zones of `application`, sorted.
    pub(super) fn zones(&self, application: &str) -> Vec<Arc<str>> {
        let zones = self.application(application).map_or(&[][..], |it| &it.zones);
        zones.iter().filter_map(|id| self.zone_name(*id)).collect()
    }

    pub(super) fn zone_name(&self, zone: Id<Zone>) -> Option<Arc<str>> {
        self.program.zones.get(zone).map(|it| Arc::clone(&it.name))
    }

    /// The name of the application of `namespace`.
    pub(super) fn application_of(&self, namespace: &Namespace) -> Option<&'w Arc<str>> {
        self.program.applications.get(namespace.application?).map(|it| &it.name)
    }

    /// The name of the zone of `namespace`.
    pub(super) fn zone_of(&self, namespace: &Namespace) -> Option<Arc<str>> {
        namespace.zone.and_then(|id| self.zone_name(id))
    }

    /// Whether the default deny leaves the namespace `name` out.
    pub(super) fn is_exempt(&self, name: &str) -> bool {
        self.exempt.contains(name)
    }

    /// The declared namespaces of `application`, of one zone or of none, those that are exempt apart.
    pub(super) fn members(&self, application: &str, zone: Option<&str>) -> Vec<Arc<str>> {
        let of = |it: &&Namespace| {
            self.application_of(it).is_some_and(|its| **its == *application)
                && self.zone_of(it).as_deref() == zone
                && !self.is_exempt(&it.name)
        };
        self.program
            .namespaces
            .iter()
            .map(|(_, it)| it)
            .filter(of)
            .map(|it| it.name.clone())
            .collect()
    }

    /// What keeps a line from naming `place`: nothing that the manifests declare has the name.
    pub(super) fn unknown(&self, place: &LinePlace) -> Option<String> {
        let LinePlace::Zones { application, zones } = place else { return None };
        if let Some(name) = application
            && self.application(name).is_none()
        {
            return Some(format!("`{name}`, of which no namespace is declared"));
        }
        let all = || self.program.zones.iter().map(|(_, it)| Arc::clone(&it.name)).collect();
        let known = application.as_ref().map_or_else(all, |name| self.zones(name));
        let missing = zones.iter().flatten().find(|zone| !known.contains(zone))?;
        let whole = application.as_deref().unwrap_or("*");
        Some(format!("`{whole}.{missing}`, of which no namespace is declared"))
    }
}
