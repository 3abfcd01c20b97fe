//! That lines ask more of labels than can be decided.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::output::TOO_MANY;
use crate::program::{Endpoint, ExternalValue, Program};
use crate::selector::{Selector, TooMany};
use crate::source::Span;

/// So many lines are shown.
const SHOWN: usize = 3;

/// What is said of `program` where that much is asked: with some of the lines that ask for the labels that are named.
pub fn undecided(program: &Program, too_many: &TooMany) -> Diagnostic {
    let asks = |selector: &Selector| {
        selector.label_keys().iter().any(|key| too_many.labels().contains(key))
    };
    let of_sides = |sides: &[&Endpoint]| {
        sides.iter().filter_map(|side| side.selector.as_ref()).any(|it| asks(it))
    };
    let externals = program.externals.iter().filter_map(|(_, it)| match &it.value {
        ExternalValue::Namespace { selector: Some(selector), .. } => {
            asks(selector).then_some(it.span)
        }
        ExternalValue::Namespace { selector: None, .. }
        | ExternalValue::Addresses(_)
        | ExternalValue::Service { .. } => None,
    });
    let guardrails = program.guardrails.iter().filter(|it| {
        let ends = [&it.left, &it.right].into_iter().chain(&it.except);
        of_sides(&ends.collect::<Vec<_>>())
    });
    let flows = program.flows.iter().filter(|it| of_sides(&[&it.left, &it.right]));
    let lines = flows.map(|it| it.spans.whole).chain(guardrails.map(|it| it.span)).chain(externals);
    let lines: Vec<Span> = lines.take(SHOWN).collect();
    let first = if too_many.labels().len() == 1 { "tests it" } else { "tests some of them" };
    let label = |found: Diagnostic, (index, span): (usize, &Span)| {
        found.label(*span, if index == 0 { first } else { "and this line" })
    };
    lines
        .iter()
        .enumerate()
        .fold(Diagnostic::new(&TOO_MANY, too_many.to_string()), label)
        .help(TooMany::REMEDY)
}
