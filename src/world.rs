//! What every statement is about: the policies of a project or of a cluster with the places where they stand, the names of
//! the landing zones, and the release by whose rules the policies are judged.

mod counted;
mod from_project;

pub(crate) use counted::{OfSets, counted, listed};

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use crate::calico::{Policy, Release, Resource, Rule};
use crate::cluster::{Cluster, Object};
use crate::program::Program;
use crate::reach::Direction;
use crate::reach::of_policies::{Namespaces, Policies, Subject, Ties};
use crate::source::{FileId, Sources, Span};
use crate::traffic::{Family, Protocol};

/// A cluster to ask about.
#[derive(Debug)]
pub struct World {
    /// Every text.
    pub sources: Sources,
    /// The objects, each with its place.
    pub cluster: Cluster,
    /// The names of landing zones, namespaces and externals. Of policies that nobody compiled it has no lines.
    pub program: Program,
    /// By which release's rules policies are judged.
    pub release: Release,
    /// Whether the policies are those of a project, whose pods lie in no block.
    pub project: bool,
    /// Whether manifests declare every namespace that bears labels which policies ask for, as those of a project do.
    complete: bool,
    /// Files of policies that are not there as they were compiled, so that no place in them can be cited.
    pub(crate) unwritten: BTreeSet<FileId>,
    /// The lines of flow files behind the rules of a project's policies.
    pub(crate) lines: BTreeMap<PolicyName, [Vec<Vec<Span>>; 2]>,
    /// Every namespace that is known by name, sorted.
    pub(crate) homes: Vec<Home>,
}

/// The namespace and the name of a policy.
pub(crate) type PolicyName = (Option<Arc<str>>, Arc<str>);

/// A namespace.
#[derive(Clone, Debug)]
pub struct Home {
    /// Its name.
    pub name: Arc<str>,
    /// Its labels, sorted by key; of one that no manifest declares, only those that every namespace has.
    pub labels: Vec<(Arc<str>, Arc<str>)>,
    /// Whether a manifest declares it.
    pub declared: bool,
    /// Whether these are all of its labels: those of a cluster's namespace whose manifest is not here are unknown.
    pub known: bool,
}

impl World {
    /// The world of `cluster`, read from `sources`, whose names `program` has.
    pub fn new(sources: Sources, cluster: Cluster, program: Program, release: Release) -> Self {
        let mut world = Self {
            sources,
            cluster,
            program,
            release,
            project: false,
            complete: false,
            unwritten: BTreeSet::new(),
            lines: BTreeMap::new(),
            homes: Vec::new(),
        };
        world.homes = world.find_homes();
        world
    }

    /// Keeps places from being cited in files of policies of which `is_there` says, by path and text, that they are not there.
    pub fn cite_only(&mut self, is_there: impl Fn(&str, &str) -> bool) {
        let files: BTreeSet<FileId> =
            self.cluster.objects.iter().map(|object| object.span.file).collect();
        let text = |file: FileId| self.sources.get(file).map_or("", |it| &it.text);
        self.unwritten =
            files.into_iter().filter(|it| !is_there(self.sources.path(*it), text(*it))).collect();
    }

    fn find_homes(&self) -> Vec<Home> {
        let declared = self.program.namespaces.iter().map(|(_, it)| Home {
            name: Arc::clone(&it.name),
            labels: it.labels.clone(),
            declared: true,
            known: true,
        });
        let mut homes: Vec<_> = declared.collect();
        let mut named: BTreeSet<Arc<str>> =
            self.program.exempt.iter().map(|it| Arc::clone(&it.name)).collect();
        for (_, external) in self.program.externals.iter() {
            match &external.value {
                crate::program::ExternalValue::Addresses(_) => {}
                crate::program::ExternalValue::Namespace { name, .. }
                | crate::program::ExternalValue::Service { namespace: name, .. } => {
                    named.insert(Arc::clone(name));
                }
            }
        }
        named.extend(self.policies().filter_map(|(_, policy)| policy.namespace.clone()));
        named.extend(self.cluster.accounts.iter().map(|it| Arc::clone(&it.namespace)));
        let known: BTreeSet<Arc<str>> = homes.iter().map(|it| Arc::clone(&it.name)).collect();
        homes.extend(named.difference(&known).map(|name| self.undeclared(name)));
        homes.sort_by(|a, b| a.name.cmp(&b.name));
        homes
    }

    /// Every namespace that is known by name, sorted.
    pub fn homes(&self) -> &[Home] {
        &self.homes
    }

    /// The namespace `name`.
    pub fn home(&self, name: &str) -> Option<usize> {
        self.homes.binary_search_by(|it| (*it.name).cmp(name)).ok()
    }

    /// A namespace of this name that no manifest declares.
    pub(crate) fn undeclared(&self, name: &Arc<str>) -> Home {
        let labels = vec![(crate::selector::keys::METADATA_NAME.into(), Arc::clone(name))];
        Home { name: Arc::clone(name), labels, declared: false, known: self.complete }
    }

