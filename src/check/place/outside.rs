//! The sides of a line that lie outside every landing zone: externals, and what people write in their place.

use std::sync::Arc;

use super::super::names::Names;
use super::super::words::list;
use super::Sides;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::names::{
    ADDRESS_IN_LINE, SELECTOR_NEVER, SELECTOR_PLACE, UNKNOWN_EXTERNAL,
};
use crate::diagnostic::nearest::nearest;
use crate::program::{Endpoint, External, ExternalValue, Id, Place};
use crate::selector::Selector;
use crate::source::{Span, Spanned};
use crate::syntax::tree;
use crate::traffic::addresses::{self, AddressFlaw};

impl<'a> Sides<'a> {
    /// The external `name`; `None` if it is unknown or has an error.
    pub(super) fn external(
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
            let whole = zones_place(written, tree::ZoneList::Any, side.span);
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
            let zones = tree::ZoneList::Named(vec![name.clone()]);
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

    /// Says that addresses, which stand where a place belongs, need a name.
    pub(super) fn addresses(&self, text: &Spanned<Box<str>>, out: &mut Vec<Diagnostic>) {
        let written = &*text.value;
        let net = match addresses::parse(written) {
            Ok(net)
            | Err(
                AddressFlaw::NoPrefix(net) | AddressFlaw::HostBits(net) | AddressFlaw::Zeros(net),
            ) => Some(net),
            Err(AddressFlaw::Unreadable) => None,
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
    pub(super) fn refuse_selector(
        &self,
        id: Id<External>,
        span: Span,
        out: &mut Vec<Diagnostic>,
    ) -> bool {
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

    /// Says so if no pod satisfies both `selector` and that of the external `id`.
    pub(super) fn refuse_contradiction(
        &self,
        id: Id<External>,
        selector: &Selector,
        span: Span,
        out: &mut Vec<Diagnostic>,
    ) -> bool {
        let Some(external) = self.names.externals.table.get(id) else { return false };
        let ExternalValue::Namespace { selector: Some(own), .. } = &external.value else {
            return false;
        };
        if self.names.decisions.overlap(own, selector) {
            return false;
        }
        out.push(
            Diagnostic::new(
                &SELECTOR_NEVER,
                format!("no pod can satisfy this selector and that of `{}`", external.name),
            )
            .label(span, "taken together with that of the external")
            .label(external.span, format!("declared here, for pods with {own}"))
            .help("a selector in a line narrows that of the external: name pods that both take"),
        );
        true
    }
}

/// Why a line with `endpoint` on its left has nothing to open: what it is, and where that is said.
/// `None` if it has something.
pub(in crate::check) fn opens_nothing<'a>(
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

fn zones_place(application: &str, zones: tree::ZoneList, span: Span) -> tree::Place {
    let application = tree::Application::Named(application.into());
    tree::Place::Zones {
        application: Spanned::new(application, span),
        zones: Spanned::new(zones, span),
    }
}

fn is_external(end: &tree::Endpoint, name: &str) -> bool {
    matches!(&end.place, tree::Place::External(it) if &*it.value == name)
}
