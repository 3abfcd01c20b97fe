//! What of Calico the random worlds have met: each construct must stand in a rule that matched somewhere and in one
//! that did not, and each way of deciding must have decided.

use std::collections::BTreeMap;

use eastwest::calico::{
    Action, AdminKind, Entity, Policy, PolicyKind, Port, Resource, Rule, RuleProtocol, Stage,
};
use eastwest::reach::{Direction, End};
use eastwest::selector::Selector;

use super::super::calico_naive::{By, Judged, policies};
use super::world::World;

/// How often each thing was met.
#[derive(Debug, Default)]
pub(super) struct Counts {
    worlds: usize,
    connections: usize,
    /// Of them, those that the evaluator chose.
    pub(super) witnesses: usize,
    pub(super) imagined: usize,
    /// With conditions in play: verdicts that depend on them, and verdicts that do not.
    undecided: usize,
    /// What decides here up to v3.31 is not what decides from v3.32.
    by_release: usize,
    decided_anyway: usize,
    worlds_with: BTreeMap<&'static str, usize>,
    /// For rules with each construct: how often one matched, and how often one did not.
    rules_with: BTreeMap<&'static str, [usize; 2]>,
    decided_by: BTreeMap<&'static str, usize>,
}

impl Counts {
    pub(super) fn written(&mut self, world: &World) {
        self.worlds += 1;
        for (name, holds) in WORLDS {
            *self.worlds_with.entry(name).or_default() += usize::from(holds(world));
        }
        for (name, holds) in POLICIES {
            let found = policies(&world.resources).filter(|(_, policy)| holds(policy)).count();
            *self.worlds_with.entry(name).or_default() += found;
        }
    }

    pub(super) fn judged(&mut self, world: &World, direction: Direction, judged: &Judged) {
        self.connections += 1;
        let by = match (&judged.by, judged.allowed) {
            (By::Rule { .. }, true) => DECIDED[0],
            (By::Rule { .. }, false) => DECIDED[1],
            (By::EndOfTier(tier), _) if **tier == *"default" => DECIDED[2],
            (By::EndOfTier(tier), _) if is_made(world, tier) => DECIDED[3],
            (By::EndOfTier(_), _) => DECIDED[4],
            (By::Profile, true) => DECIDED[5],
            (By::NotIsolated, true) => DECIDED[6],
            (By::Profile, false) => DECIDED[7],
            (By::NotIsolated, false) => DECIDED[8],
            (By::Forwarded, _) => DECIDED[9],
            (By::Failsafe, _) => DECIDED[10],
            (By::Outside, _) => panic!("a subject is an endpoint"),
        };
        *self.decided_by.entry(by).or_default() += 1;
        for asked in &judged.asked {
            let Some(Resource::Policy(policy)) = world.resources.get(asked.policy) else {
                continue;
            };
            let rules = match direction {
                Direction::Ingress => &policy.ingress,
                Direction::Egress => &policy.egress,
            };
            let rule = &rules[asked.rule];
            for (name, holds) in RULES {
                if holds(policy, rule) {
                    self.rules_with.entry(name).or_default()[usize::from(asked.matches)] += 1;
                }
            }
        }
    }

    /// All answers to what no packet shows were tried, and led to this many verdicts.
    pub(super) fn answered(&mut self, verdicts: usize) {
        let count = if verdicts > 1 { &mut self.undecided } else { &mut self.decided_anyway };
        *count += 1;
    }

    /// Another rule decides by the rules of the other releases.
    pub(super) fn differed_by_release(&mut self) {
        self.by_release += 1;
    }

    /// What was not met.
    pub(super) fn missing(&self) -> Vec<&'static str> {
        let worlds =
            self.worlds_with.iter().filter(|(_, count)| **count == 0).map(|(name, _)| *name);
        let rules = RULES.iter().map(|(name, _)| *name).filter(|name| {
            let [not, matched] = self.rules_with.get(name).copied().unwrap_or_default();
            matched == 0 && *name != NEVER || not == 0
        });
        let decided = DECIDED.iter().copied().filter(|it| !self.decided_by.contains_key(it));
        let undecided = (self.undecided == 0).then_some("undecided");
        let by_release = (self.by_release == 0).then_some("ties that releases break differently");
        worlds.chain(rules).chain(decided).chain(undecided).chain(by_release).collect()
    }
}

