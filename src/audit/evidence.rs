//! What every check looks at: for each subject and direction the steps by which its connections are decided, judged once.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use ipnet::IpNet;

use super::finding::About;
use crate::calico::Action;
use crate::program::Settings;
use crate::reach::of_policies::{By, Policies, Profile, Step, Subject, selected};
use crate::reach::{Bearer, Diagram, Direction, PeerKind, Sets, Terms, TooMany};
use crate::selector::keys::{
    DNS_KEY, DNS_VALUE, KUBE_SYSTEM, NAMESPACE, OF_NAMESPACE, names_namespace,
};
use crate::selector::{Predicate, Selector};
use crate::traffic::{Match, Protocol};
use crate::world::{Home, World};

/// Whose connections are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum AuditSubject {
    /// Pods of a namespace, by its index among [`Evidence::homes`].
    Home(usize),
    /// Pods of namespaces that nobody declares.
    Undeclared,
    /// Host endpoints.
    Host,
}

/// How the connections of one subject in one direction are decided.
#[derive(Debug)]
pub(super) struct JudgedSubject {
    pub(super) who: AuditSubject,
    pub(super) direction: Direction,
    pub(super) steps: Vec<Step>,
}

/// What is known of one rule.
#[derive(Debug, Default)]
pub(super) struct OfRule {
    /// Where it matches anything, by the index of the judgement, with the step's.
    pub(super) matched: Vec<(usize, usize)>,
    /// Where it has a say.
    pub(super) reached: Vec<(usize, usize)>,
}

/// Everything that is judged.
pub(super) struct Evidence<'w> {
    pub(super) world: &'w World,
    pub(super) settings: &'w Settings,
    /// The namespaces that are known by name, those that only selectors name among them; sorted.
    pub(super) homes: &'w [Home],
    pub(super) sets: Sets,
    pub(super) policies: Policies,
    pub(super) judged: Vec<JudgedSubject>,
    /// By policy, direction and rule.
    pub(super) rules: BTreeMap<(usize, Direction, usize), OfRule>,
    /// What rules allow and what is denied in each judgement, of those that somebody asked about.
    verdicts: BTreeMap<usize, [Diagram; 2]>,
    /// Connections that cannot be, as pods have no such address: those of pods, and those of host endpoints.
    elsewhere: [Diagram; 2],
    /// The landing zones that namespaces declare.
    pub(super) applications: BTreeSet<Arc<str>>,
}

/// The namespaces that are known by name, with those that only selectors name.
pub(super) fn homes(world: &World) -> Vec<Home> {
    let mut homes = world.homes().to_vec();
    let mut named = BTreeSet::new();
    for (_, policy) in world.policies() {
        named.extend(names(&selected(policy)));
    }
    for name in named {
        if world.home(&name).is_none() {
            homes.push(world.undeclared(&name));
        }
    }
    homes.sort_by(|a, b| a.name.cmp(&b.name));
    homes
}

/// The names of namespaces that `selector` compares with.
fn names(selector: &Selector) -> Vec<Arc<str>> {
    let tests = selector.tests().into_iter().filter(|it| names_namespace(&it.key));
    tests.flat_map(|it| it.predicate.values().unwrap_or_default()).cloned().collect()
}

/// Traffic that makes good examples.
pub(super) const HTTPS: Match = Match::Ports(Protocol::Tcp, 443, 443);
pub(super) const DNS: [Match; 2] =
    [Match::Ports(Protocol::Udp, 53, 53), Match::Ports(Protocol::Tcp, 53, 53)];

/// Where the resolver on each node listens, for pods: as Kubernetes sets it up where nobody says otherwise.
pub(super) const NODE_LOCAL: Ipv4Addr = Ipv4Addr::new(169, 254, 20, 10);

/// The address of the resolver on each node, if the files show that pods are given it.
pub(super) fn node_local(world: &World) -> Option<IpNet> {
    let address = IpNet::from(IpAddr::from(NODE_LOCAL));
    let allows = world.policies().flat_map(|(_, policy)| &policy.egress);
    let mut allows = allows.filter(|it| it.action == Action::Allow);
    let used =
        world.cluster.node_local_dns || allows.any(|it| it.destination.nets.contains(&address));
    used.then_some(address)
}

