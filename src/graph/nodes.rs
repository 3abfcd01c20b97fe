//! The graph put together: every declared zone in its landing zone, whatever else arrows join, and arrows by index.

use std::collections::{BTreeMap, BTreeSet};

use super::arrows::{ArrowEnds, ArrowSide, Arrows};
use super::halves::Halves;
use super::place::{GraphPlace, NodePlace};
use super::{Closed, Graph, GraphArrow, GraphGroup, GraphNode, Waits};
use crate::program::{self, ExternalValue, Id, Program};
use crate::traffic::Traffic;

/// So many blocks of addresses are listed; more are counted.
const BLOCKS: usize = 2;

/// The graph of what was found, without its lines.
pub(super) fn graph(program: &Program, halves: &Halves, arrows: Arrows) -> Graph {
    let mut places: BTreeSet<GraphPlace> = BTreeSet::new();
    let all = |node| GraphPlace { node, pods: None };
    places.extend(program.applications.iter().map(|(id, _)| all(NodePlace::Whole(id))));
    let zones = halves.declared.keys().filter(|it| it.application().is_some());
    places.extend(zones.copied().map(all));
    for ends in arrows.keys() {
        for place in [&ends.from, &ends.to] {
            places.insert(place.clone());
            if place.node.is_everyone() {
                places.extend([all(NodePlace::Everyone), all(place.node)]);
            }
        }
    }
    let mut builder =
        GraphBuilder { program, halves, graph: Graph::default(), ids: BTreeMap::new() };
    let (outside, inside): (Vec<_>, Vec<_>) =
        places.into_iter().partition(|it| matches!(it.node, NodePlace::External(_)));
    let mut groups: BTreeMap<Option<usize>, Vec<GraphPlace>> = BTreeMap::new();
    for place in inside {
        groups.entry(place.node.application().map(Id::index)).or_default().push(place);
    }
    let everyone = groups.remove(&None);
    for members in groups.into_values().chain(everyone) {
        builder.group(members);
    }
    for place in outside {
        builder.node(place, None);
    }
    for (ends, carried) in arrows {
        let (Some(from), Some(to)) = (builder.ids.get(&ends.from), builder.ids.get(&ends.to))
        else {
            continue;
        };
        let application = ends.from.node.application();
        builder.graph.arrows.push(GraphArrow {
            from: *from,
            to: *to,
            crossing: application.is_none() || application != ends.to.node.application(),
            waits: ends.waits.map(|side| Waits { side, name: builder.waits_for(&ends, side) }),
            traffic: carried.traffic,
            before: Traffic::empty(),
            mark: None,
            count: 1,
            lines: carried.lines.into_iter().collect(),
        });
    }
    builder.graph.arrows.sort_by_key(|it| (it.from, it.to, it.waits.is_some()));
    builder.graph
}

struct GraphBuilder<'a> {
    program: &'a Program,
    halves: &'a Halves,
    graph: Graph,
    ids: BTreeMap<GraphPlace, usize>,
}

