//! What selectors have in common: whether the labels of some endpoint satisfy a selector, and with it whether two
//! selectors overlap and whether one covers the other. Exact: labels range over the points that the selector's own
//! tests tell apart, and what no label can have counts for nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Selector;
use super::points::{Predicate, ValuePoints};
use super::spell::spelled;
use super::steps::{Overflow, Steps};
use super::values::ValueRule;
use crate::traffic::Intervals;

/// So many texts of one label are listed with how they combine before anything else is tried.
const FEW: usize = 4;

/// So many steps are taken for one question.
const STEPS: u64 = 1 << 24;

/// Labels of an endpoint: the value of each key that was asked for, `None` where the label is missing.
pub type Witness = Vec<(Arc<str>, Option<String>)>;

/// Labels that satisfy a selector, given which values each label can have; `None` if there are none.
///
/// # Errors
/// If the tests combine in too many ways to look through.
pub fn satisfiable(
    selector: &Selector,
    rule: impl Fn(&str) -> ValueRule,
) -> Result<Option<Witness>, Overflow> {
    within(selector, rule, &Steps::new(STEPS))
}

/// The same within `steps`.
pub(super) fn within(
    selector: &Selector,
    rule: impl Fn(&str) -> ValueRule,
    steps: &Steps,
) -> Result<Option<Witness>, Overflow> {
    // Most questions about many texts need no list of how they combine.
    let quick = found(selector, &rule, FEW, steps);
    if quick.is_ok() { quick } else { found(selector, &rule, usize::MAX, steps) }
}

/// The same, where of a label with more than `most` texts to look for each is a question of its own.
pub(super) fn found(
    selector: &Selector,
    rule: impl Fn(&str) -> ValueRule,
    most: usize,
    steps: &Steps,
) -> Result<Option<Witness>, Overflow> {
    let labels = LabelSet::new(selector, rule, most, steps);
    let tree = labels.term(selector, true);
    let Some(domains) = search(&tree, labels.domains.clone(), steps)? else { return Ok(None) };
    labels.witness(&domains).map(Some)
}

/// Whether some endpoint could satisfy both selectors.
///
/// # Errors
/// If the tests combine in too many ways to look through.
pub fn overlap(a: &Selector, b: &Selector) -> Result<bool, Overflow> {
    let both = Selector::and([a.clone(), b.clone()]);
    Ok(satisfiable(&both, ValueRule::of)?.is_some())
}

/// Whether each endpoint that satisfies `inner` satisfies `outer` too.
///
/// # Errors
/// If the tests combine in too many ways to look through.
pub fn covers(outer: &Selector, inner: &Selector) -> Result<bool, Overflow> {
    let rest = Selector::and([inner.clone(), Selector::Not(Box::new(outer.clone()))]);
    Ok(satisfiable(&rest, ValueRule::of)?.is_none())
}

/// What a selector looks at.
struct LabelSet {
    labels: Vec<LabelTests>,
    /// All points of each label, and then of each test that is a question of its own: it fails at 0 and holds at 1.
    domains: Vec<Intervals>,
}

/// A label. Where the texts within its values combine in more ways than can be listed, each is a question of its own: what
/// cannot hold then cannot hold at all, and what can is tried with a value.
struct LabelTests {
    key: Arc<str>,
    points: ValuePoints,
    rule: ValueRule,
    /// Tests that are questions of their own, each with its place among the domains.
    apart: Vec<(Predicate, usize)>,
}

impl LabelSet {
    fn new(
        selector: &Selector,
        rule: impl Fn(&str) -> ValueRule,
        most: usize,
        steps: &Steps,
    ) -> Self {
        let keys = selector.label_keys();
        let mut asked: Vec<Vec<Predicate>> = vec![Vec::new(); keys.len()];
        for (key, test) in selector.tests() {
            let at = keys.binary_search(key).ok();
            if let Some(asked) = at.and_then(|at| asked.get_mut(at)) {
                asked.push(test);
            }
        }
        let mut next = keys.len();
        let mut labels = Vec::with_capacity(keys.len());
        for (key, asked) in keys.into_iter().zip(asked) {
            let rule = rule(&key);
            let mut apart = Vec::new();
            let parts = asked.iter().filter(|it| it.is_of_parts()).count();
            let listed =
                if parts > most { Err(Overflow) } else { ValuePoints::new(&asked, rule, steps) };
            let points = listed.unwrap_or_else(|Overflow| {
                let mut constants = BTreeSet::new();
                for test in asked {
                    match test {
                        Predicate::Has => {}
                        Predicate::Equals(text) => {
                            constants.insert(text);
                        }
                        Predicate::In(all) => constants.extend(all),
                        Predicate::Contains(_)
                        | Predicate::StartsWith(_)
                        | Predicate::EndsWith(_) => {
                            if apart.iter().all(|(known, _)| *known != test) {
                                apart.push((test, next));
                                next += 1;
                            }
                        }
                    }
                }
                ValuePoints::of_constants(constants, rule)
            });
            labels.push(LabelTests { key, points, rule, apart });
        }
        let mut domains: Vec<_> = labels.iter().map(|label| all_points(&label.points)).collect();
        domains.resize(next, Intervals::range(0, 1));
        Self { labels, domains }
    }

