//! Crossings of which the other landing zone takes or opens nothing.

use super::evidence::{AuditSubject, Evidence};
use super::finding::{Finding, name, other};
use super::leaves::Crossing;
use crate::calico::Action;
use crate::diagnostic::codes::audit::HALF;
use crate::reach::{Diagram, Direction};

/// The finding of a crossing without its other half.
pub(super) fn find(evidence: &mut Evidence<'_>, crossing: &Crossing) -> Option<Finding> {
    let (direction, _) = crossing.about.rule?;
    let back = match direction {
        Direction::Ingress => Direction::Egress,
        Direction::Egress => Direction::Ingress,
    };
    let partners = evidence.partners(crossing);
    let mut refused = None;
    for (who, set) in &crossing.at {
        let AuditSubject::Home(here) = *who else { return None };
        let Some(home) = evidence.homes.get(here) else { continue };
        for there in partners.iter().copied().filter(|there| *there != here) {
            let Some(other) = evidence.homes.get(there) else { continue };
            let sent = evidence.sets.facing(*set, &other.name, &other.labels);
            if sent == Diagram::EMPTY {
                continue;
            }
            // Of a namespace that nobody declares nothing is known.
            if !other.declared {
                return None;
            }
            let sent = evidence.sets.for_some(sent, [true, true]);
            let taken = evidence.allowed(AuditSubject::Home(there), back);
            let taken = evidence.sets.facing(taken, &home.name, &home.labels);
            let taken = evidence.sets.turned(taken);
            let taken = evidence.sets.for_some(taken, [true, true]);
            if evidence.sets.diagrams.intersection(sent, taken) != Diagram::EMPTY {
                return None;
            }
            refused.get_or_insert((*who, *set, there));
        }
    }
    let (who, set, there) = refused?;
    let (says, missing) = match direction {
        Direction::Egress => ("opens connections to", "takes none of them"),
        Direction::Ingress => ("takes connections from", "opens none of them"),
    };
    let whom = match evidence.application(there) {
        Some(application) => format!("the landing zone `{application}`"),
        None => "a namespace of no landing zone".to_owned(),
    };
    let there = evidence.homes.get(there)?;
    let set = evidence.liked(set);
    let facing = evidence.sets.facing(set, &there.name, &there.labels);
    let mut example = evidence.sets.example(facing, evidence.bearer(who), direction);
    if let Some(crate::reach::End::Pod { namespace, of_namespace, .. }) =
        example.as_mut().map(|it| &mut it.peer)
    {
        namespace.clone_from(&there.name);
        *of_namespace = there.labels.iter().cloned().collect();
    }
    let policy = name(evidence.world, crossing.about.policy);
    Some(
        Finding::new(&HALF, format!("{policy} {says} {whom}, which {missing}"))
            .at_field(
                evidence.world,
                crossing.about,
                other(direction),
                format!("{missing}: `{}`", there.name),
            )
            .help("write the other half there, or take this one out")
            .example(evidence.world, example, "allowed at this end and denied at the other"),
    )
}

impl Evidence<'_> {
    /// What `who` lets pass in `direction`.
    pub(super) fn allowed(&mut self, who: AuditSubject, direction: Direction) -> Diagram {
        // Judgements stand in the order of subjects, both directions of each together.
        let first = match who {
            AuditSubject::Home(index) => index,
            AuditSubject::Undeclared => self.homes.len(),
            AuditSubject::Host => self.homes.len() + 1,
        };
        let of_subject = self.judged.get(first * 2..).unwrap_or_default().iter().take(2);
        let judged = of_subject.into_iter().find(|it| it.who == who && it.direction == direction);
        let allowed = judged.map(|judged| {
            let allows = judged.steps.iter().filter(|step| step.action == Action::Allow);
            allows.map(|step| step.reached).collect()
        });
        self.sets.diagrams.union_of(allowed.unwrap_or_default())
    }
}
