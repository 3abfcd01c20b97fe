//! Two graphs of one project compared: the newer one with all that the older one had besides, and marks at what was
//! added, removed, or carries other traffic.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::arrows::ArrowSide;
use super::{
    Closed, Graph, GraphArrow, GraphGroup, GraphLine, GraphNode, GraphPlace, NodePlace, nodes,
};
use crate::program::{Id, Program, Table};

/// What became of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// It is there now only.
    Added,
    /// It was there before only.
    Removed,
    /// It is another one now.
    Changed,
}

impl Mark {
    /// Every mark.
    pub const ALL: [Self; 3] = [Self::Added, Self::Removed, Self::Changed];

    /// Before a label.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Added => "+",
            Self::Removed => "−",
            Self::Changed => "±",
        }
    }

    /// In words.
    pub fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
        }
    }
}

/// `text` with the sign of its mark before it.
pub(super) fn marked(mark: Option<Mark>, text: &str) -> String {
    match mark {
        Some(mark) => format!("{} {text}", mark.sign()),
        None => text.to_owned(),
    }
}

/// Arrows that are the same one at two times: their ends, and which side's line is missing.
type ArrowKey = (GraphPlace, GraphPlace, Option<ArrowSide>);

impl Graph {
    /// The graph, which is that of `program`, with all that `old` had besides; what differs is marked.
    #[must_use]
    pub fn since(&self, program: &Program, old: &Self, old_program: &Program) -> Self {
        let names = LineNames::new(program, old_program);
        let mut all: BTreeMap<GraphPlace, GraphNode> = BTreeMap::new();
        for node in &old.nodes {
            let place = names.place(&node.place);
            let known = match place.node {
                NodePlace::External(id) => program.externals.get(id).is_some(),
                NodePlace::Whole(_) | NodePlace::Zone(..) => place.pods.is_some(),
                NodePlace::Everyone | NodePlace::EveryZone(_) => true,
            };
            let mark = (!known).then_some(Mark::Removed);
            let mut node = GraphNode { place: place.clone(), mark, ..node.clone() };
            if let NodePlace::External(id) = place.node
                && let Some(external) = program.externals.get(id)
            {
                // It is still there, and nothing is drawn at it any more.
                node.note = Some(nodes::value(&external.value));
                node = names.judged(&node, None);
            }
            all.insert(place, node);
        }
        for node in &self.nodes {
            let before = all.remove(&node.place);
            all.insert(node.place.clone(), names.judged(node, before.as_ref()));
        }
        let mut arrows: BTreeMap<ArrowKey, GraphArrow> = BTreeMap::new();
        for arrow in &old.arrows {
            let place = |id: usize| old.nodes.get(id).map(|it| names.place(&it.place));
            let (Some(from), Some(to)) = (place(arrow.from), place(arrow.to)) else { continue };
            let lines = arrow.lines.iter().map(|it| it + self.lines.len()).collect();
            let it = GraphArrow { lines, mark: Some(Mark::Removed), ..arrow.clone() };
            arrows.insert((from, to, side(arrow)), it);
        }
        for arrow in &self.arrows {
            let place = |id: usize| self.nodes.get(id).map(|it| it.place.clone());
            let (Some(from), Some(to)) = (place(arrow.from), place(arrow.to)) else { continue };
            let key = (from, to, side(arrow));
            let mut it = arrow.clone();
            match arrows.remove(&key) {
                None => it.mark = Some(Mark::Added),
                Some(before) if before.traffic != it.traffic => {
                    it.mark = Some(Mark::Changed);
                    it.before = before.traffic;
                    it.lines.extend(before.lines);
                }
                Some(_) => {}
            }
            arrows.insert(key, it);
        }
        let (new, gone) = lines(&self.lines, &old.lines);
        let (guardrails, lifted) = lines(&self.guardrails, &old.guardrails);
        let lifted = lifted.into_iter().filter(|it| it.mark.is_some());
        let graph = Self {
            lines: new.into_iter().chain(gone).collect(),
            guardrails: guardrails.into_iter().chain(lifted).collect(),
            openness: self.openness.clone(),
            ..Self::default()
        };
        graph.with(all, arrows)
    }

