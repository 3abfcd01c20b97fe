//! The places of both ends, by the names that lines have for them.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::program::{ExternalValue, Program};
use crate::world::{Home, World};

/// What all addresses outside the cluster are called.
pub(super) const EVERY: &str = "every address";

/// So many landing zones are named one by one, even where they are all that there are.
const FEW: usize = 3;

/// A place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum DifferencePeer {
    Namespace(Arc<str>),
    Later,
    Hosts,
    /// Host endpoints without a profile that allows anything, where they are told apart.
    ClosedHosts,
    Addresses(String),
}

/// All places that are known.
pub(super) struct PlaceNames<'a> {
    program: &'a Program,
    /// The namespaces that are known by name, sorted.
    pub(super) homes: Vec<Home>,
}

impl<'a> PlaceNames<'a> {
    pub(super) fn new(world: &'a World, program: &'a Program) -> Self {
        let mut homes = world.homes().to_vec();
        let exempt = program.exempt.iter().map(|it| &it.name);
        let externals = program.externals.iter().filter_map(|(_, it)| match &it.value {
            ExternalValue::Namespace { name, .. } => Some(name),
            ExternalValue::Addresses(_) | ExternalValue::Service { .. } => None,
        });
        for name in exempt.chain(externals) {
            if let Err(at) = homes.binary_search_by(|it| it.name.cmp(name)) {
                homes.insert(at, world.undeclared(name));
            }
        }
        Self { program, homes }
    }

    /// Places by the names that lines have for them, where they are all of what that name means.
    pub(super) fn called(&self, peers: &BTreeSet<DifferencePeer>) -> Vec<String> {
        let has = |name: &Arc<str>| peers.contains(&DifferencePeer::Namespace(Arc::clone(name)));
        let later = peers.contains(&DifferencePeer::Later);
        let addresses = peers.contains(&DifferencePeer::Addresses(EVERY.to_owned()));
        if later && addresses && self.homes.iter().all(|it| has(&it.name)) {
            return vec!["everywhere".to_owned()];
        }
        let program = self.program;
        let mut left: BTreeSet<&Arc<str>> =
            self.homes.iter().map(|it| &it.name).filter(|it| has(it)).collect();
        let mut names = self.landing_zones(&mut left);
        let undeclared = self.homes.iter().filter(|it| !it.declared);
        let exempt: BTreeSet<_> = program.exempt.iter().map(|it| &it.name).collect();
        if later && undeclared.clone().all(|it| left.contains(&it.name)) {
            // They are some of these.
            left.retain(|name| !undeclared.clone().any(|it| it.name == **name));
        } else if exempt.len() > 1 && exempt.iter().all(|it| left.contains(*it)) {
            left.retain(|it| !exempt.contains(it));
            names.push("the exempt namespaces".to_owned());
        }
        names.extend(left.iter().map(|it| format!("namespace/{it}")));
        let others = peers.iter().filter_map(|it| match it {
            DifferencePeer::Namespace(_) => None,
            DifferencePeer::Later => Some("namespaces declared later".to_owned()),
            DifferencePeer::Hosts => Some("host endpoints".to_owned()),
            DifferencePeer::ClosedHosts => Some("host endpoints without a profile".to_owned()),
            DifferencePeer::Addresses(text) => Some(text.clone()),
        });
        names.extend(others);
        names
    }

    /// Takes whole landing zones and zones out of `left`.
    fn landing_zones(&self, left: &mut BTreeSet<&Arc<str>>) -> Vec<String> {
        let program = self.program;
        let all: Vec<_> = program.namespaces.iter().map(|(_, it)| it).collect();
        let mut names = Vec::new();
        let whole = |left: &BTreeSet<&Arc<str>>| {
            all.iter().filter(|it| it.application.is_some()).all(|it| left.contains(&it.name))
        };
        if program.applications.len() > FEW && whole(left) {
            left.retain(|name| !all.iter().any(|it| it.application.is_some() && it.name == **name));
            return vec!["*.*".to_owned()];
        }
        for (id, application) in program.applications.iter() {
            let zones = std::iter::once(None).chain(application.zones.iter().copied().map(Some));
            for zone in zones {
                let of: Vec<_> = all
                    .iter()
                    .filter(|it| it.application == Some(id) && (zone.is_none() || it.zone == zone))
                    .map(|it| &it.name)
                    .collect();
                if !of.is_empty() && of.iter().all(|it| left.contains(it)) {
                    left.retain(|it| !of.contains(it));
                    let zone = zone.and_then(|it| program.zones.get(it)).map_or("*", |it| &it.name);
                    names.push(format!("{}.{zone}", application.name));
                }
            }
        }
        names
    }
}
