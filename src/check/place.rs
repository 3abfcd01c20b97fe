//! The sides of a line: places and selectors, resolved. A line that names something unknown gets one error
//! for each unknown name, and is left out of the program.

use std::sync::Arc;

use super::addresses::{self, Flaw};
use super::names::Names;
use super::selector;
use super::words::{list, nearest};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::names::{
    ADDRESS_IN_LINE, SELECTOR_PLACE, UNKNOWN_APPLICATION, UNKNOWN_EXTERNAL, UNKNOWN_ZONE,
};
use crate::program::{Application, Endpoint, External, ExternalValue, Id, Place, Zone};
use crate::source::{Span, Spanned};
use crate::syntax::tree;

/// A statement whose sides are resolved.
#[derive(Clone, Debug)]
pub(super) enum Line<'a> {
    /// A flow.
    Flow(&'a tree::Flow),
    /// A guardrail.
    Forbid(&'a tree::Forbid),
}

impl Line<'_> {
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
        }
    }
}

/// Resolves the sides of one line.
#[derive(Debug)]
pub(super) struct Sides<'a> {
    names: &'a Names<'a>,
    line: Line<'a>,
    /// The application whose file this is, if it is unknown: that has its error already.
    unknown_owner: Option<&'a str>,
    /// Unknown names that have their error: a name misspelt twice on a line is one mistake.
    told: Vec<(Option<&'a str>, &'a str)>,
}

impl<'a> Sides<'a> {
    /// Nothing told yet.
    pub(super) fn new(
        names: &'a Names<'a>,
        line: Line<'a>,
        unknown_owner: Option<&'a str>,
    ) -> Self {
        Self { names, line, unknown_owner, told: Vec::new() }
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
        let selector = selector::read(selector, out);
        Some(Endpoint { place: place?, selector: selector? })
    }

