//! From policies that anybody wrote to flow lines for their owners. Each rule is taken apart by what it says, which is
//! what makes the lines read like its author's; then what the lines mean is compared with what the policies mean,
//! so that whatever was lost on the way, or could not be said, is told exactly.

mod compare;
mod cover;
mod difference;
mod effect;
mod end;
mod externals;
mod files;
mod guardrails;
mod known;
mod line;
mod openings;
mod own;
mod partial;
mod platform;
mod pods;
mod remark;
mod rule_place;
mod scope;
mod side;
mod traffic;
mod unclosed;

pub use difference::{Difference, DifferencePart, Equal, ImportVerdict, LaterPolicies};
pub use remark::{Deed, Remark, comments};

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use self::effect::{LeftTraffic, RuleAt};
use self::end::Blocks;
use self::externals::Externals;
use self::known::KnownNames;
use self::line::ImportLine;
use self::openings::OpenZones;
use crate::NotBuilt;
use crate::calico::Resource;
use crate::program::{Deny, Settings};
use crate::reach::TooMany;
use crate::reach::of_policies::{effective, selected};
use crate::syntax::tree::{Arrow, Forbid};
use crate::verify;
use crate::world::World;
use crate::zones::is_namespace_name;

/// What policies become.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The settings of the project.
    pub settings: Settings,
    /// The flow file of each owner: an application's name, or `platform`.
    pub files: Vec<(String, String)>,
    /// What no line says.
    pub remarks: Vec<Remark>,
    /// For each landing zone with policies of its own, and for the platform, whether the lines mean what the policies do.
    pub verdicts: Vec<ImportVerdict>,
    /// What else there is to know of what the lines mean.
    pub notes: Vec<String>,
}

/// Why nothing was made of policies.
#[derive(Clone, Debug)]
pub enum ImportFailure {
    /// What was made of them is not a program, with what is wrong: a bug of ours.
    Bug(String),
    /// A label has too much asked of its values.
    TooMany(TooMany),
    /// Lines that say the same could not be written as policies again.
    Unwritable(String),
}

/// Statements that the language does not take, by the owner of their file and their text, each with why.
type RefusedLines = BTreeMap<(String, String), String>;

/// Work on policies.
#[derive(Debug)]
struct Importing<'w> {
    world: &'w World,
    known: KnownNames<'w>,
    blocks: Blocks,
    externals: Externals,
    remarks: Vec<Remark>,
    /// What is left of rules that something before them cuts.
    cut: BTreeMap<RuleAt, LeftTraffic>,
}

/// What was found for the owners.
#[derive(Debug, Default)]
struct FoundLines {
    /// The lines of each application's own policies.
    own: BTreeMap<Arc<str>, Vec<ImportLine>>,
    /// The lines of global policies.
    others: Vec<ImportLine>,
    /// What the default deny closes, if there is one.
    closed: bool,
    /// Whether it logs.
    logs: bool,
    /// What nothing may open.
    guardrails: Vec<Forbid>,
}

/// Makes flow lines of the policies of `world`, whose labels and blocks are as `settings` say.
///
/// # Errors
/// Where the result is not a program, and where a label has too much asked of its values.
pub fn import(world: &World, settings: &Settings) -> Result<Imported, ImportFailure> {
    let sets = world.cluster.resources().filter_map(|it| match it {
        Resource::Set(set) => Some(set),
        Resource::Tier(_) | Resource::Policy(_) => None,
    });
    let mut importing = Importing {
        world,
        known: KnownNames::new(&world.program, settings),
        blocks: Blocks::new(sets, &world.labels_of_namespaces(), &settings.cluster),
        externals: Externals::default(),
        remarks: Vec::new(),
        cut: BTreeMap::new(),
    };
    importing
        .known
        .decisions
        .allow(world.policies().map(|(_, it)| it.ingress.len() + it.egress.len()).sum());
    let policies = world.policies().map(|(_, it)| it);
    importing.known.unclosed = unclosed::unclosed(&world.program, policies);
    importing.cut = effect::cut(world, &importing.known)?;
    let mut found = FoundLines::default();
    let closed = importing.closed();
    for (_, application) in world.program.applications.iter() {
        let zones = OpenZones::new(&importing.known, &application.name);
        if !importing.has_own(&application.name) {
            continue;
        }
        let openings = importing.own(&zones);
        let lines = zones.lines(&importing.known, &openings);
        found.own.insert(Arc::clone(&application.name), lines);
    }
    importing.outside();
    importing.impossible();
    found.guardrails = importing.guardrails(&closed);
    let allowed = importing.allowed(&closed);
    found.others = allowed.lines;
    for (application, openings) in allowed.openings {
        let zones = OpenZones::new(&importing.known, &application);
        found.others.extend(zones.lines(&importing.known, &openings));
    }
    found.own.values_mut().for_each(|it| importing.at_services(it));
    importing.at_services(&mut found.others);
    found.closed = closed.scope.is_some();
    found.logs = closed.logs;
    let loaded = found.loaded();
    let deny = closed.scope.as_ref().map(|it| importing.deny(it, &loaded));
    let settings = Settings {
        release: world.release,
        deny: deny.unwrap_or(Deny::Applications(Vec::new())),
        ..settings.clone()
    };
    importing.remarks.sort_by_key(|it| it.at);
    remark::in_part_or_not(&mut importing.remarks);
    let mut refused = RefusedLines::default();
    let (files, program) = loop {
        let files = files::write(&importing, &found, &refused);
        match compare::program(world, &settings, &files)? {
            Ok(program) => break (files, program),
            // A line that the language does not take is a comment that says why.
            Err(lines) => {
                let before = refused.len();
                refused.extend(lines);
                if refused.len() == before {
                    let why = refused.into_values().next_back().unwrap_or_default();
                    return Err(ImportFailure::Bug(why));
                }
            }
        }
    };
    importing.known.decisions.all_made()?;
    let (verdicts, notes) = compare::compare(world, &settings, &program, &found)?;
    Ok(Imported { settings, files, remarks: importing.remarks, verdicts, notes })
}

