//! Puts the values that the scanner finds together to a tree: anchors and aliases, merged mappings, repeated keys,
//! and the limits on depth and on what aliases may add.

use rustc_hash::FxHashMap;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::zones::{INVALID_YAML, REPEATED_KEY, YAML_LIMIT};
use crate::diagnostic::visible::visible;
use crate::source::{FileId, Span};
use crate::yaml::node::{MAX_DEPTH, Node, Value};

/// The reason why a document cannot be read.
pub(super) type Stop = Box<Diagnostic>;

/// What anchors and aliases of one document may copy, in values and bytes of text: no manifest comes near, and an
/// alias bomb ends here.
const MAX_COPIED: usize = 1 << 20;

/// A list or a mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    List,
    Map,
}

/// A list or mapping that is not closed yet.
struct Frame {
    shape: Shape,
    /// Whether it stands in brackets, which belong to its span.
    bracketed: bool,
    span: Span,
    anchor: usize,
    items: Vec<Node>,
    /// The key whose value comes next.
    key: Option<Node>,
    entries: Vec<(Node, Node)>,
}

/// One document in the making.
pub(super) struct Builder {
    file: FileId,
    frames: Vec<Frame>,
    root: Option<Node>,
    /// Items of the list that the document is, if they are taken out one by one.
    items: Option<Vec<Node>>,
    /// Anchored values by the number of their anchor; 0 is not an anchor.
    anchors: FxHashMap<usize, Node>,
    copied: usize,
    /// What is wrong with the document, but does not keep it from being read.
    pub(super) diagnostics: Vec<Diagnostic>,
}

pub(super) fn too_deep(span: Span) -> Stop {
    let message = format!("lists and mappings lie more than {MAX_DEPTH} deep in each other here");
    Box::new(Diagnostic::new(&YAML_LIMIT, message).label(span, "here"))
}

impl Builder {
    /// A document in `file`; `taken` takes the items of an object's `items` out as soon as they are whole.
    pub(super) fn new(file: FileId, taken: bool) -> Self {
        Self {
            file,
            frames: Vec::new(),
            root: None,
            items: taken.then(Vec::new),
            anchors: FxHashMap::default(),
            copied: 0,
            diagnostics: Vec::new(),
        }
    }

    /// The document, and what is wrong with it.
    pub(super) fn finish(self) -> (Option<Node>, Vec<Diagnostic>) {
        (self.root, self.diagnostics)
    }

    /// The items that are whole since this was asked last.
    pub(super) fn take_items(&mut self) -> Vec<Node> {
        self.items.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Whether the innermost list is the `items` of the whole document.
    fn in_items(&self) -> bool {
        match self.frames.as_slice() {
            [object, list] => {
                let key = object.key.as_ref().and_then(Node::text);
                object.shape == Shape::Map && list.shape == Shape::List && key == Some("items")
            }
            _ => false,
        }
    }

    /// Starts a list or mapping at `span`.
    pub(super) fn open(
        &mut self,
        shape: Shape,
        bracketed: bool,
        span: Span,
        anchor: usize,
    ) -> Result<(), Stop> {
        if self.frames.len() >= MAX_DEPTH {
            return Err(too_deep(span));
        }
        let (items, entries) = (Vec::new(), Vec::new());
        self.frames.push(Frame { shape, bracketed, span, anchor, items, key: None, entries });
        Ok(())
    }

    /// Ends the innermost list or mapping; `end` is the place of its closing bracket, if it has one.
    pub(super) fn close(&mut self, end: Span) -> Result<(), Stop> {
        let Some(frame) = self.frames.pop() else { return Ok(()) };
        let span =
            frame.span.to(if frame.bracketed { end } else { frame.last().unwrap_or(frame.span) });
        let value = match frame.shape {
            Shape::List => Value::List(frame.items),
            Shape::Map => {
                let entries = self.unique(frame.entries);
                Value::Map(self.merged(entries)?)
            }
        };
        self.value(Node::new(value, Some(span)), frame.anchor)
    }

    /// Puts a whole value where the next one belongs.
    pub(super) fn value(&mut self, node: Node, anchor: usize) -> Result<(), Stop> {
        if anchor != 0 {
            let copy = self.copy(&node, node.span)?;
            self.anchors.insert(anchor, copy);
        }
        let taken = self.in_items();
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        if let (Some(items), true) = (&mut self.items, taken) {
            frame.span = node.span.map_or(frame.span, |last| frame.span.to(last));
            items.push(node);
            return Ok(());
        }
        match (frame.shape, frame.key.take()) {
            (Shape::List, _) => frame.items.push(node),
            (Shape::Map, Some(key)) => frame.entries.push((key, node)),
            (Shape::Map, None) if node.text().is_none() => {
                let span = node.span.unwrap_or(frame.span);
                let stop =
                    Diagnostic::new(&INVALID_YAML, "a key must be text, not a list or a mapping");
                return Err(Box::new(stop.label(span, "here")));
            }
            (Shape::Map, None) => frame.key = Some(node),
        }
        Ok(())
    }

    /// Puts a copy of the value of `anchor` where `*name` stands, at `span`. Its parts keep the places where they
    /// are written; the whole has the place of the alias.
    pub(super) fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Stop> {
        let Some(node) = self.anchors.remove(&anchor) else {
            let message = "this value contains itself";
            return Err(Box::new(Diagnostic::new(&INVALID_YAML, message).label(span, "here")));
        };
        // The copy may be as deep as the limit, and stands below what is open here.
        if self.frames.len() + depth(&node) > MAX_DEPTH {
            return Err(too_deep(span));
        }
        let copy = self.copy(&node, Some(span));
        self.anchors.insert(anchor, node);
        let value = Node { span: Some(span), ..copy? };
        self.value(value, 0)
    }

    /// A copy of `node`, as long as the document may have one more.
    fn copy(&mut self, node: &Node, span: Option<Span>) -> Result<Node, Stop> {
        self.copied = self.copied.saturating_add(weight(node));
        if self.copied > MAX_COPIED {
            let message = "the aliases of this document make it grow beyond all measure";
            let span = span.unwrap_or(Span::new(self.file, 0, 0));
            let stop =
                Diagnostic::new(&YAML_LIMIT, message).label(span, "from here on it is too much");
            return Err(Box::new(stop.help("write the values out where they are needed")));
        }
        Ok(node.clone())
    }

    /// `entries` without those whose key stands again, which is an error: the last one holds, as for Kubernetes.
    fn unique(&mut self, entries: Vec<(Node, Node)>) -> Vec<(Node, Node)> {
        let mut first: FxHashMap<Box<str>, (usize, Option<Span>)> = FxHashMap::default();
        let mut kept: Vec<(Node, Node)> = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let text = key.text().unwrap_or_default();
            let Some((at, before)) = first.get(text) else {
                first.insert(text.into(), (kept.len(), key.span));
                kept.push((key, value));
                continue;
            };
            let message = format!("`{}` appears twice in one mapping", visible(text));
            let here = key.span.unwrap_or(Span::new(self.file, 0, 0));
            let mut repeat = Diagnostic::new(&REPEATED_KEY, message).label(here, "written again");
            if let Some(before) = *before {
                repeat = repeat.label(before, "first written here");
            }
            self.diagnostics.push(repeat.help("keep one of the two"));
            if let Some(entry) = kept.get_mut(*at) {
                *entry = (key, value);
            }
        }
        kept
    }

