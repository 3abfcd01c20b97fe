//! `eastwest list` as people run it.

use std::path::Path;

use crate::cli::{CONFIG, Project, holds_to_schema, json};

const FLOW: &str = "application2/network-policies/app.flow";
const OTHER: &str = "application1/network-policies/app.flow";

fn project() -> Project {
    let project = Project::sample();
    project.write(
        "eastwest.toml",
        &CONFIG.replacen("\n\n", "\nticket_url = \"https://tickets.example/{ticket}\"\n\n", 1),
    );
    project.write(
        "platform/flows/platform.flow",
        "exempt kube-system\nexternal onprem = 192.0.2.0/24\nport web = tcp/80, tcp/443\nforbid *.frontend to *.api because \"tiers\"\n",
    );
    project.write(
        FLOW,
        "application2.backend ==> application1.api : tcp/443 because \" =1+1, \\\"x\\\"\" ticket CHG-1 until 2027-03-31\napplication2.backend ==> onprem : tcp/22 because \"files\" ticket \"a b/c\"\n",
    );
    project
}

fn rows(project: &Project, arguments: &str) -> Vec<serde_json::Value> {
    let ran = project.run(&format!("list {arguments} --format json --as-of 2027-01-31"));
    let document = json(&ran.out);
    holds_to_schema("list", &document);
    document["rows"].as_array().unwrap().clone()
}

#[test]
fn every_list_shows_what_the_project_declares_and_holds_to_the_schema() {
    let project = project();
    for (what, count, cell) in [
        ("zones", 3, "application2-ns2"),
        ("externals", 1, "192.0.2.0/24"),
        ("ports", 1, "tcp/80, tcp/443"),
        ("guardrails", 1, "forbid *.frontend to *.api"),
        ("crossings", 2, "open through 31 March 2027"),
    ] {
        let ran = project.run(&format!("list {what} --as-of 2027-01-31"));
        assert_eq!((ran.status, &*ran.err), (0, ""), "{what}");
        assert!(ran.out.contains(cell), "{}", ran.out);
        assert_eq!(rows(&project, what).len(), count, "{what}");
    }
    assert_eq!(rows(&project, "ports")[0]["value"], serde_json::json!(["tcp/80", "tcp/443"]));
    assert_eq!(rows(&project, "zones")[0]["exempt"], false);
}

#[test]
fn crossings_have_their_parts_and_types_of_their_own() {
    let rows = rows(&project(), "crossings");
    let first = &rows[0];
    for (key, value) in [
        ("owner", "application2"),
        ("sender", "application2.backend"),
        ("receiver", "application1.api"),
        ("traffic", "tcp/443"),
        ("ticketUrl", "https://tickets.example/CHG-1"),
        ("lastDay", "2027-03-31"),
    ] {
        assert_eq!(first[key], value, "{first:#}");
    }
    assert_eq!(first["daysLeft"], 59);
    assert_eq!(rows[1]["ticketUrl"], "https://tickets.example/a%20b%2Fc");
    assert!(rows[1]["lastDay"].is_null() && rows[1]["daysLeft"].is_null());
}

#[test]
fn the_other_half_is_told_in_each_of_its_five_states() {
    let project = project();
    let halves = || -> Vec<String> {
        let rows = rows(&project, "crossings --of application2");
        rows.iter().map(|it| format!("{} {}", it["owner"], it["otherHalf"])).collect()
    };
    assert_eq!(halves(), ["\"application2\" \"missing\"", "\"application2\" \"not needed\""]);
    let accept = |traffic: &str| {
        project.write(
            OTHER,
            &format!("application1.api <== application2.backend : {traffic} because \"asked\"\n"),
        );
    };
    accept("tcp/443");
    assert_eq!(halves()[0], "\"application1\" \"there\"");
    assert_eq!(halves()[1], "\"application2\" \"there\"");
    accept("tcp/443, tcp/444");
    assert_eq!(halves()[0], "\"application1\" \"partly\"");
    std::fs::remove_file(project.path().join(OTHER)).unwrap();
    assert_eq!(halves()[0], "\"application2\" \"missing\"", "it would be found if it were there");
    let config = project.read("eastwest.toml");
    project.write("eastwest.toml", &format!("write = [\"application2\", \"platform\"]\n{config}"));
    assert_eq!(halves()[0], "\"application2\" \"elsewhere\"");
    project.write("eastwest.toml", &config);
    let entering = &rows(&project, "crossings")[0];
    assert_eq!(entering["sender"], "application2.backend");
    project.write(FLOW, "application2.backend ==> nowhere : tcp/1\n");
    accept("tcp/443");
    let row = &rows(&project, "crossings")[0];
    assert!(row["otherHalf"].is_null(), "a line is unread: {row:#}");
    assert_eq!(
        (&row["sender"], &row["receiver"]),
        (&"application2.backend".into(), &"application1.api".into())
    );
}