/// Judges `world`, and does `work` with what is found.
pub(super) fn gather<T>(
    world: &World,
    settings: &Settings,
    work: impl FnOnce(&mut Evidence<'_>) -> T,
) -> Result<T, TooMany> {
    let homes = homes(world);
    let mut policies = world.evaluator_at();
    let mut terms = Terms::default();
    policies.terms(&mut terms);
    terms.line();
    let applications: BTreeSet<_> =
        world.program.applications.iter().map(|(_, it)| Arc::clone(&it.name)).collect();
    let values: Vec<_> = applications.iter().cloned().collect();
    terms.label(&format!("{OF_NAMESPACE}{}", settings.labels.application).into(), &values);
    let names: Vec<_> = homes.iter().map(|it| Arc::clone(&it.name)).collect();
    terms.label(&NAMESPACE.into(), &names);
    terms.label(&NAMESPACE.into(), &[KUBE_SYSTEM.into()]);
    terms.matches(Some(&DNS));
    terms.label(&DNS_KEY.into(), &[DNS_VALUE.into()]);
    terms.blocks(node_local(world).as_slice());
    terms.matches(Some(&[HTTPS]));
    super::moved::terms(&world.cluster.written_services, &mut terms);
    terms.blocks(&settings.cluster);
    terms.give_pods_addresses();
    let known = names;
    Sets::over(terms, |mut sets| {
        let mut judged = Vec::new();
        let subjects = (0..homes.len())
            .map(AuditSubject::Home)
            .chain([AuditSubject::Undeclared, AuditSubject::Host]);
        for who in subjects {
            for direction in Direction::BOTH {
                let subject = subject(&homes, who);
                let mut steps = policies.judge(&mut sets, subject, direction, world.ties());
                if who == AuditSubject::Undeclared {
                    // Those that are known by name are judged by themselves.
                    let known =
                        sets.test(subject.bearer(), NAMESPACE, &Predicate::In(known.clone()));
                    for step in &mut steps {
                        step.matched = sets.diagrams.difference(step.matched, known);
                        step.reached = sets.diagrams.difference(step.reached, known);
                    }
                }
                if who == AuditSubject::Host {
                    // What no policy decides is the business of each host endpoint's profiles.
                    steps.retain(|step| matches!(step.by, By::Rule { .. } | By::EndOfTier { .. }));
                }
                judged.push(JudgedSubject { who, direction, steps });
            }
        }
        let mut rules: BTreeMap<_, OfRule> = BTreeMap::new();
        let elsewhere = [true, false].map(|pods| astray(&mut sets, settings, pods));
        for (at, it) in judged.iter().enumerate() {
            let [of_pods, of_hosts] = elsewhere;
            let elsewhere = if it.who == AuditSubject::Host { of_hosts } else { of_pods };
            for (index, step) in it.steps.iter().enumerate() {
                let By::Rule { policy, rule } = step.by else { continue };
                let known = rules.entry((policy, it.direction, rule)).or_default();
                let matched = sets.diagrams.difference(step.matched, elsewhere);
                if sets.that_can_be(matched, it.direction) != Diagram::EMPTY {
                    known.matched.push((at, index));
                }
                if sets.diagrams.difference(step.reached, elsewhere) != Diagram::EMPTY {
                    known.reached.push((at, index));
                }
            }
        }
        let mut evidence = Evidence {
            world,
            settings,
            homes: &homes,
            sets,
            policies,
            judged,
            rules,
            verdicts: BTreeMap::new(),
            elsewhere,
            applications,
        };
        work(&mut evidence)
    })
}

/// Connections with a pod, the peer or a subject that is `pods`, at an address that no pod has.
fn astray(sets: &mut Sets, settings: &Settings, pods: bool) -> Diagram {
    let subject = sets.housed(&settings.pods, [pods, false]);
    let peer = sets.housed(&settings.pods, [false, true]);
    let peers = sets.kind(PeerKind::Pod);
    let peers = sets.diagrams.difference(peers, peer);
    let subjects = sets.diagrams.difference(Diagram::FULL, subject);
    sets.diagrams.union(peers, subjects)
}

/// Those of `who`, as those whose policies are asked.
fn subject(homes: &[Home], who: AuditSubject) -> Subject<'_> {
    match who {
        AuditSubject::Home(index) => {
            homes.get(index).map_or(Subject::Undeclared(&[]), Home::subject)
        }
        AuditSubject::Undeclared => Subject::Undeclared(&[]),
        AuditSubject::Host => Subject::Host(&Profile::Denies),
    }
}

