//! Tests of the first reader of YAML, hostile input among it.

use super::*;
use crate::source::Sources;
use crate::yaml::node::Value;

/// Documents as text in one line each, then diagnostics with the text they point at.
fn shown(text: &str) -> Vec<String> {
    let mut sources = Sources::new();
    let file = sources.add("a.yaml", text);
    let (documents, diagnostics) = read(text, file);
    let mut lines: Vec<_> = documents.iter().map(show).collect();
    lines.extend(diagnostics.iter().map(|diagnostic| {
        let span = diagnostic.primary().unwrap();
        let at = sources.position(span);
        let code = diagnostic.code.code;
        format!("{code} {}:{} {:?} {}", at.line, at.column, sources.text(span), diagnostic.message)
    }));
    lines
}

fn show(node: &Node) -> String {
    match &node.value {
        Value::Scalar { text, plain: true } => text.to_string(),
        Value::Scalar { text, plain: false } => format!("{text:?}"),
        Value::List(items) => format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(" ")),
        Value::Map(entries) => {
            let entry = |(key, value): &(Node, Node)| format!("{}={}", show(key), show(value));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(" "))
        }
    }
}

#[test]
fn documents_keep_quotes_and_order() {
    assert_eq!(
        shown(
            "a: on\nb: 'on'\nc: \"\\u00e9\"\nd: |\n  x\ne:\n- 1\n- [2, {f: !!str 3}]\n---\n---\nx\n"
        ),
        ["{a=on b=\"on\" c=\"é\" d=\"x\\n\" e=[1 [2 {f=\"3\"}]]}", "", "x"]
    );
    assert_eq!(shown("# only comments\n"), [""; 0]);
    assert_eq!(shown("\u{feff}a: 1\r\nb: 2\r\n"), ["{a=1 b=2}"]);
}

#[test]
fn json_of_any_layout_is_read() {
    let text = "{\n\t\"a\": [1,\t\"x\\/\\ud83d\\ude00\\t\"],\r\n\t\t\"b\":{\"c\":null},\n\"d\"\t:\ttrue}\n";
    assert_eq!(shown(text), ["{\"a\"=[1 \"x/😀\\t\"] \"b\"={\"c\"=null} \"d\"=true}"]);
    let long = "k".repeat(5000);
    assert_eq!(shown(&format!("{{\"{long}\": 1}}")), [format!("{{\"{long}\"=1}}")]);
}

#[test]
fn the_items_of_a_long_list_come_before_its_end_is_read() {
    let mut sources = Sources::new();
    let item = format!(
        "{{\"kind\": \"ConfigMap\", \"data\": {{\"k\": \"{}\"}}}}",
        "x".repeat(LONGEST_KEY / 4)
    );
    // What is broken at the end of it hides nothing before.
    let text = format!("{{\"kind\": \"List\", \"items\": [{}, }}", [item.as_str(); 20].join(",\n"));
    let file = sources.add("list.json", text.as_str());
    let mut items = 0;
    let said =
        read_each(&text, file, &mut |part| items += usize::from(matches!(part, ReadPart::Item(_))));
    assert_eq!(said.len(), 1, "{said:?}");
    assert_eq!(items, 20);
}

#[test]
fn a_broken_document_does_not_hide_the_others() {
    assert_eq!(
        shown("a: 1\n---\nb: [1\n---\nc: 'x\n---\nd: 1\n---\ne:\n\tf: 1\n---\nf: 1\n"),
        [
            "{a=1}",
            "{d=1}",
            "{f=1}",
            "EW0701 3:4 \"[\" this `[` is never closed",
            "EW0701 5:4 \"'\" this quote is never closed",
            "EW0701 10:1 \"\\t\" a tab cannot indent YAML"
        ]
    );
}

#[test]
fn tabs_that_indent_are_pointed_at() {
    for (text, at) in [
        ("\ta: 1\n", "1:1"),
        ("a:\n\tb: 1\n", "2:1"),
        ("a:\n  b: 1\n\tc: 1\n", "3:1"),
        ("a:\n  - b\n  \t c: d\n", "3:3"),
        ("a: |\n\tb\n", "2:1"),
        ("-\ta: b\n", "1:2"),
    ] {
        let said = shown(text);
        assert_eq!(said, [format!("EW0701 {at} \"\\t\" a tab cannot indent YAML")], "{text:?}");
    }
    assert_eq!(shown("a:\tb\nc: \"d\te\"\t# f\n"), ["{a=b c=\"d\\te\"}"]);
}

#[test]
fn repeated_keys_and_aliases_and_merges() {
    assert_eq!(
        shown("a: 1\n'a': 2\n"),
        ["{\"a\"=2}", "EW0702 2:1 \"'a'\" `a` appears twice in one mapping"]
    );
    assert_eq!(
        shown("a: &x {p: 1, q: 2}\nb: *x\nc: {<<: *x, q: 3}\n"),
        ["{a={p=1 q=2} b={p=1 q=2} c={q=3 p=1}}"]
    );
    assert_eq!(
        shown("a: *x\n"),
        ["EW0701 1:4 \"*x\" `*x` stands for a value that no `&x` above it gives"]
    );
    assert_eq!(shown("a: &x [*x]\n"), ["EW0701 1:8 \"*x\" this value contains itself"]);
    assert_eq!(
        shown("? [a]\n: b\n"),
        ["EW0701 1:3 \"[a]\" a key must be text, not a list or a mapping"]
    );
    assert_eq!(
        shown("a: !Ref b\n---\nc: 1\n"),
        ["{c=1}", "EW0701 1:4 \"!Ref\" the tag `!Ref` has no meaning in a Kubernetes manifest"]
    );
}

#[test]
fn bombs_end_in_a_diagnostic() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let alias = format!("*a{}", level - 1);
        let items = vec![alias; 9].join(", ");
        bomb.extend([format!("a{level}: &a{level} [{items}]\n")]);
    }
    let said = shown(&format!("{bomb}---\nfine: 1\n"));
    assert_eq!(said.len(), 2, "{said:?}");
    assert_eq!(said[0], "{fine=1}");
    assert!(
        said[1].starts_with("EW0703") && said[1].ends_with("grow beyond all measure"),
        "{said:?}"
    );

    for open in ["[", "{\"a\":", "- ", "? "] {
        let said = shown(&format!("{}\n---\nfine: 1\n", open.repeat(100_000)));
        assert_eq!(said[0], "{fine=1}", "{open}");
        assert!(said[1].starts_with("EW0703 1:"), "{open}: {said:?}");
        assert_eq!(said.len(), 2);
    }
    let mut chain = vec!["a0: &a0 x".to_owned()];
    chain.extend((1..300).map(|i| format!("a{i}: &a{i} [*a{}]", i - 1)));
    let said = shown(&chain.join("\n"));
    assert!(said[0].starts_with("EW0703"), "{said:?}");
    let large = "#".repeat(MAX_BYTES + 1);
    assert_eq!(read(&large, Sources::new().add("a", "")).1[0].code.code, "EW0703");
}
