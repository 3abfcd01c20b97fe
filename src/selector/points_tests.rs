//! Points, against brute force over short values.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::points::ValuePoints;
use super::steps::Overflow;
use super::{Predicate, Steps, ValueRule};

const RULES: [ValueRule; 3] = [ValueRule::Label, ValueRule::ServiceAccount, ValueRule::Any];

/// Every text of at most `length` of some characters.
pub(crate) fn texts(letters: &str, length: usize) -> Vec<String> {
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

/// A test of the value of a label.
pub(crate) fn predicate() -> impl Strategy<Value = Predicate> {
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
}
