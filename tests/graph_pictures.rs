//! Pictures of graphs: nothing of a project's text leaves its place, lines keep out of boxes and labels off each other,
//! and the picture in the README is today's.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use eastwest::graph::{Graph, Matrix};
use eastwest::program::Program;
use eastwest::view::{graph_csv, graph_dot, graph_mermaid, graph_svg};
use roxmltree::{Document, Node};

use super::cli::Project;
use super::support::project;
use super::world::{self, Dice};

/// A rectangle, by its edges.
#[derive(Clone, Copy, Debug)]
struct Area {
    left: f64,
    top: f64,
    right: f64,
    low: f64,
}

impl Area {
    fn of(rect: Node<'_, '_>) -> Self {
        let [left, top, width, height] = ["x", "y", "width", "height"].map(|it| number(rect, it));
        Self { left, top, right: left + width, low: top + height }
    }

    fn meets(&self, other: &Self) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.low
            && other.top < self.low
    }
}

fn number(node: Node<'_, '_>, attribute: &str) -> f64 {
    node.attribute(attribute).map_or(0.0, |it| it.parse().unwrap())
}

fn of_class<'a, 'd>(
    document: &'a Document<'d>,
    class: &'a str,
) -> impl Iterator<Item = Node<'a, 'd>> {
    document.descendants().filter(move |it| it.attribute("class") == Some(class))
}

/// The straight parts of a path of ours: `M`, `H`, `V`, and `Q`, whose curve is taken for its two legs.
fn parts(path: &str) -> Vec<(&'static str, Area)> {
    let spaced: String = path
        .chars()
        .flat_map(|c| if c.is_ascii_alphabetic() { vec![' ', c, ' '] } else { vec![c] })
        .collect();
    let mut words = spaced.split_whitespace();
    let (mut x, mut y) = (0.0, 0.0);
    let mut found = Vec::new();
    while let Some(command) = words.next() {
        let mut next = || words.next().unwrap().parse::<f64>().unwrap();
        let (command, to) = match command {
            "M" => {
                (x, y) = (next(), next());
                continue;
            }
            "H" => ("H", (next(), y)),
            "V" => ("V", (x, next())),
            "Q" => {
                let _ = (next(), next());
                ("Q", (next(), next()))
            }
            other => panic!("{other} in {path}"),
        };
        let (across, along) = if command == "H" { (0.0, 0.5) } else { (0.5, 0.0) };
        found.push((
            command,
            Area {
                left: to.0.min(x) - across,
                top: to.1.min(y) - along,
                right: to.0.max(x) + across,
                low: to.1.max(y) + along,
            },
        ));
        (x, y) = to;
    }
    found
}

/// Whether both parts are upright, or both are not.
fn is_parallel(one: &Area, other: &Area) -> bool {
    let upright = |it: &Area| it.low - it.top > 1.5;
    upright(one) == upright(other)
}

