//! What Kubernetes asks of a label of a namespace: text in YAML's eyes, a key and a value of the right form; and keys
//! that are nearly one of the two that make a landing zone.

use super::{LabelKeys, ZoneLabel};
use crate::diagnostic::codes::zones::{EMPTY_LABEL, INVALID_LABEL, LABEL_NOT_TEXT, NEAR_LABEL_KEY};
use crate::diagnostic::visible::visible;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{Span, Spanned};
use crate::yaml::node::{Node, Value};
use crate::yaml::plain::{Taken, kubernetes_takes_for, only_text};
use crate::yaml::write::quoted;

/// A label that is wrong, and what to take it for nevertheless, so that flows that use it are not wrong as well.
pub(super) struct Refused {
    pub(super) kept: Option<ZoneLabel>,
    pub(super) diagnostic: Box<Diagnostic>,
}

/// Reads one label. `None` where there is nothing wrong and nothing to know.
///
/// # Errors
/// What is wrong with it.
pub(super) fn read(
    key: Spanned<&Node>,
    value: Spanned<&Node>,
    keys: &LabelKeys,
) -> Result<Option<ZoneLabel>, Refused> {
    let refused = |kept, code: Code, message: String, span: Span, under: &str, help: &str| {
        let diagnostic = Diagnostic::new(code, message).label(span, under).help(help);
        Refused { kept, diagnostic: Box::new(diagnostic) }
    };
    let key_text = key.value.text().unwrap_or_default();
    // An empty value has no place of its own to point at.
    let blamed = if value.span.start == value.span.end { key.span } else { value.span };
    let Value::Scalar { text, plain } = &value.value.value else {
        let what = if value.value.items().is_some() { "a list" } else { "a mapping" };
        let message =
            format!("the value of label `{}` is {what}, and must be text", shown(key_text));
        return Err(refused(None, &LABEL_NOT_TEXT, message, blamed, what, "a label has one value"));
    };
    let label = (Spanned::new(key_text.into(), key.span), Spanned::new(text.clone(), value.span));

    if let Some(taken) = typed(key.value) {
        let message = format!(
            "`{}` is {} in YAML, and a label key must be text",
            shown(key_text),
            taken.name()
        );
        return Err(in_quotes(label, message, key_text, key.span, ""));
    }
    if !is_key(key_text) {
        let message = format!("`{}` cannot be the key of a label", shown(key_text));
        let help = "a key has at most 63 characters: letters, digits, and `-`, `_`, `.` inside; \
                    a DNS name and a `/` may stand before it";
        return Err(refused(Some(label), &INVALID_LABEL, message, key.span, "no key", help));
    }
    if text.is_empty() {
        if [&keys.application, &keys.zone].iter().any(|it| ***it == *key_text) {
            let message = format!("the label `{key_text}` has no value");
            let help = "write a value, or remove the label";
            return Err(refused(Some(label), &EMPTY_LABEL, message, blamed, "no value", help));
        }
        return Ok(Some(label));
    }
    if *plain && let Some(taken) = kubernetes_takes_for(text) {
        let message = format!(
            "`{}` is {} in YAML, and a label value must be text",
            shown(text),
            taken.name()
        );
        let lead = format!("{key_text}: ");
        let mut refused = in_quotes(label, message, text, value.span, &lead);
        if taken == Taken::Null {
            refused.kept = None;
        }
        return Err(refused);
    }
    if !is_name(text) {
        let message = format!("`{}` cannot be the value of a label", shown(text));
        let help = "a value has at most 63 characters: letters, digits, and `-`, `_`, `.` inside";
        let under = fault(text, |c| c.is_ascii_alphanumeric(), &['-', '_', '.']);
        return Err(refused(Some(label), &INVALID_LABEL, message, value.span, &under, help));
    }
    Ok(Some(label))
}

/// That `text` at `span` needs quotes; `lead` stands before it in the help.
fn in_quotes(label: ZoneLabel, message: String, text: &str, span: Span, lead: &str) -> Refused {
    let corrected = quoted(text);
    let diagnostic = Diagnostic::new(&LABEL_NOT_TEXT, message)
        .label(span, "written without quotes")
        .help(format!("write  {lead}{corrected}"))
        .fix("put it in quotes", span, corrected);
    Refused { kept: Some(label), diagnostic: Box::new(diagnostic) }
}

fn typed(node: &Node) -> Option<Taken> {
    match &node.value {
        Value::Scalar { text, plain: true } => kubernetes_takes_for(text),
        Value::Scalar { .. } | Value::List(_) | Value::Map(_) => None,
    }
}

