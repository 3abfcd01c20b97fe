//! The check of the compiler's own work, in every build: what is about to be written is read back, and what it
//! lets pass is compared with what the program says. A difference is a mistake of this tool, never of its user,
//! and is shown as one connection that the two judge differently.

mod identity;
mod logs;

pub use identity::Twice;
pub use logs::Mislogged;

use std::collections::BTreeSet;
use std::fmt;

use crate::calico::{Resource, decode};
use crate::program::Program;
use crate::reach::of_policies::{Imagined, Namespaces, Policies, Subject, Ties};
use crate::reach::of_program::Meaning;
use crate::reach::{Bearer, Direction, Example, Row, Scenario, Sets, Terms, TooMany};
use crate::yaml::read_back::read_back;

/// What was proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    /// How many objects were read back.
    pub resources: usize,
    /// How many kinds of endpoints were compared as the subject: each declared namespace, all others, hosts.
    pub subjects: usize,
    /// How many sets of connections were told apart.
    pub sets: usize,
}

/// Why nothing was proved.
#[derive(Clone, Debug, PartialEq)]
pub enum VerifyFailure {
    /// What was written cannot be read back.
    Unreadable {
        /// Whose file.
        owner: Box<str>,
        /// Why.
        reason: String,
    },
    /// Two objects are one to the cluster.
    Twice(Twice),
    /// A rule is logged and should not be, or the other way round.
    Logging(Mislogged),
    /// A label has too much asked of its values.
    TooMany(TooMany),
    /// The policies and the program differ.
    Differs(Box<Counterexample>),
}

/// A connection that the policies and the program judge differently.
#[derive(Clone, Debug, PartialEq)]
pub struct Counterexample {
    /// What else is imagined to be applied.
    pub scenario: Scenario,
    /// How the release breaks ties.
    pub ties: Ties,
    /// The connection.
    pub example: Example,
    /// Whether the program lets it pass at the subject; the policies do the opposite.
    pub meant: bool,
}

/// Verifies the texts about to be written, each with the name of its owner, against `program`: reads them back with
/// the second reader, and compares.
///
/// # Errors
/// Where they cannot be read back, where they and the program differ, and where that cannot be told.
pub fn verify<'a>(
    program: &Program,
    files: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<Proof, VerifyFailure> {
    let mut resources = Vec::new();
    for (owner, text) in files {
        let unreadable = |reason| VerifyFailure::Unreadable { owner: owner.into(), reason };
        for node in read_back(text).map_err(unreadable)? {
            let resource =
                decode::resource(&node).map_err(|error| unreadable(error.to_string()))?;
            resources.push(resource);
        }
    }
    compare(program, &resources)
}

/// Where the scenarios imagine their policies beside those of `program`: between guardrails and platform lines.
pub fn imagined(program: &Program) -> Imagined {
    if program.settings.tiers {
        return Imagined { after_guardrails: BETWEEN_TIERS, as_tier: true };
    }
    let orders = program.settings.orders;
    let between = f64::midpoint(f64::from(orders.guardrails), f64::from(orders.platform));
    Imagined { after_guardrails: between, as_tier: false }
}

/// Tiers of guardrails are written with the order 100, those of platform lines with 200.
const BETWEEN_TIERS: f64 = 150.0;

/// Compares what `resources` let pass with what `program` means.
///
/// # Errors
/// Where they differ, and where that cannot be told.
pub fn compare(program: &Program, resources: &[Resource]) -> Result<Proof, VerifyFailure> {
    identity::check(resources).map_err(VerifyFailure::Twice)?;
    logs::check(program, resources).map_err(VerifyFailure::Logging)?;
    let mut policies = Policies::new(resources.iter(), &Namespaces::new(), &[]);
    let mut meaning = Meaning::new(program);
    let mut terms = Terms::default();
    meaning.terms(&mut terms);
    policies.terms(&mut terms);
    let found = Sets::over(terms, |sets| same_rows(program, &mut meaning, &mut policies, sets));
    let (subjects, sets) = found.map_err(VerifyFailure::TooMany)??;
    Ok(Proof { resources: resources.len(), subjects, sets })
}

