//! The fewest rectangles over what is open between zones: each is a line.

use std::collections::BTreeSet;

/// Which zones of an application: `All` is `*`, those of none and those of later included.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum CoveredPods {
    All,
    These(BTreeSet<usize>),
}

/// What is known of every pair of a row and a column. The last row and the last column are the rest: namespaces
/// without a zone, and later ones.
#[derive(Debug)]
pub(super) struct Cells {
    pub(super) rows: usize,
    pub(super) columns: usize,
    /// Where a line may lie.
    pub(super) good: BTreeSet<(usize, usize)>,
    /// Where one has to.
    pub(super) needed: BTreeSet<(usize, usize)>,
}

impl Cells {
    /// The columns that are good with all of `rows`.
    fn columns_of(&self, rows: &BTreeSet<usize>) -> BTreeSet<usize> {
        let all = |column: &usize| rows.iter().all(|row| self.good.contains(&(*row, *column)));
        (0..self.columns).filter(all).collect()
    }

    fn rows_of(&self, columns: &BTreeSet<usize>) -> BTreeSet<usize> {
        let all = |row: &usize| columns.iter().all(|column| self.good.contains(&(*row, *column)));
        (0..self.rows).filter(all).collect()
    }

    /// Rectangles of good cells over all needed ones that can be covered at all: always the one that takes in most.
    pub(super) fn cover(&self) -> Vec<(CoveredPods, CoveredPods)> {
        let candidates = self.candidates();
        let mut left = self.needed.clone();
        let mut found = Vec::new();
        loop {
            let count = |it: &(BTreeSet<usize>, BTreeSet<usize>)| {
                left.iter()
                    .filter(|(row, column)| it.0.contains(row) && it.1.contains(column))
                    .count()
            };
            // Of those that take in as much, the one that says least.
            let best = candidates
                .iter()
                .max_by_key(|it| (count(it), std::cmp::Reverse(it.0.len() + it.1.len())));
            let Some(best) = best.filter(|it| count(it) > 0) else { break };
            left.retain(|(row, column)| !(best.0.contains(row) && best.1.contains(column)));
            found.push((shape(&best.0, self.rows), shape(&best.1, self.columns)));
        }
        found
    }

    /// The rectangles that cannot grow, as lines can name them: with the rest only where everything is in them.
    fn candidates(&self) -> Vec<(BTreeSet<usize>, BTreeSet<usize>)> {
        let mut seeds: BTreeSet<BTreeSet<usize>> = BTreeSet::new();
        let every: BTreeSet<usize> = (0..self.rows).collect();
        seeds.insert(every);
        seeds.extend((0..self.rows).map(|row| BTreeSet::from([row])));
        let mut found = BTreeSet::new();
        let mut closed: BTreeSet<BTreeSet<usize>> = (0..self.columns)
            .map(|column| self.rows_of(&BTreeSet::from([column])))
            .chain(seeds.iter().map(|rows| self.rows_of(&self.columns_of(rows))))
            .collect();
        closed.append(&mut seeds);
        for rows in closed {
            for rows in named(rows, self.rows) {
                for columns in named(self.columns_of(&rows), self.columns) {
                    let rows_of = self.rows_of(&columns);
                    for grown in named(rows_of, self.rows) {
                        found.insert((grown, columns.clone()));
                    }
                    found.insert((rows.clone(), columns));
                }
            }
        }
        found
            .into_iter()
            .filter(|(rows, columns)| !rows.is_empty() && !columns.is_empty())
            .collect()
    }
}

/// `set` as lines can name it, and less: everything, or some without the rest.
fn named(set: BTreeSet<usize>, count: usize) -> Vec<BTreeSet<usize>> {
    let rest = count.saturating_sub(1);
    let mut without = set.clone();
    without.remove(&rest);
    if set.len() == count { vec![set, without] } else { vec![without] }
}

fn shape(set: &BTreeSet<usize>, count: usize) -> CoveredPods {
    if set.len() == count { CoveredPods::All } else { CoveredPods::These(set.clone()) }
}
