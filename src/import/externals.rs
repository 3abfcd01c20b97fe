//! The externals that lines need, each with a name.

use std::collections::BTreeMap;
use std::sync::Arc;

use ipnet::IpNet;

use super::end::RulePeer;
use super::pods::{HomePods, RulePods};
use super::side::{LinePlace, LineSide};
use crate::calico::encode;
use crate::selector::Selector;
use crate::syntax::build;
use crate::syntax::tree;

/// What an external is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum ImportedValue {
    Namespace(Arc<str>, Option<Selector>),
    Service(Arc<str>, Arc<str>),
    Addresses(Vec<IpNet>),
}

/// Externals by what they are, and by name.
#[derive(Debug, Default)]
pub(super) struct Externals {
    names: BTreeMap<ImportedValue, Arc<str>>,
    values: BTreeMap<Arc<str>, ImportedValue>,
}

/// So many characters of a hint make a name.
const LONGEST: usize = 55;

/// Words that stand for something else where an external may stand.
const TAKEN: [&str; 8] = ["any", "icmp", "icmpv6", "protocol", "sctp", "tcp", "udp", "udplite"];

impl Externals {
    /// The side that `peer` is.
    pub(super) fn side(&mut self, peer: &RulePeer) -> LineSide {
        match peer {
            RulePeer::Pods(RulePods { home: HomePods::Zones(place), pods }) => {
                LineSide { place: place.clone(), pods: pods.clone() }
            }
            RulePeer::Pods(RulePods { home: HomePods::Namespace(name), pods }) => {
                self.namespace(name, pods.as_ref())
            }
            RulePeer::Addresses(nets, hint) => {
                let mut nets = nets.clone();
                nets.sort();
                nets.dedup();
                let name = self.name(ImportedValue::Addresses(nets), hint);
                LineSide { place: LinePlace::External(name), pods: None }
            }
            RulePeer::Service(namespace, name) => {
                let value = ImportedValue::Service(Arc::clone(namespace), Arc::clone(name));
                let name = self.name(value, name);
                LineSide { place: LinePlace::External(name), pods: None }
            }
        }
    }

    fn namespace(&mut self, name: &Arc<str>, pods: Option<&Selector>) -> LineSide {
        // What everybody calls it.
        let dns = Selector::equals("k8s-app", "kube-dns");
        if **name == *"kube-system" && pods == Some(&dns) {
            let name = self.name(ImportedValue::Namespace(Arc::clone(name), Some(dns)), "dns");
            return LineSide { place: LinePlace::External(name), pods: None };
        }
        let external = self.name(ImportedValue::Namespace(Arc::clone(name), None), name);
        LineSide { place: LinePlace::External(external), pods: pods.cloned() }
    }

    /// The name of `value`: `hint`, as far as that is one and nothing else has it.
    fn name(&mut self, value: ImportedValue, hint: &str) -> Arc<str> {
        if let Some(known) = self.names.get(&value) {
            return Arc::clone(known);
        }
        let mut word: String = hint
            .to_ascii_lowercase()
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|it| !it.is_empty())
            .collect::<Vec<_>>()
            .join("-");
        // Room for a number besides.
        word.truncate(LONGEST);
        word.truncate(word.trim_end_matches('-').len());
        if word.is_empty() || TAKEN.contains(&&*word) {
            word.insert_str(0, "external-");
            word.truncate(word.trim_end_matches('-').len());
        }
        let mut name: Arc<str> = word.as_str().into();
        let mut number = 1;
        while self.values.contains_key(&name) {
            number += 1;
            name = format!("{word}-{number}").into();
        }
        self.names.insert(value.clone(), Arc::clone(&name));
        self.values.insert(Arc::clone(&name), value);
        name
    }

    /// Whether a side is one of a service.
    pub(super) fn is_service(&self, side: &LineSide) -> bool {
        match &side.place {
            LinePlace::External(name) => {
                matches!(self.values.get(name), Some(ImportedValue::Service(..)))
            }
            LinePlace::Zones { .. } => false,
        }
    }

    /// The namespace that an external is, perhaps with a choice of its pods.
    pub(super) fn namespace_of(&self, name: &str) -> Option<(&Arc<str>, Option<&Selector>)> {
        match self.values.get(name)? {
            ImportedValue::Namespace(name, pods) => Some((name, pods.as_ref())),
            ImportedValue::Service(..) | ImportedValue::Addresses(_) => None,
        }
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The statements that declare them, sorted by name.
    pub(super) fn statements(&self) -> Vec<tree::External> {
        let statement = |(name, value): (&Arc<str>, &ImportedValue)| tree::External {
            name: build::name(name),
            value: match value {
                ImportedValue::Namespace(name, pods) => tree::ExternalValue::Namespace {
                    name: build::name(name),
                    selector: pods.as_ref().map(|it| build::at(encode::selector(it).into())),
                },
                ImportedValue::Service(namespace, name) => tree::ExternalValue::Service {
                    namespace: build::name(namespace),
                    name: build::name(name),
                },
                ImportedValue::Addresses(nets) => tree::ExternalValue::Addresses {
                    blocks: nets.iter().map(|net| build::name(&net.to_string())).collect(),
                    except: Vec::new(),
                },
            },
            span: build::nowhere(),
        };
        self.values.iter().map(statement).collect()
    }
}
