//! A few kilobytes never cost minutes: what lines and policies ask is looked at in an order that keeps sets of connections
//! small, and where no order does, the work ends at a bound that depends on the input alone. Then nothing is told, proved or
//! written.

use std::fmt::Write as _;

use eastwest::compile::compile;
use eastwest::program::Program;
use eastwest::reach::Decisions;
use eastwest::selector::Selector;
use eastwest::verify::{self, Proof};

use crate::cli::{Project, Ran};
use crate::support::{Project as Text, project};
use crate::world::Dice;

/// A program of two zones of one application, with a line for each number below `count`.
fn program(platform: &str, count: usize, line: impl Fn(usize) -> String) -> Program {
    lines(project().platform(platform), count, line)
}

fn lines(project: Text, count: usize, line: impl Fn(usize) -> String) -> Program {
    let mut text = String::new();
    for index in 0..count {
        writeln!(text, "{}", line(index)).unwrap();
    }
    project.namespace("a-x", "a", "x").namespace("a-z", "a", "z").file("a", &text).program()
}

/// How many sets it takes to prove what is made of `program`.
fn sets(program: &Program) -> usize {
    let (documents, diagnostics) = compile(program, false);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let resources: Vec<_> = documents.into_iter().map(|it| it.resource).collect();
    let Proof { sets, .. } = verify::compare(program, &resources).unwrap();
    sets
}

/// Twice as many lines take little more than twice as many sets, and not the square of them.
fn grows_like_the_lines(what: &str, program: impl Fn(usize) -> Program) {
    let (few, many) = (sets(&program(30)), sets(&program(60)));
    assert!(many < 4 * few, "{what}: {few} sets for 30 lines, {many} for 60");
    assert!(many < 100_000, "{what}: {many}");
}

const PLATFORM: &str = "exempt kube-system\n";

#[test]
fn what_one_line_asks_lies_together() {
    let flow = |what: &str, line: fn(usize) -> String| {
        grows_like_the_lines(what, |count| program(PLATFORM, count, line));
    };
    flow("parts of two labels", |n| {
        format!("a.x[l contains 'q{n}' && n contains 's{n}'] -> a.z : tcp/{}", n + 1)
    });
    flow("parts of three labels, on both sides", |n| {
        format!(
            "a.x[l starts with 'q{n}-' && n ends with '-s{n}'] -> a.z[m contains 't{n}-'] : tcp/1"
        )
    });
    flow("what must not hold", |n| {
        format!("a.x[!(l contains 'q{n}-') && n not in {{'s{n}', 't{n}'}}] -> a.z : tcp/1")
    });
    flow("labels of their own", |n| {
        format!("a.x[has(l{n}) || has(n{n})] -> a.z[!has(m{n})] : tcp/1")
    });
    flow("labels that come up twice, far from each other", |n| {
        let (one, other) = (n % 15, n / 15);
        format!("a.x[has(l{one}) && has(m{one}{other})] -> a.z : tcp/{}", n + 1)
    });
    flow("names of ports", |n| format!("a.x[l{n} == 'x'] -> a.z : tcp/port-{n}"));
}

#[test]
fn so_does_what_guardrails_and_externals_ask() {
    grows_like_the_lines("guardrails", |count| {
        let mut platform = PLATFORM.to_owned();
        for n in 0..count {
            writeln!(
                platform,
                "forbid *.z[g{n} contains 'x{n}'] to *.x[h{n} == 'y'] except *.z[e{n} == 'z'] because \"r\""
            )
            .unwrap();
        }
        program(&platform, count, |n| format!("a.x[l{n} == 'y'] -> a.z : tcp/{}", n + 1))
    });
    grows_like_the_lines("namespaces outside", |count| {
        let mut platform = PLATFORM.to_owned();
        for n in 0..count {
            writeln!(platform, "external e{n} = namespace ops{n} [k{n} contains 'p{n}']").unwrap();
        }
        program(&platform, count, |n| format!("a.x[l{n} == 'x'] ==> e{n} : tcp/1 because \"r\""))
    });
    grows_like_the_lines("services", |count| {
        let mut platform = PLATFORM.to_owned();
        for n in 0..count {
            writeln!(platform, "external e{n} = service ops/s{n}").unwrap();
        }
        program(&platform, count, |n| format!("a.x[l{n} == 'x'] ==> e{n} because \"r\""))
    });
}

