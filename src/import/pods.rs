//! From selectors, as Calico sees them on an endpoint, to places with pods as lines name them.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::known::KnownNames;
use super::partial::{never, partial, terms};
use super::side::LinePlace;
use crate::calico::encode;
use crate::diagnostic::visible::is_hidden;
use crate::program::Namespace;
use crate::selector::keys::{
    ACCOUNT, DNS_KEY, DNS_VALUE, KUBE_SYSTEM, NAMESPACE, OF_ACCOUNT, OF_NAMESPACE, ORCHESTRATOR,
    names_account, names_namespace,
};
use crate::selector::{Predicate, Selector};
use crate::zones::is_namespace_name;

/// A place, and which pods there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RulePods {
    pub(super) home: HomePods,
    pub(super) pods: Option<Selector>,
}

/// A place of pods.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum HomePods {
    /// Landing zones.
    Zones(LinePlace),
    /// A namespace by its name, outside every landing zone.
    Namespace(Arc<str>),
}

/// What a selector asks of a namespace, and of the pods in it.
#[derive(Debug, Default)]
struct PodTerms {
    names: Option<BTreeSet<Arc<str>>>,
    /// Whether the label of an application must be there.
    landing_zone: bool,
    /// Which values it may have.
    applications: Option<BTreeSet<Arc<str>>>,
    zones: Option<BTreeSet<Arc<str>>>,
    /// What else is asked of the namespace.
    others: Vec<Selector>,
    pods: Vec<Selector>,
}

/// So many ways of a selector are taken apart.
const MOST: usize = 64;

/// The names of namespaces that `selector` compares with.
pub(super) fn names(selector: &Selector) -> Vec<Arc<str>> {
    let tests = selector.tests().into_iter().filter(|it| names_namespace(&it.key));
    tests.flat_map(|it| it.predicate.values().unwrap_or_default()).cloned().collect()
}

pub(super) fn of_namespace(key: &str) -> bool {
    names_namespace(key) || key.starts_with(OF_NAMESPACE)
}

/// What is known of every pod, whatever its namespace.
pub(super) fn of_every_pod(test: &Selector) -> Option<bool> {
    let test = test.test()?;
    if *test.key == *ORCHESTRATOR {
        return Some(test.passes(Some("k8s")));
    }
    (names_namespace(&test.key) && test.predicate == Predicate::Has).then_some(test.positive)
}

/// `selector` for the pods of `namespace`: what is left to ask of the pods themselves.
pub(super) fn in_namespace(
    selector: &Selector,
    namespace: &str,
    of: Option<&Namespace>,
) -> Selector {
    let known = |test: &Selector| {
        let test = test.test()?;
        if *test.key == *ORCHESTRATOR {
            return Some(test.passes(Some("k8s")));
        }
        if names_namespace(&test.key) {
            return Some(test.passes(Some(namespace)));
        }
        let own = test.key.strip_prefix(OF_NAMESPACE)?;
        let labels = &of?.labels;
        let value = labels.iter().find(|(key, _)| **key == *own).map(|(_, value)| value);
        Some(test.passes(value.map(|it| &**it)))
    };
    partial(selector, &known)
}

/// What is asked of pods, if a line can ask it: nothing else than their own labels.
///
/// # Errors
/// With what it cannot ask.
pub(super) fn sayable(selector: &Selector) -> Result<Option<Selector>, String> {
    let selector = renamed(selector);
    if encode::selector(&selector).chars().any(is_hidden) {
        return Err("pods by labels with characters that cannot be seen".to_owned());
    }
    for key in selector.label_keys() {
        if key.starts_with(OF_ACCOUNT) {
            return Err("pods by the labels of their service accounts".to_owned());
        }
        if of_namespace(&key) {
            return Err("pods by their labels and those of their namespace in one".to_owned());
        }
    }
    Ok((selector != Selector::All).then_some(selector))
}

/// `selector` with the name of a service account by its usual key.
fn renamed(selector: &Selector) -> Selector {
    selector.map(&|leaf| match leaf {
        Selector::Test(test) => {
            let known = names_account(&test.key);
            let key = if known { Arc::from(ACCOUNT) } else { Arc::clone(&test.key) };
            match test.predicate.values() {
                // One of a single value is that value.
                Some(values) if test.positive => Selector::one_of(key, values.iter().cloned()),
                Some(_) | None => Selector::of(key, test.predicate.clone(), test.positive),
            }
        }
        Selector::All
        | Selector::Global
        | Selector::Not(_)
        | Selector::And(_)
        | Selector::Or(_) => leaf.clone(),
    })
}

