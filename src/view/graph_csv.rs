//! The matrix of a graph as CSV (RFC 4180): senders down, receivers across, in each cell the traffic that passes.

use std::collections::BTreeMap;

use crate::diagnostic::visible::visible;
use crate::graph::matrix::Cell;
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
    let (new, old) = (said(new), said(old));
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
fn said(matrix: &Matrix) -> BTreeMap<(&str, &str), String> {
    let mut said = BTreeMap::new();
    for (from, cells) in matrix.names.iter().zip(&matrix.rows) {
        for ((to, cell), service) in matrix.names.iter().zip(cells).zip(&matrix.services) {
            said.insert((&**from, &**to), text((cell, service)));
        }
    }
    said
}

/// What passes: `tcp/443`, and what passes between some pods only, or some addresses, in brackets.
fn text((cell, service): (&Cell, &bool)) -> String {
    match (cell.all.is_empty(), cell.some.is_empty()) {
        (false, _) if *service && cell.all == Traffic::full() => SERVICE.to_owned(),
        (true, true) => String::new(),
        (false, true) => cell.all.to_string(),
        (true, false) => format!("some: {}", cell.some),
        (false, false) => format!("{}; some: {}", cell.all, cell.some),
    }
}

fn row(out: &mut String, fields: impl Iterator<Item = String>) {
    for (index, text) in fields.enumerate() {
        if index > 0 {
            out.push(',');
        }
        out.push_str(&field(&text));
    }
    out.push_str("\r\n");
}

/// A field: in quotes where it must be, and never a formula to a spreadsheet.
fn field(text: &str) -> String {
    let text = visible(text);
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula { format!("'{text}") } else { text.into_owned() };
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_stay_one_field_and_are_no_formulas() {
        assert_eq!(field("tcp/80"), "tcp/80");
        assert_eq!(field("tcp/80, udp/53"), "\"tcp/80, udp/53\"");
        assert_eq!(field("a \"b\""), "\"a \"\"b\"\"\"");
        assert_eq!(field("=1+1"), "'=1+1");
        assert_eq!(field("@x"), "'@x");
        assert_eq!(field("-1,2"), "\"'-1,2\"");
        assert_eq!(field("a\r\nb"), "a\\u{d}\\u{a}b");
    }
}
