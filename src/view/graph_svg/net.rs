//! What is placed: blocks of rows (a landing zone with its zones, an external), and nets, the arrows that end alike.

use std::collections::BTreeMap;

use super::text::{cut, cut_list, width};
use super::{Layout, STEP};
use crate::graph::{BEFORE, Graph, GraphArrow, Mark, Waits};
use crate::traffic::Traffic;

/// The longest names and lists of traffic that are shown whole.
const NAME: usize = 40;
const TRAFFIC: usize = 30;

/// How far selections of pods are indented below their zone.
pub(super) const INDENT: i32 = 14;

/// A landing zone or an external.
#[derive(Debug, Default)]
pub(super) struct Block {
    /// The landing zone; `None` for an external.
    pub(super) group: Option<usize>,
    /// Its rows, as indices, from top to bottom.
    pub(super) rows: Vec<usize>,
    /// From left to right.
    pub(super) column: usize,
    /// Where it begins, and how high it is.
    pub(super) top: i32,
    pub(super) height: i32,
    /// The width of its rows, and of the lanes beside them.
    pub(super) width: i32,
    pub(super) inner: i32,
}

/// What a row stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum NetKind {
    /// All of a landing zone.
    Whole,
    /// A zone.
    #[default]
    Zone,
    /// Some pods of the zone above.
    Pods,
    /// An external.
    External,
}

/// The box of a node.
#[derive(Debug, Default)]
pub(super) struct NetRow {
    pub(super) node: usize,
    pub(super) block: usize,
    pub(super) title: String,
    pub(super) kind: NetKind,
    /// What is said below the title.
    pub(super) notes: Vec<String>,
    pub(super) ports: NetPorts,
    /// Where it begins in its block, and how high it is.
    pub(super) top: i32,
    pub(super) height: i32,
}

/// Where lines touch a row.
#[derive(Debug, Default)]
pub(super) struct NetPorts {
    /// The nets that end at its left and at its right side.
    pub(super) left: Vec<usize>,
    pub(super) right: Vec<usize>,
    /// Whether lines leave there.
    pub(super) leaves_left: bool,
    pub(super) leaves_right: bool,
}

/// Which way a net goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum NetWay {
    /// Within a block.
    Inside,
    /// To a column further right.
    Onward,
    /// To the same column, or one further left: it ends at a right side.
    Back,
}

/// Arrows that end at one row with one label, drawn as lines that join.
#[derive(Debug)]
pub(super) struct Net {
    pub(super) way: NetWay,
    pub(super) to: usize,
    pub(super) from: Vec<usize>,
    pub(super) label: String,
    pub(super) crossing: bool,
    pub(super) waits: bool,
    pub(super) mark: Option<Mark>,
    /// As indices into the graph's.
    pub(super) arrows: Vec<usize>,
}

impl Layout {
    /// The blocks, with rows in the order of traffic.
    pub(super) fn add_blocks(&mut self, graph: &Graph) {
        for group in 0..graph.groups.len() {
            self.add_block(graph, Some(group), &ordered(graph, group));
        }
        for (id, _) in graph.nodes.iter().enumerate().filter(|(_, it)| it.group.is_none()) {
            self.add_block(graph, None, &[id]);
        }
    }

    fn add_block(&mut self, graph: &Graph, group: Option<usize>, nodes: &[usize]) {
        let block = self.blocks.len();
        let mut rows = Vec::new();
        for node in nodes.iter().copied() {
            let Some(it) = graph.nodes.get(node) else { continue };
            let own = graph.arrows.iter().filter(|it| it.from == node && it.to == node);
            let mut texts: Vec<_> = it.note.iter().map(|it| cut(it, NAME)).collect();
            texts.extend(own.map(|it| format!("among themselves: {}", label(graph, it, it.count))));
            let kind = match group {
                None => NetKind::External,
                Some(_) if nodes.first() == Some(&node) => NetKind::Whole,
                Some(_) if it.place.pods.is_some() => NetKind::Pods,
                Some(_) => NetKind::Zone,
            };
            rows.push(self.rows.len());
            self.rows.push(NetRow {
                node,
                block,
                title: cut(&it.title(), NAME),
                kind,
                notes: texts,
                ..NetRow::default()
            });
        }
        let widths = rows.iter().filter_map(|it| self.rows.get(*it)).map(|row| {
            let below = row.notes.iter().map(|it| width(it, true)).max().unwrap_or_default();
            below.max(width(&row.title, row.kind == NetKind::Pods))
                + 24
                + if row.kind == NetKind::Pods { INDENT } else { 0 }
        });
        let width = widths.max().unwrap_or_default().max(96);
        self.blocks.push(Block { group, rows, width, ..Block::default() });
    }

