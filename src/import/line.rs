//! Lines to be written.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::side::LineSide;
use super::traffic::{TrafficUnit, set};
use crate::check::owner::{self, LineOwner};
use crate::syntax::build;
use crate::syntax::tree::{self, Arrow};
use crate::traffic::{Match, Traffic};

/// A line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ImportLine {
    pub(super) left: LineSide,
    pub(super) arrow: Arrow,
    pub(super) right: LineSide,
    /// What may pass; empty towards a service, which has its own ports.
    pub(super) units: BTreeSet<TrafficUnit>,
    /// Why, for a crossing: the policies that it comes from.
    pub(super) because: BTreeSet<Arc<str>>,
}

/// So many policies are named as the reason of a line.
const NAMED: usize = 3;

impl ImportLine {
    /// Whose file it stands in; `None` for the platform's.
    pub(super) fn owner(&self) -> Option<&Arc<str>> {
        let tree = self.tree();
        match owner::of(&tree.left, &tree.right) {
            Some(LineOwner::Application(_)) => self.left.application(),
            Some(LineOwner::Platform) | None => None,
        }
    }

    /// Its place in a file: what stays inside before what crosses.
    pub(super) fn order(&self) -> impl Ord + use<'_> {
        let crosses = matches!(self.arrow, Arrow::Leaving | Arrow::Entering);
        (crosses, self.arrow, &self.left, &self.right)
    }

    /// The line as a statement.
    pub(super) fn tree(&self) -> tree::Flow {
        let crosses = matches!(self.arrow, Arrow::Leaving | Arrow::Entering);
        let any = self.units.contains(&None);
        let traffic = if self.units.is_empty() || (any && !crosses) {
            None
        } else {
            let list = fewest(&self.units);
            Some(build::at(build::traffic(list.as_deref())))
        };
        let because = crosses.then(|| {
            let names: Vec<_> = self.because.iter().map(|it| &**it).collect();
            let word = if names.len() == 1 { "policy" } else { "policies" };
            let more = names.len().saturating_sub(NAMED);
            let shown = names.get(..NAMED).unwrap_or(&names).join(", ");
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            build::at(format!("imported: {word} {shown}{more}").into())
        });
        tree::Flow {
            left: self.left.tree(),
            arrow: build::at(self.arrow),
            right: self.right.tree(),
            traffic,
            clauses: tree::Clauses { because, ..tree::Clauses::default() },
            span: build::nowhere(),
        }
    }
}

/// `units` without those that others take in; `None` for any.
pub(super) fn fewest(units: &BTreeSet<TrafficUnit>) -> Option<Vec<Match>> {
    let all: Option<Vec<Match>> = units.iter().cloned().collect();
    let all = all?;
    let taken_in = |(index, one): (usize, &Match)| {
        let one = set(&Some(one.clone()));
        let others = all.iter().enumerate().filter(|(other, _)| *other != index);
        others.clone().any(|(other, it)| {
            let it = set(&Some(it.clone()));
            it.contains(&one) && (!one.contains(&it) || other < index)
        })
    };
    let kept = all.iter().enumerate().filter(|it| !taken_in(*it));
    Some(kept.map(|(_, it)| it.clone()).collect())
}

/// What `units` let pass together.
pub(super) fn passing(units: &BTreeSet<TrafficUnit>) -> Traffic {
    units.iter().fold(Traffic::empty(), |all, unit| all.union(&set(unit)))
}

/// Lines with the same two ends as one, and of two that are each other's reverse one that says `<->`.
pub(super) fn united(lines: Vec<ImportLine>) -> Vec<ImportLine> {
    let mut all: Vec<ImportLine> = Vec::new();
    for line in lines {
        let same = |it: &&mut ImportLine| {
            (it.arrow, &it.left, &it.right) == (line.arrow, &line.left, &line.right)
        };
        match all.iter_mut().find(same) {
            Some(known) => {
                known.units.extend(line.units);
                known.because.extend(line.because);
            }
            None => all.push(line),
        }
    }
    let mut found: Vec<ImportLine> = Vec::new();
    for line in all {
        let reverse = |it: &&mut ImportLine| {
            line.arrow == Arrow::Inside
                && it.arrow == Arrow::Inside
                && line.left != line.right
                && (&it.left, &it.right) == (&line.right, &line.left)
                && fewest(&it.units) == fewest(&line.units)
        };
        match found.iter_mut().find(reverse) {
            Some(known) => known.arrow = Arrow::Both,
            None => found.push(line),
        }
    }
    found
}
