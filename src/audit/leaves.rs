//! Rules by which an application leaves its own boundaries: the application code omitted, negated, another's or unknown.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::evidence::{Evidence, OF_NAMESPACE, Who};
use super::finding::{About, Finding, name, other, peer};
use crate::calico::{Entity, Rule};
use crate::diagnostic::codes::audit::{ANY_ADDRESS, CROSSES, LEAVES, UNKNOWN_APPLICATION};
use crate::diagnostic::nearest::nearest;
use crate::reach::{Bearer, Diagram, Direction, Kind};
use crate::selector::{Predicate, Selector};

/// A rule that takes in pods of other landing zones than its own.
pub(super) struct Crossing {
    pub(super) about: About,
    /// Its own landing zone.
    pub(super) own: Arc<str>,
    /// Where the rule has a say, and what it lets pass there of other landing zones.
    pub(super) at: Vec<(Who, Diagram)>,
}

/// The findings, and the crossings that name the other side.
pub(super) fn find(evidence: &mut Evidence<'_, '_>) -> (Vec<Finding>, Vec<Crossing>) {
    let (mut found, mut crossings) = (Vec::new(), Vec::new());
    if evidence.applications.is_empty() {
        return (found, crossings);
    }
    let mut named = Named::new(evidence);
    named.prepare(evidence);
    for (about, reached) in evidence.allows() {
        let Some((direction, _)) = about.rule else { continue };
        // The endpoints of a service are those of its namespace, which it names.
        let rule = evidence.world.rule(about.policy, direction, about.rule.map_or(0, |it| it.1));
        if rule.is_none_or(|rule| peer(rule, direction).service.is_some()) {
            continue;
        }
        let Some(own) = evidence.owner(about.policy) else { continue };
        let mut at = Vec::new();
        for place in reached {
            let Some((who, set)) = evidence.step(place).map(|(it, step)| (it.who, step.reached))
            else {
                continue;
            };
            let others = named.others(evidence, set, &own);
            if who != Who::Host && others != Diagram::EMPTY {
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
pub(super) fn told(evidence: &mut Evidence<'_, '_>, crossing: &Crossing) -> Option<Finding> {
    let (who, set) = *crossing.at.first()?;
    let (direction, _) = crossing.about.rule?;
    let policy = name(evidence.world, crossing.about.policy);
    let ways = match direction {
        Direction::Ingress => "takes connections from outside of",
        Direction::Egress => "opens connections out of",
    };
    let example = evidence.example(set, who, direction);
    Some(
        Finding::new(&CROSSES, format!("{policy} {ways} its landing zone `{}`", crossing.own))
            .at_field(
                evidence.world,
                crossing.about,
                other(direction),
                "another landing zone, by name",
            )
            .help("see that both landing zones want it")
            .example(evidence.world, example, "allowed at this end"),
    )
}

/// The label of the application, and which values of it are spoken of.
struct Named {
    key: String,
    declared: Vec<Arc<str>>,
    /// Those that namespaces declare or a selector names.
    spoken_of: Vec<Arc<str>>,
    /// The names of namespaces that manifests or selectors name.
    names: Vec<Arc<str>>,
    /// Connections with pods of those names, of what is spoken of, and of what is declared.
    sets: [Diagram; 3],
}

impl Named {
    fn new(evidence: &Evidence<'_, '_>) -> Self {
        let plain = &evidence.settings.labels.application;
        let key = format!("{OF_NAMESPACE}{plain}");
        let mut spoken_of = evidence.applications.clone();
        let mut names: BTreeSet<_> = evidence.homes.iter().map(|it| Arc::clone(&it.name)).collect();
        for (_, policy) in evidence.world.policies() {
            for rule in policy.ingress.iter().chain(&policy.egress) {
                for end in [&rule.source, &rule.destination] {
                    let selectors = [&end.namespace_selector, &end.selector, &end.not_selector];
                    for (at, test) in selectors.into_iter().flatten().flat_map(Selector::tests) {
                        let values = match test {
                            Predicate::Equals(value) => vec![value],
                            Predicate::In(values) => values,
                            Predicate::Has
                            | Predicate::Contains(_)
                            | Predicate::StartsWith(_)
                            | Predicate::EndsWith(_) => continue,
                        };
                        if **at == **plain || **at == *key {
                            spoken_of.extend(values);
                        } else if at.ends_with("/name") || at.ends_with("/namespace") {
                            names.extend(values);
                        }
                    }
                }
            }
        }
        Self {
            key,
            declared: evidence.applications.iter().cloned().collect(),
            spoken_of: spoken_of.into_iter().collect(),
            names: names.into_iter().collect(),
            sets: [Diagram::EMPTY; 3],
        }
    }

    /// Makes the sets that every rule is held against, once.
    fn prepare(&mut self, evidence: &mut Evidence<'_, '_>) {
        let asked = [
            (super::evidence::NAMESPACE, &self.names),
            (&*self.key, &self.spoken_of),
            (&*self.key, &self.declared),
        ];
        self.sets = asked.map(|(key, values)| {
            evidence.sets.test(Bearer::PeerPod, key, &Predicate::In(values.clone()))
        });
    }

    /// The connections of `set` whose other end is a pod of another landing zone than `own`, or of none.
    fn others(&self, evidence: &mut Evidence<'_, '_>, set: Diagram, own: &Arc<str>) -> Diagram {
        let sets = &mut evidence.sets;
        let pods = sets.kind(Kind::Pod);
        let own = sets.test(Bearer::PeerPod, &self.key, &Predicate::Equals(Arc::clone(own)));
        let pods = sets.diagrams.intersection(set, pods);
        // What a block of addresses may hold by chance is not what a rule is for.
        let everywhere: Vec<_> =
            ["0.0.0.0/0", "::/0"].iter().filter_map(|it| it.parse().ok()).collect();
        let somewhere = sets.blocks(&everywhere);
        let pods = sets.diagrams.difference(pods, somewhere);
        sets.diagrams.difference(pods, own)
    }

    /// What is wrong with a crossing; nothing where it names the other side.
    fn judge(
        &self,
        evidence: &mut Evidence<'_, '_>,
        crossing: &Crossing,
        direction: Direction,
    ) -> Option<Finding> {
        let world = evidence.world;
        let (_, index) = crossing.about.rule?;
        let rule = world.rule(crossing.about.policy, direction, index)?;
        for (who, set) in &crossing.at {
            let sets = &mut evidence.sets;
            let [named, spoken_of, declared] = self.sets;
            let free = sets.diagrams.difference(*set, named);
            let anything = sets.diagrams.difference(free, spoken_of);
            if anything != Diagram::EMPTY {
                let example = evidence.example(anything, *who, direction);
                let finding = Self::unbounded(evidence, crossing, (direction, rule));
                return Some(finding.example(world, example, "allowed at this end"));
            }
            let unknown = sets.diagrams.difference(free, declared);
            if unknown != Diagram::EMPTY {
                let example = evidence.example(unknown, *who, direction);
                let finding = self.unknown(evidence, crossing, (direction, rule));
                return Some(finding.example(world, example, "allowed at this end"));
            }
        }
        None
    }

    fn unbounded(
        evidence: &Evidence<'_, '_>,
        crossing: &Crossing,
        (direction, rule): (Direction, &Rule),
    ) -> Finding {
        let (world, own) = (evidence.world, &crossing.own);
        let policy = name(world, crossing.about.policy);
        let key = &evidence.settings.labels.application;
        let ways = match direction {
            Direction::Ingress => "takes connections from",
            Direction::Egress => "opens connections to",
        };
        let end = peer(rule, direction);
        if anywhere(end) {
            let side = match direction {
                Direction::Ingress => "whoever reaches the pods",
                Direction::Egress => "every address, inside the cluster and outside",
            };
            return Finding::new(&ANY_ADDRESS, format!("{policy} of `{own}` {ways} every address"))
                .at(world, crossing.about, side)
                .help(format!(
                    "name whom it is for:  {}:\n  namespaceSelector: {key} == '{own}'",
                    other(direction)
                ));
        }
        let (why, text) = match how(end, key) {
            How::Omitted => {
                ("the application code is omitted", format!("nothing here asks for `{key}`"))
            }
            How::Negated => (
                "the application code is negated",
                format!("this holds for every other `{key}`, those to come as well"),
            ),
            How::Wide => (
                "any application code will do",
                format!("this holds for more than one `{key}`, and for those to come"),
            ),
        };
        let field = if end.namespace_selector.is_some() { "namespaceSelector" } else { "selector" };
        Finding::new(
            &LEAVES,
            format!("{policy} {ways} landing zones other than its own, `{own}`: {why}"),
        )
        .at_field(world, crossing.about, &format!("{}.{field}", other(direction)), text)
        .help(format!("if only its own landing zone is meant, ask for it:  {key} == '{own}'"))
    }

    fn unknown(
        &self,
        evidence: &Evidence<'_, '_>,
        crossing: &Crossing,
        (direction, rule): (Direction, &Rule),
    ) -> Finding {
        let world = evidence.world;
        let key = &evidence.settings.labels.application;
        let policy = name(world, crossing.about.policy);
        let end = peer(rule, direction);
        let mut asked: Vec<Arc<str>> = Vec::new();
        for selector in [&end.namespace_selector, &end.selector].into_iter().flatten() {
            for (at, test) in selector.tests() {
                if **at == **key || **at == *self.key {
                    match test {
                        Predicate::Equals(value) => asked.push(value),
                        Predicate::In(values) => asked.extend(values),
                        Predicate::Has
                        | Predicate::Contains(_)
                        | Predicate::StartsWith(_)
                        | Predicate::EndsWith(_) => {}
                    }
                }
            }
        }
        let wrong = asked.into_iter().find(|it| !evidence.applications.contains(it));
        let wrong = wrong.unwrap_or_default();
        let field = if end.namespace_selector.is_some() { "namespaceSelector" } else { "selector" };
        let near = nearest(&wrong, self.declared.iter().map(|it| &**it));
        let text = near.map_or_else(
            || format!("no namespace has `{key}={wrong}`"),
            |near| format!("did you mean `{near}`?"),
        );
        Finding::new(
            &UNKNOWN_APPLICATION,
            format!("{policy} names the application `{wrong}`, which no namespace declares"),
        )
        .at_field(world, crossing.about, &format!("{}.{field}", other(direction)), text)
        .help("whoever gets a namespace with that label is let in, and nobody is until then")
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

/// How a rule's end speaks of the application.
enum How {
    Omitted,
    Negated,
    Wide,
}

fn how(end: &Entity, key: &str) -> How {
    let shown = format!("{OF_NAMESPACE}{key}");
    let mut spoken = false;
    for selector in [&end.namespace_selector, &end.selector].into_iter().flatten() {
        let mut open = vec![selector];
        while let Some(at) = open.pop() {
            if let Some((it, _, positive)) = at.test()
                && (**it == *key || **it == *shown)
            {
                if !positive {
                    return How::Negated;
                }
                spoken = true;
            }
            if let Selector::Not(inner) = at
                && inner.label_keys().iter().any(|it| **it == *key || **it == *shown)
            {
                return How::Negated;
            }
            open.extend(at.parts());
        }
    }
    if spoken { How::Wide } else { How::Omitted }
}
