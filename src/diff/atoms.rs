//! The flows of a program, each broken into what one zone opens to another: what is left of lists of zones and of `<->`
//! when lines are split and merged.

use crate::calico::encode;
use crate::program::{Arrow, Endpoint, External, ExternalValue, Flow, Id, Owner, Place, Program};
use crate::syntax::PrintedName;

/// A program whose flows go from one place to one other.
pub(super) struct Atoms {
    /// The program: its flows are the atoms.
    pub(super) program: Program,
    /// For each atom the flow of the original program that it is of.
    pub(super) of: Vec<usize>,
    /// How many atoms each flow of the original program has.
    pub(super) counts: Vec<usize>,
    /// For each atom its ends.
    pub(super) ends: Vec<AtomEnds>,
}

/// The ends of an atom, by name: equal for lines that say the same of other traffic.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct AtomEnds {
    pub(super) from: AtomEnd,
    pub(super) to: AtomEnd,
    pub(super) arrow: super::ChangeArrow,
}

/// One end by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct AtomEnd {
    /// The application; none for an external.
    pub(super) application: Option<String>,
    /// The zone, or the name of the external.
    pub(super) zone: String,
    /// The selector, in brackets; empty for none.
    pub(super) pods: String,
}

impl AtomEnd {
    /// The place without its selector.
    pub(super) fn place(&self) -> String {
        match &self.application {
            Some(application) => format!("{application}.{}", self.zone),
            None => self.zone.clone(),
        }
    }

    /// As a line writes it.
    pub(super) fn text(&self) -> String {
        format!("{}{}", self.place(), self.pods)
    }
}

impl AtomEnds {
    /// As a line writes them.
    pub(super) fn text(&self) -> String {
        written(&self.from.text(), self.arrow, &self.to.text())
    }

    /// The owner's side, and the other.
    pub(super) fn sides(&self) -> (&AtomEnd, &AtomEnd) {
        match self.arrow {
            super::ChangeArrow::Entering => (&self.to, &self.from),
            super::ChangeArrow::Inside | super::ChangeArrow::Leaving => (&self.from, &self.to),
        }
    }

    /// The external at one end, if there is one.
    pub(super) fn external(&self) -> Option<&str> {
        [&self.from, &self.to].into_iter().find(|it| it.application.is_none()).map(|it| &*it.zone)
    }

    /// Their places alone.
    pub(super) fn places(&self) -> (String, String, super::ChangeArrow) {
        (self.from.place(), self.to.place(), self.arrow)
    }
}

/// `from` and `to` as a line with this arrow writes them: the owner's side first.
pub(super) fn written(from: &str, arrow: super::ChangeArrow, to: &str) -> String {
    match arrow {
        super::ChangeArrow::Entering => format!("{to} {} {from}", arrow.text()),
        super::ChangeArrow::Inside | super::ChangeArrow::Leaving => {
            format!("{from} {} {to}", arrow.text())
        }
    }
}

impl Atoms {
    pub(super) fn new(of: &Program) -> Self {
        let mut atoms = Self {
            program: Program { flows: Vec::new(), ..of.clone() },
            of: Vec::new(),
            counts: vec![0; of.flows.len()],
            ends: Vec::new(),
        };
        for (index, flow) in of.flows.iter().enumerate() {
            for (left, right) in pairs(&flow.left, &flow.right) {
                match flow.arrow {
                    Arrow::Both => {
                        atoms.add(index, flow, Arrow::Inside, left.clone(), right.clone());
                        atoms.add(index, flow, Arrow::Inside, right, left);
                    }
                    Arrow::Inside | Arrow::Leaving | Arrow::Entering => {
                        atoms.add(index, flow, flow.arrow, left, right);
                    }
                }
            }
        }
        atoms
    }

    fn add(&mut self, index: usize, flow: &Flow, arrow: Arrow, left: Endpoint, right: Endpoint) {
        let (l, r) = (self.end(&left), self.end(&right));
        self.ends.push(match arrow {
            Arrow::Inside | Arrow::Both => {
                AtomEnds { from: l, to: r, arrow: super::ChangeArrow::Inside }
            }
            Arrow::Leaving => AtomEnds { from: l, to: r, arrow: super::ChangeArrow::Leaving },
            Arrow::Entering => AtomEnds { from: r, to: l, arrow: super::ChangeArrow::Entering },
        });
        self.of.push(index);
        if let Some(count) = self.counts.get_mut(index) {
            *count += 1;
        }
        self.program.flows.push(Flow { left, arrow, right, ..flow.clone() });
    }

    fn end(&self, end: &Endpoint) -> AtomEnd {
        let program = &self.program;
        let pods = end.selector.as_ref();
        let pods = pods.map_or_else(String::new, |it| format!("[{}]", encode::selector(it)));
        match &end.place {
            Place::Zones { application, zones } => {
                let application = application.and_then(|id| program.applications.get(id));
                let application = application
                    .map_or_else(|| "*".to_owned(), |it| PrintedName(&it.name).to_string());
                let names = zones.iter().flatten().filter_map(|id| program.zones.get(*id));
                let names: Vec<_> = names.map(|it| PrintedName(&it.name).to_string()).collect();
                let zone = if zones.is_some() { names.join(", ") } else { "*".to_owned() };
                AtomEnd { application: Some(application), zone, pods }
            }
            Place::External(id) => {
                let name = program.externals.get(*id).map(|it| it.name.to_string());
                AtomEnd { application: None, zone: name.unwrap_or_default(), pods }
            }
        }
    }

    /// The external at an end of the atom.
    pub(super) fn external(&self, atom: usize) -> Option<&External> {
        let flow = self.program.flows.get(atom)?;
        [&flow.right, &flow.left].into_iter().find_map(|end| match &end.place {
            Place::External(id) => self.program.externals.get(*id),
            Place::Zones { .. } => None,
        })
    }

    /// Whether the external at an end of the atom is a service.
    pub(super) fn is_service(&self, atom: usize) -> bool {
        self.external(atom).is_some_and(|it| matches!(it.value, ExternalValue::Service { .. }))
    }

    /// Whether an atom needs no other half: its other side is addresses or a service.
    pub(super) fn is_alone(&self, atom: usize) -> bool {
        self.external(atom).is_some_and(|it| match it.value {
            ExternalValue::Addresses(_) | ExternalValue::Service { .. } => true,
            ExternalValue::Namespace { .. } => false,
        })
    }

    /// Whose line the atom is.
    pub(super) fn owner(&self, atom: usize) -> Option<Owner> {
        self.program.flows.get(atom).map(|flow| flow.owner)
    }
}

/// The sides with one zone each.
fn pairs(left: &Endpoint, right: &Endpoint) -> Vec<(Endpoint, Endpoint)> {
    let rights = single(right);
    single(left)
        .into_iter()
        .flat_map(|left| rights.iter().map(move |right| (left.clone(), right.clone())))
        .collect()
}

fn single(end: &Endpoint) -> Vec<Endpoint> {
    match &end.place {
        Place::Zones { application, zones: Some(zones) } => {
            let one = |zone: &Id<crate::program::Zone>| Endpoint {
                place: Place::Zones { application: *application, zones: Some(vec![*zone]) },
                selector: end.selector.clone(),
            };
            zones.iter().map(one).collect()
        }
        Place::Zones { zones: None, .. } | Place::External(_) => vec![end.clone()],
    }
}
