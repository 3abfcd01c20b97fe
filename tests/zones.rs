//! Landing zones from Namespace manifests, as people and clusters write them, and as nobody should.

use eastwest::diagnostic::Diagnostic;
use eastwest::source::Sources;
use eastwest::zones::{LabelKeys, Zones, load};
use proptest::prelude::*;

fn loaded(texts: &[&str]) -> (Sources, Zones, Vec<Diagnostic>) {
    let mut sources = Sources::new();
    let files: Vec<_> = texts
        .iter()
        .enumerate()
        .map(|(index, text)| sources.add(format!("{index}.yaml"), *text))
        .collect();
    let (zones, diagnostics) = load(&sources, &files, &LabelKeys::default());
    (sources, zones, diagnostics)
}

/// Each namespace as `name application/zone`, then each diagnostic: code, file, place, text there, message, fix.
fn shown(texts: &[&str]) -> Vec<String> {
    let (sources, zones, diagnostics) = loaded(texts);
    let name = |value: &Option<eastwest::source::Spanned<Box<str>>>| {
        value.as_ref().map_or("-".to_owned(), |value| value.value.to_string())
    };
    let mut lines: Vec<_> = zones
        .namespaces
        .iter()
        .map(|it| format!("{} {}/{}", it.name.value, name(&it.application), name(&it.zone)))
        .collect();
    lines.extend(diagnostics.iter().map(|diagnostic| {
        let span = diagnostic.primary().unwrap();
        let at = sources.position(span);
        let fix = diagnostic.fix.as_ref().map_or(String::new(), |fix| {
            let edits: Vec<_> = fix.edits.iter().map(|edit| edit.text.as_str()).collect();
            format!(" => {}", edits.join(" "))
        });
        format!(
            "{} {}:{}:{} {:?}: {}{fix}",
            diagnostic.code.code,
            sources.path(span.file),
            at.line,
            at.column,
            sources.text(span),
            diagnostic.message
        )
    }));
    lines
}

/// A Namespace `ns` with `labels`, from line 6, column 5.
fn namespace(labels: &str) -> String {
    let labels: String = labels.lines().flat_map(|line| ["    ", line, "\n"]).collect();
    format!("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ns\n  labels:\n{labels}")
}

