//! What becomes of a connection: tier after tier, policy after policy, rule after rule ("how Calico decides",
//! sections 3.1 and 3.2).

use std::sync::Arc;

use super::order::{OrderedTier, PolicyRank, Tiers};
use crate::calico::{Action, Stage};
use crate::reach::{Diagram, Diagrams};

/// A policy that applies to the subject: for which of its pods, and what its rules do.
pub(super) struct Applied<'a> {
    pub(super) place: &'a PolicyRank,
    /// Which of the resources it is.
    pub(super) resource: usize,
    pub(super) stage: Stage,
    pub(super) here: Diagram,
    pub(super) rules: Vec<Matched>,
}

/// What a rule, or neighbours that do the same, match.
pub(super) struct Matched {
    /// The index of the rule in its direction; of the first one where they are neighbours.
    pub(super) rule: usize,
    pub(super) action: Action,
    pub(super) set: Diagram,
}

/// What a step is the doing of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// A rule.
    Rule {
        /// The policy, by its index among all resources.
        policy: usize,
        /// The rule, by its index in the list of its direction.
        rule: usize,
    },
    /// No rule of a tier whose policies apply, which does not pass on what they leave.
    EndOfTier {
        /// The tier.
        tier: Arc<str>,
        /// Its policies that apply to some endpoint of the subject in this direction, by their index among all
        /// resources.
        policies: Vec<usize>,
    },
    /// A host endpoint that forwards the connection asks a policy of its own.
    Forwarded {
        /// The policy, by its index among all resources; the first one of a tier that ends.
        policy: usize,
        /// The rule, by its index in the list of its direction; none for the end of a tier.
        rule: Option<usize>,
    },
    /// A port of a host endpoint that stays open whatever policies say.
    Failsafe,
    /// The profiles, after policies apply and pass the connection on.
    Profile,
    /// The profiles, where no policy applies.
    NotIsolated,
}

impl By {
    /// The policy of a rule that decides, by its index among all resources, and the rule, by its index in its direction.
    pub fn rule(&self) -> Option<(usize, usize)> {
        if let Self::Rule { policy, rule } = self { Some((*policy, *rule)) } else { None }
    }

    /// The policies of a tier that ends, by their index among all resources.
    pub fn end_of_tier(&self) -> Option<&[usize]> {
        if let Self::EndOfTier { policies, .. } = self { Some(policies) } else { None }
    }
}

/// One step on the way to a verdict.
#[derive(Clone, Debug)]
pub struct Step {
    /// What decides.
    pub by: By,
    /// What it does: a `Log` decides nothing, and a `Pass` leads to a later step.
    pub action: Action,
    /// The connections of the subject that it is about.
    pub matched: Diagram,
    /// Those of them that nothing before it has decided.
    pub reached: Diagram,
}

/// Where an imagined policy stands that applies to every pod and allows everything: at an order of the tier
/// `default`, before others of that order, or alone in a tier of that order.
#[derive(Clone, Copy)]
pub(super) struct ImaginedPosition {
    pub(super) order: f64,
    pub(super) as_tier: bool,
}

/// The policies of one tier, in order: the imagined one has nothing here that is not everywhere.
pub(super) struct TierGroup<'a> {
    tier: Arc<str>,
    pass: bool,
    policies: Vec<Option<&'a Applied<'a>>>,
}

/// What no policy of a stage decides.
#[derive(Clone, Copy)]
pub(super) struct Left {
    /// Those connections.
    pub(super) open: Diagram,
    /// The connections of endpoints that some policy of the stage selects.
    pub(super) isolated: Diagram,
}

/// Those of `applied` (sorted) that are of `stage` by their tiers, with the imagined policy (`None`) in its place. Only the last
/// stage denies what a tier leaves.
pub(super) fn groups<'a>(
    tiers: &Tiers,
    applied: &[&'a Applied<'a>],
    stage: Stage,
    imagined: Option<ImaginedPosition>,
) -> Vec<TierGroup<'a>> {
    let mut groups = Vec::new();
    let of_its_own = || TierGroup { tier: "".into(), pass: true, policies: vec![None] };
    let mut alone = imagined.filter(|it| it.as_tier);
    for (index, tier) in tiers.iter() {
        if alone.take_if(|it| comes_before(*it, tier)).is_some() {
            groups.push(of_its_own());
        }
        let mut waiting = imagined.filter(|it| !it.as_tier && &*tier.name == "default");
        let mut policies = Vec::new();
        let here = |policy: &&&Applied<'_>| policy.place.tier == index && policy.stage == stage;
        for policy in applied.iter().filter(here) {
            if waiting.take_if(|it| it.order <= policy.place.order).is_some() {
                policies.push(None);
            }
            policies.push(Some(*policy));
        }
        if waiting.is_some() {
            policies.push(None);
        }
        let pass = tier.pass || stage != Stage::Ordinary;
        groups.push(TierGroup { tier: Arc::clone(&tier.name), pass, policies });
    }
    groups.extend(alone.map(|_| of_its_own()));
    groups
}

fn comes_before(position: ImaginedPosition, tier: &OrderedTier) -> bool {
    tier.order.is_none_or(|order| position.order < order)
}

/// Takes `open`, those connections of `all` that are still open, through the groups, and hands each step to `take`. What the
/// imagined policy allows is the profile's doing.
pub(super) fn walk(
    diagrams: &mut Diagrams,
    groups: &[TierGroup<'_>],
    all: Diagram,
    mut open: Diagram,
    mut take: impl FnMut(&mut Diagrams, Step),
) -> Left {
    let mut isolated = Diagram::EMPTY;
    for group in groups {
        let mut passed = Diagram::EMPTY;
        let mut selected = Diagram::EMPTY;
        let mut policies = Vec::new();
        for policy in &group.policies {
            let Some(policy) = policy else {
                let everything =
                    Step { by: By::Profile, action: Action::Allow, matched: all, reached: open };
                take(diagrams, everything);
                open = Diagram::EMPTY;
                continue;
            };
            policies.push(policy.resource);
            selected = diagrams.union(selected, policy.here);
            for Matched { rule, action, set } in &policy.rules {
                let matched = diagrams.intersection(*set, policy.here);
                let reached = diagrams.intersection(matched, open);
                if *action == Action::Pass {
                    passed = diagrams.union(passed, reached);
                }
                if *action != Action::Log {
                    open = diagrams.difference(open, reached);
                }
                let by = By::Rule { policy: policy.resource, rule: *rule };
                take(diagrams, Step { by, action: *action, matched, reached });
            }
        }
        if !group.pass {
            let reached = diagrams.intersection(open, selected);
            open = diagrams.difference(open, reached);
            if !policies.is_empty() {
                let by = By::EndOfTier { tier: Arc::clone(&group.tier), policies };
                take(diagrams, Step { by, action: Action::Deny, matched: selected, reached });
            }
        }
        open = diagrams.union(open, passed);
        isolated = diagrams.union(isolated, selected);
    }
    Left { open, isolated }
}
