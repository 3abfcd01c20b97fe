//! What the policies of one namespace (or of hosts) say in one direction, arranged to be looked up: what may come out
//! is numbered, and each bit of the number is a set.

use serde::Serialize;

use crate::calico::Action;
use crate::can::answer::{Because, PolicyRef, Verdict};
use crate::can::judge::Judge;
use crate::diagnostic::escaped;
use crate::reach::of_policies::{Step, Subject};
use crate::reach::{At, Diagram, Direction, Lookup, Sets};

/// The numbered outcomes.
#[derive(Debug)]
pub(super) struct VerdictTable {
    outcomes: Vec<Outcome>,
    /// Where each of them comes out.
    places: Vec<Diagram>,
    /// For each bit of the number, lowest first, where it is 1.
    bits: Vec<Diagram>,
}

/// What comes out at one end.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    pub(super) verdict: Verdict,
    /// The half of the answer.
    pub(super) json: std::rc::Rc<str>,
}

#[derive(Serialize)]
struct HalfJson<'a> {
    verdict: Verdict,
    tier: Option<&'a str>,
    policy: Option<PolicyRef>,
    rule: Option<usize>,
    because: Because,
    source: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
}

impl VerdictTable {
    /// The table of `subject`.
    pub(super) fn new(judge: &mut Judge<'_>, subject: Subject<'_>, direction: Direction) -> Self {
        let steps = judge.judge(subject, direction, judge.world.ties());
        let (mut outcomes, mut found) = (Vec::new(), Vec::new());
        for (set, outcome) in parts(judge, &steps, direction) {
            if set != Diagram::EMPTY {
                outcomes.push(outcome);
                found.push(set);
            }
        }
        let mut bits = Vec::new();
        for bit in 0..usize::BITS {
            if found.len() <= 1 << bit {
                break;
            }
            let with = found.iter().enumerate().filter(|(number, _)| number >> bit & 1 == 1);
            let with: Vec<_> = with.map(|(_, set)| *set).collect();
            bits.push(judge.sets.diagrams.union_of(with));
        }
        Self { outcomes, places: found, bits }
    }

    /// What comes out for one connection.
    pub(super) fn decide(&self, lookup: &Lookup, sets: &Sets, at: At<'_>) -> Outcome {
        let bits = self.bits.iter().enumerate();
        let number = bits.fold(0, |number, (bit, set)| {
            number | usize::from(lookup.holds(sets, *set, at)) << bit
        });
        self.outcome(number)
    }

    /// What comes out for one connection whatever the labels are that are not known; `None` where its verdict depends on them.
    pub(super) fn may_decide(
        &self,
        lookup: &Lookup,
        sets: &mut Sets,
        at: At<'_>,
    ) -> Option<Outcome> {
        let mut found: Option<Outcome> = None;
        for (place, outcome) in self.places.iter().zip(&self.outcomes) {
            if lookup.may_hold(sets, *place, at) == Some(false) {
                continue;
            }
            match &found {
                Some(known) if known.verdict != outcome.verdict => return None,
                Some(_) => {}
                None => found = Some(outcome.clone()),
            }
        }
        found
    }

    fn outcome(&self, number: usize) -> Outcome {
        self.outcomes.get(number).cloned().unwrap_or_else(Outcome::outside)
    }
}

/// Everything that may come out, each with where: sets that have nothing in common and ask for nothing that no packet
/// shows.
fn parts(judge: &mut Judge<'_>, steps: &[Step], direction: Direction) -> Vec<(Diagram, Outcome)> {
    let all = judge.sets.that_can_be(Diagram::FULL, direction);
    let all = judge.sets.perhaps(all);
    let of = |action| steps.iter().filter(move |step| step.action == action);
    let mut sure = Vec::new();
    for action in [Action::Allow, Action::Deny] {
        let sets = of(action).map(|step| step.reached).collect();
        let set = judge.sets.diagrams.union_of(sets);
        sure.push((action, judge.sets.surely(set)));
    }
    let mut found = Vec::new();
    let mut left = all;
    // First what one step decides whatever holds, then the first that may have where the verdict is sure all the same.
    for exact in [true, false] {
        for step in steps {
            let Some((_, sure)) = sure.iter().find(|(action, _)| *action == step.action) else {
                continue;
            };
            let set = if exact {
                judge.sets.surely(step.reached)
            } else {
                let perhaps = judge.sets.perhaps(step.reached);
                judge.sets.diagrams.intersection(perhaps, *sure)
            };
            let set = judge.sets.diagrams.intersection(set, left);
            left = judge.sets.diagrams.difference(left, set);
            if set != Diagram::EMPTY {
                found.push((set, Outcome::of(judge, step, direction)));
            }
        }
    }
    for step in steps {
        if left == Diagram::EMPTY {
            break;
        }
        if step.action != Action::Log {
            let yes = judge.sets.perhaps(step.matched);
            let no = judge.sets.diagrams.difference(all, step.matched);
            let no = judge.sets.perhaps(no);
            let either = judge.sets.diagrams.intersection(yes, no);
            let set = judge.sets.diagrams.intersection(either, left);
            if set != Diagram::EMPTY {
                left = judge.sets.diagrams.difference(left, set);
                let why = judge.asks_whether(step, direction);
                found.push((set, Outcome::undecided(&why)));
            }
        }
    }
    found
}

impl Outcome {
    fn new(json: &HalfJson<'_>) -> Self {
        // Strings and numbers can always be written.
        let text = escaped::compact(json).unwrap_or_default();
        Self { verdict: json.verdict, json: text.into() }
    }

    /// The end is no endpoint of the cluster.
    pub(super) fn outside() -> Self {
        Self::bare(Verdict::Allow, Because::Outside, None)
    }

    /// Nobody can tell.
    pub(super) fn undecided(why: &str) -> Self {
        Self::bare(Verdict::Undecided, Because::Undecided, Some(why))
    }

    fn bare(verdict: Verdict, because: Because, why: Option<&str>) -> Self {
        let (tier, policy, rule, source) = (None, None, None, None);
        Self::new(&HalfJson { verdict, tier, policy, rule, because, source, why })
    }

    /// The doing of `step`.
    fn of(judge: &Judge<'_>, step: &Step, direction: Direction) -> Self {
        let part = judge.world.part(step, direction, Vec::new());
        Self::new(&HalfJson {
            verdict: part.verdict,
            tier: part.tier.as_deref(),
            policy: part.policy,
            rule: part.rule,
            because: part.because,
            source: part.source.as_deref(),
            why: None,
        })
    }
}
