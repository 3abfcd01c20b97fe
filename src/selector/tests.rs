//! The sentences of "how Calico decides", section 5, one by one.

use proptest::prelude::*;

use super::*;

fn canonical(text: &str) -> String {
    match Selector::parse(text) {
        Ok(selector) => selector.to_string(),
        Err(error) => format!("{}..{}: {error}", error.start, error.end),
    }
}

fn matches(text: &str, labels: &[(&str, &str)]) -> bool {
    let selector = Selector::parse(text).unwrap();
    selector.matches(|key| labels.iter().find(|(k, _)| *k == key).map(|(_, value)| *value))
}

#[test]
fn canonical_text() {
    for (text, expected) in [
        ("", "all()"),
        (" \t ", "all()"),
        ("all( )", "all()"),
        ("global(\t)", "global()"),
        ("has( a )", "has(a)"),
        ("a=='b'", "a == \"b\""),
        ("a == 'b\"c'", "a == 'b\"c'"),
        ("a == \"it's\"", "a == \"it's\""),
        ("a == \"\\\"", "a == \"\\\""),
        ("a == 'é'", "a == \"é\""),
        ("a != ''", "a != \"\""),
        ("a in{'z','b','z',}", "a in {\"b\", \"z\"}"),
        ("a in {}", "a in {}"),
        ("a notin {'b'}", "a not in {\"b\"}"),
        ("a not \t in {'b'}", "a not in {\"b\"}"),
        ("a contains'b'", "a contains \"b\""),
        ("a startswith 'b'", "a starts with \"b\""),
        ("a starts  with'b'", "a starts with \"b\""),
        ("a endswith 'b'", "a ends with \"b\""),
        ("! a == 'b'", "!a == \"b\""),
        ("!!! has(a)", "!has(a)"),
        ("!! ! ! has(a)", "has(a)"),
        ("!(!has(a))", "!!has(a)"),
        ("((has(a)))", "has(a)"),
        ("has(a)&&has(b)", "(has(a) && has(b))"),
        ("has(a) || has(b) && has(c)", "(has(a) || (has(b) && has(c)))"),
        ("(has(a) || has(b)) && has(c)", "((has(a) || has(b)) && has(c))"),
        ("(has(a) && has(b)) && has(c)", "((has(a) && has(b)) && has(c))"),
        ("!has(a) || has(b)", "(!has(a) || has(b))"),
        ("!(has(a) || has(b))", "!(has(a) || has(b))"),
        // Words of the language are labels wherever a label may stand.
        ("in == 'x'", "in == \"x\""),
        ("all == 'x'", "all == \"x\""),
        ("not == 'x'", "not == \"x\""),
        ("has in {'x'}", "has in {\"x\"}"),
        ("has(has)", "has(has)"),
        ("in in {'in'}", "in in {\"in\"}"),
        ("contains contains 'x'", "contains contains \"x\""),
        ("-./_ == '1'", "-./_ == \"1\""),
    ] {
        assert_eq!(canonical(text), expected, "{text}");
    }
}

