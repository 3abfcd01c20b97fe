//! What Calico allows in one object, and how what is more than that is divided without a change in
//! meaning: long selectors into several that together match the same, long lists of rules and addresses
//! into several objects. What cannot be divided is an error that names the limit and the way out.

use std::collections::BTreeSet;

use crate::calico::encode;
use crate::calico::{Resource, Rule};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::output::{EXEMPT_TOO_LONG, SAME_NAME, SELECTOR_TOO_LONG};
use crate::program::Program;
use crate::selector::{Predicate, Selector, Test};
use crate::source::Span;

use super::CompiledOutput;

/// Characters of a selector.
pub(super) const SELECTOR: usize = 1024;
/// Rules of one direction of a policy.
pub(super) const RULES: usize = 1024;
/// Pieces of one selector: a product of alternatives could come to any number of them.
const PIECES: usize = 1024;
/// Entries of `ports` in a rule.
pub(super) const PORTS: usize = 50;
/// Blocks of `nets` in a rule.
pub(super) const NETS: usize = 256;
/// Bytes of an object. What stands beside its rules or addresses is well below the rest of 200 KiB.
pub(super) const BYTES: usize = 196 * 1024;

/// Whether Calico takes `selector`.
pub(super) fn fits(selector: &Selector) -> bool {
    length(selector) <= SELECTOR
}

/// Characters of `selector` as it is written.
pub(super) fn length(selector: &Selector) -> usize {
    encode::selector(selector).chars().count()
}

/// `selector` as selectors of allowed length that together match exactly the same; `None` where it cannot be
/// divided so far, or only into more than [`PIECES`].
pub(super) fn pieces(selector: &Selector) -> Option<Vec<Selector>> {
    let mut pieces = Vec::new();
    let mut todo = vec![selector.clone()];
    while let Some(next) = todo.pop() {
        if fits(&next) {
            pieces.push(next);
        } else {
            let (first, second) = halve(&next)?;
            todo.extend([second, first]);
        }
        if pieces.len() + todo.len() > PIECES {
            return None;
        }
    }
    Some(pieces)
}

/// Two selectors, each shorter, of which one or the other holds wherever `selector` does.
fn halve(selector: &Selector) -> Option<(Selector, Selector)> {
    match selector {
        Selector::Test(Test { key, predicate: Predicate::In(values), positive: true }) => {
            let (a, b) = values.split_at_checked(values.len() / 2)?;
            let half = |values: &[_]| Selector::one_of(key.clone(), values.to_vec());
            (!a.is_empty()).then(|| (half(a), half(b)))
        }
        Selector::Or(operands) => {
            let (a, b) = operands.split_at_checked(operands.len() / 2)?;
            let half = |operands: &[Selector]| Selector::or(operands.to_vec());
            (!a.is_empty()).then(|| (half(a), half(b)))
        }
        Selector::And(operands) => {
            let halves = |(index, operand)| Some((index, halve(operand)?));
            let longest = operands.iter().enumerate().filter_map(halves);
            let (at, (a, b)) = longest.max_by_key(|(index, _)| {
                let text = operands.get(*index).map(encode::selector);
                (text.map_or(0, |text| text.len()), std::cmp::Reverse(*index))
            })?;
            let with = |half: Selector| {
                let mut operands = operands.clone();
                operands.splice(at..=at, [half]);
                Selector::And(operands)
            };
            Some((with(a), with(b)))
        }
        Selector::All | Selector::Global | Selector::Test(_) | Selector::Not(_) => None,
    }
}

/// Rules that must stay together (a `Log` and its `Deny`) as parts that one direction of a policy can hold,
/// each at most `bytes` long.
pub(super) fn parts(groups: Vec<Vec<Rule>>, bytes: usize) -> Vec<Vec<Rule>> {
    let mut parts = Vec::new();
    let mut part = Vec::new();
    let mut used = 0;
    for group in groups {
        let size: usize = group.iter().map(encode::rule_size).sum();
        if !part.is_empty() && (part.len() + group.len() > RULES || used + size > bytes) {
            parts.push(std::mem::take(&mut part));
            used = 0;
        }
        used += size;
        part.extend(group);
    }
    if !part.is_empty() {
        parts.push(part);
    }
    parts
}

/// Reports objects that would have one name: the second would overwrite the first.
pub(super) fn same_names(output: &mut CompiledOutput) {
    let mut names = BTreeSet::new();
    let mut twice = Vec::new();
    for document in &output.documents {
        let name = match &document.resource {
            Resource::Tier(tier) => (0, None, &tier.name),
            Resource::Set(set) => (1, None, &set.name),
            Resource::Policy(policy) => (2, policy.namespace.as_ref(), &policy.name),
        };
        if !names.insert(name) {
            twice.push(name.2.clone());
        }
    }
    for name in twice {
        let message = format!("two different objects would both be named `{name}`");
        output.report(
            Diagnostic::new(&SAME_NAME, message)
                .help("write one of the selectors it is made from in another way"),
        );
    }
}

/// The exempt list does not fit, beside the place of the line at `span` or, by default, at all.
pub(super) fn exempt_too_long(program: &Program, span: Option<Span>) -> Diagnostic {
    let first = program.exempt.iter().map(|exempt| exempt.span).min();
    let count = program.exempt.len();
    let message = format!(
        "{count} exempt namespaces do not fit into one policy: Calico allows {SELECTOR} characters in each of its two selectors"
    );
    let key = &program.settings.labels.application;
    let mut diagnostic = Diagnostic::new(&EXEMPT_TOO_LONG, message);
    if let Some(first) = first {
        diagnostic = diagnostic.label(first, "the first of them");
    }
    if let Some(span) = span {
        diagnostic = diagnostic.label(span, "its policies have to leave them out as well");
    }
    diagnostic.help(format!(
        "with `deny = \"landing-zones\"` under `[calico]` a namespace without the label `{key}` is open anyway, and need not be exempt"
    ))
}

/// A selector of `length` characters that cannot be divided, made from the line at `span`.
pub(super) fn selector_too_long(length: usize, span: Option<Span>) -> Diagnostic {
    let message = format!(
        "a selector of this line is {length} characters long in the policy, and Calico allows {SELECTOR}"
    );
    let mut diagnostic = Diagnostic::new(&SELECTOR_TOO_LONG, message);
    if let Some(span) = span {
        diagnostic = diagnostic.label(span, "");
    }
    diagnostic.help(
        "write several lines, each with a part of it, or give the pods a label that says the same",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calico::NetworkSet;
    use crate::compile::Document;
    use crate::program::Owner;

    #[test]
    fn a_name_is_taken_once_among_the_objects_of_one_kind() {
        let set = |name: &str| {
            let set = NetworkSet {
                namespace: None,
                name: name.into(),
                labels: Vec::new(),
                nets: Vec::new(),
                proviso: None,
            };
            Document { owner: Owner::Platform, resource: Resource::Set(set) }
        };
        let said = |names: &[&str]| {
            let documents = names.iter().map(|name| set(name)).collect();
            let mut output = CompiledOutput { documents, ..CompiledOutput::default() };
            same_names(&mut output);
            output.diagnostics
        };
        assert!(said(&["eastwest-a", "eastwest-b"]).is_empty());
        let clash = said(&["eastwest-a", "eastwest-b", "eastwest-a", "eastwest-a"]);
        assert_eq!(clash.len(), 1);
        assert_eq!(clash[0].code.code, "EW0904");
        assert_eq!(clash[0].message, "two different objects would both be named `eastwest-a`");
        assert!(clash[0].help[0].contains("in another way"));
    }
}
