//! Text as Mermaid takes it.

use std::fmt::Write;

use crate::diagnostic::visible::visible;

/// `text` in quotes. What Mermaid, Markdown or HTML could take for anything else is written by its number.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in visible(text).chars() {
        let plain = c.is_alphanumeric() || " ./,:=()[]*'!".contains(c) || c == '-';
        if plain {
            out.push(c);
        } else {
            let _ = write!(out, "#{};", u32::from(c));
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_the_quotes_and_nothing_hides_in_them() {
        assert_eq!(quoted("a.b : tcp/80"), "\"a.b : tcp/80\"");
        assert_eq!(quoted("\"]; x `y`"), "\"#34;]#59; x #96;y#96;\"");
        assert_eq!(quoted("a\u{202e}b"), "\"a#92;u#123;202e#125;b\"");
    }
}