    /// `entries` with the mappings under a plain `<<` put in: what the mapping itself writes wins, then the first.
    fn merged(&self, entries: Vec<(Node, Node)>) -> Result<Vec<(Node, Node)>, Stop> {
        let is_merge = |key: &Node| match &key.value {
            Value::Scalar { text, plain } => *plain && **text == *"<<",
            Value::List(_) | Value::Map(_) => false,
        };
        let Some(at) = entries.iter().position(|(key, _)| is_merge(key)) else {
            return Ok(entries);
        };
        let mut entries = entries;
        let (key, value) = entries.remove(at);
        let span = value.span.or(key.span).unwrap_or(Span::new(self.file, 0, 0));
        let sources = match value.value {
            Value::List(items) => items,
            map @ Value::Map(_) => vec![Node::new(map, value.span)],
            Value::Scalar { .. } => Vec::new(),
        };
        let maps: Option<Vec<_>> = sources
            .into_iter()
            .map(|source| match source.value {
                Value::Map(entries) => Some(entries),
                Value::List(_) | Value::Scalar { .. } => None,
            })
            .collect();
        let Some(maps) = maps.filter(|maps| !maps.is_empty()) else {
            let message = "`<<` merges mappings, and this is none";
            return Err(Box::new(Diagnostic::new(&INVALID_YAML, message).label(span, "here")));
        };
        let mut known: rustc_hash::FxHashSet<Box<str>> =
            entries.iter().filter_map(|(key, _)| key.text().map(Into::into)).collect();
        for (key, value) in maps.into_iter().flatten() {
            if known.insert(key.text().unwrap_or_default().into()) {
                entries.push((key, value));
            }
        }
        Ok(entries)
    }
}

impl Frame {
    /// The place of the last thing in it.
    fn last(&self) -> Option<Span> {
        match self.shape {
            Shape::List => self.items.last().and_then(|item| item.span),
            Shape::Map => self.entries.last().and_then(|(key, value)| value.span.or(key.span)),
        }
    }
}

/// How many values and bytes of text there are in `node`.
fn weight(node: &Node) -> usize {
    match &node.value {
        Value::Scalar { text, .. } => 1 + text.len(),
        Value::List(items) => 1 + items.iter().map(weight).sum::<usize>(),
        Value::Map(entries) => {
            1 + entries.iter().map(|(key, value)| weight(key) + weight(value)).sum::<usize>()
        }
    }
}

/// How deep `node` is; a scalar is 0.
fn depth(node: &Node) -> usize {
    match &node.value {
        Value::Scalar { .. } => 0,
        Value::List(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Map(entries) => 1 + entries.iter().map(|(_, value)| depth(value)).max().unwrap_or(0),
    }
}