impl GraphBuilder<'_> {
    fn group(&mut self, mut members: Vec<GraphPlace>) {
        // The whole first, then zone by zone, the pods of each after it.
        let rank = |node| match node {
            NodePlace::Whole(_) | NodePlace::Everyone => 0,
            NodePlace::Zone(..) | NodePlace::EveryZone(_) | NodePlace::External(_) => 1,
        };
        members.sort_by(|a, b| (rank(a.node), a).cmp(&(rank(b.node), b)));
        let index = self.graph.groups.len();
        let mut nodes: Vec<_> =
            members.into_iter().map(|place| self.node(place, Some(index))).collect();
        if nodes.is_empty() {
            return;
        }
        let whole = nodes.remove(0);
        let name = self.graph.nodes.get(whole).map_or("", |it| &it.short).to_owned();
        self.graph.groups.push(GraphGroup { name, whole, nodes });
    }

    fn node(&mut self, place: GraphPlace, group: Option<usize>) -> usize {
        let id = self.graph.nodes.len();
        let whole = self.name(place.node);
        let selector = place.pods.as_ref().map(ToString::to_string);
        let closed = self.halves.closed(place.node);
        self.graph.nodes.push(GraphNode {
            name: match &selector {
                Some(selector) => format!("{whole}[{selector}]"),
                None => whole.clone(),
            },
            short: match selector {
                Some(selector) => format!("[{selector}]"),
                None => self.short(place.node, whole),
            },
            note: self.note(&place),
            service: self.is_service(place.node),
            closed,
            mark: None,
            group,
            place: place.clone(),
        });
        self.ids.insert(place, id);
        id
    }

    fn name(&self, node: NodePlace) -> String {
        let zones = |application, zone: Option<_>| program::Place::Zones {
            application,
            zones: zone.map(|zone| vec![zone]),
        };
        let place = match node {
            NodePlace::Whole(id) => zones(Some(id), None),
            NodePlace::Zone(id, None) => {
                let application = self.program.applications.get(id);
                let name = application.map(program::Application::text).unwrap_or_default();
                return format!("{name} without zone");
            }
            NodePlace::Zone(id, zone) => zones(Some(id), zone),
            NodePlace::Everyone => zones(None, None),
            NodePlace::EveryZone(zone) => zones(None, Some(zone)),
            NodePlace::External(id) => program::Place::External(id),
        };
        place.text(self.program)
    }

    fn short(&self, node: NodePlace, name: String) -> String {
        let named = |name: Option<&str>| name.unwrap_or_default().to_owned();
        match node {
            NodePlace::Whole(id) => named(self.program.applications.get(id).map(|it| &*it.name)),
            NodePlace::Zone(_, Some(zone)) => {
                named(self.program.zones.get(zone).map(|it| &*it.name))
            }
            NodePlace::Zone(_, None) => "without zone".to_owned(),
            NodePlace::Everyone => "every landing zone".to_owned(),
            NodePlace::EveryZone(_) | NodePlace::External(_) => name,
        }
    }

    fn is_service(&self, node: NodePlace) -> bool {
        let NodePlace::External(id) = node else { return false };
        let external = self.program.externals.get(id);
        external.is_some_and(|it| matches!(it.value, ExternalValue::Service { .. }))
    }

    fn note(&self, place: &GraphPlace) -> Option<String> {
        let id = match place.node {
            NodePlace::External(id) => id,
            NodePlace::Zone(..) if self.halves.in_unclosed(place.node) => return None,
            NodePlace::Zone(..) | NodePlace::Whole(_) if place.pods.is_none() => {
                return match self.halves.closed(place.node) {
                    Closed::All => None,
                    Closed::Some => Some("nothing closes part of it".to_owned()),
                    Closed::None => Some("nothing closes it".to_owned()),
                };
            }
            NodePlace::Zone(..)
            | NodePlace::Whole(_)
            | NodePlace::Everyone
            | NodePlace::EveryZone(_) => return None,
        };
        Some(value(&self.program.externals.get(id)?.value))
    }

    /// Whose line is missing at that side.
    fn waits_for(&self, ends: &ArrowEnds, side: ArrowSide) -> String {
        let node = match side {
            ArrowSide::Sender => ends.from.node,
            ArrowSide::Receiver => ends.to.node,
        };
        match node {
            NodePlace::Whole(id) | NodePlace::Zone(id, _) => {
                let name = self.short(NodePlace::Whole(id), String::new());
                let elsewhere = self.program.applications.get(id).is_some_and(|it| it.elsewhere);
                if elsewhere { format!("{name} (elsewhere)") } else { name }
            }
            NodePlace::Everyone | NodePlace::EveryZone(_) => "each landing zone".to_owned(),
            NodePlace::External(_) => "the platform".to_owned(),
        }
    }
}

/// What an external is, in words.
pub(super) fn value(value: &ExternalValue) -> String {
    match value {
        ExternalValue::Addresses(blocks) if blocks.len() > BLOCKS => {
            format!("{} blocks of addresses", blocks.len())
        }
        ExternalValue::Addresses(blocks) => {
            blocks.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        }
        ExternalValue::Namespace { name, selector } => {
            let pods = selector.as_ref().map(|it| format!("[{it}]")).unwrap_or_default();
            format!("namespace {name}{pods}")
        }
        ExternalValue::Service { namespace, name } => format!("service {namespace}/{name}"),
    }
}
