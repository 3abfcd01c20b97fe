//! The applications' lines: a policy for each declared namespace of an application whose flow file is
//! loaded, closed as soon as it is applied, and one for each of its pod selectors beside it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::calico::{Direction, Entity, Rule};
use crate::program::{Application, Id, Namespace, Owner, Place, Program, Zone};
use crate::selector::Selector;

use super::halves::{Half, halves};
use super::limits;
use super::merge::{Form, Grant, rules};
use super::peer::CompiledPeer;
use super::policy::{Body, PolicyHead, policies};
use super::{CompiledOutput, name, tiers};

/// The halves of one application by the zone that they open; `None` for all of its namespaces.
type ByZone<'a> = BTreeMap<Option<Id<Zone>>, Vec<Half<'a>>>;

/// Namespaces that every selector takes for the same: those of one zone of one application.
type AlikeFlows<'a> = BTreeMap<(Id<Application>, Option<Id<Zone>>), Vec<&'a Namespace>>;

/// Writes the policies of applications.
pub(super) fn write(program: &Program, output: &mut CompiledOutput) {
    let mut by_owner: BTreeMap<Id<Application>, ByZone<'_>> = BTreeMap::new();
    for flow in &program.flows {
        let Owner::Application(owner) = flow.owner else { continue };
        for half in halves(flow) {
            let Place::Zones { zones, .. } = &half.local.place else { continue };
            let by_zone = by_owner.entry(owner).or_default();
            match zones {
                None => by_zone.entry(None).or_default().push(half),
                Some(zones) => {
                    for zone in zones {
                        by_zone.entry(Some(*zone)).or_default().push(half);
                    }
                }
            }
        }
    }
    let mut alike = AlikeFlows::new();
    for (_, namespace) in program.namespaces.iter().filter(|(_, it)| !it.exempt) {
        let application =
            namespace.application.and_then(|id| Some((id, program.applications.get(id)?)));
        if let Some((id, _)) = application.filter(|(_, application)| application.loaded) {
            alike.entry((id, namespace.zone)).or_default().push(namespace);
        }
    }
    let nothing = ByZone::new();
    for ((application, zone), namespaces) in &alike {
        let by_zone = by_owner.get(application).unwrap_or(&nothing);
        let everywhere = by_zone.get(&None);
        let here = zone.and_then(|zone| by_zone.get(&Some(zone)));
        let mut by_pods: BTreeMap<_, Vec<Half<'_>>> = BTreeMap::new();
        by_pods.entry(None).or_default();
        for half in everywhere.into_iter().chain(here).flatten() {
            by_pods.entry(half.local.selector.clone()).or_default().push(*half);
        }
        for (selector, halves) in by_pods {
            let bodies = bodies(program, selector.as_ref(), &halves, output);
            for namespace in namespaces {
                let owner = Owner::Application(*application);
                let name = name::flows(selector.as_deref());
                let head = PolicyHead {
                    owner,
                    namespace: Some(namespace.name.clone()),
                    name,
                    tier: tiers::DEFAULT,
                    order: program.settings.orders.flows,
                    closes: selector.is_none(),
                };
                for policy in policies(program, &head, bodies.clone()) {
                    output.policy(owner, policy);
                }
            }
        }
    }
}

/// Whom policies with `halves` select in their namespace, and their rules.
fn bodies(
    program: &Program,
    selector: Option<&Arc<Selector>>,
    halves: &[Half<'_>],
    output: &mut CompiledOutput,
) -> Vec<Body> {
    let selector = selector.map_or(Selector::All, |selector| Selector::clone(selector));
    let Some(pieces) = limits::pieces(&selector) else {
        for half in halves {
            let length = limits::length(&selector);
            output.report(limits::selector_too_long(length, Some(half.flow.spans.whole)));
        }
        return Vec::new();
    };
    let mut bodies = Vec::new();
    for pods in pieces {
        let local = Entity { selector: Some(pods.clone()), ..Entity::default() };
        let mut side = |direction| side(program, &local, direction, halves, output);
        let (ingress, egress) = (side(Direction::Ingress), side(Direction::Egress));
        bodies.push(Body { namespaces: None, pods: Some(pods), ingress, egress });
    }
    bodies
}

/// The rules of `halves` for one direction.
fn side(
    program: &Program,
    local: &Entity,
    direction: Direction,
    halves: &[Half<'_>],
    output: &mut CompiledOutput,
) -> Vec<Vec<Rule>> {
    let grants: Vec<_> = halves
        .iter()
        .filter(|half| half.direction == direction)
        .filter_map(|half| {
            let peer = CompiledPeer::of(program, half.peer)?;
            Some(Grant { peer, matches: half.flow.matches.as_deref(), line: half.flow.into() })
        })
        .collect();
    let form = Form { direction, action: crate::calico::Action::Allow, log: false, local };
    rules(program, form, &grants).unwrap_or_else(|error| {
        output.report(limits::selector_too_long(error.length, error.span));
        Vec::new()
    })
}