impl<'w> Evidence<'w> {
    /// Those of `who`, as those whose policies are asked.
    pub(super) fn subject(&self, who: AuditSubject) -> Subject<'w> {
        subject(self.homes, who)
    }

    /// How those of `who` bear labels.
    pub(super) fn bearer(&self, who: AuditSubject) -> Bearer<'w> {
        self.subject(who).bearer()
    }

    /// The endpoints of `who` that the policy selects.
    pub(super) fn selected(&mut self, policy: usize, who: AuditSubject) -> Diagram {
        let Some(policy) = self.world.policy(policy) else { return Diagram::EMPTY };
        self.sets.selector(self.bearer(who), &selected(policy))
    }

    /// What of `set`, of connections of `who`, can be as far as pods have addresses.
    pub(super) fn in_place(&mut self, who: AuditSubject, set: Diagram) -> Diagram {
        let [of_pods, of_hosts] = self.elsewhere;
        let elsewhere = if who == AuditSubject::Host { of_hosts } else { of_pods };
        self.sets.diagrams.difference(set, elsewhere)
    }

    /// What of `set` is judged for `who`: of namespaces that nobody declares, those that are known by name are not.
    pub(super) fn asked_here(&mut self, who: AuditSubject, set: Diagram) -> Diagram {
        if who != AuditSubject::Undeclared {
            return set;
        }
        let names = Predicate::In(self.homes.iter().map(|it| Arc::clone(&it.name)).collect());
        let known = self.sets.test(Bearer::Undeclared, NAMESPACE, &names);
        self.sets.diagrams.difference(set, known)
    }

    /// What rules allow in a judgement, and what is denied there.
    pub(super) fn verdicts(&mut self, judged: usize) -> [Diagram; 2] {
        if let Some(known) = self.verdicts.get(&judged) {
            return *known;
        }
        let Some(of) = self.judged.get(judged) else { return [Diagram::EMPTY; 2] };
        let reached = |action: Action| {
            let steps = of.steps.iter().filter(move |it| it.action == action);
            let decides = |it: &&Step| matches!(it.by, By::Rule { .. } | By::EndOfTier { .. });
            steps.filter(decides).map(|it| it.reached).collect::<Vec<_>>()
        };
        let both = [reached(Action::Allow), reached(Action::Deny)];
        let both = both.map(|it| self.sets.diagrams.union_of(it));
        self.verdicts.insert(judged, both);
        both
    }

    /// The step of a judgement.
    pub(super) fn step(&self, (judged, step): (usize, usize)) -> Option<(&JudgedSubject, &Step)> {
        let judged = self.judged.get(judged)?;
        judged.steps.get(step).map(|step| (judged, step))
    }

    /// The application of a namespace.
    pub(super) fn application(&self, home: usize) -> Option<Arc<str>> {
        let home = self.homes.get(home)?;
        let key = &*self.settings.labels.application;
        let found = home.labels.iter().find(|(it, _)| **it == *key);
        found.map(|(_, value)| Arc::clone(value)).filter(|it| self.applications.contains(it))
    }

    /// The landing zone that a policy belongs to: that of its namespace; of a global one that of every namespace that it
    /// can select.
    pub(super) fn owner(&mut self, policy: usize) -> Option<Arc<str>> {
        if let Some(namespace) = self.world.policy(policy)?.namespace.clone() {
            let home = self.homes.binary_search_by(|it| it.name.cmp(&namespace)).ok()?;
            return self.application(home);
        }
        let mut owners = BTreeSet::new();
        for home in 0..self.homes.len() {
            if self.selected(policy, AuditSubject::Home(home)) != Diagram::EMPTY {
                owners.insert(self.application(home));
                if owners.len() > 1 {
                    return None;
                }
            }
        }
        let owner = owners.pop_first().flatten()?;
        let key = format!("{OF_NAMESPACE}{}", self.settings.labels.application);
        let own = self.sets.test(Bearer::Undeclared, &key, &Predicate::Equals(Arc::clone(&owner)));
        let here = self.selected(policy, AuditSubject::Undeclared);
        (self.sets.diagrams.difference(here, own) == Diagram::EMPTY).then_some(owner)
    }

    /// Every rule that allows and has a say, with where it has.
    pub(super) fn allows(&self) -> Vec<(About, Vec<(usize, usize)>)> {
        let rule = |(policy, direction, rule): (usize, Direction, usize)| {
            let action = self.world.rule(policy, direction, rule)?.action;
            (action == Action::Allow).then_some(About { policy, rule: Some((direction, rule)) })
        };
        self.rules
            .iter()
            .filter(|(_, it)| !it.reached.is_empty())
            .filter_map(|(key, it)| Some((rule(*key)?, it.reached.clone())))
            .collect()
    }
}
