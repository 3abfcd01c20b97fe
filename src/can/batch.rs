//! Many questions, each about one connection, a line of JSON each. Every namespace is judged once in each direction,
//! and places are read once and remembered by their text: after that an answer is a few walks through diagrams.

mod end;
mod line;
mod table;

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde::Serialize;

use self::end::BatchEnd;
use self::line::{BatchLine, Expected};
use self::table::{Outcome, VerdictTable};
use super::answer::Verdict;
use super::judge::{Judge, hold};
use super::own;
use super::place::QueryPart;
use crate::diagnostic::escaped;
use crate::reach::of_policies::{Profile, Subject};
use crate::reach::{At, Direction, KnownLabels, Lookup, TooMany};
use crate::traffic::{Connection, Family};
use crate::world::{Home, World};

/// So many places are remembered before they are forgotten and read again.
const PLACES: usize = 100_000;

/// Does `work` with somebody who answers questions about `world`.
///
/// # Errors
/// Where a label has too much asked of its values.
pub fn batch<T>(world: &World, work: impl FnOnce(&mut Asker<'_, '_>) -> T) -> Result<T, TooMany> {
    hold(world, &[], None, |judge| {
        let lookup = Lookup::new(&judge.sets.space);
        let homes = world.homes().to_vec();
        let by_name = homes.iter().enumerate();
        let by_name = by_name.map(|(index, home)| (Arc::clone(&home.name), index)).collect();
        work(&mut Asker {
            judge,
            lookup,
            homes,
            by_name,
            tables: FxHashMap::default(),
            known: FxHashMap::default(),
            ends: Vec::new(),
            open: world.project && !world.program.openness().is_whole(),
            expectations: Expectations::default(),
        })
    })
}

/// Answers questions of one connection each.
#[expect(missing_debug_implementations, reason = "a view of the policies, which have one")]
pub struct Asker<'c, 'w> {
    judge: &'c mut Judge<'w>,
    lookup: Lookup,
    /// The namespaces that are known, and those that questions name.
    homes: Vec<Home>,
    by_name: FxHashMap<Arc<str>, usize>,
    tables: FxHashMap<(BatchSubject, Direction), VerdictTable>,
    /// The places read so far, by their text.
    known: FxHashMap<Box<str>, usize>,
    ends: Vec<BatchEnd>,
    /// Whether not all of the project is closed.
    open: bool,
    expectations: Expectations,
}

/// How the questions that say what they expect were answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expectations {
    /// How many said so.
    pub all: u64,
    /// How many of these got another answer.
    pub unmet: u64,
    /// How many lines were no question: what they expect, nobody knows.
    pub unread: u64,
}

impl Expectations {
    /// Whether every line got the answer that it expects. Where none expects one, any will do.
    pub fn are_met(&self) -> bool {
        self.all == 0 || self.unmet == 0 && self.unread == 0
    }
}

/// The answer to a question that cannot be answered.
#[derive(Serialize)]
struct Wrong<'a> {
    error: &'a str,
    line: u64,
}

/// Whether `text`, which is no question, was to say what it expects.
fn mentions_expect(text: &[u8]) -> bool {
    const KEY: &[u8] = b"\"expect\"";
    text.windows(KEY.len()).any(|it| it == KEY)
}

/// Whose policies are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum BatchSubject {
    /// Pods of a namespace, by its index.
    Home(usize),
    /// Host endpoints, by the index of the first one whose profiles do the same: labels tell them apart.
    Host(usize),
}

impl Asker<'_, '_> {
    /// Adds the answer to the question `text`, the line `number`, to `out`: one line. `false`, and no line, where too much
    /// was asked by now for any answer.
    pub fn answer(&mut self, text: &[u8], number: u64, out: &mut Vec<u8>) -> bool {
        let before = out.len();
        self.judge.sets.allow_subject();
        if let Err(error) = self.answered(text, out) {
            out.truncate(before);
            self.expectations.unread += 1;
            if mentions_expect(text) {
                self.expectations.all += 1;
            }
            // Strings and numbers can always be written.
            let wrong =
                escaped::compact(&Wrong { error: &error, line: number }).unwrap_or_default();
            out.extend_from_slice(wrong.as_bytes());
        }
        if self.judge.sets.are_spent() {
            out.truncate(before);
            return false;
        }
        out.push(b'\n');
        true
    }

