//! Text of others made safe to show: what would steer a terminal, or hide from a reader, is written out as
//! `\u{…}`. Every word of the input that reaches people goes through here.

use std::borrow::Cow;

/// Whether `c` cannot be seen, or changes how the text around it is shown: control characters, Unicode's
/// default-ignorable characters (bidirectional overrides, zero-width characters, fillers, variation
/// selectors, tags), the line and paragraph separators, what fonts draw as they please (private use) and what is no character.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(u32::from(c) & 0xffff, 0xfffe | 0xffff)
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}'
            | '\u{890}' | '\u{891}' | '\u{8e2}'
            | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffc}' | '\u{e000}'..='\u{f8ff}' | '\u{fdd0}'..='\u{fdef}'
            | '\u{f0000}'..='\u{10ffff}' | '\u{16fe4}' | '\u{1d159}'
            | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// `text` with everything hidden written out; a tab becomes a space.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    text.chars().for_each(|c| push(&mut shown, c));
    Cow::Owned(shown)
}

/// `text` on one line: as [`visible`], with each line break and the blanks around it as one space.
pub fn one_line(text: String) -> String {
    if !text.chars().any(is_hidden) {
        return text;
    }
    if !text.contains('\n') {
        return visible(&text).into_owned();
    }
    let lines: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    visible(&lines.join(" ")).into_owned()
}

/// As [`visible`], line by line: line breaks stay.
pub fn visible_lines(text: &str) -> String {
    text.split('\n').map(visible).collect::<Vec<_>>().join("\n")
}

fn push(shown: &mut String, c: char) {
    match c {
        '\t' => shown.push(' '),
        c if is_hidden(c) => shown.extend(c.escape_unicode()),
        c => shown.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_or_hides_is_written_out() {
        assert_eq!(visible("a\u{1b}[31m\tb"), r"a\u{1b}[31m b");
        assert_eq!(visible("x\u{202e}y\u{200b}"), r"x\u{202e}y\u{200b}");
        assert_eq!(visible_lines("é\nü\r"), "é\nü\\u{d}");
        assert_eq!(one_line("`[a\r\n  b\n]` is\todd\u{7}\n".to_owned()), r"`[a b ]` is odd\u{7}");
        assert_eq!(one_line(" a ".to_owned()), " a ");
        assert_eq!(visible("a\u{e000}\u{fdd0}\u{10ffff}"), r"a\u{e000}\u{fdd0}\u{10ffff}");
        assert!(matches!(visible("plain → text „ü“ 漢 😀 \u{fffd}"), Cow::Borrowed(_)));
    }
}
