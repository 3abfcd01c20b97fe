//! One landing zone and its neighbours, out of a whole graph. What holds for every landing zone holds for it too.

use std::collections::BTreeSet;

use super::{Graph, GraphGroup, NodePlace};

impl Graph {
    /// The landing zone with this name, whole, and of everything else what takes part in its arrows. `None` if there
    /// is no such landing zone.
    pub fn of(&self, name: &str) -> Option<Self> {
        let own = self.groups.iter().position(|it| it.name == name && self.is_declared(it))?;
        let of_own = |node: usize| self.nodes.get(node).is_some_and(|it| it.group == Some(own));
        let zones: Vec<NodePlace> = (0..self.nodes.len())
            .filter(|it| of_own(*it))
            .filter_map(|it| self.node_place(it))
            .collect();
        let concerns = |node: usize| {
            let everyone = self.node_place(node).filter(|it| it.is_everyone());
            of_own(node)
                || everyone.is_some_and(|it| zones.iter().any(|zone| zone.wider().contains(&it)))
        };
        let arrows: Vec<_> =
            self.arrows.iter().filter(|it| concerns(it.from) || concerns(it.to)).collect();
        let mut kept: BTreeSet<usize> = (0..self.nodes.len()).filter(|it| of_own(*it)).collect();
        kept.extend(arrows.iter().flat_map(|it| [it.from, it.to]));
        for group in &self.groups {
            if group.nodes.iter().any(|it| kept.contains(it)) {
                kept.insert(group.whole);
            }
        }
        let new: Vec<usize> = kept.iter().copied().collect();
        let id = |node: usize| new.binary_search(&node).ok();
        let groups: Vec<&GraphGroup> =
            self.groups.iter().filter(|it| kept.contains(&it.whole)).collect();
        let group = |old: usize| {
            let whole = self.groups.get(old).map(|it| it.whole);
            groups.iter().position(|it| Some(it.whole) == whole)
        };
        Some(Self {
            nodes: new
                .iter()
                .filter_map(|it| self.nodes.get(*it))
                .map(|it| {
                    let mut node = it.clone();
                    node.group = node.group.and_then(group);
                    node
                })
                .collect(),
            arrows: arrows
                .into_iter()
                .filter_map(|it| {
                    let mut arrow = it.clone();
                    (arrow.from, arrow.to) = (id(arrow.from)?, id(arrow.to)?);
                    Some(arrow)
                })
                .collect(),
            groups: groups
                .iter()
                .filter_map(|it| {
                    Some(GraphGroup {
                        name: it.name.clone(),
                        whole: id(it.whole)?,
                        nodes: it.nodes.iter().filter_map(|node| id(*node)).collect(),
                    })
                })
                .collect(),
            lines: self.lines.clone(),
            guardrails: self.guardrails.clone(),
            openness: self.openness.clone(),
        })
    }

    fn node_place(&self, node: usize) -> Option<NodePlace> {
        self.nodes.get(node).map(|it| it.place.node)
    }

    /// Whether the group is a landing zone, and not every one.
    pub fn is_declared(&self, group: &GraphGroup) -> bool {
        self.nodes.get(group.whole).is_some_and(|it| it.place.node.application().is_some())
    }
}
