//! The picture written down: frames, rows, lines with their heads and labels, and the legend.

use std::fmt::Write as _;

use super::Layout;
use super::lanes::{LanePiece, MARGIN};
use super::net::{Net, NetKind, NetRow, NetWay};
use super::text::{cut, width};
use crate::graph::{Closed, Graph, GraphArrow, GraphLine, Mark};
use crate::view::xml::escape;

/// Colours for dark backgrounds; those for light ones stand at each element, for viewers that know no styles.
const STYLE: &str = "@media (prefers-color-scheme:dark){\
.bg{fill:#0d1117}.frame{fill:#161b22;stroke:#6e7681}.row{fill:#21262d;stroke:#8b949e}.out{fill:#0d1117;stroke:#8b949e}\
.t{fill:#e6edf3}.n{fill:#9da7b3}.i{stroke:#9da7b3}.ih{fill:#9da7b3}.c{stroke:#f0883e}.ch{fill:#f0883e}.cl{fill:#ffa657}\
.a{stroke:#3fb950}.ah,.al{fill:#3fb950}.r{stroke:#f85149}.rh,.rl{fill:#ff7b72}.d{stroke:#58a6ff}.dh,.dl{fill:#58a6ff}}\
.net:hover path{stroke-width:3.5}";

/// What dashed boxes mean.
const UNCLOSED: &str = "What nothing closes (dashed boxes) needs no line on its side: two such places talk freely, without an arrow.";

/// So many guardrails are listed; the rest is counted.
const GUARDRAILS: usize = 12;
/// So many lines are listed where the pointer rests; the rest is counted.
const LINES: usize = 20;

/// The document.
pub(super) fn document(graph: &Graph, layout: &Layout, pieces: &[LanePiece]) -> String {
    let mut out = String::new();
    for block in 0..layout.blocks.len() {
        frame(&mut out, graph, layout, block);
    }
    for (index, net) in layout.nets.iter().enumerate() {
        let pieces = pieces.iter().filter(|it| it.net == index);
        line(&mut out, graph, layout, (index, net), pieces);
    }
    for row in 0..layout.rows.len() {
        self::row(&mut out, graph, layout, row);
    }
    for (index, net) in layout.nets.iter().enumerate() {
        label(&mut out, graph, layout, (index, net));
    }
    let (mut width, mut height) = (layout.width, layout.height + MARGIN);
    let legend = legend(graph, height, &mut width, &mut height);
    let about = about(graph);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"img\" aria-labelledby=\"title about\" font-family=\"system-ui, 'Segoe UI', Helvetica, Arial, 'DejaVu Sans', sans-serif\" font-size=\"13\">\n\
         <title id=\"title\">Who may talk to whom</title>\n<desc id=\"about\">{}</desc>\n<style>{STYLE}</style>\n\
         <rect class=\"bg\" width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n{out}{legend}</svg>\n",
        escape(&about)
    )
}

/// What the picture shows, in words.
fn about(graph: &Graph) -> String {
    let groups = graph.groups.iter().filter(|it| graph.is_declared(it)).count();
    let externals = graph.nodes.iter().filter(|it| it.group.is_none()).count();
    let counted = |count, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
    let mut about =
        format!("{} and {}.", counted(groups, "landing zone"), counted(externals, "external"));
    if let Some(openness) = &graph.openness {
        let _ = write!(about, " {openness}.");
    }
    for arrow in graph.arrows.iter().take(LINES) {
        let (from, to) = (graph.name(arrow.from), graph.name(arrow.to));
        let waits = arrow.waits.as_ref().map(|it| format!(", waits for {it}")).unwrap_or_default();
        let _ = write!(about, " {from} to {to}: {}{waits}.", graph.traffic(arrow));
    }
    if graph.arrows.len() > LINES {
        let _ = write!(about, " And {} more.", graph.arrows.len() - LINES);
    }
    about
}

fn frame(out: &mut String, graph: &Graph, layout: &Layout, index: usize) {
    let Some(block) = layout.blocks.get(index) else { return };
    let (Some(group), Some((x, width))) =
        (block.group.and_then(|it| graph.groups.get(it)), layout.columns.get(block.column))
    else {
        return;
    };
    let dash = if graph.is_declared(group) { "" } else { " stroke-dasharray=\"2 3\"" };
    let _ = writeln!(
        out,
        "<rect class=\"frame\" x=\"{x}\" y=\"{}\" width=\"{width}\" height=\"{}\" rx=\"8\" fill=\"#f3f5f7\" stroke=\"#8c959f\"{dash}/>",
        block.top, block.height
    );
}

