//! JSON as text. What would steer a terminal, or hide from a reader, is written by its number there: documents are read by
//! people and in logs, too, and programs read the same from them.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};

use super::visible::is_hidden;

/// `document` on one line.
///
/// # Errors
/// Where it cannot be JSON: with a key that is not a text.
pub fn compact(document: &impl Serialize) -> serde_json::Result<String> {
    text(document, CompactFormatter)
}

/// `document` with indents.
///
/// # Errors
/// As for [`compact`].
pub fn pretty(document: &impl Serialize) -> serde_json::Result<String> {
    text(document, PrettyFormatter::new())
}

fn text(document: &impl Serialize, layout: impl Formatter) -> serde_json::Result<String> {
    let mut bytes = Vec::new();
    document.serialize(&mut Serializer::with_formatter(&mut bytes, Escaped(layout)))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A layout in which nothing is hidden.
struct Escaped<F>(F);

impl<F: Formatter> Formatter for Escaped<F> {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        for plain in fragment.split_inclusive(is_hidden) {
            let hidden = plain.chars().next_back().filter(|c| is_hidden(*c));
            let length = plain.len() - hidden.map_or(0, char::len_utf8);
            self.0.write_string_fragment(writer, plain.get(..length).unwrap_or(""))?;
            let mut units = [0; 2];
            for unit in hidden.map_or(&mut [][..], |c| c.encode_utf16(&mut units)) {
                write!(writer, "\\u{unit:04x}")?;
            }
        }
        Ok(())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn nothing_hides_in_a_document_and_programs_read_the_same() {
        let document = json!({
            "a\u{202e}b": ["\u{1b}[31m", "\u{7f}\u{85}", "é → \u{2028}x\u{e0041}", "\"\\\n\t"],
            "plain": {"n": 1, "none": null, "empty": [], "text": ""},
        });
        for text in [compact(&document).unwrap(), pretty(&document).unwrap()] {
            assert!(!text.chars().any(|c| c != '\n' && is_hidden(c)), "{text}");
            assert!(text.contains(r"a\u202eb") && text.contains(r"x\udb40\udc41"), "{text}");
            assert!(text.contains("é → "), "{text}");
            assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), document);
        }
        let plain = json!({"a": [1, {"b": "c"}], "d": {}});
        assert_eq!(compact(&plain).unwrap(), plain.to_string());
        assert_eq!(pretty(&plain).unwrap(), format!("{plain:#}"));
    }
}
