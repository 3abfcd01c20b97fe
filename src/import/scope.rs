//! The default deny: which policies close everything that nothing else opens, and whom they spare.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Importing;
use super::partial::{partial, terms};
use crate::calico::{Action, Entity, Policy, Resource, Rule, Stage};
use crate::program::Deny;
use crate::reach::Direction;
use crate::reach::of_policies::selected;
use crate::selector::keys::names_namespace;
use crate::selector::{Predicate, Selector};
use crate::zones::is_namespace_name;

/// The default deny, as policies have it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ImportedDeny {
    /// Its policies, by their index in the cluster.
    pub(super) policies: BTreeSet<usize>,
    pub(super) scope: Option<ImportScope>,
    /// Whether what it denies is logged.
    pub(super) logs: bool,
}

/// Which namespaces it closes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ImportScope {
    All,
    LandingZones,
    Applications(BTreeSet<Arc<str>>),
}

/// What a policy does at its end, in both directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Closes {
    /// That alone.
    Only,
    /// After rules that allow or deny some.
    AtTheEnd,
}

impl Importing<'_> {
    /// Finds the default deny, and takes note of the namespaces that it spares.
    pub(super) fn closed(&mut self) -> ImportedDeny {
        let world = self.world;
        let mut found = Vec::new();
        for (object, policy) in world.policies() {
            if policy.namespace.is_some() || policy.stage != Stage::Ordinary {
                continue;
            }
            let Some(closes) = self.closes(policy) else { continue };
            let Some((scope, exempt)) = self.scope(policy) else { continue };
            let logs = policy.ingress.iter().any(|rule| rule.action == Action::Log);
            found.push((closes, object, scope, exempt, logs));
        }
        // What only closes is meant to; what also closes counts where there is nothing else.
        let Some(least) = found.iter().map(|it| it.0).min() else { return ImportedDeny::default() };
        found.retain(|it| it.0 == least);
        let mut closed = ImportedDeny::default();
        let mut exempt: Option<BTreeSet<Arc<str>>> = None;
        for (_, object, scope, spared, logs) in found {
            closed.policies.insert(object);
            closed.logs |= logs && least == Closes::Only;
            closed.scope = Some(match (closed.scope.take(), scope) {
                (Some(ImportScope::All), _) | (_, ImportScope::All) => ImportScope::All,
                (Some(ImportScope::LandingZones), _) | (_, ImportScope::LandingZones) => {
                    ImportScope::LandingZones
                }
                (Some(ImportScope::Applications(mut known)), ImportScope::Applications(more)) => {
                    known.extend(more);
                    ImportScope::Applications(known)
                }
                (None, scope) => scope,
            });
            exempt = Some(match exempt {
                Some(known) => known.intersection(&spared).cloned().collect(),
                None => spared,
            });
        }
        self.known.exempt = exempt.unwrap_or_default();
        closed
    }

    /// Whether what reaches the end of `policy` is denied, both ways.
    fn closes(&self, policy: &Policy) -> Option<Closes> {
        let mut all = Closes::Only;
        for direction in Direction::BOTH {
            if !policy.applies(direction) {
                return None;
            }
            let rules = policy.rules(direction);
            let logs = rules.iter().any(|rule| rule.action == Action::Log);
            let mut rules: Vec<&Rule> =
                rules.iter().filter(|rule| rule.action != Action::Log).collect();
            let denies = |rule: &&&Rule| rule.action == Action::Deny && is_bare(rule);
            let outright = rules.last().as_ref().is_some_and(denies);
            if outright {
                rules.pop();
            } else if self.passes_on(&policy.tier) {
                return None;
            }
            if rules.iter().any(|rule| is_bare(rule)) {
                return None;
            }
            if !rules.is_empty() || logs && !outright {
                all = Closes::AtTheEnd;
            }
        }
        Some(all)
    }

    fn passes_on(&self, tier: &str) -> bool {
        self.world.cluster.resources().any(|it| match it {
            Resource::Tier(found) => *found.name == *tier && found.pass,
            Resource::Set(_) | Resource::Policy(_) => false,
        })
    }

    /// Whom `policy` selects, if that is a scope: everything, the landing zones or applications, but for some namespaces.
    fn scope(&self, policy: &Policy) -> Option<(ImportScope, BTreeSet<Arc<str>>)> {
        let selector = partial(&selected(policy), &has_a_namespace);
        let (mut scope, mut exempt) = (ImportScope::All, BTreeSet::new());
        for term in terms(&selector) {
            if let Some(names) = spared(&term) {
                exempt.extend(names);
                continue;
            }
            let test = term.test()?;
            if *test.key != *self.known.application || !test.positive {
                return None;
            }
            match &test.predicate {
                Predicate::Has if scope == ImportScope::All => scope = ImportScope::LandingZones,
                Predicate::Has => {}
                Predicate::Equals(_)
                | Predicate::In(_)
                | Predicate::Contains(_)
                | Predicate::StartsWith(_)
                | Predicate::EndsWith(_) => {
                    let names = test.predicate.values()?.iter().cloned();
                    scope = ImportScope::Applications(names.collect());
                }
            }
        }
        Some((scope, exempt))
    }

    /// The scope as the configuration has it, where the files of `loaded` applications are there.
    pub(super) fn deny(&self, scope: &ImportScope, loaded: &BTreeSet<Arc<str>>) -> Deny {
        match scope {
            ImportScope::All => Deny::All,
            ImportScope::LandingZones => Deny::LandingZones,
            // Those with a file always are in the scope.
            ImportScope::Applications(names) => {
                let known = |name: &&Arc<str>| self.known.application(name).is_some();
                let listed = names.difference(loaded).filter(known);
                Deny::Applications(listed.cloned().collect())
            }
        }
    }
}

/// Whether a rule is about everything.
pub(super) fn is_bare(rule: &Rule) -> bool {
    let bare = Rule {
        comments: rule.comments.clone(),
        annotations: rule.annotations.clone(),
        lines: rule.lines.clone(),
        ..Rule::new(rule.action)
    };
    let nothing = Entity::default();
    let both = Direction::BOTH.map(|direction| rule.subject(direction) == &nothing);
    *rule == bare && both == [true, true]
}

/// The namespaces that a term leaves out by name, if that is all it does. What no namespace can be called leaves out
/// nothing.
pub(super) fn spared(term: &Selector) -> Option<Vec<Arc<str>>> {
    let names = |selector: &Selector, positive: bool| {
        let test = selector.test()?;
        if !names_namespace(&test.key) || test.positive != positive {
            return None;
        }
        test.predicate.values().map(<[_]>::to_vec)
    };
    let spared =
        if let Selector::Not(inner) = term { names(inner, true) } else { names(term, false) };
    spared.map(|names| names.into_iter().filter(|it| is_namespace_name(it)).collect())
}

/// What is known of whatever has a namespace.
pub(super) fn has_a_namespace(test: &Selector) -> Option<bool> {
    super::pods::of_every_pod(test)
}
