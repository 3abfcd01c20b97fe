//! Global policies that allow: whom they are about, without what every policy of a project selects within, and the
//! lines for it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Importing;
use super::line::ImportLine;
use super::openings::{ImportOpening, OpenZones};
use super::own::{rules, selection};
use super::partial::{partial, terms};
use super::pods::HomePods;
use super::scope::{ImportScope, ImportedDeny, has_a_namespace, spared};
use super::side::{LinePlace, LineSide};
use super::traffic::TrafficUnit;
use crate::calico::{Action, Policy, Rule, Stage};
use crate::reach::Direction;
use crate::selector::keys::{NAME, NAMESPACE, OF_NAMESPACE};
use crate::selector::{Predicate, Selector};
use crate::syntax::tree::Arrow;

/// What global policies allow.
#[derive(Debug, Default)]
pub(super) struct Allowed {
    /// What is opened at the zones of one application.
    pub(super) openings: BTreeMap<Arc<str>, Vec<ImportOpening>>,
    /// The lines of the platform.
    pub(super) lines: Vec<ImportLine>,
}

/// The ends of a line.
type PlatformEnds = (Arrow, LineSide, LineSide);

impl Importing<'_> {
    /// What the global policies allow, beside the default deny `closed`.
    pub(super) fn allowed(&mut self, closed: &ImportedDeny) -> Allowed {
        let mut allowed = Allowed::default();
        let mut found: BTreeMap<PlatformEnds, (BTreeSet<TrafficUnit>, BTreeSet<Arc<str>>)> =
            BTreeMap::new();
        let world = self.world;
        for (object, policy) in world.policies() {
            if policy.namespace.is_some() {
                continue;
            }
            if policy.stage != Stage::Ordinary {
                self.remark(object, None, None, "it is for hosts, before connections are tracked");
                continue;
            }
            for (direction, index, rule) in rules(policy) {
                match rule.action {
                    Action::Allow => {}
                    Action::Pass => {
                        self.remark(
                            object,
                            Some((direction, index)),
                            None,
                            "no line passes anything on",
                        );
                        continue;
                    }
                    Action::Log => {
                        let next = policy.rules(direction).get(index + 1);
                        if next.is_none_or(|it| it.action != Action::Deny) {
                            let why = "lines log nothing but what is denied";
                            self.remark(object, Some((direction, index)), None, why);
                        }
                        continue;
                    }
                    Action::Deny => continue,
                }
                let Some(units) = self.effect(object, direction, index, rule, None) else {
                    continue;
                };
                let here = self.here(object, policy, rule, direction, index, closed);
                if here.is_empty() {
                    continue;
                }
                let there = self.peers(object, policy, rule, direction, index, None);
                for side in &here {
                    for peer in &there {
                        for unit in &units {
                            self.allow(
                                side,
                                direction,
                                peer,
                                unit,
                                policy,
                                &mut allowed,
                                &mut found,
                            );
                        }
                    }
                }
            }
        }
        allowed.lines = merged(found);
        allowed
    }

    #[expect(clippy::too_many_arguments, reason = "a line has that many parts")]
    fn allow(
        &self,
        side: &LineSide,
        direction: Direction,
        peer: &LineSide,
        unit: &TrafficUnit,
        policy: &Policy,
        allowed: &mut Allowed,
        found: &mut BTreeMap<PlatformEnds, (BTreeSet<TrafficUnit>, BTreeSet<Arc<str>>)>,
    ) {
        if let (LinePlace::Zones { application: Some(application), zones }, false) =
            (&side.place, peer.is_anyone())
        {
            let classes = OpenZones::new(&self.known, application);
            allowed.openings.entry(Arc::clone(application)).or_default().push(ImportOpening {
                direction,
                here: classes.classes(zones.as_ref()),
                pods: side.pods.clone(),
                peer: peer.clone(),
                unit: unit.clone(),
                policy: Arc::clone(&policy.name),
            });
            return;
        }
        let arrow = match direction {
            Direction::Egress => Arrow::Leaving,
            Direction::Ingress => Arrow::Entering,
        };
        let known = found.entry((arrow, side.clone(), peer.clone())).or_default();
        known.0.insert(unit.clone());
        known.1.insert(Arc::clone(&policy.name));
    }

    /// Whom a rule of a global policy is about; what of them no line can name is remarked.
    fn here(
        &mut self,
        object: usize,
        policy: &Policy,
        rule: &Rule,
        direction: Direction,
        index: usize,
        closed: &ImportedDeny,
    ) -> Vec<LineSide> {
        let place = Some((direction, index));
        let selector = match selection(policy, rule, direction) {
            Ok(selector) => partial(&selector, &has_a_namespace),
            Err(why) => {
                self.remark(object, place, None, &why);
                return Vec::new();
            }
        };
        let (own, _) = self.unguarded(&selector, closed);
        let pods = match self.known.pods(&own) {
            Ok(pods) => pods,
            Err(why) => {
                self.remark(object, place, None, &format!("it is for {why}"));
                return Vec::new();
            }
        };
        let mut found = Vec::new();
        for pods in pods {
            if let HomePods::Namespace(name) = &pods.home
                && self.known.is_exempt(name)
            {
                let why =
                    format!("it is for the namespace {name}, which the default deny leaves out");
                self.remark(object, place, None, &why);
                continue;
            }
            found.push(self.externals.side(&super::end::RulePeer::Pods(pods)));
        }
        found
    }

    /// `selector` without what says only that a namespace is closed; and whether it is for every namespace, for which
    /// the landing zones must do.
    pub(super) fn unguarded(&self, selector: &Selector, closed: &ImportedDeny) -> (Selector, bool) {
        let all = terms(selector);
        let key = &*self.known.application;
        let is_named = |term: &Selector| {
            // A zone may be called by the name that Kubernetes gives.
            let by_name =
                |key: &str| key == NAMESPACE || key.strip_prefix(OF_NAMESPACE) == Some(NAME);
            let test = term.test().filter(|it| it.positive && it.predicate.values().is_some());
            test.is_some_and(|it| by_name(&it.key))
        };
        let named = all.iter().any(is_named);
        let mut kept = Vec::new();
        for term in all {
            if spared(&term).is_some_and(|names| names.iter().all(|it| self.known.is_exempt(it))) {
                continue;
            }
            let test = term.test().filter(|it| it.positive && *it.key == *key);
            let of_scope = match (&closed.scope, test.map(|it| &it.predicate)) {
                (Some(ImportScope::LandingZones), Some(Predicate::Has)) => true,
                (Some(ImportScope::Applications(all)), Some(its)) => {
                    its.values().is_some_and(|its| its.iter().eq(all.iter()))
                }
                _ => false,
            };
            if !of_scope {
                kept.push(term);
            } else if !named {
                kept.push(Selector::has(key));
            }
        }
        let of_namespaces = |term: &Selector| {
            term.label_keys().iter().any(|it| it.starts_with(OF_NAMESPACE) || **it == *NAMESPACE)
        };
        let everyone = !kept.iter().any(of_namespaces);
        if everyone {
            kept.push(Selector::has(key));
        }
        (Selector::and(kept), everyone)
    }
}

