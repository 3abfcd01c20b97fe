//! Small helps for the text of diagnostics: lists of names.

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

/// `count` of a thing: `1 day`, `2 days`.
pub(super) fn counted(count: i64, thing: &str) -> String {
    if count == 1 { format!("1 {thing}") } else { format!("{count} {thing}s") }
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
}