const NAMESPACES: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: shop-web, labels: {applicationcode: shop, zone: web}}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop-data, labels: {applicationcode: shop, zone: data}}
";

/// Global policies, one for each number below `count`, with the rest of their text.
fn policies(count: usize, spec: impl Fn(usize) -> String) -> String {
    let mut text = NAMESPACES.to_owned();
    for n in 0..count {
        write!(
            text,
            "---\napiVersion: projectcalico.org/v3\nkind: GlobalNetworkPolicy\nmetadata: {{name: p{n}}}\nspec:\n  order: {n}\n{}",
            spec(n)
        )
        .unwrap();
    }
    text
}

#[test]
fn policies_that_ask_for_labels_of_their_own_are_audited() {
    type Spec = fn(usize) -> String;
    let variants: [(&str, Spec); 4] = [
        ("pods", |n| {
            format!(
                "  selector: k{n} == 'x'\n  types: [Ingress]\n  ingress:\n  - {{action: Allow, protocol: TCP, source: {{selector: \"l{n} == 'a'\"}}, destination: {{ports: [{}]}}}}\n  - {{action: Deny, protocol: TCP, source: {{selector: \"m{} != 'b'\"}}}}\n",
                n + 1,
                n * 7 % 40
            )
        }),
        ("namespaces", |n| {
            format!(
                "  namespaceSelector: t{n} contains 'x{n}'\n  types: [Ingress]\n  ingress:\n  - {{action: Allow, source: {{namespaceSelector: \"u{n} == 'a'\", selector: \"l{n} != 'b'\"}}}}\n  - {{action: Deny, source: {{namespaceSelector: \"w{} != 'b'\"}}}}\n",
                n * 7 % 40
            )
        }),
        ("accounts and names of ports", |n| {
            format!(
                "  serviceAccountSelector: t{n} == 'x'\n  types: [Egress]\n  egress:\n  - {{action: Allow, protocol: TCP, destination: {{serviceAccounts: {{selector: \"u{n} starts with 'a'\"}}, ports: [port-{n}]}}}}\n  - {{action: Deny, protocol: TCP, destination: {{ports: [port-{}]}}}}\n",
                n * 7 % 40
            )
        }),
        ("ports of the sender", |n| {
            format!(
                "  selector: k{n} == 'x'\n  types: [Ingress]\n  ingress:\n  - {{action: Deny, protocol: TCP, source: {{selector: \"m{n} == 'b'\", ports: [{}]}}}}\n",
                n + 1
            )
        }),
    ];
    for (what, spec) in variants {
        let project = Project::new(&[("dump.yaml", &policies(40, spec))]);
        let ran = project.run("audit dump.yaml");
        assert!(ran.status < 2 && ran.out.contains("40 policies"), "{what}: {}", ran.err);
    }
}

/// What no order keeps small: every one of six labels meets every other, each time with other values.
fn tangled(dice: &mut Dice) -> String {
    let values: Vec<_> =
        (0..100).filter(|_| dice.one_in(3)).map(|value| format!("'v{value}'")).collect();
    format!("k{} in {{{}}}", dice.below(6), values.join(", "))
}

fn tangled_policies(count: usize) -> String {
    let mut dice = Dice::new(7);
    let specs: Vec<_> = (0..count)
        .map(|_| {
            let [a, b, c, d] = [(); 4].map(|()| tangled(&mut dice));
            format!(
                "  selector: \"{a} && {b}\"\n  types: [Ingress]\n  ingress:\n  - {{action: Deny, source: {{selector: \"!({c})\"}}}}\n  - {{action: Allow, source: {{selector: \"!({d})\"}}}}\n"
            )
        })
        .collect();
    policies(count, |n| specs[n].clone())
}

/// Nothing but the error is told.
fn given_up(ran: &Ran) {
    assert_eq!(ran.status, 2, "{}{}", ran.out, ran.err);
    assert!(ran.out.is_empty(), "{}", ran.out);
    assert!(ran.err.contains("combine in too many ways to be decided"), "{}", ran.err);
    assert!(ran.err.contains("the tests of the labels `k"), "{}", ran.err);
    assert!(ran.err.contains("give the pods one label"), "{}", ran.err);
}

