//! A policy: whom it applies to, in which directions, and what stands in the way of that ("how Calico decides",
//! sections 1.2 and 1.4).

use std::sync::Arc;

use super::fields::{Field, Fields, ProblemEffect};
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
    let tier = fields.optional("tier").and_then(|tier| names::dns_subdomain(&tier));
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
    let written = fields.optional("types");
    let types = written.as_ref().and_then(directions);
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
    if types.is_none() {
        let by_presence = defaults(ingress.is_some(), egress.is_some());
        let has = |rules: &Option<Vec<Rule>>| rules.as_ref().is_some_and(|it| !it.is_empty());
        if by_presence != defaults(has(&ingress), has(&egress)) {
            let message = "an empty list of rules without `types`: the ways into a cluster do not agree which directions this is for";
            written.as_ref().unwrap_or(spec).tell(ProblemEffect::Unclear, message);
        }
    }
    let mut name = names::policy_name(&about.name, namespaced)?;
    let tier: Arc<str> = tier.unwrap_or_else(|| "default".into());
    // So Calico stores the policies of the tier `default`.
    if let Some(short) = name.strip_prefix("default.").filter(|_| kind.is_stored()) {
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

/// The directions of a policy without `types`, ingress first, by whether it has rules for each.
fn defaults(ingress: bool, egress: bool) -> [bool; 2] {
    [ingress || !egress, egress]
}

fn directions(field: &Field<'_>) -> Option<Vec<Direction>> {
    let types = values::unique(field, usize::MAX, |item| match item.string()? {
        "Ingress" => Some(Direction::Ingress),
        "Egress" => Some(Direction::Egress),
        other => item.refused(format!("`{other}` is neither `Ingress` nor `Egress`")),
    })?;
    if field.items(usize::MAX)?.is_empty() {
        let message = "an empty list: a native resource may not have one, elsewhere it is as if there were none";
        field.tell(ProblemEffect::Unclear, message);
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
