//! Flow files: text to tree, and tree to canonical text. Knows nothing of zones.

pub mod tree;

use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Sources};

/// Reads the flow file `file` of `sources`. Gives every statement that can be read and a diagnostic for
/// everything that cannot, in source order: never fails.
pub fn parse(sources: &Sources, file: FileId) -> (tree::Tree, Vec<Diagnostic>) {
    let _ = sources;
    (tree::Tree { file, statements: Vec::new() }, Vec::new())
}
