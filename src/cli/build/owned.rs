//! Whose objects a project writes, and which: what a pipeline that deletes the others has to know.

use serde::Serialize;

use crate::calico::Resource;
use crate::cli::report::ProjectReport;
use crate::compile::owner_label;

/// The owners whose policies are written here.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Owned<'a> {
    /// Sorted by name.
    owners: Vec<OwnerJson<'a>>,
    /// Whether nothing says who is written here (no `write`, no `--owner`): then an owner whose last file is gone was
    /// written here as well.
    all_owners: bool,
}

#[derive(Serialize, PartialEq, Eq, PartialOrd, Ord)]
struct OwnerJson<'a> {
    name: &'a str,
    /// The value of `eastwest/owner` on the objects.
    label: String,
}

impl<'a> Owned<'a> {
    /// Those of `judged`, `chosen` alone if there is one; `None` where the configuration is broken. Whom `write` names is
    /// an owner without a flow file as well. Mistakes in flows make no difference.
    pub(super) fn of(judged: &'a ProjectReport, chosen: Option<&str>) -> Option<Self> {
        let (program, config) = judged.program.as_ref().zip(judged.project.config.as_ref())?;
        let loaded = program.applications.iter().filter(|(_, it)| it.loaded);
        let names: Vec<&str> = if let Some(names) = &config.write {
            names.iter().map(|it| &*it.value).collect()
        } else {
            let platform = program.platform.then_some("platform");
            platform.into_iter().chain(loaded.map(|(_, it)| &*it.name)).collect()
        };
        let names = names.into_iter().filter(|name| chosen.is_none_or(|it| it == *name));
        let mut owners: Vec<_> =
            names.map(|name| OwnerJson { name, label: owner_label(name) }).collect();
        owners.sort();
        owners.dedup();
        Some(Self { owners, all_owners: config.write.is_none() && chosen.is_none() })
    }
}

/// An object of a file.
#[derive(Serialize)]
pub(super) struct ObjectJson<'a> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<&'a str>,
    name: &'a str,
}

impl<'a> ObjectJson<'a> {
    pub(super) fn of(resource: &'a Resource) -> Self {
        let (kind, namespace, name) = resource.key();
        Self { kind, namespace: namespace.map(|it| &**it), name }
    }
}
