//! The matrix of a graph: for every declared zone and external as sender and as receiver, the traffic that passes.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::place::{self, GraphPlace, NodePlace};
use super::{Closed, Graph, GraphArrow};
use crate::program::Program;
use crate::reach::Decisions;
use crate::selector::TooMany;
use crate::traffic::Traffic;

/// Who may open what to whom.
#[derive(Clone, Debug)]
pub struct Matrix {
    /// The names of the rows (senders), and of the columns (receivers).
    pub names: Vec<String>,
    /// A row for each sender: what passes to each receiver.
    pub rows: Vec<Vec<MatrixCell>>,
    /// Of each column, whether it is a service.
    pub services: Vec<bool>,
}

/// What passes from one place to another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MatrixCell {
    /// Between all of the one and all of the other.
    pub all: Traffic,
    /// Besides, between some pods, namespaces or addresses of them.
    pub some: Traffic,
}

impl Matrix {
    /// The matrix of `graph`, which is that of `program`.
    ///
    /// # Errors
    /// Where selectors combine in too many ways to tell.
    pub fn new(program: &Program, graph: &Graph) -> Result<Self, TooMany> {
        let ends: Vec<usize> = (0..graph.nodes.len())
            .filter(|id| {
                graph.nodes.get(*id).is_some_and(|it| {
                    let whole =
                        matches!(it.place.node, NodePlace::Zone(..) | NodePlace::External(_));
                    whole && it.place.pods.is_none()
                })
            })
            .collect();
        let mut by_sender: FxHashMap<NodePlace, Vec<&GraphArrow>> = FxHashMap::default();
        for arrow in graph.arrows.iter().filter(|it| it.waits.is_none()) {
            if let Some(from) = graph.nodes.get(arrow.from) {
                by_sender.entry(from.place.node).or_default().push(arrow);
            }
        }
        let decisions = Decisions::about(program);
        let around: Vec<_> =
            ends.iter().map(|id| around(program, &decisions, graph, *id)).collect();
        let row = |(from, senders): (&usize, &Vec<(NodePlace, bool)>)| {
            // What this sender opens, by receiver; and whether all of it does.
            let mut by_receiver: FxHashMap<NodePlace, Vec<(&GraphArrow, bool)>> =
                FxHashMap::default();
            for (sender, whole) in senders {
                for arrow in by_sender.get(sender).into_iter().flatten() {
                    let pods = |id: usize| graph.nodes.get(id).map(|it| it.place.pods.is_some());
                    let whole = *whole && [arrow.from, arrow.to].map(pods) == [Some(false); 2];
                    if let Some(to) = graph.nodes.get(arrow.to) {
                        by_receiver.entry(to.place.node).or_default().push((arrow, whole));
                    }
                }
            }
            let cell = |(to, receivers): (&usize, &Vec<(NodePlace, bool)>)| {
                let mut cell = unclosed(graph, *from, *to);
                for (receiver, whole) in receivers {
                    for (arrow, by_all) in by_receiver.get(receiver).into_iter().flatten() {
                        let side = if *whole && *by_all { &mut cell.all } else { &mut cell.some };
                        *side = side.union(&arrow.traffic);
                    }
                }
                cell.some = cell.some.difference(&cell.all);
                cell
            };
            ends.iter().zip(&around).map(cell).collect()
        };
        let rows = ends.iter().zip(&around).map(row).collect();
        let names = ends.iter().map(|id| graph.name(*id).to_owned()).collect();
        let service = |id: &usize| graph.nodes.get(*id).is_some_and(|it| it.service);
        decisions.all_made()?;
        Ok(Self { names, rows, services: ends.iter().map(service).collect() })
    }

    /// The rows and columns of what is in `graph`, which is a part of the one that this is the matrix of.
    #[must_use]
    pub fn of(&self, graph: &Graph) -> Self {
        let names: BTreeSet<&str> = graph.nodes.iter().map(|it| &*it.name).collect();
        let kept: Vec<bool> = self.names.iter().map(|it| names.contains(&**it)).collect();
        Self {
            names: chosen(&self.names, &kept),
            rows: chosen(&self.rows, &kept).iter().map(|row| chosen(row, &kept)).collect(),
            services: chosen(&self.services, &kept),
        }
    }
}

/// What passes where nothing closes either side, without any arrow.
fn unclosed(graph: &Graph, from: usize, to: usize) -> MatrixCell {
    let mut cell = MatrixCell::default();
    if let (Some(from), Some(to)) = (graph.nodes.get(from), graph.nodes.get(to))
        && (from.group.is_some() || to.group.is_some())
    {
        match (from.closed, to.closed) {
            (Closed::All, _) | (_, Closed::All) => {}
            (Closed::None, Closed::None) => cell.all = Traffic::full(),
            (Closed::Some | Closed::None, Closed::Some | Closed::None) => {
                cell.some = Traffic::full();
            }
        }
    }
    cell
}

fn chosen<T: Clone>(items: &[T], kept: &[bool]) -> Vec<T> {
    items.iter().zip(kept).filter(|(_, kept)| **kept).map(|(it, _)| it.clone()).collect()
}

/// The places that an arrow may join to speak of this node, and whether such an arrow speaks of all of it.
fn around(
    program: &Program,
    decisions: &Decisions,
    graph: &Graph,
    node: usize,
) -> Vec<(NodePlace, bool)> {
    let Some(GraphPlace { node, .. }) = graph.nodes.get(node).map(|it| &it.place) else {
        return Vec::new();
    };
    match node {
        NodePlace::External(inner) => program
            .externals
            .iter()
            .filter_map(|(outer, _)| {
                let whole = place::overlap(program, decisions, outer, *inner)?;
                Some((NodePlace::External(outer), whole))
            })
            .collect(),
        NodePlace::Whole(_)
        | NodePlace::Zone(..)
        | NodePlace::Everyone
        | NodePlace::EveryZone(_) => node.wider().into_iter().map(|it| (it, true)).collect(),
    }
}
