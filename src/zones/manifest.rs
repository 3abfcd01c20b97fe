//! Namespaces in the documents of one manifest: which objects count, what Kubernetes asks of them, and their name.
//! What is asked of a label is in `label`.

use super::label::{self, shown};
use super::{DeclaredNamespace, LabelKeys, ZoneLabel, is_namespace_name};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::zones::{
    INVALID_NAMESPACE_NAME, MALFORMED_NAMESPACE, NAME_LABEL_DIFFERS, NOT_AN_OBJECT,
};
use crate::selector::keys::METADATA_NAME;
use crate::source::{FileId, Span, Spanned};
use crate::yaml::node::{Node, Value};
use crate::yaml::plain::kubernetes_takes_for;
use crate::yaml::write::quoted;

/// What one file declares, and what is wrong with it.
pub(super) struct Manifest<'a> {
    file: FileId,
    keys: &'a LabelKeys,
    pub(super) namespaces: Vec<DeclaredNamespace>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl<'a> Manifest<'a> {
    /// The manifest in `file`, nothing of it read yet.
    pub(super) fn new(file: FileId, keys: &'a LabelKeys) -> Self {
        Self { file, keys, namespaces: Vec::new(), diagnostics: Vec::new() }
    }

    /// Reads one document. An empty one says nothing.
    pub(super) fn document(&mut self, node: &Node) {
        if !node.is_null() {
            self.object(node, false);
        }
    }

    /// Reads one object; the items of a `NamespaceList` need not say what they are.
    fn object(&mut self, node: &Node, listed: bool) {
        let Some(entries) = node.entries() else {
            let found = if node.items().is_some() { "a list" } else { "text" };
            let message = format!("this is {found}, not a Kubernetes object");
            return self
                .say(Diagnostic::new(&NOT_AN_OBJECT, message).label(self.place(node), found));
        };
        let Some(kind) = node.get("kind") else {
            if listed {
                return self.namespace(node, node);
            }
            let marks =
                |key: &Node| ["apiVersion", "metadata"].iter().any(|it| key.text() == Some(it));
            if let Some((key, _)) = entries.iter().find(|(key, _)| marks(key)) {
                let diagnostic =
                    Diagnostic::new(&NOT_AN_OBJECT, "this object does not say its `kind`")
                        .label(self.place(key), "an object starts here");
                self.say(diagnostic.help("write  kind: Namespace"));
            }
            return;
        };
        match kind.text() {
            Some("Namespace") => {
                if self.is_v1(node, kind, listed) {
                    self.namespace(node, kind);
                }
            }
            Some(list @ ("List" | "NamespaceList")) => {
                if self.is_v1(node, kind, false) {
                    self.list(node, list == "NamespaceList");
                }
            }
            Some(other) => {
                let near = ["Namespace", "NamespaceList"]
                    .into_iter()
                    .find(|it| it.eq_ignore_ascii_case(other));
                if let Some(near) = near {
                    let diagnostic = Diagnostic::new(
                        &MALFORMED_NAMESPACE,
                        format!("`{other}` is not a kind of object"),
                    )
                    .label(self.place(kind), format!("did you mean `{near}`?"))
                    .help(format!("write  kind: {near}"))
                    .fix(
                        format!("write `{near}`"),
                        self.place(kind),
                        label::as_written(self.place(kind), other, near),
                    );
                    self.say(diagnostic);
                }
            }
            None => self.malformed("`kind` must be text", kind),
        }
    }

    /// Whether `object` has `apiVersion: v1`; says so where it has not.
    fn is_v1(&mut self, object: &Node, kind: &Node, listed: bool) -> bool {
        let kind_text = kind.text().unwrap_or_default();
        match object.get("apiVersion") {
            Some(version) if version.text() == Some("v1") => true,
            Some(version) => {
                let message = format!("the `apiVersion` of a {kind_text} is `v1`");
                let mut diagnostic = Diagnostic::new(&MALFORMED_NAMESPACE, message)
                    .label(self.place(version), "not `v1`");
                if let Some(text) = version.text() {
                    let span = self.place(version);
                    diagnostic =
                        diagnostic.fix("write `v1`", span, label::as_written(span, text, "v1"));
                }
                self.say(diagnostic.help("write  apiVersion: v1"));
                false
            }
            None if listed => true,
            None => {
                let message = format!("this {kind_text} has no `apiVersion`");
                let diagnostic = Diagnostic::new(&MALFORMED_NAMESPACE, message)
                    .label(self.place(kind), "this object");
                self.say(diagnostic.help("write  apiVersion: v1"));
                false
            }
        }
    }

    fn list(&mut self, node: &Node, of_namespaces: bool) {
        let Some(items) = node.get("items").filter(|items| !items.is_null()) else { return };
        let Some(found) = items.items() else {
            return self.malformed("`items` must be a list", items);
        };
        for item in found {
            self.object(item, of_namespaces);
        }
    }

    /// Reads a Namespace; `kind` is the place to blame for what is not there.
    fn namespace(&mut self, node: &Node, kind: &Node) {
        let metadata = node.get("metadata").filter(|metadata| !metadata.is_null());
        let Some(metadata) = metadata else { return self.nameless(kind) };
        if metadata.entries().is_none() {
            return self.malformed("`metadata` must be a mapping", metadata);
        }
        let Some(name) = metadata.get("name").filter(|name| !is_nothing(name)) else {
            return self.nameless(metadata.get("name").unwrap_or(kind));
        };
        let Some(name) = self.name(name) else { return };
        let mut labels = match metadata.get("labels").filter(|labels| !labels.is_null()) {
            None => Vec::new(),
            Some(labels) => {
                if labels.entries().is_none() {
                    self.malformed("`labels` must be a mapping", labels);
                }
                self.labels(labels.entries().unwrap_or_default())
            }
        };
        self.name_label(&name, &mut labels);
        labels.sort_by(|(a, _), (b, _)| a.value.cmp(&b.value));
        self.diagnostics.extend(label::near_keys(&labels, self.keys));
        let value = |wanted: &str| {
            let found = labels.iter().find(|(key, _)| *key.value == *wanted);
            // Without a value it names nothing.
            found.map(|(_, value)| value.clone()).filter(|it| !it.value.is_empty())
        };
        let (application, zone) = (value(&self.keys.application), value(&self.keys.zone));
        let possible = is_namespace_name(&name.value) && labels.iter().all(label::is_possible);
        self.namespaces.push(DeclaredNamespace { name, labels, application, zone, possible });
    }

    /// The name of a namespace: a DNS label that is text to Kubernetes.
    fn name(&mut self, node: &Node) -> Option<Spanned<Box<str>>> {
        let span = self.place(node);
        let Value::Scalar { text, plain } = &node.value else {
            self.malformed("the name of a namespace must be text", node);
            return None;
        };
        if *plain && let Some(taken) = kubernetes_takes_for(text) {
            let text_in_quotes = quoted(text);
            let message = format!(
                "`{}` is {} in YAML, and the name of a namespace must be text",
                shown(text),
                taken.name()
            );
            let diagnostic = Diagnostic::new(&INVALID_NAMESPACE_NAME, message)
                .label(span, "written without quotes")
                .help(format!("write  name: {text_in_quotes}"))
                .fix("put it in quotes", span, text_in_quotes);
            self.say(diagnostic);
        } else if !is_namespace_name(text) {
            let message = format!("`{}` cannot be the name of a namespace", shown(text));
            let diagnostic = Diagnostic::new(&INVALID_NAMESPACE_NAME, message).label(
                span,
                label::fault(text, |c| c.is_ascii_lowercase() || c.is_ascii_digit(), &['-']),
            );
            self.say(
                diagnostic.help(
                    "a name has 1 to 63 characters: lower-case letters, digits, and `-` inside",
                ),
            );
        }
        Some(Spanned::new(text.clone(), span))
    }

    fn labels(&mut self, entries: &[(Node, Node)]) -> Vec<ZoneLabel> {
        let mut labels = Vec::with_capacity(entries.len() + 1);
        for (key, value) in entries {
            let key = Spanned::new(key, self.place(key));
            let value = Spanned::new(value, self.place(value));
            match label::read(key, value, self.keys) {
                Ok(label) => labels.extend(label),
                Err(refused) => {
                    labels.extend(refused.kept);
                    self.say(*refused.diagnostic);
                }
            }
        }
        labels
    }

    /// Adds the label that the API server sets, or holds the one that is written against `name`.
    fn name_label(&mut self, name: &Spanned<Box<str>>, labels: &mut Vec<ZoneLabel>) {
        let Some((_, value)) = labels.iter_mut().find(|(key, _)| *key.value == *METADATA_NAME)
        else {
            let key = Spanned::new(METADATA_NAME.into(), name.span);
            return labels.push((key, name.clone()));
        };
        if value.value != name.value {
            let message = format!("the label `{METADATA_NAME}` of a namespace is always its name");
            let diagnostic = Diagnostic::new(&NAME_LABEL_DIFFERS, message)
                .label(value.span, "differs from the name")
                .label(name.span, "the name")
                .help("remove the label: the API server sets it")
                .fix("write the name", value.span, quoted(&name.value));
            value.value = name.value.clone();
            self.say(diagnostic);
        }
    }

    fn nameless(&mut self, place: &Node) {
        let diagnostic = Diagnostic::new(&INVALID_NAMESPACE_NAME, "this Namespace has no name")
            .label(self.place(place), "a name is missing");
        self.say(diagnostic.help("write the name under `metadata`:  name: …"));
    }

    fn malformed(&mut self, message: &str, node: &Node) {
        let found = match &node.value {
            Value::Scalar { .. } => "this is text",
            Value::List(_) => "this is a list",
            Value::Map(_) => "this is a mapping",
        };
        self.say(Diagnostic::new(&MALFORMED_NAMESPACE, message).label(self.place(node), found));
    }

    fn say(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    fn place(&self, node: &Node) -> Span {
        node.span.unwrap_or(Span::new(self.file, 0, 0))
    }
}

/// Whether nothing is written, or an empty string.
fn is_nothing(node: &Node) -> bool {
    node.is_null() || node.text() == Some("")
}
