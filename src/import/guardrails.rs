//! Global policies that deny before anything is allowed, as guardrails: each is told by both ends, as far as both can be
//! closed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Importing;
use super::line::{ImportLine, fewest};
use super::own::{rules, selection};
use super::partial::partial;
use super::platform::with_zones;
use super::rule_place::RulePlace;
use super::scope::{ImportScope, ImportedDeny, has_a_namespace, is_bare};
use super::side::{LinePlace, LineSide};
use super::traffic::TrafficUnit;
use crate::calico::{Action, Policy, Rule, Stage};
use crate::reach::Direction;
use crate::syntax::build;
use crate::syntax::tree::{self, Arrow};

/// What is denied at one end: there, towards the other end, and which traffic.
type GuardrailHalf = (RulePlace, RulePlace, TrafficUnit);

/// A guardrail: from, to, and which traffic.
type ForbiddenEnds = (RulePlace, RulePlace, TrafficUnit);

impl Importing<'_> {
    /// The guardrails, beside the default deny `closed`.
    pub(super) fn guardrails(&mut self, closed: &ImportedDeny) -> Vec<tree::Forbid> {
        let (mut leaving, mut entering) = (BTreeSet::new(), BTreeSet::new());
        let world = self.world;
        for (object, policy) in world.policies() {
            if policy.namespace.is_some() || policy.stage != Stage::Ordinary {
                continue;
            }
            for (direction, index, rule) in rules(policy) {
                let ends = closed.policies.contains(&object) && is_bare(rule);
                if rule.action != Action::Deny || ends {
                    continue;
                }
                let halves = match direction {
                    Direction::Egress => &mut leaving,
                    Direction::Ingress => &mut entering,
                };
                halves.extend(self.halves(object, policy, rule, direction, index, closed));
            }
        }
        self.paired(&leaving, &entering, closed)
    }

    fn halves(
        &mut self,
        object: usize,
        policy: &Policy,
        rule: &Rule,
        direction: Direction,
        index: usize,
        closed: &ImportedDeny,
    ) -> Vec<GuardrailHalf> {
        let place = Some((direction, index));
        let Some(units) = self.effect(object, direction, index, rule, None) else {
            return Vec::new();
        };
        let here = selection(policy, rule, direction).and_then(|selector| {
            let selector = partial(&selector, &has_a_namespace);
            let (own, _) = self.unguarded(&selector, closed);
            self.rule_places(&own)
        });
        let here = match here {
            Ok(here) => here,
            Err(why) => {
                self.remark(object, place, None, &format!("it is for {why}"));
                return Vec::new();
            }
        };
        let there = self.peer_places(object, policy, rule, direction, index);
        let mut found = Vec::new();
        for near in here.iter().flat_map(RulePlace::by_zone) {
            for far in there.iter().flat_map(RulePlace::by_zone) {
                let of = |unit: &TrafficUnit| (near.clone(), far.clone(), unit.clone());
                found.extend(units.iter().map(of));
            }
        }
        found
    }

    /// Guardrails that together are these halves: first those that both ends tell, then what is left.
    fn paired(
        &self,
        leaving: &BTreeSet<GuardrailHalf>,
        entering: &BTreeSet<GuardrailHalf>,
        closed: &ImportedDeny,
    ) -> Vec<tree::Forbid> {
        let mut found: BTreeSet<ForbiddenEnds> = BTreeSet::new();
        // A policy that selects the one application that is closed may mean it, or any. The other end says which.
        let named = |place: &RulePlace| self.as_named(place, closed);
        let mut candidates: Vec<ForbiddenEnds> = Vec::new();
        for (near, far, unit) in leaving {
            candidates.extend(named(near).map(|it| (it, far.clone(), unit.clone())));
        }
        for (near, far, unit) in entering {
            candidates.extend(named(near).map(|it| (far.clone(), it, unit.clone())));
        }
        candidates.extend(leaving.iter().cloned());
        let reversed =
            |(near, far, unit): &GuardrailHalf| (far.clone(), near.clone(), unit.clone());
        candidates.extend(entering.iter().map(reversed));
        let (mut left, mut right) = (leaving.clone(), entering.clone());
        for (from, to, unit) in candidates {
            let sends = self.closable(&from, closed).map(|it| (it, to.clone(), unit.clone()));
            let takes = self.closable(&to, closed).map(|it| (it, from.clone(), unit.clone()));
            if sends.as_ref().is_none_or(|it| leaving.contains(it))
                && takes.as_ref().is_none_or(|it| entering.contains(it))
            {
                let fresh = [
                    sends.is_some_and(|it| left.remove(&it)),
                    takes.is_some_and(|it| right.remove(&it)),
                ];
                if fresh.contains(&true) {
                    found.insert((from, to, unit));
                }
            }
        }
        found.extend(left);
        found.extend(right.into_iter().map(|(to, from, unit)| (from, to, unit)));
        statements(found)
    }

    /// The place of any application as that of the only one that is closed, if there is only one.
    fn as_named(&self, place: &RulePlace, closed: &ImportedDeny) -> Option<RulePlace> {
        let Some(ImportScope::Applications(names)) = &closed.scope else { return None };
        let (Some(name), 1) = (names.first(), names.len()) else { return None };
        let LinePlace::Zones { application: None, zones } = &place.side.place else { return None };
        let of_closed =
            LinePlace::Zones { application: Some(Arc::clone(name)), zones: zones.clone() };
        let side = LineSide { place: of_closed, ..place.side.clone() };
        let within = place.without.iter().all(|it| side.excused(it).is_some());
        let known = self.known.unknown(&side.place).is_none();
        (known && within).then(|| RulePlace { side, ..place.clone() })
    }

    /// The place as a policy selects it: within what the default deny closes. None where that is nothing.
    fn closable(&self, place: &RulePlace, closed: &ImportedDeny) -> Option<RulePlace> {
        let mut place = place.clone();
        match &mut place.side.place {
            LinePlace::Zones { application, .. } => {
                let excused = |name| place.without.contains(&RulePlace::all_zones(name));
                if let Some(ImportScope::Applications(names)) = &closed.scope
                    && names.iter().all(excused)
                {
                    return None;
                }
                if let (Some(name), Some(ImportScope::Applications(names))) =
                    (application.as_ref(), &closed.scope)
                {
                    if !names.contains(name) {
                        return None;
                    }
                    if names.len() == 1 {
                        *application = None;
                    }
                }
            }
            LinePlace::External(name) => {
                let (namespace, _) = self.externals.namespace_of(name)?;
                let declared = self.known.namespace(namespace);
                let outside = declared.is_some_and(|it| it.application.is_none());
                if self.known.is_exempt(namespace)
                    || outside && closed.scope != Some(ImportScope::All)
                {
                    return None;
                }
            }
        }
        Some(place)
    }
}

