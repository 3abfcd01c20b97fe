//! `kustomization.yaml` beside the policies, on request, so that the folder of an output file is a base of kustomize.

use std::collections::BTreeMap;

use super::config::Template;
use crate::calico::encode;
use crate::yaml::write::Writer;

/// The name of the file.
const FILE: &str = "kustomization.yaml";

/// Where the file of an owner stands: beside the owner's policies; `None` where those take that name themselves.
pub(crate) fn template(policies: &Template) -> Option<Template> {
    policies.sibling(FILE)
}

/// The text for each folder in which owners have policies, with whose it is: a folder that owners share is the platform's.
/// `owners` come in the order in which their policies are to be applied.
pub(crate) fn files<'a>(
    policies: &Template,
    owners: impl Iterator<Item = &'a str>,
) -> Vec<(String, String)> {
    let mut folders: BTreeMap<String, Vec<(&str, String)>> = BTreeMap::new();
    for owner in owners {
        let path = policies.path(owner);
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
        folders.entry(folder.to_owned()).or_default().push((owner, name.to_owned()));
    }
    let file = |files: Vec<(&str, String)>| {
        let owner = match files.as_slice() {
            [(owner, _)] => owner,
            [] | [_, ..] => "platform",
        };
        (owner.to_owned(), text(owner, files.iter().map(|(_, name)| name.as_str())))
    };
    folders.into_values().map(file).collect()
}

fn text<'a>(owner: &str, resources: impl Iterator<Item = &'a str>) -> String {
    let mut writer = Writer::new();
    writer.comment(&encode::first_line(owner));
    writer.document(|object| {
        object.text("apiVersion", "kustomize.config.k8s.io/v1beta1");
        object.text("kind", "Kustomization");
        // The default deny stays last: kustomize may sort documents of its own accord otherwise.
        object.map("sortOptions", |sort| sort.text("order", "fifo"));
        object.list("resources", |list| {
            for resource in resources {
                list.text(resource);
            }
        });
    });
    writer.finish()
}
