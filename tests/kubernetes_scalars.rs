//! What a plain scalar is to Kubernetes: our answer, held against Go's `sigs.k8s.io/yaml`, which reads what `kubectl` sends. It needs
//! Go, and its modules once, so it runs where `EASTWEST_GO` is set, as in `.ci/run`.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use eastwest::yaml::plain::{Taken, kubernetes_takes_for};

use crate::world::Dice;

/// Pieces of which scalars are made: what numbers, words and dates are made of in any version of YAML.
const PIECES: [&str; 44] = [
    "0", "1", "7", "8", "9", "12", "60", "_", ".", ":", "+", "-", "e", "E", "x", "o", "b", "f",
    "F", "0x", "0o", "0b", "inf", "nan", "NaN", "Inf", "y", "Y", "n", "yes", "No", "on", "OFF",
    "true", "False", "null", "~", "2026", "-11-22", "T10", "Z", "<<", "=", "a",
];

#[test]
fn plain_scalars_are_to_us_what_they_are_to_kubernetes() {
    if std::env::var_os("EASTWEST_GO").is_none() {
        println!("skipped: set EASTWEST_GO to hold the reader against Go's");
        return;
    }
    let mut scalars: Vec<String> = PIECES.iter().map(|it| (*it).to_owned()).collect();
    for one in PIECES {
        scalars.extend(PIECES.iter().map(|other| format!("{one}{other}")));
    }
    let mut dice = Dice::new(7);
    for _ in 0..60_000 {
        scalars.push((0..3 + dice.below(4)).map(|_| dice.of(&PIECES)).collect());
    }
    // What would not be plain there, or not one scalar.
    scalars.retain(|it| {
        let first = it.starts_with(['-', ':', '=']) && it.len() == 1;
        !first && !it.contains(": ") && !it.ends_with(':') && !it.starts_with("- ")
    });
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kubernetes_scalars");
    let mut reader = Command::new("go")
        .args(["run", "."])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Go is there");
    let text = scalars.join("\n") + "\n";
    let mut input = reader.stdin.take().unwrap();
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = reader.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "the reader failed");
    let said = String::from_utf8(output.stdout).unwrap();
    let said: Vec<_> = said.lines().collect();
    assert_eq!(said.len(), scalars.len());
    let mut wrong = Vec::new();
    let mut met = std::collections::BTreeMap::<&str, usize>::new();
    for (scalar, said) in scalars.iter().zip(said) {
        let ours = match kubernetes_takes_for(scalar) {
            None => "text",
            Some(Taken::Number) => "number",
            Some(Taken::Boolean) => "boolean",
            Some(Taken::Null) => "null",
            Some(Taken::Date | Taken::Special) => "special",
        };
        *met.entry(said).or_default() += 1;
        // What is no YAML there is nothing that a cluster takes.
        if said != ours && said != "error" {
            wrong.push(format!("{scalar}: {said} to Kubernetes, {ours} to us"));
        }
    }
    println!("{} scalars: {met:?}", scalars.len());
    assert!(
        wrong.is_empty(),
        "{} of them:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(40)].join("\n")
    );
    assert!(["text", "number", "boolean", "null"].iter().all(|it| met.contains_key(it)), "{met:?}");
}