#[test]
fn errors_point_at_the_fault_and_say_what_to_write() {
    for (text, expected) in [
        ("has (a)", "4..5: no blank may stand between `has` and its `(`"),
        ("all ()", "4..5: no blank may stand between `all` and its `(`"),
        (
            "Has(a)",
            "3..4: expected an operator after the label `Has`: `==`, `!=`, `in`, `not in`, `contains`, `starts with` or `ends with`",
        ),
        ("has()", "4..5: expected a label: letters, digits and `_.-/`"),
        ("has(a", "5..5: expected `)` after the label, found the end"),
        ("all(x)", "4..5: expected `)`"),
        (
            "a",
            "1..1: expected an operator after the label `a`: `==`, `!=`, `in`, `not in`, `contains`, `starts with` or `ends with`, found the end",
        ),
        ("a = 'b'", "2..3: a comparison is written `==`"),
        ("a == b", "5..6: a value stands in quotes: write `\"b\"`"),
        ("a == 'b", "5..6: this value is never closed: expected another `'`"),
        ("a ==", "4..4: expected a value in quotes, found the end"),
        ("a in 'b'", "5..6: expected `{` and a list of values, as in `{\"a\", \"b\"}`"),
        ("a in {'b' 'c'}", "10..11: expected `,` or `}` after a value"),
        ("a in {,}", "6..7: expected a value in quotes"),
        ("a in {'b'", "5..6: this `{` is never closed"),
        (
            "a IN {'b'}",
            "2..4: expected an operator after the label `a`: `==`, `!=`, `in`, `not in`, `contains`, `starts with` or `ends with`",
        ),
        (
            "a inx {'b'}",
            "2..5: expected an operator after the label `a`: `==`, `!=`, `in`, `not in`, `contains`, `starts with` or `ends with`",
        ),
        ("(has(a)", "0..1: this `(` is never closed"),
        ("has(a))", "6..7: this `)` closes nothing"),
        ("()", "1..2: expected a condition before this `)`"),
        ("has(a) & has(b)", "7..8: write `&&` here"),
        ("has(a) or has(b)", "7..9: write `||` here"),
        (
            "has(a) &&",
            "9..9: expected a condition, such as `label == \"value\"`, `has(label)` or `all()`, found the end",
        ),
        ("|| has(a)", "0..2: expected a condition before this operator"),
        ("has(a) !has(b)", "7..8: expected `&&`, `||` or the end after a condition"),
        ("'a' == 'b'", "0..1: expected a label, which has no quotes: only values have them"),
        ("has(a) &&\nhas(b)", "9..10: a selector has no line breaks: blanks are spaces and tabs"),
        ("has(a)\u{a0}", "6..8: `U+00A0` may not stand here: blanks are spaces and tabs"),
        (
            "é == 'a'",
            "0..2: expected a condition, such as `label == \"value\"`, `has(label)` or `all()`",
        ),
    ] {
        assert_eq!(canonical(text), expected, "{text}");
    }
}

#[test]
fn limits() {
    let label = "l".repeat(512);
    assert_eq!(canonical(&format!("has({label})")), format!("has({label})"));
    assert!(canonical(&format!("has({label}l)")).contains("at most 512"));
    assert!(canonical(&format!("{label}l == 'x'")).contains("at most 512"));
    let nested = |depth| "(".repeat(depth) + "has(a)" + &")".repeat(depth);
    assert_eq!(canonical(&nested(512)), "has(a)");
    assert_eq!(canonical(&nested(513)), "512..513: parentheses are nested too deep");
    assert_eq!(canonical(&nested(100_000)), "512..513: parentheses are nested too deep");
    let negated = |depth| "!(".repeat(depth) + "has(a)" + &")".repeat(depth);
    assert!(!matches(&negated(511), &[("a", "")]));
    assert_eq!(canonical(&negated(512)), "!".repeat(512) + "has(a)");
    assert_eq!(canonical(&("!".repeat(100_001) + "has(a)")), "!has(a)");
}

#[test]
fn missing_labels_and_exact_comparison() {
    for (text, missing, same, other) in [
        ("a == 'b'", false, true, false),
        ("a != 'b'", true, false, true),
        ("a in {'b', 'c'}", false, true, false),
        ("a not in {'b', 'c'}", true, false, true),
        ("a in {}", false, false, false),
        ("a not in {}", true, true, true),
        ("has(a)", false, true, true),
        ("!has(a)", true, false, false),
        ("a contains 'b'", false, true, false),
        ("a contains ''", false, true, true),
        ("a starts with 'b'", false, true, false),
        ("a ends with 'b'", false, true, false),
        ("!a contains 'b'", true, false, true),
        ("all()", true, true, true),
        ("global()", true, true, true),
        ("!a == 'b' && has(a)", false, false, true),
        ("has(a) || !has(a) && has(x)", false, true, true),
    ] {
        assert_eq!(matches(text, &[]), missing, "{text} without the label");
        assert_eq!(matches(text, &[("a", "b")]), same, "{text} with b");
        assert_eq!(matches(text, &[("a", "B")]), other, "{text} with B");
    }
    assert!(matches("a contains 'bc'", &[("a", "abcd")]));
    assert!(!matches("a starts with 'bc'", &[("a", "abcd")]));
    assert!(matches("a ends with 'cd'", &[("a", "abcd")]));
}

