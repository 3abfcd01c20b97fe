//! Which values a label can have, and how the tests on parts of a value can combine. One automaton reads a value
//! from its start: it walks a tree of everything that is anchored there (constants and `starts with`), and an
//! Aho-Corasick tree of everything else, and remembers what it has seen. Breadth-first search through its states finds a
//! shortest value for every combination, so it also decides exactly under a limit of length.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::steps::{Overflow, Steps};

/// So many states are looked through, besides those that spell out a constant.
const STATES: usize = 1 << 13;

/// Which values a label can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ValueRule {
    /// Those of Kubernetes labels: empty, or at most 63 of `A-Za-z0-9-_.` with a letter or digit at both ends.
    Label,
    /// Names of service accounts: at most 253 of `a-z0-9-.`, with a letter or digit at both ends and around each dot.
    ServiceAccount,
    /// Any text but the empty one.
    Any,
}

/// What a value read so far ends in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum ValueEnd {
    Start,
    Letter,
    Dash,
    Dot,
}

impl ValueRule {
    /// The rule for the label `key` of endpoints: names of service accounts for `projectcalico.org/serviceaccount`,
    /// values of Kubernetes labels for the rest.
    pub fn of(key: &str) -> Self {
        if key == super::keys::ACCOUNT { Self::ServiceAccount } else { Self::Label }
    }

    /// Whether a label can have `value`.
    pub fn allows(self, value: &str) -> bool {
        let end = value.chars().try_fold(ValueEnd::Start, |end, c| self.next(end, c));
        value.len() <= self.longest() && end.is_some_and(|end| self.accepts(end))
    }

    fn longest(self) -> usize {
        match self {
            Self::Label => 63,
            Self::ServiceAccount => 253,
            Self::Any => usize::MAX,
        }
    }

    fn next(self, end: ValueEnd, c: char) -> Option<ValueEnd> {
        match self {
            Self::Label if c.is_ascii_alphanumeric() => Some(ValueEnd::Letter),
            Self::Label if matches!(c, '-' | '_' | '.') && end != ValueEnd::Start => {
                Some(ValueEnd::Dash)
            }
            Self::ServiceAccount if c.is_ascii_lowercase() || c.is_ascii_digit() => {
                Some(ValueEnd::Letter)
            }
            Self::ServiceAccount
                if c == '-' && matches!(end, ValueEnd::Letter | ValueEnd::Dash) =>
            {
                Some(ValueEnd::Dash)
            }
            Self::ServiceAccount if c == '.' && end == ValueEnd::Letter => Some(ValueEnd::Dot),
            Self::Label | Self::ServiceAccount => None,
            Self::Any => Some(ValueEnd::Letter),
        }
    }

    fn accepts(self, end: ValueEnd) -> bool {
        match end {
            ValueEnd::Start => self == Self::Label,
            ValueEnd::Letter => true,
            ValueEnd::Dash | ValueEnd::Dot => false,
        }
    }

    /// One character of each kind that the rule tells apart, none of them `used`, where there is one.
    fn fresh(self, used: &BTreeSet<char>) -> impl Iterator<Item = char> {
        const LOWER: &str = "xyzabcdefghijklmnopqrstuvw0123456789";
        const LETTERS: &str = "xyzabcdefghijklmnopqrstuvw0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        let kinds: &[&str] = match self {
            Self::Label => &[LETTERS, "-_."],
            Self::ServiceAccount => &[LOWER, "-", "."],
            Self::Any => &[],
        };
        let any = (self == Self::Any)
            .then(|| LETTERS.chars().chain('\u{a1}'..=char::MAX).find(|c| !used.contains(c)))
            .flatten();
        kinds.iter().filter_map(|kind| kind.chars().find(|c| !used.contains(c))).chain(any)
    }
}

/// What is asked about parts of a value.
#[derive(Default)]
pub(super) struct Patterns<'a> {
    pub(super) contains: BTreeSet<&'a Arc<str>>,
    pub(super) starts: BTreeSet<&'a Arc<str>>,
    pub(super) ends: BTreeSet<&'a Arc<str>>,
}

/// A value that is none of `constants`.
pub(super) fn plain_value(constants: &BTreeSet<Arc<str>>) -> Option<String> {
    let numbered = (1_u32..).map(|number| format!("other-{number}"));
    let mut names = std::iter::once("other".to_owned()).chain(numbered);
    names.find(|name| !constants.contains(name.as_str()))
}

