//! The places and the traffic of questions, resolved as those of flow lines are: the same names, the same errors.

use std::sync::Arc;

use super::names::Names;
use super::place::{PlaceLine, Sides};
use super::{CheckInput, names, selector, traffic};
use crate::diagnostic::Diagnostic;
use crate::program::Endpoint;
use crate::selector::Selector;
use crate::source::Spanned;
use crate::syntax::tree;
use crate::traffic::Match;

/// Everything that a question may name. Its ids are those of the program that [`super::check`] makes of the same input.
#[derive(Debug)]
pub struct Nameable<'a>(Names<'a>);

impl<'a> Nameable<'a> {
    /// What `input` declares. What is wrong with that is told by [`super::check`].
    pub fn new(input: &CheckInput<'a>) -> Self {
        Self(names(input, &mut Vec::new()))
    }

    /// What `side` means.
    ///
    /// # Errors
    /// Each unknown name in it, as a flow would be told.
    pub fn endpoint(&self, side: &tree::Endpoint) -> Result<Endpoint, Vec<Diagnostic>> {
        let mut out = Vec::new();
        let found = Sides::new(&self.0, PlaceLine::Place(side), None).endpoint(side, &mut out);
        found.ok_or(out)
    }

    /// The selector `written`; `None` for one that takes every pod.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn selector(
        &self,
        written: &Spanned<Box<str>>,
    ) -> Result<Option<Arc<Selector>>, Vec<Diagnostic>> {
        let mut out = Vec::new();
        selector::read(&self.0.decisions, written, &mut out).ok_or(out)
    }

    /// The traffic `written`; `None` for any.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn traffic(
        &self,
        written: &Spanned<tree::Traffic>,
    ) -> Result<Option<Vec<Match>>, Vec<Diagnostic>> {
        let mut out = Vec::new();
        traffic::read(&self.0, Some(written), &mut out).map(|read| read.matches).ok_or(out)
    }
}
