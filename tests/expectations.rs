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

/// What a statement is judged to be in the cluster, and what is printed.
fn test(policies: &str, statements: &str) -> (i32, String) {
    let project = Project::new(&[("c.yaml", policies), ("e.txt", statements)]);
    let ran = project.run("test --policies c.yaml e.txt");
    (ran.status, ran.out + &ran.err)
}

/// Each statement with the status that it gives alone.
fn all_end_with(policies: &str, statements: &[(i32, &str)]) {
    for (status, statement) in statements {
        let (found, text) = test(policies, &format!("{statement}\n"));
        assert_eq!(found, *status, "{statement}\n{text}");
    }
}

#[test]
fn a_statement_holds_for_every_connection_or_not_at_all() {
    all_end_with(
        CLUSTER,
        &[
            (0, "allow namespace/a -> namespace/b : tcp/80"),
            (0, "allow namespace/a[x == 'y'] -> namespace/b : tcp/80"),
            (1, "allow namespace/a -> namespace/b : tcp/80, tcp/81"),
            (1, "allow namespace/a -> namespace/b : any"),
            (1, "allow namespace/b -> namespace/b : tcp/80"),
            (0, "allow namespace/b -> namespace/a : any"),
            (0, "allow namespace/a -> 10.0.0.0/8 : any"),
            (1, "allow namespace/b -> * : any"),
            (1, "allow * -> namespace/b : tcp/80"),
            (0, "deny namespace/a -> namespace/b : tcp/81"),
            (1, "deny namespace/a -> namespace/b"),
            (1, "deny namespace/a -> namespace/b : tcp/79-81"),
            (1, "deny * -> namespace/b : tcp/80"),
            (0, "deny * -> namespace/b : tcp/80 except namespace/a"),
            (1, "deny * -> namespace/b : tcp/80 except namespace/a[x == 'y']"),
            (0, "deny * -> namespace/b : udp"),
            (0, "deny 10.0.0.0/8 -> namespace/b : tcp/80"),
            (1, "deny namespace/* -> 10.0.0.0/8"),
            // Which endpoints the service has is not known.
            (4, "deny namespace/a -> namespace/b : tcp/82"),
            (4, "allow namespace/a -> namespace/b : tcp/82"),
            (1, "allow namespace/a -> namespace/b : tcp/81, tcp/82"),
            (1, "deny namespace/a -> namespace/b : tcp/80, tcp/82"),
        ],
    );
}

/// `b` is open to whoever bears a label, and so to namespaces that nobody has made yet.
#[test]
fn namespaces_that_may_come_are_meant() {
    let open = "\
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
  - {action: Allow, protocol: TCP, source: {namespaceSelector: team == 'red'}, destination: {ports: [80]}}
  - {action: Allow, protocol: TCP, source: {namespaceSelector: projectcalico.org/name == 'ghost'}, destination: {ports: [81]}}
  - {action: Allow, protocol: TCP, source: {namespaceSelector: zone == 'web' && has(applicationcode)}, destination: {ports: [82]}}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {applicationcode: shop, zone: data}}
---
apiVersion: v1
kind: Namespace
metadata: {name: web, labels: {applicationcode: other, zone: web}}
";
    all_end_with(
        open,
        &[
            (1, "deny * -> namespace/b : tcp/80"),
            (1, "deny namespace/* -> namespace/b : tcp/81"),
            (0, "deny namespace/shop -> namespace/b"),
            (0, "deny shop.* -> namespace/b"),
            (0, "deny *.data -> namespace/b : tcp/82"),
            (1, "deny *.data -> namespace/b : tcp/80"),
            (1, "deny *.web -> namespace/b : tcp/82"),
            // Those that may come are of its landing zones as well.
            (0, "deny * -> namespace/b : tcp/82 except *.web"),
            (1, "deny * -> namespace/b : tcp/82 except other.web"),
            (0, "allow *.web -> namespace/b : tcp/82"),
        ],
    );
    let (_, text) = test(open, "deny * -> namespace/b : tcp/80\n");
    assert!(text.contains("in a namespace that may come, labelled team=red"), "{text}");
    assert!(text.contains("allowed by in, rule 1  c.yaml:"), "{text}");
}

#[test]
fn files_that_say_nothing_are_not_green() {
    for text in ["", "# nothing\n", "\n\n"] {
        let (status, out) = test(CLUSTER, text);
        assert_eq!(status, 2, "{out}");
    }
    for wrong in [
        "forbid namespace/a to namespace/b",
        "allow namespace/a -> namespace/b",
        "allow namespace/a ==> namespace/b : tcp/80",
        "allow namespace/a -> namespace/b : tcp/80 except namespace/a",
        "deny namespace/nowhere -> namespace/b",
        "deny namespace/a -> 10.0.0.1/8",
        "deny namespace/a[] -> namespace/b",
        "deny nothing.x -> namespace/b",
        "deny namespace/a -> namespace/b because \"x\"",
        "deny namespace/a ->",
        "deny",
        "deny namespace/a -> namespace/b : tpc/80",
    ] {
        let text = format!("deny * -> namespace/b : udp\n  {wrong}\n");
        let (status, out) = test(CLUSTER, &text);
        assert!(status == 2 && out.contains("e.txt:2:"), "{wrong}: {status}\n{out}");
    }
}

