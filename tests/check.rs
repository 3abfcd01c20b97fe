//! Names, boundaries, owners, traffic and the platform's statements: what is accepted, and what is said.

use crate::support::{project, sample};
use eastwest::program::{Owner, Place};

const EXEMPT: &str = "exempt kube-system\n";

#[test]
fn a_correct_project_resolves() {
    let program = sample()
        .platform(&format!("{EXEMPT}external onprem = 172.16.0.0/12 except 172.16.1.0/24\nport web = tcp/80, tcp/8080-8090\n*.* ==> onprem : tcp/53 because \"x\"\nforbid *.frontend to *.data\nlog denied\n"))
        .file("application2", "application2.backend -> application2.{data, frontend} : web\napplication2.frontend[app == 'x'] ==> onprem : any because \"y\"\n")
        .program();
    assert_eq!(program.flows.len(), 3);
    assert_eq!(program.guardrails.len(), 1);
    assert_eq!(program.flows[0].owner, Owner::Platform);
    assert_eq!(program.owner_name(program.flows[1].owner), "application2");
    let Place::Zones { zones: Some(zones), .. } = &program.flows[1].right.place else { panic!() };
    assert!(zones.is_sorted() && zones.len() == 2);
    assert_eq!(program.flows[1].matches.as_ref().unwrap().len(), 2);
    assert!(program.log_denied.is_some() && program.platform);
    assert_eq!(program.applications.len(), 2);
    let loaded: Vec<bool> = program.applications.iter().map(|(_, it)| it.loaded).collect();
    assert_eq!(loaded, [false, true]);
}

#[test]
fn an_empty_project_is_no_mistake() {
    let checked = project().check();
    assert_eq!(checked.codes(), [""; 0]);
    assert!(!checked.program.platform);
}
