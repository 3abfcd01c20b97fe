//! Calico's limits: what is more than one object can hold is divided without a change in meaning, and
//! what cannot be divided is an error that names the limit and the way out.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use eastwest::calico::{Policy, Port, Release, Resource, encode};
use eastwest::compile::{Document, compile};
use eastwest::program::Deny;
use eastwest::selector::Selector;

use crate::support::{Project, project, sample};

const EXEMPT: &str = "exempt kube-system\n";

/// The documents of `project` and what is said about them; no object breaks a limit.
fn built(project: Project) -> (Vec<Document>, Vec<String>) {
    let (documents, diagnostics) = compile(&project.program(), false);
    let mut names = BTreeSet::new();
    for document in &documents {
        let text = encode::file("a", [&document.resource]);
        assert!(text.len() <= 200 * 1024, "{} bytes", text.len());
        let name = match &document.resource {
            Resource::Tier(it) => (0, None, it.name.clone()),
            Resource::Set(it) => (1, None, it.name.clone()),
            Resource::Policy(it) => {
                checked(it);
                (2, it.namespace.clone(), it.name.clone())
            }
        };
        assert!(name.2.len() <= 253 && names.insert(name.clone()), "{name:?}");
    }
    let said = diagnostics.iter().map(|it| format!("{}: {}", it.code.code, it.message));
    (documents, said.collect())
}

fn checked(policy: &Policy) {
    let short = |selector: &Option<Selector>| {
        let length = selector.as_ref().map_or(0, |it| encode::selector(it).len());
        assert!(length <= 1024, "{length} characters");
    };
    short(&policy.selector);
    short(&policy.namespace_selector);
    for rules in [&policy.ingress, &policy.egress] {
        assert!(rules.len() <= 1024);
        for end in rules.iter().flat_map(|it| [&it.source, &it.destination]) {
            assert!(end.ports.len() <= 50 && end.nets.len() <= 256);
            short(&end.selector);
            short(&end.namespace_selector);
        }
    }
}

fn policies(documents: &[Document]) -> Vec<&Policy> {
    let policy = |it| {
        if let &Document { resource: Resource::Policy(ref it), .. } = it { Some(it) } else { None }
    };
    documents.iter().filter_map(policy).collect()
}

#[test]
fn of_51_ports_the_last_stands_in_a_second_rule() {
    let ports: Vec<_> = (1..=51).map(|port| format!("tcp/{}", port * 2)).collect();
    let flow = format!("application2.frontend -> application2.backend : {}\n", ports.join(", "));
    let (documents, said) = built(sample().file("application2", &flow));
    assert!(said.is_empty(), "{said:?}");
    let rules = &policies(&documents)[0].egress;
    let counts: Vec<_> = rules.iter().map(|it| it.destination.ports.len()).collect();
    assert_eq!(counts, [50, 1]);
    assert_eq!(rules[1].destination.ports, [Port::Range(102, 102)]);
}

#[test]
fn the_1025th_rule_stands_in_a_second_policy() {
    let rules = |count: usize| {
        let mut project = project().namespace("ns", "a", "x");
        let mut flows = String::new();
        for index in 0..count {
            // Another port each: nothing is merged.
            writeln!(flows, "a.x ==> b{index}.x : tcp/{} because \"r\"", index + 1).unwrap();
            project = project.namespace(&format!("b{index}"), &format!("b{index}"), "x");
        }
        let (documents, said) = built(project.file("a", &flows));
        assert!(said.is_empty(), "{said:?}");
        let policies = policies(&documents);
        let of = |it: &&Policy| (it.name.to_string(), it.egress.len());
        (
            policies.iter().map(of).collect::<Vec<_>>(),
            policies.iter().all(|it| it.types.as_ref().unwrap().len() == 2),
        )
    };
    // As many as fit into 200 KiB come together, and each of the policies closes both directions.
    let (parts, close) = rules(1025);
    assert!(close);
    assert!(parts.len() >= 2, "{parts:?}");
    assert_eq!(parts.iter().map(|(_, count)| count).sum::<usize>(), 1025);
    let names: Vec<_> = parts.iter().take(2).map(|(name, _)| &**name).collect();
    assert_eq!(names, ["eastwest-flows", "eastwest-flows-2"]);
}

