//! The figures of the pages: what stands below `$ eastwest …` in a page is what that command prints today, run in the
//! folder of `examples` that the page named last before it. `EASTWEST_FIGURES=write` writes them anew.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use walkdir::WalkDir;

/// Dates in the examples lie after this day.
const TODAY: &str = "2026-11-22";

/// Blocks with fewer figures than this would mean that they are not found any more.
const AT_LEAST: usize = 15;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every page: those of the manual, and what stands beside the code and the examples.
fn pages() -> Vec<PathBuf> {
    let walks =
        ["docs", "examples"].map(|folder| WalkDir::new(root().join(folder)).sort_by_file_name());
    let found = walks.into_iter().flatten().map(|entry| entry.unwrap().into_path());
    let mut pages = vec![root().join("README.md")];
    pages.extend(found.filter(|path| path.extension().is_some_and(|it| it == "md")));
    pages
}

/// The last folder `examples/NAME` that `line` names.
fn folder_in(line: &str) -> Option<PathBuf> {
    let (_, rest) = line.rsplit_once("examples/")?;
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(rest.len());
    let folder = Path::new("examples").join(&rest[..end]);
    root().join(&folder).is_dir().then_some(folder)
}

/// The words of a command, as a shell has them.
fn words(command: &str) -> Vec<String> {
    let (mut words, mut quote) = (Vec::new(), None);
    let mut word: Option<String> = None;
    for c in command.chars() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, ' ') => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    assert_eq!(quote, None, "a quote is not closed in: {command}");
    words.extend(word);
    words
}

/// What `command` prints at a terminal.
fn run(command: &str, folder: &Path) -> String {
    let mut arguments = words(command.strip_prefix("$ eastwest ").unwrap());
    if !arguments.iter().any(|it| ["--policies", "import", "audit"].contains(&&**it)) {
        arguments.extend(["--as-of", TODAY].map(str::to_owned));
    }
    let output = Command::new(env!("CARGO_BIN_EXE_eastwest"))
        .current_dir(root().join(folder))
        .args(["--color", "never"])
        .args(&arguments)
        .output()
        .unwrap();
    // What is said of the input is said before the answer.
    [output.stderr, output.stdout].map(|it| String::from_utf8(it).unwrap()).concat()
}

/// `page` with each of its figures as it is today, and how many those are.
fn today(page: &str, name: &Path) -> (String, usize) {
    let (mut folder, mut fenced, mut count) = (None, false, 0);
    let mut figure = false;
    let mut out = String::new();
    for line in page.lines() {
        if line.starts_with("```") {
            (fenced, figure) = (!fenced, false);
        } else if fenced && line.starts_with("$ eastwest ") {
            let folder = folder.as_deref();
            let folder: &Path =
                folder.unwrap_or_else(|| panic!("{}: no folder for {line}", name.display()));
            if figure {
                out.push('\n');
            }
            out.extend([line, "\n", run(line, folder).trim_end(), "\n"]);
            (figure, count) = (true, count + 1);
            continue;
        } else if !fenced {
            folder = folder_in(line).or(folder);
        } else if figure {
            continue;
        }
        out.extend([line, "\n"]);
    }
    (out, count)
}

#[test]
fn every_figure_is_what_its_command_prints() {
    let write = std::env::var_os("EASTWEST_FIGURES").is_some_and(|it| it == "write");
    let (mut stale, mut all) = (Vec::new(), 0);
    for path in pages() {
        let page = fs::read_to_string(&path).unwrap();
        let (fresh, count) = today(&page, &path);
        all += count;
        if fresh != page && write {
            fs::write(&path, fresh).unwrap();
        } else if fresh != page {
            let differ = page.lines().zip(fresh.lines()).position(|(old, new)| old != new);
            let line = differ.unwrap_or(page.lines().count().min(fresh.lines().count()));
            let now = fresh.lines().nth(line).unwrap_or("nothing");
            stale.push(format!("{}:{}: now it is\n{now}", path.display(), line + 1));
        }
    }
    assert!(stale.is_empty(), "EASTWEST_FIGURES=write cargo test figures\n{}", stale.join("\n"));
    assert!(all >= AT_LEAST, "{all} figures");
}

#[test]
fn commands_and_folders_are_read_as_people_write_them() {
    assert_eq!(words("can 'a b' \"c'd\" e''f ''"), ["can", "a b", "c'd", "ef", ""]);
    assert_eq!(folder_in("in `examples/by-hand/mended`:"), Some("examples/by-hand".into()));
    assert_eq!(folder_in("in `examples/nowhere`:"), None);
    let (fresh, count) =
        today("examples/by-hand\n```text\n$ eastwest explain EW0\nold\n```\n", "x".as_ref());
    assert_eq!((count, fresh.contains("old")), (1, false), "{fresh}");
}
