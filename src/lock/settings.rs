//! The settings that decide what lines mean, as the first lines of the lock.

use crate::diagnostic::{Level, codes};
use crate::program::settings::Lints;
use crate::program::{Deny, Settings};

/// `#! labels …`, `#! cluster …`, `#! lints …`; without what is not there.
pub(super) fn lines(settings: &Settings) -> Vec<String> {
    let (application, zone) = (&settings.labels.application, &settings.labels.zone);
    let deny = match &settings.deny {
        Deny::All => "all".to_owned(),
        Deny::LandingZones => "landing-zones".to_owned(),
        Deny::Applications(names) if names.is_empty() => "none".to_owned(),
        Deny::Applications(names) => names.join(" "),
    };
    let tiers = if settings.tiers { "on" } else { "off" };
    let orders = settings.orders;
    let orders = [orders.guardrails, orders.platform, orders.flows, orders.deny];
    let orders = orders.map(|order| order.to_string()).join(" ");
    let mut lines = vec![format!(
        "#! labels {application} {zone} · deny {deny} · tiers {tiers} · release {} · orders {orders}",
        settings.release
    )];
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
