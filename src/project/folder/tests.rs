//! Disk and revision beside each other: of the same commit they show the same files with the same texts, or neither does.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use super::Folder;
use super::entry::join;
use crate::project::glob::Glob;

/// Throws dice, the same ones for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of.get(self.below(of.len())).unwrap()
    }
}

fn git(folder: &Path, words: &[&str]) {
    let who = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"];
    let ended = Command::new("git").current_dir(folder).args(who).args(words).status();
    assert!(ended.unwrap().success(), "{words:?}");
}

/// Fills the folder `at` of `root` with files and folders that are not empty. Tells what there is.
fn fill(root: &Path, at: &str, dice: &mut Dice, there: &mut Vec<String>) {
    fs::create_dir_all(root.join(at)).unwrap();
    there.push(at.to_owned());
    for name in ["x.flow", "a", "b", "c", "y.flow", "z"] {
        let path = join(at, name);
        let deeper = path.split('/').count() < 4;
        match dice.below(4) {
            0 if name != "x.flow" => {}
            _ if name == "x.flow" || name == "y.flow" || name == "z" => {
                fs::write(root.join(&path), format!("{}\n", dice.below(1_000_000))).unwrap();
                there.push(path);
            }
            1 | 2 if deeper => fill(root, &path, dice, there),
            _ => {}
        }
    }
}

/// Links something in `root` to something of what is `there`, or, rarely, to what is not.
fn link(root: &Path, dice: &mut Dice, there: &[String]) {
    let there: Vec<&str> = there.iter().map(String::as_str).collect();
    let folders: Vec<&str> = there.iter().copied().filter(|it| root.join(it).is_dir()).collect();
    let folder = dice.one(&folders);
    let up = "../".repeat(folder.split('/').filter(|it| !it.is_empty()).count());
    let target = match dice.below(20) {
        0 => dice
            .one(&["/etc", "../../../../../../etc/passwd", ".git/HEAD", "nowhere", "self"])
            .to_owned(),
        1 => format!("{up}{}/", dice.one(&there)),
        2 => format!("./{up}{}/../x.flow", dice.one(&there)),
        _ => format!("{up}{}", dice.one(&there)),
    };
    let target = if target.is_empty() { "." } else { &target };
    // A name that is taken stays what it is.
    let name = dice.one(&["a", "b", "c", "v.flow", "w.flow", "self"]);
    let _ = symlink(target, root.join(join(folder, name)));
}

#[test]
fn a_commit_is_the_same_on_disk_and_in_git() {
    let patterns =
        ["**/*.flow", "a/**/*.flow", "*/*.flow", "{application}/b/*.flow", "c/x.flow", "x.flow"];
    let (mut shown, mut linked, mut refused) = (0, 0, 0);
    for seed in 1..=60 {
        let dice = &mut Dice(seed);
        let scratch = tempfile::tempdir().unwrap();
        let root = scratch.path().join(dice.one(&[".", "deep/project"]));
        let mut there = Vec::new();
        fill(&root, "", dice, &mut there);
        for _ in 0..dice.below(6) {
            link(&root, dice, &there);
        }
        git(scratch.path(), &["init", "--quiet"]);
        git(scratch.path(), &["add", "--all"]);
        git(scratch.path(), &["commit", "--quiet", "--message", "x"]);
        let disk = Folder::from(&*root);
        let revision = Folder::at(&root, "HEAD").unwrap();
        for pattern in patterns {
            let globs = Glob::parse(pattern, Some("application")).unwrap();
            let globs: Vec<&Glob> = globs.iter().collect();
            let paths = match (disk.find(&globs), revision.find(&globs)) {
                (Ok(here), Ok(there)) => {
                    assert_eq!(here, there, "seed {seed}: {pattern}");
                    here
                }
                (Err(_), Err(_)) => {
                    refused += 1;
                    continue;
                }
                (here, there) => panic!("seed {seed}: {pattern}: {here:?} and {there:?}"),
            };
            for path in paths {
                let text = disk.text(&path).unwrap();
                assert_eq!(text, revision.text(&path).unwrap(), "seed {seed}: {path}");
                assert_eq!(text, fs::read_to_string(root.join(&path)).unwrap());
                let real = root.join(&path).canonicalize().unwrap();
                linked += usize::from(real != root.canonicalize().unwrap().join(&path));
                shown += 1;
            }
        }
        for path in ["a", "a/x.flow", "b/c/y.flow", "x.flow/", "c/../x.flow", "../x.flow", "no/no"]
        {
            let (here, there) = (disk.text_if_there(path), revision.text_if_there(path));
            match (&here, &there) {
                (Ok(here), Ok(there)) => assert_eq!(here, there, "seed {seed}: {path}"),
                (Err(_), Err(_)) => {}
                _ => panic!("seed {seed}: {path}: {here:?} and {there:?}"),
            }
        }
    }
    assert!(shown > 300 && linked > 50 && refused > 50, "{shown} {linked} {refused}");
}
