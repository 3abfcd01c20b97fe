//! The registry of rules. Each group of codes has a file below; a rule's page is
//! `docs/codes/<code>.md`, so a rule without a page does not compile.

/// Declares rules and the list [`RULES`](syntax::RULES) of their group: name, code, default level
/// (`error` of the language, or a lint of level `warning` or `note`) and summary.
macro_rules! rules {
    ($($name:ident = $code:literal, $kind:ident, $summary:literal;)*) => {
        $(
            #[doc = $summary]
            pub static $name: $crate::diagnostic::DiagnosticRule = $crate::diagnostic::DiagnosticRule {
                code: $code,
                name: stringify!($name),
                summary: $summary,
                level: rules!(@level $kind),
                lint: rules!(@lint $kind),
                page: include_str!(concat!("../../../docs/codes/", $code, ".md")),
            };
        )*
        /// The rules of this group, by code.
        pub static RULES: &[$crate::diagnostic::Code] = &[$(&$name),*];
    };
    (@level error) => { $crate::diagnostic::Level::Error };
    (@level warning) => { $crate::diagnostic::Level::Warning };
    (@level note) => { $crate::diagnostic::Level::Note };
    (@lint error) => { false };
    (@lint $kind:ident) => { true };
}

pub mod audit;
pub mod boundary;
pub mod cluster;
pub mod names;
pub mod output;
pub mod platform;
pub mod project;
pub mod relations;
pub mod review;
pub mod syntax;
pub mod traffic;
pub mod zones;

use super::Code;

/// Every rule, by code.
pub fn all() -> impl Iterator<Item = Code> {
    [
        syntax::RULES,
        names::RULES,
        boundary::RULES,
        traffic::RULES,
        platform::RULES,
        relations::RULES,
        zones::RULES,
        project::RULES,
        output::RULES,
        cluster::RULES,
        audit::RULES,
        review::RULES,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// The rule with this code, in either letter case.
pub fn find(code: &str) -> Option<Code> {
    all().find(|rule| rule.code.eq_ignore_ascii_case(code))
}

#[cfg(test)]
mod tests {
    #[test]
    fn codes_are_unique_sorted_and_have_a_page_of_four_parts() {
        let codes: Vec<_> = super::all().map(|rule| rule.code).collect();
        assert!(codes.windows(2).all(|pair| pair[0] < pair[1]), "{codes:?}");
        for rule in super::all() {
            assert!(rule.page.starts_with(&format!("# {}: ", rule.code)), "{}", rule.code);
            for part in ["## What it means", "## Wrong", "## Right", "## Why"] {
                assert!(rule.page.contains(part), "{} lacks {part}", rule.code);
            }
        }
    }
}
