//! The places of a question: zones, externals, namespaces by name, addresses; and where in a cluster they are.

use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;

use crate::program::{Endpoint, ExternalValue};
use crate::selector::Selector;
use crate::selector::keys::OF_NAMESPACE;
use crate::traffic::Family;
use crate::world::World;

/// A place of a question: everywhere that it means.
#[derive(Clone, Debug)]
pub struct QueryPlace {
    /// As people write it.
    pub text: String,
    /// Where that is.
    pub parts: Vec<QueryPart>,
    /// How a flow names it, if one can.
    pub written: Option<FlowSide>,
    /// Which pods of namespaces that may come would be here, where it has its namespaces by their labels.
    pub later: Option<Arc<Selector>>,
}

/// A side of a flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowSide {
    /// As it is written.
    pub text: String,
    /// The application that it is of; none of any application, or of an external.
    pub application: Option<Arc<str>>,
    /// Whether it is an external.
    pub external: bool,
    /// Whether it is a service.
    pub service: bool,
}

/// One part of a place.
#[derive(Clone, Debug)]
pub struct QueryPart {
    /// As people know it: the name of a namespace, blocks of addresses, the name of a host endpoint.
    pub name: String,
    /// What it is.
    pub what: QueryPartKind,
}

/// What a part is.
#[derive(Clone, Debug)]
pub enum QueryPartKind {
    /// Pods of a namespace.
    Pods {
        /// The namespace, by its index among those that are known.
        home: usize,
        /// Which of its pods.
        selector: Option<Arc<Selector>>,
        /// The service, by namespace and name, whose endpoints are meant.
        service: Option<(Arc<str>, Arc<str>)>,
    },
    /// Pods of the namespaces that no manifest declares and nothing names: they may come with any labels.
    Later {
        /// Which of them, by their labels and those of their namespace as Calico shows them.
        selector: Option<Arc<Selector>>,
    },
    /// Addresses outside the cluster.
    Addresses(Vec<IpNet>),
    /// A host endpoint, by its index in the cluster.
    Host(usize),
}

/// A name that nothing declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// The name.
    pub name: String,
    /// The nearest one that is known.
    pub near: Option<String>,
}

impl QueryPlace {
    /// The place that `side` of a flow would be, written `text`.
    pub fn of_side(world: &World, side: &Endpoint, text: String) -> Self {
        use crate::program::Place as Side;
        let selector = side.selector.clone();
        let parts = match &side.place {
            Side::Zones { application, zones } => {
                let here = world.program.namespaces.iter().filter(|(_, it)| {
                    it.application.is_some()
                        && (application.is_none() || it.application == *application)
                        && zones
                            .as_ref()
                            .is_none_or(|zones| it.zone.is_some_and(|zone| zones.contains(&zone)))
                });
                let part = |name: &Arc<str>| world.pods(name, selector.clone(), None);
                here.filter_map(|(_, it)| part(&it.name)).collect()
            }
            Side::External(id) => match world.program.externals.get(*id).map(|it| &it.value) {
                Some(ExternalValue::Addresses(nets)) => {
                    vec![QueryPart {
                        name: text.clone(),
                        what: QueryPartKind::Addresses(nets.clone()),
                    }]
                }
                Some(ExternalValue::Namespace { name, selector: own }) => {
                    let both = [own, &selector].into_iter().flatten();
                    let both = Selector::and(both.map(|it| Selector::clone(it)));
                    let both = (both != Selector::All).then(|| Arc::new(both));
                    world.pods(name, both, None).into_iter().collect()
                }
                Some(ExternalValue::Service { namespace, name }) => {
                    let service = (Arc::clone(namespace), Arc::clone(name));
                    let part = world.pods(namespace, None, Some(service));
                    part.map(|part| QueryPart { name: text.clone(), ..part }).into_iter().collect()
                }
                None => Vec::new(),
            },
        };
        let (application, external, service) = match &side.place {
            Side::Zones { application, .. } => {
                let application = application.and_then(|id| world.program.applications.get(id));
                (application.map(|it| Arc::clone(&it.name)), false, false)
            }
            Side::External(id) => {
                let external = world.program.externals.get(*id).map(|it| &it.value);
                (None, true, matches!(external, Some(ExternalValue::Service { .. })))
            }
        };
        let written = Some(FlowSide { text: text.clone(), application, external, service });
        let later = later(world, side);
        Self { text, parts, written, later }
    }

    /// The namespace `name`.
    ///
    /// # Errors
    /// If nothing names it.
    pub fn of_namespace(
        world: &World,
        name: &str,
        selector: Option<Arc<Selector>>,
        text: String,
    ) -> Result<Self, Unknown> {
        let Some(part) = world.pods(name, selector, None) else {
            let known = world.homes.iter().map(|it| &*it.name);
            let near = crate::diagnostic::nearest::nearest(name, known).map(str::to_owned);
            return Err(Unknown { name: name.to_owned(), near });
        };
        Ok(Self::nameable(world, Self { text, parts: vec![part], written: None, later: None }))
    }

    /// Addresses. The expected address of a host endpoint is that host endpoint.
    pub fn of_addresses(world: &World, nets: IpNet, text: String) -> Self {
        let host = single(nets).and_then(|address| world.host_at(address));
        let host = host.and_then(|index| Some((index, world.cluster.hosts.get(index)?)));
        let part = match host {
            Some((index, host)) => {
                QueryPart { name: host.name.to_string(), what: QueryPartKind::Host(index) }
            }
            None => QueryPart::addresses(vec![nets]),
        };
        Self::nameable(world, Self { text, parts: vec![part], written: None, later: None })
    }
}

