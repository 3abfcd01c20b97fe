//! Graphs hold what the lines say: every arrow that passes is open read line by line, and what is open has an arrow.

use eastwest::graph::{Closed, Graph, GraphArrow, GraphPlace, Matrix, NodePlace};
use eastwest::program::{self, Endpoint, Program};
use eastwest::reach::{Direction, End, Example, Scenario};

use super::naive;
use super::support::project;
use super::world::{self, Dice};

const WORLDS: u64 = 150;
const CONNECTIONS: usize = 1000;

/// One connection, as each of its ends sees it.
struct Sample {
    out: Example,
    into: Example,
}

impl Sample {
    /// Between two ends that are declared: zones by a manifest, or places that some external names.
    fn new(program: &Program, dice: &mut Dice) -> Option<Self> {
        let example = world::example(dice, false);
        let flipped = Example {
            direction: match example.direction {
                Direction::Egress => Direction::Ingress,
                Direction::Ingress => Direction::Egress,
            },
            subject: example.peer.clone(),
            peer: example.subject.clone(),
            ..example.clone()
        };
        let (out, into) = match example.direction {
            Direction::Egress => (example, flipped),
            Direction::Ingress => (flipped, example),
        };
        let known = |end: &End| match end {
            End::Pod { namespace, of_namespace, .. } => {
                let declared = program.namespaces.iter().find(|(_, it)| it.name == *namespace);
                match declared {
                    Some((_, it)) => it.application.is_some(),
                    None => !of_namespace.contains_key("applicationcode"),
                }
            }
            End::Address(_) => true,
            End::Host { .. } | End::Held { .. } => false,
        };
        (known(&out.subject) && known(&out.peer)).then_some(Self { out, into })
    }

    /// Whether the sender's side and the receiver's side are open, read line by line.
    fn open(&self, program: &Program) -> [bool; 2] {
        [&self.out, &self.into].map(|it| naive::program(program, it, Scenario::Plain))
    }

    fn is_on(&self, program: &Program, graph: &Graph, arrow: &GraphArrow) -> bool {
        let place = |id: usize| &graph.nodes[id].place;
        arrow.traffic.has(&self.out.traffic)
            && is(program, place(arrow.from), &self.out.subject, &self.out)
            && is(program, place(arrow.to), &self.out.peer, &self.out)
    }
}

fn is(program: &Program, place: &GraphPlace, end: &End, example: &Example) -> bool {
    let place_of = |application, zones| program::Place::Zones { application, zones };
    let (inner, unzoned) = match place.node {
        NodePlace::Whole(id) => (place_of(Some(id), None), false),
        NodePlace::Zone(id, zone) => (place_of(Some(id), zone.map(|it| vec![it])), zone.is_none()),
        NodePlace::Everyone => (place_of(None, None), false),
        NodePlace::EveryZone(zone) => (place_of(None, Some(vec![zone])), false),
        NodePlace::External(id) => (program::Place::External(id), false),
    };
    let endpoint = Endpoint { place: inner, selector: place.pods.clone() };
    let zone = &*program.settings.labels.zone;
    let has_zone = matches!(end, End::Pod { of_namespace, .. } if of_namespace.contains_key(zone));
    naive::is(program, &endpoint, end, example) && !(unzoned && has_zone)
}

