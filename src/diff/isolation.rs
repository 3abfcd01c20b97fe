//! Whom the default deny holds that it did not, and the reverse: exemptions, its scope, and the files that bring it about.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::change::{Change, ChangeKind, ChangeSubject, ChangedLine, Section, Topic, Version};
use super::rows::{BothProjects, Delta, ProjectSide};
use crate::program::{Deny, Program};
use crate::reach::Diagram;
use crate::world::listed;

/// The changes of exemptions, and of the default deny.
pub(super) fn sections(both: &mut BothProjects<'_>, deltas: &[Delta]) -> Vec<Section> {
    let names = |side: &ProjectSide<'_>| -> BTreeSet<Arc<str>> {
        side.program().exempt.iter().map(|it| Arc::clone(&it.name)).collect()
    };
    let (was, is) = (names(&both.old), names(&both.new));
    // Of the others, whom is the deny about? Of an exempt name the exemption is told alone.
    let exempt = |name: &Arc<str>| was.contains(name) != is.contains(name);
    let (mut held, mut let_go, mut rest, mut any) =
        (BTreeSet::new(), BTreeSet::new(), false, false);
    for delta in deltas {
        let [old, new] = delta.line_sets.each_ref().map(|it| it.isolated);
        // Without platform files, nothing holds back what other policies open.
        let [[_, old_all, _], [_, new_all, _]] = delta.rows;
        let [[old_plain, ..], [new_plain, ..]] = delta.rows;
        let backed = (old_all == old_plain) == (new_all == new_plain);
        any |= old != new;
        if old == new && backed {
            continue;
        }
        match &delta.subject {
            Some(name) if exempt(name) => {}
            Some(name) if both.sets.diagrams.difference(new, old) != Diagram::EMPTY => {
                held.insert(name.to_string());
            }
            Some(name) if old != new => {
                let_go.insert(name.to_string());
            }
            Some(_) => {}
            None => rest = true,
        }
    }
    let mut changes = Vec::new();
    if any {
        for name in was.symmetric_difference(&is) {
            changes.push(both.exemption(name, is.contains(name)));
        }
    }
    let [was, is] = [&both.old, &both.new].map(|side| DenyChange::of(side.program()));
    let differs = was != is && (rest || any);
    if !held.is_empty() || !let_go.is_empty() || differs || rest && changes.is_empty() {
        changes.push(deny(&held, &let_go, &[was, is]));
    }
    if changes.is_empty() {
        return Vec::new();
    }
    vec![Section { topic: Topic::Guardrails, application: None, changes }]
}

/// Whom the default deny holds, exemptions apart.
#[derive(Clone, Debug, PartialEq, Eq)]
enum DenyChange {
    /// Nobody: there are no platform files.
    NoDeny,
    All,
    LandingZones,
    /// The applications of these names, because `deny` lists them or their flow file is loaded.
    Applications(BTreeSet<String>),
}

impl DenyChange {
    fn of(program: &Program) -> Self {
        match &program.settings.deny {
            _ if !program.platform => Self::NoDeny,
            Deny::All => Self::All,
            Deny::LandingZones => Self::LandingZones,
            Deny::Applications(listed) => {
                let applications = program.applications.iter().map(|(_, it)| it);
                let closed = applications.filter(|it| program.isolates(it)).map(|it| &it.name);
                Self::Applications(closed.chain(listed).map(ToString::to_string).collect())
            }
        }
    }

    fn text(&self) -> String {
        match self {
            Self::NoDeny => "no default deny: there are no platform files".to_owned(),
            Self::All => "the default deny holds every namespace".to_owned(),
            Self::LandingZones => "the default deny holds landing zones".to_owned(),
            Self::Applications(names) if names.is_empty() => {
                "the default deny holds nobody".to_owned()
            }
            Self::Applications(names) => format!("the default deny holds {}", listed(names)),
        }
    }
}

/// What is said of the default deny.
fn deny(held: &BTreeSet<String>, let_go: &BTreeSet<String>, scopes: &[DenyChange; 2]) -> Change {
    let version =
        |scope: &DenyChange| Some(Version { ends: scope.text(), traffic: None, lines: Vec::new() });
    let [old, new] = scopes.each_ref().map(version);
    let mut notes = Vec::new();
    if !held.is_empty() {
        notes.push(format!("closed now, but for what lines open: {}", listed(held)));
    }
    if !let_go.is_empty() {
        notes.push(format!("everything is open now: {}", listed(let_go)));
    }
    Change {
        change: ChangeKind::of([true, true], [!let_go.is_empty(), !held.is_empty()]),
        subject: ChangeSubject::Deny,
        old,
        new,
        notes,
        ..Change::default()
    }
}

impl BothProjects<'_> {
    fn exemption(&self, name: &str, added: bool) -> Change {
        let version = |side: &ProjectSide<'_>| {
            let exempt = side.program().exempt.iter().find(|it| *it.name == *name)?;
            let line = ChangedLine {
                line: format!("exempt {name}"),
                because: None,
                ticket: None,
                until: None,
                source: side.place_of(exempt.span),
                span: Some(exempt.span),
            };
            Some(Version { ends: line.line.clone(), traffic: None, lines: vec![line] })
        };
        let note = if added {
            "everything is open to it and from it, on its side"
        } else {
            "it is closed now, but for what lines open"
        };
        Change {
            change: if added { ChangeKind::Added } else { ChangeKind::Removed },
            subject: ChangeSubject::Exemption,
            old: version(&self.old),
            new: version(&self.new),
            notes: vec![note.to_owned()],
            ..Change::default()
        }
    }
}
