//! What closes by surprise: a global policy that allows a little puts every pod that it selects under the end of its tier, which
//! denies the rest; so does one that only logs; and host endpoints are closed by what was meant for pods.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::evidence::{AuditSubject, Evidence};
use super::finding::{About, Finding, few, name};
use crate::calico::{Action, HostEndpoint, Policy, Stage};
use crate::diagnostic::codes::audit::{CLOSES, HOSTS, LOG_ONLY};
use crate::reach::of_policies::selected;
use crate::reach::{Diagram, Direction};
use crate::selector::Selector;
use crate::selector::keys::{ORCHESTRATOR, names_account, names_namespace};

/// What is closed by the same policies.
struct ClosedBy {
    names: Vec<String>,
    directions: Vec<Direction>,
    shown: (AuditSubject, Direction, Diagram),
}

/// The findings about pods.
pub(super) fn find(evidence: &mut Evidence<'_>) -> Vec<Finding> {
    let mut by_policies: BTreeMap<(bool, Vec<usize>), ClosedBy> = BTreeMap::new();
    for at in 0..evidence.judged.len() {
        let Some((who, direction)) = evidence.judged.get(at).map(|it| (it.who, it.direction))
        else {
            continue;
        };
        if who == AuditSubject::Host {
            continue;
        }
        for (policies, reached) in ends(evidence, at) {
            let (silent, others): (Vec<usize>, Vec<usize>) =
                policies.into_iter().partition(|it| closes_silently(evidence, *it, direction));
            let mut set = reached;
            for other in others {
                let here = evidence.selected(other, who);
                set = evidence.sets.diagrams.difference(set, here);
            }
            let mut selecting = Vec::new();
            for policy in silent {
                let here = evidence.selected(policy, who);
                if evidence.sets.diagrams.intersection(here, set) != Diagram::EMPTY {
                    selecting.push(policy);
                }
            }
            let silent = selecting;
            if set == Diagram::EMPTY || silent.is_empty() {
                continue;
            }
            let only_log = silent.iter().all(|it| logs(evidence, *it, direction));
            let called = match who {
                AuditSubject::Home(index) => {
                    // Where it depends on labels that are not known, others may close it as well.
                    let [depends, _] = evidence.sets.asks_of_namespaces(set);
                    let home = evidence.homes.get(index).filter(|it| it.known || !depends);
                    home.map(|it| it.name.to_string())
                }
                AuditSubject::Undeclared | AuditSubject::Host => None,
            };
            let closed = by_policies.entry((only_log, silent)).or_insert_with(|| ClosedBy {
                names: Vec::new(),
                directions: Vec::new(),
                shown: (who, direction, set),
            });
            if !closed.directions.contains(&direction) {
                closed.directions.push(direction);
            }
            closed.names.extend(called.filter(|it| !closed.names.contains(it)));
        }
    }
    by_policies
        .into_iter()
        .filter_map(|((only_log, policies), closed)| {
            closing(evidence, only_log, &policies, &closed)
        })
        .collect()
}

/// Whether a policy selects pods without saying that it denies any: one that only logs, or a global one that only allows.
fn closes_silently(evidence: &Evidence<'_>, policy: usize, direction: Direction) -> bool {
    let Some(policy) = evidence.world.policy(policy) else { return false };
    let rules = policy.rules(direction);
    let does = |action: Action| rules.iter().any(|rule| rule.action == action);
    let gentle = !does(Action::Deny) && !does(Action::Pass);
    gentle
        && (does(Action::Allow) && policy.namespace.is_none() && selects_unlabelled(policy, true)
            || does(Action::Log) && !does(Action::Allow))
}

/// Whether `policy` selects a pod, or a host endpoint, that has no labels but those that Calico gives it. One that names what it is
/// for (`app == 'x'`) closes what was meant; one that does not takes in what nobody thought of.
pub(super) fn selects_unlabelled(policy: &Policy, pod: bool) -> bool {
    selected(policy).matches(|key| match key {
        ORCHESTRATOR => pod.then_some("k8s"),
        // A name that no policy can know.
        key => (pod && (names_namespace(key) || names_account(key))).then_some("?"),
    })
}

