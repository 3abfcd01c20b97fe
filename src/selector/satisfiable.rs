//! What selectors have in common: whether the labels of some endpoint satisfy a selector, and with it whether two
//! selectors overlap and whether one covers the other. Exact: labels range over the points that the selector's own
//! tests tell apart, and what no label can have counts for nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Selector;
use super::points::{Points, Predicate, TooMany};
use super::values::ValueRule;
use crate::traffic::Intervals;

/// So many combinations of choices are looked through.
const CHOICES: usize = 1 << 16;

/// Labels of an endpoint: the value of each key that was asked for, `None` where the label is missing.
pub type Witness = Vec<(Arc<str>, Option<String>)>;

/// Labels that satisfy a selector, given which values each label can have; `None` if there are none.
///
/// # Errors
/// If the tests combine in too many ways to look through.
pub fn satisfiable(
    selector: &Selector,
    rule: impl Fn(&str) -> ValueRule,
) -> Result<Option<Witness>, TooMany> {
    let keys = selector.label_keys();
    let mut tests: Vec<Vec<Predicate>> = vec![Vec::new(); keys.len()];
    for (key, test) in selector.tests() {
        if let Some(tests) = number(&keys, key).and_then(|at| tests.get_mut(at)) {
            tests.push(test);
        }
    }
    let points: Result<Vec<_>, _> =
        keys.iter().zip(&tests).map(|(key, tests)| Points::new(tests, rule(key))).collect();
    let points = points?;
    let domains = points.iter().map(all_points).collect();
    let tree = term(selector, true, &keys, &points);
    let found = search(&tree, domains)?;
    Ok(found.map(|domains| {
        let values = domains.iter().zip(&points).map(|(domain, points)| {
            let point = domain.first_from(0).and_then(|point| usize::try_from(point).ok());
            points.witness(point.unwrap_or_default())
        });
        keys.iter().cloned().zip(values).collect()
    }))
}

/// Whether some endpoint could satisfy both selectors.
///
/// # Errors
/// If the tests combine in too many ways to look through.
pub fn overlap(a: &Selector, b: &Selector) -> Result<bool, TooMany> {
    let both = Selector::and([a.clone(), b.clone()]);
    Ok(satisfiable(&both, ValueRule::of)?.is_some())
}

/// Whether each endpoint that satisfies `inner` satisfies `outer` too.
///
/// # Errors
/// If the tests combine in too many ways to look through.
pub fn covers(outer: &Selector, inner: &Selector) -> Result<bool, TooMany> {
    let rest = Selector::and([inner.clone(), Selector::Not(Box::new(outer.clone()))]);
    Ok(satisfiable(&rest, ValueRule::of)?.is_none())
}

/// A selector over points, without negation: labels are numbers here.
#[derive(Debug)]
enum Term {
    Always,
    Never,
    /// The label's point is one of these: neither none nor all of its points.
    Leaf(usize, Intervals),
    All(Vec<Term>),
    Any(Vec<Term>),
}

fn number(keys: &[Arc<str>], key: &Arc<str>) -> Option<usize> {
    keys.binary_search(key).ok()
}

fn all_points(points: &Points) -> Intervals {
    Intervals::range(0, u32::try_from(points.len() - 1).unwrap_or(u32::MAX))
}

/// The selector, or its negation where `holds` is false.
fn term(selector: &Selector, holds: bool, keys: &[Arc<str>], points: &[Points]) -> Term {
    if let Some((key, test, sense)) = selector.test() {
        let at = number(keys, key);
        let Some((at, points)) = at.and_then(|at| Some((at, points.get(at)?))) else {
            return Term::Never;
        };
        let set = points.holds(&test);
        let set = if sense == holds { set } else { all_points(points).difference(&set) };
        return leaf(at, set, &all_points(points));
    }
    match selector {
        Selector::Not(inner) => term(inner, !holds, keys, points),
        Selector::And(parts) => {
            group(parts.iter().map(|part| term(part, holds, keys, points)), holds, points)
        }
        Selector::Or(parts) => {
            group(parts.iter().map(|part| term(part, holds, keys, points)), !holds, points)
        }
        Selector::All
        | Selector::Global
        | Selector::Has(_)
        | Selector::Equals(..)
        | Selector::NotEquals(..)
        | Selector::In(..)
        | Selector::NotIn(..)
        | Selector::Contains(..)
        | Selector::StartsWith(..)
        | Selector::EndsWith(..) => always(holds),
    }
}

fn always(holds: bool) -> Term {
    if holds { Term::Always } else { Term::Never }
}

fn leaf(key: usize, set: Intervals, all: &Intervals) -> Term {
    if set.is_empty() {
        Term::Never
    } else if set == *all {
        Term::Always
    } else {
        Term::Leaf(key, set)
    }
}

