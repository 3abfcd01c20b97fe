//! What selectors have in common, against brute force over short values.

use proptest::prelude::*;

use super::{Decisions, FEW};
use crate::reach::Sets;
use crate::reach::budget::Budget;
use crate::selector::points_tests::{predicate, texts};
use crate::selector::{Overflow, Predicate, Selector};

fn test_of(key: &'static str) -> impl Strategy<Value = Selector> {
    (predicate(), any::<bool>()).prop_map(move |(predicate, holds)| {
        let mut predicate = predicate;
        if let Predicate::In(texts) = &mut predicate {
            texts.sort_unstable();
            texts.dedup();
        }
        Selector::of(key, predicate, holds)
    })
}

fn selector() -> impl Strategy<Value = Selector> {
    let leaf = prop_oneof![test_of("a"), test_of("b"), Just(Selector::All)];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|it| !it),
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
        let decisions = Decisions::default();
        prop_assert!(decisions.satisfiable(&x) || !some);
        prop_assert!(decisions.overlap(&x, &y) || !both);
        prop_assert!(!decisions.covers(&x, &y) || !outside);
        prop_assert_eq!(decisions.all_made(), Ok(()));
        // Two of which one takes in the other have it in common.
        if decisions.satisfiable(&y) && decisions.covers(&x, &y) {
            prop_assert!(decisions.overlap(&x, &y));
        }
        // What is not possible is what its opposite takes in.
        prop_assert_eq!(decisions.overlap(&x, &y), !decisions.covers(&!x, &y));
    }

    #[test]
    fn texts_that_are_questions_of_their_own_are_decided_alike_or_not_at_all(x in selector()) {
        let within = |most| Sets::some_pod([(&x, true), (&Selector::All, true)], most, &Budget::default());
        let listed = within(usize::MAX);
        prop_assert!(listed.is_ok());
        for most in [0, FEW] {
            let apart = within(most);
            prop_assert!(apart == Err(Overflow) || apart == listed);
        }
    }
}

fn parse(text: &str) -> Selector {
    Selector::parse(text).unwrap()
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
        let decisions = Decisions::default();
        assert_eq!(decisions.satisfiable(&parse(text)), possible, "{text}");
        assert_eq!(decisions.all_made(), Ok(()), "{text}");
    }
}

#[test]
fn length_counts() {
    let (start, end) = ("a".repeat(32), "b".repeat(31));
    let both = |end: &str| parse(&format!("k starts with '{start}' && k ends with '{end}'"));
    let decisions = Decisions::default();
    assert!(decisions.satisfiable(&both(&end)));
    assert!(!decisions.satisfiable(&both(&format!("{end}b"))));
    // The only value that is left is a constant, and that is excluded.
    let all_but =
        parse(&format!("k starts with '{start}' && k ends with '{end}' && k != '{start}{end}'"));
    assert!(!decisions.satisfiable(&all_but));
    assert_eq!(decisions.all_made(), Ok(()));
}

#[test]
fn overlap_and_cover() {
    let decisions = Decisions::default();
    let overlaps = |a, b| decisions.overlap(&parse(a), &parse(b));
    assert!(overlaps("app == 'a'", "tier == 'b'"));
    assert!(!overlaps("app == 'a'", "app in {'b', 'c'}"));
    assert!(overlaps("app starts with 'a'", "app ends with 'a'"));
    let covered = |outer, inner| decisions.covers(&parse(outer), &parse(inner));
    assert!(covered("app in {'a', 'b'}", "app == 'a'"));
    assert!(covered("has(app)", "app contains 'x'"));
    assert!(covered("app contains 'b'", "app starts with 'ab'"));
    assert!(covered("all()", "!all()"));
    assert!(!covered("app == 'a'", "app in {'a', 'b'}"));
    assert!(!covered("has(app)", "app != 'x'"));
}

#[test]
fn independent_labels_are_no_trouble() {
    let wide: Vec<_> = (0..300).map(|it| format!("(a{it} == 'x' || b{it} == 'y')")).collect();
    let decisions = Decisions::default();
    assert!(decisions.satisfiable(&parse(&wide.join(" && "))));
    assert_eq!(decisions.all_made(), Ok(()));
}

#[test]
fn the_deepest_selector_is_decided() {
    let text = "!(has(a) && !(has(b) || ".repeat(256) + "has(c)" + &")".repeat(512);
    let deep = parse(&text);
    let decisions = Decisions::default();
    assert!(decisions.satisfiable(&deep));
    assert!(decisions.overlap(&deep, &deep.with_prefix("pcns.")));
    assert!(decisions.covers(&deep, &parse(&deep.to_string())));
}
