//! The selectors that Calico makes of those in a policy ("how Calico decides", section 4.1).

use std::sync::Arc;

use crate::calico::{Entity, Policy, ServiceAccounts};
use crate::selector::keys::{ACCOUNT, NAMESPACE, OF_ACCOUNT, OF_NAMESPACE};
use crate::selector::{Predicate, Selector};

/// The effective selector of one end of a rule of a policy in `namespace` (none for a global one), but for what
/// `notSelector` leaves out; `None` for any address at all.
pub fn effective(entity: &Entity, namespace: Option<&Arc<str>>) -> Option<Selector> {
    let given = entity.namespace_selector.as_ref();
    let own = || namespace.map(|name| Selector::equals(NAMESPACE, Arc::clone(name)));
    let namespaces = given.map(of_namespaces).or_else(own);
    let accounts = entity.service_accounts.as_ref().and_then(of_accounts);
    let pods = both(accounts, entity.selector.clone());
    match (namespaces, pods) {
        (Some(namespaces), None) => {
            (given.is_some() || entity.not_selector.is_some()).then_some(namespaces)
        }
        (namespaces, pods) => both(namespaces, pods),
    }
}

/// Whom a policy applies to. For a global policy Calico writes `all()` anew in the whole of the selectors
/// that it has put together so far.
pub fn selected(policy: &Policy) -> Selector {
    let mut selector = policy.selector.clone();
    let namespaced = policy.namespace.as_ref();
    if let Some(namespace) = namespaced {
        let here = Selector::equals(NAMESPACE, Arc::clone(namespace));
        selector = both(selector, Some(here));
    }
    for (added, prefix, label) in [
        (&policy.namespace_selector, OF_NAMESPACE, NAMESPACE),
        (&policy.service_account_selector, OF_ACCOUNT, ACCOUNT),
    ] {
        let Some(added) = added else { continue };
        let combined = both(selector, Some(added.with_prefix(prefix)));
        let anew = |whole: Selector| match namespaced {
            Some(_) => whole,
            None => replaced(&whole, &|| Selector::has(label), &|| Selector::Global),
        };
        selector = combined.map(anew);
    }
    selector.unwrap_or(Selector::All)
}

/// `a && b`, or the one that is there.
fn both(a: Option<Selector>, b: Option<Selector>) -> Option<Selector> {
    match (a, b) {
        (Some(a), Some(b)) => Some(Selector::And(vec![a, b])),
        (a, b) => a.or(b),
    }
}

/// A selector of namespaces as one of their endpoints: `all()` is whatever has a namespace, `global()` what has
/// none.
fn of_namespaces(selector: &Selector) -> Selector {
    let inside = || Selector::has(NAMESPACE);
    let outside = || !inside();
    replaced(&selector.with_prefix(OF_NAMESPACE), &inside, &outside)
}

/// Service accounts as a selector of their pods; none where nothing is asked of them.
fn of_accounts(accounts: &ServiceAccounts) -> Option<Selector> {
    let labels = accounts.selector.as_ref().map(|selector| selector.with_prefix(OF_ACCOUNT));
    let mut names = accounts.names.clone();
    names.sort_unstable();
    names.dedup();
    let names = (!names.is_empty()).then(|| Selector::of(ACCOUNT, Predicate::In(names), true));
    both(labels, names)
}

/// `selector` with other selectors for `all()` and `global()`.
fn replaced(
    selector: &Selector,
    all: &impl Fn() -> Selector,
    global: &impl Fn() -> Selector,
) -> Selector {
    selector.map(&|leaf| match leaf {
        Selector::All => all(),
        Selector::Global => global(),
        Selector::Test(_) | Selector::Not(_) | Selector::And(_) | Selector::Or(_) => leaf.clone(),
    })
}
