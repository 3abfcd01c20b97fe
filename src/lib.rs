//! Eastwest compiles a compact language of network flows into Calico policy, and proves that the policy
//! allows exactly those flows.
//!
//! ```text
//!               parse            check               meaning
//!   *.flow  ───────────► syntax ───────► program ───────────────► reach ═══╗
//!   Namespace YAML ─────► zones ───────►    │                              ║  equal?  = verify, import
//!                                           │ compile                      ║  minus   = diff
//!                                           ▼                              ║  lookup  = can
//!                                       policies ────────────────► reach ══╝  inspect = audit
//!                                        │    ▲      evaluation
//!                                  write │    │ read
//!                                        ▼    │
//!                                      Calico YAML
//! ```
//!
//! Every stage is a plain function from values to values, and the whole is ten lines:
//!
//! ```
//! use eastwest::{calico::encode, check::{self, FileOwner}, compile, program::Settings, source::Sources, syntax, verify, zones};
//!
//! let mut sources = Sources::new();
//! let manifest = sources.add("zones.yaml", "{apiVersion: v1, kind: Namespace, metadata: {name: shop-1, labels: {applicationcode: shop, zone: web}}}");
//! let lines = sources.add("shop.flow", "shop.web -> shop.web : tcp/8443");
//! let (today, settings) = (jiff::civil::date(2026, 11, 22), Settings::default());
//!
//! let (zones, _) = zones::load(&sources, &[manifest], &settings.labels);
//! let (tree, _) = syntax::parse(&sources, lines);
//! let files = [(FileOwner::Application("shop".into()), tree)];
//! let input = check::CheckInput { files: &files, platform: false, zones: &zones, settings: &settings, write: None, partial: false, today, drop_expired: false };
//! let (program, diagnostics) = check::check(&input);
//! let (documents, _) = compile::compile(&program, false);
//! let text = encode::file("shop", documents.iter().map(|document| &document.resource));
//! let proof = verify::verify(&program, [("shop", &*text)]);
//!
//! assert!(diagnostics.is_empty() && proof.is_ok());
//! assert!(text.contains("zone == 'web'"));
//! ```
//!
//! [`check()`] and [`build`] below run them on a whole project. Only [`cli`] touches the disk, the clock and the
//! terminal.

pub mod audit;
pub mod calico;
pub mod can;
pub mod check;
pub mod cli;
pub mod cluster;
pub mod compile;
pub mod diagnostic;
pub mod diff;
pub mod graph;
pub mod import;
pub mod lint;
pub mod lock;
pub mod program;
pub mod project;
pub mod reach;
pub mod rollout;
pub mod selector;
pub mod source;
pub mod syntax;
pub mod traffic;
pub mod verify;
pub mod view;
pub mod world;
pub mod yaml;
pub mod zones;

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::calico::Resource;
use crate::check::FileOwner;
use crate::diagnostic::Diagnostic;
use crate::program::{Owner, Program, Settings};
use crate::source::{FileId, Sources};

/// Everything that the compiler needs to know of a project: what was read, and when.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// Every text.
    pub sources: &'a Sources,
    /// Namespace manifests among them.
    pub manifests: &'a [FileId],
    /// Flow files among them, each with its owner.
    pub flows: &'a [(FileOwner, FileId)],
    /// The settings.
    pub settings: &'a Settings,
    /// The owners whose files are written here; `None` for all.
    pub write: Option<&'a [Box<str>]>,
    /// Whether applications without a flow file here may have one in another project.
    pub partial: bool,
    /// Today in UTC.
    pub today: Date,
    /// Whether expired flows are left out (and reported) instead of being errors.
    pub drop_expired: bool,
}

/// The texts of a project, parsed.
#[derive(Debug)]
pub struct Parsed {
    /// The declared namespaces.
    pub zones: zones::Zones,
    /// The flow files, each with its owner.
    pub files: Vec<(FileOwner, syntax::tree::Tree)>,
}

