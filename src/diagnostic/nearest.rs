//! The nearest of many names: what somebody who wrote another most probably meant.

use strsim::damerau_levenshtein;

/// The name among `known` that `name` was most probably meant to be: the one with the fewest letters added,
/// lost, changed or swapped, if these are few (a third of the letters, at least one). Of equally near names
/// the first.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let letters = name.chars().count();
    let cap = (letters / 3).max(1);
    known
        .into_iter()
        // The distance is at least the difference in length, which is cheap to know.
        .filter(|other| *other != name && other.chars().count().abs_diff(letters) <= cap)
        .map(|other| (damerau_levenshtein(name, other), other))
        // A name of one letter is near to every other one.
        .filter(|(distance, other)| *distance <= cap && *distance < other.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, other)| other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_near_names_are_suggested() {
        let zones = ["backend", "data", "frontend", "x"];
        assert_eq!(nearest("frontnd", zones), Some("frontend"));
        assert_eq!(nearest("fornt", zones), None);
        assert_eq!(nearest("dtaa", zones), Some("data"), "a swap is one step");
        assert_eq!(nearest("y", zones), None, "nothing is like one letter");
        assert_eq!(nearest("data", zones), None, "not itself");
        assert_eq!(nearest("", zones), None);
    }
}
