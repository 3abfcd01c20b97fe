//! Rules for an ICMP type with a code, of anybody's policies: Calico's agent does not live through them on nftables.

use super::evidence::Evidence;
use super::finding::{About, Finding, name};
use crate::diagnostic::codes::audit::ICMP_CODE;
use crate::reach::Direction;

/// Rules that end the agent; none where the settings say that the nodes run something else.
pub(super) fn codes(evidence: &Evidence<'_>) -> Vec<Finding> {
    let world = evidence.world;
    let mut found: Vec<Finding> = Vec::new();
    if !world.program.settings.dataplane.ends_on_codes() {
        return found;
    }
    for (policy, it) in world.policies() {
        let mut of_policy: Option<Finding> = None;
        for direction in Direction::BOTH {
            for (index, rule) in it.rules(direction).iter().enumerate() {
                let both = [(rule.icmp, "icmp"), (rule.not_icmp, "notICMP")];
                for (kind, field) in both {
                    let Some((kind, Some(code))) = kind else { continue };
                    let about = About { policy, rule: Some((direction, index)) };
                    let finding = finding(&name(world, policy)).at_field(
                        world,
                        about,
                        field,
                        format!("type {kind} with code {code}"),
                    );
                    match &mut of_policy {
                        Some(known) => known.join(finding),
                        None => of_policy = Some(finding),
                    }
                }
            }
        }
        found.extend(of_policy);
    }
    found
}

fn finding(policy: &str) -> Finding {
    let message = format!("{policy} ends Calico on every node that runs nftables");
    Finding::new(&ICMP_CODE, message)
        .help("leave the code out, or the rule: replies and errors pass with the connection that they belong to")
        .help("if no node runs nftables, write  dataplane = \"iptables\"  under [calico] of an eastwest.toml, and name that with `--config`")
}
