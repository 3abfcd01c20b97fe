//! What is written for something that never comes: tunnels that Calico drops before any policy is asked, and the stages of host
//! endpoints, which pods do not have.

use super::closes::{asks_for_pods, bearers, selecting};
use super::evidence::{AuditSubject, Evidence};
use super::finding::{About, Finding, name};
use crate::calico::{Dataplane, Port, Rule, Stage};
use crate::diagnostic::codes::audit::{STAGE, TUNNEL};
use crate::reach::of_policies::selected;
use crate::reach::{Bearer, Diagram, Direction};
use crate::traffic::{Match, Protocol};

/// Rules that allow pods what their node drops: one finding for all of a policy, as nothing is open that should not be.
pub(super) fn tunnels(evidence: &Evidence<'_>) -> Vec<Finding> {
    let world = evidence.world;
    let mut found: Vec<Finding> = Vec::new();
    for (about, reached) in evidence.allows() {
        let Some((Direction::Egress, index)) = about.rule else { continue };
        let rule = world.rule(about.policy, Direction::Egress, index);
        let dataplane = world.program.settings.dataplane;
        let Some((field, tunnel)) = rule.and_then(|it| tunnel(it, dataplane)) else { continue };
        let of_pods = reached.iter().filter_map(|at| evidence.step(*at));
        if !of_pods.into_iter().any(|(judged, _)| judged.who != AuditSubject::Host) {
            continue;
        }
        let called = name(world, about.policy);
        let message = format!("{called} allows pods a tunnel, which their node drops");
        let finding = Finding::new(&TUNNEL, message).at_field(
            world,
            about,
            field,
            format!("{tunnel} is dropped before any policy is asked"),
        );
        match found.iter_mut().find(|it| it.diagnostic.message == finding.diagnostic.message) {
            Some(known) => known.join(finding),
            None => found.push(finding.help(
                "take it out, or set `allowVXLANPacketsFromWorkloads` or `allowIPIPPacketsFromWorkloads` in the FelixConfiguration",
            )),
        }
    }
    found
}

/// The field by which `rule` is one for a tunnel alone, and what the tunnel is called.
fn tunnel(rule: &Rule, dataplane: Dataplane) -> Option<(&'static str, &'static str)> {
    let protocol = rule.protocol?;
    let of = |port: &Port| match port {
        Port::Range(first, last) => {
            dataplane.tunnel_dropped(&Match::Ports(Protocol::Udp, *first, *last))
        }
        Port::Named(_) => None,
    };
    let ports = &rule.destination.ports;
    if protocol == Protocol::Udp {
        return Some(("destination.ports", ports.iter().find_map(of)?));
    }
    Some(("protocol", dataplane.tunnel_dropped(&Match::Protocol(protocol))?))
}

/// Policies of the stages of host endpoints that select by what only pods have, or by what they have by custom and no host
/// endpoint here has.
pub(super) fn stages(evidence: &mut Evidence<'_>) -> Vec<Finding> {
    let world = evidence.world;
    let mut found = Vec::new();
    for (index, policy) in world.policies() {
        let field = match policy.stage {
            Stage::Untracked => "doNotTrack",
            Stage::PreDnat => "preDNAT",
            Stage::Ordinary => continue,
        };
        let selector = selected(policy);
        let hosts = evidence.sets.selector(Bearer::Host, &selector);
        let for_pods = asks_for_pods(&selector) && bearers(evidence, &selector) == 0;
        if hosts != Diagram::EMPTY && !for_pods {
            continue;
        }
        let about = About { policy: index, rule: None };
        let message = format!(
            "{} selects pods, and with `{field}` it holds for none of them",
            name(world, index)
        );
        found.push(
            Finding::new(&STAGE, message)
                .at_field(world, about, &format!("spec.{field}"), "only host endpoints ask such a policy")
                .at_field(world, about, selecting(Some(policy)), "no host endpoint has these labels")
                .help(format!("for pods take `{field}` out; for nodes select the labels of their host endpoints")),
        );
    }
    found
}
