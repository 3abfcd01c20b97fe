//! What lies above what: the blocks of each column, and the bends of lines that pass it, close to what they are joined
//! with, so that few lines cross.

use std::collections::{BTreeMap, BTreeSet};

use super::net::NetWay;
use super::{Layout, STEP};

/// How often the columns are gone through, to and fro.
const SWEEPS: usize = 14;

/// Where nets pass a column on their way: net and column, and how high.
pub(super) type Bends = BTreeMap<(usize, usize), i32>;

/// What has a place in a column.
struct Item {
    block: Option<usize>,
    net: usize,
    column: usize,
    height: i32,
    top: i32,
}

/// Two items of neighbouring columns that a line joins, and where it touches each, from its top.
struct Link {
    left: (usize, i32),
    right: (usize, i32),
}

impl Layout {
    /// Gives every block its height in the picture, and every bend.
    pub(super) fn order(&mut self, columns: usize) -> Bends {
        let mut items: Vec<Item> = self
            .blocks
            .iter()
            .enumerate()
            .map(|(index, it)| Item {
                block: Some(index),
                net: 0,
                column: it.column,
                height: it.height,
                top: 0,
            })
            .collect();
        let mut bends: BTreeMap<(usize, usize), usize> = BTreeMap::new();
        for (net, column) in self.bends() {
            bends.insert((net, column), items.len());
            items.push(Item { block: None, net, column, height: STEP, top: 0 });
        }
        let links = self.links(&bends);
        let mut order: Vec<Vec<usize>> = vec![Vec::new(); columns];
        for (index, item) in items.iter().enumerate() {
            if let Some(column) = order.get_mut(item.column) {
                column.push(index);
            }
        }
        for column in &order {
            settle(&mut items, column, &BTreeMap::new());
        }
        for sweep in 0..SWEEPS {
            let onward = sweep % 2 == 0;
            // The last sweeps look both ways, and leave the order as it is.
            let both = sweep + 4 >= SWEEPS;
            for step in 0..columns {
                let at = if onward { step } else { columns - 1 - step };
                let Some(column) = order.get_mut(at) else { continue };
                let wanted = wanted(&items, &links, column, (onward || both, !onward || both));
                if !both {
                    let key = |it: &usize| {
                        let wish = wanted.get(it).map(|(top, weight)| top / weight);
                        (wish.is_none(), wish.unwrap_or_default())
                    };
                    column.sort_by_key(key);
                }
                settle(&mut items, column, &wanted);
            }
        }
        let highest = items.iter().map(|it| it.top).min().unwrap_or_default();
        let mut heights = Bends::new();
        for item in &items {
            let top = item.top - highest + 2 * STEP;
            self.height = self.height.max(top + item.height);
            match item.block {
                Some(index) => {
                    if let Some(block) = self.blocks.get_mut(index) {
                        block.top = top;
                    }
                }
                None => {
                    heights.insert((item.net, item.column), top + bend(item.column));
                }
            }
        }
        heights
    }

    /// The nets that pass a column on their way, and which column.
    fn bends(&self) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        for (index, net) in self.nets.iter().enumerate() {
            let to = self.column(net.to);
            let from = net.from.iter().map(|it| self.column(*it));
            let (first, last) = match net.way {
                NetWay::Inside => continue,
                NetWay::Onward => (from.min().unwrap_or(to) + 1, to),
                NetWay::Back => (to + 1, from.max().unwrap_or(to)),
            };
            found.extend((first..last).map(|column| (index, column)));
        }
        found
    }

    /// The column of a row.
    pub(super) fn column(&self, row: usize) -> usize {
        let block = self.rows.get(row).and_then(|it| self.blocks.get(it.block));
        block.map_or(0, |it| it.column)
    }

    fn links(&self, bends: &BTreeMap<(usize, usize), usize>) -> Vec<Link> {
        let mut links = Vec::new();
        for (index, net) in self.nets.iter().enumerate() {
            let target = self.column(net.to);
            let bend_at =
                |column: usize| bends.get(&(index, column)).map(|item| (*item, bend(column)));
            let sources =
                net.from.iter().filter_map(|it| Some((self.column(*it), self.rows.get(*it)?)));
            let Some(to) = self.rows.get(net.to) else { continue };
            match net.way {
                NetWay::Inside => {}
                NetWay::Onward => {
                    let end = (to.block, to.top + to.left(Some(index)));
                    let next = |column| if column == target { Some(end) } else { bend_at(column) };
                    let sources =
                        sources.map(|(column, it)| (column, (it.block, it.top + it.right(None))));
                    let passing = (0..target).filter_map(|it| Some((it, bend_at(it)?)));
                    for (column, left) in sources.chain(passing) {
                        links.extend(next(column + 1).map(|right| Link { left, right }));
                    }
                }
                NetWay::Back => {
                    let end = (to.block, to.top + to.right(Some(index)));
                    let next = |column| if column == target { Some(end) } else { bend_at(column) };
                    let sources = sources
                        .filter(|(column, _)| *column > target)
                        .map(|(column, it)| (column, (it.block, it.top + it.left(None))));
                    let passing =
                        (target + 1..self.blocks.len()).filter_map(|it| Some((it, bend_at(it)?)));
                    for (column, right) in sources.chain(passing) {
                        links.extend(next(column - 1).map(|left| Link { left, right }));
                    }
                }
            }
        }
        links
    }
}

