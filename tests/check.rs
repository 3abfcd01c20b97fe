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

/// What a line of `application2` with one mistake gets: its code and the text under the first label.
fn line(text: &str) -> (Vec<&'static str>, String) {
    said(sample().platform(PLATFORM).file("application2", text))
}

/// What a statement of the platform with one mistake gets.
fn statement(text: &str) -> (Vec<&'static str>, String) {
    said(sample().platform(&format!("{EXEMPT}{text}\n")).settings(|settings| {
        settings.cluster = vec!["10.244.0.0/16".parse().unwrap()];
    }))
}

const PLATFORM: &str = "exempt kube-system\nexternal onprem = 203.0.113.0/24\nexternal six = 2001:db8::/32\n\
    external api = service default/kubernetes\nexternal mesh = namespace istio-system\n\
    external dns = namespace kube-system\nexternal picky = namespace kube-system[app == 'a']\n\
    port web = tcp/80\n";

fn said(project: crate::support::Project) -> (Vec<&'static str>, String) {
    let checked = project.check();
    // What other rules say of lines that are right in themselves is theirs to test.
    let ours: Vec<_> = checked
        .diagnostics
        .iter()
        .filter(|it| ["EW02", "EW03", "EW04", "EW05"].contains(&&it.code.code[..4]))
        .collect();
    let place = ours.first().and_then(|it| it.primary());
    let text = place.map_or("", |span| checked.sources.text(span)).to_owned();
    (ours.iter().map(|it| it.code.code).collect(), text)
}

#[test]
fn each_mistake_in_a_line_is_one_error_at_its_place() {
    for (text, code, place) in [
        ("application2.frontnd -> application2.backend", "EW0202", "frontnd"),
        ("onprem ==> application2.backend : tcp/1 because \"x\"", "EW0306", "onprem"),
        ("application2.api -> application2.backend", "EW0202", "api"),
        ("application9.x -> application9.y", "EW0201", "application9"),
        ("application2.backend ==> onprm : tcp/1 because \"x\"", "EW0203", "onprm"),
        ("application2.backend ==> application1 : tcp/1 because \"x\"", "EW0203", "application1"),
        ("application2.backend ==> frontend : tcp/1 because \"x\"", "EW0203", "frontend"),
        ("application2.backend ==> onprem.x : tcp/1 because \"x\"", "EW0201", "onprem.x"),
        ("application2.backend -> application2.data : wbe", "EW0204", "wbe"),
        ("application2.backend ==> 10.0.0.0/8 : tcp/1 because \"x\"", "EW0207", "10.0.0.0/8"),
        (
            "application2.backend ==> picky[app == 'b'] : tcp/1 because \"x\"",
            "EW0213",
            "app == 'b'",
        ),
        ("application2.backend[] -> application2.data", "EW0208", "[]"),
        ("application2.backend[global()] -> application2.data", "EW0210", "global"),
        ("application2.backend[has(pcns.x)] -> application2.data", "EW0210", "pcns.x"),
        ("application2.backend ==> onprem[has(x)] : tcp/1 because \"x\"", "EW0211", "has(x)"),
        ("application2.backend[app == 'a b'] -> application2.data", "EW0212", "'a b'"),
        (
            "application2.backend[a == '1' && a == '2'] -> application2.data",
            "EW0213",
            "a == '1' && a == '2'",
        ),
        ("application2.backend -> application1.api : tcp/1", "EW0301", "->"),
        ("application2.backend -> onprem : tcp/1", "EW0301", "->"),
        ("application2.backend ==> application2.data : tcp/1 because \"x\"", "EW0302", "==>"),
        ("application2.data <== application2.backend : tcp/1 because \"x\"", "EW0302", "<=="),
        ("application2.data <-> application2.data", "EW0303", "<->"),
        (
            "application2.data ==> onprem because \"x\"",
            "EW0304",
            "application2.data ==> onprem because \"x\"",
        ),
        ("application2.data ==> onprem : any", "EW0305", "application2.data ==> onprem : any"),
        ("application1.api -> application1.api", "EW0307", "application1.api"),
        ("application2.data ==> *.* : tcp/1 because \"x\"", "EW0307", "application2.data"),
        ("port x = tcp/1", "EW0308", "port"),
        ("application2.data -> application2.data : tcp/0", "EW0401", "0"),
        ("application2.data -> application2.data : udp/1-70000", "EW0401", "1-70000"),
        ("application2.data -> application2.data : tcp/9-8", "EW0402", "9-8"),
        ("application2.data -> application2.data : udplite/9", "EW0403", "9"),
        ("application2.data -> application2.data : icmp/echo", "EW0403", "echo"),
        ("application2.data -> application2.data : icmp/255", "EW0404", "255"),
        ("application2.data -> application2.data : icmp/3/256", "EW0404", "3/256"),
        ("application2.data -> application2.data : protocol/0", "EW0405", "0"),
        ("application2.data -> application2.data : protocol/6", "EW0406", "protocol/6"),
        ("application2.data -> application2.data : tcp/Http", "EW0407", "Http"),
        ("application2.data ==> api : tcp/1 because \"x\"", "EW0408", "tcp/1"),
        ("application2.data ==> onprem : tcp/http because \"x\"", "EW0409", "tcp/http"),
        ("application2.data ==> onprem : icmpv6 because \"x\"", "EW0410", "icmpv6"),
        ("application2.data ==> six : icmp/8 because \"x\"", "EW0410", "icmp/8"),
    ] {
        assert_eq!(line(text), (vec![code], place.to_owned()), "{text}");
    }
}

