//! Where a rule comes from, as it stands in the policy: the lines in an annotation (Felix copies it into the
//! node's rules, so it is short), reason and ticket in comments.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::calico::Labels;
use crate::program::{Flow, Guardrail};
use crate::source::Span;

/// Characters of the annotation.
const ROOM: usize = 200;

/// A line of a flow file, as rules remember it. Lines that read alike are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SourceLine<'a> {
    text: &'a str,
    because: Option<&'a str>,
    ticket: Option<&'a str>,
    /// Where it stands.
    pub(super) span: Span,
}

/// The lines that a rule comes from.
pub(super) type SourceLines<'a> = BTreeSet<SourceLine<'a>>;

impl<'a> From<&'a Flow> for SourceLine<'a> {
    fn from(flow: &'a Flow) -> Self {
        Self {
            text: &flow.line,
            because: flow.because.as_deref(),
            ticket: flow.ticket.as_deref(),
            span: flow.spans.whole,
        }
    }
}

impl<'a> From<&'a Guardrail> for SourceLine<'a> {
    fn from(guardrail: &'a Guardrail) -> Self {
        Self {
            text: &guardrail.line,
            because: guardrail.because.as_deref(),
            ticket: guardrail.ticket.as_deref(),
            span: guardrail.span,
        }
    }
}

/// `metadata.annotations` of a rule that comes from `lines`.
pub(super) fn annotations(lines: &SourceLines<'_>) -> Labels {
    let mut texts: Vec<_> = lines.iter().map(|line| line.text).collect();
    texts.dedup();
    vec![("eastwest/flow".into(), Arc::from(joined(&texts)))]
}

/// As many of `texts` as there is room for, and the count of the others.
fn joined(texts: &[&str]) -> String {
    let whole = texts.join("; ");
    if whole.chars().count() <= ROOM {
        return whole;
    }
    let more =
        |left: usize| if left == 0 { "…".to_owned() } else { format!("… and {left} more") };
    let fits = |count: &usize| {
        let (shown, left) = texts.split_at_checked(*count).unwrap_or_default();
        let shown: usize = shown.iter().map(|text| text.chars().count() + 2).sum();
        shown + more(left.len()).chars().count() <= ROOM
    };
    if let Some(count) = (1..texts.len()).take_while(fits).last() {
        let shown = texts.get(..count).unwrap_or_default();
        return format!("{}; {}", shown.join("; "), more(texts.len() - count));
    }
    // Not even the first one: its beginning says more than nothing.
    let tail = more(texts.len().saturating_sub(1));
    let room = ROOM - tail.chars().count();
    texts.first().into_iter().flat_map(|text| text.chars().take(room)).chain(tail.chars()).collect()
}

/// The comments above a rule that comes from `lines`: reason and ticket, without repeats.
pub(super) fn comments(lines: &SourceLines<'_>) -> Vec<Box<str>> {
    let mut comments: Vec<Box<str>> = Vec::new();
    let mut seen = BTreeSet::new();
    for line in lines {
        let comment = match (line.because, line.ticket) {
            (Some(because), Some(ticket)) => format!("{because} ({ticket})"),
            (Some(text), None) | (None, Some(text)) => text.to_owned(),
            (None, None) => continue,
        };
        // A reason may hold line breaks; a comment is one line.
        let words: Vec<_> = comment.split_whitespace().collect();
        let comment = words.join(" ");
        if seen.insert(comment.clone()) {
            comments.push(comment.into());
        }
    }
    comments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_with_a_count_at_200_characters() {
        let line = "a.x -> a.y : tcp/443"; // 20 characters
        assert_eq!(joined(&[line; 9]).chars().count(), 9 * 22 - 2);
        let cut = joined(&[line; 12]);
        assert!(cut.ends_with("; … and 4 more"), "{cut}");
        assert!(cut.chars().count() <= ROOM, "{cut}");
        let long = "é".repeat(250);
        assert_eq!(joined(&[&long]).chars().count(), ROOM);
        let cut = joined(&[&long, line, line]);
        assert!(cut.ends_with("é… and 2 more") && cut.chars().count() == ROOM, "{cut}");
    }
}