    /// The selector, or its negation where `holds` is false.
    fn term(&self, selector: &Selector, holds: bool) -> Term {
        if let Some((key, test, sense)) = selector.test() {
            let at = self.labels.binary_search_by(|label| label.key.cmp(key)).ok();
            let label = at.and_then(|at| Some((at, self.labels.get(at)?)));
            return label
                .map_or(Term::Never, |(at, label)| self.test(at, label, &test, sense == holds));
        }
        match selector {
            Selector::Not(inner) => self.term(inner, !holds),
            Selector::And(parts) => {
                self.group(parts.iter().map(|part| self.term(part, holds)), holds)
            }
            Selector::Or(parts) => {
                self.group(parts.iter().map(|part| self.term(part, holds)), !holds)
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

    /// That a test of a label holds, or fails.
    fn test(&self, at: usize, label: &LabelTests, test: &Predicate, holds: bool) -> Term {
        let all = all_points(&label.points);
        let sense = |set: Intervals| if holds { set } else { all.difference(&set) };
        let Some((_, question)) = label.apart.iter().find(|(it, _)| it == test) else {
            return self.leaf(at, sense(label.points.holds(test)));
        };
        // Of a value that some test names, the answer is known.
        let others = label.points.unnamed();
        let named = sense(label.points.holds(test)).difference(&others);
        let answer = u32::from(holds);
        let unnamed =
            [self.leaf(at, others), self.leaf(*question, Intervals::range(answer, answer))];
        let unnamed = self.group(unnamed.into_iter(), true);
        self.group([self.leaf(at, named), unnamed].into_iter(), false)
    }

    fn leaf(&self, at: usize, set: Intervals) -> Term {
        if set.is_empty() {
            Term::Never
        } else if self.domains.get(at) == Some(&set) {
            Term::Always
        } else {
            Term::Leaf(at, set)
        }
    }

    /// All of the terms, or any of them, with the tests of one label joined into one.
    fn group(&self, terms: impl Iterator<Item = Term>, all: bool) -> Term {
        let mut leaves: BTreeMap<usize, Intervals> = BTreeMap::new();
        let mut parts = Vec::new();
        for term in terms {
            match (term, all) {
                (Term::Always, true) | (Term::Never, false) => {}
                (Term::Always, false) => return Term::Always,
                (Term::Never, true) => return Term::Never,
                (Term::Leaf(key, set), _) => {
                    let joined = leaves.get(&key).map(|known| {
                        if all { known.intersection(&set) } else { known.union(&set) }
                    });
                    leaves.insert(key, joined.unwrap_or(set));
                }
                (term @ (Term::All(_) | Term::Any(_)), _) => parts.push(term),
            }
        }
        let mut out = Vec::new();
        for (key, set) in leaves {
            match (self.leaf(key, set), all) {
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

    /// Labels at points of `domains`; an error where texts would have to hold together for which no value is found.
    fn witness(&self, domains: &[Intervals]) -> Result<Witness, Overflow> {
        let mut found = Witness::with_capacity(self.labels.len());
        for (label, domain) in self.labels.iter().zip(domains) {
            let first = domain.first_from(0).unwrap_or_default();
            let plain = label.points.witness(usize::try_from(first).unwrap_or_default());
            let unnamed = label.points.unnamed().contains(first);
            let answers = label.apart.iter().filter_map(|(test, at)| {
                let [no, yes] = [0, 1].map(|it| domains.get(*at).is_some_and(|d| d.contains(it)));
                (yes != no).then_some((test, yes))
            });
            let answers: Vec<_> = answers.collect();
            let value = if unnamed && !answers.is_empty() {
                let value = spelled(&answers, label.rule);
                // A value that some test names is not one of the others.
                let value = value.filter(|it| label.points.constant(it).is_none());
                Some(value.ok_or(Overflow)?)
            } else {
                plain
            };
            found.push((Arc::clone(&label.key), value));
        }
        Ok(found)
    }
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

fn all_points(points: &ValuePoints) -> Intervals {
    Intervals::range(0, u32::try_from(points.len() - 1).unwrap_or(u32::MAX))
}

fn always(holds: bool) -> Term {
    if holds { Term::Always } else { Term::Never }
}

/// The points that each label may still have, after the search has settled every term. `None` if it cannot.
fn search(
    tree: &Term,
    domains: Vec<Intervals>,
    steps: &Steps,
) -> Result<Option<Vec<Intervals>>, Overflow> {
    let mut open = vec![Choice { domains, terms: vec![tree] }];
    while let Some(mut choice) = open.pop() {
        let cost = choice.domains.len() + choice.terms.len();
        let Some(pending) = choice.settle(steps) else { continue };
        let wide: usize = pending.iter().map(|(_, alive)| alive.len()).sum();
        if !steps.take(cost + wide) {
            return Err(Overflow);
        }
        let Some((at, alive)) = pending
            .iter()
            .enumerate()
            .min_by_key(|(_, (_, alive))| alive.len())
            .map(|(at, (_, alive))| (at, alive.clone()))
        else {
            return Ok(Some(choice.domains));
        };
        // Each alternative is a copy of everything.
        if !steps.take(alive.len().saturating_mul(cost + pending.len())) {
            return Err(Overflow);
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
    fn settle(&mut self, steps: &Steps) -> Option<Vec<(&'a Term, Vec<&'a Term>)>> {
        let mut pending: Vec<(&Term, Vec<&Term>)> = Vec::new();
        loop {
            while let Some(term) = self.terms.pop() {
                steps.take(1);
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
                steps.take(alive.len());
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
