//! From a YAML tree to resources, with everything that is wrong with them and what a cluster makes of that: an object
//! that a cluster would refuse or ignore is no resource ("how Calico decides", sections 1 and 4.3).

mod admin;
mod entity;
mod fields;
mod kubernetes;
mod names;
mod policy;
mod rule;
mod values;

pub use admin::admin;
pub use fields::{Problem, ProblemEffect};
pub use kubernetes::{KUBERNETES_API, TakenOver, kubernetes};

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use serde::Deserialize;

use super::{HostEndpoint, Labels, NamedPort, NetworkSet, Port, Proviso, Release, Resource, Tier};
use crate::selector::keys::NAMESPACE;
use crate::yaml::node::{Node, Value};
use fields::{Field, Fields, Limits, ProblemLog, WayIn};

/// The API that every object belongs to.
pub const API: &str = "projectcalico.org/v3";
/// The API under which Calico itself stores its objects.
pub const STORED_API: &str = "crd.projectcalico.org/v1";
/// The APIs of Calico's objects.
const CALICO: [&str; 2] = [API, STORED_API];
/// More than any list that the schema does not limit.
const UNLIMITED: usize = usize::MAX;
/// What Kubernetes keeps in `metadata`.
const BOOKKEEPING: &[&str] = &[
    "annotations",
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "finalizers",
    "generateName",
    "generation",
    "managedFields",
    "ownerReferences",
    "resourceVersion",
    "selfLink",
    "uid",
];

/// What an object says.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded<T> {
    /// The object as a cluster takes it: nothing where a cluster refuses or ignores it, and two where the ways into a cluster make
    /// two things of it, of which each says under what proviso it is there.
    pub values: Vec<T>,
    /// What is wrong with it, in no order.
    pub problems: Vec<Problem>,
}

/// Reads a tier, a set or a policy.
///
/// # Errors
/// With anything that is wrong with it: what is not as Calico's schema and validator want it cannot be judged.
pub fn resource(node: &Node) -> Result<Resource, Problem> {
    let (value, problems) = reading(node, &CALICO, WayIn::Checked(Limits::Held), any);
    match (value, problems.into_iter().next()) {
        (Some(resource), None) => Ok(resource),
        (_, Some(problem)) => Err(problem),
        (None, None) => Err(Problem {
            object: described(node),
            field: String::new(),
            span: node.span,
            message: "is not judged".to_owned(),
            effect: ProblemEffect::Unclear,
            unsettled: false,
            known: Vec::new(),
        }),
    }
}

/// Reads a tier, a set or a policy, as a cluster would; of this release, where it is known.
pub fn object(node: &Node, release: Option<Release>) -> Decoded<Resource> {
    let ways = ways(node, release);
    let mut readings = ways.iter().map(|way| reading(node, &CALICO, *way, any));
    let Some((first, problems)) = readings.next() else {
        return Decoded { values: Vec::new(), problems: Vec::new() };
    };
    if problems.is_empty() {
        return Decoded { values: first.into_iter().collect(), problems };
    }
    let second = readings.next();
    united(&described(node), ways, (first, problems), second)
}

fn any(kind: &Field<'_>, metadata: &Field<'_>, spec: &Field<'_>) -> Option<Resource> {
    match kind.string()? {
        "Tier" => tier(metadata, spec).map(Resource::Tier),
        "GlobalNetworkSet" => set(metadata, spec, false).map(Resource::Set),
        "NetworkSet" => set(metadata, spec, true).map(Resource::Set),
        "NetworkPolicy" | "StagedNetworkPolicy" => {
            policy::policy(kind, metadata, spec, true).map(Resource::Policy)
        }
        "GlobalNetworkPolicy" | "StagedGlobalNetworkPolicy" => {
            policy::policy(kind, metadata, spec, false).map(Resource::Policy)
        }
        other => kind.refused(format!("`{other}` is not judged")),
    }
}

