//! The world of a project: what `build` would write, read back as a cluster, so that places in it are those of the
//! files, whether or not they are on disk.

use std::sync::Arc;

use super::World;
use crate::Built;
use crate::calico::{Resource, decode};
use crate::cluster::{Cluster, Object, Written};
use crate::program::{Owner, Program};
use crate::reach::Direction;
use crate::source::{FileId, Sources, Span};
use crate::yaml::node::Node;

impl World {
    /// The world of `program`, compiled to `built`; `path` gives the path of an owner's file; `sources` are those
    /// of the program.
    pub fn of_project(
        program: Program,
        built: &Built,
        path: impl Fn(Owner) -> String,
        mut sources: Sources,
    ) -> Self {
        let files = built.files.iter().map(|(owner, text)| sources.add(path(*owner), &**text));
        let files: Vec<_> = files.collect();
        let cluster = read(&sources, &files);
        let release = program.settings.release;
        let mut world = Self::new(sources, cluster, program, release);
        world.project = true;
        for document in &built.documents {
            let Resource::Policy(policy) = &document.resource else { continue };
            let name = (policy.namespace.clone(), Arc::clone(&policy.name));
            let lines = Direction::BOTH.map(|direction| {
                let rules = match direction {
                    Direction::Ingress => &policy.ingress,
                    Direction::Egress => &policy.egress,
                };
                rules.iter().map(|rule| rule.lines.clone()).collect()
            });
            world.lines.insert(name, lines);
        }
        world
    }
}

/// The objects of files that we wrote.
fn read(sources: &Sources, files: &[FileId]) -> Cluster {
    let mut cluster = Cluster::default();
    for file in files {
        let Some(source) = sources.get(*file) else { continue };
        for node in crate::yaml::read::read(&source.text, *file).0 {
            let Ok(resource) = decode::resource(&node) else { continue };
            let name = node.get("metadata").and_then(|it| it.get("name"));
            let span = name.and_then(|it| it.span).unwrap_or(Span::new(*file, 0, 0));
            let rules = ["ingress", "egress"].map(|key| {
                let items = node.get("spec").and_then(|it| it.get(key)).and_then(Node::items);
                let items = items.unwrap_or_default().iter().enumerate();
                items.map(|(index, it)| Written { index, span: it.span.unwrap_or(span) }).collect()
            });
            cluster.objects.push(Object { resource, node, span, rules });
        }
    }
    cluster
}