/// Holds a picture to what every picture keeps; says how many lines and labels there were.
pub(crate) fn hold(svg: &str) -> (usize, usize) {
    let document = Document::parse(svg).unwrap_or_else(|error| panic!("{error}\n{svg}"));
    let allowed: BTreeSet<&str> =
        ["svg", "title", "desc", "style", "rect", "g", "text", "path"].into();
    for node in document.descendants().filter(Node::is_element) {
        assert!(allowed.contains(node.tag_name().name()), "{}", node.tag_name().name());
        let active = |it: &str| it.starts_with("on") || it == "href" || it == "style";
        assert!(!node.attributes().any(|it| active(it.name())), "{node:?}");
    }
    let root = document.root_element();
    assert_eq!(root.attribute("role"), Some("img"));
    let page =
        Area { left: 0.0, top: 0.0, right: number(root, "width"), low: number(root, "height") };
    let boxes: Vec<Area> =
        of_class(&document, "row").chain(of_class(&document, "out")).map(Area::of).collect();
    let inner = |it: &Area| Area {
        left: it.left + 1.0,
        top: it.top + 1.0,
        right: it.right - 1.0,
        low: it.low - 1.0,
    };
    for (index, one) in boxes.iter().enumerate() {
        assert!(
            one.left >= 0.0 && one.top >= 0.0 && one.right <= page.right && one.low <= page.low
        );
        assert!(
            boxes[..index].iter().all(|other| !one.meets(other)),
            "two boxes lie on each other\n{svg}"
        );
    }
    let frames: Vec<(Area, &str)> = of_class(&document, "frame")
        .map(|it| {
            let area = Area::of(it);
            let title = of_class(&document, "t").find(|it| {
                let at = (number(*it, "x"), number(*it, "y"));
                it.attribute("font-weight") == Some("700")
                    && at.0 > area.left
                    && at.0 < area.right
                    && at.1 > area.top
                    && at.1 < area.low
            });
            (area, title.unwrap().text().unwrap())
        })
        .collect();
    let (mut lines, mut labels) = (0, Vec::new());
    let mut straight: Vec<(usize, Area)> = Vec::new();
    for (index, net) in of_class(&document, "net").enumerate() {
        let told = net.first_element_child().unwrap().text().unwrap();
        let path = net.children().find(|it| it.tag_name().name() == "path").unwrap();
        for (command, part) in parts(path.attribute("d").unwrap()) {
            lines += 1;
            // Lines of two nets lie on each other only where they leave the same box.
            let on = straight.iter().find(|(other, it)| {
                let leaves = |edge: f64| {
                    [it, &part]
                        .iter()
                        .all(|it| (it.left - edge).abs() < 1.0 || (it.right - edge).abs() < 1.0)
                };
                let same = leaves(part.left) || leaves(part.right);
                let shared = part.low - part.top < 1.5 && same;
                command != "Q"
                    && *other != index
                    && part.meets(it)
                    && is_parallel(&part, it)
                    && !shared
            });
            assert!(on.is_none(), "{part:?} lies on {on:?}: {told}\n{svg}");
            if command != "Q" {
                straight.push((index, part));
            }
            let through = boxes.iter().find(|it| part.meets(&inner(it)));
            assert!(
                through.is_none(),
                "a line runs through a box: {part:?} {through:?} {told}\n{svg}"
            );
            for (frame, name) in &frames {
                let name = name.trim_start_matches(['+', '−', '±', ' ']);
                let joins = told.replace('"', "").contains(&format!("{name}."))
                    || told.contains(&format!("{name} without"))
                    || name == "every landing zone" && told.contains("*.");
                assert!(joins || !part.meets(&inner(frame)), "{told} runs through {name}\n{svg}");
            }
        }
    }
    let crosses = ["cl", "al", "rl", "dl"];
    for label in crosses.iter().chain(&["n"]).flat_map(|it| of_class(&document, it)) {
        let (x, y) = (number(label, "x"), number(label, "y"));
        let width = f64::from(u32::try_from(label.text().unwrap().chars().count()).unwrap()) * 5.5;
        let left = if label.attribute("text-anchor").is_some() { x - width } else { x };
        labels.push((Area { left, top: y - 8.0, right: left + width, low: y }, label));
    }
    for (index, (area, label)) in labels.iter().enumerate() {
        let other = labels[..index].iter().find(|(other, _)| area.meets(other));
        assert!(other.is_none(), "{label:?} lies on {other:?}\n{svg}");
        if label.attribute("class") == Some("cl") {
            let on = boxes.iter().find(|it| area.meets(it));
            assert!(on.is_none(), "{label:?} {area:?} lies on a box {on:?}\n{svg}");
        }
    }
    (lines, labels.len())
}