/// Reads a `HostEndpoint`, as a cluster would.
pub fn host_endpoint(node: &Node) -> Decoded<HostEndpoint> {
    read(node, &CALICO, |_, metadata, spec| {
        let about = Metadata::new(metadata, false)?;
        let mut fields = Fields::of(spec)?;
        fields.pass_over(&["interfaceName", "node"]);
        let addresses = fields.optional("expectedIPs");
        let address = |field: &Field<'_>| {
            let text = field.string()?;
            let address: Option<IpAddr> = text.parse().ok();
            address.or_else(|| field.invalid(format!("`{text}` is not an address")))
        };
        let addresses = addresses.and_then(|it| values::unique(&it, UNLIMITED, address));
        let profiles = fields.optional("profiles");
        let profiles =
            profiles.and_then(|it| values::unique(&it, UNLIMITED, |it| it.string().map(Arc::from)));
        let ports = fields.optional("ports").and_then(|it| it.items(UNLIMITED));
        fields.done();
        Some(HostEndpoint {
            ports: ports.unwrap_or_default().iter().filter_map(named_port).collect(),
            name: names::dns_subdomain(&about.name)?,
            labels: about.labels,
            addresses: addresses.unwrap_or_default(),
            profiles: profiles.unwrap_or_default(),
        })
    })
}

/// One of the `ports` of a host endpoint.
fn named_port(field: &Field<'_>) -> Option<NamedPort> {
    let mut fields = Fields::of(field)?;
    let (name, protocol) = (fields.required("name"), fields.required("protocol"));
    let port = fields.required("port");
    fields.done();
    let port = port?;
    match values::port(&port)? {
        Port::Range(first, last) if first == last => Some(NamedPort {
            name: name?.string()?.into(),
            protocol: values::protocol(&protocol?)?,
            port: first,
        }),
        Port::Range(..) | Port::Named(_) => port.invalid("is not the number of a port"),
    }
}

/// The ways by which the object may have come into a cluster ("how Calico decides", section 1). Native resources are there from
/// v3.32 on.
fn ways(node: &Node, release: Option<Release>) -> &'static [WayIn] {
    const BY_RELEASE: &[WayIn] = &[WayIn::Checked(Limits::ByRelease), WayIn::Native];
    const NEWEST: &[WayIn] = &[WayIn::Checked(Limits::Held), WayIn::Native];
    match (way_of(node), release) {
        (WayIn::Kept { stored: true }, _) => &[WayIn::Kept { stored: true }],
        (WayIn::Kept { stored: false }, _) => &[WayIn::Kept { stored: false }],
        (WayIn::Checked(_) | WayIn::Native, Some(it)) if it.has_native_resources() => NEWEST,
        (WayIn::Checked(_) | WayIn::Native, Some(_)) => &[WayIn::Checked(Limits::Unknown)],
        (WayIn::Checked(_) | WayIn::Native, None) => BY_RELEASE,
    }
}

/// How the object came in, as far as it shows: what was read from a cluster was refused by nobody.
fn way_of(node: &Node) -> WayIn {
    let stored = node.get("apiVersion").and_then(Node::text) == Some(STORED_API);
    let given = |key| node.get("metadata").and_then(|it| it.get(key)).is_some();
    if stored || given("uid") || given("resourceVersion") {
        return WayIn::Kept { stored };
    }
    WayIn::Checked(Limits::Held)
}