fn row(out: &mut String, graph: &Graph, layout: &Layout, index: usize) {
    let Some(row) = layout.rows.get(index) else { return };
    let (Some(block), Some(node)) = (layout.blocks.get(row.block), graph.nodes.get(row.node))
    else {
        return;
    };
    let (x, y) = (layout.left_of(index), block.top + row.top);
    let (width, height) = (layout.right_of(index) - x, row.height);
    let dash = match node.closed {
        Closed::Some | Closed::None if row.kind != NetKind::External => " stroke-dasharray=\"5 3\"",
        Closed::All | Closed::Some | Closed::None => "",
    };
    // All of a landing zone is its frame, and needs a box only where lines within the frame meet it.
    let inside =
        |net: &Net| net.way == NetWay::Inside && (net.to == index || net.from.contains(&index));
    let shape = match row.kind {
        NetKind::External => Some("class=\"out\" rx=\"14\" fill=\"#ffffff\""),
        NetKind::Zone => Some("class=\"row\" rx=\"4\" fill=\"#ffffff\""),
        NetKind::Pods => Some("class=\"row\" rx=\"10\" fill=\"#ffffff\""),
        NetKind::Whole => {
            layout.nets.iter().any(inside).then_some("class=\"row\" rx=\"4\" fill=\"none\"")
        }
    };
    let full = match &node.note {
        Some(more) => format!("{}, {more}", node.shown(true)),
        None => node.shown(true),
    };
    let _ = writeln!(out, "<g><title>{}</title>", escape(&full));
    if let Some(shape) = shape {
        let _ = writeln!(
            out,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" {shape} stroke=\"#57606a\"{dash}/>"
        );
    }
    let inset = if row.kind == NetKind::Whole && shape.is_none() { 0 } else { 12 };
    texts(out, row, (x + inset, y));
    out.push_str("</g>\n");
}

fn texts(out: &mut String, row: &NetRow, (x, y): (i32, i32)) {
    let lines = i32::try_from(row.notes.len()).unwrap_or_default();
    let mut y = y + (row.height - 16 * (lines + 1)) / 2 + 12;
    let weight = match row.kind {
        NetKind::Whole => " font-weight=\"700\" font-size=\"14\"",
        NetKind::Zone | NetKind::External => " font-weight=\"600\"",
        NetKind::Pods => " font-size=\"11\"",
    };
    let _ = writeln!(
        out,
        "<text class=\"t\" x=\"{x}\" y=\"{y}\" fill=\"#1f2328\"{weight}>{}</text>",
        escape(&row.title)
    );
    for note in &row.notes {
        y += 16;
        let _ = writeln!(
            out,
            "<text class=\"n\" x=\"{x}\" y=\"{y}\" fill=\"#57606a\" font-size=\"11\">{}</text>",
            escape(note)
        );
    }
}

/// How lines are drawn. What is marked is told apart by more than its colour: by dashes, and the sign in its label.
#[derive(Clone, Copy)]
struct Look {
    /// Of its classes, for its line, its head and its label, the first letter.
    class: char,
    colour: &'static str,
    /// The colour and the class of its label.
    label: (&'static str, &'static str),
    crossing: bool,
    dash: &'static str,
}

impl Look {
    fn new(graph: &Graph, (crossing, waits, mark): (bool, bool, Option<Mark>)) -> Self {
        let dash = if waits { " stroke-dasharray=\"6 4\"" } else { "" };
        let (class, colour, label) = match mark {
            Some(Mark::Added) => ('a', "#1a7f37", ("#1a7f37", "al")),
            Some(Mark::Removed) => ('r', "#cf222e", ("#cf222e", "rl")),
            Some(Mark::Changed) => ('d', "#0969da", ("#0969da", "dl")),
            // Beside marks, what stays as it is steps back.
            None if crossing && !graph.is_marked() => ('c', "#bc4c00", ("#953800", "cl")),
            None => ('i', "#57606a", ("#57606a", "n")),
        };
        let dash = match mark {
            Some(Mark::Removed) => " stroke-dasharray=\"2 4\"",
            Some(Mark::Changed) if !waits => " stroke-dasharray=\"14 3 3 3\"",
            None | Some(Mark::Added | Mark::Changed) => dash,
        };
        Self { class, colour, label, crossing, dash }
    }

