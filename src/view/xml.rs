//! Text as XML holds it.

use crate::diagnostic::visible::visible;

/// Text as XML has it. What XML cannot hold at all is written out.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_its_place() {
        assert_eq!(escape("]]><a b='\"'>&"), "]]&gt;&lt;a b=&#39;&quot;&#39;&gt;&amp;");
        assert_eq!(escape("a\u{0}\u{1b}\u{202e}\u{ffff}"), "a\\u{0}\\u{1b}\\u{202e}\\u{ffff}");
    }
}
