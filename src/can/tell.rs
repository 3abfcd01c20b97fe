//! From steps and sets to what an answer says of them.

use ipnet::IpNet;

use super::answer::{
    AnswerHalf as Said, AnswerPart, Because, Extent, FlowLine, PolicyRef, Verdict, When,
};
use super::judge::Judge;
use super::pair::{PairHalf, QueryPair};
use crate::calico::{Action, Entity, PolicyKind, Rule};
use crate::reach::of_policies::{By, Step};
use crate::reach::{Condition, Diagram, Direction, Way, Which};
use crate::selector::keys::NAMESPACE;
use crate::selector::{Selector, Test};
use crate::source::Span;
use crate::world::World;

/// So many ways for something to hold are listed.
const WAYS: usize = 4;

impl World {
    /// `file:line` of `span`.
    pub(super) fn place_of(&self, span: Span) -> String {
        let (path, at) = (self.sources.path(span.file), self.sources.position(span));
        format!("{path}:{}", at.line)
    }

    /// What `selector` says of pods of namespaces that may come, which none of those is that are known.
    fn unnamed(&self, selector: &Selector) -> Option<Selector> {
        let says = |part: &&Selector| {
            let Selector::Test(Test { key, predicate, positive: false }) = part else {
                return true;
            };
            let names = predicate.values().unwrap_or_default();
            &**key != NAMESPACE || names.iter().any(|it| self.home(it).is_none())
        };
        let parts = match selector {
            Selector::And(parts) => parts.as_slice(),
            Selector::All
            | Selector::Global
            | Selector::Test(_)
            | Selector::Not(_)
            | Selector::Or(_) => std::slice::from_ref(selector),
        };
        let parts = parts.iter().filter(says).cloned();
        Some(Selector::and(parts)).filter(|it| *it != Selector::All)
    }

    /// A policy by its name.
    pub(super) fn named(&self, object: usize) -> Option<PolicyRef> {
        let policy = self.policy(object)?;
        Some(PolicyRef {
            kind: policy.kind_name().to_owned(),
            namespace: policy.namespace.as_ref().map(ToString::to_string),
            name: policy.name.to_string(),
            kubernetes: policy.kind == PolicyKind::Kubernetes,
        })
    }

    /// The place of `span`, or where its file is not there that of the first of `lines`, of which it is made.
    fn cited(&self, span: Span, lines: &[Span]) -> Option<String> {
        let written = (!self.unwritten.contains(&span.file)).then_some(span);
        written.or(lines.first().copied()).map(|it| self.place_of(it))
    }

    /// The rule as written: its index, and its place or that of the line behind it.
    pub(super) fn written(
        &self,
        object: usize,
        direction: Direction,
        rule: usize,
    ) -> Option<(usize, Option<String>)> {
        let lines = self.lines_of(object, direction, rule);
        let object = self.cluster.objects.get(object)?;
        let [ingress, egress] = &object.rules;
        let written = match direction {
            Direction::Ingress => ingress.get(rule),
            Direction::Egress => egress.get(rule),
        }?;
        Some((written.index, self.cited(written.span, lines)))
    }

    /// The lines of flow files behind a rule.
    pub(super) fn flows(&self, object: usize, direction: Direction, rule: usize) -> Vec<FlowLine> {
        let spans = self.lines_of(object, direction, rule);
        let line = |line: &str, because: &Option<Box<str>>, span: Span, guardrail: bool| FlowLine {
            line: line.to_owned(),
            because: because.as_deref().map(str::to_owned),
            source: self.place_of(span),
            guardrail,
        };
        let flow = |span: &Span| {
            let of_flow = self.program.flows.iter().find(|it| it.spans.whole == *span);
            if let Some(flow) = of_flow {
                return Some(line(&flow.line, &flow.because, *span, false));
            }
            let found = self.program.guardrails.iter().find(|it| it.span == *span)?;
            Some(line(&found.line, &found.because, *span, true))
        };
        spans.iter().filter_map(flow).collect()
    }