    /// How those questions were answered so far that say what they expect.
    pub fn expectations(&self) -> Expectations {
        self.expectations
    }

    fn answered(&mut self, text: &[u8], out: &mut Vec<u8>) -> Result<(), String> {
        let line = BatchLine::read(text)?;
        if self.ends.len() >= PLACES {
            self.ends.clear();
            self.known.clear();
        }
        let (from, to) =
            (self.end_index(line.from.get(), "from")?, self.end_index(line.to.get(), "to")?);
        let family = self.family(&line, from, to)?;
        let (protocol, detail) = line.traffic()?;
        let connection = Connection { family, protocol, detail };
        let traffic = self.lookup.traffic(&self.judge.sets.space, &connection);
        let names = self.ends.get(to).map(|to| to.names(&connection)).unwrap_or_default();
        let names: Vec<usize> = names.to_vec();
        let mut verdicts = [Verdict::Allow; 2];
        let mut halves: [String; 2] = Default::default();
        let ends = [(from, to, Direction::Egress), (to, from, Direction::Ingress)];
        for ((subject, peer, direction), (verdict, half)) in
            ends.into_iter().zip(verdicts.iter_mut().zip(&mut halves))
        {
            let outcome = self.half(subject, peer, direction, traffic, family, &names);
            *verdict = outcome.verdict;
            half.push_str(&outcome.json);
        }
        let has = |verdict| verdicts.contains(&verdict);
        let verdict = match (has(Verdict::Deny), has(Verdict::Undecided)) {
            (true, _) => Verdict::Deny,
            (false, true) => Verdict::Undecided,
            (false, false) => Verdict::Allow,
        };
        let word = |verdict| match verdict {
            Verdict::Allow => "allow",
            Verdict::Deny | Verdict::Differs => "deny",
            Verdict::Undecided => "undecided",
        };
        let [egress, ingress] = &halves;
        let mut gaps = self.gaps(from, to, &connection);
        let asked = self.judge.world;
        let address = self.ends.get(to).filter(|it| it.who.is_none()).and_then(|it| it.address);
        let address = address.map(|it| QueryPart::addresses(vec![it.into()]));
        let of_services = address.filter(|it| asked.is_of_services(it));
        let of_services = of_services.map(|it| own::of_services(&it.name));
        let notes = asked.note_on(&connection).into_iter().chain(of_services);
        let notes: Vec<_> = notes.collect();
        if !notes.is_empty() {
            // Strings can always be written.
            let note = escaped::compact(&notes.join("; ")).unwrap_or_default();
            gaps.push_str(&[",\"note\":", &note].concat());
        }
        if let Some(expected) = line.expect.map(Expected::verdict) {
            let met = expected == verdict;
            self.expectations.all += 1;
            self.expectations.unmet += u64::from(!met);
            let met = if met { "true" } else { "false" };
            gaps.push_str(&[",\"expect\":\"", word(expected), "\",\"met\":", met].concat());
        }
        for part in [
            "{\"verdict\":\"",
            word(verdict),
            "\",\"egress\":",
            egress,
            ",\"ingress\":",
            ingress,
            &gaps,
            "}",
        ] {
            out.extend_from_slice(part.as_bytes());
        }
        Ok(())
    }

