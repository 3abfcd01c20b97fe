//! A graph with each landing zone as one node, for those too large to be read zone by zone.

use std::collections::BTreeMap;

use super::{Graph, GraphArrow, GraphGroup, GraphNode, Mark};

impl Graph {
    /// How many zones, and selections of their pods, there are to be drawn.
    pub fn zones(&self) -> usize {
        self.groups.iter().map(|it| it.nodes.len()).sum()
    }

    /// The graph with every landing zone folded: what is inside is counted, and of all arrows from one to another
    /// one is left of each kind.
    #[must_use]
    pub fn folded(&self) -> Self {
        let kept: Vec<usize> = (0..self.nodes.len())
            .filter(|id| {
                let group = self.nodes.get(*id).and_then(|it| it.group);
                group.and_then(|it| self.groups.get(it)).is_none_or(|it| it.whole == *id)
            })
            .collect();
        let new = |id: usize| {
            let group = self.nodes.get(id).and_then(|it| it.group);
            let whole = group.and_then(|it| self.groups.get(it)).map_or(id, |it| it.whole);
            kept.binary_search(&whole).unwrap_or_default()
        };
        let mut arrows: BTreeMap<_, GraphArrow> = BTreeMap::new();
        // How many arrows and how many changes each group has inside.
        let mut inside = vec![(0_usize, 0_usize); self.groups.len()];
        for (at, node) in self.nodes.iter().enumerate().filter(|(_, it)| it.mark.is_some()) {
            let group = node.group.filter(|_| kept.binary_search(&at).is_err());
            if let Some((_, changes)) = group.and_then(|it| inside.get_mut(it)) {
                *changes += 1;
            }
        }
        for arrow in &self.arrows {
            if !arrow.crossing {
                let group = self.nodes.get(arrow.from).and_then(|it| it.group);
                if let Some((count, changes)) = group.and_then(|it| inside.get_mut(it)) {
                    *count += 1;
                    *changes += usize::from(arrow.mark.is_some());
                }
                continue;
            }
            let (from, to) = (new(arrow.from), new(arrow.to));
            let key = (from, to, arrow.waits.clone(), arrow.mark);
            let bundle = arrows.entry(key).or_insert_with(|| GraphArrow {
                from,
                to,
                count: 0,
                ..arrow.clone()
            });
            bundle.count += arrow.count;
            bundle.traffic = bundle.traffic.union(&arrow.traffic);
            bundle.before = bundle.before.union(&arrow.before);
            bundle.lines.extend(&arrow.lines);
            bundle.lines.sort_unstable();
            bundle.lines.dedup();
        }
        let node = |id: &usize| {
            let node = self.nodes.get(*id)?;
            let group = node.group.and_then(|it| Some((self.groups.get(it)?, inside.get(it)?)));
            let notes = match group {
                Some((group, inside)) => {
                    let notes = [self.summary(group, *inside), node.note.clone()];
                    let notes: Vec<String> = notes.into_iter().flatten().collect();
                    (!notes.is_empty()).then(|| notes.join(", "))
                }
                None => node.note.clone(),
            };
            let changed = group.is_some_and(|(_, (_, changes))| *changes > 0);
            let mark = node.mark.or(changed.then_some(Mark::Changed));
            Some(GraphNode { note: notes, mark, ..node.clone() })
        };
        let groups = self.groups.iter().map(|it| GraphGroup {
            name: it.name.clone(),
            whole: new(it.whole),
            nodes: Vec::new(),
        });
        Self {
            nodes: kept.iter().filter_map(node).collect(),
            groups: groups.collect(),
            arrows: arrows.into_values().collect(),
            lines: self.lines.clone(),
            guardrails: self.guardrails.clone(),
            openness: self.openness.clone(),
        }
    }

    /// What a folded landing zone holds: `4 zones, 6 arrows inside, 1 change inside`.
    fn summary(&self, group: &GraphGroup, (inside, changes): (usize, usize)) -> Option<String> {
        let zones = group.nodes.iter().filter_map(|it| self.nodes.get(*it));
        let zones = zones.filter(|it| it.place.pods.is_none()).count();
        let counted = |count: usize, one: &str| {
            (count > 0).then(|| format!("{count} {one}{}", if count == 1 { "" } else { "s" }))
        };
        let held = match (counted(zones, "zone"), counted(inside, "arrow")) {
            (Some(zones), Some(arrows)) => Some(format!("{zones}, {arrows} inside")),
            (zones, arrows) => zones.or(arrows.map(|it| format!("{it} inside"))),
        };
        let changes = counted(changes, "change").map(|it| format!("{it} inside"));
        let notes: Vec<_> = [held, changes].into_iter().flatten().collect();
        (!notes.is_empty()).then(|| notes.join(", "))
    }
}
