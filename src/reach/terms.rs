//! What two reaches look at: the labels and values that their selectors name, their ports, blocks and
//! conditions. Collected from both before a [`Space`](super::space::Space) is made of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use indexmap::{IndexMap, IndexSet};
use ipnet::IpNet;

use super::code;
use super::condition::Condition;
use crate::selector::keys::OF_NAMESPACE;
use crate::selector::{Predicate, Selector, Test};
use crate::traffic::Match;

/// Everything in play.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    /// Label keys, with what is asked of their values. Keys are those that Calico sees on an endpoint, in the order in
    /// which people are told of them.
    pub(super) labels: IndexMap<Arc<str>, LabelTerms>,
    /// What is asked besides traffic and addresses, in the order in which it was met.
    pub(super) questions: IndexSet<TermQuestion>,
    /// What one line asks together, each such group once: indices of questions, sorted.
    pub(super) together: IndexSet<Vec<usize>>,
    /// What the line at hand has asked so far.
    line: BTreeSet<usize>,
    /// Where stretches of traffic start (see [`code`]).
    pub(super) codes: BTreeSet<u32>,
    /// Names of ports.
    pub(super) names: BTreeSet<Arc<str>>,
    /// Blocks of addresses.
    pub(super) blocks: BTreeSet<IpNet>,
    /// What no packet shows.
    pub(super) conditions: BTreeSet<Condition>,
    /// Whether pods and hosts may lie in blocks.
    pub(super) addressed: bool,
    /// Whether what policies do to host endpoints matters.
    pub(super) hosts: bool,
}

/// Something that is a question of its own, or can become one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum TermQuestion {
    /// The value of a label.
    Label(Arc<str>),
    /// Whether the value of a label passes a test: `contains`, `starts with` or `ends with`.
    Test(Arc<str>, Predicate),
    /// Whether a port has a name.
    Name(Arc<str>),
    /// What no packet shows.
    Condition(Condition),
}

/// What selectors ask of the value of one label.
#[derive(Clone, Debug, Default)]
pub(super) struct LabelTerms {
    pub(super) values: BTreeSet<Arc<str>>,
    /// `contains`, `starts with` and `ends with`.
    pub(super) patterns: BTreeSet<Predicate>,
}

impl Terms {
    /// Another line begins: what is added from now on has nothing to do with what was added before. What lines ask together
    /// decides how large diagrams get.
    pub fn line(&mut self) {
        let line = std::mem::take(&mut self.line);
        if line.len() > 1 {
            self.together.insert(line.into_iter().collect());
        }
    }

    fn ask(&mut self, question: TermQuestion) {
        let (index, _) = self.questions.insert_full(question);
        self.line.insert(index);
    }

    /// Says that the labels of `selector` will be asked for: people are told of labels in the order in which they came up,
    /// whatever the order in which lines ask.
    pub fn labels_of(&mut self, selector: &Selector) {
        for test in selector.tests() {
            self.labels.entry(Arc::clone(&test.key)).or_default();
        }
    }

    /// Adds what `selector` looks at.
    pub fn selector(&mut self, selector: &Selector) {
        for Test { key, predicate, .. } in selector.tests() {
            self.label(key, predicate.values().unwrap_or_default());
            if predicate.is_of_parts() {
                self.ask(TermQuestion::Test(Arc::clone(key), predicate.clone()));
                self.labels.entry(Arc::clone(key)).or_default().patterns.insert(predicate.clone());
            }
        }
    }

    /// Adds the label `key` and these values of it.
    pub fn label(&mut self, key: &Arc<str>, values: &[Arc<str>]) {
        if !self.labels.contains_key(key) {
            self.labels.insert(Arc::clone(key), LabelTerms::default());
        }
        self.ask(TermQuestion::Label(Arc::clone(key)));
        let Some(asked) = self.labels.get_mut(key) else { return };
        for value in values {
            if !asked.values.contains(value) {
                asked.values.insert(Arc::clone(value));
            }
        }
    }

    /// The labels of namespaces that are asked for, as a namespace bears them.
    pub fn labels_of_namespaces(&self) -> BTreeSet<Arc<str>> {
        let of = |key: &Arc<str>| key.strip_prefix(OF_NAMESPACE).map(Arc::from);
        self.labels.keys().filter_map(of).collect()
    }

    /// Adds what these matches let pass; nothing for `None`, which is everything.
    pub fn matches(&mut self, matches: Option<&[Match]>) {
        for item in matches.unwrap_or_default() {
            let (first, last) = code::stretch(item);
            self.codes.insert(first);
            self.codes.insert(last.saturating_add(1));
            if let Match::Named(_, name) = item {
                self.names.insert(Arc::clone(name));
                self.ask(TermQuestion::Name(Arc::clone(name)));
            }
        }
    }

    /// Adds blocks of addresses.
    pub fn blocks(&mut self, blocks: &[IpNet]) {
        self.blocks.extend(blocks);
    }

    /// Adds something that no packet shows.
    pub fn condition(&mut self, condition: Condition) {
        self.conditions.insert(condition.clone());
        self.ask(TermQuestion::Condition(condition));
    }

    /// Says that host endpoints may be among those that policies are about.
    pub fn hosts(&mut self) {
        self.hosts = true;
    }

    /// Lets pods and hosts have addresses, which may lie in blocks. Otherwise none does: a project says in `[cluster]`
    /// what its pods have, and no external holds any of it.
    pub fn give_pods_addresses(&mut self) {
        self.addressed = true;
    }
}