impl Parsed {
    /// Parses the texts of `input`, and says what is wrong with them.
    pub fn new(input: &Input<'_>) -> (Self, Vec<Diagnostic>) {
        let (zones, mut diagnostics) =
            zones::load(input.sources, input.manifests, &input.settings.labels);
        let mut files = Vec::new();
        for (owner, file) in input.flows {
            let (tree, found) = syntax::parse(input.sources, *file);
            diagnostics.extend(found);
            files.push((owner.clone(), tree));
        }
        (Self { zones, files }, diagnostics)
    }

    /// What the checker needs to know of it, where the rest is as `input` says.
    pub fn to_check<'a>(&'a self, input: &Input<'a>) -> check::CheckInput<'a> {
        check::CheckInput {
            files: &self.files,
            platform: input.flows.iter().any(|(owner, _)| *owner == FileOwner::Platform),
            zones: &self.zones,
            settings: input.settings,
            write: input.write,
            partial: input.partial,
            today: input.today,
            drop_expired: input.drop_expired,
        }
    }
}

/// Reads and checks a project. The program is not to be compiled where a diagnostic is an error. Diagnostics
/// come in source order: manifests first, then flow files, in the order of `input`.
pub fn check(input: &Input<'_>) -> (Program, Vec<Diagnostic>) {
    let (_, program, diagnostics) = checked(input);
    (program, diagnostics)
}

/// The same with the texts, parsed.
pub fn checked(input: &Input<'_>) -> (Parsed, Program, Vec<Diagnostic>) {
    let (parsed, mut diagnostics) = Parsed::new(input);
    let (program, found) = check::check(&parsed.to_check(input));
    diagnostics.extend(found);
    diagnostics.sort_by_key(|it| (it.primary().is_none(), it.primary()));
    (parsed, program, diagnostics)
}

/// What a program compiles to, not proved: to be asked about, never to be applied.
#[derive(Debug)]
pub struct Compiled {
    /// The objects, in the order in which they must be applied.
    pub documents: Vec<compile::Document>,
    /// The text of each owner's file, by owner.
    pub files: Vec<(Owner, String)>,
    /// What cannot be written. Where there is something, the rest is not whole.
    pub diagnostics: Vec<Diagnostic>,
}

/// What may be applied: policies that are proved to allow what the program says, and nothing else.
#[derive(Debug)]
pub struct Built {
    /// The objects, in the order in which they must be applied.
    pub documents: Vec<compile::Document>,
    /// The text of each owner's file, by owner.
    pub files: Vec<(Owner, String)>,
    /// What was proved of them.
    pub proof: verify::Proof,
}

/// Why there are no policies.
#[derive(Debug)]
pub enum NotBuilt {
    /// They cannot be written: Calico has no room for them, or lacks what is asked for.
    Unwritable(Vec<Diagnostic>),
    /// It is not proved that they do what the program says.
    Unproved(verify::VerifyFailure),
}

/// Compiles `program`, which has no errors, and verifies the text of the policies against it.
///
/// # Errors
/// Where the policies cannot be written, and where they are not proved.
pub fn build(program: &Program, staged: bool) -> Result<Built, NotBuilt> {
    compiled(program, staged).prove(program)
}

/// Compiles `program`, which has no errors, and proves nothing.
pub fn compiled(program: &Program, staged: bool) -> Compiled {
    let (documents, diagnostics) = compile::compile(program, staged);
    let mut owners: BTreeMap<Owner, Vec<&Resource>> = BTreeMap::new();
    for document in &documents {
        owners.entry(document.owner).or_default().push(&document.resource);
    }
    let text =
        |(owner, resources)| (owner, calico::encode::file(program.owner_name(owner), resources));
    let files: Vec<_> = owners.into_iter().map(text).collect();
    Compiled { documents, files, diagnostics }
}

impl Compiled {
    /// Holds the texts to what `program` means.
    ///
    /// # Errors
    /// Where they are not whole, and where they are not proved to be the same.
    pub fn prove(self, program: &Program) -> Result<Built, NotBuilt> {
        let Self { documents, files, diagnostics } = self;
        if !diagnostics.is_empty() {
            return Err(NotBuilt::Unwritable(diagnostics));
        }
        let texts = files.iter().map(|(owner, text)| (program.owner_name(*owner), &**text));
        let proof = verify::verify(program, texts).map_err(NotBuilt::Unproved)?;
        Ok(Built { documents, files, proof })
    }
}
