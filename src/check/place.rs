//! The sides of a line: places and selectors, resolved. A line that names something unknown gets one error
//! for each unknown name, and is left out of the program.

mod outside;

pub(super) use outside::opens_nothing;

use super::names::Names;
use super::selector;
use super::words::list;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::names::{UNKNOWN_APPLICATION, UNKNOWN_ZONE};
use crate::diagnostic::nearest::nearest;
use crate::program::{Application, Endpoint, Id, Place, Zone};
use crate::source::{Span, Spanned};
use crate::syntax::tree;

/// A statement whose sides are resolved.
#[derive(Clone, Debug)]
pub(super) enum PlaceLine<'a> {
    /// A flow.
    Flow(&'a tree::Flow),
    /// A guardrail.
    Forbid(&'a tree::Forbid),
    /// The place of a question.
    Place(&'a tree::Endpoint),
}

impl PlaceLine<'_> {
    /// The places of the line.
    fn places(&self) -> Vec<&tree::Place> {
        let (first, more, except): (_, _, &[_]) = match self {
            Self::Flow(flow) => (&flow.left, Some(&flow.right), &[]),
            Self::Forbid(forbid) => (&forbid.left, Some(&forbid.right), &forbid.except),
            Self::Place(place) => (*place, None, &[]),
        };
        [first].into_iter().chain(more).chain(except).map(|end| &end.place).collect()
    }

    /// Whether some list of zones has both `one` and `other`.
    fn lists_both(&self, one: &str, other: &str) -> bool {
        self.places().into_iter().any(|place| match place {
            tree::Place::Zones { zones, .. } => match &zones.value {
                tree::ZoneList::Any => false,
                tree::ZoneList::Named(names) => {
                    [one, other].iter().all(|it| names.iter().any(|name| *name.value == **it))
                }
            },
            tree::Place::External(_) | tree::Place::Addresses(_) => false,
        })
    }

    /// The line as it reads once `change` has been at each of its sides.
    fn changed(&self, change: impl Fn(&mut tree::Endpoint)) -> String {
        match self {
            Self::Flow(flow) => {
                let mut flow = (*flow).clone();
                change(&mut flow.left);
                change(&mut flow.right);
                flow.to_string()
            }
            Self::Forbid(forbid) => {
                let mut forbid = (*forbid).clone();
                change(&mut forbid.left);
                change(&mut forbid.right);
                forbid.except.iter_mut().for_each(&change);
                forbid.to_string()
            }
            Self::Place(place) => {
                let mut place = (*place).clone();
                change(&mut place);
                place.to_string()
            }
        }
    }
}

/// Resolves the sides of one line.
#[derive(Debug)]
pub(super) struct Sides<'a> {
    names: &'a Names<'a>,
    line: PlaceLine<'a>,
    /// The application whose file this is, if it is unknown: that has its error already.
    unknown_owner: Option<&'a str>,
    /// Unknown names that have their error: a name misspelt twice on a line is one mistake.
    reported: Vec<(Option<&'a str>, &'a str)>,
}

impl<'a> Sides<'a> {
    /// Nothing told yet.
    pub(super) fn new(
        names: &'a Names<'a>,
        line: PlaceLine<'a>,
        unknown_owner: Option<&'a str>,
    ) -> Self {
        Self { names, line, unknown_owner, reported: Vec::new() }
    }

    /// What `side` means; `None` if that cannot be said, which is then in `out` or was told before.
    pub(super) fn endpoint(
        &mut self,
        side: &'a tree::Endpoint,
        out: &mut Vec<Diagnostic>,
    ) -> Option<Endpoint> {
        let place = match &side.place {
            tree::Place::Zones { application, zones } => self.zones(side, application, zones, out),
            tree::Place::External(name) => self.external(side, name, out).map(Place::External),
            tree::Place::Addresses(text) => {
                self.addresses(text, out);
                None
            }
        };
        let Some(selector) = &side.selector else {
            return Some(Endpoint { place: place?, selector: None });
        };
        if let Some(Place::External(id)) = place
            && self.refuse_selector(id, selector.span, out)
        {
            return None;
        }
        let (read, place) = (selector::read(&self.names.decisions, selector, out)?, place?);
        if let (Some(read), Place::External(id)) = (&read, &place)
            && self.refuse_contradiction(*id, read, selector.span, out)
        {
            return None;
        }
        Some(Endpoint { place, selector: read })
    }

