//! From resources to YAML text.

mod selector;

pub use selector::selector;

use super::Rule;

/// About how many bytes `rule` takes as text, never fewer.
pub(crate) fn rule_size(rule: &Rule) -> usize {
    let annotations = rule.annotations.iter().map(|(key, value)| key.len() + 2 * value.len());
    let entity = |entity: &super::Entity| {
        let selectors = [&entity.selector, &entity.not_selector, &entity.namespace_selector];
        let selectors = selectors.into_iter().flatten().map(|it| 2 * selector(it).len());
        300 + selectors.sum::<usize>() + 80 * entity.ports.len() + 60 * entity.nets.len()
    };
    200 + annotations.sum::<usize>() + entity(&rule.source) + entity(&rule.destination)
}
