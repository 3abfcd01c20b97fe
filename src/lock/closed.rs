//! Who is isolated, where the settings alone do not say it (language reference, section 5, "What is closed"): a flow file
//! that goes, or a namespace that leaves, opens something with no other line of the lock changed.

use std::collections::BTreeSet;

use crate::program::{Application, Deny, Id, Program};
use crate::syntax::PrintedName;

/// A line for each application that is closed: by its label, or by the namespaces that are declared where there are no
/// platform files. Where the platform's own lines are `meant` and the default deny holds all of them, they are not named.
pub(super) fn lines(program: &Program, meant: impl Fn(&str) -> bool) -> Vec<String> {
    let platform = meant("platform");
    let by_rule = program.platform && !matches!(program.settings.deny, Deny::Applications(_));
    if platform && by_rule {
        return Vec::new();
    }
    let applications = program.applications.iter().filter(|(_, it)| {
        (platform && program.platform || meant(&it.name)) && program.isolates(it)
    });
    let named = |(id, it): (Id<Application>, &Application)| {
        let name = PrintedName(&it.name).to_string();
        if program.platform { name } else { format!("{name} in {}", namespaces(program, id)) }
    };
    let mut closed: BTreeSet<String> = applications.map(named).collect();
    if let (Deny::Applications(names), true) = (&program.settings.deny, program.platform) {
        // A name that no manifest declares holds what is declared later.
        let listed = names.iter().filter(|it| platform || meant(it));
        closed.extend(listed.map(|it| PrintedName(it).to_string()));
    }
    closed.into_iter().map(|it| format!("#! closed {it}")).collect()
}

/// The declared namespaces of an application.
fn namespaces(program: &Program, application: Id<Application>) -> String {
    let all = program.namespaces.iter().map(|(_, it)| it);
    let own = all.filter(|it| it.application == Some(application));
    own.map(|it| &*it.name).collect::<Vec<_>>().join(" ")
}
