//! The strict writer of YAML: a fixed layout, and scalars that every reader takes alike. A string stands without
//! quotes only where no reader of YAML 1.1 or 1.2 can take it for anything else, comments hold one line each, and
//! nothing that is hidden from a reader or steers a terminal is written as it is.
//!
//! ```
//! use eastwest::yaml::write::Writer;
//!
//! let mut writer = Writer::new();
//! writer.comment("Generated. Do not edit.");
//! writer.document(|object| {
//!     object.text("zone", "on");
//!     object.list("ports", |ports| {
//!         ports.comment("web");
//!         ports.integer(8443);
//!     });
//! });
//! assert_eq!(writer.finish(), "---\n# Generated. Do not edit.\nzone: \"on\"\nports:\n# web\n- 8443\n");
//! ```

use super::plain::only_text;
use crate::diagnostic::visible::{is_hidden, visible};

/// A stream of documents in the making.
#[derive(Debug, Default)]
pub struct Writer {
    out: String,
    /// Whether a document is open in which nothing but comments stands.
    opened: bool,
}

impl Writer {
    /// Nothing written yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A comment at the left margin, between documents; at the beginning it is part of the first: for `calicoctl` what stands
    /// before the first separator is a document of its own.
    pub fn comment(&mut self, text: &str) {
        if self.out.is_empty() {
            self.out.push_str("---\n");
            self.opened = true;
        }
        comment(&mut self.out, 0, text);
    }

    /// `---` and a mapping with what `fill` puts into it.
    pub fn document(&mut self, fill: impl FnOnce(&mut Map<'_>)) {
        let opened = std::mem::take(&mut self.opened);
        let state = if opened { WriterState::Item } else { WriterState::Opened };
        if !opened {
            self.out.push_str("---");
        }
        let mut map = Map { out: &mut self.out, indent: 0, state };
        fill(&mut map);
        map.close();
    }

    /// The text.
    pub fn finish(self) -> String {
        self.out
    }
}

/// Where the next entry or item goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WriterState {
    /// On the line after the one that is open: `key:`, `---`.
    Opened,
    /// Where the text is: after `- `, or at the beginning.
    Item,
    /// On a line of its own.
    Line,
}

/// A mapping in the making. Keys are written in the order given; the caller gives each once.
#[derive(Debug)]
pub struct Map<'a> {
    out: &'a mut String,
    indent: usize,
    state: WriterState,
}

impl Map<'_> {
    /// A string.
    pub fn text(&mut self, key: &str, value: &str) {
        self.key(key);
        self.out.push(' ');
        scalar(self.out, value);
        self.out.push('\n');
    }

    /// An integer.
    pub fn integer(&mut self, key: &str, value: i64) {
        self.key(key);
        self.out.extend([" ", &value.to_string(), "\n"]);
    }

    /// `true` or `false`.
    pub fn boolean(&mut self, key: &str, value: bool) {
        self.key(key);
        self.out.push_str(if value { " true\n" } else { " false\n" });
    }

    /// A number, with as many digits as tell it from every other. What is not a number (an infinity) is written as a
    /// word that no reader takes for one.
    pub fn number(&mut self, key: &str, value: f64) {
        self.key(key);
        self.out.extend([" ", &decimal(value), "\n"]);
    }

    /// A mapping, indented.
    pub fn map(&mut self, key: &str, fill: impl FnOnce(&mut Map<'_>)) {
        self.key(key);
        let mut map =
            Map { out: &mut *self.out, indent: self.indent + 2, state: WriterState::Opened };
        fill(&mut map);
        map.close();
    }

    /// A list, not indented.
    pub fn list(&mut self, key: &str, fill: impl FnOnce(&mut List<'_>)) {
        self.key(key);
        let mut list = List {
            out: &mut *self.out,
            indent: self.indent,
            state: WriterState::Opened,
            comments: Vec::new(),
        };
        fill(&mut list);
        list.close();
    }

    fn key(&mut self, key: &str) {
        start(self.out, self.indent, self.state);
        self.state = WriterState::Line;
        scalar(self.out, key);
        self.out.push(':');
    }

    /// Ends the line that is open where nothing was put in.
    fn close(self) {
        self.out.push_str(match self.state {
            WriterState::Opened => " {}\n",
            WriterState::Item => "{}\n",
            WriterState::Line => "",
        });
    }
}

/// A list in the making.
#[derive(Debug)]
pub struct List<'a> {
    out: &'a mut String,
    indent: usize,
    state: WriterState,
    /// Comments for the next item.
    comments: Vec<String>,
}

