//! What lines say about each other: guardrails, duplicates, halves, time, lints. Each case is real flow
//! text with the codes that it must get.

use crate::support::{Checked, Project, project, sample};
use eastwest::diagnostic::{Diagnostic, Level};
use eastwest::program::Deny;

const EXEMPT: &str = "exempt kube-system\n";

/// The sample cluster with these lines for the platform and for both applications.
fn lines(platform: &str, application1: &str, application2: &str) -> Project {
    sample()
        .platform(&format!("{EXEMPT}{platform}"))
        .file("application1", application1)
        .file("application2", application2)
}

/// What was said, by code and the text that it points at first, without notes on zones that nobody mentions.
fn found(checked: &Checked) -> Vec<String> {
    let all = checked.diagnostics.iter().filter(|it| it.code.code != "EW0613");
    all.map(|it| format!("{} {}", it.code.code, checked.sources.text(it.primary().unwrap())))
        .collect()
}

fn codes(project: Project) -> Vec<&'static str> {
    project
        .check()
        .codes()
        .into_iter()
        .filter(|code| code.starts_with("EW06") && *code != "EW0613")
        .collect()
}

#[track_caller]
fn expect(project: Project, wanted: &[&str]) {
    let checked = project.check();
    let all: Vec<_> =
        [Level::Error, Level::Warning, Level::Note].map(|level| checked.said(level)).concat();
    let found: Vec<_> = checked.codes().into_iter().filter(|code| *code != "EW0613").collect();
    assert_eq!(found, wanted, "{}", all.join("\n"));
}

#[test]
fn a_flow_that_meets_a_guardrail_is_an_error_at_the_flow() {
    const THREE_TIERS: &str = "forbid *.frontend to *.data because \"three tiers\"\n";
    let inside = "application2.frontend -> application2.data : tcp/5432";
    let checked = lines(THREE_TIERS, "", inside).check();
    assert_eq!(found(&checked), [format!("EW0601 {inside}")]);
    assert_eq!(checked.sources.text(checked.diagnostics[0].labels[1].span), THREE_TIERS.trim());

    for (guardrail, flow, wanted) in [
        ("forbid *.frontend to *.data", "application2.data -> application2.frontend", None),
        (
            "forbid *.frontend to *.data",
            "application2.data <-> application2.frontend",
            Some("EW0601"),
        ),
        (
            "forbid *.frontend to *.data",
            "application2.{frontend, backend} -> application2.{data, backend}",
            Some("EW0601"),
        ),
        ("forbid *.frontend to *.data", "application2.* -> application2.data", Some("EW0601")),
        (
            "forbid *.frontend to *.data : tcp/22",
            "application2.frontend -> application2.data : tcp/5432",
            None,
        ),
        (
            "forbid *.frontend to *.data : tcp/22",
            "application2.frontend -> application2.data",
            Some("EW0601"),
        ),
        (
            "forbid *.frontend to *.data : tcp/22",
            "application2.frontend -> application2.data : tcp/ssh",
            Some("EW0601"),
        ),
        (
            "forbid *.frontend to *.data : udp/22",
            "application2.frontend -> application2.data : tcp/ssh",
            None,
        ),
        (
            "forbid *.frontend[app == 'a'] to *.data",
            "application2.frontend[app == 'b'] -> application2.data",
            None,
        ),
        (
            "forbid *.frontend[app == 'a'] to *.data",
            "application2.frontend[role == 'b'] -> application2.data",
            Some("EW0601"),
        ),
        (
            "forbid *.frontend[app == 'a'] to *.data",
            "application2.frontend[app contains 'b'] -> application2.data",
            None,
        ),
        (
            "forbid *.* to *.*[tier == 'gold']",
            "application2.frontend -> application2.data[tier in {'gold', 'tin'}]",
            Some("EW0601"),
        ),
        // Only crossings.
        ("forbid *.* ==> application2.data", "application2.frontend -> application2.data", None),
        (
            "forbid *.* to application2.data",
            "application2.frontend -> application2.data",
            Some("EW0601"),
        ),
        // What is excused.
        (
            "forbid *.* to *.data except application2.frontend",
            "application2.frontend -> application2.data",
            None,
        ),
        (
            "forbid *.* to *.data except application2.{frontend, backend}",
            "application2.{backend, frontend} -> application2.data",
            None,
        ),
        (
            "forbid *.* to *.data except *.frontend",
            "application2.{backend, frontend} -> application2.data",
            Some("EW0601"),
        ),
        (
            "forbid *.* to *.data except *.*[ok == 'yes']",
            "application2.frontend[ok == 'yes'] -> application2.data",
            None,
        ),
        (
            "forbid *.* to *.data except *.*[ok == 'yes']",
            "application2.frontend -> application2.data",
            Some("EW0601"),
        ),
        (
            "forbid *.* to *.data except *.*[has(ok)], *.frontend[!has(ok)]",
            "application2.frontend -> application2.data",
            None,
        ),
    ] {
        let found = codes(lines(&format!("{guardrail}\n"), "", flow));
        assert_eq!(found, wanted.as_slice(), "{guardrail}\n{flow}");
    }
}

