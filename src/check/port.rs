//! Port names: what `port web = tcp/443` stands for.

use std::sync::Arc;

use super::declared::{self, Found};
use super::traffic;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::names::UNKNOWN_PORT;
use crate::program::Alias;
use crate::syntax::tree;
use crate::traffic::Match;

/// Takes up the port name that `written` declares.
pub(super) fn declare(written: &tree::Port, found: &mut Found<Alias>, out: &mut Vec<Diagnostic>) {
    let mut matches: Vec<Option<Match>> = Vec::with_capacity(written.matches.len());
    for entry in &written.matches {
        if let tree::Match::Alias(name) = &entry.value {
            let message =
                format!("`{name}` is no protocol, and a port name stands for protocols only");
            out.push(
                Diagnostic::new(&UNKNOWN_PORT, message).label(entry.span, "such as `tcp/443`"),
            );
        }
        matches.push(traffic::single(entry, out));
    }
    let alias = matches.into_iter().collect::<Option<_>>().map(|matches| Alias {
        name: Arc::from(&*written.name.value),
        matches,
        span: written.name.span,
    });
    declared::declare("port name", &written.name, alias, found, out);
}