#[test]
fn a_long_choice_of_pods_becomes_several_rules_and_policies() {
    let values: Vec<_> = (0..200).map(|index| format!("'v{index:04}'")).collect();
    let flow = format!(
        "application2.frontend[app in {{{}}}] -> application2.backend[has(a) || app in {{{}}}] : tcp/1\n",
        values.join(", "),
        values.join(", ")
    );
    let (documents, said) = built(sample().file("application2", &flow));
    assert!(said.is_empty(), "{said:?}");
    let frontend = policies(&documents)
        .into_iter()
        .filter(|it| it.namespace.as_deref() == Some("application2-ns1") && !it.egress.is_empty());
    let frontend: Vec<_> = frontend.collect();
    assert!(frontend.len() > 1);
    // Together they select every pod that the line names, and reach every peer that it names.
    let in_values = |of: &[Option<&Selector>]| {
        (0..200).all(|index| {
            let value = format!("v{index:04}");
            let label = |key: &str| match key {
                "app" => Some(&*value),
                "projectcalico.org/orchestrator" => Some("k8s"),
                _ => None,
            };
            of.iter().flatten().any(|it| it.matches(label))
        })
    };
    assert!(in_values(&frontend.iter().map(|it| it.selector.as_ref()).collect::<Vec<_>>()));
    for policy in frontend {
        let peers = policy.egress.iter().map(|it| it.destination.selector.as_ref());
        assert!(in_values(&peers.collect::<Vec<_>>()));
    }
}

#[test]
fn a_selector_of_1025_characters_that_cannot_be_divided_is_an_error() {
    let flow = |length: usize| {
        // What must hold together cannot be two selectors of which one or the other holds.
        let mut terms: Vec<_> = (0..69).map(|index| format!("has(a{index:04})")).collect();
        let left = length - terms.join(" && ").len() - " && has()".len();
        terms.push(format!("has({})", "x".repeat(left)));
        let selector = terms.join(" && ");
        assert_eq!(selector.len(), length);
        format!("application2.frontend[{selector}] -> application2.backend : tcp/1\n")
    };
    let said = |length| built(sample().file("application2", &flow(length))).1;
    // As a peer, `projectcalico.org/orchestrator == 'k8s' && ` stands before it: 43 characters.
    assert_eq!(said(1024 - 43), Vec::<String>::new());
    assert_eq!(
        said(1025 - 43),
        [
            "EW0901: a selector of this line is 1025 characters long in the policy, and Calico allows 1024"
        ]
    );
}

#[test]
fn an_exempt_list_goes_on_in_the_second_selector_and_then_is_an_error() {
    let exempt = |count: usize| {
        let names: Vec<_> = (0..count).map(|index| format!("infrastructure-{index:03}")).collect();
        sample().platform(&format!("exempt kube-system, {}\n", names.join(", ")))
    };
    let (documents, said) = built(exempt(60));
    assert!(said.is_empty(), "{said:?}");
    let deny = policies(&documents)[0];
    let namespaces = deny.namespace_selector.as_ref().unwrap();
    let pods = deny.selector.as_ref().unwrap();
    for index in 0..60 {
        let name = format!("infrastructure-{index:03}");
        let out = |it: &Selector| !it.matches(|_| Some(&*name));
        assert!(out(namespaces) != out(pods), "{name} is left out once");
    }
    assert!(pods.matches(|_| Some("other")) && namespaces.matches(|_| Some("other")));
    assert!(!namespaces.matches(|_| None), "a host endpoint is not selected");
    let (_, said) = built(exempt(120));
    assert_eq!(
        said,
        [
            "EW0902: 121 exempt namespaces do not fit into one policy: Calico allows 1024 characters in each of its two selectors"
        ]
    );
}