impl World {
    /// Pods of the namespace `name`, if it is known.
    pub(super) fn pods(
        &self,
        name: &str,
        selector: Option<Arc<Selector>>,
        service: Option<(Arc<str>, Arc<str>)>,
    ) -> Option<QueryPart> {
        let home = self.home(name)?;
        let shown = match &service {
            Some((namespace, service)) => format!("service {namespace}/{service}"),
            None => name.to_owned(),
        };
        Some(QueryPart { name: shown, what: QueryPartKind::Pods { home, selector, service } })
    }
}

impl World {
    /// The external that has all of `nets`.
    pub(super) fn external_of(&self, nets: &[IpNet]) -> Option<FlowSide> {
        self.program.externals.iter().find_map(|(_, external)| match &external.value {
            ExternalValue::Addresses(its) => {
                let held = |net: &IpNet| its.iter().any(|it| it.contains(net));
                nets.iter().all(held).then(|| FlowSide {
                    text: external.name.to_string(),
                    application: None,
                    external: true,
                    service: false,
                })
            }
            ExternalValue::Namespace { .. } | ExternalValue::Service { .. } => None,
        })
    }
}

impl QueryPart {
    /// The same with all of its pods.
    pub(super) fn of_all_pods(&self) -> Self {
        let what = match &self.what {
            QueryPartKind::Pods { home, service, .. } => {
                QueryPartKind::Pods { home: *home, selector: None, service: service.clone() }
            }
            QueryPartKind::Later { .. } => QueryPartKind::Later { selector: None },
            QueryPartKind::Addresses(nets) => QueryPartKind::Addresses(nets.clone()),
            QueryPartKind::Host(index) => QueryPartKind::Host(*index),
        };
        Self { name: self.name.clone(), what }
    }

    /// These addresses.
    pub(super) fn addresses(nets: Vec<IpNet>) -> Self {
        let text = |net: &IpNet| single(*net).map_or(net.to_string(), |it| it.to_string());
        let name = nets.iter().map(text).collect::<Vec<_>>().join(", ");
        Self { name, what: QueryPartKind::Addresses(nets) }
    }

    /// The IP families of its addresses, where those are known.
    pub(super) fn families(&self, world: &World) -> Option<Vec<Family>> {
        let of = |v4: bool| if v4 { Family::V4 } else { Family::V6 };
        match &self.what {
            QueryPartKind::Addresses(nets) => {
                Some(nets.iter().map(|it| of(it.addr().is_ipv4())).collect())
            }
            QueryPartKind::Host(index) => {
                let host = world.cluster.hosts.get(*index)?;
                Some(host.addresses.iter().map(|it| of(it.is_ipv4())).collect())
            }
            QueryPartKind::Pods { .. } | QueryPartKind::Later { .. } => None,
        }
    }

    /// Whether a connection can have both of its ends here and at `other`.
    pub(super) fn can_meet(&self, other: &Self, world: &World) -> bool {
        match (self.families(world), other.families(world)) {
            (Some(here), Some(there)) => here.iter().any(|it| there.contains(it)),
            (None, _) | (_, None) => true,
        }
    }

    /// The service whose endpoints are meant.
    pub(super) fn service(&self) -> Option<&(Arc<str>, Arc<str>)> {
        match &self.what {
            QueryPartKind::Pods { service, .. } => service.as_ref(),
            QueryPartKind::Later { .. } | QueryPartKind::Addresses(_) | QueryPartKind::Host(_) => {
                None
            }
        }
    }

    /// Whether it is pods.
    pub(super) fn is_pods(&self) -> bool {
        matches!(self.what, QueryPartKind::Pods { .. } | QueryPartKind::Later { .. })
    }

    /// Whether it is pods of namespaces that may come.
    pub(super) fn is_later(&self) -> bool {
        matches!(self.what, QueryPartKind::Later { .. })
    }

    /// The pods of namespaces that may come that `selector` takes.
    pub(super) fn later(selector: Option<Arc<Selector>>) -> Self {
        Self { name: LATER.to_owned(), what: QueryPartKind::Later { selector } }
    }
}

/// What every namespace is called, those that may come among them: as a place is written.
pub(super) const EVERY_NAMESPACE: &str = "namespace/*";
/// What namespaces are called that may come.
pub(super) const LATER: &str = "namespaces that may come";

/// The pods of namespaces with the labels that `side` asks for, and that its selector takes.
fn later(world: &World, side: &Endpoint) -> Option<Arc<Selector>> {
    let crate::program::Place::Zones { application, zones } = &side.place else { return None };
    let (program, keys) = (&world.program, &world.program.settings.labels);
    let key = |of: &str| format!("{OF_NAMESPACE}{of}");
    let application = match application.and_then(|id| program.applications.get(id)) {
        Some(application) => {
            Selector::equals(key(&keys.application), Arc::clone(&application.name))
        }
        None => Selector::has(key(&keys.application)),
    };
    let zones = zones.as_ref().map(|zones| {
        let names = zones.iter().filter_map(|id| program.zones.get(*id));
        Selector::one_of(key(&keys.zone), names.map(|it| Arc::clone(&it.name)))
    });
    let own = side.selector.as_ref().map(|it| Selector::clone(it));
    Some(Arc::new(Selector::and([Some(application), zones, own].into_iter().flatten())))
}

/// The address that is the whole block.
fn single(net: IpNet) -> Option<IpAddr> {
    (net.prefix_len() == net.max_prefix_len()).then(|| net.addr())
}
