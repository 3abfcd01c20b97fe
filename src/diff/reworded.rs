//! The lines that mean what they meant, and say another reason, ticket or date.

use std::collections::BTreeMap;

use super::change::{Line, Reworded};
use super::rows::{Both, Side};

/// The lines that are in both worlds and say another reason, ticket or date.
pub(super) fn lines(both: &Both<'_, '_>) -> Vec<Reworded> {
    let said = |side: &Side<'_>| {
        let program = &side.world.program;
        let flows = program.flows.iter().map(|it| side.line(it));
        let mut lines: BTreeMap<String, Vec<Line>> = BTreeMap::new();
        for line in flows.chain(program.guardrails.iter().map(|it| side.guardrail(it))) {
            lines.entry(line.line.clone()).or_default().push(line);
        }
        lines
    };
    let (old, mut new) = (said(&both.old), said(&both.new));
    let mut found = Vec::new();
    for (line, mut was) in old {
        let Some(mut is) = new.remove(&line) else { continue };
        let words = |it: &Line| (it.because.clone(), it.ticket.clone(), it.until.clone());
        // Lines that say the same are not told, wherever they stand.
        was.retain(|it| {
            let same = is.iter().position(|other| words(other) == words(it));
            same.map(|at| is.remove(at)).is_none()
        });
        found.extend(was.into_iter().zip(is).map(|(old, new)| Reworded { old, new }));
    }
    found
}