#[test]
fn an_exempt_list_beside_a_long_place_is_an_error_at_that_line() {
    let built = |count: usize| {
        let names: Vec<_> = (0..60).map(|index| format!("infrastructure-{index:03}")).collect();
        // What must hold together takes the room that the rest of the list needs.
        let terms: Vec<_> = (0..count).map(|index| format!("has(a{index:04})")).collect();
        let platform = format!(
            "exempt kube-system, {}\nexternal mon = namespace monitoring\n*.*[{}] <== mon : tcp/1 because \"r\"\n",
            names.join(", "),
            terms.join(" && ")
        );
        compile(&sample().platform(&platform).program(), false).1
    };
    assert!(built(1).is_empty());
    let said = built(50);
    assert_eq!(said.len(), 1, "{said:?}");
    assert_eq!(said[0].code.code, "EW0902");
    let labels: Vec<_> = said[0].labels.iter().map(|it| &*it.text).collect();
    assert_eq!(labels, ["the first of them", "its policies have to leave them out as well"]);
}

#[test]
fn a_long_scope_becomes_several_policies() {
    let listed: Vec<_> = (0..200).map(|index| format!("application-{index:03}").into()).collect();
    let project = sample().platform(EXEMPT).settings(|it| it.deny = Deny::Applications(listed));
    let (documents, said) = built(project);
    assert!(said.is_empty(), "{said:?}");
    let policies = policies(&documents);
    assert_eq!(*policies[1].name, *"eastwest-default-deny-2");
    for index in 0..200 {
        let name = format!("application-{index:03}");
        let label = |key: &str| match key {
            "applicationcode" => Some(&*name),
            "projectcalico.org/name" => Some("ns"),
            _ => None,
        };
        let selects = |it: &&&Policy| it.namespace_selector.as_ref().unwrap().matches(label);
        assert_eq!(policies.iter().filter(selects).count(), 1, "{name}");
    }
}

#[test]
fn an_external_of_257_blocks_is_one_set_and_a_huge_one_is_several_with_one_label() {
    let sets = |count: usize| {
        let blocks: Vec<_> = (0..count)
            .map(|index| format!("10.{}.{}.0/24", index / 128, index % 128 * 2))
            .collect();
        let platform = format!("{EXEMPT}external many = {}\n", blocks.join(", "));
        let (documents, said) = built(sample().platform(&platform));
        assert!(said.is_empty(), "{said:?}");
        let set = |it: Document| if let Resource::Set(it) = it.resource { Some(it) } else { None };
        documents.into_iter().filter_map(set).collect::<Vec<_>>()
    };
    let one = sets(257);
    assert_eq!((one.len(), one[0].nets.len()), (1, 257));
    let many = sets(20_000);
    assert!(many.len() > 1);
    assert_eq!(many.iter().map(|it| it.nets.len()).sum::<usize>(), 20_000);
    assert!(many.iter().all(|it| it.labels == many[0].labels));
    assert!(many.iter().all(|it| it.name.starts_with("eastwest-many.")), "{:?}", many[0].name);
    assert_ne!(many[0].name, many[1].name);
    // A set never changes: other blocks are another set.
    assert_eq!(sets(257)[0].name, one[0].name);
    assert_ne!(sets(256)[0].name, one[0].name);
    assert_eq!(sets(256)[0].labels, one[0].labels);
}

#[test]
fn what_a_release_lacks_is_an_error() {
    let said = |release: &str, staged| {
        let project = sample().platform(EXEMPT).settings(|it| {
            it.tiers = true;
            it.release = Release::parse(release).unwrap();
        });
        let (_, diagnostics) = compile(&project.program(), staged);
        diagnostics.into_iter().map(|it| it.message).collect::<Vec<_>>()
    };
    assert_eq!(
        said("v3.28", true),
        [
            "Calico 3.28 has no tiers: they came with 3.29",
            "Calico 3.28 has no staged policies: they came with 3.30",
        ]
    );
    assert_eq!(said("3.29", true).len(), 1);
    assert!(said("3.29", false).is_empty() && said("3.30", true).is_empty());
}
