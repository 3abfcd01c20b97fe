//! Names of objects. A name depends only on what the object is for, so that a policy keeps its name
//! whatever lines, files and reasons come and go; that of a set of addresses on what it holds, too.

use ipnet::IpNet;
use sha2::{Digest, Sha256};

use crate::calico::{Direction, encode};
use crate::selector::Selector;

/// The longest DNS label.
const LABEL: usize = 63;
/// Hexadecimal digits of a hash.
const DIGITS: usize = 8;

/// The default deny.
pub(super) const DEFAULT_DENY: &str = "eastwest-default-deny";

/// The flows of a namespace: of all its pods, or of those that `selector` takes.
pub(super) fn flows(selector: Option<&Selector>) -> String {
    let pods = selector.map(|it| format!("-{}", slug(&encode::selector(it))));
    format!("eastwest-flows{}", pods.unwrap_or_default())
}

/// What `word` stands for (guardrails, or lines of the platform) at `place`, in one direction.
pub(super) fn global(word: &str, place: &str, direction: Direction) -> String {
    let direction = match direction {
        Direction::Ingress => "ingress",
        Direction::Egress => "egress",
    };
    format!("eastwest-{word}-{}-{direction}", slug(place))
}

/// `text` as a part of a name: itself where it is a DNS label, else its readable part and 8 hexadecimal
/// digits of a hash of the whole. Never longer than a DNS label, so it also serves as a label's value.
pub(super) fn slug(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if !text.is_empty()
        && text.len() <= LABEL
        && text.bytes().all(plain)
        && !text.starts_with('-')
        && !text.ends_with('-')
    {
        return text.into();
    }
    let lower = text.to_ascii_lowercase();
    let words = lower.split(|letter: char| !letter.is_ascii_alphanumeric());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    let readable: String = words.join("-").chars().take(LABEL - DIGITS - 1).collect();
    let readable = readable.trim_end_matches('-');
    format!("{}-{}", if readable.is_empty() { "all" } else { readable }, hash(text))
}

/// The set of addresses of an external that is called `value` in labels, or of a part of it, with these blocks. Server-side apply
/// takes a block out of a set only for the one who put it in, so no set ever changes: other blocks are another set, and the old
/// one is pruned. An external may itself be called `onprem-2`; a dot, which the name of a set may hold, keeps them apart.
pub(super) fn set(value: &str, nets: &[IpNet]) -> String {
    let nets: Vec<_> = nets.iter().map(ToString::to_string).collect();
    format!("eastwest-{value}.{}", hash(&nets.join(" ")))
}

fn hash(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    let hash = hash.iter().take(DIGITS / 2).fold(0_u32, |hash, byte| hash << 8 | u32::from(*byte));
    format!("{hash:0DIGITS$x}")
}

/// The name of part `part` (from 0) of something that one object cannot hold.
pub(super) fn part(name: &str, part: usize) -> String {
    if part == 0 { name.into() } else { format!("{name}-{}", part + 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_a_dns_label_that_tells_texts_apart() {
        assert_eq!(slug("application2"), "application2");
        assert_eq!(slug("*.*"), "all-".to_owned() + slug("*.*").trim_start_matches("all-"));
        let texts = ["a.x", "a-x.", "A.x", "*.x", "app == 'api'", "", "-", &"x".repeat(64), "ä"];
        let mut slugs: Vec<_> = texts.iter().map(|text| slug(text)).collect();
        for slug in &slugs {
            assert!(slug.len() <= 63 && !slug.starts_with('-'), "{slug}");
            assert!(
                slug.bytes().all(|it| it == b'-' || it.is_ascii_digit() || it.is_ascii_lowercase())
            );
        }
        slugs.sort();
        slugs.dedup();
        assert_eq!(slugs.len(), texts.len());
    }
}
