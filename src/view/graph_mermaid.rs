//! A graph as Mermaid: landing zones are subgraphs, crossings thick, what waits for its other half dotted.

use std::fmt::Write as _;

use super::mermaid::quoted;
use crate::graph::{Graph, GraphGroup, GraphNode, Mark};

/// Mermaid draws no more arrows than this.
const ARROWS: usize = 500;

/// The document. Of a graph with too many arrows, landing zones are folded.
pub fn mermaid(graph: &Graph) -> String {
    let folded = (graph.arrows.len() > ARROWS).then(|| graph.folded());
    let graph = folded.as_ref().unwrap_or(graph);
    let mut out = String::from("flowchart LR\n");
    for group in &graph.groups {
        let _ = writeln!(out, "  subgraph n{}[{}]", group.whole, quoted(&graph.title(group)));
        if let Some(node) = graph.nodes.get(group.whole).filter(|_| stands_in(graph, group)) {
            let _ = writeln!(out, "    w{}[{}]", group.whole, quoted(&node.shown(true)));
        }
        for id in &group.nodes {
            if let Some(node) = graph.nodes.get(*id) {
                let _ = writeln!(out, "    n{id}[{}]", quoted(&words(node)));
            }
        }
        out.push_str("  end\n");
    }
    for (id, node) in graph.nodes.iter().enumerate().filter(|(_, it)| it.group.is_none()) {
        let _ = writeln!(out, "  n{id}([{}])", quoted(&words(node)));
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
        let _ = writeln!(out, "  {from} {line}|{}| {to}", quoted(&label));
    }
    for mark in Mark::ALL {
        styles(&mut out, graph, mark);
    }
    if let Some(openness) = &graph.openness {
        let _ = writeln!(out, "  openness>{}]", quoted(openness));
    }
    if !graph.guardrails.is_empty() {
        let _ = writeln!(out, "  subgraph guardrails[{}]", quoted(graph.guardrails_title()));
        for (index, line) in graph.guardrails.iter().enumerate() {
            let _ = writeln!(out, "    g{index}>{}]", quoted(&line.full()));
        }
        out.push_str("  end\n");
    }
    out
}

/// The style of the arrows and boxes that bear a mark. The colours can be read on light and on dark pages.
fn styles(out: &mut String, graph: &Graph, mark: Mark) {
    let style = match mark {
        Mark::Added => "stroke:#2da44e,stroke-width:3px",
        Mark::Removed => "stroke:#e5534b,stroke-width:2px,stroke-dasharray:2 4",
        Mark::Changed => "stroke:#388bfd,stroke-width:3px,stroke-dasharray:10 3",
    };
    let arrows = graph.arrows.iter().enumerate().filter(|(_, it)| it.mark == Some(mark));
    let arrows: Vec<String> = arrows.map(|(index, _)| index.to_string()).collect();
    if !arrows.is_empty() {
        let _ = writeln!(out, "  linkStyle {} {style}", arrows.join(","));
    }
    for (id, _) in graph.nodes.iter().enumerate().filter(|(_, it)| it.mark == Some(mark)) {
        let _ = writeln!(out, "  style n{id} {style}");
    }
}

/// Whether a node in the subgraph has to stand for all of it: Mermaid draws no empty subgraph, and no arrow of one to
/// itself or to what is in it.
fn stands_in(graph: &Graph, group: &GraphGroup) -> bool {
    let within = |node: usize| node == group.whole || group.nodes.contains(&node);
    group.nodes.is_empty()
        || graph.arrows.iter().any(|it| {
            (it.from == group.whole || it.to == group.whole) && within(it.from) && within(it.to)
        })
}

fn words(node: &GraphNode) -> String {
    let name = node.shown(false);
    match &node.note {
        Some(more) => format!("{name}, {more}"),
        None => name,
    }
}
