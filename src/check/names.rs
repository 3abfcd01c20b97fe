//! Every name that a line may use, in tables made once: applications, zones and namespaces from the
//! manifests, externals and port aliases from the platform's files.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::{CheckInput, FileOwner};
use crate::calico::Dataplane;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::names::RESERVED_APPLICATION;
use crate::program::{Alias, Application, Exempt, External, Id, Namespace, Table, Zone};
use crate::reach::Decisions;
use crate::source::Span;
use crate::zones;

/// The names of one project.
#[derive(Debug)]
pub(super) struct Names<'a> {
    /// The declared namespaces as they were read, with their places.
    pub(super) manifests: &'a [zones::DeclaredNamespace],
    /// What programs the policies on each node.
    pub(super) dataplane: Dataplane,
    /// The key of the label that makes a landing zone.
    pub(super) application_key: &'a str,
    /// Landing zones, sorted.
    pub(super) applications: Table<Application>,
    /// Names of zones, sorted.
    pub(super) zones: Table<Zone>,
    /// Declared namespaces, sorted.
    pub(super) namespaces: Table<Namespace>,
    /// Exempt namespaces, sorted.
    pub(super) exempt: Vec<Exempt>,
    /// Externals.
    pub(super) externals: DeclaredNames<External>,
    /// Port aliases.
    pub(super) ports: DeclaredNames<Alias>,
    /// What was decided about selectors.
    pub(super) decisions: Decisions,
}

/// Names that statements declare. A name whose statement has an error is known, but means nothing: a line that
/// uses it is left out without an error of its own.
#[derive(Debug)]
pub(super) struct DeclaredNames<T> {
    /// What could be understood, sorted by name.
    pub(super) table: Table<T>,
    names: BTreeMap<Arc<str>, (Span, Option<Id<T>>)>,
}

impl<T> Default for DeclaredNames<T> {
    fn default() -> Self {
        Self { table: Table::default(), names: BTreeMap::new() }
    }
}

impl<T> DeclaredNames<T> {
    /// `items` are what each name stands for, with the place of its first declaration; `None` where that has
    /// an error.
    pub(super) fn new(items: BTreeMap<Arc<str>, (Span, Option<T>)>) -> Self {
        let mut table = Vec::new();
        let mut names = BTreeMap::new();
        for (name, (span, item)) in items {
            let id = item.map(|item| {
                table.push(item);
                Id::new(table.len() - 1)
            });
            names.insert(name, (span, id));
        }
        Self { table: Table::new(table), names }
    }

    /// Where `name` is declared, and what it stands for if that could be understood.
    pub(super) fn find(&self, name: &str) -> Option<(Span, Option<Id<T>>)> {
        self.names.get(name).copied()
    }

    /// Every declared name, sorted.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        self.names.keys().map(AsRef::as_ref)
    }
}

impl<'a> Names<'a> {
    /// The names that the manifests declare; nothing of the platform's yet.
    pub(super) fn of_manifests(input: &CheckInput<'a>, out: &mut Vec<Diagnostic>) -> Self {
        let manifests = input.zones.namespaces.as_slice();
        let mut applications: BTreeMap<Arc<str>, BTreeSet<&str>> = BTreeMap::new();
        let mut zones: BTreeSet<&str> = BTreeSet::new();
        for namespace in manifests {
            let zone = namespace.zone.as_ref().map(|zone| &*zone.value);
            zones.extend(zone);
            if let Some(application) = &namespace.application {
                if !applications.contains_key(&*application.value) {
                    check_reserved(&application.value, application.span, out);
                    applications.insert(Arc::from(&*application.value), BTreeSet::new());
                }
                if let Some(names) = applications.get_mut(&*application.value) {
                    names.extend(zone);
                }
            }
        }
        let zones = Table::new(zones.into_iter().map(|name| Zone { name: name.into() }).collect());
        let loaded: BTreeSet<&str> = input
            .files
            .iter()
            .filter_map(|(owner, _)| match owner {
                FileOwner::Platform => None,
                FileOwner::Application(name) => Some(&**name),
            })
            .collect();
        let written = |name: &str| input.write.is_none_or(|it| it.iter().any(|it| **it == *name));
        let applications = applications.into_iter().map(|(name, its)| Application {
            loaded: loaded.contains(&*name),
            elsewhere: !loaded.contains(&*name) && (input.partial || !written(&name)),
            zones: its.iter().filter_map(|zone| find_zone(&zones, zone)).collect(),
            name,
        });
        let applications = Table::new(applications.collect());
        let namespaces = Table::new(namespaces(manifests, &applications, &zones));
        Self {
            decisions: Decisions::default(),
            manifests,
            dataplane: input.settings.dataplane,
            application_key: &input.settings.labels.application,
            applications,
            zones,
            namespaces,
            exempt: Vec::new(),
            externals: DeclaredNames::default(),
            ports: DeclaredNames::default(),
        }
    }

