//! What `import` says of its own work, and what `diff` says of the policies and the project that was made of them.

use std::collections::BTreeMap;

use eastwest::calico::{Release, encode};
use eastwest::diff::{Change, diff};
use eastwest::import::{Equal, import};
use eastwest::program::Settings;
use eastwest::zones::LabelKeys;

use super::super::diff_worlds;
use super::super::foreign_worlds;
use super::super::import::{manifests, program, read};
use super::super::world::varying_seeds;

const WORLDS: u64 = 60;
/// Where a rule that no line has words for opens pods at some addresses alone.
const AT_ADDRESSES: u64 = 1_025_084_162;
/// Where sets that come later matter only if no pod has their addresses.
const AT_ADDRESSES_OF_SETS: u64 = 200_000_066;

#[test]
fn an_import_is_equivalent_if_and_only_if_diff_says_no_change() {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for seed in varying_seeds(WORLDS).chain([AT_ADDRESSES, AT_ADDRESSES_OF_SETS]) {
        let (namespaces, resources, _) = foreign_worlds::cluster(seed);
        let manifest = manifests(namespaces.iter().map(|(name, labels)| (&**name, labels)));
        let text = encode::file("foreign", &resources);
        let mut settings = Settings {
            labels: LabelKeys { application: "zone".into(), zone: "team".into() },
            release: if seed % 2 == 0 { Release::NEWEST } else { Release::OLDEST },
            ..Settings::default()
        };
        let mut texts = [("zones.yaml", manifest.clone()), ("policies.yaml", text.clone())];
        let mut world = read(&texts, &settings);
        if seed % 3 == 0 {
            // What the project is compiled to is imported again: most of that is equivalent.
            let first = import(&world, &settings).unwrap();
            let built = eastwest::compiled(&program(&first, &manifest), false);
            texts[1].1 = built.files.into_iter().map(|(_, text)| text).collect();
            world = read(&texts, &first.settings);
            settings = first.settings;
        }
        let imported = import(&world, &settings).unwrap();
        let project = diff_worlds::of(program(&imported, &manifest));
        let found = diff(&world, &project).unwrap();
        let equal = imported.verdicts.iter().map(|it| it.verdict).max().unwrap();
        let changes: Vec<&Change> = found.sections.iter().flat_map(|it| &it.changes).collect();
        *counts.entry(format!("{equal:?}")).or_default() += 1;
        assert_eq!(
            equal == Equal::Equivalent,
            found.same,
            "world {seed}: {equal:?}\n{changes:#?}\n{:#?}\n{text}",
            imported.verdicts
        );
        let of_sets = |notes: &[String]| -> Vec<String> {
            notes.iter().filter(|it| it.contains("NetworkSets")).cloned().collect()
        };
        let notes = [&imported.notes, &found.notes].map(|it| of_sets(it));
        assert_eq!(notes[0], notes[1], "world {seed}\n{text}");
    }
    println!("{counts:?}");
    assert!(counts.values().filter(|it| **it > 5).count() > 1, "{counts:?}");
}
