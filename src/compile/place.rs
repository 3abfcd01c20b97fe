//! Places as sets of pods that Calico's selectors can describe exactly: namespaces by their labels or their
//! name, less other namespaces; in them pods by a selector, less other pods. A guardrail's left side
//! without what it excuses is several of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::calico::encode;
use crate::program::{Application, Endpoint, ExternalValue, Id, Place, Program, Zone};
use crate::selector::keys::NAME;
use crate::selector::{Predicate, Selector, Test};

/// Namespaces that bear all of what is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct NamespaceScope {
    /// The label of a landing zone, and of zones in it.
    pub(super) labels: Option<ZoneLabels>,
    /// The name.
    pub(super) name: Option<Arc<str>>,
}

/// What the labels of a landing zone must be; `None` is any, as in a flow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ZoneLabels {
    pub(super) application: Option<Id<Application>>,
    pub(super) zones: Option<Vec<Id<Zone>>>,
}

/// Some pods.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pods {
    /// In which namespaces.
    pub(super) namespaces: NamespaceScope,
    /// Not in any of these.
    pub(super) without: Vec<NamespaceScope>,
    /// Which pods there.
    pub(super) selector: Option<Arc<Selector>>,
    /// And none of these.
    pub(super) unselected: Vec<Arc<Selector>>,
}

impl NamespaceScope {
    /// All namespaces of an application.
    pub(super) fn of_application(application: Id<Application>) -> Self {
        let labels = ZoneLabels { application: Some(application), zones: None };
        Self { labels: Some(labels), name: None }
    }

    /// What is in both; `None` where nothing can be.
    fn and(&self, other: &Self) -> Option<Self> {
        let labels = match (&self.labels, &other.labels) {
            (Some(a), Some(b)) => Some(a.and(b)?),
            (a, b) => a.clone().or_else(|| b.clone()),
        };
        let name = both(self.name.as_ref(), other.name.as_ref())?;
        Some(Self { labels, name })
    }

    /// The conditions on the labels of a namespace, all of which must hold.
    pub(super) fn terms(&self, program: &Program) -> Vec<Selector> {
        let keys = &program.settings.labels;
        let mut terms = Vec::new();
        if let Some(labels) = &self.labels {
            let key = Arc::from(&*keys.application);
            terms.push(match labels.application.and_then(|id| program.applications.get(id)) {
                Some(application) => Selector::equals(key, application.name.clone()),
                None => Selector::has(key),
            });
            if let Some(zones) = &labels.zones {
                let names = zones.iter().filter_map(|id| program.zones.get(*id));
                terms.push(Selector::one_of(
                    Arc::from(&*keys.zone),
                    names.map(|zone| zone.name.clone()),
                ));
            }
        }
        if let Some(name) = &self.name {
            terms.push(Selector::equals(NAME, name.clone()));
        }
        terms
    }
}

impl ZoneLabels {
    fn and(&self, other: &Self) -> Option<Self> {
        let application = both(self.application.as_ref(), other.application.as_ref())?;
        let zones = match (&self.zones, &other.zones) {
            (Some(a), Some(b)) => {
                let common: Vec<_> = a.iter().copied().filter(|zone| b.contains(zone)).collect();
                (!common.is_empty()).then_some(Some(common))?
            }
            (a, b) => a.clone().or_else(|| b.clone()),
        };
        Some(Self { application, zones })
    }
}

/// What two conditions of equality together say: `None` where they contradict each other.
#[expect(clippy::option_option, reason = "no condition, and no way to meet both, are two things")]
fn both<T: PartialEq + Clone>(a: Option<&T>, b: Option<&T>) -> Option<Option<T>> {
    match (a, b) {
        (Some(a), Some(b)) if a != b => None,
        (a, b) => Some(a.or(b).cloned()),
    }
}

impl Pods {
    /// The pods of `endpoint`; `None` for addresses and services.
    pub(super) fn of(program: &Program, endpoint: &Endpoint) -> Option<Self> {
        let mut selector = endpoint.selector.clone();
        let namespaces = match &endpoint.place {
            Place::Zones { application, zones } => {
                let labels = ZoneLabels { application: *application, zones: zones.clone() };
                NamespaceScope { labels: Some(labels), name: None }
            }
            Place::External(id) => match &program.externals.get(*id)?.value {
                ExternalValue::Namespace { name, selector: declared } => {
                    let both = declared.iter().chain(&selector);
                    selector = all_of(both.map(|it| Selector::clone(it))).map(Arc::new);
                    NamespaceScope { labels: None, name: Some(name.clone()) }
                }
                ExternalValue::Addresses(_) | ExternalValue::Service { .. } => return None,
            },
        };
        Some(Self { namespaces, selector, ..Self::default() })
    }

    /// The same pods, zone by zone: a local side of several zones is as many places.
    pub(super) fn by_zone(&self) -> Vec<Self> {
        let zones = self.namespaces.labels.as_ref().and_then(|labels| labels.zones.as_ref());
        let Some(zones) = zones else { return vec![self.clone()] };
        let places = zones.iter().map(|zone| self.with_zones(Some(vec![*zone])));
        places.filter_map(Self::tidy).collect()
    }

    /// The same pods, without what leaves out nothing of them; `None` where all of them are left out.
    fn tidy(mut self) -> Option<Self> {
        let namespaces = &self.namespaces;
        self.without.retain(|out| out.and(namespaces).is_some());
        let all = self.without.iter().any(|out| out.and(namespaces).as_ref() == Some(namespaces));
        (!all).then_some(self)
    }

