//! Which column each block is in: senders to the left of receivers as far as there are no circles, externals at the
//! edge, tall columns split.

use std::collections::{BTreeMap, BTreeSet};

use super::STEP;
use super::net::Block;
use crate::graph::Graph;

/// What a column is about as wide as, with the lanes beside it; and a height that is always fine.
const WIDTH: i32 = 420;
const HEIGHT: i32 = 640;

/// Gives each block its column, and says how many columns there are.
pub(super) fn columns(blocks: &mut [Block], graph: &Graph) -> usize {
    let edges = edges(blocks, graph);
    let places = places(blocks.len(), &edges);
    let onward: Vec<(usize, usize)> =
        edges.iter().copied().filter(|(from, to)| places.get(from) < places.get(to)).collect();
    let mut order: Vec<usize> = (0..blocks.len()).collect();
    order.sort_by_key(|it| places.get(it));
    let mut layers: BTreeMap<usize, usize> = BTreeMap::new();
    for block in &order {
        let before = onward.iter().filter(|(_, to)| to == block).map(|(from, _)| from);
        let layer = before.filter_map(|it| layers.get(it)).max().map_or(1, |it| it + 1);
        layers.insert(*block, layer);
    }
    // Whoever only sends stands close to those it sends to.
    for block in order.iter().rev() {
        let after = onward.iter().filter(|(from, _)| from == block).map(|(_, to)| to);
        let next = after.filter_map(|it| layers.get(it)).min().copied();
        let hears = onward.iter().any(|(_, to)| to == block);
        if let (Some(next), false) = (next, hears) {
            layers.insert(*block, next - 1);
        }
    }
    let last = layers.values().max().copied().unwrap_or_default() + 1;
    for (index, _) in blocks.iter().enumerate().filter(|(_, it)| it.group.is_none()) {
        let sends = edges.iter().any(|(from, _)| *from == index);
        layers.insert(index, if sends { 0 } else { last });
    }
    let joined: BTreeSet<usize> = edges.iter().flat_map(|(from, to)| [*from, *to]).collect();
    let mut by_layer: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for index in (0..blocks.len()).filter(|it| joined.contains(it)) {
        by_layer.entry(layers.get(&index).copied().unwrap_or_default()).or_default().push(index);
    }
    let alone: Vec<usize> = (0..blocks.len()).filter(|it| !joined.contains(it)).collect();
    place(blocks, by_layer.into_values(), &alone)
}

/// Fills the columns, the blocks that nothing joins where there is room.
fn place(blocks: &mut [Block], layers: impl Iterator<Item = Vec<usize>>, alone: &[usize]) -> usize {
    let height = |it: &Block| STEP * (3 * i32::try_from(it.rows.len()).unwrap_or_default() + 2);
    let total: i32 = blocks.iter().map(height).sum();
    let mut count = 1;
    while count * count * WIDTH < total * 3 / 2 {
        count += 1;
    }
    let limit = (total / count).max(HEIGHT);
    let mut heights: Vec<i32> = Vec::new();
    for layer in layers {
        let tall: i32 = layer.iter().filter_map(|it| blocks.get(*it)).map(height).sum();
        let parts = (tall + limit - 1) / limit;
        let most = tall / parts.max(1);
        heights.push(0);
        for index in layer {
            let Some(block) = blocks.get_mut(index) else { continue };
            if heights.last().is_some_and(|it| *it > most) {
                heights.push(0);
            }
            block.column = heights.len() - 1;
            if let Some(last) = heights.last_mut() {
                *last += height(block);
            }
        }
    }
    for index in alone {
        let Some(block) = blocks.get_mut(*index) else { continue };
        let lowest = heights.iter().enumerate().min_by_key(|(_, it)| **it);
        let room = lowest.filter(|(_, it)| **it < limit).map(|(column, _)| column);
        block.column = room.unwrap_or_else(|| {
            heights.push(0);
            heights.len() - 1
        });
        if let Some(it) = heights.get_mut(block.column) {
            *it += height(block);
        }
    }
    heights.len()
}

/// Which blocks send to which others.
fn edges(blocks: &[Block], graph: &Graph) -> BTreeSet<(usize, usize)> {
    let mut block_of: BTreeMap<usize, usize> = BTreeMap::new();
    let externals = graph.nodes.iter().enumerate().filter(|(_, it)| it.group.is_none());
    let mut externals = externals.map(|(id, _)| id);
    for (index, block) in blocks.iter().enumerate() {
        match block.group.and_then(|it| graph.groups.get(it)) {
            Some(group) => {
                block_of.extend(group.nodes.iter().chain([&group.whole]).map(|it| (*it, index)));
            }
            None => block_of.extend(externals.next().map(|it| (it, index))),
        }
    }
    let ends = graph.arrows.iter().filter_map(|it| {
        Some((*block_of.get(&it.from)?, *block_of.get(&it.to)?)).filter(|(from, to)| from != to)
    });
    ends.collect()
}

/// An order in which few edges go back: senders first, receivers last, and in a circle who sends most begins.
fn places(count: usize, edges: &BTreeSet<(usize, usize)>) -> BTreeMap<usize, usize> {
    let mut left: BTreeSet<usize> = (0..count).collect();
    let (mut first, mut last) = (Vec::new(), Vec::new());
    while !left.is_empty() {
        let mut degrees: BTreeMap<usize, (i32, i32)> =
            left.iter().map(|it| (*it, (0, 0))).collect();
        for (from, to) in edges.iter().filter(|(from, to)| left.contains(from) && left.contains(to))
        {
            degrees.entry(*from).or_default().1 += 1;
            degrees.entry(*to).or_default().0 += 1;
        }
        let ends: Vec<usize> =
            degrees.iter().filter(|(_, (_, sends))| *sends == 0).map(|(it, _)| *it).collect();
        let starts: Vec<usize> = degrees
            .iter()
            .filter(|(_, (hears, sends))| *hears == 0 && *sends > 0)
            .map(|(it, _)| *it)
            .collect();
        if ends.is_empty() && starts.is_empty() {
            let most = degrees.iter().min_by_key(|(it, (hears, sends))| (hears - sends, **it));
            if let Some((it, _)) = most {
                left.remove(it);
                first.push(*it);
            }
        }
        left.retain(|it| !ends.contains(it) && !starts.contains(it));
        first.extend(starts);
        last.extend(ends.into_iter().rev());
    }
    first
        .into_iter()
        .chain(last.into_iter().rev())
        .enumerate()
        .map(|(place, it)| (it, place))
        .collect()
}
