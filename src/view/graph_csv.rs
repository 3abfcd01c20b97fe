//! The matrix of a graph as CSV (RFC 4180): senders down, receivers across, in each cell the traffic that passes.

use std::collections::BTreeMap;

use super::csv::{field, record};
use crate::graph::matrix::MatrixCell;
use crate::graph::{BEFORE, Graph, Mark, Matrix, SERVICE};
use crate::traffic::Traffic;

/// The document.
pub fn csv(matrix: &Matrix) -> String {
    let mut out = String::new();
    let first = std::iter::once("from \\ to".to_owned());
    row(&mut out, first.chain(matrix.names.iter().cloned()));
    for (name, cells) in matrix.names.iter().zip(&matrix.rows) {
        row(
            &mut out,
            std::iter::once(name.clone()).chain(cells.iter().zip(&matrix.services).map(text)),
        );
    }
    out
}

/// The document of two times: what `new` and `old`, two matrices of the graph, say of each pair, and what of it is new.
/// In words: a spreadsheet takes `+` for the beginning of a formula.
pub fn since(graph: &Graph, new: &Matrix, old: &Matrix) -> String {
    let gone = old.names.iter().filter(|it| !new.names.contains(it));
    let names: Vec<&String> = new.names.iter().chain(gone).collect();
    let marks: BTreeMap<&str, Mark> =
        graph.nodes.iter().filter_map(|it| Some((&*it.name, it.mark?))).collect();
    let titles = names.iter().map(|name| match marks.get(&***name) {
        Some(mark) => format!("{}: {name}", mark.word()),
        None => (*name).clone(),
    });
    let titles: Vec<String> = titles.collect();
    let (new, old) = (cell_texts(new), cell_texts(old));
    let mut out = String::new();
    row(&mut out, std::iter::once("from \\ to".to_owned()).chain(titles.iter().cloned()));
    for (title, from) in titles.iter().zip(&names) {
        let cells = names.iter().map(|to| {
            let key = (&***from, &***to);
            let of = |all: &BTreeMap<_, String>| all.get(&key).cloned().unwrap_or_default();
            let (now, before) = (of(&new), of(&old));
            match (now.is_empty(), before.is_empty()) {
                _ if now == before => now,
                (false, true) => format!("added: {now}"),
                (true, _) => format!("removed: {before}"),
                (false, false) => format!("changed: {now}{BEFORE}{before}"),
            }
        });
        row(&mut out, std::iter::once(title.clone()).chain(cells));
    }
    out
}

/// What passes, by sender and receiver.
fn cell_texts(matrix: &Matrix) -> BTreeMap<(&str, &str), String> {
    let mut texts = BTreeMap::new();
    for (from, cells) in matrix.names.iter().zip(&matrix.rows) {
        for ((to, cell), service) in matrix.names.iter().zip(cells).zip(&matrix.services) {
            texts.insert((&**from, &**to), text((cell, service)));
        }
    }
    texts
}

/// What passes: `tcp/443`, and what passes between some pods only, or some addresses, in brackets.
fn text((cell, service): (&MatrixCell, &bool)) -> String {
    match (cell.all.is_empty(), cell.some.is_empty()) {
        (false, _) if *service && cell.all == Traffic::full() => SERVICE.to_owned(),
        (true, true) => String::new(),
        (false, true) => cell.all.to_string(),
        (true, false) => format!("some: {}", cell.some),
        (false, false) => format!("{}; some: {}", cell.all, cell.some),
    }
}

fn row(out: &mut String, fields: impl Iterator<Item = String>) {
    out.push_str(&record(fields.map(|it| field(&it))));
}