#[test]
fn arrows_say_what_the_lines_say() {
    let (mut passing, mut waiting, mut alone, mut hit, mut cells) = (0, 0, 0, 0, 0);
    for seed in 1..=WORLDS {
        let (program, world) = world::world(seed).program();
        let graph = Graph::new(&program).unwrap();
        let matrix = Matrix::new(&program, &graph).unwrap();
        let dice = &mut Dice::new(seed + 5000);
        let mut seen = vec![false; graph.arrows.len()];
        for _ in 0..CONNECTIONS {
            let Some(sample) = Sample::new(&program, dice) else { continue };
            let [out, into] = sample.open(&program);
            let say = || format!("world {seed}: {}\n{}\n{graph:#?}", sample.out, world.text());
            let mut drawn = false;
            for (index, arrow) in graph.arrows.iter().enumerate() {
                if !sample.is_on(&program, &graph, arrow) {
                    continue;
                }
                seen[index] = true;
                if arrow.waits.is_none() {
                    drawn = true;
                    assert!(out && into, "an arrow passes that is closed: {arrow:?}\n{}", say());
                    passing += 1;
                } else {
                    assert!(out || into, "an arrow waits for both sides: {arrow:?}\n{}", say());
                    // What is offered to all, some may have taken; and so may namespaces that nothing closes.
                    let plain = [arrow.from, arrow.to].iter().all(|id| {
                        let node = &graph.nodes[*id];
                        let everyone = matches!(
                            node.place.node,
                            NodePlace::Everyone | NodePlace::EveryZone(_)
                        );
                        !everyone && node.closed == Closed::All
                    });
                    assert!(!(plain && out && into), "nothing to wait for: {arrow:?}\n{}", say());
                    alone += usize::from(plain);
                    waiting += 1;
                }
            }
            let at = |end: &End| {
                let of = |id: &usize| is(&program, &graph.nodes[*id].place, end, &sample.out);
                let nodes = (0..graph.nodes.len()).filter(|id| {
                    let place = &graph.nodes[*id].place;
                    matches!(place.node, NodePlace::Zone(..) | NodePlace::External(_))
                        && place.pods.is_none()
                });
                nodes.filter(of).collect::<Vec<_>>()
            };
            let (from, to) = (at(&sample.out.subject), at(&sample.out.peer));
            let unclosed =
                |ids: &[usize]| ids.iter().any(|id| graph.nodes[*id].closed != Closed::All);
            let free = unclosed(&from) && unclosed(&to);
            if out && into && !from.is_empty() && !to.is_empty() {
                assert!(drawn || free, "an open connection has no arrow\n{}", say());
            }
            for from in &from {
                for to in &to {
                    let row = matrix.names.iter().position(|it| *it == graph.nodes[*from].name);
                    let column = matrix.names.iter().position(|it| *it == graph.nodes[*to].name);
                    let cell = &matrix.rows[row.unwrap()][column.unwrap()];
                    let traffic = &sample.out.traffic;
                    if cell.all.has(traffic) {
                        assert!(out && into, "the matrix has what is closed: {cell:?}\n{}", say());
                        cells += 1;
                    }
                    let zones = graph.nodes[*from].group.or(graph.nodes[*to].group).is_some();
                    if out && into && zones {
                        let any = cell.all.union(&cell.some).has(traffic);
                        assert!(any, "the matrix lacks what is open: {cell:?}\n{}", say());
                    }
                }
            }
        }
        hit += seen.iter().filter(|it| **it).count();
    }
    println!(
        "{passing} on arrows that pass, {waiting} on arrows that wait ({alone} for one place), {hit} arrows, {cells} cells"
    );
    assert!(passing > 300 && waiting > 300 && alone > 50 && hit > 100 && cells > 300);
}

/// The arrows of a graph, a line each.
fn told(graph: &Graph) -> Vec<String> {
    let told = graph.arrows.iter().map(|it| {
        let waits = it.waits.as_ref().map(|it| format!(", waits for {it}")).unwrap_or_default();
        let (from, to) = (graph.name(it.from), graph.name(it.to));
        format!(
            "{from} {} {to} : {}{waits}",
            if it.crossing { "==>" } else { "->" },
            graph.traffic(it)
        )
    });
    told.collect()
}

fn sample() -> Program {
    project()
        .namespace("a-1", "a", "web")
        .namespace("a-2", "a", "db")
        .namespace("b-1", "b", "web")
        .namespace("b-2", "b", "db")
        .namespace("c-1", "c", "web")
        .namespace("d-1", "d", "web")
        .platform(
            "exempt kube-system, d-1\nexternal dns = namespace kube-system\nexternal api = service default/kubernetes\n\
             *.* ==> dns : udp/53 because \"r\"\n*.web ==> api because \"r\"\nc.web <== *.web : tcp/7 because \"r\"\n",
        )
        .file(
            "a",
            "a.web -> a.db\na.web ==> b.* : tcp/1-9 because \"r\"\na.db ==> b.db : tcp/5 because \"r\"\n\
             a.web ==> c.web : tcp/7 because \"r\"\na.db ==> d.web : tcp/3 because \"r\"\n\
             a.web[x == 'y'] ==> b.web : udp/9 because \"r\"\n",
        )
        .file(
            "b",
            "b.db <== a.* : tcp/1-4 because \"r\"\nb.web <== a.web : tcp, udp because \"r\"\n\
             b.db <== c.web : tcp/6 because \"r\"\n",
        )
        .program()
}

