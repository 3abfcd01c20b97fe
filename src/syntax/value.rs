//! What a single word can say: numbers, dates, address blocks, names. Kept apart from the parser because the
//! printer asks the same questions.

use super::token::TokenKind;

/// How a word reads where a number may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Number<'t> {
    /// Digits.
    One(&'t str),
    /// `digits-digits`
    Range(&'t str, &'t str),
    /// Something else.
    None,
}

/// Reads `word` as a number or a range, if it is one.
pub(super) fn number(word: &str) -> Number<'_> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match word.split_once('-') {
        None if digits(word) => Number::One(word),
        Some((first, last)) if digits(first) && digits(last) => Number::Range(first, last),
        None | Some(_) => Number::None,
    }
}

/// The value of `digits`; `None` with a zero before them, or where it is larger than any number of the language.
pub(super) fn decimal(digits: &str) -> Option<u64> {
    digits.parse().ok().filter(|_| digits.len() == 1 || !digits.starts_with('0'))
}

/// The date that `word` says, as `2026-11-22`, if the calendar has it.
pub(super) fn date(word: &str) -> Option<jiff::civil::Date> {
    let shape = word.len() == 10
        && word.bytes().enumerate().all(|(index, byte)| {
            if matches!(index, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() }
        });
    shape.then(|| word.parse().ok()).flatten()
}

/// Whether `text` is an address and the length of its prefix. Zeros before a number and bits beyond the prefix
/// are the checker's to refuse.
pub(super) fn is_block(text: &str) -> bool {
    text.parse::<ipnet::IpNet>().is_ok()
}

/// Whether `text` can be written without quotes: ASCII letters, digits and `_`, with `-` between them.
pub(super) fn is_word(text: &str) -> bool {
    let end =
        |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let bytes = text.as_bytes();
    end(bytes.first())
        && end(bytes.last())
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(byte))
}

/// Whether a Kubernetes label can have the value `text`, and it is not empty.
pub(super) fn is_label_value(text: &str) -> bool {
    let end = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    bytes.len() <= 63
        && end(bytes.first())
        && end(bytes.last())
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
}

/// Whether a namespace or a service can have the name `text`.
pub(super) fn is_object_name(text: &str) -> bool {
    is_label_value(text)
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Whether an external or an alias can be declared by the name `text`.
pub(super) fn is_declarable(text: &str) -> bool {
    let kind = TokenKind::of_word(text);
    is_object_name(text)
        && !kind.is_protocol()
        && kind != TokenKind::Any
        && number(text) == Number::None
}
