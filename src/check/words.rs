//! Small helps for the text of diagnostics: lists of names, and the nearest of many names.

use strsim::damerau_levenshtein;

/// How many names a list shows before it counts the rest.
const SHOWN: usize = 6;

/// `` `a` ``, `` `a` and `b` ``, `` `a`, `b` and `c` ``; a long list ends in a count.
pub(super) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    let hidden = names.len().saturating_sub(SHOWN);
    let hidden = if hidden == 1 { 0 } else { hidden };
    let mut words: Vec<String> =
        names.iter().take(names.len() - hidden).map(|name| format!("`{name}`")).collect();
    if hidden > 0 {
        words.push(format!("{hidden} more"));
    }
    match words.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, first)) => format!("{} and {last}", first.join(", ")),
    }
}

/// The name among `known` that `name` was most probably meant to be: the one with the fewest letters added,
/// lost, changed or swapped, if these are few (a third of the letters, at least one). Of equally near names
/// the first.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
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
    fn lists_read_as_a_sentence() {
        assert_eq!(list([]), "");
        assert_eq!(list(["a"]), "`a`");
        assert_eq!(list(["a", "b", "c"]), "`a`, `b` and `c`");
        assert_eq!(list(["a"; 7]), "`a`, `a`, `a`, `a`, `a`, `a` and `a`", "no `1 more`");
        assert_eq!(list(["a"; 9]), "`a`, `a`, `a`, `a`, `a`, `a` and 3 more");
    }

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
