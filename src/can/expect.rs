//! What must be open, or must not, and whether it is: each over the whole set of connections that it speaks of, with one that
//! shows the contrary, and what decides about that one.

use std::sync::Arc;

use serde::Serialize;

use super::Question;
use super::answer::{AnswerPart, Because, Verdict};
use super::judge::{Judge, hold};
use super::pair::QueryPair;
use super::place::{QueryPart, QueryPartKind, QueryPlace};
use crate::reach::{Diagram, TooMany};
use crate::selector::Selector;
use crate::traffic::addresses;
use crate::world::World;

/// Connections that must be open, or of which none may be.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// Whether they must be open.
    pub open: bool,
    /// Which they are: no traffic is any.
    pub question: Question,
}

/// Whether an expectation is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Met {
    /// For every connection that it speaks of.
    Met,
    /// For one it is not.
    NotMet,
    /// For one it depends on something that nobody here knows, and for none it is not.
    Undecided,
}

/// Whether an expectation is met, and what shows it where it is not for sure.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Found {
    /// Whether it is met.
    pub result: Met,
    /// A connection for which it is not, or of which it cannot be told.
    pub example: Option<String>,
    /// What decides about that one at the sender; nothing where no policy is asked there.
    pub leaving: Option<FoundPart>,
    /// The same at the receiver.
    pub arriving: Option<FoundPart>,
    /// What it depends on, where it cannot be told.
    pub why: Option<String>,
    /// All pairs of a sender and a receiver for which it is not met, or cannot be told where that is the result: namespaces,
    /// addresses, hosts.
    pub pairs: Vec<[String; 2]>,
    /// What else there is to know.
    pub notes: Vec<String>,
}

/// What decides at one end.
#[derive(Clone, Debug, Serialize)]
pub struct FoundPart {
    /// The namespace, the host or the addresses.
    pub at: String,
    /// What decides there.
    #[serde(flatten)]
    pub part: AnswerPart,
}

/// Whether `expectation` is met in `world`.
///
/// # Errors
/// Where a label has too much asked of its values.
pub fn expect(world: &World, expectation: &Expectation) -> Result<Found, TooMany> {
    let Question { from, to, traffic } = &expectation.question;
    hold(world, &[from, to], traffic.as_deref(), |judge| judge.expected(expectation))
}

impl Judge<'_> {
    fn expected(&mut self, Expectation { open, question }: &Expectation) -> Found {
        let pairs = self.pairs(question, self.world.ties());
        let (mut failed, mut unsure) = (Vec::new(), Vec::new());
        for pair in &pairs {
            let against = if *open { pair.closed(self) } else { pair.open };
            if against != Diagram::EMPTY {
                failed.push((pair, against));
            }
            if pair.unsure != Diagram::EMPTY {
                unsure.push((pair, pair.unsure));
            }
        }
        let (result, shown) = match (failed.is_empty(), unsure.is_empty()) {
            (false, _) => (Met::NotMet, failed),
            (true, false) => (Met::Undecided, unsure),
            // What is nowhere cannot be open.
            (true, true) if *open && pairs.is_empty() => (Met::NotMet, Vec::new()),
            (true, true) => (Met::Met, Vec::new()),
        };
        let mut found = Found {
            result,
            example: None,
            leaving: None,
            arriving: None,
            why: None,
            pairs: shown.iter().filter_map(|(pair, _)| Self::ends_of(question, pair)).collect(),
            notes: Vec::new(),
        };
        if let Some((pair, set)) = shown.first().copied() {
            self.show(question, pair, set, &mut found);
        } else if result == Met::NotMet {
            found.notes.push("there is no connection from the one place to the other".to_owned());
        }
        let never = self.world.that_never_begin(question.traffic.as_deref());
        if !never.is_empty() {
            found.notes.push(super::icmp::note(&never));
        }
        if result == Met::Undecided {
            let notes = self.remedies(&pairs);
            found.notes.extend(notes);
        }
        found
    }

    /// Adds to `found` one connection of `set`, and what decides about it at both ends.
    fn show(&mut self, question: &Question, pair: &QueryPair, set: Diagram, found: &mut Found) {
        let mut set = set;
        let mut sides = [None, None];
        // Each end is asked about less than the one before it: the connection is one that both steps decide.
        let denies_first = {
            let ingress = pair.halves.get(1).and_then(Option::as_ref);
            ingress.is_some_and(|half| {
                let mut parts = half.parts.iter();
                parts.any(|(index, part)| {
                    let denies = half.steps.get(*index);
                    let denies = denies.is_some_and(|it| it.action == crate::calico::Action::Deny);
                    denies && self.sets.diagrams.intersection(*part, set) != Diagram::EMPTY
                })
            })
        };
        let order = if denies_first { [1, 0] } else { [0, 1] };
        for side in order {
            let Some(half) = pair.halves.get(side).and_then(Option::as_ref) else { continue };
            let mut decisive = None;
            // What denies says more than what allows.
            let denies = |index: &usize| {
                half.steps.get(*index).is_some_and(|it| it.action == crate::calico::Action::Deny)
            };
            let mut parts = half.parts.clone();
            parts.sort_by_key(|(index, _)| !denies(index));
            for (index, part) in &parts {
                let both = self.sets.diagrams.intersection(*part, set);
                if both != Diagram::EMPTY {
                    decisive = Some((*index, both));
                    break;
                }
            }
            let part = match decisive {
                Some((index, both)) => {
                    set = both;
                    let step = half.steps.get(index);
                    step.map(|step| self.world.part(step, half.direction, Vec::new()))
                }
                None => Some(self.undecided_part(pair, half)),
            };
            if let Some(slot) = sides.get_mut(side) {
                *slot = part;
            }
        }
        let name = |place: &QueryPlace, index: usize| {
            place.parts.get(index).map_or_else(String::new, |it| it.name.clone())
        };
        let [leaving, arriving] = sides;
        let from = name(&question.from, pair.from);
        let to = name(&question.to, pair.to);
        found.leaving = leaving.map(|part| FoundPart { at: from, part });
        found.arriving = arriving.map(|part| FoundPart { at: to, part });
        found.example = Some(self.example(set, question, pair));
        if found.result == Met::Undecided {
            found.why = self.whys(pair);
        }
    }

    /// The part of a half of which nobody can tell what it says.
    fn undecided_part(&mut self, pair: &QueryPair, half: &super::pair::PairHalf) -> AnswerPart {
        AnswerPart {
            verdict: Verdict::Undecided,
            because: Because::Undecided,
            tier: None,
            policy: None,
            rule: None,
            source: None,
            policies: Vec::new(),
            flows: Vec::new(),
            why: Some(self.why(pair, half)).filter(|it| !it.is_empty()),
            extent: Vec::new(),
        }
    }

    fn ends_of(question: &Question, pair: &QueryPair) -> Option<[String; 2]> {
        let name =
            |place: &QueryPlace, index: usize| place.parts.get(index).map(|it| it.name.clone());
        Some([name(&question.from, pair.from)?, name(&question.to, pair.to)?])
    }
}