#[test]
fn guardrails_and_crossings() {
    let external = "external onprem = 10.1.0.0/16\nexternal all4 = 10.0.0.0/8\nexternal six = fd00::/8\nexternal dual = fd00::/8, 10.0.0.0/8\nexternal api = service default/kubernetes\nexternal metrics = namespace kube-system\n";
    for (guardrail, application1, application2, wanted) in [
        (
            "forbid *.* ==> all4",
            "",
            "application2.data ==> onprem : tcp/1 because \"x\"",
            Some("EW0601"),
        ),
        ("forbid *.* ==> six", "", "application2.data ==> onprem : tcp/1 because \"x\"", None),
        (
            "forbid all4 to *.data",
            "",
            "application2.data <== onprem : tcp/1 because \"x\"",
            Some("EW0601"),
        ),
        (
            "forbid all4 ==> *.data",
            "",
            "application2.data <== onprem : tcp/1 because \"x\"",
            Some("EW0601"),
        ),
        ("forbid *.data to all4", "", "application2.data <== onprem : tcp/1 because \"x\"", None),
        (
            "forbid all4 to *.data except onprem",
            "",
            "application2.data <== onprem : tcp/1 because \"x\"",
            None,
        ),
        (
            "forbid onprem to *.data",
            "",
            "application2.data <== all4 : tcp/1 because \"x\"",
            Some("EW0601"),
        ),
        (
            "forbid *.* to dual : icmpv6",
            "",
            "application2.data ==> onprem : any because \"x\"",
            Some("EW0611"),
        ),
        (
            "forbid *.* to dual : icmp",
            "",
            "application2.data ==> onprem : any because \"x\"",
            Some("EW0601 EW0611"),
        ),
        ("forbid *.* to api", "", "application2.data ==> api because \"x\"", Some("EW0601")),
        ("forbid *.* to metrics", "", "application2.data ==> api because \"x\"", None),
        (
            "forbid *.* to metrics",
            "",
            "application2.data ==> metrics[app == 'a'] : tcp/1 because \"x\"",
            Some("EW0601"),
        ),
        (
            "forbid *.backend ==> *.api",
            "application1.api <== application2.backend : tcp/1 because \"x\"",
            "application2.backend ==> application1.api : tcp/1 because \"x\"",
            Some("EW0601 EW0601"),
        ),
        ("forbid application1.* ==> *.*", "application1.* -> application1.*", "", None),
    ] {
        let found = codes(
            lines(&format!("{external}{guardrail}\n"), application1, application2)
                .settings(|it| it.cluster = vec!["192.168.0.0/16".parse().unwrap()]),
        );
        let wanted: Vec<_> = wanted.map(|it| it.split(' ').collect()).unwrap_or_default();
        assert_eq!(found, wanted, "{guardrail}\n{application1}{application2}");
    }
}

#[test]
fn wildcards_and_places_to_come() {
    // application1 has no frontend and no data: only places to come meet.
    expect(
        lines("forbid *.frontend to *.data\n", "application1.* -> application1.*", ""),
        &["EW0602"],
    );
    expect(
        lines("forbid application1.api to *.*\n", "application1.* -> application1.*", ""),
        &["EW0601"],
    );
    // Calico holds no rules for this one, so places to come are an error as well.
    let crossing = "forbid *.frontend ==> *.data\n";
    let wide = "application2.data <== application1.* : tcp/1 because \"x\"";
    let half = "application1.* ==> application2.data : tcp/1 because \"x\"";
    expect(lines(crossing, half, wide), &["EW0601", "EW0611", "EW0601", "EW0611"]);
    expect(lines(crossing, "application1.* -> application1.*", ""), &[]);
}