/// The statements for `found`, those of zones and of traffic that differ in nothing else as one.
fn statements(found: BTreeSet<ForbiddenEnds>) -> Vec<tree::Forbid> {
    let mut alike: BTreeMap<(BTreeSet<LineSide>, bool, LineSide, LineSide), BTreeSet<TrafficUnit>> =
        BTreeMap::new();
    for (from, to, unit) in found {
        let mut from = from;
        let crossing = match (from.side.application(), to.side.application()) {
            (Some(sender), None) => to.is_without(sender),
            // From anywhere but the receiver's own landing zone.
            (None, Some(receiver)) => from.without.remove(&RulePlace::all_zones(receiver)),
            (None, None) | (Some(_), Some(_)) => false,
        };
        // What a guardrail leaves out of its right side it can say only as a crossing.
        if !crossing && !to.without.is_empty() {
            continue;
        }
        alike.entry((from.without, crossing, from.side, to.side)).or_default().insert(unit);
    }
    let mut groups: BTreeMap<(BTreeSet<LineSide>, bool), Vec<ImportLine>> = BTreeMap::new();
    for ((without, crossing, left, right), units) in alike {
        let because: BTreeSet<Arc<str>> = BTreeSet::new();
        let line = ImportLine { left, arrow: Arrow::Leaving, right, units, because };
        groups.entry((without, crossing)).or_default().push(line);
    }
    let mut statements = Vec::new();
    for ((without, crossing), lines) in groups {
        let lines = with_zones(lines, |it| &mut it.left);
        for line in with_zones(lines, |it| &mut it.right) {
            statements.push(tree::Forbid {
                left: line.left.tree(),
                crossing: build::at(crossing),
                right: line.right.tree(),
                traffic: fewest(&line.units).map(|it| build::at(build::traffic(Some(&it)))),
                except: without
                    .iter()
                    .filter_map(|it| line.left.excused(it))
                    .map(|it| it.tree())
                    .collect(),
                clauses: tree::Clauses::default(),
                span: build::nowhere(),
            });
        }
    }
    statements
}
