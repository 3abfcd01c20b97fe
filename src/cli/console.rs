//! What is printed, and where: results to standard output, diagnostics and failures to standard error. A
//! reader that has gone away (a closed pipe) is no failure.

use std::io::{self, ErrorKind, Write};

use anstream::{AutoStream, ColorChoice};

use super::failure::Failure;

/// The two streams of the process.
pub(crate) struct Console {
    out: AutoStream<io::Stdout>,
    err: AutoStream<io::Stderr>,
    /// Whether standard output could not take something.
    failed: Option<io::Error>,
}

impl Console {
    /// The streams with colours as `choice` says.
    pub(crate) fn new(choice: ColorChoice) -> Self {
        Self {
            out: AutoStream::new(io::stdout(), choice),
            err: AutoStream::new(io::stderr(), choice),
            failed: None,
        }
    }

    /// Prints a result. Escape sequences of ours are dropped where colours are not wanted.
    pub(crate) fn out(&mut self, text: &str) {
        if let Err(error) = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush()) {
            self.failed.get_or_insert(error);
        }
    }

    /// Prints what `write` writes, as it is, through a large buffer. What cannot be printed is told at the end.
    pub(crate) fn stream(&mut self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
        let mut out = io::BufWriter::with_capacity(1 << 18, io::stdout().lock());
        if let Err(error) = write(&mut out).and_then(|()| out.flush()) {
            self.failed.get_or_insert(error);
        }
    }

    /// Prints `document` as JSON.
    pub(crate) fn json(&mut self, document: &impl serde::Serialize) {
        match serde_json::to_string_pretty(document) {
            Ok(text) => self.out(&format!("{text}\n")),
            Err(error) => self.failed = Some(error.into()),
        }
    }

    /// Prints something about the work. If even that fails, nobody is there to be told.
    pub(crate) fn err(&mut self, text: &str) {
        let _ = self.err.write_all(text.as_bytes()).and_then(|()| self.err.flush());
    }

    /// Prints a failure.
    pub(crate) fn failure(&mut self, failure: &Failure) {
        self.err(&failure.render());
    }

    /// Whether everything could be printed that somebody still wanted to read.
    pub(crate) fn finish(self) -> Result<(), io::Error> {
        match self.failed {
            Some(error) if error.kind() != ErrorKind::BrokenPipe => Err(error),
            Some(_) | None => Ok(()),
        }
    }
}