    /// The nets, once blocks have columns; and the ports that they need.
    pub(super) fn add_nets(&mut self, graph: &Graph, folded: bool) {
        let row_of: BTreeMap<usize, usize> =
            self.rows.iter().enumerate().map(|(index, row)| (row.node, index)).collect();
        let mut nets: BTreeMap<_, Net> = BTreeMap::new();
        for (index, arrow) in graph.arrows.iter().enumerate().filter(|(_, it)| it.from != it.to) {
            let (Some(from), Some(to)) = (row_of.get(&arrow.from), row_of.get(&arrow.to)) else {
                continue;
            };
            let block = |row: usize| self.rows.get(row).map(|it| it.block);
            let way = if block(*from) == block(*to) {
                NetWay::Inside
            } else if self.column(*from) < self.column(*to) {
                NetWay::Onward
            } else {
                NetWay::Back
            };
            let waits = arrow.waits.is_some();
            // Of folded landing zones, all that arrives arrives together.
            let text = if folded { String::new() } else { label(graph, arrow, 1) };
            let key = (*to, way, arrow.crossing, waits, arrow.mark, text);
            let net = nets.entry(key).or_insert_with_key(|(.., label)| Net {
                way,
                to: *to,
                from: Vec::new(),
                label: label.clone(),
                crossing: arrow.crossing,
                waits,
                mark: arrow.mark,
                arrows: Vec::new(),
            });
            net.from.push(*from);
            net.arrows.push(index);
        }
        for mut net in nets.into_values() {
            if net.label.is_empty() {
                net.label = bundled(graph, &net.arrows);
            }
            net.from.sort_unstable();
            net.from.dedup();
            let index = self.nets.len();
            let column = self.column(net.to);
            let leaves: Vec<_> = net
                .from
                .iter()
                .map(|row| (*row, net.way == NetWay::Back && self.column(*row) > column))
                .collect();
            for (row, left) in leaves {
                if let Some(row) = self.rows.get_mut(row) {
                    row.ports.leaves_left |= left;
                    row.ports.leaves_right |= !left;
                }
            }
            if let Some(row) = self.rows.get_mut(net.to) {
                match net.way {
                    NetWay::Onward => row.ports.left.push(index),
                    NetWay::Inside | NetWay::Back => row.ports.right.push(index),
                }
            }
            self.nets.push(net);
        }
        for row in &mut self.rows {
            row.size();
        }
        for block in &mut self.blocks {
            block.stack(&mut self.rows);
        }
    }
}

impl NetRow {
    fn size(&mut self) {
        let lines = i32::try_from(self.notes.len()).unwrap_or_default() + 2;
        let left = self.ports.left.len() + usize::from(self.ports.leaves_left);
        let right = self.ports.right.len() + usize::from(self.ports.leaves_right);
        let ports = i32::try_from(left.max(right + 1)).unwrap_or_default();
        self.height = STEP * lines.max(ports);
    }

    /// Where nets that end at its right side touch it, and where lines leave there, from the top of the row.
    pub(super) fn right(&self, net: Option<usize>) -> i32 {
        let count = self.ports.right.len() + usize::from(self.ports.leaves_right);
        STEP + self.slot(net, &self.ports.right, count, 1)
    }

    /// The same of its left side.
    pub(super) fn left(&self, net: Option<usize>) -> i32 {
        let count = self.ports.left.len() + usize::from(self.ports.leaves_left);
        STEP / 2 + self.slot(net, &self.ports.left, count, 0)
    }

    fn slot(&self, net: Option<usize>, ports: &[usize], count: usize, lost: i32) -> i32 {
        let slots = self.height / STEP - lost;
        let count = i32::try_from(count).unwrap_or_default();
        let first = (slots - count).max(0) / 2;
        let index = match net {
            Some(net) => ports.iter().position(|it| *it == net).unwrap_or_default(),
            None => ports.len(),
        };
        STEP * (first + i32::try_from(index).unwrap_or_default())
    }
}