/// Whether `policy` is one for host endpoints: as it says, or as it names labels that those in the files bear and that are not
/// by custom those of pods.
fn is_for_hosts(evidence: &Evidence<'_>, policy: &Policy) -> bool {
    let selector = selected(policy);
    policy.stage != Stage::Ordinary
        || policy.apply_on_forward
        || !asks_for_pods(&selector) && bearers(evidence, &selector) > 0
}

/// Whether `selector` asks for labels that are by custom those of pods.
pub(super) fn asks_for_pods(selector: &Selector) -> bool {
    let of_pods = |key: &Arc<str>| {
        ["app", "k8s-app"].contains(&&**key) || key.starts_with("app.kubernetes.io/")
    };
    selector.label_keys().iter().any(of_pods)
}

/// How many host endpoints `selector` holds.
pub(super) fn bearers(evidence: &Evidence<'_>, selector: &Selector) -> usize {
    let hosts = evidence.world.cluster.hosts.iter();
    let value = |host: &HostEndpoint, key: &str| {
        host.labels.iter().find(|(it, _)| **it == *key).map(|(_, value)| Arc::clone(value))
    };
    let held = hosts.filter(|host| {
        let labels: Vec<_> =
            selector.label_keys().iter().map(|key| (key.clone(), value(host, key))).collect();
        selector.matches(|key| labels.iter().find(|(it, _)| **it == *key)?.1.as_deref())
    });
    held.count()
}

/// The field by which `policy` selects, or its name where it says nothing of that.
pub(super) fn selecting(policy: Option<&Policy>) -> &'static str {
    let Some(policy) = policy else { return "" };
    let all = |it: &Option<Selector>| it.as_ref().is_none_or(|it| *it == Selector::All);
    match (&policy.selector, &policy.namespace_selector, &policy.service_account_selector) {
        (own, Some(_), _) if all(own) => "spec.namespaceSelector",
        (own, None, Some(_)) if all(own) => "spec.serviceAccountSelector",
        (Some(_), _, _) => "spec.selector",
        (None, _, _) => "",
    }
}

fn logs(evidence: &Evidence<'_>, policy: usize, direction: Direction) -> bool {
    let Some(policy) = evidence.world.policy(policy) else { return false };
    policy.rules(direction).iter().all(|rule| rule.action == Action::Log)
}

/// The ends of tiers that deny something in a judgement: their policies, and what.
fn ends(evidence: &Evidence<'_>, at: usize) -> Vec<(Vec<usize>, Diagram)> {
    let Some(judged) = evidence.judged.get(at) else { return Vec::new() };
    let denies = judged.steps.iter().filter(|step| step.reached != Diagram::EMPTY);
    denies.filter_map(|step| Some((step.by.end_of_tier()?.to_vec(), step.reached))).collect()
}