#[test]
fn every_form_of_manifest_is_read() {
    let yaml = "# zones\n---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: b\n  labels:\n    zone: back\n    \
                applicationcode: app\n---\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\n---\nreplicas: 1\n";
    let list = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Namespace\n  metadata:\n    name: a\n    \
                labels: {applicationcode: \"1\"}\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: p}\n";
    let json = "{\n\t\"kind\": \"NamespaceList\",\n\t\"apiVersion\": \"v1\",\n\t\"items\": [\n\t\t{\"metadata\": {\"name\": \"c\", \
                \"labels\": null}}\n\t]\n}\n";
    assert_eq!(
        shown(&[yaml, list, json, "", "# only a comment\n"]),
        ["a 1/-", "b app/back", "c -/-"]
    );
}

#[test]
fn what_kubectl_prints_is_read() {
    let text = r#"apiVersion: v1
items:
- apiVersion: v1
  kind: Namespace
  metadata:
    annotations:
      kubectl.kubernetes.io/last-applied-configuration: |
        {"apiVersion":"v1","kind":"Namespace","metadata":{"annotations":{},"labels":{"zone":"frontend"},"name":"ns1"}}
    creationTimestamp: "2026-01-02T03:04:05Z"
    labels:
      applicationcode: application1
      kubernetes.io/metadata.name: ns1
      zone: frontend
    managedFields:
    - apiVersion: v1
      fieldsType: FieldsV1
      fieldsV1:
        f:metadata:
          f:labels:
            .: {}
            f:zone: {}
      manager: kubectl
      time: "2026-01-02T03:04:05Z"
    name: ns1
    resourceVersion: "1"
    uid: 7b1c
  spec:
    finalizers:
    - kubernetes
  status:
    phase: Active
kind: List
metadata:
  resourceVersion: ""
"#;
    assert_eq!(shown(&[text]), ["ns1 application1/frontend"]);
    let windows = format!("\u{feff}{}", text.replace('\n', "\r\n"));
    assert_eq!(shown(&[&windows]), ["ns1 application1/frontend"]);
    // The same again, by hand: no news.
    let by_hand = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ns1\n  labels:\n    zone: frontend\n    applicationcode: application1\n";
    assert_eq!(shown(&[text, by_hand]), ["ns1 application1/frontend"]);
}

#[test]
fn label_values_that_are_not_text() {
    for (value, taken) in [
        ("on", "a true-or-false value"),
        ("y", "a true-or-false value"),
        ("42", "a number"),
        ("1_000", "a number"),
        ("1e3", "a number"),
        ("0x1f", "a number"),
        (".5", "a number"),
    ] {
        let said = shown(&[&namespace(&format!("applicationcode: app\nzone: {value}"))]);
        let expected = format!(
            "EW0707 0.yaml:7:11 {value:?}: `{value}` is {taken} in YAML, and a label value must be text => \"{value}\""
        );
        assert_eq!(said, [format!("ns app/{value}"), expected]);
        let quoted = namespace(&format!("applicationcode: app\nzone: '{value}'"));
        assert!(shown(&[&quoted]).iter().all(|line| !line.contains("EW0707")));
    }
    // For Kubernetes these are text, the first one with a sign that no label has.
    assert_eq!(
        shown(&[&namespace("applicationcode: app\nzone: 12:30")]),
        ["ns app/12:30", "EW0709 0.yaml:7:11 \"12:30\": `12:30` cannot be the value of a label"]
    );
    let date = namespace("applicationcode: app\nzone: 2026-11-22");
    assert_eq!(shown(&[&date]), ["ns app/2026-11-22"]);
    assert_eq!(
        shown(&[&namespace("applicationcode: 42\nzone: ~")]),
        [
            "ns 42/-",
            "EW0707 0.yaml:6:22 \"42\": `42` is a number in YAML, and a label value must be text => \"42\"",
            "EW0707 0.yaml:7:11 \"~\": `~` is no value at all in YAML, and a label value must be text => \"~\""
        ]
    );
    assert_eq!(
        shown(&[&namespace("applicationcode: [a]\non: x\nzone: !!int 7")]),
        [
            "ns -/7",
            "EW0707 0.yaml:6:22 \"[a]\": the value of label `applicationcode` is a list, and must be text",
            "EW0707 0.yaml:7:5 \"on\": `on` is a true-or-false value in YAML, and a label key must be text => \"on\"",
            "EW0707 0.yaml:8:17 \"7\": `7` is a number in YAML, and a label value must be text => \"7\""
        ]
    );
    let versions =
        namespace("applicationcode: app\nversion: 1.2.3\nbuild: 1a\nempty:\nzone: !!str on");
    assert_eq!(shown(&[&versions]), ["ns app/on"]);
}

#[test]
fn labels_that_kubernetes_refuses() {
    assert_eq!(
        shown(&[&namespace("applicationcode: \"\"\nzone:\nother: \"\"")]),
        [
            "ns -/-",
            "EW0708 0.yaml:6:22 \"\\\"\\\"\": the label `applicationcode` has no value",
            "EW0708 0.yaml:7:5 \"zone\": the label `zone` has no value"
        ]
    );
    let long = "a".repeat(64);
    assert_eq!(
        shown(&[&namespace(&format!("applicationcode: {long}\nzone: front end\nx/: y\n-k: v"))]),
        [
            format!("ns {long}/front end"),
            format!("EW0709 0.yaml:6:22 {long:?}: `{long}` cannot be the value of a label"),
            "EW0709 0.yaml:7:11 \"front end\": `front end` cannot be the value of a label".into(),
            "EW0709 0.yaml:8:5 \"x/\": `x/` cannot be the key of a label".into(),
            "EW0709 0.yaml:9:5 \"-k\": `-k` cannot be the key of a label".into(),
        ]
    );
}

#[test]
fn keys_that_are_nearly_the_ones_in_use() {
    assert_eq!(
        shown(&[&namespace("aplicationcode: app\nZones: front")]),
        [
            "ns -/-",
            "EW0712 0.yaml:6:5 \"aplicationcode\": label `aplicationcode` is nearly `applicationcode` => applicationcode",
            "EW0712 0.yaml:7:5 \"Zones\": label `Zones` is nearly `zone` => zone"
        ]
    );
    let json = r#"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"ns","labels":{"application-code":"a"}}}"#;
    assert!(shown(&[json])[1].ends_with("=> \"applicationcode\""), "{:?}", shown(&[json]));
    // Far away, or beside the real one: silence.
    let fine =
        namespace("applicationcode: app\napplicationcodes: x\nzone: z\nzones: w\napplication: a");
    assert_eq!(shown(&[&fine]), ["ns app/z"]);
    assert_eq!(shown(&[&namespace("app: a\ntone: b\nenv: c")])[0], "ns -/-");
    assert_eq!(shown(&[&namespace("application: a\nteam: c")]), ["ns -/-"]);
}

#[test]
fn the_name_and_its_label() {
    let key = "kubernetes.io/metadata.name";
    let (_, zones, _) = loaded(&[&namespace("zone: x")]);
    let labels: Vec<_> = zones.namespaces[0]
        .labels
        .iter()
        .map(|(key, value)| (&*key.value, &*value.value))
        .collect();
    assert_eq!(labels, [(key, "ns"), ("zone", "x")]);

    let mut sources = Sources::new();
    let file = sources.add("a.yaml", namespace("applicationcode: app"));
    let keys = LabelKeys { application: "applicationcode".into(), zone: key.into() };
    let (zones, said) = load(&sources, &[file], &keys);
    assert_eq!(&*zones.namespaces[0].zone.as_ref().unwrap().value, "ns");
    assert!(said.is_empty());

    assert_eq!(
        shown(&[&namespace(&format!("{key}: other"))]),
        [
            "ns -/-",
            "EW0711 0.yaml:6:34 \"other\": the label `kubernetes.io/metadata.name` of a namespace is always its name => \"ns\""
        ]
    );
    let named =
        |name: &str| format!("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {name}\n");
    for (name, expected) in [
        ("Ns", "`Ns` cannot be the name of a namespace"),
        ("a.b", "`a.b` cannot be the name of a namespace"),
        ("-a", "`-a` cannot be the name of a namespace"),
        (
            "1234",
            "`1234` is a number in YAML, and the name of a namespace must be text => \"1234\"",
        ),
        ("", "this Namespace has no name"),
        ("\"\"", "this Namespace has no name"),
        ("[a]", "the name of a namespace must be text"),
    ] {
        let said = shown(&[&named(name)]);
        assert!(said.last().unwrap().ends_with(expected), "{said:?}");
        assert_eq!(said.iter().filter(|line| line.starts_with("EW")).count(), 1, "{said:?}");
    }
    assert_eq!(shown(&[&named("\"1234\"")]), ["1234 -/-"]);
    assert_eq!(
        shown(&["apiVersion: v1\nkind: Namespace\n"]),
        ["EW0706 0.yaml:2:7 \"Namespace\": this Namespace has no name"]
    );
}

#[test]
fn declared_twice() {
    let first = namespace("applicationcode: app\nzone: a");
    let (sources, zones, said) = loaded(&[&first, &namespace("zone: b\napplicationcode: app")]);
    assert_eq!(zones.namespaces.len(), 1);
    assert_eq!(said.len(), 1);
    let labels: Vec<_> = said[0]
        .labels
        .iter()
        .map(|label| {
            (sources.path(label.span.file), sources.position(label.span).line, label.text.as_str())
        })
        .collect();
    assert_eq!(
        labels,
        [
            ("1.yaml", 4, "declared again"),
            ("0.yaml", 4, "first declared here"),
            ("1.yaml", 6, "`zone` is `b` here"),
            ("0.yaml", 7, "`zone` is `a` here"),
        ]
    );
    assert_eq!(said[0].code.code, "EW0710");
    assert!(loaded(&[&first, &first]).2.is_empty());
}

#[test]
fn objects_that_are_none() {
    assert_eq!(
        shown(&[
            "- a\n---\ntext\n---\nmetadata: {name: x}\n---\nkind: Namespace\nmetadata: {name: x}\n---\napiVersion: apps/v1\nkind: Namespace\n",
            "apiVersion: v1\nkind: namespace\nmetadata: {name: y}\n---\napiVersion: v1\nkind: List\nitems: {}\n---\n\
             apiVersion: v1\nkind: Namespace\nmetadata: {name: z, labels: [a]}\n---\nkind: [a]\n"
        ]),
        [
            "z -/-",
            "EW0704 0.yaml:1:1 \"- a\": this is a list, not a Kubernetes object",
            "EW0704 0.yaml:3:1 \"text\": this is text, not a Kubernetes object",
            "EW0704 0.yaml:5:1 \"metadata\": this object does not say its `kind`",
            "EW0705 0.yaml:7:7 \"Namespace\": this Namespace has no `apiVersion`",
            "EW0705 0.yaml:10:13 \"apps/v1\": the `apiVersion` of a Namespace is `v1` => v1",
            "EW0705 1.yaml:2:7 \"namespace\": `namespace` is not a kind of object => Namespace",
            "EW0705 1.yaml:7:8 \"{}\": `items` must be a list",
            "EW0705 1.yaml:11:29 \"[a]\": `labels` must be a mapping",
            "EW0705 1.yaml:13:7 \"[a]\": `kind` must be text",
        ]
    );
}

#[test]
fn a_broken_document_hides_no_other() {
    let good = namespace("applicationcode: app\nzone: z");
    let broken = namespace("applicationcode: \"app\nzone: z");
    let tabs = "apiVersion: v1\nkind: Namespace\nmetadata:\n\tname: t\n";
    let twice = namespace("zone: z\nzone: w").replace("ns", "twice");
    assert_eq!(
        shown(&[&format!("{broken}---\n{good}---\n{tabs}---\n{twice}")]),
        [
            "ns app/z",
            "twice -/w",
            "EW0701 0.yaml:6:22 \"\\\"\": this quote is never closed",
            "EW0701 0.yaml:20:1 \"\\t\": a tab cannot indent YAML",
            "EW0702 0.yaml:28:5 \"zone\": `zone` appears twice in one mapping"
        ]
    );
}

#[test]
fn bombs_are_said_and_survived() {
    let good = namespace("applicationcode: app");
    let mut bomb = "a: &a0 [x,x,x,x,x,x,x,x,x]\n".to_owned();
    for level in 1..30 {
        let items = vec![format!("*a{}", level - 1); 9].join(",");
        bomb.extend([format!("a{level}: &a{level} [{items}]\n")]);
    }
    for hostile in [bomb, "[".repeat(100_000), "{a: ".repeat(100_000), "- ".repeat(100_000)] {
        let said = shown(&[&format!("{hostile}\n---\n{good}")]);
        assert_eq!(said.len(), 2, "{said:?}");
        assert_eq!(said[0], "ns app/-");
        assert!(said[1].starts_with("EW0703 0.yaml:"), "{said:?}");
    }
}

#[test]
fn ten_thousand_namespaces() {
    let mut text = String::new();
    for index in 0..10_000 {
        text.extend([format!(
            "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ns-{index}\n  labels:\n    applicationcode: app-{}\n    \
             zone: zone-{}\n    team: t\n---\n",
            index / 5,
            index % 5
        )]);
    }
    let start = std::time::Instant::now();
    let (_, zones, said) = loaded(&[&text]);
    assert_eq!((zones.namespaces.len(), said.len()), (10_000, 0));
    assert!(start.elapsed().as_secs() < 30, "{:?}", start.elapsed());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_without_harm(text in "(?s:.){0,60}|[\\[\\]{}:,&*!|>'\"#%@`?\\- \t\r\na-c~]{0,60}") {
        let (sources, _, said) = loaded(&[&text]);
        for label in said.iter().flat_map(|diagnostic| &diagnostic.labels) {
            let range = label.span.start as usize..label.span.end as usize;
            prop_assert!(sources.get(label.span.file).unwrap().text.get(range).is_some());
        }
    }

    #[test]
    fn a_broken_manifest_is_never_silently_nothing(at in 0usize..170, with in "[\\[\\]{}:,&*!|>'\"#%@`?\\- \t\r\na-c~]{1,3}") {
        let mut text = namespace("applicationcode: app\nzone: z\n");
        let at = at.min(text.len());
        text.insert_str(at, &with);
        let (_, zones, said) = loaded(&[&text]);
        // Unless it has become an object of another kind.
        let whole = text.contains("kind: Namespace\n") && text.starts_with("apiVersion: v1\n");
        prop_assert!(!whole || !zones.namespaces.is_empty() || !said.is_empty(), "{text}");
    }
}

#[test]
fn as_people_see_it() {
    let text = "\
apiVersion: v1
kind: Namespace
metadata:
  name: application1-ns1
  labels:
    applicationcode: 42
    zone: on
---
apiVersion: v1
kind: Namespace
metadata:
  name: application1-ns1
  labels:
    aplicationcode: \"42\"
    zone: front end
    zone: frontend
---
kind: Namespace
metadata:
\tname: application1-ns2
---
apiVersion: v1
kind: namespace
metadata:
  name: Application2
  labels: [zone]
---
apiVersion: v1
kind: Namespace
metadata:
  name: Application2
  labels:
    kubernetes.io/metadata.name: application2
    zone: \"\"
";
    let (sources, _, said) = loaded(&[text]);
    let shown: Vec<_> = said
        .iter()
        .map(|diagnostic| eastwest::diagnostic::text::render(diagnostic, &sources, false))
        .collect();
    let snapshot = format!("{text}\n{}\n{}", "=".repeat(60), shown.join("\n"));
    snapshot!("zones__as_people_see_it", snapshot);
}
