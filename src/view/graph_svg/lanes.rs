//! The lanes between columns, and beside the zones of a landing zone: each net has one of its own wherever it would
//! meet another one, and labels have room next to the ends of their lines.

use super::Layout;
use super::net::{INDENT, Net, NetKind, NetWay};
use super::order::Bends;
use super::text::width;

/// Between two lanes; and between a lane and anything else.
const LANE: i32 = 9;
const GAP: i32 = 14;
/// Around the picture.
pub(super) const MARGIN: i32 = 24;
/// Between the frame of a landing zone and its rows.
pub(super) const INSET: i32 = 16;

/// A part of a net that joins at one lane.
#[derive(Debug)]
pub(super) struct LanePiece {
    pub(super) net: usize,
    /// Where the lane is.
    pub(super) x: i32,
    /// Where its lines begin and end: beside the lane, and how high.
    pub(super) ends: Vec<(i32, i32)>,
}

/// What meets in the lanes between two columns.
#[derive(Debug, Default)]
struct Crossed {
    net: usize,
    /// Rows (or, `None`, bends) on the left, and how high.
    left: Vec<(Option<usize>, i32)>,
    /// The same on the right.
    right: Vec<(Option<usize>, i32)>,
}

impl Layout {
    /// Gives every column its place from left to right, and every net its lanes.
    pub(super) fn lanes(&mut self, columns: usize, bends: &Bends) -> Vec<LanePiece> {
        let mut pieces = Vec::new();
        for block in 0..self.blocks.len() {
            self.beside(block, &mut pieces);
        }
        let mut widths = vec![0; columns];
        for block in &self.blocks {
            if let Some(width) = widths.get_mut(block.column) {
                *width = (*width).max(block.full_width());
            }
        }
        let mut x = MARGIN;
        let mut last = (x, 0);
        for channel in 0..=columns {
            let crossed = self.crossed(channel, bends);
            let labels = |way| {
                let nets = crossed.iter().filter_map(|it| self.nets.get(it.net));
                let there = nets.filter(|net| {
                    let beside =
                        if way == NetWay::Onward { channel } else { channel.wrapping_sub(1) };
                    net.way == way && self.column(net.to) == beside
                });
                there.map(|net| width(&net.label, true) + GAP).max().unwrap_or_default()
            };
            let start = x + labels(NetWay::Back) + GAP;
            let (lanes, count) = lanes_of(&crossed);
            let end = start + LANE * count + labels(NetWay::Onward) + GAP;
            let end = if crossed.is_empty() && (channel == 0 || channel == columns) {
                x
            } else {
                end.max(x + 3 * GAP)
            };
            let here = (end, widths.get(channel).copied().unwrap_or_default());
            self.columns.push(here);
            for (it, lane) in crossed.iter().zip(lanes) {
                let left = it.left.iter().map(|(row, y)| match row {
                    Some(row) => (self.edges_of(*row).1, *y),
                    None => (last.0, *y),
                });
                let right = it.right.iter().map(|(row, y)| match row {
                    Some(row) => (self.edges_of(*row).0, *y),
                    // A bend is drawn from here to the other side of its column.
                    None => (here.0 + here.1, *y),
                });
                let ends = left.chain(right).collect();
                pieces.push(LanePiece { net: it.net, x: start + LANE * lane, ends });
            }
            last = (here.0 + here.1, here.1);
            x = here.0 + here.1;
        }
        self.columns.pop();
        self.width = x + MARGIN;
        self.place(&mut pieces);
        pieces
    }

    /// The edges of a row, as lines from elsewhere meet them: those of the frame, where it is all of a landing zone.
    pub(super) fn edges_of(&self, row: usize) -> (i32, i32) {
        let kind = self.rows.get(row).map(|it| it.kind);
        match self.columns.get(self.column(row)) {
            Some((x, width)) if kind == Some(NetKind::Whole) => (*x, x + width),
            _ => (self.left_of(row), self.right_of(row)),
        }
    }

