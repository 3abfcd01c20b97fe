//! The tree that both YAML readers give. A tree is never deeper than [`MAX_DEPTH`], so code that walks or
//! drops one by recursion is safe on any input.

use crate::source::Span;

/// How deep lists and mappings may lie in each other. Both readers refuse what is deeper.
pub const MAX_DEPTH: usize = 100;

/// One YAML value. Compares by value alone, so that the trees of the two readers can be held against each other.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// Where it stands, quotes included; `None` from the reader that does not tell.
    pub span: Option<Span>,
}

/// What a YAML value is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A scalar: its text, and whether it was written plain (without quotes, not as a block). What a plain
    /// scalar means (a string, a number, a boolean) the reader of the tree decides, with [`super::plain`].
    Scalar {
        /// The text, unquoted and unescaped.
        text: Box<str>,
        /// Whether it was plain.
        plain: bool,
    },
    /// A list.
    List(Vec<Node>),
    /// A mapping, in the order written. Keys are scalars, and unique: anything else is a diagnostic of the reader.
    Map(Vec<(Node, Node)>),
}

impl Node {
    /// A node at `span`.
    pub fn new(value: Value, span: Option<Span>) -> Self {
        Self { value, span }
    }

    /// A scalar at `span`.
    pub fn scalar(text: impl Into<Box<str>>, plain: bool, span: Option<Span>) -> Self {
        Self::new(Value::Scalar { text: text.into(), plain }, span)
    }

    /// The text of a scalar, however it was written.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            Value::List(_) | Value::Map(_) => None,
        }
    }

    /// The entries of a mapping.
    pub fn entries(&self) -> Option<&[(Node, Node)]> {
        match &self.value {
            Value::Map(entries) => Some(entries),
            Value::Scalar { .. } | Value::List(_) => None,
        }
    }

    /// The items of a list.
    pub fn items(&self) -> Option<&[Node]> {
        match &self.value {
            Value::List(items) => Some(items),
            Value::Scalar { .. } | Value::Map(_) => None,
        }
    }

    /// The value under `key` of a mapping.
    pub fn get(&self, key: &str) -> Option<&Node> {
        let entries = self.entries()?;
        entries.iter().find(|(name, _)| name.text() == Some(key)).map(|(_, value)| value)
    }

    /// Whether it is not a value at all: nothing written, `~` or `null`.
    pub fn is_null(&self) -> bool {
        match &self.value {
            Value::Scalar { text, plain } => {
                *plain
                    && super::plain::kubernetes_takes_for(text) == Some(super::plain::Taken::Null)
            }
            Value::List(_) | Value::Map(_) => false,
        }
    }
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl Eq for Node {}