/// Reads an object of one of `apis` with `body`, as a cluster would.
fn read<T>(
    node: &Node,
    apis: &[&str],
    body: impl Fn(&Field<'_>, &Field<'_>, &Field<'_>) -> Option<T>,
) -> Decoded<T> {
    let (value, problems) = reading(node, apis, way_of(node), body);
    Decoded { values: value.into_iter().collect(), problems }
}

/// Reads an object of one of `apis` with `body`, which has its kind, metadata and spec, as what comes in by `way`.
fn reading<T>(
    node: &Node,
    apis: &[&str],
    way: WayIn,
    body: impl Fn(&Field<'_>, &Field<'_>, &Field<'_>) -> Option<T>,
) -> Reading<T> {
    let log = ProblemLog::new(described(node), way);
    let value = object_of(&Field::root(node, &log), apis, body);
    let problems = log.into_problems();
    let absent = |problem: &Problem| match problem.effect {
        ProblemEffect::Refused | ProblemEffect::Ignored | ProblemEffect::Lost => true,
        ProblemEffect::Wider => matches!(way, WayIn::Checked(_)),
        ProblemEffect::Limited
        | ProblemEffect::Converted
        | ProblemEffect::Untried
        | ProblemEffect::Skipped
        | ProblemEffect::Replaced
        | ProblemEffect::Dropped
        | ProblemEffect::Unclear => false,
    };
    (value.filter(|_| !problems.iter().any(absent)), problems)
}

/// An object as it is read, where it is there, and what is wrong with it.
type Reading<T> = (Option<T>, Vec<Problem>);

/// What the readings of the object called `name`, by each of `ways`, come to together.
fn united(
    name: &str,
    ways: &[WayIn],
    (first, mut problems): Reading<Resource>,
    second: Option<Reading<Resource>>,
) -> Decoded<Resource> {
    let enforced = || Proviso { unknown: format!("the nodes enforce {name}").into(), holds: true };
    let untried = |problems: &[Problem]| {
        problems.iter().any(|it| it.effect == ProblemEffect::Untried).then(enforced)
    };
    let Some((second, others)) = second else {
        let proviso = untried(&problems);
        for problem in &mut problems {
            problem.effect = problem.effect.by(ways);
        }
        return Decoded {
            values: first.map(|it| it.under(proviso)).into_iter().collect(),
            problems,
        };
    };
    if first == second {
        let refused = others.iter().any(|it| it.effect == ProblemEffect::Refused);
        let problems = if first.is_none() && refused { others } else { problems };
        return Decoded { values: first.into_iter().collect(), problems };
    }
    let native = |holds| {
        let unknown = format!("{name} came into the cluster as a native resource").into();
        Some(Proviso { unknown, holds })
    };
    for problem in &mut problems {
        problem.unsettled = problem.effect != ProblemEffect::Dropped;
        if matches!(problem.effect, ProblemEffect::Ignored | ProblemEffect::Refused) {
            problem.effect = ProblemEffect::Converted;
        }
    }
    let first = first.map(|it| it.under(native(false)));
    let second = second.map(|it| it.under(untried(&others).or_else(|| native(true))));
    Decoded { values: first.into_iter().chain(second).collect(), problems }
}

fn object_of<T>(
    object: &Field<'_>,
    apis: &[&str],
    body: impl Fn(&Field<'_>, &Field<'_>, &Field<'_>) -> Option<T>,
) -> Option<T> {
    let mut fields = Fields::of(object)?;
    let version = fields.required("apiVersion")?;
    if !apis.contains(&version.string()?) {
        let wanted = apis.first().copied().unwrap_or_default();
        return version.refused(format!("not `{wanted}`"));
    }
    let kind = fields.required("kind")?;
    let (metadata, spec) = (fields.required("metadata")?, fields.optional("spec"));
    fields.pass_over(&["status"]);
    fields.done();
    let empty = Node::new(Value::Map(Vec::new()), None);
    match spec {
        Some(spec) => body(&kind, &metadata, &spec),
        // Before v3.32 nobody asks for one.
        None if object.exceeds("`spec` is missing") => None,
        None => body(&kind, &metadata, &object.with(&empty)),
    }
}

/// The object as people call it: kind, namespace and name, as far as they can be read.
fn described(node: &Node) -> String {
    let kind = node.get("kind").and_then(Node::text).unwrap_or("object");
    let metadata = node.get("metadata");
    let text = |key| metadata.and_then(|it| it.get(key)).and_then(Node::text);
    match (text("namespace"), text("name")) {
        (Some(namespace), Some(name)) => format!("{kind} {namespace}/{name}"),
        (None, Some(name)) => format!("{kind} {name}"),
        (_, None) => format!("{kind} without a name"),
    }
}

/// What stands in `metadata`.
struct Metadata<'a> {
    name: Field<'a>,
    namespace: Option<Arc<str>>,
    labels: Labels,
}

impl<'a> Metadata<'a> {
    /// The metadata of an object that belongs to a namespace or to the cluster.
    fn new(field: &Field<'a>, namespaced: bool) -> Option<Self> {
        let mut fields = Fields::of(field)?;
        fields.pass_over(BOOKKEEPING);
        if let Some(annotations) = field.entry("annotations") {
            names::annotations(&annotations);
        }
        let name = fields.required("name")?;
        let namespace = fields.optional("namespace");
        let labels = fields.optional("labels").and_then(|it| names::labels(&it));
        let labels = stored_labels(field, labels.unwrap_or_default())?;
        fields.done();
        let namespace = match namespace {
            Some(namespace) if namespaced => names::dns_label(&namespace),
            Some(namespace) => {
                namespace.tell(ProblemEffect::Dropped, "an object of the whole cluster has none");
                None
            }
            None if namespaced => {
                name.tell(
                    ProblemEffect::Unclear,
                    "no `namespace`: it goes where whoever applies it happens to be, `default` unless told otherwise",
                );
                Some("default".into())
            }
            None => None,
        };
        Some(Self { name, namespace, labels })
    }
}

/// The annotation in which Calico keeps the metadata of what it stores.
const STORED_METADATA: &str = "projectcalico.org/metadata";

/// What the annotation holds that selectors see.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct StoredMetadata {
    labels: Option<BTreeMap<String, String>>,
}

/// The labels of an object with this `metadata`: in the stored form those in the annotation of Calico's as well, which count
/// before the object's own. An object whose annotation cannot be read is not there.
fn stored_labels(metadata: &Field<'_>, own: Labels) -> Option<Labels> {
    let stored = || metadata.entry("annotations")?.entry(STORED_METADATA);
    let stored = (metadata.way() == WayIn::Kept { stored: true }).then(stored).flatten();
    let Some(stored) = stored else { return Some(own) };
    match serde_json::from_str::<StoredMetadata>(stored.string()?) {
        Ok(metadata) => {
            let mut labels: BTreeMap<Arc<str>, Arc<str>> = own.into_iter().collect();
            let kept = metadata.labels.unwrap_or_default().into_iter();
            labels.extend(kept.map(|(key, value)| (key.into(), value.into())));
            Some(labels.into_iter().collect())
        }
        Err(error) => {
            stored
                .tell(ProblemEffect::Lost, format!("not the metadata that Calico keeps: {error}"));
            None
        }
    }
}

fn tier(about: &Field<'_>, spec: &Field<'_>) -> Option<Tier> {
    let about = Metadata::new(about, false)?;
    let mut fields = Fields::of(spec)?;
    let order = fields.optional("order").and_then(|order| order.number());
    let action = fields.optional("defaultAction");
    let pass = action.and_then(|it| match it.string()? {
        "Deny" => Some(false),
        "Pass" => Some(true),
        other => it.refused(format!("`{other}` is neither `Deny` nor `Pass`")),
    });
    fields.done();
    let name = names::tier_name(&about.name)?;
    let pass = pass.unwrap_or(false);
    let built_in = match &*name {
        "kube-admin" => Some((1_000.0, true)),
        "default" => Some((1_000_000.0, false)),
        "kube-baseline" => Some((10_000_000.0, true)),
        _ => None,
    };
    if let Some((fixed, passes)) = built_in
        && (order.is_some_and(|order: f64| order.total_cmp(&fixed).is_ne()) || pass != passes)
    {
        let action = if passes { "Pass" } else { "Deny" };
        return spec.refused(format!(
            "the tier `{name}` is Calico's own: its order is {fixed} and its default action `{action}`"
        ));
    }
    Some(Tier { name, labels: about.labels, order, pass })
}

fn set(about: &Field<'_>, spec: &Field<'_>, namespaced: bool) -> Option<NetworkSet> {
    let about = Metadata::new(about, namespaced)?;
    if about.labels.iter().any(|(key, _)| **key == *NAMESPACE) {
        about.name.tell(
            ProblemEffect::Ignored,
            "the label `projectcalico.org/namespace` is Calico's own",
        );
    }
    let mut fields = Fields::of(spec)?;
    let nets = fields.optional("nets");
    let nets = nets.and_then(|nets| values::unique(&nets, UNLIMITED, values::address));
    fields.done();
    let name = names::dns_subdomain(&about.name)?;
    let nets = nets.unwrap_or_default();
    let labels = about.labels;
    Some(NetworkSet { namespace: about.namespace, name, labels, nets, proviso: None })
}
