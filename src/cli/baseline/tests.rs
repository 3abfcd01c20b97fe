//! What is known stays known however the files move, and a baseline that cannot be used says why.

use super::*;
use crate::diagnostic::codes::names::UNKNOWN_ZONE;
use crate::source::Span;

/// A finding for each line of `text` that is not empty.
fn found(path: &str, text: &str) -> (Sources, Vec<Diagnostic>) {
    let mut sources = Sources::new();
    let file = sources.add(path, text);
    let mut start = 0;
    let mut found = Vec::new();
    for line in text.split_inclusive('\n') {
        let end = start + u32::try_from(line.len()).unwrap();
        if !line.trim().is_empty() {
            let message = "no zone `x` of \"a\"";
            found.push(
                Diagnostic::new(&UNKNOWN_ZONE, message).label(Span::new(file, start, end), ""),
            );
        }
        start = end;
    }
    (sources, found)
}

fn split(before: &str, after: &str) -> (usize, usize, usize) {
    let (sources, findings) = found("a.yaml", before);
    let baseline = Baseline::of(&findings, &sources);
    let (sources, findings) = found("a.yaml", after);
    let Split { new, known, gone } = baseline.split(findings, &sources);
    (new.len(), known.len(), gone)
}

#[test]
fn only_what_is_new_is_told() {
    assert_eq!(split("one\ntwo\n", "one\ntwo\n"), (0, 2, 0));
    assert_eq!(split("one\ntwo\n", "\n\n  two\none\n"), (0, 2, 0), "moved");
    assert_eq!(split("one\ntwo\n", "one\nthree\n"), (1, 1, 1));
    assert_eq!(split("one\n", "one\none\n"), (1, 1, 0), "once more is new");
    assert_eq!(split("one\none\n", "one\n"), (0, 1, 1));
    assert_eq!(split("", "one\n"), (1, 0, 0));
}

#[test]
fn what_is_written_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("below/baseline.json");
    for text in ["", "one\n", "two\none\none\n"] {
        let (sources, findings) = found("b/ü \u{202e}.yaml", text);
        let baseline = Baseline::of(&findings, &sources);
        baseline.write(&path).unwrap();
        assert_eq!(Baseline::read(&path).unwrap(), baseline);
        let written = fs::read_to_string(&path).unwrap();
        assert_eq!(
            written.matches("\n    {").count(),
            findings.len(),
            "a line for each: {written}"
        );
        let document = serde_json::from_str(&written).unwrap();
        let schema = include_str!("../../../docs/schemas/baseline.json");
        let schema = jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
        let errors: Vec<_> = schema.iter_errors(&document).map(|it| it.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}\n{written}");
        assert!(!schema.is_valid(&serde_json::json!({"format": FORMAT, "findings": [{}]})));
    }
}

#[test]
fn the_order_of_findings_does_not_change_the_file() {
    let (sources, mut findings) = found("a.yaml", "one\ntwo\nthree\n");
    let before = Baseline::of(&findings, &sources).text().unwrap();
    findings.reverse();
    assert_eq!(Baseline::of(&findings, &sources).text().unwrap(), before);
}

#[test]
fn options_name_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("baseline.json");
    let (sources, findings) = found("a.yaml", "one\n");
    let named = |baseline: Option<&Path>, write_baseline| {
        let options = Kept { baseline: baseline.map(Path::to_path_buf), write_baseline };
        Baseline::named(&options, &findings, &sources)
    };
    assert!(named(None, false).unwrap().is_none());
    assert!(named(Some(&path), false).is_err(), "not there yet");
    let written = named(Some(&path), true).unwrap().unwrap();
    assert_eq!(named(Some(&path), false).unwrap().unwrap(), written);
    assert!(written.split(findings.clone(), &sources).new.is_empty());
}

#[test]
fn what_cannot_be_used_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("baseline.json");
    let refused = || {
        let failure = Baseline::read(&path).unwrap_err();
        let shown = path.display().to_string();
        format!("{}\n{}", failure.message, failure.help.unwrap()).replace(&shown, "FILE")
    };
    let anew = "write it anew with --write-baseline, or take it from before the last change";
    assert_eq!(
        refused(),
        "there is no baseline `FILE`\nwrite it from what is found now: add --write-baseline"
    );
    for (text, message) in [
        ("", "EOF while parsing a value at line 1 column 0"),
        ("{\n<<<<<<< ours\n", "key must be a string at line 2 column 1"),
        (r#"{"format": "eastwest/baseline/1"}"#, "missing field `findings` at line 1 column 33"),
        (
            r#"{"format": "eastwest/baseline/1", "findings": [{"code": "EW1101"}]}"#,
            "missing field `fingerprint` at line 1 column 65",
        ),
    ] {
        fs::write(&path, text).unwrap();
        assert_eq!(refused(), format!("`FILE` is not a baseline: {message}\n{anew}"));
    }
    fs::write(&path, r#"{"format": "eastwest/baseline/2", "findings": []}"#).unwrap();
    assert_eq!(
        refused(),
        format!(
            "`FILE` is not a baseline of this version of eastwest\n\
             its format is `eastwest/baseline/2`, not `eastwest/baseline/1`: {anew}"
        )
    );
}

#[test]
fn what_became_of_the_others() {
    let told = |known, gone| {
        let known = vec![Diagnostic::new(&UNKNOWN_ZONE, "x"); known];
        Split { new: Vec::new(), known, gone }.summary()
    };
    assert_eq!(told(0, 0), "");
    assert_eq!(told(1, 0), "known     1 finding of the baseline\n");
    assert_eq!(
        told(12, 3),
        "known     12 findings of the baseline\n\
         gone      3 findings of the baseline are gone: write it anew with --write-baseline\n"
    );
    assert!(told(0, 1).contains("1 finding of the baseline is gone"));
}
