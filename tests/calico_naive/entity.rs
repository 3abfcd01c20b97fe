//! Whom the selectors and blocks of a policy and of a rule's ends hold ("how Calico decides", sections 3.4, 4.1
//! and 4.2).

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use eastwest::calico::{Entity, Policy, Resource, Rule, ServiceEndpoint};
use eastwest::reach::{End, LabelMap};
use eastwest::selector::Selector;
use eastwest::traffic::Family;
use ipnet::IpNet;

use super::Cluster;

const NAMESPACE: &str = "projectcalico.org/namespace";
const NAME: &str = "projectcalico.org/name";
const ACCOUNT: &str = "projectcalico.org/serviceaccount";
const OF_NAMESPACE: &str = "pcns.";
const OF_ACCOUNT: &str = "pcsa.";

/// Labels as Calico shows them to selectors.
pub(crate) type Shown = BTreeMap<String, String>;

/// One end of connections, by all that Calico knows it by.
#[derive(Clone, Debug)]
pub(crate) struct Party {
    /// The labels of the end itself, if it is a pod, a host, or held by a set that is not among the resources.
    own: Option<Shown>,
    /// Whether it is a pod or a host: those have ports with names.
    endpoint: bool,
    /// The labels of each set and host endpoint that its address belongs to.
    by_address: Vec<Shown>,
    address: Option<IpAddr>,
}

impl Party {
    pub(crate) fn new(cluster: Cluster<'_>, end: &End) -> Self {
        let endpoint = matches!(end, End::Pod { .. } | End::Host { .. });
        let (own, address) = (shown(end), end.address());
        let by_address = address.map(|address| known(cluster, address)).unwrap_or_default();
        Self { own, endpoint, by_address, address }
    }

    /// Everything that the address of a packet of `family` is known by.
    fn known(&self, family: Family) -> impl Iterator<Item = &Shown> {
        let by_address = if self.address(family).is_some() { &*self.by_address } else { &[] };
        self.own.iter().chain(by_address)
    }

    /// Its address, as a packet of `family` has it.
    fn address(&self, family: Family) -> Option<IpAddr> {
        self.address.filter(|address| address.is_ipv4() == (family == Family::V4))
    }
}

/// The labels of an end that has some.
pub(crate) fn shown(end: &End) -> Option<Shown> {
    match end {
        End::Pod { namespace, of_namespace, labels, .. } => {
            Some(pod(namespace, of_namespace, labels))
        }
        End::Held { namespace, of_namespace, labels, .. } => {
            Some(in_namespace(namespace, of_namespace, labels))
        }
        End::Host { labels, .. } => Some(texts(labels)),
        End::Address(_) => None,
    }
}

fn texts(labels: &LabelMap) -> Shown {
    labels.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect()
}

/// The labels of a pod as Calico shows them: what it bears of `pcns.` is removed.
fn pod(namespace: &str, of_namespace: &LabelMap, labels: &LabelMap) -> Shown {
    let mut all = texts(labels);
    all.retain(|key, _| !key.starts_with(OF_NAMESPACE));
    all.insert(NAMESPACE.to_owned(), namespace.to_owned());
    all.insert("projectcalico.org/orchestrator".to_owned(), "k8s".to_owned());
    if let Some(account) = all.get(ACCOUNT).cloned() {
        all.insert(format!("{OF_ACCOUNT}{NAME}"), account);
    }
    all.extend(inherited(namespace, of_namespace));
    all
}

/// The labels of a set in a namespace: its own win over those of the namespace.
fn in_namespace(namespace: &str, of_namespace: &LabelMap, labels: &LabelMap) -> Shown {
    let mut all: Shown = inherited(namespace, of_namespace).collect();
    all.extend(texts(labels));
    all.insert(NAMESPACE.to_owned(), namespace.to_owned());
    all
}

fn inherited(namespace: &str, labels: &LabelMap) -> impl Iterator<Item = (String, String)> {
    let mut all = texts(labels);
    for key in [NAME, "kubernetes.io/metadata.name"] {
        all.insert(key.to_owned(), namespace.to_owned());
    }
    all.into_iter().map(|(key, value)| (format!("{OF_NAMESPACE}{key}"), value))
}

/// The labels of everything that `address` belongs to.
fn known(cluster: Cluster<'_>, address: IpAddr) -> Vec<Shown> {
    let given = |labels: &[(Arc<str>, Arc<str>)]| labels.iter().cloned().collect::<LabelMap>();
    let sets = cluster.resources.iter().filter_map(|resource| match resource {
        Resource::Set(set) if set.nets.iter().any(|net| net.contains(&address)) => {
            let labels = given(&set.labels);
            Some(match &set.namespace {
                None => texts(&labels),
                Some(namespace) => {
                    let of_namespace = cluster.namespaces.get(namespace).map(|it| given(it));
                    in_namespace(namespace, &of_namespace.unwrap_or_default(), &labels)
                }
            })
        }
        Resource::Set(_) | Resource::Tier(_) | Resource::Policy(_) => None,
    });
    let hosts = cluster.hosts.iter().filter(|host| host.addresses.contains(&address));
    sets.chain(hosts.map(|host| texts(&given(&host.labels)))).collect()
}

/// Whether `selector` holds for `labels`: `prefix` stands before each of its labels, `all` is the label that an `all()`
/// in it asks for instead, and so for `global()`, which asks that it be missing.
fn holds(
    selector: &Selector,
    prefix: &str,
    all: Option<&str>,
    global: Option<&str>,
    labels: &Shown,
) -> bool {
    let inner = |part: &Selector| holds(part, prefix, all, global, labels);
    match selector {
        Selector::All => all.is_none_or(|key| labels.contains_key(key)),
        Selector::Global => global.is_none_or(|key| !labels.contains_key(key)),
        Selector::Not(part) => !inner(part),
        Selector::And(parts) => parts.iter().all(inner),
        Selector::Or(parts) => parts.iter().any(inner),
        Selector::Test(_) => {
            let value = |key: &str| match prefix {
                "" => labels.get(key),
                prefix => labels.get(&format!("{prefix}{key}")),
            };
            selector.matches(|key| value(key).map(|value| &**value))
        }
    }
}

