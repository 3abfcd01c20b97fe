//! Text in a picture: cut to length, and as wide as it will be.

use crate::diagnostic::visible::visible;

/// Text of at most `length` characters.
pub(super) fn cut(text: &str, length: usize) -> String {
    let text = visible(text);
    if text.chars().count() <= length {
        return text.into_owned();
    }
    text.chars().take(length.saturating_sub(1)).chain(['…']).collect()
}

/// A list cut to about `length` characters, between its items: `tcp/80, tcp/443 +3`.
pub(super) fn cut_list(text: &str, length: usize) -> String {
    let mut out = String::new();
    let items: Vec<&str> = text.split(", ").collect();
    for (index, item) in items.iter().enumerate() {
        if index > 0 && out.chars().count() + item.chars().count() > length {
            return format!("{out} +{}", items.len() - index);
        }
        if index > 0 {
            out.push_str(", ");
        }
        out.push_str(&cut(item, length));
    }
    out
}

/// The width of text in the font of names, or of traffic (`small`), rounded up.
pub(super) fn width(text: &str, small: bool) -> i32 {
    // Anything beyond Latin may be twice as wide.
    let units: i32 = text.chars().map(|c| if c > '\u{2e7f}' { 2 } else { 1 }).sum();
    let tenths = if small { 67 } else { 82 };
    (units * tenths + 9) / 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_cut_and_long_lists_are_counted() {
        assert_eq!(cut("frontend", 8), "frontend");
        assert_eq!(cut("frontend2", 8), "fronten…");
        assert_eq!(cut_list("tcp/1, tcp/2, tcp/3, tcp/4", 14), "tcp/1, tcp/2 +2");
        assert_eq!(cut_list("tcp/1", 14), "tcp/1");
    }
}
