//! What two reaches look at: the labels and values that their selectors name, their ports, blocks and
//! conditions. Collected from both before a [`Space`](super::space::Space) is made of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use indexmap::IndexMap;
use ipnet::IpNet;

use super::code;
use super::condition::Condition;
use crate::selector::{Predicate, Selector};
use crate::traffic::Match;

/// Everything in play.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    /// Label keys, with what is asked of their values. Keys are those that Calico sees on an endpoint, in the order in
    /// which they were met: keys that one line asks for lie together, which keeps diagrams small.
    pub(super) labels: IndexMap<Arc<str>, Asked>,
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
}

/// What selectors ask of the value of one label.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    pub(super) values: BTreeSet<Arc<str>>,
    /// `contains`, `starts with` and `ends with`.
    pub(super) patterns: BTreeSet<Predicate>,
}

impl Terms {
    /// Adds what `selector` looks at.
    pub fn selector(&mut self, selector: &Selector) {
        for (key, test) in selector.tests() {
            match test {
                Predicate::Has => self.label(key, &[]),
                Predicate::Equals(value) => self.label(key, &[value]),
                Predicate::In(values) => self.label(key, &values),
                Predicate::Contains(_) | Predicate::StartsWith(_) | Predicate::EndsWith(_) => {
                    self.labels.entry(Arc::clone(key)).or_default().patterns.insert(test);
                }
            }
        }
    }

    /// Adds the label `key` and these values of it.
    pub fn label(&mut self, key: &Arc<str>, values: &[Arc<str>]) {
        if !self.labels.contains_key(key) {
            self.labels.insert(Arc::clone(key), Asked::default());
        }
        let Some(asked) = self.labels.get_mut(key) else { return };
        for value in values {
            if !asked.values.contains(value) {
                asked.values.insert(Arc::clone(value));
            }
        }
    }

    /// The labels of namespaces that are asked for, as a namespace bears them.
    pub fn labels_of_namespaces(&self) -> BTreeSet<Arc<str>> {
        let of = |key: &Arc<str>| key.strip_prefix(super::space::OF_NAMESPACE).map(Arc::from);
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
            }
        }
    }

    /// Adds blocks of addresses.
    pub fn blocks(&mut self, blocks: &[IpNet]) {
        self.blocks.extend(blocks);
    }

    /// Adds something that no packet shows.
    pub fn condition(&mut self, condition: Condition) {
        self.conditions.insert(condition);
    }

    /// Lets pods and hosts have addresses, which may lie in blocks. Otherwise none does: a project says in `[cluster]`
    /// what its pods have, and no external holds any of it.
    pub fn give_pods_addresses(&mut self) {
        self.addressed = true;
    }
}
