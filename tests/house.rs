//! Holds the source to the table of docs/design.md: who may use whom, which file knows which library,
//! and the small rules that every file keeps.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Which file alone may name a library.
const LIBRARIES: &[(&str, &[&str])] = &[
    ("chumsky", &["src/syntax/"]),
    ("ariadne", &["src/diagnostic/text.rs"]),
    ("granit_parser", &["src/yaml/read.rs"]),
    ("serde_yaml", &["src/yaml/read_back.rs"]),
    ("clap", &["src/cli/", "src/cli.rs"]),
    ("std::fs", &["src/cli/", "src/cli.rs", "src/project/"]),
    ("std::env", &["src/cli/", "src/cli.rs", "src/project/git/"]),
    ("std::process", &["src/project/git/", "src/project/folder/tests.rs", "src/main.rs"]),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        let entries: Vec<PathBuf> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        for path in entries {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/");
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    assert!(found.len() > 1, "no Rust files under {folder}");
    found
}

/// The text of a file before its unit tests, without comments.
fn code(text: &str) -> String {
    let shipped = text.split("\n#[cfg(test)]\nmod ").next().unwrap();
    shipped.lines().map(|line| line.split("//").next().unwrap()).collect::<Vec<_>>().join("\n")
}

/// The stage that a file belongs to: `src/syntax/lexer.rs` and `src/syntax.rs` are `syntax`.
fn stage(path: &str) -> &str {
    let inner = path.strip_prefix("src/").unwrap();
    inner.split('/').next().unwrap().trim_end_matches(".rs")
}

/// The names between backticks, or all words, of a table cell.
fn words(cell: &str) -> BTreeSet<String> {
    cell.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Stage → the stages it may use, from the table "The house".
fn table() -> BTreeMap<String, BTreeSet<String>> {
    let design = fs::read_to_string(root().join("docs/design.md")).unwrap();
    let mut table = BTreeMap::new();
    for row in design.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
        let row_stages = words(cells[0]);
        let mut allowed = words(cells[2]);
        allowed.extend(row_stages.iter().cloned());
        for stage in row_stages {
            table.insert(stage, allowed.clone());
        }
    }
    assert!(table.len() > 10, "the table of docs/design.md was not found");
    table
}

fn uses(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for part in code.split("crate::").skip(1) {
        if let Some(group) = part.strip_prefix('{') {
            let group = group.split("};").next().unwrap();
            let mut depth = 0;
            for entry in group.split(',') {
                if depth == 0 {
                    let name = entry.trim().split("::").next().unwrap().trim();
                    found.insert(name.to_owned());
                }
                depth += entry.matches('{').count();
                depth -= entry.matches('}').count();
            }
        } else {
            let name: String =
                part.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            found.insert(name);
        }
    }
    found.remove("");
    found
}

#[test]
fn stages_use_only_what_the_table_allows() {
    let table = table();
    for (path, text) in rust_files("src") {
        let stage = stage(&path);
        if ["lib", "main"].contains(&stage) {
            continue;
        }
        let allowed =
            table.get(stage).unwrap_or_else(|| panic!("{path}: `{stage}` is not in the table"));
        if allowed.contains("everything") {
            continue;
        }
        for used in uses(&code(&text)) {
            let ours = table.contains_key(&used);
            assert!(!ours || allowed.contains(&used), "{path} may not use `{used}`");
        }
    }
}

#[test]
fn the_table_allows_nothing_that_nobody_uses() {
    let table = table();
    let mut used: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, text) in rust_files("src") {
        used.entry(stage(&path).to_owned()).or_default().extend(uses(&code(&text)));
    }
    for (stage, allowed) in &table {
        let Some(found) = used.get(stage) else { panic!("there is no `{stage}`") };
        // Stages of one row share what they may use.
        let row: BTreeSet<_> =
            table.iter().filter(|(_, it)| *it == allowed).map(|it| it.0).collect();
        let of_row = |name: &String| {
            row.iter().any(|stage| used.get(*stage).is_some_and(|it| it.contains(name)))
        };
        let unused: Vec<_> = allowed
            .iter()
            .filter(|it| {
                table.contains_key(*it) && *it != stage && !of_row(it) && !row.contains(it)
            })
            .collect();
        assert!(unused.is_empty(), "`{stage}` may use {unused:?}, and does not: {found:?}");
    }
}

