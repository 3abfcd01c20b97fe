//! The names that the platform's statements declare: each is declared once. How they may look, the parser has
//! held already.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::platform::DECLARED_TWICE;
use crate::source::Span;
use crate::syntax::tree::Name;

/// Names with what each stands for, and the place of the first declaration.
pub(super) type NameFound<T> = BTreeMap<Arc<str>, (Span, Option<T>)>;

/// Takes up `name`, an external or a port name (`what`) that stands for `item`; the first declaration of a
/// name stands.
pub(super) fn declare<T>(
    what: &str,
    name: &Name,
    item: Option<T>,
    found: &mut NameFound<T>,
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
    found.insert(Arc::from(&*name.value), (name.span, item));
}
