//! Graphs of two times: marked is exactly what one of them draws and the other does not, in every format, and a
//! revision is read through git.

use std::collections::BTreeMap;

use eastwest::graph::{Graph, Mark};
use eastwest::program::Program;
use eastwest::view::graph_svg;

use super::cli::Project;
use super::graph_pictures::hold;
use super::world::{self, Dice};

/// The arrows of a graph by the names at their ends and for whom they wait.
type Arrows = BTreeMap<(String, String, String), String>;

fn arrows<'a>(graph: &'a Graph, marks: &'a [Option<Mark>]) -> Arrows {
    let arrows = graph.arrows.iter().filter(|it| marks.contains(&it.mark));
    let ends = arrows.map(|it| {
        let key = (
            graph.name(it.from).to_owned(),
            graph.name(it.to).to_owned(),
            format!("{:?}", it.waits.as_ref().map(|it| it.side)),
        );
        (key, it.traffic.to_string())
    });
    ends.collect()
}

fn compared(new: &Program, old: &Program) -> (Graph, Graph, Graph) {
    let (now, before) = (Graph::new(new).unwrap(), Graph::new(old).unwrap());
    let since = now.since(new, &before, old);
    (now, before, since)
}

#[test]
fn marked_is_exactly_what_only_one_of_the_graphs_draws() {
    let mut seen = [0; 4];
    let mut folds = Vec::new();
    for seed in 1..=120 {
        let dice = &mut Dice::new(seed + 900);
        let (old, world) = world::world(seed).program();
        let (new, _) = if seed % 3 == 0 {
            world::world(seed + 1000).program()
        } else {
            world.changed(dice).program()
        };
        let (now, before, since) = compared(&new, &old);
        let [now, before] = [&now, &before].map(|it| arrows(it, &[None]));
        let [added, removed, changed, same] =
            [Some(Mark::Added), Some(Mark::Removed), Some(Mark::Changed), None]
                .map(|it| arrows(&since, &[it]));
        for (key, traffic) in &now {
            let told = match before.get(key) {
                None => &added,
                Some(it) if it == traffic => &same,
                Some(_) => &changed,
            };
            assert_eq!(told.get(key), Some(traffic), "seed {seed}: {key:?}");
        }
        for (key, traffic) in before.iter().filter(|(key, _)| !now.contains_key(key)) {
            assert_eq!(removed.get(key), Some(traffic), "seed {seed}: {key:?}");
        }
        let union = now.keys().chain(before.keys()).collect::<std::collections::BTreeSet<_>>();
        assert_eq!(since.arrows.len(), union.len(), "seed {seed}");
        for it in since.arrows.iter().filter(|it| it.mark == Some(Mark::Changed)) {
            let key = (
                since.name(it.from).to_owned(),
                since.name(it.to).to_owned(),
                format!("{:?}", it.waits.as_ref().map(|it| it.side)),
            );
            assert_eq!(before.get(&key), Some(&it.before.to_string()), "seed {seed}: {key:?}");
        }
        for (count, all) in seen.iter_mut().zip([&added, &removed, &changed, &same]) {
            *count += all.len();
        }
        // Nodes are whole: each in its group, and every group where it begins.
        for (index, group) in since.groups.iter().enumerate() {
            for id in group.nodes.iter().chain([&group.whole]) {
                assert_eq!(since.nodes[*id].group, Some(index), "seed {seed}");
            }
        }
        hold(&graph_svg::svg(&since));
        let folded = since.folded();
        hold(&graph_svg::svg(&folded));
        folds.push(marks_kept(&since, &folded));
        let (.., itself) = compared(&new, &new);
        assert!(!itself.is_marked(), "seed {seed}: a graph differs from itself");
        let (.., back) = compared(&old, &new);
        assert_eq!(arrows(&back, &[Some(Mark::Added)]), removed, "seed {seed}");
        assert_eq!(arrows(&back, &[Some(Mark::Removed)]), added, "seed {seed}");
    }
    assert!(seen.iter().all(|it| *it > 25), "{seen:?}");
    let inside = folds.iter().filter(|it| **it).count();
    assert!(inside > 25, "{inside}");
}

/// That whatever is marked in a graph is marked in the folded one. Whether anything is marked inside a landing zone.
fn marks_kept(graph: &Graph, folded: &Graph) -> bool {
    let count = |graph: &Graph| {
        let crossing = graph.arrows.iter().filter(|it| it.crossing && it.mark.is_some());
        crossing.map(|it| it.count).sum::<usize>()
    };
    assert_eq!(count(graph), count(folded));
    let mut any = false;
    for (group, shown) in graph.groups.iter().zip(&folded.groups) {
        let marked_zone = |id: &usize| graph.nodes[*id].mark.is_some();
        let zones = group.nodes.iter().filter(|it| marked_zone(it)).count();
        let of_group = |id: usize| graph.nodes[id].group.map(|it| graph.groups[it].whole);
        let arrows = graph.arrows.iter().filter(|it| !it.crossing && it.mark.is_some());
        let arrows = arrows.filter(|it| of_group(it.from) == Some(group.whole)).count();
        let (whole, node) = (&graph.nodes[group.whole], &folded.nodes[shown.whole]);
        let inside = zones + arrows;
        let said = node.note.clone().unwrap_or_default();
        let word = if inside == 1 { "change" } else { "changes" };
        let told = said.contains(&format!("{inside} {word} inside"));
        assert_eq!(told, inside > 0, "{said}");
        let wanted = whole.mark.or((inside > 0).then_some(Mark::Changed));
        assert_eq!(node.mark, wanted, "{}", node.shown(false));
        any |= inside > 0;
    }
    any
}

