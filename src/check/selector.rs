//! Selectors in brackets: Calico's text read, and what a flow may ask of pods (language reference,
//! section 3). Errors point into the text.

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::names::{
    SELECTOR_EMPTY, SELECTOR_LABEL, SELECTOR_NEVER, SELECTOR_SYNTAX, SELECTOR_VALUE,
};
use crate::reach::Decisions;
use crate::selector::keys::{NAMESPACE, OF_ACCOUNT, OF_NAMESPACE};
use crate::selector::{Predicate, Selector, ValueRule};
use crate::source::{Span, Spanned};

/// The selector `written`: `Some(None)` for one that takes every pod, `None` for an error, which is in `out`.
#[allow(clippy::option_option, reason = "an error and the selector of every pod are two things")]
pub(super) fn read(
    decisions: &Decisions,
    written: &Spanned<Box<str>>,
    out: &mut Vec<Diagnostic>,
) -> Option<Option<Arc<Selector>>> {
    let text = &*written.value;
    if text.trim().is_empty() {
        let around = Span {
            start: written.span.start.saturating_sub(1),
            end: written.span.end + 1,
            ..written.span
        };
        out.push(
            Diagnostic::new(&SELECTOR_EMPTY, "the brackets are empty")
                .label(around, "a selector stands here")
                .help("leave the brackets out for every pod of the place"),
        );
        return None;
    }
    let selector = match Selector::parse(text) {
        Ok(selector) => selector,
        Err(error) => {
            let at = within(written, error.start, error.end);
            let message = "this selector cannot be read";
            out.push(Diagnostic::new(&SELECTOR_SYNTAX, message).label(at, error.message));
            return None;
        }
    };
    let before = out.len();
    check_labels(written, &selector, out);
    check_values(written, &selector, out);
    if out.len() > before {
        return None;
    }
    if !decisions.satisfiable(&selector) {
        out.push(
            Diagnostic::new(&SELECTOR_NEVER, "no pod can satisfy this selector")
                .label(written.span, "its parts contradict each other")
                .help("for one or the other, write `||`, or `in` with a list of values"),
        );
        return None;
    }
    Some((selector != Selector::All).then(|| Arc::new(selector)))
}

/// Refuses what would look beyond the pods of the place.
fn check_labels(written: &Spanned<Box<str>>, selector: &Selector, out: &mut Vec<Diagnostic>) {
    let text = &*written.value;
    if has_global(selector) {
        let at = text
            .find("global(")
            .map_or(written.span, |at| within(written, at, at + "global".len()));
        out.push(
            Diagnostic::new(&SELECTOR_LABEL, "`global()` has no place in a line")
                .label(at, "means everything that is in no namespace")
                .help("name addresses by an external"),
        );
    }
    for key in selector.label_keys() {
        let why = if key.starts_with(OF_NAMESPACE) || &*key == NAMESPACE {
            "the place before the brackets says which namespaces"
        } else if key.starts_with(OF_ACCOUNT) {
            "labels of service accounts are out of reach; `projectcalico.org/serviceaccount` is the account's name"
        } else {
            continue;
        };
        let at =
            find_word(text, &key).map_or(written.span, |(start, end)| within(written, start, end));
        out.push(
            Diagnostic::new(&SELECTOR_LABEL, format!("a selector cannot ask for `{key}`"))
                .label(at, "not a label of pods")
                .help(why),
        );
    }
}

/// Whether a label can have such a value, or such a part of one.
type Fits = fn(ValueRule, &str) -> bool;

/// Refuses values, and parts of values, that no label can have.
fn check_values(written: &Spanned<Box<str>>, selector: &Selector, out: &mut Vec<Diagnostic>) {
    let mut reported: Vec<&str> = Vec::new();
    let mut open = vec![selector];
    while let Some(part) = open.pop() {
        let test = match part {
            Selector::All | Selector::Global => continue,
            Selector::Test(test) => test,
            Selector::Not(_) | Selector::And(_) | Selector::Or(_) => {
                open.extend(part.parts().iter().rev());
                continue;
            }
        };
        let key = &test.key;
        let (values, fits): (&[Arc<str>], Fits) = match &test.predicate {
            Predicate::Has => continue,
            Predicate::Equals(value) => {
                (std::slice::from_ref(value), |rule, value| rule.allows(value))
            }
            Predicate::In(values) => (values, |rule, value| rule.allows(value)),
            // A part of a value need not be a value itself: one with a letter at each open end is.
            Predicate::Contains(value) => (std::slice::from_ref(value), |rule, value| {
                rule.allows(value) || rule.allows(&format!("a{value}a"))
            }),
            Predicate::StartsWith(value) => (std::slice::from_ref(value), |rule, value| {
                rule.allows(value) || rule.allows(&format!("{value}a"))
            }),
            Predicate::EndsWith(value) => (std::slice::from_ref(value), |rule, value| {
                rule.allows(value) || rule.allows(&format!("a{value}"))
            }),
        };
        for value in values {
            if fits(ValueRule::of(key), value) || reported.contains(&&**value) {
                continue;
            }
            reported.push(value);
            let quoted = pieces(&written.value).into_iter().find(|it| it.2 && *it.1 == **value);
            // With its quotes.
            let at = quoted.map_or(written.span, |(start, piece, _)| {
                within(written, start.saturating_sub(1), start + piece.len() + 1)
            });
            out.push(
                Diagnostic::new(&SELECTOR_VALUE, format!("no pod can have `{value}` in its label `{key}`"))
                    .label(at, "not what a label can hold")
                    .help("a label holds at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends"),
            );
        }
    }
}

fn has_global(selector: &Selector) -> bool {
    *selector == Selector::Global || selector.parts().iter().any(has_global)
}

/// The place of bytes `start` to `end` of the text of `written`.
fn within(written: &Spanned<Box<str>>, start: usize, end: usize) -> Span {
    let span = written.span;
    let at =
        |offset: usize| u32::try_from(offset).map_or(span.end, |it| span.start + it).min(span.end);
    Span { start: at(start), end: at(end), ..span }
}

/// The pieces of a selector's text outside its quotes (`false`) and between them (`true`), with their start.
fn pieces(text: &str) -> Vec<(usize, &str, bool)> {
    let mut found = Vec::new();
    let (mut start, mut quote) = (0, None);
    for (at, c) in text.char_indices() {
        let ends = match quote {
            None => c == '"' || c == '\'',
            Some(open) => c == open,
        };
        if ends {
            found.extend(text.get(start..at).map(|piece| (start, piece, quote.is_some())));
            start = at + 1;
            quote = if quote.is_some() { None } else { Some(c) };
        }
    }
    found.extend(text.get(start..).map(|piece| (start, piece, quote.is_some())));
    found
}

/// Where `label` stands in `text` as a whole word outside quotes.
fn find_word(text: &str, label: &str) -> Option<(usize, usize)> {
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '/' | '-');
    pieces(text).into_iter().filter(|(.., quoted)| !quoted).find_map(|(start, piece, _)| {
        piece.match_indices(label).find_map(|(at, _)| {
            let before = piece.get(..at)?.chars().next_back();
            let after = piece.get(at + label.len()..)?.chars().next();
            let whole = !before.is_some_and(part) && !after.is_some_and(part);
            whole.then_some((start + at, start + at + label.len()))
        })
    })
}