    /// Whether anything is marked.
    pub fn is_marked(&self) -> bool {
        self.nodes.iter().any(|it| it.mark.is_some())
            || self.arrows.iter().any(|it| it.mark.is_some())
            || self.guardrails.iter().any(|it| it.mark.is_some())
    }

    /// With nodes and arrows, put in order and joined.
    fn with(
        mut self,
        nodes: BTreeMap<GraphPlace, GraphNode>,
        arrows: BTreeMap<ArrowKey, GraphArrow>,
    ) -> Self {
        let mut groups: BTreeMap<Option<String>, Vec<GraphNode>> = BTreeMap::new();
        let (mut everyone, mut outside) = (Vec::new(), Vec::new());
        let whole: BTreeMap<NodePlace, String> = nodes
            .iter()
            .filter(|it| it.0.pods.is_none())
            .map(|(at, it)| (at.node, it.short.clone()))
            .collect();
        for (place, node) in nodes {
            match (place.node, place.node.application()) {
                (_, Some(id)) => {
                    groups.entry(whole.get(&NodePlace::Whole(id)).cloned()).or_default().push(node);
                }
                (NodePlace::External(_), None) => outside.push(node),
                (
                    NodePlace::Whole(_)
                    | NodePlace::Zone(..)
                    | NodePlace::Everyone
                    | NodePlace::EveryZone(_),
                    None,
                ) => {
                    everyone.push(node);
                }
            }
        }
        outside.sort_by(|a, b| a.name.cmp(&b.name));
        for members in groups.into_values().chain(std::iter::once(everyone)) {
            self.add_group(members);
        }
        for node in outside {
            self.nodes.push(GraphNode { group: None, ..node });
        }
        let ids: BTreeMap<GraphPlace, usize> =
            self.nodes.iter().enumerate().map(|(id, it)| (it.place.clone(), id)).collect();
        let joined = arrows.into_iter().filter_map(|((from, to, _), arrow)| {
            Some(GraphArrow { from: *ids.get(&from)?, to: *ids.get(&to)?, ..arrow })
        });
        self.arrows = joined.collect();
        self.arrows.sort_by_key(|it| (it.from, it.to, it.waits.is_some()));
        self
    }

    /// A group of nodes: its whole, then zone by zone, the pods of each after it.
    fn add_group(&mut self, mut members: Vec<GraphNode>) {
        let zones: BTreeMap<NodePlace, String> = members
            .iter()
            .filter(|it| it.place.pods.is_none())
            .map(|it| (it.place.node, it.short.clone()))
            .collect();
        let rank = |it: &GraphNode| {
            let part = match it.place.node {
                NodePlace::Whole(_) | NodePlace::Everyone => 0,
                NodePlace::Zone(_, None) => 1,
                NodePlace::Zone(..) | NodePlace::EveryZone(_) | NodePlace::External(_) => 2,
            };
            (part, zones.get(&it.place.node).cloned(), it.place.clone())
        };
        members.sort_by_cached_key(rank);
        let (index, whole) = (self.groups.len(), self.nodes.len());
        let Some(name) = members.first().map(|it| it.short.clone()) else { return };
        self.nodes.extend(members.into_iter().map(|it| GraphNode { group: Some(index), ..it }));
        let nodes = (whole + 1..self.nodes.len()).collect();
        self.groups.push(GraphGroup { name, whole, nodes });
    }
}

fn side(arrow: &GraphArrow) -> Option<ArrowSide> {
    arrow.waits.as_ref().map(|it| it.side)
}

/// The lines of both, each marked if it stands in one of them only. Where it stands, and why, is no change.
fn lines(new: &[GraphLine], old: &[GraphLine]) -> (Vec<GraphLine>, Vec<GraphLine>) {
    let marked = |lines: &[GraphLine], others: &[GraphLine], mark| {
        let others: BTreeSet<&str> = others.iter().map(|it| &*it.text).collect();
        let of = |it: &GraphLine| GraphLine {
            mark: (!others.contains(&*it.text)).then_some(mark),
            ..it.clone()
        };
        lines.iter().map(of).collect()
    };
    (marked(new, old, Mark::Added), marked(old, new, Mark::Removed))
}