/// Whether `policy` applies to an endpoint (sections 3.4 and 4.1).
pub(super) fn selects(policy: &Policy, subject: &Party) -> bool {
    let labels = subject.own.as_ref().unwrap();
    let given = (&policy.selector, &policy.namespace_selector, &policy.service_account_selector);
    let (selector, namespaces, accounts) = given;
    let is = |it: &Option<Selector>, prefix, all| {
        it.as_ref().is_none_or(|it| holds(it, prefix, all, None, labels))
    };
    if let Some(namespace) = &policy.namespace {
        return labels.get(NAMESPACE).is_some_and(|it| **it == **namespace)
            && is(selector, "", None)
            && is(accounts, OF_ACCOUNT, None);
    }
    // What is put together so far has its `all()` replaced each time that something is added.
    let replaced = match (namespaces, accounts) {
        (Some(_), _) => Some(NAMESPACE),
        (None, Some(_)) => Some(ACCOUNT),
        (None, None) => None,
    };
    is(selector, "", replaced)
        && is(namespaces, OF_NAMESPACE, Some(NAMESPACE))
        && is(accounts, OF_ACCOUNT, Some(ACCOUNT))
}

/// Whether the effective selector of `entity` holds for `labels`, and what its `notSelector` leaves out; `None` where it
/// has no selector but perhaps a `notSelector`.
fn effective(policy: &Policy, entity: &Entity, labels: &Shown) -> Option<bool> {
    let plain = |it: &Selector| holds(it, "", None, None, labels);
    let accounts = entity.service_accounts.as_ref().and_then(|it| {
        let names = (!it.names.is_empty()).then(|| {
            labels.get(ACCOUNT).is_some_and(|name| it.names.iter().any(|it| **it == **name))
        });
        let selector = it.selector.as_ref().map(|it| holds(it, OF_ACCOUNT, None, None, labels));
        both(names, selector)
    });
    let namespaces = match (&entity.namespace_selector, &policy.namespace) {
        (Some(selector), _) => {
            Some(holds(selector, OF_NAMESPACE, Some(NAMESPACE), Some(NAMESPACE), labels))
        }
        (None, Some(own)) => Some(labels.get(NAMESPACE).is_some_and(|it| **it == **own)),
        (None, None) => None,
    };
    let selected = both(accounts, entity.selector.as_ref().map(plain));
    let asked =
        selected.is_some() || entity.not_selector.is_some() || entity.namespace_selector.is_some();
    let all = both(namespaces.filter(|_| asked), selected)?;
    Some(all && !entity.not_selector.as_ref().is_some_and(plain))
}

fn both(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a && b),
        (a, b) => a.or(b),
    }
}

/// Whether an end of a rule of `policy` holds `party`, as a packet of `family` shows it. Services are conditions.
pub(super) fn matches(policy: &Policy, entity: &Entity, party: &Party, family: Family) -> bool {
    let selected = if effective(policy, entity, &Shown::new()).is_some() {
        party.known(family).any(|labels| effective(policy, entity, labels) == Some(true))
    } else {
        // No address that is known under what `notSelector` selects.
        !entity
            .not_selector
            .as_ref()
            .is_some_and(|not| party.known(family).any(|labels| holds(not, "", None, None, labels)))
    };
    // Without a known address, it lies in no block but that of all addresses.
    let within = |nets: &[IpNet]| match party.address(family) {
        Some(address) => nets.iter().any(|net| net.contains(&address)),
        None => nets
            .iter()
            .any(|net| net.prefix_len() == 0 && net.addr().is_ipv4() == (family == Family::V4)),
    };
    selected && (entity.nets.is_empty() || within(&entity.nets)) && !within(&entity.not_nets)
}

/// Whether `party` is `endpoint` of a service: it has its address, and is no pod of another namespace than that of the pod which the
/// endpoint is. One without an address is it or not, as `holds` says.
pub(super) fn is_endpoint(
    endpoint: &ServiceEndpoint,
    party: &Party,
    family: Family,
    holds: bool,
) -> bool {
    let there = match party.address(family) {
        Some(address) => address == endpoint.address,
        None => holds,
    };
    let pod_in = party.own.as_ref().filter(|it| it.contains_key("projectcalico.org/orchestrator"));
    let pod_in = pod_in.and_then(|labels| labels.get(NAMESPACE));
    let elsewhere = pod_in.zip(endpoint.namespace.as_deref()).is_some_and(|(a, b)| *a != *b);
    there && !elsewhere
}

/// Whether the names of the ports of `party` count for an end of a rule: only those of endpoints that the end selects
/// itself.
pub(super) fn named(policy: &Policy, entity: &Entity, party: &Party) -> bool {
    let own = party.own.as_ref().filter(|_| party.endpoint);
    own.is_some_and(|labels| effective(policy, entity, labels) != Some(false))
}

/// Whether the blocks of a rule leave it to packets of `family`: a list of the other family alone does not, negated or
/// not.
pub(super) fn of_its_family(rule: &Rule, family: Family) -> bool {
    let ends = [&rule.source, &rule.destination];
    ends.into_iter().flat_map(|end| [&end.nets, &end.not_nets]).all(|nets| {
        nets.is_empty()
            || nets.iter().any(|net| matches!(net, IpNet::V4(_)) == (family == Family::V4))
    })
}