    fn zones(
        &mut self,
        side: &tree::Endpoint,
        application: &'a Spanned<tree::Application>,
        zones: &'a Spanned<tree::Zones>,
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
            tree::Zones::Any => None,
            tree::Zones::Named(zones) => {
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
        zones: &Spanned<tree::Zones>,
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
        if let tree::Zones::Named(zones) = &zones.value
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
        if let Some(near) = nearest(&zone.value, its.iter().copied()) {
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

    fn external(
        &mut self,
        side: &tree::Endpoint,
        name: &'a tree::Name,
        out: &mut Vec<Diagnostic>,
    ) -> Option<Id<External>> {
        let names = self.names;
        if let Some((_, id)) = names.externals.find(&name.value) {
            return id;
        }
        if !self.first(None, &name.value) {
            return None;
        }
        let written = &*name.value;
        let replaced = |place: &tree::Place| {
            let line = self.line.changed(|end| {
                if is_external(end, written) {
                    end.place = place.clone();
                }
            });
            format!("write\n{line}")
        };
        if names.application(written).is_some() {
            let whole = zones_place(written, tree::Zones::Any, side.span);
            let mut diagnostic = Diagnostic::new(
                &UNKNOWN_EXTERNAL,
                format!(
                    "`{written}` is an application, and a place in it is written with its zones"
                ),
            )
            .label(name.span, format!("`{written}.*` is all of it"));
            if let Some(declared) = names.application_span(written) {
                diagnostic = diagnostic.label(declared, "declared here");
            }
            out.push(diagnostic.help(replaced(&whole)));
            return None;
        }
        let zone = names.zone(written);
        let with: Vec<&str> =
            zone.map(|id| names.applications_with(id).collect()).unwrap_or_default();
        if let Some(first) = with.first() {
            let zones = tree::Zones::Named(vec![name.clone()]);
            let place = zones_place(first, zones, side.span);
            let mut diagnostic = Diagnostic::new(
                &UNKNOWN_EXTERNAL,
                format!("`{written}` is a zone, and a zone is written after its application"),
            )
            .label(name.span, format!("a zone of {}", list(with.iter().copied())));
            if let Some(declared) = names.zone_span(Some(first), written) {
                diagnostic = diagnostic.label(declared, "declared here");
            }
            out.push(diagnostic.help(replaced(&place)));
            return None;
        }
        let mut diagnostic =
            Diagnostic::new(&UNKNOWN_EXTERNAL, format!("there is no external `{written}`"));
        let near = nearest(written, names.externals.all());
        if let Some(near) = near {
            diagnostic = diagnostic.label(name.span, format!("did you mean `{near}`?"));
            if let Some((declared, _)) = names.externals.find(near) {
                diagnostic = diagnostic.label(declared, "declared here");
            }
            let place = tree::Place::External(Spanned::new(near.into(), name.span));
            diagnostic = diagnostic.help(replaced(&place));
        } else {
            diagnostic = diagnostic
                .label(name.span, "no platform file declares it")
                .help("a place of an application is written `application.zone`");
            if names.externals.all().next().is_some() {
                let all = list(names.externals.all());
                diagnostic = diagnostic.help(format!("the externals are {all}"));
            }
        }
        out.push(diagnostic);
        None
    }

    fn addresses(&self, text: &Spanned<Box<str>>, out: &mut Vec<Diagnostic>) {
        let written = &*text.value;
        let net = match addresses::parse(written) {
            Ok(net) | Err(Flaw::NoPrefix(net) | Flaw::HostBits(net)) => Some(net),
            Err(Flaw::Unreadable) => None,
        };
        let declared = net.and_then(|net| {
            self.names.externals.table.iter().find(|(_, it)| match &it.value {
                ExternalValue::Addresses(nets) => nets.as_slice() == [net],
                ExternalValue::Namespace { .. } | ExternalValue::Service { .. } => false,
            })
        });
        let name = declared.map_or("my-network", |(_, it)| &it.name);
        let line = self.line.changed(|end| {
            if matches!(&end.place, tree::Place::Addresses(it) if it.value == text.value) {
                end.place = tree::Place::External(Spanned::new(name.into(), text.span));
            }
        });
        let diagnostic = Diagnostic::new(
            &ADDRESS_IN_LINE,
            "addresses stand in a line by the name of an external",
        );
        out.push(match (declared, net) {
            (Some((_, external)), _) => diagnostic
                .label(text.span, format!("this is `{name}`"))
                .label(external.span, "declared here")
                .help(format!("write\n{line}")),
            (None, net) => {
                let block = net.map_or_else(|| written.to_owned(), |net| net.to_string());
                diagnostic.label(text.span, "give it a name").help(format!(
                    "declare it in a platform file, under a name of your choice\nexternal {name} = {block}"
                )).help(format!("and write\n{line}"))
            }
        });
    }

    /// Says so if `id` has no pods that a selector could choose from.
    fn refuse_selector(&self, id: Id<External>, span: Span, out: &mut Vec<Diagnostic>) -> bool {
        let Some(external) = self.names.externals.table.get(id) else { return false };
        let what = match &external.value {
            ExternalValue::Namespace { .. } => return false,
            ExternalValue::Addresses(_) => "addresses, which have no labels",
            ExternalValue::Service { .. } => "a service, whose own selector chooses its pods",
        };
        let bare = self.line.changed(|end| {
            if is_external(end, &external.name) {
                end.selector = None;
            }
        });
        out.push(
            Diagnostic::new(
                &SELECTOR_PLACE,
                format!("a selector chooses pods, and `{}` stands for {what}", external.name),
            )
            .label(span, "")
            .label(external.span, "declared here")
            .help(format!("write\n{bare}")),
        );
        true
    }

    /// Whether the unknown name is met for the first time on this line.
    fn first(&mut self, of: Option<&'a str>, name: &'a str) -> bool {
        let new = !self.told.contains(&(of, name));
        if new {
            self.told.push((of, name));
        }
        new
    }
}

/// Why a line with `endpoint` on its left has nothing to open: what it is, and where that is said.
/// `None` if it has something.
pub(super) fn opens_nothing<'a>(
    names: &'a Names<'_>,
    endpoint: &Endpoint,
) -> Option<(&'static str, &'a Arc<str>, Span)> {
    let Place::External(id) = endpoint.place else { return None };
    let external = names.externals.table.get(id)?;
    let name = &external.name;
    match &external.value {
        ExternalValue::Addresses(_) => Some(("addresses", name, external.span)),
        ExternalValue::Service { .. } => Some(("a service", name, external.span)),
        ExternalValue::Namespace { name: namespace, .. } => {
            names.exempted(namespace).map(|span| ("an exempt namespace", name, span))
        }
    }
}

fn zones_place(application: &str, zones: tree::Zones, span: Span) -> tree::Place {
    let application = tree::Application::Named(application.into());
    tree::Place::Zones {
        application: Spanned::new(application, span),
        zones: Spanned::new(zones, span),
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

fn is_external(end: &tree::Endpoint, name: &str) -> bool {
    matches!(&end.place, tree::Place::External(it) if &*it.value == name)
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
        && let tree::Zones::Named(names) = &mut zones.value
    {
        for name in names.iter_mut().filter(|name| &*name.value == from) {
            name.value = to.into();
        }
    }
}
