//! The settings that decide what lines mean, as the first lines of the lock.

use crate::calico::Dataplane;
use crate::diagnostic::{Level, codes};
use crate::program::settings::Lints;
use crate::program::{Deny, Program};

/// `#! labels …`, `#! dataplane …`, `#! cluster …`, `#! lints …`; without what is not there.
pub(super) fn lines(program: &Program) -> Vec<String> {
    let settings = &program.settings;
    let (application, zone) = (&settings.labels.application, &settings.labels.zone);
    let deny = match &settings.deny {
        // Without platform files there is no default deny.
        _ if !program.platform => "off",
        Deny::All => "all",
        Deny::LandingZones => "landing-zones",
        Deny::Applications(names) if names.is_empty() => "none",
        // Which ones, their own lines say.
        Deny::Applications(_) => "listed",
    };
    let tiers = if settings.tiers { "on" } else { "off" };
    let orders = settings.orders;
    let orders = [orders.guardrails, orders.platform, orders.flows, orders.deny];
    let orders = orders.map(|order| order.to_string()).join(" ");
    let mut lines = vec![format!(
        "#! labels {application} {zone} · deny {deny} · tiers {tiers} · release {} · orders {orders}",
        settings.release
    )];
    if settings.dataplane != Dataplane::default() {
        lines.push(format!("#! dataplane {}", settings.dataplane));
    }
    let own: Vec<_> = settings.cluster.iter().map(ToString::to_string).collect();
    if !own.is_empty() {
        lines.push(format!("#! cluster {}", own.join(" ")));
    }
    let lowered = lowered(&settings.lints);
    if !lowered.is_empty() {
        lines.push(format!("#! lints {}", lowered.join(" · ")));
    }
    lines
}

/// The lints that say less than they do by default.
fn lowered(lints: &Lints) -> Vec<String> {
    let severity = |level: Option<Level>| match level {
        Some(Level::Error) => 3,
        Some(Level::Warning) => 2,
        Some(Level::Note) => 1,
        None => 0,
    };
    let all = codes::all().filter(|code| code.lint).map(|code| (code, lints.level(code)));
    let lowered = all.filter(|(code, level)| severity(*level) < severity(Some(code.level)));
    lowered
        .map(|(code, level)| format!("{} {}", code.code, level.map_or("off", Level::name)))
        .collect()
}
