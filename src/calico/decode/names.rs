//! Names and labels as Kubernetes and Calico want them ("how Calico decides", section 1.5).

use std::sync::Arc;

use super::fields::Field;
use crate::calico::Labels;

/// The most characters of a DNS label, and of a label's value.
const LABEL: usize = 63;
/// The most characters of a name.
const NAME: usize = 253;

fn is_dns_label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.bytes().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

/// A name without dots.
pub(super) fn dns_label(field: &Field<'_>) -> Option<Arc<str>> {
    let text = field.string()?;
    if is_dns_label(text) && text.len() <= LABEL {
        return Some(text.into());
    }
    field.refused(format!("`{text}` is not a DNS label"))
}

/// A name with or without dots.
pub(super) fn dns_subdomain(field: &Field<'_>) -> Option<Arc<str>> {
    let text = field.string()?;
    if text.split('.').all(is_dns_label) && text.len() <= NAME {
        return Some(text.into());
    }
    field.refused(format!("`{text}` is not a DNS name"))
}

/// The name of a tier.
pub(super) fn tier_name(field: &Field<'_>) -> Option<Arc<str>> {
    let name = dns_subdomain(field)?;
    if is_dns_label(&name) && name.len() <= LABEL {
        return Some(name);
    }
    field.invalid(format!("`{name}` is not a DNS label of at most {LABEL} characters"))
}

/// The name of a policy: at most one dot, or, in a namespace, what Calico calls policies that it takes over.
pub(super) fn policy_name(field: &Field<'_>, namespaced: bool) -> Option<Arc<str>> {
    let name = dns_subdomain(field)?;
    let taken_over = namespaced
        && ["knp.default.", "ossg.default."].iter().any(|prefix| name.starts_with(prefix));
    if name.matches('.').count() > 1 && !taken_over && !field.is_converted() {
        return field.invalid(format!("`{name}` has more than one dot"));
    }
    Some(name)
}

/// Whether `text` can name a port: 1 to 15 characters, a letter among them.
pub(super) fn is_port_name(text: &str) -> bool {
    is_dns_label(text)
        && text.len() <= 15
        && !text.contains("--")
        && text.bytes().any(|byte| byte.is_ascii_lowercase())
}

/// Labels of an object.
pub(super) fn labels(field: &Field<'_>) -> Option<Labels> {
    let mut labels = Labels::new();
    for (key, value) in field.entries()? {
        if !is_label_key(key) {
            value.tell(super::ProblemEffect::Refused, format!("`{key}` is not a label's key"));
        }
        let text = value.string()?;
        if !text.is_empty() && (text.len() > LABEL || !is_label_text(text)) {
            return value.refused(format!("`{text}` is not a label's value"));
        }
        labels.push((key.into(), text.into()));
    }
    Some(labels)
}

/// Annotations: any text under the keys that labels may have.
pub(super) fn annotations(field: &Field<'_>) -> Option<Labels> {
    let mut annotations = Labels::new();
    for (key, value) in field.entries()? {
        // The domain before the slash may have capitals here.
        if !is_label_key(&key.to_ascii_lowercase()) && !field.is_converted() {
            return value.invalid(format!("`{key}` is no annotation's key"));
        }
        annotations.push((key.into(), value.string()?.into()));
    }
    Some(annotations)
}

fn is_label_key(key: &str) -> bool {
    let (prefix, name) = key.rsplit_once('/').map_or((None, key), |(a, b)| (Some(a), b));
    let prefix = prefix.is_none_or(|it| it.len() <= NAME && it.split('.').all(is_dns_label));
    prefix && name.len() <= LABEL && is_label_text(name)
}

/// Letters, digits, `-`, `_`, `.`; a letter or digit at either end.
fn is_label_text(text: &str) -> bool {
    let ends = |it: Option<u8>| it.is_some_and(|it| it.is_ascii_alphanumeric());
    ends(text.bytes().next())
        && ends(text.bytes().next_back())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}
