//! The typed program: every name resolved to an id of a table made once, every clause checked. Made by
//! `check` and by nothing else; `compile` and `reach::of_program` read it. It says what was written, not
//! what it opens: those two give the arrows their meaning, each on its own.

pub mod openness;
mod orders;
pub mod settings;
pub mod table;
mod words;

pub use openness::{Closed, Held, Openness};
pub use orders::Orders;
pub use settings::{Deny, Settings};
pub use table::{Id, Table};

use std::sync::Arc;

use ipnet::IpNet;
use jiff::civil::Date;

use crate::selector::Selector;
use crate::source::Span;
pub use crate::syntax::tree::Arrow;
use crate::traffic::{Match, Traffic};

/// Everything that is known of one project once it is checked.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// The settings that decide meaning.
    pub settings: Settings,
    /// Landing zones that a manifest declares, sorted by name.
    pub applications: Table<Application>,
    /// Names of zones, of whatever application, sorted.
    pub zones: Table<Zone>,
    /// Declared namespaces, sorted by name.
    pub namespaces: Table<Namespace>,
    /// Declared externals, sorted by name.
    pub externals: Table<External>,
    /// Declared port aliases, sorted by name.
    pub ports: Table<Alias>,
    /// Exempt namespaces, sorted by name, each once (its first mention).
    pub exempt: Vec<Exempt>,
    /// Flow lines, in the order of files and lines.
    pub flows: Vec<Flow>,
    /// Guardrails, in the order of files and lines.
    pub guardrails: Vec<Guardrail>,
    /// Where `log denied` stands, if it does.
    pub log_denied: Option<Span>,
    /// Whether any platform file is loaded: then, and only then, there is a default deny.
    pub platform: bool,
    /// The owners whose policies are written here; `None` for all.
    pub write: Option<Vec<Box<str>>>,
}

/// A landing zone.
#[derive(Clone, Debug)]
pub struct Application {
    /// The value of the application label.
    pub name: Arc<str>,
    /// Whether a flow file of this owner is loaded (an empty one counts).
    pub loaded: bool,
    /// Whether its flow files, if it has any, are in another project: none is here, and the configuration says that this
    /// project does not hold everybody's.
    pub elsewhere: bool,
    /// The names of its zones, sorted.
    pub zones: Vec<Id<Zone>>,
}

/// The name of a zone.
#[derive(Clone, Debug)]
pub struct Zone {
    /// The value of the zone label.
    pub name: Arc<str>,
}

/// A declared namespace.
#[derive(Clone, Debug)]
pub struct Namespace {
    /// Its name.
    pub name: Arc<str>,
    /// All its labels, sorted by key, `kubernetes.io/metadata.name` among them.
    pub labels: Vec<(Arc<str>, Arc<str>)>,
    /// The landing zone it belongs to.
    pub application: Option<Id<Application>>,
    /// The zone it is in; may be set without an application.
    pub zone: Option<Id<Zone>>,
    /// Whether it is exempt.
    pub exempt: bool,
    /// Where its name is declared.
    pub span: Span,
}

/// A namespace outside the default deny.
#[derive(Clone, Debug)]
pub struct Exempt {
    /// Its name; a manifest may or may not declare it.
    pub name: Arc<str>,
    /// Where it is named.
    pub span: Span,
}

/// A declared place outside every landing zone.
#[derive(Clone, Debug)]
pub struct External {
    /// Its name.
    pub name: Arc<str>,
    /// What it is.
    pub value: ExternalValue,
    /// Where its name is declared.
    pub span: Span,
}

/// What an external is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExternalValue {
    /// Addresses, after `except` and the cluster's own blocks are taken out: the shortest exact list of CIDRs,
    /// IPv4 first, each family sorted; never empty.
    Addresses(Vec<IpNet>),
    /// The pods of a namespace, all or those that the selector takes.
    Namespace {
        /// The namespace's name.
        name: Arc<str>,
        /// Which of its pods.
        selector: Option<Arc<Selector>>,
    },
    /// The endpoints of a Kubernetes Service.
    Service {
        /// Its namespace.
        namespace: Arc<str>,
        /// Its name.
        name: Arc<str>,
    },
}

/// A declared alias.
#[derive(Clone, Debug)]
pub struct Alias {
    /// Its name.
    pub name: Arc<str>,
    /// What it stands for.
    pub matches: Vec<Match>,
    /// Where its name is declared.
    pub span: Span,
}

/// Who a line belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Owner {
    /// The platform team.
    Platform,
    /// The team of an application.
    Application(Id<Application>),
}

/// One side of a flow.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Endpoint {
    /// Where.
    pub place: Place,
    /// Which pods there; `None` for all (also for `[all()]`). Never on addresses or a service.
    pub selector: Option<Arc<Selector>>,
}

/// A place.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// Namespaces by their labels, declared or not.
    Zones {
        /// The application; `None` for `*`: any, as long as the label is there.
        application: Option<Id<Application>>,
        /// The zones, sorted, one or more; `None` for `*`: any, also namespaces without the zone label.
        zones: Option<Vec<Id<Zone>>>,
    },
    /// A declared external.
    External(Id<External>),
}

