//! `eastwest export`: writes the bundle that repositories of applications vendor. Its files are a function of
//! what they say: names sorted, statements in canonical text, so that the hash changes only with the meaning.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use ipnet::IpNet;

use super::Status;
use super::args;
use super::args::Format;
use super::console::Console;
use super::report::ProjectReport;
use crate::check::FileOwner;
use crate::diagnostic::visible::visible;
use crate::program::{Deny, Program};
use crate::project::bundle::{FLOWS, HASH, SETTINGS, ZONES, hash};
use crate::project::config::Config;
use crate::project::failure::Failure;
use crate::project::folder::Folder;
use crate::project::plan;

/// Runs the command.
pub(crate) fn run(arguments: &args::Export, console: &mut Console) -> Result<Status, Failure> {
    let judged = ProjectReport::read(&arguments.common, false)?;
    let status = judged.status();
    let mut written = None;
    if let (Status::Yes, Some(program), Some(config)) =
        (status, &judged.program, &judged.project.config)
    {
        let mut texts = vec![(ZONES, zones(program, config)), (SETTINGS, settings(config))];
        if let Some(text) = flows(&judged) {
            texts.insert(1, (FLOWS, text));
        }
        let parts: Vec<_> = texts.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let hash = hash(&parts);
        texts.push((HASH, format!("{hash}\n")));
        put(&arguments.output, &texts)?;
        written = Some(hash);
    }
    if arguments.format == Format::Json {
        console.json(&judged.summary("eastwest/export/1", written.as_deref()));
        return Ok(status);
    }
    judged.tell(console);
    if let (Some(hash), Some(counts)) = (written, judged.counts()) {
        let folder = arguments.output.display().to_string();
        console.out(&format!("checked   {counts}\n"));
        console.out(&format!("written   {}\n", visible(&folder)));
        console.out(&format!("bundle    {hash}\n"));
    }
    Ok(status)
}

/// The declared namespaces with the two labels that Eastwest looks at.
fn zones(program: &Program, config: &Config) -> String {
    let keys = &config.settings.labels;
    crate::zones::write::manifests(program.namespaces.iter().map(|(_, namespace)| {
        let application = namespace.application.and_then(|id| program.applications.get(id));
        let zone = namespace.zone.and_then(|id| program.zones.get(id));
        let application = application.map(|it| (&*keys.application, &*it.name));
        let zone = zone.map(|it| (&*keys.zone, &*it.name));
        (&*namespace.name, application.into_iter().chain(zone))
    }))
}

/// The platform's statements, a line each; `None` where there are no platform files.
fn flows(judged: &ProjectReport) -> Option<String> {
    let files = judged.parsed.iter().flat_map(|it| &it.files);
    let mut lines = None;
    for (_, tree) in files.filter(|(owner, _)| *owner == FileOwner::Platform) {
        let lines: &mut Vec<String> = lines.get_or_insert_default();
        lines.extend(tree.statements.iter().map(|it| {
            format!(
                "{it}
"
            )
        }));
    }
    lines.map(|lines| lines.concat())
}

/// `[labels]`, `[cluster]` and `[calico]`, everything said outright.
fn settings(config: &Config) -> String {
    let settings = &config.settings;
    let list =
        |nets: &[IpNet]| nets.iter().map(|net| format!("\"{net}\"")).collect::<Vec<_>>().join(", ");
    let deny = match &settings.deny {
        Deny::All => "\"all\"".to_owned(),
        Deny::LandingZones => "\"landing-zones\"".to_owned(),
        Deny::Applications(names) if names.is_empty() => "\"none\"".to_owned(),
        Deny::Applications(names) => {
            let names: Vec<_> = names.iter().map(|name| format!("\"{name}\"")).collect();
            format!("[{}]", names.join(", "))
        }
    };
    let orders = settings.orders;
    let mut text = String::new();
    // Writing to a text cannot fail.
    let _ = write!(
        text,
        "[labels]\napplication = \"{}\"\nzone = \"{}\"\n\n[cluster]\npods = [{}]\nservices = [{}]\n\n\
         [calico]\nrelease = \"{}\"\n{}tiers = {}\ndeny = {deny}\n\
         order = {{ guardrails = {}, platform = {}, flows = {}, deny = {} }}\n",
        settings.labels.application,
        settings.labels.zone,
        list(&config.cluster.pods),
        list(&config.cluster.services),
        settings.release,
        settings.dataplane_line(),
        settings.tiers,
        orders.guardrails,
        orders.platform,
        orders.flows,
        orders.deny,
    );
    text
}

/// Writes the bundle to `folder`, in which nothing but an older bundle may be in the way.
fn put(folder: &Path, texts: &[(&str, String)]) -> Result<(), Failure> {
    let older = folder.join(HASH).is_file();
    let names = [ZONES, FLOWS, SETTINGS, HASH];
    if let Some(name) = names.iter().find(|name| !older && folder.join(name).exists()) {
        let shown = folder.join(name).display().to_string();
        return Err(Failure::new(format!("`{shown}` is in the way: no bundle was written there"))
            .help("name a new folder, or the folder of an older bundle"));
    }
    plan::write_texts(folder, texts)?;
    let gone = names.iter().filter(|name| texts.iter().all(|(it, _)| it != *name));
    for name in gone {
        if Folder::from(folder).text_if_there(name)?.is_some() {
            let path = folder.join(name);
            fs::remove_file(&path).map_err(|error| Failure::writing(&path, &error))?;
        }
    }
    Ok(())
}
