//! Characters that are refused wherever they stand, comments and strings included: a reviewer must see
//! what the compiler sees (language reference, section 3 "Lexical rules").

use crate::diagnostic::visible::is_hidden;

/// Whether `c` is refused: hidden, and neither a tab nor a line feed.
pub(super) fn is_refused(c: char) -> bool {
    !matches!(c, '\t' | '\n') && is_hidden(c)
}

/// `U+202E (right-to-left override)`: the code point, and its name where it is a common one.
pub(super) fn name(c: char) -> String {
    let known = match c {
        '\0' => "null",
        '\u{8}' => "backspace",
        '\t' => "tab",
        '\n' => "line feed",
        '\r' => "carriage return",
        '\u{1b}' => "escape",
        '\u{7f}' => "delete",
        '\u{85}' => "next line",
        '\u{a0}' => "no-break space",
        '\u{ad}' => "soft hyphen",
        '\u{200b}' => "zero-width space",
        '\u{200c}' => "zero-width non-joiner",
        '\u{200d}' => "zero-width joiner",
        '\u{200e}' => "left-to-right mark",
        '\u{200f}' => "right-to-left mark",
        '\u{2028}' => "line separator",
        '\u{2029}' => "paragraph separator",
        '\u{202a}' => "left-to-right embedding",
        '\u{202b}' => "right-to-left embedding",
        '\u{202c}' => "pop directional formatting",
        '\u{202d}' => "left-to-right override",
        '\u{202e}' => "right-to-left override",
        '\u{202f}' => "narrow no-break space",
        '\u{2060}' => "word joiner",
        '\u{2066}' => "left-to-right isolate",
        '\u{2067}' => "right-to-left isolate",
        '\u{2068}' => "first strong isolate",
        '\u{2069}' => "pop directional isolate",
        '\u{3000}' => "ideographic space",
        '\u{feff}' => "byte-order mark",
        '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => "variation selector",
        '\u{e0000}'..='\u{e007f}' => "tag character",
        _ => return format!("U+{:04X}", u32::from(c)),
    };
    format!("U+{:04X} ({known})", u32::from(c))
}
