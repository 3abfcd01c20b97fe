//! Which connections count where two worlds are compared, and what is said of sets of addresses that nobody has made yet.

use std::collections::BTreeSet;

use super::World;
use crate::calico::Resource;
use crate::reach::{Diagram, PeerKind, Sets};

/// The connections that count where `worlds` are compared: not those with addresses of `NetworkSet`s that are not there
/// (see [`OfSets`]), nor with host endpoints where none is there, nor to port 0, nor with pods that bear other labels of
/// their namespace than it has.
pub(crate) fn counted(sets: &mut Sets, worlds: &[&World]) -> Diagram {
    let mut out = vec![sets.kind(PeerKind::Held)];
    if worlds.iter().all(|world| world.cluster.hosts.is_empty()) {
        out.push(sets.kind(PeerKind::Host));
    }
    out.push(sets.port_zero());
    let all = worlds.iter().flat_map(|world| world.homes()).filter(|it| it.declared);
    for home in all {
        let known = worlds.iter().filter_map(|world| world.homes().get(world.home(&home.name)?));
        if known.filter(|it| it.declared).all(|it| it.labels == home.labels) {
            out.push(sets.not_as_declared(&home.name, &home.labels));
        }
    }
    let out = sets.diagrams.union_of(out);
    sets.diagrams.difference(Diagram::FULL, out)
}

/// What differs of connections with addresses of `NetworkSet`s that namespaces may get.
#[derive(Debug, Default)]
pub(crate) struct OfSets {
    more: BTreeSet<String>,
    less: BTreeSet<String>,
}

impl OfSets {
    /// Adds what passed `before` and what passes `after` at the namespace `name`, if nothing differs there that is `counted`.
    pub(crate) fn add(
        &mut self,
        sets: &mut Sets,
        name: &str,
        [before, after]: [Diagram; 2],
        counted: Diagram,
    ) {
        let [was, is] = [before, after].map(|it| sets.diagrams.intersection(it, counted));
        if was != is {
            return;
        }
        let held = sets.kind(PeerKind::Held);
        // What lies in a block is compared as an address.
        let held = sets.unlocated(held);
        let held = sets.of_unlocated(held);
        for (a, b, names) in [(after, before, &mut self.more), (before, after, &mut self.less)] {
            let only = sets.diagrams.difference(a, b);
            if sets.diagrams.intersection(only, held) != Diagram::EMPTY {
                names.insert(name.to_owned());
            }
        }
    }

    /// The same in words.
    pub(crate) fn notes(&self, worlds: &[&World]) -> Vec<String> {
        let is_held = |it: &Resource| matches!(it, Resource::Set(set) if set.namespace.is_some());
        let there = worlds.iter().any(|world| world.cluster.resources().any(is_held));
        let today = if there { "" } else { ": none is there today" };
        let both = [("more", &self.more), ("less", &self.less)];
        let found = both.into_iter().filter(|(_, names)| !names.is_empty());
        found
            .map(|(word, names)| {
            let names = listed(names);
            format!("in {names}, {word} will be open with addresses of NetworkSets that namespaces get later{today}")
        })
        .collect()
    }
}

/// Names as a list: the first few, and how many more there are.
pub(crate) fn listed(names: &BTreeSet<String>) -> String {
    const MOST: usize = 6;
    let shown: Vec<_> = names.iter().take(MOST).map(String::as_str).collect();
    match names.len().saturating_sub(MOST) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