    /// The attributes of its line.
    fn stroke(&self) -> String {
        let Self { class, colour, dash, .. } = self;
        let width = if self.crossing { "2.2" } else { "1.4" };
        format!("class=\"{class}\" stroke=\"{colour}\" stroke-width=\"{width}\"{dash}")
    }
}

fn line<'a>(
    out: &mut String,
    graph: &Graph,
    layout: &Layout,
    (index, net): (usize, &Net),
    pieces: impl Iterator<Item = &'a LanePiece>,
) {
    let look = Look::new(graph, (net.crossing, net.waits, net.mark));
    let _ = writeln!(out, "<g class=\"net\"><title>{}</title>", escape(&caption(graph, net)));
    let (mut path, mut dots) = (String::new(), String::new());
    for piece in pieces {
        join(&mut path, &mut dots, piece);
    }
    let _ = writeln!(out, "<path d=\"{}\" fill=\"none\" {}/>", path.trim_end(), look.stroke());
    let y = layout.end_of(index);
    let (x, back) = match net.way {
        NetWay::Onward => (layout.edges_of(net.to).0, -8),
        NetWay::Inside => (layout.right_of(net.to), 8),
        NetWay::Back => (layout.edges_of(net.to).1, 8),
    };
    head(out, (x, y), back, look);
    if !dots.is_empty() {
        let Look { class, colour, .. } = look;
        let dots = dots.trim_end();
        let _ = writeln!(out, "<path class=\"{class}h\" d=\"{dots}\" fill=\"{colour}\"/>");
    }
    out.push_str("</g>\n");
}

/// The head of an arrow: filled where it crosses, open inside.
fn head(out: &mut String, (x, y): (i32, i32), back: i32, look: Look) {
    let Look { class, colour, crossing, .. } = look;
    let (x1, up, down) = (x + back, y - 4, y + 4);
    let _ = if crossing {
        writeln!(
            out,
            "<path class=\"{class}h\" d=\"M{x} {y}L{x1} {}L{x1} {}Z\" fill=\"{colour}\"/>",
            up - 1,
            down + 1
        )
    } else {
        writeln!(
            out,
            "<path class=\"{class}\" d=\"M{x1} {up}L{x} {y}L{x1} {down}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.4\"/>"
        )
    };
}

/// The lines that join at a lane. The upper and the lower end turn into it in a curve, those between meet it in a dot:
/// where lines cross without one, they have nothing to do with each other.
fn join(path: &mut String, dots: &mut String, piece: &LanePiece) {
    let lane = piece.x;
    let top = piece.ends.iter().map(|(_, y)| *y).min().unwrap_or_default();
    let low = piece.ends.iter().map(|(_, y)| *y).max().unwrap_or_default();
    let bend = 5.min((low - top) / 2);
    for (x, y) in &piece.ends {
        let turn = if *y == top {
            bend
        } else if *y == low {
            -bend
        } else {
            0
        };
        let before = lane + if *x < lane { -bend } else { bend };
        if turn == 0 {
            let _ = write!(path, "M{x} {y}H{lane} ");
            let _ = write!(dots, "M{} {y}a3 3 0 1 0 6 0a3 3 0 1 0 -6 0 ", lane - 3);
        } else {
            let _ = write!(path, "M{x} {y}H{before}Q{lane} {y} {lane} {} ", y + turn);
        }
    }
    if low - top > 2 * bend {
        let _ = write!(path, "M{lane} {}V{} ", top + bend, low - bend);
    }
}

fn label(out: &mut String, graph: &Graph, layout: &Layout, (index, net): (usize, &Net)) {
    let y = layout.end_of(index) - 4;
    // Where the head is at the frame, the label keeps off it.
    let framed = layout.rows.get(net.to);
    let framed = framed.is_some_and(|it| matches!(it.kind, NetKind::Zone | NetKind::Pods));
    let (x, anchor) = match net.way {
        NetWay::Onward => {
            let x = layout.columns.get(layout.column(net.to)).map_or(0, |it| it.0);
            (if framed { x - 6 } else { x - 11 }, " text-anchor=\"end\"")
        }
        NetWay::Inside => (layout.right_of(net.to) + 11, ""),
        NetWay::Back => {
            let right = layout.columns.get(layout.column(net.to)).map_or(0, |it| it.0 + it.1);
            (if framed { right + 6 } else { right + 11 }, "")
        }
    };
    let (fill, class) = Look::new(graph, (net.crossing, net.waits, net.mark)).label;
    let _ = writeln!(
        out,
        "<text class=\"{class}\" x=\"{x}\" y=\"{y}\" fill=\"{fill}\" font-size=\"11\"{anchor}>{}</text>",
        escape(&net.label)
    );
}

