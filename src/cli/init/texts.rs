//! The texts of a new project.

use crate::cli::args::Pipeline;
use crate::zones::{LabelKeys, Zones};

/// What the names of namespaces of the cluster's own machinery begin with.
const MACHINERY: [&str; 9] = [
    "kube-",
    "calico-",
    "tigera-",
    "gatekeeper-system",
    "openshift-",
    "cattle-",
    "cert-manager",
    "argocd",
    "flux-system",
];

/// The namespaces that begin as exempt: the machinery's, as far as they are there, and `kube-system` always.
pub(super) fn exempt(zones: &Zones, keys: &LabelKeys) -> Vec<String> {
    let mut names: Vec<String> = zones
        .namespaces
        .iter()
        .filter(|it| !it.labels.iter().any(|(key, _)| key.value == keys.application))
        .map(|it| it.name.value.to_string())
        .filter(|name| MACHINERY.iter().any(|it| name.starts_with(it)) || name == "default")
        .chain(["kube-system".to_owned()])
        .collect();
    names.sort();
    names.dedup();
    names
}

/// The platform's file.
pub(super) fn platform(exempt: &[String]) -> String {
    format!(
        "# What the platform team says for the whole cluster: exemptions, externals, guardrails, and lines for every landing zone.\n\n\
         # Namespaces that the default deny leaves alone, whatever `deny` in eastwest.toml says.\n\
         exempt {}\n",
        exempt.join(", ")
    )
}

/// The configuration.
pub(super) fn config(globs: &[String], keys: &LabelKeys) -> String {
    let globs: Vec<_> = globs.iter().map(|glob| format!("\"{glob}\"")).collect();
    let usual = LabelKeys::default();
    let labels = if *keys == usual {
        String::new()
    } else {
        let (application, zone) = (&keys.application, &keys.zone);
        format!("[labels]\napplication = \"{application}\"\nzone        = \"{zone}\"\n\n")
    };
    format!(
        "zones    = [{}]\n\
         platform = [\"platform/network-policies/*.flow\"]\n\
         flows    = [\"{{application}}/network-policies/*.flow\"]\n\
         output   = \"{{owner}}/network-policies/policies.yaml\"\n\
         lock     = true    # crossings.lock: eastwest lock\n\n\
         {labels}\
         # The cluster's own addresses, which no external may hold:\n\
         # [cluster]\n\
         # pods     = [\"10.244.0.0/16\"]\n\
         # services = [\"10.0.0.0/16\"]\n\n\
         [calico]\n\
         release = \"3.28\"\n\
         dataplane = \"nftables\"    # what the nodes run: \"iptables\" and \"ebpf\" take ICMP types with codes\n\
         deny    = \"none\"    # closes no application but those that have a flow file; then \"landing-zones\", at last \"all\"\n",
        globs.join(", ")
    )
}

/// Namespaces as they were read, with all their labels but the one that the API server sets.
pub(super) fn manifests(zones: &Zones) -> String {
    crate::zones::write::manifests(zones.namespaces.iter().map(|namespace| {
        let labels = namespace.labels.iter().map(|(key, value)| (&*key.value, &*value.value));
        (
            &*namespace.name.value,
            labels.filter(|(key, _)| *key != crate::selector::keys::METADATA_NAME),
        )
    }))
}

/// The path and the text of a pipeline.
pub(super) fn pipeline(of: Pipeline) -> Option<(&'static str, String)> {
    let (path, text) = match of {
        Pipeline::Github => (
            ".github/workflows/network-policies.yml",
            include_str!("../../../examples/pipelines/github/network-policies.yml"),
        ),
        Pipeline::Gitlab => (
            ".gitlab/network-policies.yml",
            include_str!("../../../examples/pipelines/gitlab/network-policies.yml"),
        ),
        Pipeline::Azure => (
            "azure-pipelines/network-policies.yml",
            include_str!("../../../examples/pipelines/azure/network-policies.yml"),
        ),
        Pipeline::None => return None,
    };
    Some((path, text.to_owned()))
}