    fn zones(
        &mut self,
        side: &tree::Endpoint,
        application: &'a Spanned<tree::Application>,
        zones: &'a Spanned<tree::ZoneList>,
        out: &mut Vec<Diagnostic>,
    ) -> Option<Place> {
        let application = match &application.value {
            tree::Application::Any => None,
            tree::Application::Named(name) => {
                let found = self.names.application(name);
                if found.is_none() {
                    self.unknown_application(side, name, application.span, zones, out);
                    return None;
                }
                found
            }
        };
        let zones = match &zones.value {
            tree::ZoneList::Any => None,
            tree::ZoneList::Named(zones) => {
                let found: Vec<Option<Id<Zone>>> =
                    zones.iter().map(|zone| self.zone(application, zone, out)).collect();
                let mut found: Vec<Id<Zone>> = found.into_iter().collect::<Option<_>>()?;
                found.sort_unstable();
                Some(found)
            }
        };
        Some(Place::Zones { application, zones })
    }

    fn unknown_application(
        &mut self,
        side: &tree::Endpoint,
        name: &'a str,
        span: Span,
        zones: &Spanned<tree::ZoneList>,
        out: &mut Vec<Diagnostic>,
    ) {
        if self.unknown_owner == Some(name) || !self.first(None, name) {
            return;
        }
        if let Some((declared, _)) = self.names.externals.find(name) {
            let bare = |end: &mut tree::Endpoint| {
                if is_application(end, name) {
                    end.place = tree::Place::External(Spanned::new(name.into(), end.span));
                }
            };
            let help = format!("write\n{}", self.line.changed(bare));
            out.push(
                Diagnostic::new(
                    &UNKNOWN_APPLICATION,
                    format!("`{name}` is an external, and an external has no zones"),
                )
                .label(side.span, "an external stands alone, without a `.`")
                .label(declared, "declared here")
                .help(help),
            );
            return;
        }
        let message = format!("there is no application `{name}`");
        let known = || self.names.applications.iter().map(|(_, it)| &*it.name);
        let mut diagnostic = Diagnostic::new(&UNKNOWN_APPLICATION, message);
        if let Some(near) = nearest(name, known()) {
            diagnostic = diagnostic.label(span, format!("did you mean `{near}`?"));
            if let Some(declared) = self.names.application_span(near) {
                diagnostic = diagnostic.label(declared, "declared here");
            }
            let renamed = self.line.changed(|end| rename_application(end, name, near));
            out.push(diagnostic.help(format!("write\n{renamed}")));
            return;
        }
        diagnostic = diagnostic.label(span, "no manifest declares a namespace of it");
        if let tree::ZoneList::Named(zones) = &zones.value
            && let [zone] = zones.as_slice()
            && let Some(id) = self.names.zone(&zone.value)
        {
            let with: Vec<&str> = self.names.applications_with(id).collect();
            if !with.is_empty() {
                diagnostic = diagnostic.help(format!(
                    "{} {} a zone `{}`",
                    list(with.iter().copied()),
                    if with.len() == 1 { "has" } else { "have" },
                    zone.value,
                ));
            }
        } else if known().next().is_some() {
            diagnostic = diagnostic.help(format!("the applications are {}", list(known())));
        }
        out.push(diagnostic);
    }

