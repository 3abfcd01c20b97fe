//! A policy: whom it applies to, in which directions, and what stands in the way of that ("how Calico decides",
//! sections 1.2 and 1.4).

use std::sync::Arc;

use super::fields::{Field, Fields, Limits, ProblemEffect, WayIn};
use super::values::{self, SelectorLoss};
use super::{Metadata, names, rule};
use crate::calico::{Direction, Policy, PolicyKind, Rule, Stage};
use crate::selector::Selector;

/// The most rules of one direction.
const RULES: usize = 1024;

/// Reads a policy of the kind `kind`, `namespaced` or of the whole cluster.
pub(super) fn policy(
    kind: &Field<'_>,
    about: &Field<'_>,
    spec: &Field<'_>,
    namespaced: bool,
) -> Option<Policy> {
    let staged = kind.string()?.starts_with("Staged");
    let about = Metadata::new(about, namespaced)?;
    let mut fields = Fields::of(spec)?;
    if staged {
        staged_action(&mut fields, spec);
    }
    let tier = fields.optional("tier").and_then(|tier| {
        let any = |it: &Field<'_>| it.string().map(Arc::from);
        if tier.is_converted() { any(&tier) } else { names::dns_subdomain(&tier) }
    });
    let order = fields.optional("order").and_then(|order| order.number());
    let given = fields.optional("selector");
    let selector = given.as_ref().and_then(|it| values::selector(it, SelectorLoss::Rule));
    let mut narrowing = |key| -> Option<Selector> {
        fields.optional(key).and_then(|it| values::selector(&it, SelectorLoss::LeftOut))
    };
    let service_account_selector = narrowing("serviceAccountSelector");
    let namespace_selector = if namespaced { None } else { narrowing("namespaceSelector") };
    let combined = namespaced || service_account_selector.is_some() || namespace_selector.is_some();
    values::lost_if_blank(given.as_ref().filter(|_| combined));
    hints(&mut fields);
    let types = fields.optional("types").as_ref().and_then(directions);
    let mut rules = |key, direction| -> Option<Vec<Rule>> {
        let items = fields.optional(key)?.items(RULES)?;
        Some(items.iter().filter_map(|it| rule::rule(it, direction, !namespaced)).collect())
    };
    let ingress = rules("ingress", Direction::Ingress);
    let egress = rules("egress", Direction::Egress);
    let (stage, apply_on_forward) = if namespaced {
        (Stage::Ordinary, false)
    } else {
        stage(&mut fields, spec, types.as_deref(), egress.as_deref())
    };
    fields.done();
    let types = types.or_else(|| filled_in(spec, [&ingress, &egress]));
    let mut name = names::policy_name(&about.name, namespaced)?;
    let tier: Arc<str> = tier.unwrap_or_else(|| "default".into());
    // So Calico stores the policies of the tier `default`.
    if let Some(short) =
        name.strip_prefix("default.").filter(|_| kind.way() == (WayIn::Kept { stored: true }))
    {
        name = short.into();
    }
    Some(Policy {
        kind: if staged { PolicyKind::Staged } else { PolicyKind::Calico },
        labels: about.labels,
        tier,
        order,
        selector,
        namespace_selector,
        service_account_selector,
        stage,
        apply_on_forward,
        types,
        ingress: ingress.unwrap_or_default(),
        egress: egress.unwrap_or_default(),
        ..Policy::new(about.namespace, name)
    })
}

/// The directions of a policy that says none, where they are others than those that it has `rules` for, ingress first. Those are
/// filled in by Calico's own API. A cluster with native resources takes an empty list for one; in the stored form nobody fills
/// anything in, and a policy without directions is for both.
fn filled_in(spec: &Field<'_>, rules: [&Option<Vec<Rule>>; 2]) -> Option<Vec<Direction>> {
    let [ingress, egress] = rules.map(Option::is_some);
    let of = |[ingress, egress]: [bool; 2]| [ingress || !egress, egress];
    let by_presence = of([ingress, egress]);
    let differs = by_presence != of(rules.map(|it| it.as_ref().is_some_and(|it| !it.is_empty())));
    let directions = |wanted: [bool; 2]| {
        let both = [Direction::Ingress, Direction::Egress].into_iter().zip(wanted);
        Some(both.filter(|(_, wanted)| *wanted).map(|(direction, _)| direction).collect())
    };
    match spec.way() {
        WayIn::Checked(Limits::Held | Limits::ByRelease) if differs => {
            let message = "an empty list of rules without `types`: the ways into a cluster do not agree which directions this is for";
            spec.tell(ProblemEffect::Unclear, message);
            None
        }
        WayIn::Native if differs => directions(by_presence),
        WayIn::Kept { stored: true } => directions([true; 2]),
        WayIn::Checked(_) | WayIn::Native | WayIn::Kept { stored: false } => None,
    }
}

fn directions(field: &Field<'_>) -> Option<Vec<Direction>> {
    let types = values::unique(field, usize::MAX, |item| match item.string()? {
        "Ingress" => Some(Direction::Ingress),
        "Egress" => Some(Direction::Egress),
        other => item.refused(format!("`{other}` is neither `Ingress` nor `Egress`")),
    })?;
    if field.items(usize::MAX)?.is_empty() {
        field.exceeds("an empty list");
    }
    Some(types).filter(|types| !types.is_empty())
}

fn hints(fields: &mut Fields<'_>) {
    if let Some(hints) = fields.optional("performanceHints") {
        values::unique(&hints, usize::MAX, |hint| match hint.string()? {
            "AssumeNeededOnEveryNode" => Some(()),
            other => hint.refused(format!("`{other}` is not a hint")),
        });
    }
}

fn staged_action(fields: &mut Fields<'_>, spec: &Field<'_>) {
    let Some(action) = fields.optional("stagedAction") else { return };
    match action.string() {
        Some("Delete") if fields.others(&["tier"]) => {
            spec.tell(
                ProblemEffect::Ignored,
                "with `stagedAction: Delete` only `tier` may be given",
            );
        }
        Some("Set" | "Delete" | "Learn" | "Ignore") | None => {}
        Some(other) => {
            action.tell(
                ProblemEffect::Refused,
                format!("`{other}` is not an action of a staged policy"),
            );
        }
    }
}

/// When host endpoints ask the policy, and whether about what they forward, too.
fn stage(
    fields: &mut Fields<'_>,
    spec: &Field<'_>,
    types: Option<&[Direction]>,
    egress: Option<&[Rule]>,
) -> (Stage, bool) {
    let mut flag = |key| fields.optional(key).and_then(|it| it.boolean()).unwrap_or(false);
    let (untracked, pre_dnat) = (flag("doNotTrack"), flag("preDNAT"));
    let forwarded = flag("applyOnForward");
    let outward = egress.is_some_and(|rules| !rules.is_empty())
        || types.is_some_and(|types| types.contains(&Direction::Egress));
    let wrong = [
        (untracked && pre_dnat, "`doNotTrack` and `preDNAT` exclude each other"),
        (pre_dnat && outward, "`preDNAT` is for ingress only"),
        ((untracked || pre_dnat) && !forwarded, "needs `applyOnForward: true`"),
    ];
    for (_, message) in wrong.into_iter().filter(|(wrong, _)| *wrong) {
        spec.tell(ProblemEffect::Refused, message);
    }
    let stage = match (untracked, pre_dnat) {
        (true, _) => Stage::Untracked,
        (false, true) => Stage::PreDnat,
        (false, false) => Stage::Ordinary,
    };
    (stage, forwarded)
}
