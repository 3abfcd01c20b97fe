//! One end of a question: a pod, or an address.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use serde::Deserialize;

use super::line::{protocol, reason};
use super::{Asker, BatchSubject};
use crate::reach::of_policies::Profile;
use crate::reach::{End, KnownLabels, LabelMap, Lies};
use crate::selector::keys::{ACCOUNT, NAMESPACE, OF_ACCOUNT, OF_NAMESPACE, ORCHESTRATOR};
use crate::traffic::{Connection, Detail, Family, Protocol};

/// A place of a question, as far as answers need it.
#[derive(Debug)]
pub(super) struct BatchEnd {
    pub(super) lies: Lies,
    /// Whose policies are asked here; nobody's at an address outside.
    pub(super) who: Option<BatchSubject>,
    /// The family of its address.
    pub(super) family: Option<Family>,
    /// The address, where that is all that is said.
    pub(super) address: Option<IpAddr>,
    /// A pod's namespace and the name of its service account.
    names_of_pod: Option<[String; 2]>,
    /// The names that it gives ports, by their index.
    names: BTreeMap<(u8, u16), Vec<usize>>,
}

/// A place as written.
#[derive(Deserialize)]
#[serde(
    deny_unknown_fields,
    rename_all = "camelCase",
    expecting = "a place: an object with a `namespace` or an `ip`"
)]
struct WrittenEnd {
    namespace: Option<String>,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    service_account: Option<String>,
    #[serde(default)]
    ports: BTreeMap<String, PortText>,
    ip: Option<String>,
}

/// A port: a number, of TCP, or `UDP/53`.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a port must be a number from 0 to 65535, or such as \"UDP/53\"")]
enum PortText {
    Number(u16),
    Text(String),
}

impl BatchEnd {
    /// Reads a place; why not, if it cannot be read.
    pub(super) fn read(asker: &mut Asker<'_, '_>, text: &str) -> Result<Self, String> {
        let written: WrittenEnd = serde_json::from_str(text).map_err(|error| reason(&error))?;
        let address = written
            .ip
            .as_ref()
            .map(|ip| ip.parse::<IpAddr>().map_err(|_| format!("`{ip}` is not an address")));
        let address = address.transpose()?;
        match (&written.namespace, address) {
            (Some(namespace), _) => Self::pod(asker, namespace, &written, address),
            (None, Some(address)) => Self::address(asker, &written, address),
            (None, None) => Err("neither `namespace` nor `ip` is there".to_owned()),
        }
    }

    fn pod(
        asker: &mut Asker<'_, '_>,
        namespace: &str,
        written: &WrittenEnd,
        address: Option<IpAddr>,
    ) -> Result<Self, String> {
        if namespace.is_empty() {
            return Err("`namespace` is empty".to_owned());
        }
        let index = asker.home(namespace);
        let home = asker.homes.get(index);
        let of_namespace = home.map(|home| home.labels.iter().cloned().collect());
        let known_home = home.is_none_or(|home| home.known);
        let account = written.service_account.as_deref().unwrap_or("default");
        // What Calico says of the namespace and of the account no pod can say itself.
        let own = written.labels.iter().filter(|(key, _)| {
            !key.starts_with(OF_NAMESPACE)
                && !key.starts_with(OF_ACCOUNT)
                && *key != NAMESPACE
                && *key != ORCHESTRATOR
        });
        let mut labels: LabelMap =
            own.map(|(key, value)| (key.as_str().into(), value.as_str().into())).collect();
        labels.insert(ACCOUNT.into(), account.into());
        let mut accounts = asker.judge.world.cluster.accounts.iter();
        let found = accounts.find(|it| *it.namespace == *namespace && *it.name == *account);
        for (key, value) in found.iter().flat_map(|it| &it.labels) {
            labels.insert(format!("{OF_ACCOUNT}{key}").into(), Arc::clone(value));
        }
        // In a project, pods lie in no block.
        let lies_at = address.filter(|_| !asker.judge.world.project);
        let end = End::Pod {
            namespace: namespace.into(),
            of_namespace: of_namespace.unwrap_or_default(),
            labels,
            address: lies_at,
        };
        let mut names: BTreeMap<(u8, u16), Vec<usize>> = BTreeMap::new();
        for (name, port) in &written.ports {
            let of_name =
                asker.lookup.names(&asker.judge.sets.space, std::iter::once(name.as_str()));
            names.entry(port.read()?).or_default().extend(of_name);
        }
        let known = KnownLabels { namespace: known_home, account: found.is_some() };
        Ok(Self {
            lies: asker.lookup.end(&asker.judge.sets.space, &end, known),
            who: Some(BatchSubject::Home(index)),
            family: address.map(family),
            address: None,
            names_of_pod: Some([namespace, account].map(str::to_owned)),
            names,
        })
    }