    /// Takes the exempt namespaces, and marks those that a manifest declares.
    pub(super) fn set_exempt(&mut self, exempt: Vec<Exempt>) {
        let namespaces = std::mem::take(&mut self.namespaces);
        let marked = namespaces.iter().map(|(_, namespace)| {
            let found = exempt.binary_search_by(|it| it.name.cmp(&namespace.name));
            Namespace { exempt: found.is_ok(), ..namespace.clone() }
        });
        self.namespaces = Table::new(marked.collect());
        self.exempt = exempt;
    }

    /// The manifest of the namespace `name`.
    pub(super) fn manifest(&self, name: &str) -> Option<&'a zones::DeclaredNamespace> {
        let index = self.manifests.binary_search_by(|it| (*it.name.value).cmp(name)).ok()?;
        self.manifests.get(index)
    }

    /// The application `name`.
    pub(super) fn application(&self, name: &str) -> Option<Id<Application>> {
        self.applications.find(name, |it| &it.name)
    }

    /// The zone `name`, of whatever application.
    pub(super) fn zone(&self, name: &str) -> Option<Id<Zone>> {
        find_zone(&self.zones, name)
    }

    /// The name of `zone`.
    pub(super) fn zone_name(&self, zone: Id<Zone>) -> &str {
        self.zones.get(zone).map_or("", |it| &it.name)
    }

    /// Where the namespace `name` is exempted, if it is.
    pub(super) fn exempted(&self, name: &str) -> Option<Span> {
        let index = self.exempt.binary_search_by(|it| (*it.name).cmp(name)).ok()?;
        self.exempt.get(index).map(|it| it.span)
    }

    /// The names of the applications that have the zone `zone`, sorted.
    pub(super) fn applications_with(&self, zone: Id<Zone>) -> impl Iterator<Item = &str> {
        self.applications
            .iter()
            .filter(move |(_, it)| it.zones.binary_search(&zone).is_ok())
            .map(|(_, it)| &*it.name)
    }

    /// Where a manifest says that a namespace is of `application`: the first one by name.
    pub(super) fn application_span(&self, application: &str) -> Option<Span> {
        self.manifests
            .iter()
            .filter_map(|it| it.application.as_ref())
            .find(|it| &*it.value == application)
            .map(|it| it.span)
    }

    /// Where a manifest says that a namespace is in `zone`, of `application` or of any.
    pub(super) fn zone_span(&self, application: Option<&str>, zone: &str) -> Option<Span> {
        let of = |it: &&zones::DeclaredNamespace| {
            let its = it.application.as_ref().map(|name| &*name.value);
            its.is_some() && (application.is_none() || its == application)
        };
        self.manifests
            .iter()
            .filter(of)
            .filter_map(|it| it.zone.as_ref())
            .find(|it| &*it.value == zone)
            .map(|it| it.span)
    }
}

fn find_zone(zones: &Table<Zone>, name: &str) -> Option<Id<Zone>> {
    zones.find(name, |it| &it.name)
}

fn namespaces(
    manifests: &[zones::DeclaredNamespace],
    applications: &Table<Application>,
    zones: &Table<Zone>,
) -> Vec<Namespace> {
    let namespace = |it: &zones::DeclaredNamespace| {
        let application = it.application.as_ref();
        let label =
            |(key, value): &zones::ZoneLabel| (Arc::from(&*key.value), Arc::from(&*value.value));
        Namespace {
            name: Arc::from(&*it.name.value),
            labels: it.labels.iter().map(label).collect(),
            application: application.and_then(|it| applications.find(&it.value, |it| &it.name)),
            zone: it.zone.as_ref().and_then(|it| find_zone(zones, &it.value)),
            exempt: false,
            span: it.name.span,
        }
    };
    let mut found: Vec<Namespace> = manifests.iter().map(namespace).collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

/// `platform` is the owner of the platform's files, so no application may have that name.
fn check_reserved(name: &str, span: Span, out: &mut Vec<Diagnostic>) {
    if name == "platform" {
        out.push(
            Diagnostic::new(
                &RESERVED_APPLICATION,
                "an application cannot be called `platform`: that is the owner of the platform's files",
            )
            .label(span, "give the application another name")
            .help("change the label in every namespace of this application, and its folder"),
        );
    }
}
