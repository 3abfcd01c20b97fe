//! The tables `[labels]`, `[cluster]`, `[calico]` and `[lints]`.

use std::sync::Arc;

use ipnet::IpNet;
use toml::de::DeValue;

use super::reader::{ConfigReader, ConfigTable, ConfigValue, bad_value};
use crate::calico::{Dataplane, Release};
use crate::diagnostic::codes::{self, project::BAD_ORDERS, project::NOT_A_LINT};
use crate::diagnostic::nearest::nearest;
use crate::diagnostic::{Diagnostic, Level};
use crate::program::settings::Lints;
use crate::program::{Deny, Orders, Settings};
use crate::source::Spanned;
use crate::zones::LabelKeys;

/// The tables that a bundle holds.
pub(super) const OF_A_BUNDLE: &[&str] = &["labels", "cluster", "calico"];

/// The blocks under `[cluster]`, apart; [`Settings`] have them together.
#[derive(Clone, Debug, Default)]
pub struct ClusterBlocks {
    /// Addresses of pods.
    pub pods: Vec<IpNet>,
    /// Addresses of services.
    pub services: Vec<IpNet>,
}

/// What the tables say.
#[derive(Debug, Default)]
pub(crate) struct Sections {
    /// What decides meaning.
    pub(crate) settings: Settings,
    /// `[cluster]`
    pub(crate) cluster: ClusterBlocks,
    /// The applications that `deny` lists, with their places.
    pub(crate) deny: Vec<Spanned<Box<str>>>,
}

/// Reads the tables of `root`.
pub(super) fn read(reader: &mut ConfigReader, root: &ConfigTable<'_>) -> Sections {
    let mut sections = Sections::default();
    let settings = &mut sections.settings;
    if let Some(value) = root.get("labels") {
        settings.labels = labels(reader, value);
    }
    if let Some(value) = root.get("cluster") {
        let table = reader.table(value, "cluster", &["pods", "services"]);
        sections.cluster = ClusterBlocks {
            pods: nets(reader, &table, "pods"),
            services: nets(reader, &table, "services"),
        };
        settings.pods.clone_from(&sections.cluster.pods);
        settings.cluster = [&*sections.cluster.pods, &*sections.cluster.services].concat();
        settings.cluster.sort();
        settings.cluster.dedup();
    }
    if let Some(value) = root.get("calico") {
        sections.deny = calico(reader, value, settings);
    }
    if let Some(value) = root.get("lints") {
        settings.lints = lints(reader, value);
    }
    sections
}

fn labels(reader: &mut ConfigReader, value: &ConfigValue<'_>) -> LabelKeys {
    let table = reader.table(value, "labels", &["application", "zone"]);
    let mut keys = LabelKeys::default();
    for (name, key) in [("application", &mut keys.application), ("zone", &mut keys.zone)] {
        let Some(text) = table.get(name).and_then(|value| reader.string(value, name)) else {
            continue;
        };
        if is_label_key(&text.value) {
            *key = text.value;
        } else {
            let message = format!("`{}` cannot be the key of a label", text.value);
            let why = "letters, digits, and `-`, `_`, `.` inside; a DNS name and `/` may stand before them";
            reader.push(bad_value(text.span, message, why));
        }
    }
    if keys.application == keys.zone
        && let Some(value) = table.get("zone").or(table.get("application"))
    {
        let message = format!("`application` and `zone` are both the label `{}`", keys.zone);
        reader.push(bad_value(reader.span(value), message, "one label cannot be both"));
    }
    keys
}

/// Whether `key` is a qualified name as Kubernetes takes it for a label.
fn is_label_key(key: &str) -> bool {
    let edge = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.ends_with(|c: char| c.is_ascii_alphanumeric())
    };
    let (prefix, name) = match key.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, key),
    };
    let name_fits = name.len() <= 63
        && edge(name)
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    let prefix_fits = prefix.is_none_or(|prefix| {
        prefix.len() <= 253
            && prefix.split('.').all(|part| {
                edge(part)
                    && part
                        .chars()
                        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
            })
    });
    name_fits && prefix_fits
}

fn nets(reader: &mut ConfigReader, table: &ConfigTable<'_>, name: &str) -> Vec<IpNet> {
    let mut nets = Vec::new();
    if let Some(value) = table.get(name) {
        for text in reader.strings(value, name) {
            match text.value.parse::<IpNet>() {
                Ok(net) if net.trunc() == net => nets.push(net),
                Ok(net) => {
                    let message = format!("`{}` has bits beyond its prefix", text.value);
                    let right = net.trunc().to_string();
                    reader.push(
                        bad_value(text.span, message, "")
                            .help(format!("write  {name} = [\"{right}\"]"))
                            .fix(format!("write `{right}`"), text.span, format!("\"{right}\"")),
                    );
                }
                Err(_) => {
                    let message = format!("`{}` is not a block of addresses", text.value);
                    reader.push(
                        bad_value(text.span, message, "an address and the length of its prefix")
                            .help(format!("write it like  {name} = [\"10.244.0.0/16\"]")),
                    );
                }
            }
        }
    }
    nets.sort();
    nets.dedup();
    nets
}