#[test]
fn the_two_roads_never_meet() {
    let under = |name: &str, path: &str| {
        path == format!("src/reach/{name}.rs") || path.starts_with(&format!("src/reach/{name}/"))
    };
    let mut seen = 0;
    for (path, text) in rust_files("src") {
        let used = uses(&code(&text));
        let forbidden: &[&str] = if under("of_policies", &path) {
            &["compile", "program", "check", "syntax"]
        } else if under("of_program", &path) {
            &["compile", "calico"]
        } else if stage(&path) == "compile" {
            &["reach", "verify"]
        } else {
            continue;
        };
        seen += 1;
        for name in forbidden {
            assert!(!used.contains(*name), "{path} may not use `{name}`");
        }
    }
    assert!(seen >= 3, "the two roads were not found");
}

#[test]
fn libraries_stay_in_their_files() {
    for (path, text) in rust_files("src") {
        let code = code(&text);
        for (library, places) in LIBRARIES {
            let named = code.contains(&format!("{library}::"));
            let allowed = places.iter().any(|place| path.starts_with(place));
            assert!(!named || allowed, "{path} may not use {library}");
        }
    }
}

#[test]
fn every_dependency_is_used_and_has_its_reason() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let shipped = |(_, text): &(String, String)| code(text);
    let ours: Vec<_> = rust_files("src").iter().map(shipped).collect();
    let tests = rust_files("src").into_iter().chain(rust_files("tests"));
    let tests: Vec<_> = tests.map(|(_, text)| text).collect();
    let mut section = "";
    let mut seen = 0;
    for line in manifest.lines() {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
        }
        let files = match section {
            "dependencies" => &ours,
            "dev-dependencies" => &tests,
            _ => continue,
        };
        let Some((name, _)) = line.split_once(" = ") else { continue };
        let word = name.replace('-', "_");
        let named = |text: &String| {
            [format!("{word}::"), format!("{word}! {{"), format!("use {word}")]
                .iter()
                .any(|form| text.contains(form))
        };
        assert!(files.iter().any(named), "nothing uses `{name}`");
        let row = readme.lines().any(|row| {
            let mut cells = row.split('|');
            cells.next() == Some("")
                && cells.next().is_some_and(|it| it.contains(&format!("`{name}`")))
        });
        assert!(row, "the README does not say what `{name}` is for");
        seen += 1;
    }
    assert!(seen > 15, "the dependencies were not found");
}

#[test]
fn every_file_says_what_it_is_for_and_fits_one_sitting() {
    for (path, text) in rust_files("src").into_iter().chain(rust_files("tests")) {
        assert!(text.starts_with("//! "), "{path} does not say what it is for");
        let lines = text.lines().count();
        assert!(lines <= 800, "{path} has {lines} lines");
        for word in ["fixme", "to-do", "xxx:"] {
            assert!(
                path == "tests/house.rs" || !text.to_lowercase().contains(word),
                "{path}: {word}"
            );
        }
    }
}

#[test]
fn json_is_written_in_one_place_where_nothing_hides_in_it() {
    let mut seen = 0;
    for (path, text) in rust_files("src").into_iter().filter(|(it, _)| !it.ends_with("tests.rs")) {
        let code = code(&text);
        let writes = ["serde_json::to_", "json!(", "serde_json::ser", "Serializer"];
        let written = writes.iter().any(|it| code.contains(it));
        assert!(!written || path == "src/diagnostic/escaped.rs", "{path} writes JSON by itself");
        seen += usize::from(written);
    }
    assert_eq!(seen, 1);
}
