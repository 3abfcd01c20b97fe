//! The first apply, one object after another, through Calico's own rules: with tiers there is an order in which nothing that is
//! allowed in the end is cut on the way, and without them there is none; the manual says which, and what to do.

use std::sync::Arc;

use eastwest::calico::{Release, Resource};
use eastwest::compile::{Document, compile};
use eastwest::program::{Owner, Program};
use eastwest::reach::of_policies::{Imagined, Namespaces, Policies, Subject};
use eastwest::reach::{Diagram, Direction, Sets, Terms};

use crate::support::{Project, sample};

fn project(tiers: bool) -> Project {
    let platform = "\
exempt kube-system, default
external onprem = 192.0.2.0/24
external dns = namespace kube-system[k8s-app == 'kube-dns']
*.* ==> dns : udp/53, tcp/53 because \"names\"
forbid *.frontend to *.data : tcp/22 because \"three tiers\"
";
    sample()
        .platform(platform)
        .file("application1", "application1.api <== application2.backend : tcp/443 because \"serves\"\n")
        .file(
            "application2",
            "application2.frontend -> application2.backend : tcp/8443\napplication2.backend ==> application1.api : tcp/443 because \"asks\"\napplication2.data ==> onprem : tcp/22 because \"backups\"\n",
        )
        .settings(|it| {
            it.tiers = tiers;
            it.release = Release::NEWEST;
        })
}

fn is_default_deny(document: &Document) -> bool {
    matches!(&document.resource, Resource::Policy(policy) if policy.name.ends_with("eastwest-default-deny"))
}

/// So many objects were applied where something was cut that is allowed in the end, of a first apply in the order of `place`.
fn cut(program: &Program, place: impl Fn(&Document) -> u8) -> Vec<usize> {
    let (mut documents, said) = compile(program, false);
    assert!(said.is_empty(), "{said:?}");
    // Within a file the order is that of the documents.
    documents.sort_by_key(|it| place(it));
    let resources: Vec<Resource> = documents.into_iter().map(|it| it.resource).collect();
    let namespaces: Namespaces = program
        .namespaces
        .iter()
        .map(|(_, it)| (Arc::clone(&it.name), it.labels.clone()))
        .collect();
    let mut terms = Terms::default();
    Policies::new(resources.iter(), &namespaces, &[]).terms(&mut terms);
    Sets::over(terms, |mut sets| {
        let after = |sets: &mut Sets, count: usize| -> Vec<Diagram> {
            let mut policies = Policies::new(resources[..count].iter(), &namespaces, &[]);
            let mut rows = Vec::new();
            for (name, labels) in &namespaces {
                for direction in Direction::BOTH {
                    let subject = Subject::Declared(name, labels);
                    let of_ties = policies.rows(sets, subject, direction, Imagined::AMONG_ANY);
                    rows.extend(of_ties.map(|[plain, ..]| plain));
                }
            }
            rows
        };
        let end = after(&mut sets, resources.len());
        let all: usize = end.iter().filter(|it| **it != Diagram::EMPTY).count();
        assert!(all > 8, "something is allowed everywhere");
        let cuts = |count: &usize| {
            let here = after(&mut sets, *count);
            end.iter()
                .zip(here)
                .any(|(end, here)| sets.diagrams.difference(*end, here) != Diagram::EMPTY)
        };
        (0..=resources.len()).filter(cuts).collect()
    })
    .unwrap()
}

#[test]
fn with_tiers_the_platform_goes_first_and_its_default_deny_last() {
    let program = project(true).program();
    let order = |it: &Document| match it.owner {
        _ if is_default_deny(it) => 2,
        Owner::Platform => 0,
        Owner::Application(_) => 1,
    };
    assert_eq!(cut(&program, order), Vec::<usize>::new());
    // The files as they are, one after the other, cut on the way.
    let files = |it: &Document| u8::from(it.owner == Owner::Platform);
    assert!(!cut(&program, files).is_empty());
}

#[test]
fn without_tiers_no_order_of_files_is_free_of_a_gap() {
    let program = project(false).program();
    let applications_first = |it: &Document| u8::from(it.owner == Owner::Platform);
    let platform_first = |it: &Document| match it.owner {
        _ if is_default_deny(it) => 2,
        Owner::Platform => 0,
        Owner::Application(_) => 1,
    };
    assert!(!cut(&program, applications_first).is_empty());
    assert!(!cut(&program, platform_first).is_empty());
}
