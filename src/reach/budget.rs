//! How much work sets of connections may cost. Diagrams are small where policies are, and cannot be for everything that can
//! be written: a few kilobytes can ask for what no machine has room for. So the work is counted, and ends where its steps are
//! spent.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::selector::Steps;

/// So many steps may be done in one space: a few seconds, and well under a gigabyte.
const STEPS: u64 = 80_000_000;
/// So many more for each subject and direction, or question, that is asked about: large projects take longer than small ones.
const SUBJECT: u64 = 4_000;

/// Steps that are left, for all who share them.
#[derive(Clone, Debug)]
pub(super) struct Budget(Rc<Account>);

#[derive(Debug)]
struct Account {
    steps: Steps,
    /// How many nodes asked for each dimension when there were no more steps.
    crowded: RefCell<BTreeMap<u32, usize>>,
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(STEPS)
    }
}

impl Budget {
    /// So many steps.
    pub(super) fn new(steps: u64) -> Self {
        Self(Rc::new(Account { steps: Steps::new(steps), crowded: RefCell::default() }))
    }

    /// The steps themselves, for work besides that on diagrams.
    pub(super) fn steps(&self) -> &Steps {
        &self.0.steps
    }

    /// Takes so many steps, if there are as many: otherwise there are none from now on. `crowded` says by dimension how many
    /// nodes there are.
    pub(super) fn spend(
        &self,
        steps: usize,
        crowded: impl FnOnce() -> BTreeMap<u32, usize>,
    ) -> bool {
        let spent = self.is_spent();
        let taken = self.0.steps.take(steps);
        if !taken && !spent {
            self.0.crowded.replace(crowded());
        }
        taken
    }

    /// Gives what one more subject may cost.
    pub(super) fn allow_subject(&self) {
        self.0.steps.add(SUBJECT);
    }

    /// Whether there are no steps left: then no set means anything.
    pub(super) fn is_spent(&self) -> bool {
        self.0.steps.are_spent()
    }

    /// How many nodes asked for each dimension when there were no more steps; `None` where there are some left.
    pub(super) fn crowded(&self) -> Option<BTreeMap<u32, usize>> {
        self.is_spent().then(|| self.0.crowded.borrow().clone())
    }
}
