//! Whole files through [`parse`]: what is read, what is refused, and where.

use std::fmt::Write;

use super::*;
use crate::diagnostic::Diagnostic;

fn read(text: &str) -> (tree::Tree, Vec<Diagnostic>) {
    let mut sources = Sources::new();
    let file = sources.add("a.flow", text);
    parse(&sources, file)
}

fn messages(text: &str) -> Vec<String> {
    read(text).1.into_iter().map(|diagnostic| diagnostic.message).collect()
}

#[test]
fn reads_every_statement() {
    let text = "\u{feff}# all\r
application2.frontend -> application2.backend : tcp/8443
a.b->c.d
a.{x, y} <-> a.\"z.1\" : any
app-1.x[app == 'a]' && b in {\"c\"}] ==> onprem:\ttcp/80-90, udp, icmp/8/0, protocol/47, web, tcp/http
  because \"it \\u{e4} \\\"must\\\"\"
  until 2026-11-22 ticket CHG-1042 # why
  # a comment, and no part of it

*.* <== *.data : any because \"x\"
external onprem = 10.0.0.0/8, fd00::/8
  except 10.1.0.0/16
external istio = namespace istio-system[app == 'istiod']
external api = service default/kubernetes
port web = tcp/80, tcp/443
port.x -> port.log : log
because.x -> because.x
exempt kube-system, default
log denied
forbid *.frontend to *.data : tcp except a.x[b == 'c'], c.d because \"three tiers\" ticket \"a b\"
forbid to to to
";
    let (tree, diagnostics) = read(text);
    let messages: Vec<_> =
        diagnostics.iter().map(|d| (&d.message, d.primary().unwrap().start)).collect();
    assert!(diagnostics.is_empty(), "{messages:?}");
    assert_eq!(tree.statements.len(), 15);
    assert!(tree.unread.is_empty());
}

#[test]
fn keeps_no_good_beginning_of_a_bad_line() {
    let (tree, diagnostics) = read("a.b -> c.d : tcp/443 udp/53\na.b -> a.c");
    assert_eq!(tree.statements.len(), 1);
    assert_eq!(diagnostics.len(), 1);
    assert!(messages("a.b -> => c.d").len() == 1);
}

/// What the messages say, one mistake after another: input, then code, place, message, labels, help, fix.
#[test]
fn mistakes_are_answered_by_what_to_write() {
    let mut shown = String::new();
    for text in include_str!("mistakes/examples.txt").split("\n---\n") {
        let text =
            text.trim_end_matches('\n').replace("<NBSP>", "\u{a0}").replace("<RLO>", "\u{202e}");
        let mut sources = Sources::new();
        let file = sources.add("a.flow", text.as_str());
        let (tree, diagnostics) = parse(&sources, file);
        for line in text.lines() {
            writeln!(shown, "| {}", crate::diagnostic::visible::visible(line)).unwrap();
        }
        assert!(!diagnostics.is_empty(), "nothing said about {text}");
        let _ = tree;
        for diagnostic in diagnostics {
            let at = sources.position(diagnostic.primary().unwrap());
            writeln!(
                shown,
                "{} {}:{} {}",
                diagnostic.code.code, at.line, at.column, diagnostic.message
            )
            .unwrap();
            for label in &diagnostic.labels {
                let text = crate::diagnostic::visible::visible_lines(sources.text(label.span));
                writeln!(shown, "    ^ {text}  {}", label.text).unwrap();
            }
            for help in &diagnostic.help {
                writeln!(shown, "    help: {}", help.replace('\n', "\n          ")).unwrap();
            }
            if let Some(fix) = &diagnostic.fix {
                let edit = &fix.edits[0];
                let mut fixed = text.clone();
                fixed.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
                let mut sources = Sources::new();
                let file = sources.add("a.flow", fixed.as_str());
                let left = parse(&sources, file).1.len();
                writeln!(shown, "    fix: {} → {left} left: {fixed}", fix.title).unwrap();
            }
        }
        shown.push('\n');
    }
    insta::with_settings!({
        snapshot_path => "../../snapshots", prepend_module_to_snapshot => false, omit_expression => true
    }, { insta::assert_snapshot!("syntax__mistakes", shown) });
}

#[test]
fn each_page_shows_its_own_mistake() {
    for rule in crate::diagnostic::codes::syntax::RULES {
        let block = |heading: &str| {
            let after = rule.page.split_once(heading).unwrap().1;
            after.split("```").nth(1).unwrap().strip_prefix("flow\n").unwrap()
        };
        let (_, wrong) = read(block("## Wrong"));
        let codes: Vec<_> = wrong.iter().map(|one| one.code.code).collect();
        assert_eq!(codes, [rule.code]);
        assert_eq!(messages(block("## Right")), Vec::<String>::new(), "{}", rule.code);
    }
}

#[test]
fn a_line_goes_on_only_where_the_language_says() {
    for (text, statements, errors) in [
        ("a.x ->\n a.y :\n tcp/1,\n tcp/2 # c\n# c", 1, 0),
        ("a.x -> # c\n a.y", 0, 1),
        ("a.x -> a.y :\n\n# c\n tcp/1, # c\n tcp/2\nlog denied", 1, 1),
        ("a.x -> a.y : tcp/1 # c\n because \"x\"\nlog denied", 1, 1),
        ("a.x -> a.y : tcp/1\n\n because \"x\"\nlog denied", 1, 1),
        ("a.x -> a.y : tcp/1\n # c\n because \"x\"\nlog denied", 1, 1),
        (
            "exempt a,\n# c\n b\nport web = tcp/1,\n\n tcp/2\nexternal x = 10.0.0.0/8,# c\n10.0.0.0/9",
            0,
            3,
        ),
        ("a.{\n x\n ,y\n} -> a.y", 1, 0),
        ("a.{\n x # c\n} -> a.y", 0, 1),
        ("a.x[app == 'x'\n\n] -> a.y", 0, 1),
        ("a.x ==>\n b.y : any because \"x\"\nlog denied", 1, 1),
        ("a.x ==> b.y\n: any", 1, 1),
        ("a.{x,\n y} <== b.y : any", 0, 1),
        ("a.x <== b.y[app\n== 'x'] : any", 0, 1),
        ("a.x[app\n== 'x'] ==> b.y : any", 0, 1),
        ("a.x ==> b.y :\n any\n because \"x\"", 1, 0),
        ("forbid a.x ==>\n b.y", 0, 1),
        ("forbid a.{x,\n y} to b.y", 0, 1),
        ("forbid a.x to b.y[a\n== 'b']", 0, 1),
        ("forbid a.x to b.y : tcp/1,\n tcp/2\n except a.x[a\n== 'b'],\n a.y\n because \"x\"", 1, 0),
        ("a.x ==>\n\nb.x -> b.y\nb.x ->\n# c\nlog denied", 2, 2),
        ("a.x -> a.y\n\nbecause -> a.x", 0, 1),
        ("a.{x\n, y\n}-> a.y\na.x -> a.y", 2, 0),
        ("a.x[app\n== 'x'\r\n] -> a.y", 1, 0),
        ("external a =\n 10.0.0.0/8,\n 10.0.0.0/9\n except 10.0.0.0/10", 1, 0),
        ("a.x -> a.y\n because \"x\"\nbecause.x -> because.x\nuntil.x -> until.y\n", 3, 0),
        ("a.x -> a.y\n\n # c\n\n ticket\n X-1\n", 0, 2),
        ("a.x\n-> a.y", 0, 2),
        ("a.x -> a.y : tcp/1\nb.{x -> b.y\nc.x -> c.y\n", 2, 1),
        ("because -> a.x", 1, 0),
        ("port.x -> port.y : port\nexempt.x -> log.y\n\"log\" <== a.x : any because \"x\"", 3, 0),
        ("log -> a.x\nport -> a.x\nexempt -> a.x", 0, 3),
        ("a.x->a.y:tcp/1\na.x<->a.y\na.x==>b.y:any because\"x\"\na.x<==*.*:any", 4, 0),
        (
            "x.a ==> ::1 : tcp/1 because \"x\"\nx.a ==> 1.2.3.4/8:tcp/1\nexternal v6=fd00::/8,::/0",
            3,
            0,
        ),
        ("10.20 -> 10.cafe : tcp/1-2", 1, 0),
        ("a.x[b -> c\nd.{y, z}[e] -> d.z\n", 1, 1),
        ("# only a comment", 0, 0),
        ("", 0, 0),
        ("a.x -> a.y until 2027-02-29", 0, 1),
        ("a.x -> a.y until 2028-02-29", 1, 0),
        ("a.x -> a.y\ra.x -> a.y", 0, 1),
        ("a.x -> a.y : tcp/1 because \"\u{feff}\" # \u{200b}", 0, 2),
    ] {
        let (tree, diagnostics) = read(text);
        let found: Vec<_> = diagnostics.iter().map(|one| &one.message).collect();
        assert_eq!(
            (tree.statements.len(), found.len()),
            (statements, errors),
            "{text:?}\n{found:?}"
        );
    }
}

#[test]
fn what_could_not_be_read_is_known_by_name() {
    let (tree, _) = read(
        "external onprem = 10.0.0.0\nport web = x\nexempt a b\na.x\nexternl lan = 10.0.0.0/8\n\
         exmpt kube-system\ndc = 10.0.0.0/8\nport ssh tcp/22\nport.x -> \n",
    );
    let names: Vec<_> = tree
        .unread
        .iter()
        .map(|one| (one.exempt, one.declares.as_ref().map(|n| &*n.value)))
        .collect();
    let wanted = [
        (false, Some("onprem")),
        (false, Some("web")),
        (true, None),
        (false, None),
        (false, Some("lan")),
        (true, None),
        (false, Some("dc")),
        (false, Some("ssh")),
        (false, None),
    ];
    assert_eq!(names, wanted);
}