#[test]
fn two_halves_make_an_arrow_and_one_waits() {
    let graph = Graph::new(&sample()).unwrap();
    let expected = [
        "a.db ==> b.db : tcp/1-4, waits for a",
        "a.db ==> b.db : tcp/5, waits for b",
        // The namespace of d.web is exempt: it needs no other half.
        "a.db ==> d.web : tcp/3",
        "a.web -> a.db : any",
        "a.web ==> b.db : tcp/1-4",
        "a.web ==> b.db : tcp/5-9, waits for b",
        "a.web ==> b.web : tcp/1-9",
        // What only some pods send is not waited for.
        "a.web ==> b.web : tcp/10-65535, udp/1-8, udp/10-65535, waits for a",
        "a.web ==> c.web : tcp/7",
        "a.web[x == \"y\"] ==> b.web : udp/9",
        "c.web ==> b.db : tcp/6, waits for c",
        "d.web ==> c.web : tcp/7",
        "*.* ==> dns : udp/53",
        "*.web ==> c.web : tcp/7, waits for each landing zone",
        "*.web ==> api : the service's ports",
    ];
    let told = told(&graph);
    let extra: Vec<_> = told.iter().filter(|it| !expected.contains(&&***it)).collect();
    println!("{}", told.join("\n"));
    let missing: Vec<_> = expected.iter().filter(|it| !told.contains(&(**it).to_owned())).collect();
    assert!(extra.is_empty() && missing.is_empty(), "extra {extra:#?}, missing {missing:#?}");
}

#[test]
fn one_landing_zone_is_drawn_with_all_that_it_talks_to() {
    let whole = Graph::new(&sample()).unwrap();
    let graph = whole.of("c").unwrap();
    assert_eq!(
        told(&graph),
        [
            "a.web ==> c.web : tcp/7",
            "c.web ==> b.db : tcp/6, waits for c",
            "d.web ==> c.web : tcp/7",
            "*.* ==> dns : udp/53",
            "*.web ==> c.web : tcp/7, waits for each landing zone",
            "*.web ==> api : the service's ports",
        ]
    );
    let names: Vec<_> = graph.nodes.iter().map(|it| &*it.name).collect();
    let expected = ["a.*", "a.web", "b.*", "b.db", "c.*", "c.web", "d.*", "d.web", "*.*", "*.web"];
    assert_eq!(names[..10], expected);
    // The matrix of a part has the same cells as that of the whole, between neighbours too.
    let matrix = Matrix::new(&sample(), &whole).unwrap().of(&graph);
    let at = |name: &str| matrix.names.iter().position(|it| it == name).unwrap();
    assert_eq!(matrix.rows[at("a.web")][at("b.db")].all.to_string(), "tcp/1-4");
    assert!(!matrix.names.contains(&"a.db".to_owned()));
    assert!(whole.of("every landing zone").is_none() && whole.of("e").is_none());
}

#[test]
fn what_nothing_closes_needs_no_line() {
    let program = project()
        .namespace("a-1", "a", "web")
        .namespace("a-2", "a", "db")
        .namespace("b-1", "b", "web")
        .namespace("c-1", "c", "web")
        .platform("exempt kube-system\n")
        .file("c", "c.web <== a.* : tcp/1 because \"r\"\nc.web <== b.web : tcp/2 because \"r\"\n")
        .settings(|settings| settings.deny = eastwest::program::Deny::Applications(Vec::new()))
        .program();
    let graph = Graph::new(&program).unwrap();
    assert_eq!(told(&graph), ["a.* ==> c.web : tcp/1", "b.web ==> c.web : tcp/2"]);
    let titles: Vec<_> = graph.groups.iter().map(|it| graph.title(it)).collect();
    assert_eq!(titles, ["a, nothing closes it", "b, nothing closes it", "c"]);
    let matrix = Matrix::new(&program, &graph).unwrap();
    let cells: Vec<String> = matrix.rows.iter().flatten().map(|it| it.all.to_string()).collect();
    assert_eq!(matrix.names, ["a.db", "a.web", "b.web", "c.web"]);
    assert_eq!(
        cells.join(" "),
        "any any any tcp/1 any any any tcp/1 any any any tcp/2 nothing nothing nothing nothing"
    );
}
