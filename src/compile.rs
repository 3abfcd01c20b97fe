//! From a checked program to Calico's resources: sets of addresses, tiers, and four groups of policies
//! (guardrails, platform, flows, default deny). Each group has a file below; what they share is the
//! places (`place`), the default deny and its scope (`deny`), merging (`merge`) and limits (`limits`).

mod deny;
mod flows;
mod global;
mod guardrails;
mod halves;
mod limits;
mod merge;
mod name;
mod peer;
mod place;
mod platform;
mod policy;
mod provenance;
mod sets;
mod tiers;

pub use self::deny::{ALL_BUT_DEFAULT_DENY, is_default_deny};

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::calico::{Labels, Policy, PolicyKind, Resource};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::output::SAME_LABEL;
use crate::program::{Owner, Program};
use crate::selector::keys::MANAGED_BY;

/// One object and whose file it is written to.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Whose.
    pub owner: Owner,
    /// What.
    pub resource: Resource,
}

/// Compiles `program`, which has no errors; `staged` writes policies as their staged kinds. Documents come
/// in the order in which they must be applied: tiers, sets of addresses, then policies in the order in
/// which Calico judges them, so that the default deny comes last. Diagnostics tell what cannot be written
/// (a limit of Calico, a release that lacks what is asked); where there is one the documents are not whole.
pub fn compile(program: &Program, staged: bool) -> (Vec<Document>, Vec<Diagnostic>) {
    let kind = if staged { PolicyKind::Staged } else { PolicyKind::Calico };
    let mut output = CompiledOutput { kind, ..CompiledOutput::default() };
    output.documents.append(&mut tiers::documents(program));
    output.documents.append(&mut sets::documents(program));
    output.diagnostics.append(&mut tiers::unsupported(program, staged));
    guardrails::write(program, &mut output);
    platform::write(program, &mut output);
    flows::write(program, &mut output);
    deny::write(program, &mut output);
    limits::same_names(&mut output);
    same_labels(program, &mut output);
    output.documents.sort_by(|a, b| order(&a.resource, &b.resource));
    (output.documents, output.diagnostics)
}

/// What has been compiled so far.
#[derive(Debug, Default)]
struct CompiledOutput {
    kind: PolicyKind,
    documents: Vec<Document>,
    diagnostics: Vec<Diagnostic>,
}

impl CompiledOutput {
    fn policy(&mut self, owner: Owner, policy: Policy) {
        let policy = Policy { kind: self.kind, ..policy };
        self.documents.push(Document { owner, resource: Resource::Policy(policy) });
    }

    /// Adds `diagnostic`, unless the same was said of the same place: one line makes many policies.
    fn report(&mut self, diagnostic: Diagnostic) {
        let is_known = |it: &Diagnostic| {
            it.code.code == diagnostic.code.code
                && it.primary() == diagnostic.primary()
                && (it.primary().is_some() || it.message == diagnostic.message)
        };
        if !self.diagnostics.iter().any(is_known) {
            self.diagnostics.push(diagnostic);
        }
    }
}

/// The labels of every object of `owner`, by which it is pruned once nothing writes it any more.
fn labels(program: &Program, owner: Owner) -> Labels {
    vec![
        (MANAGED_BY.into(), "eastwest".into()),
        (OWNER.into(), owner_label(program.owner_name(owner)).into()),
    ]
}

/// The key of the label that says whose an object is.
const OWNER: &str = "eastwest/owner";

/// The value of the label `eastwest/owner` on the objects of the owner `name`. No other owner of a program that compiles
/// has the same.
pub fn owner_label(name: &str) -> String {
    name::slug(name)
}

/// Says so where two owners would have one label: what is no longer written of one would be looked for among the other's.
fn same_labels(program: &Program, output: &mut CompiledOutput) {
    let mut known = BTreeMap::from([(owner_label("platform"), "platform")]);
    for (_, application) in program.applications.iter() {
        let name = &*application.name;
        let label = owner_label(name);
        if let Some(other) = known.get(&label) {
            let message = format!(
                "the objects of `{other}` and of `{name}` would both bear the label `{OWNER}: {label}`"
            );
            output.report(
                Diagnostic::new(&SAME_LABEL, message).help(
                    "give one of the two applications another name, in its namespaces' label",
                ),
            );
        }
        known.insert(label, name);
    }
}

/// The order in which objects must be applied.
fn order(a: &Resource, b: &Resource) -> Ordering {
    fn rank(resource: &Resource) -> u8 {
        match resource {
            Resource::Tier(_) => 0,
            Resource::Set(_) => 1,
            Resource::Policy(_) => 2,
        }
    }
    match (a, b) {
        (Resource::Tier(a), Resource::Tier(b)) => tiers::order(&a.name).cmp(&tiers::order(&b.name)),
        (Resource::Set(a), Resource::Set(b)) => a.name.cmp(&b.name),
        (Resource::Policy(a), Resource::Policy(b)) => {
            let order = |policy: &Policy| policy.order.unwrap_or(f64::INFINITY);
            // Of one order, global policies come first, as their kind does in the alphabet.
            tiers::order(&a.tier)
                .cmp(&tiers::order(&b.tier))
                .then_with(|| order(a).total_cmp(&order(b)))
                .then_with(|| a.namespace.cmp(&b.namespace))
                .then_with(|| a.name.cmp(&b.name))
        }
        (a, b) => rank(a).cmp(&rank(b)),
    }
}
