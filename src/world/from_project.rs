//! The world of a project: what `build` would write, read back as a cluster, so that places in it are those of the
//! files, whether or not they are on disk.

use std::sync::Arc;

use super::World;
use crate::Built;
use crate::calico::Resource;
use crate::program::{Owner, Program};
use crate::reach::Direction;
use crate::source::Sources;

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
        let keys = &program.settings.labels;
        let (cluster, _) = crate::cluster::load(&sources, &files, keys);
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