fn closing(
    evidence: &mut Evidence<'_>,
    only_log: bool,
    policies: &[usize],
    closed: &ClosedBy,
) -> Option<Finding> {
    let world = evidence.world;
    let [first, rest @ ..] = policies else { return None };
    let (who, direction, set) = closed.shown;
    let called = name(world, *first);
    let and = match rest {
        [] => String::new(),
        [one] => format!(" with {}", name(world, *one)),
        [..] => " with others".to_owned(),
    };
    let finding = if only_log {
        Finding::new(
            &LOG_ONLY,
            format!("{called}{and} only logs, and closes all the pods that it selects"),
        )
    } else {
        Finding::new(
            &CLOSES,
            format!("{called}{and} closes pods for everything that it does not allow"),
        )
    };
    let mut finding = finding.at_field(
        world,
        About { policy: *first, rule: None },
        selecting(world.policy(*first)),
        "selects them",
    );
    for policy in rest.iter().take(2) {
        finding = finding.at_field(
            world,
            About { policy: *policy, rule: None },
            selecting(world.policy(*policy)),
            "selects them as well",
        );
    }
    finding.about.extend(rest.iter().skip(2).map(|it| About { policy: *it, rule: None }));
    let mut help = "once a policy selects a pod, what no rule of the tier decides is denied at the end of the tier".to_owned();
    if !closed.names.is_empty() {
        help.push_str("\nno other policy closes these: ");
        help.push_str(&few(closed.names.iter().map(String::as_str)));
    }
    let remedy = if only_log {
        "put the Log rule into a policy that decides, before its other rules, or in a tier that ends in Pass"
    } else {
        "select only the pods that are meant to be closed, or say Deny where that is meant"
    };
    let example = evidence.example(set, who, direction);
    Some(finding.help(help).help(remedy).example(world, example, "denied at the end of the tier"))
}

/// The findings about host endpoints.
pub(super) fn hosts(evidence: &mut Evidence<'_>) -> Vec<Finding> {
    let world = evidence.world;
    let mut closed: BTreeMap<usize, (Direction, Diagram, Vec<usize>)> = BTreeMap::new();
    for at in 0..evidence.judged.len() {
        let Some(judged) = evidence.judged.get(at).filter(|it| it.who == AuditSubject::Host) else {
            continue;
        };
        let direction = judged.direction;
        let denies = |step: &crate::reach::of_policies::Step| {
            let by_rule = step.by.rule().map(|(policy, _)| vec![policy]);
            let policies = by_rule.or(step.by.end_of_tier().map(<[usize]>::to_vec))?;
            let (first, rest) = policies.split_first()?;
            Some((*first, step.reached, rest.to_vec()))
        };
        let steps = judged.steps.iter().filter(|step| step.action == Action::Deny);
        let found: Vec<_> = steps.filter_map(denies).collect();
        for (policy, reached, rest) in found {
            let meant = world.policy(policy).is_none_or(|it| {
                is_for_hosts(evidence, it)
                    || !selects_unlabelled(it, false) && bearers(evidence, &selected(it)) == 0
            });
            let pods = evidence.selected(policy, AuditSubject::Undeclared) != Diagram::EMPTY
                || (0..evidence.homes.len()).any(|home| {
                    evidence.selected(policy, AuditSubject::Home(home)) != Diagram::EMPTY
                });
            if reached != Diagram::EMPTY && !meant && pods {
                closed.entry(policy).or_insert((direction, reached, rest));
            }
        }
    }
    let finding_of = |(policy, (direction, set, rest)): (
        usize,
        (Direction, Diagram, Vec<usize>),
    )| {
        let about = About { policy, rule: None };
        let mut finding = Finding::new(
            &HOSTS,
            format!("{} closes host endpoints as well as pods", name(world, policy)),
        )
        .at_field(
            world,
            about,
            selecting(world.policy(policy)),
            "holds for what is in no namespace, too",
        );
        for other in rest.iter().take(2) {
            let about = About { policy: *other, rule: None };
            let field = selecting(world.policy(*other));
            finding = finding.at_field(world, about, field, "and so does this");
        }
        let example = evidence.example(set, AuditSubject::Host, direction);
        finding
            .help("a node gets a host endpoint when somebody makes one, or switches automatic ones on: from then on this closes the node")
            .help("where pods alone are meant, add to the selector:  && has(projectcalico.org/namespace)")
            .example(world, example, "denied where a node has a host endpoint")
    };
    closed.into_iter().map(finding_of).collect()
}

/// Whether a policy closes a direction only by naming it in `types`.
pub(super) fn by_types_alone(policy: &Policy, direction: Direction) -> bool {
    policy.types.is_some() && policy.applies(direction) && policy.rules(direction).is_empty()
}
