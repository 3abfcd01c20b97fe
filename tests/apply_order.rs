//! The way from one set of policies to another, one object after another, through Calico's own rules. What `rollout` says of it is
//! held against a walk that knows nothing of files and looks at every namespace after every object.

use std::sync::Arc;

use eastwest::calico::{Release, Resource};
use eastwest::compile::{Document, compile};
use eastwest::program::{Deny, Owner, Program, Settings};
use eastwest::reach::of_policies::{Imagined, Namespaces, Policies, Subject};
use eastwest::reach::{Diagram, Direction, Sets, Terms};
use eastwest::rollout::{Change, FileOrder, GapKind, Owned, plan};
use eastwest::source::Sources;

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

/// The documents of `program`, each with whether it is the platform's.
fn documents(program: &Program) -> Vec<Document> {
    let (documents, said) = compile(program, false);
    assert!(said.is_empty(), "{said:?}");
    documents
}

fn namespaces(programs: [&Program; 2]) -> Namespaces {
    let all = programs.into_iter().flat_map(|it| it.namespaces.iter());
    all.map(|(_, it)| (Arc::clone(&it.name), it.labels.clone())).collect()
}

/// What every namespace lets pass, in each direction, by both rules of ties.
fn rows(sets: &mut Sets, there: &[&Resource], namespaces: &Namespaces) -> Vec<Diagram> {
    let mut policies = Policies::new(there.iter().copied(), namespaces, &[]);
    let mut rows = Vec::new();
    for (name, labels) in namespaces {
        for direction in Direction::BOTH {
            let subject = Subject::Declared(name, labels);
            let of_ties = policies.rows(sets, subject, direction, Imagined::AMONG_ANY);
            rows.extend(of_ties.map(|[plain, ..]| plain));
        }
    }
    rows
}

/// Whether something is cut, and whether something is open, on the way through `states`, that is not so at both ends.
fn wrong_on_the_way(states: &[Vec<&Resource>], namespaces: &Namespaces) -> [bool; 2] {
    let mut terms = Terms::default();
    let all: Vec<&Resource> = states.iter().flatten().copied().collect();
    Policies::new(all.iter().copied(), namespaces, &[]).terms(&mut terms);
    Sets::over(terms, |mut sets| {
        let all: Vec<_> = states.iter().map(|it| rows(&mut sets, it, namespaces)).collect();
        let (first, last) = (all.first().unwrap(), all.last().unwrap());
        let mut wrong = [false; 2];
        for state in &all {
            for ((old, new), now) in first.iter().zip(last).zip(state) {
                let always = sets.diagrams.intersection(*old, *new);
                let ever = sets.diagrams.union(*old, *new);
                wrong[0] |= sets.diagrams.difference(always, *now) != Diagram::EMPTY;
                wrong[1] |= sets.diagrams.difference(*now, ever) != Diagram::EMPTY;
            }
        }
        wrong
    })
    .unwrap()
}

/// The states between `old` and `new`, in this order of files.
fn states<'a>(
    old: &'a [Document],
    new: &'a [Document],
    order: FileOrder,
) -> Vec<Vec<&'a Resource>> {
    let mut there: Vec<&Resource> = old.iter().map(|it| &it.resource).collect();
    let mut states = vec![there.clone()];
    let deny = |it: &Document| matches!(&it.resource, Resource::Policy(policy) if policy.name.ends_with("eastwest-default-deny"));
    let mut sorted: Vec<_> = new.iter().collect();
    sorted.sort_by_key(|it| match (order, it.owner) {
        (FileOrder::PlatformFirst, Owner::Platform) if deny(it) => 2,
        (FileOrder::PlatformFirst, Owner::Platform)
        | (FileOrder::ApplicationsFirst, Owner::Application(_)) => 0,
        (FileOrder::PlatformFirst, Owner::Application(_))
        | (FileOrder::ApplicationsFirst, Owner::Platform) => 1,
    });
    for document in sorted {
        let identity = document.resource.identity();
        there.retain(|it| it.identity() != identity);
        there.push(&document.resource);
        states.push(there.clone());
    }
    let mut gone: Vec<_> = old.iter().map(|it| &it.resource).collect();
    gone.retain(|it| new.iter().all(|new| new.resource.identity() != it.identity()));
    // Policies from the last one asked to the first, then sets, then tiers.
    let kind = |it: &Resource| match it {
        Resource::Policy(_) => 0,
        Resource::Set(_) => 1,
        Resource::Tier(_) => 2,
    };
    let order = |it: &Resource| match it {
        Resource::Policy(policy) => policy.order.unwrap(),
        Resource::Set(_) | Resource::Tier(_) => 0.0,
    };
    gone.sort_by(|a, b| {
        let by_order = order(b).total_cmp(&order(a));
        kind(a).cmp(&kind(b)).then(by_order).then_with(|| a.identity().cmp(&b.identity()))
    });
    for gone in gone {
        there.retain(|it| it.identity() != gone.identity());
        states.push(there.clone());
    }
    states
}

