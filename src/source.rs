//! The texts that the compiler reads, and places in them. Every stage speaks of a place as a [`Span`];
//! only [`Sources`] can turn one into a path, a line and a column.

/// One text among [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(u32);

/// A stretch of one file, in bytes from its start; `end` is exclusive. Spans order by file, then place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The file it lies in.
    pub file: FileId,
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Span {
    /// The stretch from `start` to before `end` in `file`.
    pub fn new(file: FileId, start: u32, end: u32) -> Self {
        Self { file, start, end }
    }

    /// The stretch from the start of `self` to the end of `last`, in the file of `self`.
    #[must_use]
    pub fn to(self, last: Self) -> Self {
        Self { end: last.end.max(self.end), ..self }
    }
}

/// A value together with the place where it was written. Compares by value alone, so that trees read
/// from differently laid out text are equal.
#[derive(Clone, Copy, Debug)]
pub struct Spanned<T> {
    /// What was written.
    pub value: T,
    /// Where.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// `value`, written at `span`.
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

impl<T: PartialEq> PartialEq for Spanned<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Spanned<T> {}

/// A line and a column, both from 1; the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
}

/// One text, with the path under which people know it (relative to the project, `/` between segments).
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// The path shown to people.
    pub path: String,
    /// The whole text. A byte-order mark, if there was one, is still in it.
    pub text: String,
    line_starts: Vec<u32>,
}

impl SourceFile {
    /// The line and column of byte `offset`; an offset past the end is the end.
    pub fn position(&self, offset: u32) -> Position {
        let line = self.line_starts.partition_point(|start| *start <= offset).max(1);
        let start = self.line_starts.get(line - 1).copied().unwrap_or(0) as usize;
        let end = (offset as usize).min(self.text.len());
        let before = self.text.as_bytes().get(start..end).unwrap_or_default();
        // A byte that continues a UTF-8 sequence is not a character of its own.
        let column = before.iter().filter(|byte| (**byte & 0xC0) != 0x80).count() + 1;
        Position { line, column }
    }

    /// The byte at which line number `line` (from 1) starts; the end of the text when there is no such line.
    pub fn line_start(&self, line: usize) -> usize {
        let start = line.checked_sub(1).and_then(|index| self.line_starts.get(index));
        start.map_or(self.text.len(), |start| *start as usize)
    }

    /// Line number `line` (from 1) without its line end; empty when there is none.
    pub fn line(&self, line: usize) -> &str {
        let start = line.checked_sub(1).and_then(|index| self.line_starts.get(index));
        let Some(start) = start.map(|start| *start as usize) else { return "" };
        let end = self.line_starts.get(line).map_or(self.text.len(), |next| *next as usize);
        self.text.get(start..end).unwrap_or("").trim_end_matches(['\n', '\r'])
    }
}

/// Every text of one run. Files are added and never removed, so a [`FileId`] stays good.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    /// No texts.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text under the path that people know it by. Text beyond 4 GiB is not addressable: callers
    /// refuse such files before.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<String>) -> FileId {
        let text = text.into();
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let line_starts = std::iter::once(0)
            .chain(ends.map(|(index, _)| u32::try_from(index + 1).unwrap_or(u32::MAX)))
            .collect();
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(SourceFile { path: path.into(), text, line_starts });
        id
    }

    /// The same texts under other paths.
    #[must_use]
    pub fn renamed(&self, path: impl Fn(&str) -> String) -> Self {
        let files = self.files.iter();
        let files = files.map(|file| SourceFile { path: path(&file.path), ..file.clone() });
        Self { files: files.collect() }
    }

    /// The file `id`, which came from [`Sources::add`] of this very value; otherwise `None`.
    pub fn get(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize)
    }

    /// The path of `id`, empty for a file of another [`Sources`].
    pub fn path(&self, id: FileId) -> &str {
        self.get(id).map_or("", |file| &file.path)
    }

    /// The text at `span`; empty when the span does not fit its file.
    pub fn text(&self, span: Span) -> &str {
        self.get(span.file)
            .and_then(|file| file.text.get(span.start as usize..span.end as usize))
            .unwrap_or("")
    }

    /// The line and column at which `span` starts.
    pub fn position(&self, span: Span) -> Position {
        self.get(span.file)
            .map_or(Position { line: 1, column: 1 }, |file| file.position(span.start))
    }

    /// Every file with its id, in the order of adding.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files
            .iter()
            .enumerate()
            .map(|(index, file)| (FileId(u32::try_from(index).unwrap_or(u32::MAX)), file))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_and_survive_any_offset() {
        let mut sources = Sources::new();
        let file = sources.add("a.flow", "é x\r\ny\n");
        let at = |offset| {
            let position = sources.position(Span::new(file, offset, offset));
            (position.line, position.column)
        };
        assert_eq!(
            [at(0), at(2), at(3), at(6), at(8), at(99)],
            [(1, 1), (1, 2), (1, 3), (2, 1), (3, 1), (3, 1)]
        );
        let text = sources.get(file).unwrap();
        assert_eq!([text.line(1), text.line(2), text.line(3), text.line(9)], ["é x", "y", "", ""]);
        assert_eq!(sources.text(Span::new(file, 1, 2)), "", "inside a character");
    }
}
