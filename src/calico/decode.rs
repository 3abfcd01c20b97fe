//! From a YAML tree to resources, strictly: an unknown field, a wrong type and a text that Calico would
//! refuse are errors, because what is not understood cannot be judged (how Calico decides, sections 1
//! and 4.3).

mod fields;
mod rule;
mod values;

pub use fields::Error;

use std::sync::Arc;

use super::{Direction, NetworkSet, Policy, PolicyKind, Resource, Tier};
use crate::yaml::node::Node;
use fields::{Field, Fields};

/// The API that every object belongs to.
const API: &str = "projectcalico.org/v3";
/// The most rules of one direction.
const RULES: usize = 1024;

/// Reads one object.
///
/// # Errors
/// The first thing in it that is not as Calico's schema and validator want it, or that is not judged here,
/// with the object and the field.
pub fn resource(node: &Node) -> Result<Resource, Error> {
    object(node).map_err(|error| error.of(described(node)))
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

fn object(node: &Node) -> Result<Resource, Error> {
    let mut fields = Fields::of(&Field::whole(node))?;
    let version = fields.required("apiVersion")?;
    if version.string()? != API {
        return Err(version.error(format!("not `{API}`")));
    }
    let kind = fields.required("kind")?;
    let (metadata, spec) = (fields.required("metadata")?, fields.required("spec")?);
    fields.done()?;
    match kind.string()? {
        "Tier" => tier(&metadata, &spec).map(Resource::Tier),
        "GlobalNetworkSet" => set(&metadata, &spec).map(Resource::Set),
        "NetworkPolicy" => policy(&metadata, &spec, true, false).map(Resource::Policy),
        "GlobalNetworkPolicy" => policy(&metadata, &spec, false, false).map(Resource::Policy),
        "StagedNetworkPolicy" => policy(&metadata, &spec, true, true).map(Resource::Policy),
        "StagedGlobalNetworkPolicy" => policy(&metadata, &spec, false, true).map(Resource::Policy),
        other => Err(kind.error(format!("`{other}` is not judged"))),
    }
}

/// What stands in `metadata`.
struct Metadata<'a> {
    name: Field<'a>,
    namespace: Option<Field<'a>>,
    labels: super::Labels,
}

fn metadata<'a>(field: &Field<'a>) -> Result<Metadata<'a>, Error> {
    let mut fields = Fields::of(field)?;
    let name = fields.required("name")?;
    let namespace = fields.optional("namespace");
    let labels = match fields.optional("labels") {
        None => Vec::new(),
        Some(labels) => values::labels(&labels)?,
    };
    fields.done()?;
    Ok(Metadata { name, namespace, labels })
}

fn no_namespace(metadata: &Metadata<'_>) -> Result<(), Error> {
    match &metadata.namespace {
        Some(namespace) => Err(namespace.error("an object of the whole cluster has none")),
        None => Ok(()),
    }
}

fn tier(about: &Field<'_>, spec: &Field<'_>) -> Result<Tier, Error> {
    let about = metadata(about)?;
    no_namespace(&about)?;
    let mut fields = Fields::of(spec)?;
    let order = fields.optional("order").map(|order| order.number()).transpose()?;
    let pass = match fields.optional("defaultAction") {
        None => false,
        Some(action) => match action.string()? {
            "Deny" => false,
            "Pass" => true,
            _ => return Err(action.error("neither `Deny` nor `Pass`")),
        },
    };
    fields.done()?;
    let name = values::dns_label(&about.name)?;
    Ok(Tier { name, labels: about.labels, order, pass })
}

fn set(about: &Field<'_>, spec: &Field<'_>) -> Result<NetworkSet, Error> {
    let about = metadata(about)?;
    no_namespace(&about)?;
    if about.labels.iter().any(|(key, _)| **key == *"projectcalico.org/namespace") {
        return Err(about.name.error("the label `projectcalico.org/namespace` is Calico's own"));
    }
    let mut fields = Fields::of(spec)?;
    let nets = match fields.optional("nets") {
        None => Vec::new(),
        Some(nets) => values::unique(&nets, values::address)?,
    };
    fields.done()?;
    Ok(NetworkSet {
        namespace: None,
        name: values::dns_subdomain(&about.name)?,
        labels: about.labels,
        nets,
    })
}

fn policy(
    about: &Field<'_>,
    spec: &Field<'_>,
    namespaced: bool,
    staged: bool,
) -> Result<Policy, Error> {
    let about = metadata(about)?;
    let namespace = match &about.namespace {
        Some(namespace) if namespaced => Some(values::dns_label(namespace)?),
        None if namespaced => return Err(about.name.error("a policy of a namespace must name it")),
        Some(_) | None => {
            no_namespace(&about)?;
            None
        }
    };
    let mut fields = Fields::of(spec)?;
    let tier: Arc<str> = match fields.optional("tier") {
        None => "default".into(),
        Some(tier) => values::dns_subdomain(&tier)?,
    };
    let order = fields.optional("order").map(|order| order.number()).transpose()?;
    let selector = fields.optional("selector").map(|it| values::selector(&it)).transpose()?;
    let namespace_selector = if namespaced { None } else { fields.optional("namespaceSelector") };
    let namespace_selector = namespace_selector.map(|it| values::selector(&it)).transpose()?;
    let types = fields.optional("types").map(|types| directions(&types)).transpose()?;
    let mut rules = |key, direction| {
        let Some(list) = fields.optional(key) else { return Ok(Vec::new()) };
        let items = list.items()?;
        if items.len() > RULES {
            return Err(list.error(format!("{} rules are more than {RULES}", items.len())));
        }
        if items.is_empty() && types.is_none() {
            // The ways into the cluster disagree about what it makes of the missing `types`.
            return Err(list.error("an empty list without `types` is not judged"));
        }
        items.iter().map(|item| rule::rule(item, direction)).collect()
    };
    let ingress = rules("ingress", Direction::Ingress)?;
    let egress = rules("egress", Direction::Egress)?;
    fields.done()?;
    Ok(Policy {
        kind: if staged { PolicyKind::Staged } else { PolicyKind::Calico },
        labels: about.labels,
        tier,
        order,
        selector,
        namespace_selector,
        types,
        ingress,
        egress,
        ..Policy::new(namespace, values::policy_name(&about.name)?)
    })
}

fn directions(field: &Field<'_>) -> Result<Vec<Direction>, Error> {
    let types = values::unique(field, |item| match item.string()? {
        "Ingress" => Ok(Direction::Ingress),
        "Egress" => Ok(Direction::Egress),
        _ => Err(item.error("neither `Ingress` nor `Egress`")),
    })?;
    if types.is_empty() {
        return Err(field.error("an empty list is not judged"));
    }
    Ok(types)
}