/// A project of this many landing zones with lines by chance.
fn landscape(applications: usize, seed: u64) -> Program {
    let dice = &mut Dice::new(seed);
    let zones = ["web", "api", "core", "data"];
    let mut project = project();
    let mut platform = "exempt kube-system\nexternal dns = namespace kube-system\n\
        external onprem = 10.0.0.0/8\nexternal metrics = namespace monitoring\n\
        *.* ==> dns : udp/53 because \"names\"\nmetrics ==> *.* : tcp/9090 because \"metrics\"\n\
        *.* <== metrics : tcp/9090 because \"metrics\"\nforbid *.web to *.data\n"
        .to_owned();
    let mut lines: BTreeSet<(usize, String)> = BTreeSet::new();
    for a in 0..applications {
        for zone in zones {
            project = project.namespace(&format!("a{a}-{zone}"), &format!("a{a}"), zone);
        }
        lines.insert((a, format!("a{a}.web -> a{a}.api : tcp/8443")));
        for _ in 0..dice.below(4) {
            let (b, port) = (dice.below(applications), dice.of(&["443", "8443"]));
            let (from, to) = (dice.of(&["web", "api", "core", "*"]), dice.of(&["api", "core"]));
            if a == b {
                lines.insert((a, format!("a{a}.api -> a{a}.{to} : tcp/{port}")));
                continue;
            }
            lines.insert((a, format!("a{a}.{from} ==> a{b}.{to} : tcp/{port} because \"r\"")));
            if !dice.one_in(4) {
                lines.insert((b, format!("a{b}.{to} <== a{a}.{from} : tcp/{port} because \"r\"")));
            }
        }
        match dice.below(8) {
            0 => drop(lines.insert((a, format!("a{a}.core ==> onprem : tcp/1521 because \"r\"")))),
            1 => drop(lines.insert((a, format!("a{a}.web <== onprem : tcp/443 because \"r\"")))),
            2 => platform.extend([
                "a",
                &a.to_string(),
                ".api <== *.* : tcp/8000 because \"shared\"\n",
            ]),
            _ => {}
        }
    }
    project = project.platform(&platform);
    for a in 0..applications {
        let own = lines.iter().filter(|it| it.0 == a).map(|it| format!("{}\n", it.1));
        project = project.file(&format!("a{a}"), &own.collect::<String>());
    }
    project.program()
}

#[test]
fn lines_keep_out_of_boxes_and_labels_off_each_other() {
    let (mut lines, mut labels) = (0, 0);
    let mut add = |graph: &Graph| {
        let svg = graph_svg::svg(graph);
        assert_eq!(svg, graph_svg::svg(graph));
        let held = hold(&svg);
        lines += held.0;
        labels += held.1;
    };
    for seed in 1..=40 {
        let (program, _) = world::world(seed).program();
        add(&Graph::new(&program).unwrap());
    }
    for (applications, seed) in
        [(2, 1), (5, 2), (9, 3), (15, 4), (20, 5), (22, 6), (40, 7), (60, 8)]
    {
        let graph = Graph::new(&landscape(applications, seed)).unwrap();
        add(&graph);
        add(&graph.of("a1").unwrap());
    }
    println!("{lines} lines, {labels} labels");
    assert!(lines > 2000 && labels > 500);
}

#[test]
fn a_graph_too_large_is_folded_and_loses_no_arrow_between_landing_zones() {
    let graph = Graph::new(&landscape(60, 8)).unwrap();
    let folded = graph.folded();
    assert!(graph.zones() == 240 && folded.zones() == 0);
    let crossing = graph.arrows.iter().filter(|it| it.crossing).count();
    assert_eq!(folded.arrows.iter().map(|it| it.count).sum::<usize>(), crossing);
    let svg = graph_svg::svg(&graph);
    assert!(svg.contains(">4 zones, "), "{svg}");
}

const HOSTILE: &str = r#"</title></text><script>alert(1)</script>]]> "quoted" \" ];n0 [x] %% --> end #quot; &lt; {{x}} `y` | ' \u{1f600}\n=1+1"#;

/// A program whose free texts try to leave their place.
fn hostile() -> Program {
    let reason = HOSTILE
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace("\\\\u{1f600}\\\\n", "\\u{1f600}\\n");
    let pods = "app == 'x' || !has(a/b)";
    project()
        .namespace("a-1", "my.app", "end")
        .namespace("b-1", "b", "graph")
        .namespace("c-1", "subgraph", "click")
        .platform(&format!("exempt kube-system\nexternal out = 10.0.0.0/8\nforbid b.* to out because \"{reason}\"\n"))
        .file(
            "my.app",
            &format!(
                "\"my.app\".end[{pods}] ==> b.graph : tcp/80 because \"{reason}\"\n\"my.app\".end -> \"my.app\".end : tcp/http\n"
            ),
        )
        .file("b", &format!("b.graph <== \"my.app\".end : tcp/80 because \"{reason}\"\n"))
        .program()
}

