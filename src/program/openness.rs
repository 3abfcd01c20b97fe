//! What is closed and what is not: which landing zones, and in which of them guardrails hold (language reference, section 5,
//! "What is closed"). The one answer for every command that speaks of it.

use std::collections::BTreeSet;
use std::fmt;

use super::{
    Application, Deny, Endpoint, ExternalValue, Guardrail, Id, Namespace, Owner, Place, Program,
};
use crate::traffic::Traffic;

/// How much of a place is closed, unless lines open it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// All of it.
    All,
    /// Some of its namespaces.
    Some,
    /// None: on its side, no line is needed.
    None,
}

/// Against which of the connections that it is about a guardrail holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// All: one of their ends is closed.
    Everywhere,
    /// Those with an end in a landing zone that is closed.
    InPart,
    /// None: nothing that it is about is closed.
    Nowhere,
    /// It has no rules: it holds against lines, and not against what policies by hand or open landing zones let pass.
    OnLines,
}

/// Where a guardrail holds.
#[derive(Clone, Debug)]
pub struct Holding {
    /// Against which connections.
    pub held: Held,
    /// The landing zones where it is held by rules.
    pub holds_in: Vec<Id<Application>>,
    /// How many landing zones it is about.
    pub about: usize,
}

/// What of a project is closed.
#[derive(Clone, Debug)]
pub struct Openness {
    /// How much of each landing zone is closed, in the order of the program's table.
    pub landing_zones: Vec<Closed>,
    /// Where each guardrail holds, in the order of the program.
    pub guardrails: Vec<Holding>,
    /// Whether landing zones that nobody has declared yet are closed.
    pub later: bool,
    /// Whether a landing zone that nothing closes here may be closed by another project.
    pub elsewhere: bool,
}

impl Program {
    /// What is closed, and where guardrails hold.
    pub fn openness(&self) -> Openness {
        let landing_zones: Vec<_> =
            self.applications.iter().map(|(id, _)| self.closed(id)).collect();
        let mut open = self.applications.iter().zip(&landing_zones);
        Openness {
            later: self.closes_later(),
            elsewhere: open.any(|((_, it), closed)| it.elsewhere && *closed == Closed::None),
            guardrails: self.guardrails.iter().map(|it| self.holding(it)).collect(),
            landing_zones,
        }
    }

    /// Whether the default deny is of every landing zone, those to come among them.
    fn closes_later(&self) -> bool {
        self.platform && !matches!(self.settings.deny, Deny::Applications(_))
    }

    /// How much of a landing zone is closed: exempt namespaces never are.
    pub fn closed(&self, application: Id<Application>) -> Closed {
        let own = self.namespaces.iter().filter(|(_, it)| it.application == Some(application));
        let isolated: BTreeSet<bool> = own.map(|(_, it)| self.is_isolated(it)).collect();
        match (isolated.contains(&true), isolated.contains(&false)) {
            (true, false) => Closed::All,
            (true, true) => Closed::Some,
            (false, _) => Closed::None,
        }
    }

    /// Whether the rules of guardrails select the namespaces of `application`, but for exempt ones: they are policies of the
    /// platform, so where that is written by another project, it is the settings alone that say whom they select.
    fn holds_in(&self, application: &Application) -> bool {
        let loaded = application.loaded && self.writes(Owner::Platform);
        self.platform
            && match &self.settings.deny {
                Deny::All | Deny::LandingZones => true,
                Deny::Applications(names) => loaded || names.contains(&application.name),
            }
    }

    /// Where `guardrail` holds.
    fn holding(&self, guardrail: &Guardrail) -> Holding {
        let (mut about, mut holds_in) = (BTreeSet::new(), BTreeSet::new());
        let mut everywhere = false;
        for left in [true, false] {
            let side = if left { &guardrail.left } else { &guardrail.right };
            let own: BTreeSet<_> = self
                .namespaces
                .iter()
                .filter(|(_, it)| !it.exempt && guardrail.is_about(it, left))
                .filter_map(|(_, it)| it.application)
                .collect();
            let held = |id: &Id<Application>| {
                self.applications.get(*id).is_some_and(|it| self.holds_in(it))
            };
            let later = matches!(side.place, Place::Zones { .. }) && self.closes_later();
            let outside = self.external_of(side).is_some_and(|name| self.isolates_outside(name));
            everywhere |= outside || later || !own.is_empty() && own.iter().all(held);
            holds_in.extend(own.iter().copied().filter(held));
            about.extend(own);
        }
        let held = match (guardrail.has_rules(), everywhere, holds_in.is_empty()) {
            (false, ..) => Held::OnLines,
            (true, true, _) => Held::Everywhere,
            (true, false, false) => Held::InPart,
            (true, false, true) => Held::Nowhere,
        };
        if held == Held::OnLines {
            holds_in.clear();
        }
        Holding { held, holds_in: holds_in.into_iter().collect(), about: about.len() }
    }

    /// The namespace that the external `endpoint` is.
    fn external_of(&self, endpoint: &Endpoint) -> Option<&str> {
        match endpoint.place.external(self)? {
            ExternalValue::Namespace { name, .. } => Some(name),
            ExternalValue::Addresses(_) | ExternalValue::Service { .. } => None,
        }
    }

