//! Whole files through [`parse`]: what is read, what is refused, and where.

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
app-1.x[app == 'a]' && b in {\"c\"}] ==> onprem:\ttcp/80-90, udp, icmp/8/0, protocol/47, web, tcp/http # why
  because \"it \\u{e4} \\\"must\\\"\"
  # a comment between

  until 2026-11-22 ticket CHG-1042
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