#[test]
fn the_same_flow_twice() {
    for (first, second, wanted) in [
        ("a.x -> a.y", "a.x -> a.y", Some("EW0603")),
        ("a.x -> a.y : any", "a.x -> a.y", Some("EW0603")),
        ("a.x <-> a.y", "a.y <-> a.x", Some("EW0603")),
        ("a.{x, y} -> a.z : tcp/1-2", "a.{y, x} -> a.z : tcp/2, tcp/1", Some("EW0603")),
        ("a.x[p == 'q'] -> a.y", "a.x[p in {'q'}] -> a.y", Some("EW0603")),
        ("a.x -> a.y until 2027-03-01", "a.x -> a.y", Some("EW0604")),
        ("a.x -> a.y until 2027-03-01", "a.x -> a.y until 2027-03-01", Some("EW0603")),
        ("a.x -> a.y : tcp/1", "a.x -> a.y : tcp", Some("EW0604")),
        ("a.x -> a.y : tcp/http", "a.x -> a.y : tcp", Some("EW0604")),
        ("a.x -> a.y : tcp/http", "a.x -> a.y : tcp/80", None),
        ("a.x -> a.y", "a.{x, z} -> a.{y, z}", Some("EW0604")),
        ("a.x -> a.y", "a.* -> a.y", Some("EW0604")),
        ("a.x -> a.y", "a.x <-> a.y", Some("EW0604")),
        ("a.x -> a.y", "a.y -> a.x", None),
        ("a.x[p == 'q'] -> a.y", "a.x -> a.y", Some("EW0604")),
        ("a.x[p == 'q'] -> a.y", "a.x[has(p)] -> a.y", Some("EW0604")),
        ("a.x[has(p)] -> a.y", "a.x[p == 'q'] -> a.y", Some("EW0604")),
        ("a.x[p == 'q'] -> a.y", "a.x[r == 'q'] -> a.y", None),
        ("a.x -> a.y : tcp until 2027-03-01", "a.x -> a.y : tcp/1", None),
        ("a.{x, y, z} -> a.z : tcp/1", "a.{x, y} -> a.{y, z} : tcp/1", None),
    ] {
        let found = codes(
            project()
                .namespace("x", "a", "x")
                .namespace("y", "a", "y")
                .namespace("z", "a", "z")
                .file("a", &format!("{first}\n{second}\n")),
        );
        assert_eq!(found, wanted.as_slice(), "{first}\n{second}");
    }
}

#[test]
fn a_line_within_anothers() {
    let dns =
        "external dns = namespace kube-system\n*.* ==> dns : udp/53, tcp/53 because \"names\"\n";
    let own = "application2.data ==> dns : udp/53 because \"x\"\n";
    expect(lines(dns, "", own), &["EW0608"]);
    expect(lines(dns, "", &own.replace("53", "54")), &[]);
    let temporary = dns.replace("\"names\"", "\"names\" until 2027-05-01");
    expect(lines(&temporary, "", own), &[]);
}

#[test]
fn halves() {
    let sends = "application2.backend ==> application1.api : tcp/443, tcp/80 because \"x\"";
    expect(lines("", "", sends), &["EW0605"]);
    for (accepts, wanted) in [
        ("application1.api <== application2.backend : tcp/443, tcp/80 because \"x\"", &[] as &[_]),
        ("application1.api <== application2.backend : tcp/80-443 because \"x\"", &["EW0606"]),
        ("application1.api <== application2.backend : tcp/443 because \"x\"", &["EW0606"]),
        (
            "application1.api <== application2.backend : tcp/443 because \"x\"\napplication1.api <== application2.{backend, data} : tcp/80 because \"x\"",
            &["EW0606"],
        ),
        ("application1.api <== application2.data : tcp/443 because \"x\"", &["EW0605", "EW0605"]),
        (
            "application1.api[app == 'a'] <== application2.backend : tcp/443, tcp/80 because \"x\"",
            &["EW0606"],
        ),
        (
            "application1.api[app == 'a'] <== application2.backend : tcp/443, tcp/80 because \"x\"\napplication1.api[app != 'a'] <== application2.backend : tcp/443, tcp/80 because \"x\"",
            &[],
        ),
    ] {
        expect(lines("", accepts, sends), wanted);
    }
    let checked = lines("", "", sends).check();
    let line = "application1.api <== application2.backend : tcp/443, tcp/80 because \"…\"";
    assert!(checked.diagnostics[0].help[0].ends_with(line), "{:?}", checked.diagnostics[0].help);
}

