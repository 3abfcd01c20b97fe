//! One end of a rule, and what may stand together in it ("how Calico decides", sections 4.1 and 4.3).

use std::sync::Arc;

use ipnet::IpNet;

use super::fields::{Field, Fields};
use super::names::{dns_label, dns_subdomain};
use super::values::{self, SelectorLoss};
use crate::calico::{Direction, Entity, Port, ServiceAccounts};

/// The most blocks of an end.
const NETS: usize = 256;
/// The most ports of an end.
const PORTS: usize = 50;
/// More than any list that the schema does not limit.
const UNLIMITED: usize = usize::MAX;

/// Where an end stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    /// Which way the rule looks.
    pub(super) direction: Direction,
    /// Whether it is the destination.
    pub(super) destination: bool,
    /// Whether the policy is global.
    pub(super) global: bool,
    /// Whether the rule's protocol has ports with numbers.
    pub(super) numbered: bool,
}

/// Reads an end.
pub(super) fn entity(field: &Field<'_>, standing: Standing) -> Option<Entity> {
    let mut fields = Fields::of(field)?;
    let nets = |list: Option<Field<'_>>, read: fn(&Field<'_>) -> Option<IpNet>| {
        list.and_then(|it| values::unique(&it, NETS, read)).unwrap_or_default()
    };
    let given = fields.optional("selector");
    let entity = Entity {
        nets: nets(fields.optional("nets"), values::block),
        not_nets: nets(fields.optional("notNets"), values::left_out),
        selector: given.as_ref().and_then(|it| values::selector(it, SelectorLoss::Rule)),
        not_selector: fields.optional("notSelector").and_then(|it| values::any_selector(&it)),
        namespace_selector: fields
            .optional("namespaceSelector")
            .and_then(|it| values::rule_namespaces(&it)),
        service_accounts: fields.optional("serviceAccounts").and_then(|it| accounts(&it)),
        service: fields.optional("services").and_then(|it| service(&it, standing)),
        ports: ports(fields.optional("ports")),
        not_ports: ports(fields.optional("notPorts")),
    };
    let combined = !standing.global
        || entity.namespace_selector.is_some()
        || entity.service_accounts.is_some();
    values::lost_if_blank(given.as_ref().filter(|_| combined));
    fields.done();
    if entity.service.is_some() {
        let alone = Entity {
            service: entity.service.clone(),
            ports: entity.ports.clone(),
            not_ports: entity.not_ports.clone(),
            ..Entity::default()
        };
        if entity != alone
            && field
                .breaks_schema("`services` stands without selectors, service accounts and blocks")
        {
            return None;
        }
        if standing.destination
            && !(entity.ports.is_empty() && entity.not_ports.is_empty())
            && field.breaks_schema("a service brings its own ports")
        {
            return None;
        }
    }
    let numbers = |ports: &[Port]| ports.iter().any(|port| matches!(port, Port::Range(..)));
    if !standing.numbered && (numbers(&entity.ports) || numbers(&entity.not_ports)) {
        return field.invalid("ports need the protocol `TCP`, `UDP` or `SCTP`");
    }
    Some(entity)
}

fn ports(field: Option<Field<'_>>) -> Vec<Port> {
    let items = field.and_then(|field| field.items(PORTS)).unwrap_or_default();
    items.iter().filter_map(values::port).collect()
}

/// Service accounts; none where nothing is asked of them.
fn accounts(field: &Field<'_>) -> Option<ServiceAccounts> {
    let mut fields = Fields::of(field)?;
    let names = fields.optional("names");
    let names = names.and_then(|it| values::unique(&it, UNLIMITED, dns_subdomain));
    let selector = fields.optional("selector").and_then(|it| values::any_selector(&it));
    fields.done();
    let accounts = ServiceAccounts { names: names.unwrap_or_default(), selector };
    (accounts != ServiceAccounts::default()).then_some(accounts)
}

/// A service by its namespace and name. Without a namespace, which a namespaced policy may leave out, it is nowhere.
fn service(field: &Field<'_>, standing: Standing) -> Option<(Arc<str>, Arc<str>)> {
    let mut fields = Fields::of(field)?;
    let name = fields.optional("name").and_then(|it| dns_label(&it));
    let namespace = fields.optional("namespace").and_then(|it| dns_label(&it));
    fields.done();
    // The source of ingress, the destination of egress.
    if standing.destination != (standing.direction == Direction::Egress) {
        return field.invalid("a rule names services at its other end only");
    }
    let Some(name) = name else { return field.refused("`name` is missing") };
    match namespace {
        Some(namespace) => Some((namespace, name)),
        None if standing.global => field.invalid("`namespace` is missing"),
        None => Some(("".into(), name)),
    }
}
