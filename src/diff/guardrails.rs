//! What guardrails forbid that they did not, and the reverse.

use std::collections::BTreeMap;

use super::change::{Change, ChangeKind, ChangeSubject, Section, Topic, Version};
use super::rows::{BothProjects, Delta, ProjectSide};
use crate::program::Guardrail;
use crate::reach::Diagram;

/// Guardrails with the same ends, by what they forbid.
#[derive(Default)]
struct KnownGuardrail {
    /// The guardrails of the old world and of the new one.
    guardrails: [Vec<usize>; 2],
    /// Whether the old ones forbid less now, and the new ones more than was.
    differs: [bool; 2],
}

/// What each guardrail of the old world forbids, and of the new one.
type Forbidden = [Vec<(usize, Diagram)>; 2];

/// The changes of guardrails.
pub(super) fn sections(both: &mut BothProjects<'_>, deltas: &[Delta]) -> Vec<Section> {
    let mut known: BTreeMap<String, KnownGuardrail> = BTreeMap::new();
    for (index, side) in [&both.old, &both.new].into_iter().enumerate() {
        for (at, guardrail) in side.program().guardrails.iter().enumerate() {
            let found = known.entry(ends(guardrail)).or_default().guardrails.get_mut(index);
            if let Some(found) = found {
                found.push(at);
            }
        }
    }
    let mut parts: Vec<(Forbidden, Diagram)> = Vec::new();
    // What is about namespaces that moved is told of them: for all that nobody declares, a guardrail that is another differs too.
    for delta in deltas.iter().filter(|it| !it.moved) {
        let [was, is] = &delta.line_sets;
        let isolated = both.sets.diagrams.intersection(was.isolated, is.isolated);
        parts.push(([was.forbidden.clone(), is.forbidden.clone()], isolated));
    }
    let (old, new) = (&mut both.old, &mut both.new);
    let compile_time =
        [old.meaning.compile_time(&mut both.sets), new.meaning.compile_time(&mut both.sets)];
    parts.push((compile_time, Diagram::FULL));
    for (forbidden, isolated) in parts {
        let diagrams = &mut both.sets.diagrams;
        let all = forbidden.each_ref().map(|list| {
            let sets = list.iter().map(|(_, set)| *set).collect();
            let all = diagrams.union_of(sets);
            diagrams.intersection(all, isolated)
        });
        let [was, is] = all;
        for (index, part) in
            [diagrams.difference(was, is), diagrams.difference(is, was)].into_iter().enumerate()
        {
            let side = if index == 0 { &both.old } else { &both.new };
            for (at, set) in forbidden.get(index).into_iter().flatten() {
                if diagrams.intersection(*set, part) == Diagram::EMPTY {
                    continue;
                }
                let Some(guardrail) = side.program().guardrails.get(*at) else { continue };
                let found =
                    known.get_mut(&ends(guardrail)).and_then(|it| it.differs.get_mut(index));
                if let Some(found) = found {
                    *found = true;
                }
            }
        }
    }
    let changes: Vec<_> = known.iter().filter_map(|(ends, it)| both.guardrail(ends, it)).collect();
    let section = Section { topic: Topic::Guardrails, application: None, changes };
    if section.changes.is_empty() { Vec::new() } else { vec![section] }
}

/// A guardrail without its traffic and its exceptions.
fn ends(guardrail: &Guardrail) -> String {
    let line = &*guardrail.line;
    let end = line.find(" : ").or_else(|| line.find(" except ")).unwrap_or(line.len());
    line.get(..end).unwrap_or(line).to_owned()
}

impl BothProjects<'_> {
    fn guardrail(&self, ends: &str, known: &KnownGuardrail) -> Option<Change> {
        let [less, more] = known.differs;
        if !less && !more {
            return None;
        }
        let version = |side: &ProjectSide<'_>, index: usize| {
            let found = known.guardrails.get(index).filter(|it| !it.is_empty())?;
            let found = found.iter().filter_map(|at| side.program().guardrails.get(*at));
            let lines: Vec<_> = found.map(|it| side.guardrail(it)).collect();
            let ends = match lines.as_slice() {
                [one] => one.line.clone(),
                [] | [_, ..] => ends.to_owned(),
            };
            Some(Version { ends, traffic: None, lines })
        };
        let (old, new) = (version(&self.old, 0), version(&self.new, 1));
        let mut notes = Vec::new();
        if old.as_ref().map(|it| &it.ends) == new.as_ref().map(|it| &it.ends) {
            notes.push("a name in it means something else than it did".to_owned());
        }
        Some(Change {
            change: ChangeKind::of([old.is_some(), new.is_some()], [less, more]),
            subject: ChangeSubject::Guardrail,
            old,
            new,
            notes,
            ..Change::default()
        })
    }
}