/// Objects as `rollout` takes them.
fn named(all: &[(bool, Resource)]) -> Vec<Owned<'_>> {
    let owner = |platform: bool| if platform { "platform" } else { "an application" };
    all.iter()
        .map(|(platform, resource)| Owned {
            owner: owner(*platform),
            platform: *platform,
            resource,
        })
        .collect()
}

/// What `rollout` says of the change, after it was held against the other walk: the order, what is cut, what is open.
fn way(old: Project, new: Project) -> (FileOrder, bool, bool) {
    let (old, new) = (old.program(), new.program());
    let namespaces = namespaces([&old, &new]);
    let (before, after) = (documents(&old), documents(&new));
    let owned = |it: &'_ Document| it.owner == Owner::Platform;
    let objects = |all: &'_ [Document]| -> Vec<(bool, Resource)> {
        all.iter().map(|it| (owned(it), it.resource.clone())).collect()
    };
    let (was, is) = (objects(&before), objects(&after));
    let change = Change { before: named(&was), after: named(&is), namespaces: &namespaces };
    let usual = FileOrder::usual(new.settings.tiers);
    let found = plan(&change, usual).unwrap();
    let gaps = found.gaps.unwrap();
    let said = [GapKind::Cut, GapKind::Open].map(|kind| gaps.iter().any(|it| it.kind == kind));
    assert_eq!(said, wrong_on_the_way(&states(&before, &after, found.order), &namespaces));
    if !gaps.is_empty() {
        // No order is better.
        for order in [FileOrder::ApplicationsFirst, FileOrder::PlatformFirst] {
            assert_ne!(wrong_on_the_way(&states(&before, &after, order), &namespaces), [false; 2]);
        }
    }
    (found.order, said[0], said[1])
}

const DNS: &str =
    "exempt kube-system\nexternal dns = namespace kube-system[k8s-app == 'kube-dns']\n";
const TO_DNS: &str = "*.* ==> dns : udp/53 because \"names\"\n";
const OF_ONE: &str = "application2.frontend ==> dns : udp/53 because \"names\"\n";
const INSIDE: &str = "application2.frontend -> application2.backend : tcp/8443\n";

/// A project with these lines of the platform and of application2.
fn with(platform: &str, application2: &str) -> Project {
    sample().platform(platform).file("application2", application2)
}

fn tiers(project: Project) -> Project {
    project.settings(|it| {
        it.tiers = true;
        it.release = Release::NEWEST;
    })
}

#[test]
fn the_first_apply_has_an_order_with_tiers_and_none_without() {
    let nothing = || sample();
    assert_eq!(way(nothing(), project(true)), (FileOrder::PlatformFirst, false, false));
    assert_eq!(way(nothing(), project(false)), (FileOrder::ApplicationsFirst, true, false));
}

#[test]
fn what_changes_nothing_has_the_usual_order() {
    assert_eq!(way(project(false), project(false)), (FileOrder::ApplicationsFirst, false, false));
    assert_eq!(way(project(true), project(true)), (FileOrder::PlatformFirst, false, false));
}

#[test]
fn tiers_come_and_go_without_a_gap() {
    assert_eq!(way(project(false), project(true)), (FileOrder::PlatformFirst, false, false));
    let (_, cut, open) = way(project(true), project(false));
    assert!(!open && !cut);
    // With a guardrail that meets what the platform opens: it must not go before it.
    let meets = || {
        let platform = format!("{DNS}{TO_DNS}forbid *.frontend to *.data because \"tiers\"\n");
        with(&platform, INSIDE)
    };
    assert_eq!(way(meets(), tiers(meets())), (FileOrder::PlatformFirst, false, false));
    let (_, cut, open) = way(tiers(meets()), meets());
    assert!(!open && !cut);
}

