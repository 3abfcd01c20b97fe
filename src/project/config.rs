//! `eastwest.toml`: its keys, what they may hold, and every mistake with its place. The texts of the project
//! are found by what is read here; [`Settings`] are the part of it that decides meaning.

mod reader;
mod sections;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use toml::de::DeValue;

use self::reader::{ConfigReader, ConfigTable, bad_value};
pub use self::sections::ClusterBlocks;
use self::sections::Sections;
use super::glob::Glob;
use super::kustomization;
use super::template::Template;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::project::{BAD_GLOB, BUNDLE_AND_MORE, MISSING_KEY, NAMED_PLATFORM};
use crate::program::Settings;
use crate::source::{FileId, Sources, Span, Spanned};

/// The name of the configuration file.
pub const FILE: &str = "eastwest.toml";
/// Where policies are written if the configuration does not say.
const OUTPUT: &str = "{owner}/network-policies/policies.yaml";
const KEYS: &[&str] = &[
    "zones",
    "platform",
    "flows",
    "output",
    "kustomization",
    "write",
    "lock",
    "ticket_url",
    "bundle",
    "labels",
    "cluster",
    "calico",
    "lints",
];

/// A configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the zones and the platform's statements come from.
    pub platform: Platform,
    /// Where the applications' flow files are.
    pub flows: Vec<FlowGlob>,
    /// Where policies are written.
    pub output: Template,
    /// Where the configuration says so, if it does.
    pub output_span: Option<Span>,
    /// Whether a `kustomization.yaml` is written beside the policies.
    pub kustomization: bool,
    /// The owners that are written; `None` for all.
    pub write: Option<Vec<Spanned<Box<str>>>>,
    /// Whether there has to be a `crossings.lock`.
    pub lock: bool,
    /// The address of a ticket, with `{ticket}` in it.
    pub ticket_url: Option<Box<str>>,
    /// The applications that `deny` lists.
    pub deny: Vec<Spanned<Box<str>>>,
    /// The cluster's own blocks.
    pub cluster: ClusterBlocks,
    /// What decides meaning.
    pub settings: Settings,
}

impl Config {
    /// Whether it is for one repository of several: the platform's statements come from another, or no pattern would find the
    /// flow files of whatever application.
    pub fn is_partial(&self) -> bool {
        matches!(self.platform, Platform::Bundle(_))
            || self.flows.iter().all(|it| it.owner.is_some())
    }
}

/// Where the zones and the platform's statements come from.
#[derive(Clone, Debug)]
pub enum Platform {
    /// From files of this project.
    Files {
        /// Namespace manifests.
        zones: Vec<Pattern>,
        /// Flow files.
        flows: Vec<Pattern>,
    },
    /// From the folder that `export` wrote, relative to the project.
    Bundle(Spanned<Box<str>>),
}

/// A path pattern as written: its alternatives.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// The alternatives.
    pub globs: Vec<Glob>,
    /// Where it is written.
    pub span: Span,
}

/// A pattern for flow files of applications.
#[derive(Clone, Debug)]
pub struct FlowGlob {
    /// Which files.
    pub pattern: Pattern,
    /// Whose; `None` where the path says it.
    pub owner: Option<Box<str>>,
}

/// Reads the configuration `file`. With an error among the diagnostics, the configuration is not to be used.
pub fn read(sources: &Sources, file: FileId) -> (Option<Config>, Vec<Diagnostic>) {
    let text = sources.get(file).map_or("", |file| file.text.as_str());
    let mut reader = ConfigReader::new(file);
    let Some(root) = reader.parse(text) else { return (None, reader.finish()) };
    let root = reader.table(&root, "", KEYS);
    let platform = platform(&mut reader, &root);
    let flows = flows(&mut reader, &root);
    let output = output(&mut reader, &root);
    let kustomization = kustomization(&mut reader, &root, output.as_ref());
    let write = root.get("write").map(|value| reader.strings(value, "write"));
    let lock = root.get("lock").and_then(|value| reader.boolean(value, "lock")).unwrap_or(false);
    let ticket_url = root.get("ticket_url").and_then(|value| ticket_url(&mut reader, value));
    let Sections { settings, cluster, deny } = sections::read(&mut reader, &root);
    let config = platform.zip(output).map(|(platform, (output, output_span))| Config {
        platform,
        flows,
        output,
        output_span,
        kustomization,
        write,
        lock,
        ticket_url,
        deny,
        cluster,
        settings,
    });
    (config, reader.finish())
}

