//! Problems in existing Calico policies: where they open or close what their author cannot have meant,
//! each finding with a connection that shows it.

mod closes;
mod dead;
mod dns;
mod duplicates;
mod early;
mod evidence;
mod example;
mod finding;
mod halves;
mod held;
mod icmp;
mod leaves;
mod moved;
mod needless;
mod open;
mod plain;
mod services;
mod system;
mod ties;
mod types;
mod unmatched;
mod unseen;
mod void;
mod wide;

use std::collections::BTreeSet;

pub use finding::{About, Finding};

use self::evidence::Evidence;
use crate::diagnostic::codes::audit::UNKNOWN_APPLICATION;
use crate::program::Settings;
use crate::reach::TooMany;
use crate::world::World;

/// Everything that there is to find in `world`, in the order of files and lines; `settings` say which labels make landing
/// zones, and what the cluster's own addresses are.
///
/// # Errors
/// Where a label has too much asked of its values.
pub fn audit(world: &World, settings: &Settings) -> Result<Vec<Finding>, TooMany> {
    evidence::gather(world, settings, everything)
}

fn everything(evidence: &mut Evidence<'_>) -> Vec<Finding> {
    let (mut found, crossings) = leaves::find(evidence);
    let unknown = found.iter().filter(|it| it.diagnostic.code.code == UNKNOWN_APPLICATION.code);
    let unknown: BTreeSet<About> = unknown.flat_map(|it| it.about.clone()).collect();
    for crossing in &crossings {
        // One mistake, one finding: a crossing that nobody takes is not told of as a crossing, too.
        let half = halves::find(evidence, crossing);
        let Some(finding) = half.or_else(|| leaves::crossing_note(evidence, crossing)) else {
            continue;
        };
        let same = found.iter_mut().find(|it| it.diagnostic.message == finding.diagnostic.message);
        match same {
            Some(known) => known.join(finding),
            None => found.push(finding),
        }
    }
    let (twice, known) = duplicates::find(evidence);
    found.extend(twice);
    let dead = dead::find(evidence, &known);
    found.extend(dead.findings);
    found.extend(needless::find(evidence, dead.same, &dead.rules, &known));
    found.extend(void::find(evidence));
    found.extend(ties::find(evidence));
    found.extend(closes::find(evidence));
    found.extend(closes::hosts(evidence));
    found.extend(types::find(evidence));
    found.extend(early::overruled(evidence));
    found.extend(early::early(evidence));
    found.extend(early::no_tier(evidence));
    found.extend(wide::dns(evidence));
    found.extend(dns::find(evidence));
    found.extend(wide::cluster_nets(evidence));
    found.extend(wide::http(evidence));
    found.extend(unmatched::find(evidence, &unknown));
    found.extend(plain::services(evidence));
    found.extend(plain::objects(evidence));
    found.extend(plain::passes(evidence));
    found.extend(icmp::codes(evidence));
    found.extend(open::find(evidence));
    found.extend(held::find(evidence));
    found.extend(services::addresses(evidence));
    found.extend(services::ports(evidence));
    found.extend(system::find(evidence));
    found.extend(unseen::stages(evidence));
    found.extend(unseen::tunnels(evidence));
    let place = |it: &Finding| (it.diagnostic.primary().is_none(), it.diagnostic.primary());
    found.sort_by_key(|it| (place(it), it.diagnostic.code.code));
    found
}
