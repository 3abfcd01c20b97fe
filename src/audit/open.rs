//! Namespaces that no policy closes in some direction.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::evidence::{AuditSubject, Evidence};
use super::finding::Finding;
use super::types::word;
use crate::diagnostic::codes::audit::OPEN;
use crate::reach::of_policies::By;
use crate::reach::{Diagram, Direction};

/// How many namespaces are shown.
const SHOWN: usize = 3;

/// The directions that are open in a namespace.
type OpenPods = Vec<(usize, Direction, Diagram)>;

/// The findings: one for each landing zone, and one for the namespaces of none.
pub(super) fn find(evidence: &mut Evidence<'_>) -> Vec<Finding> {
    let mut open: BTreeMap<Option<Arc<str>>, OpenPods> = BTreeMap::new();
    if evidence.world.policies().next().is_none() {
        return Vec::new();
    }
    for at in 0..evidence.judged.len() {
        let Some(judged) = evidence.judged.get(at) else { continue };
        let AuditSubject::Home(home) = judged.who else { continue };
        let declared = evidence.homes.get(home).is_some_and(|it| it.declared);
        let reached = judged.steps.iter().find(|it| it.by == By::NotIsolated).map(|it| it.reached);
        let direction = judged.direction;
        if let Some(set) = reached.filter(|set| declared && *set != Diagram::EMPTY) {
            let of = evidence.application(home);
            open.entry(of).or_default().push((home, direction, set));
        }
    }
    open.into_iter()
        .filter_map(|(of, openings)| finding(evidence, of.as_deref(), &openings))
        .collect()
}

fn finding(
    evidence: &mut Evidence<'_>,
    application: Option<&str>,
    openings: &OpenPods,
) -> Option<Finding> {
    let (first, direction, set) = *openings.first()?;
    let message = match application {
        Some(name) => format!("no policy closes the landing zone `{name}` as a whole"),
        None => "no policy closes the namespaces that belong to no landing zone".to_owned(),
    };
    let mut finding = Finding::new(&OPEN, message);
    let mut by_home: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for (home, direction, _) in openings {
        by_home.entry(*home).or_default().push(word(*direction));
    }
    let mut left = by_home.len();
    for (home, directions) in by_home.iter().take(SHOWN) {
        let Some(name) = evidence.homes.get(*home).map(|it| &it.name) else { continue };
        let namespaces = &evidence.world.program.namespaces;
        let span = namespaces.iter().find(|(_, it)| it.name == *name).map(|(_, it)| it.span);
        if let Some(span) = span {
            finding = finding.label(span, format!("open for {}", directions.join(" and ")));
            left -= 1;
        }
    }
    if left > 0 {
        finding = finding.help(format!("the same goes for {left} more namespaces"));
    }
    let example = evidence.example(set, AuditSubject::Home(first), direction);
    Some(
        finding
            .help("what no policy selects is open: select these pods with a policy that denies what none allows")
            .example(evidence.world, example, "allowed"),
    )
}
