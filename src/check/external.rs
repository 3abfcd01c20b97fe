//! Externals: addresses less what is excepted and less the cluster's own, namespaces outside every landing
//! zone, services (language reference, section 5 "Externals").

use std::sync::Arc;

use ipnet::IpNet;

use super::CheckInput;
use super::declared::{self, NameFound};
use super::names::Names;
use super::selector;
use super::words::list;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::platform::{
    EXCEPT_OUTSIDE, HOST_BITS, LANDING_ZONE, LEADING_ZERO, NOTHING_LEFT, UNKNOWN_CLUSTER,
    WHOLE_FAMILY,
};
use crate::program::{External, ExternalValue};
use crate::source::{Span, Spanned};
use crate::syntax::tree::{self, Name};
use crate::traffic::addresses::{self, AddressFlaw};

/// Space that a cluster may use for its own pods and services.
const PRIVATE: [&str; 5] =
    ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"];

/// Takes up the external that `written` declares.
pub(super) fn declare(
    input: &CheckInput<'_>,
    names: &Names<'_>,
    written: &tree::External,
    found: &mut NameFound<External>,
    out: &mut Vec<Diagnostic>,
) {
    let value = match &written.value {
        tree::ExternalValue::Addresses { blocks, except } => {
            addresses(input, &written.name, blocks, except, out)
        }
        tree::ExternalValue::Namespace { name, selector } => {
            namespace(names, name, selector.as_ref(), out)
        }
        tree::ExternalValue::Service { namespace, name } => Some(ExternalValue::Service {
            namespace: Arc::from(&*namespace.value),
            name: Arc::from(&*name.value),
        }),
    };
    let external = value.map(|value| External {
        name: Arc::from(&*written.name.value),
        value,
        span: written.name.span,
    });
    declared::declare("external", &written.name, external, found, out);
}

fn namespace(
    names: &Names<'_>,
    name: &Name,
    selector: Option<&Spanned<Box<str>>>,
    out: &mut Vec<Diagnostic>,
) -> Option<ExternalValue> {
    let selector = selector.map(|text| selector::read(&names.decisions, text, out));
    let manifest = names.manifest(&name.value);
    if let Some(application) = manifest.and_then(|it| it.application.as_ref()) {
        let zone = manifest.and_then(|it| it.zone.as_ref()).map_or("*", |zone| &zone.value);
        out.push(
            Diagnostic::new(
                &LANDING_ZONE,
                format!(
                    "the namespace `{}` belongs to {}, and an external is outside every landing zone",
                    name.value, application.value,
                ),
            )
            .label(name.span, "this would be a door round the crossing")
            .label(application.span, "declared here")
            .help(format!("write the place itself: `{}.{zone}`", application.value)),
        );
        return None;
    }
    let selector = match selector {
        None => None,
        Some(selector) => selector?,
    };
    Some(ExternalValue::Namespace { name: Arc::from(&*name.value), selector })
}