/// Lines with one traffic that differ in the zones of one end alone as one.
fn merged(
    found: BTreeMap<PlatformEnds, (BTreeSet<TrafficUnit>, BTreeSet<Arc<str>>)>,
) -> Vec<ImportLine> {
    let lines = found.into_iter().map(|((arrow, left, right), (units, because))| ImportLine {
        left,
        arrow,
        right,
        units,
        because,
    });
    let lines = with_zones(lines.collect(), |it| &mut it.left);
    with_zones(lines, |it| &mut it.right)
}

/// Lines that differ in the zones of one end alone as one.
pub(super) fn with_zones(
    lines: Vec<ImportLine>,
    end: impl Fn(&mut ImportLine) -> &mut LineSide,
) -> Vec<ImportLine> {
    let mut merged: Vec<(ImportLine, BTreeSet<Arc<str>>)> = Vec::new();
    for mut line in lines {
        let side = end(&mut line);
        let zones = match &mut side.place {
            LinePlace::Zones { zones, .. } => zones.take(),
            LinePlace::External(_) => None,
        };
        let Some(zones) = zones else {
            merged.push((line, BTreeSet::new()));
            continue;
        };
        let same = |(it, its): &&mut (ImportLine, BTreeSet<Arc<str>>)| {
            !its.is_empty()
                && (it.arrow, &it.left, &it.right, &it.units)
                    == (line.arrow, &line.left, &line.right, &line.units)
        };
        match merged.iter_mut().find(same) {
            Some((known, its)) => {
                its.extend(zones);
                known.because.extend(line.because);
            }
            None => merged.push((line, zones)),
        }
    }
    let restored = |(mut line, its): (ImportLine, BTreeSet<Arc<str>>)| {
        if let (LinePlace::Zones { zones, .. }, false) = (&mut end(&mut line).place, its.is_empty())
        {
            *zones = Some(its);
        }
        line
    };
    merged.into_iter().map(restored).collect()
}