/// The ways to meet `selector`, each as terms that must all hold: divided wherever it offers a choice of namespaces.
fn ways(selector: &Selector) -> Option<Vec<Vec<Selector>>> {
    let selector = partial(selector, &of_every_pod);
    if selector == never() {
        return Some(Vec::new());
    }
    let mut found = vec![Vec::new()];
    for term in terms(&selector) {
        let divides = term.label_keys().iter().any(|it| of_namespace(it));
        let choice = if let (Selector::Or(parts), true) = (&term, divides) {
            let ways: Option<Vec<_>> = parts.iter().map(ways).collect();
            ways?.concat()
        } else {
            vec![vec![term]]
        };
        let mut next = Vec::new();
        for way in &found {
            next.extend(choice.iter().map(|more| [way.as_slice(), more].concat()));
        }
        if next.len() > MOST {
            return None;
        }
        found = next;
    }
    Some(found)
}

/// Whether namespaces without labels are among those that `way` asks for.
fn holds_anywhere(way: &[Selector]) -> bool {
    let asks = |term: &&Selector| term.label_keys().iter().any(|it| of_namespace(it));
    let known = |test: &Selector| {
        let test = test.test()?;
        of_namespace(&test.key).then_some(!test.positive)
    };
    way.iter().filter(asks).all(|term| partial(term, &known) == Selector::All)
}

/// Why no line can say which pods are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum UnsaidPods {
    /// They are in any namespace at all.
    Everywhere,
    /// As these words say.
    As(String),
}

impl From<String> for UnsaidPods {
    fn from(words: String) -> Self {
        Self::As(words)
    }
}

impl std::fmt::Display for UnsaidPods {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Everywhere => "pods of every namespace, whether it has a landing zone or not",
            Self::As(words) => words,
        })
    }
}

/// The label by which the pods of the cluster's DNS are known, and what it says there.
const DNS: (&str, [&str; 3]) = (DNS_KEY, [DNS_VALUE, "coredns", "node-local-dns"]);