/// For each combination of patterns that some value outside `constants` has, one such value; first that of the values
/// that nothing is asked of, if there are any.
pub(super) fn other_values(
    constants: &BTreeSet<Arc<str>>,
    patterns: &Patterns<'_>,
    rule: ValueRule,
    steps: &Steps,
) -> Result<Vec<String>, Overflow> {
    if patterns.contains.is_empty() && patterns.starts.is_empty() && patterns.ends.is_empty() {
        return Ok(plain_value(constants).into_iter().collect());
    }
    let mut found = Automaton::new(constants, patterns, rule).search(steps)?;
    if let (Some(short), Some(plain)) = (found.get_mut(&Vec::new()), plain_value(constants)) {
        let seen = patterns.contains.iter().any(|it| plain.contains(&***it))
            || patterns.starts.iter().any(|it| plain.starts_with(&***it))
            || patterns.ends.iter().any(|it| plain.ends_with(&***it));
        if !seen {
            *short = plain;
        }
    }
    Ok(found.into_values().collect())
}

/// A tree of texts, by characters.
struct Trie {
    nodes: Vec<ValueNode>,
}

#[derive(Default)]
struct ValueNode {
    children: BTreeMap<char, usize>,
    /// The longest proper suffix of this node's text that is in the tree too.
    fall: usize,
    /// What is seen on reaching it: numbers of patterns, sorted.
    seen: Vec<usize>,
    /// What holds for a value that ends here: numbers of patterns, sorted.
    last: Vec<usize>,
    /// Whether a constant ends here.
    constant: bool,
}

impl Trie {
    fn new() -> Self {
        Self { nodes: vec![ValueNode::default()] }
    }

    fn node(&self, index: usize) -> Option<&ValueNode> {
        self.nodes.get(index)
    }

    fn child(&self, index: usize, c: char) -> Option<usize> {
        self.node(index)?.children.get(&c).copied()
    }

    /// The node of a text, made if it is new.
    fn insert(&mut self, text: &str) -> Option<&mut ValueNode> {
        let mut at = 0;
        for c in text.chars() {
            at = if let Some(child) = self.child(at, c) {
                child
            } else {
                let child = self.nodes.len();
                self.nodes.push(ValueNode::default());
                self.nodes.get_mut(at)?.children.insert(c, child);
                child
            };
        }
        self.nodes.get_mut(at)
    }

    /// Where the longest suffix of a node's text and `c` leads.
    fn step(&self, mut at: usize, c: char) -> usize {
        loop {
            match self.child(at, c) {
                Some(child) => return child,
                None if at == 0 => return 0,
                None => at = self.node(at).map_or(0, |node| node.fall),
            }
        }
    }

    /// Sets where each node falls back to, from the root down, and adds what is seen there.
    fn link(&mut self) {
        let mut open = VecDeque::from([0]);
        while let Some(at) = open.pop_front() {
            let Some(node) = self.node(at) else { continue };
            let (fall, children) = (node.fall, node.children.clone());
            for (c, child) in children {
                let fall = if at == 0 { 0 } else { self.step(fall, c) };
                let (seen, last) = self.node(fall).map_or((Vec::new(), Vec::new()), |node| {
                    (node.seen.clone(), node.last.clone())
                });
                if let Some(child) = self.nodes.get_mut(child) {
                    child.fall = fall;
                    child.seen = merged(&child.seen, &seen);
                    child.last = merged(&child.last, &last);
                }
                open.push_back(child);
            }
        }
    }
}

fn merged(a: &[usize], b: &[usize]) -> Vec<usize> {
    let both: BTreeSet<usize> = a.iter().chain(b).copied().collect();
    both.into_iter().collect()
}

struct Automaton {
    rule: ValueRule,
    /// Constants and `starts with`; walked only while the value is on it.
    anchored: Trie,
    /// `contains` and `ends with`.
    floating: Trie,
    letters: BTreeSet<char>,
}

/// Everything about the value read so far that decides what can still become of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct AutomatonState {
    /// `None` once the value has left the tree.
    anchored: Option<usize>,
    floating: usize,
    /// The number of the set of patterns seen.
    seen: usize,
    end: ValueEnd,
}

/// A state and how it was first reached.
struct ReachedState {
    state: AutomatonState,
    from: usize,
    by: Option<char>,
    length: usize,
}

/// Sets of patterns, each with a number.
#[derive(Default)]
struct Seen {
    sets: Vec<Vec<usize>>,
    numbers: FxHashMap<Vec<usize>, usize>,
}

impl Seen {
    fn number(&mut self, set: Vec<usize>) -> usize {
        *self.numbers.entry(set).or_insert_with_key(|set| {
            self.sets.push(set.clone());
            self.sets.len() - 1
        })
    }

