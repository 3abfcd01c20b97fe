//! A project as another program loads it: from memory alone, and from a folder with texts that are not saved yet.

use std::path::Path;

use eastwest::project::folder::Folder;
use eastwest::project::load::{ProjectPlace, load_from};
use jiff::civil::date;

use super::cli::Project;

const CONFIG: &str =
    "zones = [\"zones/*.yaml\"]\nplatform = []\nflows = [\"{application}/*.flow\"]\n";
const ZONES: &str = "{apiVersion: v1, kind: Namespace, metadata: {name: shop-1, labels: {applicationcode: shop, zone: web}}}\n";

fn texts(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

fn place(root: &Path) -> ProjectPlace {
    ProjectPlace { root: root.to_path_buf(), config: "eastwest.toml".to_owned() }
}

#[test]
fn a_project_in_memory_is_loaded_checked_and_compiled() {
    let folder = Folder::in_memory(texts(&[
        ("eastwest.toml", CONFIG),
        ("zones/shop.yaml", ZONES),
        ("shop/shop.flow", "shop.web -> shop.web : tcp/8443\n"),
        ("shop/notes.txt", "no pattern finds this"),
    ]));
    let checked =
        load_from(&place(Path::new("")), folder).unwrap().check(date(2026, 11, 22), false);
    assert!(checked.diagnostics.is_empty(), "{:#?}", checked.diagnostics);
    // What was read and parsed is still there.
    let parsed = checked.parsed.unwrap();
    assert_eq!(parsed.files[0].1.statements.len(), 1);
    assert_eq!(parsed.zones.namespaces.len(), 1);
    let sources = &checked.project.sources;
    assert!(sources.iter().any(|(id, _)| sources.path(id) == "shop/shop.flow"));
    let built = eastwest::build(&checked.program.unwrap(), false).unwrap();
    assert!(built.files[0].1.contains("name: eastwest-flows"), "{}", built.files[0].1);
}

#[test]
fn mistakes_in_memory_are_told_at_their_place() {
    let folder = Folder::in_memory(texts(&[
        ("eastwest.toml", CONFIG),
        ("zones/shop.yaml", ZONES),
        ("shop/shop.flow", "shop.web -> shop.wbe : tcp/8443\n"),
    ]));
    let checked =
        load_from(&place(Path::new("")), folder).unwrap().check(date(2026, 11, 22), false);
    let [found] = checked.diagnostics.as_slice() else { panic!("{:#?}", checked.diagnostics) };
    let span = found.primary().unwrap();
    assert_eq!(checked.project.sources.text(span), "wbe");
}

#[test]
fn unsaved_texts_lie_over_a_folder() {
    let project = Project::new(&[
        ("eastwest.toml", CONFIG),
        ("zones/shop.yaml", ZONES),
        ("shop/shop.flow", "shop.web -> shop.web : tcp/8443\n"),
        ("shop/kept.flow", "shop.web -> shop.web : tcp/9090\n"),
    ]);
    let flows = |unsaved: &[(&str, &str)]| {
        let folder = Folder::from(project.path()).with(texts(unsaved));
        let checked =
            load_from(&place(project.path()), folder).unwrap().check(date(2026, 11, 22), false);
        let program = checked.program.unwrap();
        program.flows.iter().map(|it| it.line.to_string()).collect::<Vec<_>>()
    };
    let saved = ["shop.web -> shop.web : tcp/9090", "shop.web -> shop.web : tcp/8443"];
    assert_eq!(flows(&[]), saved);
    let changed = [("shop/shop.flow", "shop.web -> shop.web : udp/53\n")];
    assert_eq!(flows(&changed), [saved[0], "shop.web -> shop.web : udp/53"]);
    // A file, and a folder with one, that the disk does not have.
    let more = [("shop/new.flow", "shop.web -> shop.web : tcp/1\n"), ("zones/more.yaml", "")];
    assert_eq!(flows(&more).len(), 3);
    // The configuration itself.
    let other = [(
        "eastwest.toml",
        "zones = [\"zones/*.yaml\"]\nplatform = []\nflows = { shop = [\"shop/kept.flow\"] }\n",
    )];
    assert_eq!(flows(&other), [saved[0]]);
}