/// What a net is made of: its arrows, and the lines that say so.
fn caption(graph: &Graph, net: &Net) -> String {
    let mut lines: Vec<String> = Vec::new();
    for arrow in net.arrows.iter().filter_map(|it| graph.arrows.get(*it)) {
        let (from, to) = (graph.name(arrow.from), graph.name(arrow.to));
        let waits = arrow.waits.as_ref().map(|it| format!(", waits for {it}")).unwrap_or_default();
        lines.push(format!("{from} to {to}: {}{waits}", graph.traffic(arrow)));
        lines.extend(graph.lines_of(arrow).map(GraphLine::full));
    }
    let hidden = lines.len().saturating_sub(LINES);
    lines.truncate(LINES);
    if hidden > 0 {
        lines.push(format!("and {hidden} more"));
    }
    lines.iter().map(|it| cut(it, 160)).collect::<Vec<_>>().join(" · ")
}

/// What the lines mean, as far as there are such, and the guardrails.
fn legend(graph: &Graph, top: i32, width: &mut i32, height: &mut i32) -> String {
    let mut out = String::new();
    let kinds = [
        (false, false, None, "inside a landing zone"),
        (true, false, None, "crosses a boundary"),
        (true, true, None, "half open: waits for the line of the other side"),
        (true, false, Some(Mark::Added), "+ added"),
        (true, false, Some(Mark::Removed), "− removed"),
        (true, false, Some(Mark::Changed), "± changed"),
    ];
    let mut x = MARGIN;
    let y = top + 8;
    for (crossing, waits, mark, text) in kinds {
        let is = |it: &&GraphArrow| {
            it.mark == mark
                && (mark.is_some() || (it.crossing == crossing && it.waits.is_some() == waits))
        };
        if !graph.arrows.iter().any(|it| is(&it)) {
            continue;
        }
        let look = Look::new(graph, (crossing, waits, mark));
        let _ = writeln!(out, "<path d=\"M{x} {y}H{}\" fill=\"none\" {}/>", x + 32, look.stroke());
        head(&mut out, (x + 36, y), -8, look);
        note(&mut out, (x + 44, y + 4), text);
        x += 44 + self::width(text, true) + 24;
        *width = (*width).max(x);
    }
    let mut y = y;
    let unclosed = graph.nodes.iter().any(|it| it.group.is_some() && it.closed != Closed::All);
    let unclosed = unclosed.then_some(UNCLOSED);
    for text in graph.openness.as_deref().into_iter().chain(unclosed) {
        y += 22;
        note(&mut out, (MARGIN, y), text);
        *width = (*width).max(MARGIN * 2 + self::width(text, true));
    }
    let listed = graph.guardrails.iter().take(GUARDRAILS).map(|it| cut(&it.full(), 120));
    let more = graph.guardrails.len().saturating_sub(GUARDRAILS);
    let more = (more > 0).then(|| format!("and {more} more"));
    for (index, text) in listed.chain(more).enumerate() {
        if index == 0 {
            y += 28;
            let _ = writeln!(
                out,
                "<text class=\"t\" x=\"{MARGIN}\" y=\"{y}\" fill=\"#1f2328\" font-weight=\"600\">{}</text>",
                graph.guardrails_title().replacen('g', "G", 1)
            );
        }
        y += 18;
        note(&mut out, (MARGIN, y), &text);
        *width = (*width).max(MARGIN * 2 + self::width(&text, true));
    }
    *height = y + MARGIN;
    out
}

fn note(out: &mut String, (x, y): (i32, i32), text: &str) {
    let _ = writeln!(
        out,
        "<text class=\"n\" x=\"{x}\" y=\"{y}\" fill=\"#57606a\" font-size=\"11\">{}</text>",
        escape(text)
    );
}
