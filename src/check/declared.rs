//! The names that the platform's statements declare: how they may look, and that each is declared once.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::traffic::WORDS;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::platform::{BAD_NAME, DECLARED_TWICE};
use crate::source::Span;
use crate::syntax::tree::Name;

/// The longest name: it becomes the value of a label.
const LONGEST: usize = 63;

/// Names with what each stands for, and the place of the first declaration.
pub(super) type Found<T> = BTreeMap<Arc<str>, (Span, Option<T>)>;

/// Takes up `name`, an external or a port name (`what`) that stands for `item`; the first declaration of a
/// name stands.
pub(super) fn declare<T>(
    what: &str,
    name: &Name,
    item: Option<T>,
    found: &mut Found<T>,
    out: &mut Vec<Diagnostic>,
) {
    if let Some((first, _)) = found.get(&*name.value) {
        out.push(
            Diagnostic::new(
                &DECLARED_TWICE,
                format!("the {what} `{}` is declared twice", name.value),
            )
            .label(name.span, "declared again")
            .label(*first, "declared here first")
            .help("delete one of the two, or give it another name"),
        );
        return;
    }
    let reserved = WORDS.iter().any(|(word, ..)| *word == &*name.value)
        || ["any", "protocol"].contains(&&*name.value);
    if reserved {
        let message = format!("no {what} can be called `{}`", name.value);
        let label = "this word has a meaning of its own in traffic";
        out.push(Diagnostic::new(&BAD_NAME, message).label(name.span, label));
    } else if !is_dns_label(&name.value) {
        let message = format!("`{}` cannot be the name of {}", name.value, article(what));
        out.push(Diagnostic::new(&BAD_NAME, message).label(name.span, DNS_LABEL));
    }
    found.insert(Arc::from(&*name.value), (name.span, item));
}

/// Says so if `name` cannot be the name of a Kubernetes namespace or Service.
pub(super) fn check_object(what: &str, name: &Name, out: &mut Vec<Diagnostic>) {
    if !is_dns_label(&name.value) {
        let message = format!("`{}` cannot be the name of a {what}", name.value);
        out.push(Diagnostic::new(&BAD_NAME, message).label(name.span, DNS_LABEL));
    }
}

const DNS_LABEL: &str = "lower-case letters, digits, and `-` between them; at most 63 characters";

fn is_dns_label(name: &str) -> bool {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=LONGEST).contains(&name.len())
        && name.chars().all(inner)
        && !name.starts_with('-')
        && !name.ends_with('-')
}

fn article(what: &str) -> String {
    if what.starts_with('e') { format!("an {what}") } else { format!("a {what}") }
}
