//! A graph for Graphviz: landing zones are clusters, crossings bold, what waits for its other half dashed.

use std::fmt::Write as _;

use crate::diagnostic::visible::visible;
use crate::graph::{Graph, GraphLine, Mark};

/// The document.
pub fn dot(graph: &Graph) -> String {
    let mut out = String::from(
        "digraph flows {\n  rankdir=LR; newrank=true; fontname=\"sans-serif\";\n  \
         node [shape=box, fontname=\"sans-serif\"]; edge [fontname=\"sans-serif\", fontsize=10];\n",
    );
    for (index, group) in graph.groups.iter().enumerate() {
        let style = if graph.is_declared(group) { "rounded" } else { "dotted" };
        let _ = writeln!(out, "  subgraph cluster_{index} {{");
        let _ = writeln!(out, "    label={}; style={style};", text(&graph.title(group)));
        // Graphviz joins nodes only, so one of them stands for all of the landing zone.
        let used = graph.arrows.iter().any(|it| it.from == group.whole || it.to == group.whole);
        if used || group.nodes.is_empty() {
            node(&mut out, graph, group.whole, ", shape=plaintext");
        }
        for id in &group.nodes {
            node(&mut out, graph, *id, "");
        }
        out.push_str("  }\n");
    }
    for (id, _) in graph.nodes.iter().enumerate().filter(|(_, it)| it.group.is_none()) {
        node(&mut out, graph, id, ", style=rounded");
    }
    for arrow in &graph.arrows {
        let waits = arrow.waits.as_ref().map(|it| format!(", waits for {it}")).unwrap_or_default();
        let label = format!("{}{waits}", graph.traffic(arrow));
        let style = match (arrow.mark, &arrow.waits, arrow.crossing) {
            (Some(mark), ..) => marked(mark),
            (None, Some(_), _) => "style=dashed, color=\"#bc4c00\"",
            (None, None, true) => "style=bold, color=\"#bc4c00\"",
            (None, None, false) => "arrowhead=vee",
        };
        let lines: Vec<String> = graph.lines_of(arrow).map(GraphLine::full).collect();
        let _ = writeln!(
            out,
            "  n{} -> n{} [label={}, {style}, tooltip={}];",
            arrow.from,
            arrow.to,
            text(&label),
            text(&lines.join(" · "))
        );
    }
    if let Some(openness) = &graph.openness {
        let _ = writeln!(out, "  openness [shape=note, label={}];", text(openness));
    }
    if !graph.guardrails.is_empty() {
        let title = text(graph.guardrails_title());
        let _ = writeln!(out, "  subgraph cluster_guardrails {{\n    label={title}; style=dotted;");
        for (index, line) in graph.guardrails.iter().enumerate() {
            let _ = writeln!(out, "    g{index} [shape=note, label={}];", text(&line.full()));
        }
        out.push_str("  }\n");
    }
    out.push_str("}\n");
    out
}

fn node(out: &mut String, graph: &Graph, id: usize, style: &str) {
    let Some(node) = graph.nodes.get(id) else { return };
    let whole = graph.groups.iter().any(|it| it.whole == id);
    let name = node.shown(whole);
    let colour = node.mark.map(|it| format!(", {}", colours(it))).unwrap_or_default();
    // What is said of all of a landing zone, its frame says.
    let more =
        node.note.as_ref().filter(|_| !whole).map(|it| format!(", {it}")).unwrap_or_default();
    let _ = writeln!(out, "    n{id} [label={}{style}{colour}];", text(&format!("{name}{more}")));
}

/// How an arrow with a mark is drawn.
fn marked(mark: Mark) -> &'static str {
    match mark {
        Mark::Added => "style=bold, color=\"#1a7f37\", fontcolor=\"#1a7f37\"",
        Mark::Removed => "style=dotted, penwidth=2, color=\"#cf222e\", fontcolor=\"#cf222e\"",
        Mark::Changed => "style=\"bold,dashed\", color=\"#0969da\", fontcolor=\"#0969da\"",
    }
}

/// The colours of a box with a mark.
fn colours(mark: Mark) -> &'static str {
    match mark {
        Mark::Added => "color=\"#1a7f37\", fontcolor=\"#1a7f37\"",
        Mark::Removed => "color=\"#cf222e\", fontcolor=\"#cf222e\"",
        Mark::Changed => "color=\"#0969da\", fontcolor=\"#0969da\"",
    }
}

/// Text in quotes. A backslash begins an escape there, and `&` the name of a character.
fn text(text: &str) -> String {
    let text = visible(text).replace('\\', "\\\\").replace('"', "\\\"").replace('&', "&amp;");
    format!("\"{text}\"")
}
