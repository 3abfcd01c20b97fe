//! The policies of landing zones' own namespaces, taken apart: what each Allow opens, and what no line can say.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Importing;
use super::end::{UnsaidPeer, peers};
use super::openings::{ImportOpening, OpenZones};
use super::partial::never;
use super::pods::{in_namespace, sayable};
use super::remark::Remark;
use super::side::LineSide;
use super::traffic::{self, TrafficUnit};
use crate::calico::{Action, Entity, Policy, Rule};
use crate::reach::Direction;
use crate::reach::of_policies::{effective, selected};
use crate::selector::Selector;

/// What one rule opens at the pods of one namespace.
type Atom = (Direction, Option<Selector>, LineSide, TrafficUnit, Arc<str>);

impl Importing<'_> {
    /// What the policies of `zones`' own namespaces open, for its classes.
    pub(super) fn own(&mut self, zones: &OpenZones) -> Vec<ImportOpening> {
        let owner = Some(Arc::clone(&zones.application));
        let mut found: BTreeSet<ImportOpening> = BTreeSet::new();
        for class in 0..zones.members.len() {
            let members = zones.members.get(class).cloned().unwrap_or_default();
            let mut atoms: BTreeMap<(Direction, Option<Selector>, LineSide, TrafficUnit), Vec<_>> =
                BTreeMap::new();
            for namespace in &members {
                for (object, atom) in self.of_namespace(namespace, owner.as_ref()) {
                    let (direction, pods, peer, unit, policy) = atom;
                    let places = atoms.entry((direction, pods, peer, unit)).or_default();
                    places.push((Arc::clone(namespace), object, policy));
                }
            }
            for ((direction, pods, peer, unit), places) in atoms {
                let here: BTreeSet<_> = places.iter().map(|(name, ..)| name).collect();
                if here.len() < members.len() {
                    let names: Vec<_> = here.iter().map(|it| &***it).collect();
                    let why = format!(
                        "only the namespaces {} of this zone have it, not the others",
                        names.join(", ")
                    );
                    for (_, (object, direction, rule), _) in &places {
                        self.remark(*object, Some((*direction, *rule)), owner.as_ref(), &why);
                    }
                    continue;
                }
                found.extend(places.iter().map(|(_, _, policy)| ImportOpening {
                    direction,
                    here: BTreeSet::from([class]),
                    pods: pods.clone(),
                    peer: peer.clone(),
                    unit: unit.clone(),
                    policy: Arc::clone(policy),
                }));
            }
        }
        merged(found)
    }

    /// What the policies of `namespace` open, rule by rule.
    fn of_namespace(
        &mut self,
        namespace: &Arc<str>,
        owner: Option<&Arc<str>>,
    ) -> Vec<((usize, Direction, usize), Atom)> {
        let mut found = Vec::new();
        let world = self.world;
        for (object, policy) in world.policies() {
            if policy.namespace.as_ref() != Some(namespace) {
                continue;
            }
            for (direction, index, rule) in self.allows(object, policy) {
                let rule = &rule;
                let Some(units) = self.effect(object, direction, index, rule, owner) else {
                    continue;
                };
                let pods = match local(policy, rule, direction, namespace, self) {
                    Ok(Some(pods)) => pods,
                    Ok(None) => continue,
                    Err(why) => {
                        self.remark(object, Some((direction, index)), owner, &why);
                        continue;
                    }
                };
                for peer in self.peers(object, policy, rule, direction, index, owner) {
                    for unit in &units {
                        let name = Arc::clone(&policy.name);
                        let atom = (direction, pods.clone(), peer.clone(), unit.clone(), name);
                        found.push(((object, direction, index), atom));
                    }
                }
            }
        }
        found
    }

    /// The rules of `policy` that allow, those as one that differ in nothing but the blocks at the other end: such blocks become
    /// one external. What the others do shows in what the rules after them still open.
    fn allows(&self, object: usize, policy: &Policy) -> Vec<(Direction, usize, Rule)> {
        let mut found: Vec<(Direction, usize, Rule)> = Vec::new();
        let cut = |direction, index| self.cut.contains_key(&(object, direction, index));
        for (direction, index, rule) in rules(policy).filter(|it| it.2.action == Action::Allow) {
            let blocks = |rule: &Rule| {
                let peer = rule.peer(direction);
                (!peer.nets.is_empty() && peer.not_nets.is_empty()).then(|| peer.nets.clone())
            };
            let same = |it: &&mut (Direction, usize, Rule)| {
                it.0 == direction
                    && !cut(direction, it.1)
                    && !cut(direction, index)
                    && blocks(&it.2).is_some()
                    && blocks(rule).is_some()
                    && without_blocks(&it.2, direction) == without_blocks(rule, direction)
            };
            match found.iter_mut().find(same) {
                Some((_, _, known)) => {
                    let nets = blocks(rule).unwrap_or_default();
                    peer_of(known, direction).nets.extend(nets);
                }
                None => found.push((direction, index, rule.clone())),
            }
        }
        found
    }

    /// The other ends of a rule; what of them no line can say is remarked.
    pub(super) fn peers(
        &mut self,
        object: usize,
        policy: &Policy,
        rule: &Rule,
        direction: Direction,
        index: usize,
        owner: Option<&Arc<str>>,
    ) -> Vec<LineSide> {
        let peer = rule.peer(direction);
        let (found, unsaid) = peers(&self.known, &self.blocks, peer, policy);
        for UnsaidPeer { why, lines } in unsaid {
            let towards = match direction {
                Direction::Egress => "to",
                Direction::Ingress => "from",
            };
            let why = format!("{towards} {why}");
            self.remark_with(object, Some((direction, index)), owner, &why, lines);
        }
        found.iter().map(|it| self.externals.side(it)).collect()
    }

    /// What traffic a rule lets pass, an entry each; `None` where it opens nothing, or nothing that a line can say.
    pub(super) fn effect(
        &mut self,
        object: usize,
        direction: Direction,
        index: usize,
        rule: &Rule,
        owner: Option<&Arc<str>>,
    ) -> Option<Vec<TrafficUnit>> {
        if let (Some(left), Ok(_)) =
            (self.cut.get(&(object, direction, index)), traffic::of_rule(rule))
        {
            let units = left.units.clone();
            if left.unclear {
                let why = "a rule before it denies, or passes on, a part of this that no list says";
                self.remark(object, Some((direction, index)), owner, why);
            }
            return Some(units);
        }
        match traffic::of_rule(rule) {
            Ok(None) => Some(vec![None]),
            Ok(Some(list)) if list.is_empty() => None,
            Ok(Some(list)) => Some(list.into_iter().map(Some).collect()),
            Err(why) => {
                self.remark(object, Some((direction, index)), owner, &why);
                None
            }
        }
    }

    /// Notes that no line says what a rule does, or what the whole policy does.
    pub(super) fn remark(
        &mut self,
        object: usize,
        rule: Option<(Direction, usize)>,
        owner: Option<&Arc<str>>,
        why: &str,
    ) {
        self.remark_with(object, rule, owner, why, None);
    }

    /// The same, of what lines have in part.
    pub(super) fn remark_with(
        &mut self,
        object: usize,
        rule: Option<(Direction, usize)>,
        owner: Option<&Arc<str>>,
        why: &str,
        lines: Option<&'static str>,
    ) {
        let remark = Remark::new(self.world, object, rule, owner.cloned(), why);
        let remark = remark.map(|it| Remark { lines, ..it });
        if let Some(remark) = remark
            && !self.remarks.contains(&remark)
        {
            self.remarks.push(remark);
        }
    }
}

