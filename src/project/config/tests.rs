//! Whatever stands in a configuration, it is read or refused, and never a crash.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::*;
use crate::diagnostic::{json, text};

/// A configuration with every key.
const WHOLE: &str = r#"
zones = ["zones/**/*.{yaml,yml}"] # comment
platform = ['platform/*.flow']
flows = ["{application}/*.flow"]
output = "{owner}/policies.yaml"
kustomization = true
lock = true
ticket_url = "https://tickets.example/{ticket}"
write = ["application1", "é"]
[labels]
application = "example.org/applicationcode"
zone = "zone"
[cluster]
pods = ["10.244.0.0/16", "fd00::/48"]
services = []
[calico]
release = "3.30"
dataplane = "ebpf"
tiers = true
deny = ["application1"]
order = { guardrails = 0x10, platform = 1_00, flows = 500, deny = 900 }
[lints]
EW0712 = "off"
"#;

/// What a mistake may put instead of something.
const PIECES: &[&str] = &[
    "",
    "\"",
    "'",
    "\"\"\"",
    "[",
    "]",
    "{",
    "}",
    "=",
    ",",
    ".",
    "\n",
    "\r",
    "#",
    "é",
    "\u{1b}",
    "\u{202e}",
    "\\",
    "\\u{0}",
    "\\uD800",
    "0",
    "-1",
    "1e999",
    "nan",
    "99999999999999999999",
    "0xFFFFFFFFF",
    "2026-11-22",
    "true",
    "[[",
    "]]",
    "[calico]",
    "bundle = \"x\"\n",
    "../",
    "**",
    "{a,b}",
    "{application}",
    "{owner}",
    "zones",
    "flows = 1",
    "::/0",
    "1.2.3.4/33",
    "EW0101",
];

/// Reads `text` as a configuration and as a bundle's settings, and shows what is said.
fn say(text: &str) -> (Option<Config>, Vec<Diagnostic>) {
    let mut sources = Sources::new();
    let file = sources.add("eastwest.toml", text.to_owned());
    let (config, said) = read(&sources, file);
    let (_, of_bundle) = read_bundle(&sources, file);
    for diagnostic in said.iter().chain(&of_bundle) {
        let shown = text::render(diagnostic, &sources, false);
        let steers = |c: char| c.is_control() && c != '\n';
        assert!(!shown.contains(steers), "{shown:?}");
        let view = serde_json::to_string(&json::view(diagnostic, &sources)).unwrap();
        assert!(view.contains(diagnostic.code.code));
    }
    (config, said)
}

#[test]
fn a_configuration_with_every_key_is_read() {
    let (config, said) = say(WHOLE);
    assert!(said.is_empty(), "{said:?}");
    let config = config.unwrap();
    assert_eq!(config.output.path("a"), "a/policies.yaml");
    assert_eq!(config.settings.orders.guardrails, 16);
}

#[test]
fn brackets_without_end_are_an_error_and_no_crash() {
    for text in ["zones = ".to_owned() + &"[".repeat(100_000), "a.".repeat(2_000) + "b = 1"] {
        let (config, said) = say(&text);
        assert!(config.is_none() && !said.is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_written_is_read_or_refused(text in ".{0,200}") {
        let (config, said) = say(&text);
        prop_assert!(config.is_some() || !said.is_empty());
    }

    #[test]
    fn a_changed_configuration_is_read_or_refused(
        changes in vec((any::<Index>(), 0..12_usize, select(PIECES)), 1..5),
    ) {
        let mut letters: Vec<char> = WHOLE.chars().collect();
        for (at, length, piece) in changes {
            let at = at.index(letters.len());
            let end = letters.len().min(at + length);
            letters.splice(at..end, piece.chars());
        }
        let text: String = letters.into_iter().collect();
        let (config, said) = say(&text);
        prop_assert!(config.is_some() || !said.is_empty(), "{}", text);
    }
}
