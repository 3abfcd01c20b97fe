//! One rule, and what must hold between its parts.

use super::fields::{Error, Field, Fields};
use super::values;
use crate::calico::{Action, Direction, Entity, Port, Rule, RuleProtocol};

/// The most blocks of an end.
const NETS: usize = 256;
/// The most ports of an end.
const PORTS: usize = 50;

/// Reads a rule of `direction`.
pub(super) fn rule(field: &Field<'_>, direction: Direction) -> Result<Rule, Error> {
    let mut fields = Fields::of(field)?;
    let action = fields.required("action")?;
    let action = match action.string()? {
        "Allow" => Action::Allow,
        "Deny" => Action::Deny,
        "Log" => Action::Log,
        "Pass" => Action::Pass,
        _ => return Err(action.error("none of `Allow`, `Deny`, `Log` and `Pass`")),
    };
    let annotations = fields.optional("metadata").map(|it| annotations(&it)).transpose()?;
    let protocol = fields.optional("protocol").map(|it| values::protocol(&it)).transpose()?;
    let icmp = fields.optional("icmp");
    let icmp = icmp.map(|it| icmp_type(&it, protocol)).transpose()?;
    let mut end = |key, services| match fields.optional(key) {
        None => Ok(Entity::default()),
        Some(end) => entity(&end, protocol, services),
    };
    let source = end("source", direction == Direction::Ingress)?;
    let destination = end("destination", direction == Direction::Egress)?;
    fields.done()?;
    if destination.service.is_some() && !destination.ports.is_empty() {
        return Err(field.error("a service brings its own ports"));
    }
    let mut nets = source.nets.iter().chain(&destination.nets).map(|net| net.addr().is_ipv4());
    let first = nets.next();
    if nets.any(|family| Some(family) != first) {
        return Err(field.error("IPv4 and IPv6 in one rule"));
    }
    Ok(Rule {
        annotations: annotations.unwrap_or_default(),
        protocol,
        icmp,
        source,
        destination,
        ..Rule::new(action)
    })
}

fn annotations(field: &Field<'_>) -> Result<crate::calico::Labels, Error> {
    let mut fields = Fields::of(field)?;
    let annotations = fields.required("annotations")?;
    fields.done()?;
    values::annotations(&annotations)
}

fn icmp_type(field: &Field<'_>, protocol: Option<RuleProtocol>) -> Result<(u8, Option<u8>), Error> {
    match protocol {
        Some(RuleProtocol::Icmp | RuleProtocol::IcmpV6 | RuleProtocol::Number(1 | 58)) => {}
        Some(
            RuleProtocol::Tcp
            | RuleProtocol::Udp
            | RuleProtocol::Sctp
            | RuleProtocol::UdpLite
            | RuleProtocol::Number(_),
        )
        | None => return Err(field.error("needs the protocol `ICMP` or `ICMPv6`")),
    }
    let mut fields = Fields::of(field)?;
    let kind = fields.required("type")?.integer(0, 254)?;
    let code = fields.optional("code").map(|code| code.integer(0, 255)).transpose()?;
    fields.done()?;
    Ok((kind, code))
}

fn entity(
    field: &Field<'_>,
    protocol: Option<RuleProtocol>,
    services: bool,
) -> Result<Entity, Error> {
    let mut fields = Fields::of(field)?;
    let mut selector = |key| fields.optional(key).map(|it| values::selector(&it)).transpose();
    let (of_pods, not_selector) = (selector("selector")?, selector("notSelector")?);
    let namespaces = fields.optional("namespaceSelector");
    let entity = Entity {
        nets: list(fields.optional("nets"), NETS, |it| values::unique(it, values::block))?,
        selector: of_pods,
        not_selector,
        namespace_selector: namespaces.map(|it| values::rule_namespaces(&it)).transpose()?,
        service: fields.optional("services").map(|it| service(&it, services)).transpose()?,
        ports: list(fields.optional("ports"), PORTS, |it| {
            it.items()?.iter().map(values::port).collect()
        })?,
        ..Entity::default()
    };
    fields.done()?;
    let alone = Entity {
        service: entity.service.clone(),
        ports: entity.ports.clone(),
        ..Entity::default()
    };
    if entity.service.is_some() && entity != alone {
        return Err(field.error("`services` stands without selectors and `nets`"));
    }
    let ports = match protocol {
        Some(RuleProtocol::Tcp | RuleProtocol::Udp | RuleProtocol::Sctp) => true,
        Some(
            RuleProtocol::UdpLite
            | RuleProtocol::Icmp
            | RuleProtocol::IcmpV6
            | RuleProtocol::Number(_),
        )
        | None => false,
    };
    if !ports && entity.ports.iter().any(|port| matches!(port, Port::Range(..))) {
        return Err(field.error("ports need the protocol `TCP`, `UDP` or `SCTP`"));
    }
    Ok(entity)
}

fn list<'a, T>(
    field: Option<Field<'a>>,
    most: usize,
    read: impl Fn(&Field<'a>) -> Result<Vec<T>, Error>,
) -> Result<Vec<T>, Error> {
    let Some(field) = field else { return Ok(Vec::new()) };
    let values = read(&field)?;
    // An empty list says "everything", which nobody who writes one means.
    if values.is_empty() || values.len() > most {
        return Err(field.error(format!("not 1 to {most} entries")));
    }
    Ok(values)
}

fn service(
    field: &Field<'_>,
    allowed: bool,
) -> Result<(std::sync::Arc<str>, std::sync::Arc<str>), Error> {
    if !allowed {
        return Err(field.error("a rule names services at its other end only"));
    }
    let mut fields = Fields::of(field)?;
    let namespace = values::dns_label(&fields.required("namespace")?)?;
    let name = values::dns_label(&fields.required("name")?)?;
    fields.done()?;
    Ok((namespace, name))
}
