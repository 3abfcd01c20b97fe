//! Disk and revision show the same files with the same texts, or say why they cannot.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use super::{FLOW, OPENED, changed, diff, fails, opened, record, same, say};
use crate::cli::{CONFIG, Project, Ran, git};

#[test]
fn folders_that_are_links_are_the_same_in_both() {
    let project = Project::sample();
    let folder = project.path();
    fs::rename(folder.join("application1/network-policies"), folder.join("real")).unwrap();
    symlink("../real", folder.join("application1/network-policies")).unwrap();
    symlink("real", folder.join("again")).unwrap();
    project.commit();
    same(folder, "git:main");
    project.write("real/app.flow", OPENED);
    opened(folder, "git:main");
    // What only a link held is gone with it.
    fs::remove_file(folder.join("application1/network-policies")).unwrap();
    let ran = diff(folder, &["git:main"]);
    assert!(
        ran.status == 1 && ran.out.contains("- application1.api -> application1.api"),
        "{}",
        ran.out
    );
}

#[test]
fn links_that_cannot_be_followed_are_told_of_both() {
    for (target, words) in [
        ("/etc", "leads out of the project"),
        ("../../outside", "leads out of the project"),
        ("../.git", "belongs to git"),
        ("../nowhere", "nothing is there"),
        ("network-policies", "leads in a circle"),
    ] {
        let outer = Project::new(&[("outside/app.flow", "")]);
        for (path, text) in Project::sample().files() {
            outer.write(&format!("sub/{path}"), &String::from_utf8(text).unwrap());
        }
        let folder = outer.path().join("sub");
        let place = folder.join("application1/network-policies");
        fs::remove_dir_all(&place).unwrap();
        symlink(target, &place).unwrap();
        outer.commit();
        let ran = Ran::from(
            Command::new(env!("CARGO_BIN_EXE_eastwest"))
                .current_dir(&folder)
                .arg("check")
                .output()
                .unwrap(),
        );
        assert!(ran.status == 2 && ran.err.contains(words), "{target}: {}", ran.err);
        assert!(!ran.err.contains("main"), "{}", ran.err);
        fails(&folder, &["git:main"], words);
        fails(&folder, &["git:main"], "`application1/network-policies`");
    }
}

#[test]
fn links_that_multiply_end() {
    let project = Project::sample();
    project.write("eastwest.toml", &CONFIG.replace("zones/*.yaml", "zones/**/*.yaml"));
    for level in 0..12 {
        let folder = project.path().join(format!("platform/zones/{level}"));
        fs::create_dir_all(&folder).unwrap();
        for name in 0..10 {
            symlink(format!("../{}", level + 1), folder.join(name.to_string())).unwrap();
        }
    }
    project.write("platform/zones/12/a.yaml", "");
    project.commit();
    let words = "the patterns meet more than 10000 links";
    let ran = project.run("check");
    assert!(ran.status == 2 && ran.err.contains(words), "{}", ran.err);
    fails(project.path(), &["git:main", "git:main"], &format!("{words} in `main`"));
}

#[test]
fn a_submodule_is_told_and_not_read_as_empty() {
    let library = Project::new(&[("app.flow", "application1.api -> application1.api : tcp/80\n")]);
    library.commit();
    let project = Project::sample();
    let place = "application1/network-policies";
    fs::remove_dir_all(project.path().join(place)).unwrap();
    project.commit();
    let from = library.path().to_str().unwrap();
    git(
        project.path(),
        &["-c", "protocol.file.allow=always", "submodule", "add", "--quiet", from, place],
    );
    record(project.path());
    assert_eq!(project.run("check").status, 0);
    fails(project.path(), &["git:main"], &format!("`{place}` is a submodule in `main`"));
    // Where it was not yet one, its files are new.
    let ran = diff(project.path(), &["git:main^"]);
    assert!(ran.status == 1 && ran.out.contains("+ application1.api"), "{}{}", ran.out, ran.err);
    // One that no pattern looks into is nobody's matter.
    let config = CONFIG.replace(
        "[\"{application}/network-policies/*.flow\"]",
        "{ application2 = [\"application2/network-policies/*.flow\"] }",
    );
    project.write("eastwest.toml", &config);
    record(project.path());
    same(project.path(), "git:main");
}

#[test]
fn pointers_of_lfs_are_not_files() {
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";
    for path in [FLOW, "platform/zones/b.yaml", "platform/flows/platform.flow", "eastwest.toml"] {
        let project = Project::sample();
        let good = fs::read_to_string(project.path().join(path)).unwrap_or_default();
        project.write(path, pointer);
        project.commit();
        let words = format!("`{path}` is a pointer of Git LFS");
        let ran = project.run("check");
        assert!(ran.status == 2 && ran.err.contains(&words), "{}", ran.err);
        project.write(path, &good);
        fails(project.path(), &["git:main"], &format!("{words} in `main`"));
    }
}

