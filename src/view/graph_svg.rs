//! A graph as SVG, laid out here: landing zones in columns from senders to receivers, each arrow in a lane of its own
//! between the columns, so that none runs through a box. Where there are too many zones, landing zones are folded.

mod columns;
mod draw;
mod lanes;
mod net;
mod order;
mod text;

use self::columns::columns;
use self::net::{Block, Net, NetRow};
use crate::graph::Graph;

/// More zones than this are folded into their landing zones.
const ZONES: usize = 90;

/// The unit of all heights. Ports of right sides lie on its multiples, those of left sides between them, so that lines
/// that come from both sides of a channel never lie on each other.
const STEP: i32 = 16;

/// Everything drawn, and where. Lengths are pixels.
#[derive(Debug, Default)]
struct Layout {
    blocks: Vec<Block>,
    rows: Vec<NetRow>,
    nets: Vec<Net>,
    /// Where each column begins, and its width.
    columns: Vec<(i32, i32)>,
    width: i32,
    height: i32,
}

/// The document.
pub fn svg(graph: &Graph) -> String {
    let folded = (graph.zones() > ZONES).then(|| graph.folded());
    let graph = folded.as_ref().unwrap_or(graph);
    let mut layout = Layout::default();
    layout.add_blocks(graph);
    let count = columns(&mut layout.blocks, graph);
    layout.add_nets(graph, folded.is_some());
    let bends = layout.order(count);
    let lanes = layout.lanes(count, &bends);
    draw::document(graph, &layout, &lanes)
}
