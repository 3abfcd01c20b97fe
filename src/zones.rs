//! Landing zones from Namespace manifests: which namespaces are declared, and which application and zone
//! their labels put them in (language reference, "The world that a program is checked against").

mod label;
mod manifest;
pub(crate) mod write;

use crate::diagnostic::codes::zones::NAMESPACE_TWICE;
use crate::diagnostic::{Diagnostic, Level};
use crate::source::{FileId, Sources, Spanned};
use crate::yaml::node::Node;
use crate::yaml::read::read;
use label::shown;
use manifest::Manifest;

/// The two label keys that make a landing zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelKeys {
    /// The key of the application, `applicationcode` unless configured.
    pub application: Box<str>,
    /// The key of the zone, `zone` unless configured.
    pub zone: Box<str>,
}

impl Default for LabelKeys {
    fn default() -> Self {
        Self { application: "applicationcode".into(), zone: "zone".into() }
    }
}

/// A label: its key and its value.
pub type ZoneLabel = (Spanned<Box<str>>, Spanned<Box<str>>);

/// A declared namespace.
#[derive(Clone, Debug)]
pub struct DeclaredNamespace {
    /// Its name.
    pub name: Spanned<Box<str>>,
    /// All its labels, sorted by key, `kubernetes.io/metadata.name` among them (the API server sets it; where
    /// the manifest does not write it, its span is that of the name).
    pub labels: Vec<ZoneLabel>,
    /// The value of the application label.
    pub application: Option<Spanned<Box<str>>>,
    /// The value of the zone label.
    pub zone: Option<Spanned<Box<str>>>,
    /// Whether a cluster takes it: not where its name, or a label, has a form that Kubernetes refuses.
    pub possible: bool,
}

/// Whether a namespace can have the name `text`.
pub fn is_namespace_name(text: &str) -> bool {
    label::is_dns_label(text) && text.len() <= 63
}

/// Every declared namespace, sorted by name, each name once.
#[derive(Clone, Debug, Default)]
pub struct Zones {
    /// The namespaces.
    pub namespaces: Vec<DeclaredNamespace>,
    /// Whether some manifest has an error: what nothing here declares may be meant to be declared there.
    pub mistaken: bool,
}

/// Reads the Namespace manifests `files` of `sources` (multi-document YAML, `List`, `NamespaceList`, JSON;
/// objects of other kinds are passed over). Gives what can be read and a diagnostic for everything else, in the
/// order of the text. A namespace that is declared again with the very same labels is one namespace.
pub fn load(sources: &Sources, files: &[FileId], keys: &LabelKeys) -> (Zones, Vec<Diagnostic>) {
    let mut found = FoundLabels::default();
    for file in files {
        let Some(source) = sources.get(*file) else { continue };
        let (documents, mut diagnostics) = read(&source.text, *file);
        found.diagnostics.append(&mut diagnostics);
        for document in &documents {
            found.document(document, *file, keys);
        }
    }
    found.finish()
}

/// Namespaces as they are found, one object after another.
#[derive(Debug, Default)]
pub struct FoundLabels {
    namespaces: Vec<DeclaredNamespace>,
    diagnostics: Vec<Diagnostic>,
}

impl FoundLabels {
    /// Adds what a document of `file` declares; objects of other kinds are passed over.
    pub fn document(&mut self, node: &Node, file: FileId, keys: &LabelKeys) {
        let mut manifest = Manifest::new(file, keys);
        manifest.document(node);
        self.namespaces.append(&mut manifest.namespaces);
        self.diagnostics.append(&mut manifest.diagnostics);
    }

    /// All namespaces, and what is wrong with their manifests in the order of the text.
    pub fn finish(mut self) -> (Zones, Vec<Diagnostic>) {
        let namespaces = unique(self.namespaces, &mut self.diagnostics);
        self.diagnostics.sort_by_key(Diagnostic::primary);
        let mistaken = self.diagnostics.iter().any(|it| it.level == Level::Error);
        (Zones { namespaces, mistaken }, self.diagnostics)
    }
}

/// `namespaces` by name, each once: the one that stands first.
fn unique(
    mut namespaces: Vec<DeclaredNamespace>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<DeclaredNamespace> {
    namespaces.sort_by(|a, b| (&a.name.value, a.name.span).cmp(&(&b.name.value, b.name.span)));
    let mut kept: Vec<DeclaredNamespace> = Vec::with_capacity(namespaces.len());
    for namespace in namespaces {
        match kept.last() {
            Some(first) if first.name == namespace.name => {
                diagnostics.extend(differing(first, &namespace));
            }
            Some(_) | None => kept.push(namespace),
        }
    }
    kept
}

/// What to say about two declarations of one namespace, unless their labels are the same.
fn differing(first: &DeclaredNamespace, again: &DeclaredNamespace) -> Option<Diagnostic> {
    // Those that are in one of them alone, key and value.
    let only = |one: &DeclaredNamespace, other: &DeclaredNamespace| {
        one.labels.iter().find(|label| !other.labels.contains(label)).cloned()
    };
    let (here, there) = (only(again, first), only(first, again));
    if here.is_none() && there.is_none() {
        return None;
    }
    let message = format!(
        "namespace `{}` is declared twice, with different labels",
        shown(&first.name.value)
    );
    let mut diagnostic = Diagnostic::new(&NAMESPACE_TWICE, message)
        .label(again.name.span, "declared again")
        .label(first.name.span, "first declared here");
    for (label, other) in [(here, first), (there, again)] {
        let Some((key, value)) = label else { continue };
        let text = if other.labels.iter().any(|(its, _)| its.value == key.value) {
            format!("`{}` is `{}` here", shown(&key.value), shown(&value.value))
        } else {
            format!("`{}` only here", shown(&key.value))
        };
        diagnostic = diagnostic.label(value.span, text);
    }
    Some(diagnostic.help("keep one declaration, or give both the same labels"))
}