impl Block {
    /// Puts its rows below each other.
    fn stack(&mut self, rows: &mut [NetRow]) {
        let mut top = 0;
        for (index, row) in self.rows.iter().enumerate() {
            if let Some(row) = rows.get_mut(*row) {
                if index > 0 {
                    top += STEP;
                }
                row.top = top;
                top += row.height;
            }
        }
        self.height = top + if self.rows.len() > 1 { STEP } else { 0 };
    }
}

/// What stands at an arrow's end: its traffic, for whom it waits, and of how many it is made.
fn label(graph: &Graph, arrow: &GraphArrow, count: usize) -> String {
    let traffic = graph.traffic(arrow);
    let traffic = match traffic.split_once(BEFORE) {
        Some((now, before)) => {
            format!("{}{BEFORE}{}", cut_list(now, TRAFFIC), cut_list(before, TRAFFIC))
        }
        None => cut_list(&traffic, TRAFFIC),
    };
    let waits = arrow.waits.as_ref().map(|it| format!(", waits for {}", cut(&it.name, 24)));
    let count = if count > 1 { format!(" ×{count}") } else { String::new() };
    format!("{traffic}{}{count}", waits.unwrap_or_default())
}

/// What stands at the end of many arrows: all their traffic, and how many they are.
fn bundled(graph: &Graph, arrows: &[usize]) -> String {
    let arrows: Vec<&GraphArrow> = arrows.iter().filter_map(|it| graph.arrows.get(*it)).collect();
    let Some(first) = arrows.first() else { return String::new() };
    let traffic = arrows.iter().fold(Traffic::empty(), |all, it| all.union(&it.traffic));
    let waits = first.waits.clone();
    let waits = waits.filter(|name| arrows.iter().all(|it| it.waits.as_ref() == Some(name)));
    let all = GraphArrow {
        traffic,
        before: arrows.iter().fold(Traffic::empty(), |all, it| all.union(&it.before)),
        waits: waits.or_else(|| {
            let name = "the other side".to_owned();
            first.waits.as_ref().map(|it| Waits { name, side: it.side })
        }),
        ..GraphArrow::clone(first)
    };
    label(graph, &all, arrows.iter().map(|it| it.count).sum())
}

/// The nodes of a group: the whole, then its zones from senders to receivers, each followed by its selections.
fn ordered(graph: &Graph, group: usize) -> Vec<usize> {
    let Some(group) = graph.groups.get(group) else { return Vec::new() };
    let node = |id: usize| graph.nodes.get(id).map(|it| it.place.node);
    let mut zones: Vec<usize> = Vec::new();
    for id in &group.nodes {
        if zones.last().is_none_or(|last| node(*last) != node(*id)) {
            zones.push(*id);
        }
    }
    let mut nodes = vec![group.whole];
    for zone in by_traffic(graph, zones, node) {
        let of_zone = group.nodes.iter().copied().filter(|id| node(*id) == node(zone));
        let pods = |id: &usize| graph.nodes.get(*id).is_some_and(|it| it.place.pods.is_some());
        let (pods, all): (Vec<_>, Vec<_>) = of_zone.partition(pods);
        nodes.extend(all);
        nodes.extend(by_traffic(graph, pods, Some));
    }
    nodes
}

/// The nodes in an order where senders come first: who hears from fewest of the rest, and sends to most of it.
fn by_traffic<K: Ord>(graph: &Graph, mut left: Vec<usize>, key: impl Fn(usize) -> K) -> Vec<usize> {
    let mut order = Vec::new();
    let number = |keys: &BTreeMap<K, usize>, id| keys.get(&key(id)).copied();
    while !left.is_empty() {
        let keys: BTreeMap<K, usize> =
            left.iter().enumerate().map(|(index, id)| (key(*id), index)).collect();
        let mut scores = vec![(0, 0); left.len()];
        for arrow in &graph.arrows {
            let (Some(from), Some(to)) = (number(&keys, arrow.from), number(&keys, arrow.to))
            else {
                continue;
            };
            if from != to {
                scores.get_mut(to).into_iter().for_each(|it| it.0 += 1);
                scores.get_mut(from).into_iter().for_each(|it| it.1 -= 1);
            }
        }
        let best = scores.iter().enumerate().min_by_key(|(index, score)| (**score, *index));
        let Some((index, _)) = best else { break };
        order.push(left.remove(index));
    }
    order
}
