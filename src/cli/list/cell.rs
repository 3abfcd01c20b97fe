//! A list as a table of typed cells, and how it is printed: for a terminal, as CSV, as JSON.

use jiff::civil::Date;
use serde_json::{Map, Value};

use crate::check::time::written;
use crate::diagnostic::visible::one_line;
use crate::view::csv::{field, record};

/// A table in a terminal is not wider than this, as far as words can be wrapped.
const WIDTH: usize = 120;

/// A list.
pub(super) struct ListTable {
    pub(super) columns: &'static [Column],
    pub(super) rows: Vec<Vec<Cell>>,
}

/// A column.
pub(super) struct Column {
    key: &'static str,
    heading: &'static str,
    /// Whether its words may be wrapped.
    wraps: bool,
    /// Whether it is too much for a terminal.
    hidden: bool,
}

/// A column whose cells stay on one line.
pub(super) const fn column(key: &'static str, heading: &'static str) -> Column {
    Column { key, heading, wraps: false, hidden: false }
}

/// A column whose cells may be long.
pub(super) const fn wide(key: &'static str, heading: &'static str) -> Column {
    Column { key, heading, wraps: true, hidden: false }
}

impl Column {
    /// The same, in CSV and JSON alone.
    pub(super) const fn hidden(self) -> Self {
        Self { hidden: true, ..self }
    }
}

/// A cell.
pub(super) enum Cell {
    Nothing,
    Text(String),
    List(Vec<String>),
    Number(i64),
    Flag(bool),
    /// The last day on which a line is open, and whether it has passed.
    LastDay(Date, bool),
}

impl Cell {
    /// A text.
    pub(super) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// What may not be written.
    pub(super) fn written(text: Option<&str>) -> Self {
        text.map_or(Self::Nothing, Self::text)
    }

    fn shown(&self) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Text(text) => one_line(text.clone()),
            Self::List(items) => one_line(items.join(", ")),
            Self::Number(number) => number.to_string(),
            Self::Flag(flag) => if *flag { "yes" } else { "no" }.to_owned(),
            Self::LastDay(day, false) => format!("open through {}", written(*day)),
            Self::LastDay(day, true) => format!("expired: open through {}", written(*day)),
        }
    }

    fn record(&self) -> String {
        match self {
            Self::Text(_) | Self::List(_) => field(&self.shown()),
            Self::LastDay(day, _) => day.to_string(),
            Self::Nothing | Self::Number(_) | Self::Flag(_) => self.shown(),
        }
    }

    fn value(&self) -> Value {
        match self {
            Self::Nothing => Value::Null,
            Self::Text(text) => text.as_str().into(),
            Self::List(items) => items.as_slice().into(),
            Self::Number(number) => (*number).into(),
            Self::Flag(flag) => (*flag).into(),
            Self::LastDay(day, _) => day.to_string().into(),
        }
    }
}

impl ListTable {
    /// A header and a record for each row, as RFC 4180 has it.
    pub(super) fn csv(&self) -> String {
        let header: Vec<_> = self.columns.iter().map(|it| it.heading.to_owned()).collect();
        let rows = self.rows.iter().map(|row| row.iter().map(Cell::record).collect::<Vec<_>>());
        std::iter::once(header).chain(rows).map(|row| record(row.into_iter())).collect()
    }

    /// An object for each row.
    pub(super) fn json(&self) -> Vec<Map<String, Value>> {
        let object = |row: &Vec<Cell>| {
            let cells = self.columns.iter().zip(row);
            cells.map(|(column, cell)| (column.key.to_owned(), cell.value())).collect()
        };
        self.rows.iter().map(object).collect()
    }

    /// Columns as wide as their cells; where that is too wide, the longest are wrapped. Columns without any cell are left out.
    pub(super) fn text(&self) -> String {
        let rows: Vec<Vec<String>> =
            self.rows.iter().map(|row| row.iter().map(Cell::shown).collect()).collect();
        let mut columns: Vec<Shown> = Vec::new();
        for (index, column) in self.columns.iter().enumerate() {
            let cells: Vec<&str> =
                rows.iter().filter_map(|row| row.get(index)).map(String::as_str).collect();
            if !column.hidden && cells.iter().any(|it| !it.is_empty()) {
                columns.push(Shown::new(column, cells));
            }
        }
        fit(&mut columns);
        let mut text = String::new();
        for row in 0..=rows.len() {
            let cells: Vec<Vec<String>> = columns.iter().map(|it| it.lines(row)).collect();
            let height = cells.iter().map(Vec::len).max().unwrap_or(0);
            for line in 0..height {
                let parts = cells.iter().zip(&columns).map(|(cell, column)| {
                    let part = cell.get(line).map_or("", String::as_str);
                    format!("{part:<width$}", width = column.width)
                });
                text.push_str(parts.collect::<Vec<_>>().join("  ").trim_end());
                text.push('\n');
            }
        }
        text
    }
}

/// A column as it is printed, its heading first.
struct Shown {
    cells: Vec<String>,
    wraps: bool,
    width: usize,
    /// As wide as its longest word.
    least: usize,
}

impl Shown {
    fn new(column: &Column, cells: Vec<&str>) -> Self {
        let cells: Vec<String> = std::iter::once(column.heading.to_uppercase())
            .chain(cells.into_iter().map(str::to_owned))
            .collect();
        let width = cells.iter().map(|it| length(it)).max().unwrap_or(0);
        let words = cells.iter().flat_map(|it| it.split(' '));
        Self { wraps: column.wraps, width, least: words.map(length).max().unwrap_or(0), cells }
    }

    /// The lines of a cell; no word is broken.
    fn lines(&self, row: usize) -> Vec<String> {
        let Some(cell) = self.cells.get(row) else { return Vec::new() };
        if length(cell) <= self.width {
            return vec![cell.clone()];
        }
        let mut lines: Vec<String> = Vec::new();
        for word in cell.split(' ').filter(|it| !it.is_empty()) {
            match lines.last_mut() {
                Some(line) if length(line) + 1 + length(word) <= self.width => {
                    line.push(' ');
                    line.push_str(word);
                }
                Some(_) | None => lines.push(word.to_owned()),
            }
        }
        lines
    }
}

/// Takes from the widest of the columns that may be wrapped until all fit, or nothing can be taken.
fn fit(columns: &mut [Shown]) {
    let all: usize = columns.iter().map(|it| it.width + 2).sum();
    for _ in WIDTH + 2..all {
        let wide = columns.iter_mut().filter(|it| it.wraps && it.width > it.least);
        let Some(widest) = wide.max_by_key(|it| it.width) else { return };
        widest.width -= 1;
    }
}

fn length(text: &str) -> usize {
    text.chars().count()
}