/// All formats say the same, at the same places.
#[test]
fn formats_say_the_same() {
    let statements = "# <first> & \"best\"\nallow namespace/a -> namespace/b : tcp/80\n  deny namespace/a[x == 'y'] -> namespace/b\ndeny namespace/a -> namespace/b : tcp/82 # \u{e9}\n";
    let project = Project::new(&[("c.yaml", CLUSTER), ("a&<b.txt", statements)]);
    let run =
        |format: &str| project.run(&format!("test --policies c.yaml --format {format} a&<b.txt"));
    let text = run("text");
    snapshot!("expectations__text", text.out);
    let document = json(&run("json").out);
    holds_to_schema("test", &document);
    let found = document["statements"].as_array().unwrap().iter().map(|it| {
        let at = ["line", "column"].map(|key| it[key].as_u64().unwrap());
        (at, it["result"].as_str().unwrap().to_owned())
    });
    let wanted = [([2, 1], "met"), ([3, 3], "not-met"), ([4, 1], "undecided")];
    assert_eq!(found.collect::<Vec<_>>(), wanted.map(|(at, it)| (at, it.to_owned())));
    let report = run("junit");
    let report = roxmltree::Document::parse(&report.out).unwrap();
    let cases: Vec<_> = report.descendants().filter(|it| it.has_tag_name("testcase")).collect();
    let inside = ["", "failure", "error"];
    for (case, ((at, _), tag)) in cases.iter().zip(wanted.into_iter().zip(inside)) {
        let place = format!("a&<b.txt:{}:{}", at[0], at[1]);
        assert!(text.out.contains(&place), "{}", text.out);
        let child = |name: &str| case.children().find(|it| it.has_tag_name(name));
        assert_eq!(child("system-out").unwrap().text(), Some(&*place));
        for name in ["failure", "error"] {
            assert_eq!(child(name).is_some(), name == tag, "{place}");
        }
    }
    assert_eq!(cases.len(), 3);
    let suites = report.root_element();
    let counts = ["tests", "failures", "errors"].map(|it| suites.attribute(it).unwrap());
    assert_eq!(counts, ["3", "1", "1"]);
    assert_eq!(cases[1].attribute("file"), Some("a&<b.txt"));
    assert_eq!(cases[1].attribute("name"), Some("deny namespace/a[x == 'y'] -> namespace/b"));
    for format in ["text", "json", "junit"] {
        assert_eq!(run(format).status, 1);
    }
}

/// All pairs and exposure, of policies by hand: in three formats, the same rows.
#[test]
fn all_pairs_are_listed() {
    let project = Project::new(&[("c.yaml", CLUSTER)]);
    let run = |arguments: &str| project.run(&format!("can --policies c.yaml {arguments}"));
    for (name, arguments) in [("pairs", ""), ("exposure", "--exposure")] {
        let text = run(arguments);
        assert_eq!(text.status, 0, "{}", text.err);
        let csv = run(&format!("{arguments} --format csv")).out;
        snapshot!(format!("can__{name}"), format!("{}\n{csv}", text.out));
        let document = json(&run(&format!("{arguments} --format json")).out);
        holds_to_schema("can", &document);
        let pairs = document["pairs"].as_array().unwrap();
        assert_eq!(pairs.len() + 1, csv.lines().count(), "{csv}");
        for (pair, record) in pairs.iter().zip(csv.lines().skip(1)) {
            let [from, to, state] = ["from", "to", "state"].map(|it| pair[it].as_str().unwrap());
            assert!(record.starts_with(&format!("{from},{to},{state},")), "{record}");
        }
    }
    for wrong in ["namespace/a namespace/b tcp/80 --format csv", "namespace/a --exposure"] {
        assert_eq!(run(wrong).status, 2, "{wrong}");
    }
    // Which endpoints the service has is not known, but they are who may.
    let csv = run("--format csv").out;
    assert!(csv.contains("service a/s,namespace/b,open,\"tcp/80, tcp/82\","), "{csv}");
    // Places that stand for many are places of questions as well.
    assert_eq!(run("namespace/* namespace/b tcp/81").status, 1);
    assert_eq!(run("namespace/a * tcp/81").status, 1);
    assert_eq!(run("namespace/b namespace/a any").status, 0);
}