    /// The left edge of a row.
    pub(super) fn left_of(&self, row: usize) -> i32 {
        let Some(block) = self.rows.get(row).and_then(|it| self.blocks.get(it.block)) else {
            return 0;
        };
        let inset = match self.rows.get(row).map(|it| it.kind) {
            Some(NetKind::Pods) => INSET + INDENT,
            Some(NetKind::Whole | NetKind::Zone) => INSET,
            Some(NetKind::External) | None => 0,
        };
        self.columns.get(block.column).map_or(0, |it| it.0) + inset
    }

    /// The right edge of a row.
    pub(super) fn right_of(&self, row: usize) -> i32 {
        let Some(block) = self.rows.get(row).and_then(|it| self.blocks.get(it.block)) else {
            return 0;
        };
        let Some((x, width)) = self.columns.get(block.column) else { return 0 };
        if block.group.is_some() { x + width - INSET - block.inner } else { x + width }
    }

    /// How high a net touches the row that it ends at.
    pub(super) fn end_of(&self, index: usize) -> i32 {
        let Some(net) = self.nets.get(index) else { return 0 };
        self.port(net.to, |row| match net.way {
            NetWay::Onward => row.left(Some(index)),
            NetWay::Inside | NetWay::Back => row.right(Some(index)),
        })
    }

    fn port(&self, row: usize, within: impl Fn(&super::net::NetRow) -> i32) -> i32 {
        let Some(row) = self.rows.get(row) else { return 0 };
        self.blocks.get(row.block).map_or(0, |it| it.top) + row.top + within(row)
    }

    /// What meets between the column `channel` and the one before it.
    fn crossed(&self, channel: usize, bends: &Bends) -> Vec<Crossed> {
        let mut all = Vec::new();
        let Some(before) = channel.checked_sub(1) else { return all };
        for (index, net) in self.nets.iter().enumerate() {
            let to = self.column(net.to);
            let bend = |column: usize| bends.get(&(index, column)).map(|y| (None, *y));
            let from = |column: usize, left: bool| {
                net.from.iter().copied().filter(move |it| self.column(*it) == column).map(
                    move |row| {
                        (
                            Some(row),
                            self.port(row, |it| if left { it.left(None) } else { it.right(None) }),
                        )
                    },
                )
            };
            let end = (Some(net.to), self.end_of(index));
            let mut it = Crossed { net: index, ..Crossed::default() };
            match net.way {
                NetWay::Onward if channel <= to => {
                    it.left = from(before, false).chain(bend(before)).collect();
                    it.right =
                        if channel == to { vec![end] } else { bend(channel).into_iter().collect() };
                }
                NetWay::Back if channel > to => {
                    it.right = from(channel, true).chain(bend(channel)).collect();
                    it.left = bend(before).into_iter().collect();
                    if before == to {
                        it.left = std::iter::once(end).chain(from(before, false)).collect();
                    }
                }
                NetWay::Inside | NetWay::Onward | NetWay::Back => {}
            }
            if it.left.len() + it.right.len() > 1 {
                all.push(it);
            }
        }
        all
    }

