//! Points and what selectors have in common, against brute force over short values.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::points::{Predicate, ValuePoints};
use super::satisfiable::found;
use super::steps::Overflow;
use super::{Selector, Steps, ValueRule, covers, overlap, satisfiable};

const RULES: [ValueRule; 3] = [ValueRule::Label, ValueRule::ServiceAccount, ValueRule::Any];

/// Every text of at most `length` of some characters.
fn texts(letters: &str, length: usize) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut from = 0;
    for _ in 0..length {
        let end = all.len();
        for at in from..end {
            all.extend(letters.chars().map(|c| format!("{}{c}", all[at])).collect::<Vec<_>>());
        }
        from = end;
    }
    all
}

fn predicate() -> impl Strategy<Value = Predicate> {
    let text = || prop::sample::select(texts("ab-.B", 2)).prop_map(std::sync::Arc::from);
    prop_oneof![
        1 => Just(Predicate::Has),
        2 => text().prop_map(Predicate::Equals),
        1 => prop::collection::vec(text(), 0..4).prop_map(Predicate::In),
        3 => text().prop_map(Predicate::Contains),
        3 => text().prop_map(Predicate::StartsWith),
        3 => text().prop_map(Predicate::EndsWith),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn points_are_the_values_that_tests_tell_apart(
        predicates in prop::collection::vec(predicate(), 0..6),
        rule in prop::sample::select(RULES.to_vec()),
    ) {
        let points = ValuePoints::new(&predicates, rule, &Steps::new(u64::MAX)).unwrap();
        let truths = |value: &str| predicates.iter().map(|it| it.holds(value)).collect::<Vec<_>>();
        let mut known = BTreeSet::new();
        prop_assert_eq!(points.witness(0), None);
        for point in 1..points.len() {
            let value = points.witness(point).unwrap();
            prop_assert!(rule.allows(&value), "{value}");
            let at = u32::try_from(point).unwrap();
            let held: Vec<_> = predicates.iter().map(|it| points.holds(it).contains(at)).collect();
            prop_assert_eq!(&held, &truths(&value));
            known.insert(truths(&value));
        }
        prop_assert_eq!(points.witness(points.len()), None);
        for value in texts("abx-.B", 4).into_iter().filter(|value| rule.allows(value)) {
            prop_assert!(known.contains(&truths(&value)), "no point for {value:?}");
        }
    }
}

fn test_of(key: &'static str) -> impl Strategy<Value = Selector> {
    (predicate(), any::<bool>()).prop_map(move |(predicate, holds)| {
        let key = key.into();
        let selector = match predicate {
            Predicate::Has => Selector::Has(key),
            Predicate::Equals(text) if holds => Selector::Equals(key, text),
            Predicate::Equals(text) => return Selector::NotEquals(key, text),
            Predicate::In(texts) => {
                let texts: BTreeSet<_> = texts.into_iter().collect();
                let texts = texts.into_iter().collect();
                return if holds { Selector::In(key, texts) } else { Selector::NotIn(key, texts) };
            }
            Predicate::Contains(text) => Selector::Contains(key, text),
            Predicate::StartsWith(text) => Selector::StartsWith(key, text),
            Predicate::EndsWith(text) => Selector::EndsWith(key, text),
        };
        if holds { selector } else { Selector::Not(Box::new(selector)) }
    })
}

fn selector() -> impl Strategy<Value = Selector> {
    let leaf = prop_oneof![test_of("a"), test_of("b"), Just(Selector::All)];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|it| Selector::Not(Box::new(it))),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Selector::And),
            prop::collection::vec(inner, 2..4).prop_map(Selector::Or),
        ]
    })
}

fn matches(selector: &Selector, labels: &[(&str, Option<&str>)]) -> bool {
    selector.matches(|key| labels.iter().find(|(it, _)| *it == key).and_then(|(_, value)| *value))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn satisfiable_is_what_some_labels_satisfy(x in selector(), y in selector()) {
        let values = texts("abB", 3);
        let values: Vec<_> = values.iter().map(|it| Some(&**it)).chain([None, Some("x"), Some("a-b"), Some("b.a")]).collect();
        let mut some = false;
        let (mut both, mut outside) = (false, false);
        for &a in &values {
            for &b in &values {
                let labels = [("a", a), ("b", b)];
                let (in_x, in_y) = (matches(&x, &labels), matches(&y, &labels));
                some |= in_x;
                both |= in_x && in_y;
                outside |= in_y && !in_x;
            }
        }
        let witness = satisfiable(&x, ValueRule::of).unwrap();
        prop_assert!(witness.is_some() || !some);
        prop_assert!(overlap(&x, &y).unwrap() || !both);
        prop_assert!(!covers(&x, &y).unwrap() || !outside);
        if let Some(witness) = witness {
            let labels: Vec<_> = witness.iter().map(|(key, value)| (&**key, value.as_deref())).collect();
            prop_assert!(matches(&x, &labels), "{x} by {labels:?}");
            prop_assert!(labels.iter().all(|(_, value)| value.is_none_or(|it| ValueRule::Label.allows(it))));
        }
    }

    #[test]
    fn texts_that_are_questions_of_their_own_are_decided_alike_or_not_at_all(x in selector()) {
        let listed = satisfiable(&x, ValueRule::of).unwrap();
        let apart = found(&x, ValueRule::of, 0, &Steps::new(u64::MAX));
        if let Ok(apart) = apart {
            prop_assert_eq!(apart.is_some(), listed.is_some());
            if let Some(witness) = apart {
                let labels: Vec<_> = witness.iter().map(|(key, value)| (&**key, value.as_deref())).collect();
                prop_assert!(matches(&x, &labels), "{} by {:?}", x, labels);
            }
        }
    }
}

