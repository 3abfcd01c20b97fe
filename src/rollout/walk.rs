//! The walk: what each namespace lets pass after each step.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Change, FileOrder, Gap, GapKind, Owned, Step};
use crate::calico::{Labels, Resource};
use crate::reach::of_policies::{Imagined, Policies, Subject};
use crate::reach::{Diagram, Direction, Sets, Terms, TooMany};

/// So many objects are looked at in one walk, each as often as it is there while a namespace is asked.
const MOST: usize = 4_000_000;

/// A step: what an object is before it and after it.
struct Turn<'a> {
    owned: Owned<'a>,
    identity: String,
    after: Option<&'a Resource>,
}

/// The gaps of `change` in this order; `None` where more changes than is walked.
pub(super) fn gaps(change: &Change<'_>, order: FileOrder) -> Result<Option<Vec<Gap>>, TooMany> {
    let turns = turns(change, order);
    let before: BTreeMap<String, &Resource> =
        change.before.iter().map(|it| (it.resource.identity(), it.resource)).collect();
    let walks: Vec<_> = change
        .namespaces
        .iter()
        .map(|(name, labels)| NamespaceWalk::new(name, labels, &before, &turns))
        .filter(|it| !it.turns.is_empty())
        .collect();
    if walks.iter().map(NamespaceWalk::cost).sum::<usize>() > MOST {
        return Ok(None);
    }
    let every = change.before.iter().chain(&change.after).map(|it| it.resource);
    let mut terms = Terms::default();
    Policies::new(every, change.namespaces, &[]).terms(&mut terms);
    Sets::over(terms, |mut sets| {
        let mut found: Vec<Gap> = Vec::new();
        let mut known = BTreeSet::new();
        for walk in walks {
            for gap in walk.gaps(change, &mut sets) {
                let (from, until) = (gap.from.owner.clone(), gap.until.owner.clone());
                if known.insert((gap.kind, from, until)) {
                    found.push(gap);
                }
            }
        }
        Some(found)
    })
}

/// The steps in their order: what is written, then what is deleted.
fn turns<'a>(change: &Change<'a>, order: FileOrder) -> Vec<Turn<'a>> {
    let identities = |all: &[Owned<'a>]| -> BTreeMap<String, &'a Resource> {
        all.iter().map(|it| (it.resource.identity(), it.resource)).collect()
    };
    let (before, after) = (identities(&change.before), identities(&change.after));
    let mut written: Vec<_> = change.after.clone();
    written.sort_by_key(|it| order.turn(*it));
    let written = written.into_iter().map(|owned| {
        let identity = owned.resource.identity();
        Turn { owned, identity, after: Some(owned.resource) }
    });
    let written = written.filter(|it| before.get(&it.identity).copied() != it.after);
    let mut gone: Vec<_> = change
        .before
        .iter()
        .map(|owned| Turn { owned: *owned, identity: owned.resource.identity(), after: None })
        .filter(|it| !after.contains_key(&it.identity))
        .collect();
    gone.sort_by(|a, b| going(a.owned.resource, b.owned.resource));
    written.chain(gone).collect()
}

/// Which of two objects is deleted first: policies before sets, and tiers last, when they are empty. Of policies the one that is asked
/// last, so that no guardrail goes before what it guards.
fn going(a: &Resource, b: &Resource) -> Ordering {
    let place = |it: &Resource| match it {
        Resource::Policy(policy) => (0, policy.order.unwrap_or(f64::INFINITY)),
        Resource::Set(_) => (1, 0.0),
        Resource::Tier(tier) => (2, tier.order.unwrap_or(f64::INFINITY)),
    };
    let ((kind, order), (other, than)) = (place(a), place(b));
    kind.cmp(&other).then_with(|| than.total_cmp(&order)).then_with(|| a.key().cmp(&b.key()))
}

/// What concerns the pods of one namespace.
struct NamespaceWalk<'a> {
    name: &'a Arc<str>,
    labels: &'a Labels,
    there: BTreeMap<&'a str, &'a Resource>,
    turns: Vec<&'a Turn<'a>>,
}

