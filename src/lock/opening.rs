//! Lines that open one side of a boundary, one place at each end, in canonical form.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::united::united;
use crate::calico::encode;
use crate::program::{Arrow, Endpoint, Flow, Place, Program};
use crate::selector::Selector;
use crate::syntax::{build, tree};
use crate::traffic::Match;

/// What tells openings apart: their ends, which side they open, and what was said for them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct OpeningKey {
    left: OpeningSide,
    arrow: Arrow,
    right: OpeningSide,
    because: Option<Box<str>>,
    ticket: Option<Box<str>>,
    until: Option<jiff::civil::Date>,
}

/// One end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct OpeningSide {
    place: OpeningPlace,
    pods: Option<Selector>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum OpeningPlace {
    Zone(Option<Arc<str>>, Option<Arc<str>>),
    External(Arc<str>),
}

/// All of them, with what each lets pass; nothing for the ports of a service itself.
pub(super) struct LockOpenings(BTreeMap<OpeningKey, Passing>);

/// What passes.
enum Passing {
    /// Anything, spelled out.
    Any,
    /// The ports that a service has.
    Own,
    /// This.
    Some(Vec<Match>),
}

impl LockOpenings {
    /// The crossings of the owners that are `meant`.
    pub(super) fn of(program: &Program, meant: impl Fn(&str) -> bool) -> Self {
        let mut openings = BTreeMap::new();
        for flow in program.flows.iter().filter(|it| crosses(program, it, &meant)) {
            for left in sides(program, &flow.left) {
                for right in sides(program, &flow.right) {
                    let key = OpeningKey {
                        left: left.clone(),
                        arrow: flow.arrow,
                        right,
                        because: flow.because.clone(),
                        ticket: flow.ticket.clone(),
                        until: flow.until,
                    };
                    add(&mut openings, key, flow);
                }
            }
        }
        Self(openings)
    }

    /// The lines under the heading of their senders and receivers, all sorted.
    pub(super) fn by_pair(self) -> BTreeMap<String, Vec<String>> {
        let mut pairs: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (key, passing) in self.0 {
            let (left, right) = (key.left.full_text(), key.right.full_text());
            let heading = match key.arrow {
                Arrow::Entering => format!("{right} ==> {left}"),
                Arrow::Inside | Arrow::Both | Arrow::Leaving => format!("{left} ==> {right}"),
            };
            pairs.entry(heading).or_default().push(line(&key, passing));
        }
        for lines in pairs.values_mut() {
            lines.sort();
        }
        pairs
    }
}

/// Whether `flow` is a crossing of an owner that is `meant`.
pub(super) fn crosses(program: &Program, flow: &Flow, meant: impl Fn(&str) -> bool) -> bool {
    match flow.arrow {
        Arrow::Leaving | Arrow::Entering => meant(program.owner_name(flow.owner)),
        Arrow::Inside | Arrow::Both => false,
    }
}

fn add(openings: &mut BTreeMap<OpeningKey, Passing>, key: OpeningKey, flow: &Flow) {
    let more = match &flow.matches {
        Some(matches) => Passing::Some(matches.clone()),
        // Without a word about it, it is the ports of the service that the line goes to.
        None if flow.spans.traffic.is_none() => Passing::Own,
        None => Passing::Any,
    };
    let passing = match (openings.remove(&key), more) {
        (None, more) => more,
        (Some(Passing::Some(mut known)), Passing::Some(more)) => {
            known.extend(more);
            Passing::Some(known)
        }
        (Some(Passing::Any), _) | (Some(_), Passing::Any) => Passing::Any,
        (Some(known), _) => known,
    };
    openings.insert(key, passing);
}

/// The places that a side is made of, one zone each.
pub(super) fn sides(program: &Program, endpoint: &Endpoint) -> Vec<OpeningSide> {
    let pods = endpoint.selector.as_deref().map(sorted);
    let places = match &endpoint.place {
        Place::External(id) => program
            .externals
            .get(*id)
            .map(|it| OpeningPlace::External(Arc::clone(&it.name)))
            .into_iter()
            .collect(),
        Place::Zones { application, zones } => {
            let application = application.and_then(|id| program.applications.get(id));
            let application = application.map(|it| Arc::clone(&it.name));
            match zones {
                None => vec![OpeningPlace::Zone(application, None)],
                Some(zones) => zones
                    .iter()
                    .filter_map(|id| program.zones.get(*id))
                    .map(|zone| {
                        OpeningPlace::Zone(application.clone(), Some(Arc::clone(&zone.name)))
                    })
                    .collect(),
            }
        }
    };
    places.into_iter().map(|place| OpeningSide { place, pods: pods.clone() }).collect()
}

/// A selector whose parts stand in one order, as their order means nothing.
fn sorted(selector: &Selector) -> Selector {
    let all = |parts: &[Selector]| {
        let mut parts: Vec<_> = parts.iter().map(sorted).collect();
        parts.sort();
        parts
    };
    match selector {
        Selector::And(parts) => Selector::and(all(parts)),
        Selector::Or(parts) => Selector::or(all(parts)),
        Selector::Not(inner) => !sorted(inner),
        Selector::All | Selector::Global | Selector::Test(_) => selector.clone(),
    }
}

impl OpeningSide {
    /// The side as a statement has it.
    pub(super) fn tree(&self) -> tree::Endpoint {
        let place = match &self.place {
            OpeningPlace::External(name) => tree::Place::External(build::name(name)),
            OpeningPlace::Zone(application, zone) => {
                build::zones(application.as_deref(), zone.as_ref().map(std::iter::once))
            }
        };
        let selector = self.pods.as_ref().map(|it| build::at(encode::selector(it).into()));
        tree::Endpoint { place, selector, span: build::nowhere() }
    }

    /// Whether its place can have something in common with that of `other`.
    pub(super) fn is_within(&self, other: &Self) -> bool {
        let meets = |a: &Option<Arc<str>>, b: &Option<Arc<str>>| match (a, b) {
            (Some(a), Some(b)) => a == b,
            (None, _) | (_, None) => true,
        };
        match (&self.place, &other.place) {
            (OpeningPlace::Zone(application, zone), OpeningPlace::Zone(others, other)) => {
                meets(application, others) && meets(zone, other)
            }
            (a, b) => a == b,
        }
    }

    /// The place without its pods, as it is written.
    fn full_text(&self) -> String {
        Self { place: self.place.clone(), pods: None }.tree().to_string()
    }
}

fn line(key: &OpeningKey, passing: Passing) -> String {
    let traffic = match passing {
        Passing::Own => None,
        Passing::Any => Some(build::traffic(None)),
        Passing::Some(matches) => Some(build::traffic(Some(&united(&matches)))),
    };
    let flow = tree::Flow {
        left: key.left.tree(),
        arrow: build::at(key.arrow),
        right: key.right.tree(),
        traffic: traffic.map(build::at),
        clauses: tree::Clauses {
            because: key.because.clone().map(build::at),
            until: key.until.map(build::at),
            ticket: key.ticket.as_deref().map(build::name),
        },
        span: build::nowhere(),
    };
    flow.to_string()
}