impl FoundLines {
    /// The applications that have a flow file.
    fn loaded(&self) -> BTreeSet<Arc<str>> {
        let others = self.others.iter().filter_map(ImportLine::owner);
        self.own.keys().chain(others).cloned().collect()
    }
}

impl Importing<'_> {
    /// Takes the traffic off lines towards services, which have their own ports.
    fn at_services(&self, lines: &mut [ImportLine]) {
        let services = |it: &&mut ImportLine| {
            it.arrow == Arrow::Leaving && self.externals.is_service(&it.right)
        };
        lines.iter_mut().filter(services).for_each(|it| it.units.clear());
    }

    /// Whether some namespace of `application` has policies of its own.
    fn has_own(&self, application: &str) -> bool {
        let is_own = |name: &str| {
            let namespace = self.known.namespace(name);
            namespace
                .and_then(|it| self.known.application_of(it))
                .is_some_and(|its| **its == *application)
        };
        self.world.policies().any(|(_, it)| it.namespace.as_ref().is_some_and(|it| is_own(it)))
    }

    /// Remarks on the policies that name namespaces by what no namespace can be called.
    fn impossible(&mut self) {
        let world = self.world;
        for (object, policy) in world.policies() {
            let of_rules =
                own::rules(policy).flat_map(|(_, _, rule)| [&rule.source, &rule.destination]);
            let of_rules = of_rules.flat_map(|end| {
                effective(end, policy.namespace.as_ref())
                    .into_iter()
                    .chain(end.not_selector.clone())
            });
            let selectors: Vec<_> = std::iter::once(selected(policy)).chain(of_rules).collect();
            let names = selectors.iter().flat_map(pods::names);
            let impossible: BTreeSet<_> = names.filter(|it| !is_namespace_name(it)).collect();
            let home = policy.namespace.as_deref().and_then(|it| self.known.namespace(it));
            let owner = home.and_then(|it| self.known.application_of(it));
            for name in impossible {
                let why = format!("it names `{name}`, and no namespace can be called that");
                self.remark(object, None, owner, &why);
            }
        }
    }

    /// Remarks on the policies of namespaces that no landing zone has.
    fn outside(&mut self) {
        let world = self.world;
        for (object, policy) in world.policies() {
            let Some(namespace) = &policy.namespace else { continue };
            let declared = self.known.namespace(namespace);
            let why = match declared.map(|it| self.known.application_of(it)) {
                Some(Some(_)) if self.known.is_exempt(namespace) => "its namespace is exempt",
                Some(Some(_)) => continue,
                Some(None) => "its namespace is in no landing zone",
                None => "no manifest declares its namespace",
            };
            self.remark(object, None, None, why);
        }
    }
}

impl std::fmt::Display for ImportFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bug(what) => write!(f, "what was made of the policies is not a program: {what}"),
            Self::TooMany(too_many) => too_many.fmt(f),
            Self::Unwritable(why) => {
                write!(f, "what these policies say does not fit into those of a project: {why}")
            }
        }
    }
}

impl std::error::Error for ImportFailure {}

impl From<NotBuilt> for ImportFailure {
    fn from(why: NotBuilt) -> Self {
        match why {
            NotBuilt::Unwritable(diagnostics) => {
                let messages = diagnostics.into_iter().map(|it| it.message);
                Self::Unwritable(messages.collect::<Vec<_>>().join("; "))
            }
            NotBuilt::Unproved(verify::VerifyFailure::TooMany(too_many)) => Self::TooMany(too_many),
            NotBuilt::Unproved(failure) => Self::Bug(failure.to_string()),
        }
    }
}

impl From<TooMany> for ImportFailure {
    fn from(too_many: TooMany) -> Self {
        Self::TooMany(too_many)
    }
}