impl KnownNames<'_> {
    /// The pods of every namespace that `selector` holds, as far as a line can say that: those of the cluster's DNS where they
    /// are meant, and else those of landing zones; with the words for that.
    pub(super) fn narrower(&self, selector: &Selector) -> Option<(Vec<RulePods>, &'static str)> {
        let (key, values) = DNS;
        let is_dns = selector.tests().iter().any(|test| {
            let asked = test.predicate.values().filter(|_| test.positive && *test.key == *key);
            asked.is_some_and(|it| it.iter().all(|value| values.contains(&&**value)))
        });
        let (within, words) = if is_dns {
            (Selector::equals(NAMESPACE, KUBE_SYSTEM), "those of kube-system")
        } else {
            (Selector::has(self.application.as_str()), "those of landing zones")
        };
        let found = self.pods(&Selector::and([selector.clone(), within])).ok()?;
        (!found.is_empty()).then_some((found, words))
    }

    /// The pods that `selector` holds, as places that together are these.
    ///
    /// # Errors
    /// With what no line can say.
    pub(super) fn pods(&self, selector: &Selector) -> Result<Vec<RulePods>, UnsaidPods> {
        let ways = ways(selector)
            .ok_or_else(|| "pods by a selector with too many alternatives".to_owned())?;
        let mut found = Vec::new();
        for way in ways {
            found.extend(self.way(&way)?);
        }
        found.sort();
        found.dedup();
        Ok(found)
    }

    fn way(&self, way: &[Selector]) -> Result<Vec<RulePods>, UnsaidPods> {
        let mut asked = PodTerms::default();
        for term in way {
            self.ask(term, &mut asked)?;
        }
        let pods = sayable(&Selector::and(asked.pods.clone()))?;
        let with = |home: HomePods| RulePods { home, pods: pods.clone() };
        if let Some(names) = &asked.names {
            let possible = names.iter().filter(|name| is_namespace_name(name));
            let homes = possible.filter(|name| self.holds(name, way));
            let homes: Vec<Arc<str>> = homes.cloned().collect();
            return Ok(self.named(&homes)?.into_iter().map(with).collect());
        }
        if asked.others.is_empty() && asked.landing_zone {
            let zones = asked.zones.clone();
            let place = |application| LinePlace::Zones { application, zones: zones.clone() };
            let places: Vec<_> = match &asked.applications {
                None => vec![place(None)],
                Some(names) => names.iter().map(|it| place(Some(Arc::clone(it)))).collect(),
            };
            if let Some(unknown) = places.iter().find_map(|it| self.unknown(it)) {
                return Err(format!("pods of {unknown}").into());
            }
            return Ok(places.into_iter().map(|it| with(HomePods::Zones(it))).collect());
        }
        let asks = way.iter().any(|term| term.label_keys().iter().any(|it| of_namespace(it)));
        if !asks || holds_anywhere(way) {
            return Err(UnsaidPods::Everywhere);
        }
        let homes = self.program.namespaces.iter().map(|(_, it)| &it.name);
        let homes: Vec<_> = homes.filter(|name| self.holds(name, way)).cloned().collect();
        if homes.is_empty() {
            return Err("pods of namespaces that are not declared".to_owned().into());
        }
        Ok(self.named(&homes)?.into_iter().map(with).collect())
    }

    fn ask(&self, term: &Selector, asked: &mut PodTerms) -> Result<(), String> {
        let keys = term.label_keys();
        let (of, not): (Vec<_>, Vec<_>) = keys.iter().partition(|it| of_namespace(it));
        if of.is_empty() {
            asked.pods.push(term.clone());
            return Ok(());
        }
        if !not.is_empty() {
            return Err("pods by their labels and those of their namespace in one".to_owned());
        }
        let of_term = term.test().filter(|it| it.positive).and_then(|it| it.predicate.values());
        let values = of_term.map(|it| it.iter().cloned().collect::<BTreeSet<_>>());
        let narrow = |known: &mut Option<BTreeSet<Arc<str>>>, values: BTreeSet<Arc<str>>| {
            *known = Some(match known.take() {
                Some(before) => before.intersection(&values).cloned().collect(),
                None => values,
            });
        };
        match (keys.as_slice(), values) {
            // A zone may be called after its namespace.
            ([key], Some(values)) if **key == *self.zone => narrow(&mut asked.zones, values),
            ([key], Some(values)) if names_namespace(key) => narrow(&mut asked.names, values),
            ([key], Some(values)) if **key == *self.application => {
                asked.landing_zone = true;
                narrow(&mut asked.applications, values);
            }
            ([key], None)
                if *term == Selector::has(Arc::clone(key)) && **key == *self.application =>
            {
                asked.landing_zone = true;
            }
            _ => asked.others.push(term.clone()),
        }
        Ok(())
    }

    /// Whether the namespace `name` is one that `way` asks for.
    fn holds(&self, name: &str, way: &[Selector]) -> bool {
        let asks = |term: &&Selector| term.label_keys().iter().any(|it| of_namespace(it));
        let of = self.namespace(name);
        let mut terms = way.iter().filter(asks);
        // Of a namespace that nobody declares only the name is known.
        terms.all(|term| in_namespace(term, name, of) == Selector::All)
    }

    /// Namespaces by name, as places.
    ///
    /// # Errors
    /// Where they are only some of a zone.
    fn named(&self, names: &[Arc<str>]) -> Result<Vec<HomePods>, String> {
        let mut homes = BTreeSet::new();
        for name in names {
            let Some(namespace) = self.namespace(name) else {
                homes.insert(HomePods::Namespace(Arc::clone(name)));
                continue;
            };
            let Some(application) = self.application_of(namespace) else {
                homes.insert(HomePods::Namespace(Arc::clone(name)));
                continue;
            };
            let zone = self.zone_of(namespace);
            let of = |zone: Option<&str>| {
                let all = self.program.namespaces.iter().map(|(_, it)| it);
                all.filter(|it| {
                    it.application == namespace.application
                        && zone.is_none_or(|zone| self.zone_of(it).as_deref() == Some(zone))
                })
                .all(|it| names.contains(&it.name))
            };
            let zones = match zone {
                Some(zone) if of(Some(&zone)) => Some(BTreeSet::from([zone])),
                Some(zone) => {
                    return Err(format!(
                        "pods of the namespace {name} alone, one of several of `{application}.{zone}`"
                    ));
                }
                None if of(None) => None,
                None => {
                    return Err(format!(
                        "pods of the namespace {name} of `{application}`, which is in no zone"
                    ));
                }
            };
            let place = LinePlace::Zones { application: Some(Arc::clone(application)), zones };
            homes.insert(HomePods::Zones(place));
        }
        Ok(homes.into_iter().collect())
    }
}
