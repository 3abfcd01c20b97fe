//! Lines for tunnels from pods, which their nodes drop before any policy is asked (how Calico decides, section 3.6).

use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::traffic::TUNNEL;
use crate::program::{Arrow, ExternalValue, Flow, Program};

/// A note for each line of those that are written here.
pub(super) fn dropped(program: &Program) -> Vec<Diagnostic> {
    let dataplane = program.settings.dataplane;
    let flows = program.flows.iter().filter(|it| program.writes(it.owner));
    let note = |flow: &Flow| {
        let matches = flow.matches.as_deref()?;
        let tunnels: Vec<_> = matches
            .iter()
            .filter_map(|item| Some(format!("`{item}` ({})", dataplane.tunnel_dropped(item)?)))
            .collect();
        if tunnels.is_empty() || from_addresses(program, flow) {
            return None;
        }
        let named = tunnels.join(" and ");
        let message = if tunnels.len() == matches.len() {
            format!("this line opens nothing: nodes drop {named} from pods")
        } else {
            format!("for {named} this line opens nothing: nodes drop it from pods")
        };
        let place = flow.spans.traffic.unwrap_or(flow.spans.whole);
        Some(
            Diagnostic::new(&TUNNEL, message)
                .label(place, "dropped before any policy is asked")
                .help("take it out, or let the FelixConfiguration allow it: `allowVXLANPacketsFromWorkloads`, `allowIPIPPacketsFromWorkloads`"),
        )
    };
    flows.filter_map(note).collect()
}

/// Whether whoever opens the connections of `flow` is no pod.
fn from_addresses(program: &Program, flow: &Flow) -> bool {
    let sender = match flow.arrow {
        Arrow::Entering => &flow.right,
        Arrow::Inside | Arrow::Both | Arrow::Leaving => &flow.left,
    };
    matches!(sender.place.external(program), Some(ExternalValue::Addresses(_)))
}
