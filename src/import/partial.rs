//! A selector where some of what it asks is known.

use crate::selector::Selector;

/// `selector` without the comparisons that `known` answers, as short as that makes it.
pub(super) fn partial(selector: &Selector, known: &impl Fn(&Selector) -> Option<bool>) -> Selector {
    if let Some(answer) = known(selector) {
        return truth(answer);
    }
    match selector {
        Selector::Not(inner) => {
            let inner = partial(inner, known);
            if let Selector::Not(innermost) = inner { *innermost } else { !inner }
        }
        Selector::And(parts) => {
            let parts: Vec<_> = parts.iter().map(|part| partial(part, known)).collect();
            if parts.contains(&never()) { never() } else { Selector::and(parts) }
        }
        Selector::Or(parts) => {
            let parts = parts.iter().map(|part| partial(part, known));
            Selector::or(parts.filter(|it| *it != never()))
        }
        Selector::All | Selector::Global | Selector::Test(_) => selector.clone(),
    }
}

fn truth(answer: bool) -> Selector {
    if answer { Selector::All } else { never() }
}

/// What selects nothing.
pub(super) fn never() -> Selector {
    !Selector::All
}

/// The parts of `selector` that must all hold.
pub(super) fn terms(selector: &Selector) -> Vec<Selector> {
    match selector {
        Selector::And(parts) => parts.iter().flat_map(terms).collect(),
        Selector::All => Vec::new(),
        Selector::Not(_) | Selector::Global | Selector::Test(_) | Selector::Or(_) => {
            vec![selector.clone()]
        }
    }
}
