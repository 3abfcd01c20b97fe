//! From a checked program to Calico's resources (language reference; design: what is written).

use crate::calico::Resource;
use crate::diagnostic::Diagnostic;
use crate::program::{Owner, Program};

/// One object and whose file it is written to.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Whose.
    pub owner: Owner,
    /// What.
    pub resource: Resource,
}

/// Compiles `program`, which has no errors. Documents come in the order in which they must be applied.
/// Diagnostics tell what cannot be written (limits); where there is an error the documents are not whole.
pub fn compile(program: &Program, staged: bool) -> (Vec<Document>, Vec<Diagnostic>) {
    let _ = (program, staged);
    (Vec::new(), Vec::new())
}