#[test]
fn made_selectors_are_tidy() {
    let parse = |text| Selector::parse(text).unwrap();
    let (a, b) = (parse("has(a)"), parse("has(b)"));
    assert_eq!(Selector::and([]).to_string(), "all()");
    assert_eq!(Selector::or([]).to_string(), "!all()");
    assert_eq!(Selector::and([Selector::All, a.clone()]), a);
    let both = Selector::and([a.clone(), Selector::and([b.clone(), a.clone()])]);
    assert_eq!(both.to_string(), "(has(a) && has(b))");
    assert_eq!(Selector::or([a.clone(), b, a]).to_string(), "(has(a) || has(b))");
    assert_eq!(Selector::one_of("k", ["v".into()]).to_string(), "k == \"v\"");
    let set = Selector::one_of("k", ["w".into(), "v".into(), "w".into()]);
    assert_eq!(set.to_string(), "k in {\"v\", \"w\"}");
    let all = parse("x != '1' && (all() || !y contains 'z') && global()").with_prefix("pcns.");
    assert_eq!(
        all.to_string(),
        "(pcns.x != \"1\" && (all() || !pcns.y contains \"z\") && global())"
    );
    assert_eq!(all.label_keys(), ["pcns.x".into(), "pcns.y".into()]);
}

fn value() -> impl Strategy<Value = Arc<str>> {
    prop::sample::select(vec!["", "a", "b", "ab", "\"", "'", "é \n", "all()"]).prop_map(Arc::from)
}

fn selector() -> impl Strategy<Value = Selector> {
    let key = || prop::sample::select(vec!["a", "in", "has", "x.y/z"]).prop_map(Arc::from);
    let values =
        || prop::collection::btree_set(value(), 0..4).prop_map(|it| it.into_iter().collect());
    let leaf = prop_oneof![
        Just(Selector::All),
        Just(Selector::Global),
        key().prop_map(Selector::has),
        (key(), value()).prop_map(|(key, value)| Selector::equals(key, value)),
        (key(), value()).prop_map(|(key, value)| Selector::of(
            key,
            Predicate::Equals(value),
            false
        )),
        (key(), values()).prop_map(|(key, values)| Selector::of(key, Predicate::In(values), true)),
        (key(), values()).prop_map(|(key, values)| Selector::of(key, Predicate::In(values), false)),
        (key(), value()).prop_map(|(key, value)| Selector::of(
            key,
            Predicate::Contains(value),
            true
        )),
        (key(), value()).prop_map(|(key, value)| Selector::of(
            key,
            Predicate::StartsWith(value),
            true
        )),
        (key(), value()).prop_map(|(key, value)| Selector::of(
            key,
            Predicate::EndsWith(value),
            true
        )),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|it| !it),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Selector::And),
            prop::collection::vec(inner, 2..4).prop_map(Selector::Or),
        ]
    })
}

/// The selector as it reads back: doubled `!` fall away.
fn read_back(selector: Selector) -> Selector {
    let all = |parts: Vec<Selector>| parts.into_iter().map(read_back).collect();
    if let Selector::Not(inner) = selector {
        let inner = read_back(*inner);
        return if let Selector::Not(it) = inner { *it } else { !inner };
    }
    if let Selector::And(parts) = selector {
        return Selector::And(all(parts));
    }
    if let Selector::Or(parts) = selector {
        return Selector::Or(all(parts));
    }
    selector
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn printed_selectors_read_back(selector in selector()) {
        prop_assert_eq!(Selector::parse(&selector.to_string()), Ok(read_back(selector)));
    }

    #[test]
    fn any_text_is_read_or_refused_in_place(text in r#"[ \tahsin!=()&|{},"'é\n]{0,24}|\PC{0,24}"#) {
        if let Err(error) = Selector::parse(&text) {
            prop_assert!(error.start <= error.end);
            prop_assert!(text.get(error.start..error.end).is_some());
        }
    }
}