fn calico(
    reader: &mut ConfigReader,
    value: &ConfigValue<'_>,
    settings: &mut Settings,
) -> Vec<Spanned<Box<str>>> {
    let keys = ["release", "dataplane", "tiers", "deny", "order"];
    let table = reader.table(value, "calico", &keys);
    if let Some(text) = table.get("release").and_then(|value| reader.string(value, "release")) {
        if let Some(release) = Release::parse(&text.value) {
            settings.release = release;
        } else {
            let message =
                format!("`{}` is not a release that policies are written for", text.value);
            let (oldest, newest) = (Release::OLDEST, Release::NEWEST);
            reader.push(
                bad_value(text.span, message, &format!("one of {oldest} to {newest}"))
                    .help(format!("write what the cluster runs, such as  release = \"{newest}\"")),
            );
        }
    }
    if let Some(value) = table.get("dataplane") {
        settings.dataplane = dataplane(reader, value);
    }
    if let Some(tiers) = table.get("tiers").and_then(|value| reader.boolean(value, "tiers")) {
        settings.tiers = tiers;
    }
    if let Some(value) = table.get("order") {
        settings.orders = orders(reader, value);
    }
    let Some(value) = table.get("deny") else { return Vec::new() };
    let (deny, denied) = deny(reader, value);
    settings.deny = deny;
    denied
}

fn dataplane(reader: &mut ConfigReader, value: &ConfigValue<'_>) -> Dataplane {
    let Some(text) = reader.string(value, "dataplane") else { return Dataplane::default() };
    if let Some(known) = Dataplane::parse(&text.value) {
        return known;
    }
    let message = format!("`{}` is no data plane that policies are written for", text.value);
    let near = nearest(&text.value, Dataplane::ALL.map(Dataplane::name));
    let label = near.map_or_else(
        || "`\"nftables\"`, `\"iptables\"` or `\"ebpf\"`".to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    let help = format!(
        "write what the nodes run, such as  dataplane = \"{}\"",
        near.unwrap_or("iptables")
    );
    reader.push(bad_value(text.span, message, &label).help(help));
    Dataplane::default()
}

fn deny(reader: &mut ConfigReader, value: &ConfigValue<'_>) -> (Deny, Vec<Spanned<Box<str>>>) {
    if let DeValue::Array(_) = value.get_ref() {
        let denied = reader.strings(value, "deny");
        let mut names: Vec<Arc<str>> = denied.iter().map(|name| (*name.value).into()).collect();
        names.sort();
        names.dedup();
        return (Deny::Applications(names), denied);
    }
    let words = ["all", "landing-zones", "none"];
    let deny = match value.get_ref() {
        DeValue::String(text) => match text.as_ref() {
            "all" => return (Deny::All, Vec::new()),
            "landing-zones" => return (Deny::LandingZones, Vec::new()),
            "none" => return (Deny::Applications(Vec::new()), Vec::new()),
            other => other,
        },
        DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_)
        | DeValue::Array(_)
        | DeValue::Table(_) => "",
    };
    let (label, help) = match nearest(deny, words) {
        Some(near) => (format!("did you mean `{near}`?"), format!("write  deny = \"{near}\"")),
        None => (
            "none of these".to_owned(),
            "for one application, write  deny = [\"application2\"]".to_owned(),
        ),
    };
    let message = "`deny` is `\"all\"`, `\"landing-zones\"`, `\"none\"` or a list of applications";
    reader.push(bad_value(reader.span(value), message.to_owned(), &label).help(help));
    (Deny::All, Vec::new())
}

fn orders(reader: &mut ConfigReader, value: &ConfigValue<'_>) -> Orders {
    let table = reader.table(value, "calico.order", &["guardrails", "platform", "flows", "deny"]);
    let mut orders = Orders::default();
    for (name, order) in [
        ("guardrails", &mut orders.guardrails),
        ("platform", &mut orders.platform),
        ("flows", &mut orders.flows),
        ("deny", &mut orders.deny),
    ] {
        if let Some(number) = table.get(name).and_then(|value| reader.number(value, name)) {
            *order = number;
        }
    }
    let rising = [orders.guardrails, orders.platform, orders.flows, orders.deny, 1000];
    if rising.iter().zip(rising.iter().skip(1)).any(|(low, high)| low >= high) {
        let message =
            "the orders must rise: guardrails, platform, flows, deny, and stay below 1000";
        let written = |Orders { guardrails, platform, flows, deny }| {
            format!(
                "{{ guardrails = {guardrails}, platform = {platform}, flows = {flows}, deny = {deny} }}"
            )
        };
        reader.push(
            Diagnostic::new(&BAD_ORDERS, message)
                .label(reader.span(value), format!("these are {}", written(orders)))
                .help(format!("write  order = {}", written(Orders::default()))),
        );
    }
    orders
}

fn lints(reader: &mut ConfigReader, value: &ConfigValue<'_>) -> Lints {
    let table = reader.open_table(value, "lints");
    let mut lints = Lints::default();
    for (key, (span, value)) in table.iter() {
        let Some(code) = codes::find(key).filter(|code| code.lint) else {
            let known = codes::all().filter(|code| code.lint).map(|code| code.code);
            let near = nearest(key, known).map(|near| format!("did you mean `{near}`?"));
            let (message, label) = codes::find(key).map_or_else(
                || (format!("there is no lint `{key}`"), near.unwrap_or_default()),
                |code| {
                    let message = format!("the level of {} cannot be set", code.code);
                    (message, format!("no lint, but an error: {}", code.summary))
                },
            );
            reader.push(
                Diagnostic::new(&NOT_A_LINT, message)
                    .label(span, label)
                    .help("`eastwest explain` lists all codes, and says which are lints"),
            );
            continue;
        };
        let Some(text) = reader.string(value, key) else { continue };
        match &*text.value {
            "error" => lints.set(code, Some(Level::Error)),
            "warning" => lints.set(code, Some(Level::Warning)),
            "note" => lints.set(code, Some(Level::Note)),
            "off" => lints.set(code, None),
            other => {
                let message = format!("`{other}` is not a level of a lint");
                let label = "`error`, `warning`, `note` or `off`";
                reader.push(bad_value(text.span, message, label));
            }
        }
    }
    lints
}
