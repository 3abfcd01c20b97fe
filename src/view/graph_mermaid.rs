//! A graph as Mermaid: landing zones are subgraphs, crossings thick, what waits for its other half dotted.

use std::fmt::Write as _;

use crate::diagnostic::visible::visible;
use crate::graph::{Graph, Group, Node};

/// Mermaid draws no more arrows than this.
const ARROWS: usize = 500;

/// The document. Of a graph with too many arrows, landing zones are folded.
pub fn mermaid(graph: &Graph) -> String {
    let folded = (graph.arrows.len() > ARROWS).then(|| graph.folded());
    let graph = folded.as_ref().unwrap_or(graph);
    let mut out = String::from("flowchart LR\n");
    for group in &graph.groups {
        let _ = writeln!(out, "  subgraph n{}[{}]", group.whole, text(&graph.title(group)));
        if let Some(node) = graph.nodes.get(group.whole).filter(|_| stands_in(graph, group)) {
            let _ = writeln!(out, "    w{}[{}]", group.whole, text(&node.name));
        }
        for id in &group.nodes {
            if let Some(node) = graph.nodes.get(*id) {
                let _ = writeln!(out, "    n{id}[{}]", text(&words(node)));
            }
        }
        out.push_str("  end\n");
    }
    for (id, node) in graph.nodes.iter().enumerate().filter(|(_, it)| it.group.is_none()) {
        let _ = writeln!(out, "  n{id}([{}])", text(&words(node)));
    }
    for arrow in &graph.arrows {
        let mut label = graph.traffic(arrow);
        if arrow.count > 1 {
            let _ = write!(label, " ×{}", arrow.count);
        }
        if let Some(waits) = &arrow.waits {
            let _ = write!(label, ", waits for {waits}");
        }
        let line = match (&arrow.waits, arrow.crossing) {
            (Some(_), _) => "-.->",
            (None, true) => "==>",
            (None, false) => "-->",
        };
        let [from, to] = [arrow.from, arrow.to].map(|id| {
            let whole = graph.groups.iter().find(|it| it.whole == id);
            let inside = whole.is_some_and(|it| stands_in(graph, it));
            format!("{}{id}", if inside { 'w' } else { 'n' })
        });
        let _ = writeln!(out, "  {from} {line}|{}| {to}", text(&label));
    }
    if !graph.guardrails.is_empty() {
        out.push_str("  subgraph guardrails[\"guardrails: hold against every line\"]\n");
        for (index, line) in graph.guardrails.iter().enumerate() {
            let _ = writeln!(out, "    g{index}>{}]", text(&line.full()));
        }
        out.push_str("  end\n");
    }
    out
}

/// Whether a node in the subgraph has to stand for all of it: Mermaid draws no empty subgraph, and no arrow of one to
/// itself or to what is in it.
fn stands_in(graph: &Graph, group: &Group) -> bool {
    let within = |node: usize| node == group.whole || group.nodes.contains(&node);
    group.nodes.is_empty()
        || graph.arrows.iter().any(|it| {
            (it.from == group.whole || it.to == group.whole) && within(it.from) && within(it.to)
        })
}

fn words(node: &Node) -> String {
    let name = if node.place.pods.is_some() { &node.name } else { &node.short };
    match &node.note {
        Some(more) => format!("{name}, {more}"),
        None => name.clone(),
    }
}

/// Text in quotes. What Mermaid, Markdown or HTML could take for anything else is written by its number.
fn text(text: &str) -> String {
    let mut out = String::from("\"");
    for c in visible(text).chars() {
        let plain = c.is_alphanumeric() || " ./,:=()[]*'!".contains(c) || c == '-';
        if plain {
            out.push(c);
        } else {
            let _ = write!(out, "#{};", u32::from(c));
        }
    }
    out.push('"');
    out
}