impl List<'_> {
    /// A comment on a line of its own, above the next item.
    pub fn comment(&mut self, text: &str) {
        self.comments.push(text.to_owned());
    }

    /// A string.
    pub fn text(&mut self, value: &str) {
        self.item();
        scalar(self.out, value);
        self.out.push('\n');
    }

    /// An integer.
    pub fn integer(&mut self, value: i64) {
        self.item();
        self.out.extend([&value.to_string(), "\n"]);
    }

    /// A mapping.
    pub fn map(&mut self, fill: impl FnOnce(&mut Map<'_>)) {
        self.item();
        let mut map =
            Map { out: &mut *self.out, indent: self.indent + 2, state: WriterState::Item };
        fill(&mut map);
        map.close();
    }

    fn item(&mut self) {
        if self.state == WriterState::Opened {
            self.out.push('\n');
            self.state = WriterState::Line;
        }
        self.write_comments();
        start(self.out, self.indent, WriterState::Line);
        self.out.push_str("- ");
    }

    fn write_comments(&mut self) {
        for text in std::mem::take(&mut self.comments) {
            comment(self.out, self.indent, &text);
        }
    }

    /// Ends the line that is open where nothing was put in; comments that no item followed stand last.
    fn close(mut self) {
        if self.state == WriterState::Opened {
            self.out.push_str(" []\n");
        }
        self.write_comments();
    }
}

fn start(out: &mut String, indent: usize, state: WriterState) {
    match state {
        WriterState::Opened => out.push('\n'),
        WriterState::Item => return,
        WriterState::Line => {}
    }
    out.extend(std::iter::repeat_n(' ', indent));
}

/// `text` as a comment of one line: line breaks and tabs are spaces, what is hidden is written out.
fn comment(out: &mut String, indent: usize, text: &str) {
    start(out, indent, WriterState::Line);
    out.push('#');
    for line in text.split(['\n', '\r', '\t']).map(str::trim).filter(|line| !line.is_empty()) {
        out.push(' ');
        out.push_str(&visible(line));
    }
    out.push('\n');
}

/// `text` as a scalar that every reader takes for this very text.
fn scalar(out: &mut String, text: &str) {
    if only_text(text) {
        out.push_str(text);
    } else {
        out.push_str(&quoted(text));
    }
}

/// `value` in digits. Where an integer would be longer than readers hold as one, it has a point and an exponent, in
/// the form that YAML 1.1 and 1.2 share.
fn decimal(value: f64) -> String {
    if !value.is_finite() || value.abs() < 1e15 {
        return value.to_string();
    }
    let text = format!("{value:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let point = if digits.contains('.') { "" } else { ".0" };
    format!("{digits}{point}e+{exponent}")
}

/// `text` in double quotes, on one line, as a value that every reader of YAML takes for this very text.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if is_hidden(c) || is_unprintable(c) => {
                let code = u32::from(c);
                let escape =
                    if code > 0xffff { format!("\\U{code:08X}") } else { format!("\\u{code:04X}") };
                out.push_str(&escape);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// What YAML does not let stand as it is (noncharacters), and what no font shows (private use).
fn is_unprintable(c: char) -> bool {
    let code = u32::from(c);
    matches!(code, 0xe000..=0xf8ff | 0xfdd0..=0xfdef | 0xf_0000..) || code & 0xfffe == 0xfffe
}

#[cfg(test)]
mod tests;