/// Openings that differ in their classes alone as one.
fn merged(found: BTreeSet<ImportOpening>) -> Vec<ImportOpening> {
    let mut merged: BTreeMap<ImportOpening, BTreeSet<usize>> = BTreeMap::new();
    for opening in found {
        let here = opening.here.clone();
        merged.entry(ImportOpening { here: BTreeSet::new(), ..opening }).or_default().extend(here);
    }
    merged.into_iter().map(|(opening, here)| ImportOpening { here, ..opening }).collect()
}

/// The rules of a policy, each with its direction and its index there.
pub(super) fn rules(policy: &Policy) -> impl Iterator<Item = (Direction, usize, &Rule)> {
    Direction::BOTH.into_iter().flat_map(|direction| {
        policy.rules(direction).iter().enumerate().map(move |(at, rule)| (direction, at, rule))
    })
}

/// The other end of `rule`.
fn peer_of(rule: &mut Rule, direction: Direction) -> &mut Entity {
    match direction {
        Direction::Ingress => &mut rule.source,
        Direction::Egress => &mut rule.destination,
    }
}

/// `rule` without the blocks at its other end.
fn without_blocks(rule: &Rule, direction: Direction) -> Rule {
    let mut rule = rule.clone();
    peer_of(&mut rule, direction).nets.clear();
    rule
}

/// Whom a rule of `policy` is about, by their labels as Calico shows them.
///
/// # Errors
/// With what no line can say.
pub(super) fn selection(
    policy: &Policy,
    rule: &Rule,
    direction: Direction,
) -> Result<Selector, String> {
    let own = rule.subject(direction);
    if !own.nets.is_empty() || !own.not_nets.is_empty() {
        return Err("only for pods of certain addresses".to_owned());
    }
    if own.service.is_some() {
        return Err("only for the endpoints of a service".to_owned());
    }
    let not = own.not_selector.iter().map(|it| !it.clone());
    let held = effective(own, policy.namespace.as_ref());
    Ok(Selector::and(std::iter::once(selected(policy)).chain(held).chain(not)))
}

/// Which pods of `namespace` a rule is about: all for `Some(None)`, none for `None`.
#[expect(clippy::option_option, reason = "no pods, and no condition on pods, are two things")]
fn local(
    policy: &Policy,
    rule: &Rule,
    direction: Direction,
    namespace: &Arc<str>,
    importing: &Importing<'_>,
) -> Result<Option<Option<Selector>>, String> {
    let selection = selection(policy, rule, direction)?;
    let left = in_namespace(&selection, namespace, importing.known.namespace(namespace));
    if left == never() {
        return Ok(None);
    }
    sayable(&left).map(Some)
}
