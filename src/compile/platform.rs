//! The platform's lines: they open by label, now and later, so each local place is a global policy.

use crate::calico::Action;
use crate::program::{Owner, Program};

use super::global::{self, GlobalKind, GlobalLines};
use super::halves::halves;
use super::merge::Grant;
use super::peer::CompiledPeer;
use super::place::Pods;
use super::{CompiledOutput, tiers};

/// Writes the policies of the platform's lines.
pub(super) fn write(program: &Program, output: &mut CompiledOutput) {
    let mut lines = GlobalLines::new();
    for flow in program.flows.iter().filter(|flow| flow.owner == Owner::Platform) {
        for half in halves(flow) {
            let local = Pods::of(program, half.local);
            let Some((local, peer)) = local.zip(CompiledPeer::of(program, half.peer)) else {
                continue;
            };
            for place in local.by_zone() {
                lines.entry((place, half.direction)).or_default().push(Grant {
                    peer: peer.clone(),
                    matches: flow.matches.as_deref(),
                    line: flow.into(),
                });
            }
        }
    }
    let tier = if program.settings.tiers { tiers::PLATFORM } else { tiers::DEFAULT };
    let order = program.settings.orders.platform;
    let kind = GlobalKind { word: "platform", tier, order, action: Action::Allow, log: false };
    global::write(program, kind, &lines, output);
}