/// Where in its strip a line passes a column: never as high as a port, nor as a bend in the next column.
fn bend(column: usize) -> i32 {
    if column.is_multiple_of(2) { STEP / 4 } else { STEP * 3 / 4 }
}

/// Where the items of a column would like to be: the sum of wishes, and how many there are.
fn wanted(
    items: &[Item],
    links: &[Link],
    column: &[usize],
    (from_left, from_right): (bool, bool),
) -> BTreeMap<usize, (i32, i32)> {
    let mut wanted: BTreeMap<usize, (i32, i32)> = BTreeMap::new();
    let top = |item: usize| items.get(item).map_or(0, |it| it.top);
    let here: BTreeSet<usize> = column.iter().copied().collect();
    let mut add = |item: usize, wish: i32| {
        let sum = wanted.entry(item).or_default();
        *sum = (sum.0 + wish, sum.1 + 1);
    };
    for Link { left, right } in links {
        if here.contains(&right.0) {
            let wish = if from_left { top(left.0) + left.1 - right.1 } else { top(right.0) };
            add(right.0, wish);
        }
        if here.contains(&left.0) {
            let wish = if from_right { top(right.0) + right.1 - left.1 } else { top(left.0) };
            add(left.0, wish);
        }
    }
    wanted
}

/// Items that touch each other: the sum of their wishes, how many there are, and each with its distance from the first.
type Run = (i32, i32, Vec<(usize, i32)>);

/// Puts the items of a column, in their order, as close to where they would like to be as they have room.
fn settle(items: &mut [Item], column: &[usize], wanted: &BTreeMap<usize, (i32, i32)>) {
    let mut runs: Vec<Run> = Vec::new();
    let mut below = 0;
    let mut before: Option<bool> = None;
    for index in column {
        let Some(item) = items.get(*index) else { continue };
        let is_block = item.block.is_some();
        below += match (before, is_block) {
            (None, _) | (Some(false), false) => 0,
            (Some(true), true) => 2 * STEP,
            (Some(_), _) => STEP,
        };
        before = Some(is_block);
        let (sum, weight) = wanted.get(index).copied().unwrap_or_default();
        runs.push((sum - below * weight, weight, vec![(*index, below)]));
        below += item.height;
        // Who has no wish stands right below the one before; who wishes to be higher than that one, compromises.
        while let [.., upper, lower] = runs.as_slice() {
            let apart = lower.1 > 0 && (upper.1 == 0 || mean(upper) < mean(lower));
            if apart {
                break;
            }
            let Some(lower) = runs.pop() else { break };
            if let Some(upper) = runs.last_mut() {
                upper.0 += lower.0;
                upper.1 += lower.1;
                upper.2.extend(lower.2);
            }
        }
    }
    let first = runs.iter().find(|it| it.1 > 0).map_or(0, mean);
    for run in &runs {
        let top = if run.1 > 0 { mean(run) } else { first.min(0) };
        let top = top.div_euclid(STEP) * STEP;
        for (index, below) in &run.2 {
            if let Some(item) = items.get_mut(*index) {
                item.top = top + below;
            }
        }
    }
}

fn mean(run: &Run) -> i32 {
    run.0 / run.1.max(1)
}