fn parse(text: &str) -> Selector {
    Selector::parse(text).unwrap()
}

#[test]
fn values_that_labels_can_have() {
    let longest = "a".repeat(63);
    for (rule, value, allowed) in [
        (ValueRule::Label, "", true),
        (ValueRule::Label, "a_.-B9", true),
        (ValueRule::Label, "-a", false),
        (ValueRule::Label, "a-", false),
        (ValueRule::Label, "a b", false),
        (ValueRule::Label, "é", false),
        (ValueRule::Label, &longest, true),
        (ValueRule::Label, &format!("{longest}a"), false),
        (ValueRule::ServiceAccount, "", false),
        (ValueRule::ServiceAccount, "a--b.c", true),
        (ValueRule::ServiceAccount, "a.-b", false),
        (ValueRule::ServiceAccount, "a-.b", false),
        (ValueRule::ServiceAccount, "a..b", false),
        (ValueRule::ServiceAccount, "A", false),
        (ValueRule::ServiceAccount, &longest.repeat(4), true),
        (ValueRule::ServiceAccount, &longest.repeat(5), false),
        (ValueRule::Any, "", false),
        (ValueRule::Any, "\n é", true),
    ] {
        assert_eq!(rule.allows(value), allowed, "{rule:?} {value:?}");
    }
    assert_eq!(ValueRule::of("projectcalico.org/serviceaccount"), ValueRule::ServiceAccount);
    assert_eq!(ValueRule::of("app"), ValueRule::Label);
}

#[test]
fn what_no_label_can_be() {
    for (text, possible) in [
        ("a == 'x' && a == 'y'", false),
        ("a == 'x' && a != 'x'", false),
        ("!has(a) && a != 'x'", true),
        ("!has(a) && a contains ''", false),
        ("a starts with '-'", false),
        ("a ends with '.'", false),
        ("a contains '-'", true),
        ("a contains ' '", false),
        ("a == 'é'", false),
        ("a in {}", false),
        ("a not in {}", true),
        ("a starts with 'x' && a ends with 'y' && !a contains 'xy'", true),
        ("projectcalico.org/serviceaccount == 'UPPER'", false),
        ("projectcalico.org/serviceaccount == ''", false),
        ("(a == 'x' || b == 'y') && a == 'z' && b != 'y'", false),
        ("global() && all()", true),
        ("!global()", false),
    ] {
        let found = satisfiable(&parse(text), ValueRule::of);
        assert_eq!(found.map(|it| it.is_some()), Ok(possible), "{text}");
    }
}

#[test]
fn length_counts() {
    let (start, end) = ("a".repeat(32), "b".repeat(31));
    let both = |end: &str| parse(&format!("k starts with '{start}' && k ends with '{end}'"));
    let fits = satisfiable(&both(&end), ValueRule::of).unwrap();
    assert_eq!(fits, Some(vec![("k".into(), Some(format!("{start}{end}")))]));
    assert_eq!(satisfiable(&both(&format!("{end}b")), ValueRule::of), Ok(None));
    // The only value that is left is a constant, and that is excluded.
    let all_but =
        parse(&format!("k starts with '{start}' && k ends with '{end}' && k != '{start}{end}'"));
    assert_eq!(satisfiable(&all_but, ValueRule::of), Ok(None));
}

#[test]
fn overlap_and_cover() {
    let overlaps = |a, b| overlap(&parse(a), &parse(b)).unwrap();
    assert!(overlaps("app == 'a'", "tier == 'b'"));
    assert!(!overlaps("app == 'a'", "app in {'b', 'c'}"));
    assert!(overlaps("app starts with 'a'", "app ends with 'a'"));
    let covered = |outer, inner| covers(&parse(outer), &parse(inner)).unwrap();
    assert!(covered("app in {'a', 'b'}", "app == 'a'"));
    assert!(covered("has(app)", "app contains 'x'"));
    assert!(covered("app contains 'b'", "app starts with 'ab'"));
    assert!(covered("all()", "!all()"));
    assert!(!covered("app == 'a'", "app in {'a', 'b'}"));
    assert!(!covered("has(app)", "app != 'x'"));
}

#[test]
fn many_constants_are_cheap_and_many_patterns_are_refused() {
    let constants = (0..50_000).map(|it| format!("v{it}").into());
    let predicates = [Predicate::In(constants.collect()), Predicate::Equals("other".into())];
    let points = ValuePoints::new(&predicates, ValueRule::Label, &Steps::new(u64::MAX)).unwrap();
    assert_eq!(points.len(), 50_003);
    assert_eq!(points.witness(50_002), Some("other-1".into()));
    let predicates =
        ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r"]
            .map(|it| Predicate::Contains(it.into()));
    assert_eq!(
        ValuePoints::new(&predicates, ValueRule::Label, &Steps::new(u64::MAX)),
        Err(Overflow)
    );
    // Independent labels are no trouble: each choice is made alone.
    let wide: Vec<_> = (0..300).map(|it| format!("(a{it} == 'x' || b{it} == 'y')")).collect();
    assert!(satisfiable(&parse(&wide.join(" && ")), ValueRule::of).unwrap().is_some());
}

#[test]
fn the_deepest_selector_is_decided() {
    let text = "!(has(a) && !(has(b) || ".repeat(256) + "has(c)" + &")".repeat(512);
    let deep = parse(&text);
    assert!(satisfiable(&deep, ValueRule::of).unwrap().is_some());
    assert!(overlap(&deep, &deep.with_prefix("pcns.")).unwrap());
    assert!(covers(&deep, &parse(&deep.to_string())).unwrap());
}
