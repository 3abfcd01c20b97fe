//! Rules by which an application leaves its own boundaries: the application code omitted, negated, another's or unknown.

mod named;
mod reasons;

use std::collections::BTreeSet;
use std::sync::Arc;

use self::named::NamedOthers;
use self::reasons::{How, how};
use super::evidence::{AuditSubject, Evidence};
use super::finding::{About, Finding, few, name, other};
use crate::calico::Entity;
use crate::diagnostic::codes::audit::CROSSES;
use crate::reach::{Bearer, Diagram, Direction};
use crate::selector::Predicate;
use crate::selector::keys::{NAME, OF_NAMESPACE};

/// A rule that takes in pods of other landing zones than its own.
pub(super) struct Crossing {
    pub(super) about: About,
    /// Its own landing zone.
    pub(super) own: Arc<str>,
    /// Where the rule has a say, and what it lets pass there of other landing zones.
    pub(super) at: Vec<(AuditSubject, Diagram)>,
}

/// The findings, and the crossings that name the other side.
pub(super) fn find(evidence: &mut Evidence<'_>) -> (Vec<Finding>, Vec<Crossing>) {
    let (mut found, mut crossings) = (Vec::new(), Vec::new());
    if evidence.applications.is_empty() {
        return (found, crossings);
    }
    let mut named = NamedOthers::new(evidence);
    named.prepare(evidence);
    for (about, reached) in evidence.allows() {
        let Some((direction, _)) = about.rule else { continue };
        let rule =
            about.rule.and_then(|(_, rule)| evidence.world.rule(about.policy, direction, rule));
        let Some(rule) = rule else { continue };
        let end = rule.peer(direction);
        let whole = evidence.world.policy(about.policy).is_some_and(|it| it.namespace.is_none());
        // A global policy that asks for any application is one of the platform, which means each of them.
        if whole && how(end, &evidence.settings.labels.application) == How::Wide {
            continue;
        }
        let Some(own) = evidence.owner(about.policy) else { continue };
        // The endpoints of a service are those of its namespace, which it names.
        if end.service.is_some() {
            found.extend(service(evidence, about, &own, direction, &reached));
            continue;
        }
        let mut at = Vec::new();
        for place in reached {
            let Some((who, set)) = evidence.step(place).map(|(it, step)| (it.who, step.reached))
            else {
                continue;
            };
            let others = named.others(evidence, set, &own);
            if who != AuditSubject::Host && others != Diagram::EMPTY {
                at.push((who, others));
            }
        }
        if at.is_empty() {
            continue;
        }
        let crossing = Crossing { about, own, at };
        match named.judge(evidence, &crossing, direction) {
            Some(finding) => found.push(finding),
            None => crossings.push(crossing),
        }
    }
    (found, crossings)
}

/// That a crossing which is in order is there.
pub(super) fn crossing_note(evidence: &mut Evidence<'_>, crossing: &Crossing) -> Option<Finding> {
    let (who, set) = *crossing.at.first()?;
    let (direction, _) = crossing.about.rule?;
    let others = evidence.others(crossing);
    let text = "another landing zone, by name";
    let finding = crosses(evidence, (crossing.about, direction), &crossing.own, &others, text);
    let example = evidence.example(set, who, direction);
    Some(finding.example(evidence.world, example, "allowed at this end"))
}

/// The note that a rule crosses from or to `others`, which are written as messages call them.
fn crosses(
    evidence: &Evidence<'_>,
    (about, direction): (About, Direction),
    own: &str,
    others: &str,
    text: &str,
) -> Finding {
    let policy = name(evidence.world, about.policy);
    let ways = match direction {
        Direction::Ingress => {
            format!("takes connections into its landing zone `{own}` from {others}")
        }
        Direction::Egress => format!("opens connections from its landing zone `{own}` to {others}"),
    };
    Finding::new(&CROSSES, format!("{policy} {ways}"))
        .at_field(evidence.world, about, other(direction), text)
        .help("see that both sides want it")
}

