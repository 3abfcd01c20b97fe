//! One object and the places of what it says.

use std::sync::Arc;

use crate::calico::Resource;
use crate::source::Span;
use crate::yaml::node::Node;

/// One object and where it stands.
#[derive(Debug)]
pub struct Object {
    /// What it is. A policy of Kubernetes is the Calico policy that it amounts to.
    pub resource: Resource,
    /// The object as written: its nodes know their places.
    pub node: Arc<Node>,
    /// The name in its metadata.
    pub span: Span,
    /// For each rule of a policy, ingress and then egress, the one that it was written as.
    pub rules: [Vec<WrittenRule>; 2],
}

/// Where a rule stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrittenRule {
    /// Its index in the list that it stands in, from 0.
    pub index: usize,
    /// The rule as written.
    pub span: Span,
}

impl Object {
    /// The place of the field that `path` leads to, such as `spec.ingress[0].source.selector`; as far as there is such a
    /// field: else that of what it would stand in.
    pub fn place(&self, path: &str) -> Span {
        let mut place = self.span;
        let mut node = &*self.node;
        for step in path.split(['.', '[']) {
            let next = match step.strip_suffix(']') {
                Some(index) => {
                    let items = node.items().unwrap_or_default();
                    index.parse().ok().and_then(|index: usize| items.get(index))
                }
                None => node.get(step),
            };
            let Some(next) = next else { break };
            node = next;
            place = if std::ptr::eq(node, &raw const *self.node) {
                place
            } else {
                node.span.unwrap_or(place)
            };
        }
        place
    }
}