/// What the older program names, by the ids of the newer one; what that one has no name for follows its own.
struct LineNames<'a> {
    program: &'a Program,
    old: &'a Program,
    applications: Vec<usize>,
    zones: Vec<usize>,
    externals: Vec<usize>,
}

impl<'a> LineNames<'a> {
    fn new(program: &'a Program, old: &'a Program) -> Self {
        Self {
            program,
            old,
            applications: ids(&program.applications, &old.applications, |it| &it.name),
            zones: ids(&program.zones, &old.zones, |it| &it.name),
            externals: ids(&program.externals, &old.externals, |it| &it.name),
        }
    }

    fn place(&self, place: &GraphPlace) -> GraphPlace {
        fn id<T>(ids: &[usize], id: Id<T>) -> Id<T> {
            Id::new(ids.get(id.index()).copied().unwrap_or(usize::MAX))
        }
        let node = match place.node {
            NodePlace::Whole(it) => NodePlace::Whole(id(&self.applications, it)),
            NodePlace::Zone(it, zone) => {
                NodePlace::Zone(id(&self.applications, it), zone.map(|zone| id(&self.zones, zone)))
            }
            NodePlace::Everyone => NodePlace::Everyone,
            NodePlace::EveryZone(zone) => NodePlace::EveryZone(id(&self.zones, zone)),
            NodePlace::External(it) => NodePlace::External(id(&self.externals, it)),
        };
        GraphPlace { node, pods: place.pods.clone() }
    }
}

impl LineNames<'_> {
    /// A node of the newer graph, marked by what was in its place.
    fn judged(&self, node: &GraphNode, before: Option<&GraphNode>) -> GraphNode {
        let mut node = node.clone();
        let name = node.name.clone();
        if let NodePlace::External(id) = node.place.node {
            let value = self.program.externals.get(id).map(|it| &it.value);
            let old = self.old.externals.find(&name, |it| &it.name);
            let old = old.and_then(|it| self.old.externals.get(it)).map(|it| &it.value);
            // Of some of its pods, nothing is known to be new but that they are spoken of.
            if node.place.pods.is_none() && old.is_none() {
                node.mark = Some(Mark::Added);
            } else if node.place.pods.is_none() && old != value {
                node.mark = Some(Mark::Changed);
                let was = old.map(nodes::value).unwrap_or_default();
                let other = node.note.as_deref() != Some(&*was);
                node.say(if other { format!("before: {was}") } else { "others before".to_owned() });
            }
            return node;
        }
        if node.place.pods.is_some() || node.place.node.is_everyone() {
            return node;
        }
        match before {
            None => node.mark = Some(Mark::Added),
            Some(before) if before.closed != node.closed => {
                node.mark = Some(Mark::Changed);
                if node.note.is_none() {
                    node.say(match node.closed {
                        Closed::All => "now closed".to_owned(),
                        Closed::Some => "now closed in part".to_owned(),
                        Closed::None => "nothing closes it".to_owned(),
                    });
                }
                let was = match before.closed {
                    Closed::All => "closed before",
                    Closed::Some => "closed in part before",
                    Closed::None => "not closed before",
                };
                node.say(was.to_owned());
            }
            Some(_) => {}
        }
        node
    }
}

impl GraphNode {
    /// Adds to what there is to say.
    fn say(&mut self, more: String) {
        self.note = Some(match self.note.take() {
            Some(note) => format!("{note}, {more}"),
            None => more,
        });
    }
}

/// For each of `old`, the index in `new` of what has its name; what nothing has its name there follows.
fn ids<T>(new: &Table<T>, old: &Table<T>, name: impl Fn(&T) -> &Arc<str>) -> Vec<usize> {
    let by_name: BTreeMap<&str, usize> =
        new.iter().map(|(id, it)| (&**name(it), id.index())).collect();
    let mut next = new.len();
    let id = |(_, it)| {
        by_name.get(&**name(it)).copied().unwrap_or_else(|| {
            next += 1;
            next - 1
        })
    };
    old.iter().map(id).collect()
}