/// That a rule reaches a service in a namespace of another landing zone.
fn service(
    evidence: &mut Evidence<'_>,
    about: About,
    own: &Arc<str>,
    direction: Direction,
    reached: &[(usize, usize)],
) -> Option<Finding> {
    let rule = evidence.world.rule(about.policy, direction, about.rule?.1)?;
    let (namespace, _) = rule.peer(direction).service.as_ref()?;
    let home = evidence.homes.binary_search_by(|it| it.name.cmp(namespace)).ok();
    let of = home.and_then(|home| evidence.application(home));
    if namespace.is_empty() || of.as_ref() == Some(own) {
        return None;
    }
    let others = of.map_or_else(|| format!("the namespace `{namespace}`"), |it| format!("`{it}`"));
    let text = "a service of another landing zone";
    let finding = crosses(evidence, (about, direction), own, &others, text);
    let shown = reached.iter().filter_map(|at| evidence.step(*at));
    let shown = shown
        .map(|(judged, step)| (judged.who, step.reached))
        .find(|it| it.0 != AuditSubject::Host);
    let example = shown.and_then(|(who, set)| evidence.example(set, who, direction));
    Some(finding.example(evidence.world, example, "allowed at this end"))
}

impl Evidence<'_> {
    /// The namespaces that are at the other end of a crossing, those of its own landing zone left out.
    pub(super) fn partners(&mut self, crossing: &Crossing) -> Vec<usize> {
        let Some((direction, rule)) = crossing.about.rule else { return Vec::new() };
        let Some(rule) = self.world.rule(crossing.about.policy, direction, rule) else {
            return Vec::new();
        };
        let selector = rule.peer(direction).namespace_selector.as_ref();
        let all = self.sets.diagrams.union_of(crossing.at.iter().map(|(_, set)| *set).collect());
        let mut found = Vec::new();
        for (there, other) in self.homes.iter().enumerate() {
            let named = |key: &str| match key {
                NAME => Some(&*other.name),
                _ => other.labels.iter().find(|(it, _)| **it == *key).map(|(_, value)| &**value),
            };
            // Asked first as it costs little.
            if other.declared && selector.is_some_and(|it| !it.matches(named))
                || self.application(there).as_ref() == Some(&crossing.own)
            {
                continue;
            }
            if self.sets.facing(all, &other.name, &other.labels) != Diagram::EMPTY {
                found.push(there);
            }
        }
        found
    }

    /// Who is at the other end of a crossing, as messages call them.
    fn others(&mut self, crossing: &Crossing) -> String {
        let (mut zones, mut namespaces) = (BTreeSet::new(), BTreeSet::new());
        for there in self.partners(crossing) {
            let Some(home) = self.homes.get(there) else { continue };
            match self.application(there) {
                Some(application) => zones.insert(application),
                // Whatever is asked of the labels of one that nobody declares may hold.
                None if home.declared || crossing.names(self.world, &home.name) => {
                    namespaces.insert(Arc::clone(&home.name))
                }
                None => false,
            };
        }
        if zones.is_empty() && namespaces.is_empty() {
            // What others decide before may leave only namespaces to come.
            let key = format!("{OF_NAMESPACE}{}", self.settings.labels.application);
            let all = crossing.at.iter().map(|(_, set)| *set).collect();
            let all = self.sets.diagrams.union_of(all);
            for application in &self.applications {
                let value = Predicate::Equals(Arc::clone(application));
                let of = self.sets.test(Bearer::PeerPod, &key, &value);
                if *application != crossing.own
                    && self.sets.diagrams.intersection(all, of) != Diagram::EMPTY
                {
                    zones.insert(Arc::clone(application));
                }
            }
        }
        let mut whose = Vec::new();
        if !zones.is_empty() {
            whose.push(few(zones.iter().map(|it| &**it)));
        }
        if !namespaces.is_empty() {
            let names = few(namespaces.iter().map(|it| &**it));
            let word = if namespaces.len() == 1 { "namespace" } else { "namespaces" };
            whose.push(format!("the {word} {names}"));
        }
        if whose.is_empty() { "another".to_owned() } else { whose.join(" and ") }
    }
}

impl Crossing {
    /// Whether the rule has the name of this namespace in it.
    fn names(&self, world: &crate::world::World, namespace: &str) -> bool {
        let rule = self.about.rule.and_then(|(direction, rule)| {
            Some(world.rule(self.about.policy, direction, rule)?.peer(direction))
        });
        let selectors = rule.into_iter().flat_map(|end| [&end.namespace_selector, &end.selector]);
        let mut tests = selectors.flatten().flat_map(crate::selector::Selector::tests);
        tests.any(|test| {
            test.predicate.values().unwrap_or_default().iter().any(|it| **it == *namespace)
        })
    }
}

/// Whether `end` is every address.
pub(super) fn anywhere(end: &Entity) -> bool {
    end.selector.is_none()
        && end.namespace_selector.is_none()
        && end.service.is_none()
        && end.service_accounts.is_none()
        && (end.nets.is_empty() || end.nets.iter().any(|net| net.prefix_len() == 0))
        && end.not_nets.is_empty()
        && end.not_selector.is_none()
}
