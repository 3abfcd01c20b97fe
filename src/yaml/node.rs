//! The tree that both YAML readers give.

use crate::source::Span;

/// One YAML value.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// Where it stands; `None` from the reader that does not tell.
    pub span: Option<Span>,
}

/// What a YAML value is.
#[derive(Clone, Debug)]
pub enum Value {
    /// A scalar: its text, and whether it was written plain (without quotes, not as a block). What a plain
    /// scalar means (a string, a number, a boolean) the reader of the tree decides.
    Scalar {
        /// The text, unquoted and unescaped.
        text: Box<str>,
        /// Whether it was plain.
        plain: bool,
    },
    /// A list.
    List(Vec<Node>),
    /// A mapping, in the order written. Keys are unique: a repeat is a diagnostic of the reader.
    Map(Vec<(Node, Node)>),
}
