//! Text as SARIF reads it: in messages, braces stand around arguments, and brackets make links.

use serde::Serialize;

use crate::diagnostic::visible::visible_lines;

/// A message.
#[derive(Debug, Serialize)]
pub(super) struct SarifText {
    text: String,
}

impl SarifText {
    /// A message that reads as `text` does: what is hidden is written out, braces are doubled, as SARIF wants it of those
    /// that are meant, and what would be a link has a space in it.
    pub(super) fn new(text: &str) -> Self {
        let text = visible_lines(text);
        Self { text: text.replace('{', "{{").replace('}', "}}").replace("](", "] (") }
    }

    /// Text of our own that is no message, as it is.
    pub(super) fn plain(text: &str) -> Self {
        Self { text: text.to_owned() }
    }
}
