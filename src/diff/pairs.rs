//! What changes between two namespaces, or a namespace and addresses, where no lines tell it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::change::{
    Change, ChangeArrow, ChangeKind, ChangeSubject, ChangedLine, Effect, Section, Topic, Version,
};
use super::places::{DiffPlace, DiffPlaces};
use super::worlds::{BothHomes, Worlds};
use crate::calico::{Action, encode};
use crate::reach::of_policies::{By, Subject as Judged};
use crate::reach::{Bearer, Diagram, Direction, NamespacePoints, Which};

/// So many ways for something to hold are told.
const WAYS: usize = 4;

/// What is alike in changes that are told as one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct AlikePairs {
    kind: ChangeKind,
    arrow: ChangeArrow,
    /// What was let pass, and what is.
    traffic: [Option<String>; 2],
    effect: Effect,
    lines: [Vec<ChangedLine>; 2],
}

/// The changes, by section. Of `exempt` namespaces their own side is told elsewhere.
pub(super) fn sections(worlds: &mut Worlds<'_>, exempt: &BTreeSet<Arc<str>>) -> Vec<Section> {
    let mut found: BTreeMap<AlikePairs, BTreeSet<(DiffPlace, DiffPlace)>> = BTreeMap::new();
    let all: Vec<usize> = (0..worlds.homes.len()).collect();
    let relabelled = worlds.relabelled_homes();
    for at in 0..worlds.homes.len() {
        let Some(here) = worlds.homes.get(at) else { continue };
        if exempt.contains(here.name()) {
            continue;
        }
        for direction in Direction::BOTH {
            let Some(here) = worlds.homes.get(at) else { continue };
            let [was, is] = here.row(direction);
            // Where it lets pass what it did, others may have come to be what it lets pass.
            let seen;
            let others = if was == is {
                seen = worlds.seen_otherwise(is, &relabelled);
                &seen
            } else {
                &all
            };
            for (alike, other) in worlds.grouped(at, direction, others) {
                let ends = match direction {
                    Direction::Egress => (DiffPlace::Namespace(at), other),
                    Direction::Ingress => (other, DiffPlace::Namespace(at)),
                };
                found.entry(alike).or_default().insert(ends);
            }
        }
    }
    let places = DiffPlaces::new(worlds);
    let mut sections: BTreeMap<(Topic, Option<String>), Vec<Change>> = BTreeMap::new();
    for (alike, pairs) in both_sides(found) {
        for (topic, from, to) in places.grouped(&pairs) {
            sections.entry(topic).or_default().push(alike.change(&from, &to));
        }
    }
    let section = |((topic, application), changes)| Section { topic, application, changes };
    sections.into_iter().map(section).collect()
}

/// What changes alike at both ends, as one: `->` stands for both.
fn both_sides(
    mut found: BTreeMap<AlikePairs, BTreeSet<(DiffPlace, DiffPlace)>>,
) -> BTreeMap<AlikePairs, BTreeSet<(DiffPlace, DiffPlace)>> {
    let leaving: Vec<_> = found
        .iter()
        .filter(|(it, _)| it.arrow == ChangeArrow::Leaving)
        .map(|(it, _)| it.clone())
        .collect();
    for alike in leaving {
        // The lines of the two sides differ where they are rules: what they let pass counts.
        let same = |it: &AlikePairs| {
            it.arrow == ChangeArrow::Entering
                && (it.kind, &it.traffic, it.effect) == (alike.kind, &alike.traffic, alike.effect)
        };
        let Some(pairs) = found.get(&alike).cloned() else { continue };
        let others: Vec<_> = found.keys().filter(|it| same(it)).cloned().collect();
        for other in others {
            let theirs = found.get(&other).cloned().unwrap_or_default();
            let shared: BTreeSet<_> = pairs.intersection(&theirs).cloned().collect();
            if shared.is_empty() {
                continue;
            }
            let lines = alike.lines.iter().zip(&other.lines).map(|(one, two)| {
                let all: BTreeSet<_> = one.iter().chain(two).cloned().collect();
                all.into_iter().collect::<Vec<_>>()
            });
            let mut lines = lines.collect::<Vec<_>>().into_iter();
            let lines = [lines.next().unwrap_or_default(), lines.next().unwrap_or_default()];
            let both = AlikePairs { arrow: ChangeArrow::Inside, lines, ..alike.clone() };
            for key in [&alike, &other] {
                if let Some(left) = found.get_mut(key) {
                    left.retain(|it| !shared.contains(it));
                }
            }
            found.entry(both).or_default().extend(shared);
        }
    }
    found.retain(|_, pairs| !pairs.is_empty());
    found
}

