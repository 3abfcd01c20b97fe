//! Questions about pairs of selectors, each decided once, and all of them together within a bound. What cannot be decided is
//! no answer: whoever asked has to look, once everything is asked, whether all of it was.

use std::collections::BTreeSet;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hashbrown::{Equivalent, HashMap};
use rustc_hash::FxBuildHasher;

use super::satisfiable::{Witness, within};
use super::steps::{Overflow, Steps};
use super::{Selector, TooMany, ValueRule};

/// So many steps are taken for all questions about a program: a few seconds.
const STEPS: u64 = 40_000_000;
/// So many more for each of its lines.
const LINE: u64 = 4_000;

/// What a question costs that was asked before; one that was not costs as much for each test in it, as it is remembered.
const QUESTION: usize = 8;

/// A question, as it is remembered.
#[derive(Debug, PartialEq, Eq, Hash)]
struct KnownDecisions(DecisionAsks, Selector, Selector);

/// A question, as it is asked.
#[derive(Hash)]
struct DecisionKey<'a>(DecisionAsks, &'a Selector, &'a Selector);

/// What is asked of two selectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum DecisionAsks {
    /// Whether some endpoint could satisfy both.
    Overlap,
    /// Whether each endpoint that satisfies the second satisfies the first.
    Covers,
}

impl Equivalent<KnownDecisions> for DecisionKey<'_> {
    fn equivalent(&self, known: &KnownDecisions) -> bool {
        (self.0, self.1, self.2) == (known.0, &known.1, &known.2)
    }
}

/// What was decided about the selectors of one program. Copies share it.
#[derive(Clone, Debug, Default)]
pub struct Decisions(Arc<Mutex<DecisionAccount>>);

#[derive(Debug)]
struct DecisionAccount {
    steps: Steps,
    known: HashMap<KnownDecisions, bool, FxBuildHasher>,
    /// The labels of what could not be decided.
    undecided: BTreeSet<Arc<str>>,
}

impl Default for DecisionAccount {
    fn default() -> Self {
        let (known, undecided) = (HashMap::default(), BTreeSet::new());
        Self { steps: Steps::new(STEPS), known, undecided }
    }
}

impl Decisions {
    fn account(&self) -> MutexGuard<'_, DecisionAccount> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets so many lines more be asked about.
    pub fn allow(&self, lines: usize) {
        let lines = u64::try_from(lines).unwrap_or(0);
        self.account().steps.add(lines.saturating_mul(LINE));
    }

    /// Whether some endpoint could satisfy `selector`.
    pub fn satisfiable(&self, selector: &Selector) -> bool {
        self.overlap(selector, &Selector::All)
    }

    /// Whether some endpoint could satisfy both selectors.
    pub fn overlap(&self, a: &Selector, b: &Selector) -> bool {
        self.decide(DecisionAsks::Overlap, a, b)
    }

    /// Whether each endpoint that satisfies `inner` satisfies `outer` too.
    pub fn covers(&self, outer: &Selector, inner: &Selector) -> bool {
        outer == inner || self.decide(DecisionAsks::Covers, outer, inner)
    }

    fn decide(&self, asks: DecisionAsks, a: &Selector, b: &Selector) -> bool {
        let mut account = self.account();
        // Until somebody looks, what cannot be decided is what claims least: they may meet, and none covers the other.
        let unknown = asks == DecisionAsks::Overlap;
        if account.steps.are_spent() {
            return unknown;
        }
        // Even what is known is not asked for ever.
        if !account.steps.take(QUESTION) {
            account.undecided.extend(a.label_keys().into_iter().chain(b.label_keys()));
            return unknown;
        }
        if let Some(known) = account.known.get(&DecisionKey(asks, a, b)) {
            return *known;
        }
        let selector = match asks {
            DecisionAsks::Overlap => Selector::and([a.clone(), b.clone()]),
            DecisionAsks::Covers => Selector::and([b.clone(), Selector::Not(Box::new(a.clone()))]),
        };
        let found: Result<Option<Witness>, Overflow> =
            if account.steps.take(QUESTION * selector.tests().len()) {
                within(&selector, ValueRule::of, &account.steps)
            } else {
                Err(Overflow)
            };
        let answer = match &found {
            Ok(witness) => witness.is_some() == (asks == DecisionAsks::Overlap),
            Err(Overflow) => unknown,
        };
        if found.is_err() {
            account.undecided.extend(selector.label_keys());
        }
        account.known.insert(KnownDecisions(asks, a.clone(), b.clone()), answer);
        answer
    }

    /// Whether too much was asked for any further answer: whoever asks about pairs of pairs can stop.
    pub fn are_over(&self) -> bool {
        self.account().steps.are_spent()
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
