//! A value that passes some tests on its parts and fails others, put together from the texts that it must have.

use super::Predicate;
use super::values::ValueRule;

/// What stands between the texts of a value, tried one after the other.
const BETWEEN: [&str; 8] = ["", "x", "-", "0", ".", "z", "_", "7"];

/// A value that `rule` allows for which each of `tests` holds or fails as is said beside it. There may be one where none is
/// found: texts that overlap in the middle are not tried.
pub fn spelled(tests: &[(&Predicate, bool)], rule: ValueRule) -> Option<String> {
    let (mut start, mut end, mut inner) = ("", "", Vec::new());
    for (test, _) in tests.iter().filter(|(_, holds)| *holds) {
        match test {
            Predicate::StartsWith(text) if text.len() > start.len() => start = text,
            Predicate::EndsWith(text) if text.len() > end.len() => end = text,
            Predicate::Contains(text) => inner.push(&**text),
            Predicate::Has
            | Predicate::Equals(_)
            | Predicate::In(_)
            | Predicate::StartsWith(_)
            | Predicate::EndsWith(_) => {}
        }
    }
    inner.sort_by_key(|text| (std::cmp::Reverse(text.len()), *text));
    let mut parts: Vec<&str> = Vec::new();
    for text in inner {
        if !parts.iter().chain([&start, &end]).any(|known| known.contains(text)) {
            parts.push(text);
        }
    }
    let fits = |value: &String| {
        rule.allows(value) && tests.iter().all(|(test, holds)| test.holds(value) == *holds)
    };
    let around = |between: &str| {
        let all: Vec<_> =
            std::iter::once(start).chain(parts.iter().copied()).chain([end]).collect();
        all.join(between)
    };
    let values = BETWEEN.iter().map(|between| around(between));
    let closed = BETWEEN.iter().map(|between| format!("x{}x", around(between)));
    values.chain(closed).find(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_what_it_must_and_nothing_that_it_must_not() {
        let contains = |text: &str| Predicate::Contains(text.into());
        let (a, b, ab) = (contains("a"), contains("b"), contains("ab"));
        let (start, end) = (Predicate::StartsWith("q-".into()), Predicate::EndsWith("-r".into()));
        let spelled = |tests: &[(&Predicate, bool)]| spelled(tests, ValueRule::Label);
        assert_eq!(spelled(&[(&a, true), (&b, true), (&ab, false)]).as_deref(), Some("xaxbx"));
        assert_eq!(spelled(&[(&start, true), (&end, true), (&a, true)]).as_deref(), Some("q-a-r"));
        assert_eq!(spelled(&[(&ab, true), (&a, false)]), None);
        let dash = contains("-");
        assert_eq!(spelled(&[(&dash, true)]).as_deref(), Some("x-x"));
    }
}
