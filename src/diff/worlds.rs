//! Two worlds over one space, where policies of which nobody has the lines take part: what each namespace lets pass in both.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::reach::of_policies::{Policies, Subject as Judged, Ties};
use crate::reach::{Diagram, Direction, Example, Row, Sets};
use crate::traffic::Family;
use crate::world::{Home, OfSets, World};

/// One of the two worlds.
pub(super) struct ClusterSide<'w> {
    pub(super) world: &'w World,
    pub(super) policies: Policies,
    pub(super) ties: Ties,
}

/// A namespace, as each of the worlds has it.
pub(super) struct BothHomes {
    pub(super) homes: [Home; 2],
    /// What it lets pass in each direction, in each world.
    pub(super) rows: [[Diagram; 2]; 2],
    /// Whether it has other labels that policies ask for.
    pub(super) relabelled: bool,
}

impl ClusterSide<'_> {
    /// What `subject` lets pass, by the release of its world.
    pub(super) fn row(
        &mut self,
        sets: &mut Sets,
        subject: Judged<'_>,
        direction: Direction,
    ) -> Row {
        self.policies.row(sets, subject, direction, self.ties)
    }
}

impl BothHomes {
    pub(super) fn name(&self) -> &Arc<str> {
        &self.homes[0].name
    }

    /// What it lets pass in `direction`, in the old world and in the new one.
    pub(super) fn row(&self, direction: Direction) -> [Diagram; 2] {
        let [ingress, egress] = self.rows;
        match direction {
            Direction::Ingress => ingress,
            Direction::Egress => egress,
        }
    }
}

/// Both worlds over one space.
pub(super) struct Worlds<'w> {
    pub(super) sets: Sets,
    pub(super) sides: [ClusterSide<'w>; 2],
    pub(super) homes: Vec<BothHomes>,
    pub(super) families: Vec<Family>,
    /// The connections that count.
    pub(super) counted: Diagram,
    pub(super) of_sets: OfSets,
    /// Where a policy that comes later could open more, or less.
    pub(super) deeper: [BTreeSet<String>; 2],
    /// Connections that pass in one of the worlds alone, and whether that is the new one.
    pub(super) examples: Vec<(Example, bool)>,
}