impl AlikePairs {
    fn change(&self, from: &str, to: &str) -> Change {
        let ends = super::atoms::written(from, self.arrow, to);
        let [old, new] = &self.traffic;
        let [old_lines, new_lines] = &self.lines;
        let version = |traffic: &Option<String>, lines: &Vec<ChangedLine>| {
            let traffic = Some(traffic.clone()?);
            Some(Version { ends: ends.clone(), traffic, lines: lines.clone() })
        };
        Change {
            change: self.kind,
            subject: ChangeSubject::Flow,
            from: from.to_owned(),
            to: to.to_owned(),
            arrow: Some(self.arrow),
            old: version(old, old_lines),
            new: version(new, new_lines),
            effect: Some(self.effect),
            ..Change::default()
        }
    }
}

impl Worlds<'_> {
    /// The namespaces with other labels, and where they lay and lie.
    fn relabelled_homes(&self) -> Vec<(usize, [NamespacePoints; 2])> {
        let homes = self.homes.iter().enumerate().filter(|(_, it)| it.relabelled);
        let labels =
            |it: &BothHomes| it.homes.each_ref().map(|it| self.sets.labelled(&it.name, &it.labels));
        homes.map(|(at, it)| (at, labels(it))).collect()
    }

    /// Those of `relabelled` to or from which `row` lets pass something else than it did. Most look alike to it: one of each
    /// kind is asked.
    fn seen_otherwise(
        &mut self,
        row: Diagram,
        relabelled: &[(usize, [NamespacePoints; 2])],
    ) -> Vec<usize> {
        let mut kinds: BTreeMap<[Vec<usize>; 2], Vec<usize>> = BTreeMap::new();
        if !relabelled.is_empty() {
            let sight = self.sets.sight(row);
            for (at, labels) in relabelled {
                kinds.entry(labels.each_ref().map(|it| sight.of(it))).or_default().push(*at);
            }
        }
        let mut found = Vec::new();
        for ([was, is], those) in kinds {
            let Some(first) = those.first() else { continue };
            if was != is && self.facing(row, 0, *first) != self.facing(row, 1, *first) {
                found.extend(those);
            }
        }
        found.sort_unstable();
        found
    }

    /// What of a namespace in `direction` differs, by the other end, which may be one of `others` or addresses.
    fn grouped(
        &mut self,
        at: usize,
        direction: Direction,
        others: &[usize],
    ) -> Vec<(AlikePairs, DiffPlace)> {
        let Some(here) = self.homes.get(at) else { return Vec::new() };
        let [was, is] = here.row(direction);
        let less = self.sets.diagrams.difference(was, is);
        let more = self.sets.diagrams.difference(is, was);
        for (side, set) in [less, more].into_iter().enumerate() {
            let Some(home) = here.homes.get(side) else { continue };
            let bearer = Bearer::Declared(&home.name, &home.labels);
            let example = self.sets.example(set, bearer, direction);
            self.examples.extend(example.map(|it| (it, side == 1)));
        }
        let (mut found, mut elsewhere) = (Vec::new(), Vec::new());
        for other in others.iter().copied() {
            let (was, is) = (self.facing(was, 0, other), self.facing(is, 1, other));
            let less = self.sets.diagrams.difference(was, is);
            let more = self.sets.diagrams.difference(is, was);
            if less == Diagram::EMPTY && more == Diagram::EMPTY {
                continue;
            }
            let effect = self.effect((at, other), direction, [was, is], [less, more]);
            // Of pods that lie in no block one speaks first: whether some lie in one, nobody knows.
            let plain = [less, more].map(|set| self.sets.unplaced(set));
            let anywhere = plain == [Diagram::EMPTY; 2];
            let shown =
                if anywhere { [was, is] } else { [was, is].map(|set| self.sets.unplaced(set)) };
            let texts = shown.map(|set| self.words(set, direction, [true, true]));
            let texts = texts.map(|text| {
                text.map(
                    |it| if anywhere { format!("{it}, at some addresses of pods") } else { it },
                )
            });
            let [lost, won] = if anywhere { [less, more] } else { plain };
            let [was, is] = shown;
            let parts = [
                if lost == Diagram::EMPTY { was } else { lost },
                if won == Diagram::EMPTY { is } else { won },
            ];
            let lines = [0, 1].map(|side| {
                let part = parts.get(side).copied().unwrap_or(Diagram::EMPTY);
                self.lines(at, side, direction, Some((other, anywhere)), part)
            });
            let alike = alike(texts, [less, more], effect, direction, lines);
            let grouped = if anywhere { &mut elsewhere } else { &mut found };
            grouped.push((alike, DiffPlace::Namespace(other)));
        }
        let nets =
            ["0.0.0.0/0", "::/0"].iter().filter_map(|it| it.parse().ok()).collect::<Vec<_>>();
        let outside = self.sets.outside(&nets);
        for (set, gained) in [(more, true), (less, false)] {
            let set = self.sets.diagrams.intersection(set, outside);
            for (traffic, nets) in self.by_addresses(set, direction) {
                let effect = if gained { Effect::Opens } else { Effect::Closes };
                let (texts, sizes) = if gained {
                    ([None, Some(traffic)], [Diagram::EMPTY, set])
                } else {
                    ([Some(traffic), None], [set, Diagram::EMPTY])
                };
                let grouped = self.lines(at, usize::from(gained), direction, None, set);
                let lines = if gained { [Vec::new(), grouped] } else { [grouped, Vec::new()] };
                found.push((
                    alike(texts, sizes, effect, direction, lines),
                    DiffPlace::Addresses(nets),
                ));
            }
        }
        if !found.iter().any(|(_, place)| matches!(place, DiffPlace::Addresses(_))) {
            // What only pods with certain addresses have a part in is told where addresses do not tell it.
            found.append(&mut elsewhere);
        }
        if found.is_empty() && was != is {
            let texts = [was, is].map(|_| Some("any".to_owned()));
            let lines = [Vec::new(), Vec::new()];
            let latent = alike(texts, [less, more], Effect::Latent, direction, lines);
            found.push((latent, DiffPlace::Later));
        }
        found
    }

    /// What of `set` has pods of a namespace at its other end.
    fn facing(&mut self, set: Diagram, side: usize, other: usize) -> Diagram {
        let Some(home) = self.homes.get(other).and_then(|it| it.homes.get(side)) else {
            return Diagram::EMPTY;
        };
        self.sets.facing(set, &home.name, &home.labels)
    }

    /// What comes of a change between two namespaces, given what the one let pass, and lets pass, towards the other.
    fn effect(
        &mut self,
        (at, other): (usize, usize),
        direction: Direction,
        rows: [Diagram; 2],
        [less, more]: [Diagram; 2],
    ) -> Effect {
        let back = match direction {
            Direction::Ingress => Direction::Egress,
            Direction::Egress => Direction::Ingress,
        };
        let theirs = self.homes.get(other).map_or([Diagram::EMPTY; 2], |it| it.row(back));
        // What passes for sure, and what may.
        let mut passes = [[Diagram::EMPTY; 2]; 2];
        for (side, ((passes, row), theirs)) in passes.iter_mut().zip(rows).zip(theirs).enumerate() {
            let theirs = self.facing(theirs, side, at);
            let theirs = self.sets.turned(theirs);
            let both = self.sets.diagrams.intersection(row, theirs);
            *passes = [self.sets.surely(both), self.sets.perhaps(both)];
        }
        let [was, is] = passes;
        let mut beyond = |some: [Diagram; 2], others: [Diagram; 2]| {
            let mut pairs = some.into_iter().zip(others);
            pairs.any(|(a, b)| self.sets.diagrams.difference(a, b) != Diagram::EMPTY)
        };
        let (opened, closed) = (beyond(is, was), beyond(was, is));
        match (opened, closed) {
            (true, _) => Effect::Opens,
            (false, true) => Effect::Closes,
            (false, false) if more != Diagram::EMPTY => Effect::Waits,
            (false, false) if less != Diagram::EMPTY => Effect::WasWaiting,
            (false, false) => Effect::Latent,
        }
    }

    /// What `set` is, which is seen from one end.
    fn words(&mut self, set: Diagram, seen: Direction, pods: [bool; 2]) -> Option<String> {
        let mut parts = Vec::new();
        for (set, hangs) in self.by_certainty(set) {
            let set = self.sets.for_some(set, pods);
            for (traffic, rest) in self.sets.by_traffic(set, &self.families) {
                let (ways, more) = self.sets.ways(rest, WAYS);
                let mut ways: Vec<_> = ways.iter().map(|way| selected(way, seen)).collect();
                ways.dedup();
                let mut text = traffic.to_string();
                if ways.iter().all(|it| !it.is_empty()) && !ways.is_empty() {
                    text = format!("{text} {}", ways.join(" or "));
                }
                if more {
                    text.push_str(" and in more ways");
                }
                parts.push(text + &hangs);
            }
        }
        (!parts.is_empty()).then(|| parts.join("; "))
    }

    /// What of `set` passes for sure, and what depends on something that no packet shows, with the words for that.
    fn by_certainty(&mut self, set: Diagram) -> Vec<(Diagram, String)> {
        let (sure, perhaps) = (self.sets.surely(set), self.sets.perhaps(set));
        let unsure = self.sets.diagrams.difference(perhaps, sure);
        let conditions = self.sets.conditions_of(set);
        let words: Vec<_> = conditions.iter().map(ToString::to_string).collect();
        let both = [
            (sure, String::new()),
            (
                unsure,
                format!(", undecided: it depends on whether {}", words.join(", and whether ")),
            ),
        ];
        both.into_iter().filter(|(set, _)| *set != Diagram::EMPTY).collect()
    }

    /// What of `set`, whose other ends are addresses, is open to which: traffic, and blocks.
    fn by_addresses(&mut self, set: Diagram, direction: Direction) -> Vec<(String, String)> {
        if set == Diagram::EMPTY {
            return Vec::new();
        }
        let set = match direction {
            Direction::Egress => self.sets.nameless(set),
            Direction::Ingress => set,
        };
        let mut found = Vec::new();
        for (set, hangs) in self.by_certainty(set) {
            let set = self.sets.for_some(set, [true, false]);
            for (traffic, rest) in self.sets.by_traffic(set, &self.families) {
                let (ways, more) = self.sets.ways(rest, WAYS);
                for way in ways {
                    let pods = way.subject.selector.as_ref().map(encode::selector);
                    let traffic = match (pods, direction) {
                        (None, _) => traffic.to_string(),
                        (Some(pods), Direction::Egress) => format!("{traffic} from pods [{pods}]"),
                        (Some(pods), Direction::Ingress) => format!("{traffic} to pods [{pods}]"),
                    };
                    found.push((traffic + &hangs, blocks(&way.peer)));
                }
                if more {
                    found.push((traffic.to_string() + &hangs, "more addresses".to_owned()));
                }
            }
        }
        found
    }

    /// What lets `set` pass at a namespace of one of the worlds: where another one is named, what of the connections with that.
    fn lines(
        &mut self,
        at: usize,
        side: usize,
        direction: Direction,
        other: Option<(usize, bool)>,
        set: Diagram,
    ) -> Vec<ChangedLine> {
        let Self { sets, sides, homes, .. } = self;
        let (Some(here), Some(side_of)) = (homes.get(at), sides.get_mut(side)) else {
            return Vec::new();
        };
        let Some(home) = here.homes.get(side) else { return Vec::new() };
        let subject = Judged::Declared(&home.name, &home.labels);
        let ties = side_of.world.ties();
        let steps = side_of.policies.judge(sets, subject, direction, ties);
        let mut lines = BTreeSet::new();
        for step in steps.iter().filter(|it| it.action == Action::Allow) {
            let By::Rule { policy, rule } = step.by else { continue };
            let mut reached = step.reached;
            if let Some((other, anywhere)) = other
                && let Some(home) = homes.get(other).and_then(|it| it.homes.get(side))
            {
                reached = sets.facing(reached, &home.name, &home.labels);
                reached = if anywhere { reached } else { sets.unplaced(reached) };
            }
            if sets.diagrams.intersection(reached, set) != Diagram::EMPTY {
                lines.extend(side_of.world.rule_lines(policy, direction, rule));
            }
        }
        lines.into_iter().collect()
    }
}

