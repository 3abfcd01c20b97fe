//! Work is counted in steps that depend on the input alone, so that what is given up is given up everywhere.

use std::cell::Cell;
use std::fmt;

/// Steps that are left to do.
#[derive(Debug)]
pub struct Steps {
    left: Cell<u64>,
    spent: Cell<bool>,
}

impl Steps {
    /// So many.
    pub fn new(steps: u64) -> Self {
        Self { left: Cell::new(steps), spent: Cell::new(false) }
    }

    /// Takes so many, if there are as many: otherwise there are none from now on.
    pub fn take(&self, steps: usize) -> bool {
        let left = u64::try_from(steps).ok().and_then(|steps| self.left.get().checked_sub(steps));
        let left = left.filter(|_| !self.spent.get());
        match left {
            Some(left) => self.left.set(left),
            None => self.spent.set(true),
        }
        left.is_some()
    }

    /// Gives so many more.
    pub fn add(&self, steps: u64) {
        self.left.set(self.left.get().saturating_add(steps));
    }

    /// Whether more were asked for than there were.
    pub fn are_spent(&self) -> bool {
        self.spent.get()
    }
}

/// The tests of one label, or the choices between labels, combine in more ways than are looked through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overflow;

impl fmt::Display for Overflow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the tests on labels combine in too many ways to decide")
    }
}

impl std::error::Error for Overflow {}
