//! What is expected of a world, and whether it is so: `expect` in the questions of `can --batch`.

use crate::cli::{Project, holds_to_schema, json};

/// Pods of `a` reach those of `b` on 80; nothing else is open towards `b`.
const CLUSTER: &str = "\
apiVersion: v1
kind: Namespace
metadata: {name: a}
---
apiVersion: v1
kind: Namespace
metadata: {name: b}
---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: in, namespace: b}
spec:
  selector: all()
  types: [Ingress]
  ingress:
  - {action: Allow, protocol: TCP, source: {namespaceSelector: projectcalico.org/name == 'a'}, destination: {ports: [80]}}
  - {action: Allow, protocol: TCP, source: {services: {name: s, namespace: a}}, destination: {ports: [82]}}
";

fn question(port: u16, rest: &str) -> String {
    format!(
        "{{\"from\":{{\"namespace\":\"a\"}},\"to\":{{\"namespace\":\"b\"}},\"protocol\":\"TCP\",\"port\":{port}{rest}}}"
    )
}

/// The status, the answers and what is said beside them.
fn batch(lines: &[String]) -> (i32, Vec<String>, String) {
    let project = Project::new(&[("c.yaml", CLUSTER), ("q.jsonl", &(lines.join("\n") + "\n"))]);
    let ran = project.run("can --policies c.yaml --batch q.jsonl");
    for line in ran.out.lines().chain(lines.iter().map(String::as_str)) {
        if line.contains("verdict") || line.contains("\"met\"") {
            holds_to_schema("can-batch", &json(line));
        }
    }
    (ran.status, ran.out.lines().map(str::to_owned).collect(), ran.err)
}

#[test]
fn a_batch_says_of_each_expectation_whether_it_is_met() {
    let expect = |it: &str| format!(",\"expect\":\"{it}\"");
    let met = [question(80, &expect("allow")), question(81, &expect("deny")), question(81, "")];
    let (status, answers, err) = batch(&met);
    assert_eq!((status, &*err), (0, ""));
    let ends = ["\"expect\":\"allow\",\"met\":true}", "\"expect\":\"deny\",\"met\":true}"];
    for (answer, end) in answers.iter().zip(ends) {
        assert!(answer.ends_with(end), "{answer}");
        holds_to_schema("can-batch", &json(answer));
    }
    assert!(!answers[2].contains("met"), "{}", answers[2]);
    for (port, expected, verdict) in
        [(80, "deny", "allow"), (81, "allow", "deny"), (80, "undecided", "allow")]
    {
        let (status, answers, err) = batch(&[question(81, ""), question(port, &expect(expected))]);
        assert_eq!((status, &*err), (1, "expected  1 of 1 not met\n"));
        let wanted = format!("\"expect\":\"{expected}\",\"met\":false}}");
        assert!(answers[1].ends_with(&wanted), "{}", answers[1]);
        assert!(answers[1].starts_with(&format!("{{\"verdict\":\"{verdict}\"")), "{}", answers[1]);
    }
}

#[test]
fn what_cannot_be_answered_meets_no_expectation() {
    let allow = ",\"expect\":\"allow\"".to_owned();
    for wrong in [
        "nonsense".to_owned(),
        question(0, ""),
        question(80, ",\"expect\":\"yes\""),
        question(0, &allow),
    ] {
        let (status, _, err) = batch(&[question(80, &allow), wrong.clone()]);
        assert_eq!(status, 1, "{wrong}: {err}");
        assert!(err.contains("1 line is no question"), "{wrong}: {err}");
    }
    // A batch whose only expectation is misspelt is not one without any.
    let (status, answers, _) = batch(&[question(80, ",\"expect\":\"yes\"")]);
    assert_eq!(status, 1);
    assert!(
        answers[0].contains("`expect` must be") || answers[0].contains("expect"),
        "{answers:?}"
    );
    // And nobody who expects nothing hears of it.
    assert_eq!(batch(&["nonsense".to_owned(), question(80, "")]).0, 0);
}