#[test]
fn halves_that_are_elsewhere_or_not_needed() {
    let sends = "application2.backend ==> application1.api : tcp/443 because \"x\"";
    let own = || sample().platform(EXEMPT).write(&["application2"]);
    expect(own().file("application2", sends), &["EW0607"]);
    let shared = sample()
        .platform(&format!("{EXEMPT}application1.api <== *.* : tcp/443 because \"x\"\n"))
        .write(&["application2"]);
    expect(shared.file("application2", sends), &[]);
    let to = |external: &str| {
        let text = format!("external there = {external}\n");
        lines(&text, "", "application2.backend ==> there : tcp/443 because \"x\"")
    };
    expect(
        to("172.16.0.0/24").settings(|it| it.cluster = vec!["10.0.0.0/8".parse().unwrap()]),
        &[],
    );
    expect(to("namespace kube-system"), &[]);
    expect(to("namespace monitoring"), &["EW0605"]);
    let taken = "there <== application2.backend : tcp/443 because \"y\"\n";
    expect(
        lines(
            &format!("external there = namespace monitoring\n{taken}"),
            "",
            "application2.backend ==> there[app == 'x'] : tcp/443 because \"x\"",
        ),
        &["EW0606"],
    );
    // Port 0 is nothing to ask for.
    let whole = "application1.api <== application2.backend : tcp because \"x\"";
    let most = "application2.backend ==> application1.api : tcp/1-65535 because \"x\"";
    expect(lines("", whole, most), &["EW0611", "EW0611"]);
    let checked = lines("", whole, sends).check();
    let partly = checked.diagnostics.iter().find(|it| it.code.code == "EW0606").unwrap();
    assert_eq!(partly.help[0], "not used:\ntcp/1-442, tcp/444-65535");
    // An offer to everyone is taken by one.
    let offer = "application1.api <== *.* : tcp/443, tcp/80 because \"x\"\n";
    expect(lines(offer, "", ""), &["EW0605"]);
    expect(lines(offer, "", sends), &["EW0606"]);
    // A line that cannot be understood might be the other half.
    let typo = "application1.apy <== application2.backend : tcp/443 because \"x\"";
    expect(lines("", typo, sends), &["EW0202"]);
}

#[test]
fn time() {
    let flow = |until: &str| {
        let text = format!("application2.data -> application2.backend until {until}");
        sample().file("application2", &text)
    };
    expect(flow("2026-11-21"), &["EW0609"]);
    expect(flow("2026-11-22"), &["EW0610"]);
    expect(flow("2026-12-22"), &["EW0610"]);
    expect(flow("2026-12-23"), &[]);
    let of = |project: Project| {
        let checked = project.check();
        let said = &checked.diagnostics[0];
        (said.level, said.message.clone(), said.labels[0].text.clone(), checked.program.flows.len())
    };
    let day = "this flow was open through 21 November 2026".to_owned();
    let ago = "passed 1 day ago".to_owned();
    assert_eq!(of(flow("2026-11-21")), (Level::Error, day.clone(), ago.clone(), 1));
    let foreign = flow("2026-11-21").write(&["application1"]);
    assert_eq!(of(foreign), (Level::Warning, day.clone(), ago.clone(), 1));
    let dropped = flow("2026-11-21").drop_expired();
    assert_eq!(of(dropped), (Level::Note, format!("dropped: {day}"), ago, 0));
    let soon = of(flow("2026-12-02"));
    assert_eq!(soon.1, "this flow is open through 2 December 2026");
    assert_eq!(soon.2, "10 days left");
}

#[test]
fn lints_about_lines() {
    let both = |traffic: &str, from: &str| {
        let reason = format!("{traffic} because \"x\"");
        lines(
            "port http = tcp/8080\n",
            &format!("application1.api <== {from} : {reason}"),
            &format!("{from} ==> application1.api : {reason}"),
        )
    };
    for traffic in ["any", "tcp", "udp", "tcp/1-1001"] {
        expect(both(traffic, "application2.data"), &["EW0611", "EW0611"]);
    }
    for traffic in ["tcp/1-1000", "icmp", "protocol/47", "http"] {
        expect(both(traffic, "application2.data"), &[]);
    }
    expect(both("tcp/1", "application2.*"), &["EW0611", "EW0611"]);
    expect(both("tcp/http", "application2.data"), &["EW0612", "EW0612"]);
}

#[test]
fn lints_about_zones_and_files() {
    let unmentioned = |text: &str| {
        let checked = lines("", "", text).check();
        let all = checked.diagnostics.iter().filter(|it| it.code.code == "EW0613");
        all.map(|it| checked.sources.text(it.primary().unwrap()).to_owned()).collect::<Vec<_>>()
    };
    let every = ["application1-ns1", "application2-ns1", "application2-ns2", "application2-ns3"];
    assert_eq!(unmentioned(""), every);
    assert_eq!(unmentioned("application2.backend -> application2.data"), every[..2]);
    assert_eq!(unmentioned("application2.* -> application2.data"), every[..1]);

    let file =
        || sample().platform(EXEMPT).file("application1", "application1.* -> application1.*");
    expect(file(), &["EW0614"]);
    expect(file().write(&["application1"]), &[]);
    expect(file().settings(|it| it.deny = Deny::Applications(Vec::new())), &[]);
}

