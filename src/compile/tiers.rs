//! Tiers, for projects that use them: guardrails and the platform's lines come before the default tier and
//! pass on what they do not decide. Also what each release of Calico lacks.

use crate::calico::{Release, Resource, Tier};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::output::RELEASE_LACKS;
use crate::program::{Owner, Program};

use super::{Document, labels};

/// The tier that always exists, which denies at its end.
pub(super) const DEFAULT: &str = "default";
/// The tier of guardrails.
pub(super) const GUARDRAILS: &str = "eastwest-guardrails";
/// The tier of the platform's lines.
pub(super) const PLATFORM: &str = "eastwest-platform";

/// The order of the tier `name`.
pub(super) fn order(name: &str) -> u32 {
    match name {
        GUARDRAILS => 100,
        PLATFORM => 200,
        _ => 1_000_000,
    }
}

/// The tiers of `program`.
pub(super) fn documents(program: &Program) -> Vec<Document> {
    if !(program.settings.tiers && program.platform) {
        return Vec::new();
    }
    let tier = |name: &str| Document {
        owner: Owner::Platform,
        resource: Resource::Tier(Tier {
            name: name.into(),
            labels: labels(program, Owner::Platform),
            order: Some(f64::from(order(name))),
            pass: true,
        }),
    };
    vec![tier(GUARDRAILS), tier(PLATFORM)]
}

/// The name of a policy in `tier`, as every release takes it (Calico's rules, section 2.4).
pub(super) fn policy_name(tier: &str, name: &str) -> String {
    if tier == DEFAULT { name.into() } else { format!("{tier}.{name}") }
}

/// What is asked for and not in the release of `program`.
pub(super) fn unsupported(program: &Program, staged: bool) -> Vec<Diagnostic> {
    let release = program.settings.release;
    let lacks = |what: &str, since: &str, help: &str| {
        Release::parse(since).is_some_and(|since| release < since).then(|| {
            let message = format!("Calico {release} has no {what}: they came with {since}");
            Diagnostic::new(&RELEASE_LACKS, message).help(help)
        })
    };
    let tiers = program.settings.tiers.then(|| {
        lacks(
            "tiers",
            "3.29",
            "set `tiers = false` under `[calico]`, or `release` to what the cluster runs",
        )
    });
    let staged = staged.then(|| {
        lacks(
            "staged policies",
            "3.30",
            "build without `--staged`, or set `release` under `[calico]` to what the cluster runs",
        )
    });
    [tiers, staged].into_iter().flatten().flatten().collect()
}