    fn address(
        asker: &Asker<'_, '_>,
        written: &WrittenEnd,
        address: IpAddr,
    ) -> Result<Self, String> {
        if written.service_account.is_some()
            || !written.labels.is_empty()
            || !written.ports.is_empty()
        {
            return Err("an address alone has no labels, ports and service account".to_owned());
        }
        let world = asker.judge.world;
        let host = world.host_at(address);
        let alike = |index: usize| {
            let profile = world.cluster.hosts.get(index).map(Profile::of);
            world.cluster.hosts.iter().position(|it| Some(Profile::of(it)) == profile)
        };
        let who = host.and_then(alike).map(BatchSubject::Host);
        let mut names: BTreeMap<(u8, u16), Vec<usize>> = BTreeMap::new();
        let ports = host.and_then(|index| world.cluster.hosts.get(index)).map(|it| &it.ports);
        for it in ports.into_iter().flatten() {
            let of_name = asker.lookup.names(&asker.judge.sets.space, std::iter::once(&*it.name));
            names.entry((it.protocol.number(), it.port)).or_default().extend(of_name);
        }
        let end = match host.and_then(|index| asker.judge.host(index)) {
            Some(End::Host { labels, .. }) => End::Host { labels, address: Some(address) },
            Some(End::Pod { .. } | End::Held { .. } | End::Address(_)) | None => {
                End::Address(address)
            }
        };
        Ok(Self {
            lies: asker.lookup.end(&asker.judge.sets.space, &end, KnownLabels::ALL),
            who,
            family: Some(family(address)),
            address: Some(address),
            names_of_pod: None,
            names,
        })
    }

    /// Whose labels, which it shows beside its own, are not known.
    pub(super) fn unknown(&self) -> Vec<String> {
        let Some([namespace, account]) = &self.names_of_pod else { return Vec::new() };
        let known = self.lies.known;
        let of_namespace = (!known.namespace).then(|| format!("the namespace {namespace}"));
        let of_account =
            (!known.account).then(|| format!("the service account {namespace}/{account}"));
        of_namespace.into_iter().chain(of_account).collect()
    }

    /// The names that it gives the port of `connection`, by their index.
    pub(super) fn names(&self, connection: &Connection) -> &[usize] {
        match &connection.detail {
            Detail::Port(port, _) => {
                self.names.get(&(connection.protocol, *port)).map_or(&[], Vec::as_slice)
            }
            Detail::None | Detail::Icmp(..) => &[],
        }
    }
}

impl PortText {
    /// The number of its protocol and its own.
    fn read(&self) -> Result<(u8, u16), String> {
        match self {
            Self::Number(number) => Ok((Protocol::Tcp.number(), *number)),
            Self::Text(text) => {
                let (word, number) = text.split_once('/').unwrap_or(("TCP", text));
                let number = number.parse::<u16>();
                let number =
                    number.map_err(|_| format!("`{text}` is not a port such as `UDP/53`"))?;
                Ok((protocol(word)?.number(), number))
            }
        }
    }
}

fn family(address: IpAddr) -> Family {
    if address.is_ipv4() { Family::V4 } else { Family::V6 }
}