    /// What `step` is the doing of.
    pub(super) fn part(
        &self,
        step: &Step,
        direction: Direction,
        extent: Vec<Extent>,
    ) -> AnswerPart {
        let mut part = AnswerPart {
            verdict: if step.action == Action::Allow { Verdict::Allow } else { Verdict::Deny },
            because: Because::NotIsolated,
            tier: None,
            policy: None,
            rule: None,
            source: None,
            policies: Vec::new(),
            flows: Vec::new(),
            why: None,
            extent,
        };
        match &step.by {
            By::Rule { policy, rule } => {
                part.because = Because::Rule;
                part.policy = self.named(*policy);
                part.tier = self.policy(*policy).map(|it| it.tier.to_string());
                let written = self.written(*policy, direction, *rule);
                part.rule = written.as_ref().map(|(index, _)| *index);
                part.source = written.and_then(|(_, source)| source);
                part.flows = self.flows(*policy, direction, *rule);
            }
            By::EndOfTier { tier, policies } => {
                part.because = Because::EndOfTier;
                part.tier = Some(tier.to_string());
                part.policies = policies.iter().filter_map(|it| self.named(*it)).collect();
                let first = policies.first().and_then(|it| self.cluster.objects.get(*it));
                part.source = first.and_then(|object| self.cited(object.span, &[]));
            }
            By::Forwarded { policy, rule } => {
                part.because = Because::Rule;
                part.policy = self.named(*policy);
                part.tier = self.policy(*policy).map(|it| it.tier.to_string());
                let written = rule.and_then(|rule| self.written(*policy, direction, rule));
                part.rule = written.as_ref().map(|(index, _)| *index);
                part.source = written.and_then(|(_, source)| source);
            }
            By::Failsafe => part.because = Because::Failsafe,
            By::Profile => part.because = Because::Profile,
            By::NotIsolated => {}
        }
        part
    }
}

