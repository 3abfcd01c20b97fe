//! What becomes of a connection: tier after tier, policy after policy, rule after rule ("how Calico decides",
//! sections 3.1 and 3.2).

use super::order::{Place, Tier, Tiers};
use crate::calico::Action;
use crate::reach::{Diagram, Sets};

/// A policy that applies to the subject: for which of its pods, and what its rules do.
pub(super) struct Applied<'a> {
    pub(super) place: &'a Place,
    pub(super) here: Diagram,
    pub(super) steps: Vec<(Action, Diagram)>,
}

/// Where an imagined policy stands that applies to every pod and allows everything: at an order of the tier
/// `default`, before others of that order, or alone in a tier of that order.
#[derive(Clone, Copy)]
pub(super) struct Position {
    pub(super) order: f64,
    pub(super) as_tier: bool,
}

/// The policies of one tier, in order.
pub(super) struct Group<'a> {
    pass: bool,
    policies: Vec<(Diagram, &'a [(Action, Diagram)])>,
}

/// What the imagined policy does.
const EVERYTHING: &[(Action, Diagram)] = &[(Action::Allow, Diagram::FULL)];

/// `applied` (sorted) by their tiers, with the imagined policy in its place.
pub(super) fn groups<'a>(
    tiers: &Tiers,
    applied: &[&'a Applied<'a>],
    imagined: Option<Position>,
) -> Vec<Group<'a>> {
    let mut groups = Vec::new();
    let mut alone = imagined.filter(|it| it.as_tier);
    for (index, tier) in tiers.iter() {
        if let Some(position) = alone.take_if(|it| comes_before(*it, tier)) {
            groups.push(of_its_own(position));
        }
        let here = imagined.filter(|it| !it.as_tier && &*tier.name == "default");
        let mut group = Group { pass: tier.pass, policies: Vec::new() };
        let mut waiting = here;
        for policy in applied.iter().filter(|policy| policy.place.tier == index) {
            if waiting.take_if(|it| it.order <= policy.place.order).is_some() {
                group.policies.push((Diagram::FULL, EVERYTHING));
            }
            group.policies.push((policy.here, policy.steps.as_slice()));
        }
        if waiting.is_some() {
            group.policies.push((Diagram::FULL, EVERYTHING));
        }
        groups.push(group);
    }
    groups.extend(alone.map(of_its_own));
    groups
}

fn comes_before(position: Position, tier: &Tier) -> bool {
    tier.order.is_none_or(|order| position.order < order)
}

fn of_its_own<'a>(_: Position) -> Group<'a> {
    Group { pass: true, policies: vec![(Diagram::FULL, EVERYTHING)] }
}

/// The connections that the groups let pass. What no tier decides, the profiles allow: a pod has that of its
/// namespace, and a host is taken to have one that allows everything.
pub(super) fn allowed(sets: &mut Sets<'_>, groups: &[Group<'_>]) -> Diagram {
    let diagrams = &mut sets.diagrams;
    let (mut allowed, mut open) = (Diagram::EMPTY, Diagram::FULL);
    for group in groups {
        let mut passed = Diagram::EMPTY;
        let mut selected = Diagram::EMPTY;
        for (here, steps) in &group.policies {
            selected = diagrams.union(selected, *here);
            for (action, matched) in *steps {
                let decided = diagrams.intersection(*matched, *here);
                let decided = diagrams.intersection(decided, open);
                open = diagrams.difference(open, decided);
                match action {
                    Action::Allow => allowed = diagrams.union(allowed, decided),
                    Action::Pass => passed = diagrams.union(passed, decided),
                    Action::Deny | Action::Log => {}
                }
            }
        }
        if !group.pass {
            open = diagrams.difference(open, selected);
        }
        open = diagrams.union(open, passed);
    }
    diagrams.union(allowed, open)
}
