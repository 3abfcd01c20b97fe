//! The matrix of a graph: for every declared zone and external as sender and as receiver, the traffic that passes.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::spot::{self, Place, Spot};
use super::{Arrow, Closed, Graph};
use crate::program::Program;
use crate::traffic::Traffic;

/// Who may open what to whom.
#[derive(Clone, Debug)]
pub struct Matrix {
    /// The names of the rows (senders), and of the columns (receivers).
    pub names: Vec<String>,
    /// A row for each sender: what passes to each receiver.
    pub rows: Vec<Vec<Cell>>,
    /// Of each column, whether it is a service.
    pub services: Vec<bool>,
}

/// What passes from one place to another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// Between all of the one and all of the other.
    pub all: Traffic,
    /// Besides, between some pods, namespaces or addresses of them.
    pub some: Traffic,
}

impl Matrix {
    /// The matrix of `graph`, which is that of `program`.
    pub fn new(program: &Program, graph: &Graph) -> Self {
        let ends: Vec<usize> = (0..graph.nodes.len())
            .filter(|id| {
                graph.nodes.get(*id).is_some_and(|it| {
                    let whole = matches!(it.place.spot, Spot::Zone(..) | Spot::External(_));
                    whole && it.place.pods.is_none()
                })
            })
            .collect();
        let mut by_ends: FxHashMap<(Spot, Spot), Vec<&Arrow>> = FxHashMap::default();
        for arrow in graph.arrows.iter().filter(|it| it.waits.is_none()) {
            if let (Some(from), Some(to)) = (graph.nodes.get(arrow.from), graph.nodes.get(arrow.to))
            {
                by_ends.entry((from.place.spot, to.place.spot)).or_default().push(arrow);
            }
        }
        let around: Vec<_> = ends.iter().map(|id| around(program, graph, *id)).collect();
        let cell = |from: usize, to: usize| -> Cell {
            let mut cell = Cell::default();
            let [Some(senders), Some(receivers)] = [from, to].map(|it| around.get(it)) else {
                return cell;
            };
            for (sender, whole_sender) in senders {
                for (receiver, whole_receiver) in receivers {
                    for arrow in by_ends.get(&(*sender, *receiver)).into_iter().flatten() {
                        let all_pods = [arrow.from, arrow.to].iter().all(|id| {
                            graph.nodes.get(*id).is_some_and(|it| it.place.pods.is_none())
                        });
                        if all_pods && *whole_sender && *whole_receiver {
                            cell.all = cell.all.union(&arrow.traffic);
                        } else {
                            cell.some = cell.some.union(&arrow.traffic);
                        }
                    }
                }
            }
            cell
        };
        let open = |index: usize| ends.get(index).and_then(|id| graph.nodes.get(*id));
        let rows = (0..ends.len())
            .map(|from| {
                (0..ends.len())
                    .map(|to| {
                        let mut cell = cell(from, to);
                        if let (Some(a), Some(b)) = (open(from), open(to)) {
                            let inside = a.group.is_some() || b.group.is_some();
                            match (a.closed, b.closed) {
                                (Closed::All, _) | (_, Closed::All) => {}
                                (Closed::None, Closed::None) if inside => {
                                    cell.all = Traffic::full();
                                }
                                _ if inside => cell.some = Traffic::full(),
                                _ => {}
                            }
                        }
                        cell.some = cell.some.difference(&cell.all);
                        cell
                    })
                    .collect()
            })
            .collect();
        let names = ends.iter().map(|id| graph.name(*id).to_owned()).collect();
        let service = |id: &usize| graph.nodes.get(*id).is_some_and(|it| it.service);
        Self { names, rows, services: ends.iter().map(service).collect() }
    }
}

impl Matrix {
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

fn chosen<T: Clone>(items: &[T], kept: &[bool]) -> Vec<T> {
    items.iter().zip(kept).filter(|(_, kept)| **kept).map(|(it, _)| it.clone()).collect()
}

/// The places that an arrow may join to speak of this node, and whether such an arrow speaks of all of it.
fn around(program: &Program, graph: &Graph, node: usize) -> Vec<(Spot, bool)> {
    let Some(Place { spot, .. }) = graph.nodes.get(node).map(|it| &it.place) else {
        return Vec::new();
    };
    match spot {
        Spot::External(inner) => program
            .externals
            .iter()
            .filter_map(|(outer, _)| {
                let whole = spot::overlap(program, outer, *inner)?;
                Some((Spot::External(outer), whole))
            })
            .collect(),
        Spot::Whole(_) | Spot::Zone(..) | Spot::Everyone | Spot::EveryZone(_) => {
            spot.wider().into_iter().map(|it| (it, true)).collect()
        }
    }
}