#[test]
fn a_line_that_moves_decides_the_order() {
    let platforms = || with(&format!("{DNS}{TO_DNS}"), INSIDE);
    let applications = || with(DNS, &format!("{INSIDE}{OF_ONE}"));
    assert_eq!(way(applications(), platforms()), (FileOrder::PlatformFirst, false, false));
    assert_eq!(way(platforms(), applications()), (FileOrder::ApplicationsFirst, false, false));
}

#[test]
fn lines_that_move_in_opposite_directions_need_two_changes() {
    let time = "external time = 192.0.2.5/32\n";
    let platform = |line: &str| format!("{DNS}{time}*.frontend ==> {line}\n");
    let own = |line: &str| format!("{INSIDE}application2.frontend ==> {line}\n");
    let (dns, clock) = ("dns : udp/53 because \"names\"", "time : udp/123 because \"clocks\"");
    let old = with(&platform(dns), &own(clock));
    let new = with(&platform(clock), &own(dns));
    let both = || {
        with(
            &format!("{}*.frontend ==> {clock}\n", platform(dns)),
            &format!("{}application2.frontend ==> {dns}\n", own(clock)),
        )
    };
    let (_, cut, open) = way(old, new);
    assert!(cut && !open);
    let (old, new) = (with(&platform(dns), &own(clock)), with(&platform(clock), &own(dns)));
    let (_, cut, open) = way(old, both());
    assert!(!cut && !open, "the first step");
    let (_, cut, open) = way(both(), new);
    assert!(!cut && !open, "the second step");
}

#[test]
fn an_external_that_moves_while_another_flow_to_it_appears_leaks_for_a_moment() {
    let at = |block: &str| format!("exempt kube-system\nexternal vault = {block}\n");
    let asks = |zone: &str| format!("application2.{zone} ==> vault : tcp/443 because \"keys\"\n");
    let old = || with(&at("192.0.2.0/28"), &asks("frontend"));
    let moved = || with(&at("198.51.100.0/28"), &asks("frontend"));
    let new = || with(&at("198.51.100.0/28"), &format!("{}{}", asks("frontend"), asks("backend")));
    let (_, cut, open) = way(old(), new());
    assert!(open && !cut);
    assert_eq!(way(old(), moved()), (FileOrder::ApplicationsFirst, false, false));
    assert_eq!(way(moved(), new()), (FileOrder::ApplicationsFirst, false, false));
}

#[test]
fn an_application_joins_without_a_gap_by_tiers_or_by_the_policy_of_the_manual() {
    let joins = |tiered: bool, joined: bool| {
        let names = if joined {
            vec!["application1".into(), "application2".into()]
        } else {
            vec!["application1".into()]
        };
        let one = "application1.api -> application1.api : tcp/80\n";
        let mut project = sample().platform(&format!("{DNS}{TO_DNS}")).file("application1", one);
        if joined {
            project = project.file("application2", INSIDE);
        }
        let project = project.settings(|it| it.deny = Deny::Applications(names));
        if tiered { tiers(project) } else { project }
    };
    assert_eq!(
        way(joins(true, false), joins(true, true)),
        (FileOrder::PlatformFirst, false, false)
    );
    let (_, cut, open) = way(joins(false, false), joins(false, true));
    assert!(cut && !open);

    // The policy stands in the manual: applied first, deleted last.
    let manual = include_str!("../docs/pipeline.md");
    let start = manual.find("apiVersion: projectcalico.org/v3\nkind: GlobalNetworkPolicy\nmetadata:\n  name: joining").unwrap();
    let yaml = manual[start..].split("```").next().unwrap();
    let mut sources = Sources::new();
    let file = sources.add("joining.yaml", yaml);
    let (cluster, said) =
        eastwest::cluster::load(&sources, &[file], &Settings::default().labels, None);
    assert!(said.is_empty(), "{said:?}");
    let bridge = cluster.objects[0].resource.clone();
    let (old, new) = (joins(false, false).program(), joins(false, true).program());
    let (before, after) = (documents(&old), documents(&new));
    let mut walk = states(&before, &after, FileOrder::ApplicationsFirst);
    for state in &mut walk {
        state.push(&bridge);
    }
    walk.insert(0, before.iter().map(|it| &it.resource).collect());
    walk.push(after.iter().map(|it| &it.resource).collect());
    assert_eq!(wrong_on_the_way(&walk, &namespaces([&old, &new])), [false; 2]);
}