#[test]
fn of_a_landing_zone_are_its_zones_and_all_that_may_touch_it() {
    let project = project();
    assert_eq!(rows(&project, "zones --of application2").len(), 2);
    assert_eq!(rows(&project, "crossings --of application1").len(), 1);
    assert_eq!(rows(&project, "guardrails --of application1").len(), 1);
    project.write(OTHER, "application1.* ==> onprem : tcp/22 because \"x\"\n");
    assert_eq!(rows(&project, "crossings --of application2").len(), 2);
    let ran = project.run("list crossings --of aplication2");
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("did you mean  --of application2 ?"), "{}", ran.err);
    let ran = project.run("list ports --of application2");
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("for every landing zone to use"), "{}", ran.err);
}

#[test]
fn in_csv_days_are_numbers_formulas_stay_text_and_nothing_hides() {
    let project = project();
    let out = project.run("list crossings --format csv --as-of 2027-01-31").out;
    assert!(out.contains(",\"' =1+1, \"\"x\"\"\",CHG-1,"), "{out}");
    assert!(out.contains(",2027-03-31,59,"), "{out}");
    assert_eq!(out.matches("\r\n").count(), 3, "{out}");
    let ran = project.run("list crossings --format csv --as-of 2027-04-02");
    assert!(ran.out.contains(",2027-03-31,-2,"), "{}", ran.out);
    assert!(ran.out.lines().all(|line| line.matches(',').count() >= 11), "{}", ran.out);
}

#[test]
fn an_expired_crossing_stays_in_the_register_which_lacks_nothing() {
    let project = project();
    let ran = project.run("list crossings --as-of 2027-04-02");
    assert_eq!(ran.status, 1);
    assert!(ran.out.contains("expired:") && ran.out.contains("missing"), "{}", ran.out);
    assert_eq!(
        ran.err,
        "the project has 1 error; to see why, run\n  eastwest check --as-of 2027-04-02\n"
    );
}

#[test]
fn errors_in_a_flow_file_are_counted_and_the_list_is_printed() {
    let project = project();
    project.write(FLOW, "application2.nowhere -> application2.backend : tcp/1\n");
    let ran = project.run("list zones .");
    assert_eq!(ran.status, 1);
    assert!(ran.out.contains("application1-ns1"), "{}", ran.out);
    assert_eq!(
        ran.err,
        "the project has 1 error, so this list may lack something; to see why, run\n  eastwest check .\n"
    );
    project.write("eastwest.toml", "");
    assert_eq!(project.run("list zones").status, 2);
}

#[test]
fn a_table_fits_a_terminal_and_loses_no_word() {
    let project = project();
    let reason = "because of what was said at length ".repeat(12);
    project
        .write(FLOW, &format!("application2.backend ==> onprem : tcp/22 because \"{reason}\"\n"));
    let out = project.run("list crossings").out;
    assert!(out.lines().all(|line| line.chars().count() <= 120), "{out}");
    assert_eq!(out.matches("length").count(), 12, "{out}");
}

#[test]
fn the_lists_of_the_example_with_everything() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/platform");
    let project = Project::new(&[]);
    let lists = ["zones", "externals", "ports", "guardrails", "crossings"].map(|what| {
        let ran = project.run(&format!("list {what} {} --as-of 2026-11-22", folder.display()));
        assert_eq!((ran.status, &*ran.err), (0, ""), "{what}");
        format!("$ eastwest list {what}\n{}", ran.out)
    });
    snapshot!("list__platform", lists.join("\n"));
}