#[test]
fn what_attributes_make_another_text_is_refused() {
    let project = Project::sample();
    let folder = project.path();
    project.write(
        ".gitattributes",
        "[attr]strange ident\n/application1/** strange\n*.png filter=lfs\n",
    );
    project.commit();
    fails(
        folder,
        &["git:main"],
        &format!(
            "`{FLOW}` is another text on disk than in `main`: .gitattributes gives it `ident`"
        ),
    );
    for (file, text, words) in [
        (".gitattributes", "* filter=x\n", "gives it `filter=x`"),
        (
            ".gitattributes",
            "/platform/** working-tree-encoding=latin1\n",
            "gives it `working-tree-encoding=latin1`",
        ),
        (
            "application1/network-policies/.gitattributes",
            "app.flow filter=x\n",
            "gives it `filter=x`",
        ),
        (".git/info/attributes", "*.toml ident\n", "`eastwest.toml` is another text"),
    ] {
        let project = Project::sample();
        project.commit();
        project.write(file, text);
        if !file.starts_with(".git/") {
            // What is on disk is read as it is.
            same(project.path(), "git:main");
            record(project.path());
        }
        fails(project.path(), &["git:main"], words);
    }
    let project = Project::sample();
    project.write("application1/.gitattributes", &"a b\n".repeat(70_000));
    project.commit();
    fails(project.path(), &["git:main"], "the attributes in `main` are longer than can be read");
    // What touches other files, or nothing, is nobody's matter; nor are line ends.
    let project = Project::sample();
    project.write(
        ".gitattributes",
        "* filter=x ident\n*.flow -filter -ident working-tree-encoding=UTF-8\n*.yaml !filter -ident text\n*.toml -filter !ident\n*.flow eol=crlf\n",
    );
    project.commit();
    git(project.path(), &["rm", "--quiet", "--cached", "-r", "."]);
    git(project.path(), &["reset", "--quiet", "--hard"]);
    assert!(project.read(FLOW).ends_with("\r\n"));
    same(project.path(), "git:main");
    symlink("other", project.path().join("application1/.gitattributes")).unwrap();
    record(project.path());
    same(project.path(), "git:main");
}

#[test]
fn names_that_are_not_the_same_everywhere_are_told_of_both() {
    let strange = |name: &[u8], words: &str| {
        let project = Project::sample();
        let path: PathBuf =
            project.path().join("application1/network-policies").join(OsStr::from_bytes(name));
        fs::write(&path, "").unwrap();
        project.commit();
        let ran = project.run("check");
        assert!(ran.status == 2 && ran.err.contains(words), "{}", ran.err);
        fs::remove_file(path).unwrap();
        fails(project.path(), &["git:main"], words);
    };
    strange(b"\xff.flow", "is not UTF-8");
    strange(b"APP.flow", "differ in capital letters alone");
    // What no pattern matches may be called anything.
    let project = Project::sample();
    fs::write(project.path().join(OsStr::from_bytes(b"\xff")), "").unwrap();
    project.write("application1/network-policies/APP.txt", "");
    project.commit();
    same(project.path(), "git:main");
}

#[test]
fn what_belongs_to_git_is_no_file_of_the_project() {
    let project = Project::sample();
    project.write(
        "eastwest.toml",
        &CONFIG
            .replace("platform/flows/*", "**/*")
            .replace("flows    = [\"{application}/network-policies/*.flow\"]", "flows = []"),
    );
    for folder in ["application1", "application2"] {
        fs::remove_dir_all(project.path().join(folder)).unwrap();
    }
    project.commit();
    git(project.path(), &["branch", "a.flow"]);
    assert!(project.path().join(".git/refs/heads/a.flow").is_file());
    same(project.path(), "git:main");
}

#[test]
fn texts_and_folders_without_end_are_not_read() {
    let project = changed();
    let folder = project.path();
    let huge = fs::File::create(folder.join(FLOW)).unwrap();
    huge.set_len((256 << 20) + 1).unwrap();
    drop(huge);
    let words = "the files of the project have more than 256 MiB";
    let ran = project.run("check");
    assert!(ran.status == 2 && ran.err.contains(words), "{}", ran.err);
    record(folder);
    project.write(FLOW, OPENED);
    fails(folder, &["git:main"], words);
    // A folder of ten folders that are one, and so on: ten billion files in a few hundred bytes.
    let blob = say(folder, &["rev-parse", "main:platform/flows/platform.flow"]);
    let tree_of = |lines: &str| {
        let input = TempDir::new().unwrap();
        fs::write(input.path().join("tree"), lines).unwrap();
        let stdin = fs::File::open(input.path().join("tree")).unwrap();
        let made =
            Command::new("git").current_dir(folder).arg("mktree").stdin(stdin).output().unwrap();
        String::from_utf8(made.stdout).unwrap().trim().to_owned()
    };
    let ten = |line: &str| (0..10).map(|it| line.replace('N', &it.to_string())).collect::<String>();
    let mut tree = tree_of(&ten(&format!("100644 blob {blob}\tN.flow\n")));
    for _ in 0..9 {
        tree = tree_of(&ten(&format!("040000 tree {tree}\tN\n")));
    }
    let config = project.read("eastwest.toml").replace("platform/flows/*", "**/*");
    project.write("config", &config);
    let config = say(folder, &["hash-object", "-w", "config"]);
    let bomb =
        tree_of(&format!("100644 blob {config}\teastwest.toml\n040000 tree {tree}\tplatform\n"));
    let commit = say(
        folder,
        &["-c", "user.name=a", "-c", "user.email=a@b", "commit-tree", "-m", "x", &bomb],
    );
    fails(folder, &[&format!("git:{commit}")], "look at more than 500000 files and folders");
}

#[test]
fn the_mark_of_an_editor_is_nobodys_folder() {
    let project = Project::sample();
    symlink("somebody@example.org.4711:1700000000", project.path().join(".#eastwest.toml"))
        .unwrap();
    assert_eq!(project.run("check").status, 0);
    project.commit();
    assert_eq!(project.run("diff git:HEAD").status, 0);
    // Where a pattern spells out the name, the folder is missed.
    let folder = project.path().join("application1/network-policies");
    fs::remove_dir_all(&folder).unwrap();
    symlink("nowhere", &folder).unwrap();
    let ran = project.run("check");
    assert!(ran.status == 2 && ran.err.contains("nothing is there"), "{}", ran.err);
}
