//! Programs whose selectors combine in very many ways are proved like any other: no number of labels or texts in
//! brackets makes the compiler give up, or wait.

use std::fmt::Write;

use eastwest::calico::{Policy, Resource};
use eastwest::compile::compile;
use eastwest::program::Program;
use eastwest::selector::Selector;
use eastwest::verify::{self, VerifyFailure};

use crate::support::project;

/// A program with a line for each number below `count`.
fn program(count: usize, line: impl Fn(usize) -> String) -> Program {
    let mut text = String::new();
    for index in 0..count {
        writeln!(text, "{}", line(index)).unwrap();
    }
    project()
        .namespace("one", "shop", "x")
        .namespace("two", "shop", "z")
        .file("shop", &text)
        .program()
}

fn compiled(program: &Program) -> Vec<Resource> {
    let (documents, diagnostics) = compile(program, false);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    documents.into_iter().map(|document| document.resource).collect()
}

/// Proves it, and sees that a policy with another selector is found out, with an example that fits.
fn decided(program: &Program) {
    let mut resources = compiled(program);
    verify::compare(program, &resources).unwrap();
    let selected = |policy: &Policy| policy.selector.clone().filter(|it| *it != Selector::All);
    let found = resources.iter_mut().find_map(|resource| match resource {
        Resource::Policy(policy) => selected(policy).map(|selector| (selector, policy)),
        Resource::Tier(_) | Resource::Set(_) => None,
    });
    let (selector, policy) = found.unwrap();
    policy.selector = Some(Selector::or([selector, Selector::equals("app", "intruder")]));
    let Err(VerifyFailure::Differs(counterexample)) = verify::compare(program, &resources) else {
        panic!("a widened policy was not found out");
    };
    assert!(
        !counterexample.meant && counterexample.to_string().contains("`app=intruder`"),
        "{counterexample}"
    );
}

#[test]
fn labels_that_have_nothing_to_do_with_each_other() {
    decided(&program(40, |n| format!("shop.x[has(k{n})] -> shop.z[has(m{n})] : tcp/1000")));
    decided(&program(40, |n| format!("shop.x[has(k{n})] -> shop.z[has(m{n})] : tcp/{}", 1000 + n)));
}

#[test]
fn texts_within_the_values_of_one_label() {
    decided(&program(40, |n| {
        format!("shop.x[app contains 'k{n}-'] -> shop.z[app contains 'm{n}-'] : tcp/{}", 1000 + n)
    }));
    decided(&program(20, |n| {
        format!(
            "shop.x[app starts with 'k{n}' && app != 'k{n}-old'] -> shop.z[app ends with 'm{n}'] : tcp/1000"
        )
    }));
}
