//! What a program and what policies mean, as one kind of thing: a reach, the set of connections that each end
//! lets pass. Two roads lead here that know nothing of each other: [`of_program`] from the language reference,
//! [`of_policies`] from how Calico decides.

pub mod of_policies;
pub mod of_program;

mod budget;
mod code;
mod condition;
mod decisions;
mod diagram;
mod example;
mod lookup;
mod sets;
mod space;
mod terms;
mod words;

pub use condition::Condition;
pub use decisions::Decisions;
pub use diagram::{Diagram, Diagrams};
pub use example::{End, Example, LabelMap};
pub use lookup::{At, KnownLabels, Lies, Lookup};
pub use sets::{NamespacePoints, Sample, Sets, Sight};
pub use space::{Bearer, PeerKind, Space};
pub use terms::Terms;
pub use words::{Way, Which};

pub use crate::selector::TooMany;
pub use crate::traffic::Direction;

/// What is imagined to be applied beside the policies in question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scenario {
    /// Nothing.
    Plain,
    /// A Kubernetes policy on every pod that allows everything.
    OpenAfterAll,
    /// A policy on every pod, just after the guardrails, that allows everything.
    OpenAfterGuardrails,
}

impl Scenario {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Plain, Self::OpenAfterAll, Self::OpenAfterGuardrails];
}

/// What one subject lets pass in one direction, in the three scenarios of [`Scenario::ALL`].
pub type Row = [Diagram; 3];