    /// The lanes within a landing zone, to the right of its rows; their places are counted from there.
    fn beside(&mut self, block: usize, pieces: &mut Vec<LanePiece>) {
        let within = |net: &Net| self.rows.get(net.to).is_some_and(|it| it.block == block);
        let nets = self.nets.iter().enumerate();
        let nets: Vec<_> =
            nets.filter(|(_, net)| net.way == NetWay::Inside && within(net)).collect();
        if nets.is_empty() {
            return;
        }
        let labels = nets.iter().map(|(_, net)| width(&net.label, true)).max().unwrap_or_default();
        let mut all: Vec<Crossed> = Vec::new();
        for (index, net) in &nets {
            let from =
                net.from.iter().map(|row| (Some(*row), self.port(*row, |it| it.right(None))));
            let end = (Some(net.to), self.end_of(*index));
            all.push(Crossed {
                net: *index,
                left: std::iter::once(end).chain(from).collect(),
                right: Vec::new(),
            });
        }
        all.sort_by_key(|it| (it.span().1 - it.span().0, it.net));
        let (lanes, count) = fit(&all);
        for (it, lane) in all.iter().zip(lanes) {
            let x = labels + GAP + LANE + LANE * lane;
            pieces.push(LanePiece {
                net: it.net,
                x,
                ends: it.left.iter().map(|(_, y)| (0, *y)).collect(),
            });
        }
        if let Some(block) = self.blocks.get_mut(block) {
            block.inner = labels + GAP + LANE + LANE * count;
        }
    }

    /// Turns places within landing zones into places in the picture.
    fn place(&self, pieces: &mut [LanePiece]) {
        for piece in pieces {
            let Some(net) = self.nets.get(piece.net) else { continue };
            if net.way == NetWay::Inside {
                let right = self.right_of(net.to);
                piece.x += right;
                piece.ends.iter_mut().for_each(|it| it.0 += right);
            }
        }
    }
}

impl Crossed {
    /// From where to where its lane goes.
    fn span(&self) -> (i32, i32) {
        let ys = || self.left.iter().chain(&self.right).map(|(_, y)| *y);
        (ys().min().unwrap_or_default(), ys().max().unwrap_or_default())
    }
}

/// The lane of each, and how many lanes there are. Of lines that go down, the upper ones turn last; of those that go
/// up, first: so they do not cross.
fn lanes_of(crossed: &[Crossed]) -> (Vec<i32>, i32) {
    let mean = |ends: &[(Option<usize>, i32)]| {
        let count = i32::try_from(ends.len()).unwrap_or(1).max(1);
        ends.iter().map(|(_, y)| *y).sum::<i32>() / count
    };
    let mut order: Vec<(bool, i32, usize)> = crossed
        .iter()
        .enumerate()
        .map(|(index, it)| {
            let (left, right) = (mean(&it.left), mean(&it.right));
            let down = left < right;
            (!down, if down { -left } else { left }, index)
        })
        .collect();
    order.sort_unstable();
    let sorted: Vec<&Crossed> = order.iter().filter_map(|(.., it)| crossed.get(*it)).collect();
    let (lanes, count) = fit_of(&sorted);
    let mut by_index: Vec<(usize, i32)> = order.iter().map(|(.., it)| *it).zip(lanes).collect();
    by_index.sort_unstable();
    (by_index.into_iter().map(|(_, lane)| lane).collect(), count)
}

fn fit(crossed: &[Crossed]) -> (Vec<i32>, i32) {
    fit_of(&crossed.iter().collect::<Vec<_>>())
}

/// The first lane for each where nobody before it would be met.
fn fit_of(crossed: &[&Crossed]) -> (Vec<i32>, i32) {
    let mut taken: Vec<Vec<(i32, i32)>> = Vec::new();
    let mut lanes = Vec::new();
    for it in crossed {
        let (first, last) = it.span();
        let free = |spans: &Vec<(i32, i32)>| {
            spans.iter().all(|(from, to)| last + LANE < *from || *to + LANE < first)
        };
        let lane = taken.iter().position(free).unwrap_or(taken.len());
        match taken.get_mut(lane) {
            Some(spans) => spans.push((first, last)),
            None => taken.push(vec![(first, last)]),
        }
        lanes.push(i32::try_from(lane).unwrap_or_default());
    }
    (lanes, i32::try_from(taken.len()).unwrap_or_default())
}

impl super::net::Block {
    /// Its width with its lanes and its frame.
    fn full_width(&self) -> i32 {
        self.width + self.inner + if self.group.is_some() { 2 * INSET } else { 0 }
    }
}