    /// The same pods of other zones; what names no zones stays as it is.
    pub(super) fn with_zones(&self, zones: Option<Vec<Id<Zone>>>) -> Self {
        let mut pods = self.clone();
        if let Some(labels) = &mut pods.namespaces.labels {
            labels.zones = zones;
        }
        pods
    }

    /// These pods without `other`: parts that together are exactly what is left.
    pub(super) fn minus(self, other: &Self) -> Vec<Self> {
        let Some(common) = self.namespaces.and(&other.namespaces) else { return vec![self] };
        let mut parts = Vec::new();
        // Of the very same pods nothing is left.
        if let Some(selector) =
            other.selector.as_ref().filter(|it| Some(*it) != self.selector.as_ref())
        {
            let mut inside = Self { namespaces: common.clone(), ..self.clone() };
            inside.unselected.push(selector.clone());
            inside.unselected.sort();
            inside.unselected.dedup();
            parts.extend(inside.tidy());
        }
        if common != self.namespaces {
            let mut outside = self;
            outside.without.push(other.namespaces.clone());
            outside.without.sort();
            outside.without.dedup();
            parts.push(outside);
        }
        parts
    }

    /// Conditions on the labels of the namespaces, all of which must hold.
    pub(super) fn namespace_terms(&self, program: &Program) -> Vec<Selector> {
        let mut terms = self.namespaces.terms(program);
        terms.extend(self.without_terms(program));
        terms
    }

    /// Of these, the ones that leave namespaces out: only what the place does not say itself, and
    /// applications that leave out the same zones together.
    pub(super) fn without_terms(&self, program: &Program) -> Vec<Selector> {
        let own = self.namespaces.labels.as_ref();
        let mut groups: BTreeMap<_, BTreeSet<Option<Id<Application>>>> = BTreeMap::new();
        for out in &self.without {
            let application = out.labels.as_ref().and_then(|labels| labels.application);
            let application = application.filter(|_| own.and_then(|own| own.application).is_none());
            let zones = out.labels.as_ref().and_then(|labels| labels.zones.clone());
            let zones = zones.filter(|zones| {
                let own = own.and_then(|own| own.zones.as_ref());
                !own.is_some_and(|own| own.iter().all(|zone| zones.contains(zone)))
            });
            let name = out.name.clone().filter(|_| self.namespaces.name.is_none());
            // `*` says that the label is there, which a place of landing zones says itself.
            let any = own.is_none() && out.labels.is_some() && application.is_none();
            groups.entry((any, zones, name)).or_default().insert(application);
        }
        let groups = groups.into_iter().map(|((any, zones, name), applications)| {
            let ids: Option<Vec<_>> = applications.into_iter().collect();
            let names = ids.map(|ids| {
                let named = ids.into_iter().filter_map(|id| program.applications.get(id));
                named.map(|application| application.name.clone())
            });
            let key = Arc::from(&*program.settings.labels.application);
            let application = match names {
                Some(names) => Some(Selector::one_of(key, names)),
                None => any.then_some(Selector::has(key)),
            };
            let labels = zones.map(|zones| ZoneLabels { application: None, zones: Some(zones) });
            let rest = NamespaceScope { labels, name }.terms(program).into_iter();
            // The terms of zones begin with that of the application, which is said already.
            let rest =
                rest.filter(|term| term.test().is_none_or(|it| it.predicate != Predicate::Has));
            not(Selector::and(application.into_iter().chain(rest)))
        });
        groups.collect()
    }

    /// Conditions on the labels of the pods, all of which must hold.
    pub(super) fn pod_terms(&self) -> impl Iterator<Item = Selector> {
        let without = self.unselected.iter().map(|selector| not(Selector::clone(selector)));
        self.selector.iter().map(|selector| Selector::clone(selector)).chain(without)
    }

    /// The place in words that tell it from every other: what its name is made of.
    pub(super) fn text(&self, program: &Program) -> String {
        let brackets = |selector: &Arc<Selector>| format!("[{}]", encode::selector(selector));
        let selector = self.selector.as_ref().map(brackets).unwrap_or_default();
        let without = self.without.iter().map(|out| out.text(program));
        let except = without.chain(self.unselected.iter().map(brackets));
        let except: String = except.flat_map(|out| [" except ".into(), out]).collect();
        self.namespaces.text(program) + &selector + &except
    }
}

impl NamespaceScope {
    fn text(&self, program: &Program) -> String {
        // A label may hold dots itself: in quotes it cannot be taken for two.
        let quoted =
            |name: &str| if name.contains('.') { format!("\"{name}\"") } else { name.into() };
        let labels = self.labels.as_ref().map(|labels| {
            let application = labels.application.and_then(|id| program.applications.get(id));
            let application = application.map_or("*".into(), |it| quoted(&it.name));
            let zones = labels.zones.as_ref().map_or("*".into(), |zones| {
                let names = zones.iter().filter_map(|id| program.zones.get(*id));
                names.map(|zone| quoted(&zone.name)).collect::<Vec<_>>().join(",")
            });
            format!("{application}.{zones}")
        });
        let name = self.name.as_ref().map(ToString::to_string);
        [name, labels].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

/// All of `terms` as one selector; `None` for no condition.
pub(super) fn all_of(terms: impl IntoIterator<Item = Selector>) -> Option<Selector> {
    let all = Selector::and(terms);
    (all != Selector::All).then_some(all)
}

fn not(selector: Selector) -> Selector {
    match selector {
        Selector::Test(Test { key, predicate, positive: true }) => {
            Selector::of(key, predicate, false)
        }
        Selector::All
        | Selector::Global
        | Selector::Test(_)
        | Selector::Not(_)
        | Selector::And(_)
        | Selector::Or(_) => !selector,
    }
}

#[cfg(test)]
mod tests;