    fn zone(
        &mut self,
        application: Option<Id<Application>>,
        zone: &'a tree::Name,
        out: &mut Vec<Diagnostic>,
    ) -> Option<Id<Zone>> {
        let names = self.names;
        let known = names.zone(&zone.value);
        let application = application.and_then(|id| names.applications.get(id));
        let has = |id: Id<Zone>| match application {
            Some(application) => application.zones.binary_search(&id).is_ok(),
            None => names.applications_with(id).next().is_some(),
        };
        if let Some(id) = known
            && has(id)
        {
            return Some(id);
        }
        if !self.first(application.map(|it| &*it.name), &zone.value) {
            return None;
        }
        let its: Vec<&str> = match application {
            Some(application) => application.zones.iter().map(|id| names.zone_name(*id)).collect(),
            None => {
                names.zones.iter().filter(|(id, _)| has(*id)).map(|(_, it)| &*it.name).collect()
            }
        };
        let of = application.map(|it| &*it.name);
        let message = match of {
            Some(of) => format!("there is no zone `{}` in {of}", zone.value),
            None => format!("no application has a zone `{}`", zone.value),
        };
        let mut diagnostic = Diagnostic::new(&UNKNOWN_ZONE, message);
        // One that stands beside it is not what was meant.
        let others = its.iter().copied().filter(|it| !self.line.lists_both(&zone.value, it));
        if let Some(near) = nearest(&zone.value, others) {
            diagnostic = diagnostic.label(zone.span, format!("did you mean `{near}`?"));
            if let Some(declared) = names.zone_span(of, near) {
                let others = list(its.iter().copied().filter(|it| *it != near));
                let text = match (others.is_empty(), of) {
                    (false, Some(_)) => format!("declared here, with {others}"),
                    (true, _) | (_, None) => "declared here".to_owned(),
                };
                diagnostic = diagnostic.label(declared, text);
            }
            let renamed = self.line.changed(|end| rename_zone(end, of, &zone.value, near));
            diagnostic = diagnostic.help(format!("write\n{renamed}"));
        } else if its.is_empty() {
            let text = "none of its namespaces is in a zone";
            diagnostic = diagnostic.label(zone.span, if of.is_some() { text } else { "" });
            if let Some(declared) = of.and_then(|of| names.application_span(of)) {
                diagnostic = diagnostic.label(declared, "declared here");
            }
        } else {
            diagnostic = diagnostic.label(zone.span, format!("the zones are {}", list(its)));
            if let Some(declared) = of.and_then(|of| names.application_span(of)) {
                diagnostic = diagnostic.label(declared, "declared here");
            }
        }
        if let Some(id) = known
            && of.is_some()
        {
            let with: Vec<&str> = names.applications_with(id).collect();
            let verb = if with.len() == 1 { "has" } else { "have" };
            if !with.is_empty() {
                let with = list(with);
                diagnostic = diagnostic.help(format!("{with} {verb} a zone `{}`", zone.value));
            }
        }
        out.push(diagnostic);
        None
    }

    /// Whether the unknown name is met for the first time on this line.
    fn first(&mut self, of: Option<&'a str>, name: &'a str) -> bool {
        let new = !self.reported.contains(&(of, name));
        if new {
            self.reported.push((of, name));
        }
        new
    }
}

fn is_application(end: &tree::Endpoint, name: &str) -> bool {
    match &end.place {
        tree::Place::Zones { application, .. } => {
            matches!(&application.value, tree::Application::Named(it) if &**it == name)
        }
        tree::Place::External(_) | tree::Place::Addresses(_) => false,
    }
}

fn rename_application(end: &mut tree::Endpoint, from: &str, to: &str) {
    if is_application(end, from)
        && let tree::Place::Zones { application, .. } = &mut end.place
    {
        application.value = tree::Application::Named(to.into());
    }
}

fn rename_zone(end: &mut tree::Endpoint, of: Option<&str>, from: &str, to: &str) {
    let same = match of {
        Some(of) => is_application(end, of),
        None => true,
    };
    if same
        && let tree::Place::Zones { zones, .. } = &mut end.place
        && let tree::ZoneList::Named(names) = &mut zones.value
    {
        for name in names.iter_mut().filter(|name| &*name.value == from) {
            name.value = to.into();
        }
    }
}
