//! By what a diagnostic is known again after the files around it have changed: what it says about which text, wherever
//! that stands.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::Diagnostic;
use crate::source::Sources;

/// How many bytes of the hash are kept, two digits each.
const BYTES: usize = 8;

/// The fingerprint of each of `diagnostics`, in order: a hash of its code, its message and the first line of the text it
/// blames. What says the same about the same text again is numbered, so no two are equal: `…-2` is the second one.
pub fn fingerprints(diagnostics: &[Diagnostic], sources: &Sources) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let numbered = diagnostics.iter().map(|diagnostic| {
        let hash = hash(diagnostic, sources);
        let times = seen.entry(hash.clone()).or_default();
        *times += 1;
        if *times == 1 { hash } else { format!("{hash}-{times}") }
    });
    numbered.collect()
}

fn hash(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let blamed = diagnostic.primary().and_then(|span| {
        let file = sources.get(span.file)?;
        Some(file.line(file.position(span.start).line).trim())
    });
    let mut hasher = Sha256::new();
    // No message holds the byte that stands between the parts.
    for part in [diagnostic.code.code, &diagnostic.message, blamed.unwrap_or_default()] {
        hasher.update(part);
        hasher.update([0]);
    }
    hasher.finalize().iter().take(BYTES).fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::fingerprints;
    use crate::diagnostic::Diagnostic;
    use crate::diagnostic::codes::names::{UNKNOWN_PORT, UNKNOWN_ZONE};
    use crate::source::{Sources, Span};

    /// What `UNKNOWN_ZONE` says of each place in `text` where `blamed` stands.
    fn of(path: &str, text: &str, blamed: &str, message: &str) -> Vec<String> {
        let mut sources = Sources::new();
        let file = sources.add(path, text);
        let found: Vec<_> = text
            .match_indices(blamed)
            .map(|(at, it)| {
                let start = u32::try_from(at).unwrap();
                let end = start + u32::try_from(it.len()).unwrap();
                Diagnostic::new(&UNKNOWN_ZONE, message).label(Span::new(file, start, end), "here")
            })
            .collect();
        fingerprints(&found, &sources)
    }

    #[test]
    fn other_lines_and_other_paths_change_nothing() {
        let first = of("a.flow", "a.x -> a.y\n", "a.x", "no zone");
        assert_eq!(first.len(), 1);
        assert!(first[0].len() == 16 && first[0].chars().all(|c| c.is_ascii_hexdigit()));
        assert_eq!(
            first,
            of("b/c.flow", "# new\n\n   a.x -> a.y  \r\nz.z -> z.z\n", "a.x", "no zone")
        );
    }

    #[test]
    fn message_and_line_count() {
        let first = of("a.flow", "a.x -> a.y\n", "a.x", "no zone");
        assert_ne!(first, of("a.flow", "a.x -> a.z\n", "a.x", "no zone"));
        assert_ne!(first, of("a.flow", "a.x -> a.y\n", "a.x", "no zones"));
        let sources = Sources::new();
        let [one, other] = [&UNKNOWN_ZONE, &UNKNOWN_PORT].map(|code| Diagnostic::new(code, "no"));
        let both = fingerprints(&[one, other], &sources);
        assert_ne!(both[0], both[1]);
    }

    #[test]
    fn repeated_ones_are_numbered() {
        let three = of("a.flow", "a.x -> b\na.x -> b\nc\n\ta.x -> b\n", "a.x", "no zone");
        let one = &of("a.flow", "a.x -> b", "a.x", "no zone")[0];
        assert_eq!(three, [one.clone(), format!("{one}-2"), format!("{one}-3")]);
    }
}
