//! Questions about pairs of selectors, each decided once by sets of what the two can tell apart, and all of them together
//! within a bound. What cannot be decided is no answer: whoever asked has to look, once everything is asked, whether all of
//! it was.

#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::hash::Hash;
use std::sync::Arc;

use hashbrown::{Equivalent, HashMap};
use rustc_hash::FxBuildHasher;

use super::Sets;
use super::budget::Budget;
use crate::program::Program;
use crate::selector::{Overflow, Selector, TooMany};

/// So many steps are taken for all questions about a program: a few seconds.
const STEPS: u64 = 40_000_000;
/// So many more for each of its lines.
const LINE: u64 = 4_000;
/// What a question costs that was asked before; one that was not costs as much for each test in it, as it is remembered.
const QUESTION: usize = 8;
/// So many texts of one label are listed with how they combine before anything else is tried.
const FEW: usize = 4;

/// A question, as it is remembered.
#[derive(Debug, PartialEq, Eq, Hash)]
struct KnownDecisions(DecisionAsks, Selector, Selector);

/// A question, as it is asked.
#[derive(Hash)]
struct DecisionKey<'a>(DecisionAsks, &'a Selector, &'a Selector);

/// What is asked of two selectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum DecisionAsks {
    /// Whether some pod could satisfy both.
    Overlap,
    /// Whether each pod that satisfies the second satisfies the first.
    Covers,
}

impl Equivalent<KnownDecisions> for DecisionKey<'_> {
    fn equivalent(&self, known: &KnownDecisions) -> bool {
        (self.0, self.1, self.2) == (known.0, &known.1, &known.2)
    }
}

/// What was decided about selectors.
#[derive(Debug)]
pub struct Decisions {
    budget: Budget,
    known: RefCell<HashMap<KnownDecisions, bool, FxBuildHasher>>,
    /// The labels of what could not be decided.
    undecided: RefCell<BTreeSet<Arc<str>>>,
}

impl Default for Decisions {
    fn default() -> Self {
        Self {
            budget: Budget::new(STEPS),
            known: RefCell::default(),
            undecided: RefCell::default(),
        }
    }
}

impl Decisions {
    /// None yet, about the lines of `program`.
    pub fn about(program: &Program) -> Self {
        let decisions = Self::default();
        decisions.allow(program.flows.len() + program.guardrails.len());
        decisions
    }

    /// Lets so many lines more be asked about.
    pub fn allow(&self, lines: usize) {
        let lines = u64::try_from(lines).unwrap_or(0);
        self.budget.steps().add(lines.saturating_mul(LINE));
    }

    /// Whether some pod could satisfy `selector`.
    pub fn satisfiable(&self, selector: &Selector) -> bool {
        self.overlap(selector, &Selector::All)
    }

    /// Whether some pod could satisfy both selectors.
    pub fn overlap(&self, a: &Selector, b: &Selector) -> bool {
        self.decide(DecisionAsks::Overlap, a, b)
    }

    /// Whether each pod that satisfies `inner` satisfies `outer` too.
    pub fn covers(&self, outer: &Selector, inner: &Selector) -> bool {
        outer == inner || self.decide(DecisionAsks::Covers, outer, inner)
    }

    fn decide(&self, asks: DecisionAsks, a: &Selector, b: &Selector) -> bool {
        // Until somebody looks, what cannot be decided is what claims least: they may meet, and none covers the other.
        let unknown = asks == DecisionAsks::Overlap;
        if self.budget.is_spent() {
            return unknown;
        }
        // Even what is known is not asked for ever.
        if !self.budget.steps().take(QUESTION) {
            self.leave(a, b);
            return unknown;
        }
        if let Some(known) = self.known.borrow().get(&DecisionKey(asks, a, b)) {
            return *known;
        }
        let selectors = match asks {
            DecisionAsks::Overlap => [(a, true), (b, true)],
            DecisionAsks::Covers => [(b, true), (a, false)],
        };
        let found = self.some_pod(selectors);
        if found.is_err() {
            self.leave(a, b);
        }
        let answer = found.map_or(unknown, |it| it == (asks == DecisionAsks::Overlap));
        self.known.borrow_mut().insert(KnownDecisions(asks, a.clone(), b.clone()), answer);
        answer
    }

    /// Whether some pod satisfies both selectors; or does not satisfy one, where it says so.
    fn some_pod(&self, selectors: [(&Selector, bool); 2]) -> Result<bool, Overflow> {
        let tests: usize = selectors.iter().map(|(it, _)| it.tests().len()).sum();
        if !self.budget.steps().take(QUESTION * tests) {
            return Err(Overflow);
        }
        // Most questions about many texts need no list of how they combine.
        let quick = Sets::some_pod(selectors, FEW, &self.budget);
        if quick.is_ok() { quick } else { Sets::some_pod(selectors, usize::MAX, &self.budget) }
    }

    /// Leaves a question about `a` and `b` undecided.
    fn leave(&self, a: &Selector, b: &Selector) {
        self.undecided.borrow_mut().extend(a.label_keys().into_iter().chain(b.label_keys()));
    }

    /// Whether too much was asked for any further answer: whoever asks about pairs of pairs can stop.
    pub fn are_over(&self) -> bool {
        self.budget.is_spent()
    }

    /// Whether everything that was asked so far has an answer: where it has not, no answer counts.
    ///
    /// # Errors
    /// Where something could not be decided.
    pub fn all_made(&self) -> Result<(), TooMany> {
        let undecided = self.undecided.borrow();
        if undecided.is_empty() { Ok(()) } else { Err(TooMany::new(undecided.iter().cloned())) }
    }
}