/// Keys of `labels` that are nearly one of `keys`, where that one is not there.
pub(super) fn near_keys(labels: &[ZoneLabel], keys: &LabelKeys) -> Vec<Diagnostic> {
    let mut near = Vec::new();
    let mut wanted = vec![&keys.application];
    if keys.zone != keys.application {
        wanted.push(&keys.zone);
    }
    let is_wanted = |key: &str| wanted.iter().any(|it| ***it == *key);
    for wanted in &wanted {
        if labels.iter().any(|(key, _)| key.value == **wanted) {
            continue;
        }
        let found = labels
            .iter()
            .filter(|(key, _)| !is_wanted(&key.value))
            .filter_map(|label| Some((distance(&label.0.value, wanted)?, label)))
            .min_by_key(|(distance, _)| *distance);
        if let Some((_, (key, value))) = found {
            let value = &value.value;
            let value = if only_text(value) { value.to_string() } else { quoted(value) };
            let message = format!("label `{}` is nearly `{wanted}`", shown(&key.value));
            let diagnostic = Diagnostic::new(&NEAR_LABEL_KEY, message)
                .label(key.span, format!("did you mean `{wanted}`?"))
                .help(format!("write  {wanted}: {value}"))
                .fix(
                    format!("write `{wanted}`"),
                    key.span,
                    as_written(key.span, &key.value, wanted),
                );
            near.push(diagnostic);
        }
    }
    near
}

/// How far `key` is from `wanted`, if that can be a slip: letter case and `-`, `_`, `.` do not count, and beyond
/// that one letter in five may differ, two at most.
fn distance(key: &str, wanted: &str) -> Option<usize> {
    let bare = |text: &str| text.replace(['-', '_', '.'], "").to_lowercase();
    let (key, wanted) = (bare(key), bare(wanted));
    let most = (wanted.chars().count() / 5).clamp(1, 2);
    // Far longer texts are not compared letter by letter.
    if key.len().abs_diff(wanted.len()) > 4 * most {
        return None;
    }
    Some(strsim::osa_distance(&key, &wanted)).filter(|distance| *distance <= most)
}

/// Whether `text` is a name in the sense of labels: 63 characters, letters and digits at both ends.
fn is_name(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let end = |c: char| c.is_ascii_alphanumeric();
    (1..=63).contains(&text.len())
        && text.bytes().all(inner)
        && text.starts_with(end)
        && text.ends_with(end)
}

/// Whether `text` is a key of a label: a name, perhaps after a DNS name and a `/`.
fn is_key(text: &str) -> bool {
    let Some((prefix, name)) = text.split_once('/') else { return is_name(text) };
    prefix.len() <= 253 && prefix.split('.').all(is_dns_label) && is_name(name)
}

/// Whether a cluster takes a label of this form.
pub(super) fn is_possible((key, value): &ZoneLabel) -> bool {
    is_key(&key.value) && (value.value.is_empty() || is_name(&value.value))
}

/// Whether `text` is a DNS label, but for its length.
pub(super) fn is_dns_label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.bytes().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

/// What is wrong with a name of at most 63 characters, of `letters` with `inner` signs between them.
pub(super) fn fault(text: &str, letters: impl Fn(char) -> bool, inner: &[char]) -> String {
    if let Some(odd) = text.chars().find(|c| !letters(*c) && !inner.contains(c)) {
        return match odd {
            ' ' => "a space cannot stand in it".to_owned(),
            odd => format!("`{}` cannot stand in it", visible(odd.encode_utf8(&mut [0; 4]))),
        };
    }
    match text.chars().count() {
        long if long > 63 => format!("{long} characters long"),
        _ => "a sign stands at its end".to_owned(),
    }
}

/// `text` as a message shows it: nothing hidden, and not without end.
pub(super) fn shown(text: &str) -> String {
    const MOST: usize = 80;
    match text.char_indices().nth(MOST) {
        Some((cut, _)) => format!("{}…", visible(text.get(..cut).unwrap_or_default())),
        None => visible(text).into_owned(),
    }
}

/// `new` instead of `old` at `span`, in quotes if that was: JSON cannot do without.
pub(super) fn as_written(span: Span, old: &str, new: &str) -> String {
    let is_bare = usize::try_from(span.end.saturating_sub(span.start))
        .is_ok_and(|length| length == old.len());
    if is_bare { new.to_owned() } else { quoted(new) }
}