#[test]
fn an_audit_that_would_not_end_is_given_up_and_tells_nothing() {
    let project = Project::new(&[("dump.yaml", &tangled_policies(20))]);
    let ran = project.run("audit dump.yaml");
    given_up(&ran);
    assert_eq!(project.run("audit dump.yaml").err, ran.err, "the same is given up in the same way");
}

#[test]
fn so_is_a_comparison_of_two_dumps() {
    let (old, new) = (tangled_policies(20), tangled_policies(21));
    let project = Project::new(&[("old.yaml", &old), ("new.yaml", &new)]);
    given_up(&project.run("diff old.yaml new.yaml"));
}

#[test]
fn so_is_an_import() {
    let project = Project::new(&[("dump.yaml", &tangled_policies(24))]);
    given_up(&project.run("import dump.yaml"));
}

#[test]
fn so_is_a_question_and_a_list_of_questions_gets_no_answer() {
    let project = Project::new(&[
        ("dump.yaml", &tangled_policies(24)),
        (
            "questions",
            "{\"from\": {\"namespace\": \"shop-web\"}, \"to\": {\"namespace\": \"shop-data\"}, \"protocol\": \"TCP\", \"port\": 1}\n",
        ),
    ]);
    given_up(&project.run("can --policies dump.yaml shop.web shop.data"));
    given_up(&project.run("can --policies dump.yaml --batch questions"));
}

#[test]
fn a_build_whose_proof_is_given_up_writes_nothing() {
    let mut dice = Dice::new(3);
    let mut flows = String::new();
    for _ in 0..24 {
        let [a, b, c, d] = [(); 4].map(|()| tangled(&mut dice));
        writeln!(
            flows,
            "application2.frontend[{a} && {b}] -> application2.backend[{c} && {d}] : tcp/1"
        )
        .unwrap();
    }
    let project = Project::sample();
    project.write("application2/network-policies/app.flow", &flows);
    let before = project.files();
    let ran = project.run("build");
    given_up(&ran);
    assert!(ran.err.contains("error[EW0906]"), "{}", ran.err);
    assert_eq!(project.files(), before, "nothing is written");
}

#[test]
fn selectors_that_cannot_be_compared_are_told_of_and_not_guessed_about() {
    let text = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    // The windows of one text: a value holds them all only where they overlap, and that is not tried.
    let windows = |from: usize| {
        let all =
            (from..from + 24).map(|at| format!("app contains '{}'", &text[at * 2..at * 2 + 3]));
        all.collect::<Vec<_>>().join(" && ")
    };
    let decisions = Decisions::default();
    let selector = Selector::parse(&windows(0)).unwrap();
    assert!(decisions.all_made().is_ok());
    decisions.satisfiable(&selector);
    let why = decisions.all_made().unwrap_err().to_string();
    assert_eq!(why, "the tests of the label `app` combine in too many ways to be decided");

    let project = Project::sample();
    let flow =
        format!("application2.frontend[{}] -> application2.backend : tcp/8443\n", windows(0));
    project.write("application2/network-policies/app.flow", &flow);
    for command in [
        "check",
        "build",
        "graph",
        "lock",
        "list crossings",
        "can application1.api application1.api",
    ] {
        let ran = project.run(command);
        assert_eq!(ran.status, 2, "{command}: {}{}", ran.out, ran.err);
        assert!(ran.err.contains("EW0906"), "{command}: {}", ran.err);
        assert!(ran.out.is_empty(), "{command}: {}", ran.out);
    }
}

#[test]
fn many_texts_in_one_selector_are_decided() {
    let either = |from: usize| {
        let all = (from..from + 30).map(|n| format!("app contains 'part-{n}-'"));
        all.collect::<Vec<_>>().join(" || ")
    };
    let decisions = Decisions::default();
    let selector = |text: &str| Selector::parse(text).unwrap();
    let (wide, narrow) = (selector(&either(0)), selector("app contains 'part-7-'"));
    let apart = selector("!has(app)");
    assert!(decisions.covers(&wide, &narrow) && !decisions.covers(&narrow, &wide));
    assert!(decisions.overlap(&wide, &narrow) && !decisions.overlap(&wide, &apart));
    // A value that is compared with is known in full.
    let named = selector("app == 'a-part-7-b'");
    assert!(decisions.covers(&wide, &named) && !decisions.overlap(&wide, &selector("app == 'b'")));
    assert!(decisions.all_made().is_ok());
}