#[test]
fn each_mistake_in_a_statement_of_the_platform_is_one_error_at_its_place() {
    for (text, code, place) in [
        ("exempt kube-system", "EW0503", "kube-system"),
        ("log denied\nlog denied", "EW0503", "log denied"),
        ("exempt application2-ns1", "EW0504", "application2-ns1"),
        ("external x = 1.1.1.0/24\nexternal x = 1.1.2.0/24", "EW0505", "x"),
        ("port x = tcp/1\nport x = tcp/2", "EW0505", "x"),
        ("external x = 010.0.0.0/8", "EW0506", "010.0.0.0/8"),
        ("external x = 1.1.1.1/24", "EW0507", "1.1.1.1/24"),
        ("external x = 1.1.1.0/24 except 1.1.2.0/25", "EW0508", "1.1.2.0/25"),
        ("external x = 10.244.7.0/24", "EW0509", "x"),
        ("external x = ::/0", "EW0510", "::/0"),
        ("external x = namespace application2-ns1", "EW0512", "application2-ns1"),
        ("forbid *.frontend to *.data except application2.data", "EW0513", "application2.data"),
        ("forbid application2.* ==> application2.data", "EW0302", "==>"),
        ("external x = 1.1.1.0/24\nx ==> application2.data : tcp/1 because \"x\"", "EW0306", "x"),
        ("external x = namespace kube-system\nx ==> *.* : tcp/1 because \"x\"", "EW0306", "x"),
    ] {
        assert_eq!(statement(text), (vec![code], place.to_owned()), "{text}");
    }
}

#[test]
fn the_platform_exempts_something_and_tells_its_cluster() {
    assert_eq!(said(project().platform("log denied\n")).0, ["EW0501"]);
    assert_eq!(said(project().platform("exempt x\n")).0, ["EW0502"]);
    let private = format!("{EXEMPT}external x = 10.0.0.0/8\n");
    assert_eq!(said(project().platform(&private)).0, ["EW0511"]);
    assert_eq!(said(project().namespace("a", "platform", "x")).0, ["EW0206"]);
    assert_eq!(
        said(sample().file("application3", "application3.x -> application3.y\n")).0,
        ["EW0205"]
    );
}

#[test]
fn both_ends_may_be_external_if_the_left_one_can_be_closed() {
    let line = "mesh ==> dns : udp/53 because \"names\"\nmesh ==> api because \"watches\"\n";
    assert_eq!(said(project().platform(&format!("{PLATFORM}{line}"))).0, [""; 0]);
}

#[test]
fn no_suggestion_repeats_a_zone() {
    let help = |text: &str| sample().file("application2", text).check().diagnostics[0].help.clone();
    let right = "write\napplication2.frontend -> application2.data";
    assert_eq!(help("application2.frontnd -> application2.data"), [right]);
    assert_eq!(help("application2.{frontnd, frontend} -> application2.data"), [""; 0]);
}

#[test]
fn what_a_broken_statement_declares_is_not_unknown() {
    let platform = "exmpt kube-system\nexternl lan = 10.0.0.0/8\nport ssh tcp/22\nmesh = namespace istio-system\n";
    let flows = "application2.data ==> lan : ssh because \"x\"\napplication2.data ==> mesh : tcp/1 because \"x\"\n";
    let codes = sample().platform(platform).file("application2", flows).check().codes();
    assert_eq!(codes, ["EW0107"; 4]);
}

#[test]
fn a_mistake_in_a_manifest_is_not_told_again_where_its_names_are_used() {
    let manifest = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop-web\n  labels: {applicationcode: shop, zone: on}\n---\nkind: [\n";
    let checked = project()
        .manifest(manifest)
        .file("shop", "shop.web -> shop.core : tcp/80\nshop.on -> shop.on : tcp/70000\n")
        .check();
    let codes: Vec<_> = checked.diagnostics.iter().map(|it| it.code.code).collect();
    assert_eq!(codes, ["EW0707", "EW0701", "EW0401"]);
}

#[test]
fn what_stands_out_of_sight_is_refused() {
    let said = |line: &str| {
        let text = format!("application2.frontend -> application2.data : tcp/1\n{line}\n");
        let checked = sample().file("application2", &text).check();
        let wide = checked.diagnostics.iter().find(|it| it.code.code == "EW0119");
        let found = wide.map(|it| it.fix.clone().unwrap().edits.remove(0));
        // What is offered means the same, and nothing is out of sight there.
        if let Some(edit) = &found {
            let start = edit.span.start as usize;
            let fixed =
                format!("{}{}{}", &text[..start], edit.text, &text[edit.span.end as usize..]);
            let again = sample().file("application2", &fixed).check();
            assert!(!again.codes().contains(&"EW0119"), "{fixed}");
            assert_eq!(again.program.flows.len(), 2, "{fixed}");
        }
        found.is_some()
    };
    let blanks = " ".repeat(81);
    let line = |between: &str| {
        format!("application2.backend[app == 'x'] -> application2.data : tcp/80,{between}tcp/22")
    };
    assert!(said(&line(&blanks)) && said(&line(&"\t".repeat(11))));
    assert!(said(&format!("{blanks}{}", line(" "))));
    assert!(said(&line(&format!("\n{blanks}"))));
    assert!(said(&line(" ").replace("'x'", &format!("'x'{blanks}|| all()"))));
    assert!(!said(&line(&" ".repeat(80))) && !said(&line(&"\t".repeat(10))));
    assert!(!said(&format!("{}{blanks}# a comment", line(" "))));
}