impl Judge<'_> {
    /// What a half says, without the other ends that it says it to.
    pub(super) fn answer_half(&mut self, at: &str, pair: &QueryPair, half: &PairHalf) -> Said {
        let mut parts = Vec::new();
        for (index, set) in &half.parts {
            let Some(step) = half.steps.get(*index) else { continue };
            let extent = self.extents(*set, pair);
            parts.push(self.world.part(step, half.direction, extent));
        }
        if half.unsure != Diagram::EMPTY {
            let extent = self.extents(half.unsure, pair);
            parts.push(AnswerPart {
                why: Some(self.why(pair, half)),
                verdict: Verdict::Undecided,
                because: Because::Undecided,
                tier: None,
                policy: None,
                rule: None,
                source: None,
                policies: Vec::new(),
                flows: Vec::new(),
                extent,
            });
        }
        let verdict = one_of(parts.iter().map(|part| part.verdict));
        Said { at: vec![at.to_owned()], towards: Vec::new(), verdict, parts }
    }

    /// Which part of what `pair` asks `set` is; empty for all of it.
    pub(super) fn extents(&mut self, set: Diagram, pair: &QueryPair) -> Vec<Extent> {
        self.apart(set, pair).into_iter().map(|(extent, _)| extent).collect()
    }

    /// The same with each part as a set.
    pub(super) fn apart(&mut self, set: Diagram, pair: &QueryPair) -> Vec<(Extent, Diagram)> {
        if set == pair.asked {
            return Vec::new();
        }
        let asked = self.sets.by_traffic(pair.asked, &self.families);
        // What is asked of both ends, if that is one thing, need not be said again.
        let way_in_words = match asked.as_slice() {
            [(_, rest)] => Some(self.sets.ways(*rest, 2).0).filter(|ways| ways.len() == 1),
            [] | [_, ..] => None,
        };
        let way_in_words =
            way_in_words.and_then(|ways| ways.into_iter().next()).unwrap_or_default();
        let mut found = Vec::new();
        for (traffic, rest) in self.sets.by_traffic(set, &self.families) {
            let same = matches!(asked.as_slice(), [(all, _)] if *all == traffic);
            let whole = asked.iter().any(|(all, its)| *its == rest && all.contains(&traffic));
            let (mut ways, more) =
                if whole { (Vec::new(), false) } else { self.sets.ways(rest, WAYS) };
            for way in &mut ways {
                for (end, later) in [&mut way.subject, &mut way.peer].into_iter().zip(pair.later) {
                    if later {
                        end.selector = end.selector.take().and_then(|it| self.world.unnamed(&it));
                    }
                }
                way.subject.unsay(&way_in_words.subject);
                way.peer.unsay(&way_in_words.peer);
            }
            let when = ways.into_iter().map(|way| when(way, pair.seen)).collect();
            let part = self.sets.with_rest(set, rest);
            found
                .push((Extent { traffic: (!same).then(|| traffic.to_string()), when, more }, part));
        }
        found
    }

    /// What `step` asks that nobody knows.
    pub(super) fn asks_whether(&self, step: &Step, direction: Direction) -> String {
        let (objects, asked) = self.conditions_of(step.matched);
        let mut said = Vec::new();
        if !asked.is_empty() {
            said.push(self.asks(step, direction, &asked.join(" and ")));
        }
        said.extend(objects.iter().map(|it| untold(it)));
        said.join("; ")
    }

    /// What `set` hangs on that no packet shows: what became of objects, and everything else.
    fn conditions_of(&self, set: Diagram) -> (Vec<String>, Vec<String>) {
        let found = self.sets.conditions_of(set);
        let text = |of: Vec<Condition>| of.iter().map(ToString::to_string).collect();
        let (objects, others) =
            found.into_iter().partition(|it| matches!(it, Condition::Object(_)));
        (text(objects), text(others))
    }

    /// That `step` depends on whether `unknown`.
    fn asks(&self, step: &Step, direction: Direction, unknown: &str) -> String {
        let named = |policy| self.world.named(policy).map_or_else(String::new, |it| it.short());
        let rule = |policy, rule| {
            let written = self.world.written(policy, direction, rule);
            format!("rule {} of {}", written.map_or(0, |(index, _)| index) + 1, named(policy))
        };
        match &step.by {
            By::Rule { policy, rule: index } => {
                format!("{} asks whether {unknown}", rule(*policy, *index))
            }
            By::Forwarded { policy, rule: Some(index) } => {
                format!("{} denies it if {unknown}", rule(*policy, *index))
            }
            By::Forwarded { policy, rule: None } => {
                format!("no rule of {} allows it if {unknown}", named(*policy))
            }
            By::EndOfTier { .. } | By::Failsafe | By::Profile | By::NotIsolated => untold(unknown),
        }
    }

    /// What one would have to know to tell what `half` says.
    pub(super) fn why(&mut self, pair: &QueryPair, half: &PairHalf) -> String {
        let mut asked: Vec<String> = Vec::new();
        let mut add = |text: String| {
            if !asked.contains(&text) {
                asked.push(text);
            }
        };
        for (index, matched) in &half.hangs {
            let Some(step) = half.steps.get(*index) else { continue };
            let rule = match step.by {
                By::Rule { policy, rule } | By::Forwarded { policy, rule: Some(rule) } => {
                    self.world.rule(policy, half.direction, rule)
                }
                By::Forwarded { rule: None, .. }
                | By::EndOfTier { .. }
                | By::Failsafe
                | By::Profile
                | By::NotIsolated => None,
            };
            let unknown = self.unknown(*matched, rule, pair).join(" and ");
            if !unknown.is_empty() {
                add(self.asks(step, half.direction, &unknown));
            }
            self.conditions_of(*matched).0.iter().for_each(|it| add(untold(it)));
        }
        asked.join("; ")
    }

    /// What one would have to know to tell what becomes of `pair`.
    pub(super) fn whys(&mut self, pair: &QueryPair) -> Option<String> {
        let mut found: Vec<String> = Vec::new();
        if pair.translated {
            found.push("the receiver's address is one of services: policies are asked about what stands behind it".to_owned());
        }
        for half in pair.halves.iter().flatten().filter(|it| it.unsure != Diagram::EMPTY) {
            let why = self.why(pair, half);
            if !why.is_empty() && !found.contains(&why) {
                found.push(why);
            }
        }
        (!found.is_empty()).then(|| found.join("; "))
    }

    /// What nobody knows that `set` asks for.
    fn unknown(&mut self, set: Diagram, rule: Option<&Rule>, pair: &QueryPair) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        let mut add = |text: String| {
            if !found.contains(&text) {
                found.push(text);
            }
        };
        self.conditions_of(set).1.into_iter().for_each(&mut add);
        for (name, asked) in pair.unknown.iter().zip(self.sets.asks_of_namespaces(set)) {
            if let Some(name) = name.as_ref().filter(|_| asked) {
                add(format!("the namespace {name} has certain labels"));
            }
        }
        let [subject, peer] = pair.pods;
        let mut set = set;
        for end in [[subject, false], [false, peer]] {
            set = self.at_any_address(set, end).unwrap_or(set);
        }
        for (_, rest) in self.sets.by_traffic(set, &self.families) {
            for way in self.sets.ways(rest, WAYS).0 {
                let names = match pair.seen {
                    Direction::Egress => ["sender", "receiver"],
                    Direction::Ingress => ["receiver", "sender"],
                };
                let ends = [&way.subject, &way.peer].into_iter().zip(names).zip(pair.pods);
                // Addresses that were asked about are known.
                for ((side, who), _) in ends.filter(|(_, pods)| *pods) {
                    if side.blocks.is_empty() && side.not_blocks.is_empty() {
                        continue;
                    }
                    let written = rule.map(|rule| match who {
                        "sender" => &rule.source,
                        _ => &rule.destination,
                    });
                    add(format!("the {who}'s address lies in {}", lies_in(written, side)));
                }
            }
        }
        found
    }
}