#[test]
fn no_text_of_a_project_leaves_its_place() {
    let program = hostile();
    let graph = Graph::new(&program).unwrap();
    let svg = graph_svg::svg(&graph);
    hold(&svg);
    assert!(svg.contains("&lt;/title&gt;&lt;/text&gt;&lt;script&gt;") && svg.contains("]]&gt;"));
    // Without what stands in quotes, only what Mermaid and Graphviz were meant to read is left.
    let mermaid = graph_mermaid::mermaid(&graph);
    let text: Vec<&str> = mermaid.split('"').collect();
    assert!(text.len() % 2 == 1, "{mermaid}");
    for (index, part) in text.iter().enumerate() {
        if index % 2 == 1 {
            let plain = |c: char| c.is_alphanumeric() || " ./,:=()[]*'!-#;".contains(c);
            assert!(part.chars().all(plain), "{part}");
        } else {
            let ours = |c: char| c.is_ascii_alphanumeric() || " \n[](){}|<>=-.".contains(c);
            assert!(part.chars().all(ours) && !part.contains("script"), "{part}");
        }
    }
    let dot = graph_dot::dot(&graph).replace("\\\\", "").replace("\\\"", "");
    let text: Vec<&str> = dot.split('"').collect();
    assert!(text.len() % 2 == 1, "{dot}");
    assert!(text.iter().step_by(2).all(|part| !part.contains("alert")), "{dot}");
    let csv = graph_csv::csv(&Matrix::new(&program, &graph).unwrap());
    let widths: BTreeSet<usize> = csv.lines().map(|line| line.split(',').count()).collect();
    assert_eq!(widths.len(), 1, "{csv}");
}

#[test]
fn the_picture_of_the_shared_cluster_is_todays() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let example = Project::new(&[]);
    let run = |format: &str| {
        let project = root.join("examples/shared-cluster");
        let ran = example
            .run(&format!("graph --as-of 2026-11-22 --format {format} {}", project.display()));
        assert_eq!(ran.status, 0, "{}", ran.err);
        ran.out
    };
    let path = root.join("examples/shared-cluster/graph.svg");
    let svg = run("svg");
    if std::env::var_os("INSTA_UPDATE").is_some_and(|it| it == "always") {
        fs::write(&path, &svg).unwrap();
    }
    assert_eq!(
        svg,
        fs::read_to_string(path).unwrap(),
        "write it anew: eastwest graph --format svg"
    );
    hold(&svg);
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    assert!(readme.contains(&format!("```mermaid\n{}```", run("mermaid"))), "{}", run("mermaid"));
}

#[test]
fn the_command_draws_and_says_what_it_cannot() {
    let project = Project::sample();
    let ran = project.run("graph --format csv");
    assert_eq!((ran.status, &*ran.err), (0, ""));
    assert!(ran.out.starts_with("from \\ to,application1.api,"), "{}", ran.out);
    let ran = project.run("graph --of application3");
    assert_eq!(ran.status, 2);
    assert_eq!(
        ran.err,
        "error: there is no landing zone `application3` in this project\n   help: did you mean  --of application1 ?\n"
    );
    project.write("application1/network-policies/app.flow", "application1.api -> nowhere\n");
    let ran = project.run("graph");
    assert_eq!((ran.status, &*ran.out), (1, ""));
    assert!(ran.err.contains("found     1 error"), "{}", ran.err);
    let ran = project.run("graph --owner application2");
    assert_eq!((ran.status, &*ran.out), (1, ""));
    assert!(ran.err.starts_with("error: the files of other owners have 1 error\n"), "{}", ran.err);
}
