//! What the log holds, and what it keeps from being read as more than text.

use super::*;
use crate::diagnostic::codes::names::{UNKNOWN_PORT, UNKNOWN_ZONE};
use crate::source::Span;

fn json(diagnostics: &[Diagnostic], sources: &Sources) -> serde_json::Value {
    serde_json::to_value(view(diagnostics, sources, None)).unwrap()
}

#[test]
fn everything_is_in_it() {
    let mut sources = Sources::new();
    let file = sources.add("a b/ü.flow", "é\né.frontnd -> x.y\n");
    let span = Span::new(file, 6, 13);
    let line = Span::new(file, 0, 2);
    let one = Diagnostic::new(&UNKNOWN_ZONE, "no zone")
        .label(span, "here")
        .label(line, "")
        .help("write\nit {well}")
        .fix("write `frontend`", span, "{frontend}");
    let json = json(&[Diagnostic::new(&UNKNOWN_PORT, "nowhere"), one], &sources);
    let run = &json["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let ids: Vec<_> = rules.iter().map(|it| it["id"].as_str().unwrap()).collect();
    assert_eq!(ids, [UNKNOWN_ZONE.code, UNKNOWN_PORT.code]);
    assert_eq!(rules[0]["name"], "UnknownZone");
    assert_eq!(rules[0]["help"]["markdown"], UNKNOWN_ZONE.page);
    let meaning = rules[0]["fullDescription"]["text"].as_str().unwrap();
    assert!(meaning.starts_with("The application is declared") && !meaning.contains('#'));
    let place = |line: u32, column: u32, end: u32| {
        serde_json::json!({
            "artifactLocation": {"uri": "a%20b/%C3%BC.flow"},
            "region": {"startLine": line, "startColumn": column, "endLine": line, "endColumn": end},
        })
    };
    let [nowhere, result] = [&run["results"][0], &run["results"][1]];
    assert_eq!([&nowhere["ruleIndex"], &result["ruleIndex"]], [1, 0]);
    let mut start = place(1, 1, 1);
    assert_eq!(nowhere["locations"][0]["physicalLocation"], start);
    start = place(2, 3, 10);
    assert_eq!(
        result["message"]["text"],
        "no zone\na b/ü.flow:2:3: here\na b/ü.flow:1:1\nhelp: write\n      it {{well}}\n\
         fix: write `frontend` at a b/ü.flow:2:3\nmore: eastwest explain EW0202"
    );
    assert_eq!(
        result["locations"],
        serde_json::json!([{"physicalLocation": start, "message": {"text": "here"}}])
    );
    assert_eq!(
        result["relatedLocations"],
        serde_json::json!([{"physicalLocation": place(1, 1, 2)}])
    );
    assert_eq!(
        result["fixes"][0]["artifactChanges"][0]["replacements"][0],
        serde_json::json!({
            "deletedRegion": start["region"], "insertedContent": {"text": "{frontend}"},
        }),
        "what a file is to hold stays as it is"
    );
    assert!(result.get("baselineState").is_none());
}

#[test]
fn a_baseline_says_what_is_new() {
    let sources = Sources::new();
    let both = [UNKNOWN_ZONE.code, "other"].map(|text| Diagnostic::new(&UNKNOWN_ZONE, text));
    let first = fingerprints(&both, &sources).remove(0);
    let known = |it: &str| it == first;
    let json = serde_json::to_value(view(&both, &sources, Some(&known))).unwrap();
    let results = &json["runs"][0]["results"];
    assert_eq!(results[0]["baselineState"], "unchanged");
    assert_eq!(results[1]["baselineState"], "new");
    assert_eq!(results[0]["partialFingerprints"]["eastwest/v1"], *first);
}

#[test]
fn text_of_the_input_is_no_link_and_no_argument() {
    let mut sources = Sources::new();
    let file = sources.add("/x/[a](b){0}.yaml", "text");
    let one = Diagnostic::new(&UNKNOWN_ZONE, "see [here](https://example.org) {0}\u{202e}")
        .label(Span::new(file, 0, 4), "[x](1)");
    let json = json(&[one], &sources);
    let result = &json["runs"][0]["results"][0];
    let text = result["message"]["text"].as_str().unwrap();
    assert!(text.starts_with("see [here] (https://example.org) {{0}}\\u{{202e}}\n"), "{text}");
    assert!(!text.contains("]("), "{text}");
    let location = &result["locations"][0];
    assert_eq!(location["message"]["text"], "[x] (1)");
    let uri = &location["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!(uri, "file:///x/%5Ba%5D%28b%29%7B0%7D.yaml");
}

#[test]
fn no_more_than_github_takes() {
    let mut many = vec![Diagnostic::new(&UNKNOWN_ZONE, "less"); RESULTS + 2];
    for diagnostic in &mut many {
        diagnostic.level = Level::Note;
    }
    let sources = Sources::new();
    assert_eq!(view(&many[..RESULTS], &sources, None).left_out(), 0);
    let last = many.len() - 1;
    many[last] = Diagnostic::new(&UNKNOWN_PORT, "more");
    let log = view(&many, &sources, None);
    assert_eq!(log.left_out(), 2);
    let json = serde_json::to_value(&log).unwrap();
    let results = json["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), RESULTS);
    assert_eq!(results[0]["ruleId"], UNKNOWN_PORT.code);
    let told =
        &json["runs"][0]["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"];
    assert!(told.as_str().unwrap().starts_with("2 more results are left out"), "{told}");
}