/// All of the terms, or any of them, with the tests of one label joined into one.
fn group(terms: impl Iterator<Item = Term>, all: bool, points: &[Points]) -> Term {
    let mut leaves: BTreeMap<usize, Intervals> = BTreeMap::new();
    let mut parts = Vec::new();
    for term in terms {
        match (term, all) {
            (Term::Always, true) | (Term::Never, false) => {}
            (Term::Always, false) => return Term::Always,
            (Term::Never, true) => return Term::Never,
            (Term::Leaf(key, set), _) => {
                let joined = leaves
                    .get(&key)
                    .map(|known| if all { known.intersection(&set) } else { known.union(&set) });
                leaves.insert(key, joined.unwrap_or(set));
            }
            (term @ (Term::All(_) | Term::Any(_)), _) => parts.push(term),
        }
    }
    let mut out = Vec::new();
    for (key, set) in leaves {
        let whole = points.get(key).map(all_points).unwrap_or_default();
        match (leaf(key, set, &whole), all) {
            (Term::Always, false) => return Term::Always,
            (Term::Never, true) => return Term::Never,
            (leaf, _) => out.push(leaf),
        }
    }
    out.append(&mut parts);
    match (<[Term; 1]>::try_from(out), all) {
        (Ok([only]), _) => only,
        (Err(parts), _) if parts.is_empty() => always(all),
        (Err(parts), true) => Term::All(parts),
        (Err(parts), false) => Term::Any(parts),
    }
}

/// The points that each label may still have, after the search has settled every term. `None` if it cannot.
fn search(tree: &Term, domains: Vec<Intervals>) -> Result<Option<Vec<Intervals>>, TooMany> {
    let mut open = vec![Choice { domains, terms: vec![tree] }];
    let mut choices = 0;
    while let Some(mut choice) = open.pop() {
        let Some(pending) = choice.settle() else { continue };
        let Some((at, alive)) = pending
            .iter()
            .enumerate()
            .min_by_key(|(_, (_, alive))| alive.len())
            .map(|(at, (_, alive))| (at, alive.clone()))
        else {
            return Ok(Some(choice.domains));
        };
        choices += alive.len();
        if choices > CHOICES {
            return Err(TooMany);
        }
        let rest: Vec<&Term> = pending
            .iter()
            .enumerate()
            .filter(|(it, _)| *it != at)
            .map(|(_, (term, _))| *term)
            .collect();
        // Each alternative is looked at where those before it fail.
        let mut domains = choice.domains;
        let mut branches = Vec::new();
        for term in alive {
            let mut terms = rest.clone();
            terms.push(term);
            branches.push(Choice { domains: domains.clone(), terms });
            if let Term::Leaf(key, set) = term
                && let Some(domain) = domains.get_mut(*key)
            {
                *domain = domain.difference(set);
            }
        }
        open.extend(branches.into_iter().rev());
    }
    Ok(None)
}

/// One way of having chosen so far.
struct Choice<'a> {
    domains: Vec<Intervals>,
    /// What must hold besides.
    terms: Vec<&'a Term>,
}

impl<'a> Choice<'a> {
    /// Narrows the labels by every term that leaves no choice. Returns the terms that leave one, with the
    /// alternatives that are still possible; `None` if some term cannot hold.
    fn settle(&mut self) -> Option<Vec<(&'a Term, Vec<&'a Term>)>> {
        let mut pending: Vec<(&Term, Vec<&Term>)> = Vec::new();
        loop {
            while let Some(term) = self.terms.pop() {
                match term {
                    Term::Always => {}
                    Term::Never => return None,
                    Term::Leaf(key, set) => {
                        let domain = self.domains.get_mut(*key)?;
                        *domain = domain.intersection(set);
                        if domain.is_empty() {
                            return None;
                        }
                    }
                    Term::All(parts) => self.terms.extend(parts),
                    Term::Any(parts) => pending.push((term, parts.iter().collect())),
                }
            }
            let mut open = Vec::new();
            for (term, mut alive) in pending {
                alive.retain(|part| self.possible(part));
                if alive.iter().any(|part| self.certain(part)) {
                    continue;
                }
                match alive.as_slice() {
                    [] => return None,
                    [only] => self.terms.push(only),
                    [..] => open.push((term, alive)),
                }
            }
            if self.terms.is_empty() {
                return Some(open);
            }
            pending = open;
        }
    }

    /// Whether a term may still hold, at a glance.
    fn possible(&self, term: &Term) -> bool {
        match term {
            Term::Always | Term::Any(_) => true,
            Term::Never => false,
            Term::Leaf(key, set) => {
                self.domains.get(*key).is_some_and(|it| !it.intersection(set).is_empty())
            }
            Term::All(parts) => parts.iter().all(|part| match part {
                Term::Leaf(..) => self.possible(part),
                Term::Always | Term::Never | Term::All(_) | Term::Any(_) => true,
            }),
        }
    }

    /// Whether a term holds whatever is chosen, at a glance.
    fn certain(&self, term: &Term) -> bool {
        match term {
            Term::Always => true,
            Term::Leaf(key, set) => {
                self.domains.get(*key).is_some_and(|it| it.difference(set).is_empty())
            }
            Term::Never | Term::All(_) | Term::Any(_) => false,
        }
    }
}
