//! Port names: what `port web = tcp/443` stands for.

use std::sync::Arc;

use super::declared::{self, NameFound};
use super::traffic;
use crate::diagnostic::Diagnostic;
use crate::program::Alias;
use crate::syntax::tree;
use crate::traffic::Match;

/// Takes up the port name that `written` declares.
pub(super) fn declare(
    written: &tree::Port,
    found: &mut NameFound<Alias>,
    out: &mut Vec<Diagnostic>,
) {
    let matches: Vec<Option<Match>> =
        written.matches.iter().map(|entry| traffic::single(entry, out)).collect();
    let alias = matches.into_iter().collect::<Option<_>>().map(|matches| Alias {
        name: Arc::from(&*written.name.value),
        matches,
        span: written.name.span,
    });
    declared::declare("port name", &written.name, alias, found, out);
}
