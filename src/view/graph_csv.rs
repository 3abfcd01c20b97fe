//! The matrix of a graph as CSV (RFC 4180): senders down, receivers across, in each cell the traffic that passes.

use crate::diagnostic::visible::visible;
use crate::graph::matrix::Cell;
use crate::graph::{Matrix, SERVICE};
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
