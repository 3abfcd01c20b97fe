//! Questions about pairs of selectors, each decided once, and all of them together within a bound. What cannot be decided is
//! no answer: whoever asked has to look, once everything is asked, whether all of it was.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;

use super::points::Overflow;
use super::satisfiable::{Witness, within};
use super::steps::Steps;
use super::{Selector, TooMany, ValueRule};

/// So many steps are taken for all questions about a program: a few seconds.
const STEPS: u64 = 40_000_000;
/// So many more for each of its lines.
const LINE: u64 = 4_000;

/// What a question costs besides the work, and each test in it.
const QUESTION: usize = 32;
const TEST: usize = 16;

/// What was decided about the selectors of one program. Copies share it.
#[derive(Clone, Debug, Default)]
pub struct Decisions(Arc<Mutex<Account>>);

#[derive(Debug)]
struct Account {
    steps: Steps,
    known: FxHashMap<Selector, bool>,
    /// The labels of what could not be decided.
    undecided: BTreeSet<Arc<str>>,
}

impl Default for Account {
    fn default() -> Self {
        let (known, undecided) = (FxHashMap::default(), BTreeSet::new());
        Self { steps: Steps::new(STEPS), known, undecided }
    }
}

impl Decisions {
    fn account(&self) -> MutexGuard<'_, Account> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets so many lines more be asked about.
    pub fn allow(&self, lines: usize) {
        let lines = u64::try_from(lines).unwrap_or(0);
        self.account().steps.add(lines.saturating_mul(LINE));
    }

    /// Whether some endpoint could satisfy `selector`.
    pub fn satisfiable(&self, selector: &Selector) -> bool {
        let mut account = self.account();
        if let Some(known) = account.known.get(selector) {
            return *known;
        }
        // What is remembered takes room as well.
        let cost = QUESTION + TEST * selector.tests().len();
        let found: Result<Option<Witness>, Overflow> = if account.steps.take(cost) {
            within(selector, ValueRule::of, &account.steps)
        } else {
            Err(Overflow)
        };
        // Until somebody looks, what cannot be decided is what claims least.
        let answer = found.as_ref().map_or(true, Option::is_some);
        if found.is_err() {
            account.undecided.extend(selector.label_keys());
        }
        if !account.steps.are_spent() {
            account.known.insert(selector.clone(), answer);
        }
        answer
    }

    /// Whether some endpoint could satisfy both selectors.
    pub fn overlap(&self, a: &Selector, b: &Selector) -> bool {
        self.satisfiable(&Selector::and([a.clone(), b.clone()]))
    }

    /// Whether each endpoint that satisfies `inner` satisfies `outer` too.
    pub fn covers(&self, outer: &Selector, inner: &Selector) -> bool {
        outer == inner
            || !self.satisfiable(&Selector::and([
                inner.clone(),
                Selector::Not(Box::new(outer.clone())),
            ]))
    }

    /// Whether everything that was asked so far has an answer: where it has not, no answer counts.
    ///
    /// # Errors
    /// Where something could not be decided.
    pub fn all_made(&self) -> Result<(), TooMany> {
        let undecided = &self.account().undecided;
        if undecided.is_empty() { Ok(()) } else { Err(TooMany::new(undecided.iter().cloned())) }
    }
}
