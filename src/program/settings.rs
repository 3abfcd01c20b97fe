//! The settings of `eastwest.toml` that decide what a program means or how it is written.

use std::collections::BTreeMap;
use std::sync::Arc;

use ipnet::IpNet;

use super::Orders;
use crate::calico::{Dataplane, Release};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::zones::LabelKeys;

/// Settings, with the defaults of a project that says nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// `[labels]`
    pub labels: LabelKeys,
    /// `[cluster]`: blocks of the cluster's own pods and services, taken out of every external.
    pub cluster: Vec<IpNet>,
    /// Those of them that are the pods' own: where some of a family are given, no pod lies in any other.
    pub pods: Vec<IpNet>,
    /// `[calico] release`
    pub release: Release,
    /// `[calico] dataplane`
    pub dataplane: Dataplane,
    /// `[calico] tiers`
    pub tiers: bool,
    /// `[calico] deny`
    pub deny: Deny,
    /// `[calico] order`
    pub orders: Orders,
    /// `[lints]`
    pub lints: Lints,
}

impl Settings {
    /// The blocks of `[cluster]` that are of services, whose addresses no policy sees: it sees what they are translated to.
    pub fn services(&self) -> impl Iterator<Item = &IpNet> {
        self.cluster.iter().filter(|it| !self.pods.contains(it))
    }

    /// The line of the configuration that names the data plane; empty where it goes without saying.
    pub fn dataplane_line(&self) -> String {
        if self.dataplane == Dataplane::default() {
            return String::new();
        }
        format!("dataplane = \"{}\"\n", self.dataplane)
    }
}

/// The scope of the default deny, as configured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Deny {
    /// `"all"`: every namespace.
    #[default]
    All,
    /// `"landing-zones"`: every namespace with the application label.
    LandingZones,
    /// A list of applications, sorted; empty for `"none"`. The applications whose flow file is loaded are always
    /// in the scope besides.
    Applications(Vec<Arc<str>>),
}

/// Levels of lints that differ from their default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lints(BTreeMap<&'static str, Option<Level>>);

impl Lints {
    /// Sets the level of a lint; `None` switches it off. A rule that is not a lint keeps its level.
    pub fn set(&mut self, code: Code, level: Option<Level>) {
        if code.lint {
            self.0.insert(code.code, level);
        }
    }

    /// Gives a lint its configured level, if there is one; `false` where it is switched off.
    pub fn apply(&self, diagnostic: &mut Diagnostic) -> bool {
        match self.0.get(diagnostic.code.code) {
            Some(Some(level)) => diagnostic.level = *level,
            Some(None) => return false,
            None => {}
        }
        true
    }

    /// The level of `code`, `None` where it is switched off.
    pub fn level(&self, code: Code) -> Option<Level> {
        self.0.get(code.code).copied().unwrap_or(Some(code.level))
    }
}