fn addresses(
    input: &CheckInput<'_>,
    name: &Name,
    blocks: &[Spanned<Box<str>>],
    except: &[Spanned<Box<str>>],
    out: &mut Vec<Diagnostic>,
) -> Option<ExternalValue> {
    let mut nets = |texts: &[Spanned<Box<str>>]| -> Option<Vec<IpNet>> {
        let found: Vec<Option<IpNet>> = texts.iter().map(|text| block(text, out)).collect();
        found.into_iter().collect()
    };
    let (found, excepted) = (nets(blocks), nets(except));
    let (nets, excepted) = (found?, excepted?);
    let outside = excepted.iter().zip(except).filter(|(net, _)| !addresses::covers(&nets, **net));
    let before = out.len();
    for (_, text) in outside {
        let message = format!("`{}` is not within the blocks that it is taken out of", text.value);
        let mut diagnostic = Diagnostic::new(&EXCEPT_OUTSIDE, message).label(text.span, "");
        if let (Some(first), Some(last)) = (blocks.first(), blocks.last()) {
            diagnostic = diagnostic.label(first.span.to(last.span), "the blocks");
        }
        out.push(diagnostic.help("name a part of one of the blocks, or leave it out"));
    }
    if out.len() > before {
        return None;
    }
    let own: Vec<IpNet> = excepted.iter().chain(&input.settings.cluster).copied().collect();
    let left = addresses::difference(&nets, &own);
    if left.is_empty() {
        out.push(nothing_left(input, name, &nets, &excepted));
        return None;
    }
    if let Some(whole) = left.iter().find(|net| net.prefix_len() == 0) {
        let text = blocks.iter().zip(&nets).find(|(_, net)| *net == whole).map(|(text, _)| text);
        out.push(all_of_a_family(*whole, text.map_or(name.span, |text| text.span)));
        return None;
    }
    let private: Vec<IpNet> = PRIVATE.iter().filter_map(|text| text.parse().ok()).collect();
    if input.settings.cluster.is_empty() && addresses::overlap(&left, &private) {
        out.push(
            Diagnostic::new(
                &UNKNOWN_CLUSTER,
                format!(
                    "`{}` may hold addresses of the cluster's own pods: its blocks are not configured",
                    name.value,
                ),
            )
            .label(name.span, "overlaps private address space")
            .help("a pod's address in it would open that pod's landing zone without its owner's line")
            .help("give the cluster's blocks in eastwest.toml\n[cluster]\npods     = [\"10.244.0.0/16\"]\nservices = [\"10.96.0.0/12\"]"),
        );
    }
    Some(ExternalValue::Addresses(left))
}

fn block(text: &Spanned<Box<str>>, out: &mut Vec<Diagnostic>) -> Option<IpNet> {
    let (code, message, right) = match addresses::parse(&text.value) {
        Ok(net) => return Some(net),
        // The parser takes blocks only: all that can be wrong with their form is a zero too many.
        Err(AddressFlaw::Zeros(net) | AddressFlaw::NoPrefix(net)) => {
            (&LEADING_ZERO, format!("`{}` has a zero before a number", text.value), net)
        }
        Err(AddressFlaw::HostBits(net)) => {
            let message = format!("`{}` has bits set beyond its prefix", text.value);
            (&HOST_BITS, message, net)
        }
        Err(AddressFlaw::Unreadable) => {
            let message = format!("`{}` is not a block of addresses", text.value);
            out.push(Diagnostic::new(&LEADING_ZERO, message).label(text.span, ""));
            return None;
        }
    };
    let diagnostic = Diagnostic::new(code, message).label(text.span, format!("write `{right}`"));
    out.push(diagnostic.fix(format!("write `{right}`"), text.span, right.to_string()));
    None
}

fn nothing_left(
    input: &CheckInput<'_>,
    name: &Name,
    nets: &[IpNet],
    excepted: &[IpNet],
) -> Diagnostic {
    let diagnostic =
        Diagnostic::new(&NOTHING_LEFT, format!("nothing is left of the external `{}`", name.value));
    if addresses::difference(nets, excepted).is_empty() {
        return diagnostic
            .label(name.span, "`except` takes out all of its addresses")
            .help("except less, or delete the external");
    }
    let blocks: Vec<String> = input.settings.cluster.iter().map(ToString::to_string).collect();
    let blocks = list(blocks.iter().map(String::as_str));
    diagnostic.label(name.span, "all of its addresses are the cluster's own").help(format!(
        "`[cluster]` in eastwest.toml takes out {blocks}; pods are reached by their landing zone, a namespace or a service",
    ))
}

fn all_of_a_family(net: IpNet, span: Span) -> Diagnostic {
    let family = if net.addr().is_ipv4() { "IPv4" } else { "IPv6" };
    let halves: Vec<String> =
        net.subnets(1).into_iter().flatten().map(|half| half.to_string()).collect();
    let halves = halves.join(", ");
    Diagnostic::new(
        &WHOLE_FAMILY,
        format!(
            "`{net}` is every {family} address, which Calico cannot hold in one set everywhere"
        ),
    )
    .label(span, format!("all of {family}"))
    .help("if the internet is meant, take the private blocks out with `except`")
    .help(format!("if everything is meant, write the two halves: `{halves}`"))
    .fix(format!("write `{halves}`"), span, halves)
}
