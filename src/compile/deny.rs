//! The default deny: closes, last of all, what is isolated (language reference, section 5, "Isolated"). Which namespaces that
//! is, as selectors: its scope without the exempt namespaces. Every global policy selects within it: one that selected more
//! would close, at the end of its tier, what is open. Host endpoints never match.

use std::sync::Arc;

use crate::calico::{Action, Resource, Rule};
use crate::program::{Deny, Owner, Program};
use crate::selector::keys::{NAME, NAMESPACE};
use crate::selector::{Predicate, Selector};

use super::limits::{fits, length, pieces};
use super::place::{Pods, all_of};
use super::policy::{Body, PolicyHead, policies};
use super::{CompiledOutput, limits, name, tiers};

/// The label that tells it from the rest of the platform's file, so that it can be applied last.
const PART: (&str, &str) = ("eastwest/part", "default-deny");

/// The selector of labels, as kubectl takes it, of everything but the default deny.
pub const ALL_BUT_DEFAULT_DENY: &str = "eastwest/part!=default-deny";

/// Whether `resource` is the default deny, or a part of it.
pub fn is_default_deny(resource: &Resource) -> bool {
    match resource {
        Resource::Policy(policy) => {
            policy.labels.iter().any(|(key, value)| (&**key, &**value) == PART)
        }
        Resource::Tier(_) | Resource::Set(_) => false,
    }
}

/// Writes the default deny of a project with platform files.
pub(super) fn write(program: &Program, output: &mut CompiledOutput) {
    if !program.platform {
        return;
    }
    let Ok(subjects) = subjects(program, &Pods::default()) else {
        output.report(limits::exempt_too_long(program, None));
        return;
    };
    let log = program.log_denied.map(|_| Rule::new(Action::Log));
    let rules = vec![log.into_iter().chain([Rule::new(Action::Deny)]).collect::<Vec<_>>()];
    let bodies = subjects.into_iter().map(|subject| Body {
        namespaces: Some(subject.namespaces),
        pods: subject.pods,
        ingress: rules.clone(),
        egress: rules.clone(),
    });
    let head = PolicyHead {
        owner: Owner::Platform,
        namespace: None,
        name: name::DEFAULT_DENY.into(),
        tier: tiers::DEFAULT,
        order: program.settings.orders.deny,
        closes: true,
    };
    for mut policy in policies(program, &head, bodies.collect()) {
        policy.labels.push((PART.0.into(), PART.1.into()));
        output.policy(Owner::Platform, policy);
    }
}

/// The scope of the default deny.
enum IsolatedScope {
    All,
    LandingZones,
    /// Sorted names.
    Applications(Vec<Arc<str>>),
}

impl IsolatedScope {
    fn of(program: &Program) -> Self {
        match &program.settings.deny {
            Deny::All => Self::All,
            Deny::LandingZones => Self::LandingZones,
            Deny::Applications(listed) => {
                let loaded = program.applications.iter().filter(|(_, it)| it.loaded);
                let mut names: Vec<_> = loaded.map(|(_, it)| it.name.clone()).collect();
                names.extend(listed.iter().cloned());
                names.sort();
                names.dedup();
                Self::Applications(names)
            }
        }
    }
}

/// What a global policy selects.
#[derive(Clone, Debug)]
pub(super) struct IsolatedSubject {
    pub(super) namespaces: Selector,
    pub(super) pods: Option<Selector>,
}

/// Why a place cannot be selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TooLong {
    /// The exempt namespaces do not fit beside it.
    Exempt,
    /// Its own conditions alone are, with this many characters.
    Place(usize),
}

/// The isolated namespaces of `place` (of everything, by default) as one subject or, where that is too long,
/// several that together are the same; none where nothing in it is ever isolated.
pub(super) fn subjects(program: &Program, place: &Pods) -> Result<Vec<IsolatedSubject>, TooLong> {
    let Some(terms) = terms(program, place) else { return Ok(Vec::new()) };
    let pods = all_of(place.pod_terms());
    let exempt: Vec<_> = match &place.namespaces.name {
        // One name that is not exempt needs no list of those that are.
        Some(_) => Vec::new(),
        None => program.exempt.iter().map(|exempt| exempt.name.clone()).collect(),
    };
    let pods = match pods {
        None => vec![None],
        Some(pods) => divided(&pods)?.into_iter().map(Some).collect(),
    };
    if let Some(namespaces) = all_of(terms.clone()) {
        divided(&namespaces)?;
    }
    let mut subjects = Vec::new();
    for pods in pods {
        subjects.append(&mut divide(&terms, pods.as_ref(), &exempt).ok_or(TooLong::Exempt)?);
    }
    Ok(subjects)
}

