//! The externals that lines need, each with a name.

use std::collections::BTreeMap;
use std::sync::Arc;

use ipnet::IpNet;

use super::end::Peer;
use super::pods::{Home, Pods};
use super::side::{Place, Side};
use crate::calico::encode;
use crate::selector::Selector;
use crate::syntax::build;
use crate::syntax::tree;

/// What an external is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Value {
    Namespace(Arc<str>, Option<Selector>),
    Service(Arc<str>, Arc<str>),
    Addresses(Vec<IpNet>),
}

/// Externals by what they are, and by name.
#[derive(Debug, Default)]
pub(super) struct Externals {
    names: BTreeMap<Value, Arc<str>>,
    values: BTreeMap<Arc<str>, Value>,
}

/// Words that stand for something else where an external may stand.
const TAKEN: [&str; 8] = ["any", "icmp", "icmpv6", "protocol", "sctp", "tcp", "udp", "udplite"];

impl Externals {
    /// The side that `peer` is.
    pub(super) fn side(&mut self, peer: &Peer) -> Side {
        match peer {
            Peer::Pods(Pods { home: Home::Zones(place), pods }) => {
                Side { place: place.clone(), pods: pods.clone() }
            }
            Peer::Pods(Pods { home: Home::Namespace(name), pods }) => {
                self.namespace(name, pods.as_ref())
            }
            Peer::Addresses(nets, hint) => {
                let mut nets = nets.clone();
                nets.sort();
                nets.dedup();
                let name = self.name(Value::Addresses(nets), hint);
                Side { place: Place::External(name), pods: None }
            }
            Peer::Service(namespace, name) => {
                let value = Value::Service(Arc::clone(namespace), Arc::clone(name));
                let name = self.name(value, name);
                Side { place: Place::External(name), pods: None }
            }
        }
    }

    fn namespace(&mut self, name: &Arc<str>, pods: Option<&Selector>) -> Side {
        // What everybody calls it.
        let dns = Selector::Equals("k8s-app".into(), "kube-dns".into());
        if **name == *"kube-system" && pods == Some(&dns) {
            let name = self.name(Value::Namespace(Arc::clone(name), Some(dns)), "dns");
            return Side { place: Place::External(name), pods: None };
        }
        let external = self.name(Value::Namespace(Arc::clone(name), None), name);
        Side { place: Place::External(external), pods: pods.cloned() }
    }

    /// The name of `value`: `hint`, as far as that is one and nothing else has it.
    fn name(&mut self, value: Value, hint: &str) -> Arc<str> {
        if let Some(known) = self.names.get(&value) {
            return Arc::clone(known);
        }
        let mut word: String = hint
            .to_ascii_lowercase()
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|it| !it.is_empty())
            .collect::<Vec<_>>()
            .join("-");
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
    pub(super) fn is_service(&self, side: &Side) -> bool {
        match &side.place {
            Place::External(name) => matches!(self.values.get(name), Some(Value::Service(..))),
            Place::Zones { .. } => false,
        }
    }

    /// The namespace that an external is, perhaps with a choice of its pods.
    pub(super) fn namespace_of(&self, name: &str) -> Option<(&Arc<str>, Option<&Selector>)> {
        match self.values.get(name)? {
            Value::Namespace(name, pods) => Some((name, pods.as_ref())),
            Value::Service(..) | Value::Addresses(_) => None,
        }
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The statements that declare them, sorted by name.
    pub(super) fn statements(&self) -> Vec<tree::External> {
        let statement = |(name, value): (&Arc<str>, &Value)| tree::External {
            name: build::name(name),
            value: match value {
                Value::Namespace(name, pods) => tree::ExternalValue::Namespace {
                    name: build::name(name),
                    selector: pods.as_ref().map(|it| build::at(encode::selector(it).into())),
                },
                Value::Service(namespace, name) => tree::ExternalValue::Service {
                    namespace: build::name(namespace),
                    name: build::name(name),
                },
                Value::Addresses(nets) => tree::ExternalValue::Addresses {
                    blocks: nets.iter().map(|net| build::name(&net.to_string())).collect(),
                    except: Vec::new(),
                },
            },
            span: build::nowhere(),
        };
        self.values.iter().map(statement).collect()
    }
}
