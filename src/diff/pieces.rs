//! What of the connections of lines with the same ends differs.

use std::sync::Arc;

use super::rows::ProjectSide;
use crate::reach::{Diagram, Direction};
use crate::traffic::Traffic;

/// What of one side's connections differs.
#[derive(Clone, Debug)]
pub(super) struct FlowPiece {
    pub(super) subject: Option<Arc<str>>,
    pub(super) direction: Direction,
    pub(super) set: Diagram,
}

/// All atoms of both worlds with the same ends.
#[derive(Clone, Debug, Default)]
pub(super) struct KnownEnds {
    /// The atoms of the old world and of the new one.
    pub(super) atoms: [Vec<usize>; 2],
    /// What the old ones lose, and what the new ones gain.
    pub(super) pieces: [Vec<FlowPiece>; 2],
}

/// What the atoms let pass together.
pub(super) fn traffic_of(side: &ProjectSide<'_>, atoms: &[usize]) -> Traffic {
    let flows = atoms.iter().filter_map(|atom| side.program().flows.get(*atom));
    flows.fold(Traffic::empty(), |all, flow| all.union(&flow.traffic))
}
