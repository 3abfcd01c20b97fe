//! The project that an import writes: its configuration, the Namespace manifests, a flow file for each owner.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use ipnet::IpNet;

use crate::cli::world::Read;
use crate::import::Imported;
use crate::program::{Deny, Program};
use crate::project::failure::Failure;
use crate::project::plan;

/// The path of the Namespace manifests.
const ZONES: &str = "platform/landingzones/namespaces.yaml";

/// That there is room for a project at `folder`.
pub(crate) fn room(folder: &Path) -> Result<(), Failure> {
    let shown = folder.display();
    match fs::read_dir(folder) {
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => Err(Failure::new(format!("`{shown}` is not empty: nothing was written"))
                .help("name a folder that is new or empty, as in  -o imported")),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Failure::reading(folder, &error)),
    }
}

/// Two applications whose names differ in capital letters alone, if there are any.
pub(crate) fn alike(program: &Program) -> Option<(&str, &str)> {
    let mut small = BTreeMap::new();
    program.applications.iter().find_map(|(_, it)| {
        let other = small.insert(it.name.to_lowercase(), &*it.name)?;
        Some((other, &*it.name))
    })
}

/// The paths and texts of all files of the project.
pub(crate) fn files(read: &Read, imported: &Imported) -> Vec<(String, String)> {
    let mut files = vec![
        ("eastwest.toml".to_owned(), configuration(read, imported)),
        (ZONES.to_owned(), zones(&read.world.program)),
    ];
    for (owner, text) in &imported.files {
        files.push((format!("{owner}/network-policies/{owner}.flow"), text.clone()));
    }
    files
}

/// Writes the project.
pub(crate) fn write(folder: &Path, files: &[(String, String)]) -> Result<(), Failure> {
    let texts: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text)).collect();
    fs::create_dir_all(folder).map_err(|error| Failure::writing(folder, &error))?;
    // Labels are names of folders here: what a cluster would not take has been left out, and nothing else leads elsewhere.
    texts.iter().try_for_each(|(path, _)| plan::inside(folder, path))?;
    plan::write_texts(folder, &texts)
}

/// The declared namespaces with all of their labels but the one that the API server sets.
fn zones(program: &Program) -> String {
    crate::zones::write::manifests(program.namespaces.iter().map(|(_, namespace)| {
        let labels = namespace.labels.iter().map(|(key, value)| (&**key, &**value));
        (&*namespace.name, labels.filter(|(key, _)| *key != crate::selector::keys::METADATA_NAME))
    }))
}

fn configuration(read: &Read, imported: &Imported) -> String {
    let settings = &imported.settings;
    let has_platform = imported.files.iter().any(|(owner, _)| owner == "platform");
    let platform = if has_platform { "\"platform/network-policies/*.flow\"" } else { "" };
    let mut text = format!(
        "zones    = [\"platform/landingzones/*.yaml\"]\nplatform = [{platform}]\n\
         flows    = [\"{{application}}/network-policies/*.flow\"]\n\
         output   = \"{{owner}}/network-policies/policies.yaml\"\n\n\
         [labels]\napplication = \"{}\"\nzone        = \"{}\"\n",
        settings.labels.application, settings.labels.zone,
    );
    let list =
        |nets: &[IpNet]| nets.iter().map(|net| format!("\"{net}\"")).collect::<Vec<_>>().join(", ");
    // Writing to a text cannot fail.
    if !read.settings.cluster.is_empty() {
        let services: Vec<IpNet> = read.settings.services().copied().collect();
        let (pods, services) = (list(&read.settings.pods), list(&services));
        let _ = write!(text, "\n[cluster]\npods     = [{pods}]\nservices = [{services}]\n");
    }
    let _ = write!(
        text,
        "\n[calico]\nrelease = \"{}\"\n{}tiers   = {}\ndeny    = {}\n",
        settings.release,
        settings.dataplane_line(),
        settings.tiers,
        scope(&settings.deny),
    );
    text
}

fn scope(deny: &Deny) -> String {
    match deny {
        Deny::All => "\"all\"".to_owned(),
        Deny::LandingZones => "\"landing-zones\"".to_owned(),
        Deny::Applications(names) if names.is_empty() => "\"none\"".to_owned(),
        Deny::Applications(names) => {
            let names: Vec<_> = names.iter().map(|name| format!("\"{name}\"")).collect();
            format!("[{}]", names.join(", "))
        }
    }
}
