//! The places that are declared today, as far as lines can tell them apart: an application and a zone.

use rustc_hash::FxHashSet;

use crate::program::{Application, Id, Program, Zone};

/// A place that lines can tell from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Class {
    /// The namespaces of an application in one zone, or in none.
    Zone(Id<Application>, Option<Id<Zone>>),
    /// An external.
    Outside,
}

impl Class {
    /// Its application.
    pub(super) fn application(self) -> Option<Id<Application>> {
        match self {
            Self::Zone(application, _) => Some(application),
            Self::Outside => None,
        }
    }
}

/// Which zones each application has, and which applications have each zone.
#[derive(Debug)]
pub(super) struct DeclaredClasses {
    zones: Vec<Vec<Option<Id<Zone>>>>,
    applications: Vec<Vec<Id<Application>>>,
    /// Those with a namespace that is not exempt.
    open: FxHashSet<Class>,
    /// Those with a namespace that nothing closes.
    unclosed: FxHashSet<Class>,
}

impl DeclaredClasses {
    /// What the namespaces of `program` declare.
    pub(super) fn new(program: &Program) -> Self {
        let mut all = Self {
            zones: vec![Vec::new(); program.applications.len()],
            applications: vec![Vec::new(); program.zones.len()],
            open: FxHashSet::default(),
            unclosed: FxHashSet::default(),
        };
        for (_, namespace) in program.namespaces.iter() {
            let Some(application) = namespace.application else { continue };
            if let Some(zones) = all.zones.get_mut(application.index()) {
                zones.push(namespace.zone);
            }
            let class = Class::Zone(application, namespace.zone);
            if !namespace.exempt {
                all.open.insert(class);
            }
            if !program.is_isolated(namespace) {
                all.unclosed.insert(class);
            }
            let applications =
                namespace.zone.and_then(|zone| all.applications.get_mut(zone.index()));
            if let Some(applications) = applications {
                applications.push(application);
            }
        }
        for zones in &mut all.zones {
            zones.sort_unstable();
            zones.dedup();
        }
        for applications in &mut all.applications {
            applications.sort_unstable();
            applications.dedup();
        }
        all
    }

    /// Whether some namespace of the place is not exempt.
    pub(super) fn is_open(&self, class: Class) -> bool {
        self.open.contains(&class)
    }

    /// Whether some namespace of the place is closed by nothing today.
    pub(super) fn is_unclosed(&self, class: Class) -> bool {
        self.unclosed.contains(&class)
    }

    /// The zones of `application`; `None` among them if it has a namespace without one.
    fn zones(&self, application: Id<Application>) -> &[Option<Id<Zone>>] {
        self.zones.get(application.index()).map_or(&[], Vec::as_slice)
    }

    /// The declared places of `application` (`None` for every one) in `zones` (`None` for all, and none).
    pub(super) fn classes<'a>(
        &'a self,
        application: Option<Id<Application>>,
        zones: Option<&'a [Id<Zone>]>,
    ) -> Box<dyn Iterator<Item = Class> + 'a> {
        let of = move |application: Id<Application>| {
            let all = self.zones(application).iter();
            let chosen = all.filter(move |zone| {
                zones.is_none_or(|chosen| zone.is_some_and(|it| chosen.contains(&it)))
            });
            chosen.map(move |zone| Class::Zone(application, *zone))
        };
        match (application, zones) {
            (Some(application), _) => Box::new(of(application)),
            (None, None) => Box::new((0..self.zones.len()).map(Id::new).flat_map(of)),
            (None, Some(zones)) => Box::new(zones.iter().flat_map(move |zone| {
                let applications = self.applications.get(zone.index()).into_iter().flatten();
                applications.map(move |it| Class::Zone(*it, Some(*zone)))
            })),
        }
    }
}