/// The settings alone of the configuration `file`, and the bundle that it names, if it names one. With a diagnostic, they are
/// not to be used.
pub(super) fn read_settings(
    sources: &Sources,
    file: FileId,
) -> (Settings, Option<Spanned<Box<str>>>, Vec<Diagnostic>) {
    let text = sources.get(file).map_or("", |file| file.text.as_str());
    let mut reader = ConfigReader::new(file);
    let Some(root) = reader.parse(text) else {
        return (Settings::default(), None, reader.finish());
    };
    let root = reader.table(&root, "", KEYS);
    let settings = sections::read(&mut reader, &root).settings;
    let bundle = root.get("bundle").and_then(|_| match platform(&mut reader, &root)? {
        Platform::Bundle(place) => Some(place),
        Platform::Files { .. } => None,
    });
    (settings, bundle, reader.finish())
}

/// Reads the settings of a bundle, which are `[labels]`, `[cluster]` and `[calico]` alone.
pub(crate) fn read_bundle(sources: &Sources, file: FileId) -> (Sections, Vec<Diagnostic>) {
    let text = sources.get(file).map_or("", |file| file.text.as_str());
    let mut reader = ConfigReader::new(file);
    let Some(root) = reader.parse(text) else { return (Sections::default(), reader.finish()) };
    let root = reader.table(&root, "", sections::OF_A_BUNDLE);
    let sections = sections::read(&mut reader, &root);
    (sections, reader.finish())
}

fn platform(reader: &mut ConfigReader, root: &ConfigTable<'_>) -> Option<Platform> {
    let Some(bundle) = root.get("bundle") else {
        let zones =
            required(reader, root, "zones", "zones = [\"platform/landingzones/**/*.yaml\"]");
        let help = "platform = [\"platform/network-policies/*.flow\"]\nor, where there are none,\nplatform = []";
        let flows = required(reader, root, "platform", help);
        return zones.zip(flows).map(|(zones, flows)| Platform::Files { zones, flows });
    };
    for key in ["zones", "platform", "labels", "cluster", "calico"] {
        if let Some(value) = root.get(key) {
            let message = format!("`{key}` stands beside `bundle`, which takes its place");
            let span = root.key_span(key).unwrap_or(reader.span(value));
            reader.push(
                Diagnostic::new(&BUNDLE_AND_MORE, message)
                    .label(span, format!("the bundle holds the platform's own `{key}`"))
                    .label(reader.span(bundle), "the bundle")
                    .help(format!("take `{key}` out, or `bundle`")),
            );
        }
    }
    let folder = reader.string(bundle, "bundle")?;
    let path = folder
        .value
        .trim_end_matches('/')
        .strip_prefix("./")
        .unwrap_or(folder.value.trim_end_matches('/'));
    let folder = Spanned::new(path.into(), folder.span);
    match Glob::parse(path, None) {
        Ok(_) if !path.contains(['*', '?', '{']) => Some(Platform::Bundle(folder)),
        Ok(_) => {
            bad_glob(reader, folder.span, path, "it names one folder, without `*`, `?` or braces");
            None
        }
        Err(why) => {
            bad_glob(reader, folder.span, path, &why);
            None
        }
    }
}

fn required(
    reader: &mut ConfigReader,
    root: &ConfigTable<'_>,
    key: &str,
    help: &str,
) -> Option<Vec<Pattern>> {
    let Some(value) = root.get(key) else {
        missing(reader, key, help);
        return None;
    };
    let texts = reader.strings(value, key);
    Some(texts.iter().filter_map(|text| pattern(reader, text, None)).collect())
}

fn missing(reader: &mut ConfigReader, key: &str, help: &str) {
    let start = reader.start();
    let message = format!("the configuration has no `{key}`");
    reader.push(
        Diagnostic::new(&MISSING_KEY, message)
            .label(start, "nowhere in this file")
            .help(format!("write\n{help}")),
    );
}