/// That nothing tells whether `unknown`.
fn untold(unknown: &str) -> String {
    format!("nothing here tells whether {unknown}")
}

/// The blocks that an end of a rule names; of one that finds sets by their labels, those of the sets.
fn lies_in(written: Option<&Entity>, side: &Which) -> String {
    let text = |nets: &[IpNet]| {
        let nets: Vec<_> = nets.iter().map(ToString::to_string).collect();
        format!("`{}`", nets.join(", "))
    };
    match written {
        Some(end) if end.not_nets.is_empty() && !end.nets.is_empty() => text(&end.nets),
        Some(end) if !end.nets.is_empty() => {
            format!("{} but not in {}", text(&end.nets), text(&end.not_nets))
        }
        Some(end) if !end.not_nets.is_empty() => text(&end.not_nets),
        Some(_) | None if side.blocks.is_empty() => text(&side.not_blocks),
        Some(_) | None => text(&side.blocks),
    }
}

/// One verdict for several.
pub(super) fn one_of(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    let verdicts: Vec<_> = verdicts.collect();
    let has = |verdict| verdicts.contains(&verdict);
    match (has(Verdict::Allow), has(Verdict::Deny), has(Verdict::Undecided)) {
        _ if has(Verdict::Differs) => Verdict::Differs,
        (true, true, _) => Verdict::Differs,
        (_, _, true) => Verdict::Undecided,
        (true, false, false) => Verdict::Allow,
        (false, _, false) => Verdict::Deny,
    }
}

/// `way` of the two ends, seen from one.
pub(super) fn when(way: Way, seen: Direction) -> When {
    let (from, to) = match seen {
        Direction::Egress => (way.subject, way.peer),
        Direction::Ingress => (way.peer, way.subject),
    };
    let selector = |side: &Which| side.selector.as_ref().map(crate::calico::encode::selector);
    let blocks = |nets: &[IpNet]| nets.iter().map(ToString::to_string).collect();
    When {
        from: selector(&from),
        from_addresses: blocks(&from.blocks),
        from_addresses_except: blocks(&from.not_blocks),
        to: selector(&to),
        to_addresses: blocks(&to.blocks),
        to_addresses_except: blocks(&to.not_blocks),
    }
}

impl PolicyRef {
    /// `name`, or `namespace/name`.
    pub fn short(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("{namespace}/{}", self.name),
            None => self.name.clone(),
        }
    }
}
