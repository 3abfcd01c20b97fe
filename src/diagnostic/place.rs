//! Places as numbers, for every renderer that is read by programs.

use serde::Serialize;

use crate::source::{Sources, Span};

/// A place, from line and column to before end line and end column; columns count characters, from 1.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ShownPlace<'a> {
    pub(super) file: &'a str,
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) end_line: usize,
    pub(super) end_column: usize,
}

/// Where `span` lies.
pub(super) fn place(span: Span, sources: &Sources) -> ShownPlace<'_> {
    let start = sources.position(span);
    let end = sources.position(Span { start: span.end.max(span.start), ..span });
    ShownPlace {
        file: sources.path(span.file),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
    }
}
