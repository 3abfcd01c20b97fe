//! Random programs over small worlds: the program read line by line, the policies gone through one by one, and both
//! reaches must say the same of every connection; and what is compiled must verify.

use std::collections::BTreeMap;

use eastwest::calico::Resource;
use eastwest::compile::compile;
use eastwest::diagnostic::Level;
use eastwest::program::{ExternalValue, Program};
use eastwest::reach::of_policies::{Imagined, Namespaces, Policies, Profile, Subject, Ties};
use eastwest::reach::of_program::Meaning;
use eastwest::reach::{Diagram, End, Example, Scenario, Sets, Terms};
use eastwest::verify::imagined;

use super::calico_naive::{self, Cluster};
use super::naive;
use super::world::{self, Dice, World};

const WORLDS: u64 = 150;
const CONNECTIONS: usize = 150;

/// What a world compiles to; nothing where the output cannot hold it.
pub(crate) fn compiled(program: &Program) -> Option<Vec<Resource>> {
    let (documents, said) = compile(program, false);
    let whole = said.iter().all(|said| said.level != Level::Error);
    whole.then(|| documents.into_iter().map(|document| document.resource).collect())
}

/// Whether some external is a service, so that its endpoints can be told apart.
pub(crate) fn has_service(program: &Program) -> bool {
    let service = |value: &_| matches!(value, ExternalValue::Service { .. });
    program.externals.iter().any(|(_, external)| service(&external.value))
}

#[test]
fn every_connection_is_judged_alike_by_all_who_judge() {
    let (mut counts, mut combined) = (BTreeMap::new(), BTreeMap::new());
    let (mut passed, mut stopped, mut tried) = (0, 0, 0);
    for seed in world::seeds(WORLDS) {
        let (program, world) = world::world(seed).program();
        let Some(resources) = compiled(&program) else { continue };
        world.count(&mut counts);
        world.combine(&mut combined);
        tried += 1;
        if let Err(why) = eastwest::build(&program, false) {
            panic!("world {seed}: {why:?}\n{}\n{resources:#?}", world.text());
        }
        let judged = judge(seed, &program, &resources, &world);
        passed += judged.0;
        stopped += judged.1;
    }
    println!(
        "{tried} worlds, {passed} connections pass, {stopped} do not; {counts:#?} {combined:#?}"
    );
    assert!(tried > 75 && passed > 500 && stopped > 500, "{tried} {passed} {stopped}");
    let missing: Vec<_> = world::constructs().filter(|it| counts.get(it) == Some(&0)).collect();
    assert!(missing.is_empty(), "never written: {missing:?}");
    let missing: Vec<_> =
        world::combinations().into_iter().filter(|it| !combined.contains_key(it)).collect();
    assert!(missing.is_empty(), "never drawn: {missing:#?}");
}

fn judge(seed: u64, program: &Program, resources: &[Resource], world: &World) -> (usize, usize) {
    let at: Imagined = imagined(program);
    let mut policies = Policies::new(resources.iter(), &Namespaces::new(), &[]);
    let mut meaning = Meaning::new(program);
    let mut terms = Terms::default();
    meaning.terms(&mut terms);
    policies.terms(&mut terms);
    Sets::over(terms, |mut sets| {
        let mut dice = Dice::new(seed + 1000);
        let service = has_service(program);
        let (mut passed, mut stopped) = (0, 0);
        for _ in 0..CONNECTIONS {
            let example = world::example(&mut dice, service);
            let Some([meant, written]) =
                rows(&mut sets, &mut meaning, &mut policies, program, &example, at)
            else {
                continue;
            };
            for (index, scenario) in Scenario::ALL.into_iter().enumerate() {
                let truth = naive::program(program, &example, scenario);
                let say = |who: &str| {
                    format!("world {seed}, {scenario:?}, {who}: {example}\n{}", world.text())
                };
                for ties in Ties::BOTH {
                    let by_policies = calico_naive::passes(
                        Cluster::of(resources),
                        &example,
                        scenario,
                        ties,
                        (at.after_guardrails, at.as_tier),
                    );
                    assert_eq!(truth, by_policies, "{}", say("the policies"));
                }
                assert_eq!(
                    truth,
                    sets.contains(meant[index], &example),
                    "{}",
                    say("reach of the program")
                );
                assert_eq!(
                    truth,
                    sets.contains(written[index], &example),
                    "{}",
                    say("reach of the policies")
                );
                passed += usize::from(truth);
                stopped += usize::from(!truth);
            }
        }
        (passed, stopped)
    })
    .unwrap()
}

/// The rows of the example's subject, by the program and by the policies; `None` where it is no end whose policies are asked.
fn rows(
    sets: &mut Sets,
    meaning: &mut Meaning<'_>,
    policies: &mut Policies,
    program: &Program,
    example: &Example,
    at: Imagined,
) -> Option<[[Diagram; 3]; 2]> {
    let direction = example.direction;
    match &example.subject {
        End::Pod { namespace, of_namespace, .. } => {
            if let Some(declared) = naive::declared(program, namespace, of_namespace) {
                let subject = Subject::Declared(&declared.name, &declared.labels);
                Some([
                    meaning.declared(sets, declared, direction),
                    policies.rows(sets, subject, direction, at)[1],
                ])
            } else {
                Some([
                    meaning.undeclared(sets, direction),
                    policies.rows(sets, Subject::Undeclared(&[]), direction, at)[1],
                ])
            }
        }
        End::Host { .. } => Some([
            Meaning::host(sets, direction),
            policies.rows(sets, Subject::Host(&Profile::Allows), direction, at)[1],
        ]),
        End::Held { .. } | End::Address(_) => None,
    }
}
