//! What a build that was killed leaves behind is gone with the next one.
#![cfg(unix)]

use crate::cli::Project;

#[test]
fn the_next_build_removes_what_a_killed_one_left() {
    let project = Project::sample();
    assert_eq!(project.run("build").status, 0);
    let text = project.read("application1/network-policies/policies.yaml");
    let left = "application1/network-policies/.eastwest-aBcD12";
    // Not beside an output: somebody else's matter.
    let elsewhere = ["docs/.eastwest-aBcD12", "application1/network-policies/sub/.eastwest-aBcD12"];
    for path in elsewhere.into_iter().chain([left]) {
        project.write(path, &text);
    }
    let there = |path: &str| project.path().join(path).exists();
    assert_eq!(project.run("build --check").status, 0);
    assert!(there(left), "asking removes nothing");
    // Where anything fails, nothing is touched.
    project.write("application1/network-policies/b.flow", "application1.x -> application1.y\n");
    assert_eq!(project.run("build").status, 1);
    assert!(there(left));
    project.write("application1/network-policies/b.flow", "");
    let ran = project.run("build");
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(!there(left) && elsewhere.into_iter().all(there));
}
