//! `eastwest list` as people run it.

use crate::cli::{Project, holds_to_schema, json};

const FLOW: &str = "application2/network-policies/app.flow";

fn project() -> Project {
    let project = Project::sample();
    project.write(
        "platform/flows/platform.flow",
        "exempt kube-system\nexternal onprem = 192.0.2.0/24\nport web = tcp/80, tcp/443\nforbid *.frontend to *.api because \"tiers\"\n",
    );
    project.write(
        FLOW,
        "application2.backend ==> application1.api : tcp/443 because \"=1+1, \\\"x\\\"\" ticket CHG-1 until 2027-03-31\n",
    );
    project
}

#[test]
fn every_list_shows_what_the_project_declares_and_holds_to_the_schema() {
    let project = project();
    for (what, rows, cell) in [
        ("zones", 3, "application2-ns2"),
        ("externals", 1, "192.0.2.0/24"),
        ("ports", 1, "tcp/80, tcp/443"),
        ("guardrails", 1, "forbid *.frontend to *.api"),
        ("crossings", 1, "CHG-1"),
    ] {
        let ran = project.run(&format!("list {what} --as-of 2027-01-31"));
        assert_eq!((ran.status, &*ran.err), (0, ""), "{what}");
        assert!(ran.out.contains(cell), "{}", ran.out);
        let document =
            json(&project.run(&format!("list {what} --format json --as-of 2027-01-31")).out);
        holds_to_schema("list", &document);
        assert_eq!(document["rows"].as_array().unwrap().len(), rows, "{document:#}");
    }
}

#[test]
fn days_left_are_all_days_and_formulas_stay_text() {
    let out = project().run("list crossings --format csv --as-of 2027-01-31").out;
    assert!(out.contains("\"'=1+1, "), "{out}");
    assert!(out.contains(",CHG-1,2027-03-31,59,"), "{out}");
    assert_eq!(out.matches("\r\n").count(), 2, "{out}");
}

#[test]
fn errors_in_a_flow_file_are_counted_and_the_list_is_printed() {
    let project = project();
    project.write(FLOW, "application2.nowhere -> application2.backend : tcp/1\n");
    let ran = project.run("list zones");
    assert_eq!(ran.status, 1);
    assert!(ran.out.contains("application1-ns1"), "{}", ran.out);
    assert!(ran.err.contains("the project has 1 error, so lines may be missing"), "{}", ran.err);
    project.write("eastwest.toml", "");
    assert_eq!(project.run("list zones").status, 2);
}