/// Which pods at both ends a way is about.
fn selected(way: &crate::reach::Way, seen: Direction) -> String {
    let (from, to) = match seen {
        Direction::Egress => (&way.subject, &way.peer),
        Direction::Ingress => (&way.peer, &way.subject),
    };
    let pods = |which: &Which, word: &str| {
        which.selector.as_ref().map(|it| format!("{word} pods [{}]", encode::selector(it)))
    };
    let words = [pods(from, "from"), pods(to, "to")];
    words.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn alike(
    traffic: [Option<String>; 2],
    [less, more]: [Diagram; 2],
    effect: Effect,
    direction: Direction,
    lines: [Vec<ChangedLine>; 2],
) -> AlikePairs {
    let there = [traffic[0].is_some(), traffic[1].is_some()];
    let kind = ChangeKind::of(there, [less != Diagram::EMPTY, more != Diagram::EMPTY]);
    let arrow = match direction {
        Direction::Egress => ChangeArrow::Leaving,
        Direction::Ingress => ChangeArrow::Entering,
    };
    AlikePairs { kind, arrow, traffic, effect, lines }
}

/// The addresses of an end.
fn blocks(which: &Which) -> String {
    let list = |nets: &[ipnet::IpNet]| {
        crate::world::listed(&nets.iter().map(ToString::to_string).collect())
    };
    match (which.blocks.is_empty(), which.not_blocks.is_empty()) {
        (true, true) => "every address".to_owned(),
        (false, _) => list(&which.blocks),
        (true, false) => format!("every address but {}", list(&which.not_blocks)),
    }
}
