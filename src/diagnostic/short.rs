//! Diagnostics as one line each, as compilers write them and editors read them: `file:line:column: level[code]: message`.

use std::fmt::Write;

use super::Diagnostic;
use super::visible::visible;
use crate::source::Sources;

/// All of `diagnostics`, each on a line of its own. One that blames no file has no place.
pub fn render(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        if let Some(span) = diagnostic.primary() {
            let (path, position) = (sources.path(span.file), sources.position(span));
            let _ = write!(out, "{}:{}:{}: ", visible(path), position.line, position.column);
        }
        let (level, code) = (diagnostic.level.name(), diagnostic.code.code);
        let _ = writeln!(out, "{level}[{code}]: {}", visible(&diagnostic.message));
    }
    out
}