/// Lines that differ in their ports alone are looked up by port: compared each with each other one, these would
/// take minutes.
#[test]
fn thousands_of_lines_between_two_places() {
    let lines = |line: &dyn Fn(u32) -> String| (1..3000).map(line).collect::<String>();
    let start = std::time::Instant::now();
    let checked = project()
        .namespace("ns-x", "a", "x")
        .namespace("ns-y", "a", "y")
        .namespace("ns-z", "b", "z")
        .file(
            "a",
            &lines(&|n| {
                format!(
                    "a.x -> a.y : tcp/{}-{}\na.x ==> b.z : tcp/{n} because \"x\"\n",
                    n * 2,
                    n * 2 + 2
                )
            }),
        )
        .file("b", &lines(&|n| format!("b.z <== a.x : tcp/{} because \"x\"\n", n + 1)))
        .check();
    assert_eq!(
        found(&checked),
        ["EW0605 a.x ==> b.z : tcp/1 because \"x\"", "EW0605 b.z <== a.x : tcp/3000 because \"x\""]
    );
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}

#[test]
fn the_namespace_of_an_external_needs_another_half_only_where_the_default_deny_closes_it() {
    let said = |deny: Deny| {
        let project = sample()
            .file("application2", "application2.data ==> legacy : tcp/80 because \"x\"\n")
            .platform("exempt kube-system\nexternal legacy = namespace legacy\n")
            .settings(|settings| settings.deny = deny);
        project.check().codes().contains(&"EW0605")
    };
    assert!(said(Deny::All));
    assert!(!said(Deny::LandingZones) && !said(Deny::Applications(Vec::new())));
}

#[test]
fn an_offer_to_all_waits_for_nobody_while_nothing_closes_some_of_them() {
    let said = |deny: Deny, exempt: &str| {
        let text = format!(
            "exempt {exempt}\nexternal mon = namespace mon\nmon ==> *.* : tcp/443 because \"x\"\n"
        );
        let project = sample().file("application2", "").platform(&text);
        project.settings(|settings| settings.deny = deny).check().codes().contains(&"EW0605")
    };
    assert!(said(Deny::All, "kube-system") && said(Deny::LandingZones, "kube-system"));
    // application1 has no flow file.
    assert!(!said(Deny::Applications(Vec::new()), "kube-system"));
    assert!(said(Deny::Applications(vec!["application1".into()]), "kube-system"));
    assert!(!said(Deny::All, "kube-system, application1-ns1"));
}

#[test]
fn lines_take_a_crossing_together_only_if_they_take_every_pair_of_pods() {
    let of = |halves: &str| {
        let crossing = "application2.data[s in {'1', '2'}] ==> application1.api[r in {'1', '2'}] : tcp/80, tcp/81 because \"x\"\n";
        let project = sample().platform(EXEMPT).file("application1", halves);
        let checked = project.file("application2", crossing).check();
        let path = |it: &Diagnostic| checked.sources.path(it.primary().unwrap().file).to_owned();
        let mut partly = checked.diagnostics.iter().filter(|it| it.code.code == "EW0606");
        partly.any(|it| path(it).starts_with("application2/"))
    };
    let half = |receiver: &str, sender: &str, traffic: &str| {
        format!(
            "application1.api[{receiver}] <== application2.data[{sender}] : {traffic} because \"x\"\n"
        )
    };
    let both = "tcp/80, tcp/81";
    let crosswise = half("r == '1'", "s == '1'", both) + &half("r == '2'", "s == '2'", both);
    assert!(of(&crosswise), "1 to 2 and 2 to 1 are not taken");
    let rest = half("r == '1'", "s == '2'", both) + &half("r == '2'", "s == '1'", both);
    assert!(!of(&(crosswise + &rest)));
    // Each pair has one of the ports alone.
    let apart = half("r in {'1', '2'}", "s == '1'", "tcp/80")
        + &half("r in {'1', '2'}", "s == '2'", "tcp/81");
    assert!(of(&apart));
    let whole = half("r in {'1', '2'}", "s == '1'", both) + &half("has(r)", "s != '1'", both);
    assert!(!of(&whole));
}
