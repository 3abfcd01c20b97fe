//! Text as Mermaid takes it.

use std::fmt::Write;

use crate::diagnostic::visible::visible;

/// `text` in quotes. What Mermaid, Markdown or HTML could take for anything else is written by its number.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in visible(text).chars() {
        let plain = c.is_alphanumeric() || " ./,:=()[]*'!".contains(c) || c == '-';
        if plain {
            out.push(c);
        } else {
            let _ = write!(out, "#{};", u32::from(c));
        }
    }
    out.push('"');
    out
}
