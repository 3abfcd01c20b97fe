//! CSV as RFC 4180 has it, and as no spreadsheet mistakes it.

use crate::diagnostic::visible::visible;

/// A line of these fields, which [`field`] has written.
pub(crate) fn record(fields: impl Iterator<Item = String>) -> String {
    fields.collect::<Vec<_>>().join(",") + "\r\n"
}

/// A field: in quotes where it must be. What a spreadsheet would take for a formula, also after blanks, begins with an
/// apostrophe.
pub(crate) fn field(text: &str) -> String {
    let text = visible(text);
    let formula = text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    let text = if formula { format!("'{text}") } else { text.into_owned() };
    if text.contains([',', '"']) || text.starts_with(' ') || text.ends_with(' ') {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_stay_one_field_and_are_no_formulas() {
        assert_eq!(field("tcp/80"), "tcp/80");
        assert_eq!(field("tcp/80, udp/53"), "\"tcp/80, udp/53\"");
        assert_eq!(field("a \"b\""), "\"a \"\"b\"\"\"");
        assert_eq!(field("=1+1"), "'=1+1");
        assert_eq!(field("@x"), "'@x");
        assert_eq!(field("  =1"), "'  =1");
        assert_eq!(field(" a"), "\" a\"");
        assert_eq!(field("-1,2"), "\"'-1,2\"");
        assert_eq!(field("a\r\nb"), "a\\u{d}\\u{a}b");
    }
}