    /// The policies, ready to be asked.
    pub(crate) fn evaluator(&self) -> Policies {
        let resources = self.cluster.resources();
        Policies::new(resources, &self.labels_of_namespaces(), &self.cluster.hosts)
    }

    /// The same where every object is there that may be: as a native resource, if both ways into the cluster make something of
    /// it. So problems are looked for: that it may be refused is one of its own.
    #[must_use]
    pub fn with_all_admitted(mut self) -> Self {
        let natives: BTreeSet<String> = (self.cluster.resources())
            .filter(|it| it.proviso().is_some_and(|it| it.holds))
            .map(Resource::identity)
            .collect();
        let objects = std::mem::take(&mut self.cluster.objects);
        let other = |it: &Resource| {
            it.proviso().is_some_and(|it| !it.holds) && natives.contains(&it.identity())
        };
        let there = objects.into_iter().filter(|it| !other(&it.resource));
        self.cluster.objects =
            there.map(|it| Object { resource: it.resource.under(None), ..it }).collect();
        self
    }

    /// The same, where the endpoints of services are known.
    pub(crate) fn evaluator_at(&self) -> Policies {
        let resources = self.cluster.resources();
        let (namespaces, services) = (self.labels_of_namespaces(), &self.cluster.services);
        Policies::at_endpoints(resources, &namespaces, &self.cluster.hosts, services)
    }

    /// The same of other objects in the place of its own.
    pub(crate) fn evaluator_of(&self, resources: &[Resource]) -> Policies {
        let (namespaces, services) = (self.labels_of_namespaces(), &self.cluster.services);
        Policies::at_endpoints(resources.iter(), &namespaces, &self.cluster.hosts, services)
    }

    /// The host endpoint that expects `address`.
    pub(crate) fn host_at(&self, address: IpAddr) -> Option<usize> {
        self.cluster.hosts.iter().position(|host| host.addresses.contains(&address))
    }

    pub(crate) fn policies(&self) -> impl Iterator<Item = (usize, &Policy)> {
        self.cluster.objects.iter().enumerate().filter_map(|(index, object)| {
            match &object.resource {
                Resource::Policy(policy) => Some((index, policy)),
                Resource::Tier(_) | Resource::Set(_) => None,
            }
        })
    }

    pub(crate) fn policy(&self, object: usize) -> Option<&Policy> {
        match &self.cluster.objects.get(object)?.resource {
            Resource::Policy(policy) => Some(policy),
            Resource::Tier(_) | Resource::Set(_) => None,
        }
    }

    /// A rule of a policy.
    pub(crate) fn rule(&self, object: usize, direction: Direction, rule: usize) -> Option<&Rule> {
        self.policy(object)?.rules(direction).get(rule)
    }

    /// The labels of each declared namespace, for the sets of addresses in them.
    pub(crate) fn labels_of_namespaces(&self) -> Namespaces {
        self.homes.iter().map(|it| (Arc::clone(&it.name), it.labels.clone())).collect()
    }

    /// The lines of flow files behind a rule.
    pub(crate) fn lines_of(&self, object: usize, direction: Direction, rule: usize) -> &[Span] {
        let Some(policy) = self.policy(object) else { return &[] };
        let name = (policy.namespace.clone(), Arc::clone(&policy.name));
        let of_policy = self.lines.get(&name);
        let rules = of_policy.map(|[ingress, egress]| match direction {
            Direction::Ingress => ingress,
            Direction::Egress => egress,
        });
        rules.and_then(|rules| rules.get(rule)).map_or(&[], Vec::as_slice)
    }

    /// How this world's release breaks ties.
    pub(crate) fn ties(&self) -> Ties {
        self.release.ties()
    }

    /// Whether policies or sets speak of IPv6 anywhere.
    pub(crate) fn speaks_of_v6(&self) -> bool {
        let v6 = |nets: &[ipnet::IpNet]| nets.iter().any(|net| net.addr().is_ipv6());
        self.cluster.objects.iter().any(|object| match &object.resource {
            Resource::Tier(_) => false,
            Resource::Set(set) => v6(&set.nets),
            Resource::Policy(policy) => policy.ingress.iter().chain(&policy.egress).any(|rule| {
                let ends = [&rule.source, &rule.destination];
                rule.family == Some(Family::V6)
                    || [rule.protocol, rule.not_protocol].contains(&Some(Protocol::IcmpV6))
                    || ends.iter().any(|end| v6(&end.nets) || v6(&end.not_nets))
            }),
        })
    }
}

impl Home {
    /// Its pods, as those whose policies are asked.
    pub(crate) fn subject(&self) -> Subject<'_> {
        if self.known {
            Subject::Declared(&self.name, &self.labels)
        } else {
            Subject::Named(&self.name)
        }
    }
}
