//! One rule, and what must hold between its parts ("how Calico decides", section 4.3).

use ipnet::IpNet;

use super::entity::{Standing, entity};
use super::fields::{Field, Fields, ProblemEffect, WayIn};
use super::{names, values};
use crate::calico::{Action, Direction, Entity, Http, HttpPath, Labels, Rule, RuleProtocol};
use crate::traffic::Family;

/// The most entries of `http.methods` and `http.paths`.
const HTTP: usize = 20;
/// The most characters of a path.
const PATH: usize = 1024;

/// Reads a rule of `direction`, of a policy that is `global` or in a namespace.
pub(super) fn rule(field: &Field<'_>, direction: Direction, global: bool) -> Option<Rule> {
    let mut fields = Fields::of(field)?;
    let action = fields.required("action").and_then(|it| self::action(&it));
    let annotations = fields.optional("metadata").and_then(|it| annotations(&it));
    let family = fields.optional("ipVersion").and_then(|it| family(&it));
    let asked = fields.optional("protocol");
    let protocol = asked.as_ref().and_then(values::protocol);
    let not_protocol = fields.optional("notProtocol").and_then(|it| values::protocol(&it));
    let icmp = fields.optional("icmp").and_then(|it| {
        if !matches!(
            protocol,
            Some(RuleProtocol::Icmp | RuleProtocol::IcmpV6 | RuleProtocol::Number(1 | 58))
        ) && it.breaks_schema("needs the protocol `ICMP` or `ICMPv6`")
        {
            return None;
        }
        icmp_type(&it)
    });
    let not_icmp = fields.optional("notICMP").and_then(|it| icmp_type(&it));
    let request = fields.optional("http").and_then(|it| {
        let found = http(&it)?;
        let refused = [
            direction == Direction::Egress && it.untried("stands in ingress rules only"),
            action.is_some_and(|action| action != Action::Allow)
                && it.breaks_schema("stands in rules that allow only"),
            protocol.is_some_and(|protocol| protocol != RuleProtocol::Tcp)
                && it.breaks_schema("goes over TCP only"),
        ];
        (!refused.contains(&true)).then_some(found)
    });
    // Of a protocol that cannot be read it is told already.
    let unreadable = asked.is_some() && protocol.is_none();
    let numbered = unreadable
        || matches!(protocol, Some(RuleProtocol::Tcp | RuleProtocol::Udp | RuleProtocol::Sctp));
    let mut end = |key, destination: bool| {
        let standing = Standing { direction, destination, global, numbered };
        fields.optional(key).and_then(|it| entity(&it, standing)).unwrap_or_default()
    };
    let source: Entity = end("source", false);
    let destination = end("destination", true);
    fields.done();
    let rule = Rule {
        annotations: annotations.unwrap_or_default(),
        family,
        protocol,
        not_protocol,
        icmp,
        not_icmp,
        http: request,
        source,
        destination,
        ..Rule::new(action?)
    };
    one_family(field, &rule);
    Some(rule)
}

fn action(field: &Field<'_>) -> Option<Action> {
    Some(match field.string()? {
        "Allow" => Action::Allow,
        "Deny" => Action::Deny,
        "Log" => Action::Log,
        "Pass" => Action::Pass,
        other => {
            return field
                .refused(format!("`{other}` is none of `Allow`, `Deny`, `Log` and `Pass`"));
        }
    })
}

fn annotations(field: &Field<'_>) -> Option<Labels> {
    let mut fields = Fields::of(field)?;
    let annotations = fields.optional("annotations").and_then(|it| names::annotations(&it));
    fields.done();
    annotations
}

fn family(field: &Field<'_>) -> Option<Family> {
    match field.integer(4, 6)? {
        4 => Some(Family::V4),
        6 => Some(Family::V6),
        _ => field.refused("neither 4 nor 6"),
    }
}

/// A type and perhaps its code; nothing where neither is given.
fn icmp_type(field: &Field<'_>) -> Option<(u8, Option<u8>)> {
    let mut fields = Fields::of(field)?;
    let kind = fields.optional("type");
    let code = fields.optional("code");
    fields.done();
    if kind.is_none() && code.is_some() {
        field.breaks_schema("`type` is missing, without which there is no `code`");
    }
    let code = code.and_then(|code| code.integer(0, 255));
    Some((kind?.integer(0, 254)?, code))
}

/// What is asked of a request; none where nothing is.
fn http(field: &Field<'_>) -> Option<Http> {
    let mut fields = Fields::of(field)?;
    let methods = fields.optional("methods");
    let methods = methods.and_then(|it| {
        values::unique(&it, HTTP, |method| method.string().map(std::sync::Arc::from))
    });
    let paths = fields.optional("paths").and_then(|it| it.items(HTTP)).unwrap_or_default();
    fields.done();
    let paths = paths.iter().filter_map(http_path).collect();
    let http = Http { methods: methods.unwrap_or_default(), paths };
    (http != Http::default()).then_some(http)
}

fn http_path(field: &Field<'_>) -> Option<HttpPath> {
    let mut fields = Fields::of(field)?;
    let (exact, prefix) = (fields.optional("exact"), fields.optional("prefix"));
    fields.done();
    let text = |field: &Field<'_>| {
        let text = field.string()?;
        if text.chars().count() > PATH {
            return field.refused(format!("more than {PATH} characters"));
        }
        if !text.starts_with('/') || text.contains(['?', '#', ' ']) {
            let message = format!("`{text}` is no path");
            return (!field.untried(message)).then(|| text.into());
        }
        Some(text.into())
    };
    match (exact, prefix) {
        (Some(exact), None) => text(&exact).map(HttpPath::Exact),
        (None, Some(prefix)) => text(&prefix).map(HttpPath::Prefix),
        (Some(_), Some(_)) | (None, None) => field.invalid("either `exact` or `prefix`"),
    }
}

/// Tells where a rule speaks of both IP families. Where Calico converts it, it is asked of each.
fn one_family(field: &Field<'_>, rule: &Rule) {
    let named = |protocol| match protocol {
        Some(RuleProtocol::Icmp) => Some(Family::V4),
        Some(RuleProtocol::IcmpV6) => Some(Family::V6),
        Some(
            RuleProtocol::Tcp
            | RuleProtocol::Udp
            | RuleProtocol::Sctp
            | RuleProtocol::UdpLite
            | RuleProtocol::Number(_),
        )
        | None => None,
    };
    let (source, destination) = (&rule.source, &rule.destination);
    let nets = [&source.nets, &source.not_nets, &destination.nets, &destination.not_nets];
    let mut of_nets = nets.into_iter().flatten().map(|net| match net {
        IpNet::V4(_) => Family::V4,
        IpNet::V6(_) => Family::V6,
    });
    let first = of_nets.next();
    let other = |family: Option<Family>| {
        rule.family.is_some_and(|version| family.is_some_and(|family| family != version))
    };
    let message = "`ipVersion` is not that of the rest of the rule";
    match field.way() {
        WayIn::Checked(_) if of_nets.any(|family| Some(family) != first) => {
            field.tell(ProblemEffect::Ignored, "IPv4 and IPv6 in one rule");
        }
        WayIn::Checked(_) if other(first) => field.tell(ProblemEffect::Ignored, message),
        WayIn::Checked(_) | WayIn::Native => {
            if other(named(rule.protocol)) || other(named(rule.not_protocol)) {
                field.breaks_schema(message);
            }
        }
        WayIn::Kept { .. } => {}
    }
}