const DECIDED: [&str; 11] = [
    "a rule that allows",
    "a rule that denies",
    "the end of the tier `default`",
    "the end of another tier",
    "the end of a tier that nobody made",
    "the profile, after policies",
    "the profile alone",
    "no profile, after policies",
    "no profile and no policy",
    "a host endpoint on the way",
    "a failsafe port",
];

type Of<T> = (&'static str, fn(&T) -> bool);

fn has_tier(world: &World, holds: fn(&eastwest::calico::Tier) -> bool) -> bool {
    world.resources.iter().any(|resource| match resource {
        Resource::Tier(tier) => holds(tier),
        Resource::Set(_) | Resource::Policy(_) => false,
    })
}

/// Whether a tier is there.
fn is_made(world: &World, name: &str) -> bool {
    world.resources.iter().any(|resource| match resource {
        Resource::Tier(tier) => *tier.name == *name,
        Resource::Set(_) | Resource::Policy(_) => false,
    })
}

fn has_set(world: &World, holds: fn(&eastwest::calico::NetworkSet) -> bool) -> bool {
    world.resources.iter().any(|resource| match resource {
        Resource::Set(set) => holds(set),
        Resource::Tier(_) | Resource::Policy(_) => false,
    })
}

const WORLDS: &[Of<World>] = &[
    ("a tier that passes on", |world| has_tier(world, |tier| tier.pass)),
    ("a tier that denies at its end", |world| has_tier(world, |tier| !tier.pass)),
    ("a tier without an order", |world| has_tier(world, |tier| tier.order.is_none())),
    ("a GlobalNetworkSet", |world| has_set(world, |set| set.namespace.is_none())),
    ("a NetworkSet", |world| has_set(world, |set| set.namespace.is_some())),
    ("a set with labels that Calico gives to pods", |world| {
        has_set(world, |set| set.labels.iter().any(|(key, _)| key.starts_with("pc")))
    }),
    ("a host endpoint as the subject", |world| {
        world.subjects.iter().any(|pod| matches!(pod.end, End::Host { .. }))
    }),
    ("a set that may not be there", |world| has_set(world, |set| set.proviso.is_some())),
    ("no condition", |world| world.conditions.is_empty()),
    ("several conditions", |world| world.conditions.len() > 1),
];

const POLICIES: &[Of<Policy>] = &[
    ("NetworkPolicy", |it| it.kind == PolicyKind::Calico && it.namespace.is_some()),
    ("GlobalNetworkPolicy", |it| it.namespace.is_none()),
    ("a Kubernetes policy", |it| it.kind == PolicyKind::Kubernetes),
    ("AdminNetworkPolicy", |it| it.kind == PolicyKind::Admin(AdminKind::Admin)),
    ("BaselineAdminNetworkPolicy", |it| it.kind == PolicyKind::Admin(AdminKind::Baseline)),
    ("ClusterNetworkPolicy", |it| it.kind == PolicyKind::Admin(AdminKind::Cluster)),
    ("a tier that nobody made", |it| matches!(&*it.tier, "ghost" | "none")),
    ("kube-admin", |it| &*it.tier == "kube-admin"),
    ("kube-baseline", |it| &*it.tier == "kube-baseline"),
    ("a name with its tier", |it| it.name.starts_with(&*it.tier)),
    ("a policy that may not be there", |it| it.proviso.is_some()),
    ("no order", |it| it.order.is_none()),
    ("a negative order", |it| it.order.is_some_and(|order| order < 0.0)),
    ("a fractional order", |it| it.order == Some(20.5)),
    ("a policy without a selector", |it| it.selector.is_none()),
    ("a policy's selector", |it| it.selector.is_some()),
    ("a policy's namespaceSelector", |it| it.namespace_selector.is_some()),
    ("serviceAccountSelector, namespaced", |it| {
        it.service_account_selector.is_some() && it.namespace.is_some()
    }),
    ("serviceAccountSelector, global", |it| {
        it.service_account_selector.is_some() && it.namespace.is_none()
    }),
    ("doNotTrack", |it| it.stage == Stage::Untracked),
    ("preDNAT", |it| it.stage == Stage::PreDnat),
    ("applyOnForward alone", |it| it.stage == Stage::Ordinary && it.apply_on_forward),
    ("no types", |it| it.types.is_none()),
    ("no types, and rules for egress alone", |it| {
        it.types.is_none() && it.ingress.is_empty() && !it.egress.is_empty()
    }),
    ("no types, and no rules", |it| {
        it.types.is_none() && it.ingress.is_empty() && it.egress.is_empty()
    }),
    ("types without rules", |it| {
        it.types.is_some() && it.ingress.is_empty() && it.egress.is_empty()
    }),
    ("rules outside the types", |it| {
        let only = |direction| it.types == Some(vec![direction]);
        only(eastwest::calico::Direction::Ingress) && !it.egress.is_empty()
            || only(eastwest::calico::Direction::Egress) && !it.ingress.is_empty()
    }),
];

type OfRule = (&'static str, fn(&Policy, &Rule) -> bool);

fn any(rule: &Rule, holds: impl Fn(&Entity) -> bool) -> bool {
    holds(&rule.source) || holds(&rule.destination)
}

fn bare(entity: &Entity) -> bool {
    entity.selector.is_none()
        && entity.namespace_selector.is_none()
        && entity.service_accounts.is_none()
}

fn is_global(policy: &Policy) -> bool {
    policy.namespace.is_none()
}

fn of_accounts(rule: &Rule, names: bool, selector: bool) -> bool {
    any(rule, |it| {
        it.service_accounts
            .as_ref()
            .is_some_and(|it| it.names.is_empty() != names && it.selector.is_some() == selector)
    })
}

fn says(rule: &Rule, text: &str) -> bool {
    let said = |it: &Option<Selector>| it.as_ref().is_some_and(|it| it.to_string().contains(text));
    any(rule, |it| said(&it.selector) || said(&it.not_selector) || said(&it.namespace_selector))
}

fn has_named(ports: &[Port]) -> bool {
    ports.iter().any(|port| matches!(port, Port::Named(_)))
}

/// A service without its namespace matches nothing.
const NEVER: &str = "a service without its namespace";

const RULES: &[OfRule] = &[
    ("Allow", |_, rule| rule.action == Action::Allow),
    ("Deny", |_, rule| rule.action == Action::Deny),
    ("Log", |_, rule| rule.action == Action::Log),
    ("Pass", |_, rule| rule.action == Action::Pass),
    ("selector, namespaced", |policy, rule| {
        !is_global(policy) && any(rule, |it| it.selector.is_some())
    }),
    ("selector, global", |policy, rule| is_global(policy) && any(rule, |it| it.selector.is_some())),
    ("notSelector alone, namespaced", |policy, rule| {
        !is_global(policy) && any(rule, |it| it.not_selector.is_some() && bare(it))
    }),
    ("notSelector alone, global", |policy, rule| {
        is_global(policy) && any(rule, |it| it.not_selector.is_some() && bare(it))
    }),
    ("notSelector beside others", |_, rule| any(rule, |it| it.not_selector.is_some() && !bare(it))),
    ("namespaceSelector alone", |_, rule| {
        any(rule, |it| it.namespace_selector.is_some() && it.selector.is_none())
    }),
    ("namespaceSelector and selector", |_, rule| {
        any(rule, |it| it.namespace_selector.is_some() && it.selector.is_some())
    }),
    ("namespaceSelector: all()", |_, rule| {
        any(rule, |it| it.namespace_selector == Some(Selector::All))
    }),
    ("namespaceSelector: global()", |_, rule| {
        any(rule, |it| it.namespace_selector == Some(Selector::Global))
    }),
    ("service accounts by name", |_, rule| of_accounts(rule, true, false)),
    ("service accounts by selector", |_, rule| of_accounts(rule, false, true)),
    ("service accounts by both", |_, rule| of_accounts(rule, true, true)),
    ("service accounts by neither", |_, rule| of_accounts(rule, false, false)),
    ("nets", |_, rule| any(rule, |it| !it.nets.is_empty())),
    ("notNets", |_, rule| any(rule, |it| !it.not_nets.is_empty())),
    ("nets and selector", |_, rule| any(rule, |it| !it.nets.is_empty() && it.selector.is_some())),
    ("IPv6 nets", |_, rule| any(rule, |it| it.nets.iter().any(|net| net.addr().is_ipv6()))),
    ("IPv6 notNets", |_, rule| any(rule, |it| it.not_nets.iter().any(|net| net.addr().is_ipv6()))),
    ("ipVersion", |_, rule| rule.family.is_some()),
    ("protocol", |_, rule| rule.protocol.is_some()),
    ("protocol: UDPLite", |_, rule| rule.protocol == Some(RuleProtocol::UdpLite)),
    ("protocol: ICMP", |_, rule| rule.protocol == Some(RuleProtocol::Icmp)),
    ("protocol: ICMPv6", |_, rule| rule.protocol == Some(RuleProtocol::IcmpV6)),
    ("protocol: 6", |_, rule| rule.protocol == Some(RuleProtocol::Number(6))),
    ("protocol: 47", |_, rule| rule.protocol == Some(RuleProtocol::Number(47))),
    ("protocol: SCTP", |_, rule| rule.protocol == Some(RuleProtocol::Sctp)),
    ("protocol: 1", |_, rule| rule.protocol == Some(RuleProtocol::Number(1))),
    ("notProtocol", |_, rule| rule.not_protocol.is_some()),
    ("icmp type", |_, rule| matches!(rule.icmp, Some((_, None)))),
    ("icmp type and code", |_, rule| matches!(rule.icmp, Some((_, Some(_))))),
    ("notICMP", |_, rule| rule.not_icmp.is_some()),
    ("ports", |_, rule| !rule.destination.ports.is_empty()),
    ("named ports", |_, rule| has_named(&rule.destination.ports)),
    ("named ports without a protocol", |_, rule| {
        rule.protocol.is_none() && has_named(&rule.destination.ports)
    }),
    ("named ports and a selector", |_, rule| {
        has_named(&rule.destination.ports) && rule.destination.selector.is_some()
    }),
    ("notPorts", |_, rule| !rule.destination.not_ports.is_empty()),
    ("notPorts by name", |_, rule| has_named(&rule.destination.not_ports)),
    ("ports of the source", |_, rule| !rule.source.ports.is_empty()),
    ("notPorts of the source", |_, rule| !rule.source.not_ports.is_empty()),
    ("a service", |_, rule| any(rule, |it| matches!(&it.service, Some((of, _)) if !of.is_empty()))),
    (NEVER, |_, rule| any(rule, |it| matches!(&it.service, Some((of, _)) if of.is_empty()))),
    ("http", |_, rule| rule.http.is_some()),
    ("both ends", |_, rule| {
        rule.source != Entity::default() && rule.destination != Entity::default()
    }),
    ("==", |_, rule| says(rule, "app == ")),
    ("!=", |_, rule| says(rule, " != ")),
    ("in", |_, rule| says(rule, " in {")),
    ("not in", |_, rule| says(rule, " not in {")),
    ("starts with", |_, rule| says(rule, " starts with ")),
    ("ends with", |_, rule| says(rule, " ends with ")),
    ("contains", |_, rule| says(rule, " contains ")),
    ("has", |_, rule| says(rule, "has(tier)")),
    ("!has", |_, rule| says(rule, "!has(t")),
    ("!(…)", |_, rule| says(rule, "!(")),
    ("!all()", |_, rule| says(rule, "!all()")),
    ("projectcalico.org/namespace", |_, rule| says(rule, "projectcalico.org/namespace ==")),
    ("projectcalico.org/orchestrator", |_, rule| says(rule, "orchestrator")),
    ("projectcalico.org/serviceaccount", |_, rule| says(rule, "serviceaccount")),
    ("kubernetes.io/metadata.name", |_, rule| says(rule, "kubernetes.io/metadata.name ==")),
    ("pcns.", |_, rule| says(rule, "pcns.")),
    ("pcsa.", |_, rule| says(rule, "pcsa.")),
];
