//! What is printed, and where: results to standard output, diagnostics and failures to standard error. A
//! reader that has gone away (a closed pipe) is no failure.
//!
//! Everything printed passes here, in whole lines, and nothing of it is a command to a platform that shows it in a log
//! (`markers`).

use std::borrow::Cow;
use std::io::{self, ErrorKind, Write};

use anstream::{AutoStream, ColorChoice};

use crate::diagnostic::escaped;
use crate::diagnostic::markers::{self, Spelling};
use crate::project::failure::Failure;

/// The two streams of the process.
pub(crate) struct Console {
    out: ConsoleLines<AutoStream<io::Stdout>>,
    err: ConsoleLines<AutoStream<io::Stderr>>,
    /// Whether standard output could not take something.
    failed: Option<io::Error>,
}

impl Console {
    /// The streams with colours as `choice` says.
    pub(crate) fn new(choice: ColorChoice) -> Self {
        Self {
            out: ConsoleLines::new(AutoStream::new(io::stdout(), choice)),
            err: ConsoleLines::new(AutoStream::new(io::stderr(), choice)),
            failed: None,
        }
    }

    /// Prints a result. Escape sequences of ours are dropped where colours are not wanted.
    pub(crate) fn out(&mut self, text: &str) {
        self.print(text, plain);
    }

    /// Prints a result in a language of marks: SVG, Graphviz.
    pub(crate) fn markup(&mut self, text: &str) {
        self.print(text, |lines| markers::harmless(lines, Spelling::Markup));
    }

    /// Prints workflow commands of ours, for GitHub.
    pub(crate) fn commands(&mut self, text: &str) {
        self.print(text, |lines| Cow::Owned(markers::commands(lines)));
    }

    /// Prints the lines of JSON that `write` writes, through a large buffer. What cannot be printed is told at the end.
    pub(crate) fn stream(&mut self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
        let buffer = io::BufWriter::with_capacity(1 << 18, io::stdout().lock());
        let mut out = Json(ConsoleLines::new(buffer));
        if let Err(error) = write(&mut out).and_then(|()| out.0.end()) {
            self.failed.get_or_insert(error);
        }
    }

    /// Prints `document` as JSON.
    pub(crate) fn json(&mut self, document: &impl serde::Serialize) {
        match escaped::pretty(document) {
            Ok(text) => self.print(&format!("{text}\n"), json),
            Err(error) => self.failed = Some(error.into()),
        }
    }

    /// Prints something about the work. If even that fails, nobody is there to be told.
    pub(crate) fn err(&mut self, text: &str) {
        let _ = self.err.print(text.as_bytes(), plain).and_then(|()| self.err.to.flush());
    }

    /// Prints a failure.
    pub(crate) fn failure(&mut self, failure: &Failure) {
        self.err(&failure.render());
    }

    /// Whether everything could be printed that somebody still wanted to read.
    pub(crate) fn finish(mut self) -> Result<(), io::Error> {
        let _ = self.err.end();
        if let Err(error) = self.out.end() {
            self.failed.get_or_insert(error);
        }
        match self.failed {
            Some(error) if error.kind() != ErrorKind::BrokenPipe => Err(error),
            Some(_) | None => Ok(()),
        }
    }

    fn print(&mut self, text: &str, shown: impl Fn(&str) -> Cow<'_, str>) {
        let printed = self.out.print(text.as_bytes(), shown).and_then(|()| self.out.to.flush());
        if let Err(error) = printed {
            self.failed.get_or_insert(error);
        }
    }
}

fn plain(lines: &str) -> Cow<'_, str> {
    markers::harmless(lines, Spelling::Text)
}

fn json(lines: &str) -> Cow<'_, str> {
    markers::harmless(lines, Spelling::Json)
}

/// A stream that is printed in whole lines: what begins one may come apart from what ends it.
struct ConsoleLines<W: Write> {
    to: W,
    /// The beginning of a line whose end has not come.
    open: Vec<u8>,
}

impl<W: Write> ConsoleLines<W> {
    fn new(to: W) -> Self {
        Self { to, open: Vec::new() }
    }

    /// Prints the lines that end in `bytes`, as `shown`.
    fn print(&mut self, bytes: &[u8], shown: impl Fn(&str) -> Cow<'_, str>) -> io::Result<()> {
        let Some(last) = bytes.iter().rposition(|it| *it == b'\n') else {
            self.open.extend(bytes);
            return Ok(());
        };
        let (lines, rest) = bytes.split_at_checked(last + 1).unwrap_or((bytes, &[]));
        let mut whole = std::mem::take(&mut self.open);
        let lines = if whole.is_empty() {
            lines
        } else {
            whole.extend(lines);
            &whole
        };
        self.to.write_all(shown(&String::from_utf8_lossy(lines)).as_bytes())?;
        self.open.extend(rest);
        Ok(())
    }

    /// Prints a line that nothing has ended.
    fn end(&mut self) -> io::Result<()> {
        let open = std::mem::take(&mut self.open);
        self.to.write_all(plain(&String::from_utf8_lossy(&open)).as_bytes())?;
        self.to.flush()
    }
}

/// A stream of JSON, a value a line.
struct Json<W: Write>(ConsoleLines<W>);

impl<W: Write> Write for Json<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.print(bytes, json)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.to.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_looked_at_as_a_whole() {
        let mut lines = ConsoleLines::new(Vec::new());
        for part in ["a\n:", ":error::x ##", "[group", "]\nb", "c\n::d"] {
            lines.print(part.as_bytes(), plain).unwrap();
        }
        let said = |it: &ConsoleLines<Vec<u8>>| String::from_utf8_lossy(&it.to).into_owned();
        assert_eq!(said(&lines), "a\n:\\u{3a}error::x ##\\u{5b}group]\nbc\n");
        lines.end().unwrap();
        assert!(said(&lines).ends_with("bc\n:\\u{3a}d"));
    }
}
