//! Exempt namespaces: each named once, the cluster's own machinery among them (language reference,
//! section 5).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::names::Names;
use super::{CheckInput, FileOwner};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::platform::{
    EXEMPT_LANDING_ZONE, NO_EXEMPT, NO_KUBE_SYSTEM, SAID_TWICE,
};
use crate::program::Exempt;
use crate::source::Span;
use crate::syntax::tree::{self, Statement};

/// The exempt namespaces of every file, sorted.
pub(super) fn collect(
    input: &CheckInput<'_>,
    names: &Names<'_>,
    out: &mut Vec<Diagnostic>,
) -> Vec<Exempt> {
    let mut found: BTreeMap<Arc<str>, Span> = BTreeMap::new();
    let mut first: Option<Span> = None;
    for (_, tree) in input.files {
        for statement in &tree.statements {
            if let Statement::Exempt(written) = statement {
                first.get_or_insert(written.span);
                add(names, written, &mut found, out);
            }
        }
    }
    // An `exempt` that could not be read has its error; what it says is not missing.
    let unread = input.files.iter().flat_map(|(_, tree)| &tree.unread).any(|it| it.exempt);
    if input.platform && !unread {
        match first {
            None => out.push(none(input)),
            Some(span) if !found.contains_key("kube-system") => out.push(
                Diagnostic::new(&NO_KUBE_SYSTEM, "`kube-system` is not exempt")
                    .label(span, "")
                    .help("the default deny then covers the cluster's own DNS, proxy and controllers: open what they need by lines, or add `kube-system`"),
            ),
            Some(_) => {}
        }
    }
    found.into_iter().map(|(name, span)| Exempt { name, span }).collect()
}

fn add(
    names: &Names<'_>,
    written: &tree::Exempt,
    found: &mut BTreeMap<Arc<str>, Span>,
    out: &mut Vec<Diagnostic>,
) {
    for name in &written.namespaces {
        if let Some(first) = found.get(&*name.value) {
            out.push(
                Diagnostic::new(&SAID_TWICE, format!("`{}` is exempt already", name.value))
                    .label(name.span, "again")
                    .label(*first, "exempt here first")
                    .help("delete one of the two"),
            );
            continue;
        }
        found.insert(Arc::from(&*name.value), name.span);
        let manifest = names.manifest(&name.value);
        if let Some(application) = manifest.and_then(|it| it.application.as_ref()) {
            out.push(
                Diagnostic::new(
                    &EXEMPT_LANDING_ZONE,
                    format!("`{}` is exempt, and belongs to {}", name.value, application.value),
                )
                .label(name.span, "never closed, whatever the lines say")
                .label(application.span, "declared here")
                .help("take it out of `exempt`, or take the label off the namespace"),
            );
        }
    }
}

fn none(input: &CheckInput<'_>) -> Diagnostic {
    let platform = input.files.iter().find(|(owner, _)| *owner == FileOwner::Platform);
    let diagnostic = Diagnostic::new(
        &NO_EXEMPT,
        "no namespace is exempt: the default deny would cut off the cluster's own machinery",
    )
    .help("write, in a file of the platform\nexempt kube-system");
    match platform {
        Some((_, tree)) => diagnostic.label(Span::new(tree.file, 0, 0), "no `exempt` in any file"),
        None => diagnostic,
    }
}
