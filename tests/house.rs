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

/// The paths that `code` names, each from `crate`, `super` or `self`, with the lists of `use` taken apart.
fn paths(code: &str) -> BTreeSet<Vec<String>> {
    let mut found = BTreeSet::new();
    let mut rest = code;
    while let Some(at) = rest.find("::") {
        let before = &rest[..at];
        let begin =
            before.rfind(|c: char| !(c.is_alphanumeric() || c == '_')).map_or(0, |it| it + 1);
        let first = &before[begin..];
        let after = &rest[at + 2..];
        if !before[..begin].ends_with("::") && !first.is_empty() {
            expand(vec![first.to_owned()], after, &mut found);
        }
        rest = after;
    }
    found
}

/// Adds the paths that begin with `path` and go on as `rest`, and gives what follows them.
fn expand<'a>(path: Vec<String>, rest: &'a str, found: &mut BTreeSet<Vec<String>>) -> &'a str {
    let rest = rest.trim_start();
    if let Some(mut inner) = rest.strip_prefix('{') {
        loop {
            inner = inner.trim_start();
            match inner.chars().next() {
                None => return inner,
                Some('}') => return &inner[1..],
                Some(',') => inner = &inner[1..],
                Some(_) => inner = expand(path.clone(), inner, found),
            }
        }
    }
    let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
    let (name, after) = rest.split_at(end);
    let mut path = path;
    if name.is_empty() {
        found.insert(path);
        // Whatever it is, it is not a name.
        return rest.get(rest.chars().next().map_or(0, char::len_utf8)..).unwrap_or("");
    }
    if name != "self" || path.is_empty() {
        path.push(name.to_owned());
    }
    if let Some(next) = after.strip_prefix("::") {
        return expand(path, next, found);
    }
    found.insert(path);
    match after.trim_start().strip_prefix("as ") {
        Some(renamed) => {
            renamed.trim_start().trim_start_matches(|c: char| c.is_alphanumeric() || c == '_')
        }
        None => after,
    }
}

/// The modules of the source, by their paths from the crate's root.
struct Modules {
    files: BTreeMap<Vec<String>, String>,
    /// What each file names.
    paths: BTreeMap<Vec<String>, BTreeSet<Vec<String>>>,
}

impl Modules {
    fn new() -> Self {
        let (mut files, mut named) = (BTreeMap::new(), BTreeMap::new());
        for (path, text) in rust_files("src") {
            let inner = path.strip_prefix("src/").unwrap().strip_suffix(".rs").unwrap();
            let inner = if inner == "lib" { "" } else { inner };
            let module: Vec<String> =
                inner.split('/').filter(|it| !it.is_empty()).map(str::to_owned).collect();
            named.insert(module.clone(), paths(&code(&text)));
            files.insert(module, path);
        }
        Self { files, paths: named }
    }

    /// The module where what `own` names as `path` stands: what a module merely passes on stands elsewhere.
    fn of(&self, own: &[String], path: &[String], depth: usize) -> Option<Vec<String>> {
        let mut at = if path[0] == "crate" { Vec::new() } else { own.to_vec() };
        let mut path = path;
        let mut called = false;
        while let Some(word @ ("crate" | "super" | "self")) = path.first().map(String::as_str) {
            if word == "super" {
                at.pop()?;
            }
            called = true;
            path = &path[1..];
        }
        for (index, name) in path.iter().enumerate() {
            let mut child = at.clone();
            child.push(name.clone());
            if self.files.contains_key(&child) {
                at = child;
                continue;
            }
            let passed_on = |it: &&Vec<String>| it.len() > 1 && it.last() == Some(name);
            let known = self.paths.get(&at)?.iter().filter(passed_on);
            let known = known.filter(|it| {
                // A path that is said within code and one that is imported look alike: both lead to where it stands.
                ["crate", "super", "self"].contains(&&*it[0])
                    || self.files.contains_key(&[&at[..], &it[..1]].concat())
            });
            return match known.min_by_key(|it| it.len()) {
                Some(known) if depth > 0 && (called || index > 0) => self.of(&at, known, depth - 1),
                _ if called || index > 0 => Some(at),
                _ => None,
            };
        }
        Some(at)
    }

    /// Which files of its room each file uses, but for the files that it is a part of: a part may use the types of the whole.
    fn arrows(&self) -> BTreeMap<String, BTreeSet<String>> {
        let of_file = |(own, path): (&Vec<String>, &String)| {
            let named = self.paths.get(own).into_iter().flatten();
            let used = named.filter_map(|it| self.of(own, it, 4)).filter(|it| it != own);
            let used = used
                .filter(|it| it.first() == own.first() && !own.starts_with(it))
                .filter_map(|it| self.files.get(&it));
            (path.clone(), used.cloned().collect())
        };
        self.files.iter().map(of_file).collect()
    }
}

#[test]
fn no_files_of_a_room_use_each_other_in_a_circle() {
    let arrows = Modules::new().arrows();
    assert!(arrows.values().map(BTreeSet::len).sum::<usize>() > 500, "uses are not found");
    // All that can be reached from each file, then those that reach each other.
    let reached = |from: &String| {
        let (mut found, mut next) = (BTreeSet::new(), vec![from]);
        while let Some(at) = next.pop() {
            next.extend(arrows[at].iter().filter(|it| found.insert((*it).clone())));
        }
        found
    };
    let reach: BTreeMap<&String, BTreeSet<String>> =
        arrows.keys().map(|it| (it, reached(it))).collect();
    let circles: BTreeSet<Vec<&String>> = reach
        .iter()
        .filter(|(path, found)| found.contains(**path))
        .map(|(path, found)| found.iter().filter(|it| reach[it].contains(*path)).collect())
        .collect();
    let used = |path: &String| -> Vec<_> {
        arrows[path].iter().filter(|it| reach[*it].contains(path)).cloned().collect()
    };
    let shown: Vec<_> = circles.iter().flatten().map(|path| (*path, used(path))).collect();
    assert!(circles.is_empty(), "{} circles: {shown:#?}", circles.len());
}
