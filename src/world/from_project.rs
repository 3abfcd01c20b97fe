//! The world of a project: what `build` would write, read back as a cluster, so that places in it are those of the
//! files, whether or not they are on disk; or what its lines say alone.

use std::sync::Arc;

use super::World;
use crate::Compiled;
use crate::calico::Resource;
use crate::cluster::Cluster;
use crate::diagnostic::Diagnostic;
use crate::program::{Owner, Program};
use crate::reach::Direction;
use crate::source::{FileId, Sources};

impl World {
    /// The world of `program`, compiled to `built`; `path` gives the path of an owner's file; `sources` are those
    /// of the program.
    pub fn of_project(
        program: Program,
        built: &Compiled,
        path: impl Fn(Owner) -> String,
        mut sources: Sources,
    ) -> Self {
        let files = built.files.iter().map(|(owner, text)| sources.add(path(*owner), &**text));
        let files: Vec<_> = files.collect();
        let keys = &program.settings.labels;
        let release = program.settings.release;
        let (cluster, _) = crate::cluster::load(&sources, &files, keys, Some(release));
        let mut world = Self::new(sources, cluster, program, release);
        (world.project, world.complete) = (true, true);
        world.homes = world.find_homes();
        for document in &built.documents {
            let Resource::Policy(policy) = &document.resource else { continue };
            let name = (policy.namespace.clone(), Arc::clone(&policy.name));
            let lines = Direction::BOTH.map(|direction| {
                policy.rules(direction).iter().map(|rule| rule.lines.clone()).collect()
            });
            world.lines.insert(name, lines);
        }
        world
    }

    /// The world of what the lines of `program` say, without policies: enough where lines are compared with lines.
    pub fn of_lines(program: Program, sources: Sources) -> Self {
        let release = program.settings.release;
        let mut world = Self::new(sources, Cluster::default(), program, release);
        world.project = true;
        world
    }

    /// The same with the policies in `files`, texts of its own sources, that are kept beside it, and what a cluster would not
    /// take of those. Nobody knows where such policies have pods: as in any cluster, they may lie in blocks.
    #[must_use]
    pub fn with_kept(mut self, files: &[FileId]) -> (Self, Vec<Diagnostic>) {
        let keys = &self.program.settings.labels;
        let (kept, diagnostics) =
            crate::cluster::load(&self.sources, files, keys, Some(self.release));
        self.cluster.objects.extend(kept.objects);
        self.cluster.hosts.extend(kept.hosts);
        self.cluster.accounts.extend(kept.accounts);
        self.cluster.services.extend(kept.services);
        self.project = false;
        self.homes = self.find_homes();
        (self, diagnostics)
    }
}