const CONFIG: &str = "zones = [\"zones.yaml\"]
platform = [\"platform/*.flow\"]
flows = [\"{application}/*.flow\"]
";

fn zones(names: &[(&str, &str)]) -> String {
    let one = |(application, zone): &(&str, &str)| {
        format!(
            "---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: {application}-{zone}\n  labels: {{applicationcode: {application}, zone: {zone}}}\n"
        )
    };
    names.iter().map(one).collect()
}

/// A shop that has changed since its last commit.
fn changed() -> Project {
    let project = Project::new(&[
        ("eastwest.toml", CONFIG),
        ("zones.yaml", &zones(&[("pay", "api"), ("old", "web"), ("shop", "web"), ("shop", "db")])),
        (
            "platform/x.flow",
            "exempt kube-system\nexternal partner = 192.0.2.0/24\nexternal dns = namespace kube-system\n\
             *.* ==> dns : udp/53 because \"names\"\n",
        ),
        (
            "shop/x.flow",
            "shop.web -> shop.db : tcp/5432\nshop.web ==> pay.api : tcp/443 because \"orders\"\n\
             shop.web <== partner : tcp/443 because \"orders\"\n",
        ),
        ("pay/x.flow", "pay.api <== shop.web : tcp/443 because \"orders\"\n"),
        ("old/x.flow", "old.web ==> partner : tcp/80 because \"once\"\n"),
    ]);
    project.commit();
    std::fs::remove_file(project.path().join("old/x.flow")).unwrap();
    project.write(
        "zones.yaml",
        &zones(&[("pay", "api"), ("shop", "web"), ("shop", "db"), ("shop", "jobs")]),
    );
    project.write(
        "platform/x.flow",
        "exempt kube-system\nexternal partner = 192.0.2.0/25\nexternal dns = namespace kube-system\n\
         *.* ==> dns : udp/53 because \"names\"\nforbid *.* ==> partner : tcp/25 because \"no mail\"\n",
    );
    project.write(
        "shop/x.flow",
        "shop.web -> shop.db : tcp/5433\nshop.web ==> pay.api : tcp/443 because \"orders\"\n\
         shop.jobs ==> pay.api : tcp/8443 because \"bills\"\n",
    );
    project
}

#[test]
fn every_format_marks_what_has_changed_since_a_revision() {
    let project = changed();
    let run = |options: &str| {
        let ran = project.run(&format!("graph --changed-since main {options}"));
        assert_eq!((ran.status, &*ran.err), (0, ""), "{options}");
        ran.out
    };
    snapshot!("graph-since-mermaid", run("--format mermaid"));
    snapshot!("graph-since-dot", run("--format dot"));
    snapshot!("graph-since-csv", run("--format csv").replace('\r', ""));
    let svg = run("--format svg");
    hold(&svg);
    for text in
        ["+ added", "− removed", "± changed", "± tcp/5433, before: tcp/5432", "+ jobs", "− old"]
    {
        assert!(svg.contains(&format!(">{text}<")), "{text}\n{svg}");
    }
    // What nothing is drawn at any more is there nevertheless, and another one.
    assert!(svg.contains(">192.0.2.0/25, before: 192.0.2.0/24<") && svg.contains(">± partner<"));
    let part = run("--of pay");
    assert!(part.contains("shop") && !part.contains("5432"), "{part}");
    // A landing zone that is gone can still be looked at.
    assert!(run("--of old").contains("#8722; old"));
    assert_eq!(project.run("graph --changed-since git:HEAD").out, run("--format mermaid"));
    project.commit();
    assert_eq!(run("--format mermaid"), project.run("graph").out);
}

#[test]
fn a_revision_that_cannot_be_drawn_is_told() {
    let project = changed();
    let run = |revision: &str| {
        let ran = project.run(&format!("graph --changed-since {revision}"));
        assert_eq!((ran.status, &*ran.out), (2, ""), "{}", ran.err);
        ran.err
    };
    assert!(run("nowhere").starts_with("error: git knows no revision `nowhere` here\n"));
    let good = std::fs::read_to_string(project.path().join("shop/x.flow")).unwrap();
    project.write("shop/x.flow", "shop.web -> nowhere\n");
    project.commit();
    project.write("shop/x.flow", &good);
    let told = run("main");
    assert!(told.contains("shop/x.flow:1:13"), "{told}");
    assert!(
        told.contains(
            "error: the project in `main` has errors, so nothing can be compared with it\n"
        ),
        "{told}"
    );
    // The project itself comes first.
    project.write("shop/x.flow", "shop.web -> elsewhere\n");
    let ran = project.run("graph --changed-since main");
    assert_eq!((ran.status, ran.err.contains("`main`")), (1, false), "{}", ran.err);
}