    /// The keys for landing zones at the two ends that are not closed, and for guardrails that hold at neither; nothing where
    /// there are none.
    fn gaps(&self, from: usize, to: usize, connection: &Connection) -> String {
        if !self.open {
            return String::new();
        }
        let namespace = |index: usize| match self.ends.get(index)?.who? {
            BatchSubject::Home(home) => self.homes.get(home).map(|it| &*it.name),
            BatchSubject::Host(_) => None,
        };
        let (world, ends) = (self.judge.world, [from, to].map(namespace));
        let closed = ends.iter().flatten().filter_map(|name| world.not_closed(name));
        let closed: BTreeSet<&str> = closed.map(|it| &**it).collect();
        let [from, to] = ends.map(|it| it.and_then(|name| world.declared(name)));
        let held = from.zip(to).into_iter().flat_map(|(from, to)| {
            world.program.not_held(from, to, |traffic| traffic.has(connection))
        });
        let held = held.map(|it| &*it.line).collect();
        let keys: [(_, Vec<&str>); 2] =
            [("notClosed", closed.into_iter().collect()), ("notHeld", held)];
        let keys = keys.into_iter().filter(|(_, names)| !names.is_empty());
        // Strings can always be written.
        let json = |names: &Vec<_>| escaped::compact(names).unwrap_or_default();
        let keys: Vec<_> = keys.map(|(key, all)| format!(",\"{key}\":{}", json(&all))).collect();
        keys.concat()
    }

    /// The family of the addresses, or what the protocol implies, or IPv4.
    fn family(&self, line: &BatchLine<'_>, from: usize, to: usize) -> Result<Family, String> {
        let of = |index: usize| self.ends.get(index).and_then(|end| end.family);
        match (of(from), of(to)) {
            (Some(a), Some(b)) if a != b => {
                Err("the addresses of the two ends are not of one IP family".to_owned())
            }
            (Some(family), _) | (None, Some(family)) => Ok(family),
            (None, None) if line.is_icmp_v6() => Ok(Family::V6),
            (None, None) => Ok(Family::V4),
        }
    }

    /// The place of this text, read or remembered.
    fn end_index(&mut self, text: &str, key: &str) -> Result<usize, String> {
        if let Some(known) = self.known.get(text) {
            return Ok(*known);
        }
        let end = BatchEnd::read(self, text).map_err(|error| format!("`{key}`: {error}"))?;
        self.ends.push(end);
        let index = self.ends.len() - 1;
        self.known.insert(text.into(), index);
        Ok(index)
    }

    /// The namespace `name`, which questions may name whether or not anything else does.
    fn home(&mut self, name: &str) -> usize {
        if let Some(known) = self.by_name.get(name) {
            return *known;
        }
        let name: Arc<str> = name.into();
        self.homes.push(self.judge.world.undeclared(&name));
        self.by_name.insert(name, self.homes.len() - 1);
        self.homes.len() - 1
    }

    /// What the policies of `subject` say.
    fn half(
        &mut self,
        subject: usize,
        peer: usize,
        direction: Direction,
        traffic: u32,
        family: Family,
        names: &[usize],
    ) -> Outcome {
        let ends = self.ends.get(subject).zip(self.ends.get(peer));
        let Some((subject, peer)) = ends else { return Outcome::outside() };
        let Some(who) = subject.who else { return Outcome::outside() };
        let key = (who, direction);
        if !self.tables.contains_key(&key) {
            let profile = match who {
                BatchSubject::Host(index) => {
                    self.judge.world.cluster.hosts.get(index).map(Profile::of)
                }
                BatchSubject::Home(_) => None,
            };
            let subject = match who {
                BatchSubject::Home(index) => self.homes.get(index).map(Home::subject),
                BatchSubject::Host(_) => profile.as_ref().map(Subject::Host),
            };
            let Some(subject) = subject else { return Outcome::outside() };
            let table = VerdictTable::new(self.judge, subject, direction);
            self.tables.insert(key, table);
        }
        let Some(table) = self.tables.get(&key) else { return Outcome::outside() };
        let at = At { traffic, family, names, subject: &subject.lies, peer: &peer.lies };
        if [subject.lies.known, peer.lies.known] == [KnownLabels::ALL; 2] {
            return table.decide(&self.lookup, &self.judge.sets, at).clone();
        }
        let decided = table.may_decide(&self.lookup, &mut self.judge.sets, at);
        decided.unwrap_or_else(|| {
            let mut unknown: Vec<_> =
                [subject, peer].into_iter().flat_map(BatchEnd::unknown).collect();
            unknown.dedup();
            Outcome::undecided(&format!("the labels of {} are not known", unknown.join(" and of ")))
        })
    }
}
