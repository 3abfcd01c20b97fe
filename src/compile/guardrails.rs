//! Guardrails as Deny rules before every Allow of ours, on both sides of the connections that they forbid
//! (language reference, section 5, "Guardrails").

use ipnet::IpNet;

use crate::calico::{Action, Direction};
use crate::program::{Endpoint, ExternalValue, Guardrail, Place, Program};

use super::global::{self, GlobalKind, GlobalLines};
use super::merge::Grant;
use super::peer::CompiledPeer;
use super::place::{NamespaceScope, Pods};
use super::{CompiledOutput, tiers};

/// Writes the policies of guardrails.
pub(super) fn write(program: &Program, output: &mut CompiledOutput) {
    let mut lines = GlobalLines::new();
    for guardrail in program.guardrails.iter().filter(|guardrail| guardrail.has_rules()) {
        let (left, right) = sides(program, guardrail);
        constrain(&mut lines, guardrail, Direction::Egress, &left, &right);
        constrain(&mut lines, guardrail, Direction::Ingress, &right, &left);
    }
    let tier = if program.settings.tiers { tiers::GUARDRAILS } else { tiers::DEFAULT };
    let order = program.settings.orders.guardrails;
    let log = program.log_denied.is_some();
    let kind = GlobalKind { word: "guardrail", tier, order, action: Action::Deny, log };
    global::write(program, kind, &lines, output);
}

fn constrain<'a>(
    lines: &mut GlobalLines<'a>,
    guardrail: &'a Guardrail,
    direction: Direction,
    local: &[CompiledPeer],
    peers: &[CompiledPeer],
) {
    for local in local {
        // Nothing of ours judges connections of addresses and services.
        let CompiledPeer::Pods(local) = local else { continue };
        for place in local.by_zone() {
            let grants = lines.entry((place, direction)).or_default();
            grants.extend(peers.iter().map(|peer| Grant {
                peer: peer.clone(),
                matches: guardrail.matches.as_deref(),
                line: guardrail.into(),
            }));
        }
    }
}

/// The senders and the receivers that `guardrail` keeps apart, each as parts that together are exactly these:
/// nothing where it forbids nothing.
fn sides(program: &Program, guardrail: &Guardrail) -> (Vec<CompiledPeer>, Vec<CompiledPeer>) {
    let Some(left) = CompiledPeer::of(program, &guardrail.left) else { return Default::default() };
    let Some(right) = CompiledPeer::of(program, &guardrail.right) else {
        return Default::default();
    };
    let excused = guardrail.except.iter().fold(vec![left], |parts, except| {
        let excuse = |part| excuse(program, &guardrail.left, part, except);
        parts.into_iter().flat_map(excuse).collect()
    });
    if !guardrail.crossing {
        return (excused, vec![right]);
    }
    // Only what crosses: where one side is of one application, the other is not.
    match (&guardrail.left.place, &guardrail.right.place) {
        (Place::Zones { application: Some(a), .. }, Place::Zones { application: Some(b), .. })
            if a == b =>
        {
            Default::default()
        }
        (Place::Zones { application: Some(a), .. }, Place::Zones { application: None, .. }) => {
            (excused, without(right, NamespaceScope::of_application(*a)))
        }
        (Place::Zones { application: None, .. }, Place::Zones { application: Some(b), .. }) => {
            let own = NamespaceScope::of_application(*b);
            let left = excused.into_iter().flat_map(|part| without(part, own.clone()));
            (left.collect(), vec![right])
        }
        (Place::Zones { .. } | Place::External(_), Place::Zones { .. } | Place::External(_)) => {
            (excused, vec![right])
        }
    }
}

fn without(peer: CompiledPeer, namespaces: NamespaceScope) -> Vec<CompiledPeer> {
    let CompiledPeer::Pods(pods) = peer else { return vec![peer] };
    let parts = pods.minus(&Pods { namespaces, ..Pods::default() });
    parts.into_iter().map(CompiledPeer::Pods).collect()
}

/// `part` of the side `left` without what `except` excuses.
fn excuse(
    program: &Program,
    left: &Endpoint,
    part: CompiledPeer,
    except: &Endpoint,
) -> Vec<CompiledPeer> {
    let out = CompiledPeer::of(program, except);
    let cut = |nets: &[IpNet]| {
        let left = difference(nets, addresses(program, except));
        if left.is_empty() { Vec::new() } else { vec![CompiledPeer::Nets(left)] }
    };
    match (part, out) {
        (CompiledPeer::Pods(pods), Some(CompiledPeer::Pods(out))) => {
            pods.minus(&out).into_iter().map(CompiledPeer::Pods).collect()
        }
        (CompiledPeer::Addresses(_), Some(CompiledPeer::Addresses(_))) => {
            cut(addresses(program, left))
        }
        (CompiledPeer::Nets(nets), Some(CompiledPeer::Addresses(_))) => cut(&nets),
        (part, out) => {
            if out.as_ref() == Some(&part) {
                Vec::new()
            } else {
                vec![part]
            }
        }
    }
}

fn addresses<'a>(program: &'a Program, endpoint: &Endpoint) -> &'a [IpNet] {
    match endpoint.place.external(program) {
        Some(ExternalValue::Addresses(nets)) => nets,
        Some(ExternalValue::Namespace { .. } | ExternalValue::Service { .. }) | None => &[],
    }
}

/// `nets` without `out`.
fn difference(nets: &[IpNet], out: &[IpNet]) -> Vec<IpNet> {
    let mut left = Vec::new();
    let mut todo: Vec<_> = nets.to_vec();
    while let Some(net) = todo.pop() {
        if out.iter().any(|out| out.contains(&net)) {
            continue;
        }
        if !out.iter().any(|out| net.contains(out)) {
            left.push(net);
        } else if let Ok(halves) = net.subnets(net.prefix_len() + 1) {
            todo.extend(halves);
        }
    }
    left.sort();
    left
}