    fn with(&mut self, number: usize, more: &[&[usize]]) -> usize {
        if more.iter().all(|more| more.is_empty()) {
            return number;
        }
        let mut set = self.sets.get(number).cloned().unwrap_or_default();
        for more in more {
            set = merged(&set, more);
        }
        self.number(set)
    }
}

impl Automaton {
    fn new(constants: &BTreeSet<Arc<str>>, patterns: &Patterns<'_>, rule: ValueRule) -> Self {
        let (mut anchored, mut floating) = (Trie::new(), Trie::new());
        for constant in constants {
            if let Some(node) = anchored.insert(constant) {
                node.constant = true;
            }
        }
        let mut numbers = 0..;
        for (text, number) in patterns.starts.iter().zip(&mut numbers) {
            if let Some(node) = anchored.insert(text) {
                node.seen.push(number);
            }
        }
        for (text, number) in patterns.contains.iter().zip(&mut numbers) {
            if let Some(node) = floating.insert(text) {
                node.seen.push(number);
            }
        }
        for (text, number) in patterns.ends.iter().zip(&mut numbers) {
            if let Some(node) = floating.insert(text) {
                node.last.push(number);
            }
        }
        floating.link();
        let letters =
            floating.nodes.iter().flat_map(|node| node.children.keys().copied()).collect();
        Self { rule, anchored, floating, letters }
    }

    /// For each combination of patterns, a shortest value that has it and is not a constant.
    fn search(&self, steps: &Steps) -> Result<BTreeMap<Vec<usize>, String>, Overflow> {
        let mut seen = Seen::default();
        let nothing = seen.number(Vec::new());
        let roots = [&self.anchored, &self.floating]
            .map(|trie| trie.node(0).map_or(&[][..], |node| &node.seen));
        let first = AutomatonState {
            anchored: Some(0),
            floating: 0,
            seen: seen.with(nothing, &roots),
            end: ValueEnd::Start,
        };
        let mut reached = vec![ReachedState { state: first, from: 0, by: None, length: 0 }];
        let mut known = FxHashSet::from_iter([first]);
        let mut found = BTreeMap::new();
        let mut free = 0;
        let off_tree: Vec<char> =
            self.letters.iter().copied().chain(self.rule.fresh(&self.letters)).collect();
        let mut next = 0;
        while let Some(&ReachedState { state, length, .. }) = reached.get(next) {
            if let Some(combination) = self.accepted(state, &seen) {
                found.entry(combination).or_insert_with(|| spelled(&reached, next));
            }
            let on_tree;
            let letters = match state.anchored.and_then(|at| self.anchored.node(at)) {
                None => &off_tree,
                Some(node) => {
                    let used: BTreeSet<char> =
                        node.children.keys().chain(&self.letters).copied().collect();
                    let fresh = self.rule.fresh(&used);
                    on_tree = used.iter().copied().chain(fresh).collect();
                    &on_tree
                }
            };
            if !steps.take(letters.len()) {
                return Err(Overflow);
            }
            for &c in letters {
                let Some(end) = self.rule.next(state.end, c) else { continue };
                if length == self.rule.longest() {
                    continue;
                }
                let anchored = state.anchored.and_then(|at| self.anchored.child(at, c));
                let floating = self.floating.step(state.floating, c);
                let news =
                    [anchored.and_then(|at| self.anchored.node(at)), self.floating.node(floating)];
                let news = news.map(|node| node.map_or(&[][..], |node| &node.seen));
                let state =
                    AutomatonState { anchored, floating, seen: seen.with(state.seen, &news), end };
                if known.insert(state) {
                    free += usize::from(anchored.is_none());
                    if free > STATES {
                        return Err(Overflow);
                    }
                    reached.push(ReachedState {
                        state,
                        from: next,
                        by: Some(c),
                        length: length + 1,
                    });
                }
            }
            next += 1;
        }
        Ok(found)
    }

    /// The patterns that hold for the value that ends in a state, if it may end there.
    fn accepted(&self, state: AutomatonState, seen: &Seen) -> Option<Vec<usize>> {
        let constant =
            state.anchored.and_then(|at| self.anchored.node(at)).is_some_and(|node| node.constant);
        if constant || !self.rule.accepts(state.end) {
            return None;
        }
        let last = self.floating.node(state.floating).map_or(&[][..], |node| &node.last);
        Some(merged(seen.sets.get(state.seen)?, last))
    }
}

/// The value that led to a state.
fn spelled(reached: &[ReachedState], mut at: usize) -> String {
    let mut letters = Vec::new();
    while let Some(ReachedState { from, by: Some(c), .. }) = reached.get(at) {
        letters.push(*c);
        at = *from;
    }
    letters.into_iter().rev().collect()
}
