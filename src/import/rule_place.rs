//! Places as guardrails keep them apart: with other places left out.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Importing;
use super::end::{RulePeer, UnsaidPeer, peers};
use super::known::KnownNames;
use super::partial::{partial, terms};
use super::pods::{HomePods, of_every_pod};
use super::scope::spared;
use super::side::{LinePlace, LineSide};
use crate::calico::{Policy, Rule};
use crate::reach::Direction;
use crate::reach::of_policies::effective;
use crate::selector::{Predicate, Selector, Test};

/// A side, and the places that are no part of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RulePlace {
    pub(super) side: LineSide,
    pub(super) without: BTreeSet<LineSide>,
}

impl RulePlace {
    /// The same, zone by zone.
    pub(super) fn by_zone(&self) -> Vec<Self> {
        let LinePlace::Zones { application, zones: Some(zones) } = &self.side.place else {
            return vec![self.clone()];
        };
        let of = |zone: &Arc<str>| {
            let zones = Some(BTreeSet::from([Arc::clone(zone)]));
            let place = LinePlace::Zones { application: application.clone(), zones };
            Self { side: LineSide { place, ..self.side.clone() }, without: self.without.clone() }
        };
        zones.iter().map(of).collect()
    }

    /// Whether only namespaces of `application` are no part of it.
    pub(super) fn is_without(&self, application: &Arc<str>) -> bool {
        self.without.iter().eq([&Self::all_zones(application)])
    }

    /// All of `application`.
    pub(super) fn all_zones(application: &Arc<str>) -> LineSide {
        let place = LinePlace::Zones { application: Some(Arc::clone(application)), zones: None };
        LineSide { place, pods: None }
    }
}

impl Importing<'_> {
    /// The places that `selector` holds: without `global()`, sets of addresses apart.
    ///
    /// # Errors
    /// With what no line can say.
    pub(super) fn rule_places(&mut self, selector: &Selector) -> Result<Vec<RulePlace>, String> {
        let selector = partial(selector, &of_every_pod);
        let (out, kept): (Vec<_>, Vec<_>) =
            terms(&selector).into_iter().partition(|it| leaves_out(&self.known, it));
        let mut without = BTreeSet::new();
        for term in &out {
            without.extend(self.left_out(term)?);
        }
        let pods = self.known.pods(&Selector::and(kept)).map_err(|it| it.to_string())?;
        let side = |it| self.externals.side(&RulePeer::Pods(it));
        let sides: Vec<_> = pods.into_iter().map(side).collect();
        Ok(sides.into_iter().map(|side| RulePlace { side, without: without.clone() }).collect())
    }

    /// The other ends of a rule, as places; what of them no line can say is remarked.
    pub(super) fn peer_places(
        &mut self,
        object: usize,
        policy: &Policy,
        rule: &Rule,
        direction: Direction,
        index: usize,
    ) -> Vec<RulePlace> {
        let far = rule.peer(direction);
        let plain = far.nets.is_empty() && far.not_nets.is_empty() && far.service.is_none();
        let holds = effective(far, policy.namespace.as_ref()).filter(|_| plain);
        let held = holds.map(|holds| {
            let not = far.not_selector.iter().map(|it| !it.clone());
            Selector::and(std::iter::once(holds).chain(not))
        });
        if let Some(held) = held {
            let found = self.rule_places(&held);
            if let Ok(places) = found
                && !places.is_empty()
            {
                return places;
            }
        }
        let (found, unsaid) = peers(&self.known, &self.blocks, far, policy);
        for UnsaidPeer { why, lines } in unsaid {
            self.remark_with(object, Some((direction, index)), None, &why, lines);
        }
        let sides = found.iter().map(|it| self.externals.side(it));
        sides.map(|side| RulePlace { side, without: BTreeSet::new() }).collect()
    }

    /// The places that a term leaves out.
    fn left_out(&mut self, term: &Selector) -> Result<Vec<LineSide>, String> {
        let of_zones = term.label_keys().iter().any(|it| **it == *self.known.zone);
        if let Some(names) = spared(term).filter(|_| !of_zones) {
            let home = |name: Arc<str>| super::pods::RulePods {
                home: HomePods::Namespace(name),
                pods: None,
            };
            let sides = names.into_iter().map(|it| self.externals.side(&RulePeer::Pods(home(it))));
            return Ok(sides.collect());
        }
        let inside = match term {
            Selector::Not(inner) => (**inner).clone(),
            Selector::Test(test) => Selector::Test(Test { positive: true, ..test.clone() }),
            Selector::All | Selector::Global | Selector::And(_) | Selector::Or(_) => term.clone(),
        };
        let mut applications = None;
        let mut zones = None;
        for part in terms(&inside) {
            let Some(test) = part.test().filter(|it| it.positive) else { continue };
            let values = test.predicate.values().map(<[_]>::to_vec);
            if *test.key == *self.known.zone {
                zones = values.map(|it| it.into_iter().collect::<BTreeSet<_>>());
            } else {
                applications = values;
            }
        }
        let names = applications.map_or(vec![None], |it| it.into_iter().map(Some).collect());
        let place = |application| LinePlace::Zones { application, zones: zones.clone() };
        let places: Vec<_> = names.into_iter().map(place).collect();
        match places.iter().find_map(|it| self.known.unknown(it)) {
            Some(unknown) => Err(format!("pods outside {unknown}")),
            None => Ok(places.into_iter().map(|place| LineSide { place, pods: None }).collect()),
        }
    }
}

/// Whether all that a term does is to leave out landing zones or namespaces by name.
fn leaves_out(known: &KnownNames<'_>, term: &Selector) -> bool {
    if spared(term).is_some() {
        return true;
    }
    let of_names = |key: &str| key == known.application || key == known.zone;
    let inside = match term {
        Selector::Not(inner) => terms(inner),
        Selector::Test(test) if !test.positive => return of_names(&test.key),
        Selector::All
        | Selector::Global
        | Selector::Test(_)
        | Selector::And(_)
        | Selector::Or(_) => return false,
    };
    let says = |part: &Selector| {
        part.test().filter(|it| it.positive).is_some_and(|it| match it.predicate {
            Predicate::Equals(_) | Predicate::In(_) => of_names(&it.key),
            Predicate::Has => *it.key == *known.application,
            Predicate::Contains(_) | Predicate::StartsWith(_) | Predicate::EndsWith(_) => false,
        })
    };
    !inside.is_empty() && inside.iter().all(says)
}
