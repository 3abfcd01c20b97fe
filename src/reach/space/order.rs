//! The order in which questions are asked. It decides whether a diagram is small: what one line asks has to lie together, and
//! what many lines ask comes before it. So the question that most lines ask goes first, what is left falls apart into pieces
//! that no line joins, and each piece is ordered in the same way.

use std::cmp::Reverse;
use std::collections::BTreeMap;

/// So much is looked at: questions that are not ordered by then stay as they were met, the last one first.
const EFFORT: usize = 20_000_000;

/// Questions that lines join, and what each of these lines asks of them: two or more.
struct OrderPiece {
    questions: Vec<usize>,
    lines: Vec<Vec<usize>>,
}

/// The questions below `count` in the order in which they are to be asked; `lines` says what is asked together. Of pieces
/// that are as large, the one that was met last goes first: what policies ask that come later in the evaluation is added on
/// top of what is there, which stays as it is.
pub(super) fn arrange(count: usize, lines: Vec<Vec<usize>>) -> Vec<usize> {
    let mut order = Vec::with_capacity(count);
    let mut effort = EFFORT;
    let mut open = vec![OrderPiece { questions: (0..count).collect(), lines }];
    while let Some(mut piece) = open.pop() {
        let size = piece.questions.len() + piece.lines.iter().map(Vec::len).sum::<usize>();
        let Some(left) = effort.checked_sub(size).filter(|_| !piece.lines.is_empty()) else {
            order.extend(piece.questions.into_iter().rev());
            continue;
        };
        effort = left;
        let mut pieces = split(piece);
        match (pieces.len(), pieces.pop()) {
            (1, Some(only)) => piece = only,
            (_, last) => {
                pieces.extend(last);
                let size = |it: &OrderPiece| it.questions.len().checked_ilog2();
                pieces.sort_by_key(|it| (size(it), Reverse(it.questions.last().copied())));
                open.extend(pieces.into_iter().rev());
                continue;
            }
        }
        let Some(most) = most_frequent(&piece) else { continue };
        order.push(most);
        piece.questions.retain(|it| *it != most);
        for line in &mut piece.lines {
            line.retain(|it| *it != most);
        }
        piece.lines.retain(|line| line.len() > 1);
        piece.lines.sort_unstable();
        piece.lines.dedup();
        open.push(piece);
    }
    order
}

/// The parts of `piece` that no line joins; the questions of each in the order in which they were met.
fn split(piece: OrderPiece) -> Vec<OrderPiece> {
    let mut joined: BTreeMap<usize, usize> = piece.questions.iter().map(|it| (*it, *it)).collect();
    for line in &piece.lines {
        let first = line.first().map(|it| root(&mut joined, *it));
        for other in line.iter().skip(1) {
            let other = root(&mut joined, *other);
            if let Some(first) = first {
                joined.insert(other, first);
            }
        }
    }
    let mut pieces: BTreeMap<usize, OrderPiece> = BTreeMap::new();
    let empty = || OrderPiece { questions: Vec::new(), lines: Vec::new() };
    for question in piece.questions {
        let root = root(&mut joined, question);
        pieces.entry(root).or_insert_with(empty).questions.push(question);
    }
    for line in piece.lines {
        let Some(first) = line.first() else { continue };
        let root = root(&mut joined, *first);
        pieces.entry(root).or_insert_with(empty).lines.push(line);
    }
    pieces.into_values().collect()
}

/// The question that stands for all that `question` is joined with.
fn root(joined: &mut BTreeMap<usize, usize>, question: usize) -> usize {
    let next = |joined: &BTreeMap<usize, usize>, at| joined.get(&at).copied().unwrap_or(at);
    let (mut at, mut above) = (question, next(joined, question));
    while above != at {
        let further = next(joined, above);
        joined.insert(at, further);
        (at, above) = (above, further);
    }
    at
}

/// The question that most lines ask; of several, the one that was met last.
fn most_frequent(piece: &OrderPiece) -> Option<usize> {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for question in piece.lines.iter().flatten() {
        *counts.entry(*question).or_default() += 1;
    }
    let most = counts.into_iter().max_by_key(|(question, count)| (*count, *question));
    most.map(|(question, _)| question)
}

#[cfg(test)]
mod tests {
    use super::arrange;

    #[test]
    fn what_many_lines_ask_goes_first_and_what_one_asks_lies_together() {
        // 0 is asked by every line; 1 and 4, 2 and 5, 3 and 6 by one each.
        let lines = vec![vec![0, 1, 4], vec![0, 2, 5], vec![0, 3, 6]];
        assert_eq!(arrange(7, lines), [0, 6, 3, 5, 2, 4, 1]);
    }

    #[test]
    fn lines_far_apart_join_what_they_share() {
        let lines = vec![vec![0, 1], vec![2, 3], vec![1, 4], vec![3, 5]];
        assert_eq!(arrange(6, lines), [3, 5, 2, 1, 4, 0]);
    }

    #[test]
    fn every_question_is_asked_once() {
        let lines: Vec<Vec<usize>> =
            (0..500).map(|it| vec![it * 7 % 400, 400 + it * 11 % 300, 700 + it % 9]).collect();
        let mut order = arrange(900, lines);
        order.sort_unstable();
        assert_eq!(order, (0..900).collect::<Vec<_>>());
    }
}
