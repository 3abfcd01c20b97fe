//! The lines that mean what they meant, and say another reason, ticket or date.

use std::collections::BTreeMap;

use super::change::{ChangedLine, Reworded};
use super::rows::{BothProjects, ProjectSide};
use crate::program::{Arrow, Flow};

/// The lines that are in both worlds and say another reason, ticket or date.
pub(super) fn lines(both: &BothProjects<'_>) -> Vec<Reworded> {
    let lines_of = |side: &ProjectSide<'_>| {
        let program = &side.world.program;
        let crosses = |it: &Flow| matches!(it.arrow, Arrow::Leaving | Arrow::Entering);
        let flows = program.flows.iter().map(|it| (side.line(it), crosses(it)));
        let guardrails = program.guardrails.iter().map(|it| (side.guardrail(it), false));
        let mut lines: BTreeMap<String, (bool, Vec<ChangedLine>)> = BTreeMap::new();
        for (line, crosses) in flows.chain(guardrails) {
            lines.entry(line.line.clone()).or_insert((crosses, Vec::new())).1.push(line);
        }
        lines
    };
    let (old, mut new) = (lines_of(&both.old), lines_of(&both.new));
    let mut found = Vec::new();
    for (line, (crosses, mut was)) in old {
        let Some((_, mut is)) = new.remove(&line) else { continue };
        let words = |it: &ChangedLine| (it.because.clone(), it.ticket.clone(), it.until);
        // Lines that say the same are not told, wherever they stand.
        was.retain(|it| {
            let same = is.iter().position(|other| words(other) == words(it));
            same.map(|at| is.remove(at)).is_none()
        });
        found.extend(was.into_iter().zip(is).map(|(old, new)| Reworded { old, new, crosses }));
    }
    found
}