impl QueryPlace {
    /// Everything that can be an end of a connection: the pods of every namespace, of those that may come as well, host
    /// endpoints, and every address outside.
    pub fn everything(world: &World, text: String) -> Self {
        let mut parts = Self::namespaces(world, None, String::new()).parts;
        parts.extend(world.cluster.hosts.iter().enumerate().map(|(index, host)| QueryPart {
            name: host.name.to_string(),
            what: QueryPartKind::Host(index),
        }));
        parts.push(super::reach::every_address());
        Self { text, parts, written: None, later: Some(Arc::new(Selector::All)) }
    }

    /// The pods that `selector` takes, of every namespace, also of those that may come.
    pub fn namespaces(world: &World, selector: Option<Arc<Selector>>, text: String) -> Self {
        let homes = world.homes().iter();
        let homes = homes.filter_map(|home| world.pods(&home.name, selector.clone(), None));
        let mut parts: Vec<_> = homes.collect();
        parts.push(QueryPart::later(selector.clone()));
        let later = selector.unwrap_or_else(|| Arc::new(Selector::All));
        Self { text, parts, written: None, later: Some(later) }
    }

    /// The same with the pods of namespaces that may come, where it has its namespaces by their labels.
    #[must_use]
    pub fn with_later(mut self) -> Self {
        if let Some(selector) = &self.later
            && !self.parts.iter().any(QueryPart::is_later)
        {
            self.parts.push(QueryPart::later(Some(Arc::clone(selector))));
        }
        self
    }

    /// The same without what `except` has.
    #[must_use]
    pub fn without(mut self, except: &[Self]) -> Self {
        for place in except {
            self.parts = self.parts.into_iter().filter_map(|it| it.without(place)).collect();
        }
        self
    }
}

impl QueryPart {
    /// What of it is not at `place`; `None` where nothing is.
    fn without(self, place: &QueryPlace) -> Option<Self> {
        let less = |own: Option<&Arc<Selector>>, taken: Option<&Arc<Selector>>| {
            let taken = taken.filter(|it| ***it != Selector::All)?;
            let own = own.map(|it| Selector::clone(it));
            let rest = Selector::Not(Box::new(Selector::clone(taken)));
            Some(Arc::new(Selector::and(own.into_iter().chain([rest]))))
        };
        let mut what = self.what;
        for other in &place.parts {
            what = match (what, &other.what) {
                (
                    QueryPartKind::Pods { home, selector, service },
                    // Nobody says which pods are behind a service.
                    QueryPartKind::Pods { home: there, selector: taken, service: None },
                ) if home == *there => {
                    let selector = Some(less(selector.as_ref(), taken.as_ref())?);
                    QueryPartKind::Pods { home, selector, service }
                }
                (QueryPartKind::Addresses(nets), QueryPartKind::Addresses(taken)) => {
                    let rest = addresses::difference(&nets, taken);
                    if rest.is_empty() {
                        return None;
                    }
                    QueryPartKind::Addresses(rest)
                }
                (QueryPartKind::Host(host), QueryPartKind::Host(taken)) if host == *taken => {
                    return None;
                }
                (what, _) => what,
            };
        }
        if let (QueryPartKind::Later { selector }, Some(taken)) = (&what, &place.later) {
            let selector = Some(less(selector.as_ref(), Some(taken))?);
            what = QueryPartKind::Later { selector };
        }
        Some(Self { name: self.name, what })
    }
}