impl<'a> NamespaceWalk<'a> {
    fn new(
        name: &'a Arc<str>,
        labels: &'a Labels,
        before: &'a BTreeMap<String, &'a Resource>,
        turns: &'a [Turn<'a>],
    ) -> Self {
        // The policies of another namespace never select its pods.
        let concerns = |resource: &Resource| match resource {
            Resource::Policy(policy) => policy.namespace.as_ref().is_none_or(|it| it == name),
            Resource::Tier(_) | Resource::Set(_) => true,
        };
        let there = before.iter().filter(|(_, it)| concerns(it));
        Self {
            name,
            labels,
            there: there.map(|(identity, it)| (identity.as_str(), *it)).collect(),
            turns: turns.iter().filter(|it| concerns(it.owned.resource)).collect(),
        }
    }

    fn cost(&self) -> usize {
        (self.there.len() + self.turns.len()) * (self.turns.len() + 1)
    }

    fn gaps(mut self, change: &Change<'_>, sets: &mut Sets) -> Vec<Gap> {
        let mut states = vec![self.rows(change, sets)];
        for turn in std::mem::take(&mut self.turns) {
            match turn.after {
                Some(resource) => self.there.insert(&turn.identity, resource),
                None => self.there.remove(turn.identity.as_str()),
            };
            let rows = self.rows(change, sets);
            states.push(rows);
            self.turns.push(turn);
        }
        let mut found = Vec::new();
        let [Some(first), Some(last)] = [states.first(), states.last()] else { return found };
        for (row, (old, new)) in first.iter().zip(last).enumerate() {
            let always = sets.diagrams.intersection(*old, *new);
            let ever = sets.diagrams.union(*old, *new);
            for kind in [GapKind::Open, GapKind::Cut] {
                let mut wrong = states.iter().map(|rows| {
                    let now = rows.get(row).copied().unwrap_or(Diagram::EMPTY);
                    match kind {
                        GapKind::Cut => sets.diagrams.difference(always, now),
                        GapKind::Open => sets.diagrams.difference(now, ever),
                    }
                });
                let begins = wrong.by_ref().enumerate().find(|(_, it)| *it != Diagram::EMPTY);
                let Some((from, wrong_then)) = begins else { continue };
                let length = wrong.take_while(|it| *it != Diagram::EMPTY).count();
                let gap = self.gap(sets, kind, row, (from, from + length + 1), wrong_then);
                found.extend(gap.map(|it| Gap { was_open: Self::is_all(sets, row, *old), ..it }));
            }
        }
        found
    }

    /// What the pods let pass now: for each direction, by both rules of ties.
    fn rows(&self, change: &Change<'_>, sets: &mut Sets) -> Vec<Diagram> {
        sets.allow_subject();
        let mut policies = Policies::new(self.there.values().copied(), change.namespaces, &[]);
        let subject = Subject::Declared(self.name, self.labels);
        Direction::BOTH
            .into_iter()
            .flat_map(|it| policies.rows(sets, subject, it, Imagined::AMONG_ANY))
            .map(|[plain, _, _]| plain)
            .collect()
    }

    /// Whether `set` is everything that can be in this row.
    fn is_all(sets: &mut Sets, row: usize, set: Diagram) -> bool {
        let direction = Direction::BOTH.get(row / 2);
        direction.is_some_and(|it| sets.that_can_be(Diagram::FULL, *it) == set)
    }

    /// The gap of this row between two states, of which the first is the one after the step that begins it.
    fn gap(
        &self,
        sets: &mut Sets,
        kind: GapKind,
        row: usize,
        (from, until): (usize, usize),
        wrong: Diagram,
    ) -> Option<Gap> {
        let direction = *Direction::BOTH.get(row / 2)?;
        let subject = Subject::Declared(self.name, self.labels);
        let step = |state: usize| {
            let turn = self.turns.get(state.checked_sub(1)?)?;
            let (owner, object) = (turn.owned.owner.to_owned(), turn.identity.clone());
            Some(Step { owner, object, deleted: turn.after.is_none() })
        };
        Some(Gap {
            kind,
            namespace: Arc::clone(self.name),
            was_open: false,
            example: sets.example(wrong, subject.bearer(), direction)?,
            from: step(from)?,
            until: step(until)?,
        })
    }
}