impl Place {
    /// Whether it is for every application: `*.*`, `*.backend`.
    pub fn is_any_application(&self) -> bool {
        matches!(self, Self::Zones { application: None, .. })
    }

    /// What it is in `program`, if it is an external.
    pub fn external<'p>(&self, program: &'p Program) -> Option<&'p ExternalValue> {
        let Self::External(id) = self else { return None };
        program.externals.get(*id).map(|it| &it.value)
    }
}

impl ExternalValue {
    /// Whether it is a Service.
    pub fn is_service(&self) -> bool {
        matches!(self, Self::Service { .. })
    }
}

/// One flow line.
#[derive(Clone, Debug)]
pub struct Flow {
    /// Whose line it is.
    pub owner: Owner,
    /// The owner's side.
    pub left: Endpoint,
    /// Which way, and whether it crosses.
    pub arrow: Arrow,
    /// The other side.
    pub right: Endpoint,
    /// What it lets pass, as written with aliases resolved; `None` for anything (no traffic written, `any`, or
    /// the own ports of a service on the right of `==>`).
    pub matches: Option<Vec<Match>>,
    /// The same as a set.
    pub traffic: Traffic,
    /// The line in canonical form without clauses.
    pub line: Box<str>,
    /// The reason.
    pub because: Option<Box<str>>,
    /// The last day on which it is open.
    pub until: Option<Date>,
    /// The ticket.
    pub ticket: Option<Box<str>>,
    /// Where its parts stand.
    pub spans: FlowSpans,
}

/// Where the parts of a flow stand.
#[derive(Clone, Copy, Debug)]
pub struct FlowSpans {
    /// The whole statement.
    pub whole: Span,
    /// The left side.
    pub left: Span,
    /// The arrow.
    pub arrow: Span,
    /// The right side.
    pub right: Span,
    /// The traffic, without the `:`.
    pub traffic: Option<Span>,
    /// The date of `until`.
    pub until: Option<Span>,
}

/// One `forbid` line.
#[derive(Clone, Debug)]
pub struct Guardrail {
    /// From where.
    pub left: Endpoint,
    /// To where.
    pub right: Endpoint,
    /// Whether it forbids only what crosses a boundary (`==>`).
    pub crossing: bool,
    /// What it forbids, as written with aliases resolved; `None` for anything.
    pub matches: Option<Vec<Match>>,
    /// The same as a set.
    pub traffic: Traffic,
    /// Places within the left side that it excuses.
    pub except: Vec<Endpoint>,
    /// The line in canonical form without clauses.
    pub line: Box<str>,
    /// The reason.
    pub because: Option<Box<str>>,
    /// The ticket.
    pub ticket: Option<Box<str>>,
    /// The whole statement.
    pub span: Span,
}

impl Guardrail {
    /// Whether it can be written as Deny rules. `==>` between `*` and `*` cannot (Calico cannot compare two
    /// labels), and holds at compile time only.
    pub fn has_rules(&self) -> bool {
        let any = |endpoint: &Endpoint| endpoint.place.is_any_application();
        !(self.crossing && any(&self.left) && any(&self.right))
    }
}

impl Program {
    /// Whether the namespaces of `application` are isolated, but for exempt ones (language reference, section 5, "What is
    /// closed").
    pub fn isolates(&self, application: &Application) -> bool {
        match &self.settings.deny {
            _ if !self.platform => application.loaded,
            Deny::All | Deny::LandingZones => true,
            Deny::Applications(names) => application.loaded || names.contains(&application.name),
        }
    }

    /// Whether the namespace `name`, which belongs to no landing zone, is isolated: the default deny covers such a
    /// namespace only where it covers all.
    pub fn isolates_outside(&self, name: &str) -> bool {
        let exempt = || self.exempt.binary_search_by(|it| (*it.name).cmp(name)).is_ok();
        self.platform && self.settings.deny == Deny::All && !exempt()
    }

    /// Whether the policies of `owner` are written here.
    pub fn writes(&self, owner: Owner) -> bool {
        let name = self.owner_name(owner);
        self.write.as_ref().is_none_or(|names| names.iter().any(|it| **it == *name))
    }

    /// The names of the owners that have flow files, the platform first.
    pub fn owners(&self) -> impl Iterator<Item = &str> {
        let loaded = self.applications.iter().filter(|(_, it)| it.loaded).map(|(_, it)| &*it.name);
        self.platform.then_some("platform").into_iter().chain(loaded)
    }

    /// The names of `applications`.
    pub fn names_of(&self, applications: &[Id<Application>]) -> impl Iterator<Item = &str> {
        applications.iter().filter_map(|id| self.applications.get(*id)).map(|it| &*it.name)
    }

    /// The owner's name: `platform`, or that of the application.
    pub fn owner_name(&self, owner: Owner) -> &str {
        match owner {
            Owner::Platform => "platform",
            Owner::Application(id) => self.applications.get(id).map_or("", |it| &it.name),
        }
    }
}