/// Compares row by row; gives how many subjects there are, and how many sets were told apart.
fn same_rows(
    program: &Program,
    meaning: &mut Meaning<'_>,
    policies: &mut Policies,
    mut sets: Sets,
) -> Result<(usize, usize), VerifyFailure> {
    let imagined = imagined(program);
    let declared: BTreeSet<_> = program.namespaces.iter().map(|(_, it)| &it.name).collect();
    let mut undeclared = policies.namespaces();
    undeclared.retain(|name| !declared.contains(name));
    for direction in Direction::BOTH {
        for (_, namespace) in program.namespaces.iter() {
            let meant = meaning.declared(&mut sets, namespace, direction);
            let subject = Subject::Declared(&namespace.name, &namespace.labels);
            let written = policies.rows(&mut sets, subject, direction, imagined);
            same(&mut sets, subject.bearer(), direction, meant, written)?;
        }
        let subject = Subject::Undeclared(&undeclared);
        let meant = meaning.undeclared(&mut sets, direction);
        let written = policies.rows(&mut sets, subject, direction, imagined);
        same(&mut sets, subject.bearer(), direction, meant, written)?;
        // No line is about host endpoints: whatever their profiles are, policies leave them all that they do.
        let meant = Meaning::host(&mut sets, direction);
        let written = [[policies.left_to_hosts(&mut sets, direction); 3]; 2];
        same(&mut sets, Bearer::Host, direction, meant, written)?;
    }
    Ok((declared.len() + 2, sets.diagrams.size()))
}

/// Fails with an example where a row of the policies is not `meant`.
fn same(
    sets: &mut Sets,
    subject: Bearer<'_>,
    direction: Direction,
    meant: Row,
    written: [Row; 2],
) -> Result<(), VerifyFailure> {
    for (ties, written) in Ties::BOTH.into_iter().zip(written) {
        for ((scenario, meant), written) in Scenario::ALL.into_iter().zip(meant).zip(written) {
            if meant == written {
                continue;
            }
            let missing = sets.diagrams.difference(meant, written);
            let surplus = sets.diagrams.difference(written, meant);
            // What passes and should not matters more.
            for (set, meant) in [(surplus, false), (missing, true)] {
                if let Some(example) = sets.example(set, subject, direction) {
                    let counterexample = Counterexample { scenario, ties, example, meant };
                    return Err(VerifyFailure::Differs(Box::new(counterexample)));
                }
            }
        }
    }
    Ok(())
}

impl fmt::Display for VerifyFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { owner, reason } => {
                write!(f, "the policies of {owner} cannot be read back: {reason}")
            }
            Self::Twice(twice) => twice.fmt(f),
            Self::Logging(mislogged) => mislogged.fmt(f),
            Self::TooMany(too_many) => too_many.fmt(f),
            Self::Differs(counterexample) => counterexample.fmt(f),
        }
    }
}

impl std::error::Error for VerifyFailure {}

impl fmt::Display for Counterexample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (flows, policies) = if self.meant { ("let", "stop") } else { ("do not let", "let") };
        let end = if self.meant { "" } else { " pass" };
        let side = match self.example.direction {
            Direction::Egress => "sender's",
            Direction::Ingress => "receiver's",
        };
        write!(
            f,
            "the flows {flows} this connection pass at the {side} side, and the policies {policies} it{end}: {}",
            self.example
        )?;
        match self.scenario {
            Scenario::Plain => {}
            Scenario::OpenAfterAll => {
                f.write_str(" (beside a Kubernetes policy that allows everything)")?;
            }
            Scenario::OpenAfterGuardrails => {
                f.write_str(" (beside a policy just after the guardrails that allows everything)")?;
            }
        }
        match self.ties {
            // Both are tried in this order: the first one says that it makes no difference.
            Ties::ByNamespace => Ok(()),
            Ties::ByName => f.write_str(" (from Calico v3.32)"),
        }
    }
}