fn flows(reader: &mut ConfigReader, root: &ConfigTable<'_>) -> Vec<FlowGlob> {
    let Some(value) = root.get("flows") else {
        missing(reader, "flows", "flows = [\"{application}/network-policies/*.flow\"]");
        return Vec::new();
    };
    let mut flows = Vec::new();
    if let DeValue::Table(_) = value.get_ref() {
        let table = reader.open_table(value, "flows");
        // Sorted, so that the order in the file means nothing.
        let table: BTreeMap<_, _> = table.iter().collect();
        for (owner, (key, value)) in table {
            if owner.eq_ignore_ascii_case("platform") {
                let message = "no application may bear the name `platform`";
                reader.push(
                    Diagnostic::new(&NAMED_PLATFORM, message)
                        .label(key, "the name of the platform's own policies")
                        .help("the platform's flow files belong under `platform`"),
                );
            }
            for text in reader.strings(value, owner) {
                let pattern = pattern(reader, &text, None);
                flows
                    .extend(pattern.map(|pattern| FlowGlob { pattern, owner: Some(owner.into()) }));
            }
        }
        return flows;
    }
    for text in reader.strings(value, "flows") {
        let Some(pattern) = pattern(reader, &text, Some("application")) else { continue };
        if pattern.globs.iter().all(Glob::has_name) {
            flows.push(FlowGlob { pattern, owner: None });
        } else {
            let message = format!("`{}` does not say whose flows these are", text.value);
            reader.push(
                Diagnostic::new(&BAD_GLOB, message)
                    .label(text.span, "no `{application}` here")
                    .help(format!("let the path name the owner, as in\nflows = [\"{{application}}/network-policies/*.flow\"]\nor name the owner outright\nflows = {{ application2 = [{:?}] }}", &*text.value)),
            );
        }
    }
    flows
}

fn output(reader: &mut ConfigReader, root: &ConfigTable<'_>) -> Option<(Template, Option<Span>)> {
    let text = match root.get("output") {
        Some(value) => Some(reader.string(value, "output")?),
        None => None,
    };
    let span = text.as_ref().map(|text| text.span);
    let text = text.map_or_else(|| OUTPUT.into(), |text| text.value);
    match Template::parse(&text) {
        Ok(template) => Some((template, span)),
        Err(why) => {
            bad_glob(reader, span.unwrap_or(reader.start()), &text, &why);
            None
        }
    }
}

fn kustomization(
    reader: &mut ConfigReader,
    root: &ConfigTable<'_>,
    output: Option<&(Template, Option<Span>)>,
) -> bool {
    let Some(value) = root.get("kustomization") else { return false };
    let wanted = reader.boolean(value, "kustomization").unwrap_or(false);
    if wanted && output.is_some_and(|(template, _)| kustomization::template(template).is_none()) {
        let message =
            "the policies have the name of the `kustomization.yaml` beside them".to_owned();
        let label = "wanted here";
        reader.push(
            bad_value(reader.span(value), message, label)
                .help("write  output = \"{owner}/network-policies/policies.yaml\""),
        );
    }
    wanted
}

/// An address over https or http in which the ticket has its place.
fn ticket_url(reader: &mut ConfigReader, value: &reader::ConfigValue<'_>) -> Option<Box<str>> {
    let text = reader.string(value, "ticket_url")?;
    let web = text.value.starts_with("https://") || text.value.starts_with("http://");
    let plain = !text.value.chars().any(|c| c.is_whitespace() || "<>\"'`\\".contains(c));
    if web && plain && text.value.matches("{ticket}").count() == 1 {
        return Some(text.value);
    }
    let message = format!("`{}` is not an address of a ticket", text.value);
    let why = "an address over https in which `{ticket}` stands once";
    let help = "write  ticket_url = \"https://tickets.example/{ticket}\"";
    reader.push(bad_value(text.span, message, why).help(help));
    None
}

fn pattern(
    reader: &mut ConfigReader,
    text: &Spanned<Box<str>>,
    placeholder: Option<&str>,
) -> Option<Pattern> {
    match Glob::parse(&text.value, placeholder) {
        Ok(globs) => Some(Pattern { globs, span: text.span }),
        Err(why) => {
            bad_glob(reader, text.span, &text.value, &why);
            None
        }
    }
}

fn bad_glob(reader: &mut ConfigReader, span: Span, text: &str, why: &str) {
    let message = format!("`{text}` cannot be used as a path here");
    reader.push(Diagnostic::new(&BAD_GLOB, message).label(span, why));
}
