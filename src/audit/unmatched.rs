//! Selectors of namespaces that hold for none that is declared, with the label that was most probably meant.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::evidence::Evidence;
use super::finding::{About, Finding, name, other};
use crate::diagnostic::codes::audit::UNMATCHED;
use crate::diagnostic::nearest::nearest;
use crate::diagnostic::visible::visible;
use crate::reach::Direction;
use crate::selector::Selector;
use crate::selector::keys::{METADATA_NAME, NAME, NAMESPACE, OF_NAMESPACE};
use crate::world::Home;

/// The findings; rules of `known` are told already.
pub(super) fn find(evidence: &Evidence<'_>, known: &BTreeSet<About>) -> Vec<Finding> {
    let world = evidence.world;
    let mut found = Vec::new();
    let declared: Vec<_> = evidence.homes.iter().filter(|it| it.declared).collect();
    if declared.is_empty() {
        return found;
    }
    for (index, policy) in world.policies() {
        let whole = About { policy: index, rule: None };
        for (field, selector) in [
            ("spec.namespaceSelector", &policy.namespace_selector),
            ("spec.selector", &policy.selector),
        ] {
            if policy.namespace.is_none() {
                found.extend(one(evidence, &declared, whole, field, selector.as_ref()));
            }
        }
        for (direction, rules) in
            [(Direction::Ingress, &policy.ingress), (Direction::Egress, &policy.egress)]
        {
            for (at, rule) in rules.iter().enumerate() {
                let about = About { policy: index, rule: Some((direction, at)) };
                if known.contains(&about) {
                    continue;
                }
                let (end, side) = (rule.peer(direction), other(direction));
                for (field, selector) in
                    [("namespaceSelector", &end.namespace_selector), ("selector", &end.selector)]
                {
                    let field = format!("{side}.{field}");
                    found.extend(one(evidence, &declared, about, &field, selector.as_ref()));
                }
            }
        }
    }
    found
}

fn one(
    evidence: &Evidence<'_>,
    declared: &[&Home],
    about: About,
    field: &str,
    selector: Option<&Selector>,
) -> Option<Finding> {
    let of_namespaces = field.ends_with("namespaceSelector");
    let selector = selector?;
    let keys = selector.label_keys();
    let plain = |key: &str| {
        if of_namespaces {
            return Some(if key == NAME { METADATA_NAME.to_owned() } else { key.to_owned() });
        }
        if key == NAMESPACE {
            return Some(METADATA_NAME.to_owned());
        }
        let key = key.strip_prefix(OF_NAMESPACE)?;
        Some(if key == NAME { METADATA_NAME } else { key }.to_owned())
    };
    let asked: Option<Vec<String>> = keys.iter().map(|key| plain(key)).collect();
    let asked = asked.filter(|it| !it.is_empty())?;
    let value = |home: &&Home, key: &str| {
        home.labels.iter().find(|(it, _)| **it == *key).map(|(_, value)| Arc::clone(value))
    };
    let holds = |home: &&&Home| {
        let labels: Vec<_> =
            keys.iter().zip(&asked).map(|(shown, key)| (shown, value(home, key))).collect();
        selector.matches(|key| {
            labels.iter().find(|(it, _)| ***it == *key).and_then(|(_, value)| value.as_deref())
        })
    };
    if selector.label_keys().is_empty() || declared.iter().any(|home| holds(&home)) {
        return None;
    }
    let near = near(declared, selector, &plain);
    // Namespaces of the cluster's own are named everywhere and declared nowhere.
    if near.is_none() && asked.iter().any(|key| key == METADATA_NAME) {
        return None;
    }
    // One whose labels are not known may have them.
    let unknown = evidence.homes.iter().any(|home| !home.known);
    if unknown && near.is_none() {
        return None;
    }
    let help = if unknown {
        "mend it, or take it out"
    } else {
        "mend it, or take it out: until a namespace with such labels comes, it does nothing"
    };
    let text = near.map_or_else(
        || "no declared namespace has these labels".to_owned(),
        |near| format!("did you mean `{}`?", visible(&near)),
    );
    let called = name(evidence.world, about.policy);
    Some(
        Finding::new(&UNMATCHED, format!("a selector of {called} holds for no declared namespace"))
            .at_field(evidence.world, about, field, text)
            .help(help),
    )
}

/// The label that one of `selector` was most probably meant to be.
fn near(
    declared: &[&Home],
    selector: &Selector,
    plain: &impl Fn(&str) -> Option<String>,
) -> Option<String> {
    let keys: BTreeSet<&str> =
        declared.iter().flat_map(|it| &it.labels).map(|(key, _)| &**key).collect();
    for test in selector.tests() {
        let key = plain(&test.key)?;
        if !keys.contains(&*key) {
            if let Some(near) = nearest(&key, keys.iter().copied()) {
                return Some(near.to_owned());
            }
            continue;
        }
        let values: BTreeSet<&str> = declared
            .iter()
            .flat_map(|it| &it.labels)
            .filter(|(it, _)| **it == *key)
            .map(|(_, value)| &**value)
            .collect();
        let wanted = test.predicate.values().unwrap_or_default();
        for value in wanted.iter().filter(|it| !values.contains(&***it)) {
            if let Some(near) = nearest(value, values.iter().copied()) {
                return Some(format!("{key} == '{near}'"));
            }
        }
    }
    None
}