    /// Whether a declared namespace of a landing zone is closed unless a line opens it.
    pub fn is_isolated(&self, namespace: &Namespace) -> bool {
        let application = namespace.application.and_then(|id| self.applications.get(id));
        !namespace.exempt && application.is_some_and(|it| self.isolates(it))
    }

    /// The guardrails that `covers` takes for those against some traffic, from pods of the namespace `from` to those of `to`,
    /// where neither is closed: nothing holds them there.
    pub fn not_held<'a>(
        &'a self,
        from: &'a Namespace,
        to: &'a Namespace,
        covers: impl Fn(&Traffic) -> bool + 'a,
    ) -> impl Iterator<Item = &'a Guardrail> {
        let closed = self.is_isolated(from) || self.is_isolated(to);
        let inside = from.application == to.application;
        self.guardrails.iter().filter(move |it| {
            !(closed || it.crossing && inside)
                && it.is_about(from, true)
                && it.is_about(to, false)
                && covers(&it.traffic)
        })
    }
}

impl Guardrail {
    /// Whether pods of `namespace` may be on its left side, or on its right one.
    fn is_about(&self, namespace: &Namespace, left: bool) -> bool {
        let (side, other) =
            if left { (&self.left, &self.right) } else { (&self.right, &self.left) };
        let excused = |it: &Endpoint| {
            it.place.has(namespace) && (it.selector.is_none() || it.selector == side.selector)
        };
        // Inside the one landing zone that the other side names, nothing crosses.
        let inside = self.crossing && other.place.application() == namespace.application;
        side.place.has(namespace)
            && !(inside && namespace.application.is_some())
            && !(left && self.except.iter().any(excused))
    }
}

impl Place {
    /// The application that it names.
    fn application(&self) -> Option<Id<Application>> {
        match self {
            Self::Zones { application, .. } => *application,
            Self::External(_) => None,
        }
    }

    /// Whether it is zones, `namespace` among them.
    fn has(&self, namespace: &Namespace) -> bool {
        let Self::Zones { application, zones } = self else { return false };
        let zone = |of: &Vec<_>| namespace.zone.is_some_and(|it| of.contains(&it));
        namespace.application.is_some()
            && (application.is_none() || *application == namespace.application)
            && zones.as_ref().is_none_or(zone)
    }
}

impl fmt::Display for Holding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.held {
            Held::Everywhere => f.write_str("everywhere"),
            Held::InPart => {
                write!(f, "in {} of {} landing zones", self.holds_in.len(), self.about)
            }
            Held::Nowhere => f.write_str("nowhere yet"),
            Held::OnLines => f.write_str("against lines alone"),
        }
    }
}

impl Openness {
    /// How many landing zones are closed to this extent.
    pub fn count(&self, closed: Closed) -> usize {
        self.landing_zones.iter().filter(|it| **it == closed).count()
    }

    /// Whether every landing zone is closed.
    pub fn is_closed(&self) -> bool {
        let all = self.landing_zones.len();
        self.count(Closed::All) == all && (all > 0 || self.later)
    }

    /// Whether every landing zone is closed, and every guardrail that has rules holds everywhere.
    pub fn is_whole(&self) -> bool {
        let held = |it: &Holding| matches!(it.held, Held::Everywhere | Held::OnLines);
        self.is_closed() && self.guardrails.iter().all(held)
    }

    /// How many guardrails hold in part, and how many nowhere, in words; empty where all hold everywhere.
    pub fn guardrails_text(&self) -> String {
        let of = |held| self.guardrails.iter().filter(move |it| it.held == held);
        let counted = |count: usize, named: bool| {
            let noun = if named { " guardrail" } else { "" };
            match count {
                1 => format!("1{noun} holds"),
                _ => format!("{count}{noun}{} hold", if named { "s" } else { "" }),
            }
        };
        let places: BTreeSet<String> = of(Held::InPart).map(ToString::to_string).collect();
        let mut parts = Vec::new();
        if let Some(place) = places.first() {
            let place = if places.len() == 1 { place } else { "in a part of their landing zones" };
            parts.push(format!("{} {place}", counted(of(Held::InPart).count(), true)));
        }
        if of(Held::Nowhere).next().is_some() {
            let count = counted(of(Held::Nowhere).count(), parts.is_empty());
            parts.push(format!("{count} nowhere yet"));
        }
        parts.join(", ")
    }
}

impl fmt::Display for Openness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (closed, all) = (self.count(Closed::All), self.landing_zones.len());
        let zones = if all == 1 { "landing zone" } else { "landing zones" };
        let are = if closed == 1 { "is" } else { "are" };
        write!(f, "{closed} of {all} {zones} {are} closed")?;
        if self.elsewhere {
            f.write_str(" here")?;
        }
        match self.count(Closed::Some) {
            0 => {}
            part => write!(f, ", {part} in part")?,
        }
        match self.guardrails_text() {
            text if text.is_empty() => Ok(()),
            text => write!(f, "; {text}"),
        }
    }
}