fn divided(selector: &Selector) -> Result<Vec<Selector>, TooLong> {
    pieces(selector).ok_or_else(|| TooLong::Place(length(selector)))
}

/// The conditions on namespaces that are isolated, the exempt ones aside; `None` where none can be. A namespace by its
/// name is asked for the label of the scope as well: without it the policy selects nothing, and holds from the day on
/// which the label is there.
fn terms(program: &Program, place: &Pods) -> Option<Vec<Selector>> {
    let key = &*program.settings.labels.application;
    let namespaces = &place.namespaces;
    let is_exempt =
        |name: &Arc<str>| program.exempt.binary_search_by_key(&name, |it| &it.name).is_ok();
    if namespaces.name.as_ref().is_some_and(is_exempt) {
        return None;
    }
    let mut terms = vec![Selector::has(NAME)];
    let application = namespaces.labels.as_ref().map(|labels| labels.application);
    let mut own = namespaces.terms(program);
    match (IsolatedScope::of(program), application) {
        (IsolatedScope::All, _) | (IsolatedScope::LandingZones, Some(_)) => {}
        (IsolatedScope::LandingZones, None) => terms.push(Selector::has(key)),
        (IsolatedScope::Applications(names), Some(Some(application))) => {
            let name = &program.applications.get(application)?.name;
            names.binary_search(name).ok()?;
        }
        (IsolatedScope::Applications(names), any) => {
            if names.is_empty() {
                return None;
            }
            // A list of applications says more than that there is one.
            let has = Selector::has(key);
            if any.is_some() {
                own.retain(|term| *term != has);
            }
            terms.push(Selector::one_of(key, names));
        }
    }
    terms.append(&mut own);
    terms.extend(place.without_terms(program));
    Some(terms)
}

/// Adds the exempt list: to the selector of namespaces as far as it goes there, the rest to that of pods.
/// Keeps the place in one selector where that is possible, and divides it otherwise.
fn divide(
    terms: &[Selector],
    pods: Option<&Selector>,
    exempt: &[Arc<str>],
) -> Option<Vec<IsolatedSubject>> {
    let namespaces = |piece: &[Selector], exempt: &[Arc<str>]| {
        let out = (!exempt.is_empty()).then(|| none_of(NAME, exempt));
        all_of(piece.iter().cloned().chain(out))
    };
    let rest = |exempt: &[Arc<str>]| {
        let out = (!exempt.is_empty()).then(|| none_of(NAMESPACE, exempt));
        all_of(pods.cloned().into_iter().chain(out))
    };
    let split = |count: usize| exempt.split_at_checked(count).unwrap_or((exempt, &[]));
    let counts: Vec<usize> = (0..=exempt.len()).collect();
    let in_first = |count: &usize| namespaces(terms, split(*count).0).is_none_or(|it| fits(&it));
    let in_last = |count: &usize| rest(split(*count).1).is_none_or(|it| fits(&it));
    // More names of the list always make the text longer: both are found by halving.
    if let Some(most) = counts.partition_point(in_first).checked_sub(1) {
        let (first, last) = split(most);
        if in_last(&most) {
            return Some(vec![IsolatedSubject {
                namespaces: namespaces(terms, first)?,
                pods: rest(last),
            }]);
        }
    }
    // The place is too long beside the list: as much of the list as possible goes to the pods.
    let fewest = *counts.get(counts.partition_point(|count| !in_last(count)))?;
    let (here, there) = split(fewest);
    let pieces = pieces(&namespaces(terms, here)?)?.into_iter();
    Some(pieces.map(|namespaces| IsolatedSubject { namespaces, pods: rest(there) }).collect())
}

fn none_of(key: &str, values: &[Arc<str>]) -> Selector {
    let all = match values {
        [value] => Predicate::Equals(value.clone()),
        values => Predicate::In(values.to_vec()),
    };
    Selector::of(key, all, false)
}
